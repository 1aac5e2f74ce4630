"""Where the characters of a text stand among its bytes in UTF-8, for many at once."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Places = NDArray[np.integer[Any]]

_LEAST_BEGIN = -0x40
# As a signed number, the least byte of UTF-8 that begins a character; those below continue one.


class BytePlaces:
    """Places of a text in characters as places in bytes, and back.

    To look a place up is faster than to search for it, and a table of all places is soon made.

    Parameters
    ----------
    data
        The text in UTF-8.
    """

    def __init__(self, data: bytes) -> None:
        self._n_bytes = len(data)
        is_plain = data.isascii()
        # Bytes that only continue a character.
        self._inside = (
            np.zeros(0, np.int64) if is_plain else np.flatnonzero(np.frombuffer(data, np.int8) < _LEAST_BEGIN)
        )

    def find(self, characters: Places) -> Integers:
        """Return at which byte each of some characters begins, or the text ends."""
        found: Integers = characters.astype(np.int64)
        if len(self._inside):
            found += self._before_characters.take(characters)
        return found

    def count(self, places: Places) -> Integers:
        """Return how many characters begin before each of some bytes."""
        counted: Integers = places.astype(np.int64)
        if len(self._inside):
            counted -= self._before_bytes.take(places)
        return counted

    @cached_property
    def _before_characters(self) -> NDArray[np.int32]:
        # The character behind that which a byte continues: there are as many before it as bytes that begin one.
        behind = self._inside - np.arange(len(self._inside))
        return _count_up(behind, self._n_bytes - len(self._inside))

    @cached_property
    def _before_bytes(self) -> NDArray[np.int32]:
        return _count_up(self._inside + 1, self._n_bytes)


def _count_up(steps: Integers, last: int) -> NDArray[np.int32]:
    """Return for each place up to the last how many steps, which ascend, have been taken there."""
    sizes = np.diff(np.concatenate([[0], steps, [last + 1]]))
    return np.repeat(np.arange(len(steps) + 1, dtype=np.int32), sizes)
