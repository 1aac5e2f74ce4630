"""What pages and terminals remember for a coder: where reading stopped, and which codes have digits.

It is not part of the study.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from qualcode.errors import CodebookError, StudyError
from qualcode.study.addresses import find_code

if TYPE_CHECKING:
    from qualcode.study.store import StudyFolder, StudyStore


def read_bookmark(study: StudyFolder, coder: str) -> str:
    """Return the address of the segment at which a coder stopped; ``""``: nowhere."""
    try:
        return str(json.loads(study.layout.read(study.layout.bookmark_of(coder)) or b"{}").get("at", ""))
    except (ValueError, AttributeError, RecursionError, StudyError):
        return ""


N_DIGITS = 9
"""Digits to which codes can be pinned: 1 to 9."""


def find_pins(study: StudyStore, coder: str) -> tuple[str, ...]:
    """Return the codes on the digits of a coder, from now on; see :meth:`.Study.pins`."""
    pins = _fill_pins(study, _read_pins(study, coder))
    if pins != _read_pins(study, coder):
        with contextlib.suppress(StudyError), study.change() as change:  # in a folder that cannot be written, for now
            pins = _fill_pins(study, _read_pins(study, coder))
            change.put(study.layout.pins_of(coder), json.dumps(pins).encode())
    return (*pins, *[""] * (N_DIGITS - len(pins)))


def _fill_pins(study: StudyFolder, pins: list[str]) -> list[str]:
    """Return what is on the digits with codes on those that nobody has decided on yet."""
    with contextlib.suppress(CodebookError, StudyError):  # without a codebook, there is nothing to pin
        leaves = [one.id for one in study.codebook.walk() if not one.codes and not one.is_retired]
        return [*pins, *[one for one in leaves if one not in pins][: N_DIGITS - len(pins)]]
    return pins


def _read_pins(study: StudyFolder, coder: str) -> list[str]:
    """Return what is on the digits; the list ends where nobody has decided anything yet."""
    try:
        told = json.loads(study.layout.read(study.layout.pins_of(coder)) or b"[]")
    except (ValueError, RecursionError, StudyError):
        told = []
    return [one if isinstance(one, str) else "" for one in told[:N_DIGITS]] if isinstance(told, list) else []


def pin_code(study: StudyStore, coder: str, digit: int, code: str) -> tuple[str, ...]:
    """Pin a code to a digit, or free the digit; see :meth:`.Study.pin_code`."""
    coder = study.check_coder(coder)
    if not 1 <= digit <= N_DIGITS:
        raise StudyError(f"A code cannot be pinned to {digit}.", hint="Take a digit from 1 to 9")
    wanted = find_code(study.codebook, code) if code else ""
    with study.change() as change:
        present = _fill_pins(study, _read_pins(study, coder))
        present += [""] * (N_DIGITS - len(present))
        pins = ["" if one == wanted else one for one in present]  # a code has one digit
        pins[digit - 1] = wanted
        change.put(study.layout.pins_of(coder), json.dumps(pins).encode())
    return tuple(pins)


def put_bookmark(study: StudyStore, coder: str, address: str) -> None:
    """Remember where a coder stopped."""
    with study.change() as change:
        change.put(study.layout.bookmark_of(coder), json.dumps({"at": address}).encode())
