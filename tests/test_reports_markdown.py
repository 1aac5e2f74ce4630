"""The Markdown report, read back by a parser of CommonMark with tables."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from interviews import coding, interview, sheet
from markdown_it import MarkdownIt
from reporting import HOSTILE, hostile_report, make_report, small_report

from qualcode.codebook import Code, Codebook
from qualcode.reports import write_report, write_results
from qualcode.reports.markdown import escape
from qualcode.reports.phrases import clean

if TYPE_CHECKING:
    from pathlib import Path

    from markdown_it.token import Token

    from qualcode.reports import Report

PARSER = MarkdownIt("commonmark").enable("table")


def parse(report: Report, folder: Path) -> list[Token]:
    return PARSER.parse(write_report(report, folder / "report.md").read_text("utf-8"))


def text_of(token: Token) -> str:
    """Return what a reader sees of a line."""
    breaks = {"softbreak", "hardbreak"}
    return "".join("\n" if child.type in breaks else child.content for child in token.children or ())


def texts(tokens: list[Token], opening: str) -> list[str]:
    """Return the texts of what one kind of token opens."""
    return [text_of(after) for token, after in itertools.pairwise(tokens) if token.type == opening]


def tables(tokens: list[Token]) -> list[list[list[str]]]:
    found: list[list[list[str]]] = []
    for token, after in itertools.pairwise(tokens):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type in {"th_open", "td_open"}:
            found[-1][-1].append(text_of(after))
    return found


class TestContent:
    def test_headings(self, tmp_path: Path) -> None:
        tokens = parse(small_report(), tmp_path)
        heads = [
            f"{token.tag} {text_of(after)}"
            for token, after in itertools.pairwise(tokens)
            if token.type == "heading_open"
        ]
        assert heads == [
            "h1 Partners", "h2 Methods", "h2 Participants", "h2 Themes", "h2 Codes that occur together", "h2 Codebook",
            "h2 Quotes", "h3 Channels", "h4 Alumni", "h4 Friends", "h3 Challenges", "h4 Time", "h5 Clash",
            "h2 What was not counted", "h2 Inputs and versions",
        ]  # fmt: skip

    def test_the_theme_table_is_that_of_word(self, tmp_path: Path) -> None:
        themes = tables(parse(small_report(), tmp_path))[1]
        assert themes[0] == ["Theme and sub-theme", "Definition", "Participants, n (%)", "Turns", "Illustrative quote"]
        assert themes[1] == ["Channels", "How partners are found.", "2 (100)", "3", ""]
        assert themes[6] == [
            "\u2003\u2003Clash", "", "1 (50)", "1", "“We had a clash with the alumni day.” (Ana, t002)",
        ]  # fmt: skip
        assert {len(row) for row in themes} == {5}

    def test_references_name_their_tables(self, tmp_path: Path) -> None:
        paragraphs = texts(parse(small_report(), tmp_path), "paragraph_open")
        assert "Table 1 lists the participants and what they contributed." in paragraphs
        assert "Table 1. Participants and their share of the talk" in paragraphs

    def test_figures_in_words_or_beside_the_file(self, tmp_path: Path) -> None:
        alone = write_report(small_report(), tmp_path / "alone.md").read_text("utf-8")
        assert "each case is a participant). Alt text of themes." in alone
        assert "![" not in alone
        write_results(small_report(), tmp_path / "all")
        tokens = PARSER.parse((tmp_path / "all" / "report.md").read_text("utf-8"))
        pictures = [child for token in tokens for child in token.children or () if child.type == "image"]
        kinds = ("themes", "cases", "codelines", "cooccurrence")
        assert [(one.attrs["src"], one.content) for one in pictures] == [
            (f"figures/{kind}.png", f"Alt text of {kind}.") for kind in kinds
        ]
        assert all((tmp_path / "all" / str(one.attrs["src"])).exists() for one in pictures)

    def test_notes_are_one_list(self, tmp_path: Path) -> None:
        tokens = parse(hostile_report(), tmp_path)
        assert [token.type for token in tokens].count("bullet_list_open") == 1
        assert len([token for token in tokens if token.type == "list_item_open"]) == 1 + len(HOSTILE)

    def test_quotes_of_several_lines_keep_them(self, tmp_path: Path) -> None:
        talk = interview("Ana", "I: So?\nAna: One\n- two\n\n# three.")
        quote = "One\n- two\n\n# three."
        tokens = parse(make_report([talk], [sheet(talk, coding(talk, "alumni", quote))]), tmp_path)
        [start] = [number for number, token in enumerate(tokens) if token.type == "blockquote_open"]
        shown = text_of(tokens[start + 2])
        assert shown.split("\n")[:2] == ["“One", "- two"]
        assert "# three.”" in shown
        assert not any(token.type == "bullet_list_open" and token.level > 0 for token in tokens)

    def test_an_empty_study(self, tmp_path: Path) -> None:
        assert "every count is zero" in "".join(texts(parse(make_report([], []), tmp_path), "paragraph_open"))


class TestTextStaysText:
    def test_nothing_hostile_becomes_more_than_words(self, tmp_path: Path) -> None:
        report = hostile_report()
        tokens = parse(report, tmp_path)
        inline = {child.type for token in tokens for child in token.children or ()}
        assert inline <= {
            "text",
            "text_special",
            "strong_open",
            "strong_close",
            "em_open",
            "em_close",
            "softbreak",
            "hardbreak",
        }
        assert {token.type for token in tokens}.isdisjoint({"html_block", "code_block", "fence", "hr"})
        quotes = [text_of(tokens[number + 2]) for number, token in enumerate(tokens) if token.type == "blockquote_open"]
        expected = {" ".join(clean(text).split()) for text in HOSTILE}
        assert len(quotes) == 3
        assert {quote[1:].rpartition("”")[0] for quote in quotes} <= expected

    def test_every_table_has_its_columns(self, tmp_path: Path) -> None:
        for table in tables(parse(hostile_report(), tmp_path)):
            assert len({len(row) for row in table}) == 1

    @given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=60))
    def test_escaped_text_reads_as_it_was(self, text: str) -> None:
        """In a paragraph and in a cell, whatever stands in it."""
        words = " ".join(clean(text).split())
        tokens = PARSER.parse(f"x {escape(text)} x\n\n| a |\n| --- |\n| x {escape(text)} x |\n")
        shown = [" ".join(text_of(token).split()) for token in tokens if token.type == "inline"]
        assert shown == [f"x {words} x".replace("  ", " "), "a", f"x {words} x".replace("  ", " ")]

    @pytest.mark.parametrize(
        "name",
        ["1. One", "- two", "+ three", "= four", "# five", "    six", "> seven", "10) eight", "***", "---", "```"],
    )
    def test_names_that_look_like_structure(self, name: str, tmp_path: Path) -> None:
        book = Codebook("B", name, (Code("a", name),), "", "d" * 64)
        talk = interview("Ana", "I: So?\nAna: Yes.")
        report = replace(make_report([talk], [sheet(talk, coding(talk, "a", "Yes."))], book), title=name)
        tokens = parse(report, tmp_path)
        assert texts(tokens, "heading_open")[0] == name.strip()
        assert texts(tokens, "heading_open").count(name.strip()) == 2
        assert name.strip() in texts(tokens, "paragraph_open")
        assert {token.type for token in tokens}.isdisjoint({"ordered_list_open", "hr", "fence", "code_block"})

    @pytest.mark.parametrize("text", ["http://evil.example/x", "WWW.evil.example", "see https://a.b"])
    def test_addresses_are_no_links_on_pages_that_make_them(self, text: str) -> None:
        assert "://" not in escape(text)
        assert "WWW." not in escape(text)
