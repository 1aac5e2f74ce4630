"""What a codebook file looks like: the shape that is checked, and the JSON Schema made of it."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from qualcode.codebook.fields import Shape, Text, Texts
from qualcode.codebook.rules import Language, ListEntries, RuleEntry  # noqa: TC001  # pydantic reads the annotations
from qualcode.codebook.tree import to_slug

_COLOUR = r"#[0-9A-Fa-f]{6}"
_SLUG = r"[a-z0-9][a-z0-9-]*"


def _check_slug(slug: str) -> str:
    if not re.fullmatch(_SLUG, slug):
        proposal = to_slug(slug)
        raise PydanticCustomError(
            "id",
            "The id “{slug}” must consist of lower-case letters a–z, digits and hyphens.",
            {
                "slug": slug,
                "hint": f"Write id: {proposal}" if proposal else "Write an English word, such as id: timing",
            },
        )
    return slug


def _check_colour(colour: str) -> str:
    if not re.fullmatch(_COLOUR, colour):
        raise PydanticCustomError(
            "colour",
            "“{colour}” is not a valid colour.",
            {"colour": colour, "hint": 'Write # and six hexadecimal digits in quotes, such as colour: "#0072B2"'},
        )
    return colour


def _check_list_name(name: str) -> str:
    if not re.fullmatch(r"[\w-]+", name):
        raise PydanticCustomError(
            "list-name",
            "“{name}” is not a valid name of a list.",
            {"name": name, "hint": "Use letters, digits, - and _, such as networks"},
        )
    return name


def _or(default: Any) -> BeforeValidator:
    """Let a key with nothing after it, as in a codebook that is being written, mean the default."""
    return BeforeValidator(lambda value: default if value is None else value)


Slug = Annotated[Text, AfterValidator(_check_slug), WithJsonSchema({"type": "string", "pattern": f"^{_SLUG}$"})]
Colour = Annotated[Text, AfterValidator(_check_colour), WithJsonSchema({"type": "string", "pattern": f"^{_COLOUR}$"})]
Prose = Annotated[str, _or("")]
ListName = Annotated[str, AfterValidator(_check_list_name)]
SomeTexts = Annotated[Texts, _or([])]


class ExamplesShape(Shape):
    """Passages that the code's rules must find, and must not; ``qualcode codebook check`` runs them."""

    hit: SomeTexts = Field(default=[], description="Passages that a rule of the code must find.")
    miss: SomeTexts = Field(default=[], description="Passages that no rule of the code may find.")


class CodeShape(Shape):
    """One code, with the codes below it."""

    id: Slug = Field("", description="Id of the code; never changes; by default made from the name.")
    name: Text = Field("", description="Name of the code in tables and figures.")
    definition: Prose = Field("", description="What the code means.")
    include: SomeTexts = Field([], description="What belongs to the code.")
    exclude: SomeTexts = Field([], description="What does not belong to the code, and where it goes instead.")
    examples: Annotated[ExamplesShape, _or(ExamplesShape())] = Field(ExamplesShape(), description="Tests of the rules.")
    colour: Colour = Field("", description="Colour in figures; by default chosen by the program.")
    retired: bool = Field(
        default=False, description="The code is no longer given: its rules do not run, its codings still count."
    )
    rules: Annotated[list[RuleEntry], _or([])] = Field([], description="What tags a passage with the code.")
    codes: Annotated[list[CodeShape], _or([])] = Field([], description="The codes below it.")


class HistoryShape(Shape):
    """One change of the codebook, as ``qualcode codebook rename`` and the like record it."""

    date: Prose = Field("", description="When.")
    change: Text = Field(description="What was done, in a sentence.")
    codes: SomeTexts = Field([], description="Ids of the codes that were changed.")
    because: Text = Field(description="Why.")


class CodebookShape(Shape):
    """A codebook of qualcode."""

    name: Text = Field("", description="The codebook's title.")
    description: Prose = Field("", description="What the codebook is for.")
    language: Annotated[Language | None, WithJsonSchema({"type": "string", "pattern": "^[a-z]{2,3}$"})] = Field(
        None, description="Code of the language of the examples, such as de; by default told by their letters."
    )
    lists: Annotated[dict[ListName, ListEntries], _or({})] = Field(
        {}, description="Terms shared under a name, used in rules as $name."
    )
    codes: Annotated[list[CodeShape], _or([])] = Field([], description="The themes: codes at the top of the tree.")
    history: Annotated[list[HistoryShape], _or([])] = Field([], description="What was changed, when and why.")


def make_schema() -> dict[str, Any]:
    """Return the JSON Schema of a codebook file."""
    schema = CodebookShape.model_json_schema()
    schema["title"] = "qualcode codebook"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "required": ["codes"]}
