"""How the house is kept: circles, doors, tables, readers and writers, long functions, lines.

Run: python benchmarks/house.py [--check]

``--check`` ends with 1 when a number is above its limit; ``tests/test_architecture.py`` holds the same.
"""

from __future__ import annotations

import ast
import inspect
import io
import sys
import tokenize
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "qualcode"
sys.path.insert(0, str(ROOT))

import qualcode  # noqa: E402  # from this folder, whatever is installed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

LONGEST = 60
"""Lines of code from which a function is long."""

READING_TABLES = {"csv.reader", "csv.DictReader", "openpyxl.load_workbook", "pd.read_csv", "pd.read_excel"}
WRITING = {"write_bytes", "write_text", "mkstemp"}
DRAFTS = {"drafting", "TemporaryDirectory", "fresh_folder"}
"""What is written within these is no file yet, or none that stays."""

NOT_WHOLE = {
    "outputs": "a device or a pipe is written straight into",
    "study.store.journal": "files of a change are staged beside, and put in place by the journal",
}
"""Modules that write otherwise than through ``qualcode.atomic``, and why that is no second writer of whole files."""


# --- imports -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Import:
    """One import statement's target, as a dotted name."""

    file: Path
    line: int
    target: str
    is_for_types: bool

    @property
    def module(self) -> str:
        """The layered module that the statement stands in: a file or a sub-package of qualcode."""
        return self.file.relative_to(PACKAGE).parts[0].removesuffix(".py")

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line} imports {self.target}"


@cache
def parse(file: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(file.read_text("utf-8"))


def find_imports(file: Path, tree: ast.AST, *, is_for_types: bool = False) -> list[Import]:
    """Return all imports of a file, those inside functions included; of qualcode's own names, their homes."""
    found: list[Import] = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "typing.TYPE_CHECKING"}:
            for child in node.body:
                found += find_imports(file, ast.Module([child], []), is_for_types=True)
            for child in node.orelse:
                found += find_imports(file, ast.Module([child], []), is_for_types=is_for_types)
            continue
        targets: list[str] = []
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            targets = [resolve(base, alias.name) for alias in node.names]
        found += [Import(file, node.lineno, target, is_for_types) for target in dict.fromkeys(targets)]
        found += find_imports(file, node, is_for_types=is_for_types)
    return found


def resolve(base: str, name: str) -> str:
    """Return the module that ``from base import name`` reaches into."""
    if base != "qualcode":
        return base
    return f"qualcode.{qualcode._HOMES.get(name, name)}" if not name.startswith("__") else base  # noqa: SLF001


def name_module(file: Path) -> str:
    """Return the dotted name of a file of the package."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


FILES = sorted(path for path in PACKAGE.rglob("*.py"))
MODULES = {name_module(file) for file in FILES}
PACKAGES = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


def find_needs(file: Path) -> set[str]:
    """Return the modules that a file imports, lazily or for types too; a name that is one counts as it."""
    needs: set[str] = set()
    for node in ast.walk(parse(file)):
        if isinstance(node, ast.Import):
            needs.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            needs |= {name if name in MODULES else str(node.module) for name in names}
    return needs


NEEDS = {name_module(file): find_needs(file) for file in FILES}


def find_circles(needs: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the groups of modules each of which needs, in some steps, every other one of the group."""
    reached: dict[str, set[str]] = {}
    for module in needs:
        open_ends = [module]
        reached[module] = set()
        while open_ends:
            fresh = needs.get(open_ends.pop(), set()) - reached[module]
            reached[module] |= fresh
            open_ends += fresh
    groups = {
        frozenset(one for one in reached[module] if module in reached.get(one, ()))
        for module in needs
        if module in reached[module]
    }
    return sorted(sorted(group) for group in groups)


def circles_in(package: str) -> list[list[str]]:
    """Return the circles among the files of a package, its door included."""
    door = f"qualcode.{package}"
    members = {module for module in MODULES if f"{module}.".startswith(f"{door}.")}
    return find_circles({module: (NEEDS[module] & members) - {module} for module in members})


def circles_of_the_house() -> list[list[str]]:
    """Return the circles among packages and modules. The front hands on the names of all, and is left out."""

    def top(module: str) -> str:
        return ".".join(module.split(".")[:2])

    needs: dict[str, set[str]] = {}
    for module in MODULES - {"qualcode", "qualcode.__main__"}:
        needs.setdefault(top(module), set()).update(map(top, NEEDS[module] & MODULES))
    return find_circles({module: found - {module, "qualcode"} for module, found in needs.items()})


def imports_below(package: str) -> list[str]:
    """Return the imports of a package's inner modules from outside it, as "from → to"."""
    door = f"qualcode.{package}"
    return [
        f"{module} → {target}"
        for module in sorted(MODULES)
        for target in sorted(NEEDS[module])
        if target.startswith(f"{door}.") and not f"{module}.".startswith(f"{door}.")
    ]


# --- one table for each kind of thing, one piece of ground for each need --------------------------------------


def texts_of(file: Path) -> set[str]:
    """Return the texts in a file's code; docstrings are none of it."""
    docs = {
        id(node.value)
        for node in ast.walk(parse(file))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    return {
        node.value
        for node in ast.walk(parse(file))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    }


def places_of(keys: Collection[str]) -> list[str]:
    """Return the files that list the entries of a table: those that name nearly all of its keys.

    One of them is the table; each other one would have to be touched for a new entry. A file that treats some entries
    in a way of its own names these alone.
    """
    return [name_module(file) for file in FILES if 4 * len(texts_of(file) & set(keys)) >= 3 * len(keys)]


def find_tables() -> dict[str, Collection[str]]:
    """Return what is added to by an entry, with the keys of its table."""
    from qualcode.agreement.registry import REGISTRY
    from qualcode.figures import FIGURES
    from qualcode.reports import FORMATS, SECTIONS
    from qualcode.sources.registry import READERS

    return {
        "coefficient": REGISTRY,
        "figure": {entry.plot for entry in FIGURES.values()},
        "report format": {entry.file for entry in FORMATS.values()},
        "analysis": SECTIONS,
        "transcript format": READERS,
    }


def find_readers() -> list[str]:
    """Return the rooms of the house in which tables are read from their bytes."""
    return sorted({name_module(file).split(".")[1] for file in FILES if READING_TABLES & set(_calls(parse(file)))})


def find_writers() -> list[str]:
    """Return the modules that write files whole, in one way or another."""
    found = [name_module(file).removeprefix("qualcode.") for file in FILES if any(find_writes(parse(file)))]
    return [module for module in found if module not in NOT_WHOLE]


def _calls(tree: ast.AST) -> Iterator[str]:
    return (ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))


def find_writes(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls that write a file, those aside that write a draft."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.With) and any(one in ast.unparse(item) for item in node.items for one in DRAFTS):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
            mode = next((one.value for one in node.args if isinstance(one, ast.Constant)), "")
            if name in WRITING or (name == "open" and isinstance(mode, str) and mode.startswith(("w", "x"))):
                yield node
        yield from find_writes(node)


# --- size ----------------------------------------------------------------------------------------------------


@cache
def code_lines(file: Path) -> frozenset[int]:
    """Return the numbers of a file's lines of code: without blank lines, comments and docstrings."""
    nothing = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(file.read_text("utf-8")).readline):
        if token.type not in nothing:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(parse(file)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return frozenset(lines)


def count_lines() -> tuple[int, int]:
    """Return the lines of code of the package, and its other lines: docstrings, comments, blank ones."""
    n_code = sum(len(code_lines(file)) for file in FILES)
    return n_code, sum(len(file.read_text("utf-8").splitlines()) for file in FILES) - n_code


def long_functions() -> dict[str, int]:
    """Return the functions with more lines of code than :data:`LONGEST`, the longest first."""
    found: dict[str, int] = {}
    for file in FILES:
        for node in ast.walk(parse(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = len(code_lines(file) & set(range(node.lineno, (node.end_lineno or 0) + 1)))
                found[f"{name_module(file)}.{node.name}"] = length
    longest = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return {name: length for name, length in longest if length > LONGEST}


# --- what is public ------------------------------------------------------------------------------------------


def methods_of(kind: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods of a class, those that it inherits from classes of ours too."""
    for name, member in inspect.getmembers(kind):
        raw = inspect.getattr_static(kind, name)
        called = raw.__func__ if isinstance(raw, classmethod | staticmethod) else member
        if not name.startswith("_") and inspect.isfunction(called) and called.__module__.startswith("qualcode"):
            yield name, called


def find_public() -> dict[str, Callable[..., Any]]:
    """Return every public function and method by its name, such as ``Study.decide``."""
    found: dict[str, Callable[..., Any]] = {}
    for name in qualcode.__all__:
        value = getattr(qualcode, name)
        if inspect.isclass(value):
            found |= {f"{name}.{method}": function for method, function in methods_of(value)}
        elif inspect.isfunction(value):
            found[name] = value
    return found


def arguments_of(function: Callable[..., Any]) -> list[str]:
    """Return the names of what a function takes, ``self`` left out, with the stars of the open ones."""
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    taken = inspect.signature(function).parameters.values()
    return [stars.get(one.kind, "") + one.name for one in taken if one.name != "self"]


def without_example() -> list[str]:
    """Return the public functions that take something and show nobody how."""
    return [
        name
        for name, function in find_public().items()
        if arguments_of(function) and ">>> " not in (inspect.getdoc(function) or "")
    ]


# --- all of it -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Figure:
    """A number about the house, with what it counts and how high it may be; ``None``: as high as it is."""

    name: str
    found: list[str]
    limit: int | None

    @property
    def is_kept(self) -> bool:
        """Whether the number is within its limit."""
        return self.limit is None or len(self.found) <= self.limit


def look() -> list[Figure]:
    """Return the numbers that are held."""
    circles = [*circles_of_the_house(), *(circle for package in PACKAGES for circle in circles_in(package))]
    return [
        Figure("circles of modules", [" → ".join(circle) for circle in circles], 0),
        Figure("imports below a door", [one for package in PACKAGES for one in imports_below(package)], 0),
        *(Figure(f"places to touch for a new {kind}", places_of(keys), 1) for kind, keys in find_tables().items()),
        Figure("readers of tables", find_readers(), 1),
        Figure("writers of whole files", find_writers(), 1),
        Figure("public functions without an example", without_example(), 0),
        Figure(f"functions over {LONGEST} lines", [f"{name} ({n})" for name, n in long_functions().items()], 0),
    ]


def main() -> None:
    """Print the numbers, with what they count where there is too much of it."""
    figures = look()
    for figure in figures:
        print(f"{len(figure.found):6} {figure.name}" + ("" if figure.is_kept else f"   (at most {figure.limit})"))
        for one in figure.found if not figure.is_kept else ():
            print(f"         {one}")
    n_code, n_other = count_lines()
    print(f"{n_code:6,} lines of code, and {n_other:,} of docstrings, comments and blanks, in {len(FILES)} files")
    if "--check" in sys.argv[1:] and not all(figure.is_kept for figure in figures):
        sys.exit(1)


if __name__ == "__main__":
    main()
