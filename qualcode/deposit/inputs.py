"""The files from which a report was made without a study: read again as its record says that they were read."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from qualcode.errors import SourceError
from qualcode.model import Unit
from qualcode.running import RUN_NAME, analyse, keep_quiet

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from qualcode.running import Analysis

_MODEL = re.compile(r"[a-z]{2,3}(_[a-z0-9]+)+")
"""The name of a model that was installed as a package; nothing else that a stranger names is loaded."""

_MOST_PATTERN = 1000
"""Characters of a pattern for speakers."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What ``qualcode run`` was given.

    Attributes
    ----------
    transcripts, codebook
        Files, or folders of them, and the codebook.
    cases, speakers
        Tables; ``None``: as ``qualcode run`` finds them by itself.
    """

    transcripts: Sequence[str | os.PathLike[str]]
    codebook: str | os.PathLike[str]
    cases: Path | None = None
    speakers: Path | None = None


def count_inputs(inputs: Inputs, options: dict[str, Any], *, progress: Callable[[str], None] = keep_quiet) -> Analysis:
    """Count files again with the options of a record, which is checked, as it may be a stranger's.

    Files that are not those of the record have other digests in the record made again, which tells.
    """
    pattern = _text(options, "speaker_pattern")
    model = _text(options, "model")
    unit: Any = options.get("unit", "turn")
    if unit not in get_args(Unit):
        raise SourceError(f"There is no unit “{unit}”.", RUN_NAME, "Get the file again")
    if model is not None and not _MODEL.fullmatch(model):
        raise SourceError(f"“{model}” is not the name of a language model.", RUN_NAME, "Get the file again")
    if pattern is not None and len(pattern) > _MOST_PATTERN:
        raise SourceError("The pattern for speakers is too long.", RUN_NAME, "Get the file again")
    named = options.get("interviewers")
    return analyse(
        inputs.transcripts,
        inputs.codebook,
        cases=inputs.cases,
        speakers=inputs.speakers,
        unit=unit,
        language=_text(options, "language"),
        encoding=_text(options, "encoding"),
        speaker_pattern=pattern,
        interviewers=[str(one) for one in named] if isinstance(named, list) else (),
        model=model,
        progress=progress,
    )


def _text(options: dict[str, Any], name: str) -> str | None:
    value = options.get(name)
    return value if isinstance(value, str) and value else None


def read_options(record: bytes) -> dict[str, Any]:
    """Return the options of a record that is known to be JSON; none where a stranger wrote something else there."""
    told = json.loads(record)
    options = told.get("options") if isinstance(told, dict) else None
    return options if isinstance(options, dict) else {}
