"""One reader of tables: the same cells from text, workbooks and DataFrames, and plain words for what cannot be read."""

from __future__ import annotations

import csv
import io
import re
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qualcode.errors import CaseError, MissingDependencyError, TableError
from qualcode.spreadsheets import open_sheet, read_sheet, read_sheets, rewrite_column

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HEAD, BODY = ("case", "role"), ((2, ("P1", "teacher")), (3, ("P2", "陳老師")))
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"


def make_xlsx(rows: Sequence[Sequence[object]], *, title: str = "Sheet", merge: str = "") -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = title
    for row in rows:
        book.active.append(row)
    if merge:
        book.active.merge_cells(merge)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def make_ods(*tables: str, declaration: str = "") -> bytes:
    names = " ".join(f'xmlns:{part}="{OFFICE.format(part)}"' for part in ("office", "table", "text"))
    sheets = "".join(f'<table:table table:name="S{n}">{rows}</table:table>' for n, rows in enumerate(tables, 1))
    body = f"<office:body><office:spreadsheet>{sheets}</office:spreadsheet></office:body>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr(
            "content.xml", f"{declaration}<office:document-content {names}>{body}</office:document-content>"
        )
    return out.getvalue()


def ods_row(*cells: str) -> str:
    made = (
        one if one.startswith("<") else f"<table:table-cell><text:p>{one}</text:p></table:table-cell>" for one in cells
    )
    return f"<table:table-row>{''.join(made)}</table:table-row>"


def refusal(source: bytes, name: str = "t.csv") -> TableError:
    with pytest.raises(TableError) as caught:
        read_sheet(source, name=name)
    return caught.value


# --- text


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("sep", [True, False])
def test_every_usual_form_of_text_reads_alike(delimiter: str, line_end: str, bom: str, sep: bool) -> None:
    rows = [f"case{delimiter}role", f'P1{delimiter}"teacher"', f" P2 {delimiter}陳老師"]
    lines = [f"sep={delimiter}", *rows] if sep else rows
    table = read_sheet((bom + line_end.join(lines)).encode())
    assert (table.header, [cells for _, cells in table.rows]) == (HEAD, [cells for _, cells in BODY])
    assert [number for number, _ in table.rows] == ([3, 4] if sep else [2, 3])
    assert table.problems == ()


def test_a_path_a_file_bytes_and_a_text_are_the_same_table(tmp_path: Path) -> None:
    path = tmp_path / "案例.csv"
    data = "case,role\nP1,teacher\nP2,陳老師\n".encode()
    path.write_bytes(data)
    tables = [read_sheet(path), read_sheet(str(path)), read_sheet(data, name="案例.csv")]
    with path.open("rb") as binary, path.open(encoding="utf-8") as text:
        tables += [read_sheet(binary), read_sheet(text)]
    assert all(table == tables[0] for table in tables)
    assert (tables[0].name, tables[0].header, tables[0].rows) == ("案例.csv", HEAD, BODY)


def test_a_quoted_cell_may_hold_delimiters_quotes_and_lines_and_rows_are_numbered_by_their_first_line() -> None:
    table = read_sheet(b'case,said\r\n\r\nP1,"a ""b"",\r\nc"\r\n,\r\nP2,d\r\n')
    assert table.rows == ((3, ("P1", 'a "b",\nc')), (6, ("P2", "d")))


def test_ragged_rows_and_equal_heads_are_left_as_they_are() -> None:
    table = read_sheet(b"case,role,role\nP1\nP2,a,b,c\n")
    assert table.header == ("case", "role", "role")
    assert table.rows == ((2, ("P1",)), (3, ("P2", "a", "b", "c")))


def test_full_width_marks_and_right_to_left_are_words() -> None:
    table = read_sheet("案例,備註\nP1,好，很好；對\nP2,\u200fשלום عالم\n".encode())
    assert [cells[1] for _, cells in table.rows] == ["好，很好；對", "\u200fשלום عالم"]


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\n \n,,\n", make_xlsx([]), make_ods("")])
def test_an_empty_table_has_no_header(data: bytes) -> None:
    table = read_sheet(data)
    assert (table.header, table.rows, table.header_number) == ((), (), 0)


def test_a_cell_of_200000_characters_reads() -> None:
    assert len(read_sheet(b"a,b\n1," + b"x" * 200_000).rows[0][1][1]) == 200_000


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=2, max_size=2)
    )
)
def test_what_csv_writes_comes_back_without_blanks_around(rows: list[list[str]]) -> None:
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    table = read_sheet("\n".join(["a,b", *quoted]).encode())
    stripped = [tuple(re.sub("\r\n?", "\n", cell).strip() for cell in row) for row in rows]
    assert [cells for _, cells in table.rows] == [cells for cells in stripped if any(cells)]


@pytest.mark.parametrize(
    ("data", "where", "words"),
    [
        (b"a,b\n1,x\n2,caf\xe9\n", "t.csv:3", "not in UTF-8"),
        ("a,b\n".encode("utf-16-le"), "t.csv:1", "null characters"),
        (b'sep=;\na;b\n1;"x"y\n', "t.csv:3", "cannot be read"),
        (b'a,b\n1,"never closed\n', "t.csv:2", "cannot be read"),
        (b"a;b,c\n1;2,3\n", "t.csv:1", "commas, semicolons or tabs"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "t.csv", "password"),
        (b"PK\x03\x04 and no more", "t.csv", "workbook cannot be read"),
    ],
)
def test_what_cannot_be_read_is_told_with_place_and_repair(data: bytes, where: str, words: str) -> None:
    error = refusal(data)
    assert error.where == where
    assert words in error.message
    assert error.hint


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16-le", "utf-16-be", "utf-32-le"])
def test_an_encoding_that_the_first_bytes_state_is_no_guess(encoding: str) -> None:
    mark = "" if encoding == "utf-8-sig" else "\ufeff"
    table = read_sheet(f"{mark}case\trole\r\nP1\t陳老師\r\n".encode(encoding))
    assert (table.header, table.rows) == (HEAD, ((2, ("P1", "陳老師")),))


def test_a_delimiter_within_a_quoted_name_of_a_column_is_none() -> None:
    table = read_sheet(b'id,"What helped, and why; please"\nP1,time; money\nP2\n')
    assert table.header == ("id", "What helped, and why; please")
    assert [cells for _, cells in table.rows] == [("P1", "time; money"), ("P2",)]


def test_rows_are_read_while_one_goes_through_them(tmp_path: Path) -> None:
    """A wrong row further down is reached before it is told, and nothing of the file stays in memory."""
    path = tmp_path / "long.csv"
    path.write_bytes(b"case,role\n" + b"P1,x\n" * 100_000 + b'P2,"y"z\n')
    table = open_sheet(path, error=CaseError)
    assert (table.header, next(table.rows)) == (HEAD, (2, ("P1", "x")))
    with pytest.raises(CaseError) as caught:
        list(table.rows)
    assert caught.value.where == "long.csv:100002"


def test_a_text_that_is_larger_than_what_is_kept_is_read_from_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.csv"
    monkeypatch.setattr("qualcode.spreadsheets.reading._IN_MEMORY", 10)
    for data in (b"case;role,\r\nP1;a,\r\nP2;b\r\n", make_xlsx([["case", "role"], ["P1", "a"]]), b"a,b\n1,2\n"):
        path.write_bytes(data)
        expected = read_sheet(data, name="t.csv")
        assert open_sheet(path).read() == expected
    for data, where in [
        (b"a,b\n1,x\n2,caf\xe9\n", "t.csv:3"),
        (b"a,b\n1,\0\n", "t.csv:2"),
        (b"\xd0\xcf\x11\xe0" * 9, "t.csv"),
    ]:
        path.write_bytes(data)
        with pytest.raises(TableError) as caught:
            open_sheet(path).read()
        assert caught.value.where == where


def test_two_tables_may_be_open_at_once_and_the_limit_of_others_stands() -> None:
    before = csv.field_size_limit()
    data = b"a,b\n" + b"1,2\n" * 2000
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda _: sum(1 for _ in zip(open_sheet(data).rows, open_sheet(data).rows)), range(8)))  # noqa: B905
    assert counts == [2000] * 8
    assert csv.field_size_limit() == before


def test_an_encoding_is_taken_as_it_is_named() -> None:
    data = "case,role\nP1,café\n".encode("cp1252")
    assert read_sheet(data, encoding="cp1252").rows[0][1][1] == "café"
    with pytest.raises(TableError, match="no encoding “klingon”"):
        read_sheet(data, encoding="klingon")
    with pytest.raises(TableError, match="not in ASCII"):
        read_sheet(data, encoding="ascii")


def test_what_is_no_table_at_all(tmp_path: Path) -> None:
    for source, words in [(tmp_path, "directory"), (tmp_path / "no.csv", "[Ff]ile"), ("a\0b", "file name")]:
        with pytest.raises(TableError, match=words):
            read_sheet(source)
    with pytest.raises(TableError, match="from int"):
        read_sheet(7)  # type: ignore[arg-type]
    closed = io.BytesIO(b"a,b")
    closed.close()
    with pytest.raises(TableError, match="closed file"):
        read_sheet(closed)
    with pytest.raises(CaseError, match="directory"):
        read_sheet(tmp_path, error=CaseError)


# --- rewriting


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"case,role\r\nP1,P1\r\nP2,x", b"case,role\r\nP 9,P1\r\nP2,x"),
        (b'\xef\xbb\xbf"case";"r"\n"P1"; "a\n\n\nP2;"b,c"\n', b'\xef\xbb\xbf"case";"r"\n"P 9"; "a\n\n\nP2;"b,c"\n'),
        (b"sep=|\r\nrole|case\r\nP1| P1 \r\nx\r\n", b"sep=|\r\nrole|case\r\nP1| P 9 \r\nx\r\n"),
        (b'case,role\rP1,"two\r\nlines ""P1"""\r', b'case,role\rP 9,"two\r\nlines ""P1"""\r'),
        ("\ufeffcase\trole\nP1\t陳\n".encode("utf-16-be"), "\ufeffcase\trole\nP 9\t陳\n".encode("utf-16-be")),
        (b"\n,\nname,role\nP1,P1\n", b"\n,\nname,role\nP 9,P1\n"),
        (b"", b""),
        (b"P1", b"P1"),
    ],
)
def test_a_cell_gets_another_value_and_all_else_stays(before: bytes, after: bytes) -> None:
    assert rewrite_column(before, ["nowhere", "case"], lambda cell: cell.replace("P1", "P 9"), name="t.csv") == after


def test_a_new_value_is_quoted_where_it_needs_that_and_rows_can_be_left_out() -> None:
    data = b"case,role\nP1,a\nP2,b\nP3,c\n"
    goals = {"P1": 'a, "b"\nc', "P2": None, "P3": "P;3"}
    assert rewrite_column(data, ["case"], goals.get, name="t.csv") == b'case,role\n"a, ""b""\nc",a\nP;3,c\n'


@given(st.text(st.sampled_from('ab ,;"\n\r\té'), max_size=40))
def test_rewriting_by_the_same_values_changes_no_byte(text: str) -> None:
    data = f"sep=,\n{text}".encode()
    try:
        table = read_sheet(data)
    except TableError:
        with pytest.raises(TableError):
            rewrite_column(data, ["a"], lambda cell: cell, name="t.csv")
        return
    assert rewrite_column(data, ["a"], lambda cell: cell, name="t.csv") == data
    place = table.header.index("a") if "a" in table.header else 0
    marked = read_sheet(rewrite_column(data, ["a"], lambda cell: f"{cell}x", name="t.csv"))
    assert (marked.header, marked.rows) == (
        table.header,
        tuple(
            (line, (*cells[:place], *(f"{cell}x" for cell in cells[place : place + 1]), *cells[place + 1 :]))
            for line, cells in table.rows
        ),
    )


def test_what_cannot_be_read_is_not_rewritten() -> None:
    for data, words in [
        (b"a,b\n1,caf\xe9\n", "UTF-8"),
        (make_xlsx([["a"]]), "workbook"),
        (b'a,b\n"1,2\n', "cannot be read"),
    ]:
        with pytest.raises(CaseError, match=words):
            rewrite_column(data, ["a"], str.upper, name="t.csv", error=CaseError)


# --- workbooks and DataFrames

VALUES = ["P1", 3, 2.0, 0.1 + 0.2, 1e20, True, date(2025, 2, 1), datetime(2025, 2, 1, 9, 30)]  # noqa: DTZ001
SHOWN = ("P1", "3", "2", "0.3", str(10**20), "TRUE", "2025-02-01", "2025-02-01 09:30:00")


def test_values_of_a_workbook_and_of_a_frame_read_as_they_are_shown() -> None:
    head = [f"c{n}" for n in range(len(VALUES))]
    book = read_sheet(make_xlsx([head, VALUES]))
    frame = read_sheet(pd.DataFrame([VALUES], columns=head))
    assert book.header == frame.header == tuple(head)
    assert book.rows == frame.rows == ((2, SHOWN),)


def test_blank_rows_keep_their_numbers_and_short_rows_are_filled() -> None:
    table = read_sheet(make_xlsx([["a", "b"], [None], ["", " "], ["1"], [None, None, "beyond"]]))
    assert table.rows == ((4, ("1", "")), (5, ("", "", "beyond")))


def test_a_formula_is_its_stored_value_and_one_without_is_told() -> None:
    data = make_xlsx([["case", "sum", "note"], ["P1", "=1+1", "=HYPERLINK()"], ["P2", "=2+2", "x"]])
    stored = rewrite(data, rb"<f>1\+1</f><v(?: ?/>|></v>)", b"<f>1+1</f><v>2</v>")
    table = read_sheet(stored, name="b.xlsx")
    assert [cells for _, cells in table.rows] == [("P1", "2", ""), ("P2", "", "x")]
    (problem,) = table.problems
    assert (problem.level, problem.rule, problem.where) == ("warning", "formula", "b.xlsx")
    assert "C2 and B3" in problem.message


def test_a_formula_whose_stored_value_is_the_empty_text_is_no_problem() -> None:
    data = make_xlsx([["case", "sum"], ["P1", "=1+1"]])
    stored = rewrite(data, rb'<c r="B2"><f>1\+1</f><v(?: ?/>|></v>)', b'<c r="B2" t="str"><f>1+1</f><v></v>')
    table = read_sheet(stored)
    assert (table.rows, table.problems) == (((2, ("P1", "")),), ())


def rewrite(data: bytes, old: bytes, new: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(out, "w") as after:
        parts = {name: before.read(name) for name in before.namelist()}
        assert any(re.search(old, part) for part in parts.values())
        for name, part in parts.items():
            after.writestr(name, re.sub(old, new, part))
    return out.getvalue()


def test_merged_cells_are_told() -> None:
    table = read_sheet(make_xlsx([["case", "site"], ["P1", "north"], ["P2", None]], merge="B2:B3"))
    assert [cells for _, cells in table.rows] == [("P1", "north"), ("P2", "")]
    assert [(one.rule, "B2:B3" in one.message) for one in table.problems] == [("merged-cells", True)]


def test_sheets_are_named_and_chosen() -> None:
    data = make_ods(ods_row("a"), ods_row("b"))
    assert [(one.name, one.sheet, one.header) for one in read_sheets(data, name="t.ods")] == [
        ("t.ods, sheet S1", "S1", ("a",)),
        ("t.ods, sheet S2", "S2", ("b",)),
    ]
    assert read_sheet(data, sheet="S2").header == ("b",)
    with pytest.raises(TableError, match="no sheet “Date”") as caught:
        read_sheet(make_xlsx([["a"]], title="Data"), sheet="Date")
    assert "Did you mean “Data”" in caught.value.hint


def test_a_frame_gives_its_index_when_that_has_a_name_and_blanks_for_what_is_missing() -> None:
    frame = pd.DataFrame({"role": ["x", None], "age": [41, None], "at": [pd.NaT, pd.Timestamp("2025-02-01")]})
    assert read_sheet(frame).rows == ((2, ("x", "41", "")), (3, ("", "", "2025-02-01")))
    frame.index = pd.Index(["P1", "P2"], name="case")
    assert read_sheet(frame).header == ("case", "role", "age", "at")
    with pytest.raises(TableError, match="several levels"):
        read_sheet(pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", "b")])))


def test_without_openpyxl_the_install_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    data = make_xlsx([["a"]])
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingDependencyError) as caught:
        read_sheet(data)
    assert "pip install 'qualcode[excel]'" in caught.value.hint


# --- OpenDocument


def cell(kind: str, value: str, *, shown: str = "shown", more: str = "") -> str:
    part = {"date": "date-value", "boolean": "boolean-value"}.get(kind, "value")
    stored = f'office:value-type="{kind}" office:{part}="{value}"' if kind else ""
    return f"<table:table-cell {stored} {more}><text:p>{shown}</text:p></table:table-cell>"


def test_an_opendocument_sheet_reads_like_the_others() -> None:
    values = [
        cell("float", "3"), cell("float", "2.0"), cell("float", "0.30000000000000004"), cell("boolean", "true"),
        cell("date", "2025-02-01"), cell("date", "2025-02-01T09:30:00"), cell("percentage", "0.5", shown="50 %"),
    ]  # fmt: skip
    table = read_sheet(make_ods(ods_row(*"abcdefg") + ods_row(*values)))
    assert table.rows == ((2, ("3", "2", "0.3", "TRUE", "2025-02-01", "2025-02-01 09:30:00", "0.5")),)


def test_blanks_lines_and_remarks_within_an_opendocument_cell() -> None:
    words = 'a<text:s text:c="2"/>b<text:line-break/><text:span>c</text:span><!-- no -->d'
    note = "<office:annotation><text:p>a remark</text:p></office:annotation>"
    rows = ods_row("x") + ods_row(
        f"<table:table-cell>{note}<text:p>{words}</text:p><text:p>e</text:p></table:table-cell>"
    )
    assert read_sheet(make_ods(rows)).rows == ((2, ("a  b\ncd\ne",)),)


def test_rows_and_cells_that_repeat_are_written_out_and_blank_ones_cost_nothing() -> None:
    blank = '<table:table-cell table:number-columns-repeated="16380"/>'
    twice = cell("", "", shown="x", more='table:number-columns-repeated="2"')
    row = ods_row(twice, blank).replace("<table:table-row", '<table:table-row table:number-rows-repeated="2"')
    gap = ods_row(blank).replace("<table:table-row", '<table:table-row table:number-rows-repeated="1000"')
    tail = gap.replace('"1000"', '"999999999"')
    table = read_sheet(make_ods(ods_row("a", "b", blank) + row + gap + ods_row("y") + tail))
    assert table.rows == ((2, ("x", "x")), (3, ("x", "x")), (1004, ("y", "")))


@pytest.mark.parametrize(
    "attribute", ['table:number-rows-repeated="900000000"', 'table:number-rows-repeated="1000000"']
)
def test_repeated_cells_cannot_fill_the_memory(attribute: str) -> None:
    many = cell("", "", shown="x", more='table:number-columns-repeated="16000"')
    bomb = make_ods(ods_row(many).replace("<table:table-row", f"<table:table-row {attribute}"))
    assert "more than" in refusal(bomb).message


def test_formulas_and_merged_cells_of_opendocument_are_told() -> None:
    lost = '<table:table-cell table:formula="of:=1+1"/>'
    kept = cell("float", "2", more='table:formula="of:=1+1" table:number-rows-spanned="2"')
    table = read_sheet(make_ods(ods_row("a", "b") + ods_row(kept, lost)))
    assert table.rows == ((2, ("2", "")),)
    assert [(one.rule, "B2" in one.message or "A2" in one.message) for one in table.problems] == [
        ("formula", True),
        ("merged-cells", True),
    ]


# --- attacks


def test_entities_are_refused() -> None:
    declaration = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    assert "entities" in refusal(make_ods(ods_row("&a;"), declaration=declaration)).message
    book = rewrite(make_xlsx([["a"]]), b"<worksheet", b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet')
    assert "entities" in refusal(book).message


ENTITIES = '<?xml version="1.0"{}?><!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>'
DISGUISES = {
    "UTF-16 without a mark": ENTITIES.format("").encode("utf-16-le"),
    "UTF-16 the other way": ENTITIES.format("").encode("utf-16-be"),
    "UTF-32": ENTITIES.format("").encode("utf-32-le"),
    "UTF-7": (ENTITIES.format(' encoding="UTF-7"').replace("<!", "+ADwAIQ-")).encode(),
    "EBCDIC": ENTITIES.format(' encoding="cp037"').encode("cp037"),
    "behind blanks": b" " * 5000 + ENTITIES[ENTITIES.index("?>") + 2 :].encode(),
}


@pytest.mark.parametrize("disguise", DISGUISES)
def test_no_encoding_hides_entities(disguise: str) -> None:
    for name in ("xl/worksheets/sheet1.xml", "xl/anything.bin"):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as package:
            package.writestr(name, DISGUISES[disguise])
        message = refusal(out.getvalue()).message
        assert "entities" in message or "which no document uses" in message


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "content.xml"])
def test_a_package_that_unpacks_to_too_much_is_refused(part: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(part, bytes(101_000_000))
    assert "unpacks to 101 MB" in refusal(out.getvalue()).message


def test_a_damaged_row_number_ends() -> None:
    book = rewrite(make_xlsx([["a"], ["b"]]), b'r="2"', b'r="99999999999"')
    assert "more than 1,048,576 rows" in refusal(book).message


def test_a_zip_that_is_no_workbook() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("word/document.xml", "<x/>")
    assert "no Excel workbook" in refusal(out.getvalue()).message
