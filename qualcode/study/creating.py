"""Beginning a study, opening one, and finding the one that somebody stands in."""

from __future__ import annotations

import csv
import io
import secrets
import shutil
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.atomic import make_folder, replace_file
from qualcode.errors import CaseError, StudyError
from qualcode.spreadsheets import disarm, open_sheet
from qualcode.study.store import (
    FOR_GIT,
    Layout,
    Settings,
    StudyFolder,
    check_coder_name,
    encode_settings,
    keep_versions,
    tell_time,
)
from qualcode.study.study import Study
from qualcode.wording import typed

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Sequence

    from qualcode.model import Unit
    from qualcode.spreadsheets import TableSource


def create_study(
    folder: str | os.PathLike[str],
    *,
    name: str = "",
    language: str = "",
    unit: Unit = "turn",
    coders: Sequence[str] = (),
    codebook: str | os.PathLike[str] | None = None,
    cases: TableSource | None = None,
    clock: Callable[[], str] = tell_time,
) -> Study:
    """Begin a study in an empty or new folder.

    Parameters
    ----------
    folder
        Where; files that are there already stay untouched.
    name, language, unit
        As in :class:`Settings`.
    coders
        The people who code; others must be entered one by one. Empty: whoever comes.
    codebook
        A file to copy into the study; it is checked first.
    cases
        The table of cases: a path, an open file or a DataFrame. A text is copied, anything else written as CSV.
    clock
        Tells the time of events.

    Returns
    -------
    Study
        The study.

    Raises
    ------
    StudyError
        If there is a study already, or the folder cannot be written to.
    CodebookError, CaseError
        If one of the files cannot be used.

    Examples
    --------
    >>> study = qualcode.create_study("garden", codebook="codebooks/industry_partnership.yaml", coders=["ana"])
    >>> study.coders()
    ('ana',)
    """
    from qualcode.codebook import read_codebook

    root = Path(folder)
    layout = Layout(root)
    if layout.settings.exists():
        raise StudyError(
            "There is already a study here.", where=str(root), hint="Continue with it, or give another folder"
        )
    if root.exists() and not root.is_dir():
        raise StudyError("This is a file, not a folder.", where=str(root), hint="Give a folder")
    people: list[str] = []
    for coder in coders:
        people.append(check_coder_name(coder, people))
    contents: dict[Path, bytes] = {root / one: data for one, data in FOR_GIT.items() if not (root / one).exists()}
    if codebook is not None:
        read_codebook(codebook)
        contents[layout.codebook] = Path(codebook).read_bytes()
    if cases is not None:
        contents[layout.cases] = _encode_cases(cases)
    taken = next((path for path in contents if path.exists()), None)
    if taken is not None:
        message = f"The folder already has a file {taken.name}."
        raise StudyError(message, where=str(root), hint="Give an empty folder")
    settings = Settings(secrets.token_hex(8), name or root.resolve().name, language, unit, tuple(sorted(people)))
    # The settings come last: the folder is a study from here on.
    _write(root, {**contents, layout.settings: encode_settings(settings)})
    study = Study(root, clock=clock)
    with study.change() as change:
        keep_versions(change)
    return study


def open_study(folder: str | os.PathLike[str] | None = None) -> Study:
    """Open a study.

    Parameters
    ----------
    folder
        Its folder; ``None`` for the one in which the program was started.

    Returns
    -------
    Study
        The study.

    Raises
    ------
    StudyError
        If the folder is no study, or is in none.

    Examples
    --------
    >>> study = qualcode.create_study("garden")
    >>> study.close()
    >>> with qualcode.open_study("garden") as again:
    ...     again.transcript_ids()
    ()
    """
    return Study(find_study() if folder is None else folder)


def read_study(folder: str | os.PathLike[str]) -> StudyFolder:
    """Open a study to read it alone: nothing is written into its folder, which may be a stranger's.

    Parameters
    ----------
    folder
        Its folder.

    Returns
    -------
    StudyFolder
        What the folder holds.

    Raises
    ------
    StudyError
        If the folder is no study, or has a change in it that was not finished.

    Examples
    --------
    >>> study = qualcode.create_study("garden")
    >>> read_study("garden").transcript_ids()
    ()
    """
    study = StudyFolder(folder)
    if study.layout.journal.exists():
        hint = f"If you trust the study, finish the change with: qualcode status --study {typed(folder)}"
        raise StudyError("The study has an unfinished change.", where=str(folder), hint=hint)
    return study


@contextmanager
def begin_study(folder: str | os.PathLike[str], *, name: str = "", keep: bool = True) -> Iterator[Study]:
    """Begin a study that is gone again, with all that was put into it, when the block fails or it is not to be kept.

    Parameters
    ----------
    folder
        Where; what is there already stays.
    name
        The study's title.
    keep
        Whether it stays when the block succeeds.

    Returns
    -------
    context manager of Study
        The study, in a ``with`` block.

    Raises
    ------
    StudyError
        As :func:`create_study`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     with begin_study(Path(folder, "trial"), keep=False) as study:
    ...         was_there = study.root.exists()
    ...     was_there, study.root.exists()
    (True, False)
    """
    root = Path(folder)
    was_there = root.exists()
    before = {path.name for path in root.iterdir()} if root.is_dir() else set()
    is_done = False
    study = create_study(root, name=name)
    try:
        yield study
        is_done = keep
    finally:
        study.close()
        if not is_done:
            _clear(root, before, keep_folder=was_there)


def _clear(root: Path, before: set[str], *, keep_folder: bool) -> None:
    """Delete what came into a folder."""
    for path in root.iterdir():
        if path.name not in before:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    if not keep_folder:
        with suppress(OSError):
            root.rmdir()


def _write(root: Path, contents: dict[Path, bytes]) -> None:
    done: list[Path] = []
    try:
        make_folder(root)
        for path, data in contents.items():
            replace_file(path, data)
            done.append(path)
    except OSError as error:
        for path in done:
            path.unlink(missing_ok=True)
        reason = error.strerror or type(error).__name__
        raise StudyError(
            f"The study cannot be started: {reason}. Nothing was written.",
            where=str(error.filename or root),
            hint="Free some disk space, or check that you have permission to write there, then try again",
        ) from error


def _encode_cases(source: TableSource) -> bytes:
    """Return a table of cases as a study keeps it: a text as it stands, anything else as CSV."""
    from qualcode.cases import read_cases

    opened = open_sheet(source, error=CaseError)
    table = opened.read()
    for problem in table.problems:  # no cell is written of which nobody knows what is in it
        raise CaseError(problem.message, problem.where, problem.hint)
    content = opened.content
    if not opened.encoding or content is None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(
            map(disarm, cells) for _, cells in ((1, table.header), *table.rows)
        )
        content = text.getvalue()
    data = content.read_bytes() if isinstance(content, Path) else content
    data = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    read_cases(data, name=table.name)
    return data


def find_study(start: str | os.PathLike[str] = ".") -> Path:
    """Return the study's folder in which a folder lies, or itself.

    Raises
    ------
    StudyError
        If there is none.
    """
    folder = Path(start).resolve()
    for candidate in (folder, *folder.parents):
        if Layout(candidate).settings.is_file():
            return candidate
    raise StudyError(
        "This folder is not in a study.",
        where=str(start),
        hint="Give the study with --study DIR, or start one with: qualcode init DIR",
    )
