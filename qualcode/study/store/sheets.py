"""The file of a sheet: a header line, a line of what was seen, then one coding a line, sorted; stable bytes."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qualcode.errors import Problem, StudyError
from qualcode.model import UNITS, Sheet
from qualcode.study.store.events import Key, decode_coding, encode_coding, key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from qualcode.model import Coding

FORMAT = 1
_NUMBERED = re.compile(r"([a-z])(\d+)")


def _dump(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass") + b"\n"


def encode_sheet(sheet: Sheet, extra: dict[str, Any] | None = None) -> bytes:
    """Return the file of a sheet; ``extra`` goes into its first line."""
    header = {
        "qualcode": "sheet",
        "format": FORMAT,
        "transcript": sheet.transcript,
        "coder": sheet.coder,
        "unit": sheet.unit,
        "text": sheet.text_digest,
        "codebook": sheet.codebook_digest,
        **(extra or {}),
    }
    lines = [_dump(header), _dump({"seen": fold_ids(sheet.seen)})]
    lines += [_dump(encode_coding(coding)) for coding in sheet.codings]
    return b"".join(lines)


def fold_ids(ids: Iterable[str]) -> list[str]:
    """Return ids sorted, with runs of numbers as ``t001-t012``."""
    folded: list[list[str]] = []
    for one in sorted(ids, key=lambda text: (text[:1], len(text), text)):
        if folded and _follows(folded[-1][-1], one):
            folded[-1] = [folded[-1][0], one]
        else:
            folded.append([one])
    return ["-".join(run) for run in folded]


def _follows(one: str, other: str) -> bool:
    first, second = _NUMBERED.fullmatch(one), _NUMBERED.fullmatch(other)
    if first is None or second is None or len(one) != len(other) or first[1] != second[1]:
        return False
    return int(second[2]) == int(first[2]) + 1


def unfold_ids(folded: Iterable[str]) -> Iterator[str]:
    """Return the ids that :func:`fold_ids` folded."""
    for run in folded:
        first, _, last = run.partition("-")
        start, end = _NUMBERED.fullmatch(first), _NUMBERED.fullmatch(last)
        if start is None or end is None:
            yield run
            continue
        for number in range(int(start[2]), int(end[2]) + 1):
            yield f"{start[1]}{number:0{len(start[2])}d}"


@dataclass(slots=True)
class SheetFile:
    """A sheet as its file has it.

    Attributes
    ----------
    sheet
        What could be read; ``None`` when the first line cannot.
    header
        The first line.
    problems
        Lines that cannot be read.
    lines
        In which line each coding stands.
    """

    sheet: Sheet | None
    header: dict[str, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    lines: dict[Key, int] = field(default_factory=dict)


def decode_sheet(data: bytes, transcript: str, coder: str, where: str) -> SheetFile:
    """Read the file of a sheet; a broken line is told and passed over."""
    lines = data.split(b"\n")
    problems: list[Problem] = []
    if lines and lines[-1] == b"":
        lines.pop()
    header = _decode_header(lines[0] if lines else b"", f"{where}:1", problems)
    seen: set[str] = set()
    codings: list[Coding] = []
    places: dict[Key, int] = {}
    for number, found in _decode_lines(lines, where, problems):
        try:
            if "seen" in found:
                seen.update(unfold_ids(found["seen"]))
            else:
                codings.append(decode_coding(found, transcript, coder))
                places[key_of(codings[-1])] = number
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            problems.append(_broken(f"{where}:{number}", error))
    if header is None:
        return SheetFile(None, {}, problems)
    codings.sort(key=key_of)
    sheet = Sheet(
        transcript, coder, header["unit"], header["text"], header["codebook"], frozenset(seen), tuple(codings)
    )
    return SheetFile(sheet, header, problems, places)


def _decode_lines(lines: list[bytes], where: str, problems: list[Problem]) -> Iterable[tuple[int, Any]]:
    """Return the content of all lines but the first, with their numbers: at once, or one by one if some are broken."""
    try:
        return enumerate(json.loads(b"[" + b",".join(lines[1:]) + b"]"), start=2)
    except ValueError:
        pass
    found = []
    for number, line in enumerate(lines[1:], start=2):
        try:
            if line.strip():
                found.append((number, json.loads(line)))
        except (ValueError, RecursionError) as error:
            problems.append(_broken(f"{where}:{number}", error))
    return found


def _decode_header(line: bytes, where: str, problems: list[Problem]) -> dict[str, Any] | None:
    try:
        header = json.loads(line)
        is_right = header["qualcode"] == "sheet" and header["unit"] in UNITS and header["text"] is not None
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        problems.append(_broken(where, error))
        return None
    if int(header.get("format", 0)) > FORMAT:
        raise StudyError("This sheet was written by a newer version of qualcode.", where=where, hint="Update qualcode")
    if not is_right or "codebook" not in header:
        problems.append(_broken(where, ValueError("it is not the first line of a sheet")))
        return None
    found: dict[str, Any] = header
    return found


def _broken(where: str, error: Exception) -> Problem:
    reason = f"{type(error).__name__}: {error}" if isinstance(error, KeyError | TypeError) else str(error)
    return Problem(
        where,
        "error",
        "broken-line",
        f"The line cannot be read ({reason}).",
        "Repair the line, or make any decision to rewrite the sheet from its log",
    )
