"""Memos on a text, and what somebody wants to come back to: read by place, written as steps that can be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qualcode.errors import ConflictError, StudyError
from qualcode.model import Span
from qualcode.reviewing.steps import MemoStep
from qualcode.reviewing.telling import name_code
from qualcode.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Collection

    from qualcode.model import Memo
    from qualcode.study import Study


@dataclass(frozen=True, slots=True)
class Flag:
    """A passage that somebody wants to come back to.

    Attributes
    ----------
    transcript, span
        Where.
    memo
        Who, and why.
    """

    transcript: str
    span: Span
    memo: Memo


def find_place(study: Study, about: str) -> tuple[Span | None, str]:
    """Return which words of a transcript a memo is about, and the segment's id if it names one."""
    name, _, place = about.rpartition(":")
    start, dash, end = place.partition("-")
    if dash and start.isdigit() and end.isdigit() and int(start) < int(end):
        return Span(int(start), int(end)), ""
    segment = study.index(name).get(place)
    return (segment.span, segment.id) if segment else (None, "")


def name_place(study: Study, about: str) -> str:
    """Return what a memo is about as people call it."""
    kind, _, code = about.partition(":")
    if kind == "code":
        return name_code(study, code)
    name = about.rpartition(":")[0]
    span, segment_id = find_place(study, about) if name in study.transcript_ids() else (None, "")
    return about if segment_id or span is None else f"“{shorten(study.transcript(name).quote(span))}” in {name}"


def list_flags(study: Study, names: Collection[str]) -> list[Flag]:
    """Return what somebody wants to come back to in some transcripts, in the order of the texts."""
    found = []
    for memo in study.memos()[0]:
        name = memo.about.rpartition(":")[0]
        if memo.flag == "open" and name in names:
            found.append(Flag(name, find_place(study, memo.about)[0] or Span(0, 1), memo))
    order = {name: number for number, name in enumerate(names)}
    return sorted(found, key=lambda one: (order[one.transcript], one.span))


def find_remarks(study: Study, name: str, span: Span) -> tuple[Memo, ...]:
    """Return the memos on words of a passage, and what somebody wants to come back to there."""
    memos = (one for one in study.memos()[0] if one.flag != "settled" and one.about.rpartition(":")[0] == name)
    return tuple(one for one in memos if (place := find_place(study, one.about)[0]) and place.overlaps(span))


def write_memo(study: Study, author: str, about: str, text: str, *, memo_id: str = "", replaces: str = "") -> MemoStep:
    """Write a memo, or put a text in the place of one that was read.

    Parameters
    ----------
    study, author
        Who writes where.
    about, text
        What on.
    memo_id, replaces
        Id and digest of the memo that the text is made of; ``""``: there was none.

    Raises
    ------
    ConflictError
        If somebody wrote one there, or changed it, since.
    """
    memos = study.memos()[0]
    if not replaces and any(one.about == about and not one.flag for one in memos):
        raise ConflictError("A memo was written here meanwhile.", hint="Read it first, then add yours", stands=about)
    memo = study.memo(about, text, memo_id=memo_id, author=author, replaces=replaces)
    return _tell(memos, memo, f"memo on {name_place(study, memo.about)}")


def write_flag(study: Study, author: str, about: str, why: str) -> MemoStep:
    """Mark words to come back to, with a word why."""
    memos = study.memos()[0]
    memo = study.memo(about, why.strip() or "Come back to this.", author=author, flag="open")
    return _tell(memos, memo, f"come back to {name_place(study, memo.about)}")


def settle_flag(study: Study, author: str, memo_id: str) -> MemoStep:
    """Say that somebody came back to what was marked."""
    memos = study.memos()[0]
    memo = next((one for one in memos if one.id == memo_id and one.flag == "open"), None)
    if memo is None:
        raise StudyError("That is settled already.")
    settled = study.memo(memo.about, memo.text, memo_id=memo.id, author=author, replaces=memo.digest, flag="settled")
    return _tell(memos, settled, f"settle “{shorten(memo.text.strip())}”")


def _tell(memos: Collection[Memo], memo: Memo, change: str) -> MemoStep:
    return MemoStep(next((one for one in memos if one.id == memo.id), None), memo, change)
