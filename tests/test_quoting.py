"""Which quotes are shown: chosen by people, else by what makes sense alone; and how a long one is cut."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from interviews import coding, interview, sheet

import qualcode
from qualcode.cli import cli
from qualcode.codebook import Code, Codebook
from qualcode.errors import ConflictError, StudyError
from qualcode.model import Span
from qualcode.quoting import CUT, cut_pieces, cut_quote, find_picked, rank_quote, say_voices, split_sentences
from qualcode.reports import compose
from qualcode.themes import list_quotes

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.study import Study

WHOLE = "We lost two good people in one spring because no one could tell them whether there was money."


@pytest.mark.parametrize(
    "worse",
    [
        "Oh, yeah, definitely like not only like the money and",
        "lost two good people in one spring because no one could tell them whether there was money.",
        "Yeah, we lost two good people in one spring because no one could tell them whether there was money.",
        "That was two good people in one spring because no one could tell them whether there was money.",
        "We lost two good people in one spring because no one could tell them whether there",
        "We lost, um, two, you know, good people in one spring because no one could, uh, tell them about money.",
        "We lost [inaudible] in one spring because no one could tell them whether there was money at all.",
        "Two people.",
        "Did you lose two good people in one spring because no one could tell them whether there was money?",
        WHOLE * 5,
    ],
)
def test_what_makes_sense_alone_goes_before_what_does_not(worse: str) -> None:
    assert rank_quote(WHOLE) < rank_quote(worse)


def test_chinese_sentences_are_ranked_by_the_same_rule() -> None:
    whole = "公司要學生星期一至五上班，所以我們很難安排時間。"
    assert rank_quote(whole) < rank_quote("嗯，公司要學生星期一至五上班，所以我們很難安排時間。")
    assert rank_quote(whole) < rank_quote("公司要學生星期一至五上班，所以我們很難安排")


@pytest.mark.parametrize("text", ["", "…", "12", "😀", "\u202e"])
def test_anything_can_be_ranked(text: str) -> None:
    assert rank_quote(text)[0] > rank_quote(WHOLE)[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two.", ["One. ", "Two."]),
        ("Dr. Chan left. We waited!", ["Dr. Chan left. ", "We waited!"]),
        ("Version 1.2 is out. Good.", ["Version 1.2 is out. ", "Good."]),
        ("好。對！是？", ["好。", "對！", "是？"]),
        ("He said “go.” We went", ["He said “go.” ", "We went"]),
        ("Well... I do not know.", ["Well... ", "I do not know."]),
        ("", []),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert split_sentences(text) == expected


@given(st.text(alphabet="ab .!?。”\n'", max_size=60))
def test_sentences_hold_every_character(text: str) -> None:
    assert "".join(split_sentences(text)) == text


def test_a_long_quote_is_cut_to_whole_sentences() -> None:
    text = "Yeah, so. The calendar is our enemy here. By the time we hear of places, the students are gone. And um, so"
    assert cut_quote(text, 60) == text
    both = "The calendar is our enemy here. By the time we hear of places, the students are gone."
    assert cut_quote(text, 18) == f"{CUT} {both} {CUT}"
    assert cut_quote(text, 8) == "[…] The calendar is our enemy here. […]"


def test_the_words_that_a_rule_found_stay() -> None:
    text = "The calendar is the enemy of us all. Many of the good people left us because of money."
    assert cut_quote(text, 10, keep=["people"]) == "[…] Many of the good people left us because of money."
    assert cut_quote(text, 10, keep=["enemy"]) == "The calendar is the enemy of us all. […]"


def test_of_a_passage_over_several_turns_the_best_one_is_quoted() -> None:
    pieces = ["Yeah.", "The calendar is the enemy of us all.", "Um, so"]
    assert cut_pieces(pieces, 45) == "[…] The calendar is the enemy of us all. […]"
    assert cut_pieces(pieces[1:], 45) == "The calendar is the enemy of us all. […]"
    assert cut_pieces(pieces, 45, keep=["yeah"]) == "Yeah. […]"
    assert cut_pieces(pieces[:1], 45) == "Yeah."


def test_a_quote_over_several_turns_has_no_labels_and_no_words_of_others(tmp_path: Path) -> None:
    (tmp_path / "P1.txt").write_text(
        "I: How was it?\n\nMei: The rain came very late in that year.\n\nI: And then?\n\nMei: We waited.\n", "utf-8"
    )
    (tmp_path / "book.yaml").write_text("codes: [{id: water, name: Water}]", "utf-8")
    study = qualcode.create_study(tmp_path / "study", codebook=tmp_path / "book.yaml")
    study.import_transcripts(qualcode.read_transcripts(tmp_path / "P1.txt")[0], tmp_path / "P1.txt")
    text = study.transcript("P1").text
    study.decide("ana", "P1:t002", "water", "apply", span=Span(text.index("The rain"), text.index("waited.") + 7))
    report = qualcode.make_report(qualcode.count_themes(study.tabulate()))
    assert report.passages[0].own == ("The rain came very late in that year.", "We waited.")
    study.decide("ana", "P1:t002", "water", "remove")
    study.decide("ana", "P1:t002", "water", "apply", span=Span(text.index("Mei: The"), text.index("that year.") + 10))
    labelled = qualcode.make_report(qualcode.count_themes(study.tabulate()))
    assert labelled.passages[0].own == ("The rain came very late in that year.",)
    table = compose(report).table("table-themes")
    assert table is not None
    assert [str(cell) for cell in table.on("text").rows[0]][-1] == (
        "“The rain came very late in that year. […]” (P1, t002)"
    )


def test_a_sentence_that_is_too_long_is_cut_at_a_word() -> None:
    assert cut_quote("one two,  three\nfour", 3) == f"one two, three {CUT}"
    assert cut_quote("我哋搵校友", 2) == f"我哋 {CUT}"


def test_voices() -> None:
    assert say_voices([]) == ""
    assert say_voices(["P1"]) == "Of this 1 quote, P1 says 1."
    assert say_voices(["P2", "P1", "P1", ""]) == "Of these 4 quotes, P1 says 2, P2 says 1 and an unnamed voice says 1."


def test_a_scan_in_capitals_comes_last_and_abbreviations_do_not() -> None:
    scan = "Media MUST THE create practice THE CLEAR THE identification THE RESOURCES AND CLEARANCE THE facts for all."
    assert rank_quote(scan) > rank_quote(scan.capitalize())
    plain = "The FOI office of the EU sent us the ID of each report."
    assert rank_quote(plain) == rank_quote(plain.capitalize())


# -- picked by people -------------------------------------------------------------------------------------------------

BOOK = Codebook("Water", codes=(Code("water", "Water"), Code("help", "Help")))


def test_a_quote_is_chosen_when_it_shares_words_and_code_with_a_choice() -> None:
    text = interview("P1", "Mei: The rain came late this year.\nMei: Neighbours helped us.")
    own = sheet(text, coding(text, "water", "The rain came late"), coding(text, "help", "Neighbours helped us."))
    quotes = list_quotes(qualcode.tabulate([text], [own], BOOK))
    assert find_picked(quotes, BOOK, [coding(text, "water", "late this year", coder="ben")]) == [True, False]
    assert find_picked(quotes, BOOK, [coding(text, "water", "this year", coder="ben")]) == [False, False]
    assert find_picked(quotes, BOOK, [coding(text, "help", "The rain", coder="ben")]) == [False, False]
    assert find_picked(quotes, BOOK, [coding(text, "gone", "The rain", coder="ben")]) == [False, False]
    assert find_picked(quotes, BOOK, []) == [False, False]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    (tmp_path / "book.yaml").write_text("codes: [{id: water, name: Water}, {id: help, name: Help}]", "utf-8")
    (tmp_path / "P1.txt").write_text("Mei: The rain came late. It was bad.\n\nMei: Neighbours helped us.\n", "utf-8")
    study = qualcode.create_study(tmp_path / "study", codebook=tmp_path / "book.yaml")
    study.import_transcripts(qualcode.read_transcripts(tmp_path / "P1.txt")[0], tmp_path / "P1.txt")
    study.decide("ana", "P1:t001", "water", "apply")
    study.decide("ana", "P1:t002", "help", "apply")
    return study


def test_a_choice_is_an_act_that_is_logged_and_taken_back(study: Study) -> None:
    before = study.sheet("ana", "P1")
    event = study.pick("ana", "P1:t001", "Water")
    assert event is not None
    assert (event.what, event.who) == ("pick", "ana")
    assert [one.quote for one in study.picks()] == ["The rain came late. It was bad."]
    assert study.log(coder="ana")[-1]["change"].endswith("★")
    assert study.pick("ana", "P1:t001", "water") is None
    assert study.undo("ana").what == "pick"
    assert study.picks() == ()
    assert study.sheet("ana", "P1") == before
    study.redo("ana")
    assert len(study.picks()) == 1
    assert study.unpick("ana", "P1:t001", "water") is not None
    assert study.unpick("ana", "P1:t001", "water") is None
    assert study.picks() == ()


def test_a_choice_outlives_reopening_and_a_correction_and_changes_no_count(study: Study, tmp_path: Path) -> None:
    counts = qualcode.count_themes(study.tabulate()).frame
    study.pick("ana", "P1:t001", "water")
    study.close()
    (tmp_path / "P1.txt").write_text(
        "Mei: Well, the rain came late. It was bad.\n\nMei: Neighbours helped us.\n", "utf-8"
    )
    study = qualcode.open_study(tmp_path / "study")
    assert qualcode.count_themes(study.tabulate()).frame.equals(counts)
    study.correct(qualcode.read_transcripts(tmp_path / "P1.txt")[0][0])
    assert len(study.picks()) == 1


def test_a_choice_goes_with_its_coding(study: Study) -> None:
    study.pick("ana", "P1:t001", "water")
    study.decide("ana", "P1:t001", "water", "move", span=Span(5, 24))
    assert [one.span for one in study.picks()] == [Span(5, 24)]
    study.decide("ana", "P1:t001", "water", "remove")
    assert study.picks() == ()


def test_a_note_from_before_the_choice_is_refused(study: Study) -> None:
    stale = study.sheet("ana", "P1").codings[0]
    study.pick("ana", "P1:t001", "water")
    with pytest.raises(ConflictError):
        study.note("ana", stale, "A metaphor?")


def test_two_copies_that_chose_are_united(study: Study, tmp_path: Path) -> None:
    study.close()
    shutil.copytree(study.root, tmp_path / "copy")
    copy = qualcode.open_study(tmp_path / "copy")
    copy.pick("ana", "P1:t002", "help")
    copy.close()
    study.pick("ana", "P1:t001", "water")
    study.merge(tmp_path / "copy")
    assert [one.code for one in study.picks()] == ["water", "help"]


@pytest.mark.parametrize(
    ("coder", "segment", "code", "message"),
    [
        ("ana", "P1:t001", "help", "ana has no coding with “help” in P1:t001"),
        ("ben", "P1:t001", "water", "ben has no coding with “water” in P1:t001"),
        ("ana", "P1:t009", "water", "There is no segment “t009”"),
    ],
)
def test_what_is_not_coded_cannot_be_chosen(study: Study, coder: str, segment: str, code: str, message: str) -> None:
    with pytest.raises(StudyError, match=message):
        study.pick(coder, segment, code)
    assert study.picks() == ()


def test_of_several_codings_the_passage_says_which(study: Study) -> None:
    study.decide("ana", "P1:t001", "water", "remove")
    for span in (Span(5, 24), Span(25, 36)):
        study.decide("ana", "P1:t001", "water", "apply", span=span)
    with pytest.raises(StudyError, match="2 times") as caught:
        study.pick("ana", "P1:t001", "water")
    assert caught.value.hint == "Choose one of these with --span: 5:24 or 25:36"
    study.pick("ana", "P1:t001", "water", span=Span(25, 36))
    assert [one.quote for one in study.picks()] == ["It was bad."]


def test_chosen_quotes_come_first_everywhere(study: Study, tmp_path: Path) -> None:
    study.decide("ana", "P1:t002", "water", "apply")
    study.pick("ana", "P1:t002", "water")
    study.close()
    run = CliRunner().invoke(cli, ["quotes", "--study", str(study.root), "--code", "water", "--format", "csv"])
    assert run.exit_code == 0
    assert [line.split(",")[-1] for line in run.stdout.splitlines()] == ["picked", "True", "False"]
    qualcode.report_study(study.root, tmp_path / "out")
    text = (tmp_path / "out" / "report.md").read_text("utf-8")
    assert "1 quote (★) was chosen by the coders" in text
    assert text.index("Neighbours helped us") < text.index("The rain came late")


def test_the_command_line_chooses(study: Study) -> None:
    study.close()
    start = ["quotes", "--study", str(study.root)]
    run = CliRunner().invoke(cli, [*start, "--coder", "ana", "--code", "water", "--pick", "P1:t001"])
    assert (run.exit_code, run.stderr.strip()) == (0, "Chosen: P1:t001.")
    run = CliRunner().invoke(cli, [*start, "--picked"])
    assert run.exit_code == 0
    assert "1 quote. Of this 1 quote, P1 says 1." in run.stderr
    run = CliRunner().invoke(cli, [*start, "--coder", "ana", "--code", "water", "--unpick", "P1:t001"])
    assert run.stderr.strip() == "No longer chosen: P1:t001."
    assert CliRunner().invoke(cli, [*start, "--code", "water", "--pick", "P1:t001"]).exit_code == 2
    assert CliRunner().invoke(cli, [*start, "--coder", "ana"]).exit_code == 2
    run = CliRunner().invoke(cli, [*start, "--coder", "ana", "--code", "water", "--pick", "P9:t001"])
    assert run.exit_code == 1
