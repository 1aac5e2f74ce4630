"""Worklists for review and adjudication: what comes next, and what an act does. No terminal in here.

Every act is on disk when its method returns. Nothing is locked while a person thinks: an act names what it answers, and
what somebody else changed meanwhile makes it a :class:`~qualcode.errors.ConflictError`.
"""

from __future__ import annotations

from qualcode.reviewing.adjudication import Adjudication, Reading, Verdict, read_verdict
from qualcode.reviewing.ceilings import tell_ceilings
from qualcode.reviewing.checking import CheckReview
from qualcode.reviewing.desk import Desk, View
from qualcode.reviewing.entries import Entry, Hunch, Item, Kind, join_entries
from qualcode.reviewing.learned import LearnedReview
from qualcode.reviewing.remarks import (
    Flag,
    find_place,
    list_flags,
    name_place,
    settle_flag,
    write_flag,
    write_memo,
)
from qualcode.reviewing.review import Review
from qualcode.reviewing.searching import find_words, search_codes
from qualcode.reviewing.sight import Blind, Sight
from qualcode.reviewing.steps import EditStep, MemoStep, Way, find_step, tell_digest
from qualcode.reviewing.suggesting import Suggesting
from qualcode.reviewing.telling import name_act, name_code, tell_act
from qualcode.reviewing.tenths import ListedTenths
from qualcode.reviewing.worklists import Only, Suggested, Talk, accept_all, list_items, list_suggestions

__all__ = [
    "Adjudication", "Blind", "CheckReview", "Desk", "EditStep", "Entry", "Flag", "Hunch", "Item", "Kind",
    "LearnedReview", "ListedTenths", "MemoStep", "Only", "Reading", "Review", "Sight", "Suggested", "Suggesting",
    "Talk", "Verdict", "View", "Way", "accept_all", "find_place", "find_step", "find_words", "join_entries",
    "list_flags", "list_items", "list_suggestions", "name_act", "name_code", "name_place", "read_verdict",
    "search_codes", "settle_flag", "tell_act", "tell_ceilings", "tell_digest", "write_flag", "write_memo",
]  # fmt: skip
