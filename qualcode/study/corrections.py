"""A corrected transcript: every coding is found again, or a person is asked; none is dropped or moved in silence."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from qualcode.anchoring import Alignment, trace_segments
from qualcode.errors import StudyError
from qualcode.model import RULES_CODER, Evidence, Span
from qualcode.study.memos import move_memos
from qualcode.study.recoding import find_mapping, recode_one
from qualcode.study.store import CodingChange, decode_coding, encode_coding, find_former_names, keep_transcript, key_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from qualcode.anchoring import Placement
    from qualcode.model import Coding, Transcript
    from qualcode.study.store import Event, History, StudyChange, StudyFolder, StudyStore

_CONTEXT = 60
"""Characters shown on each side of a passage."""


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A coding of which it is not sure where it belongs after a correction.

    Attributes
    ----------
    number
        Names it in its transcript.
    coder, transcript, code
        Whose coding.
    old_quote, before, after
        The passage and what stood around it in the old text.
    span
        Where it was put; ``None`` when no place was found and it is in no sheet until settled.
    coding
        The coding before the correction, as plain data.
    reason
        Why it is unsure, in a sentence.
    """

    number: int
    coder: str
    transcript: str
    code: str
    old_quote: str
    before: str
    after: str
    span: tuple[int, int] | None
    coding: Mapping[str, Any]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What a corrected transcript did to the codings.

    Attributes
    ----------
    n_moved, n_same
        Codings that were found again in another place, and at the same.
    unsettled
        Those that a person must look at.
    new_segments, lost_segments
        Ids that came and went.
    """

    n_moved: int
    n_same: int
    unsettled: tuple[Unsettled, ...]
    new_segments: tuple[str, ...]
    lost_segments: tuple[str, ...]


def correct_transcript(
    study: StudyStore, transcript: Transcript, raw: bytes | None = None, *, why: str = ""
) -> UpdateReport:
    """Put a corrected transcript in the place of the one with its id, and bring all codings along.

    See :meth:`.Study.correct`.
    """
    with study.change(why=why) as change:
        return stage_correction(change, transcript, raw)


def stage_correction(change: StudyChange, transcript: Transcript, raw: bytes | None = None) -> UpdateReport:
    """Stage a correction; see :func:`correct_transcript`."""
    study = change.study
    old = study.transcript(transcript.id)
    if old.digest == transcript.digest:
        return UpdateReport(0, 0, (), (), ())
    alignment = Alignment(old.text, transcript.text)
    new, origins = trace_segments(old, transcript, used=_used_ids(study, old.id), alignment=alignment)
    keep_transcript(change, study, old.id)
    change.put_transcript(new, raw)
    mover = Mover(change, old, new, alignment, origins)
    mover.carry_unsettled(read_unsettled(study, old.id))
    for coder, name in study.sheet_ids():
        if name == old.id:
            mover.move_sheet(coder)
    mover.put_unsettled()
    move_memos(change, old.id, alignment)
    before, after = ({one.id for one in version.segments} for version in (old, new))
    lost = tuple(sorted(before - after))
    change.note("update", {"transcript": old.id, "from": old.digest, "text": new.digest, "lost": list(lost)})
    return UpdateReport(mover.n_moved, mover.n_same, tuple(mover.news), tuple(sorted(after - before)), lost)


def find_mover(change: StudyChange, old: Transcript, new: Transcript, mapping: Mapping[str, str]) -> Mover:
    """Return what brings codings from one version of a transcript to another one that is in the study already."""
    alignment = Alignment(old.text, new.text)
    traced, origins = trace_segments(old, new, alignment=alignment)
    ids = {one.id: known.id for one, known in zip(traced.segments, new.segments, strict=True)}
    return Mover(change, old, new, alignment, {ids[one]: found for one, found in origins.items()}, mapping)


def _used_ids(study: StudyFolder, transcript_id: str) -> list[str]:
    """Return the ids of segments that earlier corrections took away; they are never given again."""
    notes = study.notes()
    names = find_former_names(notes, transcript_id)
    updates = [note for note in notes if note.get("what") == "update" and note.get("transcript") in names]
    return [segment for note in updates for segment in note.get("lost", ())]


class Mover:
    """Moves the sheets of one transcript to its new text, in one change.

    Parameters
    ----------
    change
        Receives the new sheets and files.
    old, new
        The two versions of the transcript.
    alignment
        Of their texts.
    origins
        For each id of the new version, the old segments that its words come from.
    mapping
        Which codes take the place of others on the way.
    """

    def __init__(
        self,
        change: StudyChange,
        old: Transcript,
        new: Transcript,
        alignment: Alignment,
        origins: Mapping[str, frozenset[str]],
        mapping: Mapping[str, str] | None = None,
    ) -> None:
        self.change, self.old, self.new = change, old, new
        self.alignment, self.origins = alignment, origins
        self.mapping = mapping or {}
        self.n_moved = self.n_same = 0
        self.known: list[Unsettled] = []
        self.news: list[Unsettled] = []

    def move_sheet(self, coder: str) -> None:
        """Stage the event that brings a sheet to the new text."""
        draft = self.change.sheet(self.old.id, coder)
        seen = draft.history.seen
        after = self.carry_seen(seen)
        draft.change(self._changes(draft.history, coder))
        draft.see(after - seen)
        draft.unsee(seen - after)
        # With no rules told, the next tagging runs all of them on the new text.
        draft.tell(text=self.new.digest, **({"rules": {}} if coder == RULES_CODER else {}))
        draft.what, draft.who = "correct", self.change.study.who
        draft.why = self.change.why or "The transcript was corrected."

    def carry_seen(self, seen: Collection[str]) -> frozenset[str]:
        """Return the new segments all whose words were looked at."""
        found = (one.id for one in self.new.segments if self.origins.get(one.id))
        return frozenset(one for one in found if self.origins[one].issubset(seen))

    def _changes(self, history: History, coder: str) -> tuple[CodingChange, ...]:
        changes = []
        for coding in history.codings:
            moved = self.move(coding, coder)
            if moved != coding:
                changes.append(CodingChange(history.live(key_of(coding)), coding, moved))
        return tuple(changes)

    def move(self, coding: Coding, coder: str) -> Coding | None:
        """Return a coding at its new place; who coded is asked where it is unsure, and it is ``None`` without any."""
        moved, place = self.place(coding)
        if place.span == coding.span and self.new.quote(place.span) == coding.quote:
            self.n_same += 1
        elif place.is_sure:
            self.n_moved += 1
        if not place.is_sure and coder != RULES_CODER:
            self._ask(coding, coder, moved.span if moved else None, place.reason)
        return moved

    def place(self, coding: Coding) -> tuple[Coding | None, Placement]:
        """Return a coding at its likeliest new place, and what is known of that."""
        place = self.alignment.move(coding.span)
        span = place.span or next(iter(place.candidates), None)
        if span is None:
            return None, place
        evidence = tuple(self._move_evidence(coding, span))
        moved = replace(coding, span=span, quote=self.new.quote(span), evidence=evidence)
        return recode_one(moved, self.mapping), place

    def _move_evidence(self, coding: Coding, passage: Span) -> Iterable[Evidence]:
        for one in coding.evidence:
            spans = (self.alignment.move(span).span for span in one.spans)
            found = tuple(span for span in spans if span is not None and span in passage)
            if found:
                yield Evidence(one.rule, found)

    def _ask(self, coding: Coding, coder: str, span: Span | None, reason: str) -> None:
        start, end = coding.span.start, coding.span.end
        number = max((one.number for one in (*self.known, *self.news)), default=0) + 1
        self.news.append(
            Unsettled(
                number,
                coder,
                self.old.id,
                coding.code,
                coding.quote,
                self.old.text[max(0, start - _CONTEXT) : start],
                self.old.text[end : end + _CONTEXT],
                (span.start, span.end) if span else None,
                encode_coding(coding),
                reason,
            )
        )

    def carry_unsettled(self, entries: Iterable[Unsettled]) -> None:
        """Keep what is unsettled on the old text in the list, with its places on the new one."""
        for one in entries:
            place = self.alignment.move(Span(*one.span)).span if one.span else None
            self.known.append(replace(one, span=(place.start, place.end) if place else None))

    def put_unsettled(self) -> None:
        """Plan the list of what a person must look at."""
        if self.known or self.news:
            put_unsettled(self.change, self.old.id, [*self.known, *self.news])


def put_unsettled(change: StudyChange, transcript_id: str, entries: Iterable[Unsettled]) -> None:
    """Stage the list of what a person must look at."""
    change.put(change.study.layout.unsettled_of(transcript_id), _encode(entries) or None)


def _encode(entries: Iterable[Unsettled]) -> bytes:
    return b"".join(
        json.dumps(asdict(one), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n" for one in entries
    )


def read_unsettled(study: StudyFolder, transcript_id: str | None = None) -> tuple[Unsettled, ...]:
    """Return the codings that a person must look at after corrections; see :meth:`.Study.unsettled`."""
    found = []
    for path in study.layout.list_files(study.layout.unsettled, ".jsonl"):
        if transcript_id not in {None, path.stem}:
            continue
        for number, line in enumerate((study.layout.read(path) or b"").splitlines(), start=1):
            try:
                data = json.loads(line)
                data["span"] = tuple(data["span"]) if data["span"] else None
                found.append(Unsettled(**data))
            except (ValueError, TypeError, KeyError) as error:
                raise StudyError(
                    f"The line cannot be read ({error}).",
                    where=f"{study.layout.name_of(path)}:{number}",
                    hint="Restore the file from a copy",
                ) from error
    return tuple(found)


def number_anew(entries: Iterable[Unsettled], *, after: Iterable[Unsettled]) -> list[Unsettled]:
    """Return entries of another copy's list with numbers behind those of this one's."""
    last = max((one.number for one in after), default=0)
    return [replace(one, number=last + number) for number, one in enumerate(entries, start=1)]


def settle(
    study: StudyStore,
    transcript_id: str,
    number: int,
    act: Literal["keep", "move", "drop"],
    *,
    span: Span | None = None,
) -> Event | None:
    """Say where a coding belongs after a correction; see :meth:`.Study.settle`."""
    entry = _find_entry(study, transcript_id, number)
    with study.change(entry.coder, why=f"{act} after a correction") as change:
        entry = _find_entry(study, transcript_id, number)  # as it is now that nobody else is at work
        text = study.transcript(transcript_id)
        target = Span(*entry.span) if act == "keep" and entry.span else span if act == "move" else None
        if act != "drop" and (target is None or target.end > len(text.text)):
            raise StudyError(
                "There is no place in the text for this coding.", hint="Give one with --span START:END, or use --drop"
            )
        draft = change.sheet(transcript_id)
        draft.what, draft.header = "settle", "kept"
        coding = recode_one(decode_coding(entry.coding, transcript_id, entry.coder), find_mapping(study))
        put = draft.get((*entry.span, coding.code)) if entry.span else None
        if target is not None and act == "move":
            draft.put(replace(coding, span=target, quote=text.quote(target)), instead_of=put)
        elif put is not None and act == "drop":
            draft.remove(put)
        rest = [one for one in read_unsettled(study, transcript_id) if one.number != number]
        put_unsettled(change, transcript_id, rest)
    return next((event for events in change.events.values() for event in events if event.what == "settle"), None)


def unsettle(study: StudyStore, entry: Unsettled) -> Unsettled:
    """Put what was settled back into the list; see :meth:`.Study.unsettle`."""
    with study.change(why="settled too soon") as change:
        study.transcript(entry.transcript)
        rest = list(read_unsettled(study, entry.transcript))
        if any(one.number == entry.number for one in rest):
            (entry,) = number_anew([entry], after=rest)
        put_unsettled(change, entry.transcript, [*rest, entry])
    return entry


def _find_entry(study: StudyFolder, transcript_id: str, number: int) -> Unsettled:
    entry = next((one for one in read_unsettled(study, transcript_id) if one.number == number), None)
    if entry is None:
        raise StudyError(
            f"{transcript_id} has no unsettled coding with number {number}.", hint="List them with: qualcode settle"
        )
    return entry
