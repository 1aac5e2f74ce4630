"""Acts on one's own codings: moved, cut, extended, given another code; and named acts taken back and done again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from studies import TALK, begin_study, build_transcript

from qualcode.codebook import read_codebook
from qualcode.errors import CodebookError, ConflictError, StudyError
from qualcode.model import Span
from qualcode.study import Decision, Study

if TYPE_CHECKING:
    from pathlib import Path

TEXT = build_transcript().text


def at(words: str) -> Span:
    """Return where words stand in the transcript."""
    start = TEXT.index(words)
    return Span(start, start + len(words))


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study")


def state(study: Study, coder: str = "ana") -> list[tuple[str, str, str, str]]:
    sheet = Study(study.root).sheet(coder, "P07")
    return [(one.code, one.verdict, one.quote, one.note) for one in sheet.codings] if sheet else []


class TestMove:
    def test_an_edge_of_ones_own_coding(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "challenges", "apply", span=at("find a date"), note="hers")
        study.decide("ana", "P07:t002", "challenges", "move", span=at("never find a date"))
        assert state(study) == [("challenges", "applied", "never find a date", "hers")]

    def test_a_suggestion_is_accepted_at_its_new_place(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "move", span=at("The dates clashed"))
        assert state(study) == [("scheduling", "accepted", "The dates clashed", "")]
        sheet = study.sheet("ana", "P07")
        assert sheet is not None
        assert [one.rule for one in sheet.codings[0].evidence] == ["clash"]  # the other rule's words are not in it

    def test_which_of_two(self, study: Study) -> None:
        for words in ("People leave", "They were lovely"):
            study.decide("ana", "P07:t004", "praise", "apply", span=at(words))
        with pytest.raises(StudyError, match="2 times"):
            study.decide("ana", "P07:t004", "praise", "move", span=at("leave. They"))
        study.decide("ana", "P07:t004", "praise", "move", span=at("leave"), at=at("People leave"))
        assert [quote for _, _, quote, _ in state(study)] == ["leave", "They were lovely"]
        study.decide("ana", "P07:t004", "praise", "move", span=at("lovely"))  # it touches one of them
        assert [quote for _, _, quote, _ in state(study)] == ["leave", "lovely"]

    def test_onto_another_with_the_same_code_makes_one_and_comes_apart_again(self, study: Study) -> None:
        study.decide("ana", "P07:t004", "praise", "apply", span=at("People leave"), note="one")
        study.decide("ana", "P07:t004", "praise", "apply", span=at("They were lovely"), note="two")
        before = state(study)
        event = study.decide("ana", "P07:t004", "praise", "move", span=at("They were lovely"), at=at("People leave"))
        assert state(study) == [("praise", "applied", "They were lovely", "one; two")]
        study.undo("ana", event=event)
        assert state(study) == before

    def test_nothing_to_move(self, study: Study) -> None:
        with pytest.raises(StudyError, match="You have no coding"):
            study.decide("ana", "P07:t002", "praise", "move", span=at("clashed"))
        with pytest.raises(StudyError, match="no span of words"):
            study.decide("ana", "P07:t002", "scheduling", "move")


class TestCutAndExtend:
    def test_words_at_an_edge_and_in_the_middle(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "challenges", "apply", note="n")
        study.decide("ana", "P07:t002", "challenges", "cut", span=at("The dates clashed."))
        assert state(study) == [("challenges", "applied", "We could never find a date.", "n")]
        study.decide("ana", "P07:t002", "challenges", "cut", span=at("never find"))
        assert state(study) == [
            ("challenges", "applied", "We could", "n"),
            ("challenges", "applied", "a date.", "n"),
        ]
        study.undo("ana")
        assert state(study) == [("challenges", "applied", "We could never find a date.", "n")]

    def test_all_words(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "challenges", "apply", span=at("clashed"))
        study.decide("ana", "P07:t002", "challenges", "cut", span=at("dates clashed"))
        assert state(study) == []

    def test_all_words_of_a_suggestion_reject_it(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept", note="n")
        study.decide("ana", "P07:t002", "scheduling", "cut", span=at(TALK[1][1]))
        assert state(study) == [("scheduling", "rejected", TALK[1][1], "n")]

    def test_words_elsewhere(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "challenges", "apply", span=at("clashed"))
        with pytest.raises(StudyError, match="not in the coding"):
            study.decide("ana", "P07:t002", "challenges", "cut", span=at("We could"))

    def test_words_beside_and_words_apart(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "challenges", "apply", span=at("clashed"), note="n")
        study.decide("ana", "P07:t002", "challenges", "extend", span=at("We could"))  # a full stop and a blank between
        assert state(study) == [("challenges", "applied", "clashed. We could", "n")]
        with pytest.raises(StudyError, match="other words between"):
            study.decide("ana", "P07:t002", "challenges", "extend", span=at("a date"))

    def test_up_to_another_one(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "challenges", "apply", span=at("clashed"), note="one")
        study.decide("ana", "P07:t002", "challenges", "apply", span=at("never find"), note="two")
        study.decide("ana", "P07:t002", "challenges", "extend", span=at("We could never"), at=at("clashed"))
        assert state(study) == [("challenges", "applied", "clashed. We could never find", "one; two")]

    def test_chinese(self, study: Study) -> None:
        study.decide("ana", "P07:t004", "challenges", "apply", span=at("大家都好忙"))
        study.decide("ana", "P07:t004", "challenges", "cut", span=at("都"))
        assert [quote for _, _, quote, _ in state(study)] == ["大家", "好忙"]
        study.decide("ana", "P07:t004", "challenges", "extend", span=at("都"), at=at("大家"))
        assert [quote for _, _, quote, _ in state(study)] == ["大家都好忙"]  # no word is left between them

    def test_up_to_one_that_it_only_touches(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "challenges", "apply", span=at("clashed"), note="one")
        study.decide("ana", "P07:t002", "challenges", "apply", span=at("never find"), note="two")
        study.decide("ana", "P07:t002", "challenges", "apply", span=at("The"))
        study.decide("ana", "P07:t002", "challenges", "extend", span=at("We could"), at=at("clashed"))
        assert state(study) == [
            ("challenges", "applied", "The", ""),
            ("challenges", "applied", "clashed. We could never find", "one; two"),
        ]
        study.undo("ana")
        assert [quote for _, _, quote, _ in state(study)] == ["The", "clashed", "never find"]


class TestRecode:
    def test_the_note_stays(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "challenges", "apply", note="her words")
        study.decide("ana", "P07:t002", "challenges", "recode", to="turnover")
        assert state(study) == [("turnover", "applied", TALK[1][1], "her words")]

    def test_a_suggestion_is_rejected_by_it(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept", note="her words")
        study.decide("ana", "P07:t002", "scheduling", "recode", to="praise")
        assert state(study) == [
            ("praise", "applied", TALK[1][1], "her words"),
            ("scheduling", "rejected", TALK[1][1], "her words"),
        ]

    def test_the_only_coding_there_needs_no_name(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "challenges", "apply", span=at("clashed"))
        study.decide("ana", "P07:t002", "praise", "recode", span=at("clashed"))
        assert state(study) == [("praise", "applied", "clashed", "")]
        study.decide("ana", "P07:t002", "turnover", "apply", span=at("clashed"))
        with pytest.raises(StudyError, match="2 codings"):
            study.decide("ana", "P07:t002", "challenges", "recode", span=at("clashed"))

    def test_into_a_code_that_is_there_already_and_back(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "challenges", "apply", span=at("clashed"), note="one")
        study.decide("ana", "P07:t002", "praise", "apply", span=at("clashed"), note="two")
        before = state(study)
        study.decide("ana", "P07:t002", "challenges", "recode", to="praise")
        assert state(study) == [("praise", "applied", "clashed", "one; two")]
        study.undo("ana")
        assert state(study) == before
        study.redo("ana")
        assert state(study) == [("praise", "applied", "clashed", "one; two")]


class TestWhatIsRefused:
    @pytest.mark.parametrize("span", [Span(51, 52), Span(50, 52)])
    def test_a_passage_without_a_word(self, study: Study, span: Span) -> None:
        assert TEXT[span.start : span.end].strip(" .") == ""
        with pytest.raises(StudyError, match="no word"):
            study.decide("ana", "P07:t002", "praise", "apply", span=span)

    def test_a_retired_code(self, study: Study) -> None:
        path = study.root / "codebook.yaml"
        study.decide("ana", "P07:t004", "praise", "accept")
        path.write_text(path.read_text("utf-8").replace("    name: Praise\n", "    name: Praise\n    retired: true\n"))
        assert read_codebook(path).code("praise").is_retired
        for act, more in (("apply", {}), ("recode", {"to": "praise"})):
            with pytest.raises(StudyError, match="retired"):
                study.decide("ana", "P07:t002", "scheduling" if more else "praise", act, **more)  # type: ignore[arg-type]
        study.decide("ana", "P07:t004", "praise", "remove")
        assert state(study) == []

    def test_a_code_by_its_name(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "Scheduling", "accept")
        study.decide("ana", "P07:t004", "PRAISE", "reject")
        assert [code for code, *_ in state(study)] == ["scheduling", "praise"]
        with pytest.raises(CodebookError, match="no code"):
            study.decide("ana", "P07:t002", "Scheduled", "apply")

    def test_a_transcript_named_with_letters_taken_apart(self, study: Study) -> None:
        study.add_transcript(build_transcript("Caf\u00e9"))
        study.decide("ana", "Cafe\u0301:t002", "praise", "apply")
        assert study.transcript("Cafe\u0301").id == "Caf\u00e9"
        assert [name for _, name in study.sheet_ids(["ana"])] == ["Caf\u00e9"]

    def test_who_is_none_of_the_coders_that_the_study_names(self, tmp_path: Path) -> None:
        from qualcode.study import create_study

        codebook = begin_study(tmp_path / "other").root / "codebook.yaml"
        study = create_study(tmp_path / "study", codebook=codebook, coders=["ana", "ben"])
        study.add_transcript(build_transcript())
        with pytest.raises(StudyError, match="not a coder of this study") as caught:
            study.decide("anna", "P07:t002", "praise", "apply")
        assert "Did you mean “ana”?" in caught.value.hint
        assert study.add_coder("anna") == "anna"
        study.decide("anna", "P07:t002", "praise", "apply")
        assert study.coders() == ("ana", "anna", "ben")

    def test_a_note_survives_accepting_and_rejecting(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept", note="mine")
        study.decide("ana", "P07:t002", "scheduling", "reject")
        assert state(study) == [("scheduling", "rejected", TALK[1][1], "mine")]
        study.decide("ana", "P07:t002", "scheduling", "accept", span=at("The dates clashed."))
        assert state(study) == [("scheduling", "accepted", "The dates clashed.", "mine")]


class TestOneCodeOnManyPassages:
    def test_it_is_one_act(self, study: Study) -> None:
        passages = [Decision("P07:t002", "challenges", "apply", at(words)) for words in ("clashed", "a date")]
        (event,) = study.decide_all("ana", [*passages, Decision("P07:t004", "challenges", "apply", at("leave"))])
        assert event.what == "apply"
        assert [quote for _, _, quote, _ in state(study)] == ["clashed", "a date", "leave"]
        study.undo("ana")
        assert state(study) == []


class TestNamedActs:
    def test_one_in_the_middle_is_taken_back_and_done_again(self, study: Study) -> None:
        first = study.decide("ana", "P07:t002", "scheduling", "accept")
        study.decide("ana", "P07:t004", "praise", "accept")
        study.undo("ana", event=first)
        assert [code for code, *_ in state(study)] == ["praise"]
        study.redo("ana", event=first)
        assert [code for code, *_ in state(study)] == ["scheduling", "praise"]

    def test_what_something_stands_on_is_refused_with_the_reason(self, study: Study) -> None:
        first = study.decide("ana", "P07:t002", "scheduling", "accept")
        second = study.decide("ana", "P07:t002", "scheduling", "reject")
        assert second is not None
        with pytest.raises(
            ConflictError, match=r"accept “scheduling” on .*reject of 2026-03-01 09:00 builds on it"
        ) as caught:
            study.undo("ana", event=first)
        assert second.id in caught.value.hint
        study.undo("ana", event=second)
        study.undo("ana", event=first)
        assert state(study) == []

    def test_undo_goes_further_back_and_redo_comes_forward_again(self, study: Study) -> None:
        states = [state(study)]
        for segment, code in (("t002", "scheduling"), ("t004", "praise"), ("t004", "turnover")):
            study.decide("ana", f"P07:{segment}", code, "accept")
            states.append(state(study))
        for number in (2, 1, 0):
            study.undo("ana")
            assert state(study) == states[number]
        with pytest.raises(StudyError, match="ana has nothing to undo"):
            study.undo("ana")
        for number in (1, 2, 3):
            study.redo("ana")
            assert state(study) == states[number]
        with pytest.raises(StudyError, match="ana has nothing to redo"):
            study.redo("ana")
        study.undo("ana")
        assert state(study) == states[2]

    def test_what_was_done_meanwhile_is_not_overwritten_by_redo(self, study: Study) -> None:
        study.decide("ana", "P07:t002", "scheduling", "accept", note="first")
        study.undo("ana")
        study.decide("ana", "P07:t002", "scheduling", "reject", note="second")
        with pytest.raises(ConflictError, match="builds on it"):
            study.redo("ana")
        assert state(study) == [("scheduling", "rejected", TALK[1][1], "second")]

    def test_twice_is_refused(self, study: Study) -> None:
        event = study.decide("ana", "P07:t002", "scheduling", "accept")
        study.undo("ana", event=event)
        with pytest.raises(StudyError, match="already been undone"):
            study.undo("ana", event=event)
        study.redo("ana", event=event)
        with pytest.raises(StudyError, match="has not been undone"):
            study.redo("ana", event=event)

    def test_who_did_not_do_it(self, study: Study) -> None:
        event = study.decide("ana", "P07:t002", "scheduling", "accept")
        assert event is not None
        with pytest.raises(StudyError, match="no act"):
            study.undo("ben", event=event.id)

    def test_across_a_correction(self, study: Study) -> None:
        event = study.decide("ana", "P07:t002", "challenges", "apply", span=at("clashed"))
        moved = study.decide("ana", "P07:t002", "challenges", "move", span=at("dates clashed"))
        study.correct(build_transcript("P07", (*TALK[:1], ("Ana", "Well. " + TALK[1][1]), *TALK[2:])))
        study.undo("ana", event=moved)
        assert state(study) == [("challenges", "applied", "clashed", "")]
        study.redo("ana")
        assert state(study) == [("challenges", "applied", "dates clashed", "")]
        with pytest.raises(ConflictError):
            study.undo("ana", event=event)


class TestConsensus:
    def test_agreement_on_one_segment_says_nothing_of_its_neighbours(self, study: Study) -> None:
        """Ana's passage goes over two turns; Ben gave the code in the second of them alone."""
        both = Span(at("We could").start, at("People leave").end)
        study.decide("ana", "P07:t002", "challenges", "apply", span=both)
        study.decide("ben", "P07:t004", "challenges", "apply", span=at("People leave"))
        study.mark_seen("ben", ["P07:t002", "P07:t003"])
        comparison = study.compare("ana", "ben")
        assert [one.quote for one in comparison.agreed] == ["People leave"]
        assert [one.segment for one in comparison.differences] == ["t002", "t003"]
        study.write_agreed(comparison)
        assert [one.segment for one in study.compare("ana", "ben").differences] == ["t002", "t003"]
        assert [one[:3] for one in state(study, "consensus")] == [("challenges", "applied", "People leave")]

    def test_a_coder_cannot_be_named_as_what_all_agree_on(self, study: Study) -> None:
        with pytest.raises(StudyError, match="stands for what all coders agree on"):
            study.add_coder("Agreed")


class TestMemos:
    def test_author_time_and_privacy(self, study: Study) -> None:
        study.memo("code:Praise", "Kind words.", author="ana", visibility="private")
        study.memo("code:praise", "More of them.", author="ben")
        (memo,) = Study(study.root).memos()[0]
        assert (memo.about, memo.author, memo.is_private) == ("code:praise", "ana, ben", True)
        assert memo.at.startswith("2026-03-01T09:")
        assert memo.text == "Kind words.\n\nMore of them.\n"

    def test_replacing_names_what_it_was_made_from(self, study: Study) -> None:
        first = study.memo("study", "Time is short.")
        Study(study.root).memo("study", "Is it?", author="ben")
        with pytest.raises(ConflictError, match="changed in the meantime") as caught:
            study.memo("study", "Time is not short.", replaces=first.digest)
        assert caught.value.stands.text == "Time is short.\n\nIs it?\n"  # type: ignore[union-attr]
        written = study.memo("study", "Time is not short.", replaces=caught.value.stands.digest)  # type: ignore[union-attr]
        assert written.text == study.memos()[0][0].text == "Time is not short.\n"
