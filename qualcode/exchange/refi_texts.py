"""The texts of a REFI-QDA project with what is selected in them, and where that is in a transcript."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qualcode.errors import SourceError
from qualcode.exchange.archive import base_name, is_outside
from qualcode.exchange.calibration import Calibration, Selection, calibrate
from qualcode.exchange.positions import CanonicalText, CountedText
from qualcode.exchange.project import About, ProjectSource
from qualcode.exchange.texts import clean_name, decode_text
from qualcode.exchange.xml_elements import attribute, child, children, find_all, guid_of, local, text_of
from qualcode.model import Span

if TYPE_CHECKING:
    from lxml import etree

    from qualcode.exchange.archive import Archive
    from qualcode.exchange.losses import LossList
    from qualcode.exchange.positions import Reading

_SOURCES = ("TextSource", "PDFSource", "PictureSource", "AudioSource", "VideoSource")
_MEDIA = {
    "PDFSelection": "selections on PDF pages",
    "PictureSelection": "selections on pictures",
    "AudioSelection": "selections in recordings",
    "VideoSelection": "selections in recordings",
}


@dataclass(slots=True)
class Passage:
    """A selection in a text: as the file tells it, and once positions are read, where it is."""

    element: etree._Element
    guid: str
    start: int
    end: int
    span: Span | None = None


@dataclass(slots=True)
class Text:
    """A text of the project on its way."""

    guid: str
    name: str
    counted: CountedText
    canonical: CanonicalText
    raw: bytes
    raw_name: str
    passages: list[Passage] = field(default_factory=list)
    wholes: list[etree._Element] = field(default_factory=list)
    times: list[tuple[int, float]] = field(default_factory=list)

    def place(self, passage: Passage, reading: Reading) -> Span | None:
        """Return where a passage is in the transcript's text."""
        found = self.counted.decode(passage.start, passage.end, reading)
        if found is None:
            return None
        start, end = self.canonical.span(*found)
        return Span(start, end) if start < end else None

    def finish(self) -> ProjectSource:
        """Return the text as others know it."""
        return ProjectSource(self.guid, self.name, self.canonical.text, self.raw, self.raw_name, tuple(self.times))


class TextReader:
    """Reads the texts of a project.

    Attributes
    ----------
    texts
        By the GUIDs of their sources; one that two sources share stands there twice.
    places
        What each GUID of a source or selection is.
    sources
        The elements of all sources, by GUID.
    """

    def __init__(self, archive: Archive, root: etree._Element, encoding: str, losses: LossList) -> None:
        self.archive, self.root, self.encoding, self.losses = archive, root, encoding, losses
        self.texts: dict[str, Text] = {}
        self.places: dict[str, About] = {}
        self.sources: dict[str, etree._Element] = {}
        self._by_file: dict[str, Text] = {}

    # -- texts ---------------------------------------------------------------------------------------------------------

    def read(self, reading: Reading | None, habit: Reading) -> Calibration:
        """Read all texts, and return how positions in them are counted: as told, or as measured.

        Parameters
        ----------
        reading
            How positions are counted, where somebody says it.
        habit
            How the program is known to count.
        """
        self._read_sources()
        calibration = self._calibrate(reading, habit)
        self._tell_positions(calibration)
        self._place(calibration.reading)
        return calibration

    def _read_sources(self) -> None:
        for element in find_all(self.root, "Sources"):
            for source in children(element, *_SOURCES):
                self._read_source(source)

    def _read_source(self, source: etree._Element) -> None:
        guid, kind = guid_of(source.get("guid")), local(source)
        name = clean_name(attribute(source, "name"), default="")
        self.sources.setdefault(guid, source)
        self._count_media(source, name)
        wholes = list(children(source, "Coding"))
        if kind == "TextSource":
            self._read_text(source, guid, name, wholes)
            return
        for part in children(source, "Representation", "TextDescription", "Transcript"):
            own = guid_of(part.get("guid")) if local(part) == "Transcript" else guid
            self._read_text(part, own or guid, clean_name(attribute(part, "name"), default=name), wholes)
            wholes = []
        if not any(True for _ in children(source, "Representation", "TextDescription", "Transcript")):
            kinds = {"PDFSource": "PDF files without their text", "PictureSource": "pictures"}
            self.losses.add(kinds.get(kind, "recordings without a transcript"), "left out", name or guid)
        if wholes:
            self.losses.add("codings of whole files without a text", "left out", name or guid, n=len(wholes))

    def _count_media(self, source: etree._Element, name: str) -> None:
        """Count what is coded on pages, pictures and recordings, which a transcript has not."""
        for element in source.iter():
            kind = _MEDIA.get(local(element))
            if kind:
                n_codings = sum(1 for _ in children(element, "Coding"))
                told = f"{name}: {attribute(element, 'name') or guid_of(element.get('guid'))}"
                self.losses.add(kind, "left out", f"{told} ({n_codings} codings)" if n_codings != 1 else told)

    def _read_text(self, element: etree._Element, guid: str, name: str, wholes: list[etree._Element]) -> None:
        """Read a text with its selections; one that two sources share is read once."""
        path = attribute(element, "plainTextPath")
        name = name or base_name(path).rpartition(".")[0] or f"source {len(self.texts) + 1}"
        known = self._by_file.get(base_name(path)) if path else None
        if known is not None:
            text: Text | None = known
            self.texts.setdefault(guid, known)
        else:
            text = self._load(element, guid, name, path)
        if text is None:
            n_lost = sum(1 for one in children(element, "PlainTextSelection") for _ in children(one, "Coding"))
            if n_lost:
                self.losses.add("codings on texts that cannot be read", "left out", name, n=n_lost)
            return
        if path:
            self._by_file.setdefault(base_name(path), text)
        text.wholes += wholes
        self._read_selections(element, text)
        self._read_sync(element, text)
        self.places.setdefault(guid, About("source", text.guid))

    def _load(self, element: etree._Element, guid: str, name: str, path: str) -> Text | None:
        content = child(element, "PlainTextContent")
        where = f"{self.archive.name}: {name}"
        try:
            data = self.archive.read(path) if path else None
            if data is None and content is None:
                self._tell_missing(name, path)
                return None
            raw = decode_text(data, where, self.encoding) if data is not None else text_of(content)
            rich, rich_name = self._load_rich(element)
        except SourceError as error:
            self.losses.add("texts that cannot be read", "left out", f"{name}: {error.message}")
            return None
        counted = CountedText.of(raw)
        text = Text(guid, name, counted, CanonicalText(counted.text), rich or data or raw.encode("utf-8", "replace"),
                     rich_name or base_name(path) or f"{guid}.txt")  # fmt: skip
        if text.canonical.n_dropped:
            self.losses.add("control characters in texts", "left out", name, n=text.canonical.n_dropped, level="note")
        self.texts[guid] = text
        return text

    def _load_rich(self, element: etree._Element) -> tuple[bytes | None, str]:
        """Return the original with its formatting, which the study keeps; one that is damaged costs nothing else."""
        path = attribute(element, "richTextPath")
        try:
            return (self.archive.read(path), base_name(path)) if path else (None, "")
        except SourceError as error:
            self.losses.add("originals with formatting that cannot be read", "left out", error.message, level="note")
            return None, ""

    def _tell_missing(self, name: str, path: str) -> None:
        if self.archive.is_doubled(path):
            self.losses.add("texts whose file is there twice", "left out, as nobody knows which is right", name)
        elif is_outside(path):
            self.losses.add("texts outside the project", "not followed, left out", f"{name} at {path}")
        else:
            self.losses.add("texts that are not in the project", "left out", f"{name} at {path}" if path else name)

    def _read_selections(self, element: etree._Element, text: Text) -> None:
        for one in children(element, "PlainTextSelection"):
            guid = guid_of(one.get("guid"))
            try:
                start, end = int(attribute(one, "startPosition")), int(attribute(one, "endPosition"))
            except ValueError:
                self._lose(one, text, "selections without positions")
                continue
            text.passages.append(Passage(one, guid, start, end))

    def _lose(self, element: etree._Element, text: Text, kind: str) -> None:
        guid, name = guid_of(element.get("guid")), attribute(element, "name")
        place = f"{attribute(element, 'startPosition')}–{attribute(element, 'endPosition')}"
        told = f" “{name}”" if name else ""
        self.losses.add(kind, "left out", f"{text.name} {place}{told} ({guid})")

    def _read_sync(self, element: etree._Element, text: Text) -> None:
        """Read the times of a transcript, and what is selected from one time to another."""
        points: dict[str, int] = {}
        for one in children(element, "SyncPoint"):
            try:
                position, stamp = int(attribute(one, "position")), float(attribute(one, "timeStamp")) / 1000
            except ValueError:
                self.losses.add("times without a place in the text", "left out", text.name)
                continue
            points[guid_of(one.get("guid"))] = position
            text.times.append((position, stamp))
        for one in children(element, "TranscriptSelection"):
            ends = [points.get(guid_of(one.get(key))) for key in ("fromSyncPoint", "toSyncPoint")]
            if ends[0] is None or ends[1] is None:
                self.losses.add("selections between times without a place in the text", "left out", text.name)
            else:
                became = "read as passages of its transcript"
                self.losses.add("selections from one time of a recording to another", became, text.name, level="note")
                text.passages.append(Passage(one, guid_of(one.get("guid")), ends[0], ends[1]))

    # -- positions -----------------------------------------------------------------------------------------------------

    def own(self) -> list[Text]:
        """Return the texts, each once."""
        return list({id(one): one for one in self.texts.values()}.values())

    def _calibrate(self, reading: Reading | None, habit: Reading) -> Calibration:
        if reading is not None:
            return Calibration(reading, "told")
        texts = self.own()
        selections = [
            Selection(number, one.start, one.end, attribute(one.element, "name"))
            for number, text in enumerate(texts)
            for one in text.passages
            if local(one.element) == "PlainTextSelection"
        ]
        return calibrate([one.counted for one in texts], selections, habit)

    def _tell_positions(self, calibration: Calibration) -> None:
        """Tell how positions are read, and how many passages hang on it where the texts do not decide."""
        reading, rival = calibration.reading, calibration.rival
        n_passages = sum(len(one.passages) for one in self.own())
        if calibration.how == "habit" and rival is not None:
            became = f"read as {reading}, as is usual there, and not as {rival}; to say it: --positions {rival.key}"
            self.losses.add(
                "passages of which the texts do not decide how they are counted", became, n=calibration.n_differ
            )
        elif calibration.how != "free" and n_passages:
            over = f" (margin {calibration.margin:.0f} over {rival})" if calibration.how == "measured" else ", as told"
            self.losses.add("positions of passages", f"read as {reading}{over}", n=n_passages, level="note")

    def _place(self, reading: Reading) -> None:
        for text in self.own():
            kept = []
            for one in text.passages:
                one.span = text.place(one, reading)
                if one.span is None:
                    self._lose(one.element, text, _why(one, text, reading))
                    continue
                kept.append(one)
                self.places.setdefault(one.guid, About("passage", text.guid, one.span))
            text.passages = kept
            text.times = [
                (text.canonical.place(place, edge="start"), stamp)
                for position, stamp in sorted(text.times)
                if (place := text.counted.scale(reading).place(position - reading.first)) is not None
            ]


def _why(passage: Passage, text: Text, reading: Reading) -> str:
    """Return what is wrong with a selection that has no place."""
    start, end = passage.start, passage.end + (reading.end == "included")
    if start == end:
        return "empty selections"
    if start > end:
        return "selections that end before they begin"
    if start < reading.first or text.counted.scale(reading).place(end - reading.first) is None:
        whole = text.counted.scale(reading).position(len(text.counted.text))
        if start < reading.first or end - reading.first > whole:
            return "selections that reach beyond their text"
    return "selections that begin or end inside a character, or hold none"
