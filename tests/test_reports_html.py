"""The HTML report: one file that asks for nothing, shows everything, and runs nothing that was said."""

from __future__ import annotations

import base64
import hashlib
import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from interviews import coding, interview, sheet
from lxml import html
from reporting import CASES, HOSTILE, hostile_report, make_report, small_report, small_study

from qualcode.codebook import Code, Codebook
from qualcode.model import Case
from qualcode.reports import write_report
from qualcode.reports.phrases import clean

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.reports import Report


class Page:
    """A parsed page."""

    def __init__(self, path: Path) -> None:
        self.source = path.read_text("utf-8")
        self.root = html.fromstring(self.source)

    def all(self, selector: str) -> list[html.HtmlElement]:
        return list(self.root.xpath(selector))

    def one(self, selector: str) -> html.HtmlElement:
        (found,) = self.all(selector)
        return found

    def texts(self, selector: str) -> list[str]:
        return [str(node.text_content()) for node in self.all(selector)]

    def opened_by(self, link: html.HtmlElement) -> set[str]:
        """Return the passages that the script shows for a count, worked out from the same marks in the page."""

        def below(number: str) -> set[str]:
            return set(self.one(f"//*[@id='q-{number}']").get("data-below", "").split())

        quotes = self.all("//*[@id='quotes']//li[@data-p]")

        def units(codes: set[str]) -> set[str]:
            return {unit for quote in quotes if quote.get("data-k") in codes for unit in quote.get("data-u").split()}

        codes, shared = below(link.get("data-k")), None
        if link.get("data-o"):
            others = below(link.get("data-o"))
            shared, codes = units(codes) & units(others), codes | others
        return {
            quote.get("data-p")
            for quote in quotes
            if quote.get("data-k") in codes
            and (link.get("data-c") is None or link.get("data-c") in quote.get("data-c").split())
            and (shared is None or shared & set(quote.get("data-u").split()))
        }


def write(report: Report, folder: Path) -> Page:
    return Page(write_report(report, folder / "report.html"))


@pytest.fixture
def small(tmp_path: Path) -> Page:
    return write(small_report(), tmp_path)


@pytest.fixture
def hostile(tmp_path: Path) -> Page:
    return write(hostile_report(), tmp_path)


class TestAlone:
    """Nothing is asked of any other place, and nothing that was said can run."""

    @pytest.mark.parametrize("name", ["small", "hostile"])
    def test_every_address_lies_in_the_page(self, name: str, request: pytest.FixtureRequest) -> None:
        page: Page = request.getfixturevalue(name)
        for attribute in ("href", "src", "action", "srcset", "data", "poster", "formaction", "background"):
            for value in page.all(f"//@{attribute}"):
                assert value.startswith(("#", "data:image/svg+xml;base64,"))
        assert page.all("//link | //iframe | //object | //embed | //base | //meta[@http-equiv='refresh']") == []
        assert "@import" not in page.source
        assert "url(" not in page.source

    @pytest.mark.parametrize("name", ["small", "hostile"])
    def test_one_style_and_one_script_are_allowed(self, name: str, request: pytest.FixtureRequest) -> None:
        page: Page = request.getfixturevalue(name)
        policy = page.one("//meta[@http-equiv='Content-Security-Policy']").get("content")
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        for tag in ("style", "script"):
            (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page.source, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
            assert f"{tag}-src 'sha256-{digest}'" in policy
            assert len(page.all(f"//{tag}")) == 1

    def test_hostile_texts_stay_texts(self, hostile: Page) -> None:
        events = [key for node in hostile.root.iter() for key in getattr(node, "attrib", {}) if key.startswith("on")]
        assert events == []
        assert hostile.all("//*[@style]") == []
        assert len(hostile.all("//img")) == 4
        assert len(hostile.all("//svg//*[not(self::rect)]")) == 0
        assert hostile.texts("//*[@id='quotes']//blockquote") == [clean(text) for text in HOSTILE]
        assert "49" not in hostile.texts("//*[@id='quotes']//blockquote")[3]
        assert "/home/me" not in hostile.source

    def test_colours_cannot_end_their_rule(self, hostile: Page) -> None:
        assert "display:none" not in hostile.one("//style").text_content()

    def test_colours_of_the_codebook_are_used(self, tmp_path: Path) -> None:
        talk = interview("Ana", "I: So?\nAna: Yes.")
        book = Codebook(
            "B", "", (Code("a", "A", colour="#12ab9f", codes=(Code("b", "B"),)), Code("c", "C")), "", "d" * 64
        )
        page = write(make_report([talk], [sheet(talk, coding(talk, "b", "Yes."))], book), tmp_path)
        assert ".h0 { --h: #12ab9f; }" in page.source
        assert [mark.get("class") for mark in page.all("//*[@id='transcripts']//*[@class='talk']/mark")] == ["h0 l0"]


class TestStructure:
    def test_addresses_are_there_and_are_there_once(self, small: Page) -> None:
        ids = small.all("//@id")
        assert len(ids) == len(set(ids))
        assert {link[1:] for link in small.all("//@href")} <= set(ids)

    def test_the_script_finds_what_it_asks_for(self, small: Page) -> None:
        script = small.one("//script").text_content()
        wanted = set(re.findall(r'byId\("([^"]+)"\)', script))
        assert len(wanted) == 7
        assert wanted <= set(small.all("//@id"))

    def test_headings_skip_no_level(self, small: Page) -> None:
        levels = [int(node.tag[1]) for node in small.all("//main//*[self::h1 or self::h2 or self::h3 or self::h4]")]
        assert all(after - before <= 1 for before, after in pairwise(levels))
        assert len(small.all("//h1")) == 1

    def test_tables_pictures_and_controls_say_what_they_are(self, small: Page) -> None:
        assert small.one("/html").get("lang") == "en"
        assert all(head.get("scope") in {"col", "row"} for head in small.all("//th"))
        assert all(row.xpath("./th | ./td") for row in small.all("//tbody/tr"))
        assert small.all("//img/@alt") == [
            f"Alt text of {kind}." for kind in ("themes", "cases", "codelines", "cooccurrence")
        ]
        assert len(small.all("//form//label//*[self::select or self::input]")) == 3
        assert small.one("//dialog").get("aria-labelledby") == "opened-title"

    def test_empty_study(self, tmp_path: Path) -> None:
        page = write(make_report([], []), tmp_path)
        assert "every count is zero" in page.source
        page = write(make_report([interview("Ana", "I: So?\nAna: Yes.")], []), tmp_path)
        assert page.all("//a[@class='n']") == []


class TestCounts:
    def test_numbers_of_the_theme_table(self, small: Page) -> None:
        rows = [
            [" ".join(cell.text_content().split()) for cell in row.xpath("./th | ./td")]
            for row in small.all("//*[@id='themes']//tbody/tr")
        ]
        assert rows == [
            ["Channels", "2", "100%", "3", "4", "19", "2"],
            ["Alumni", "2", "100%", "2", "3", "18", "2"],
            ["Friends", "1", "50%", "1", "1", "1", "1"],
            ["Challenges", "2", "100%", "2", "2", "11", "2"],
            ["Time", "2", "100%", "2", "2", "11", "2"],
            ["Clash", "1", "50%", "1", "1", "8", "1"],
            ["Never coded", "0", "0%", "0", "0", "0", "0"],
        ]

    def test_every_count_of_codings_opens_as_many_passages(self, small: Page) -> None:
        links = [link for link in small.all("//*[@id='themes']//a") if link.get("data-title").endswith("codings")]
        assert len(links) == 6
        for link in links:
            assert len(small.opened_by(link)) == int(link.text_content())

    def test_counts_by_case_open_the_passages_of_that_case(self, small: Page) -> None:
        links = {link.get("data-title"): link for link in small.all("//a[@data-c]")}
        assert len(small.opened_by(links["Channels · Ana · turns"])) == 3
        assert len(small.opened_by(links["Channels · Ben · turns"])) == 1

    def test_pairs_open_the_passages_in_common_turns(self, small: Page) -> None:
        links = {link.get("data-title"): link for link in small.all("//a[@data-o]")}
        # One turn holds two passages on alumni, and clash is on the second of them.
        assert list(links) == ["Alumni and Clash"]
        assert len(small.opened_by(links["Alumni and Clash"])) == 2

    def test_a_coding_over_two_cases_opens_for_both(self, tmp_path: Path) -> None:
        talk = interview("Group", "I: So?\nAna: Alumni\nBen: help.")
        report = make_report([talk], [sheet(talk, coding(talk, "alumni", "Alumni\nBen: help."))])
        page = write(report, tmp_path)
        links = {link.get("data-title"): link for link in page.all("//a[@data-c]")}
        assert len(page.opened_by(links["Alumni · Group/Ana · turns"])) == 1
        assert len(page.opened_by(links["Alumni · Group/Ben · turns"])) == 1

    def test_without_a_script_counts_lead_to_their_quotes(self, small: Page) -> None:
        for link in small.all("//a[@class='n']"):
            assert link.get("href") == f"#q-{link.get('data-k')}"


class TestQuotes:
    def test_each_leads_to_its_place_in_the_transcript(self, small: Page) -> None:
        for quote in small.all("//*[@id='quotes']//li"):
            (link,) = quote.xpath(".//a")
            mark = small.one(f"//mark[@id='{link.get('href')[1:]}']")
            assert quote.find("blockquote").text_content().startswith(mark.text_content())
            assert mark.get("data-k") == quote.get("data-k")

    def test_says_why_it_was_coded(self, small: Page) -> None:
        notes = small.texts("//*[@id='quotes']//li/p")
        assert "Ana, t002, Ana rule alumni matched “Alumni”" in notes
        assert not any("coded by" in note for note in notes)

    def test_says_who_coded_when_there_are_several(self, tmp_path: Path) -> None:
        talk = interview("Ana", "I: So?\nAna: Alumni help.")
        sheets = [
            sheet(talk, coding(talk, "alumni", "Alumni help.", coder=name), coder=name) for name in ("ana", "ben")
        ]
        page = write(make_report([talk], sheets), tmp_path)
        assert "coded by ana, ben" in page.texts("//*[@id='quotes']//li/p")[0]


class TestTranscripts:
    def test_every_word_is_there_once_and_in_order(self, small: Page) -> None:
        transcripts, _ = small_study()
        turns = [talk.quote(turn.span) for talk in transcripts for turn in talk.units("turn")]
        assert small.texts("//*[@class='talk']") == turns

    def test_hostile_words_too(self, hostile: Page) -> None:
        assert hostile.texts("//*[@class='talk']")[1::2] == [clean(text) for text in HOSTILE]

    def test_overlapping_codes_are_both_visible(self, tmp_path: Path) -> None:
        talk = interview("Ana", "I: So?\nAna: one two three four.")
        sheets = [sheet(talk, coding(talk, "alumni", "one two three"), coding(talk, "time", "two three four."))]
        page = write(make_report([talk], sheets), tmp_path)
        turn = page.all("//*[@class='talk']")[1]
        found = {}
        for mark in turn.iter("mark"):
            found.setdefault((mark.get("title"), mark.get("class")), []).append(mark.text_content())
        assert found == {("Alumni", "h0 l0"): ["one ", "two three"], ("Time", "h1 l1"): ["two three", " four."]}
        assert turn.text_content() == "one two three four."
        assert len(page.all("//mark/@id")) == 2

    def test_codes_of_one_place_lie_on_lines_of_their_own(self, tmp_path: Path) -> None:
        talk = interview("Ana", "I: So?\nAna: one.")
        codes = ("alumni", "friends", "time", "clash", "never")
        page = write(make_report([talk], [sheet(talk, *(coding(talk, code, "one.") for code in codes))]), tmp_path)
        lanes = [mark.get("class").split()[1] for mark in page.all("//*[@class='talk']//mark")]
        assert sorted(lanes) == ["l0", "l1", "l2", "l3", "l3"]

    def test_interviewer_talk_is_marked_and_its_codings_have_no_quote(self, small: Page) -> None:
        asked = small.all("//*[contains(concat(' ', @class, ' '), ' asked ')]")
        assert len(asked) == 3
        assert all("not counted" in turn.text_content() for turn in asked)
        assert [mark.get("id") for turn in asked for mark in turn.iter("mark")] == [None]

    def test_a_coding_over_several_turns_is_marked_in_each(self, tmp_path: Path) -> None:
        talk = interview("Group", "I: So?\nAna: Alumni\nBen: help.")
        page = write(make_report([talk], [sheet(talk, coding(talk, "alumni", "Alumni\nBen: help."))]), tmp_path)
        assert page.texts("//*[@class='talk']/mark") == ["Alumni", "help."]
        assert len(page.all("//mark/@id")) == 1

    def test_a_transcript_is_summed_up_by_what_counts(self, tmp_path: Path) -> None:
        page = write(small_report(), tmp_path)
        assert page.texts("//details[@class='talks']/summary/small") == [
            "2 turns with 12 words · 4 codings",
            "1 turn with 10 words · 2 codings",
        ]

    def test_names_of_any_kind(self, tmp_path: Path) -> None:
        talk = interview('訪談 "1" <b>', "I: So?\nAna: Alumni.")
        cases = [Case(talk.id, {})]
        page = write(make_report([talk], [sheet(talk, coding(talk, "alumni", "Alumni."))], cases=cases), tmp_path)
        assert page.texts("//summary/text()/..")[-1].startswith(talk.id)
        assert page.all("//b[not(ancestor::*[@class='who'])][.='1']") == []


def test_participants(tmp_path: Path) -> None:
    page = write(make_report(*small_study(), cases=CASES), tmp_path)
    rows = [[cell.text_content() for cell in row] for row in page.all("//*[@id='people']//table[1]")[0].iter("tr")]
    assert rows[1] == ["Ana", "manager", "9", "Ana", "2", "12"]
