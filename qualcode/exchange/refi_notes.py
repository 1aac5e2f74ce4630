"""The notes of a REFI-QDA project, and what else becomes memos: sets and links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import SourceError
from qualcode.exchange.guids import make_guid
from qualcode.exchange.positions import CountedText
from qualcode.exchange.project import About, ProjectMemo
from qualcode.exchange.refi_codes import tell_sets
from qualcode.exchange.refi_texts import Passage
from qualcode.exchange.texts import clean_name, decode_text
from qualcode.exchange.xml_elements import attribute, child, children, find_all, guid_of, local, target, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lxml import etree

    from qualcode.exchange.archive import Archive
    from qualcode.exchange.losses import LossList
    from qualcode.exchange.positions import Reading
    from qualcode.exchange.refi_texts import Text


class NoteReader:
    """Reads what becomes memos.

    Parameters
    ----------
    archive, root, encoding, losses
        The project.
    texts
        Its texts, by GUID.
    places
        What each GUID of the project is.
    users
        Names of its users, by GUID.
    """

    def __init__(
        self,
        archive: Archive,
        root: etree._Element,
        encoding: str,
        losses: LossList,
        *,
        texts: Mapping[str, Text],
        places: Mapping[str, About],
        users: Mapping[str, str],
    ) -> None:
        self.archive, self.root, self.encoding, self.losses = archive, root, encoding, losses
        self.texts, self.places, self.users = texts, places, users
        self.memos: list[ProjectMemo] = []
        self.notes = {
            guid_of(one.get("guid")): one for block in find_all(root, "Notes") for one in children(block, "Note")
        }

    def read(self, reading: Reading, names: Mapping[str, str]) -> list[ProjectMemo]:
        """Return the memos of notes, of sets and of links; ``names`` are those of all that these may name."""
        self._read_notes(reading)
        self._read_collections(dict(names))
        return self.memos

    def _read_notes(self, reading: Reading) -> None:
        abouts: dict[str, list[About]] = {}
        for element in find_all(self.root, "NoteRef"):
            parent = element.getparent()
            abouts.setdefault(target(element), []).extend(self._about(parent) if parent is not None else ())
        for one in find_all(self.root, "Link"):
            ends = [guid_of(one.get(key)) for key in ("originGUID", "targetGUID")]
            for note, other in (ends, ends[::-1]):
                if note in self.notes and (place := self.places.get(other)) is not None:
                    abouts.setdefault(note, []).append(place)
        for guid, element in self.notes.items():
            self._read_note(guid, element, abouts.get(guid, []), reading)

    def _about(self, element: etree._Element) -> list[About]:
        """Return what a note is about that an element names; a coding has no place of its own."""
        found = element if local(element) != "Coding" else element.getparent()
        place = None if found is None else self.places.get(guid_of(found.get("guid")))
        return [place] if place is not None else []

    def _read_note(self, guid: str, note: etree._Element, abouts: list[About], reading: Reading) -> None:
        path = attribute(note, "plainTextPath")
        name = clean_name(attribute(note, "name"), default="")
        try:
            data = self.archive.read(path) if path else None
            text = (
                decode_text(data, name, self.encoding) if data is not None else text_of(child(note, "PlainTextContent"))
            )
        except SourceError as error:
            self.losses.add("notes that cannot be read", "left out", f"{name}: {error.message}")
            return
        description = text_of(child(note, "Description")).strip()
        text = "\n\n".join(filter(None, (CountedText.of(text).text.strip(), description)))
        if not text:
            self.losses.add("notes without words", "left out", name or guid, level="note")
            return
        if attribute(note, "richTextPath"):
            self.losses.add("notes with formatting", "kept as plain text", name, level="note")
        abouts = [narrowed for one in abouts for narrowed in self._narrow(note, one, reading)]
        author, at = (
            self.users.get(guid_of(attribute(note, "creatingUser", "creatingUserGUID")), ""),
            attribute(note, "creationDateTime"),
        )
        for number, about in enumerate(dict.fromkeys(abouts or [About()]), start=1):
            own = guid if number == 1 else make_guid(guid, str(number))
            self.memos.append(ProjectMemo(own, name, text, about, author, at))

    def _narrow(self, note: etree._Element, about: About, reading: Reading) -> list[About]:
        """Return the passages of a source that a note itself names, as some programs do, or the source."""
        text = self.texts.get(about.guid) if about.kind == "source" else None
        spans = []
        for one in children(note, "PlainTextSelection") if text else ():
            try:
                passage = Passage(one, "", int(attribute(one, "startPosition")), int(attribute(one, "endPosition")))
            except ValueError:
                continue
            span = text.place(passage, reading) if text else None
            spans += [About("passage", about.guid, span)] if span else []
        return spans or [about]

    def _read_collections(self, names: dict[str, str]) -> None:
        """Keep sets, graphs and links that say nothing else, as memos that list what is in them."""
        names |= {guid: attribute(one, "name") for guid, one in self.notes.items()}
        for guid, name, text in tell_sets(self.root, names):
            self.losses.add("sets and groups", "kept as a memo each that lists the members", name, level="note")
            self.memos.append(ProjectMemo(guid, name, f"Members of the set “{name}”:\n\n{text}"))
        for one in find_all(self.root, "Graph"):
            self.losses.add("graphs and maps", "left out", attribute(one, "name"))
        for one in find_all(self.root, "Link"):
            ends = [guid_of(one.get(key)) for key in ("originGUID", "targetGUID")]
            if not self.notes.keys() & set(ends):
                self._keep_link(one, ends, names)

    def _keep_link(self, element: etree._Element, ends: Sequence[str], names: dict[str, str]) -> None:
        name = clean_name(attribute(element, "name"), default="link")
        told = [self._describe(guid, names) for guid in ends]
        self.losses.add("links", "kept as a memo each", f"{told[0]} → {told[1]}", level="note")
        text = f"Link “{name}”: {told[0]} → {told[1]}"
        self.memos.append(ProjectMemo(guid_of(element.get("guid")), name, text))

    def _describe(self, guid: str, names: dict[str, str]) -> str:
        place = self.places.get(guid)
        if place is not None and place.span is not None:
            return f"“{self.texts[place.guid].canonical.text[place.span.start : place.span.end]}”"
        return names.get(guid) or guid
