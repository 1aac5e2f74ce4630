"""An analysis → what its report says: figures, agreement, what was asked, how it was coded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from qualcode.errors import AgreementError, Problem
from qualcode.model import RULES_CODER
from qualcode.reports import TITLE, USUAL, list_drawing_problems

if TYPE_CHECKING:
    import os

    from qualcode.agreement import AgreementResult
    from qualcode.provenance import Provenance
    from qualcode.queries import Findings
    from qualcode.reports import AskedQuestion, Layout, Report
    from qualcode.running.analysing import Analysis
    from qualcode.saturation import Saturation

_SEVERAL = 2


def find_layout(folder: str | os.PathLike[str] | None, layout: str | os.PathLike[str] | None) -> Layout:
    """Return the layout that somebody names, else that of the study, else the usual one."""
    from qualcode.reports import LAYOUT_NAME, read_layout
    from qualcode.study import find_study

    path = Path(layout) if layout is not None else (find_study() if folder is None else Path(folder)) / LAYOUT_NAME
    if layout is None and not path.is_file():
        return USUAL
    return read_layout(path)


def report_analysis(
    analysis: Analysis,
    *,
    title: str = TITLE,
    layout: Layout = USUAL,
    figures: Literal["all", "none"] = "all",
) -> Report:
    """Return what the report of an analysis says, with all figures.

    Parameters
    ----------
    analysis
        What was read and counted.
    title
        Title of the report.
    layout
        What stands in it, and in what order.
    figures
        Whether to draw them.

    Returns
    -------
    Report
        Its facts have the problems of the figures, the agreement and the questions besides those of the analysis.
    """
    from qualcode.figures import draw, draw_on_page, list_kinds
    from qualcode.reports import Report, fit_layout, gather_facts

    shown = fit_layout(layout, analysis.account.approach if analysis.account is not None else "")
    analysis = _without_people(analysis)
    agreement, doubts = _measure(analysis, shown)
    charts = {kind: draw_on_page(kind, analysis.themes) for kind in list_kinds("themes") if figures == "all"}
    if agreement is not None and figures == "all":
        charts |= {kind: draw(kind, agreement) for kind in list_kinds("agreement")}
    answers = _ask(analysis, shown)
    saturation = _saturate(analysis, shown)
    results = [*(found for _, found in answers), *([saturation] if saturation is not None else [])]
    doubts += [problem for result in results for problem in result.problems]
    told = {"layout": layout.plain} if layout.plain else {}
    facts = gather_facts(
        analysis.themes,
        inputs=analysis.digests,
        options={**analysis.options, "title": title, **told},
        model=str(analysis.options["model"]) if analysis.options["model"] else None,
        problems=list(dict.fromkeys((*analysis.problems, *doubts, *list_drawing_problems(charts)))),
    )
    return Report(
        title,
        analysis.table,
        analysis.themes,
        analysis.codebook,
        charts,
        facts,
        agreement,
        shown.quotes if shown.quotes is not None else 3,
        analysis.picks,
        shown,
        analysis.account,
        _trace(analysis),
        answers,
        saturation,
        analysis.frozen,
        analysis.summaries,
    )


def _without_people(analysis: Analysis) -> Analysis:
    """Return an analysis of rules alone without what people said: a report of rules tells nothing of their work."""
    if any(coder != RULES_CODER for coder in analysis.table.coders):
        return analysis
    return replace(analysis, account=None, everybody=analysis.sheets)


def _trace(analysis: Analysis) -> Provenance | None:
    """Say how the codings of a study came about."""
    from qualcode.provenance import trace_codings

    if analysis.account is None:
        return None
    return trace_codings(analysis.table, analysis.everybody, model=analysis.account.model)


def _measure(analysis: Analysis, layout: Layout) -> tuple[AgreementResult | None, list[Problem]]:
    """Measure how far the coders of a study agree on what several of them read, where a report shows that."""
    from qualcode.agreement import measure_agreement
    from qualcode.tables import tabulate

    account = analysis.account
    if account is None or not layout.has("agreement"):
        return None, []
    coders = layout.agreement.get("coders") or tuple(one.name for one in account.readers)
    if len(coders) < _SEVERAL or not account.n_shared:
        return None, []
    table = tabulate(
        analysis.transcripts,
        analysis.everybody,
        analysis.codebook,
        cases=analysis.cases,
        unit=analysis.table.unit,
        coders=coders,
        way="union",
    )
    try:
        result = measure_agreement(
            table,
            coders=coders,
            level=layout.agreement.get("level"),
            drawn=layout.agreement.get("drawn") or "",
            resolved=layout.agreement.get("resolved") or _say_resolved(analysis),
            versions=analysis.versions,
        )
    except AgreementError as error:
        return None, [error.as_problem("agreement", where="agreement", level="note")]
    if result.facts is not None and not layout.agreement.get("drawn"):
        result = replace(result, facts=replace(result.facts, drawn=_say_drawn(analysis, result)))
    return result, list(result.problems)


def _say_drawn(analysis: Analysis, result: AgreementResult) -> str:
    """Return how the passages that were coded twice were chosen, as far as the log of the study knows."""
    account, facts = analysis.account, result.facts
    if facts is not None and facts.n_units == facts.n_units_in_all:
        return "which are all"
    if account is None or account.draw is None or not set(result.coders) <= set(account.draw.coders):
        return ""
    draw = account.draw
    return f"drawn at random within each transcript ({draw.share:.0%}, seed {draw.seed})"


def _say_resolved(analysis: Analysis) -> str:
    """Return what was done about disagreements, as far as the study knows."""
    settlement, account = analysis.table.settlement, analysis.account
    if settlement is None or account is None or not settlement.n_differences:
        return ""
    total, n_open = settlement.n_differences, settlement.n_open
    if not settlement.n_settled:
        return f"None of the {total:,} differences between coders has been settled, and none is counted as coded"
    rest = f"; {n_open:,} are open and not counted as coded" if n_open else ""
    return f"Of {total:,} differences between coders, {settlement.n_settled:,} were settled by adjudication{rest}"


def _ask(analysis: Analysis, layout: Layout) -> tuple[tuple[AskedQuestion, Findings], ...]:
    from qualcode.queries import find

    if not layout.has("questions"):
        return ()
    return tuple((one, find(analysis.table, one.ask, answer=one.answer, where=one.where)) for one in layout.questions)


def _saturate(analysis: Analysis, layout: Layout) -> Saturation | None:
    from qualcode.saturation import saturate

    if layout.saturation is None or not layout.has("saturation"):
        return None
    chosen = {key: value for key, value in layout.saturation.items() if value not in {None, ""}}
    return saturate(analysis.table, **chosen)
