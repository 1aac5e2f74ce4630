"""Every key of the page in a real browser, each with what it does; and the page in other scripts and contrasts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browsing import Visit, browser, serving, visit
from studies import begin_study, build_transcript

from qualcode.study import Study, create_study
from qualcode.surface.keys import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser

__all__ = ["browser", "visit"]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study", "P07", "P08")


def picked(page: Visit) -> str:
    ranges = page.page.evaluate("[...(CSS.highlights.get('qc-pick') ?? [])].map(one => one.toString())")
    return " / ".join(ranges)


def here(page: Visit) -> str | None:
    return page.page.locator(".turn.here").get_attribute("data-segment")


# Keys, what is said or asked then, what is picked then: one after the other, from the first turn of Ana's on.
STEPS = [
    ("Escape", "", ""),
    ("v", "", "The dates clashed."),
    ("v", "", "We could never find a date."),
    ("V", "", "The dates clashed."),
    ("[", "", "dates clashed."),
    ("]", "", "The dates clashed."),
    ("{", "", "The dates"),
    ("}", "", "The dates clashed."),
    ("Shift+ArrowRight", "", "The dates clashed. We"),
    ("Shift+ArrowLeft", "", "The dates clashed."),
    ("Shift+ArrowDown", "", "The dates clashed. We"),
    ("Shift+ArrowUp", "", "The dates clashed."),
    ("3", "Coded 3 words with Praise.", "The dates clashed."),
    ("u", "Took back: apply “Praise”", "The dates clashed."),
    ("U", "Did again: apply “Praise”", "The dates clashed."),
    ("Control+z", "Took back: apply “Praise”", "The dates clashed."),
    ("Control+Shift+Z", "Did again: apply “Praise”", "The dates clashed."),
    ("v", "", "We could never find a date."),
    ("e", "Coded 6 words with Praise.", "We could never find a date."),
    ("{", "", "We could never find a"),
    ("=", "Moved Praise; it is on 5 words now.", "We could never find a"),
    ("{", "", "We could never find"),
    ("[", "", "could never find"),
    ("[", "", "never find"),
    ("[", "", "find"),
    ("-", "Cut words out of Praise.", "find"),
    ("u", "Took back: cut “Praise”", "find"),
    ("}", "", "find a"),
    ("}", "", "find a date."),
    ("+", "Added words to Praise; it is on 6 words now.", "find a date."),
]


def test_every_key_does_what_help_says(visit: Callable[..., Visit], study: Study) -> None:
    page = visit()
    done = {"drop"}
    acts = {key: one.act for one in KEYS for key in one.keys}

    def press(key: str) -> None:
        page.press(key)
        done.add(acts.get(key, ""))

    assert here(page) == "t002"
    for key, said, words in STEPS:
        press(key)
        if said:
            page.wait_said(said)
        page.page.wait_for_timeout(30)
        assert (key, picked(page)) == (key, words)
    press("Escape")
    assert picked(page) == ""
    for key, field in (("n", "Note on Praise"), ("m", "Memo on t002"), ("b", "Come back to t002: why?")):
        press(key)
        page.page.keyboard.type(f"by {key}")
        page.page.get_by_label(field).wait_for()
        page.press("Control+Enter")
        page.page.locator(".question").wait_for(state="detached")
    press("x")
    page.page.keyboard.type("turn")
    page.press("Enter")
    page.wait_said("Coded 6 words with Turnover instead of Praise.")
    (coding,) = [one for one in Study(study.root).sheet("ana", "P07").codings if one.code == "turnover"]
    assert coding.note == "by n"
    press("d")
    page.page.get_by_label("Definition of Turnover").fill("Who leaves.")
    page.press("Control+Enter")
    page.wait_said("Definition of Turnover saved.")
    press("t")
    page.wait_said("An example of Turnover now.")
    press("f")
    page.wait_said("Only Turnover is shown.")
    for key in ("g", "G"):
        press(key)
        page.page.wait_for_timeout(50)
    press("f")
    page.wait_said("All codes are shown.")
    press("r")
    page.wait_said("Removed Turnover from 6 words.")
    for key, turn in (("j", "t003"), ("k", "t002"), ("ArrowDown", "t003"), ("ArrowUp", "t002"), (".", "t004")):
        press(key)
        assert (key, here(page)) == (key, turn)
    press("ArrowLeft")
    assert here(page) == "t002"
    press("ArrowRight")
    page.turn("t004").and_(page.page.locator(".here")).wait_for()
    press("a")
    page.wait_said("Accepted Turnover on 2 words.")
    press("v")
    press("c")
    page.page.keyboard.type("sched")
    page.press("Enter")
    page.wait_said("Coded 2 words with Scheduling.")
    press("i")
    page.page.locator("input[name=name]").fill("Going")
    page.press("Enter")
    page.wait_said("New code Going.")
    press(" ")
    page.wait_said("There is no recording")
    press("Enter")
    page.wait_said("This is the end of the transcript.")
    press("?")
    page.page.locator(".question.help").wait_for()
    page.press("Escape")
    press("/")
    page.page.get_by_label("Search", exact=True).wait_for()
    done |= {"digit", "undo", "redo"}
    assert {one.act for one in KEYS} - done == set()


def test_digits_are_those_of_the_terminal(visit: Callable[..., Visit], study: Study) -> None:
    """A pin is kept with the study, so that another window, the terminal and a notebook have it too."""
    assert study.pins("ana")[:4] == ("scheduling", "turnover", "praise", "")
    page = visit()
    row = page.page.locator(".tree [data-id=challenges]")
    row.locator(".pin").click()
    page.wait_said("Challenges is on 4.")
    page.page.locator(".tree [data-id=praise] .pin").click()
    page.wait_said("3 is free.")
    assert study.pins("ana")[:4] == ("scheduling", "turnover", "", "challenges")
    page.press("j", "j", "v", "3")
    page.wait_said("No code is pinned to 3. Pin one in the list of codes.")
    page.press("4")
    page.wait_said("Coded 2 words with Challenges.")
    study.pin_code("ana", 3, "praise")
    other = visit()
    other.press("j", "j", "v", "3")
    other.wait_said("Coded 2 words with Praise.")


def test_the_first_codes_of_a_study_have_digits_at_once(tmp_path: Path, browser: Browser) -> None:
    study = create_study(tmp_path / "study")
    study.import_transcripts([build_transcript()], "talk")
    with serving(study) as served:
        page = Visit(browser, served.address)
        page.press("j", "j", "v", "i")
        page.page.locator("input[name=name]").fill("Leaving")
        page.press("Enter")
        page.wait_said("New code Leaving. Coded 2 words with Leaving.")
        page.press("v", "1")
        page.wait_said("Coded 4 words with Leaving.")
        page.close()


def test_codings_under_a_place_are_cycled_by_click_and_by_keys(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.press("v", "3")
    page.wait_said("Coded 3 words with Praise.")
    page.press("Escape")
    hand = page.page.locator(".panel .what h2")
    words = page.turn("t002").locator("mark[data-code=praise]")
    words.click()
    first = hand.inner_text()
    words.click()
    assert hand.inner_text() != first
    page.turn("t002").locator(".chip").first.focus()
    before = hand.inner_text()
    page.press("ArrowDown")
    assert hand.inner_text() != before


def test_contrast_themes_keep_lines_and_swatches(visit: Callable[..., Visit]) -> None:
    page = visit(forced_colors="active")
    mark = page.page.locator("mark").first
    assert mark.evaluate("one => getComputedStyle(one).borderBottomStyle") in {"solid", "dashed"}
    swatch = page.page.locator(".tree .swatch").first
    assert swatch.evaluate("one => getComputedStyle(one).borderTopStyle") != "none"


def test_letters_of_other_scripts_are_picked_whole(tmp_path: Path, browser: Browser) -> None:
    """Right to left, combining marks, and characters beyond the basic plane: words as the study counts them."""
    lines = ("שלום לכולם. טוב.", "Cafe\u0301 noi\u0308r. Good.", "𨋢門壞咗。好。")
    book = tmp_path / "codes.yaml"
    book.write_text("codes:\n" + "".join(f"  - {{id: c{n}, name: Code {n}}}\n" for n in range(300)), "utf-8")
    study = create_study(tmp_path / "scripts", codebook=book)
    study.add_transcript(build_transcript("P1", tuple(("Ana", line) for line in lines)))
    with serving(study) as served:
        page = Visit(browser, served.address)
        for turn, code in (("t001", 297), ("t002", 298), ("t003", 299)):
            page.turn(turn).focus()
            page.press("Shift+ArrowRight", "Shift+ArrowRight", "c")
            page.page.locator(".question input").fill(f"code {code}")
            page.press("Enter")
            page.wait_said(f"with Code {code}.")
            page.press("Escape")
        page.close()
    quotes = [one.quote for one in Study(study.root).sheet("ana", "P1").codings]
    assert quotes == ["שלום לכולם.", "Cafe\u0301 noi\u0308r.", "𨋢門"]
