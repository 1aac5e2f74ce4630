"""Speech recognition: the JSON and TSV of Whisper and of programs that write the like."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from qualcode.errors import Problem, SourceError
from qualcode.sources.blocks import Cue, Reading, clean_text
from qualcode.sources.decoding import decode
from qualcode.sources.tiers import read_tiers
from qualcode.sources.times import seconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_LISTS = (
    "segments", "chunks", "transcription", "utterances", "results", "sentences", "audio_segments", "entries",
)  # fmt: skip
"""Keys under which programs keep their segments: Whisper and WhisperX, transformers, whisper.cpp, AssemblyAI, Deepgram,
Fireflies, Amazon Transcribe, Microsoft Teams."""

_HOLDERS = ("results", "transcript", "data")
_TEXTS = ("text", "transcript", "sentence")
_SPEAKERS = ("speaker_name", "speakerName", "speakerDisplayName", "speaker", "speaker_label")
_STARTS = ("start", "start_time", "startTime", "startOffset", "timestamp")
_ENDS = ("end", "end_time", "endTime", "endOffset")

_EXPECTED = "Whisper's JSON has a list “segments” of {start, end, text}"
_LANGUAGES = {"english": "en", "chinese": "zh", "cantonese": "zh", "yue": "zh", "mandarin": "zh"}
_MS = 1000
_CODE_LENGTH = 2


def read_json(data: bytes, where: str, encoding: str | None = None) -> Reading:
    """Return the cues of a JSON file.

    Raises
    ------
    SourceError
        If it is no JSON, or holds no segments with words.
    """
    text, name, problems = decode(data, where, encoding)
    try:
        content = json.loads(text.lstrip("\ufeff"))
    except json.JSONDecodeError as error:
        place = f"{where}:{error.lineno}:{error.colno}"
        raise SourceError(f"The file is not JSON: {error.msg}.", place, "Export it again") from error
    except (RecursionError, ValueError) as error:
        raise SourceError(
            "The nesting of the file is too deep, or its numbers are too long.", where, _EXPECTED
        ) from error
    segments = _segments(content)
    if segments is None:
        raise SourceError("The file holds no segments of speech.", where, _EXPECTED)
    left_out: dict[str, int] = {}
    cues, broken = _cues(segments, left_out)
    if not cues:
        raise SourceError("The file has no words.", where, _EXPECTED)
    if broken:
        problems.append(_tell_broken(where, broken, "segment(s) have no text and were left out"))
    language = str(content.get("language") or "").lower() if isinstance(content, dict) else ""
    language = _LANGUAGES.get(language, language if len(language) == _CODE_LENGTH else "")
    return Reading([], cues, name, left_out, problems, language)


def _segments(content: Any) -> Sequence[Any] | None:
    if isinstance(content, list):
        return content
    if isinstance(content, dict):
        found = next((content[key] for key in _LISTS if isinstance(content.get(key), list)), None)
        for inner in (content.get(key) for key in _HOLDERS):
            if found is None and isinstance(inner, dict):
                found = next((inner[key] for key in _LISTS if isinstance(inner.get(key), list)), None)
        # All that some programs give is the text.
        return found or ([content] if isinstance(content.get("text"), str) else found)
    return None


def _cues(segments: Iterable[Any], left_out: dict[str, int]) -> tuple[list[Cue], list[int]]:
    """Return the cues and the numbers of the segments that have no text."""
    cues, broken = [], []
    for number, segment in enumerate(segments, 1):
        words = _first(segment, _TEXTS) if isinstance(segment, dict) else None
        if not isinstance(words, str):
            broken.append(number)
            continue
        said = clean_text(words, left_out).strip()
        if not said:
            left_out["empty cues"] = left_out.get("empty cues", 0) + 1
            continue
        speaker = _first(segment, _SPEAKERS)
        speaker = _first(speaker, ("name", "label", "id")) if isinstance(speaker, dict) else speaker
        name = " ".join(clean_text(str(speaker), left_out).split()) if isinstance(speaker, str | int) else None
        cues.append(Cue(said, name or None, *_times(segment)))
    return cues, broken


def _times(segment: Mapping[str, Any]) -> tuple[float | None, float | None]:
    """Return start and end in seconds, in whichever way the program writes them."""
    stamps, offsets = segment.get("timestamp"), segment.get("offsets")
    if isinstance(stamps, list) and len(stamps) == len(("start", "end")):
        return _number(stamps[0]), _number(stamps[1])
    if isinstance(offsets, dict):
        return _number(offsets.get("from"), _MS), _number(offsets.get("to"), _MS)
    # AssemblyAI counts whole milliseconds, Whisper seconds with a fraction.
    unit = _MS if "confidence" in segment and isinstance(segment.get("start"), int) else 1
    return _number(_first(segment, _STARTS), unit), _number(_first(segment, _ENDS), unit)


def _first(segment: Mapping[str, Any], keys: Iterable[str]) -> Any:
    return next((segment[key] for key in keys if segment.get(key) is not None), None)


def _number(value: object, unit: int = 1) -> float | None:
    if isinstance(value, str):
        return seconds(value) if ":" in value else _number_in(value, unit)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value) / unit
    except OverflowError:
        return None
    return round(number, 3) if math.isfinite(number) and number >= 0 else None


def _number_in(text: str, unit: int) -> float | None:
    try:
        return _number(float(text), unit)
    except ValueError:
        return None


def _tell_broken(where: str, places: Sequence[int], what: str) -> Problem:
    message = f"{len(places)} {what} (the first is number {places[0]})."
    return Problem(where, "warning", "broken-cue", message, "Compare them with the recording")


def read_tsv(data: bytes, where: str, encoding: str | None = None) -> Reading:
    """Return the cues of Whisper's TSV: ``start``, ``end`` in milliseconds, and ``text``; or those of ELAN's tiers.

    Raises
    ------
    SourceError
        If it is no text, or its first line does not name these columns.
    """
    text, name, problems = decode(data, where, encoding)
    left_out: dict[str, int] = {}
    lines = clean_text(text, left_out).split("\n")
    columns = [column.strip().lower() for column in lines[0].split("\t")]
    if tiers := read_tiers(lines):
        return Reading([], tiers, name, left_out, problems)
    if not {"start", "end", "text"} <= set(columns):
        hint = "Start Whisper's TSV with the line start, end, text; for a survey, add --text-column"
        raise SourceError("The first line does not name the columns start, end and text.", f"{where}:1", hint)
    cues, broken = [], []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        cells = line.split("\t", len(columns) - 1)
        row = dict(zip(columns, cells, strict=False))
        if not row.get("text", "").strip():
            broken.append(number)
            continue
        start, end = (_milliseconds(row[key]) for key in ("start", "end"))
        cues.append(Cue(" ".join(row["text"].split()), row.get("speaker", "").strip() or None, start, end))
    if not cues:
        raise SourceError("The file has no words.", where, "Export it again")
    if broken:
        problems.append(_tell_broken(where, broken, "line(s) have no text and were left out"))
    return Reading([], cues, name, left_out, problems)


def _milliseconds(cell: str) -> float | None:
    try:
        return _number(float(cell), _MS)
    except ValueError:
        return None
