"""The kinds of fields that codebooks are made of: what a value must look like, and what is wrong with another.

A shape checks a plain value and describes itself as JSON Schema, so that the two cannot differ. It needs no library:
whoever reads a codebook waits for none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Place: TypeAlias = "tuple[int | str, ...]"
"""Keys and positions that lead from the top of a file to a value."""

Schema: TypeAlias = "dict[str, Any]"


class Mistake(NamedTuple):
    """What is wrong with a value.

    Attributes
    ----------
    rule
        Which law it breaks: ``text``, ``list``, ``mapping`` or ``boolean`` when that is what it must be,
        ``unknown-key``, ``missing-key``, ``empty``, or a law of its field.
    place
        Where it stands.
    message, hint
        In words, where the field knows them.
    known
        The keys that there are, for one that is unknown.
    """

    rule: str
    place: Place
    message: str = ""
    hint: str = ""
    known: tuple[str, ...] = ()


Complaint: TypeAlias = "tuple[str, str, str] | None"
"""Rule, message and hint of a mistake, if there is one."""


class Shape(Protocol):
    """What a value must look like."""

    def check(self, value: Any, place: Place) -> Iterator[Mistake]:
        """Yield what is wrong with a value."""
        ...

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        """Return its JSON Schema; mappings go to the definitions."""
        ...


@dataclass(frozen=True, slots=True)
class Text:
    """A text; ``pattern`` is for the JSON Schema alone, ``law`` says what is wrong with one."""

    pattern: str = ""
    law: Callable[[str], Complaint] = field(default=lambda _: None)
    may_be_empty: bool = False

    def check(self, value: Any, place: Place) -> Iterator[Mistake]:
        """Yield what is wrong with a value."""
        if not isinstance(value, str):
            yield Mistake("text", place)
        elif not self.may_be_empty and not value.strip():
            yield Mistake("empty", place)
        elif complaint := self.law(value.strip()):
            rule, message, hint = complaint
            yield Mistake(rule, place, message, hint)

    def schema(self, definitions: dict[str, Schema]) -> Schema:  # noqa: ARG002
        """Return its JSON Schema."""
        found: Schema = {"type": "string"}
        if self.pattern:
            found["pattern"] = f"^{self.pattern}$"
        elif not self.may_be_empty:
            found["minLength"] = 1
        return found


@dataclass(frozen=True, slots=True)
class Flag:
    """``true`` or ``false``."""

    def check(self, value: Any, place: Place) -> Iterator[Mistake]:
        """Yield what is wrong with a value."""
        if not isinstance(value, bool):
            yield Mistake("boolean", place)

    def schema(self, definitions: dict[str, Schema]) -> Schema:  # noqa: ARG002
        """Return its JSON Schema."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value of several types, which a law knows."""

    law: Callable[[Any], Complaint]
    json_schema: Schema

    def check(self, value: Any, place: Place) -> Iterator[Mistake]:
        """Yield what is wrong with a value."""
        if complaint := self.law(value):
            rule, message, hint = complaint
            yield Mistake(rule, place, message, hint)

    def schema(self, definitions: dict[str, Schema]) -> Schema:  # noqa: ARG002
        """Return its JSON Schema."""
        return self.json_schema


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of entries of one shape."""

    entry: Shape
    may_be_empty: bool = True

    def check(self, value: Any, place: Place) -> Iterator[Mistake]:
        """Yield what is wrong with a value."""
        if not isinstance(value, list):
            yield Mistake("list", place)
            return
        if not value and not self.may_be_empty:
            yield Mistake("empty", place)
        for number, entry in enumerate(value):
            yield from self.entry.check(entry, (*place, number))

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        """Return its JSON Schema."""
        least = {} if self.may_be_empty else {"minItems": 1}
        return {"type": "array", "items": self.entry.schema(definitions), **least}


@dataclass(frozen=True, slots=True)
class MapOf:
    """A mapping with keys that the writer chooses."""

    entry: Shape
    law: Callable[[str], Complaint] = field(default=lambda _: None)

    def check(self, value: Any, place: Place) -> Iterator[Mistake]:
        """Yield what is wrong with a value."""
        if not isinstance(value, dict):
            yield Mistake("mapping", place)
            return
        for key, entry in value.items():
            if complaint := self.law(key):
                rule, message, hint = complaint
                yield Mistake(rule, (*place, key), message, hint)
            yield from self.entry.check(entry, (*place, key))

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        """Return its JSON Schema."""
        return {"type": "object", "additionalProperties": self.entry.schema(definitions)}


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value."""

    def check(self, value: Any, place: Place) -> Iterator[Mistake]:  # noqa: ARG002
        """Yield nothing."""
        yield from ()

    def schema(self, definitions: dict[str, Schema]) -> Schema:  # noqa: ARG002
        """Return its JSON Schema."""
        return {}


@dataclass(frozen=True, slots=True)
class OneOf:
    """A value written in one of several forms: as a text, a list or a mapping."""

    text: Shape
    as_list: Shape | None = None
    as_mapping: Shape | None = None

    def check(self, value: Any, place: Place) -> Iterator[Mistake]:
        """Yield what is wrong with a value."""
        found = self.text
        if isinstance(value, list) and self.as_list is not None:
            found = self.as_list
        elif isinstance(value, dict) and self.as_mapping is not None:
            found = self.as_mapping
        yield from found.check(value, place)

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        """Return its JSON Schema."""
        forms = (self.text, self.as_list, self.as_mapping)
        return {"oneOf": [form.schema(definitions) for form in forms if form is not None]}


class Key(NamedTuple):
    """What stands under a key of a mapping; ``may_be_void``: also nothing, as in a codebook that is being written."""

    shape: Shape
    description: str
    may_be_void: bool = False
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys only; ``law`` looks at one in which each value is right."""

    name: str
    description: str
    keys: Callable[[], Mapping[str, Key]]
    law: Callable[[dict[str, Any]], Complaint] = field(default=lambda _: None)

    def check(self, value: Any, place: Place) -> Iterator[Mistake]:
        """Yield what is wrong with a value."""
        if not isinstance(value, dict):
            yield Mistake("mapping", place)
            return
        mistakes = list(self._check_keys(value, place))
        yield from mistakes
        if not mistakes and (complaint := self.law(value)):
            rule, message, hint = complaint
            yield Mistake(rule, place, message, hint)

    def _check_keys(self, value: dict[str, Any], place: Place) -> Iterator[Mistake]:
        keys = self.keys()
        for key, given in value.items():
            if key not in keys:
                yield Mistake("unknown-key", (*place, key), known=tuple(keys))
            elif given is not None or not keys[key].may_be_void:
                yield from keys[key].shape.check(given, (*place, key))
        for key, wanted in keys.items():
            if wanted.is_required and key not in value:
                yield Mistake("missing-key", (*place, key))

    def schema(self, definitions: dict[str, Schema]) -> Schema:
        """Return its JSON Schema."""
        if self.name not in definitions:
            found = definitions[self.name] = {"type": "object", "description": self.description}
            found["properties"] = {
                key: {**one.shape.schema(definitions), "description": one.description}
                for key, one in self.keys().items()
            }
            found["additionalProperties"] = False
            if required := [key for key, one in self.keys().items() if one.is_required]:
                found["required"] = required
        return {"$ref": f"#/$defs/{self.name}"}


SOME_TEXT = Text()
PROSE = Text(may_be_empty=True)
TEXTS = OneOf(SOME_TEXT, as_list=ListOf(SOME_TEXT))
"""One text or a list of texts."""
