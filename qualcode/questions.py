"""The language of questions to codings: a text such as ``scheduling near 2 turns turnover`` → :class:`Question`.

Grammar, with the loosest binding first; words of the language are not case-sensitive::

    question = either {("or" | "union") either}                        A or B
    either   = related {("and" | "intersect" | "not" | "less") related}   A and B, A not B, A and not B
    related  = one {["not"] relation one}                              A inside B, A not near 2 turns B
    one      = "not" one | "(" question ")" | code
             | ("one of" | "at least" N "of") "(" question {"," question} ")"
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NoReturn

from qualcode.errors import CodebookError, QueryError
from qualcode.language import count_columns
from qualcode.wording import join, plural, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qualcode.codebook import Codebook

Relation = Literal["touching", "inside", "around", "same place", "overlapping", "apart", "near", "then"]

RELATIONS: dict[Relation, tuple[str, ...]] = {
    "touching": ("touching", "touches", "touch"),
    "inside": ("if inside", "inside"),
    "around": ("if outside", "around", "encloses", "enclosing"),
    "same place": ("same place as", "same place", "equals", "equal"),
    "overlapping": ("overlapping", "overlaps", "overlap"),
    "apart": ("apart from", "apart"),
    "near": ("near",),
    "then": ("followed by", "then"),
}
"""The relations of two passages, each with the words for it; a longer one comes before what it begins with."""

_SETS = {
    "or": ("or", "union"),
    "and": ("and", "intersect"),
    "not": ("not", "less"),
    "one of": ("one of", "just one of", "just one"),
    "at least": ("at least",),
}
_KNOWN = [word for words in (*RELATIONS.values(), *_SETS.values()) for word in words]
_LONGEST = max(len(word.split()) for word in _KNOWN)
_QUOTES = {'"': '"', "'": "'", "‘": "’", "“": "”", "「": "」", "«": "»", "„": "“"}
_TOKEN = re.compile(rf"[(),]|{'|'.join(f'{a}[^{b}]*{b}?' for a, b in _QUOTES.items())}|[^\s(),]+")
_DEEPEST = 50
_MOST_TOKENS = 200
"""Parentheses within one another, and words in all: more is a slip, and would exhaust the stack."""


@dataclass(frozen=True, slots=True)
class Named:
    """The passages of a code and of all codes below it.

    Attributes
    ----------
    code, name
        Its id and its name.
    written
        The word by which it was found where that is neither its id nor its path nor its name.
    """

    code: str
    name: str
    written: str = ""


@dataclass(frozen=True, slots=True)
class Related:
    """The passages of ``left`` that stand in a relation to one of ``right``, or, negated, to none."""

    left: Question
    relation: Relation
    right: Question
    turns: int | None = None
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class Combined:
    """Two sets made one: ``and``, ``or``, ``not`` (the first without the second)."""

    left: Question
    how: Literal["and", "or", "not"]
    right: Question


@dataclass(frozen=True, slots=True)
class Without:
    """What is not in a set; only among segments and cases, which can be listed."""

    inner: Question


@dataclass(frozen=True, slots=True)
class Counted:
    """What is in exactly one, or in at least so many, of several sets."""

    how: Literal["one of", "at least"]
    number: int
    parts: tuple[Question, ...]


Question = Named | Related | Combined | Without | Counted


def parse_question(text: str, codebook: Codebook) -> Question:
    """Return what a text asks.

    Parameters
    ----------
    text
        The question, as in the grammar above. A code stands by its id, path or name; with blanks in it, in quotes.
    codebook
        Says which codes there are.

    Returns
    -------
    Question
        Its parts.

    Raises
    ------
    QueryError
        If it cannot be understood; the message shows the place.

    Examples
    --------
    >>> book = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> parse_question("scheduling near 2 turns turnover", book).turns
    2
    """
    return _Parser(unicodedata.normalize("NFC", text), codebook).parse()


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int

    @property
    def is_quoted(self) -> bool:
        return self.text[:1] in _QUOTES

    @property
    def word(self) -> str:
        """What it may be in the language; nothing when it is quoted."""
        return "" if self.is_quoted else self.text.casefold()


class _Parser:
    """A recursive descent over the tokens of a question."""

    def __init__(self, text: str, codebook: Codebook) -> None:
        marks = str.maketrans("（），、", "(),,")
        self.text = " ".join(text.split("\n"))
        self.tokens = [_Token(one[0], *one.span()) for one in _TOKEN.finditer(self.text.translate(marks))]
        self.codebook = codebook
        self.place = 0
        self.depth = 0

    def parse(self) -> Question:
        if not self.tokens:
            self._fail("The question is empty.", "Name a code, such as scheduling")
        if len(self.tokens) > _MOST_TOKENS:
            self.place = _MOST_TOKENS
            self._fail("The question is too long.", "Ask it in parts")
        found = self._question()
        if self.place < len(self.tokens):
            token = self.tokens[self.place]
            known = suggest(token.text, _KNOWN) if token.word not in _KNOWN else ""
            self._fail(f"“{token.text}” does not follow from what stands before it.", known or _HINT)
        return found

    def _question(self) -> Question:
        left = self._either()
        while self._take(_SETS["or"]):
            left = Combined(left, "or", self._either())
        return left

    def _either(self) -> Question:
        left = self._related()
        while True:
            if self._take(_SETS["and"]):
                how: Literal["and", "not"] = "not" if self._take(_SETS["not"]) else "and"
            elif self._take(_SETS["not"]):
                how = "not"
            else:
                return left
            left = Combined(left, how, self._related())

    def _related(self) -> Question:
        left = self._one()
        while True:
            begin = self.place
            is_negated = self._take(("not",))
            relation = next((one for one, words in RELATIONS.items() if self._take(words)), None)
            if relation is None:
                self.place = begin
                return left
            turns = self._turns(relation)
            left = Related(left, relation, self._one(), turns, is_negated)

    def _turns(self, relation: Relation) -> int | None:
        """Return the number of turns behind ``near`` or ``then within``."""
        if relation not in {"near", "then"} or (relation == "then" and not self._take(("within",))):
            return None
        turns = self._number(f"Write how many turns, such as {'near' if relation == 'near' else 'then within'} 2 turns")
        self._take(("turns", "turn"))
        return turns

    def _number(self, hint: str) -> int:
        word = self._peek()
        if not word.isdecimal() or len(word) > _DIGITS:
            self._fail("A number is missing here.", hint)
        self.place += 1
        return int(word)

    def _one(self) -> Question:
        self.depth += 1
        if self.depth > _DEEPEST:
            self._fail("The question is nested too deeply.", "Ask it in parts")
        try:
            return self._inner()
        finally:
            self.depth -= 1

    def _inner(self) -> Question:
        if self._take(_SETS["not"]):
            return Without(self._one())
        if self._take(_SETS["at least"]):
            number = self._number("Write how many, such as at least 2 of (a, b, c)")
            self._take(("of",))
            return self._counted("at least", number)
        if self._take(_SETS["one of"]):
            return self._counted("one of", 1)
        if self._take(("(",)):
            found = self._question()
            self._close()
            return found
        return self._named()

    def _counted(self, how: Literal["one of", "at least"], number: int) -> Counted:
        if not self._take(("(",)):
            words = how if how == "one of" else f"{how} {number} of"
            self._fail("A list is missing here.", f"Write it in parentheses: {words} (a, b)")
        parts = [self._question()]
        while self._take((",",)):
            parts.append(self._question())
        self._close()
        if not 1 <= number <= len(parts):
            self.place -= 1
            self._fail(f"The list has {plural(len(parts), 'part')}, so {number} of them cannot be met.", _HINT)
        return Counted(how, number, tuple(parts))

    def _close(self) -> None:
        if not self._take((")",)):
            self._fail("A closing parenthesis is missing here.", "Close what is open")

    def _named(self) -> Named:
        token = self.tokens[self.place] if self.place < len(self.tokens) else None
        if token is None or token.word in {")", ",", *_KNOWN}:
            found = f", not “{token.text}”" if token else ""
            self._fail(f"A code is missing here{found}.", "Put a code that is called like that in quotes")
        name = token.text
        if token.is_quoted:
            if len(name) == 1 or name[-1] != _QUOTES[name[0]]:
                self._fail("The quotation mark is not closed.", f"Write {_QUOTES[name[0]]} behind the code")
            name = name[1:-1].strip()
        code = self._find_code(name)
        self.place += 1
        return code

    def _find_code(self, name: str) -> Named:
        try:
            code = self.codebook.find(name)
        except CodebookError as error:
            return self._find_named(name, error)
        return Named(code.id, code.name)

    def _find_named(self, name: str, error: CodebookError) -> Named:
        """Return the only code that is called so, or the only one with the word in its id or name."""
        word, codes = name.casefold(), [*self.codebook.walk()]
        called = [one for one in codes if one.name.casefold() == word]
        found = called or [one for one in codes if word in {*one.id.split("-"), *one.name.casefold().split()}]
        if not found:
            self._fail(error.message, error.hint)
        if len(found) > 1:
            paths = join([self.codebook.path(one.id) for one in found], "or")
            self._fail(f"“{name}” may be several codes.", f"Write {paths}")
        return Named(found[0].id, found[0].name, "" if called else name)

    def _peek(self) -> str:
        return self.tokens[self.place].word if self.place < len(self.tokens) else ""

    def _take(self, phrases: tuple[str, ...]) -> bool:
        """Go past one of the phrases if it stands here; the first that fits."""
        words = [token.word for token in self.tokens[self.place : self.place + _LONGEST]]
        for phrase in phrases:
            wanted = phrase.split()
            if words[: len(wanted)] == wanted:
                self.place += len(wanted)
                return True
        return False

    def _fail(self, what: str, hint: str) -> NoReturn:
        """Raise with the question, and a caret below the place."""
        token = self.tokens[self.place] if self.place < len(self.tokens) else None
        start, end = (token.start, token.end) if token else (len(self.text), len(self.text) + 1)
        before, below = count_columns(self.text[:start]), max(count_columns(self.text[start:end]), 1)
        raise QueryError(what, hint=hint, picture=f"{self.text}\n{' ' * before}{'^' * below}")


_DIGITS = 6
_HINT = "Connect codes with and, or, not, inside, around, overlapping, near 2 turns, then within 2 turns …"

# --- in words ------------------------------------------------------------------------------------------------

_VERBS: dict[Relation, tuple[str, str]] = {
    "touching": ("share a character with", "share no character with"),
    "inside": ("lie inside", "do not lie inside"),
    "around": ("enclose", "do not enclose"),
    "same place": ("have the same place as", "do not have the same place as"),
    "overlapping": ("partly overlap", "do not partly overlap"),
    "apart": ("lie apart from", "do not lie apart from"),
    "near": ("are at most {turns} from", "are not within {turns} of"),
    "then": ("are followed{turns} by", "are not followed{turns} by"),
}


def walk(question: Question) -> Iterator[Question]:
    """Yield a question and all questions in it."""
    yield question
    match question:
        case Related(left=left, right=right) | Combined(left=left, right=right):
            yield from (*walk(left), *walk(right))
        case Counted(parts=parts):
            for part in parts:
                yield from walk(part)
        case Without(inner=inner):
            yield from walk(inner)


def describe(question: Question, *, unit: str = "coding") -> str:
    """Return a question in words.

    Parameters
    ----------
    question
        What :func:`parse_question` returned.
    unit
        What is asked for: ``coding`` (passages), or the name of a kind of segment, or ``case``.

    Returns
    -------
    str
        Without a full stop, to stand behind "Find".

    Examples
    --------
    >>> book = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> describe(parse_question("scheduling near 2 turns turnover", book))
    'passages of “Scheduling difficulties” that are at most 2 turns from any passage of “Personnel turnover”'
    >>> describe(parse_question("challenges not visibility", book), unit="case")
    "cases with “Challenges” and without “Visibility of students' achievements”"
    """
    return _passages(question) if unit == "coding" else f"{unit}s {_held(question)}"


def _passages(question: Question, noun: str = "passages") -> str:
    match question:
        case Named(name=name):
            return f"{noun} of “{name}”"
        case Related(left=left, relation=relation, right=right, turns=turns, is_negated=is_negated):
            return f"{_passages(left, noun)} that {_verb(relation, turns, is_negated=is_negated)} {_any(right)}"
        case Combined(left=left, how="or", right=right):
            return f"{_passages(left, noun)} or {_passages(right, noun)}"
        case Combined(left=left, how=how, right=right):
            return f"{_passages(left, noun)} that {_verb('touching', None, is_negated=how == 'not')} {_any(right)}"
        case Counted(how=how, number=number, parts=parts):
            several = "; ".join(_passages(part) for part in parts)
            exactly = f"{noun} with exactly one of ({several})"
            return exactly if how == "one of" else f"{noun} where at least {number} of ({several}) meet"
    return f"{noun} other than {_passages(question.inner)}"


def _any(question: Question) -> str:
    """Return the other side of a relation."""
    told = _passages(question, "any passage" if isinstance(question, Named) else "passages")
    return told if isinstance(question, Named) else f"({told})"


def _verb(relation: Relation, turns: int | None, *, is_negated: bool) -> str:
    distance = "" if turns is None else plural(turns, "turn")
    return _VERBS[relation][is_negated].format(
        turns=f" within {distance}" if relation == "then" and distance else distance
    )


def _held(question: Question) -> str:
    match question:
        case Combined(left=left, how="not", right=right):
            return f"{_held(left)} and {_held(Without(right))}"
        case Combined(left=left, how=how, right=right):
            return " ".join([_nest(left, how), how, _nest(right, how)])
        case Without(inner=inner):
            return f"without “{inner.name}”" if isinstance(inner, Named) else f"not ({_held(inner)})"
        case Counted(how=how, number=number, parts=parts):
            told = "; ".join(_held(part) for part in parts)
            return f"with exactly one of ({told})" if how == "one of" else f"with at least {number} of ({told})"
        case Named(name=name):
            return f"with “{name}”"
    return f"with {_passages(question)}"


def _nest(question: Question, how: str) -> str:
    """Return one side of ``and`` or ``or``, in parentheses where it would be read otherwise."""
    told = _held(question)
    return f"({told})" if isinstance(question, Combined) and question.how not in {how, "not"} else told
