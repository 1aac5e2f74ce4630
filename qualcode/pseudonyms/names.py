"""Where names of a key stand in a text: as written, in other spellings, in parts, misheard by a letter."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from qualcode.pseudonyms.folding import find_words, fold, is_han, list_words
from qualcode.pseudonyms.words import CAPITALISED, NAMES_THAT_ARE_WORDS, OPENERS, TITLES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from qualcode.pseudonyms.folding import FoldedText
    from qualcode.pseudonyms.key import KeyEntry

NameRule = Literal["name", "word", "part", "misheard"]
"""Why something was taken for a name: it is one; one that is a word as well; a part of one; one letter away."""

Reach = Literal["written", "alike"]
"""How far a name is looked for: as it is written, or parts and misheard spellings as well."""

_GAP = re.compile(r"[\s_.'’·・•‧&/-]{0,3}")
_NARROW_GAP = re.compile(r"[^\S\n]?[_.'’·・•‧&-]?[^\S\n]?")
_OPENING, _CLOSING = "([{<“‘„«「『【《", ")]}>”’»」』】》"
_NO_SLIPS = CAPITALISED | NAMES_THAT_ARE_WORDS | OPENERS
_TITLES = frozenset(one.casefold() for one in TITLES)
_SHORTEST_PART, _SHORTEST_HEARD, _LONGEST_SHORT = 3, 3, 4
_SHORTEST_LIKE_HAN = 3
_LITERAL = re.compile(r"[\d@/\\:?#=+]")
_PERSONS = frozenset({"person", "name", "participant", "people"})


@dataclass(frozen=True, slots=True)
class Hit:
    """A name in a text.

    Attributes
    ----------
    start, end
        Where, in code points.
    entry
        Which name of the key.
    rule
        Why it was taken for it.
    """

    start: int
    end: int
    entry: KeyEntry
    rule: NameRule


@dataclass(frozen=True, slots=True)
class _Form:
    words: tuple[str, ...]
    entry: KeyEntry
    rule: NameRule
    gaps: tuple[str, ...] = ()
    """What the name itself has before, between and behind its words: “ (” and “)” in “Belgium (Flanders)”."""


class NameFinder:
    """Finds the names of a key.

    Parameters
    ----------
    entries
        The names.
    reach
        ``written``: names as they are written, whatever case, width, accents and script. ``alike``: parts of persons'
        names and spellings one letter away as well, as a check needs them.
    known
        Names of which it is known what they are, and that are no slips for others.
    """

    def __init__(self, entries: Iterable[KeyEntry], *, reach: Reach = "written", known: Iterable[str] = ()) -> None:
        entries = tuple(entries)
        self._by_word: dict[str, list[_Form]] = {}
        self._literals = _compile_literals(entries)
        whole = [form for one in entries if not _is_literal(one) for form in _whole_forms(one)]
        forms = whole + ([form for one in entries for form in _part_forms(one)] if reach == "alike" else [])
        taken: set[tuple[str, ...]] = set()
        for form in forms:
            if form.words and form.words not in taken:
                taken.add(form.words)
                self._by_word.setdefault(form.words[0], []).append(form)
        for one in self._by_word.values():
            one.sort(key=lambda form: -len(form.words))
        self._known = {
            words[0] for words in map(tuple, map(list_words, known)) if len(words) == 1
        } | self._by_word.keys()
        self._heard = _Heard(forms, self._known) if reach == "alike" else None
        self._gap = _GAP if reach == "alike" else _NARROW_GAP

    def find(self, text: str) -> list[Hit]:
        """Return the names in a text, in its order; where several overlap, the longest.

        Examples
        --------
        >>> from qualcode.pseudonyms import KeyEntry, NameFinder
        >>> finder = NameFinder([KeyEntry("Ann", "person", "[P1]"), KeyEntry("Anna", "person", "[P2]")])
        >>> [(hit.start, hit.end, hit.entry.bare) for hit in finder.find("Anna met ANN’s aunt.")]
        [(0, 4, 'P2'), (9, 12, 'P1')]
        """
        folded = fold(text)
        found = [*self._find_words(text, folded), *self._find_literals(folded)]
        return _choose(found)

    def _find_words(self, text: str, folded: FoldedText) -> Iterator[Hit]:
        words = list(find_words(folded.text))
        keys = [word[0] for word in words]
        for place, key in enumerate(keys):
            for form in self._by_word.get(key, ()):
                last = self._match(folded.text, words, keys, place, form)
                if last is None:
                    continue
                start, end = folded.locate(*_embrace(folded.text, words[place].start(), words[last].end(), form))
                if not _is_weak(form) or text[start].isupper():
                    yield Hit(start, end, form.entry, form.rule)
                    break
        if self._heard is not None:
            yield from self._heard.find(text, folded, words)

    def _match(
        self, folded: str, words: Sequence[re.Match[str]], keys: Sequence[str], place: int, form: _Form
    ) -> int | None:
        """Return the place of the last word of a name that begins at a word, or ``None``."""
        for step in range(1, len(form.words)):
            at = place + step
            if at >= len(keys) or keys[at] != form.words[step]:
                return None
            end, start = words[at - 1].end(), words[at].start()
            if (
                not self._gap.fullmatch(folded, end, start)
                and _squeeze(folded[end:start]) not in form.gaps[step : step + 1]
            ):
                return None
        return place + len(form.words) - 1

    def _find_literals(self, folded: FoldedText) -> Iterator[Hit]:
        for pattern, entry in self._literals:
            for match in pattern.finditer(folded.text):
                yield Hit(*folded.locate(*match.span()), entry, "name")


def _embrace(folded: str, start: int, end: int, form: _Form) -> tuple[int, int]:
    """Return a name with the bracket or quotation mark that it begins or ends with, where the text has it too."""
    if not form.gaps:
        return start, end
    opening, closing = form.gaps[0], form.gaps[-1]
    if start and opening and opening in _OPENING and folded.startswith(opening, start - 1):
        start -= 1
    if closing and closing in _CLOSING and folded.startswith(closing, end):
        end += 1
    return start, end


def _squeeze(text: str) -> str:
    return " ".join(text.split()) if text.strip() else " "


def _is_weak(form: _Form) -> bool:
    """Tell whether a name is a word as well, and counts only with a capital."""
    return len(form.words) == 1 and not is_han(form.words[0]) and form.words[0] in NAMES_THAT_ARE_WORDS


def _is_literal(entry: KeyEntry) -> bool:
    return bool(_LITERAL.search(entry.real)) or not list_words(entry.real)


def _compile_literals(entries: Iterable[KeyEntry]) -> list[tuple[re.Pattern[str], KeyEntry]]:
    """Return patterns for addresses, numbers and the like, which are found whatever blanks stand in them."""
    return [(_compile_literal(fold(one.real.strip()).text), one) for one in entries if _is_literal(one)]


def _compile_literal(words: str) -> re.Pattern[str]:
    parts: list[str] = []
    for before, mark in zip(f" {words}", words, strict=False):
        if mark.isspace() or (mark in "-()" and re.search(r"\d", words)):
            parts.append(r"[\s().-]*" if not parts or parts[-1] != r"[\s().-]*" else "")
        else:
            parts.append((r"[\s().-]{0,2}" if before.isdigit() and mark.isdigit() else "") + re.escape(mark))
    body = "".join(parts)
    start = r"(?<![^\W_])" if words[0].isalnum() else ""
    return re.compile(start + body + (r"(?![^\W_])" if words[-1].isalnum() else ""))


def _whole_forms(entry: KeyEntry) -> Iterator[_Form]:
    words = tuple(list_words(entry.real))
    rule: NameRule = "word" if len(words) == 1 and words[0] in NAMES_THAT_ARE_WORDS else "name"
    yield _Form(words, entry, rule, _list_gaps(entry.real))
    if len(words) > 1 and not any(map(is_han, words)):
        yield _Form(("".join(words),), entry, rule)  # as names of files have it: AnaSouza


def _list_gaps(real: str) -> tuple[str, ...]:
    """Return what a name has before its first word, between its words, and behind the last."""
    folded = fold(real.strip()).text
    edges = [0, *(edge for word in find_words(folded) for edge in word.span()), len(folded)]
    return tuple(
        _squeeze(folded[start:end]) if end > start else "" for start, end in zip(edges[::2], edges[1::2], strict=True)
    )


def _part_forms(entry: KeyEntry) -> Iterator[_Form]:
    """Yield the parts of a person's name that would be known by themselves."""
    words = list_words(entry.real)
    if entry.kind.casefold() not in _PERSONS or len(words) < 2 or _is_literal(entry):  # noqa: PLR2004
        return
    if all(map(is_han, words)):
        if len(words) >= _SHORTEST_PART:
            yield _Form(tuple(words[1:]), entry, "part")  # the given name
        return
    for word in words:
        if len(word) >= _SHORTEST_PART and word not in NAMES_THAT_ARE_WORDS | _TITLES | CAPITALISED:
            yield _Form((word,), entry, "part")


def _choose(hits: Collection[Hit]) -> list[Hit]:
    """Return hits that do not overlap, the longest first; of one length, whole names before likenesses."""
    order = {"name": 0, "word": 1, "part": 2, "misheard": 3}
    chosen: list[Hit] = []
    taken: set[int] = set()
    for hit in sorted(hits, key=lambda one: (-(one.end - one.start), order[one.rule], one.start)):
        if taken.isdisjoint(range(hit.start, hit.end)):
            taken.update(range(hit.start, hit.end))
            chosen.append(hit)
    return sorted(chosen, key=lambda one: one.start)


# -- one letter away --------------------------------------------------------------------------------------------------


def shorten_by_one(word: str) -> set[str]:
    """Return a word, and what is left of it without any one letter."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


@lru_cache(maxsize=65536)
def is_one_edit(one: str, other: str) -> bool:
    """Tell whether two words differ in one letter more, fewer or other, or in two that are swapped.

    Examples
    --------
    >>> from qualcode.pseudonyms import is_one_edit
    >>> is_one_edit("souza", "sousa"), is_one_edit("brian", "brain"), is_one_edit("ana", "anna"), is_one_edit("a", "a")
    (True, True, True, False)
    """
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    if len(one) == len(other):
        places = [at for at, (first, second) in enumerate(zip(one, other, strict=True)) if first != second]
        if len(places) == 1:
            return True
        is_pair = len(places) == 2 and places[1] == places[0] + 1  # noqa: PLR2004
        return is_pair and one[places[0]] == other[places[1]] and one[places[1]] == other[places[0]]
    longer, shorter = sorted((one, other), key=len, reverse=True)
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


class _Heard:
    """Spellings of names that are one letter away, with a capital."""

    def __init__(self, forms: Iterable[_Form], known: Collection[str]) -> None:
        self._known = known
        self._near: dict[str, list[_Form]] = {}
        self._han: dict[tuple[str, ...], list[_Form]] = {}
        for form in forms:
            if form.entry.kind.casefold() not in _PERSONS:
                continue
            if all(map(is_han, form.words)):
                if len(form.words) >= _SHORTEST_LIKE_HAN:
                    for at in range(len(form.words)):
                        self._han.setdefault((*form.words[:at], "", *form.words[at + 1 :]), []).append(form)
            elif len(form.words) == 1 and len(form.words[0]) >= _SHORTEST_HEARD and not _is_weak(form):
                for short in shorten_by_one(form.words[0]):
                    self._near.setdefault(short, []).append(form)
        self._found: dict[str, _Form | None] = {}
        self._lengths = sorted({len(words) for words in self._han})

    def find(self, text: str, folded: FoldedText, words: Sequence[re.Match[str]]) -> Iterator[Hit]:
        """Yield what may be a name that was misheard."""
        for place, word in enumerate(words):
            if self._han and is_han(word[0]):
                yield from self._find_han(folded, words, place)
                continue
            form = self._lookup(word[0])
            if form is None:
                continue
            start, end = folded.locate(*word.span())
            if text[start].isupper():
                yield Hit(start, end, form.entry, "misheard")

    def _lookup(self, word: str) -> _Form | None:
        if word not in self._found:
            near = (form for short in shorten_by_one(word) for form in self._near.get(short, ()))
            self._found[word] = next((form for form in near if self._is_like(word, form.words[0])), None)
        return self._found[word]

    def _is_like(self, word: str, name: str) -> bool:
        if word in self._known or word in _NO_SLIPS or len(word) < _SHORTEST_HEARD:
            return False
        # Of short names most neighbours are other names and words: only a letter more, or less, behind the first.
        if max(len(word), len(name)) <= _LONGEST_SHORT and (len(word) == len(name) or word[0] != name[0]):
            return False
        return is_one_edit(word, name)

    def _find_han(self, folded: FoldedText, words: Sequence[re.Match[str]], place: int) -> Iterator[Hit]:
        for length in self._lengths:
            run = words[place : place + length]
            if len(run) < length or run[-1].end() - run[0].start() != length:
                continue
            marks = tuple(one[0] for one in run)
            for at in range(length):
                for form in self._han.get((*marks[:at], "", *marks[at + 1 :]), ()):
                    if form.words != marks and is_han(marks[at]):
                        yield Hit(*folded.locate(run[0].start(), run[-1].end()), form.entry, "misheard")
