"""The sample study that comes with qualcode."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import OutputError
from qualcode.outputs import save_all

if TYPE_CHECKING:
    import os

PARTS = ("transcripts_sample", "codebooks")
"""The folders of the sample: interviews with a table of their cases, and a codebook."""


def copy_sample(folder: str | os.PathLike[str]) -> list[Path]:
    """Copy the sample study: four invented interviews, their cases, and a codebook.

    Parameters
    ----------
    folder
        Where to; it is made when it is not there. Other files in it stay as they are.

    Returns
    -------
    list of Path
        The files, in order: those of ``transcripts_sample``, then the codebook.

    Raises
    ------
    OutputError
        If one of the files is there already, or cannot be written.

    Examples
    --------
    >>> import qualcode
    >>> [path.name for path in qualcode.copy_sample("first")][-2:]
    ['cases.csv', 'industry_partnership.yaml']
    """
    target = Path(folder)
    contents = {
        f"{part}/{path.name}": path.read_bytes()
        for part in PARTS
        for path in sorted(_find(part).iterdir(), key=lambda path: path.name)  # Windows would sort in its own way
        if path.is_file() and not path.name.startswith(".")
    }
    for name in contents:
        if (target / name).exists():
            raise OutputError(
                "The sample is here already, and you may have changed it.",
                where=str(target / name),
                hint="Choose another folder",
            )
    return save_all(target, contents)


def _find(part: str) -> Path:
    """Return a folder of the sample: beside the modules of an installed package, or at the top of the sources."""
    package = Path(__file__).parent
    installed = package / "sample_study" / part
    return installed if installed.is_dir() else package.parent / part
