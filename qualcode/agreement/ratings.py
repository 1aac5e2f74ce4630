"""What agreement is measured on: one value per unit and coder, or none."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import compress
from typing import TYPE_CHECKING, Any

import numpy as np

from qualcode.errors import AgreementError

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterable, Sequence

    from numpy.typing import NDArray

    from qualcode.agreement.registry import Metric
    from qualcode.errors import Problem

MISSING = -1
"""The number that stands in :attr:`Ratings.values` for "this coder did not see this unit"."""

SEPARATOR = "; "
"""What stands between the labels of a set when it is shown."""

PAIR = 2
"""How many values a unit needs to be compared."""

_ROOM = 8
"""Up to how many times as many kinds as units could be are counted without telling first which there are."""


@dataclass(frozen=True, eq=False)
class Ratings:
    """Values that two or more coders gave to the same units.

    ::

        unit   ana    ben    cem          values          categories
        1      yes    yes    no           1  1  0         0 "no"
        2      no     -      no           0 -1  0         1 "yes"

    Missing (``-1``) says that the coder did not see the unit. "Seen, and no code" is a value like any other.

    Attributes
    ----------
    values
        Integers of shape (units, coders): the number of the category, or :data:`MISSING`.
    categories
        The labels of the values, in their order. Of sets: the labels of each set, joined.
    coders, units
        Their names.
    numbers
        The categories as numbers, when every one of them is a number; else ``None``.
    is_ordered
        Whether the user gave the order of the categories.
    members
        Of sets: booleans of shape (categories, labels), which label is in which set; else ``None``.
    labels
        Of sets: the labels that sets are made of.
    clusters
        Number of the cluster (the transcript) of each unit; ``None`` when unknown.
    cluster_names
        The names of the clusters.
    problems
        What the user should know about where the values came from.
    """

    values: NDArray[np.int32]
    categories: tuple[str, ...]
    coders: tuple[str, ...]
    units: tuple[str, ...]
    numbers: NDArray[np.float64] | None = None
    is_ordered: bool = False
    members: NDArray[np.bool_] | None = None
    labels: tuple[str, ...] = ()
    clusters: NDArray[np.intp] | None = None
    cluster_names: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = field(default=())

    @property
    def n_units(self) -> int:
        """How many units there are, whoever saw them."""
        return len(self.values)

    @property
    def n_coders(self) -> int:
        """How many coders there are."""
        return len(self.coders)

    @property
    def n_clusters(self) -> int:
        """How many clusters the units come from; 0 when that is unknown."""
        return len(self.cluster_names)

    @property
    def columns(self) -> list[NDArray[np.int32]]:
        """One array of values per coder, each in one piece of memory."""
        return list(np.ascontiguousarray(self.values.T))

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Booleans of shape (units, coders): who gave a value to what."""
        return self.values >= 0

    @cached_property
    def n_values(self) -> NDArray[np.intp]:
        """How many coders gave a value, per unit."""
        counts: NDArray[np.intp] = (self.values >= 0).sum(axis=1, dtype=np.intp)
        counts.flags.writeable = False  # every coefficient of a code asks for them
        return counts

    @property
    def has_variation(self) -> bool:
        """Tell whether at least two different values occur."""
        used = self.values[self.values >= 0]
        return bool(len(used)) and bool((used != used[0]).any())

    @cached_property
    def is_comparable(self) -> bool:
        """Tell whether any unit has values of two coders."""
        return bool((self.n_values >= PAIR).any())

    @cached_property
    def kinds(self) -> tuple[Ratings, NDArray[np.intp]]:
        """Ratings of one unit of each kind, and how many there are of it; the units of a kind are alike in all.

        Coders who gave no value at all are left out, and units that nobody gave one.
        """
        has_values = [bool(column.any()) for column in self.seen.T]
        kept = self if all(has_values) else self.choose(compress(self.coders, has_values))
        kept = kept.take(kept.n_values > 0)
        groups = np.zeros(kept.n_units, dtype=np.intp) if kept.clusters is None else kept.clusters
        first, counts = _find_kinds([groups, *kept.columns])
        clusters = None if kept.clusters is None else kept.clusters[first]
        return replace(kept, values=kept.values[first], units=(), clusters=clusters), counts

    def margins(self) -> NDArray[np.intp]:
        """Return how often each coder gave each value: integers of shape (categories, coders)."""
        n_categories = len(self.categories)
        columns = [np.bincount(column[column >= 0], minlength=n_categories) for column in self.columns]
        return np.stack(columns, axis=1) if columns else np.zeros((n_categories, 0), dtype=np.intp)

    def take(self, units: NDArray[np.bool_]) -> Ratings:
        """Return the units that a mask picks."""
        if units.all():
            return self
        return replace(
            self,
            values=self.values[units],
            units=tuple(compress(self.units, units)),
            clusters=None if self.clusters is None else self.clusters[units],
        )

    def narrow(self, units: NDArray[np.bool_]) -> Ratings:
        """Return the units that a mask picks, and those clusters alone that they come from."""
        part = self.take(units)
        if part.clusters is None:
            return part
        present, clusters = np.unique(part.clusters, return_inverse=True)
        names = tuple(part.cluster_names[place] for place in present)
        return replace(part, clusters=clusters.astype(np.intp), cluster_names=names)

    def choose(self, coders: Iterable[str]) -> Ratings:
        """Return some of the coders, in the order asked for.

        Raises
        ------
        AgreementError
            If a name is unknown or comes twice.
        """
        wanted = list(coders)
        for name in wanted:
            if name not in self.coders:
                raise AgreementError(f"There is no coder “{name}”.", hint=f"Coders are: {', '.join(self.coders)}")
            if wanted.count(name) > 1:
                raise AgreementError(f"The coder “{name}” is named twice.", hint="Name each coder once")
        columns = [self.coders.index(name) for name in wanted]
        return replace(self, values=self.values[:, columns], coders=tuple(wanted))

    def scale(self, metric: Metric) -> NDArray[np.float64]:
        """Return the place of each category on an ordinal, interval or ratio scale.

        Raises
        ------
        AgreementError
            If the values are text or sets, or a ratio scale has negative values.
        """
        if self.members is not None:
            raise AgreementError(
                f"A unit has several values, and a set has no place on the {metric} scale.",
                hint="Use --metric nominal, masi or jaccard",
            )
        if self.numbers is not None:
            if metric == "ratio" and (self.numbers < 0).any():
                raise AgreementError(
                    "A ratio scale starts at 0, but there are values below 0.", hint="Use --metric interval"
                )
            return self.numbers
        if metric == "ordinal" and self.is_ordered:
            return np.arange(len(self.categories), dtype=float)
        text = next(name for name in self.categories if _as_number(name) is None)
        orders = ", or give the order of the values: --categories low,middle,high" if metric == "ordinal" else ""
        raise AgreementError(
            f"“{text}” is not a number, and the {metric} scale needs numbers.",
            hint=f"Use --metric nominal{orders}",
        )


def rate(
    values: Sequence[Sequence[Hashable]],
    *,
    coders: Sequence[str] | None = None,
    units: Sequence[str] | None = None,
    categories: Sequence[str] = (),
    clusters: Sequence[str] | None = None,
    problems: Iterable[Problem] = (),
) -> Ratings:
    """Make ratings from values written down as units × coders.

    Parameters
    ----------
    values
        One row per unit with one value per coder; ``None`` is missing. A set of labels is a set-valued value,
        the empty set being "seen, and no code".
    coders, units
        Their names; numbered from 1 without.
    categories
        The values that exist, used or not, in their order; other values are an error.
    clusters
        What each unit belongs to (its transcript).
    problems
        What the user should know about where the values came from.

    Returns
    -------
    Ratings
        The same, as numbers.

    Raises
    ------
    AgreementError
        If rows differ in length, or a value is not among the categories.

    Examples
    --------
    >>> ratings = rate([["yes", "yes"], ["no", None]], coders=["ana", "ben"])
    >>> ratings.categories, ratings.n_units
    (('no', 'yes'), 2)
    """
    width = len(coders) if coders is not None else len(values[0]) if len(values) else 0
    if any(len(row) != width for row in values):
        raise AgreementError("Units differ in their number of coders.", hint="Write None for a missing value")
    flat = [value for row in values for value in row]
    has_sets = any(isinstance(value, (set, frozenset)) for value in flat)
    encode = _encode_sets if has_sets else _encode_labels
    numbers, parts = encode(flat, categories)
    cluster_numbers, cluster_names = number_clusters(clusters)
    return Ratings(
        values=np.asarray(numbers, dtype=np.int32).reshape(len(values), width),
        coders=tuple(coders) if coders is not None else tuple(str(n + 1) for n in range(width)),
        units=tuple(units) if units is not None else tuple(str(n + 1) for n in range(len(values))),
        clusters=cluster_numbers,
        cluster_names=cluster_names,
        problems=tuple(problems),
        **parts,
    )


def _find_kinds(columns: Sequence[NDArray[np.integer]]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the place of a row of each kind, and how many rows are of it; rows are alike that are so in all columns.

    Columns hold numbers from -1 on.
    """
    number = np.zeros(len(columns[0]), dtype=np.intp)
    size = 1
    for column in columns:
        width = int(column.max(initial=MISSING)) + 2
        number, size = number * width + column + 1, size * width
        if size > _ROOM * len(number):
            number = np.unique(number, return_inverse=True)[1]
            size = int(number.max(initial=0)) + 1
    place, counts = np.zeros(size, dtype=np.intp), np.bincount(number, minlength=size)
    place[number] = np.arange(len(number))
    found = np.flatnonzero(counts)
    return place[found], counts[found]


def number_clusters(clusters: Sequence[str] | None) -> tuple[NDArray[np.intp] | None, tuple[str, ...]]:
    """Return the number of the cluster of each unit, and the names, in the order in which they first occur."""
    if clusters is None:
        return None, ()
    names = {name: number for number, name in enumerate(dict.fromkeys(clusters))}
    return np.array([names[name] for name in clusters], dtype=np.intp), tuple(names)


def rate_table(table: Sequence[Sequence[int]], *, categories: Sequence[str] = ()) -> Ratings:
    """Make ratings of two coders from a table of counts.

    Parameters
    ----------
    table
        Rows are the first coder's values, columns the second's.
    categories
        The values, in the order of rows and columns; numbered from 1 without.

    Returns
    -------
    Ratings
        One unit for each count.

    Examples
    --------
    >>> ratings = rate_table([[20, 5], [10, 15]])
    >>> ratings.n_units
    50
    """
    names = list(categories) or [str(n + 1) for n in range(len(table))]
    pairs = [
        (names[row], names[column])
        for row, counts in enumerate(table)
        for column, count in enumerate(counts)
        for _ in range(count)
    ]
    return rate(pairs, categories=names)


def rate_counts(counts: Sequence[Sequence[int]], *, categories: Sequence[str] = ()) -> Ratings:
    """Make ratings from how many coders gave each value to each unit; which coder is unknown.

    Only coefficients that do not tell coders apart may be taken from it: percent, Fleiss, alpha, AC1, AC2 and
    Brennan–Prediger.
    """
    names = list(categories) or [str(n + 1) for n in range(len(counts[0]))]
    rows = [[name for name, count in zip(names, row, strict=True) for _ in range(count)] for row in counts]
    width = max(map(len, rows))
    return rate([row + [None] * (width - len(row)) for row in rows], categories=names)


def _encode_labels(flat: Sequence[Hashable], categories: Sequence[str]) -> tuple[list[int], dict[str, Any]]:
    texts = [None if value is None else str(value) for value in flat]
    used = [text for text in dict.fromkeys(texts) if text is not None]
    names = order_categories(used, categories)
    index: dict[str | None, int] = {name: number for number, name in enumerate(names)}
    index[None] = MISSING
    parsed = [_as_number(name) for name in names]
    return [index[text] for text in texts], {
        "categories": names,
        "numbers": None if None in parsed else np.array(parsed, dtype=float),
        "is_ordered": bool(categories),
    }


def _encode_sets(flat: Sequence[Any], categories: Sequence[str]) -> tuple[list[int], dict[str, Any]]:
    sets = [None if value is None else _as_set(value) for value in flat]
    counts = Counter(label for value in sets if value is not None for label in value)
    labels = order_categories(sorted(counts), categories)
    place = {label: number for number, label in enumerate(labels)}
    used = {value for value in sets if value is not None}
    distinct = sorted(used, key=lambda value: sorted(place[label] for label in value))
    index: dict[frozenset[str] | None, int] = {value: number for number, value in enumerate(distinct)}
    index[None] = MISSING
    members = np.zeros((len(distinct), len(labels)), dtype=bool)
    for row, value in enumerate(distinct):
        members[row, [place[label] for label in value]] = True
    names = tuple(SEPARATOR.join(sorted(value, key=place.__getitem__)) for value in distinct)
    return [index[value] for value in sets], {"categories": names, "members": members, "labels": labels}


def _as_set(value: object) -> frozenset[str]:
    if isinstance(value, (set, frozenset)):
        return frozenset(map(str, value))
    return frozenset([str(value)])


def order_categories(used: Collection[str], categories: Sequence[str]) -> tuple[str, ...]:
    """Return all categories: as given, or numbers by size and text by alphabet."""
    if not categories:
        numbers = {name: _as_number(name) for name in used}
        if None in numbers.values():
            return tuple(sorted(used))
        return tuple(sorted(used, key=lambda name: (numbers[name], name)))
    repeated = [name for name, count in Counter(categories).items() if count > 1]
    if repeated:
        raise AgreementError(f"The category “{repeated[0]}” is named twice.", hint="Name each category once")
    strange = [name for name in used if name not in set(categories)]
    if strange:
        shown = ", ".join(map(repr, strange[:5]))
        raise AgreementError(
            f"Some values are not among the categories: {shown}.",
            hint=f"Categories are: {', '.join(categories)}. Correct the spelling or add them",
        )
    return tuple(categories)


def _as_number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None
