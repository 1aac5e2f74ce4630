"""Tagging a study again: what the suggestions depend on renews them, and nothing else does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from studies import Clock

from qualcode import language
from qualcode.sources import read_transcript
from qualcode.study import create_study, open_study

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.study import Study

CODEBOOK = """\
name: Who speaks
codes:
  - {id: anybody, name: Anybody, rules: [dates]}
  - id: asked
    name: Asked by the interviewer
    rules: [{term: dates, speaker: interviewer}]
  - id: mentors
    name: Mentors
    rules: [{term: dates, speaker: {role: mentor}}]
"""
TALK = "Interviewer: Which dates?\nAna: The dates clashed.\nBen: My dates, too.\n"
CASES = "case,transcript,speaker,role\nana,P1,Ana,{ana}\nben,P1,Ben,{ben}\n"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A tagged study in which Ana is a mentor and Ben is not."""
    (tmp_path / "codebook.yaml").write_text(CODEBOOK, "utf-8")
    (tmp_path / "P1.txt").write_text(TALK, "utf-8")
    made = create_study(tmp_path / "study", codebook=tmp_path / "codebook.yaml", clock=Clock())
    made.add_transcript(read_transcript(tmp_path / "P1.txt"), TALK.encode())
    (made.root / "cases.csv").write_text(CASES.format(ana="mentor", ben="student"), "utf-8")
    made.tag()
    return made


def suggestions(study: Study) -> dict[str, set[str]]:
    """Return the quotes suggested for each code."""
    sheet = study.sheet("rules", "P1")
    assert sheet is not None
    return {code: {one.quote for one in sheet.codings if one.code == code} for code in ("anybody", "asked", "mentors")}


EVERYBODY = {"Which dates?", "The dates clashed.", "My dates, too."}


def test_tagging_again_renews_nothing_when_nothing_changed(study: Study) -> None:
    assert suggestions(study) == {"anybody": EVERYBODY, "asked": {"Which dates?"}, "mentors": {"The dates clashed."}}
    assert open_study(study.root).tag().renewed == ()


def test_another_normal_form_renews_all_suggestions_with_a_word(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "NORMAL_FORM", "later")
    report = open_study(study.root).tag()
    assert set(report.renewed) == {"anybody", "asked", "mentors"}
    assert [(one.level, one.rule) for one in report.problems] == [("note", "words-renewed")]
    assert "normal form later" in (report.problems[0].hint or "")
    again = open_study(study.root).tag()
    assert (again.renewed, again.problems) == ((), ())


def test_other_cases_renew_the_rules_that_ask_who_speaks(study: Study) -> None:
    (study.root / "cases.csv").write_text(CASES.format(ana="student", ben="mentor"), "utf-8")
    again = open_study(study.root)
    report = again.tag()
    assert set(report.renewed) == {"asked", "mentors"}
    assert report.counts["mentors"] == (1, 1, 0)  # one new, one gone
    assert suggestions(again) == {"anybody": EVERYBODY, "asked": {"Which dates?"}, "mentors": {"My dates, too."}}
    assert open_study(study.root).tag().renewed == ()


def test_another_interviewer_renews_the_rules_that_ask_who_speaks(study: Study) -> None:
    settings = study.root / "study.yaml"
    settings.write_text(settings.read_text("utf-8").replace("interviewers: []", "interviewers: [Ben]"), "utf-8")
    again = open_study(study.root)
    report = again.tag()
    assert set(report.renewed) == {"asked", "mentors"}
    assert suggestions(again)["asked"] == {"Which dates?", "My dates, too."}
    assert suggestions(again)["anybody"] == EVERYBODY


def test_another_interviewer_renews_the_rules_that_ask_what_was_asked(study: Study) -> None:
    more = "  - {id: answers, name: Answers, rules: [{term: dates, question: [clashed]}]}\n"
    (study.root / "codebook.yaml").write_text(CODEBOOK + more, "utf-8")
    assert open_study(study.root).tag().counts["answers"] == (0, 0, 0)
    settings = study.root / "study.yaml"
    settings.write_text(settings.read_text("utf-8").replace("interviewers: []", "interviewers: [Ana]"), "utf-8")
    report = open_study(study.root).tag()
    assert "answers" in report.renewed
    assert report.counts["answers"] == (1, 0, 0)  # Ben answers what Ana said


def test_cases_change_nothing_where_no_rule_asks_who_speaks(study: Study) -> None:
    plain = CODEBOOK[: CODEBOOK.index("  - id: asked")]
    (study.root / "codebook.yaml").write_text(plain, "utf-8")
    open_study(study.root).tag()
    (study.root / "cases.csv").write_text(CASES.format(ana="student", ben="mentor"), "utf-8")
    assert open_study(study.root).tag().renewed == ()


def test_a_new_transcript_renews_nothing_in_the_others(study: Study, tmp_path: Path) -> None:
    before = list(study.history("rules", "P1").events)
    (tmp_path / "P2.txt").write_text("Interviewer: Which dates?\nEva: No dates.\n", "utf-8")
    study.add_transcript(read_transcript(tmp_path / "P2.txt"))
    report = study.tag()
    assert report.counts["asked"] == (1, 0, 1)
    assert list(open_study(study.root).history("rules", "P1").events) == before
