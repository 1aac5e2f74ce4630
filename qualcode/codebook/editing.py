"""The codebook grows: codes are added, edited, renamed, moved, merged, split and retired; nothing else in it changes.

Each function takes the YAML text and returns the new one with what it means for codings. An id never changes; only a
merge takes ids away, and says which take their place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from qualcode.codebook.changes import Edit, Editing, read_text, write_edit
from qualcode.codebook.tree import Code, Example, make_id, to_slug
from qualcode.errors import CodebookError
from qualcode.wording import join, shorten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from qualcode.codebook.tree import Codebook
    from qualcode.errors import Problem

__all__ = [
    "Edit",
    "add_code",
    "add_example",
    "edit_code",
    "merge_codes",
    "move_code",
    "read_text",
    "rename_code",
    "retire_code",
    "split_code",
    "write_edit",
]

LONGEST_SHOWN = 60
"""Characters of a quote in a message and in the history."""

_LISTS = (("include",), ("exclude",), ("examples", "hit"), ("examples", "miss"), ("rules",))


def rename_code(
    text: str, code: str, new_name: str, *, because: str, when: str = "", name: str = "codebook.yaml"
) -> Edit:
    r"""Give a code another name; its id stays, so that no coding changes.

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

    Returns
    -------
    Edit
        The new text, which codes it touches, and what it leaves to a person.

    Raises
    ------
    CodebookError
        If the codebook cannot be used, there is no such code, or it has that name.

    Examples
    --------
    >>> text = "codes:\n  - id: rain\n  - id: sun\n"
    >>> edit = rename_code(text, "rain", "Rain and hail", because="They speak of both")
    >>> print(edit.text.partition("\nhistory")[0])
    codes:
      - id: rain
        name: Rain and hail
      - id: sun
    <BLANKLINE>
    """
    editing = Editing(text, because, when, name)
    found = editing.before.code(code)
    new_name = editing.words(new_name)
    if not new_name or new_name == found.name:
        message = f"“{found.id}” already has the name “{found.name}”." if new_name else "A name is needed."
        raise editing.error(message, "Give another name", found)
    _keep_id(editing, found)
    editing.text = editing.layout.set_text(found.id, "name", new_name)
    return editing.finish(
        f"Renamed {found.id} from “{found.name}” to “{new_name}”.", [found.id], expected=[replace(found, name=new_name)]
    )


def _keep_id(editing: Editing, code: Code) -> None:
    """Write out an id that was made of the name, before the name changes."""
    layout = editing.layout
    if not layout.has_key(code.id, "id"):
        editing.text = layout.set_text(code.id, "id", code.id)


def move_code(text: str, code: str, under: str, *, because: str, when: str = "", name: str = "codebook.yaml") -> Edit:
    r"""Put a code, with all below it, last under another, or at the top.

    Parameters
    ----------
    text
        The codebook's YAML text.
    code
        Id or path of the code.
    under
        Id or path of the code above; ``""`` for the top.
    because
        The reason, for the history.
    when
        The date, for the history.
    name
        What errors call the file.

    Returns
    -------
    Edit
        The new text, which codes it touches, and what it leaves to a person.

    Raises
    ------
    CodebookError
        If the codebook cannot be used, or there is no such code, or it would lie below itself.

    Examples
    --------
    >>> text = "codes:\n  - id: rain\n  - id: sun\n"
    >>> edit = move_code(text, "sun", "rain", because="A kind of it")
    >>> codebook = qualcode.parse_codebook(edit.text)
    >>> [codebook.path(code.id) for code in codebook.walk()]
    ['rain', 'rain/sun']
    """
    editing = Editing(text, because, when, name)
    found = editing.before.code(code)
    goal = editing.before.code(under) if under else None
    parent = editing.before.parent(found.id)
    if goal and goal in found.walk():
        raise editing.error(f"“{found.id}” cannot go under itself.", "Choose a code outside it", found)
    if (parent.id if parent else "") == (goal.id if goal else ""):
        place = f"under “{goal.id}”" if goal else "at the top"
        raise editing.error(f"“{found.id}” is already {place}.", "Choose another code", found)
    editing.move(found.id, goal.id if goal else "")
    change = f"Moved {found.id} from {parent.id if parent else 'the top'} to {goal.id if goal else 'the top'}."
    return editing.finish(change, [one.id for one in found.walk()])


def merge_codes(
    text: str, codes: Sequence[str], into: str, *, because: str, when: str = "", name: str = "codebook.yaml"
) -> Edit:
    r"""Let one code take in others: their rules, examples, include and exclude, the codes below, and their codings.

    The name and definition of what goes stay in the history.

    Parameters
    ----------
    text
        The codebook's YAML text.
    codes
        Ids or paths of those that go.
    into
        Id or path of the one that takes them in.
    because
        The reason, for the history.
    when
        The date, for the history.
    name
        What errors call the file.

    Returns
    -------
    Edit
        With the ids of those that go and of the one that takes their place in ``mapping``.

    Raises
    ------
    CodebookError
        If the codebook cannot be used, or there is no such code.

    Examples
    --------
    >>> text = "codes:\n  - id: rain\n  - id: sun\n"
    >>> edit = merge_codes(text, ["sun"], "rain", because="It is all weather")
    >>> edit.mapping
    {'sun': 'rain'}
    """
    editing = Editing(text, because, when, name)
    goal = editing.before.code(into)
    gone = [one for one in dict.fromkeys(editing.before.code(code) for code in codes) if one.id != goal.id]
    if not gone:
        raise editing.error("There is nothing to merge.", "Give at least one other code", goal)
    for one in gone:
        if goal in one.walk():
            hint = f"Move “{goal.id}” out of it first, or merge the other way round"
            raise editing.error(f"“{goal.id}” is below “{one.id}”.", hint, one)
    for one in gone:
        _take_in(editing, one, goal)
    was = "; ".join(f"{one.id} “{one.name}”" + (f": {one.definition}" if one.definition else "") for one in gone)
    mapping = {one.id: goal.id for one in gone}
    return editing.finish(f"Merged into {goal.id}: {was}", [*mapping, goal.id], mapping=mapping)


def _take_in(editing: Editing, code: Code, goal: Code) -> None:
    present = editing.read()
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
    r"""Make new codes of a code, which stays with its rules and codings for a person to share out.

    Parameters
    ----------
    text
        The codebook's YAML text.
    code
        Id or path of the code.
    into
        The names of the new codes, each as ``Name`` or ``id=Name``.
    because
        The reason, for the history.
    place
        Whether they stand below the code, so that its counts hold them, or beside it.
    when
        The date, for the history.
    name
        What errors call the file.

    Returns
    -------
    Edit
        With the code whose codings a person is to share out in ``undecided``.

    Raises
    ------
    CodebookError
        If the codebook cannot be used, or there is no such code, or a name or id is taken.

    Examples
    --------
    >>> text = "codes:\n  - id: rain\n  - id: sun\n"
    >>> edit = split_code(text, "rain", ["drizzle=Drizzle", "storm=Storm"], because="They differ")
    >>> codebook = qualcode.parse_codebook(edit.text)
    >>> [codebook.path(code.id) for code in codebook.walk()]
    ['rain', 'rain/drizzle', 'rain/storm', 'sun']
    """
    editing = Editing(text, because, when, name)
    found = editing.before.code(code)
    news = [_read_new(editing, one) for one in into]
    if not news:
        raise editing.error("A split needs the names of the new codes.", "Give two or more names", found)
    taken = editing.taken
    for new_id, _ in news:
        if new_id in taken:
            raise editing.error(taken[new_id], f"Give another id: {make_id(new_id, taken)}=Name", found)
        taken[new_id] = f"There is already a code “{new_id}”."
    for new_id, new_name in news if place == "below" else reversed(news):
        entry = {"id": new_id, "name": new_name}
        layout = editing.layout
        editing.text = layout.add_code(found.id, entry) if place == "below" else layout.add_beside(found.id, entry)
    change = f"Split {found.id} into {', '.join(new_id for new_id, _ in news)}."
    expected = [found, *(Code(*one) for one in news)]
    return editing.finish(change, [found.id], undecided=[found.id], expected=expected)


def _read_new(editing: Editing, given: str) -> tuple[str, str]:
    new_id, sign, new_name = given.partition("=")
    new_name = editing.words(new_name if sign else given)
    new_id = new_id.strip() if sign else to_slug(new_name)
    if not new_name or not new_id or to_slug(new_id) != new_id:
        hint = "Write id=Name, with an id of lower-case letters a–z, digits and hyphens"
        raise editing.error(f"“{given}” is not a new code.", hint)
    return new_id, new_name


def retire_code(text: str, code: str, *, because: str, when: str = "", name: str = "codebook.yaml") -> Edit:
    r"""Give a code no longer: its rules stay in the file and do not run, its codings stay and count.

    Parameters
    ----------
    text
        The codebook's YAML text.
    code
        Id or path of the code.
    because
        The reason, for the history.
    when
        The date, for the history.
    name
        What errors call the file.

    Returns
    -------
    Edit
        The new text, which codes it touches, and what it leaves to a person.

    Raises
    ------
    CodebookError
        If the codebook cannot be used, or there is no such code.

    Examples
    --------
    >>> text = "codes:\n  - id: rain\n  - id: sun\n"
    >>> edit = retire_code(text, "sun", because="Nobody speaks of it")
    >>> [code.id for code in qualcode.parse_codebook(edit.text).walk() if code.is_retired]
    ['sun']
    """
    editing = Editing(text, because, when, name)
    found = editing.before.code(code)
    if found.is_retired:
        raise editing.error(f"“{found.id}” is already retired.", "Choose another code", found)
    editing.text = editing.layout.set_flag(found.id, "retired")
    expected = replace(found, is_retired=True, rules=())
    return editing.finish(f"Retired {found.id}.", [found.id], expected=[expected])


def add_code(
    text: str,
    new_name: str,
    *,
    under: str = "",
    code_id: str = "",
    definition: str = "",
    because: str = "Came up while coding.",
    when: str = "",
    name: str = "codebook.yaml",
) -> Edit:
    """Add a code, last under another one or at the top; to a codebook that is still empty, too.

    Parameters
    ----------
    text
        The codebook's YAML text.
    new_name
        What tables and figures call it: one that no other code has.
    under
        Id or path of the code above; ``""`` for the top.
    code_id
        Its id; by default made of the name: ``friends-abroad``, or ``code-677aad`` for one in Chinese, which is the
        same wherever the name is added.
    definition
        What the code means.
    because
        The reason, for the history.
    when, name
        As in :func:`rename_code`.

    Returns
    -------
    Edit
        With the id of the new code in ``added``.

    Raises
    ------
    CodebookError
        If the codebook cannot be used, the code above is not there or retired, or name or id are taken.

    Examples
    --------
    >>> edit = add_code("codes:\\n  - id: praise\\n", "Thanks", under="praise", definition="Somebody says thank you.")
    >>> print(edit.text)
    codes:
      - id: praise
        codes:
          - id: thanks
            name: Thanks
            definition: Somebody says thank you.
    <BLANKLINE>
    history:
      - change: Added thanks “Thanks” under praise.
        codes: [thanks]
        because: Came up while coding.
    <BLANKLINE>
    """
    editing = Editing(text, because, when, name)
    parent = editing.before.code(under) if under else None
    if parent and parent.is_retired:
        hint = "Choose another code, or delete `retired: true` there first"
        raise editing.error(f"“{parent.id}” is retired, so no new code can go under it.", hint, parent)
    new_name = editing.words(new_name)
    code = Code(_choose_id(editing, new_name, code_id), new_name, editing.lines(definition))
    entry = {"id": code.id, "name": code.name, "definition": code.definition}
    layout = editing.layout
    editing.text = layout.add_code(parent.id if parent else "", {key: one for key, one in entry.items() if one})
    place = f"under {parent.id}" if parent else "at the top"
    return editing.finish(f"Added {code.id} “{code.name}” {place}.", [], expected=[code])


def _choose_id(editing: Editing, new_name: str, code_id: str) -> str:
    """Return the id of a new code; name and id must be its own."""
    if not new_name:
        raise editing.error("The new code needs a name.", "Give a word or two for what it means")
    for code in editing.before.walk():
        if code.name.casefold() == new_name.casefold():
            hint = f"Use “{editing.before.path(code.id)}”, or choose another name"
            raise editing.error(f"There is already a code named “{code.name}”.", hint, code)
    taken = editing.taken
    if not code_id:
        return make_id(new_name, taken)
    hint = f"Use {make_id(code_id, taken)}, or leave the id out"
    if to_slug(code_id) != code_id:
        raise editing.error(f"The id “{code_id}” must consist of lower-case letters a–z, digits and hyphens.", hint)
    if code_id in taken:
        raise editing.error(taken[code_id], hint)
    return code_id


def edit_code(
    text: str,
    code: str,
    *,
    definition: str | None = None,
    include: str | Sequence[str] | None = None,
    exclude: str | Sequence[str] | None = None,
    colour: str | None = None,
    because: str = "Clarified while coding.",
    when: str = "",
    name: str = "codebook.yaml",
) -> Edit:
    r"""Change a code's definition, what it includes and excludes, or its colour.

    Parameters
    ----------
    text
        The codebook's YAML text.
    code
        Id or path of the code.
    definition
        What it stands for; ``""`` removes what is there. Line breaks are kept.
    include, exclude
        What belongs to it and what does not, one text or several, in place of what is there; ``[]`` removes it.
    colour
        ``#rrggbb``; ``""``: one chosen by the program again.
    because
        The reason, for the history.
    when
        The date, for the history.
    name
        What errors call the file.

    Returns
    -------
    Edit
        The new text, which codes it touches, and what it leaves to a person.

    Raises
    ------
    CodebookError
        If the codebook cannot be used, or there is no such code, or nothing changes.

    Examples
    --------
    >>> edit = edit_code("codes:\n  - id: praise  # to be kept\n", "praise", include=["thanks", "compliments"])
    >>> print(edit.text.partition("\nhistory")[0])
    codes:
      - id: praise  # to be kept
        include:
          - thanks
          - compliments
    <BLANKLINE>
    """
    editing = Editing(text, because, when, name)
    found = editing.before.code(code)
    goal = found
    if definition is not None:
        goal = replace(goal, definition=editing.lines(definition))
    if include is not None:
        goal = replace(goal, include=_read_texts(editing, include))
    if exclude is not None:
        goal = replace(goal, exclude=_read_texts(editing, exclude))
    if colour is not None:
        goal = replace(goal, colour=editing.words(colour))
    changed = [
        key for key in ("definition", "include", "exclude", "colour") if getattr(goal, key) != getattr(found, key)
    ]
    if not changed:
        hint = "Give a definition, include, exclude or colour that differs"
        raise editing.error(f"There is nothing to change in “{found.id}”.", hint, found)
    for key in changed:
        given = getattr(goal, key)
        layout = editing.layout
        editing.text = layout.set_texts(found.id, key, list(filter(None, [given] if isinstance(given, str) else given)))
    return editing.finish(f"Edited the {join(changed)} of {found.id}.", [found.id], expected=[goal])


def _read_texts(editing: Editing, given: str | Sequence[str]) -> tuple[str, ...]:
    texts = (editing.lines(one) for one in ([given] if isinstance(given, str) else given))
    return tuple(dict.fromkeys(filter(None, texts)))


def add_example(
    text: str,
    code: str,
    quote: str,
    *,
    kind: Literal["hit", "miss"] = "hit",
    check: Callable[[Codebook], Iterable[Problem]] | None = None,
    because: str = "Found while coding.",
    when: str = "",
    name: str = "codebook.yaml",
) -> Edit:
    r"""Make a quote an example of a code, which its rules must find or miss from then on.

    Parameters
    ----------
    text
        The codebook's YAML text.
    code
        Id or path of the code.
    quote
        The words; several lines are joined to one.
    kind
        ``hit``: the code's rules must find it; ``miss``: none of them may.
    check
        Runs the examples of the changed codebook: :func:`qualcode.examples.check_examples`. What it says about the new
        one is in the ``problems`` of the edit, which is made all the same.
    because
        The reason, for the history.
    when
        The date, for the history.
    name
        What errors call the file.

    Returns
    -------
    Edit
        The new text, which codes it touches, and what it leaves to a person.

    Raises
    ------
    CodebookError
        If the codebook cannot be used, or there is no such code, or it has that example.

    Examples
    --------
    >>> edit = add_example("codes:\n  - id: praise\n    rules: [lovely]\n", "praise", "They were lovely.")
    >>> print(edit.text.partition("\nhistory")[0])
    codes:
      - id: praise
        examples:
          hit:
            - They were lovely.
        rules: [lovely]
    <BLANKLINE>
    """
    editing = Editing(text, because, when, name)
    found = editing.before.code(code)
    quote = " ".join(filter(None, editing.lines(quote).split("\n")))
    if not quote:
        raise editing.error("An example needs words.", "Give the words of the passage", found)
    _refuse_twin(found, quote, kind)
    editing.text = editing.layout.add_example(found.id, kind, quote)
    fresh = (Example(quote),)
    goal = replace(found, hits=found.hits + fresh) if kind == "hit" else replace(found, misses=found.misses + fresh)
    edit = editing.finish(f"Added “{shorten(quote, LONGEST_SHOWN)}” as a {kind} of {found.id}.", [], expected=[goal])
    return replace(edit, problems=_check_example(editing.after.code(found.id), kind, check and check(editing.after)))


def _refuse_twin(code: Code, quote: str, kind: str) -> None:
    for there, examples in (("hit", code.hits), ("miss", code.misses)):
        for example in examples:
            if example.text.split() == quote.split():
                hint = "Choose another passage" if there == kind else "Delete it there first"
                message = f"“{shorten(quote, LONGEST_SHOWN)}” is a {there} of “{code.id}” already."
                raise CodebookError(message, where=example.where, hint=hint)


def _check_example(code: Code, kind: str, problems: Iterable[Problem] | None) -> tuple[Problem, ...]:
    """Return what is said about the last example of a code."""
    where = (code.hits if kind == "hit" else code.misses)[-1].where
    return tuple(problem for problem in problems or () if problem.where == where)
