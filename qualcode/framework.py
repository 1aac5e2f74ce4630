"""The framework matrix: cases by codes, with what people wrote in each cell, and the workbook that comes back.

Charting is analysis, not retrieval (Ritchie & Spencer 1994; Gale et al. 2013, doi:10.1186/1471-2288-13-117). A cell
holds a short summary in a person's own words, with pointers to the passages behind it. A program that fills cells with
quotes has made another table, so what it puts in is a draft and never counts as charted.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import pandas as pd

from qualcode.cases import assign_cases
from qualcode.columns import in_order
from qualcode.errors import CodebookError, Problem, StudyError
from qualcode.language import count_columns
from qualcode.model import canonical_text
from qualcode.results import Result
from qualcode.spreadsheets import name_source, read_sheets
from qualcode.study import LONGEST_SUMMARY, NO_PASSAGE, Charted, Entry, chart, digest_cells, name_summary
from qualcode.themes import select_quotes
from qualcode.wording import join, plural, shorten, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qualcode.codebook import Code, Codebook
    from qualcode.spreadsheets import Spreadsheet, TableSource
    from qualcode.study import Study, Summary, Word
    from qualcode.tables import CodingTable

State = Literal["charted", "codings changed since", "draft", "nothing said", "not asked", "open"]
STATES: dict[State, str] = {
    "charted": "■",
    "codings changed since": "▲",
    "draft": "◧",
    "nothing said": "○",
    "not asked": "–",
    "open": "·",
}
"""The states of a cell, each with its mark in a grid."""

_OWN = ("case", "code", "name", "theme", "summary", "who", "at", "passages", "quotes", "state", "digest", "rests_on")
_SHOWN = 60
_DRAFTED = 2
_DRAFTED_LENGTH = 160
"""Passages that a draft quotes, and characters of each."""

EXPORTED = "As written out"
"""The sheet by which a workbook that comes back tells what was changed in it."""

EXPORTED_COLUMNS = ("case", "code", "text", "digest", "rests_on")

_MARKS: dict[Word, str] = {"nothing said": "(nothing said)", "not asked": "(not asked)", "draft": "(draft)"}
"""What a cell of a workbook begins with where it is not charted."""

_HEAD = re.compile(r"\[(?P<code>[^\[\]]+)\]\s*\Z")


@dataclass(frozen=True, eq=False, repr=False)
class FrameworkMatrix(Result):
    """A framework matrix.

    Attributes
    ----------
    frame
        One row per case and code: ``case``, its attributes, ``code`` (path), ``name``, ``theme`` (name of the code at
        the top), ``summary``, ``who``, ``at``, ``passages`` (that the code has in the case), ``quotes`` (addresses),
        ``state``, and ``digest`` and ``rests_on``, which name what the cell says and the codings behind it.
    sentence, problems
        How far the charting is, and which summaries have aged.
    attributes
        Names of the columns of ``frame`` with attributes of cases.
    quotes
        The passages behind all cells: rows as of :func:`qualcode.select_quotes`.
    """

    attributes: tuple[str, ...] = ()
    quotes: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def shown(self) -> pd.DataFrame:
        """What a person looks at: cells that are not open, on a line each."""
        told = self.frame[self.frame["state"] != "open"]
        summaries = [shorten(text, _SHOWN, measure=count_columns) for text in told["summary"]]
        return told.assign(summary=summaries)[["case", "name", "summary", "passages", "state", "who"]]

    @property
    def progress(self) -> pd.DataFrame:
        """How far the charting is: per case, how many cells are in which state."""
        cases = self.frame["case"].drop_duplicates().tolist()
        counts = pd.crosstab(self.frame["case"], self.frame["state"])
        counts = counts.reindex(index=cases, columns=list(STATES), fill_value=0)
        return counts.reset_index(names="case").rename_axis(columns=None)

    @property
    def grid(self) -> pd.DataFrame:
        """The states as marks: rows are cases, columns codes."""
        marks = self.frame.astype({"code": "str"}).assign(mark=self.frame["state"].map(dict(STATES)))
        cases, names = (marks[name].drop_duplicates().tolist() for name in ("case", "code"))
        wide = marks.pivot_table(index="case", columns="code", values="mark", aggfunc="first", sort=False)
        return wide.reindex(index=cases, columns=names).reset_index().rename_axis(columns=None)

    def list_quotes(self, case: str, code: str) -> pd.DataFrame:
        """Return the passages behind a cell.

        Parameters
        ----------
        case
            The case.
        code
            Path of the code.

        Returns
        -------
        pandas.DataFrame
            Rows of ``quotes``.

        Examples
        --------
        >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
        >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
        >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
        >>> qualcode.make_framework(table, level=1).list_quotes("P1", "channels")["segment"].tolist()[:2]
        ['t004', 't012']
        """
        own = self.quotes["code"]
        is_below = (own == code) | own.str.startswith(f"{code}/")
        return self.quotes[is_below & (self.quotes["case"] == case)].reset_index(drop=True)


def make_framework(
    table: CodingTable,
    summaries: Sequence[Summary] = (),
    *,
    level: int | None = None,
    drafts: Literal["none", "quotes"] = "none",
    resting: CodingTable | None = None,
) -> FrameworkMatrix:
    """Lay summaries on cases and codes.

    Parameters
    ----------
    table
        What :func:`qualcode.tabulate` returns.
    summaries
        What people wrote: the first of :meth:`qualcode.Study.summaries`.
    level
        Level of the codes that make the columns; what is less deep and has nothing below it is a column as well.
        ``None``: the deepest codes.
    drafts
        ``quotes``: put quotes into open cells that have passages, marked as drafts.
    resting
        The table on which summaries rest, where ``table`` shows other codings: what a study counts by itself.

    Returns
    -------
    FrameworkMatrix
        A row per cell.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> matrix = qualcode.make_framework(table, level=1)
    >>> matrix.frame["state"].value_counts().to_dict()
    {'open': 20}
    """
    codes = list(_choose_codes(table.codebook, level))
    digests = digest_cells(resting or table)
    quotes = select_quotes(table)
    behind = _group_quotes(table.codebook, quotes, {code.id for code in codes})
    written: dict[tuple[str, str], Summary] = {}
    for one in summaries:
        written.setdefault((one.case, one.code), one)
    attributes = {name: _name_column(name) for name in table.index.attributes}
    columns = [
        {"code": table.codebook.path(code.id), "name": code.name, "theme": table.codebook.theme(code.id).name}
        for code in codes
    ]
    rows = []
    for case in table.index.cases:
        values = {column: case.attributes.get(name, "") for name, column in attributes.items()}
        for code, where in zip(codes, columns, strict=True):
            cell = case.id, code.id
            told = _describe_cell(written.get(cell), digests.get(cell), behind.get(cell, []), drafts)
            rows.append({"case": case.id, **values, **where, **told})
    names = ["case", *attributes.values(), *_OWN[1:]]
    frame = pd.DataFrame(rows, columns=names).astype({"passages": "int64"})
    paths, themes = ([told[name] for told in columns] for name in ("code", "theme"))
    frame = frame.assign(code=in_order(frame["code"], paths), theme=in_order(frame["theme"], themes))
    problems = (*_find_aged(frame), *_find_homeless(table, written, codes))
    return FrameworkMatrix(frame, _say(frame), problems, tuple(attributes.values()), quotes)


def _name_column(attribute: str) -> str:
    """Return what the column of an attribute is called beside those of the framework itself."""
    return f"case {attribute}" if attribute in _OWN else attribute


def _choose_codes(codebook: Codebook, level: int | None) -> Iterator[Code]:
    for code in codebook.walk():
        depth = codebook.level(code.id)
        is_leaf = not any(not one.is_retired for one in code.codes)
        if not code.is_retired and (depth == level or (is_leaf and (level is None or depth < level))):
            yield code


def _group_quotes(
    codebook: Codebook, quotes: pd.DataFrame, columns: set[str]
) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Return address and words of the passages behind each cell, each passage once."""
    home: dict[str, str] = {}
    for code in codebook.walk():
        parent = codebook.parent(code.id)
        above = home.get(codebook.path(parent.id), "") if parent else ""
        home[codebook.path(code.id)] = code.id if code.id in columns else above
    found: dict[tuple[str, str], dict[tuple[str, int, int], tuple[str, str]]] = defaultdict(dict)
    names = ("case", "code", "transcript", "segment", "start", "end", "quote")
    for case, code, transcript, segment, start, end, quote in zip(
        *(quotes[name].tolist() for name in names), strict=True
    ):
        if home[code]:
            found[case, home[code]][transcript, start, end] = f"{transcript}:{segment}", quote
    return {cell: list(passages.values()) for cell, passages in found.items()}


def _describe_cell(
    summary: Summary | None, digest: str | None, passages: Sequence[tuple[str, str]], drafts: str
) -> dict[str, object]:
    now = digest or NO_PASSAGE
    if summary is None:
        is_drafted = bool(passages) and drafts == "quotes"
        quoted = passages[:_DRAFTED] if is_drafted else []
        text = " […] ".join(f"“{shorten(quote, _DRAFTED_LENGTH)}”" for _, quote in quoted)
        state = "draft" if is_drafted else "open"
        told = {"summary": text, "who": "", "at": "", "quotes": "; ".join(address for address, _ in quoted)}
        return {**told, "passages": len(passages), "state": state, "digest": "", "rests_on": now}
    has_aged = summary.state != "draft" and summary.rests_on not in {"", now}
    return {
        "summary": summary.text,
        "who": summary.who,
        "at": summary.at,
        "passages": len(passages),
        "quotes": "; ".join(summary.quotes),
        "state": "codings changed since" if has_aged else summary.state,
        "digest": summary.digest,
        "rests_on": now,
    }


def _say(frame: pd.DataFrame) -> str:
    counts = Counter(frame["state"])
    n_cases, n_codes = frame["case"].nunique(), frame["code"].nunique()
    aged = counts.pop("codings changed since", 0)
    told = [f"{counts[state]} {state}" for state in STATES if counts[state] and state not in {"charted", "open"}]
    told = [*([f"{aged} with codings that have changed since"] if aged else []), *told]
    rest = f"; {join(told)}" if told else ""
    return (
        f"{counts['charted']} of {plural(len(frame), 'cell')} ({plural(n_cases, 'case')} × {plural(n_codes, 'code')}) "
        f"{_be(counts['charted'])} charted and {counts['open']} {_be(counts['open'])} open{rest}."
    )


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


def _find_aged(frame: pd.DataFrame) -> Iterator[Problem]:
    aged = frame[frame["state"] == "codings changed since"]
    if len(aged):
        cells = [f"{case}, {code}" for case, code in zip(aged["case"], aged["code"], strict=True)]
        more = f" and {len(cells) - _MOST_NAMED} more" if len(cells) > _MOST_NAMED else ""
        message = f"Codings have changed since these cells were charted: {'; '.join(cells[:_MOST_NAMED])}{more}."
        hint = "Read them again; where a summary still holds: qualcode chart CASE CODE --unchanged"
        yield Problem("", "warning", "aged-summary", message, hint)


_MOST_NAMED = 8


def _find_homeless(
    table: CodingTable, written: Mapping[tuple[str, str], Summary], codes: Sequence[Code]
) -> Iterator[Problem]:
    """Tell summaries that no cell shows."""
    cases = {case.id for case in table.index.cases}
    columns = {code.id for code in codes}
    known = {code.id for code in table.codebook.walk()}
    lost = [f"{case}, {code}" for case, code in written if case not in cases or code not in known]
    if lost:
        message = f"These summaries are of a case or code that is no longer there: {'; '.join(lost)}."
        yield Problem("", "warning", "lost-summary", message, "Chart them where they belong")
    others = [f"{case}, {code}" for case, code in written if case in cases and code in known - columns]
    if others:
        message = f"{plural(len(others), 'summary')} of codes at other levels: {'; '.join(others[:_MOST_NAMED])}."
        yield Problem("", "note", "other-level", message, "Show them with another --level")


# --- a workbook that comes back ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReturnReport:
    """What a workbook with a framework brought.

    Attributes
    ----------
    n_written, n_cleared
        Cells that say something new, and cells that are open now.
    n_same
        Cells that were as they had been written out, or as they stand.
    conflicts
        Cells that somebody else has changed as well; what stands in the study stays.
    problems
        What was left out.
    """

    n_written: int
    n_cleared: int
    n_same: int
    conflicts: tuple[Problem, ...]
    problems: tuple[Problem, ...] = ()


def show_cell(state: str, text: str) -> str:
    """Return what a cell of a workbook says.

    Examples
    --------
    >>> show_cell("charted", "Dates clash."), show_cell("nothing said", ""), show_cell("draft", "Dates?")
    ('Dates clash.', '(nothing said)', '(draft) Dates?')
    """
    mark = next((mark for one, mark in _MARKS.items() if one == state), "")
    return f"{mark} {text}".strip()


def read_cell(text: str) -> tuple[Word | Literal["open"], str]:
    """Return state and words of a cell of a workbook.

    Examples
    --------
    >>> read_cell("（Nothing said）"), read_cell(" "), read_cell("(draft) Dates?"), read_cell("Dates clash.")
    (('nothing said', ''), ('open', ''), ('draft', 'Dates?'), ('charted', 'Dates clash.'))
    """
    words = canonical_text(text).strip()
    for state, mark in _MARKS.items():
        begin = unicodedata.normalize("NFKC", words[: len(mark)]).casefold()
        if begin == mark:
            rest = words[len(mark) :].strip()
            return ("open", "") if state == "draft" and not rest else (state, rest)
    return ("charted", words) if words else ("open", "")


def import_framework(
    study: Study,
    source: TableSource,
    name: str = "",
    *,
    author: str = "",
    conflicts: Literal["keep", "replace"] = "keep",
) -> ReturnReport:
    """Take back a workbook of a framework in which people wrote.

    What differs from what was written out becomes summaries, in one change. A cell that somebody has changed in the
    study meanwhile is a conflict: it stays, and is told. A cell that fits no case or code stops all of it. Attributes
    are those of the study: changed ones are told and not taken.

    Parameters
    ----------
    study
        Whose framework it is.
    source
        The workbook, as :func:`qualcode.write_framework` made it.
    name
        What messages call it.
    author
        Who wrote; by default the name by which the computer knows the person.
    conflicts
        ``replace``: what the workbook says counts where the two differ.

    Returns
    -------
    ReturnReport
        What was written, and the conflicts.

    Raises
    ------
    StudyError
        If it is no such workbook, or cells do not fit; with a problem for each.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> study = qualcode.create_study("mine", codebook="codebooks/industry_partnership.yaml")
    >>> report = study.import_transcripts(transcripts, "transcripts_sample")
    >>> tagged = study.tag()
    >>> matrix = qualcode.make_framework(study.tabulate(), study.summaries()[0], level=1)
    >>> path = qualcode.write_framework(matrix, "framework.xlsx")
    >>> qualcode.import_framework(study, path).n_written
    0
    """
    name = name or name_source(source) or "the workbook"
    reader = _Reader(study, read_sheets(source, name=name, error=StudyError), name)
    entries = reader.read()
    if reader.errors:
        n_errors = len(reader.errors)
        message = f"{n_errors} cell{' does' if n_errors == 1 else 's do'} not fit; nothing was changed."
        raise StudyError(message, where=name, problems=reader.errors)
    if conflicts == "replace":
        entries = [replace(entry, replaces=None) for entry in entries]
    done = chart(study, entries, author=author) if entries else Charted()
    clashes = tuple(replace(error.as_problem("conflict"), level="warning") for error in done.conflicts)
    return ReturnReport(len(done.written), done.n_cleared, reader.n_same, clashes, tuple(reader.notes))


@dataclass(frozen=True, slots=True)
class _Exported:
    """What a cell said when it was written out."""

    text: str = ""
    digest: str = ""
    rests_on: str | None = None


class _Reader:
    """Reads the sheets of a workbook into entries, and collects what does not fit."""

    def __init__(self, study: Study, sheets: Sequence[Spreadsheet], name: str) -> None:
        self.codebook = study.codebook
        index = assign_cases(study.transcripts()[0], study.cases)
        self.cases = index.attributes_of
        self.attributes = {_name_column(name): name for name in index.attributes}
        self.standing: dict[tuple[str, str], Summary] = {}
        for one in study.summaries()[0]:
            self.standing.setdefault((one.case, one.code), one)
        self.sheets = [sheet for sheet in sheets if _is_matrix(sheet)]
        if not self.sheets:
            hint = "Make one with: qualcode framework --out framework.xlsx"
            raise StudyError("The workbook has no sheet with cases and codes.", name, hint)
        self.exported = _read_exported(sheets)
        self.errors: list[Problem] = []
        self.notes: list[Problem] = [problem for sheet in self.sheets for problem in sheet.problems]
        if not self.exported:
            message = f"The sheet “{EXPORTED}” is missing, so only open cells can be filled."
            self.notes.append(Problem(name, "warning", "no-export", message, "Keep all sheets of a workbook"))
        self.notes += self._find_unread(name)
        self.n_same = 0

    def read(self) -> list[Entry]:
        """Return what the workbook changes."""
        entries: dict[tuple[str, str], tuple[str, Entry]] = {}
        for where, case, code, text in self._cells():
            entry = self._compare(where, case, code, text)
            if entry is None:
                continue
            place, first = entries.setdefault((case, entry.code), (where, entry))
            if (first.state, first.text) != (entry.state, entry.text):
                self._complain(where, f"{case} and “{code}” stand in two cells that differ.", f"The other is {place}")
        return [entry for _, entry in entries.values()]

    def _find_unread(self, name: str) -> Iterator[Problem]:
        """Tell what people wrote beside the cells: attributes, columns and rows of their own, which are not taken."""
        changed, columns, rows = (dict[str, None]() for _ in range(3))
        for sheet in self.sheets:
            others = {place: head for place, head in enumerate(sheet.header) if place and not _HEAD.search(head)}
            for number, cells in sheet.rows:
                case = canonical_text(cells[0]).strip()
                texts = {place: _squeeze(text) for place, text in enumerate(cells) if place and text.strip()}
                if case not in self.cases and texts.keys() <= others.keys():  # else its cells are told
                    rows[f"“{case}” (row {number})" if case else f"row {number}"] = None
                    continue
                for place, head in others.items():
                    if head in self.attributes:
                        stands = self.cases.get(case, {}).get(self.attributes[head], "")
                        if texts.get(place, "") != _squeeze(stands):
                            told = f"{head} of {case} “{texts.get(place, '')}” (in the study “{stands}”)"
                            changed[told] = None
                    elif place in texts:
                        columns[f"“{head}”" if head else "a column without a head"] = None
        for what, found, hint in (
            ("attributes that differ", changed, "Change attributes in the study's cases.csv"),
            ("columns that are no code and no attribute", columns, "Write such notes as memos: qualcode memo"),
            ("rows of no case", rows, "Keep the names of cases; new cases come in with their transcripts"),
        ):
            if found:
                more = f"; and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
                message = f"Not taken from the workbook, {what}: {'; '.join([*found][:_MOST_NAMED])}{more}."
                yield Problem(name, "warning", "not-taken", message, hint)

    def _cells(self) -> Iterator[tuple[str, str, str, str]]:
        """Yield place, case, code as its head says, and text of each cell."""
        for sheet in self.sheets:
            columns = {place: found["code"] for place, head in enumerate(sheet.header) if (found := _HEAD.search(head))}
            for number, cells in sheet.rows:
                for place, code in columns.items():
                    where = f"{sheet.name}, row {number}, column {code}"
                    text = cells[place] if place < len(cells) else ""
                    yield where, canonical_text(cells[0]).strip(), code, text

    def _compare(self, where: str, case: str, head: str, text: str) -> Entry | None:
        """Return what a cell changes; nothing where it is as it was written out, or as it stands."""
        before = self.exported.get((case, head.strip()), _Exported())
        if _squeeze(text) == _squeeze(before.text):
            self.n_same += 1
            return None
        state, words = read_cell(text)
        try:
            code = self.codebook.find(head).id
        except CodebookError as error:
            self._complain(where, error.message, error.hint)
            return None
        if case not in self.cases:
            name = f"There is no case “{case}”." if case else "The row names no case."
            self._complain(where, name, suggest(case, self.cases) or "Write the framework out again")
        elif len(words) > LONGEST_SUMMARY:
            self._complain(where, f"The summary has {len(words):,} characters.", f"At most {LONGEST_SUMMARY:,} fit")
        else:
            stands = self.standing.get((case, code))
            says = name_summary(state, words, stands.quotes if stands else ())
            if says != (stands.digest if stands else ""):
                return Entry(case, code, words, state, None, before.digest, before.rests_on)
            self.n_same += 1
        return None

    def _complain(self, where: str, message: str, hint: str) -> None:
        self.errors.append(Problem(where, "error", "cell", message, hint))


def _is_matrix(sheet: Spreadsheet) -> bool:
    return sheet.header[:1] == ("case",) and any(_HEAD.search(head) for head in sheet.header)


def _read_exported(sheets: Sequence[Spreadsheet]) -> dict[tuple[str, str], _Exported]:
    """Return what each cell said when the workbook was written; nothing where that sheet is gone or was rebuilt."""
    sheet = next((one for one in sheets if one.sheet == EXPORTED and one.header == EXPORTED_COLUMNS), None)
    rows = (tuple(cells) + ("",) * len(EXPORTED_COLUMNS) for _, cells in (sheet.rows if sheet else ()))
    return {(case, code): _Exported(text, digest, rests_on or None) for case, code, text, digest, rests_on, *_ in rows}


def _squeeze(text: str) -> str:
    """Return a text without what spreadsheets change by themselves: blanks at the edges, and line ends."""
    return " ".join(canonical_text(text).split())
