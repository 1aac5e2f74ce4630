"""From a path to bytes: everything that can be wrong with a file before anybody looks inside."""

from __future__ import annotations

import os
import stat
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_BYTES = 200_000_000
"""Size above which a file is no transcript."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_EXPORT_TEXT = "Export it as .docx or .txt"

# First bytes of files that people mistake for transcripts.
_OTHER_KINDS = (
    (b"%PDF-", "a PDF", "Export the transcript as .docx or .txt, or keep the ending .pdf"),
    (b"{\\rtf", "an RTF file", "Open it in Word or LibreOffice and save it as .docx"),
    (b"\x89PNG", "an image", "Give the transcript instead"),
    (b"\xff\xd8\xff", "an image", "Give the transcript instead"),
    (b"GIF8", "an image", "Give the transcript instead"),
    (b"ID3", "an audio file", "Transcribe the recording first"),
    (b"RIFF", "an audio or video file", "Transcribe the recording first"),
    (b"OggS", "an audio file", "Transcribe the recording first"),
    (b"fLaC", "an audio file", "Transcribe the recording first"),
    (b"\x1aE\xdf\xa3", "a video file", "Transcribe the recording first"),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive", "Unpack it first"),
    (b"SQLite format 3", "a database", _EXPORT_TEXT),
)


def as_paths(paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]]) -> list[Path]:
    """Return the paths that somebody gave, who may have given one alone.

    Raises
    ------
    SourceError
        If it is a DataFrame.
    """
    refuse_frame(paths)
    return [Path(path) for path in ([paths] if isinstance(paths, str | os.PathLike) else paths)]


def refuse_frame(given: object) -> None:
    """Raise a :class:`SourceError` that says which function takes a DataFrame, if this is one."""
    if hasattr(given, "to_parquet"):  # without loading pandas to ask
        repair = 'Read answers with read_survey(frame, text_column="..."); save talk with frame.to_csv("talk.csv")'
        raise SourceError("Transcripts are read from files, not from a DataFrame.", hint=f"{repair}, and name the file")


def name_transcript(path: Path) -> str:
    """Return the id of the transcript that a file holds: its name, composed, as it is typed everywhere but on a Mac."""
    return unicodedata.normalize("NFC", path.stem)


def read_bytes(path: Path) -> bytes:
    """Return a file's bytes.

    Raises
    ------
    SourceError
        If there is no such file, or it is a folder, a device, empty, too large or not ours to read.
    """
    where = str(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise SourceError("This is a folder, not a transcript.", where, "Name a file in it")
        if not stat.S_ISREG(status.st_mode):
            raise SourceError("This is not a regular file.", where, "Save the transcript as a file first")
        if status.st_size > MAX_BYTES:
            size = f"{status.st_size / 1e6:,.0f} MB"
            raise SourceError(f"The file is too large for a transcript ({size}).", where, "Split it into parts")
        data = path.read_bytes()
    except OSError as error:
        raise _explain(error, path) from error
    except ValueError as error:  # a path with a null character
        raise SourceError("This is not a valid file name.", where) from error
    if not data:
        raise SourceError("The file is empty.", where, "Save or download it again")
    return data


def _explain(error: OSError, path: Path) -> SourceError:
    where = str(path)
    if isinstance(error, PermissionError):
        return SourceError("You do not have permission to read this file.", where, "Change its permissions or copy it")
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        if path.is_symlink():
            return SourceError("This link points to a missing file.", where, "Restore the file that it points to")
        return SourceError("There is no such file.", where, "Check the name and the folder")
    reason = error.strerror or str(error)
    return SourceError(f"The file cannot be read: {reason}.", where, "Copy it to another place and try again")


def recognise(data: bytes) -> tuple[str, str] | None:
    """Return what a file that is no text really is and what to do about it; None for what may be text."""
    if data.startswith(_OLE):
        return _recognise_ole(data)
    if data[4:8] == b"ftyp":
        return "an audio or video file", "Transcribe the recording first"
    if data.startswith(b"PK\x03\x04"):
        return _recognise_zip(data)
    if data[:2] in {b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"}:
        return "an audio file", "Transcribe the recording first"
    for magic, kind, hint in _OTHER_KINDS:
        if data.startswith(magic):
            return kind, hint
    return None


def _recognise_zip(data: bytes) -> tuple[str, str]:
    # Names of members stand uncompressed in the archive.
    if b"word/" in data:
        return "a Word document", "Rename it so that it ends in .docx"
    if b"xl/" in data:
        return "an Excel workbook", "Rename it so that it ends in .xlsx"
    if b"opendocument" in data[:200]:
        return "an OpenDocument file", "Save it as .docx"
    return "a zip archive", "Unpack it first"


def _recognise_ole(data: bytes) -> tuple[str, str]:
    """Tell an encrypted Word file from an old one: both are OLE containers, told apart by stream names."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        return "encrypted with a password", "Open it in Word, remove the password and save it again"
    if "WordDocument".encode("utf-16-le") in data:
        return "an old Word file (.doc)", "Open it in Word or LibreOffice and save it as .docx"
    if "Workbook".encode("utf-16-le") in data:
        return "an old Excel file (.xls)", "Open it in Excel or LibreOffice and save it as .xlsx"
    return "an old Office file", "Open it in Word or LibreOffice and save it as .docx"
