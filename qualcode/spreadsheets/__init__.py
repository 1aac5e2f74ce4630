"""Tables that people bring (CSV, TSV, Excel, OpenDocument, a DataFrame) → header, numbered rows, problems.

Cells are text, as a person sees them, without blanks around. Nothing is computed and nothing is guessed: what can be
read in two ways is an error that names the repair.
"""

from __future__ import annotations

from qualcode.spreadsheets.reading import TableSource, name_source, open_sheet, read_sheet, read_sheets
from qualcode.spreadsheets.rewriting import append_rows, rewrite_cells, rewrite_column
from qualcode.spreadsheets.sheet import OpenSheet, Spreadsheet, fold_head
from qualcode.spreadsheets.text import arm, disarm

__all__ = [
    "OpenSheet",
    "Spreadsheet",
    "TableSource",
    "append_rows",
    "arm",
    "disarm",
    "fold_head",
    "name_source",
    "open_sheet",
    "read_sheet",
    "read_sheets",
    "rewrite_cells",
    "rewrite_column",
]
