"""The documentation as a built site: links, search from the disk, and pages for everybody.

``python docs/build_site.py`` builds it first; without it these tests are skipped, and ``.ci/run`` builds it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest
from browsing import browser, find_axe, list_violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["browser"]

SITE = Path(__file__).resolve().parents[1] / "docs" / "_site"
MAIN = (
    "docs/index.html",
    "docs/tutorials/first-study.html",
    "docs/how-to/two-coders.html",
    "docs/counting.html",
    "docs/questions.html",
    "docs/api.html",
    "docs/api/qualcode.tag.html",
)

pytestmark = pytest.mark.skipif(not SITE.is_dir(), reason="no site: python docs/build_site.py builds it")


def test_every_link_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(SITE)}: {link}"
        for page in SITE.rglob("*.html")
        if "_static" not in page.parts  # a part of the theme's own making
        for link in re.findall(r'(?:href|src)="([^"#?]+)', page.read_text("utf-8"))
        if not re.match(r"[a-z]+:", link) and not (page.parent / unquote(link)).exists()
    ]
    assert broken == []


def test_every_place_in_a_page_that_is_linked_is_there() -> None:
    texts = {page: page.read_text("utf-8") for page in SITE.rglob("*.html") if "_static" not in page.parts}
    places = {page: {unquote(one) for one in re.findall(r'\bid="([^"]+)"', text)} for page, text in texts.items()}
    broken = [
        f"{page.relative_to(SITE)}: {link}#{place}"
        for page, text in texts.items()
        for link, place in re.findall(r'href="([^"#?:]*)#([^"]+)"', text)
        if unquote(place) not in places.get((page.parent / unquote(link)).resolve() if link else page, {unquote(place)})
    ]
    assert broken == []


QUESTIONS = (
    "case",
    "interviewer counted",
    "in R",
    "kappa",
    "undo",
    "Word",
    "my data",
    "exit code 3",
    "withdraw",
    "cite",
)
"""What strangers ask first, by words of their titles."""


def test_a_stranger_finds_an_answer_within_two_clicks() -> None:
    front, page = ((SITE / "docs" / name).read_text("utf-8") for name in ("index.html", "questions.html"))
    assert 'href="questions.html"' in front
    parts = re.findall(r"<section.*?</section>", page.partition("<h1>")[2], re.DOTALL)
    for words in QUESTIONS:
        (answer,) = (part for part in parts if words in re.findall(r"<h2>(.*?)<a", part, re.DOTALL)[0])
        assert len(re.sub(r"<[^>]+>", "", answer).split()) > 15
        assert re.search(r'href="(?!#)', answer), f"{words}: no page has the rest"


def test_nothing_comes_from_elsewhere(browser: Browser) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for name in MAIN:
        page.goto((SITE / name).as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    page.close()


@pytest.mark.parametrize(
    ("words", "title"), [("kappa", "Two coders, one kappa in the paper"), ("校友", "Your first study")]
)
def test_search_works_from_the_disk_and_in_chinese(browser: Browser, words: str, title: str) -> None:
    page = browser.new_page()
    page.goto(f"{(SITE / 'search.html').as_uri()}?q={words}")
    page.locator("#search-results a", has_text=title).first.wait_for(timeout=20_000)
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_for_everybody(browser: Browser, width: int, scheme: str) -> None:
    axe = find_axe()
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    for name in MAIN:
        page.goto((SITE / name).as_uri())
        page.add_script_tag(path=os.fspath(axe))
        assert list_violations(page) == [], name
    page.close()
