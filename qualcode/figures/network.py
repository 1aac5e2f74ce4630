"""Which codes meet most often: codes round an oval by theme, with lines as wide as they meet often."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.patches import PathPatch
from matplotlib.path import Path

from qualcode.errors import Problem
from qualcode.figures.cells import note_lines, print_note
from qualcode.figures.chart import Chart, drawing_style
from qualcode.figures.colours import SOFT_INK, paint_codes
from qualcode.figures.page import LABEL, MARGIN, SMALL, Name, Page, line_height
from qualcode.figures.rows import name_whose
from qualcode.figures.wording import join_words
from qualcode.themes import count_themes
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from qualcode.figures.formats import Width
    from qualcode.relations import RelationTable

MOST_CODES, MOST_LINES = 25, 40
"""More cannot be read in the width of a page."""
_THINNEST, _THICKEST, _LARGEST = 0.5, 3.6, 9.0
"""Points of lines between pairs that meet least and most often, and of the largest dot."""
_ROW, _LEAST_HEIGHT = 6.5, 50.0
_NAME = 0.3
"""The share of the width that names on each side may take."""


@dataclass(frozen=True, slots=True)
class _Node:
    code: str
    name: str
    cases: int
    x: float
    y: float
    is_right: bool


def plot_network(result: RelationTable, *, width: Width = "two") -> Chart:
    """Draw the codes that meet most often.

    At most 25 codes and 40 lines are drawn. Pairs that meet seldom are left out until that many remain, and the
    alternative text says from how many units on pairs are drawn. Codes above others are left out, as they repeat what
    is below them. Codes stand round an oval in the order of the codebook, so that the same codings give the same
    figure.

    Parameters
    ----------
    result
        What :func:`qualcode.relate` returns.
    width
        ``one`` (85 mm) or ``two`` (178 mm) columns of a journal.

    Returns
    -------
    Chart
        ``data`` has one row per line: ``code``, ``other``, ``both``, ``cases``.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> chart = qualcode.plot_network(qualcode.relate(table))
    >>> bool(chart.data["both"].is_monotonic_decreasing)
    True
    """
    pairs, least = _choose_pairs(result)
    counted = count_themes(result.table)
    themes = counted.frame.set_index("code")
    drawn = [code for code in themes.index if code in {*pairs["code"], *pairs["other"]}]
    left_out = _name_unconnected(result, themes, drawn)
    with drawing_style():
        whose = name_whose(counted)
        page = Page(width, [*(Name(themes.loc[code, "name"], code.rpartition("/")[2]) for code in drawn), whose])
        height = max(_LEAST_HEIGHT, _ROW * math.ceil(len(drawn) / 2) + 6)
        note = note_lines(page, f"{_explain(pairs, themes.loc[drawn, 'cases'].tolist())} {page.show(whose)}".strip())
        page.open(height + len(note) * line_height(SMALL))
        names = {code: page.show(Name(themes.loc[code, "name"], code.rpartition("/")[2])) for code in drawn}
        nodes = _place_nodes(page, drawn, names, dict(zip(themes.index, themes["cases"].tolist(), strict=True)), height)
        _draw(page, result, nodes, pairs, height)
        print_note(page, note, height - MARGIN)
        alt = _describe(result, pairs, least, names, left_out)
        return Chart("network", page.figure, alt, pairs, (*page.problems("network"), *_report(left_out, least)))


def _choose_pairs(result: RelationTable) -> tuple[pd.DataFrame, int]:
    """Return the pairs of codes without others below them that can be drawn, and the least number of units."""
    codebook = result.table.codebook
    parents = {codebook.path(one.id) for one in codebook.walk() if one.codes}
    frame = result.frame[["code", "other", "both", "cases"]]
    frame = frame[~frame["code"].isin(parents) & ~frame["other"].isin(parents)]
    for least in sorted(set(frame["both"].tolist())):
        kept = frame[frame["both"] >= least]
        if len(kept) <= MOST_LINES and len({*kept["code"], *kept["other"]}) <= MOST_CODES:
            return kept.reset_index(drop=True), least
    return frame.iloc[:0].reset_index(drop=True), 0


def _place_nodes(
    page: Page, codes: Sequence[str], names: dict[str, str], cases: dict[str, int], height: float
) -> dict[str, _Node]:
    """Place codes down the right side of an oval and up its left side, each in a row of its own on its side."""
    n_right = math.ceil(len(codes) / 2)
    room = page.width * (1 - 2 * _NAME)
    nodes = {}
    for number, code in enumerate(codes):
        is_right = number < n_right
        n_side = n_right if is_right else len(codes) - n_right
        place = number if is_right else len(codes) - 1 - number
        share = (place + 0.5) / n_side
        y = MARGIN + share * (height - 2 * MARGIN)
        reach = room / 2 * math.sqrt(max(1 - (2 * share - 1) ** 2, 0.0)) * 0.75 + room / 8
        x = page.width / 2 + (reach if is_right else -reach)
        nodes[code] = _Node(code, names[code], int(cases[code]), x, y, is_right)
    return nodes


_NOTHING = "No two codes without others below them meet."


def _explain(pairs: pd.DataFrame, cases: Sequence[int]) -> str:
    """Return what the width of a line and the size of a dot say."""
    if pairs.empty:
        return _NOTHING
    units, people = (_say_range(values) for values in (pairs["both"].tolist(), cases))
    return f"Lines: units with both codes, {units}; dots: cases that speak of a code, {people}."


def _say_range(values: Sequence[int]) -> str:
    low, high = min(values), max(values)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _draw(page: Page, result: RelationTable, nodes: dict[str, _Node], pairs: pd.DataFrame, height: float) -> None:
    axes = page.canvas()
    colours = paint_codes(result.table.codebook)
    middle = (page.width / 2, height / 2)
    most, least = (int(pairs["both"].max()), int(pairs["both"].min())) if len(pairs) else (1, 1)
    for one, other, both in reversed(list(zip(pairs["code"], pairs["other"], pairs["both"].tolist(), strict=True))):
        a, b = nodes[one], nodes[other]
        bend = ((a.x + b.x) / 4 + middle[0] / 2, (a.y + b.y) / 4 + middle[1] / 2)
        path = Path([(a.x, a.y), bend, (b.x, b.y)], [Path.MOVETO, Path.CURVE3, Path.CURVE3])
        share = (both - least) / (most - least) if most > least else 0.5
        thick = _THINNEST + (_THICKEST - _THINNEST) * share
        axes.add_patch(PathPatch(path, fill=False, linewidth=thick, edgecolor=SOFT_INK, alpha=0.3 + 0.6 * share))
    n_most = max((node.cases for node in nodes.values()), default=1)
    for node in nodes.values():
        size = 2.5 + (_LARGEST - 2.5) * math.sqrt(node.cases / max(n_most, 1))
        axes.plot([node.x], [node.y], "o", markersize=size, color=colours[node.code], markeredgecolor="white", zorder=3)
        _print_name(page, node)


def _print_name(page: Page, node: _Node) -> None:
    gap = 2.6
    room = (page.width - node.x if node.is_right else node.x) - gap - MARGIN
    lines = page.wrap(node.name, room)[:2]
    lines = [*lines[:-1], page.shorten(lines[-1], room)]
    first = node.y - (len(lines) - 1) / 2 * line_height(LABEL)
    for number, line in enumerate(lines):
        x = node.x + gap if node.is_right else node.x - gap
        page.text(x, first + number * line_height(LABEL), line, ha="left" if node.is_right else "right")


def _name_unconnected(result: RelationTable, themes: pd.DataFrame, drawn: Sequence[str]) -> list[str]:
    codebook = result.table.codebook
    leaves = [codebook.path(one.id) for one in codebook.walk() if not one.codes]
    return [str(themes.loc[code, "name"]) for code in leaves if themes.loc[code, "cases"] and code not in drawn]


def _report(left_out: Sequence[str], least: int) -> list[Problem]:
    found = []
    if least > 1:
        message = f"Pairs with fewer than {plural(least, 'unit')} are not drawn, so that the others can be read."
        found.append(Problem("figure network", "note", "seldom", message))
    if left_out:
        message = f"Not drawn, without such a pair: {join_words(list(left_out))}."
        found.append(Problem("figure network", "note", "unconnected", message))
    return found


def _describe(
    result: RelationTable, pairs: pd.DataFrame, least: int, names: dict[str, str], left_out: Sequence[str]
) -> str:
    if pairs.empty:
        return _NOTHING
    told = [
        f"{names[row['code']]} and {names[row['other']]} ({row['both']:,})" for row in pairs.head(8).to_dict("records")
    ]
    rest = f" Not drawn: {join_words(list(left_out))}." if left_out else ""
    return (
        f"Network of {plural(len(names), 'code')} and {plural(len(pairs), 'pair')} that meet in at least "
        f"{plural(least, result.table.unit)}. Most often: {'; '.join(told)}.{rest}"
    )
