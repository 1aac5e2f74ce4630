"""XML from strangers is refused if it declares a document type or entities: attacks use these, documents never do.

The bytes are checked, whatever reads them afterwards. An encoding in which they say nothing by themselves is refused as
well.
"""

from __future__ import annotations

import re

_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([^"'>]*)""")
_READABLE = frozenset({b"utf-8", b"utf8", b"utf-16", b"utf-16le", b"utf-16be", b"us-ascii", b"ascii"}) | frozenset(
    {b"iso-8859-1", b"iso-8859-15", b"latin1", b"windows-1252", b"cp1252"}
)
_BEGINNING = re.compile(rb"[\0\s\xef\xbb\xbf\xff\xfe]*<|\x4c\x6f\xa7\x94")
_EBCDIC = b"\x4c\x6f\xa7\x94"
# ``<?xm`` in the encoding of mainframes, which parsers know by these bytes.


def find_declaration(data: bytes) -> str:
    """Return what an XML part declares that it must not, to stand behind its name; ``""`` when there is nothing.

    Examples
    --------
    >>> find_declaration("<?xml version='1.0'?><!DOCTYPE a><a/>".encode("utf-16-le"))
    'declares a document type or entities'
    >>> find_declaration(b"<?xml version='1.0' encoding='UTF-7'?>+ADwAIQ-DOCTYPE a>")
    'is in the encoding UTF-7, which no document uses'
    >>> find_declaration(b"<a/>")
    ''
    """
    plain = data.replace(b"\0", b"") if b"\0" in data else data  # UTF-16 or UTF-32, with a byte-order mark or without
    if plain.startswith(_EBCDIC):
        return "is in the encoding EBCDIC, which no document uses"
    named = _ENCODING.search(plain, 0, 1000)
    if named is not None and named[1].lower() not in _READABLE:
        return f"is in the encoding {named[1].decode('ascii', 'replace')[:20]}, which no document uses"
    # The exclamation mark is rare, and what begins with it is found much faster than what begins with a bracket.
    found = any(mark in plain and b"<" + mark in plain for mark in (b"!DOCTYPE", b"!ENTITY"))
    return "declares a document type or entities" if found else ""


def may_be_xml(name: str, data: bytes) -> bool:
    """Tell whether a part of a package may be read as XML: by its name, or by how it begins, whatever its name."""
    return name.endswith((".xml", ".rels")) or _BEGINNING.match(data) is not None
