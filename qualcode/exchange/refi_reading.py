"""REFI-QDA projects (``.qdpx``, or a ``.qde`` beside its ``sources``), from whichever program, as a :class:`Project`.

Senders keep to the schema in different degrees: elements are found by their local names in any order, texts by the
last part of their path in any case, and positions are read as :mod:`qualcode.exchange.calibration` finds.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from qualcode.errors import SourceError
from qualcode.exchange.archive import Archive, FolderArchive, ZipArchive
from qualcode.exchange.calibration import Calibration, habit_of
from qualcode.exchange.guids import make_guid
from qualcode.exchange.losses import LossList
from qualcode.exchange.project import (
    About,
    Mark,
    Project,
    ProjectCase,
    ProjectCode,
    ProjectCoder,
    ProjectMemo,
)
from qualcode.exchange.refi_codes import read_codes
from qualcode.exchange.refi_notes import NoteReader
from qualcode.exchange.refi_texts import Passage, Text, TextReader
from qualcode.exchange.texts import clean_name
from qualcode.exchange.xml_elements import attribute, child, children, find_all, guid_of, local, parse, target, text_of
from qualcode.model import Span
from qualcode.wording import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lxml import etree

    from qualcode.exchange.positions import Reading

_VALUES = ("TextValue", "BooleanValue", "IntegerValue", "FloatValue", "DateValue", "DateTimeValue")
_PROGRAMS = (
    "NVivo",
    "ATLAS.ti",
    "MAXQDA",
    "QualCoder",
    "Quirkos",
    "Transana",
    "Dedoose",
    "f4analyse",
    "Taguette",
    "qc",
)


def read_refi_project(path: Path, *, reading: Reading | None = None, encoding: str = "") -> tuple[Project, Calibration]:
    """Read a REFI-QDA project.

    Parameters
    ----------
    path
        A ``.qdpx`` file, or the ``.qde`` of one that was unpacked.
    reading
        How positions are counted; measured in the texts when not given.
    encoding
        Of texts that are not UTF-8, which none should be.

    Returns
    -------
    tuple
        The project, and how positions were read.

    Raises
    ------
    SourceError
        If it is no project, is damaged, or could reach outside of itself.
    """
    archive = FolderArchive(path) if path.suffix.casefold() == ".qde" else ZipArchive(path, ".qde")
    root = parse(archive.data, archive.name if archive.entry == archive.name else f"{archive.name}: {archive.entry}")
    return _ProjectReader(archive, root, encoding).read(reading)


def program_of(origin: str) -> str:
    """Return the program that a file says it is from; ``""`` when it says nothing."""
    found = {name: re.search(rf"(?i)\b{re.escape(name)}\b", origin) for name in _PROGRAMS}
    places = {name: one.start() for name, one in found.items() if one}
    return min(places, key=places.__getitem__) if places else shorten(clean_name(origin, default=""))


class _ProjectReader:
    """Reads one project."""

    def __init__(self, archive: Archive, root: etree._Element, encoding: str) -> None:
        self.archive, self.root = archive, root
        self.losses = LossList(archive.name)
        self.origin = attribute(root, "origin")
        self.users = {guid_of(one.get("guid")): one for one in find_all(root, "User")}
        self.codes = read_codes(root, self.losses)
        self.cases = list(find_all(root, "Case"))
        case_guids = {guid_of(one.get("guid")) for one in self.cases}
        self.case_codes = case_guids & {code.guid for code in self.codes}
        self.encoding = encoding
        self.texts = TextReader(archive, root, encoding, self.losses)
        self.marks: list[Mark] = []
        self.case_spans: dict[str, list[tuple[str, Span]]] = {}
        self.names = {guid: clean_name(attribute(one, "name", "id"), default="") for guid, one in self.users.items()}
        self.used_guids: set[str] = set()
        self.memos: list[ProjectMemo] = []

    def read(self, reading: Reading | None) -> tuple[Project, Calibration]:
        """Return the project, and how its positions were read."""
        self._tell_form()
        program = program_of(self.origin)
        calibration = self.texts.read(reading, habit_of(program, self.origin))
        self._read_marks()
        self._read_notes(calibration.reading)
        description = text_of(child(self.root, "Description")).strip()
        project_name = clean_name(attribute(self.root, "name"), default="")
        if description:
            self.memos.append(ProjectMemo(make_guid("description", project_name), "About the project", description))
        project = Project(
            program=program,
            name=project_name,
            description=description,
            sources=tuple(one.finish() for one in self.texts.own()),
            codes=tuple(self._kept_codes()),
            coders=tuple(self._coders()),
            marks=tuple(self.marks),
            cases=tuple(self._read_cases()),
            variables=tuple(self._variables().values()),
            memos=tuple(self.memos),
            losses=self.losses.tell(),
        )
        return project, calibration

    def _tell_form(self) -> None:
        """Tell where a file is not as the schema has it; it is read all the same."""
        name = local(self.root)
        if name != "Project":
            found = "a codebook" if name == "CodeBook" else f"<{name}>"
            hint = "A codebook is read by: qualcode import-codebook FILE"
            raise SourceError(f"This is not a REFI-QDA project, but {found}.", self.archive.name, hint)
        known = {
            "Users", "CodeBook", "Variables", "Cases", "Sources", "Notes", "Links", "Sets", "Graphs", "Description",
            "NoteRef",
        }  # fmt: skip
        for element in self.root:
            if local(element) and local(element) not in known:
                self.losses.add("elements that the format does not know", "left out", f"<{local(element)}>")

    # -- codings -------------------------------------------------------------------------------------------------------

    def _read_marks(self) -> None:
        by_guid = {code.guid: code for code in self.codes}
        for text in self.texts.own():
            for passage in text.passages:
                assert passage.span is not None, "others were left out"  # noqa: S101  # an invariant of ours
                codings = list(children(passage.element, "Coding"))
                note = text_of(child(passage.element, "Description")).strip()
                if not codings:
                    self._read_remark(passage, text, note)
                for coding in codings:
                    self._read_coding(coding, passage.element, text, passage.span, note, by_guid)
            for one in text.wholes:
                self._read_whole(one, text, by_guid)
        for element in find_all(self.root, "Notes"):
            for found in children(element, "Note"):
                if any(True for one in children(found, "PlainTextSelection") for _ in children(one, "Coding")):
                    self.losses.add("codings inside notes", "left out", attribute(found, "name"))

    def _read_whole(self, coding: etree._Element, text: Text, by_guid: dict[str, ProjectCode]) -> None:
        words = text.canonical.text
        if not words.strip():
            return
        start = len(words) - len(words.lstrip())
        span = Span(start, len(words.rstrip()))
        if self._read_coding(coding, coding, text, span, "", by_guid) == "mark":
            self.losses.add("codings of whole texts", "laid on all of the text", text.name, level="note")

    def _read_remark(self, passage: Passage, text: Text, note: str) -> None:
        """Read a remark on a passage without a code; one without words is named by a link from a note."""
        if note and passage.span:
            name = clean_name(attribute(passage.element, "name"), default="")
            about = About("passage", text.guid, passage.span)
            author = self._user(passage.element)
            at = attribute(passage.element, "creationDateTime")
            self.memos.append(ProjectMemo(passage.guid, name, note, about, self.names.get(author, ""), at))

    def _read_coding(
        self, coding: etree._Element, selection: etree._Element, text: Text, span: Span, note: str,
        by_guid: dict[str, ProjectCode],
    ) -> Literal["mark", "case", ""]:  # fmt: skip
        """Read the code, or the case, that is given to a passage."""
        reference = child(coding, "CodeRef")
        code = "" if reference is None else target(reference)
        if code in self.case_codes:
            self.case_spans.setdefault(code, []).append((text.guid, span))
            return "case"
        if code not in by_guid:
            self.losses.add("codings with a code that the project does not have", "left out",
                            f"{text.name}: {text.canonical.text[span.start : span.end]}")  # fmt: skip
            return ""
        guid = guid_of(coding.get("guid"))
        if not guid or guid in self.used_guids:
            guid = ""
        self.used_guids.add(guid)
        user = self._user(coding) or self._user(selection) or self._default_user()
        at = attribute(coding, "creationDateTime", "createdDateTime") or attribute(selection, "creationDateTime")
        self.marks.append(Mark(guid, text.guid, span, code, user, note, at))
        return "mark"

    def _user(self, element: etree._Element) -> str:
        return guid_of(attribute(element, "creatingUser", "creatingUserGUID", "modifyingUser"))

    def _default_user(self) -> str:
        told = self._user(self.root)
        return told if told in self.users else next(iter(self.users), "") if len(self.users) == 1 else ""

    def _coders(self) -> Iterator[ProjectCoder]:
        active = {mark.coder for mark in self.marks}
        for guid in dict.fromkeys([*self.users, *sorted(active)]):
            if guid in active and guid:
                yield ProjectCoder(guid, self.names.get(guid, ""))
            elif guid:
                self.losses.add("users without a coding", "left out", self.names.get(guid) or guid, level="note")

    def _kept_codes(self) -> Iterator[ProjectCode]:
        """Yield the codes that are no cases; what lies below such a one comes to the top."""
        gone = self._find_case_tree()
        for code in self.codes:
            if code.guid not in gone:
                yield code
        if self.case_codes:
            names = [code.name for code in self.codes if code.guid in self.case_codes]
            self.losses.add("cases that stand among the codes", "read as cases alone", "; ".join(names[:3]),
                            n=len(names), level="note")  # fmt: skip

    def _find_case_tree(self) -> set[str]:
        """Return the codes that are cases, and those above that hold nothing else."""
        below: dict[str, list[str]] = {}
        for code in self.codes:
            below.setdefault(code.parent, []).append(code.guid)
        gone = set(self.case_codes)
        used = {mark.code for mark in self.marks}
        for code in reversed(self.codes):
            kids = below.get(code.guid, [])
            if kids and code.guid not in used and all(one in gone for one in kids):
                gone.add(code.guid)
        return {guid for guid in gone if all(one in gone for one in below.get(guid, []))}

    # -- cases ---------------------------------------------------------------------------------------------------------

    def _read_notes(self, reading: Reading) -> None:
        places = {code.guid: About("code", code.guid) for code in self.codes}
        places |= {guid: About("case", guid) for one in self.cases if (guid := guid_of(one.get("guid")))}
        names = {code.guid: code.name for code in self.codes}
        names |= {guid: text.name for guid, text in self.texts.texts.items()}
        names |= {guid_of(one.get("guid")): attribute(one, "name") for one in self.cases}
        reader = NoteReader(
            self.archive, self.root, self.encoding, self.losses, texts=self.texts.texts,
            places=places | self.texts.places, users=self.names,
        )  # fmt: skip
        self.memos += reader.read(reading, names)

    def _variables(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for one in find_all(self.root, "Variable"):
            name = clean_name(attribute(one, "name"), default=f"variable {len(found) + 1}")
            while name in found.values():
                name += " (2)"
            found[guid_of(one.get("guid"))] = name
        return found

    def _values(self, element: etree._Element) -> dict[str, str]:
        values: dict[str, str] = {}
        names = self._variables()
        for one in children(element, "VariableValue"):
            reference = child(one, "VariableRef")
            name = names.get("" if reference is None else target(reference), "")
            told = next(children(one, *_VALUES), None)
            value = clean_name(text_of(told), default="")
            if name and value:
                values[name] = value
        return values

    def _read_cases(self) -> Iterator[ProjectCase]:
        told: set[str] = set()
        at_sources = {guid: values for guid, one in self.texts.sources.items() if (values := self._values(one))}
        for one in self.cases:
            guid = guid_of(one.get("guid"))
            sources = tuple(
                place.guid
                for reference in children(one, "SourceRef")
                if (place := self.texts.places.get(target(reference))) and place.kind == "source"
            )
            values = self._values(one)
            for source in sources:
                values = {**at_sources.get(source, {}), **values}
            told.update(sources)
            passages = [
                (place.guid, place.span)
                for reference in children(one, "SelectionRef")
                if (place := self.texts.places.get(target(reference))) and place.span
            ]
            name = clean_name(attribute(one, "name"), default="")
            description = text_of(child(one, "Description")).strip()
            if description:
                self.memos.append(ProjectMemo(make_guid(guid, "description"), "", description, About("case", guid)))
            yield ProjectCase(guid, name, values, sources, (*passages, *self.case_spans.get(guid, ())))
        for source, values in at_sources.items():
            place = self.texts.places.get(source)
            if place is not None and place.guid not in told:
                yield ProjectCase(make_guid(source, "values"), "", values, (place.guid,))
