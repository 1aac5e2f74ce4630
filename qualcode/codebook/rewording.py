"""All words of a codebook put into other words, with everything else where it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from qualcode.codebook.nodes import compose_nodes
from qualcode.codebook.reading import parse_codebook
from qualcode.codebook.tree import make_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from qualcode.codebook.tree import Code, Codebook

Part = Literal["words", "rule", "id"]
"""What is put into other words: something to be read, a part of a rule, or the id of a code."""


def reword_codebook(
    text: str, change: Callable[[str, Part], str], *, name: str = "codebook.yaml"
) -> tuple[str, dict[str, str], int]:
    """Return a codebook in which names, definitions, examples, rules, ids and comments are in other words.

    Parameters
    ----------
    text
        The codebook's YAML text.
    change
        Returns what a text becomes; is given what it is a part of besides.
    name
        What messages call the codebook.

    Returns
    -------
    tuple
        The text; the new id of each code whose id is another one now; and how many parts of rules changed.

    Raises
    ------
    CodebookError
        If the codebook cannot be used, before or after.

    Examples
    --------
    >>> from qualcode.codebook import reword_codebook
    >>> text = "codes:\\n  - id: ana\\n    name: What Ana said  # Ana\\n"
    >>> new, ids, n_rules = reword_codebook(text, lambda words, part: words.replace("Ana", "[P1]").replace("ana", "P1"))
    >>> print(new, ids)
    codes:
      - id: p1
        name: "What [P1] said"  # [P1]
     {'ana': 'p1'}
    """
    before = parse_codebook(text, name)
    known = {code.id for code in before.walk()}
    ids = {one: make_id(change(one, "id"), known) for one in sorted(known) if change(one, "id") != one}
    parts: list[str] = []
    at = n_rules = 0
    for node, part in _list_scalars(compose_nodes(text), "words"):
        start, end = int(node.start_mark.index), int(node.end_mark.index)
        raw, words = text[start:end], str(node.value)
        parts.append(change(text[at:start], "words"))
        new = ids.get(words) or change(words, part)
        n_rules += part == "rule" and new != words
        if new == words:
            parts.append(raw)
        elif node.style in {"|", ">"}:
            parts.append(change(raw, part))
        else:
            parts.append(json.dumps(new, ensure_ascii=False) if words not in ids else new)
        at = end
    new_text = "".join([*parts, change(text[at:], "words")])
    return new_text, _match_ids(before, parse_codebook(new_text, name)), n_rules


def _list_scalars(node: Any, part: Part) -> Iterator[tuple[Any, Part]]:
    """Yield the texts of a codebook in their order; keys are none of them."""
    if isinstance(node.value, str):
        if int(node.end_mark.index) > int(node.start_mark.index):
            yield node, part
    elif str(node.tag).endswith(":map"):
        for key, value in node.value:
            yield from _list_scalars(value, "rule" if key.value == "rules" else part)
    else:
        for one in node.value:
            yield from _list_scalars(one, part)


def _match_ids(before: Codebook, after: Codebook) -> dict[str, str]:
    pairs: Mapping[str, str] = {
        old.id: new.id for old, new in zip(_walk(before.codes), _walk(after.codes), strict=True) if old.id != new.id
    }
    return dict(pairs)


def _walk(codes: tuple[Code, ...]) -> Iterator[Code]:
    for code in codes:
        yield code
        yield from _walk(code.codes)
