"""How much of what carries a code a coder has found, at least: checks drawn, and what reading them has shown."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from qualcode.errors import Problem, StudyError
from qualcode.learning import CONFIDENCE, bound_recall, find_roles, price, share_error
from qualcode.study.addresses import find_code
from qualcode.study.units import list_units
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from qualcode.study.store import StudyFolder, StudyStore
    from qualcode.study.units import ReadUnit

TARGET = 95
_LONG_DRY, _DRY_SHARE = 50, 10
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Check:
    """Segments drawn at random of those that nobody had read for a code, in the order in which to read them.

    Attributes
    ----------
    n_unread
        How many they are: all that were unread then.
    found
        How many of the segments read by then carried the code.
    target
        The share of what carries the code that is to be found, in per cent.
    seed
        Of the draw.
    confidence
        Of the claim.
    addresses
        The segments, in the order of the draw.
    """

    n_unread: int
    found: int
    target: int
    seed: int
    confidence: float
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recall:
    """What is known of how much a coder has found of a code.

    Attributes
    ----------
    coder, code
        Whose work; path of the code.
    read, found, unread
        How many segments of the code's speakers are read, how many of them carry it, and how many are left.
    checked, checked_found
        How many of the last check are read in its order, and how many of these carry the code.
    upper
        The most that the check may have held; ``None``: none is drawn.
    recall_low
        The least share that is found, with :attr:`confidence`; ``None``: none is drawn.
    target
        The wished share, in per cent.
    price
        How many more segments of the check must be read to reach it if none of them carries the code.
    confidence
        Of the bound, at every look.
    n_checks
        How many checks were drawn.
    outside
        Segments that came into the study after the last draw, of which the bound says nothing.
    n_dry
        How many segments were read since the last that carries the code.
    upcoming
        Addresses to read next.
    """

    coder: str
    code: str
    read: int
    found: int
    unread: int
    checked: int
    checked_found: int
    upper: int | None
    recall_low: float | None
    target: int
    price: int
    confidence: float = CONFIDENCE
    n_checks: int = 0
    outside: int = 0
    n_dry: int = 0
    upcoming: tuple[str, ...] = ()

    def record(self) -> dict[str, object]:
        """Return the numbers for other programs.

        Returns
        -------
        dict
            ``code`` to ``price``, under the names of the attributes.
        """
        names = (
            "code",
            "read",
            "found",
            "unread",
            "checked",
            "checked_found",
            "upper",
            "recall_low",
            "target",
            "price",
        )
        return {name: getattr(self, name) for name in names}

    def __str__(self) -> str:
        return "\n".join(self._say())

    def _say(self) -> Iterator[str]:
        everything = self.read + self.unread
        segments = plural(everything, "segment")
        yield f"{self.code}: {self.coder} has read {self.read:,} of {segments}; {self.found:,} carry it."
        sure = f"{100 * self.confidence:.4g}% confidence"
        if self.recall_low is None:
            yield (
                f"A check for {self.target}% would cost {self.price:,} segments or more, read in the order of the "
                f"draw. Draw one with --draw."
            )
        else:
            yield (
                f"Of the check, {self.checked:,} are read and {self.checked_found:,} carry it. "
                f"Recall is at least {100 * self.recall_low:.1f}%, with {sure}, at whatever moment you look."
            )
            more = "That is reached." if not self.price else f"That takes {self.price:,} more if none carries it."
            yield f"You wished {self.target}%. {more}"
            yield (
                f"The claim is about what {self.coder} would code with this one code, in segments, if the check is "
                f"read as carefully as the rest. Stopping is for you to decide."
            )
        if self.outside:
            yield f"{plural(self.outside, 'segment')} came after the draw; the claim does not cover them."
        if self.unread and self.n_dry >= max(_LONG_DRY, everything // _DRY_SHARE):
            yield f"The last {self.n_dry:,} segments read held none: good advice to stop, but no proof."
        if self.upcoming and self.recall_low is not None:
            yield f"Read next: {', '.join(self.upcoming[:_SHOWN])}."


def measure_recall(study: StudyFolder, coder: str, code: str, *, target: int | None = None) -> Recall:
    """Return what is known of how much a coder has found; see :meth:`.Study.recall`."""
    coder = study.find_coder(coder)
    found_code = find_code(study.codebook, code)
    checks = _read_standing(study, coder, found_code)
    units = _list_of_code(study, coder, found_code, {at for one in checks[-1:] for at in one.addresses})
    carried = {one.address for one in units if one.is_seen and found_code in one.codes}
    seen = {one.address for one in units if one.is_seen}
    told = partial(
        Recall, coder, study.codebook.path(found_code), len(seen), len(carried), len(units) - len(seen),
        n_checks=len(checks), n_dry=_count_dry(study, coder, units, carried),
    )  # fmt: skip
    if not checks:
        wanted = _check_target(TARGET if target is None else target)
        return told(0, 0, None, None, wanted, price(len(units) - len(seen), len(carried), target=wanted))
    return _look(checks, units, seen, carried, _check_target(checks[-1].target if target is None else target), told)


def _look(
    checks: Sequence[Check],
    units: Sequence[ReadUnit],
    seen: set[str],
    carried: set[str],
    target: int,
    told: Callable[..., Recall],
) -> Recall:
    """Return what the last check says by now."""
    check = checks[-1]
    n_read = next((n for n, one in enumerate(check.addresses) if one not in seen), len(check.addresses))
    hits = sum(one in carried for one in check.addresses[:n_read])
    drawn = set(check.addresses)
    # What was found before the draw may have been taken back or added to since; only the draw's own is uncertain.
    before = len(carried - drawn)
    error = 1 - check.confidence
    bound = bound_recall(check.n_unread, check.found, n_read, hits, target=target, drawn_for=check.target, error=error)
    upper = max(bound.upper, len(carried & drawn))
    low = len(carried) / (before + upper) if before + upper else 1.0
    later = [one for one in units if not one.is_seen and one.address not in drawn]
    left = price(check.n_unread, check.found, n_read, hits, target=target, drawn_for=check.target, error=error)
    return told(
        n_read, hits, upper, low, target, left, confidence=check.confidence, outside=len(later),
        upcoming=tuple(one for one in check.addresses[n_read:] if one not in seen),
    )  # fmt: skip


def _check_target(target: int) -> int:
    if not 0 < target < 100:  # noqa: PLR2004  # per cent
        raise StudyError(f"The target cannot be {target}%.", hint="Give a whole per cent from 1 to 99, such as 95%")
    return target


def _list_of_code(study: StudyFolder, coder: str, code: str, drawn: Collection[str] = ()) -> list[ReadUnit]:
    """Return the segments of those whose talk may carry a code, and those that were drawn."""
    units = list(list_units(study, coder))
    roles = find_roles([one.asks for one in units if one.is_seen and code in one.codes])
    return [one for one in units if one.asks in roles or one.address in drawn]


def _read_standing(study: StudyFolder, coder: str, code: str) -> list[Check]:
    """Return the checks without segments that have left the study; the others are in random order as before."""
    present = {one.address for one in list_units(study, coder)}
    standing = []
    for check in read_checks(study, coder, code)[0]:
        kept = tuple(one for one in check.addresses if one in present)
        standing.append(replace(check, n_unread=len(kept), addresses=kept))
    return standing


def _count_dry(study: StudyFolder, coder: str, units: Iterable[ReadUnit], carried: set[str]) -> int:
    """Return how many segments were read since the last that carries a code, in the order in which they were read."""
    read: list[tuple[str, int, str]] = []
    for number, one in enumerate(units):
        if one.is_seen:
            history = study.history(coder, one.transcript.id)
            at = min((history.events[event].at for event in history.sayers(one.segment.id)), default="")
            read.append((at, number, one.address))
    n_dry = 0
    for _, _, address in sorted(read, reverse=True):
        if address in carried:
            break
        n_dry += 1
    return n_dry


def draw_check(study: StudyStore, coder: str, code: str, *, target: int = TARGET, seed: int) -> Recall:
    """Draw a check and write it down; see :meth:`.Study.draw_check`."""
    _check_target(target)
    coder = study.find_coder(coder)
    found_code = find_code(study.codebook, code)
    with study.change(coder) as change:
        units = _list_of_code(study, coder, found_code)
        unread = sorted(one.address for one in units if not one.is_seen)
        if not unread:
            raise StudyError(
                f"{coder} has read every segment that may carry “{code}”, so there is nothing to check.",
                hint="Count what was found: qualcode themes",
            )
        path = study.layout.check_of(coder, found_code)
        present = change.read(path) or b""
        number = len(decode_checks(present, "")[0]) + 1
        found = sum(one.is_seen and found_code in one.codes for one in units)
        random.Random(f"{seed} {coder} {found_code} {number}").shuffle(unread)  # noqa: S311  # a draw, not a secret
        check = Check(len(unread), found, target, seed, round(1 - share_error(CONFIDENCE, number), 6), tuple(unread))
        change.put(path, present + encode_check(check))
        data = {"coder": coder, "code": found_code, "segments": len(unread), "target": target, "seed": seed}
        change.note("check", data)
    return measure_recall(study, coder, found_code)


# -- the file ---------------------------------------------------------------------------------------------------------

_HEAD = ("n_unread", "found", "target", "seed", "confidence")


def encode_check(check: Check) -> bytes:
    """Return a check as lines: what was known when it was drawn, then an address a line in the order of the draw."""
    head = {name: getattr(check, name) for name in _HEAD}
    lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in (head, *check.addresses)]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")


def decode_checks(data: bytes, where: str) -> tuple[list[Check], list[Problem]]:
    """Return the checks of a file, the first first, and what cannot be read of it.

    A check of which a line is broken is left out: with another order it would promise what it cannot keep.
    """
    checks: list[Check] = []
    problems: list[Problem] = []
    for first, lines in _split(data):
        try:
            head, *addresses = [json.loads(line) for line in lines]
            checks.append(_make(head, addresses))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            message = f"This check cannot be read and is not used: {error}."
            hint = "Restore the file from a copy, or draw another check: qualcode recall --draw"
            problems.append(Problem(f"{where}:{first}", "warning", "broken-check", message, hint))
    return checks, problems


def _split(data: bytes) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the lines of each check with the number of its first."""
    lines: list[bytes] = []
    first = 1
    for number, line in enumerate(data.splitlines(), start=1):
        if line.lstrip().startswith(b"{") and lines:
            yield first, lines
            lines = []
        first = first if lines else number
        if line.strip():
            lines.append(line)
    if lines:
        yield first, lines


def _make(head: dict[str, Any], addresses: list[Any]) -> Check:
    n_unread, found, target, seed = (head[name] for name in _HEAD[:4])
    if not all(type(one) is int for one in (n_unread, found, target, seed)) or not 0 < target < 100:  # noqa: PLR2004
        raise ValueError("its first line has other numbers than those of a draw")
    if not all(isinstance(one, str) for one in addresses) or len(set(addresses)) != len(addresses):
        raise ValueError("a line is no address, or an address is there twice")
    confidence = float(head["confidence"])
    if len(addresses) != n_unread or found < 0 or not 0 < confidence < 1:
        raise ValueError(f"it names {len(addresses)} segments and was drawn of {n_unread}")
    return Check(n_unread, found, target, seed, confidence, tuple(addresses))


def read_checks(study: StudyFolder, coder: str, code: str) -> tuple[list[Check], list[Problem]]:
    """Return the checks that were drawn for a coder and a code, and what cannot be read."""
    path = study.layout.check_of(coder, code)
    data = study.layout.read(path)
    return decode_checks(data, study.layout.name_of(path)) if data else ([], [])


def list_check_files(study: StudyFolder) -> list[Path]:
    """Return the files of all checks."""
    layout = study.layout
    return [path for coder in study.coders() for path in layout.list_files(layout.checks / coder, ".jsonl")]


def check_checks(study: StudyFolder) -> Iterator[Problem]:
    """Yield what is wrong with the files of checks."""
    for path in list_check_files(study):
        yield from decode_checks(study.layout.read(path) or b"", study.layout.name_of(path))[1]


def unite_checks(mine: bytes, theirs: bytes) -> bytes:
    """Return a file with the checks of two copies of it: all of the first, then those that only the second has."""
    known = decode_checks(mine, "")[0]
    news = [one for one in decode_checks(theirs, "")[0] if one not in known]
    return mine + b"".join(map(encode_check, news))


def rename_in_checks(data: bytes, names: Mapping[str, str], where: str) -> bytes:
    """Return a file of checks with transcripts under other names."""

    def rename(address: str) -> str:
        name, colon, segment = address.rpartition(":")
        return f"{names.get(name, name)}{colon}{segment}"

    checks = decode_checks(data, where)[0]
    moved = (replace(one, addresses=tuple(map(rename, one.addresses))) for one in checks)
    return b"".join(map(encode_check, moved))
