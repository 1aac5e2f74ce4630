"""Candidates for pseudonyms: what may be a name, with kind, count, places and a replacement. A person decides."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qualcode.outputs import pack_as_anywhere
from qualcode.pseudonyms.folding import fold, is_han, list_words
from qualcode.pseudonyms.key import COLUMNS, KeyEntry, check_place, encode_table, write_private
from qualcode.pseudonyms.names import NameFinder, is_one_edit, shorten_by_one
from qualcode.pseudonyms.patterns import find_patterns
from qualcode.pseudonyms.words import (
    CAPITALISED,
    ENDINGS,
    HAN_ENDINGS,
    HAN_KINDS,
    HAN_TITLES,
    NAMES_THAT_ARE_WORDS,
    NICKNAMES,
    NO_BEGINNINGS,
    NO_NAMES,
    NO_PLACES,
    OPENERS,
    SURNAMES,
    TITLES,
)

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from qualcode.pseudonyms.key import Key

CANDIDATE_COLUMNS = (*COLUMNS, "count", "why", "places")
"""The columns of a table of candidates; in ``keep``, ``no`` decides to replace a name, and ``yes`` to leave it."""

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_BREAK = re.compile(r"[.?!…:;\"“”()\[\]—–-]\s*\Z|\n\s*\Z")
_LINKS = frozenset({"of", "de", "da", "do", "dos", "del", "la", "van", "von", "der", "bin", "al"})
_GENERIC = re.compile(
    r"(?:[a-z]{0,3}[\s_-]*\d+|speaker\b.*|participant\b.*|person\b.*|interview\w*\b.*|p\d+.*|transcript\w*|unknown|r\d*|i\d*)\Z"
)
_ROLES = ("interviewer", "interviewee", "participant", "researcher", "moderator", "facilitator", "respondent")
_HAN_ROLES = frozenset(
    """
    訪問員 访问员 訪談者 访谈者 受訪者 受访者 被訪者 被访者 主持 主持人 研究員 研究员 記者 记者 學生 学生 老師 老师
    """.split()  # noqa: SIM905
)
_TITLED = re.compile(
    rf"\b(?:{'|'.join(TITLES)})\b\.?\s+([^\W\d_a-z][^\W\d_]+(?:['’-][^\W\d_]+)*(?:\s+[^\W\d_a-z][^\W\d_]+)?)"
)
_HAN_TITLED = re.compile(rf"([{''.join(sorted(SURNAMES))}](?:[\u4e00-\u9fff]{{2}})?)({HAN_TITLES})")
_HAN_ENDED = {kind: re.compile(rf"[\u4e00-\u9fff]{{1,8}}?(?:{endings})") for kind, endings in HAN_ENDINGS.items()}
_INITIALS = re.compile(r"(?<![\w.])(?:[A-Z]\.\s?){2,4}")
_SHOWN = 5
_COMMON = 2
"""From so many times on, a word with a capital that only ever begins sentences is proposed."""


@dataclass(frozen=True, slots=True)
class Given:
    """A stretch of text in which names are looked for.

    Attributes
    ----------
    place
        What a person knows it by, such as ``P07:s0004``.
    text
        Its words; best a sentence.
    """

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a name stands.

    Attributes
    ----------
    place, text
        As those of what was given.
    start, end
        In the text, in code points.
    """

    place: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """What may be a name.

    Attributes
    ----------
    real
        As it is written.
    kind
        What it seems to name.
    replacement
        What is proposed in its place.
    count
        How often it stands in the texts.
    why
        Why it is a candidate.
    places
        The first places.
    like
        The name of which it is another form, such as a part or a slip; ``""``: of none.
    """

    real: str
    kind: str
    replacement: str
    count: int
    why: str
    places: tuple[str, ...] = ()
    like: str = ""

    @property
    def row(self) -> dict[str, object]:
        """The candidate as a row of the table, undecided."""
        told = (self.real, self.kind, self.replacement, "", self.count, self.why, ", ".join(self.places))
        return dict(zip(CANDIDATE_COLUMNS, told, strict=True))


@dataclass(slots=True)
class _Found:
    """A candidate in the making: what it is, why, and whose other name it is."""

    real: str
    kind: str
    why: str
    rank: int
    like: str = ""


@dataclass(slots=True)
class _Corpus:
    """What is said, once gone through."""

    given: Sequence[Given]
    lower: Counter[str] = field(default_factory=Counter)
    inside: Counter[str] = field(default_factory=Counter)
    starting: Counter[str] = field(default_factory=Counter)
    phrases: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        for one in self.given:
            for words in _list_phrases(one.text, self):
                self.phrases[words] += 1


def _list_phrases(text: str, corpus: _Corpus) -> Iterator[str]:
    """Yield the runs of words with capitals, and count all words."""
    run: list[str] = []
    end = 0
    for match in _WORD.finditer(text):
        word = re.sub(r"['’]s\Z", "", match[0])
        is_start = not text[: match.start()].strip() or bool(
            _BREAK.search(text, max(0, match.start() - 3), match.start())
        )
        is_near = text[end : match.start()] == " " and word not in TITLES
        if run and not (is_near and not is_start):
            yield from _close(run)
            run = []
        if word in TITLES:
            pass
        elif match[0][:1].isupper():
            (corpus.starting if is_start else corpus.inside)[word] += 1
            run.append(word if not is_start else f"\0{word}")
        else:
            corpus.lower[match[0].casefold()] += 1
            if run and match[0] in _LINKS:
                run.append(match[0])
            elif run:
                yield from _close(run)
                run = []
        end = match.end() if word == match[0] and word not in TITLES else -1
    yield from _close(run)


def _close(run: list[str]) -> Iterator[str]:
    while run and run[-1] in _LINKS:
        run.pop()
    if run:
        yield " ".join(run)


def find_candidates(
    given: Iterable[Given], *, known: Mapping[str, str] | None = None, key: Key | None = None
) -> list[Candidate]:
    """Return what may be a name in texts, the surest first.

    Parameters
    ----------
    given
        The texts, best by sentences.
    known
        Names that are known from elsewhere, such as cases and labels of speakers, each with where from.
    key
        Names that are decided already: they are no candidates, but what resembles them is.

    Returns
    -------
    list of Candidate
        Known names first, then persons with titles, words with capitals, numbers and addresses, names of places,
        schools and organisations, spellings one letter away, initials and nicknames. Names of one person are proposed
        one replacement.

    Examples
    --------
    >>> from qualcode.pseudonyms import Given, find_candidates
    >>> said = [Given("P1:s0001", "Then I asked Dr Okafor, and Ana rang 2345 6789.")]
    >>> for one in find_candidates(said, known={"Ana": "a speaker"}):
    ...     print(one.real, one.kind, one.count, one.replacement, sep=" | ")
    Ana | person | 1 | [Person 1]
    Okafor | person | 1 | [Person 2]
    2345 6789 | phone | 1 | [Phone 1]
    """
    corpus = _Corpus(list(given))
    decided = {fold(one.real).text for one in key.entries} if key else set()
    found: dict[str, _Found] = {}
    for one in _find_all(corpus, dict(known or {}), key):
        name = fold(one.real).text
        if name not in decided and name not in found and one.real.strip():
            found[name] = one
    candidates = [KeyEntry(one.real, one.kind) for one in found.values()]
    spots = locate_names(corpus.given, [*(key.entries if key else ()), *candidates])
    places = {one.real: [spot.place for spot in spots[one.real]] for one in candidates}
    shown = [one for one in found.values() if places[one.real] or one.rank == 0]
    ordered = sorted(shown, key=lambda one: (one.rank, -len(places[one.real]), one.real))
    proposals = _propose(ordered, key)
    return [
        Candidate(
            one.real, one.kind, proposals[one.real], len(places[one.real]), one.why,
            tuple(dict.fromkeys(places[one.real]))[:_SHOWN], one.like,
        )
        for one in ordered
    ]  # fmt: skip


def _find_all(corpus: _Corpus, known: Mapping[str, str], key: Key | None) -> Iterator[_Found]:
    persons: dict[str, str] = {}
    for name, why in known.items():
        if not _is_generic(name):
            kind = _tell_kind(name)
            if kind in {"person", "name"}:
                persons[name] = name
            yield _Found(name, "person" if kind == "name" else kind, why, 0)
            yield from _find_parts(name, corpus)
    for one in key.replaced if key else ():
        if one.kind in {"person", "name"}:
            persons[one.real] = one.real
            yield from _find_parts(one.real, corpus)
    titled = list(_find_titled(corpus))
    persons.update({one.real: one.real for one in titled})
    yield from titled
    yield from _find_likenesses(corpus, list(persons))
    yield from _find_capitals(corpus)
    yield from _find_patterns(corpus)
    yield from _find_han(corpus)


def _is_generic(name: str) -> bool:
    """Tell whether a label or a name of a file names a role or a number, and no person."""
    words = list_words(name)
    if not words or name.strip() in _HAN_ROLES or all(one in CAPITALISED for one in words):
        return True
    is_role = len(words) == 1 and any(is_one_edit(words[0], one) for one in _ROLES)
    return is_role or len(name.strip()) == 1 or bool(_GENERIC.match(fold(name).text.strip()))


def _tell_kind(name: str) -> str:
    words = name.split()
    for kind, endings in ENDINGS.items():
        if len(words) > 1 and (words[-1].rstrip(".") in endings or (kind == "school" and words[0] in endings)):
            return kind
    for kind, endings_of in HAN_ENDINGS.items():
        if re.search(rf"(?:{endings_of})\Z", name):
            return kind
    return "name"


def _find_parts(name: str, corpus: _Corpus) -> Iterator[_Found]:
    """Yield parts of a full name, its short forms, and its initials, as far as they are said."""
    words = _WORD.findall(name)
    if not words or any(map(is_han, words)):
        if len(name) == 3 and all(map(is_han, name)):  # noqa: PLR2004
            yield _Found(name[1:], "person", "a part of a name", 1, name)
        return
    for word in words if len(words) > 1 else ():
        if (corpus.inside[word] or corpus.starting[word]) and not _is_generic(word):
            yield _Found(word, "person", "a part of a name", 1, name)
    for short in NICKNAMES.get(fold(words[0]).text, "").split():
        if corpus.inside[short.title()] or (corpus.starting[short.title()] and short not in NAMES_THAT_ARE_WORDS):
            yield _Found(short.title(), "person", "a short form of a name", 1, name)
    initials = "".join(word[0] for word in words if word[0].isupper())
    if len(initials) > 1:
        texts = {match[0].strip() for one in corpus.given for match in _INITIALS.finditer(one.text)}
        for written in sorted(texts):
            if re.sub(r"[\s.]", "", written) == initials:
                yield _Found(written, "person", "initials of a name", 1, name)


def _find_titled(corpus: _Corpus) -> Iterator[_Found]:
    for one in corpus.given:
        for match in _TITLED.finditer(one.text):
            words = match[1].split()
            if len(words) > 1 and fold(words[1]).text in CAPITALISED | corpus.lower.keys():
                words = words[:1]
            yield _Found(re.sub(r"['’]s\Z", "", " ".join(words)), "person", "behind a title", 1)


def _find_capitals(corpus: _Corpus) -> Iterator[_Found]:
    """Yield what has a capital inside sentences, and what begins several and never stands there without one."""
    for phrase in corpus.phrases:
        words = phrase.split(" ")
        if words[0].startswith("\0"):  # it begins a sentence: a capital says nothing
            first = words[0][1:]
            is_name = (
                len(words) > 1
                and not _is_plain(words[1], corpus)
                and not corpus.lower[first.casefold()]
                and not _is_common(first)
            )
            words = [first, *words[1:]] if is_name else words[1:]
        while words and (words[0] in _LINKS or _is_plain(words[0], corpus)):
            words.pop(0)
        while words and (words[-1] in _LINKS or _is_plain(words[-1], corpus)):
            words.pop()
        is_ending = all(any(word in one for one in ENDINGS.values()) for word in words)
        if words and not is_ending and not _is_masked(words):
            name = " ".join(words)
            kind = _tell_kind(name)
            is_short = name.isupper() and len(name) > 1
            why = "capital letters only" if is_short else "a capital inside a sentence"
            yield _Found(name, kind, why, 3 if is_short else 2)
    for word, number in corpus.starting.items():
        is_new = not corpus.inside[word] and not corpus.lower[word.casefold()]
        is_ordinary = _is_common(word) or word.casefold() in OPENERS
        if number >= _COMMON and is_new and not is_ordinary and len(word) > 2:  # noqa: PLR2004
            yield _Found(word, "name", "begins sentences, and is never written small", 5)


def _is_masked(words: Sequence[str]) -> bool:
    """Tell whether words were made unreadable, as in XXXX."""
    return len(set("".join(words).casefold())) == 1


def _is_common(word: str) -> bool:
    small = fold(word).text.replace("'", "")
    return small in CAPITALISED or small.removesuffix("s") in CAPITALISED or "'" in word or "’" in word


def _is_plain(word: str, corpus: _Corpus) -> bool:
    """Tell whether a word with a capital names nothing: it stands elsewhere without one."""
    small = word.casefold()
    if _is_common(word) or len(word) == 1:
        return True
    return (
        corpus.lower[small] > 0
        and small not in NAMES_THAT_ARE_WORDS
        and not any(word in one for one in ENDINGS.values())
    )


def _find_likenesses(corpus: _Corpus, names: Sequence[str]) -> Iterator[_Found]:
    """Yield words with capitals that are one letter away from names of persons."""
    near: dict[str, list[tuple[str, str]]] = {}
    for name in names:
        for word in list_words(name):
            for short in shorten_by_one(word) if len(word) > 2 and not is_han(word) else ():  # noqa: PLR2004
                near.setdefault(short, []).append((word, name))
    for written in sorted({*corpus.inside, *corpus.starting}):
        word = fold(written).text
        if corpus.lower[word] or _is_common(written) or word in OPENERS or len(word) < 3:  # noqa: PLR2004
            continue
        found = (pair for short in shorten_by_one(word) for pair in near.get(short, ()))
        like = next((name for one, name in found if is_one_edit(word, one)), "")
        if like:
            yield _Found(written, "person", "one letter away from a name", 1, like)


def _find_patterns(corpus: _Corpus) -> Iterator[_Found]:
    for one in corpus.given:
        for hit in find_patterns(one.text):
            yield _Found(hit.text, hit.kind, hit.rule, 4)


def _find_han(corpus: _Corpus) -> Iterator[_Found]:
    for one in corpus.given:
        for match in _HAN_TITLED.finditer(one.text):
            if match[0] not in NO_NAMES and match[0][-2:] not in NO_NAMES:
                yield _Found(match[0] if len(match[1]) == 1 else match[1], "person", "a surname and a title", 1)
        for kind, pattern in _HAN_ENDED.items():
            for match in pattern.finditer(one.text):
                name = re.sub(rf".*[{NO_BEGINNINGS}]", "", match[0])
                if len(name) > 2 and name not in NO_PLACES and name[-2:] not in NO_PLACES:  # noqa: PLR2004
                    yield _Found(name, kind, "ends like the name of one", 4)


def locate_names(given: Iterable[Given], names: Iterable[KeyEntry]) -> dict[str, list[Spot]]:
    """Return for each name where it stands; what lies in a longer name is a place of that one.

    Parameters
    ----------
    given
        The texts.
    names
        The names, each once.

    Returns
    -------
    dict
        By the name as it is written, in the order of the texts.

    Examples
    --------
    >>> from qualcode.pseudonyms import Given, KeyEntry, locate_names
    >>> said = [Given("P1:s0001", "Ana Souza knows Ana.")]
    >>> spots = locate_names(said, [KeyEntry("Ana Souza"), KeyEntry("Ana")])
    >>> [(name, [(one.start, one.end) for one in found]) for name, found in spots.items()]
    [('Ana Souza', [(0, 9)]), ('Ana', [(16, 19)])]
    """
    entries = tuple(names)
    spots: dict[str, list[Spot]] = {one.real: [] for one in entries}
    finder = NameFinder(entries)
    for one in given:
        for hit in finder.find(one.text):
            spots[hit.entry.real].append(Spot(one.place, one.text, hit.start, hit.end))
    return spots


def _propose(found: Sequence[_Found], key: Key | None) -> dict[str, str]:
    """Return a replacement for each candidate: numbered by kind, and one for all names of a person."""
    known = {one.real: one.replacement for one in key.replaced} if key else {}
    used = set(known.values())
    proposals: dict[str, str] = {}
    numbers: Counter[str] = Counter()
    for one in sorted(found, key=lambda one: bool(one.like)):
        like = known.get(one.like) or proposals.get(one.like)
        if like:
            proposals[one.real] = like
            continue
        kind = one.kind.capitalize()
        if any(map(is_han, one.real)) and one.kind in HAN_KINDS:
            kind = HAN_KINDS[one.kind]
        while True:
            numbers[kind] += 1
            proposal = f"[{kind}{'' if is_han(kind) else ' '}{numbers[kind]}]"
            if proposal not in used:
                break
        proposals[one.real] = proposal
    return proposals


def write_candidates(path: str | os.PathLike[str], candidates: Iterable[Candidate]) -> Path:
    """Write a table of candidates in which a person decides, as CSV or as a workbook (``.xlsx``).

    Parameters
    ----------
    path
        The file. It holds real names: where it may lie, :func:`check_place` says.
    candidates
        The candidates.

    Returns
    -------
    Path
        The file, which only its owner may read.

    Raises
    ------
    OutputError
        If it may not lie there, or cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from qualcode.pseudonyms import Candidate, write_candidates
    >>> with TemporaryDirectory() as folder:
    ...     path = write_candidates(f"{folder}/names.csv", [Candidate("Ana", "person", "[Person 1]", 3, "a speaker")])
    ...     print(path.read_text("utf-8-sig"), end="")
    real,kind,replacement,keep,count,why,places
    Ana,person,[Person 1],,3,a speaker,
    """
    target = check_place(path)
    rows = [CANDIDATE_COLUMNS, *(tuple(one.row.values()) for one in candidates)]
    data = _encode_workbook(rows) if target.suffix.lower() == ".xlsx" else b"\xef\xbb\xbf" + encode_table(rows)
    write_private(target, data)
    return target


def _encode_workbook(rows: Sequence[Sequence[object]]) -> bytes:
    import xlsxwriter

    stream = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(stream, options) as book:
        sheet = book.add_worksheet("names")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        sheet.set_column(0, 0, 28)
        sheet.set_column(2, 2, 20)
        sheet.set_column(5, 6, 36)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(1, len(rows) - 1), len(rows[0]) - 1)
        choices = {"validate": "list", "source": ["yes", "no"], "input_message": "no: replace it. yes: leave it."}
        sheet.data_validation(1, 3, max(1, len(rows) - 1), 3, choices)
    return pack_as_anywhere(stream.getvalue())
