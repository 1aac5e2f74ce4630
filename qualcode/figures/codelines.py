"""Where in each interview each theme comes up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.patches import PathPatch

from qualcode.errors import Problem, QualcodeError
from qualcode.figures.cells import note_lines, print_note
from qualcode.figures.chart import Chart, drawing_style
from qualcode.figures.colours import GRID, SOFT_INK, TALK, Colour, paint_codes
from qualcode.figures.course import POSITIONS, Course, Position, follow_course, locate_themes
from qualcode.figures.page import (
    MARGIN,
    SMALL,
    Box,
    Name,
    Page,
    PolyCollection,
    corners,
    join_corners,
    line_height,
    nice_ticks,
    place_corners,
)
from qualcode.figures.palette import OKABE_ITO
from qualcode.figures.rows import code_names, name_whose
from qualcode.figures.wording import add_whose, join_words
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from qualcode.figures.formats import Width
    from qualcode.tables import CodingTable
    from qualcode.themes import ThemeTable

    Floats = NDArray[np.float64]

_MOST_INTERVIEWS = 200
"""More than a page has room for."""
_MOST_LANES = 12
"""Themes with a lane of their own; of more, the most frequent have."""
_MOST_COLOURS = 8
"""The same where colours alone tell lanes apart."""
_TALLEST = 190.0
"""Millimetres beyond which lanes lose their names and a key takes their place."""
_MOST_MARKS = 3000
"""Marks of which each is a shape by itself in SVG and PDF; more are one picture, which every program opens at once."""
_ROUNDING = 1e-6
_AXIS = 8.5
_GAP = 2.2
_THINNEST, _THICKEST = 0.7, 2.2
_NARROWEST = 0.4
"""Millimetres that a mark is wide at least, so that a single word can be seen."""
_THIN = 0.3
"""Share of a lane that a mark in interviewer talk takes."""


def plot_codelines(themes: ThemeTable, *, position: Position = "words", width: Width = "two") -> Chart:
    """Draw where in each interview each theme comes up.

    Each interview has one lane per theme. Interviewer talk is grey, and what it says of a theme is a thin mark. Of more
    interviews than a page has room for, the first are drawn, and figure and ``problems`` say so.

    Parameters
    ----------
    themes
        What :func:`qualcode.count_themes` returns.
    position
        What runs from left to right: ``words`` from the start, ``percent`` of the interview's words, or
        ``time``, which the transcripts must have.
    width
        ``one`` (85 mm) or ``two`` (178 mm) columns of a journal.

    Returns
    -------
    Chart
        ``data`` has one row per unbroken passage: ``transcript``, ``code`` (path of the theme), ``name``,
        ``start``, ``end`` (positions; seconds for time), ``is_interviewer``.

    Raises
    ------
    QualcodeError
        If time is asked for and a transcript has none.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> themes = qualcode.count_themes(table)
    >>> chart = qualcode.plot_codelines(themes, position="percent")
    >>> chart.data.loc[0, ["transcript", "name"]].tolist()
    ['P1', 'Recruitment channels']
    """
    if position not in POSITIONS:
        raise ValueError(f"a position is one of {', '.join(POSITIONS)}, not {position!r}")
    table = _first_of(themes.table)
    return _plot(themes, table, table.transcript_ids, position, width)


def plot_timeline(themes: ThemeTable, *, width: Width = "two") -> Chart:
    """Draw when in each interview each theme comes up, in minutes and seconds.

    Only transcripts in which at least 80% of the turns have times are drawn; the others are named. Within a turn, words
    are taken to be evenly spread, up to the next turn: what is a pause there, times of turns do not say.

    Parameters
    ----------
    themes
        What :func:`qualcode.count_themes` returns.
    width
        ``one`` (85 mm) or ``two`` (178 mm) columns of a journal.

    Returns
    -------
    Chart
        ``data`` as of :func:`plot_codelines`; ``start`` and ``end`` are seconds.

    Raises
    ------
    QualcodeError
        If no transcript has enough times.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> chart = qualcode.plot_timeline(qualcode.count_themes(table))
    >>> chart.data["transcript"].unique().tolist()
    ['P2']
    """
    table = _first_of(themes.table)
    units = table.units
    turns = units.drop_duplicates(["transcript", "turn"])
    timed = turns["time"].notna().groupby(turns["transcript"], sort=False).mean()
    names = [name for name in table.transcript_ids if timed.get(name, 0.0) >= _TIMED]
    if not names:
        message = "No transcript has times at 80% of its turns or more."
        raise QualcodeError(message, hint="Draw codelines, which place themes by words")
    chart = _plot(themes, table, names, "time", width)
    rest = [name for name in table.transcript_ids if name not in names]
    if not rest:
        return replace(chart, kind="timeline")
    message = f"Without times at 80% of their turns, so not drawn: {join_words(rest)}."
    problem = Problem("figure timeline", "note", "no-times", message, "Codelines place themes by words")
    return replace(chart, kind="timeline", problems=(*chart.problems, problem))


_TIMED = 0.8
"""Share of turns that must have a time."""


def _first_of(table: CodingTable) -> CodingTable:
    """Return a table of as many transcripts as pages can have; where all are at hand, of all."""
    return replace(table, frames=table.frames.head(_MOST_INTERVIEWS))


def _plot(
    themes: ThemeTable, table: CodingTable, transcripts: Sequence[str], position: Position, width: Width
) -> Chart:
    rows = table.units.groupby("transcript", sort=False).indices
    courses = {name: follow_course(table.units.iloc[rows.get(name, [])], position) for name in transcripts}
    passages = locate_themes(table, courses)
    tops = themes.frame[themes.frame["level"] == 1]
    interviews = [Name(name, f"interview {number}") for number, name in enumerate(courses, 1)]
    with drawing_style():
        whose = name_whose(themes)
        page = Page(width, [*code_names(tops), *interviews, whose])
        colours = paint_codes(table.codebook)
        lanes = [
            _Lane((code,), name, colours[code])
            for code, name in zip(tops["code"].tolist(), code_names(tops), strict=True)
        ]
        plan = _plan(page, lanes, passages, interviews)
        drawn = dict(islice(courses.items(), len(plan.heads)))
        is_whole = table.frames is themes.table.frames
        cut = _say_cut(len(drawn), len(courses) if is_whole else themes.n_transcripts)
        if (
            not is_whole
        ):  # of a file of codings, as many transcripts as may be drawn are looked at, and no more are told of
            passages = passages[passages["transcript"].isin(drawn)]
        on_page = passages[passages["transcript"].isin(drawn)]
        boxes = _Drawing(page, plan, drawn, on_page, position, f"{cut} {page.show(whose)}".strip()).draw()
        boxes += (None,) * (len(passages) - len(on_page))  # passages go by transcript, so those drawn come first
        problems = (*page.problems("codelines"), *_report_merged(plan.lanes, len(lanes)), *_report_cut(cut))
        alt = add_whose(f"{_describe(courses, lanes, passages)} {cut}".rstrip(), themes)
        return Chart("codelines", page.figure, alt, passages, problems, boxes, cut)


def _report_merged(lanes: Sequence[_Lane], n_themes: int) -> tuple[Problem, ...]:
    if len(lanes) == n_themes:
        return ()
    message = (
        f"There is room for lanes of the {len(lanes) - 1} most frequent of {n_themes} themes; the others share a lane."
    )
    return (Problem("figure codelines", "note", "no-room", message),)


def _say_cut(n_drawn: int, n_interviews: int) -> str:
    return f"Drawn: the first {n_drawn} of {n_interviews:,} interviews." if n_drawn < n_interviews else ""


def _report_cut(cut: str) -> tuple[Problem, ...]:
    hint = "Draw the figure of some files to see others; the theme table counts all of them"
    return (Problem("figure codelines", "note", "no-room", f"{cut} There is no room for more.", hint),) if cut else ()


@dataclass(frozen=True, slots=True)
class _Lane:
    """The themes that share a lane, nearly always one."""

    codes: tuple[str, ...]
    name: Name
    colour: Colour


@dataclass(frozen=True, slots=True)
class _Plan:
    """How interviews and lanes are laid out.

    Attributes
    ----------
    lanes
        From top to bottom.
    names
        The wrapped names of the lanes beside them; empty when a key shows their colours.
    heads
        The wrapped names of the interviews.
    tops, heights
        Millimetres from the top of an interview's first lane, and of each lane.
    head, left, step
        Millimetres above the lanes of an interview, left of them, and from one interview to the next.
    """

    lanes: list[_Lane]
    names: list[list[str]]
    heads: list[list[str]]
    tops: list[float]
    heights: list[float]
    head: float
    left: float
    step: float

    @property
    def depth(self) -> float:
        """Millimetres that all lanes of one interview take."""
        return sum(self.heights)


def _plan(page: Page, lanes: list[_Lane], passages: pd.DataFrame, interviews: Sequence[Name]) -> _Plan:
    """Name every lane where there is room, else set lanes close with a key to their colours, as far as a page goes."""
    chosen = _merge_rare(lanes, passages, _MOST_LANES)
    names = [page.wrap(page.show(lane.name), 0.36 * page.width) for lane in chosen]
    heads = [page.wrap(page.show(name), page.width - 2 * MARGIN, bold=True) for name in interviews]
    heights = [len(lines) * line_height() + 0.3 for lines in names]
    head = max(map(len, heads), default=1) * line_height() + 1.4
    step = head + sum(heights) + _GAP
    if step * len(interviews) <= _TALLEST:
        left = MARGIN + max((page.measure(line) for lines in names for line in lines), default=0.0) + 1.5
        return _Plan(chosen, names, heads, _stack(heights), heights, head, left, step)
    chosen = _tell_apart(_merge_rare(lanes, passages, _MOST_COLOURS))
    height = (_TALLEST / len(interviews) - _GAP / 2) / max(len(chosen), 1)
    heights = [max(min(height, _THICKEST), _THINNEST)] * len(chosen)
    heads = [page.wrap(page.show(name), 0.25 * page.width) for name in interviews]
    left = MARGIN + max(page.measure(line) for lines in heads for line in lines) + 1.5
    step = max(sum(heights), max(map(len, heads)) * line_height()) + _GAP / 2
    n_fitting = max(1, int(_TALLEST / step + _ROUNDING))
    if n_fitting < len(interviews):
        return _plan(page, lanes, passages, interviews[:n_fitting])
    return _Plan(chosen, [], heads, _stack(heights), heights, 0.0, left, step)


def _tell_apart(lanes: list[_Lane]) -> list[_Lane]:
    """Return lanes of different colours."""
    if len({lane.colour for lane in lanes}) == len(lanes):
        return lanes
    return [replace(lane, colour=to_rgb(colour)) for lane, colour in zip(lanes, OKABE_ITO, strict=False)]


def _stack(heights: Sequence[float]) -> list[float]:
    return [sum(heights[:number]) for number in range(len(heights))]


def _merge_rare(lanes: list[_Lane], passages: pd.DataFrame, most: int) -> list[_Lane]:
    """Return at most so many lanes: the most frequent themes in their order, the rest together in the last."""
    if len(lanes) <= most:
        return lanes
    counts = passages.loc[~passages["is_interviewer"], "code"].value_counts()
    frequent = sorted(lanes, key=lambda lane: -int(counts.get(lane.codes[0], 0)))[: most - 1]
    rest = tuple(code for lane in lanes if lane not in frequent for code in lane.codes)
    others = f"Other themes ({len(rest)})"
    return [*(lane for lane in lanes if lane in frequent), _Lane(rest, Name(others, others), to_rgb(SOFT_INK))]


@dataclass(frozen=True, slots=True)
class _Marks:
    """The places of passages on the axes: the numbers of their lanes, positions, and millimetres downwards."""

    lane: NDArray[np.int64]
    left: Floats
    top: Floats
    width: Floats
    height: Floats


@dataclass(frozen=True, slots=True)
class _Drawing:
    """The marks of a plan on a page."""

    page: Page
    plan: _Plan
    courses: dict[str, Course]
    passages: pd.DataFrame
    position: Position
    whose: str

    def draw(self) -> tuple[Box | None, ...]:
        """Draw everything; return the places of the passages that count."""
        page, plan = self.page, self.plan
        key = [] if plan.names else _lay_key(page, plan.lanes)
        n_lines = max((entry.line + len(entry.lines) for entry in key), default=0)
        top = MARGIN + (n_lines * line_height() + 1.5 if key else 0.0)
        depth = plan.step * len(self.courses)
        note = self._note_lines()
        page.open(top + depth + _AXIS + len(note) * line_height(SMALL) + MARGIN)
        axes = page.axes(plan.left, top, self.room, depth)
        longest = max((course.length for course in self.courses.values()), default=0.0) or 1.0
        self._draw_scale(axes, longest)
        self._draw_talk(axes)
        marks = self._lay_marks(longest)
        self._draw_marks(axes, marks)
        for number, head in enumerate(plan.heads):
            self._print_names(head, top + number * plan.step)
        _print_key(page, key)
        print_note(page, note, top + depth + _AXIS)
        scale = self.room / longest
        places = plan.left + marks.left * scale, top + marks.top, marks.width * scale, marks.height
        boxes = map(Box._make, zip(*(place.tolist() for place in places), strict=True))
        is_asked = self.passages["is_interviewer"].tolist()
        return tuple(None if asked else box for box, asked in zip(boxes, is_asked, strict=True))

    @property
    def room(self) -> float:
        """Millimetres that the longest interview takes from left to right."""
        return self.page.width - self.plan.left - 5.0

    def _note_lines(self) -> list[str]:
        has_talk = any(len(course.interviewer) for course in self.courses.values())
        talk = "Grey: interviewer talk, which is not counted; themes in it are thin marks." if has_talk else ""
        return note_lines(self.page, f"{talk} {self.whose}".strip())

    def _draw_scale(self, axes: Axes, longest: float) -> None:
        axes.set_xlim(0, longest)
        for side in ("left", "top", "right"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_linewidth(0.6)
        axes.set_yticks([])
        n_most = 6 if self.page.width > 100 else 3  # noqa: PLR2004  # millimetres
        if self.position == "time":
            minutes = nice_ticks(longest / 60, n_most)
            axes.set_xticks([60 * minute for minute in minutes], [_clock(60 * minute) for minute in minutes])
        else:
            axes.set_xticks(nice_ticks(longest, n_most))
            axes.xaxis.set_major_formatter("{x:,.0f}")
        axes.tick_params(axis="x", length=2, width=0.6, pad=2, labelsize=SMALL)
        title = {
            "words": "Words from the start",
            "percent": "Percent of the interview’s words",
            "time": "Time from the start (minutes:seconds)",
        }
        axes.set_xlabel(title[self.position], fontproperties=self.page.font(SMALL), labelpad=2)

    def _draw_talk(self, axes: Axes) -> None:
        """Draw how long each interview is and where the interviewer speaks, behind all lanes."""
        frames: list[Box] = []
        talk: list[Box] = []
        for number, course in enumerate(self.courses.values()):
            top = number * self.plan.step + self.plan.head
            frames.append(Box(0.0, top, course.length, self.plan.depth))
            talk += [Box(start, top, end - start, self.plan.depth) for start, end in course.interviewer.tolist()]
        _fill(axes, corners(talk), to_rgb(TALK), label="interviewer", n_marks=len(talk))
        outlines = PolyCollection(corners(frames), facecolors="none", edgecolors=GRID, linewidths=0.5)
        outlines.set_rasterized(len(talk) > _MOST_MARKS)  # between two pictures they would keep these from being one
        axes.add_collection(outlines, autolim=False)
        if self.plan.names:
            for number, course in enumerate(self.courses.values()):
                lines = [number * self.plan.step + self.plan.head + top for top in self.plan.tops[1:]]
                axes.hlines(lines, 0, course.length, colors=GRID, linewidths=0.3)

    def _lay_marks(self, longest: float) -> _Marks:
        """Return the place of each passage on the axes."""
        plan = self.plan
        least = _NARROWEST * longest / self.room
        place = {transcript: number * plan.step + plan.head for number, transcript in enumerate(self.courses)}
        lane_of = {code: number for number, lane in enumerate(plan.lanes) for code in lane.codes}
        lanes = np.array([lane_of[code] for code in self.passages["code"].tolist()], dtype=np.int64)
        above = np.array([place[transcript] for transcript in self.passages["transcript"].tolist()], dtype=np.float64)
        start, end, asks = (self.passages[name].to_numpy() for name in ("start", "end", "is_interviewer"))
        width, depth = np.maximum(end - start, least), np.array(plan.heights)[lanes]
        height = depth * np.where(asks, _THIN, 0.8)
        top = above + np.array(plan.tops)[lanes] + (depth - height) / 2
        return _Marks(lanes, (start + end - width) / 2, top, width, height)

    def _draw_marks(self, axes: Axes, marks: _Marks) -> None:
        places = place_corners(marks.left, marks.top, marks.width, marks.height)
        for number, lane in enumerate(self.plan.lanes):
            own, label = places[marks.lane == number], lane.name.text.lstrip("_")
            _fill(axes, own, lane.colour, label=label, n_marks=len(marks.lane))

    def _print_names(self, head: list[str], top: float) -> None:
        """Print the name of an interview, and those of its lanes."""
        page, plan = self.page, self.plan
        if not plan.names:
            page.lines(MARGIN, top + plan.depth / 2, head)
            return
        page.lines(MARGIN, top + plan.head - len(head) * line_height() / 2 - 0.4, head, bold=True)
        for lines, lane_top, height in zip(plan.names, plan.tops, plan.heights, strict=True):
            page.lines(MARGIN, top + plan.head + lane_top + height / 2, lines)


def _fill(axes: Axes, places: Any, colour: Colour, *, label: str, n_marks: int) -> None:
    """Draw rectangles of one colour: a shape each, or of many marks one shape of a picture, with the same pixels."""
    if n_marks > _MOST_MARKS:
        shape = PathPatch(join_corners(places), facecolor=colour, linewidth=0, label=label, rasterized=True, snap=True)
        axes.add_artist(shape)
    else:
        axes.add_collection(PolyCollection(places, facecolors=[colour], linewidths=0, label=label), autolim=False)


def _clock(seconds: float) -> str:
    """Return a time as ``12:30``, from an hour on as ``1:12:30``."""
    minutes, second = divmod(round(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


_SWATCH = 3.0


@dataclass(frozen=True, slots=True)
class _Entry:
    """A colour and its name in the key: place in millimetres and in lines."""

    x: float
    line: int
    lines: list[str]
    colour: Colour


def _lay_key(page: Page, lanes: Sequence[_Lane]) -> list[_Entry]:
    """Return the entries of the key, side by side as far as there is room."""
    entries: list[_Entry] = []
    x, line, depth = MARGIN, 0, 1
    for lane in lanes:
        lines = page.wrap(page.show(lane.name), page.width - 2 * MARGIN - _SWATCH - 1.0)
        wide = _SWATCH + 1.0 + max(map(page.measure, lines))
        if x + wide > page.width - MARGIN and x > MARGIN:
            x, line, depth = MARGIN, line + depth, 1
        entries.append(_Entry(x, line, lines, lane.colour))
        x, depth = x + wide + 4.0, max(depth, len(lines))
    return entries


def _print_key(page: Page, entries: Sequence[_Entry]) -> None:
    if not entries:
        return
    boxes = []
    for entry in entries:
        for number, text in enumerate(entry.lines, entry.line):
            page.text(entry.x + _SWATCH + 1.0, MARGIN + (number + 0.5) * line_height(), text)
        middle = MARGIN + (entry.line + 0.5) * line_height()
        boxes.append(Box(entry.x, middle - 1.0, _SWATCH, 2.0))
    colours = [entry.colour for entry in entries]
    page.canvas().add_collection(PolyCollection(corners(boxes), facecolors=colours, linewidths=0), autolim=False)


def _describe(courses: dict[str, Course], lanes: Sequence[_Lane], passages: pd.DataFrame) -> str:
    head = f"Codelines: where in {plural(len(courses), 'interview')} {plural(len(lanes), 'theme')} "
    counted = passages[~passages["is_interviewer"]]
    if counted.empty:
        return f"{head}would come up: none does."
    found = counted.groupby("code", sort=False)["transcript"].agg(["size", "nunique"])
    numbers = {str(code): (int(size), int(n)) for code, size, n in found.itertuples(name=None)}
    parts = []
    for lane in lanes:
        n_passages, n_interviews = numbers.get(lane.codes[0], (0, 0))
        parts.append(f"{lane.name.text}: {plural(n_passages, 'passage')} in {n_interviews} of {len(courses)}")
    return f"{head}{'is' if len(lanes) == 1 else 'are'} spoken of. {join_words(parts)}."
