"""Sheets and transcripts → :class:`CodingTable`: the only place that lays spans on counting units.

The one overlap rule: a coding counts in every counting unit with which it shares at least one character.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from qualcode.axis import concatenate, edges, find_seen, lay_axis, place, spread, touch
from qualcode.cases import assign_cases
from qualcode.columns import FrameColumns, Texts, each_its_own
from qualcode.errors import Problem, StudyError
from qualcode.laid import LaidCodings
from qualcode.language import find_word_starts
from qualcode.model import RULES_CODER, is_machine
from qualcode.settling import find_holders, hold_as_sheets, name_counted, settle
from qualcode.suggested import Suggestions
from qualcode.wording import shorten, suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from qualcode.axis import Axis
    from qualcode.cases import CaseIndex
    from qualcode.codebook import Codebook
    from qualcode.model import Case, Coding, SegmentColumns, Sheet, Transcript, Unit
    from qualcode.settling import Settlement, Way

    Integers = NDArray[np.int64]


class CodingColumns:
    """The codings of a table: what counting needs of them, and all that is known of them when it is asked for.

    Parameters
    ----------
    code, passage
        Place of the code of each in the codebook; number of the passage, one for all codings of one stretch of text.
    start, end
        Where each stands in its transcript.
    describe
        Makes the columns of the frame.
    take
        Makes some rows of them, where that costs less than to make all.
    """

    def __init__(
        self,
        code: Integers,
        passage: Integers,
        start: Integers,
        end: Integers,
        describe: Callable[[], FrameColumns],
        take: Callable[[Integers], FrameColumns] | None = None,
    ) -> None:
        self.code = code
        self.passage = passage
        self.start = start
        self.end = end
        self._describe = describe
        self._take = take

    @classmethod
    def of(cls, codings: pd.DataFrame, codebook: Codebook) -> CodingColumns:
        """Return the columns of a frame of codings, in the order of a table."""
        places = {code.id: number for number, code in enumerate(codebook.walk())}
        code = np.asarray(codings["code"].map(places), dtype=np.int64)
        passage = codings.groupby(["transcript", "start", "end"], sort=False).ngroup()
        start, end = (codings[name].to_numpy() for name in ("start", "end"))
        return cls(code, np.asarray(passage, dtype=np.int64), start, end, lambda: FrameColumns.of(codings))

    def __len__(self) -> int:
        return len(self.code)

    @cached_property
    def described(self) -> FrameColumns:
        """The columns of :attr:`frame`, which hold each different text once."""
        return self._describe()

    @property
    def frame(self) -> pd.DataFrame:
        """A row for each coding, as in :class:`CodingTable`."""
        return self.described.frame

    def rows(self, rows: Integers, names: Sequence[str] = ()) -> FrameColumns:
        """Return some rows of some of these columns, or of all that are at hand."""
        if self._take is None:
            return (self.described.take(*names) if names else self.described).rows(rows)
        return self._take(rows).take(*names) if names else self._take(rows)


@dataclass(frozen=True, slots=True, eq=False)
class CaseGroups:
    """The cases by the value of an attribute.

    Attributes
    ----------
    column
        The attribute, as the table of cases spells it; ``case``: each case is a group.
    names, sizes
        The values, and how many cases have each; see :meth:`qualcode.cases.CaseIndex.groups`.
    of_voice
        Place of the group of each voice (:attr:`Block.voice`), -1 for who is no case.
    """

    column: str
    names: Sequence[str]
    sizes: Integers
    of_voice: Integers

    def first(self, n_groups: int) -> CaseGroups:
        """Return the first groups alone."""
        of_voice = np.where(self.of_voice < n_groups, self.of_voice, -1)
        return CaseGroups(self.column, self.names[:n_groups], self.sizes[:n_groups], of_voice)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Whole transcripts of a table, with what counting needs of them; numbers of rows begin with each block.

    Attributes
    ----------
    units, columns, placements
        As in :class:`CodingTable`.
    voice
        Number of the case that speaks in each unit, ``""`` being one, through all blocks.
    """

    units: FrameColumns
    columns: CodingColumns
    placements: FrameColumns
    voice: Integers


class Frames:
    """The frames of a table, held in memory.

    Parameters
    ----------
    units, columns, placements, index
        As in :class:`CodingTable`.
    """

    def __init__(self, units: FrameColumns, columns: CodingColumns, placements: FrameColumns, index: CaseIndex) -> None:
        self.units = units
        self.columns = columns
        self.placements = placements
        self.index = index

    @property
    def n_units(self) -> int:
        """How many counting units there are."""
        return len(self.units)

    @property
    def n_codings(self) -> int:
        """How many codings there are."""
        return len(self.columns)

    @property
    def n_cases(self) -> int:
        """How many cases speak."""
        return len(self.index.cases)

    @cached_property
    def _voices(self) -> tuple[Integers, int]:
        return self.units.factorize("case")

    @property
    def n_voices(self) -> int:
        """How many different cases units are spoken by, ``""`` among them."""
        return self._voices[1]

    @property
    def transcript_ids(self) -> tuple[str, ...]:
        """The ids of the transcripts that have units."""
        return tuple(dict.fromkeys(self.units.texts("transcript")))

    def group(self, attribute: str = "case") -> CaseGroups:
        """Return the cases by the value of an attribute."""
        groups = self.index.groups(attribute)
        places = {case: place for place, cases in enumerate(groups.values()) for case in cases}
        numbers, n_voices = self._voices
        of_voice = np.full(n_voices, -1, dtype=np.int64)
        of_voice[numbers] = [places.get(case, -1) for case in self.units.texts("case")]
        sizes = np.array([len(cases) for cases in groups.values()], dtype=np.int64)
        return CaseGroups(self.index.attribute(attribute), list(groups), sizes, of_voice)

    def change(self, change: Callable[[Block], Block]) -> Frames:
        """Return frames whose blocks are changed in their codings."""
        block = change(next(self.blocks()))
        return Frames(block.units, block.columns, block.placements, self.index)

    def head(self, n_transcripts: int) -> Frames:  # noqa: ARG002  # all is here
        """Return frames of the first transcripts at least: here of all, which cost nothing."""
        return self

    def blocks(self, texts: Literal["apart", "along"] = "apart") -> Iterator[Block]:  # noqa: ARG002  # all is here
        """Yield the table in parts of whole transcripts: here as one."""
        yield Block(self.units, self.columns, self.placements, self._voices[0])


class AnyFrames(Protocol):
    """The frames of a table, wherever they are: see :class:`Frames`."""

    @property
    def units(self) -> FrameColumns:
        """The counting units."""

    @property
    def columns(self) -> CodingColumns:
        """What counting needs of the codings."""

    @property
    def placements(self) -> FrameColumns:
        """The codings on the units."""

    @property
    def index(self) -> CaseIndex:
        """Which case speaks where."""

    @property
    def n_units(self) -> int:
        """How many counting units there are."""

    @property
    def n_codings(self) -> int:
        """How many codings there are."""

    @property
    def n_cases(self) -> int:
        """How many cases speak."""

    @property
    def n_voices(self) -> int:
        """How many different cases units are spoken by."""

    @property
    def transcript_ids(self) -> tuple[str, ...]:
        """The ids of the transcripts that have units."""

    def group(self, attribute: str = "case") -> CaseGroups:
        """Return the cases by the value of an attribute; see :class:`CaseGroups`."""

    def change(self, change: Callable[[Block], Block]) -> AnyFrames:
        """Return frames whose blocks are changed in their codings, by what looks at one block at a time."""

    def head(self, n_transcripts: int) -> AnyFrames:
        """Return frames of the first transcripts at least, where all are too many to be held."""

    def blocks(self, texts: Literal["apart", "along"] = "apart") -> Iterator[Block]:
        """Yield the table in parts of whole transcripts; whoever asks them for quotes says so."""


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
    coders
        Whose codings count, sorted by name.
    frames
        Holds what follows; of a file of codings, it reads what is asked for.
    index
        Which case speaks where; ``index.cases`` are the cases that speak.
    units
        One row per counting unit, in the order of the transcripts and of their text: ``transcript``,
        ``case``, ``speaker``, ``segment`` (its id), ``start``, ``end``, ``time`` (seconds, NaN when unknown),
        ``words``, ``is_interviewer``, ``turn`` (id of the turn around it).
    columns
        What counting needs of the codings: ``code`` and ``passage``, a row each.
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
    coders: tuple[str, ...]
    frames: AnyFrames
    n_rejected: int
    problems: tuple[Problem, ...]
    settlement: Settlement | None = None

    @property
    def units(self) -> pd.DataFrame:
        """The counting units, a row each."""
        return self.frames.units.frame

    @property
    def unit_columns(self) -> FrameColumns:
        """The same as columns, for whoever needs some of them."""
        return self.frames.units

    @property
    def columns(self) -> CodingColumns:
        """What counting needs of the codings, a row each."""
        return self.frames.columns

    @property
    def placements(self) -> pd.DataFrame:
        """The codings on the units, a row each."""
        return self.frames.placements.frame

    @property
    def placement_columns(self) -> FrameColumns:
        """The same as columns."""
        return self.frames.placements

    @property
    def coding_columns(self) -> FrameColumns:
        """The columns of :attr:`codings`; those that are not asked for need not be made."""
        return self.frames.columns.described

    @property
    def index(self) -> CaseIndex:
        """Which case speaks where."""
        return self.frames.index

    @property
    def codings(self) -> pd.DataFrame:
        """The codings, a row each; counting needs less of them, so the frame is made when first asked for."""
        return self.frames.columns.frame

    def take_codings(self, *names: str) -> pd.DataFrame:
        """Return some columns of :attr:`codings`; those that are not asked for need not be made.

        Parameters
        ----------
        *names
            Of the columns, in the order of the frame that is returned.

        Returns
        -------
        pandas.DataFrame
            A row for each coding.

        Examples
        --------
        >>> table.take_codings("code", "words").columns.tolist()
        ['code', 'words']
        """
        return self.frames.columns.described.take(*names).frame

    @property
    def transcript_ids(self) -> tuple[str, ...]:
        """The ids of the transcripts, in their order."""
        return tuple(one.id for one in self.transcripts) or self.frames.transcript_ids

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
                seen[rows[sheet.transcript]] = find_seen(transcript, self.unit, sheet)
        return seen

    def __repr__(self) -> str:
        return (
            f"<CodingTable: {self.frames.n_codings} codings by {', '.join(self.coders) or 'no coder'} "
            f"on {self.frames.n_units} {self.unit}s of {len(self.transcript_ids)} transcripts>"
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
    StudyError
        If a sheet is in the name of what was learned, or of a model.

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
    ground = _lay_ground(chosen, codebook, unit, index, problems)
    used = _select_sheets(sheets, chosen, codebook, coders if way is None else None, problems)
    kept, n_rejected = _check_codings(used, ground, codebook, problems)
    places = {code.id: number for number, code in enumerate(codebook.walk())}
    laid = LaidCodings(kept, ground.axis, places)
    rows = _find_spoken(laid, ground, problems)
    counting = _find_counting(used, way, coders)
    settlement = None
    if way is not None:
        settlement = _settle(ground, used, laid.objects(rows), way, counting)
        laid = LaidCodings([settlement.codings], ground.axis, places)
        rows = np.arange(len(laid), dtype=np.int64)
    columns, placements = _lay_codings(laid, rows, ground)
    return CodingTable(
        unit=unit,
        codebook=codebook,
        transcripts=tuple(chosen),
        sheets=tuple(sheet for sheet in used if way == "agreed" or sheet.coder in counting),
        coders=counting,
        frames=Frames(ground.units, columns, placements, index),
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
    import pandas as pd

    where = ground.units.frame.iloc[settlement.differences["unit"]].reset_index(drop=True)
    columns = where[["transcript", "segment", "is_interviewer"]]
    return replace(settlement, differences=pd.concat([settlement.differences, columns], axis=1))


def restore_block(
    units: pd.DataFrame,
    codings: pd.DataFrame,
    code: Integers,
    voice: Integers,
    describe: Callable[[Integers | None], pd.DataFrame],
) -> Block:
    """Return a block whose frames somebody kept.

    Parameters
    ----------
    units
        As :func:`tabulate` made them.
    codings
        Of codings that lie in one turn each, as those of rules do, in their order: ``transcript``, ``start``, ``end``,
        ``words``, and ``first_word``: how many words stand before the coding in its transcript.
    code
        Place of the code of each in the codebook.
    voice
        As in :class:`Block`.
    describe
        Returns the frame of codings: some rows, or all for ``None``.
    """
    import pandas as pd

    number, names = pd.factorize(units["transcript"])
    n_units = np.bincount(number, minlength=len(names))
    last = np.cumsum(n_units) - 1
    ends = units["end"].to_numpy()
    bases = np.concatenate([[0], np.cumsum(ends[last] + 1)]).astype(np.int64)[: len(names)]
    words = units["words"].to_numpy()
    first_word = np.cumsum(words) - words
    at = pd.Index(names).get_indexer(codings["transcript"])
    places = codings["start"].to_numpy(), codings["end"].to_numpy()
    start, end = (place + bases[at] for place in places)
    begin = first_word[last - n_units + 1][at] + codings["first_word"].to_numpy()
    coding, unit_of = spread(*touch(units["start"].to_numpy() + bases[number], ends + bases[number], start, end))
    placements = FrameColumns(
        {
            "unit": unit_of,
            "coding": coding,
            "first_word": np.maximum(begin[coding], first_word[unit_of]),
            "last_word": np.minimum((begin + codings["words"].to_numpy())[coding], (first_word + words)[unit_of]),
        }
    )

    def take(rows: Integers | None = None) -> FrameColumns:
        frame = describe(rows)
        return FrameColumns.of(frame[[name for name in _CODING_COLUMNS if name in frame]])

    columns = CodingColumns(code, number_passages(start, end), *places, take, take)
    return Block(FrameColumns.of(units), columns, placements, voice)


def number_passages(start: Integers, end: Integers) -> Integers:
    """Return the number of the passage of each coding, given where they stand on the axis, in their order."""
    is_first = np.ones(len(start), dtype=bool)
    is_first[1:] = (start[1:] != start[:-1]) | (end[1:] != end[:-1])
    return np.cumsum(is_first) - 1


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
    units, codebook
        As in :class:`CodingTable`.
    words
        Where each word begins on the axis.
    """

    axis: Axis
    units: FrameColumns
    words: Integers
    codebook: Codebook

    def count_words(self, places: Integers) -> Integers:
        """Return how many words begin before places on the axis."""
        return np.searchsorted(self.words, places).astype(np.int64)


def _lay_ground(
    transcripts: Sequence[Transcript], codebook: Codebook, unit: Unit, index: CaseIndex, problems: list[Problem]
) -> _Ground:
    axis = lay_axis(transcripts, unit)
    words: list[Integers] = []
    for transcript, base in axis.bases.values():
        rows = axis.rows[transcript.id]
        if rows.start == rows.stop:
            message = f"The transcript has no {unit}s, so none of it is counted."
            problems.append(Problem(transcript.id, "error", "no-units", message, "Choose another unit"))
        words.append(find_word_starts(transcript.text) + base)
    all_words = concatenate(words)
    n_words = np.diff(np.searchsorted(all_words, np.stack([axis.starts, axis.ends]), side="left"), axis=0)[0]
    return _Ground(axis, _describe_units(transcripts, unit, index, n_words.astype(np.int64)), all_words, codebook)


def _describe_units(transcripts: Sequence[Transcript], unit: Unit, index: CaseIndex, n_words: Integers) -> FrameColumns:
    """Return a row per unit; speaker and time come from the turn around it where there is one."""
    found = [_Voiced.of(transcript, unit, index) for transcript in transcripts]
    n_names = [len(one.names) for one in found]
    first_name = np.cumsum([0, *n_names])[: len(found)]
    voice = concatenate([one.voice + first for one, first in zip(found, first_name.tolist(), strict=True)])
    sizes = [len(one.segments) for one in found]
    number = np.repeat(np.arange(len(found), dtype=np.int64), sizes)
    return FrameColumns({
        "transcript": Texts([transcript.id for transcript in transcripts], number),
        "case": Texts([case for one in found for case in one.cases], voice),
        "speaker": Texts([name for one in found for name in one.names], voice),
        "segment": each_its_own([id_ for one in found for id_ in one.segments]),
        "start": concatenate([one.starts for one in found]),
        "end": concatenate([one.ends for one in found]),
        "time": np.concatenate([np.zeros(0), *(one.times for one in found)]),
        "words": n_words,
        "is_interviewer": np.array([asks for one in found for asks in one.asks], dtype=bool)[voice],
        "turn": each_its_own([id_ for one in found for id_ in one.turns]),
    })  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Voiced:
    """The counting units of a transcript as columns, and who speaks in them.

    Attributes
    ----------
    segments, turns
        Id of each unit, and of the turn around it.
    starts, ends, times
        Where they stand, and when they are spoken.
    voice
        Who speaks in each, by the place in ``names``.
    names, cases, asks
        Labels, their cases, and whether they are the interviewer's.
    """

    segments: Sequence[str]
    turns: Sequence[str]
    starts: Integers
    ends: Integers
    times: NDArray[np.float64]
    voice: Integers
    names: Sequence[str]
    cases: Sequence[str]
    asks: Sequence[bool]

    @classmethod
    def of(cls, transcript: Transcript, unit: Unit, index: CaseIndex) -> _Voiced:
        own, around = transcript.columns(unit), transcript.columns("turn")
        starts, ends = edges(own)
        first, count = touch(*edges(around), starts, ends)
        at = np.where(count > 0, first, len(around) + np.arange(len(own)))
        names = (*around.names, *own.names)
        return cls(
            segments=own.ids,
            turns=np.array([*around.ids, *own.ids], dtype=object)[at].tolist(),
            starts=starts,
            ends=ends,
            times=np.where(np.isnan(own_times := _times(own)), np.append(_times(around), own_times)[at], own_times),
            voice=np.append(_voices(around), _voices(own) + len(around.names))[at],
            names=names,
            cases=[index.case_of(transcript.id, name) for name in names],
            asks=[name in transcript.interviewers for name in names],
        )


def _voices(columns: SegmentColumns) -> Integers:
    return np.asarray(columns.codes, dtype=np.int64)


def _times(columns: SegmentColumns) -> NDArray[np.float64]:
    """Return the time of each segment, NaN where it has none."""
    times = np.full(len(columns), np.nan)
    times[list(columns.times.keys())] = list(columns.times.values())
    return times


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
    _refuse_machines(wanted)
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


def _refuse_machines(sheets: Iterable[Sheet]) -> None:
    """Refuse sheets in the name of what was learned or of a model: they would count as a person's."""
    for sheet in sheets:
        if is_machine(sheet.coder):
            raise StudyError(
                f"“{sheet.coder}” is not a person, and what a machine suggests is never counted.",
                where=_name_sheet(sheet),
                hint="Leave these sheets out; in a study, move the folder out of sheets/",
            )


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
) -> tuple[list[Sequence[Coding]], Counter[str]]:
    """Return the codings that can be counted, sheet by sheet, and how many each coder rejected."""
    known = {code.id for code in codebook.walk()}
    kept: list[Sequence[Coding]] = []
    n_rejected: Counter[str] = Counter()
    for sheet in sheets:
        transcript, _ = ground.axis.bases[sheet.transcript]
        if _is_sound(sheet, transcript, known):
            kept.append(sheet.codings)
            continue
        found: list[Coding] = []
        for coding in sheet.codings:
            if not coding.is_counted:
                n_rejected[sheet.coder] += 1
            elif fault := _find_coding_fault(coding, sheet, transcript, known):
                where = f"{_name_sheet(sheet)}:{coding.span.start}-{coding.span.end}"
                problems.append(Problem(where, "error", *fault))
            else:
                found.append(coding)
        kept.append(found)
    return kept, n_rejected


def _is_sound(sheet: Sheet, transcript: Transcript, known: set[str]) -> bool:
    """Tell whether codings were just made by rules, of codes that are known, and of this very text."""
    codings = sheet.codings
    return (
        isinstance(codings, Suggestions)
        and sheet.coder == RULES_CODER
        and codings.transcript == sheet.transcript
        and codings.text is transcript.text
        and known.issuperset(codings.passages.codes)
    )


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


def _find_spoken(laid: LaidCodings, ground: _Ground, problems: list[Problem]) -> Integers:
    """Return the rows of codings that touch a unit; report the others, such as one on a speaker label."""
    _, n_units = ground.axis.touch(laid.start, laid.end)
    for coding in laid.objects(np.flatnonzero(n_units == 0)):
        where = f"{coding.transcript} ({coding.coder}):{coding.span.start}-{coding.span.end}"
        message = f"The coding with “{coding.code}” covers no spoken words, so it is not counted."
        problems.append(Problem(where, "error", "outside-units", message, "Place it on spoken words"))
    return np.flatnonzero(n_units)


# --- codings on units ---------------------------------------------------------------------------------------


def _lay_codings(laid: LaidCodings, rows: Integers, ground: _Ground) -> tuple[CodingColumns, FrameColumns]:
    """Return the columns of codings and of placements."""
    # Sheets come by coder, and the sort is stable, so that coders of one passage and code stand in order.
    rows = rows[np.lexsort((laid.code[rows], laid.end[rows], laid.start[rows]))]
    start, end = laid.start[rows], laid.end[rows]
    units = ground.units
    placed = place(ground.axis.starts, ground.axis.ends, start, end, ground.count_words)

    base = np.array([base for _, base in ground.axis.bases.values()], dtype=np.int64)
    base = base[np.searchsorted(base, start, side="right") - 1]
    places = start - base, end - base

    code, codes, texts = laid.code[rows], [one.id for one in ground.codebook.walk()], laid.texts

    def describe() -> FrameColumns:  # keeps what it names: not the ground, which holds where each word begins
        homes, n_words = placed.find_homes(units["is_interviewer"].astype(bool))
        home = units.rows(homes)
        return FrameColumns({
            **{name: home.column(name) for name in ("transcript", "case", "speaker")},
            "segment": home.column("turn"),
            "start": places[0],
            "end": places[1],
            "code": Texts(codes, code),
            **{name: partial(texts.take, name, rows) for name in _TEXTS},
            "words": n_words,
            "is_interviewer": home["is_interviewer"],
        })  # fmt: skip

    frame = {"unit": placed.unit, "coding": placed.span, "first_word": placed.first_word, "last_word": placed.last_word}
    return CodingColumns(code, number_passages(start, end), *places, describe), FrameColumns(frame)


_TEXTS = ("coder", "verdict", "rule", "matched", "quote", "note")
_CODING_COLUMNS = [
    *("transcript", "case", "speaker", "segment", "start", "end", "code"),
    *(*_TEXTS, "words", "is_interviewer"),
]
