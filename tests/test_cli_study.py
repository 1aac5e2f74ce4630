"""The study's commands, as typed."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from studies import CODEBOOK, begin_study

from qualcode.cli import cli
from qualcode.errors import StudyError
from qualcode.model import Transcript
from qualcode.study import Study, create_study

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

TALK = """\
Interviewer: What was hard?
Ana: The dates clashed. We could never find a date.
Interviewer: And people?
Ana: People leave. They were lovely, though.
"""


def qualcode(*arguments: object, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], input=stdin)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study")


@pytest.fixture
def root(study: Study) -> Path:
    return study.root


def verdicts(root: Path, coder: str = "ana") -> list[tuple[str, str]]:
    sheet = Study(root).sheet(coder, "P07")
    return [(one.code, one.verdict) for one in sheet.codings] if sheet else []


def test_a_study_holds_the_form_that_import_writes(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "P09.txt"
    path.write_text(TALK, "utf-8")
    assert qualcode("import", "--study", root, path).exit_code == 0
    assert qualcode("import", path, "--to", tmp_path / "out").exit_code == 0
    for name in ("P09.txt", "P09.json"):
        assert (root / "transcripts" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()
    first = json.loads((root / "transcripts/P09.json").read_bytes())["segments"][0]
    assert first == {"id": "t001", "kind": "turn", "start": 13, "end": 27, "speaker": "Interviewer", "time": None}


def test_from_nothing_to_themes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "book.yaml").write_text(CODEBOOK, "utf-8")
    (tmp_path / "P07.txt").write_text(TALK, "utf-8")
    folder = tmp_path / "study"
    begun = qualcode("init", folder, "--codebook", tmp_path / "book.yaml", "--coder", "ana", "--name", "My study")
    assert (begun.exit_code, begun.stdout) == (0, "")
    assert "Started" in begun.stderr
    monkeypatch.chdir(folder / "memos" if (folder / "memos").exists() else folder)
    assert qualcode("import", tmp_path / "P07.txt").stdout == "1 new, 0 corrected, 0 as before\n"
    assert (folder / "raw/P07.txt").read_text("utf-8") == TALK
    tagged = qualcode("tag").stdout.splitlines()
    assert tagged[0] == "3 new, 0 gone, 0 unchanged suggestions"
    assert "  challenges/scheduling: 1 new, 0 gone, 0 unchanged" in tagged
    decided = qualcode("decide", "--coder", "ana", "P07:t002", "challenges/scheduling", "accept")
    assert (decided.exit_code, decided.stderr) == (0, "1 decision saved.\n")
    status = qualcode("status", "--format", "csv")
    assert [row["coder"] for row in csv.DictReader(io.StringIO(status.stdout))] == ["ana", "rules"]
    assert "1 transcript, 4 codes, 0 cases; 2 suggestions undecided." in status.stderr
    assert qualcode("check").stdout == "1 transcript, 2 sheets: no problem\n"
    themes = json.loads(qualcode("themes", "--study", folder, "--format", "json").stdout)
    assert {row["code"]: row["codings"] for row in themes}["challenges/scheduling"] == 1


def test_import_again_and_corrected(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "X1.txt"
    path.write_text(TALK, "utf-8")
    assert qualcode("import", path, "--study", root).stdout == "1 new, 0 corrected, 0 as before\n"
    qualcode("decide", "--coder", "ana", "X1:t002", "scheduling", "apply", "--study", root)
    path.write_text(TALK.replace("The dates", "Well, the dates"), "utf-8")
    refused = qualcode("import", path, "--study", root)
    assert refused.exit_code == 3
    assert "--update" in refused.stderr
    done = qualcode("import", "--update", path, "--study", root, "--why", "heard again")
    assert done.stdout.splitlines()[0] == "0 new, 1 corrected, 0 as before"
    assert "X1: 1 coding moved" in done.stdout
    assert qualcode("import", path, "--study", root).stdout == "0 new, 0 corrected, 1 as before\n"
    assert "heard again" in qualcode("log", "--study", root).stdout


class TestDecide:
    def test_one(self, root: Path) -> None:
        result = qualcode(
            "decide", "--coder", "ana", "P07:t004", "praise", "apply", "--span", "134:140", "--study", root
        )
        assert result.exit_code == 0
        assert verdicts(root) == [("praise", "applied")]

    def test_many_from_stdin(self, root: Path) -> None:
        table = "segment,code,act,note\nP07:t002,scheduling,accept,\nP07:t004,praise,reject,no\n"
        result = qualcode("decide", "--coder", "ana", "--from", "-", "--study", root, stdin=table)
        assert (result.exit_code, result.stderr) == (0, "2 decisions saved.\n")
        assert verdicts(root) == [("scheduling", "accepted"), ("praise", "rejected")]

    def test_many_with_a_mistake(self, root: Path, tmp_path: Path) -> None:
        (tmp_path / "d.csv").write_text("segment,code,act\nP07:t002,scheduling,accept\nP07:t002,prase,apply\n", "utf-8")
        result = qualcode("decide", "--coder", "ana", "--from", tmp_path / "d.csv", "--study", root)
        assert result.exit_code == 1
        assert "d.csv:3: error: There is no code “prase”" in result.stderr
        assert "Did you mean “praise”?" in result.stderr
        assert verdicts(root) == []

    def test_all_wrong_rows_are_told_at_once(self, root: Path) -> None:
        table = (
            "segment,code,act,span,to\n"
            "P07:t002,scheduling,acept,,\n"  # a slip
            "P07:t002,scheduling,accept,,\n"
            "P07:t099,praise,apply,,\n"  # no such segment
            "P07:t004,praise,apply,9:2,\n"  # not a span
            "P07:t004,praise,recode,,scheduling\n"  # nothing of hers there, but a suggestion: it can be carried out
            "P07:t004,turnover,recode,,nothing\n"  # no such code
        )
        result = qualcode("decide", "--coder", "ana", "--from", "-", "--study", root, stdin=table)
        assert result.exit_code == 1
        assert "4 of 6 decisions cannot be applied; none was." in result.stderr
        assert [line.split(": ")[0] for line in result.stderr.splitlines() if ": error: " in line] == [
            "stdin:2", "stdin:4", "stdin:5", "stdin:7",
        ]  # fmt: skip
        assert verdicts(root) == []

    @pytest.mark.parametrize(
        "arguments",
        [
            [], ["P07:t002"], ["P07:t002", "praise"], ["P07:t002", "praise", "love"],
            ["--from", "-", "P07:t002", "praise", "apply"], ["--from", "-", "--note", "so"],
        ],
    )  # fmt: skip
    def test_wrong_usage(self, root: Path, arguments: list[str]) -> None:
        assert qualcode("decide", "--coder", "ana", *arguments, "--study", root).exit_code == 2

    def test_the_eight_acts(self, root: Path) -> None:
        """“The dates clashed.” is 33:51 and “We could never find a date.” 52:79 of t002; the rules find both."""

        def decide(code: str, act: str, *options: str) -> list[tuple[str, str, str]]:
            done = qualcode("decide", "--coder", "ana", "P07:t002", code, act, *options, "--study", root)
            assert (done.exit_code, done.stderr) == (0, "1 decision saved.\n"), done.stderr
            sheet = Study(root).sheet("ana", "P07")
            return [(one.code, one.verdict, one.quote) for one in sheet.codings] if sheet else []

        whole = "The dates clashed. We could never find a date."
        assert decide("SCHEDULING", "accept") == [("scheduling", "accepted", whole)]  # by name, in any case
        assert decide("scheduling", "cut", "--span", "51:79") == [("scheduling", "accepted", "The dates clashed.")]
        assert decide("scheduling", "move", "--span", "37:51") == [("scheduling", "accepted", "dates clashed.")]
        assert decide("scheduling", "extend", "--span", "33:36") == [("scheduling", "accepted", "The dates clashed.")]
        assert decide("scheduling", "recode", "--to", "Praise", "--at", "33:51") == [
            ("praise", "applied", "The dates clashed."),
            ("scheduling", "rejected", "The dates clashed."),
        ]
        assert decide("praise", "remove") == [("scheduling", "rejected", "The dates clashed.")]
        assert decide("Turnover", "apply", "--span", "33:51")[-1] == ("turnover", "applied", "The dates clashed.")
        assert ("scheduling", "rejected", whole) in decide("scheduling", "reject")

    def test_the_choices_are_the_acts_of_a_study(self) -> None:
        from qualcode.study import ACTS

        (act,) = (one for one in cli.commands["decide"].params if one.name == "act")
        assert tuple(act.type.choices) == ACTS

    def test_what_stands_already_is_said(self, root: Path) -> None:
        words = ("decide", "--coder", "ana", "P07:t002", "scheduling", "accept", "--study", root)
        assert qualcode(*words).stderr == "1 decision saved.\n"
        assert qualcode(*words).stderr == "It is already so; nothing was recorded.\n"

    def test_sheets_are_written_when_the_command_is_done(self, root: Path) -> None:
        for segment, code in (("t002", "scheduling"), ("t004", "praise")):
            qualcode("decide", "--coder", "ana", f"P07:{segment}", code, "accept", "--study", root)
            lines = (root / "sheets/ana/P07.jsonl").read_text("utf-8").splitlines()
            assert sum(f'"code": "{code}"' in line or f'"code":"{code}"' in line for line in lines) == 1
            mark = json.loads((root / "sheets/ana/P07.log.jsonl").read_text("utf-8").splitlines()[-1])
            assert "sheet" in mark  # the last line says which sheet was written
            assert qualcode("check", "--study", root).stderr == ""

    def test_no_such_table(self, root: Path) -> None:
        assert qualcode("decide", "--coder", "ana", "--from", "none.csv", "--study", root).exit_code == 1


def test_undo_log_and_restore(root: Path) -> None:
    for act in ("accept", "reject"):
        qualcode("decide", "--coder", "ana", "P07:t002", "scheduling", act, "--study", root, "--why", "so")
    rows = json.loads(qualcode("log", "--coder", "ana", "--format", "json", "--study", root).stdout)
    assert [(row["what"], row["why"]) for row in rows] == [("accept", "so"), ("reject", "so")]
    restored = qualcode("restore", "--coder", "ana", "--at", rows[0]["at"], "--study", root)
    assert restored.stderr == "1 sheet changed.\n"
    assert verdicts(root) == [("scheduling", "accepted")]
    undone = qualcode("undo", "--coder", "ana", "--study", root)
    assert undone.stderr.startswith("Undone in P07: restore “scheduling” on “The dates clashed.")
    assert verdicts(root) == [("scheduling", "rejected")]
    assert qualcode("undo", "--coder", "ana", "--steps", "2", "--study", root).exit_code == 0
    assert verdicts(root) == []
    assert "ana has nothing to undo" in qualcode("undo", "--coder", "ana", "--study", root).stderr
    assert len(qualcode("log", "--last", "2", "--format", "csv", "--study", root).stdout.splitlines()) == 3


def test_export_and_import_codings(root: Path, tmp_path: Path) -> None:
    qualcode("decide", "--coder", "ana", "P07:t002", "scheduling", "accept", "--study", root)
    rows = list(csv.DictReader(io.StringIO(qualcode("export", "--coders", "ana", "--study", root).stdout)))
    assert [(row["code"], row["verdict"], row["start"]) for row in rows] == [
        ("challenges/scheduling", "accepted", "33")
    ]
    out = tmp_path / "ana.csv"
    assert qualcode("export", "--sheet", "ana", "--out", out, "--study", root).exit_code == 0
    assert "add --force" in qualcode("export", "--sheet", "ana", "--out", out, "--study", root).stderr
    table = out.read_text("utf-8-sig").replace("Interviewer,What was hard?,,", "Interviewer,What was hard?,x,Praise")
    out.write_text(table, "utf-8")
    taken = qualcode("import-codings", out, "--study", root)
    assert taken.stdout == "1 applied, 0 removed, 1 newly read\n"
    assert taken.stderr == "Imported as ana's.\n"
    out.write_text(table.replace("Praise", "prase"), "utf-8")
    wrong = qualcode("import-codings", "--coder", "ana", out, "--study", root)
    assert wrong.exit_code == 1
    assert "ana.csv, row 2, column codes" in wrong.stderr
    assert qualcode("export", "--to", "jsonl", "--study", root).stdout.count("\n") == 5


def test_codings_from_elsewhere_are_codings_in_the_trail(root: Path, tmp_path: Path) -> None:
    table = tmp_path / "theirs.csv"
    table.write_text("doc,code,text,coder\nP07,scheduling,What was hard?,eve\n", "utf-8")
    columns = "document=doc,code=code,text=text,coder=coder"
    done = qualcode("import-codings", table, "--columns", columns, "--seen", "all", "--study", root)
    assert done.exit_code in {0, 3}, done.output
    rows = csv.DictReader(io.StringIO(qualcode("trail", "--format", "csv", "--study", root).stdout))
    assert [row["what"] for row in rows if row["after"].startswith("applied")] == ["brought in a coding"]


def test_merge(root: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(root, tmp_path / "theirs")
    qualcode("decide", "--coder", "ana", "P07:t002", "scheduling", "accept", "--study", root)
    qualcode("decide", "--coder", "ana", "P07:t002", "scheduling", "reject", "--study", tmp_path / "theirs")
    merged = qualcode("merge", tmp_path / "theirs", "--study", root)
    assert merged.exit_code == 3
    assert merged.stdout.endswith("1 conflict\n")
    assert "accepted and rejected" in merged.stderr
    assert qualcode("check", "--study", root).exit_code == 3


class TestNamedActs:
    """``undo --event``, ``redo``, and the ids that ``log`` shows."""

    @pytest.fixture
    def ids(self, root: Path) -> list[str]:
        """Two acts of ana's on different segments."""
        for segment, code in (("t002", "scheduling"), ("t004", "praise")):
            qualcode("decide", "--coder", "ana", f"P07:{segment}", code, "accept", "--study", root)
        rows = json.loads(qualcode("log", "--coder", "ana", "--format", "json", "--study", root).stdout)
        return [row["event"] for row in rows]

    def test_the_log_shows_ids_by_which_acts_are_taken_back(self, root: Path, ids: list[str]) -> None:
        lines = qualcode("log", "--coder", "ana", "--study", root).stdout.splitlines()
        assert [line.split()[0] for line in lines] == ["event", ids[0][:8], ids[1][:8]]
        assert lines[1].endswith("t002 scheduling –→accepted “The dates clashed. We could never find …”")
        done = qualcode("undo", "--coder", "ana", "--event", ids[0][:8], "--study", root)
        assert done.stderr == "Undone in P07: accept “scheduling” on “The dates clashed. We could never find …”.\n"
        assert verdicts(root) == [("praise", "accepted")]

    def test_redo_does_the_latest_or_a_named_one_again(self, root: Path, ids: list[str]) -> None:
        assert qualcode("undo", "--coder", "ana", "--steps", 2, "--study", root).exit_code == 0
        assert verdicts(root) == []
        done = qualcode("redo", "--coder", "ana", "--event", ids[1][:6], "--study", root)
        assert done.stderr == "Redone in P07: accept “praise” on “They were lovely, though.”.\n"
        assert verdicts(root) == [("praise", "accepted")]
        assert qualcode("redo", "--coder", "ana", "--study", root).exit_code == 0
        assert len(verdicts(root)) == 2
        nothing = qualcode("redo", "--coder", "ana", "--study", root)
        assert (nothing.exit_code, nothing.stderr) == (1, "Error: ana has nothing to redo.\n")

    def test_what_something_later_stands_on_stays(self, root: Path, ids: list[str]) -> None:
        qualcode("decide", "--coder", "ana", "P07:t002", "scheduling", "reject", "--study", root)
        refused = qualcode("undo", "--coder", "ana", "--event", ids[0], "--study", root)
        assert refused.exit_code == 1
        assert "builds on it" in refused.stderr
        hint = refused.stderr.splitlines()[-1]
        assert hint.startswith("Try: Undo that first: qualcode undo --coder ana --event ")
        assert qualcode(*hint.partition("qualcode ")[2].split(), "--study", root).exit_code == 0
        assert qualcode("undo", "--coder", "ana", "--event", ids[0], "--study", root).exit_code == 0
        assert verdicts(root) == [("praise", "accepted")]

    def test_ids_that_name_no_act(self, root: Path, ids: list[str]) -> None:
        def undo(coder: str, event: str) -> str:
            result = qualcode("undo", "--coder", coder, "--event", event, "--study", root)
            assert result.exit_code == 1
            return result.stderr

        assert "is not the id of an act" in undo("ana", ids[0][:5])  # too few digits
        assert "ana has no action with the id “000000”." in undo("ana", "000000")
        assert "no action with the id" in undo("ben", ids[0])
        assert "Did you mean “ana”?" in undo("anna", ids[0])
        assert len(verdicts(root)) == 2

    def test_digits_that_several_acts_begin_with(self, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
        from qualcode.study.store import draft
        from qualcode.study.store.events import Event, name_event

        def name(event: Event, previous: str) -> Event:
            return dataclasses.replace(event, id=f"abcdef{name_event(event, previous).id[6:]}")

        monkeypatch.setattr(draft, "name_event", name)
        first = study.decide("ana", "P07:t002", "scheduling", "accept")
        second = study.decide("ana", "P07:t004", "praise", "accept")
        assert first is not None
        assert second is not None
        with pytest.raises(StudyError, match="Several of ana's actions") as caught:
            study.undo("ana", event="abcdef")
        assert first.id in caught.value.hint
        assert second.id in caught.value.hint
        assert study.undo("ana", event=first.id[:12]).id == first.id

    def test_of_event_and_steps_one(self, root: Path) -> None:
        assert qualcode("undo", "--coder", "a", "--event", "1" * 8, "--steps", 2, "--study", root).exit_code == 2


class TestNames:
    """Names of coders, misspelt."""

    @pytest.fixture
    def named(self, tmp_path: Path) -> Path:
        """A study that names ana and ben, in which ana has decided."""
        (tmp_path / "book.yaml").write_text(CODEBOOK, "utf-8")
        folder = tmp_path / "named"
        qualcode("init", folder, "--codebook", tmp_path / "book.yaml", "--coder", "ana", "--coder", "ben")
        (tmp_path / "P07.txt").write_text(TALK, "utf-8")
        assert qualcode("import", tmp_path / "P07.txt", "--study", folder).exit_code == 0
        assert qualcode("tag", "--study", folder).exit_code == 0
        assert qualcode("decide", "--coder", "ana", "P07:t002", "praise", "apply", "--study", folder).exit_code == 0
        return folder

    @pytest.mark.parametrize(
        "words",
        [
            "decide --coder anna P07:t002 scheduling accept", "undo --coder anna", "redo --coder anna",
            "restore --coder anna --at 2026-01-01", "log --coder anna", "export --sheet anna", "export --coders anna",
            "review --coder anna", "undo --coder anna --event 123456",
        ],
    )  # fmt: skip
    def test_a_study_that_names_its_coders_refuses_others(self, named: Path, words: str) -> None:
        before = sorted(named.rglob("*"))
        result = qualcode(*words.split(), "--study", named)
        assert (result.exit_code, result.stdout) == (1, "")
        assert "Did you mean “ana”?" in result.stderr
        assert sorted(named.rglob("*")) == before

    def test_of_a_table_too(self, named: Path, tmp_path: Path) -> None:
        table = tmp_path / "t.csv"
        table.write_text("coder,segment,codes\nanna,P07:t002,praise\n", "utf-8")
        result = qualcode("import-codings", table, "--study", named)
        assert result.exit_code == 1
        assert "Did you mean “ana”?" in result.stderr

    def test_somebody_new_is_entered(self, named: Path) -> None:
        added = qualcode("coder", "add", "陳大文", "--study", named)
        assert (added.exit_code, added.stderr) == (0, "陳大文 is a coder of this study now.\n")
        assert qualcode("coder", "add", "陳大文", "--study", named).stderr.endswith("already.\n")
        decided = qualcode("decide", "--coder", "陳大文", "P07:t002", "praise", "apply", "--study", named)
        assert (decided.exit_code, decided.stderr) == (0, "1 decision saved.\n")
        assert qualcode("coder", "list", "--study", named).stdout.splitlines() == [
            "coder   transcripts  seen  codings",
            "ana     1            1     1",
            "ben     0            0     0",
            "陳大文  1            1     1",
            "rules   1            6     3",
        ]
        rows = json.loads(qualcode("coder", "list", "--format", "json", "--study", named).stdout)
        assert rows[0] == {"coder": "ana", "transcripts": 1, "seen": 1, "codings": 1}

    @pytest.mark.parametrize("name", ["rules", "a/b", "..", "", "nul", "ANA"])
    def test_who_cannot_be_a_coder(self, named: Path, name: str) -> None:
        result = qualcode("coder", "add", name, "--study", named)
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: ")

    def test_a_study_that_names_nobody_says_once_who_is_new(self, root: Path) -> None:
        def decide(coder: str, act: str) -> str:
            return qualcode("decide", "--coder", coder, "P07:t002", "scheduling", act, "--study", root).stderr

        assert decide("ana", "accept") == "1 decision saved.\n"  # nobody with whom she could be mixed up
        assert decide("anna", "accept").splitlines() == [
            "1 decision saved.", "anna is a new coder of this study. Did you mean “ana”?",
        ]  # fmt: skip
        assert decide("anna", "reject") == "1 decision saved.\n"
        assert decide("zoe", "reject").splitlines()[-1] == "zoe is a new coder of this study."

    def test_the_rules_are_no_person(self, root: Path) -> None:
        for words in ("undo", "redo", "restore --at 2026-01-01"):
            result = qualcode(*words.split(), "--coder", "rules", "--study", root)
            assert result.exit_code == 1
            assert "qualcode tag" in result.stderr
        assert qualcode("log", "--coder", "rules", "--format", "csv", "--study", root).stdout.count("\n") == 2


class TestSheets:
    """A coder's table, out and in again."""

    @pytest.fixture
    def table(self, root: Path, tmp_path: Path) -> Path:
        """Ana's table, with one code more."""
        out = tmp_path / "ana.csv"
        qualcode("decide", "--coder", "ana", "P07:t002", "scheduling", "accept", "--study", root)
        assert qualcode("export", "--sheet", "ana", "--out", out, "--study", root).exit_code == 0
        text = out.read_text("utf-8-sig")
        assert text.splitlines()[0].split(",")[:2] == ["coder", "segment"]
        assert all(line.startswith("ana,P07:") for line in text.splitlines()[1:])
        out.write_text(text.replace("Interviewer,What was hard?,,", "Interviewer,What was hard?,x,Praise"), "utf-8")
        return out

    def test_the_table_of_another_is_refused_unless_said(self, root: Path, table: Path) -> None:
        refused = qualcode("import-codings", table, "--coder", "ben", "--study", root)
        assert refused.exit_code == 1
        assert "This is the table of ana, not of ben." in refused.stderr
        assert "--as ben" in refused.stderr
        assert verdicts(root, "ben") == []
        taken = qualcode("import-codings", table, "--as", "ben", "--study", root)
        assert (taken.exit_code, taken.stdout) == (0, "2 applied, 0 removed, 2 newly read\n")
        assert taken.stderr == "ben is a new coder of this study.\n"
        assert verdicts(root, "ben") == [("praise", "applied"), ("scheduling", "applied")]
        assert verdicts(root) == [("scheduling", "accepted")]

    def test_a_table_that_says_nobodys_name(self, root: Path, tmp_path: Path) -> None:
        path = tmp_path / "t.csv"
        path.write_text("segment,codes\nP07:t002,praise\n", "utf-8")
        assert "Name the coder: --coder NAME" in qualcode("import-codings", path, "--study", root).stderr
        assert qualcode("import-codings", path, "--coder", "ana", "--study", root).exit_code == 0

    def test_wrong_usage(self, root: Path, table: Path) -> None:
        for words in (["--coder", "ana", "--as", "ben"], ["--transcript", "P07"]):
            assert qualcode("import-codings", table, *words, "--study", root).exit_code == 2
        assert qualcode("export", "--transcript", "P07", "--study", root).exit_code == 2

    def test_who_has_not_coded_yet_is_said(self, root: Path, table: Path) -> None:
        result = qualcode("export", "--sheet", "anna", "--study", root)
        assert result.stderr.splitlines()[:2] == [
            "anna has not coded in this study yet. Did you mean “ana”?", "4 rows.",
        ]  # fmt: skip


def test_settle(root: Path, tmp_path: Path) -> None:
    qualcode("decide", "--coder", "ana", "P07:t004", "praise", "accept", "--study", root)
    talk = (root / "transcripts/P07.txt").read_text("utf-8").replace(" They were lovely, though.", "")
    (tmp_path / "P07.txt").write_text(talk, "utf-8")
    assert "1 to settle" in qualcode("import", "--update", tmp_path / "P07.txt", "--study", root).stdout
    listed = qualcode("settle", "--study", root).stdout
    assert listed.startswith("P07 1  ana  praise  not found")
    assert qualcode("settle", "P7", "--study", root).stderr.endswith("Try: Did you mean “P07”?\n")
    assert "They were lovely, though." in listed
    assert qualcode("settle", "P07", "1", "--study", root).exit_code == 2
    assert qualcode("settle", "P07", "1", "--drop", "--study", root).stderr == "Settled.\n"
    assert qualcode("settle", "--study", root).stdout == ""


def test_a_moved_passage_is_settled_by_its_words(root: Path, tmp_path: Path) -> None:
    """The sentence is so changed that its place is unsure; the list names segment and words, not numbers."""
    qualcode("decide", "--coder", "ana", "P07:t004", "praise", "accept", "--study", root)
    talk = (
        (root / "transcripts/P07.txt")
        .read_text("utf-8")
        .replace("They were lovely, though.", "They seemed nice though.")
    )
    (tmp_path / "P07.txt").write_text(talk, "utf-8")
    assert "1 to settle" in qualcode("import", "--update", tmp_path / "P07.txt", "--study", root).stdout
    first = qualcode("settle", "--study", root).stdout.splitlines()[0]
    assert first.startswith("P07 1  ana  praise  now in P07:t004: “They ")


def test_tagging_tells_what_bears_on_decisions_by_segment_and_words(root: Path) -> None:
    qualcode("decide", "--coder", "ana", "P07:t004", "praise", "accept", "--study", root)
    book = root / "codebook.yaml"
    book.write_text(book.read_text("utf-8").replace("lovely", "awful"), "utf-8")
    assert qualcode("tag", "--study", root).stdout.splitlines()[-2:] == [
        "1 change where people had already decided; their decisions stay:",
        "  P07:t004 praise “They were lovely, though.”: ana accepted it; the suggestion is gone",
    ]
    book.write_text(book.read_text("utf-8").replace("awful", "people"), "utf-8")
    qualcode("decide", "--coder", "ana", "P07:t004", "praise", "apply", "--study", root)
    assert qualcode("tag", "--study", root).stdout.splitlines()[-1] == (
        "  P07:t004 praise “People leave. They were lovely, though.…”: ana applied it; "
        "the suggestion on “People leave.” is new"
    )


def test_codebook_changes_take_the_codings_along(root: Path) -> None:
    qualcode("decide", "--coder", "ana", "P07:t004", "turnover", "accept", "--study", root)
    book = root / "codebook.yaml"
    done = qualcode(
        "codebook", "merge", book, "turnover", "--into", "praise", "--because", "x", "--yes", "--study", root
    )
    assert done.exit_code == 0, done.stderr
    assert verdicts(root) == [("praise", "accepted")]
    assert "# The team's codebook." in book.read_text("utf-8")
    assert qualcode("check", "--study", root).exit_code == 0
    assert qualcode("undo", "--coder", "ana", "--study", root).exit_code == 0


@pytest.mark.parametrize("command", ["status", "check", "tag", "log", "settle", "coder list"])
def test_outside_a_study(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = qualcode(*command.split())
    assert result.exit_code == 1
    assert "qualcode init DIR" in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        "init", "tag", "check", "status", "decide", "log", "undo", "restore", "settle", "export", "import-codings",
        "merge", "review", "assign", "adjudicate", "memo", "redo", "coder", "transcript",
    ],
)  # fmt: skip
def test_help_has_an_example(command: str) -> None:
    assert "Example" in qualcode(command, "--help").stdout


def test_what_came_of_merged_codes_outlives_later_notes_of_a_copy(root: Path, tmp_path: Path) -> None:
    """Codes are merged and the text is corrected in one copy, while a coder goes on with the old ones in another."""
    book = root / "codebook.yaml"
    book.write_text(book.read_text("utf-8") + "  - id: one\n  - id: two\n", "utf-8")
    other = tmp_path / "other"
    shutil.copytree(root, other)

    def decide(code: str, act: str, note: str = "") -> list[tuple[str, str]]:
        decided = qualcode("decide", "--study", other, "--coder", "ben", "P07:t004", code, act, "--note", note)
        assert decided.exit_code == 0
        assert qualcode("merge", other, "--study", root).exit_code in {0, 3}
        sheet = Study(root).sheet("ben", "P07")
        return [(one.code, one.note) for one in sheet.codings] if sheet else []

    def merge_code(code: str) -> None:
        words = ("--into", "challenges", "--study", root, "--because", "one theme", "--yes")
        assert qualcode("codebook", "merge", book, code, *words).exit_code == 0

    def correct(ending: str) -> None:
        path = tmp_path / "P07.txt"
        path.write_text(Study(root).transcript("P07").text + ending, "utf-8")
        assert qualcode("import", path, "--update", "--study", root).exit_code == 0

    assert decide("one", "apply", "A") == [("one", "A")]
    merge_code("one")
    merge_code("two")
    correct(" And so on.")
    assert decide("two", "apply", "B") == [("challenges", "A; B")]
    correct(" And on.")
    # Ben's new note replaces his old one on “two”; what he said on “one” stays.
    (coding,) = decide("two", "apply", "C")
    assert coding[0] == "challenges"
    assert {"A", "C"} <= set(coding[1].split("; "))
    (coding,) = decide("two", "remove")
    assert "A" in coding[1].split("; ")


@pytest.mark.parametrize(
    ("command", "header"),
    [
        (["log", "--transcript", "P1"], "at,who,what,sheet,transcript,change,why,event"),
        (["coder", "list"], "coder,transcripts,seen,codings"),
        (["status"], "coder,transcript,seen,segments,"),
    ],
)
def test_a_table_without_a_row_has_its_header(tmp_path: Path, command: list[str], header: str) -> None:
    study = create_study(tmp_path / "empty")
    study.add_transcript(Transcript("P1", "It rained.", ()))
    done = qualcode(*command, "--study", study.root, "--format", "csv")
    assert done.exit_code == 0
    assert [line[: len(header)] for line in done.stdout.splitlines()] == [header]
    assert qualcode(*command, "--study", study.root, "--format", "json").stdout.strip() == "[]"
