"""A pack for a second coder who installs nothing: one file in a real browser, and what comes back into the study."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from browsing import Visit, browser, find_axe, list_violations
from click.testing import CliRunner
from studies import begin_study, build_transcript

from qualcode.cli import cli
from qualcode.codebook import add_code, edit_code
from qualcode.errors import StudyError
from qualcode.model import Span
from qualcode.study import Study
from qualcode.surface import render_pack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

__all__ = ["browser"]

LEAVE = Span(110, 123)  # “People leave.” in t004


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study of two transcripts, all of which is drawn for ana and ben, and ana has begun."""
    study = begin_study(tmp_path / "study", "P07", "P08")
    assert study.transcript("P07").quote(LEAVE) == "People leave."
    for coder in ("ana", "ben"):
        study.add_coder(coder)
    study.assign(["ana", "ben"], share=1.0, seed=7)
    study.decide("ana", "P07:t002", "turnover", "apply", note="anasecret")
    study.memo("P07:t002", "memosecret", author="ana")
    return study


def run(study: Study, *arguments: str) -> Any:
    """Run a command on the study, as a user does."""
    return CliRunner().invoke(cli, [*arguments, "--study", str(study.root)])


def codings(study: Study, coder: str = "ben", name: str = "P07") -> list[tuple[str, str, str]]:
    sheet = Study(study.root).sheet(coder, name)
    return [(one.code, one.quote, one.note) for one in sheet.codings] if sheet else []


def seen(study: Study, name: str = "P07") -> set[str]:
    sheet = Study(study.root).sheet("ben", name)
    return set(sheet.seen) if sheet else set()


def coded(study: Study, /, **changes: Any) -> dict[str, Any]:
    """Return what a pack saves after one coding and one turn that was read."""
    told = {
        "id": "P07", "text": study.transcript("P07").digest, "removed": [], "read": ["t002"],
        "codings": [{"start": LEAVE.start, "end": LEAVE.end, "code": "praise", "note": "really?"}],
    }  # fmt: skip
    whole = {
        "format": "qualcode-coded", "version": 1, "study": study.settings.id, "coder": "ben",
        "codebook": study.codebook.digest, "transcripts": [told],
    }  # fmt: skip
    return {**whole, **changes}


def write(tmp_path: Path, data: object) -> Path:
    path = tmp_path / "ben-coded.json"
    path.write_text(json.dumps(data, ensure_ascii=False), "utf-8")
    return path


class TestWhatIsInIt:
    def test_the_same_study_gives_the_same_file(self, study: Study) -> None:
        assert render_pack(study, "ben") == render_pack(Study(study.root), "ben")

    def test_it_holds_nothing_of_others(self, study: Study) -> None:
        page = render_pack(study, "ben")
        data = json.loads(page.partition('id="data">')[2].partition("</script>")[0])
        assert "The dates clashed." in page
        assert "anasecret" not in page
        assert "memosecret" not in page
        assert {one for text in data["texts"].values() for turn in text["turns"] for one in turn} <= {
            "id", "start", "text", "who", "time", "asked", "aside", "seen",
        }  # fmt: skip
        assert [text["given"] for text in data["texts"].values()] == [[], []]

    def test_words_that_look_like_markup_stay_words(self, tmp_path: Path) -> None:
        study = begin_study(tmp_path / "study")
        study.add_transcript(build_transcript("P09", (("Ana", "</script><script>alert(1)</script><!-- & done."),)))
        study.assign([study.add_coder("ben")], share=1.0, seed=1)
        page = render_pack(study, "ben")
        assert page.count("<script") == page.count("</script") == 2
        assert "<!--" not in page

    def test_without_a_draw_it_says_what_to_do(self, study: Study, tmp_path: Path) -> None:
        done = run(study, "assign", "--pack", str(tmp_path / "eva.html"))
        assert done.exit_code == 1
        assert "Nothing is drawn for “eva”." in done.output
        assert "ana.html, ben.html" in done.output
        done = run(study, "assign", "--pack", str(tmp_path / "ben.html"), "--seed", "1")
        assert done.exit_code == 2
        assert "Missing --coders and --share." in done.output


@pytest.fixture
def visit(study: Study, browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Visit]]:
    """Give a function that opens ben's pack from the disk; at the end nothing may have gone wrong."""
    done = run(study, "assign", "--pack", str(tmp_path / "ben.html"))
    assert done.exit_code == 0, done.output
    opened: list[Visit] = []

    def open_page(**options: object) -> Visit:
        opened.append(Visit(browser, (tmp_path / "ben.html").as_uri(), **options))
        return opened[-1]

    yield open_page
    asked = {one.split()[1].partition(":")[0] for page in opened for one in page.requests}
    assert asked <= {"file", "data", "blob"}
    assert [error for one in opened for error in one.errors] == []
    for one in opened:
        one.close()


def save(page: Visit, path: Path) -> dict[str, Any]:
    with page.page.expect_download() as waiting:
        page.page.get_by_role("button", name="Save ben-coded.json").click()
    assert waiting.value.suggested_filename == "ben-coded.json"
    waiting.value.save_as(path)
    data: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return data


def code_passage(page: Visit, words: str) -> None:
    """Give the first sentence of t004 a code, by keys."""
    page.turn("t004").focus()
    page.press("v", "c")
    page.page.keyboard.type(words)
    page.press("Enter")


class TestInABrowser:
    def test_from_the_page_into_the_study(self, visit: Callable[..., Visit], study: Study, tmp_path: Path) -> None:
        page = visit()
        assert page.page.locator("mark").count() == 0
        code_passage(page, "praise")
        page.wait_said("Coded 2 words with Praise.")
        page.press("n")
        page.page.keyboard.type("大家😀")
        page.press("Control+Enter")
        page.wait_said("Noted on Praise.")
        page.turn("t002").focus()
        page.press("Enter")
        page.wait_said("Read t002.")
        data = save(page, tmp_path / "ben-coded.json")
        assert data["transcripts"][0]["codings"] == [
            {"start": LEAVE.start, "end": LEAVE.end, "code": "praise", "note": "大家😀"}
        ]
        done = run(study, "merge", str(tmp_path / "ben-coded.json"))
        assert done.exit_code == 0, done.output
        assert "ben: 1 coding added, 0 removed, 0 notes written, 2 segments read" in done.output
        assert codings(study) == [("praise", "People leave.", "大家😀")]
        assert seen(study) == {"t002", "t004"}
        assert len(Study(study.root).history("ben", "P07").events) == 1
        again = run(study, "merge", str(tmp_path / "ben-coded.json"))
        assert "ben: 0 codings added, 0 removed, 0 notes written, 0 segments read" in again.output

    def test_work_outlives_the_page_and_can_be_undone(self, visit: Callable[..., Visit], tmp_path: Path) -> None:
        page = visit()
        code_passage(page, "praise")
        page.wait_said("Coded 2 words")
        page.page.reload()
        page.turn("t004").locator("mark[data-code=praise]").wait_for()
        page.press("u")
        page.wait_said("Took back: apply “Praise”.")
        assert page.page.locator("mark").count() == 0
        page.press("U")
        page.wait_said("Did again: apply “Praise”.")
        page.turn("t004").locator("mark[data-code=praise]").wait_for()
        page.turn("t004").locator(".chip").click()
        page.press("r")
        page.wait_said("Removed Praise from 2 words.")
        told = save(page, tmp_path / "ben-coded.json")["transcripts"][0]
        assert told["codings"] == []
        assert told["removed"] == [{"start": LEAVE.start, "end": LEAVE.end, "code": "praise"}]

    def test_two_windows_show_the_same(self, visit: Callable[..., Visit]) -> None:
        page = visit()
        other = page.context.new_page()
        other.goto(page.page.url)
        other.wait_for_selector("[role=article]")
        code_passage(page, "praise")
        other.locator("mark[data-code=praise]").wait_for()

    def test_codings_change_as_they_do_in_the_study(self, visit: Callable[..., Visit], tmp_path: Path) -> None:
        page = visit()
        code_passage(page, "praise")
        page.wait_said("Coded 2 words")
        page.press("x")
        page.page.keyboard.type("sched")
        page.press("Enter")
        page.wait_said("Coded 2 words with Scheduling.")
        page.press("v", "+")
        page.wait_said("Added words to Scheduling; it is on 6 words now.")
        page.drag("t004", 0, 6)
        page.page.locator("[data-act=cut]").click()
        page.wait_said("Cut words out of Scheduling.")
        told = save(page, tmp_path / "ben-coded.json")["transcripts"][0]
        start = LEAVE.start
        assert [(one["start"] - start, one["end"] - start, one["code"]) for one in told["codings"]] == [
            (7, 39, "scheduling")
        ]

    def test_digits_are_remembered(self, visit: Callable[..., Visit], study: Study) -> None:
        page = visit()
        before = study.pins("ben")
        first = page.page.locator(f".tree [data-id={before[0]}]")
        first.locator(".pin", has_text="1").click()
        page.wait_said("1 is free.")
        page.page.reload()
        first.locator(".pin:not(.on)").wait_for()
        assert study.pins("ben") == before

    def test_a_file_goes_on_in_another_browser(self, visit: Callable[..., Visit], tmp_path: Path) -> None:
        page = visit()
        code_passage(page, "praise")
        page.wait_said("Coded 2 words")
        save(page, tmp_path / "ben-coded.json")
        other = visit()
        other.page.locator("input[type=file]").set_input_files(tmp_path / "ben-coded.json")
        other.wait_said("Took in ben-coded.json.")
        other.turn("t004").locator("mark[data-code=praise]").wait_for()
        (tmp_path / "else.json").write_text('{"format": "qualcode-coded", "study": "x", "transcripts": []}')
        other.page.locator("input[type=file]").set_input_files(tmp_path / "else.json")
        other.wait_said("This file does not belong to this study.")

    def test_a_browser_that_keeps_nothing_says_so(self, visit: Callable[..., Visit]) -> None:
        page = visit()
        assert page.page.locator(".packhint").inner_text() == ""
        page.page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })")
        page.page.reload()
        code_passage(page, "praise")
        page.wait_said("Coded 2 words")
        assert page.page.locator(".packhint").inner_text() == (
            "This browser keeps nothing: save ben-coded.json before you close the page."
        )

    def test_it_says_whether_all_is_in_a_file(self, visit: Callable[..., Visit], tmp_path: Path) -> None:
        page = visit()
        button = page.page.get_by_role("button", name="Save ben-coded.json")
        code_passage(page, "praise")
        page.wait_said("Coded 2 words")
        assert button.get_attribute("title") == "There is work that is not in a file yet."
        save(page, tmp_path / "ben-coded.json")
        page.page.reload()
        assert button.get_attribute("title") == "Send this file back."

    @pytest.mark.parametrize("width", [1400, 320])
    @pytest.mark.parametrize("scheme", ["light", "dark"])
    def test_axe_finds_nothing(self, visit: Callable[..., Visit], scheme: str, width: int) -> None:
        axe = find_axe()
        page = visit(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
        page.page.add_script_tag(path=axe)
        code_passage(page, "praise")
        page.wait_said("Coded 2 words")
        assert list_violations(page.page) == []
        page.press("?")
        assert list_violations(page.page) == []
        page.press("Escape", "i")
        assert list_violations(page.page) == []
        page.press("Escape", "b", "x", "Control+Enter")
        page.wait_said("Come back.")
        for name in ("flags", "search"):
            page.page.locator(f"[data-view={name}]").first.click()
            page.page.locator(f".view-{name} h1").wait_for()
            assert list_violations(page.page) == []
        assert page.page.evaluate("document.documentElement.scrollWidth") <= width

    def test_memos_and_flags_go_into_the_study(self, visit: Callable[..., Visit], study: Study, tmp_path: Path) -> None:
        page = visit()
        page.turn("t004").focus()
        page.press("v", "m")
        page.page.keyboard.type("why 大家?")
        page.press("Control+Enter")
        page.wait_said("Memo on “People leave.” in P07 saved.")
        page.press("Escape")
        page.turn("t002").focus()
        page.press("b")
        page.page.keyboard.type("irony?")
        page.press("Control+Enter")
        page.wait_said("You will find P07:t002 under Come back.")
        page.press("u")
        page.wait_said("Took back: come back to P07:t002.")
        page.press("U")
        page.wait_said("Did again: come back to P07:t002.")
        page.page.reload()
        page.turn("t004").locator(".memo").wait_for()
        page.page.locator("[data-view=flags]").click()
        page.page.locator(".passage .note", has_text="irony?").wait_for()
        save(page, tmp_path / "ben-coded.json")
        done = run(study, "merge", str(tmp_path / "ben-coded.json"))
        assert done.exit_code == 0, done.output
        assert "2 memos written" in done.output
        found = {(one.about, one.text, one.flag, one.author) for one in Study(study.root).memos()[0]}
        assert found == {
            ("P07:t002", "memosecret\n", "", "ana"), ("P07:110-123", "why 大家?\n", "", "ben"),
            ("P07:t002", "irony?\n", "open", "ben"),
        }  # fmt: skip
        assert "memo" not in run(study, "merge", str(tmp_path / "ben-coded.json")).output
        page.page.get_by_role("button", name="Settled").click()
        page.wait_said("Settled: “irony?”.")
        save(page, tmp_path / "ben-coded.json")
        assert "1 memo written" in run(study, "merge", str(tmp_path / "ben-coded.json")).output
        assert [one.flag for one in Study(study.root).memos()[0] if one.text == "irony?\n"] == ["settled"]
        assert "why 大家?" in render_pack(Study(study.root), "ben")
        assert "memosecret" not in render_pack(Study(study.root), "ben")

    def test_a_new_code_goes_into_the_codebook(self, visit: Callable[..., Visit], study: Study, tmp_path: Path) -> None:
        page = visit()
        page.turn("t004").focus()
        page.press("v", "i")
        page.page.locator("input[name=name]").fill("Leaving people")
        page.page.locator("select[name=under]").select_option("challenges")
        page.page.locator("textarea[name=definition]").fill("Who goes.")
        page.press("Control+Enter")
        page.wait_said("New code Leaving people. Coded 2 words with Leaving people.")
        page.turn("t004").locator(".chip", has_text="Leaving people").wait_for()
        page.press("u")  # the coding and the code are two steps of one act
        page.wait_said("Took back: apply “Leaving people”.")
        assert page.page.locator(".tree", has_text="Leaving people").count() == 0
        page.press("U")
        page.turn("t004").locator(".chip", has_text="Leaving people").wait_for()
        page.page.reload()
        page.page.locator(".tree", has_text="Leaving people").wait_for()
        page.turn("t002").focus()
        page.press("v", "c")
        page.page.keyboard.type("leaving p")
        page.press("Enter")
        page.wait_said("Coded 3 words with Leaving people.")
        save(page, tmp_path / "ben-coded.json")
        done = run(study, "merge", str(tmp_path / "ben-coded.json"))
        assert done.exit_code == 0, done.output
        assert "1 code new" in done.output
        now = Study(study.root)
        assert now.codebook.code("challenges/leaving-people").definition == "Who goes."
        assert [one[:2] for one in codings(study)] == [
            ("leaving-people", "The dates clashed."), ("leaving-people", "People leave."),
        ]  # fmt: skip
        again = run(study, "merge", str(tmp_path / "ben-coded.json"))
        assert "ben: 0 codings added, 0 removed, 0 notes written, 0 segments read\n" in again.output

    def test_hits_are_found_and_coded_in_all_transcripts(self, visit: Callable[..., Visit], tmp_path: Path) -> None:
        page = visit()
        page.press("/")
        page.page.keyboard.type("LOV*")
        page.page.get_by_label("Where").select_option("")
        page.page.get_by_role("button", name="Search", exact=True).last.click()
        page.wait_said("2 hits.")
        page.page.get_by_label("Code for the chosen hits").select_option("praise")
        page.page.get_by_role("button", name="Code the chosen").click()
        page.wait_said("Coded 2 hits with Praise.")
        told = save(page, tmp_path / "ben-coded.json")["transcripts"]
        assert [len(one["codings"]) for one in told] == [1, 1]
        one = told[0]["codings"][0]
        assert one["end"] - one["start"] == len("They were lovely, though.")
        page.press("u")
        page.wait_said("Took back: apply “Praise”.")
        told = save(page, tmp_path / "ben-coded.json")["transcripts"]
        assert [len(one["codings"]) for one in told] == [0, 0]

    def test_memos_and_codes_go_on_in_another_browser(self, visit: Callable[..., Visit], tmp_path: Path) -> None:
        page = visit()
        page.turn("t004").focus()
        page.press("v", "i")
        page.page.locator("input[name=name]").fill("Irony")
        page.press("Enter")
        page.wait_said("New code Irony.")
        page.press("m")
        page.page.keyboard.type("why?")
        page.press("Control+Enter")
        page.wait_said("Memo on")
        told = save(page, tmp_path / "ben-coded.json")
        other = visit()
        other.page.locator("input[type=file]").set_input_files(tmp_path / "ben-coded.json")
        other.wait_said("Took in ben-coded.json.")
        other.turn("t004").locator(".chip", has_text="Irony").wait_for()
        other.turn("t004").locator(".memo").wait_for()
        assert save(other, tmp_path / "again.json") == told

    def test_what_needs_the_study_is_not_there(self, visit: Callable[..., Visit]) -> None:
        page = visit()
        assert page.page.locator(".views button").all_inner_texts() == ["Read", "Search", "Come back"]
        code_passage(page, "praise")
        page.wait_said("Coded 2 words")
        assert page.page.get_by_role("button", name="As example").count() == 0
        page.press("d", "t")
        assert page.page.locator(".question").count() == 0


class TestMerging:
    def test_what_the_coder_took_away_goes_and_the_rest_stays(self, study: Study, tmp_path: Path) -> None:
        study.merge_coded(write(tmp_path, coded(study)))
        study.decide("ben", "P07:t002", "scheduling", "apply")
        told = coded(study)["transcripts"][0]
        place = {"start": LEAVE.start, "end": LEAVE.end, "code": "praise"}
        told |= {"codings": [], "removed": [place]}
        report = study.merge_coded(write(tmp_path, coded(study, transcripts=[told])))
        assert (report.n_added, report.n_removed, report.n_read) == (0, 1, 0)
        assert [one[0] for one in codings(study)] == ["scheduling"]

    def test_memos_stay_beside_what_was_written_in_the_study(self, study: Study, tmp_path: Path) -> None:
        told = coded(study)["transcripts"][0] | {"memos": [{"about": "t004", "text": "one", "flag": ""}]}
        study.merge_coded(write(tmp_path, coded(study, transcripts=[told])))
        (memo,) = [one for one in study.memos()[0] if one.author == "ben"]
        assert (memo.id, memo.text) == ("P07-t004-ben", "one\n")
        told["memos"][0]["text"] = "one and more"
        assert study.merge_coded(write(tmp_path, coded(study, transcripts=[told]))).n_memos == 1
        study.memo("P07:t004", "Written here.", memo_id=memo.id, author="ben")
        told["memos"][0]["text"] = "Something else."
        study.merge_coded(write(tmp_path, coded(study, transcripts=[told])))
        (memo,) = [one for one in study.memos()[0] if one.author == "ben"]
        assert memo.text == "one and more\n\nWritten here.\n\nSomething else.\n"

    def test_a_code_of_a_name_that_is_there_by_now_is_that_one(self, study: Study, tmp_path: Path) -> None:
        study.recode(add_code, new_name="Irony", because="Ana had it, too")
        made = {"id": "new-1", "name": "irony", "under": "", "definition": "x"}
        told = coded(study)["transcripts"][0]
        told["codings"][0]["code"] = "new-1"
        report = study.merge_coded(write(tmp_path, coded(study, transcripts=[told], codes=[made])))
        assert (report.n_codes, report.n_added) == (0, 1)
        assert [one[0] for one in codings(study)] == ["irony"]

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"codes": [7]}, "New code 1 has no name."),
            ({"codes": [{"id": "a", "name": " ", "under": "", "definition": ""}]}, "New code 1 has no name."),
            ({"codes": [{"id": "a", "name": "A", "under": "no", "definition": ""}]}, "The code above “A”"),
            ({"memos": [{"about": "t002", "text": " ", "flag": ""}]}, "Memo 1 of P07"),
            ({"memos": [{"about": "t999", "text": "x", "flag": ""}]}, "Memo 1 of P07"),
            ({"memos": [{"about": "0-999999", "text": "x", "flag": ""}]}, "Memo 1 of P07"),
            ({"memos": [{"about": "../x", "text": "x", "flag": ""}]}, "Memo 1 of P07"),
            ({"memos": [{"about": "t002", "text": "x", "flag": "yes"}]}, "Memo 1 of P07"),
            ({"memos": [7]}, "Memo 1 of P07"),
        ],
    )
    def test_codes_and_memos_of_a_stranger_are_refused(
        self, study: Study, tmp_path: Path, changes: dict[str, Any], words: str
    ) -> None:
        told = coded(study)["transcripts"][0] | {"memos": changes.get("memos", [])}
        text = study.layout.codebook.read_bytes()
        with pytest.raises(StudyError) as caught:
            study.merge_coded(write(tmp_path, coded(study, transcripts=[told], codes=changes.get("codes", []))))
        assert caught.value.problems[0].message.startswith(words)
        assert (codings(study), study.layout.codebook.read_bytes()) == ([], text)
        assert [one.author for one in study.memos()[0]] == ["ana"]

    def test_a_note_comes_after_its_coding(self, study: Study, tmp_path: Path) -> None:
        study.decide("ben", "P07:t004", "praise", "apply", span=LEAVE)
        report = study.merge_coded(write(tmp_path, coded(study)))
        assert (report.n_added, report.n_notes) == (0, 1)
        assert codings(study) == [("praise", "People leave.", "really?")]

    def test_another_codebook_is_refused_with_what_to_do(self, study: Study, tmp_path: Path) -> None:
        path = write(tmp_path, coded(study))
        study.recode(edit_code, code="praise", definition="Something else", because="It was vague")
        done = run(study, "merge", str(path))
        assert done.exit_code == 1
        assert "The codebook has changed since the pack was made." in done.output
        assert "qualcode assign --pack ben.html" in done.output
        assert codings(study) == []

    def test_another_text_is_refused_with_what_to_do(self, study: Study, tmp_path: Path) -> None:
        told = coded(study)["transcripts"][0] | {"text": "0" * 64}
        with pytest.raises(StudyError, match="cannot be merged; nothing was") as caught:
            study.merge_coded(write(tmp_path, coded(study, transcripts=[told])))
        assert caught.value.problems[0].message == "P07 was corrected since the pack was made."
        assert "--pack ben.html" in caught.value.problems[0].hint

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"format": "x"}, "does not come from a pack"),
            ({"version": 3}, "A later version"),
            ({"version": None}, "A later version"),
            ({"study": "other"}, "another study"),
            ({"coder": "../x"}, "cannot be the name of a coder"),
            ({"coder": 7}, "cannot be the name of a coder"),
            ({"coder": "rules"}, "rules"),
            ({"codebook": ["x"]}, "The codebook has changed"),
            ({"transcripts": [7]}, "cannot be merged"),
            ({"transcripts": [{"id": "P99"}]}, "cannot be merged"),
            ({"transcripts": [{"id": {"a": 1}}]}, "cannot be merged"),
        ],
    )
    def test_a_file_of_a_stranger_is_refused(
        self, study: Study, tmp_path: Path, changes: dict[str, Any], words: str
    ) -> None:
        before = sorted(one.name for one in (study.root / "sheets").iterdir())
        with pytest.raises(StudyError, match=words):
            study.merge_coded(write(tmp_path, coded(study, **changes)))
        assert codings(study) == []
        assert sorted(one.name for one in (study.root / "sheets").iterdir()) == before

    @pytest.mark.parametrize(
        "coding",
        [
            {"start": -1, "end": 5}, {"start": 5, "end": 5}, {"start": 110, "end": 10**9}, {"start": True, "end": 100},
            {"start": 110.0, "end": 123}, {"start": "110", "end": 123}, {"code": "nothing"}, {"code": 3}, {"note": 3},
            {"start": 0, "end": 3}, {"note": "x" * 100_001}, 7, None, [],
        ],
    )  # fmt: skip
    def test_a_coding_of_a_stranger_is_refused(self, study: Study, tmp_path: Path, coding: Any) -> None:
        told = coded(study)["transcripts"][0]
        good = told["codings"][0]
        told["codings"] = [good, {**good, **coding} if isinstance(coding, dict) else coding]
        with pytest.raises(StudyError) as caught:
            study.merge_coded(write(tmp_path, coded(study, transcripts=[told])))
        assert [one.message for one in caught.value.problems] == [
            "Coding 2 of P07 names no passage or no code of the study."
        ]
        assert codings(study) == []

    @pytest.mark.parametrize("data", [b"", b"[]", b"\xff\xfe\x00", b"[" * 100_000, b"{"])
    def test_what_is_no_such_file_is_refused(self, study: Study, tmp_path: Path, data: bytes) -> None:
        path = tmp_path / "x.json"
        path.write_bytes(data)
        with pytest.raises(StudyError, match="does not come from a pack"):
            study.merge_coded(path)
