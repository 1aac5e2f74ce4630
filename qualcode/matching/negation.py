"""Negation by rule: whether a word that denies stands shortly before a passage, in the same clause.

The limits: what is denied afterwards ("mentors? none"), twice ("not without mentors"), by irony or by meaning ("we
failed to find mentors") is not understood, nor is how far a negation really reaches.
"""

from __future__ import annotations

import re

from qualcode.language import word_starts

REACH = 5
"""Words that may stand between the negation and what it denies; a Chinese character counts as one."""

_ENGLISH = (
    r"\b(?:no longer|no more|not|no|never|none|nobody|nothing|nowhere|neither|nor|without|hardly|barely|cannot"
    r"|lack(?:s|ed|ing)?(?: of)?)\b|n['’]t\b"
)
_CHINESE = (
    "(?<!有)冇|(?<![是係好去要得會会有可])唔(?![該该錯错少])|(?<![差是要會会可])不(?![過过如錯错同但僅仅斷断少管論论])|[沒没](?:有)?|未(?![來来])"
    "|[無无](?![論论])|並非|并非"
)
_CUE = re.compile(f"{_ENGLISH}|{_CHINESE}", re.IGNORECASE)
_CLAUSE_END = re.compile(
    r"[,;:.!?—()\n，。；：！？、…（）]|\b(?:but|because|although|though|however)\b|但|不過|不过|因為|因为|雖然|虽然",
    re.IGNORECASE,
)
_BEFORE = 200
# Characters before a passage that are looked at; five words are never longer.


def negation_of(text: str, start: int) -> tuple[int, int] | None:
    """Return start and end of the word that denies what begins at a place in a text, or ``None``."""
    low = max(0, start - _BEFORE)
    for end in _CLAUSE_END.finditer(text, low, start):
        low = end.end()
    cue = None
    for found in _CUE.finditer(text, low, start):
        cue = found
    if cue is None or len(word_starts(text[cue.end() : start])) > REACH:
        return None
    return cue.start(), cue.end()
