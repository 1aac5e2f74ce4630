"""What the screens of review and adjudication share: a segment in its context, three parts, and a foot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rich.text import Text
from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Static

from qualcode.cli._dialogs import Show
from qualcode.cli._keys import format_help
from qualcode.cli._terminal import clean
from qualcode.progress import unwatched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.cli._keys import Key


class SegmentApp(App[None]):
    """One segment at a time; what is between its words and the code is the screen's own."""

    ENABLE_COMMAND_PALETTE = False
    CSS = """
    #head { height: 1; background: $accent; color: $text; }
    #text { height: 1fr; min-height: 6; }
    #before { padding-bottom: 1; }
    #after { padding-top: 1; }
    #entries { height: auto; max-height: 8; border-top: solid $accent; }
    #readings { height: auto; max-height: 10; border-top: solid $accent; }
    #code { height: auto; max-height: 8; border-top: solid $accent; }
    #foot { height: auto; max-height: 4; background: $panel; }
    """
    KEYS: ClassVar[Sequence[Key]]
    MIDDLE: ClassVar[str]
    """Name of the part between the words and the code."""
    HINT: ClassVar[str]
    """The keys in the foot, while there is nothing to tell."""

    def run(self, *args: Any, **kwargs: Any) -> None:
        """Take the whole terminal until one leaves."""
        with unwatched():
            super().run(*args, **kwargs)

    def compose(self) -> ComposeResult:
        """Lay out."""
        yield Static(id="head", markup=False)
        yield VerticalScroll(
            *(Static(id=name, markup=False) for name in ("before", "words", "after")), id="text", can_focus=False
        )
        yield Static(id=self.MIDDLE, markup=False)
        yield Static(id="code", markup=False)
        yield Static(id="foot", markup=False)

    def on_mount(self) -> None:
        """Show the first segment."""
        self.show()

    def show(self, message: str = "") -> None:
        """Show what is looked at, and a word about what was done."""
        raise NotImplementedError

    def lay(self, head: str, parts: tuple[Text, Text, Text], told: str) -> None:
        """Put words, middle and code on the screen, with what there is to tell."""
        self.query_one("#head", Static).update(head)
        for place, part in zip(("words", self.MIDDLE, "code"), parts, strict=True):
            self.query_one(f"#{place}", Static).update(part)
        foot = Text(f" {clean(told)}", style="bold") if told else Text(self.tell_keys())
        self.query_one("#foot", Static).update(foot)

    def tell_keys(self) -> str:
        """Return the keys in the foot, while there is nothing to tell."""
        return self.HINT

    def action_scroll(self, step: int) -> None:
        """Show more of a long segment."""
        text = self.query_one("#text", VerticalScroll)
        text.scroll_relative(y=step * max(text.size.height - 2, 1), animate=False)

    def action_help(self) -> None:
        """Show the keys."""
        self.push_screen(Show(f"{format_help(self.KEYS)}\nEverything is saved before the screen changes."))
