"""Estimates together with what must stand beside them: margins, what was left out, doubts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from qualcode.agreement.registry import find_coefficient
from qualcode.agreement.wording import describe_agreement
from qualcode.language import count_columns
from qualcode.results import DECIMALS
from qualcode.signs import escape
from qualcode.wording import MANY, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from qualcode.agreement.estimates import Estimate
    from qualcode.agreement.wording import StudyFacts
    from qualcode.errors import Problem

WHOLE = "(all)"
"""What stands in a table for all codes together, or all transcripts."""

FIELDS = (
    *("coefficient", "metric", "value", "low", "high", "standard_error", "n_units", "n_coders", "reason"),
    *("group", "code", "percent", "prevalence", "coverage", "resampled", "below_667", "below_800"),
)
"""The columns of :attr:`AgreementResult.frame`."""

_OF_UNITS = ("percent", "prevalence")
_OF_OTHERS = ("coverage", "below_667", "below_800", "share", "power", "undefined")
"""The columns of frames of agreement that hold shares: of ``n_units`` units, and of something else."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AgreementResult:
    r"""Coefficients, with all that a reader needs to judge them.

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

    Examples
    --------
    >>> table = b"unit,ana,ben\n1,yes,yes\n2,no,no\n3,yes,yes\n4,yes,no\n"
    >>> result = qualcode.compare_ratings(qualcode.read_ratings(table))
    >>> result["percent"].value
    0.75
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

    @property
    def uses(self) -> pd.DataFrame:
        """The margins for people, in percent: with a decimal for shares of 1,000 units or more, or of text."""
        first = self.estimates[0]
        is_small = first.n_units < MANY and find_coefficient(first.coefficient).compares == "units"
        names = map(str, self.margins.select_dtypes("number"))
        return _round_percent(self.margins, names, 0 if is_small else 1)

    def methods(self) -> str:
        """Return the paragraph for the methods section; what nobody said stands in brackets."""
        return describe_agreement(self.estimates, self.coders, self.left_out, self.facts)

    def left_out_words(self) -> str:
        """Return what was left out as one line; ``""`` for nothing."""
        return "; ".join(f"left out {plural(count, 'unit')}: {reason}" for reason, count in self.left_out.items())

    def __repr__(self) -> str:
        return f"<AgreementResult: {', '.join(self.coders)}; {plural(len(self.estimates), 'estimate')}>"

    def __str__(self) -> str:
        has_rows = any(one.code or one.group for one in self.estimates)
        table, reasons = laid_out(self.summary if has_rows else self.frame)
        first = str(table.columns[0])
        head, *names = _as_wide([first, *table[first]])
        table = table.set_axis([head, *table.columns[1:]], axis="columns")
        table[head] = names
        formatters = {str(name): "{:g}".format for name in table if _is_percent(str(name))}
        with pd.option_context("display.unicode.east_asian_width", True):  # noqa: FBT003  # an option of pandas
            text = table.to_string(index=False, na_rep="", formatters=formatters)
        lines = [str(text), *reasons, self.left_out_words()]
        return "\n".join(filter(None, lines))

    def _repr_html_(self) -> str:
        parts = [_as_html(shown(in_percent(self.frame)), _is_percent)]
        if len(self.margins):
            parts += ["<p>How often each value was used (% of the values a coder gave):</p>", _as_html(self.uses, bool)]
        lines = [self.left_out_words(), *map(str, self.problems)]
        return "".join([*parts, *(f"<p>{escape(line)}</p>" for line in lines if line)])


def frame_of(estimates: Sequence[Estimate]) -> pd.DataFrame:
    """Return estimates as a frame with the columns :data:`FIELDS`."""
    return pd.DataFrame({name: [getattr(one, name) for one in estimates] for name in FIELDS}).round(DECIMALS)


def shown(frame: pd.DataFrame, digits: int = 3) -> pd.DataFrame:
    """Return a frame of estimates for people: what is empty in every row left out, numbers rounded."""
    telling = [name for name in frame if has_content(frame[name]) and not _is_said(frame, str(name))]
    first = [name for name in ("group", "code") if name in telling]
    chosen = frame[list(dict.fromkeys([*first, *telling]))].round(digits)
    return chosen.assign(**{name: chosen[name].replace("", WHOLE) for name in first})


def laid_out(frame: pd.DataFrame, digits: int = 3) -> tuple[pd.DataFrame, list[str]]:
    """Return a frame of estimates for a narrow screen, and what then stands below it.

    Shares are percentages. Codes are indented below the code above them. The reasons, which are sentences, become
    lines: each once, with all that it holds for.
    """
    frame = shown(in_percent(frame), digits)
    label = next((name for name in ("code", "group") if name in frame), "coefficient")
    lines: dict[str, list[str]] = {}
    for name, reason in zip(frame[label], frame.get("reason", ()), strict=False):
        if reason:
            lines.setdefault(reason, []).append(name)
    if "code" in frame:
        frame = frame.assign(code=_indent(frame["code"].tolist()))
    frame = frame.drop(columns="reason", errors="ignore")
    return frame, [f"{', '.join(dict.fromkeys(names))}: {reason}." for reason, names in lines.items()]


def in_percent(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame for people: shares as percentages, and the unit in the head of their columns.

    Those of units have a decimal where every row is about 1,000 units or more, all others none.
    """
    digits = 1 if "n_units" in frame and (frame["n_units"] >= MANY).all() else 0
    numbers = frame.select_dtypes("float")  # a coder may have any name
    frame = _round_percent(frame, [name for name in _OF_UNITS if name in numbers], digits)
    frame = _round_percent(frame, [name for name in _OF_OTHERS if name in numbers], 0)
    return frame.rename(columns={name: f"{name} %" for name in (*_OF_UNITS[1:], *_OF_OTHERS) if name in numbers})


def _as_wide(names: Sequence[str]) -> list[str]:
    """Return names filled up with blanks to the columns that the widest takes on a screen."""
    width = max(map(count_columns, names))
    return [name + " " * (width - count_columns(name)) for name in names]


def _round_percent(frame: pd.DataFrame, names: Iterable[str], digits: int) -> pd.DataFrame:
    return frame.assign(**{name: (frame[name] * 100).round(digits) for name in names})


def _is_percent(name: str) -> bool:
    return name == "percent" or name.endswith(" %")


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


def _as_html(frame: pd.DataFrame, is_percent: Callable[[str], bool]) -> str:
    numbers = [str(name) for name in frame.select_dtypes("float")]
    formatters = {name: ("{:g}" if is_percent(name) else "{:.3f}").format for name in numbers}
    return str(frame.to_html(index=False, na_rep="", formatters=formatters))
