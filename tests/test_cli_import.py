from __future__ import annotations

import pytest
from click.testing import CliRunner

from qualcode.cli import cli


@pytest.fixture
def qualcode(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def invoke(*args):
        return CliRunner().invoke(cli, ["import", *map(str, args)])

    return invoke


def test_preview_says_what_was_understood(qualcode, write):
    write("P1.txt", "Talk of May\n[00:00:05] Interviewer: Why?\n[00:01:00] Ana: Because of the time.\n")
    result = qualcode("--preview", "P1.txt")
    assert result.exit_code == 0
    why = "Interviewer is taken to be the interviewer: the label says so."
    assert result.stdout.splitlines() == [
        "P1.txt",
        "  read as     txt, encoding utf-8, language en",
        "  turns       2 in 2 paragraphs",
        "  times       00:00:05 to 00:01:00, at 2 of 2 turns",
        "  speakers    Interviewer      1 turn         1 word, interviewer",
        "              Ana              1 turn         4 words",
        "  begins      t001 00:00:05 Interviewer: Why?",
        "              t002 00:01:00 Ana: Because of the time.",
        "  look at     note: 3 word(s) before the first speaker are in no turn.",
        f"              note: {why} (Give another name with --interviewer)",
    ]
    assert "interviewer" in result.stderr
    assert "warning" not in result.stderr


def test_import_writes_and_says_so(qualcode, write, tmp_path):
    write("in/P1.txt", "I: Why?\nP: So.\n")
    write("in/P2.docx", "no zip")
    result = qualcode("in", "--to", "out")
    assert result.exit_code == 3
    assert "Wrote 2 files to out." in result.stderr
    assert "P2.docx: error: This is not a Word document" in result.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["P1.json", "P1.txt"]
    assert qualcode("in/P1.txt", "--to", "out").exit_code == 1
    assert qualcode("in/P1.txt", "--to", "out", "--force").exit_code == 0


def test_options_override(qualcode, write):
    write("P1.txt", "ANN> Why?\nBEN> So.\n")
    result = qualcode("--preview", "P1.txt", "--speaker-pattern", r"(?P<speaker>\w+)>", "--interviewer", "ben")
    assert "BEN      1 turn         1 word, interviewer" in result.stdout
    (write("P2.txt", "")).write_bytes("Ann: Straße\nBen: Ja\n".encode("cp437"))
    result = qualcode("--preview", "P2.txt", "--encoding", "cp437", "--language", "de")
    assert "encoding cp437, language de" in result.stdout
    assert "Straße" in result.stdout


def test_a_survey(qualcode, write, tmp_path):
    write("s.csv", "id,age,answer\nA,30,Good.\nB,40,Bad.\n")
    assert "2 in 2 paragraphs" in qualcode("--preview", "s.csv", "--text-column", "answer", "--id-column", "id").stdout
    assert qualcode("s.csv", "--text-column", "answer", "--to", "out").exit_code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["cases.csv", "s.json", "s.txt"]
    result = qualcode("--preview", "s.csv", "--text-column", "anser")
    assert result.exit_code == 1
    assert "Did you mean “answer”?" in result.stderr


@pytest.mark.parametrize(
    "args", [["P1.txt", "--preview", "--to", "x"], ["a", "b", "--preview", "--text-column", "c"], []]
)
def test_wrong_usage(qualcode, args):
    assert qualcode(*args).exit_code == 2


def test_nothing_to_read(qualcode):
    result = qualcode("--preview", "gone.docx")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "Error: gone.docx: There is no such file.",
        "Try: Check the name and the folder",
    ]
