"""Texts as columns of pyarrow: cut out of one long text, joined, and each different one kept once.

An object for each text of a table of millions takes most of the time that the table takes. What is made here of arrays,
lists and columns goes by way of their bytes: pyarrow's own ways load pandas, which takes as long as a million words.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qualcode.byte_places import BytePlaces

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

TEXT = pa.dictionary(pa.int32(), pa.string())
"""The type of a column of texts of which each different one is kept once."""

_SHARE = 1 << 19
# Different texts that are numbered at once: pyarrow's table of so many takes 30 MB, and one of ten times as many 600.

_LONG = 20
# Bytes of a stretch from which on it is faster to take them at once than one by one.

_LAYERS = 6
# Of stretches that lie over one another, before those that are left are taken one by one.

_KINDS = {pa.from_numpy_dtype(kind): kind for kind in map(np.dtype, ("i4", "i8", "u8"))}
# What pyarrow gives numbers in: places, lengths and order.


def to_column(values: NDArray[Any]) -> pa.Array:
    """Return an array of numbers or truth values as a column, without a copy of numbers that stand together."""
    is_flag = values.dtype == np.bool_
    kind = pa.bool_() if is_flag else pa.from_numpy_dtype(values.dtype)
    data = np.packbits(values, bitorder="little") if is_flag else np.ascontiguousarray(values)
    return pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(data)])


def to_numbers(column: pa.Array) -> NDArray[Any]:
    """Return a column of numbers as an array that is not to be written to; none of them is missing."""
    return _view(column, _KINDS[column.type])[column.offset : column.offset + len(column)]


def to_flags(column: pa.Array) -> NDArray[np.bool_]:
    """Return a column of truth values as an array; none of them is missing."""
    bits = np.unpackbits(_view(column, np.dtype(np.uint8)), bitorder="little")
    return bits[column.offset : column.offset + len(column)].view(np.bool_)


def _view(column: pa.Array, kind: np.dtype[Any]) -> NDArray[Any]:
    data = column.buffers()[1]
    return np.frombuffer(data, kind, count=data.size // kind.itemsize) if data else np.zeros(0, kind)


def to_texts(texts: Sequence[str]) -> pa.Array:
    """Return texts as a column.

    Raises
    ------
    UnicodeEncodeError
        If one holds a lone surrogate.
    """
    data = [text.encode() for text in texts]
    firsts = np.zeros(len(data) + 1, np.int32)
    np.cumsum([*map(len, data)], out=firsts[1:])
    buffers = [None, pa.py_buffer(firsts), pa.py_buffer(b"".join(data))]
    return pa.Array.from_buffers(pa.string(), len(data), buffers)


def text_value(text: str) -> pa.StringScalar:
    """Return a text as a single value, which columns are compared with."""
    return to_texts([text])[0]


NOTHING = text_value("")
"""The empty text."""


def pick(names: Sequence[str] | pa.Array, numbers: NDArray[np.integer[Any]]) -> pa.DictionaryArray:
    """Return a column of texts, given the different ones and the place of each row's among them."""
    names = names if isinstance(names, pa.Array) else to_texts(names)
    return pa.DictionaryArray.from_arrays(to_column(numbers.astype(np.int32, copy=False)), names)


def pick_distinct(texts: pa.Array, numbers: NDArray[np.integer[Any]]) -> pa.DictionaryArray:
    """Return a column of texts, given some texts and the place of each row's among them; each different one once."""
    encoded = texts.dictionary_encode()
    return pick(encoded.dictionary, to_numbers(encoded.indices).take(numbers))


def ascend(texts: pa.Array) -> bool:
    """Tell whether texts ascend, by letters or counted upward as R1, R2 … are: then all are different."""
    here, behind = texts[:-1], texts[1:]
    is_later = to_flags(pc.greater(behind, here))
    sizes = to_numbers(pc.binary_length(texts))
    counts = (sizes[1:] > sizes[:-1]) | (is_later & (sizes[1:] == sizes[:-1]))
    return bool(is_later.all() or counts.all())


def merge(chunks: Sequence[pa.Array]) -> pa.Array:
    """Return columns behind one another as one, of texts each different one once in the order in which they come.

    So it depends on the rows alone, not on where they were cut.

    Parameters
    ----------
    chunks
        Columns of one type, at least one.
    """
    if pa.types.is_string(chunks[0].type):
        return pa.concat_arrays(chunks).dictionary_encode()
    if not pa.types.is_dictionary(chunks[0].type):
        return pa.concat_arrays(chunks)
    used = [_find_used(to_numbers(chunk.indices)) for chunk in chunks]
    texts = [chunk.dictionary.take(to_column(own)) for chunk, own in zip(chunks, used, strict=True)]
    encoded = _encode(pa.concat_arrays(texts))
    edges = np.cumsum([0, *map(len, used)])
    places = np.split(to_numbers(encoded.indices), edges[1:-1])
    numbers = []
    for chunk, own, place in zip(chunks, used, places, strict=True):
        table = np.zeros(len(chunk.dictionary), np.int32)
        table[own] = place
        numbers.append(table.take(to_numbers(chunk.indices)))
    return pick(encoded.dictionary, np.concatenate(numbers))


def _encode(texts: pa.Array) -> pa.DictionaryArray:
    """Return texts with each different one once; ids of transcripts most often ascend, and are different."""
    return pick(texts, np.arange(len(texts))) if ascend(texts) else texts.dictionary_encode()


def _find_used(numbers: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the different numbers in the order in which they come first; many columns stand in order already."""
    is_new = np.ones(len(numbers), bool)
    np.not_equal(numbers[1:], numbers[:-1], out=is_new[1:])
    runs = numbers[is_new]
    return runs if (runs[1:] > runs[:-1]).all() else to_numbers(to_column(runs).unique())


def number_texts(chunks: Iterable[pa.Array]) -> tuple[NDArray[np.int32], pa.Array]:
    """Give each different text of a long column a number, from 0 in the order in which they come first.

    Millions of names are dealt into shares by their bytes, so that what is alike is in one share, and each share is
    numbered by itself: that takes a tenth of the memory that all at once take.

    Parameters
    ----------
    chunks
        The column, part by part.

    Returns
    -------
    tuple
        The number of each row, and the texts that the numbers stand for.

    Raises
    ------
    pyarrow.ArrowInvalid
        If a text is missing.
    """
    parts = [chunk.dictionary_encode() for chunk in chunks]
    if any(part.null_count for part in parts):
        raise pa.ArrowInvalid("a text is missing")
    texts = pa.chunked_array([part.dictionary for part in parts], pa.string())
    places, is_first = _number_shares(texts)
    edges = np.cumsum([len(part.dictionary) for part in parts])[:-1]
    own = np.split(places, edges) if parts else []
    numbers = [place.take(to_numbers(part.indices)) for place, part in zip(own, parts, strict=True)]
    named = texts.filter(pa.chunked_array([to_column(is_first)])).chunks
    return np.concatenate([np.zeros(0, np.int32), *numbers]), pa.concat_arrays([to_texts([]), *named])


def _number_shares(texts: pa.ChunkedArray) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """Return the number of each text, and which of them is the first of its number."""
    share = _deal(texts, len(texts) // _SHARE + 1)
    numbers = np.zeros(len(texts), np.int32)
    n_found = 0
    for one in range(int(share.max(initial=-1)) + 1):
        is_here = share == one
        encoded = texts.filter(pa.chunked_array([to_column(is_here)])).combine_chunks().dictionary_encode()
        numbers[is_here] = to_numbers(encoded.indices) + np.int32(n_found)
        n_found += len(encoded.dictionary)
    firsts = np.full(n_found, len(texts))
    np.minimum.at(firsts, numbers, np.arange(len(texts)))
    is_first = np.zeros(len(texts), np.bool_)
    is_first[firsts] = True
    order = np.cumsum(is_first, dtype=np.int32)[firsts] - np.int32(1)
    return order.take(numbers), is_first


def _deal(texts: pa.ChunkedArray, n_shares: int) -> NDArray[np.int32]:
    """Return the share of each text, the same of texts that are alike: the sum of what each of its bytes weighs."""
    weights = np.random.default_rng(0).integers(1 << 32, size=256, dtype=np.uint32)
    shares = [np.zeros(0, np.int32)]
    for chunk in texts.chunks:
        edges, data = bytes_of(chunk)
        before = np.zeros(len(data) + 1, np.uint32)
        np.cumsum(weights.take(data), out=before[1:])
        shares.append(((before.take(edges[1:]) - before.take(edges[:-1])) % n_shares).astype(np.int32))
    return np.concatenate(shares)


def bytes_of(texts: pa.Array) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return where each text of a column begins in the bytes of all, one more than there are, and these bytes."""
    _, firsts, data = texts.buffers()
    if data is None or firsts is None:
        return np.zeros(len(texts) + 1, np.int32), np.zeros(0, np.uint8)
    offsets = np.frombuffer(firsts, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return offsets - offsets[0], np.frombuffer(data, np.uint8)[offsets[0] : offsets[-1]]


def join(texts: pa.Array, joiner: str) -> bytes:
    """Return the texts of a column as one, in UTF-8."""
    row = pa.ListArray.from_arrays(to_column(np.array([0, len(texts)], np.int32)), texts)
    joined: bytes = pc.binary_join(row, text_value(joiner))[0].as_buffer().to_pybytes()
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
    number, names = to_numbers(texts.indices).astype(np.int64), texts.dictionary
    found = number.take(firsts[:-1])
    several = np.flatnonzero(firsts[1:] - firsts[:-1] > 1)
    if len(several):
        begins = firsts.take(several)
        sizes = firsts.take(several + 1) - begins
        group = np.repeat(np.arange(len(several)), sizes)
        rows = np.repeat(begins - (np.cumsum(sizes) - sizes), sizes) + np.arange(len(group))
        # What differs keeps the order in which it comes first.
        keys = to_numbers(to_column(group * len(names) + number[rows]).unique())
        edges = np.searchsorted(keys // len(names), np.arange(len(several) + 1))
        apart = pa.ListArray.from_arrays(to_column(edges.astype(np.int32)), names.take(to_column(keys % len(names))))
        found[several] = len(names) + np.arange(len(apart))
        names = pa.concat_arrays([names, pc.binary_join(apart, text_value(joiner))])
    return pick(names, found)


class LongText:
    """A text, of which stretches are cut out as columns.

    Attributes
    ----------
    text
        The text, without surrogates.
    data
        The same in UTF-8.
    """

    def __init__(self, text: str, data: bytes | None = None) -> None:
        self.text = text
        self.data = text.encode() if data is None else data

    def __len__(self) -> int:
        return len(self.text)

    @cached_property
    def places(self) -> BytePlaces:
        """Where its characters stand among its bytes."""
        return BytePlaces(self.data)

    def cut(self, starts: Integers, ends: Integers) -> pa.Array:
        """Return the stretches between some places, best in the order of the text."""
        starts, ends = self.places.find(starts), self.places.find(ends)
        is_short = int((ends - starts).sum()) <= _LONG * len(starts)
        return self._gather(starts, ends) if is_short else self._take(starts, ends)

    def _gather(self, starts: Integers, ends: Integers) -> pa.Array:
        """Return short stretches: all their bytes at once."""
        firsts = np.concatenate([[0], np.cumsum(ends - starts)])
        at = np.repeat(starts - firsts[:-1], ends - starts) + np.arange(firsts[-1])
        return _array(firsts, np.frombuffer(self.data, np.uint8).take(at))

    def _take(self, starts: Integers, ends: Integers) -> pa.Array:
        """Return long stretches: of those that lie apart, the text itself is a column, in which gaps lie between."""
        parts, rows, left = [], [], np.arange(len(starts))
        for _ in range(_LAYERS):
            reached = np.maximum.accumulate(ends[left])
            is_apart = np.ones(len(left), bool)
            is_apart[1:] = starts[left][1:] >= reached[:-1]
            row, left = left[is_apart], left[~is_apart]
            edges = np.stack([starts[row], ends[row]], axis=1).ravel()
            parts.append(_array(edges, self.data).take(_evens(len(row))))
            rows.append(row)
            if not len(left):
                break
        else:
            places = zip(starts[left].tolist(), ends[left].tolist(), strict=True)
            words = b"".join([self.data[start:end] for start, end in places])
            parts.append(_array(np.append(0, np.cumsum(ends[left] - starts[left])), words))
            rows.append(left)
        order = np.empty(len(starts), np.int64)
        order[np.concatenate(rows)] = np.arange(len(starts))
        return parts[0] if len(parts) == 1 else pa.concat_arrays(parts).take(to_column(order))


def _array(edges: Integers, data: bytes | NDArray[np.uint8]) -> pa.Array:
    """Return the column of texts that lie behind one another in bytes, given where they begin and end."""
    buffers = None, pa.py_buffer(edges.astype(np.int32)), pa.py_buffer(data)
    return pa.Array.from_buffers(pa.string(), len(edges) - 1, list(buffers))


def _evens(count: int) -> pa.Array:
    return to_column(np.arange(0, 2 * count, 2))
