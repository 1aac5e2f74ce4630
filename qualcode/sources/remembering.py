"""What reading found in text files, kept in the user's cache (see :mod:`qualcode.caching`), so that it is found once.

Kept is where things stand: turns, paragraphs, sentences, and labels as places in the text; the text itself is read from
the file each time. Of a file with other bytes or another name, read in another way or by another version, nothing is
known. One file of the cache belongs to the folders and options of a call.
"""

from __future__ import annotations

import atexit
import hashlib
import json
import sys
import threading
import unicodedata
from array import array
from functools import cache, partial
from operator import lt
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from qualcode import __version__
from qualcode.caching import cache_folder, keep_newest, read_cached, state_of_cached, write_cached
from qualcode.errors import Problem
from qualcode.language import describe_engine, tell_version
from qualcode.model import SegmentColumns, Segments, Source, Transcript
from qualcode.sources.blocks import clean_text
from qualcode.sources.files import name_transcript
from qualcode.sources.turns import find_sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qualcode.model import Unit
    from qualcode.sources.blocks import Reading

_FORMAT = "2"
_PACKAGES = ("py3langid", "charset_normalizer")
_MOST_FILES = 40
_MOST_BYTES = 50_000_000
_MOST_CHARACTERS = 30_000_000
"""Text that is held until the program ends, to keep the sentences that were found in it by then."""


class _Kept(NamedTuple):
    """A transcript as it was read, before roles were settled over files."""

    transcript: Transcript
    segments: Segments


class Memory:
    """What is known of the files of one call.

    Parameters
    ----------
    paths
        The files that are read.
    how
        All that reading is told besides, as a text.
    """

    def __init__(self, paths: Iterable[Path], how: str) -> None:
        self._name = _name_file(paths, how)
        self._state = state_of_cached(self._name)
        self._known = _load(self._name)
        self._taken: dict[str, bytes] = {}
        self._new: dict[str, _Kept] = {}
        self._n_unsaved = 0
        self._is_waiting = False
        self._guard = threading.RLock()

    @classmethod
    def open(cls, paths: Sequence[Path], how: str) -> Memory:
        """Return what is known of the files of a call; calls for single files of a folder share it, as in a loop."""
        folder = cache_folder()
        if len(paths) != 1 or folder is None:
            return cls(paths, how)
        name = _name_file(paths, how)
        known = _shared.get((folder, name))
        if known is None or not known.goes_on():
            known = cls(paths, how)
        _shared.clear()  # one is enough for a loop
        _shared[folder, name] = known
        return known

    def recall(self, path: Path, form: str, digest: str, data: bytes) -> Transcript | None:
        """Return the transcript of a file that was read before, with the text that it has now."""
        key = _key(path, form, digest)
        record = self._taken.get(key) or self._known.get(key)
        try:
            transcript = None if record is None else _unpack(record, path, form, digest, data)
        except (ValueError, KeyError, TypeError, IndexError, LookupError):
            return None  # damaged
        if transcript is None or record is None:
            return None
        with self._guard:
            if b'"sentence"' in record.partition(b"\n")[0]:
                self._taken[key] = record
            else:
                self._new[key] = _Kept(transcript, _segments_of(transcript))
        return transcript

    def keep(self, path: Path, reading: Reading, transcript: Transcript) -> None:
        """Keep what was found in a file, if its text is all that reading made of it."""
        source = transcript.source
        if reading.whole and not transcript.comments and transcript.text == reading.whole:
            with self._guard:
                self._new[_key(path, source.format, source.digest)] = _Kept(transcript, _segments_of(transcript))

    def close(self) -> None:
        """Keep what is new when the program ends; nothing is written where nothing is."""
        with self._guard:
            if not (self._new or self._n_unsaved) or cache_folder() is None:
                return
            size = sum(len(one.transcript.text) for one in self._new.values())
            if size > _MOST_CHARACTERS or self._n_unsaved > _MOST_BYTES:
                self._store()
            elif not self._is_waiting:
                self._is_waiting = True
                atexit.register(self._store)

    def goes_on(self) -> bool:
        """Tell whether another call can use it: nothing else has written the file since."""
        self._pack_all()
        return self._state == state_of_cached(self._name)

    def _pack_all(self) -> None:
        """Hold what is new as bytes, without the transcripts, which others may have let go."""
        with self._guard:
            packed = {key: record for key, one in self._new.items() if (record := _pack(one))}
            self._n_unsaved += sum(map(len, packed.values()))
            self._taken |= packed
            self._new = {}

    def _store(self) -> None:
        """Write what is known of the files of this call, and of others that another call has read meanwhile."""
        with self._guard:
            self._pack_all()
            own, self._taken, self._n_unsaved = self._taken, {}, 0
        if not own:  # it was stored before the end
            return
        names = {_name_of(key) for key in own}
        others = {key: record for key, record in _load(self._name).items() if _name_of(key) not in names}
        if sum(map(len, others.values())) > _MOST_BYTES:
            others = {}
        records = {**others, **own}
        head = json.dumps([[key, len(record)] for key, record in records.items()])
        write_cached(self._name, head.encode() + b"\n" + b"".join(records.values()))
        keep_newest("readings-", _MOST_FILES)


_shared: dict[tuple[Path, str], Memory] = {}
"""What is known of the folder from which single files were read last."""


def _name_file(paths: Iterable[Path], how: str) -> str:
    """Return the name of the cache's file for the folders and options of a call."""
    folders = sorted({str(path.parent.resolve()) for path in paths})
    key = "\n".join([_engine(), how, *folders]).encode("utf-8", "surrogatepass")
    return f"readings-{hashlib.sha256(key).hexdigest()[:16]}.txt"


def _segments_of(transcript: Transcript) -> Segments:
    return Segments.of(transcript.segments)


def _key(path: Path, form: str, digest: str) -> str:
    return f"{digest}|{form}|{path.name}"


def _name_of(key: str) -> str:
    return key.split("|", 2)[2]


@cache
def _engine() -> str:
    """Return all that reading depends on: versions, and the code itself, which a developer changes between them."""
    home = Path(__file__).parents[1]
    code = [
        home / "segments.py",
        home / "model.py",
        *(home / "sources").glob("*.py"),
        *(home / "language").glob("*.py"),
    ]
    stamps = [f"{path.name} {path.stat().st_size} {path.stat().st_mtime_ns}" for path in sorted(code)]
    versions = [describe_engine(), *map(tell_version, _PACKAGES)]
    told = [_FORMAT, __version__, sys.byteorder, sys.version, unicodedata.unidata_version]
    return "\n".join([*told, *versions, *stamps])


def _load(name: str) -> dict[str, bytes]:
    head, _, body = (read_cached(name) or b"").partition(b"\n")
    records, at = {}, 0
    try:
        for key, size in json.loads(head) if head else ():
            records[str(key)] = body[at : at + size]
            at += size
    except (ValueError, TypeError):
        return {}
    return records


def _text_of(data: bytes, encoding: str) -> str | None:
    """Return a text file as it stands, with usual line ends and without signs that are none."""
    try:
        return clean_text(data.decode(encoding), {})
    except (UnicodeError, LookupError):
        return None


# ---- one record: a line of JSON, then the columns as they lie in memory


def _pack(kept: _Kept) -> bytes:
    """Return a record; nothing where a label does not stand in the text as it is called."""
    transcript, segments = kept
    names = segments.columns("turn").names
    places = [transcript.text.find(name) for name in names]
    if min(places, default=0) < 0 or not transcript.interviewers <= set(names):
        return b""
    kinds: Sequence[Unit] = ("turn", "paragraph", "sentence") if segments.has_sentences else ("turn", "paragraph")
    columns = {kind: segments.columns(kind) for kind in kinds}
    source = transcript.source
    head = {
        "language": transcript.language,
        "encoding": source.encoding,
        "left_out": dict(source.left_out),
        "characters": len(transcript.text),
        "problems": [[one.where, one.level, one.rule, one.message, one.hint] for one in source.problems],
        "names": [[place, place + len(name)] for place, name in zip(places, names, strict=True)],
        "asking": [at for at, name in enumerate(names) if name in transcript.interviewers],
        "rows": {kind: len(one) for kind, one in columns.items()},
        "times": {kind: list(one.times.items()) for kind, one in columns.items()},
    }
    arrays = [part.tobytes() for one in columns.values() for part in (one.starts, one.ends, one.codes)]
    return json.dumps(head, ensure_ascii=True).encode() + b"\n" + b"".join(arrays)


def _unpack(record: bytes, path: Path, form: str, digest: str, data: bytes) -> Transcript | None:
    head, _, body = record.partition(b"\n")
    told: dict[str, Any] = json.loads(head)
    text = _text_of(data, told["encoding"])
    if text is None or len(text) != told["characters"]:
        return None
    names = tuple([text[start:end] for start, end in told["names"]])
    columns: dict[str, SegmentColumns] = {}
    at = 0
    for kind, n_rows in told["rows"].items():
        parts = array("q"), array("q"), array("i")
        for part in parts:
            size = n_rows * part.itemsize
            part.frombytes(body[at : at + size])
            at += size
        times = {int(row): time for row, time in told["times"][kind]}
        columns[kind] = SegmentColumns(kind, *parts, names, times)
    if at != len(body) or not all(_is_sound(one, len(text)) for one in columns.values()):
        raise ValueError("damaged")
    turns, paragraphs = columns["turn"], columns["paragraph"]
    segments = Segments(turns, paragraphs, partial(find_sentences, text, paragraphs, told["language"]))
    if "sentence" in columns:
        segments = Segments(turns, paragraphs, partial(_given, columns["sentence"]))
    problems = tuple(Problem(*one) for one in told["problems"])
    source = Source(path.name, form, digest, told["encoding"], told["left_out"], problems)
    asking = frozenset(names[at] for at in told["asking"])
    return Transcript(name_transcript(path), text, segments, told["language"], source, asking)


def _is_sound(columns: SegmentColumns, length: int) -> bool:
    starts, ends, codes = columns.starts, columns.ends, columns.codes
    if not starts:
        return True
    is_inside = min(starts) >= 0 and max(ends) <= length and all(map(lt, starts, ends))
    return is_inside and min(codes) >= 0 and max(codes) < len(columns.names)


def _given(columns: SegmentColumns) -> SegmentColumns:
    return columns
