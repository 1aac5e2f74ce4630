"""Places in a list of segments to go to: where words stand, and where a code does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.model import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qualcode.reviewing.desk import Desk
    from qualcode.reviewing.entries import Item
    from qualcode.study import Study

Hit = tuple[int, Span]
"""Which segment of the list, and which of its words."""


def find_hits(study: Study, items: Sequence[Item], term: str) -> list[Hit]:
    """Return where a term occurs in a list of segments, in the order of the list.

    Parameters
    ----------
    study, items
        Which list of which study.
    term
        In the term language of the codebook: ``mentor*``, ``drop ... out``, ``exact:CLAP``.

    Raises
    ------
    StudyError
        If there is no term.
    CodebookError
        If it cannot be understood.
    """
    from qualcode.keywords import find_occurrences

    if not term.strip():
        raise StudyError("Type what to look for.", hint="As in a rule: mentor*, drop ... out, exact:CLAP")
    names = dict.fromkeys(item.transcript for item in items)
    spans: dict[str, list[Span]] = {}
    for found in find_occurrences(map(study.transcript, names), term.strip()):
        spans.setdefault(str(found["transcript"]), []).append(Span(*(int(str(found[one])) for one in ("start", "end"))))
    return list(_place(study, items, spans))


def _place(study: Study, items: Sequence[Item], spans: dict[str, list[Span]]) -> Iterator[Hit]:
    for number, item in enumerate(items):
        segment = study.index(item.transcript).get(item.segment)
        if segment is not None:
            yield from ((number, one) for one in spans.get(item.transcript, ()) if one in segment.span)


def find_passages(desk: Desk, items: Sequence[Item], code: str) -> list[Hit]:
    """Return where a code stands in a list of segments, suggested or given, in the order of the list.

    Parameters
    ----------
    desk
        Whose codings are meant, and what suggestions are seen there.
    items
        The list.
    code
        The code's id.
    """
    found: dict[tuple[str, Span], int] = {}
    for number, item in enumerate(items):
        segment = desk.study.index(item.transcript).get(item.segment)
        entries = desk.look(item.transcript, segment.span)[0] if segment else ()
        for entry in entries:
            if entry.code == code:
                found.setdefault((item.transcript, entry.span), number)
    return [(number, span) for (_, span), number in found.items()]
