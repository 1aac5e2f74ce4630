"""The texts of a project become transcripts of a study, are known as ones that it has, or as newer versions of them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal

from qualcode.anchoring import Alignment
from qualcode.errors import SourceError, StudyError
from qualcode.exchange import stem_of
from qualcode.file_names import fold_name, fold_names
from qualcode.model import Source, Span, text_digest
from qualcode.passages import SegmentIndex
from qualcode.sources import settle_interviewers, transcript_of_text
from qualcode.study.projects.identities import Identity
from qualcode.study.store import check_transcript_id, digest_of
from qualcode.study.transcripts import find_tombstone

if TYPE_CHECKING:
    from qualcode.exchange import LossList, Project, ProjectSource
    from qualcode.model import Transcript
    from qualcode.study.projects.identities import Identities
    from qualcode.study.store import StudyFolder

Status = Literal["new", "same", "newer", "other"]

_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f\ud800-\udfff]+')
_LONGEST = 60


class Text:
    """A text of a project, and the transcript that it is here.

    Attributes
    ----------
    source
        As the project has it.
    transcript
        As the study has it, or will.
    status
        ``new``; the ``same`` as the study has; ``newer`` than that; or ``other``, as the study's was corrected since.
    """

    def __init__(self, source: ProjectSource, transcript: Transcript, status: Status) -> None:
        self.source, self.status = source, status
        self.take(transcript)

    def take(self, transcript: Transcript) -> None:
        """Let this be the transcript that the text is."""
        self.transcript = transcript
        self.index = SegmentIndex(transcript)
        self._alignment = None if transcript.text == self.source.text else Alignment(self.source.text, transcript.text)

    def place(self, span: Span) -> Span | None:
        """Return where a passage is in the transcript; ``None`` when its words were changed there."""
        if self._alignment is None:
            return span
        found = self._alignment.move(span)
        return found.span if found.is_sure else None

    def identity(self) -> Identity:
        """Return what is to be remembered of it."""
        name = self.transcript.id
        return Identity("transcript", name, name, self.source.guid, text_digest(self.source.text))


def match_texts(study: StudyFolder, project: Project, known: Identities, losses: LossList) -> list[Text]:
    """Return the texts of a project with their transcripts; those that cannot come in are told."""
    matcher = _Matcher(study, known, losses)
    texts = [text for source in project.sources if (text := matcher.match(source, project.program)) is not None]
    return _settle(study, texts)


def _settle(study: StudyFolder, texts: list[Text]) -> list[Text]:
    """Return texts in whose new transcripts those ask who ask in the others, too."""
    new = [text.transcript for text in texts if text.status == "new"]
    settled = settle_interviewers(new, study.settings.interviewers, beside=study.transcripts()[0]) if new else []
    by_id = {one.id: one for one in settled}
    return [Text(text.source, by_id[text.transcript.id], "new") if text.status == "new" else text for text in texts]


class _Matcher:
    """Finds the transcript of each text."""

    def __init__(self, study: StudyFolder, known: Identities, losses: LossList) -> None:
        self.study, self.known, self.losses = study, known, losses
        self.ids = fold_names(study.transcript_ids())
        self.by_digest: dict[str, list[str]] = {}
        for one in study.transcripts()[0]:
            self.by_digest.setdefault(one.digest, []).append(one.id)
        self.taken: set[str] = set()

    def match(self, source: ProjectSource, program: str) -> Text | None:
        """Return a text with its transcript; ``None`` when it does not come in."""
        digest = text_digest(source.text)
        name, row = self._find(source, digest)
        if name is None:
            return self._begin(source, digest, program)
        self.taken.add(name)
        present = self.study.transcript(name)
        if present.digest == digest:
            return Text(source, present, "same")
        if row is not None and row.state == digest:
            became = "the study's corrected text stays, and codings go where their words are"
            self.losses.add("texts that were corrected here", became, name, level="note")
            return Text(source, present, "other")
        if row is not None and row.state != present.digest:
            became = "the study's text stays, and codings go where their words are"
            self.losses.add("texts that were changed here and there", became, name)
            return Text(source, present, "other")
        made = self._make(source, name, program)
        return Text(source, made, "newer") if made else None

    def _find(self, source: ProjectSource, digest: str) -> tuple[str | None, Identity | None]:
        """Return the transcript that a text is, by its GUID, else by name and words; and what is known of it."""
        row = self.known.by_guid("transcript", source.guid)
        if row is not None and self._is_there(row.key):
            return row.key, row
        wanted = fold_name(self._make_name(source.name))
        same = [one for one in self.by_digest.get(digest, ()) if one not in self.taken]
        named = [one for one in same if fold_name(one) == wanted]
        name = next(iter(named or same), None)
        if name is None:
            again = self.ids.get(wanted, "")
            row = self.known.by_key("transcript", again, again) if again and again not in self.taken else None
            return (again, row) if row is not None else (None, None)
        return name, self.known.by_key("transcript", name, name)

    def _begin(self, source: ProjectSource, digest: str, program: str) -> Text | None:
        name = self._name(source)
        removed = find_tombstone(self.study, name, digest)
        if removed is not None:
            self.losses.add("texts that were removed from the study for good", "not brought back", name, level="note")
            return None
        made = self._make(source, name, program)
        if made is None:
            return None
        self.ids[fold_name(name)] = name
        self.taken.add(name)
        return Text(source, made, "new")

    def _make(self, source: ProjectSource, name: str, program: str) -> Transcript | None:
        origin = Source(
            source.raw_name or f"{name}.txt", program or "project", digest_of(source.raw) if source.raw else ""
        )
        try:
            transcript, n_lost = transcript_of_text(
                source.text, name, origin, language=self.study.settings.language or None, times=source.times,
                interviewers=self.study.settings.interviewers,
            )  # fmt: skip
        except SourceError as error:
            self.losses.add("texts without words", "left out", f"{source.name}: {error.message}")
            return None
        if n_lost:
            self.losses.add("times between starts of turns", "left out", name, n=n_lost, level="note")
        return transcript

    def _make_name(self, name: str) -> str:
        name = unicodedata.normalize("NFC", _FORBIDDEN.sub("-", stem_of(name))).strip(" .-\t")
        while len(name.encode()) > 2 * _LONGEST:
            name = name[:-1]
        return name.rstrip(" .-") or "transcript"

    def _name(self, source: ProjectSource) -> str:
        """Return a name that a file can have everywhere and that is no other transcript's."""
        base = name = self._make_name(source.name)
        number = 1
        while not self._is_free(name):
            number += 1
            name = f"{base}-{number}"
        if name != stem_of(source.name):
            became = "named otherwise, as another text has the name or no file can have it"
            self.losses.add("texts", became, f"{source.name} → {name}", level="note")
        return name

    def _is_free(self, name: str) -> bool:
        try:
            check_transcript_id(name, self.ids)
        except StudyError:
            return False
        return not self._is_there(name)

    def _is_there(self, name: str) -> bool:
        return self.ids.get(fold_name(name)) == name
