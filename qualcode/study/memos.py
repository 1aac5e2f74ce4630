"""Memos: what a researcher thinks about the study, a code, a case, a segment or a span, as Markdown files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qualcode.errors import Problem, StudyError
from qualcode.model import Memo
from qualcode.study.deciding import find_segment, parse_span
from qualcode.study.files import Transaction

if TYPE_CHECKING:
    from qualcode.anchoring import Alignment
    from qualcode.study.study import Study

_HEAD = re.compile(r"\A---\nabout: (?P<about>.+)\n---\n", re.MULTILINE)
_SPAN = re.compile(r"(?P<transcript>.+):(?P<span>\d+-\d+)")


def check_about(study: Study, about: str) -> str:
    """Return what a memo is about in the form in which it is stored.

    Raises
    ------
    StudyError
        If there is nothing of that name.
    """
    about = about.strip()
    kind, _, name = about.partition(":")
    if about == "study":
        return about
    if kind == "code":
        return f"code:{study.codebook.code(name).id}"
    if kind == "case":
        from qualcode.cases import assign_cases, suggest

        known = [case.id for case in assign_cases(study.transcripts()[0], study.cases).cases]
        if name not in known:
            raise StudyError(f"There is no case “{name}”.", hint=suggest(name, known))
        return about
    found = _SPAN.fullmatch(about)
    if found is not None:
        span = parse_span(found["span"])
        if span is None or span.end > len(study.transcript(found["transcript"]).text):
            raise StudyError(f"The span of “{about}” ends beyond the text.")
        return about
    if not name:
        hint = "Write study, code:ID, case:ID, TRANSCRIPT:SEGMENT or TRANSCRIPT:START-END."
        raise StudyError(f"“{about}” is nothing that a memo can be about.", hint=hint)
    find_segment(study, about)
    return about


def write_memo(study: Study, about: str, text: str, *, memo_id: str = "") -> Memo:
    """Write a memo, or add to one; what was there stays.

    Parameters
    ----------
    study
        Which study.
    about
        As in :class:`~qualcode.model.Memo`; a code may be named by its path.
    text
        Markdown.
    memo_id
        Names the memo; by default after what it is about.
    """
    about = check_about(study, about)
    if not text.strip():
        raise StudyError("The memo is empty.", hint="Write something.")
    memo_id = memo_id or re.sub(r"[^\w-]+", "-", about).strip("-")
    if not re.fullmatch(r"[\w][\w-]*", memo_id):
        raise StudyError(f"“{memo_id}” cannot be the name of a memo.", hint="Take letters, digits and hyphens.")
    path = study.root / "memos" / f"{memo_id}.md"
    with study.lock("study"):
        present = {memo.id: memo for memo in read_memos(study)[0]}
        before = present.get(memo_id)
        if before is not None and before.about != about:
            hint = "Give it another name with --id."
            raise StudyError(f"There is a memo “{memo_id}” already, about {before.about}.", hint=hint)
        whole = f"{before.text.rstrip()}\n\n{text.strip()}\n" if before else f"{text.strip()}\n"
        change = Transaction(study.root)
        change.put(path, f"---\nabout: {about}\n---\n{whole}".encode())
        study.put_note(change, "memo", {"memo": memo_id, "about": about})
        change.commit()
    return Memo(memo_id, about, whole)


def read_memos(study: Study) -> tuple[tuple[Memo, ...], list[Problem]]:
    """Return all memos, by id, and the files that cannot be read; a file without a head is about the study."""
    memos, problems = [], []
    for path in sorted((study.root / "memos").glob("*.md")):
        if path.name.startswith("."):
            continue
        try:
            text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        except (OSError, UnicodeDecodeError) as error:
            where = f"memos/{path.name}"
            problems.append(Problem(where, "error", "memo", f"The memo cannot be read: {error}.", "Save it as UTF-8."))
            continue
        head = _HEAD.match(text)
        memos.append(Memo(path.stem, head["about"].strip() if head else "study", text[head.end() :] if head else text))
    return tuple(memos), problems


def move_memos(study: Study, change: Transaction, transcript_id: str, alignment: Alignment) -> None:
    """Plan to bring memos on passages of a transcript to its corrected text, as near as their words are found."""
    for memo in read_memos(study)[0]:
        found = _SPAN.fullmatch(memo.about)
        span = parse_span(found["span"]) if found and found["transcript"] == transcript_id else None
        place = alignment.move(span) if span else None
        goal = next((one for one in (place.span, *place.candidates) if one), None) if place else None
        if goal is not None and goal != span:
            path = study.root / "memos" / f"{memo.id}.md"
            head = f"about: {memo.about}".encode()
            moved = f"about: {transcript_id}:{goal.start}-{goal.end}".encode()
            change.put(path, path.read_bytes().replace(head, moved, 1))
