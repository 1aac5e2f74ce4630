"""One change of a codebook's text: on its way, checked when it is made, and written."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.atomic import replace_file
from qualcode.codebook.layout import Layout
from qualcode.codebook.reading import decode, parse_codebook, read_bytes
from qualcode.codebook.tree import Code, Codebook
from qualcode.errors import CodebookError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from qualcode.errors import Problem

_BY_HAND = "Make the change by hand, in a text editor"


@dataclass(frozen=True, slots=True)
class Edit:
    """A changed codebook and what it means for codings.

    Attributes
    ----------
    text
        The new YAML text.
    change
        What was done, in a sentence.
    because
        Why.
    touched
        Ids of the codes whose codings it touches: they get another code, or a person may want to look at them.
    mapping
        For each id that is no longer there the id that takes its place in codings.
    undecided
        Ids of codes whose codings a person has to share out.
    added
        Ids of the new codes.
    problems
        What a person may want to look at: rules that contradict a new example.
    """

    text: str
    change: str
    because: str
    touched: tuple[str, ...]
    mapping: Mapping[str, str] = field(default_factory=dict)
    undecided: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()


class Editing:
    """A text on its way through one change."""

    def __init__(self, text: str, because: str, when: str, name: str) -> None:
        self.name = name
        self.mark = "\ufeff" if text.startswith("\ufeff") else ""  # a byte order mark
        self.text = text.removeprefix("\ufeff")
        self.because, self.when = self.words(because), when
        if not self.because:
            hint = "Give the reason in a sentence: --because “…”"
            raise CodebookError("A change of the codebook needs a reason.", where=name, hint=hint)
        self.before = self._read_first()
        self.after = self.before

    def _read_first(self) -> Codebook:
        """Return the codebook before the change; one that has no code yet is empty, not wrong."""
        try:
            return parse_codebook(self.text, self.name)
        except CodebookError as error:
            if any(problem.rule != "no-codes" for problem in error.problems):
                raise
        return Codebook(Path(self.name).stem, file=self.name)

    def read(self) -> Codebook:
        """Return the codebook as the text stands."""
        try:
            return parse_codebook(self.text, self.name)
        except CodebookError as error:
            raise CodebookError(
                "After the change, the codebook could not be used.",
                where=self.name,
                hint=_BY_HAND,
                problems=error.problems,
            ) from error

    @property
    def layout(self) -> Layout:
        """The text as it stands."""
        from ruamel.yaml.error import YAMLError

        try:
            return Layout(self.text, self.name)
        except YAMLError:
            self.read()  # which says what is wrong with it
            raise

    @property
    def taken(self) -> dict[str, str]:
        """For each id that a new code cannot have the reason; one of a code that is gone may still be in a copy."""
        gone = {one: f"The id “{one}” belonged to a code that no longer exists." for one in self.layout.past_codes()}
        return gone | {code.id: f"There is already a code “{code.id}”." for code in self.before.walk()}

    def words(self, given: str) -> str:
        """Return a text on one line, as it is read from a file."""
        return " ".join(self.lines(given).split())

    def lines(self, given: str) -> str:
        """Return a text as it is read from a file, without blanks at the ends of its lines."""
        if any("\ud800" <= mark <= "\udfff" for mark in given):
            hint = "Type it again; it was damaged on its way here"
            raise CodebookError(f"“{ascii(given)[1:-1]}” cannot be saved.", where=self.name, hint=hint)
        given = unicodedata.normalize("NFC", given.replace("\r\n", "\n").replace("\r", "\n"))
        return "\n".join(line.strip() for line in given.strip().split("\n"))

    def error(self, message: str, hint: str, code: Code | None = None) -> CodebookError:
        """Return an error at a code."""
        return CodebookError(message, where=code.where if code else self.name, hint=hint)

    def move(self, code: str, under: str) -> None:
        """Put a code last under another, or at the top."""
        lines = self.layout.copy_block(code)
        self.text = self.layout.remove(code)
        self.text = self.layout.add_block(under, lines)

    def mend_references(self, mapping: Mapping[str, str]) -> None:
        """Let `after` and `before` of rules name the codes that they named before."""
        present = self.read()
        change = {}
        for code in self.before.walk():
            for rule in code.rules:
                for named in filter(None, (rule.after, rule.before)):
                    target = self.before.code(named).id if _has(self.before, named) else ""
                    goal = mapping.get(target, target)
                    if goal and not (_has(present, named) and present.code(named).id == goal):
                        change[named] = goal
        if change:
            self.text = self.layout.replace_references(("after", "before"), change)

    def finish(
        self,
        change: str,
        touched: Sequence[str],
        *,
        mapping: Mapping[str, str] | None = None,
        undecided: Sequence[str] = (),
        expected: Sequence[Code] = (),
    ) -> Edit:
        """Write the reason into the history, check that only what was meant to change has, and return the edit.

        ``expected`` are codes as they must be now: new ones, and changed ones of which no more than that may differ.
        """
        self.mend_references(mapping or {})
        told = list(dict.fromkeys([*touched, *(code.id for code in expected)]))
        entry = {"date": self.when, "change": change, "codes": told, "because": self.because}
        self.text = self.layout.add_history({key: value for key, value in entry.items() if value})
        self._check({*touched, *(mapping or {}).values()}, set(mapping or {}), {code.id: code for code in expected})
        return Edit(
            self.mark + self.text,
            change,
            self.because,
            tuple(touched),
            dict(mapping or {}),
            tuple(undecided),
            added=tuple(code.id for code in expected if not _has(self.before, code.id)),
        )

    def _check(self, touched: set[str], removed: set[str], expected: Mapping[str, Code]) -> None:
        """Refuse a result in which anything else has changed: the file is written in a way that was not foreseen."""
        self.after = self.read()
        old, new = ({code.id: code for code in book.walk()} for book in (self.before, self.after))
        wanted = {one: code for one, code in old.items() if one not in removed and one not in touched} | dict(expected)
        is_same = set(new) == (set(old) - removed) | set(expected)
        if not is_same or any(_own(code) != _own(new[one]) for one, code in wanted.items()):
            message = "The file is laid out in a way that does not allow this change to be made safely."
            raise self.error(message, _BY_HAND)


def _own(code: Code) -> tuple[object, ...]:
    """Return what a code says, without what lies below it and what its rules name elsewhere."""
    rules = tuple((rule.id, rule.term, rule.unless, rule.near, rule.negated, rule.speakers) for rule in code.rules)
    texts = code.name, code.definition, code.include, code.exclude, code.hits, code.misses, code.colour
    return *texts, code.is_retired, rules


def _has(codebook: Codebook, code: str) -> bool:
    try:
        codebook.code(code)
    except CodebookError:
        return False
    return True


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a codebook's file as it is: a byte order mark and the line ends stay.

    Raises
    ------
    CodebookError
        If it cannot be read or is no text in UTF-8.
    """
    path = Path(path)
    data = read_bytes(path)
    decode(data, path.name)
    return data.decode("utf-8")


def write_edit(path: str | os.PathLike[str], edit: Edit, before: str) -> None:
    """Put an edit in the place of a codebook's file, all or nothing.

    Parameters
    ----------
    path
        The file.
    edit
        What to write.
    before
        The text that the edit was made of.

    Raises
    ------
    CodebookError
        If the file was changed in the meantime or cannot be written.
    """
    path = Path(path)
    if read_text(path) != before:
        raise CodebookError("The codebook has changed in the meantime.", where=path.name, hint="Try again")
    try:
        target = path.resolve()  # a link stays one
        replace_file(target, edit.text.encode("utf-8"), mode=target.stat().st_mode)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        hint = "Check your permissions and the space on the disk"
        raise CodebookError(f"The codebook cannot be written: {reason}.", where=str(path), hint=hint) from error
