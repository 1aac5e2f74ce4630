"""The page in which names are decided on: what is written into the key, and in a real browser, by mouse and keys."""

from __future__ import annotations

import csv
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest
from browsing import Visit, browser, find_axe, list_violations, serving_surface
from click.testing import CliRunner
from studies import begin_study, build_transcript

from qualcode.cli import cli
from qualcode.errors import OutputError, TableError
from qualcode.pseudonyms import Key, KeyEntry, find_candidates, read_key, write_key
from qualcode.study import list_given, open_study
from qualcode.surface import NameSurface

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from qualcode.study import Study

__all__ = ["browser"]

TALK = (
    ("Interviewer", "Who helped you?"),
    ("Ana Souza", "Well, Anna Souza is wrong. I asked Ana about Leeds. Then <b>Dr Okafor</b> rang Ana."),
    ("Ana Souza", "We met in Leeds, at the Blue Teapot. Write to okafor@example.org."),
)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = begin_study(tmp_path / "mystudy", "P01")
    study.add_transcript(build_transcript("A1", TALK))
    return study


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "key.csv"


@pytest.fixture
def surface(study: Study, key: Path) -> Iterator[NameSurface]:
    surface = NameSurface(study, key)
    yield surface
    surface.close()


def rows_of(surface: NameSurface) -> dict[str, dict[str, object]]:
    return {row["real"]: row for row in surface.do("open", {})["rows"]}


def decide(surface: NameSurface, *told: tuple[str, str, str]) -> dict[str, Any]:
    """Decide names as a page does that has just been opened."""
    rows = rows_of(surface)
    return surface.do(
        "decide",
        {
            "rows": [
                {
                    "n": rows[real]["n"], "act": act, "replacement": replacement,
                    "base": {"state": rows[real]["state"], "replacement": rows[real]["replacement"]},
                }
                for real, act, replacement in told
            ]
        },
    )  # fmt: skip


def read_rows(path: Path) -> dict[str, list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {row[0]: row[1:] for row in list(csv.reader(lines))[1:]}


# -- the key ----------------------------------------------------------------------------------------------------------


def test_the_names_are_those_that_find_lists(study: Study, surface: NameSurface) -> None:
    assert set(rows_of(surface)) >= {"Ana Souza", "Ana", "Okafor", "Leeds", "Blue Teapot", "okafor@example.org"}
    assert not surface.room.path.exists()


def test_what_is_decided_is_in_the_key_for_its_owner_alone(surface: NameSurface, key: Path) -> None:
    decide(surface, ("Ana", "replace", "[Artist  1]"), ("Leeds", "keep", "[Place 1]"))
    assert read_rows(key) == {"Ana": ["person", "[Artist 1]", "no"], "Leeds": ["name", "", "yes"]}
    if os.name != "nt":
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    rows = rows_of(surface)
    assert (rows["Ana"]["state"], rows["Leeds"]["state"], rows["Okafor"]["state"]) == ("replace", "keep", "open")
    decide(surface, ("Ana", "open", ""))
    assert list(read_rows(key)) == ["Leeds"]


def test_other_forms_of_a_name_are_proposed_what_a_person_chose(surface: NameSurface) -> None:
    rows = rows_of(surface)
    assert rows["Ana"]["like"] == rows["Ana Souza"]["n"]
    told = decide(surface, ("Ana Souza", "replace", "[Artist 1]"))
    assert {row["real"]: row["proposal"] for row in told["rows"]}["Ana"] == "[Artist 1]"


def test_what_the_key_has_is_shown_with_its_places(study: Study, key: Path) -> None:
    write_key(key, Key((KeyEntry("Leeds", "place", "[City]"),)))
    surface = NameSurface(study, key)
    row = rows_of(surface)["Leeds"]
    assert (row["state"], row["replacement"], row["count"]) == ("replace", "[City]", 2)
    assert surface.do("places", {"n": row["n"]})["places"][0] == ["A1:s0003", "I asked Ana about ", "Leeds", "."]
    surface.close()


def test_what_another_program_wrote_meanwhile_stays(surface: NameSurface, key: Path) -> None:
    rows = rows_of(surface)
    write_key(key, Key((KeyEntry("Leeds", "place", "[City]"), KeyEntry("Rome", "place", "[Town]"))))
    base = {"state": "open", "replacement": ""}
    stale = {"n": rows["Leeds"]["n"], "act": "keep", "base": base}
    assert surface.do("decide", {"rows": [stale]})["error"]["kind"] == "conflict"
    assert surface.do("decide", {"rows": [{**stale, "n": rows["Ana"]["n"]}]})["said"] == "Kept: Ana."
    assert {one.real for one in read_key(key).entries} == {"Leeds", "Rome", "Ana"}


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"rows": [{"n": 0, "act": "replace", "replacement": " "}]}, "has no replacement"),
        ({"rows": [{"n": 99, "act": "keep"}]}, "no such name"),
        ({"rows": [{"n": True, "act": "keep"}]}, "no such name"),
        ({"rows": [{"n": 0, "act": "eat"}]}, "cannot be done"),
        ({"rows": [{"n": 0, "act": "replace", "replacement": 7}]}, "no text"),
        ({"rows": ["nonsense"]}, "cannot be read"),
        ({"rows": "nonsense"}, "no"),
        ({}, "Nothing was decided"),
    ],
)
def test_nonsense_is_refused_and_writes_nothing(surface: NameSurface, told: dict[str, object], message: str) -> None:
    assert message in surface.do("decide", told)["error"]["message"]
    assert not surface.room.path.exists()


def test_a_key_that_could_not_be_read_again_is_not_written(surface: NameSurface, key: Path) -> None:
    decide(surface, ("Okafor", "replace", "[Doctor]"))
    told = decide(surface, ("Ana", "replace", "[Okafor]"))
    assert "the real name of another row" in told["error"]["message"]
    assert list(read_rows(key)) == ["Okafor"]
    with pytest.raises(TableError, match="not written"):
        write_key(key, Key((KeyEntry("Ana", "person", "[Ben]"), KeyEntry("Ben", "person", "[C]"))))


def test_a_key_in_the_study_is_refused(study: Study) -> None:
    with pytest.raises(OutputError, match="inside the study"):
        NameSurface(study, study.root / "key.csv")


def test_names_that_resemble_what_was_decided_come_up_when_looked_again(surface: NameSurface) -> None:
    before = rows_of(surface)
    decide(surface, ("Leeds", "replace", "[City]"))
    surface.room.study.add_transcript(build_transcript("B1", (("Bo", "I said Leads is far, and Kofi is near."),)))
    after = {row["real"]: row["n"] for row in surface.do("look", {})["rows"]}
    assert {"Kofi", "Leads"} <= set(after) - set(before)
    assert {name: after[name] for name in before if name in after} == {
        name: row["n"] for name, row in before.items() if name in after
    }


def test_what_is_decided_takes_its_places_from_shorter_names(study: Study) -> None:
    given = list(list_given(study))
    counts = {one.real: one.count for one in find_candidates(given, known={"Ana": "a case"})}
    decided = Key((KeyEntry("Anna Souza", "person", "[P1]"),))
    assert counts["Ana"] == 2
    assert "Souza" not in {one.real for one in find_candidates(given, known={"Ana": "a case"}, key=decided)}


def test_a_table_and_the_browser_are_not_given_at_once(study: Study, tmp_path: Path) -> None:
    table = tmp_path / "names.csv"
    table.write_text("real,kind,replacement,keep\n", "utf-8")
    told = [
        "pseudonyms",
        "decide",
        str(table),
        "--key",
        str(tmp_path / "k.csv"),
        "--browser",
        "--study",
        str(study.root),
    ]
    done = CliRunner().invoke(cli, told)
    assert done.exit_code == 2
    assert "not both" in done.output


# -- in a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture
def visit(study: Study, key: Path, browser: Browser) -> Iterator[Callable[..., Visit]]:
    opened: list[Visit] = []
    with serving_surface(NameSurface(open_study(study.root), key), study) as page:

        def open_page(**options: object) -> Visit:
            opened.append(Visit(browser, page.address, **options))
            opened[-1].page.locator("[role=option]").first.wait_for()
            return opened[-1]

        yield open_page
        for one in opened:
            one.close()
    assert [error for one in opened for error in one.errors if "409" not in error and "422" not in error] == []


def in_hand(page: Visit) -> str:
    return page.page.locator(".detail h2").inner_text()


def pick(page: Visit, name: str) -> None:
    page.page.locator("[role=option]", has=page.page.get_by_text(name, exact=True)).click()


def test_by_keys(visit: Callable[..., Visit], key: Path) -> None:
    page = visit()
    assert in_hand(page) == "Ana Souza"
    page.press("Enter")
    page.wait_said("Replaced: Ana Souza, by [Person 1].")
    first = in_hand(page)
    page.press("k")
    page.wait_said(f"Kept: {first}.")
    page.press("s", "e")
    page.page.keyboard.type("[Someone]")
    third = in_hand(page)
    page.press("Enter")
    page.wait_said(f"Replaced: {third}, by [Someone].")
    rows = read_rows(key)
    assert (rows["Ana Souza"][1:], rows[first][1:], rows[third][1:]) == (
        ["[Person 1]", "no"], ["", "yes"], ["[Someone]", "no"]
    )  # fmt: skip
    page.press("u")
    page.wait_said(f"Taken back. Undecided again: {third}.")
    page.press("u", "u")
    page.wait_said("Taken back. Undecided again: Ana Souza.")
    assert read_rows(key) == {}


def test_by_mouse(visit: Callable[..., Visit], key: Path) -> None:
    page = visit()
    pick(page, "Leeds")
    page.page.get_by_role("button", name="Keep", exact=True).click()
    page.wait_said("Kept: Leeds.")
    page.page.get_by_role("button", name="Kept 1").click()
    assert page.page.locator("[role=option] .real").all_inner_texts() == ["Leeds"]
    page.page.get_by_label("Replacement").fill("[City]")
    page.page.locator(".detail select").select_option("place")
    page.page.get_by_role("button", name="Replace", exact=True).click()
    page.wait_said("Replaced: Leeds, by [City].")
    assert read_rows(key) == {"Leeds": ["place", "[City]", "no"]}


def test_many_at_once_and_back(visit: Callable[..., Visit], key: Path) -> None:
    page = visit()
    page.page.get_by_label("Filter names").fill("ana")
    n_shown = page.page.locator("[role=option]").count()
    assert n_shown > 1
    page.page.get_by_role("button", name=f"Keep all {n_shown}").click()
    page.wait_said(f"Kept: {n_shown} names.")
    assert len(read_rows(key)) == n_shown
    page.page.get_by_label("Filter names").fill("")
    page.page.locator("[role=listbox]").focus()
    page.press("u")
    page.wait_said("Taken back.")
    assert read_rows(key) == {}


def test_places_show_the_name_in_its_sentence_as_text(visit: Callable[..., Visit]) -> None:
    page = visit()
    pick(page, "Okafor")
    spot = page.page.locator(".spots li").first
    spot.wait_for()
    assert spot.locator("mark").inner_text() == "Okafor"
    assert "Then <b>Dr Okafor</b> rang Ana." in spot.inner_text()


def test_what_another_window_decided_is_not_overwritten(visit: Callable[..., Visit], key: Path) -> None:
    page = visit()
    write_key(key, Key((KeyEntry("Ana Souza", "person", "[Painter]"),)))
    page.press("k")
    page.wait_said("The key was changed meanwhile")
    assert read_rows(key)["Ana Souza"] == ["person", "[Painter]", "no"]
    page.page.get_by_role("button", name="Replaced 1").wait_for()


def test_keys_are_letters_where_one_types(visit: Callable[..., Visit], key: Path) -> None:
    page = visit()
    page.press("/")
    page.page.keyboard.type("kuso")
    assert page.page.get_by_label("Filter names").input_value() == "kuso"
    assert not key.exists()


def test_no_name_is_kept_in_the_browser_or_in_an_address(visit: Callable[..., Visit]) -> None:
    page = visit()
    page.press("Enter")
    page.wait_said("Replaced: Ana Souza")
    assert page.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    assert [one for one in page.requests if "Ana" in one or "Souza" in one] == []
    assert page.page.evaluate("fetch('/').then(one => one.headers.get('cache-control'))") == "no-store"
    fields = page.page.locator("input")
    told = fields.evaluate_all("all => all.map(one => [one.autocomplete, one.spellcheck])")
    assert set(map(tuple, told)) == {("off", False)}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1400), ("dark", 1400), ("light", 320), ("dark", 320)])
def test_axe_finds_nothing(visit: Callable[..., Visit], scheme: str, width: int) -> None:
    page = visit(color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    page.press("Enter")
    page.wait_said("Replaced: Ana Souza")
    page.page.get_by_role("button", name="All").first.click()
    page.page.add_script_tag(path=find_axe())
    assert list_violations(page.page) == []
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width
