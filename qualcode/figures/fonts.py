"""Which installed fonts a figure's labels need, found without letting matplotlib search the disk again.

Latin, Greek and Cyrillic text is set in DejaVu Sans, which comes with matplotlib, so that such figures are the same on
every machine. Whatever it lacks, Chinese above all, is set in the first font of a list that has it.
"""

from __future__ import annotations

import logging
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from matplotlib import font_manager
from matplotlib.ft2font import LoadFlags

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from matplotlib.ft2font import FT2Font

BASE_FAMILY = "DejaVu Sans"

FALLBACK_FAMILIES = (
    # Fonts with TrueType outlines, which PDF takes as they are; traditional Chinese first, Windows, macOS, Linux.
    "Microsoft JhengHei",
    "Heiti TC",
    "Noto Sans HK",
    "Noto Sans TC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "Heiti SC",
    "Noto Sans SC",
    "AR PL UMing HK",
    "AR PL UMing TW",
    "PMingLiU",
    "SimHei",
    "Arial Unicode MS",
    "Droid Sans Fallback",
    "Malgun Gothic",
    "Yu Gothic",
    # Fonts with PostScript outlines: their characters are drawn as shapes.
    "PingFang HK",
    "PingFang TC",
    "PingFang SC",
    "Noto Sans CJK HK",
    "Noto Sans CJK TC",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Source Han Sans HC",
    "Source Han Sans TC",
    "Source Han Sans SC",
    "Hiragino Sans GB",
    "Noto Serif CJK TC",
    "Noto Serif CJK SC",
    # Signs and scripts beyond those.
    "Noto Sans Symbols 2",
    "Segoe UI Symbol",
    "Noto Sans Thai",
    "Noto Sans Devanagari",
    "Nirmala UI",
)
"""Families that are tried, in this order, for characters that :data:`BASE_FAMILY` lacks."""

ADVICE = (
    "Install a font that has them; for Chinese, Noto Sans HK or WenQuanYi Zen Hei (on Debian and Ubuntu: apt install "
    "fonts-wqy-zenhei)"
)


@dataclass(frozen=True, slots=True)
class Typeface:
    """The fonts that together show a set of characters.

    Attributes
    ----------
    families
        For matplotlib, in the order in which it looks for a character.
    drawn
        Characters whose font matplotlib cannot embed in PDF; they are drawn as shapes.
    missing
        Characters that no installed font shows.
    """

    families: tuple[str, ...]
    drawn: frozenset[str]
    missing: frozenset[str]


def choose_typeface(characters: Iterable[str]) -> Typeface:
    """Find the installed fonts that show these characters.

    Parameters
    ----------
    characters
        What the labels consist of; characters that leave no ink are passed over.

    Returns
    -------
    Typeface
        :data:`BASE_FAMILY` and as few more as are needed.
    """
    inked = {character for character in characters if not _is_blank(character)}
    face = _cover(inked)
    return _cover(inked) if face.missing and _register_unknown() else face


def _cover(characters: set[str]) -> Typeface:
    missing = _lacking(BASE_FAMILY, characters)
    families, drawn = [BASE_FAMILY], set[str]()
    for family in _installed() if missing else ():
        still = _lacking(family, missing)
        if still != missing:
            families.append(family)
            if _has_postscript_outlines(family):
                drawn |= missing - still
            missing = still
        if not missing:
            break
    return Typeface(tuple(families), frozenset(drawn), frozenset(missing))


def _is_blank(character: str) -> bool:
    return unicodedata.category(character) in {"Zs", "Zl", "Zp", "Cf", "Cc"}


def _installed() -> tuple[str, ...]:
    """Return the fallback families that matplotlib knows of on this machine, in order."""
    names = {entry.name for entry in font_manager.fontManager.ttflist}
    return tuple(family for family in FALLBACK_FAMILIES if family in names)


_FILE_NAMES = ("msjh", "msyh", "noto", "wqy", "heiti", "droidsansfallback", "pingfang", "uming", "sourcehan")


@lru_cache(maxsize=1)
def _register_unknown() -> bool:
    """Tell matplotlib of fonts that were installed after it made its own list, which it never renews."""
    listed = {entry.fname for entry in font_manager.fontManager.ttflist}
    fresh = [path for path in sorted(font_manager.findSystemFonts()) if path not in listed]
    wanted = [path for path in fresh if Path(path).name.lower().startswith(_FILE_NAMES)]
    for path in wanted:
        try:
            font_manager.fontManager.addfont(path)
        except (OSError, RuntimeError):  # a file that is no font it can read is of no use to us
            continue
    return bool(wanted)


@lru_cache(maxsize=128)
def _find(family: str, *, bold: bool = False) -> font_manager.FontPath:
    wanted = font_manager.FontProperties(family=family, weight="bold" if bold else "normal")
    with quiet_font_search():
        path: font_manager.FontPath = font_manager.findfont(wanted)
    return path


def measure(text: str, families: tuple[str, ...], *, bold: bool) -> float:
    """Return how wide a line is, in sizes of its font.

    The widths of the characters are added up, which takes a hundredth of the time of laying the line out. Kerning
    would make it a little narrower.
    """
    return sum(_measure_character(character, families, bold=bold) for character in text)


@lru_cache(maxsize=8192)
def _measure_character(character: str, families: tuple[str, ...], *, bold: bool) -> float:
    for family in families:
        font: FT2Font = font_manager.get_font(_find(family, bold=bold))
        if font.get_char_index(ord(character)):
            glyph = font.load_char(ord(character), LoadFlags.NO_SCALE | LoadFlags.NO_HINTING)
            return glyph.horiAdvance / font.units_per_EM
    return 0.0 if _is_blank(character) else 1.0


def _lacking(family: str, characters: set[str]) -> set[str]:
    font = font_manager.get_font(_find(family))
    return {character for character in characters if not font.get_char_index(ord(character))}


@lru_cache(maxsize=128)
def _has_postscript_outlines(family: str) -> bool:
    """Tell whether a font is of the kind (CFF) that matplotlib writes into PDF as if it were TrueType."""
    path = _find(family)
    with Path(path.path).open("rb") as file:
        head = file.read(12)
        if head[:4] == b"ttcf":
            file.seek(12 + 4 * path.face_index)
            file.seek(int.from_bytes(file.read(4), "big"))
            head = file.read(4)
    return head[:4] == b"OTTO"


@contextmanager
def quiet_font_search() -> Iterator[None]:
    """Keep matplotlib from remarking that a Chinese font comes in another weight than asked for."""
    log = logging.getLogger("matplotlib.font_manager")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
