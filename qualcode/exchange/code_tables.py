"""Codebooks of other programs: ``.qdc`` files, and tables of codes with a tree told in one way or another."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.codebook import Code, Example
from qualcode.errors import SourceError, TableError
from qualcode.exchange.archive import FolderArchive
from qualcode.exchange.colours import read_colour
from qualcode.exchange.columns import cell, find_columns, fold, parse_columns
from qualcode.exchange.descriptions import write_description
from qualcode.exchange.guids import make_guid
from qualcode.exchange.losses import LossList
from qualcode.exchange.project import Project, ProjectCode, ProjectMemo
from qualcode.exchange.refi_codes import read_codes, tell_sets
from qualcode.exchange.texts import clean_name
from qualcode.exchange.xml_elements import attribute, local, parse
from qualcode.spreadsheets import read_sheet

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping, Sequence

    from qualcode.spreadsheets import Spreadsheet

_SYNONYMS: dict[str, tuple[str, ...]] = {
    "name": ("code", "name", "tag", "code name", "codename", "node", "label", "codes", "kode", "código"),
    "parent": ("parent code", "parent", "parent node", "theme", "category", "parent path", "übercode", "obercode"),
    "path": ("path", "code path", "hierarchical name", "full name", "codepfad"),
    "level": ("level", "depth", "ebene", "hierarchy level"),
    "description": (
        "description",
        "definition",
        "comment",
        "memo",
        "code memo",
        "meaning",
        "kommentar",
        "beschreibung",
    ),
    "include": ("include", "inclusion", "inclusion criteria", "when to use"),
    "exclude": ("exclude", "exclusion", "exclusion criteria", "when not to use"),
    "examples": ("examples", "example", "example quote", "ankerbeispiel"),
    "colour": ("color", "colour", "farbe"),
}  # fmt: skip
_BULLET = re.compile(r"^[○●◦•▪■□*]\s+")
_MAKING = (" > ", "\\", " » ")
"""Marks between the parts of a path by which codes above are made that have no row of their own."""
_MEETING = (": ", "::", "/", ".", " / ", " - ")
"""Marks that part a path only where the code above has a row, as they stand in names as well."""

PARTS = tuple(_SYNONYMS)
"""What columns of a table of codes may be."""


def read_codebook_file(path: str | os.PathLike[str], *, columns: str = "", sheet: str | None = None) -> Project:
    """Read a codebook of another program: a ``.qdc`` file, or a table (CSV, XLSX, ODS).

    Parameters
    ----------
    path
        The file.
    columns
        Which column of a table is what, as ``PART=HEAD`` with commas between; found by the usual heads when not told.
    sheet
        The sheet of a workbook.

    Returns
    -------
    Project
        One with codes alone.

    Raises
    ------
    SourceError, TableError
        If it cannot be read, or holds no code.
    """
    path = Path(path)
    if not path.is_file():
        raise SourceError("There is no such file.", str(path), "Check the name")
    if path.suffix.casefold() == ".qdc":
        return _read_qdc(path)
    if path.suffix.casefold() in {".qdpx", ".qde", ".rqda", ".qda", ".sqlite3"}:
        hint = "Import it with its codes: qualcode import-project FILE"
        raise SourceError("This is a project, not a codebook.", str(path), hint)
    return _read_table(read_sheet(path, sheet=sheet), path.name, columns)


def _read_qdc(path: Path) -> Project:
    root = parse(FolderArchive(path).data, path.name)
    if local(root) != "CodeBook":
        raise SourceError(
            f"This is not a codebook, but <{local(root)}>.", path.name, "A project: qualcode import-project"
        )
    losses = LossList(path.name)
    codes = read_codes(root, losses)
    if not codes:
        raise SourceError("There is no code in the codebook.", path.name, "Check that it is the right file")
    memos = []
    for guid, name, text in tell_sets(root, {code.guid: code.name for code in codes}):
        losses.add("sets and groups", "kept as a memo each that lists the members", name, level="note")
        memos.append(ProjectMemo(guid, name, f"Members of the set “{name}”:\n\n{text}"))
    origin = clean_name(attribute(root, "origin"), default="a codebook")
    return Project(origin, path.stem, codes=tuple(codes), memos=tuple(memos), losses=losses.tell())


# -- tables -----------------------------------------------------------------------------------------------------------


def _read_table(table: Spreadsheet, name: str, columns: str) -> Project:
    found = find_columns(table, _SYNONYMS, parse_columns(columns, PARTS))
    if "name" not in found and "path" not in found:
        heads = ", ".join(one for one in table.header if one) or "none"
        hint = "Say which holds the codes: --columns name=HEAD"
        raise TableError(f"No column is known to hold codes; there are {heads}.", where=name, hint=hint)
    losses = LossList(name)
    for head in table.header:
        if re.fullmatch(r"code group \d+|groups", fold(head)):
            n_told = sum(bool(cell(cells, table.header.index(head))) for _, cells in table.rows)
            if n_told:
                losses.add("codes in groups", "the groups are left out", head, n=n_told, level="note")
    rows = list(_list_rows(table, found))
    paths = _find_paths(rows)
    codes = list(_make_codes(rows, paths, losses))
    if not codes:
        raise TableError("There is no code in the table.", where=name, hint="Check that it is the right file")
    return Project("a table", name.rpartition(".")[0], codes=tuple(codes), losses=losses.tell())


_Row = dict[str, str]


def _list_rows(table: Spreadsheet, found: Mapping[str, int]) -> Iterator[tuple[_Row, tuple[str, ...]]]:
    """Yield the cells of each row by part, and the path where the place of the cell, or a number, tells it."""
    place = found.get("name", -1)
    width = 1
    while place >= 0 and place + width < len(table.header) and not table.header[place + width]:
        width += 1  # heads that are blank: the tree stands in columns
    open_path: list[str] = []
    for _, cells in table.rows:
        row = {part: cell(cells, at) for part, at in found.items()}
        depth = next((at for at in range(width) if cell(cells, place + at)), 0)
        row["name"] = _BULLET.sub("", cell(cells, place + depth)) if place >= 0 else ""
        if row.get("level", "").isdigit():
            depth = max(int(row["level"]) - 1, 0)
        open_path = [*open_path[:depth], row["name"]]
        has_tree = width > 1 or "level" in found
        yield row, tuple(filter(None, open_path)) if has_tree else ()


def _find_paths(rows: Sequence[tuple[_Row, tuple[str, ...]]]) -> list[tuple[str, ...]]:
    """Return the path of each row, by whatever tells it."""
    names = [row["name"] or row.get("path", "") for row, _ in rows]
    by_name = part_paths(names)
    paths = []
    for (row, told), name in zip(rows, names, strict=True):
        path = told
        if not path and row.get("path"):
            path = part_paths([row["path"]])[row["path"]]
            path = path if not row["name"] or path[-1] == row["name"] else (*path, row["name"])
        if not path and row.get("parent"):
            path = (*part_paths([row["parent"]])[row["parent"]], row["name"])
        paths.append(path or by_name.get(name, ()))
    return paths


def part_paths(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the names from the top down that each name of a list stands for.

    Examples
    --------
    >>> part_paths(["food", "food.cheap", "vers. 2"])
    {'food': ('food',), 'food.cheap': ('food', 'cheap'), 'vers. 2': ('vers. 2',)}
    >>> part_paths(["Barriers > Time"])
    {'Barriers > Time': ('Barriers', 'Time')}
    """
    for mark in _MAKING:
        if any(mark in name for name in names):
            return {name: tuple(filter(None, (part.strip() for part in name.split(mark)))) for name in names}
    known = set(names)
    counts = Counter({mark: sum(bool(_above(name, mark, known)) for name in names) for mark in _MEETING})
    mark, n_parents = counts.most_common(1)[0]
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        parts = [name]
        while n_parents and (above := _above(parts[0], mark, known)):
            parts[:1] = [above, parts[0][len(above) + len(mark) :]]
        found[name] = tuple(parts)
    return found


def _above(name: str, mark: str, known: set[str]) -> str:
    """Return the longest name that stands before a mark in another one; ``""`` for none."""
    at = name.rfind(mark)
    while at > 0:
        if name[:at] in known and len(name) > at + len(mark):
            return name[:at]
        at = name.rfind(mark, 0, at)
    return ""


def _make_codes(
    rows: Sequence[tuple[_Row, tuple[str, ...]]], paths: Sequence[tuple[str, ...]], losses: LossList
) -> Iterator[ProjectCode]:
    """Yield the codes, those above before those below; one without a row of its own is made."""
    made: dict[tuple[str, ...], ProjectCode] = {}
    described = {path: row for (row, _), path in zip(rows, paths, strict=True) if path}
    doubles = Counter(path for path in paths if path)
    for path in paths:
        for depth in range(1, len(path) + 1):
            part = path[:depth]
            if part not in made:
                made[part] = _make_code(part, described.get(part, {}), losses)
        if path and doubles[path] > 1:
            losses.add("rows with the same code", "one code each, as its last row tells it", " > ".join(path))
            doubles[path] = 0
    yield from made.values()


def _make_code(path: tuple[str, ...], row: _Row, losses: LossList) -> ProjectCode:
    colour = read_colour(row.get("colour", ""))
    if colour is None:
        losses.add("colours that are none", "left out", f"{path[-1]}: {row['colour']}", level="note")
    code = Code(
        "", path[-1], row.get("description", ""), _items(row.get("include", "")), _items(row.get("exclude", "")),
        tuple(map(Example, _items(row.get("examples", "")))),
    )  # fmt: skip
    name = clean_name(path[-1], default="Code")
    guids = [make_guid("code", *path[:depth]) for depth in (len(path), len(path) - 1)]
    return ProjectCode(guids[0], name, guids[1] if len(path) > 1 else "", write_description(code), colour or "")


def _items(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, (line.strip().removeprefix("- ") for line in text.split("\n")))))
