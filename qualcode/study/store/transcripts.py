"""The two files of a transcript in a study, in the form that :mod:`qualcode.sources` has for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import StudyError
from qualcode.sources import NewerFormatError, from_json, to_json

if TYPE_CHECKING:
    from qualcode.model import Transcript


def encode_transcript(transcript: Transcript) -> tuple[bytes, bytes]:
    """Return the text file and the JSON file of a transcript."""
    return transcript.text.encode("utf-8", "surrogatepass"), to_json(transcript).encode("utf-8")


def decode_transcript(text: bytes, data: bytes, where: str) -> Transcript:
    """Return a transcript from its two files.

    Raises
    ------
    StudyError
        If one of them is broken, or the text was changed without telling the study.
    """
    try:
        transcript, digest = from_json(data, text.decode("utf-8", "surrogatepass"))
    except NewerFormatError as error:
        message = "This transcript was written by a newer version of qualcode."
        raise StudyError(message, where=where, hint="Update qualcode") from error
    except ValueError as error:
        raise StudyError(
            f"The transcript cannot be read ({error}).",
            where=where,
            hint="Restore the file from a copy, or import the original again",
        ) from error
    if transcript.digest != digest:
        raise StudyError(
            "The text was changed outside qualcode, so codings no longer match their passages.",
            where=where,
            hint="Restore the file from a copy, and make corrections with: qualcode import --update FILE",
        )
    return transcript
