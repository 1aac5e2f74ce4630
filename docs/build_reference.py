"""Write what the docs say of the program from the program itself, or check with ``--check`` that it is up to date.

That is docs/reference.md, from ``--help``, and the tables of figures and of reports in their pages.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

import qualcode
from qualcode.cli import cli
from qualcode.figures import FIGURES, Terms
from qualcode.reports import FORMATS

DOCS = Path(__file__).parent
HEAD = """# Command-line reference

Made from `--help` by `python docs/build_reference.py`; do not edit by hand.

Results go to standard output, words to standard error. Exit codes: 0 done; 1 it could not be done (the message says
why and what to do); 2 wrong usage; 3 done, with findings to look at (a file that could not be read, a problem in a
codebook). `NO_COLOR` is honoured.
"""


def describe(command: click.Command, path: str) -> list[str]:
    """Return the help of a command and of all below it, as Markdown."""
    context = click.Context(command, info_name=path, max_content_width=100, terminal_width=100)
    with context.scope():
        text = click.unstyle(command.get_help(context))
    parts = [f"\n## {path}\n\n```text\n{text}\n```\n"]
    if isinstance(command, click.Group):
        for name in sorted(command.commands):
            parts += describe(command.commands[name], f"{path} {name}")
    return parts


def tabulate(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a table in Markdown."""
    lines = [heads, ("---",) * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def list_figures() -> str:
    """Return the table of figures."""
    rows = []
    for kind, one in FIGURES.items():
        opens = " and ".join(one.opens).replace("other", "the other code") or "–"
        rows.append((f"`{kind}`", Terms().fill(one.shows), opens, f"`{one.plot.partition(':')[2]}`"))
    return tabulate(("kind", "what it shows", "a mark opens the quotes of", "Python"), rows)


def list_formats() -> str:
    """Return the table of reports."""
    return tabulate(("file", "for"), [(f"`{one.file}`", one.purpose) for one in FORMATS.values()])


TOPICS = {
    "Reading": ("model", "errors", "sample", "sources", "cases", "codebook"),
    "Tagging and counting": ("tagging", "tables", "themes"),
    "Analyses": ("queries", "saturation", "comparing", "relations", "keyness", "voices", "appendices"),
    "Words and rules": ("keywords", "explaining"),
    "Agreement": ("agreement",),
    "A study, and the page": ("study", "surface"),
    "Figures and reports": ("figures", "reports", "running"),
}
"""The modules whose names stand together; what is in none comes last."""

API_HEAD = """# Python

Made from the program by `python docs/build_reference.py`; do not edit by hand.

Everything here is imported from `qualcode` itself: `qualcode.read_transcripts`. Each function has an
example that the tests run.
"""


def list_names() -> str:
    """Return the page of every public name."""
    homes = dict(qualcode._NAMES)  # noqa: SLF001  # the one table of them
    topics = {topic: [name for home in modules for name in homes.pop(home, ())] for topic, modules in TOPICS.items()}
    topics["More"] = [name for names in homes.values() for name in names]
    parts = [API_HEAD]
    for topic, names in topics.items():
        listed = "".join(f"   qualcode.{name}\n" for name in names)
        head = "```{eval-rst}\n.. autosummary::\n   :toctree: api\n   :nosignatures:\n"
        parts.append(f"\n## {topic}\n\n{head}\n{listed}```\n" if names else "")
    return "".join(parts)


VALIDATION_HEAD = """# How this was validated

Made from the data of the tests by `python docs/build_reference.py`; do not edit by hand.

Every published value that we found is recomputed by the tests, to the digits that were printed. The data of each case,
and where the value was read, lie beside the tests in `tests/published`.

Beyond published values, laws are tested on random data: counts against sets of characters, merging against every order,
matching against a plain reference. Other programs are compared where they are installed: statsmodels, scikit-learn,
nltk.
"""


def list_published() -> str:
    """Return the page of published values."""
    published = DOCS.parent / "tests" / "published"
    parts = [VALIDATION_HEAD]
    for title, test, name in (
        ("Agreement", "test_agreement_published", "agreement"),
        ("Other analyses", "published_methods", "methods"),
    ):
        rows = []
        for case in json.loads((published / f"{name}.json").read_text("utf-8")):
            expected = case["expected"]
            values = [_tell_value(one) for one in expected] if isinstance(expected, list) else list(expected)
            rows.append((case["source"], case.get("capability", case["kind"]), ", ".join(values)))
        parts.append(f"\n## {title}\n\nHeld by `tests/{test}.py`.\n\n")
        heads = ("source", "what", "values" if name == "agreement" else "quantities")
        parts.append(tabulate(heads, [tuple(cell.replace("|", "\\|") for cell in row) for row in rows]))
    return "".join(parts)


def _tell_value(one: dict[str, object]) -> str:
    kind = " ".join(str(one[key]) for key in ("coefficient", "metric", "weights") if key in one)
    return f"{kind} {one.get('value', '')}".strip()


def fill(page: str, name: str, table: str) -> str:
    """Return a page with a table between the comments that mark its place."""
    head, mark, rest = page.partition(f"<!-- {name}: made by docs/build_reference.py -->\n")
    _, end, tail = rest.partition("<!-- end -->")
    return f"{head}{mark}\n{table}\n{end}{tail}"


def build() -> dict[Path, str]:
    """Return the pages that are made, by their paths."""
    pages = {name: (DOCS / f"{name}.md").read_text("utf-8") for name in ("figures", "reports")}
    return {
        DOCS / "reference.md": HEAD + "".join(describe(cli, "qualcode")),
        DOCS / "figures.md": fill(pages["figures"], "figures", list_figures()),
        DOCS / "api.md": list_names(),
        DOCS / "validation.md": list_published(),
        DOCS / "reports.md": fill(pages["reports"], "formats", list_formats()),
    }


def main() -> int:
    """Write or check the pages; return the exit code."""
    stale = {path: text for path, text in build().items() if not path.exists() or path.read_text("utf-8") != text}
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.name} is out of date: run python docs/build_reference.py", file=sys.stderr)
        return 1 if stale else 0
    for path, text in stale.items():
        path.write_text(text, "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
