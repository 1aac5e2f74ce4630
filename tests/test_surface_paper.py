"""The page on paper and between tabs: nothing folded that paper cannot unfold, drafts of one's own, words in place."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pypdf
import pytest
from browsing import Visit, browser, visit, wait_until
from studies import begin_study

from qualcode.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Browser, Page

__all__ = ["browser", "visit"]

NAMES = [f"Code number {number}" for number in range(12)]
BOOK = "codes:\n" + "".join(f"  - id: code-{at}\n    name: {name}\n" for at, name in enumerate(NAMES))
LONG = "Distortion/manipulation"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = begin_study(tmp_path / "study", "P07")
    study.layout.codebook.write_text(f"{BOOK}  - id: long\n    name: {LONG}\n", "utf-8")
    return Study(study.root)


def read_paper(page: Page) -> str:
    return " ".join("".join(one.extract_text() for one in pypdf.PdfReader(io.BytesIO(page.pdf())).pages).split())


def test_paper_has_all_codes_of_a_crowded_turn_and_the_screen_folds_them_again(
    visit: Callable[..., Visit], study: Study
) -> None:
    for at in range(len(NAMES)):
        study.decide("ana", "P07:t004", f"code-{at}", "apply")
    page = visit()
    more = page.turn("t004").locator(".more")
    more.wait_for()
    assert page.turn("t004").locator(".chip").count() < len(NAMES)
    printed = read_paper(page.page)
    assert [name for name in NAMES if name not in printed] == []
    assert " more" not in printed
    more.wait_for()
    assert page.turn("t004").locator(".chip").count() < len(NAMES)


def test_a_report_on_paper_has_them_too(tmp_path: Path, study: Study, browser: Browser) -> None:
    import qualcode

    for at in range(len(NAMES)):
        study.decide("ana", "P07:t004", f"code-{at}", "apply")
    study.close()
    qualcode.report_study(study.root, tmp_path / "results")
    context = browser.new_context()
    page = context.new_page()
    page.goto((tmp_path / "results" / "report.html").as_uri())
    page.locator("details.talks > summary").first.click()
    page.locator("details.talks .more").first.wait_for()
    page.evaluate("document.body.dataset.print = 'transcripts'")
    assert " more" not in read_paper(page)
    page.locator("details.talks .more").first.wait_for()
    context.close()


def test_a_refused_undo_leaves_all_saved(visit: Callable[..., Visit], study: Study) -> None:
    page = visit()
    page.press("v", "1")
    page.wait_said("Coded 3 words")
    Study(study.root).undo("ana")
    page.press("u")
    page.wait_said("already been undone")
    wait_until(page.page, "document.querySelector('.savedword').textContent === 'saved'")


def test_what_was_said_in_a_view_stays_there(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.press("v", "1")
    page.wait_said("Coded 3 words")
    page.page.locator("[data-view=compare]").first.click()
    assert page.said.inner_text() == ""


def test_long_names_break_behind_a_slash(visit: Callable[..., Visit]) -> None:
    page = visit(viewport={"width": 1000, "height": 900})
    name = page.page.locator(".tree [data-id=long] .name")
    assert name.inner_text().replace("\n", "") == LONG
    lines = name.evaluate(
        """(name) => {
            const box = name.getBoundingClientRect(), walker = document.createTreeWalker(name, NodeFilter.SHOW_TEXT);
            name.style.flex = "0 0 auto"; name.style.width = "8em"; name.style.hyphens = "manual";
            const tops = [];
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
                const range = document.createRange();
                range.selectNodeContents(node);
                tops.push([...range.getClientRects()].map((one) => Math.round(one.top)));
            }
            return tops;
        }"""
    )
    assert [len(one) for one in lines] == [1, 1]  # neither part is cut
    assert lines[0][0] < lines[1][0]


def test_drafts_of_two_tabs_are_apart(visit: Callable[..., Visit], study: Study) -> None:
    one = visit()
    other = one.context.new_page()
    other.goto(one.page.url)
    pages = [one.page, other]
    for page, words in zip(pages, ("first thought", "second thought"), strict=True):
        page.locator("[role=article]").first.wait_for()
        page.keyboard.press("m")
        page.locator("textarea").fill(words)
        page.keyboard.press("Escape")
    for page, words in zip(pages, ("first thought", "second thought"), strict=True):
        page.bring_to_front()
        page.keyboard.press("m")
        assert page.locator("textarea").input_value() == words
        page.keyboard.press("Escape")
    one.page.keyboard.press("m")
    one.page.keyboard.press("Control+Enter")
    one.page.locator("textarea").wait_for(state="detached")
    assert [memo.text for memo in Study(study.root).memos()[0]] == ["first thought\n"]
    other.bring_to_front()
    other.keyboard.press("m")
    assert other.locator("textarea").input_value() == "second thought"
    third = one.context.new_page()  # the latest draft outlives its tab
    other.close()
    third.goto(one.page.url)
    third.locator("[role=article]").first.wait_for()
    third.keyboard.press("m")
    assert third.locator("textarea").input_value() == "second thought"
