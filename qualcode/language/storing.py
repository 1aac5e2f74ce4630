"""The lexicon on disk, so that spaCy is asked about a piece once ever.

One file per language in the user's cache folder. It tells which words occurred in confidential talk, so it is readable
by the user alone. Whatever is wrong with a file, it is as if there were none; a writer replaces it as a whole, and of
two that write at once the later wins, at the cost of asking spaCy again.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import unicodedata
import zlib
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

VARIABLE = "QUALCODE_CACHE"
"""The environment variable that moves the cache folder, or switches it off when it is ``off``."""

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


def cache_folder() -> Path | None:
    """Return the folder of the cache, or ``None`` when it is switched off."""
    chosen = os.environ.get(VARIABLE)
    if chosen:
        return None if chosen.casefold() == "off" else Path(chosen)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "qualcode"


def clear_cache() -> int:
    """Delete all lexicons and return how many there were."""
    folder = cache_folder()
    files = list(folder.glob("lexicon-*")) if folder is not None and folder.is_dir() else []
    for file in files:
        file.unlink(missing_ok=True)
    return len(files)


def load(language: str) -> Stored | None:
    """Return what is stored of a language; ``None`` when nothing is, or it cannot be used."""
    path = _path(language)
    if path is None:
        return None
    try:
        return _unpack(path.read_bytes())
    except (OSError, ValueError):
        return None


def save(language: str, stored: Stored) -> None:
    """Store what is known of a language, with what others have stored since; a failure leaves things as they are."""
    path = _path(language)
    if path is None:
        return
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        others = load(language)
        if others is not None:
            stored = stored._replace(pieces=others.pieces | stored.pieces, chains=others.chains | stored.chains)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix="lexicon-", suffix=".tmp")  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(_pack(stored))
            Path(name).replace(path)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


def _path(language: str) -> Path | None:
    """Return the file of a language; its name tells all that the content depends on."""
    folder = cache_folder()
    if folder is None:
        return None
    versions = [_version(package) for package in ("spacy", "spacy_lookups_data")]
    if "" in versions:
        return None
    key = "\n".join([_FORMAT, language, *versions, unicodedata.unidata_version, *map(str, sys.version_info[:2])])
    return folder / f"lexicon-{language}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.txt"


def _version(package: str) -> str:
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
    body = _SECTION.join(sections).encode("utf-8", "surrogatepass")
    return f"{zlib.crc32(body):08x}\n".encode() + body


def _unpack(data: bytes) -> Stored:
    """Return what bytes hold.

    Raises
    ------
    ValueError
        If they are damaged.
    """
    head, _, body = data.partition(b"\n")
    if int(head, 16) != zlib.crc32(body):
        raise ValueError("the check sum differs")
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
