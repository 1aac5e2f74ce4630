"""The codebook grows: what an edit of it means for the codings of a study, and both changed as one."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from qualcode.codebook import add_code, compare_codebooks, parse_codebook
from qualcode.errors import ConflictError, QualcodeError
from qualcode.study.store import digest_of, join_notes, keep_version

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from qualcode.codebook import Edit
    from qualcode.errors import Problem
    from qualcode.model import Coding
    from qualcode.study.store import CodingChange, History, StudyFolder, StudyStore


@dataclass(frozen=True, slots=True)
class Touched:
    """How many codings with a code are in somebody's sheets.

    Attributes
    ----------
    coder, code
        Whose codings with what.
    n_codings, n_transcripts
        How many, in how many transcripts.
    """

    coder: str
    code: str
    n_codings: int
    n_transcripts: int


def count_touched(study: StudyFolder, codes: Collection[str]) -> tuple[list[Touched], list[Problem]]:
    """Return how many codings with some codes each coder has, and what is wrong with the sheets."""
    sheets, problems = study.sheets()
    codings: Counter[tuple[str, str]] = Counter()
    transcripts: Counter[tuple[str, str]] = Counter()
    for sheet in sheets:
        found = Counter(coding.code for coding in sheet.codings if coding.code in codes)
        for code, n_codings in found.items():
            codings[sheet.coder, code] += n_codings
            transcripts[sheet.coder, code] += 1
    order = list(codes)
    pairs = sorted(codings, key=lambda pair: (order.index(pair[1]), pair[0]))
    return [Touched(*pair, codings[pair], transcripts[pair]) for pair in pairs], problems


def edit_codebook(study: StudyStore, make: Callable[..., Edit], **arguments: Any) -> tuple[Edit, int]:
    """Change the study's codebook by one of the functions that edit codebooks, and bring all codings along.

    See :meth:`.Study.recode`.
    """
    path = study.layout.codebook
    if make is add_code and not study.has_codebook:  # many studies find their first code in the first transcript
        name = json.dumps(study.settings.name or study.root.name, ensure_ascii=False)  # JSON's strings are YAML's
        before, text = "", f"name: {name}\ncodes: []\n"
    else:
        study.codebook  # noqa: B018  # one that cannot be used is refused here, with all that is wrong
        before = text = (study.layout.read(path) or b"").decode("utf-8")
    edit = make(text, **{"when": study.clock()[:10], "name": path.name, **arguments})
    return edit, apply_edit(study, edit, before)


def apply_edit(study: StudyStore, edit: Edit, before: str) -> int:
    """Put an edit in the place of the study's codebook and bring all sheets along, all of it or nothing.

    See :meth:`.Study.apply_edit`.
    """
    path = study.layout.codebook
    with study.change(why=edit.because) as change:
        present = study.layout.read(path) or b""
        text = present.decode("utf-8", "replace")
        if _with_plain_ends(text) != _with_plain_ends(before):
            raise ConflictError("The codebook has changed in the meantime.", where=str(path), hint="Try again")
        data = (edit.text if "\r\n" in before else edit.text.replace("\n", _line_end_of(text))).encode("utf-8")
        n_codings = 0
        for coder, name in list(study.sheet_ids()) if edit.mapping else ():
            draft = change.sheet(name, coder)
            n_codings += sum(coding.code in edit.mapping for coding in draft.history.codings)
            draft.what, draft.who, draft.header = "merge-codes", study.who, "kept"
            draft.change(recode(draft.history, edit.mapping))
        for version in filter(None, (present, data)):
            keep_version(change, path.name, version)
        change.put(path, data)
        note: dict[str, object] = {"codebook": digest_of(data), "change": edit.change}
        note |= {"from": digest_of(present)} if present else {}
        change.note("codebook", note | ({"mapping": dict(edit.mapping)} if edit.mapping else {}))
    return n_codings


def _with_plain_ends(text: str) -> str:
    """Return a text as Python reads a file, which is no change of it."""
    return text.replace("\r\n", "\n")


def _line_end_of(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


_MEANING = frozenset({"definition", "include", "exclude"})
"""Kinds of changes after which a code may be given to other passages."""


def find_equivalents(study: StudyFolder) -> dict[str, str]:
    """Return versions of the codebook that count as an earlier one; see :meth:`.Study.equivalent_codebooks`."""
    first: dict[str, str] = {}
    for note in study.notes():
        if note.get("what") == "codebook" and "from" in note and note.keys() & {"change", "merged"}:
            origins = {first.get(one, one) for one in (note["from"], note.get("merged", note["from"]))}
            # A merger of codes takes its codings along, and of a merger of versions both sides were looked at before.
            is_asked = note.keys().isdisjoint({"mapping", "merged"})
            if len(origins) == 1 and (not is_asked or _means_the_same(study, note["from"], note["codebook"])):
                first[note["codebook"]] = origins.pop()
    return first


def _means_the_same(study: StudyFolder, before: str, after: str) -> bool:
    """Tell whether codes mean in one version what they meant in another; versions that are not kept might not."""
    try:
        versions = [study.layout.version_of(study.layout.codebook.name, one) for one in (before, after)]
        texts = [(study.layout.read(version) or b"").decode("utf-8-sig") for version in versions]
        changes = compare_codebooks(*map(parse_codebook, texts))
    except (QualcodeError, UnicodeDecodeError):
        return False
    return _MEANING.isdisjoint(change.kind for change in changes)


def find_mapping(study: StudyFolder, other: StudyFolder | None = None, codebook: bytes | None = None) -> dict[str, str]:
    """Return which present codes take the place of those that were merged into others.

    Parameters
    ----------
    study, other
        The copies of a study in whose history the mergers are told.
    codebook
        The codebook; by default that of the study.
    """
    mapping: dict[str, str] = {}
    for note in (*study.notes(), *(other.notes() if other else ())):
        mapping.update(note.get("mapping", {}))
    if not mapping:
        return {}
    try:
        present = study.codebook if codebook is None else parse_codebook(codebook.decode("utf-8-sig"))
        known = {code.id for code in present.walk()}
    except (QualcodeError, UnicodeDecodeError):
        return {}
    goals = {code: _follow(mapping, code) for code in mapping if code not in known}
    return {code: goal for code, goal in goals.items() if goal in known}


def _follow(mapping: Mapping[str, str], code: str) -> str:
    """Return the code at the end of a chain of merged ones."""
    passed = set()
    while code in mapping and code not in passed:
        passed.add(code)
        code = mapping[code]
    return code


def recode_one(coding: Coding, mapping: Mapping[str, str]) -> Coding:
    """Return a coding with the code that takes the place of its own, if one does."""
    return replace(coding, code=mapping.get(coding.code, coding.code))


def recode(history: History, mapping: Mapping[str, str]) -> tuple[CodingChange, ...]:
    """Return the changes that give codings the codes which take the place of theirs."""
    wanted: dict[tuple[object, ...], Coding] = {}
    for coding in history.codings:
        moved = recode_one(coding, mapping)
        key = moved.span, moved.code
        wanted[key] = unite(wanted[key], moved) if key in wanted else moved
    return history.differ(wanted.values())


def unite(one: Coding, other: Coding) -> Coding:
    """Return one coding for two on a passage: that which counts, with the notes of both."""
    kept = one if one.is_counted or not other.is_counted else other
    return replace(kept, note=join_notes(one.note, other.note), is_picked=one.is_picked or other.is_picked)
