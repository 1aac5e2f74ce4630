"""How much of a code is found, at least: the bound of a check, its price, and the segments to read next."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.model import RULES_CODER
from qualcode.reviewing import Item
from qualcode.study import find_code
from qualcode.surface.asking import Answer, Data, take_text
from qualcode.surface.learned import find_family, show_held

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.surface.room import Room

_SHOWN = 10
_SEEDS = 1_000_000


def tell_recall(room: Room, data: Data) -> Answer:
    """Return how much of a code is found, at least, what a wished share costs, and what to read next of the check."""
    code = find_code(room.study.codebook, take_text(data, "code"))
    if room.coder not in room.study.coders():
        raise StudyError("You have coded nothing yet.", hint="Read and code some turns first")
    found = room.study.recall(room.coder, code, target=_take_target(data))
    items = [Item(*address.rsplit(":", 1)) for address in found.upcoming[:_SHOWN]] if found.n_checks else []
    _hold(room, code, items)
    return {
        **found.record(), "checks": found.n_checks, "confidence": round(100 * found.confidence, 2),
        "outside": found.outside, "said": str(found).splitlines(),
        "rows": [show_held(room, item, code) for item in items], "tenths": room.tenths.tell(_list_of(code)),
    }  # fmt: skip


def _list_of(code: str) -> str:
    return f"check of {code}"


def _hold(room: Room, code: str, items: Sequence[Item]) -> None:
    """Hide what rules suggest on every tenth segment of a check until it is read, wherever the page shows it."""
    family = find_family(room.study.codebook, code)
    suggested = {}
    for item in items:
        span = room.study.segment(item.address)[1].span
        found = room.study.codings_in(RULES_CODER, item.transcript, span)
        suggested[item] = any(one.code in family for one in found)
    room.tenths.hold(_list_of(code), suggested, family)


def _take_target(data: Data) -> int | None:
    target = data.get("target")
    return target if isinstance(target, int) else None


def draw_check(room: Room, data: Data) -> Answer:
    """Draw a check of a code and write it down."""
    code = find_code(room.study.codebook, take_text(data, "code"))
    target = _take_target(data)
    room.study.draw_check(room.coder, code, target=95 if target is None else target, seed=secrets.randbelow(_SEEDS))
    return tell_recall(room, data)
