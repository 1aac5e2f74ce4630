"""Coders against their own earlier coding, from the log of a study; expected values are counted by hand."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result
from studies import Clock, begin_study, build_transcript

import qualcode
from qualcode.agreement import compare_with_earlier
from qualcode.cli import cli
from qualcode.codebook import edit_code, merge_codes
from qualcode.errors import AgreementError, StudyError

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.agreement import StabilityTable
    from qualcode.study import Study

TEN = tuple(("Ana", f"People leave {number}.") for number in range(10))
"""Ten turns of one interviewee, t001 to t010, which the rules suggest as turnover."""


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = begin_study(tmp_path / "study", "P07")
    study.add_transcript(build_transcript("P10", TEN))
    study.tag()
    return study


def give(study: Study, coder: str, code: str, *numbers: int, act: str = "apply") -> str:
    """Decide on turns of P10 and return when that was done."""
    events = [study.decide(coder, f"P10:t{number:03d}", code, act) for number in numbers]
    return str(events[-1].at)


def code_ten(study: Study, coder: str = "ana") -> str:
    """Praise on turns 1 to 5, the other five read without a code."""
    give(study, coder, "praise", *range(1, 6))
    return str(study.mark_seen(coder, [f"P10:t{number:03d}" for number in range(6, 11)])[-1].at)


def compare(study: Study, at: str, **options: object) -> StabilityTable:
    earlier = study.tabulate_earlier(at)
    return compare_with_earlier(study.tabulate(), earlier, **{"draws": 0, **options})


def call(study: Study, *words: str) -> Result:
    study.close()
    return CliRunner().invoke(cli, ["agreement", "--study", str(study.root), *words], catch_exceptions=False)


def rules_of(found: StabilityTable) -> list[str]:
    return [problem.rule for problem in found.problems]


def test_percent_and_alpha_by_hand(study: Study) -> None:
    """Turn 1 loses praise, 9 and 10 gain it: 7 of 10 agree.

    Then 5 and now 6 of 10 have praise, 11 of 20 values. Observed disagreement 3/10; by chance, as Krippendorff and
    Craggs have it for sets, 2 · 11/20 · 9/20 = 0.495. So alpha = 1 − 0.3 / 0.495 = 13/33.
    """
    at = code_ten(study)
    study.undo("ana", event=next(iter(study.history("ana", "P10").events)))
    study.mark_seen("ana", ["P10:t001"])
    give(study, "ana", "praise", 9, 10)
    row = compare(study, at).frame.iloc[0]
    assert (row["coder"], row["then"], row["now"], row["n_units"]) == ("ana", "2026-03-01", "2026-03-01", 10)
    assert row["percent"] == pytest.approx(0.7)
    assert row["alpha"] == pytest.approx(13 / 33)
    assert (row["n_changed"], row["n_accepted"]) == (3, 0)


def test_only_what_was_read_at_both_times(study: Study) -> None:
    at = give(study, "ana", "praise", 1, 2)
    give(study, "ana", "turnover", 2, 3, 4, act="accept")
    found = compare(study, at)
    row = found.frame.iloc[0]
    assert (row["n_units"], row["percent"], row["n_changed"], row["n_accepted"]) == (2, 0.5, 1, 1)
    assert "1 of 1 (ana)" in next(one.message for one in found.problems if one.rule == "by-suggestions")
    assert {"few-units", "not-blind"} <= set(rules_of(found))


def test_each_of_two_coders_by_themselves(study: Study) -> None:
    code_ten(study)
    at = code_ten(study, "ben")
    give(study, "ben", "challenges", 1, 2)
    found = compare(study, at)
    frame = found.frame.set_index("coder")
    assert frame["percent"].to_dict() == {"ana": 1.0, "ben": pytest.approx(0.8)}
    assert [one.message for one in found.problems if one.rule == "unchanged"] == [
        "No unit that had been read by then has other codes now (ana)."
    ]
    assert found.sentence.startswith("2 coders compared with their own earlier coding (intra-coder agreement)")
    assert "(ben, 10 units, 2026-03-01)" in found.sentence
    assert compare(study, at, coders=["ben"]).frame["coder"].tolist() == ["ben"]


def test_nothing_then_and_nothing_in_common(study: Study) -> None:
    at = give(study, "ana", "praise", 1)
    give(study, "ben", "praise", 1)
    found = compare(study, at)
    row = found.frame.set_index("coder").loc["ben"]
    assert row["n_units"] == 0
    assert math.isnan(row["alpha"])
    assert "ben: nothing was read by then that can be compared." in [one.message for one in found.problems]
    study.undo("ana")
    give(study, "ana", "praise", 2)
    assert compare(study, at, coders=["ana"]).frame["reason"].tolist() == ["no turn was read at both times"]


def test_a_corrected_transcript_is_left_out_and_named(study: Study) -> None:
    study.decide("ana", "P07:t002", "praise", "apply")
    at = code_ten(study)
    give(study, "ana", "challenges", 1)
    study.correct(build_transcript("P10", (("Ana", "Well, people leave 0."), *TEN[1:])))
    earlier = study.tabulate_earlier(at)
    assert [one.message for one in earlier.problems] == [
        "The text was corrected since, so earlier codings are not compared: P10 (ana)."
    ]
    row = compare_with_earlier(study.tabulate(), earlier, draws=0).frame.iloc[0]
    assert (row["n_units"], row["percent"]) == (1, 1.0)  # P07:t002 alone
    found = call(study, "--show", "self", "--at", at)
    assert found.exit_code == 3
    assert "corrected since" in found.stderr


def test_merged_codes_are_what_took_their_place_and_a_new_definition_is_told(study: Study) -> None:
    give(study, "ana", "scheduling", 1)
    at = give(study, "ana", "turnover", 2)
    study.recode(merge_codes, codes=["scheduling"], into="turnover", because="one thing")
    versions = study.equivalent_codebooks()
    give(study, "ana", "praise", 2)
    found = compare(study, at, versions=versions)
    assert (found.frame["percent"].item(), found.frame["n_changed"].item()) == (0.5, 1)
    assert "codebook-versions" not in rules_of(found)
    study.recode(edit_code, code="praise", definition="Kind words")
    give(study, "ana", "praise", 1)
    assert "codebook-versions" in rules_of(compare(study, at, versions=study.equivalent_codebooks()))


def test_levels_and_undefined_alpha(study: Study) -> None:
    at = give(study, "ana", "scheduling", 1, 2)
    give(study, "ana", "turnover", 1)
    assert compare(study, at).frame["percent"].item() == 0.5
    row = compare(study, at, level=1).frame.iloc[0]  # challenges all along
    assert row["percent"] == 1.0
    assert math.isnan(row["alpha"])
    assert "no variation" in row["reason"]


def test_tables_of_other_ground_rules_and_strangers_are_refused(study: Study) -> None:
    at = code_ten(study)
    table = study.tabulate()
    with pytest.raises(AgreementError, match="differ in transcripts, units"):
        compare_with_earlier(table, study.tabulate_earlier(at, unit="sentence"))
    with pytest.raises(AgreementError, match="no coder “anna”"):
        compare_with_earlier(table, study.tabulate_earlier(at), coders=["anna"])
    with pytest.raises(AgreementError, match="same result at any time"):
        compare_with_earlier(table, study.tabulate_earlier(at), coders=["rules"])
    with pytest.raises(StudyError, match="no coder “anna”"):
        study.tabulate_earlier(at, coders=["anna"])
    with pytest.raises(StudyError, match="is not a time"):
        study.tabulate_earlier("March")
    with pytest.raises(StudyError, match="has not passed yet"):
        study.tabulate_earlier("2026-03-01")  # the clock of the study stands in that day


def test_nobody_has_coded(study: Study) -> None:
    at = Clock()()
    with pytest.raises(AgreementError, match="No person has coded"):
        compare_with_earlier(study.tabulate(), study.tabulate_earlier(at))


def test_the_command(study: Study) -> None:
    at = code_ten(study)
    give(study, "ana", "praise", 9, 10)
    found = call(study, "--show", "self", "--at", at, "--coders", "ana", "--format", "json", "--draws", "50")
    assert found.exit_code == 0
    [row] = json.loads(found.stdout)
    keys = ["coder", "then", "now", "n_units", "percent", "alpha", "low", "high", "reason", "n_changed", "n_accepted"]
    assert list(row) == keys
    assert (row["percent"], row["n_units"]) == (0.8, 10)
    assert row["low"] <= row["alpha"] <= row["high"]
    assert "second, blind reading" in found.stderr
    assert call(study, "--show", "self", "--at", at, "--format", "csv").stdout.splitlines()[0] == ",".join(keys)
    assert "80" in call(study, "--show", "self", "--at", at).stdout


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--show", "self"], 2, "--show self needs --at TIME"),
        (["--show", "pairs", "--at", "2026-03-01"], 2, "--at has no meaning with --show pairs"),
        (["--at", "2026-03-01"], 2, "--at has no meaning with --study"),
        (["--show", "self", "--at", "yesterday"], 1, "“yesterday” is not a time"),
        (["--show", "self", "--at", "9999-12-31"], 1, "has not passed yet"),
        (["--show", "self", "--at", "2026-03-01", "--coders", "zoe"], 1, "There is no coding by “zoe”"),
        (["--show", "self", "--at", "2026-03-01", "--figure", "a.pdf"], 2, "--figure has no meaning with --show self"),
    ],
)
def test_what_the_command_refuses(study: Study, words: list[str], code: int, told: str) -> None:
    code_ten(study)
    found = call(study, *words)
    assert found.exit_code == code
    assert told in found.stderr


def test_the_day_before_the_study_began(study: Study) -> None:
    code_ten(study)
    found = call(study, "--show", "self", "--at", "2026-02-01")
    assert found.exit_code == 3
    assert "ana: nothing was read by then that can be compared." in found.stderr


def test_what_is_wrong_at_both_times_is_said_once(study: Study) -> None:
    at = code_ten(study)
    (study.root / "transcripts" / "P07.txt").unlink()
    found = call(study, "--show", "self", "--at", at)
    assert found.exit_code == 3
    assert found.stderr.count("The text of the transcript “P07” is missing.") == 1


def test_a_log_that_cannot_be_read_costs_that_sheet_only(study: Study) -> None:
    at = code_ten(study)
    code_ten(study, "ben")
    study.close()
    (study.root / "sheets" / "ben" / "P10.log.jsonl").write_bytes(b"\xff\xfe{broken\n{}\n")
    found = call(study, "--show", "self", "--at", at)
    assert found.exit_code == 3
    assert "ana" in found.stdout
    assert "Traceback" not in found.output


def test_acts_in_a_log_need_not_stand_in_the_order_of_time(study: Study) -> None:
    """As when two copies of a log were joined: what was done later stands before what was done earlier."""
    at = code_ten(study)
    give(study, "ana", "praise", 9, 10)
    study.close()
    path = next((study.root / "sheets" / "ana").glob("P10*log*"))
    lines = [line for line in path.read_text("utf-8").splitlines() if '"at"' in line]
    path.write_text("\n".join(lines[::-1]) + "\n", "utf-8")
    again = qualcode.open_study(study.root)
    table, earlier = again.tabulate(coders=["ana"]), again.tabulate_earlier(at)
    assert compare_with_earlier(table, earlier, draws=0).frame["n_changed"].tolist() == [2]


def test_who_had_read_and_given_no_code_agrees_with_that(study: Study) -> None:
    at = str(study.mark_seen("ana", ["P10:t001", "P10:t002"])[-1].at)
    give(study, "ana", "praise", 1)
    found = compare(study, at)
    row = found.frame.iloc[0]
    assert (row["then"], row["now"], row["n_units"], row["percent"]) == ("", "2026-03-01", 2, 0.5)
    assert "(ana, 2 units, 2026-03-01)" in found.sentence


def test_days_and_their_ends(study: Study) -> None:
    """A day is meant with its end, in the computer's time zone; what was done days later comes after it."""
    clock = study.clock
    assert isinstance(clock, Clock)
    code_ten(study)
    clock.moment += dt.timedelta(days=60)
    give(study, "ana", "praise", 10)
    found = compare(study, "2026-03-02")
    row = found.frame.iloc[0]
    assert (row["then"], row["now"], row["percent"]) == ("2026-03-01", "2026-04-30", 0.9)
    assert "(ana, 10 units, 2026-03-01 and 2026-04-30)" in found.sentence


def test_it_is_a_public_name() -> None:
    assert qualcode.compare_with_earlier is compare_with_earlier
