"""One transcript with its codings, for people who read in Word, and for an appendix."""

from __future__ import annotations

import io
import re
from bisect import bisect_left
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from qualcode.figures import colour_codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from docx.document import Document
    from docx.text.run import Run

    from qualcode.codebook import Codebook
    from qualcode.model import Coding, Span, Transcript

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
NOTE = "Note: "
"""Begins the remark of a coding in a comment, after the codes."""


def write_commented(transcript: Transcript, codings: Sequence[Coding], codebook: Codebook) -> bytes:
    """Return a Word document of a transcript with its codings as comments, each by its coder.

    A comment holds the paths of the codes, a line each, and behind ``Note:`` what the coder remarked, so that
    ``qualcode import-codings`` reads it back. The same codings give the same bytes.

    Parameters
    ----------
    transcript
        The transcript; each of its lines is a paragraph.
    codings
        What was coded on it.
    codebook
        Names the codes.
    """
    import docx
    from docx.oxml.ns import qn

    from qualcode.reports.wordml import without_times

    document = docx.Document()
    document.core_properties.title = _clean(transcript.id)
    runs = _RunList(document, transcript, codings)
    for (span, coder, note), codes in _group(codings).items():
        first, last = runs.touched(span)
        if first is not None and last is not None:
            lines = [codebook.path(code) for code in codes] + ([NOTE + note] if note else [])
            text, author = _clean("\n".join(lines)), _clean(coder)
            comment = document.add_comment([first, last], text=text, author=author, initials=author[:2])
            for element in comment.part.element:
                element.attrib.pop(qn("w:date"), None)  # the time of writing says nothing
    stream = io.BytesIO()
    document.save(stream)
    return without_times(stream)


def _group(codings: Sequence[Coding]) -> dict[tuple[Span, str, str], list[str]]:
    """Return the codes of each passage by each coder, those with the same remark together."""
    groups: dict[tuple[Span, str, str], list[str]] = {}
    for one in sorted(codings, key=lambda one: (one.span, one.coder, one.note, one.code)):
        groups.setdefault((one.span, one.coder, one.note), []).append(one.code)
    return groups


def _clean(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text)


class _RunList:
    """The lines of a transcript as paragraphs, cut into runs where passages begin and end."""

    def __init__(self, document: Document, transcript: Transcript, codings: Sequence[Coding]) -> None:
        edges = sorted({edge for one in codings for edge in (one.span.start, one.span.end)})
        self._runs: list[Run] = []
        self._starts: list[int] = []
        at = 0
        for line in transcript.text.split("\n"):
            paragraph = document.add_paragraph()
            inner = edges[bisect_left(edges, at + 1) : bisect_left(edges, at + len(line))]
            cuts = [at, *inner, at + len(line)]
            for start, end in pairwise(cuts):
                if start < end:
                    self._starts.append(start)
                    self._runs.append(paragraph.add_run(_clean(transcript.text[start:end])))
            at += len(line) + 1

    def touched(self, span: Span) -> tuple[Run | None, Run | None]:
        """Return the first and the last run of a passage; nothing for one of blank lines alone."""
        first, last = bisect_left(self._starts, span.start), bisect_left(self._starts, span.end)
        return (self._runs[first], self._runs[last - 1]) if first < last else (None, None)


# -- for an appendix --------------------------------------------------------------------------------------------------

_STYLE = """
body { font: 1rem/1.6 Georgia, serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #111; }
h1 { font-size: 1.3rem; } p { margin: 0 0 .6rem; white-space: pre-wrap; }
mark { color: inherit; background: color-mix(in srgb, var(--h) 28%, white); border-bottom: 2px solid var(--h); }
sup { font: .65rem sans-serif; color: #333; } sup b { color: #111; font-weight: 600; }
ul { columns: 2; font: .85rem sans-serif; padding: 0; list-style: none; }
li i { display: inline-block; width: .8em; height: .8em; margin-right: .5em; background: var(--h); }
@media print { body { margin: 0; max-width: none; } mark { print-color-adjust: exact; } }
"""


def write_coded_page(transcript: Transcript, codings: Sequence[Coding], codebook: Codebook) -> bytes:
    """Return a page with a transcript, its coded passages marked and named, and the list of codes.

    The page needs nothing besides itself and runs nothing. Parameters as in :func:`write_commented`.
    """
    colours = colour_codes(codebook)
    used = [code for code in codebook.walk() if any(one.code == code.id for one in codings)]
    by_code = {code.id: colours[codebook.path(code.id)] for code in used}
    names = {code.id: code.name for code in used}
    coders = sorted({one.coder for one in codings})
    legend = "".join(
        f'<li><i style="--h:{by_code[code.id]}"></i>{escape(code.name)} '
        f"<small>{escape(codebook.path(code.id))}</small></li>"
        for code in used
    )
    lines = "".join(_write_lines(transcript.text, codings, by_code, names, is_shared=len(coders) > 1))
    title = escape(transcript.id)
    page = (
        f'<!DOCTYPE html>\n<html lang="{escape(transcript.language)}">\n<head>\n<meta charset="utf-8">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n"
        f"<p>Coded by {escape(', '.join(coders)) or 'nobody'}.</p>\n<ul>{legend}</ul>\n{lines}</body>\n</html>\n"
    )
    return page.encode("utf-8", "xmlcharrefreplace")


def _write_lines(
    text: str, codings: Sequence[Coding], colours: Mapping[str, str], names: Mapping[str, str], *, is_shared: bool
) -> Iterator[str]:
    """Yield the lines of a text, cut where passages begin and end; behind a passage stands what it is coded with."""
    known = sorted((one for one in codings if one.code in names), key=lambda one: (one.span, one.code, one.coder))
    edges = sorted({edge for one in known for edge in (one.span.start, one.span.end)})
    at = 0
    for line in text.split("\n"):
        end = at + len(line)
        inner = edges[bisect_left(edges, at + 1) : bisect_left(edges, end)]
        here = [one for one in known if one.span.start <= end and one.span.end > at]
        cuts = [at, *inner, end]
        pieces = [
            _write_piece(text, start, stop, here, colours, names, is_shared=is_shared) for start, stop in pairwise(cuts)
        ]
        yield f"<p>{''.join(pieces)}</p>\n"
        at = end + 1


def _write_piece(
    text: str, start: int, end: int, codings: Sequence[Coding], colours: Mapping[str, str], names: Mapping[str, str],
    *, is_shared: bool,
) -> str:  # fmt: skip
    words = escape(text[start:end])
    over = [one for one in codings if one.span.start < end and one.span.end > start]
    if over and start < end:
        inmost = min(over, key=lambda one: (one.span.end - one.span.start, one.span.start, one.code))
        told = "; ".join(dict.fromkeys(f"{names[one.code]} ({one.coder})" for one in over))
        words = f'<mark style="--h:{colours[inmost.code]}" title="{escape(told)}">{words}</mark>'
    closing = [one for one in codings if one.span.end == end and start < end]
    labels = dict.fromkeys(
        f"<b>{escape(names[one.code])}</b>{f' {escape(one.coder)}' if is_shared else ''}" for one in closing
    )
    return words + (f"<sup> [{', '.join(labels)}]</sup>" if labels else "")
