"""The codebook grows: codes are renamed, moved, merged, split and retired, and nothing else in the file changes.

Each function takes the YAML text and returns the new one with what it means for codings. An id never changes; only a
merge takes ids away, and says which take their place.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from qualcode.atomic import replace_file
from qualcode.codebook.layout import Layout, as_scalar
from qualcode.codebook.reading import parse_codebook, read_codebook
from qualcode.codebook.tree import to_slug
from qualcode.errors import CodebookError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from qualcode.codebook.tree import Code, Codebook

_LISTS = (("include",), ("exclude",), ("examples", "hit"), ("examples", "miss"), ("rules",))


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
    """

    text: str
    change: str
    because: str
    touched: tuple[str, ...]
    mapping: Mapping[str, str] = field(default_factory=dict)
    undecided: tuple[str, ...] = ()


class _Editing:
    """A text on its way through one change."""

    def __init__(self, text: str, because: str, when: str, name: str) -> None:
        if not because.strip():
            hint = "Say in a sentence why the codebook is changed: --because “…”"
            raise CodebookError("A change of the codebook needs a reason.", where=name, hint=hint)
        self.before = parse_codebook(text.removeprefix("\ufeff"), name)
        self.text, self.because, self.when, self.name = text, " ".join(because.split()), when, name

    @property
    def layout(self) -> Layout:
        """The text as it stands."""
        return Layout(self.text, self.name)

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
        present = parse_codebook(self.text.removeprefix("\ufeff"), self.name)
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
        added: Sequence[str] = (),
    ) -> Edit:
        """Write the reason into the history, check that only what was meant to change has, and return the edit."""
        self.mend_references(mapping or {})
        lines = [f"- date: {as_scalar(self.when)}"] if self.when else []
        lines += [f"{'  ' if lines else '- '}change: {as_scalar(change)}"]
        lines += [f"  codes: [{', '.join(dict.fromkeys([*touched, *added]))}]", f"  because: {as_scalar(self.because)}"]
        self.text = self.layout.add_history(lines)
        self._check({*touched, *(mapping or {}).values()}, set(mapping or {}), added)
        return Edit(self.text, change, self.because, tuple(touched), dict(mapping or {}), tuple(undecided))

    def _check(self, touched: set[str], removed: set[str], added: Sequence[str]) -> None:
        """Refuse a result in which anything else has changed: the file is written in a way that was not foreseen."""
        try:
            after = parse_codebook(self.text.removeprefix("\ufeff"), self.name)
        except CodebookError as error:
            raise CodebookError(
                "The change would leave a codebook that cannot be used.",
                where=self.name,
                hint="Make it by hand, in a text editor.",
                problems=error.problems,
            ) from error
        old, new = ({code.id: code for code in book.walk()} for book in (self.before, after))
        is_same = set(new) == (set(old) - removed) | set(added)
        is_same = is_same and all(
            _own(old[one]) == _own(new[one]) for one in old if one not in removed and one not in touched
        )
        if not is_same:
            hint = "Make it by hand, in a text editor."
            raise self.error("The file is written in a way in which this change cannot be made safely.", hint)


def _own(code: Code) -> tuple[object, ...]:
    """Return what a code says, without what lies below it and what its rules name elsewhere."""
    rules = tuple((rule.id, rule.term, rule.unless, rule.near, rule.negated, rule.speakers) for rule in code.rules)
    return code.name, code.definition, code.include, code.exclude, code.hits, code.misses, code.colour, rules


def _has(codebook: Codebook, code: str) -> bool:
    try:
        codebook.code(code)
    except CodebookError:
        return False
    return True


def rename_code(
    text: str, code: str, new_name: str, *, because: str, when: str = "", name: str = "codebook.yaml"
) -> Edit:
    """Give a code another name; its id stays, so that no coding changes.

    Parameters
    ----------
    text
        The codebook's YAML text.
    code
        Id or path of the code.
    new_name
        The name.
    because
        The reason, for the history.
    when
        The date, for the history.
    name
        What errors call the file.

    Raises
    ------
    CodebookError
        If the codebook cannot be used, there is no such code, or it has that name.
    """
    editing = _Editing(text, because, when, name)
    found = editing.before.code(code)
    new_name = " ".join(new_name.split())
    if not new_name or new_name == found.name:
        message = f"“{found.id}” has the name “{found.name}” already." if new_name else "A name is needed."
        raise editing.error(message, "Give another name.", found)
    _keep_id(editing, found)
    editing.text = editing.layout.set_text(found.id, "name", new_name)
    return editing.finish(f"Renamed {found.id} from “{found.name}” to “{new_name}”.", [found.id])


def _keep_id(editing: _Editing, code: Code) -> None:
    """Write out an id that was made of the name, before the name changes."""
    layout = editing.layout
    if not layout.has_key(code.id, "id"):
        editing.text = layout.set_text(code.id, "id", code.id)


def move_code(text: str, code: str, under: str, *, because: str, when: str = "", name: str = "codebook.yaml") -> Edit:
    """Put a code, with all below it, last under another, or at the top when ``under`` is empty.

    Other parameters and errors as in :func:`rename_code`.
    """
    editing = _Editing(text, because, when, name)
    found = editing.before.code(code)
    goal = editing.before.code(under) if under else None
    parent = editing.before.parent(found.id)
    if goal and goal in found.walk():
        raise editing.error(f"“{found.id}” cannot stand under itself.", "Name a code outside it.", found)
    if (parent.id if parent else "") == (goal.id if goal else ""):
        place = f"under “{goal.id}”" if goal else "at the top"
        raise editing.error(f"“{found.id}” stands {place} already.", "Name another code.", found)
    editing.move(found.id, goal.id if goal else "")
    change = f"Moved {found.id} from {parent.id if parent else 'the top'} to {goal.id if goal else 'the top'}."
    return editing.finish(change, [one.id for one in found.walk()])


def merge_codes(
    text: str, codes: Sequence[str], into: str, *, because: str, when: str = "", name: str = "codebook.yaml"
) -> Edit:
    """Let one code take in others: their rules, examples, include and exclude, the codes below, and their codings.

    The name and definition of what goes stay in the history. Other parameters and errors as in :func:`rename_code`.
    """
    editing = _Editing(text, because, when, name)
    goal = editing.before.code(into)
    gone = [one for one in dict.fromkeys(editing.before.code(code) for code in codes) if one.id != goal.id]
    if not gone:
        raise editing.error("There is nothing to merge.", "Name at least one other code.", goal)
    for one in gone:
        if goal in one.walk():
            hint = f"Move “{goal.id}” out of it first, or merge the other way round."
            raise editing.error(f"“{goal.id}” lies below “{one.id}”.", hint, one)
    for one in gone:
        _take_in(editing, one, goal)
    was = "; ".join(f"{one.id} “{one.name}”" + (f": {one.definition}" if one.definition else "") for one in gone)
    mapping = {one.id: goal.id for one in gone}
    return editing.finish(f"Merged into {goal.id}: {was}", [*mapping, goal.id], mapping=mapping)


def _take_in(editing: _Editing, code: Code, goal: Code) -> None:
    present = parse_codebook(editing.text.removeprefix("\ufeff"), editing.name)
    for child in present.code(code.id).codes:
        editing.move(child.id, goal.id)
    for path in _LISTS:
        layout = editing.layout
        known = {content for content, _ in layout.items(goal.id, *path)}
        fresh = [lines for content, lines in layout.items(code.id, *path) if content not in known]
        if fresh:
            editing.text = layout.add_items(goal.id, path, fresh)
    editing.text = editing.layout.remove(code.id)


def split_code(
    text: str,
    code: str,
    into: Sequence[str],
    *,
    because: str,
    place: Literal["below", "beside"] = "below",
    when: str = "",
    name: str = "codebook.yaml",
) -> Edit:
    """Make new codes of a code, which stays with its rules and codings for a person to share out.

    Parameters
    ----------
    into
        The names of the new codes, each as ``Name`` or ``id=Name``.
    place
        Whether they stand below the code, so that its counts hold them, or beside it.

    Other parameters and errors as in :func:`rename_code`.
    """
    editing = _Editing(text, because, when, name)
    found = editing.before.code(code)
    news = [_read_new(editing, one) for one in into]
    if not news:
        raise editing.error("A split needs the names of the new codes.", "Give two or more names.", found)
    taken = {one.id for one in editing.before.walk()}
    for new_id, _ in news:
        if new_id in taken:
            hint = f"Give another id: {new_id}-2=Name"
            raise editing.error(f"There is a code “{new_id}” already.", hint, found)
        taken.add(new_id)
    for new_id, new_name in news if place == "below" else reversed(news):
        lines = [f"- id: {new_id}", f"  name: {as_scalar(new_name)}"]
        layout = editing.layout
        editing.text = layout.add_block(found.id, lines) if place == "below" else layout.add_beside(found.id, lines)
    ids = [new_id for new_id, _ in news]
    return editing.finish(f"Split {found.id} into {', '.join(ids)}.", [found.id], undecided=[found.id], added=ids)


def _read_new(editing: _Editing, given: str) -> tuple[str, str]:
    new_id, sign, new_name = given.partition("=")
    new_name = " ".join((new_name if sign else given).split())
    new_id = new_id.strip() if sign else to_slug(new_name)
    if not new_name or not new_id or to_slug(new_id) != new_id:
        hint = "Write id=Name with an id of small letters a–z, digits and hyphens."
        raise editing.error(f"“{given}” names no new code.", hint)
    return new_id, new_name


def retire_code(text: str, code: str, *, because: str, when: str = "", name: str = "codebook.yaml") -> Edit:
    """Give a code no longer: its rules stay in the file and do not run, its codings stay and count.

    Other parameters and errors as in :func:`rename_code`.
    """
    editing = _Editing(text, because, when, name)
    found = editing.before.code(code)
    if found.is_retired:
        raise editing.error(f"“{found.id}” is retired already.", "Name another code.", found)
    editing.text = editing.layout.set_flag(found.id, "retired")
    return editing.finish(f"Retired {found.id}.", [found.id])


def read_text(path: str | os.PathLike[str]) -> str:
    """Return the text of a codebook's file as it is: a byte order mark and the line ends stay.

    Raises
    ------
    CodebookError
        As :func:`~qualcode.codebook.read_codebook`.
    """
    read_codebook(path)
    return Path(path).read_bytes().decode("utf-8")


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
        raise CodebookError("The codebook was changed in the meantime.", where=path.name, hint="Do it again.")
    try:
        target = path.resolve()  # a link stays one
        replace_file(target, edit.text.encode("utf-8"), mode=target.stat().st_mode)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        hint = "Check your permissions and the space on the disk."
        raise CodebookError(f"The codebook cannot be written: {reason}.", where=str(path), hint=hint) from error
