r"""The theme table as a LaTeX fragment to be read by ``\input``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qualcode.reports.content import case_noun, describe_whose, list_codes
from qualcode.reports.files import clean

if TYPE_CHECKING:
    from qualcode.agreement import AgreementResult
    from qualcode.reports import Report
    from qualcode.reports.content import CodeRow

_ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"{\char34}",
    "`": r"{\char96}",
    "[": "{[}",
    "]": "{]}",
    # LaTeX would draw these pairs together as dashes and quotation marks.
    "--": "-{}-{}",
    "''": "'{}'{}",
    "\ufffd": "?",
}
_ESCAPED = re.compile("|".join(map(re.escape, sorted(_ESCAPES, key=len, reverse=True))))
# Latin letters with their accents, and the punctuation that pdfLaTeX knows by itself.
_BEYOND_PDFLATEX = re.compile("[^\x00-\u024f\u2010-\u201f\u2022\u2026\u20ac]")

_HEAD = r"""% Theme table, made by qualcode {version}. Read it with \input{{themes.tex}}; the preamble needs:
%   \usepackage{{array}}
%   \usepackage{{booktabs}}
% In a paper of two columns, write table* for table: it is wider than one of them.
"""
_BEYOND_NOTE = r"""% Some characters in it (Chinese, say) are beyond pdfLaTeX: compile with XeLaTeX and add
%   \usepackage{xeCJK} \setCJKmainfont{Noto Serif CJK HK}   % or another font that has them
"""
_TABLE = r"""\begin{{table}}[htbp]
\centering
\small
\caption{{{caption}}}
\label{{tab:themes}}
\setlength{{\tabcolsep}}{{4.5pt}}
\begin{{tabular}}{{@{{}}>{{\raggedright\arraybackslash}}p{{0.4\linewidth}}rrrrr@{{}}}}
\toprule
{header} \\
\midrule
{rows}
\bottomrule
\end{{tabular}}

\medskip
\begin{{minipage}}{{\linewidth}}
\footnotesize {note}
\end{{minipage}}
\end{{table}}
"""
_AGREEMENT = "{methods}\n\n" + (
    _TABLE.replace("tab:themes", "tab:agreement")
    .replace(r"p{{0.4\linewidth}}rrrrr@", r"p{{0.3\linewidth}}{columns}@")
    .replace("4.5pt", "3pt")
)


def render(report: Report) -> str:
    """Return the theme table as LaTeX."""
    facts, codes = report.facts, list_codes(report)
    plural = case_noun(report.table)[1]
    unit = f"{facts.unit}s"
    table = _TABLE.format(
        caption=escape(f"Themes and sub-themes by number of {plural} and {unit}"),
        header=" & ".join(
            ["Theme and sub-theme", f"{plural.capitalize()}", r"\%", unit.capitalize(), "Codings", "Words"]
        ),
        rows="\n".join(_row(row, facts.totals.cases, is_first=number == 0) for number, row in enumerate(codes)),
        note=escape(
            f"N = {facts.totals.cases} {plural}, {facts.totals.segments:,} {unit} with {facts.totals.words:,} words; "
            f"interviewer talk is left out. A theme counts each of the {unit} once, however many of its sub-themes "
            f"occur there, so that rows do not add up. {describe_whose(report)}"
        ),
    )
    if report.agreement is not None:
        table += "\n" + _render_agreement(report.agreement)
    note = _BEYOND_NOTE if _BEYOND_PDFLATEX.search(table) else ""
    return _HEAD.format(version=facts.version) + note + table


def _render_agreement(result: AgreementResult) -> str:
    """Return the table of agreement, to stand below that of themes."""
    from qualcode.reports.agreement import CAPTION, tabulate_agreement

    table = tabulate_agreement(result)
    rows = []
    for number, row in enumerate(table.rows):
        name = rf"\textbf{{{escape(row.name)}}}" if row.level <= 1 else _indent(row.level) + escape(row.name)
        rule = "\\addlinespace\n" if row.level == 1 and number else ""
        rows.append(rf"{rule}{' & '.join([name, *map(escape, row.cells)])} \\")
    return _AGREEMENT.format(
        caption=escape(CAPTION),
        columns="r" * len(table.heads),
        header=" & ".join(["Code", *map(escape, table.heads)]),
        rows="\n".join(rows),
        methods=escape(result.methods()),
        note=escape(table.note),
    )


def _row(row: CodeRow, n_cases: int, *, is_first: bool) -> str:
    name = escape(row.name)
    name = rf"\textbf{{{name}}}" if row.level == 1 else _indent(row.level) + name
    percent = f"{row.cases / n_cases:.0%}".removesuffix("%") if n_cases else "--"
    counts = [f"{getattr(row, count):,}{row.mark(count)}" for count in ("segments", "codings", "words")]
    cells = [name, f"{row.cases}{row.mark('cases')} of {n_cases}", f"{percent}{row.mark('cases_percent')}", *counts]
    rule = "\\addlinespace\n" if row.level == 1 and not is_first else ""
    return f"{rule}{' & '.join(cells)} \\\\"


def _indent(level: int) -> str:
    """Return what indents a name, and a little more the further lines of a long one."""
    return rf"\hangindent={level + 1}em\hspace*{{{level - 1}em}}"


def escape(text: str) -> str:
    r"""Return text that LaTeX prints as it stands; line ends and tabs become spaces, control characters go.

    Nothing a user writes can begin a command, end a cell or a row, or be taken for the optional argument of
    the ``\\`` before it.
    """
    line = " ".join(clean(text).split())
    return _ESCAPED.sub(lambda found: _ESCAPES[found.group()], line)
