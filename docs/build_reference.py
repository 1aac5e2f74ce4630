"""Write what the docs say of the program from the program itself, or check with ``--check`` that it is up to date.

That is docs/reference.md, from ``--help``, and the tables of figures and of reports in their pages.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

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
        DOCS / "reports.md": fill(pages["reports"], "formats", list_formats()),
    }


def main() -> int:
    """Write or check the pages; return the exit code."""
    stale = {path: text for path, text in build().items() if path.read_text("utf-8") != text}
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.name} is out of date: run python docs/build_reference.py", file=sys.stderr)
        return 1 if stale else 0
    for path, text in stale.items():
        path.write_text(text, "utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
