"""The keys of the screens: one table for the bindings, the help on the screen, and the documentation."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Key:
    """What a key does.

    Attributes
    ----------
    keys
        As Textual names them, with commas between.
    action
        As Textual takes it.
    shown
        How help and documentation write the key; ``""``: with the key before it.
    words
        What it does.
    """

    keys: str
    action: str
    shown: str = ""
    words: str = ""


REVIEW = (
    Key("a", "act('accept')", "a", "accept the suggestion"),
    Key("r", "act('reject')", "r", "reject, or remove your code"),
    Key("x", "choose('recode')", "x", "other code, the note stays"),
    Key("A", "all", "A", "all undecided of this code"),
    Key("w", "why", "w", "why it is suggested"),
    Key("c", "choose('apply')", "c", "give a code"),
    Key("e", "again", "e", "give the last code again"),
    Key("1", "digit(1)", "1-9 #", "give a pinned code; pin one"),
    *(Key(str(digit), f"digit({digit})") for digit in range(2, 10)),
    Key("number_sign", "pin"),
    Key("s", "code_words", "s", "code typed words"),
    Key("n", "note", "n", "note on the coding"),
    Key("m", "memo", "m", "memo on passage, segment"),
    Key("b", "flag", "b", "come back; b again settles"),
    Key("v", "act('pick')", "v V", "next/previous sentence"),
    Key("V", "act('pick_before')"),
    Key("p", "act('keep_pick')", "p", "keep it, select the next"),
    Key("escape", "act('drop_picks')", "Esc", "select nothing"),
    Key("left_square_bracket", "trim('start',1)", "[ ]", "start a word later, earlier"),
    Key("right_square_bracket", "trim('start',-1)"),
    Key("left_curly_bracket", "trim('end',-1)", "{ }", "end a word earlier, later"),
    Key("right_curly_bracket", "trim('end',1)"),
    Key("minus", "reshape('cut')", "-", "cut words out of the coding"),
    Key("plus", "reshape('extend')", "+", "add words to it"),
    Key("equals_sign", "reshape('move')", "=", "move it to other words"),
    Key("i", "add_code", "i", "new code from the selection"),
    Key("d", "define", "d", "redefine the code"),
    Key("t", "act('take_example')", "t", "use passage as example"),
    Key("u", "act('undo')", "u U", "undo, redo"),
    Key("U", "act('redo')"),
    Key("slash", "search", "/", "search the list"),
    Key("f", "act('focus')", "f", "passages of this code"),
    Key("g", "hit(1)", "g G", "next/previous hit or passage"),
    Key("G", "hit(-1)"),
    Key("z", "act('widen')", "z", "more context, or less"),
    Key("right,enter,l,space", "act('next')", "→ Enter", "next (looked at)"),
    Key("full_stop", "act('skip')", ".", "skip (not looked at)"),
    Key("left,h,backspace", "act('back')", "←", "back"),
    Key("up,k", "select(-1)", "↑ ↓", "choose a code"),
    Key("down,j", "select(1)"),
    Key("pagedown", "scroll(1)", "PgUp PgDn", "scroll"),
    Key("pageup", "scroll(-1)"),
    Key("question_mark", "help", "?", "these keys"),
    Key("q", "quit", "q", "quit"),
)

ADJUDICATION = (
    Key("y,a", "act('yes')", "y a", "it belongs: take it over"),
    Key("n,r", "act('no')", "n r", "it does not"),
    Key("c", "instead", "c", "neither, but another code"),
    Key("w", "why", "w", "say why, then answer"),
    Key("s", "act('later')", "s", "leave it for later"),
    Key("u", "undo", "u U", "undo, redo"),
    Key("U", "redo"),
    Key("left,h,backspace,up,k", "go_back", "←", "back"),
    Key("right,enter,l,space,down,j", "go_on", "→ Enter", "next; at the end, open ones"),
    Key("pagedown", "scroll(1)", "PgUp PgDn", "scroll"),
    Key("pageup", "scroll(-1)"),
    Key("question_mark", "help", "?", "these keys"),
    Key("q", "quit", "q", "quit"),
)


def format_help(keys: Sequence[Key]) -> str:
    """Return the keys and what they do, in two columns that fit a terminal of 80."""
    lines = [f"{key.shown:<10}{key.words:<27}" for key in keys if key.shown]
    half = (len(lines) + 1) // 2
    rows = zip_longest(lines[:half], lines[half:], fillvalue="")
    return "\n".join(" ".join(row).rstrip() for row in rows)
