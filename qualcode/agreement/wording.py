"""Agreement in the words of a paper."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from qualcode.model import RULES_CODER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.agreement.estimates import Estimate
    from qualcode.agreement.results import AgreementResult, StudyFacts

_NAMES = {
    "percent": "percent agreement",
    "holsti": "Holsti's coefficient",
    "cohen": "Cohen's kappa",
    "conger": "Conger's kappa",
    "fleiss": "Fleiss' kappa",
    "light": "Light's kappa",
    "scott": "Scott's pi",
    "alpha": "Krippendorff's alpha",
    "ac1": "Gwet's AC1",
    "ac2": "Gwet's AC2",
    "brennan_prediger": "the coefficient of Brennan and Prediger",
    "u_alpha": "Krippendorff's u-alpha",
    "u_alpha_binary": "Krippendorff's binary u-alpha",
    "cu_alpha": "Krippendorff's cu-alpha",
    "ku_alpha": "Krippendorff's (k)u-alpha",
    "boundary": "boundary similarity",
}

UNKNOWN_DRAW = "[say how they were chosen]"
UNKNOWN_RESOLUTION = "[Say what was done about disagreements.]"


def name_coefficient(coefficient: str) -> str:
    """Return the name of a coefficient in a sentence."""
    return _NAMES.get(coefficient, coefficient)


def describe_agreement(result: AgreementResult) -> str:
    """Return the paragraph that :meth:`~qualcode.agreement.results.AgreementResult.methods` gives."""
    facts = result.facts
    sentences = [_who(result.coders, facts) if facts else f"{_join(result.coders)} were compared."]
    if result.left_out:
        noun = f" {facts.left_out_in}" if facts and facts.left_out_in else ""
        plural = f"{noun}s" if noun else ""
        counts = [f"{reason} ({count:,}{noun if count == 1 else plural})" for reason, count in result.left_out.items()]
        sentences.append(f"Left out: {', '.join(counts)}.")
    sentences += [_whole(result), _codes(result)]
    sentences.append((facts and _finish(facts.resolved)) or UNKNOWN_RESOLUTION)
    return " ".join(sentence for sentence in sentences if sentence)


def _who(coders: Sequence[str], facts: StudyFacts) -> str:
    people = [coder for coder in coders if coder != RULES_CODER]
    names = _join([*people, *(["the rules of the codebook"] if RULES_CODER in coders else [])])
    n_units, n_in_all = facts.n_units, facts.n_units_in_all
    return (
        f"The same {n_units:,} of {n_in_all:,} {facts.unit}s ({n_units / n_in_all:.0%}) in {facts.n_transcripts} of "
        f"{facts.n_transcripts_in_all} transcripts, {facts.drawn or UNKNOWN_DRAW}, were coded by {names} with the "
        f"{facts.n_codes} codes of the codebook (version {facts.codebook_digest[:12]})."
    )


def _finish(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?" else f"{text}."


def _whole(result: AgreementResult) -> str:
    first = next((one for one in result.estimates if not one.code and not one.group), None)
    if first is None:
        return ""
    if math.isnan(first.value):
        return f"For all codes together {name_coefficient(first.coefficient)} is not defined: {first.reason}."
    what = name_coefficient(first.coefficient)
    if first.coefficient == "alpha" and result.facts is not None:
        what = (
            f"{what} for sets of codes (Krippendorff & Craggs, 2016)"
            if first.metric == "nominal"
            else f"{what} ({first.metric})"
        )
    return f"For all codes together, {what} was {number(first.value)}{_interval(first, result.facts)}."


def _interval(one: Estimate, facts: StudyFacts | None) -> str:
    if math.isnan(one.low):
        return ""
    draws = f"{facts.draws:,} draws of " if facts is not None else "draws of "
    return f" (95 % CI [{number(one.low)}, {number(one.high)}], bootstrap over {draws}{one.resampled})"


def _codes(result: AgreementResult) -> str:
    """Return the range over codes of the coefficients that were taken for each."""
    phrases = []
    for name in dict.fromkeys(one.coefficient for one in result.estimates if one.code):
        values = [one.value for one in result.estimates if one.code and one.coefficient == name]
        defined = sorted(value for value in values if not math.isnan(value))
        if defined:
            ranged = f"from {number(defined[0])} to {number(defined[-1])}"
            middle = number((defined[(len(defined) - 1) // 2] + defined[len(defined) // 2]) / 2)
            phrases.append(f"{name_coefficient(name)} ranged {ranged} (median {middle})")
    undefined = {one.code for one in result.estimates if one.code and math.isnan(one.value)}
    if not phrases:
        return ""
    tail = f"; it is not defined for {len(undefined)} of them, for want of variation" if undefined else ""
    return f"Per code, {_join(phrases)}{tail}."


def number(value: float) -> str:
    """Return a coefficient as papers print it: two decimals without the zero before them."""
    text = f"{value:.2f}".replace("-0.00", "0.00")
    return text.replace("0.", ".", 1) if abs(value) < 1 and text not in {"1.00", "-1.00"} else text


def _join(words: Sequence[str]) -> str:
    *head, last = words
    return f"{', '.join(head)} and {last}" if head else last
