"""``study.yaml``: what a study is, in a few lines that a person can read and change."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qualcode.errors import StudyError
from qualcode.file_names import advise_on, fold_name, is_portable
from qualcode.model import RULES_CODER, UNITS, Unit, is_machine
from qualcode.wording import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from qualcode.study.store.layout import Layout

FORMAT = 2
"""Since 2 a log says by lines of its own which sheets were written."""

LONGEST_NAME = 60

FOR_GIT = {
    ".gitignore": b"# What qualcode needs while it runs; not part of the study.\n/.qualcode/\n.*.tmp\n",
    ".gitattributes": (
        b"# Bytes stay as they are, as digests are taken of them.\n* -text\n"
        b"# Lines that two copies added are all kept.\n/history.jsonl merge=union\n"
    ),
}
"""Files by which git leaves a study whole."""

_KEYS = ("qualcode", "format", "id", "name", "language", "unit", "coders", "interviewers", "media", "approach",
         "suggestions")  # fmt: skip
_APPROACHES = ("", "reflexive", "codebook", "reliability")
_SUGGESTIONS = ("words", "vectors")


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a study.

    Attributes
    ----------
    id
        Tells copies of one study from other studies.
    name
        Its title.
    language
        Of the transcripts; ``""``: told per transcript.
    unit
        The kind of segment that coders read.
    coders
        The people who code, as named when the study was begun; others are entered one by one. Empty: whoever comes.
    interviewers
        Speaker labels whose talk is not counted, beside those found in a transcript.
    format
        Of the folder.
    media
        The recordings of transcripts: files that are played and never copied, as paths from the folder on.
    approach
        The kind of thematic analysis: ``reflexive``, of which reports show neither agreement nor saturation,
        ``codebook`` or ``reliability``; ``""``: it is not said.
    suggestions
        What they are learned from: ``words``, or ``vectors`` of sentences besides, which need an extra package.
    """

    id: str
    name: str = ""
    language: str = ""
    unit: Unit = "turn"
    coders: tuple[str, ...] = ()
    interviewers: tuple[str, ...] = ()
    format: int = FORMAT
    media: Mapping[str, str] = field(default_factory=dict)
    approach: str = ""
    suggestions: str = "words"


def encode_settings(settings: Settings) -> bytes:
    """Return the file of the settings."""
    quote = _quote
    lines = [
        "# A qualcode study. Only qualcode writes here.",
        "# You may change name, language, unit, interviewers, media, approach and suggestions.",
        "qualcode: study",
        f"format: {FORMAT}",
        f"id: {quote(settings.id)}",
        f"name: {quote(settings.name)}",
        f"language: {quote(settings.language)}",
        f"unit: {settings.unit}",
        f"coders: [{', '.join(map(quote, settings.coders))}]",
        f"interviewers: [{', '.join(map(quote, settings.interviewers))}]",
    ]
    if settings.approach:
        lines.append(f"approach: {settings.approach}")
    if settings.suggestions != "words":
        lines.append(f"suggestions: {settings.suggestions}")
    if settings.media:
        lines += ["media:", *(f"  {quote(name)}: {quote(path)}" for name, path in settings.media.items())]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # JSON's strings are YAML's


def decode_settings(layout: Layout) -> Settings:
    """Read ``study.yaml``.

    Raises
    ------
    StudyError
        If it is not there, is broken, or is of a newer format; ``problems`` lists what is wrong.
    """
    where = str(layout.settings)
    data = _read(layout)
    if data.get("qualcode") != "study":
        raise StudyError("This is not the settings file of a study.", where=where, hint=_HOW_TO_BEGIN)
    version = data.get("format")
    if not isinstance(version, int) or not 0 < version <= FORMAT:
        raise StudyError(
            f"This study has format {version}; this version of qualcode reads formats up to {FORMAT}.",
            where=where,
            hint="Update qualcode",
        )
    for key in data:
        if key not in _KEYS:
            hint = suggest(str(key), _KEYS) or "Delete the line"
            raise StudyError(f"There is no setting “{key}”.", where=where, hint=hint)
    if data.get("unit", "turn") not in UNITS:
        hint = f"Write one of {', '.join(UNITS)}"
        raise StudyError(f"The unit cannot be “{data['unit']}”.", where=where, hint=hint)
    approach = data.get("approach") or ""
    if approach not in _APPROACHES:
        hint = f"Write one of {', '.join(_APPROACHES[1:])}, or leave the line out"
        raise StudyError(f"The approach cannot be “{approach}”.", where=where, hint=hint)
    suggestions = data.get("suggestions") or "words"
    if suggestions not in _SUGGESTIONS:
        hint = f"Write one of {', '.join(_SUGGESTIONS)}, or leave the line out"
        raise StudyError(f"Suggestions cannot be learned from “{suggestions}”.", where=where, hint=hint)
    return Settings(
        id=str(data.get("id", "")),
        name=str(data.get("name") or ""),
        language=str(data.get("language") or ""),
        unit=data.get("unit", "turn"),
        coders=_names(data, "coders", where),
        interviewers=_names(data, "interviewers", where),
        format=version,
        media=_media(data, where),
        approach=str(approach),
        suggestions=str(suggestions),
    )


def _media(data: dict[str, Any], where: str) -> dict[str, str]:
    found = data.get("media") or {}
    if not isinstance(found, dict) or not all(isinstance(path, str) for path in found.values()):
        hint = "Write a line for each transcript: P07: recordings/P07.mp3"
        raise StudyError("“media” must name the recording of each transcript.", where=where, hint=hint)
    return {str(name): path for name, path in found.items()}


def _names(data: dict[str, Any], key: str, where: str) -> tuple[str, ...]:
    found = data.get(key) or ()
    if not isinstance(found, list | tuple):
        raise StudyError(f"“{key}” must be a list of names.", where=where, hint=f"Write {key}: [name, name]")
    return tuple(str(one) for one in found)


_HOW_TO_BEGIN = "Go to the study's folder, give it with --study DIR, or start one with: qualcode init DIR"


def _read(layout: Layout) -> dict[str, Any]:
    from qualcode.codebook import parse_nodes

    path = layout.settings
    data_read = layout.read(path)
    if data_read is None:
        raise StudyError("This folder is not a study.", where=str(layout.root), hint=_HOW_TO_BEGIN)
    try:
        text = data_read.decode("utf-8-sig")
    except ValueError as error:
        raise StudyError(f"The settings cannot be read: {error}.", where=str(path)) from error
    top, found = parse_nodes(text, path.name)
    data = top.plain() if top is not None else None
    if found or not isinstance(data, dict):
        raise StudyError("The settings of the study cannot be read.", where=str(path), problems=found)
    return dict(data)


def encode_coder(name: str) -> bytes:
    """Return the file by which a coder is entered; two copies that enter one coder make the same file."""
    return f"# A coder of this study.\nname: {_quote(name)}\n".encode()


def check_coder_name(name: str, known: Collection[str]) -> str:
    """Return a coder's name in the form in which it is stored.

    Raises
    ------
    StudyError
        If it cannot be the name of a folder, holds a comma, is that of the rules, or differs from a known one only in
        case.
    """
    name = unicodedata.normalize("NFC", name.strip())
    if len(name) > LONGEST_NAME or name.startswith("-") or not is_portable(name):
        raise StudyError(
            f"“{name}” cannot be the name of a coder.",
            hint=f"Choose another name; {advise_on(name, 'use letters, digits and hyphens, such as ana or coder-2')}",
        )
    if "," in name and name not in known:
        raise StudyError(
            f"“{name}” cannot be the name of a coder: a comma separates coders, as in --coders ana,ben.",
            hint="Choose another name",
        )
    if name.casefold() == "agreed":
        raise StudyError("“agreed” stands for what all coders agree on.", hint="Choose another name")
    if is_machine(name):
        raise StudyError(
            f"“{name}” stands for what is learned from coding, which never counts as a person's work.",
            hint="Choose another name",
        )
    if name.casefold() == RULES_CODER:
        raise StudyError(f"“{name}” is the name under which the rules code.", hint="Choose another name")
    twin = next((one for one in known if fold_name(one) == fold_name(name) and one != name), None)
    if twin:
        raise StudyError(
            f"There is already a coder “{twin}”; names that differ only in case would be mixed up.",
            hint=f"Write {twin}, or choose another name",
        )
    return name
