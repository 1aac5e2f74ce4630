"""Agreement in the words of a paper."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.agreement.registry import find_coefficient
from qualcode.model import RULES_CODER
from qualcode.wording import join, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qualcode.agreement.estimates import Estimate

UNKNOWN_DRAW = "[say how they were chosen]"
UNKNOWN_RESOLUTION = "[Say what was done about disagreements.]"


@dataclass(frozen=True, slots=True)
class StudyFacts:
    """What a methods section says about a comparison of coders.

    Attributes
    ----------
    unit
        The kind of unit.
    n_units, n_units_in_all
        Units compared, and units there are (without interviewer talk).
    n_transcripts, n_transcripts_in_all
        The same for transcripts.
    n_codes
        How many codes were compared.
    codebook_digest
        The version of the codebook.
    names
        The names of the codes by path.
    draws
        Bootstrap samples.
    drawn
        How the passages that were coded twice were chosen: ``drawn at random from all transcripts``.
    resolved
        What was done about disagreements: ``Disagreements were discussed until the coders agreed``.
    left_out_in
        What the units that were left out are counted in, where that is not ``unit``.
    """

    unit: str
    n_units: int
    n_units_in_all: int
    n_transcripts: int
    n_transcripts_in_all: int
    n_codes: int
    codebook_digest: str
    names: Mapping[str, str]
    draws: int
    drawn: str = ""
    resolved: str = ""
    left_out_in: str = ""


def describe_agreement(
    estimates: Sequence[Estimate], coders: Sequence[str], left_out: Mapping[str, int], facts: StudyFacts | None
) -> str:
    """Return the paragraph that :meth:`~qualcode.agreement.results.AgreementResult.methods` gives."""
    sentences = [_who(coders, facts) if facts else f"{join(coders)} were compared."]
    if left_out:
        noun = f" {facts.left_out_in}" if facts and facts.left_out_in else ""
        several = f"{noun}s" if noun else ""
        counts = [f"{reason} ({count:,}{noun if count == 1 else several})" for reason, count in left_out.items()]
        sentences.append(f"Left out: {', '.join(counts)}.")
    sentences += [_whole(estimates, facts), _codes(estimates)]
    sentences.append((facts and _finish(facts.resolved)) or UNKNOWN_RESOLUTION)
    return " ".join(sentence for sentence in sentences if sentence)


def _who(coders: Sequence[str], facts: StudyFacts) -> str:
    people = [coder for coder in coders if coder != RULES_CODER]
    names = join([*people, *(["the rules of the codebook"] if RULES_CODER in coders else [])])
    n_units, n_in_all = facts.n_units, facts.n_units_in_all
    if n_units == n_in_all and not facts.drawn:
        what = f"All {plural(n_units, facts.unit)} of {plural(facts.n_transcripts_in_all, 'transcript')}"
    else:
        what = (
            f"The same {n_units:,} of {n_in_all:,} {facts.unit}s ({n_units / n_in_all:.0%}) in {facts.n_transcripts} "
            f"of {facts.n_transcripts_in_all} transcripts, {facts.drawn or UNKNOWN_DRAW},"
        )
    codebook = f"{plural(facts.n_codes, 'code')} of the codebook (version {facts.codebook_digest[:12]})"
    return f"{what} were coded by {names} with the {codebook}."


def _finish(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?" else f"{text}."


def _whole(estimates: Sequence[Estimate], facts: StudyFacts | None) -> str:
    first = next((one for one in estimates if not one.code and not one.group), None)
    if first is None:
        return ""
    what = find_coefficient(first.coefficient).label
    if math.isnan(first.value):
        return f"For all codes together, {what} is undefined: {first.reason}."
    if first.coefficient == "alpha" and facts is not None:
        what = (
            f"{what} for sets of codes (Krippendorff & Craggs, 2016)"
            if first.metric == "nominal"
            else f"{what} ({first.metric})"
        )
    return f"For all codes together, {what} was {format_value(first.value)}{_interval(first, facts)}."


def _interval(one: Estimate, facts: StudyFacts | None) -> str:
    if math.isnan(one.low):
        return ""
    draws = f"{facts.draws:,} draws of " if facts is not None else "draws of "
    return f" (95% CI [{format_value(one.low)}, {format_value(one.high)}], bootstrap over {draws}{one.resampled})"


def _codes(estimates: Sequence[Estimate]) -> str:
    """Return the range over codes of the coefficients that were taken for each."""
    phrases = []
    for name in dict.fromkeys(one.coefficient for one in estimates if one.code):
        values = [one.value for one in estimates if one.code and one.coefficient == name]
        defined = sorted(value for value in values if not math.isnan(value))
        if defined:
            ranged = f"from {format_value(defined[0])} to {format_value(defined[-1])}"
            middle = format_value((defined[(len(defined) - 1) // 2] + defined[len(defined) // 2]) / 2)
            phrases.append(f"{find_coefficient(name).label} ranged {ranged} (median {middle})")
    undefined = {one.code for one in estimates if one.code and math.isnan(one.value)}
    if not phrases:
        return ""
    tail = f"; it is undefined for {len(undefined)} of them, for lack of variation" if undefined else ""
    return f"Per code, {join(phrases)}{tail}."


def format_value(value: float) -> str:
    """Return a coefficient as papers print it: two decimals without the zero before them."""
    text = f"{value:.2f}".replace("-0.00", "0.00")
    return text.replace("0.", ".", 1) if abs(value) < 1 and text not in {"1.00", "-1.00"} else text
