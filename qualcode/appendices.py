"""The tables that every paper has: who took part, and the codebook with its definitions and examples."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qualcode.cases import NOT_GIVEN
from qualcode.columns import FrameColumns
from qualcode.counting import lift_cells, order_paths
from qualcode.errors import CaseError, Problem
from qualcode.quoting import add_own, cut_pieces, pick_first, rank_pieces, say_voices
from qualcode.results import Result
from qualcode.themes import count_themes, select_quotes
from qualcode.voices import measure_minutes
from qualcode.wording import join, plural, shorten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qualcode.codebook import Code, Codebook
    from qualcode.model import Coding
    from qualcode.tables import CodingTable

_OWN = ("case", "transcripts", "minutes", "words", "codes")
_EXAMPLE = 45
"""Words of an example in a codebook."""


@dataclass(frozen=True, eq=False, repr=False)
class ParticipantTable(Result):
    """Who took part.

    Attributes
    ----------
    frame
        One row per case: ``case``, its attributes, ``transcripts``, ``minutes`` (NaN without times), ``words`` (that it
        says), ``codes`` (different ones that it is coded with). An attribute of one of these names has ``case`` in
        front. Aggregated, one row per value of an attribute: ``attribute``, ``value``, ``cases``, ``percent``.
    sentence, problems
        How many there are, how many cases at least share the same attributes, and which could be told by theirs.
    """


@dataclass(frozen=True, eq=False, repr=False)
class CodebookTable(Result):
    """A codebook as a paper's appendix shows it.

    Attributes
    ----------
    frame
        One row per code in the order of the codebook: ``code``, ``name``, ``level``, ``definition``, ``include``,
        ``exclude``, ``example`` (a quote, or what a rule was tested with), ``place`` (where a quote stands), ``cases``.
        Without codings the last two are empty. Of a study also ``since``: the day from which it has the code.
    sentence, problems
        What the columns are.
    """

    @property
    def shown(self) -> pd.DataFrame:
        """What a person looks at: names by level, long texts cut."""
        names = ["  " * (level - 1) + name for level, name in zip(self.frame["level"], self.frame["name"], strict=True)]
        texts = {name: [shorten(text) for text in self.frame[name]] for name in ("definition", "example")}
        return pd.DataFrame({"name": names, **texts, "cases": self.frame["cases"].astype(object)})


def list_participants(
    table: CodingTable, *, coarsen: Mapping[str, int] | None = None, show: str = "cases"
) -> ParticipantTable:
    """List who took part.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns.
    coarsen
        Attributes to give in bands, with the width of a band, such as ``{"age": 10}``.
    show
        ``cases``, one row each, or ``counts`` of each value of each attribute, which tell nobody apart.

    Returns
    -------
    ParticipantTable
        The table of participants, with how many could be told by their attributes.

    Raises
    ------
    CaseError
        If there is no such attribute, or a value to coarsen is no number.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> cases = qualcode.read_cases("transcripts_sample/cases.csv")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook, cases=cases)
    >>> qualcode.list_participants(table, coarsen={"years": 5}).frame[["case", "years", "words"]].values.tolist()
    [['P1', '5–9', 2780], ['P2', '0–4', 2844], ['P3', '5–9', 2827], ['P4', '0–4', 4579]]
    """
    attributes = _read_attributes(table, coarsen or {})
    frame = _describe_cases(table, attributes)
    unique = _find_unique(attributes)
    n_cases = len(frame)
    total = int(frame["words"].sum())
    sentence = (
        f"{plural(n_cases, 'case')} in {plural(len(table.transcript_ids), 'transcript')} "
        f"{'says' if n_cases == 1 else 'say'} {plural(total, 'word')}."
        f"{_say_smallest(attributes)}"
    )
    problems: list[Problem] = []
    if show == "counts":
        frame = _count_values(attributes, n_cases)
    elif unique and n_cases > 1:
        message = f"No other case has the attributes of {join(unique)}: who knows the field may know who it is."
        hint = "Give numbers in bands with --coarsen age=10, or counts only with --aggregate"
        problems.append(Problem("", "note", "identifying", message, hint))
    return ParticipantTable(frame, sentence, tuple(problems))


def _read_attributes(table: CodingTable, coarsen: Mapping[str, int]) -> dict[str, list[str]]:
    """Return the values of each attribute, one per case."""
    bands = {table.index.attribute(name): width for name, width in coarsen.items()}
    cases = table.index.cases
    return {
        name: [_band(case.attributes.get(name, "").strip(), bands.get(name, 0), name) for case in cases]
        for name in table.index.attributes
    }


def _band(value: str, width: int, name: str) -> str:
    if width <= 0 or not value:
        return value
    try:
        low = math.floor(float(value) / width) * width
    except (ValueError, OverflowError):  # words, and what Python takes for a number: nan, inf
        raise CaseError(f"“{value}” in “{name}” is not a number.", hint=f"Leave out --coarsen {name}") from None
    return f"{low}–{low + width - 1}"


def _describe_cases(table: CodingTable, attributes: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    cases = [case.id for case in table.index.cases]
    units = table.units[~table.units["is_interviewer"]]
    spoken = units.drop_duplicates(["case", "transcript"]).groupby("case", sort=False)["transcript"].agg(list)
    words = units.groupby("case")["words"].sum()
    code, unit = lift_cells(table, None)
    pairs = pd.DataFrame({"case": table.units["case"].to_numpy()[unit], "code": code}).drop_duplicates()
    codes = pairs.groupby("case").size()
    minutes = measure_minutes(table.transcripts)
    frame = pd.DataFrame({"case": pd.Series(cases, dtype="str")})
    for name, values in attributes.items():
        frame[f"case {name}" if name in _OWN else name] = pd.Series(list(values), dtype="str")
    return frame.assign(
        transcripts=["; ".join(spoken.get(case, ())) for case in cases],
        minutes=[_sum_minutes(minutes, spoken.get(case, ())) for case in cases],
        words=np.array([int(words.get(case, 0)) for case in cases], dtype=np.int64),
        codes=np.array([int(codes.get(case, 0)) for case in cases], dtype=np.int64),
    )


def _sum_minutes(minutes: Mapping[str, float], transcripts: Sequence[str]) -> float:
    """Return how long the transcripts of a case took; NaN where one of them has no times."""
    known = [minutes[name] for name in transcripts if name in minutes]
    return round(sum(known), 1) if known and len(known) == len(transcripts) else math.nan


def _say_smallest(attributes: Mapping[str, Sequence[str]]) -> str:
    """Return how many cases at least share all attributes, by which people are known or hidden."""
    sizes = Counter(zip(*attributes.values(), strict=True)).values()
    if not sizes:
        return ""
    return f" The smallest group with the same attributes has {plural(min(sizes), 'case')}."


def _find_unique(attributes: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what is said of cases that nobody else shares: a combination of all values."""
    rows = list(zip(*attributes.values(), strict=True))
    return [" / ".join(value or NOT_GIVEN for value in row) for row in rows if rows.count(row) == 1]


def _count_values(attributes: Mapping[str, Sequence[str]], n_cases: int) -> pd.DataFrame:
    rows = []
    for name, values in attributes.items():
        given = [value or NOT_GIVEN for value in values]
        rows += [
            (name, value, given.count(value), round(100 * given.count(value) / n_cases, 2))
            for value in dict.fromkeys(given)
        ]
    return pd.DataFrame(rows, columns=["attribute", "value", "cases", "percent"])


def list_codebook(
    codebook: Codebook,
    table: CodingTable | None = None,
    *,
    picks: Sequence[Coding] = (),
    since: Mapping[str, str] | None = None,
) -> CodebookTable:
    """List a codebook as a paper's appendix shows it.

    Parameters
    ----------
    codebook
        The codes.
    table
        What :func:`qualcode.tabulate` returns; gives an example quote and the number of cases of each code.
    picks
        The codings that people chose as quotes, which go first as examples (see :meth:`qualcode.study.Study.picks`).
    since
        The day from which there is each code, by its id (see :meth:`qualcode.study.Study.code_days`).

    Returns
    -------
    CodebookTable
        Codes with definitions, what belongs to them and what does not, and an example.

    Examples
    --------
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> qualcode.list_codebook(codebook).frame["name"].tolist()[:2]
    ['Recruitment channels', 'Professional networks']
    """
    cases = [-1] * sum(1 for _ in codebook.walk())
    examples: dict[str, tuple[str, str]] = {}
    if table is not None:
        cases = count_themes(table).frame["cases"].tolist()
        examples = _choose_examples(table, picks)
    rows = [
        (
            codebook.path(code.id),
            code.name,
            codebook.level(code.id),
            code.definition,
            "; ".join(code.include),
            "; ".join(code.exclude),
            *(examples.get(codebook.path(code.id)) or _test_of(code, table)),
            n_cases if n_cases >= 0 else None,
        )
        for code, n_cases in zip(codebook.walk(), cases, strict=True)
        if not code.is_retired
    ]
    columns = ["code", "name", "level", "definition", "include", "exclude", "example", "place", "cases"]
    frame = pd.DataFrame(rows, columns=columns).astype({"cases": "Int64"})
    if since is not None:
        frame["since"] = [since.get(code.id, "") for code in codebook.walk() if not code.is_retired]
    frame["code"] = order_paths(codebook, frame["code"])
    told = f"{plural(len(frame), 'code')} of “{codebook.name or 'the codebook'}”."
    if table is None:
        return CodebookTable(frame, f"{told} Examples are those with which its rules are tested, not quotes.", ())
    return CodebookTable(
        frame, f"{told} Examples are quotes; cases are those of {len(table.index.cases)} that speak of it.", ()
    )


def _choose_examples(table: CodingTable, picks: Sequence[Coding]) -> dict[str, tuple[str, str]]:
    """Return a quote for each code: one that people chose, else one that makes sense alone."""
    quotes = pick_first(FrameColumns.of(select_quotes(table)), table.codebook, picks).frame
    found: dict[str, tuple[str, str]] = {}
    for code, mine in quotes.groupby("code", sort=False, observed=True):
        rows = add_own(mine.to_dict("records"), table.transcripts)
        best = min(rows, key=lambda row: (not row["picked"], rank_pieces(row["own"])))
        place = _name_place(str(best["case"]), str(best["transcript"]), str(best["segment"]))
        found[str(code)] = (cut_pieces(best["own"], _EXAMPLE), place)
    return found


def _test_of(code: Code, table: CodingTable | None) -> tuple[str, str]:
    """Return an example that a rule is tested with where there are no codings to quote."""
    return (code.hits[0].text, "") if code.hits and table is None else ("", "")


# --- quotes --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class QuoteTable(Result):
    """Quotes as a paper's appendix shows them.

    Attributes
    ----------
    frame
        One row per code and passage: ``level 1``, ``level 2`` … (names of the code and those above it), ``case``, its
        attributes, ``place`` (``P2, t005``), ``quote``, ``also`` (names of other codes on the same passage).
    sentence, problems
        How many there are and who says how many, and whether one case says half of them or more.
    """

    @property
    def shown(self) -> pd.DataFrame:
        """What a person looks at: quotes cut to a line."""
        return self.frame.assign(quote=[shorten(quote) for quote in self.frame["quote"]])


def list_quotes(table: CodingTable, code: str | None = None, *, picks: Sequence[Coding] = ()) -> QuoteTable:
    """List quotes with a column per level of the codebook, the attributes of the case and the codes that share them.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns.
    code
        Path or id of a code, whose quotes and those of all codes below it are listed; ``None`` for all.
    picks
        The codings that people chose as quotes, which stand first (see :meth:`qualcode.study.Study.picks`).

    Returns
    -------
    QuoteTable
        The quotes, by code in the order of the codebook and then in the order of the text.

    Raises
    ------
    CodebookError
        If there is no such code.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> qualcode.list_quotes(table, "management-decisions").frame[["level 2", "place"]].values.tolist()[0]
    ['Change in management decisions', 'P1, t030']
    """
    quotes = pick_first(FrameColumns.of(select_quotes(table, code)), table.codebook, picks).frame
    names = {table.codebook.path(one.id): one.name for one in table.codebook.walk()}
    depth = max((path.count("/") + 1 for path in quotes["code"]), default=1)
    frame = pd.DataFrame({f"level {level}": _name_level(quotes["code"], names, level) for level in range(1, depth + 1)})
    frame["case"] = quotes["case"].array
    for name in table.index.attributes:
        values = {case.id: case.attributes.get(name, "") for case in table.index.cases}
        is_taken = name in {"case", "place", "quote", "also"} or name.startswith("level ")
        frame[f"case {name}" if is_taken else name] = [values.get(case, "") for case in quotes["case"]]
    places = zip(quotes["case"], quotes["transcript"], quotes["segment"], strict=True)
    frame["place"] = [_name_place(*place) for place in places]
    frame["quote"] = quotes["quote"].to_numpy()
    frame["also"] = _name_others(table, quotes, names)
    return QuoteTable(frame.astype("str"), _say_quotes(quotes), _find_loudest(quotes))


def _name_level(paths: Sequence[str] | pd.Series[str], names: Mapping[str, str], level: int) -> list[str]:
    """Return the name of each code, or of the one above it, at a level; nothing where it is not so deep."""
    parts = [path.split("/") for path in paths]
    return [names["/".join(one[:level])] if len(one) >= level else "" for one in parts]


def _name_place(case: str, transcript: str, segment: str) -> str:
    return f"{case}, {segment}" if case == transcript else f"{case}, {transcript}:{segment}"


def _name_others(table: CodingTable, quotes: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    """Return the names of the other codes on each passage."""
    every = select_quotes(table)
    key = ["transcript", "start", "end"]
    together = every.groupby(key, sort=False)["code"].agg(list)
    places = quotes[key].itertuples(index=False, name=None)
    return [
        "; ".join(names[other] for other in together.loc[place] if other != code)
        for place, code in zip(places, quotes["code"], strict=True)
    ]


def _say_quotes(quotes: pd.DataFrame) -> str:
    passages = quotes.drop_duplicates(["transcript", "start", "end"])
    cases = plural(quotes["case"].nunique(), "case")
    told = (
        f"{plural(len(quotes), 'quote')} of {plural(len(passages), 'passage')} by {cases}; "
        "a passage with several codes is quoted for each."
    )
    return f"{told} {say_voices(quotes['case'].tolist())}".rstrip()


def _find_loudest(quotes: pd.DataFrame) -> tuple[Problem, ...]:
    """Say whether one case says half of the quotes or more."""
    counts = quotes["case"].value_counts()
    if len(counts) < 2 or counts.iloc[0] * 2 < len(quotes):  # noqa: PLR2004  # one of several
        return ()
    message = f"{counts.index[0]} says {int(counts.iloc[0]):,} of {plural(len(quotes), 'quote')}."
    return (Problem("", "note", "one-voice", message, "Let others speak as well"),)
