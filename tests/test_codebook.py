"""Codebooks: what a good one means, and that every mistake is told with place and repair."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from qualcode.codebook import Term, codebook_schema, parse_codebook, read_codebook
from qualcode.codebook.regexes import compile_regex
from qualcode.errors import CodebookError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = """\
name: Partnership
description: How partners are won.
codes:
  - id: challenges
    name: Challenges
    colour: "#d55e00"
    codes:
      - id: scheduling
        name: Scheduling
        definition: Finding a time.
        include: clashes
        exclude:
          - lateness
          - holidays
        examples:
          hit: [The dates clashed.]
          miss:
            - A clash of colours.
        rules:
          - clash
          - exact: CLAP
          - regex: '(?i)\\bnot? time\\b'
            unless: [winter time, exact: OT]
            id: no time
          - term: 撞期
            unless: 冇
      - name: Time commitment
  - id: advice
"""


def mistakes(text: str) -> list[Problem]:
    """Return the problems of a codebook that cannot be used."""
    with pytest.raises(CodebookError) as caught:
        parse_codebook(text, "c.yaml")
    return list(caught.value.problems)


def only(text: str) -> Problem:
    """Return the one error of a codebook that cannot be used."""
    (problem,) = [found for found in mistakes(text) if found.level != "note"]
    return problem


def in_code(lines: str) -> str:
    """Return a codebook with one code that has these lines, each of which begins in line 3, column 5."""
    return "codes:\n  - id: one\n" + "".join(f"    {line}\n" for line in lines.splitlines())


class TestGoodCodebook:
    book = parse_codebook(GOOD, "partnership.yaml")

    def test_tree_is_walked_in_the_order_of_the_file(self) -> None:
        assert [code.id for code in self.book.walk()] == ["challenges", "scheduling", "time-commitment", "advice"]

    def test_addresses(self) -> None:
        assert self.book.path("scheduling") == "challenges/scheduling"
        assert self.book.code("challenges/scheduling") is self.book.code("scheduling")
        assert self.book.level("challenges") == 1
        assert self.book.level("challenges/time-commitment") == 2
        assert self.book.theme("scheduling").id == "challenges"
        assert self.book.theme("advice").id == "advice"
        assert self.book.parent("advice") is None
        parent = self.book.parent("scheduling")
        assert parent is not None
        assert parent.id == "challenges"
        assert [code.id for code in self.book.descendants("challenges")] == ["scheduling", "time-commitment"]
        assert self.book.descendants("advice") == ()

    def test_fields(self) -> None:
        code = self.book.code("scheduling")
        assert (code.name, code.definition) == ("Scheduling", "Finding a time.")
        assert code.include == ("clashes",)
        assert code.exclude == ("lateness", "holidays")
        assert [(example.text, example.where) for example in code.hits] == [
            ("The dates clashed.", "partnership.yaml:16:17")
        ]
        assert [example.text for example in code.misses] == ["A clash of colours."]
        assert code.where == "partnership.yaml:8:9"
        assert self.book.code("challenges").colour == "#d55e00"
        assert self.book.code("scheduling").colour == ""

    def test_rules(self) -> None:
        rules = self.book.code("scheduling").rules
        assert [(rule.id, rule.kind, rule.pattern) for rule in rules] == [
            ("clash", "term", "clash"),
            ("exact:CLAP", "exact", "CLAP"),
            ("no time", "regex", r"(?i)\bnot? time\b"),
            ("撞期", "term", "撞期"),
        ]
        assert rules[2].unless == (Term("winter time"), Term("OT", "exact"))
        assert rules[3].unless == (Term("冇"),)
        assert rules[0].where == "partnership.yaml:20:13"

    def test_missing_ids_and_names(self) -> None:
        assert self.book.code("time-commitment").name == "Time commitment"
        assert self.book.code("advice").name == "Advice"
        (note,) = self.book.problems
        assert (note.level, note.rule, note.where) == ("note", "id-from-name", "partnership.yaml:27:9")
        assert "time-commitment" in note.message

    def test_digest_is_that_of_the_bytes(self, tmp_path: Path) -> None:
        path = tmp_path / "book.yaml"
        data = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode("utf-8")
        path.write_bytes(data)
        book = read_codebook(path)
        assert book.digest == hashlib.sha256(data).hexdigest()
        assert book.codes == self.book.codes
        assert self.book.digest == hashlib.sha256(GOOD.encode("utf-8")).hexdigest()

    def test_a_title_is_not_needed(self) -> None:
        assert parse_codebook("codes: [{id: a}]", "study one.yaml").name == "study one"

    def test_unknown_code_gets_a_suggestion(self) -> None:
        with pytest.raises(CodebookError) as caught:
            self.book.code("challenges/sheduling")
        assert caught.value.hint == "Did you mean “challenges/scheduling”?"
        with pytest.raises(CodebookError, match="no code “Scheduling”") as caught:
            self.book.path("Scheduling")
        assert "challenges/scheduling" in caught.value.hint

    def test_shows_itself_in_a_notebook(self) -> None:
        shown = parse_codebook("name: A <b> C\ncodes: [{id: a, name: x & y, rules: [<i>]}]")._repr_html_()
        assert "A &lt;b&gt; C" in shown
        assert "x &amp; y" in shown
        assert "<i>" not in shown

    def test_is_one_line_in_a_shell(self) -> None:
        assert repr(parse_codebook("name: My\ncodes: [{id: a, rules: [x, y]}]")) == "<Codebook My: 1 codes, 2 rules>"

    def test_rows(self) -> None:
        row = self.book.rows()[1]
        assert (row["code"], row["level"], row["rules"], row["hits"], row["misses"]) == (
            "challenges/scheduling", 2, 4, 1, 1,
        )  # fmt: skip
        assert row["exclude"] == "lateness; holidays"


class TestYaml:
    def test_no_and_on_are_texts(self) -> None:
        book = parse_codebook("codes:\n  - id: a\n    name: No\n    rules: [on, yes, off]\n")
        assert book.code("a").name == "No"
        assert [rule.pattern for rule in book.code("a").rules] == ["on", "yes", "off"]

    @pytest.mark.parametrize("value", ["2024", "true", "~", "null", "1.5", "0x1F", "-3", ".nan", "9" * 5000])
    def test_what_yaml_takes_for_something_else_needs_quotes(self, value: str) -> None:
        problem = only(in_code(f"name: {value}"))
        assert (problem.where, problem.rule) == ("c.yaml:3:11", "quotes")
        assert f'"{value}"' in problem.hint
        assert parse_codebook(in_code(f'name: "{value}"')).code("one").name == value

    def test_number_as_a_term_needs_quotes(self) -> None:
        assert only(in_code("rules:\n  - 2024")).where == "c.yaml:4:9"

    def test_tab(self) -> None:
        problem = only("codes:\n\t- id: a\n")
        assert (problem.where, problem.rule) == ("c.yaml:2:1", "tab")
        assert "spaces" in problem.hint

    def test_duplicate_key(self) -> None:
        problem = only(in_code("name: a\nname: b"))
        assert (problem.where, problem.rule) == ("c.yaml:4:5", "duplicate-key")
        assert "line 3" in problem.message

    @pytest.mark.parametrize("tag", ["!!python/object/apply:os.system", "!include", "!!int", "!!binary"])
    def test_tags_are_refused(self, tag: str) -> None:
        problem = only(in_code(f"name: {tag} x"))
        assert problem.rule == "tag"
        assert tag in problem.message

    def test_text_tag_is_allowed(self) -> None:
        assert parse_codebook(in_code("name: !!str 2024")).code("one").name == "2024"

    def test_aliases_share_a_list(self) -> None:
        book = parse_codebook(in_code("rules:\n  - term: a\n    unless: &no [not, never]\n  - {term: b, unless: *no}"))
        first, second = book.code("one").rules
        assert first.unless == second.unless == (Term("not"), Term("never"))

    def test_term_that_begins_with_a_star(self) -> None:
        problem = only(in_code("rules:\n  - *mentor"))
        assert (problem.where, problem.rule) == ("c.yaml:4:9", "alias")
        assert '"*mentor"' in problem.hint

    def test_alias_inside_itself(self) -> None:
        assert "alias" in {problem.rule for problem in mistakes("codes: &a\n  - id: b\n    codes: *a\n")}

    def test_alias_bomb(self) -> None:
        bomb = "x0: &x0 [a, a, a, a, a, a, a, a, a, a]\n" + "".join(
            f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]\n" for n in range(1, 12)
        )
        assert [problem.rule for problem in mistakes(bomb)] == ["size"]

    @pytest.mark.parametrize(
        "text",
        [
            "[" * 500 + "]" * 500,
            "{a: " * 500 + "}" * 500,
            "codes:\n" + "".join(f"{'  ' * n}- codes:\n" for n in range(400)),
        ],
    )
    def test_deep_nesting(self, text: str) -> None:
        assert mistakes(text)[-1].rule == "depth"

    def test_deepest_tree_that_is_allowed_works(self) -> None:
        text = "".join(f"{'  ' * n}codes:\n{'  ' * n}- id: c{n}\n" for n in range(45))
        book = parse_codebook(text)
        assert book.level("c44") == 45

    @pytest.mark.parametrize("text", ["", "\n\n", "# only a remark\n", "---\n", "~"])
    def test_empty(self, text: str) -> None:
        with pytest.raises(CodebookError, match="empty"):
            parse_codebook(text)

    def test_two_documents(self) -> None:
        assert only("codes: [{id: a}]\n---\ncodes: [{id: b}]\n").where == "c.yaml:2:1"

    def test_control_character(self) -> None:
        problem = only("codes: [{id: a, name: x\x07}]\n")
        assert problem.where == "c.yaml:1:24"
        assert "U+0007" in problem.message

    @pytest.mark.parametrize(
        ("lines", "where", "hint"),
        [
            ("definition: time: hard to find", "c.yaml:3:21", "quotes"),
            ("name: @home", "c.yaml:3:11", "quotes"),
            ('name: "open', "c.yaml:3:11", "quotation mark"),
            ("name: 'it's'", "c.yaml:3:15", "doubled"),
            ("rules: [a, b", "c.yaml:", "quotes"),
            ("rules:\n  - a\n - b", "c.yaml:5:6", "indentation"),
        ],
    )  # fmt: skip
    def test_broken_yaml(self, lines: str, where: str, hint: str) -> None:
        problem = only(in_code(lines))
        assert problem.where.startswith(where)
        assert hint in problem.hint

    def test_text_is_in_the_form_of_transcripts(self) -> None:
        assert parse_codebook(in_code("rules: [cafe\u0301]")).code("one").rules[0].pattern == "caf\u00e9"

    def test_places_count_characters(self) -> None:
        assert only("codes: [{id: a, name: 排期😀, nam: x}]").where == "c.yaml:1:28"


class TestShape:
    @pytest.mark.parametrize(
        ("lines", "where", "message", "hint"),
        [
            ("definitoin: x", "c.yaml:3:5", "“definitoin”", "“definition”"),
            ("color: red", "c.yaml:3:5", "“color”", "“colour”"),
            ("keywords: [a]", "c.yaml:3:5", "“keywords”", "“rules”"),
            ("zzz: [a]", "c.yaml:3:5", "“zzz”", "id, name, definition"),
            ("rules:\n  - {term: a, unles: b}", "c.yaml:4:19", "“unles”", "“unless”"),
            ("examples:\n  hits: [a]", "c.yaml:4:7", "“hits”", "“hit”"),
            ("rules:\n  - note: this", "c.yaml:4:9", "“note”", "term, exact, regex"),
            ("rules:\n  - find out: how", "c.yaml:4:9", "“find out”", "quotes"),
            ("colour: blue", "c.yaml:3:13", "“blue”", "#0072B2"),
            ('colour: "#12345"', "c.yaml:3:13", "“#12345”", "#0072B2"),
            ("name: [a]", "c.yaml:3:5", "a list", "one text"),
            ("name: {a: b}", "c.yaml:3:5", "a mapping", "quotes"),
            ('name: ""', "c.yaml:3:", "empty", "Write"),
            ("rules: clash", "c.yaml:3:12", "must be a list", "- "),
            ("rules: {term: a}", "c.yaml:3:5", "must be a list", "- "),
            ('rules: [a, ""]', "c.yaml:3:16", "empty", "delete"),
            ("rules:\n  -\n  - a", "c.yaml:4:8", "no value", "delete"),
            ("rules: [[a]]", "c.yaml:3:13", "a list", "one text"),
            ("rules: [{unless: a}]", "c.yaml:3:13", "exactly one", "term"),
            ("rules: [{term: a, exact: b}]", "c.yaml:3:13", "`term` and `exact`", "two rules"),
            ("rules: [{term: a, unless: [b, [c]]}]", "c.yaml:3:35", "a list", "one text"),
            ("examples: [a]", "c.yaml:3:5", "must be a mapping", "key: value"),
            ("include: {a: b}", "c.yaml:3:5", "a mapping", "quotes"),
            ("include: [a, 5]", "c.yaml:3:18", "a number", '"5"'),
            ("codes: [b]", "c.yaml:3:13", "must be a mapping", "key: value"),
        ],
    )  # fmt: skip
    def test_wrong_value(self, lines: str, where: str, message: str, hint: str) -> None:
        problems = [problem for problem in mistakes(in_code(lines)) if message in problem.message]
        assert problems, mistakes(in_code(lines))
        assert problems[0].where.startswith(where)
        assert hint in problems[0].hint

    @pytest.mark.parametrize("text", ["- id: a\n- id: b\n", "just text", "2024"])
    def test_something_else_than_a_mapping_at_the_top(self, text: str) -> None:
        assert "must be a mapping" in only(text).message

    @pytest.mark.parametrize("text", ["name: x\n", "name: x\ncodes:\n", "codes: []\n"])
    def test_no_codes(self, text: str) -> None:
        assert only(text).rule == "no-codes"

    def test_a_skeleton_is_usable(self) -> None:
        book = parse_codebook(in_code("definition:\ninclude:\nexclude:\nexamples:\n  hit:\nrules:\ncodes:"))
        assert book.code("one").rules == ()

    def test_all_mistakes_in_one_go_in_the_order_of_the_file(self) -> None:
        text = (
            "nam: x\ncodes:\n  - id: A B\n    rules: ['[', x*, '(?=a)']\n"
            "  - id: b\n    rules: [{regex: '['}, {regex: 'x*'}]\n    colour: red\n  - id: b\n  - name: 排期\n"
        )
        assert [(problem.where, problem.rule) for problem in mistakes(text)] == [
            ("c.yaml:1:1", "unknown-key"),
            ("c.yaml:3:9", "id"),
            ("c.yaml:4:13", "term-of-signs"),
            ("c.yaml:6:21", "regex"),
            ("c.yaml:6:35", "empty-match"),
            ("c.yaml:7:13", "colour"),
            ("c.yaml:8:5", "duplicate-id"),
            ("c.yaml:9:5", "missing-id"),
        ]


class TestIds:
    def test_twice(self) -> None:
        problem = only("codes:\n  - id: a\n  - id: b\n    codes:\n      - id: a\n")
        assert (problem.where, problem.rule) == ("c.yaml:5:9", "duplicate-id")
        assert "line 2" in problem.message
        assert "a-2" in problem.hint

    def test_two_codes_on_one_line(self) -> None:
        assert only("codes: [{id: a}, {id: a}]").rule == "duplicate-id"

    def test_twice_by_name(self) -> None:
        problem = only("codes:\n  - name: Other\n  - id: b\n    codes: [{name: other}]\n")
        assert problem.rule == "duplicate-id"
        assert "id: other-2" in problem.hint

    @pytest.mark.parametrize("bad", ["Scheduling", "a b", "-a", "排期", "a/b", "a_b", "é"])
    def test_not_a_slug(self, bad: str) -> None:
        assert only(f"codes: [{{id: {bad}}}]").rule == "id"

    @pytest.mark.parametrize("name", ["排期", "排期 CLAP", "…", "срок"])
    def test_name_that_gives_no_id(self, name: str) -> None:
        problem = only(f"codes:\n  - name: {name}\n")
        assert (problem.where, problem.rule) == ("c.yaml:2:5", "missing-id")

    @pytest.mark.parametrize(
        ("name", "slug"),
        [
            ("Partners' own networks", "partners-own-networks"),
            ("Café & bar", "cafe-bar"),
            ("Time  — commitment!", "time-commitment"),
            ("Ｗｉｄｅ", "wide"),
        ],
    )
    def test_id_made_of_a_name(self, name: str, slug: str) -> None:
        assert [code.id for code in parse_codebook(f'codes: [{{name: "{name}"}}]').walk()] == [slug]

    def test_neither_id_nor_name(self) -> None:
        assert only("codes:\n  - definition: x\n").rule == "missing-name"


class TestRules:
    @pytest.mark.parametrize("pattern", ["(?=a)b", "a(?!b)", "(?<=a)b", "(?<!a)b"])
    def test_look_around_is_explained(self, pattern: str) -> None:
        problem = only(in_code(f"rules:\n  - regex: '{pattern}'"))
        assert problem.where == "c.yaml:4:16"
        assert "Look-around" in problem.message
        assert "unless" in problem.hint

    @pytest.mark.parametrize("pattern", [r"(a)\1", r"(?P<x>a)(?P=x)", r"(?P<x>a)\k<x>"])
    def test_back_references_are_explained(self, pattern: str) -> None:
        assert "Back-references" in only(in_code(f"rules:\n  - regex: '{pattern}'")).message

    @pytest.mark.parametrize(
        ("pattern", "reason"), [("[a", "missing ]"), ("a{2000}", "repetition"), ("(a", "missing )")]
    )
    def test_bad_regex(self, pattern: str, reason: str) -> None:
        assert reason in only(in_code(f"rules:\n  - regex: '{pattern}'")).message

    @pytest.mark.parametrize("pattern", ["a*", "(?:)", r"\b", "x?", "^", "|a"])
    def test_regex_that_can_match_nothing(self, pattern: str) -> None:
        assert only(in_code(f"rules:\n  - regex: '{pattern}'")).rule == "empty-match"

    @pytest.mark.parametrize(("pattern", "letter"), [(r"\bécole", "é"), (r"(?i)caf(?:é\b|es)", "é"), (r"\b開會", "開")])
    def test_a_border_that_is_never_found(self, pattern: str, letter: str) -> None:
        found = only(in_code(f"rules:\n  - regex: '{pattern}'"))
        assert (found.rule, found.message.count(f"“{letter}”")) == ("lost-border", 1)

    def test_a_regex_that_backtracks_for_ever_elsewhere_is_harmless(self) -> None:
        rule = parse_codebook(in_code("rules:\n  - regex: '(a+)+$'")).code("one").rules[0]
        assert compile_regex(rule.pattern).search("a" * 50_000 + "b") is None

    def test_bad_regex_under_unless(self) -> None:
        assert only(in_code("rules:\n  - {term: a, unless: {regex: '['}}")).rule == "regex"

    @pytest.mark.parametrize("second", ["network", "Network", "{term: NETWORK}", '" network "'])
    def test_the_same_rule_twice_is_used_once(self, second: str) -> None:
        book = parse_codebook(in_code(f"rules:\n  - network\n  - {second}"), "c.yaml")
        assert [rule.id for rule in book.code("one").rules] == ["network"]
        (problem,) = book.problems
        assert (problem.level, problem.rule, problem.where) == ("warning", "duplicate-rule", "c.yaml:5:9")

    def test_exact_forms_may_differ_in_case_alone(self) -> None:
        book = parse_codebook(in_code("rules: [exact: US, exact: us, us]"))
        assert [rule.id for rule in book.code("one").rules] == ["exact:US", "exact:us", "us"]

    def test_one_rule_with_two_conditions_needs_an_id(self) -> None:
        lines = "rules:\n  - network\n  - {term: network, unless: wifi%s}"
        assert only(in_code(lines % "")).rule == "duplicate-rule-id"
        assert len(parse_codebook(in_code(lines % ", id: no wifi")).code("one").rules) == 2

    def test_two_codes_may_share_a_rule(self) -> None:
        assert parse_codebook("codes: [{id: a, rules: [x]}, {id: b, rules: [x]}]").problems == ()

    def test_an_example_cannot_be_hit_and_miss(self) -> None:
        assert only(in_code("examples: {hit: [a, b], miss: [b]}")).rule == "example"


class TestFile:
    def test_missing(self, tmp_path: Path, write: Callable[[str, str], Path]) -> None:
        write("book.yaml", GOOD)
        with pytest.raises(CodebookError, match="no such codebook") as caught:
            read_codebook(tmp_path / "bok.yaml")
        assert "book.yaml" in caught.value.hint

    def test_folder(self, tmp_path: Path) -> None:
        with pytest.raises(CodebookError, match="folder"):
            read_codebook(tmp_path)

    @pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="nothing is forbidden here")
    def test_no_permission(self, write: Callable[[str, str], Path]) -> None:
        path = write("book.yaml", GOOD)
        path.chmod(0)
        with pytest.raises(CodebookError, match="Permission denied"):
            read_codebook(path)

    def test_not_utf8(self, tmp_path: Path) -> None:
        path = tmp_path / "book.yaml"
        path.write_bytes(b"codes:\n  - id: a\n    name: caf\xe9\n")
        with pytest.raises(CodebookError, match="0xE9") as caught:
            read_codebook(path)
        assert caught.value.where == "book.yaml:3:14"
        assert "UTF-8" in caught.value.hint

    def test_utf16(self, tmp_path: Path) -> None:
        path = tmp_path / "book.yaml"
        path.write_text(GOOD, encoding="utf-16")
        with pytest.raises(CodebookError, match="not UTF-8"):
            read_codebook(path)

    @pytest.mark.parametrize("head", [b"PK\x03\x04", b"%PDF-1.7", b"\xd0\xcf\x11\xe0"])
    def test_not_a_text_file(self, tmp_path: Path, head: bytes) -> None:
        path = tmp_path / "book.yaml"
        path.write_bytes(head + b"...")
        with pytest.raises(CodebookError, match="not a text file"):
            read_codebook(path)

    def test_too_large(self, tmp_path: Path) -> None:
        path = tmp_path / "book.yaml"
        with path.open("wb") as file:
            file.truncate(10_000_001)
        with pytest.raises(CodebookError, match="larger than 10 MB"):
            read_codebook(path)


def test_error_reads_well() -> None:
    with pytest.raises(CodebookError) as caught:
        parse_codebook("nam: x\ncodes: [{id: a}]\n", "c.yaml")
    assert str(caught.value) == (
        "c.yaml: The codebook cannot be used: 1 mistake.\n"
        "c.yaml:1:1: error: There is no key “nam”. (Did you mean “name”?)"
    )


def test_sample_codebook(sample_codebook: Path) -> None:
    book = read_codebook(sample_codebook)
    assert book.problems == ()
    assert len(book.codes) == 5
    for code in book.walk():
        if code.rules:
            assert len(code.hits) >= 2, code.id
            assert code.misses, code.id
            assert code.definition, code.id
            assert code.include, code.id
            assert code.exclude, code.id


class TestSchema:
    def test_is_valid_and_takes_what_the_reader_takes(self, sample_codebook: Path) -> None:
        schema = codebook_schema()
        jsonschema.Draft202012Validator.check_schema(schema)
        for text in (GOOD, sample_codebook.read_text("utf-8")):
            jsonschema.validate(json.loads(json.dumps(YAML(typ="safe").load(text))), schema)

    @pytest.mark.parametrize(
        "text",
        [
            "name: x",
            "codes: [{nam: x}]",
            "codes: [{id: A}]",
            "codes: [{rules: x}]",
            "codes: [{name: 5}]",
            "codes: [{colour: x}]",
        ],
    )
    def test_refuses_what_the_reader_refuses(self, text: str) -> None:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(YAML(typ="safe").load(text), codebook_schema())
        assert mistakes(text)


names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "M", "Zs")), min_size=1).filter(str.strip)


@given(st.lists(st.tuples(names, st.lists(names, max_size=4)), min_size=1, max_size=6))
def test_whatever_is_quoted_is_kept(codes: list[tuple[str, list[str]]]) -> None:
    import unicodedata

    text = json.dumps(
        {"codes": [{"id": f"c{n}", "name": name, "include": texts} for n, (name, texts) in enumerate(codes)]},
        ensure_ascii=False,
    )
    book = parse_codebook(text)
    expected = [(unicodedata.normalize("NFC", name).strip(), len(texts)) for name, texts in codes]
    assert [(code.name, len(code.include)) for code in book.walk()] == expected


@given(st.text(alphabet="abc:-#[]{}&*!|>'\"%@`, \n\t\r?~", max_size=60))
def test_no_text_makes_the_reader_fail_otherwise_than_by_its_own_error(text: str) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        parse_codebook(text)
    except CodebookError as error:
        problems = error.problems
    assert all(problem.where.startswith("codebook.yaml") and problem.message for problem in problems)


def test_a_large_codebook() -> None:
    text = "codes:\n" + "".join(
        f"  - name: code {code}\n    rules:\n" + "".join(f"      - term {code} {term}\n" for term in range(30))
        for code in range(300)
    )
    book = parse_codebook(text)
    assert sum(len(code.rules) for code in book.walk()) == 9000
    assert book.level("code-299") == 1


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("lists: {nets: [a, {xx: b}]}\ncodes: [{id: a}]", "c.yaml:1:20", "There is no key “xx”."),
        ("codes: [{id: a, retired: yes}]", "c.yaml:1:26", "“retired” must be true or false, not “yes”."),
        ("codes: [{id: a, rules: [{term: x, negated: [a]}]}]", "c.yaml:1:35", "“negated” must be one word."),
        ("codes: [{id: a, rules: [{tokens: [LOWER]}]}]", "c.yaml:1:35", "must be a mapping, not “LOWER”."),
        ("lists: {a b: [x]}\ncodes: [{id: a}]", "c.yaml:1:9", "“a b” is not a valid name of a list."),
    ],
)
def test_mistakes_deep_in_a_file(text: str, where: str, message: str) -> None:
    with pytest.raises(CodebookError) as caught:
        parse_codebook(text, "c.yaml")
    assert [(problem.where, message in problem.message) for problem in caught.value.problems] == [(where, True)]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (r"caf\w+", ["café", "cafés"]),
        (r"[\w]+é[^\w]", ["café,"]),
        (r"\W\w", [" c", " c"]),
        (r"[[]\w", ["[ü"]),
        (r"[]\w]+x", ["]x"]),
        (r"\Q\w\E", [r"\w"]),
        (r"[[:punct:]\w]{2}x", []),
        (r"\\w", [r"\w"]),
    ],
)
def test_letters_of_a_pattern_are_those_of_every_script(pattern: str, found: list[str]) -> None:
    # Worked out by hand; the classes in brackets are where a widening could go wrong.
    text = r"café, cafés [ü ]x \w"
    if pattern == r"\W\w":
        text = "é café cafés"
    assert [match.group() for match in compile_regex(pattern).finditer(text)] == found


class TestRemembering:
    """A codebook whose shape was found right is not shown to pydantic again; everything else stays the same."""

    LOADS = "import sys, qualcode; qualcode.read_codebook(sys.argv[1]); print('pydantic' in sys.modules)"

    def loads_pydantic(self, path: Path) -> bool:
        done = subprocess.run([sys.executable, "-c", self.LOADS, str(path)], capture_output=True, text=True, check=True)
        return done.stdout.strip() == "True"

    def test_each_version_is_checked_once(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("QUALCODE_CACHE", str(tmp_path / "cache"))
        path = tmp_path / "book.yaml"
        path.write_text("codes: [{id: a, rules: [hen]}]", "utf-8")
        assert [self.loads_pydantic(path), self.loads_pydantic(path)] == [True, False]
        path.write_text("codes: [{id: a, rules: [hens]}]", "utf-8")
        assert self.loads_pydantic(path)
        (file,) = (tmp_path / "cache").iterdir()
        file.write_bytes(file.read_bytes()[:-1])
        assert self.loads_pydantic(path)

    def test_mistakes_are_found_each_time(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("QUALCODE_CACHE", str(tmp_path / "cache"))
        twins = "codes: [{id: a}, {id: a}]"  # of the right shape, and yet no codebook
        for text in ("codes: [{id: a, rulez: [hen]}]", twins):
            messages = []
            for _ in range(2):
                with pytest.raises(CodebookError) as caught:
                    parse_codebook(text)
                messages.append([str(problem) for problem in caught.value.problems])
            assert messages[0] == messages[1] != []
