"""Suggestions learned from one's own coding in a real browser: on request, one by one, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browsing import Visit, browser, find_axe, list_violations, serving
from farms import begin_farm

from qualcode.study import Study
from qualcode.surface.learned import list_learned
from qualcode.surface.room import Room

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


def lines_of(study: Study, name: str = "P6") -> list[str]:
    sheet = Study(study.root).sheet("ana", name)
    return [f"{one.code} {one.origin or 'hand'} {one.quote}" for one in sheet.codings] if sheet else []


def test_every_tenth_comes_without_a_suggestion_and_is_coded_by_hand(visit: Callable[..., Visit], study: Study) -> None:
    """Of 24 unread turns two are held. What the coder says of one is no answer to a suggestion, and is compared."""
    page = visit()
    rows = open_list(page, "likely", "money")
    held = page.page.locator(".passage", has_text="Every tenth comes without a suggestion")
    assert rows.count() == 20
    assert [rows.nth(at).locator(".why").inner_text().startswith("Every tenth") for at in range(20)] == [
        at in {9, 19} for at in range(20)
    ]
    first = held.first
    assert first.locator(".near, .evidence, .word").count() == 0
    assert "~" not in first.inner_text()
    place = str(first.get_attribute("data-place"))
    first.focus()
    page.press("r")
    page.page.locator(f"[data-place='{place}']").wait_for(state="detached")
    assert lines_of(study) == []
    page.page.get_by_text("1 segment read without suggestions: you and they agree on 1.").wait_for()
    page.press("u")
    page.page.locator(f"[data-place='{place}']").wait_for()
    held.first.get_by_role("button", name="It carries the code").click()
    page.wait_said("Coded")
    assert [one.split()[:2] for one in lines_of(study)] == [["money", "hand"]]


def test_suggestions_of_rules_wait_as_well(tmp_path: Path) -> None:
    study = begin_farm(tmp_path / "ruled", rules="rules: [wage]")
    study.tag()
    room = Room(study, "ana")
    rows = list_learned(room, {"kind": "likely", "code": "money"})["rows"]
    held = [row for row in rows if row.get("held")]
    assert [rows.index(row) for row in held] == [9, 19]
    assert all(not {"word", "spread"} & set(row) and not row["words"] and not row["near"] for row in held)

    def suggested(turn: str) -> list[str]:
        entries, _ = room.desk.look("P6", study.segment(f"P6:{turn}")[1].span)
        return [one.code for one in entries if one.suggestion]

    fired = [
        turn.id for turn in study.transcript("P6").units("turn") if "wage" in study.transcript("P6").quote(turn.span)
    ]
    hidden = {row["segment"] for row in held} & set(fired)
    assert {turn for turn in fired if not suggested(turn)} == hidden
    study.decide_all("ana", [], seen=[f"P6:{row['segment']}" for row in held])
    assert all(suggested(turn) == ["money"] for turn in fired)


def test_how_much_is_found_is_a_bar_with_its_price(visit: Callable[..., Visit], study: Study) -> None:
    """The numbers are those of the library: nothing is proved before a draw; a turn read in order moves the bound."""
    page = visit()
    page.page.locator("[data-view=suggestions]").first.click()
    page.page.get_by_role("button", name="~ Your own coding").click()
    page.page.get_by_label("Which suggestions").select_option("found")
    page.page.get_by_text("Choose a code, to see how much").wait_for()
    page.page.get_by_label("Code", exact=True).select_option("rain")
    bar = page.page.get_by_role("meter", name="Share that is found, at least")
    bar.wait_for()
    before = study.recall("ana", "rain", target=80)
    assert bar.get_attribute("aria-valuetext") == "nothing is proved yet"
    told = f"You have read {before.read} of {before.read + before.unread} segments; {before.found} carry the code."
    assert told in page.page.locator(".view").inner_text()
    page.page.get_by_label("Share that you wish").select_option("80")
    page.page.get_by_text(f"80% would take {before.price} segments of the check if none of them carries").wait_for()
    page.page.get_by_role("button", name="Draw a check").click()
    rows = page.page.locator(".learned > .passage")
    rows.first.wait_for()
    assert rows.count() == 10
    drawn = Study(study.root).recall("ana", "rain")
    assert (drawn.n_checks, drawn.target, drawn.checked) == (1, 80, 0)
    for _ in range(3):
        place = str(rows.first.get_attribute("data-place"))
        text = rows.first.locator(".words").inner_text().lower()
        page.press("a" if "rain" in text else "r")
        page.page.locator(f"[data-place='{place}']").wait_for(state="detached")
    now = Study(study.root).recall("ana", "rain")
    assert now.checked == 3
    assert now.recall_low is not None
    share = int(1000 * now.recall_low) / 10
    page.page.get_by_text(f"at least {share:.1f}% of what you would give this code").wait_for()
    assert bar.get_attribute("aria-valuenow") == f"{share:g}"
    page.page.get_by_text(f"80% would take {now.price} segment").wait_for()
    assert "done" not in page.page.locator(".view").inner_text().lower()


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
    open_list(page, "likely", "rain")
    assert list_violations(page.page) == []
    page.page.get_by_label("Which suggestions").select_option("found")
    page.page.get_by_role("button", name="Draw a check").click()
    page.page.get_by_text("at least").first.wait_for()
    assert list_violations(page.page) == []
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width
    page.page.get_by_label("Which suggestions").select_option("missed")
    page.page.locator(".learned .word").first.wait_for()
    page.page.locator("[data-view=read]").first.click()
    page.turn("t002").locator(".chip.learned").click()
    assert list_violations(page.page) == []
