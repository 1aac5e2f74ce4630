"""The lexicon on disk, so that spaCy is asked about a piece once ever.

One file per language in the user's cache folder (see :mod:`qualcode.caching`). It tells which words occurred in
confidential talk, so it is readable by the user alone. Of two that write at once the later wins, at the cost of asking
spaCy again.
"""

from __future__ import annotations

import hashlib
import sys
import unicodedata
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from qualcode.caching import cache_folder, read_cached, write_cached
from qualcode.language.normal_form import NORMAL_FORM
from qualcode.language.pipelines import ENGLISH_LEMMAS

_FORMAT = "1"
_SECTION = "\n\x1d\n"
_N_SECTIONS = 5


class Stored(NamedTuple):
    """What a file holds.

    Attributes
    ----------
    pieces
        Piece to what spaCy made of it, packed.
    chains
        Pieces with blanks between them, and whether spaCy takes them otherwise than one by one.
    pairs, spaced
        Of the tokenizer's special cases: forms side by side in one, and those that hold a blank.
    """

    pieces: dict[str, str]
    chains: dict[str, bool]
    pairs: frozenset[tuple[str, str]]
    spaced: tuple[str, ...]


def load(language: str) -> Stored | None:
    """Return what is stored of a language; ``None`` when nothing is, or it cannot be used."""
    name = _name(language)
    body = read_cached(name) if name else None
    if body is None:
        return None
    try:
        return _unpack(body)
    except ValueError:
        return None


def save(language: str, stored: Stored) -> None:
    """Store what is known of a language, with what others have stored since; a failure leaves things as they are."""
    name = _name(language)
    if not name or cache_folder() is None:
        return
    others = load(language)
    if others is not None:
        stored = stored._replace(pieces=others.pieces | stored.pieces, chains=others.chains | stored.chains)
    write_cached(name, _pack(stored))


def tell_sources() -> list[str]:
    """Return what tokens and lemmas come from, each with its version; ``""`` for a package that is not installed."""
    return [tell_version("spacy"), ENGLISH_LEMMAS, tell_version("spacy_lookups_data")]


def _name(language: str) -> str:
    """Return the name of a language's file, which tells all that the content depends on; ``""`` without spaCy."""
    versions = tell_sources()
    if not versions[0]:
        return ""
    key = "\n".join(
        [_FORMAT, NORMAL_FORM, language, *versions, unicodedata.unidata_version, *map(str, sys.version_info[:2])]
    )
    return f"lexicon-{language}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.txt"


def tell_version(package: str) -> str:
    """Return the version of an installed package, or ``""``."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        return ""
    # The name of its folder of metadata tells; to load importlib.metadata takes as long as a short job.
    found = sorted(path.name for path in Path(spec.origin).parents[1].glob(f"{package}-*-info"))
    if len(found) == 1:
        return found[0]
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _pack(stored: Stored) -> bytes:
    pieces = sorted(stored.pieces.items())
    sections = (
        "\n".join(piece for piece, _ in pieces),
        "\n".join(packed for _, packed in pieces),
        "\n".join(f"{chain}\x1f{int(differs)}" for chain, differs in sorted(stored.chains.items())),
        "\n".join("\x1f".join(pair) for pair in sorted(stored.pairs)),
        "\n".join(stored.spaced),
    )
    return _SECTION.join(sections).encode("utf-8", "surrogatepass")


def _unpack(body: bytes) -> Stored:
    """Return what bytes hold.

    Raises
    ------
    ValueError
        If they are damaged.
    """
    sections = body.decode("utf-8", "surrogatepass").split(_SECTION)
    if len(sections) != _N_SECTIONS:
        raise ValueError("sections are missing")
    pieces, packed, chains, pairs, spaced = (section.split("\n") if section else [] for section in sections)
    if not pieces:
        packed = []
    elif not packed:
        packed = [""]
    return Stored(
        dict(zip(pieces, packed, strict=True)),
        {chain: differs == "1" for chain, differs in (line.split("\x1f") for line in chains)},
        frozenset((left, right) for left, right in (line.split("\x1f") for line in pairs)),
        tuple(spaced),
    )
