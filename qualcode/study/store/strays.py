"""Files that are not what their names say: copies that synced drives make, and work whose transcript is gone."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import Problem
from qualcode.study.store.layout import SHEET_ENDING, tell_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from qualcode.study.store.layout import Layout

_COPY = re.compile(r"( \(?\d+\)?|.*conflict.*|-[\w-]*(DESKTOP|LAPTOP|PC|MacBook|iMac)[\w-]*)", re.IGNORECASE)
"""What synced drives put behind the name of a file of which they found two versions."""


def is_copy(stem: str, origin: str) -> bool:
    """Tell whether a name is another one with what a synced drive puts behind it.

    Examples
    --------
    >>> is_copy("P07 (conflicted copy)", "P07"), is_copy("P07 2", "P07"), is_copy("P070", "P07")
    (True, True, False)
    """
    return stem != origin and stem.startswith(origin) and _COPY.fullmatch(stem[len(origin) :]) is not None


def is_copied_folder(folder: Path, names: Collection[str]) -> bool:
    """Tell whether a coder's folder holds the sheets of another coder who is there."""
    with os.scandir(folder) as entries:
        sheets = (Path(one.path) for one in entries if one.name.endswith(SHEET_ENDING) and one.name[0] != ".")
        told = next((name for path in sheets if (name := tell_name(path, "coder"))), folder.name)
    return told != folder.name and told in names


def find_lost(layout: Layout, ids: Collection[str], sheets: Mapping[str, Iterable[str]]) -> Iterator[Problem]:
    """Yield texts and sheets whose transcript is not there: their codings are in no count.

    Parameters
    ----------
    layout
        Which study.
    ids
        The transcripts that are there.
    sheets
        The names under which each coder has a sheet.
    """
    texts = (path.stem for path in layout.list_files(layout.transcripts, ".txt"))
    logs = (name.replace(".log", "", 1) for names in sheets.values() for name in names)  # the copy of one has it inside
    named = dict.fromkeys([*texts, *logs])
    for name in named:
        if name not in ids and not any(is_copy(name, one) for one in (*ids, *named)) and ".unsaved-" not in name:
            message = f"The transcript “{name}” is missing: its codings are in no count."
            where = layout.name_of(layout.data_of(name))
            hint = "Restore the file from a copy, or import it"
            yield Problem(where, "error", "missing-transcript", message, hint)
