"""The keys of the page: one table for its bindings, its help and the documentation.

The letters are those of the review in the terminal. Letters are acts, digits are codes.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """What some keys do.

    Attributes
    ----------
    keys
        As a browser names them (``event.key``), with ``Shift+`` before arrows.
    act
        What the page does.
    shown
        How help and documentation write them.
    words
        What they do, in words.
    """

    keys: tuple[str, ...]
    act: str
    shown: str
    words: str


KEYS: tuple[Key, ...] = (
    Key(("v",), "sentence-next", "v", "pick the next sentence"),
    Key(("V",), "sentence-before", "V", "pick the sentence before"),
    Key(("[",), "start-later", "[", "begin a word later"),
    Key(("]",), "start-earlier", "]", "begin a word earlier"),
    Key(("{",), "end-earlier", "{", "end a word earlier"),
    Key(("}",), "end-later", "}", "end a word later"),
    Key(("Shift+ArrowRight", "Shift+ArrowDown"), "pick-more", "Shift →", "pick a word more"),
    Key(("Shift+ArrowLeft", "Shift+ArrowUp"), "pick-less", "Shift ←", "pick a word less"),
    Key(("ArrowDown", "j"), "turn-next", "↓ j", "next turn"),
    Key(("ArrowUp", "k"), "turn-before", "↑ k", "turn before"),
    Key(("Enter", "ArrowRight"), "read", "Enter →", "read, go on"),
    Key((".",), "skip", ".", "go on without “read”"),
    Key(("ArrowLeft",), "back", "←", "back"),
    Key(("1", "2", "3", "4", "5", "6", "7", "8", "9"), "digit", "1–9", "give the pinned code"),
    Key(("c",), "palette", "c", "give a code: filter, Enter"),
    Key(("e",), "again", "e", "give the last code again"),
    Key(("i",), "new-code", "i", "new code, named by the picked words"),
    Key(("a",), "accept", "a", "accept the suggestion"),
    Key(("r",), "reject", "r", "refuse, or remove your code"),
    Key(("x",), "recode", "x", "other code, the note stays"),
    Key(("=",), "move", "=", "move the coding to the picked words"),
    Key(("-",), "cut", "-", "cut the picked words out of it"),
    Key(("+",), "extend", "+", "add the picked words to it"),
    Key(("n",), "note", "n", "note on the coding"),
    Key(("m",), "memo", "m", "memo on the passage or turn"),
    Key(("b",), "flag", "b", "come back to this"),
    Key(("d",), "define", "d", "definition of the code"),
    Key(("t",), "example", "t", "take the passage as an example"),
    Key(("u",), "undo", "u", "undo"),
    Key(("U",), "redo", "U", "redo"),
    Key(("/",), "search", "/", "search"),
    Key(("f",), "focus", "f", "only the code in hand"),
    Key(("g",), "hit-next", "g", "next hit or passage"),
    Key(("G",), "hit-before", "G", "hit or passage before"),
    Key((" ",), "play", "Space", "play the recording from here"),
    Key(("Escape",), "drop", "Esc", "pick nothing"),
    Key(("?",), "help", "?", "these keys"),
)


def list_keys() -> list[list[object]]:
    """Return the keys as a page takes them: keys, act, how they are written, words."""
    return [[list(one.keys), one.act, one.shown, one.words] for one in KEYS]


def format_table() -> str:
    """Return the keys as a table in Markdown, for the documentation."""
    cells = [f"| {f'`{one.shown}`'} | {one.words} |" for one in KEYS]
    return "\n".join(["| key | what it does |", "|---|---|", *cells])
