"""What was found in a file is found again in the cache, without its words, and never where anything differs."""

from __future__ import annotations

import os
import random
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from mutations import SAMPLES

from qualcode import caching
from qualcode.errors import SourceError
from qualcode.sources import read_transcript, read_transcripts, to_json
from qualcode.sources.remembering import Memory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from qualcode.model import Transcript

TALK = "Interviewer: How was it?\n\nMei: The rain came late. We waited [laughs].\nMore. And more?\nMei: Élan…\n"


@pytest.fixture
def end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Have a cache of its own; what is returned does what the end of the program does."""
    monkeypatch.setenv(caching.VARIABLE, str(tmp_path / "cache"))
    waiting: list[Callable[[], None]] = []
    monkeypatch.setattr("qualcode.sources.remembering.atexit.register", waiting.append)

    def end() -> None:
        while waiting:
            waiting.pop()()

    return end


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count the texts in which labels are looked for."""
    from qualcode.sources import turns

    counted: list[str] = []
    usual = turns.make_transcript

    def make_transcript(*args: object, **options: object) -> Transcript:
        counted.append(str(args[1]))
        return usual(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(turns, "make_transcript", make_transcript)
    return counted


def write(folder: Path, **texts: str) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_bytes(text.encode())
    return sorted(folder.glob("*.txt"))


def cached(tmp_path: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (tmp_path / "cache").glob("readings-*"))


@pytest.mark.parametrize("are_sentences_asked_for", [True, False])
def test_what_was_found_is_found_again(tmp_path, end, reads, *, are_sentences_asked_for: bool) -> None:
    files = write(tmp_path / "talks", a=TALK, b=TALK.replace("Mei", "Ana").replace("\n", "\r\n"))
    first, problems = read_transcripts(files)
    expected = [to_json(one) for one in first] if are_sentences_asked_for else []
    end()
    assert sorted(reads) == ["a", "b"]
    second, again = read_transcripts(files)
    assert sorted(reads) == ["a", "b"]
    expected = expected or [to_json(one) for one in first]
    assert ([to_json(one) for one in second], again) == (expected, problems)
    assert second == first
    assert [one.text for one in second] == [one.text for one in first]


def test_files_that_are_read_one_by_one_are_written_once(tmp_path, end, reads, monkeypatch) -> None:
    files = write(tmp_path / "talks", **{f"P{number}": TALK.replace("late", f"at {number}") for number in range(20)})
    written: list[str] = []
    monkeypatch.setattr(
        "qualcode.sources.remembering.write_cached",
        lambda name, body: (written.append(name), caching.write_cached(name, body)),
    )
    first = [to_json(read_transcript(path)) for path in files]
    end()
    assert (len(set(reads)), len(written)) == (20, 1)
    assert [to_json(read_transcript(path)) for path in files] == first
    end()
    assert (len(reads), len(written)) == (20, 1)


def test_threads_that_read_one_by_one(tmp_path, end, reads) -> None:
    files = write(tmp_path / "talks", **{f"P{number}": TALK.replace("late", f"at {number}") for number in range(30)})
    with ThreadPoolExecutor(4) as pool:
        first = [to_json(one) for one in pool.map(read_transcript, files)]
    end()
    before = len(reads)
    assert [to_json(read_transcript(path)) for path in files] == first
    assert len(reads) == before


def test_no_words_are_kept(tmp_path, end) -> None:
    read_transcripts(write(tmp_path / "talks", a=TALK, b=TALK.replace("Mei", "Ana")))[0][0].units("sentence")
    end()
    kept = cached(tmp_path)
    assert kept
    assert not any(word.encode() in kept for word in ("rain", "waited", "laughs", "Élan", "How was"))


def test_each_thing_that_decides_is_told_apart(tmp_path, end, reads) -> None:
    files = write(tmp_path / "talks", a=TALK)
    read_transcripts(files, language="en")
    end()
    write(tmp_path / "other", a=TALK)
    for paths, options in (
        (files, {}),
        (files, {"language": "de"}),
        (files, {"language": "en", "interviewers": ["Mei"]}),
        (files, {"language": "en", "encoding": "latin-1"}),
        (files, {"language": "en", "speaker_pattern": r"(?P<speaker>M\w+):"}),
        (sorted((tmp_path / "other").glob("*")), {"language": "en"}),
    ):
        before = len(reads)
        read_transcripts(paths, **options)
        assert len(reads) == before + 1
    write(tmp_path / "talks", a=TALK + "Mei: No.\n")
    read_transcripts(files, language="en")
    assert len(reads) == before + 2


def test_a_file_that_changed_is_read_and_the_others_are_not(tmp_path, end, reads) -> None:
    files = write(tmp_path / "talks", a=TALK, b=TALK.replace("Mei", "Ana"), c=TALK.replace("Mei", "Eva"))
    read_transcripts(files)
    end()
    write(tmp_path / "talks", b="Interviewer: So?\nBea: Yes. No.\nInterviewer: Why?\nBea: So.\n")
    reads.clear()
    assert read_transcripts(files)[0][1].speakers == ("Interviewer", "Bea")
    end()
    assert reads == ["b"]
    read_transcripts(files)
    assert reads == ["b"]


def test_roles_are_settled_anew_over_the_files_of_each_call(tmp_path, end) -> None:
    texts = {f"t{n}": f"Kim: So?\nP{n}: Yes. Well.\nKim: And?\nP{n}: No.\nKim: Fine.\n" for n in range(3)}
    files = write(tmp_path / "talks", **texts)
    alone = read_transcripts(files[:1])
    together = read_transcripts(files)
    end()
    assert read_transcripts(files[:1]) == alone
    assert read_transcripts(files) == together


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_cache_is_as_none(tmp_path, end, seed: int) -> None:
    files = write(tmp_path / "talks", a=TALK, b=TALK.replace("Mei", "Ana"))
    first = read_transcripts(files)
    expected = [to_json(one) for one in first[0]]
    end()
    chance = random.Random(seed)
    for path in (tmp_path / "cache").glob("readings-*"):
        _, _, body = path.read_bytes().partition(b"\n")
        at = chance.randrange(len(body))
        damaged = body[:at] + bytes([chance.randrange(256)]) * chance.randint(0, 3) + body[at + 1 :]
        caching.write_cached(path.name, damaged)  # with a check sum that fits
    try:
        again = read_transcripts(files)[0]
        texts = [one.text for one in again]
        for one in again:
            for kind in ("turn", "paragraph", "sentence"):
                one.units(kind)
    except SourceError:  # pragma: no cover
        pytest.fail("a damaged cache must not fail a reading")
    assert texts == [one.text for one in first[0]]
    assert len(expected) == len(again)


def test_every_sample_is_the_same_with_and_without(tmp_path, end, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "samples"
    folder.mkdir()
    for name, make in SAMPLES.items():
        (folder / name).write_bytes(make() if callable(make) else make)
    for path in sorted(folder.iterdir()):
        if path.suffix in {".xlsx", ".csv"}:
            continue
        monkeypatch.setenv(caching.VARIABLE, "off")
        expected = read_transcripts([path])
        monkeypatch.setenv(caching.VARIABLE, str(tmp_path / "cache"))
        for _ in range(2):
            found = read_transcripts([path])
            assert found == expected
            assert [to_json(one) for one in found[0]] == [to_json(one) for one in expected[0]]
            end()


def test_old_files_go_and_all_are_cleared(tmp_path, end, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qualcode.sources.remembering._MOST_FILES", 2)
    for number in range(4):
        read_transcripts(write(tmp_path / f"talks{number}", a=TALK))
        end()
        for path in (tmp_path / "cache").iterdir():
            os.utime(path, (number, number)) if path.stat().st_mtime > 10 else None
    assert len(list((tmp_path / "cache").glob("readings-*"))) == 2
    assert caching.clear_cache() >= 2
    assert list((tmp_path / "cache").iterdir()) == []


def test_nothing_is_written_when_it_is_off(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(caching.VARIABLE, "off")
    memory = Memory([tmp_path / "a.txt"], "")
    memory.close()
    assert list(tmp_path.iterdir()) == []
