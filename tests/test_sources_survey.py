from __future__ import annotations

import io
import pickle
import zipfile
from pathlib import Path

import openpyxl
import pytest
from docx_files import package

from qualcode.cases import assign_cases
from qualcode.errors import SourceError
from qualcode.model import Case
from qualcode.sources import preview, read_survey, read_transcript

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

CSV = 'id,role,"What helped, and why?"\nP1,staff,"Time. And ""money""."\nP2,student,\nP3,staff,"Two\nlines: yes."\n'


def test_each_answer_is_a_turn_of_its_own_case(write):
    transcript, cases = read_survey(write("s.csv", CSV), text_column="what helped, and WHY?", id_column="id")
    assert transcript.text == 'P1: Time. And "money".\nP3: Two\nlines: yes.'
    assert [(t.speaker, transcript.quote(t.span)) for t in transcript.units("turn")] == [
        ("P1", 'Time. And "money".'),
        ("P3", "Two\nlines: yes."),
    ]
    assert len(transcript.units("sentence")) == 3
    assert [(case.id, dict(case.attributes)) for case in cases] == [
        ("P1", {"role": "staff"}),
        ("P2", {"role": "student"}),
        ("P3", {"role": "staff"}),
    ]
    assert transcript.source.left_out == {"empty answers": 1}
    assert transcript.interviewers == frozenset()
    index = assign_cases([transcript], cases)
    assert index.case_of("s", "P3") == "P3"
    assert [case.id for case in index.cases] == ["P1", "P3"]


def test_stamps_blank_lines_and_lines_of_services_are_in_no_answer(write):
    table = 'id,answer\na,"Time. [00:12]"\nb,[00:12]\nc,"\n\nMore.\n  \nTranscribed by https://otter.ai"\nd,"[00:14]\nMoney."\n'
    transcript, cases = read_survey(write("s.csv", table), text_column="answer", id_column="id")
    assert transcript.text == (
        "a: Time. [00:12]\nb: [00:12]\nc: More.\n  \nTranscribed by https://otter.ai\nd: [00:14]\nMoney."
    )
    assert [(t.speaker, transcript.quote(t.span)) for t in transcript.units("turn")] == [
        ("a", "Time."),
        ("c", "More."),
        ("d", "Money."),
    ]
    assert [one.rule for one in transcript.source.problems] == ["service-line"]
    assert [case.id for case in cases] == ["a", "b", "c", "d"]


def test_cases_are_equal_to_those_made_one_by_one(write):
    table = "id,answer,age,city\nP1,Yes.,40,Bern\nP2,No.,41\n"
    _, cases = read_survey(write("s.csv", table), text_column="answer", id_column="id")
    assert len(cases) == 2
    assert cases == (
        Case("P1", {"age": "40", "city": "Bern"}, (("s", "P1"),)),
        Case("P2", {"age": "41", "city": ""}, (("s", "P2"),)),
    )
    assert [case.where for case in cases] == ["s.csv:2", "s.csv:3"]
    assert pickle.loads(pickle.dumps(cases))[1] == cases[1]


def test_a_preview_finds_no_sentences_since_it_shows_none(write):
    transcript, _ = read_survey(write("s.csv", CSV), text_column="What helped, and why?")
    preview(transcript)
    assert not transcript.segments.has_sentences


def test_without_an_id_column_rows_are_numbered(write):
    transcript, cases = read_survey(write("s.csv", "answer\none\n\ntwo\n"), text_column="answer")
    assert transcript.speakers == ("R1", "R2")
    assert [case.id for case in cases] == ["R1", "R2"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_delimiters_and_encodings(tmp_path, delimiter, encoding):
    path = tmp_path / "s.csv"
    path.write_bytes(f"id{delimiter}answer\r\nP1{delimiter}café “ok”\r\n".encode(encoding))
    transcript, _ = read_survey(path, text_column="answer", id_column="id")
    assert transcript.text == "P1: café “ok”"


def workbook(rows: list[list[object]], name: str = "Sheet1") -> bytes:
    book = openpyxl.Workbook()
    book.active.title = name
    for row in rows:
        book.active.append(row)
    book.create_sheet("Other").append(["a"])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_workbook_gives_the_same(tmp_path):
    path = tmp_path / "s.xlsx"
    path.write_bytes(workbook([["id", "age", "answer"], [1, 30.0, "Time."], [2, None, "=1+1"], [3, 2.5, None]], "Data"))
    transcript, cases = read_survey(path, text_column="answer", id_column="id", sheet="Data")
    assert transcript.text == "1: Time."
    assert [(case.id, case.attributes["age"]) for case in cases] == [("1", "30"), ("2", ""), ("3", "2.5")]
    with pytest.raises(SourceError, match="no sheet “Date”") as caught:
        read_survey(path, text_column="answer", sheet="Date")
    assert "“Data” and “Other”" in caught.value.hint


def test_a_missing_column_is_answered_with_the_nearest(write):
    with pytest.raises(SourceError, match="no column “anwser”") as caught:
        read_survey(write("s.csv", "id,Answer,role\n1,x,y"), text_column="anwser")
    assert caught.value.hint == "Did you mean “Answer”? The columns are “id”, “Answer”, “role”"
    assert caught.value.where.endswith("s.csv:1")


def test_double_ids_are_refused_with_the_place(write):
    with pytest.raises(SourceError, match="“P1” is in 2 rows, and 1 other id") as caught:
        read_survey(write("s.csv", "id,answer\nP1,a\nP2,b\nP1,c\nP2,d"), text_column="answer", id_column="id")
    assert caught.value.where.endswith("s.csv:4")


def test_missing_ids_are_a_warning(write):
    transcript, _ = read_survey(write("s.csv", "id,answer\nP1,a\n,b\n"), text_column="answer", id_column="id")
    assert transcript.speakers == ("P1", "R2")
    assert [(p.level, p.rule) for p in transcript.source.problems] == [("warning", "missing-id")]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("s.csv", b"", "empty"),
        ("s.csv", b"\n\n", "empty"),
        ("s.csv", b"answer\n", "no answer in the column"),
        ("s.csv", b"answer\n \n", "no answer in the column"),
        ("s.csv", b"answer,answer\n1,2\n", "2 columns are named"),
        ("s.csv", b'answer\n"' + b"x" * 11_000_000, "row cannot be read"),
        ("s.csv", b"PK\x03\x04xl/workbook", "workbook cannot be read"),
        ("s.xlsx", b"id,answer", "no answer in the column"),
        ("s.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "password"),
        ("s.docx", b"x", "not a table"),
    ],
)
def test_tables_that_cannot_be_read(tmp_path, name, data, message):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(SourceError, match=message) as caught:
        read_survey(path, text_column="answer")
    assert caught.value.hint


def test_a_table_is_no_transcript_without_its_columns(write):
    with pytest.raises(SourceError) as caught:
        read_transcript(write("s.csv", CSV))
    assert "--text-column" in caught.value.hint


def test_a_row_number_of_billions_does_not_fill_the_memory(tmp_path):
    stream = io.BytesIO(workbook([["id", "answer"], [1, "x"], [2, "y"]]))
    with zipfile.ZipFile(stream) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(b'r="3"', b'r="99999999999"')
    path = tmp_path / "s.xlsx"
    path.write_bytes(package(dict(parts)))
    with pytest.raises(SourceError, match="more than 1,048,576 rows"):
        read_survey(path, text_column="answer")


@pytest.mark.skipif(not SHARED.exists(), reason="the development data is not here")
def test_a_real_workbook():
    path = SHARED / "rqi-relf" / "data" / "interview-data.xlsx"
    transcript, cases = read_survey(path, text_column="section", id_column="id")
    assert len(cases) == 108
    assert len(transcript.units("turn")) + transcript.source.left_out.get("empty answers", 0) == 108


def test_an_id_is_one_line_in_canonical_form(write):
    transcript, cases = read_survey(
        write("s.csv", 'id,answer,town\n"Ana\nLee",Fine: so.,Zu\u0308rich\n'), text_column="answer", id_column="id"
    )
    assert transcript.text == "Ana Lee: Fine: so."
    assert [case.id for case in cases] == ["Ana Lee"]
    assert transcript.speakers == ("Ana Lee",)
    assert cases[0].attributes == {"town": "Zürich"}


@pytest.mark.parametrize("column", ["what_happened", "What  Happened", "ＷＨＡＴ happened"])
def test_a_column_is_found_however_its_head_is_typed(column: str) -> None:
    transcript, _ = read_survey(b"id,What happened\na,It rained.\n", text_column=column, id_column="ID")
    assert transcript.speakers == ("a",)


def test_of_two_columns_that_are_alike_the_one_that_is_named_exactly() -> None:
    table = b"id,age_group,age group\na,It rained.,It snowed.\n"
    assert "It snowed." in read_survey(table, text_column="age group")[0].text
    assert "It rained." in read_survey(table, text_column="age_group")[0].text
    with pytest.raises(SourceError, match="2 columns are named"):
        read_survey(table, text_column="Age Group")
