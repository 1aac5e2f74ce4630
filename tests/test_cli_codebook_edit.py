"""``qualcode codebook diff`` and the commands that change a codebook, alone and in a study."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from studies import CODEBOOK, begin_study

from qualcode.cli import cli
from qualcode.codebook import read_codebook
from qualcode.study import Study, create_study

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

WHY = ("--because", "Coders mix them up")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A tagged study in which Ana decided on two codes."""
    study = begin_study(tmp_path / "study")
    study.decide("ana", "P07:t002", "scheduling", "accept")
    study.decide("ana", "P07:t004", "turnover", "accept")
    return study


def run(*arguments: object, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["codebook", *map(str, arguments)], input=text)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A codebook outside any study."""
    path = tmp_path / "book.yaml"
    path.write_text(CODEBOOK, "utf-8")
    return path


def codes(study: Study, coder: str = "ana") -> list[tuple[str, str]]:
    sheet = Study(study.root).sheet(coder, "P07")
    return [(coding.code, coding.verdict) for coding in sheet.codings] if sheet else []


def test_a_change_is_shown_and_done_when_confirmed(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(CODEBOOK, "utf-8")
    refused = run("rename", path, "turnover", "People leave", *WHY, text="n\n")
    assert refused.exit_code == 1
    assert path.read_text("utf-8") == CODEBOOK
    assert "-        name: Turnover\n+        name: People leave\n" in refused.stdout
    done = run("rename", path, "turnover", "People leave", *WHY, "--date", "2026-03-01", text="y\n")
    assert done.exit_code == 0, done.output
    assert read_codebook(path).code("turnover").name == "People leave"
    assert "date: 2026-03-01" in path.read_text("utf-8")
    assert "Renamed turnover" in done.stderr


def test_without_a_reason_nothing_is_done(tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(CODEBOOK, "utf-8")
    assert run("retire", path, "praise", "--yes").exit_code == 2
    assert run("retire", path, "praise", "--yes", "--because", " ").exit_code == 1
    assert path.read_text("utf-8") == CODEBOOK


def test_a_merge_in_a_study_takes_the_codings_along(study: Study) -> None:
    book = study.root / "codebook.yaml"
    before = len(codes(study)), len(codes(study, "rules"))
    done = run("merge", book, "turnover", "--into", "scheduling", *WHY, "--study", study.root, "--yes")
    assert done.exit_code == 0, done.output
    assert "ana: 1 coding in 1 transcript with turnover → scheduling" in done.stderr
    assert "rules: 1 coding in 1 transcript with turnover → scheduling" in done.stderr
    assert "2 codings recoded" in done.stderr
    assert codes(study) == [("scheduling", "accepted"), ("scheduling", "accepted")]
    assert (len(codes(study)), len(codes(study, "rules"))) == before
    assert [one for one in Study(study.root).check() if one.level != "note"] == []
    last = Study(study.root).notes()[-1]
    assert (last["what"], last["why"]) == ("codebook", "Coders mix them up")
    assert [rule.id for rule in read_codebook(book).code("scheduling").rules] == ["clash", "find a date", "leave"]


def test_two_codings_of_one_passage_become_one_and_the_log_knows_both(study: Study) -> None:
    study.decide("ana", "P07:t002", "praise", "apply", note="after all")
    done = run(
        "merge", study.root / "codebook.yaml", "praise", "--into", "scheduling", *WHY, "--study", study.root, "--yes"
    )
    assert done.exit_code == 0, done.output
    sheet = Study(study.root).sheet("ana", "P07")
    assert sheet is not None
    found = [(one.code, one.is_counted, one.note) for one in sheet.codings if one.code == "scheduling"]
    assert found == [("scheduling", True, "after all")]
    log = (study.root / "sheets" / "ana" / "P07.log.jsonl").read_text("utf-8")
    assert "praise" in next(line for line in log.splitlines() if "merge-codes" in line)


def test_split_and_retire_leave_codings_alone(study: Study) -> None:
    book, present = study.root / "codebook.yaml", codes(study)
    split = run(
        "split", book, "scheduling", "--into", "Clashes", "--into", "far=Too far", *WHY, "--study", study.root, "--yes"
    )
    assert "ana: 1 coding in 1 transcript with scheduling, to be reassigned" in split.stderr
    retired = run("retire", book, "scheduling", *WHY, "--study", study.root, "--yes")
    assert (split.exit_code, retired.exit_code) == (0, 0), split.output + retired.output
    assert codes(study) == present
    assert "retired" in run("show", book).stdout


def test_the_codebook_of_a_study_takes_its_codings_along_unasked(study: Study) -> None:
    done = run("merge", study.root / "codebook.yaml", "scheduling", "--into", "turnover", *WHY, "--yes")
    assert done.exit_code == 0, done.output
    assert {code for code, *_ in codes(study)} == {"turnover"} if codes(study) else True
    assert [one.rule for one in Study(study.root).check() if one.level == "error"] == []


def test_another_codebook_than_the_study_s_is_refused(study: Study, tmp_path: Path) -> None:
    path = tmp_path / "book.yaml"
    path.write_text(CODEBOOK, "utf-8")
    done = run("retire", path, "praise", *WHY, "--study", study.root, "--yes")
    assert done.exit_code == 1
    assert "not the study's codebook" in done.stderr
    assert "Try:" in done.stderr


def test_diff_tells_what_changed_and_whose_codings(study: Study, tmp_path: Path) -> None:
    old = tmp_path / "old.yaml"
    old.write_text(CODEBOOK, "utf-8")
    book = study.root / "codebook.yaml"
    run("rename", book, "scheduling", "Dates", *WHY, "--yes")
    run("move", book, "turnover", "--under", "", *WHY, "--yes")
    told = run("diff", old, book, "--study", study.root)
    assert told.stdout == (
        "renamed challenges/scheduling (2 codings)\n  - Scheduling\n  + Dates\n"
        "moved turnover (2 codings)\n  - challenges/turnover\n  + turnover\n"
    )
    rows = json.loads(run("diff", old, book, "--format", "json").stdout)
    assert [row["change"] for row in rows] == ["renamed", "moved"]
    assert run("diff", old, book, "--format", "csv").stdout.splitlines()[0] == "change,code,old,new"
    assert run("diff", old, old).stderr == "0 changes.\n"


# -- which codebook is meant ------------------------------------------------------------------------------------------


def test_a_study_stands_for_its_codebook(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    named = run("rename", "--study", study.root, "turnover", "People leave", *WHY, "--yes")
    assert named.exit_code == 0, named.output
    assert "ana: 1 coding in 1 transcript with turnover" in named.stderr
    assert Study(study.root).codebook.code("turnover").name == "People leave"
    monkeypatch.chdir(study.root / "sheets")
    here = run("rename", "turnover", "They leave", *WHY, "--yes")
    assert here.exit_code == 0, here.output
    assert Study(study.root).codebook.code("turnover").name == "They leave"
    merged = run("merge", "turnover", "praise", "--into", "scheduling", *WHY, "--yes")
    assert merged.exit_code == 0, merged.output
    assert {code for code, _ in codes(study)} == {"scheduling"}


def test_the_first_word_is_the_file_when_it_ends_as_one_or_is_there(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "praise").write_text("a file with the name of a code", "utf-8")
    (tmp_path / "codes.txt").write_text(CODEBOOK, "utf-8")
    for file, code in (("book.yaml", "praise"), (book, "turnover"), ("codes.txt", "praise")):
        assert run("retire", file, code, *WHY, "--yes").exit_code == 0
    assert "retired: true" in (tmp_path / "codes.txt").read_text("utf-8")
    assert "Which codebook?" in run("retire", "praise", *WHY, "--yes").stderr
    assert "no such codebook file" in run("retire", "other.YML", "praise", *WHY, "--yes").stderr
    assert (tmp_path / "praise").read_text("utf-8") == "a file with the name of a code"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["retire"], "Missing CODE."),
        (["retire", "book.yaml"], "Missing CODE behind book.yaml."),
        (["merge", "book.yaml", "--into", "praise"], "Missing CODE behind book.yaml."),
        (["rename", "book.yaml", "praise"], "Missing NAME behind book.yaml."),
        (["rename", "praise"], "Missing NAME."),
        (["example", "book.yaml", "praise"], "Missing QUOTE behind book.yaml."),
        (
            ["rename", "book.yaml", "praise", "Kind", "words"],
            "Too many words for CODE NAME: words that belong together",
        ),
        (["rename", "book", "praise", "Kind"], "Too many words for CODE NAME: “book” is not a file, and words"),
    ],
)
def test_missing_and_spare_words_are_told(
    words: list[str], message: str, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(book.parent)
    done = run(*words, *WHY, "--yes")
    assert done.exit_code == 2
    assert message in done.stderr
    assert book.read_text("utf-8") == CODEBOOK


def test_outside_a_study_the_file_must_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = run("add", "Trust", "--yes")
    assert done.exit_code == 1
    assert "Try: Give the codebook's file first, or a study with --study DIR" in done.stderr


# -- add, edit, example -----------------------------------------------------------------------------------------------


def test_a_code_is_added_to_a_file_without_a_reason(book: Path) -> None:
    done = run(
        "add", book, "Trust", "--under", "praise", "--definition", "In people: all", "--date", "2026-03-01", "--yes"
    )
    assert done.exit_code == 0, done.output
    assert done.stderr == "Added trust “Trust” under praise.\n"
    text = book.read_text("utf-8")
    assert text.startswith(CODEBOOK)
    assert read_codebook(book).path("trust") == "praise/trust"
    assert text.endswith("    because: Came up while coding.\n")


def test_a_code_is_added_to_the_study_in_which_one_stands(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study.root)
    done = run("add", "朋友", "--id", "friends", "--because", "Said twice", "--yes")
    assert done.exit_code == 0, done.output
    assert "recoded" not in done.stderr
    fresh = Study(study.root)
    assert fresh.codebook.code("friends").name == "朋友"
    assert fresh.decide("ana", "P07:t002", "friends", "apply") is not None
    assert (fresh.notes()[-1]["change"], fresh.notes()[-1]["why"]) == ("Added friends “朋友” at the top.", "Said twice")
    again = run("add", "朋友", "--yes")
    assert again.exit_code == 1
    assert "already a code named “朋友”" in again.stderr


@pytest.mark.parametrize("text", [None, "# Found while reading.\ncodes:\n"])
def test_the_first_code_of_a_study(text: str | None, tmp_path: Path) -> None:
    study = create_study(tmp_path / "new")
    if text is not None:
        (study.root / "codebook.yaml").write_text(text, "utf-8")
    assert "no code “trust”" in run("retire", "trust", "--study", study.root, *WHY, "--yes").stderr
    done = run("add", "Trust", "--study", study.root, "--yes")
    assert done.exit_code == 0, done.output
    assert [code.id for code in Study(study.root).codebook.walk()] == ["trust"]
    assert [one for one in Study(study.root).check() if one.level != "note"] == []


def test_definition_include_and_exclude_are_edited(study: Study) -> None:
    done = run(
        "edit", "--study", study.root, "scheduling", "--definition", "No time.", "--include", "clashes",
        "--exclude", "lateness", "--exclude", "no time at all", "--yes",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "ana: 1 coding in 1 transcript with scheduling" in done.stderr
    code = Study(study.root).codebook.code("scheduling")
    assert (code.definition, code.include, code.exclude) == ("No time.", ("clashes",), ("lateness", "no time at all"))
    assert run("edit", "--study", study.root, "scheduling", "--exclude", "", "--yes").exit_code == 0
    assert Study(study.root).codebook.code("scheduling").exclude == ()
    nothing = run("edit", "--study", study.root, "scheduling", "--yes")
    assert (nothing.exit_code, "nothing to change" in nothing.stderr) == (1, True)


def test_a_quote_becomes_an_example_and_contradictions_are_told(book: Path) -> None:
    assert run("example", book, "scheduling", "The dates clash.", "--yes").exit_code == 0
    assert run("example", book, "scheduling", "A lovely day.", "--miss", "--yes").exit_code == 0
    missed = run("example", book, "scheduling", "No day was free.", "--yes")
    assert missed.exit_code == 3
    assert "No rule of “scheduling” matches its example “No day was free.”" in missed.stderr
    code = read_codebook(book).code("scheduling")
    assert [one.text for one in code.hits] == ["The dates clash.", "No day was free."]
    assert [one.text for one in code.misses] == ["A lovely day."]
    assert run("check", book).exit_code == 3
    again = run("example", book, "scheduling", "No day was free.", "--yes")
    assert (again.exit_code, "already" in again.stderr) == (1, True)


def test_nothing_is_added_when_the_question_is_denied(book: Path) -> None:
    assert run("add", book, "Trust", text="n\n").exit_code == 1
    assert book.read_text("utf-8") == CODEBOOK


def test_names_do_not_steer_the_terminal(book: Path) -> None:
    book.write_text('codes:\n  - id: a\n    name: "x\\e[31mred"\n', "utf-8")
    done = CliRunner().invoke(cli, ["codebook", "rename", str(book), "a", "Plain", *WHY, "--yes"], color=True)
    assert done.exit_code == 0, done.output
    assert "Renamed a from “x\ufffd[31mred” to “Plain”." in done.stderr
