"""Whose talk carries a code: a code of what interviewees say is not looked for in questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_RARE = 0.05


def find_roles(asking: Collection[bool]) -> frozenset[bool]:
    """Return in whose talk a code may be: of interviewers (``True``), of interviewees (``False``), or of both.

    Parameters
    ----------
    asking
        For each segment that carries the code whether it is interviewer talk. Without any, the code is one of
        interviewees; a role in which fewer than one in twenty are found has them by accident.

    Examples
    --------
    >>> find_roles([False] * 30 + [True]), find_roles([])
    (frozenset({False}), frozenset({False}))
    """
    share = sum(asking) / len(asking) if asking else 0.0
    return frozenset(role for role, has in ((True, share), (False, 1 - share)) if has >= _RARE)
