"""Passages → AgreementResult: of a table, where each coder's begin and end in words or characters; of continua."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from qualcode.agreement.estimates import Estimate, estimate_spans
from qualcode.agreement.ratings import PAIR
from qualcode.agreement.registry import USUAL_FOR_PASSAGES, check_coefficients
from qualcode.agreement.reliability import choose_coders, code_names, codes_down_to
from qualcode.agreement.results import AgreementResult
from qualcode.agreement.unitizing import Continuum
from qualcode.agreement.wording import StudyFacts
from qualcode.errors import AgreementError, Problem
from qualcode.language import find_word_starts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from qualcode.agreement.reliability import Talk
    from qualcode.codebook import Codebook
    from qualcode.model import Transcript
    from qualcode.tables import CodingTable

    Pieces = dict[tuple[str, str], list[tuple[int, int]]]
    """Stretches of the continuum by coder and code."""

Position = Literal["words", "characters"]

_JOINED, _POSITIONS = "joined", "positions"


def measure_passages(
    table: CodingTable,
    *,
    coders: Sequence[str] | None = None,
    level: int | None = None,
    coefficients: Sequence[str] = (),
    position: Position = "words",
    reach: int = 2,
    interviewer: Talk = "no",
    draws: int = 1000,
    seed: int = 0,
    drawn: str = "",
    resolved: str = "",
) -> AgreementResult:
    """Say how far coders agree on where passages begin and end: Krippendorff's u-alpha, code by code.

    The continuum of a transcript is the talk (of interviewees) that every coder of the transcript saw. All codes
    together come first, where no coder laid two codes on the same words; then each code by itself, with what lies
    below it.
    Passages of one coder and code that overlap count as one, and are named among the problems.

    Parameters
    ----------
    table
        From :func:`qualcode.tables.tabulate`.
    coders, level, interviewer, draws, seed, drawn, resolved
        As in :func:`~qualcode.agreement.measuring.measure_agreement`.
    coefficients
        Of all codes together; without, u-alpha, its binary form and cu-alpha. Each code by itself has its u-alpha.
    position
        What the continuum is counted in.
    reach
        Of ``boundary``: how near, in positions, a near miss is.

    Returns
    -------
    AgreementResult
        With the facts for the methods section.

    Raises
    ------
    AgreementError
        If there are not two coders, or they have no transcript in common.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> study = qualcode.create_study("study", codebook="codebooks/industry_partnership.yaml")
    >>> report = study.import_transcripts(transcripts, "transcripts_sample")
    >>> for coder in ("ana", "ben"):
    ...     event = study.decide(coder, "P1:t030", "scheduling", "apply")
    >>> result = measure_passages(study.tabulate(coders=["ana", "ben"]), level=1)
    >>> result.coders
    ('ana', 'ben')
    """
    table = table.apart()
    chosen = choose_coders(table, coders)
    codes = codes_down_to(table.codebook, level)
    counts: Counter[str] = Counter()
    ground = _find_ground(table, chosen)
    laid = [_lay(ground, transcript, codes, position, interviewer, counts) for transcript in table.transcripts]
    continua = [continuum for continuum in laid if len(continuum.passages) > 1]
    if not continua:
        raise AgreementError(
            f"No transcript was read by two of the coders {', '.join(chosen)}.",
            hint="Let a second coder code the same transcript",
        )
    joined, in_all = counts.pop(_JOINED, 0), counts.pop(_POSITIONS)
    names = check_coefficients(coefficients, "passages") or USUAL_FOR_PASSAGES
    found = _all_codes(continua, names, reach, draws, seed)
    for code in codes:
        path = table.codebook.path(code)
        alone = [_flatten(continuum, path) for continuum in continua]
        [one] = estimate_spans(alone, "u_alpha", draws=draws, seed=seed)
        found.append(replace(one, code=path))
    return AgreementResult(
        estimates=tuple(found),
        coders=chosen,
        margins=_coded_shares(continua, chosen),
        left_out={reason: count for reason, count in counts.items() if count},
        facts=StudyFacts(
            unit=position.removesuffix("s"),
            n_units=sum(continuum.length for continuum in continua),
            n_units_in_all=in_all,
            n_transcripts=len(continua),
            n_transcripts_in_all=len(table.transcripts),
            n_codes=len(codes),
            codebook_digest=table.codebook.digest,
            names=code_names(table.codebook),
            draws=draws,
            drawn=drawn,
            resolved=resolved,
            left_out_in=table.unit,
        ),
        problems=(*table.problems, *_say_joined(joined)),
    )


def _say_joined(count: int) -> list[Problem]:
    if not count:
        return []
    message = f"{count} passages overlap others of the same coder and code, and count as one with them."
    return [Problem("", "note", "joined-passages", message)]


def _all_codes(
    continua: Sequence[Continuum], names: Sequence[str], reach: int, draws: int, seed: int
) -> list[Estimate]:
    """Return coefficients for all codes together, or why they are not defined."""
    overlap = next((found for continuum in continua if (found := continuum.overlap())), None)
    if overlap is None:
        return [one for name in names for one in estimate_spans(continua, name, reach=reach, draws=draws, seed=seed)]
    reason = f"{overlap[0]} gave several codes to the same words, so only single codes are compared"
    coders = {coder for continuum in continua for coder in continuum.passages}
    return [Estimate(names[0], "nominal", n_units=len(continua), n_coders=len(coders), reason=reason)]


def _flatten(continuum: Continuum, path: str) -> Continuum:
    """Return the passages of a code and of those below it as one code; what overlaps is one passage."""
    kept = {}
    for coder, passages in continuum.passages.items():
        inside = [(start, end) for start, end, code in passages if code == path or code.startswith(f"{path}/")]
        kept[coder] = tuple((start, end, path) for start, end in _join(inside)[0])
    return Continuum(continuum.name, continuum.length, kept)


def _join(pieces: Sequence[tuple[int, int]]) -> tuple[list[tuple[int, int]], int]:
    """Return stretches with those that overlap joined (not those that only touch), and how many were joined."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(pieces):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined, len(pieces) - len(joined)


class _Ground(NamedTuple):
    """A table, what each coder saw of its units, and the rows of each transcript among its units and codings."""

    table: CodingTable
    seen: dict[str, NDArray[np.bool_]]
    units: Mapping[Any, Any]
    codings: Mapping[Any, Any]


def _find_ground(table: CodingTable, coders: Sequence[str]) -> _Ground:
    seen = {coder: table.seen(coder) for coder in coders}
    units, codings = (frame.groupby("transcript", sort=False).indices for frame in (table.units, table.codings))
    return _Ground(table, seen, units, codings)


def _lay(
    ground: _Ground,
    transcript: Transcript,
    codes: Sequence[str],
    position: Position,
    interviewer: Talk,
    counts: Counter[str],
) -> Continuum:
    """Return the continuum of one transcript; count the units that are left out, and the passages that were joined."""
    rows = ground.units.get(transcript.id, _NO_ROWS)
    units = ground.table.units.iloc[rows]
    seen = {coder: of_coder[rows] for coder, of_coder in ground.seen.items()}
    present = [coder for coder, of_coder in seen.items() if of_coder.any()]
    counted = ~(units["is_interviewer"].to_numpy() & (interviewer == "no"))
    kept = np.logical_and.reduce([counted, *(seen[coder] for coder in present)])
    places = _places(transcript, position)
    counts[_POSITIONS] += int(np.diff(_bounds(units[counted], places), axis=0).sum())
    counts["interviewer talk"] += int(len(rows) - counted.sum())
    if len(present) < PAIR:
        counts["fewer than two coders read the transcript"] += int(counted.sum())
        return Continuum(transcript.id, 1, {})
    counts["not all coders of the transcript read it"] += int(counted.sum() - kept.sum())
    codings = ground.table.codings.iloc[ground.codings.get(transcript.id, _NO_ROWS)]
    pieces, length = _pieces(ground.table.codebook, codings, units[kept], places, present, set(codes))
    passages: dict[str, list[tuple[int, int, str]]] = {coder: [] for coder in present}
    for (coder, path), found in pieces.items():
        joined, count = _join(found)
        counts[_JOINED] += count
        passages[coder] += [(start, end, path) for start, end in joined]
    ordered = {coder: tuple(sorted(found)) for coder, found in passages.items()}
    return Continuum(transcript.id, max(length, 1), ordered if length else {})


_NO_ROWS = np.zeros(0, dtype=np.intp)


def _places(transcript: Transcript, position: Position) -> NDArray[np.int64]:
    if position == "words":
        return find_word_starts(transcript.text)
    return np.arange(len(transcript.text), dtype=np.int64)


def _bounds(units: pd.DataFrame, places: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the first position of each unit, and the one behind its last."""
    return np.stack([np.searchsorted(places, units[name].to_numpy()) for name in ("start", "end")])


def _pieces(
    codebook: Codebook,
    codings: pd.DataFrame,
    units: pd.DataFrame,
    places: NDArray[np.int64],
    coders: Sequence[str],
    codes: set[str],
) -> tuple[Pieces, int]:
    """Return what each coder coded with each code, on the units put one behind the other, and their length."""
    starts, ends = units["start"].to_numpy(), units["end"].to_numpy()
    first, last = _bounds(units, places)
    bases = np.concatenate([[0], np.cumsum(last - first)])
    pieces: Pieces = defaultdict(list)
    if not len(units):
        return pieces, 0
    shown = {code.id: _shown(codebook, code.id, codes) for code in codebook.walk()}
    columns = (codings[name].tolist() for name in ("coder", "code", "start", "end"))
    for coder, code, start, end in zip(*columns, strict=True):
        if coder not in coders:
            continue
        stretch = [
            (int(bases[k] + max(low - first[k], 0)), int(bases[k] + min(high, last[k]) - first[k]))
            for k in np.flatnonzero((starts < end) & (ends > start)).tolist()
            for low, high in [(np.searchsorted(places, start), np.searchsorted(places, end))]
        ]
        pieces[coder, codebook.path(shown[code])] += _link([one for one in stretch if one[0] < one[1]])
    return pieces, int(bases[-1])


def _shown(codebook: Codebook, code: str, codes: set[str]) -> str:
    """Return the code itself or the nearest above it that is compared."""
    while code not in codes:
        above = codebook.parent(code)
        if above is None:
            break
        code = above.id
    return code


def _link(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the pieces of one coding, with those that follow on each other linked again."""
    linked: list[tuple[int, int]] = []
    for start, end in stretches:
        if linked and start == linked[-1][1]:
            linked[-1] = (linked[-1][0], end)
        else:
            linked.append((start, end))
    return linked


def compare_spans(
    continua: Sequence[Continuum],
    coefficients: Sequence[str] = (),
    *,
    code: str | None = None,
    reach: int = 2,
    draws: int = 1000,
    seed: int = 0,
) -> AgreementResult:
    r"""Return coefficients of passages that coders marked freely.

    Parameters
    ----------
    continua
        What :func:`~qualcode.agreement.read_spans` returns.
    coefficients
        Names out of :data:`~qualcode.agreement.registry.SPAN_COEFFICIENTS`; without, Krippendorff's family.
    code
        The passages of this code alone.
    reach
        Of ``boundary``: how near, in positions, a near miss is.
    draws, seed
        Of the bootstrap.

    Returns
    -------
    AgreementResult
        Their values, and which share of the text each coder gave each code.

    Raises
    ------
    AgreementError
        If there are fewer than two coders, a name is unknown, or passages of one coder overlap.

    Examples
    --------
    >>> from qualcode.agreement import read_spans
    >>> table = b"coder,start,end,value\nana,0,10,x\nben,0,10,x\nana,20,30,y\nben,20,30,y\n"
    >>> compare_spans(read_spans(table, length=40), ["u_alpha"])["u_alpha"].value
    1.0
    """
    if code is not None:
        continua = _only(continua, code)
    coders = tuple(dict.fromkeys(coder for continuum in continua for coder in continuum.passages))
    if len(coders) < PAIR:
        raise AgreementError(
            f"Agreement needs two coders, not {len(coders)}.", hint="Add the passages of another coder"
        )
    chosen = check_coefficients(coefficients, "passages") or (*USUAL_FOR_PASSAGES, "ku_alpha")
    alone = sum(1 for continuum in continua if len(continuum.passages) < PAIR)
    found = [one for name in chosen for one in estimate_spans(continua, name, reach=reach, draws=draws, seed=seed)]
    return AgreementResult(
        estimates=tuple(found),
        coders=coders,
        margins=_coded_shares(continua, coders),
        left_out={"only one coder read the transcript": alone} if alone else {},
        problems=_say_unknown_length(continua),
    )


def _only(continua: Sequence[Continuum], code: str) -> list[Continuum]:
    known = sorted({one for continuum in continua for one in continuum.codes})
    if code not in known:
        raise AgreementError(f"No coder used the code “{code}”.", hint=f"Codes are: {', '.join(known)}")
    return [continuum.only(code) for continuum in continua]


def _say_unknown_length(continua: Sequence[Continuum]) -> tuple[Problem, ...]:
    names = [continuum.name for continuum in continua if not continuum.has_length]
    if not names:
        return ()
    message = f"The length of the text is not known ({', '.join(names)}); it is taken to end with the last passage."
    return (Problem("", "note", "no-length", message, "Give --length, or a column “length”"),)


def _coded_shares(continua: Sequence[Continuum], coders: Sequence[str]) -> pd.DataFrame:
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
