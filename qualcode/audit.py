"""The audit trail of a study: who did what, when and why, with what stood there before and after.

Lincoln & Guba (1985) ask for it, and Halpern's classes order it. Everything is read out of the logs.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from qualcode.codebook import compare_codebooks, parse_codebook
from qualcode.errors import Problem, QualcodeError, StudyError
from qualcode.model import RULES_CODER
from qualcode.results import Result
from qualcode.study import read_memos
from qualcode.wording import join, plural, shorten

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from qualcode.codebook import Codebook
    from qualcode.model import Coding, Memo
    from qualcode.study import CodingChange, Event, StudyFolder

Only = Literal["all", "decisions", "codebook", "memos"]

_COLUMNS = ("at", "who", "what", "object", "before", "after", "why", "class")
_WORDS = {
    "apply": "coded",
    "accept": "accepted a suggestion",
    "reject": "rejected a suggestion",
    "remove": "took back a code",
    "move": "moved a coding",
    "recode": "gave another code",
    "cut": "shortened a passage",
    "extend": "extended a passage",
    "note": "wrote a note on a coding",
    "seen": "read",
    "undo": "undid",
    "redo": "did again",
    "restore": "went back to an earlier state",
    "settle": "said where a coding belongs after a correction",
    "consensus": "settled a difference",
    "agree": "wrote what coders agree on",
    "pick": "chose a quote",
    "unpick": "chose a quote no longer",
    "save": "saved a sheet",
    "merge-codes": "took a coding along as codes were merged",
    "correct": "corrected the text",
    "edit": "changed a sheet outside the program",
    "tag": "ran the rules",
    "import": "brought in a transcript",
    "import-coding": "brought in a coding",
    "update": "corrected a transcript",
    "rename": "renamed a transcript",
    "remove-transcript": "removed a transcript",
    "codebook": "changed the codebook",
    "freeze-codebook": "froze the codebook",
    "cases": "changed the table of cases",
    "memo": "wrote a memo",
    "chart": "charted a cell of the framework",
    "question": "saved a question",
    "remove-question": "removed a question",
    "assign": "drew segments for coders",
    "check": "drew a check",
    "merge": "merged another copy",
    "conflict": "kept what differed in another copy",
    "pseudonymise": "replaced names",
    "import-project": "brought in a project",
    "export-project": "wrote a project for another program",
}
_OF_CODES = {
    "added": "added a code",
    "removed": "removed a code",
    "renamed": "renamed a code",
    "moved": "moved a code",
    "retired": "retired a code",
    "definition": "changed a definition",
}
"""Changes of the codebook, by their kinds; others are called what they are."""
_MERGED = "merged a code"
_CLASSES: dict[str, tuple[str, ...]] = {
    "raw data": (
        "import", "update", "rename", "remove-transcript", "cases", "import-project", "correct", "settle",
        "pseudonymise",
    ),
    "reconstruction and synthesis": ("codebook", "recode", "merge-codes"),
    "process notes": (
        "assign", "check", "merge", "conflict", "consensus", "agree", "export-project", "freeze-codebook",
    ),
    "intentions and dispositions": ("memo",),
}  # fmt: skip
_ANALYSIS = "reduction and analysis"
_DECISIONS = frozenset({"accept", "reject", "consensus", "agree"})
_QUOTE, _MEMO = 80, 400
"""Characters of a passage, and of a memo, that are shown."""
_ALIKE = "both agree"
"""Why a consensus has what no coder differs on."""
_BY_PROGRAM = frozenset({"tag"})


@dataclass(frozen=True, eq=False, repr=False)
class AuditTrail(Result):
    """What was done to a study, oldest first.

    Attributes
    ----------
    frame
        ``at`` (ISO 8601), ``who``, ``what``, ``object`` (a segment and a code, a transcript, a code, a memo …),
        ``before``, ``after``, ``why`` (the reason given) and ``class`` (after Halpern).
    sentence, problems
        How much there is, and what is left out.
    """

    @property
    def shown(self) -> pd.DataFrame:
        """What a person looks at: days and minutes, and texts on a line."""
        texts = {name: [shorten(text) for text in self.frame[name]] for name in ("object", "before", "after", "why")}
        return self.frame.assign(at=self.frame["at"].str[:16].str.replace("T", " "), **texts).drop(columns="class")


def list_trail(study: StudyFolder, *, since: str = "", only: Only = "all") -> AuditTrail:
    """List what was done to a study.

    Parameters
    ----------
    study
        The study.
    since
        A day such as ``2026-03-31``, or a time in ISO 8601: only what came after it began.
    only
        ``decisions`` (on suggestions and differences), changes of the ``codebook``, or ``memos``.

    Returns
    -------
    AuditTrail
        One row per coding, change of a code, memo or other act. Private memos are left out. What the rules did stands
        in one row per run.

    Raises
    ------
    StudyError
        If the day cannot be understood.

    Examples
    --------
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> study = qualcode.create_study("mine", codebook="codebooks/industry_partnership.yaml")
    >>> report = study.import_transcripts(transcripts, "transcripts_sample")
    >>> event = study.decide("ana", "P1:t004", "scheduling", "apply", why="She means the dates.")
    >>> qualcode.list_trail(study).frame.iloc[-1][["who", "what", "why"]].tolist()
    ['ana', 'coded', 'She means the dates.']
    """
    if since and not _is_day(since):
        raise StudyError(f"“{since}” is not a day.", hint="Write it as year-month-day, such as 2026-03-31")
    rows = [row for row in _list_rows(study, only) if row[0] >= since]
    rows.sort(key=lambda row: row[0])
    frame = pd.DataFrame(rows, columns=list(_COLUMNS), dtype="str")
    n_private = sum(memo.is_private for memo in read_memos(study)[0])
    problems = []
    if n_private:
        message = f"{plural(n_private, 'private memo')} left out."
        problems.append(Problem("", "note", "private", message))
    return AuditTrail(frame, _say(frame), tuple(problems))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text[: len("2026-03-31")])
    except ValueError:
        return False
    return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}(T.*)?", text))


def _list_rows(study: StudyFolder, only: Only) -> Iterator[tuple[str, ...]]:
    if only in {"all", "decisions"}:
        for coder, name in study.sheet_ids():
            for event in list(study.history(coder, name).events.values()):
                acts = {_name_act(event, change) for change in event.changes}
                if only == "all" or not acts.isdisjoint(_DECISIONS):
                    yield from _tell_event(study, name, event, acts if only == "all" else _DECISIONS)
    if only == "decisions":
        return
    memos = {memo.id: memo for memo in read_memos(study)[0]}
    books: dict[str, Codebook | None] = {}
    for note in study.notes():
        what = str(note.get("what", ""))
        kind = {"memo": "memos", "codebook": "codebook", "freeze-codebook": "codebook"}.get(what, "all")
        if only not in {"all", kind}:
            continue
        if kind == "memos":
            yield from _tell_memo(note, memos.get(str(note.get("memo", ""))))
        elif what == "codebook":
            yield from _tell_codebook(study, note, books)
        else:
            yield _tell_note(note)


def _tell_memo(note: Mapping[str, Any], memo: Memo | None) -> Iterator[tuple[str, ...]]:
    """Yield that somebody wrote a memo, with what it says now; nothing of a private one."""
    if memo is None or not memo.is_private:
        text = shorten(memo.text, _MEMO) if memo else "(deleted)"
        note = {**note, "who": (memo.author if memo else "") or note.get("who", "")}
        yield _row(note, "memo", str(note.get("about", "")), "", text)


def _row(note: Mapping[str, Any], what: str, about: str, before: str, after: str) -> tuple[str, ...]:
    told = [str(note.get(key, "")) for key in ("at", "who", "why")]
    return told[0], told[1], _WORDS.get(what, what), about, before, after, told[2], _classify(what)


def _classify(what: str) -> str:
    return next((name for name, acts in _CLASSES.items() if what in acts), _ANALYSIS)


def _tell_event(study: StudyFolder, name: str, event: Event, acts: Collection[str]) -> Iterator[tuple[str, ...]]:
    """Yield what an event did to codings, of the acts asked for."""
    told = {"at": event.at, "who": event.who, "why": event.why}
    if event.what in _BY_PROGRAM or event.who == RULES_CODER:
        counts = Counter("gone" if change.after is None else "new" for change in event.changes)
        numbers = join([f"{number} {word}" for word, number in sorted(counts.items())])
        yield _row(told, "tag", name, "", f"suggestions: {numbers or 'as before'}")
        return
    for change in event.changes:
        one, act = change.after or change.before, _name_act(event, change)
        if one is not None and act in acts:
            place = study.address_of(name, one.span)
            yield _row(told, act, f"{place}, {one.code}", _tell(change.before), _tell(change.after))
    if not event.changes and event.seen:
        yield _row(told, "seen", name, "", plural(len(event.seen), "segment"))


_VERDICTS = {"accepted": "accept", "rejected": "reject", "applied": "apply"}


def _name_act(event: Event, change: CodingChange) -> str:
    """Return what was done to a coding; of several acts at once, the log has their changes only."""
    if event.what == "consensus" and event.why == _ALIKE:
        return "agree"
    if event.what == "import":  # of a sheet; the study's own note of that name is of a transcript
        return "import-coding"
    return _name_decision(change) if event.what == "decide" else event.what


def _name_decision(change: CodingChange) -> str:
    before, after = change.before, change.after
    if after is None:
        return "remove"
    if before is None or before.verdict != after.verdict:
        return _VERDICTS.get(after.verdict, "decide")
    if before.code != after.code:
        return "recode"
    return "move" if before.span != after.span else "note"


def _tell(coding: Coding | None) -> str:
    if coding is None:
        return ""
    note = f" ({coding.note})" if coding.note else ""
    return f"{coding.verdict}: “{shorten(coding.quote, _QUOTE)}”{note}"


def _tell_codebook(
    study: StudyFolder, note: Mapping[str, Any], books: dict[str, Codebook | None]
) -> Iterator[tuple[str, ...]]:
    """Yield what changed from one version of the codebook to the next, and the codings that went along."""
    new = _read_version(study, str(note.get("codebook", "")), books)
    old = _read_version(study, str(note.get("from", "")), books)
    mapping = note.get("mapping")
    moved = {str(one): str(other) for one, other in mapping.items()} if isinstance(mapping, dict) else {}
    if new is None or old is None:
        told = [plural(sum(1 for _ in new.walk()), "code")] if new else []
        yield _row(note, "codebook", "codebook", "", "; ".join([*told, *_say_moved(moved)]))
        return
    changes = compare_codebooks(old, new)
    gone = {change.code for change in changes if change.kind == "removed"} & moved.keys()
    for number, change in enumerate(changes):
        along = {one: other for one, other in moved.items() if one == change.code or (not number and one not in gone)}
        is_merged = change.kind == "removed" and change.code in moved
        after = "; ".join([*filter(None, [change.new]), *_say_moved(along)])
        at, who, what, *rest = _row(note, "codebook", f"{change.path}: {change.kind}", change.old, after)
        yield at, who, _MERGED if is_merged else _OF_CODES.get(change.kind, what), *rest


def _say_moved(moved: Mapping[str, str]) -> list[str]:
    return [f"codings of {one} became {other}" for one, other in moved.items()]


def _read_version(study: StudyFolder, digest: str, books: dict[str, Codebook | None]) -> Codebook | None:
    """Return a version of the codebook that was kept."""
    if digest not in books:
        data = study.layout.read(study.layout.version_of("codebook.yaml", digest)) if digest else None
        try:
            books[digest] = parse_codebook(data.decode("utf-8-sig")) if data else None
        except (QualcodeError, UnicodeDecodeError):
            books[digest] = None
    return books[digest]


_TOLD = frozenset({"at", "who", "what", "why", "before", "after", "transcript", "case", "code", "name", "question"})


def _tell_note(note: Mapping[str, Any]) -> tuple[str, ...]:
    what = "remove-transcript" if note.get("what") == "remove" else str(note.get("what", ""))
    if what == "question" and not note.get("question"):
        what = "remove-question"
    named = [str(note[key]) for key in ("transcript", "case", "code", "name") if note.get(key)]
    more = [f"{key} {_shorten_value(value)}" for key, value in note.items() if key not in _TOLD and value]
    after = str(note.get("after") or note.get("question") or "") or "; ".join(more)
    return _row(note, what, ", ".join(named), str(note.get("before", "")), after)


def _shorten_value(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {_shorten_value(one)}" for key, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_shorten_value, value))
    text = str(value)
    return text[:12] if re.fullmatch("[0-9a-f]{64}", text) else text


def _say(frame: pd.DataFrame) -> str:
    if frame.empty:
        return "The log has no entry like that."
    people = sorted({who for who in frame["who"] if who and who != RULES_CODER})
    first, last = frame["at"].iloc[0][:10], frame["at"].iloc[-1][:10]
    when = f"on {first}" if first == last else f"from {first} to {last}"
    return f"{plural(len(frame), 'entry')} {when}, by {join(people) or 'programs'}."
