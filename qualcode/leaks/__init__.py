"""Leaks: names and what leads to persons, in any file that is about to leave."""

from __future__ import annotations

from qualcode.leaks.checking import Leak, LeakChecker, LeakReport, describe
from qualcode.leaks.groups import SMALLEST, SmallGroup, find_small_groups, tell_small_groups

__all__ = [
    "SMALLEST",
    "Leak",
    "LeakChecker",
    "LeakReport",
    "SmallGroup",
    "describe",
    "find_small_groups",
    "tell_small_groups",
]
