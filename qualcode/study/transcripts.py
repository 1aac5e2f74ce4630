"""The two files of a transcript in a study: its text, and a JSON with everything else, one segment a line."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from qualcode.errors import Problem, StudyError
from qualcode.model import UNITS, Comment, Segment, Source, Span, Transcript, text_digest

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
_SHORT_ROW = 4
"""Cells of a segment without a time."""


def encode_transcript(transcript: Transcript) -> tuple[bytes, bytes]:
    """Return the text file and the JSON file of a transcript."""
    source = transcript.source
    head = {
        "qualcode": "transcript",
        "format": FORMAT,
        "id": transcript.id,
        "language": transcript.language,
        "interviewers": sorted(transcript.interviewers),
        "text": transcript.digest,
        "source": {
            "name": source.name,
            "format": source.format,
            "digest": source.digest,
            "encoding": source.encoding,
            "left_out": dict(source.left_out),
            "problems": [
                [problem.where, problem.level, problem.rule, problem.message, problem.hint]
                for problem in source.problems
            ],
        },
    }
    if transcript.comments:
        head["comments"] = [asdict(comment) for comment in transcript.comments]
    parts = [f'"{key}":{_dump(value)}' for key, value in head.items()]
    parts += [f'"{unit}s":{_dump_segments(transcript, unit)}' for unit in UNITS]
    return transcript.text.encode("utf-8", "surrogatepass"), ("{\n" + ",\n".join(parts) + "\n}\n").encode("utf-8")


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _dump_segments(transcript: Transcript, unit: Any) -> str:
    rows = [_dump(_row(segment)) for segment in transcript.units(unit)]
    return "[\n" + ",\n".join(rows) + "\n]" if rows else "[]"


def _row(segment: Segment) -> list[Any]:
    row: list[Any] = [segment.id, segment.span.start, segment.span.end, segment.speaker]
    return row if segment.time is None else [*row, segment.time]


def decode_transcript(text: bytes, data: bytes, path: Path) -> Transcript:
    """Return a transcript from its two files.

    Raises
    ------
    StudyError
        If one of them is broken, or the text was changed without telling the study.
    """
    try:
        found = json.loads(data)
        content = text.decode("utf-8", "surrogatepass")
        if int(found["format"]) > FORMAT:
            raise StudyError(
                "This transcript was written by a newer version of qualcode.", where=str(path), hint="Update qualcode."
            )
        segments = [
            Segment(row[0], unit, Span(row[1], row[2]), row[3], row[4] if len(row) > _SHORT_ROW else None)
            for unit in UNITS
            for row in found[f"{unit}s"]
        ]
        source = found["source"]
        transcript = Transcript(
            id=str(found["id"]),
            text=content,
            segments=tuple(sorted(segments, key=_place)),
            language=str(found["language"]),
            source=Source(
                source["name"],
                source["format"],
                source["digest"],
                source["encoding"],
                dict(source["left_out"]),
                tuple(Problem(*problem) for problem in source["problems"]),
            ),
            interviewers=frozenset(found["interviewers"]),
            comments=tuple(Comment(**comment) for comment in found.get("comments", ())),
        )
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise StudyError(
            f"The transcript cannot be read ({error}).",
            where=str(path),
            hint="Take the file back from a copy, or import the original again.",
        ) from error
    if text_digest(content) != found["text"]:
        raise StudyError(
            "The text was changed outside qualcode, so codings do not know any more where they belong.",
            where=str(path),
            hint="Take the file back from a copy; corrections go through: qualcode import --update FILE",
        )
    return transcript


_RANK = {unit: rank for rank, unit in enumerate(UNITS)}


def _place(segment: Segment) -> tuple[int, int, int]:
    return segment.span.start, -segment.span.end, _RANK[segment.kind]
