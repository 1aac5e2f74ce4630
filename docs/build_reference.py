"""Write what the docs say of the program from the program itself, or check with ``--check`` that it is up to date.

That is docs/reference.md, from ``--help``, and the tables of figures and of reports in their pages.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

import qualcode
from qualcode.cli import cli
from qualcode.figures import FIGURES, Terms
from qualcode.reports import FORMATS

if TYPE_CHECKING:
    import pandas as pd

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

FRAMES_HEAD = """
## Columns of the data frames

Results have a pandas `DataFrame`: `count_themes(table).frame`. Its columns have these types, in an empty table, too.

- *ordered codes* and *ordered groups* are ordered categoricals, in the order of the codebook, or of the groups. What
  you sort, group or draw keeps that order. A table with `level=1` knows the codes of that level only.
- *text* is `str` (`object` in pandas 2), *whole number* is `int64`, *number* is `float64`, *yes or no* is `bool`.
- *whole number or nothing* is `Int64`: a case that was not asked is `<NA>`, not 0.

`table.codings` has the id of each code, which stays when you rename it; every other table has its path.

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
    return "".join([*parts, FRAMES_HEAD, list_frames()])


KINDS = {
    "str": "text",
    "object": "text",
    "int64": "whole number",
    "Int64": "whole number or nothing",
    "float64": "number",
    "bool": "yes or no",
}


def list_frames() -> str:
    """Return the table of the columns of each frame, as it comes from the sample study."""
    root = DOCS.parent
    transcripts, _ = qualcode.read_transcripts(root / "transcripts_sample")
    codebook = qualcode.read_codebook(root / "codebooks" / "industry_partnership.yaml")
    cases = qualcode.read_cases(root / "transcripts_sample" / "cases.csv")
    sheets = qualcode.tag(transcripts, codebook)
    table = qualcode.tabulate(transcripts, sheets, codebook, cases=cases)
    both = qualcode.tabulate(transcripts, [*sheets, *(replace(sheet, coder="ana") for sheet in sheets)], codebook)
    frames = {
        "tabulate(…).codings": table.codings,
        "tabulate(…).units": table.units,
        "count_themes(…).frame": qualcode.count_themes(table).frame,
        'count_by(…, "role")': qualcode.count_by(table, "role"),
        "list_cooccurrence(…)": qualcode.list_cooccurrence(table),
        "select_quotes(…)": qualcode.select_quotes(table),
        "find(…).frame": qualcode.find(table, "challenges and recommendations").frame,
        "saturate(…).frame": qualcode.saturate(table).frame,
        "compare(…).frame": qualcode.compare(table, "role").frame,
        "relate(…).frame": qualcode.relate(table).frame,
        "follow(…).frame": qualcode.follow(table).frame,
        "list_words(…).frame": qualcode.list_words(table, code="challenges").frame,
        "talk(…).frame": qualcode.talk(transcripts).frame,
        "kwic(…)": qualcode.kwic(transcripts, "work*"),
        "try_rules(…)": qualcode.try_rules(transcripts, codebook),
        "list_codebook(…).frame": qualcode.list_codebook(codebook, table).frame,
        "measure_agreement(…).frame": qualcode.measure_agreement(both, level=1).frame,
        "confuse_codes(…)": qualcode.confuse_codes(both),
    }
    return tabulate(("from", "columns"), [(f"`{name}`", _name_columns(frame)) for name, frame in frames.items()])


def _name_columns(frame: pd.DataFrame) -> str:
    """Return the kinds of columns, each with their names."""
    kinds: dict[str, list[str]] = {}
    for name, dtype in frame.dtypes.items():
        ordered = "ordered codes" if name in {"code", "other", "other_code", "theme"} else "ordered groups"
        kinds.setdefault(KINDS.get(str(dtype), ordered), []).append(f"`{name}`")
    return "; ".join(f"*{kind}*: {', '.join(names)}" for kind, names in kinds.items())


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
