"""Coded transcripts for people: in Word with comments that come back, and as a page for an appendix."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from exchanging import DATA
from studies import Clock, begin_study

from qualcode.cli import cli
from qualcode.exchange import read_project
from qualcode.model import Span
from qualcode.reports import write_coded_page, write_commented
from qualcode.sources import read_comments
from qualcode.study import create_study


def export(study, *args):
    done = CliRunner().invoke(cli, ["export", *map(str, args), "--study", str(study.root)], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done


@pytest.fixture
def study(tmp_path):
    with begin_study(tmp_path / "study") as study:
        study.decide("ana", "P07:t002", "scheduling", "apply", span=Span(34, 42), note="odd: <b>&\nsecond line")
        study.decide("ana", "P07:t002", "praise", "apply", span=Span(34, 42))
        study.decide("ben", "P07:t002", "turnover", "apply", span=Span(38, 60))
        study.decide("ben", "P07:t004", "praise", "apply")
        yield study


def given(study, coder):
    sheet = study.sheet(coder, "P07")
    return [(one.span, one.code, one.quote, one.note) for one in sheet.codings] if sheet else []


def test_codings_are_comments_of_their_coders(study):
    transcript, codings = study.transcript("P07"), study.codings_on("P07")
    data = write_commented(transcript, codings, study.codebook)
    assert data == write_commented(transcript, codings, study.codebook)
    text, comments = read_comments(data, "P07.docx")
    assert text.split() == transcript.text.split()
    assert sorted((one.author, one.text.split("\n")[0], text[one.start : one.end]) for one in comments) == sorted(
        (one.coder, study.codebook.path(one.code), one.quote) for one in codings
    )


def test_the_comments_come_back(study, tmp_path):
    export(study, "--to", "docx-comments", "--transcript", "P07", "--out", tmp_path / "P07.docx")
    with create_study(tmp_path / "other", codebook=study.layout.codebook, clock=Clock()) as other:
        other.add_transcript(study.transcript("P07"))
        report = other.import_comments((tmp_path / "P07.docx").read_bytes(), "P07.docx")
        assert report.problems == ()
        for coder in ("ana", "ben"):
            assert given(other, coder) == given(study, coder)


def test_all_of_a_project_goes_to_word_and_comes_back(tmp_path):
    with create_study(tmp_path / "one", clock=Clock()) as one, create_study(tmp_path / "two", clock=Clock()) as two:
        for study in (one, two):
            study.import_project(read_project(DATA / "shapes" / "good-export.qdpx"))
        export(one, "--to", "docx-comments", "--out", tmp_path / "word")
        for name in ("P3", "P4"):
            for coder in ("ana", "ben"):
                sheet = two.sheet(coder, name)
                for coding in sheet.codings:
                    address = two.address_of(name, coding.span)
                    two.decide(coder, address, coding.code, "remove", span=coding.span)
            report = two.import_comments((tmp_path / "word" / f"{name}.docx").read_bytes(), f"{name}.docx")
            assert report.problems == ()
            for coder in ("ana", "ben"):
                places = [
                    {(coding.span, coding.code) for coding in study.sheet(coder, name).codings} for study in (one, two)
                ]
                assert places[0] == places[1]


def test_a_page_shows_what_is_coded_and_runs_nothing(study):
    page = write_coded_page(study.transcript("P07"), study.codings_on("P07"), study.codebook).decode()
    assert page.count("<p>") == len(study.transcript("P07").text.split("\n")) + 1
    assert "<b>Scheduling</b> ana" in page
    assert "Turnover (ben)" in page
    assert "script" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_words_and_names_are_escaped(tmp_path):
    with create_study(tmp_path / "study", clock=Clock()) as study:
        study.import_project(read_project(DATA / "hostile" / "formula.qdpx"))
        (name,) = study.transcript_ids()
        page = write_coded_page(study.transcript(name), study.codings_on(name), study.codebook).decode()
        assert "=HYPERLINK(&quot;http://x&quot;)" in page
        assert "<script" not in page


def test_one_file_or_a_folder(study, tmp_path):
    done = export(study, "--to", "html-coded", "--transcript", "P07")
    assert done.stdout.startswith("<!DOCTYPE html>")
    export(study, "--to", "html-coded", "--out", tmp_path / "pages")
    assert (tmp_path / "pages" / "P07.html").exists()
    refused = CliRunner().invoke(cli, ["export", "--to", "csv", "--transcript", "P07", "--study", str(study.root)])
    assert refused.exit_code == 2


def test_only_some_coders(study):
    page = export(study, "--to", "html-coded", "--transcript", "P07", "--coders", "ben").stdout
    assert "ana" not in page.split("<body>")[1].split("</ul>")[0]
