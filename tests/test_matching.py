"""Matching: the same hits as spaCy's own matcher gives, and as trying every choice gives, whichever engine runs."""

from __future__ import annotations

import os
import random
from itertools import pairwise, product
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import spacy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reference_matching import find_terms
from ruamel.yaml import YAML
from test_language import BLANKS, PIECES, odd_text

from qualcode.codebook import Code, Codebook, Rule, Term, codebook_schema, parse_codebook
from qualcode.errors import CodebookError, QualcodeError
from qualcode.language import count_words
from qualcode.matching import Context, CutText, Matcher, TurnFacts, compile_codebook, encode
from qualcode.matching.evaluation import Place, smallest

N_CASES = int(os.environ.get("QUALCODE_CASES", "150"))
"""Random cases of each comparison; the long form of the test sets 20000."""

long_form = settings(max_examples=N_CASES, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def book(*rules: str | Rule, **more: tuple[str, ...]) -> Codebook:
    """Return a codebook with these rules in one code, and further codes with theirs."""
    made = tuple(rule if isinstance(rule, Rule) else Rule(rule, "term", rule) for rule in rules)
    others = (Code(name, name, rules=tuple(Rule(term, "term", term) for term in terms)) for name, terms in more.items())
    return Codebook("test", codes=(Code("one", "One", rules=made), *others))


def found(codebook: Codebook, *texts: str, language: str = "en") -> list[str]:
    """Return the words of every hit, which both engines and encoded texts must agree on."""
    matcher = compile_codebook(codebook, language=language)
    frames = [matcher.find(texts, engine=engine).to_frame() for engine in ("plain", "columns")]
    frames.append(matcher.find(encode(texts, language=language)).to_frame())
    for frame in frames[1:]:
        pd.testing.assert_frame_equal(frame, frames[0])
    return [texts[row.text][row.start : row.end] for row in frames[0].itertuples()]


def in_yaml(entry: str, *texts: str, language: str = "en") -> list[str]:
    return found(parse_codebook(f"codes: [{{id: a, rules: [{entry}]}}]"), *texts, language=language)


class TestTerms:
    def test_by_lemma_and_case(self) -> None:
        assert found(book("mentor"), "Mentors MENTOR mentorship") == ["Mentors", "MENTOR"]
        assert found(book("followed up"), "She follows up, FOLLOW UP!") == ["follows up", "FOLLOW UP"]

    def test_on_token_borders(self) -> None:
        assert found(book("men", "time"), "mentors meantime times-time") == ["times", "time"]

    def test_hyphens_may_stand_between_the_words_of_a_phrase(self) -> None:
        assert found(book("follow up"), "a follow-up", "follow - up", "follow--up", "follow up") == [
            "follow-up", "follow - up", "follow up",
        ]  # fmt: skip
        assert found(book("state of the art"), "state-of-the-art, state of-the art") == [
            "state-of-the-art",
            "state of-the art",
        ]

    def test_a_term_with_a_hyphen_asks_for_it(self) -> None:
        assert found(book("follow-up"), "follow-up, follow up") == ["follow-up"]

    def test_apostrophes_are_one_character(self) -> None:
        assert found(book("don't", "o’clock"), "don’t Don't o'clock") == ["don’t", "Don't", "o'clock"]

    def test_all_overlapping_hits_are_kept(self) -> None:
        assert found(book("up", "follow up", "follow up call"), "follow up calls") == [
            "follow up",
            "follow up calls",
            "up",
        ]

    def test_a_blank_that_spacy_makes_a_token_of_breaks_a_phrase(self) -> None:
        assert found(book("follow up"), "follow  up", "follow\tup", "follow\xa0 up") == []

    def test_full_width_letters_are_letters(self) -> None:
        assert found(book("mentor"), "ＭＥＮＴＯＲＳ") == ["ＭＥＮＴＯＲＳ"]

    def test_chinese_terms_match_on_characters_and_english_ones_inside_chinese(self) -> None:
        texts = ("我哋成日跟進，followed-up咗。", "跟 進 follow\tup")
        assert found(book("跟進", "follow up", "進"), *texts, language="zh") == [
            "跟進", "進", "followed-up", "跟 進", "進",
        ]  # fmt: skip
        assert found(book("跟進"), "We 跟進 it") == ["跟進"]

    def test_offsets_are_code_points(self) -> None:
        assert found(book("mentor", "好"), "😀 é “mentors” 👩‍👩‍👧 mentor", "😀好") == ["mentors", "mentor", "好"]

    def test_no_texts_and_no_rules(self) -> None:
        assert found(book("a")) == []
        assert found(book(), "a") == []
        assert found(book("a"), "", " ", "\n", "b") == []
        assert list(compile_codebook(book("a")).find(["b"]).to_frame().columns) == [
            "text", "start", "end", "code", "rule",
        ]  # fmt: skip

    def test_a_nul_in_the_text(self) -> None:
        assert found(book("a b", "b"), "a\0b b", "a b") == ["b", "a b", "b"]

    def test_frame_names_code_and_rule(self) -> None:
        codebook = parse_codebook("codes: [{id: a, codes: [{id: b, rules: [mentor, {exact: LA, id: city}]}]}]")
        frame = compile_codebook(codebook).find(["x", "LA mentors"]).to_frame()
        assert frame.to_dict("list") == {
            "text": [1, 1], "start": [0, 3], "end": [2, 10], "code": ["a/b", "a/b"], "rule": ["city", "mentor"],
        }  # fmt: skip

    def test_a_hundred_thousand_texts(self) -> None:
        texts = ["no mentor here"] * 70_000 + ["師友 mentor"] * 3
        hits = compile_codebook(book("mentor", "師友")).find(texts)
        assert len(hits) == 70_006
        assert hits.to_frame()["text"].is_monotonic_increasing

    @long_form
    @given(st.data())
    def test_same_spans_as_spacy(self, data: st.DataObject) -> None:
        texts = data.draw(st.lists(odd_text, min_size=1, max_size=6))
        words = st.sampled_from([piece for piece in PIECES if not set(piece) & set("*?$…\\") and "..." not in piece])
        phrase = st.lists(st.tuples(words, st.sampled_from([" ", " ", "-", " - "])), min_size=1, max_size=3)
        terms = data.draw(
            st.lists(phrase.map(lambda parts: "".join(map("".join, parts)).strip(" -") or "a"), max_size=6, unique=True)
        )
        expected = find_terms(texts, terms)
        matcher = compile_codebook(book(*terms))
        for engine in ("plain", "columns"):
            hits = matcher.find(texts, engine=engine)
            assert {(hit.text, hit.start, hit.end, hit.rule) for hit in hits} == expected, engine

    @long_form
    @given(
        st.lists(st.text("我跟進冇時間，。 a3", max_size=12), max_size=5),
        st.lists(st.text("我跟進冇時間，", min_size=1, max_size=3), max_size=5, unique=True),
    )
    def test_chinese_terms_match_where_spacy_has_them(self, texts: list[str], terms: list[str]) -> None:
        hits = compile_codebook(book(*terms), language="zh").find(texts, engine="columns")
        expected = find_terms(texts, terms, "zh")
        assert {(hit.text, hit.start, hit.end, hit.rule) for hit in hits} == expected


class TestWildcardsAndGaps:
    def test_wildcards_match_forms(self) -> None:
        assert found(book("mentor*"), "Mentors mentoring tormentor") == ["Mentors", "mentoring"]
        assert found(book("m?n"), "man men mean MN") == ["man", "men"]
        assert found(book("follow* up"), "followed-up following up") == ["followed-up", "following up"]
        assert found(book("*-up"), "follow-up catch-up up") == ["follow-up", "catch-up"]

    def test_a_mark_alone_and_an_escaped_one_are_themselves(self) -> None:
        assert found(book("?", "*"), "what ? * what?") == ["?", "*", "?"]
        assert found(book(r"what\?"), "what? whats") == ["what?"]

    def test_gaps(self) -> None:
        texts = ("They drop out", "drop him right out", "drop a b c d e out", "drop a b c d e f out", "out drop")
        assert found(book("drop ... out"), *texts) == ["drop out", "drop him right out", "drop a b c d e out"]
        assert found(book("drop … out"), "drop x out out") == ["drop x out", "drop x out out"]
        assert found(book("冇...時間"), "我哋冇咁多時間", "冇時間") == ["冇咁多時間", "冇時間"]

    def test_blanks_do_not_count_in_a_gap(self) -> None:
        assert found(book("a ... g"), "a  b\tc  d   e\nf g") == ["a  b\tc  d   e\nf g"]

    @pytest.mark.parametrize(
        ("term", "message"),
        [("... out", "at the start or the end"), ("drop …", "at the start or the end"), ("跟*進", "in a Chinese word")],
    )
    def test_mistakes_are_told_with_their_place(self, term: str, message: str) -> None:
        codebook = parse_codebook(f"codes:\n  - id: a\n    rules:\n      - fine\n      - '{term}'\n", "c.yaml")
        with pytest.raises(CodebookError) as caught:
            compile_codebook(codebook)
        (problem,) = caught.value.problems
        assert problem.where == "c.yaml:5:9"
        assert message in problem.message

    @long_form
    @given(
        st.lists(st.text("abc -", max_size=14), max_size=4),
        st.lists(st.sampled_from(["a", "b", "?b", "a*", "..."]), min_size=1, max_size=5),
    )
    def test_both_engines_agree(self, texts: list[str], words: list[str]) -> None:
        if words[0] == "..." or words[-1] == "...":
            words = ["c", *words, "c"]
        found(book(" ".join(words)), *texts)


class TestExactAndRegex:
    def test_exact_keeps_case_and_borders(self) -> None:
        assert in_yaml("{exact: CLAP}", "CLAP clap CLAPS (CLAP)") == ["CLAP", "CLAP"]
        assert in_yaml("{exact: 'CLAP  it'}", "CLAP it, CLAP  it") == ["CLAP  it"]

    def test_regex(self) -> None:
        assert in_yaml("{regex: '(?i)cla[ps]+'}", "CLAP class 我clap") == ["CLAP", "class", "clap"]
        assert in_yaml("{regex: '進.'}", "😀進度 進") == ["進度"]
        assert in_yaml("{regex: '^a|b$'}", "a b", "ba ab") == ["a", "b", "b"]

    def test_tokens(self) -> None:
        assert in_yaml("{tokens: [{LOWER: he}, {LEMMA: drop}]}", "He drops. HE dropped") == ["He drops", "HE dropped"]

    @pytest.mark.parametrize(
        ("pattern", "message"),
        [
            ("{NO: 1}", "spaCy cannot use this token pattern: [pattern -> 0 -> NO]"),
            ("{POS: VERB}", "needs POS, which only a language model knows"),
            ("{LOWER: {REGEX: '('}}", "The regular expression cannot be used"),
            ("{LOWER: {REGEX: '(?=a)'}}", "Look-around"),
        ],
    )
    def test_a_wrong_token_pattern(self, pattern: str, message: str) -> None:
        with pytest.raises(CodebookError) as caught:
            in_yaml(f"{{tokens: [{pattern}]}}", "a")
        assert message in caught.value.problems[0].message

    def test_regexes_of_tokens_take_linear_time(self) -> None:
        rule = "{tokens: [{LOWER: {REGEX: '^(a+)+b?$', NOT_IN: [aa]}}]}"
        assert in_yaml(rule, f"A aa {'a' * 60}c {'a' * 60}") == ["A", "a" * 60]

    def test_a_model_knows_parts_of_speech(self, tmp_path: Path) -> None:
        pipeline = spacy.blank("en")
        ruler = pipeline.add_pipe("attribute_ruler")
        ruler.add([[{"LOWER": "saw"}]], {"POS": "NOUN", "LEMMA": "saw"})
        pipeline.to_disk(tmp_path / "model")
        codebook = parse_codebook(
            "codes: [{id: a, rules: [{tokens: [{POS: NOUN}]}, {tokens: [{POS: {REGEX: ^N}}]}, saw]}]"
        )
        matcher = compile_codebook(codebook, model=str(tmp_path / "model"))
        for engine in ("plain", "columns"):
            hits = matcher.find(["a saw", "nothing here", "see"], engine=engine)
            assert [(hit.text, hit.start, hit.rule) for hit in hits] == [(0, 2, 0), (0, 2, 1), (0, 2, 2)]


class TestConditions:
    def test_unless(self) -> None:
        rule = "{term: time, unless: [no time, exact: OT]}"
        assert in_yaml(rule, "the time", "no time at any time", "OT time") == ["time"]
        assert in_yaml("{term: time, unless: no, within: 2}", "no time", "no more time") == ["time"]

    def test_near(self) -> None:
        assert in_yaml("{term: time, near: [mentor, friend]}", "time", "a friend has time") == ["time"]
        assert in_yaml("{term: time, near: friend, within: 3}", "a friend has time", "friend has no time") == ["time"]

    def test_all(self) -> None:
        texts = ("the mentor has time", "time for a mentor", "mentor")
        assert in_yaml("{all: [mentor, time]}", *texts) == ["mentor has time", "time for a mentor"]
        assert in_yaml("{all: [mentor, time], ordered: true}", *texts) == ["mentor has time"]
        assert in_yaml("{all: [mentor, time], within: 3}", *texts) == ["mentor has time"]

    def test_any_in_all(self) -> None:
        rule = "{all: [{any: [mentor, friend]}, {exact: LA}]}"
        assert in_yaml(rule, "friends in LA", "la mentor") == ["friends in LA"]

    def test_parts(self) -> None:
        codebook = parse_codebook("codes: [{id: a, rules: [{all: [b, c]}]}]")
        for engine in ("plain", "columns"):
            hits = compile_codebook(codebook).find(["x", "c a b"], engine=engine)
            assert hits.parts == {0: (Place(1, 0, 1), Place(1, 4, 5))}

    @pytest.mark.parametrize(
        ("text", "is_negated"),
        [
            ("We have mentors", False), ("We never had real mentors", True), ("We don’t have mentors", True),
            ("No, we have mentors", False), ("not now but mentors", False), ("no longer any mentors", True),
            ("not one two three four five six mentors", False), ("without mentors", True),
        ],
    )  # fmt: skip
    def test_negation(self, text: str, is_negated: bool) -> None:
        assert bool(in_yaml("{term: mentor, negated: skip}", text)) != is_negated
        assert bool(in_yaml("{term: mentor, negated: only}", text)) == is_negated

    @pytest.mark.parametrize(
        ("text", "is_negated"),
        [
            ("我哋冇師友", True),
            ("有冇師友", False),
            ("不過師友", False),
            ("沒有師友", True),
            ("唔係師友", True),
            ("師友", False),
        ],
    )
    def test_negation_in_chinese(self, text: str, is_negated: bool) -> None:
        assert bool(in_yaml("{term: 師友, negated: only}", text, language="zh")) == is_negated

    def test_lists_and_languages(self) -> None:
        codebook = parse_codebook(
            "lists: {nets: [alumni, $more], more: [{exact: LinkedIn}]}\n"
            "codes: [{id: a, rules: [$nets, {term: {en: gift, de: Gift, zh: 禮物}}, '\\$nets']}]"
        )
        assert found(codebook, "LinkedIn alumni gifts 禮物 $nets") == ["LinkedIn", "alumni", "gifts", "禮物", "$nets"]
        assert [rule.id for rule in codebook.code("a").rules] == ["$nets", "gift | Gift | 禮物", "\\$nets"]

    def test_turns(self) -> None:
        codebook = parse_codebook("codes: [{id: a, rules: [{all: [b, c], within: turn}]}]")
        context = Context([0, 0, 1], [TurnFacts(), TurnFacts()])
        for engine in ("plain", "columns"):
            hits = compile_codebook(codebook).find(["b", "c c", "b"], context=context, engine=engine)
            assert list(hits) == [(0, 0, 1, 0)]
            assert hits.parts == {0: (Place(0, 0, 1), Place(1, 0, 1))}

    @pytest.mark.parametrize(
        ("rules", "message"),
        [
            ("a: [{term: x, after: b}]\n", "no code “b”"),
            ("a: [{term: x, after: a}]\n", "in turn needs the hits of this one"),
        ],
    )
    def test_codes_that_rules_ask_for(self, rules: str, message: str) -> None:
        codebook = parse_codebook("codes: [{id: " + rules.replace(":", ", rules:", 1).strip() + "}]")
        with pytest.raises(CodebookError) as caught:
            compile_codebook(codebook)
        assert message in caught.value.problems[0].message

    @long_form
    @given(
        st.lists(
            st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9), st.integers(1, 3)), min_size=1, max_size=4),
            min_size=1,
            max_size=3,
        ),
        st.booleans(),
    )
    def test_smallest_stretches_are_those_of_trying_every_choice(
        self, drawn: list[list[tuple[int, int, int]]], is_ordered: bool
    ) -> None:
        members = [[(Place(text, start, start + size),) for text, start, size in sorted(set(m))] for m in drawn]
        hulls = set()
        for choice in product(*members):
            places = [match[0] for match in choice]
            follows = all((a.text, a.end) <= b[:2] for a, b in pairwise(places))
            if follows or not is_ordered:
                hulls.add((min(p[:2] for p in places), max((p.text, p.end) for p in places)))
        minimal = {one for one in hulls if not any(o != one and o[0] >= one[0] and o[1] <= one[1] for o in hulls)}
        got = smallest(members, is_ordered=is_ordered)
        assert {(min(m)[:2], max((p.text, p.end) for p in m)) for m in got} == minimal
        assert len(got) == len(minimal)

    @long_form
    @given(st.lists(st.text("ab cx", max_size=16), max_size=4), st.integers(1, 5), st.booleans())
    def test_unless_and_within_are_those_of_trying_every_pair(self, texts: list[str], size: int, is_all: bool) -> None:
        def places(text: str, word: str) -> list[tuple[int, int]]:
            starts = [0] + [at + 1 for at, mark in enumerate(text) if mark == " "]
            return [(at, at + 1) for at in starts if text[at : at + 1] == word and text[at + 1 : at + 2] in {"", " "}]

        def n_words(text: str, *spans: tuple[int, int]) -> int:
            return count_words(text[min(span[0] for span in spans) : max(span[1] for span in spans)])

        near = "near" if is_all else "unless"
        rule = Rule("r", "term", "a", **{near: (Term("b"),)}, within=size)
        expected = [
            (number, *one, 0)
            for number, text in enumerate(texts)
            for one in places(text, "a")
            if any(n_words(text, one, other) <= size for other in places(text, "b")) == is_all
        ]
        for engine in ("plain", "columns"):
            assert list(compile_codebook(book(rule)).find(texts, engine=engine)) == expected


class TestNothingElseMatters:
    texts = ("We follow up with mentors :) (: — it’s 3.5", "我哋跟進 mentors", "", "no time, no time at all") * 40

    def test_order_of_codes(self) -> None:
        one = compile_codebook(book("mentor", two=("follow up",), three=("time", "跟進"))).find(self.texts).to_frame()
        other = compile_codebook(book("mentor", three=("跟進", "time"), two=("follow up",))).find(self.texts).to_frame()
        key = ["text", "start", "end", "code", "rule"]
        pd.testing.assert_frame_equal(
            one.sort_values(key, ignore_index=True), other.sort_values(key, ignore_index=True)
        )

    @pytest.mark.parametrize("size", [1, 7, 64])
    def test_size_of_blocks(self, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
        matcher = compile_codebook(book("mentor", "follow up", "no time", Rule("x", "exact", "it’s"), "跟進"))
        whole = matcher.find(self.texts, engine="columns").to_frame()
        monkeypatch.setattr("qualcode.matching.encoding.BLOCK_TEXTS", size)
        pd.testing.assert_frame_equal(matcher.find(self.texts, engine="columns").to_frame(), whole)

    def test_what_was_looked_for_before(self) -> None:
        fresh = compile_codebook(book("no time")).find(self.texts, engine="columns").to_frame()
        compile_codebook(book("zebra crossing", "qwerty")).find(["unheard of words here"], engine="columns")
        pd.testing.assert_frame_equal(compile_codebook(book("no time")).find(self.texts).to_frame(), fresh)

    def test_matcher_is_used_again(self) -> None:
        matcher = Matcher(book("mentor"))
        assert list(matcher.find(["mentors"], engine="columns")) == list(matcher.find(["mentors"], engine="columns"))
        assert BLANKS

    def test_rare_words_of_much_text(self) -> None:
        chance = random.Random(5)
        filler = [first + second for first, second in product("bdfgklmnprst", "aeiou")]
        words = [*(chance.choice(filler) + chance.choice(filler) for _ in range(6000)), *RARE.split() * 3]
        chance.shuffle(words)
        texts = tuple(" ".join(words[at : at + 20]) for at in range(0, len(words), 20))
        texts += ("He came: follow-up, follow up", "drop it all out, mentored follow", "up follow")
        terms = ("follow up", "up", "drop ... out", "ment*", "quite - rare", "quite rare", "came", "follow")
        plain = [term for term in terms if "*" not in term and "..." not in term]
        expected = {(*place, plain[number]) for *place, number in find_terms(list(texts), plain)}
        hits = compile_codebook(book(*terms)).find(encode(texts))
        ours = {(text, start, end, hits.rules[rule].rule) for text, start, end, rule in hits}
        assert {hit for hit in ours if hit[3] in plain} == expected
        assert len(found(book(*terms), *texts)) == len(ours) > len(expected) > 20


RARE = "follow-up follow up drop out mentors quite rare quite-rare came"


class TestWhatIsSearched:
    @pytest.mark.parametrize(
        "column",
        [
            tuple, pd.Series, np.array, pa.array, iter,
            lambda texts: pd.Series(texts, index=[7, 7, 3]), lambda texts: pa.chunked_array([texts[:1], texts[1:]]),
        ],
    )  # fmt: skip
    def test_any_column_of_texts(self, column: Any) -> None:
        texts = ["a mentor", "", "Mentors 好"]
        matcher = compile_codebook(book("mentor"))
        for engine in ("auto", "plain", "columns"):
            assert list(matcher.find(column(texts), engine=engine)) == [(0, 2, 8, 0), (2, 0, 7, 0)]
        assert list(matcher.find(encode(column(texts)))) == [(0, 2, 8, 0), (2, 0, 7, 0)]

    @pytest.mark.parametrize(
        ("texts", "message"),
        [
            ("a mentor", r"write \[text\]"),
            (b"a mentor", r"write \[text\]"),
            (pd.DataFrame({"text": ["a"]}), "not a DataFrame; .* one column"),
            ({"P1": "a"}, "not a dict"),
            (["a", None], "None at position 1, which is not text"),
            (pd.Series(["a", float("nan")], dtype=object), "nan at position 1"),
            ([["a"]], r"\['a'\] at position 0"),
        ],
    )
    def test_anything_else_is_refused(self, texts: Any, message: str) -> None:
        for use in (encode, compile_codebook(book("mentor")).find):
            with pytest.raises(TypeError, match=message):
                use(texts)

    def test_texts_encoded_for_another_language_are_refused(self) -> None:
        with pytest.raises(QualcodeError, match="encoded for en, but the codebook is compiled for de"):
            compile_codebook(book("Haus"), language="de").find(encode(["Haus"]))


def test_the_example_in_the_documentation_finds_what_it_says() -> None:
    page = Path(__file__).resolve().parents[1].joinpath("docs", "rules.md").read_text("utf-8")
    codebook = parse_codebook(page.split("```yaml\n")[1].split("```")[0])
    assert codebook.problems == ()
    texts = [
        "They followed-up with mentoring, dropping right out. CLAP! A Reminder.",
        "Alumni know a partner.",
        "No alumni partner.",
        "I never have time.",
    ]
    context = Context([0, 1, 2, 3], [TurnFacts("Mei")] * 4)
    frame = compile_codebook(codebook).find(texts, context=context).to_frame()
    assert [(row.code, texts[row.text][row.start : row.end]) for row in frame.itertuples()] == [
        ("follow-up", "followed-up"),
        ("follow-up", "mentoring"),
        ("follow-up", "dropping right out"),
        ("follow-up", "CLAP"),
        ("follow-up", "Reminder"),
        ("through-networks", "Alumni"),
        ("through-networks", "Alumni know a partner"),
        ("through-networks", "alumni"),
        ("short-of-time", "have time"),
    ]


class TestMistakesInRules:
    @pytest.mark.parametrize(
        ("rule", "where", "message"),
        [
            ("{all: [a, b], within: -1}", "c.yaml:3:35", "“-1” is not a window"),
            ("{any: [a, b], ordered: true}", "c.yaml:3:13", "Only terms under `all`"),
            ("{term: a, negated: maybe}", "c.yaml:3:32", "negated"),
            ("{term: a, exact: b}", "c.yaml:3:13", "exactly one"),
            ("{all: [a, {any: []}, {regx: b}]}", "c.yaml:3:35", "no key “regx”"),
            ("$nets", "c.yaml:3:13", "no list “$nets”"),
            ("{all: [$netwrks, a]}", "c.yaml:3:20", "no list “$netwrks”"),
            ("{term: {english: a}}", "c.yaml:3:30", "not a language code"),
        ],
    )
    def test_place_and_message(self, rule: str, where: str, message: str) -> None:
        with pytest.raises(CodebookError) as caught:
            parse_codebook(f"lists: {{networks: [a]}}\ncodes: [{{id: a,\n    rules: [{rule}]}}]", "c.yaml")
        told = {problem.where: problem.message for problem in caught.value.problems}
        assert message in told.get(where, str(told))
        assert where in told, told

    def test_a_list_in_itself(self) -> None:
        with pytest.raises(CodebookError) as caught:
            parse_codebook("lists: {a: [x, $b], b: [$a]}\ncodes: [{id: a, rules: [$a]}]", "c.yaml")
        assert "contains itself" in caught.value.problems[0].message

    def test_the_schema_takes_what_the_reader_takes(self) -> None:
        page = Path(__file__).resolve().parents[1].joinpath("docs", "rules.md").read_text("utf-8")
        example = YAML(typ="safe").load(page.split("```yaml\n")[1].split("```")[0])
        validator = jsonschema.Draft202012Validator(codebook_schema())
        assert list(validator.iter_errors(example)) == []
        wrong = {"codes": [{"id": "a", "rules": [{"term": "a", "within": "page"}]}]}
        assert list(validator.iter_errors(wrong)) != []


@given(
    st.lists(
        st.tuples(
            st.text("ab ‘`'\u0301.\xa0\u200b我\0\ud800🙂", min_size=1, max_size=6), st.sampled_from(["", " ", "  x "])
        )
    )
)
def test_stretches_of_a_text_are_matched_as_texts_by_themselves(parts: list[tuple[str, str]]) -> None:
    text, starts, ends = "", [], []
    for words, gap in parts:
        starts.append(len(text))
        text += words
        ends.append(len(text))
        text += gap
    cut = CutText(text, np.array(starts, np.int64), np.array(ends, np.int64))
    assert [*cut] == [words for words, _ in parts]
    matcher = compile_codebook(book("a", "b", "a b", "'a", "我", "a'b"))
    for engine in ("plain", "columns"):
        assert [*matcher.find(cut, engine=engine)] == [*matcher.find([*cut], engine=engine)]


@pytest.mark.parametrize("text", ["EE. UU.\t", "EE.UU. UU.\tx", "los UU. UU.\nEE. UU. y", "EE. UU.\u2028EE. UU."])
def test_a_special_case_across_a_blank_beside_a_tab_or_line_end(text: str) -> None:
    codebook = parse_codebook("codes: [{id: a, name: A, rules: [EE. UU., UU, los]}]")
    matcher = compile_codebook(codebook, language="es")
    plain, columns = (list(matcher.find([text, "y"], engine=engine)) for engine in ("plain", "columns"))
    assert plain == columns
    assert plain
