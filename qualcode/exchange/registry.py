"""Which reader takes which project, and what to do with those that only their own program can read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import SourceError

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

    from qualcode.exchange.positions import Reading
    from qualcode.exchange.project import Project

    Reader = Callable[[Path, Reading | None, str], Project]

_REFI = "as a REFI-QDA project (.qdpx)"
_CLOSED = {
    "NVivo": ((".nvp", ".nvpx", ".nvcx"), "In NVivo: Share ▸ Export Project ▸ REFI-QDA Project"),
    "MAXQDA": (
        (".mx24", ".mx22", ".mx20", ".mx18", ".mx12", ".mx", ".mx5", ".mx4", ".mx3", ".mex24", ".mex22", ".mex",
         ".mx26", ".mex26", ".mqda"),
        "In MAXQDA: Export ▸ REFI-QDA Project",
    ),
    "ATLAS.ti": (
        (".atlproj", ".atlproj23", ".atlproj22", ".atlproj24", ".atlproj25", ".atlproj26", ".atlproj9", ".hpr7",
         ".atlasti", ".atlcb"),
        "In ATLAS.ti: Export ▸ Project ▸ REFI-QDA (QDPX)",
    ),
    "f4analyse": ((".f4p",), "In f4analyse: File ▸ Export ▸ REFI-QDA"),
    "Transana": ((".tra", ".trs"), "In Transana: File ▸ Export ▸ QDPX"),
    "Dedoose": ((".dedoose",), "In Dedoose: Projects ▸ Export Project ▸ REFI-QDA"),
    "Quirkos": ((".qrk",), "In Quirkos: Project ▸ Export ▸ REFI-QDA (.qdpx)"),
}  # fmt: skip
"""Programs whose own files nobody else can read, the endings of these, and where they export."""

_MAXQDA_ENDING = (".mx", ".mex")


def read_project(path: str | os.PathLike[str], *, reading: Reading | None = None, encoding: str = "") -> Project:
    """Read a project of another program.

    Parameters
    ----------
    path
        A REFI-QDA project (``.qdpx``, or ``.qde`` beside its ``sources``), the folder ``NAME.qda`` of QualCoder, a
        database of Taguette (``.sqlite3``), or a project of RQDA (``.rqda``).
    reading
        How positions are counted in a REFI-QDA project; measured in its texts when not given.
    encoding
        Of texts that are not UTF-8 as they should be.

    Returns
    -------
    Project
        Its texts, codes, coders, codings, cases and memos, with all passages as spans of the texts; its losses say what
        else the file holds.

    Raises
    ------
    SourceError
        If it cannot be read; the message names the program whose file it is, and the hint how to export there.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> source = '<TextSource guid="s" name="P1"><PlainTextContent>We met. We spoke.</PlainTextContent></TextSource>'
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "project.qde")
    ...     _ = path.write_text(f"<Project name='Talks'><Sources>{source}</Sources></Project>", encoding="utf-8")
    ...     project = read_project(path)
    >>> project.name, [one.text for one in project.sources]
    ('Talks', ['We met. We spoke.'])
    """
    path = Path(path)
    if not path.exists():
        raise SourceError("There is no such file.", str(path), "Check the name")
    return _reader_for(path)(path, reading, encoding)


def _reader_for(path: Path) -> Reader:
    ending = path.suffix.casefold()
    if path.is_dir():
        if (path / "data.qda").is_file():
            return _read_qualcoder
        raise SourceError("This is a folder, and not a QualCoder project.", str(path), "Name the file of a project")
    if ending in _READERS:
        return _READERS[ending]
    for program, (endings, hint) in _CLOSED.items():
        if ending in endings or (program == "MAXQDA" and ending.startswith(_MAXQDA_ENDING)):
            message = f"This is a file of {program} itself, which only {program} can read."
            raise SourceError(message, str(path), f"Export it there {_REFI}. {hint}")
    if ending == ".qdc":
        raise SourceError(
            "This is a codebook, not a project.", str(path), "Import it with: qualcode import-codebook FILE"
        )
    known = ", ".join(_READERS)
    raise SourceError("This is not a project of a known program.", str(path), f"Name a file of one of these: {known}")


def _read_refi(path: Path, reading: Reading | None, encoding: str) -> Project:
    from qualcode.exchange.refi_reading import read_refi_project

    return read_refi_project(path, reading=reading, encoding=encoding)[0]


def _read_qualcoder(path: Path, reading: Reading | None, _encoding: str) -> Project:
    from qualcode.exchange.qualcoder import read_qualcoder

    return read_qualcoder(path, reading)


def _read_taguette(path: Path, reading: Reading | None, _encoding: str) -> Project:
    from qualcode.exchange.taguette import read_taguette

    return read_taguette(path, reading)


def _read_rqda(path: Path, reading: Reading | None, _encoding: str) -> Project:
    from qualcode.exchange.rqda import read_rqda

    return read_rqda(path, reading)


_READERS: dict[str, Reader] = {
    ".qdpx": _read_refi,
    ".qde": _read_refi,
    ".qda": _read_qualcoder,
    ".sqlite3": _read_taguette,
    ".sqlite": _read_taguette,
    ".rqda": _read_rqda,
}
"""By the ending of the file."""
