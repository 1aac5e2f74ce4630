"""How many segments must be coded twice: against drawing them one by one."""

from __future__ import annotations

import math

import numpy as np
import pytest

from qualcode.agreement import Expectation, plan_agreement
from qualcode.errors import AgreementError


def draw_alphas(n_segments: int, agreement: float, prevalence: float, n_coders: int, n: int = 3000) -> np.ndarray:
    """Return alphas of samples in which each coder sees the truth with probability √alpha and else guesses."""
    generator = np.random.default_rng(8)
    found = []
    for _ in range(n):
        truth = generator.random(n_segments) < prevalence
        sees = generator.random((n_segments, n_coders)) < math.sqrt(agreement)
        uses = np.where(sees, truth[:, None], generator.random((n_segments, n_coders)) < prevalence).sum(axis=1)
        values, coded = n_segments * n_coders, uses.sum()
        if 0 < coded < values:
            observed = (2 * uses * (n_coders - uses) / (n_coders - 1)).sum() / values
            found.append(1 - observed * values * (values - 1) / (2 * coded * (values - coded)))
    return np.array(found)


@pytest.mark.parametrize(("agreement", "prevalence", "n_coders"), [(0.8, 0.1, 2), (0.7, 0.3, 2), (0.8, 0.2, 3)])
def test_width_and_power_are_those_of_samples_drawn_one_by_one(
    agreement: float, prevalence: float, n_coders: int
) -> None:
    frame = plan_agreement(Expectation(agreement, prevalence, n_coders)).frame.set_index("segments")
    drawn = draw_alphas(200, agreement, prevalence, n_coders)
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert frame.loc[200, "width"] == pytest.approx(high - low, abs=0.025)
    limit = np.quantile(draw_alphas(200, 0.667, prevalence, n_coders), 0.975)
    assert frame.loc[200, "power"] == pytest.approx((drawn > limit).mean(), abs=0.06)


def test_a_share_of_all_there_is_says_more_than_as_many_of_endless_material() -> None:
    whole = plan_agreement(Expectation(), n_segments=1200)
    frame, endless = (plan.frame.set_index("segments") for plan in (whole, plan_agreement(Expectation())))
    assert {120, 240} <= set(frame.index)  # 10 and 20 %
    assert frame.loc[400, "width"] == pytest.approx(endless.loc[400, "width"] * math.sqrt(1 - 400 / 1200), abs=0.015)
    assert frame.loc[1200, ["width", "low", "power"]].tolist() == pytest.approx([0, 0.8, 1], abs=0.001)
    assert frame.loc[20, "power"] < 0.05 < frame.loc[240, "power"]
    assert " 10% are 120 segments: an interval 0.3" in whole.sentence
    assert whole.needed is not None
    assert 240 < whole.needed < 400


def test_likeness_within_transcripts_divides_the_number() -> None:
    alike = Expectation(similarity=0.05, segments_per_transcript=21)
    assert alike.design_effect == pytest.approx(2)
    plain = plan_agreement(Expectation()).frame.set_index("segments")
    assert plan_agreement(alike).frame.set_index("segments").loc[200, "width"] == pytest.approx(
        plain.loc[100, "width"], abs=0.03
    )


def test_what_is_out_of_reach_is_said() -> None:
    plan = plan_agreement(Expectation(prevalence=0.001), simulations=500)
    assert plan.needed is None
    assert "do not reach an interval 0.2 wide with 5,000 segments" in plan.sentence


@pytest.mark.parametrize("options", [{"width": 2.5}, {"threshold": 1.0}, {"n_segments": 1}])
def test_numbers_that_make_no_sense(options: dict) -> None:
    with pytest.raises(AgreementError):
        plan_agreement(Expectation(), **options)


def test_many_coders_are_planned_for_and_a_crowd_is_not() -> None:
    few, many = (plan_agreement(Expectation(n_coders=m), simulations=500).frame["width"].iloc[5] for m in (2, 30))
    assert many < few
    with pytest.raises(AgreementError, match="at most 100 coders"):
        Expectation(n_coders=3000)
