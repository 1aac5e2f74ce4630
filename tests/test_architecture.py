"""The layers of docs/architecture.md, as its own table states them, and what may be loaded when."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib import import_module

import house
import pytest
from house import (
    FILES,
    MODULES,
    PACKAGE,
    PACKAGES,
    ROOT,
    circles_in,
    circles_of_the_house,
    code_lines,
    find_circles,
    find_imports,
    imports_below,
    parse,
)

import qualcode

FACADE = {"__init__", "__main__"}
"""The package's front and its entry point stand above all layers; what they load is tested by running them."""

HEAVY = {
    "spacy",
    "pandas",
    "numpy",
    "matplotlib",
    "docx",
    "lxml",
    "pydantic",
    "ruamel",
    "xlsxwriter",
    "jinja2",
    "pyarrow",
    "starlette",
    "uvicorn",
    "anywidget",
}

OWNERS = {
    "spacy": {"language"},
    "pydantic": {"codebook"},
    "ruamel": {"codebook"},
    "matplotlib": {"figures"},
    "docx": {"sources", "reports"},
    "lxml": {"sources", "reports", "spreadsheets", "exchange"},
    "xlsxwriter": {"pseudonyms", "reports"},
    "distributed": {"corpus"},
    "jinja2": {"reports"},
    "starlette": {"surface"},
    "uvicorn": {"surface"},
    "anywidget": {"surface"},
}
"""Libraries and the only modules that may import them."""


def read_layers() -> dict[str, int]:
    """Return module → layer from the table in docs/architecture.md."""
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    layers: dict[str, int] = {}
    for number, cell in re.findall(r"^\| (\d+) \| ([^|]+) \|", text, re.MULTILINE):
        for name in re.findall(r"`(\w+)", cell):
            layers[name] = int(number)
    return layers


IMPORTS = [found for file in FILES for found in find_imports(file, parse(file))]
LAYERS = read_layers()


def test_the_table_was_read() -> None:
    assert (LAYERS["errors"], LAYERS["signs"], LAYERS["model"]) == (0, 0, 1)
    assert LAYERS["tables"] < LAYERS["themes"] < LAYERS["figures"] < LAYERS["cli"]
    assert len(IMPORTS) > 50


def test_every_module_has_a_layer_and_every_layered_module_exists() -> None:
    present = {
        path.name.removesuffix(".py")
        for path in PACKAGE.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert sorted(present - FACADE - LAYERS.keys()) == [], "write these into the table of docs/architecture.md"
    assert sorted(LAYERS.keys() - present) == [], "the table of docs/architecture.md names these in vain"


@pytest.mark.parametrize("module", sorted(LAYERS))
def test_a_module_imports_from_lower_layers_only(module: str) -> None:
    """What an annotation alone needs may come from the same layer too, as it binds nothing at run time."""
    wrong = []
    for one in IMPORTS:
        parts = one.target.split(".")
        if one.module != module or parts[0] != "qualcode" or len(parts) == 1 or parts[1] == module:
            continue
        limit = LAYERS[module] if one.is_for_types else LAYERS[module] - 1
        if LAYERS.get(parts[1], 99) > limit:
            wrong.append(str(one))
    assert wrong == []


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"a"}, "c": {"a"}}, [["a", "b"]]),
        ({"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": {"d"}}, [["a", "b", "c"], ["d", "e"]]),
        ({"a": {"b", "outside"}, "b": set()}, []),
    ],
)
def test_circles_are_found(needs: dict[str, set[str]], expected: list[list[str]]) -> None:
    assert find_circles(needs) == expected


@pytest.mark.parametrize("package", PACKAGES)
def test_no_files_of_a_package_need_each_other_in_a_circle(package: str) -> None:
    """Lazy imports count, and those for types too: what needs a type of its user needs less than its user."""
    assert circles_in(package) == []


def test_no_modules_of_the_house_need_each_other_in_a_circle() -> None:
    assert circles_of_the_house() == []


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_is_entered_by_its_door(package: str) -> None:
    assert imports_below(package) == [], f"import these from qualcode.{package}, which may list them"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_door_lists_what_is_taken_from_it(package: str) -> None:
    """A door that loads names when they are first used lets type checkers believe in any name."""
    door = import_module(f"qualcode.{package}")
    taken = {
        alias.name
        for file in FILES
        for node in ast.walk(parse(file))
        if isinstance(node, ast.ImportFrom) and node.module == door.__name__
        for alias in node.names
        if f"{door.__name__}.{alias.name}" not in MODULES
    }
    assert sorted(taken - set(getattr(door, "__all__", taken))) == []
    assert [name for name in getattr(door, "__all__", ()) if not hasattr(door, name)] == []
    assert sorted({f"{door.__name__}.{name}" for name in getattr(door, "__all__", ())} & MODULES) == [], "two meanings"


@pytest.mark.parametrize("library", sorted(OWNERS))
def test_a_library_is_imported_by_its_owners_only(library: str) -> None:
    wrong = [
        str(one)
        for one in IMPORTS
        if one.target.split(".")[0] == library and not one.is_for_types and one.module not in OWNERS[library]
    ]
    assert wrong == []


def test_the_ground_needs_the_standard_library_only() -> None:
    roots = {one.target.split(".")[0] for one in IMPORTS if one.module in {"errors", "model"}}
    assert sorted(roots - sys.stdlib_module_names) == ["qualcode"]
    assert roots.isdisjoint({"time", "datetime", "random", "os", "io", "pathlib"})


def test_imports_say_in_full_where_they_reach() -> None:
    assert [str(one) for one in IMPORTS if one.target.startswith(".")] == []


def test_the_command_line_has_no_frames() -> None:
    frames = {"pandas", "numpy"}
    used = [one for one in IMPORTS if one.module == "cli" and not one.is_for_types]
    assert [str(one) for one in used if one.target.split(".")[0] in frames] == []


def test_no_module_has_more_than_600_lines_of_code() -> None:
    """What a face says of its many verbs in docstrings is to be read, not to be held in the head."""
    long = {str(path.relative_to(ROOT)): len(code_lines(path)) for path in FILES}
    assert {name: length for name, length in long.items() if length > 600} == {}


@pytest.mark.parametrize("figure", house.look(), ids=lambda figure: figure.name)
def test_the_house_is_kept(figure: house.Figure) -> None:
    """The same as ``python benchmarks/house.py --check``."""
    assert figure.is_kept, figure.found


def test_what_the_house_is_measured_with_finds_what_is_wrong() -> None:
    bad = ast.parse(
        "with drafting(p) as d:\n    d.write_bytes(b'')\np.write_text('')\nopen(p, 'w')\nopen(p)\nopen(p, 'rb')"
    )
    assert [one.lineno for one in house.find_writes(bad)] == [3, 4]
    assert house.places_of(["themes", "nobody's kind", "no other"]) == []
    assert "qualcode.figures.registry" in house.places_of(house.find_tables()["figure"])
    assert len(code_lines(PACKAGE / "doors.py")) < len((PACKAGE / "doors.py").read_text("utf-8").splitlines()) / 2


LISTING = "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
HELP = """
import runpy, sys
sys.argv = ['qualcode', *sys.argv[1:]]
try:
    runpy.run_module('qualcode', run_name='__main__')
except SystemExit as end:
    assert not end.code, end.code
"""


def run_python(code: str, *arguments: str) -> tuple[str, set[str]]:
    """Return standard output, and the roots of the modules that a fresh interpreter has loaded at its end."""
    command = [sys.executable, "-c", f"import sys\n{code}\n{LISTING}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    return done.stdout, set(done.stderr.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    _, loaded = run_python("import qualcode")
    assert "qualcode" in loaded
    assert sorted(loaded & HEAVY) == []


@pytest.mark.parametrize("package", ["figures", "reports", "surface"])
def test_a_door_loads_nothing_heavy(package: str) -> None:
    _, loaded = run_python(f"import qualcode.{package}")
    assert sorted(loaded & HEAVY) == []


@pytest.mark.parametrize(
    "arguments", [["--help"], ["--version"], ["run", "--help"], ["themes", "--help"]], ids=" ".join
)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    printed, loaded = run_python(HELP, *arguments)
    assert "qualcode" in printed
    assert sorted(loaded & HEAVY) == []


def test_every_public_name_is_there() -> None:
    for name in qualcode.__all__:
        assert getattr(qualcode, name) is not None
    assert set(dir(qualcode)) >= {"tabulate", "read_transcript", "__version__"}
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        qualcode.nothing  # noqa: B018  # the access is the test
