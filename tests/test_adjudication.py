"""Adjudication: the differences of two coders, settled one by one, by a table, and in two windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from studies import TALK, begin_study

from qualcode.errors import ConflictError, StudyError
from qualcode.reviewing import Adjudication, read_verdict
from qualcode.study import Study

if TYPE_CHECKING:
    from pathlib import Path

DATES = TALK[1][1]
LOVELY = "They were lovely, though."


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Return a study in which ana and ben agree on scheduling in P07 and differ three times."""
    study = begin_study(tmp_path / "study", "P07", "P08")
    for name in ("P07", "P08"):
        study.mark_seen("ana", [f"{name}:t001", f"{name}:t002", f"{name}:t004"])
        study.mark_seen("ben", [f"{name}:t002", f"{name}:t004"])
    study.decide("ana", "P07:t002", "scheduling", "accept")
    study.decide("ben", "P07:t002", "scheduling", "apply")
    study.decide("ana", "P07:t004", "praise", "accept", note="so kind")
    study.decide("ben", "P07:t004", "turnover", "accept")
    study.decide("ben", "P07:t004", "praise", "reject", note="irony?")
    study.decide("ben", "P08:t004", "turnover", "accept")
    return study


def consensus(study: Study, name: str = "P07") -> list[tuple[str, str, str]]:
    sheet = Study(study.root).sheet("consensus", name)
    return [(one.code, one.verdict, one.quote) for one in sheet.codings] if sheet else []


def places(work: Adjudication) -> list[tuple[str, str, str]]:
    return [(f"{one.transcript}:{one.segment}", one.code, one.coder) for one in work.items]


class TestWorklist:
    def test_both_readings_with_their_notes(self, study: Study) -> None:
        work = Adjudication(study, "ana", "ben")
        assert places(work) == [
            ("P07:t004", "praise", "ana"), ("P07:t004", "turnover", "ben"), ("P08:t004", "turnover", "ben"),
        ]  # fmt: skip
        assert work.progress == "0 of 3 differences settled, 3 open"
        ana, ben = work.readings
        assert (ana.coder, ana.has_code, [one.note for one in ana.codings]) == ("ana", True, ["so kind"])
        assert (ben.coder, ben.has_code, [one.note for one in ben.codings]) == ("ben", False, ["irony?"])
        assert [one.code for one in ben.others] == ["turnover"]
        assert work.describe() == (
            "1/3  P07:t004  Ana\nPeople leave. They were lovely, though. 大家都好忙😀。\n“Praise”\n"
            f"  ana gave it on “{LOVELY}” (so kind)\n"
            f"  ben rejected it on “{LOVELY}” (irony?)\n  ben gave “Turnover” on “People leave.”"
        )

    def test_answers_and_progress(self, study: Study) -> None:
        work = Adjudication(study, "ana", "ben")
        work.write_agreed()
        assert work.answer("yes") == "“Praise” in P07:t004 is accepted."
        assert work.answer("later") == "“Turnover” in P07:t004 is left for later."
        assert work.answer("no") == "“Turnover” in P08:t004 is not accepted."
        assert work.is_done
        assert work.progress == "2 of 3 differences settled, 1 open"
        assert [work.verdict(one) for one in work.items] == ["yes", "later", "no"]
        assert consensus(study) == [("scheduling", "applied", DATES), ("praise", "applied", LOVELY)]
        assert consensus(study, "P08") == [("turnover", "rejected", "People leave.")]
        with pytest.raises(StudyError, match="end of the list"):
            work.answer("yes")
        work.begin_again()
        assert work.item.code == "turnover"
        assert work.verdict(work.item) == "later"
        work.answer("no")
        assert work.is_done
        assert study.check() == []
        again = Adjudication(study, "ana", "ben")
        assert (again.items, again.progress) == ([], "3 of 3 differences settled, 0 open")

    def test_originals_stay(self, study: Study) -> None:
        before = [study.sheet(coder, "P07") for coder in ("ana", "ben")]
        work = Adjudication(study, "ana", "ben")
        work.write_agreed()
        for _ in range(3):
            work.answer("no")
        assert [Study(study.root).sheet(coder, "P07") for coder in ("ana", "ben")] == before

    def test_an_answer_is_taken_back_and_given_anew(self, study: Study) -> None:
        work = Adjudication(study, "ana", "ben")
        with pytest.raises(StudyError, match="not answered anything in this session"):
            work.undo()
        work.answer("yes")
        work.answer("no")
        assert work.undo() == "Undone: the answer to “Turnover” in P07:t004."
        assert work.item.code == "turnover"
        assert work.undo() == "Undone: the answer to “Praise” in P07:t004."
        assert (work.progress, consensus(study)) == ("0 of 3 differences settled, 3 open", [])
        work.answer("no")
        work.back()
        assert work.describe().endswith("Settled: not accepted.")
        work.answer("yes")
        assert consensus(study) == [("praise", "applied", LOVELY)]
        work.back()
        with pytest.raises(StudyError, match="already says that of “praise”"):
            work.answer("yes")

    def test_a_passage_over_two_segments_is_settled_in_both(self, study: Study) -> None:
        text = study.transcript("P07").text
        span = study.segment("P07:t002")[1].span | study.segment("P07:t004")[1].span
        assert text[span.end - 1] == "。"
        study.mark_seen("ben", ["P07:t003"])
        study.decide("ana", "P07:t002", "challenges", "apply", span=span)
        work = Adjudication(study, "ana", "ben")
        found = [one for one in places(work) if one[1] == "challenges"]
        assert found == [(f"P07:t00{number}", "challenges", "ana") for number in (2, 3, 4)]
        assert work.item.code == "challenges"
        work.answer("yes")
        assert (work.item.segment, work.item.code) == ("t004", "praise")
        assert work.progress == "3 of 6 differences settled, 3 open"


class TestNotTwoCoders:
    @pytest.mark.parametrize(
        ("names", "message"),
        [
            (("ana", "bem"), "no coding by “bem”"),
            (("ana", "ana"), "cannot be compared"),
            (("ana", "consensus"), "consensus"),
        ],
    )
    def test_told(self, study: Study, names: tuple[str, str], message: str) -> None:
        with pytest.raises(StudyError, match=message):
            Adjudication(study, *names)

    def test_nothing_in_common(self, tmp_path: Path) -> None:
        study = begin_study(tmp_path / "study")
        study.mark_seen("ana", ["P07:t001"])
        study.mark_seen("ben", ["P07:t002"])
        with pytest.raises(StudyError, match="have read no segment in common"):
            Adjudication(study, "ana", "ben")

    def test_the_consensus_is_nobodys_own_sheet(self, study: Study) -> None:
        with pytest.raises(StudyError, match="ana"):
            Adjudication(study, "ana", "ben", consensus="ana")


class TestTwoWindows:
    def test_settled_elsewhere_is_a_conflict_then_passed(self, study: Study) -> None:
        here, there = Adjudication(study, "ana", "ben"), Adjudication(Study(study.root), "ana", "ben")
        assert here.readings == there.readings
        here.answer("no")
        with pytest.raises(ConflictError, match="“praise” in P07:t004 was settled with n in the meantime"):
            there.answer("yes")
        assert consensus(study) == [("praise", "rejected", LOVELY)]
        assert there.item.code == "turnover"
        assert there.progress == "1 of 3 differences settled, 2 open"

    def test_what_was_settled_before_it_was_seen_is_passed_over(self, study: Study) -> None:
        here, there = Adjudication(study, "ana", "ben"), Adjudication(study, "ana", "ben")
        here.answer("later")
        here.answer("yes")
        there.answer("yes")
        assert (there.item.transcript, there.item.code) == ("P08", "turnover")

    def test_a_coder_who_changes_is_seen_anew(self, study: Study) -> None:
        work = Adjudication(study, "ana", "ben")
        assert len(work.readings) == 2
        study.decide("ana", "P07:t004", "praise", "remove")
        with pytest.raises(ConflictError, match="ana has changed “praise” in P07:t004"):
            work.answer("yes")
        assert consensus(study) == []
        assert work.item.code == "turnover"
        assert work.progress == "0 of 2 differences settled, 2 open"

    def test_an_answer_that_something_stands_on_stays(self, study: Study) -> None:
        here = Adjudication(study, "ana", "ben")
        here.answer("yes")
        study.decide("consensus", "P07:t004", "praise", "remove")
        with pytest.raises(ConflictError, match="builds on it"):
            here.undo()


class TestBlind:
    def test_differences_wait_for_all_who_were_drawn(self, study: Study) -> None:
        study.assign(["ana", "ben", "chi"], share=1, seed=1)
        study.mark_seen("chi", ["P08:t002", "P08:t004"])
        work = Adjudication(study, "ana", "ben")
        assert places(work) == [("P08:t004", "turnover", "ben")]
        assert (work.comparison.n_segments, work.comparison.n_waiting) == (4, 2)
        study.mark_seen("chi", ["P07:t002", "P07:t004"])
        work.refresh()
        assert len(work.items) == 3


class TestAnswersInLines:
    def run(self, study: Study, *lines: str) -> tuple[Adjudication, list[str]]:
        shown: list[str] = []
        work = Adjudication(study, "ana", "ben")
        work.take_answers(lines, shown.append)
        return work, shown

    def test_one_line_for_each(self, study: Study) -> None:
        work, shown = self.run(study, "y\n", " Later \n", "NO")
        assert work.progress == "2 of 3 differences settled, 1 open"
        assert [text.partition("\n")[0] for text in shown] == [
            "1/3  P07:t004  Ana", "“Praise” in P07:t004 is accepted.",
            "2/3  P07:t004  Ana", "“Turnover” in P07:t004 is left for later.",
            "3/3  P08:t004  Ana", "“Turnover” in P08:t004 is not accepted.",
        ]  # fmt: skip

    @pytest.mark.parametrize("lines", [("y", "q", "y"), ("y",)])
    def test_ends_with_q_or_with_the_lines(self, study: Study, lines: tuple[str, ...]) -> None:
        assert self.run(study, *lines)[0].progress == "1 of 3 differences settled, 2 open"

    @pytest.mark.parametrize("wrong", ["maybe", "", "ja"])
    def test_a_wrong_line_shifts_no_answer(self, study: Study, wrong: str) -> None:
        with pytest.raises(StudyError, match="is not an answer") as told:
            self.run(study, "y", wrong, "n")
        assert told.value.where == "answer 2"
        assert consensus(study) == [("praise", "applied", LOVELY)]
        assert consensus(study, "P08") == []

    def test_words(self) -> None:
        told = [read_verdict(text) for text in ("Y", "no\n", "s", "later", "q")]
        assert told == ["yes", "no", "later", "later", "quit"]


class TestTable:
    def settle(self, study: Study, text: str) -> tuple[int, int]:
        return study.adjudicate_from_table(("ana", "ben"), text.encode(), "t.csv")

    def test_settles_what_it_says(self, study: Study) -> None:
        rows = ["P07:t004,Praise,ana,Y", "P07:t004,challenges/turnover,,no", "P08:t004,turnover,ben,", ""]
        table = "\n".join(["segment,code,coder,verdict", *rows])
        assert self.settle(study, table) == (2, 0)
        assert consensus(study) == [("turnover", "rejected", "People leave."), ("praise", "applied", LOVELY)]
        assert consensus(study, "P08") == []
        assert self.settle(study, table) == (0, 2)
        assert study.log(coder="consensus")[-1]["why"] == "from t.csv"

    def test_semicolons_and_no_coder(self, study: Study) -> None:
        assert self.settle(study, "\ufeffSegment;Verdict;Code\r\nP07:t004;n;praise\r\n") == (1, 0)

    def test_all_wrong_rows_are_told_and_none_is_carried_out(self, study: Study) -> None:
        study.decide("consensus", "P08:t004", "turnover", "apply")
        rows = [
            "P07:t004,praise,ana,y",
            "P07:t004,turnover,ben,maybe",
            "P07:t004,turnover,ana,y",
            "P07:t099,praise,,y",
            "P07:t004,prase,,y",
            "P07:t002,praise,,n",
            "P08:t004,turnover,,n",
            "P07:t004,praise,,n",
        ]
        with pytest.raises(StudyError, match="7 rows cannot be applied; none was") as told:
            self.settle(study, "segment,code,coder,verdict\n" + "\n".join(rows) + "\n")
        assert [(one.where, one.message) for one in told.value.problems] == [
            ("t.csv:3", "“maybe” is not a verdict."),
            ("t.csv:4", "It is ben who gave “turnover” in P07:t004, not ana."),
            ("t.csv:5", "There is no segment “t099” in P07."),
            ("t.csv:6", "There is no code “prase” in the codebook."),
            ("t.csv:7", "There is no open difference on “praise” in P07:t002."),
            ("t.csv:8", "“turnover” in P08:t004 is already settled with y."),
            ("t.csv:9", "Another row has the opposite verdict on “praise” for the same passage."),
        ]
        assert consensus(study) == []

    @pytest.mark.parametrize("text", ["", "segment,code\nP07:t004,praise\n", "a,b\n"])
    def test_columns(self, study: Study, text: str) -> None:
        with pytest.raises(StudyError, match="no column") as told:
            self.settle(study, text)
        assert "--list --format csv" in told.value.hint

    def test_a_change_meanwhile_refuses_all(self, study: Study) -> None:
        """The table is read against what stands when it is carried out."""
        work = Adjudication(study, "ana", "ben")
        study.decide("ana", "P07:t004", "praise", "remove")
        with pytest.raises(StudyError, match="1 row cannot"):
            work.settle_from_table(b"segment,code,verdict\nP07:t004,turnover,y\nP07:t004,praise,y\n", "t.csv")
        assert consensus(study) == []
