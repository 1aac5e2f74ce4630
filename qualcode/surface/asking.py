"""What a page asks for: plain data from outside, read with care."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from qualcode.errors import StudyError
from qualcode.model import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

Data: TypeAlias = "Mapping[str, Any]"
"""What was asked, as it came."""

Answer: TypeAlias = dict[str, Any]
"""What is answered: plain data that JSON can hold."""

LONGEST = 100_000
"""Characters of a text that a page may send: a long memo, not a book."""


def take_text(data: Data, key: str, default: str | None = None) -> str:
    """Return a text that was sent.

    Raises
    ------
    StudyError
        If there is none and no default, or it is no text.
    """
    value = data.get(key, default)
    if not isinstance(value, str) or len(value) > LONGEST:
        raise StudyError(f"“{key}” is missing or no text.", hint="Reload the page")
    return value


def take_span(data: Data, key: str) -> Span:
    """Return a passage that was sent as ``[start, end]``.

    Raises
    ------
    StudyError
        If it is none.
    """
    return read_span(data.get(key), key)


def read_span(value: object, key: str = "span") -> Span:
    """Return a passage from ``[start, end]``.

    Raises
    ------
    StudyError
        If it is none.
    """
    if isinstance(value, list) and len(value) == 2 and all(type(one) is int for one in value):  # noqa: PLR2004  # a pair
        start, end = value
        if 0 <= start < end:
            return Span(start, end)
    raise StudyError(f"“{key}” does not name a passage.", hint="Pick some words first")


def take_list(data: Data, key: str) -> list[Any]:
    """Return a list that was sent; an empty one when there is none.

    Raises
    ------
    StudyError
        If it is none.
    """
    value = data.get(key, [])
    if not isinstance(value, list):
        raise StudyError(f"“{key}” does not hold a list.", hint="Reload the page")
    return value


def take_mapping(value: object) -> Data:
    """Return an object that was sent.

    Raises
    ------
    StudyError
        If it is none.
    """
    if not isinstance(value, dict):
        raise StudyError("What was sent cannot be read.", hint="Reload the page")
    return value
