"""Texts as columns of pyarrow: cut out of one long text, joined, and each different one kept once.

An object for each text of a table of millions takes most of the time that the table takes.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

TEXT = pa.dictionary(pa.int32(), pa.string())
"""The type of a column of texts of which each different one is kept once."""

_LONG = 20
# Bytes of a stretch from which on it is faster to take them at once than one by one.

_CONTINUES = -0x40
# As a signed number, the least byte of UTF-8 that begins a character.


def pick(names: Sequence[str] | pa.Array, numbers: Integers) -> pa.DictionaryArray:
    """Return a column of texts, given the different ones and the place of each row's among them."""
    names = names if isinstance(names, pa.Array) else pa.array(names, pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(numbers, pa.int32()), names)


def pick_distinct(texts: pa.Array, numbers: Integers) -> pa.DictionaryArray:
    """Return a column of texts, given some texts and the place of each row's among them; each different one once."""
    encoded = texts.dictionary_encode()
    return pick(encoded.dictionary, np.asarray(encoded.indices).take(numbers))


def merge(chunks: Sequence[pa.Array]) -> pa.Array:
    """Return columns behind one another as one, of texts each different one once in the order in which they come.

    So it depends on the rows alone, not on where they were cut.

    Parameters
    ----------
    chunks
        Columns of one type, at least one; where texts are kept once, all of a chunk are different.
    """
    if pa.types.is_string(chunks[0].type):
        return pa.concat_arrays(chunks).dictionary_encode()
    if not pa.types.is_dictionary(chunks[0].type):
        return pa.concat_arrays(chunks)
    whole = pa.concat_arrays(pa.chunked_array(chunks).unify_dictionaries().chunks)
    used = np.asarray(whole.indices.unique())
    place = np.zeros(len(whole.dictionary), np.int32)
    place[used] = np.arange(len(used))
    return pick(whole.dictionary.take(pa.array(used)), place.take(whole.indices))


def bytes_of(texts: pa.Array) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return where each text of a column begins in the bytes of all, one more than there are, and these bytes."""
    _, firsts, data = texts.buffers()
    if data is None or firsts is None:
        return np.zeros(len(texts) + 1, np.int32), np.zeros(0, np.uint8)
    offsets = np.frombuffer(firsts, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return offsets - offsets[0], np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]]


def join(texts: pa.Array, joiner: str) -> str:
    """Return the texts of a column as one."""
    row = pa.ListArray.from_arrays(pa.array([0, len(texts)], pa.int32()), texts)
    joined: str = pc.binary_join(row, joiner)[0].as_py()
    return joined


def join_groups(texts: pa.DictionaryArray, firsts: Integers, joiner: str) -> pa.DictionaryArray:
    """Return the texts of each group joined, each different one of a group once; most groups have one text.

    Parameters
    ----------
    texts
        A column of texts, of which rows side by side form a group; no group is empty.
    firsts
        Where each group begins, and where the last one ends.
    joiner
        Stands between several.
    """
    number, names = np.asarray(texts.indices, np.int64), texts.dictionary
    several = np.diff(firsts) > 1
    found = number[firsts[:-1]]
    if several.any():
        sizes = np.where(several, np.diff(firsts), 0)
        group = np.repeat(np.cumsum(several) - 1, sizes)
        rows = np.repeat(firsts[:-1] - (np.cumsum(sizes) - sizes), sizes) + np.arange(len(group))
        # What differs keeps the order in which it comes first.
        keys = pa.array(group * len(names) + number[rows]).unique().to_numpy()
        edges = np.searchsorted(keys // len(names), np.arange(int(several.sum()) + 1))
        apart = pa.ListArray.from_arrays(pa.array(edges, pa.int32()), names.take(pa.array(keys % len(names))))
        found[several] = len(names) + np.arange(len(apart))
        names = pa.concat_arrays([names, pc.binary_join(apart, joiner)])
    return pick(names, found)


class LongText:
    """A text, of which stretches are cut out as columns.

    Parameters
    ----------
    text
        The text, without surrogates.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._bytes = text.encode()
        self._is_ascii = len(self._bytes) == len(text)

    def cut(self, starts: Integers, ends: Integers) -> pa.Array:
        """Return the stretches between some places."""
        if not self._is_ascii:
            starts, ends = self._places.take(starts), self._places.take(ends)
        firsts = np.concatenate([[0], np.cumsum(ends - starts)])
        data = self._gather(starts, ends, firsts)
        buffers = None, pa.py_buffer(firsts.astype(np.int32)), pa.py_buffer(data)
        return pa.Array.from_buffers(pa.string(), len(starts), list(buffers))

    def _gather(self, starts: Integers, ends: Integers, firsts: Integers) -> bytes | NDArray[np.uint8]:
        """Return the bytes of all stretches; of long ones each at once, of short ones all bytes together."""
        if firsts[-1] > _LONG * len(starts):
            return b"".join([self._bytes[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)])
        at = np.repeat(starts - firsts[:-1], ends - starts) + np.arange(firsts[-1])
        return np.frombuffer(self._bytes, np.uint8).take(at)

    @cached_property
    def _places(self) -> Integers:
        """Where each character begins among the bytes, and where the last one ends."""
        begins = np.frombuffer(self._bytes, np.int8) >= _CONTINUES
        return np.append(np.flatnonzero(begins), len(self._bytes))
