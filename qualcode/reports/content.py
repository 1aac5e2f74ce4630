"""What reports say, apart from how they look: rows, chosen quotes, places and phrases that all writers share."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from qualcode.themes import MARK

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    import pandas as pd

    from qualcode.codebook import Code
    from qualcode.errors import Problem
    from qualcode.reports import Report
    from qualcode.tables import CodingTable

IDEAL_QUOTE_WORDS = 30
"""Illustrative quotes are the passages whose length is nearest to this."""

SHORTENED = "[…]"


@dataclass(frozen=True, slots=True)
class Quote:
    """A passage as it is quoted.

    Attributes
    ----------
    row
        Its row in :attr:`qualcode.reports.Report.quotes`.
    code
        Path of the code.
    case, transcript, segment, speaker, time
        Where it stands.
    start, end
        Its span in the transcript's text.
    text, rule, matched
        Its words, and why a rule coded it.
    """

    row: int
    code: str
    case: str
    transcript: str
    segment: str
    speaker: str
    time: float | None
    start: int
    end: int
    text: str
    rule: str
    matched: str

    @property
    def passage(self) -> tuple[str, int, int]:
        """What makes it one passage, whatever it is coded with."""
        return self.transcript, self.start, self.end

    @property
    def place(self) -> str:
        """Where it stands, for people: ``P07, t012, 0:12:34``."""
        who = self.case if self.case in ("", self.transcript) else f"{self.case}, {self.transcript}"
        parts = [who or self.transcript, self.segment]
        if self.time is not None:
            parts.append(clock(self.time))
        return ", ".join(parts)


def list_quotes(frame: pd.DataFrame) -> list[Quote]:
    """Turn rows of :func:`qualcode.themes.select_quotes` into quotes."""
    columns = ("code", "case", "transcript", "segment", "speaker", "time", "start", "end", "quote", "rule", "matched")
    values = zip(*(frame[column].tolist() for column in columns), strict=True)
    return [
        Quote(row, code, case, transcript, segment, speaker, number(time), start, end, quote, rule, matched)
        for row, (code, case, transcript, segment, speaker, time, start, end, quote, rule, matched) in enumerate(values)
    ]


def number(value: Any) -> float | None:  # a cell of a frame
    """Return a number, or ``None`` for a missing one."""
    return None if value is None or value != value else float(value)  # noqa: PLR0124  # NaN is not equal to itself


def below(path: str, quotes: Iterable[Quote]) -> list[Quote]:
    """Return the passages coded with a code or any code below it, each once."""
    found: dict[tuple[str, int, int], Quote] = {}
    for quote in quotes:
        if quote.code == path or quote.code.startswith(f"{path}/"):
            found.setdefault(quote.passage, quote)
    return list(found.values())


def choose(quotes: Iterable[Quote], count: int, avoid: Collection[tuple[str, int, int]] = ()) -> list[Quote]:
    """Choose up to ``count`` quotes to show: spread over cases, of a good length, in the order of the texts.

    Passages in ``avoid`` (shown elsewhere) are taken only when there are too few others.
    """
    by_case: dict[str, list[Quote]] = {}
    for quote in sorted(quotes, key=lambda quote: (quote.passage in avoid, _badness(quote), quote.row)):
        by_case.setdefault(quote.case or quote.transcript, []).append(quote)
    rounds = (quote for one_each in zip_longest(*by_case.values()) for quote in one_each if quote is not None)
    fresh_first = sorted(rounds, key=lambda quote: quote.passage in avoid)
    return sorted(fresh_first[:count], key=lambda quote: quote.row)


def _badness(quote: Quote) -> int:
    from qualcode.language import count_words

    return abs(count_words(quote.text) - IDEAL_QUOTE_WORDS)


def shorten(text: str, words: int) -> str:
    """Return text of at most ``words`` words on one line; ``[…]`` stands for what was cut."""
    from qualcode.language import word_starts

    line = " ".join(text.split())
    starts = word_starts(line)
    if len(starts) <= words:
        return line
    return f"{line[: int(starts[words])].rstrip()} {SHORTENED}"


def clock(seconds: float) -> str:
    """Return seconds as ``h:mm:ss``."""
    minutes, second = divmod(int(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}"


def count_noun(count: int, singular: str, plural: str = "") -> str:
    """Return ``1 turn``, ``2 turns``."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def join_words(words: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, ``a, b and c``."""
    *head, last = words or ("",)
    return f"{', '.join(head)} and {last}" if head else last


def case_noun(table: CodingTable) -> tuple[str, str]:
    """Return what the cases are called: participants when each is one voice, else cases."""
    units = table.units
    voices = units.loc[~units["is_interviewer"].astype(bool), ["transcript", "case", "speaker"]].drop_duplicates()
    one_voice = not voices.duplicated(["transcript", "case"]).any()
    named = bool((voices["speaker"] != "").all())
    return ("participant", "participants") if one_voice and named else ("case", "cases")


def share(part: int, whole: int) -> str:
    """Return ``3 of 4 (75%)``."""
    return f"{part} of {whole} ({part / whole:.0%})" if whole else f"{part} of 0"


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A row of the theme table: a code and its counts."""

    code: str
    name: str
    level: int
    codings: int
    segments: int
    words: int
    transcripts: int
    cases: int
    unsure: frozenset[str] = frozenset()
    """The counts that an open difference between coders could change, by name."""

    def mark(self, count: str) -> str:
        """Return what stands behind a count."""
        return MARK if count in self.unsure else ""


def list_codes(report: Report) -> list[CodeRow]:
    """Return the theme table's rows in codebook order."""
    columns = ("code", "name", "level", "codings", "segments", "words", "transcripts", "cases")
    frame, unsure = report.themes.frame, report.themes.unsure
    names = [frozenset(name for name in unsure if row[name]) for row in unsure.to_dict("records")]
    return [CodeRow(*row) for row in zip(*(frame[column].tolist() for column in columns), names, strict=True)]


def describe_emptiness(report: Report) -> str:
    """Return why no passage counts."""
    if report.facts.counting.get("open"):
        return "On every coded passage coders differ, and no difference is settled, so every count is zero."
    return "No passage of interviewee talk was coded, so every count is zero."


def describe_whose(report: Report) -> str:
    """Return whose codings count, when a code of several counts, and what is open, to stand in a note."""
    told = [report.facts.whose, *report.themes.doubts]
    return " ".join(part for part in told if part)


@dataclass(frozen=True, slots=True)
class Participant:
    """A case that speaks: its attributes, where it speaks and how much."""

    case: str
    attributes: tuple[str, ...]
    transcripts: tuple[str, ...]
    segments: int
    words: int


def list_participants(report: Report) -> list[Participant]:
    """Return the cases that speak, in the order of the case index."""
    units, index = report.table.units, report.table.index
    spoken = units[~units["is_interviewer"].astype(bool)]
    groups = dict(iter(spoken.groupby("case", sort=False)))
    return [
        Participant(
            case.id,
            tuple(str(case.attributes.get(name, "")) for name in index.attributes),
            tuple(dict.fromkeys(groups[case.id]["transcript"])) if case.id in groups else (),
            len(groups[case.id]) if case.id in groups else 0,
            int(groups[case.id]["words"].sum()) if case.id in groups else 0,
        )
        for case in index.cases
    ]


def example_of(code: Code) -> str:
    """Return the codebook's first example of a code, or ``""``."""
    return code.hits[0].text if code.hits else ""


def place_of(where: str) -> str:
    """Return the place of a problem without the folders of this machine."""
    return where.replace("\\", "/").rsplit("/", 1)[-1]


def describe_problem(problem: Problem) -> str:
    """Return a problem in one line, without the folders of this machine."""
    where = place_of(problem.where)
    return f"{where}: {problem.message}" if where and where not in problem.message else problem.message


def subtitle(report: Report) -> str:
    """Return the size of the study in one line."""
    totals = report.facts.totals
    parts = [
        count_noun(totals.transcripts, "transcript"),
        count_noun(totals.cases, *case_noun(report.table)),
        count_noun(totals.words, "word"),
        count_noun(totals.codings, "coding"),
        f"codebook “{report.facts.codebook_name}”",
    ]
    return " · ".join(parts)


def captions(report: Report) -> dict[str, str]:
    """Return the caption of each kind of figure, without a full stop.

    Figures speak of cases; where a report calls them otherwise, the captions say so.
    """
    singular, plural = case_noun(report.table)
    units = f"{report.facts.unit}s".capitalize()
    meaning = "" if singular == "case" else f"each case is a {singular}"
    texts = {
        "themes": f"Themes and sub-themes by number of {plural} (N = {report.facts.totals.cases}"
        f"{meaning and '; '}{meaning})",
        "cases": f"{units} per code and {singular}{meaning and f' ({meaning})'}",
        "codelines": "Where in each interview each theme is spoken of",
        "cooccurrence": f"{units} in which two codes occur together",
    }
    whose = f". {report.facts.whose.removesuffix('.')}" if report.facts.whose else ""
    return {kind: f"{text}{whose}" for kind, text in texts.items()}


def leaf_pairs(report: Report) -> pd.DataFrame:
    """Return the pairs of codes that share a segment, of codes that have none below them, most segments first."""
    book = report.codebook
    leaves = {book.path(code.id) for code in book.walk() if not code.codes}
    pairs = report.pairs
    kept = pairs[pairs["code"].isin(leaves) & pairs["other"].isin(leaves)]
    return kept.sort_values(["segments", "cases"], ascending=False, kind="stable")
