"""Words that every message needs: plurals, lists, shortened passages, and the name that somebody may have meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHOWN = 40
"""Characters of a passage that a message shows."""

MANY = 1000
"""From so many cases on, a percentage has a decimal; of fewer it would say more than is known."""


def plural(number: int, word: str, words: str = "") -> str:
    """Return a number with its noun.

    Examples
    --------
    >>> plural(1, "coding"), plural(1200, "coding"), plural(2, "memo of his", "memos of his")
    ('1 coding', '1,200 codings', '2 memos of his')
    """
    if number == 1:
        return f"1 {word}"
    ending = "ies" if word.endswith("y") and word[-2:-1] not in set("aeiou") else "s"
    return f"{number:,} {words or (word[:-1] if ending == 'ies' else word) + ending}"


def join(words: Sequence[str], last: str = "and") -> str:
    """Return a list as a sentence has it.

    Examples
    --------
    >>> join(["ana", "ben", "chi"]), join(["ana", "ben"], "or"), join(["ana"])
    ('ana, ben and chi', 'ana or ben', 'ana')
    """
    if len(words) <= 1:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def shorten(text: str, length: int = SHOWN) -> str:
    """Return a text on one line, of so many characters at the most.

    Examples
    --------
    >>> shorten("We could  never find a date.", 14)
    'We could neve…'
    """
    line = " ".join(text.split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def suggest(name: str, known: Iterable[str]) -> str:
    """Return ``Did you mean “…”?`` with the known name that is most like one that is not known; ``""`` if none is.

    Examples
    --------
    >>> suggest("Anna", ["ana", "ben"]), suggest("zoe", ["ana"])
    ('Did you mean “ana”?', '')
    """
    names = {one.casefold(): one for one in reversed(list(known))}
    nearest = get_close_matches(name.casefold(), names, n=1, cutoff=0.6)
    return f"Did you mean “{names[nearest[0]]}”?" if nearest else ""


def percent(part: float, whole: int) -> str:
    """Return a share of a base in percent, without a decimal where the base is small, and ``–`` of nothing.

    Examples
    --------
    >>> percent(2, 3), percent(2, 3000), percent(0, 0)
    ('67', '0.1', '–')
    """
    return f"{100 * part / whole:.{1 if whole >= MANY else 0}f}" if whole else "–"
