"""A study that comes from somebody else is data: nothing in it is carried out, followed or written through."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from studies import begin_study, build_transcript

from qualcode.cli import cli
from qualcode.errors import QualcodeError, StudyError
from qualcode.study import Study
from qualcode.study.bookmarks import read_bookmark

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = begin_study(tmp_path / "study")
    study.decide("ana", "P07:t002", "scheduling", "accept")
    study.close()
    return study


def run(study: Study, *words: str) -> Result:
    return CliRunner().invoke(cli, [*words, "--study", str(study.root)], catch_exceptions=True)


def plant_journal(root: Path, steps: object) -> None:
    (root / ".qualcode/staging").mkdir(parents=True, exist_ok=True)
    (root / ".qualcode/staging/0").write_text("planted", "utf-8")
    data = steps if isinstance(steps, bytes) else json.dumps(steps).encode()
    (root / ".qualcode/journal.json").write_bytes(data)


EVIL = [
    [{"put": "../victim.txt", "from": "0"}],
    [{"put": "memos/../../victim.txt", "from": "0"}],
    [{"delete": "../victim.txt"}],
    [{"append": "../victim.txt", "size": 0, "from": "0"}],
    [{"put": "memos/new.md", "from": "../../victim.txt"}],
    [{"put": "memos/new.md", "from": "0"}, {"delete": "../victim.txt"}],
    [{"put": "C:victim.txt", "from": "0"}],
    [{"put": "memos\\..\\..\\victim.txt", "from": "0"}],
    [{"put": ".git/hooks/post-checkout", "from": "0"}],
    [{"put": "unknown.sh", "from": "0"}],
    b"{ torn",
    b"\xff\xfe",
    [1, 2],
    {"put": "memos/new.md"},
    [{"put": 7, "from": "0"}],
    [{"put": "memos/new.md", "from": 0}],
    [{}],
]


@pytest.mark.parametrize("steps", EVIL, ids=range(len(EVIL)))
def test_a_journal_that_qualcode_did_not_write_is_set_aside(study: Study, tmp_path: Path, steps: object) -> None:
    victim = tmp_path / "victim.txt"
    victim.write_text("mine", "utf-8")
    plant_journal(study.root, steps)
    before = sorted(path for path in tmp_path.rglob("*") if ".qualcode" not in path.parts)
    result = run(study, "check")
    assert (result.exit_code, result.exception.__class__) == (3, SystemExit)
    assert victim.read_text("utf-8") == "mine"
    assert sorted(path for path in tmp_path.rglob("*") if ".qualcode" not in path.parts) == before
    assert not (study.root / ".qualcode/journal.json").exists()
    assert run(study, "status").exit_code == 0
    assert study.decide("ana", "P07:t004", "praise", "accept") is not None


@pytest.mark.parametrize("steps", [EVIL[0], [{"put": "memos/new.md", "from": "0"}], b"{ torn"])
def test_merging_leaves_the_other_copy_as_it_is(study: Study, tmp_path: Path, steps: object) -> None:
    other = tmp_path / "other"
    shutil.copytree(study.root, other)
    plant_journal(other, steps)
    before = {path: path.read_bytes() for path in other.rglob("*") if path.is_file()}
    with pytest.raises(StudyError, match="has an unfinished change"):
        study.merge(other)
    assert {path: path.read_bytes() for path in other.rglob("*") if path.is_file()} == before


def test_a_journal_of_ours_is_carried_out(study: Study) -> None:
    (study.root / ".qualcode/staging").mkdir(parents=True)
    (study.root / ".qualcode/staging/0").write_text("---\nabout: study\n---\nSafe.\n", "utf-8")
    (study.root / ".qualcode/journal.json").write_text('[{"put": "memos/study.md", "from": "0"}]', "utf-8")
    assert [memo.text for memo in Study(study.root).memos()[0]] == ["Safe.\n"]


def link(path: Path, goal: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    path.symlink_to(goal)


@pytest.mark.parametrize(
    "name",
    [
        "sheets/ana", "sheets/ana/P07.jsonl", "sheets/ana/P07.log.jsonl", "sheets", "history.jsonl", "coders", "memos",
        ".qualcode", "versions", "raw",
    ],
)  # fmt: skip
def test_nothing_is_written_through_a_link(study: Study, tmp_path: Path, name: str) -> None:
    outside = tmp_path / "outside"
    path = study.root / name
    if path.is_dir():
        shutil.copytree(path, outside)
    else:
        outside.write_bytes(path.read_bytes() if path.exists() else b"")
    link(path, outside)
    before = {one: one.read_bytes() for one in (outside, *outside.rglob("*")) if one.is_file()}
    here = Study(study.root)
    for act in (
        lambda: here.decide("ana", "P07:t004", "praise", "accept"),
        lambda: here.decide("ben", "P07:t004", "praise", "accept"),
        lambda: here.memo("study", "Mine."),
        lambda: here.correct(build_transcript("P07", (("Ana", "Quite other words."),)), b"x"),
        here.tag,
        here.close,
    ):
        try:
            act()
        except QualcodeError as error:
            assert "link" in str(error) or "no transcript" in str(error), error  # noqa: PT017  # it may also go well
    assert {one: one.read_bytes() for one in (outside, *outside.rglob("*")) if one.is_file()} == before
    result = run(study, "check")
    assert result.exit_code in {1, 3}
    assert isinstance(result.exception, SystemExit)


@pytest.mark.parametrize("name", ["transcripts/P07.txt", "codebook.yaml", "cases.csv", "sheets/ana/P07.jsonl"])
def test_nothing_is_read_through_a_link(study: Study, tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the password is 大家", "utf-8")
    link(study.root / name, secret)
    for words in (["check"], ["status"], ["export"], ["log"], ["themes"], ["report", "--out", str(tmp_path / "out")]):
        result = run(study, *words)
        assert result.exception is None or isinstance(result.exception, SystemExit), (words, result.exception)
        assert "password" not in result.output + result.stderr, words


@pytest.mark.parametrize("name", ["sheets/ana/P07.jsonl", "sheets/ana/P07.log.jsonl", "memos/a.md", "cases.csv"])
def test_a_folder_in_the_place_of_a_file(study: Study, name: str) -> None:
    path = study.root / name
    path.unlink(missing_ok=True)
    path.mkdir(parents=True)
    for words in (["check"], ["status"], ["export"], ["themes"], ["memo", "list"]):
        result = run(study, *words)
        assert result.exception is None or isinstance(result.exception, SystemExit), (words, result.exception)
    assert run(study, "check").exit_code == 3


def test_a_transcript_without_its_segments_is_told_by_whoever_counts(study: Study) -> None:
    study.add_transcript(build_transcript("P08"))
    study.decide("ana", "P08:t002", "scheduling", "apply")
    (study.root / "transcripts/P07.json").unlink()
    for words in (["themes", "--coders", "ana"], ["status"], ["check"], ["export"]):
        result = run(study, *words)
        assert "P07” is missing: its codings are in no count" in result.stderr, words
        assert result.exit_code == 3, words


def test_a_missing_transcript_is_told_beside_one_whose_name_it_goes_on(study: Study) -> None:
    for name in ("P1", "P10"):
        study.add_transcript(build_transcript(name))
        study.decide("ana", f"{name}:t002", "scheduling", "apply")
    (study.root / "transcripts/P10.json").unlink()
    assert "P10” is missing" in run(study, "check").stderr
    (study.root / "transcripts/P10.txt").unlink()
    assert "P10” is missing" in run(study, "check").stderr


def test_two_segments_of_one_id_are_told(study: Study) -> None:
    path = study.root / "transcripts/P07.json"
    lines = path.read_text("utf-8").split("\n")
    number = next(number for number, line in enumerate(lines) if '"t002"' in line)
    path.write_text("\n".join([*lines[:number], lines[number], *lines[number:]]), "utf-8")
    result = run(study, "check")
    assert result.exit_code == 3
    assert "two segments with one id" in result.stderr


@pytest.mark.parametrize(
    "name", ["nul", "COM1.x", "a:b", "P07 ", "p07", "cafe\u0301", "a" * 300, "\udcff", "a\x7fb", "Ｐ０７"]
)
def test_names_that_are_no_file_everywhere_are_refused_with_a_word(study: Study, name: str) -> None:
    with pytest.raises(StudyError) as caught:
        study.add_transcript(build_transcript(name))
    str(caught.value).encode("utf-8")
    assert study.transcript_ids() == ("P07",)


def test_a_file_whose_name_is_no_text_is_passed_over(study: Study) -> None:
    for folder in ("transcripts", "sheets/ana", "memos", "coders"):
        (study.root / folder).mkdir(exist_ok=True)
        (study.root / os.fsdecode(b"%s/\xff.json" % folder.encode())).write_bytes(b"x")
    for words in (["check"], ["status"], ["export"]):
        result = run(study, *words)
        assert result.exception is None or isinstance(result.exception, SystemExit), words
    assert study.transcript_ids() == ("P07",)


def test_what_names_a_transcript_is_never_a_path(study: Study) -> None:
    for name in ("../P07", "a/../P07", "/etc/passwd", "..", "."):
        with pytest.raises(StudyError, match="no transcript"):
            study.transcript(name)
        with pytest.raises(StudyError):
            study.decide("ana", f"{name}:t002", "praise", "apply")


def test_a_log_that_undoes_itself_in_circles(study: Study) -> None:
    path = study.root / "sheets/ana/P07.log.jsonl"
    lines = [
        {
            "id": "aa",
            "at": "2026-03-01T10:00:00.000000+00:00",
            "who": "ana",
            "what": "undo",
            "of": "bb",
            "seen": ["t001"],
        },
        {
            "id": "bb",
            "at": "2026-03-01T10:00:00.000000+00:00",
            "who": "ana",
            "what": "undo",
            "of": "aa",
            "seen": ["t003"],
        },
    ]
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    fresh = Study(study.root)
    fresh.undo("ana")
    assert fresh.check() is not None


@pytest.mark.parametrize(
    "name",
    ["study.yaml", "codebook.yaml", "history.jsonl", "cases.csv", "speakers.csv", "questions.csv", "memos/study.md",
     "transcripts/P07.txt", "transcripts/P07.json", "sheets/ana/P07.jsonl", "sheets/ana/P07.log.jsonl",
     "checks/ana/x.jsonl", ".qualcode/journal.json", ".qualcode/study.lock", ".qualcode/pins/ana.json",
     ".qualcode/bookmarks/ana.json"],
)  # fmt: skip
def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(study: Study, name: str) -> None:
    path = study.root / name
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)
    code = """
        import sys
        from qualcode import open_study, QualcodeError
        acts = (
            lambda study: study.check(), lambda study: study.account(), lambda study: study.tag(),
            lambda study: study.decide("ana", "P07:t002", "praise", "apply"), lambda study: study.pins("ana"),
            lambda study: study.questions(), lambda study: study.cases, lambda study: study.sheets(),
        )
        for act in acts:
            try:
                act(open_study(sys.argv[1]))
            except QualcodeError as error:
                print(error.message)
    """
    program = [sys.executable, "-c", textwrap.dedent(code), str(study.root)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    if name == "study.yaml":
        assert set(done.stdout.splitlines()) == {"The file cannot be read: it is not a regular file."}


@pytest.mark.parametrize("data", [b"[" * 200_000, b"\xff", b"{}", b"[[1], 2, null]", b"7", b""])
def test_what_is_remembered_for_a_coder_may_be_anything(study: Study, data: bytes) -> None:
    for path in (study.layout.pins_of("ana"), study.layout.bookmark_of("ana")):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert all(isinstance(one, str) for one in study.pins("ana"))
    assert read_bookmark(study, "ana") == ""
