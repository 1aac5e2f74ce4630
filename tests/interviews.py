"""Small transcripts, codings and sheets for tests, cut by rules simple enough to follow by eye."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qualcode.model import Coding, Evidence, Segment, Sheet, Source, Span, Transcript

if TYPE_CHECKING:
    from collections.abc import Collection

    from qualcode.model import Unit, Verdict


def interview(name: str, text: str, *, interviewers: Collection[str] = ("I",)) -> Transcript:
    """Return a transcript with one turn per ``Label: words`` line.

    A line without a label is one more paragraph of the turn before it, or a turn without a speaker at the very
    beginning. Sentences end at ``.``, ``?`` or ``。``.
    """
    turns: list[tuple[str, list[Span]]] = []
    for line in re.finditer(r"(?:(\w+): )?([^\n]+)", text):
        label, span = line[1] or "", Span(*line.span(2))
        if label or not turns:
            turns.append((label, [span]))
        else:
            turns[-1][1].append(span)
    segments: list[Segment] = []
    counts = {"t": 0, "p": 0, "s": 0}

    def add(kind: Unit, span: Span, speaker: str) -> None:
        letter = kind[0]
        counts[letter] += 1
        width = 4 if letter == "s" else 3
        segments.append(Segment(f"{letter}{counts[letter]:0{width}}", kind, span, speaker))

    for speaker, paragraphs in turns:
        add("turn", paragraphs[0] | paragraphs[-1], speaker)
        for paragraph in paragraphs:
            add("paragraph", paragraph, speaker)
            for sentence in re.finditer(r"[^\s.?。][^.?。]*[.?。]*", text[paragraph.start : paragraph.end]):
                add("sentence", Span(*sentence.span()).shift(paragraph.start), speaker)
    return Transcript(
        name, text, tuple(segments), source=Source(f"{name}.txt", "txt"), interviewers=frozenset(interviewers)
    )


def coding(
    transcript: Transcript,
    code: str,
    quote: str,
    *,
    coder: str = "ana",
    verdict: Verdict = "applied",
    rule: str = "",
    matched: Collection[str] = (),
) -> Coding:
    """Return a coding on the first occurrence of ``quote``."""
    start = transcript.text.index(quote)
    words = (Span(start + quote.index(word), start + quote.index(word) + len(word)) for word in matched)
    evidence = (Evidence(rule, tuple(words)),) if rule else ()
    return Coding(transcript.id, Span(start, start + len(quote)), code, coder, verdict, quote, evidence)


def sheet(
    transcript: Transcript,
    *codings: Coding,
    coder: str = "ana",
    unit: Unit = "turn",
    seen: Collection[str] | None = None,
) -> Sheet:
    """Return a coder's sheet on which, unless said otherwise, every segment was seen."""
    everything = {segment.id for segment in transcript.units(unit)}
    return Sheet(
        transcript.id,
        coder,
        unit,
        transcript.digest,
        "",
        frozenset(everything if seen is None else seen),
        tuple(sorted(codings, key=lambda one: (one.span, one.code))),
    )
