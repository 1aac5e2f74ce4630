"""What a codebook file looks like: the shape that is checked, and the JSON Schema made of it."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from qualcode.codebook.fields import PROSE, SOME_TEXT, TEXTS, Flag, Key, ListOf, MapOf, Record, Text
from qualcode.codebook.rules import LIST_ENTRIES, RULE_ENTRY

if TYPE_CHECKING:
    from qualcode.codebook.fields import Complaint, Schema

_COLOUR = r"#[0-9A-Fa-f]{6}"
_SLUG = r"[a-z0-9][a-z0-9-]*"


def to_slug(name: str) -> str:
    """Return an id made of a name: ``Time commitment`` gives ``time-commitment``.

    ``""`` when the name has letters that an id cannot hold, such as Chinese ones.
    """
    plain = "".join(mark for mark in unicodedata.normalize("NFKD", name) if not unicodedata.combining(mark)).lower()
    if any(mark.isalpha() and not mark.isascii() for mark in plain):
        return ""
    return "-".join(re.findall(r"[a-z0-9]+", plain.replace("'", "").replace("’", "")))


def _check_slug(slug: str) -> Complaint:
    if re.fullmatch(_SLUG, slug):
        return None
    proposal = to_slug(slug)
    hint = f"Write id: {proposal}" if proposal else "Write an English word, such as id: timing"
    return "id", f"The id “{slug}” is not made of small letters a–z, digits and hyphens.", hint


def _check_colour(colour: str) -> Complaint:
    if re.fullmatch(_COLOUR, colour):
        return None
    hint = 'Write # and six hexadecimal digits in quotes, such as colour: "#0072B2"'
    return "colour", f"“{colour}” is not a colour that can be used.", hint


def _check_list_name(name: str) -> Complaint:
    if re.fullmatch(r"[\w-]+", name):
        return None
    return "list-name", f"“{name}” is no name of a list.", "Use letters, digits, - and _, such as networks"


EXAMPLES = Record(
    "Examples",
    "Passages that the code's rules must find, and must not; `qualcode codebook check` runs them.",
    lambda: {
        "hit": Key(TEXTS, "Passages that a rule of the code must find.", may_be_void=True),
        "miss": Key(TEXTS, "Passages that no rule of the code may find.", may_be_void=True),
    },
)


def _code_keys() -> dict[str, Key]:
    return {
        "id": Key(Text(_SLUG, _check_slug), "Never changes; by default made of the name."),
        "name": Key(SOME_TEXT, "What tables and figures call it."),
        "definition": Key(PROSE, "What it stands for.", may_be_void=True),
        "include": Key(TEXTS, "What belongs to it.", may_be_void=True),
        "exclude": Key(TEXTS, "What does not belong to it, and where that goes.", may_be_void=True),
        "examples": Key(EXAMPLES, "Tests of the rules.", may_be_void=True),
        "colour": Key(Text(_COLOUR, _check_colour), "Colour in figures; by default chosen by the program."),
        "retired": Key(Flag(), "Given no longer: its rules do not run, its codings still count."),
        "rules": Key(ListOf(RULE_ENTRY), "What tags a passage with the code.", may_be_void=True),
        "codes": Key(ListOf(CODE), "The codes below it.", may_be_void=True),
    }


CODE = Record("Code", "One code, with the codes below it.", _code_keys)

HISTORY = Record(
    "History",
    "One change of the codebook, as `qualcode codebook rename` and the like record it.",
    lambda: {
        "date": Key(PROSE, "When.", may_be_void=True),
        "change": Key(SOME_TEXT, "What was done, in a sentence.", is_required=True),
        "codes": Key(TEXTS, "Ids of the codes that it was done to.", may_be_void=True),
        "because": Key(SOME_TEXT, "Why.", is_required=True),
    },
)

CODEBOOK = Record(
    "Codebook",
    "A codebook of qualcode.",
    lambda: {
        "name": Key(SOME_TEXT, "The codebook's title."),
        "description": Key(PROSE, "What it is for.", may_be_void=True),
        "lists": Key(
            MapOf(LIST_ENTRIES, _check_list_name),
            "Terms shared under a name, used in rules as $name.",
            may_be_void=True,
        ),
        "codes": Key(ListOf(CODE), "The themes: codes at the top of the tree.", may_be_void=True),
        "history": Key(ListOf(HISTORY), "What was changed, when and why.", may_be_void=True),
    },
)


def codebook_schema() -> dict[str, Any]:
    """Return the JSON Schema of a codebook file, for editors that complete and check as one types."""
    definitions: dict[str, Schema] = {}
    CODEBOOK.schema(definitions)
    top = definitions.pop("Codebook")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "qualcode codebook",
        **top,
        "required": ["codes"],
        "$defs": definitions,
    }
