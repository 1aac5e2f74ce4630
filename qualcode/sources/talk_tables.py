"""Tables of talk: a row for each utterance, with its speaker, as of classrooms, chats and archives of oral history."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from qualcode.errors import Problem, SourceError
from qualcode.sources.blocks import Cue, Reading, clean_text
from qualcode.sources.tables import find_column, open_table
from qualcode.sources.times import TIME, seconds

if TYPE_CHECKING:
    from qualcode.sources.tables import Table

_NAMES: Final = {
    "speaker": (
        "speaker", "speakers", "speaker name", "speaker id", "speaker label", "talker", "who", "voice", "sender",
        "author", "from", "sprecher", "sprecherin", "sprecher*in", "locuteur", "hablante",
        "說話人", "说话人", "發言人", "发言人", "講者",
    ),
    "text": (
        "text", "utterance", "utterances", "sentence", "sentences", "speech", "talk", "message", "content", "words",
        "transcript", "transcription", "turn", "what was said", "äußerung", "aussage", "texte", "texto", "內容", "内容",
    ),
    "time": (
        "time", "timestamp", "time stamp", "start", "start time", "begin", "begin time", "timecode", "onset", "zeit",
        "時間", "时间",
    ),
    "transcript": (
        "transcript", "transcript id", "transcript name", "file", "file name", "filename", "document", "interview",
        "interview id", "session", "conversation", "conversation id", "lesson", "video",
    ),
}  # fmt: skip
"""What the columns of such tables are called, the surest first."""

_CODES: Final = frozenset({"code", "codes", "code path", "coded with", "codes applied", "codes applied combined"})
_CODED: Final = frozenset({
    "coder", "coded by", "created by", "annotator", "start char", "end char", "start position", "end position",
    "segment", "segment index", "quote", "quotation", "excerpt", "coded segment",
})  # fmt: skip
"""Columns of codes, and what stands beside them in a table of coded passages."""

_MAX_SHOWN: Final = 6
_UNSAFE: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns of a table of talk; ``None`` for those that are found by the usual names."""

    speaker: str | None = None
    text: str | None = None
    time: str | None = None
    transcript: str | None = None


@dataclass(slots=True)
class _Talk:
    cues: list[Cue] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)


def read_talk_table(
    data: bytes, name: str, *, columns: Columns | None = None, sheet: str | None = None, encoding: str | None = None
) -> dict[str, tuple[Reading, str]] | None:
    """Return what each transcript of a table holds, with the table's digest; ``None`` where it is no table of talk.

    Parameters
    ----------
    data
        The bytes of a CSV file, or of an Excel or OpenDocument workbook.
    name
        The file's name.
    columns
        The columns that were named; the others are found by the usual names.
    sheet, encoding
        As for a survey.

    Raises
    ------
    SourceError
        If the table cannot be read, has no column of that name, or holds no word.
    """
    table = open_table(data, name=name, sheet=sheet, encoding=encoding)
    places = _find_places(table, columns or Columns())
    if places["speaker"] is None or places["text"] is None:
        return None
    if columns is None:
        _refuse_codings(table, name)
    talks: dict[str, _Talk] = {}
    last = ""
    for _line, cells in table.rows:
        row = {key: cells[at] if at is not None and at < len(cells) else "" for key, at in places.items()}
        last = row["transcript"] or last
        _add(talks.setdefault(_id_of(last, name), _Talk()), row)
    filled = {key: talk for key, talk in talks.items() if talk.cues}
    if not filled:
        title = table.header[places["text"]]
        raise SourceError(f"There are no words in the column “{title}”.", name, "Name the column with --text-column")
    told = [*table.problems, _tell_columns(table, places, name)]
    encoding, digest = table.sheet.encoding, table.sheet.digest
    return {key: (Reading([], one.cues, encoding, one.left_out, list(told)), digest) for key, one in filled.items()}


def _refuse_codings(table: Table, name: str) -> None:
    """Refuse a table of coded passages, which repeats and leaves out what was said."""
    from qualcode.spreadsheets import fold_head

    folded = set(map(fold_head, table.header))
    if folded & _CODES and folded & _CODED:
        raise SourceError(
            "This is a table of coded passages, not a transcript.",
            name,
            "Import it into a study with `qualcode import-codings`, or name its columns with --text-column NAME",
        )


def _find_places(table: Table, columns: Columns) -> dict[str, int | None]:
    from qualcode.spreadsheets import fold_head

    folded = list(map(fold_head, table.header))
    places: dict[str, int | None] = {}
    for key, usual in _NAMES.items():
        wanted = getattr(columns, key)
        taken = set(places.values())
        found = (folded.index(one) for one in usual if folded.count(one) == 1 and folded.index(one) not in taken)
        places[key] = find_column(table.header, wanted, table.head) if wanted is not None else next(found, None)
    return places


def _id_of(cell: str, name: str) -> str:
    """Return the id of the transcript that a cell names, as a file may be called."""
    safe = _UNSAFE.sub("-", " ".join(cell.split())).strip(" .")
    return safe or name.rpartition(".")[0]


def _add(talk: _Talk, row: dict[str, str]) -> None:
    words = clean_text(row["text"], talk.left_out).strip()
    speaker = " ".join(clean_text(row["speaker"], talk.left_out).split()).rstrip(":：").rstrip()
    if words:
        talk.cues.append(Cue(words, speaker or None, _time(row["time"])))
    elif speaker:
        talk.left_out["rows without words"] = talk.left_out.get("rows without words", 0) + 1


def _time(cell: str) -> float | None:
    """Return a time in seconds, written as a clock shows it or as a number of seconds."""
    cell = cell.strip("[](){} \t")
    if re.fullmatch(TIME, cell):
        return seconds(cell)
    return float(cell) if re.fullmatch(r"\d{1,7}(?:\.\d{1,6})?", cell) else None


def _tell_columns(table: Table, places: dict[str, int | None], name: str) -> Problem:
    said = ", ".join(f"{key} “{table.header[at]}”" for key, at in places.items() if at is not None)
    others = [f"“{title}”" for at, title in enumerate(table.header) if title and at not in places.values()]
    more = " …" if len(others) > _MAX_SHOWN else ""
    left = f"; not read: {', '.join(others[:_MAX_SHOWN])}{more}" if others else ""
    hint = "Name others with --speaker-column, --text-column, --time-column, --transcript-column"
    return Problem(name, "note", "columns", f"Read as a table of talk by its columns: {said}{left}.", hint)
