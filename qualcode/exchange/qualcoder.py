"""Projects of QualCoder: the database ``data.qda`` in a folder ``NAME.qda``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import SourceError
from qualcode.exchange.colours import read_colour
from qualcode.exchange.counted_sources import CountedSources
from qualcode.exchange.databases import Database, number, text
from qualcode.exchange.guids import make_guid
from qualcode.exchange.losses import LossList
from qualcode.exchange.positions import Reading
from qualcode.exchange.project import About, Mark, Project, ProjectCase, ProjectCode, ProjectCoder, ProjectMemo
from qualcode.exchange.texts import clean_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

_FILE = "data.qda"


def read_qualcoder(path: Path, reading: Reading | None = None) -> Project:
    """Read a project of QualCoder.

    Parameters
    ----------
    path
        Its folder, or the database in it.
    reading
        How positions are counted; code points, as QualCoder does, unless the words stored with them say otherwise.

    Raises
    ------
    SourceError
        If it is none.
    """
    file = path / _FILE if path.is_dir() else path
    if not file.is_file():
        raise SourceError("There is no data.qda in the folder.", str(path), "Name the folder NAME.qda of the project")
    database = Database(file)
    if not database.has("code_text", "source", "code_name"):
        raise SourceError("This is not a QualCoder project.", str(path), "Check that it is the right file")
    name = path.name if path.is_dir() else path.parent.name
    return _Reader(database, name, reading or Reading()).read()


class _Reader:
    """Reads one project."""

    def __init__(self, database: Database, name: str, habit: Reading) -> None:
        self.database, self.name, self.habit = database, name, habit
        self.losses = LossList(name)
        self.about = next(iter(database.rows("project", "date", "memo")), (None, None))
        self.sources: CountedSources[tuple[str, tuple[Any, ...]]] = CountedSources(self.losses)
        self.memos: list[ProjectMemo] = []

    def _guid(self, kind: str, key: object) -> str:
        return make_guid("qualcoder", text(self.about[0]), kind, str(key))

    def read(self) -> Project:
        """Return the project."""
        self._read_sources()
        codes = list(self._codes())
        known = {code.guid for code in codes}
        marks, cases = self._place(known)
        self._read_memos()
        for table, kind in (("code_image", "codings of pictures"), ("code_av", "codings of recordings")):
            if n_lost := len(self.database.rows(table, "id")):
                self.losses.add(kind, "left out", n=n_lost)
        if n_graphs := len(self.database.rows("graph", "grid")):
            self.losses.add("graphs and maps", "left out", n=n_graphs)
        coders = dict.fromkeys(mark.coder for mark in marks)
        name, about = self.name.removesuffix(".qda"), text(self.about[1])
        names = {self._guid("coder", one): text(one) for (one,) in self.database.rows("code_text", "owner")}
        return Project(
            program="QualCoder", name=name, description=about, origin="qualcoder",
            sources=self.sources.sources(), codes=tuple(codes), marks=tuple(marks),
            coders=tuple(ProjectCoder(one, names.get(one, "")) for one in coders if one),
            cases=tuple(cases), variables=tuple(text(one) for (one,) in self.database.rows("attribute_type", "name")),
            memos=tuple(self.memos), losses=self.losses.tell(),
        )  # fmt: skip

    def _read_sources(self) -> None:
        for key, name, words, memo, owner in self.database.rows("source", "id", "name", "fulltext", "memo", "owner"):
            title = clean_name(text(name), default=f"source {key}")
            if not text(words).strip():
                self.losses.add("sources without a text", "left out", title)
                continue
            self.sources.add(key, self._guid("source", key), title, text(words))
            self._remember(f"source {key}", "", text(memo), About("source", self._guid("source", key)), text(owner))

    def _remember(self, key: str, name: str, words: str, about: About, author: str = "", at: str = "") -> None:
        if words.strip():
            self.memos.append(ProjectMemo(self._guid("memo", key), name, words, about, author, at))

    # -- codes --------------------------------------------------------------------------------------------------------

    def _codes(self) -> Iterator[ProjectCode]:
        """Yield categories and codes; those above before those below, whichever of the two they are."""
        found: dict[str, ProjectCode] = {}
        for key, name, memo, above in self.database.rows("code_cat", "catid", "name", "memo", "supercatid"):
            guid = self._guid("category", key)
            parent = "" if above is None else self._guid("category", above)
            title = clean_name(text(name), default=f"category {key}")
            found[guid] = ProjectCode(guid, title, parent, text(memo), is_codable=False)
        columns = "cid", "name", "memo", "catid", "supercid", "color"
        for key, name, memo, category, above, colour in self.database.rows("code_name", *columns):
            guid = self._guid("code", key)
            parent = "" if category is None else self._guid("category", category)
            parent = parent if above is None else self._guid("code", above)
            title = clean_name(text(name), default=f"code {key}")
            found[guid] = ProjectCode(guid, title, parent, text(memo), read_colour(text(colour)) or "")
        yield from sort_codes(found)

    # -- codings and cases --------------------------------------------------------------------------------------------

    def _place(self, codes: set[str]) -> tuple[list[Mark], list[ProjectCase]]:
        columns = "ctid", "cid", "fid", "seltext", "pos0", "pos1", "owner", "date", "memo"
        for row in self.database.rows("code_text", *columns):
            self.sources.select(row[2], number(row[4]), number(row[5]), text(row[3]), ("code", row))
        for row in self.database.rows("case_text", "caseid", "fid", "pos0", "pos1"):
            self.sources.select(row[1], number(row[2]), number(row[3]), "", ("case", row))
        for row in self.database.rows("annotation", "anid", "fid", "pos0", "pos1", "memo", "owner", "date"):
            self.sources.select(row[1], number(row[2]), number(row[3]), "", ("annotation", row))
        marks: list[Mark] = []
        passages: dict[object, list[Any]] = {}
        for (kind, row), source, span in self.sources.place(self.habit):
            if kind == "code" and self._guid("code", row[1]) not in codes:
                self.losses.add("codings with a code that the project does not have", "left out", text(row[3]))
            elif kind == "code":
                coder = self._guid("coder", row[6]) if text(row[6]) else ""
                marks.append(
                    Mark(self._guid("coding", row[0]), source, span, self._guid("code", row[1]), coder,
                         text(row[8]).strip(), text(row[7]))
                )  # fmt: skip
            elif kind == "case":
                passages.setdefault(row[0], []).append((source, span))
            else:
                about = About("passage", source, span)
                self._remember(f"annotation {row[0]}", "", text(row[4]), about, text(row[5]), text(row[6]))
        return marks, list(self._cases(passages))

    def _cases(self, passages: dict[object, list[Any]]) -> Iterator[ProjectCase]:
        values: dict[tuple[str, object], dict[str, str]] = {}
        for name, kind, value, key in self.database.rows("attribute", "name", "attr_type", "value", "id"):
            if text(value):
                values.setdefault((text(kind), key), {})[text(name)] = clean_name(text(value), default="")
        for key, name, memo in self.database.rows("cases", "caseid", "name", "memo"):
            guid = self._guid("case", key)
            self._remember(f"case {key}", "", text(memo), About("case", guid))
            attributes = values.get(("case", key), {})
            yield ProjectCase(guid, clean_name(text(name), default=f"case {key}"), attributes,
                              passages=tuple(passages.get(key, ())))  # fmt: skip
        for (kind, key), attributes in values.items():
            if kind == "file" and key in self.sources.texts:
                yield ProjectCase(self._guid("file values", key), "", attributes, (self._guid("source", key),))

    def _read_memos(self) -> None:
        if text(self.about[1]).strip():
            self._remember("project", "About the project", text(self.about[1]), About())
        for key, name, words, owner, at in self.database.rows("journal", "jid", "name", "jentry", "owner", "date"):
            self._remember(
                f"journal {key}", clean_name(text(name), default=""), text(words), About(), text(owner), text(at)
            )


def sort_codes(found: dict[str, ProjectCode]) -> Iterator[ProjectCode]:
    """Yield codes, those above before those below; one whose parents go round in a circle comes to the top."""
    below: dict[str, list[ProjectCode]] = {}
    for code in found.values():
        below.setdefault(code.parent if code.parent in found else "", []).append(code)
    done: set[str] = set()
    for start in (*below.get("", ()), *found.values()):
        waiting = [start]
        while waiting:
            code = waiting.pop()
            if code.guid in done:
                continue
            has_parent = code.parent in done
            done.add(code.guid)
            yield (
                code
                if has_parent
                else ProjectCode(code.guid, code.name, "", code.description, code.colour, code.is_codable)
            )
            waiting += reversed(below.get(code.guid, []))
