"""A corrected transcript: every coding is found again, or a person is asked; none is dropped or moved in silence."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from qualcode.anchoring import Alignment, trace_segments
from qualcode.errors import StudyError
from qualcode.model import RULES_CODER, Evidence, Span
from qualcode.study.events import Change, decode_coding, encode_coding, key_of
from qualcode.study.files import Transaction, replace_file
from qualcode.study.growing import recode_one
from qualcode.study.memos import move_memos
from qualcode.study.versions import keep_transcript

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from qualcode.anchoring import Place
    from qualcode.model import Coding, Transcript
    from qualcode.study.events import Event, History
    from qualcode.study.study import Study

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


def update_transcript(study: Study, transcript: Transcript, raw: bytes | None = None, *, why: str = "") -> UpdateReport:
    """Put a corrected transcript in the place of the one with its id, and bring all codings along.

    Parameters
    ----------
    study
        Which study.
    transcript
        The corrected transcript, as read from its file.
    raw
        The bytes of the file.
    why
        The reason, for the log.

    Raises
    ------
    StudyError
        If there is no transcript of that id.
    """
    with ExitStack() as locks:
        locks.enter_context(study.lock("study"))
        for coder in study.coders():
            locks.enter_context(study.lock(coder))
        old = study.transcript(transcript.id)
        if old.digest == transcript.digest:
            return UpdateReport(0, 0, (), (), ())
        alignment = Alignment(old.text, transcript.text)
        new, origins = trace_segments(old, transcript, used=_used_ids(study, old.id), alignment=alignment)
        change = Transaction(study.root)
        keep_transcript(study, change, old)
        study.put_transcript(change, new, raw)
        mover = Mover(study, change, old, new, alignment, origins)
        mover.carry_unsettled(read_unsettled(study, old.id))
        for coder, name in study.sheet_ids():
            if name == old.id:
                mover.move_sheet(coder, why)
        mover.put_unsettled()
        move_memos(study, change, old.id, alignment)
        before, after = ({one.id for one in version.segments} for version in (old, new))
        lost = tuple(sorted(before - after))
        note = {"transcript": old.id, "from": old.digest, "text": new.digest, "lost": list(lost)}
        study.put_note(change, "update", note, why=why)
        change.commit()
        study.forget()
    return UpdateReport(mover.n_moved, mover.n_same, tuple(mover.news), tuple(sorted(after - before)), lost)


def find_mover(
    study: Study, change: Transaction, old: Transcript, new: Transcript, mapping: Mapping[str, str]
) -> Mover:
    """Return what brings codings from one version of a transcript to another one that is in the study already."""
    alignment = Alignment(old.text, new.text)
    traced, origins = trace_segments(old, new, alignment=alignment)
    ids = {one.id: known.id for one, known in zip(traced.segments, new.segments, strict=True)}
    return Mover(study, change, old, new, alignment, {ids[one]: found for one, found in origins.items()}, mapping)


def _used_ids(study: Study, transcript_id: str) -> list[str]:
    """Return the ids of segments that earlier corrections took away; they are never given again."""
    notes = [note for note in study.notes() if note.get("what") == "update" and note.get("transcript") == transcript_id]
    return [segment for note in notes for segment in note.get("lost", ())]


class Mover:
    """Moves the sheets of one transcript to its new text, in one change.

    Parameters
    ----------
    study, change
        Which study, and what receives the new files.
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
        study: Study,
        change: Transaction,
        old: Transcript,
        new: Transcript,
        alignment: Alignment,
        origins: Mapping[str, frozenset[str]],
        mapping: Mapping[str, str] | None = None,
    ) -> None:
        self.study, self.change, self.old, self.new = study, change, old, new
        self.alignment, self.origins = alignment, origins
        self.mapping = mapping or {}
        self.n_moved = self.n_same = 0
        self.known: list[Unsettled] = []
        self.news: list[Unsettled] = []

    def move_sheet(self, coder: str, why: str) -> None:
        """Plan the event that brings a sheet to the new text."""
        header: dict[str, Any] = {"text": self.new.digest}
        if coder == RULES_CODER:
            header["rules"] = {}  # the next tagging runs all rules on the new text
        loaded = self.study.load(coder, self.old.id)
        sheet = self.study.sheet_of(loaded, coder, self.old.id)
        seen = sheet.seen if sheet else frozenset()
        after = self.carry_seen(seen)
        self.study.stage(
            self.change, coder, self.old.id, "move",
            changes=lambda history: self._changes(history, coder),
            seen=after - seen,
            unseen=seen - after,
            header=header,
            why=why or "The transcript was corrected.",
        )  # fmt: skip

    def carry_seen(self, seen: Collection[str]) -> frozenset[str]:
        """Return the new segments all whose words were looked at."""
        found = (one.id for one in self.new.segments if self.origins.get(one.id))
        return frozenset(one for one in found if self.origins[one].issubset(seen))

    def _changes(self, history: History, coder: str) -> tuple[Change, ...]:
        changes = []
        for coding in history.codings:
            moved = self.move(coding, coder)
            if moved != coding:
                changes.append(Change(history.live(key_of(coding)), coding, moved))
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

    def place(self, coding: Coding) -> tuple[Coding | None, Place]:
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
            self.change.put(_path(self.study, self.old.id), _encode([*self.known, *self.news]))


def _path(study: Study, transcript_id: str) -> Any:
    return study.root / "unsettled" / f"{transcript_id}.jsonl"


def _encode(entries: Iterable[Unsettled]) -> bytes:
    return b"".join(
        json.dumps(asdict(one), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n" for one in entries
    )


def read_unsettled(study: Study, transcript_id: str | None = None) -> tuple[Unsettled, ...]:
    """Return the codings that a person must look at after corrections."""
    found = []
    for path in sorted((study.root / "unsettled").glob("*.jsonl")):
        if transcript_id not in {None, path.stem} or path.name.startswith("."):
            continue
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            try:
                data = json.loads(line)
                data["span"] = tuple(data["span"]) if data["span"] else None
                found.append(Unsettled(**data))
            except (ValueError, TypeError, KeyError) as error:
                raise StudyError(
                    f"The line cannot be read ({error}).", where=f"unsettled/{path.name}:{number}"
                ) from error
    return tuple(found)


def number_anew(entries: Iterable[Unsettled], *, after: Iterable[Unsettled]) -> list[Unsettled]:
    """Return entries of another copy's list with numbers behind those of this one's."""
    last = max((one.number for one in after), default=0)
    return [replace(one, number=last + number) for number, one in enumerate(entries, start=1)]


def settle(
    study: Study, transcript_id: str, number: int, act: Literal["keep", "move", "drop"], *, span: Span | None = None
) -> Event | None:
    """Say where a coding belongs after a correction.

    Parameters
    ----------
    study, transcript_id, number
        Which coding, as :func:`read_unsettled` lists it.
    act
        ``keep`` it where it was put, ``move`` it to ``span``, or ``drop`` it.
    span
        The right place.

    Raises
    ------
    StudyError
        If there is no such entry, or no place to keep it at.
    """
    entry = next((one for one in read_unsettled(study, transcript_id) if one.number == number), None)
    if entry is None:
        raise StudyError(
            f"There is nothing unsettled with number {number} in {transcript_id}.", hint="See: qualcode settle"
        )
    text = study.transcript(transcript_id)
    target = Span(*entry.span) if act == "keep" and entry.span else span if act == "move" else None
    if act != "drop" and (target is None or target.end > len(text.text)):
        raise StudyError(
            "There is no place in the text to put this coding at.", hint="Give one with --span START:END, or --drop"
        )
    coding = decode_coding(entry.coding, transcript_id, entry.coder)
    with study.lock("study"), study.lock(entry.coder):

        def change(present: tuple[Coding, ...]) -> Iterable[Coding]:
            put = (entry.span or (), entry.code)
            for one in present:
                if act == "keep" or ((one.span.start, one.span.end), one.code) != put:
                    yield one
            if target is not None and (act == "move" or entry.span is None):
                yield replace(coding, span=target, quote=text.quote(target))

        event = study.record(entry.coder, transcript_id, "settle", codings=change, why=f"{act} after a correction")
        rest = [one for one in read_unsettled(study, transcript_id) if one.number != number]
        replace_file(_path(study, transcript_id), _encode(rest))
    return event
