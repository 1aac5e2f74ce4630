"""Tables of coded segments, as MAXQDA, ATLAS.ti, Dedoose, NVivo, Delve and Taguette write them, or any with a map.

They tell the words of a passage and no place, so the words are looked for in the transcripts.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.anchoring import Alignment
from qualcode.errors import TableError
from qualcode.exchange.columns import cell, find_columns, fold, parse_columns
from qualcode.exchange.guids import make_guid
from qualcode.exchange.losses import LossList
from qualcode.exchange.project import Mark, ProjectCoder
from qualcode.exchange.texts import stem_of
from qualcode.model import Span
from qualcode.spreadsheets import read_sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qualcode.exchange.project import ProjectCode, ProjectSource
    from qualcode.spreadsheets import Spreadsheet, TableSource

_SYNONYMS: dict[str, tuple[str, ...]] = {
    "document": (
        "document name", "document", "media title", "transcript", "file", "file name", "source", "source name",
        "data source", "dokumentname", "documento", "interview",
    ),
    "code": (
        "code", "codes", "tag", "tags", "codes applied combined", "node", "code name", "labels", "códigos",
        "snippet codes",
    ),
    "text": (
        "segment", "text content", "quotation content", "quotation", "content", "excerpt copy", "excerpt", "snippet",
        "coded text", "quote", "text", "reference", "segment text", "contenido",
    ),
    "coder": ("created by", "excerpt creator", "coder", "author", "user", "creating user", "coded by", "erstellt von"),
    "note": ("comment", "segment comment", "memo", "note", "kommentar"),
    "place": ("beginning", "anfang", "initial position", "reference"),
}  # fmt: skip
_APPLIED = re.compile(r"(?i:code: )(?P<name>.+)(?i: applied)")
_YES = frozenset({"true", "1", "x", "yes"})
_SEPARATORS = (", ", "; ", "\n", " | ", ",", ";", "|")
_QUOTES = str.maketrans("“”„«»‘’‚", '"""""\'\'\'')
_FEWEST = 3

PARTS = tuple(part for part in _SYNONYMS if part != "place")
"""What columns of a table of coded segments may be."""


@dataclass(frozen=True, slots=True)
class CodedTable:
    """What a table of coded segments says.

    Attributes
    ----------
    marks
        The codings, by the GUIDs of the sources and codes that were given.
    coders
        Who made them, where the table tells it.
    losses
        Rows that did not become codings, and why.
    n_rows
        How many rows there are.
    """

    marks: tuple[Mark, ...]
    coders: tuple[ProjectCoder, ...]
    losses: LossList
    n_rows: int


def read_coded_table(
    source: TableSource,
    name: str,
    *,
    sources: Sequence[ProjectSource],
    codes: Sequence[ProjectCode],
    columns: str = "",
    sheet: str | None = None,
) -> CodedTable:
    """Read a table of coded segments, whose words are looked for in texts.

    Parameters
    ----------
    source, name
        The table, and what messages call it.
    sources, codes
        The texts in which the words are, and the codes that the table may name, by name or path.
    columns
        Which column is what, as ``PART=HEAD`` with commas between; found by the usual heads when not told.
    sheet
        The sheet of a workbook.

    Raises
    ------
    TableError
        If it cannot be read, or no column is known to hold codes, documents or words.
    """
    table = read_sheet(source, name=name, sheet=sheet)
    reader = _Reader(table, name, sources, codes, parse_columns(columns, PARTS))
    marks = [mark for number, cells in table.rows for mark in reader.read(number, cells)]
    coders = tuple(ProjectCoder(guid, told) for told, guid in reader.coders.items())
    return CodedTable(tuple(marks), coders, reader.losses, len(table.rows))


class _Reader:
    """Reads rows into codings."""

    def __init__(
        self, table: Spreadsheet, name: str, sources: Sequence[ProjectSource], codes: Sequence[ProjectCode],
        told: Mapping[str, str],
    ) -> None:  # fmt: skip
        self.losses = LossList(name)
        self.columns = find_columns(table, _SYNONYMS, told)
        self.flags = {
            found["name"]: place
            for place, head in enumerate(table.header)
            if (
                found := _APPLIED.fullmatch(
                    " ".join(head.split()).replace("Code:", "code:").replace("Applied", "applied")
                )
            )
        }
        self._check(table, name, is_single=len(sources) == 1)
        self.names = CodeNames(codes)
        self.texts = {fold(stem_of(one.name)): one for one in sources}
        self.single = sources[0] if len(sources) == 1 else None
        self.finders: dict[str, WordFinder] = {}
        self.coders: dict[str, str] = {}

    def _check(self, table: Spreadsheet, name: str, *, is_single: bool) -> None:
        needed = ["text"] + ([] if is_single else ["document"]) + ([] if self.flags else ["code"])
        missing = [part for part in needed if part not in self.columns]
        if missing:
            heads = ", ".join(one for one in table.header if one) or "none"
            hint = f"Name it: --columns {','.join(f'{part}=HEAD' for part in missing)}. There are {heads}"
            raise TableError(f"No column is known to hold the {' and the '.join(missing)}.", where=name, hint=hint)

    def read(self, number: int, cells: tuple[str, ...]) -> Iterator[Mark]:
        """Yield the codings of one row; what becomes none is told."""
        row = {part: cell(cells, place) for part, place in self.columns.items()}
        words, where = row["text"], f"row {number}"
        told = f"{where}: {words}"
        source = self._source(row.get("document", ""))
        if not words:
            self.losses.add("rows without words", "left out", where)
            return
        if source is None:
            self.losses.add("rows of documents that are not in the study", "left out", f"{where}: {row['document']}")
            return
        codes = self._codes(row.get("code", ""), cells, where)
        if not codes:
            return
        span, why = self._finder(source).find(words, hint=row.get("place", ""))
        if span is None:
            self.losses.add(f"rows {why}", "left out", told)
            return
        coder = row.get("coder", "")
        guid = self.coders.setdefault(coder, make_guid("coder", coder)) if coder else ""
        for code in codes:
            yield Mark("", source.guid, span, code, guid, row.get("note", ""))

    def _source(self, document: str) -> ProjectSource | None:
        if not document:
            return self.single
        return self.texts.get(fold(stem_of(document))) or self.texts.get(fold(re.sub(r'[\\/:*?"<>|]+', "-", document)))

    def _finder(self, source: ProjectSource) -> WordFinder:
        if source.guid not in self.finders:
            self.finders[source.guid] = WordFinder(source.text)
        return self.finders[source.guid]

    def _codes(self, told: str, cells: tuple[str, ...], where: str) -> list[str]:
        flagged = [name for name, place in self.flags.items() if cell(cells, place).casefold() in _YES]
        found, rest = self.names.split(told) if told else ([], "")
        for name in flagged:
            code = self.names.find(name)
            found += [code] if code else []
            rest = rest if code else name
        if rest:
            became = "left out; the other codes of the row come in" if found else "left out"
            self.losses.add("codes that are not in the codebook", became, f"{where}: {rest}")
        elif not found:
            self.losses.add("rows without a code", "left out", where)
        return list(dict.fromkeys(found))


class CodeNames:
    """Codes by all that a table may call them: name, or path with one mark or another between its parts.

    Examples
    --------
    >>> from qualcode.exchange.project import ProjectCode
    >>> names = CodeNames([ProjectCode("1", "Work"), ProjectCode("2", "Pay, hours", "1")])
    >>> names.split("Work > Pay, hours, Work")
    (['2', '1'], '')
    """

    def __init__(self, codes: Sequence[ProjectCode]) -> None:
        paths: dict[str, tuple[str, ...]] = {}
        by_name: dict[str, set[str]] = {}
        for code in codes:
            paths[code.guid] = (*paths.get(code.parent, ()), code.name)
            for called in {code.name, *(mark.join(paths[code.guid]) for mark in _PATH_MARKS)}:
                by_name.setdefault(fold(called), set()).add(code.guid)
        self._names = {called: next(iter(guids)) for called, guids in by_name.items() if len(guids) == 1}
        self._lengths = sorted({len(called) for called in self._names}, reverse=True)

    def find(self, name: str) -> str | None:
        """Return the code that a name or path means; ``None`` for none, or for several."""
        return self._names.get(fold(name))

    def split(self, told: str) -> tuple[list[str], str]:
        """Return the codes of a cell that may hold several, each the longest that fits, and what is left of it."""
        whole = self.find(told)
        if whole is not None:
            return [whole], ""
        found: list[str] = []
        rest = "\n".join(fold(line) for line in told.split("\n") if line.strip())
        while rest:
            length = next((one for one in self._lengths if rest[:one] in self._names and _ends(rest, one)), 0)
            if not length:
                return found, rest
            found.append(self._names[rest[:length]])
            rest = _without_separator(rest[length:])
        return found, ""


_PATH_MARKS = (" > ", "\\", "/", ": ", "::", ".", " – ", " » ")


def _ends(text: str, at: int) -> bool:
    """Tell whether a name may end at a place: nothing follows, or what parts names."""
    return at == len(text) or text.startswith(_SEPARATORS, at)


def _without_separator(text: str) -> str:
    for mark in _SEPARATORS:
        if text.startswith(mark):
            return text[len(mark) :].lstrip()
    return text


class WordFinder:
    """Finds words in a text: to the letter but for blanks and forms of quotation marks, else nearly so.

    Parameters
    ----------
    text
        The text.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._marks, self._places = _squeeze(text)
        self._lines = [0, *(one.end() for one in re.finditer("\n", text))]

    def find(self, words: str, *, hint: str = "") -> tuple[Span | None, str]:
        """Return where words stand, or why that is not known.

        Parameters
        ----------
        words
            What to look for.
        hint
            Where they are said to be: a number of a paragraph, to tell one place of several.
        """
        marks, _ = _squeeze(unicodedata.normalize("NFC", words))
        if not marks:
            return None, "without words"
        places = [one.start() for one in re.finditer(f"(?={re.escape(marks)})", self._marks)]
        if len(places) > 1:
            places = self._choose(places, hint)
        if len(places) > 1:
            return None, "whose words stand at several places"
        if places:
            last = places[0] + len(marks) - 1
            return Span(self._places[places[0]], self._places[last] + 1), ""
        return self._find_nearly(words)

    def _choose(self, places: list[int], hint: str) -> list[int]:
        """Return the places that are in the paragraph that was told, if that is one."""
        number = re.search(r"\d+", hint)
        if number is None:
            return places
        filled = [at for at in self._lines if self.text[at : at + 1].strip()]
        for lines in (self._lines, filled):
            line = int(number[0]) - 1
            if 0 <= line < len(lines):
                low = bisect_left(self._places, lines[line])
                high = bisect_left(self._places, lines[line + 1]) if line + 1 < len(lines) else len(self._places)
                inside = [at for at in places if low <= at < high]
                if len(inside) == 1:
                    return inside
        return places

    def _find_nearly(self, words: str) -> tuple[Span | None, str]:
        """Return where words stand that were changed a little since, if that is beyond doubt."""
        if len(words.split()) < _FEWEST:
            return None, "whose words are not in their document"
        found = Alignment(words, self.text).move(Span(0, len(words)))
        return (found.span, "") if found.is_sure and found.span else (None, "whose words are not in their document")


def _squeeze(text: str) -> tuple[str, list[int]]:
    """Return a text without blanks, in one form of quotation marks, and where each of its characters stands."""
    marks, places = [], []
    for place, mark in enumerate(text.translate(_QUOTES)):
        if not mark.isspace() and mark not in "\u200b\ufeff":
            marks.append(mark)
            places.append(place)
    return "".join(marks), places
