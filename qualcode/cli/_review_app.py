"""The screen of ``qualcode review``. What an act does stands in :mod:`qualcode.reviewing`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from qualcode.errors import QualcodeError
from qualcode.reviewing import search_codes

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType

    from qualcode.model import Segment
    from qualcode.reviewing import Entry, Review

_MARKS = {"suggested": "?", "accepted": "✓", "rejected": "✗", "applied": "+"}
_STYLES = {"suggested": "bold", "accepted": "green", "rejected": "dim strike", "applied": "green"}
_CONTEXT_LINES = 2
"""Of a neighbouring segment that are shown, about."""
_MAX_ITEMS = 50

HELP = """\
a  accept            r  reject, or remove one's own
c  add a code        x  give the passage another code
s  code typed words  v  pick a sentence for the next code
n  note              [ ] begin a word later or earlier
m  memo              { } end a word earlier or later
u  undo              Esc  pick nothing
→ Enter  next (looked at)    .  skip (not looked at)
←  back              ↑ ↓ choose an entry
PgUp PgDn  scroll    q  quit
Everything is on disk before the screen changes."""


class _Ask(ModalScreen[str | None]):
    """Asks for a line of text."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "cancel")]
    CSS = "_Ask { align: center middle; } _Ask Vertical { width: 76; height: auto; border: solid $accent; }"

    def __init__(self, question: str, value: str = "") -> None:
        super().__init__()
        self.question, self.value = question, value

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Vertical(Static(self.question, markup=False), Input(self.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the line back."""
        self.dismiss(event.value)

    def action_leave(self) -> None:
        """Give nothing back."""
        self.dismiss(None)


class _Choose(ModalScreen[str | None]):
    """Finds a code by some of its letters."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "cancel"),
        Binding("down", "step(1)", show=False, priority=True),
        Binding("up", "step(-1)", show=False, priority=True),
    ]
    CSS = (
        "_Choose { align: center middle; } _Choose Vertical { width: 76; height: 20; border: solid $accent; }"
        "_Choose OptionList { height: 1fr; }"
    )

    def __init__(self, review: Review, question: str) -> None:
        super().__init__()
        self.review, self.question = review, question

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Vertical(Static(self.question, markup=False), Input(placeholder="some letters of a code"), OptionList())

    def on_mount(self) -> None:
        """Begin with all codes."""
        self._fill("")

    def _fill(self, words: str) -> None:
        codebook = self.review.study.codebook
        found = search_codes(codebook, words)[:_MAX_ITEMS]
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options(
            [Option(Text.assemble((code.name, "bold"), f"  {codebook.path(code.id)}"), id=code.id) for code in found]
        )
        options.highlighted = 0 if found else None

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search anew."""
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        """Take the highlighted code."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self.dismiss(options.get_option_at_index(options.highlighted).id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the code that was clicked."""
        self.dismiss(event.option.id)

    def action_step(self, step: int) -> None:
        """Move the highlight while the letters keep the focus."""
        options = self.query_one(OptionList)
        if options.option_count:
            options.highlighted = ((options.highlighted or 0) + step) % options.option_count

    def action_leave(self) -> None:
        """Give nothing back."""
        self.dismiss(None)


class ReviewApp(App[None]):
    """One segment at a time, in its context, with what the rules suggest and what the codes mean.

    Parameters
    ----------
    review
        The coder's way through the segments.
    """

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #head { height: 1; background: $accent; color: $text; }
    #text { height: 1fr; min-height: 6; }
    #entries { height: auto; max-height: 6; border-top: solid $accent; }
    #code { height: auto; max-height: 8; border-top: solid $accent; }
    #foot { height: auto; max-height: 2; background: $panel; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "act('accept')"),
        Binding("r", "act('reject')"),
        Binding("c", "choose('apply')"),
        Binding("x", "choose('recode')"),
        Binding("s", "code_words"),
        Binding("v", "act('pick')"),
        Binding("escape", "select(0)"),
        Binding("n", "note"),
        Binding("m", "memo"),
        Binding("u", "undo"),
        Binding("right,enter,l,space", "act('next')"),
        Binding("left,h,backspace", "act('back')"),
        Binding("full_stop", "act('skip')"),
        Binding("up,k", "select(-1)", priority=True),
        Binding("down,j", "select(1)", priority=True),
        Binding("left_square_bracket", "trim('start',1)"),
        Binding("right_square_bracket", "trim('start',-1)"),
        Binding("left_curly_bracket", "trim('end',-1)"),
        Binding("right_curly_bracket", "trim('end',1)"),
        Binding("pagedown", "scroll(1)", priority=True),
        Binding("pageup", "scroll(-1)", priority=True),
        Binding("question_mark", "help"),
        Binding("q", "quit"),
    ]

    def __init__(self, review: Review) -> None:
        super().__init__()
        self.review = review
        self.message = ""

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Static(id="head", markup=False)
        yield VerticalScroll(Static(id="words", markup=False), id="text", can_focus=False)
        yield Static(id="entries", markup=False)
        yield Static(id="code", markup=False)
        yield Static(id="foot", markup=False)

    def on_mount(self) -> None:
        """Show the first segment."""
        self.show()

    # -- what is seen ---------------------------------------------------------------------------------------------

    def show(self, message: str = "") -> None:
        """Show the segment that is looked at, and a word about what was done."""
        review = self.review
        place = f"{min(review.position + 1, len(review.items))}/{len(review.items)}"
        where = "the end" if review.is_done else review.item.address
        self.query_one("#head", Static).update(f" {where}   {place}   {review.coder}")
        self.query_one("#words", Static).update(self._end() if review.is_done else self._words())
        self.query_one("#entries", Static).update("" if review.is_done else self._entries())
        self.query_one("#code", Static).update("" if review.is_done else self._code())
        keys = " a accept  r reject  c code  → next  ← back  u undo  ? keys  q quit"
        self.query_one("#foot", Static).update(
            Text(f" {message}" if message else keys, style="bold" if message else "")
        )

    def _end(self) -> Text:
        return Text("You are through the list. ← goes back, q quits.", style="bold")

    def _words(self) -> Text:
        before, after = self.review.context()
        shown = Text()
        if before is not None:
            shown.append(self._neighbour(before, from_end=True) + "\n\n", style="dim")
        shown.append_text(self._segment())
        if after is not None:
            shown.append("\n\n" + self._neighbour(after, from_end=False), style="dim")
        return shown

    def _neighbour(self, segment: Segment, *, from_end: bool) -> str:
        words = self.review.transcript.quote(segment.span)
        words = " ".join(words.split())
        room = _CONTEXT_LINES * max(self.size.width - 6, 20)
        while cell_len(words) > room:
            n_surplus = max(1, (cell_len(words) - room) // 2)
            words = words[n_surplus:] if from_end else words[:-n_surplus]
        is_whole = len(words) == len(" ".join(self.review.transcript.quote(segment.span).split()))
        words = words if is_whole else f"…{words}" if from_end else f"{words}…"
        return f"{segment.speaker}: {words}" if segment.speaker else words

    def _segment(self) -> Text:
        """Return the segment with the passage in hand underlined and its evidence marked."""
        segment, entry = self.review.segment, self.review.entry
        shown = Text(f"{segment.speaker}: ", style="bold") if segment.speaker else Text()
        words = Text(self.review.transcript.quote(segment.span))
        picked = self.review.picked
        if picked is not None:
            words.stylize("reverse", max(0, picked.start - segment.span.start), picked.end - segment.span.start)
        elif entry is not None:
            self._mark(words, segment, entry)
        return shown.append_text(words)

    def _mark(self, words: Text, segment: Segment, entry: Entry) -> None:
        start = segment.span.start
        words.stylize("underline", max(0, entry.span.start - start), max(0, entry.span.end - start))
        coding = entry.suggestion or entry.own
        for one in coding.evidence if coding else ():
            for span in one.spans:
                if span.overlaps(segment.span):
                    words.stylize("bold reverse", max(0, span.start - start), span.end - start)

    def _entries(self) -> Text:
        entries, codebook = self.review.entries, self.review.study.codebook
        names = {code.id: code.name for code in codebook.walk()}
        shown = Text(overflow="ellipsis", no_wrap=True)
        if not entries:
            shown.append("No code here. c gives one to the segment, s to some of its words.", style="dim")
        selected = min(self.review.selected, max(len(entries) - 1, 0))
        first = max(0, selected - 4)
        for number, entry in enumerate(entries[first : first + 5], start=first):
            pointer = "▶" if number == selected else " "
            line = f"{pointer} {_MARKS[entry.verdict]} {names.get(entry.code, entry.code)} ({entry.verdict})"
            note = f"  “{entry.own.note}”" if entry.own and entry.own.note else ""
            rules = ", ".join(one.rule for one in entry.suggestion.evidence) if entry.suggestion else ""
            shown.append(line, style=_STYLES[entry.verdict])
            shown.append(f"{note}  {rules}" + ("\n" if number + 1 < min(len(entries), first + 5) else ""), style="dim")
        return shown

    def _code(self) -> Text:
        code = self.review.code
        if code is None:
            return Text("")
        shown = Text.assemble((code.name, "bold"), f": {code.definition}" if code.definition else "")
        for title, texts in (("Include", code.include), ("Exclude", code.exclude)):
            if texts:
                shown.append(f"\n{title}: ", style="bold")
                shown.append("; ".join(texts))
        return shown

    # -- what is done ---------------------------------------------------------------------------------------------

    def _do(self, what: Callable[[], object], told: str = "") -> None:
        """Do something, and show what came of it only when it is on disk."""
        place = self.review.position
        try:
            what()
        except QualcodeError as error:
            self.show(f"{error.message} {error.hint}".strip())
        else:
            self.show(told)
        if self.review.position != place:
            self.query_one("#text", VerticalScroll).scroll_home(animate=False)

    def action_act(self, name: str) -> None:
        """Accept, reject, or go somewhere."""
        told = {
            "accept": "Accepted.",
            "reject": "Rejected.",
            "pick": "Picked. v: the next sentence, [ ] { }: trim, c: give a code, Esc: nothing.",
        }.get(name, "")
        self._do(getattr(self.review, name), told)

    def action_select(self, step: int) -> None:
        """Take another entry in hand."""
        if not self.review.is_done:
            self.review.select(step)
        self.show()

    def action_trim(self, edge: str, step: int) -> None:
        """Move an edge of the passage in hand."""
        self._do(lambda: self.review.trim("start" if edge == "start" else "end", step))

    def action_undo(self) -> None:
        """Take back the latest act."""
        told: list[str] = []
        self._do(lambda: told.append(self.review.undo()))
        if told:
            self.show(f"Taken back: {told[0]}.")

    def action_choose(self, act: str) -> None:
        """Give the segment, what was picked, or the passage in hand a code."""
        if self.review.is_done:
            return
        what = "for what you picked" if self.review.picked else "for this segment"
        question = f"Which code {what}?" if act == "apply" else "Which code instead?"

        def done(code: str | None) -> None:
            if code:
                self._do(lambda: getattr(self.review, act)(code), "Coded.")

        self.push_screen(_Choose(self.review, question), done)

    def action_code_words(self) -> None:
        """Give a code to some words of the segment."""
        if self.review.is_done:
            return

        def typed(words: str | None) -> None:
            if not words:
                return
            try:
                span = self.review.find_span(words)
            except QualcodeError as error:
                self.show(f"{error.message} {error.hint}")
                return

            def done(code: str | None) -> None:
                if code:
                    self._do(lambda: self.review.apply(code, span=span), "Coded.")

            self.push_screen(_Choose(self.review, f"Which code for “{words}”?"), done)

        marked = " ".join((self.screen.get_selected_text() or "").split())  # with the mouse
        self.push_screen(_Ask("Which words of the segment? Type them as they are written.", marked), typed)

    def action_note(self) -> None:
        """Put a note on the coding in hand."""

        def typed(note: str | None) -> None:
            if note is not None:
                self._do(lambda: self.review.write_note(note), "Noted.")

        self.push_screen(_Ask("Note on this coding:"), typed)

    def action_memo(self) -> None:
        """Write a memo on the segment."""
        if self.review.is_done:
            return

        def typed(text: str | None) -> None:
            from qualcode.study.memos import write_memo

            if text:
                self._do(lambda: write_memo(self.review.study, self.review.item.address, text), "Memo written.")

        self.push_screen(_Ask(f"Memo on {self.review.item.address}:"), typed)

    def action_scroll(self, step: int) -> None:
        """Show more of a long segment."""
        text = self.query_one("#text", VerticalScroll)
        text.scroll_relative(y=step * max(text.size.height - 2, 1), animate=False)

    def action_help(self) -> None:
        """Show the keys."""
        self.query_one("#words", Static).update(HELP)
