"""``qualcode agreement`` from the outside."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from qualcode.agreement import METRICS
from qualcode.cli import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

WIDE = "unit,ana,ben\n" + "".join(
    f"{number},{left},{right}\n" for number, (left, right) in enumerate([("a", "a"), ("b", "b"), ("a", "b")] * 4)
)
PASSAGES = "coder,start,end,value\nana,0,4,x\nana,10,16,y\nben,0,4,x\nben,11,15,y\n"


def call(*words: str, text: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["agreement", *words], input=text, catch_exceptions=False)


def test_json_has_a_record_per_coefficient(write: Callable[[str, str], Path]) -> None:
    path = write("r.csv", WIDE)
    found = call("--from-csv", str(path), "--coefficient", "alpha,cohen,ac1", "--format", "json")
    rows = json.loads(found.stdout)
    assert found.exit_code == 0
    assert [row["coefficient"] for row in rows] == ["alpha", "cohen", "ac1"]
    keys = ["coefficient", "metric", "value", "low", "high", "standard_error", "n_units", "n_coders", "reason"]
    assert [list(row) for row in rows] == [keys] * 3
    assert (rows[0]["n_units"], rows[0]["n_coders"], rows[0]["metric"]) == (12, 2, "nominal")
    # By hand: 8 of 12 agree; a: 12 of 24 values. Cohen: (2/3 − 1/2) ÷ 1/2 with margins 8/12 and 4/12 of a.
    expected = 8 / 12 * 4 / 12 + 4 / 12 * 8 / 12
    assert rows[1]["value"] == pytest.approx((2 / 3 - expected) / (1 - expected), abs=1e-11)
    assert rows[0]["low"] < rows[0]["value"] < rows[0]["high"]


def test_undefined_is_null_with_a_reason() -> None:
    found = call("--from-csv", "-", "--format", "json", "--coefficient", "alpha", text="unit,a,b\n1,x,x\n2,x,x\n")
    [row] = json.loads(found.stdout)
    assert row["value"] is None
    assert row["reason"].startswith("no variation")


CODEBOOK = """\
name: C
codes:
  - id: recommendations
    name: R
    codes:
      - id: strategic-recruitment
        name: S
  - id: other
    name: O
"""
DECISIONS = (
    ("ana", "t002", "strategic-recruitment"),
    ("ben", "t002", "strategic-recruitment"),
    ("ana", "t004", "strategic-recruitment"),
    ("ben", "t004", "other"),
    ("ana", "t006", "other"),
    ("ben", "t006", "other"),
)


def qualcode(*words: str, columns: str = "") -> Result:
    found = CliRunner(env={"COLUMNS": columns or None}).invoke(cli, list(words), catch_exceptions=False)
    assert found.exit_code in {0, 3}, found.stderr
    return found


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study of three answers that ana and ben coded."""
    (tmp_path / "c.yaml").write_text(CODEBOOK, "utf-8")
    (tmp_path / "P1.txt").write_text("I: Go on.\nP: One.\nI: And?\nP: Two.\nI: So?\nP: Three.\n", "utf-8")
    folder = tmp_path / "study"
    qualcode("init", str(folder), "--codebook", str(tmp_path / "c.yaml"))
    qualcode("import", "--study", str(folder), str(tmp_path / "P1.txt"))
    for coder, turn, code in DECISIONS:
        qualcode("decide", "--study", str(folder), "--coder", coder, f"P1:{turn}", code, "apply")
    return folder


def test_a_narrow_window_shows_whole_names_and_whole_numbers(study: Path) -> None:
    """What has no room is named, the reasons stand below the table, codes below the code above them."""
    found = qualcode("agreement", "--study", str(study), "--coders", "ana,ben", columns="80")
    lines = found.stdout.splitlines()
    assert lines[0].split()[:7] == ["code", "prevalence", "%", "percent", "alpha", "cohen", "ac1"]
    assert lines[3].startswith("  strategic-recruitment ")
    assert max(map(len, lines[:4])) <= 80
    reason = "% of the resamples had no variation and were left out."
    [names] = [line for line in lines if line.endswith(reason)]
    assert "recommendations, recommendations/strategic-recruitment, other" in names
    assert "Columns not shown, for lack of room: " in found.stderr


def test_shares_are_percentages_without_decimals_where_units_are_few(study: Path) -> None:
    """Strategic recruitment: ana gave it to 2 of 3 turns, ben to 1; they agree on 2 of 3."""
    found = qualcode("agreement", "--study", str(study), "--coders", "ana,ben")
    lines = [line.split() for line in found.stdout.splitlines()]
    [row] = [words for words in lines if words[:1] == ["strategic-recruitment"]]
    assert row[1:3] == ["50", "67"]
    [uses] = [words for words in lines if words[:1] == ["recommendations/strategic-recruitment"]]
    assert uses[1:] == ["67", "33", "50"]
    assert "Share of units to which each coder gave each code, in %:" in found.stdout
    frame = qualcode("agreement", "--study", str(study), "--coders", "ana,ben", "--format", "json")
    [share, *_] = [one for one in json.loads(frame.stdout) if one["code"] == "recommendations/strategic-recruitment"]
    assert (share["prevalence"], share["percent"]) == (0.5, pytest.approx(2 / 3))


def test_shares_of_a_thousand_units_have_a_decimal() -> None:
    for n_units, share in ((1000, "99.4"), (999, "99")):  # 1,988 of 2,000 values, 1,986 of 1,998
        rows = "".join(f"{n},x,{'x' if n > 11 else 'y'}\n" for n in range(n_units))
        found = call("--from-csv", "-", text=f"unit,a,b\n{rows}").stdout
        assert [line.split()[-1] for line in found.splitlines() if line.startswith("x ")] == [share]


@pytest.mark.parametrize(("n_units", "limit"), [("20", "14%"), ("120", "2%"), ("1200", "0.2%")])
def test_what_few_units_leave_open_has_no_decimal(n_units: str, limit: str) -> None:
    """Without a disagreement in n units, the share of them is with 95% confidence below 1 − .05^(1/n)."""
    rows = "".join(f"{n},{'xy'[n % 2]},{'xy'[n % 2]}\n" for n in range(int(n_units)))
    found = call("--from-csv", "-", "--coefficient", "alpha", text=f"unit,a,b\n{rows}")
    assert f"the share of units disagreed on is below {limit})" in found.stdout


def test_what_figures_cannot_show_reaches_the_terminal_once(study: Path, tmp_path: Path) -> None:
    book = study / "codebook.yaml"
    book.write_text(book.read_text("utf-8").replace("name: O\n", "name: O\U000f0000\n"), "utf-8")
    files = ("--figure", str(tmp_path / "a.svg"), "--report", str(tmp_path / "a.md"))
    found = qualcode("agreement", "--study", str(study), "--coders", "ana,ben", "--draws", "0", *files)
    assert found.exit_code == 3
    assert found.stderr.count("No installed font has the characters") == 1
    assert "is shown as “other”" in found.stderr
    found = qualcode("agreement", "--study", str(study), "--coders", "ana,ben", "--draws", "0", *files[:2], "--force")
    assert "figure agreement: warning: No installed font" in found.stderr


def test_versions_of_the_codebook_that_qualcode_made_are_no_doubt(study: Path) -> None:
    """Codes keep their ids through a rename, a move and a merger; who edits the file may change what a code means."""
    codebook = str(study / "codebook.yaml")
    doubt = "different versions of the codebook"

    def go_on(turn: str, code: str) -> Result:
        """Let ben work with the version of now, and compare."""
        qualcode("decide", "--study", str(study), "--coder", "ben", f"P1:{turn}", code, "apply")
        return qualcode("agreement", "--study", str(study), "--coders", "ana,ben", "--draws", "0")

    because = ("--because", "It reads better", "--yes")
    qualcode("codebook", "rename", codebook, "strategic-recruitment", "Recruiting", *because)
    qualcode("codebook", "move", codebook, "strategic-recruitment", "--under", "", *because)
    assert doubt not in go_on("t004", "recommendations").stderr
    qualcode("codebook", "merge", codebook, "strategic-recruitment", "--into", "recommendations", *because)
    found = go_on("t002", "other")
    assert doubt not in found.stderr
    assert found.exit_code == 0
    text = (study / "codebook.yaml").read_text("utf-8")
    (study / "codebook.yaml").write_text(text.replace("name: O\n", "name: O\n    definition: All else\n"), "utf-8")
    found = go_on("t006", "recommendations")
    assert doubt in found.stderr
    assert found.exit_code == 3


def test_versions_with_another_definition_are_a_doubt_even_if_qualcode_wrote_it(study: Path) -> None:
    """Who coded by the old definition may not have given the code by the new one."""
    doubt = "different versions of the codebook"
    because = ("--because", "It reads better", "--yes")
    qualcode("codebook", "rename", str(study / "codebook.yaml"), "other", "All else", *because)
    qualcode("codebook", "example", str(study / "codebook.yaml"), "other", "And so on.", "--yes")
    qualcode("decide", "--study", str(study), "--coder", "ben", "P1:t004", "other", "apply")
    compared = ("agreement", "--study", str(study), "--coders", "ana,ben", "--draws", "0")
    assert doubt not in qualcode(*compared).stderr
    edited = qualcode("codebook", "edit", str(study / "codebook.yaml"), "other", "--definition", "Rest", "--yes")
    assert edited.exit_code == 0, edited.stderr
    qualcode("decide", "--study", str(study), "--coder", "ben", "P1:t006", "other", "apply")
    found = qualcode(*compared)
    assert doubt in found.stderr
    assert found.exit_code == 3


def test_table_shows_margins_and_words_go_to_the_error_stream() -> None:
    found = call("--from-csv", "-", text="unit,a,b\n1,x,x\n2,y,x\n3,x,\n4,y,y\n")
    assert "Share of each value" in found.stdout
    assert "left out 1 unit: only one coder gave a value" in found.stderr
    assert found.exit_code == 0


def test_versions_that_were_merged_count_as_one_where_all_came_of_edits_by_qualcode(study: Path) -> None:
    copy = study.with_name("copy")
    because = ("--because", "It reads better", "--yes")
    qualcode("codebook", "rename", str(study / "codebook.yaml"), "recommendations", "Advice", *because)
    shutil.copytree(study, copy)
    qualcode("codebook", "rename", str(study / "codebook.yaml"), "strategic-recruitment", "Recruiting", *because)
    qualcode("codebook", "rename", str(copy / "codebook.yaml"), "other", "All else", *because)
    qualcode("decide", "--study", str(copy), "--coder", "ben", "P1:t004", "recommendations", "apply")
    qualcode("merge", "--study", str(study), str(copy))
    qualcode("decide", "--study", str(study), "--coder", "ana", "P1:t004", "other", "apply")
    text = (study / "codebook.yaml").read_text("utf-8")
    assert "name: Recruiting" in text
    assert "name: All else" in text
    found = qualcode("agreement", "--study", str(study), "--coders", "ana,ben", "--draws", "0")
    assert "different versions of the codebook" not in found.stderr


@pytest.mark.parametrize("metric", METRICS)
def test_a_file_without_a_value_has_no_coefficient_and_says_why(metric: str) -> None:
    found = call("--from-csv", "-", "--metric", metric, text="unit,a,b\n1,,\n2,,\n")
    assert found.exit_code == 0
    assert "there are no values" in found.stdout


def test_csv_has_a_header_and_the_same_bytes_every_time() -> None:
    first, second = (call("--from-csv", "-", "--format", "csv", text=WIDE) for _ in range(2))
    assert first.stdout == second.stdout
    assert first.stdout.startswith("coefficient,metric,value,low,high,standard_error,n_units,n_coders,reason,")


def test_doubts_end_with_three() -> None:
    found = call("--from-csv", "-", text="unit,a,b\n1,Yes,yes\n2,no,no\n")
    assert found.exit_code == 3
    assert "'Yes' and 'yes'" in found.stderr


def test_passages() -> None:
    found = call("--from-csv", "-", "--spans", "--length", "20", "--format", "json", text=PASSAGES)
    rows = json.loads(found.stdout)
    assert [row["coefficient"] for row in rows] == ["u_alpha", "u_alpha_binary", "cu_alpha", "ku_alpha", "ku_alpha"]
    assert [row["code"] for row in rows[3:]] == ["x", "y"]
    assert rows[2]["value"] == 1
    # Both marked 0–4 and 11–15 of 20 positions.
    assert rows[2]["coverage"] == pytest.approx(8 / 20)
    alone = call("--from-csv", "-", "--spans", "--coefficient", "u_alpha", "--format", "json", text=PASSAGES)
    assert list(json.loads(alone.stdout)[0])[-1] == "reason"
    assert "The length of the text is not known" in alone.stderr
    one = call("--from-csv", "-", "--spans", "--code", "y", "--categories", "x,y,z", "--format", "json", text=PASSAGES)
    assert [row["code"] for row in json.loads(one.stdout)[3:]] == ["y"]


@pytest.mark.parametrize(
    ("words", "text", "message"),
    [
        (["--coefficient", "kappa"], WIDE, "There is no coefficient “kappa”"),
        (["--metric", "ordinal"], WIDE, "“a” is not a number"),
        (["--coders", "ana"], WIDE, "Agreement needs two coders"),
        (["--coders", "ana,eve"], WIDE, "There is no coder “eve”"),
        (["--categories", "a,c"], WIDE, "not among the categories: 'b'"),
        ([], "unit,person,value\n1,a,x\n", "coder is missing"),
        (["--spans"], PASSAGES.replace("10,16", "2,16"), "overlap"),
        (["--spans", "--code", "z"], PASSAGES, "No coder used the code “z”"),
        (["--spans", "--categories", "x"], PASSAGES, "not among the categories: 'y'"),
    ],
)
def test_mistakes_are_a_sentence_and_end_with_one(words: list[str], text: str, message: str) -> None:
    found = call("--from-csv", "-", *words, text=text)
    assert found.exit_code == 1
    assert message in found.stderr
    assert "Traceback" not in found.stderr
    assert found.stdout == ""


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    assert call("--from-csv", str(tmp_path / "none.csv")).exit_code == 1
    (tmp_path / "zip.csv").write_bytes(b"PK\x03\x04\xff\xfe\x00")
    assert "UTF-8" in call("--from-csv", str(tmp_path / "zip.csv")).stderr


def test_nothing_to_compare_is_wrong_usage() -> None:
    assert call().exit_code == 2


@pytest.mark.parametrize(
    "words",
    [
        ["--from-csv", "-", "--figure", "a.pdf"],
        ["--from-csv", "-", "--level", "1"],
        ["--from-csv", "-", "--show", "causes"],
        ["--from-csv", "-", "--spans", "--metric", "interval"],
        ["--study", ".", "--missing", "NA"],
        ["--study", ".", "--spans", "--family", "time"],
        ["--study", ".", "--show", "confusion", "--report", "a.docx"],
        ["--study", ".", "--show", "drift", "--spans"],
        ["--study", ".", "--from-csv", "-"],
        ["--study", ".", "--in", "characters"],
    ],
)
def test_an_option_that_would_change_nothing_is_wrong_usage(words: list[str]) -> None:
    found = call(*words, text=WIDE)
    assert found.exit_code == 2
    assert "has no meaning with" in found.stderr


@pytest.mark.parametrize("words", [["--seed", "-1"], ["--draws", "-1"], ["--draws", "1000000000"]])
def test_numbers_that_cannot_be_are_wrong_usage(words: list[str]) -> None:
    assert call("--from-csv", "-", *words, text=WIDE).exit_code == 2


def test_what_an_option_is_anyway_may_be_said() -> None:
    assert call("--from-csv", "-", "--spans", "--metric", "nominal", text=PASSAGES).exit_code == 0


def test_plan() -> None:
    found = call("plan", "--prevalence", "0.3", "--segments", "1000", "--format", "json")
    rows = json.loads(found.stdout)
    by_size = {row["segments"]: row for row in rows}
    assert by_size[100]["share"] == 0.1
    assert by_size[200]["share"] == 0.2
    assert by_size[20]["width"] > by_size[100]["width"] > by_size[500]["width"]
    assert by_size[1000]["width"] == 0
    assert "must both code" in found.stderr
    assert call("plan", "--prevalence", "0").exit_code == 1
