"""The form in which a study holds a transcript: ``NAME.txt``, its exact text, and ``NAME.json``, its segments."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualcode.atomic import replace_file
from qualcode.errors import OutputError, Problem
from qualcode.model import UNITS, Comment, Segment, Source, Span, Transcript, canonical_text

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Sequence

    from qualcode.model import Case

FORMAT = "qualcode-transcript"
VERSION = 1
CASES_NAME = "cases.csv"

_HEAD_BYTES = 200
_OWN_COLUMNS = ("case", "transcript", "speaker")


def write_transcripts(
    transcripts: Sequence[Transcript],
    folder: str | os.PathLike[str],
    *,
    cases: Sequence[Case] = (),
    force: bool = False,
) -> list[Path]:
    """Write transcripts into a folder, two files each, and the cases of a survey as ``cases.csv``.

    Parameters
    ----------
    transcripts
        What to write.
    folder
        Where; it is made when missing.
    cases
        The cases of a survey.
    force
        Whether files of these names that are there already may be replaced.

    Returns
    -------
    list of Path
        The files, in the order in which they were written.

    Raises
    ------
    OutputError
        If a file is there already, or the folder cannot be written to; nothing is replaced then.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> [path.name for path in write_transcripts(transcripts[:1], "texts")]
    ['P1.txt', 'P1.json']
    """
    folder = Path(folder)
    contents: dict[Path, str] = {}
    for transcript in transcripts:
        contents[folder / f"{transcript.id}.txt"] = transcript.text
        contents[folder / f"{transcript.id}.json"] = to_json(transcript)
    if cases:
        contents[folder / CASES_NAME] = _cases_csv(cases)
    _refuse_to_replace(contents, force=force)
    for path, text in contents.items():
        _write(path, text)
    return list(contents)


def _refuse_to_replace(paths: Collection[Path], *, force: bool) -> None:
    taken = [path for path in paths if path.exists()]
    if taken and not force:
        more = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        message = f"This file already exists{more}; nothing was written."
        raise OutputError(message, str(taken[0]), "Give another folder, or replace it with --force")


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, text.encode("utf-8"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"The file cannot be written: {reason}.", str(path), "Give another folder") from error


def _cases_csv(cases: Sequence[Case]) -> str:
    """Return a table of cases as :func:`qualcode.cases.read_cases` reads it."""
    from qualcode.spreadsheets import disarm

    names = list(dict.fromkeys(name for case in cases for name in case.attributes))
    # A column of the survey must not be taken for one of the table's own.
    titles = [f"{name} (survey)" if name.casefold() in _OWN_COLUMNS else name for name in names]
    rows = [[*_OWN_COLUMNS, *titles]]
    for case in cases:
        for transcript, speaker in case.voices or (("", ""),):
            rows.append([case.id, transcript, speaker, *(case.attributes.get(name, "") for name in names)])
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows([disarm(cell) for cell in row] for row in rows)
    return stream.getvalue()


def to_json(transcript: Transcript) -> str:
    """Return all of a transcript but its text as JSON, one segment a line."""
    source = transcript.source
    head = {
        "format": FORMAT,
        "version": VERSION,
        "id": transcript.id,
        "language": transcript.language,
        "text_digest": transcript.digest,
        "interviewers": sorted(transcript.interviewers),
        "source": {
            "name": source.name,
            "format": source.format,
            "digest": source.digest,
            "encoding": source.encoding,
            "left_out": dict(sorted(source.left_out.items())),
            "problems": [
                {key: getattr(problem, key) for key in ("where", "level", "rule", "message", "hint")}
                for problem in source.problems
            ],
        },
    }
    head["comments"] = [asdict(comment) for comment in transcript.comments]
    segments = ",\n".join(
        "    "
        + json.dumps(
            {
                "id": segment.id,
                "kind": segment.kind,
                "start": segment.span.start,
                "end": segment.span.end,
                "speaker": segment.speaker,
                "time": segment.time,
            },
            ensure_ascii=False,
        )
        for segment in transcript.segments
    )
    opening = json.dumps(head, ensure_ascii=False, indent=2).removesuffix("\n}")
    return f'{opening},\n  "segments": [\n{segments}\n  ]\n}}\n'


def is_stored_json(path: Path) -> bool:
    """Tell whether a file is the JSON of a stored transcript, by its beginning."""
    try:
        if not path.is_file():  # a pipe would be waited for, for ever
            return False
        with path.open("rb") as file:
            return f'"format": "{FORMAT}"'.encode() in file.read(_HEAD_BYTES)
    except OSError:
        return False


def read_stored(path: Path, data: bytes) -> tuple[Transcript | None, tuple[Problem, ...]]:
    """Return the transcript that ``NAME.json`` beside a text file holds, or why it is not used.

    Segments are frozen at import: they are taken as they stand as long as the text is still the same.
    """
    beside = path.with_suffix(".json")
    if not beside.is_file() or not is_stored_json(beside):
        return None, ()
    try:
        text = data.decode("utf-8")
        transcript, digest = from_json(beside.read_bytes(), text)
    except (OSError, ValueError):
        return None, (_not_used(beside, "is damaged"),)
    if canonical_text(text) != text or digest != transcript.digest:
        return None, (_not_used(beside, "belongs to another version of the text"),)
    return transcript, ()


def _not_used(path: Path, why: str) -> Problem:
    message = f"{path.name} {why}; speakers and sentences were detected again."
    return Problem(path.name, "warning", "stored-not-used", message, "Import the transcript again")


def from_json(data: bytes, text: str) -> tuple[Transcript, str]:
    """Return a transcript from what :func:`to_json` made of it and its text, and the digest that the text had then.

    Raises
    ------
    NewerFormatError
        If a newer version of the program wrote it.
    ValueError
        If it is damaged.
    """
    try:
        content = json.loads(data)
        if int(content["version"]) > VERSION:
            raise NewerFormatError
        return _from_content(content, text), str(content["text_digest"])
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error


class NewerFormatError(ValueError):
    """A transcript that a newer version of the program wrote."""


def _from_content(content: dict[str, Any], text: str) -> Transcript:
    segments = _segments(content["segments"], len(text))
    source = content["source"]
    problems = tuple(Problem(**item) for item in source["problems"])
    return Transcript(
        id=str(content["id"]),
        text=text,
        segments=segments,
        language=str(content["language"]),
        source=Source(**{**source, "problems": problems}),
        interviewers=frozenset(map(str, content["interviewers"])),
        comments=tuple(Comment(**item) for item in content.get("comments", ())),
    )


def _segments(rows: Sequence[dict[str, Any]], length: int) -> tuple[Segment, ...]:
    """Return segments; what is wrong with any of them is looked for in all at once, as there are many."""
    segments = tuple([
        Segment(row["id"], row["kind"], Span(row["start"], row["end"]), row["speaker"], row["time"]) for row in rows
    ])  # fmt: skip
    forms = {(type(one.id), type(one.span.start), type(one.span.end), type(one.speaker)) for one in segments}
    if not forms <= {(str, int, int, str)} or not {type(one.time) for one in segments} <= {float, int, type(None)}:
        raise ValueError("a segment of another form")
    if not {one.kind for one in segments} <= set(UNITS) or max((one.span.end for one in segments), default=0) > length:
        raise ValueError("a segment outside the text")
    if len({one.id for one in segments}) < len(segments):
        raise ValueError("two segments with one id")
    return segments


def with_interviewers(transcript: Transcript, names: Collection[str]) -> Transcript:
    """Return a transcript with other interviewers, where any of the names speaks in it."""
    wanted = {name.casefold() for name in names}
    found = frozenset(name for name in transcript.speakers if name.casefold() in wanted)
    return replace(transcript, interviewers=found) if found else transcript
