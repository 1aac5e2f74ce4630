"""The screen of ``qualcode adjudicate``. What an answer does stands in :mod:`qualcode.reviewing`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.containers import VerticalScroll

from qualcode.cli._dialogs import Ask, ChooseCode, Dialog, NewCode, NewName
from qualcode.cli._keys import ADJUDICATION
from qualcode.cli._screen import SegmentApp
from qualcode.cli._terminal import clean
from qualcode.errors import QualcodeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType

    from qualcode.reviewing import Adjudication, Verdict


class AdjudicateApp(SegmentApp):
    """One difference at a time, in its segment, with what both coders said.

    Parameters
    ----------
    adjudication
        The differences.
    """

    KEYS = ADJUDICATION
    BINDINGS: ClassVar[list[BindingType]] = [Binding(key.keys, key.action, show=False) for key in ADJUDICATION]
    MIDDLE = "readings"
    HINT = " y take it over  n do not  c neither  w why  s later  u undo  ← back  ? keys"

    def __init__(self, adjudication: Adjudication) -> None:
        super().__init__()
        self.adjudication = adjudication
        self._why = ""

    def show(self, message: str = "") -> None:
        """Show the difference that is looked at, and a word about what was done."""
        try:
            parts = self._end() if self.adjudication.is_done else self._parts()
        except QualcodeError as error:
            parts = Text(f"{error.message} {error.hint}"), Text(), Text()
        self.lay(self._head(), parts, f"{message} {self.adjudication.progress}." if message else "")

    def _head(self) -> str:
        work = self.adjudication
        place = f"{min(work.position + 1, len(work.items))}/{len(work.items)}"
        where = "the end" if work.is_done else f"{work.item.transcript}:{work.item.segment}"
        return clean(f" {where}   {place}   {' and '.join(work.coders)}   {work.progress}")

    def _end(self) -> tuple[Text, Text, Text]:
        left = " → goes to what is open." if self.adjudication.n_open else ""
        return Text(f"You have reached the end of the list.{left} ← goes back, q quits.", style="bold"), Text(), Text()

    def _parts(self) -> tuple[Text, Text, Text]:
        work, segment = self.adjudication, self.adjudication.segment
        words = Text(f"{clean(segment.speaker)}: ", style="bold") if segment.speaker else Text()
        quote = Text(clean(work.transcript.quote(segment.span)))
        for coding in work.item.codings:
            start = segment.span.start
            quote.stylize("underline", max(0, coding.span.start - start), max(0, coding.span.end - start))
        lines = [clean(line) for reading in work.readings for line in work.describe_reading(reading)]
        readings = Text("\n".join([*lines, *filter(None, [work.describe_verdict()])]))
        return words.append_text(quote), readings, self._code()

    def _code(self) -> Text:
        work = self.adjudication
        known = {code.id: code for code in work.study.codebook.walk()}
        code = known.get(work.item.code)
        if code is None:
            return Text(f"Does “{clean(work.item.code)}” belong here?", style="bold")
        shown = Text(f"Does “{clean(code.name)}” belong here?", style="bold")
        shown.append(f" {clean(code.definition)}", style="none")
        return shown.append(f"\nReason: {clean(self._why)}" if self._why else "", style="dim")

    def _do(self, what: Callable[[], object]) -> None:
        try:
            told = what()
        except QualcodeError as error:
            self.show(f"{error.message} {error.hint}".strip())
        else:
            self.show(told if isinstance(told, str) else "")
        self.query_one("#text", VerticalScroll).scroll_home(animate=False)

    def action_act(self, verdict: str) -> None:
        """Answer."""
        self._answer("yes" if verdict == "yes" else "no" if verdict == "no" else "later")

    def _answer(self, verdict: Verdict, instead: str = "") -> None:
        """Answer with the reason that was typed, which is kept until an answer took it."""

        def answer() -> str:
            told = self.adjudication.answer(verdict, instead=instead, why=self._why)
            self._why = "" if verdict != "later" else self._why
            return told

        self._do(answer)

    def action_instead(self) -> None:
        """Answer that neither is right, but another code, which may be a new one."""

        def chosen(code: str | NewName | None) -> None:
            if isinstance(code, NewName):
                self.push_screen(NewCode(self.adjudication.study.codebook, code.name), made)
            elif code:
                self._answer("no", code)

        def made(told: tuple[str, str, str] | None) -> None:
            if told:
                self._answer_new(*told)

        self._ask(lambda: ChooseCode(self.adjudication.study.codebook, "Neither: which code belongs here?"), chosen)

    def _answer_new(self, name: str, under: str, definition: str) -> None:
        """Add a code, and answer with it; when that fails, the code is in the codebook all the same."""
        try:
            code = self.adjudication.add_code(name, under=under, definition=definition)
        except QualcodeError as error:
            self.show(f"{error.message} {error.hint}".strip())
        else:
            self._answer("no", code)

    def action_why(self) -> None:
        """Take the reason for the next answer."""

        def typed(text: str | None) -> None:
            self._why = self._why if text is None else " ".join(text.split())
            self.show()

        self._ask(lambda: Ask("Why? The log keeps it with your next answer.", self._why), typed)

    def _ask(self, make: Callable[[], Dialog[Any]], then: Callable[[Any], None]) -> None:
        """Open a dialog, unless there is nothing to answer."""
        try:
            self.adjudication.item  # noqa: B018  # at the end of the list there is none
            dialog = make()
        except QualcodeError as error:
            self.show(f"{error.message} {error.hint}".strip())
        else:
            self.push_screen(dialog, then)

    def action_undo(self) -> None:
        """Take the last answer back."""
        self._do(self.adjudication.undo)

    def action_redo(self) -> None:
        """Do it again."""
        self._do(self.adjudication.redo)

    def action_go_back(self) -> None:
        """Go back by one."""
        self._do(self.adjudication.back)

    def action_go_on(self) -> None:
        """Go on; at the end, to what is open."""
        self._do(self.adjudication.begin_again if self.adjudication.is_done else self.adjudication.forward)
