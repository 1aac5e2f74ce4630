"""Which segments a coder is to look at, and the suggestions of one code to be accepted together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from qualcode.model import RULES_CODER
from qualcode.reviewing.entries import Item, join_entries
from qualcode.reviewing.remarks import list_flags
from qualcode.reviewing.sight import Blind, Sight
from qualcode.study import Decision, find_code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from qualcode.codebook import Codebook
    from qualcode.model import Coding, Segment, Span
    from qualcode.reviewing.entries import Entry
    from qualcode.study import Event, Study

Only = Literal["all", "suggested", "uncoded", "assigned", "flagged"]
Talk = Literal["interviewees", "all"]


def list_items(
    study: Study,
    coder: str,
    *,
    code: str | None = None,
    transcript_ids: Collection[str] = (),
    only: Only = "all",
    talk: Talk = "interviewees",
    blind: Blind = "kept",
) -> list[Item]:
    """Return the segments that a coder is to look at, in the order of the texts.

    Where the coder is blind, no filter knows of the suggestions.

    Parameters
    ----------
    study, coder
        Who codes what.
    code
        Only segments in which the rules suggest, or the coder gave, this code or one below it: by id, path or name.
    transcript_ids
        Only these transcripts; by default all.
    only
        ``suggested``: only segments with an undecided suggestion. ``uncoded``: only those without a code of the
        coder's. ``assigned``: only those drawn for the coder by :meth:`qualcode.study.Study.assign`. ``flagged``: only
        those marked to come back to, also where an interviewer talks.
    talk
        Whether to pass over the interviewers' segments, which no table counts.
    blind
        ``lifted``: suggestions are known in the part drawn for double coding as well.

    Raises
    ------
    StudyError
        If there is no such transcript, or the study names its coders and this is none of them.
    """
    coder = study.check_coder(coder)
    wanted = find_family(study.codebook, code) if code else None
    assigned = study.assignment().get(coder, frozenset()) if only == "assigned" else None
    sight = Sight(study, coder, blind)
    items = []
    chosen = {study.transcript(one).id for one in transcript_ids}
    flagged = _find_flagged(study) if only == "flagged" else None
    for name in study.transcript_ids():
        if chosen and name not in chosen:
            continue
        transcript = study.transcript(name)
        for segment, entries in _walk(study, coder, name, sight):
            if flagged is not None and not any(span.overlaps(segment.span) for span in flagged.get(name, ())):
                continue
            if talk == "interviewees" and flagged is None and transcript.is_interviewer(segment):
                continue
            if assigned is not None and f"{name}:{segment.id}" not in assigned:
                continue
            if _is_wanted(entries, wanted, only):
                items.append(Item(name, segment.id))
    return items


def _find_flagged(study: Study) -> dict[str, list[Span]]:
    """Return per transcript the words that are marked to come back to."""
    found: dict[str, list[Span]] = {}
    for one in list_flags(study, study.transcript_ids()):
        found.setdefault(one.transcript, []).append(one.span)
    return found


def find_family(codebook: Codebook, code: str) -> frozenset[str]:
    """Return the ids of a code, named by id, path or name, and of all below it."""
    top = find_code(codebook, code)
    return frozenset({top, *(one.id for one in codebook.descendants(top))})


def _walk(study: Study, coder: str, name: str, sight: Sight) -> Iterator[tuple[Segment, Sequence[Entry]]]:
    """Yield the segments of a transcript with what stands on them; it costs what there is, once."""
    rules, mine = study.sheet(RULES_CODER, name), study.sheet(coder, name)
    unit = mine.unit if mine else study.settings.unit
    index = study.index(name)
    suggestions = sight.filter(name, unit, rules.codings) if rules else []
    found: dict[str, list[Entry]] = {}
    for entry in join_entries(suggestions, mine.codings if mine else ()):
        for segment in index.touched(unit, entry.span):
            found.setdefault(segment.id, []).append(entry)
    yield from ((segment, found.get(segment.id, ())) for segment in index.units(unit))


def _is_wanted(entries: Sequence[Entry], wanted: Collection[str] | None, only: Only) -> bool:
    if wanted is not None:
        entries = [entry for entry in entries if entry.code in wanted]
    if only == "uncoded":
        return not any(entry.own and entry.own.is_counted for entry in entries)
    if only == "suggested":
        return any(entry.is_undecided for entry in entries)
    return bool(entries) or wanted is None


# -- many suggestions at once -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Suggested:
    """An undecided suggestion.

    Attributes
    ----------
    item
        The segment in which it begins.
    coding
        What the rules say.
    """

    item: Item
    coding: Coding


def list_suggestions(study: Study, coder: str, code: str, items: Sequence[Item]) -> list[Suggested]:
    """Return the undecided suggestions of a code, and of those below it, to be looked at together.

    Parameters
    ----------
    study, coder
        Who decides on what.
    code
        Its id, path or name.
    items
        The segments; those in which the coder is blind have none to show.
    """
    wanted = find_family(study.codebook, code)
    sight = Sight(study, study.check_coder(coder), "kept")
    within: dict[str, set[str]] = {}
    for item in items:
        within.setdefault(item.transcript, set()).add(item.segment)
    found: dict[Coding, Suggested] = {}
    for name, segments in within.items():
        for segment, entries in _walk(study, sight.coder, name, sight):
            for entry in entries if segment.id in segments else ():
                if entry.suggestion and entry.is_undecided and entry.code in wanted:
                    found.setdefault(entry.suggestion, Suggested(Item(name, segment.id), entry.suggestion))
    return list(found.values())


def accept_all(study: Study, coder: str, suggested: Sequence[Suggested]) -> list[Event]:
    """Accept suggestions that somebody has looked at, all of them or none.

    Returns
    -------
    list of Event
        What was recorded, one per transcript.

    Raises
    ------
    StudyError
        If one of them was decided on meanwhile; ``problems`` lists all such.
    """
    codes = sorted({one.coding.code for one in suggested})
    decisions = [
        Decision(one.item.address, one.coding.code, "accept", one.coding.span, saw="", where=one.item.address)
        for one in suggested
    ]
    return study.decide_all(coder, decisions, why=f"all shown suggestions of {', '.join(codes)}")
