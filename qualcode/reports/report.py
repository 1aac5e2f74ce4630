"""Everything that a report says, as values: counts, passages, who speaks, figures, and how it all came about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from qualcode.figures import Terms, draw, draw_on_page, list_kinds
from qualcode.quoting import find_picked
from qualcode.reports.facts import gather_facts
from qualcode.reports.layout import Layout
from qualcode.reports.phrases import number
from qualcode.reports.quotes import Quotes, QuoteSource
from qualcode.wording import join, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from qualcode.agreement import AgreementCourse, AgreementResult
    from qualcode.audit import AuditTrail
    from qualcode.codebook import Codebook
    from qualcode.columns import FrameColumns
    from qualcode.errors import Problem
    from qualcode.figures import Chart, FileFormat
    from qualcode.joint_display import JointDisplay
    from qualcode.model import Coding
    from qualcode.provenance import Provenance
    from qualcode.queries import Findings
    from qualcode.reports.facts import RunFacts
    from qualcode.reports.layout import AskedQuestion
    from qualcode.reports.quotes import QuoteRow
    from qualcode.saturation import Saturation
    from qualcode.study import Account, Frozen, Summary
    from qualcode.tables import CodingTable
    from qualcode.themes import ThemeTable

TITLE = "Theme report"
"""Title of a report that nobody gave one."""


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A code and its counts."""

    code: str
    name: str
    level: int
    codings: int
    segments: int
    words: int
    transcripts: int
    cases: int
    marks: Mapping[str, str]
    """What stands behind the counts, by their names, that an open difference between coders could change."""


@dataclass(frozen=True, slots=True)
class Participant:
    """A case that speaks: its attributes, where it speaks, how much, and how many different codes it is coded with."""

    case: str
    attributes: tuple[str, ...]
    transcripts: tuple[str, ...]
    segments: int
    words: int
    codes: int
    minutes: float | None


@dataclass(frozen=True)
class Report:
    """Everything that a report says; :mod:`qualcode.reports.sections` puts it in order, formats decide how it looks.

    Attributes
    ----------
    title
        Shown at the top.
    table, themes
        The codings on their counting units, and the counts.
    codebook
        What they were coded with.
    charts
        Figures by kind (see :data:`qualcode.figures.FIGURES`); a report shows those that are there, and they are not to
        be changed any more.
    facts
        How the numbers came about.
    agreement
        How far coders agree, when that was measured. Its figure is the chart ``agreement``.
    quotes_per_code
        How many quotes are shown for each code on paper, spread over the cases; those that people chose are all shown.
    picks
        The codings that people chose as quotes: what :meth:`qualcode.study.Study.picks` returns.
    layout
        What is shown, and in what order.
    account, provenance
        What the study says of itself, and how its codings came about, when it is a study that is reported.
    answers
        What was asked of the codings, with what was found.
    saturation
        What each further case brings, when that was asked for.
    frozen
        How the codebook was frozen and changed since, when it was.
    summaries
        What people wrote about cases and codes: the first of :meth:`qualcode.Study.summaries`.
    display, course
        Groups of cases beside what they say, and agreement over time, when they were asked for.
    trail, steps
        All that was done to the study, and which of it is listed step by step, when that was asked for.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> themes = qualcode.count_themes(table)
    >>> report = qualcode.make_report(themes)
    >>> len(report.quotes)
    155
    """

    title: str
    table: CodingTable
    themes: ThemeTable
    codebook: Codebook
    charts: Mapping[str, Chart]
    facts: RunFacts
    agreement: AgreementResult | None = None
    quotes_per_code: int = 3
    picks: tuple[Coding, ...] = ()
    layout: Layout = Layout()  # noqa: RUF009  # a value
    account: Account | None = None
    provenance: Provenance | None = None
    answers: tuple[tuple[AskedQuestion, Findings], ...] = ()
    saturation: Saturation | None = None
    frozen: Frozen | None = None
    summaries: tuple[Summary, ...] = ()
    display: JointDisplay | None = None
    course: AgreementCourse | None = None
    trail: AuditTrail | None = None
    steps: AuditTrail | None = None

    @cached_property
    def quote_columns(self) -> FrameColumns:
        """The passages of interviewees behind every count: see :func:`qualcode.themes.select_quotes`."""
        from qualcode.themes import list_quotes

        return list_quotes(self.table)

    @property
    def quotes(self) -> pd.DataFrame:
        """The same as a frame."""
        return self.quote_columns.frame

    @cached_property
    def by_case(self) -> pd.DataFrame:
        """The counts per code and case: see :func:`qualcode.themes.count_by`."""
        from qualcode.themes import count_by

        return count_by(self.table, "case")

    @cached_property
    def matrix(self) -> pd.DataFrame:
        """The segments in which two codes occur: see :func:`qualcode.themes.count_cooccurrence`."""
        from qualcode.themes import count_cooccurrence

        return count_cooccurrence(self.table)

    @cached_property
    def pairs(self) -> pd.DataFrame:
        """The pairs of codes that share a segment: see :func:`qualcode.themes.list_cooccurrence`."""
        from qualcode.themes import list_cooccurrence

        return list_cooccurrence(self.table)

    @cached_property
    def leaf_pairs(self) -> pd.DataFrame:
        """Those pairs of which no code has others below it, most segments first."""
        leaves = {self.codebook.path(code.id) for code in self.codebook.walk() if not code.codes}
        kept = self.pairs[self.pairs["code"].isin(leaves) & self.pairs["other"].isin(leaves)]
        return kept.sort_values(["segments", "cases"], ascending=False, kind="stable")

    @cached_property
    def codes(self) -> list[CodeRow]:
        """The codes and their counts, in the order of the codebook."""
        from qualcode.themes import MARK

        columns = ("code", "name", "level", "codings", "segments", "words", "transcripts", "cases")
        unsure = self.themes.unsure.to_dict("records")
        marks = [{str(name): MARK if is_unsure else "" for name, is_unsure in row.items()} for row in unsure]
        return [CodeRow(*(*row, own)) for row, own in zip(_rows(self.themes.frame, columns), marks, strict=True)]

    @cached_property
    def shown_codes(self) -> list[CodeRow]:
        """Those of :attr:`codes` that tables list: all, or as the layout says."""
        chosen = self._chosen_codes
        is_hidden = self.layout.empty == "hidden"
        return [row for row in self.codes if row.code in chosen and (row.codings or not is_hidden)]

    @cached_property
    def empty_codes(self) -> list[CodeRow]:
        """The codes that are left out of tables since nothing is coded with them."""
        chosen, shown = self._chosen_codes, {row.code for row in self.shown_codes}
        return [row for row in self.codes if row.code in chosen and row.code not in shown]

    @property
    def _chosen_codes(self) -> set[str]:
        book = self.codebook
        if not self.layout.codes:
            return {row.code for row in self.codes}
        tops = [book.code(name) for name in self.layout.codes]
        return {book.path(one.id) for top in tops for one in (top, *book.descendants(top.id))}

    @cached_property
    def shown_attributes(self) -> tuple[int, ...]:
        """The places of the attributes of cases that the table of participants shows."""
        names = self.table.index.attributes
        chosen = names if self.layout.attributes is None else [self._attribute(one) for one in self.layout.attributes]
        places = (names.index(name) for name in chosen)
        is_hidden = self.layout.empty == "hidden"
        return tuple(
            place for place in places if not is_hidden or any(one.attributes[place] for one in self.participants)
        )

    def _attribute(self, name: str) -> str:
        return self.table.index.attribute(name)

    @cached_property
    def passages(self) -> Quotes:
        """The rows of :attr:`quotes`."""
        import numpy as np

        return self._quotes(np.arange(len(self.quote_columns)))

    def _quotes(self, rows: NDArray[np.intp]) -> Quotes:
        return Quotes(self._source, rows)

    @cached_property
    def _picked(self) -> frozenset[int]:
        """The rows of :attr:`quotes` that people chose."""
        picked = find_picked(self.quote_columns, self.codebook, self.picks)
        return frozenset(row for row, is_picked in enumerate(picked) if is_picked)

    @cached_property
    def _source(self) -> QuoteSource:
        return QuoteSource(self.quote_columns, self._picked, self.table.transcripts)

    @cached_property
    def quotes_of(self) -> dict[str, Quotes]:
        """The quotes of each code by its path, without those of the codes below it."""
        import numpy as np

        rows = self.quote_columns.indices("code")
        return {row.code: self._quotes(np.asarray(rows.get(row.code, []), dtype=np.intp)) for row in self.codes}

    @cached_property
    def participants(self) -> list[Participant]:
        """The cases that speak, in the order of the table of cases."""
        from qualcode.appendices import list_participants

        units, index = self.table.units, self.table.index
        spoken = units[~units["is_interviewer"].astype(bool)]
        voices = spoken.groupby("case", sort=False)
        sizes, words = voices.size().to_dict(), voices["words"].sum().to_dict()
        places: dict[str, list[str]] = {}
        for case, transcript in spoken[["case", "transcript"]].drop_duplicates().itertuples(index=False, name=None):
            places.setdefault(case, []).append(transcript)
        told = list_participants(self.table).frame
        codes, minutes = (dict(zip(told["case"], told[name].tolist(), strict=True)) for name in ("codes", "minutes"))
        return [
            Participant(
                case.id,
                tuple(str(case.attributes.get(name, "")) for name in index.attributes),
                tuple(places.get(case.id, ())),
                int(sizes.get(case.id, 0)),
                int(words.get(case.id, 0)),
                codes[case.id],
                number(minutes[case.id]),
            )
            for case in index.cases
        ]

    @cached_property
    def terms(self) -> Terms:
        """What things are called: cases are participants when each is one voice."""
        units = self.table.units
        voices = units.loc[~units["is_interviewer"].astype(bool), ["transcript", "case", "speaker"]].drop_duplicates()
        one_voice = not voices.duplicated(["transcript", "case"]).any()
        is_participant = one_voice and bool((voices["speaker"] != "").all())
        case, cases = ("participant", "participants") if is_participant else ("case", "cases")
        theme: Literal["theme", "theme and sub-theme"]
        theme = "theme and sub-theme" if any(row.level > 1 for row in self.codes) else "theme"
        return Terms(self.facts.unit, case, cases, self.facts.totals.cases, theme)

    @cached_property
    def illustrations(self) -> dict[str, QuoteRow]:
        """One quote of each code that has any of its own, others than the quotes above it where there are enough."""
        shown: dict[str, QuoteRow] = {}
        for row in self.codes:
            chosen = self.quotes_of[row.code].choose(1, [quote.row for quote in shown.values()])
            if chosen:
                shown[row.code] = chosen[0]
        return shown

    @property
    def whose(self) -> str:
        """Whose codings count, when a code of several counts, and what is open, to stand in a note."""
        return " ".join(part for part in (self.facts.whose, *self.themes.doubts) if part)

    @property
    def subtitle(self) -> str:
        """The size of the study in one line."""
        totals = self.facts.totals
        parts = [
            plural(totals.transcripts, "transcript"),
            plural(totals.cases, self.terms.case, self.terms.cases),
            plural(totals.words, "word"),
            plural(totals.codings, "coding"),
            f"codebook “{self.facts.codebook_name}”",
        ]
        return " · ".join(parts)

    def draw(self, kind: str, file_format: FileFormat) -> bytes:
        """Return a figure as a file's bytes, drawn once however many files show it.

        Parameters
        ----------
        kind
            One of :attr:`charts`.
        file_format
            ``svg``, ``pdf`` or ``png``.

        Returns
        -------
        bytes
            What a file of that format holds.

        Examples
        --------
        >>> report.draw("themes", "pdf")[:5]
        b'%PDF-'
        """
        key = (kind, file_format)
        if key not in self._drawn:
            self._drawn[key] = self.charts[kind].render(file_format)
        return self._drawn[key]

    @cached_property
    def _drawn(self) -> dict[tuple[str, str], bytes]:
        return {}


def _rows(frame: pd.DataFrame, columns: Sequence[str]) -> Iterable[tuple[Any, ...]]:
    return zip(*(frame[column].tolist() for column in columns), strict=True)


def make_report(
    themes: ThemeTable, *, title: str = TITLE, agreement: AgreementResult | None = None, quotes_per_code: int = 3
) -> Report:
    """Put together what a report says: the counts, every figure of them, and how they came about.

    Parameters
    ----------
    themes
        What :func:`qualcode.count_themes` returns; codings, transcripts and codebook are behind it.
    title
        Title of the report.
    agreement
        What :func:`qualcode.measure_agreement` returns, for a section on how far coders agree.
    quotes_per_code
        How many quotes are shown at most for each code on paper, spread over the cases.

    Returns
    -------
    Report
        What :func:`qualcode.write_report` writes.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> report = qualcode.make_report(qualcode.count_themes(table), title="Our study")
    >>> list(report.charts)
    ['themes', 'cases', 'codelines', 'cooccurrence']
    """
    charts = {kind: draw_on_page(kind, themes) for kind in list_kinds("themes")}
    doubts: list[Problem] = []
    if agreement is not None:
        charts |= {kind: draw(kind, agreement) for kind in list_kinds("agreement")}
        doubts += agreement.problems
    facts = gather_facts(themes, problems=[*doubts, *list_drawing_problems(charts)])
    table = themes.table
    return Report(title, table, themes, table.codebook, charts, facts, agreement, quotes_per_code)


def list_drawing_problems(charts: Mapping[str, Chart]) -> list[Problem]:
    """Return what figures have to tell; what several tell alike, such as of a missing font, once."""
    kinds: dict[Problem, list[str]] = {}
    for kind, chart in charts.items():
        for problem in chart.problems:
            kinds.setdefault(replace(problem, where=""), []).append(kind)
    return [replace(problem, where=f"figure {join(names)}") for problem, names in kinds.items()]
