"""What README and docs show is what happens: their commands are run and their output compared."""

from __future__ import annotations

import ast
import doctest
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

import qualcode
from qualcode.cli import cli
from qualcode.reports.layout_file import read_layout

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


SAVED = re.compile(r"Save this as `([^`]+)`:\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """Return the fenced blocks of one language in a Markdown page."""
    return re.findall(rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


def sessions(page: Path) -> list[tuple[str, str]]:
    """Return every ``$ command`` in the page's console blocks with the output shown below it."""
    found = []
    for block in blocks(page, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a user has it after unpacking the project, shared by the commands of one test run."""
    folder = tmp_path_factory.mktemp("workplace")
    for name in ("transcripts_sample", "codebooks"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def type_in(command: str, folder: Path) -> tuple[str, int]:
    """Run a command as at a terminal, and return all that it prints and the code with which it ends."""
    env = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "NO_COLOR": "1",
        "COLUMNS": "110",
        "PYTHONUTF8": "1",
    }
    done = subprocess.run(
        command, shell=True, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.stdout.decode("utf-8"), done.returncode


@pytest.mark.parametrize("page", [page for page in PAGES if sessions(page)], ids=lambda page: page.stem)
def test_commands_print_what_the_page_shows(page: Path, workplace: Path) -> None:
    for name, content in SAVED.findall(page.read_text("utf-8")):
        (workplace / name).write_text(content, "utf-8")
    for command, expected in sessions(page):
        if os.name == "nt" and command.startswith("chmod "):
            continue  # the page says that it is for other systems
        output, code = type_in(command, workplace)
        assert code in (0, 3) or "Error: " in expected, f"{page.name}: $ {command}\nends with {code}:\n{output}"
        output = output.replace(os.sep, "/")  # a page shows paths as most systems write them
        printed = "\n".join(line.rstrip() for line in output.splitlines()) + "\n"
        shown = "\n".join(line.rstrip() for line in expected.splitlines()) + "\n"
        matches = doctest.OutputChecker().check_output(shown, printed, doctest.ELLIPSIS)
        assert matches, f"{page.name}: $ {command}\nshows:\n{shown}\nprints:\n{printed}"


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.stem)
def test_python_of_a_page_runs(page: Path, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workplace)
    namespace: dict[str, object] = {}
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), namespace)


YAML = [(page, block) for page in PAGES for block in blocks(page, "yaml")]


@pytest.mark.parametrize(("page", "block"), YAML, ids=lambda part: part.stem if isinstance(part, Path) else "")
def test_yaml_of_a_page_is_read_without_a_complaint(page: Path, block: str, tmp_path: Path) -> None:
    """Codes are read as a codebook, sections as the layout of a report, anything else as lines of a study."""
    if block.startswith("- id:"):
        block = f"codes:\n{block}"
    if "sections:" in block:
        (tmp_path / "report.yaml").write_text(block, "utf-8")
        layout = read_layout(tmp_path / "report.yaml")
        assert len(layout.sections) == block.partition("\nsections: [")[2].partition("]")[0].count(",") + 1
    elif "codes:" in block:
        codebook = qualcode.parse_codebook(block)
        assert [str(problem) for problem in codebook.problems] == []
        assert [code.id for code in codebook.walk()] == re.findall(r"^ *- id: (.+)$", block, re.MULTILINE)
    else:
        study = qualcode.create_study(tmp_path / "study", coders=["ana"])
        before = study.check()
        with (tmp_path / "study" / "study.yaml").open("a", encoding="utf-8") as file:
            file.write(block)
        assert qualcode.open_study(tmp_path / "study").check() == before


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "r")], ids=lambda page: page.stem)
def test_r_of_a_page_runs(page: Path, workplace: Path) -> None:
    """With readr and dplyr; and the quotes are where the page says that they are."""
    check = """
        for (name in unique(codings$transcript)) {
          one <- codings[codings$transcript == name, ]
          text <- readr::read_file(file.path("for-r/transcripts", paste0(name, ".txt")))
          stopifnot(nrow(one) > 0, substring(text, one$start + 1, one$end) == one$quote)
        }
    """
    for command, _ in sessions(page):
        type_in(command, workplace)
    (workplace / "page.R").write_text("\n".join([*blocks(page, "r"), check]), "utf-8")
    done = subprocess.run(["Rscript", "page.R"], cwd=workplace, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


EXECUTED = {"console", "python", "pycon", "yaml", "{eval-rst}", "{toctree}"}
"""By the tests above, by those of counting, or by the build of the site."""

SHOWN = {"text", "sh", "bash", "powershell", "r"}
"""Output, files, and what is typed elsewhere; the commands among them are looked up by the test below."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_is_executed_or_marked(page: Path) -> None:
    fences = re.findall(r"^ *```+(.*)$", page.read_text("utf-8"), re.MULTILINE)
    assert len(fences) % 2 == 0
    assert {fence.split(" ")[0] for fence in fences[::2]} <= EXECUTED | SHOWN
    assert set(fences[1::2]) <= {""}


def commands_shown(page: Path) -> list[str]:
    """Return the commands that a page shows and that are not run: in blocks, and within a sentence."""
    text = page.read_text("utf-8")
    fenced = re.findall(r"^ *```(?:text|sh|bash|powershell)\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in fenced for line in block.replace("\\\n", " ").splitlines()]
    prose = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
    inline = [f"{one.rstrip()} …" for one in re.findall(r"(?<!`)`(qualcode [^`]+)`(?!`)", prose)]
    return [line for line in lines if line.startswith("qualcode ")] + inline


def parse(words: list[str]) -> None:
    """Parse what is typed after ``qualcode``, or raise click's error of usage."""
    command: click.Command = cli
    while words and words[0] in (branches := getattr(command, "commands", getattr(command, "branches", {}))):
        command, words = branches[words[0]], words[1:]
    if isinstance(command, click.Group) and words and not words[0].startswith(("-", "…")):
        raise click.UsageError(f"there is no command {' '.join(words)}")
    command.make_parser(click.Context(command)).parse_args(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_that_are_only_shown_exist(page: Path) -> None:
    wrong = []
    for line in commands_shown(page):
        typed = re.split(r"(?:^| )(?:2?>|\||&&)(?: |$)", line)[0]
        try:
            parse(shlex.split(typed, comments=True)[1:])
        except click.UsageError as error:
            wrong.append(f"{line}: {error.format_message()}")
    assert wrong == []


def test_a_command_that_does_not_exist_would_be_found() -> None:
    for line in ("test-rules", "themes --nothing", "coder invent --study x"):
        with pytest.raises(click.UsageError):
            parse(shlex.split(line))


def texts_of(path: Path) -> Iterator[str]:
    """Yield the texts in a module, with an X for each value that is put into them."""
    tree = ast.parse(path.read_text("utf-8"))
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.value


def test_commands_that_messages_and_help_name_exist() -> None:
    found, wrong = 0, []
    for path in sorted((ROOT / "qualcode").rglob("*.py")):
        for text in texts_of(path):
            for line in re.findall(r"qualcode ([a-z][^\n“”`;…]*)", text):
                command = re.split(r", |[:)]|\.(?= [A-Z]|$)|\.\.\.| \(", line)[0]
                if command.split(" ")[0] in cli.commands and command.count('"') % 2 == command.count("'") % 2 == 0:
                    found += 1
                    try:
                        parse(shlex.split(command))
                    except click.BadOptionUsage:
                        continue  # the option alone is named, without a value
                    except click.UsageError as error:
                        wrong.append(f"{path.name}: {line}: {error.format_message()}")
    assert found > 200
    assert wrong == []


def test_the_methods_that_the_page_of_the_study_lists_exist() -> None:
    from qualcode.study import Study

    text = (ROOT / "docs" / "study.md").read_text("utf-8")
    rows = re.findall(r"^\| [^|]+ \| ([^|]+) \|$", text.partition("\n## In Python\n")[2], re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert len(named) > 40
    assert [name for name in named if not hasattr(Study, name)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_show_what_they_print(path: Path) -> None:
    """That it is what they print now is checked by ``docs/build_notebooks.py --check``."""
    cells = [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
    assert all(cell["outputs"] for cell in cells)
    assert {output["output_type"] for cell in cells for output in cell["outputs"]} <= {"execute_result", "stream"}
    shown = json.dumps([cell["outputs"] for cell in cells])
    assert not re.search(r"/home/|/tmp/|/root/|/work/|site-packages|[A-Z]:\\\\", shown)


def test_ci_runs_exactly_the_second_command() -> None:
    first, second = re.findall(
        r"^```sh\n(.*?)\n```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )[:2]
    assert "qualcode run transcripts_sample" in first
    assert second in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
