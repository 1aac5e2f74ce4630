"""The coding surface in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import MissingDependencyError, StudyError
from qualcode.surface.desk import Surface

if TYPE_CHECKING:
    from qualcode.study import Study
    from qualcode.surface.widget import CodingWidget


def code(study: Study, coder: str, transcript: str | None = None, *, height: int = 640) -> CodingWidget:
    """Read and code in a notebook: the page of ``qualcode code`` in a cell.

    It works on the study of the notebook, so that the next cell sees what was done. A notebook that is saved holds no
    word of a transcript.

    Parameters
    ----------
    study, coder
        Who codes what; a new coder is entered with the first act, unless the study names its coders.
    transcript
        With which it begins; by default where the coder stopped.
    height
        In pixels.

    Returns
    -------
    CodingWidget
        The last line of a cell shows it.

    Raises
    ------
    MissingDependencyError
        If anywidget is not installed.
    StudyError
        If there is no such transcript, the study names its coders and this is none of them, or the height is not
        positive.

    Examples
    --------
    >>> study = qualcode.create_study("garden", codebook="codebooks/industry_partnership.yaml")
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> report = study.import_transcripts(transcripts, "transcripts_sample")
    >>> widget = qualcode.code(study, "ana", "P1", height=500)
    >>> widget.height
    500
    >>> widget.close()
    >>> study.close()
    """
    try:
        from qualcode.surface.widget import CodingWidget
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith("qualcode"):
            raise
        raise MissingDependencyError(
            f"Coding in a notebook needs {error.name}, which is not installed.", hint='pip install "qualcode[notebook]"'
        ) from error
    if height <= 0:
        raise StudyError("The height of the page must be above 0.", hint="Give it in pixels, such as height=640")
    start = study.transcript(transcript).id if transcript else ""
    return CodingWidget(Surface(study, coder), transcript=start, height=height)
