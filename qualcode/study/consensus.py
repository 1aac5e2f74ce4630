"""Several coders: a part drawn for double coding, and a consensus written of what two of them coded."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING

from qualcode.errors import ConflictError, StudyError
from qualcode.model import CONSENSUS_CODER, RULES_CODER, Span
from qualcode.passages import trim
from qualcode.study.addresses import find_segment
from qualcode.study.blinding import Blinding, encode_assignment
from qualcode.study.store import key_of
from qualcode.wording import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from qualcode.model import Coding, Segment, Transcript
    from qualcode.study.store import Event, StudyChange, StudyFolder, StudyStore

CONSENSUS: str = CONSENSUS_CODER
"""The coder whose sheets adjudication writes, unless another name is given."""


def assign(study: StudyStore, coders: Sequence[str], *, share: float, seed: int) -> dict[str, int]:
    """Draw a part of the segments that all named coders are to code, each without seeing the others' work.

    See :meth:`.Study.assign`.
    """
    if not 0 < share <= 1:
        raise StudyError("The share must be above 0 and at most 100%.", hint="Give, for example, --share 20%")
    drawn: dict[str, int] = {}
    rows = []
    with study.change() as change:
        names = [change.enter_coder(coder) for coder in dict.fromkeys(coders)]
        for transcript_id in study.transcript_ids():
            rng = random.Random(f"{seed} {transcript_id}")  # noqa: S311  # a draw, not a secret
            chosen = [one for stratum in _strata(study, transcript_id) for one in _draw(stratum, share, rng)]
            drawn[transcript_id] = len(chosen)
            rows += [(f"{transcript_id}:{one.id}", coder) for one in sorted(chosen, key=_place) for coder in names]
        change.put(study.layout.assignments, encode_assignment(rows))
        note = {"share": share, "seed": seed, "coders": names, "segments": sum(drawn.values())}
        change.note("assign", note)
    return drawn


def _place(segment: Segment) -> int:
    return segment.span.start


def _strata(study: StudyFolder, transcript_id: str) -> tuple[list[Segment], list[Segment]]:
    """Return the interviewees' segments with a suggestion and those without."""
    transcript = study.transcript(transcript_id)
    sheet = study.sheet(RULES_CODER, transcript_id)
    spans = [one.span for one in sheet.codings] if sheet else []
    having: list[Segment] = []
    lacking: list[Segment] = []
    for segment in transcript.units(study.settings.unit):
        if not transcript.is_interviewer(segment):
            (having if any(span.overlaps(segment.span) for span in spans) else lacking).append(segment)
    return having, lacking


def _draw(segments: Sequence[Segment], share: float, rng: random.Random) -> list[Segment]:
    n_wanted = int(len(segments) * share)
    n_wanted += rng.random() < len(segments) * share - n_wanted  # so that small strata are drawn from in due share
    return rng.sample(list(segments), n_wanted)


@dataclass(frozen=True, slots=True)
class Difference:
    """A code that one coder gave to a segment and the other did not.

    Attributes
    ----------
    transcript, segment
        Where; both had looked at it.
    code
        Which code.
    coder
        Who gave it.
    codings
        The codings.
    """

    transcript: str
    segment: str
    code: str
    coder: str
    codings: tuple[Coding, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two coders agree on and what not, in the segments that both looked at.

    Attributes
    ----------
    agreed
        Codings of the first coder that the second has as well, in the same segment.
    differences
        Codes that only one gave and that the consensus has not settled yet, in the order of the texts.
    n_segments
        How many segments both looked at.
    n_settled
        How many differences the consensus has settled.
    n_waiting
        How many segments both looked at that are left out: others who were drawn for them have not read them yet.
    """

    agreed: tuple[Coding, ...]
    differences: tuple[Difference, ...]
    n_segments: int
    n_settled: int = 0
    n_waiting: int = 0


def compare(study: StudyFolder, one: str, other: str, *, consensus: str = CONSENSUS) -> Comparison:
    """Compare two coders segment by segment; see :meth:`.Study.compare`."""
    _check_names(study, one, other, consensus)
    agreed: dict[Coding, list[Segment]] = {}
    differences: list[Difference] = []
    n_segments = n_settled = n_waiting = 0
    blinding = Blinding(study)
    for name in study.transcript_ids():
        first, second = study.sheet(one, name), study.sheet(other, name)
        if first is None or second is None:
            continue
        transcript = study.transcript(name)
        settled = _settled(study, name, consensus)
        for segment in _common(transcript, first.unit, first.seen & second.seen):
            n_segments += 1
            if not (blinding.may_see(one, other, name, segment) and blinding.may_see(other, one, name, segment)):
                n_waiting += 1
                continue
            mine, theirs = _codes_in(first.codings, segment), _codes_in(second.codings, segment)
            for coding in (coding for code in mine.keys() & theirs.keys() for coding in mine[code]):
                agreed.setdefault(coding, []).append(segment)
            for coder, codes, others in ((one, mine, theirs), (other, theirs, mine)):
                for code in sorted(codes.keys() - others.keys()):
                    if (segment.id, code) in settled:
                        n_settled += 1
                    else:
                        differences.append(Difference(name, segment.id, code, coder, tuple(codes[code])))
    if not n_segments:
        raise StudyError(
            f"{one} and {other} have read no segment in common.",
            hint=f"Draw a part for both: qualcode assign --coders {one},{other} --share 20%",
        )
    pieces = [piece for coding, segments in agreed.items() for piece in _clip(study, coding, segments)]
    pieces.sort(key=lambda coding: (coding.transcript, *key_of(coding)))
    return Comparison(tuple(pieces), tuple(differences), n_segments, n_settled, n_waiting)


def _clip(study: StudyFolder, coding: Coding, segments: Sequence[Segment]) -> Iterator[Coding]:
    """Yield what of a coding lies in some segments: agreement on these says nothing of their neighbours."""
    touched = study.index(coding.transcript).touched(segments[0].kind, coding.span)
    ids = {segment.id for segment in segments}
    if all(segment.id in ids for segment in touched):
        yield coding
        return
    transcript = study.transcript(coding.transcript)
    for is_meant, run in groupby(touched, key=lambda segment: segment.id in ids):
        ends = [segment.span for segment in run]
        part = coding.span & Span(ends[0].start, ends[-1].end)
        part = trim(transcript.text, part) if part and is_meant else None
        if part is not None:
            yield replace(coding, span=part, quote=transcript.quote(part))


def _check_names(study: StudyFolder, one: str, other: str, consensus: str) -> None:
    known = study.coders()
    for coder in (one, other):
        if coder not in known:
            hint = suggest(coder, known) or (f"There are: {', '.join(known)}" if known else "Code first")
            raise StudyError(f"There is no coding by “{coder}”.", where=str(study.root), hint=hint)
    if one == other:
        raise StudyError(f"“{one}” cannot be compared with “{one}”.", hint="Name two coders")
    if consensus in {one, other}:
        raise StudyError(f"“{consensus}” cannot both hold the consensus and be compared.", hint="Choose another name")


def _common(transcript: Transcript, unit: object, seen: Iterable[str]) -> list[Segment]:
    ids = set(seen)
    return [segment for segment in transcript.segments if segment.kind == unit and segment.id in ids]


def _codes_in(codings: Iterable[Coding], segment: Segment) -> dict[str, list[Coding]]:
    found: dict[str, list[Coding]] = {}
    for coding in codings:
        if coding.is_counted and coding.span.overlaps(segment.span):
            found.setdefault(coding.code, []).append(coding)
    return found


def _settled(study: StudyFolder, name: str, consensus: str) -> set[tuple[str, str]]:
    """Return the segments and codes on which the consensus has spoken, for or against."""
    sheet = study.sheet(consensus, name)
    if sheet is None:
        return set()
    index = study.index(name)
    return {(one.id, coding.code) for coding in sheet.codings for one in index.touched(sheet.unit, coding.span)}


def write_agreed(study: StudyStore, comparison: Comparison, *, consensus: str = CONSENSUS) -> list[Event]:
    """Write what both coders agree on into the consensus sheets; both originals stay."""
    groups: dict[str, list[Coding]] = {}
    for coding in comparison.agreed:
        groups.setdefault(coding.transcript, []).append(coding)
    with study.change(why="both agree") as change:
        name = change.coder = change.enter_coder(consensus, is_new=True)
        for transcript_id, codings in groups.items():
            _put(change, transcript_id, codings, "applied")
    return [event for key, events in change.events.items() if key[0] == name for event in events]


@dataclass(frozen=True, slots=True)
class Answer:
    """What somebody says of a difference.

    Attributes
    ----------
    difference
        Of which.
    is_right
        Whether who gave the code was right: the consensus takes it over.
    saw
        The versions of the consensus' own codings with the code in the segment that are answered; ``()``: there were
        none. If others stand there now, the answer is refused. ``None``: whatever stands.
    instead
        Id of the code that belongs there when neither was right; ``""``: none.
    span
        The passage for that code; by default those of the codings.
    why
        The reason, in the words of whoever answers.
    """

    difference: Difference
    is_right: bool
    saw: Collection[str] | None = None
    instead: str = ""
    span: Span | None = None
    why: str = ""


def write_verdict(study: StudyStore, answer: Answer, *, consensus: str = CONSENSUS) -> Event:
    """Write into the consensus whether the coder who gave a code was right; see :meth:`.Study.adjudicate`."""
    difference = answer.difference
    verdict = (
        "taken over" if answer.is_right else f"neither, but {answer.instead}" if answer.instead else "not taken over"
    )
    why = "; ".join(filter(None, (f"{difference.coder} gave it", verdict, answer.why)))
    with study.change(why=why) as change:
        name = change.coder = change.enter_coder(consensus, is_new=True)
        stage_answer(change, answer)
    for event in change.events.get((name, difference.transcript), ()):
        if event.what == "consensus":
            return event
    raise StudyError(f"The consensus already says that of “{difference.code}”.", where=place_of(difference))


def stage_answer(change: StudyChange, answer: Answer) -> None:
    """Stage what the consensus says of a difference; see :func:`write_verdict`."""
    _refuse_changed(change, answer)
    difference = answer.difference
    _put(change, difference.transcript, difference.codings, "applied" if answer.is_right else "rejected")
    if answer.instead:
        _put(change, difference.transcript, list(_instead_of(change, answer)), "applied")


def _instead_of(change: StudyChange, answer: Answer) -> Iterator[Coding]:
    """Yield the codings that belong there when neither coder was right."""
    code = change.study.codebook.code(answer.instead).id
    transcript = change.study.transcript(answer.difference.transcript)
    codings = answer.difference.codings[:1] if answer.span else answer.difference.codings
    for one in codings:
        span = answer.span or one.span
        yield replace(one, code=code, span=span, quote=transcript.quote(span), evidence=())


def place_of(difference: Difference) -> str:
    """Return the address of a difference's segment."""
    return f"{difference.transcript}:{difference.segment}"


def _refuse_changed(change: StudyChange, answer: Answer) -> None:
    difference, place = answer.difference, place_of(answer.difference)
    history = change.study.history(difference.coder, difference.transcript)
    stands = tuple(history.get(key_of(one)) for one in difference.codings)
    if stands != difference.codings:
        raise ConflictError(
            f"{difference.coder} has changed “{difference.code}” in {place} in the meantime.",
            where=place,
            hint="Look at it again, then answer",
            stands=tuple(one for one in stands if one),
        )
    present = read_settled(change.study, change.coder, difference)
    if answer.saw is not None and {one.version for one in present} != set(answer.saw):
        told = say_settled(present)
        raise ConflictError(
            f"“{difference.code}” in {place} was {f'settled with {told}' if told else 'opened again'} in the meantime.",
            where=place,
            hint="Look at it again, then answer",
            stands=tuple(present),
        )


def read_settled(study: StudyFolder, consensus: str, difference: Difference) -> list[Coding]:
    """Return what the consensus says of a difference."""
    _, segment = find_segment(study, place_of(difference))
    around = study.codings_in(consensus, difference.transcript, segment.span)
    return [one for one in around if one.code == difference.code]


def say_settled(codings: Sequence[Coding]) -> str:
    """Return ``y``, ``n``, or ``""`` where the consensus has not spoken."""
    return "" if not codings else "y" if any(one.is_counted for one in codings) else "n"


def _put(change: StudyChange, name: str, codings: Sequence[Coding], verdict: str) -> None:
    draft = change.sheet(name)
    draft.what = "consensus"
    index, unit = change.study.index(name), change.study.settings.unit
    for coding in codings:
        new = replace(
            coding, coder=draft.coder, verdict=verdict, origin="consensus", at=change.now, note="", is_picked=False  # type: ignore[arg-type]  # one of the two
        )  # fmt: skip
        present = draft.get(key_of(new))
        if present is None or present.verdict != verdict:
            draft.put(new)
        draft.see(one.id for one in index.touched(unit, coding.span))
