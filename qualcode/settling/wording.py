"""Whose codings count and what is open, in the words of captions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.model import CONSENSUS_CODER, RULES_CODER
from qualcode.wording import join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.settling.results import Settlement


def name_counted(coders: Sequence[str], settlement: Settlement | None) -> str:
    """Return whose codings count and how many of their differences are settled, as a sentence.

    Parameters
    ----------
    coders
        Whose codings count.
    settlement
        What they differ on; ``None`` where that was not asked.

    Returns
    -------
    str
        Such as ``Codings counted: the union of ana and ben; 3 of 12 differences settled, 9 open.``; ``""`` where
        nothing was asked.
    """
    if settlement is None:
        return ""
    differences = count_differences(coders, settlement)
    return f"Codings counted: {_name_way(coders, settlement)}{differences and '; '}{differences}."


def _name_way(coders: Sequence[str], settlement: Settlement) -> str:
    if settlement.way == "agreed":
        several = len(coders) > 1
        return (
            f"those that {join_names(coders)} agree on" if several else (f"those of {join_names(coders) or 'no coder'}")
        )
    if coders and set(coders) <= set(settlement.holders):
        others = [name for name in coders if name != CONSENSUS_CODER]
        return f"the consensus{f' held by {join_names(coders)}' if others else ''}"
    return _name_union(coders) if len(coders) > 1 else f"those of {join_names(coders) or 'no coder'}"


def _name_union(coders: Sequence[str]) -> str:
    return f"the union of {join_names(coders)}"


def join_names(coders: Sequence[str]) -> str:
    """Return ``ana``, ``ana and ben``, ``ana, ben and the rules``."""
    return join(["the rules" if name == RULES_CODER else name for name in coders])


def count_differences(coders: Sequence[str], settlement: Settlement) -> str:
    """Return how many differences there are, settled and open; ``""`` where none could be."""
    is_consensus = not set(coders).isdisjoint(settlement.holders)
    if not (settlement.n_differences or is_consensus):
        return "no differences" if settlement.way == "agreed" and len(coders) > 1 else ""
    total, n_open = settlement.n_differences, settlement.n_open
    n_asked = int(settlement.open["is_interviewer"].sum())
    asked = f" ({n_asked:,} of them in interviewer talk, which is not counted)" if n_asked else ""
    return f"{settlement.n_settled:,} of {total:,} differences settled, {n_open:,} open{asked}"


def explain_counted(coders: Sequence[str], settlement: Settlement | None, unit: str) -> list[str]:
    """Return when a code of several coders counts, and what becomes of open differences, in sentences."""
    if settlement is None:
        return []
    if settlement.way == "agreed":
        told = [_AGREED.format(unit=unit)] if len(coders) > 1 else []
        return [*told, *(["Open differences are not counted."] if settlement.n_open else [])]
    if coders and set(coders) <= set(settlement.holders):
        return _explain_consensus(settlement, unit)
    told = ["A code counts wherever at least one of them gave it."] if len(coders) > 1 else []
    return [*told, *(["Open differences count as coded."] if settlement.n_open else [])]


_AGREED = (
    "In a {unit} that one of them read, that coder’s codes count; in a {unit} that several read, a code counts if "
    "all of them gave it or it was settled."
)


def _explain_consensus(settlement: Settlement, unit: str) -> list[str]:
    told = ["Open differences are not included."] if settlement.n_open else []
    if settlement.n_missing:
        codes, are = ("codes", "are") if settlement.n_missing > 1 else ("code", "is")
        told.append(f"{settlement.n_missing:,} {codes} that all readers of a {unit} gave it {are} missing from it.")
    return told
