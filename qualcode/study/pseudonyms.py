"""Pseudonyms in a study: candidates from all it holds, and a copy in which replacements stand for names.

The copy is another study, without originals, earlier versions, logs and recordings: what these hold cannot be told back
from it without the key. The study itself stays as it is. Passages move exactly, as each replacement is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.errors import Problem, StudyError
from qualcode.file_names import fold_name, is_within
from qualcode.model import RULES_CODER, Evidence
from qualcode.pseudonyms import Given, Replacer, find_candidates, replace_transcript
from qualcode.spreadsheets import arm, disarm, rewrite_cells
from qualcode.study.addresses import parse_span
from qualcode.study.blinding import rename_in_assignment
from qualcode.study.corrections import read_unsettled
from qualcode.study.creating import begin_study
from qualcode.study.memos import encode_memo, name_memo, read_memos
from qualcode.study.recall import list_check_files, rename_in_checks
from qualcode.study.store import CodingChange, check_transcript_id, join_notes, keep_versions, key_of
from qualcode.wording import plural

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping

    from qualcode.model import Coding, Memo, Sheet, Transcript
    from qualcode.pseudonyms import Candidate, Key, Moves
    from qualcode.study.store import Key as Place
    from qualcode.study.store import StudyChange, StudyFolder
    from qualcode.study.study import Study

_NAMING = ("name", "school", "company", "employer", "organisation", "organization", "city", "town", "place", "address")
"""Words in the head of a column of the table of cases whose values are names."""


def list_given(study: StudyFolder) -> Iterator[Given]:
    """Yield what is said and written in a study, by sentences where there are any.

    Parameters
    ----------
    study
        The study.

    Yields
    ------
    Given
        Sentences of transcripts, then memos, notes and the codebook line by line.

    Examples
    --------
    >>> from pathlib import Path
    >>> from qualcode.study import list_given
    >>> study = qualcode.create_study("garden")
    >>> _ = Path("P1.txt").write_text("It rained. We sang.\\n")
    >>> report = study.import_transcripts(qualcode.read_transcripts("P1.txt")[0], "P1.txt")
    >>> [(one.place, one.text) for one in list_given(study)][:2]
    [('P1:s0001', 'It rained.'), ('P1:s0002', 'We sang.')]
    """
    for transcript in study.transcripts()[0]:
        for sentence in transcript.units("sentence"):
            yield Given(f"{transcript.id}:{sentence.id}", transcript.quote(sentence.span))
    for memo in read_memos(study)[0]:
        for line in memo.text.splitlines():
            yield Given(f"memo {memo.id}", line)
    for coder, name in study.sheet_ids():
        for coding in study.history(coder, name).codings:
            if coding.note:
                yield Given(f"note on {study.address_of(name, coding.span)}", coding.note)
    for line in (study.layout.read(study.layout.codebook) or b"").decode("utf-8", "replace").splitlines():
        yield Given("codebook", line.partition(": ")[2] or line.strip(" -"))


def list_known(study: StudyFolder) -> dict[str, str]:
    """Return the names that a study knows: cases, labels of speakers, names of files, columns of names.

    Parameters
    ----------
    study
        The study.

    Returns
    -------
    dict
        Each name, with where it is from; roles and numbers among them.

    Examples
    --------
    >>> from pathlib import Path
    >>> from qualcode.study import list_known
    >>> study = qualcode.create_study("garden")
    >>> _ = Path("P1.txt").write_text("Interviewer: And you?\\n\\nMei: It rained.\\n")
    >>> report = study.import_transcripts(qualcode.read_transcripts("P1.txt")[0], "P1.txt")
    >>> list_known(study)["Mei"]
    'the label of a speaker'
    """
    known: dict[str, str] = {}
    for case in study.cases:
        known.setdefault(case.id, "a case")
        for head, value in case.attributes.items():
            if value and any(word in head.casefold() for word in _NAMING):
                known.setdefault(value, f"the column {head} of the cases")
    for transcript in study.transcripts()[0]:
        for label in transcript.speakers:
            known.setdefault(label, "the label of a speaker")
        known.setdefault(transcript.id, "the name of a transcript")
        known.setdefault(Path(transcript.source.name).stem.replace("_", " "), "the name of a file")
    return known


def find_names(study: StudyFolder, key: Key | None = None) -> list[Candidate]:
    """Return what may be a name in a study: in transcripts, memos, notes, the codebook, cases and labels.

    Parameters
    ----------
    study
        The study.
    key
        Names that are decided already.

    Returns
    -------
    list of Candidate
        As :func:`qualcode.pseudonyms.find_candidates`.

    Raises
    ------
    QualcodeError
        If the study cannot be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> from qualcode.study import find_names
    >>> study = qualcode.create_study("garden")
    >>> _ = Path("P1.txt").write_text("Interviewer: And you?\\n\\nMei: Mr Okafor helped.\\n")
    >>> report = study.import_transcripts(qualcode.read_transcripts("P1.txt")[0], "P1.txt")
    >>> [(one.real, one.why) for one in find_names(study)]
    [('Mei', 'the label of a speaker'), ('Okafor', 'behind a title')]
    """
    return find_candidates(list_given(study), known=list_known(study), key=key)


@dataclass(frozen=True, slots=True)
class PseudonymReport:
    """What a copy with pseudonyms holds.

    Attributes
    ----------
    folder
        Where it is.
    n_transcripts, n_codings
        How many came along: all of them.
    counts
        How often names of each kind were replaced in transcripts.
    problems
        What a person must look at; no message holds a name.
    """

    folder: Path
    n_transcripts: int
    n_codings: int
    counts: Mapping[str, int]
    problems: tuple[Problem, ...]


def write_pseudonymised(study: Study, key: Key, out: str | os.PathLike[str]) -> PseudonymReport:
    """Write a copy of a study in which replacements stand for names.

    Parameters
    ----------
    study
        The study; it stays as it is.
    key
        Names and their replacements.
    out
        A new folder for the copy, which is a study of its own: transcripts, codebook, cases, codings, notes, memos and
        names of files with replacements. Originals, earlier versions, logs and recordings are left out, as they would
        tell the names.

    Returns
    -------
    PseudonymReport
        What it holds, and what a person must look at.

    Raises
    ------
    StudyError
        If the folder is not empty, the study cannot be read in full, or two transcripts or cases would get one name;
        then nothing is left there.

    Examples
    --------
    >>> from pathlib import Path
    >>> from qualcode.pseudonyms import Key, KeyEntry
    >>> from qualcode.study import write_pseudonymised
    >>> study = qualcode.create_study("garden")
    >>> _ = Path("Mei.txt").write_text("Interviewer: And you, Mei?\\n\\nMei: The rain came late.\\n")
    >>> report = study.import_transcripts(qualcode.read_transcripts("Mei.txt")[0], "Mei.txt")
    >>> report = write_pseudonymised(study, Key((KeyEntry("Mei", "person", "[Gardener 1]"),)), "garden-to-share")
    >>> report.counts, qualcode.open_study("garden-to-share").transcript_ids()
    ({'person': 2}, ('Gardener 1',))
    """
    target = Path(out)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise StudyError("The folder is not empty.", str(target), "Name a new folder with --out")
    if is_within(target, study.root):
        raise StudyError("The copy would lie inside the study.", str(target), "Name a folder outside of it")
    _refuse_unsound(study)
    replacer = Replacer(key)
    with begin_study(target, name=replacer.replace(study.settings.name, "bare")) as copy:
        return _Copier(study, copy, replacer).write()


def _refuse_unsound(study: Study) -> None:
    if read_unsettled(study):
        message = "Codings wait for a place after a correction, and would be lost."
        raise StudyError(message, str(study.root), "Settle them first with: qualcode settle")
    problems = [*study.transcripts()[1], *study.sheets()[1]]
    if any(one.level == "error" for one in problems):
        message = "Not all of the study can be read, so that a copy would lack it."
        raise StudyError(message, str(study.root), "Repair it first; qualcode check says how", problems=problems)


class _Copier:
    """Writes one copy."""

    def __init__(self, study: Study, copy: Study, replacer: Replacer) -> None:
        self.study, self.copy, self.replacer = study, copy, replacer
        self.problems: list[Problem] = []
        self.names: dict[str, str] = {}
        self.codes: dict[str, str] = {}
        self.transcripts: dict[str, tuple[Transcript, Moves]] = {}
        self.n_codings = 0

    def write(self) -> PseudonymReport:
        """Write it: files first, then the sheets on them."""
        self._replace_transcripts()
        with self.copy.change() as change:
            self._put_settings(change)
            self._put_codebook(change)
            for new, _ in self.transcripts.values():
                change.put_transcript(new)
            self._put_tables(change)
            self._put_memos(change)
            keep_versions(change)
        with self.copy.change(why="Names were replaced.") as change:
            for coder, name in self.study.sheet_ids():
                sheet = self.study.sheet(coder, name)
                if sheet is not None:
                    self._put_sheet(change, sheet)
            change.note("pseudonymise", {"counts": dict(sorted(self.replacer.counts.items()))})
        return PseudonymReport(
            self.copy.root, len(self.transcripts), self.n_codings, dict(self.replacer.counts), tuple(self.problems)
        )

    # -- texts --------------------------------------------------------------------------------------------------------

    def _replace_transcripts(self) -> None:
        taken: dict[str, str] = {}
        for name in self.study.transcript_ids():
            new_name = self.replacer.replace(name, "bare")
            twin = taken.get(fold_name(new_name))
            if twin is not None:
                message = f"Two transcripts would both be named “{twin}”."
                hint = "Give their names in the key different replacements, such as [Person 1, second talk]"
                raise StudyError(message, str(self.study.root), hint)
            check_transcript_id(new_name, taken)
            taken[fold_name(new_name)] = new_name
            new, moves, problems = replace_transcript(self.study.transcript(name), self.replacer, new_name)
            self.names[name] = new_name
            self.transcripts[name] = new, moves
            self.problems += problems

    def _put_settings(self, change: StudyChange) -> None:
        settings = self.study.settings
        labels = tuple(self.replacer.replace(one, "bare") for one in settings.interviewers)
        change.put_settings(
            replace(settings, id=self.copy.settings.id, name=self.copy.settings.name, interviewers=labels, media={})
        )
        for coder in self.study.coders():
            if coder != RULES_CODER and coder not in settings.coders:
                change.enter_coder(coder, is_new=True)
        if settings.media:
            message = "Recordings are not part of the copy: a voice tells who speaks."
            self.problems.append(Problem("", "note", "media", message))

    def _put_codebook(self, change: StudyChange) -> None:
        from qualcode.codebook import reword_codebook

        data = self.study.layout.read(self.study.layout.codebook)
        if data is None:
            return
        text, self.codes, n_rules = reword_codebook(
            data.decode("utf-8-sig"),
            lambda words, part: self.replacer.replace(words, "bracketed" if part == "words" else "bare"),
        )
        if n_rules:
            message = f"Names stood in {plural(n_rules, 'part')} of rules, which have the replacements now."
            hint = "See what they find with: qualcode codebook test"
            self.problems.append(Problem("codebook.yaml", "warning", "rules", message, hint))
        change.put(self.copy.layout.codebook, text.encode("utf-8"))

    # -- tables and memos ---------------------------------------------------------------------------------------------

    def _put_tables(self, change: StudyChange) -> None:
        old, new = self.study.layout, self.copy.layout
        for path, goal in ((old.cases, new.cases), (old.speakers, new.speakers)):
            data = old.read(path)
            if data is not None:
                change.put(goal, self._replace_table(data, path.name))
        data = old.read(old.assignments)
        if data is not None:
            change.put(new.assignments, rename_in_assignment(data, self.names, old.assignments.name))
        for path in list_check_files(self.study):
            code = self.codes.get(path.stem, path.stem)
            moved = rename_in_checks(old.read(path) or b"", self.names, path.name)
            change.put(new.check_of(path.parent.name, code), moved)

    def _replace_table(self, data: bytes, name: str) -> bytes:
        ids = {case.id for case in self.study.cases} | self.names.keys()
        ids |= {label for new in self.transcripts for label in self.study.transcript(new).speakers}
        replaced: dict[str, str] = {}

        def change(cell: str) -> str:
            words = arm(cell)
            new = self.replacer.replace(words, "bare" if words in ids else "bracketed")
            replaced[words] = new
            return disarm(new) if new != words else cell

        data = rewrite_cells(data, change, name=name, error=StudyError)
        cases = [replaced.get(case.id, case.id) for case in self.study.cases]
        if len(set(cases)) < len(cases):
            message = "Two cases would have one name, and be counted as one."
            raise StudyError(message, name, "Give their names in the key different replacements")
        return data

    def _put_memos(self, change: StudyChange) -> None:
        for memo in read_memos(self.study)[0]:
            moved = self._replace_memo(memo)
            change.put(self.copy.layout.memo_of(moved.id), encode_memo(moved))

    def _replace_memo(self, memo: Memo) -> Memo:
        about = self._replace_about(memo.about)
        flag = "flag-" if memo.id == name_memo(f"flag-{memo.about}") else ""
        is_named_after = memo.id == name_memo(f"{flag}{memo.about}")
        name = name_memo(f"{flag}{about}" if is_named_after else self.replacer.replace(memo.id, "bare"))
        return replace(memo, id=name, about=about, text=self.replacer.replace(memo.text))

    def _replace_about(self, about: str) -> str:
        kind, _, name = about.partition(":")
        if kind == "code":
            return f"code:{self.codes.get(name, name)}"
        if kind == "case":
            return f"case:{self.replacer.replace(name, 'bare')}"
        transcript, _, place = about.rpartition(":")
        if transcript not in self.transcripts:
            return about
        span = parse_span(place)
        if span is None:
            return f"{self.names[transcript]}:{place}"
        moved = self.transcripts[transcript][1].move(span)
        return f"{self.names[transcript]}:{moved.start}-{moved.end}"

    # -- codings ------------------------------------------------------------------------------------------------------

    def _put_sheet(self, change: StudyChange, sheet: Sheet) -> None:
        new, moves = self.transcripts[sheet.transcript]
        moved: dict[Place, Coding] = {}
        for coding in sheet.codings:
            one = self._move(coding, new, moves)
            twin = moved.get(key_of(one))
            if twin is not None:
                one = self._unite(twin, one)
            moved[key_of(one)] = one
        self.n_codings += len(sheet.codings)
        draft = change.sheet(new.id, sheet.coder)
        draft.change(CodingChange((), None, one) for _, one in sorted(moved.items()))
        draft.see(sheet.seen)
        history = self.study.history(sheet.coder, sheet.transcript)
        is_present = self.study.has_codebook and sheet.codebook_digest == self.study.codebook.digest
        codebook = self.copy.codebook.digest if is_present else sheet.codebook_digest
        # With no rules told, the next tagging runs all of them on the new text.
        extra = {**history.extra, **({"rules": {}} if sheet.coder == RULES_CODER else {})}
        draft.tell(unit=sheet.unit, text=new.digest, codebook=codebook, **extra)
        draft.what, draft.who = "pseudonymise", self.copy.who

    def _move(self, coding: Coding, new: Transcript, moves: Moves) -> Coding:
        span = moves.move(coding.span)
        evidence = tuple(
            Evidence(self.replacer.replace(one.rule, "bare"), tuple(map(moves.move, one.spans)))
            for one in coding.evidence
        )
        return replace(
            coding,
            transcript=new.id,
            span=span,
            quote=new.quote(span),
            code=self.codes.get(coding.code, coding.code),
            note=self.replacer.replace(coding.note),
            evidence=evidence,
        )

    def _unite(self, one: Coding, other: Coding) -> Coding:
        place = self.copy.layout.name_of(self.copy.layout.sheet_of(one.coder, one.transcript))
        message = f"Two codings with the code “{one.code}” lay on parts of one name, and are one coding now."
        self.problems.append(Problem(place, "warning", "united", message, "Check whether both were meant"))
        kept = max(one, other, key=lambda coding: (coding.is_counted, coding.at))
        return replace(kept, note=join_notes(one.note, other.note))
