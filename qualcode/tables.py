"""Sheets and transcripts → :class:`CodingTable`: the only place that lays spans on counting units.

The one overlap rule: a coding counts in every counting unit with which it shares at least one character.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from qualcode.axis import bounds, find_seen, lay_axis, spread, touch
from qualcode.cases import assign_cases
from qualcode.errors import Problem
from qualcode.language import find_word_starts
from qualcode.model import RULES_CODER
from qualcode.settling import find_holders, hold_as_sheets, name_counted, settle
from qualcode.wording import shorten, suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    from qualcode.axis import Axis
    from qualcode.cases import CaseIndex
    from qualcode.codebook import Codebook
    from qualcode.model import Case, Coding, Segment, Sheet, Transcript, Unit
    from qualcode.settling import Settlement, Way

    Integers = NDArray[np.int64]

JOINER = "; "
"""Stands between several rules, or several matched words, of one coding."""


@dataclass(frozen=True, slots=True, eq=False)
class CodingTable:
    """Every coding on every counting unit with which it shares at least one character.

    The frames are not to be changed: what counts them relies on their row numbers.

    Attributes
    ----------
    unit
        The kind of counting unit.
    codebook, transcripts
        What the codings refer to. A table of a file of codings, which keeps no texts, has no transcripts.
    sheets
        The sheets that were used.
    index
        Which case speaks where; ``index.cases`` are the cases that speak.
    coders
        Whose codings count, sorted by name.
    units
        One row per counting unit, in the order of the transcripts and of their text: ``transcript``,
        ``case``, ``speaker``, ``segment`` (its id), ``start``, ``end``, ``time`` (seconds, NaN when unknown),
        ``words``, ``is_interviewer``, ``turn`` (id of the turn around it).
    codings
        One row per coding that is not rejected, by transcript, start, end, code (in the order of the
        codebook) and coder: ``transcript``, ``case``, ``speaker``, ``segment`` (id of the turn), ``start``,
        ``end``, ``code`` (id, not path), ``coder`` (of an agreed coding, all who gave it), ``verdict``, ``rule``,
        ``matched``, ``quote``, ``note``, ``words``, ``is_interviewer``. A coding across several turns stands
        under the first interviewee's turn it touches; ``is_interviewer`` says that it touches the interviewer's
        only. ``words`` are its words in turns of that kind.
    placements
        One row per coding and unit: ``unit``, ``coding`` (row numbers), and ``first_word``, ``last_word``:
        which words of the study, counted through all transcripts, the coding covers in the unit (half-open).
    n_rejected
        Codings that a coder rejected; they are in no frame.
    problems
        What could not be counted, and what the user should know about the cases.
    settlement
        What coders differ on; ``None`` where that was not asked. Its ``differences`` also say in which ``transcript``
        and ``segment`` they are, and whether that ``is_interviewer`` talk.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> table
    <CodingTable: 175 codings by rules on 236 turns of 4 transcripts>
    """

    unit: Unit
    codebook: Codebook
    transcripts: tuple[Transcript, ...]
    sheets: tuple[Sheet, ...]
    index: CaseIndex
    coders: tuple[str, ...]
    units: pd.DataFrame
    codings: pd.DataFrame
    placements: pd.DataFrame
    n_rejected: int
    problems: tuple[Problem, ...]
    settlement: Settlement | None = None

    @property
    def transcript_ids(self) -> tuple[str, ...]:
        """The ids of the transcripts, in their order."""
        return tuple(one.id for one in self.transcripts) or tuple(self.units["transcript"].unique())

    @property
    def whose(self) -> str:
        """Whose codings count and what is open among them, as a sentence; ``""`` where there is nothing to say."""
        return name_counted(self.coders, self.settlement)

    @property
    def counted_sheets(self) -> tuple[Sheet, ...]:
        """The sheets of what counts: ``sheets``, or the agreed codings of their coders as sheets of one coder."""
        if self.settlement is None or self.settlement.way != "agreed":
            return self.sheets
        return hold_as_sheets(lay_axis(self.transcripts, self.unit), self.sheets, self.settlement)

    def apart(self) -> CodingTable:
        """Return the table in which each coder's codings stand by themselves; itself unless it counts agreed ones."""
        if self.settlement is None or self.settlement.way != "agreed":
            return self
        return tabulate(self.transcripts, self.sheets, self.codebook, index=self.index, unit=self.unit)

    def seen(self, coder: str) -> NDArray[np.bool_]:
        """Tell which counting units a coder looked at (see :func:`qualcode.axis.find_seen`).

        Parameters
        ----------
        coder
            One of ``coders``.

        Returns
        -------
        numpy.ndarray
            One truth value per row of ``units``.

        Examples
        --------
        >>> int(table.seen("rules").sum())  # the rules look at all of them
        236
        """
        seen = np.zeros(len(self.units), dtype=bool)
        rows = self.units.groupby("transcript", sort=False).indices
        transcripts = {transcript.id: transcript for transcript in self.transcripts}
        for sheet in self.sheets:
            if sheet.coder == coder and sheet.transcript in rows:
                transcript = transcripts[sheet.transcript]
                seen[rows[sheet.transcript]] = find_seen(transcript, transcript.units(self.unit), sheet)
        return seen

    def __repr__(self) -> str:
        return (
            f"<CodingTable: {len(self.codings)} codings by {', '.join(self.coders) or 'no coder'} "
            f"on {len(self.units)} {self.unit}s of {len(self.transcript_ids)} transcripts>"
        )

    def _repr_html_(self) -> str:
        return str(self.codings.to_html(max_rows=20))


def tabulate(
    transcripts: Sequence[Transcript],
    sheets: Sequence[Sheet],
    codebook: Codebook,
    *,
    cases: Sequence[Case] = (),
    index: CaseIndex | None = None,
    unit: Unit = "turn",
    coders: Collection[str] | None = None,
    way: Way | None = None,
) -> CodingTable:
    """Lay the codings of sheets on the counting units of transcripts.

    Parameters
    ----------
    transcripts, sheets
        What was coded, and the codings. Rejected codings do not count.
    codebook
        Says which codes there are, and their order.
    cases
        The table of cases; without one, see :func:`qualcode.cases.assign_cases`.
    index
        Which case speaks where, in place of ``cases``, for whom knows it already.
    unit
        The kind of counting unit: ``turn``, ``paragraph`` or ``sentence``.
    coders
        Whose codings count; ``None`` for everybody's.
    way
        What several coders' codings come to: the ``union`` of ``coders``, or what all people ``agreed`` on; the
        differences of all people on the sheets are told beside it (see :mod:`qualcode.settling`). ``None``: the union,
        without a look at sheets of others or at differences.

    Returns
    -------
    CodingTable
        The frames that every count starts from. What cannot be counted (an unknown code, a changed
        transcript, a quote that is not what stands there) is left out and named in ``problems``.

    Raises
    ------
    CaseError
        If two cases have one id.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> table.codings.loc[0, ["segment", "code", "rule", "matched"]].tolist()
    ['t003', 'personal-networks', 'personal network', 'personal networks']
    """
    problems: list[Problem] = []
    chosen = _distinct(transcripts, problems)
    index = assign_cases(chosen, cases) if index is None else index
    ground = _lay_ground(chosen, unit, index, problems)
    used = _select_sheets(sheets, chosen, codebook, coders if way is None else None, problems)
    kept, n_rejected = _check_codings(used, ground, codebook, problems)
    counting = _find_counting(used, way, coders)
    settlement = None if way is None else _settle(ground, used, kept, way, counting)
    codings, placements = _lay_codings(kept if settlement is None else settlement.codings, ground, codebook)
    return CodingTable(
        unit=unit,
        codebook=codebook,
        transcripts=tuple(chosen),
        sheets=tuple(sheet for sheet in used if way == "agreed" or sheet.coder in counting),
        index=index,
        coders=counting,
        units=ground.units,
        codings=codings,
        placements=placements,
        n_rejected=sum(n_rejected[coder] for coder in counting),
        problems=(*index.problems, *problems),
        settlement=settlement,
    )


def _find_counting(sheets: Sequence[Sheet], way: Way | None, coders: Collection[str] | None) -> tuple[str, ...]:
    """Return whose codings count: of agreed ones, people's."""
    names = {sheet.coder for sheet in sheets}
    if way == "agreed":
        names -= find_holders(sheets) | {RULES_CODER}
    return tuple(sorted(names if coders is None else names & set(coders)))


def _settle(
    ground: _Ground, sheets: Sequence[Sheet], codings: Sequence[Coding], way: Way, coders: Collection[str]
) -> Settlement:
    settlement = settle(ground.axis, sheets, codings, words=ground.words, way=way, coders=coders)
    where = ground.units.iloc[settlement.differences["unit"]].reset_index(drop=True)
    columns = where[["transcript", "segment", "is_interviewer"]]
    return replace(settlement, differences=pd.concat([settlement.differences, columns], axis=1))


def restore_table(
    units: pd.DataFrame,
    codings: pd.DataFrame,
    codebook: Codebook,
    *,
    index: CaseIndex,
    unit: Unit,
    problems: Sequence[Problem] = (),
) -> CodingTable:
    """Return the table whose frames somebody kept.

    Parameters
    ----------
    units, codings
        As :func:`tabulate` made them, of codings that lie in one turn each, as those of rules do. ``codings`` has a
        column more, which is taken out: ``first_word``, how many words stand before the coding in its transcript.
    codebook, index, unit, problems
        As in :class:`CodingTable`.
    """
    number, names = pd.factorize(units["transcript"])
    n_units = np.bincount(number, minlength=len(names))
    last = np.cumsum(n_units) - 1
    ends = units["end"].to_numpy()
    bases = np.concatenate([[0], np.cumsum(ends[last] + 1)]).astype(np.int64)[: len(names)]
    words = units["words"].to_numpy()
    first_word = np.cumsum(words) - words
    place = pd.Index(names).get_indexer(codings["transcript"])
    span = codings[["start", "end"]].to_numpy() + bases[place][:, None]
    begin = first_word[last - n_units + 1][place] + codings["first_word"].to_numpy()
    coding, unit_of = spread(*touch(units["start"].to_numpy() + bases[number], ends + bases[number], *span.T))
    placements = pd.DataFrame(
        {
            "unit": unit_of,
            "coding": coding,
            "first_word": np.maximum(begin[coding], first_word[unit_of]),
            "last_word": np.minimum((begin + codings["words"].to_numpy())[coding], (first_word + words)[unit_of]),
        }
    )
    return CodingTable(
        unit=unit,
        codebook=codebook,
        transcripts=(),
        sheets=(),
        index=index,
        coders=tuple(sorted(codings["coder"].unique())),
        units=units,
        codings=codings[_CODING_COLUMNS],
        placements=placements,
        n_rejected=0,
        problems=tuple(problems),
    )


def _distinct(transcripts: Iterable[Transcript], problems: list[Problem]) -> list[Transcript]:
    chosen: dict[str, Transcript] = {}
    for transcript in transcripts:
        if transcript.id in chosen:
            message = f"Two transcripts are named “{transcript.id}”; only the first is counted."
            problems.append(Problem(transcript.id, "error", "duplicate-transcript", message, "Rename one"))
        else:
            chosen[transcript.id] = transcript
    return list(chosen.values())


# --- the counting units -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ground:
    """The counting units of all transcripts.

    Attributes
    ----------
    axis
        Where they lie.
    units
        As in :class:`CodingTable`.
    words
        Where each word begins on the axis.
    """

    axis: Axis
    units: pd.DataFrame
    words: Integers

    def count_words_before(self, places: Integers) -> Integers:
        return np.searchsorted(self.words, places, side="left").astype(np.int64)


def _lay_ground(transcripts: Sequence[Transcript], unit: Unit, index: CaseIndex, problems: list[Problem]) -> _Ground:
    axis = lay_axis(transcripts, unit)
    rows: list[tuple[object, ...]] = []
    words: list[Integers] = [np.zeros(0, dtype=np.int64)]
    for transcript, base in axis.bases.values():
        segments = axis.segments[transcript.id]
        if not segments:
            message = f"The transcript has no {unit}s, so none of it is counted."
            problems.append(Problem(transcript.id, "error", "no-units", message, "Choose another unit"))
        rows += _describe_units(transcript, segments, index)
        words.append(find_word_starts(transcript.text) + base)
    all_words = np.concatenate(words)
    names = ("transcript", "case", "speaker", "segment", "start", "end", "time", "is_interviewer", "turn")
    frame = _frame(rows, names)
    n_words = np.diff(np.searchsorted(all_words, np.stack([axis.starts, axis.ends]), side="left"), axis=0)[0]
    frame.insert(7, "words", n_words.astype(np.int64))
    return _Ground(axis, frame, all_words)


def _describe_units(transcript: Transcript, segments: Sequence[Segment], index: CaseIndex) -> list[tuple[object, ...]]:
    """Return a row per unit; speaker and time come from the turn around it where there is one."""
    turns = transcript.units("turn")
    first, count = touch(*bounds(turns).T, *bounds(segments).T)
    rows: list[tuple[object, ...]] = []
    for segment, number, n_turns in zip(segments, first.tolist(), count.tolist(), strict=True):
        turn = turns[number] if n_turns else segment
        speaker = turn.speaker
        time = turn.time if segment.time is None else segment.time
        rows.append(
            (
                transcript.id,
                index.case_of(transcript.id, speaker),
                speaker,
                segment.id,
                segment.span.start,
                segment.span.end,
                np.nan if time is None else time,
                transcript.is_interviewer(turn),
                turn.id,
            )
        )
    return rows


_TEXT = ("transcript", "case", "speaker", "segment", "turn", "code", "coder", "verdict", "rule", "matched")
_TYPES = {
    **dict.fromkeys((*_TEXT, "quote", "note"), "str"),
    **dict.fromkeys(("start", "end", "words"), "int64"),
    "time": "float64",
    "is_interviewer": "bool",
}


def _frame(rows: Sequence[tuple[object, ...]], names: Sequence[str]) -> pd.DataFrame:
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in names]
    return pd.DataFrame(
        {name: pd.Series(list(column), dtype=_TYPES[name]) for name, column in zip(names, columns, strict=True)}
    )


# --- the sheets and their codings ---------------------------------------------------------------------------


def _select_sheets(
    sheets: Iterable[Sheet],
    transcripts: Sequence[Transcript],
    codebook: Codebook,
    coders: Collection[str] | None,
    problems: list[Problem],
) -> list[Sheet]:
    """Return the usable sheets of the coders asked for, by transcript and coder."""
    wanted = list(sheets)
    if coders is not None:
        _report_unknown_coders(coders, {sheet.coder for sheet in wanted}, problems)
        wanted = [sheet for sheet in wanted if sheet.coder in set(coders)]
    digests = {transcript.id: transcript.digest for transcript in transcripts}
    used: dict[tuple[int, str], Sheet] = {}
    order = {name: number for number, name in enumerate(digests)}
    for sheet in wanted:
        problem = _find_fault(sheet, digests)
        key = (order.get(sheet.transcript, -1), sheet.coder)
        if problem is None and key in used:
            problem = (
                "duplicate-sheet",
                "There are two sheets of this coder; only the first is counted.",
                "",
            )
        if problem is not None:
            problems.append(Problem(_name_sheet(sheet), "error", *problem))
            continue
        used[key] = sheet
        if sheet.codebook_digest not in {"", codebook.digest}:
            message = "The sheet was coded with another version of the codebook."
            problems.append(Problem(_name_sheet(sheet), "note", "other-codebook", message))
    return [used[key] for key in sorted(used)]


def _report_unknown_coders(coders: Collection[str], known: set[str], problems: list[Problem]) -> None:
    for coder in sorted(set(coders) - known):
        hint = suggest(coder, sorted(known)) or f"Coders: {', '.join(sorted(known)) or 'none'}"
        problems.append(Problem("", "error", "unknown-coder", f"There is no sheet by “{coder}”.", hint))


def _find_fault(sheet: Sheet, digests: dict[str, str]) -> tuple[str, str, str] | None:
    """Return what keeps a whole sheet from being counted: rule, message and hint."""
    if sheet.transcript not in digests:
        message = f"There is no transcript “{sheet.transcript}”, so the sheet is not counted."
        return "unknown-transcript", message, suggest(sheet.transcript, digests)
    if sheet.text_digest != digests[sheet.transcript]:
        message = "The transcript has changed since it was coded, so the sheet is not counted."
        return "changed-transcript", message, "Code it again, or restore the transcript that was coded."
    return None


def _name_sheet(sheet: Sheet) -> str:
    return f"{sheet.transcript} ({sheet.coder})"


def _check_codings(
    sheets: Sequence[Sheet], ground: _Ground, codebook: Codebook, problems: list[Problem]
) -> tuple[list[Coding], Counter[str]]:
    """Return the codings that can be counted, and how many each coder rejected."""
    known = {code.id for code in codebook.walk()}
    kept: list[Coding] = []
    n_rejected: Counter[str] = Counter()
    for sheet in sheets:
        transcript, _ = ground.axis.bases[sheet.transcript]
        for coding in sheet.codings:
            if not coding.is_counted:
                n_rejected[sheet.coder] += 1
            elif fault := _find_coding_fault(coding, sheet, transcript, known):
                where = f"{_name_sheet(sheet)}:{coding.span.start}-{coding.span.end}"
                problems.append(Problem(where, "error", *fault))
            else:
                kept.append(coding)
    return _drop_silent(kept, ground, problems), n_rejected


def _find_coding_fault(
    coding: Coding, sheet: Sheet, transcript: Transcript, known: set[str]
) -> tuple[str, str, str] | None:
    """Return what keeps a coding from being counted: rule, message and hint."""
    span = coding.span
    if coding.transcript != sheet.transcript or coding.coder != sheet.coder:
        message = f"This sheet holds a coding of “{coding.transcript}” by “{coding.coder}”."
        return "foreign-coding", message, "Move it to the sheet it belongs to"
    if coding.code not in known:
        message = f"The code “{coding.code}” is not in the codebook, so the coding is not counted."
        return "unknown-code", message, suggest(coding.code, sorted(known))
    if span.end > len(transcript.text):
        message = f"The coding ends beyond the text, which has {len(transcript.text)} characters."
        return "beyond-text", message, ""
    if coding.quote != transcript.text[span.start : span.end]:
        message = f"The quote “{shorten(coding.quote)}” does not match the text there, so the coding is not counted."
        return "wrong-quote", message, "Place the coding again."
    return None


def _drop_silent(kept: list[Coding], ground: _Ground, problems: list[Problem]) -> list[Coding]:
    """Leave out codings that touch no unit, such as one on a speaker label, and report them."""
    _, n_units = ground.axis.touch(*ground.axis.locate(kept))
    for coding, count in zip(kept, n_units.tolist(), strict=True):
        if not count:
            where = f"{coding.transcript} ({coding.coder}):{coding.span.start}-{coding.span.end}"
            message = f"The coding with “{coding.code}” covers no spoken words, so it is not counted."
            problems.append(Problem(where, "error", "outside-units", message, "Place it on spoken words"))
    return [coding for coding, count in zip(kept, n_units.tolist(), strict=True) if count]


# --- codings on units ---------------------------------------------------------------------------------------


def _lay_codings(kept: Sequence[Coding], ground: _Ground, codebook: Codebook) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the frames of codings and of placements."""
    codings = _sort_codings(kept, ground, codebook)
    starts, ends = ground.axis.locate(codings)
    coding, unit = spread(*ground.axis.touch(starts, ends))
    placements = pd.DataFrame(
        {
            "unit": unit,
            "coding": coding,
            "first_word": ground.count_words_before(np.maximum(starts[coding], ground.axis.starts[unit])),
            "last_word": ground.count_words_before(np.minimum(ends[coding], ground.axis.ends[unit])),
        }
    )
    return _describe_codings(codings, placements, ground), placements


def _sort_codings(kept: Sequence[Coding], ground: _Ground, codebook: Codebook) -> list[Coding]:
    codes = {code.id: number for number, code in enumerate(codebook.walk())}
    starts, ends = ground.axis.locate(kept)
    code = np.array([codes[coding.code] for coding in kept], dtype=np.int64)
    # Sheets come by coder, and the sort is stable, so that coders of one passage and code stand in order.
    order = np.lexsort((code, ends, starts))
    return [kept[number] for number in order.tolist()]


_EVIDENCE = ("rule", "matched")
_CODING_COLUMNS = [
    *("transcript", "case", "speaker", "segment", "start", "end", "code", "coder", "verdict", *_EVIDENCE),
    *("quote", "note", "words", "is_interviewer"),
]


def _describe_codings(codings: Sequence[Coding], placements: pd.DataFrame, ground: _Ground) -> pd.DataFrame:
    units = ground.units
    unit, coding = placements["unit"].to_numpy(), placements["coding"].to_numpy()
    of_interviewer = units["is_interviewer"].to_numpy()[unit]
    # Home is the first interviewee's unit, or the first of all: sort by "is the interviewer's", then by unit.
    order = np.lexsort((unit, of_interviewer, coding))
    _, firsts = np.unique(coding[order], return_index=True)
    home = units.iloc[unit[order][firsts]]
    is_interviewer = home["is_interviewer"].to_numpy()
    words = (placements["last_word"] - placements["first_word"]).to_numpy()
    same_kind = of_interviewer == is_interviewer[coding]
    n_words = np.bincount(coding[same_kind], weights=words[same_kind], minlength=len(codings))
    rows = [_describe_coding(one, ground.axis.bases[one.transcript][0]) for one in codings]
    frame = _frame(rows, ("transcript", "start", "end", "code", "coder", "verdict", *_EVIDENCE, "quote", "note"))
    place = home[["case", "speaker", "turn", "is_interviewer"]].rename(columns={"turn": "segment"})
    frame = pd.concat([frame, place.reset_index(drop=True)], axis=1)
    return frame.assign(words=n_words.astype(np.int64))[_CODING_COLUMNS]


def _describe_coding(coding: Coding, transcript: Transcript) -> tuple[object, ...]:
    return (
        coding.transcript,
        coding.span.start,
        coding.span.end,
        coding.code,
        coding.coder,
        coding.verdict,
        _join([evidence.rule for evidence in coding.evidence]),
        _join([transcript.quote(span) for evidence in coding.evidence for span in evidence.spans]),
        coding.quote,
        coding.note,
    )


def _join(texts: list[str]) -> str:
    """Return the texts in one line, each once."""
    return JOINER.join(dict.fromkeys(texts)) if len(texts) > 1 else "".join(texts)
