"""Text with delimiters → a sheet: encoding, delimiter and quotation marks, none of them guessed."""

from __future__ import annotations

import codecs
import csv
import io
import re
import threading
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from qualcode.errors import TableError
from qualcode.spreadsheets.sheet import lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from qualcode.spreadsheets.sheet import OpenSheet

Row: TypeAlias = tuple[int, tuple[str, ...]]

_DELIMITERS = ",;\t"
_SEP = re.compile(r"\"?sep=([^\"\n])\"?\n?", re.IGNORECASE)
_MAX_CELL = 10_000_000
_AT_ONCE, _BLOCK = 500, 1_000_000
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_field_limit = threading.Lock()


_FORMULA = tuple("=+-@\t\r")
"""What a spreadsheet takes a cell for a formula by, when it comes first."""


def disarm(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: an apostrophe before it, as one types it there.

    Examples
    --------
    >>> disarm("=1+1"), disarm("– so"), arm(disarm("- yes"))
    ("'=1+1", '– so', '- yes')
    """
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def arm(cell: str) -> str:
    """Return what :func:`disarm` was given."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def find_encoding(head: bytes, name: str, encoding: str | None) -> str:
    """Return the encoding of a file: the one that was named, the one that its first bytes state, or UTF-8.

    Raises
    ------
    TableError
        If there is none of that name.
    """
    if encoding is None:
        return next((known for bom, known in _BOMS if head.startswith(bom)), "utf-8")
    try:
        b"".decode(encoding)  # unlike a look-up, it refuses what is an encoding of something else than text
        return codecs.lookup(encoding).name
    except (LookupError, ValueError) as error:
        hint = "Usual ones are utf-8, utf-16, cp1252, big5 and gb18030"
        raise TableError(f"There is no encoding “{encoding}”.", name, hint) from error


class Text:
    """A text with delimiters, which can be gone through again: in memory, or in a file that is too large for that.

    Parameters
    ----------
    content
        The text, its bytes, or the path of its file.
    name
        What messages call it.
    encoding
        Of bytes or a file.
    """

    def __init__(self, content: str | bytes | Path, name: str, encoding: str = "utf-8") -> None:
        self.content, self.name, self.encoding = content, name, encoding

    def lines(self) -> Iterator[str]:
        """Yield the lines, each of which ends in ``\\n``, however it ended.

        Raises
        ------
        TableError
            On the way, if the text is in another encoding or holds null characters.
        """
        number = 0
        try:
            with self._open() as stream:
                for number, line in enumerate(stream, 1):
                    if "\0" in line:
                        hint = "Save it as “CSV UTF-8”, or name its encoding"
                        message = f"The table contains null characters, so it is not text in {self.encoding.upper()}."
                        raise TableError(message, f"{self.name}:{number}", hint)
                    yield line.removeprefix("\ufeff") if number == 1 else line
        except UnicodeError as error:
            hint = "Save it as UTF-8; in Excel choose “CSV UTF-8 (Comma delimited)”"
            message = f"The table is not in {self.encoding.upper()}."
            raise TableError(message, f"{self.name}:{self._find_wrong_line(number + 1)}", hint) from error
        except OSError as error:
            raise TableError(
                f"The table cannot be read: {error.strerror or error}.", self.name, "Check the path"
            ) from error

    def is_sound(self) -> bool:
        """Tell whether all of it is in its encoding, without null characters."""
        try:
            with self._open() as stream:
                return not any("\0" in block for block in iter(partial(stream.read, _BLOCK), ""))
        except UnicodeError:
            return False

    def _open(self) -> TextIO:
        if isinstance(self.content, str):
            return io.StringIO(self.content, newline=None)
        if isinstance(self.content, bytes):
            return io.TextIOWrapper(io.BytesIO(self.content), self.encoding)
        return self.content.open(encoding=self.encoding)

    def _find_wrong_line(self, reached: int) -> int:
        """Return the line of the first wrong byte, which is a little behind the last line that could be read."""
        data = self.content.read_bytes() if isinstance(self.content, Path) else self.content
        if isinstance(data, bytes):
            try:
                data.decode(self.encoding)
            except UnicodeDecodeError as error:
                before = data[: error.start].decode(self.encoding, "replace")
                return len(re.findall(r"\r\n|\r|\n", before)) + 1
            except UnicodeError:  # some codecs do not say where
                pass
        return reached


def open_text(text: Text) -> OpenSheet:
    """Return the sheet that a text with delimiters holds.

    Raises
    ------
    TableError
        If quotation marks do not pair, or more than one delimiter would do.
    """
    n_before, delimiter = find_delimiter(text)
    sheet = lay_out(text.name, _split(text, delimiter, n_before))
    sheet.encoding = text.encoding
    return sheet


def find_delimiter(text: Text) -> tuple[int, str]:
    """Return how many lines stand above the header, and by what the cells are apart.

    Excel's own line says it, or else it is the one delimiter that splits the header, if need be the one by which all
    rows are of one length. Never a guess: of two that would do equally well, one is wrong.
    """
    if sep := _SEP.fullmatch(next(text.lines(), "")):
        return 1, sep[1]
    headers = {one: _read_header(text, one) for one in (*_DELIMITERS, "|")}
    found = [one for one in _DELIMITERS if len(headers[one]) > 1]
    # What parts a quoted cell leaves a mark without its other one in each half.
    whole = [one for one in found if not any(cell.count('"') % 2 for cell in headers[one])]
    found = whole or found
    if len(found) > 1:
        found = [one for one in found if _is_even(text, one)]
        if len(found) != 1:
            hint = "Separate cells by commas throughout, and put cells that contain a comma in quotation marks"
            message = "It is unclear whether commas, semicolons or tabs separate the cells."
            raise TableError(
                message, f"{text.name}:1", f"{hint}, or add a first line that names the separator, such as “sep=;”"
            )
    return 0, found[0] if found else "|" if len(headers["|"]) > 1 else ","


class _BrokenError(Exception):
    """A text that some delimiter does not split."""

    def __init__(self, line: int, reason: str) -> None:
        self.line, self.reason = line, reason


def _split(text: Text, delimiter: str, n_before: int = 0) -> Iterator[Row]:
    """Yield line and cells of all rows, blank ones too."""
    try:
        yield from chain.from_iterable(_split_blocks(text, delimiter, n_before=n_before))
    except _BrokenError as broken:
        hint = "Check the quotation marks: put a cell that contains one in quotation marks, and double the mark itself"
        message = f"The row cannot be read: {broken.reason}."
        raise TableError(message, f"{text.name}:{broken.line}", hint) from broken


def _split_blocks(text: Text, delimiter: str, *, n_before: int = 0, n_rows: int = _AT_ONCE) -> Iterator[list[Row]]:
    """Yield the rows, so many at a time."""
    reader = csv.reader(islice(text.lines(), n_before, None), delimiter=delimiter, strict=True)
    line = 1
    more = True
    while more:
        rows: list[Row] = []
        with _field_limit:  # it is the process's, not the reader's
            before = csv.field_size_limit(_MAX_CELL)
            try:
                for cells in islice(reader, n_rows):
                    rows.append((line + n_before, tuple(map(str.strip, cells))))
                    line = reader.line_num + 1
            except csv.Error as error:
                raise _BrokenError(line + n_before, str(error)) from error
            finally:
                csv.field_size_limit(before)
        more = len(rows) == n_rows
        yield rows


def _read_header(text: Text, delimiter: str) -> tuple[str, ...]:
    try:
        rows = chain.from_iterable(_split_blocks(text, delimiter, n_rows=1))
        return next((cells for _, cells in rows if any(cells)), ())
    except _BrokenError:
        return ()


def _is_even(text: Text, delimiter: str) -> bool:
    try:
        rows = chain.from_iterable(_split_blocks(text, delimiter))
        widths = (len(cells) for _, cells in rows if any(cells))
        first = next(widths, 0)
        return all(width == first for width in widths)
    except _BrokenError:
        return False
