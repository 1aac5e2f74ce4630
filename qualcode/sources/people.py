"""The table of speakers: ``transcript,label,person,role``, written at import, edited by people, and decisive."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, cast

from qualcode.errors import Problem, SourceError
from qualcode.model import canonical_text
from qualcode.sources.names import fold_label
from qualcode.sources.tables import NO_FILE, TABLE_ENDINGS, find_column, open_table
from qualcode.wording import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from qualcode.model import Transcript
    from qualcode.sources.tables import Table
    from qualcode.spreadsheets import TableSource

Role = Literal["interviewer", "participant", "other"]

SPEAKERS_NAME: Final = "speakers.csv"
COLUMNS: Final = ("transcript", "label", "person", "role")
ROLES: Final = ("interviewer", "participant", "other")
_EVERY: Final = frozenset({"", "*"})
_DECIDED: Final = frozenset({"interviewer", "interviewer-stated", "interviewer-unclear", "interviewer-unknown"})
_SIMILAR: Final = frozenset({"similar-labels", "speaks-once"})


@dataclass(frozen=True, slots=True)
class Speaker:
    """What the table of speakers says of a label.

    Attributes
    ----------
    transcript
        Its id; ``""`` for all transcripts.
    label
        As it stands in the file.
    person
        Whose label it is, which unites several of one person; ``""`` for the label itself.
    role
        ``interviewer`` and ``other`` are counted apart, ``participant`` is counted; ``""`` for what reading tells.
    where
        File and line.
    """

    transcript: str
    label: str
    person: str = ""
    role: Role | Literal[""] = ""
    where: str = ""


def read_speakers(source: TableSource, *, name: str = "") -> tuple[Speaker, ...]:
    """Read a table of speakers.

    Parameters
    ----------
    source
        A CSV file, an Excel or OpenDocument workbook, or a DataFrame; as a path, bytes, an open file. Its columns are
        ``label`` and ``role``, ``person`` or both; with ``transcript``, a row is about the label in that one alone.
    name
        What messages call the table; the file's name when not given.

    Raises
    ------
    SourceError
        If a column is missing, a role is unknown, or two rows say different things of one label.
    """
    table = open_table(source, name=name)
    places = _find_places(table)
    found: dict[tuple[str, str], Speaker] = {}
    for line, cells in table.rows:
        row = {column: _cell(cells, at) for column, at in places.items()}
        if not row["label"]:
            continue
        speaker = _speaker(row, f"{table.sheet.name}:{line}")
        other = found.setdefault((fold_label(speaker.transcript), fold_label(speaker.label)), speaker)
        if (other.person, other.role) != (speaker.person, speaker.role):
            message = f"The label “{speaker.label}” stands twice with different entries."
            raise SourceError(message, speaker.where, f"Compare {other.where}, and keep one of them")
    return tuple(found.values())


def _find_places(table: Table) -> dict[str, int | None]:
    from qualcode.spreadsheets import fold_head

    titles = list(map(fold_head, table.header))
    label_at = find_column(table.header, "label", table.head)
    places = {name: titles.index(name) if name in titles else None for name in COLUMNS} | {"label": label_at}
    if places["person"] is None and places["role"] is None:
        hint = f"Its columns are {', '.join(COLUMNS)}"
        raise SourceError("The table of speakers has neither a column “role” nor “person”.", table.head, hint)
    return places


def _cell(cells: Sequence[str], at: int | None) -> str:
    from qualcode.spreadsheets import arm

    return arm(" ".join(canonical_text(cells[at]).split())) if at is not None and at < len(cells) else ""


def _speaker(row: dict[str, str], where: str) -> Speaker:
    role = row["role"].casefold()
    if role and role not in ROLES:
        hint = f"{suggest(role, ROLES)} The roles are {', '.join(ROLES)}".strip()
        raise SourceError(f"There is no role “{row['role']}”.", where, hint)
    transcript = "" if row["transcript"] in _EVERY else row["transcript"]
    return Speaker(transcript, row["label"], row["person"], cast("Role", role), where)


def apply_speakers(
    transcripts: Sequence[Transcript], speakers: Collection[Speaker]
) -> tuple[list[Transcript], list[Problem]]:
    """Return transcripts with the persons and roles that a table of speakers gives, and the rows that fit none.

    Parameters
    ----------
    transcripts
        What was read.
    speakers
        Rows of the table; one for a transcript goes before one for all.
    """
    index = SpeakerIndex(speakers)
    return list(map(index.apply, transcripts)), list(_tell_unknown(transcripts, speakers))


class SpeakerIndex:
    """Rows of a table of speakers by transcript and label: a large study has one of each for every transcript.

    Parameters
    ----------
    speakers
        The rows; a later one goes before an earlier one, and one for a transcript before one for all.
    """

    def __init__(self, speakers: Iterable[Speaker]) -> None:
        self._rows: dict[str, dict[str, tuple[int, Speaker]]] = {}
        for number, one in enumerate(speakers):
            self._rows.setdefault(fold_label(one.transcript), {})[fold_label(one.label)] = number, one

    def apply(self, transcript: Transcript) -> Transcript:
        """Return a transcript with the persons and roles that the rows give."""
        named = [self._rows.get(name, {}) for name in _names_of(transcript)]
        found = dict(sorted((pair for rows in named for pair in rows.items()), key=lambda pair: pair[1][0]))
        found = self._rows.get("", {}) | found
        return _apply(transcript, {label: row for label, (_, row) in found.items()}) if found else transcript


def _names_of(transcript: Transcript) -> set[str]:
    """Return the folded names by which a row can mean a transcript."""
    return {fold_label(transcript.id), fold_label(transcript.source.name)} - {""}


def _apply(transcript: Transcript, rows: dict[str, Speaker]) -> Transcript:
    said = {label: rows[fold_label(label)] for label in transcript.speakers if fold_label(label) in rows}
    persons = {label: row.person for label, row in said.items() if row.person and row.person != label}
    roles = {persons.get(label, label): row.role for label, row in said.items() if row.role}
    if not said:
        return transcript
    segments = transcript.segments
    if persons:
        segments = tuple(
            replace(one, speaker=persons[one.speaker]) if one.speaker in persons else one for one in segments
        )
    asking = {persons.get(label, label) for label in transcript.interviewers}
    asking = {label for label in asking if label not in roles} | {
        name for name in roles if roles[name] != "participant"
    }
    everybody = {one.speaker for one in segments if one.speaker}
    is_decided = bool(asking & set(roles)) or everybody <= set(roles)
    named = {label for label, row in said.items() if row.person}
    problems = tuple(
        one
        for one in transcript.source.problems
        if not (is_decided and one.rule in _DECIDED) and not (one.rule in _SIMILAR and _is_about(one, named))
    )
    source = replace(transcript.source, problems=problems)
    return replace(transcript, segments=segments, interviewers=frozenset(asking), source=source)


def _is_about(problem: Problem, labels: Collection[str]) -> bool:
    """Tell whether both of the labels that a problem quotes are among some."""
    return sum(f"“{label}”" in problem.message for label in labels) > 1


def _tell_unknown(transcripts: Sequence[Transcript], speakers: Collection[Speaker]) -> Iterable[Problem]:
    by_name: dict[str, list[Transcript]] = {}
    for one in transcripts:
        for name in _names_of(one):
            by_name.setdefault(name, []).append(one)
    everywhere = _list_labels(transcripts) if any(not row.transcript for row in speakers) else {}
    for row in speakers:
        meant = by_name.get(fold_label(row.transcript), ()) if row.transcript else transcripts
        labels = _list_labels(meant) if row.transcript else everywhere
        if meant and fold_label(row.label) not in labels:
            place = f"in {row.transcript}" if row.transcript else "in any transcript"
            message = f"No one speaks under the label “{row.label}” {place}."
            yield Problem(
                row.where,
                "warning",
                "speaker-unknown",
                message,
                f"{suggest(row.label, labels.values())} Correct the row, or delete it".strip(),
            )


def _list_labels(transcripts: Iterable[Transcript]) -> dict[str, str]:
    return {fold_label(label): label for one in transcripts for label in one.speakers if label}


def encode_speakers(transcripts: Sequence[Transcript], known: Collection[Speaker] = ()) -> bytes:
    """Return a table of speakers as a CSV file: the rows that are known, then those of labels without one.

    Parameters
    ----------
    transcripts
        What was read, under its labels.
    known
        Rows that stand in the table already, which stay as they are.
    """
    rows = [(one.transcript, one.label, one.person, one.role) for one in known]
    listed = {(fold_label(one.transcript), fold_label(one.label)) for one in known}
    for transcript in transcripts:
        for label in transcript.speakers:
            if label and not {(fold_label(transcript.id), fold_label(label)), ("", fold_label(label))} & listed:
                person = "" if _is_doubtful(transcript, label) else label
                rows.append((transcript.id, label, person, _role(transcript, label)))
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    from qualcode.spreadsheets import disarm

    writer.writerows([disarm(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + stream.getvalue().encode("utf-8", "surrogatepass")


def _is_doubtful(transcript: Transcript, label: str) -> bool:
    """Tell whether a label may be another one misspelt, so that the question whose it is stays open."""
    told = (one for one in transcript.source.problems if one.rule in _SIMILAR and one.level == "warning")
    return any(f"“{label}”" in one.message for one in told)


def _role(transcript: Transcript, label: str) -> Role | Literal[""]:
    """Return the role that reading told; none where who asks is not clear, so that the question stays open."""
    if label in transcript.interviewers:
        return "interviewer"
    is_unclear = any(one.rule == "interviewer-unclear" for one in transcript.source.problems)
    return "" if is_unclear else "participant"


def is_survey(transcript: Transcript) -> bool:
    """Tell whether a transcript holds the answers to a question of a survey, each respondent's one turn."""
    speaking = transcript.columns("turn").codes
    is_table = transcript.source.format in {NO_FILE, *(ending.removeprefix(".") for ending in TABLE_ENDINGS)}
    return is_table and len(set(speaking)) == len(speaking) and not transcript.interviewers
