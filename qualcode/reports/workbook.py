"""The report as an Excel workbook in which text stays text."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from qualcode.counting import BOUNDS
from qualcode.reports.content import case_noun, describe_whose, list_codes, number
from qualcode.reports.files import clean
from qualcode.reports.methods import describe_notes, paragraphs
from qualcode.reports.plain import counted_codings
from qualcode.themes import MARK

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from qualcode.reports import Report

CELL_LIMIT = 32_767
"""Excel's longest text in a cell, in UTF-16 code units."""

_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
# A workbook has to say when it was made. The same report gives the same file, so this date means nothing.
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
_FORBIDDEN_IN_SHEETS = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_SHEET_NAME_LIMIT = 31
_WIDEST = 60
_NAMES = 42
_ENDS = {"low": "at least", "high": "at most"}
_AGREEMENT_WIDTHS = {"reason": 50, "code": 40, "disputed": 40, "text": _WIDEST}
_LINE_HEIGHT = 15
_HIGHEST_ROW = 409
_WIDE = re.compile(
    "[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\U00020000-\U0003ffff]"
)


@dataclass(frozen=True, slots=True)
class _Field:
    """A column of a sheet: header, width in characters, and how its cells are set."""

    header: str
    width: float
    style: str = "text"


def render(report: Report) -> bytes:
    """Return the workbook as bytes."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        author = f"qualcode {report.facts.version}"
        book.set_properties({"title": clean(report.title), "author": author, "created": _CREATED})
        _Writer(report, book).write()
    return buffer.getvalue()


class _Writer:
    """One workbook in the making; the methods stand in the order of its sheets."""

    def __init__(self, report: Report, book: Any) -> None:  # xlsxwriter is untyped
        self.report = report
        self.book = book
        top = {"valign": "top"}
        self.styles = {
            "text": book.add_format({**top, "text_wrap": True}),
            "theme": book.add_format({**top, "text_wrap": True, "bold": True}),
            "count": book.add_format({**top, "num_format": "#,##0"}),
            "percent": book.add_format({**top, "num_format": '0.0"%"'}),
            "unsure": book.add_format({**top, "num_format": f'#,##0"{MARK}"'}),
            "unsure percent": book.add_format({**top, "num_format": f'0.0"%{MARK}"'}),
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
        self.sheet_names: set[str] = set()
        self.names = {row.code: row.name for row in list_codes(report)}

    def write(self) -> None:
        """Write every sheet."""
        self._read_me()
        self._themes()
        self._by_case()
        for attribute in self.report.table.index.attributes:
            self._by_attribute(attribute)
        self._cooccurrence()
        self._agreement()
        self._differences()
        self._codings()
        self._codebook()
        self._interviewer()

    def _add_sheet(self, name: str) -> Any:
        """Add a sheet under a name that Excel accepts and no other sheet has."""
        cleaned = _FORBIDDEN_IN_SHEETS.sub("_", clean(name)).strip("' ") or "Sheet"
        stem = candidate = _cut(cleaned, _SHEET_NAME_LIMIT)
        attempt = 1
        while candidate.casefold() in {*self.sheet_names, "history"}:
            attempt += 1
            candidate = f"{_cut(stem, _SHEET_NAME_LIMIT - 5)} ({attempt})"
        self.sheet_names.add(candidate.casefold())
        sheet = self.book.add_worksheet(candidate)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _add_table(
        self, name: str, fields: Sequence[_Field], rows: Sequence[Sequence[object]], *, frozen: int = 1
    ) -> Any:
        """Add a sheet with a header row that stays in view, filters, and one row per item."""
        sheet = self._add_sheet(name)
        for column, field in enumerate(fields):
            sheet.set_column(column, column, field.width)
            style = self.styles["head" if field.style == "text" else "number head"]
            sheet.write_string(0, column, _fit(field.header), style)
        widths = [field.width for field in fields]
        _set_height(sheet, 0, [field.header for field in fields], widths)
        for line, values in enumerate(rows, start=1):
            _set_height(sheet, line, values, widths)
            for column, (field, value) in enumerate(zip(fields, values, strict=True)):
                self._write(sheet, line, column, value, self.styles[field.style])
        sheet.freeze_panes(1, frozen)
        sheet.repeat_rows(0)
        sheet.autofilter(0, 0, max(len(rows), 1), len(fields) - 1)
        return sheet

    @staticmethod
    def _write(sheet: Any, line: int, column: int, value: object, style: Any) -> None:
        if isinstance(value, str):
            if value:
                sheet.write_string(line, column, _fit(value), style)
        elif (figure := number(value)) is not None:
            sheet.write_number(line, column, figure, style)

    def _name_codes(self, sheet: Any, column: int) -> None:
        """Write the codes' names over a column, indented by level, themes in bold."""
        for line, row in enumerate(list_codes(self.report), start=1):
            sheet.write_string(line, column, _fit(row.name), self._name_style(row.level))

    def _name_style(self, level: int) -> Any:
        if level not in self.indents:
            look = {"bold": True} if level == 1 else {"indent": min(level - 1, 15)}
            # Without an alignment to the left, the indent is not written.
            self.indents[level] = self.book.add_format({"align": "left", "valign": "top", "text_wrap": True, **look})
        return self.indents[level]

    def _read_me(self) -> None:
        sheet = self._add_sheet("Read me")
        sheet.set_portrait()
        sheet.set_column(0, 0, 24)
        sheet.set_column(1, 1, 92)
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, _fit(self.report.title), self.styles["title"])
        for line, (name, text) in enumerate(self._facts(), start=2):
            _set_height(sheet, line, (name, text), (24, 92))
            self._write(sheet, line, 0, name, self.styles["theme"])
            self._write(sheet, line, 1, text, self.styles["text"])

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
        numbers = set(frame.select_dtypes("number")) - {"n_units", "n_coders"}
        names = [str(name) for name in frame]
        fields = [
            _Field(name, _AGREEMENT_WIDTHS.get(name, 13), "figure" if name in numbers else "text") for name in names
        ]
        self._add_table("Agreement", fields, _rows(frame, names))
        if set(result.coders) <= set(self.report.table.coders):
            found = list_disagreements(self.report.table, coders=result.coders)
            names = [str(name) for name in found]
            wide = {**_AGREEMENT_WIDTHS, **dict.fromkeys(result.coders, 40)}
            self._add_table("Disagreements", [_Field(name, wide.get(name, 13)) for name in names], _rows(found, names))

    def _facts(self) -> list[tuple[str, str]]:
        facts = self.report.facts
        lines = [("Methods" if index == 0 else "", text) for index, text in enumerate(paragraphs(self.report))]
        if self.report.agreement is not None:
            lines.append(("Agreement", self.report.agreement.methods()))
        if whose := describe_whose(self.report):
            lines.append(("Codings counted", whose))
        lines += [
            ("Sheets", "Every count can be traced in “Codings”: filter by code. Numbers are counts, not formulas."),
            ("Program", f"qualcode {facts.version}, spaCy {facts.spacy_version}"),
            ("Codebook", f"{facts.codebook_name}, SHA-256 {facts.codebook_digest}"),
        ]
        lines += [("SHA-256 of inputs" if i == 0 else "", f"{k}: {v}") for i, (k, v) in enumerate(facts.inputs.items())]
        return [
            *lines,
            *(("What to know" if index == 0 else "", note) for index, note in enumerate(describe_notes(facts))),
        ]

    def _themes(self) -> None:
        frame = self.report.themes.frame
        plural = case_noun(self.report.table)[1].capitalize()
        fields = [
            _Field("Name", _NAMES),
            _Field("Code", 44),
            _Field("Theme", 24),
            _Field("Level", 8, "count"),
            _Field("Codings", 10, "count"),
            _Field(f"Segments ({self.report.facts.unit}s)", 12, "count"),
            _Field("Words", 10, "count"),
            _Field("Transcripts", 12, "count"),
            _Field(plural, 13, "count"),
            _Field(f"% of {self.report.facts.totals.cases} {plural.lower()}", 15, "percent"),
        ]
        columns = [
            "name", "code", "theme", "level", "codings", "segments", "words", "transcripts", "cases", "cases_percent",
        ]  # fmt: skip
        for name in (name for name in BOUNDS if name in frame):
            thing, end = name.split("_")
            what = plural if thing == "cases" else f"{self.report.facts.unit}s".capitalize()
            fields.append(_Field(f"{what}, {_ENDS[end]}", 13, "count"))
            columns.append(name)
        sheet = self._add_table("Themes", fields, _rows(frame, columns))
        self._name_codes(sheet, 0)
        self._mark_unsure(sheet, columns)

    def _mark_unsure(self, sheet: Any, columns: Sequence[str]) -> None:
        """Write the numbers that open differences could change once more, so that they are marked and stay numbers."""
        for name in self.report.themes.unsure:
            style = self.styles["unsure percent" if name == "cases_percent" else "unsure"]
            rows = zip(self.report.themes.frame[name].tolist(), self.report.themes.unsure[name].tolist(), strict=True)
            for line, (value, is_unsure) in enumerate(rows, start=1):
                if is_unsure:
                    self._write(sheet, line, columns.index(name), value, style)

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
            _Field("Code", 44),
            _Field("Case", 12),
            _Field("Transcript", 14),
            _Field(self.report.facts.unit.capitalize(), 9),
            _Field("Given by", 16),
            _Field("Not by", 16),
            _Field("Text", _WIDEST),
        ]
        columns = ("code", "case", "transcript", "segment", "coders", "others", "text")
        self._add_table("Open differences", fields, _rows(rows, columns))

    def _by_case(self) -> None:
        cases = [case.id for case in self.report.table.index.cases]
        frame = self.report.by_case
        columns = (frame[name].tolist() for name in ("code", "case", "segments"))
        found = {(code, case): segments for code, case, segments in zip(*columns, strict=True)}
        counts = [[found.get((code, case), 0) for case in cases] for code in self.names]
        self._matrix("By case", f"{self.report.facts.unit}s".capitalize(), cases, counts)

    def _matrix(self, name: str, what: str, heads: Sequence[str], counts: Sequence[Sequence[int]]) -> None:
        """Add a sheet of codes against something, shaded by size."""
        fields = [
            _Field(f"{what} of", _NAMES),
            _Field("Code", 44),
            *(_Field(head, max(9.0, min(18.0, len(head) + 3)), "zero") for head in heads),
        ]
        rows = [["", code, *values] for code, values in zip(self.names, counts, strict=True)]
        sheet = self._add_table(name, fields, rows, frozen=2)
        self._name_codes(sheet, 0)
        if rows and heads:
            scale = {"type": "2_color_scale", "min_type": "num", "min_value": 0, "min_color": "#FFFFFF"}
            sheet.conditional_format(1, 2, len(rows), len(heads) + 1, {**scale, "max_color": "#7FB2D9"})

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
        columns = (frame[name].tolist() for name in ("code", frame.columns[4], "cases", "segments"))
        found = {(code, value): (cases, segments) for code, value, cases, segments in zip(*columns, strict=True)}
        counts = [[count for value in groups for count in found[code, value]] for code in self.names]
        fields = [
            _Field("Name", _NAMES),
            _Field("Code", 44),
            *(_Field(head, max(14, min(24, len(head) * 0.7)), "zero") for head in heads),
        ]
        rows = [["", code, *values] for code, values in zip(self.names, counts, strict=True)]
        self._name_codes(self._add_table(f"By {attribute}", fields, rows, frozen=2), 0)

    def _cooccurrence(self) -> None:
        matrix = self.report.matrix.reindex(index=list(self.names), columns=list(self.names))
        heads = list(self.names.values())
        self._matrix(
            "Co-occurrence", f"{self.report.facts.unit}s shared".capitalize(), heads, matrix.to_numpy().tolist()
        )

    def _codings(self) -> None:
        frame = counted_codings(self.report.table)
        fields = [
            _Field("Code", 30),
            _Field("Name", 24),
            _Field("Case", 12),
            _Field("Transcript", 14),
            _Field("Turn", 8),
            _Field("Speaker", 14),
            _Field("Quote", _WIDEST),
            _Field("Matched", 20),
            _Field("Rule", 20),
            _Field("Coder", 10),
            _Field("Verdict", 11),
            _Field("Words", 8, "count"),
            _Field("Start", 9, "count"),
            _Field("End", 9, "count"),
        ]
        columns: tuple[str, ...] = (
            "code", "name", "case", "transcript", "segment", "speaker", "quote", "matched", "rule", "coder", "verdict",
            "words", "start", "end",
        )  # fmt: skip
        if frame["note"].any():
            fields, columns = [*fields, _Field("Note", 30)], (*columns, "note")
        self._add_table("Codings", fields, _rows(frame.assign(name=frame["code"].map(self.names)), columns))

    def _codebook(self) -> None:
        book = self.report.codebook
        fields = [
            _Field("Name", 30),
            _Field("Code", 34),
            _Field("Definition", 50),
            _Field("Include", 40),
            _Field("Exclude", 40),
            _Field("Examples", 50),
            _Field("Counter-examples", 40),
            _Field("Rules", 40),
        ]
        rows = [
            [
                "",
                book.path(code.id),
                code.definition,
                "\n".join(code.include),
                "\n".join(code.exclude),
                "\n".join(example.text for example in code.hits),
                "\n".join(example.text for example in code.misses),
                "\n".join(rule.id for rule in code.rules),
            ]
            for code in book.walk()
        ]
        sheet = self._add_table("Codebook", fields, rows)
        for line, code in enumerate(book.walk(), start=1):
            sheet.write_string(line, 0, _fit(code.name), self._name_style(book.level(code.id)))

    def _interviewer(self) -> None:
        fields = [
            _Field("Name", _NAMES),
            _Field("Code", 44),
            _Field("Codings left out", 12, "zero"),
            _Field(f"Segments ({self.report.facts.unit}s) left out", 14, "zero"),
            _Field("Words left out", 12, "zero"),
        ]
        columns = ("name", "code", "codings", "segments", "words")
        sheet = self._add_table("Interviewer talk left out", fields, _rows(self.report.themes.interviewer, columns))
        self._name_codes(sheet, 0)


def _rows(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[object, ...]]:
    return list(zip(*(frame[column].tolist() for column in columns), strict=True))


def _set_height(sheet: Any, line: int, values: Sequence[object], widths: Sequence[float]) -> None:
    """Make a row as high as its longest text needs; not every program does that by itself on opening a file."""
    texts = ((value, width) for value, width in zip(values, widths, strict=True) if isinstance(value, str))
    lines = max((_count_lines(text, width) for text, width in texts), default=1)
    if lines > 1:
        sheet.set_row(line, min(lines * _LINE_HEIGHT, _HIGHEST_ROW))


def _count_lines(text: str, width: float) -> int:
    """Estimate how many lines a text takes in a column: words do not fill lines, and Chinese is twice as wide."""
    if len(text) * 2 <= width and "\n" not in text:
        return 1
    usable = width
    parts = text.split("\n")
    return sum(1 + int((len(part) + len(_WIDE.findall(part))) / usable) for part in parts)


def _fit(text: str) -> str:
    """Return text that a cell can hold; what is cut is said, and where to find the whole."""
    cleaned = clean(text)
    if _utf16_length(cleaned) <= CELL_LIMIT:
        return cleaned
    note = f" […cut: the whole has {len(cleaned):,} characters; see the CSV files]"
    return _cut(cleaned, CELL_LIMIT - len(note)) + note


def _utf16_length(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def _cut(text: str, limit: int) -> str:
    """Return the beginning of a text, of at most ``limit`` UTF-16 code units, without half a character."""
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")
