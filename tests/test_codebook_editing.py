"""Adding, editing, renaming, moving, merging, splitting and retiring codes in the text of a codebook, and comparing."""

from __future__ import annotations

import difflib
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from qualcode.codebook import (
    Code,
    Codebook,
    Edit,
    add_code,
    add_example,
    compare_codebooks,
    edit_code,
    merge_codes,
    move_code,
    parse_codebook,
    read_text,
    rename_code,
    retire_code,
    split_code,
    write_edit,
)
from qualcode.codebook.nodes import compose_nodes
from qualcode.errors import CodebookError
from qualcode.examples import check_examples

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
    with pytest.raises(CodebookError, match="already retired"):
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
        (lambda: move_code(TEXT, "talk", "", because=WHY), "already at the top"),
        (lambda: merge_codes(TEXT, ["friends"], "friends", because=WHY), "nothing to merge"),
        (lambda: merge_codes(TEXT, ["channels"], "friends", because=WHY), "is below"),
        (lambda: split_code(TEXT, "friends", [], because=WHY), "names of the new codes"),
        (lambda: split_code(TEXT, "friends", ["Talk", "B"], because=WHY), "already a code “talk”"),
        (lambda: split_code(TEXT, "friends", ["朋友"], because=WHY), "is not a new code"),
        (lambda: move_code("codes: [{id: a}, {id: b}]\n", "a", "b", because=WHY), "brackets"),
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


# -- adding, editing, examples ----------------------------------------------------------------------------------------

ODD = """\
# At the top.
name: Odd
codes:
  - id: a   # the first
    definition: >-  # folded
      One text
      and more.

      # no comment, but text
    include: old friends  # why
    exclude:
      # above one
      - one     # beside one
      # above two
      - two
          # below two
      - "three"
    # before the examples
    examples:
      hit: Found it.  # a hit
      miss:
        - Not that.
    rules:
    - found
    # at the end of the rules
    codes: []  # none yet
  - {id: b, definition: 'It''s', include: [x, y], examples: {hit: one}}
  - definition: |
      Kept
       as it is
    id: c
    include:
    examples:
    codes:
  # where is this?
  - id: d
    name: 朋友
    codes: [{id: e}, {id: f, name: "F"}]
    examples: {}
# The end.
"""
COMMENTS = [
    "At the top",
    "the first",
    "folded",
    "above two",
    "below two",
    "before the",
    "a hit",
    "at the end",
    "The end",
]


def merged() -> str:
    return merge_codes(TEXT, ["friends"], "family", because=WHY).text


def without_history(text: str) -> str:
    """Return a text as it is before the entry that an edit adds."""
    return text.partition("\nhistory:")[0]


def change(edit: Edit, old: str) -> list[str]:
    """Return the lines that went and came, without indentation."""
    return [line[0] + line[2:].strip() for line in diff(old, edit.text) if line[2:].strip()]


def test_a_new_code_stands_last_under_its_parent() -> None:
    edit = add_code(TEXT, "Friends abroad", under="channels", definition="Known: from elsewhere.", when="2026-03-01")
    assert tree(edit.text) == ["channels", "channels/friends", "channels/family", "channels/friends-abroad", "talk"]
    assert change(edit, TEXT) == [
        "+- id: friends-abroad",
        "+name: Friends abroad",
        '+definition: "Known: from elsewhere."',
    ]
    at = edit.text.index("- id: friends-abroad")
    assert edit.text[:at] + edit.text[at:].partition("\n\n")[2] != edit.text
    assert "rules: [aunt, uncle, friend]\n\n      - id: friends-abroad\n        name: Friends abroad\n" in edit.text
    assert edit.text.endswith(
        "\nhistory:\n  - date: 2026-03-01\n"
        "    change: Added friends-abroad “Friends abroad” under channels.\n"
        "    codes: [friends-abroad]\n    because: Came up while coding.\n"
    )
    assert (edit.added, edit.touched, edit.mapping, edit.undecided) == (("friends-abroad",), (), {}, ())


def test_a_new_code_without_parent_stands_at_the_top() -> None:
    edit = add_code(TEXT, "Trust", because="Said by all", code_id="faith")
    assert tree(edit.text)[-2:] == ["talk", "faith"]
    assert parse(edit.text).code("faith").name == "Trust"
    assert "        after: channels/friends\n\n  - id: faith\n    name: Trust\n# The end.\n" in edit.text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\ufeff",
        "# only a comment\n",
        "---\n",
        "name: Mine",
        "name: Mine\ncodes:",
        "name: Mine\r\ncodes:\r\n",
        "codes: []  # none yet\n",
        "codes: ~\nname: Mine\n",
        "codes:\n  # write them here\nlists:\n  kin: [aunt]\n",
        "name: Mine\nhistory:\n  - change: begun\n    because: so\n",
        '{"name": "Mine"}',
        "{codes: [ ]}",
    ],
)
def test_the_first_code_of_an_empty_codebook(text: str) -> None:
    edit = add_code(text, "Friends", definition="a, b: [c]")
    codebook = parse(edit.text.removeprefix("\ufeff"))
    assert [(code.id, code.name, code.definition) for code in codebook.walk()] == [("friends", "Friends", "a, b: [c]")]
    assert edit.text.startswith("\ufeff") == text.startswith("\ufeff")
    assert ("\r\n" in edit.text) == ("\r\n" in text)
    for comment in ("# only a comment", "# none yet", "# write them here", "kin: [aunt]", "change: begun"):
        assert (comment in edit.text) == (comment in text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("codes: [{id: a}, {id: b}]\n", 'codes: [{id: a}, {id: b}, {id: n, name: N, definition: "x, y"}]'),
        (
            "codes: [\n  {id: a},  # first\n  {id: b}   # second\n]  # all\n",
            'codes: [\n  {id: a},  # first\n  {id: b},   # second\n  {id: n, name: N, definition: "x, y"}\n]  # all',
        ),
        (
            "codes: [\n  {id: a},\n  {id: b},\n]\n",
            'codes: [\n  {id: a},\n  {id: b},\n  {id: n, name: N, definition: "x, y"},\n]',
        ),
        ("codes: [{id: a},\n  {id: b}]\n", 'codes: [{id: a},\n  {id: b},\n  {id: n, name: N, definition: "x, y"}]'),
        ("codes:\n- {id: a}  # a\n", "codes:\n- {id: a}  # a\n- id: n\n  name: N\n  definition: x, y"),
        (
            "codes: &all\n    -  # here\n      id: a",
            "codes: &all\n    -  # here\n      id: a\n    - id: n\n      name: N",
        ),
    ],
)
def test_a_new_code_in_the_style_of_the_others(text: str, expected: str) -> None:
    edit = add_code(text, "N", definition="x, y")
    assert without_history(edit.text).strip().startswith(expected)
    assert tree(edit.text)[-1] == "n"


def test_a_codebook_in_json_stays_json() -> None:
    import json

    text = '{"codes": [{"id": "a", "name": "A", "examples": {"hit": "one"}}]}\n'
    text = add_code(text, 'Say “hi”, "you"', under="a", definition="1\n2").text
    text = edit_code(text, "a", definition="d", include=["i", "j"]).text
    text = rename_code(text, "a", "AA", because=WHY).text
    text = add_example(text, "a", "two").text
    found = json.loads(text)
    assert found["codes"] == [
        {
            "id": "a",
            "name": "AA",
            "examples": {"hit": ["one", "two"]},
            "codes": [{"id": "say-hi-you", "name": 'Say “hi”, "you"', "definition": "1\n2"}],
            "definition": "d",
            "include": ["i", "j"],
        }
    ]
    assert len(found["history"]) == 4


@pytest.mark.parametrize("parent", ["a", "b", "c", "d", "e", "f", "a/"])
def test_a_new_code_under_any_kind_of_code(parent: str) -> None:
    edit = add_code(ODD, "New one", under=parent.rstrip("/"))
    path = parse(ODD).path(parent.rstrip("/"))
    assert f"{path}/new-one" in tree(edit.text)
    assert [path for path in tree(edit.text) if not path.endswith("new-one")] == tree(ODD)
    assert all(comment in edit.text for comment in COMMENTS)
    assert all(
        line.startswith(("+", "-  - {id: b", "-codes: []", "-codes: [{id: e")) or "{id: b" in line
        for line in change(edit, ODD)
    )


def test_a_code_deep_in_the_tree() -> None:
    text = "codes:\n"
    for depth in range(40):
        text += f"{'    ' * depth}  - id: c{depth}\n" + (f"{'    ' * depth}    codes:\n" if depth < 39 else "")
    edit = add_code(text, "Leaf", under="c39")
    assert parse(edit.text).level("leaf") == 41
    assert add_code(edit.text, "Twin", under="c39").text.count(" " * 162 + "- id: twin\n") == 1


@pytest.mark.parametrize(
    ("name", "code_id"),
    [
        ("Time commitment", "time-commitment"),
        ("Café 24/7", "cafe-24-7"),
        ("2024", "2024"),
        ("talk!", "talk-2"),
        ("朋友", "code-677aad"),
        ("CLAP 計劃", "clap-73cfea"),
        ("We never could find a date that suited the whole studio", "we-never-could-find-a-date-that-suited"),
        ("x" * 60, "x" * 40),
    ],
)
def test_an_id_is_made_of_the_name(name: str, code_id: str) -> None:
    assert add_code(TEXT, name).added == (code_id,)
    assert parse(add_code(TEXT, name).text).code(code_id).name == name


def test_an_id_that_was_merged_away_is_not_given_again() -> None:
    """A copy of the study may still hold codings with it."""
    assert add_code(merged(), "Friends").added == ("friends-2",)
    with pytest.raises(CodebookError, match="code that no longer exists"):
        split_code(merged(), "talk", ["Friends", "Others"], because=WHY)


def test_the_id_of_a_chinese_name_is_the_same_wherever_it_is_added() -> None:
    one = add_code(TEXT, "家人", under="channels").added
    other = add_code(add_code("", "朋友").text, unicodedata.normalize("NFD", " 家人 ")).added
    assert one == other
    assert one != add_code(TEXT, "朋友").added


@pytest.mark.parametrize(
    ("make", "message", "hint"),
    [
        (lambda: add_code(TEXT, " "), "needs a name", "a word or two"),
        (lambda: add_code(TEXT, "FRIENDS"), "already a code named “Friends”", "channels/friends"),
        (lambda: add_code(TEXT, "New", under="chanels"), "no code “chanels”", "channels"),
        (lambda: add_code(TEXT, "New", code_id="talk"), "already a code “talk”", "talk-2"),
        (lambda: add_code(TEXT, "New", code_id="My Id"), "must consist of lower-case letters", "my-id"),
        (lambda: add_code(TEXT, "New", code_id="朋友"), "must consist of lower-case letters", "code-677aad"),
        (lambda: add_code(retire_code(TEXT, "talk", because=WHY).text, "New", under="talk"), "is retired", "another"),
        (lambda: add_code(TEXT, "\udcff"), "cannot be saved", "again"),
        (
            lambda: add_code(merged(), "Friend", code_id="friends"),
            "belonged to a code that no longer exists",
            "friends-2",
        ),
        (lambda: add_code("codes: [{idd: a}]\n", "New"), "cannot be used", ""),
        (lambda: add_code("just words\n", "New"), "cannot be used", ""),
        (lambda: edit_code(TEXT, "friends"), "nothing to change", "definition"),
        (lambda: edit_code(TEXT, "friends", include="old  friends".replace("  ", " ")), "nothing to change", "include"),
        (lambda: edit_code(TEXT, "freinds", definition="x"), "no code “freinds”", "channels/friends"),
        (lambda: add_example(TEXT, "friends", " \n "), "needs words", "passage"),
        (lambda: add_example(TEXT, "friends", "A friend  came. "), "is a hit of", "another"),
        (lambda: add_example(TEXT, "friends", "A friend came.", kind="miss"), "is a hit of", "Delete it there"),
    ],
)
def test_what_cannot_be_added_is_refused_with_a_hint(make: Callable[[], Edit], message: str, hint: str) -> None:
    with pytest.raises(CodebookError, match=message) as caught:
        make()
    assert hint in caught.value.hint
    assert caught.value.where.startswith("codebook.yaml")


def test_a_definition_is_set_where_there_was_none() -> None:
    edit = edit_code(TEXT, "family", definition="Aunts: and all.", when="2026-03-01")
    assert change(edit, TEXT) == ['+definition: "Aunts: and all."']
    assert edit.touched == ("family",)
    assert "change: Edited the definition of family." in edit.text


def test_a_definition_in_a_block_stays_in_one() -> None:
    long = "Word " * 30 + "end."
    edit = edit_code(ODD, "a", definition=long)
    assert parse(edit.text).code("a").definition == long
    assert "    definition: >-  # folded\n      Word Word" in edit.text
    assert max(map(len, edit.text.splitlines())) <= 110
    kept = edit_code(ODD, "c", definition="Line one\n\nline: two  \n# three")
    assert "  - definition: |\n      Line one\n\n      line: two\n      # three\n    id: c\n" in kept.text
    assert parse(kept.text).code("c").definition == "Line one\n\nline: two\n# three"


@pytest.mark.parametrize(
    ("code", "given", "lines"),
    [
        ("a", {"include": "new friends"}, ["-include: old friends  # why", "+include: new friends  # why"]),
        (
            "a",
            {"include": ["old friends", "b: c"]},
            ["-include: old friends  # why", "+include:  # why", "+- old friends", '+- "b: c"'],
        ),
        ("a", {"exclude": ["one", "two", "three", "four"]}, ["+- four"]),
        ("a", {"exclude": ["one", "new", "three"]}, ["-# above two", "-- two", "-# below two", "+- new"]),
        ("a", {"exclude": "two"}, ["-# above one", "-- one     # beside one", '-- "three"']),
        ("c", {"include": "i"}, ["-include:", "+include: i"]),
        ("c", {"include": ["i", "j"]}, ["+- i", "+- j"]),
        ("c", {"definition": ""}, ["-- definition: |", "-Kept", "-as it is", "-id: c", "+- id: c"]),
        ("d", {"exclude": "e"}, ["+exclude: e"]),
    ],
)
def test_an_edit_changes_the_lines_meant(code: str, given: dict[str, Any], lines: list[str]) -> None:
    edit = edit_code(ODD, code, **given)
    assert sorted(change(edit, ODD)) == sorted(lines)
    found = parse(edit.text).code(code)
    for key, value in given.items():
        wanted = value if key == "definition" else (value,) if isinstance(value, str) else tuple(value)
        assert getattr(found, key) == wanted


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize("key", ["definition:", "include: ~", "include: x", "examples:", "exclude: [x]", "rules: [w]"])
def test_the_last_line_may_have_no_end(key: str, end: str) -> None:
    text = f"codes:\n  - id: a\n    {key}{end}"
    edit = edit_code(text, "a", definition="d", include=["i", "j"], exclude="e")
    edit = add_example(add_code(edit.text, "B", under="a").text, "a", "q")
    code = parse(edit.text).code("a")
    assert (code.definition, code.include, code.exclude) == ("d", ("i", "j"), ("e",))
    assert ([one.text for one in code.hits], [one.id for one in code.codes]) == (["q"], ["b"])


def test_texts_in_brackets_stay_in_brackets() -> None:
    edit = edit_code(ODD, "b", definition="It's, now", include=["x", "y", "z, 1"], exclude="n")
    line = next(line for line in edit.text.splitlines() if "{id: b" in line)
    assert line == (
        "  - {id: b, definition: 'It''s, now', include: [x, y, \"z, 1\"], examples: {hit: one}, exclude: n}"
    )
    gone = edit_code(edit.text, "b", definition="", include=[], exclude=())
    assert "  - {id: b, examples: {hit: one}}\n" in gone.text


def test_what_is_told_elsewhere_is_not_changed_there() -> None:
    text = (
        "codes:\n  - id: a\n    definition: &d Shared\n    exclude: &e [x]\n"
        "  - id: b\n    definition: *d\n    exclude: *e\n    colour: '#000000'\n"
    )
    edit = edit_code(text, "b", definition="Own")
    assert [code.definition for code in parse(edit.text).walk()] == ["Shared", "Own"]
    assert parse(edit_code(text, "b", exclude=[]).text).code("b").exclude == ()
    for texts in (["x", "y"], "y"):
        with pytest.raises(CodebookError, match="is an alias"):
            edit_code(text, "b", exclude=texts)
    with pytest.raises(CodebookError, match="could not be used"):
        edit_code(text, "a", definition="Own")


@pytest.mark.parametrize("code", ["a", "b", "c", "d", "e"])
@pytest.mark.parametrize("kind", ["hit", "miss"])
def test_an_example_is_put_last(code: str, kind: Any) -> None:
    edit = add_example(ODD, code, "He said: “no”,\n  then left. ", kind=kind)
    old, new = parse(ODD).code(code), parse(edit.text).code(code)
    fresh = "He said: “no”, then left."
    wanted = {"hit": [one.text for one in old.hits], "miss": [one.text for one in old.misses]}
    wanted[kind].append(fresh)
    assert [one.text for one in new.hits] == wanted["hit"]
    assert [one.text for one in new.misses] == wanted["miss"]
    assert all(comment in edit.text for comment in COMMENTS)
    assert (edit.touched, edit.problems) == ((), ())
    assert f"as a {kind} of {code}." in edit.text


def test_a_contradiction_between_rules_and_a_new_example_is_told() -> None:
    found = add_example(TEXT, "friends", "A friend of mine.", check=check_examples)
    assert found.problems == ()
    missed = add_example(TEXT, "channels/friends", "Somebody I knew.", check=check_examples)
    assert [one.rule for one in missed.problems] == ["example-not-found"]
    assert parse(missed.text).code("friends").hits[-1].text == "Somebody I knew."
    line = int(missed.problems[0].where.split(":")[1])
    assert "Somebody I knew." in missed.text.splitlines()[line - 1]
    wrong = add_example(TEXT, "friends", "My friend.", kind="miss", check=check_examples)
    assert [one.rule for one in wrong.problems] == ["example-found"]
    by_hand = add_example("codes: [{id: a}]\n", "a", "Anything.", check=check_examples)
    assert by_hand.problems == ()
    again = add_example(missed.text, "friends", "One more friend.", check=check_examples)
    assert again.problems == ()


def test_a_long_quote_is_short_in_the_history() -> None:
    edit = add_example(TEXT, "talk", "word " * 50)
    told = next(line for line in edit.text.splitlines() if "change: " in line)
    assert "…" in told
    assert len(told) < 120


WORDS = st.text(st.characters(codec="utf-8"), max_size=60)


def as_read(words: str) -> str:
    """Return a text as a codebook gives it back: NFC, on one line or trimmed lines."""
    words = unicodedata.normalize("NFC", words.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line.strip() for line in words.strip().split("\n")).strip()


def styles(text: str) -> list[str]:
    return [text, text.replace("\n", "\r\n"), "\ufeff" + text, text.rstrip("\n").removesuffix("# The end.").rstrip()]


@given(st.sampled_from(styles(ODD) + styles(TEXT)), st.data(), WORDS, st.lists(WORDS, max_size=3))
def test_any_words_can_be_put_anywhere_and_nothing_else_changes(
    text: str, data: st.DataObject, words: str, texts: list[str]
) -> None:
    before = parse(text.removeprefix("\ufeff"))
    code = data.draw(st.sampled_from([code.id for code in before.walk()]))
    edits = [
        add_code(text, f"N {words}", under=code, definition=words),
        edit_code(text, code, definition=f"d {words}", include=[*texts, "i"], exclude=f"e {words}"),
        add_example(text, code, f"x {words}", kind=data.draw(st.sampled_from(["hit", "miss"]))),
    ]
    for edit in edits:
        after = parse(edit.text.removeprefix("\ufeff"))
        assert edit.text.startswith("\ufeff") == text.startswith("\ufeff")
        changed = {code, *edit.added}
        for one in before.walk():
            if one.id not in changed:
                assert own(one) == own(after.code(one.id))
        assert edit.text.count("\r\n") == edit.text.count("\n") or "\r\n" not in text
    assert parse(edits[0].text.removeprefix("\ufeff")).code(edits[0].added[0]).definition == as_read(words)
    edited = parse(edits[1].text.removeprefix("\ufeff")).code(code)
    assert edited.definition == as_read(f"d {words}")
    assert edited.include == tuple(dict.fromkeys(filter(None, map(as_read, [*texts, "i"]))))
    assert edited.exclude == (as_read(f"e {words}"),)


@given(st.sampled_from(["\n", "\r\n"]), st.sampled_from([TEXT, ODD, TEXT.replace("Friends", "朋友😀")]))
def test_libyaml_and_the_other_parser_see_the_same_places(newline: str, text: str) -> None:
    def places(node: Any) -> list[object]:
        is_there = node.end_mark.index > node.start_mark.index
        own = [node.start_mark.index, node.end_mark.index, node.start_mark.column] if is_there else []
        own += [node.value if isinstance(node.value, str) else node.flow_style, getattr(node, "style", None) or ""]
        parts = node.value if isinstance(node.value, list) else ()
        inner = [one for part in parts for one in (part if isinstance(part, tuple) else (part,))]
        return own + [place for one in inner for place in places(one)]

    text = text.replace("\n", newline)
    assert places(compose_nodes(text)) == places(YAML(typ="safe", pure=True).compose(text))
