"""CodingTable → results: themes, counts by case and attribute, co-occurrence, quotes.

A code counts the *union* of its own codings and of all below it, never the sum. Every number is defined in
``docs/counting.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Literal

import numpy as np

from qualcode.columns import FrameColumns, Texts, distinct, in_order
from qualcode.counting import (
    BOUNDS,
    Tally,
    bound_counts,
    count_pairs,
    describe_codes,
    lineage,
    list_cells,
    list_cells_of,
    list_codes,
    rows_at,
)
from qualcode.errors import CaseError, Problem, QualcodeError
from qualcode.laid import JOINER
from qualcode.language import align
from qualcode.settling import explain_counted
from qualcode.signs import escape
from qualcode.wording import percent, suggest

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from qualcode.model import Unit
    from qualcode.tables import Block, CaseGroups, CodingTable

    Integers = NDArray[np.int64]

Talk = Literal["no", "yes", "only"]

_COUNTS = ("codings", "segments", "words", "transcripts", "cases")
_SHOWN = (*_COUNTS, "cases_percent")
MARK = "*"
"""Stands behind a number that an open difference between coders could change."""

_LINE = 100
"""Characters a line of a caption below a table."""

_LEAST_SURE = 6
"""Themes of which a sentence says where open differences leave them."""

_BLOCK = 4096
"""Counting units per matrix product: large enough to be fast, small enough for little memory."""


@dataclass(frozen=True, slots=True, eq=False)
class ThemeTable:
    """How often, and by how many, each code is spoken of.

    Attributes
    ----------
    frame
        One row per code in the order of the codebook, those never used included: ``code`` (path), ``name``,
        ``theme`` (name of the top-level code), ``level``, ``codings``, ``segments``, ``words``,
        ``transcripts``, ``cases``, ``cases_percent`` (2 decimals; NaN when no case speaks). Of a table that tells
        coders' differences also ``segments_low``, ``segments_high``, ``cases_low``, ``cases_high``: between which
        numbers the count would lie if the open ones went either way.
    interviewer
        What interviewers said and the counts leave out: ``code``, ``name``, ``codings``, ``segments``,
        ``words``, in the same rows.
    counts, left_out, could_change
        The columns of ``frame``, ``interviewer`` and ``unsure``, of which the frames are made when asked for.
    table
        The codings that were counted.
    n_cases, n_transcripts, n_segments, n_words
        What there is to count in: cases that speak, transcripts, interviewee units and their words.
    n_interviewer_segments, n_interviewer_words
        The interviewers' units and their words.
    n_interviewer_codings
        The interviewers' coded passages, each once, whatever its codes.
    unsure
        Which numbers of ``frame`` an open difference could change: its columns of counts, as truth values.
    """

    counts: FrameColumns
    left_out: FrameColumns
    table: CodingTable
    n_cases: int
    n_transcripts: int
    n_segments: int
    n_words: int
    n_interviewer_segments: int
    n_interviewer_words: int
    n_interviewer_codings: int
    could_change: FrameColumns

    @property
    def frame(self) -> pd.DataFrame:
        """The counts, a row for each code."""
        return self.counts.frame

    @property
    def interviewer(self) -> pd.DataFrame:
        """What interviewers said, a row for each code."""
        return self.left_out.frame

    @property
    def unsure(self) -> pd.DataFrame:
        """Which counts an open difference could change."""
        return self.could_change.frame

    @property
    def unit(self) -> Unit:
        """The kind of counting unit."""
        return self.table.unit

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why a number is not defined."""
        if self.n_cases:
            return ()
        message = "No case speaks, so percentages of cases are undefined."
        return (Problem("", "note", "no-cases", message),)

    @property
    def caption(self) -> str:
        """What the numbers refer to, in sentences."""
        unit = self.unit
        whose = [self.table.whose] if self.table.whose else []
        ground = f"{_count(self.n_segments, f'interviewee {unit}')} with {_count(self.n_words, 'word')}"
        parts = [
            f"{_count(self.n_cases, 'case')} in {_count(self.n_transcripts, 'transcript')}: {ground}.",
            f"Segments are {unit}s; a coding counts in every {unit} with which it shares a character.",
            "A code counts the union of its own codings and those of all codes below it, so rows do not add up.",
            self._describe_interviewer(),
        ]
        if self.table.n_rejected:
            parts.append(f"{_count(self.table.n_rejected, 'rejected coding')} left out.")
        return " ".join([*whose, *parts, *self.doubts, *(problem.message for problem in self.problems)])

    @property
    def doubts(self) -> tuple[str, ...]:
        """How codings of several coders count, and what open differences could change, in sentences."""
        explained = explain_counted(self.table.coders, self.table.settlement, self.unit)
        if not any(self.could_change[name].any() for name in _SHOWN):
            return tuple(explained)
        return (*explained, *self._describe_bounds(), f"{MARK} marks a number that an open difference could change.")

    def _describe_bounds(self) -> list[str]:
        """Return between which numbers themes would lie if open differences went one way or the other.

        Of many, the sentence has the least sure ones; the columns of the bounds have all.
        """
        tops = self.frame[(self.frame["level"] == 1) & self.unsure[["segments", "cases"]].any(axis=1)]
        widest = (
            (tops["cases_high"] - tops["cases_low"]).sort_values(ascending=False, kind="stable").index[:_LEAST_SURE]
        )
        n_more = len(tops) - len(widest)
        tops = tops[tops.index.isin(widest)]
        rows = zip(tops["name"], *(tops[name].tolist() for name in BOUNDS), strict=True)
        found = [
            f"{name} in {_range(low, high, self.unit)} of {_range(fewest, most, 'case')}"
            for name, low, high, fewest, most in rows
        ]
        rest = f"; {n_more} more are in the columns _low and _high of the table as CSV" if n_more else ""
        return [f"Settled one way or the other, they would put {'; '.join(found)}{rest}."] if found else []

    def _describe_interviewer(self) -> str:
        if not self.n_interviewer_segments:
            return "No interviewer speaks."
        return (
            f"Interviewer talk is left out: {_count(self.n_interviewer_segments, self.unit)} with "
            f"{_count(self.n_interviewer_words, 'word')}, "
            f"{_count(self.n_interviewer_codings, 'coded passage')} among them."
        )

    @property
    def shown(self) -> pd.DataFrame:
        """What a person looks at: names indented by level, and the counts, in columns that say their unit."""
        import pandas as pd

        return pd.DataFrame(self.cells)

    @property
    def cells(self) -> dict[str, Sequence[int | str]]:
        """The same by column, without a frame."""
        levels, names = self.counts["level"].tolist(), self.counts.texts("name")
        cells: dict[str, Sequence[int | str]] = {
            "name": ["  " * (level - 1) + name for level, name in zip(levels, names, strict=True)]
        }
        for name in _SHOWN:
            values = self._percentages if name == "cases_percent" else self.counts[name].tolist()
            if (unsure := self.could_change[name]).any():
                values = [f"{value}{MARK if one else ' '}" for value, one in zip(values, unsure.tolist(), strict=True)]
            cells[self._heads.get(name, name)] = values
        return cells

    @property
    def _percentages(self) -> list[str]:
        return [percent(cases, self.n_cases) for cases in self.counts["cases"].tolist()]

    @property
    def _heads(self) -> dict[str, str]:
        return {"segments": f"{self.unit}s", "cases_percent": f"% of {self.n_cases}"}

    def __str__(self) -> str:
        cells = self.cells
        names = align([[str(name)] for name in cells["name"]])
        columns = [[name, *map(str, column)] for name, column in (cells | {"name": names}).items()]
        rows = align(list(zip(*columns, strict=True)), right=range(len(columns)))
        return "\n".join([*rows, "", fill(self.caption, _LINE)])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{self._heads.get(name, name)}</th>" for name in ("", *_SHOWN))
        records = self.frame.assign(cases_percent=self._percentages).to_dict("records")
        body = "".join(
            f"<tr><td title='{escape(row['code'])}' style='text-align:left;padding-left:{row['level']}em'>"
            f"{_emphasise(escape(row['name']), row['level'])}</td>"
            + "".join(f"<td>{_show(row[name])}{MARK if is_unsure[name] else ''}</td>" for name in _SHOWN)
            + "</tr>"
            for row, is_unsure in zip(records, self.unsure.to_dict("records"), strict=True)
        )
        style = "caption-side:bottom;text-align:left"
        return (
            f"<table><caption style='{style}'>{escape(self.caption)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


def _range(low: int, high: int, noun: str) -> str:
    return f"{low:,} to {_count(high, noun)}" if low < high else _count(high, noun)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _emphasise(name: str, level: int) -> str:
    return f"<b>{name}</b>" if level == 1 else name


def _show(number: int | str) -> str:
    return number if isinstance(number, str) else f"{number:,}"


# --- themes -------------------------------------------------------------------------------------------------


def count_themes(table: CodingTable, *, level: int | None = None) -> ThemeTable:
    """Count codings, segments, words, transcripts and cases of each code.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns.
    level
        The deepest level of the codebook to show, 1 for themes only; ``None`` for all. What lies deeper is
        counted in the codes above it all the same.

    Returns
    -------
    ThemeTable
        The counts, with what they refer to.

    Raises
    ------
    ValueError
        If ``level`` is below 1.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> qualcode.count_themes(table, level=1).frame[["name", "codings", "cases"]]
                       name  codings  cases
    0  Recruitment channels       24      4
    1   Recruitment process       29      4
    2  Retention strategies       21      4
    3            Challenges       58      4
    4       Recommendations       22      4
    """
    shown = rows_at(table.codebook, level)
    ground = dict.fromkeys(_GROUND, 0)
    interviewees, interviewers = (Tally(table.codebook, 1, table.frames.n_voices) for _ in range(2))
    for block in table.frames.blocks():
        asks = block.units["is_interviewer"]
        interviewees.add(block, np.where(asks, -1, 0))
        interviewers.add(block, np.where(asks, 0, -1))
        for name, number in _measure_ground(block).items():
            ground[name] += number
    if table.transcripts:  # those without a unit, too
        ground["n_transcripts"] = len(table.transcripts)
    interviewee, interviewer = interviewees.counts(), interviewers.counts()
    codes = list_codes(table.codebook, level)
    n_cases = table.frames.n_cases
    counts = {name: interviewee[name][shown, 0] for name in _COUNTS}
    of_cases = (counts["cases"] / n_cases * 100).round(2) if n_cases else np.full(len(shown), np.nan)
    unsure = {name: np.zeros(len(shown), dtype=bool) for name in _SHOWN}
    bounds: dict[str, Integers] = {}
    if table.settlement is not None:
        ends, could_change = bound_counts(table, table.settlement)
        bounds = {name: ends[name][shown] for name in BOUNDS}
        unsure = {name: could_change[name][shown] for name in _SHOWN}
    return ThemeTable(
        codes.beside(counts | {"cases_percent": of_cases} | bounds),
        codes.take("code", "name").beside({name: interviewer[name][shown, 0] for name in _COUNTS[:3]}),
        table,
        n_cases,
        **ground,
        could_change=FrameColumns(unsure),
    )


_GROUND = (
    *("n_transcripts", "n_segments", "n_words"),
    *("n_interviewer_segments", "n_interviewer_words", "n_interviewer_codings"),
)


def _measure_ground(block: Block) -> dict[str, int]:
    """Return what there is to count in, by the names of :class:`ThemeTable`."""
    of_interviewer = block.units["is_interviewer"].astype(bool)
    words = block.units["words"]
    left_out = of_interviewer[block.placements["unit"]]
    passages = block.columns.passage[block.placements["coding"][left_out]]
    numbers = (
        block.units.factorize("transcript")[1],
        int((~of_interviewer).sum()),
        int(words[~of_interviewer].sum()),
        int(of_interviewer.sum()),
        int(words[of_interviewer].sum()),
        len(distinct(passages)),
    )
    return dict(zip(_GROUND, numbers, strict=True))


# --- by case and attribute ----------------------------------------------------------------------------------


def count_by(table: CodingTable, attribute: str = "case", *, level: int | None = None) -> pd.DataFrame:
    """Count each code per case, or per value of an attribute of the cases.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns.
    attribute
        ``case``, or a column of the table of cases. Cases without a value are the group ``(not given)``.
    level
        The deepest level of the codebook to show; ``None`` for all.

    Returns
    -------
    pandas.DataFrame
        One row per code and group, zeros included: ``code`` (path), ``name``, ``theme``, ``level``, the
        attribute (an attribute that is named as a column of this frame stands as ``case level``, and so on),
        ``codings``, ``segments``, ``words``, ``cases``, and ``n_cases``: how many cases the group has. Codes
        are in the order of the codebook, groups in that of the cases, or in numeric order when all are numbers.

    Raises
    ------
    CaseError
        If the table of cases has no such column.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> counts = qualcode.count_by(table, level=1)
    >>> counts.pivot(index="code", columns="case", values="segments").loc["challenges"].to_dict()
    {'P1': 6, 'P2': 10, 'P3': 4, 'P4': 6}
    """
    return count_groups(table, table.frames.group(attribute), level=level)


def count_groups(table: CodingTable, groups: CaseGroups, *, level: int | None = None) -> pd.DataFrame:
    """Count each code in each of some groups of cases, as :func:`count_by` does.

    Raises
    ------
    QualcodeError
        If there are more groups than a table can hold.
    """
    shown = rows_at(table.codebook, level)
    n_groups = len(groups.names)
    if n_groups * len(shown) > _MOST_CELLS:
        message = f"{len(shown)} codes in {n_groups:,} groups are more numbers than a table can hold."
        hint = "Count by an attribute that groups the cases, or count themes only"
        raise QualcodeError(message, hint=hint)
    found = Tally(table.codebook, n_groups, table.frames.n_voices)
    for block in table.frames.blocks():
        found.add(block, groups.of_voice[block.voice])
    counts = found.counts()
    codes = describe_codes(table.codebook, level)
    codes = codes.loc[codes.index.repeat(n_groups)].reset_index(drop=True)
    numbers = {name: counts[name][shown].ravel() for name in ("codings", "segments", "words", "cases")}
    numbers["n_cases"] = np.tile(groups.sizes, len(shown)).astype(np.int64)
    column = groups.column
    if column in codes or column in numbers:
        column = f"case {column}"
    codes[column] = in_order([*groups.names] * len(shown), groups.names)
    return codes.assign(**numbers)


_MOST_CELLS = 5_000_000
"""Codes times groups that are counted; of more, no person and no program makes use."""


# --- co-occurrence ------------------------------------------------------------------------------------------


def count_cooccurrence(table: CodingTable, *, level: int | None = None) -> pd.DataFrame:
    """Count the segments in which two codes both occur.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns.
    level
        The deepest level of the codebook to show; ``None`` for all.

    Returns
    -------
    pandas.DataFrame
        Square and symmetric, with codes' paths as index and columns. The diagonal holds the segments of the
        code. A parent occurs where it or anything below it does.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> qualcode.count_cooccurrence(table, level=1).loc["challenges", ["challenges", "recommendations"]].to_dict()
    {'challenges': 26, 'recommendations': 4}
    """
    import pandas as pd

    shown = rows_at(table.codebook, level)
    n_codes = sum(1 for _ in table.codebook.walk())
    counts = np.zeros((n_codes, n_codes), dtype=np.int64)
    for block in table.frames.blocks():
        counts += _count_common(*list_cells_of(table.codebook, block), n_codes)
    counts = counts[np.ix_(shown, shown)]
    paths = pd.Index(describe_codes(table.codebook, level)["code"].tolist(), dtype="str")
    return pd.DataFrame(counts, index=paths, columns=paths)


def list_cooccurrence(table: CodingTable) -> pd.DataFrame:
    """List the pairs of codes that occur in a common segment.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns.

    Returns
    -------
    pandas.DataFrame
        ``code``, ``other`` (paths), ``segments`` in which both occur, ``cases`` in whose segments they do.
        Pairs of which one lies above the other are left out, as they always co-occur. Most segments first,
        then in the order of the codebook.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> qualcode.list_cooccurrence(table).loc[0].to_dict()
    {'code': 'challenges', 'other': 'recommendations', 'segments': 4, 'cases': 3}
    """
    import pandas as pd

    code, unit = list_cells(table)
    codes = list(table.codebook.walk())
    case = pd.factorize(table.units["case"])[0][unit]
    order = np.argsort(case, kind="stable")
    segments, cases = np.zeros((2, len(codes), len(codes)), dtype=np.int64)
    for mine in np.split(order, np.flatnonzero(np.diff(case[order])) + 1):
        common = _count_common(code[mine], unit[mine], len(codes))
        segments += common
        cases += common > 0
    places = {code.id: place for place, code in enumerate(codes)}
    for place, one in enumerate(codes):
        segments[lineage(table.codebook, one, places), place] = 0
    first, second = np.nonzero(np.triu(segments, 1))
    paths = describe_codes(table.codebook)["code"].array
    frame = pd.DataFrame(
        {
            "code": paths.take(first),
            "other": paths.take(second),
            "segments": segments[first, second],
            "cases": cases[first, second],
        }
    )
    return frame.sort_values("segments", ascending=False, kind="stable", ignore_index=True)


def _count_common(code: Integers, unit: Integers, n_codes: int) -> Integers:
    """Return codes × codes: in how many units both occur. Pairs are sorted by unit, each once."""
    result = np.zeros((n_codes, n_codes), dtype=np.int64)
    row = np.unique(unit, return_inverse=True)[1]
    n_rows = int(row.max(initial=-1)) + 1
    for low in range(0, n_rows, _BLOCK):
        here = slice(*np.searchsorted(row, [low, low + _BLOCK]))
        block = np.zeros((n_codes, min(_BLOCK, n_rows - low)), dtype=bool)
        block[code[here], row[here] - low] = True
        result += count_pairs(block, block)
    return result


# --- quotes -------------------------------------------------------------------------------------------------

_MOST_QUOTES = 300_000
"""Quotes of a file of codings that are listed at once, which takes less than 1 GB of memory."""

_QUOTE_COLUMNS = [
    *("code", "name", "theme", "case", "transcript", "segment", "speaker", "time"),
    *("start", "end", "quote", "rule", "matched"),
]


def select_quotes(
    table: CodingTable,
    code: str | None = None,
    *,
    case: str | None = None,
    transcript: str | None = None,
    with_interviewer: Talk = "no",
) -> pd.DataFrame:
    """Return the passages behind a number.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns.
    code
        Path, id or name of a code, whose quotes and those of all codes below it are returned; ``None`` for all.
    case, transcript
        Only the quotes of this case, or in this transcript.
    with_interviewer
        Whether to return interviewer talk too (``yes``), or nothing else (``only``).

    Returns
    -------
    pandas.DataFrame
        One row per code and passage, by code in the order of the codebook and then in the order of the text:
        ``code`` (path), ``name``, ``theme``, ``case``, ``transcript``, ``segment`` (the turn), ``speaker``,
        ``time`` (seconds), ``start``, ``end``, ``quote``, ``rule``, ``matched``. What several coders coded
        alike is one row.

    Raises
    ------
    CodebookError
        If there is no such code, or several have that name.
    QualcodeError
        If there is no such case or transcript, or a file of codings has more quotes than can be held.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> quotes = qualcode.select_quotes(table, "management-decisions", case="P1")
    >>> quotes[["segment", "quote", "rule"]].loc[1].tolist()
    ['t030', 'A change of strategy.', 'change of strategy']
    """
    return list_quotes(table, code, case=case, transcript=transcript, with_interviewer=with_interviewer).frame


def list_quotes(
    table: CodingTable,
    code: str | None = None,
    *,
    case: str | None = None,
    transcript: str | None = None,
    with_interviewer: Talk = "no",
) -> FrameColumns:
    """Return the columns of :func:`select_quotes`, which hold each different text once.

    Parameters are those of :func:`select_quotes`.
    """
    _check_names(table, case, transcript)
    places = {one.id: place for place, one in enumerate(table.codebook.walk())}
    wanted = set(places)
    if code is not None:
        top = table.codebook.find(code)
        wanted = {top.id, *(one.id for one in table.codebook.descendants(top.id))}
    shown = np.array([one in wanted for one in places], dtype=bool)
    found = []
    n_quotes = 0
    for block in table.frames.blocks("along"):
        found.append(_place_codings(block, shown, case=case, transcript=transcript, talk=with_interviewer))
        n_quotes += len(found[-1][0])
        if n_quotes > _MOST_QUOTES and not table.transcripts:
            message = f"There are more than {_MOST_QUOTES:,} quotes, which is more than a list can hold."
            hint = "Name a code, a case or a transcript; or read the file of codings itself, which is a table of quotes"
            raise QualcodeError(message, hint=hint)
    place = np.concatenate([number for number, _ in found])
    codings = found[0][1]
    if len(found) > 1:
        import pandas as pd

        order = np.argsort(place, kind="stable")
        place = place[order]
        codings = FrameColumns.of(pd.concat([one.frame for _, one in found]).iloc[order].reset_index(drop=True))
    codes = list_codes(table.codebook)
    place = place.astype(np.int32)
    named = {name: codes.text_column(name)._replace(numbers=place) for name in ("code", "name", "theme")}
    return _merge_coders(codings.beside(named).take(*_QUOTE_COLUMNS))


def _place_codings(
    block: Block, shown: NDArray[np.bool_], *, case: str | None, transcript: str | None, talk: Talk
) -> tuple[Integers, FrameColumns]:
    """Return the codings of a block that are asked for, each where it stands: case, speaker, segment (the turn), time.

    A coding across several turns stands in the first that is asked for, an interviewee's before an
    interviewer's. They come by code, and in the order of the text; with them, the place of the code of each.
    """
    units = block.units
    asks = units["is_interviewer"].astype(bool)
    wanted = {"no": ~asks, "only": asks, "yes": np.ones(len(asks), dtype=bool)}[talk]
    for name, value in (("case", case), ("transcript", transcript)):
        if value is not None:
            wanted = wanted & (units.frame[name] == value).to_numpy(dtype=bool)
    coding, unit = (block.placements[name] for name in ("coding", "unit"))
    is_asked = shown[block.columns.code[coding]] & wanted[unit]
    coding, unit = coding[is_asked], unit[is_asked]
    order = np.lexsort((asks[unit], coding))
    coding, unit = coding[order], unit[order]
    is_home = np.ones(len(coding), dtype=bool)
    is_home[1:] = coding[1:] != coding[:-1]
    coding, unit = coding[is_home], unit[is_home]
    code = block.columns.code[coding]
    order = np.argsort(code, kind="stable")
    homes = units.take(*_OF_UNITS.values()).rows(unit[order])
    described = block.columns.rows(coding[order], _OF_CODINGS)
    return code[order], described.beside({name: homes.column(column) for name, column in _OF_UNITS.items()})


_OF_CODINGS = ["transcript", "start", "end", "quote", "rule", "matched"]
_OF_UNITS = {"case": "case", "speaker": "speaker", "segment": "turn", "time": "time"}


def _check_names(table: CodingTable, case: str | None, transcript: str | None) -> None:
    if case is not None and case not in (cases := table.frames.group().names):
        raise CaseError(f"No case “{case}” speaks.", hint=_suggest_name(case, "Cases", cases))
    if transcript is not None and transcript not in (names := table.transcript_ids):
        hint = _suggest_name(transcript, "Transcripts", names)
        raise QualcodeError(f"There is no transcript “{transcript}”.", hint=hint)


def _suggest_name(name: str, kind: str, names: Sequence[str]) -> str:
    """Return what somebody may have meant, or which names there are, if they are not too many to be compared."""
    if len(names) > _MOST_NAMES:
        return f"{kind} are named as in the file: {', '.join(names[:3])} …"
    return suggest(name, names) or f"{kind}: {', '.join(names)}"


_MOST_NAMES = 10_000


def _has_alike(quotes: FrameColumns, key: Sequence[str]) -> bool:
    """Tell whether quotes that follow one another are alike in some columns: those that are so do."""
    is_alike = np.ones(max(len(quotes) - 1, 0), dtype=bool)
    for name in key:
        column = quotes.column(name)
        numbers = quotes.factorize(name)[0] if isinstance(column, Texts) else column
        is_alike &= numbers[1:] == numbers[:-1]
    return bool(is_alike.any())


def _merge_coders(quotes: FrameColumns) -> FrameColumns:
    """Return one row per code and passage; the rules and matched words of all its coders are joined."""
    key = ["code", "transcript", "start", "end"]
    if not _has_alike(quotes, key):
        return quotes
    codings = quotes.frame
    together = codings.groupby(key, sort=False, observed=True)
    for name in ("rule", "matched"):
        codings[name] = together[name].transform(lambda texts: JOINER.join(dict.fromkeys(filter(None, texts))))
    return FrameColumns.of(codings.drop_duplicates(key, ignore_index=True))
