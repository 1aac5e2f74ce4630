"""The other views of the page in a real browser, and what axe says of each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browsing import Visit, browser, find_axe, list_violations, visit
from studies import begin_study, build_transcript

from qualcode.codebook import retire_code
from qualcode.model import Span
from qualcode.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


__all__ = ["browser", "visit"]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = begin_study(tmp_path / "study", "P07", "P08")
    for coder in ("ana", "ben"):
        study.mark_seen(coder, ["P07:t002"])
    study.decide("ana", "P07:t002", "praise", "apply", span=Span(*place(study, "The dates")), note="hm")
    study.decide("ben", "P07:t002", "turnover", "apply")
    study.memo("P07:t002", "A memo.", author="ana")
    study.memo("P07:t004", "Ask Ben.", author="ana", flag="open")
    return study


def place(study: Study, words: str) -> tuple[int, int]:
    start = study.transcript("P07").text.index(words)
    return start, start + len(words)


def view(page: Visit, name: str) -> None:
    page.page.locator(f"[data-view={name}]").first.click()
    page.page.locator(f".view-{name} h1").wait_for()


def codings(study: Study, coder: str = "ana") -> dict[tuple[str, str], str]:
    """Return what stands in all transcripts, by transcript and code."""
    return {
        (one.transcript, one.code): one.verdict
        for sheet in Study(study.root).sheets([coder])[0]
        for one in sheet.codings
    }


class TestLists:
    def test_all_suggestions_that_are_shown_in_one_act_and_back(
        self, visit: Callable[..., Visit], study: Study
    ) -> None:
        page = visit()
        before = codings(study)
        view(page, "suggestions")
        page.page.get_by_label("Code", exact=True).select_option("turnover")
        page.page.get_by_text("2 suggestions undecided.").wait_for()
        assert page.page.locator(".evidence").all_inner_texts() == ["leave", "leave"]
        page.page.get_by_role("button", name="Accept all 2 shown").click()
        page.wait_said("Accepted 2 suggestions. Undo takes all of them back.")
        assert len(page.acts()) == 1
        assert {key for key in codings(study) if key[1] == "turnover"} == {("P07", "turnover"), ("P08", "turnover")}
        page.press("u")
        page.wait_said("Took back: accept on 2 passages in 2 transcripts.")
        assert codings(study) == before

    def test_hits_are_found_walked_and_coded(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        page.press("/")
        page.page.keyboard.type("lov*")
        page.page.get_by_label("Where").select_option("")
        page.page.get_by_role("button", name="Search", exact=True).last.click()
        page.wait_said("2 hits.")
        page.page.get_by_label("Code for the chosen hits").select_option("praise")
        page.page.get_by_role("button", name="Code the chosen").click()
        page.wait_said("Coded 2 hits with Praise.")
        assert {(one.transcript, one.quote) for sheet in study.sheets(["ana"])[0] for one in sheet.codings} == {
            ("P07", "The dates"), ("P07", "They were lovely, though."), ("P08", "They were lovely, though."),
        }  # fmt: skip
        view_read(page)
        page.press("g")
        page.wait_said("Hit 1 of 2.")
        page.press("g")
        page.wait_said("Hit 2 of 2.")
        assert page.page.locator(".names").input_value() == "P08"

    def test_what_one_comes_back_to(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        page.press("v", "b")
        page.page.keyboard.type("irony?")
        page.press("Control+Enter")
        page.wait_said("under Come back.")
        view(page, "flags")
        page.page.locator(".passage .note", has_text="Ask Ben.").wait_for()
        assert page.page.locator(".passage .note").all_inner_texts() == ["irony?", "Ask Ben."]
        page.page.get_by_role("button", name="Settled").first.click()
        page.wait_said("Settled: “irony?”.")
        page.page.locator(".passage .note", has_text="irony?").wait_for(state="detached")
        page.page.locator(".passage .link").click()
        page.turn("t004").and_(page.page.locator(".here")).wait_for()

    def test_memos_and_what_is_settled_are_taken_back(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        before = study.memos()[0]
        page.press("v", "m")
        page.page.keyboard.type("half")
        page.press("Control+Enter")
        page.wait_said("Memo on “The dates clashed.” in P07 saved.")
        page.turn("t002").focus()
        page.press("b")
        page.page.keyboard.type("irony?")
        page.press("Control+Enter")
        page.wait_said("under Come back.")
        view(page, "flags")
        page.page.get_by_role("button", name="Settled").last.click()
        page.wait_said("Settled: “Ask Ben.”.")
        after = study.memos()[0]
        undo, redo = page.page.locator("[data-way=undo]"), page.page.locator("[data-way=redo]")
        assert undo.get_attribute("title") == "Undo: settle “Ask Ben.”"
        for words in ("settle “Ask Ben.”", "come back to", "memo on “The dates clashed.” in P07"):
            undo.click()
            page.wait_said(f"Took back: {words}")
        assert study.memos()[0] == before
        page.page.locator(".passage .note", has_text="Ask Ben.").wait_for()
        for words in ("memo on “The dates clashed.” in P07", "come back to", "settle “Ask Ben.”"):
            redo.click()
            page.wait_said(f"Did again: {words}")
        assert study.memos()[0] == after

    def test_a_memo_that_was_changed_since_is_not_taken_back(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        page.press("v", "m")
        page.page.keyboard.type("half")
        page.press("Control+Enter")
        page.wait_said("saved.")
        memo = next(one for one in study.memos()[0] if one.text == "half\n")
        study.memo(memo.about, "And more.", memo_id=memo.id, author="ben")
        page.press("u")
        page.wait_said("It is a different one now")
        assert "half\n\nAnd more.\n" in [one.text for one in study.memos()[0]]

    def test_where_a_coding_belongs_is_taken_back(self, visit: Callable[..., Visit], study: Study) -> None:
        talk = (("Interviewer", "What was hard?"), ("Ana", "A day clashed badly."), ("Ana", "People left."))
        study.correct(build_transcript("P07", talk))
        (entry,) = [one for one in study.unsettled() if one.coder == "ana"]
        page = visit()
        view(page, "flags")
        before = codings(study)
        page.page.get_by_role("button", name="Remove it").click()
        page.wait_said("Removed.")
        page.page.get_by_role("button", name="Remove it").wait_for(state="detached")
        page.press("u")
        page.wait_said("Took back: settle “Praise” on “The dates”.")
        page.page.get_by_role("button", name="Remove it").wait_for()
        assert codings(study) == before
        assert [one for one in study.unsettled() if one.coder == "ana"] == [entry]
        page.press("U")
        page.wait_said("Did again: settle “Praise” on “The dates”.")
        assert [one for one in study.unsettled() if one.coder == "ana"] == []

    def test_figures_open_their_passages(self, visit: Callable[..., Visit]) -> None:
        page = visit()
        view(page, "figures")
        page.page.get_by_role("button", name="1 segments with Praise").click(timeout=20_000)
        page.page.locator(".passage", has_text="The dates").wait_for()
        page.page.locator(".passage .link").click()
        page.page.locator("mark[data-code=praise]", has_text="The dates").wait_for()


def view_read(page: Visit) -> None:
    page.page.locator("[data-view=read]").last.click()
    page.turn("t002").wait_for()


class TestCodes:
    def test_a_change_tells_what_it_touches_first(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        view(page, "codes")
        page.page.locator(".codelist").get_by_role("button", name="Praise").click()
        page.page.get_by_label("Merge into").select_option("turnover")
        page.page.get_by_role("button", name="Merge", exact=True).click()
        page.wait_said("3 codings get the other code.")
        assert page.acts() == []
        page.page.get_by_role("button", name="Merge into Turnover").click()
        page.wait_said("3 codings got the other code.")
        assert "praise" not in {code.id for code in study.codebook.walk()}
        assert ("P07", "turnover") in codings(study)
        page.page.locator(".tree [data-id=praise]").wait_for(state="detached")

    def test_a_code_is_made_while_reading(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        page.press("j", "j", "v", "i")
        assert page.page.locator("input[name=name]").input_value() == "People leave."
        page.page.locator("input[name=name]").fill("turnovers")
        page.page.locator(".alike", has_text="There is: Turnover").wait_for()
        page.page.locator("input[name=name]").fill("Leaving people")
        page.page.locator("select[name=under]").select_option("challenges")
        page.page.locator("textarea[name=definition]").fill("Who goes.")
        page.press("Control+Enter")
        page.wait_said("New code Leaving people. Coded 2 words with Leaving people.")
        assert len(page.acts()) == 1
        assert study.codebook.code("challenges/leaving-people").definition == "Who goes."
        page.page.locator("mark[data-code=leaving-people]").wait_for()

    def test_a_definition_that_changed_asks_to_look_again(self, visit: Callable[..., Visit]) -> None:
        page = visit()
        view(page, "codes")
        page.page.locator(".codelist").get_by_role("button", name="Praise").click()
        page.page.get_by_label("Definition").fill("Kind words.")
        page.page.get_by_role("button", name="Save the words").click()
        page.page.locator(".preview").get_by_role("button", name="Save the words").click()
        page.wait_said("Edited the definition of praise.")
        row = page.page.locator("[data-row=praise]")
        row.locator(".count", has_text="1 passage · look again: 1").wait_for()
        page.page.get_by_role("button", name="Passages").click()
        page.page.get_by_role("button", name="Look again: 1").click()
        page.page.get_by_text("1 passage coded before the definition was changed.").wait_for()
        page.page.get_by_role("button", name="Keep: Praise still holds").click()
        page.wait_said("Praise still holds on 2 words.")
        page.page.get_by_text("0 passages coded before the definition was changed.").wait_for()
        page.press("u")
        page.wait_said("Took back: keep “Praise” on “The dates” (P07:t002).")
        page.page.get_by_text("1 passage coded before the definition was changed.").wait_for()

    def test_what_a_code_includes_keeps_its_entries(self, visit: Callable[..., Visit], study: Study) -> None:
        """Also one with a semicolon in it, and one that a person wrote on two lines."""
        told = study.layout.codebook.read_text("utf-8").replace(
            "- id: praise\n", '- id: praise\n    include: ["thanks; and praise", "two\\nlines"]\n'
        )
        study.layout.codebook.write_text(told, "utf-8")
        before = study.codebook.code("praise").include
        assert before == ("thanks; and praise", "two\nlines")
        page = visit()
        view(page, "codes")
        page.page.locator(".codelist").get_by_role("button", name="Praise").click()
        box = page.page.get_by_label("Include, one on a line")
        assert box.input_value() == "thanks; and praise\ntwo lines"
        box.fill(f"{box.input_value()}\nkind words")
        page.page.get_by_role("button", name="Save the words").click()
        page.page.locator(".preview").get_by_role("button", name="Save the words").click()
        page.wait_said("Edited the include of praise.")
        assert study.codebook.code("praise").include == (*before, "kind words")
        view_read(page)
        page.page.locator(".tree [data-id=praise]").click()
        page.page.get_by_text("Include: thanks; and praise; two lines; kind words").wait_for()

    def test_a_merger_is_taken_back_and_done_again(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        before, text = codings(study), study.layout.codebook.read_text("utf-8")
        view(page, "codes")
        page.page.locator(".codelist").get_by_role("button", name="Praise").click()
        page.page.get_by_label("Merge into").select_option("turnover")
        page.page.get_by_role("button", name="Merge", exact=True).click()
        page.page.get_by_role("button", name="Merge into Turnover").click()
        page.wait_said("3 codings got the other code.")
        merged = codings(study)
        undo = page.page.locator("[data-way=undo]")
        assert undo.get_attribute("title") == "Undo: Merged into turnover: praise “Praise”"
        undo.click()
        page.wait_said("Took back: Merged into turnover: praise “Praise”.")
        page.page.locator(".tree [data-id=praise]").wait_for()
        assert codings(study) == before
        assert study.layout.codebook.read_text("utf-8") == text
        page.page.locator("[data-way=redo]").click()
        page.wait_said("Did again: Merged into turnover: praise “Praise”.")
        page.page.locator(".tree [data-id=praise]").wait_for(state="detached")
        assert codings(study) == merged


class TestCompare:
    def test_differences_are_settled_by_keys(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        view(page, "compare")
        page.page.get_by_text("0 of 2 differences settled, 2 open.").wait_for()
        page.press("a")
        page.wait_said("Praise is taken over.")
        page.press("r")
        page.wait_said("Turnover is not taken over.")
        page.page.get_by_text("2 of 2 differences settled, 0 open.").wait_for()
        assert codings(study, "consensus") == {("P07", "praise"): "applied", ("P07", "turnover"): "rejected"}
        page.press("u")
        page.wait_said("Took back: settle “Turnover” on “The dates clashed.")
        assert "not taken over" in page.said.inner_text()
        assert codings(study, "consensus") == {("P07", "praise"): "applied"}

    def test_neither_but_a_new_code(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        view(page, "compare")
        page.page.get_by_label("Neither, but").first.select_option(label="new code …")
        page.page.locator("input[name=name]").fill("Tempo")
        page.page.get_by_role("button", name="Add and give it").click()
        page.wait_said("Neither: Tempo instead of Praise.")
        page.page.get_by_text("1 of 2 differences settled, 1 open.").wait_for()
        assert codings(study, "consensus") == {("P07", "tempo"): "applied", ("P07", "praise"): "rejected"}
        page.press("r")
        page.wait_said("Turnover is not taken over.")
        for name in ("Took back: settle “Turnover”", "Took back: settle “Praise”", "Took back: Added tempo"):
            page.page.locator("[data-way=undo]").click()
            page.wait_said(name)
        assert codings(study, "consensus") == {}
        assert "tempo" not in {code.id for code in study.codebook.walk()}

    def test_a_retired_code_is_not_offered(self, visit: Callable[..., Visit], study: Study) -> None:
        study.recode(retire_code, code="scheduling", because="Not used.")
        page = visit()
        view(page, "compare")
        choice = page.page.get_by_label("Neither, but").first
        choice.wait_for()
        offered = choice.locator("option").all_inner_texts()
        assert [one.strip() for one in offered] == ["neither, but …", "Challenges", "Turnover", "Praise", "new code …"]


@pytest.mark.parametrize("width", [1400, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit: Callable[..., Visit], scheme: str, width: int) -> None:
    axe = find_axe()
    page = visit(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page.page.add_script_tag(path=axe)

    def check(name: str) -> None:
        assert [(name, *one) for one in list_violations(page.page)] == []
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width

    check("read")
    page.press("j", "j", "v")
    check("in hand")
    for key, name in {"c": "palette", "i": "new code", "m": "memo", "?": "keys"}.items():
        page.press(key)
        check(name)
        page.press("Escape")
    for name in ("suggestions", "search", "flags", "compare", "codes", "figures"):
        view(page, name)
        if name == "codes":
            page.page.locator(".codelist .link").first.click()
        if name == "figures":
            page.page.locator(".kind").first.click(timeout=20_000)
            page.page.locator(".sheet img").wait_for(timeout=20_000)
        check(name)
