"""Pseudonyms: names found and decided on by people, a key that lies apart, and texts with replacements."""

from __future__ import annotations

from qualcode.pseudonyms.finding import (
    CANDIDATE_COLUMNS,
    Candidate,
    Given,
    Spot,
    find_candidates,
    locate_names,
    write_candidates,
)
from qualcode.pseudonyms.key import (
    COLUMNS,
    Key,
    KeyEntry,
    changing_key,
    check_place,
    identify,
    read_decisions,
    read_key,
    write_key,
    write_private,
)
from qualcode.pseudonyms.names import Hit, NameFinder, is_one_edit
from qualcode.pseudonyms.patterns import PatternHit, find_patterns
from qualcode.pseudonyms.replacing import Moves, Replacer, replace_transcript
from qualcode.pseudonyms.writing import write_transcripts

__all__ = [
    "CANDIDATE_COLUMNS",
    "COLUMNS",
    "Candidate",
    "Given",
    "Hit",
    "Key",
    "KeyEntry",
    "Moves",
    "NameFinder",
    "PatternHit",
    "Replacer",
    "Spot",
    "changing_key",
    "check_place",
    "find_candidates",
    "find_patterns",
    "identify",
    "is_one_edit",
    "locate_names",
    "read_decisions",
    "read_key",
    "replace_transcript",
    "write_candidates",
    "write_key",
    "write_private",
    "write_transcripts",
]
