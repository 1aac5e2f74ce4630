"""Memos: what a researcher thinks about the study, a code, a case, a segment or a span, as Markdown files."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, get_args

from qualcode.errors import ConflictError, Problem, StudyError
from qualcode.file_names import advise_on, fold_name, is_portable
from qualcode.model import Memo
from qualcode.study.addresses import find_code, find_segment, parse_span
from qualcode.study.store import digest_of
from qualcode.wording import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from qualcode.anchoring import Alignment
    from qualcode.study.store import StudyChange, StudyFolder, StudyStore

Visibility = Literal["shared", "private"]
Flag = Literal["", "open", "settled"]

_HEAD = re.compile(r"\A---\n(?P<lines>(?:[a-z]+: .*\n)+)---\n")
_ID = re.compile(r"\w[\w-]*")
_YES = frozenset({"true", "yes"})
_SPAN = re.compile(r"(?P<transcript>.+):(?P<span>\d+-\d+)")


def check_about(study: StudyFolder, about: str) -> str:
    """Return what a memo is about in the form in which it is stored.

    Raises
    ------
    StudyError
        If there is nothing of that name.
    """
    about = about.strip()
    kind, _, name = about.partition(":")
    if about == "study":
        return about
    if kind == "code":
        return f"code:{find_code(study.codebook, name)}"
    if kind == "case":
        from qualcode.cases import assign_cases

        known = [case.id for case in assign_cases(study.transcripts()[0], study.cases).cases]
        if name not in known:
            raise StudyError(f"There is no case “{name}”.", hint=suggest(name, known))
        return about
    found = _SPAN.fullmatch(about)
    if found is not None:
        span = parse_span(found["span"])
        if span is None or span.end > len(study.transcript(found["transcript"]).text):
            raise StudyError(f"The span of “{about}” ends beyond the text.")
        return about
    if not name:
        hint = "Give study, code:ID, case:ID, TRANSCRIPT:SEGMENT or TRANSCRIPT:START-END"
        raise StudyError(f"A memo cannot be about “{about}”.", hint=hint)
    find_segment(study, about)
    return about


def write_memo(
    study: StudyStore,
    about: str,
    text: str,
    *,
    memo_id: str = "",
    author: str = "",
    visibility: Visibility | None = None,
    replaces: str = "",
    flag: Flag | None = None,
) -> Memo:
    """Write a memo, add to one, or replace one; see :meth:`.Study.memo`."""
    about = check_about(study, about)
    if not text.strip():
        raise StudyError("The memo is empty.", hint="Write something")
    memo_id = memo_id or name_memo(f"flag-{about}" if flag else about)
    if not (_ID.fullmatch(memo_id) and is_portable(memo_id)):
        hint = f"Choose another name; {advise_on(memo_id, 'use letters, digits and hyphens')}"
        raise StudyError(f"“{memo_id}” cannot be the name of a memo.", hint=hint)
    with study.change() as change:
        before = next((memo for memo in read_memos(study)[0] if fold_name(memo.id) == fold_name(memo_id)), None)
        if before is not None and before.about != about:
            hint = "Give it another name with --id"
            raise StudyError(f"There is already a memo “{before.id}”, about {before.about}.", hint=hint)
        memo_id = before.id if before else memo_id  # one file on some disks, whatever the case
        memo = _compose(before, Memo(memo_id, about, text.strip() + "\n"), replaces)
        who = author or study.who
        authors = [*(before.author.split(", ") if before and before.author else []), who]
        is_private = visibility == "private" if visibility else bool(before and before.is_private)
        flag = flag if flag is not None else before.flag if before else ""
        authors = list(dict.fromkeys(authors))
        memo = replace(memo, author=", ".join(authors), at=change.now, is_private=is_private, flag=flag)
        _put(change, memo)
    return memo


def _put(change: StudyChange, memo: Memo, *, why: str = "") -> None:
    """Stage a memo, and note the SHA-256 of its file: by it strangers see whether it says what was written."""
    data = encode_memo(memo)
    change.put(change.study.layout.memo_of(memo.id), data)
    change.note("memo", {"memo": memo.id, "about": memo.about, "sha256": digest_of(data)}, why=why)


def stage_brought(change: StudyChange, coder: str, memos: Sequence[Memo], news: Memo) -> bool:
    """Stage a memo that a coder wrote outside of the study; what was written here meanwhile stays in front of it.

    Parameters
    ----------
    change, coder
        With what; who wrote it.
    memos
        Those that the study has.
    news
        The memo; its id is found here.

    Returns
    -------
    bool
        Whether anything is new.
    """
    own = [
        one for one in memos if one.about == news.about and bool(one.flag) == bool(news.flag) and one.author == coder
    ]
    present = own[0] if own else None
    name = name_memo(f"{'flag-' if news.flag else ''}{news.about}-{coder}")
    taken = {fold_name(one.id) for one in memos}
    names = (name, *(f"{name}-{number}" for number in range(2, len(taken) + 3)))
    memo_id = present.id if present else next(one for one in names if fold_name(one) not in taken)
    memo = replace(news, id=memo_id, at=change.now, is_private=bool(present and present.is_private))
    if present is not None:
        flag = "settled" if "settled" in {present.flag, news.flag} else news.flag
        text = _join_texts(present.text, news.text)
        if (text, flag) == (present.text, present.flag):
            return False
        memo = replace(memo, text=text, flag=flag)
    _put(change, memo)
    return True


def _join_texts(present: str, news: str) -> str:
    """Return a text that holds what two say; one that goes on where the other ends holds both."""
    if news.strip() in present:
        return present
    return news if news.startswith(present.rstrip()) else f"{present.rstrip()}\n\n{news}"


def put_memo(study: StudyStore, memo: Memo | None, *, saw: Memo | None) -> None:
    """Put an earlier state of a memo in the place of the present one; see :meth:`.Study.put_memo`."""
    either = memo or saw
    if either is None or (memo and saw and memo.id != saw.id) or not _ID.fullmatch(either.id):
        raise StudyError("These are not two states of one memo.", hint="Give the memo as the study gave it out")
    if memo is not None:
        check_about(study, memo.about)
        if "\n" in memo.author + memo.at or memo.flag not in get_args(Flag):
            raise StudyError("This is not a memo of the study.", hint="Give the memo as the study gave it out")
    with study.change() as change:
        present = next((one for one in read_memos(study)[0] if one.id == either.id), None)
        if present != saw:
            raise _tell_changed(either.id, present)
        why = "taken back, or done again"
        if memo is not None:
            _put(change, memo, why=why)
        else:
            change.put(study.layout.memo_of(either.id), None)
            change.note("memo", {"memo": either.id, "about": either.about, "sha256": ""}, why=why)


def name_memo(about: str) -> str:
    """Return the id of a memo that is named after what it is about."""
    return re.sub(r"[^\w-]+", "-", about).strip("-")


def _compose(before: Memo | None, news: Memo, replaces: str) -> Memo:
    """Return the memo as it will be: the new text, or what was there with it."""
    if not replaces:
        return replace(news, text=f"{before.text.rstrip()}\n\n{news.text}") if before else news
    if before is None or before.digest != replaces:
        raise _tell_changed(news.id, before)
    return news


def _tell_changed(memo_id: str, present: Memo | None) -> ConflictError:
    stands = "It is a different one now" if present else "It has been deleted"
    return ConflictError(
        f"The memo “{memo_id}” has changed in the meantime. {stands}.",
        where=f"memo {memo_id}",
        hint="Read it again, then write yours",
        stands=present,
    )


def encode_memo(memo: Memo) -> bytes:
    """Return the file of a memo."""
    head = [f"about: {memo.about}"]
    head += [f"{key}: {value}" for key, value in (("author", memo.author), ("at", memo.at)) if value]
    head += ["private: true"] if memo.is_private else []
    head += [f"flag: {memo.flag}"] if memo.flag else []
    return ("---\n" + "".join(f"{line}\n" for line in head) + f"---\n{memo.text}").encode("utf-8", "surrogatepass")


def decode_memo(memo_id: str, data: bytes) -> Memo:
    """Return a memo from its file; one without a head is about the study.

    Raises
    ------
    UnicodeDecodeError
        If it is not UTF-8.
    """
    text = data.decode("utf-8-sig").replace("\r\n", "\n")
    head = _HEAD.match(text)
    told = dict(line.split(": ", 1) for line in head["lines"].split("\n")[:-1]) if head else {}
    if head is None or "about" not in told:
        return Memo(memo_id, "study", text)
    flag = told.get("flag", "").strip()
    return Memo(
        memo_id, told["about"].strip(), text[head.end() :], told.get("author", "").strip(), told.get("at", "").strip(),
        told.get("private", "").strip().casefold() in _YES, flag if flag in {"open", "settled"} else "",  # type: ignore[arg-type]  # one of the three
    )  # fmt: skip


def read_memos(study: StudyFolder) -> tuple[tuple[Memo, ...], list[Problem]]:
    """Return all memos, by id, and the files that cannot be read."""
    memos, problems = [], []
    for path in study.layout.list_files(study.layout.memos, ".md"):
        try:
            memos.append(decode_memo(path.stem, study.layout.read(path) or b""))
        except (StudyError, UnicodeDecodeError) as error:
            where = study.layout.name_of(path)
            problems.append(Problem(where, "error", "memo", f"The memo cannot be read: {error}.", "Save it as UTF-8"))
    return tuple(memos), problems


def find_written(study: StudyFolder) -> dict[str, str]:
    """Return for each memo that the history knows the SHA-256 of the file that was written last; ``""``: none is left.

    Parameters
    ----------
    study
        The study.

    Returns
    -------
    dict
        By the memo's id. A memo that came without a note, as from another copy, is not in it.

    Examples
    --------
    >>> from qualcode.study import find_written
    >>> study = qualcode.create_study("garden")
    >>> memo = study.memo("study", "Money comes up late.")
    >>> list(find_written(study))
    ['study']
    """
    notes = (note for note in study.notes() if note.get("what") == "memo" and "sha256" in note)
    return {str(note.get("memo")): str(note["sha256"]) for note in notes}


def move_memos(change: StudyChange, transcript_id: str, alignment: Alignment) -> None:
    """Stage what brings memos on passages of a transcript to its corrected text, as near as their words are found."""
    study = change.study
    for memo in read_memos(study)[0]:
        found = _SPAN.fullmatch(memo.about)
        span = parse_span(found["span"]) if found and found["transcript"] == transcript_id else None
        place = alignment.move(span) if span else None
        goal = next((one for one in (place.span, *place.candidates) if one), None) if place else None
        if goal is not None and goal != span:
            moved = replace(memo, about=f"{transcript_id}:{goal.start}-{goal.end}")
            change.put(study.layout.memo_of(memo.id), encode_memo(moved))


def find_memos_on(study: StudyFolder, transcript_id: str, cases: Collection[str] = ()) -> list[Memo]:
    """Return the memos about segments and passages of a transcript, and about some cases."""
    abouts = {f"case:{case}" for case in cases}
    found = read_memos(study)[0]
    return [memo for memo in found if memo.about.rpartition(":")[0] == transcript_id or memo.about in abouts]
