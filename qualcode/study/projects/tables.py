"""Tables of coded segments of other programs come into a study; and which tables are its own."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from qualcode.errors import StudyError
from qualcode.exchange import Project, ProjectCode, ProjectSource, make_guid, read_coded_table
from qualcode.spreadsheets import fold_head, read_sheets
from qualcode.study.projects.arriving import ArrivalReport, bring_project
from qualcode.study.projects.identities import Identities

if TYPE_CHECKING:
    from qualcode.spreadsheets import TableSource
    from qualcode.study.projects.codings import Seen
    from qualcode.study.store import StudyFolder, StudyStore

_ADDRESS = re.compile(r".+:[tps]\d+")


def is_own_table(source: TableSource, name: str) -> bool:
    """Tell whether a table is one that a study wrote, to be filled in: its column ``segment`` holds addresses."""
    for sheet in read_sheets(source, name=name, error=StudyError):
        heads = list(map(fold_head, sheet.header))
        if "segment" in heads:
            place = heads.index("segment")
            cells = [cells[place] for _, cells in sheet.rows[:20] if len(cells) > place and cells[place]]
            return "exported" in heads or any(map(_ADDRESS.fullmatch, cells)) or not cells
    return False


def import_coded_table(
    study: StudyStore,
    source: TableSource,
    name: str,
    *,
    coder: str | None = None,
    columns: str = "",
    sheet: str | None = None,
    seen: Seen = "coded",
    mode: Literal["write", "preview"] = "write",
) -> ArrivalReport:
    """Bring in a table of coded segments of another program: their words are looked for in the study's transcripts.

    Each row becomes codings, or it is told why not: its document or a code is not in the study, or its words are not in
    the transcript, or at several places of it.

    Parameters
    ----------
    study
        Which study; transcripts and codebook are there already.
    source, name
        The table, and what messages call it.
    coder
        Whose codings they are, where the table does not say it.
    columns, sheet
        As in :func:`qualcode.exchange.read_coded_table`.
    seen, mode
        As in :func:`~.arriving.bring_project`.

    Raises
    ------
    StudyError
        If nobody says whose the codings are, or the study has no transcript.
    TableError
        If the table cannot be read, or a column is not known.
    """
    transcripts, problems = study.transcripts()
    if not transcripts:
        hint = "Bring them in first: qualcode import FILES"
        raise StudyError("The study has no transcript in which to look for words.", hint=hint, problems=problems)
    sources = tuple(ProjectSource(make_guid("transcript", one.id), one.id, one.text) for one in transcripts)
    codes = _list_codes(study)
    table = read_coded_table(source, name, sources=sources, codes=codes, columns=columns, sheet=sheet)
    project = Project(
        "a table", name, origin="table", sources=sources, codes=tuple(codes), coders=table.coders, marks=table.marks,
        losses=table.losses.tell(),
    )  # fmt: skip
    if coder is not None:
        project = replace(project, coders=(), marks=tuple(replace(mark, coder="") for mark in table.marks))
    return bring_project(study, project, coder=coder, seen=seen, name=name, mode=mode, remember="codings")


def _list_codes(study: StudyFolder) -> list[ProjectCode]:
    known = Identities.decode(study.layout.read(study.layout.exchange))
    codebook = study.codebook

    def guid(code: str) -> str:
        row = known.by_key("code", code)
        return row.guid if row is not None and row.guid else make_guid(study.settings.id, "code", "", code)

    parents = {code.id: codebook.parent(code.id) for code in codebook.walk()}
    return [
        ProjectCode(guid(code.id), code.name, guid(parent.id) if (parent := parents[code.id]) else "")
        for code in codebook.walk()
    ]
