"""Comments in a Word document that name codes become codings of whoever wrote them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from qualcode.anchoring import Alignment
from qualcode.errors import CodebookError, Problem, StudyError
from qualcode.model import Span, canonical_text
from qualcode.sources import read_comments
from qualcode.study.acts import Decision
from qualcode.study.addresses import find_code
from qualcode.study.decisions import decide
from qualcode.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qualcode.model import Comment, Segment, Transcript
    from qualcode.study.store import StudyStore

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class CommentReport:
    """What the comments of a document brought.

    Attributes
    ----------
    n_applied
        Per coder, how many codings came in that were not there yet.
    problems
        Comments that name no code, or whose passage is not in the transcript for certain.
    """

    n_applied: Mapping[str, int]
    problems: tuple[Problem, ...]


def import_comments(
    study: StudyStore, data: bytes, name: str, *, coder: str | None = None, transcript_id: str | None = None
) -> CommentReport:
    """Make codings of those comments of a Word document whose text is the name, the id or the path of a code.

    See :meth:`.Study.import_comments`.
    """
    text, comments = read_comments(data, name)
    transcript = study.transcript(transcript_id or canonical_text(PurePath(name).stem))
    reader = _CommentReader(study, name, transcript, Alignment(text, transcript.text), coder)
    for number, comment in enumerate(comments, start=1):
        reader.read(number, comment)
    for author in reader.decisions:  # all of them before anything is taken in
        _check_author(study, author, name)
    counts = {}
    for author, decisions in reader.decisions.items():
        before = study.sheet(author, transcript.id)
        n_before = len(before.codings) if before else 0
        decide(study, author, decisions, why=f"comments in {name}")
        after = study.sheet(author, transcript.id)
        counts[author] = (len(after.codings) if after else 0) - n_before
    return CommentReport(counts, tuple(reader.problems))


def _check_author(study: StudyStore, author: str, name: str) -> None:
    try:
        study.check_coder(author)
    except StudyError as error:
        hint = f"{error.hint}. To import all comments as one coder's: --coder NAME"
        raise StudyError(error.message, where=name, hint=hint) from error


class _CommentReader:
    """Reads comments into decisions by author, and collects what is none."""

    def __init__(
        self, study: StudyStore, name: str, transcript: Transcript, alignment: Alignment, coder: str | None
    ) -> None:
        self.study, self.name, self.transcript, self.coder = study, name, transcript, coder
        self.alignment = alignment
        self.decisions: dict[str, list[Decision]] = {}
        self.problems: list[Problem] = []
        self.coders = {known.casefold(): known for known in study.coders()}

    def read(self, number: int, comment: Comment) -> None:
        """Read one comment."""
        where = f"{self.name}: comment {number}"
        codes, note = self._codes(where, comment)
        if not codes:
            return
        span, reason = self._place(comment)
        segment = self._segment(span) if span else None
        author = self.coder or comment.author
        if span is None or segment is None or not author:
            told = reason or "It has no author" if span is None or not author else "It is outside all talk"
            message = (
                f"“{shorten(comment.text, _SHOWN)}” by {comment.author or 'an unknown author'} did not become "
                f"a coding. {told.rstrip('.')}."
            )
            hint = "Code the passage with qualcode decide"
            self.problems.append(Problem(where, "warning", "comment", message, hint))
            return
        author = self.coders.setdefault(author.casefold(), author)
        address = f"{self.transcript.id}:{segment.id}"
        is_place = comment.start == comment.end
        self.decisions.setdefault(author, []).extend(
            Decision(address, code, "apply", None if is_place else span, note) for code in codes
        )

    def _codes(self, where: str, comment: Comment) -> tuple[list[str], str]:
        """Return the codes of a comment, parted by semicolons or lines, all or none of them, and their note."""
        told, _, note = f"\n{comment.text}".partition("\nNote: ")
        names = [part.strip() for line in told.splitlines() for part in line.split(";") if part.strip()]
        try:
            return [find_code(self.study.codebook, one) for one in dict.fromkeys(names)], note.strip()
        except CodebookError as error:
            message = (
                f"“{shorten(comment.text, _SHOWN)}” by {comment.author or 'an unknown author'} names no code and is "
                "left out."
            )
            self.problems.append(
                Problem(where, "warning" if "mean" in error.hint else "note", "comment", message, error.hint)
            )
            return [], ""

    def _place(self, comment: Comment) -> tuple[Span | None, str]:
        """Return the passage of a comment in the transcript, or why it is not certain."""
        if comment.start is None or comment.end is None:
            return None, "Its passage is no longer in the document"
        text = self.alignment.old
        start, end = comment.start, comment.end
        if start == end:
            found = _word_at(text, start)
            place = self.alignment.move(found) if found else None
            return (place.span, place.reason) if place and place.is_sure else (None, "It covers no words")
        passage = text[start:end]
        start, end = start + len(passage) - len(passage.lstrip()), end - len(passage) + len(passage.rstrip())
        if start >= end:
            return None, "It covers no words"
        place = self.alignment.move(Span(start, end))
        return (place.span, "") if place.is_sure else (None, place.reason)

    def _segment(self, span: Span) -> Segment | None:
        """Return the segment in which a passage begins."""
        touched = self.study.index(self.transcript.id).touched(self.study.settings.unit, span)
        return touched[0] if touched else None


def _word_at(text: str, place: int) -> Span | None:
    """Return the word in, before or behind which a place lies."""
    start = end = place
    while start and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return Span(start, end) if start < end else None
