"""Review: what comes next, what an act does, and the screen it is done on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from studies import TALK, begin_study

from qualcode.cli import cli
from qualcode.cli._review_app import ReviewApp
from qualcode.errors import StudyError
from qualcode.model import Span
from qualcode.reviewing import Item, Review, list_items, move_edge, search_codes
from qualcode.study import Study
from qualcode.study.blinding import read_assignment
from qualcode.study.consensus import assign, compare, write_agreed, write_verdict
from qualcode.study.decisions import mark_seen
from qualcode.study.memos import read_memos, write_memo

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study", "P07", "P08")


def state(study: Study, coder: str = "ana", name: str = "P07") -> list[tuple[str, str, str]]:
    """Return what a fresh process finds on disk."""
    sheet = Study(study.root).sheet(coder, name)
    return [(one.code, one.verdict, one.quote) for one in sheet.codings] if sheet else []


def review(study: Study, *names: str, coder: str = "ana") -> Review:
    return Review(study, coder, list_items(study, coder, transcript_ids=names or ("P07",), talk="all"))


class TestWorklist:
    def test_all_in_order(self, study: Study) -> None:
        assert [item.address for item in list_items(study, "ana")] == ["P07:t002", "P07:t004", "P08:t002", "P08:t004"]
        items = list_items(study, "ana", talk="all")
        assert [item.address for item in items[:5]] == ["P07:t001", "P07:t002", "P07:t003", "P07:t004", "P08:t001"]

    def test_filters(self, study: Study) -> None:
        assert list_items(study, "ana", code="challenges") == [
            Item(name, segment) for name in ("P07", "P08") for segment in ("t002", "t004")
        ]
        assert list_items(study, "ana", code="praise", transcript_ids=["P08"]) == [Item("P08", "t004")]
        study.decide("ana", "P07:t002", "scheduling", "accept")
        suggested = [item.address for item in list_items(study, "ana", only="suggested")]
        assert suggested == ["P07:t004", "P08:t002", "P08:t004"]
        uncoded = list_items(study, "ana", only="uncoded", transcript_ids=["P07"])
        assert [item.segment for item in uncoded] == ["t004"]


class TestReview:
    def test_way_through(self, study: Study) -> None:
        way = review(study)
        way.next()
        way.accept()
        assert state(study) == [("scheduling", "accepted", TALK[1][1])]
        way.next()
        way.skip()
        assert [entry.code for entry in way.entries] == ["turnover", "praise"]
        way.select(1)
        assert way.code is not None
        assert way.code.name == "Praise"
        way.reject()
        assert state(study)[1:] == [("praise", "rejected", "They were lovely, though.")]
        way.next()
        assert way.is_done
        sheet = study.sheet("ana", "P07")
        assert sheet is not None
        assert sheet.seen == {"t001", "t002", "t004"}
        with pytest.raises(StudyError, match="end of the list"):
            way.accept()
        way.back()
        assert way.item.segment == "t004"

    def test_resumes_where_one_stopped(self, study: Study) -> None:
        way = review(study)
        way.next()
        way.next()
        assert review(Study(study.root)).item.segment == "t003"
        (study.root / ".qualcode/bookmarks/ana.json").unlink()
        assert review(study).item.segment == "t003"  # the first that was not looked at

    def test_apply_recode_note_and_trim(self, study: Study) -> None:
        way = review(study)
        way.next()
        way.apply("praise", span=way.find_span("dates  CLASHED"))
        assert way.entry is not None
        assert (way.entry.code, way.entry.verdict) == ("praise", "applied")
        way.write_note("hm")
        way.trim("end", 1)
        way.trim("start", -1)
        sheet = study.sheet("ana", "P07")
        assert sheet is not None
        assert [(one.quote, one.note) for one in sheet.codings] == [("The dates clashed.", "hm")]
        way.recode("turnover")
        assert state(study) == [("turnover", "applied", "The dates clashed.")]
        way.selected = next(number for number, one in enumerate(way.entries) if one.suggestion)
        way.recode("praise")
        assert {(code, verdict) for code, verdict, _ in state(study)} == {
            ("turnover", "applied"), ("praise", "applied"), ("scheduling", "rejected"),
        }  # fmt: skip
        with pytest.raises(StudyError, match="does not stand"):
            way.find_span("nothing like it")
        with pytest.raises(StudyError, match="does not stand"):
            way.find_span(" ")

    def test_trimming_a_suggestion_accepts_it_so(self, study: Study) -> None:
        way = review(study)
        way.next()
        way.trim("end", -1)
        assert state(study) == [("scheduling", "accepted", "The dates clashed. We could never find a")]

    def test_note_needs_a_decision(self, study: Study) -> None:
        way = review(study)
        with pytest.raises(StudyError, match="no code"):
            way.write_note("x")
        way.next()
        with pytest.raises(StudyError, match="Decide first"):
            way.write_note("x")

    def test_undo_goes_there(self, study: Study) -> None:
        way = review(study)
        way.next()
        way.accept()
        way.next()
        way.next()
        way.undo()
        assert way.item.segment == "t003"
        way.undo()
        assert way.item.segment == "t002"
        assert state(study) == []


class TestEdges:
    TEXT = "one two  three 大家好 end"

    @pytest.mark.parametrize(
        ("edge", "step", "expected"),
        [
            ("start", 1, "three 大"),
            ("start", -1, "one two  three 大"),
            ("end", 1, "two  three 大家"),
            ("end", -1, "two  three"),
        ],
    )
    def test_by_word_and_by_character(self, edge: str, step: int, expected: str) -> None:
        span = Span(4, 16)
        moved = move_edge(self.TEXT, span, edge, step, Span(0, len(self.TEXT)))  # type: ignore[arg-type]
        assert self.TEXT[moved.start : moved.end] == expected

    def test_never_empty_never_outside(self) -> None:
        limit = Span(4, 14)
        assert move_edge(self.TEXT, Span(4, 7), "end", -1, limit) == Span(4, 7)
        assert move_edge(self.TEXT, Span(4, 7), "start", -1, limit) == Span(4, 7)
        assert move_edge(self.TEXT, Span(9, 14), "end", 1, limit) == Span(9, 14)


def test_search_finds_by_part_letters_and_with_a_slip(study: Study) -> None:
    codebook = study.codebook
    for words, first in (("sched", "scheduling"), ("tov", "turnover"), ("priase", "praise"), ("chall", "challenges")):
        assert search_codes(codebook, words)[0].id == first
    assert len(search_codes(codebook, "")) == 4
    assert search_codes(codebook, "qqqq") == []


def screen(app: ReviewApp) -> str:
    """Return what stands on the screen."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


class TestScreen:
    def run(self, study: Study, *keys: str, names: tuple[str, ...] = ("P07",)) -> list[str]:
        """Press keys in a terminal of 80 by 24 and return the screen after each."""

        async def press() -> list[str]:
            app = ReviewApp(review(study, *names))
            async with app.run_test(size=(80, 24)) as pilot:
                await pilot.pause()
                screens = [screen(app)]
                for key in keys:
                    await pilot.press(*(key[5:] if key.startswith("type:") else [key]))
                    await pilot.pause()
                    screens.append(screen(app))
                return screens

        return asyncio.run(press())

    def test_decisions_are_on_disk_when_they_are_shown(self, study: Study) -> None:
        first, second, third = self.run(study, "right", "a")
        assert "P07:t001   1/4   ana" in first
        assert "What was hard?" in first
        assert "Scheduling (suggested)  clash, find a date" in second
        assert "✓ Scheduling (accepted)" in third
        assert state(study) == [("scheduling", "accepted", TALK[1][1])]

    def test_choosing_a_code_for_typed_words(self, study: Study) -> None:
        screens = self.run(study, "right", "s", "type:dates", "enter", "type:prais", "enter")
        assert "Which words" in screens[2]
        assert "Praise  praise" in screens[5]
        assert "+ Praise (applied)" in screens[6]
        assert state(study) == [("praise", "applied", "dates")]

    def test_choosing_a_code_for_a_picked_sentence(self, study: Study) -> None:
        screens = self.run(
            study, "right", "v", "v", "right_square_bracket", "left_square_bracket", "{", "c", "type:prais"
        )
        assert "Picked." in screens[2]
        assert "for what you picked" in screens[7]
        screens = self.run(study, "v", "v", "{", "c", "type:prais", "enter")
        assert state(study) == [("praise", "applied", "We could never find a")]
        assert "+ Praise (applied)" in screens[-1]

    def test_another_code_is_one_act(self, study: Study) -> None:
        self.run(study, "right", "x", "type:prais", "enter")
        dates = TALK[1][1]
        assert state(study) == [("praise", "applied", dates), ("scheduling", "rejected", dates)]
        self.run(study, "u")
        assert state(study) == []

    def test_a_long_message_is_shown_in_two_lines(self, study: Study) -> None:
        screens = self.run(study, "right", "s", "type:some words that were never said by anybody", "enter")
        assert "Type the words as" in screens[-1]
        assert "they are written." in screens[-1]

    def test_wrong_keys_do_nothing_and_say_so(self, study: Study) -> None:
        screens = self.run(study, "a", "c", "escape", "n", "escape", "z")
        assert "no code on this segment yet" in screens[1]
        assert state(study) == []

    def test_undo_note_memo_and_help(self, study: Study) -> None:
        screens = self.run(study, "right", "a", "n", "type:clear", "enter", "m", "type:think", "enter", "u", "u", "?")
        assert "“clear”" in screens[5]
        assert "Memo written" in screens[8]
        assert "Taken back: note" in screens[9]
        assert "Taken back: accept" in screens[10]
        assert "accept" in screens[11]
        assert [memo.text for memo in read_memos(study)[0]] == ["think\n"]

    def test_chinese_and_the_end(self, study: Study) -> None:
        screens = self.run(study, "full_stop", "full_stop", "full_stop", "full_stop")
        assert "大家都好忙" in screens[3]
        assert "through the list" in screens[4]
        assert all(len(line) <= 80 for shown in screens for line in shown.splitlines())


class TestSeveralCoders:
    def test_draw_is_stratified_and_repeatable(self, study: Study) -> None:
        assert assign(study, ["ana", "ben"], share=0.5, seed=7) == {"P07": 1, "P08": 1}
        first = read_assignment(study)
        assert first["ana"] == first["ben"]
        assert all(address.endswith(("t002", "t004")) for address in first["ana"])  # the interviewees'
        assign(study, ["ana", "ben"], share=0.5, seed=7)
        assert read_assignment(study) == first
        assert len(list_items(study, "ana", only="assigned")) == 2
        assert list_items(study, "eve", only="assigned") == []
        with pytest.raises(StudyError, match="share"):
            assign(study, ["ana"], share=0, seed=1)

    def test_consensus(self, study: Study) -> None:
        mark_seen(study, "ana", ["P07:t001", "P07:t002", "P07:t004"])
        mark_seen(study, "ben", ["P07:t002", "P07:t004"])
        study.decide("ana", "P07:t002", "scheduling", "accept")
        study.decide("ben", "P07:t002", "scheduling", "apply")
        study.decide("ana", "P07:t004", "praise", "accept")
        study.decide("ben", "P07:t004", "turnover", "accept")
        study.decide("ben", "P07:t004", "praise", "reject")
        found = compare(study, "ana", "ben")
        assert found.n_segments == 2
        assert [(one.segment, one.code, one.coder) for one in found.differences] == [
            ("t004", "praise", "ana"),
            ("t004", "turnover", "ben"),
        ]
        write_agreed(study, found)
        write_verdict(study, found.differences[0], is_right=True)
        write_verdict(study, found.differences[1], is_right=False)
        assert state(study, "consensus") == [
            ("scheduling", "applied", TALK[1][1]),
            ("turnover", "rejected", "People leave."),
            ("praise", "applied", "They were lovely, though."),
        ]
        assert compare(study, "ana", "ben").differences == ()
        assert [code for code, _, _ in state(study)] == ["scheduling", "praise"]
        assert study.check() == []

    def test_nothing_in_common(self, study: Study) -> None:
        mark_seen(study, "ana", ["P07:t001"])
        with pytest.raises(StudyError, match="no segment that both"):
            compare(study, "ana", "ben")


class TestMemos:
    def test_about_everything(self, study: Study) -> None:
        for about in ("study", "code:challenges/scheduling", "case:P07", "P07:t002", "P07:33-51"):
            write_memo(study, about, f"On {about}.")
        memos, problems = read_memos(study)
        assert problems == []
        assert {memo.about for memo in memos} == {"study", "code:scheduling", "case:P07", "P07:t002", "P07:33-51"}
        write_memo(study, "study", "More.")
        assert next(memo.text for memo in read_memos(study)[0] if memo.id == "study") == "On study.\n\nMore.\n"

    @pytest.mark.parametrize("about", ["", "nothing", "code:no", "case:no", "P07:t099", "P07:5-99999", "P99:t001"])
    def test_about_nothing(self, study: Study, about: str) -> None:
        from qualcode.errors import QualcodeError

        with pytest.raises(QualcodeError):
            write_memo(study, about, "x")

    def test_written_by_hand(self, study: Study) -> None:
        (study.root / "memos").mkdir()
        (study.root / "memos" / "a.md").write_bytes(b"\xef\xbb\xbf---\r\nabout: P07:t001\r\n---\r\nhello\r\n")
        (study.root / "memos" / "b.md").write_bytes(b"free")
        (study.root / "memos" / "c.md").write_bytes(b"\xff")
        memos, problems = read_memos(study)
        assert [(memo.id, memo.about, memo.text) for memo in memos] == [
            ("a", "P07:t001", "hello\n"),
            ("b", "study", "free"),
        ]
        assert [problem.where for problem in problems] == ["memos/c.md"]


def qualcode(study: Study, *arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(cli, [*arguments, "--study", str(study.root)], input=stdin)


class TestCommands:
    def test_assign_and_adjudicate(self, study: Study) -> None:
        assert (
            "P07: 1 segment" in qualcode(study, "assign", "--coders", "ana,ben", "--share", "50%", "--seed", "7").stdout
        )
        assert qualcode(study, "assign", "--coders", "a", "--share", "half", "--seed", "7").exit_code == 2
        for coder in ("ana", "ben"):
            mark_seen(study, coder, ["P07:t004"])
        study.decide("ana", "P07:t004", "praise", "accept")
        study.decide("ben", "P07:t004", "turnover", "accept")
        listed = qualcode(study, "adjudicate", "--coders", "ana,ben", "--list")
        assert listed.stdout == "P07:t004  praise  ana\nP07:t004  turnover  ben\n"
        done = qualcode(study, "adjudicate", "--coders", "ana,ben", stdin="y\nq\n")
        assert done.exit_code == 0
        assert state(study, "consensus") == [("praise", "applied", "They were lovely, though.")]
        assert "1 difference" in qualcode(study, "adjudicate", "--coders", "ana,ben", stdin="q\n").stderr

    def test_memos(self, study: Study) -> None:
        assert qualcode(study, "memo", "add", "study", "Hello.").exit_code == 0
        assert qualcode(study, "memo", "add", "code:praise", stdin="from 大家\n").exit_code == 0
        assert "code-praise  (code:praise)\n    from 大家\n" in qualcode(study, "memo", "list").stdout

    def test_review_without_a_terminal(self, study: Study) -> None:
        result = qualcode(study, "review", "--coder", "ana")
        assert result.exit_code == 1
        assert "needs a terminal" in result.stderr

    def test_review_of_nothing(self, study: Study) -> None:
        result = qualcode(study, "review", "--coder", "ana", "--assigned")
        assert (result.exit_code, result.stderr) == (0, "There is no such segment.\n")
