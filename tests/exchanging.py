"""Projects of other programs that tests read: real ones, and small ones built in code."""

from __future__ import annotations

import hashlib
import unicodedata
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qualcode.exchange import Project
    from qualcode.study import Study

DATA = Path(__file__).parent / "data" / "exchange"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

DIGEST = "fea5e8dfee4aa0adbdbf95d70071fbdc3ebfbb1c03efa06539d836162cd4bb8f"
"""Of the one project that all shapes and programs hold; see the SOURCE.md of each folder."""


def digest_of(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the digest of pairs of a quote and a code's path, as the SOURCE.md files have it."""
    return hashlib.sha256("\n".join(sorted(f"{quote}\t{path}" for quote, path in pairs)).encode()).hexdigest()


def digest_project(project: Project, *, join: str = " > ") -> str:
    """Return the digest of a project's codings."""
    return digest_of((quote, join.join(path)) for quote, path in project.quotes())


def digest_study(study: Study) -> str:
    """Return the digest of all codings in a study, by the names of their codes."""
    names = {code.id: code.name for code in study.codebook.walk()}
    paths = {one: " > ".join(names[part] for part in study.codebook.path(one).split("/")) for one in names}
    sheets, problems = study.sheets()
    assert problems == []
    return digest_of((coding.quote, paths[coding.code]) for sheet in sheets for coding in sheet.codings)


def nfc(text: str) -> str:
    """Return a text in NFC."""
    return unicodedata.normalize("NFC", text)


HEAD = '<?xml version="1.0" encoding="utf-8"?>\n'


def write_qdpx(
    path: Path,
    body: str,
    texts: dict[str, str | bytes] | None = None,
    *,
    origin: str = "Test",
    name: str = "project.qde",
) -> Path:
    """Write a REFI-QDA project with what stands inside its root, and its texts by file name."""
    xml = f'{HEAD}<Project xmlns="urn:QDA-XML:project:1.0" name="Small" origin="{origin}">{body}</Project>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, xml)
        for file, text in (texts or {}).items():
            archive.writestr(f"sources/{file}", text)
    return path


USERS = '<Users><User guid="u1" name="ana"/><User guid="u2" name="ben"/></Users>'
CODES = (
    '<CodeBook><Codes><Code guid="c1" name="Challenges" isCodable="true"><Code guid="c2" name="Scheduling" '
    'isCodable="true"/></Code><Code guid="c3" name="Praise" isCodable="true"/></Codes></CodeBook>'
)


def selection(guid: str, start: int, end: int, code: str = "c1", *, user: str = "u1", note: str = "") -> str:
    """Return a selection with one coding."""
    told = f"<Description>{note}</Description>" if note else ""
    return (
        f'<PlainTextSelection guid="{guid}" startPosition="{start}" endPosition="{end}">{told}'
        f'<Coding guid="{guid}-c" creatingUser="{user}"><CodeRef targetGUID="{code}"/></Coding></PlainTextSelection>'
    )


def source(selections: str, *, guid: str = "s1", name: str = "P1") -> str:
    """Return the sources of a project with one text."""
    head = f'<TextSource guid="{guid}" name="{name}" plainTextPath="internal://{name}.txt">'
    return f"<Sources>{head}{selections}</TextSource></Sources>"
