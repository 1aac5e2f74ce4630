"""The coefficients in one table, and the scales and weights that can be asked for by name.

The table is plain data. It names functions and loads none of them, so that the command line can say what there is
without numpy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from qualcode.errors import AgreementError

if TYPE_CHECKING:
    from collections.abc import Sequence

Metric = Literal["nominal", "ordinal", "interval", "ratio", "masi", "jaccard"]
Weights = Literal["identity", "linear", "quadratic", "ordinal", "ratio", "bipolar", "masi", "jaccard"]
Compared = Literal["units", "passages"]

METRICS: tuple[Metric, ...] = get_args(Metric)


@dataclass(frozen=True, slots=True)
class Coefficient:
    """A coefficient: its names, where its function is, what it needs and what it can.

    Attributes
    ----------
    name
        On the command line, in frames and in JSON.
    label, short
        In a sentence, and in the head of a column.
    function
        ``module:function``; a module that begins with a dot is one of this package. Of units it takes
        :class:`~qualcode.agreement.ratings.Ratings` and returns :class:`~qualcode.agreement.sums.Sums` over all units,
        or over those with two values. Of passages it takes continua and returns a list of
        :class:`~qualcode.agreement.unitizing.SpanSums`.
    options
        What else the function takes, by keyword: ``metric``, ``weights``; of passages ``reach``.
    compares
        ``units`` with one value (or one set) per coder, or ``passages`` that coders marked freely.
    coders
        How many it compares: ``two``, or ``many``.
    needs
        What it is not defined without: ``variation`` among the values, ``variation in each pair`` of coders, or
        ``nothing``, as it makes no allowance for chance: then it is a share, from 0 to 1.
    divisor
        That of :func:`~qualcode.agreement.uncertainty.standard_error`.
    """

    name: str
    label: str
    short: str
    function: str
    options: tuple[str, ...] = ()
    compares: Compared = "units"
    coders: Literal["two", "many"] = "many"
    needs: Literal["variation", "variation in each pair", "nothing"] = "variation"
    divisor: Literal["n", "n-1"] = "n-1"

    @property
    def title(self) -> str:
        """The label as the title of an axis."""
        return f"{self.label[:1].upper()}{self.label[1:]}".replace("'", "’")


_W = ("weights",)
_ENTRIES = (
    Coefficient("percent", "percent agreement", "agreement", ".coefficients:percent_agreement", needs="nothing"),
    Coefficient("holsti", "Holsti's coefficient", "Holsti", ".coefficients:holsti", needs="nothing"),
    Coefficient("cohen", "Cohen's kappa", "kappa", ".coefficients:cohen_kappa", _W, coders="two", divisor="n"),
    Coefficient("conger", "Conger's kappa", "kappa", ".coefficients:conger_kappa", _W),
    Coefficient("fleiss", "Fleiss' kappa", "kappa", ".coefficients:fleiss_kappa", _W),
    Coefficient("light", "Light's kappa", "kappa", ".coefficients:light_kappa", _W, needs="variation in each pair"),
    Coefficient("scott", "Scott's pi", "pi", ".coefficients:scott_pi", _W, coders="two", divisor="n"),
    Coefficient("alpha", "Krippendorff's alpha", "alpha", ".coefficients:alpha", ("metric",)),
    Coefficient("ac1", "Gwet's AC1", "AC1", ".coefficients:gwet_ac"),
    Coefficient("ac2", "Gwet's AC2", "AC2", ".coefficients:gwet_ac", _W),
    Coefficient(
        "brennan_prediger", "Brennan and Prediger's coefficient", "Brennan–Prediger",
        ".coefficients:brennan_prediger", _W,
    ),
    Coefficient("u_alpha", "Krippendorff's u-alpha", "u-alpha", ".unitizing:u_alpha", compares="passages"),
    Coefficient(
        "u_alpha_binary", "Krippendorff's binary u-alpha", "binary u-alpha", ".unitizing:binary_u_alpha", (), "passages"
    ),
    Coefficient("cu_alpha", "Krippendorff's cu-alpha", "cu-alpha", ".unitizing:cu_alpha", compares="passages"),
    Coefficient("ku_alpha", "Krippendorff's (k)u-alpha", "(k)u-alpha", ".unitizing:ku_alpha", compares="passages"),
    Coefficient(
        "boundary", "boundary similarity", "similarity", ".unitizing:boundary_similarity", ("reach",), "passages",
        needs="nothing",
    ),
)  # fmt: skip

REGISTRY: dict[str, Coefficient] = {one.name: one for one in _ENTRIES}
"""Every coefficient by its name."""


def list_coefficients(compares: Compared) -> tuple[str, ...]:
    """Return the names of the coefficients of a kind.

    Parameters
    ----------
    compares
        ``units`` or ``passages``.

    Returns
    -------
    tuple of str
        In the order of the table.

    Examples
    --------
    >>> list_coefficients("passages")[0]
    'u_alpha'
    """
    return tuple(one.name for one in REGISTRY.values() if one.compares == compares)


COEFFICIENTS = list_coefficients("units")
"""The coefficients for units with one value (or one set) per coder."""

SPAN_COEFFICIENTS = list_coefficients("passages")
"""The coefficients for passages that coders marked freely."""

USUAL_FOR_PASSAGES = ("u_alpha", "u_alpha_binary", "cu_alpha")
"""What is measured of passages when nobody names a coefficient; ``ku_alpha`` besides, where codes are not measured."""


def usual_coefficients(n_coders: int, metric: Metric = "nominal") -> tuple[str, ...]:
    """Return what belongs together: percent agreement, a kappa, alpha, and AC1 (AC2 where values are ordered)."""
    kappa = "cohen" if n_coders == 2 else "fleiss"  # noqa: PLR2004  # a pair
    return ("percent", kappa, "alpha", "ac1" if metric == "nominal" else "ac2")


def find_coefficient(name: str, compares: Compared | None = None) -> Coefficient:
    """Return the entry of a coefficient.

    Parameters
    ----------
    name
        Its name.
    compares
        What it must compare; ``None``: whatever it does.

    Returns
    -------
    Coefficient
        Its entry.

    Raises
    ------
    AgreementError
        If there is none of that name, or it compares something else.

    Examples
    --------
    >>> find_coefficient("cohen").label
    "Cohen's kappa"
    """
    entry = REGISTRY.get(name)
    if entry is None:
        known = ", ".join(list_coefficients(compares) if compares else REGISTRY)
        raise AgreementError(f"There is no coefficient “{name}”.", hint=f"There are: {known}")
    if compares not in {None, entry.compares}:
        hint = "Add --spans" if compares == "units" else "Leave out --spans"
        raise AgreementError(f"{name} is for {entry.compares}, not for {compares}.", hint=hint)
    return entry


def check_coefficients(names: Sequence[str], compares: Compared) -> tuple[str, ...]:
    """Return names of coefficients; one that :func:`find_coefficient` does not find is an error."""
    return tuple(find_coefficient(name, compares).name for name in names)
