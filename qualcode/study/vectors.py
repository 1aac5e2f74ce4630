"""Vectors of a study's segments, worked out once: kept in its private folder, and left by what is no longer there.

Whoever deletes them loses time and nothing else. What cannot be read, or is of other texts, is worked out again.
"""

from __future__ import annotations

import json
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING

from qualcode.atomic import make_folder, replace_file
from qualcode.errors import StudyError
from qualcode.study.store import digest_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from qualcode.learning import Encoder, Vectors
    from qualcode.model import Span, Transcript
    from qualcode.study.store import StudyStore

_DIGITS = 16
_CODEBOOK = "codebook"


class SegmentVectors:
    """Vectors of the segments that somebody reads.

    Parameters
    ----------
    study
        Which study.
    encoder
        What makes them.
    """

    def __init__(self, study: StudyStore, encoder: Encoder) -> None:
        self.layout, self.encoder = study.layout, encoder
        self._folder = study.layout.private / "vectors"

    def of(self, transcript: Transcript, spans: Sequence[Span]) -> dict[Span, Vectors]:
        """Return the vectors of some passages of a transcript.

        They are made together, always in this order: so their last bits depend on the transcript alone, and not on what
        else was read or kept.

        Parameters
        ----------
        transcript
            Which.
        spans
            Which passages; the same may be among them again.
        """
        wanted = list(dict.fromkeys(spans))
        found = self._keep(transcript.digest[:_DIGITS], [transcript.quote(span) for span in wanted])
        return dict(zip(wanted, found, strict=True))

    def of_codebook(self, texts: Sequence[str]) -> Vectors:
        """Return the vectors of what a codebook says; those of an earlier codebook go."""
        return self._keep(_CODEBOOK, texts)

    def _keep(self, whose: str, texts: Sequence[str]) -> Vectors:
        key = digest_of(json.dumps([self.encoder.name, *texts]).encode())
        path = self._folder / f"{whose}-{key[:_DIGITS]}.bin"
        found = self._read(path, key, len(texts))
        if found is None:
            found = self.encoder.encode(texts)
            self._write(path, key, found)
            for other in self.layout.list_files(self._folder, ".bin"):
                if whose == _CODEBOOK and other.name.startswith(whose) and other != path:
                    _delete(other)
        return found

    def _read(self, path: Path, key: str, n_rows: int) -> Vectors | None:
        import numpy as np

        try:
            head, _, body = (self.layout.read(path) or b"").partition(b"\n")
            flat = np.frombuffer(body, "<f4")
            rows: Vectors = flat.reshape(n_rows, -1) if n_rows else flat.reshape(0, 0)
        except (StudyError, ValueError):
            return None
        return rows if head == _head_of(key, body) else None

    def _write(self, path: Path, key: str, vectors: Vectors) -> None:
        body = vectors.astype("<f4").tobytes()
        if self.layout.is_led_away(path):
            return
        with suppress(OSError):  # a folder that cannot be written costs time only
            make_folder(path.parent)
            replace_file(path, _head_of(key, body) + b"\n" + body)


def leave_vectors(study: StudyStore, digests: Collection[str]) -> None:
    """Delete the vectors of texts that the study no longer has.

    Parameters
    ----------
    study
        Which study.
    digests
        Those of the transcripts it has.
    """
    present = {one[:_DIGITS] for one in digests} | {_CODEBOOK}
    for path in study.layout.list_files(study.layout.private / "vectors", ".bin"):
        if path.name.partition("-")[0] not in present:
            _delete(path)


def _delete(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _head_of(key: str, body: bytes) -> bytes:
    return f"{key} {zlib.crc32(body):08x}".encode()
