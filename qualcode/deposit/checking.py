"""An archive against itself: checksums, the form of its files, codings against texts, codebook against history."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from qualcode.deposit.archiving import derive
from qualcode.deposit.describing import read_checksums
from qualcode.deposit.ledger import EXTRA, MISSING
from qualcode.deposit.payload import list_files, list_links, read_file
from qualcode.errors import Problem, QualcodeError, SourceError
from qualcode.reports import digest, fold, read_table
from qualcode.spreadsheets import read_sheet
from qualcode.study import check_study, find_written, read_study

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.deposit.ledger import Ledger
    from qualcode.study import StudyFolder

_MANIFEST, _TAGS = "manifest-sha256.txt", "tagmanifest-sha256.txt"
_TAG_FILES = ("bag-info.txt", "bagit.txt", _MANIFEST)
_METADATA = ("data/datacite.json", "data/ro-crate-metadata.json")


def check_bag(root: Path, ledger: Ledger) -> list[Problem]:
    """Compare every file of a bag with its checksum; links are no part of one."""
    files = list_files(root)
    found = {name: hashlib.sha256(read_file(path, name)).hexdigest() for name, path in files.items()}
    payload = {name for name in found if name.startswith("data/")}
    for manifest, names in ((_MANIFEST, payload), (_TAGS, {*_TAG_FILES})):
        if manifest not in files:
            ledger.add(manifest, "file", MISSING, "the checksums")
            continue
        said = read_checksums(read_file(files[manifest], manifest))
        ledger.n_files += len(said)
        for name in sorted({*said, *names}):
            _compare_checksum(name, said.get(name), found.get(name), ledger)
    for name in _METADATA:
        _check_json(name, files, ledger)
    problems = [
        Problem(name, "warning", "link", "This is a link, which is not followed and not checked.", "Remove it")
        for name in list_links(root)
    ]
    known = {*payload, *_TAG_FILES, _TAGS}
    return problems + [
        Problem(name, "warning", "other-file", "This file has no checksum, so it was not checked.", "Remove it")
        for name in sorted(found.keys() - known)
    ]


def _compare_checksum(name: str, said: str | None, found: str | None, ledger: Ledger) -> None:
    if said is None:
        ledger.add(name, "file", "no checksum", EXTRA)
    elif found is None:
        ledger.add(name, "file", MISSING, f"SHA-256 {said[:12]}…")
    elif said != found:
        ledger.add(name, "checksum", f"SHA-256 {said[:12]}…", f"SHA-256 {found[:12]}…")


def _check_json(name: str, files: dict[str, Path], ledger: Ledger) -> None:
    if name not in files:
        ledger.add(name, "file", MISSING, "the description of the archive")
        return
    try:
        told: Any = json.loads(read_file(files[name], name))
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        ledger.add(name, "file", "not JSON", "the description of the archive")


def check_content(data: Path, ledger: Ledger) -> list[Problem]:
    """Check what the archive holds of a study: its own checks, and the files that follow from it."""
    study = read_study(data)
    problems = [one for one in check_study(study) if one.level != "note"]
    _check_quotes(data, study, ledger)
    _check_codebook(study, ledger)
    _check_memos(study, ledger)
    made = derive(study, problems)
    for name, again in made.items():
        path = data / name
        if not path.is_file() or path.is_symlink():
            ledger.add(f"data/{name}", "file", MISSING, f"{len(again):,} bytes")
            continue
        stated = read_file(path, name)
        before = len(ledger.differences)
        if name.endswith(".csv"):
            _compare_rows(f"data/{name}", stated, again, ledger)
        if stated != again and len(ledger.differences) == before:
            ledger.add(f"data/{name}", "bytes", f"SHA-256 {digest(stated)}…", f"SHA-256 {digest(again)}…")
    return problems


def _compare_rows(name: str, stated: bytes, again: bytes, ledger: Ledger) -> None:
    """Compare cell by cell; where one has more rows, row by row."""
    theirs, mine = (data.decode("utf-8", "replace").splitlines() for data in (stated, again))
    if len(theirs) == len(mine):
        try:
            ledger.compare_cells(name, read_table(stated, name), read_table(again, name))
        except QualcodeError as error:
            ledger.add(name, "file", error.message, f"SHA-256 {digest(again)}…")
        return
    sides = ([(f"{name}/{line}", text) for line, text in enumerate(lines, 1)] for lines in (theirs, mine))
    ledger.compare_rest(name, *sides)


def _check_quotes(data: Path, study: StudyFolder, ledger: Ledger) -> None:
    """Look each coding of ``codings.csv`` up in the text itself, by nothing but its position."""
    path = data / "codings.csv"
    if not path.is_file() or path.is_symlink():
        return
    texts = {one.id: one.text for one in study.transcripts()[0]}
    table = read_sheet(read_file(path, path.name), name=path.name, error=SourceError)
    for line, cells in table.rows:
        row = dict(zip(table.header, cells, strict=False))
        start, end = row.get("start", ""), row.get("end", "")
        text = texts.get(row.get("transcript", ""), "")
        there = text[int(start) : int(end)] if start.isdecimal() and end.isdecimal() else EXTRA
        if fold(there) != fold(row.get("quote", "")):
            ledger.add("data/codings.csv", f"codings.csv/{line}/quote", row.get("quote", ""), there)


def _check_memos(study: StudyFolder, ledger: Ledger) -> None:
    """Compare each memo with the checksum that the study's history has of it."""
    written = find_written(study)
    for path in study.layout.list_files(study.layout.memos, ".md"):
        name = f"memos/{path.name}"
        said, found = written.pop(path.stem, ""), hashlib.sha256(read_file(path, name)).hexdigest()
        if said != found:
            stated = f"SHA-256 {said[:12]}… in the history" if said else "not in the history"
            ledger.add(f"data/{name}", "memo", stated, f"SHA-256 {found[:12]}…")
    for memo_id, said in written.items():
        if said:
            ledger.add(f"data/memos/{memo_id}.md", "memo", f"SHA-256 {said[:12]}… in the history", MISSING)


def _check_codebook(study: StudyFolder, ledger: Ledger) -> None:
    """Compare the codebook with the last one that the study's history names."""
    named = [str(note["codebook"]) for note in study.notes() if isinstance(note.get("codebook"), str)]
    if named and named[-1] != study.codebook.digest:
        ledger.add("data/codebook.yaml", "digest", study.codebook.digest[:12], named[-1][:12])
