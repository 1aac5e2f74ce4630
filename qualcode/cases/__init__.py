"""Who the claims are about: the table of cases, and which case speaks in which transcript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.cases._assigning import NOT_GIVEN, CaseIndex, assign_cases, order_values
from qualcode.cases._names import CASE_COLUMN, Cases
from qualcode.doors import open_lazily

if TYPE_CHECKING:
    from qualcode.cases._reading import read_cases

__all__ = ["CASE_COLUMN", "NOT_GIVEN", "CaseIndex", "Cases", "assign_cases", "order_values", "read_cases"]

__getattr__ = open_lazily(__name__, {"read_cases": "_reading"})
