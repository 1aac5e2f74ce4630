"""Agreement on where passages begin and end: Krippendorff's alpha for free spans, and boundary similarity.

A continuum is the text of one transcript, counted in characters or words. Each coder marks passages on it; the rest
is gap. Sums are taken over transcripts, so transcripts are what is resampled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations, pairwise, permutations
from typing import TYPE_CHECKING, Any

import numpy as np

from qualcode.agreement.sums import Sums
from qualcode.errors import AgreementError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from qualcode.agreement.sums import Totals

Passage = tuple[int, int, str]
"""Start, end (not included) and code."""

_TOO_LITTLE = "too little was coded by two coders, or only one code was used there"


@dataclass(frozen=True, slots=True)
class Continuum:
    """One transcript and the passages that each coder marked on it.

    ::

        ana   |--a--|     |----b----|
        ben    |--a--|       |--b---|
              0     6     12        22      length 25

    Attributes
    ----------
    name
        The transcript.
    length
        How many positions it has.
    passages
        Per coder the passages, in order. A coder without passages saw the text and marked nothing; one who is absent
        did not see it.
    has_length
        Whether the length is known; else it is where the last passage ends.

    Raises
    ------
    AgreementError
        If a passage is empty or lies outside the continuum.
    """

    name: str
    length: int
    passages: Mapping[str, tuple[Passage, ...]]
    has_length: bool = True

    def __post_init__(self) -> None:
        for coder, passages in self.passages.items():
            for start, end, code in passages:
                if not 0 <= start < end <= self.length:
                    raise AgreementError(
                        f"The passage {start}–{end} ({code}) of {coder} does not lie in 0–{self.length}.",
                        self.name,
                        "Positions count from 0, the end is not included, and the end is at most the length",
                    )

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes that occur, sorted."""
        return tuple(sorted({code for passages in self.passages.values() for _, _, code in passages}))

    def only(self, code: str) -> Continuum:
        """Return the continuum with the passages of one code alone."""
        kept = {coder: tuple(p for p in ps if p[2] == code) for coder, ps in self.passages.items()}
        return replace(self, passages=kept)

    def overlap(self) -> tuple[str, Passage, Passage] | None:
        """Return the first two passages of one coder that overlap, with the coder."""
        for coder, passages in self.passages.items():
            ordered = sorted(passages)
            for left, right in pairwise(ordered):
                if right[0] < left[1]:
                    return coder, left, right
        return None


@dataclass(frozen=True, slots=True, eq=False)
class SpanSums:
    """A coefficient of passages as sums over transcripts, and what it is about.

    Attributes
    ----------
    sums
        ``.value()`` of them is the coefficient.
    code
        The code that it is about; ``""`` for all.
    coverage
        On which share of the text, or of what has the code, it rests; NaN where it rests on all.
    undefined
        Why the sums have no value, when they have none.
    """

    sums: Sums
    code: str = ""
    coverage: float = math.nan
    undefined: str = "no variation: everything is coded alike, or nothing is coded"


def u_alpha(continua: Sequence[Continuum]) -> list[SpanSums]:
    r"""Return Krippendorff's u-alpha (2016): where and what, on the whole text.

    The four alphas for free spans share these terms: *o(c, k)* is the length on which one coder has value *c* and
    another *k* (the gap being a value), over *m − 1*; *o(c)* its row sums, *T* its total; *self(c)* what a passage
    shares with itself (its length squared; of gaps, the length), and
    ``e(c, k) = (o(c) o(k) − [c = k] self(c)) / (T − Σ self / T)``:

    ================== =============================================================== =================================
    ``u_alpha``        ``1 − (T − Σ o(c, c)) / (T − Σ e(c, c))``                       where and what
    ``u_alpha_binary`` ``1 − (o(G) − o(G, G)) / (e(G) − e(G, G))``, G the gap          coded or not, whatever the code
    ``cu_alpha``       ``1 − (T* − Σ o*(c, c)) / (T* − Σ e*(c, c))``                   what, where both coded
    ``ku_alpha``       ``1 − e*(k)/o*(k) · (o*(k) − o*(k, k)) / (e*(k) − e*(k, k))``   one code, where both coded
    ================== =============================================================== =================================

    The starred terms leave out the gaps, with *self\*(c)* the sum over coders *i*, passages of *i* with value *c* and
    coders *j ≠ i* of (overlap with all passages of *j*)² over *m − 1*. Those two are not defined where fewer than two
    codes occur there, nor where so few of more than two coders coded the same places that *e\** falls below 0.

    Continua that fewer than two coders saw are left out.

    Raises
    ------
    AgreementError
        If passages of one coder overlap: the formulas need one value per position and coder. Measure each code by
        itself (:meth:`Continuum.only`) or a family of codes that exclude one another.

    References
    ----------
    Krippendorff, K., Mathet, Y., Bouvry, S., & Widlöcher, A. (2016). On the reliability of unitizing textual continua:
    Further developments. *Quality & Quantity*, 50(6), 2347–2364. Krippendorff, K. (2019). *Content Analysis* (4th ed.),
    ch. 12.

    Notes
    -----
    All four were checked against the example of Alex, Paul and Suzan (*Content Analysis*, fig. 12.11): .510, .413,
    .724, coverage .461 and the values per code; and against walking the continuum position by position. Other programs
    differ in *self\** for more than two coders.
    """
    return [SpanSums(_lengths(continua).sums(_u))]


def binary_u_alpha(continua: Sequence[Continuum]) -> list[SpanSums]:
    """Return the u-alpha of coded or not, whatever the code; the formula and errors stand at :func:`u_alpha`."""
    lengths = _lengths(continua)
    gap = len(lengths.codes)
    return [SpanSums(lengths.sums(partial(_one_value, margin_row=_MARGIN, self_row=_SELF, k=gap)))]


def cu_alpha(continua: Sequence[Continuum]) -> list[SpanSums]:
    """Return the alpha of what was coded, where both coded; the formula and errors stand at :func:`u_alpha`.

    It says nothing without its coverage: the share of the text that both coded.
    """
    lengths = _lengths(continua)
    total = lengths.table.sum(axis=(0, 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = float(total[_BOTH_MARGIN] / total[_MARGIN])
    return [SpanSums(lengths.sums(partial(_cu, gap=len(lengths.codes))), coverage=coverage, undefined=_TOO_LITTLE)]


def ku_alpha(continua: Sequence[Continuum]) -> list[SpanSums]:
    """Return the alpha of each code, where both coded; the formula and errors stand at :func:`u_alpha`.

    It says nothing without its coverage: the share of what has the code that another coded, too.
    """
    lengths = _lengths(continua)
    total = lengths.table.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = total[_BOTH_MARGIN] / total[_MARGIN]
    each = [partial(_one_value, margin_row=_BOTH_MARGIN, self_row=_BOTH_SELF, k=k) for k in range(len(lengths.codes))]
    return [
        SpanSums(lengths.sums(combine), code, share, _TOO_LITTLE)
        for combine, code, share in zip(each, lengths.codes, coverage.tolist(), strict=False)
    ]


@dataclass(frozen=True, slots=True, eq=False)
class _Lengths:
    """The terms of the alphas for free spans: shape (continua, 5, codes + 1), the last column being the gap."""

    table: NDArray[np.float64]
    codes: tuple[str, ...]

    def sums(self, combine: Callable[[Totals], NDArray[Any]]) -> Sums:
        """Return sums over continua, with the function that makes a coefficient of totals of shape (5, codes + 1)."""
        n, rows, width = self.table.shape
        columns = np.tile(np.arange(rows * width)[:, None], (1, n))
        amounts = self.table.reshape(n, rows * width).T
        return Sums(columns, amounts, rows * width, lambda t: combine(t.reshape(*t.shape[:-1], rows, width)))


def _lengths(continua: Sequence[Continuum]) -> _Lengths:
    for continuum in continua:
        _refuse_overlap(continuum)
    codes = tuple(sorted({code for continuum in continua for code in continuum.codes}))
    tables = [_count(continuum, codes) for continuum in continua if len(continuum.passages) > 1]
    return _Lengths(np.stack(tables) if tables else np.zeros((0, 5, len(codes) + 1)), codes)


def _refuse_overlap(continuum: Continuum) -> None:
    found = continuum.overlap()
    if found is None:
        return
    coder, left, right = found
    raise AgreementError(
        f"Passages of {coder} overlap: {left[0]}–{left[1]} ({left[2]}) and {right[0]}–{right[1]} ({right[2]}). "
        "The alphas for free spans need one value per position and coder.",
        continuum.name,
        "Measure one code at a time (--code), or codes that exclude one another"
        if left[2] != right[2]
        else "Join the two passages or shorten one of them",
    )


_DIAGONAL, _MARGIN, _SELF, _BOTH_MARGIN, _BOTH_SELF = range(5)

_ROUNDING = 1e-9
"""The share of a whole below which a sum of lengths is nothing but rounding."""


def _count(continuum: Continuum, codes: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the sums of one continuum, shape (5, codes + 1); the last column is the gap."""
    gap = len(codes)
    number = {code: place for place, code in enumerate(codes)}
    passages = [sorted(found) for found in continuum.passages.values()]
    cuts = np.unique([0, continuum.length, *(end for ps in passages for p in ps for end in p[:2])])
    lengths = np.diff(cuts).astype(float)
    labels, owners = zip(*(_lay(ps, cuts, number, gap) for ps in passages), strict=True)
    m = len(passages)
    table = np.zeros((5, gap + 1))
    for i, j in permutations(range(m), 2):
        agreed, both = labels[i] == labels[j], (labels[i] != gap) & (labels[j] != gap)
        table[_DIAGONAL] += np.bincount(labels[i][agreed], lengths[agreed], minlength=gap + 1)
        table[_MARGIN] += np.bincount(labels[i], lengths, minlength=gap + 1)
        table[_BOTH_MARGIN] += np.bincount(labels[i][both], lengths[both], minlength=gap + 1)
        common = np.bincount(owners[i][both], lengths[both], minlength=len(passages[i]))
        table[_BOTH_SELF] += np.bincount(_values(passages[i], number), common**2, minlength=gap + 1)
    table /= m - 1
    for i in range(m):
        squares = np.array([(end - start) ** 2 for start, end, _ in passages[i]], dtype=float)
        table[_SELF] += np.bincount(_values(passages[i], number), squares, minlength=gap + 1)
        table[_SELF, gap] += lengths[labels[i] == gap].sum()
    return table


def _values(passages: Sequence[Passage], number: Mapping[str, int]) -> NDArray[np.intp]:
    return np.array([number[code] for _, _, code in passages], dtype=np.intp)


def _lay(
    passages: Sequence[Passage], cuts: NDArray[np.intp], number: Mapping[str, int], gap: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return which code, and which passage, each piece between two cuts has (the gap and −1: none)."""
    labels = np.full(len(cuts) - 1, gap, dtype=np.intp)
    owners = np.full(len(cuts) - 1, -1, dtype=np.intp)
    if passages:
        starts = np.array([p[0] for p in passages])
        ends = np.array([p[1] for p in passages])
        owner = np.searchsorted(starts, cuts[:-1], side="right") - 1
        inside = (owner >= 0) & (cuts[:-1] < ends[np.maximum(owner, 0)])
        owners[inside] = owner[inside]
        labels[inside] = _values(passages, number)[owner[inside]]
    return labels, owners


def _u(t: Totals) -> NDArray[Any]:
    return _overall(t[..., _DIAGONAL, :], t[..., _MARGIN, :], t[..., _SELF, :])


def _cu(t: Totals, gap: int) -> NDArray[Any]:
    return _overall(t[..., _DIAGONAL, :gap], t[..., _BOTH_MARGIN, :gap], t[..., _BOTH_SELF, :gap])


def _overall(diagonal: Totals, margin: Totals, own: Totals) -> NDArray[Any]:
    total = margin.sum(axis=-1)
    expected = ((margin * margin - own) / _scale(margin, own)[..., None]).sum(axis=-1)
    result: NDArray[Any] = 1 - (total - diagonal.sum(axis=-1)) / (total - expected)
    return result


def _one_value(t: Totals, margin_row: int, self_row: int, k: int) -> NDArray[Any]:
    """Return alpha for one value against all others; of margins that leave gaps out, (k)u-alpha."""
    margin, own = t[..., margin_row, :], t[..., self_row, :]
    if margin_row == _BOTH_MARGIN:
        margin, own = margin[..., :-1], own[..., :-1]
    total, scale = margin.sum(axis=-1), _scale(margin, own)
    mine = margin[..., k]
    expected_row = (mine * total - own[..., k]) / scale
    expected_own = (mine * mine - own[..., k]) / scale
    factor = 1 if margin_row == _MARGIN else expected_row / mine
    result: NDArray[Any] = 1 - factor * (mine - t[..., _DIAGONAL, k]) / (expected_row - expected_own)
    is_other = np.abs(total - mine) > _ROUNDING * np.abs(total)
    return np.where(is_other & (expected_row.real > _ROUNDING * mine.real), result, np.nan)


def _scale(margin: Totals, own: Totals) -> NDArray[Any]:
    """Return what expected lengths are divided by; NaN where nothing can be expected.

    That is so where only one value occurs, and where so few of more than two coders coded the same places that a
    passage outweighs all that it could be paired with: the formula then goes through infinity, and beyond it alphas
    over 1 come out.
    """
    total = margin.sum(axis=-1)
    scale = total - own.sum(axis=-1) / total
    is_used = np.abs(margin) > _ROUNDING * np.abs(total)[..., None]
    is_defined = (is_used.sum(axis=-1) > 1) & (scale.real > _ROUNDING * total.real)
    result: NDArray[Any] = np.where(is_defined, scale, np.nan)
    return result


def boundary_similarity(continua: Sequence[Continuum], *, reach: int = 2) -> list[SpanSums]:
    """Return Fournier's boundary similarity: ``1 − (A + Σ distance / reach) / (M + A + N)``.

    A boundary is a position inside the continuum at which a passage begins or ends. *M* boundaries are matched, *N*
    are moved by fewer than ``reach`` positions (each costs its distance over ``reach``), *A* stand alone. For cutting a
    text into parts, where a near miss is better than a miss. It is not corrected for chance. Several pairs of coders,
    and several transcripts, add up before the division.

    Parameters
    ----------
    continua
        Transcripts; count them in words or segments, for a move by one character means nothing.
    reach
        Fournier's *n_t*.

    References
    ----------
    Fournier, C. (2013). Evaluating text segmentation using boundary edit distance. *ACL 2013*, 1702–1712.

    Notes
    -----
    Checked against the examples of the author's own tests (.5 and .6667) and near misses worked out by hand.
    """
    rows = []
    for continuum in continua:
        marked = [_boundaries(continuum, coder) for coder in continuum.passages]
        edits = [_edit(left, right, reach) for left, right in combinations(marked, 2)]
        if edits:
            rows.append(np.sum(edits, axis=0))
    amounts = np.array(rows, dtype=float).reshape(len(rows), 2).T
    columns = np.tile(np.arange(2)[:, None], (1, len(rows)))
    sums = Sums(columns, amounts, 2, lambda totals: 1 - totals[..., 0] / totals[..., 1])
    return [SpanSums(sums, undefined="no coder set a boundary")]


def _boundaries(continuum: Continuum, coder: str) -> set[int]:
    marked = {end for passage in continuum.passages[coder] for end in passage[:2]}
    return {position for position in marked if 0 < position < continuum.length}


def _edit(left: set[int], right: set[int], reach: int) -> tuple[float, float]:
    """Return the cost of turning one set of boundaries into the other, and the number of boundaries compared."""
    matches = len(left & right)
    alone_left, alone_right = left - right, right - left
    cost, moves = 0.0, 0
    for distance in range(1, reach):
        for position in sorted(alone_left):
            near = next((p for p in (position - distance, position + distance) if p in alone_right), None)
            if near is not None:
                alone_left.discard(position)
                alone_right.discard(near)
                cost += distance / reach
                moves += 1
    additions = len(alone_left) + len(alone_right)
    return cost + additions, matches + additions + moves
