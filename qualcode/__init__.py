"""qualcode: code and analyse qualitative interviews; every number leads back to words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.doors import open_lazily

__version__ = "0.1.0"

_NAMES = {
    "model": ("Case", "Coding", "Memo", "Segment", "Sheet", "Span", "Transcript"),
    "errors": ("Problem", "QualcodeError"),
    "codebook": ("Code", "Codebook", "parse_codebook", "read_codebook"),
    "sample": ("copy_sample",),
    "sources": ("read_survey", "read_transcript", "read_transcripts"),
    "cases": ("read_cases",),
    "tagging": ("tag",),
    "tables": ("CodingTable", "tabulate"),
    "themes": ("ThemeTable", "count_by", "count_cooccurrence", "count_themes", "list_cooccurrence", "select_quotes"),
    "comparing": ("GroupTable", "compare"),
    "provenance": ("Provenance", "trace_codings"),
    "relations": ("RelationTable", "SequenceTable", "follow", "relate"),
    "saturation": ("Saturation", "plan_cases", "saturate"),
    "appendices": (
        "CodebookTable",
        "ParticipantTable",
        "QuoteTable",
        "list_codebook",
        "list_participants",
        "list_quotes",
    ),
    "audit": ("AuditTrail", "list_trail"),
    "joint_display": ("JointDisplay", "make_display"),
    "framework": ("FrameworkMatrix", "import_framework", "make_framework"),
    "matrices": ("MatrixTable", "make_matrix"),
    "keyness": ("WordTable", "list_words"),
    "queries": ("Findings", "count_questions", "explain_query", "find"),
    "keywords": ("kwic", "suggest_terms"),
    "voices": ("TalkTable", "talk"),
    "explaining": ("explain", "try_rules"),
    "agreement": (
        "AgreementCourse",
        "AgreementResult",
        "CoderTable",
        "StabilityTable",
        "compare_pairs",
        "compare_ratings",
        "compare_with_earlier",
        "confuse_codes",
        "leave_out_coders",
        "list_disagreements",
        "measure_agreement",
        "read_ratings",
        "track_agreement",
    ),
    "study": ("Study", "create_study", "open_study"),
    "figures": (
        "Chart",
        "plot_agreement",
        "plot_cases",
        "plot_codelines",
        "plot_cooccurrence",
        "plot_drift",
        "plot_groups",
        "plot_network",
        "plot_saturation",
        "plot_structure",
        "plot_themes",
        "plot_timeline",
        "plot_transitions",
        "plot_upset",
    ),
    "surface": ("code",),
    "reports": ("Report", "make_report", "write_framework", "write_report", "write_result"),
    "running": ("report_study", "run"),
    "corpus": ("read_codings", "tag_corpus"),
}
"""The public names by the modules in which they live: from reading to reports, whatever a notebook needs."""

# Loaded when first used, so that `import qualcode` costs nothing.
_HOMES = {name: home for home, names in _NAMES.items() for name in names}

__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604  # built from the table above

if TYPE_CHECKING:
    from qualcode.agreement import AgreementCourse as AgreementCourse
    from qualcode.agreement import AgreementResult as AgreementResult
    from qualcode.agreement import CoderTable as CoderTable
    from qualcode.agreement import StabilityTable as StabilityTable
    from qualcode.agreement import compare_pairs as compare_pairs
    from qualcode.agreement import compare_ratings as compare_ratings
    from qualcode.agreement import compare_with_earlier as compare_with_earlier
    from qualcode.agreement import confuse_codes as confuse_codes
    from qualcode.agreement import leave_out_coders as leave_out_coders
    from qualcode.agreement import list_disagreements as list_disagreements
    from qualcode.agreement import measure_agreement as measure_agreement
    from qualcode.agreement import read_ratings as read_ratings
    from qualcode.agreement import track_agreement as track_agreement
    from qualcode.appendices import CodebookTable as CodebookTable
    from qualcode.appendices import ParticipantTable as ParticipantTable
    from qualcode.appendices import QuoteTable as QuoteTable
    from qualcode.appendices import list_codebook as list_codebook
    from qualcode.appendices import list_participants as list_participants
    from qualcode.appendices import list_quotes as list_quotes
    from qualcode.audit import AuditTrail as AuditTrail
    from qualcode.audit import list_trail as list_trail
    from qualcode.cases import read_cases as read_cases
    from qualcode.codebook import Code as Code
    from qualcode.codebook import Codebook as Codebook
    from qualcode.codebook import parse_codebook as parse_codebook
    from qualcode.codebook import read_codebook as read_codebook
    from qualcode.comparing import GroupTable as GroupTable
    from qualcode.comparing import compare as compare
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
    from qualcode.figures import plot_drift as plot_drift
    from qualcode.figures import plot_groups as plot_groups
    from qualcode.figures import plot_network as plot_network
    from qualcode.figures import plot_saturation as plot_saturation
    from qualcode.figures import plot_structure as plot_structure
    from qualcode.figures import plot_themes as plot_themes
    from qualcode.figures import plot_timeline as plot_timeline
    from qualcode.figures import plot_transitions as plot_transitions
    from qualcode.figures import plot_upset as plot_upset
    from qualcode.framework import FrameworkMatrix as FrameworkMatrix
    from qualcode.framework import import_framework as import_framework
    from qualcode.framework import make_framework as make_framework
    from qualcode.joint_display import JointDisplay as JointDisplay
    from qualcode.joint_display import make_display as make_display
    from qualcode.keyness import WordTable as WordTable
    from qualcode.keyness import list_words as list_words
    from qualcode.keywords import kwic as kwic
    from qualcode.keywords import suggest_terms as suggest_terms
    from qualcode.matrices import MatrixTable as MatrixTable
    from qualcode.matrices import make_matrix as make_matrix
    from qualcode.model import Case as Case
    from qualcode.model import Coding as Coding
    from qualcode.model import Memo as Memo
    from qualcode.model import Segment as Segment
    from qualcode.model import Sheet as Sheet
    from qualcode.model import Span as Span
    from qualcode.model import Transcript as Transcript
    from qualcode.provenance import Provenance as Provenance
    from qualcode.provenance import trace_codings as trace_codings
    from qualcode.queries import Findings as Findings
    from qualcode.queries import count_questions as count_questions
    from qualcode.queries import explain_query as explain_query
    from qualcode.queries import find as find
    from qualcode.relations import RelationTable as RelationTable
    from qualcode.relations import SequenceTable as SequenceTable
    from qualcode.relations import follow as follow
    from qualcode.relations import relate as relate
    from qualcode.reports import Report as Report
    from qualcode.reports import make_report as make_report
    from qualcode.reports import write_framework as write_framework
    from qualcode.reports import write_report as write_report
    from qualcode.reports import write_result as write_result
    from qualcode.running import report_study as report_study
    from qualcode.running import run as run
    from qualcode.sample import copy_sample as copy_sample
    from qualcode.saturation import Saturation as Saturation
    from qualcode.saturation import plan_cases as plan_cases
    from qualcode.saturation import saturate as saturate
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
    from qualcode.voices import TalkTable as TalkTable
    from qualcode.voices import talk as talk


__getattr__ = open_lazily(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
