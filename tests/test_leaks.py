"""The leak check: names of a key and patterns in files of any kind, and what it says of what it cannot read."""

from __future__ import annotations

import io
import json
import os
import random
import shutil
import socket
import subprocess
import zipfile
from typing import TYPE_CHECKING

import planting
import pytest
from click.testing import CliRunner

from qualcode.cli import cli
from qualcode.errors import OutputError
from qualcode.leaks import LeakChecker, describe, find_small_groups, tell_small_groups
from qualcode.model import Case
from qualcode.pseudonyms import Key, KeyEntry, write_key

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.errors import Problem

PATTERN_KINDS = {"email", "url", "handle", "phone", "id", "birth date", "address", "position"}
BASE = planting.small_document()
CHECKER = LeakChecker(planting.KEY)


def look(name: str, data: bytes, checker: LeakChecker = CHECKER) -> tuple[list[str], list[Problem]]:
    leaks, problems = checker.check_bytes(name, data)
    return [describe(one) for one in leaks], problems


@pytest.mark.parametrize("kind", planting.NAMES)
@pytest.mark.parametrize("names", [planting.ENGLISH, planting.CHINESE], ids=["english", "chinese"])
def test_names_are_found_wherever_they_are(tmp_path: Path, kind: str, names: tuple[str, ...]) -> None:
    planter = planting.Planter(5, BASE)
    for number, name in enumerate(names[:2]):
        path, data = planting.NAMES[kind](planter, name)
        file = tmp_path / str(number) / path
        file.parent.mkdir(parents=True)
        file.write_bytes(data)
        report = CHECKER.check_paths([tmp_path / str(number)])
        assert "person" in {one.kind for one in report.leaks}
        assert report.problems == ()


@pytest.mark.parametrize("kind", planting.PATTERNS)
@pytest.mark.parametrize("carrier", ["comment", "CSV", "hidden sheet"])
def test_patterns_are_found(kind: str, carrier: str) -> None:
    planter = planting.Planter(5, BASE)
    words = planting.PATTERNS[kind](random.Random(kind))
    name, data = planting.CARRIERS[carrier](planter, words)
    leaks, _ = CHECKER.check_bytes(name, data)
    assert {one.kind for one in leaks} & PATTERN_KINDS


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_names_are_found_in_the_history_of_git(tmp_path: Path) -> None:
    for one in planting.plant(tmp_path, BASE, seed=3, n_each=0)[-4:]:
        report = CHECKER.check_paths([one.path])
        assert {leak.rule for leak in report.leaks} <= {"name", "part"}
        assert report.leaks, one.kind
        assert all("history of git" in leak.place for leak in report.leaks)


def test_untouched_files_raise_no_alarm(tmp_path: Path) -> None:
    files = {
        "a.docx": BASE,
        "a.xlsx": planting.workbook(lambda book: None),
        "a.pdf": planting.pdf("Ten cases of 2024-03-05."),
        "a.html": planting.page("<style>a{color:#12345678}</style><script>var x=[12345678,1.5];</script>"),
        "a.json": json.dumps(
            {"start": 12345, "at": "2026-11-28T01:02:03.456789+00:00", "id": "9f86d081884c7d65"}
        ).encode(),
        "a.png": planting.png(b"tEXt", "matplotlib"),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    report = CHECKER.check_paths([tmp_path])
    assert [describe(one, words="shown") for one in report.leaks] == []
    assert report.problems == ()
    assert report.n_files == len(files)


# -- places -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "place"),
    [
        ("comment", "a.docx: comments, paragraph 1: person (name)"),
        ("tracked deletion", "a.docx: text, paragraph 3, deleted with tracked changes: person (name)"),
        ("creator", "a.docx: properties, paragraph 1: person (name)"),
        ("header", "a.docx: header, paragraph 1: person (name)"),
        ("hidden sheet", "a.xlsx: sheet Old (hidden), B2: person (name)"),
        ("left in a workbook", "a.xlsx: words that no cell shows: person (name)"),
        ("CSV", "a.csv: line 2: person (name)"),
        ("archive", "a.zip › in/b.zip › c.docx: text, paragraph 3: person (name)"),
        ("database", "a.sqlite: table codings, row 1, column quote: person (name)"),
        ("deleted row", "a.sqlite: what deleted rows left in the file: person (name)"),
        ("JPEG, comment", "a.jpg: picture's comment: person (name)"),
        ("properties of a PDF", "a.pdf: properties (Author): person (name)"),
    ],
)
def test_a_leak_says_where_it_is(kind: str, place: str) -> None:
    name, data = planting.NAMES[kind](planting.Planter(1, BASE), planting.ENGLISH[0])
    assert look(name, data) == ([place], [])


def test_a_place_holds_no_name(tmp_path: Path) -> None:
    planter = planting.Planter(1, BASE)
    for kind in ("name of a sheet", "name in an archive"):
        name, data = planting.NAMES[kind](planter, planting.ENGLISH[0])
        leaks, _ = CHECKER.check_bytes(name, data)
        told = json.dumps([one.record() for one in leaks])
        assert leaks
        assert "Okonkwo" not in told
        assert "Beatriz" not in told
    members = {f"in/{planting.CHINESE[0]}.txt": b"b@example.org"}
    assert look("a.zip", planting.archive(members))[0] == [
        "a.zip › in/(person).txt: name of the file: person (name)",
        "a.zip › in/(person).txt: line 1: email (email)",
    ]


def test_lines_are_counted_over_long_texts() -> None:
    text = "It rained.\n" * 100_000 + "I asked Beatriz Okonkwo.\n" + "So.\n" * 10
    assert look("a.txt", text.encode()) == (["a.txt: line 100001: person (name)"], [])


def test_a_kept_name_is_no_leak_and_shields_what_is_in_it() -> None:
    key = Key((KeyEntry("team@example.org", "email", "", keep=True), KeyEntry("Ana", "person", "[P1]")))
    found, _ = look("a.txt", b"team@example.org or ana@example.org", LeakChecker(key))
    assert found == ["a.txt: line 1: person (name)", "a.txt: line 1: email (email)"]


def test_a_replacement_is_no_misheard_name() -> None:
    key = Key((KeyEntry("Maria", "person", "[Marta]"),))
    assert look("a.txt", b"So Marta left, and Mario came.", LeakChecker(key)) == (
        ["a.txt: line 1: person (misheard)"],
        [],
    )


def test_where_a_picture_was_taken_is_a_leak() -> None:
    entry = b"\x25\x88\x04\0\x01\0\0\0\x1a\0\0\0"
    data = planting.jpeg(0xE1, b"Exif\0\0II*\0\x08\0\0\0\x01\0" + entry + b"\0\0\0\0")
    assert look("a.jpg", data) == (["a.jpg: picture's metadata (EXIF), where it was taken: position (gps)"], [])


# -- what cannot be read ----------------------------------------------------------------------------------------------


def zipped(name: str, data: bytes) -> bytes:
    return planting.archive({name: data})


def locked() -> bytes:
    data = bytearray(zipped("a.txt", b"Nothing."))
    data[6] |= 1
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("broken.docx", BASE[: len(BASE) // 2]),
        ("broken.pdf", b"%PDF-1.4\nnothing"),
        ("broken.sqlite", b"SQLite format 3\0" + b"x" * 200),
        ("locked.zip", locked()),
        ("old.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 600),
        ("talk.mp3", b"ID3\x04" + bytes(range(256)) * 4),
        ("talk.m4a", b"\0\0\0\x20ftypM4A " + b"\0" * 300),
        ("data.7z", b"7z\xbc\xaf\x27\x1c" + bytes(range(256))),
        ("data.bin", bytes(range(256)) * 8),
    ],
)
def test_what_cannot_be_read_is_reported(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    report = CHECKER.check_paths([tmp_path])
    assert report.leaks == ()
    assert [(one.level, one.rule) for one in report.problems] == [("warning", "unread")]
    result = CliRunner().invoke(cli, ["check-leaks", str(tmp_path)], env={"QUALCODE_KEY": ""})
    assert result.exit_code == 3


def test_plain_words_in_files_of_other_kinds_are_found_all_the_same() -> None:
    found, problems = look("old.doc", b"\xd0\xcf\x11\xe0\0\0\0" + "\0Beatriz Okonkwo\0".encode("utf-16-le"))
    assert found == ["old.doc: somewhere in the file: person (name)"]
    assert len(problems) == 1


def test_an_archive_that_unpacks_to_too_much_is_not_unpacked() -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"0" * 300_000_000)
    _, problems = look("bomb.zip", inner.getvalue())
    assert "would unpack to more than is read" in problems[0].message


def test_archives_one_in_another_are_read_to_a_depth() -> None:
    data = b"I asked Beatriz Okonkwo."
    for number in range(9):
        data = zipped(f"{number}.zip" if number else "a.txt", data)
    found, problems = look("deep.zip", data)
    assert found == []
    assert "lies in more than" in problems[0].message


def test_entities_of_a_stranger_are_not_expanded() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b; Beatriz Okonkwo</x>'
    assert look("a.xml", bomb.encode()) == (["a.xml: paragraph 2: person (name)"], [])


def test_damaged_files_never_break_the_check() -> None:
    rng = random.Random(11)
    planter = planting.Planter(1, BASE)
    kinds = (
        "comment", "hidden sheet", "properties of a PDF", "database", "PNG, packed text", "JPEG, artist", "tarball",
        "RTF", "packed in a page, gzip",
    )  # fmt: skip
    samples = [planting.NAMES[kind](planter, planting.ENGLISH[0]) for kind in kinds]
    for name, data in samples:
        for _ in range(12):
            broken = bytearray(data)
            for _ in range(rng.randrange(1, 20)):
                broken[rng.randrange(len(broken))] = rng.randrange(256)
            CHECKER.check_bytes(name, bytes(broken[: rng.randrange(len(broken) // 2, len(broken) + 1)]))


@pytest.mark.skipif(os.name == "nt", reason="links need a privilege there")
def test_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("Beatriz Okonkwo")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "link.txt").symlink_to(tmp_path / "secret.txt")
    report = CHECKER.check_paths([tmp_path / "out"])
    assert report.leaks == ()
    assert [one.rule for one in report.problems] == ["link"]


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_nothing_of_a_repository_is_run(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=x", "-c", "user.email=x", *words], cwd=tmp_path, check=True, capture_output=True
        )

    git("init", "-q")
    (tmp_path / "a.txt").write_text("Nothing.")
    git("add", "-A")
    git("commit", "-q", "-m", "x")
    trap = tmp_path.parent / "ran"
    for setting in ("core.fsmonitor", "core.pager", "diff.external", "core.sshCommand"):
        git("config", setting, f"touch {trap}")
    assert CHECKER.check_paths([tmp_path]).leaks == ()
    assert not trap.exists()


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no such file"):
        CHECKER.check_paths([tmp_path / "nothing"])


# -- small groups -----------------------------------------------------------------------------------------------------


def cases(*rows: dict[str, str]) -> list[Case]:
    return [Case(f"P{number}", row, where=f"cases.csv:{number + 1}") for number, row in enumerate(rows, start=1)]


def test_a_combination_that_singles_out_a_case_is_told_with_what_to_coarsen() -> None:
    people = cases(
        *[{"role": "nurse", "site": site} for site in "AAABBB"], *[{"role": "doctor", "site": site} for site in "AAAB"]
    )
    assert [(one.attributes, one.n_cases, one.where) for one in find_small_groups(people)] == [
        (("role", "site"), 1, ("cases.csv:11",))
    ]
    notes = tell_small_groups(people, "cases.csv")
    assert notes[0].message == "By role and site, 1 of 10 cases are in a group of fewer than 3."
    assert notes[0].level == "note"


def test_what_one_attribute_singles_out_is_not_told_again_of_wider_combinations() -> None:
    people = cases(*[{"role": "nurse", "site": "A"}] * 5, {"role": "matron", "site": "A"})
    assert [one.attributes for one in find_small_groups(people)] == [("role",)]


@pytest.mark.parametrize(
    ("values", "hint"),
    [
        (("21", "34", "47", "62"), "Coarsen age, for example into bands such as 20–29"),
        (("1", "3", "5", "8"), "Coarsen age, for example into up to 3 and more"),
        (("nurse", "matron", "cook", "cleaner"), "Leave age out: it differs for every case"),
        (("nurse", "nurse", "nurse", "matron"), "Merge the rare values of age into a wider one, or leave it out"),
    ],
)
def test_what_to_coarsen_depends_on_the_values(values: tuple[str, ...], hint: str) -> None:
    assert tell_small_groups(cases(*[{"age": one} for one in values]), "cases.csv")[0].hint == hint


def test_missing_values_single_nobody_out() -> None:
    assert find_small_groups(cases(*[{"role": "nurse"}] * 4, {"role": ""})) == []
    assert find_small_groups([]) == []


# -- the command line -------------------------------------------------------------------------------------------------


def run(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, [str(word) for word in words], env={"QUALCODE_KEY": ""})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_check_leaks_shows_no_name_unless_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    key = write_key(tmp_path / "keys" / "key.csv", planting.KEY)
    out = tmp_path / "out"
    out.mkdir()
    (out / "a.csv").write_text("quote\nI asked Beatriz Okonkwo at b@example.org.\n")
    code, stdout, stderr = run("check-leaks", out, "--key", key, "--format", "json")
    assert code == 3
    assert [(one["place"], one["kind"], one["rule"], set(one)) for one in json.loads(stdout)] == [
        ("line 2", "person", "name", {"path", "place", "kind", "rule"}),
        ("line 2", "email", "email", {"path", "place", "kind", "rule"}),
    ]
    assert "Beatriz" not in stdout + stderr
    assert "Beatriz Okonkwo" in run("check-leaks", out, "--key", key, "--show")[1]
    (out / "a.csv").write_text("quote\nIt rained.\n")
    code, stdout, stderr = run("check-leaks", out, "--key", key)
    assert (code, stdout) == (0, "")
    assert "No name of the key and no pattern was found in 1 file." in stderr


def test_without_a_key_patterns_are_found_and_the_lack_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ask b@example.org or Beatriz Okonkwo.")
    code, stdout, stderr = run("check-leaks", tmp_path)
    assert code == 3
    assert stdout.endswith(": email (email)\n")
    assert "No key is known" in stderr


def test_small_groups_are_notes_that_change_no_exit_code(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text("case,role\nP1,nurse\nP2,nurse\nP3,nurse\nP4,matron\n")
    code, _, stderr = run("check-leaks", tmp_path)
    assert code == 0
    assert "By role, 1 of 4 cases are in a group of fewer than 3." in stderr
    assert "Merge the rare values of role" in stderr
