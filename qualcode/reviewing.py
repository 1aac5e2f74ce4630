"""Reading and deciding, one segment after the other: what comes next, and what an act does. No terminal in here.

Every act is on disk when its method returns.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal

from qualcode.atomic import replace_file
from qualcode.errors import StudyError
from qualcode.model import RULES_CODER, Span
from qualcode.study.blinding import read_assignment

PRIVATE = ".qualcode"

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from qualcode.codebook import Code, Codebook
    from qualcode.model import Coding, Segment, Transcript
    from qualcode.study import Study

Only = Literal["all", "suggested", "uncoded", "assigned"]
Talk = Literal["interviewees", "all"]

_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\s\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


@dataclass(frozen=True, slots=True)
class Item:
    """A segment to look at.

    Attributes
    ----------
    transcript, segment
        Their ids.
    """

    transcript: str
    segment: str

    @property
    def address(self) -> str:
        """How the command line names it: ``P07:t012``."""
        return f"{self.transcript}:{self.segment}"


@dataclass(frozen=True, slots=True)
class Entry:
    """A code on a passage of the segment that is looked at.

    Attributes
    ----------
    code
        Its id.
    suggestion
        What the rules suggest, if they do.
    own
        What the coder decided, if anything.
    """

    code: str
    suggestion: Coding | None
    own: Coding | None

    @property
    def span(self) -> Span:
        """The passage: the coder's, or else the suggested one."""
        coding = self.own or self.suggestion
        if coding is None:  # pragma: no cover  # an entry is made of one of the two
            raise StudyError("This entry has no passage.")
        return coding.span

    @property
    def verdict(self) -> str:
        """``accepted``, ``rejected``, ``applied``, or ``suggested`` while undecided."""
        return self.own.verdict if self.own else "suggested"


def list_items(
    study: Study,
    coder: str,
    *,
    code: str | None = None,
    transcript_ids: Collection[str] = (),
    only: Only = "all",
    talk: Talk = "interviewees",
) -> list[Item]:
    """Return the segments that a coder is to look at, in the order of the texts.

    Parameters
    ----------
    study, coder
        Who codes what.
    code
        Only segments in which the rules suggest, or the coder gave, this code or one below it.
    transcript_ids
        Only these transcripts; by default all.
    only
        ``suggested``: only segments with an undecided suggestion. ``uncoded``: only those without a code of the
        coder's. ``assigned``: only those drawn for the coder by :func:`qualcode.study.consensus.assign`.
    talk
        Whether to pass over the interviewers' segments, which no table counts.
    """
    wanted = _with_descendants(study.codebook, code)
    assigned = read_assignment(study).get(coder, frozenset()) if only == "assigned" else None
    items = []
    for name in study.transcript_ids():
        if transcript_ids and name not in transcript_ids:
            continue
        transcript = study.transcript(name)
        rules, mine = study.sheet(RULES_CODER, name), study.sheet(coder, name)
        unit = mine.unit if mine else study.settings.unit
        for segment in transcript.units(unit):
            if talk == "interviewees" and transcript.is_interviewer(segment):
                continue
            if assigned is not None and f"{name}:{segment.id}" not in assigned:
                continue
            entries = join_entries(rules.codings if rules else (), mine.codings if mine else (), segment.span)
            if _is_wanted(entries, wanted, only):
                items.append(Item(name, segment.id))
    return items


def _with_descendants(codebook: Codebook, code: str | None) -> set[str] | None:
    if code is None:
        return None
    top = codebook.code(code)
    return {top.id, *(one.id for one in codebook.descendants(top.id))}


def _is_wanted(entries: Sequence[Entry], wanted: set[str] | None, only: Only) -> bool:
    if wanted is not None:
        entries = [entry for entry in entries if entry.code in wanted]
    if only == "uncoded":
        return not any(entry.own and entry.own.is_counted for entry in entries)
    if only == "suggested":
        return any(entry.own is None for entry in entries)
    return bool(entries) or wanted is None


def join_entries(suggestions: Sequence[Coding], own: Sequence[Coding], span: Span) -> list[Entry]:
    """Return the codes on a stretch of text: suggestions with what was decided on them, then codes given by hand."""
    mine = [one for one in own if one.span.overlaps(span)]
    entries, used = [], set()
    for suggestion in suggestions:
        if not suggestion.span.overlaps(span):
            continue
        answer = next(
            (
                one
                for one in mine
                if one.code == suggestion.code and one.span.overlaps(suggestion.span) and one not in used
            ),
            None,
        )
        if answer is not None:
            used.add(answer)
        entries.append(Entry(suggestion.code, suggestion, answer))
    entries += [Entry(one.code, None, one) for one in mine if one not in used]
    return sorted(entries, key=lambda entry: (entry.span, entry.code))


class Review:
    """A coder's way through a list of segments.

    Parameters
    ----------
    study, coder
        Who codes what; a new coder is entered into the study.
    items
        The segments.

    Attributes
    ----------
    position
        Which segment is looked at; the length of the list at its end.
    selected
        Which of its entries is in hand.
    picked
        Words picked for the next code.
    """

    def __init__(self, study: Study, coder: str, items: Sequence[Item]) -> None:
        self.study = study
        self.coder = study.add_coder(coder)
        self.items = list(items)
        self.selected = 0
        self.picked: Span | None = None
        self.position = self._resume()

    # -- where one is ---------------------------------------------------------------------------------------------

    @property
    def is_done(self) -> bool:
        """Whether the end of the list is reached."""
        return self.position >= len(self.items)

    @property
    def item(self) -> Item:
        """The segment that is looked at."""
        if self.is_done:
            raise StudyError("This is the end of the list.", hint="Go back, or quit.")
        return self.items[self.position]

    @property
    def transcript(self) -> Transcript:
        """Its transcript."""
        return self.study.transcript(self.item.transcript)

    @property
    def segment(self) -> Segment:
        """The segment."""
        return next(one for one in self.transcript.segments if one.id == self.item.segment)

    @property
    def entries(self) -> list[Entry]:
        """The codes on it."""
        name = self.item.transcript
        rules, mine = self.study.sheet(RULES_CODER, name), self.study.sheet(self.coder, name)
        return join_entries(rules.codings if rules else (), mine.codings if mine else (), self.segment.span)

    @property
    def entry(self) -> Entry | None:
        """The entry in hand."""
        entries = self.entries
        return entries[min(self.selected, len(entries) - 1)] if entries else None

    @property
    def code(self) -> Code | None:
        """The code of the entry in hand, when the codebook has it."""
        entry = self.entry
        known = {code.id: code for code in self.study.codebook.walk()}
        return known.get(entry.code) if entry else None

    def context(self) -> tuple[Segment | None, Segment | None]:
        """Return the segments before and after, of the same kind."""
        units = self.transcript.units(self.segment.kind)
        place = units.index(self.segment)
        return (units[place - 1] if place else None), (units[place + 1] if place + 1 < len(units) else None)

    # -- going ----------------------------------------------------------------------------------------------------

    def next(self) -> None:
        """Say that the segment was looked at, and go on."""
        if not self.is_done:
            from qualcode.study.decisions import mark_seen

            mark_seen(self.study, self.coder, [self.item.address])
        self._go(self.position + 1)

    def skip(self) -> None:
        """Go on without saying that the segment was looked at."""
        self._go(self.position + 1)

    def back(self) -> None:
        """Go back by one."""
        self._go(self.position - 1)

    def pick(self) -> None:
        """Pick the first sentence of the segment, or the one after the one picked last, for the next code."""
        inside = [one.span for one in self.transcript.units("sentence") if one.span in self.segment.span]
        inside = inside or [self.segment.span]
        last = self.picked
        self.picked = next((span for span in inside if last is None or span.start >= last.end), inside[0])

    def select(self, step: int) -> None:
        """Take another entry in hand."""
        self.picked = None
        n_entries = len(self.entries)
        self.selected = (min(self.selected, max(n_entries - 1, 0)) + step) % n_entries if n_entries else 0

    def _go(self, position: int) -> None:
        self.position = min(max(position, 0), len(self.items))
        self.selected = 0
        self.picked = None
        self._bookmark()

    def _path(self) -> tuple[str, ...]:
        return PRIVATE, "bookmarks", f"{self.coder}.json"

    def _bookmark(self) -> None:
        address = "" if self.is_done else self.item.address
        replace_file(self.study.root.joinpath(*self._path()), json.dumps({"at": address}).encode())

    def _resume(self) -> int:
        """Return where the coder stopped, or else the first segment not looked at yet."""
        path = self.study.root.joinpath(*self._path())
        try:
            at = str(json.loads(path.read_bytes())["at"])
        except (OSError, ValueError, KeyError, TypeError):
            at = ""
        places = {item.address: number for number, item in enumerate(self.items)}
        if at in places:
            return places[at]
        seen: dict[str, frozenset[str]] = {}
        for number, item in enumerate(self.items):
            if item.transcript not in seen:
                sheet = self.study.sheet(self.coder, item.transcript)
                seen[item.transcript] = sheet.seen if sheet else frozenset()
            if item.segment not in seen[item.transcript]:
                return number
        return 0

    # -- deciding -------------------------------------------------------------------------------------------------

    def _decide(
        self, code: str, act: Literal["accept", "reject", "apply", "remove"], span: Span, note: str = ""
    ) -> None:
        self.study.decide(self.coder, self.item.address, code, act, span=span, note=note)

    def _in_hand(self) -> Entry:
        entry = self.entry
        if entry is None:
            raise StudyError("There is no code on this segment yet.", hint="Choose one with c.")
        return entry

    def accept(self) -> None:
        """Accept the suggestion in hand."""
        entry = self._in_hand()
        if entry.suggestion is None:
            raise StudyError("You gave this code yourself; there is nothing to accept.")
        self._decide(entry.code, "accept", entry.span)

    def reject(self) -> None:
        """Reject the suggestion in hand; a code given by hand is removed."""
        entry = self._in_hand()
        self._decide(entry.code, "reject" if entry.suggestion else "remove", entry.span)

    def apply(self, code: str, *, span: Span | None = None) -> None:
        """Give a code to a passage, by default to the one that was picked, else to the whole segment."""
        span = span or self.picked or self.segment.span
        self._decide(code, "apply", span)
        self.picked = None
        self._take_in_hand(self.study.codebook.code(code).id, span)

    def _take_in_hand(self, code: str, span: Span) -> None:
        """Select the entry of a code on a passage."""
        places = [place for place, one in enumerate(self.entries) if (one.code, one.span) == (code, span)]
        self.selected = places[0] if places else 0

    def recode(self, code: str) -> None:
        """Give the passage in hand another code, in one act: the suggestion is rejected, or one's own code removed."""
        from qualcode.study.acts import Decision
        from qualcode.study.decisions import decide

        entry, code = self._in_hand(), self.study.codebook.code(code).id
        if code == entry.code:
            return
        old: Literal["reject", "remove"] = "reject" if entry.suggestion else "remove"
        address, span = self.item.address, entry.span
        decide(
            self.study, self.coder,
            [Decision(address, code, "apply", span), Decision(address, entry.code, old, span)],
        )  # fmt: skip
        self._take_in_hand(code, span)

    def write_note(self, note: str) -> None:
        """Put a note on the coding in hand."""
        entry = self._in_hand()
        from qualcode.study.decisions import write_note

        if entry.own is None:
            raise StudyError("Decide first; a note belongs to a decision.")
        write_note(self.study, self.coder, entry.own, note)

    def trim(self, edge: Literal["start", "end"], step: int) -> None:
        """Move an edge of the passage in hand by a word, and accept or apply it so; or that of what was picked."""
        if self.picked is not None:
            self.picked = move_edge(self.transcript.text, self.picked, edge, step, self.segment.span)
            return
        entry = self._in_hand()
        span = move_edge(self.transcript.text, entry.span, edge, step, self.segment.span)
        if span == entry.span:
            return
        if entry.own is None or entry.own.verdict == "rejected":
            self._decide(entry.code, "accept", span)
        else:
            own = replace(entry.own, span=span, quote=self.transcript.quote(span), at=self.study.clock())
            self.study.record(
                self.coder, self.item.transcript, "trim",
                codings=lambda present: [own if one == entry.own else one for one in present],
            )  # fmt: skip
        self._take_in_hand(entry.code, span)

    def find_span(self, words: str) -> Span:
        """Return the passage of the segment that some typed words name, whatever their case and blanks.

        Raises
        ------
        StudyError
            If they do not stand there.
        """
        text, span = self.transcript.text, self.segment.span
        pattern = r"\s+".join(re.escape(word) for word in words.split())
        found = re.compile(pattern, re.IGNORECASE).search(text, span.start, span.end) if pattern else None
        if found is None or found.start() == found.end():
            raise StudyError(f"“{words}” does not stand in this segment.", hint="Type the words as they are written.")
        return Span(*found.span())

    def undo(self) -> str:
        """Take back the coder's latest act, here or elsewhere; return where."""
        from qualcode.study.undo import undo

        name, event = undo(self.study, self.coder)
        segments = [*event.seen, *(one for one, _ in event.unseen)]
        places = {item.address: number for number, item in enumerate(self.items)}
        at = next((places[f"{name}:{one}"] for one in segments if f"{name}:{one}" in places), None)
        if at is not None:
            self._go(at)
        return f"{event.what} in {name}"


def move_edge(text: str, span: Span, edge: Literal["start", "end"], step: int, limit: Span) -> Span:
    """Return a span with one edge moved by a word: a run without blanks, or one Chinese character."""
    limit = limit | span
    starts, ends = _borders(text, limit)
    if edge == "start":
        candidates = [one for one in starts if (one > span.start if step > 0 else one < span.start) and one < span.end]
        start = (min if step > 0 else max)(candidates, default=span.start)
        return Span(start, span.end)
    candidates = [one for one in ends if (one > span.end if step > 0 else one < span.end) and one > span.start]
    return Span(span.start, (min if step > 0 else max)(candidates, default=span.end))


def _borders(text: str, limit: Span) -> tuple[list[int], list[int]]:
    starts, ends = [], []
    for found in _WORD.finditer(text, limit.start, limit.end):
        starts.append(found.start())
        ends.append(found.end())
    return starts, ends


def search_codes(codebook: Codebook, words: str) -> list[Code]:
    """Return the codes that typed words may mean, the likeliest first; all in order for no words."""
    wanted = words.casefold().strip()
    codes = list(codebook.walk())
    if not wanted:
        return codes
    ranked = []
    for number, code in enumerate(codes):
        names = (code.name.casefold(), codebook.path(code.id), code.id)
        score = max(_score(wanted, name) for name in names)
        if score > 0:
            ranked.append((-score, number, code))
    return [code for _, _, code in sorted(ranked, key=lambda entry: entry[:2])]


_ALIKE = 0.55


def _score(wanted: str, name: str) -> float:
    if wanted in name:
        return 3 - name.index(wanted) / 100 - len(name) / 1000
    letters = iter(name)
    if all(letter in letters for letter in wanted):
        return 1 + len(wanted) / (10 + len(name))
    ratio = SequenceMatcher(None, wanted, name, autojunk=False).ratio()
    return ratio if ratio >= _ALIKE else 0.0
