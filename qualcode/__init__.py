"""qualcode: code and analyse qualitative interviews; every number leads back to words."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# Where each public name lives. Loaded when first used, so that `import qualcode` costs nothing.
_HOMES = {
    "Case": "model",
    "Coding": "model",
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
    "Chart": "figures",
    "run": "running",
}

__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604  # built from the table above

if TYPE_CHECKING:
    from qualcode.cases import read_cases as read_cases
    from qualcode.codebook import Code as Code
    from qualcode.codebook import Codebook as Codebook
    from qualcode.codebook import read_codebook as read_codebook
    from qualcode.errors import Problem as Problem
    from qualcode.errors import QualcodeError as QualcodeError
    from qualcode.figures import Chart as Chart
    from qualcode.figures import plot_cases as plot_cases
    from qualcode.figures import plot_codelines as plot_codelines
    from qualcode.figures import plot_cooccurrence as plot_cooccurrence
    from qualcode.figures import plot_themes as plot_themes
    from qualcode.model import Case as Case
    from qualcode.model import Coding as Coding
    from qualcode.model import Segment as Segment
    from qualcode.model import Sheet as Sheet
    from qualcode.model import Span as Span
    from qualcode.model import Transcript as Transcript
    from qualcode.running import run as run
    from qualcode.sources import read_transcript as read_transcript
    from qualcode.sources import read_transcripts as read_transcripts
    from qualcode.tables import CodingTable as CodingTable
    from qualcode.tables import tabulate as tabulate
    from qualcode.tagging import tag as tag
    from qualcode.themes import ThemeTable as ThemeTable
    from qualcode.themes import count_themes as count_themes


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'qualcode' has no attribute {name!r}")
    value = getattr(import_module(f"qualcode.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
