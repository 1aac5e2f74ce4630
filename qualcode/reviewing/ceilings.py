"""What limits all that is learned: where people differ on a code, no suggestion for it can be better than they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import Problem
from qualcode.model import CONSENSUS_CODER, RULES_CODER

if TYPE_CHECKING:
    import pandas as pd

    from qualcode.study import Learned, Study

TOO_LOW = 0.667
"""Krippendorff's alpha below which no conclusion may be drawn of a code, by his own rule."""


def tell_ceilings(study: Study, learned: Learned) -> tuple[pd.DataFrame, list[Problem]]:
    """Return what suggestions rest on, with how far people agree on each code, and which codes are too unsure.

    Parameters
    ----------
    study
        Which study.
    learned
        From one coder of it.

    Returns
    -------
    pandas.DataFrame
        What :meth:`.Learned.codes` returns, with ``alpha``: Krippendorff's alpha of all people, by code.
    list of Problem
        A note for each code on which they agree too little.
    """
    frame = learned.codes()
    alphas = _measure(study)
    frame["alpha"] = [alphas.get(code, float("nan")) for code in frame["code"]]
    notes = [
        Problem(
            study.root.name, "note", "ceiling",
            f"Coders agree on “{code}” with alpha {alpha:.2f}; suggestions cannot be better than that.",
            "Sharpen its definition, then code it again",
        )
        for code, alpha in zip(frame["code"], frame["alpha"], strict=True)
        if alpha < TOO_LOW
    ]  # fmt: skip
    return frame, notes


def _measure(study: Study) -> dict[str, float]:
    """Return alpha per code over all people; nothing while one person codes."""
    from qualcode.agreement import measure_agreement

    at_work = {coder for coder, _ in study.sheet_ids()} - {RULES_CODER, CONSENSUS_CODER}
    if len(at_work) <= 1:
        return {}
    result = measure_agreement(study.tabulate(coders=sorted(at_work)), coefficients=["alpha"], draws=0)
    found = result.frame[result.frame["code"] != ""]
    return {str(code): round(float(value), 3) for code, value in zip(found["code"], found["value"], strict=True)}
