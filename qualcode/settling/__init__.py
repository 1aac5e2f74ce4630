"""What several people's codings come to: what all who read a segment gave it, what was settled, and what is open.

A person has *read* a counting unit that they looked at or gave a code to. A code that some of a unit's readers gave it
and others did not is a *difference*; it is settled when a consensus says yes or no to the code there, else open. Pure:
no study, no files.
"""

from __future__ import annotations

from qualcode.settling.agreeing import AGREED
from qualcode.settling.judging import find_holders
from qualcode.settling.results import Settlement, Way, hold_as_sheets, settle
from qualcode.settling.wording import count_differences, explain_counted, join_names, name_counted

__all__ = [
    "AGREED",
    "Settlement",
    "Way",
    "count_differences",
    "explain_counted",
    "find_holders",
    "hold_as_sheets",
    "join_names",
    "name_counted",
    "settle",
]
