"""Corpora: the same codings as the plain way, whoever does the work, however it is cut, however often it is stopped."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
import unicodedata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qualcode
from qualcode.corpus import read_codings, tag_corpus
from qualcode.corpus.files import FileFrames
from qualcode.corpus.voices import Found, read_rows
from qualcode.counting import Tally, find_presence, tally
from qualcode.errors import OutputError, QualcodeError, SourceError
from qualcode.figures import plot_cases, plot_codelines, plot_timeline, plot_upset
from qualcode.queries import count_questions, find
from qualcode.relations import relate
from qualcode.running import analyse
from qualcode.sources import clean_text
from qualcode.themes import count_by, count_cooccurrence, count_themes, select_quotes

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BOOK = """
name: Small
codes:
  - id: time
    rules: [late, {any: [hurry], speaker: interviewee}]
    codes:
      - id: waiting
        rules: [wait, {any: ["yes"], question: [wait]}]
  - id: people
    rules: [friend, {any: [help], after: time}, {any: [team], speaker: {role: boss}}]
"""

KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # on Windows every signal ends a process at once

ROWS = [
    ("A", "Interviewer", "Did you wait?", "", ""),
    ("A", "Ann", "Yes. I was late, and a friend came to help.", "ann", "boss"),
    ("A", "Ann", "The team was in a hurry. We wait. We wait again.", "ann", "boss"),
    ("B", "Interviewer", "Did you see a friend?", "", ""),
    ("B", "Ben", "Yes, my team did.", "ben", "clerk"),
    ("B", "Cat", "I wait for friends.\nThey help me when late.", "cat", ""),
    ("C", "Dan", None, "dan", "clerk"),
    ("D", "Eve", "Nothing to say.", "eve", "clerk"),
]


def frame(rows: list[tuple[str | None, ...]] = ROWS) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["id", "speaker", "text", "case", "role"])


@pytest.fixture
def book(write: Callable[[str, str], Path]) -> Path:
    return write("book.yaml", BOOK)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    frame().to_parquet(tmp_path / "corpus.parquet")
    return tmp_path / "corpus.parquet"


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Sixty transcripts, so that small batches make many."""
    rows = [(f"{name}{number}", *rest) for number in range(15) for name, *rest in ROWS]
    frame(rows).to_parquet(tmp_path / "large.parquet")
    return tmp_path / "large.parquet"


def read_both(out: Path) -> tuple[bytes, bytes]:
    return out.read_bytes(), out.with_name(f"{out.stem}.units.parquet").read_bytes()


# ---- what comes out


def test_codings_by_hand(corpus: Path, book: Path, tmp_path: Path) -> None:
    """Worked out with the eye from the rows above: what is coded where, and by which rule."""
    tag_corpus([corpus], book, tmp_path / "out.parquet")
    found = pd.read_parquet(tmp_path / "out.parquet")
    text = "\n".join(words for name, _, words, *_ in ROWS if name == "A")
    rows = found[["transcript", "case", "segment", "code", "matched"]]
    assert sorted(map(tuple, rows.to_numpy().tolist())) == [
        ("A", "", "t001", "time/waiting", "wait"),
        ("A", "ann", "t002", "people", "friend; help"),
        ("A", "ann", "t002", "time", "late"),
        ("A", "ann", "t002", "time/waiting", "Yes"),
        ("A", "ann", "t003", "people", "team"),
        ("A", "ann", "t003", "time", "hurry"),
        ("A", "ann", "t003", "time/waiting", "wait"),
        ("B", "", "t001", "people", "friend"),
        ("B", "cat", "t003", "people", "friends; help"),
        ("B", "cat", "t003", "time", "late"),
        ("B", "cat", "t003", "time/waiting", "wait"),
    ]
    ann = found[found["transcript"] == "A"]
    assert [text[start:end] for start, end in zip(ann["start"], ann["end"], strict=True)] == ann["quote"].tolist()
    assert list(found.columns[:11]) == [
        *("transcript", "case", "speaker", "segment", "start", "end", "code", "coder", "rule", "matched", "quote")
    ]
    both = found[found["code"] == "time/waiting"].iloc[2]
    assert both["quote"] == "We wait. We wait again."


def test_totals_leave_the_interviewer_out(corpus: Path, book: Path, tmp_path: Path) -> None:
    tag_corpus([corpus], book, tmp_path / "out.parquet")
    origin = json.loads(pq.read_schema(tmp_path / "out.parquet").metadata[b"qualcode"])
    spoken = [words for _, speaker, words, *_ in ROWS if speaker != "Interviewer" and words]
    assert origin["totals"] == {
        "rows": 8,
        "transcripts": 3,
        "cases": 4,
        "segments": 5,
        "words": sum(len(words.split()) for words in spoken),
        "interviewer_segments": 2,
        "interviewer_words": 8,
        "codings": 11,
    }
    assert origin["corpus"]["text_column"] == "text"
    assert origin["unit"] == "turn"
    assert origin["version"] == qualcode.__version__
    assert origin["codebook"]["digest"] == qualcode.read_codebook(book).digest


@pytest.mark.parametrize("unit", ["turn", "sentence"])
def test_the_sample_study_as_a_corpus_counts_as_its_files_do(
    sample_folder: Path, sample_codebook: Path, tmp_path: Path, unit: str
) -> None:
    plain = analyse([sample_folder], sample_codebook, unit=unit)
    cases = {case.id: case.attributes for case in plain.cases}
    rows = []
    for transcript in plain.transcripts:
        for turn in transcript.units("turn"):
            case = plain.table.index.case_of(transcript.id, turn.speaker)
            row = {"id": transcript.id, "speaker": turn.speaker, "text": transcript.quote(turn.span), "case": case}
            rows.append(row | {name: cases.get(case, {}).get(name, "") for name in plain.table.index.attributes})
    pd.DataFrame(rows).to_parquet(tmp_path / "sample.parquet")
    tag_corpus([tmp_path / "sample.parquet"], sample_codebook, tmp_path / "out.parquet", unit=unit, batch=2000)
    table = read_codings(tmp_path / "out.parquet")
    themes = qualcode.count_themes(table)
    pd.testing.assert_frame_equal(themes.frame, plain.themes.frame)
    pd.testing.assert_frame_equal(themes.interviewer, plain.themes.interviewer)
    assert themes.caption == plain.themes.caption
    shown = ["transcript", "case", "speaker", "segment", "code", "coder", "rule", "matched", "words", "is_interviewer"]
    pd.testing.assert_frame_equal(table.codings[shown], plain.table.codings[shown])
    by_role = [count_by(one, "role") for one in (table, plain.table)]
    pd.testing.assert_frame_equal(*by_role)


def test_without_ids_each_row_is_a_transcript_and_without_speakers_the_case_speaks(book: Path, tmp_path: Path) -> None:
    pd.DataFrame({"Answer": ["We wait.", "", "I was late."], "case": ["x", "y", "x"]}).to_csv(tmp_path / "a.csv")
    report = tag_corpus([tmp_path / "a.csv"], book, tmp_path / "out.parquet", text_column="answer")
    found = pd.read_parquet(tmp_path / "out.parquet")
    assert found[["transcript", "case", "speaker", "start", "end"]].to_numpy().tolist() == [
        ["R1", "x", "x", 0, 8],
        ["R3", "x", "x", 0, 11],
    ]
    assert {problem.rule for problem in report.problems} == {"no-ids", "blank-rows", "silent-transcripts"}
    assert qualcode.count_themes(read_codings(tmp_path / "out.parquet")).n_cases == 1


# ---- whoever does the work


def test_neither_batches_nor_files_change_a_byte(large: Path, book: Path, tmp_path: Path) -> None:
    tag_corpus([large], book, tmp_path / "one.parquet")
    expected = read_both(tmp_path / "one.parquet")
    for batch in (1, 77, 500):
        report = tag_corpus([large], book, tmp_path / f"{batch}.parquet", batch=batch)
        assert report.n_batches > 1
        assert read_both(tmp_path / f"{batch}.parquet") == expected


def test_a_folder_of_files_is_one_corpus_in_the_order_of_their_numbers(book: Path, tmp_path: Path) -> None:
    """Also where the rows of a transcript lie in two files."""
    frame().to_parquet(tmp_path / "whole.parquet")
    folder = tmp_path / "parted"
    folder.mkdir()
    for number, rows in ((2, ROWS[:1]), (3, []), (10, ROWS[1:4]), (11, ROWS[4:])):
        frame(rows).to_parquet(folder / f"part.{number}.parquet")
    tag_corpus([tmp_path / "whole.parquet"], book, tmp_path / "a.parquet")
    tag_corpus([folder], book, tmp_path / "b.parquet", batch=1)
    first, second = (pd.read_parquet(tmp_path / name) for name in ("a.parquet", "b.parquet"))
    pd.testing.assert_frame_equal(first, second)


def test_processes_of_which_one_is_killed_give_the_same(large: Path, book: Path, tmp_path: Path) -> None:
    """Twice, and long before the last batch is handed in: what was not yet read must not be forgotten either."""
    import multiprocessing

    plain = tag_corpus([large], book, tmp_path / "plain.parquet", batch=30)
    assert plain.n_batches > 25
    killed: set[int] = set()

    def kill_twice(step: str) -> None:
        alive = [one.pid for one in multiprocessing.active_children()]
        if "done" in step and len(killed) < 2 and killed.isdisjoint(alive):
            killed.add(alive[0])
            os.kill(alive[0], KILL)

    report = tag_corpus([large], book, tmp_path / "killed.parquet", batch=30, jobs=2, progress=kill_twice)
    assert len(killed) == 2
    assert report.n_batches == plain.n_batches
    assert read_both(tmp_path / "killed.parquet") == read_both(tmp_path / "plain.parquet")


def test_a_corpus_that_changes_while_it_is_tagged_is_told(large: Path, book: Path, tmp_path: Path) -> None:
    rows = pd.read_parquet(large)
    folder = tmp_path / "folder"
    folder.mkdir()
    rows.assign(id=rows["id"] + "x").to_parquet(folder / "1.parquet")
    rows.to_parquet(folder / "2.parquet")

    def shorten(step: str) -> None:
        if "done" in step:
            rows[:20].to_parquet(folder / "2.parquet")

    with pytest.raises(SourceError, match="changed during tagging: it had 240 rows, then 140"):
        tag_corpus(folder, book, tmp_path / "out.parquet", batch=1000, progress=shorten)


def test_a_dask_cluster_of_which_one_worker_is_killed_gives_the_same(large: Path, book: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    tag_corpus([large], book, tmp_path / "plain.parquet", batch=300)
    killed: list[int] = []
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as cluster:

        def kill_once(step: str) -> None:
            if "done" in step and not killed:
                killed.append(next(iter(cluster.workers.values())).pid)
                os.kill(killed[0], KILL)

        tag_corpus(
            [large],
            book,
            tmp_path / "dask.parquet",
            batch=300,
            engine="dask",
            scheduler=cluster.scheduler_address,
            progress=kill_once,
        )
    assert killed
    assert read_both(tmp_path / "dask.parquet") == read_both(tmp_path / "plain.parquet")


def test_a_run_that_was_interrupted_goes_on(large: Path, book: Path, tmp_path: Path) -> None:
    whole = tag_corpus([large], book, tmp_path / "whole.parquet", batch=300)
    steps: list[str] = []

    def stop(step: str) -> None:
        steps.append(step)
        if len(steps) == 5:
            raise KeyboardInterrupt

    out = tmp_path / "out.parquet"
    with pytest.raises(KeyboardInterrupt):
        tag_corpus([large], book, out, batch=300, progress=stop)
    assert not out.exists()
    parts = sorted((tmp_path / "out.parquet.parts").iterdir())
    assert len(parts) == 4
    parts[0].write_bytes(parts[0].read_bytes()[:-9])
    report = tag_corpus([large], book, out, batch=300)
    assert (report.n_found, report.n_batches) == (3, whole.n_batches)
    assert read_both(out) == read_both(tmp_path / "whole.parquet")
    assert not (tmp_path / "out.parquet.parts").exists()


def test_what_was_finished_with_other_rules_is_done_again(
    large: Path, book: Path, tmp_path: Path, write: Callable[[str, str], Path]
) -> None:
    def stop(step: str) -> None:
        if step.startswith("Tagging: 3"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tag_corpus([large], book, tmp_path / "out.parquet", batch=300, progress=stop)
    other = write("other.yaml", "codes: [{id: time, rules: [late]}]")
    report = tag_corpus([large], other, tmp_path / "out.parquet", batch=300)
    assert report.n_found == 0
    assert set(pd.read_parquet(tmp_path / "out.parquet")["code"]) == {"time"}


def test_a_cluster_that_loses_its_only_worker_says_so_and_what_is_finished_is_kept(
    large: Path, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr("qualcode.corpus.engines._WORKER_SECONDS", 0.5)
    out = tmp_path / "out.parquet"
    quiet = {"silence_logs": logging.CRITICAL}  # what a worker says of its own end is not the program's
    with distributed.LocalCluster(1, threads_per_worker=1, dashboard_address="127.0.0.1:0", **quiet) as cluster:

        def take_the_worker(step: str) -> None:
            if "done" in step and cluster.workers:
                cluster.scale(0)

        with pytest.raises(QualcodeError, match="no workers left"):
            tag_corpus(
                [large],
                book,
                out,
                batch=20,
                engine="dask",
                scheduler=cluster.scheduler_address,
                progress=take_the_worker,
            )
    assert "Traceback" not in capfd.readouterr().err
    n_kept = len(list((tmp_path / "out.parquet.parts").iterdir()))
    assert n_kept
    assert tag_corpus([large], book, out, batch=20).n_found == n_kept


ODD = [
    "Cafe\u0301 \U0001f468\u200d\U0001f469\u200d\U0001f467 we wait.\r\nI was late!",
    "\u05d0\u05e0\u05d9 wait \u05dc\u05d0",
    "  wait\u00a0wait\tWAIT  ",
    "ｗａｉｔ 等 wait",
    "wait\x00late",
    "a" * 50_000,
    "=wait(1)",
]


def test_odd_texts_are_quoted_as_they_stand(book: Path, tmp_path: Path) -> None:
    """NFC, line ends of one kind, no control characters: then a row's text has its quotes at their places."""
    pd.DataFrame({"id": [f"x,{n}\n" for n in range(len(ODD))], "text": ODD}).to_parquet(tmp_path / "odd.parquet")
    report = tag_corpus([tmp_path / "odd.parquet"], book, tmp_path / "out.parquet", batch=1)
    found = pd.read_parquet(tmp_path / "out.parquet").set_index("transcript")
    for number, text in enumerate(ODD):
        clean = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\x00", ""))
        rows = found[found.index == f"x,{number}\n"]
        assert [clean[start:end] for start, end in zip(rows["start"], rows["end"], strict=True)] == list(rows["quote"])
    assert report.facts.n_transcripts == len(ODD)
    assert report.facts.left_out == {"control characters": 1}
    assert found["matched"].tolist()[:3] == ["wait", "late", "wait"]


def test_columns_of_any_plain_type_are_read_and_others_left_out(book: Path, tmp_path: Path) -> None:
    """Ids with a gap are floats in pandas; categories, dates and numbers are words like others."""
    table = pa.table(
        {
            "id": [1.0, 1.0, 2.0],
            "text": pa.array(["We wait.", "I was late.", "We wait."]).dictionary_encode(),
            "case": pa.array(["x", "x", None], pa.large_string()),
            "words": [3, 3, None],
            "day": pa.array([0, 0, 1], pa.date32()),
            "pair": [[1], [2], [3]],
        }
    )
    pq.write_table(table, tmp_path / "typed.parquet")
    report = tag_corpus([tmp_path / "typed.parquet"], book, tmp_path / "out.parquet")
    codings = read_codings(tmp_path / "out.parquet")
    assert codings.transcript_ids == ("1", "2")
    assert [(case.id, case.attributes) for case in codings.index.cases] == [
        ("x", {"words": "3", "day": "1970-01-01"}),
        ("2", {"day": "1970-01-02"}),
    ]
    assert count_by(codings, "words", level=1)["case words"].tolist() == ["3", "(not given)"] * 2
    assert [problem.rule for problem in report.problems] == ["column-left-out"]


# ---- what cannot be used


def write_parquet(tmp_path: Path, **columns: object) -> Path:
    pq.write_table(pa.table(columns), tmp_path / "bad.parquet")
    return tmp_path / "bad.parquet"


BAD = {
    "no such column": ({"id": ["a"], "texts": ["x"]}, "no column “text”", "Did you mean “texts”"),
    "numbers": ({"id": ["a"], "text": [3]}, "“text” holds int64, not text", "--text-column"),
    "lists as ids": ({"id": [["a"]], "text": ["x"]}, "“id” holds list", "text or numbers"),
    "no rows": ({"id": pa.array([], pa.string()), "text": pa.array([], pa.string())}, "no row", "another file"),
    "no words": ({"id": ["a", "b"], "text": [None, " "]}, "no text in the column “text”", "--text-column"),
    "null text": ({"id": ["a"], "text": pa.nulls(1)}, "no text in the column “text”", "--text-column"),
    "no id": ({"id": ["a", None], "text": ["x", "y"]}, "row has no id", "Fill in the column “id”"),
    "parted rows": ({"id": ["a", "b", "a"], "text": ["x", "y", "z"]}, "“a” are not together", "Sort the table"),
    "two cases": (
        {"id": ["a", "a"], "text": ["x", "y"], "speaker": ["S", "S"], "case": ["1", "2"]},
        "both the case “1” and the case “2”",
        "label of its own",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_corpus_that_cannot_be_used_is_told(name: str, book: Path, tmp_path: Path) -> None:
    columns, message, hint = BAD[name]
    with pytest.raises(SourceError, match=message) as caught:
        tag_corpus([write_parquet(tmp_path, **columns)], book, tmp_path / "out.parquet")
    assert hint in caught.value.hint
    assert not (tmp_path / "out.parquet").exists()


def test_damaged_files_are_told(corpus: Path, book: Path, tmp_path: Path) -> None:
    data = corpus.read_bytes()
    for damaged in (b"", b"words", data[:-20], data[:200] + bytes(200) + data[400:]):
        (tmp_path / "bad.parquet").write_bytes(damaged)
        with pytest.raises(SourceError, match="damaged"):
            tag_corpus([tmp_path / "bad.parquet"], book, tmp_path / "out.parquet")


def test_nothing_is_overwritten_without_force(corpus: Path, book: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.parquet"
    tag_corpus([corpus], book, out)
    with pytest.raises(OutputError, match="exists"):
        tag_corpus([corpus], book, out)
    tag_corpus([corpus], book, out, force=True)
    with pytest.raises(OutputError, match="overwrite the corpus"):
        tag_corpus([corpus], book, corpus, force=True)
    with pytest.raises(OutputError, match="among the files"):
        tag_corpus(tmp_path, book, tmp_path / "more.parquet")
    with pytest.raises(ValueError, match="an engine is one of"):
        tag_corpus(corpus, book, tmp_path / "more.parquet", engine="spark")
    with pytest.raises(OutputError, match="Parquet"):
        tag_corpus([corpus], book, tmp_path / "out.csv")


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense", "foo://there:1"])
def test_a_scheduler_that_does_not_answer_is_told(
    address: str, corpus: Path, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("qualcode.corpus.engines._CONNECT_SECONDS", 0.5)
    with pytest.raises(QualcodeError, match="No Dask scheduler answers"):
        tag_corpus([corpus], book, tmp_path / "out.parquet", engine="dask", scheduler=address)


def test_codings_that_do_not_belong_together_are_told(
    corpus: Path, book: Path, tmp_path: Path, write: Callable[[str, str], Path]
) -> None:
    out = tmp_path / "out.parquet"
    units = tmp_path / "out.units.parquet"
    tag_corpus([corpus], book, out)
    with pytest.raises(QualcodeError, match="another version of the codebook"):
        read_codings(out, codebook=qualcode.read_codebook(write("new.yaml", BOOK + "\n# changed\n")))
    tag_corpus([corpus], book, tmp_path / "other.parquet", unit="sentence")
    (tmp_path / "other.units.parquet").replace(units)
    with pytest.raises(SourceError, match="different runs"):
        read_codings(out)
    units.unlink()
    with pytest.raises(SourceError, match="no such file") as caught:
        read_codings(out)
    assert "in the same folder" in caught.value.hint
    (tmp_path / "corpus.units.parquet").write_bytes(corpus.read_bytes())
    with pytest.raises(SourceError, match="no codings"):
        read_codings(corpus)


def test_a_frame_is_to_be_saved_first(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="from files") as caught:
        tag_corpus(pd.DataFrame({"text": ["busy"]}), tmp_path / "book.yaml", tmp_path / "out.parquet")  # type: ignore[arg-type]
    assert "to_parquet" in caught.value.hint


@pytest.mark.parametrize("n_rows", [1, 3, 1000])
def test_blocks_of_whole_transcripts_count_as_the_file_does(
    n_rows: int, large: Path, book: Path, tmp_path: Path
) -> None:
    out = tmp_path / "codings.parquet"
    tag_corpus(large, book, out)
    table = read_codings(out)
    blocks = list(table.frames.blocks("along", n_rows=n_rows))
    names = [name for block in blocks for name in block.units.frame["transcript"].unique()]
    assert len(names) == len(set(names))
    pd.testing.assert_frame_equal(pd.concat([block.units.frame for block in blocks], ignore_index=True), table.units)
    codings = pd.concat([block.columns.frame for block in blocks], ignore_index=True)
    pd.testing.assert_frame_equal(codings, table.codings)
    counted = Tally(table.codebook, 1, table.frames.n_voices)
    for block in blocks:
        counted.add(block, np.where(block.units.frame["is_interviewer"], -1, 0))
    whole = tally(table, np.where(table.units["is_interviewer"], -1, 0), 1)
    assert {name: count.tolist() for name, count in counted.counts().items()} == {
        name: count.tolist() for name, count in whole.items()
    }


def test_a_case_of_several_blocks_is_one_case(book: Path, tmp_path: Path) -> None:
    rows = [(f"T{number // 2}", "Friends wait.", f"C{number // 2 % 3}") for number in range(12)]
    pd.DataFrame(rows, columns=["id", "text", "case"]).to_parquet(tmp_path / "answers.parquet")
    out = tmp_path / "codings.parquet"
    tag_corpus(tmp_path / "answers.parquet", book, out)
    table = read_codings(out)
    counted = Tally(table.codebook, 1, table.frames.n_voices)
    for block in table.frames.blocks(n_rows=2):
        counted.add(block, np.zeros(len(block.units.frame), dtype=np.int64))
    counts = {name: int(count.max()) for name, count in counted.counts().items()}
    assert counts == {"codings": 12, "segments": 12, "words": 24, "transcripts": 6, "cases": 3}
    assert count_themes(table).frame["cases"].max() == 3


@pytest.mark.parametrize("n_rows", [1, 4, 1000])
def test_questions_are_counted_block_by_block_as_codes(
    n_rows: int, large: Path, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag_corpus(large, book, tmp_path / "out.parquet")
    monkeypatch.setattr(FileFrames.blocks, "__kwdefaults__", {"n_rows": n_rows})
    questions = {"both": "time and people", "rest": "waiting not both", "near": "rest near 1 turn both"}
    table = count_questions(read_codings(tmp_path / "out.parquet"), questions)
    # In each of 15 interviews: Ann is late where a friend helps, and her team hurries; Cat waits for friends, who help
    # when she is late. Ann says yes and waits where neither is, but beside it.
    counted = count_themes(table).frame.set_index("code")[["codings", "segments", "cases"]]
    assert counted.loc[["both", "rest", "near"]].to_numpy().tolist() == [[60, 45, 2], [30, 30, 1], [30, 30, 1]]
    before = count_themes(read_codings(tmp_path / "out.parquet")).frame.set_index("code")
    assert counted.iloc[:3].to_numpy().tolist() == before[counted.columns].to_numpy().tolist()
    quotes = select_quotes(table, "both")
    assert quotes[["rule", "matched"]].to_numpy().tolist() == [["", ""]] * 60
    late, hurry, wait, helped = (
        "I was late, and a friend came to help.",
        "The team was in a hurry.",
        "I wait for friends.",
        "They help me when late.",
    )
    assert quotes["quote"].tolist() == [late, hurry, wait, helped] * 15
    assert table.frames.n_codings == len(table.codings) == len(read_codings(tmp_path / "out.parquet").codings) + 120
    assert table.codings["code"].value_counts()[["both", "rest", "near"]].tolist() == [60, 30, 30]


def test_what_needs_more_than_can_be_held_at_once_is_refused(
    large: Path, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag_corpus(large, book, tmp_path / "out.parquet")
    n_codings = len(read_codings(tmp_path / "out.parquet").codings)
    monkeypatch.setattr("qualcode.corpus.files._MOST_HELD", n_codings - 1)
    table = read_codings(tmp_path / "out.parquet")
    assert repr(table) == f"<CodingTable: {n_codings} codings by rules on 105 turns of 45 transcripts>"
    assert count_themes(count_questions(table, {"both": "time and people"})).frame["codings"].iloc[-1] == 60
    for ask in (lambda: find(table, "time"), lambda: relate(table), lambda: table.index):
        with pytest.raises(QualcodeError, match=f"all codings at once: {n_codings}") as caught:
            ask()
        assert (caught.value.where, caught.value.hint[:24]) == ("out.parquet", "Tag a part of the corpus")


@pytest.mark.parametrize("share", [1, 3, 1000])
def test_cases_of_many_names_count_as_written_however_they_are_dealt(
    share: int, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qualcode.text_columns._SHARE", share)
    monkeypatch.setattr("qualcode.corpus.files._BLOCK_ROWS", 2)
    names = ["ann", "", "ann", "né", "ne\u0301", "好", "nna", "好", "", "ann"]
    ages = ["", "1", "2", "", "3", "4", "5", "4", "6", "7"]  # ann's varies
    rows = [
        (f"T{number}", "Friends wait.", name, age) for number, (name, age) in enumerate(zip(names, ages, strict=True))
    ]
    pd.DataFrame(rows, columns=["id", "text", "case", "age"]).to_parquet(tmp_path / "answers.parquet")
    report = tag_corpus(tmp_path / "answers.parquet", book, tmp_path / "codings.parquet")
    table = read_codings(tmp_path / "codings.parquet")
    assert table.frames.group().names == ["ann", "T1", "né", "ne\u0301", "好", "nna", "T8"]
    assert count_themes(table).frame["cases"].tolist() == [7, 7, 7]
    varying = [one.message for one in (*report.problems, *table.problems) if one.rule == "attribute-varies"]
    assert varying == ["“age” varies within a case over its transcripts (cases: 1); its first value counts."]
    by_age = count_by(table, "age").query("code == 'people'").set_index("age")["cases"]
    assert by_age.to_dict() == {"1": 1, "2": 1, "3": 1, "4": 1, "5": 1, "6": 1, "(not given)": 1}


@pytest.mark.parametrize("share", [1, 2, 1000])
def test_the_first_row_that_begins_a_transcript_again_is_told(
    share: int, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qualcode.text_columns._SHARE", share)
    ids = ["a", "a", "b", "c", "c", "b", "a"]
    pd.DataFrame({"id": ids, "text": "Late."}).to_parquet(tmp_path / "answers.parquet")
    with pytest.raises(SourceError, match="The rows of “b” are not together") as caught:
        tag_corpus(tmp_path / "answers.parquet", book, tmp_path / "codings.parquet")
    assert caught.value.where == "answers.parquet, row 6"


def test_files_of_many_rows_are_the_same_however_their_batches_are_cut(
    large: Path, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qualcode.corpus.files._GROUP_ROWS", 7)  # so that passages lie across groups
    files = []
    for size in (1, 300, 1_000_000):
        tag_corpus(large, book, tmp_path / "out.parquet", batch=size, unit="sentence", force=True)
        files.append(read_both(tmp_path / "out.parquet"))
    assert files[0] == files[1] == files[2]
    kept = pq.read_table(tmp_path / "out.parquet")
    assert pq.ParquetFile(tmp_path / "out.parquet").num_row_groups == -(-len(kept) // 7)
    assert {str(field.type) for field in kept.schema} == {"string", "int64", "bool"}
    monkeypatch.undo()
    tag_corpus(large, book, tmp_path / "out.parquet", unit="sentence", force=True)
    assert pq.read_table(tmp_path / "out.parquet").equals(kept)


def test_a_file_is_grouped_and_drawn_block_by_block_as_in_memory(
    large: Path, book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag_corpus(large, book, tmp_path / "out.parquet")
    whole = read_codings(tmp_path / "out.parquet")
    monkeypatch.setattr("qualcode.corpus.files._BLOCK_ROWS", 5)
    monkeypatch.setattr(type(whole.frames).blocks, "__kwdefaults__", {"n_rows": 5})
    table = read_codings(tmp_path / "out.parquet")
    assert len(list(table.frames.blocks())) > 10
    for attribute in ("case", "role"):
        groups, expected = table.frames.group(attribute), whole.index.groups(attribute)
        assert groups.names == list(expected)
        assert groups.sizes.tolist() == [len(cases) for cases in expected.values()]
    # By hand: Ann's role is boss, those of Ben, Dan (silent) and Eve are clerk, Cat's is not given.
    by_role = count_by(table, "role")
    waiting = by_role[by_role["code"] == "time/waiting"].set_index("role")
    assert waiting["n_cases"].to_dict() == {"boss": 1, "clerk": 2, "(not given)": 1}
    assert waiting["segments"].to_dict() == {"boss": 30, "clerk": 0, "(not given)": 15}
    shared = count_cooccurrence(table)
    assert shared.loc["people", "time"] == 45  # both turns of Ann, and that of Cat
    assert (shared.to_numpy().diagonal() == count_themes(table).frame["segments"]).all()
    presence = find_presence(table, level=1)
    assert [presence.cases, presence.matrix.tolist()] == [
        [case.id for case in whole.index.cases],
        [[True, False, True, False]] * 2,  # Ann and Cat speak of time and of people, Ben and Eve of neither
    ]
    quotes = select_quotes(table, "people", case="ben")
    assert quotes["transcript"].tolist() == []
    assert select_quotes(table, "time").equals(select_quotes(whole, "time"))


def test_figures_of_a_file_with_more_than_a_page_holds_say_what_is_drawn(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(f"T{number}", "Ann", "I was late." if number % 2 else "Nothing.", "", "") for number in range(2500)]
    frame(rows).drop(columns=["case", "role", "speaker"]).to_parquet(tmp_path / "many.parquet")
    tag_corpus(tmp_path / "many.parquet", book, tmp_path / "out.parquet")
    themes = count_themes(read_codings(tmp_path / "out.parquet"))
    lines = plot_codelines(themes)
    assert lines.selection.startswith("Drawn: the first ")
    assert lines.selection.endswith(" of 2,500 interviews.")
    drawn = int(lines.selection.split()[3])
    assert lines.data["transcript"].tolist() == [f"T{number}" for number in range(1, drawn, 2)]
    cells = plot_cases(themes)
    assert cells.selection == "Drawn: the first 1,000 of 2,500 cases."
    assert [problem.rule for problem in cells.problems].count("no-room") == 2
    late = cells.data[cells.data["code"] == "time"]
    assert late["segments"].tolist() == [number % 2 for number in range(1000)]
    sets = plot_upset(themes)
    assert sets.data.loc[sets.data["combination"] == 0, "cases"].tolist() == [1250]
    with pytest.raises(QualcodeError, match="No transcript has times"):
        plot_timeline(themes)
    monkeypatch.setattr("qualcode.themes._MOST_QUOTES", 1249)
    with pytest.raises(QualcodeError, match="more than 1,249 quotes"):
        select_quotes(themes.table)
    assert len(select_quotes(themes.table, case="T3")) == 1
    monkeypatch.setattr("qualcode.themes._MOST_CELLS", 1000)
    with pytest.raises(QualcodeError, match="codes in 2,500 groups"):
        count_by(themes.table)


def test_quotes_that_outgrow_a_dictionary_are_written_as_they_stand(book: Path, tmp_path: Path) -> None:
    texts = [f"Quote {number}, which is late and {'long ' * 9}é" for number in range(25_000)]  # more than 1 MB
    pd.DataFrame({"id": [f"T{number}" for number in range(len(texts))], "text": texts}).to_parquet(
        tmp_path / "a.parquet"
    )
    files = []
    for size in (200_000, 2_000_000):
        tag_corpus(tmp_path / "a.parquet", book, tmp_path / "out.parquet", batch=size, force=True)
        files.append(read_both(tmp_path / "out.parquet"))
    assert files[0] == files[1]
    assert pq.read_table(tmp_path / "out.parquet")["quote"].to_pylist() == texts


def test_tagging_loads_no_pandas(corpus: Path, book: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from qualcode.corpus import tag_corpus; tag_corpus(*sys.argv[1:]); print('pandas' in sys.modules)"
    )
    command = [sys.executable, "-c", script, str(corpus), str(book), str(tmp_path / "out.parquet")]
    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout == "False\n"


SIGNS = "aé\u0301\u1100\u1161\t\n\r\x00\x1b\x7f\x85\x9f\xa0\xadÿĀ\u02ff\u2000\u2002–’…好😀\ufeff"
SIGNS += "\u2028\u2029\u202a\u203f\u2040\u2126\ufb01"


@given(st.lists(st.text(st.sampled_from(SIGNS) | st.characters(exclude_categories=["Cs"]), max_size=6), min_size=1))
def test_texts_of_corpora_are_cleaned_as_everywhere(texts: list[str]) -> None:
    counted, found = {}, Found()
    ids = [str(number) for number in range(len(texts))]
    blank = [""] * len(texts)
    rows = pa.table({"id": ids, "text": texts, "speaker": blank, "case": blank})
    assert read_rows(rows, (), found).text.text == "\n".join([clean_text(text, counted) for text in texts])
    assert found.left_out == counted
