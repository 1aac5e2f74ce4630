"""Agreement from a study's sheets: what is compared, what is left out, and why coders differ."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from interviews import coding, interview, sheet
from matplotlib.text import Text

from qualcode.agreement import (
    compare_coders,
    confuse_codes,
    estimate,
    explain_agreement,
    in_percent,
    list_disagreements,
    measure_agreement,
    measure_passages,
    rate,
    track_agreement,
)
from qualcode.codebook import parse_codebook
from qualcode.errors import AgreementError
from qualcode.figures import plot_drift
from qualcode.tables import tabulate

if TYPE_CHECKING:
    from qualcode.model import Coding, Sheet, Transcript, Unit
    from qualcode.tables import CodingTable

CODEBOOK = parse_codebook("""
name: Work
codes:
  - id: time
    name: Time
    codes:
      - {id: late, name: Being late}
      - {id: early, name: Being early}
  - {id: money, name: Money}
  - {id: never, name: Never used}
""")

P1 = interview(
    "P1", "I: Tell me.\nP: We are late. Money is short.\nI: And?\nP: Early birds. Nothing here.\nP: Late again."
)
P2 = interview("P2", "I: Go on.\nP: Money talks. Later.\nP: Fine.")


def by(coder: str, transcript: Transcript, *marked: tuple[str, str], seen: set[str] | None = None) -> Sheet:
    """Return a coder's sheet of sentences: pairs of code and quote."""
    codings: list[Coding] = [coding(transcript, code, quote, coder=coder) for code, quote in marked]
    return sheet(transcript, *codings, coder=coder, unit="sentence", seen=seen)


ANA = [
    by("ana", P1, ("late", "We are late."), ("money", "Money is short."), ("early", "Early birds.")),
    by("ana", P2, ("money", "Money talks.")),
]
BEN = [
    by("ben", P1, ("early", "We are late."), ("money", "Money is short."), ("late", "Late again.")),
    by("ben", P2, ("money", "Money talks."), ("late", "Later.")),
]


def table_of(*sheets: Sheet, unit: Unit = "sentence") -> CodingTable:
    return tabulate([P1, P2], sheets, CODEBOOK, unit=unit)


BOTH = table_of(*ANA, *BEN)


def test_each_code_is_present_or_not_on_the_units_that_both_saw() -> None:
    """Eight sentences of interviewees. By hand, money: 2 and 2 of 8, always together; late: 1 and 2, never together."""
    result = measure_agreement(BOTH, coefficients=["alpha", "cohen"])
    found = {(one.code, one.coefficient): one for one in result.estimates}
    assert found["money", "alpha"].value == 1
    # Cohen: 5 of 8 agree; by chance 1/8 · 2/8 + 7/8 · 6/8 = 44/64.
    assert found["time/late", "cohen"].value == pytest.approx((5 / 8 - 44 / 64) / (1 - 44 / 64))
    assert found["time/late", "cohen"].prevalence == pytest.approx(3 / 16)
    assert found["time/late", "cohen"].percent == pytest.approx(5 / 8)
    assert {one.n_units for one in result.estimates} == {8}
    assert result.left_out == {"interviewer talk": 3}


def test_a_theme_is_the_union_of_what_lies_below() -> None:
    """Time: ana on “We are late.”, “Early birds.”; ben on “We are late.”, “Late again.”, “Later.”: 5 of 8 agree."""
    result = measure_agreement(BOTH, level=1, coefficients=["percent"])
    assert [one.code for one in result.estimates] == ["", "time", "money", "never"]
    assert result.estimates[1].value == pytest.approx(5 / 8)


def test_a_code_that_nobody_used_is_not_defined_and_says_so() -> None:
    found = [one for one in measure_agreement(BOTH).estimates if one.code == "never"]
    assert all(math.isnan(one.value) and one.reason.startswith("no coder used the code") for one in found)
    assert all(one.percent == 1 for one in found)


def test_all_codes_together_are_sets() -> None:
    """The same sets written down by hand; the empty set is seen and uncoded."""
    pairs = [
        ({"late"}, {"early"}),
        ({"money"}, {"money"}),
        ({"early"}, set()),
        (set(), set()),
        (set(), {"late"}),
        ({"money"}, {"money"}),
        (set(), {"late"}),
        (set(), set()),
    ]
    expected = estimate(rate([[frozenset(left), frozenset(right)] for left, right in pairs]), "alpha", draws=0)
    assert measure_agreement(BOTH)["alpha"].value == pytest.approx(expected.value)


def test_not_seen_is_missing_and_seen_without_a_code_is_a_value() -> None:
    first = P1.units("sentence")[1].id
    half = by("ben", P1, ("late", "We are late."), seen={first})
    result = measure_agreement(table_of(ANA[0], half), coefficients=["percent"])
    assert result.estimates[0].n_units == 1
    assert result.estimates[0].value == 1
    assert result.left_out == {
        "interviewer talk": 3,
        "none of the coders read it": 3,
        "only one of the coders read it": 4,
    }
    everything = by("ben", P1, ("late", "We are late."))
    seen_all = measure_agreement(table_of(ANA[0], everything), coefficients=["percent"])
    assert seen_all.estimates[0].n_units == 5
    assert seen_all.estimates[0].value == pytest.approx(3 / 5)


def test_interviewer_talk_can_be_compared_as_well() -> None:
    result = measure_agreement(BOTH, coefficients=["percent"], interviewer="yes")
    assert result.estimates[0].n_units == 11
    assert result.left_out == {}


def test_other_units_than_the_coders_worked_on() -> None:
    """Turns of interviewees: P1 has three, P2 two. A turn has what any of its sentences has."""
    result = measure_agreement(table_of(*ANA, *BEN, unit="turn"), coefficients=["percent"])
    by_code = {one.code: one for one in result.estimates}
    assert by_code["money"].n_units == 5
    assert by_code["money"].prevalence == pytest.approx(4 / 10)


def test_the_whole_alone_is_what_stands_before_the_codes() -> None:
    result = measure_agreement(BOTH, by="whole")
    assert repr(result.estimates) == repr(measure_agreement(BOTH).estimates[:1])  # nan is not nan to Python 3.13
    assert result.methods().count("For all codes together") == 1
    assert "Per code" not in result.methods()


def test_by_transcript_and_by_case() -> None:
    for grouping in ("transcript", "case"):
        result = measure_agreement(BOTH, by=grouping, coefficients=["percent"])  # type: ignore[arg-type]
        assert {one.group: one.value for one in result.estimates} == pytest.approx(
            {"": 4 / 8, "P1": 2 / 5, "P2": 2 / 3}
        )


def test_codes_that_exclude_one_another() -> None:
    """Below time, per sentence: (late, early), -, (early, none), …: 4 of 8 agree; ben gave one sentence both."""
    two = by("ben", P1, ("early", "We are late."), ("late", "We are late."))
    result = measure_agreement(table_of(*ANA, two, BEN[1]), family="time", coefficients=["percent"])
    assert result.margins["value"].tolist() == ["(no code)", "time/late", "time/early"]
    assert result["percent"].n_units == 7
    assert "one coder gave several codes of time (values, not units)" in result.left_out
    with pytest.raises(AgreementError, match="fewer than two codes"):
        measure_agreement(BOTH, family="money")


def test_margins_are_shares_of_what_each_coder_saw() -> None:
    margins = measure_agreement(BOTH).margins.set_index("code")
    assert margins.loc["time/late"].tolist() == pytest.approx([1 / 8, 2 / 8, 3 / 16])


def test_disagreements_side_by_side_with_the_text() -> None:
    frame = list_disagreements(BOTH)
    assert frame[["segment", "ana", "ben", "text"]].to_numpy().tolist() == [
        ["s0002", "time/late", "time/early", "We are late."],
        ["s0005", "time/early", "(no code)", "Early birds."],
        ["s0007", "(no code)", "time/late", "Late again."],
        ["s0003", "(no code)", "time/late", "Later."],
    ]
    assert list_disagreements(BOTH, code="early")["segment"].tolist() == ["s0002", "s0005"]
    assert list_disagreements(BOTH, code="money").empty
    assert list_disagreements(BOTH, level=1)["ana"].tolist() == ["time", "(no code)", "(no code)"]


def test_a_third_coder_who_did_not_see_a_unit_is_shown_as_such() -> None:
    cem = by("cem", P1, ("late", "We are late."), seen={"s0002"})
    frame = list_disagreements(table_of(*ANA, *BEN, cem))
    assert frame["cem"].tolist() == ["time/late", "(not seen)", "(not seen)", "(not seen)"]


def test_a_coder_may_have_the_name_of_a_share() -> None:
    frame = list_disagreements(table_of(*(replace(one, coder="power") for one in ANA), *BEN))
    assert in_percent(frame).equals(frame)


def test_which_code_is_taken_for_which() -> None:
    rows = confuse_codes(BOTH).drop(columns="example").to_numpy().tolist()
    assert rows == [
        ["ben", "time/late", "ana", "(no code)", 2],
        ["ana", "time/early", "ben", "(no code)", 1],
        ["ana", "time/late", "ben", "time/early", 1],
    ]


def test_what_pulls_the_number_down() -> None:
    frame = explain_agreement(BOTH).set_index("name")
    assert frame.loc["time/late", "disagreements"] == 3
    assert frame.loc["time/late", "share"] == pytest.approx(3 / 4)
    assert "money" not in frame.index  # nobody disagrees about it
    alone = measure_agreement(table_of(ANA[1], BEN[1]))["alpha"].value
    assert frame.loc["P1", "alpha_without"] == pytest.approx(alone)
    assert frame.loc["P1", "change"] > 0 > frame.loc["P2", "change"]


def test_drift_follows_the_dates_of_coding() -> None:
    def dated(one: Sheet, day: str) -> Sheet:
        return replace(one, codings=tuple(replace(coding, at=day) for coding in one.codings))

    sheets = [dated(one, "2026-03-02" if one.transcript == "P1" else "2026-03-01") for one in (*ANA, *BEN)]
    frame = track_agreement(table_of(*sheets), blocks=2, draws=0).frame
    assert frame[["first", "last", "since", "n_units"]].to_numpy().tolist() == [
        ["P2:s0002", "P1:s0002", "2026-03-01", 4],
        ["P1:s0003", "P1:s0007", "2026-03-02", 4],
    ]
    assert frame["percent"].tolist() == pytest.approx([2 / 4, 2 / 4])


def test_without_dates_drift_speaks_of_the_order_of_the_text() -> None:
    course = track_agreement(BOTH, blocks=2, draws=0)
    assert "in the order of the text: alpha" in course.sentence
    shown = [text.get_text() for text in plot_drift(course).figure.findobj(Text)]
    assert "Blocks of units in the order of the text" in shown
    assert "–" not in shown


def test_passages_in_words() -> None:
    """P1 has 12 words of interviewees, P2 four; where coders say early and late, they never meet."""
    result = measure_passages(BOTH, draws=0)
    by_code = {one.code: one for one in result.estimates if one.coefficient == "u_alpha"}
    assert by_code["money"].value == pytest.approx(1)
    assert by_code["time/late"].value < 0
    assert result.margins.set_index("value").loc["money"].tolist() == pytest.approx([5 / 16, 5 / 16])


def test_what_the_continuum_leaves_out_is_counted() -> None:
    """P1 has five sentences of interviewees, of which ben saw four; P2 has three, and ana alone."""
    some = by("ben", P1, ("late", "We are late."), seen={one.id for one in P1.units("sentence")[:-1]})
    result = measure_passages(table_of(*ANA, some), draws=0)
    assert result.left_out == {
        "interviewer talk": 3,
        "not all coders of the transcript read it": 1,
        "fewer than two coders read the transcript": 3,
    }
    assert result.left_out_words().startswith("left out 3 units: interviewer talk; left out 1 unit: not all coders")
    # Ten words of P1 stand in the four sentences that both saw, two in the fifth; P2 has four.
    text = result.methods()
    assert text.startswith(
        "The same 10 of 16 words (62%) in 1 of 2 transcripts, [say how they were chosen], were coded"
    )
    assert "Left out: interviewer talk (3 sentences), not all coders of the transcript read it (1 sentence)" in text


def test_the_coefficients_of_all_passages_together_can_be_chosen() -> None:
    result = measure_passages(BOTH, coefficients=["boundary", "ku_alpha"], draws=0)
    together = [(one.coefficient, one.code) for one in result.estimates[:4]]
    assert together == [("boundary", ""), ("ku_alpha", "money"), ("ku_alpha", "time/early"), ("ku_alpha", "time/late")]
    with pytest.raises(AgreementError, match="for units, not for passages"):
        measure_passages(BOTH, coefficients=["alpha"])


def test_overlapping_passages_of_one_code_count_as_one_and_are_named() -> None:
    twice = by("ben", P1, ("late", "We are late."), ("late", "are late."), ("money", "Money is short."))
    result = measure_passages(table_of(ANA[0], twice), draws=0)
    assert [problem.rule for problem in result.problems] == ["joined-passages"]
    several = by("ben", P1, ("late", "We are late."), ("early", "are late."))
    [first, *_] = measure_passages(table_of(ANA[0], several), draws=0).estimates
    assert math.isnan(first.value)
    assert first.reason.startswith("ben gave several codes to the same words")


def test_methods_paragraph_is_filled_from_the_facts() -> None:
    text = measure_agreement(BOTH, drawn="all of the material", resolved="They were discussed").methods()
    assert text.startswith(
        "The same 8 of 8 sentences (100%) in 2 of 2 transcripts, all of the material, were coded by ana and ben with"
    )
    assert "Left out: interviewer talk (3)." in text
    assert "[.43" not in text
    assert text.endswith("They were discussed.")
    whole = measure_agreement(BOTH).methods()
    assert whole.startswith(
        "All 8 sentences of 2 transcripts were coded by ana and ben with the 5 codes of the codebook"
    )


def test_versions_of_the_codebook_and_rare_codes_are_named() -> None:
    other = [replace(one, codebook_digest="old") for one in BEN]
    mine = [replace(one, codebook_digest="new") for one in ANA]
    rules = {problem.rule for problem in measure_agreement(table_of(*mine, *other), draws=0).problems}
    assert {"codebook-versions", "rare-codes"} <= rules


def test_of_many_rare_codes_the_rarest_are_named() -> None:
    codes = [f"c{number:02}" for number in range(14)]
    book = parse_codebook(f"codes: [{', '.join(f'{{id: {one}, name: Code {one}}}' for one in codes)}]")
    text = interview("P1", "P: Rain.\nP: Wind.")
    laid = [*(coding(text, one, "Rain.") for one in codes), coding(text, "c00", "Wind.")]
    sheets = [sheet(text, *laid, coder="ana"), sheet(text, coder="ben")]
    problems = measure_agreement(tabulate([text], sheets, book), draws=0).problems
    [told] = [one.message for one in problems if one.rule == "rare-codes"]
    named = ", ".join(f"{one} (1)" for one in codes[1:13])
    assert told == f"Rare codes, with the number of uses in 4 values: {named} and 2 others with up to 2."


def test_versions_that_count_as_one_are_no_doubt() -> None:
    """Digests that stand for the same version do not differ; a third one does."""
    sheets = [
        replace(one, codebook_digest=digest) for one, digest in zip((*ANA, *BEN), ("v1", "v1", "v2", "v3"), strict=True)
    ]

    def rules(versions: dict[str, str] | None) -> set[str]:
        return {one.rule for one in measure_agreement(table_of(*sheets), draws=0, versions=versions).problems}

    assert "codebook-versions" in rules(None)
    assert "codebook-versions" in rules({"v2": "v1"})
    assert "codebook-versions" not in rules({"v2": "v1", "v3": "v1"})


@pytest.mark.parametrize(
    ("coders", "message"),
    [(["ana"], "needs two coders"), (["ana", "eve"], "no coder “eve”"), (["ana", "ana"], "named twice")],
)
def test_coders_who_cannot_be_compared(coders: list[str], message: str) -> None:
    with pytest.raises(AgreementError, match=message):
        measure_agreement(BOTH, coders=coders)


def test_a_consensus_is_no_third_coder_unless_it_is_named() -> None:
    """It was made of what the others gave, so it would agree with them."""
    settled = [
        replace(one, coder="both", codings=tuple(replace(c, coder="both", origin="consensus") for c in one.codings))
        for one in ANA
    ]
    table = table_of(*ANA, *BEN, *settled)
    assert compare_coders(table).coders == ("ana", "ben")
    assert compare_coders(table, coders=["ana", "both"]).coders == ("ana", "both")


def test_coders_without_a_common_text() -> None:
    for measure in (measure_agreement, measure_passages):
        with pytest.raises(AgreementError, match="was read by two of the coders ana, ben"):
            measure(table_of(ANA[0], BEN[1]))
    with pytest.raises(AgreementError, match="top level is 1"):
        compare_coders(BOTH, level=0)


def test_the_result_shows_itself() -> None:
    result = measure_agreement(BOTH)
    html = result._repr_html_()
    assert "time/late" in html
    assert "left out 3 units" in html
    assert result.summary.columns[:2].tolist() == ["group", "code"]
    assert repr(result) == "<AgreementResult: ana, ben; 16 estimates>"
    lines = str(result).splitlines()
    heads = ["code", "prevalence", "%", "percent", "alpha", "cohen", "ac1", "low", "high", "n_units"]
    assert lines[0].split() == [*heads, "below_667", "%", "below_800", "%"]
    assert lines[3].startswith("  late ")
    assert lines[-1] == "left out 3 units: interviewer talk"
    assert len(result.summary) == 6


@pytest.mark.parametrize("n_codes", [1, 8, 9, 17])
def test_one_segment_is_compared_whatever_the_number_of_codes(n_codes: int) -> None:
    """Two coders read one segment, and gave it the first code and the last: nothing is agreed on but with one code."""
    names = [f"c{number}" for number in range(n_codes)]
    codebook = parse_codebook("\n  - ".join(["codes:", *(f"{{id: {name}, name: {name.upper()}}}" for name in names)]))
    talk = interview("P1", "Mei: It rained.\nI: And?")
    sheets = [
        sheet(talk, coding(talk, code, "It rained.", coder=coder), coder=coder)
        for coder, code in (("ana", names[0]), ("ben", names[-1]))
    ]
    whole = measure_agreement(tabulate([talk], sheets, codebook), draws=0).estimates[0]
    assert (whole.n_units, whole.percent) == (1, 1.0 if n_codes == 1 else 0.0)
