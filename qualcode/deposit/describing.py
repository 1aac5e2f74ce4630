"""What an archive says of itself: BagIt (RFC 8493), RO-Crate 1.1, and the fields of DataCite 4.5.

The two formats are small and their libraries read the clock and the network, so that they are written here; tests
validate them with the libraries where these are installed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from mimetypes import guess_type
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from qualcode import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

CRATE = "data/ro-crate-metadata.json"
DATACITE = "data/datacite.json"
TO_FILL_IN = ":tba"
"""What DataCite has for what is not known yet."""

_TYPES = {
    ".jsonl": "application/jsonl",
    ".yaml": "application/yaml",
    ".md": "text/markdown",
    ".qdpx": "application/zip",
}
_OFFICE = "application/vnd.openxmlformats-officedocument"
_TYPES |= {".docx": f"{_OFFICE}.wordprocessingml.document", ".xlsx": f"{_OFFICE}.spreadsheetml.sheet"}
_TYPES |= {".csv": "text/csv", ".json": "application/json", ".txt": "text/plain", ".svg": "image/svg+xml"}
_TYPES |= {".html": "text/html", ".pdf": "application/pdf", ".png": "image/png", ".tex": "application/x-tex"}


@dataclass(frozen=True, slots=True)
class About:
    """What people say of a deposit; what is empty is still to be filled in.

    Attributes
    ----------
    title
        Of the study.
    creators
        Names, family name first.
    licence
        A name or address, such as ``https://creativecommons.org/licenses/by/4.0/``.
    access
        Who may have it, and how.
    description
        What it is.
    date
        Of the last change of the study, as ``2026-11-28``.
    language
        Of the material.
    """

    title: str
    creators: tuple[str, ...] = ()
    licence: str = ""
    access: str = ""
    description: str = ""
    date: str = ""
    language: str = ""

    @property
    def open(self) -> list[str]:
        """The names of what is still to be filled in."""
        values = {"creator": self.creators, "licence": self.licence, "access": self.access}
        return [name for name, value in (values | {"description": self.description}).items() if not value]


def seal(payload: Mapping[str, bytes], about: About) -> dict[str, bytes]:
    """Return the files of an archive: the payload, what describes it, and the checksums of all.

    Parameters
    ----------
    payload
        Bytes by names that begin with ``data/``.
    about
        What people say of it.
    """
    files = {**payload, DATACITE: _encode(_describe_datacite(payload, about))}
    files[CRATE] = _encode(_describe_crate(files, about))
    size = sum(map(len, files.values()))
    info = [
        ("Bag-Software-Agent", f"qualcode {__version__}"),
        ("Bagging-Date", about.date),
        ("External-Description", about.description or about.title),
        ("Payload-Oxum", f"{size}.{len(files)}"),
    ]
    tags = {
        "bag-info.txt": "".join(f"{name}: {' '.join(value.split())}\n" for name, value in info if value).encode(),
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "manifest-sha256.txt": list_checksums(files),
    }
    return {**files, **tags, "tagmanifest-sha256.txt": list_checksums(tags)}


def list_checksums(files: Mapping[str, bytes]) -> bytes:
    """Return a manifest of BagIt: a SHA-256 and a name a line, in the order of the names."""
    lines = (f"{hashlib.sha256(data).hexdigest()}  {_escape(name)}\n" for name, data in sorted(files.items()))
    return "".join(lines).encode("utf-8", "surrogatepass")


def _escape(name: str) -> str:
    """Return a name as a manifest has it, in which line ends would begin another line."""
    return name.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def read_checksums(manifest: bytes) -> dict[str, str]:
    """Return the checksum of each file that a manifest names; what is no line of one is passed over."""
    found = {}
    for line in manifest.decode("utf-8", "replace").splitlines():
        checksum, _, name = line.partition(" ")
        if name.strip():
            name = name.strip().removeprefix("*").replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
            found[name] = checksum.lower()
    return found


def media_type(name: str) -> str:
    """Return what kind of file a name is of."""
    ending = PurePosixPath(name).suffix.lower()
    return _TYPES.get(ending) or guess_type(name, strict=True)[0] or "application/octet-stream"


def _describe_crate(files: Mapping[str, bytes], about: About) -> dict[str, Any]:
    inside = {name.removeprefix("data/"): data for name, data in sorted(files.items())}
    people = [
        {"@id": f"#person-{place}", "@type": "Person", "name": one} for place, one in enumerate(about.creators, 1)
    ]
    parts = [
        {
            "@id": quote(name),
            "@type": "File",
            "contentSize": str(len(data)),
            "encodingFormat": media_type(name),
            "name": name,
            "sha256": hashlib.sha256(data).hexdigest(),
        }
        for name, data in inside.items()
    ]
    authors = [{"@id": one["@id"]} for one in people]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "author": authors[0] if len(authors) == 1 else authors,
        "conditionsOfAccess": about.access or TO_FILL_IN,
        "datePublished": about.date,
        "description": about.description or about.title,
        "hasPart": [{"@id": one["@id"]} for one in parts],
        "license": {"@id": about.licence} if is_web_address(about.licence) else about.licence or TO_FILL_IN,
        "name": about.title,
    }
    licence = [{"@id": about.licence, "@type": "CreativeWork", "name": about.licence}] * is_web_address(about.licence)
    head = {
        "@id": "ro-crate-metadata.json",
        "@type": "CreativeWork",
        "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
    }
    return {"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": [head, root, *licence, *people, *parts]}


def is_web_address(text: str) -> bool:
    """Tell whether a text is an address that can be followed."""
    return text.startswith(("https://", "http://")) and not any(mark.isspace() for mark in text)


def _describe_datacite(payload: Mapping[str, bytes], about: About) -> dict[str, Any]:
    uri = {"rightsUri": about.licence} if is_web_address(about.licence) else {}
    return {
        "contributors": [],
        "creators": [{"name": one, "nameType": "Personal"} for one in about.creators or (TO_FILL_IN,)],
        "dates": [{"date": about.date, "dateType": "Updated"}] if about.date else [],
        "descriptions": [{"description": about.description or TO_FILL_IN, "descriptionType": "Abstract"}],
        "formats": sorted({media_type(name) for name in payload}),
        "identifiers": [{"identifier": TO_FILL_IN, "identifierType": "DOI"}],
        "language": about.language.partition(",")[0] or "und",  # one, the first being that of most transcripts
        "publicationYear": about.date[:4] or TO_FILL_IN,
        "publisher": {"name": TO_FILL_IN},
        "rightsList": [{"rights": about.licence or TO_FILL_IN, **uri}],
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "sizes": [f"{len(payload)} files", f"{sum(map(len, payload.values()))} bytes"],
        "subjects": [{"subject": "qualitative research"}],
        "titles": [{"title": about.title}],
        "types": {"resourceType": "Qualitative interview study", "resourceTypeGeneral": "Dataset"},
        "version": "1",
    }


def _encode(value: Any) -> bytes:
    return f"{json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)}\n".encode("utf-8", "replace")
