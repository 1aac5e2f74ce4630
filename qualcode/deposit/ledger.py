"""What files state against what is counted again: every number is entered once, every difference with both values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from os.path import commonprefix
from typing import TYPE_CHECKING

from qualcode.reports import NUMERAL, split_numbers

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MISSING, EXTRA = "(missing)", "(not there)"
"""What stands in the place of a text that a file lacks, or has without a reason."""

_BEFORE, _AFTER = 20, 60
_MOST_LINES = 20_000
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE]-?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Difference:
    """A place where a file does not follow from the codings.

    Attributes
    ----------
    file
        Its name in the folder.
    number
        The id under which it was counted again.
    stated, recounted
        What the file says, and what follows from the codings.
    """

    file: str
    number: str
    stated: str
    recounted: str


@dataclass
class Ledger:
    """The numbers that were looked at, and the differences.

    Attributes
    ----------
    n_numbers
        How many numbers of files were counted again.
    n_files
        How many files of an archive have a checksum.
    differences
        In the order of the files.
    """

    n_numbers: int = 0
    n_files: int = 0
    differences: list[Difference] = field(default_factory=list)

    def add(self, file: str, number: str, stated: str, recounted: str) -> None:
        """Enter a difference; of long texts, the places where they part."""
        self.differences.append(Difference(file, number, *_excerpt(stated, recounted)))

    def compare_texts(
        self, file: str, stated: Mapping[str, str], recounted: Mapping[str, str], numeric: frozenset[str]
    ) -> None:
        """Compare texts by their ids; ``numeric`` says which are numbers as they stand and which hold none."""
        for one, text in recounted.items():
            numbers = split_numbers(one, text, numeric)
            self.n_numbers += len(numbers)
            found = stated.get(one)
            if found is None:
                self.add(file, one, MISSING, text)
            elif found != text:
                self._part(file, one, (found, text), numbers, split_numbers(one, found, numeric))
        self._compare_presence(file, stated, recounted)

    def _compare_presence(self, file: str, stated: Mapping[str, str], recounted: Mapping[str, str]) -> None:
        """Enter what nothing counted again says, and the first place from which on the order is another."""
        for one in stated.keys() - recounted.keys():
            self.add(file, one, stated[one], EXTRA)
        theirs = [one for one in stated if one in recounted]
        mine = [one for one in recounted if one in stated]
        for here, right in zip(theirs, mine, strict=True):
            if here != right:
                self.differences.append(Difference(file, f"{right}:order", here, right))
                return

    def _part(
        self,
        file: str,
        text_id: str,
        texts: tuple[str, str],
        numbers: Sequence[tuple[str, str]],
        found: Sequence[tuple[str, str]],
    ) -> None:
        """Enter the numbers in which two sentences differ, or the sentences where their words do."""
        stated, recounted = texts
        if not numbers or len(numbers) != len(found) or NUMERAL.sub("#", stated) != NUMERAL.sub("#", recounted):
            if [text_id] == [one for one, _ in numbers]:
                self.differences.append(Difference(file, text_id, stated, recounted))
            else:
                self.add(file, text_id, stated, recounted)
            return
        for (one, right), (_, wrong) in zip(numbers, found, strict=True):
            if right != wrong:
                self.differences.append(Difference(file, one, wrong, right))

    def compare_cells(self, file: str, stated: Mapping[str, str], recounted: Mapping[str, str]) -> None:
        """Compare the cells of a table, of which those are numbers that hold nothing else."""
        for one, text in recounted.items():
            self.n_numbers += bool(_NUMBER.fullmatch(text))
            found = stated.get(one)
            if found is None:
                self.add(file, one, MISSING, text)
            elif found != text:
                self.add(file, one, found, text)
        self._compare_presence(file, stated, recounted)

    def compare_rest(self, file: str, stated: Sequence[tuple[str, str]], recounted: Sequence[tuple[str, str]]) -> None:
        """Compare what carries no ids, in order: pairs of a place and what stands there."""
        if len(stated) == len(recounted):
            pairs = list(zip(stated, recounted, strict=True))
        else:
            pairs = _align(stated, recounted)
        for (at, found), (place, text) in pairs:
            if found != text:
                self.add(file, place or at, found, text)


_Pair = tuple[tuple[str, str], tuple[str, str]]
"""A place and its text in the file, and as counted again."""


def _align(stated: Sequence[tuple[str, str]], recounted: Sequence[tuple[str, str]]) -> list[_Pair]:
    """Return what belongs together of two lists of which one has more or less."""
    if max(len(stated), len(recounted)) > _MOST_LINES:  # where a stranger would have us compare for hours
        return [(("", f"{len(stated):,} texts"), ("", f"{len(recounted):,} texts"))]
    matcher = SequenceMatcher(None, [text for _, text in stated], [text for _, text in recounted], autojunk=False)
    found: list[_Pair] = []
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            continue
        n_both = min(b - a, d - c)
        found += zip(stated[a : a + n_both], recounted[c : c + n_both], strict=True)
        found += [(one, (one[0], EXTRA)) for one in stated[a + n_both : b]]
        found += [((one[0], MISSING), one) for one in recounted[c + n_both : d]]
    return found


def _excerpt(stated: str, recounted: str) -> tuple[str, str]:
    """Return two texts, or what is around the place where they part."""
    if max(len(stated), len(recounted)) <= _BEFORE + _AFTER:
        return stated, recounted
    start = max(len(commonprefix([stated, recounted])) - _BEFORE, 0)  # noqa: RUF071  # of texts, not of paths
    return _cut(stated, start), _cut(recounted, start)


def _cut(text: str, start: int) -> str:
    end = start + _BEFORE + _AFTER
    return f"{'…' if start else ''}{text[start:end]}{'…' if len(text) > end else ''}"
