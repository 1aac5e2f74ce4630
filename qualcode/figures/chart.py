"""A figure with what it says in words and numbers, and how it becomes a file."""

from __future__ import annotations

import io
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import matplotlib as mpl
import numpy as np

from qualcode.errors import OutputError, Problem
from qualcode.figures.fonts import BASE_FAMILY, quiet_font_search

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from matplotlib.figure import Figure

FileFormat = Literal["svg", "pdf", "png"]

FORMATS: tuple[FileFormat, ...] = ("svg", "pdf", "png")

PRINT_DPI = 300
SCREEN_DPI = 144
_FAST = 3
"""Compression of PNG: beyond it files hardly shrink, and writing them takes twice as long."""

_STYLE: dict[Any, Any] = {
    "font.family": [BASE_FAMILY],
    "font.size": 7.5,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",  # shows the same where the fonts are not installed, as in Word and in a browser
    "svg.hashsalt": "qualcode",
    "axes.unicode_minus": False,
    "path.simplify": False,
}


@contextmanager
def drawing_style() -> Iterator[None]:
    """Draw as the program does, whatever the user's own matplotlib settings say."""
    with mpl.rc_context(), quiet_font_search():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        yield


@dataclass(frozen=True, eq=False)
class Chart:
    """A figure with what it says in words and numbers.

    Attributes
    ----------
    kind
        ``themes``, ``cases``, ``codelines`` or ``cooccurrence``.
    figure
        To look at or change. Its size is that of print, in inches.
    alt
        The main figures in words, for those who cannot see it.
    data
        The numbers that are drawn.
    problems
        What could not be shown as asked for, such as characters that no installed font has.
    """

    kind: str
    figure: Figure
    alt: str
    data: pd.DataFrame
    problems: tuple[Problem, ...] = ()

    def render(self, file_format: FileFormat, *, dpi: int = PRINT_DPI) -> bytes:
        """Return the figure as the bytes of a file.

        The same figure gives the same bytes: they hold no date and no version.

        Parameters
        ----------
        file_format
            ``svg`` (text as shapes), ``pdf`` (fonts embedded as TrueType) or ``png``.
        dpi
            Dots per inch of a PNG.

        Raises
        ------
        OutputError
            If the format is another.
        """
        if file_format not in FORMATS:
            raise OutputError(
                f"A figure cannot be written as “{file_format}”.", hint=f"Use one of: {', '.join(FORMATS)}."
            )
        with drawing_style():
            if file_format == "png":
                return self._render_png(dpi)
            title = self.alt.partition(". ")[0]
            metadata: dict[str, str | None] = {"Creator": "qualcode", "Title": title}
            if file_format == "svg":
                metadata |= {"Date": None, "Description": self.alt}
            else:
                metadata |= {"CreationDate": None, "Producer": None, "Subject": self.alt}
            target = io.BytesIO()
            with _lean_fonts():
                self.figure.savefig(target, format=file_format, metadata=metadata)
            return target.getvalue()

    def _render_png(self, dpi: int) -> bytes:
        """Return a PNG without transparency, which takes half the time that matplotlib's own takes."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from PIL import Image

        figure = self.figure
        canvas, usual_dpi = figure.canvas, figure.dpi
        try:
            figure.dpi = dpi
            agg: Any = FigureCanvasAgg(figure)
            agg.draw()
            image = Image.fromarray(np.asarray(agg.buffer_rgba())[..., :3])
        finally:
            figure.dpi = usual_dpi
            figure.set_canvas(canvas)
        target = io.BytesIO()
        image.save(target, format="png", dpi=(dpi, dpi), compress_level=_FAST)
        return target.getvalue()

    def save(self, stem: str | os.PathLike[str], formats: Sequence[FileFormat] = FORMATS) -> list[Path]:
        """Write the figure to files, all of them or none.

        Parameters
        ----------
        stem
            The files' path without ending. Folders that do not exist are made.
        formats
            Each gives one file, with its name as the ending.

        Returns
        -------
        list of Path
            The files written.

        Raises
        ------
        OutputError
            If a format is unknown or a file cannot be written; what was there before is unchanged.
        """
        stem = Path(stem)
        contents = {stem.with_name(f"{stem.name}.{name}"): self.render(name) for name in formats}
        try:
            stem.parent.mkdir(parents=True, exist_ok=True)
            _write_all(contents)
        except OSError as error:
            reason = (error.strerror or str(error)).rstrip(".")
            raise OutputError(
                f"The figure cannot be written: {reason}.",
                where=str(error.filename or stem),
                hint="Make room or ask for permission, or choose another folder.",
            ) from error
        return list(contents)

    def _repr_png_(self) -> bytes:
        return self.render("png", dpi=SCREEN_DPI)

    def __repr__(self) -> str:
        return f"<Chart {self.kind}: {self.alt}>"


def _write_all(contents: dict[Path, bytes]) -> None:
    """Write every file under a name of its own first, so that a full disk leaves no broken figure."""
    drafts = {path.with_name(f".{path.name}.{os.getpid()}.part"): path for path in contents}
    try:
        for draft, path in drafts.items():
            draft.write_bytes(contents[path])
        for draft, path in drafts.items():
            draft.replace(path)
    finally:
        for draft in drafts:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


@contextmanager
def _lean_fonts() -> Iterator[None]:
    """Leave out of embedded fonts what lays text out: in a PDF every character has its place already.

    matplotlib subsets fonts with all these tables, which takes most of the time that a PDF costs. It offers no
    option, so fontTools' own default is widened for the moment; should that default move, files only take longer.
    """
    from fontTools.subset import Options

    name = "_drop_tables_default"
    usual = getattr(Options, name, None)
    if usual is None:
        yield
        return
    setattr(Options, name, [*usual, "GSUB", "GPOS", "GDEF", "BASE", "JSTF", "MATH", "kern", "vhea", "vmtx", "VORG"])
    try:
        yield
    finally:
        setattr(Options, name, usual)
