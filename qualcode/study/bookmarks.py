"""Where a coder stopped reading; not part of the study."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from qualcode.errors import StudyError

if TYPE_CHECKING:
    from qualcode.study.store import StudyFolder, StudyStore


def read_bookmark(study: StudyFolder, coder: str) -> str:
    """Return the address of the segment at which a coder stopped; ``""``: nowhere."""
    try:
        return str(json.loads(study.layout.read(study.layout.bookmark_of(coder)) or b"{}").get("at", ""))
    except (ValueError, AttributeError, StudyError):
        return ""


def put_bookmark(study: StudyStore, coder: str, address: str) -> None:
    """Remember where a coder stopped."""
    with study.change() as change:
        change.put(study.layout.bookmark_of(coder), json.dumps({"at": address}).encode())
