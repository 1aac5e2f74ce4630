"""The public names: each says what it takes, returns and raises, with an example that runs."""

from __future__ import annotations

import ast
import doctest
import inspect
import re
import shutil
import textwrap
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from house import arguments_of, find_public

import qualcode

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[1]
FLAGS = doctest.ELLIPSIS
PATHS = ("str", "os.PathLike[str]")


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own with the sample study, in which an example is run."""
    for name in ("transcripts_sample", "codebooks"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


PUBLIC = find_public()
CLASSES = {name: value for name in qualcode.__all__ if inspect.isclass(value := getattr(qualcode, name))}


def sections_of(function: Callable[..., Any]) -> dict[str, str]:
    """Return the sections of a docstring in numpydoc's form by their names."""
    text = inspect.getdoc(function) or ""
    parts = re.split(r"^(\w[\w ]*)\n-+\n", text, flags=re.MULTILINE)
    return {name: content.rstrip() for name, content in zip(parts[1::2], parts[2::2], strict=True)}


def named_in(section: str) -> list[str]:
    """Return the names that head the entries of a section; several that are told together stand in one line."""
    heads = re.findall(r"^(\S.*)$", section, re.MULTILINE)
    return [name for head in heads for name in head.split(", ")]


def has_raise(function: Callable[..., Any]) -> bool:
    """Tell whether a function raises an error itself."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    return any(isinstance(node, ast.Raise) and node.exc is not None for node in ast.walk(tree))


def test_the_names_of_the_whole_line_are_public() -> None:
    promised = """read_transcripts read_survey read_codebook parse_codebook read_cases tag tabulate count_themes
        count_by count_cooccurrence select_quotes kwic measure_agreement read_ratings plot_themes make_report
        write_report create_study open_study run report_study tag_corpus"""
    assert sorted(set(promised.split()) - set(qualcode.__all__)) == []
    assert len(PUBLIC) > 90


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_function_says_what_it_takes_returns_and_raises(name: str) -> None:
    function = PUBLIC[name]
    arguments, sections = arguments_of(function), sections_of(function)
    returns = inspect.signature(function).return_annotation
    assert sorted(named_in(sections.get("Parameters", ""))) == sorted(arguments)
    if arguments:
        assert returns == "None" or {"Returns", "Yields"} & sections.keys(), "say what comes back"
        assert ">>> " in sections.get("Examples", ""), "show it"
    assert not has_raise(function) or "Raises" in sections, "say what it raises"
    assert inspect.signature(function).return_annotation is not inspect.Signature.empty


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_path_may_be_a_text_or_a_path(name: str) -> None:
    """A parameter of type ``Path`` alone would refuse the text that a notebook has."""
    for parameter in inspect.signature(PUBLIC[name]).parameters.values():
        told = str(parameter.annotation)
        assert not re.search(r"\bPath\b", told), f"{parameter.name}: {told}"
        if "PathLike" in told:
            assert all(one in told for one in PATHS), f"{parameter.name}: {told}"


@pytest.mark.parametrize("as_given", [str, Path])
@pytest.mark.usefixtures("workplace")
def test_the_whole_line_takes_texts_and_paths(as_given: Callable[[str], Any]) -> None:
    Path("answers.csv").write_text("id,text\na,The new management said no.\n", "utf-8")
    Path("ratings.csv").write_text("unit,ana,ben\n1,y,y\n2,n,n\n", "utf-8")
    interviews, book = as_given("transcripts_sample"), as_given("codebooks/industry_partnership.yaml")
    cases = as_given("transcripts_sample/cases.csv")

    transcripts, problems = qualcode.read_transcripts(interviews)
    assert ([one.id for one in transcripts], problems) == (["P1", "P2", "P3", "P4"], [])
    several = [as_given(f"transcripts_sample/{one.source.name}") for one in transcripts]
    assert qualcode.read_transcripts(several)[0] == transcripts
    assert qualcode.read_transcript(several[0]).text == transcripts[0].text
    assert len(qualcode.read_cases(cases)) == 4
    assert qualcode.read_survey(as_given("answers.csv"), text_column="text")[0].id == "answers"
    assert len(qualcode.read_ratings(as_given("ratings.csv")).units) == 2

    qualcode.tag_corpus(as_given("answers.csv"), book, as_given("codings.parquet"))
    assert len(qualcode.read_codings(as_given("codings.parquet")).codings) == 1
    with qualcode.create_study(as_given("study"), codebook=book, cases=cases) as study:
        assert study.import_transcripts(transcripts, interviews).new == ("P1", "P2", "P3", "P4")
        study.tag()
        assert len(list(Path("study/raw").iterdir())) == 4
    qualcode.open_study(as_given("study")).close()
    qualcode.run(interviews, book, as_given("results"), cases=cases)
    qualcode.report_study(as_given("study"), as_given("told"))
    assert Path("results/codings.csv").read_bytes() == Path("told/codings.csv").read_bytes()

    themes = qualcode.count_themes(
        qualcode.tabulate(transcripts, qualcode.tag(transcripts, study.codebook), study.codebook)
    )
    assert [path.name for path in qualcode.plot_themes(themes).save(as_given("bars"), ["svg"])] == ["bars.svg"]
    assert qualcode.write_report(qualcode.make_report(themes), as_given("report.md")) == Path("report.md")


def test_the_names_for_type_checkers_are_those_that_are_loaded() -> None:
    tree = ast.parse((ROOT / "qualcode" / "__init__.py").read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    told = {
        (alias.name, alias.asname): node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert told == {(name, name): f"qualcode.{home}" for name, home in qualcode._HOMES.items()}
    assert (ROOT / "qualcode" / "py.typed").exists()


def test_an_editor_completes_the_public_names() -> None:
    jedi = pytest.importorskip("jedi", reason="comes with ipykernel")
    offered = {one.name for one in jedi.Script("import qualcode\nqualcode.").complete(2, len("qualcode."))}
    assert sorted(set(qualcode.__all__) - offered) == []
    assert set(dir(qualcode)) >= set(qualcode.__all__)
    opened = jedi.Script("import qualcode\nqualcode.open_study('x').").complete(2, len("qualcode.open_study('x')."))
    assert {"decide", "tabulate", "undo"} <= {one.name for one in opened}


# --- the examples run ----------------------------------------------------------------------------------------


def has_example(owner: Any) -> bool:
    return ">>> " in (inspect.getdoc(owner) or "")


def read_example(owner: Any, name: str, names: dict[str, Any]) -> doctest.DocTest | None:
    """Return the example in the docstring of a function or class, with the names that it finds there."""
    text = inspect.getdoc(owner) or ""
    test = doctest.DocTestParser().get_doctest(text, names, name, None, 0)
    return test if test.examples else None


def run_example(test: doctest.DocTest) -> None:
    said: list[str] = []
    doctest.DocTestRunner(verbose=False, optionflags=FLAGS).run(test, out=said.append, clear_globs=False)
    assert not said, "".join(said)


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize("name", sorted(name for name, one in [*PUBLIC.items(), *CLASSES.items()] if has_example(one)))
def test_the_example_of_a_public_name_shows_what_happens(name: str) -> None:
    """That of a method goes on from that of its class. Both find nothing but ``qualcode``, as in a notebook."""
    names: dict[str, Any] = {"qualcode": qualcode}
    kind, _, method = name.partition(".")
    begun = read_example(getattr(qualcode, kind), kind, names)
    if begun is not None:
        run_example(begun)
        names = begun.globs
    told = read_example(PUBLIC[name], name, names) if method else None
    if told is not None:
        run_example(told)
    if "study" in names:
        names["study"].close()


def other_examples() -> dict[str, doctest.DocTest]:
    """Return the examples of what is not public, which find the names of their module."""
    finder, found = doctest.DocTestFinder(exclude_empty=True), {}
    shown = {inspect.getdoc(one) for one in [*PUBLIC.values(), *CLASSES.values()]}
    for path in sorted((ROOT / "qualcode").rglob("*.py")):
        if ">>> " in path.read_text("utf-8"):
            dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            tests = finder.find(import_module(dotted), extraglobs={"qualcode": qualcode})
            found |= {one.name: one for one in tests if one.examples and inspect.cleandoc(one.docstring) not in shown}
    return found


OTHERS = other_examples()


@pytest.mark.usefixtures("workplace")
@pytest.mark.parametrize("name", sorted(OTHERS))
def test_the_example_of_any_function_shows_what_happens(name: str) -> None:
    run_example(OTHERS[name])


def shown_in_docs() -> list[tuple[str, str]]:
    """Return the functions that the Python of README and docs takes from a package, with that."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    text = "\n".join(
        re.findall(r"```python\n(.*?)```", "\n".join(page.read_text("utf-8") for page in pages), re.DOTALL)
    )
    taken = re.findall(r"^from (qualcode\.\w+) import (.+)$", text, re.MULTILINE)
    pairs = {(package, name) for package, names in taken for name in names.split(", ")}
    return sorted(pair for pair in pairs if inspect.isfunction(getattr(import_module(pair[0]), pair[1])))


@pytest.mark.parametrize(("package", "name"), shown_in_docs())
def test_a_function_that_the_docs_take_from_a_package_says_what_it_takes_and_returns(package: str, name: str) -> None:
    function = getattr(import_module(package), name)
    sections = sections_of(function)
    assert sorted(named_in(sections.get("Parameters", ""))) == sorted(arguments_of(function))
    assert "Returns" in sections
    assert ">>> " in sections.get("Examples", "")
