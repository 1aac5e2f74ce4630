"""What a study says of itself: who read how much, what was drawn, how the codebook changed, what is open, its memos."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from qualcode.codebook import compare_codebooks
from qualcode.model import RULES_CODER
from qualcode.settling import find_holders
from qualcode.study.contents import count_undecided
from qualcode.study.corrections import read_unsettled
from qualcode.study.decisions import NOT_BLIND
from qualcode.study.former_codebooks import read_past_codebook
from qualcode.study.memos import read_memos
from qualcode.study.store import digest_of, list_versions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from qualcode.model import Memo, Sheet
    from qualcode.study.store import Event, StudyFolder


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who codes: how many of the study's units they looked at, and how many of their codings count."""

    name: str
    n_read: int
    n_codings: int


@dataclass(frozen=True, slots=True)
class Draw:
    """A part of the units, drawn at random for double coding."""

    at: str
    coders: tuple[str, ...]
    share: float
    seed: int
    n_units: int


@dataclass(frozen=True, slots=True)
class CodebookStep:
    """A change of the codebook.

    Attributes
    ----------
    at, who, why
        When it came to be known, by whom, and the reason given.
    digest
        Of the codebook from then on.
    changes
        How many codes were ``added``, ``removed``, ``renamed`` and so on; empty when a version was not kept.
    """

    at: str
    who: str
    why: str
    digest: str
    changes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Account:
    """What a study says of itself.

    Attributes
    ----------
    name, approach
        Of ``study.yaml``.
    unit
        The kind of segment that coders read.
    n_units
        How many of these interviewees speak.
    readers
        The people who code, without who holds a consensus.
    holders
        Those who hold one.
    n_shared
        Units that two or more of them read.
    draw
        The latest draw for double coding.
    steps
        The changes of the codebook since somebody first coded, oldest first.
    memos, n_private
        The memos that are for others to read, and how many are not.
    flags
        Passages that somebody wants to come back to.
    n_undecided, n_unsettled
        Suggestions of the rules on which nobody decided; codings whose place a correction left open.
    n_not_blind
        Acts on the drawn part that were made with suggestions shown before all had read it.
    words
        What told words and lemmas apart when the rules ran; ``""`` when they did not.
    """

    name: str
    approach: str
    unit: str
    n_units: int
    readers: tuple[Reader, ...]
    holders: tuple[str, ...]
    n_shared: int
    draw: Draw | None
    steps: tuple[CodebookStep, ...]
    memos: tuple[Memo, ...]
    n_private: int
    flags: tuple[Memo, ...]
    n_undecided: int
    n_unsettled: int
    n_not_blind: int
    words: str

    @property
    def model(self) -> str:
        """The trained language model that told words apart; ``""``: none did."""
        return self.words.partition("normal form ")[2].partition(", ")[2]


def give_account(study: StudyFolder) -> Account:
    """Return what a study says of itself; see :meth:`.Study.account`."""
    sheets, _ = study.sheets()
    holders = find_holders(sheets)
    people = [sheet for sheet in sheets if sheet.coder not in {*holders, RULES_CODER}]
    units = _list_units(study)
    read = _list_read(people, units)
    memos, _ = read_memos(study)
    shared = [memo for memo in memos if not memo.is_private]
    return Account(
        name=study.settings.name,
        approach=study.settings.approach,
        unit=study.settings.unit,
        n_units=len(units),
        readers=tuple(_describe(name, own, people) for name, own in read.items()),
        holders=tuple(sorted(holders)),
        n_shared=sum(number > 1 for number in Counter(one for own in read.values() for one in own).values()),
        draw=_find_draw(study.notes()),
        steps=_list_steps(study, min((one.at for sheet in people for one in sheet.codings if one.at), default="")),
        memos=tuple(memo for memo in shared if not memo.flag),
        n_private=len(memos) - len(shared),
        flags=tuple(memo for memo in shared if memo.flag == "open"),
        n_undecided=sum(count_undecided(sheets).values()),
        n_unsettled=len(read_unsettled(study)),
        n_not_blind=sum(NOT_BLIND in event.why for event in _list_events(study, read)),
        words=_find_words(study),
    )


def _list_units(study: StudyFolder) -> frozenset[tuple[str, str]]:
    """Return the units in which interviewees speak."""
    return frozenset(
        (transcript.id, unit.id)
        for transcript in study.transcripts()[0]
        for unit in transcript.units(study.settings.unit)
        if not transcript.is_interviewer(unit)
    )


def _list_read(sheets: Sequence[Sheet], units: frozenset[tuple[str, str]]) -> dict[str, set[tuple[str, str]]]:
    """Return per person the units that they looked at."""
    read: dict[str, set[tuple[str, str]]] = {}
    for sheet in sheets:
        read.setdefault(sheet.coder, set()).update(
            place for segment in sheet.seen if (place := (sheet.transcript, segment)) in units
        )
    return read


def _describe(name: str, read: set[tuple[str, str]], sheets: Sequence[Sheet]) -> Reader:
    return Reader(
        name, len(read), sum(one.is_counted for sheet in sheets if sheet.coder == name for one in sheet.codings)
    )


def _find_draw(notes: Sequence[dict[str, Any]]) -> Draw | None:
    found = next((note for note in reversed(notes) if note.get("what") == "assign"), None)
    if found is None:
        return None
    try:
        coders = tuple(map(str, found["coders"]))
        return Draw(str(found["at"]), coders, float(found["share"]), int(found["seed"]), int(found["segments"]))
    except (KeyError, TypeError, ValueError):  # a line that somebody changed by hand
        return None


def _list_steps(study: StudyFolder, since: str) -> tuple[CodebookStep, ...]:
    """Return the changes of the codebook after a time; before anybody coded, there is nothing that they change."""
    notes = [note for note in study.notes() if note.get("what") == "codebook" and "codebook" in note]
    data = study.layout.read(study.layout.codebook)
    present = digest_of(data) if data is not None else ""
    if present and present not in list_versions(notes[-1:], "codebook"):  # edited by hand since
        notes.append({"at": "", "codebook": present})
    steps = []
    for before, after in pairwise(notes):
        at, digest = str(after.get("at", "")), str(after["codebook"])
        if since and (at or "~") > since and digest != before["codebook"]:
            changes = _compare(study, str(before["codebook"]), digest)
            steps.append(CodebookStep(at, str(after.get("who", "")), str(after.get("why", "")), digest, changes))
    return tuple(steps)


def _compare(study: StudyFolder, before: str, after: str) -> dict[str, int]:
    books = [read_past_codebook(study, digest) for digest in (before, after)]
    if books[0] is None or books[1] is None:
        return {}
    return dict(Counter(one.kind for one in compare_codebooks(books[0], books[1])))


def _list_events(study: StudyFolder, people: Collection[str]) -> Iterator[Event]:
    for coder, name in study.sheet_ids(list(people)):
        yield from study.history(coder, name).events.values()


def _find_words(study: StudyFolder) -> str:
    names = study.transcript_ids()
    told = (str(study.history(RULES_CODER, name).header.get("words", "")) for name in names)
    return next(filter(None, told), "")
