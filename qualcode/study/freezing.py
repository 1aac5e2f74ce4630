"""A frozen codebook: the version that was registered, and what was changed after it with which codings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from qualcode.codebook import compare_codebooks
from qualcode.errors import StudyError
from qualcode.model import RULES_CODER
from qualcode.study.former_codebooks import read_past_codebook
from qualcode.study.store import digest_of, keep_versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qualcode.codebook import CodeChange
    from qualcode.study.store import Event, StudyFolder, StudyStore

_FREEZE = "freeze-codebook"
_ALONG = "merge-codes"
"""What the acts are called by which a change of the codebook takes codings along."""


@dataclass(frozen=True, slots=True)
class Freeze:
    """A codebook, recorded as it is: when, by whom, why, and its SHA-256."""

    at: str
    who: str
    note: str
    digest: str


@dataclass(frozen=True, slots=True)
class ChangeAfter:
    """A change of a frozen codebook.

    Attributes
    ----------
    at, who, why
        When it came to be known, by whom, and the reason given; a change by hand has none until something records it.
    digest
        Of the codebook from then on.
    changes
        What changed; empty when a version was not kept.
    moved
        How many codings more or fewer (below zero) each code got with it, by the code's id: those that were taken
        along, and those of the rules until the next change.
    """

    at: str
    who: str
    why: str
    digest: str
    changes: tuple[CodeChange, ...]
    moved: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Frozen:
    """A codebook that was frozen, and what happened to it since.

    Attributes
    ----------
    freezes
        The first freeze, and later ones.
    changes
        The changes since the first, oldest first.
    """

    freezes: tuple[Freeze, ...]
    changes: tuple[ChangeAfter, ...]


def freeze_codebook(study: StudyStore, note: str) -> Freeze:
    """Record the present codebook as frozen; see :meth:`.Study.freeze`."""
    if not note.strip():
        raise StudyError("A freeze needs a note.", hint="Say where the codebook was registered: --note TEXT")
    digest = study.codebook.digest  # one that cannot be used is refused
    with study.change() as change:
        keep_versions(change)
        change.note(_FREEZE, {"codebook": digest, "note": note.strip()})
        return Freeze(change.now, study.who, note.strip(), digest)


def find_frozen(study: StudyFolder) -> Frozen | None:
    """Return how the codebook was frozen and changed since; ``None`` when it never was; see :meth:`.Study.frozen`."""
    notes = study.notes()
    freezes = [_read_freeze(note) for note in notes if note.get("what") == _FREEZE]
    if not freezes:
        return None
    first = freezes[0]
    steps = [note for note in notes if note.get("what") == "codebook" and _at(note) > first.at]
    known = [first.digest, *map(_digest, steps)]
    steps = [{"codebook": first.digest, "at": first.at}, *steps, *_find_unrecorded(study, known)]
    changes = tuple(
        _describe(study, before, after, _at(following) if following else "~")
        for (before, after), following in zip(pairwise(steps), [*steps[2:], None], strict=False)
        if _digest(before) != _digest(after)
    )
    return Frozen(tuple(freezes), changes)


def _read_freeze(note: Mapping[str, Any]) -> Freeze:
    return Freeze(_at(note), str(note.get("who", "")), str(note.get("note", "")), _digest(note))


def _at(note: Mapping[str, Any]) -> str:
    return str(note.get("at", ""))


def _digest(note: Mapping[str, Any]) -> str:
    return str(note.get("codebook", ""))


def _find_unrecorded(study: StudyFolder, known: Sequence[str]) -> list[dict[str, Any]]:
    """Return the present codebook as a step of its own where nothing has recorded it yet."""
    data = study.layout.read(study.layout.codebook)
    present = digest_of(data) if data is not None else known[-1]
    return [] if present == known[-1] else [{"codebook": present}]


def _describe(study: StudyFolder, before: Mapping[str, Any], after: Mapping[str, Any], until: str) -> ChangeAfter:
    books = [read_past_codebook(study, _digest(note)) for note in (before, after)]
    changes = tuple(compare_codebooks(books[0], books[1])) if books[0] and books[1] else ()
    moved: Counter[str] = Counter()
    for event in _list_events(study, _at(after), until) if _at(after) else ():
        for one in event.changes:
            for coding, step in ((one.before, -1), (one.after, 1)):
                if coding is not None and coding.verdict != "rejected":
                    moved[coding.code] += step
    told = {code: number for code, number in sorted(moved.items()) if number}
    return ChangeAfter(_at(after), str(after.get("who", "")), str(after.get("why", "")), _digest(after), changes, told)


def _list_events(study: StudyFolder, start: str, until: str) -> Iterator[Event]:
    """Yield the acts that a change of the codebook brought: codings taken along, and rules that ran again."""
    for coder, name in study.sheet_ids():
        for event in study.history(coder, name).events.values():
            is_along = event.what == _ALONG and event.at == start
            is_rules = coder == RULES_CODER and start <= event.at < until
            if is_along or is_rules:
                yield event
