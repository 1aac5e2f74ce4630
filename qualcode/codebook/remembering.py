"""Which versions of codebooks have the right shape, so that each is shown to pydantic once.

Pydantic takes longer to load than four interviews to tag. What is kept are digests of files without a mistake in their
shape; everything else about a codebook is read and checked each time.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from qualcode.caching import read_cached, write_cached

_N_KEPT = 200
_SOURCES = ("fields.py", "regexes.py", "rules.py", "shapes.py")
"""The modules that say what the right shape is; when one changes, nothing is remembered."""


def is_known(digest: str) -> bool:
    """Tell whether the shape of a file with this SHA-256 was found right before."""
    return digest in _read()


def remember(digest: str) -> None:
    """Keep that the shape of a file with this SHA-256 is right."""
    kept = [*(known for known in _read() if known != digest), digest][-_N_KEPT:]
    write_cached(_name(), "\n".join(kept).encode())


def _read() -> list[str]:
    return (read_cached(_name()) or b"").decode("ascii", "replace").split("\n")


@cache
def _name() -> str:
    here = Path(__file__).parent
    rules = hashlib.sha256(b"".join((here / source).read_bytes() for source in _SOURCES)).hexdigest()
    return f"codebooks-{rules[:16]}.txt"
