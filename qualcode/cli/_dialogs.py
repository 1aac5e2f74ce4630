"""Questions that a screen asks: a line of text, a longer one, a code, a new code, many suggestions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual.app import ComposeResult  # noqa: TC002  # Textual reads the annotation
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import SuggestFromList
from textual.widgets import Input, OptionList, SelectionList, Static, TextArea
from textual.widgets.option_list import Option
from textual.widgets.selection_list import Selection

from qualcode.cli._terminal import clean
from qualcode.reviewing import search_codes
from qualcode.wording import plural, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.binding import BindingType

    from qualcode.codebook import Code, Codebook
    from qualcode.reviewing import Suggested

_MAX_ITEMS = 50
_QUOTE = 200
"""Characters of a passage in a list."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class NewName:
    """The name of a code that is not in the codebook yet."""

    name: str


class Dialog(ModalScreen["_T | None"], Generic[_T]):
    """Asks something over the screen; Escape leaves it without an answer."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "cancel")]
    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog > Vertical { width: 78; max-width: 100%; height: auto; max-height: 90%; border: solid $accent; }
    Dialog OptionList, Dialog SelectionList { height: auto; max-height: 16; }
    Dialog TextArea { height: 8; }
    Dialog VerticalScroll { height: auto; max-height: 100%; }
    Dialog #meaning { height: auto; max-height: 5; color: $text-muted; padding: 0 1; }
    """

    def action_leave(self) -> None:
        """Give nothing back."""
        self.dismiss(None)


class Show(Dialog[None]):
    """Shows a text until a key is pressed."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("question_mark,q,enter", "leave", "close")]

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Vertical(), VerticalScroll():
            yield Static(clean(self.text), markup=False)


def _forget(_: str) -> None:
    """Keep no draft."""


class Ask(Dialog[str]):
    """Asks for a line of text; ``keep`` takes what was typed when it is left."""

    def __init__(self, question: str, value: str = "", *, keep: Callable[[str], object] = _forget) -> None:
        super().__init__()
        self.question, self.value, self.keep = question, value, keep

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Vertical(Static(clean(self.question), markup=False), Input(clean(self.value)))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Give the line back."""
        self.dismiss(event.value)

    def action_leave(self) -> None:
        """Give nothing back; what was typed is a draft."""
        self.keep(self.query_one(Input).value)
        super().action_leave()


class AskLong(Dialog[str]):
    """Asks for a text of several lines; ``keep`` takes what was typed when it is left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+s,ctrl+enter", "save", "save", priority=True)]

    def __init__(self, question: str, value: str, *, keep: Callable[[str], object] = _forget) -> None:
        super().__init__()
        self.question, self.value, self.keep = question, value, keep

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Vertical(
            Static(clean(self.question), markup=False),
            TextArea(clean(self.value)),
            Static("Ctrl+S saves; Esc leaves, and the draft is here again.", markup=False),
        )

    def action_save(self) -> None:
        """Give the text back."""
        self.dismiss(self.query_one(TextArea).text)

    def action_leave(self) -> None:
        """Give nothing back; what was typed is a draft."""
        self.keep(self.query_one(TextArea).text)
        super().action_leave()


class ChooseCode(Dialog["str | NewName"]):
    """Finds a code by some of its letters, says what it means, and offers a new one of the name that was typed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "step(1)", show=False, priority=True),
        Binding("up", "step(-1)", show=False, priority=True),
    ]

    def __init__(self, codebook: Codebook, question: str, pins: Sequence[str] = ()) -> None:
        super().__init__()
        self.codebook, self.question, self.pins = codebook, question, pins

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Vertical(
            Static(clean(self.question), markup=False),
            Input(placeholder="type some letters of a code"),
            OptionList(),
            Static(id="meaning", markup=False),
        )

    def on_mount(self) -> None:
        """Begin with all codes."""
        self._fill("")

    def _fill(self, words: str) -> None:
        found = search_codes(self.codebook, words)[:_MAX_ITEMS]
        name = " ".join(words.split())
        is_new = name != "" and all(name.casefold() != code.name.casefold() for code in self.codebook.walk())
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([self._draw(code) for code in found])
        if is_new:
            options.add_option(Option(Content(f"new code “{clean(name)}” …")))
        options.highlighted = 0 if found or is_new else None
        self._explain()

    def _draw(self, code: Code) -> Option:
        digit = f"{self.pins.index(code.id) + 1} " if code.id in self.pins else "  " if self.pins else ""
        name = clean(code.name), "bold"
        return Option(Content.assemble(digit, name, f"  {self.codebook.path(code.id)}"), id=code.id)

    def _explain(self) -> None:
        """Say what the highlighted code means."""
        options = self.query_one(OptionList)
        code = options.highlighted is not None and options.get_option_at_index(options.highlighted).id
        told = self.codebook.code(code).definition if code else ""
        self.query_one("#meaning", Static).update(Content(clean(" ".join(told.split()))))

    def on_option_list_option_highlighted(self) -> None:
        """Say what it means."""
        self._explain()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search anew."""
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        """Take the highlighted code."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self._take(options.get_option_at_index(options.highlighted))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the code that was clicked."""
        self._take(event.option)

    def _take(self, option: Option) -> None:
        self.dismiss(option.id or NewName(" ".join(self.query_one(Input).value.split())))

    def action_step(self, step: int) -> None:
        """Move the highlight while the letters keep the focus."""
        options = self.query_one(OptionList)
        if options.option_count:
            options.highlighted = ((options.highlighted or 0) + step) % options.option_count


class Pins(Dialog[int]):
    """Shows the codes on the digits, and asks which digit; below zero: it becomes free."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(digit), f"take({digit})", show=False) for digit in range(1, 10)),
        Binding("delete,backspace,minus", "free", show=False),
    ]

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = names

    def compose(self) -> ComposeResult:
        """Lay out."""
        lines = (
            Content.assemble(f"{number} ", (clean(name), "bold") if name else ("free", "dim"))
            for number, name in enumerate(self.names, start=1)
        )
        yield Vertical(
            Static("Codes on the digits. Which one should change?", markup=False),
            OptionList(*map(Option, lines)),
            Static("Enter or a digit: choose its code. Delete: free it. Esc: leave all as it is.", markup=False),
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Take the digit that was chosen."""
        self.dismiss(event.option_index + 1)

    def action_take(self, digit: int) -> None:
        """Take a digit."""
        self.dismiss(digit)

    def action_free(self) -> None:
        """Free the digit."""
        highlighted = self.query_one(OptionList).highlighted
        if highlighted is not None:
            self.dismiss(-(highlighted + 1))


class NewCode(Dialog[tuple[str, str, str]]):
    """Asks for name, place and definition of a new code."""

    def __init__(self, codebook: Codebook, name: str) -> None:
        super().__init__()
        self.codebook, self.code_name = codebook, name

    def compose(self) -> ComposeResult:
        """Lay out."""
        paths = [self.codebook.path(code.id) for code in self.codebook.walk() if not code.is_retired]
        with Vertical():
            yield Static("A new code. Its name:", markup=False)
            yield Input(clean(self.code_name))
            yield Static("Under which code? Leave empty for the top. (→ completes)", markup=False)
            yield Input(suggester=SuggestFromList(paths, case_sensitive=False))
            yield Static("What does it mean? May be left empty.", markup=False)
            yield Input()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go on to the next line, or give all three back."""
        lines = list(self.query(Input))
        place = lines.index(event.input)
        if place + 1 < len(lines):
            lines[place + 1].focus()
        else:
            name, under, definition = (line.value for line in lines)
            self.dismiss((name, under, definition))


class ChooseSuggestions(Dialog[list[int]]):
    """Shows suggestions, to be accepted together; a code is named where it is not the one asked about."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("a", "accept", "accept")]

    def __init__(self, suggested: Sequence[Suggested], code: str, name: str) -> None:
        super().__init__()
        self.suggested, self.code, self.code_name = suggested, code, name

    def compose(self) -> ComposeResult:
        """Lay out."""
        question = f"{plural(len(self.suggested), 'undecided suggestion')} of “{self.code_name}”:"
        lines = [Content(clean(self._tell(one))) for one in self.suggested]
        yield Vertical(
            Static(clean(question), markup=False),
            SelectionList(*(Selection(line, number, initial_state=True) for number, line in enumerate(lines))),
            Static("a accepts what is marked; Space unmarks; Esc leaves all undecided.", markup=False),
        )

    def _tell(self, one: Suggested) -> str:
        code = "" if one.coding.code == self.code else f"{one.coding.code}  "
        return f"{one.item.address}  {code}{shorten(one.coding.quote, _QUOTE)}"

    def action_accept(self) -> None:
        """Give the numbers of those that are marked back."""
        self.dismiss(sorted(self.query_one(SelectionList).selected))
