"""What may go wrong while somebody codes: other windows, other programs, a server that is gone; each has its words."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from browsing import Visit, browser, serving, visit, wait_until
from studies import begin_study, build_transcript

from qualcode.model import Span
from qualcode.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser

__all__ = ["browser", "visit"]

CONFLICT = "Another window of yours changed this passage meanwhile: it is"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study", "P07", "P08")


def quotes(study: Study, name: str = "P07") -> list[tuple[str, str, str]]:
    sheet = Study(study.root).sheet("ana", name)
    return [(one.code, one.verdict, one.quote) for one in sheet.codings] if sheet else []


class TestOthers:
    def test_two_tabs(self, visit: Callable[..., Visit], study: Study) -> None:
        one, other = visit(), visit()
        one.press("j", "j")
        one.press("a")
        one.wait_said("Accepted Turnover on 2 words.")
        other.page.locator("mark[data-code=turnover]").click()
        other.press("r")
        other.wait_said(CONFLICT)
        assert "do it again if it still holds" in other.said.inner_text()
        assert quotes(study) == [("turnover", "accepted", "People leave.")]
        other.page.locator(".chip.accepted", has_text="Turnover").wait_for()  # it shows what stands by now

    def test_what_one_tab_does_the_other_shows(self, visit: Callable[..., Visit]) -> None:
        one, other = visit(), visit()
        one.press("v", "3")
        one.wait_said("Coded 3 words with Praise.")
        other.page.locator("mark[data-code=praise]", has_text="The dates clashed.").wait_for()
        assert other.said.inner_text() == ""  # nobody is told what somebody else did to the screen

    def test_the_terminal_beside_the_page(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        other = Study(study.root)
        other.decide("ana", "P07:t004", "praise", "apply", span=Span(*place(study, "大家都")))
        page.page.locator("mark[data-code=praise]", has_text="大家都").wait_for()
        page.press("u")  # what was done elsewhere is not taken back from here
        page.wait_said("There is nothing of yours to take back.")
        other.undo("ana")
        page.page.locator("mark[data-code=praise]", has_text="大家都").wait_for(state="detached")

    def test_undo_is_of_this_window(self, visit: Callable[..., Visit], study: Study) -> None:
        one, other = visit(), visit()
        one.press("v", "1")
        one.wait_said("Coded 3 words with Scheduling.")
        other.press("j", "j", "v", "3")
        other.wait_said("Coded 2 words with Praise.")
        one.press("Control+z")
        one.wait_said("Took back: apply “Scheduling” on “The dates clashed.” (P07:t002).")
        assert quotes(study) == [("praise", "applied", "People leave.")]
        one.press("Control+Shift+Z")
        one.wait_said("Did again: apply “Scheduling” on “The dates clashed.” (P07:t002).")
        assert len(quotes(study)) == 2

    def test_a_held_lock(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        study.patience = 0.1
        held, done = threading.Event(), threading.Event()

        def hold() -> None:
            with Study(study.root).change("ben"):
                held.set()
                done.wait(20)

        thread = threading.Thread(target=hold)
        thread.start()
        held.wait(10)
        page.press("v", "3")
        page.wait_said("Another program is writing ana's sheets. Trying again …")
        page.wait_said("Not saved: close it, or wait.")
        done.set()
        thread.join()
        page.press("3")
        page.wait_said("Coded 3 words with Praise.")

    def test_a_corrected_transcript(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        talk = (("Interviewer", "What was hard?"), ("Ana", "The days clashed."), ("Ana", "People left."))
        Study(study.root).correct(build_transcript("P07", talk))
        page.wait_said("P07 was corrected. Showing the new text;")
        assert page.page.locator(".talk").all_inner_texts() == ["What was hard?", "The days clashed.", "People left."]

    def test_a_broken_codebook(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        good = study.layout.codebook.read_text("utf-8")
        study.layout.codebook.write_text(good.replace("name: Praise", "nmae: Praise"), "utf-8")
        page.page.locator(".trouble", has_text="codebook.yaml cannot be used (line 14: ").wait_for()
        page.press("v", "3")
        page.wait_said("You can read, not code, until it is mended.")
        assert quotes(study) == []
        study.layout.codebook.write_text(good, "utf-8")
        page.page.locator(".trouble").wait_for(state="detached")
        page.press("3")
        page.wait_said("Coded 3 words with Praise.")

    def test_random_acts_from_two_tabs_and_a_terminal(self, visit: Callable[..., Visit], study: Study) -> None:
        """Every confirmed act is on disk, and both tabs show the same at the end; QUALCODE_ACTS says how many acts."""
        n_acts, rng = int(os.environ.get("QUALCODE_ACTS", "60")), random.Random(7)
        tabs = [visit(), visit()]
        for tab in tabs:
            tab.page.evaluate(RECORD)
        script = [sys.executable, "-c", TERMINAL, str(study.root), str(n_acts // 3)]
        with subprocess.Popen(script, stdout=subprocess.PIPE, text=True, encoding="utf-8") as terminal:
            for _ in range(n_acts - n_acts // 3):
                rng.choice(tabs).press(*rng.choice(PRESSES))
            told = terminal.communicate(timeout=300)[0].split()
        assert terminal.returncode == 0
        for tab in tabs:
            # The last act may be refused, as when the other tab has undone it already: then it is “not saved”.
            wait_until(tab.page, "document.querySelector('.savedword').textContent !== '…'")
        confirmed = [one for tab in tabs for one in tab.page.evaluate("window.confirmed")]
        history = Study(study.root).history("ana", "P07")
        events = history.events.values()
        on_disk = set(history.events) | {f"undo {one.of}" for one in events if one.what == "undo"}
        on_disk |= {f"redo {one.of}" for one in events if one.what == "redo"}
        assert len(told) > n_acts // 20
        assert len(confirmed) > n_acts // 20
        assert {one.replace("+", " ") for one in (*told, *confirmed)} - on_disk == set()
        wait_until_shown(tabs, study)


PRESSES = [["j"], ["k"], ["v", "1"], ["v", "2"], ["3"], ["v", "3", "]", "3"], ["a"], ["r"], ["u"], ["U"], ["Escape"]]

RECORD = """() => {
  window.confirmed = [];
  const ask = window.fetch;
  window.fetch = async (address, how) => {
    const answer = await ask(address, how);
    if (how?.method === "POST" && answer.ok) {
      const told = await answer.clone().json();
      const steps = (told.undo ?? []).map((one) => one.event);
      if (String(address).endsWith("act/act")) window.confirmed.push(...steps);
      if (String(address).endsWith("act/undo")) window.confirmed.push(...steps.map((one) => `undo ${one}`));
    }
    return answer;
  };
}"""
"""What the server confirms to a tab: the ids of acts, and what was undone."""

TERMINAL = """
import random, sys, time
from qualcode.errors import ConflictError, StudyError
from qualcode.model import Span
from qualcode.study import Study
study, rng = Study(sys.argv[1]), random.Random(3)
text = study.transcript("P07").text
for _ in range(int(sys.argv[2])):
    time.sleep(0.05)
    words = rng.choice(["clashed", "lovely", "大家", "People", "never find"])
    span = Span(text.index(words), text.index(words) + len(words))
    act = rng.choice(["apply", "apply", "remove", "undo"])
    try:
        if act == "undo":
            print("undo", study.undo("ana").id, sep="+")
        else:
            address, code = study.address_of("P07", span), rng.choice(["praise", "turnover"])
            event = study.decide("ana", address, code, act, span=span)
            if event is not None:
                print(event.id)
    except (ConflictError, StudyError):
        pass
"""
"""A terminal beside the tabs: another process, which acts for the same coder and prints what was confirmed to it."""


def wait_until_shown(tabs: list[Visit], study: Study) -> None:
    """Wait until all tabs show what stands on disk, and nothing else."""
    standing: list[str] = []
    shown: list[list[str]] = []
    for _ in range(20):
        sheet = Study(study.root).sheet("ana", "P07")
        codings = [one for one in sheet.codings if one.is_counted] if sheet else []
        standing = sorted(f"{one.span.start}-{one.span.end}-{one.code}" for one in codings)
        marks = [tab.page.locator("mark:not(.suggested)") for tab in tabs]
        shown = [sorted(set(one.evaluate_all("all => all.map(one => one.dataset.key)"))) for one in marks]
        if all(one == standing for one in shown):
            return
        tabs[0].page.wait_for_timeout(500)
    assert shown == [standing] * len(tabs)


def place(study: Study, words: str) -> tuple[int, int]:
    start = study.transcript("P07").text.index(words)
    return start, start + len(words)


class TestServer:
    def test_killed_in_the_middle_of_a_note_and_started_again(self, study: Study, browser: Browser) -> None:
        with serving(study) as first:
            page = Visit(browser, first.address)
            page.press("j", "j", "a")
            page.wait_said("Accepted Turnover on 2 words.")
            page.page.locator(".chip", has_text="Turnover").click()
            page.press("n")
            page.page.keyboard.type("half a though")
        page.page.keyboard.type("t")
        page.page.locator(".savedword", has_text="not connected").wait_for()
        page.press("Control+Enter")
        page.wait_said("Not saved: qualcode does not answer. Start it again with qualcode code")
        assert page.page.locator("textarea").input_value() == "half a thought"
        with serving(study, port=first.port) as second:
            page.press("Control+Enter")
            page.wait_said("This page is from an earlier start. Open the new address.")
            page.page.goto(second.address)
            page.page.locator(".chip", has_text="Turnover").click()
            page.press("n")
            assert page.page.locator("textarea").input_value() == "half a thought"
            page.press("Control+Enter")
            page.wait_said("Noted on Turnover.")
            page.close()
        (coding,) = Study(study.root).sheet("ana", "P07").codings
        assert coding.note == "half a thought"

    def test_without_javascript_a_sentence_says_so(self, study: Study, browser: Browser) -> None:
        with serving(study) as page:
            found = Visit(browser, page.address, java_script_enabled=False)
            assert "This page needs JavaScript" in found.page.locator("noscript").inner_text()
            found.close()


class TestHands:
    def test_keys_during_composition_are_letters(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        page.press("v")
        page.turn("t002").evaluate(
            """one => one.dispatchEvent(
                new KeyboardEvent('keydown', {key: '3', code: 'Digit3', isComposing: true, bubbles: true}))"""
        )
        page.page.wait_for_timeout(200)
        assert quotes(study) == []

    def test_single_keys_can_be_switched_off(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        page.press("?")
        page.page.get_by_label("Single keys do something").click()
        page.press("Escape", "v", "3")
        page.page.wait_for_timeout(200)
        assert page.acts() == []
        page.page.get_by_role("button", name="Pick sentence").click()
        page.page.get_by_role("button", name="Code", exact=True).click()
        page.page.keyboard.type("prai")
        page.press("Enter")
        page.wait_said("Coded 3 words with Praise.")

    def test_tab_leaves_the_text(self, visit: Callable[..., Visit]) -> None:
        page = visit()
        seen = set()
        for _ in range(30):
            page.press("Tab")
            seen.add(
                page.page.evaluate("document.activeElement.closest('section,header,main,.panel')?.className ?? ''")
            )
        assert len(seen) >= 3

    def test_touch_takes_in_hand_and_buttons_code(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit(viewport={"width": 400, "height": 800}, has_touch=True, is_mobile=True)
        page.page.locator("mark[data-code=turnover]").tap()
        page.page.get_by_role("button", name="Accept").tap()
        page.wait_said("Accepted Turnover on 2 words.")
        assert quotes(study) == [("turnover", "accepted", "People leave.")]

    def test_same_code_on_overlapping_words_asks_once(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        page.drag("t002", 0, 9)
        page.press("3")
        page.wait_said("Coded 2 words with Praise.")
        page.drag("t002", 4, 17)
        page.press("3")
        page.wait_said("Grow the first, or keep two?")
        page.page.get_by_role("button", name="Grow the first").click()
        page.wait_said("Added words to Praise; it is on 3 words now.")
        assert quotes(study) == [("praise", "applied", "The dates clashed")]

    def test_twenty_codes_on_a_sentence(self, tmp_path: Path, browser: Browser) -> None:
        from qualcode.study import create_study

        codebook = tmp_path / "many.yaml"
        codebook.write_text("codes:\n" + "".join(f"  - id: c{n}\n    name: Code {n}\n" for n in range(300)), "utf-8")
        study = create_study(tmp_path / "many", codebook=codebook)
        study.add_transcript(build_transcript())
        for number in range(20):
            study.decide("ana", "P07:t002", f"c{number}", "apply")
        with serving(study) as page:
            found = Visit(browser, page.address)
            assert found.turn("t002").locator("mark").count() == 20
            assert found.talk("t002").inner_text() == "The dates clashed. We could never find a date."
            more = found.turn("t002").get_by_role("button", name="+12 more")
            more.click()
            assert found.turn("t002").locator(".chip").count() == 20
            assert found.page.locator("[role=treeitem]").count() == 300
            mark = found.turn("t002").locator("mark").last
            names = set()
            for _ in range(20):
                mark.click()
                names.add(found.page.locator(".what h2").inner_text())
            assert len(names) == 20
            found.close()
