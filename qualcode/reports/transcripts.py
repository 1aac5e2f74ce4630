"""A turn of a transcript as HTML, with every code that lies on it visible, also where codes overlap."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from qualcode.reports.phrases import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.model import Segment

_LANES = 4
"""Lines that can lie below one another under overlapping codes; further ones share the lowest."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A code on a stretch of a transcript.

    Attributes
    ----------
    start, end
        In the transcript's text.
    code, hue
        Numbers of the code and of its colour.
    name
        Of the code.
    mark
        Number of the quote that leads here; ``None`` when it is in no count.
    """

    start: int
    end: int
    code: int
    hue: int
    name: str
    mark: int | None


def render_turn(
    turn: Segment, text: str, passages: Sequence[Passage], *, anchor: str, is_asked: bool, time: str
) -> str:
    """Return a turn as HTML, everything in it escaped.

    Parameters
    ----------
    turn
        The turn.
    text
        Its words.
    passages
        The passages that touch it.
    anchor
        Its address in the page.
    is_asked
        Whether it is interviewer talk.
    time
        When it begins, as it is shown.
    """
    codes = sorted({(passage.code, passage.hue, passage.name) for passage in passages})
    tags = "".join(
        f'<li><span class="swatch h{hue}"></span><a href="#q-{code}"><bdi>{escape(clean(name))}</bdi></a></li>'
        for code, hue, name in codes
    )
    numbers = " ".join(str(code) for code, _, _ in codes)
    speaker = escape(clean(turn.speaker)) or "—"
    asked = " asked" if is_asked else ""
    when = f" · {time}" if time else ""
    role = " <small>not counted</small>" if is_asked else ""
    return (
        f'<div class="turn{asked}" id="{anchor}" data-k="{numbers}">'
        f'<div class="who"><a href="#{anchor}">{escape(turn.id)}</a>{when} <bdi><b>{speaker}</b></bdi>{role}</div>'
        f'<p class="talk" dir="auto">{_highlight(text, turn.span.start, passages)}</p>'
        f"{f'<ul>{tags}</ul>' if tags else '<span></span>'}</div>"
    )


def _highlight(text: str, offset: int, passages: Sequence[Passage]) -> str:
    """Return text in which each passage is marked, cut at every point where a passage begins or ends."""
    end = offset + len(text)
    laid = [
        (max(passage.start, offset), min(passage.end, end), lane, passage) for passage, lane in _assign_lanes(passages)
    ]
    cuts = sorted({offset, end, *(start for start, _, _, _ in laid), *(stop for _, stop, _, _ in laid)})
    parts = []
    for left, right in pairwise(cuts):
        inner = escape(text[left - offset : right - offset])
        # The lowest line is outermost, so that the text stands in the middle of its marks.
        for start, stop, lane, passage in laid:
            if start <= left and right <= stop:
                inner = _mark(inner, passage, lane, is_first=left == passage.start)
        parts.append(inner)
    return "".join(parts)


def _mark(inner: str, passage: Passage, lane: int, *, is_first: bool) -> str:
    address = f' id="m-{passage.mark}"' if is_first and passage.mark is not None else ""
    return (
        f'<mark{address} class="h{passage.hue} l{lane}" data-k="{passage.code}" '
        f'title="{escape(clean(passage.name))}">{inner}</mark>'
    )


def _assign_lanes(passages: Sequence[Passage]) -> list[tuple[Passage, int]]:
    """Give each passage the highest line that is free along its whole length."""
    ends = [0] * _LANES
    laid = []
    for passage in sorted(passages, key=lambda passage: (passage.start, -passage.end, passage.code)):
        free = (lane for lane, end in enumerate(ends) if end <= passage.start)
        lane = next(free, _LANES - 1)
        ends[lane] = max(ends[lane], passage.end)
        laid.append((passage, lane))
    return sorted(laid, key=lambda pair: pair[1])
