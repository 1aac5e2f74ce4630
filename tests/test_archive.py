"""An archive is read without the program, has the same bytes every time, keeps private things out, shows changes."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from studies import begin_study

import qualcode
from qualcode.cli import cli
from qualcode.deposit import archive, verify
from qualcode.errors import QualcodeError
from qualcode.reports import mark_of

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "What I would not say to the others"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study with two coders, memos of both kinds, and an original."""
    root = tmp_path_factory.mktemp("study") / "garden"
    with begin_study(root, "P07", "P08") as study:
        study.decide("ana", "P07:t002", "scheduling", "accept")
        study.decide("ben", "P07:t002", "scheduling", "accept")
        study.decide("ana", "P08:t004", "praise", "accept")
        study.memo("study", "Money comes up late.\n", author="ana")
        study.memo("code:praise", f"{SECRET}\n", memo_id="my-doubts", author="ana", visibility="private")
    (root / "raw").mkdir(exist_ok=True)
    (root / "raw" / "P07.txt").write_text("Interviewer: What was hard?\n", "utf-8")
    (root / "notes to self.txt").write_text("not part of it", "utf-8")
    return root


@pytest.fixture(scope="module")
def packed(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed") / "deposit"
    archive(study, folder, creators=["Chan, Mei"], licence="https://creativecommons.org/licenses/by/4.0/")
    return folder


@pytest.fixture
def copy(packed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(packed, tmp_path / "deposit"))


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestWithoutTheProgram:
    """As a stranger in twenty years reads it: with csv, json, zipfile and hashlib alone."""

    def test_every_coding_stands_on_its_words(self, packed: Path) -> None:
        data = packed / "data"
        with (data / "codings.csv").open(encoding="utf-8", newline="") as file:
            codings = list(csv.DictReader(file))
        assert {one["coder"] for one in codings} == {"ana", "ben", "rules"}
        for one in codings:
            text = (data / "transcripts" / f"{one['transcript']}.txt").read_bytes().decode("utf-8")
            assert text[int(one["start"]) : int(one["end"])] == one["quote"]

    def test_every_file_has_its_checksum(self, packed: Path) -> None:
        files = files_of(packed)
        for manifest, names in (
            ("manifest-sha256.txt", {name for name in files if name.startswith("data/")}),
            ("tagmanifest-sha256.txt", {"bagit.txt", "bag-info.txt", "manifest-sha256.txt"}),
        ):
            lines = dict(line.split("  ", 1)[::-1] for line in files[manifest].decode().splitlines())
            assert lines == {name: hashlib.sha256(files[name]).hexdigest() for name in names}
        size = sum(len(data) for name, data in files.items() if name.startswith("data/"))
        n_files = sum(name.startswith("data/") for name in files)
        assert f"Payload-Oxum: {size}.{n_files}\n" in files["bag-info.txt"].decode()
        assert files["bagit.txt"] == b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

    def test_what_is_in_it_has_the_names_that_are_fixed(self, packed: Path) -> None:
        names = files_of(packed / "data").keys()
        for one in ("codebook.yaml", "codings.csv", "history.jsonl", "project.qdpx", "README.md", "report/report.docx",
                    "ro-crate-metadata.json", "transcripts/P07.txt", "memos/study.md", "codebook.docx"):  # fmt: skip
            assert one in names
        for line in (packed / "data" / "history.jsonl").read_text("utf-8").splitlines():
            assert "what" in json.loads(line)

    def test_the_crate_lists_every_file(self, packed: Path) -> None:
        graph = json.loads((packed / "data" / "ro-crate-metadata.json").read_text("utf-8"))["@graph"]
        by_id = {one["@id"]: one for one in graph}
        assert len(by_id) == len(graph)
        assert by_id["ro-crate-metadata.json"]["about"] == {"@id": "./"}
        listed = {one["@id"] for one in by_id["./"]["hasPart"]}
        assert listed == files_of(packed / "data").keys() - {"ro-crate-metadata.json"}
        assert all(by_id[one]["@type"] == "File" for one in listed)
        assert {"name", "description", "datePublished", "license"} <= by_id["./"].keys()

    def test_datacite_has_what_it_asks_for(self, packed: Path) -> None:
        told = json.loads((packed / "data" / "datacite.json").read_text("utf-8"))
        mandatory = {"identifiers", "creators", "titles", "publisher", "publicationYear", "types"}
        assert mandatory <= told.keys()
        assert told["creators"] == [{"name": "Chan, Mei", "nameType": "Personal"}]
        assert re.fullmatch(r"\d{4}", told["publicationYear"])

    def test_the_project_and_the_codebook_open(self, packed: Path) -> None:
        with zipfile.ZipFile(packed / "data" / "project.qdpx") as project:
            assert "project.qde" in project.namelist()
            assert SECRET.encode() not in b"".join(map(project.read, project.namelist()))
        with zipfile.ZipFile(packed / "data" / "codebook.docx") as book:
            assert b"Scheduling" in book.read("word/document.xml")

    @pytest.mark.filterwarnings(
        "ignore:'count' is passed as positional argument:DeprecationWarning"
    )  # on 3.13, by bagit
    def test_it_is_a_bag_for_others_too(self, packed: Path) -> None:
        bagit = pytest.importorskip("bagit")
        assert bagit.Bag(str(packed)).validate()

    def test_the_history_has_the_checksum_of_each_memo(self, packed: Path) -> None:
        notes = [json.loads(line) for line in (packed / "data" / "history.jsonl").read_text("utf-8").splitlines()]
        [said] = [note["sha256"] for note in notes if note["what"] == "memo"]
        assert said == hashlib.sha256((packed / "data" / "memos" / "study.md").read_bytes()).hexdigest()

    def test_memos_by_hand_are_noted_when_they_are_packed(self, study: Path, tmp_path: Path) -> None:
        own = Path(shutil.copytree(study, tmp_path / "own"))
        before = (own / "history.jsonl").read_bytes()
        (own / "memos" / "study.md").write_bytes(b"Written\r\nin an editor.\r\n")
        (own / "memos" / "new.md").write_text("---\nabout: study\n---\nNew.\n", "utf-8")
        archive(own, tmp_path / "a")
        assert verify(tmp_path / "a").frame.empty
        assert (own / "history.jsonl").read_bytes() == before
        history = (tmp_path / "a" / "data" / "history.jsonl").read_bytes()
        assert history.startswith(before.partition(b'"my-doubts"')[0].rpartition(b"\n")[0])
        (own / "memos" / "study.md").unlink()
        archive(own, tmp_path / "b")
        assert verify(tmp_path / "b").frame.empty
        archive(tmp_path / "b" / "data", tmp_path / "c")
        assert (tmp_path / "c" / "data" / "history.jsonl").read_bytes() == (
            tmp_path / "b" / "data" / "history.jsonl"
        ).read_bytes()

    def test_an_address_of_a_licence_can_be_followed(self, packed: Path) -> None:
        readme = (packed / "data" / "README.md").read_text("utf-8")
        assert "- Licence: <https://creativecommons.org/licenses/by/4.0/>\n" in readme


class TestWhatStaysOut:
    def test_a_memo_that_cannot_be_read_may_be_private(self, study: Path, tmp_path: Path) -> None:
        own = Path(shutil.copytree(study, tmp_path / "own"))
        (own / "memos" / "latin.md").write_bytes(b"---\nabout: study\nprivate: true\n---\nCaf\xe9 with B.\n")
        with (own / "history.jsonl").open("a") as history:
            history.write('{"what": "memo", "memo": ["x"], "sha256": {}}\n' + "[" * 50_000 + "\n")
        packed = archive(own, tmp_path / "a")
        assert not (tmp_path / "a" / "data" / "memos" / "latin.md").exists()
        assert [one for one in packed.withheld if one.startswith("memos/latin.md: it cannot be read")]
        assert verify(tmp_path / "a").frame.empty

    def test_private_memos_leave_no_trace(self, packed: Path) -> None:
        everything = b"".join(files_of(packed).values())
        assert SECRET.encode() not in everything
        assert b"my-doubts" not in everything
        assert "memos/: 1 memo, private" in (packed / "data" / "README.md").read_text("utf-8")

    def test_what_is_no_part_of_the_study_is_told(self, packed: Path) -> None:
        assert "notes to self.txt" not in files_of(packed / "data")
        assert "notes to self.txt: not part of the study" in (packed / "data" / "README.md").read_text("utf-8")

    def test_originals_and_logs_on_demand(self, study: Path, packed: Path, tmp_path: Path) -> None:
        assert "raw/P07.txt" in files_of(packed / "data")
        found = archive(study, tmp_path / "less", without=["raw", "logs"])
        names = files_of(tmp_path / "less" / "data").keys()
        assert not [name for name in names if name.startswith("raw/") or name.endswith(".log.jsonl")]
        assert sum("left out as asked for" in one for one in found.withheld) == 2
        assert verify(tmp_path / "less").frame.empty

    def test_counts_alone(self, study: Path, tmp_path: Path) -> None:
        archive(study, tmp_path / "counts.zip", detail="aggregate")
        with zipfile.ZipFile(tmp_path / "counts.zip") as packed:
            names = packed.namelist()
            texts = b"".join(packed.read(name) for name in names if name.endswith((".csv", ".md", ".json", ".yaml")))
        assert not [one for one in names if re.search("transcripts|sheets|memos|history|cases|codings|html", one)]
        assert "data/report/themes.csv" in names
        for word in ("P07", "clashed", "ana", "Ana:"):
            assert word.encode() not in texts.replace(b"language", b"")
        found = verify(tmp_path / "counts.zip")
        assert found.frame.empty
        assert [one.rule for one in found.problems] == ["aggregate"]

    def test_of_counts_alone_everything_that_was_left_out_is_listed(self, study: Path, tmp_path: Path) -> None:
        whole = archive(study, tmp_path / "whole")
        counts = archive(study, tmp_path / "counts", detail="aggregate")
        names = {
            one.relative_to(tmp_path / "whole" / "data").as_posix()
            for one in (tmp_path / "whole").rglob("*")
            if one.is_file() and "data" in one.parts
        }
        there = {
            one.relative_to(tmp_path / "counts" / "data").as_posix()
            for one in (tmp_path / "counts").rglob("*")
            if one.is_file() and "data" in one.parts
        }
        left = {name.partition("/")[0] + ("/" if "/" in name else "") for name in names - there}
        told = {one.partition(": ")[0] for one in counts.withheld}
        assert left <= told
        assert {"transcripts/", "sheets/", "codings.csv", "history.jsonl", "project.qdpx", "report/"} <= told
        assert "transcripts/: 4 files, left out, as only counts and the codebook were to leave" in counts.withheld
        assert "1 other file of the folder: not part of the study" in counts.withheld
        assert "notes to self" in " ".join(whole.withheld)
        assert "notes to self" not in (tmp_path / "counts" / "data" / "README.md").read_text("utf-8")

    def test_the_study_is_only_read(self, study: Path, tmp_path: Path) -> None:
        before = files_of(study)
        archive(study, tmp_path / "a.zip")
        assert files_of(study) == before


class TestTheSameBytes:
    def test_of_the_same_study(self, study: Path, tmp_path: Path) -> None:
        archive(study, tmp_path / "one.zip")
        archive(shutil.copytree(study, tmp_path / "elsewhere"), tmp_path / "two.zip")
        assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()

    def test_zip_and_folder_hold_the_same(self, study: Path, tmp_path: Path) -> None:
        archive(study, tmp_path / "a.zip")
        archive(study, tmp_path / "a")
        with zipfile.ZipFile(tmp_path / "a.zip") as packed:
            assert {name: packed.read(name) for name in packed.namelist()} == files_of(tmp_path / "a")

    @pytest.mark.parametrize("name", ["garden/a.zip", "garden/a", "garden", "a.tar.gz", "a.7z"])
    def test_places_that_make_no_sense_are_refused(self, study: Path, tmp_path: Path, name: str) -> None:
        own = Path(shutil.copytree(study, tmp_path / "garden"))
        before = files_of(tmp_path)
        with pytest.raises(QualcodeError, match=r"inside the study|\.zip file"):
            archive(own, tmp_path / name)
        assert files_of(tmp_path) == before

    def test_nothing_is_replaced_unasked(self, study: Path, tmp_path: Path) -> None:
        (tmp_path / "a.zip").write_bytes(b"mine")
        with pytest.raises(QualcodeError, match="exists"):
            archive(study, tmp_path / "a.zip")
        assert (tmp_path / "a.zip").read_bytes() == b"mine"


class TestVerify:
    def test_it_follows(self, packed: Path, study: Path, tmp_path: Path) -> None:
        before = files_of(packed)
        found = verify(packed)
        assert found.frame.empty
        assert found.sentence == f"all {found.n_numbers:,} numbers follow from the codings"
        assert files_of(packed) == before
        archive(study, tmp_path / "a.zip")
        result = CliRunner().invoke(cli, ["verify", str(tmp_path / "a.zip")])
        assert (result.exit_code, result.stdout) == (0, f"{found.sentence}\n")

    def test_a_report_against_the_archive_of_its_study(self, study: Path, packed: Path, tmp_path: Path) -> None:
        shared = shutil.copytree(study, tmp_path / "shared")
        (shared / "memos" / "my-doubts.md").unlink()  # a report may say how many there are, which no archive tells
        qualcode.report_study(shared, tmp_path / "report")
        assert verify(tmp_path / "report", packed).frame.empty


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_bytes().decode("utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode("utf-8"))


def move_a_coding(data: Path) -> None:
    lines = (data / "codings.csv").read_text("utf-8").splitlines()
    cells = next(csv.reader([lines[1]]))
    start = lines[0].split(",").index("start")
    cells[start] = str(int(cells[start]) + 1)
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    replace(data / "codings.csv", lines[1], text.getvalue())


def move_a_coding_in_a_sheet(data: Path) -> None:
    path = data / "sheets" / "ana" / "P07.jsonl"
    found = re.search(r'"span": ?\[(\d+), ?(\d+)\]', path.read_text("utf-8"))
    assert found is not None
    replace(path, found[0], f'"span":[{int(found[1]) + 1},{found[2]}]')


def change_a_count_in_word(data: Path) -> None:
    path = data / "report" / "report.docx"
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    xml = parts["word/document.xml"].decode()
    at = xml.index(">1<", xml.index(mark_of("table-themes/praise/segments")))
    parts["word/document.xml"] = (xml[:at] + ">9<" + xml[at + 3 :]).encode()
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)


def swap_files(data: Path) -> None:
    one, other = data / "report" / "figures" / "themes.png", data / "report" / "figures" / "cases.png"
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)


def take_a_coding_out(data: Path) -> None:
    path = data / "codings.csv"
    replace(path, path.read_text("utf-8").splitlines()[-1] + "\n", "")


CHANGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "a coding moved by one character": (move_a_coding, "data/codings.csv"),
    "a coding moved in its sheet": (move_a_coding_in_a_sheet, "data/codings.csv"),
    "a count in the Word report": (change_a_count_in_word, "data/report/report.docx"),
    "two pictures swapped": (swap_files, "data/report/figures/themes.png"),
    "a word in a transcript": (
        lambda data: replace(data / "transcripts" / "P07.txt", "clashed", "crashed"),
        "data/transcripts/P07.txt",
    ),
    "a coding taken out": (take_a_coding_out, "data/codings.csv"),
    "a definition in the codebook": (
        lambda data: replace(data / "codebook.yaml", "name: Praise", "name: Blame"),
        "data/codebook.yaml",
    ),
    "a number in the record of the report": (
        lambda data: replace(data / "report" / "run.json", '"words": ', '"words": 1'),
        "data/report/run.json",
    ),
    "a memo": (lambda data: replace(data / "memos" / "study.md", "late", "early"), "data/memos/study.md"),
    "a file taken out": (lambda data: (data / "project.qdpx").unlink(), "data/project.qdpx"),
}


class TestTenChanges:
    @pytest.mark.parametrize("what", CHANGES)
    def test_is_found(self, copy: Path, what: str) -> None:
        change, file = CHANGES[what]
        change(copy / "data")
        result = CliRunner().invoke(cli, ["verify", str(copy), "--format", "json"])
        assert result.exit_code == 3, result.output
        assert file in {one["file"] for one in json.loads(result.stdout)}

    @pytest.mark.parametrize("what", CHANGES)
    def test_is_found_too_when_the_checksums_were_made_again(self, copy: Path, what: str) -> None:
        CHANGES[what][0](copy / "data")
        files = files_of(copy)
        payload = sorted(name for name in files if name.startswith("data/"))
        manifest = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in payload)
        (copy / "manifest-sha256.txt").write_bytes(manifest.encode())
        tags = {name: (copy / name).read_bytes() for name in ("bag-info.txt", "bagit.txt", "manifest-sha256.txt")}
        tag_lines = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in tags.items())
        (copy / "tagmanifest-sha256.txt").write_bytes(tag_lines.encode())
        result = CliRunner().invoke(cli, ["verify", str(copy), "--format", "json"])
        assert result.exit_code == 3, result.output
        assert any(one["number"] != "checksum" for one in json.loads(result.stdout))

    def test_a_memo_added_or_taken_out_when_the_checksums_were_made_again(self, copy: Path) -> None:
        (copy / "data" / "memos" / "study.md").rename(copy / "data" / "memos" / "other.md")
        found = {row[:2] for row in verify(copy).frame.itertuples(index=False, name=None)}
        assert {("data/memos/study.md", "memo"), ("data/memos/other.md", "memo")} <= found

    def test_a_file_added_without_a_checksum(self, copy: Path) -> None:
        (copy / "data" / "more.txt").write_text("x", "utf-8")
        found = verify(copy)
        assert ("data/more.txt", "file") in {row[:2] for row in found.frame.itertuples(index=False, name=None)}

    def test_a_manifest_that_is_gone_or_nonsense(self, copy: Path) -> None:
        (copy / "tagmanifest-sha256.txt").unlink()
        (copy / "data" / "ro-crate-metadata.json").write_text("[" * 100_000, "utf-8")
        files = {row[0] for row in verify(copy).frame.itertuples(index=False, name=None)}
        assert {"tagmanifest-sha256.txt", "data/ro-crate-metadata.json"} <= files

    def test_links_are_told_and_never_looked_into(self, copy: Path, tmp_path: Path) -> None:
        (tmp_path / "private" / "inner").mkdir(parents=True)
        (copy / "data" / "memos" / "away").symlink_to(tmp_path / "private")
        (copy / "data" / "root").symlink_to(tmp_path)
        (tmp_path / "private" / "secret").symlink_to(tmp_path / "nowhere")
        told = [f"{one.where} {one.message}" for one in verify(copy).problems]
        assert any("root" in one for one in told)
        assert not [one for one in told if "secret" in one or "private" in one]

    def test_a_folder_that_is_none_and_a_zip_that_is_none(self, tmp_path: Path) -> None:
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
            packed.writestr("notes.txt", "x")
        for path in (tmp_path / "a.zip", tmp_path):
            result = CliRunner().invoke(cli, ["verify", str(path)])
            assert result.exit_code == 1
            assert result.stderr.startswith(f"Error: {path}: There is no report here, and no archive")
