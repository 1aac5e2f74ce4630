"""The data structure: first-order codes, second-order themes and aggregate dimensions, from the tree of codes.

It is the figure that papers on management and organisations print (Gioia, Corley & Hamilton 2013,
doi:10.1177/1094428112452151). The program draws the tree that people made; it infers nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from matplotlib.collections import LineCollection

from qualcode.errors import Problem
from qualcode.figures.cells import note_lines, print_note
from qualcode.figures.chart import Chart, drawing_style
from qualcode.figures.colours import GRID, SOFT_INK, paint_codes, tint
from qualcode.figures.page import LABEL, MARGIN, SMALL, Box, Page, PolyCollection, corners, line_height
from qualcode.figures.rows import code_names, name_whose
from qualcode.figures.wording import add_whose, join_words
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes

    from qualcode.figures.colours import Colour
    from qualcode.figures.formats import Width
    from qualcode.themes import ThemeTable

_HEADS = ("First-order codes", "Second-order themes", "Aggregate dimensions")
_COLUMNS = 3
_SHARES = {1: (1.0,), 2: (0.56, 0.34), 3: (0.46, 0.24, 0.18)}
"""Shares of the width that boxes of each column take; what is left is for the lines between them."""
_PAD = 1.2
"""Millimetres within a box, besides its text."""
_MANY = 30
"""Codes in the first column from which on they are set smaller and closer."""


@dataclass(slots=True)
class _Node:
    """A code in a column, with those below it."""

    code: str
    lines: list[str]
    column: int
    size: float
    below: list[_Node]
    top: float = 0.0
    height: float = 0.0

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def plot_structure(themes: ThemeTable, *, counts: Literal["cases", "none"] = "cases", width: Width = "two") -> Chart:
    """Draw the tree of codes as a data structure: codes on the left, what they add up to on the right.

    A codebook of three levels gives first-order codes, second-order themes and aggregate dimensions; one of two levels
    leaves out the dimensions. Of a deeper one the three upper levels are drawn, each with all that is below it. What
    has nothing below it stands among the first-order codes. Codes that nobody used are left out and named.

    Parameters
    ----------
    themes
        What :func:`qualcode.count_themes` returns, of all levels.
    counts
        Whether the number of ``cases`` stands behind each code.
    width
        ``one`` (85 mm) or ``two`` (178 mm) columns of a journal.

    Returns
    -------
    Chart
        ``data`` has a row per code: ``code``, ``name``, ``level``, ``cases``, ``order`` (1: a first-order code …).

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> int(qualcode.plot_structure(qualcode.count_themes(table)).data["level"].max())
    2
    """
    used = themes.frame[(themes.frame["segments"] > 0) & (themes.frame["level"] <= _COLUMNS)]
    frame = used[["code", "name", "level", "cases"]].reset_index(drop=True)
    depth = int(frame["level"].max()) if len(frame) else 1
    parents = {code.rpartition("/")[0] for code in frame["code"]}
    orders = [
        depth - level if code in parents else 0 for code, level in zip(frame["code"], frame["level"], strict=True)
    ]
    frame["order"] = [order + 1 for order in orders]
    with drawing_style():
        whose = name_whose(themes)
        page = Page(width, [*code_names(frame), whose])
        colours = paint_codes(themes.table.codebook)
        roots = _grow(page, frame, depth, counts)
        top = MARGIN + line_height() + 1.5
        end = _place(roots, top)
        note = note_lines(page, f"{_explain(themes, counts, frame)} {page.show(whose)}".strip())
        page.open(end + 1.5 + len(note) * line_height(SMALL) + MARGIN)
        lefts = _lefts(page, depth)
        for head, left in zip(_name_columns(depth), lefts, strict=True):
            edge = page.width - MARGIN - page.measure(head, bold=True)
            page.text(min(left, edge), MARGIN + line_height() / 2, head, bold=True)
        nodes = [node for root in roots for node in _walk(root)]
        boxes = {node.code: _box(page, node, depth, lefts) for node in nodes}
        _draw(page, nodes, boxes, colours, depth)
        print_note(page, note, end + 1.5)
        problems = (*page.problems("structure"), *_report(themes, frame))
        alt = add_whose(_describe(frame, depth), themes)
        places = tuple(boxes[code] for code in frame["code"])
        return Chart("structure", page.figure, alt, frame, problems, places)


def _name_columns(depth: int) -> Sequence[str]:
    return ("Codes",) if depth == 1 else _HEADS[:depth]


def _lefts(page: Page, depth: int) -> list[float]:
    """Return where the boxes of each column begin, from left to right."""
    room, gap = page.width - 2 * MARGIN, _measure_gap(page, depth)
    shares = _SHARES[depth]
    return [MARGIN + sum(shares[:column]) * room + column * gap for column in range(depth)]


def _measure_gap(page: Page, depth: int) -> float:
    """Return the millimetres between two columns."""
    return (page.width - 2 * MARGIN) * (1 - sum(_SHARES[depth])) / max(depth - 1, 1)


def _grow(page: Page, frame: pd.DataFrame, depth: int, counts: str) -> list[_Node]:
    """Return the codes at the top with those below them; the deepest codes stand in the first column."""
    room = page.width - 2 * MARGIN
    size = SMALL if int((frame["order"] == 1).sum()) > _MANY else LABEL
    found: dict[str, _Node] = {}
    roots: list[_Node] = []
    columns = (frame["order"] - 1).tolist()
    for code, name, column, cases in zip(frame["code"], code_names(frame), columns, frame["cases"], strict=True):
        text = page.show(name) + (f"\u00a0({cases})" if counts == "cases" else "")
        lines = page.wrap(text, _SHARES[depth][column] * room - 2 * _PAD, size, bold=column > 0)
        found[code] = _Node(code, lines, column, size, [])
        above = code.rpartition("/")[0]
        (found[above].below if above in found else roots).append(found[code])
    return roots


def _place(roots: Sequence[_Node], top: float) -> float:
    """Set where each box lies, a parent in the middle of what is below it; return where the last one ends."""
    at = top
    for number, root in enumerate(roots):
        at = _place_below(root, at + 2 * _gap(root) * (number > 0))
    return at


def _gap(node: _Node) -> float:
    """Return the millimetres between boxes below one code."""
    return 0.9 if node.size == LABEL else 0.4


def _place_below(node: _Node, top: float) -> float:
    node.height = len(node.lines) * line_height(node.size) + _PAD * (1.0 if node.size == LABEL else 0.5)
    at = top
    for number, child in enumerate(node.below):
        at = _place_below(child, at + _gap(child) * (2.5 if child.below else 1.0) * (number > 0))
    if not node.below:
        node.top = top
        return top + node.height
    if at - top < node.height:  # a name that takes more lines than what is below it
        _shift(node.below, (node.height - (at - top)) / 2)
        at = top + node.height
    middle = (node.below[0].middle + node.below[-1].middle) / 2
    node.top = min(max(middle - node.height / 2, top), at - node.height)
    return at


def _shift(nodes: Sequence[_Node], by: float) -> None:
    for node in nodes:
        node.top += by
        _shift(node.below, by)


def _walk(node: _Node) -> list[_Node]:
    return [node, *(one for child in node.below for one in _walk(child))]


def _box(page: Page, node: _Node, depth: int, lefts: Sequence[float]) -> Box:
    room = page.width - 2 * MARGIN
    return Box(lefts[node.column], node.top, _SHARES[depth][node.column] * room, node.height)


def _draw(page: Page, nodes: Sequence[_Node], boxes: dict[str, Box], colours: dict[str, Colour], depth: int) -> None:
    axes = page.canvas()
    fills = [(1.0, 1.0, 1.0) if not node.column else tint(tint(colours[node.code])) for node in nodes]
    edges = [GRID if not node.column else colours[node.code] for node in nodes]
    places = corners([boxes[node.code] for node in nodes])
    axes.add_collection(PolyCollection(places, facecolors=fills, edgecolors=edges, linewidths=0.6), autolim=False)
    _draw_lines(axes, nodes, boxes, _measure_gap(page, depth))
    for node in nodes:
        box = boxes[node.code]
        for number, line in enumerate(node.lines):
            first = box.top + box.height / 2 - (len(node.lines) - 1) / 2 * line_height(node.size)
            page.text(
                box.left + _PAD, first + number * line_height(node.size), line, size=node.size, bold=node.column > 0
            )


def _draw_lines(axes: Axes, nodes: Sequence[_Node], boxes: dict[str, Box], gap: float) -> None:
    """Draw a bracket from the boxes below a code to its own; it bends right before that, past boxes between them."""
    lines = []
    for node in nodes:
        for child in node.below:
            start, end = boxes[child.code], boxes[node.code]
            x, y = start.left + start.width, start.top + start.height / 2
            goal = end.top + end.height / 2
            bend = end.left - gap / 2
            lines.append([(x, y), (bend, y), (bend, goal), (end.left, goal)])
    axes.add_collection(LineCollection(lines, colors=SOFT_INK, linewidths=0.7), autolim=False)


def _explain(themes: ThemeTable, counts: str, frame: pd.DataFrame) -> str:
    told = f"In brackets: of {plural(themes.n_cases, 'case')}, those that speak of it, or of a code below it."
    unused = int((themes.frame["segments"] == 0).sum())
    rest = f"Not drawn: {plural(unused, 'code')} of which nobody speaks." if unused and len(frame) else ""
    return f"{told if counts == 'cases' else ''} {rest}".strip()


def _report(themes: ThemeTable, frame: pd.DataFrame) -> list[Problem]:
    unused = themes.frame.loc[themes.frame["segments"] == 0, "name"].tolist()
    deeper = int(((themes.frame["level"] > _COLUMNS) & (themes.frame["segments"] > 0)).sum())
    told = []
    if unused:
        told.append(f"Not drawn, as nobody speaks of them: {join_words(unused)}.")
    if deeper:
        told.append(f"{plural(deeper, 'code')} below the third level are counted in those above them.")
    where = "figure structure"
    found = [Problem(where, "note", "left-out", " ".join(told))] if told else []
    if len(frame) and frame["level"].max() == 1:
        message = "The codebook has one level, so the data structure shows a list."
        found.append(Problem(where, "note", "one-level", message, "Put codes below themes: qualcode codebook move"))
    return found


def _describe(frame: pd.DataFrame, depth: int) -> str:
    if frame.empty:
        return "Data structure without codes: nothing is coded."
    heads = [head.lower() for head in _name_columns(depth)]
    numbers = [f"{int((frame['order'] == order).sum())} {head}" for order, head in enumerate(heads, start=1)]
    names = dict(zip(frame["code"], frame["name"], strict=True))
    parts = []
    for code, level in zip(frame["code"], frame["level"], strict=True):
        below = [names[one] for one in frame["code"] if one.rpartition("/")[0] == code]
        if level == 1:
            parts.append(f"{names[code]}: {', '.join(below)}" if below else names[code])
    return f"Data structure of {join_words(numbers)}. {'; '.join(parts)}."
