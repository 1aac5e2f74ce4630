"""Renaming, moving, merging, splitting and retiring codes in the text of a codebook, and comparing two versions."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import pytest

from qualcode.codebook import Code, Codebook, parse_codebook
from qualcode.codebook.comparing import compare_codebooks
from qualcode.codebook.editing import (
    Edit,
    merge_codes,
    move_code,
    read_text,
    rename_code,
    retire_code,
    split_code,
    write_edit,
)
from qualcode.errors import CodebookError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = """\
# A codebook with everything that is easily lost.
name:   My study      # two blanks too many
codes:
  # The first theme.
  - id: channels
    name: "Channels"   # in quotes
    codes:
      # On friends.
      - id: friends
        name: Friends
        definition: >-
          People known
          from elsewhere.
        include: old friends
        examples: {hit: [A friend came.], miss: [A fiend came.]}
        rules:
          # a comment on a rule
          - friend
          - regex: '(?i)\\bpals?\\b'
            id: pals
          # the last comment under friends

      - id: family
        name: 'Family'
        include: [aunts, "uncles"]
        rules: [aunt, uncle, friend]

  - id: talk
    name: Talk
    rules:
      - term: chat
        after: channels/friends
# The end.
"""
WHY = "They were never told apart."


def diff(old: str, new: str) -> list[str]:
    """Return the lines that went and came, without those of the history."""
    lines = difflib.ndiff(old.splitlines(), new.partition("\nhistory:")[0].splitlines())
    return [line for line in lines if line[:2] in {"- ", "+ "} and line.strip() not in {"+", "-"}]


def tree(text: str) -> list[str]:
    return [f"{parse(text).path(code.id)}" for code in parse(text).walk()]


def parse(text: str) -> Codebook:
    return parse_codebook(text)


def test_a_rename_is_one_line() -> None:
    edit = rename_code(TEXT, "channels/friends", "Friends: old and new", because=WHY, when="2026-03-01")
    assert diff(TEXT, edit.text) == ["-         name: Friends", '+         name: "Friends: old and new"']
    assert edit.mapping == {}
    assert edit.touched == ("friends",)
    assert edit.text.startswith(TEXT[:200])
    assert edit.text.endswith(
        "# The end.\n\nhistory:\n  - date: 2026-03-01\n"
        '    change: "Renamed friends from “Friends” to “Friends: old and new”."\n'
        "    codes: [friends]\n    because: They were never told apart.\n"
    )


@pytest.mark.parametrize(
    ("code", "line"), [("channels", '    name: "Ways"   # in quotes'), ("family", "        name: 'Ways'")]
)
def test_a_rename_keeps_quotes_and_comments(code: str, line: str) -> None:
    edit = rename_code(TEXT, code, "Ways", because=WHY)
    assert line in edit.text.splitlines()
    assert len(diff(TEXT, edit.text)) == 2


def test_a_rename_keeps_the_id_that_was_made_of_the_name() -> None:
    edit = rename_code(
        "codes:\n  - name: Time commitment\n    rules: [hours]\n", "time-commitment", "Hours", because=WHY
    )
    assert [(code.id, code.name) for code in parse(edit.text).walk()] == [("time-commitment", "Hours")]


def test_a_code_without_name_gets_one() -> None:
    edit = rename_code("codes:\n- id: one\n- id: two\n", "one", "The first", because=WHY)
    assert edit.text.startswith("codes:\n- id: one\n  name: The first\n- id: two\n")


def test_a_move_takes_the_comments_along_and_rules_still_name_the_code() -> None:
    edit = move_code(TEXT, "friends", "talk", because=WHY)
    assert tree(edit.text) == ["channels", "channels/family", "talk", "talk/friends"]
    assert "        after: friends\n" in edit.text
    moved = edit.text[edit.text.index("      # On friends.") : edit.text.index("# The end.")]
    assert moved == TEXT[TEXT.index("      # On friends.") : TEXT.index("\n      - id: family")]
    assert parse(edit.text).code("friends").definition == "People known from elsewhere."
    assert edit.touched == ("friends",)


def test_a_move_to_the_top_shifts_the_lines() -> None:
    edit = move_code(TEXT, "friends", "", because=WHY)
    assert tree(edit.text) == ["channels", "channels/family", "talk", "friends"]
    assert (
        "\n  # On friends.\n  - id: friends\n    name: Friends\n    definition: >-\n      People known\n" in edit.text
    )


def test_moving_the_only_child_leaves_no_empty_list() -> None:
    text = "codes:\n  - id: a\n    codes:\n      - id: b\n        codes:\n          - id: c\n  - id: d\n"
    edit = move_code(text, "b", "d", because=WHY)
    assert tree(edit.text) == ["a", "d", "d/b", "d/b/c"]
    assert edit.text.startswith(
        "codes:\n  - id: a\n  - id: d\n    codes:\n      - id: b\n        codes:\n          - id: c\n"
    )


def test_a_merge_brings_rules_examples_and_children() -> None:
    edit = merge_codes(TEXT, ["channels/friends"], "family", because=WHY)
    family = parse(edit.text).code("family")
    assert tree(edit.text) == ["channels", "channels/family", "talk"]
    assert [rule.id for rule in family.rules] == ["aunt", "uncle", "friend", "pals"]
    assert family.include == ("aunts", "uncles", "old friends")
    assert [example.text for example in family.hits] == ["A friend came."]
    assert [example.text for example in family.misses] == ["A fiend came."]
    assert parse(edit.text).code("talk").rules[0].after == "family"
    assert edit.mapping == {"friends": "family"}
    assert edit.touched == ("friends", "family")
    assert "People known from elsewhere." in edit.text.partition("history:")[2]


def test_a_merge_into_a_block_keeps_the_comments_of_both() -> None:
    edit = merge_codes(TEXT, ["family"], "friends", because=WHY)
    friends = parse(edit.text).code("friends")
    assert [rule.id for rule in friends.rules] == ["friend", "pals", "aunt", "uncle"]
    assert friends.include == ("old friends", "aunts", "uncles")
    assert "          # a comment on a rule\n          - friend\n" in edit.text
    assert "          # the last comment under friends\n" in edit.text


def test_a_merge_moves_what_lies_below() -> None:
    text = "codes:\n  - id: a\n    codes:\n      - id: b\n        codes: [{id: c}]\n  - id: d\n"
    with pytest.raises(CodebookError, match="brackets"):
        merge_codes(text, ["b"], "d", because=WHY)
    text = text.replace("[{id: c}]", "\n          - id: c\n          - id: e")
    edit = merge_codes(text, ["b"], "a", because=WHY)
    assert tree(edit.text) == ["a", "a/c", "a/e", "d"]


def test_a_split_leaves_the_codings_for_a_person() -> None:
    edit = split_code(TEXT, "friends", ["Old friends", "new=New: ones"], because=WHY)
    assert tree(edit.text)[1:4] == ["channels/friends", "channels/friends/old-friends", "channels/friends/new"]
    assert edit.undecided == ("friends",)
    assert edit.mapping == {}
    beside = split_code(TEXT, "friends", ["Old friends", "new=New: ones"], because=WHY, place="beside")
    assert tree(beside.text)[1:4] == ["channels/friends", "channels/old-friends", "channels/new"]
    assert [code.name for code in parse(beside.text).walk()][2:4] == ["Old friends", "New: ones"]


def test_a_retired_code_stays_without_rules() -> None:
    edit = retire_code(TEXT, "friends", because=WHY)
    assert diff(TEXT, edit.text) == ["+         retired: true"]
    friends = parse(edit.text).code("friends")
    assert friends.is_retired
    assert friends.rules == ()
    with pytest.raises(CodebookError, match="retired already"):
        retire_code(edit.text, "friends", because=WHY)


def test_changes_follow_one_another_in_the_history() -> None:
    text = rename_code(TEXT, "talk", "Talks", because="One.").text
    text = retire_code(text, "family", because="Two.").text
    assert text.count("history:") == 1
    assert text.index("because: One.") < text.index("because: Two.")


@pytest.mark.parametrize(
    "text", [TEXT.replace("\n", "\r\n"), "\ufeff" + TEXT, TEXT.removesuffix("# The end.\n").rstrip()]
)
def test_line_ends_and_byte_order_mark_stay(text: str) -> None:
    for edit in (
        rename_code(text, "friends", "Pals", because=WHY),
        move_code(text, "friends", "talk", because=WHY),
        merge_codes(text, ["friends"], "family", because=WHY),
        split_code(text, "talk", ["A", "B"], because=WHY),
    ):
        assert edit.text.startswith(text[:60])
        assert edit.text.count("\n") == edit.text.count("\r\n") or "\r" not in edit.text
        parse(edit.text.removeprefix("\ufeff"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: rename_code(TEXT, "friends", "Pals", because="  "), "needs a reason"),
        (lambda: rename_code(TEXT, "freinds", "Pals", because=WHY), "no code “freinds”"),
        (lambda: rename_code(TEXT, "friends", "Friends", because=WHY), "already"),
        (lambda: move_code(TEXT, "channels", "friends", because=WHY), "under itself"),
        (lambda: move_code(TEXT, "friends", "channels", because=WHY), "already"),
        (lambda: move_code(TEXT, "talk", "", because=WHY), "at the top already"),
        (lambda: merge_codes(TEXT, ["friends"], "friends", because=WHY), "nothing to merge"),
        (lambda: merge_codes(TEXT, ["channels"], "friends", because=WHY), "lies below"),
        (lambda: split_code(TEXT, "friends", [], because=WHY), "names of the new codes"),
        (lambda: split_code(TEXT, "friends", ["Talk", "B"], because=WHY), "is a code “talk” already"),
        (lambda: split_code(TEXT, "friends", ["朋友"], because=WHY), "names no new code"),
        (lambda: rename_code("codes: [{id: a}]\n", "a", "B", because=WHY), "brackets"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_hint(make: Callable[[], Edit], message: str) -> None:
    with pytest.raises(CodebookError, match=message) as caught:
        make()
    assert caught.value.hint
    assert caught.value.where.startswith("codebook.yaml")


def test_the_sample_codebook_changes_in_the_lines_meant(sample_codebook: Path) -> None:
    text = sample_codebook.read_text("utf-8")
    for code in parse(text).walk():
        if code.id in {"channels", "scheduling", "personal-networks"}:
            edit = rename_code(text, code.id, "Another name", because=WHY)
            assert [line.split(":")[0].strip(" +-") for line in diff(text, edit.text)] == ["name", "name"]
            assert len(edit.text.splitlines()) == len(text.splitlines()) + 5
    moved = move_code(text, "personal-networks", "challenges", because=WHY)
    old, new = parse(text), parse(moved.text)
    assert {code.id: own(code) for code in new.walk()} == {code.id: own(code) for code in old.walk()}
    assert sorted(moved.text.partition("\nhistory:")[0].split()) == sorted(text.split())


def own(code: Code) -> tuple[object, ...]:
    return code.name, code.definition, code.rules, code.hits, code.misses, code.include, code.exclude


def test_an_edit_is_written_whole_or_not_at_all(write: Callable[[str, str], Path]) -> None:
    path = write("book.yaml", TEXT)
    before = read_text(path)
    edit = rename_code(before, "talk", "Talks", because=WHY)
    write_edit(path, edit, before)
    assert path.read_text("utf-8") == edit.text
    assert list(path.parent.iterdir()) == [path]
    with pytest.raises(CodebookError, match="in the meantime"):
        write_edit(path, edit, before)


def test_a_comparison_names_every_change() -> None:
    old = parse("codes:\n- {id: a, name: A, rules: [x, y], definition: d}\n- {id: b}\n- {id: c}\n- {id: gone}\n")
    new = parse(
        "codes:\n- {id: a, name: AA, rules: [y, {term: x, unless: z}], definition: e, include: i, colour: '#000000'}\n"
        "- id: b\n  retired: true\n  codes: [{id: c, examples: {hit: h}}]\n- {id: new, name: New}\n"
    )
    assert [(one.kind, one.code, one.old, one.new) for one in compare_codebooks(old, new)] == [
        ("renamed", "a", "A", "AA"),
        ("definition", "a", "d", "e"),
        ("colour", "a", "", "#000000"),
        ("include", "a", "", "i"),
        ("rules", "a", "x", "x unless z"),
        ("retired", "b", "in use", "retired"),
        ("moved", "c", "c", "b/c"),
        ("examples", "c", "", "hit: h"),
        ("added", "new", "", "New"),
        ("removed", "gone", "Gone", ""),
    ]
    assert compare_codebooks(old, old) == []
