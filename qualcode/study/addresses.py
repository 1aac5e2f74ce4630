"""What people write to name a segment, a passage or a code."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.model import Span
from qualcode.wording import suggest

if TYPE_CHECKING:
    from qualcode.codebook import Codebook
    from qualcode.model import Segment
    from qualcode.study.store import StudyFolder

_SPAN = re.compile(r"(\d+)\s*[:\-–]\s*(\d+)")


def parse_span(text: str) -> Span | None:
    """Return the span that ``START:END`` names; ``None`` for an empty text.

    Raises
    ------
    StudyError
        If it is not a span.
    """
    if not text.strip():
        return None
    found = _SPAN.fullmatch(text.strip())
    if found is None or int(found[1]) >= int(found[2]):
        raise StudyError(
            f"“{text}” is not a span.",
            hint="Give START:END, the first character and the one after the last, such as 120:164",
        )
    return Span(int(found[1]), int(found[2]))


def find_segment(study: StudyFolder, address: str) -> tuple[str, Segment]:
    """Return the transcript's id and the segment of an address such as ``P07:t012``; see :meth:`.Study.segment`."""
    transcript_id, colon, segment_id = unicodedata.normalize("NFC", address.strip()).rpartition(":")
    if not colon:
        raise StudyError(
            f"“{address}” is not the address of a segment.", hint="Give TRANSCRIPT:SEGMENT, such as P07:t012"
        )
    index = study.index(transcript_id)
    found = index.get(segment_id)
    if found is None:
        hint = suggest(segment_id, [one.id for one in index.transcript.segments])
        raise StudyError(f"There is no segment “{segment_id}” in {transcript_id}.", where=transcript_id, hint=hint)
    return transcript_id, found


def find_code(codebook: Codebook, text: str) -> str:
    """Return the id of the code that a person means; see :meth:`.Codebook.find`."""
    return codebook.find(text).id
