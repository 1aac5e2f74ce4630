"""An analysis → what its report says: figures, agreement, what was asked, how it was coded."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from qualcode.errors import AgreementError, Problem, QualcodeError
from qualcode.model import RULES_CODER
from qualcode.reports import TITLE, USUAL, list_drawing_problems
from qualcode.wording import plural

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from qualcode.agreement import AgreementCourse, AgreementResult
    from qualcode.audit import AuditTrail
    from qualcode.joint_display import JointDisplay
    from qualcode.provenance import Provenance
    from qualcode.queries import Findings
    from qualcode.reports import AskedQuestion, Layout, Report
    from qualcode.running.analysing import Analysis
    from qualcode.saturation import Saturation
    from qualcode.tables import CodingTable

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
    agreement: Literal["code", "whole"] = "code",
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
    agreement
        Whether it is measured for each code, or for all together only.

    Returns
    -------
    Report
        Its facts have the problems of the figures, the agreement and the questions besides those of the analysis.
    """
    from qualcode.figures import draw, draw_on_page, list_kinds
    from qualcode.reports import Report, fit_layout, gather_facts

    shown = fit_layout(layout, analysis.account.approach if analysis.account is not None else "")
    analysis = _without_people(analysis)
    measured, course, doubts = _measure(analysis, shown, agreement)
    charts = {kind: draw_on_page(kind, analysis.themes) for kind in list_kinds("themes") if figures == "all"}
    if measured is not None and figures == "all":
        charts |= {kind: draw(kind, measured) for kind in list_kinds("agreement")}
    if course is not None and figures == "all":
        charts |= {kind: draw(kind, course) for kind in list_kinds("course", which="all")}
    answers, unanswered = _ask(analysis, shown)
    saturation, display = _saturate(analysis, shown), _display(analysis, shown)
    trail, steps = _trail(analysis, shown)
    results = [*(found for _, found in answers), saturation, display, course]
    doubts += [*unanswered, *(problem for one in results if one is not None for problem in one.problems)]
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
        measured,
        shown.quotes if shown.quotes is not None else 3,
        analysis.picks,
        shown,
        analysis.account,
        _trace(analysis),
        answers,
        saturation,
        analysis.frozen,
        analysis.summaries,
        display,
        course,
        trail,
        steps,
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


def _measure(
    analysis: Analysis, layout: Layout, by: Literal["code", "whole"]
) -> tuple[AgreementResult | None, AgreementCourse | None, list[Problem]]:
    """Measure how far the coders of a study agree on what several of them read, where a report shows that."""
    from qualcode.agreement import measure_agreement
    from qualcode.tables import tabulate

    account = analysis.account
    if account is None or not layout.has("agreement"):
        return None, None, []
    coders = layout.agreement.get("coders") or tuple(one.name for one in account.readers)
    if len(coders) < _SEVERAL or not account.n_shared:
        return None, None, []
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
            by=by,
            drawn=layout.agreement.get("drawn") or "",
            resolved=layout.agreement.get("resolved") or _say_resolved(analysis),
            versions=analysis.versions,
        )
    except AgreementError as error:
        return None, None, [error.as_problem("agreement", where="agreement", level="note")]
    if result.facts is not None and not layout.agreement.get("drawn"):
        result = replace(result, facts=replace(result.facts, drawn=_say_drawn(analysis, result)))
    return result, _track(analysis, table, layout, coders), list(result.problems)


def _track(analysis: Analysis, table: CodingTable, layout: Layout, coders: tuple[str, ...]) -> AgreementCourse | None:
    """Follow agreement over time, where blocks are asked for."""
    from qualcode.agreement import track_agreement

    blocks = layout.agreement.get("blocks")
    if not blocks or analysis.folder is None:
        return None
    changes = [str(note.get("at", "")) for note in analysis.folder.notes() if note.get("what") == "codebook"]
    return track_agreement(table, coders=coders, level=layout.agreement.get("level"), blocks=blocks, changes=changes)


def _say_drawn(analysis: Analysis, result: AgreementResult) -> str:
    """Return how the passages that were coded twice were chosen, as far as the log of the study knows."""
    account, facts = analysis.account, result.facts
    if facts is not None and facts.n_units == facts.n_units_in_all:
        return ""
    if account is None or account.draw is None or not set(result.coders) <= set(account.draw.coders):
        return ""
    draw = account.draw
    return f"drawn at random within each transcript ({draw.share:.0%}, seed {draw.seed})"


def _say_resolved(analysis: Analysis) -> str:
    """Return what was done about disagreements, as far as the study knows."""
    settlement, account = analysis.table.settlement, analysis.account
    if settlement is None or account is None or not settlement.n_differences:
        return ""
    between = f"Of {plural(settlement.n_differences, 'difference')} between coders"
    if not settlement.n_settled:
        return f"{between}, none has been settled, and none is counted as coded"
    rest = f"; not settled, and not counted as coded: {settlement.n_open:,}" if settlement.n_open else ""
    verb = "was" if settlement.n_settled == 1 else "were"
    return f"{between}, {settlement.n_settled:,} {verb} settled by adjudication{rest}"


def _ask(analysis: Analysis, layout: Layout) -> tuple[tuple[tuple[AskedQuestion, Findings], ...], list[Problem]]:
    """Ask what the layout lists, else what the study saved; of that, what can no longer be asked is a problem."""
    from qualcode.queries import find
    from qualcode.reports import AskedQuestion
    from qualcode.running.analysing import ask_named

    def answer(one: AskedQuestion) -> tuple[AskedQuestion, Findings]:
        return one, find(ask_named(analysis, one.ask), one.ask, answer=one.answer, where=one.where)

    if not layout.has("questions"):
        return (), []
    if layout.questions:
        return tuple(answer(_look_up(analysis, one)) for one in layout.questions), []
    answers, problems = [], []
    for name, question in analysis.saved.items():
        try:
            answers.append(answer(AskedQuestion(question, name)))
        except QualcodeError as error:
            hint = error.hint or f"Save it again, or take it away: qualcode question remove {name}"
            told = f"The saved question “{name}” cannot be asked: {error.message}"
            problems.append(Problem("questions.csv", "warning", "question", told, hint))
    return tuple(answers), problems


def _look_up(analysis: Analysis, one: AskedQuestion) -> AskedQuestion:
    """Return a question that is listed by its name as the one that was saved under it."""
    if one.ask not in analysis.saved:
        return one
    return replace(one, ask=analysis.saved[one.ask], name=one.name or one.ask)


def _display(analysis: Analysis, layout: Layout) -> JointDisplay | None:
    from qualcode.joint_display import make_display

    if layout.display is None or not layout.has("display"):
        return None
    return make_display(analysis.table, **_given(layout.display), picks=analysis.picks)


def _trail(analysis: Analysis, layout: Layout) -> tuple[AuditTrail | None, AuditTrail | None]:
    """Return all that was done, and the steps that are listed: those of the codebook, where nothing else is said."""
    from qualcode.audit import list_trail

    if analysis.folder is None or not layout.has("trail") or (layout.trail is None and not layout.sections):
        return None, None
    trail = list_trail(analysis.folder)
    chosen: dict[str, Any] = {"only": "codebook", **_given(layout.trail or {})}
    return trail, trail if chosen == {"only": "all"} else list_trail(analysis.folder, **chosen)


def _given(told: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in told.items() if value not in {None, ""}}


def _saturate(analysis: Analysis, layout: Layout) -> Saturation | None:
    from qualcode.saturation import saturate

    if layout.saturation is None or not layout.has("saturation"):
        return None
    return saturate(analysis.table, **_given(layout.saturation))
