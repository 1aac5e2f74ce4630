"""The study: a folder of plain text in which people decide, and nothing they did is ever lost."""

from __future__ import annotations

from qualcode.study.creating import create_study, find_study, open_study
from qualcode.study.study import Study

__all__ = ["Study", "create_study", "find_study", "open_study"]
