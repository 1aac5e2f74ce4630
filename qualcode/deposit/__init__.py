"""A study given away so that a stranger can check it: its report verified, and the whole of it archived."""

from __future__ import annotations

from qualcode.deposit.archiving import Archived, archive
from qualcode.deposit.verifying import Verification, verify

__all__ = ["Archived", "Verification", "archive", "verify"]
