"""What the page asks for, without a browser: acts with versions, changes, blindness, and what goes wrong."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from studies import begin_study, build_transcript

from qualcode.model import Span
from qualcode.study import Decision, Study
from qualcode.surface import Surface

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study", "P07", "P08")


@pytest.fixture
def surface(study: Study) -> Iterator[Surface]:
    found = Surface(study, "ana")
    yield found
    found.close()


def place(study: Study, words: str, name: str = "P07") -> list[int]:
    """Return where words stand."""
    start = study.transcript(name).text.index(words)
    return [start, start + len(words)]


def shown(surface: Surface, name: str = "P07") -> dict[str, Any]:
    return surface.do("transcript", {"t": name})


def mark_of(told: dict[str, Any], code: str) -> list[Any]:
    """Return what is told of the first passage with a code."""
    return next(mark for turn in told["turns"] for mark in turn["marks"] if mark[2] == code)


def apply(surface: Surface, study: Study, words: str, code: str, **more: Any) -> dict[str, Any]:
    data = {"op": "apply", "t": "P07", "code": code, "spans": [{"span": place(study, words), "saw": ""}], **more}
    return surface.do("act", data)


class TestShowing:
    def test_the_first_page_reads_one_transcript(self, study: Study) -> None:
        study = Study(study.root)
        surface = Surface(study, "ana")
        told = surface.do("open", {"t": "P08"})
        assert told["transcript"]["id"] == "P08"
        assert told["names"] == ["P07", "P08"]
        assert [code["id"] for code in told["codebook"]["codes"]] == ["challenges", "scheduling", "turnover", "praise"]
        assert list(study._transcripts) == ["P08"]
        surface.close()

    def test_passages_are_small_and_say_why(self, surface: Surface, study: Study) -> None:
        told = shown(surface)
        start, end, code, verdict, version, note, evidence = mark_of(told, "scheduling")
        assert ([start, end], code, verdict, version, note) == (
            place(study, "The dates clashed. We could never find a date."), "scheduling", "s", "", "",
        )  # fmt: skip
        words = [study.transcript("P07").text[start + one[1] : start + one[2]] for one in evidence]
        assert words == ["clashed", "find a date"]
        marks = [mark for turn in told["turns"] for mark in turn["marks"]]
        assert all(len(json.dumps(mark)) <= 120 for mark in marks)

    def test_all_is_plain_data(self, surface: Surface) -> None:
        assert json.loads(json.dumps(shown(surface)))["turns"][1]["who"] == "Ana"

    def test_a_transcript_that_is_not_there(self, surface: Surface) -> None:
        assert surface.do("transcript", {"t": "P99"})["error"]["kind"] == "refused"
        assert surface.do("transcript", {"t": 7})["error"]["kind"] == "refused"
        assert surface.do("transcript", {"t": "../study"})["error"]["kind"] == "refused"
        assert surface.do("nothing", {})["error"]["kind"] == "refused"


class TestActs:
    def test_an_act_returns_only_the_turns_that_it_changed(self, surface: Surface, study: Study) -> None:
        base = shown(surface)["mark"]
        done = apply(surface, study, "dates clashed", "praise", base=base)
        assert list(done["turns"]) == ["t002"]
        assert done["said"] == "Coded 2 words with Praise."
        assert surface.do("changes", {"t": "P07", "mark": base})["turns"].keys() == {"t002"}
        assert surface.do("changes", {"t": "P07", "mark": done["mark"]}) == {}

    def test_an_act_costs_what_it_touches_and_not_the_sheet(
        self, study: Study, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from qualcode.surface import showing

        seen: list[object] = []
        encode = showing.encode_entry
        monkeypatch.setattr(showing, "encode_entry", lambda entry: (seen.append(entry), encode(entry))[1])
        counts = []
        for n_more in (0, 200):
            start = study.transcript("P07").text.index("People")
            spans = [Span(start, start + 6 + at) for at in range(n_more // 10)]
            spans += [Span(start + at, start + 12) for at in range(1, n_more // 20)]
            study.decide_all("ana", [Decision("P07:t004", "turnover", "apply", span) for span in spans])
            surface = Surface(study, "ana")
            base = shown(surface)["mark"]
            seen.clear()
            apply(surface, study, "The dates" if n_more else "We could", "praise", base=base)
            counts.append(len(seen))
            surface.close()
        assert counts == [2, 3]  # the suggestion of the turn, and what was given on it; nothing of the other turn

    def test_every_act_and_back(self, surface: Surface, study: Study) -> None:
        span = place(study, "The dates clashed. We could never find a date.")
        steps = []

        def act(op: str, code: str, span: list[int], **more: Any) -> dict[str, Any]:
            saw = next(
                (m[4] for t in shown(surface)["turns"] for m in t["marks"] if m[:3] == [*span, code] and len(m) > 4), ""
            )
            done = surface.do("act", {"op": op, "t": "P07", "code": code, "span": span, "saw": saw, **more})
            assert "error" not in done, done
            steps.append(done["undo"])
            return done

        act("accept", "scheduling", span)
        act("note", "scheduling", span, note="hm")
        shorter = place(study, "The dates clashed.")
        act("move", "scheduling", span, to=shorter)
        act("recode", "scheduling", shorter, to="praise")
        act("extend", "praise", shorter, to=place(study, "We could"))
        longer = [shorter[0], place(study, "We could")[1]]
        act("cut", "praise", longer, to=place(study, "clashed."))
        assert [(one.quote, one.note) for one in study.sheet("ana", "P07").codings if one.is_counted] == [
            ("The dates", "hm"), ("We could", "hm"),
        ]  # fmt: skip
        for undo in reversed(steps):
            assert "error" not in surface.do("undo", {"t": "P07", "steps": undo})
        assert study.sheet("ana", "P07").codings == ()
        for again in steps:
            assert "error" not in surface.do("redo", {"t": "P07", "steps": again})
        assert [one.quote for one in study.sheet("ana", "P07").codings if one.is_counted] == ["The dates", "We could"]

    def test_the_same_act_twice_stands_already(self, surface: Surface) -> None:
        start, end, code, *_ = mark_of(shown(surface), "turnover")
        data = {"op": "accept", "t": "P07", "code": code, "span": [start, end], "saw": ""}
        first = surface.do("act", data)
        version = mark_of(shown(surface), "turnover")[4]
        again = surface.do("act", {**data, "saw": version})
        assert (first["said"], again["said"]) == ("Accepted Turnover on 2 words.", "That stands so already.")

    def test_a_stale_act_is_a_conflict_and_says_what_stands(self, surface: Surface, study: Study) -> None:
        start, end, code, *_ = mark_of(shown(surface), "turnover")
        data = {"t": "P07", "code": code, "span": [start, end], "saw": ""}
        Study(study.root).decide("ana", "P07:t004", "turnover", "reject")  # the terminal beside the page
        error = surface.do("act", {"op": "accept", **data})["error"]
        assert error["kind"] == "conflict"
        assert error["message"] == (
            "Another window of yours changed this passage meanwhile: it is rejected Turnover on “People leave.” now. "
            "Yours was not saved; do it again if it still holds."
        )
        assert study.sheet("ana", "P07").codings[0].verdict == "rejected"

    def test_another_passage_that_changed_comes_along(self, surface: Surface, study: Study) -> None:
        base = shown(surface)["mark"]
        Study(study.root).decide("ana", "P07:t004", "turnover", "reject")
        done = apply(surface, study, "The dates", "praise", base=base)
        assert set(done["turns"]) == {"t002", "t004"}

    @pytest.mark.parametrize(
        "span", [[5, 5], [9, 2], [-1, 4], ["a", 2], [1.5, 3], [True, 3], "1-2", [0, 10**9], None], ids=str
    )
    def test_spans_that_are_none(self, surface: Surface, span: object) -> None:
        data = {"op": "apply", "t": "P07", "code": "praise", "spans": [{"span": span, "saw": ""}]}
        assert surface.do("act", data)["error"]["kind"] == "refused"

    def test_nothing_picked(self, surface: Surface) -> None:
        done = surface.do("act", {"op": "apply", "t": "P07", "code": "praise", "spans": []})
        assert done["error"]["message"] == "Pick some words first."

    def test_codes_all_hits_in_one_act(self, surface: Surface, study: Study) -> None:
        hits = surface.do("search", {"term": "date"})["rows"]
        assert [(one["t"], one["quote"]) for one in hits] == [
            ("P07", "dates"), ("P07", "date"), ("P08", "dates"), ("P08", "date"),
        ]  # fmt: skip
        spans = [{"t": one["t"], "span": one["span"]} for one in hits]
        done = surface.do("act", {"op": "apply", "t": "P07", "code": "praise", "spans": spans})
        assert len(done["undo"]) == 2
        surface.do("undo", {"t": "P07", "steps": done["undo"]})
        assert all(sheet.codings == () for sheet in study.sheets(["ana"])[0])


class TestCorrections:
    def test_a_corrected_transcript_is_shown_and_old_acts_are_refused(self, surface: Surface, study: Study) -> None:
        base = shown(surface)["mark"]
        apply(surface, study, "They were lovely", "praise", base=base)
        talk = [("Interviewer", "What was hard?"), ("Ana", "The dates clashed badly."), ("Interviewer", "And people?")]
        Study(study.root).correct(build_transcript("P07", (*talk, ("Ana", "People leave. They were lovely, though."))))
        error = apply(surface, study, "People leave", "praise", base=base)["error"]
        assert error["kind"] == "conflict"
        told = surface.do("changes", {"t": "P07", "mark": base})
        assert told["said"].startswith("P07 was corrected. Showing the new text;")
        assert told["transcript"]["turns"][1]["text"] == "The dates clashed badly."

    def test_a_broken_codebook_can_be_read_by(self, surface: Surface, study: Study) -> None:
        shown(surface)
        base = surface.do("open", {})["transcript"]["mark"]
        good = study.layout.codebook.read_text("utf-8")
        study.layout.codebook.write_text(good.replace("name: Praise", "nmae: Praise"), "utf-8")
        told = surface.do("changes", {"t": "P07", "mark": base})
        trouble = told["codebook"]["trouble"]
        assert trouble.startswith("codebook.yaml cannot be used (line 14: ")
        assert trouble.endswith("You can read, not code, until it is mended.")
        assert [one["name"] for one in told["codebook"]["codes"]][-1] == "Praise"
        error = apply(surface, study, "The dates", "praise")["error"]
        assert (error["kind"], error["message"]) == ("codebook", trouble)
        study.layout.codebook.write_text(good, "utf-8")
        assert "trouble" not in surface.do("changes", {"t": "P07", "mark": ""})["codebook"]

    def test_a_held_lock(self, surface: Surface, study: Study) -> None:
        study.patience = 0.05
        held, done = threading.Event(), threading.Event()

        def hold() -> None:
            with Study(study.root).change("ben"):
                held.set()
                done.wait(10)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(10)
        error = apply(surface, study, "The dates", "praise")["error"]
        done.set()
        thread.join()
        assert error["kind"] == "locked"
        assert error["message"] == "Another program is writing ana's sheets."
        assert "error" not in apply(surface, study, "The dates", "praise")

    def test_a_full_disk(self, surface: Surface, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
        import errno
        import os

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        error = apply(surface, study, "The dates", "praise")["error"]
        monkeypatch.undo()
        assert error == {"kind": "disk", "message": "Not saved: no room on the disk. Nothing was changed."}
        assert Study(study.root).sheet("ana", "P07") is None


class TestBlindness:
    def test_suggestions_are_hidden_where_a_part_is_coded_blind(self, study: Study) -> None:
        study.assign(["ana", "ben"], share=1, seed=1)
        surface = Surface(study, "ana")
        told = shown(surface)
        assert [turn["marks"] for turn in told["turns"]] == [[], [], [], []]
        assert {turn["id"] for turn in told["turns"] if turn.get("blind")} == {"t002", "t004"}
        assert surface.do("suggestions", {})["total"] == 0
        assert sum(row["undecided"] for row in surface.do("counts", {})["rows"]) == 0
        assert surface.do("themes", {"whose": "all"})["error"]["kind"] == "refused"
        for coder in ("ana", "ben"):
            study.mark_seen(coder, ["P07:t002"])
        assert [turn["id"] for turn in shown(surface)["turns"] if turn["marks"]] == ["t002"]
        surface.close()

    def test_sentences_drawn_are_hidden_in_their_turn(self, tmp_path: Path) -> None:
        from studies import CODEBOOK

        from qualcode.study import create_study

        codebook = tmp_path / "codes.yaml"
        codebook.write_text(CODEBOOK, "utf-8")
        study = create_study(tmp_path / "fine", codebook=codebook, unit="sentence")
        study.add_transcript(build_transcript())
        study.tag()
        study.assign(["ana", "ben"], share=1, seed=1)
        surface = Surface(study, "ana")
        told = shown(surface)
        assert [turn["marks"] for turn in told["turns"]] == [[], [], [], []]
        done = apply(surface, study, "The dates", "praise", base=told["mark"])
        assert [mark[2] for mark in done["turns"]["t002"]["marks"]] == ["praise"]
        surface.close()


class TestTogether:
    def test_two_compare_and_settle(self, study: Study) -> None:
        for coder in ("ana", "ben"):
            study.mark_seen(coder, ["P07:t002", "P07:t004"])
            study.decide(coder, "P07:t004", "turnover", "accept")
        study.decide("ana", "P07:t002", "praise", "apply")
        study.decide("ben", "P07:t002", "scheduling", "accept")
        surface = Surface(study, "ana")
        told = surface.do("compare", {"other": "ben"})
        assert (told["segments"], told["agreed"], told["open"], told["unwritten"]) == (2, 1, 2, 1)
        (row,) = told["rows"]
        given = {one["coder"]: one for one in row["differences"]}
        assert {coder: one["code"] for coder, one in given.items()} == {"ana": "praise", "ben": "scheduling"}
        surface.do("agree", {"other": "ben"})

        def settle(coder: str, verdict: str, **more: object) -> dict[str, Any]:
            one = given[coder]
            data = {"name": "P07", "segment": "t002", "code": one["code"], "coder": coder, "saw": one["saw"]}
            return surface.do(
                "verdict", {**data, "versions": [each[2] for each in one["passages"]], "verdict": verdict, **more}
            )

        assert settle("ben", "yes")["said"] == "Scheduling is taken over."
        done = settle("ana", "instead", instead="turnover", why="they left")
        assert done["said"] == "Neither: Turnover instead of Praise."
        consensus = {(one.code, one.verdict) for one in study.sheet("consensus", "P07").codings}
        assert consensus == {
            ("scheduling", "applied"), ("praise", "rejected"), ("turnover", "applied"),
        }  # fmt: skip
        events = list(study.history("consensus", "P07").events.values())
        assert events[-1].why == "ana gave it; neither, but turnover; settled by ana; they left"
        assert "error" not in surface.do("undo", {"t": "P07", "steps": done["undo"]})
        assert surface.do("compare", {"other": "ben"})["open"] == 1
        assert settle("ben", "no")["error"]["kind"] == "conflict"
        surface.close()

    def test_a_code_is_made_and_given_in_one_request(self, surface: Surface, study: Study) -> None:
        span = place(study, "大家都好忙😀")
        data = {"t": "P07", "name": "忙", "under": "challenges", "definition": "太忙", "at": "t004"}
        done = surface.do("code-add", {**data, "spans": [{"span": span, "saw": ""}]})
        code = study.codebook.code(done["code"])
        assert (code.name, code.definition, study.codebook.path(code.id).split("/")[0]) == ("忙", "太忙", "challenges")
        assert study.sheet("ana", "P07").codings[0].quote == "大家都好忙😀"
        assert done["codebook"]["codes"][-2]["name"] == "忙"
        again = surface.do("code-add", data)
        assert "already" in again["error"]["message"]

    def test_a_study_without_a_codebook_finds_its_first_code_while_reading(self, tmp_path: Path) -> None:
        from qualcode.study import create_study

        study = create_study(tmp_path / "open", name="Open: coding")
        study.add_transcript(build_transcript())
        surface = Surface(study, "ana")
        opened = surface.do("open", {})
        assert opened["codebook"] == {"codes": [], "name": ""}
        span = place(study, "The dates clashed.")
        data = {"t": "P07", "base": opened["transcript"]["mark"], "name": "Clashes", "at": "t002"}
        done = surface.do("code-add", {**data, "spans": [{"span": span, "saw": ""}]})
        assert done["said"] == "New code Clashes. Coded 3 words with Clashes."
        assert [code["id"] for code in done["codebook"]["codes"]] == ["clashes"]
        assert (study.codebook.name, study.sheet("ana", "P07").codings[0].code) == ("Open: coding", "clashes")
        assert [problem for problem in study.check() if problem.level == "error"] == []
        surface.close()

    def test_codes_tell_what_they_touch(self, surface: Surface, study: Study) -> None:
        study.decide("ana", "P07:t004", "turnover", "accept")
        told = surface.do("code-preview", {"op": "merge", "code": "turnover"})
        assert told["said"] == "3 codings get the other code."
        assert {(one["coder"], one["codings"]) for one in told["rows"]} == {("ana", 1), ("rules", 2)}
        done = surface.do(
            "code-change", {"op": "merge", "code": "turnover", "into": "praise", "t": "P07", "why": "same"}
        )
        assert done["said"].endswith("3 codings got the other code.")
        assert study.sheet("ana", "P07").codings[0].code == "praise"
        assert study.layout.codebook.read_text("utf-8").startswith("# The team's codebook.")

    def test_changes_of_the_codebook_go_there_and_back(self, surface: Surface, study: Study) -> None:
        path = study.layout.codebook
        first = path.read_bytes()
        done = surface.do("code-change", {"op": "rename", "code": "praise", "name": "Kind words", "t": "P07"})
        assert done["name"] == "Renamed praise from “Praise” to “Kind words”"
        second = path.read_bytes()
        back = surface.do("undo", {"t": "P07", "steps": done["undo"]})
        assert back["said"] == "Took back: Renamed praise from “Praise” to “Kind words”."
        assert path.read_bytes() == first
        assert "error" not in surface.do("redo", {"t": "P07", "steps": done["undo"]})
        assert path.read_bytes() == second

    def test_a_code_that_is_given_by_now_is_not_taken_back(self, surface: Surface, study: Study) -> None:
        span = place(study, "The dates")
        done = surface.do("code-add", {"t": "P07", "name": "New", "at": "t002", "spans": [{"span": span, "saw": ""}]})
        assert len(done["undo"]) == 2
        Study(study.root).decide("ben", "P07:t002", "new", "apply")
        back = surface.do("undo", {"t": "P07", "steps": done["undo"]})
        assert back["said"].endswith("The codebook stays: new is given by now, and would be gone.")
        assert [list(step) for step in back["undo"]] == [["t", "event"]]
        assert study.sheet("ana", "P07").codings == ()
        made = surface.do("code-add", {"t": "P07", "name": "Other", "at": "t002", "spans": [{"span": span, "saw": ""}]})
        surface.do("undo", {"t": "P07", "steps": made["undo"]})
        assert "other" not in {code.id for code in study.codebook.walk()}
        assert "other" not in {one.code for one in study.sheet("ana", "P07").codings}
        stale = surface.do("undo", {"t": "P07", "steps": made["undo"]})["error"]
        assert stale["kind"] in {"refused", "conflict"}
        forged = [{"codebook": "../../study", "now": made["undo"][0]["now"], "change": "x"}]
        assert "error" in surface.do("undo", {"t": "P07", "steps": forged})

    def test_passages_of_before_a_definition_changed_are_to_be_looked_at_again(
        self, surface: Surface, study: Study
    ) -> None:
        apply(surface, study, "The dates", "praise")
        surface.do("code-change", {"op": "edit", "code": "praise", "definition": "Kind words.", "t": "P07"})
        apply(surface, study, "lovely", "praise")
        told = surface.do("passages", {"code": "praise"})
        assert {one["quote"]: one.get("old", 0) for one in told["rows"]} == {"The dates": 1, "lovely": 0}
        assert [one["what"] for one in surface.do("history", {"code": "praise"})["rows"]] == [
            "Edited the definition of praise."
        ]

    def test_a_flag_comes_and_goes(self, surface: Surface, study: Study) -> None:
        start, end = place(study, "lovely")
        data = {
            "op": "flag",
            "t": "P07",
            "base": shown(surface)["mark"],
            "about": f"P07:{start}-{end}",
            "text": "irony?",
        }
        done = surface.do("flag", data)
        assert [one["flag"] for one in done["turns"]["t004"]["memos"]] == [1]
        (row,) = surface.do("flags", {})["rows"]
        assert (row["quote"], row["why"], row["author"]) == ("lovely", "irony?", "ana")
        surface.do("flag", {"op": "settle-flag", "t": "P07", "id": row["id"]})
        assert surface.do("flags", {})["rows"] == []
        (memo,) = study.memos()[0]
        assert (memo.flag, memo.text) == ("settled", "irony?\n")

    def test_memos_do_not_overwrite_each_other(self, surface: Surface, study: Study) -> None:
        first = surface.do("memo", {"t": "P07", "base": shown(surface)["mark"], "about": "P07:t002", "text": "one"})
        told = first["turns"]["t002"]["memos"][0]
        Study(study.root).memo("P07:t002", "two")
        late = surface.do(
            "memo", {"t": "P07", "about": "P07:t002", "text": "uno", "replaces": told["digest"], "id": told["id"]}
        )
        assert late["error"]["kind"] == "conflict"
        assert study.memos()[0][0].text == "one\n\ntwo\n"

    def test_figures_open_their_passages(self, surface: Surface, study: Study) -> None:
        apply(surface, study, "The dates clashed", "praise")
        rows = {row["code"]: row["segments"] for row in surface.do("themes", {})["rows"]}
        assert rows["praise"] == 1
        figure = surface.do("figure", {"kind": "themes"})
        assert figure["image"].startswith("data:image/svg+xml;base64,")
        opens = [one["opens"] for one in figure["marks"]]
        assert {"code": "praise"} in opens
        (quote,) = surface.do("quotes", {"code": "praise"})["rows"]
        assert quote["quote"] == "The dates clashed"

    def test_threads_lose_nothing(self, surface: Surface, study: Study) -> None:
        """Two windows and a terminal at once: every act that was confirmed is on disk."""
        confirmed: list[tuple[int, int]] = []
        text = study.transcript("P07").text
        start = text.index("The dates")

        def window(number: int) -> None:
            for step in range(10):
                span = [start + number, start + number + step + 2]
                data = {"op": "apply", "t": "P07", "code": "praise", "spans": [{"span": span}]}
                if "error" not in surface.do("act", data):
                    confirmed.append((span[0], span[1]))

        def terminal() -> None:
            other = Study(study.root)
            for step in range(10):
                other.decide(
                    "ana",
                    "P07:t004",
                    "turnover",
                    "apply",
                    span=Span(text.index("People"), text.index("People") + step + 3),
                )

        threads = [threading.Thread(target=window, args=(number,)) for number in range(2)]
        threads.append(threading.Thread(target=terminal))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(confirmed) == 20
        standing = Study(study.root).sheet("ana", "P07").codings
        assert {(one.span.start, one.span.end) for one in standing if one.code == "praise"} == set(confirmed)
        assert sum(one.code == "turnover" for one in standing) == 10
