"""Each file of a report against the same report made of the codings again: how each format is compared."""

from __future__ import annotations

from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Literal, TypeVar

from qualcode.deposit.ledger import EXTRA, MISSING
from qualcode.errors import SourceError
from qualcode.figures import FIGURES
from qualcode.reports import (
    Figure,
    Table,
    compose,
    digest,
    find_ids,
    find_numeric,
    list_numbers,
    list_texts,
    mark_of,
    read_drawing,
    read_facts,
    read_latex,
    read_markdown,
    read_page,
    read_table,
    read_word,
    read_workbook,
    row_keys,
)
from qualcode.wording import join

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qualcode.deposit.ledger import Ledger
    from qualcode.reports import Document, Report, Shape, Stated

_POINT = 25.4 / 72
"""Millimetres in a point."""


_Cells = dict[tuple[str, int, int], str]
_Read = TypeVar("_Read")


class Recount:
    """A report made again, against which files are compared.

    Parameters
    ----------
    report
        What follows from the codings.
    ledger
        Takes numbers and differences.
    look
        ``other``: that of the Word report is of a document that is not at hand, so that only its texts are compared.
    """

    def __init__(self, report: Report, ledger: Ledger, *, look: Literal["same", "other"] = "same") -> None:
        self.report = report
        self.look = look
        self.ledger = ledger
        self.document = compose(report)
        self.numbers = list_numbers(self.document)

    def compare(self, name: str, stated: bytes, recounted: bytes) -> None:
        """Compare one file; where nothing that a person reads differs, bytes that do are told."""
        before = len(self.ledger.differences)
        comparers = {
            ".csv": self._compare_table,
            ".docx": self._compare_word,
            ".html": self._compare_page,
            ".json": self._compare_facts,
            ".md": self._compare_markdown,
            ".svg": self._compare_drawing,
            ".tex": self._compare_latex,
            ".txt": self._compare_text,
            ".xlsx": self._compare_workbook,
        }
        compare = comparers.get(PurePosixPath(name).suffix, self._compare_bytes)
        try:
            compare(name, stated, recounted)
        except SourceError as error:
            self.ledger.add(name, "file", error.message, f"SHA-256 {digest(recounted)}…")
        is_other_look = self.look == "other" and PurePosixPath(name).suffix == ".docx"
        if stated != recounted and len(self.ledger.differences) == before and not is_other_look:
            self.ledger.add(name, "bytes", f"SHA-256 {digest(stated)}…", f"SHA-256 {digest(recounted)}…")

    def _compare_bytes(self, name: str, stated: bytes, recounted: bytes) -> None:
        figure = f"figure-{PurePosixPath(name).stem}:picture"
        self.ledger.n_numbers += 1
        if stated != recounted:
            self.ledger.add(name, figure, f"SHA-256 {digest(stated)}…", f"SHA-256 {digest(recounted)}…")

    def _compare_text(self, name: str, stated: bytes, recounted: bytes) -> None:
        lines = ([(f"line {at}", one) for at, one in enumerate(text.decode("utf-8", "replace").split("\n"), 1)]
                 for text in (stated, recounted))  # fmt: skip
        self.ledger.compare_rest(name, *lines)

    # ---- formats whose texts carry ids

    def _compare_word(self, name: str, stated: bytes, recounted: bytes) -> None:
        document = self.document.on("text")
        texts = list_texts(document)
        ids = {mark_of(one): one for one in texts}
        theirs, mine = _read_both(partial(read_word, where=name, ids=ids), stated, recounted)
        if self.look == "other":  # headers, footers and styles are those of the author's own document
            for reading in (mine, theirs):
                reading.rest = [(place, text) for place, text in reading.rest if not place.endswith((".xml", ".rels"))]
        self._compare_stated(name, document, (theirs, mine), texts)

    def _compare_page(self, name: str, stated: bytes, recounted: bytes) -> None:
        document = self.document.on("screen")
        numeric = find_numeric(document)
        texts = {
            one: text.replace("%", "") if one in numeric else text
            for one, text in list_texts(document, tables="named").items()
        }
        theirs, mine = _read_both(read_page, stated, recounted)
        for reading in (mine, theirs):
            reading.texts = {
                one: text.replace("%", "") if one in numeric else text for one, text in reading.texts.items()
            }
        self._compare_stated(name, document, (theirs, mine), texts)

    def _compare_stated(
        self, name: str, document: Document, both: tuple[Stated, Stated], texts: Mapping[str, str]
    ) -> None:
        """Compare by ids with what the document says itself, whatever the renderer made of it."""
        theirs, mine = both
        figures = [block.id for block in document.blocks if isinstance(block, Figure)]
        for reading in both:
            _name_pictures(reading, figures)
        captions = {f"{block.id}:caption" for block in document.blocks if isinstance(block, (Table, Figure))}
        known = {one: texts.get(one, text) if one not in captions else text for one, text in mine.texts.items()}
        self.ledger.compare_texts(name, theirs.texts, known, find_numeric(document))
        self.ledger.compare_rest(name, theirs.rest, mine.rest)
        for figure, picture in mine.pictures.items():
            self._compare_picture(name, figure, theirs.pictures.get(figure), picture)

    def _compare_picture(self, name: str, figure: str, stated: bytes | None, recounted: bytes) -> None:
        if stated is None:
            self.ledger.add(name, f"{figure}:picture", MISSING, f"SHA-256 {digest(recounted)}…")
        elif stated != recounted and stated.lstrip().startswith(b"<?xml"):
            self._compare_shapes(name, figure.removeprefix("figure-"), stated, recounted)
        elif stated != recounted:
            self.ledger.add(name, f"{figure}:picture", f"SHA-256 {digest(stated)}…", f"SHA-256 {digest(recounted)}…")

    def _compare_workbook(self, name: str, stated: bytes, recounted: bytes) -> None:
        ids = find_ids(self.document)
        sheets = self._compare_sheets(name, *_read_both(partial(read_workbook, where=name), stated, recounted))
        theirs, mine = ({ids.get(place, _name_cell(*place)): text for place, text in cells.items()} for cells in sheets)
        self.ledger.compare_cells(name, theirs, mine)
        for number, text in mine.items():  # what the workbook writes, against what the document says
            said = self.numbers.get(number, "").replace(",", "").rstrip("%†*")
            if said.isdecimal() and said != text and theirs.get(number) == text and not _is_close(said, text):
                self.ledger.add(name, number, text, said)

    def _compare_sheets(self, name: str, theirs: _Cells, mine: _Cells) -> tuple[_Cells, _Cells]:
        """Compare the sheets of which one has more lines, line by line; return the cells of the others."""
        for sheet in {place[0] for place in (*theirs, *mine)}:
            lines = [_list_lines(cells, sheet) for cells in (theirs, mine)]
            if len(lines[0]) != len(lines[1]):
                self.ledger.compare_rest(name, *([(f"sheet-{sheet}", one) for one in side] for side in lines))
                theirs, mine = (
                    {place: text for place, text in cells.items() if place[0] != sheet} for cells in (theirs, mine)
                )
        return theirs, mine

    # ---- formats read by their lines

    def _compare_table(self, name: str, stated: bytes, recounted: bytes) -> None:
        """Compare cells; where one table has more rows than the other, rows, as cells would be those of other rows."""
        theirs, mine = (data.decode("utf-8", "replace").splitlines() for data in (stated, recounted))
        if len(theirs) == len(mine):
            self.ledger.compare_cells(name, *_read_both(partial(read_table, name=name), stated, recounted))
        else:
            sides = ([(f"{name}/{line}", text) for line, text in enumerate(lines, 1)] for lines in (theirs, mine))
            self.ledger.compare_rest(name, *sides)

    def _compare_facts(self, name: str, stated: bytes, recounted: bytes) -> None:
        self.ledger.compare_cells(name, *_read_both(partial(read_facts, where=name), stated, recounted))

    def _compare_markdown(self, name: str, stated: bytes, recounted: bytes) -> None:
        self._compare_lines(name, self.document.on("text"), *_read_both(read_markdown, stated, recounted))

    def _compare_latex(self, name: str, stated: bytes, recounted: bytes) -> None:
        self._compare_lines(name, self.document.on("fragment"), *_read_both(read_latex, stated, recounted))

    def _compare_lines(
        self, name: str, document: Document, stated: list[list[str]], recounted: list[list[str]]
    ) -> None:
        """Compare lines by their place; the cells of a table's rows have the ids of that table."""
        ids = _find_lines(document, recounted)
        numeric = find_numeric(document)
        if len(stated) != len(recounted):
            sides = (
                [(f"line {line}", " | ".join(cells)) for line, cells in enumerate(lines, 1)]
                for lines in (stated, recounted)
            )
            self.ledger.compare_rest(name, *sides)
            return
        theirs_by_id: dict[str, str] = {}
        mine_by_id: dict[str, str] = {}
        for line, (mine, theirs) in enumerate(zip(recounted, stated, strict=True)):
            named = ids.get(line, [f"line {line + 1}"])
            if not len(named) == len(mine) == len(theirs):
                named, mine, theirs = named[:1], [" | ".join(mine)], [" | ".join(theirs)]  # noqa: PLW2901
            mine_by_id |= dict(zip(named, mine, strict=True))
            theirs_by_id |= dict(zip(named, theirs, strict=True))
        self.ledger.compare_texts(name, theirs_by_id, mine_by_id, numeric)

    # ---- drawings

    def _compare_drawing(self, name: str, stated: bytes, recounted: bytes) -> None:
        kind = PurePosixPath(name).stem
        if kind in self.report.charts:
            self.ledger.n_numbers += len(self.report.charts[kind].data)
        self._compare_shapes(name, kind, stated, recounted)

    def _compare_shapes(self, name: str, kind: str, stated: bytes, recounted: bytes) -> None:
        """Compare drawings mark by mark; a mark belongs to the row of numbers in whose place it lies."""
        theirs, mine = _read_both(partial(read_drawing, where=name), stated, recounted)
        if len(theirs) != len(mine):  # what belongs to what, cannot be told any more
            self.ledger.add(name, f"figure-{kind}", f"{len(theirs)} marks", f"{len(mine)} marks")
            return
        for found, right in zip(theirs, mine, strict=True):
            if found != right:
                self.ledger.add(name, self._find_mark(kind, right), *_tell_shapes(found, right))

    def _find_mark(self, kind: str, shape: Shape) -> str:
        chart = self.report.charts.get(kind)
        if chart is None or shape.box is None:
            return f"figure-{kind}:alt" if shape.text else f"figure-{kind}"
        x, y = ((low + high) / 2 * _POINT for low, high in (shape.box[::2], shape.box[1::2]))
        columns = FIGURES[kind].opens if kind in FIGURES else ()
        for row, box in enumerate(chart.boxes):
            if box and box.left <= x <= box.left + box.width and box.top <= y <= box.top + box.height:
                return "/".join([f"figure-{kind}", *(str(chart.data[column].iloc[row]) for column in columns)])
        return f"figure-{kind}"


def _read_both(read: Callable[[bytes], _Read], stated: bytes, recounted: bytes) -> tuple[_Read, _Read]:
    """Return what both sides of a file say, stated first; the same bytes are read once."""
    mine = read(recounted)
    return mine if stated == recounted else read(stated), mine


def _name_pictures(reading: Stated, figures: list[str]) -> None:
    """Give pictures that are only numbered the ids of the figures, which stand in the same order."""
    names = {f"picture {place}": figure for place, figure in enumerate(figures, 1)}
    reading.pictures = {names.get(one, one): data for one, data in reading.pictures.items()}
    texts = reading.texts
    for one, figure in names.items():
        if f"{one}:alt" in texts:
            texts[f"{figure}:alt"] = texts.pop(f"{one}:alt")


def _list_lines(cells: _Cells, sheet: str) -> list[str]:
    lines: dict[int, list[str]] = {}
    for (name, line, _), text in sorted(cells.items()):
        if name == sheet:
            lines.setdefault(line, []).append(text)
    return [" | ".join(texts) for texts in lines.values()]


def _name_cell(sheet: str, line: int, column: int) -> str:
    letters, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{sheet}!{letters}{line + 1}"


def _is_close(said: str, text: str) -> bool:
    """Tell whether a cell holds the number that the document rounds."""
    try:
        return abs(float(said) - float(text)) <= 0.5  # noqa: PLR2004  # to whole numbers
    except ValueError:
        return False


def _find_lines(document: Document, lines: list[list[str]]) -> dict[int, list[str]]:
    """Return the ids of what stands in each line, by its text, and for rows of tables by their order."""
    texts = list_texts(document)
    by_text = {text: one for one, text in texts.items()}
    found: dict[int, list[str]] = {}
    tables = [block for block in document.blocks if isinstance(block, Table)]
    at = -1
    rows: list[str] = []
    for line, cells in enumerate(lines):
        if len(cells) > 1 and at + 1 < len(tables) and cells[0] == texts[_heads(tables[at + 1])[0]]:
            at += 1
            rows = row_keys(tables[at])
            found[line] = _heads(tables[at])
        elif len(cells) > 1 and at >= 0 and cells[0] == texts[_heads(tables[at])[0]]:  # again, on further pages
            found[line] = _heads(tables[at])
        elif len(cells) > 1 and rows and not set("".join(cells)) <= set("-: "):
            columns = [one.rpartition("/")[2] for one in _heads(tables[at])]
            row = rows.pop(0)
            found[line] = [f"{tables[at].id}/{row}/{column}" for column in columns]
        elif len(cells) == 1:
            known = cells[0].lstrip("-> ").rstrip("\\")
            name = by_text.get(cells[0]) or by_text.get(known)
            if name:
                found[line] = [name]
    return found


def _heads(table: Table) -> list[str]:
    from qualcode.reports import column_keys

    return [f"{table.id}:head/{key}" for key in column_keys(table)]


def _tell_shapes(found: Shape, right: Shape) -> tuple[str, str]:
    """Return two marks in words: their size and place, else what else differs."""
    if found.text != right.text:
        return found.text or EXTRA, right.text or MISSING
    if found.box != right.box and found.box and right.box:
        return _tell_box(found.box), _tell_box(right.box)
    theirs, mine = dict(found.told), dict(right.told)
    names = [name for name in sorted({*theirs, *mine}) if theirs.get(name) != mine.get(name)]
    return tuple(  # type: ignore[return-value]  # of two
        join([f"{name} {told.get(name, MISSING)}" for name in names]) or one.tag
        for told, one in ((theirs, found), (mine, right))
    )


def _tell_box(box: tuple[float, float, float, float]) -> str:
    left, top, right, bottom = (one * _POINT for one in box)
    return f"{right - left:.2f} × {bottom - top:.2f} mm at {left:.2f}, {top:.2f} mm"
