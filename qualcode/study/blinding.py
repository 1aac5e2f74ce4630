"""Who may see whose codings: a part drawn for double coding is blind until all who were drawn for it have read it."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.file_names import fold_name
from qualcode.spreadsheets import read_sheet, rewrite_column

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qualcode.model import Segment
    from qualcode.study.store import StudyFolder


def read_assignment(study: StudyFolder) -> dict[str, frozenset[str]]:
    """Return per coder the addresses of the segments drawn for double coding."""
    found: dict[str, set[str]] = {}
    for address, coder in _rows(_read(study)):
        found.setdefault(coder, set()).add(address)
    return {coder: frozenset(addresses) for coder, addresses in found.items()}


def _read(study: StudyFolder) -> bytes:
    return study.layout.read(study.layout.assignments) or b""


def _rows(data: bytes) -> Iterable[tuple[str, str]]:
    table = read_sheet(data, name="assignments.csv", error=StudyError)
    for _, cells in table.rows:
        row = dict(zip(table.header, cells, strict=False))
        if row.get("segment") and row.get("coder"):
            yield row["segment"], row["coder"]


class Blinding:
    """Which segments a coder codes blind: without the suggestions of the rules, and without others' codings.

    Parameters
    ----------
    study
        Which study.
    """

    def __init__(self, study: StudyFolder) -> None:
        self.study = study
        self._data = b""
        self._drawn: dict[str, list[str]] = {}
        self.renew()

    def renew(self) -> None:
        """Take in what was drawn since; whoever keeps this object for long calls it before asking."""
        data = _read(self.study)
        if data == self._data:
            return
        drawn: dict[str, list[str]] = {}
        for address, coder in _rows(data):
            drawn.setdefault(address, []).append(coder)
        self._data, self._drawn = data, drawn

    def may_see(self, viewer: str, whose: str, transcript_id: str, segment: Segment) -> bool:
        """Tell whether somebody may see what a coder, or the rules, say of a segment: the one place that decides it.

        Parameters
        ----------
        viewer, whose
            Who looks at whose codings.
        transcript_id, segment
            Where.
        """
        if fold_name(viewer) == fold_name(whose):
            return True
        drawn = self._drawn.get(f"{transcript_id}:{segment.id}", ())
        return viewer not in drawn or all(self._has_read(coder, transcript_id, segment) for coder in drawn)

    def _has_read(self, coder: str, transcript_id: str, segment: Segment) -> bool:
        history = self.study.history(coder, transcript_id)
        unit = history.header.get("unit", segment.kind)
        touched = self.study.index(transcript_id).touched(unit, segment.span)
        return bool(touched) and all(history.is_seen(one.id) for one in touched)


def encode_assignment(rows: Iterable[tuple[str, str]]) -> bytes:
    """Return the table of what was drawn for whom: addresses of segments and coders."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("segment", "coder"), *rows])
    return text.getvalue().encode("utf-8")


def rename_in_assignment(data: bytes, names: Mapping[str, str | None], where: str) -> bytes:
    """Return the table with transcripts under other names; ``None``: without the transcript."""

    def rename(address: str) -> str | None:
        name, colon, segment = address.rpartition(":")
        goal = names.get(name, name)
        return None if goal is None else f"{goal}{colon}{segment}"

    return rewrite_column(data, ("segment",), rename, name=where, error=StudyError)
