"""Why agreement is what it is: who said what, which codes are taken for one another, what pulls the number down."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qualcode.agreement.ratings import MISSING, PAIR, SEPARATOR
from qualcode.agreement.reliability import UNCODED, compare_coders
from qualcode.agreement.sets import alpha_of_sets
from qualcode.columns import in_order
from qualcode.results import DECIMALS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qualcode.agreement.ratings import Ratings
    from qualcode.agreement.reliability import ReliabilityData, Talk
    from qualcode.agreement.sums import Sums
    from qualcode.tables import CodingTable

NOT_SEEN = "(not seen)"
"""What stands for a coder who did not look at a unit."""


def list_disagreements(
    table: CodingTable,
    *,
    coders: Sequence[str] | None = None,
    level: int | None = None,
    code: str | None = None,
    interviewer: Talk = "no",
) -> pd.DataFrame:
    r"""Return the units on which coders differ, in the order of the text: the worklist of adjudication.

    Parameters
    ----------
    table, coders, level, interviewer
        As in :func:`~qualcode.agreement.measuring.measure_agreement`.
    code
        Id of a code: only differences about it (with what lies below it).

    Returns
    -------
    pandas.DataFrame
        ``transcript``, ``case``, ``speaker``, ``segment``, ``start``, ``end``, a column per coder with the paths of the
        codes given, ``disputed`` (the codes that some gave and others not) and ``text``.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("garden.yaml").write_text("codes: [{id: water, name: Water}, {id: help, name: Help}]")
    >>> _ = Path("P1.txt").write_text("Mei: The rain came late.\n\nMei: Neighbours helped.\n\nMei: It rained again.\n")
    >>> transcripts, problems = qualcode.read_transcripts("P1.txt")
    >>> study = qualcode.create_study("garden", codebook="garden.yaml")
    >>> report = study.import_transcripts(transcripts, "P1.txt")
    >>> for coder, segment, code in [("ana", "t001", "water"), ("ben", "t001", "water"), ("ana", "t002", "help")]:
    ...     event = study.decide(coder, f"P1:{segment}", code, "apply")
    >>> seen = [study.mark_seen(coder, ["P1:t001", "P1:t002", "P1:t003"]) for coder in ("ana", "ben")]
    >>> table = study.tabulate(coders=["ana", "ben"])
    >>> qualcode.list_disagreements(table)[["segment", "ana", "ben", "disputed"]].to_dict("records")
    [{'segment': 't002', 'ana': 'help', 'ben': '(no code)', 'disputed': 'help'}]
    """
    data = compare_coders(table, coders=coders, level=level, interviewer=interviewer)
    disputed = _disputed(data)
    if code is not None:
        disputed &= _under(data, code)[None, :]
    rows = np.flatnonzero(disputed.any(axis=1)).tolist()
    frame = data.units.frame.iloc[rows][["transcript", "case", "speaker", "segment", "start", "end"]]
    frame = frame.reset_index(drop=True)
    paths = [data.path(one) for one in data.codes]
    for column, coder in enumerate(data.coders):
        frame[coder] = [_said(data, row, column, paths) for row in rows]
    frame["disputed"] = [SEPARATOR.join(paths[place] for place in np.flatnonzero(disputed[row])) for row in rows]
    said = [*data.coders, "disputed", "text"]
    texts = {transcript.id: transcript.text for transcript in table.transcripts}
    frame["text"] = [
        texts[transcript][start:end]
        for transcript, start, end in zip(frame["transcript"], frame["start"], frame["end"], strict=True)
    ]
    return frame.astype(dict.fromkeys(said, "str"))


def _disputed(data: ReliabilityData) -> NDArray[np.bool_]:
    """Return which codes (the deepest alone) some coders gave a unit and others, who saw it, did not."""
    given = data.own.sum(axis=2)
    disputed: NDArray[np.bool_] = (given > 0) & (given < data.seen.sum(axis=1)[:, None])
    return disputed


def _under(data: ReliabilityData, code: str) -> NDArray[np.bool_]:
    codebook = data.table.codebook
    top = codebook.find(code)
    wanted = {top.id, *(below.id for below in codebook.descendants(top.id))}
    return np.array([one in wanted for one in data.codes])


def _said(data: ReliabilityData, row: int, column: int, paths: Sequence[str]) -> str:
    if not data.seen[row, column]:
        return NOT_SEEN
    given: list[int] = np.flatnonzero(data.own[row, :, column]).tolist()
    return SEPARATOR.join(paths[place] for place in given) or UNCODED


def confuse_codes(
    table: CodingTable,
    *,
    coders: Sequence[str] | None = None,
    level: int | None = None,
    interviewer: Talk = "no",
) -> pd.DataFrame:
    r"""Return which code one coder used where another used a different one, most frequent first.

    For every two coders and every unit that both saw: each code that the first gave and the second did not stands
    against each code that the second gave and the first did not; against ``(no code)`` when the second gave none.

    Parameters
    ----------
    table, coders, level, interviewer
        As in :func:`~qualcode.agreement.measuring.measure_agreement`.

    Returns
    -------
    pandas.DataFrame
        ``coder``, ``code``, ``other_coder``, ``other_code``, ``segments`` (how many), ``example`` (the first of them).
        A pair of two real codes stands once; one against no code stands under the coder who gave it.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("garden.yaml").write_text("codes: [{id: water, name: Water}, {id: help, name: Help}]")
    >>> _ = Path("P1.txt").write_text("Mei: The rain came late.\n\nMei: Neighbours helped.\n\nMei: It rained again.\n")
    >>> transcripts, problems = qualcode.read_transcripts("P1.txt")
    >>> study = qualcode.create_study("garden", codebook="garden.yaml")
    >>> report = study.import_transcripts(transcripts, "P1.txt")
    >>> for coder, segment, code in [("ana", "t001", "water"), ("ben", "t001", "water"), ("ana", "t002", "help")]:
    ...     event = study.decide(coder, f"P1:{segment}", code, "apply")
    >>> seen = [study.mark_seen(coder, ["P1:t001", "P1:t002", "P1:t003"]) for coder in ("ana", "ben")]
    >>> table = study.tabulate(coders=["ana", "ben"])
    >>> qualcode.confuse_codes(table)[["coder", "code", "other_code", "segments"]].to_dict("records")
    [{'coder': 'ana', 'code': 'help', 'other_code': '(no code)', 'segments': 1}]
    """
    data = compare_coders(table, coders=coders, level=level, interviewer=interviewer)
    paths = [data.path(one) for one in data.codes]
    counts: Counter[tuple[str, str, str, str]] = Counter()
    examples: dict[tuple[str, str, str, str], str] = {}
    names = data.unit_names
    for a, b in permutations(range(len(data.coders)), 2):
        both = data.seen[:, a] & data.seen[:, b]
        ours, theirs = data.own[:, :, a], data.own[:, :, b]
        for row in np.flatnonzero(both & (ours & ~theirs).any(axis=1)).tolist():
            for code, other in _clashes(ours[row], theirs[row], is_first=a < b):
                pair = (
                    data.coders[a],
                    paths[code],
                    data.coders[b],
                    paths[other] if other >= 0 else UNCODED,
                )
                counts[pair] += 1
                examples.setdefault(pair, names[row])
    ordered = sorted(counts, key=lambda pair: (-counts[pair], pair))
    frame = pd.DataFrame(ordered, columns=["coder", "code", "other_coder", "other_code"])
    frame = frame.assign(
        code=in_order(frame["code"], paths), other_code=in_order(frame["other_code"], [*paths, UNCODED])
    )
    frame["segments"] = np.array([counts[pair] for pair in ordered], dtype=np.int64)
    frame["example"] = [examples[pair] for pair in ordered]
    return frame.astype(dict.fromkeys(("coder", "other_coder", "example"), "str"))


def _clashes(ours: NDArray[np.bool_], theirs: NDArray[np.bool_], *, is_first: bool) -> list[tuple[int, int]]:
    """Return pairs of codes that stand against each other; −1 for no code."""
    only_ours, only_theirs = np.flatnonzero(ours & ~theirs), np.flatnonzero(theirs & ~ours)
    if not theirs.any():
        return [(int(code), -1) for code in only_ours]
    return [(int(code), int(other)) for code in only_ours for other in only_theirs] if is_first else []


def explain_agreement(
    table: CodingTable,
    *,
    coders: Sequence[str] | None = None,
    level: int | None = None,
    interviewer: Talk = "no",
) -> pd.DataFrame:
    """Return which codes and transcripts pull agreement down, the worst first.

    Parameters
    ----------
    table, coders, level, interviewer
        As in :func:`~qualcode.agreement.measuring.measure_agreement`.

    Returns
    -------
    pandas.DataFrame
        ``kind`` (``code`` or ``transcript``), ``name``, ``disagreements`` (units in dispute), ``share`` of all of them,
        ``alpha_without`` (the multi-valued alpha of all codes when this one is left out) and ``change`` (how much
        higher that is; above 0 it pulls the number down).

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
    >>> explain_agreement(table)[["kind", "name", "disagreements"]].to_dict("records")
    [{'kind': 'code', 'name': 'help', 'disagreements': 1}, {'kind': 'transcript', 'name': 'P1', 'disagreements': 1}]
    """
    data = compare_coders(table, coders=coders, level=level, interviewer=interviewer)
    disputed = _disputed(data)
    total = max(int(disputed.any(axis=1).sum()), 1)
    alpha = _alpha(data.set_ratings())
    rows = [*_without_codes(data, disputed), *_without_transcripts(data, disputed)]
    frame = pd.DataFrame(rows, columns=["kind", "name", "disagreements", "alpha_without"])
    frame.insert(3, "share", frame["disagreements"] / total)
    frame["change"] = frame["alpha_without"] - alpha
    frame = frame[(frame["disagreements"] > 0) | (frame["kind"] == "transcript")]
    by_change = frame.sort_values(["kind", "change"], ascending=[True, False], kind="stable", na_position="last")
    return by_change.reset_index(drop=True).round(DECIMALS)


def _sums(ratings: Ratings) -> tuple[Sums, NDArray[np.intp] | None]:
    """Return the sums of the alpha of sets over kinds of units, and the transcript of each."""
    kinds, counts = ratings.kinds
    is_compared = kinds.n_values >= PAIR
    clusters = None if kinds.clusters is None else kinds.clusters[is_compared]
    return replace(alpha_of_sets(kinds), counts=counts[is_compared]), clusters


def _alpha(ratings: Ratings) -> float:
    value = _sums(ratings)[0].value() if ratings.has_variation else math.nan
    return value if math.isfinite(value) else math.nan


def _without_codes(data: ReliabilityData, disputed: NDArray[np.bool_]) -> list[tuple[str, str, int, float]]:
    rows = []
    ratings = data.set_ratings()
    for place, code in enumerate(data.codes):
        count = int(disputed[:, place].sum())
        alpha = _alpha(_without_label(ratings, place)) if count else math.nan
        rows.append(("code", data.path(code), count, alpha))
    return rows


def _without_label(ratings: Ratings, place: int) -> Ratings:
    """Return set-valued ratings in which nobody gave one of the labels."""
    assert ratings.members is not None  # noqa: S101  # sets have members
    others = ratings.members.copy()
    others[:, place] = False
    members, number = np.unique(others, axis=0, return_inverse=True)
    given = ratings.values  # noqa: PD011  # not a frame
    values = np.where(given >= 0, number.ravel()[given], MISSING).astype(np.int32)
    return replace(ratings, values=values, members=members, categories=tuple(map(str, range(len(members)))))


def _without_transcripts(data: ReliabilityData, disputed: NDArray[np.bool_]) -> list[tuple[str, str, int, float]]:
    """Return what alpha is without each transcript: its totals are those of all less those of the transcript."""
    sums, of_kind = _sums(data.set_ratings())
    of_unit, names = data.transcripts
    assert of_kind is not None  # noqa: S101  # units of a study have transcripts
    assert of_unit is not None  # noqa: S101
    with np.errstate(divide="ignore", invalid="ignore"):
        alphas = sums.combine(sums.totals - sums.by_group(of_kind, len(names)))
    is_disputed = np.bincount(of_unit, disputed.any(axis=1), minlength=len(names)).astype(int)
    known = np.where(np.isfinite(alphas), alphas, np.nan)
    return [("transcript", *row) for row in zip(names, is_disputed.tolist(), known.tolist(), strict=True)]
