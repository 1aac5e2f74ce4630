"""A figure with what it says in words and numbers, and how it becomes a file."""

from __future__ import annotations

import gc
import io
import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np

from qualcode.atomic import drafting
from qualcode.errors import OutputError, Problem
from qualcode.figures.fonts import BASE_FAMILY, quiet_font_search
from qualcode.figures.formats import FORMATS, FileFormat
from qualcode.figures.png import encode_png
from qualcode.signs import tame

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from matplotlib.figure import Figure

    from qualcode.figures.page import Box

PRINT_DPI = 300
SCREEN_DPI = 144

_STYLE: dict[Any, Any] = {
    "font.family": [BASE_FAMILY],
    "font.size": 7.5,
    "pdf.fonttype": 42,
    "ps.fonttype": 42,  # by which matplotlib decides how many characters of a font go into one piece of a PDF
    "text.hinting": "no_hinting",  # lines are as long on the screen as in print
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
        One of :data:`qualcode.figures.FIGURES`.
    figure
        To look at or change. Its size is that of print, in inches.
    alt
        The main figures in words, for those who cannot see it.
    data
        The numbers that are drawn.
    problems
        What could not be shown as asked for, such as characters that no installed font has.
    boxes
        The place of each row of ``data``, ``None`` where no quotes are behind it; empty when marks lead nowhere.
    selection
        What is drawn, as a sentence, where a page has no room for all; ``""`` when all is drawn.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> codebook = qualcode.read_codebook("codebooks/industry_partnership.yaml")
    >>> table = qualcode.tabulate(transcripts, qualcode.tag(transcripts, codebook), codebook)
    >>> themes = qualcode.count_themes(table)
    >>> chart = qualcode.plot_themes(themes)
    >>> chart.data["name"].iloc[0]
    'Recruitment channels'
    """

    kind: str
    figure: Figure
    alt: str
    data: pd.DataFrame
    problems: tuple[Problem, ...] = ()
    boxes: tuple[Box | None, ...] = ()
    selection: str = ""

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in millimetres."""
        width, height = self.figure.get_size_inches()
        return width * 25.4, height * 25.4

    def render(self, file_format: FileFormat, *, dpi: int = PRINT_DPI) -> bytes:
        """Return the figure as the bytes of a file.

        The same figure gives the same bytes: they hold no date and no version.

        Parameters
        ----------
        file_format
            ``svg`` (text as shapes), ``pdf`` (fonts embedded as TrueType) or ``png``.
        dpi
            Dots per inch of a PNG, and of what is a picture in the other formats.

        Returns
        -------
        bytes
            What a file of that format holds.

        Raises
        ------
        OutputError
            If the format is another.

        Examples
        --------
        >>> chart.render("pdf")[:5]
        b'%PDF-'
        """
        if file_format not in FORMATS:
            raise OutputError(
                f"A figure cannot be written as “{file_format}”.", hint=f"Use one of: {', '.join(FORMATS)}"
            )
        with drawing_style():
            if file_format == "png":
                return self._render_png(dpi)
            alt = tame(self.alt)
            title = alt.partition(". ")[0]
            metadata: dict[str, str | None] = {"Creator": "qualcode", "Title": title}
            if file_format == "svg":
                metadata |= {"Date": None, "Description": alt}
            else:
                metadata |= {"CreationDate": None, "Producer": None, "Subject": alt}
            target = io.BytesIO()
            with _lean_fonts():
                self.figure.savefig(target, format=file_format, metadata=metadata, dpi=dpi)
            return _number_ids(target.getvalue(), self.kind) if file_format == "svg" else target.getvalue()

    def _render_png(self, dpi: int) -> bytes:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        figure = self.figure
        canvas, usual_dpi = figure.canvas, figure.dpi
        try:
            figure.dpi = dpi
            agg: Any = FigureCanvasAgg(figure)
            agg.draw()
            return encode_png(np.asarray(agg.buffer_rgba()), dpi=dpi)
        finally:
            figure.dpi = usual_dpi
            figure.set_canvas(canvas)

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

        Examples
        --------
        >>> [path.name for path in chart.save("figures/themes", ["svg", "png"])]
        ['themes.svg', 'themes.png']
        """
        stem = Path(stem)
        contents = {stem.with_name(f"{stem.name}.{name}"): self.render(name) for name in formats}
        try:
            stem.parent.mkdir(parents=True, exist_ok=True)
            with drafting(*contents) as drafts:
                for draft, content in zip(drafts, contents.values(), strict=True):
                    draft.write_bytes(content)
        except OSError as error:
            reason = (error.strerror or str(error)).rstrip(".")
            raise OutputError(
                f"The figure cannot be written: {reason}.",
                where=str(stem),
                hint="Free some disk space, get permission to write there, or choose another folder",
            ) from error
        return list(contents)

    def _repr_png_(self) -> bytes:
        return self.render("png", dpi=SCREEN_DPI)

    def __repr__(self) -> str:
        return f"<Chart {self.kind}: {self.alt}>"


_MADE_ID = re.compile(rb'id="([a-zA-Z]\w*?[0-9a-f]{10})"')


def _number_ids(svg: bytes, kind: str) -> bytes:
    """Return a drawing whose ids are numbers; matplotlib's are made of floats, whose last digits differ by system."""
    names = {name: f"{kind}-{number}".encode() for number, name in enumerate(dict.fromkeys(_MADE_ID.findall(svg)), 1)}
    if not names:
        return svg
    return re.sub(rb"(?<=[#\"])(?:%s)(?=[\")])" % b"|".join(names), lambda found: names[found[0]], svg)


_SHAPE_TABLES = frozenset({"CFF ", "CFF2", "cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"})


@contextmanager
def _lean_fonts() -> Iterator[None]:
    """Have fonts loaded for embedding with nothing but the shapes of their characters, which is all that PDF uses.

    Cutting the other tables down to the characters in use takes most of the time that matplotlib needs for a PDF, and
    it offers no option to leave them out. Should it load fonts another way one day, files only take longer. A Chinese
    font has tens of thousands of characters, which the garbage collector would go through over and over: it waits.
    """
    from fontTools import subset

    usual, is_collecting = subset.load_font, gc.isenabled()

    def load_lean(*arguments: Any, **settings: Any) -> Any:
        font = usual(*arguments, **settings)
        font.setGlyphOrder([f"glyph{number}" for number in range(font["maxp"].numGlyphs)])
        for tag in set(font.keys()) - _SHAPE_TABLES - {"GlyphOrder"}:
            del font[tag]
        return font

    subset.load_font = load_lean
    gc.disable()
    try:
        yield
    finally:
        subset.load_font = usual
        if is_collecting:
            gc.enable()
