"""The report as an Excel workbook in which text stays text."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from qualcode.cells import find_different
from qualcode.columns import FrameColumns
from qualcode.outputs import pack_as_anywhere
from qualcode.reports.document import Count, Heading, Name, Note, Paragraph, Quote, Share, Table
from qualcode.reports.numbers import column_keys, key_of_head, number_keys, row_keys
from qualcode.reports.phrases import clean, number
from qualcode.reports.plain import counted_codings
from qualcode.wording import MANY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from qualcode.reports.document import Block, Cell, Column, Document

CELL_LIMIT = 32_767
"""Excel's longest text in a cell, in UTF-16 code units."""

MOST_CODINGS = 20_000
"""Codings that a workbook lists: of more, programs open slowly and few readers go through them row by row."""

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
# A workbook has to say when it was made. The same report gives the same file, so this date means nothing.
CREATED = datetime(2000, 1, 1, tzinfo=UTC)
_FORBIDDEN_IN_SHEETS = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_SHEET_NAME_LIMIT = 31
_WIDEST = 60
_NAMES = 42
_AGREEMENT_WIDTHS = {"reason": 50, "code": 40, "disputed": 40, "text": _WIDEST}
_ENDS = {"low": "at least", "high": "at most"}
_LINE_HEIGHT = 15
_HIGHEST_ROW = 409
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003ffff]"
)


@dataclass(frozen=True, slots=True)
class _Field:
    """A column of a sheet: header, width in characters, how its cells are set, and what ids call it."""

    header: str
    width: float
    style: str = "text"
    key: str = ""


@dataclass(frozen=True, slots=True)
class _Ids:
    """What the cells of a sheet are called: a table or sheet, its rows (by number when empty), and its columns."""

    of: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    row_head: str = ""


_READ_ME = "Read me"
"""The first sheet, which has the report's sentences in its second column."""


def render(document: Document) -> bytes:
    """Return the workbook as bytes."""
    import xlsxwriter

    report, buffer = document.report, io.BytesIO()
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        author = f"qualcode {report.facts.version}"
        book.set_properties({"title": clean(report.title), "author": author, "created": CREATED})
        _Writer(document.on("sheets"), book).write()
    return pack_as_anywhere(buffer.getvalue())


def find_ids(document: Document) -> dict[tuple[str, int, int], str]:
    """Return the id of each cell below a head, and of each sentence, by sheet, line and column, counted from 0."""
    import xlsxwriter

    writer = _Writer(document.on("sheets"), xlsxwriter.Workbook(io.BytesIO(), OPTIONS))  # never closed, so never packed
    writer.write()
    tables, sentences = writer.ids, writer.sentences
    cells = {
        (sheet, line, column): f"{ids.of}/{row}/{key}"
        for sheet, ids in tables.items()
        for line, row in enumerate(ids.rows, 1)
        for column, key in enumerate(ids.columns)
    }
    return cells | {(_READ_ME, line, 1): one for line, one in sentences.items()}


class _Writer:
    """One workbook in the making; the methods stand in the order of its sheets."""

    def __init__(self, document: Document, book: Any) -> None:  # xlsxwriter is untyped
        self.document = document
        self.report = report = document.report
        self.book = book
        from qualcode.themes import MARK

        top = {"valign": "top"}
        whole = "0" if report.facts.totals.cases < MANY else "0.0"
        self.styles = {
            "text": book.add_format({**top, "text_wrap": True}),
            "theme": book.add_format({**top, "text_wrap": True, "bold": True}),
            "count": book.add_format({**top, "num_format": "#,##0"}),
            "percent": book.add_format({**top, "num_format": f'{whole}"%"'}),
            "unsure count": book.add_format({**top, "num_format": f'#,##0"{MARK}"'}),
            "unsure percent": book.add_format({**top, "num_format": f'{whole}"%{MARK}"'}),
            "figure": book.add_format({**top, "num_format": "0.000"}),
            "share": book.add_format({**top, "num_format": "0%"}),
            "zero": book.add_format({**top, "num_format": "#,##0;-#,##0;·", "align": "right"}),
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"}),
            "number head": book.add_format(
                {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom", "align": "right"}
            ),
            "title": book.add_format({"bold": True, "font_size": 14}),
        }
        self.indents: dict[int, Any] = {}
        self.ids: dict[str, _Ids] = {}
        self.sentences: dict[int, str] = {}
        self.sheet_names: set[str] = set()
        self.names = {row.code: row.name for row in report.codes}

    def write(self) -> None:
        """Write every sheet."""
        self._read_me()
        self._themes()
        self._by_case()
        for attribute in self.report.table.index.attributes:
            self._by_attribute(attribute)
        self._cooccurrence()
        self._agreement()
        self._more()
        self._differences()
        self._codings()
        self._codebook()
        self._interviewer()
        self._numbers()

    def _add_sheet(self, name: str) -> Any:
        """Add a sheet under a name that Excel accepts and no other sheet has."""
        sheet = self.book.add_worksheet(name_sheet(name, self.sheet_names))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _add_table(
        self,
        name: str,
        fields: Sequence[_Field],
        rows: Sequence[Sequence[object]],
        *,
        frozen: int = 1,
        ids: tuple[str, str, Sequence[str]] = ("", "", ()),
    ) -> Any:
        """Add a sheet with a header row that stays in view, filters, and one row per item.

        ``ids`` are what the ids of its cells begin with, the head of the column that tells rows apart, and their names.
        """
        sheet = self._add_sheet(name)
        of, row_head, keys = ids
        self.ids[sheet.get_name()] = _Ids(
            of or f"sheet-{sheet.get_name()}",
            tuple(keys) or tuple(str(line) for line in range(2, len(rows) + 2)),
            tuple(number_keys(field.key or key_of_head(field.header) for field in fields)),
            row_head,
        )
        for column, field in enumerate(fields):
            sheet.set_column(column, column, field.width)
            style = self.styles["head" if field.style == "text" else "number head"]
            sheet.write_string(0, column, _fit(field.header), style)
        _set_heights(sheet, [[field.header for field in fields], *rows], [field.width for field in fields])
        styles, fit = [field.style for field in fields], cache(_fit)  # most texts stand in many rows
        for line, values in enumerate(rows, start=1):
            for column, (value, style) in enumerate(zip(values, styles, strict=True)):
                self._write(sheet, line, column, fit(value) if isinstance(value, str) else value, style)
        sheet.freeze_panes(1, frozen)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, max(len(rows), 1), len(fields) - 1)
        return sheet

    def _write(self, sheet: Any, line: int, column: int, value: object, style: str) -> None:
        """Write a cell: text that fits stays text, and names of codes are indented by level, themes in bold."""
        look = self.styles[style]
        if isinstance(value, Name):
            look, value = self._name_style(value.level) if value.level else look, _fit(value.text)
        elif isinstance(value, Count):  # marked, and still a number
            look, value = self.styles[f"unsure {style}"], value.value
        if isinstance(value, str):
            if value:
                sheet.write_string(line, column, value, look)
        elif (figure := number(value)) is not None:
            sheet.write_number(line, column, figure, look)

    def _hold(self, one: Cell) -> Name | str | float:
        """Return what a cell of a sheet holds in place of that of a document."""
        match one:
            case Count():
                return one.value
            case Share():
                return 100 * one.part / one.whole if one.whole else ""
            case Quote():
                return str(one)
            case tuple():
                return "\n".join(map(self.document.say, one))
        return one

    def _name_style(self, level: int) -> Any:
        if level not in self.indents:
            look = {"bold": True} if level == 1 else {"indent": min(level - 1, 15)}
            # Without an alignment to the left, the indent is not written.
            self.indents[level] = self.book.add_format({"align": "left", "valign": "top", "text_wrap": True, **look})
        return self.indents[level]

    def _add_codes(
        self,
        name: str,
        fields: Sequence[_Field],
        values: Sequence[Sequence[Any]],
        what: str = "Name",
        frozen: int = 1,
        of: str = "",
    ) -> Any:
        """Add a sheet with a row for each code: its name, its path, and what belongs to it."""
        rows = [
            (Name(row.name, row.code, row.level), row.code, *own)
            for row, own in zip(self.report.codes, values, strict=True)
        ]
        ids = of, "Code", [row.code for row in self.report.codes]
        heads = [_Field(what, _NAMES), _Field("Code", 44)]
        return self._add_table(name, [*heads, *fields], rows, frozen=frozen, ids=ids)

    def _add_matrix(
        self, name: str, what: str, heads: Sequence[str], counts: Sequence[Sequence[int]], of: str = ""
    ) -> None:
        """Add a sheet of codes against something, shaded by size."""
        fields = [_Field(head, max(9.0, min(18.0, len(head) + 3)), "zero") for head in heads]
        sheet = self._add_codes(name, fields, counts, what, 2, of)
        if counts and heads:
            scale = {"type": "2_color_scale", "min_type": "num", "min_value": 0, "min_color": "#FFFFFF"}
            sheet.conditional_format(1, 2, len(counts), len(heads) + 1, {**scale, "max_color": "#7FB2D9"})

    def _add_frame(self, name: str, frame: pd.DataFrame, widths: Mapping[str, float]) -> None:
        """Add a sheet with a frame as it is."""
        figures = set(frame.select_dtypes("float"))
        names = [str(one) for one in frame]
        fields = [_Field(one, widths.get(one, 13), "figure" if one in figures else "text") for one in names]
        self._add_table(name, fields, _rows(frame, names))

    def _read_me(self) -> None:
        sheet = self._add_sheet(_READ_ME)
        sheet.set_portrait()
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 92)
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, _fit(self.report.title), self.styles["title"])
        facts = self._facts()
        _set_heights(sheet, [fact[:2] for fact in facts], (24, 92), first=2)
        for line, (name, text, text_id) in enumerate(facts, start=2):
            if text_id:
                self.sentences[line] = text_id
            self._write(sheet, line, 0, _fit(name), "theme")
            self._write(sheet, line, 1, _fit(text), "text")

    def _agreement(self) -> None:
        """Write the coefficients, and the units on which coders differ."""
        result = self.report.agreement
        if result is None:
            return
        from qualcode.agreement import list_disagreements, shown

        frame = shown(result.frame, digits=15)
        if "code" in result.margins and "code" in frame:
            shares = result.margins.rename(columns={name: f"share of {name}" for name in result.coders})
            frame = frame.merge(shares.drop(columns="all"), on="code", how="left")
        self._add_frame("Agreement", frame, _AGREEMENT_WIDTHS)
        if set(result.coders) <= set(self.report.table.coders):
            found = list_disagreements(self.report.table, coders=result.coders)
            self._add_frame("Disagreements", found, {**_AGREEMENT_WIDTHS, **dict.fromkeys(result.coders, 40)})

    def _facts(self) -> list[tuple[str, str, str]]:
        """Return what the first sheet says: a name, a text, and the id of a sentence of the report."""
        facts, sections = self.report.facts, dict(self.document.sections)
        left_out = self._tell("Notes", sections.pop("left-out", ()))
        lines = [line for blocks in sections.values() for line in self._tell(_name(blocks), blocks)]
        if self.report.whose:
            lines.append(("Codings counted", self.report.whose, ""))
        if len(self._counted) > MOST_CODINGS:
            n_all = len(self._counted)
            told = f"The first {MOST_CODINGS:,} of {n_all:,} codings are listed; all are in codings.csv."
            lines.append(("Limit", told, ""))
        more = [
            (
                "Sheets",
                f"To trace a count, filter the sheet “{self._listed}” by code. Numbers are counts, not formulas.",
            ),
            ("", "The sheet “Numbers” has the ids under which qualcode verify counts them again."),
            ("Program", f"qualcode {facts.version}, spaCy {facts.spacy_version}"),
            ("Codebook", f"{facts.codebook_name}, SHA-256 {facts.codebook_digest}"),
        ]
        more += [("SHA-256 of inputs" if i == 0 else "", f"{k}: {v}") for i, (k, v) in enumerate(facts.inputs.items())]
        return [*lines, *((*one, "") for one in more), *left_out]

    def _tell(self, name: str, blocks: Sequence[Block]) -> list[tuple[str, str, str]]:
        """Return the sentences of a section with their ids, and a name beside the first."""
        texts = [(self.document.say(block.text), block.id) for block in blocks if isinstance(block, Paragraph)]
        texts += [(block.text, block.id) for block in blocks if isinstance(block, Note)]
        return [(name if not number else "", *one) for number, one in enumerate(texts)]

    def _themes(self) -> None:
        from qualcode.counting import BOUNDS

        total, plural = self.report.facts.totals.cases, self.report.terms.cases
        fields = [
            _Field("Theme", 24), _Field("Level", 8, "count"), _Field("Codings", 10, "count"),
            _Field(f"Segments ({self.report.facts.unit}s)", 12, "count", "segments"), _Field("Words", 10, "count"),
            _Field("Transcripts", 12, "count"), _Field(plural.capitalize(), 13, "count", "cases"),
            _Field(f"% of {total} {plural}", 15, "percent", "cases_percent"),
        ]  # fmt: skip
        frame = self.report.themes.frame
        bounds = [name for name in BOUNDS if name in frame]
        for thing, end in (name.split("_") for name in bounds):
            what = plural if thing == "cases" else f"{self.report.facts.unit}s"
            fields.append(_Field(f"{what.capitalize()}, {_ENDS[end]}", 13, "count"))
        columns = ("theme", "level", "codings", "segments", "words", "transcripts", "cases", "cases_percent", *bounds)
        values = [
            [
                Count(value, mark=row.marks[name]) if row.marks.get(name) else value
                for name, value in zip(columns, own, strict=True)
            ]
            for row, own in zip(self.report.codes, _rows(frame, columns), strict=True)
        ]
        self._add_codes("Themes", fields, values, of="table-themes")

    def _by_case(self) -> None:
        table = self.document.table("table-cases")
        heads = [column.head for column in table.columns[1:]] if table else []
        rows = table.rows if table else [()] * len(self.names)
        counts = [[one.value for one in row if isinstance(one, Count)] for row in rows]
        what = f"{self.report.facts.unit}s with the code".capitalize()
        self._add_matrix("By case", what, heads, counts, "table-cases")

    def _by_attribute(self, attribute: str) -> None:
        from qualcode.themes import count_by

        frame = count_by(self.report.table, attribute)
        groups = self.report.table.index.groups(attribute)
        unit = self.report.facts.unit
        heads = [
            head
            for value, members in groups.items()
            for head in (f"{value}: cases of {len(members)}", f"{value}: {unit}s")
        ]
        # The fifth column holds the attribute's values; its name may be another when the attribute's is taken.
        columns = ("code", frame.columns[4], "cases", "segments")
        found = {(code, value): counts for code, value, *counts in _rows(frame, columns)}
        values = [[count for value in groups for count in found[code, value]] for code in self.names]
        fields = [_Field(head, max(14, min(24, len(head) * 0.7)), "zero") for head in heads]
        self._add_codes(f"By {attribute}", fields, values, frozen=2)

    def _cooccurrence(self) -> None:
        matrix = self.report.matrix.reindex(index=list(self.names), columns=list(self.names))
        heads, what = list(self.names.values()), f"{self.report.facts.unit}s with both codes".capitalize()
        self._add_matrix("Co-occurrence", what, heads, matrix.to_numpy().tolist())

    def _more(self) -> None:
        """Write the tables that have no sheet of their own here."""
        for blocks in self.document.sections.values():
            for table in (block for block in blocks if isinstance(block, Table) and block.id != "table-cases"):
                rows = [[self._hold(one) for one in row] for row in table.rows]
                fields = [
                    replace(_field(column, [row[place] for row in rows]), key=key)
                    for place, (key, column) in enumerate(zip(column_keys(table), table.columns, strict=True))
                ]
                ids = table.id, table.columns[0].head if table.columns else "", row_keys(table)
                self._add_table(_name(blocks), fields, rows, ids=ids)

    def _differences(self) -> None:
        """Write the differences between coders that are open, with the words of their segments."""
        settlement, table = self.report.table.settlement, self.report.table
        if settlement is None or not settlement.n_open:
            return
        found = settlement.open
        units = table.units.iloc[found["unit"]]
        texts = {transcript.id: transcript.text for transcript in table.transcripts}
        places = zip(units["transcript"], units["start"], units["end"], strict=True)
        rows = found.assign(
            code=found["code"].map({code.id: table.codebook.path(code.id) for code in table.codebook.walk()}),
            case=units["case"].to_numpy(),
            text=[texts[transcript][start:end] for transcript, start, end in places],
        )
        fields = [
            _Field("Code", 44), _Field("Case", 12), _Field("Transcript", 14),
            _Field(self.report.facts.unit.capitalize(), 9), _Field("Given by", 16), _Field("Not by", 16),
            _Field("Text", _WIDEST),
        ]  # fmt: skip
        columns = ("code", "case", "transcript", "segment", "coders", "others", "text")
        self._add_table("Open differences", fields, _rows(rows, columns))

    @cached_property
    def _counted(self) -> FrameColumns:
        return counted_codings(self.report.table)

    @property
    def _listed(self) -> str:
        """The name of the sheet of codings, which says when it does not have all."""
        return f"First {MOST_CODINGS:,} codings" if len(self._counted) > MOST_CODINGS else "Codings"

    def _codings(self) -> None:
        listed = self._counted.rows(np.arange(min(len(self._counted), MOST_CODINGS)))
        code = listed.text_column("code")
        listed = listed.beside({"name": code._replace(names=[self.names[path] for path in code.names])})
        fields = [
            _Field("Code", 30), _Field("Name", 24), _Field("Case", 12), _Field("Transcript", 14), _Field("Turn", 8),
            _Field("Speaker", 14), _Field("Quote", _WIDEST), _Field("Matched", 20), _Field("Rule", 20),
            _Field("Coder", 10), _Field("Verdict", 11), _Field("Words", 8, "count"),
            _Field("Start, in characters", 11, "count"), _Field("End, in characters", 11, "count"),
        ]  # fmt: skip
        columns: tuple[str, ...] = (
            "code", "name", "case", "transcript", "segment", "speaker", "quote", "matched", "rule", "coder", "verdict",
            "words", "start", "end",
        )  # fmt: skip
        if any(listed.texts("note")):
            fields, columns = [*fields, _Field("Note", 30)], (*columns, "note")
        self._add_table(self._listed, fields, _rows(listed, columns))

    def _codebook(self) -> None:
        book = self.report.codebook
        fields = [
            _Field("Name", 30), _Field("Code", 34), _Field("Definition", 50), _Field("Include", 40),
            _Field("Exclude", 40), _Field("Examples", 50), _Field("Counter-examples", 40), _Field("Rules", 40),
        ]  # fmt: skip
        rows = [
            (
                Name(code.name, book.path(code.id), book.level(code.id)),
                book.path(code.id),
                code.definition,
                "\n".join(code.include),
                "\n".join(code.exclude),
                "\n".join(example.text for example in code.hits),
                "\n".join(example.text for example in code.misses),
                "\n".join(rule.id for rule in code.rules),
            )
            for code in book.walk()
        ]
        self._add_table("Codebook", fields, rows)

    def _interviewer(self) -> None:
        fields = [
            _Field("Codings left out", 12, "zero"),
            _Field(f"Segments ({self.report.facts.unit}s) left out", 14, "zero"),
            _Field("Words left out", 12, "zero"),
        ]
        values = _rows(self.report.themes.interviewer, ("codings", "segments", "words"))
        self._add_codes("Interviewer talk left out", fields, values)

    def _numbers(self) -> None:
        """Write under which id each number is counted again, a row for each column of numbers."""
        rows = [(_READ_ME, f"B{line + 1}", one) for line, one in self.sentences.items()]
        for name, ids in self.ids.items():
            row = f"{{{ids.row_head}}}" if ids.row_head else "{row}"
            last = len(ids.rows) + 1
            for column, key in enumerate(ids.columns):
                if last > 1:
                    cells = f"{_letters(column)}2:{_letters(column)}{last}"
                    rows.append((name, cells, f"{ids.of}/{row}/{key}"))
        self._add_table("Numbers", [_Field("Sheet", 28), _Field("Cells", 14), _Field("Id", _WIDEST)], rows)


def _letters(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    name: str = xl_col_to_name(column)
    return name


def name_sheet(name: str, taken: set[str]) -> str:
    """Return a name that Excel accepts and no other sheet has, and add it to those taken."""
    cleaned = _FORBIDDEN_IN_SHEETS.sub("_", clean(name)).strip("' ") or "Sheet"
    stem = candidate = _cut(cleaned, _SHEET_NAME_LIMIT)
    attempt = 1
    while candidate.casefold() in {*taken, "history"}:
        attempt += 1
        candidate = f"{_cut(stem, _SHEET_NAME_LIMIT - 5)} ({attempt})"
    taken.add(candidate.casefold())
    return candidate


def _name(blocks: Sequence[Block]) -> str:
    """Return the heading of a section."""
    return next((block.text for block in blocks if isinstance(block, Heading)), "More")


def _field(column: Column, values: Sequence[object]) -> _Field:
    """Return how a column of a document's table is set."""
    if column.kind == "number":
        return _Field(column.head, 13, "count" if all(isinstance(value, int) for value in values) else "text")
    texts = (value.text if isinstance(value, Name) else str(value) for value in values)
    return _Field(column.head, min(max(len(text) + 2 for text in (column.head, *texts)), _WIDEST))


def _rows(table: pd.DataFrame | FrameColumns, columns: Sequence[str]) -> list[tuple[Any, ...]]:
    return list(zip(*(_values(table, one) for one in columns), strict=True))


def _values(table: pd.DataFrame | FrameColumns, name: str) -> list[Any]:
    """Return what stands in the rows of a column; rows that say the same share it."""
    if not isinstance(table, FrameColumns):
        return table[name].tolist()
    different, places = find_different(table.column(name))
    return [different[place] for place in places.tolist()]


def _set_heights(sheet: Any, rows: Sequence[Sequence[object]], widths: Sequence[float], first: int = 0) -> None:
    """Make rows as high as their longest texts need; not every program does that by itself on opening a file."""
    heights = [1] * len(rows)
    for values, width in zip(zip(*rows, strict=True), widths, strict=True):
        texts = {value for value in values if isinstance(value, str)}
        lines = {text: _count_lines(text, width) for text in texts if len(text) * 2 > width or "\n" in text}
        if lines:
            own = (lines.get(value, 1) if isinstance(value, str) else 1 for value in values)
            heights = list(map(max, heights, own))
    for line, height in enumerate(heights, first):
        if height > 1:
            sheet.set_row(line, min(height * _LINE_HEIGHT, _HIGHEST_ROW))


def _count_lines(text: str, width: float) -> int:
    """Estimate how many lines a text takes in a column: words do not fill lines, and Chinese is twice as wide."""
    parts = text.split("\n")
    return sum([1 + int((len(part) + (0 if part.isascii() else len(_WIDE.findall(part)))) / width) for part in parts])


def _fit(text: str) -> str:
    """Return text that a cell can hold; what is cut is said, and where to find the whole."""
    cleaned = clean(text)
    if 2 * len(cleaned) <= CELL_LIMIT or _utf16_length(cleaned) <= CELL_LIMIT:
        return cleaned
    note = f" […cut: the whole has {len(cleaned):,} characters; see the CSV files]"
    return _cut(cleaned, CELL_LIMIT - len(note)) + note


def _utf16_length(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _cut(text: str, limit: int) -> str:
    """Return the beginning of a text, of at most ``limit`` UTF-16 code units, without half a character."""
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")
