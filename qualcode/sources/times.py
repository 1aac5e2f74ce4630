"""Time stamps: how transcripts write them, and what they say in seconds."""

from __future__ import annotations

import re

_CLOCK = (
    r"(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:,\s*|\s+|T))?"
    r"(?:\d{1,3}[:：])?\d{1,3}[:：]\d{1,2}(?:[.,]\d{1,3}|[:;]\d\d(?!\d))?(?:\s?[AaPp]\.?[Mm]\b\.?)?"
)
_SPELT = r"(?:\d{1,2} ?h(?:ours?|rs?)? ?)?(?:\d{1,3} ?m(?:in(?:ute)?s?)? ?)?\d{1,5} ?s(?:ec(?:ond)?s?)?\b"
TIME = rf"(?:{_CLOCK}|{_SPELT})"
IN_TIME = r"\d(?:[:：]\d| ?s)"
"""What every time holds; it is found fast."""

RANGE = rf"{TIME}(?:\s*(?:-{{1,2}}>|[-–—])\s*{TIME})?"
BRACKETED = rf"(?:[\[(<{{（【`]\s*{RANGE}(?:-\d)?\s*[\])>}}）】`]|#\s*{TIME}(?:-\d)?\s*#)"
STAMP = rf"(?:{BRACKETED}|{RANGE})"

_FOUND = re.compile(TIME)
_UNITS = {"h": 3600, "m": 60, "s": 1}
_DATED = re.compile(r"\d{1,4}[-./]\d{1,2}[-./]\d{1,4}(?:,\s*|\s+|T)")
_N_PARTS = 3


def seconds(stamp: str | None) -> float | None:
    """Return the time that a stamp such as ``(1:02:03)``, ``0:11`` or ``1 minute 11 seconds`` names, in seconds.

    A stamp with a date, or with AM or PM, is a time of day: seconds since midnight.
    """
    found = _FOUND.search(stamp) if stamp else None
    if found is None:
        return None
    text = found[0]
    if not re.search("[:：]", text):
        return float(sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+) ?([hms])", text)))
    clock = _DATED.sub("", text)
    half = re.search(r"[AaPp](?=\.?[Mm])", clock)
    parts = [float(part.replace(",", ".")) for part in re.findall(r"\d+(?:[.,]\d+)?", clock.partition(";")[0])][
        :_N_PARTS
    ]
    if len(parts) < _N_PARTS:
        parts = [*parts, 0.0] if half or clock != text else [0.0, *parts]
    hours, minutes, rest = parts
    if half:
        hours = hours % 12 + (12 if half[0] in "Pp" else 0)
    return round(hours * 3600 + minutes * 60 + rest, 3)
