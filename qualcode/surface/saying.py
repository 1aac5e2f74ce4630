"""What a page says of an act, and of what went wrong: each once, in words."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING

from qualcode.errors import CodebookError, ConflictError, LockedError, QualcodeError
from qualcode.language import count_words
from qualcode.model import Coding
from qualcode.reviewing import name_act, name_code
from qualcode.wording import plural, shorten

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.study import Event
    from qualcode.surface.asking import Answer
    from qualcode.surface.room import Room

_SAYINGS = {
    "apply": "Coded {words} with {code}.",
    "accept": "Accepted {code} on {words}.",
    "reject": "Refused {code} on {words}.",
    "remove": "Removed {code} from {words}.",
    "move": "Moved {code}; it is on {words} now.",
    "cut": "Cut words out of {code}.",
    "extend": "Added words to {code}; it is on {words} now.",
    "note": "Noted on {code}.",
    "keep": "{code} still holds on {words}.",
}
"""What is said of an act on codings, with the words that the first of them is on."""

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} if hasattr(errno, "EDQUOT") else {errno.ENOSPC, errno.EFBIG}


def say_event(room: Room, events: Sequence[Event]) -> str:
    """Return what was done in a transcript, in a sentence."""
    event = events[-1]
    codings = [one for change in event.changes if (one := change.after or change.before)]
    if not codings:
        return f"Read {', '.join(event.seen)}." if event.seen else "Done."
    coding = next((one for one in codings if one.is_counted), codings[0])
    code, words = name_code(room.study, coding.code), plural(count_words(coding.quote), "word")
    if event.what == "recode":
        before = next((one for one in map(_find_before, event.changes) if one and one.code != coding.code), None)
        was = f" instead of {name_code(room.study, before.code)}" if before else ""
        return f"Coded {words} with {code}{was}."
    n_more = len(codings) - 1 + sum(len(one.changes) for one in events[:-1])
    more = f" And {plural(n_more, 'passage')} more." if n_more and event.what in {"apply", "accept", "reject"} else ""
    return (
        _SAYINGS.get(event.what, f"{event.what.capitalize()}: {{code}} on {{words}}.").format(code=code, words=words)
        + more
    )


def _find_before(change: object) -> Coding | None:
    before, after = getattr(change, "before", None), getattr(change, "after", None)
    return before or (after if after and not after.is_counted else None)


def say_name(room: Room, done: Sequence[tuple[str, Event]]) -> str:
    """Return an act by its name, for undo and redo; one on several transcripts has an event in each."""
    name, event = done[-1]
    if len({one for one, _ in done}) == 1:
        return name_act(room.study, name, event)
    n_passages = sum(len(one.changes) for _, one in done)
    return f"{event.what} on {plural(n_passages, 'passage')} in {plural(len(done), 'transcript')}"


def tell_error(room: Room, error: QualcodeError) -> Answer:
    """Return what went wrong: its kind, the words that are shown, and what stands now."""
    if isinstance(error, ConflictError):
        return {"kind": "conflict", "message": _say_conflict(room, error), "stands": _show_stands(error)}
    if isinstance(error, LockedError):
        return {
            "kind": "locked",
            "message": f"Another program is writing {room.coder}'s sheets.",
            "hint": "Not saved: close it, or wait.",
        }
    if isinstance(error, CodebookError) and (trouble := room.find_trouble()) is not None:
        return {"kind": "codebook", "message": say_codebook(room, trouble)}
    cause = error.__cause__
    if isinstance(cause, OSError) and cause.errno in _NO_ROOM:
        return {"kind": "disk", "message": "Not saved: no room on the disk. Nothing was changed."}
    message = "\n".join([error.message, *(str(one) for one in error.problems[:5])])
    return {"kind": "refused", "message": message, "hint": error.hint}


def _say_conflict(room: Room, error: ConflictError) -> str:
    stands = error.stands
    codings = [one for one in stands if isinstance(one, Coding)] if isinstance(stands, tuple) else []
    if not isinstance(stands, tuple):
        return f"{error.message} Yours was not saved; do it again if it still holds."
    now = " and ".join(
        f"{one.verdict} {name_code(room.study, one.code)} on “{shorten(one.quote)}”"
        + (f" ({shorten(one.note)})" if one.note else "")
        for one in codings
    )  # fmt: skip
    is_now = f"it is {now} now" if now else "nothing stands there now"
    return (
        f"Another window of yours changed this passage meanwhile: {is_now}. "
        "Yours was not saved; do it again if it still holds."
    )


def _show_stands(error: ConflictError) -> list[object]:
    codings = error.stands if isinstance(error.stands, tuple) else ()
    return [[one.span.start, one.span.end, one.code, one.verdict, one.version] for one in codings]


def say_codebook(room: Room, error: QualcodeError) -> str:
    """Return that the codebook cannot be used, with the first line at which something is wrong."""
    problem = error.problems[0] if error.problems else None
    where = (problem.where if problem else error.where).rsplit(":", 2)
    line = f"line {where[1]}: " if len(where) == 3 and where[1].isdigit() else ""  # noqa: PLR2004  # file, line, column
    message = problem.message if problem else error.message
    return (
        f"{room.study.layout.codebook.name} cannot be used ({line}{message.rstrip('.')}). "
        "You can read, not code, until it is mended."
    )
