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
    "run_study": "running",
}

__all__ = ["__version__", *sorted(_HOMES)]  # noqa: PLE0604  # built from the table above

if TYPE_CHECKING:
    from qualcode.cases import read_cases
    from qualcode.codebook import Code, Codebook, read_codebook
    from qualcode.errors import Problem, QualcodeError
    from qualcode.figures import Chart, plot_cases, plot_codelines, plot_cooccurrence, plot_themes
    from qualcode.model import Case, Coding, Segment, Sheet, Span, Transcript
    from qualcode.running import run_study
    from qualcode.sources import read_transcript, read_transcripts
    from qualcode.tables import CodingTable, tabulate
    from qualcode.tagging import tag
    from qualcode.themes import ThemeTable, count_themes


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name not in _HOMES:
        raise AttributeError(f"module 'qualcode' has no attribute {name!r}")
    value = getattr(import_module(f"qualcode.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
