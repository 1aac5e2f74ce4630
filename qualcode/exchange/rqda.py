"""Projects of RQDA (``.rqda``), which can no longer be installed: an SQLite database."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from qualcode.errors import SourceError
from qualcode.exchange.colours import read_colour
from qualcode.exchange.counted_sources import CountedSources
from qualcode.exchange.databases import Database, number, text
from qualcode.exchange.guids import make_guid
from qualcode.exchange.losses import LossList
from qualcode.exchange.positions import Reading
from qualcode.exchange.project import About, Mark, Project, ProjectCase, ProjectCode, ProjectCoder, ProjectMemo
from qualcode.exchange.qualcoder import sort_codes
from qualcode.exchange.texts import clean_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

_THERE = 1
"""Status of a row; another one says that it was deleted."""


def read_rqda(path: Path, reading: Reading | None = None) -> Project:
    """Read a project of RQDA; parameters and errors as in :func:`~qualcode.exchange.qualcoder.read_qualcoder`."""
    database = Database(path)
    if not database.has("coding", "source", "freecode"):
        raise SourceError("This is not an RQDA project.", str(path), "Check that it is the right file")
    return _Reader(database, reading or Reading()).read()


class _Reader:
    """Reads one project."""

    def __init__(self, database: Database, habit: Reading) -> None:
        self.database, self.habit = database, habit
        self.losses = LossList(database.name)
        self.about = next(iter(database.rows("project", "date", "memo")), (None, None))
        self.sources: CountedSources[tuple[str, tuple[Any, ...]]] = CountedSources(self.losses)
        self.memos: list[ProjectMemo] = []

    def _guid(self, kind: str, key: object) -> str:
        return make_guid("rqda", text(self.about[0]), kind, str(key))

    def _rows(self, table: str, *columns: str) -> list[tuple[Any, ...]]:
        """Return the rows that were not deleted, without their status."""
        rows = self.database.rows(table, *columns, "status")
        there = [row[:-1] for row in rows if row[-1] is None or number(row[-1]) == _THERE]
        if len(there) < len(rows):
            self.losses.add(f"deleted rows of the table {table}", "left out", n=len(rows) - len(there), level="note")
        return there

    def read(self) -> Project:
        """Return the project."""
        for key, name, words, memo in self._rows("source", "id", "name", "file", "memo"):
            title = clean_name(text(name), default=f"source {key}")
            self.sources.add(key, self._guid("source", key), title, text(words))
            self._remember(f"source {key}", "", text(memo), About("source", self._guid("source", key)))
        codes = list(sort_codes(self._codes()))
        marks, passages = self._place({code.guid for code in codes})
        self._read_memos()
        names = {mark.coder: "" for mark in marks}
        names |= {self._guid("coder", one): text(one) for (one,) in self.database.rows("coding", "owner")}
        name, about = self.database.name.removesuffix(".rqda"), text(self.about[1])
        return Project(
            program="RQDA", name=name, description=about, origin="rqda",
            sources=self.sources.sources(), codes=tuple(codes), marks=tuple(marks),
            coders=tuple(ProjectCoder(one, names[one]) for one in dict.fromkeys(mark.coder for mark in marks) if one),
            cases=tuple(self._cases(passages)), memos=tuple(self.memos), losses=self.losses.tell(),
            variables=tuple(text(name) for (name,) in self._rows("attributes", "name")),
        )  # fmt: skip

    def _remember(self, key: str, name: str, words: str, about: About, author: str = "", at: str = "") -> None:
        if words.strip():
            self.memos.append(ProjectMemo(self._guid("memo", key), name, words, about, author, at))

    def _codes(self) -> dict[str, ProjectCode]:
        """Return the codes; a category that has the name of a code is that code."""
        codes: dict[str, ProjectCode] = {}
        by_name: dict[str, str] = {}
        for key, name, memo, colour in self._rows("freecode", "id", "name", "memo", "color"):
            guid = self._guid("code", key)
            title = clean_name(text(name), default=f"code {key}")
            codes[guid] = ProjectCode(guid, title, "", text(memo), read_colour(text(colour)) or "")
            by_name[title] = guid
        categories: dict[object, str] = {}
        for key, name, memo in self._rows("codecat", "catid", "name", "memo"):
            title = clean_name(text(name), default=f"category {key}")
            categories[key] = by_name.get(title) or self._guid("category", key)
            codes.setdefault(categories[key], ProjectCode(categories[key], title, "", text(memo), is_codable=False))
        for key, category in self._rows("treecode", "cid", "catid"):
            guid, parent = self._guid("code", key), categories.get(category, "")
            code = codes.get(guid)
            if code is None or parent in {"", guid}:
                continue
            if code.parent:
                self.losses.add("codes in several categories", "kept in the first", code.name, level="note")
                continue
            codes[guid] = ProjectCode(guid, code.name, parent, code.description, code.colour)
        return codes

    def _place(self, codes: set[str]) -> tuple[list[Mark], dict[object, list[Any]]]:
        columns = "cid", "fid", "seltext", "selfirst", "selend", "owner", "date", "memo"
        for row in self._rows("coding", *columns):
            self.sources.select(row[1], number(row[3]), number(row[4]), text(row[2]), ("code", row))
        for row in self._rows("caselinkage", "caseid", "fid", "selfirst", "selend"):
            self.sources.select(row[1], number(row[2]), number(row[3]), "", ("case", row))
        for row in self._rows("annotation", "fid", "position", "annotation", "owner", "date"):
            at = number(row[1])
            end = self._word_end(row[0], at)
            self.sources.select(row[0], at, end, "", ("annotation", row))
        marks: list[Mark] = []
        passages: dict[object, list[Any]] = {}
        for (kind, row), source, span in self.sources.place(self.habit):
            if kind == "case":
                passages.setdefault(row[0], []).append((source, span))
            elif kind == "annotation":
                key = f"annotation {row[0]} {row[1]}"
                about = About("passage", source, span)
                self._remember(key, "", text(row[2]), about, text(row[3]), _read_time(text(row[4])))
            elif self._guid("code", row[0]) not in codes:
                self.losses.add("codings with a code that the project does not have", "left out", text(row[2]))
            else:
                coder = self._guid("coder", row[5]) if text(row[5]) else ""
                guid = self._guid("coding", "|".join(map(str, (row[0], row[1], row[3], row[4], row[5]))))
                time = _read_time(text(row[6]))
                marks.append(Mark(guid, source, span, self._guid("code", row[0]), coder, text(row[7]).strip(), time))
        return marks, passages

    def _word_end(self, key: object, at: int | None) -> int | None:
        """Return where the word ends at which an annotation stands, as it has a place and no passage."""
        found = self.sources.texts.get(key)
        if found is None or at is None:
            return at
        words = found.counted.text
        end = at
        while end < len(words) and not words[end].isspace():
            end += 1
        return max(end, at + 1)

    def _cases(self, passages: dict[object, list[Any]]) -> Iterator[ProjectCase]:
        values: dict[object, dict[str, str]] = {}
        for name, value, key in self._rows("caseAttr", "variable", "value", "caseID"):
            if text(value):
                values.setdefault(key, {})[text(name)] = clean_name(text(value), default="")
        for key, name in self._rows("cases", "id", "name"):
            title = clean_name(text(name), default=f"case {key}")
            yield ProjectCase(
                self._guid("case", key), title, values.get(key, {}), passages=tuple(passages.get(key, ()))
            )

    def _read_memos(self) -> None:
        self._remember("project", "About the project", text(self.about[1]), About())
        for name, words, owner, at in self._rows("journal", "name", "journal", "owner", "date"):
            title = clean_name(text(name), default="")
            self._remember(f"journal {title}", title, text(words), About(), text(owner), _read_time(text(at)))


def _read_time(told: str) -> str:
    """Return a time as R writes it, in ISO 8601; ``""`` when it is none."""
    try:
        return dt.datetime.strptime(" ".join(told.split()), "%a %b %d %H:%M:%S %Y").isoformat()  # noqa: DTZ007  # local
    except ValueError:
        return ""
