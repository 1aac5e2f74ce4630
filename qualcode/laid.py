"""Codings of several sheets as columns, in the order of the sheets; of the rules' own no object is made."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from qualcode.columns import Texts
from qualcode.model import RULES_CODER
from qualcode.suggested import Suggestions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from qualcode.axis import Axis
    from qualcode.model import Coding, Transcript

    Integers = NDArray[np.int64]

JOINER = "; "
"""Stands between several rules, or several matched words, of one coding."""


class LaidCodings:
    """Codings on the axis.

    Parameters
    ----------
    parts
        Codings sheet by sheet, or of many sheets together.
    axis
        Where their transcripts lie.
    places
        Place of each code in the codebook, by its id.

    Attributes
    ----------
    start, end, code
        Where each coding stands on the axis, and the place of its code.
    texts
        What else is said of them.
    """

    def __init__(self, parts: Sequence[Sequence[Coding]], axis: Axis, places: Mapping[str, int]) -> None:
        self.texts = LaidTexts(parts, axis)
        self._parts = parts
        self._axis = axis
        # The rules' passages of all transcripts are one, so that their codes are looked up once.
        self._codes: dict[int, Integers] = {}
        found = [self._lay(part, places) for part in parts]
        nothing = np.zeros(0, dtype=np.int64)
        columns = zip((nothing, nothing, nothing), *found, strict=True)
        self.start, self.end, self.code = (np.concatenate(column) for column in columns)

    def _lay(self, part: Sequence[Coding], places: Mapping[str, int]) -> tuple[Integers, Integers, Integers]:
        if not isinstance(part, Suggestions):
            code = np.array([places[coding.code] for coding in part], dtype=np.int64)
            return *self._axis.locate(part), code
        passages, rows = part.passages, part.rows
        place = self._codes.get(id(passages))
        if place is None:
            place = np.array([places[code] for code in passages.codes], dtype=np.int64)
            self._codes[id(passages)] = place
        _, base = self._axis.bases[part.transcript]
        start, end = (column[rows].astype(np.int64) + base for column in (passages.start, passages.end))
        return start, end, place[passages.code[rows]]

    def __len__(self) -> int:
        return len(self.start)

    def objects(self, rows: Integers) -> list[Coding]:
        """Return the codings of some rows, ascending, as objects."""
        if len(rows) == len(self):
            return list(chain.from_iterable(self._parts))
        found: list[Coding] = []
        first = 0
        for part in self._parts:
            low, high = np.searchsorted(rows, [first, first + len(part)])
            found.extend(part[row - first] for row in rows[low:high].tolist())
            first += len(part)
        return found


class LaidTexts:
    """The texts of codings, which are taken when somebody asks for them.

    Parameters
    ----------
    parts, axis
        As in :class:`LaidCodings`.
    """

    def __init__(self, parts: Sequence[Sequence[Coding]], axis: Axis) -> None:
        self._parts = parts
        self._axis = axis

    def take(self, name: str, rows: Integers) -> Texts:
        """Return a text of some rows: ``coder``, ``verdict``, ``rule``, ``matched``, ``quote`` or ``note``."""
        import pyarrow as pa

        from qualcode.text_columns import pick_distinct, to_numbers, to_texts

        found = [self._texts(name, part) for part in self._parts]
        firsts = np.cumsum([0, *(len(one.dictionary) for one in found)]).tolist()
        numbers = [to_numbers(one.indices) + np.int32(first) for one, first in zip(found, firsts, strict=False)]
        names = pa.concat_arrays([to_texts([]), *(one.dictionary for one in found)])
        column = pick_distinct(names, np.concatenate([np.zeros(0, np.int32), *numbers])[rows])
        return Texts(column.dictionary, to_numbers(column.indices))

    def _texts(self, name: str, part: Sequence[Coding]) -> pa.DictionaryArray:
        from qualcode.text_columns import to_texts

        if isinstance(part, Suggestions):
            return _OF_RULES[name](part)
        if name in {"rule", "matched"}:
            texts = [_TOLD[name](coding, self._axis.bases[coding.transcript][0]) for coding in part]
        else:
            texts = [getattr(coding, name) for coding in part]
        return to_texts(texts).dictionary_encode()


def _repeat(text: str) -> Callable[[Suggestions], pa.DictionaryArray]:
    def repeat(part: Suggestions) -> pa.DictionaryArray:
        from qualcode.text_columns import pick

        return pick([text], np.zeros(len(part), dtype=np.int64))

    return repeat


def _quote(part: Suggestions) -> pa.DictionaryArray:
    from qualcode.text_columns import LongText

    return part.passages.quote(LongText(part.text), part.rows)


def _quote_evidence(part: Suggestions) -> pa.DictionaryArray:
    from qualcode.text_columns import LongText

    return part.passages.quote_matched(LongText(part.text), JOINER, part.rows)


_OF_RULES: dict[str, Callable[[Suggestions], pa.DictionaryArray]] = {
    "coder": _repeat(RULES_CODER),
    "verdict": _repeat("suggested"),
    "rule": lambda part: part.passages.name_rules(JOINER, part.rows),
    "matched": _quote_evidence,
    "quote": _quote,
    "note": _repeat(""),
}


def _name_rules(coding: Coding, _: Transcript) -> str:
    return _join([evidence.rule for evidence in coding.evidence])


def _quote_matched(coding: Coding, transcript: Transcript) -> str:
    return _join([transcript.quote(span) for evidence in coding.evidence for span in evidence.spans])


_TOLD: dict[str, Callable[[Coding, Transcript], str]] = {"rule": _name_rules, "matched": _quote_matched}


def _join(texts: list[str]) -> str:
    """Return the texts in one line, each once."""
    return JOINER.join(dict.fromkeys(texts)) if len(texts) > 1 else "".join(texts)
