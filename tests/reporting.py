"""Reports for tests: a small study counted by hand, a hostile one, and pictures that need no drawing."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from interviews import coding, interview, sheet

from qualcode.codebook import Code, Codebook, Example, Rule
from qualcode.figures import list_kinds
from qualcode.model import Case
from qualcode.reports import Report, gather_facts
from qualcode.tables import tabulate
from qualcode.themes import count_themes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.errors import Problem
    from qualcode.model import Sheet, Transcript

BOOK = Codebook(
    "Partnership",
    "What partners say.",
    (
        Code(
            "channels",
            "Channels",
            "How partners are found.",
            codes=(
                Code(
                    "alumni",
                    "Alumni",
                    "Former students.",
                    ("school friends",),
                    ("current students",),
                    (Example("A graduate of ours came back."),),
                    (Example("The office said so."),),
                    rules=(Rule("alumni", "term", "alumni"),),
                ),
                Code("friends", "Friends"),
            ),
        ),
        Code(
            "challenges",
            "Challenges",
            codes=(Code("time", "Time", codes=(Code("clash", "Clash"),)), Code("never", "Never coded")),
        ),
    ),
    "book.yaml",
    "b00c" * 16,
)

ANA = "I: Any clash?\nAna: Alumni help us. We had a clash with the alumni day.\nI: Go on.\nAna: Friends."
BEN = "I: Hello.\nBen: 我哋搵校友幫手。\nIt takes time."


def small_study() -> tuple[list[Transcript], list[Sheet]]:
    """Return two interviews with seven codings of interviewees and one of the interviewer.

    Ana's first answer: alumni on "Alumni help us." (3 words) and on the second sentence (8 words), which clash is on
    too. Her second: friends on one word. Ben's: alumni on seven Chinese characters, time on three words.
    """
    ana, ben = interview("Ana", ANA), interview("Ben", BEN)
    second = "We had a clash with the alumni day."
    return [ana, ben], [
        sheet(
            ana,
            coding(ana, "clash", "Any clash?", coder="rules", verdict="suggested", rule="clash"),
            coding(ana, "alumni", "Alumni help us.", coder="rules", rule="alumni", matched=["Alumni"]),
            coding(ana, "alumni", second, coder="rules", rule="alumni", matched=["alumni"]),
            coding(ana, "clash", second, coder="rules", rule="clash", matched=["clash"]),
            coding(ana, "friends", "Friends.", coder="rules", rule="friend", matched=["Friends"]),
            coder="rules",
        ),
        sheet(
            ben,
            coding(ben, "alumni", "我哋搵校友幫手。", coder="rules", rule="校友", matched=["校友"]),
            coding(ben, "time", "It takes time.", coder="rules", rule="time", matched=["time"]),
            coder="rules",
        ),
    ]


CASES = (Case("Ana", {"role": "manager", "years": "9"}), Case("Ben", {"role": "teacher", "years": "2"}))


def make_report(
    transcripts: Sequence[Transcript],
    sheets: Sequence[Sheet],
    codebook: Codebook = BOOK,
    *,
    cases: Sequence[Case] = (),
    title: str = "Partners",
    problems: Sequence[Problem] = (),
    with_charts: Literal["yes", "no"] = "yes",
) -> Report:
    """Count codings and put them into a report."""
    table = tabulate(transcripts, sheets, codebook, cases=cases)
    themes = count_themes(table)
    charts = {kind: FakeChart(f"Alt text of {kind}.") for kind in list_kinds("themes")} if with_charts == "yes" else {}
    facts = gather_facts(themes, options={"unit": "turn"}, problems=problems)
    return Report(title, table, themes, codebook, charts, facts)


def small_report() -> Report:
    """Return the report on the small study."""
    return make_report(*small_study(), cases=CASES)


@dataclass(frozen=True)
class FakeChart:
    """A grey picture."""

    alt: str
    boxes: tuple[()] = ()
    size: tuple[float, float] = (50.8, 25.4)
    selection: str = ""
    problems: tuple[Problem, ...] = ()

    def render(self, file_format: Literal["svg", "pdf", "png"]) -> bytes:
        """Return a picture of 600 × 300 pixels at 300 dots per inch, or an empty SVG."""
        if file_format == "svg":
            return b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="30"/>'
        rows = zlib.compress(b"".join(b"\0" + b"\x80" * 600 for _ in range(300)))
        header = struct.pack(">IIBBBBB", 600, 300, 8, 0, 0, 0, 0)
        chunks = [(b"IHDR", header), (b"pHYs", struct.pack(">IIB", 11811, 11811, 1)), (b"IDAT", rows), (b"IEND", b"")]
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            for name, data in chunks
        )


HOSTILE = (
    "</script><img src=x onerror=alert(1)>",
    '"><svg onload=alert(2)>',
    "' autofocus onfocus=alert(3) x='",
    "{{ 7*7 }}{% for x in y %}",
    "]]>&amp;<!--",
    '=HYPERLINK("http://evil.example","click")',
    "+1+1",
    "-2",
    "@SUM(A1)",
    "http://evil.example/x",
    "_x0041_",
    "\\input{/etc/passwd} 100% & $x_1^2$ #~ {a} [b]",
    "bell\x07 null\x00 escape\x1b end",
    "no character \ufffe",
    "عربي \u202eevil\u202c 👩‍👩‍👧 e\u0301 ａ：",
    "tab\there",
)
"""Texts that some format or other would take for more than words."""


def hostile_report() -> Report:
    """Return a report in which everything a user can write is hostile."""
    transcripts, sheets = [], []
    for number, text in enumerate(HOSTILE):
        talk = interview(f"P{number} {text[:20]}", f"I: Well?\nA: {text}")
        transcripts.append(talk)
        words = text.strip()
        rule, matched = text, [words[:3]]
        sheets.append(sheet(talk, coding(talk, "one", words, coder="rules", rule=rule, matched=matched), coder="rules"))
    evil = " ".join(HOSTILE)
    book = Codebook(
        evil,
        evil,
        (
            Code("one", evil, evil, HOSTILE, HOSTILE, tuple(map(Example, HOSTILE)), (), "red;} body{display:none"),
            Code("two", HOSTILE[0], "", (), (), (), (), "", (Rule(HOSTILE[1], "term", "x"),)),
        ),
        "b.yaml",
        "d" * 64,
    )
    cases = [Case(talk.id, {f"=1+1 {HOSTILE[0]}/[]:*?": HOSTILE[number]}) for number, talk in enumerate(transcripts)]
    from qualcode.errors import Problem as Found

    problems = [Found(f"/home/me/secret/{text}", "warning", "evil", text) for text in HOSTILE]
    return make_report(transcripts, sheets, book, cases=cases, title=evil, problems=problems)
