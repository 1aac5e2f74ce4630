"""Questions to codings: published operators, and every relation by brute force over sets of characters."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from interviews import coding, interview, sheet
from published_methods import CASES

from qualcode.cli import cli
from qualcode.codebook import parse_codebook
from qualcode.errors import CaseError, QualcodeError, QueryError
from qualcode.model import Case, Coding, Segment, Sheet, Source, Span, Transcript
from qualcode.queries import explain_query, find
from qualcode.tables import CodingTable, tabulate

ROOT = Path(__file__).resolve().parents[1]
LETTERS = parse_codebook(
    "codes: [{id: a, name: A}, {id: b, name: B}, {id: c, name: C}, {id: d, name: D, codes: [{id: e, name: E}]}]"
)


def lay_out(name: str, turns: list[tuple[int, int, str]], *, interviewer: str = "Int") -> Transcript:
    """Return a transcript of so many characters, with turns at these places."""
    text = "x" * turns[-1][1]
    segments = tuple(
        Segment(f"t{number:03}", "turn", Span(start, end), speaker)
        for number, (start, end, speaker) in enumerate(turns, start=1)
    )
    return Transcript(name, text, segments, source=Source(f"{name}.txt", "txt"), interviewers=frozenset({interviewer}))


def table_of(
    transcripts: list[Transcript], codings: list[tuple[str, int, int, str, str]], **options: Any
) -> CodingTable:
    """Return the table of codings given as transcript, start, end, code, coder."""
    texts = {one.id: one.text for one in transcripts}
    sheets = {}
    for name, start, end, code, coder in codings:
        laid = Coding(name, Span(start, end), code, coder, "applied", texts[name][start:end])
        sheets.setdefault((name, coder), []).append(laid)
    by_id = {one.id: one for one in transcripts}
    made = [sheet(by_id[name], *laid, coder=coder) for (name, coder), laid in sheets.items()]
    return tabulate(transcripts, made, LETTERS, **options)


# --- published -----------------------------------------------------------------------------------------------

SMALL = CASES["queries-small"]
PLACES = {(row[1], row[2], row[3], row[4]): row[0] for row in SMALL["input"]["codings"]}


@pytest.fixture(scope="module")
def small() -> CodingTable:
    transcripts = [
        lay_out(name, [tuple(turn) for turn in one["turns"]]) for name, one in SMALL["input"]["transcripts"].items()
    ]
    roles = {name: one["case"] for name, one in SMALL["input"]["transcripts"].items()}
    cases = [Case(role, {"role": role}, ((name, ""),)) for name, role in roles.items()]
    codings = [(row[1], row[2], row[3], row[4].lower(), row[5]) for row in SMALL["input"]["codings"]]
    return table_of(transcripts, codings, cases=cases)


def name_passages(table: CodingTable, query: str, **options: Any) -> list[str]:
    frame = find(table, query, **{"with_interviewer": "yes", **options}).frame
    rows = zip(frame["transcript"], frame["start"], frame["end"], frame["code"], strict=True)
    return sorted({PLACES[name, start, end, code.upper()] for name, start, end, code in rows})


@pytest.mark.parametrize(
    ("told", "query"),
    [
        ("A touching B (any shared character)", "a touching b"),
        ("A inside B", "a inside b"),
        ("A encloses B", "a around b"),
        ("A partly overlapping B", "a overlapping b"),
        ("A equals C", "a same place c"),
        ("A but touching no B", "a not touching b"),
        ("A but touching no B", "a not b"),
    ],
)
def test_relations_of_the_small_example(small: CodingTable, told: str, query: str) -> None:
    assert name_passages(small, query) == SMALL["expected"][told]


def test_filters_of_the_small_example(small: CodingTable) -> None:
    expected = SMALL["expected"]
    assert name_passages(small, "a", with_interviewer="no") == expected["A not said by the interviewer"]
    assert name_passages(small, "a", where={"role": "Teacher"}) == expected["A of teachers"]
    by_ana = tabulate(small.transcripts, small.sheets, LETTERS, coders=["ana"])
    assert name_passages(by_ana, "a") == expected["A by ana"]


@pytest.mark.parametrize(
    ("told", "query"),
    [
        ("A followed by D within 1 turn (start after end, same transcript)", "a then within 1 turn d"),
        ("A followed by B within 2 turns", "a followed by within 2 b"),
        ("A near B within 2 turns, either order, overlap included", "a near 2 turns b"),
    ],
)
def test_distances_of_the_small_example(small: CodingTable, told: str, query: str) -> None:
    frame = find(small, query, with_interviewer="yes").frame
    starts = {row[0]: (row[1], row[2], row[3]) for row in SMALL["input"]["codings"]}
    expected = sorted(starts[a] for a, _ in SMALL["expected"][told])
    assert sorted(zip(frame["transcript"], frame["start"], frame["end"], strict=True)) == expected


def test_units_and_cases_of_the_small_example(small: CodingTable) -> None:
    def places(query: str) -> list[list[object]]:
        frame = find(small, query, answer="segment", with_interviewer="yes").frame
        return [
            [name, int(segment[1:]) - 1] for name, segment in zip(frame["transcript"], frame["segment"], strict=True)
        ]

    expected = SMALL["expected"]
    assert places("a and b") == expected["turns with A and B"]
    assert places("a not b") == places("a less b") == places("a and not b") == expected["turns with A and not B"]
    assert places("one of (a, b, c)") == expected["turns with exactly one of A,B,C"]
    assert places("at least 2 of (a, b, c, d)") == expected["turns with at least 2 of A,B,C,D"]
    cases = find(small, "a and d", answer="case", with_interviewer="yes")
    assert cases.frame["case"].tolist() == expected["cases with A and D anywhere"]
    assert cases.frame["passages"].tolist() == [3, 3]  # a1, a2, d1 (a3 is the interviewer's); a4, a5, d2


def test_shared_text_of_published_examples(small: CodingTable) -> None:
    def pieces(table: CodingTable, query: str) -> list[list[object]]:
        frame = find(table, query, show="shared", with_interviewer="yes").frame
        return frame[["transcript", "start", "end"]].to_numpy().tolist()

    assert pieces(small, "a and b") == SMALL["expected"]["intersection pieces A and B"]
    case = CASES["maxqda-intersection-set"]
    codings = [
        ("T", start, end, letter, "x") for letter, (_, start, end) in zip("abc", case["input"]["codings"], strict=True)
    ]
    table = table_of([lay_out("T", [(0, 200, "P")])], codings)
    assert pieces(table, "at least 2 of (a, b, c)") == [["T", *piece] for piece in case["expected"]["pieces"]]


def test_relations_of_rqda_and_touching_is_not_overlapping() -> None:
    case = CASES["span-relations-rqda"]
    named = {"encloses": "around", "overlaps": "overlapping", "equals": "same place"}
    rows = zip(
        case["input"]["pairs"],
        case["expected"]["relation"],
        case["expected"]["shared"],
        case["expected"]["gap"],
        strict=True,
    )
    for (first, second), relation, shared, gap in rows:
        table = table_of([lay_out("T", [(0, 100, "P")])], [("T", *first, "a", "x"), ("T", *second, "b", "x")])
        row = find(table, "a near 0 turns b").frame.loc[0]
        assert row["relation"] == named.get(relation, relation)
        assert (None if str(row["gap_characters"]) == "<NA>" else row["gap_characters"]) == gap
        pieces = find(table, "a and b", show="shared").frame[["start", "end"]].to_numpy().tolist()
        assert pieces == ([shared] if shared else [])


# --- by brute force over sets of characters -----------------------------------------------------------------------

TURNS = [(0, 6, "Int"), (7, 14, "Kim"), (15, 18, "Int"), (19, 28, "Kim"), (30, 36, "Lee")]
spans = st.tuples(st.integers(0, 35), st.integers(1, 12)).map(lambda one: (one[0], min(sum(one), 36)))
laid = st.lists(
    st.tuples(st.sampled_from(["T1", "T2"]), spans, st.sampled_from("abce"), st.sampled_from(["x", "y"])), max_size=12
)


class Brute:
    """Answers by loops over characters, turns and pairs; the definitions of the docs, and nothing else."""

    def __init__(self, codings: list[tuple[str, tuple[int, int], str, str]], *, skip: bool) -> None:
        turn_sets = [set(range(start, end)) for start, end, _ in TURNS]
        number, self.turn_number = 0, []
        for _, _, speaker in TURNS:
            number += 0 if skip and speaker == "Int" else 1
            self.turn_number.append(number)
        self.passages: dict[str, set[tuple[str, int, int]]] = {letter: set() for letter in "abcde"}
        self.turns = {}
        for name, (start, end), code, _ in codings:
            touched = [i for i, one in enumerate(turn_sets) if one & set(range(start, end))]
            if touched:
                for letter in "de" if code == "e" else code:
                    self.passages[letter].add((name, start, end))
                self.turns[name, start, end] = touched

    def chars(self, one: tuple[str, int, int]) -> set[tuple[str, int]]:
        return {(one[0], place) for place in range(one[1], one[2])}

    def related(self, relation: str, one: tuple[str, int, int], two: tuple[str, int, int]) -> bool:
        if one[0] != two[0]:
            return False
        a, b = self.chars(one), self.chars(two)
        of_one = [self.turn_number[i] for i in self.turns[one]]
        of_two = [self.turn_number[i] for i in self.turns[two]]
        gap = min(abs(i - j) for i in of_one for j in of_two)
        word, _, rest = relation.partition(" ")
        number = int(re.sub(r"\D", "", rest) or 99)
        return {
            "touching": bool(a & b),
            "inside": a <= b,
            "around": a >= b,
            "same": a == b,
            "overlapping": bool(a & b) and not a <= b and not b <= a,
            "apart": not a & b,
            "near": bool(a & b) or gap <= number,
            "then": max(a) < min(b) and min(of_two) - max(of_one) <= number,
        }[word]


RELATIONS = [
    *("touching", "inside", "around", "same place", "overlapping", "apart"),
    *("near 0 turns", "near 1 turn", "near 3 turns", "then", "then within 0 turns", "then within 2 turns"),
]


def table_of_random(codings: list[tuple[str, tuple[int, int], str, str]]) -> CodingTable:
    flat = list(dict.fromkeys((name, *span, code, coder) for name, span, code, coder in codings))
    return table_of([lay_out("T1", TURNS), lay_out("T2", TURNS)], flat)


def places_in(frame: Any) -> set[tuple[str, int, int]]:
    return set(zip(frame["transcript"], frame["start"], frame["end"], strict=True))


@settings(max_examples=60, deadline=None)
@given(laid, st.sampled_from(RELATIONS), st.booleans())
def test_every_relation_by_brute_force(codings: Any, relation: str, skip: bool) -> None:
    table, brute = table_of_random(codings), Brute(codings, skip=skip)
    options: Any = {"with_interviewer": "yes", "count_turns": "interviewee" if skip else "all"}
    for left, right in [("a", "b"), ("d", "a")]:
        pairs = [
            (one, two)
            for one in brute.passages[left]
            for two in brute.passages[right]
            if brute.related(relation, one, two)
        ]
        frame = find(table, f"{left} {relation} {right}", **options).frame
        assert len(frame) == len(pairs)
        assert places_in(frame) == {one for one, _ in pairs}
        negated = find(table, f"{left} not {relation} {right}", **options).frame
        assert places_in(negated) == brute.passages[left] - {one for one, _ in pairs}


@settings(max_examples=60, deadline=None)
@given(laid)
def test_sets_of_characters_segments_and_cases_by_brute_force(codings: Any) -> None:
    table, brute = table_of_random(codings), Brute(codings, skip=False)
    every = {letter: set().union(set(), *map(brute.chars, brute.passages[letter])) for letter in "abcd"}
    a, b, c = every["a"], every["b"], every["c"]
    count = {place: sum(place in one for one in (a, b, c)) for place in a | b | c}
    shared = {
        "a and b": a & b,
        "a or b": a | b,
        "a not b": a - b,
        "(a or b) and c": (a | b) & c,
        "a or b and c": a | b & c,
        "at least 2 of (a, b, c)": {place for place, n in count.items() if n >= 2},
        "one of (a, b, c)": {place for place, n in count.items() if n == 1},
        "d": every["d"],
    }
    for query, expected in shared.items():
        frame = find(table, query, show="shared", with_interviewer="yes").frame
        found = [(name, place) for name, start, end in sorted(places_in(frame)) for place in range(start, end)]
        assert len(found) == len(set(found))
        assert set(found) == expected, query
    units = {letter: {(one[0], i) for one in brute.passages[letter] for i in brute.turns[one]} for letter in "abcd"}
    all_units = set(itertools.product(["T1", "T2"], range(len(TURNS))))
    segments = {
        "a and b": units["a"] & units["b"],
        "a or b not c": units["a"] | units["b"] - units["c"],
        "not (a or b)": all_units - units["a"] - units["b"],
        "one of (a, b, c)": {u for u in all_units if sum(u in units[letter] for letter in "abc") == 1},
        "at least 2 of (a, b, not c)": {
            u for u in all_units if (u in units["a"]) + (u in units["b"]) + (u not in units["c"]) >= 2
        },
    }
    for query, expected in segments.items():
        frame = find(table, query, answer="segment", with_interviewer="yes").frame
        found = {(name, int(one[1:]) - 1) for name, one in zip(frame["transcript"], frame["segment"], strict=True)}
        assert found == expected, query


@settings(max_examples=40, deadline=None)
@given(laid)
def test_passages_in_one_or_several_sets_by_brute_force(codings: Any) -> None:
    table, brute = table_of_random(codings), Brute(codings, skip=False)
    sets = [set().union(set(), *map(brute.chars, brute.passages[letter])) for letter in "abc"]
    every = set().union(*(brute.passages[letter] for letter in "abc"))
    depth = {one: max(sum(place in chars for chars in sets) for place in brute.chars(one)) for one in every}
    for query, wanted in [
        ("one of (a, b, c)", {1}),
        ("at least 2 of (a, b, c)", {2, 3}),
        ("at least 3 of (a, b, c)", {3}),
    ]:
        frame = find(table, query, with_interviewer="yes").frame
        assert places_in(frame) == {one for one, most in depth.items() if most in wanted}, query


# --- what is printed ---------------------------------------------------------------------------------------------

TALK = interview(
    "P1",
    "I: What is hard?\nP: Finding a date is hard. People leave.\nI: Yes?\nP: 真的很難。\n",
)
BOOK = parse_codebook(
    """
codes:
  - id: challenges
    name: Challenges
    codes: [{id: finding-dates, name: Finding dates}, {id: staff-turnover, name: Staff turnover}]
  - {id: and, name: 難}
"""
)


@pytest.fixture(scope="module")
def table() -> CodingTable:
    laid = [
        coding(TALK, "finding-dates", "Finding a date is hard."),
        coding(TALK, "staff-turnover", "People leave."),
        coding(TALK, "and", "真的很難。"),
    ]
    other = coding(TALK, "finding-dates", "Finding a date is hard.", coder="ben")
    return tabulate([TALK], [sheet(TALK, *laid), sheet(TALK, other, coder="ben")], BOOK)


def test_two_coders_on_one_passage_are_one_passage(table: CodingTable) -> None:
    found = find(table, "finding-dates")
    assert found.frame[["start", "end", "coder", "quote"]].to_numpy().tolist() == [
        [20, 43, "ana; ben", "Finding a date is hard."]
    ]
    assert found.sentence == (
        "1 of 1 passage of “Finding dates”, in 1 of 2 turns and 1 of 1 case. Interviewer talk is left out."
    )


def test_codes_are_found_by_path_name_and_only_word(table: CodingTable) -> None:
    ways = ["challenges/staff-turnover", '"Staff turnover"', "“staff turnover”", "'staff-turnover'", "turnover"]
    assert [len(find(table, way).frame) for way in ways] == [1] * 5
    assert [problem.message for problem in find(table, "turnover").problems] == [
        "“turnover” is read as “challenges/staff-turnover”."
    ]
    assert find(table, '"and" or 難').frame["quote"].tolist() == ["真的很難。"]


def test_a_distance_in_turns_is_doubted_where_each_transcript_is_one_turn() -> None:
    letters = [("T", 0, 3, "a", "ana"), ("T", 190, 200, "b", "ana")]
    whole = table_of([lay_out("T", [(0, 200, "P")])], letters)
    for query in ("a near 1 turns b", "a then within 2 turns b", "a and (a not near 0 turns b)"):
        assert [one.rule for one in find(whole, query).problems] == ["one-turn"]
    assert find(whole, "a apart b").problems == ()
    parted = table_of([lay_out("T", [(0, 100, "P"), (100, 200, "P")]), lay_out("U", [(0, 9, "P")])], letters)
    assert find(parted, "a near 1 turns b").problems == ()


@pytest.mark.parametrize(
    ("query", "message", "below"),
    [
        ("", "The question is empty.", "^"),
        ("turnover neer 2 turns and", "“neer” does not follow from what stands before it.", "         ^^^^"),
        ("turnover near 難", "A number is missing here.", "              ^^"),
        ("難 難", "“難” does not follow from what stands before it.", "   ^^"),
        ("(turnover", "A closing parenthesis is missing here.", "         ^"),
        ("turnover and", "A code is missing here.", "            ^"),
        ("turnover inside inside", "A code is missing here, not “inside”.", "                ^^^^^^"),
        ('turnover or "and', "The quotation mark is not closed.", "            ^^^^"),
        ("at least 3 of (turnover, 難)", "The list has 2 parts, so 3 of them cannot be met.", " " * 27 + "^"),
        ("at least x of (turnover)", "A number is missing here.", "         ^"),
        ("one of turnover", "A list is missing here.", "       ^^^^^^^^"),
        ("(" * 60 + "turnover", "The question is nested too deeply.", " " * 50 + "^"),
        (" or ".join(["turnover"] * 200), "The question is too long.", " " * 1200 + "^^^^^^^^"),
        ("dates near 1 visibility", "There is no code “visibility” in the codebook.", "             ^^^^^^^^^^"),
    ],
)
def test_what_cannot_be_understood_is_shown_with_its_place(
    table: CodingTable, query: str, message: str, below: str
) -> None:
    with pytest.raises(QueryError) as caught:
        find(table, query)
    assert caught.value.message == message
    assert caught.value.hint
    assert caught.value.picture.split("\n")[1] == below


def test_what_cannot_be_asked(table: CodingTable) -> None:
    for query, options in [
        ("not turnover", {}),
        ("(not turnover) inside challenges", {"answer": "case"}),
        ("turnover near 2 challenges", {"show": "shared"}),
        ("turnover", {"show": "shared", "answer": "case"}),
    ]:
        with pytest.raises(QueryError):
            find(table, query, **options)
    with pytest.raises(CaseError):
        find(table, "turnover", where={"role": "x"})
    with pytest.raises(QualcodeError, match="There is no speaker “Q”"):
        find(table, "turnover", speaker="Q")
    assert find(table, "turnover", speaker="P").frame["quote"].tolist() == ["People leave."]


@pytest.mark.parametrize(
    ("query", "answer", "told"),
    [
        (
            "dates then within 2 turns turnover",
            "coding",
            "Find passages of “Finding dates” that are followed within 2 turns by any passage of “Staff turnover”.",
        ),
        (
            "dates not near 1 (turnover or 難)",
            "coding",
            (
                "Find passages of “Finding dates” that are not within 1 turn of (passages of “Staff turnover” or "
                "passages of “難”)."
            ),
        ),
        (
            "dates and (turnover or 難)",
            "case",
            "Find cases with “Finding dates” and (with “Staff turnover” or with “難”).",
        ),
        ("at least 2 of (dates, 難)", "segment", "Find turns with at least 2 of (with “Finding dates”; with “難”)."),
    ],
)
def test_a_question_in_words(table: CodingTable, query: str, answer: Any, told: str) -> None:
    assert explain_query(table, query, answer=answer) == told


def test_answers_open_into_quotes_and_show_themselves(table: CodingTable) -> None:
    found = find(table, "dates and turnover", answer="segment")
    assert found.frame[["segment", "code"]].to_numpy().tolist() == [
        ["t002", "challenges/finding-dates; challenges/staff-turnover"]
    ]
    assert found.quotes["quote"].tolist() == ["Finding a date is hard.", "People leave."]
    assert found.sentence in " ".join(str(found).split())
    assert "<th>segment</th>" in found._repr_html_()
    assert str(find(table, "dates inside turnover")).startswith("transcript")


@pytest.mark.usefixtures("table")
def test_an_empty_study_has_no_answers() -> None:
    empty: list[Sheet] = []
    nothing = tabulate([], empty, BOOK)
    for options in ({}, {"answer": "segment"}, {"answer": "case"}, {"show": "shared"}):
        for query in ("dates and turnover", "dates not turnover", "one of (dates, turnover)"):
            assert find(nothing, query, **options).frame.empty  # type: ignore[arg-type]


def test_the_command_finds_explains_and_refuses() -> None:
    files = ["transcripts_sample", "--codebook", "codebooks/industry_partnership.yaml"]

    def call(*arguments: str) -> Any:
        return CliRunner().invoke(
            cli, ["find", *arguments, *(str(ROOT / one) if "/" in one or "_" in one else one for one in files)]
        )

    done = call("scheduling near 4 turns turnover", "--format", "csv")
    assert done.exit_code == 0
    assert done.stdout.count("P1,P1,") == 3
    assert "3 of 11 passages of “Scheduling difficulties”" in done.stderr
    assert call("challenges not visibility", "--in", "case", "--explain").stdout.startswith("Find cases with")
    bad = call("scheduling neer turnover")
    assert bad.exit_code == 1
    assert "    scheduling neer turnover\n               ^^^^\n" in bad.stderr
    assert call("scheduling", "--where", "role").exit_code == 2
    assert call("scheduling", "--where", "role=Nobody").exit_code == 1
