"""Exchange with other programs: their projects and codebooks ↔ one neutral value.

Every reader makes a :class:`~qualcode.exchange.project.Project`, and the writer takes one. Positions are read here as
the program counted them, and never leave as anything but places in a transcript's text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.doors import open_lazily
from qualcode.exchange.descriptions import read_description, write_description
from qualcode.exchange.guids import make_guid
from qualcode.exchange.losses import Loss, LossList
from qualcode.exchange.positions import READINGS, CountedText, Reading, parse_reading
from qualcode.exchange.project import (
    About,
    Mark,
    Project,
    ProjectCase,
    ProjectCode,
    ProjectCoder,
    ProjectMemo,
    ProjectSource,
)
from qualcode.exchange.registry import read_project
from qualcode.exchange.texts import clean_name, stem_of

if TYPE_CHECKING:
    from qualcode.exchange.code_tables import read_codebook_file
    from qualcode.exchange.coded_tables import CodedTable, read_coded_table
    from qualcode.exchange.refi_writing import CodeNames, Recipient, Written, rename_codes, write_codes, write_project

__all__ = [
    "READINGS", "About", "CodeNames", "CodedTable", "CountedText", "Loss", "LossList", "Mark", "Project", "ProjectCase",
    "ProjectCode", "ProjectCoder", "ProjectMemo", "ProjectSource", "Reading", "Recipient", "Written", "clean_name",
    "make_guid", "parse_reading", "read_codebook_file", "read_coded_table", "read_description", "read_project",
    "rename_codes", "stem_of", "write_codes", "write_description", "write_project",
]  # fmt: skip

_HOMES = {
    "code_tables": ("read_codebook_file",),
    "coded_tables": ("CodedTable", "read_coded_table"),
    "refi_writing": ("CodeNames", "Recipient", "Written", "rename_codes", "write_codes", "write_project"),
}
__getattr__ = open_lazily(__name__, {name: home for home, names in _HOMES.items() for name in names})
