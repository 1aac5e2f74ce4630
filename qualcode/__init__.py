"""qualcode: code and analyse qualitative interviews; every number leads back to words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.doors import open_lazily

__version__ = "0.1.0"

_NAMES = {
    "model": ("Case", "Coding", "Memo", "Segment", "Sheet", "Span", "Transcript"),
    "errors": ("Problem", "QualcodeError"),
    "codebook": ("Code", "Codebook", "parse_codebook", "read_codebook"),
    "sources": ("read_survey", "read_transcript", "read_transcripts"),
    "cases": ("read_cases",),
    "tagging": ("tag",),
    "tables": ("CodingTable", "tabulate"),
    "themes": ("ThemeTable", "count_by", "count_cooccurrence", "count_themes", "list_cooccurrence", "select_quotes"),
    "keywords": ("kwic", "suggest_terms"),
    "explaining": ("explain", "try_rules"),
    "agreement": (
        "AgreementResult",
        "compare_ratings",
        "confuse_codes",
        "list_disagreements",
        "measure_agreement",
        "read_ratings",
    ),
    "study": ("Study", "create_study", "open_study"),
    "figures": ("Chart", "plot_agreement", "plot_cases", "plot_codelines", "plot_cooccurrence", "plot_themes"),
    "surface": ("code",),
    "reports": ("Report", "make_report", "write_report"),
    "running": ("report_study", "run"),
    "corpus": ("read_codings", "tag_corpus"),
}
"""The public names by the modules in which they live: from reading to reports, whatever a notebook needs."""

# Loaded when first used, so that `import qualcode` costs nothing.
_HOMES = {name: home for home, names in _NAMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604  # built from the table above

if TYPE_CHECKING:
    from qualcode.agreement import AgreementResult as AgreementResult
    from qualcode.agreement import compare_ratings as compare_ratings
    from qualcode.agreement import confuse_codes as confuse_codes
    from qualcode.agreement import list_disagreements as list_disagreements
    from qualcode.agreement import measure_agreement as measure_agreement
    from qualcode.agreement import read_ratings as read_ratings
    from qualcode.cases import read_cases as read_cases
    from qualcode.codebook import Code as Code
    from qualcode.codebook import Codebook as Codebook
    from qualcode.codebook import parse_codebook as parse_codebook
    from qualcode.codebook import read_codebook as read_codebook
    from qualcode.corpus import read_codings as read_codings
    from qualcode.corpus import tag_corpus as tag_corpus
    from qualcode.errors import Problem as Problem
    from qualcode.errors import QualcodeError as QualcodeError
    from qualcode.explaining import explain as explain
    from qualcode.explaining import try_rules as try_rules
    from qualcode.figures import Chart as Chart
    from qualcode.figures import plot_agreement as plot_agreement
    from qualcode.figures import plot_cases as plot_cases
    from qualcode.figures import plot_codelines as plot_codelines
    from qualcode.figures import plot_cooccurrence as plot_cooccurrence
    from qualcode.figures import plot_themes as plot_themes
    from qualcode.keywords import kwic as kwic
    from qualcode.keywords import suggest_terms as suggest_terms
    from qualcode.model import Case as Case
    from qualcode.model import Coding as Coding
    from qualcode.model import Memo as Memo
    from qualcode.model import Segment as Segment
    from qualcode.model import Sheet as Sheet
    from qualcode.model import Span as Span
    from qualcode.model import Transcript as Transcript
    from qualcode.reports import Report as Report
    from qualcode.reports import make_report as make_report
    from qualcode.reports import write_report as write_report
    from qualcode.running import report_study as report_study
    from qualcode.running import run as run
    from qualcode.sources import read_survey as read_survey
    from qualcode.sources import read_transcript as read_transcript
    from qualcode.sources import read_transcripts as read_transcripts
    from qualcode.study import Study as Study
    from qualcode.study import create_study as create_study
    from qualcode.study import open_study as open_study
    from qualcode.surface import code as code
    from qualcode.tables import CodingTable as CodingTable
    from qualcode.tables import tabulate as tabulate
    from qualcode.tagging import tag as tag
    from qualcode.themes import ThemeTable as ThemeTable
    from qualcode.themes import count_by as count_by
    from qualcode.themes import count_cooccurrence as count_cooccurrence
    from qualcode.themes import count_themes as count_themes
    from qualcode.themes import list_cooccurrence as list_cooccurrence
    from qualcode.themes import select_quotes as select_quotes


__getattr__ = open_lazily(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
