"""How the codings that count came about: by people from scratch, on suggestions, by rules alone.

Everything is read from what the acts of coding recorded. Nothing here is an estimate, and nothing is asked of anybody.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from qualcode.model import RULES_CODER
from qualcode.results import Result, make_frame
from qualcode.wording import join, percent, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qualcode.model import Coding, Sheet
    from qualcode.tables import CodingTable

Way = Literal["scratch", "rules", "learned", "import", "rules alone"]
"""How a coding came about. Where several coders gave it, the first of these that holds for any of them."""

_SAID: Mapping[Way, str] = {
    "scratch": "by people from scratch",
    "rules": "by people on suggestions of the rules",
    "learned": "by people on suggestions learned from their own coding",
    "import": "in another program",
    "rules alone": "by the rules alone",
}
_OF_ORIGIN: Mapping[str, Way] = {"hand": "scratch", "rules": "rules", "learned": "learned"}
_NOT_A_WAY = frozenset({"consensus", "agreed"})
"""Origins that say who settled a coding, not how it came about."""


@dataclass(frozen=True, eq=False, repr=False)
class Provenance(Result):
    """How the codings that count came about.

    Attributes
    ----------
    frame
        One row per way: ``way``, ``name``, ``codings`` (that count, of interviewees), ``percent``.
    sentence
        The statement for the methods section.
    problems
        None.
    rejected
        Suggestions that people refused, by who suggested: ``rules``, ``learned``.
    overruled
        Codings of people that a consensus decided against.
    """

    rejected: Mapping[str, int]
    overruled: int


def trace_codings(table: CodingTable, sheets: Iterable[Sheet] | None = None, *, model: str = "") -> Provenance:
    """Say how the codings that count came about.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns.
    sheets
        Everybody's sheets, where more than those that were counted are needed: what a consensus settled was given by
        others. ``None``: those that were counted.
    model
        The trained language model that told words apart, if any.

    Returns
    -------
    Provenance
        Codings by how they came about, and what was overruled.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> qualcode.trace_codings(table).frame[["way", "codings"]].values.tolist()
    [['scratch', 0], ['rules', 0], ['learned', 0], ['import', 0], ['rules alone', 155]]
    """
    known = list(table.sheets if sheets is None else sheets)
    given: dict[tuple[str, str], list[Coding]] = defaultdict(list)
    for coding in (one for sheet in known for one in sheet.codings):
        given[coding.transcript, coding.code].append(coding)
    counted = table.codings[~table.codings["is_interviewer"].astype(bool)]
    key = ["transcript", "code", "start", "end"]
    rows = counted.drop_duplicates(key)[key].itertuples(index=False, name=None)
    found = [_find_way(given[name, code], start, end) for name, code, start, end in rows]
    counts = {way: found.count(way) for way in get_args(Way)}
    total = len(found)
    frame = make_frame(
        [(way, _SAID[way], n, round(100 * n / total, 2) if total else None) for way, n in counts.items()],
        {"way": "str", "name": "str", "codings": "int64", "percent": "float64"},
    )
    rejected, overruled = _count_refused(known)
    sentence = _say(counts, rejected, overruled, model)
    return Provenance(frame, sentence, (), rejected, overruled)


def _find_way(given: Sequence[Coding], start: int, end: int) -> Way:
    """Return how a passage came to its code."""
    here = [one for one in given if one.span.start < end and start < one.span.end]
    people = [one for one in here if one.coder != RULES_CODER and one.is_counted]
    ways = {_OF_ORIGIN.get(one.origin, "import") for one in people if one.origin not in _NOT_A_WAY}
    return next((way for way in get_args(Way) if way in ways), "rules alone" if not people else "scratch")


def _count_refused(sheets: Iterable[Sheet]) -> tuple[dict[str, int], int]:
    """Return how many suggestions people refused, and how many codings a consensus decided against."""
    refused: dict[str, set[tuple[str, int, int, str]]] = {"rules": set(), "learned": set(), "consensus": set()}
    for one in (one for sheet in sheets for one in sheet.codings):
        if one.verdict == "rejected" and one.origin in refused:
            refused[one.origin].add((one.transcript, one.span.start, one.span.end, one.code))
    overruled = len(refused.pop("consensus"))
    return {name: len(places) for name, places in refused.items()}, overruled


def _say(counts: Mapping[Way, int], rejected: Mapping[str, int], overruled: int, model: str) -> str:
    total = sum(counts.values())
    used = [way for way, n in counts.items() if n]
    told = ["No coding counts."]
    if len(used) == 1:
        told = [f"All {plural(total, 'coding')} that count were given {_SAID[used[0]]}."]
    elif used:
        shares = [f"{counts[way]:,} ({percent(counts[way], total)}%) {_SAID[way]}" for way in used]
        told = [f"The {total:,} codings that count were given: {join(shares)}."]
    refusals = [f"{plural(n, 'suggestion')} of {_SUGGESTER[name]}" for name, n in rejected.items() if n]
    if refusals:
        told.append(f"People refused {join(refusals)}.")
    if overruled:
        told.append(f"The consensus decided against {plural(overruled, 'coding')}.")
    is_learned = bool(counts["learned"] or rejected["learned"])
    machine = _say_machine(model, is_learned=is_learned)
    if counts["import"]:  # what was done elsewhere is not known here
        machine = f"In qualcode, {machine[0].lower()}{machine[1:]}"
    return " ".join([*told, machine])


_SUGGESTER = {"rules": "the rules", "learned": "what was learned from a coder’s own work"}


def _say_machine(model: str, *, is_learned: bool) -> str:
    """Return what had no part in it; true by construction, as the program has no other way."""
    learned = "Suggestions were learned on this computer from a coder’s own work, and none counts without a person. "
    if model:
        return f"{learned if is_learned else ''}The language model {model} told words apart; no network was used."
    if is_learned:
        return f"{learned}No language model and no network was used."
    return "No model and no network was used."
