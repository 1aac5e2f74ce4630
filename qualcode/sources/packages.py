"""Zip packages (DOCX and its kin): looked over before anything in them is unpacked."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from dataclasses import dataclass
from lzma import LZMAError
from typing import TYPE_CHECKING

from qualcode.entities import find_declaration, may_be_xml
from qualcode.errors import SourceError
from qualcode.sources.files import recognise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lxml import etree

MAX_PART_BYTES = 40_000_000
"""Largest part that is unpacked: some 5,000 pages of Word's XML."""

MAX_TOTAL_BYTES = 2_000_000_000
MAX_MEMBERS = 20_000
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_MAX_RATIO = 250
_RATIO_FROM_BYTES = 5_000_000
_AGAIN = "Open it in the program that made it and save it again"

# Strict OOXML differs from the common form in the names of its namespaces; these parts of them are enough.
_STRICT = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    (b"http://purl.oclc.org/ooxml/officeDocument/math", b"http://schemas.openxmlformats.org/officeDocument/2006/math"),
    (b"http://purl.oclc.org/ooxml/drawingml/main", b"http://schemas.openxmlformats.org/drawingml/2006/main"),
)  # fmt: skip


class Package:
    """The parts of a zip package.

    Parameters
    ----------
    data
        The file's bytes.
    where
        The file's path, for error texts.
    kind
        What the file should be, such as ``a Word document``.
    max_part_bytes
        Size above which a part is not unpacked.

    Raises
    ------
    SourceError
        If it is no zip archive, is encrypted, or would unpack to more than any transcript holds.
    """

    def __init__(self, data: bytes, where: str, kind: str, *, max_part_bytes: int = MAX_PART_BYTES) -> None:
        self.where = where
        self._max_part_bytes = max_part_bytes
        if not data.startswith(b"PK") and (other := recognise(data)):
            what, hint = other
            raise SourceError(f"This is not {kind}: it is {what}.", where, hint)
        try:
            self._archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
            message = f"This is not {kind}: it is not a zip archive, or it is damaged."
            raise SourceError(message, where, f"{_AGAIN}, or download it again") from error
        self._check()

    def _check(self) -> None:
        members = self._archive.infolist()
        if len(members) > MAX_MEMBERS:
            message = f"The file holds {len(members):,} parts, more than any document."
            raise SourceError(message, self.where, _AGAIN)
        if sum(member.file_size for member in members) > MAX_TOTAL_BYTES:
            raise SourceError("The file would unpack to more than 2 GB.", self.where, _AGAIN)
        for member in members:
            ratio = member.file_size / max(member.compress_size, 1)
            if member.file_size > _RATIO_FROM_BYTES and ratio > _MAX_RATIO:
                message = f"The file is a zip bomb: {member.filename} would unpack to {ratio:,.0f} times its size."
                raise SourceError(message, self.where, _AGAIN)

    @property
    def names(self) -> list[str]:
        """The names of all parts."""
        return self._archive.namelist()

    def has(self, name: str) -> bool:
        """Tell whether there is a part of that name."""
        try:
            self._archive.getinfo(name)
        except KeyError:
            return False
        return True

    def read(self, name: str) -> bytes:
        """Return a part's bytes.

        Raises
        ------
        SourceError
            If it is missing, damaged, encrypted or too large.
        """
        try:
            member = self._archive.getinfo(name)
        except KeyError as error:
            raise SourceError(f"The file has no part {name}.", self.where, _AGAIN) from error
        if member.file_size > self._max_part_bytes:
            message = f"{name} unpacks to {member.file_size / 1e6:,.0f} MB, more than any transcript."
            raise SourceError(message, self.where, "Split the document into parts")
        if member.flag_bits & 1:
            raise SourceError("The file is encrypted with a password.", self.where, "Remove the password first")
        try:
            return self._archive.read(member)
        except (zipfile.BadZipFile, zlib.error, LZMAError, OSError, ValueError, EOFError, NotImplementedError) as error:
            raise SourceError(f"{name} in the file is damaged.", self.where, _AGAIN) from error

    def refuse_declarations(self) -> None:
        """Look into all XML parts, for a library that reads the package without looking.

        Raises
        ------
        SourceError
            If one is damaged or too large, or declares a document type or entities.
        """
        for name in self.names:
            data = self.read(name)
            if may_be_xml(name, data):
                self._refuse_declarations(name, data)

    def _refuse_declarations(self, name: str, data: bytes) -> None:
        if declared := find_declaration(data):
            raise SourceError(f"{name} {declared}.", self.where, _AGAIN)

    def parse(self, name: str) -> etree._Element:
        """Return the root of a part's XML.

        Raises
        ------
        SourceError
            If it is no XML, or declares entities, which no document of ours needs and attacks are made of.
        """
        from lxml import etree

        data = self.read(name)
        self._refuse_declarations(name, data)
        if b"purl.oclc.org/ooxml" in data:
            for strict, common in _STRICT:
                data = data.replace(strict, common)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            root = etree.fromstring(data, parser)
        except etree.XMLSyntaxError as error:
            place = f"line {error.lineno}, column {error.offset}" if error.lineno else "its start"
            reason = error.msg.partition(", line ")[0]  # of an end tag it says the line twice
            message = f"{name} is not well-formed XML: {reason} at {place}."
            raise SourceError(message, self.where, _AGAIN) from error
        return root


@dataclass(frozen=True, slots=True)
class Relationship:
    """A part that another part of a package leads to: its id there, what it is, and its name in the package."""

    id: str
    kind: str
    target: str


def relationships(package: Package, part: str) -> Iterator[Relationship]:
    """Yield the parts within the package that a part leads to; ``""`` is the package itself.

    Raises
    ------
    SourceError
        If the listing is damaged.
    """
    folder, name = posixpath.split(part)
    listing = posixpath.join(folder, "_rels", f"{name}.rels")
    if not package.has(listing):
        return
    for found in package.parse(listing).iter(_RELATIONSHIP):
        if found.get("TargetMode") != "External":
            kind = found.get("Type", "").rpartition("/")[2]
            target = posixpath.normpath(posixpath.join("/", folder, found.get("Target", ""))).lstrip("/")
            yield Relationship(found.get("Id", ""), kind, target)


def main_part(package: Package) -> str:
    """Return the name of the part that holds the text: usually, not always, ``word/document.xml``.

    Raises
    ------
    SourceError
        If there is none.
    """
    for found in relationships(package, ""):
        if found.kind == "officeDocument":
            return found.target
    if package.has("word/document.xml"):
        return "word/document.xml"
    raise SourceError("The zip archive holds no Word document.", package.where, "Save it from Word as .docx")
