"""Sheets of a workbook that are written as xlsxwriter writes them, in a fraction of the time."""

from __future__ import annotations

from functools import cache
from inspect import unwrap
from typing import Any

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

_name_column = cache(xl_col_to_name)


class Sheet(Worksheet):  # type: ignore[misc]  # xlsxwriter is untyped
    """A sheet whose cells are text and numbers, each with a look.

    xlsxwriter makes a list of attributes for every cell and escapes each of them, though references and numbers have
    nothing to escape. What it writes is the same to the byte; should it write cells another way one day, workbooks only
    take longer.
    """

    write_string = unwrap(Worksheet.write_string)  # without a look whether the place is a name such as “B2”
    write_number = unwrap(Worksheet.write_number)

    def _write_sheet_data(self) -> None:
        super()._write_sheet_data()
        self.table.clear()  # takes far more memory than what was written

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        kind, look = type(cell).__name__, cell.format
        if not look or self.constant_memory or kind not in {"String", "Number"}:
            super()._write_cell(row, col, cell)
            return
        start = f'<c r="{_name_column(col)}{row + 1}" s="{look._get_xf_index()}"'  # noqa: SLF001
        self.fh.write(
            f'{start} t="s"><v>{cell.string}</v></c>' if kind == "String" else f"{start}><v>{cell.number:.16G}</v></c>"
        )
