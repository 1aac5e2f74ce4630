"""Tables that people bring (CSV, TSV, Excel, OpenDocument, a DataFrame) → header, numbered rows, problems.

Cells are text, as a person sees them, without blanks around. Nothing is computed and nothing is guessed: what can be
read in two ways is an error that names the repair.
"""

from __future__ import annotations

from qualcode.spreadsheets.reading import TableSource, read_sheet, read_sheets
from qualcode.spreadsheets.sheet import Spreadsheet
from qualcode.spreadsheets.text import arm, disarm

__all__ = ["Spreadsheet", "TableSource", "arm", "disarm", "read_sheet", "read_sheets"]
