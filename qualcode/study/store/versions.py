"""Earlier versions of the files that people change by hand, and how two later ones are united."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any

from qualcode.errors import StudyError
from qualcode.study.store.layout import digest_of
from qualcode.study.store.transcripts import decode_transcript

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from qualcode.model import Transcript
    from qualcode.study.store.folder import StudyFolder
    from qualcode.study.store.writer import StudyChange

VERSIONED = ("codebook.yaml", "cases.csv")
"""Files of which every version that a command came to know is kept in ``versions/``."""


def keep_versions(change: StudyChange) -> None:
    """Keep the present versions of codebook and cases, and record in the history that they are in use, if new."""
    layout = change.study.layout
    for path in (layout.codebook, layout.cases):
        data = change.read(path)
        if data is None:
            continue
        known = list_versions(change.notes, path.stem)
        if not known or known[-1] != digest_of(data):
            change.note(path.stem, {path.stem: digest_of(data), **({"from": known[-1]} if known else {})})
        keep_version(change, path.name, data)


def keep_version(change: StudyChange, name: str, data: bytes) -> None:
    """Keep one version of a file."""
    change.put(change.study.layout.version_of(name, digest_of(data)), data)


def keep_transcript(change: StudyChange, study: StudyFolder, transcript_id: str) -> None:
    """Keep the version of a transcript that a copy of the study has, so that one can go back behind a correction."""
    digest = study.transcript(transcript_id).digest
    for path in (study.layout.text_of(transcript_id), study.layout.data_of(transcript_id)):
        change.put(change.study.layout.version_of(path.name, digest), study.layout.read(path))


def read_past_transcript(study: StudyFolder, name: str, digest: str) -> Transcript:
    """Return a version of a transcript that was corrected since.

    Raises
    ------
    StudyError
        If it was not kept.
    """
    layout = study.layout
    path = layout.version_of(f"{name}.txt", digest)
    text, data = layout.read(path), layout.read(layout.version_of(f"{name}.json", digest))
    if text is None or data is None:
        raise StudyError(
            f"{name} has been corrected since, and its earlier text was not kept.",
            where=str(path),
            hint="Decide again with qualcode review or decide",
        )
    return decode_transcript(text, data, layout.name_of(path))


def list_versions(notes: Iterable[dict[str, Any]], kind: str) -> list[str]:
    """Return the digests of all versions of the codebook or the cases that a history knows, oldest first."""
    return [str(note[kind]) for note in notes if note.get("what") == kind and kind in note]


def find_former_names(notes: Iterable[dict[str, Any]], name: str) -> set[str]:
    """Return all names that a transcript had, its present one too."""
    names = {name}
    for note in reversed(list(notes)):
        if note.get("what") == "rename" and note.get("to") in names:
            names.add(str(note["transcript"]))
    return names


def find_lineage(study: StudyFolder, name: str) -> list[str]:
    """Return the digests of a file's present version and of all on which it was built, the nearest first."""
    kind = name.partition(".")[0]
    data = study.layout.read(study.root / name)
    if data is None:
        return []
    parents: dict[str, list[str]] = {}
    for note in study.notes():
        if note.get("what") == kind and kind in note:
            parents.setdefault(str(note[kind]), []).extend(str(note[key]) for key in ("from", "merged") if key in note)
    present = digest_of(data)
    if present not in parents:  # edited by hand since
        parents[present] = list_versions(study.notes(), kind)[-1:]
    lineage = [present]
    for digest in lineage:
        lineage += [one for one in parents.get(digest, ()) if one not in lineage]
    return lineage


def find_ancestor(study: StudyFolder, other: StudyFolder, name: str) -> bytes | None:
    """Return the latest version of a file on which both copies of a study built, if it was kept."""
    theirs = set(find_lineage(other, name))
    for digest in find_lineage(study, name):
        for copy in (study, other) if digest in theirs else ():
            data = copy.layout.read(copy.layout.version_of(name, digest))
            if data is not None:
                return data
    return None


def merge_lines(base: str, one: str, other: str) -> str | None:
    """Return what two texts have made of a third, line by line; ``None`` where both changed the same lines.

    Lines that both put in at one place are both taken, in an order that does not depend on who asks.
    """
    lines = [text.splitlines(keepends=True) for text in (base, one, other)]
    if any(text and not text[-1].endswith("\n") for text in lines):
        lines = [[*text[:-1], text[-1].rstrip("\n") + "\n"] if text else [] for text in lines]
    merged: list[str] = []
    for old, first, second in _chunks(*lines):
        if second in (first, old):
            merged += first
        elif first == old:
            merged += second
        elif not old:
            merged += [line for chunk in sorted((first, second), key=list) for line in chunk]
        else:
            return None
    return "".join(merged)


def _chunks(
    base: Sequence[str], one: Sequence[str], other: Sequence[str]
) -> Iterator[tuple[Sequence[str], Sequence[str], Sequence[str]]]:
    """Yield stretches of three texts that belong together, cut before each line that all three have."""
    places = [_partners(base, text) for text in (one, other)]
    at = first = second = 0
    for number in range(len(base)):
        if number in places[0] and number in places[1]:
            yield base[at:number], one[first : places[0][number]], other[second : places[1][number]]
            at, first, second = number, places[0][number], places[1][number]
            yield base[at : at + 1], one[first : first + 1], other[second : second + 1]
            at, first, second = at + 1, first + 1, second + 1
    yield base[at:], one[first:], other[second:]


def _partners(base: Sequence[str], text: Sequence[str]) -> dict[int, int]:
    """Return where in a text the lines of another one are."""
    blocks = SequenceMatcher(None, base, text, autojunk=False).get_matching_blocks()
    return {block.a + step: block.b + step for block in blocks for step in range(block.size)}
