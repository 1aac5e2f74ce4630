"""A :class:`Project` as a REFI-QDA file that other programs read well: valid, and the same bytes for the same content.

Texts have plain line ends and no byte order mark, positions count code points with the end excluded unless a program
is known to count otherwise, there is one selection for each coding, and nothing depends on clock or compression.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Literal

from qualcode.errors import OutputError
from qualcode.exchange.guids import GuidBook, make_guid
from qualcode.exchange.losses import LossList
from qualcode.exchange.positions import CountedText, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from lxml import etree

    from qualcode.exchange.losses import Loss
    from qualcode.exchange.project import Mark, Project, ProjectCase, ProjectCode, ProjectMemo, ProjectSource
    from qualcode.model import Span

Recipient = Literal["any", "nvivo", "atlasti", "maxqda", "qualcoder"]
CodeNames = Literal["tree", "unique", "flat"]

_SPACES = {"project": "urn:QDA-XML:project:1.0", "codebook": "urn:QDA-XML:codebook:1.0"}
_SCHEMAS = {"project": "Project-mrt2019.xsd", "codebook": "Codebook-mrt2019.xsd"}
_IN_UTF16 = frozenset({"nvivo", "atlasti", "maxqda"})
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_INTEGER = re.compile(r"0|-?[1-9]\d*")
_WIDE = re.compile("[\U00010000-\U0010ffff]")
_LONGEST_NAME = 100
_DEEPEST = 2
_EPOCH = (1980, 1, 1, 0, 0, 0)
_FILE_RIGHTS = 0o100644 << 16
_UNIX = 3


@dataclass(frozen=True, slots=True)
class Written:
    """A file for another program.

    Attributes
    ----------
    data
        The file.
    losses
        What it does not hold, and what its reader should know.
    """

    data: bytes
    losses: tuple[Loss, ...]


def write_project(project: Project, *, recipient: Recipient = "any", where: str = "") -> Written:
    """Return a project as a ``.qdpx`` file.

    Parameters
    ----------
    project
        What to write; its losses are handed on.
    recipient
        The program that will read it, where it is known: NVivo, ATLAS.ti and MAXQDA count a character such as an emoji
        as two.
    where
        The file, for messages.
    """
    losses = LossList(where)
    losses.extend(project.losses)
    writer = _Writer(project, losses, recipient)
    root = writer.write()
    _tell_codes(project.codes, losses, recipient)
    files = {"project.qde": _serialize(root, "project"), **writer.files}
    return Written(_pack(files), losses.tell())


def write_codes(codes: Sequence[ProjectCode], *, losses: Iterable[Loss] = ()) -> Written:
    """Return codes as a ``.qdc`` file.

    Raises
    ------
    OutputError
        If there is none: the format knows no empty codebook.
    """
    if not codes:
        raise OutputError("There is no code to write.", hint="Add a code first, as the format knows no empty codebook")
    told = LossList()
    told.extend(losses)
    root = _element("codebook", None, "CodeBook", origin=_origin())
    _CodeWriter("codebook", GuidBook(), told, {}).write(root, codes)
    _tell_codes(codes, told, "any")
    return Written(_serialize(root, "codebook"), told.tell())


def _origin() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return f"qualcode {version('qualcode')}"
    except PackageNotFoundError:
        return "qualcode"


def _element(space: str, parent: etree._Element | None, kind: str, /, **attributes: str) -> etree._Element:
    """Return a new element with those attributes that say something."""
    from lxml import etree

    tag = f"{{{_SPACES[space]}}}{kind}"
    told = {key: value for key, value in attributes.items() if value}
    if parent is None:
        return etree.Element(tag, told, nsmap={None: _SPACES[space]})  # type: ignore[dict-item]  # the default one
    return etree.SubElement(parent, tag, told)


@cache
def _schema(space: str) -> etree.XMLSchema:
    from lxml import etree

    data = resources.files("qualcode.exchange").joinpath("schemas", _SCHEMAS[space]).read_bytes()
    return etree.XMLSchema(etree.fromstring(data))


def _serialize(root: etree._Element, space: str) -> bytes:
    """Return a document as bytes, checked against the schema.

    Raises
    ------
    OutputError
        If it is not valid, which would be a defect of ours.
    """
    from lxml import etree

    etree.indent(root, space=" ")
    data = f'<?xml version="1.0" encoding="utf-8"?>\n{etree.tostring(root, encoding="unicode")}\n'.encode()
    schema = _schema(space)
    if not schema.validate(etree.fromstring(data)):
        message = f"The project would not be valid: {schema.error_log}."
        raise OutputError(message, hint="Report this as a defect of qualcode")
    return data


def _pack(files: Mapping[str, bytes]) -> bytes:
    """Return files as an archive that is the same everywhere: nothing compressed, no time, fixed rights."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files, key=lambda one: (one.count("/"), one)):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.external_attr, info.create_system = _FILE_RIGHTS, _UNIX
            archive.writestr(info, files[name])
    return stream.getvalue()


# -- codes ------------------------------------------------------------------------------------------------------------


def rename_codes(codes: Sequence[ProjectCode], names: CodeNames) -> Iterable[ProjectCode]:
    """Yield codes under the names, and in the places, in which they are to go out.

    Parameters
    ----------
    codes
        The codes.
    names
        ``tree``: codes lie and are called as they are. ``unique``: a name that several codes have gets that of the
        code above before it. ``flat``: all codes at the top, each with its whole path as its name.
    """
    by_guid = {code.guid: code for code in codes}
    counts = Counter(code.name.casefold() for code in codes)
    for code in codes:
        path = [code.name]
        above = code.parent
        while above in by_guid:
            path.insert(0, by_guid[above].name)
            above = by_guid[above].parent
        if names == "flat":
            yield replace(code, name=" – ".join(path), parent="")
        elif names == "unique" and counts[code.name.casefold()] > 1:
            yield replace(code, name=" – ".join(path))
        else:
            yield code


def _tell_codes(codes: Sequence[ProjectCode], losses: LossList, recipient: Recipient) -> None:
    """Tell what a program is known to make of codes."""
    counts = Counter(code.name.casefold() for code in codes)
    doubles = sorted({code.name for code in codes if counts[code.name.casefold()] > 1})
    if recipient in {"any", "qualcoder"}:
        for name in doubles:
            became = "written as they are; QualCoder keeps only one of a name: --unique-names"
            losses.add("names that several codes have", became, name, level="note" if recipient == "any" else "warning")
    depths: dict[str, int] = {}
    for code in codes:
        depths[code.guid] = depths.get(code.parent, 0) + 1
    if recipient == "atlasti":
        for code in codes:
            if depths[code.guid] > _DEEPEST:
                became = "written as they are; ATLAS.ti may know two levels only: --flat-codes"
                losses.add("codes deeper than two levels", became, code.name)


class _CodeWriter:
    """Writes the tree of codes."""

    def __init__(self, space: str, guids: GuidBook, losses: LossList, notes: Mapping[str, Sequence[str]]) -> None:
        self.space, self.guids, self.losses, self.notes = space, guids, losses, notes

    def write(self, parent: etree._Element, codes: Sequence[ProjectCode]) -> None:
        """Write codes below an element; those above come before those below."""
        if self.space == "project":
            parent = _element("project", parent, "CodeBook")
        elements = {"": _element(self.space, parent, "Codes")}
        for code in codes:
            above = elements.get(code.parent, elements[""])
            elements[code.guid] = self._write(above, code)

    def _write(self, above: etree._Element, code: ProjectCode) -> etree._Element:
        made = _element(
            self.space, above, "Code", guid=self.guids.give("code", code.guid),
            name=_line(code.name, self.losses) or "code", isCodable="true" if code.is_codable else "false",
            color=code.colour,
        )  # fmt: skip
        if code.description:
            _element(self.space, made, "Description").text = _clean(code.description, self.losses)
        for note in self.notes.get(code.guid, ()):
            _element(self.space, made, "NoteRef", targetGUID=note)
        return made


def _clean(text: str, losses: LossList) -> str:
    """Return a text without what XML cannot hold."""
    cleaned, n_marks = _UNWRITABLE.subn("\ufffd", text)
    if n_marks:
        losses.add("characters that XML cannot hold", "replaced by �", text, n=n_marks)
    return cleaned


def _line(text: str, losses: LossList) -> str:
    return " ".join(_clean(text, losses).split())


def _time(text: str) -> str:
    """Return a time in UTC as XML has it; ``""`` for none."""
    try:
        moment = dt.datetime.fromisoformat(text)
        moment = moment.astimezone(dt.UTC) if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    except (ValueError, OverflowError):
        return ""
    return moment.replace(tzinfo=None).isoformat() + "Z"


# -- projects ---------------------------------------------------------------------------------------------------------


class _Writer:
    """Writes one project.

    Attributes
    ----------
    files
        The texts, by their names in the archive.
    """

    def __init__(self, project: Project, losses: LossList, recipient: Recipient) -> None:
        self.project, self.losses, self.recipient = project, losses, recipient
        self.guids = GuidBook()
        self.files: dict[str, bytes] = {}
        self.reading = Reading("utf16" if recipient in _IN_UTF16 else "codepoints")
        name = _line(project.name, losses) or "Study"
        self.root = _element("project", None, "Project", name=name, origin=_origin())
        self.selections: dict[str, dict[Span, str]] = {}
        self.notes: dict[tuple[str, str], list[str]] = {}
        self.marks: dict[str, list[Mark]] = {}
        order = {code.guid: number for number, code in enumerate(project.codes)}
        for mark in sorted(project.marks, key=lambda one: (one.span, order.get(one.code, 0), one.coder)):
            self.marks.setdefault(mark.source, []).append(mark)

    def _add(self, parent: etree._Element, kind: str, /, **attributes: str) -> etree._Element:
        return _element("project", parent, kind, **attributes)

    def write(self) -> etree._Element:
        """Return the document; parts without content are left out, as the schema demands."""
        project = self.project
        self._assign_notes()
        if project.coders:
            users = self._add(self.root, "Users")
            for coder in project.coders:
                name = _line(coder.name, self.losses)
                self._add(users, "User", guid=self.guids.give("coder", coder.guid), name=name)
        if project.codes:
            notes = {guid: found for (kind, guid), found in self.notes.items() if kind == "code"}
            _CodeWriter("project", self.guids, self.losses, notes).write(self.root, project.codes)
        variables = self._write_variables()
        cases = self._add(self.root, "Cases") if project.cases else None
        if project.sources:
            sources = self._add(self.root, "Sources")
            for source in project.sources:
                self._write_source(sources, source)
        for case in project.cases if cases is not None else ():
            self._write_case(cases, case, variables)  # type: ignore[arg-type]  # it is there when there are cases
        self._write_notes()
        self._write_links()
        if project.description:
            self._add(self.root, "Description").text = _clean(project.description, self.losses)
        return self.root

    def _assign_notes(self) -> None:
        for memo in self.project.memos:
            if memo.about.kind in {"code", "source"}:
                guid = self.guids.give("memo", memo.guid)
                self.notes.setdefault((memo.about.kind, memo.about.guid), []).append(guid)

    # -- texts --------------------------------------------------------------------------------------------------------

    def _write_source(self, sources: etree._Element, source: ProjectSource) -> None:
        guid = self.guids.give("source", source.guid)
        path = f"{guid}.txt"
        self.files[f"sources/{path}"] = _clean(source.text, self.losses).encode("utf-8")
        element = self._add(
            sources, "TextSource", guid=guid, name=_line(source.name, self.losses), plainTextPath=f"internal://{path}"
        )
        if _WIDE.search(source.text) and self.recipient == "any":
            became = "counted as one; for NVivo, ATLAS.ti and MAXQDA, which count two: --for NAME"
            self.losses.add("texts with emoji and other rare characters", became, source.name, level="note")
        counted = CountedText.of(source.text)
        for mark in self.marks.get(source.guid, ()):
            self._write_mark(element, counted, mark)
        for memo in self.project.memos:
            if memo.about.kind == "passage" and memo.about.guid == source.guid and memo.about.span is not None:
                self._write_remark(element, counted, memo, memo.about.span)
        for case in self.project.cases:
            self._write_bare(element, counted, case, source)
        for note in self.notes.get(("source", source.guid), ()):
            self._add(element, "NoteRef", targetGUID=note)

    def _select(
        self, element: etree._Element, counted: CountedText, span: Span, guid: str, **attributes: str
    ) -> etree._Element:
        start, end = counted.encode(span.start, span.end, self.reading)
        words = _line(counted.text[span.start : span.end], self.losses)[:_LONGEST_NAME].rstrip()
        return self._add(
            element, "PlainTextSelection", guid=guid, name=words, startPosition=str(start), endPosition=str(end),
            **attributes,
        )  # fmt: skip

    def _write_mark(self, element: etree._Element, counted: CountedText, mark: Mark) -> None:
        guid = self.guids.give("coding", mark.guid)
        user = self.guids.give("coder", mark.coder) if mark.coder else ""
        told = {"creatingUser": user, "creationDateTime": _time(mark.at)}
        selected = self._select(
            element, counted, mark.span, self.guids.give("selection", make_guid(mark.guid, "selection")), **told
        )
        if mark.note:
            self._add(selected, "Description").text = _clean(mark.note, self.losses)
        coding = self._add(selected, "Coding", guid=guid, **told)
        self._add(coding, "CodeRef", targetGUID=self.guids.give("code", mark.code))
        self.selections.setdefault(mark.source, {}).setdefault(mark.span, selected.get("guid") or "")

    def _write_remark(self, element: etree._Element, counted: CountedText, memo: ProjectMemo, span: Span) -> None:
        guid = self.guids.give("selection", make_guid(memo.guid, "selection"))
        selected = self._select(element, counted, span, guid)
        self._add(selected, "NoteRef", targetGUID=self.guids.give("memo", memo.guid))

    def _write_bare(
        self, element: etree._Element, counted: CountedText, case: ProjectCase, source: ProjectSource
    ) -> None:
        """Select passages of a case that nobody coded, so that it can be told that it speaks there."""
        known = self.selections.setdefault(source.guid, {})
        for guid, span in case.passages:
            if guid == source.guid and span not in known:
                name = make_guid(case.guid, source.guid, f"{span.start}-{span.end}")
                selected = self._select(element, counted, span, self.guids.give("selection", name))
                known[span] = selected.get("guid") or ""

    # -- cases --------------------------------------------------------------------------------------------------------

    def _write_variables(self) -> dict[str, tuple[str, str]]:
        """Write the variables; return GUID and type of each."""
        names = [name for name in self.project.variables if any(name in case.attributes for case in self.project.cases)]
        found: dict[str, tuple[str, str]] = {}
        parent = self._add(self.root, "Variables") if names else None
        for name in names:
            values = [case.attributes[name] for case in self.project.cases if case.attributes.get(name)]
            kind = "Integer" if values and all(map(_INTEGER.fullmatch, values)) else "Text"
            found[name] = self.guids.give("variable", make_guid("variable", name)), kind
            if parent is not None:
                told = {"name": _line(name, self.losses) or "variable", "typeOfVariable": kind}
                self._add(parent, "Variable", guid=found[name][0], **told)
        return found

    def _write_case(self, cases: etree._Element, case: ProjectCase, variables: Mapping[str, tuple[str, str]]) -> None:
        element = self._add(cases, "Case", guid=self.guids.give("case", case.guid), name=_line(case.name, self.losses))
        for name, (guid, kind) in variables.items():
            if case.attributes.get(name):
                value = self._add(element, "VariableValue")
                self._add(value, "VariableRef", targetGUID=guid)
                self._add(value, f"{kind}Value").text = _clean(case.attributes[name], self.losses)
        for source in case.sources:
            self._add(element, "SourceRef", targetGUID=self.guids.give("source", source))
        for source, span in case.passages:
            found = self.selections.get(source, {}).get(span)
            if found:
                self._add(element, "SelectionRef", targetGUID=found)

    # -- memos --------------------------------------------------------------------------------------------------------

    def _write_notes(self) -> None:
        notes = self._add(self.root, "Notes") if self.project.memos else None
        users = {coder.name: coder.guid for coder in self.project.coders}
        for memo in self.project.memos if notes is not None else ():
            guid = self.guids.give("memo", memo.guid)
            self.files[f"sources/{guid}.txt"] = _clean(memo.text, self.losses).encode("utf-8")
            user = self.guids.give("coder", users[memo.author]) if memo.author in users else ""
            self._add(
                notes, "Note", guid=guid, name=_line(memo.name, self.losses),  # type: ignore[arg-type]  # as above
                plainTextPath=f"internal://{guid}.txt", creatingUser=user, creationDateTime=_time(memo.at),
            )  # fmt: skip

    def _write_links(self) -> None:
        """Link memos to the cases that they are about, which cannot name them themselves."""
        memos = [memo for memo in self.project.memos if memo.about.kind == "case"]
        links = self._add(self.root, "Links") if memos else None
        for memo in memos if links is not None else ():
            self._add(
                links, "Link", guid=self.guids.give("link", make_guid(memo.guid, "link")),  # type: ignore[arg-type]
                name=_line(memo.name, self.losses), direction="Associative",
                originGUID=self.guids.give("memo", memo.guid), targetGUID=self.guids.give("case", memo.about.guid),
            )  # fmt: skip
