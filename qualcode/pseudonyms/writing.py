"""Transcripts without a study, written as texts in which replacements stand for names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import OutputError, Problem
from qualcode.outputs import save
from qualcode.pseudonyms.replacing import Replacer, replace_transcript

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from qualcode.model import Transcript
    from qualcode.pseudonyms.key import Key


def write_transcripts(
    transcripts: Iterable[Transcript], key: Key, folder: str | os.PathLike[str]
) -> tuple[list[Path], dict[str, int], list[Problem]]:
    """Write transcripts as texts in which replacements stand for names.

    Parameters
    ----------
    transcripts
        The transcripts.
    key
        Names and their replacements.
    folder
        An empty or new folder.

    Returns
    -------
    tuple
        The files, how often names of each kind were replaced, and what a person must look at.

    Raises
    ------
    OutputError
        If the folder is not empty, two files would have one name, or they cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from qualcode.pseudonyms import Key, KeyEntry, write_transcripts
    >>> _ = Path("Mei.txt").write_text("Interviewer: And you, Mei?\\n\\nMei: The rain came late.\\n")
    >>> transcripts, problems = qualcode.read_transcripts("Mei.txt")
    >>> paths, counts, problems = write_transcripts(transcripts, Key((KeyEntry("Mei", "person", "[P1]"),)), "shared")
    >>> paths[0].name, counts
    ('P1.txt', {'person': 2})
    """
    target = Path(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise OutputError("The folder is not empty.", str(target), "Name a new folder with --out")
    replacer = Replacer(key)
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for transcript in transcripts:
        new, _, found = replace_transcript(transcript, replacer)
        if new.id.casefold() in {name.casefold() for name in texts}:
            hint = "Give their names in the key different replacements"
            raise OutputError(f"Two transcripts would both be named “{new.id}”.", str(target), hint)
        texts[new.id] = new.text
        problems += found
    paths = [save(target / f"{name}.txt", text.encode("utf-8", "surrogatepass")) for name, text in texts.items()]
    return paths, dict(replacer.counts), problems
