"""Every place that takes a table: it takes the same sources everywhere, and what is awkward is read or told."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import openpyxl
import pandas as pd
import pytest
from studies import CODEBOOK, begin_study

from qualcode.agreement import read_ratings, read_spans
from qualcode.cases import read_cases
from qualcode.corpus.reading import open_corpus
from qualcode.errors import QualcodeError
from qualcode.running import analyse
from qualcode.sources import read_speakers, read_survey
from qualcode.study import create_study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from qualcode.spreadsheets import TableSource

WORD = "Bäcker"
"""Stands in every table, so that its encoding matters."""


def take_cases(source: TableSource, _folder: Path) -> object:
    return [(case.id, dict(case.attributes)) for case in read_cases(source)]


def begin_with_cases(source: TableSource, folder: Path) -> object:
    study = create_study(folder / "study", cases=source)
    return [(case.id, dict(case.attributes)) for case in study.cases]


def run(folder: Path, **tables: Any) -> Any:
    (folder / "P1.txt").write_text("Bo: What was hard?\nAna: We had a clash.\n", "utf-8")
    (folder / "book.yaml").write_text(CODEBOOK, "utf-8")
    return analyse([folder / "P1.txt"], folder / "book.yaml", **tables)


def run_with_cases(source: TableSource, folder: Path) -> object:
    found = run(folder, cases=source)
    assert len(found.digests) == 3
    return [(case.id, dict(case.attributes)) for case in found.cases]


def run_with_speakers(source: TableSource, folder: Path) -> object:
    return run(folder, speakers=source).transcripts[0].interviewers


def decide(source: TableSource, folder: Path) -> object:
    with begin_study(folder / "s") as study:
        study.decide_from_table("ana", source)
        sheet = study.sheet("ana", "P07")
        return [(one.code, one.note) for one in sheet.codings] if sheet else []


def bring_back(source: TableSource, folder: Path) -> object:
    with begin_study(folder / "s") as study:
        report = study.import_table("ana", source)
        sheet = study.sheet("ana", "P07")
        return report.n_applied, [(one.code, one.note) for one in sheet.codings] if sheet else []


def adjudicate(source: TableSource, folder: Path) -> object:
    with begin_study(folder / "s") as study:
        study.decide("ana", "P07:t002", "praise", "apply")
        study.mark_seen("ben", ["P07:t002"])
        return study.adjudicate_from_table(("ana", "ben"), source)


def rate(source: TableSource, _folder: Path) -> object:
    ratings = read_ratings(source)
    return ratings.coders, sorted(ratings.categories)


def mark(source: TableSource, _folder: Path) -> object:
    return [(one.name, one.length, sorted(one.passages)) for one in read_spans(source)]


def ask(source: TableSource, _folder: Path) -> object:
    transcript, cases = read_survey(source, text_column="answer", id_column="id")
    return transcript.text, [dict(case.attributes) for case in cases]


def name_people(source: TableSource, _folder: Path) -> object:
    return [(one.label, one.person, one.role) for one in read_speakers(source)]


PLACES: dict[str, tuple[Callable[[TableSource, Path], object], list[list[str]], object]] = {
    "cases": (take_cases, [["case", "job"], ["P1", WORD], ["P2", "x"]], [("P1", {"job": WORD}), ("P2", {"job": "x"})]),
    "study": (begin_with_cases, [["case", "job"], ["P1", WORD]], [("P1", {"job": WORD})]),
    "run --cases": (run_with_cases, [["case", "job"], ["P1", WORD]], [("P1", {"job": WORD})]),
    "run --speakers": (
        run_with_speakers,
        [["label", "role", "note"], ["Ana", "interviewer", WORD], ["Bo", "participant", ""]],
        {"Ana"},
    ),
    "decisions": (
        decide,
        [["segment", "code", "act", "note"], ["P07:t002", "praise", "apply", WORD]],
        [("praise", WORD)],
    ),
    "a coder's work": (
        bring_back,
        [["segment", "codes", "note"], ["P07:t002", "praise", WORD]],
        (1, [("praise", WORD)]),
    ),
    "verdicts": (adjudicate, [["segment", "code", "verdict", "why"], ["P07:t002", "praise", "y", WORD]], (1, 0)),
    "ratings": (
        rate,
        [["unit", "ana", "ben"], ["1", WORD, "x"], ["2", "x", "x"]],
        (("ana", "ben"), sorted([WORD, "x"])),
    ),
    "passages": (
        mark,
        [["transcript", "length", "coder", "start", "end", "value"],
         ["P1", "9", "ana", "1", "2", WORD],
         ["P1", "9", "ben", "1", "3", "x"]],
        [("P1", 9, ["ana", "ben"])],
    ),
    "survey": (ask, [["id", "answer", "job"], ["P1", "Fine.", WORD]], ("P1: Fine.", [{"job": WORD}])),
    "speakers": (name_people, [["label", "person", "role"], ["A", WORD, "other"]], [("A", WORD, "other")]),
}  # fmt: skip
"""What takes a table, a table, and what comes of it."""


def write_text(rows: list[list[str]], delimiter: str = ",", line_end: str = "\n") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return text.getvalue()


def write_book(rows: list[list[str]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def offer(rows: list[list[str]], folder: Path) -> Iterator[tuple[str, TableSource]]:
    """Yield a table in every form in which one may bring it."""
    data = write_text(rows).encode()
    (folder / "t.csv").write_bytes(data)
    (folder / "t.xlsx").write_bytes(write_book(rows))
    yield "path", folder / "t.csv"
    yield "str", str(folder / "t.csv")
    yield "workbook", folder / "t.xlsx"
    yield "bytes", data
    with (folder / "t.csv").open("rb") as binary:
        yield "binary", binary
    with (folder / "t.csv").open(encoding="utf-8") as text:
        yield "text", text
    yield "unnamed", io.BytesIO(data)
    yield "frame", pd.DataFrame(rows[1:], columns=rows[0])


@pytest.mark.parametrize("place", PLACES)
def test_a_table_is_a_path_a_file_or_a_frame(place: str, tmp_path: Path) -> None:
    use, rows, expected = PLACES[place]
    for form, source in offer(rows, tmp_path):
        (tmp_path / form).mkdir()
        assert use(source, tmp_path / form) == expected, form


def dress(rows: list[list[str]]) -> dict[str, tuple[bytes, bool]]:
    """Return a table in forms that are usual, and whether all places read them."""
    return {
        "sep": (f"sep=;\r\n{write_text(rows, ';')}".encode(), True),
        "semicolons": (write_text(rows, ";", "\r\n").encode(), True),
        "tabs": (write_text(rows, "\t", "\r").encode(), True),
        "mark": (write_text(rows).encode("utf-8-sig"), True),
        "utf-16": (write_text(rows, "\t", "\r\n").encode("utf-16"), True),
        "quoted": (("".join(",".join(f'" {cell} "' for cell in row) + "\r\n\r\n" for row in rows)).encode(), True),
        "latin-1": (write_text(rows).encode("latin-1"), False),
        "cp950": (write_text(rows).replace(WORD, "陳老師說我們都很好").encode("cp950"), False),
        "null": (write_text(rows).replace(WORD, "a\0b").encode(), False),
        "lines": (write_text([*rows[:-1], [*rows[-1][:-1], "two\nlines “said”"]]).encode(), False),
        "open quote": (write_text(rows).replace(WORD, '"never closed').encode(), False),
        "wide": (write_text([[*row, *(f"{row[0]}{n}" for n in range(100_000))] for row in rows]).encode(), False),
        "formula": (write_book([[cell.replace(WORD, "=1+1") for cell in row] for row in rows]), False),
        "empty": (b"", False),
        "blank": (b"\xef\xbb\xbf\r\n,,\r\n", False),
        "header": (write_text(rows[:1]).encode(), False),
        "twice": (write_text([[*row, row[-1]] for row in rows]).encode(), False),
        "twice another": (write_text([[*row, row[0]] for row in rows]).encode(), False),
        "ragged": (write_text([rows[0], *([*row, "more", "cells"] for row in rows[1:])]).encode(), False),
        "short": (write_text([rows[0], *(row[:1] for row in rows[1:])]).encode(), False),
        "password": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), False),
        "no workbook": (b"PK\x03\x04 and no more", False),
        "pdf": (b"%PDF-1.7\n\xff\xfe\x00", False),
    }


@pytest.mark.parametrize("place", PLACES)
def test_what_is_awkward_is_read_or_told(place: str, tmp_path: Path) -> None:
    """Whatever comes, there is a result or an error that says what is wrong; any other exception fails here."""
    use, rows, expected = PLACES[place]
    for dressing, (data, is_usual) in dress(rows).items():
        (tmp_path / dressing).mkdir()
        (tmp_path / dressing / "t.csv").write_bytes(data)
        found: object
        try:
            found = use(tmp_path / dressing / "t.csv", tmp_path / dressing)
        except QualcodeError as told:
            found = told
        if is_usual:
            assert found == expected, dressing
        elif isinstance(found, QualcodeError):
            assert found.message, dressing
            assert found.hint or found.problems or found.where, dressing


def test_an_encoding_is_guessed_where_words_are_brought_in_and_nowhere_else(tmp_path: Path) -> None:
    for place, (use, rows, expected) in PLACES.items():
        (tmp_path / place).mkdir()
        source = write_text(rows).encode("latin-1")
        if place in {"survey", "speakers", "run --speakers"}:
            assert use(source, tmp_path / place) == expected
        else:
            with pytest.raises(QualcodeError, match="not in UTF-8"):
                use(source, tmp_path / place)


def test_the_guess_is_stated() -> None:
    transcript, _ = read_survey("id,answer\nP1,Die Bäcker hören zu.\n".encode("latin-1"), text_column="answer")
    assert [(one.level, one.rule) for one in transcript.source.problems] == [("note", "encoding-guessed")]
    assert transcript.source.encoding == "cp1252"


def test_two_columns_of_one_name_in_a_survey_are_told() -> None:
    data = b"id,job,answer,job\nP1,baker,Fine.,smith\n"
    transcript, (case,) = read_survey(data, text_column="answer", id_column="id", language="en")
    assert case.attributes == {"job": "baker"}
    assert [(one.level, one.rule) for one in transcript.source.problems] == [("warning", "duplicate-header")]


def test_a_formula_of_which_nobody_knows_the_value_is_told_in_a_survey() -> None:
    data = write_book([["id", "answer"], ["P1", "Fine."], ["P2", "=1+1"]])
    transcript, _ = read_survey(data, text_column="answer", id_column="id", language="en")
    assert [(one.level, one.rule) for one in transcript.source.problems] == [("warning", "formula")]


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx"])
def test_a_corpus_reads_what_a_survey_reads(name: str, tmp_path: Path) -> None:
    rows = [["id", "text", "job"], ["P1", "Fine.", WORD], ["P2", "Two\nlines", "x"]]
    (tmp_path / name).write_bytes(
        write_book(rows) if name == "t.xlsx" else f"sep=;\n{write_text(rows, ';')}".encode("latin-1")
    )
    corpus = open_corpus([tmp_path / name])
    assert corpus.check() == 2
    (batch,) = corpus.batches(1000)
    assert batch.to_pylist() == [
        {"id": "P1", "text": "Fine.", "speaker": "", "case": "", "job": WORD},
        {"id": "P2", "text": "Two\nlines", "speaker": "", "case": "", "job": "x"},
    ]


def test_cases_of_a_workbook_are_kept_as_text_that_no_spreadsheet_computes(tmp_path: Path) -> None:
    study = create_study(tmp_path / "s", cases=pd.DataFrame({"case": ["P1"], "note": ["=1+1"], "n": [-2]}))
    assert (study.root / "cases.csv").read_bytes() == b"case,note,n\nP1,'=1+1,'-2\n"
    assert [dict(case.attributes) for case in study.cases] == [{"note": "=1+1", "n": "-2"}]
