"""Passages and counting units that are slow and plainly right: sets of sentences and of characters, one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from qualcode.cases import assign_cases
from qualcode.codebook import parse_codebook
from qualcode.language import word_starts
from qualcode.matching import compile_codebook
from qualcode.model import Segment, Span, Transcript
from qualcode.sources import transcript_of_turns
from qualcode.tables import tabulate
from qualcode.tagging import context_of, sentence_texts, tag

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from qualcode.codebook import Codebook
    from qualcode.model import Unit
    from qualcode.tables import CodingTable


class Told(NamedTuple):
    """A coding: its place, code, and the words of each rule in the order of the text."""

    start: int
    end: int
    code: str
    evidence: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]


def expected_codings(transcript: Transcript, codebook: Codebook) -> list[Told]:
    """Return the codings of one transcript: a set of sentences for each code, cut where they do not go on."""
    matcher = compile_codebook(codebook, language=transcript.language)
    context = context_of(transcript)
    hits = matcher.find(sentence_texts(transcript), context=context, engine="plain")
    sentences = [one.span for one in transcript.segments if one.kind == "sentence"]
    by_code: dict[str, list[tuple[str, list[tuple[int, int, int]]]]] = {}
    for number, hit in enumerate(hits):
        rule = hits.rules[hit.rule]
        places = [tuple(place) for place in hits.parts.get(number, [(hit.text, hit.start, hit.end)])]
        by_code.setdefault(rule.code_id, []).append((rule.rule, places))
    told = []
    for code, found in by_code.items():
        # What one hit lies in is held together, whichever turns and sentences lie between.
        stretches = [set(range(places[0][0], max(place[0] for place in places) + 1)) for _, places in found]
        stretches += [
            {one, one + 1} for one in set().union(*stretches)
            if one + 1 in set().union(*stretches) and context.turn_of[one] == context.turn_of[one + 1]
        ]  # fmt: skip
        for passage in _merge(stretches):
            evidence: dict[str, list[tuple[int, int]]] = {}
            for rule, places in found:
                if places[0][0] in passage:
                    spans = [(sentences[at].start + start, sentences[at].start + end) for at, start, end in places]
                    evidence.setdefault(rule, []).extend(spans)
            pairs = [(rule, tuple(sorted(set(spans)))) for rule, spans in evidence.items()]
            pairs.sort(key=lambda pair: pair[1][0])
            told.append(Told(sentences[min(passage)].start, sentences[max(passage)].end, code, tuple(pairs)))
    return sorted(told, key=lambda one: one[:3])


def _merge(sets: list[set[int]]) -> list[set[int]]:
    """Return sets that have nothing in common, each the union of some that had."""
    merged: list[set[int]] = []
    for one in sets:
        apart = [other for other in merged if not one & other]
        merged = [*apart, one.union(*(other for other in merged if one & other))]
    return merged


def found_codings(transcripts: Sequence[Transcript], codebook: Codebook) -> list[list[Told]]:
    """Return what tagging all of them at once gives."""
    return [
        [
            Told(
                one.span.start,
                one.span.end,
                one.code,
                tuple((part.rule, tuple((span.start, span.end) for span in part.spans)) for part in one.evidence),
            )
            for one in sheet.codings
        ]
        for sheet in tag(transcripts, codebook)
    ]


def expected_rows(transcript: Transcript, told: Sequence[Told], codebook: Codebook, unit: Unit) -> list[object]:
    """Return, by coding in the order of tables, its texts, home, words, and words in each unit that it touches."""
    order = [code.id for code in codebook.walk()]
    units = [one for one in transcript.segments if one.kind == unit]
    turns = [one for one in transcript.segments if one.kind == "turn"]
    index = assign_cases([transcript])
    starts = set(word_starts(transcript.text))
    rows: list[object] = []
    for one in sorted(told, key=lambda one: (one.start, one.end, order.index(one.code))):
        characters = set(range(one.start, one.end))
        placed = []
        for segment in units:
            here = characters & set(range(segment.span.start, segment.span.end))
            if here:
                turn = next(turn for turn in turns if segment.span in turn.span)
                placed.append((segment.id, len(here & starts), turn))
        home = next((place for place in placed if not transcript.is_interviewer(place[2])), placed[0])[2]
        asks = transcript.is_interviewer(home)
        words = sum(n for _, n, turn in placed if transcript.is_interviewer(turn) == asks)
        spans = [span for _, spans in one.evidence for span in spans]
        rows.append(
            (
                *one[:3],
                "; ".join(rule for rule, _ in one.evidence),
                "; ".join(dict.fromkeys(transcript.text[slice(*span)] for span in spans)),
                transcript.text[one.start : one.end],
                (home.id, home.speaker, index.case_of(transcript.id, home.speaker), asks, words),
                [(name, n) for name, n, _ in placed],
            )
        )
    return rows


def found_rows(table: CodingTable, transcript: str) -> list[object]:
    """Return the same of a table, for one transcript."""
    placed: dict[int, list[tuple[str, int]]] = {}
    for unit, coding, first, last in table.placements.itertuples(index=False):
        placed.setdefault(coding, []).append((table.units["segment"].iloc[unit], last - first))
    return [
        (
            *(row["start"], row["end"], row["code"], row["rule"], row["matched"], row["quote"]),
            (row["segment"], row["speaker"], row["case"], row["is_interviewer"], row["words"]),
            placed[number],
        )
        for number, row in enumerate(table.codings.to_dict("records"))
        if row["transcript"] == transcript
    ]


RULES = """
codes:
  - {id: z, rules: [WORD0, WORD1, "WORD2 WORD0"]}
  - id: m
    rules:
      - WORD1
      - {all: [WORD0, WORD2], within: turn, id: both}
      - {all: [WORD3, WORD3], within: 9, id: twice}
    codes:
      - {id: b, rules: [WORD3, {term: WORD0, unless: WORD4}]}
  - {id: a, rules: [WORD4, {any: [WORD0, WORD5], id: either}, {all: [WORD5, WORD1], within: turn, id: far}]}
"""
"""Codes out of alphabetical order; words of one code come up in several of its rules."""


def make_codebook(words: Sequence[str]) -> Codebook:
    """Return a codebook of six words."""
    text = RULES
    for number, word in enumerate(words):
        text = text.replace(f"WORD{number}", word)
    return parse_codebook(text)


def make_transcripts(chance: random.Random, words: Sequence[str], blanks: Sequence[str], language: str) -> list:
    """Return one to three transcripts of random words, signs and line ends, with up to three speakers."""
    made = []
    for name in ("P1", "P2", "P3")[: chance.randint(1, 3)]:
        turns = []
        for _ in range(chance.randint(0, 5)):
            parts = [
                chance.choice(words) + chance.choice([*[" "] * 6, ". ", ". ", "? ", ".\n", "\n", *blanks])
                for _ in range(chance.randint(1, 14))
            ]
            turns.append((chance.choice(["", "Interviewer", "Mei"]), "".join(parts)))
        made.append(transcript_of_turns(turns, name, language=language))
    return [transcript for transcript in made if transcript.segments] or [_empty(language)]


def _empty(language: str) -> Transcript:
    segments = tuple(Segment(f"{kind[0]}1", kind, Span(0, 2)) for kind in ("turn", "paragraph", "sentence"))
    return Transcript("P1", "No", segments, language)


def agrees(transcripts: Sequence[Transcript], codebook: Codebook, unit: Unit) -> bool:
    """Tell whether passages and units come out as the slow way has them."""
    expected = [expected_codings(transcript, codebook) for transcript in transcripts]
    if found_codings(transcripts, codebook) != expected:
        return False
    table = tabulate(transcripts, tag(transcripts, codebook), codebook, unit=unit)
    return all(
        found_rows(table, transcript.id) == expected_rows(transcript, told, codebook, unit)
        for transcript, told in zip(transcripts, expected, strict=True)
    )
