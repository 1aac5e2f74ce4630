"""The types of a codebook: codes in a tree, with their definitions, examples and rules."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING, Literal

from qualcode.errors import CodebookError
from qualcode.model import canonical_text
from qualcode.signs import escape
from qualcode.wording import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from qualcode.errors import Problem

RuleKind = Literal["term", "exact", "regex", "tokens", "any", "all"]
Window = int | Literal["sentence", "turn"]
Negation = Literal["count", "skip", "only"]

KINDS: tuple[RuleKind, ...] = ("term", "exact", "regex", "tokens", "all", "any")

LONGEST_ID = 40
"""Characters of an id that is made of a name, apart from a number."""


def to_slug(name: str) -> str:
    """Return an id made of a name: ``Time commitment`` gives ``time-commitment``.

    ``""`` when the name has letters that an id cannot hold, such as Chinese ones.
    """
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", name) if not unicodedata.combining(mark)).lower()
    if any(mark.isalpha() and not mark.isascii() for mark in plain):
        return ""
    return "-".join(re.findall(r"[a-z0-9]+", plain.replace("'", "").replace("’", "")))


def make_id(name: str, taken: Collection[str]) -> str:
    """Return an id for a new code that is not among those taken: ``time-commitment``, ``time-commitment-2``.

    A long name gives its first words. One with letters that an id cannot hold gives its words in a–z, or ``code``,
    with the beginning of the name's SHA-256: ``朋友`` is ``code-677aad`` wherever it is added, so that two people who
    add codes to their copies of a codebook never give one id to two names.
    """
    slug = to_slug(name)
    if not slug:
        words = (to_slug(word) for word in re.findall(r"\w+", unicodedata.normalize("NFKC", name)))
        digest = hashlib.sha256(unicodedata.normalize("NFC", name).casefold().encode()).hexdigest()
        slug = f"{_shorten_id('-'.join(filter(None, words))) or 'code'}-{digest[:6]}"
    else:
        slug = _shorten_id(slug)
    numbered = (f"{slug}-{number}" for number in count(2))
    return slug if slug not in taken else next(one for one in numbered if one not in taken)


def _shorten_id(slug: str) -> str:
    """Return the words of an id that come to no more than its usual length, at least the beginning of one."""
    if len(slug) <= LONGEST_ID:
        return slug
    return slug[: LONGEST_ID + 1].rpartition("-")[0] or slug[:LONGEST_ID]


@dataclass(frozen=True, slots=True)
class Term:
    """Something to look for in a text.

    Attributes
    ----------
    pattern
        The word, phrase or regular expression; of ``tokens`` the pattern in JSON; of a group its content in short.
    kind
        ``term``: matched on lemmas. ``exact``: the form as written. ``regex``: a regular expression. ``tokens``: a
        pattern for spaCy's Matcher. ``any`` and ``all``: a group of which one or every member must be there.
    terms
        The members of a group.
    within
        How near to one another all members must be: in so many words, in a sentence or in a turn.
    is_ordered
        Whether they must follow one another as given.
    language
        The only language whose texts it applies to; ``""`` for every one.
    where
        The place in the codebook.
    """

    pattern: str
    kind: RuleKind = "term"
    terms: tuple[Term, ...] = ()
    within: Window = "sentence"
    is_ordered: bool = False
    language: str = ""
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """When a passage is tagged with a code.

    Attributes
    ----------
    id
        Unique in its code; a readable form of the content where the codebook gives none.
    kind, pattern
        What is looked for, as in :class:`Term`.
    unless
        Terms that cancel the hit when one of them stands in the same window.
    where
        The place in the codebook, as in :class:`~qualcode.errors.Problem`.
    terms, is_ordered, language
        As in :class:`Term`.
    within
        The window: of the members of a group, and of ``unless`` and ``near``.
    near
        Terms of which one must stand in the same window.
    negated
        Whether a hit behind a negation counts: like any (``count``), never (``skip``), or alone (``only``).
    speakers
        Who must speak: pairs of ``("", who)``, with ``interviewee``, ``interviewer``, a label or a role, or of an
        attribute of the case and its value; one of them. Empty: anybody.
    question
        Terms of which one must stand in the question that the turn answers. Empty: any question.
    after, before
        Id or path of a code that must have a hit before, or after, in the same turn; ``""`` for none.
    """

    id: str
    kind: RuleKind
    pattern: str
    unless: tuple[Term, ...] = ()
    where: str = field(default="", compare=False)
    terms: tuple[Term, ...] = ()
    within: Window = "sentence"
    is_ordered: bool = False
    language: str = ""
    near: tuple[Term, ...] = ()
    negated: Negation = "count"
    speakers: tuple[tuple[str, str], ...] = ()
    question: tuple[Term, ...] = ()
    after: str = ""
    before: str = ""

    @property
    def term(self) -> Term:
        """What is looked for."""
        return Term(self.pattern, self.kind, self.terms, self.within, self.is_ordered, self.language, self.where)


@dataclass(frozen=True, slots=True)
class Example:
    """A passage that a code's rules must find, or must not.

    Attributes
    ----------
    text
        The passage.
    where
        The place in the codebook.
    """

    text: str
    where: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Code:
    """One code with all that lies below it.

    Attributes
    ----------
    id
        A slug, unique in the codebook, that never changes; :attr:`qualcode.model.Coding.code` holds it.
    name
        Name of the code in tables and figures.
    definition
        What the code means.
    include, exclude
        What belongs to it and what does not, in words for people.
    hits, misses
        Examples that its rules must find, and must not.
    colour
        ``#rrggbb``, or ``""`` for one chosen by the program.
    rules
        What tags a passage with it; none for a code that people give by hand.
    codes
        The codes below it.
    where
        The place in the codebook.
    is_retired
        Whether it is given no longer: it keeps its codings and has no rules.
    """

    id: str
    name: str
    definition: str = ""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    hits: tuple[Example, ...] = ()
    misses: tuple[Example, ...] = ()
    colour: str = ""
    rules: tuple[Rule, ...] = ()
    codes: tuple[Code, ...] = ()
    where: str = field(default="", compare=False)
    is_retired: bool = False

    def walk(self) -> Iterator[Code]:
        """Yield this code and all below it, in the order of the file."""
        yield self
        for code in self.codes:
            yield from code.walk()


@dataclass(frozen=True)
class Codebook:
    """A tree of codes.

    Attributes
    ----------
    name
        The title, or the file's name without its ending.
    description
        What the codebook is for.
    codes
        The codes at the top, the themes.
    file
        The file's name.
    digest
        SHA-256 of the file's bytes, in hexadecimal: names the version.
    problems
        What the reader wants the user to know; nothing that kept the codebook from being used.
    language
        Code of the language of its examples; ``""``: that of each is told by its letters.

    Examples
    --------
    >>> text = "codes: [{id: weather, name: Weather, codes: [{id: rain, name: Rain}, {id: sun, name: Sun}]}]"
    >>> codebook = qualcode.parse_codebook(text)
    >>> [code.name for code in codebook.walk()]
    ['Weather', 'Rain', 'Sun']
    """

    name: str
    description: str = ""
    codes: tuple[Code, ...] = ()
    file: str = ""
    digest: str = ""
    problems: tuple[Problem, ...] = field(default=(), compare=False)
    language: str = ""

    @cached_property
    def _paths(self) -> dict[str, str]:
        """Path of every code by id, in the order of the file."""
        return dict(_walk_paths(self.codes, ""))

    @cached_property
    def _codes(self) -> dict[str, Code]:
        return {code.id: code for code in self.walk()}

    @cached_property
    def _parents(self) -> dict[str, Code]:
        return {child.id: code for code in self.walk() for child in code.codes}

    @cached_property
    def _by_path(self) -> dict[str, str]:
        return {path: code_id for code_id, path in self._paths.items()}

    def walk(self) -> Iterator[Code]:
        """Yield every code, depth first, in the order of the file."""
        for code in self.codes:
            yield from code.walk()

    def code(self, code: str) -> Code:
        """Return a code.

        Parameters
        ----------
        code
            Its id or its path.

        Returns
        -------
        Code
            With what lies below it.

        Raises
        ------
        CodebookError
            If there is none; the hint names the nearest.

        Examples
        --------
        >>> codebook.code("weather/rain").name
        'Rain'
        """
        found = self._codes.get(code) or self._codes.get(self._by_path.get(code, ""))
        if found is None:
            raise CodebookError(
                f"There is no code “{code}” in the codebook.",
                where=self.file,
                hint=self._suggest(code) or "List all codes with: qualcode codebook show FILE",
            )
        return found

    def find(self, text: str) -> Code:
        """Return the code that a person means.

        Parameters
        ----------
        text
            Its path, id or name, in any case, and with accents written in any way.

        Returns
        -------
        Code
            With what lies below it.

        Raises
        ------
        CodebookError
            If there is none, or several have that name; the hint names the nearest, or these.

        Examples
        --------
        >>> codebook.find("RAIN").id
        'rain'
        """
        text = canonical_text(text).strip()  # what is typed on a Mac may hold é as e and an accent
        try:
            return self.code(text)
        except CodebookError:
            wanted = text.casefold()
            named = [
                code for code in self.walk()
                if wanted in {name.casefold() for name in (code.name, code.id, self._paths[code.id])}
            ]  # fmt: skip
            if not named:
                raise
        if len(named) > 1:
            hint = f"Write one of {', '.join(self._paths[one.id] for one in named)}"
            raise CodebookError(f"Several codes are named “{text}”.", where=self.file, hint=hint)
        return named[0]

    def _suggest(self, code: str) -> str:
        names = {name: path for code_id, path in self._paths.items() for name in (code_id, path)}
        names |= {one.name: self._paths[one.id] for one in self.walk()}
        return suggest(code, names, shown=names)

    def path(self, code: str) -> str:
        """Return a code's address: the ids from the top down.

        Parameters
        ----------
        code
            Its id or its path.

        Returns
        -------
        str
            Such as ``challenges/scheduling``.

        Raises
        ------
        CodebookError
            If there is none.

        Examples
        --------
        >>> codebook.path("rain")
        'weather/rain'
        """
        return self._paths[self.code(code).id]

    def level(self, code: str) -> int:
        """Return how deep a code lies.

        Parameters
        ----------
        code
            Its id or its path.

        Returns
        -------
        int
            1 at the top.

        Raises
        ------
        CodebookError
            If there is none.

        Examples
        --------
        >>> codebook.level("weather"), codebook.level("rain")
        (1, 2)
        """
        return self.path(code).count("/") + 1

    def parent(self, code: str) -> Code | None:
        """Return the code right above another.

        Parameters
        ----------
        code
            Its id or its path.

        Returns
        -------
        Code or None
            ``None`` at the top.

        Raises
        ------
        CodebookError
            If there is none.

        Examples
        --------
        >>> codebook.parent("rain").name
        'Weather'
        """
        return self._parents.get(self.code(code).id)

    def theme(self, code: str) -> Code:
        """Return the code at the top of the tree above this one, or itself.

        Parameters
        ----------
        code
            Its id or its path.

        Returns
        -------
        Code
            A theme: one of :attr:`codes`.

        Raises
        ------
        CodebookError
            If there is none.

        Examples
        --------
        >>> codebook.theme("sun").name
        'Weather'
        """
        return self._codes[self.path(code).partition("/")[0]]

    def descendants(self, code: str) -> tuple[Code, ...]:
        """Return all codes below, in the order of the file, without the code itself.

        Parameters
        ----------
        code
            Its id or its path.

        Returns
        -------
        tuple of Code
            Depth first.

        Raises
        ------
        CodebookError
            If there is none.

        Examples
        --------
        >>> [code.id for code in codebook.descendants("weather")]
        ['rain', 'sun']
        """
        return tuple(self.code(code).walk())[1:]

    def rows(self) -> list[dict[str, str | int]]:
        """Return one record per code, in the order of the file, with texts of several parts joined with "; "."""
        return [
            {
                "code": self._paths[code.id],
                "name": code.name,
                "level": self._paths[code.id].count("/") + 1,
                "definition": code.definition,
                "include": "; ".join(code.include),
                "exclude": "; ".join(code.exclude),
                "colour": code.colour,
                "rules": len(code.rules),
                "hits": len(code.hits),
                "misses": len(code.misses),
            }
            for code in self.walk()
        ]

    def __repr__(self) -> str:
        n_rules = sum(len(code.rules) for code in self.walk())
        return f"<Codebook {self.name}: {len(self._paths)} codes, {n_rules} rules>"

    def _repr_html_(self) -> str:
        rows = "".join(self._html_row(code) for code in self.walk())
        description = f"<p>{escape(self.description)}</p>" if self.description else ""
        head = "".join(f"<th style='text-align:left'>{name}</th>" for name in ("Code", "Definition", "Rules"))
        return f"<p><b>{escape(self.name)}</b></p>{description}<table><tr>{head}</tr>{rows}</table>"

    def _html_row(self, code: Code) -> str:
        indent = 1.5 * (self.level(code.id) - 1)
        rules = "<br>".join(escape(rule.id) for rule in code.rules)
        return (
            f"<tr><td style='text-align:left;padding-left:{indent + 0.5:g}em' title='{escape(self.path(code.id))}'>"
            f"{escape(code.name)}</td><td style='text-align:left'>{escape(code.definition)}</td>"
            f"<td style='text-align:left'>{_fold(rules, len(code.rules))}</td></tr>"
        )


def _fold(content: str, n_rules: int) -> str:
    return f"<details><summary>{n_rules}</summary>{content}</details>" if n_rules else ""


def _walk_paths(codes: Iterable[Code], above: str) -> Iterator[tuple[str, str]]:
    for code in codes:
        yield code.id, above + code.id
        yield from _walk_paths(code.codes, f"{above}{code.id}/")
