"""Words that every message needs: plurals, lists, shortened passages, and the name that somebody may have meant."""

from __future__ import annotations

import re
import unicodedata
from difflib import get_close_matches
from math import floor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

SHOWN = 40
"""Characters of a passage that a message shows."""

_SHORT = 2
"""Characters of a name, such as F1, of which one may be wrong."""

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


def typed(name: object) -> str:
    """Return a name as it is typed in a shell of any system: in quotation marks, where it has blanks or signs.

    Examples
    --------
    >>> typed("P07"), typed("data/my study"), typed("陳姐.txt"), typed("3$ each")
    ('P07', '"data/my study"', '陳姐.txt', "'3$ each'")
    """
    text = str(name)
    if _PLAIN.fullmatch(text):
        return text
    mark = "'" if set(text) & set('"$`!') and "'" not in text else '"'
    return f"{mark}{text}{mark}"


_PLAIN = re.compile(r"[\w./\\:+%@=…]+[\w./\\:+%@=…-]*")


def shorten(text: str, length: int = SHOWN, *, measure: Callable[[str], int] = len) -> str:
    """Return a text on one line, of so many characters at the most, or of whatever is measured.

    Examples
    --------
    >>> shorten("We could  never find a date.", 14)
    'We could neve…'
    """
    line = " ".join(text.split())
    if measure(line[: length + 1]) <= length >= len(line):
        return line
    end = next(end for end in range(length - 1, -1, -1) if not end or measure(line[:end]) < length)
    return f"{line[:end]}…"


def suggest(name: str, known: Iterable[str], *, shown: Mapping[str, str] | None = None) -> str:
    """Return ``Did you mean “…”?`` with the known name that is most like one that is not known; ``""`` if none is.

    Parameters
    ----------
    name
        What is not known. Capitals, blanks and full-width forms make no difference.
    known
        Names that there are.
    shown
        What to show for a name, where that is not the name itself.

    Examples
    --------
    >>> suggest("Anna", ["ana", "ben"]), suggest("zoe", ["ana"]), suggest("time", ["Time"], shown={"Time": "plan/time"})
    ('Did you mean “ana”?', '', 'Did you mean “plan/time”?')
    """
    names = {loosen(one): one for one in reversed(list(known))}
    wanted = loosen(name)
    nearest = get_close_matches(wanted, names, n=1, cutoff=0.5 if len(wanted) <= _SHORT else 0.6)
    if not nearest:
        return ""
    found = names[nearest[0]]
    return f"Did you mean “{shown.get(found, found) if shown else found}”?"


def loosen(name: str) -> str:
    """Return a name in the form in which spellings that mean the same are equal: case, width and blanks apart."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def percent(part: float, whole: int) -> str:
    """Return a share of a base in percent, without a decimal where the base is small, and ``–`` of nothing.

    Halves are rounded up, as readers and spreadsheets do; Python's own way would give 12 for 1 of 8.

    Examples
    --------
    >>> percent(2, 3), percent(2, 3000), percent(1, 8), percent(0, 0)
    ('67', '0.1', '13', '–')
    """
    if not whole:
        return "–"
    decimals = 1 if whole >= MANY else 0
    return f"{floor(100 * part / whole * 10**decimals + 0.5) / 10**decimals:.{decimals}f}"
