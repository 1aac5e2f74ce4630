"""Many files come into a study at once: all that can, with their originals, and no slower for being many."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

import qualcode
from qualcode.model import Source
from qualcode.study import Study, create_study

TALK = "Interviewer: How was it?\n\nMei: The rain came late in {}. We waited.\n"


def write_files(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / name).write_text(TALK.format(name), encoding="utf-8")
    return folder


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return create_study(tmp_path / "study")


def originals(study: Study) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (study.root / "raw").iterdir()}


class TestMany:
    def test_more_than_one_change_takes(self, study: Study, tmp_path: Path) -> None:
        names = [f"P{number:03}.txt" for number in range(230)]
        folder = write_files(tmp_path / "talks", *names)
        transcripts, _ = qualcode.read_transcripts(folder)
        report = study.import_transcripts(transcripts, folder)
        ids = tuple(Path(name).stem for name in names)
        assert (report.new, report.same, report.problems) == (ids, (), ())
        again = Study(study.root)
        assert again.transcript_ids() == ids
        assert originals(study) == {name: (folder / name).read_bytes() for name in names}
        brought = [note["transcript"] for note in again.notes() if note["what"] == "import"]
        assert tuple(brought) == ids
        assert len(again.speakers()) == 2 * len(ids)
        assert again.import_transcripts(transcripts, folder).same == ids

    def test_what_cannot_come_in_stops_no_other(self, study: Study) -> None:
        study.add_transcript(qualcode.Transcript("P1", "It rained.", ()))
        study.add_transcript(qualcode.Transcript("P9", "She withdrew.", ()))
        study.remove_transcript("P9", why="withdrawn")
        told = [
            qualcode.Transcript(name, text, (), source=Source(name=f"{name}.txt"))
            for name, text in (
                ("P2", "It snowed."), ("P1", "It hailed."), ("con", "A device."), ("p2", "A twin."),
                ("P3", "It rained."), ("P2", "Another P2."), ("P2", "It snowed."), ("P9", "She withdrew."),
            )
        ]  # fmt: skip
        report = study.import_transcripts(told)
        assert (report.new, report.same) == (("P2", "P3"), ("P2",))
        assert [one.where for one in report.problems] == ["P1.txt", "con.txt", "p2.txt", "P2.txt", "P9.txt"]
        assert "different text" in report.problems[3].message
        assert "withdrawn" in report.problems[4].message
        assert study.transcript_ids() == ("P1", "P2", "P3")
        assert study.transcript("P2").text == "It snowed."

    def test_originals_that_no_system_can_name_alike(self, study: Study, tmp_path: Path) -> None:
        contents = {"Day 1": b"first", "Day 2": b"second"}
        told = []
        for number, (name, data) in enumerate(contents.items()):
            (tmp_path / f"{name}: all.txt").write_bytes(data)
            source = Source(name=f"{name}: all.txt", digest=hashlib.sha256(data).hexdigest())
            told.append(qualcode.Transcript(f"P{number}", f"It rained on {name}.", (), source=source))
        report = study.import_transcripts(told, tmp_path)
        assert report.new == ("P0", "P1")
        assert sorted(originals(study).values()) == sorted(contents.values())

    def test_a_recording_beside_them_is_not_read(
        self, study: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = write_files(tmp_path / "talks", "P1.txt")
        (folder / "P1.mp4").write_bytes(b"may be of gigabytes")
        transcripts, _ = qualcode.read_transcripts(folder)
        read: list[str] = []
        usual = Path.read_bytes
        monkeypatch.setattr(Path, "read_bytes", lambda path: (read.append(path.name), usual(path))[1])
        assert study.import_transcripts(transcripts, folder).new == ("P1",)
        assert "P1.txt" in read
        assert "P1.mp4" not in read
        assert list(originals(study)) == ["P1.txt"]

    def test_a_file_that_went_meanwhile(self, study: Study, tmp_path: Path) -> None:
        folder = write_files(tmp_path / "talks", "P1.txt", "P2.txt")
        transcripts, _ = qualcode.read_transcripts(folder)
        (folder / "P1.txt").unlink()
        (folder / "P2.txt").write_text("Another one.", encoding="utf-8")
        assert study.import_transcripts(transcripts, folder).new == ("P1", "P2")
        assert not (study.root / "raw").exists()

    def test_what_the_disk_does_not_take_is_told_of_each(self, study: Study, tmp_path: Path) -> None:
        (study.root / "transcripts").write_text("in the way", encoding="utf-8")
        folder = write_files(tmp_path / "talks", "P1.txt", "P2.txt")
        transcripts, _ = qualcode.read_transcripts(folder)
        report = study.import_transcripts(transcripts, folder)
        assert (report.new, [one.where for one in report.problems]) == ((), ["P1.txt", "P2.txt"])

    def test_several_threads_at_once(self, study: Study, tmp_path: Path) -> None:
        names = [f"P{number:02}.txt" for number in range(40)]
        folder = write_files(tmp_path / "talks", *names)
        transcripts, _ = qualcode.read_transcripts(folder)

        def bring(first: int) -> tuple[str, ...]:
            return Study(study.root).import_transcripts(transcripts[first : first + 20], folder).new

        with ThreadPoolExecutor(3) as pool:
            new = list(pool.map(bring, (0, 10, 20)))
        assert sorted(one for part in new for one in part) == [Path(name).stem for name in names]
        again = Study(study.root)
        assert len(again.speakers()) == 2 * len(names)
        assert [one for one in again.check() if one.level != "note"] == []


class TestSpeakers:
    def test_rows_for_all_for_one_and_by_the_name_of_the_file(self, study: Study, tmp_path: Path) -> None:
        folder = write_files(tmp_path / "talks", "P1.txt", "P2.txt", "P3.txt")
        transcripts, _ = qualcode.read_transcripts(folder)
        study.import_transcripts(transcripts, folder)
        rows = ["transcript,label,person,role", "p2,MEI,Ms Lee,", ",Mei,Ms Chan,", "P3.txt,Mei,Ms Ho,", "P9,Mei,X,"]
        (study.root / "speakers.csv").write_text("\n".join(rows), encoding="utf-8")
        spoken = [one.speakers[1] for one in Study(study.root).transcripts()[0]]
        assert spoken == ["Ms Chan", "Ms Lee", "Ms Ho"]

    def test_the_later_of_two_names_of_one_transcript_decides(self, tmp_path: Path) -> None:
        from qualcode.sources import apply_speakers, read_speakers

        source = Source(name="talk.txt")
        one = replace(qualcode.read_transcript(write_files(tmp_path / "t", "P1.txt") / "P1.txt"), source=source)
        for first, second in (("P1", "talk.txt"), ("talk.txt", "P1")):
            table = f"transcript,label,person\n{first},Mei,Ana\n{second},Mei,Ben\n".encode()
            (changed,), unknown = apply_speakers([one], read_speakers(table))
            assert (changed.speakers, unknown) == (("Interviewer", "Ben"), [])

    def test_rows_of_nobody_are_told(self, tmp_path: Path) -> None:
        from qualcode.sources import apply_speakers, read_speakers

        one = qualcode.read_transcript(write_files(tmp_path / "t", "P1.txt") / "P1.txt")
        table = b"transcript,label,role\nP1,Mai,participant\n,Nobody,other\nP2,Mai,other\n"
        _, unknown = apply_speakers([one], read_speakers(table))
        assert [problem.message for problem in unknown] == [
            "No one speaks under the label “Mai” in P1.",
            "No one speaks under the label “Nobody” in any transcript.",
        ]
