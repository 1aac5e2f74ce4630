"""The page for the researcher is true: its keys are those of the page."""

from __future__ import annotations

from pathlib import Path

from qualcode.surface import format_table

DOCS = Path(__file__).parents[1] / "docs" / "coding.md"


def test_the_keys_of_the_documentation_are_those_of_the_page() -> None:
    assert format_table() in DOCS.read_text("utf-8"), "print it with: qualcode.surface.format_table()"
