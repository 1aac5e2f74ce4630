"""Suggestions learned from one's own coding in a real browser: on request, one by one, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browsing import Visit, browser, find_axe, list_violations, serving
from farms import begin_farm

from qualcode.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Locator

__all__ = ["browser"]


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_farm(tmp_path / "farm")


@pytest.fixture
def visit(study: Study, browser: Browser) -> Iterator[Callable[..., Visit]]:
    opened: list[Visit] = []
    with serving(study, transcript="P3") as page:

        def open_page(**options: object) -> Visit:
            opened.append(Visit(browser, page.address, **options))
            return opened[-1]

        yield open_page
        for one in opened:
            one.close()
    assert [error for one in opened for error in one.errors] == []


def open_list(page: Visit, kind: str = "missed", code: str = "") -> Locator:
    """Open a list of what was learned, and return its rows."""
    page.page.locator("[data-view=suggestions]").first.click()
    page.page.get_by_role("button", name="~ Your own coding").click()
    if kind != "missed":
        page.page.get_by_label("Which suggestions").select_option(kind)
    if code:
        page.page.get_by_label("Code", exact=True).select_option(code)
    rows = page.page.locator(".learned > .passage")
    rows.first.wait_for(timeout=20_000)
    return rows


def own(study: Study, name: str = "P3") -> set[tuple[str, str, str]]:
    sheet = Study(study.root).sheet("ana", name)
    return {(one.code, one.verdict, one.quote) for one in sheet.codings if one.origin == "learned"} if sheet else set()


def test_nothing_is_asked_for_before_one_wants_it(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.page.locator("[data-view=suggestions]").first.click()
    page.page.locator(".sources").wait_for()
    assert [one for one in page.requests if "learned" in one] == []
    assert page.page.get_by_role("button", name="Accept all").count() == 0


def test_accept_refuse_and_undo_by_keys(visit: Callable[..., Visit], study: Study) -> None:
    page = visit()
    rows = open_list(page)
    first = rows.first
    assert first.locator(".evidence").all_inner_texts() == ["Rain", "on", "Monday"]
    assert "~ possible Carried by: Rain, Monday, on." in first.inner_text()
    assert first.locator(".near li").count() == 2
    assert page.page.get_by_role("button", name="Accept all").count() == 0
    first.focus()
    page.press("a")
    page.wait_said("Accepted Rain on 4 words.")
    page.page.locator("[data-place='P3:28-49']").wait_for(state="detached")
    assert own(study) == {("rain", "accepted", "Rain, rain on Monday.")}
    assert len(page.acts()) == 1
    page.press("u")
    page.wait_said("Took back: accept “Rain” on “Rain, rain on Monday.” (P3:t002).")
    rows.first.locator(".evidence", has_text="Monday").wait_for()
    assert own(study) == set()
    rows.first.focus()
    page.press("r")
    page.wait_said("Refused Rain on 4 words.")
    assert own(study) == {("rain", "rejected", "Rain, rain on Monday.")}
    page.page.reload()
    rows = open_list(page)
    assert "Rain, rain on Monday." not in rows.first.inner_text()


def test_what_is_not_read_needs_a_code(visit: Callable[..., Visit], study: Study) -> None:
    page = visit()
    page.page.locator("[data-view=suggestions]").first.click()
    page.page.get_by_role("button", name="~ Your own coding").click()
    page.page.get_by_label("Which suggestions").select_option("likely")
    page.page.get_by_text("Choose a code: what you have not read").wait_for()
    rows = open_list(page, "likely", "money")
    assert "wage" in rows.first.inner_text()
    rows.first.get_by_role("button", name="Accept").click()
    page.wait_said("Accepted Money on")
    assert {one[0] for one in own(study, "P6")} == {"money"}


def test_a_coding_in_doubt_is_kept_or_removed(visit: Callable[..., Visit], study: Study) -> None:
    study.decide("ana", "P2:t004", "rain", "apply")
    page = visit()
    rows = open_list(page, "doubtful", "rain")
    place = rows.first.get_attribute("data-place")
    rows.first.focus()
    page.press("a")
    page.wait_said("Rain still holds on")
    page.page.locator(f"[data-place='{place}']").wait_for(state="detached")
    page.press("u")
    page.wait_said("Took back: keep “Rain”")
    page.page.locator(f"[data-place='{place}']").wait_for()
    rows.first.focus()
    page.press("r")
    page.wait_said("Removed Rain from")
    assert [one.code for one in study.codings_in("ana", "P2", study.segment("P2:t004")[1].span)] == ["money"]


def test_beside_the_text_when_it_is_wished_for(visit: Callable[..., Visit], study: Study) -> None:
    page = visit()
    rows = open_list(page)
    rows.first.get_by_role("button", name="Go to P3 t002").click()
    page.turn("t002").wait_for()
    assert page.turn("t002").locator(".chip").count() == 0
    open_list(page)
    page.page.get_by_label("beside the text as well").check()
    page.page.locator("[data-view=read]").first.click()
    chip = page.turn("t002").locator(".chip.learned")
    assert chip.inner_text().startswith("Rain")
    assert "~" in chip.inner_text()
    chip.click()
    page.page.locator(".inhand", has_text="suggested by your own coding").wait_for()
    assert page.page.locator(".tree [data-id=rain] .maybe").count() == 0  # it is counted nowhere
    page.press("x")
    page.wait_said("Accept it first; then it can be changed.")
    page.press("a")
    page.wait_said("Accepted Rain on 4 words.")
    page.turn("t002").locator(".chip.accepted").wait_for()
    assert page.turn("t002").locator(".chip.learned").count() == 0
    page.press("u")
    page.turn("t002").locator(".chip.learned").wait_for()
    assert own(study) == set()
    page.page.reload()
    page.turn("t002").wait_for()
    assert page.turn("t002").locator(".chip").count() == 0  # off again in the next session


def test_a_coder_who_coded_nothing_is_told(study: Study, browser: Browser) -> None:
    with serving(study, "ben", transcript="P3") as served:
        page = Visit(browser, served.address)
        page.page.locator("[data-view=suggestions]").first.click()
        page.page.get_by_role("button", name="~ Your own coding").click()
        page.page.locator(".view .hint", has_text="You have coded nothing yet").wait_for()
        page.close()


@pytest.mark.parametrize("width", [1400, 320])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit: Callable[..., Visit], scheme: str, width: int) -> None:
    axe = find_axe()
    page = visit(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    page.page.add_script_tag(path=axe)
    rows = open_list(page)
    page.page.locator(".trust summary").click()
    rows.first.focus()
    assert list_violations(page.page) == []
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width
    page.page.get_by_label("beside the text as well").check()
    page.page.locator("[data-view=read]").first.click()
    page.turn("t002").locator(".chip.learned").click()
    assert list_violations(page.page) == []
