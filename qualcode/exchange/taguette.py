"""Projects of Taguette: an SQLite database with documents in HTML and highlights that count bytes of their text."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from qualcode.errors import SourceError
from qualcode.exchange.code_tables import part_paths
from qualcode.exchange.counted_sources import CountedSources
from qualcode.exchange.databases import Database, number, text
from qualcode.exchange.guids import make_guid
from qualcode.exchange.losses import LossList
from qualcode.exchange.positions import Reading
from qualcode.exchange.project import About, Mark, Project, ProjectCode, ProjectCoder, ProjectMemo
from qualcode.exchange.texts import clean_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BLOCKS = frozenset(
    {"p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "blockquote", "pre", "ul", "ol", "table", "br", "hr"}
)


def read_taguette(path: Path, reading: Reading | None = None, *, name: str = "") -> Project:
    """Read a project of Taguette.

    Parameters
    ----------
    path
        The database.
    reading
        How positions are counted; bytes, as Taguette does, unless the words stored with them say otherwise.
    name
        Which project of a server's database.

    Raises
    ------
    SourceError
        If it is none, or holds several projects and none is named.
    """
    database = Database(path)
    if not database.has("highlights", "documents", "tags"):
        raise SourceError("This is not a Taguette project.", str(path), "Check that it is the right file")
    projects = {text(title): key for key, title in database.rows("projects", "id", "name")}
    if (name and name not in projects) or (not name and len(projects) != 1):
        listed = ", ".join(sorted(projects)) or "none"
        message = f"The database holds these projects: {listed}."
        raise SourceError(message, str(path), "Export one project from Taguette: Project info ▸ Export ▸ SQLite3")
    return _Reader(
        database, projects[name] if name else next(iter(projects.values())), reading or Reading("bytes")
    ).read()


class _TextOfHtml(HTMLParser):
    """Collects the text nodes of a document, and where blocks end without a line end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.breaks: list[int] = []
        self._length = 0
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # as in the base
        """Meet the beginning of an element."""
        self._silent += tag in {"script", "style", "head"}
        if tag in _BLOCKS:
            self._break()

    def handle_endtag(self, tag: str) -> None:
        """Meet the end of an element."""
        self._silent -= tag in {"script", "style", "head"} and self._silent > 0
        if tag in _BLOCKS:
            self._break()

    def handle_data(self, data: str) -> None:
        """Meet a text node."""
        data = data.lstrip(" \n\t\r\f") if not self._length else data
        if not self._silent and data:
            self.parts.append(data)
            self._length += len(data)

    def _break(self) -> None:
        if self._length and self._length not in self.breaks[-1:]:
            self.breaks.append(self._length)

    def read(self, html: str) -> tuple[str, tuple[int, ...]]:
        """Return the text, and the places where a line ends that is not in it."""
        self.feed(html)
        self.close()
        words = "".join(self.parts)
        return words, tuple(at for at in self.breaks if at < len(words) and "\n" not in words[at - 1 : at + 1])


class _Reader:
    """Reads one project of a database."""

    def __init__(self, database: Database, project: object, habit: Reading) -> None:
        self.database, self.project, self.habit = database, project, habit
        self.losses = LossList(database.name)
        columns = "id", "name", "description", "created"
        rows = {row[0]: row for row in database.rows("projects", *columns)}
        self.row = rows[project]
        self.sources: CountedSources[tuple[object, object]] = CountedSources(self.losses)
        self.memos: list[ProjectMemo] = []

    def _guid(self, kind: str, key: object) -> str:
        return make_guid("taguette", text(self.row[1]), text(self.row[3]), kind, str(key))

    def read(self) -> Project:
        """Return the project."""
        self._read_documents()
        codes, by_tag = self._codes()
        marks, coders = self._marks(by_tag)
        if text(self.row[2]).strip():
            self.memos.append(ProjectMemo(self._guid("memo", "project"), "About the project", text(self.row[2])))
        return Project(
            program="Taguette", name=text(self.row[1]), description=text(self.row[2]), origin="taguette",
            sources=self.sources.sources(), codes=tuple(codes), marks=tuple(marks),
            coders=tuple(ProjectCoder(self._guid("coder", one), one) for one in coders),
            memos=tuple(self.memos), losses=self.losses.tell(),
        )  # fmt: skip

    def _read_documents(self) -> None:
        for key, name, description, html, project in self.database.rows(
            "documents", "id", "name", "description", "contents", "project_id"
        ):
            if project == self.project:
                guid = self._guid("document", key)
                words, breaks = _TextOfHtml().read(text(html))
                self.sources.add(key, guid, clean_name(text(name), default=f"document {key}"), words, breaks=breaks)
                if text(description).strip():
                    self.memos.append(
                        ProjectMemo(self._guid("memo", f"document {key}"), "", text(description), About("source", guid))
                    )

    def _codes(self) -> tuple[list[ProjectCode], dict[object, str]]:
        tags = [row for row in self.database.rows("tags", "id", "path", "description", "project_id")
                if row[3] == self.project]  # fmt: skip
        paths = part_paths([text(path) for _, path, _, _ in tags])
        guids = {paths[text(path)]: self._guid("tag", key) for key, path, _, _ in tags}
        codes = [
            ProjectCode(self._guid("tag", key), clean_name(found[-1], default=f"tag {key}"),
                        guids.get(found[:-1], ""), text(description))
            for key, path, description, _ in tags
            if (found := paths[text(path)])
        ]  # fmt: skip
        depths = {guid: len(path) for path, guid in guids.items()}
        codes.sort(key=lambda code: depths.get(code.guid, 1))  # those above first; else as they are
        return codes, {key: self._guid("tag", key) for key, *_ in tags}

    def _marks(self, by_tag: dict[object, str]) -> tuple[list[Mark], list[str]]:
        tags: dict[object, list[object]] = {}
        for highlight, tag in self.database.rows("highlight_tags", "highlight_id", "tag_id"):
            tags.setdefault(highlight, []).append(tag)
        owners = dict(self._owners())
        for key, document, start, end, snippet in self.database.rows(
            "highlights", "id", "document_id", "start_offset", "end_offset", "snippet"
        ):
            if document in self.sources.texts:
                words = _TextOfHtml().read(text(snippet))[0]
                self.sources.select(document, number(start), number(end), words, (key, None))
        marks: list[Mark] = []
        coders: dict[str, None] = {}
        for (key, _), source, span in self.sources.place(self.habit):
            if not tags.get(key):
                self.losses.add("highlights without a tag", "left out", str(key))
            owner, at = owners.get(key, ("", ""))
            coders |= {owner: None} if owner else {}
            for tag in tags.get(key, ()):
                if tag in by_tag:
                    coder = self._guid("coder", owner) if owner else ""
                    marks.append(Mark(self._guid("coding", f"{key} {tag}"), source, span, by_tag[tag], coder, "", at))
        return marks, list(coders)

    def _owners(self) -> Iterator[tuple[object, tuple[str, str]]]:
        """Yield who made each highlight, and when, which only the log of commands tells."""
        rows = self.database.rows("commands", "date", "user_login", "payload", "project_id", "id")
        for at, user, payload, project, _ in sorted(rows, key=lambda row: number(row[4]) or 0, reverse=True):
            told = _read_payload(text(payload))
            if project == self.project and told.get("type") == "highlight_add":
                yield told.get("highlight_id"), (text(user), text(at))


def _read_payload(payload: str) -> dict[str, Any]:
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}
