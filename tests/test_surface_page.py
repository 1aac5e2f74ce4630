"""The page in a real browser: reading, picking, coding, by keys and by mouse, and what is on disk then."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from browsing import Visit, browser, serving
from studies import begin_study

from qualcode.study import Study

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

__all__ = ["browser"]

NUMBERS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
ENDS = [("First", "comes"), ("Second", "goes")]
EXPECTED = [
    (code, "applied", f"{ENDS[at % 2][0]} of {NUMBERS[at // 2]} {ENDS[at % 2][1]}.") for at, code in enumerate(NUMBERS)
]
CODES = "name: Ten\ncodes:\n" + "".join(f"  - id: {one}\n    name: Code {one}\n" for one in NUMBERS)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study", "P07", "P08")


@pytest.fixture
def visit(study: Study, browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Give a function that opens a page on the study; at the end nothing may have gone wrong in any."""
    opened: list[Visit] = []
    with serving(study) as page:

        def open_page(**options: object) -> Visit:
            opened.append(Visit(browser, page.address, **options))
            return opened[-1]

        yield open_page
        for one in opened:
            one.close()
    assert [error for one in opened for error in one.errors] == []


def quotes(study: Study, name: str = "P07", coder: str = "ana") -> list[tuple[str, str, str]]:
    """Return what stands on disk, as a fresh reader finds it: code, verdict, quote."""
    sheet = Study(study.root).sheet(coder, name)
    return [(one.code, one.verdict, one.quote) for one in sheet.codings] if sheet else []


class TestReading:
    def test_turns_and_codings_have_their_names(self, visit: Callable[..., Visit]) -> None:
        page = visit()
        assert page.page.locator("[role=article]").evaluate_all("all => all.map(one => one.dataset.segment)") == [
            "t001", "t002", "t003", "t004",
        ]  # fmt: skip
        marks = page.page.locator("mark").evaluate_all("all => all.map(one => [one.dataset.code, one.textContent])")
        assert marks == [
            ["scheduling", "The dates clashed. We could never find a date."],
            ["turnover", "People leave."],
            ["praise", "They were lovely, though."],
        ]
        assert page.page.locator("[aria-live=polite]").count() == 1
        assert page.talk("t004").inner_text() == "People leave. They were lovely, though. 大家都好忙😀。"

    def test_nothing_is_asked_of_anybody_else(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        page.page.wait_for_selector("mark")
        assert len(page.requests) <= 4
        page.press("v", "1")
        page.wait_said("Coded 3 words with Scheduling.")
        assert {urlsplit(one.split()[1]).hostname for one in page.requests if "data:" not in one} == {"127.0.0.1"}
        assert len(page.acts()) == 1

    def test_the_key_is_gone_from_the_address(self, visit: Callable[..., Visit]) -> None:
        page = visit()
        page.page.wait_for_selector("mark")
        assert "key" not in page.page.url
        page.page.reload()
        assert page.page.locator("mark").count() == 3


class TestTranscripts:
    def test_the_list_tells_how_far_one_is(self, visit: Callable[..., Visit]) -> None:
        page = visit()
        page.page.locator(".names").focus()
        page.page.locator("option", has_text="P08 · 0/4 read · 0 coded · 3?").wait_for(state="attached")
        page.page.locator(".names").select_option("P08")
        page.page.wait_for_url("**/?t=P08")
        page.page.locator("mark").first.wait_for()


class TestRecordings:
    def test_a_recording_is_played_from_the_turn_and_never_copied(self, tmp_path: Path, browser: Browser) -> None:
        import wave
        from dataclasses import replace

        from studies import build_transcript

        study = begin_study(tmp_path / "study")
        transcript = build_transcript("A")
        timed = (replace(one, time=2.0 * int(one.id[1:])) for one in transcript.segments)
        study.add_transcript(replace(transcript, segments=tuple(timed)))
        sound = tmp_path / "sound.wav"
        with wave.open(str(sound), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(1)
            file.setframerate(8000)
            file.writeframes(bytes(128 for _ in range(8000 * 20)))
        settings = study.layout.settings
        settings.write_text(settings.read_text("utf-8") + "media:\n  A: ../sound.wav\n  P07: ../other.txt\n", "utf-8")
        with serving(study, transcript="A") as page:
            found = Visit(browser, page.address)
            assert found.turn("t002").locator(".time").inner_text() == "0:04"
            found.press(" ")
            found.wait_said("Playing from 0:04.")
            found.press(" ")
            found.wait_said("Stopped at 0:0")
            found.page.locator(".names").select_option("P07")
            found.page.locator("audio").wait_for(state="detached")
            found.page.wait_for_url("**/?t=P07")  # where a reload leads
            assert found.errors == []
            found.close()
        assert set(tmp_path.rglob("*.wav")) == {sound}


class TestPicking:
    def test_a_drag_picks_whole_words(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        page.drag("t002", 5, 15)  # from inside "dates" to inside "clashed"
        page.press("3")
        page.wait_said("Coded 2 words with Praise.")
        assert quotes(study) == [("praise", "applied", "dates clashed")]

    def test_a_drag_with_alt_picks_what_it_says(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        page.page.keyboard.down("Alt")
        page.drag("t002", 5, 15)
        page.page.keyboard.up("Alt")
        page.press("3")
        page.wait_said("with Praise.")
        assert [one[2] for one in quotes(study)] == ["ates clash"[: 15 - 5]]

    def test_a_double_click_picks_a_word_and_a_code_is_clicked(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        x, y = page._place("t002", 6, after=False)
        page.page.mouse.dblclick(x, y)
        page.page.locator(".tree [data-id=praise]").click()
        page.wait_said("Coded 1 word with Praise.")
        assert quotes(study) == [("praise", "applied", "dates")]

    def test_a_triple_click_picks_the_turn(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        x, y = page._place("t002", 6, after=False)
        page.page.mouse.click(x, y, click_count=3)
        page.press("3")
        page.wait_said("with Praise.")
        assert quotes(study) == [("praise", "applied", "The dates clashed. We could never find a date.")]

    def test_a_drag_over_turns_and_one_that_begins_in_a_label(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        page.drag("t002", 39, 10, to="t004")
        page.press("3")
        page.wait_said("with Praise.")
        (found,) = quotes(study)
        assert found[2].startswith("a date.\nInterviewer: And people?\nAna: People leave")
        label = page.turn("t002").locator(".who b").bounding_box()
        assert label is not None
        page.page.mouse.move(label["x"] + 2, label["y"] + 4)
        page.page.mouse.down()
        page.page.mouse.move(*page._place("t002", 3, after=True), steps=4)
        page.page.mouse.up()
        page.press("2")
        page.wait_said("with Turnover.")
        assert ("turnover", "applied", "The") in quotes(study)

    def test_emoji_and_chinese_count_as_python_counts(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        text = "People leave. They were lovely, though. 大家都好忙😀。"
        at = text.index("大")
        page.drag("t004", at + 1, at + 2)
        page.press("3")
        page.wait_said("Coded 1 word with Praise.")
        page.drag("t004", at + 3, at + 7)  # 好忙 and both halves of the emoji
        page.press("2")
        page.wait_said("with Turnover.")
        assert {one[2] for one in quotes(study)} == {"家", "好忙😀"}


class TestWholeInterview:
    """Ten codes given in one sitting: once without a mouse, once without a keyboard."""

    @pytest.fixture
    def study(self, tmp_path: Path) -> Study:
        from studies import build_transcript

        from qualcode.study import create_study

        codebook = tmp_path / "codes.yaml"
        codebook.write_text(CODES, "utf-8")
        talk = tuple(
            pair
            for one in NUMBERS[:5]
            for pair in (("Interviewer", f"And {one}?"), ("Ana", f"First of {one} comes. Second of {one} goes."))
        )
        study = create_study(tmp_path / "study", codebook=codebook)
        study.add_transcript(build_transcript("P07", talk))
        return study

    def test_by_keyboard_alone(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        for number in range(5):
            page.press("v", str(2 * number + 1))
            page.wait_said(f"Coded 4 words with Code {NUMBERS[2 * number]}.")
            page.press("v", "c")
            page.page.keyboard.type(f"Code {NUMBERS[2 * number + 1]}")
            page.press("Enter")
            page.wait_said(f"Coded 4 words with Code {NUMBERS[2 * number + 1]}.")
            page.press("Escape", "Enter")
        assert quotes(study) == EXPECTED
        assert len(page.acts()) == 10

    def test_by_mouse_alone(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        for at, code in enumerate(NUMBERS):
            segment = f"t{at // 2 * 2 + 2:03d}"
            quote = EXPECTED[at][2]
            start = page.talk(segment).inner_text().index(quote)
            page.drag(segment, start, start + len(quote))
            page.page.locator(f".tree [data-id={code}]").click()
            page.wait_said(f"Coded 4 words with Code {code}.")
        assert quotes(study) == EXPECTED
        assert page.page.locator("mark[data-code=ten]").inner_text() == "Second of five goes."
