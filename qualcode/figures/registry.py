"""Every kind of figure in one table, from which command line, reports, page and docs take what there is to draw.

To add a figure, write the function that draws it and an entry here: see ``docs/architecture.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Literal

from qualcode.errors import OutputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qualcode.agreement import AgreementResult
    from qualcode.figures.chart import Chart
    from qualcode.figures.formats import Width
    from qualcode.figures.page import Box
    from qualcode.results import Result
    from qualcode.themes import ThemeTable

Source = Literal["themes", "agreement", "course", "saturation", "groups", "relations", "sequences"]
Opens = Literal["code", "other", "case", "transcript"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a study calls the things that its figures count.

    Attributes
    ----------
    unit
        A counting unit.
    case, cases
        One of those who speak, and several.
    n_cases
        How many speak.
    theme
        What there are counts of: themes, with sub-themes where the codebook has any.
    """

    unit: str = "segment"
    case: str = "case"
    cases: str = "cases"
    n_cases: int = 0
    theme: Literal["theme", "theme and sub-theme"] = "theme and sub-theme"

    @property
    def themes(self) -> str:
        """Several of what there are counts of."""
        return self.theme.replace("theme", "themes")

    def fill(self, text: str) -> str:
        """Put the terms in the places of a text that name them, ``{units}`` for instance."""
        units = f"{self.unit}s"
        # Figures speak of cases; where a report calls them otherwise, the captions say so.
        meaning = "" if self.case == "case" else f"each case is a {self.case}"
        return text.format(
            unit=self.unit,
            units=units,
            Units=units.capitalize(),
            Cases=self.cases.capitalize(),
            case=self.case,
            cases=self.cases,
            n_cases=self.n_cases,
            theme=self.theme,
            Themes=self.themes.capitalize(),
            note=f"; {meaning}" if meaning else "",
            aside=f" ({meaning})" if meaning else "",
        )


@dataclass(frozen=True, slots=True)
class FigureKind:
    """A kind of figure.

    Attributes
    ----------
    plot
        The function that draws it, as ``module:function``, so that this table costs nothing to import. It takes the
        result and ``width``, and returns a :class:`~qualcode.figures.chart.Chart`.
    source
        The result that it draws.
    section
        The section of a report in which it stands.
    shows
        What one sees, to go on after "The figure shows"; with places for :class:`Terms`.
    caption
        The caption without a full stop; with places for :class:`Terms`.
    opens
        The columns of :attr:`Chart.data` that tell which quotes a mark leads to: those with the code (and the other
        code in the same counting unit), of the case, in the transcript.
    shown
        Whether every report has it, or one that is asked for it.
    """

    plot: str
    source: Source
    section: str
    shows: str
    caption: str
    opens: tuple[Opens, ...] = ()
    shown: Literal["always", "asked"] = "always"


FIGURES: dict[str, FigureKind] = {
    "themes": FigureKind(
        plot="qualcode.figures.bars:plot_themes",
        source="themes",
        section="themes",
        shows="how many {cases} mention each {theme}",
        caption="{Themes} by number of {cases} (N = {n_cases}{note})",
        opens=("code",),
    ),
    "cases": FigureKind(
        plot="qualcode.figures.heat:plot_cases",
        source="themes",
        section="themes",
        shows="how the {units} are distributed over the {cases}",
        caption="{Units} per code and {case}{aside}",
        opens=("code", "case"),
    ),
    "codelines": FigureKind(
        plot="qualcode.figures.codelines:plot_codelines",
        source="themes",
        section="themes",
        shows="where in each interview each theme comes up",
        caption="Where in each interview each theme comes up",
        opens=("code", "transcript"),
    ),
    "cooccurrence": FigureKind(
        plot="qualcode.figures.cooccurrence:plot_cooccurrence",
        source="themes",
        section="pairs",
        shows="in how many {units} two codes occur together",
        caption="{Units} in which two codes occur together",
        opens=("code", "other"),
    ),
    "structure": FigureKind(
        plot="qualcode.figures.structure:plot_structure",
        source="themes",
        section="themes",
        shows="how codes add up to themes and dimensions",
        caption="Data structure: first-order codes, second-order themes and aggregate dimensions, with {cases}{aside}",
        opens=("code",),
        shown="asked",
    ),
    "upset": FigureKind(
        plot="qualcode.figures.upset:plot_upset",
        source="themes",
        section="pairs",
        shows="how many {cases} speak of just which themes",
        caption="{Cases} by the combination of themes that they speak of (N = {n_cases}{note})",
        opens=("code", "case"),
        shown="asked",
    ),
    "timeline": FigureKind(
        plot="qualcode.figures.codelines:plot_timeline",
        source="themes",
        section="themes",
        shows="when in each interview each theme comes up",
        caption="When in each interview each theme comes up, in minutes and seconds",
        opens=("code", "transcript"),
        shown="asked",
    ),
    "agreement": FigureKind(
        plot="qualcode.figures.forest:plot_agreement",
        source="agreement",
        section="agreement",
        shows="how far coders agree on each code, with intervals",
        caption="Agreement between coders, per code",
    ),
    "drift": FigureKind(
        plot="qualcode.figures.drift:plot_drift",
        source="course",
        section="agreement",
        shows="agreement between coders over time, with intervals",
        caption="Agreement between coders over time, in blocks of units, with 95% intervals",
        shown="asked",
    ),
    "saturation": FigureKind(
        plot="qualcode.figures.accumulation:plot_saturation",
        source="saturation",
        section="themes",
        shows="how many codes each further {case} brings",
        caption="Codes by number of {cases}: mean of all orders with its spread, and the order taken{aside}",
    ),
    "groups": FigureKind(
        plot="qualcode.figures.groups:plot_groups",
        source="groups",
        section="themes",
        shows="what share of the {cases} of each group speaks of each code, with 95% intervals",
        caption="Share of the {cases} of each group that speaks of each code, with Wilson's 95% intervals{aside}",
    ),
    "network": FigureKind(
        plot="qualcode.figures.network:plot_network",
        source="relations",
        section="pairs",
        shows="which codes meet most often",
        caption="Codes that meet most often: lines by units with both, dots by {cases}{aside}",
    ),
    "transitions": FigureKind(
        plot="qualcode.figures.transitions:plot_transitions",
        source="sequences",
        section="pairs",
        shows="how often one code (row) is followed by another (column)",
        caption="How often one code (row) is followed by another (column)",
    ),
}
"""The kinds of figures, in the order in which reports show them."""


_APART = 0.5
"""Millimetres between two marks below which they are one to point at."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of a figure, such as a bar or a cell.

    Attributes
    ----------
    box
        Its place.
    opens
        Which quotes it leads to, by the names of :attr:`FigureKind.opens`.
    """

    box: Box
    opens: Mapping[str, str]


def list_kinds(source: Source, *, which: Literal["usual", "all"] = "usual") -> list[str]:
    """Return the kinds of figures that are drawn of a result.

    Parameters
    ----------
    source
        ``themes``, ``agreement``, ``course`` (of agreement), ``saturation``, ``groups``, ``relations`` or
        ``sequences``.
    which
        The ``usual`` ones, which every report shows, or ``all``.

    Returns
    -------
    list of str
        In the order in which reports show them.

    Examples
    --------
    >>> list_kinds("themes")
    ['themes', 'cases', 'codelines', 'cooccurrence']
    """
    return [
        kind
        for kind, figure in FIGURES.items()
        if figure.source == source and (which == "all" or figure.shown == "always")
    ]


def draw(kind: str, result: ThemeTable | AgreementResult | Result, *, width: Width = "two") -> Chart:
    """Draw a figure.

    Parameters
    ----------
    kind
        One of :data:`FIGURES`.
    result
        What it shows: the counts, the agreement, or what another analysis gave.
    width
        ``one`` (85 mm) or ``two`` (178 mm) columns of a journal.

    Returns
    -------
    Chart
        The figure.

    Raises
    ------
    OutputError
        If there is no such kind.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> report = qualcode.make_report(qualcode.count_themes(table))
    >>> draw("themes", report.themes).kind
    'themes'
    """
    if kind not in FIGURES:
        raise OutputError(f"There is no figure “{kind}”.", hint=f"Use one of: {', '.join(FIGURES)}")
    chart: Chart = resolve_name(FIGURES[kind].plot)(result, width=width)
    return chart


def draw_on_page(kind: str, themes: ThemeTable) -> Chart:
    """Draw a figure of themes for a report: of more codes than a page has room for, those of the upper levels.

    Parameters
    ----------
    kind
        One of :data:`FIGURES` that are drawn of counts.
    themes
        What :func:`qualcode.count_themes` returns.

    Returns
    -------
    Chart
        The figure. ``selection`` and ``problems`` say down to which level codes are drawn; each with all below it.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> draw_on_page("themes", qualcode.count_themes(table)).selection
    ''
    """
    from qualcode.figures.page import TALLEST
    from qualcode.themes import count_themes

    chart = draw(kind, themes)
    deepest = int(themes.frame["level"].max()) if len(themes.frame) else 0
    for level in range(deepest - 1, 0, -1):
        if chart.size[1] <= TALLEST:
            break
        chart = draw(kind, count_themes(themes.table, level=level))
        said = f"Drawn: codes of level 1{f' to {level}' if level > 1 else ''}, each with all codes below it."
        problem = Problem(
            f"figure {kind}", "note", "no-room", f"{said} There is no room for more.", "See the tables for all codes"
        )
        selection = f"{said} {chart.selection}".rstrip()
        chart = replace(chart, selection=selection, problems=(*chart.problems, problem), alt=f"{chart.alt} {said}")
    return chart


def list_marks(chart: Chart, *, most: int | None = None) -> list[Mark]:
    """Return the marks of a figure that lead to quotes, in the order of :attr:`Chart.data`; none if more than ``most``.

    Neighbours that lead to the same quotes are one mark, since there is no room to point between them.
    """
    if not chart.boxes:
        return []
    columns = FIGURES[chart.kind].opens
    places: list[tuple[Box, tuple[str, ...]]] = []
    shown = [(row, box) for row, box in enumerate(chart.boxes) if box is not None]
    data = chart.data[list(columns)].iloc[[row for row, _ in shown]]
    for (_, box), *opens in zip(shown, *(data[column].tolist() for column in columns), strict=True):
        if places and places[-1][1] == tuple(opens) and places[-1][0].is_beside(box, _APART):
            places[-1] = (places[-1][0] | box, places[-1][1])
        else:
            places.append((box, tuple(opens)))
            if most is not None and len(places) > most:
                return []
    return [Mark(box, dict(zip(columns, opens, strict=True))) for box, opens in places]
