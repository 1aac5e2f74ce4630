"""Is the study sound? Everything that can be wrong with its files, told with file and line."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from qualcode.errors import Problem, QualcodeError
from qualcode.file_names import fold_name, is_device
from qualcode.model import RULES_CODER
from qualcode.progress import track
from qualcode.study.contents import count_undecided
from qualcode.study.corrections import read_unsettled
from qualcode.study.framework import check_summaries
from qualcode.study.memos import read_memos
from qualcode.study.recall import check_checks
from qualcode.study.saved_questions import read_saved
from qualcode.study.store import LOG_ENDING, SHEET_ENDING, is_copy, is_link, key_of, tell_set_aside
from qualcode.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qualcode.model import Coding, Sheet, Transcript
    from qualcode.study.store import StudyFolder


def check_study(study: StudyFolder) -> list[Problem]:
    """Return everything that is wrong with a study; ``note`` is what mends itself."""
    return list(dict.fromkeys((*_check(study), *tell_set_aside(study.layout))))


def _check(study: StudyFolder) -> Iterator[Problem]:
    codes: set[str] | None = None
    if study.has_codebook:
        try:
            yield from study.codebook.problems
            codes = {code.id for code in study.codebook.walk()}
        except QualcodeError as error:
            yield from _tell(error)
    try:
        yield from study.cases.problems
    except QualcodeError as error:
        yield from _tell(error)
    transcripts, problems = study.transcripts()
    yield from problems
    by_id = {transcript.id: transcript for transcript in transcripts}
    yield from _check_strays(study)
    yield from _check_names(study)
    sheets = list(study.sheet_ids())
    for coder, name in track(sheets, "Checking sheets", len(sheets)):
        yield from _check_sheet(study, coder, by_id.get(name), name, codes)
    yield from _check_unsettled(study)
    yield from check_checks(study)
    yield from read_memos(study)[1]
    yield from check_summaries(study)
    yield from read_saved(study)[1]


def _tell(error: QualcodeError) -> Iterator[Problem]:
    if error.problems:
        yield from error.problems
    else:
        yield error.as_problem(type(error).__name__)


_KEPT = ("study.yaml", "codebook.yaml", "cases.csv", "exchange.csv", "speakers.csv", "history.jsonl", "assignments.csv")


def _check_strays(study: StudyFolder) -> Iterator[Problem]:
    """Tell files that belong to no transcript and no coder, such as the conflict copies of synced drives, and links."""
    yield from _check_links(study)
    yield from _check_stray_sheets(study)
    yield from _check_stray_transcripts(study)
    layout = study.layout
    memos = layout.list_files(layout.memos, ".md")
    for path in (*layout.list_files(layout.root), *memos):
        names = [one.name for one in memos] if path in memos else _KEPT
        origin = next((one for one in names if _is_copy(path.name, one)), "")
        if origin:
            yield _tell_copy(layout.name_of(path), origin)


def _check_names(study: StudyFolder) -> Iterator[Problem]:
    """Tell files that Windows or macOS would take for one another or for a device: from another hand, or by hand."""
    layout = study.layout
    renaming = "qualcode transcript rename NAME NEW"
    for folder, ending, hint in ((layout.transcripts, ".json", renaming), (layout.memos, ".md", "Rename the file")):
        seen: dict[str, str] = {}
        for path in layout.list_files(folder, ending):
            twin = seen.setdefault(fold_name(path.name), path.name)
            where = layout.name_of(path)
            if twin != path.name:
                yield Problem(where, "warning", "twins", f"Some computers cannot tell this file from {twin}.", hint)
            elif is_device(path.name):
                yield Problem(where, "warning", "device", "Windows keeps this name for a device.", hint)


def _check_stray_sheets(study: StudyFolder) -> Iterator[Problem]:
    layout, known, coders = study.layout, study.transcript_ids(), study.coders()
    for coder in coders:
        for path in layout.list_files(layout.sheets / coder):
            name = path.name.removesuffix(LOG_ENDING).removesuffix(SHEET_ENDING)
            if name not in known:
                origin = max((one for one in known if name.startswith(one)), key=len, default="")
                yield _tell_stray_sheet(layout.name_of(path), name, origin)
    for folder in sorted(layout.sheets.glob("*")):
        if folder.is_dir() and not is_link(folder) and folder.name[0] != "." and folder.name not in coders:
            yield _tell_copy(layout.name_of(folder), "another coder's sheets")


def _check_stray_transcripts(study: StudyFolder) -> Iterator[Problem]:
    layout, known = study.layout, study.transcript_ids()
    for path in layout.list_files(layout.transcripts):
        if path.stem not in known:
            origin = max((one for one in known if path.stem.startswith(one)), key=len, default="")
            if origin:
                yield _tell_copy(layout.name_of(path), f"the transcript {origin}")
            elif path.suffix != ".txt":  # of a text that has lost its segments, reading tells
                message = "This file is not a transcript of the study."
                yield Problem(layout.name_of(path), "warning", "stray-file", message, "Import or delete it")


def _check_links(study: StudyFolder) -> Iterator[Problem]:
    layout = study.layout
    folders, places = [layout.root], []
    for _ in range(3):  # as deep as a study is, and never into a link
        inside = [path for folder in folders for path in folder.glob("*")]
        places += inside
        folders = [path for path in inside if path.is_dir() and not is_link(path) and path.name != ".git"]
    for path in sorted(path for path in places if is_link(path) and path.name != ".git"):
        message = "This is a link; a study is neither read nor written through one."
        hint = "Replace it with the file or folder itself"
        yield Problem(layout.name_of(path), "error", "link", message, hint)


def _is_copy(name: str, origin: str) -> bool:
    """Tell whether a file's name is that of another one with what a synced drive puts behind it."""
    stem, dot, ending = origin.rpartition(".")
    return name.endswith(dot + ending) and is_copy(name.removesuffix(dot + ending), stem)


def _tell_copy(where: str, origin: str) -> Problem:
    message = f"This looks like a conflict copy of {origin}, made by a synced drive; it is not used."
    return Problem(where, "warning", "stray-file", message, "See what differs, repeat what is missing, then delete it")


def _tell_stray_sheet(where: str, name: str, origin: str) -> Problem:
    if origin and "unsaved" in name:
        message = f"This is a version of the sheet {origin} that was set aside because another had been saved first."
        hint = "Compare the two, repeat what is missing, then delete this file"
        return Problem(where, "warning", "stray-file", message, hint)
    if origin:
        return _tell_copy(where, f"the sheet {origin}")
    if where.endswith(SHEET_ENDING):
        message = f"There is no transcript “{name}” for this sheet."
        return Problem(where, "warning", "stray-file", message, "Import the transcript again")
    return Problem(where, "warning", "stray-file", "This file is not a sheet.", "Move it out of the study")


def _check_sheet(
    study: StudyFolder, coder: str, transcript: Transcript | None, name: str, codes: set[str] | None
) -> Iterator[Problem]:
    layout = study.layout
    try:
        loaded = study.shelf.load(coder, name)
    except QualcodeError as error:
        yield from _tell(error)
        return
    yield from loaded.problems
    where = layout.name_of(layout.sheet_of(coder, name))
    if loaded.has_file and loaded.is_behind:
        message = "The sheet is behind its log, as after a crash or on a full disk; nothing is lost."
        yield Problem(where, "note", "behind-log", message, "Make any decision to rewrite it")
    for versions in loaded.history.conflicts():
        verdicts = " and ".join(one.verdict for one in versions)
        yield Problem(
            where, "warning", "conflict",
            f"Two copies of the study disagree on “{versions[0].code}” on “{shorten(versions[0].quote)}”: {verdicts}.",
            f"{versions[-1].verdict} is the latest and counts; decide again to settle it",
        )  # fmt: skip
    sheet = loaded.sheet(name, coder)
    if sheet is None:
        if loaded.has_file:
            message = "The sheet cannot be read, and its log is empty."
            yield Problem(where, "error", "broken-sheet", message, "Restore it from a copy")
        return
    if transcript is None:
        return
    if sheet.text_digest != transcript.digest:
        yield Problem(
            where, "error", "other-text", "The sheet belongs to another version of the transcript.",
            "Import the corrected transcript with: qualcode import --update FILE",
        )  # fmt: skip
        return
    found = list(_check_codings(sheet, transcript, codes))
    lines = study.shelf.lines(coder, name) if found else {}
    for coding, rule, message, hint in found:
        number = lines.get(key_of(coding))
        yield Problem(f"{where}:{number}" if number else where, "error", rule, message, hint)


def _check_codings(
    sheet: Sheet, transcript: Transcript, codes: set[str] | None
) -> Iterator[tuple[Coding, str, str, str]]:
    """Yield codings that do not fit text or codebook, with rule, message and hint."""
    for coding in sheet.codings:
        if codes is not None and coding.code not in codes:
            hint = "Put it back into the codebook, or retire or merge it with qualcode codebook"
            yield coding, "unknown-code", f"There is no code “{coding.code}” in the codebook.", hint
        if coding.span.end > len(transcript.text):
            message = f"The span {coding.span.start}:{coding.span.end} ends beyond the text."
            yield coding, "beyond-text", message, "Undo the coding with qualcode undo, or decide again"
        elif transcript.quote(coding.span) != coding.quote:
            message = f"The quote does not match the text at {coding.span.start}:{coding.span.end}."
            yield coding, "other-quote", message, "Decide on this passage again"


def _check_unsettled(study: StudyFolder) -> Iterator[Problem]:
    for one in read_unsettled(study):
        yield Problem(
            f"{one.transcript}:{one.number}", "warning", "unsettled",
            f"After a correction, it is uncertain where {one.coder}'s “{one.code}” belongs: "
            f"“{shorten(one.old_quote)}”.",
            "Settle it: qualcode settle",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a coder is in a transcript.

    Attributes
    ----------
    coder, transcript
        Who in what.
    n_seen, n_segments
        Segments looked at, and all of them.
    verdicts
        How many codings there are of each verdict.
    """

    coder: str
    transcript: str
    n_seen: int
    n_segments: int
    verdicts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Status:
    """What there is in a study and how far everybody is."""

    n_transcripts: int
    n_codes: int
    n_cases: int
    n_undecided: int
    progress: tuple[Progress, ...]
    problems: tuple[Problem, ...]


def read_status(study: StudyFolder) -> Status:
    """Return what there is in a study and how far everybody is."""
    transcripts, problems = study.transcripts()
    sheets, troubles = study.sheets()
    totals = {(one.id, unit): 0 for one in transcripts for unit in ("turn", "paragraph", "sentence")}
    for transcript in transcripts:
        for segment in transcript.segments:
            totals[transcript.id, segment.kind] += 1
    progress = tuple(
        Progress(
            sheet.coder,
            sheet.transcript,
            len(sheet.seen),
            totals.get((sheet.transcript, sheet.unit), 0),
            _verdicts(sheet),
        )
        for sheet in sheets
    )
    n_codes = len(list(study.codebook.walk())) if study.has_codebook else 0
    n_undecided = sum(count_undecided(sheets).values()) if any(one.coder == RULES_CODER for one in sheets) else 0
    return Status(len(transcripts), n_codes, len(study.cases), n_undecided, progress, (*problems, *troubles))


CODER_COLUMNS = ("coder", "transcripts", "seen", "codings")
"""What :func:`list_coders` tells of each coder."""


def list_coders(study: StudyFolder) -> list[dict[str, object]]:
    """Return everybody who codes, the rules last, with how much each has done, as records for a table."""
    sheets, _ = study.sheets()
    rows: list[dict[str, object]] = []
    for coder in study.coders():
        own = [sheet for sheet in sheets if sheet.coder == coder]
        n_seen, n_codings = sum(len(sheet.seen) for sheet in own), sum(len(sheet.codings) for sheet in own)
        rows.append({"coder": coder, "transcripts": len(own), "seen": n_seen, "codings": n_codings})
    return rows


def draw_study(study: StudyFolder, told: str) -> str:
    """Return a study as HTML: a line about it, and what everybody has done."""
    head = "".join(f"<th>{escape(name)}</th>" for name in CODER_COLUMNS)
    rows = "".join(
        f"<tr>{''.join(f'<td>{escape(str(row[name]))}</td>' for name in CODER_COLUMNS)}</tr>"
        for row in list_coders(study)
    )
    return f"<p>{escape(told)}</p><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _verdicts(sheet: Sheet) -> dict[str, int]:
    counts: dict[str, int] = {}
    for coding in sheet.codings:
        counts[coding.verdict] = counts.get(coding.verdict, 0) + 1
    return counts
