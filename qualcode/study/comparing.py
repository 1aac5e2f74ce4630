"""Several coders: a part drawn for double coding, and a consensus written of what two of them coded."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.model import RULES_CODER
from qualcode.study.events import key_of
from qualcode.study.files import Transaction

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qualcode.model import Coding, Segment, Transcript
    from qualcode.study.events import Event
    from qualcode.study.study import Study

CONSENSUS = "consensus"
"""The coder whose sheets adjudication writes, unless another name is given."""

ASSIGNMENTS = "assignments.csv"


def assign(study: Study, coders: Sequence[str], *, share: float, seed: int) -> dict[str, int]:
    """Draw a part of the segments that all named coders are to code, each without seeing the others' work.

    Interviewees' segments are drawn, in each transcript the same share of those with suggestions of the rules and of
    those without. The same seed draws the same segments.

    Parameters
    ----------
    study
        Which study.
    coders
        Who codes the part.
    share
        Of the segments, above 0 and up to 1.
    seed
        Of the draw.

    Returns
    -------
    dict
        How many segments were drawn per transcript.
    """
    if not 0 < share <= 1:
        raise StudyError("The share must be above 0 and at most 100 %.", hint="Write, for example, --share 20%")
    names = [study.add_coder(coder) for coder in coders]
    drawn: dict[str, int] = {}
    rows = []
    for transcript_id in study.transcript_ids():
        rng = random.Random(f"{seed} {transcript_id}")  # noqa: S311  # a draw, not a secret
        chosen = [one for stratum in _strata(study, transcript_id) for one in _draw(stratum, share, rng)]
        drawn[transcript_id] = len(chosen)
        rows += [(f"{transcript_id}:{one.id}", coder) for one in sorted(chosen, key=_place) for coder in names]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("segment", "coder"), *rows])
    with study.lock("study"):
        change = Transaction(study.root)
        change.put(study.root / ASSIGNMENTS, text.getvalue().encode("utf-8"))
        study.put_note(
            change, "assign", {"share": share, "seed": seed, "coders": names, "segments": sum(drawn.values())}
        )
        change.commit()
    return drawn


def _place(segment: Segment) -> int:
    return segment.span.start


def _strata(study: Study, transcript_id: str) -> tuple[list[Segment], list[Segment]]:
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


def read_assignment(study: Study) -> dict[str, frozenset[str]]:
    """Return per coder the addresses of the segments drawn for double coding."""
    from qualcode.study.exchanging import read_rows

    path = study.root / ASSIGNMENTS
    found: dict[str, set[str]] = {}
    for row in read_rows(path.read_bytes(), ASSIGNMENTS) if path.exists() else ():
        found.setdefault(row.get("coder", ""), set()).add(row.get("segment", ""))
    return {coder: frozenset(segments) for coder, segments in found.items()}


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
    """

    agreed: tuple[Coding, ...]
    differences: tuple[Difference, ...]
    n_segments: int


def compare(study: Study, one: str, other: str, *, consensus: str = CONSENSUS) -> Comparison:
    """Compare two coders segment by segment.

    Raises
    ------
    StudyError
        If they have no segment in common.
    """
    agreed: list[Coding] = []
    differences: list[Difference] = []
    n_segments = 0
    for name in study.transcript_ids():
        first, second = study.sheet(one, name), study.sheet(other, name)
        if first is None or second is None:
            continue
        transcript = study.transcript(name)
        settled = _settled(study, name, consensus)
        for segment in _common(transcript, first.unit, first.seen & second.seen):
            n_segments += 1
            mine, theirs = _codes_in(first.codings, segment), _codes_in(second.codings, segment)
            agreed += [coding for code in mine.keys() & theirs.keys() for coding in mine[code]]
            for coder, codes, others in ((one, mine, theirs), (other, theirs, mine)):
                differences += [
                    Difference(name, segment.id, code, coder, tuple(codes[code]))
                    for code in sorted(codes.keys() - others.keys())
                    if (segment.id, code) not in settled
                ]
    if not n_segments:
        raise StudyError(
            f"There is no segment that both {one} and {other} have looked at.",
            hint="Draw a part for both: qualcode assign --share 20% --coders …",
        )
    unique = {(coding.transcript, *key_of(coding)): coding for coding in agreed}
    return Comparison(tuple(unique[key] for key in sorted(unique)), tuple(differences), n_segments)


def _common(transcript: Transcript, unit: object, seen: Iterable[str]) -> list[Segment]:
    ids = set(seen)
    return [segment for segment in transcript.segments if segment.kind == unit and segment.id in ids]


def _codes_in(codings: Iterable[Coding], segment: Segment) -> dict[str, list[Coding]]:
    found: dict[str, list[Coding]] = {}
    for coding in codings:
        if coding.is_counted and coding.span.overlaps(segment.span):
            found.setdefault(coding.code, []).append(coding)
    return found


def _settled(study: Study, name: str, consensus: str) -> set[tuple[str, str]]:
    """Return the segments and codes on which the consensus has spoken, for or against."""
    sheet = study.sheet(consensus, name)
    if sheet is None:
        return set()
    units = study.transcript(name).units(sheet.unit)
    return {(one.id, coding.code) for one in units for coding in sheet.codings if coding.span.overlaps(one.span)}


def write_agreed(study: Study, comparison: Comparison, *, consensus: str = CONSENSUS) -> list[Event]:
    """Write what both coders agree on into the consensus sheets; both originals stay."""
    consensus = study.add_coder(consensus)
    groups: dict[str, list[Coding]] = {}
    for coding in comparison.agreed:
        groups.setdefault(coding.transcript, []).append(coding)
    events = [_put(study, consensus, name, codings, "applied", "both agree") for name, codings in groups.items()]
    return [event for event in events if event]


def write_verdict(study: Study, difference: Difference, *, is_right: bool, consensus: str = CONSENSUS) -> Event | None:
    """Write into the consensus whether the coder who gave a code was right."""
    consensus = study.add_coder(consensus)
    why = f"{difference.coder} gave it; {'taken over' if is_right else 'not taken over'}"
    verdict = "applied" if is_right else "rejected"
    return _put(study, consensus, difference.transcript, difference.codings, verdict, why)


def _put(study: Study, consensus: str, name: str, codings: Sequence[Coding], verdict: str, why: str) -> Event | None:
    def change(present: tuple[Coding, ...]) -> Iterable[Coding]:
        wanted = {key_of(coding): coding for coding in present}
        for coding in codings:
            new = replace(coding, coder=consensus, verdict=verdict, origin="consensus", at=now, note="")  # type: ignore[arg-type]  # one of the two above
            if key_of(new) not in wanted or wanted[key_of(new)].verdict != verdict:
                wanted[key_of(new)] = new
        return wanted.values()

    now = study.clock()
    transcript = study.transcript(name)
    unit = study.settings.unit
    seen = [segment.id for segment in transcript.units(unit) if any(one.span.overlaps(segment.span) for one in codings)]
    return study.record(consensus, name, "consensus", codings=change, seen=seen, why=why)
