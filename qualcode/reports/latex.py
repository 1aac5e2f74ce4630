r"""The results of a report as a LaTeX fragment to be read by ``\input``: their tables, and sentences about them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qualcode.reports.document import Name, Paragraph, Quote, Reference, Share, Table, Words, plain
from qualcode.reports.phrases import clean

if TYPE_CHECKING:
    from qualcode.reports.document import Cell, Document

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

_HEAD = r"""% Tables, made by qualcode {version}. Read them with \input{{themes.tex}}; the preamble needs:
%   \usepackage{{array}}
%   \usepackage{{booktabs}}
{long}% In a paper of two columns, write table* for table: it is wider than one of them.
"""
_BEYOND_NOTE = r"""% Some characters in it (Chinese, say) are beyond pdfLaTeX: compile with XeLaTeX and add
%   \usepackage{xeCJK} \setCJKmainfont{Noto Serif CJK HK}   % or another font that has them
"""
_TABLE = r"""\begin{{table}}[htbp]
\centering
\small
\caption{{{caption}}}
\label{{{label}}}
\setlength{{\tabcolsep}}{{{gap}}}
\begin{{tabular}}{{@{{}}{columns}@{{}}}}
\toprule
{header} \\
\midrule
{rows}
\bottomrule
\end{{tabular}}
{note}\end{{table}}
"""
_LONG_TABLE = r"""{{\small
\setlength{{\parindent}}{{0pt}}
\setlength{{\tabcolsep}}{{{gap}}}
\begin{{longtable}}{{@{{}}{columns}@{{}}}}
\caption{{{caption}}}
\label{{{label}}}\\
\toprule
{header} \\
\midrule
\endfirsthead
\toprule
{header} \\
\midrule
\endhead
\bottomrule
\endlastfoot
{rows}
\end{{longtable}}
{note}}}
"""
_LONG = r"""%   \usepackage{longtable}   % for the tables that go on over several pages; these need one column
"""
_MOST_ROWS = 40
"""Rows that a page has room for."""
_NOTE = r"""
\medskip
\begin{{minipage}}{{\linewidth}}
\footnotesize {note}
\end{{minipage}}
"""
_FEW = 5
"""Columns of numbers beside which names have room."""


def render(document: Document) -> bytes:
    """Return the tables and sentences as LaTeX; headings are the paper's own."""
    document = document.on("fragment")
    parts = []
    for block in document.blocks:
        if isinstance(block, Table):
            parts.append(_tabulate(block))
        elif isinstance(block, Paragraph):
            parts.append("".join(map(_set, block.text)) + "\n")
    body = "\n".join(parts)
    note = _BEYOND_NOTE if _BEYOND_PDFLATEX.search(body) else ""
    long = _LONG if r"\begin{longtable}" in body else ""
    text = _HEAD.format(version=document.report.facts.version, long=long) + note + body
    return text.encode("utf-8", "replace")


def _tabulate(table: Table) -> str:
    texts = [column.weight for column in table.columns if column.kind == "text"]
    n_numbers = len(table.columns) - len(texts)
    room = (0.4 if n_numbers <= _FEW else 0.3) if n_numbers else 0.9
    columns = [
        "r" if column.kind == "number" else _FLUSH.format(share=f"{room * column.weight / sum(texts):.3g}")
        for column in table.columns
    ]
    template = _LONG_TABLE if len(table.rows) > _MOST_ROWS else _TABLE
    return template.format(
        caption=escape(table.caption),
        label=_label(table.id),
        gap="4.5pt" if n_numbers <= _FEW else "3pt",
        columns="".join(columns),
        header=" & ".join(escape(column.head) for column in table.columns),
        rows="\n".join(_row(row, number) for number, row in enumerate(table.rows)),
        note=_NOTE.format(note=escape(table.note)) if table.note else "",
    )


_FLUSH = r">{{\raggedright\arraybackslash}}p{{{share}\linewidth}}"


def _row(cells: tuple[Cell, ...], number: int) -> str:
    level = cells[0].level if isinstance(cells[0], Name) else 0
    rule = "\\addlinespace\n" if level == 1 and number else ""
    return rf"{rule}{' & '.join(map(_cell, cells))} \\"


def _cell(one: Cell) -> str:
    match one:
        case Name(level=1):
            return rf"\textbf{{{escape(one.text)}}}"
        case Name():
            return (_indent(one.level) if one.level else "") + escape(one.text)
        case Share(whole=0):
            return "--"
        case Quote():
            return f"``{escape(one.text)}'' ({escape(one.place)})"
        case tuple():
            return r" \par ".join("".join(map(_set, text)) for text in one)
        case _:
            return escape(plain(one))


def _set(part: str | Words | Reference) -> str:
    if isinstance(part, Reference):
        kind = "Table" if part.id.startswith("table-") else "Figure"
        return rf"{kind}~\ref{{{_label(part.id)}}}"
    if isinstance(part, str):
        return escape(part)
    return rf"{_LOOKS[part.look]}{{{escape(part.text)}}}"


_LOOKS = {"emphasis": r"\emph", "soft": "", "code": r"\texttt"}


def _label(block_id: str) -> str:
    r"""Return the name for ``\ref``: ``tab:themes`` of ``table-themes``."""
    return f"{block_id[:3]}:{re.sub('[^A-Za-z0-9:-]', '-', block_id.partition('-')[2])}"


def _indent(level: int) -> str:
    """Return what indents a name, and a little more the further lines of a long one."""
    return rf"\hangindent={level + 1}em\hspace*{{{level - 1}em}}"


def escape(text: str) -> str:
    r"""Return text that LaTeX prints as it stands; line ends and tabs become spaces, control characters go.

    Nothing a user writes can begin a command, end a cell or a row, or be taken for the optional argument of
    the ``\\`` before it.
    """
    line = re.sub(r"\s+", " ", clean(text))
    return _ESCAPED.sub(lambda found: _ESCAPES[found.group()], line)


_UNESCAPES = {escaped: plain for plain, escaped in _ESCAPES.items()}
_UNESCAPED = re.compile("|".join(map(re.escape, sorted(_UNESCAPES, key=len, reverse=True))))
_DRESSED = re.compile(r"\\hangindent=\d+em\\hspace\*\{\d+em\}|\\(?:textbf|emph|texttt|caption|footnotesize)\b")


def unescape(line: str) -> str:
    """Return a line of LaTeX that :func:`escape` made as a person reads it in print."""
    return _UNESCAPED.sub(lambda found: _UNESCAPES[found.group()], _DRESSED.sub("", line))
