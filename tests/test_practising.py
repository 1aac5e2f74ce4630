"""A study to practise on hides what others coded, and scores what a learner read against it."""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from studies import begin_study

import qualcode
from qualcode.cli import cli
from qualcode.errors import QualcodeError
from qualcode.practising import KEY_NAME, make_practice, score_practice

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def source(tmp_path: Path) -> Path:
    with begin_study(tmp_path / "source", "P07", "P08") as study:
        for name in ("P07", "P08"):
            study.decide("ana", f"{name}:t002", "scheduling", "accept", note="a clear case")
            study.decide("ana", f"{name}:t004", "turnover", "accept")
        study.memo("study", "What we found.\n", author="ana")
    return tmp_path / "source"


def test_nothing_of_what_others_coded_lies_open(source: Path, tmp_path: Path) -> None:
    make_practice(source, tmp_path / "practice").close()
    files = [path for path in (tmp_path / "practice").rglob("*") if path.is_file()]
    everything = b"".join(path.read_bytes() for path in files)
    for one in (b"ana", b"a clear case", b"What we found", b"accepted"):
        assert one not in everything
    assert not list((tmp_path / "practice").glob("sheets/*"))
    with qualcode.open_study(tmp_path / "practice") as study:
        assert study.transcript_ids() == ("P07", "P08")
        assert study.check() == []
        assert study.settings.id != qualcode.open_study(source).settings.id


def test_scores_by_hand(source: Path, tmp_path: Path) -> None:
    with make_practice(source, tmp_path / "practice") as study:
        study.decide("mei", "P07:t002", "scheduling", "apply")  # found
        study.decide("mei", "P07:t002", "praise", "apply")  # beyond the key
        study.mark_seen("mei", ["P07:t004", "P08:t002"])  # turnover and scheduling missed; P08:t004 was not read
    found = score_practice(tmp_path / "practice")
    rows = {row["code"]: row for row in found.frame.to_dict("records")}
    numbers = {code: tuple(rows[code][name] for name in ("key", "found", "missed", "beyond")) for code in rows}
    assert numbers == {
        "": (3, 1, 2, 1),
        "challenges/scheduling": (2, 1, 1, 0),
        "challenges/turnover": (1, 0, 1, 0),
        "praise": (0, 0, 0, 1),
    }
    # three units; scheduling: key yes yes no, mei yes no no: observed 2/3, expected 2/3·1/3 + 1/3·2/3 = 4/9
    assert rows["challenges/scheduling"]["percent"] == pytest.approx(200 / 3)
    assert rows["challenges/scheduling"]["kappa"] == pytest.approx((2 / 3 - 4 / 9) / (1 - 4 / 9))
    told = [(row["what"], row["code"], row["segment"]) for row in found.differences.to_dict("records")]
    assert told == [
        ("beyond the key", "praise", "t002"),
        ("missed", "challenges/turnover", "t004"),
        ("missed", "challenges/scheduling", "t002"),
    ]


def test_the_reason_is_that_of_the_codebook(tmp_path: Path) -> None:
    with begin_study(tmp_path / "source") as study:
        text = study.layout.codebook.read_text("utf-8")
        lines = ("name: Turnover", "definition: People leave.", "include: [retirement]", "exclude: [holidays]")
        more = "\n        ".join(lines)
        study.layout.codebook.write_text(text.replace("name: Turnover", more), "utf-8")
        study.decide("ana", "P07:t004", "turnover", "apply")
    with make_practice(tmp_path / "source", tmp_path / "practice") as study:
        study.mark_seen("mei", ["P07:t004"])
        study.decide("mei", "P07:t002", "turnover", "apply")
    reasons = dict(score_practice(tmp_path / "practice").differences[["what", "reason"]].itertuples(index=False))
    assert reasons["missed"] == "People leave. Include: retirement"
    assert reasons["beyond the key"] == "People leave. Exclude: holidays"


def test_the_commands(source: Path, tmp_path: Path) -> None:
    def run(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(cli, list(arguments))
        assert result.exit_code == code, result.output
        return result.stdout

    practice = str(tmp_path / "practice")
    run("practice", practice, "--study", str(source), "--transcript", "P08")
    run("practice", "score", "--study", practice, code=1)
    run("decide", "--study", practice, "--coder", "mei", "P08:t002", "scheduling", "apply")
    [first, *_] = json.loads(run("practice", "score", "--study", practice, "--format", "json"))
    assert (first["found"], first["key"]) == (1, 1)
    assert "no such" not in run("practice", "score", "--study", practice)
    run("practice", "score", "--study", str(source), code=1)
    run("practice", practice, "--study", str(source), code=1)
    run("practice", str(tmp_path / "other"), "--study", str(source), "--transcript", "P99", code=1)
    assert not (tmp_path / "other").exists()


def test_two_learners_are_told_apart(source: Path, tmp_path: Path) -> None:
    with make_practice(source, tmp_path / "practice") as study:
        study.decide("mei", "P07:t002", "scheduling", "apply")
        study.decide("kit", "P07:t004", "praise", "apply")
    with pytest.raises(QualcodeError, match="Several people"):
        score_practice(tmp_path / "practice")
    assert score_practice(tmp_path / "practice", "kit").frame["found"].iloc[0] == 0


@pytest.mark.parametrize(
    "data",
    [b"", b"one line", b"head\n!!!\n", b"head\n" + base64.b64encode(zlib.compress(b'{"codings": 3}')),
     b"head\n" + base64.b64encode(zlib.compress(b"[" * 100_000)), b"head\n" + base64.b64encode(b"no zlib")],
)  # fmt: skip
def test_a_damaged_key_is_told(source: Path, tmp_path: Path, data: bytes) -> None:
    with make_practice(source, tmp_path / "practice") as study:
        study.decide("mei", "P07:t002", "scheduling", "apply")
    (tmp_path / "practice" / KEY_NAME).write_bytes(data)
    with pytest.raises(QualcodeError, match="damaged"):
        score_practice(tmp_path / "practice")


def test_a_practice_study_inside_of_its_study_is_refused(source: Path) -> None:
    with pytest.raises(QualcodeError, match="inside the study"):
        make_practice(source, source / "training")
    assert not (source / "training").exists()


def test_without_codings_there_is_no_key(tmp_path: Path) -> None:
    begin_study(tmp_path / "source").close()
    with pytest.raises(QualcodeError):
        make_practice(tmp_path / "source", tmp_path / "practice", coders=["ana"])
