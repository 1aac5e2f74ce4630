"""A study packed for strangers: a folder or zip file that needs no program to be read, and that can be checked."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from qualcode.deposit.describing import About, seal
from qualcode.deposit.payload import list_files
from qualcode.deposit.readme import write_readme
from qualcode.errors import OutputError, Problem, QualcodeError, StudyError
from qualcode.file_names import is_within
from qualcode.outputs import save, save_all
from qualcode.running import analyse_folder, fresh_folder, keep_quiet, report_analysis, write_folder
from qualcode.study import find_written, make_project, read_contents, read_memos, read_study
from qualcode.wording import plural

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Collection, Mapping, Sequence

    from qualcode.model import Transcript
    from qualcode.study import StudyFolder
    from qualcode.tables import CodingTable

Part = Literal["raw", "logs"]
"""What may be left out: original files, and the logs of what each coder did and undid."""

_NO_TIME = (1980, 1, 1, 0, 0, 0)
_READ = 0o644 << 16
_UNPORTABLE = '\\:*?"<>|'
"""What not every system lets stand in the name of a file."""
_AGGREGATE = ("themes.csv", "cooccurrence.csv")
_DERIVED = ("codings.csv", "data-list.csv", "project.qdpx")
_OTHER_ARCHIVES = frozenset({".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar"})
_UNREAD = "{name}: it cannot be read, so that nothing says whether it is private"
_STRANGE = ": not part of the study"
_AGGREGATE_FIGURES = ("themes", "cooccurrence")


@dataclass(frozen=True, slots=True)
class Archived:
    """What was packed.

    Attributes
    ----------
    path
        The folder or file.
    n_files
        Files in it, checksums among them.
    withheld
        What is not in it, and why, an item a line.
    open
        What people still have to fill in: ``creator``, ``licence``, ``access``, ``description``.
    problems
        What a person should look at before giving it away.
    """

    path: Path
    n_files: int
    withheld: tuple[str, ...]
    open: tuple[str, ...]
    problems: tuple[Problem, ...]


def archive(
    study: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    title: str = "",
    creators: Sequence[str] = (),
    licence: str = "",
    access: str = "",
    description: str = "",
    without: Collection[Part] = (),
    detail: Literal["full", "aggregate"] = "full",
    coders: Collection[str] | None = None,
    force: bool = False,
    progress: Callable[[str], None] = keep_quiet,
) -> Archived:
    """Pack a study for a repository, so that strangers can read it without a program and check it with one command.

    The same study gives the same bytes. Memos that are private stay out.

    Parameters
    ----------
    study
        Its folder, which is only read.
    out
        A folder, or a file that ends with ``.zip``.
    title, creators, licence, access, description
        What README and metadata say; what is not given is marked there, to be filled in.
    without
        ``raw`` leaves out original files, ``logs`` what each coder did and undid.
    detail
        ``aggregate`` packs the codebook and counts alone, and no words of anybody.
    coders
        Whose codings count in the report, as in :func:`qualcode.report_study`.
    force
        Replace a file, or files of the same names in a folder.
    progress
        Called with the name of each step as it begins.

    Returns
    -------
    Archived
        Where it is, and what was withheld.

    Raises
    ------
    QualcodeError
        If the study cannot be read, or the archive cannot be written or would lie inside the study.

    Examples
    --------
    >>> study = qualcode.create_study("garden", codebook="codebooks/industry_partnership.yaml")
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> report = study.import_transcripts(transcripts, "transcripts_sample")
    >>> report = study.tag()
    >>> archive("garden", "garden.zip", without=["raw"]).withheld
    ('raw/: 4 original files, left out as asked for',)
    """
    target = Path(out)
    is_file = target.suffix.lower() == ".zip"
    if is_file and target.exists() and not force:
        raise OutputError("The file exists.", str(target), "Choose another --out, or add --force")
    _refuse_place(target, Path(study))
    with TemporaryDirectory() as place:
        home, withheld = _stage(Path(study), Path(place), set(without))
        about = _describe(home, About(title, tuple(creators), licence, access, description))
        packer = _Packer(home, about, coders, progress)
        payload = packer.pack() if detail == "full" else packer.pack_aggregate()
        if detail == "aggregate":
            withheld = [*_count_strangers(withheld), *packer.tell_left(payload)]
    payload["README.md"] = write_readme(payload, about, withheld, detail)
    files = seal({f"data/{name}": data for name, data in payload.items()}, about)
    progress("Writing")
    if is_file:
        save(target, _zip(files))
    else:
        with fresh_folder(target, force=force) as draft:
            save_all(draft, files)
    return Archived(target, len(files), tuple(withheld), tuple(about.open), tuple(packer.problems))


def _refuse_place(target: Path, study: Path) -> None:
    """Refuse an archive inside of its study, and one that is called like a kind of file that is not written."""
    if is_within(target, study):
        raise OutputError("The archive would lie inside the study.", str(target), "Name a place outside of it")
    if target.suffix.lower() in _OTHER_ARCHIVES:
        raise OutputError(
            f"An archive is a folder or a .zip file, not {target.suffix}.", str(target), "Name a folder, or NAME.zip"
        )


# ---- what of a study goes along


def _stage(study: Path, place: Path, without: set[Part]) -> tuple[StudyFolder, list[str]]:
    """Copy what goes along of a study, so that all else in the archive follows from what strangers get."""
    original = read_study(study)
    memos, unread = read_memos(original)
    private = {f"memos/{memo.id}.md": memo.id for memo in memos if memo.is_private}
    left: dict[str, list[str]] = {}
    for name, path in list_files(study).items():
        is_unread = any(one.where == name for one in unread)
        reason = _UNREAD if is_unread else _withhold(name, original, private, without)
        if reason:
            left.setdefault(reason, []).append(name)
        else:
            data = path.read_bytes()
            save(place / name, _forget(data, set(private.values())) if name == "history.jsonl" else data)
    _note_memos(read_study(place))
    return read_study(place), [text for reason, names in sorted(left.items()) for text in _tell(reason, names)]


def _withhold(name: str, study: StudyFolder, private: Collection[str], without: Collection[Part]) -> str:
    """Return why a file of a study's folder stays out; ``""`` of one that goes along."""
    top = name.partition("/")[0]
    is_log, is_codebook = name.endswith(".log.jsonl"), name.startswith("versions/codebook-")
    reasons = {
        "hidden": top.startswith("."),
        "memos/: {n memo}, private": name in private,
        f"{{name}}{_STRANGE}": study.layout.find(name) is None or any(mark in name for mark in _UNPORTABLE),
        "raw/: {n original file}, left out as asked for": top == "raw" and "raw" in without,
        "sheets/: {n log} of what coders did and undid, left out as asked for": is_log and "logs" in without,
        "versions/: {n earlier version} of transcripts and cases, which may hold what was taken out of them": (
            top == "versions" and not is_codebook
        ),
        "exchange.csv: what things are called in other programs": name == "exchange.csv",
    }
    return next((reason for reason, is_so in reasons.items() if is_so), "")


def _tell(reason: str, names: Sequence[str]) -> list[str]:
    """Return a reason with how many files it is about, or once for each; what is hidden belongs to no study."""
    if reason == "hidden":
        return []
    if "{name}" in reason:
        return [reason.replace("{name}", name) for name in names]
    return [re.sub(r"\{n ([a-z ]+)\}", lambda found: plural(len(names), found[1]), reason)]


def _count_strangers(withheld: Sequence[str]) -> list[str]:
    """Return what was withheld with the files that belong to no study counted, not named: names are words of people."""
    left = [one for one in withheld if not one.endswith(_STRANGE)]
    n_strange = len(withheld) - len(left)
    return [*left, *([f"{plural(n_strange, 'other file')} of the folder{_STRANGE}"] if n_strange else [])]


def _forget(history: bytes, private: Collection[str]) -> bytes:
    """Return a study's history without the lines that name private memos."""

    def names_one(line: bytes) -> bool:
        try:
            note = json.loads(line)
        except (ValueError, RecursionError):
            return False
        return isinstance(note, dict) and str(note.get("memo")) in private

    return b"".join(line for line in history.splitlines(keepends=True) if not names_one(line))


def _note_memos(study: StudyFolder) -> None:
    """Bring the history up to memos that were written by hand or came without a note, so that each can be checked."""
    written = find_written(study)
    files = study.layout.list_files(study.layout.memos, ".md")
    found = {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    news = {
        name: found.get(name, "") for name in sorted({*written, *found}) if written.get(name, "") != found.get(name, "")
    }
    at = max((str(note.get("at", "")) for note in study.notes()), default="")
    why = "as it was when the archive was packed"
    lines = [
        json.dumps({"at": at, "who": "", "what": "memo", "why": why, "memo": name, "sha256": checksum}) + "\n"
        for name, checksum in news.items()
    ]
    if lines:
        history = study.layout.history
        before = history.read_bytes() if history.is_file() else b""
        save(history, before + b"\n" * bool(before and not before.endswith(b"\n")) + "".join(lines).encode())


def _describe(study: StudyFolder, said: About) -> About:
    """Return what people say of a deposit, with what the study tells itself."""
    times = [str(note.get("at", "")) for note in study.notes()]
    times += [coding.at for sheet in study.sheets()[0] for coding in sheet.codings]
    return About(
        said.title or study.settings.name,
        said.creators,
        said.licence,
        said.access,
        said.description,
        max(times, default="")[:10],
        study.settings.language or ", ".join(_list_languages(study)),
    )


def _list_languages(study: StudyFolder) -> list[str]:
    """Return the languages of the transcripts, the commonest first."""
    counted = Counter(one.language for one in study.transcripts()[0])
    return [language for language, _ in counted.most_common() if language]


# ---- what is made of it


class _Packer:
    """Makes the payload of an archive of a staged study."""

    def __init__(
        self, study: StudyFolder, about: About, coders: Collection[str] | None, progress: Callable[[str], None]
    ) -> None:
        self.study, self.about, self.coders, self.progress = study, about, coders, progress
        self.problems: list[Problem] = []

    def pack(self) -> dict[str, bytes]:
        """Return the study's files, and what makes them readable."""
        payload = {name: path.read_bytes() for name, path in list_files(self.study.root).items()}
        payload |= derive(self.study, self.problems)
        self.progress("Writing the report")
        return payload | {f"report/{name}": data for name, data in self._report.items()}

    def pack_aggregate(self) -> dict[str, bytes]:
        """Return the codebook and the counts that say nothing of a single case."""
        if not any(name in self._report for name in _AGGREGATE):
            raise StudyError("There is nothing to count in the study.", str(self.study.root), "Code some of it first")
        book = self.study.codebook
        examples = sum(len(code.hits) + len(code.misses) for code in book.walk())
        if examples:
            message = f"The codebook has {plural(examples, 'example')}, which may be words of participants."
            self.problems.append(
                Problem("codebook.yaml", "warning", "examples", message, "Read them before you deposit")
            )
        figures = [f"figures/{kind}.{ending}" for kind in _AGGREGATE_FIGURES for ending in ("svg", "pdf", "png")]
        report = self._report
        payload = {f"report/{name}": report[name] for name in (*_AGGREGATE, *figures) if name in report}
        payload["codebook.yaml"] = self.study.layout.codebook.read_bytes()
        payload["codebook.docx"] = print_codebook(self.study, examples="tests")
        return payload

    def tell_left(self, payload: Collection[str]) -> list[str]:
        """Return what an archive in full has and this one has not, as only counts were to leave."""
        whole = {*list_files(self.study.root), *_DERIVED, *(f"report/{name}" for name in self._report)}
        groups: dict[str, list[str]] = {}
        for name in sorted(whole):
            top, slash, _ = name.partition("/")
            groups.setdefault(top + slash, []).append(name)
        left = {top: [name for name in names if name not in payload] for top, names in groups.items()}
        why = "left out, as only counts and the codebook were to leave"
        return [f"{top}: {_count_files(top, names, groups[top])}{why}" for top, names in left.items() if names]

    @cached_property
    def _report(self) -> dict[str, bytes]:
        try:
            analysis = analyse_folder(self.study, coders=self.coders)
        except QualcodeError as error:
            self.problems.append(error.as_problem("report"))
            return {}
        with TemporaryDirectory() as place:
            write_folder(report_analysis(analysis), Path(place))
            return {name: path.read_bytes() for name, path in list_files(Path(place)).items()}


def _count_files(top: str, left: Sequence[str], whole: Sequence[str]) -> str:
    """Return how many files of a folder are left out, with a comma behind; of a file by itself nothing."""
    if whole == [top]:
        return ""
    return f"{plural(len(left), 'file')}, " if left == whole else f"{len(left)} of {len(whole)} files, "


def derive(study: StudyFolder, problems: list[Problem]) -> dict[str, bytes]:
    """Return the files that follow from a study and make it readable for people and for other programs.

    Parameters
    ----------
    study
        As it goes along.
    problems
        Takes what could not be made.
    """
    from qualcode.exchange import write_project
    from qualcode.study import export_codings

    made: dict[str, Callable[[], bytes]] = {
        "codings.csv": lambda: export_codings(study, "csv").data,
        "codebook.docx": lambda: print_codebook(study, examples="quotes"),
        "data-list.csv": lambda: _list_data(study),
        "project.qdpx": lambda: write_project(make_project(study)).data,
    }
    files: dict[str, bytes] = {}
    for name, make in made.items():
        try:
            files[name] = make()
        except QualcodeError as error:
            problems.append(
                Problem(name, "warning", "not-made", f"It is not in the archive: {error.message}", error.hint)
            )
    return files


def print_codebook(study: StudyFolder, *, examples: Literal["quotes", "tests"]) -> bytes:
    """Return the codebook as a Word document to be printed.

    Parameters
    ----------
    study
        Which study.
    examples
        ``quotes`` of what counts, with the number of cases; or those by which the codebook ``tests`` its rules.
    """
    from qualcode.appendices import list_codebook
    from qualcode.reports import write_result

    listed = list_codebook(study.codebook, _tabulate(study) if examples == "quotes" else None)
    if listed.frame["cases"].isna().all():
        listed = replace(listed, frame=listed.frame.drop(columns=["place", "cases"]))
    with TemporaryDirectory() as place:
        path = Path(place, "codebook.docx")
        write_result(listed, path, title=f"Codebook “{study.codebook.name}”")
        return path.read_bytes()


def _tabulate(study: StudyFolder) -> CodingTable | None:
    """Return what counts in a study; ``None`` while nothing does."""
    try:
        return read_contents(study).tabulate()
    except QualcodeError:
        return None


_DATA_COLUMNS = ("transcript", "file", "language", "interviewers", "turns", "words", "cases", "original", "sha256")


def _list_data(study: StudyFolder) -> bytes:
    """Return the list of data that archives ask for: a row for each transcript."""
    from qualcode.cases import assign_cases

    transcripts, _ = study.transcripts()
    index = assign_cases(transcripts, study.cases)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_DATA_COLUMNS)
    for one in transcripts:
        cases = {index.case_of(one.id, turn.speaker) for turn in one.units("turn")} - {""}
        writer.writerow(_list_transcript(one, sorted(cases)))
    return text.getvalue().encode("utf-8", "replace")


def _list_transcript(one: Transcript, cases: Sequence[str]) -> tuple[object, ...]:
    from qualcode.language import count_words

    turns = one.units("turn")
    words = sum(count_words(one.quote(turn.span)) for turn in turns)
    asking = "; ".join(sorted(one.interviewers))
    file = f"transcripts/{one.id}.txt"
    return one.id, file, one.language, asking, len(turns), words, "; ".join(cases), one.source.name, one.digest


def _zip(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip file that is the same everywhere: sorted, without times, and stored as they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, date_time=_NO_TIME)
            entry.create_system, entry.external_attr = 3, _READ
            packed.writestr(entry, data)
    return buffer.getvalue()
