"""Nothing that stands in a file steers a terminal, a page, a figure or a document; right-to-left text reads well."""

from __future__ import annotations

import base64
import contextlib
import re
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from qualcode.cli import cli
from qualcode.codebook import parse_codebook
from qualcode.signs import escape, tame

if TYPE_CHECKING:
    from pathlib import Path

STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
EVIL = "\x1b[31mX\u202eevil\u2066\u200f\x07\x85"
HEBREW = "אין לנו זמן"


@given(st.text())
def test_nothing_steers_and_nothing_moves(text: str) -> None:
    tamed = tame(text)
    assert len(tamed) == len(text)
    assert not STEERING.search(tamed)
    assert all(
        new == old for new, old in zip(tamed, text, strict=True) if not STEERING.match(old) and old.isprintable()
    )


@pytest.mark.parametrize("text", [HEBREW, "لا وقت لدينا", "我們沒有時間\n", "a\tb", "👩\u200d🎓", "नहीं\u200c"])
def test_what_people_write_stays(text: str) -> None:
    assert tame(text) == text


def test_html_is_escaped_and_tamed() -> None:
    assert escape('<b a="\u202e">') == "&lt;b a=&quot;\ufffd&quot;&gt;"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A job of which every part tries to steer: words, labels, names of files, codes and cases."""
    talk = f"I: Do you have time {EVIL}?\nAn{EVIL}: No time {EVIL} here. {HEBREW}.\nI: So?\nAn{EVIL}: No time.\n"
    try:
        (tmp_path / "P1\x1b[31m\u202etxt.txt").write_text(talk, encoding="utf-8")
    except OSError:  # where no file can have such a name
        (tmp_path / "P1\u202etxt.txt").write_text(talk, encoding="utf-8")
    name = r'"Time \e[31m\u202Eevil\u200F"'
    (tmp_path / "book.yaml").write_text(f"name: {name}\ncodes:\n  - id: time\n    name: {name}\n    rules: [time]\n")
    (tmp_path / "cases.csv").write_text(f"case,speaker,role\nC{EVIL},An{EVIL},boss{EVIL}\n", encoding="utf-8")
    return tmp_path


def call(folder: Path, *words: str):
    talk = next(folder.glob("P1*"))
    given = [str(talk), "--codebook", str(folder / "book.yaml"), "--cases", str(folder / "cases.csv")]
    return CliRunner().invoke(cli, [words[0], *given, *words[1:]])


@pytest.mark.parametrize("words", [("themes", "--by", "role"), ("quotes",), ("themes",)])
def test_nothing_steers_the_terminal(folder: Path, words: tuple[str, ...]) -> None:
    result = call(folder, *words)
    assert result.exit_code in {0, 3}, result.output
    assert "Time" in result.stdout
    assert not STEERING.search(result.stdout)
    assert not STEERING.search(result.stderr)


def test_an_error_does_not_steer_the_terminal(folder: Path) -> None:
    result = CliRunner().invoke(cli, ["codebook", "check", str(folder / f"no{EVIL}.yaml")])
    assert result.exit_code == 1
    assert "evil" in result.stderr
    assert not STEERING.search(result.stderr)
    assert not STEERING.search(CliRunner().invoke(cli, ["codebook", "show", str(folder / "book.yaml")]).stdout)


def test_data_is_what_was_said(folder: Path) -> None:
    assert "\u202e" in call(folder, "quotes", "--format", "csv").stdout


def unpack(blob: str) -> str:
    """Return what a page has packed; ``""`` where it is no pack."""
    for bits in (-15, 15, 31):
        with contextlib.suppress(ValueError, zlib.error):
            return zlib.decompress(base64.b64decode(blob + "=" * (-len(blob) % 4)), bits).decode("utf-8")
    return ""


def test_nothing_steers_what_a_run_writes_for_people(folder: Path) -> None:
    out = folder / "out"
    assert call(folder, "run", "--out", str(out)).exit_code in {0, 3}
    pages = [path for path in out.rglob("*") if path.suffix in {".html", ".svg", ".md", ".tex"}]
    assert {path.suffix for path in pages} == {".html", ".svg", ".md", ".tex"}
    texts = {path.name: path.read_text(encoding="utf-8") for path in pages}
    for document in [*out.rglob("*.docx"), *out.rglob("*.xlsx")]:
        with zipfile.ZipFile(document) as package:
            texts |= {
                f"{document.name}/{part}": package.read(part).decode() for part in package.namelist() if ".xml" in part
            }
    assert {name for name, text in texts.items() if STEERING.search(text.replace("\r\n", "\n"))} == set()
    assert not [path.name for path in out.rglob("*") if STEERING.search(path.name)]
    page = next(text for name, text in texts.items() if name.endswith(".html"))
    packed = [unpack(blob) for blob in re.findall(r"[A-Za-z0-9+/]{40,}={0,2}", page)]
    assert HEBREW in "".join(packed)
    assert [one for one in packed if STEERING.search(one)] == []
    assert "<bdi>Time" in page


def test_a_codebook_shows_itself_in_a_notebook_without_steering_it() -> None:
    book = parse_codebook('name: "B\\u202E"\ncodes:\n  - id: a\n    name: "N\\e<b>"\n    rules: ["x\\u202E"]\n')
    shown = book._repr_html_()
    assert "N\ufffd&lt;b&gt;" in shown
    assert not STEERING.search(shown)
