"""The framework: what people wrote about a case and a code, in their own words, as a text file per case.

A file has a head that names the case and a section per code::

    ---
    case: P1
    ---

    ## scheduling
    state: charted
    who: ana
    at: 2026-03-01T09:00:01+00:00
    rests-on: 5b0fca71dd2e
    quotes: P1:t030; P1:t041

    Dates never fit, and she has stopped asking.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from qualcode.errors import ConflictError, Problem, StudyError
from qualcode.file_names import fold_name
from qualcode.model import canonical_text
from qualcode.study.addresses import find_code, find_segment
from qualcode.study.contents import tabulate_study
from qualcode.study.store import digest_of, keep_version
from qualcode.wording import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from qualcode.cases import CaseIndex
    from qualcode.study.store import StudyChange, StudyFolder, StudyStore
    from qualcode.tables import CodingTable

Word = Literal["charted", "draft", "nothing said", "not asked"]
"""What people can say of a cell; one of which nothing is said is open."""

WRITTEN: tuple[Word, ...] = ("charted", "draft", "nothing said", "not asked")
_WORDLESS = frozenset({"nothing said", "not asked"})
LONGEST_SUMMARY = 30_000
"""Characters of a summary: what a cell of Excel can hold."""

_DIGITS = 12
_MOST_EARLIER = 20
_HEAD = re.compile(r"\A---\ncase: (?P<case>[^\n]+)\n---\n")
_LINE = re.compile(r"(?P<key>state|who|at|rests-on|quotes|follows): ?(?P<value>[^\n]*)")
_ESCAPED = re.compile(r"^(\\*)## ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Summary:
    """What somebody wrote about a case and a code.

    Attributes
    ----------
    case, code
        The case, and the id of the code.
    text
        In the writer's own words; empty where the state says all.
    state
        ``charted``, ``draft`` (not finished), ``nothing said`` (asked, without an answer) or ``not asked``.
    quotes
        Addresses of the turns that it points to, such as ``P1:t030``.
    who, at
        Who wrote it, and when, in ISO 8601.
    rests_on
        Digest of the passages that the code had in the case when it was written; ``""``: unknown.
    follows
        Digests of the summaries that it replaced.
    """

    case: str
    code: str
    text: str
    state: Word = "charted"
    quotes: tuple[str, ...] = ()
    who: str = ""
    at: str = ""
    rests_on: str = field(default="", compare=False)
    follows: tuple[str, ...] = field(default=(), compare=False)

    @property
    def digest(self) -> str:
        """Names what it says: state, words and quotes."""
        return name_summary(self.state, self.text, self.quotes)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person wants a cell to say.

    Attributes
    ----------
    case, code
        The cell, as a person names it.
    text, state
        As in :class:`Summary`; the state ``open`` takes away what is there.
    quotes
        Addresses, or ids of turns where the case speaks in one transcript only; ``None``: those that are there.
    replaces
        Digest of what it was made from (``""``: an open cell); ``None``: whatever is there.
    rests_on
        As in :class:`Summary`; ``None``: the passages that are there now.
    """

    case: str
    code: str
    text: str
    state: Word | Literal["open"] = "charted"
    quotes: Sequence[str] | None = None
    replaces: str | None = None
    rests_on: str | None = None


def name_summary(state: str, text: str, quotes: Sequence[str] = ()) -> str:
    """Return the digest of what a cell says; ``""`` of an open one."""
    if state == "open":
        return ""
    return digest_of("\n".join([state, text, *quotes]).encode("utf-8", "surrogatepass"))[:_DIGITS]


# --- what it rests on ----------------------------------------------------------------------------------------------


def digest_cells(table: CodingTable) -> dict[tuple[str, str], str]:
    """Return, by case and id of a code, the digest of the passages with the code or one below it.

    It does not depend on where they lie, so that a correction elsewhere in a transcript, or another name of it, leaves
    summaries as they are.
    """
    above: dict[str, list[str]] = {}
    for code in table.codebook.walk():
        parent = table.codebook.parent(code.id)
        above[code.id] = [code.id, *(above[parent.id] if parent else ())]
    passages: dict[tuple[str, str], set[tuple[str, str]]] = defaultdict(set)
    names = ("case", "code", "quote", "is_interviewer")
    for case, code, quote, is_interviewer in zip(*(table.codings[name].tolist() for name in names), strict=True):
        for one in () if is_interviewer else above[code]:
            passages[case, one].add((code, quote))
    return {cell: _digest_passages(found) for cell, found in passages.items()}


def _digest_passages(passages: Iterable[tuple[str, str]]) -> str:
    text = "\n".join(f"{code}\t{quote}" for code, quote in sorted(passages))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


NO_PASSAGE = _digest_passages(())
"""The digest of a cell without passages."""

# --- files ---------------------------------------------------------------------------------------------------------


def read_summaries(study: StudyFolder) -> tuple[tuple[Summary, ...], list[Problem]]:
    """Return all summaries, by file and in its order, and the files that cannot be read.

    Of two about one cell, which is what a merge leaves when both copies wrote one, the latest comes first.
    """
    found: dict[str, list[Summary]] = {}
    problems: list[Problem] = []
    for path in _list_files(study):
        where = study.layout.name_of(path)
        try:
            case, summaries = decode_summaries(study.layout.read(path) or b"")
        except (StudyError, UnicodeDecodeError) as error:
            message = error.message if isinstance(error, StudyError) else "The file is not UTF-8."
            problems.append(Problem(where, "error", "framework", message, "Restore it from a copy"))
            continue
        if case in found:
            message = f"This is a second file about {case}; it is not used."
            problems.append(Problem(where, "warning", "stray-file", message, "See what differs, then delete it"))
            continue
        found[case] = summaries
        codes = [one.code for one in summaries]
        for code in dict.fromkeys(one for one in codes if codes.count(one) > 1):
            message = f"There are two summaries of {case} and “{code}”; the latest counts."
            problems.append(
                Problem(where, "warning", "two-summaries", message, "Chart the cell again, with what holds")
            )
    return tuple(one for summaries in found.values() for one in summaries), problems


def check_summaries(study: StudyFolder) -> Iterator[Problem]:
    """Yield what is wrong with the framework: files that cannot be read, and cells that the study does not have."""
    summaries, problems = read_summaries(study)
    yield from problems
    if not summaries or not study.has_codebook:
        return
    from qualcode.cases import assign_cases

    codes = {code.id for code in study.codebook.walk()}
    cases = {case.id for case in assign_cases(study.transcripts()[0], study.cases).cases}
    for one in summaries:
        where = f"framework, {one.case}, {one.code}"
        if one.case not in cases:
            message = f"There is no case “{one.case}”, so the summary is shown nowhere."
            yield Problem(where, "warning", "framework", message, suggest(one.case, cases))
        elif one.code not in codes:
            message = f"There is no code “{one.code}”, so the summary is shown nowhere."
            yield Problem(where, "warning", "framework", message, suggest(one.code, codes))


def _list_files(study: StudyFolder) -> list[Path]:
    """Return the files of the framework, copies that a synced drive made behind what they are copies of."""
    return sorted(study.layout.list_files(study.layout.framework, ".md"), key=lambda path: (len(path.name), path.name))


def decode_summaries(data: bytes) -> tuple[str, list[Summary]]:
    """Return the case of a file, and its summaries.

    Raises
    ------
    StudyError
        If it names no case.
    UnicodeDecodeError
        If it is not UTF-8.
    """
    text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    head = _HEAD.match(text)
    if head is None:
        raise StudyError("The file does not begin by naming its case.")
    case = canonical_text(head["case"]).strip()
    sections = re.split(r"^## ", text[head.end() :], flags=re.MULTILINE)[1:]
    return case, sorted((_decode_section(case, one) for one in sections), key=lambda one: one.at, reverse=True)


def _decode_section(case: str, section: str) -> Summary:
    name, _, rest = section.partition("\n")
    told: dict[str, str] = {}
    while line := _LINE.match(rest):
        told[line["key"]] = line["value"].strip()
        rest = rest[line.end() :].removeprefix("\n")
    state = told.get("state", "charted")
    return Summary(
        case,
        canonical_text(name).strip(),
        _ESCAPED.sub(lambda mark: f"{mark[1][:-1]}## ", canonical_text(rest).strip("\n")),
        state if state in WRITTEN else "charted",
        tuple(one.strip() for one in told.get("quotes", "").split(";") if one.strip()),
        told.get("who", ""),
        told.get("at", ""),
        told.get("rests-on", ""),
        tuple(told.get("follows", "").split()),
    )


def encode_summaries(case: str, summaries: Iterable[Summary]) -> bytes:
    """Return the file of a case."""
    parts = [f"---\ncase: {case}\n---\n", *map(_encode_section, summaries)]
    return "\n".join(parts).encode("utf-8", "surrogatepass")


def _encode_section(one: Summary) -> str:
    told = {
        "state": one.state,
        "who": one.who,
        "at": one.at,
        "rests-on": one.rests_on,
        "quotes": "; ".join(one.quotes),
        "follows": " ".join(one.follows),
    }
    head = "".join(f"{key}: {value}\n" for key, value in told.items() if value)
    text = _ESCAPED.sub(lambda mark: f"{mark[1]}\\## ", one.text)
    return f"## {one.code}\n{head}\n{text}\n" if text else f"## {one.code}\n{head}"


def _read_files(study: StudyFolder, change: StudyChange) -> dict[str, tuple[Path, list[Summary]]]:
    """Return the file and the summaries of each case; a file that cannot be read stops whoever wants to write."""
    files: dict[str, tuple[Path, list[Summary]]] = {}
    for path in _list_files(study):
        try:
            case, summaries = decode_summaries(change.read(path) or b"")
        except UnicodeDecodeError:
            raise StudyError("The file is not UTF-8.", study.layout.name_of(path), "Restore it from a copy") from None
        files.setdefault(case, (path, summaries))
    return files


def _name_file(study: StudyFolder, case: str, taken: Iterable[Path]) -> Path:
    """Return where a new file of a case lies: under its name where every system can have that, else with a digest."""
    path = study.layout.framework_of(case)
    if fold_name(path.stem) in {fold_name(one.stem) for one in taken}:
        path = study.layout.framework_of(f"{case}/")  # no file can be called so: it gets a digest
    return path


# --- charting ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Charted:
    """What became of entries.

    Attributes
    ----------
    written
        The summaries as they stand now.
    n_cleared
        Cells that are open now.
    conflicts
        Of the cells that were others by then; nothing was written there.
    """

    written: list[Summary] = field(default_factory=list)
    n_cleared: int = 0
    conflicts: list[ConflictError] = field(default_factory=list)


def chart(
    study: StudyStore, entries: Sequence[Entry], *, author: str = "", coders: Collection[str] | None = None
) -> Charted:
    """Write summaries; those whose cell has changed since they were made come back as conflicts.

    All that can be written is written in one change; an entry that fits no cell stops all of them.

    Raises
    ------
    StudyError
        If a case, a code or a turn is not there, or a summary is empty or too long; with a problem for each.
    """
    from qualcode.cases import assign_cases

    table = tabulate_study(study, coders=coders) if any(one.rests_on is None for one in entries) else None
    present = digest_cells(table) if table else {}
    index = table.index if table else assign_cases(study.transcripts()[0], study.cases)
    with study.change() as change:
        charter = _Charter(change, index, author or study.who)
        for entry in entries:
            charter.take(entry, present)
        charter.commit()
    return charter.done


def chart_cell(
    study: StudyStore,
    case: str,
    code: str,
    text: str,
    *,
    state: Word | Literal["open"],
    quotes: Sequence[str] | None,
    author: str,
    replaces: str | None,
) -> Summary | None:
    """Write one cell; see :meth:`.Study.chart`."""
    if state == "open" and text.strip():
        raise StudyError("An open cell has no words.", hint="Leave out the text, or choose another state")
    done = chart(study, [Entry(case, code, text, state, quotes, replaces)], author=author)
    if done.conflicts:
        raise done.conflicts[0]
    return done.written[0] if done.written else None


class _Charter:
    """Takes entries into the files of cases, in one change."""

    def __init__(self, change: StudyChange, index: CaseIndex, who: str) -> None:
        self.change, self.study, self.index, self.who = change, change.study, index, " ".join(who.split())
        self.files = _read_files(change.study, change)
        self.known = {case.id for case in index.cases}
        self.codebook = change.study.codebook
        self.touched: set[str] = set()
        self.done = Charted()

    def take(self, entry: Entry, present: Mapping[tuple[str, str], str]) -> None:
        """Take one entry, or a conflict of it."""
        case = canonical_text(entry.case).strip()
        if case not in self.known:
            hint = suggest(case, self.known) or f"Cases: {', '.join(sorted(self.known))}"
            raise StudyError(f"There is no case “{case}”.", hint=hint)
        code = find_code(self.codebook, entry.code)
        path, summaries = self.files.get(case) or (_name_file(self.study, case, self._paths()), [])
        before = next((one for one in summaries if one.code == code), None)
        if entry.replaces is not None and entry.replaces != (before.digest if before else ""):
            self.done.conflicts.append(_conflict(case, self.codebook.path(code), before))
            return
        others = [one for one in summaries if one.code != code]
        if entry.state != "open":
            rests_on = present.get((case, code), NO_PASSAGE) if entry.rests_on is None else entry.rests_on
            summary = self._compose(replace(entry, case=case, code=code, rests_on=rests_on), summaries)
            others.append(summary)
            self.done.written.append(summary)
        elif before is None:
            return
        else:
            self.done.n_cleared += 1
        self.files[case] = path, self._sort(others)
        self.touched.add(case)
        after = "open" if entry.state == "open" else entry.state
        data = {"case": case, "code": code, "before": before.state if before else "open", "after": after}
        self.change.note("chart", data)

    def _paths(self) -> list[Path]:
        return [path for path, _ in self.files.values()]

    def _compose(self, entry: Entry, summaries: Sequence[Summary]) -> Summary:
        text = canonical_text(entry.text).strip()
        before = [one for one in summaries if one.code == entry.code]
        _check_text(text, entry)
        kept = before[0].quotes if before else ()
        quotes = kept if entry.quotes is None else tuple(self._find_quote(entry.case, one) for one in entry.quotes)
        earlier = [digest for one in before for digest in (*one.follows, one.digest)]
        state: Word = entry.state  # type: ignore[assignment]  # an open one is not composed
        follows = tuple(dict.fromkeys(earlier))[-_MOST_EARLIER:]
        return Summary(
            entry.case, entry.code, text, state, quotes, self.who, self.change.now, entry.rests_on or "", follows
        )

    def _find_quote(self, case: str, address: str) -> str:
        """Return the address of a turn in a transcript in which the case speaks."""
        transcripts = list(dict.fromkeys(name for (name, _), one in self.index.voices.items() if one == case))
        if ":" not in address and len(transcripts) == 1:
            address = f"{transcripts[0]}:{address.strip()}"
        name, segment = find_segment(self.study, address)
        if name not in transcripts:
            where = ", ".join(transcripts) or "no transcript"
            raise StudyError(f"{case} does not speak in {name}.", hint=f"It speaks in {where}")
        return f"{name}:{segment.id}"

    def _sort(self, summaries: Iterable[Summary]) -> list[Summary]:
        place = {code.id: number for number, code in enumerate(self.codebook.walk())}
        return sorted(summaries, key=lambda one: place.get(one.code, len(place)))

    def commit(self) -> None:
        """Stage the files of all cases that were touched, and keep what they said before."""
        for case in sorted(self.touched):
            path, summaries = self.files[case]
            before = self.study.layout.read(path)
            if before is not None:
                keep_version(self.change, path.name, before)
            self.change.put(path, encode_summaries(case, summaries) if summaries else None)


def _check_text(text: str, entry: Entry) -> None:
    if not text and entry.state not in _WORDLESS:
        raise StudyError("The summary is empty.", hint="Write something, or say that nothing was said or asked")
    if len(text) > LONGEST_SUMMARY:
        raise StudyError(
            f"The summary of {entry.case} has {len(text):,} characters.", hint=f"At most {LONGEST_SUMMARY:,} fit a cell"
        )


def _conflict(case: str, path: str, stands: Summary | None) -> ConflictError:
    by = f" by {stands.who}" if stands and stands.who else ""
    now = f"{stands.text or stands.state}" if stands else "open"
    return ConflictError(
        f"The cell {case}, {path} has changed in the meantime; it now says{by}: “{now}”.",
        where=f"{case}, {path}",
        hint="Write what holds with: qualcode chart",
        stands=stands,
    )


# --- what happens to the study -------------------------------------------------------------------------------------


def rename_in_framework(change: StudyChange, old: str, new: str) -> None:
    """Stage what brings the framework along when a transcript gets another name: its turns, and a case named so."""
    from qualcode.cases import read_cases

    study = change.study
    table = change.read(study.layout.cases)
    known = {case.id for case in read_cases(table)} if table else set()
    files = _read_files(study, change)
    for case, (at, summaries) in files.items():
        is_named_after = case not in known and (case == old or case.startswith(f"{old}/"))
        name = f"{new}{case[len(old) :]}" if is_named_after else case
        moved = [_move(one, name, old, new) for one in summaries]
        goal = at
        if name != case:
            change.put(at, None)
            goal = _name_file(study, name, [other for other, _ in files.values() if other != at])
        if name != case or moved != summaries:
            change.put(goal, encode_summaries(name, moved))


def _move(one: Summary, case: str, old: str, new: str) -> Summary:
    """Return a summary under the name of its case, whose quotes are in a transcript of another name."""
    parts = [address.rpartition(":") for address in one.quotes]
    quotes = tuple(f"{new if transcript == old else transcript}:{segment}" for transcript, _, segment in parts)
    return replace(one, case=case, quotes=quotes)


def list_framework_of(study: StudyFolder, cases: Collection[str]) -> Iterator[Path]:
    """Yield the files about some cases, and their earlier versions."""
    for path in study.layout.list_files(study.layout.framework, ".md"):
        if tell_case(study.layout.read(path) or b"") in cases:
            yield path
            for version in study.layout.list_files(study.layout.versions, ".md"):
                if re.fullmatch(re.escape(path.stem) + r"-[0-9a-f]{12}", version.stem):
                    yield version


def tell_case(data: bytes) -> str:
    """Return the case that a file of summaries is about; ``""`` of another file."""
    head = _HEAD.match(data.decode("utf-8", "replace").replace("\r\n", "\n"))
    return "" if head is None else head["case"].strip()


def merge_summaries(
    change: StudyChange, other: StudyFolder, *, without: Collection[str] = ()
) -> Iterator[tuple[Path, str]]:
    """Stage the summaries of another copy of a study, but for those of cases that were erased here.

    Yield each file that changed, with what clashes (or ``""``).

    Of one cell, what was built on the other counts. Where both copies wrote something else, both stay and a person
    has to decide.
    """
    study = change.study
    mine = _read_files(study, change)
    for path in other.layout.list_files(other.layout.framework, ".md"):
        try:
            case, theirs = decode_summaries(other.layout.read(path) or b"")
        except (StudyError, UnicodeDecodeError):
            yield path, "It is damaged in the other copy."
            continue
        if case in without:
            continue
        goal, present = mine.get(case) or (_name_file(study, case, [one for one, _ in mine.values()]), [])
        merged, clashes = _unite(present, theirs)
        if merged != present or [one.follows for one in merged] != [one.follows for one in present]:
            change.put(goal, encode_summaries(case, merged))
            yield goal, ""
        for code in clashes:
            yield goal, f"Both copies summarised {case} and “{code}”; both summaries are kept, and the latest counts."


def _unite(mine: Sequence[Summary], theirs: Sequence[Summary]) -> tuple[list[Summary], list[str]]:
    merged, clashes = list(mine), []
    for one in theirs:
        same = [known for known in merged if known.code == one.code]
        if any(one.digest in {known.digest, *known.follows} for known in same):
            continue
        older = [known for known in same if known.digest in one.follows]
        place = merged.index(older[0]) if older else len(merged)
        merged = [known for known in merged if known not in older]
        merged.insert(min(place, len(merged)), one)
        if len(older) < len(same):
            clashes.append(one.code)
    return merged, clashes
