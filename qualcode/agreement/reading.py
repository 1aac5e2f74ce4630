"""Tables of other programs → ratings, or passages on continua. Nothing is guessed: doubts become problems."""

from __future__ import annotations

import io
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from qualcode.agreement.headers import LONG, SPANS, name_columns
from qualcode.agreement.ratings import PAIR, order_categories, rate
from qualcode.agreement.registry import METRICS
from qualcode.agreement.unitizing import Continuum
from qualcode.errors import AgreementError, Problem
from qualcode.spreadsheets import read_sheet
from qualcode.wording import join

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from qualcode.agreement.ratings import Ratings
    from qualcode.agreement.registry import Metric
    from qualcode.spreadsheets import TableSource

_UNIT = "unit"
_CLUSTER = "transcript"
_LENGTH = "length"
_SET_METRICS = frozenset({"masi", "jaccard"})
_MISSING_WORDS = frozenset({"na", "n/a", "nan", "none", "null", "missing", "-", "?"})
_UNNAMED_ROWS = 3
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file writes what is not a plain value.

    Attributes
    ----------
    missing
        Words that mean "did not see it", besides the empty cell.
    no_code
        The word that means "saw it, and no code fits": the empty set.
    separator
        What stands between several values in one cell; ``""``: a cell is one value.
    """

    missing: frozenset[str] = frozenset()
    no_code: str = ""
    separator: str = ""


def read_ratings(
    path: TableSource,
    *,
    coders: Sequence[str] = (),
    categories: Sequence[str] = (),
    metric: Metric = "nominal",
    dialect: Dialect | None = None,
    columns: Mapping[str, str] | None = None,
) -> Ratings:
    r"""Read a table of values: long (``unit,coder,value``) or wide (a column per coder).

    Both forms may have a column ``transcript``: units of one transcript are then resampled together, and their names
    may begin again in the next one. Long: several rows of one unit and coder are a set. Wide: a column ``unit`` names
    the units, all other columns are coders.

    Parameters
    ----------
    path
        A CSV file in UTF-8, a workbook or a DataFrame; as a path, an open file, or bytes.
    coders
        Which coders (columns, in the wide form) to take; all without.
    categories
        The values that exist, used or not.
    metric
        Set metrics make every value a set.
    dialect
        How the table is written, for tables with other signs for what is missing.
    columns
        Column of the file for each of ``unit``, ``coder``, ``value`` and ``transcript``; without it, columns are
        known by their names, those of other programs too.

    Returns
    -------
    Ratings
        What each coder gave each unit.

    Raises
    ------
    AgreementError
        If the file cannot be used; it lists every line that is wrong.

    Examples
    --------
    >>> table = b"unit,ana,ben\n1,yes,yes\n2,no,no\n3,yes,no\n"
    >>> ratings = qualcode.read_ratings(table)
    >>> ratings.coders, len(ratings.units)
    (('ana', 'ben'), 3)
    """
    table = _read_table(path, wanted=LONG, coders=coders, columns=columns)
    return _make_ratings(table, coders, categories, metric, dialect)


def parse_ratings(
    text: str,
    name: str = "ratings.csv",
    *,
    coders: Sequence[str] = (),
    categories: Sequence[str] = (),
    metric: Metric = "nominal",
    dialect: Dialect | None = None,
    columns: Mapping[str, str] | None = None,
) -> Ratings:
    """Make ratings of the text of a CSV file; see :func:`read_ratings`."""
    table = _read_table(io.StringIO(text), name, wanted=LONG, coders=coders, columns=columns)
    return _make_ratings(table, coders, categories, metric, dialect)


def _make_ratings(
    table: _Table, coders: Sequence[str], categories: Sequence[str], metric: Metric, dialect: Dialect | None
) -> Ratings:
    if metric not in METRICS:
        raise AgreementError(f"There is no metric “{metric}”.", hint=f"There are: {', '.join(METRICS)}")
    coders, categories = _normalize(coders), _normalize(categories)
    dialect = dialect or Dialect()
    collect = _collect_long if _is_long(table) else _collect_wide
    cells = collect(table, coders, dialect)
    return _rate_cells(cells, table, categories, metric, dialect)


def read_spans(
    path: TableSource,
    *,
    coders: Sequence[str] = (),
    categories: Sequence[str] = (),
    length: int | None = None,
    columns: Mapping[str, str] | None = None,
) -> tuple[Continuum, ...]:
    r"""Read a table of passages (``coder,start,end,value``; with ``transcript`` and ``length`` for several).

    A row with a coder and nothing else says that the coder saw the transcript and marked nothing.

    Parameters
    ----------
    path
        As for :func:`read_ratings`.
    coders
        Which coders to take; all without.
    categories
        The codes that exist; others are an error.
    length
        How many positions the one transcript has. Without it and without a column, the last end: then nothing is known
        of the text behind it, and the values are a little too low.
    columns
        As for :func:`read_ratings`, with ``start``, ``end`` and ``length`` in place of ``unit``.

    Returns
    -------
    tuple of Continuum
        One for each transcript.

    Raises
    ------
    AgreementError
        If the file cannot be used; it lists every line that is wrong.

    Examples
    --------
    >>> table = b"coder,start,end,value\nana,0,10,x\nben,0,12,x\n"
    >>> [continuum.length for continuum in read_spans(table, length=40)]
    [40]
    """
    return _make_continua(_read_table(path, wanted=SPANS, columns=columns), coders, categories, length)


def parse_spans(
    text: str,
    name: str = "spans.csv",
    *,
    coders: Sequence[str] = (),
    categories: Sequence[str] = (),
    length: int | None = None,
    columns: Mapping[str, str] | None = None,
) -> tuple[Continuum, ...]:
    """Make continua of the text of a CSV file of passages; see :func:`read_spans`."""
    table = _read_table(io.StringIO(text), name, wanted=SPANS, columns=columns)
    return _make_continua(table, coders, categories, length)


def _make_continua(
    table: _Table, coders: Sequence[str], categories: Sequence[str], length: int | None
) -> tuple[Continuum, ...]:
    name = table.name
    _require(table, SPANS, "A file of passages")
    coders, categories = _normalize(coders), _normalize(categories)
    order_categories(set(table.column("value")) - {""}, categories)
    drafts: dict[str, _Draft] = defaultdict(_Draft)
    problems: list[Problem] = []
    known = set(table.column("coder"))
    _check_coders(coders, known - {""})
    for line, row in table.rows():
        if coders and row["coder"] not in coders:
            drafts[row.get(_CLUSTER, "")].note_length(row)
            continue
        problem = _add_passage(drafts[row.get(_CLUSTER, "")], row, f"{name}:{line}")
        if problem is not None:
            problems.append(problem)
    if length is not None and len(drafts) > 1:
        message = "--length is for one transcript, but the file has several."
        raise AgreementError(message, name, "Add a column “length”")
    if problems:
        raise AgreementError("The file of passages has mistakes.", name, problems=problems[:_SHOWN])
    return tuple(draft.build(transcript or name, length) for transcript, draft in drafts.items())


@dataclass(slots=True)
class _Draft:
    """The passages of one transcript while they are read."""

    passages: dict[str, list[tuple[int, int, str]]] = field(default_factory=lambda: defaultdict(list))
    lengths: set[int] = field(default_factory=set)

    def note_length(self, row: dict[str, str]) -> None:
        length = _as_position(row.get(_LENGTH, ""))
        if length is not None:
            self.lengths.add(length)

    def build(self, transcript: str, length: int | None) -> Continuum:
        ends = [end for passages in self.passages.values() for _, end, _ in passages]
        if len(self.lengths) > 1:
            found = ", ".join(map(str, sorted(self.lengths)))
            raise AgreementError(
                f"The transcript has several lengths: {found}.", transcript, "Give one length per transcript"
            )
        known = length if length is not None else next(iter(self.lengths), None)
        size = max(ends, default=1) if known is None else known
        passages = {coder: tuple(sorted(ps)) for coder, ps in self.passages.items()}
        return Continuum(transcript, size, passages, has_length=known is not None)


def _add_passage(draft: _Draft, row: dict[str, str], where: str) -> Problem | None:
    draft.note_length(row)
    coder, start, end, value = (row[name] for name in SPANS)
    if not coder:
        return Problem(where, "error", "no-coder", "The coder is missing.")
    passages = draft.passages[coder]
    if not (start or end or value):
        return None
    first, last = _as_position(start), _as_position(end)
    if first is None or last is None:
        return Problem(where, "error", "no-number", f"start and end must be whole numbers, not “{start}” and “{end}”.")
    if first >= last:
        return Problem(
            where, "error", "empty-passage", f"The passage {start}–{end} has no length.", "Give an end beyond the start"
        )
    if not value:
        return Problem(where, "error", "no-value", "The passage has no code.")
    passages.append((first, last, value))
    return None


def _as_position(text: str) -> int | None:
    """Return a position; 12.0 is one, for so spreadsheets write whole numbers of a column with gaps."""
    whole = text.removesuffix(".0")
    return int(whole) if whole.isdecimal() else None


# --- the file -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Table:
    """A table whose rows all have as many fields as its header."""

    name: str
    header: tuple[str, ...]
    fields: tuple[tuple[int, list[str]], ...]
    problems: tuple[Problem, ...] = ()

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        for line, fields in self.fields:
            yield line, dict(zip(self.header, fields, strict=True))

    def column(self, name: str) -> list[str]:
        place = self.header.index(name)
        return [fields[place] for _, fields in self.fields]


def _read_table(
    source: TableSource,
    name: str = "",
    *,
    wanted: Sequence[str],
    coders: Sequence[str] = (),
    columns: Mapping[str, str] | None = None,
) -> _Table:
    sheet = read_sheet(source, name=name, error=AgreementError)
    for problem in sheet.problems:  # a cell of which nobody knows what is in it is no value
        raise AgreementError(problem.message, problem.where, problem.hint)
    if not sheet.header:
        raise AgreementError("The file is empty.", sheet.name)
    own = _normalize(sheet.header)
    header = name_columns(own, wanted, columns=columns or {}, coders=_normalize(coders), name=sheet.name)
    repeated = [value for value, count in Counter(header).items() if count > 1]
    if repeated:
        raise AgreementError(f"Two columns are named “{repeated[0]}”.", sheet.name, "Give each column its own name")
    width = len(header)
    problems = [
        Problem(
            f"{sheet.name}:{line}", "error", "ragged-row", f"The row has {len(row)} cells, but the header has {width}."
        )
        for line, row in sheet.rows
        if len(row) != width
    ]
    if problems:
        raise AgreementError("Some rows do not match the header.", sheet.name, problems=problems[:_SHOWN])
    return _Table(
        sheet.name, header, tuple((line, _normalize(row)) for line, row in sheet.rows), _say_columns(own, header)
    )


def _normalize(words: Iterable[str]) -> list[str]:
    return [unicodedata.normalize("NFC", word) for word in words]


def _say_columns(own: Sequence[str], header: Sequence[str]) -> tuple[Problem, ...]:
    """Tell which columns were read as which, where their names are not ours."""
    read = [f"“{old}” as {new}" for old, new in zip(own, header, strict=True) if old.casefold() not in {new, f"{new}s"}]
    read = [one for one in read if not one.endswith("(not read)")]
    return (Problem("", "note", "columns", f"Columns are read by their names: {join(read)}."),) if read else ()


def _is_long(table: _Table) -> bool:
    present = [column for column in LONG if column in table.header]
    if "value" in present or "coder" in present:
        _require(table, LONG, "The long form")
        return True
    return False


def _require(table: _Table, columns: Iterable[str], what: str) -> None:
    lacking = [column for column in columns if column not in table.header]
    if lacking:
        raise AgreementError(
            f"{what} needs the columns {', '.join(columns)}; {', '.join(lacking)} is missing.",
            table.name,
            f"Its columns are: {', '.join(table.header)}. Rename them, or say which is which: --columns "
            + ",".join(f"{column}=NAME" for column in lacking),
        )


def _check_coders(coders: Iterable[str], known: Collection[str]) -> None:
    for coder in coders:
        if coder not in known:
            raise AgreementError(f"There is no coder “{coder}”.", hint=f"Coders are: {', '.join(sorted(known))}")


# --- values -------------------------------------------------------------------------------------------------

_Key = tuple[str, str]
"""Transcript (empty without such a column) and unit."""


@dataclass(frozen=True, slots=True)
class _Cells:
    """The words that each coder gave to each unit (of a transcript); no words are missing."""

    coders: tuple[str, ...]
    words: dict[_Key, dict[str, list[str]]]
    problems: tuple[Problem, ...] = ()


def _collect_long(table: _Table, coders: Sequence[str], dialect: Dialect) -> _Cells:
    known = tuple(dict.fromkeys(table.column("coder")))
    _check_coders(coders, known)
    words: dict[_Key, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    problems: list[Problem] = []
    for line, row in table.rows():
        unit, coder, value = (row[name] for name in LONG)
        given = words[row.get(_CLUSTER, ""), unit][coder]
        where = f"{table.name}:{line}"
        if not unit or not coder:
            problems.append(Problem(where, "error", "no-unit", "The unit or the coder is missing."))
        elif value in given:
            message = f"{coder} gave “{value}” to “{unit}” twice; it counts once."
            problems.append(Problem(where, "warning", "repeated-value", message))
        else:
            given += _split(value, dialect)
    _raise_errors(problems, table.name)
    chosen = tuple(coders) or tuple(coder for coder in known if coder)
    return _Cells(chosen, words, tuple(problems))


def _collect_wide(table: _Table, coders: Sequence[str], dialect: Dialect) -> _Cells:
    columns = [name for name in table.header if name not in {_UNIT, _CLUSTER}]
    _check_coders(coders, columns)
    if not coders:
        _refuse_unnamed_units(table, columns)
    chosen = tuple(coders) or tuple(columns)
    words: dict[_Key, dict[str, list[str]]] = {}
    problems: list[Problem] = []
    for number, (line, row) in enumerate(table.rows(), start=1):
        key = row.get(_CLUSTER, ""), row.get(_UNIT, str(number))
        if key in words:
            message = f"The unit “{key[1]}” has two rows."
            problems.append(Problem(f"{table.name}:{line}", "error", "repeated-unit", message, "Name each unit once"))
        words[key] = {coder: _split(row[coder], dialect) for coder in chosen}
    _raise_errors(problems, table.name)
    return _without_strangers(_Cells(chosen, words), table, is_chosen=bool(coders))


def _without_strangers(cells: _Cells, table: _Table, *, is_chosen: bool) -> _Cells:
    """Leave out columns that have no value in common with any other: text or a speaker, perhaps, not a coder.

    Numbers on a scale are comparable without being equal. Who names the coders knows better.
    """
    used = {coder: {word for row in cells.words.values() for word in row[coder]} for coder in cells.coders}
    counts = Counter(word for values in used.values() for word in values)
    strange = [coder for coder in cells.coders if used[coder] and all(counts[word] == 1 for word in used[coder])]
    if is_chosen or not strange or all(map(_is_number, counts)) or sum(map(bool, used.values())) < PAIR:
        return cells
    rest = tuple(coder for coder in cells.coders if coder not in strange)
    if len(rest) < PAIR:
        raise AgreementError(
            f"No two of the columns share a value, so they are hardly coders: {', '.join(strange)}.",
            table.name,
            f"Name the coders if they are: --coders {','.join(cells.coders)}. If the file has a row for each value: "
            "--columns unit=NAME,coder=NAME,value=NAME",
        )
    problems = [
        Problem(
            table.name,
            "warning",
            "no-coder",
            f"The column “{coder}” shares no value with the other columns, and is left out.",
            f"If it is a coder: --coders {','.join(cells.coders)}",
        )
        for coder in strange
    ]
    return replace(cells, coders=rest, problems=(*cells.problems, *problems))


def _refuse_unnamed_units(table: _Table, columns: Sequence[str]) -> None:
    """Refuse a first column that looks like the names of the units, which would count as a coder."""
    if _UNIT in table.header or not columns:
        return
    values = table.column(columns[0])
    if len(values) >= _UNNAMED_ROWS and len(set(values)) == len(values):
        raise AgreementError(
            f"The column “{columns[0]}” has a different value in every row, so it could hold units or a coder's "
            "values.",
            table.name,
            f"Name it “unit”, or name the columns of coders: --coders {','.join(columns[1:])}",
        )


def _split(value: str, dialect: Dialect) -> list[str]:
    if not value or value in dialect.missing:
        return []
    if not dialect.separator:
        return [value]
    return [part.strip() for part in value.split(dialect.separator) if part.strip()]


def _raise_errors(problems: Sequence[Problem], name: str) -> None:
    errors = [problem for problem in problems if problem.level == "error"]
    if errors:
        raise AgreementError("The file cannot be used as it is.", name, problems=errors[:_SHOWN])


def _rate_cells(cells: _Cells, table: _Table, categories: Sequence[str], metric: Metric, dialect: Dialect) -> Ratings:
    has_sets = (
        metric in _SET_METRICS
        or bool(dialect.no_code)
        or any(len(words) > 1 for row in cells.words.values() for words in row.values())
    )
    whole = _find_whole_numbers(cells, categories)
    rows = [
        [
            _as_value([whole.get(word, word) for word in row.get(coder, ())], dialect, has_sets=has_sets)
            for coder in cells.coders
        ]
        for row in cells.words.values()
    ]
    has_clusters = _CLUSTER in table.header
    ratings = rate(
        rows,
        coders=cells.coders,
        units=tuple(f"{transcript}:{unit}" if has_clusters else unit for transcript, unit in cells.words),
        categories=[name for name in categories if name != dialect.no_code],
        clusters=[transcript for transcript, _ in cells.words] if has_clusters else None,
        problems=(*table.problems, *cells.problems, *_say_whole_numbers(whole, table.name)),
    )
    doubts = _find_doubts(ratings.labels or ratings.categories, table.name)
    return replace(ratings, problems=(*ratings.problems, *doubts))


def _find_whole_numbers(cells: _Cells, categories: Sequence[str]) -> dict[str, str]:
    """Return 2.0 → 2 for every number that stands in both forms, as programs write it in columns with gaps.

    Only where all values are numbers, and nobody said that both exist.
    """
    used = {word for row in cells.words.values() for words in row.values() for word in words}
    if not all(map(_is_number, used)):
        return {}
    pairs = {word: word.removesuffix(".0") for word in used if word.endswith(".0")}
    known = used if not categories else set(categories)
    return {word: short for word, short in pairs.items() if short in known and word not in categories}


def _say_whole_numbers(whole: dict[str, str], name: str) -> list[Problem]:
    if not whole:
        return []
    message = f"Read as the same number: {', '.join(f'{long} and {short}' for long, short in sorted(whole.items()))}."
    return [Problem(name, "note", "whole-numbers", message)]


def _as_value(words: Sequence[str], dialect: Dialect, *, has_sets: bool) -> str | frozenset[str] | None:
    if not words:
        return None
    return frozenset(words) - {dialect.no_code} if has_sets else words[0]


def _find_doubts(labels: Sequence[str], name: str) -> list[Problem]:
    """Return what looks like a slip: one value spelled in two ways, a word that may mean "missing"."""
    spellings: dict[str | float, list[str]] = defaultdict(list)
    for label in labels:
        spellings[_spelling(label)].append(label)
    problems = [
        Problem(
            name,
            "warning",
            "two-spellings",
            f"{' and '.join(map(repr, same))} count as different values.",
            "Spell them alike if they mean the same",
        )
        for same in spellings.values()
        if len(same) > 1
    ]
    for label in labels:
        if label.casefold() in _MISSING_WORDS:
            message = f"“{label}” counts as a value."
            hint = f"If it means “did not read it”: --missing {label}. If it means “no code fits”: --no-code {label}"
            problems.append(Problem(name, "note", "perhaps-missing", message, hint))
    return problems


def _spelling(label: str) -> str | float:
    """Return what labels have in common that a person would read as the same."""
    if _is_number(label):
        return float(label)
    return "".join(filter(str.isalnum, label.casefold())) or label


def _is_number(label: str) -> bool:
    try:
        float(label)
    except ValueError:
        return False
    return True
