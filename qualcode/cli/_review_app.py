"""The screen of ``qualcode review``. What an act does stands in :mod:`qualcode.reviewing`."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

from qualcode.cli._dialogs import Ask, AskLong, ChooseCode, ChooseSuggestions, NewCode, NewName, Pins, Show
from qualcode.cli._keys import REVIEW
from qualcode.cli._screen import SegmentApp
from qualcode.cli._terminal import clean
from qualcode.errors import CodebookError, QualcodeError, StudyError
from qualcode.reviewing import name_code, name_place
from qualcode.wording import plural, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.binding import BindingType

    from qualcode.codebook import Code
    from qualcode.errors import Problem
    from qualcode.model import Memo, Segment, Span
    from qualcode.reviewing import Entry, Item, Review

_MARKS = {"suggested": "?", "accepted": "✓", "rejected": "✗", "applied": "+"}
_STYLES = {"suggested": "bold", "accepted": "green", "rejected": "dim strike", "applied": "green"}
_SIGHTS = {
    "open": "",
    "blind": "Drawn for double coding: suggestions are shown once all coders have read it.",
    "held": "Every tenth segment comes without suggestions: decide, then go on.",
    "lifted": "Drawn for double coding, and not blind: suggestions are shown, and the log records it.",
}
_HINT_OF_LISTS = " a accept  r reject  w why  c code  → next  ← back  u undo  ? keys  q quit"
_GO_ON = "Continue with . or go back with ←."
_CONTEXT_LINES = 2
"""Of a neighbouring segment that are shown, about."""
_WIDTHS = (1, 3, 9)
_WIDTHS_SHOWN = "1, 3 or 9"
"""How many neighbours before and after there may be."""
_SHOWN_ENTRIES = 5
_SHOWN_PROBLEMS = 2
_SHOWN_REMARKS = 2
_BESIDE_QUOTE, _LEAST_QUOTE = 50, 16
"""Columns that are left to the rest of a line, and the least that a quote has."""

_RESHAPE = {
    "cut": "Which words should be removed from the coding?",
    "extend": "Which words should be added to the coding?",
    "move": "To which words should the coding move?",
}


class ReviewApp(SegmentApp):
    """One segment at a time, in its context, with what the rules suggest and what the codes mean.

    Parameters
    ----------
    review
        The coder's way through the segments.
    """

    KEYS = REVIEW
    BINDINGS: ClassVar[list[BindingType]] = [Binding(key.keys, key.action, show=False) for key in REVIEW]
    MIDDLE = "entries"
    HINT = " a accept  r reject  c code  → next  ← back  u undo  ? keys  q quit"

    def __init__(self, review: Review) -> None:
        super().__init__()
        self.review = review
        self._last_code = review.asked_code
        self._width = _WIDTHS[0]
        self._drafts: dict[str, str] = {}

    def tell_keys(self) -> str:
        """Return the keys in the foot; of a list that somebody asked for, that to ask why."""
        return _HINT_OF_LISTS if self.review.about else self.HINT

    # -- what is seen -------------------------------------------------------------------------------------------------

    def show(self, message: str = "") -> None:
        """Show the segment as it stands now, and a word about what was done."""
        self.review.look()
        try:
            parts = (self._end(), Text(), Text()) if self.review.is_done else self._parts()
            is_seen = not self.review.is_done and self.review.view.is_seen
        except QualcodeError as error:  # the segment is gone, or the codebook cannot be read
            parts, is_seen, message = (Text(_tell(error)), Text(), Text()), False, message or _GO_ON
        with contextlib.suppress(QualcodeError):  # of a segment that is gone, which stands in its place
            self._surround()
        self.lay(self._head("read" if is_seen else ""), parts, message)

    def _parts(self) -> tuple[Text, Text, Text]:
        return self._words(), self._entries(), self._code()

    def _head(self, told: str) -> str:
        review = self.review
        place = f"{min(review.position + 1, len(review.items))}/{len(review.items)}"
        where = "the end" if review.is_done else review.item.address
        return clean(f" {where}   {place}   {review.coder}   {told}").rstrip()

    def _end(self) -> Text:
        more = "".join(f" {one}" for one in self.review.sum_up())
        after = " → asks for more," if self.review.has_more else ""
        return Text(f"You have reached the end of the list.{after} ← goes back, q quits.", style="bold").append(
            clean(f"\n\n{more.strip()}" if more else ""), style="none"
        )

    def _words(self) -> Text:
        return self._segment()

    def _surround(self) -> None:
        """Put the turns before and after around the segment: some of the nearest, or several whole."""
        before, after = ((), ()) if self.review.is_done else self.review.context(self._width)
        for name, segments in (("before", before), ("after", after)):
            lines = [self._neighbour(one, from_end=name == "before") for one in segments]
            part = self.query_one(f"#{name}", Static)
            part.update(Text("\n\n".join(lines), style="dim"))
            part.display = bool(lines)

    def _neighbour(self, segment: Segment, *, from_end: bool) -> str:
        whole = " ".join(clean(self.review.transcript.quote(segment.span)).split())
        words, room = whole, _CONTEXT_LINES * max(self.size.width - 6, 20)
        while self._width == 1 and cell_len(words) > room:
            n_surplus = max(1, (cell_len(words) - room) // 2)
            words = words[n_surplus:] if from_end else words[:-n_surplus]
        words = words if words == whole else f"…{words}" if from_end else f"{words}…"
        return f"{clean(segment.speaker)}: {words}" if segment.speaker else words

    def _widen(self) -> str:
        """Show more turns before and after, or one of each again."""
        self._width = _WIDTHS[(_WIDTHS.index(self._width) + 1) % len(_WIDTHS)]
        return f"Context: {plural(self._width, 'segment')} before and after. z: {_WIDTHS_SHOWN}."

    def _segment(self) -> Text:
        """Return the segment: the passage in hand underlined with its evidence, and what is picked reversed."""
        segment, entry = self.review.segment, self.review.entry
        shown = Text(f"{clean(segment.speaker)}: ", style="bold") if segment.speaker else Text()
        words = Text(clean(self.review.transcript.quote(segment.span)))
        if entry is not None:
            _mark(words, segment, entry.span, "underline")
            if not self.review.picks:
                self._mark_evidence(words, segment, entry)
        for span in self.review.picks:
            _mark(words, segment, span, "reverse")
        return shown.append_text(words)

    def _mark_evidence(self, words: Text, segment: Segment, entry: Entry) -> None:
        coding = entry.suggestion or entry.own
        spans = [span for one in coding.evidence for span in one.spans] if coding else []
        for span in (*spans, *(entry.hunch.words if entry.hunch else ())):
            if span.overlaps(segment.span):
                _mark(words, segment, span, "bold reverse")

    def _entries(self) -> Text:
        entries, in_hand = self.review.entries, self.review.entry
        names = {code.id: code.name for code in self.review.study.codebook.walk()}
        room = max(self.size.width - _BESIDE_QUOTE, _LEAST_QUOTE)
        shown = Text(overflow="ellipsis", no_wrap=True)
        sight = _SIGHTS[self.review.view.sight] or self.review.about
        lines = [_cut(Text(clean(sight), style="dim"), self.size.width)] if sight else []
        if not entries:
            lines.append(Text("No code here. c gives one to the segment, s to some of its words.", style="dim"))
        selected = entries.index(in_hand) if in_hand else 0
        first = max(0, selected - _SHOWN_ENTRIES + 1)
        listed = entries[first : first + _SHOWN_ENTRIES]
        lines += [
            self._line(one, names.get(one.code, one.code), "▶" if one == in_hand else " ", room) for one in listed
        ]
        if len(listed) < len(entries):
            lines.append(Text(f"  and {len(entries) - len(listed)} more", style="dim"))
        lines += [self._remark(one) for one in self.review.view.remarks[:_SHOWN_REMARKS]]
        return shown.append_text(Text("\n").join(lines))

    def _remark(self, memo: Memo) -> Text:
        """Return a memo, or why one comes back, on one line."""
        line = Text(f"{'⚑' if memo.flag else '✎'} {clean(' '.join(memo.text.split()))}")
        return _cut(line.append(f"  {clean(memo.author)}", style="dim"), self.size.width)

    def _code(self) -> Text:
        code = self.review.code or self._asked_code()
        if code is None:
            return Text("")
        shown = Text.assemble((clean(code.name), "bold"), f": {clean(code.definition)}" if code.definition else "")
        for item, span in self._near():
            quote = " ".join(self.review.study.transcript(item.transcript).quote(span).split())
            line = Text(f"Like {item.address}: ", style="bold").append(clean(f"“{quote}”"), style="not bold")
            shown.append("\n").append_text(_cut(line, self.size.width))
        for title, texts in (("Include", code.include), ("Exclude", code.exclude)):
            if texts:
                shown.append(f"\n{title}: ", style="bold")
                shown.append(clean("; ".join(texts)))
        return shown

    def _asked_code(self) -> Code | None:
        """Return the code that the list is for, where none is in hand."""
        if self.review.entry or not self.review.asked_code:
            return None
        with contextlib.suppress(CodebookError):
            return self.review.study.codebook.code(self.review.asked_code)
        return None

    def _near(self) -> Sequence[tuple[Item, Span]]:
        """Return the passages of the coder most like what is suggested."""
        entry = self.review.entry
        return entry.hunch.near if entry and entry.hunch else ()

    def _line(self, entry: Entry, name: str, pointer: str, room: int) -> Text:
        mark, verdict = _MARKS[entry.verdict], entry.verdict
        note = f"  note “{entry.own.note}”" if entry.own and entry.own.note else ""
        told = [one.rule for one in entry.suggestion.evidence] if entry.suggestion else []
        hunch = entry.hunch
        if hunch and hunch.kind == "doubtful":
            mark, verdict = "~", f"{verdict}, doubtful"
        elif hunch and entry.is_undecided:
            mark = f"{mark}~" if entry.suggestion else "~"
            verdict = hunch.word or "ranked"
        if hunch:
            told += [self.review.transcript.quote(one) for one in hunch.words]
        line = Text(clean(f"{pointer} {mark} {name} ({verdict})"), style=_STYLES[entry.verdict])
        left = self.size.width - line.cell_len - len("  “”")  # a long name leaves less
        quote = _cut(Text(clean(" ".join(entry.quote.split()))), max(min(room, left), 1))
        line.append("  “").append_text(quote).append("”")
        rest = Text(clean(" ".join(f"{note}  {', '.join(told)}".split("\n"))), style="dim")
        left = self.size.width - line.cell_len
        return line.append_text(_cut(rest, left)) if left > len("  …") else line

    # -- what is done -------------------------------------------------------------------------------------------------

    def _do(self, what: Callable[[], object]) -> bool:
        """Do something, and show what came of it only when it is on disk; tell whether it was done."""
        place = self.review.position
        try:
            told = what()
        except QualcodeError as error:
            self.show(_tell(error))
            return False
        self.show(told if isinstance(told, str) else "")
        if self.review.position != place or what == self._widen:
            self._scroll_to_words()
        return True

    def _scroll_to_words(self) -> None:
        """Begin at the segment where the context fills the screen, else at the context."""
        text = self.query_one("#text", VerticalScroll)
        if self._width == 1:
            text.scroll_home(animate=False)
        else:
            self.call_after_refresh(text.scroll_to_widget, self.query_one("#words"), animate=False, center=True)

    def action_act(self, name: str) -> None:
        """Do what needs no further word."""
        self._do(getattr(self, f"_{name}", None) or getattr(self.review, name))

    def _pick(self) -> str:
        self.review.pick()
        return self._tell_picks()

    def _pick_before(self) -> str:
        self.review.pick(-1)
        return self._tell_picks()

    def _keep_pick(self) -> str:
        self.review.keep_pick()
        return self._tell_picks()

    def _tell_picks(self) -> str:
        n_picks = len(self.review.picks)
        what = f"{n_picks} passages selected." if n_picks > 1 else "Selected."
        return f"{what} v: the next sentence, p: one more, [ ] {{ }}: trim, c: give a code, Esc: nothing."

    def _take_example(self) -> str:
        told, problems = self.review.take_example()
        return " ".join([told, *_tell_problems(problems)])

    def action_select(self, step: int) -> None:
        """Take another entry in hand."""
        self._do(lambda: None if self.review.is_done else self.review.select(step))

    def action_trim(self, edge: str, step: int) -> None:
        """Move an edge of the passage in hand, or of what is picked."""
        self._do(lambda: self.review.trim("start" if edge == "start" else "end", step))

    def action_choose(self, act: str) -> None:
        """Give the segment, what was picked, or the passage in hand a code."""
        what = "for your selection" if self.review.picks else "for this segment"
        question = f"Which code {what}?" if act == "apply" else "Which code instead?"
        self._ask_code(question, self.review.apply if act == "apply" else self.review.recode)

    def _ask_code(self, question: str, give: Callable[[str], str]) -> None:
        def done(code: str | NewName | None) -> None:
            if isinstance(code, NewName):
                self._ask_new(code.name, give)
            elif code and self._do(lambda: give(code)):
                self._last_code = code

        self._open(lambda: self.push_screen(ChooseCode(self.review.study.codebook, question, self._pins()), done))

    def _pins(self) -> tuple[str, ...]:
        return self.review.study.pins(self.review.coder)

    def action_digit(self, digit: int) -> None:
        """Give the code that is pinned to a digit."""
        code = self._pins()[digit - 1]
        if not code:
            self.show(f"No code is pinned to {digit}. # pins one.")
        elif self._do(lambda: self.review.apply(code)):
            self._last_code = code

    def action_pin(self) -> None:
        """Show what is on the digits, and pin a code to one of them, or take it away."""
        names = [code and name_code(self.review.study, code) for code in self._pins()]

        def chosen(told: int | None) -> None:
            if told is not None and told < 0:
                self._do(lambda: self._pin(-told, ""))
            elif told is not None:
                question = f"Which code on {told}?"
                picker = ChooseCode(self.review.study.codebook, question, self._pins())
                self.push_screen(picker, lambda code: self._pin_chosen(told, code))

        self._open(lambda: self.push_screen(Pins(names), chosen))

    def _pin_chosen(self, digit: int, code: str | NewName | None) -> None:
        if isinstance(code, NewName):
            self.show(f"“{code.name}” is not in the codebook. i makes a new code.")
        elif code:
            self._do(lambda: self._pin(digit, code))

    def _pin(self, digit: int, code: str) -> str:
        self.review.study.pin_code(self.review.coder, digit, code)
        return f"“{name_code(self.review.study, code)}” is on {digit}." if code else f"{digit} is free."

    def _ask_new(self, name: str, give: Callable[[str], str] | None = None) -> None:
        """Ask where a new code belongs and what it means; then it is in the codebook, and given."""

        def typed(told: tuple[str, str, str] | None) -> None:
            if told:
                name, under, definition = told
                self._do(lambda: self.review.add_code(name, under=under, definition=definition, give=give))

        self.push_screen(NewCode(self.review.study.codebook, name), typed)

    def _open(self, what: Callable[[], object]) -> None:
        """Open a dialog, unless there is nothing to ask about."""
        try:
            self.review.item  # noqa: B018  # at the end of the list there is none
            what()
        except QualcodeError as error:
            self.show(_tell(error))

    def action_again(self) -> None:
        """Give the code that was given last."""
        if not self._last_code:
            self.show("You have not given a code yet.")
            return
        self._do(lambda: self.review.apply(self._last_code))

    def action_code_words(self) -> None:
        """Give a code to some words of the segment."""
        self._ask_words(
            "Which words of the segment? Type them as they are written.",
            lambda words, span: self._ask_code(
                f"Which code for “{words}”?", lambda code: self.review.apply(code, spans=[span])
            ),
        )

    def action_reshape(self, act: str) -> None:
        """Cut words out of the coding in hand, add some, or move it, by what is picked or typed."""
        if self.review.picks:
            self._do(getattr(self.review, act))
            return
        self._ask_words(_RESHAPE[act], lambda _words, span: self._do(lambda: getattr(self.review, act)(span)))

    def _ask_words(self, question: str, then: Callable[[str, Span], object]) -> None:
        """Ask for words of the segment; those marked with the mouse are there already."""

        def typed(words: str | None) -> None:
            if words:
                try:
                    span = self.review.find_span(words)
                except QualcodeError as error:
                    self.show(_tell(error))
                else:
                    then(words, span)

        marked = " ".join((self.screen.get_selected_text() or "").split())
        self._open(lambda: self.push_screen(Ask(question, marked), typed))

    def action_note(self) -> None:
        """Put a note on the coding in hand; one that could not be written is there the next time."""

        def ask() -> None:
            entry = self.review.entry
            if entry is None or entry.own is None:
                self.review.write_note("")  # which says what is missing
                return
            key = f"note {self.review.item.address} {entry.code}"
            name = self.review.code.name if self.review.code else entry.code
            note = self._drafts.get(key, entry.own.note)
            dialog = AskLong if "\n" in note else Ask
            question = dialog(f"Note on “{name}”, “{shorten(entry.quote)}”:", note, keep=self._keep(key))
            self.push_screen(question, lambda text: self._write(key, text, self.review.write_note))

        self._open(ask)

    def action_memo(self) -> None:
        """Write a memo on what is picked, or on the segment, or change the one that is there."""

        def ask() -> None:
            memo, place = self.review.memo, self.review.place
            key, stands = f"memo {place}", memo.text.rstrip() if memo else ""
            title = f"Memo on {clean(name_place(self.review.study, place))}:"
            question = AskLong(title, self._drafts.get(key, stands), keep=self._keep(key))

            def typed(text: str | None) -> None:
                text = text if text and text.strip() else None
                self._write(key, text, lambda told: self.review.write_memo(told, instead_of=memo))

            self.push_screen(question, typed)

        self._open(ask)

    def _keep(self, key: str) -> Callable[[str], None]:
        def keep(text: str) -> None:
            self._drafts[key] = text

        return keep

    def action_why(self) -> None:
        """Show why the suggestion in hand is made."""
        self._open(lambda: self.push_screen(Show(self.review.tell_why())))

    def action_flag(self) -> None:
        """Mark what is picked, or the segment, to come back to it; what is marked is settled."""

        def ask() -> None:
            flag = self.review.open_flag
            if flag is not None:
                self._do(lambda: self.review.settle_flag(flag))
                return
            place = clean(name_place(self.review.study, self.review.place))
            question = f"Come back to {place}: why? May be left empty."
            self.push_screen(Ask(question), self._when_typed(self.review.flag))

        self._open(ask)

    def action_search(self) -> None:
        """Search the list for words."""
        question = "Search this list, as in a rule: mentor*, drop ... out, exact:CLAP"
        self._open(lambda: self.push_screen(Ask(question), self._when_typed(self.review.search)))

    def _when_typed(self, what: Callable[[str], str]) -> Callable[[str | None], None]:
        def typed(text: str | None) -> None:
            if text is not None:
                self._do(lambda: what(text))

        return typed

    def action_hit(self, step: int) -> None:
        """Go to the next hit, or the one before."""
        self._do(lambda: self.review.seek(step))

    def action_define(self) -> None:
        """Say anew what the code in hand stands for."""

        def ask() -> None:
            code = self.review.code
            if code is None:
                raise StudyError("The current code is not in the codebook.")
            key, saw = f"definition {code.id}", code.definition
            question = AskLong(f"What does “{code.name}” mean?", self._drafts.get(key, saw), keep=self._keep(key))
            self.push_screen(
                question, lambda text: self._write(key, text, lambda told: self.review.define(told, saw=saw))
            )

        self._open(ask)

    def _write(self, key: str, text: str | None, write: Callable[[str], object]) -> None:
        """Write what somebody typed; what could not be written is there when it is asked for again."""
        if text is None:
            return
        self._drafts[key] = text
        if self._do(lambda: write(text)):
            del self._drafts[key]

    def action_add_code(self) -> None:
        """Add a code to the codebook, and give it."""

        def ask() -> None:
            picked = self.review.picked
            self._ask_new(" ".join(self.review.transcript.quote(picked).split()) if picked else "")

        self._open(ask)

    def action_all(self) -> None:
        """Look through all undecided suggestions of the code in hand, and accept them together."""

        def ask() -> None:
            suggested = self.review.list_suggestions()
            code, name = (self.review.code.id, self.review.code.name) if self.review.code else ("", "")
            if not suggested:
                self.show(f"No suggestion of “{name}” in this list is undecided.")
                return

            def chosen(numbers: list[int] | None) -> None:
                if numbers:
                    self._do(lambda: self.review.accept_all([suggested[one] for one in numbers]))

            self.push_screen(ChooseSuggestions(suggested, code, name), chosen)

        self._open(ask)


def _cut(line: Text, n_columns: int) -> Text:
    """Return a line that fits into some columns; a Chinese character takes two."""
    line.truncate(n_columns, overflow="ellipsis")
    return line


def _mark(words: Text, segment: Segment, span: Span, style: str) -> None:
    start = segment.span.start
    words.stylize(style, max(0, span.start - start), max(0, span.end - start))


def _tell(error: QualcodeError) -> str:
    return " ".join(filter(None, [error.message, *_tell_problems(error.problems), error.hint]))


def _tell_problems(problems: Sequence[Problem]) -> list[str]:
    more = [f"And {len(problems) - _SHOWN_PROBLEMS} more."] if len(problems) > _SHOWN_PROBLEMS else []
    return [*(str(one) for one in problems[:_SHOWN_PROBLEMS]), *more]
