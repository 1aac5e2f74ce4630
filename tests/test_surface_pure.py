"""The pure functions of the page, run in Node, on the same examples as their counterparts in Python."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from browsing import find_node

from qualcode.drawing import join_modules
from qualcode.language import count_words
from qualcode.model import Span
from qualcode.passages import move_edge
from qualcode.surface import KEYS

HERE = Path(__file__).parent / "surface"
STATIC = Path(__file__).parents[1] / "qualcode" / "drawing" / "static"
VECTORS = json.loads((HERE / "vectors.json").read_text("utf-8"))


@pytest.mark.parametrize(("text", "start", "end", "edge", "step", "first", "last"), VECTORS["moves"])
def test_edges_move_as_the_page_moves_them(
    text: str, start: int, end: int, edge: str, step: int, first: int, last: int
) -> None:
    assert move_edge(text, Span(start, end), edge, step, Span(0, len(text))) == Span(first, last)


@pytest.mark.parametrize(("text", "count"), VECTORS["counts"])
def test_words_are_counted_as_the_page_counts_them(text: str, count: int) -> None:
    assert count_words(text) == count


def test_in_node() -> None:
    done = subprocess.run(
        [find_node(), "--test", str(HERE / "pure.test.mjs")],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("entry", ["page", "pack", "report", "names"])
def test_the_modules_join_to_one_script_that_names_nothing_twice(entry: str, tmp_path: Path) -> None:
    script = tmp_path / "joined.mjs"
    text = join_modules(entry)
    script.write_text(text, "utf-8")
    done = subprocess.run(
        [find_node(), "--check", str(script)], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert not re.search(r"^(import|export) ", text, re.MULTILINE)


def test_no_module_writes_markup() -> None:
    """Text of users is only ever set as text."""
    wrong = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|DOMParser")
    assert [path.name for path in STATIC.glob("*.js") if wrong.search(path.read_text("utf-8"))] == []


def test_every_key_has_an_act_and_every_key_one_meaning() -> None:
    acts = (STATIC / "acts.js").read_text("utf-8")
    named = set(re.findall(r'^  "?([a-z-]+)"?: \(app', acts, re.MULTILINE))
    assert {one.act for one in KEYS} - named == set()
    keys = [key for one in KEYS for key in one.keys]
    assert len(keys) == len(set(keys))


def test_letters_mean_what_they_mean_in_the_terminal() -> None:
    from qualcode.cli._keys import REVIEW

    terminal = {key: one.words for one in REVIEW if one.shown for key in one.shown.split()[:1]}
    page = {one.shown.split()[0]: one.words for one in KEYS}
    same = {
        "a": "accept", "r": "remove", "x": "other code", "c": "give a code", "e": "last code", "n": "note", "m": "memo",
        "i": "new code", "d": "defin", "t": "example", "-": "cut", "+": "add", "=": "move", "[": "begin a word later",
        "?": "keys", ".": "go on", "u": "undo", "/": "search", "f": "code", "g": "next hit", "b": "come back",
    }  # fmt: skip
    for key, word in same.items():
        assert word in page[key].lower(), key
        assert key in terminal
