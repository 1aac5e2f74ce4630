"""A framework matrix as a file: a workbook that people fill in and that comes back, Word, a page, or a table."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import markupsafe
from markupsafe import Markup

import qualcode
from qualcode.errors import OutputError
from qualcode.outputs import pack_as_anywhere, save
from qualcode.reports.appendix import Cover
from qualcode.reports.document import Column, Document, Heading, Paragraph, Table
from qualcode.reports.phrases import clean

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Hashable, Iterator, Mapping

    import pandas as pd
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

    from qualcode.framework import FrameworkMatrix
    from qualcode.reports.document import Block
    from qualcode.reports.report import Report

_QUOTES, _HELP = "Quotes", "How to use this"
_WIDE, _NARROW = 42, 14
_ACROSS = 5
"""Codes that a page has room for."""
_QUOTE_COLUMNS = ("case", "code", "name", "transcript", "segment", "quote")
_ADVICE = (
    "A cell holds what a case says about a code, in your own words. Sum up and point to turns; do not paste quotes.",
    "Write (nothing said) where it was asked and nothing came, and (not asked) where it was not.",
    "Begin with (draft) what is not finished. A draft does not count as charted. Empty a cell to open it again.",
    "Yellow cells are open and have passages, which the sheet Quotes lists. Orange: the codings have changed since.",
    "Keep the heads of columns and the names of cases. Bring it back with: qualcode import-framework FILE",
)
_FILLS = {"open": "#fff7d6", "draft": "#eeeeee", "codings changed since": "#fde0c5"}


def write_framework(matrix: FrameworkMatrix, path: str | os.PathLike[str], *, title: str = "Framework matrix") -> Path:
    """Write a framework matrix, in the format that the file's ending names.

    Parameters
    ----------
    matrix
        What :func:`qualcode.make_framework` returns.
    path
        The file: ``.xlsx`` (a sheet per theme, one with the quotes; it comes back with
        :func:`qualcode.import_framework`), ``.docx`` (a table per theme, across the page), ``.html`` (cells open the
        passages behind them) or ``.csv`` (a row per cell). An existing one is replaced.
    title
        Its heading.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        If there is no such format, or the file cannot be written.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> qualcode.write_framework(qualcode.make_framework(table), "framework.xlsx").name
    'framework.xlsx'
    """
    renderers: Mapping[str, Callable[[FrameworkMatrix, str], bytes]] = {
        ".xlsx": _render_workbook,
        ".docx": _render_word,
        ".html": _render_page,
        ".csv": _render_table,
    }
    ending = Path(path).suffix.lower()
    if ending not in renderers:
        message = f"A framework cannot be written as {ending or 'a file without an ending'}."
        raise OutputError(message, str(path), f"Use one of: {', '.join(renderers)}")
    return save(path, renderers[ending](matrix, title))


def _split_themes(matrix: FrameworkMatrix) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield each theme with its cells; themes that are a single column stand together."""
    tops = matrix.frame["code"].str.partition("/")[0]
    n_codes = matrix.frame["code"].groupby(tops).nunique()
    homes = tops.where(tops.map(n_codes) > 1, "")
    for home, cells in matrix.frame.groupby(homes, sort=False):
        yield str(cells["theme"].iloc[0]) if home else "Themes", cells


def _show_cells(cells: pd.DataFrame) -> dict[tuple[str, str], tuple[str, str]]:
    """Return text and state of each cell, by case and code."""
    from qualcode.framework import show_cell

    names = ("case", "code", "state", "summary")
    rows = zip(*(cells[name].tolist() for name in names), strict=True)
    return {(case, code): (clean(show_cell(state, summary)), state) for case, code, state, summary in rows}


# --- workbook ------------------------------------------------------------------------------------------------------


def _render_workbook(matrix: FrameworkMatrix, title: str) -> bytes:
    import xlsxwriter

    from qualcode.framework import EXPORTED
    from qualcode.reports.workbook import CREATED, OPTIONS, name_sheet

    buffer = io.BytesIO()
    taken = {name.casefold() for name in (_QUOTES, _HELP, EXPORTED)}
    with xlsxwriter.Workbook(buffer, OPTIONS) as book:
        book.set_properties({"title": clean(title), "created": CREATED})
        for theme, cells in _split_themes(matrix):
            _write_theme(book, name_sheet(theme, taken), matrix, cells)
        _write_quotes(book.add_worksheet(_QUOTES), book, matrix)
        _write_advice(book.add_worksheet(_HELP), book, matrix)
        _write_exported(book.add_worksheet(EXPORTED), matrix)
    return pack_as_anywhere(buffer.getvalue())


def _write_theme(book: Workbook, name: str, matrix: FrameworkMatrix, cells: pd.DataFrame) -> None:
    sheet = book.add_worksheet(name)
    look = {"text_wrap": True, "valign": "top"}
    head = book.add_format({**look, "bold": True, "bottom": 1})
    plain = book.add_format({**look, "border": 1, "border_color": "#cccccc"})
    fills = {
        state: book.add_format({**look, "border": 1, "border_color": "#cccccc", "bg_color": colour})
        for state, colour in _FILLS.items()
    }
    codes = cells.drop_duplicates("code")[["code", "name"]].to_numpy().tolist()
    rows = cells.drop_duplicates("case")[["case", *matrix.attributes]].to_numpy().tolist()
    heads = ["case", *matrix.attributes, *(f"{label} [{code.rpartition('/')[2]}]" for code, label in codes)]
    texts, passages = (
        _show_cells(cells),
        dict(zip(zip(cells["case"], cells["code"], strict=True), cells["passages"], strict=True)),
    )
    for place, text in enumerate(heads):
        sheet.write_string(0, place, clean(text), head)
        sheet.set_column(place, place, _NARROW if place <= len(matrix.attributes) else _WIDE)
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row):
            sheet.write_string(number, place, clean(str(value)), plain)
        for place, (code, _) in enumerate(codes, start=len(row)):
            text, state = texts[row[0], code]
            is_marked = state in fills and (state != "open" or passages[row[0], code])
            cell_look = fills[state] if is_marked else plain
            if text:
                sheet.write_string(number, place, text, cell_look)
            else:
                sheet.write_blank(number, place, None, cell_look)
    sheet.freeze_panes(1, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.repeat_columns(0)


def _write_quotes(sheet: Worksheet, book: Workbook, matrix: FrameworkMatrix) -> None:
    wrapped, head = book.add_format({"text_wrap": True, "valign": "top"}), book.add_format({"bold": True})
    for place, name in enumerate(_QUOTE_COLUMNS):
        sheet.write_string(0, place, name, head)
        sheet.set_column(place, place, 80 if name == "quote" else 22)
    for number, row in enumerate(matrix.quotes[list(_QUOTE_COLUMNS)].itertuples(index=False), start=1):
        for place, value in enumerate(row):
            sheet.write_string(number, place, clean(str(value))[:32_000], wrapped)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(matrix.quotes), 1), len(_QUOTE_COLUMNS) - 1)


def _write_advice(sheet: Worksheet, book: Workbook, matrix: FrameworkMatrix) -> None:
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 100)
    for number, text in enumerate([*_ADVICE, matrix.sentence]):
        sheet.write_string(number, 0, clean(text), wrapped)


def _write_exported(sheet: Worksheet, matrix: FrameworkMatrix) -> None:
    """Write what each cell says, by which a workbook that comes back tells what was changed."""
    from qualcode.framework import EXPORTED_COLUMNS, show_cell

    sheet.write_row(0, 0, EXPORTED_COLUMNS)
    names = ("case", "code", "state", "summary", "digest", "rests_on")
    rows = zip(*(matrix.frame[name].tolist() for name in names), strict=True)
    for number, (case, code, state, summary, digest, rests_on) in enumerate(rows, start=1):
        values = (case, code.rpartition("/")[2], clean(show_cell(state, summary)), digest, rests_on)
        for place, value in enumerate(values):
            sheet.write_string(number, place, clean(value))
    sheet.hide()


# --- other formats -------------------------------------------------------------------------------------------------


def _render_word(matrix: FrameworkMatrix, title: str) -> bytes:
    from qualcode.reports.word import render

    cover = Cover(title, matrix.sentence, qualcode.__version__)
    blocks = [block for number, part in enumerate(_split_themes(matrix)) for block in _compose(matrix, number, *part)]
    return render(Document(cast("Report", cover), {"framework": tuple(blocks)}))  # a cover is all that Word asks for


def compose_framework(report: Report) -> Iterator[Block]:
    """Compose the section of a report with what people charted; nothing where they charted nothing."""
    if not report.summaries:
        return
    from qualcode.framework import make_framework

    codebook = report.codebook
    levels = Counter(
        codebook.level(one.code) for one in report.summaries if one.code in {c.id for c in codebook.walk()}
    )
    if not levels:
        return
    level = max(levels, key=lambda one: (levels[one], one))
    matrix = make_framework(report.table, report.summaries, level=level)
    yield Heading("framework", "Framework matrix")
    yield Paragraph("framework-state", (matrix.sentence, *(f" {problem.message}" for problem in matrix.problems)))
    for number, (theme, cells) in enumerate(_split_themes(matrix)):
        is_charted = cells["summary"].ne("").groupby(cells["code"], observed=True).transform("any")
        if is_charted.any():
            yield from _compose(matrix, number, theme, cells[is_charted])


def _compose(matrix: FrameworkMatrix, number: int, theme: str, cells: pd.DataFrame) -> Iterator[Heading | Table]:
    every = cells.drop_duplicates("code")[["code", "name"]].to_numpy().tolist()
    cases = cells.drop_duplicates("case")[["case", *matrix.attributes]].to_numpy().tolist()
    texts = _show_cells(cells)
    for part, codes in enumerate(_batch(every)):
        columns = (Column("Case", 1.0), *(Column(name, 3.0) for _, name in codes))
        rows = tuple((_label(row), *(texts[row[0], code][0] for code, _ in codes)) for row in cases)
        title = f"{theme}, continued" if part else theme
        yield Table(f"table-framework-{number}-{part}", title, columns, rows, "", look="across")


def _batch(codes: list[list[str]]) -> Iterator[list[list[str]]]:
    """Yield codes as many at a time as a page has room for, evenly."""
    n_parts = -(-len(codes) // _ACROSS)
    size = -(-len(codes) // max(n_parts, 1))
    yield from (codes[start : start + size] for start in range(0, len(codes), max(size, 1)))


def _label(row: list[str]) -> str:
    """Return a case with its attributes."""
    case, *values = map(str, row)
    told = ", ".join(value for value in values if value)
    return f"{case} ({told})" if told else case


_PAGE = Markup("""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>
body {{ font: 16px/1.45 system-ui, sans-serif; margin: 1.5rem; color: #222; }}
.wide {{ overflow-x: auto; }} table {{ border-collapse: collapse; }} caption, h2 {{ text-align: left; }}
th, td {{ border: 1px solid #ccc; padding: .4rem .6rem; vertical-align: top; text-align: left; min-width: 9rem; }}
thead th {{ position: sticky; top: 0; background: #fff; }} tbody th {{ position: sticky; left: 0; background: #fff; }}
.open {{ color: #666; }} .state {{ color: #6b4500; font-size: .9em; }} blockquote {{ margin: .3rem 0 .3rem .8rem; }}
summary {{ cursor: pointer; font-size: .9em; }}
@media print {{ @page {{ size: landscape; }} .wide {{ overflow: visible; }} }}
</style></head><body><h1>{title}</h1><p>{sentence}</p>{themes}</body></html>
""")
_THEME = Markup(
    '<h2>{}</h2><div class="wide" tabindex="0"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>'
)
_PASSAGES = Markup("<details><summary>{}</summary>{}</details>")


def _render_page(matrix: FrameworkMatrix, title: str) -> bytes:
    themes = Markup("").join(_show_theme(matrix, theme, cells) for theme, cells in _split_themes(matrix))
    return _PAGE.format(title=clean(title), sentence=clean(matrix.sentence), themes=themes).encode("utf-8", "replace")


def _show_theme(matrix: FrameworkMatrix, theme: str, cells: pd.DataFrame) -> Markup:
    names = cells.drop_duplicates("code")["name"].tolist()
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(clean(name)) for name in ["Case", *names])
    rows = [
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            clean(_label(mine[["case", *matrix.attributes]].iloc[0].tolist())),
            Markup("").join(_show_cell(matrix, one) for one in mine.to_dict("records")),
        )
        for _, mine in cells.groupby("case", sort=False)
    ]
    return _THEME.format(clean(theme), head, Markup("").join(rows))


def _show_cell(matrix: FrameworkMatrix, cell: Mapping[Hashable, Any]) -> Markup:
    state = cell["state"]
    text = Markup('<span class="open">open</span>') if state == "open" else markupsafe.escape(clean(cell["summary"]))
    told = "" if state in {"open", "charted"} else Markup('<div class="state">{}</div>').format(state)
    found = matrix.list_quotes(cell["case"], cell["code"]).drop_duplicates(["transcript", "start", "end"])
    quotes = Markup("").join(
        Markup('<blockquote dir="auto">{} <small>{}:{}</small></blockquote>').format(clean(quote), transcript, segment)
        for quote, transcript, segment in zip(found["quote"], found["transcript"], found["segment"], strict=True)
    )
    passages = _PASSAGES.format(f"{len(found)} passage{'' if len(found) == 1 else 's'}", quotes) if len(found) else ""
    return Markup('<td dir="auto">{}{}{}</td>').format(text, told, passages)


def _render_table(matrix: FrameworkMatrix, title: str) -> bytes:  # noqa: ARG001  # as the others are called
    return replace(matrix, frame=matrix.frame.drop(columns=["digest", "rests_on"])).to_csv()
