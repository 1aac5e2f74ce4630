"""Earlier versions of the files that people change by hand, and how two later ones are united."""

from __future__ import annotations

import json
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from qualcode.errors import StudyError
from qualcode.study.files import digest_of
from qualcode.study.transcripts import decode_transcript

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from qualcode.model import Transcript
    from qualcode.study.files import Transaction
    from qualcode.study.folder import StudyFolder

VERSIONED = ("codebook.yaml", "cases.csv")
"""Files of which every version that a command came to know is kept in ``versions/``."""

_DIGITS = 12


def keep_versions(study: StudyFolder, change: Transaction) -> list[dict[str, str]]:
    """Plan to keep the present versions; return for each new one its digest, and that of the one before, by kind."""
    news = []
    for name in VERSIONED:
        path = study.root / name
        kind = path.stem
        if not path.exists():
            continue
        data = path.read_bytes()
        known = list_versions(study, kind)
        if not known or known[-1] != digest_of(data):
            news.append({"what": kind, kind: digest_of(data), **({"from": known[-1]} if known else {})})
        keep_version(change, name, data)
    return news


def keep_version(change: Transaction, name: str, data: bytes) -> None:
    """Plan to keep one version of a file."""
    path = _path(change.root, name, digest_of(data))
    if not path.exists():
        change.put(path, data)


def _path(root: Path, name: str, digest: str) -> Path:
    stem, _, ending = name.rpartition(".")
    return root / "versions" / f"{stem}-{digest[:_DIGITS]}.{ending}"


def keep_transcript(study: StudyFolder, change: Transaction, transcript: Transcript) -> None:
    """Plan to keep the version of a transcript that a study has, so that one can go back behind a correction."""
    for ending in ("txt", "json"):
        path = study.root / "transcripts" / f"{transcript.id}.{ending}"
        kept = _path(change.root, f"{transcript.id}.{ending}", transcript.digest)
        if not kept.exists():
            change.put(kept, path.read_bytes())


def read_past_transcript(study: StudyFolder, name: str, digest: str) -> Transcript:
    """Return a version of a transcript that was corrected since.

    Raises
    ------
    StudyError
        If it was not kept.
    """
    text, data = (_path(study.root, f"{name}.{ending}", digest) for ending in ("txt", "json"))
    if not (text.exists() and data.exists()):
        raise StudyError(
            f"{name} was corrected since, and its text of then was not kept.",
            where=str(text),
            hint="Decide anew with qualcode review or decide.",
        )
    return decode_transcript(text.read_bytes(), data.read_bytes(), text)


def list_versions(study: StudyFolder, kind: str) -> list[str]:
    """Return the digests of all versions of the codebook or the cases that the study's history knows, oldest first."""
    return _told_in(study.notes(), kind)


def versions_in(lines: Iterable[bytes], kind: str) -> list[str]:
    """Return what :func:`list_versions` does, from the lines of a history."""
    return _told_in((json.loads(line) for line in lines if line.endswith(b"}")), kind)


def _told_in(notes: Iterable[dict[str, Any]], kind: str) -> list[str]:
    return [str(note[kind]) for note in notes if note.get("what") == kind and kind in note]


def find_lineage(study: StudyFolder, name: str) -> list[str]:
    """Return the digests of a file's present version and of all on which it was built, the nearest first."""
    kind = name.partition(".")[0]
    path = study.root / name
    if not path.exists():
        return []
    parents: dict[str, list[str]] = {}
    for note in study.notes():
        if note.get("what") == kind and kind in note:
            parents.setdefault(str(note[kind]), []).extend(str(note[key]) for key in ("from", "merged") if key in note)
    present = digest_of(path.read_bytes())
    if present not in parents:  # edited by hand since
        parents[present] = list_versions(study, kind)[-1:]
    lineage = [present]
    for digest in lineage:
        lineage += [one for one in parents.get(digest, ()) if one not in lineage]
    return lineage


def find_ancestor(study: StudyFolder, other: StudyFolder, name: str) -> bytes | None:
    """Return the latest version of a file on which both copies of a study built, if it was kept."""
    theirs = set(find_lineage(other, name))
    for digest in find_lineage(study, name):
        for copy in (study, other) if digest in theirs else ():
            path = _path(copy.root, name, digest)
            if path.exists():
                return path.read_bytes()
    return None


def merge_lines(base: str, one: str, other: str) -> str | None:
    """Return what two texts have made of a third, line by line; ``None`` where both changed the same lines.

    Lines that both put in at one place are both taken, in an order that does not depend on who asks.
    """
    lines = [text.splitlines(keepends=True) for text in (base, one, other)]
    if any(text and not text[-1].endswith("\n") for text in lines):
        lines = [[*text[:-1], text[-1].rstrip("\n") + "\n"] if text else [] for text in lines]
    merged: list[str] = []
    for old, first, second in _chunks(*lines):
        if second in (first, old):
            merged += first
        elif first == old:
            merged += second
        elif not old:
            merged += [line for chunk in sorted((first, second), key=list) for line in chunk]
        else:
            return None
    return "".join(merged)


def _chunks(
    base: Sequence[str], one: Sequence[str], other: Sequence[str]
) -> Iterator[tuple[Sequence[str], Sequence[str], Sequence[str]]]:
    """Yield stretches of three texts that belong together, cut before each line that all three have."""
    places = [_partners(base, text) for text in (one, other)]
    at = first = second = 0
    for number in range(len(base)):
        if number in places[0] and number in places[1]:
            yield base[at:number], one[first : places[0][number]], other[second : places[1][number]]
            at, first, second = number, places[0][number], places[1][number]
            yield base[at : at + 1], one[first : first + 1], other[second : second + 1]
            at, first, second = at + 1, first + 1, second + 1
    yield base[at:], one[first:], other[second:]


def _partners(base: Sequence[str], text: Sequence[str]) -> dict[int, int]:
    """Return where in a text the lines of another one are."""
    blocks = SequenceMatcher(None, base, text, autojunk=False).get_matching_blocks()
    return {block.a + step: block.b + step for block in blocks for step in range(block.size)}
