"""A study on a disk that takes P07 for p07, or é in one piece for é in two, as those of Windows and macOS do.

Such a disk is laid over the ordinary one (``blind_files``); that of Windows is blind for case by itself.
"""

from __future__ import annotations

import os
import shutil
import sys
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from blind_files import BlindFiles
from click.testing import CliRunner, Result
from studies import begin_study, build_transcript

from qualcode.cli import cli
from qualcode.cli._words import compose
from qualcode.codebook import add_code
from qualcode.errors import QualcodeError, StudyError
from qualcode.study import Study, open_study

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal

    Form = Literal["NFC", "NFD"]

laid_over = pytest.mark.skipif(os.name == "nt", reason="the disk is the system's own there")
of_form = pytest.mark.skipif(os.name == "nt", reason="disks of Windows tell forms of Unicode apart")
COMPOSED, APART = (unicodedata.normalize(form, "Renée") for form in ("NFC", "NFD"))
TALK = "Interviewer: How was it?\nMei: Lovely.\n"


def qualcode(*words: object) -> Result:
    return CliRunner().invoke(cli, compose([str(word) for word in words]))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if os.name != "nt":
        BlindFiles(tmp_path).lay_over(monkeypatch)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def study(place: Path) -> Study:
    study = begin_study(place / "study", "P07", COMPOSED)
    study.decide("ana", "P07:t002", "praise", "apply")
    study.memo("P07:t002", "A thought.", author="ana")
    return study


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".qualcode" not in path.parts
    }


@laid_over
def test_the_disk_is_blind(place: Path) -> None:
    (place / "Note.txt").write_text("1", "utf-8")
    (place / "NOTE.TXT").write_text("2", "utf-8")
    assert (place / "note.txt").read_text("utf-8") == "2"
    (place / "Note.txt").rename(place / "nOTE.txt")
    assert [path.name for path in place.iterdir()] == ["nOTE.txt"]
    (place / "other").write_text("3", "utf-8")
    (place / "other").replace(place / "NOTE.txt")
    assert [path.read_text("utf-8") for path in place.iterdir()] == ["3"]


@of_form
def test_the_disk_is_blind_for_form(place: Path) -> None:
    (place / f"{APART}.txt").write_text("1", "utf-8")
    assert (place / f"{COMPOSED}.txt").read_text("utf-8") == "1"


def test_a_name_in_another_case_is_not_taken_for_the_transcript(study: Study) -> None:
    before = files(study.root)
    for address in ("p07:t002", "P07 :t002"):
        with pytest.raises(StudyError, match="There is no transcript") as caught:
            study.decide("ana", address, "turnover", "apply")
        assert "P07" in caught.value.hint
    assert files(study.root) == before


@of_form
def test_a_name_in_another_form_is_the_transcript(study: Study) -> None:
    for number, form in enumerate((COMPOSED, APART)):
        study.decide("ana", f"{form}:t00{2 + 2 * number}", "praise", "apply")
    assert study.sheet("ana", APART) == study.sheet("ana", COMPOSED)
    assert len(study.sheet("ana", COMPOSED).codings) == 2
    assert study.check() == []


def test_each_command_finds_what_is_typed_in_another_form(study: Study) -> None:
    study.close()
    where = ("--study", "study")
    for words in (
        ("decide", *where, "--coder", "ana", f"{APART}:t002", "praise", "apply"),
        ("undo", *where, "--coder", "ana", f"--transcript={APART}"),
        ("quotes", *where, "--transcript", APART),
        ("explain", f"{APART}:t002", *where),
        ("memo", "add", f"{APART}:t002", "A thought.", *where),
    ):
        done = qualcode(*words)
        assert done.exit_code in {0, 3}, (words, done.stderr)
        assert "There is no" not in done.stderr, words


def test_coders_who_differ_in_case_only_are_not_mixed(study: Study) -> None:
    before = files(study.root)
    with pytest.raises(StudyError, match="already a coder “ana”"):
        study.decide("Ana", "P07:t004", "praise", "apply")
    assert files(study.root) == before
    study.decide("José", "P07:t002", "praise", "apply")
    study.decide(unicodedata.normalize("NFD", "José"), "P07:t004", "praise", "apply")
    assert study.coders() == ("José", "ana", "rules")


def test_twins_cannot_both_be_in_a_study(study: Study, place: Path) -> None:
    study.close()
    before = files(study.root)
    (place / "mails").mkdir()
    (place / "mails" / "p07.txt").write_text(TALK, "utf-8")
    done = qualcode("import", "--study", "study", "mails/p07.txt")
    assert done.exit_code != 0
    assert "cannot tell from “p07”" in done.stderr
    (place / "p07.txt").write_text(TALK, "utf-8")
    for words in (("import", "--study", "study"), ("run", "--codebook", "study-codebook.yaml", "--out", "results")):
        done = qualcode(*words, "p07.txt", "mails/P07.txt")
        assert done.exit_code == 1
        assert "Two files would be the transcript" in done.stderr
    assert files(study.root) == before


def test_nothing_is_lost_when_only_the_case_of_a_name_changes(study: Study, place: Path) -> None:
    study.close()
    shutil.copytree(study.root, place / "copy")
    study.rename_transcript("P07", "p07", why="as in the others")
    study.close()
    with open_study(place / "copy") as other:
        other.decide("ben", "P07:t004", "turnover", "accept")
        other.merge(study.root)  # the name comes along
    for root, coders in ((study.root, ["ana"]), (place / "copy", ["ana", "ben"])):
        again = open_study(root)
        assert set(again.transcript_ids()) == {"p07", COMPOSED}
        assert {path.stem for path in (root / "transcripts").iterdir()} == {"p07", COMPOSED}
        assert [len(again.sheet(coder, "p07").codings) for coder in coders] == [1] * len(coders)
        assert [memo.about for memo in again.memos()[0]] == ["p07:t002"]
        assert [problem for problem in again.check() if problem.level != "note"] == []


def test_memos_whose_names_differ_in_case_are_one(study: Study, place: Path) -> None:
    study.memo("study", "First.", memo_id="Doubt")
    assert study.memo("study", "Second.", memo_id="doubt").text == "First.\n\nSecond.\n"
    with pytest.raises(StudyError, match="already a memo “Doubt”, about study"):
        study.memo("P07:t004", "Third.", memo_id="DOUBT")
    study.close()
    shutil.copytree(study.root, place / "copy")
    with open_study(place / "copy") as other:
        (other.root / "memos" / "Doubt.md").rename(other.root / "memos" / "doubt.md")
        other.memo("study", "Theirs.", memo_id="doubt")
    with open_study(study.root) as mine:
        mine.memo("study", "Mine.", memo_id="Doubt")
        mine.merge(place / "copy")
        said = "\n".join(memo.text for memo in mine.memos()[0])
    assert {"First.", "Second.", "Mine.", "Theirs."} <= set(said.split("\n"))


def test_a_twin_in_another_copy_does_not_take_the_place_of_a_transcript(study: Study, place: Path) -> None:
    study.close()
    shutil.copytree(study.root, place / "copy")
    study.add_transcript(build_transcript("P09"), b"mine")
    study.decide("ana", "P09:t002", "praise", "apply")
    before = {name: data for name, data in files(study.root).items() if "P09" in name}
    with open_study(place / "copy") as other:
        other.add_transcript(build_transcript("p09", (("Ana", "Other words."),)), b"theirs")
        other.decide("ben", "p09:t001", "praise", "apply")
        other.decide("ben", "P07:t004", "turnover", "accept")
    report = study.merge(place / "copy")
    (conflict,) = report.conflicts
    assert conflict.message == "Some computers cannot tell “p09” from “P09”, which is here; “p09” was not merged."
    assert before.items() <= files(study.root).items()
    assert [one.code for one in study.sheet("ben", "P07").codings] == ["turnover"]
    assert study.check() == []


def test_a_study_is_one_however_its_folder_is_typed(study: Study, place: Path) -> None:
    with open_study(place / "STUDY") as other:
        other.decide("ben", "P07:t004", "turnover", "accept")
        study.decide("ben", "P07:t002", "scheduling", "accept")
    assert [one.code for one in study.sheet("ben", "P07").codings] == ["scheduling", "turnover"]
    assert study.check() == []


def test_results_do_not_take_the_place_of_others_in_another_case(study: Study, place: Path) -> None:
    study.close()
    (place / "Themes.csv").write_text("mine", "utf-8")
    done = qualcode("themes", "--study", "study", "--coders", "ana", "--out", "themes.csv")
    assert done.exit_code == 1
    assert (place / "Themes.csv").read_text("utf-8") == "mine"


def test_a_place_is_known_however_it_is_typed(study: Study, place: Path) -> None:
    """Copies and archives in the study's own folder, its codebook by itself, a merger with itself, a key in results."""
    study.close()
    before = files(study.root)
    (place / "key.csv").write_text("real,kind,replacement,keep\nAna,person,[A],\n", "utf-8")
    (place / "results").mkdir()
    shutil.copy(place / "key.csv", place / "results" / "key.csv")
    for words, told in (
        (("archive", "study", "--out", "STUDY/archive"), "inside the study"),
        (("practice", "Study/practice", "--study", "study", "--coders", "ana"), "inside the study"),
        (("pseudonyms", "apply", "--study", "study", "--key", "key.csv", "--out", "STUDY/copy"), "inside the study"),
        (("merge", "--study", "study", "STUDY"), "the study itself"),
        (("check-leaks", "Results", "--key", "results/key.csv"), "given away"),
    ):
        done = qualcode(*words)
        assert done.exit_code == 1, (words, done.stderr)
        assert told in done.stderr, words
    assert files(study.root) == before
    done = qualcode(
        "codebook", "merge", "Study/Codebook.yaml", "praise", "--into", "turnover", "--because", "Same", "--yes"
    )
    assert done.exit_code == 0, done.stderr
    assert [one.code for one in study.sheet("ana", "P07").codings] == ["turnover"]


def test_a_corpus_is_not_overwritten_by_its_codings(place: Path) -> None:
    pd.DataFrame({"id": ["a"], "text": ["Lovely."]}).to_parquet(place / "corpus.parquet")
    (place / "codes.yaml").write_text("codes: [{id: praise, rules: [lovely]}]", "utf-8")
    done = qualcode("tag", "corpus.parquet", "--codebook", "codes.yaml", "--out", "Corpus.parquet", "--force")
    assert done.exit_code == 1
    assert "would overwrite the corpus" in done.stderr


@pytest.mark.parametrize(("first", "then"), [("p1", "P1"), ("P1", "p1")])
def test_results_keep_a_transcript_whose_name_has_changed_in_case(place: Path, first: str, then: str) -> None:
    (place / "codes.yaml").write_text("codes: [{id: praise, rules: [lovely]}]", "utf-8")
    for name in (first, then):
        (place / f"{first}.txt").write_text(TALK, "utf-8")
        (place / f"{first}.txt").rename(place / f"{name}.txt")
        done = qualcode("run", f"{name}.txt", "--codebook", "codes.yaml", "--out", "results")
        assert done.exit_code == 0, done.stderr
        assert [path.name for path in (place / "results" / "transcripts").iterdir()] == [f"{name}.txt"]
        assert "Mei: Lovely." in (place / "results" / "transcripts" / f"{name}.txt").read_text("utf-8")


DEVICES = ("aux", "COM1", "con.notes", "LPT¹")
no_such_files = pytest.mark.skipif(sys.platform == "win32", reason="such files cannot be there")


@no_such_files
@pytest.mark.parametrize("name", DEVICES)
def test_files_that_windows_takes_for_devices(study: Study, place: Path, name: str) -> None:
    """Where such a file can be, it is not taken into a study, and results name its transcript otherwise."""
    (place / f"{name}.txt").write_text(TALK, "utf-8")
    done = qualcode("import", "--study", "study", f"{name}.txt")
    assert done.exit_code != 0
    assert "cannot be the name of a transcript on every computer" in done.stderr
    done = qualcode("run", f"{name}.txt", "--codebook", "study-codebook.yaml", "--out", "results")
    assert done.exit_code in {0, 3}, done.stderr
    stem = name.partition(".")[0].casefold()
    for path in [*study.root.rglob("*"), *(place / "results").rglob("*")]:
        assert path.name.partition(".")[0].casefold() != stem


@pytest.mark.parametrize("name", DEVICES)
def test_names_that_windows_takes_for_devices(study: Study, name: str) -> None:
    """No file of a study has them: Windows could neither read nor delete it."""
    before = files(study.root)
    for act in (
        lambda: study.rename_transcript("P07", name),
        lambda: study.memo("study", "A thought.", memo_id=name),
        lambda: study.decide(name, "P07:t002", "praise", "apply"),
    ):
        with pytest.raises(QualcodeError, match="cannot be the name"):
            act()
    assert files(study.root) == before


def test_a_code_called_con_has_a_file_that_windows_can_have(study: Study, place: Path) -> None:
    study.recode(add_code, new_name="Con")
    study.decide("ana", "P07:t002", "con", "apply")
    assert len(study.draw_check("ana", "con", seed=7).upcoming) == 3
    study.close()
    assert [path.name for path in (study.root / "checks" / "ana").iterdir()] == ["con_.jsonl"]
    shutil.copytree(study.root, place / "copy")
    (study.root / "checks" / "ana" / "con_.jsonl").unlink()
    with open_study(study.root) as mine:
        mine.merge(place / "copy")
        assert len(mine.recall("ana", "con").upcoming) == 3


@pytest.mark.parametrize(("name", "kept"), [("aux.csv", "original.csv"), ("Day 1: all.docx", "original.docx")])
def test_an_original_whose_name_windows_refuses_is_kept_under_another(study: Study, name: str, kept: str) -> None:
    given = build_transcript("P09")
    study.add_transcript(replace(given, source=replace(given.source, name=name)), b"raw")
    assert (study.root / "raw" / kept).read_bytes() == b"raw"
    assert study.check() == []


@of_form
@pytest.mark.parametrize(("on_disk", "typed"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_files_columns_and_names_are_found_in_whatever_form_they_are_typed(
    place: Path, on_disk: Form, typed: Form
) -> None:
    texts = {
        "Zoë.txt": "René: Wie war’s?\nZoë: Früher schön.\n",
        "Wörter.yaml": "codes: [{id: lob, name: Schönes, rules: [früher schön]}]\n",
        "Fälle.csv": "case,transcript,Größe\nZoë,Zoë,groß\n",
    }
    for name, text in texts.items():
        (place / unicodedata.normalize(on_disk, name)).write_text(unicodedata.normalize(on_disk, text), "utf-8")
    words = ("Zoë.txt", "--codebook", "Wörter.yaml", "--cases", "Fälle.csv", "--interviewer", "René")
    for more, expected in (
        (("themes", "--by", "Größe"), "groß"),
        (("quotes", "--code", "lob", "--transcript", "Zoë"), "Früher schön"),
        (("compare", "--by", "Größe"), "groß"),
        (("find", "Schönes", "--where", "Größe=groß"), "Zoë"),
    ):
        given = [unicodedata.normalize(typed, word) for word in (*more, *words)]
        done = qualcode(*given, "--format", "json")
        assert done.exit_code == 0, (more, done.stderr)
        assert expected in done.stdout, more


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="such files cannot be there")
def test_a_study_kept_on_linux_is_told_what_will_not_move(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study", "P07", "x07", "auy")
    study.memo("study", "A thought.", memo_id="Note")
    for old, new in (("x07", "p07"), ("auy", "aux")):
        for path in (study.root / "transcripts").glob(f"{old}.*"):
            path.write_text(path.read_text("utf-8").replace(f'"{old}"', f'"{new}"'), "utf-8")
            path.rename(path.with_stem(new))
    shutil.copy(study.root / "memos" / "Note.md", study.root / "memos" / "note.md")
    told = {(one.where, one.message) for one in open_study(study.root).check() if one.rule in {"twins", "device"}}
    assert told == {
        ("transcripts/p07.json", "Some computers cannot tell this file from P07.json."),
        ("transcripts/aux.json", "Windows keeps this name for a device."),
        ("memos/note.md", "Some computers cannot tell this file from Note.md."),
    }
