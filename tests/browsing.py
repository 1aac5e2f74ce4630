"""Pages in a real Chromium, served by a real server: what the tests of the surface share.

Without a browser the tests are skipped, and say so; where a change is decided on, they fail.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright

from qualcode.surface import Surface, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator, Page

    from qualcode.study import Study
    from qualcode.surface import Answering, Serving

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str:
    """Return the path of a Chromium, or skip."""
    found = os.environ.get("QUALCODE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        message = f"no browser: install one of {', '.join(NAMES)}, or name one in QUALCODE_CHROMIUM"
        if "CI" in os.environ:
            pytest.fail(message)
        pytest.skip(message)
    return found


def find_axe() -> Path:
    """Return the script of axe-core, or skip."""
    found = Path(__file__).parent / "surface" / "node_modules" / "axe-core" / "axe.min.js"
    if not found.exists():
        message = "no axe-core: npm install in tests/surface"
        if "CI" in os.environ:
            pytest.fail(message)
        pytest.skip(message)
    return found


def list_violations(page: Page) -> list[tuple[str, str]]:
    """Return what axe says against a page into which its script was put: the rule, and the first element."""
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]]


def wait_until(page: Page, expression: str, *, timeout: float = 10) -> None:
    """Wait until an expression holds; Playwright's own way needs ``eval``, which the policy of our pages forbids."""
    end = time.monotonic() + timeout
    while not page.evaluate(expression):
        if time.monotonic() > end:
            pytest.fail(f"after {timeout} s this does not hold: {expression}")
        page.wait_for_timeout(50)


def find_node() -> str:
    """Return the path of Node, or skip."""
    found = shutil.which("node")
    if found is None:
        if "CI" in os.environ:
            pytest.fail("no node: install nodejs")
        pytest.skip("no node: install nodejs")
    return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = find_browser()
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@contextmanager
def serving(study: Study, coder: str = "ana", **options: Any) -> Iterator[Serving]:
    """Serve a study in a thread of its own."""
    port, transcript = options.pop("port", 0), options.pop("transcript", "")
    with serving_surface(Surface(study, coder, **options), study, port=port, transcript=transcript) as page:
        yield page


@contextmanager
def serving_surface(surface: Answering, study: Study, **options: Any) -> Iterator[Serving]:
    """Serve what stands behind a page in a thread of its own."""
    page = serve(surface, **options)
    thread = threading.Thread(target=page.run)
    thread.start()
    try:
        yield page
    finally:
        page.stop()
        thread.join()
        surface.close()
        study.close()


class Visit:
    """A page that somebody looks at, with what it asked for and what went wrong in it."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1400, "height": 900}, **options})
        self.context.set_default_timeout(5000)
        self.page: Page = self.context.new_page()
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(f"{request.method} {request.url}"))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        self.page.goto(address)

    @property
    def said(self) -> Locator:
        return self.page.locator("[role=status][aria-live=polite]")

    def wait_said(self, text: str) -> None:
        """Wait until the page says something."""
        self.page.locator("[role=status]", has_text=text).wait_for()

    def turn(self, segment: str) -> Locator:
        return self.page.locator(f"[role=article][data-segment={segment}]")

    def talk(self, segment: str) -> Locator:
        return self.turn(segment).locator(".talk")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def drag(self, segment: str, start: int, end: int, *, to: str = "") -> None:
        """Drag with the mouse from one UTF-16 place in a turn to another, in the same turn or a later one."""
        self.turn(segment).scroll_into_view_if_needed()
        first, last = self._place(segment, start, after=False), self._place(to or segment, end, after=True)
        self.page.mouse.move(*first)
        self.page.mouse.down()
        self.page.mouse.move((first[0] + last[0]) / 2, (first[1] + last[1]) / 2, steps=3)
        self.page.mouse.move(*last)
        self.page.mouse.up()

    def _place(self, segment: str, unit: int, *, after: bool) -> tuple[float, float]:
        """Return where a character stands: its left edge, or the right edge of the one before."""
        box = self.talk(segment).evaluate(
            """(talk, [unit, after]) => {
                const walker = document.createTreeWalker(talk, NodeFilter.SHOW_TEXT);
                let left = after ? unit - 1 : unit, node = walker.nextNode();
                while (node && left >= node.length) { left -= node.length; node = walker.nextNode(); }
                const range = document.createRange();
                range.setStart(node, left); range.setEnd(node, left + 1);
                const box = range.getBoundingClientRect();
                return [after ? box.right - 1 : box.left + 1, (box.top + box.bottom) / 2];
            }""",
            [unit, after],
        )
        return box[0], box[1]

    def acts(self) -> list[str]:
        """Return the acts that were sent."""
        return [one for one in self.requests if one.startswith("POST")]

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def visit(study: Study, browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Give a function that opens a page; refusals are answers of the server, all other errors are errors."""
    opened: list[Visit] = []
    with serving(study) as page:

        def open_page(**options: object) -> Visit:
            opened.append(Visit(browser, page.address, **options))
            return opened[-1]

        yield open_page
        for one in opened:
            one.close()
    assert [error for one in opened for error in one.errors if "Failed to load resource" not in error] == []
