"""Who talks how much, counted by eye and against the published interviews' own counts."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from interviews import interview
from published_methods import CASES

from qualcode.cli import cli
from qualcode.sources import read_transcripts
from qualcode.study import create_study
from qualcode.voices import talk

ROOT = Path(__file__).resolve().parents[1]
ONE = interview("P1", "I: What is hard?\nKim: Finding a date. 真的？\nI: Why 呢\nKim: No idea.\nLee: Is it? Yes.\n")


def test_turns_words_and_questions_by_eye() -> None:
    found = talk([ONE])
    columns = ["speaker", "is_interviewer", "turns", "words", "median_turn", "longest_turn", "questions"]
    assert found.frame[columns].to_numpy().tolist() == [
        ["I", True, 2, 5, 2.5, 3, 2],
        ["Kim", False, 2, 7, 3.5, 5, 1],
        ["Lee", False, 1, 3, 3.0, 3, 1],
    ]
    assert found.frame["share"].tolist() == [0.3333, 0.4667, 0.2]
    assert found.frame["seconds"].isna().all()
    assert found.sentence == (
        "1 transcript with 15 words in 5 turns. Interviewers say 33% of them. "
        "Too few turns have times to say how long it took."
    )


def test_seconds_run_to_the_next_turn_where_most_turns_have_times() -> None:
    def timed(times: list[float | None]) -> Any:
        turns = ONE.units("turn")
        by_id = {turn.id: replace(turn, time=time) for turn, time in zip(turns, times, strict=True)}
        return replace(ONE, segments=tuple(by_id.get(one.id, one) for one in ONE.segments))

    frame = talk([timed([0.0, 6.0, 30.0, 33.0, 60.0])]).frame
    assert frame["seconds"].tolist()[:2] == [9.0, 51.0]
    assert math.isnan(frame["seconds"].iloc[2])  # nothing follows the last turn
    assert frame["words_a_minute"].tolist()[:2] == [33.3, 8.2]
    assert talk([timed([0.0, None, 30.0, 33.0, 60.0])]).frame["seconds"].tolist()[:2] == [3.0, 27.0]
    assert talk([timed([0.0, None, None, 33.0, 60.0])]).frame["seconds"].isna().all()
    backwards = talk([timed([9.0, 6.0, 30.0, 20.0, 60.0])]).frame
    assert backwards["seconds"].tolist()[1] == 64.0


@pytest.mark.parametrize(
    ("label", "is_slip"),
    [("Particpant", True), ("Participants", True), ("Partner", False), ("participant", False), ("Participant2", False)],
)
def test_labels_that_look_like_slips(label: str, is_slip: bool) -> None:
    talk_ = interview("P5", "I: Yes?\nParticipant: So.\n" * 5 + f"{label}: Oh.\n")
    problems = talk([talk_]).problems
    assert [problem.rule for problem in problems] == (["similar-label"] if is_slip else [])


def test_numbered_speakers_and_initials_are_no_slips() -> None:
    lines = "".join(f"Speaker1: Word {n}.\n" for n in range(6)) + "Speaker2: Yes.\nAnn: So.\nAmy: No.\n"
    assert talk([interview("P1", lines)]).problems == ()


def test_nothing_and_no_labels() -> None:
    assert talk([]).frame.empty
    assert "0 words" in talk([]).sentence
    assert talk([interview("P1", "Only words.\n")]).frame["speaker"].tolist() == ["(no label)"]
    assert str(talk([]))


def test_the_command(tmp_path: Path) -> None:
    def call(*arguments: str) -> Any:
        return CliRunner().invoke(cli, ["talk", *arguments])

    done = call(str(ROOT / "transcripts_sample"), "--format", "csv")
    assert done.exit_code == 0
    assert [line.split(",")[3] for line in done.stdout.splitlines()[1:]] == [
        str(n) for n in (26, 26, 40, 42, 22, 22, 29, 29)
    ]
    book = ROOT / "codebooks" / "industry_partnership.yaml"
    with create_study(tmp_path / "study", codebook=book) as study:
        transcripts, _ = read_transcripts(ROOT / "transcripts_sample")
        study.import_transcripts(transcripts, ROOT / "transcripts_sample")
    assert call("--study", str(tmp_path / "study")).exit_code == 0
    assert call("--study", str(tmp_path / "study"), "--language", "en").exit_code == 2
    slip = tmp_path / "P5.txt"
    slip.write_text("Interviewer: Yes?\n\nParticipant: So.\n\n" * 6 + "Particpant: Oh.\n", "utf-8")
    assert call(str(slip)).exit_code == 3


PDPILOT = Path(__file__).resolve().parents[2] / "shared" / "data" / "neutral" / "pdpilot" / "docs"


@pytest.mark.skipif(not PDPILOT.exists(), reason="the development data is not here")
def test_published_interviews_have_the_turns_and_words_that_were_counted() -> None:
    case = CASES["talk-pdpilot"]["expected"]
    frame = talk(read_transcripts(PDPILOT)[0]).frame
    for label, kind in (("Dan", "interviewer"), ("Participant", "participant")):
        mine = frame[frame["speaker"] == label]
        assert mine["turns"].tolist() == case[f"turns_{kind}"]
        assert mine["words"].tolist() == pytest.approx(case[f"words_{kind}"], abs=2)
    assert set(frame["speaker"]) - {"Dan", "Participant"} == set(case["other_voices"]["P5"])
