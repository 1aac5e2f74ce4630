"""The HTML report in a real browser: numbers open quotes, quotes lead to their places, all is found, printed, read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browsing import Visit, browser, find_axe, list_violations, wait_until
from interviews import coding, interview, sheet
from reporting import CASES, hostile_report, make_report, small_study

from qualcode.reports import write_report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from qualcode.reports import Report

__all__ = ["browser"]

Look = "Callable[..., Visit]"


@pytest.fixture
def look(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Visit]]:
    """Open a report; nothing may go wrong in it, and nothing may be asked of anywhere."""
    visits = []

    def look(report: Report, fragment: str = "", **options: object) -> Visit:
        path = write_report(report, tmp_path / "report.html")
        visits.append(Visit(browser, f"{path.as_uri()}{fragment}", **options))
        return visits[-1]

    yield look
    for one in visits:
        assert one.errors == []
        assert {request.split(":")[0] for request in one.requests} <= {"GET file", "GET data"}
        one.close()


def long_report(n_turns: int = 200) -> Report:
    """Return interviews with as many codings as make lists grow, and with characters beyond the BMP."""
    talks, sheets = [], []
    for name in ("Ana", "Ben"):
        talk = interview(name, "I: So?\n" + "".join(f"{name}: 👩‍👩‍👧 𠮷 alumni {turn}.\n" for turn in range(n_turns)))
        talks.append(talk)
        sheets.append(sheet(talk, *(coding(talk, "alumni", f"alumni {turn}.") for turn in range(n_turns))))
    return make_report(talks, sheets)


def quotes_in(page: Page) -> list[str]:
    return page.locator("#opened blockquote").all_text_contents()


def open_number(page: Page, label: str) -> None:
    page.locator(f"a.n[aria-label='{label}: open quotes']").first.click()
    page.locator("#opened-note", has_text="passage").wait_for()


class TestNumbers:
    def test_a_number_opens_its_quotes_in_the_order_of_the_texts(self, look: Callable[..., Visit]) -> None:
        page = look(make_report(*small_study(), cases=CASES)).page
        open_number(page, "3 turns · Channels")
        assert page.locator("#opened-title").text_content() == "3 turns · Channels"
        assert page.locator("#opened-note").text_content() == "4 passages"
        page.locator("#opened li").nth(3).wait_for()
        assert quotes_in(page) == [
            "Alumni help us.", "We had a clash with the alumni day.", "Friends.", "我哋搵校友幫手。",
        ]  # fmt: skip
        first = page.locator("#opened li").first
        assert first.locator("p").all_text_contents() == ["Alumni", "Ana, t002, Ana rule alumni matched “Alumni”"]

    def test_each_number_opens_what_it_counts(self, look: Callable[..., Visit]) -> None:
        page = look(make_report(*small_study(), cases=CASES)).page
        for label, count in (
            ("4 codings · Channels", 4), ("2 turns · Channels · Ana", 3), ("1 turn · Channels · Ben", 1),
            ("1 turn · Alumni and Clash", 2),
        ):  # fmt: skip
            open_number(page, label)
            page.locator("#opened li").nth(count - 1).wait_for()
            assert len(quotes_in(page)) == count
            page.keyboard.press("Escape")

    def test_long_lists_grow_as_they_scroll(self, look: Callable[..., Visit]) -> None:
        page = look(long_report()).page
        open_number(page, "400 codings · Alumni")
        assert page.locator("#opened-note").text_content() == "400 passages"
        page.locator("#opened li").nth(30).wait_for()
        assert len(quotes_in(page)) < 400
        for _ in range(40):
            page.locator("#opened").evaluate("box => { box.scrollTop = box.scrollHeight; }")
            page.wait_for_timeout(30)
        assert quotes_in(page) == [f"alumni {turn}." for _ in range(2) for turn in range(200)]

    def test_one_tab_stop_a_table_and_arrows_within(self, look: Callable[..., Visit]) -> None:
        page = look(make_report(*small_study(), cases=CASES)).page
        assert page.locator("#table-themes a.n[tabindex='0']").count() == 1
        page.locator("#table-themes a.n").first.focus()
        for key, label in (
            ("ArrowRight", "3 turns · Channels"), ("ArrowDown", "2 turns · Alumni"), ("ArrowLeft", "2 cases · Alumni"),
            ("ArrowUp", "2 cases · Channels"), ("ArrowUp", "2 cases · Channels"),
        ):  # fmt: skip
            page.keyboard.press(key)
            said = page.evaluate("document.activeElement.getAttribute('aria-label')").replace("participants", "cases")
            assert said == f"{label}: open quotes"
        page.keyboard.press("Enter")
        page.locator("#opened[open]").wait_for()


class TestPlaces:
    def test_a_quote_leads_to_its_place(self, look: Callable[..., Visit]) -> None:
        page = look(make_report(*small_study(), cases=CASES)).page
        open_number(page, "1 coding · Clash")
        page.locator("#opened li a").click()
        mark = page.locator("#t0 mark.flash")
        mark.wait_for()
        assert mark.text_content() == "We had a clash with the alumni day."
        assert mark.get_attribute("title") == "Clash"
        assert not page.locator("#opened").is_visible()
        assert page.url.endswith("#m-3")

    def test_addresses_of_codings_and_turns_can_be_sent(self, look: Callable[..., Visit]) -> None:
        report = long_report()
        page = look(report, "#m-250").page
        mark = page.locator("#t1 mark.flash")
        mark.wait_for()
        assert mark.text_content() == "alumni 50."
        assert mark.evaluate("one => { const box = one.getBoundingClientRect(); return box.top > 0 && box.top < 900; }")
        page = look(report, "#t1-t100").page
        page.locator("#t1 .turn.flash[data-segment=t100]").wait_for()

    def test_transcripts_are_drawn_when_they_are_opened(self, look: Callable[..., Visit]) -> None:
        page = look(make_report(*small_study(), cases=CASES)).page
        assert page.locator(".turn").count() == 0
        page.locator("#t0 summary").click()
        page.locator("#t0 [role=article]").nth(3).wait_for()
        assert page.locator("#t0 .talk").all_text_contents() == [
            "Any clash?", "Alumni help us. We had a clash with the alumni day.", "Go on.", "Friends.",
        ]  # fmt: skip
        page.locator("#t0 mark").first.wait_for()
        assert page.locator("#t0 .asked").count() == 2
        assert "not counted" in str(page.locator("#t0 .asked").first.text_content())
        assert page.locator("#t0 .turn").nth(1).locator(".chip").all_text_contents() == ["Alumni", "Clash"]
        page.locator("#t0 .turn").nth(1).locator(".chip").first.click()
        page.locator("#opened-title", has_text="Alumni · Ana").wait_for()

    def test_words_beyond_the_bmp_stand_where_they_were_said(self, look: Callable[..., Visit]) -> None:
        page = look(long_report(3), "#m-1").page
        page.locator("#t0 mark.flash").wait_for()
        assert page.locator("#t0 .turn").nth(1).locator(".talk").text_content() == "👩‍👩‍👧 𠮷 alumni 0."
        assert page.locator("#t0 mark").all_text_contents() == ["alumni 0.", "alumni 1.", "alumni 2."]

    def test_all_quotes_of_a_code_are_shown_on_demand(self, look: Callable[..., Visit]) -> None:
        page = look(long_report()).page
        page.locator("#quotes summary").first.click()
        assert page.locator("#quotes li").count() == 20
        page.get_by_role("button", name="Show all 400").click()
        page.locator("#quotes blockquote").nth(39).wait_for()
        assert page.locator("#quotes blockquote").nth(25).text_content() == "alumni 25."


class TestSearch:
    def test_by_words_and_by_code_over_all_transcripts(self, look: Callable[..., Visit]) -> None:
        page = look(make_report(*small_study(), cases=CASES)).page
        page.locator("#by-words").fill("ALUMNI")
        page.locator("output", has_text="1 of 6 turns").wait_for()
        page.locator("#found .turn").wait_for()
        page.locator("#by-words").fill("")
        page.locator("#by-code").select_option(label="Channels")
        page.locator("output", has_text="3 of 6 turns").wait_for()
        page.locator("#only-coded").check()
        page.locator("#by-code").select_option(label="any")
        # With the interviewer's, which is coded and does not count.
        page.locator("output", has_text="4 of 6 turns").wait_for()
        page.get_by_role("button", name="Clear").click()
        page.locator("#talks summary").first.wait_for()
        assert page.locator("#found .turn").count() == 0

    def test_a_hit_leads_to_its_transcript(self, look: Callable[..., Visit]) -> None:
        page = look(long_report()).page
        page.locator("#by-words").fill("alumni 150.")
        page.locator("output", has_text="2 of 402 turns").wait_for()
        page.locator("#found a").nth(1).click()
        page.locator("#t1 .turn.flash[data-segment=t152]").wait_for()
        assert page.locator("#by-words").input_value() == ""


class TestLittle:
    def test_a_study_of_nothing_and_one_without_codings(self, look: Callable[..., Visit]) -> None:
        assert look(make_report([], [])).page.locator("#tools").is_visible()
        page = look(make_report([interview("Ana", "I: So?\nAna: Yes.")], [])).page
        page.locator("#by-words").fill("yes")
        page.locator("output", has_text="1 of 2 turns").wait_for()
        page.get_by_role("button", name="Clear").click()
        page.locator("#t0 summary").click()
        page.locator("#t0 .turn").nth(1).wait_for()

    def test_an_address_that_leads_nowhere_does_no_harm(self, look: Callable[..., Visit]) -> None:
        report = make_report(*small_study(), cases=CASES)
        for fragment in ("#m-99", "#t9-t001", "#t0-t999", "#nothing", "#%E0%A4%A"):
            page = look(report, fragment).page
            page.locator("#table-themes a.n").first.click()
            page.locator("#opened li").first.wait_for()


class TestEverybody:
    @pytest.mark.parametrize("width", [1280, 390])
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_no_violations(self, look: Callable[..., Visit], width: int, scheme: str) -> None:
        axe = find_axe().read_text("utf-8")
        visit = look(
            make_report(*small_study(), cases=CASES),
            bypass_csp=True, viewport={"width": width, "height": 800}, color_scheme=scheme,
        )  # fmt: skip
        page = visit.page
        page.evaluate(axe)
        assert list_violations(page) == []
        open_number(page, "4 codings · Channels")
        page.locator("#opened li").nth(3).wait_for()
        assert list_violations(page) == []
        page.locator("#opened li a").first.click()
        page.locator("#t0 mark.flash").wait_for()
        assert list_violations(page) == []
        page.locator("#by-words").fill("e")
        page.locator("#found .turn").first.wait_for()
        assert list_violations(page) == []
        page.locator("#print").click()
        assert list_violations(page) == []

    def test_without_javascript_numbers_quotes_and_a_word_on_the_rest(self, look: Callable[..., Visit]) -> None:
        page = look(make_report(*small_study(), cases=CASES), java_script_enabled=False).page
        assert page.locator("#table-themes a.n").count() > 0
        assert page.locator(".rest").first.is_visible()
        assert "quotes.csv" in str(page.locator(".rest").first.text_content())
        assert not page.locator("#tools").is_visible()
        assert page.locator("#quotes blockquote").count() == 6

    def test_with_javascript_there_is_no_word_on_it(self, look: Callable[..., Visit]) -> None:
        page = look(make_report(*small_study(), cases=CASES)).page
        assert [one.is_visible() for one in page.locator(".rest").all()] == [False, False]

    def test_hostile_words_stay_words(self, look: Callable[..., Visit]) -> None:
        page = look(hostile_report()).page
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        page.locator("a.n").first.click()
        page.locator("#opened li").nth(14).wait_for()
        assert page.locator("#opened img, #opened svg, #opened script").count() == 0
        page.locator("#opened li a").first.click()
        page.locator("#t0 .turn.flash, #t0 mark.flash").first.wait_for()
        assert page.locator("#transcripts img, #transcripts script").count() == 0


class TestPrint:
    def test_quotes_are_open_and_transcripts_shut(self, look: Callable[..., Visit]) -> None:
        page = look(make_report(*small_study(), cases=CASES)).page
        page.locator("#t0 summary").click()
        page.locator("#t0 .turn").first.wait_for()
        shown = "['#quotes details[open]', '.talks[open]'].map((one) => document.querySelectorAll(one).length)"
        assert page.evaluate(shown) == [0, 1]
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.evaluate(shown) == [4, 0]
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.evaluate(shown) == [0, 1]

    def test_what_is_chosen(self, look: Callable[..., Visit]) -> None:
        page = look(make_report(*small_study(), cases=CASES)).page
        page.emulate_media(media="print")
        page.evaluate("window.print = () => { window.printed = document.body.dataset.print; }")
        page.locator("#t0 summary").click()
        page.locator("#print").dispatch_event("click")
        assert page.locator("#n-open").text_content() == "1"
        page.locator("#printing form").evaluate(
            "form => { for (const one of form.querySelectorAll('input')) one.checked = one.value === 'transcripts'; }"
        )
        page.evaluate("document.querySelector('#printing form').requestSubmit()")
        wait_until(page, "window.printed")
        assert page.evaluate("window.printed") == "transcripts"
        page.evaluate("document.body.dataset.print = 'transcripts'")
        assert page.locator("#transcripts").is_visible()
        assert not page.locator("#quotes").is_visible()
        assert not page.locator("#themes").is_visible()

    def test_the_quotes_of_a_number_by_themselves(self, look: Callable[..., Visit]) -> None:
        page = look(long_report()).page
        page.evaluate("window.print = () => { window.printed = document.querySelectorAll('.sheet li').length; }")
        open_number(page, "400 codings · Alumni")
        page.locator("#print-these").click()
        wait_until(page, "window.printed")
        assert page.evaluate("window.printed") == 400
        assert page.locator(".sheet").count() == 0
