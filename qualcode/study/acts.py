"""The eight acts by which a person decides about a passage; each names what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING, Literal, get_args

from qualcode.errors import CodebookError, ConflictError, StudyError
from qualcode.model import RULES_CODER, Coding, Span
from qualcode.passages import has_words, trim
from qualcode.study.addresses import find_code, find_segment
from qualcode.study.blinding import Blinding
from qualcode.study.store import join_notes, key_of
from qualcode.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qualcode.model import Segment, Verdict
    from qualcode.study.store import StudyChange

Act = Literal["accept", "reject", "apply", "remove", "move", "recode", "cut", "extend"]
Blind = Literal["kept", "lifted"]
Suggester = Literal["rules", "learned"]

ACTS: tuple[Act, ...] = get_args(Act)
_SUGGESTED = frozenset[str](get_args(Suggester))


@dataclass(frozen=True, slots=True)
class Decision:
    """What somebody decides about one code in one place.

    Attributes
    ----------
    segment
        The place: ``P07:t012``.
    code
        Id, path or name of a code.
    act
        ``accept`` or ``reject`` a suggestion; ``apply`` the code by hand; ``remove`` one's own coding; ``move`` it to
        the passage ``span``; ``recode`` it: give it another code, the note stays; ``cut`` the words of ``span`` out of
        it, or ``extend`` it by them.
    span
        The passage, in code points of the transcript; by default that of the suggestion, or the segment.
    note
        A remark; by default that which is there stays.
    to
        Of ``recode``: the new code. Without it, ``code`` is the new one of the only coding there.
    at
        Of ``move``, ``recode``, ``cut`` and ``extend``: the coding's present passage, where several in the segment
        carry the code.
    saw
        The :attr:`~qualcode.model.Coding.version` of one's own coding that the act answers, ``""``: there was none.
        If that changed meanwhile, the act is refused. ``None``: whatever stands.
    by
        Of ``accept`` and ``reject``: who suggested it, ``rules`` or what was ``learned`` from the coder's own work. The
        latter is on no sheet: its passage is ``span``, or the segment.
    where
        Where it was written down, such as the row of a table; errors name it.
    """

    segment: str
    code: str
    act: Act
    span: Span | None = None
    note: str = ""
    to: str = ""
    at: Span | None = None
    saw: str | None = None
    by: Suggester = "rules"
    where: str = field(default="", compare=False)


class Batch:
    """Carries out decisions, one after the other, each on what those before it left."""

    def __init__(self, change: StudyChange, blind: Blind) -> None:
        self.change, self.study, self.blind = change, change.study, blind
        self._codes: dict[str, str] = {}
        self._blinding: Blinding | None = None

    def carry_out(self, decision: Decision) -> None:
        """Stage one decision."""
        if decision.act not in ACTS:
            raise StudyError(f"“{decision.act}” is not a decision.", hint=f"Write one of {', '.join(ACTS)}")
        name, segment = find_segment(self.study, decision.segment)
        place = _Place(self, decision, name, segment)
        place.check()
        touched = {
            "accept": place.answer, "reject": place.answer, "apply": place.answer, "remove": place.remove,
            "move": place.move, "recode": place.recode, "cut": place.cut, "extend": place.extend,
        }[decision.act]()  # fmt: skip
        unit = place.draft.history.header.get("unit", self.study.settings.unit)
        index = self.study.index(name)
        place.draft.see([segment.id] if segment.kind == unit else [])
        place.draft.see(one.id for span in touched for one in index.touched(unit, span))
        place.draft.what = decision.act if place.draft.what in {"", "seen", decision.act} else "decide"

    def mark_seen(self, addresses: Iterable[str]) -> None:
        """Stage that segments were looked at."""
        for address in addresses:
            name, segment = find_segment(self.study, address)
            draft = self.change.sheet(name)
            unit = draft.history.header.get("unit", self.study.settings.unit)
            draft.see(one.id for one in self.study.index(name).touched(unit, segment.span))
            draft.what = draft.what or "seen"

    def find_code(self, text: str, own: Iterable[Coding] = ()) -> str:
        """Return the id of a code; of one that the codebook has lost when an own coding has it."""
        if text not in self._codes:
            try:
                self._codes[text] = find_code(self.study.codebook, text)
            except CodebookError:
                if text not in {one.code for one in own}:
                    raise
                return text
        return self._codes[text]

    def refuse_retired(self, code: str) -> None:
        """Refuse to give a code that is given no longer."""
        if self.study.codebook.code(code).is_retired:
            raise StudyError(
                f"“{code}” is retired and no longer given.",
                hint="Use another code; existing codings stay and count",
            )

    def is_blind(self, name: str, segment: Segment) -> bool:
        """Tell whether the coder is not to know the suggestions there."""
        if self._blinding is None:
            self._blinding = Blinding(self.study)
        return not self._blinding.may_see(self.change.coder, RULES_CODER, name, segment)


class _Place:
    """One decision where it belongs: the sheet, the passage, and the codings there."""

    def __init__(self, batch: Batch, decision: Decision, name: str, segment: Segment) -> None:
        self.batch, self.decision, self.name, self.segment = batch, decision, name, segment
        self.transcript = batch.study.transcript(name)
        self.draft = batch.change.sheet(name)
        self.wanted = decision.span or segment.span
        around = self.draft.overlapping(segment.span | self.wanted)
        self.code = batch.find_code(decision.code, around)
        self.own = [one for one in around if one.code == self.code]
        self._suggestions: list[Coding] | None = None

    def check(self) -> None:
        """Refuse what is wrong with the passage, and an act that answers what is not there any more."""
        span, text = self.decision.span, self.transcript.text
        if span is not None and span.end > len(text):
            raise StudyError(
                f"The span {span.start}:{span.end} ends beyond the text ({len(text)}).", where=self.decision.segment
            )
        if span is not None and self.decision.act != "extend" and not span.overlaps(self.segment.span):
            place = f"{self.segment.span.start}:{self.segment.span.end}"
            raise StudyError(
                f"The span {span.start}:{span.end} lies outside {self.decision.segment} ({place}).",
                hint="Count spans in characters from the start of the transcript",
            )
        if self.decision.act != "remove" and not has_words(self.transcript.quote(self.wanted)):
            raise StudyError(f"The passage of {self.decision.segment} holds no words.", hint="Use another span")
        if self.decision.act in {"accept", "apply"}:
            self.batch.refuse_retired(self.code)
        self._check_saw()

    def _check_saw(self) -> None:
        saw = self.decision.saw
        if saw is None:
            return
        near = [one for one in self.own if one.span.overlaps(self.decision.at or self.wanted)]
        if saw in {one.version for one in near} or (not saw and not near):
            return
        stands = "; ".join(f"{one.verdict} on “{shorten(one.quote)}”" for one in near) or "nothing"
        raise ConflictError(
            f"Your coding with “{self.decision.code}” in {self.decision.segment} has changed in the meantime. It is "
            f"now: {stands}.",
            hint="Look at it again, then decide",
            stands=tuple(near),
        )

    @property
    def suggestions(self) -> list[Coding]:
        """What is suggested there with the code, or was once."""
        if self._suggestions is None:
            found = [self._learned()] if self.decision.by == "learned" else self._by_rules()
            if found and self.batch.blind == "kept" and self.batch.is_blind(self.name, self.segment):
                raise StudyError(
                    f"{self.decision.segment} is drawn for double coding: its suggestions are shown once all coders "
                    "have read it.",
                    hint="Code it by hand with apply, or see them with: qualcode review --with-suggestions",
                )
            once = (one for one in self.own if one.span.overlaps(self.wanted) and one.origin in _SUGGESTED)
            self._suggestions = found or list(once)
        return self._suggestions

    def _by_rules(self) -> list[Coding]:
        found = self.batch.study.codings_in(RULES_CODER, self.name, self.wanted)
        return [one for one in found if one.code == self.code]

    def _learned(self) -> Coding:
        """Return what was learned as a coding, which is never written as such."""
        quote = self.transcript.quote(self.wanted)
        return Coding(self.name, self.wanted, self.code, "", "suggested", quote, origin="learned")

    def _say(self) -> str:
        return f"“{self.decision.code}” in {self.decision.segment}"

    # -- saying yes, no, or a code of one's own -----------------------------------------------------------------------

    def answer(self) -> Iterator[Span]:
        """Accept or reject what is suggested, or apply the code by hand."""
        act = self.decision.act
        verdict: Verdict = "accepted" if act == "accept" else "rejected" if act == "reject" else "applied"
        sources: Sequence[Coding | None] = [None] if act == "apply" else self.suggestions
        if not sources:
            raise StudyError(f"The rules suggest no {self._say()}.", hint="Code it by hand with apply")
        exact = self.decision.span
        for source in sources[:1] if exact else sources:
            span = exact or (source.span if source else self.segment.span)
            self._put_answer(span, verdict, source)
            yield span

    def _put_answer(self, span: Span, verdict: Verdict, source: Coding | None) -> None:
        coder = self.draft.coder
        here = self.draft.get((span.start, span.end, self.code))
        # An own reading of this suggestion at another place gives way.
        elsewhere = self.draft.get(key_of(source)) if source is not None and source.span != span else None
        note = self.decision.note or next((one.note for one in (here, elsewhere) if one and one.note), "")
        coding = Coding(
            self.name, span, self.code, coder, verdict, self.transcript.quote(span),
            source.evidence if source else (), _origin_of(source), note, self.batch.change.now,
            verdict != "rejected" and any(one.is_picked for one in (here, elsewhere) if one),
        )  # fmt: skip
        if here is None or replace(coding, at=here.at) != here:
            self.draft.put(coding, instead_of=elsewhere)

    def remove(self) -> Iterator[Span]:
        """Take one's own coding away."""
        span = self.decision.span
        gone = [one for one in self.own if (one.span == span if span else one.span.overlaps(self.segment.span))]
        if not gone:
            raise StudyError(f"You have no coding with {self._say()}.", hint="List your codings: qualcode log")
        for coding in gone:
            self.draft.remove(coding)
            yield coding.span

    # -- changing one's own coding ------------------------------------------------------------------------------------

    def _in_hand(self, reach: Span) -> tuple[Coding, Coding | None]:
        """Return the coding that the act changes, and the own one that it is or replaces."""
        own = [one for one in self.own if one.verdict != "rejected"]
        near = [one for one in own if one.span == self.decision.at] if self.decision.at else own
        if len(near) > 1:
            near = [one for one in near if one.span.overlaps(reach)]
        if len(near) > 1:
            raise StudyError(
                f"You gave {self._say()} {len(near)} times there.",
                hint=f"Choose one with at: {', '.join(f'{one.span.start}:{one.span.end}' for one in near)}",
            )
        if near:
            return near[0], near[0]
        suggested = [one for one in self.suggestions if self.decision.at in {None, one.span}]
        if not suggested:
            raise StudyError(f"You have no coding with {self._say()}.", hint="Code it by hand with apply")
        taken = replace(suggested[0], coder=self.draft.coder, verdict="accepted", at="", note="", is_picked=False)
        taken = replace(taken, origin=_origin_of(taken))
        return taken, self.draft.get(key_of(taken))

    def _changed(self, coding: Coding, span: Span) -> Coding:
        """Return a coding on another passage."""
        evidence = (replace(one, spans=tuple(s for s in one.spans if s in span)) for one in coding.evidence)
        return replace(
            coding, span=span, quote=self.transcript.quote(span), evidence=tuple(one for one in evidence if one.spans),
            note=self.decision.note or coding.note, at=self.batch.change.now,
        )  # fmt: skip

    def _need_span(self, what: str) -> Span:
        if self.decision.span is None:
            raise StudyError(f"There is no span of words to {what}.", hint="Give a span: START:END")
        return self.decision.span

    def move(self) -> Iterator[Span]:
        """Move an edge of the coding, or all of it."""
        span = self._need_span("move it to")
        coding, own = self._in_hand(span)
        yield coding.span
        if own is None or own.span != span:
            self._put_united(self._changed(coding, span), own, swallow=[span])
        yield span

    def extend(self) -> Iterator[Span]:
        """Add words to the coding; those that touch another coding with the code make one of the two."""
        span = self._need_span("add")
        coding, own = self._in_hand(_reach(self.transcript.text, span))
        first, last = sorted((coding.span, span))
        if has_words(self.transcript.text[first.end : last.start]):
            raise StudyError(
                f"There are other words between the coding with {self._say()} and those to add.",
                hint="Apply the code to the new words separately, or add all words in between",
            )
        whole = coding.span | span
        # One that the new words touch, with no word in between, is one with them as well.
        self._put_united(self._changed(coding, whole), own, swallow=[whole, _reach(self.transcript.text, span)])
        yield whole

    def cut(self) -> Iterator[Span]:
        """Take words out of the coding; out of its middle they leave two."""
        span = self._need_span("cut")
        coding, own = self._in_hand(span)
        if not coding.span.overlaps(span):
            raise StudyError(f"Those words are not in the coding with {self._say()}.", hint="Give a span inside it")
        yield coding.span
        rest = list(_subtract(self.transcript.text, coding.span, span))
        if not rest and coding.origin in _SUGGESTED:  # the suggestion is answered: none of its words
            self.draft.put(replace(coding, verdict="rejected", at=self.batch.change.now))
        elif not rest and own is not None:
            self.draft.remove(own)
        for number, part in enumerate(rest):
            self.draft.put(self._changed(coding, part), instead_of=own if number == 0 else None)

    def recode(self) -> Iterator[Span]:
        """Give the coding another code; a suggestion that it answered is rejected, the note stays."""
        to, coding, own = self._find_recoded()
        yield coding.span
        self.batch.refuse_retired(to)
        if to == coding.code:
            return
        now = self.batch.change.now
        note = self.decision.note or coding.note
        new = replace(coding, code=to, verdict="applied", origin="hand", evidence=(), note=note, at=now)
        if coding.origin in _SUGGESTED:
            self.draft.put(replace(coding, verdict="rejected", at=now))
            own = None
        self._put_united(new, own, swallow=[])

    def _find_recoded(self) -> tuple[str, Coding, Coding | None]:
        if self.decision.to:
            return self.batch.find_code(self.decision.to), *self._in_hand(self.wanted)
        reach = self.decision.at or self.wanted
        around = [
            one for one in self.draft.overlapping(reach)
            if one.verdict != "rejected" and (self.decision.at or self.decision.span) in {None, one.span}
        ]  # fmt: skip
        if len(around) != 1:
            raise StudyError(
                f"{len(around) or 'No'} codings of yours are on that passage of {self.decision.segment}.",
                hint="Give the current code, and the new one with --to",
            )
        return self.code, around[0], around[0]

    def _put_united(self, coding: Coding, own: Coding | None, *, swallow: Sequence[Span]) -> None:
        """Let a coding stand, as one with those of its code that it meets; their notes are joined."""
        met = [
            one for one in self.draft.overlapping(reduce(Span.__or__, swallow, coding.span))
            if one.code == coding.code and one.verdict != "rejected" and (own is None or key_of(one) != key_of(own))
            and (one.span == coding.span or any(one.span.overlaps(span) for span in swallow))
        ]  # fmt: skip
        for one in met:
            coding = replace(
                coding,
                span=coding.span | one.span,
                note=join_notes(coding.note, one.note),
                is_picked=coding.is_picked or one.is_picked,
            )
            self.draft.remove(one)
        self.draft.put(replace(coding, quote=self.transcript.quote(coding.span)), instead_of=own)


def _origin_of(suggestion: Coding | None) -> str:
    """Return how the answer to a suggestion came about; without one, by hand."""
    return "hand" if suggestion is None else "learned" if suggestion.origin == "learned" else "rules"


def _reach(text: str, span: Span) -> Span:
    """Return a span with what is no word on both sides, and one character more: what touches that is next to it."""
    start, end = span.start, span.end
    while start > 0 and not has_words(text[start - 1]):
        start -= 1
    while end < len(text) and not has_words(text[end]):
        end += 1
    return Span(max(start - 1, 0), min(end + 1, len(text)))


def _subtract(text: str, span: Span, words: Span) -> Iterator[Span]:
    """Yield what is left of a passage when words are taken out, without blanks at its edges and without empty parts."""
    for start, end in ((span.start, words.start), (words.end, span.end)):
        part = trim(text, Span(start, end)) if start < end else None
        if part is not None and has_words(text[part.start : part.end]):
            yield part
