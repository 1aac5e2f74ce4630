"""Estimates together with what must stand beside them: margins, what was left out, doubts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

from qualcode.agreement.estimates import (
    COEFFICIENTS,
    SPAN_COEFFICIENTS,
    Coefficient,
    Estimate,
    SpanCoefficient,
    estimate,
    estimate_spans,
)
from qualcode.agreement.ratings import PAIR, Metric, Ratings
from qualcode.errors import AgreementError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qualcode.agreement.metrics import Weights
    from qualcode.agreement.unitizing import Continuum
    from qualcode.codebook import Codebook

WHOLE = "(all)"
"""What stands in a table for all codes together, or all transcripts."""

FIELDS = (
    *("coefficient", "metric", "value", "low", "high", "standard_error", "n_units", "n_coders", "reason"),
    *("group", "code", "percent", "prevalence", "coverage", "resampled", "below_667", "below_800"),
)
"""The columns of :attr:`AgreementResult.frame`."""


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


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AgreementResult:
    """Coefficients, with all that a reader needs to judge them.

    Attributes
    ----------
    estimates
        One per coefficient, code and group.
    coders
        Who was compared.
    margins
        How often each coder used each value: ``value`` (or ``code``), a column of shares per coder, and ``all``. They
        belong beside every coefficient: a high kappa and a low one can come from the same agreement.
    left_out
        Units that no coefficient compares, counted by reason.
    problems
        Doubts about the data.
    facts
        What the methods section says, when a study was compared.
    """

    estimates: tuple[Estimate, ...]
    coders: tuple[str, ...]
    margins: pd.DataFrame
    left_out: Mapping[str, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    facts: StudyFacts | None = None

    @property
    def frame(self) -> pd.DataFrame:
        """One row per estimate; the columns are :data:`FIELDS`."""
        return frame_of(self.estimates)

    def __getitem__(self, coefficient: str) -> Estimate:
        """Return the first estimate of a coefficient."""
        found = next((one for one in self.estimates if one.coefficient == coefficient), None)
        if found is None:
            raise KeyError(coefficient)
        return found

    @property
    def summary(self) -> pd.DataFrame:
        """One row per code or group, with the coefficients side by side and the interval of alpha, or of the first."""
        return summarise(self.estimates)

    def methods(self) -> str:
        """Return the paragraph for the methods section; what nobody said stands in brackets."""
        from qualcode.agreement.wording import describe_agreement

        return describe_agreement(self)

    def left_out_words(self) -> str:
        """Return what was left out as one line; ``""`` for nothing."""
        return "; ".join(f"left out {_count(count, 'unit')}: {reason}" for reason, count in self.left_out.items())

    def __repr__(self) -> str:
        return f"<AgreementResult: {', '.join(self.coders)}; {_count(len(self.estimates), 'estimate')}>"

    def __str__(self) -> str:
        has_rows = any(one.code or one.group for one in self.estimates)
        table, reasons = laid_out(self.summary if has_rows else self.frame)
        first = str(table.columns[0])
        names = [first, *table[first]]
        width = max(map(len, names))
        table = table.set_axis([first.ljust(width), *table.columns[1:]], axis="columns")
        table[first.ljust(width)] = [name.ljust(width) for name in names[1:]]
        lines = [str(table.to_string(index=False, na_rep="")), *reasons, self.left_out_words()]
        return "\n".join(filter(None, lines))

    def _repr_html_(self) -> str:
        parts = [_as_html(shown(self.frame))]
        if len(self.margins):
            parts += [
                "<p>How often each value was used (share of the values a coder gave):</p>",
                _as_html(self.margins),
            ]
        lines = [self.left_out_words(), *map(str, self.problems)]
        return "".join([*parts, *(f"<p>{escape(line)}</p>" for line in lines if line)])


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def frame_of(estimates: Sequence[Estimate]) -> pd.DataFrame:
    """Return estimates as a frame with the columns :data:`FIELDS`.

    Numbers have twelve decimals: those behind depend on the order in which a processor adds.
    """
    return pd.DataFrame({name: [getattr(one, name) for one in estimates] for name in FIELDS}).round(12)


def shown(frame: pd.DataFrame, digits: int = 3) -> pd.DataFrame:
    """Return a frame of estimates for people: what is empty in every row left out, numbers rounded."""
    telling = [name for name in frame if has_content(frame[name]) and not _is_said(frame, str(name))]
    first = [name for name in ("group", "code") if name in telling]
    chosen = frame[list(dict.fromkeys([*first, *telling]))].round(digits)
    return chosen.assign(**{name: chosen[name].replace("", WHOLE) for name in first})


def laid_out(frame: pd.DataFrame, digits: int = 3) -> tuple[pd.DataFrame, list[str]]:
    """Return a frame of estimates for a narrow screen, and what then stands below it.

    Codes are indented below the code above them. The reasons, which are sentences, become lines: each once, with all
    that it holds for.
    """
    frame = shown(frame, digits)
    label = next((name for name in ("code", "group") if name in frame), "coefficient")
    lines: dict[str, list[str]] = {}
    for name, reason in zip(frame[label], frame.get("reason", ()), strict=False):
        if reason:
            lines.setdefault(reason, []).append(name)
    if "code" in frame:
        frame = frame.assign(code=_indent(frame["code"].tolist()))
    frame = frame.drop(columns="reason", errors="ignore")
    return frame, [f"{', '.join(dict.fromkeys(names))}: {reason}." for reason, names in lines.items()]


def _indent(paths: Sequence[str]) -> list[str]:
    known, shown_as = set(paths), []
    for path in paths:
        depth, above = 0, path.rpartition("/")[0]
        while above in known:
            depth, above = depth + 1, above.rpartition("/")[0]
        own = path.rpartition("/")[2] if depth else path
        shown_as.append("  " * depth + own)
    return shown_as


def summarise(estimates: Sequence[Estimate]) -> pd.DataFrame:
    """Return one row per code or group: prevalence, percent, the coefficients, the interval of alpha (or the first).

    What matters less stands further right.
    """
    rows: dict[tuple[str, str], dict[str, object]] = {}
    for one in estimates:
        row = rows.setdefault((one.group, one.code), {"group": one.group, "code": one.code})
        row |= {"prevalence": one.prevalence, "percent": one.percent, "n_units": one.n_units}
        row[one.coefficient] = one.value
        if one.coefficient == "alpha" or "low" not in row:
            row |= {name: getattr(one, name) for name in ("low", "high", "below_667", "below_800", "reason")}
    frame = pd.DataFrame(list(rows.values()))
    last = ["low", "high", "n_units", "below_667", "below_800", "reason"]
    return frame[[*(name for name in frame if name not in last), *(name for name in last if name in frame)]]


def _is_said(frame: pd.DataFrame, name: str) -> bool:
    """Tell whether a column of estimates says what a person sees anyway."""
    if name == "metric":
        return bool((frame[name] == "nominal").all())
    return name == "n_coders" or (name == "percent" and "percent" in frame.get("coefficient", pd.Series()).tolist())


def has_content(column: pd.Series) -> bool:
    """Tell whether any row of a column of estimates says something."""
    return bool((column.notna() & (column != "")).any())


def _as_html(frame: pd.DataFrame) -> str:
    return str(frame.to_html(index=False, na_rep="", float_format=lambda value: f"{value:.3f}"))


def usual_coefficients(n_coders: int, metric: Metric = "nominal") -> tuple[Coefficient, ...]:
    """Return what belongs together: percent agreement, a kappa, alpha, and AC1 (AC2 where values are ordered)."""
    kappa: Coefficient = "cohen" if n_coders == PAIR else "fleiss"
    gwet: Coefficient = "ac1" if metric == "nominal" else "ac2"
    return ("percent", kappa, "alpha", gwet)


def compare_ratings(
    ratings: Ratings,
    coefficients: Sequence[str] = (),
    *,
    metric: Metric = "nominal",
    weights: Weights | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> AgreementResult:
    """Return coefficients of ratings.

    Parameters
    ----------
    coefficients
        Names out of :data:`~qualcode.agreement.estimates.COEFFICIENTS`; without, the :func:`usual_coefficients`.
    metric, weights, draws, seed
        As in :func:`~qualcode.agreement.estimates.estimate`.

    Raises
    ------
    AgreementError
        If there are fewer than two coders, a name is unknown, or the values do not fit the metric.
    """
    if ratings.n_coders < PAIR:
        names = f" ({ratings.coders[0]})" if ratings.coders else ""
        raise AgreementError(
            f"Agreement needs two coders; here is {ratings.n_coders}{names}.", hint="Add the values of another coder."
        )
    chosen = known_coefficients(coefficients) or usual_coefficients(ratings.n_coders, metric)
    percent = estimate(ratings, "percent", draws=0).value
    found = [estimate(ratings, name, metric=metric, weights=weights, draws=draws, seed=seed) for name in chosen]
    return AgreementResult(
        estimates=tuple(replace(one, percent=percent) for one in found),
        coders=ratings.coders,
        margins=margins_of(ratings),
        left_out=left_out_of(ratings),
        problems=ratings.problems,
    )


def names_of(codebook: Codebook) -> dict[str, str]:
    """Return the names of the codes by path."""
    return {codebook.path(code.id): code.name for code in codebook.walk()}


def known_coefficients(names: Sequence[str]) -> tuple[Coefficient, ...]:
    """Return names as coefficients; an unknown one is an error."""
    return tuple(_known(name) for name in names)


def _known(name: str) -> Coefficient:
    for coefficient in COEFFICIENTS:
        if name == coefficient:
            return coefficient
    if name in SPAN_COEFFICIENTS:
        raise AgreementError(f"{name} is for passages, not for units.", hint="Add --spans.")
    raise AgreementError(f"There is no coefficient {name!r}.", hint=f"There are: {', '.join(COEFFICIENTS)}.")


def margins_of(ratings: Ratings) -> pd.DataFrame:
    """Return the share of each value (of sets: of the sets that hold each label) per coder, and over all coders."""
    counts = ratings.margins()
    totals = counts.sum(axis=0)
    if ratings.members is not None:
        counts = ratings.members.T.astype(int) @ counts
    names = ratings.categories if ratings.members is None else ratings.labels
    frame = pd.DataFrame({"value": list(names)})
    for place, coder in enumerate(ratings.coders):
        frame[coder] = counts[:, place] / totals[place] if totals[place] else math.nan
    frame["all"] = counts.sum(axis=1) / totals.sum() if totals.sum() else math.nan
    return frame


def left_out_of(ratings: Ratings) -> dict[str, int]:
    """Return how many units are not compared, by reason."""
    n_values = ratings.n_values
    counts = {
        "only one coder gave a value": int((n_values == 1).sum()),
        "no coder gave a value": int((n_values == 0).sum()),
    }
    return {reason: count for reason, count in counts.items() if count}


def compare_spans(
    continua: Sequence[Continuum],
    coefficients: Sequence[str] = (),
    *,
    code: str | None = None,
    reach: int = 2,
    draws: int = 1000,
    seed: int = 0,
) -> AgreementResult:
    """Return coefficients of passages that coders marked freely.

    Parameters
    ----------
    coefficients
        Names out of :data:`~qualcode.agreement.estimates.SPAN_COEFFICIENTS`; without, Krippendorff's family.
    code
        The passages of this code alone.

    Raises
    ------
    AgreementError
        If there are fewer than two coders, a name is unknown, or passages of one coder overlap.
    """
    if code is not None:
        continua = _only(continua, code)
    coders = tuple(dict.fromkeys(coder for continuum in continua for coder in continuum.passages))
    if len(coders) < PAIR:
        raise AgreementError(
            f"Agreement needs two coders; here is {len(coders)}.", hint="Add the passages of another coder."
        )
    chosen = known_span_coefficients(coefficients) or SPAN_COEFFICIENTS[:4]
    alone = sum(1 for continuum in continua if len(continuum.passages) < PAIR)
    found = [one for name in chosen for one in estimate_spans(continua, name, reach=reach, draws=draws, seed=seed)]
    return AgreementResult(
        estimates=tuple(found),
        coders=coders,
        margins=coded_shares(continua, coders),
        left_out={"only one coder saw the transcript": alone} if alone else {},
        problems=_say_unknown_length(continua),
    )


def _only(continua: Sequence[Continuum], code: str) -> list[Continuum]:
    known = sorted({one for continuum in continua for one in continuum.codes})
    if code not in known:
        raise AgreementError(f"Nobody used the code {code!r}.", hint=f"Codes are: {', '.join(known)}.")
    return [continuum.only(code) for continuum in continua]


def _say_unknown_length(continua: Sequence[Continuum]) -> tuple[Problem, ...]:
    names = [continuum.name for continuum in continua if not continuum.has_length]
    if not names:
        return ()
    message = f"The length of the text is not known ({', '.join(names)}); it is taken to end with the last passage."
    return (Problem("", "note", "no-length", message, "Give --length, or a column “length”."),)


def known_span_coefficients(names: Sequence[str]) -> tuple[SpanCoefficient, ...]:
    """Return names as coefficients for spans; an unknown one is an error."""
    return tuple(_known_of_spans(name) for name in names)


def _known_of_spans(name: str) -> SpanCoefficient:
    for coefficient in SPAN_COEFFICIENTS:
        if name == coefficient:
            return coefficient
    if name in COEFFICIENTS:
        raise AgreementError(f"{name} is for units, not for passages.", hint="Leave out --spans.")
    raise AgreementError(f"There is no coefficient {name!r}.", hint=f"There are: {', '.join(SPAN_COEFFICIENTS)}.")


def coded_shares(continua: Sequence[Continuum], coders: Sequence[str]) -> pd.DataFrame:
    """Return the share of the text that each coder gave each code."""
    codes = sorted({code for continuum in continua for code in continuum.codes})
    frame = pd.DataFrame({"value": codes})
    for coder in coders:
        seen = [continuum for continuum in continua if coder in continuum.passages]
        total = sum(continuum.length for continuum in seen)
        coded = dict.fromkeys(codes, 0)
        for continuum in seen:
            for start, end, code in continuum.passages[coder]:
                coded[code] += end - start
        frame[coder] = [coded[code] / total if total else math.nan for code in codes]
    return frame
