"""Projects of other programs: into a study, and a study as such a project."""

from __future__ import annotations

from qualcode.study.projects.arriving import ArrivalReport, bring_project
from qualcode.study.projects.codings import Seen
from qualcode.study.projects.identities import Identities
from qualcode.study.projects.leaving import export_project, make_project
from qualcode.study.projects.tables import import_coded_table, is_own_table

__all__ = [
    "ArrivalReport", "Identities", "Seen", "bring_project", "export_project", "import_coded_table", "is_own_table",
    "make_project",
]  # fmt: skip
