"""The recording of a transcript: a file on this machine, played and never copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.surface.room import Room

KINDS = {
    ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".wav": "audio/wav", ".ogg": "audio/ogg", ".oga": "audio/ogg",
    ".opus": "audio/ogg", ".flac": "audio/flac", ".aac": "audio/aac", ".webm": "video/webm", ".mp4": "video/mp4",
    ".m4v": "video/mp4", ".mov": "video/quicktime", ".ogv": "video/ogg", ".png": "image/png", ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp",
}  # fmt: skip
"""What browsers play and show, by the ending of the file; nothing else is given out."""


def find_media(room: Room, name: str) -> tuple[Path, str] | None:
    """Return the recording of a transcript and its kind; ``None`` when the study names none that is there."""
    told = room.study.settings.media.get(name)
    if not told or name not in room.transcript_ids():
        return None
    path = room.study.root / told
    kind = KINDS.get(path.suffix.lower())
    return (path, kind) if kind and path.is_file() else None
