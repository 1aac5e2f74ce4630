"""The codings of a project go into the sheets of their coders."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from qualcode.model import Coding, Span
from qualcode.study.projects.identities import Identity, digest_state
from qualcode.study.store import join_notes, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qualcode.anchoring import Alignment
    from qualcode.exchange import LossList, Mark
    from qualcode.study.projects.identities import Identities
    from qualcode.study.projects.texts import Text
    from qualcode.study.store import SheetDraft, StudyChange

Seen = Literal["coded", "all"]


def name_coding(span: Span, code: str, coder: str) -> str:
    """Return what names a coding on its transcript."""
    return f"{span.start}-{span.end} {code} {coder}"


def move_name(alignment: Alignment, name: str) -> str | None:
    """Return what names a coding in a corrected text; ``None`` when its words are not surely found."""
    place, _, rest = name.partition(" ")
    start, _, end = place.partition("-")
    found = alignment.move(Span(int(start), int(end))) if start.isdigit() and end.isdigit() else None
    return f"{found.span.start}-{found.span.end} {rest}" if found and found.is_sure and found.span else None


_LONG = 200


def state_of_coding(coding: Coding, text: str, span: Span) -> str:
    """Return what tells two states of a coding: its words, and which of their places in a text it is on."""
    words = text[span.start : span.end]
    number = text.count(words, 0, span.start) if len(words) < _LONG else 0
    return digest_state(words, number, coding.code, coding.coder, coding.note)


class CodingWriter:
    """Puts codings into sheets under change.

    Attributes
    ----------
    n_new, n_changed
        Codings that came in anew, and that are others than they were.
    coders
        Per coder, how many codings of the project are in the study now.
    rows
        What is to be remembered.
    """

    def __init__(self, change: StudyChange, known: Identities, losses: LossList, *, codebook_digest: str) -> None:
        self.change, self.known, self.losses, self.codebook_digest = change, known, losses, codebook_digest
        self.n_new = self.n_changed = 0
        self.coders: Counter[str] = Counter()
        self.rows: list[Identity] = []
        self.origin = ""
        self._met: set[tuple[str, str]] = set()

    def write(self, marks: Iterable[tuple[Mark, Text, str, str]]) -> None:
        """Put in marks, each with its text and the ids of its code and coder here."""
        for mark, text, code, coder in marks:
            span = text.place(mark.span)
            if span is None:
                words = text.source.text[mark.span.start : mark.span.end]
                self.losses.add("codings on words that were changed here", "left out", f"{text.transcript.id}: {words}")
                continue
            at = self._read_time(mark.at)
            quote = text.transcript.quote(span)
            coding = Coding(
                text.transcript.id, span, code, coder, "applied", quote, origin=self.origin, note=mark.note, at=at
            )
            self._put(mark, text, coding)

    def _put(self, mark: Mark, text: Text, coding: Coding) -> None:
        key = name_coding(coding.span, coding.code, coding.coder)
        state = state_of_coding(coding, text.source.text, mark.span)
        row = Identity("coding", coding.transcript, key, mark.guid, state)
        draft = self._draft(text, coding.coder)
        if (coding.transcript, key) in self._met:
            self._double(draft, coding)
            return
        self._met.add((coding.transcript, key))
        self.coders[coding.coder] += 1
        before = self.known.by_guid("coding", mark.guid) or self.known.by_key("coding", key, coding.transcript)
        if before is not None and before.state == state:
            self.rows.append(replace(before, guid=mark.guid or before.guid))
            return  # as it came the last time; whatever was done to it here stands
        if before is not None and self._change(draft, before, coding):
            self.known.remove(before)
        elif draft.get(key_of(coding)) is None:
            draft.put(coding)
            self.n_new += 1
        self.rows.append(row)

    def _double(self, draft: SheetDraft, coding: Coding) -> None:
        """Keep the remark of a coding that a coder gave twice to the same words."""
        present = draft.get(key_of(coding))
        if present is not None and coding.note and coding.note not in present.note:
            draft.put(replace(present, note=join_notes(present.note, coding.note)))
        where = f"{coding.transcript}: {coding.quote}"
        self.losses.add("codings that are there twice", "one coding each, with all remarks", where, level="note")

    def _change(self, draft: SheetDraft, before: Identity, coding: Coding) -> bool:
        """Let a coding be as it is there by now, unless somebody changed it here; tell whether it is."""
        present = next(
            (
                one
                for one in draft.codings()
                if name_coding(one.span, one.code, one.coder) == before.key and one.transcript == before.transcript
            ),
            None,
        )
        if present is None or present.verdict != "applied" or present.origin != self.origin:
            became = "as it stands here, it stays; as it is there, it comes in beside it"
            self.losses.add("codings that were changed here and there", became, f"{coding.transcript}: {coding.quote}")
            return False
        draft.put(coding, instead_of=present)
        self.n_changed += 1
        return True

    def _draft(self, text: Text, coder: str) -> SheetDraft:
        draft = self.change.sheet(text.transcript.id, coder)
        draft.what, draft.who = "import", self.change.study.who
        if not draft.history.events:
            draft.tell(unit=self.change.study.settings.unit, text=text.transcript.digest, codebook=self.codebook_digest)
        draft.header = "kept"
        return draft

    def see(self, texts: Iterable[Text], marks: Iterable[tuple[Mark, Text, str, str]], seen: Seen) -> None:
        """Record what coders looked at: the segments that they coded, or all of the transcripts in which they did."""
        unit = self.change.study.settings.unit
        places: dict[tuple[str, str], list[Span]] = {}
        for mark, text, _, coder in marks:
            span = text.place(mark.span)
            if span is not None:
                places.setdefault((text.transcript.id, coder), []).append(span)
        by_id: Mapping[str, Text] = {text.transcript.id: text for text in texts}
        for (name, coder), spans in places.items():
            index = by_id[name].index
            units = index.units(unit) if seen == "all" else [one for span in spans for one in index.touched(unit, span)]
            self._draft(by_id[name], coder).see(one.id for one in units)

    def _read_time(self, text: str) -> str:
        """Return a time in ISO 8601 and UTC; ``""`` for one that is none."""
        if not text:
            return ""
        try:
            moment = dt.datetime.fromisoformat(text)
            if moment.tzinfo is None:
                self.losses.add("times of codings without a time zone", "taken for UTC", text, level="note")
                moment = moment.replace(tzinfo=dt.UTC)
            return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")
        except (ValueError, OverflowError):
            self.losses.add("times of codings that are none", "left out", text, level="note")
            return ""
