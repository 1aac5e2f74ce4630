"""qualcode: code and analyse qualitative interviews; every number leads back to words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.doors import open_lazily

__version__ = "0.1.0"

# Where each public name lives. Loaded when first used, so that `import qualcode` costs nothing.
_HOMES = {
    "Case": "model",
    "Coding": "model",
    "Memo": "model",
    "Segment": "model",
    "Sheet": "model",
    "Span": "model",
    "Transcript": "model",
    "Problem": "errors",
    "QualcodeError": "errors",
    "Code": "codebook",
    "Codebook": "codebook",
    "read_codebook": "codebook",
    "read_transcript": "sources",
    "read_transcripts": "sources",
    "read_cases": "cases",
    "tag": "tagging",
    "tabulate": "tables",
    "CodingTable": "tables",
    "count_themes": "themes",
    "ThemeTable": "themes",
    "plot_themes": "figures",
    "plot_cases": "figures",
    "plot_codelines": "figures",
    "plot_cooccurrence": "figures",
    "plot_agreement": "figures",
    "Chart": "figures",
    "compile_codebook": "matching",
    "open_study": "study",
    "create_study": "study",
    "Study": "study",
    "measure_agreement": "agreement",
    "AgreementResult": "agreement",
    "run": "running",
    "tag_corpus": "corpus",
    "read_codings": "corpus",
}

__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604  # built from the table above

if TYPE_CHECKING:
    from qualcode.agreement import AgreementResult as AgreementResult
    from qualcode.agreement import measure_agreement as measure_agreement
    from qualcode.cases import read_cases as read_cases
    from qualcode.codebook import Code as Code
    from qualcode.codebook import Codebook as Codebook
    from qualcode.codebook import read_codebook as read_codebook
    from qualcode.corpus import read_codings as read_codings
    from qualcode.corpus import tag_corpus as tag_corpus
    from qualcode.errors import Problem as Problem
    from qualcode.errors import QualcodeError as QualcodeError
    from qualcode.figures import Chart as Chart
    from qualcode.figures import plot_agreement as plot_agreement
    from qualcode.figures import plot_cases as plot_cases
    from qualcode.figures import plot_codelines as plot_codelines
    from qualcode.figures import plot_cooccurrence as plot_cooccurrence
    from qualcode.figures import plot_themes as plot_themes
    from qualcode.matching import compile_codebook as compile_codebook
    from qualcode.model import Case as Case
    from qualcode.model import Coding as Coding
    from qualcode.model import Memo as Memo
    from qualcode.model import Segment as Segment
    from qualcode.model import Sheet as Sheet
    from qualcode.model import Span as Span
    from qualcode.model import Transcript as Transcript
    from qualcode.running import run as run
    from qualcode.sources import read_transcript as read_transcript
    from qualcode.sources import read_transcripts as read_transcripts
    from qualcode.study import Study as Study
    from qualcode.study import create_study as create_study
    from qualcode.study import open_study as open_study
    from qualcode.tables import CodingTable as CodingTable
    from qualcode.tables import tabulate as tabulate
    from qualcode.tagging import tag as tag
    from qualcode.themes import ThemeTable as ThemeTable
    from qualcode.themes import count_themes as count_themes


__getattr__ = open_lazily(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
