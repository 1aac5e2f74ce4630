"""No rule, and no file, can make a run hang: work grows with what is read, or a limit is told.

Work is counted in calls, of Python and of C, which are the same on every machine; no time is asserted.
"""

from __future__ import annotations

import random
import sys
from typing import TYPE_CHECKING

import pytest
from docx_files import docx, p
from hypothesis import given
from hypothesis import strategies as st

from qualcode.codebook import compile_regex, parse_codebook
from qualcode.errors import CodebookError
from qualcode.language import TokenPattern, count_words, tokenize
from qualcode.matching import Context, TurnFacts, compile_codebook, scanning
from qualcode.matching.evaluation import _Words
from qualcode.matching.patterns import wildcard_regex
from qualcode.sources import read_transcript

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def work(job: Callable[[], object]) -> int:
    """Return how many calls a job makes."""
    n_calls = 0

    def count(frame: object, event: str, arg: object) -> None:
        nonlocal n_calls
        n_calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        job()
    finally:
        sys.setprofile(None)
    return n_calls


def compiled(rule: str, lists: str = ""):
    return compile_codebook(parse_codebook(f"{lists}\ncodes:\n  - id: one\n    rules:\n      - {rule}\n"))


def is_linear(rule: str, texts: Callable[[int], list[str]], size: int = 60) -> bool:
    """Tell whether four times as much of one turn makes about four times as much work, and not sixteen times."""
    matcher = compiled(rule)

    def find(n: int) -> Callable[[], object]:
        turn = texts(n)
        return lambda: matcher.find(turn, context=Context([0] * len(turn), [TurnFacts()]), engine="plain")

    find(4 * size)()  # what is loaded once is loaded now
    return work(find(4 * size)) < 5.5 * work(find(size))


def one_sentence(words: str) -> Callable[[int], list[str]]:
    return lambda n: [words * n]


def sentences(words: str) -> Callable[[int], list[str]]:
    return lambda n: [words] * n


GROWING = {
    "a term with itself in a turn": ("{all: [the, the], within: turn}", sentences("the cat the dog")),
    "all in order": ("{all: [the, cat, the, cat], ordered: true, within: turn}", one_sentence("the cat dog ")),
    "all of any": ("{all: [the, cat, {any: [the, dog]}, {any: [cat, dog]}], within: 5}", one_sentence("the cat dog ")),
    "all of all": ("{all: [{all: [the, cat]}, {all: [cat, dog]}], within: 9}", one_sentence("the cat dog ")),
    "all by sentence": ("{all: [the, cat]}", sentences("the cat the dog")),
    "unless that is far": ("{term: the, unless: dog, within: 3}", lambda n: ["the cat " * n + "and it is a dog"]),
    "unless that is all over": ("{term: the, unless: dog, within: 2}", one_sentence("the cat and a dog ")),
    "unless in a turn": ("{term: the, unless: {all: [dog, zebra]}, within: turn}", sentences("the cat the dog")),
    "unless of long stretches": (
        "{term: the, unless: {tokens: [{LOWER: dog, OP: '+'}]}, within: 2}",
        lambda n: ["the cat and it " * n + "dog " * 5 * n],
    ),
    "near in a wide window": ("{term: the, near: dog, within: 1000000}", one_sentence("the cat dog ")),
    "near that is nowhere": ("{term: the, near: zebra, within: 5}", one_sentence("the cat dog ")),
    "negation": ("{term: the, negated: skip}", one_sentence("not the cat ")),
    "gaps": ("the ... the ... the ... the", one_sentence("the ")),
    "tokens": ("{tokens: [{OP: '*'}, {OP: '*'}, {OP: '*'}, {LOWER: zebra}]}", lambda n: ["the cat " * 2 * n]),
    "tokens counted": ("{tokens: [{OP: '{,40}'}, {OP: '{,40}'}, {LOWER: zebra}]}", lambda n: ["the cat " * 2 * n]),
}


@pytest.mark.parametrize("name", GROWING)
def test_the_work_of_a_rule_grows_with_the_text(name: str) -> None:
    assert is_linear(*GROWING[name])


def test_a_rule_that_needs_the_hits_of_another_is_linear() -> None:
    text = "codes:\n  - id: a\n    rules: [the]\n  - id: b\n    rules:\n      - {term: dog, after: a, before: a}\n"
    matcher = compile_codebook(parse_codebook(text))

    def find(n: int) -> Callable[[], object]:
        turn = ["the cat", "the dog"] * n
        return lambda: matcher.find(turn, context=Context([0] * len(turn), [TurnFacts()]), engine="plain")

    find(200)()
    assert work(find(400)) < 5.5 * work(find(100))


@pytest.mark.parametrize("n_stars", [1, 8, 40])
def test_stars_in_a_word_try_nothing_twice(n_stars: int) -> None:
    pattern = "*a" * n_stars + "*b"
    assert not wildcard_regex(pattern).fullmatch("a" * 5000)  # with eight stars, 10^25 ways to share out the letters
    assert wildcard_regex(pattern).fullmatch("a" * 5000 + "b")


def fits(pattern: str, form: str) -> bool:
    """Return what is right, by the definition: each star is no letter, or one letter and the same star."""
    if not pattern:
        return not form
    if pattern[0] == "*":
        return fits(pattern[1:], form) or (bool(form) and fits(pattern, form[1:]))
    return bool(form) and pattern[0] in {"?", form[0]} and fits(pattern[1:], form[1:])


@given(st.text("ab*?", max_size=7), st.text("abc", max_size=8))
def test_wildcards_fit_what_they_say(pattern: str, form: str) -> None:
    assert bool(wildcard_regex(pattern).fullmatch(form)) == fits(pattern, form)


def test_gaps_have_a_limit() -> None:
    assert len(compiled(" ... ".join(["the"] * 11)).rules) == 1
    with pytest.raises(CodebookError) as caught:
        compiled(" ... ".join(["the"] * 12))
    assert caught.value.problems[0].where == "codebook.yaml:5:9"
    assert "more than 10 gaps" in caught.value.problems[0].message


# ---- token patterns

PARTS = [{}, {"LOWER": "a"}, {"LOWER": "b"}, {"LOWER": {"IN": ["a", "c"]}}]
OPERATORS = [None, "?", "*", "+", "!", "{2}", "{1,2}", "{,2}", "{2,}"]


def token_pattern(tokens: list[dict[str, object]]) -> TokenPattern:
    import json

    return TokenPattern(json.dumps(tokens), "en", None, tokenize=tokenize, compile_regex=compile_regex)


@given(
    st.lists(st.tuples(st.sampled_from(PARTS), st.sampled_from(OPERATORS)), min_size=1, max_size=4),
    st.lists(st.sampled_from("aabbc."), max_size=8),
)
def test_token_patterns_match_what_spacy_matches(parts, words) -> None:
    from spacy.matcher import Matcher

    tokens = [part | ({"OP": operator} if operator else {}) for part, operator in parts]
    ours = token_pattern(tokens)
    text = " ".join(words)
    doc = ours._document(text)
    spacys = Matcher(doc.vocab)
    spacys.add("pattern", [tokens])
    found = {(first, end) for _, first, end in spacys(doc, allow_missing=True) if end > first}
    assert list(ours.spans(text)) == sorted((doc[a:b].start_char, doc[a:b].end_char) for a, b in found)


def test_a_match_of_tokens_has_a_hundred_at_the_most() -> None:
    spans = list(token_pattern([{"LOWER": "a", "OP": "+"}]).spans("a " * 150))
    assert len(spans) == 51 * 100 + 99 * 100 // 2
    assert max(end - start for start, end in spans) == 199


@pytest.mark.parametrize("operator", ["{101}", "{60,}", "{,1000000000}", "{" + "9" * 5000 + "}"])
def test_counts_of_tokens_have_a_limit(operator: str) -> None:
    rule = f"tokens: [{{LOWER: a, OP: '{operator}'}}, {{LOWER: b, OP: '{{41}}'}}]"
    with pytest.raises(CodebookError) as caught:
        compiled(rule)
    assert caught.value.problems[0].where == "codebook.yaml:5:9"
    assert "more than 100 tokens" in caught.value.problems[0].message


# ---- regular expressions


@pytest.mark.parametrize(
    "pattern", [r"\ba+\b", "a.{0,6}b", "^a", "b$", "a*", "(?m)^b", "ab|b", r"\Ba", "c.{3}", "(?m)a$"]
)
def test_a_long_text_is_searched_in_stretches_to_the_same_effect(pattern: str, monkeypatch) -> None:
    monkeypatch.setattr(scanning, "MATCH_CHARACTERS", 12)
    regex = compile_regex(pattern)
    chance = random.Random(7)
    for _ in range(100):
        text = "".join(chance.choice("aabbc é\n") for _ in range(150))
        whole = [(*match.span(), 0) for match in regex.finditer(text) if match.start() < match.end()]
        assert list(scanning.scan_regexes(text, {0: regex})) == whole


def test_no_regular_expression_looks_through_all_the_rest_at_every_place() -> None:
    looked_at = 0

    class Watched:
        def finditer(self, text: str, start: int, end: int):
            nonlocal looked_at
            for match in compile_regex("a(?:.*z)?").finditer(text, start, end):
                looked_at += end - match.start()
                yield match

    found = list(scanning.scan_regexes("a" * 40_000, {0: Watched()}))
    assert len(found) == 40_000
    assert looked_at <= 40_000 * 2 * scanning.MATCH_CHARACTERS


# ---- lists


def test_lists_within_lists_do_not_multiply() -> None:
    lists = "lists:\n  l0: [a, b]\n" + "".join(f"  l{n}: [$l{n - 1}, $l{n - 1}]\n" for n in range(1, 60))
    with pytest.raises(CodebookError) as caught:
        compiled("$l59", lists)
    assert [problem.rule for problem in caught.value.problems] == ["too-many-terms"]
    assert "million" in caught.value.problems[0].message


def test_lists_within_lists_go_so_deep() -> None:
    lists = "lists:\n  l0: [a]\n" + "".join(f"  l{n}: [$l{n - 1}]\n" for n in range(1, 2000))
    assert len(compiled("$l90", lists).find(["a"])) == 1
    with pytest.raises(CodebookError) as caught:
        compiled("$l1999", lists)
    assert "100 levels" in caught.value.problems[0].message


# ---- files


def lines(line: str) -> Callable[[int], str]:
    return lambda n: "".join(line.format(number) for number in range(n))


FILES = {
    "labels": lines("Person {}: I said so and it was good.\n"),
    "labels on lines of their own": lines("Person {}\nI said so and it was good.\n\n"),
    "blank lines": lambda n: "I: Hello?\n" + "\n" * 20 * n + "P: Yes.\n",
    "lines of blanks": lambda n: "I: Hello?\n" + " \n" * 20 * n + "P: Yes.\n",
    "paragraphs": lines("It is line {} of what was said.\n\n"),
    "paragraphs of two": lambda n: "I: Is it so?\n\nP: It is so.\n\n" * n,
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("ending", ["txt", "docx"])
def test_the_work_of_reading_grows_with_the_file(name: str, ending: str, tmp_path: Path) -> None:
    def reading(n: int) -> Callable[[], object]:
        path = tmp_path / f"{n}.{ending}"
        text = FILES[name](n)
        path.write_bytes(text.encode() if ending == "txt" else docx("".join(map(p, text.split("\n")))))
        return lambda: read_transcript(path)

    reading(400)()
    assert work(reading(800)) < 5.5 * work(reading(200))


# ---- windows


@given(st.text("ab'-’ .中é_", max_size=20), st.data())
def test_words_of_a_stretch_are_those_that_it_touches(text: str, data) -> None:
    words = _Words(text)
    assert words.count(0, len(text)) == count_words(text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    size = data.draw(st.integers(1, 5))
    is_within = words.count(start, end) <= size
    assert is_within == (start >= words.earliest(end, size)) == (end <= words.latest(start, size))
