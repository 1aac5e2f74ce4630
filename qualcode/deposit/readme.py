"""The README of an archive: what everything in it is, what was withheld, and how to check it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qualcode import __version__
from qualcode.deposit.describing import is_web_address
from qualcode.reports import escape_markdown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from qualcode.deposit.describing import About

_PARTS = {
    "transcripts/": "The transcripts. `NAME.txt` is the text, in UTF-8; every position refers to it, in characters "
    "from 0, with the end excluded. `NAME.json` has its segments, one a line, and who asks.",
    "codebook.yaml": "The codebook: codes with definitions, rules and examples, as text.",
    "codebook.docx": "The same to be read and printed.",
    "codings.csv": "Every coding: transcript, case, speaker, segment, start, end, code, coder, verdict, origin, quote. "
    "Those with the verdict `rejected` are suggestions that a coder turned down.",
    "cases.csv": "The participants and their attributes.",
    "speakers.csv": "Who speaks under which label.",
    "data-list.csv": "A row for each transcript: language, length, cases, original file and checksum.",
    "memos/": "Notes of the researchers, as Markdown; the head says what each is about.",
    "framework/": "Summaries that the researchers wrote about cases and codes.",
    "sheets/": "The codings of each coder, and in `*.log.jsonl` what they did and undid, one act a line.",
    "history.jsonl": "What was done to the study as a whole: imports, corrections, codebooks, one act a line.",
    "versions/": "Earlier versions of the codebook, named by their checksum.",
    "unsettled/": "Codings whose place is uncertain after a correction of the transcript.",
    "checks/": "Segments drawn to see how much of a code a coder has found.",
    "coders/": "Who coded.",
    "assignments.csv": "The part that was drawn for double coding.",
    "raw/": "The original files, unchanged.",
    "report/": "The findings: tables, figures and text. `report.html` opens every number into quotes; `run.json` says "
    "how it was made.",
    "project.qdpx": "The study for other programs (REFI-QDA): NVivo, ATLAS.ti, MAXQDA, QualCoder and others.",
    "study.yaml": "Name, language and unit of the study.",
    "datacite.json": "What a repository asks for, by the names of DataCite.",
    "ro-crate-metadata.json": "A list of all files for programs (RO-Crate).",
}


def write_readme(
    names: Collection[str], about: About, withheld: Sequence[str], detail: Literal["full", "aggregate"]
) -> bytes:
    """Return the README of an archive.

    Parameters
    ----------
    names
        The files in it.
    about
        What people say of it.
    withheld
        What is not in it, and why.
    detail
        Whether it has more than counts.
    """
    there = {*names, "datacite.json", "ro-crate-metadata.json"}
    parts = [f"- `{part}`: {text}" for part, text in _PARTS.items() if any(_is_of(name, part) for name in there)]
    check = (
        "`pip install qualcode`, then `qualcode verify` and the name of this archive. It checks every file against its "
        "checksum, every coding against the text, and counts every number of the report again from the codings."
        if detail == "full"
        else "`qualcode verify` and the name of this archive checks every file against its checksum. Numbers cannot be "
        "counted again, as the codings were withheld."
    )
    lines = [
        f"# {escape_markdown(about.title)}\n",
        f"{escape_markdown(about.description) or _fill('what the study is about, who was interviewed, and when')}\n",
        f"- Creators: {escape_markdown('; '.join(about.creators)) or _fill('names')}",
        f"- Licence: {_write_licence(about.licence) or _fill('a licence, or the terms of use')}",
        f"- Access: {escape_markdown(about.access) or _fill('who may have the data, and how to ask for them')}",
        f"- Last change of the study: {about.date or 'not known'}",
        f"- Language: {escape_markdown(about.language) or 'not known'}\n",
        "## What is in it\n",
        "No program is needed to read it: texts are UTF-8, tables are CSV, and each line of a `.jsonl` file is JSON.\n",
        *parts,
        "\n## What was withheld\n",
        *([f"- {escape_markdown(one)}" for one in withheld] or ["Nothing that belongs to the study."]),
        "\n## How to check it\n",
        f"The folder above this one is a bag (BagIt, RFC 8493): `manifest-sha256.txt` has the checksums. {check}\n",
        f"Packed by qualcode {__version__}.",
    ]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


def _write_licence(licence: str) -> str:
    """Return a licence; an address stays as it is, to be copied and followed."""
    is_address = is_web_address(licence) and not any(mark in licence for mark in "<>")
    return f"<{licence}>" if is_address else escape_markdown(licence)


def _is_of(name: str, part: str) -> bool:
    return name.startswith(part) if part.endswith("/") else name == part


def _fill(what: str) -> str:
    return f"**To be filled in: {what}.**"
