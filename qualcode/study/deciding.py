"""What a person decides about a passage, and how it is taken back."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, get_args

from qualcode.errors import Problem, StudyError
from qualcode.model import RULES_CODER, Coding, Span
from qualcode.study.events import key_of
from qualcode.study.settings import check_coder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from qualcode.model import Segment, Transcript, Unit
    from qualcode.study.events import Event
    from qualcode.study.study import Study

Act = Literal["accept", "reject", "apply", "remove"]

ACTS: tuple[Act, ...] = get_args(Act)

_SPAN = re.compile(r"(\d+)\s*[:\-–]\s*(\d+)")


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decides about one code in one place.

    Attributes
    ----------
    segment
        The place: ``P07:t012``.
    code
        Id or path of a code.
    act
        ``accept`` or ``reject`` a suggestion, ``apply`` the code by hand, ``remove`` one's own coding.
    span
        The passage, in code points of the transcript; by default that of the suggestion, or the segment.
    note
        A remark.
    where
        Where it was written down, such as the row of a table; errors name it.
    """

    segment: str
    code: str
    act: Act
    span: Span | None = None
    note: str = ""
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Step:
    """What to do to one sheet.

    Attributes
    ----------
    what
        As in :class:`~qualcode.study.events.Event`.
    codings
        Makes the new codings of the present ones.
    seen
        Segments that were looked at.
    """

    what: str
    codings: Callable[[tuple[Coding, ...]], Iterable[Coding]]
    seen: frozenset[str]


def parse_span(text: str) -> Span | None:
    """Return the span that ``START:END`` names; ``None`` for an empty text.

    Raises
    ------
    StudyError
        If it is not a span.
    """
    if not text.strip():
        return None
    found = _SPAN.fullmatch(text.strip())
    if found is None or int(found[1]) >= int(found[2]):
        raise StudyError(
            f"“{text}” is no span.", hint="Write START:END, the first and the one after the last character: 120:164"
        )
    return Span(int(found[1]), int(found[2]))


def find_segment(study: Study, address: str) -> tuple[Transcript, Segment]:
    """Return the transcript and the segment of an address such as ``P07:t012``.

    Raises
    ------
    StudyError
        If there is none.
    """
    from qualcode.cases import suggest

    transcript_id, colon, segment_id = address.strip().rpartition(":")
    if not colon:
        raise StudyError(f"“{address}” is no address of a segment.", hint="Write TRANSCRIPT:SEGMENT, such as P07:t012")
    transcript = study.transcript(transcript_id)
    found = next((one for one in transcript.segments if one.id == segment_id), None)
    if found is None:
        hint = suggest(segment_id, [one.id for one in transcript.segments])
        raise StudyError(f"There is no segment “{segment_id}” in {transcript_id}.", where=transcript_id, hint=hint)
    return transcript, found


def decide(
    study: Study, coder: str, decisions: Sequence[Decision], *, seen: Iterable[str] = (), why: str = ""
) -> list[Event]:
    """Record decisions, all of them or none; one sheet's make one event.

    Parameters
    ----------
    study, coder
        Whose sheets; a new coder is entered into the study.
    decisions
        What was decided.
    seen
        Addresses of segments that were looked at besides.
    why
        The reason, for the log.

    Raises
    ------
    StudyError
        If one cannot be carried out; ``problems`` lists all such when there are several decisions.
    """
    coder = check_coder(coder, study.coders())
    plans: dict[str, list[_Plan]] = {}
    problems = []
    for number, decision in enumerate(decisions, start=1):
        try:
            plan = _plan(study, coder, decision)
            plans.setdefault(plan.transcript.id, []).append(plan)
        except StudyError as error:
            if len(decisions) == 1:
                raise
            where = decision.where or f"decision {number}"
            problems.append(Problem(where, "error", "decision", error.message, error.hint))
    if problems:
        message = f"{len(problems)} of {len(decisions)} decisions cannot be carried out; none was."
        raise StudyError(message, problems=problems)
    looked_at = _units_of(study, coder, seen)
    now = study.clock()
    steps = {
        name: _make_step(coder, plans.get(name, ()), looked_at.get(name, frozenset()), now)
        for name in dict.fromkeys((*plans, *looked_at))
    }
    return study.record_together(study.add_coder(coder), steps, why=why) if steps else []


@dataclass(frozen=True, slots=True)
class _Plan:
    """A decision that can be carried out."""

    transcript: Transcript
    segment: Segment
    decision: Decision
    code: str
    suggestions: tuple[Coding, ...]
    unit: Unit

    @property
    def spans(self) -> tuple[Span, ...]:
        """The passages that the decision is about."""
        if self.decision.span is not None:
            return (self.decision.span,)
        if self.suggestions and self.decision.act in {"accept", "reject"}:
            return tuple(one.span for one in self.suggestions)
        return (self.segment.span,)


def _plan(study: Study, coder: str, decision: Decision) -> _Plan:
    from qualcode.errors import CodebookError

    transcript, segment = find_segment(study, decision.segment)
    if decision.act not in ACTS:
        raise StudyError(f"“{decision.act}” is no decision.", hint=f"Write one of {', '.join(ACTS)}.")
    own = study.sheet(coder, transcript.id)
    mine = own.codings if own else ()
    try:
        code = study.codebook.code(decision.code).id
    except CodebookError as error:
        known = {one.code for one in mine}
        if decision.act != "remove" or decision.code not in known:
            raise StudyError(error.message, where=error.where, hint=error.hint) from error
        code = decision.code  # the codebook has lost it, the sheet has not
    if decision.span is not None and decision.span.end > len(transcript.text):
        raise StudyError(
            f"The span {decision.span.start}:{decision.span.end} ends beyond the text ({len(transcript.text)}).",
            where=decision.segment,
        )
    if decision.span is not None and not decision.span.overlaps(segment.span):
        place = f"{segment.span.start}:{segment.span.end}"
        raise StudyError(
            f"The span {decision.span.start}:{decision.span.end} lies outside {decision.segment} ({place}).",
            hint="Spans count the characters of the transcript from its beginning.",
        )
    wanted = decision.span or segment.span
    rules = study.sheet(RULES_CODER, transcript.id)
    suggestions = tuple(_at(rules.codings if rules else (), code, wanted, exactly=False))
    # Somebody may decide anew on what was suggested once and is not any more.
    suggestions = suggestions or tuple(one for one in _at(mine, code, wanted, exactly=False) if one.origin == "rules")
    plan = _Plan(transcript, segment, decision, code, suggestions, own.unit if own else study.settings.unit)
    _check_plan(plan, mine)
    return plan


def _check_plan(plan: _Plan, mine: Iterable[Coding]) -> None:
    decision = plan.decision
    place = f"in {decision.segment}"
    if decision.act in {"accept", "reject"} and not plan.suggestions:
        raise StudyError(f"The rules suggest no “{decision.code}” {place}.", hint="To code it by hand: apply")
    is_exact = decision.span is not None
    if decision.act == "remove" and not list(
        _at(mine, plan.code, decision.span or plan.segment.span, exactly=is_exact)
    ):
        raise StudyError(f"There is no coding of yours with “{decision.code}” {place}.", hint="See yours: qualcode log")


def _at(codings: Iterable[Coding], code: str, span: Span, *, exactly: bool) -> Iterable[Coding]:
    """Yield the codings of one code that have a span, or share a character with it."""
    for coding in codings:
        if coding.code == code and (coding.span == span if exactly else coding.span.overlaps(span)):
            yield coding


def _make_step(coder: str, plans: Sequence[_Plan], looked_at: frozenset[str], now: str) -> Step:
    """Return what the decisions on one transcript do to its sheet."""

    def change(present: tuple[Coding, ...]) -> Iterable[Coding]:
        codings = {key_of(coding): coding for coding in present}
        for plan in plans:
            _change_one(codings, plan, coder, now)
        return codings.values()

    seen = {
        segment.id
        for plan in plans
        for segment in plan.transcript.units(plan.unit)
        if segment.id == plan.segment.id or any(segment.span.overlaps(span) for span in plan.spans)
    }
    acts = {plan.decision.act for plan in plans}
    what = acts.pop() if len(acts) == 1 else "decide" if acts else "seen"
    return Step(what, change, looked_at | seen)


def _unit_of(study: Study, coder: str, transcript_id: str) -> Unit:
    sheet = study.sheet(coder, transcript_id)
    return sheet.unit if sheet else study.settings.unit


def _change_one(codings: dict[tuple[int, int, str], Coding], plan: _Plan, coder: str, now: str) -> None:
    """Carry out one decision on the codings of a sheet."""
    decision, exactly = plan.decision, plan.decision.span is not None
    if decision.act == "remove":
        for coding in list(_at(codings.values(), plan.code, decision.span or plan.segment.span, exactly=exactly)):
            del codings[key_of(coding)]
        return
    verdict: Literal["accepted", "rejected", "applied"] = (
        "accepted" if decision.act == "accept" else "rejected" if decision.act == "reject" else "applied"
    )
    for number, span in enumerate(plan.spans):
        source = plan.suggestions[min(number, len(plan.suggestions) - 1)] if verdict != "applied" else None
        coding = Coding(
            plan.transcript.id,
            span,
            plan.code,
            coder,
            verdict,
            plan.transcript.quote(span),
            source.evidence if source else (),
            "rules" if source else "hand",
            decision.note,
            now,
        )
        if source is not None and exactly:  # an own reading of this suggestion at another place gives way
            codings.pop(key_of(replace(source, coder=coder)), None)
        present = codings.get(key_of(coding))
        if present is None or replace(coding, at=present.at, note=coding.note or present.note) != present:
            codings[key_of(coding)] = coding


def _units_of(study: Study, coder: str, addresses: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return per transcript the units of the coder's sheet in which addressed segments lie."""
    groups: dict[str, set[str]] = {}
    for address in addresses:
        transcript, segment = find_segment(study, address)
        unit = _unit_of(study, coder, transcript.id)
        groups.setdefault(transcript.id, set()).update(
            one.id for one in transcript.units(unit) if one.span.overlaps(segment.span)
        )
    return {name: frozenset(ids) for name, ids in groups.items()}


def mark_seen(study: Study, coder: str, addresses: Iterable[str]) -> list[Event]:
    """Record that a coder looked at segments, whether or not they carry a code."""
    return decide(study, coder, (), seen=addresses)


def write_note(study: Study, coder: str, coding: Coding, note: str) -> Event | None:
    """Put a note on one of a coder's codings."""
    noted = replace(coding, note=note, at=study.clock())
    return study.record(
        coder, coding.transcript, "note", codings=lambda present: [noted if one == coding else one for one in present]
    )
