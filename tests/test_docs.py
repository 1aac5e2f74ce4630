"""What README and docs show is what happens: their commands are run and their output compared."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

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


@pytest.mark.parametrize("page", [page for page in PAGES if sessions(page)], ids=lambda page: page.stem)
def test_commands_print_what_the_page_shows(page: Path, workplace: Path) -> None:
    env = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "NO_COLOR": "1",
        "COLUMNS": "110",
        "PYTHONUTF8": "1",
    }
    for name, content in SAVED.findall(page.read_text("utf-8")):
        (workplace / name).write_text(content, "utf-8")
    for command, expected in sessions(page):
        done = subprocess.run(
            command,
            shell=True,
            cwd=workplace,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        printed = "\n".join(line.rstrip() for line in done.stdout.decode("utf-8").splitlines()) + "\n"
        shown = "\n".join(line.rstrip() for line in expected.splitlines()) + "\n"
        matches = doctest.OutputChecker().check_output(shown, printed, doctest.ELLIPSIS)
        assert matches, f"{page.name}: $ {command}\nshows:\n{shown}\nprints:\n{printed}"


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.stem)
def test_python_of_a_page_runs(page: Path, workplace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workplace)
    namespace: dict[str, object] = {}
    for block in blocks(page, "python"):
        exec(compile(block, page.name, "exec"), namespace)


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


def test_ci_runs_exactly_the_second_command() -> None:
    first, second = re.findall(
        r"^```sh\n(.*?)\n```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )[:2]
    assert "qualcode run transcripts_sample" in first
    assert second in (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
