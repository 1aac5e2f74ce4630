"""The worked example of docs/counting.md: its files are written, and every line shown is run and compared."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[1] / "docs" / "counting.md"
TEXT = PAGE.read_text("utf-8")


def test_every_line_of_the_page_prints_what_it_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = re.findall(r"^```\w+ (\S+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert [name for name, _ in files] == ["P1.txt", "P2.txt", "cases.csv", "codebook.yaml"]
    for name, content in files:
        (tmp_path / name).write_text(content, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    session = "\n".join(re.findall(r"^```pycon\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL))
    test = doctest.DocTestParser().get_doctest(session, {}, PAGE.name, str(PAGE), 0)
    report: list[str] = []
    result = doctest.DocTestRunner(verbose=False).run(test, out=report.append)
    assert result.attempted > 15
    assert result.failed == 0, "".join(report)


@pytest.mark.parametrize("number", ["codings", "segments", "words", "transcripts", "cases", "cases_percent"])
def test_every_number_of_the_theme_table_is_defined(number: str) -> None:
    assert f"**{number}**" in TEXT
