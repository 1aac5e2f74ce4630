"""The kinds of fields that codebooks are made of, and what is wrong with a value in our words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, get_origin

from pydantic import BaseModel, ConfigDict, Discriminator, StringConstraints, Tag, ValidationError

from qualcode.errors import Problem
from qualcode.wording import shorten, suggest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

    from qualcode.codebook.nodes import Node

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Shape(BaseModel):
    """A mapping with known keys only."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def kind_of(value: object) -> str:
    """Tell which of the forms of an entry a value has; the tag shows up in the place of pydantic's errors."""
    if isinstance(value, dict | BaseModel):
        return "<mapping>"
    return "<list>" if isinstance(value, list) else "<text>"


by_kind = Discriminator(kind_of)
AsText = Tag("<text>")
AsList = Tag("<list>")
AsMapping = Tag("<mapping>")

Texts = Annotated[Annotated[Text, AsText] | Annotated[list[Text], AsList], by_kind]
"""One text or a list of texts."""

_SYNONYMS = {
    "children": "codes",
    "subcodes": "codes",
    "themes": "codes",
    "label": "name",
    "title": "name",
    "terms": "rules",
    "keywords": "rules",
    "patterns": "rules",
    "rule": "rules",
    "memo": "definition",
    "positive": "hit",
    "negative": "miss",
    "inclusion": "include",
    "exclusion": "exclude",
    "phrase": "term",
    "not": "unless",
    "except": "unless",
}


def check_shape(shape: type[Shape], top: Node, name: str) -> list[Problem]:
    """Return everything in which a file differs from what it should look like, in the order of the file."""
    try:
        shape.model_validate(top.plain())
    except ValidationError as error:
        told = (_tell(details, shape, top, name) for details in error.errors(include_url=False))
        return [problem for problem in told if problem is not None]
    return []


def _tell(details: ErrorDetails, shape: type[Shape], top: Node, name: str) -> Problem | None:
    keys = [key for key in details["loc"] if not str(key).startswith("<")]
    if keys and str(keys[-1]).startswith("\0"):
        return None  # a key that the parser has complained about
    is_key = details["type"] == "extra_forbidden"
    line, column, node = _find(top, keys, is_key=is_key)
    if is_key:
        rule, message, hint = _tell_unknown(str(keys[-1]), details, shape)
    else:
        rule, message, hint = _tell_value(details, keys, node)
    return Problem(f"{name}:{line}:{column}", "error", rule, message, hint)


def _find(node: Node, keys: list[int | str], *, is_key: bool) -> tuple[int, int, Node]:
    """Return line and column of a scalar or an entry, of the key above anything else, and the nearest node."""
    line, column = node.line, node.column
    for key in keys:
        if isinstance(node.value, dict) and str(key) in node.value:
            place = node.keys.get(str(key), (line, column))
            node = node.value[str(key)]
            has_text = bool(node.text) and not is_key
            line, column = (node.line, node.column) if has_text else place
        elif isinstance(node.value, list) and isinstance(key, int):
            node = node.value[key]
            line, column = node.line, node.column
    return line, column, node


def _tell_unknown(key: str, details: ErrorDetails, shape: type[Shape]) -> tuple[str, str, str]:
    known = list(_fields_at(shape, details["loc"][:-1]))
    synonym = _SYNONYMS.get(key.casefold())
    if synonym in known:
        other = suggest(synonym, known)
    elif " " in key:
        other = "Put a text that contains “: ” in quotes"
    else:
        other = f"Known here: {', '.join(known)}"
    return "unknown-key", f"There is no key “{key}”.", suggest(key, known) or other


def _fields_at(shape: type[Shape], place: tuple[int | str, ...]) -> Iterator[str]:
    """Yield the keys that a mapping at some place in the file may have."""
    model: Any = shape
    is_chosen = False  # the next key is a name that the writer chose, such as that of a list
    for key in place:
        if not isinstance(key, str) or key.startswith("<"):
            continue
        if is_chosen:
            is_chosen = False
            continue
        annotation = model.model_fields[key].annotation
        is_chosen = get_origin(annotation) is dict
        model = _model_in(annotation) or model
    yield from model.model_fields


def _model_in(annotation: Any) -> Any:
    """Return the mapping that an annotation speaks of, however deep in lists and unions."""
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        return annotation
    parts = (_model_in(part) for part in getattr(annotation, "__args__", ()))
    return next((part for part in parts if part), None)


def _tell_value(details: ErrorDetails, keys: list[int | str], node: Node) -> tuple[str, str, str]:
    context = details.get("ctx", {})
    if "hint" in context:
        return details["type"], details["msg"], str(context["hint"])
    what = next((f"“{key}”" for key in reversed(keys) if isinstance(key, str)), "The codebook")
    if keys and isinstance(keys[-1], int):
        what = f"An entry of {what}"
    if details["type"] in _NEEDED:
        return _tell_type(details["type"], what, node)
    if details["type"] == "literal_error":
        shown = "must be one word" if isinstance(node.value, list | dict) else f"cannot be “{shorten(node.text)}”"
        return "choice", f"{what} {shown}.", f"Write {str(context['expected']).replace(chr(39), '')}."
    if details["type"] == "missing":
        return "missing-key", f"{what} is missing.", f"Add `{keys[-1]}:`"
    if details["type"] in {"string_too_short", "too_short"}:
        return "empty", f"{what} is empty.", "Write something or delete it"
    return details["type"], f"{what}: {details['msg']}.", ""


_NEEDED = {
    "string_type": "a text",
    "union_tag_invalid": "a text",
    "list_type": "a list",
    "model_type": "a mapping",
    "dict_type": "a mapping",
    "bool_type": "true or false",
}
_HOW = {
    "a list": "Start each entry with “- ”",
    "a mapping": "Write `key: value` lines, indented under the key",
    "true or false": "Write true or false, without quotes",
}


def _tell_type(kind: str, what: str, node: Node) -> tuple[str, str, str]:
    needed = _NEEDED[kind]
    if node.value is None and not node.text:
        return "empty", f"{what} has no value.", f"Write {needed} or delete the line"
    if isinstance(node.value, list | dict):
        found = "a list" if isinstance(node.value, list) else "a mapping (`key: value`)"
        quote = "Put a text that contains “: ” in quotes" if isinstance(node.value, dict) else "Write one text"
        return "shape", f"{what} must be {needed}, not {found}.", _HOW.get(needed, quote)
    if needed == "a text":
        found = {"bool": "true or false", "NoneType": "“no value”"}.get(type(node.value).__name__, "a number")
        return "quotes", f"YAML reads {node.text} as {found}, not as text.", f'Put quotes around it: "{node.text}"'
    return "shape", f"{what} must be {needed}, not “{shorten(node.text)}”.", _HOW[needed]
