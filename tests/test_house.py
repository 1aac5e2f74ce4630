"""One piece of ground for one need: who reads tables, who writes whole files, who suggests names."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "qualcode"

READERS = {"csv.reader", "csv.DictReader", "csv.Sniffer", "load_workbook", "read_csv", "read_excel", "pyarrow.csv"}
"""Calls and modules that read tables; a Parquet file is none that a person made."""

WRITERS = {"write_bytes", "write_text", "mkstemp", "NamedTemporaryFile", "os.replace", "os.rename", "open for writing"}

WRITES_OTHERWISE = {
    "figures/chart.py": "drafts in a folder of their own, which atomic puts in their places together",
    "outputs.py": "a device or a pipe, which has no place to be put in",
    "sources/documents.py": "a folder that another program converts and nobody keeps",
    "study/store/journal.py": "drafts that the journal puts in their places together",
    "study/store/locks.py": "the lock, which is nothing but there",
    "study/store/shelf.py": "a mark at the end of a log, in place",
}
"""Files that write by themselves, each with its reason."""


def find_uses(source: str) -> set[str]:
    """Return the names that a module calls or imports: as they are, and with what stands before them."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call):
            written = ast.unparse(node.func)
            found |= {written, written.rpartition(".")[2]}
            if written.rpartition(".")[2] == "open" and _is_for_writing(node):
                found.add("open for writing")
        elif isinstance(node, ast.Attribute):
            found.add(ast.unparse(node))
    return found


def _is_for_writing(call: ast.Call) -> bool:
    modes = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
    texts = [one.value for one in modes if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    return any(set(text) <= set("rwaxbt+") and set(text) & set("wax+") for text in texts)


USES = {path.relative_to(PACKAGE).as_posix(): find_uses(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import csv\ncsv.reader(text)", "csv.reader"),
        ("from csv import DictReader", "csv.DictReader"),
        ("def read(p):\n    import pandas as pd\n    return pd.read_csv(p)", "read_csv"),
        ("import openpyxl\nbook = openpyxl.load_workbook(p)", "load_workbook"),
        ("from pyarrow import csv", "pyarrow.csv"),
        ("Path('a').write_bytes(b'')", "write_bytes"),
        ("with path.open('wb') as f: pass", "open for writing"),
        ("open(p, mode='x')", "open for writing"),
        ("os.replace(a, b)", "os.replace"),
    ],
)
def test_uses_are_found(source: str, expected: str) -> None:
    assert expected in find_uses(source)


def test_reading_is_no_writing() -> None:
    harmless = "import csv\ncsv.writer(out)\npath.open('rb')\nopen(p)\npath.open(encoding='utf-8')"
    assert not find_uses(harmless) & (READERS | WRITERS)


def test_tables_are_read_in_one_place() -> None:
    found = {name: sorted(uses & READERS) for name, uses in USES.items() if uses & READERS}
    assert sorted(found) == ["spreadsheets/excel.py", "spreadsheets/text.py"], found


def test_whole_files_are_written_in_one_place() -> None:
    found = {name: sorted(uses & WRITERS) for name, uses in USES.items() if uses & WRITERS}
    assert sorted(found) == sorted({"atomic.py", *WRITES_OTHERWISE}), found


def test_names_are_suggested_in_one_place() -> None:
    """Labels that may be one person's, misspelt, are a doubt about data and no suggestion."""
    found = [name for name, uses in USES.items() if any("get_close_matches" in one for one in uses)]
    assert sorted(found) == ["sources/doubts.py", "wording.py"]
    written = [path.name for path in PACKAGE.rglob("*.py") if "Did you mean “{" in path.read_text("utf-8")]
    assert written == ["wording.py"]
