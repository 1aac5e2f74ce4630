"""The HTML report: one file that asks for nothing, shows everything, and runs nothing that was said."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import zlib
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

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

    def unpack(self, name: str) -> dict[str, Any]:
        """Return data that lies compressed in the page."""
        told: dict[str, Any] = json.loads(zlib.decompress(base64.b64decode(self.one(f"//*[@id='{name}']").text)))
        return told

    @property
    def names(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.one("//*[@id='names']").text)
        return told

    def codings(self) -> list[dict[str, Any]]:
        """Return the codings one by one: code, transcript, start and end, and the units of interviewees they touch."""
        told = self.unpack("codings")
        talks = [talk for talk, count in enumerate(told["per_talk"]) for _ in range(count)]
        found: list[dict[str, Any]] = []
        unit = start = 0
        for number, talk in enumerate(talks):
            start = told["start"][number] + (start if number and talks[number - 1] == talk else 0)
            units: list[int] = []
            if told["unit"][number] is not None:
                unit += told["unit"][number]
                units = [unit, *told["more"].get(str(number), [])]
            cases = {told["unit_case"][one] for one in units}
            place = {"talk": talk, "start": start, "end": start + told["length"][number]}
            found.append({"code": told["code"][number], **place, "units": set(units), "cases": cases})
        return found

    def opened_by(self, link: html.HtmlElement) -> set[tuple[int, int, int]]:
        """Return the passages that the script shows for a count, worked out from the same data."""
        below = [set(code["below"]) for code in self.names["codes"]]
        counted = [one for one in self.codings() if one["units"]]

        def units(codes: set[int]) -> set[int]:
            return {unit for one in counted if one["code"] in codes for unit in one["units"]}

        codes, shared = below[int(link.get("data-k"))], None
        if link.get("data-o"):
            others = below[int(link.get("data-o"))]
            shared, codes = units(codes) & units(others), codes | others
        return {
            (one["talk"], one["start"], one["end"])
            for one in counted
            if one["code"] in codes
            and (link.get("data-c") is None or int(link.get("data-c")) in one["cases"])
            and (shared is None or shared & one["units"])
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
        for tag, opening in (("style", "<style>"), ("script", '<script type="module">')):
            (content,) = re.findall(rf"{opening}(.*?)</{tag}>", page.source, re.DOTALL)
            digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
            assert f"{tag}-src 'sha256-{digest}'" in policy
        assert len(page.all("//style")) == 1
        runs = [one for one in page.all("//script") if one.get("type") not in {"text/plain", "application/json"}]
        assert len(runs) == 1

    def test_hostile_texts_stay_texts(self, hostile: Page) -> None:
        events = [key for node in hostile.root.iter() for key in getattr(node, "attrib", {}) if key.startswith("on")]
        assert events == []
        assert hostile.all("//*[@style]") == []
        assert len(hostile.all("//img")) == 4
        assert len(hostile.all("//svg//*[not(self::rect)]")) == 0
        assert hostile.texts("//*[@id='quotes']//blockquote") == [clean(text) for text in HOSTILE]
        assert hostile.names["codes"][0]["name"] == clean(" ".join(HOSTILE))
        for script in hostile.all("//script[@type='text/plain']"):
            assert re.fullmatch(r"[A-Za-z0-9+/]+=*", script.text)
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
        assert [code["hue"] for code in page.names["codes"]] == [0, 0, 1]


class TestStructure:
    def test_addresses_are_there_and_are_there_once(self, small: Page) -> None:
        ids = small.all("//@id")
        assert len(ids) == len(set(ids))
        assert {link[1:] for link in small.all("//@href")} <= set(ids)

    def test_the_script_finds_what_it_asks_for(self, small: Page) -> None:
        script = small.one("//script[@type='module']").text_content()
        wanted = set(re.findall(r'byId\("([^"]+)"\)', script)) | {"by-code", "by-words", "only-coded"}
        assert len(wanted) == 16
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
        assert len(small.all("//form//label//*[self::select or self::input]")) == 7
        ids = set(small.all("//@id"))
        assert [one.get("aria-labelledby") in ids for one in small.all("//dialog")] == [True, True]

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
        links = [
            link for link in small.all("//*[@id='themes']//a") if re.match(r"\d+ codings?\b", link.get("aria-label"))
        ]
        assert len(links) == 6
        for link in links:
            assert len(small.opened_by(link)) == int(link.text_content())

    def test_counts_by_case_open_the_passages_of_that_case(self, small: Page) -> None:
        links = {link.get("aria-label"): link for link in small.all("//a[@data-c]")}
        assert len(small.opened_by(links["2 turns · Channels · Ana: open quotes"])) == 3
        assert len(small.opened_by(links["1 turn · Channels · Ben: open quotes"])) == 1

    def test_pairs_open_the_passages_in_common_turns(self, small: Page) -> None:
        links = {link.get("aria-label"): link for link in small.all("//a[@data-o]")}
        # One turn holds two passages on alumni, and clash is on the second of them.
        assert list(links) == ["1 turn · Alumni and Clash: open quotes"]
        assert len(small.opened_by(links["1 turn · Alumni and Clash: open quotes"])) == 2

    def test_a_coding_over_two_cases_opens_for_both(self, tmp_path: Path) -> None:
        talk = interview("Group", "I: So?\nAna: Alumni\nBen: help.")
        report = make_report([talk], [sheet(talk, coding(talk, "alumni", "Alumni\nBen: help."))])
        page = write(report, tmp_path)
        links = {link.get("aria-label"): link for link in page.all("//a[@data-c]")}
        assert len(page.opened_by(links["1 turn · Alumni · Group/Ana: open quotes"])) == 1
        assert len(page.opened_by(links["1 turn · Alumni · Group/Ben: open quotes"])) == 1

    def test_without_a_script_counts_lead_to_their_quotes(self, small: Page) -> None:
        for link in small.all("//a[@class='n']"):
            assert link.get("href") == f"#q-{link.get('data-k')}"


class TestQuotes:
    def test_each_leads_to_its_place_in_the_transcript(self, small: Page) -> None:
        codings = small.codings()
        codes = small.names["codes"]
        seen = set()
        for section in small.all("//*[@id='quotes']/section"):
            for quote in section.xpath(".//li"):
                (link,) = quote.xpath(".//a")
                number = int(link.get("data-to").removeprefix("#m-"))
                one = codings[number]
                text = small.unpack(f"d{one['talk']}")["text"]
                assert quote.find("blockquote").text_content() == text[one["start"] : one["end"]]
                assert f"q-{one['code']}" == section.get("id")
                assert link.get("href") == f"#t{one['talk']}"
                assert link.text_content().startswith(small.names["names"][one["talk"]])
                seen.add(number)
        assert len(codes) == 7
        # All but the one of an interviewer.
        assert seen == {number for number, one in enumerate(codings) if one["units"]}
        assert len(codings) == len(seen) + 1

    def test_the_first_are_shown_and_the_page_says_of_how_many(self, tmp_path: Path) -> None:
        talk = interview("Ana", "I: So?\n" + "".join(f"Ana: Alumni number {turn}.\n" for turn in range(1300)))
        codings = [coding(talk, "alumni", f"Alumni number {turn}.") for turn in range(1300)]
        page = write(make_report([talk], [sheet(talk, *codings)]), tmp_path)
        assert len(page.all("//*[@id='quotes']//li")) == 20
        assert page.texts("//*[@id='quotes']//*[contains(@class, 'more')]") == ["The first 20 of 1,300 quotes."]
        assert len(page.codings()) == 1300

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
        for number, talk in enumerate(transcripts):
            told = small.unpack(f"d{number}")
            assert told["text"] == talk.text
            turns, end = [], 0
            for name, gap, length, who, asked in told["turns"]:
                start, end = end + gap, end + gap + length
                turns.append((name, told["text"][start:end], told["speakers"][who], bool(asked)))
            assert turns == [
                (turn.id, talk.quote(turn.span), turn.speaker, talk.is_interviewer(turn)) for turn in talk.units("turn")
            ]

    def test_hostile_words_too(self, hostile: Page) -> None:
        told = [hostile.unpack(f"d{number}") for number in range(len(HOSTILE))]
        firsts = [sum(one["turns"][0][1:3]) + one["turns"][1][1] for one in told]
        said = [one["text"][at : at + one["turns"][1][2]] for one, at in zip(told, firsts, strict=True)]
        assert said == [clean(text) for text in HOSTILE]

    def test_times_are_there_where_there_are_any(self, tmp_path: Path) -> None:
        talk = interview("Ana", "I: So?\nAna: Alumni.")
        segments = tuple(
            replace(one, time=61.5) if one.kind == "turn" and one.speaker == "Ana" else one for one in talk.segments
        )
        talk = replace(talk, segments=segments)
        page = write(make_report([talk], [sheet(talk, coding(talk, "alumni", "Alumni."))]), tmp_path)
        assert [turn[5:] for turn in page.unpack("d0")["turns"]] == [[], [61.5]]
        assert page.texts("//*[@id='quotes']//li//a") == ["Ana, t002, 0:01:01, Ana"]

    def test_codings_of_interviewers_touch_no_unit(self, small: Page) -> None:
        assert small.codings()[0]["units"] == set()

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
        assert page.texts("//details[@class='talks']/summary")[-1].startswith(talk.id)
        assert page.all("//b[not(ancestor::*[@class='who'])][.='1']") == []


def test_participants(tmp_path: Path) -> None:
    page = write(make_report(*small_study(), cases=CASES), tmp_path)
    rows = [[cell.text_content() for cell in row] for row in page.all("//*[@id='people']//table[1]")[0].iter("tr")]
    assert rows[1] == ["Ana", "manager", "9", "2", "12", "3"]
