"""The codebook of a study grows: the file and all codings that a change touches, in one step."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from qualcode.errors import CodebookError
from qualcode.model import COUNTED_VERDICTS
from qualcode.study.events import Change, key_of
from qualcode.study.files import Transaction, digest_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from qualcode.codebook.editing import Edit
    from qualcode.model import Coding
    from qualcode.study.events import History
    from qualcode.study.study import Study


@dataclass(frozen=True, slots=True)
class EditReport:
    """What a change of the codebook does, or has done, to a study.

    Attributes
    ----------
    change
        What it is, in a sentence.
    touched
        Per coder, how many codings with the codes that it touches there are.
    recoded
        Per coder, how many get another code.
    undecided
        Ids of codes whose codings a person has to share out.
    """

    change: str
    touched: Mapping[str, int]
    recoded: Mapping[str, int]
    undecided: tuple[str, ...]


def preview_edit(study: Study, edit: Edit) -> EditReport:
    """Return what a change of the codebook would do to how many codings in whose sheets."""
    touched: dict[str, int] = {}
    recoded: dict[str, int] = {}
    for coder in study.coders():
        codings = [coding for sheet in study.sheets([coder])[0] for coding in sheet.codings]
        n_touched = sum(coding.code in edit.touched for coding in codings)
        n_recoded = sum(coding.code in edit.mapping for coding in codings)
        if n_touched:
            touched[coder] = n_touched
        if n_recoded:
            recoded[coder] = n_recoded
    return EditReport(edit.change, touched, recoded, edit.undecided)


def edit_codebook(study: Study, make: Callable[[str, str], Edit]) -> EditReport:
    """Change the codebook of a study, and the codings that get another code, all or nothing.

    Parameters
    ----------
    study
        Which study.
    make
        Makes the change of the codebook's text and file name; see :mod:`qualcode.codebook.editing`.

    Raises
    ------
    CodebookError
        If the change cannot be made, or the file was changed meanwhile.
    """
    path = study.root / "codebook.yaml"
    with ExitStack() as locks:
        locks.enter_context(study.lock("study"))
        for coder in study.coders():
            locks.enter_context(study.lock(coder))
        before = path.read_bytes()
        edit = make(before.decode("utf-8"), path.name)
        report = preview_edit(study, edit)
        change = Transaction(study.root)
        change.put(path, edit.text.encode("utf-8"))
        for coder, name in study.sheet_ids():
            if edit.mapping:
                study.stage(
                    change, coder, name, "recode",
                    changes=lambda history: _recode(history, edit.mapping),
                    why=f"{edit.change} {edit.because}".strip(),
                )  # fmt: skip
        note = {"from": digest_of(before), "codebook": digest_of(edit.text.encode("utf-8")), "change": edit.change}
        study.put_note(change, "codebook", note, why=edit.because)
        if path.read_bytes() != before:
            raise CodebookError("The codebook was changed in the meantime.", where=path.name, hint="Do it again.")
        change.commit()
        study.forget()
    return report


def _recode(history: History, mapping: Mapping[str, str]) -> tuple[Change, ...]:
    """Return the changes that give codings their new code; of two in one place, the one that counts stays."""
    present = {key_of(coding): coding for coding in history.codings}
    changes = []
    for coding in history.codings:
        if coding.code not in mapping:
            continue
        after = replace(coding, code=_follow(coding.code, mapping))
        other = present.get(key_of(after))
        versions = (*history.live(key_of(coding)), *history.live(key_of(after)))
        changes.append(Change(versions, coding, _prefer(other, after) if other else after))
        present[key_of(after)] = _prefer(other, after) if other else after
    return tuple(changes)


def _follow(code: str, mapping: Mapping[str, str]) -> str:
    """Return where a code ends up; merged codes may have been merged again."""
    for _ in range(len(mapping)):
        if code not in mapping:
            break
        code = mapping[code]
    return code


def _prefer(one: Coding, other: Coding) -> Coding:
    return other if other.verdict in COUNTED_VERDICTS and one.verdict not in COUNTED_VERDICTS else one


def diff_touched(study: Study, codes: Mapping[str, str]) -> list[dict[str, object]]:
    """Return how many codings of each coder a difference between codebooks touches.

    Parameters
    ----------
    study
        Which study.
    codes
        For each id that differs, how.
    """
    rows: list[dict[str, object]] = []
    sheets, _ = study.sheets()
    for code, how in codes.items():
        for coder in study.coders():
            n_codings = sum(one.code == code for sheet in sheets if sheet.coder == coder for one in sheet.codings)
            if n_codings:
                rows.append({"code": code, "change": how, "coder": coder, "codings": n_codings})
    return rows
