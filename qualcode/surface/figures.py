"""Tables and figures of what is coded so far; each number opens its passages."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.model import Span
from qualcode.surface.asking import Answer, Data, take_text
from qualcode.surface.worklists import MOST, show_passage

if TYPE_CHECKING:
    from qualcode.surface.room import Room
    from qualcode.tables import CodingTable


def _count(room: Room, data: Data) -> CodingTable:
    """Return the coder's codings on counting units, or everybody's where the coder is not blind."""
    if take_text(data, "whose", "mine") == "mine":
        return room.study.tabulate(coders=[room.coder])
    for address in room.assigned():
        name, segment = room.study.segment(address)
        if room.desk.sight.tell(name, segment) == "blind":
            raise StudyError(
                "You still code a part blind; everybody's numbers would give away what others say of it.",
                hint="Read all that was drawn for you first",
            )
    return room.study.tabulate()


def show_themes(room: Room, data: Data) -> Answer:
    """Return the table of themes, and which figures can be drawn."""
    from qualcode.figures import FIGURES, Terms, list_kinds
    from qualcode.themes import count_themes

    themes = count_themes(_count(room, data))
    columns = ["code", "name", "level", "codings", "segments", "words", "transcripts", "cases"]
    rows = [dict(zip(columns, row, strict=True)) for row in themes.frame[columns].astype(object).to_numpy().tolist()]
    kinds = [[kind, Terms().fill(FIGURES[kind].caption.partition(" (N")[0])] for kind in list_kinds("themes")]
    return {"rows": rows, "caption": themes.caption, "kinds": kinds}


def draw_figure(room: Room, data: Data) -> Answer:
    """Return a figure as an image, with the places of its marks in hundredths of its size and what they open."""
    from qualcode.figures import draw, list_marks
    from qualcode.themes import count_themes

    chart = draw(take_text(data, "kind"), count_themes(_count(room, data)))
    width, height = chart.size
    image = base64.b64encode(chart.render("svg")).decode("ascii")
    marks = [
        {"box": [round(100 * part, 2) for part in (
            one.box.left / width, one.box.top / height, one.box.width / width, one.box.height / height)],
         "opens": dict(one.opens)}
        for one in list_marks(chart)
    ]  # fmt: skip
    return {"image": f"data:image/svg+xml;base64,{image}", "alt": chart.alt, "ratio": width / height, "marks": marks}


def list_quotes(room: Room, data: Data) -> Answer:
    """Return the passages behind a number."""
    from qualcode.themes import select_quotes

    chosen = {key: take_text(data, key, "") or None for key in ("code", "case", "transcript")}
    frame = select_quotes(_count(room, data), chosen["code"], case=chosen["case"], transcript=chosen["transcript"])
    ids = {path: code.id for code in room.study.codebook.walk() for path in [room.study.codebook.path(code.id)]}
    rows = [
        show_passage(room, one["transcript"], Span(one["start"], one["end"]), code=ids.get(one["code"], one["code"]))
        for one in frame.head(MOST).to_dict("records")
    ]
    return {"rows": rows, "total": len(frame)}
