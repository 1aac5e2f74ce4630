from __future__ import annotations

import csv
import json

import pytest

from qualcode.errors import OutputError
from qualcode.sources import read_survey, read_transcript, read_transcripts, write_transcripts

TEXT = "Interview of May\nInterviewer: Why? 😀\n\n[00:01:02] Ana: Because. So.\nMore.\n"


@pytest.fixture
def stored(write, tmp_path):
    transcript = read_transcript(write("in/P1.txt", TEXT))
    write_transcripts([transcript], tmp_path / "out")
    return transcript, tmp_path / "out"


def test_two_files_hold_the_text_and_its_segments(stored):
    transcript, folder = stored
    assert sorted(path.name for path in folder.iterdir()) == ["P1.json", "P1.txt"]
    assert (folder / "P1.txt").read_bytes() == TEXT.encode()
    content = json.loads((folder / "P1.json").read_text(encoding="utf-8"))
    assert content["segments"][0] == {
        "id": "t001",
        "kind": "turn",
        "start": 30,
        "end": 36,
        "speaker": "Interviewer",
        "time": None,
    }
    assert len(content["segments"]) == len(transcript.segments)
    assert all(TEXT[s["start"] : s["end"]].strip() for s in content["segments"])
    assert next(s for s in content["segments"] if s["id"] == "t002")["time"] == 62.0


def test_what_was_written_is_read_back_exactly(stored):
    transcript, folder = stored
    transcripts, problems = read_transcripts([folder])
    assert transcripts == [transcript]
    assert problems == []
    assert read_transcript(folder / "P1.txt", interviewers=["ana"]).interviewers == {"Ana"}


def test_writing_twice_gives_the_same_bytes(stored, write, tmp_path):
    transcript, folder = stored
    before = (folder / "P1.json").read_bytes()
    with pytest.raises(OutputError, match="already exists and 1 more"):
        write_transcripts([transcript], folder)
    write_transcripts([transcript], folder, force=True)
    assert (folder / "P1.json").read_bytes() == before


def test_a_text_changed_since_is_cut_anew_with_a_warning(stored):
    _, folder = stored
    (folder / "P1.txt").write_text("Interviewer: New?\nAna: Yes.", encoding="utf-8")
    transcript = read_transcript(folder / "P1.txt")
    assert transcript.speakers == ("Interviewer", "Ana")
    assert "stored-not-used" in [problem.rule for problem in transcript.source.problems]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:-20],
        lambda text: text.replace('"end": 36', '"end": 36000'),
        lambda text: text.replace('"end": 36', '"end": 1'),
        lambda text: text.replace('"kind": "turn"', '"kind": "word"'),
        lambda text: text.replace('"segments"', '"parts"'),
    ],
)
def test_a_damaged_json_is_told_and_the_text_read(stored, damage):
    _, folder = stored
    path = folder / "P1.json"
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    transcript = read_transcript(folder / "P1.txt")
    assert transcript.speakers == ("Interviewer", "Ana")
    assert "stored-not-used" in [problem.rule for problem in transcript.source.problems]


def test_a_survey_is_written_with_its_cases(write, tmp_path):
    from qualcode.cases import assign_cases, read_cases

    survey = write("in/s.csv", "id,speaker,age,answer\n101,x,30,It was: good.\n102,y,,Bad.\n103,z,5,\n")
    transcript, cases = read_survey(survey, text_column="answer", id_column="id")
    write_transcripts([transcript], tmp_path / "out", cases=cases)
    table = (tmp_path / "out" / "cases.csv").read_text(encoding="utf-8")
    assert table.splitlines()[:2] == ["case,transcript,speaker,speaker (survey),age", "101,s,101,x,30"]
    transcripts, _ = read_transcripts([tmp_path / "out"])
    assert transcripts == [transcript]
    index = assign_cases(transcripts, read_cases(tmp_path / "out" / "cases.csv"))
    assert index.case_of("s", "102") == "102"


def test_no_cell_of_a_survey_becomes_a_formula(write, tmp_path):
    from qualcode.cases import read_cases

    survey = write("in/s.csv", 'id,job,answer\n=b,"=HYPERLINK(""http://x"",""y"")",Good.\n-c,@d,Bad.\n')
    transcript, cases = read_survey(survey, text_column="answer", id_column="id")
    write_transcripts([transcript], tmp_path / "out", cases=cases)
    path = tmp_path / "out" / "cases.csv"
    with path.open(encoding="utf-8", newline="") as file:
        assert [cell for row in csv.reader(file) for cell in row if cell.startswith(("=", "-", "@", "+"))] == []
    read = {case.id: case.attributes["job"] for case in read_cases(path)}
    assert read == {"=b": '=HYPERLINK("http://x","y")', "-c": "@d"}


def test_a_folder_that_cannot_be_written_to(stored, write, tmp_path):
    transcript, _ = stored
    write("file", "x")
    with pytest.raises(OutputError, match="cannot be written"):
        write_transcripts([transcript], tmp_path / "file")
