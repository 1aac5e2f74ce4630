"""CodingTable → ratings: who said what about which unit, the ground of every number and every list here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np

from qualcode.agreement.ratings import MISSING, PAIR, SEPARATOR, Ratings, number_clusters
from qualcode.errors import AgreementError, Problem
from qualcode.settling import find_holders
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from qualcode.codebook import Code, Codebook
    from qualcode.columns import FrameColumns
    from qualcode.tables import CodingTable

Talk = Literal["no", "yes"]

UNCODED = "(no code)"
"""What stands for "seen, and none of the codes" where codes exclude one another."""

_RARE_SHARE = 0.05
_RARE_USES = 10
_NAMED = 12
"""Rare codes that are named, the rarest first."""


@dataclass(frozen=True, eq=False)
class ReliabilityData:
    """What two or more coders gave to the same units: the codes on each unit that at least two of them saw.

    Attributes
    ----------
    table
        What is compared.
    coders
        Who is compared.
    codes
        Ids of the codes, in the order of the codebook; a code is the union of what lies below it.
    units
        The units that are compared: rows of ``table.units``, as columns.
    coded
        Booleans of shape (units, codes, coders).
    seen
        Booleans of shape (units, coders).
    own
        As ``coded``, but each coding stands for its deepest code shown alone, so that a code and the one above it are
        not counted twice where codes form sets.
    left_out
        Units that are not compared, by reason.
    """

    table: CodingTable
    coders: tuple[str, ...]
    codes: tuple[str, ...]
    units: FrameColumns
    coded: NDArray[np.bool_]
    own: NDArray[np.bool_]
    seen: NDArray[np.bool_]
    left_out: Mapping[str, int]

    @cached_property
    def unit_names(self) -> tuple[str, ...]:
        """The address of each unit: transcript and segment."""
        return tuple(map(":".join, zip(self.units.texts("transcript"), self.units.texts("segment"), strict=True)))

    @cached_property
    def transcripts(self) -> tuple[NDArray[np.intp] | None, tuple[str, ...]]:
        """The number of the transcript of each unit, and their names."""
        return number_clusters(self.units.texts("transcript"))

    def path(self, code: str) -> str:
        """Return the path of a code."""
        return self.table.codebook.path(code)

    def code_ratings(self, code: str) -> Ratings:
        """Return ratings of one code: present or not."""
        place = self.codes.index(code)
        values = np.where(self.seen, self.coded[:, place, :], MISSING)
        return self._ratings(values, ("not coded", "coded"))

    def set_ratings(self) -> Ratings:
        """Return ratings whose values are the sets of codes of each unit; the empty set is "no code"."""
        n_units, n_codes, n_coders = self.own.shape
        flat = self.own.transpose(0, 2, 1).reshape(n_units * n_coders, n_codes)
        flat = np.vstack([np.zeros((1, n_codes), dtype=bool), flat])
        # Sets are told apart as strings of bits, many times faster than as rows of booleans.
        bits = np.ascontiguousarray(np.packbits(flat, axis=1))  # those of one unit come column by column
        _, first, number = np.unique(bits.view(f"V{bits.shape[1]}").ravel(), return_index=True, return_inverse=True)
        members = flat[first]
        values = np.where(self.seen, number[1:].reshape(n_units, n_coders), MISSING)
        labels = tuple(self.path(code) for code in self.codes)
        names = tuple(SEPARATOR.join(labels[place] for place in np.flatnonzero(row)) for row in members)
        return self._ratings(values, names, members=members, labels=labels)

    def family_ratings(self, family: str) -> tuple[Ratings, int]:
        """Return nominal ratings: which code right below ``family`` each unit has, and how many values were left out.

        A value is left out (as missing) where a coder gave a unit several codes of the family.
        """
        codebook = self.table.codebook
        chosen = [code.id for code in codebook.find(family).codes if code.id in self.codes]
        if len(chosen) < PAIR:
            raise AgreementError(
                f"“{family}” has fewer than two codes below it to choose between.",
                hint="Name a code with codes below it",
            )
        coded = self.coded[:, [self.codes.index(code) for code in chosen], :]
        count = coded.sum(axis=1)
        values = np.where(count > 0, coded.argmax(axis=1) + 1, 0)
        is_clear = self.seen & (count <= 1)
        values = np.where(is_clear, values, MISSING)
        names = (UNCODED, *(self.path(code) for code in chosen))
        return self._ratings(values, names), int((self.seen & (count > 1)).sum())

    def _ratings(
        self,
        values: NDArray[np.integer],
        categories: tuple[str, ...],
        members: NDArray[np.bool_] | None = None,
        labels: tuple[str, ...] = (),
    ) -> Ratings:
        clusters, names = self.transcripts
        return Ratings(
            values=values.astype(np.int32),
            categories=categories,
            coders=self.coders,
            units=self.unit_names,
            members=members,
            labels=labels,
            clusters=clusters,
            cluster_names=names,
        )


def compare_coders(
    table: CodingTable,
    *,
    coders: Sequence[str] | None = None,
    level: int | None = None,
    interviewer: Talk = "no",
) -> ReliabilityData:
    """Lay what coders said side by side.

    Parameters
    ----------
    table
        From :func:`qualcode.tables.tabulate`; its unit is what is compared.
    coders
        Two or more of its coders; all without.
    level
        The deepest level of the codebook to compare; what lies below counts as the code above it.
    interviewer
        Whether the interviewer's turns are compared as well.

    Returns
    -------
    ReliabilityData
        Who gave which code to which unit, and who saw it.

    Raises
    ------
    AgreementError
        If there are fewer than two coders, a name is unknown, or no unit was seen by two.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("garden.yaml").write_text("codes: [{id: water, name: Water}, {id: help, name: Help}]")
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> study = qualcode.create_study("garden", codebook="garden.yaml")
    >>> report = study.import_transcripts(transcripts, "transcripts_sample")
    >>> for coder, segment, code in [("ana", "t002", "water"), ("ben", "t002", "water"), ("ana", "t004", "help")]:
    ...     event = study.decide(coder, f"P1:{segment}", code, "apply")
    >>> seen = study.mark_seen("ben", ["P1:t004"])
    >>> table = study.tabulate(coders=["ana", "ben"])
    >>> compare_coders(table).unit_names
    ('P1:t002', 'P1:t004')
    """
    table = table.apart()
    chosen = choose_coders(table, coders)
    seen = np.stack([table.seen(coder) for coder in chosen], axis=1)
    is_left_out = table.unit_columns["is_interviewer"].astype(bool) & (interviewer == "no")
    n_seen = seen.sum(axis=1)
    kept = ~is_left_out & (n_seen >= PAIR)
    reasons = {
        "interviewer talk": int(is_left_out.sum()),
        "none of the coders read it": int((~is_left_out & (n_seen == 0)).sum()),
        "only one of the coders read it": int((~is_left_out & (n_seen == 1)).sum()),
    }
    if not kept.any():
        raise AgreementError(say_apart(table, chosen), hint="Let a second coder code the same transcript")
    codes = codes_down_to(table.codebook, level)
    coded, own = lay_codes(table, chosen, codes)
    return ReliabilityData(
        table=table,
        coders=chosen,
        codes=codes,
        units=table.unit_columns.rows(np.flatnonzero(kept)),
        coded=coded[kept] & seen[kept][:, None, :],
        own=own[kept] & seen[kept][:, None, :],
        seen=seen[kept],
        left_out={reason: count for reason, count in reasons.items() if count},
    )


def say_apart(table: CodingTable, coders: Sequence[str]) -> str:
    """Say that coders have read nothing in common."""
    return f"No {table.unit} was read by two of the coders {', '.join(coders)}."


def choose_coders(table: CodingTable, coders: Sequence[str] | None) -> tuple[str, ...]:
    """Return whom to compare: two or more coders of the table, each once.

    Without names, all but those who only hold a consensus of others: they agree with whom they were made of.
    """
    holders = find_holders(table.sheets)
    chosen = tuple(name for name in table.coders if name not in holders) if coders is None else tuple(coders)
    known = ", ".join(table.coders) or "none"
    for coder, count in Counter(chosen).items():
        if coder not in table.coders:
            raise AgreementError(f"There is no coder “{coder}”.", hint=f"Coders are: {known}")
        if count > 1:
            raise AgreementError(f"The coder “{coder}” is named twice.", hint="Name each coder once")
    if len(chosen) < PAIR:
        raise AgreementError(
            f"Agreement needs two coders, not {len(chosen)}: {', '.join(chosen) or 'none'}.",
            hint="Add another with --coders A,B, or let a second person code a share of the segments",
        )
    return chosen


def codes_down_to(codebook: Codebook, level: int | None) -> tuple[str, ...]:
    """Return the ids of the codes not deeper than a level, in the order of the codebook."""
    if level is not None and level < 1:
        raise AgreementError(f"The top level is 1, not {level}.")
    codes = tuple(code.id for code in codebook.walk() if level is None or codebook.level(code.id) <= level)
    if not codes:
        raise AgreementError("The codebook has no codes.")
    return codes


def code_names(codebook: Codebook) -> dict[str, str]:
    """Return the names of the codes by path."""
    return {codebook.path(code.id): code.name for code in codebook.walk()}


def lay_codes(
    table: CodingTable, coders: Sequence[str], codes: Sequence[str], *, verdict: str = ""
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which coder gave which code to which unit: with the codes above it, and the deepest one shown alone.

    With a verdict, only codings that have it are looked at.
    """
    place = {code: number for number, code in enumerate(codes)}
    number = {coder: column for column, coder in enumerate(coders)}
    of_code = [_lineage(table.codebook, code.id, place) for code in table.codebook.walk()]
    deepest = max(map(len, of_code))
    lineages = np.array([[*one, *one[-1:] * (deepest - len(one))] for one in of_code])  # the highest stands in again
    coding, unit = (table.placement_columns[name] for name in ("coding", "unit"))
    who = table.coding_columns.find("coder", number)
    if verdict:
        who = np.where(table.coding_columns.find("verdict", {verdict: 0}) == 0, who, -1)
    who = who[coding]
    coding, unit, who = coding[who >= 0], unit[who >= 0], who[who >= 0]
    of_coding = lineages[table.columns.code[coding]]
    shape = (len(table.unit_columns), len(codes), len(coders))
    coded, own = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
    own[unit, of_coding[:, 0], who] = True
    for level in of_coding.T:
        coded[unit, level, who] = True
    return coded, own


def _lineage(codebook: Codebook, code: str, place: Mapping[str, int]) -> list[int]:
    """Return the places of a code and of those above it, the deepest first; codes not shown are passed over."""
    lineage = []
    above: Code | None = codebook.code(code)
    while above is not None:
        if above.id in place:
            lineage.append(place[above.id])
        above = codebook.parent(above.id)
    return lineage


def find_doubts(data: ReliabilityData, versions: Mapping[str, str] | None = None) -> tuple[Problem, ...]:
    """Return what a reader should know before trusting the numbers.

    Parameters
    ----------
    versions
        As in :func:`~qualcode.agreement.measuring.measure_agreement`.
    """
    return (*_find_versions(data, versions or {}), *_find_rare(data))


def _find_versions(data: ReliabilityData, versions: Mapping[str, str]) -> list[Problem]:
    digests = {sheet.codebook_digest for sheet in data.table.sheets if sheet.coder in data.coders} - {""}
    if len({versions.get(digest, digest) for digest in digests}) < PAIR:
        return []
    message = "The coders worked with different versions of the codebook, so codes may have meant different things."
    hint = "Code the changed codes again with one version"
    return [Problem("", "warning", "codebook-versions", message, hint)]


def _find_rare(data: ReliabilityData) -> list[Problem]:
    uses = data.coded.sum(axis=(0, 2)).tolist()
    n_values = int(data.seen.sum())
    rare = [
        (count, code)
        for code, count in zip(data.codes, uses, strict=True)
        if count and (count < _RARE_USES or count / n_values < _RARE_SHARE)
    ]
    if not rare:
        return []
    rare.sort(key=lambda one: one[0])
    named = ", ".join(f"{data.path(code)} ({count:,})" for count, code in rare[:_NAMED])
    n_more = len(rare) - _NAMED
    rest = f" and {plural(n_more, 'other')} with up to {rare[-1][0]:,}" if n_more > 0 else ""
    message = f"Rare codes, with the number of uses in {n_values:,} values: {named}{rest}."
    hint = "Kappa and alpha are unstable for them: read them beside percent agreement and AC1"
    return [Problem("", "note", "rare-codes", message, hint)]
