"""Codes that are there as values become the text of a codebook, or part of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.codebook.changes import Edit, Editing
from qualcode.codebook.notation import as_lines, indent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.codebook.notation import Value
    from qualcode.codebook.tree import Code


def encode_codebook(codes: Sequence[Code], *, name: str = "", description: str = "") -> str:
    """Return the YAML text of a codebook without rules.

    Parameters
    ----------
    codes
        The codes at the top, with all below them; rules are not written.
    name, description
        Title, and what it is for.

    Examples
    --------
    >>> from qualcode.codebook import Code
    >>> print(encode_codebook([Code("praise", "Praise", codes=(Code("thanks", "Thanks"),))], name="Talk"), end="")
    name: Talk
    <BLANKLINE>
    codes:
      - id: praise
        name: Praise
        codes:
          - id: thanks
            name: Thanks
    """
    head = [
        line for key, text in (("name", name), ("description", description)) if text for line in as_lines(key, text)
    ]
    body = indent(line for code in codes for line in _encode(code)) or ["  []"]
    return "\n".join([*head, *([""] if head else []), "codes:", *body]) + "\n"


def _encode(code: Code) -> list[str]:
    """Return a code with all below it as the lines of an entry."""
    first, *rest = [line for key, value in _content(code).items() for line in as_lines(key, value)]
    lines = [f"- {first}", *indent(rest)]
    if code.codes:
        lines += indent(["codes:", *indent(line for child in code.codes for line in _encode(child))])
    return lines


def _content(code: Code) -> dict[str, Value]:
    hits, misses = ([one.text for one in examples] for examples in (code.hits, code.misses))
    examples: dict[str, Value] = {key: texts for key, texts in (("hit", hits), ("miss", misses)) if texts}
    told: dict[str, Value] = {
        "id": code.id, "name": code.name, "definition": code.definition, "include": code.include,
        "exclude": code.exclude, "examples": examples, "colour": code.colour,
    }  # fmt: skip
    return {key: value for key, value in told.items() if value}


def add_codes(
    text: str, codes: Sequence[tuple[str, Code]], *, because: str, when: str = "", name: str = "codebook.yaml"
) -> Edit:
    """Add codes, each with all below it, last under others or at the top.

    Parameters
    ----------
    text
        The codebook's YAML text.
    codes
        Pairs of the id of the code above, ``""`` for the top, and the code; no id may be taken.
    because, when, name
        As in :func:`qualcode.codebook.rename_code`.

    Raises
    ------
    CodebookError
        If the codebook cannot be used, or is written in a way in which this cannot be done safely.
    """
    editing = Editing(text, because, when, name)
    for under, code in codes:
        editing.text = editing.layout.add_block(under, _encode(code))
    added = [one for _, code in codes for one in code.walk()]
    noun = "1 code" if len(added) == 1 else f"{len(added)} codes"
    return editing.finish(f"Added {noun}.", [], expected=added)
