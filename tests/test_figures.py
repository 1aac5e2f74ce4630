"""What figures draw, read from matplotlib's own artists and from the files; looked at by a person besides."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl
import numpy as np
import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from interviews import coding, interview, sheet
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.text import Text
from PIL import Image

from qualcode.codebook import parse_codebook
from qualcode.errors import CaseError, OutputError, QualcodeError
from qualcode.figures import (
    FORMATS,
    Chart,
    chart,
    colours,
    course,
    draw_on_page,
    fonts,
    list_marks,
    page,
    plot_cases,
    plot_codelines,
    plot_cooccurrence,
    plot_themes,
    png,
)
from qualcode.model import Case, Segment, Transcript
from qualcode.tables import tabulate
from qualcode.themes import count_themes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.codebook import Codebook
    from qualcode.themes import ThemeTable

BOOK = parse_codebook(
    """
name: Test
codes:
  - id: barriers
    name: Barriers
    definition: What is in the way.
    codes:
      - {id: time, name: Time, definition: Too little of it.}
      - {id: money, name: "Cost of $5_000 & 20 %, $x^2$", definition: Too dear., colour: "#CC79A7"}
      - {id: staff, name: Staff, definition: Too few.}
  - {id: support, name: Support, definition: Who helps.}
"""
)
ONE = interview(
    "A",
    "I: Is time a problem?\n"  # words 0–4, the interviewer's
    "P: Time is short. Money too.\n"  # 4–9
    "I: Who helps?\n"  # 9–11, the interviewer's
    "P: My friends help me.\n",  # 11–15
)
TWO = interview(
    "B",
    "I: And you?\n"  # 0–2, the interviewer's
    "P: Time and money both.\n"  # 2–6
    "I: More?\n"  # 6–7, the interviewer's
    "P: Time again.\n",  # 7–9
)
SILENT = interview("C", "P: Nothing to say.\n")
SHEETS = [
    sheet(
        ONE,
        coding(ONE, "time", "Time is short."),
        coding(ONE, "money", "Money too."),
        coding(ONE, "support", "My friends help me."),
        coding(ONE, "time", "time a problem"),
    ),
    sheet(
        TWO,
        coding(TWO, "time", "Time and money both."),
        coding(TWO, "money", "Time and money both."),
        coding(TWO, "time", "Time again."),
    ),
]
CASES = (Case("A", {"role": "teacher"}), Case("B", {"role": "職員"}), Case("C", {"role": "teacher"}))
PLOTS = (plot_themes, plot_cases, plot_codelines, plot_cooccurrence)


@pytest.fixture(scope="module")
def themes() -> ThemeTable:
    return count_themes(tabulate([ONE, TWO, SILENT], SHEETS, BOOK, cases=CASES))


def make_study(book: Codebook, names: Sequence[str], *, n_turns: int = 6) -> ThemeTable:
    """Return interviews whose every turn carries one code after another, so that all come up."""
    codes = [code.id for code in book.walk()]
    text = "".join(f"I: And then what?\nP: Word and word number {turn} of many.\n" for turn in range(n_turns))
    transcripts = [interview(name, text) for name in names]
    sheets = [
        sheet(
            transcript,
            *(
                coding(
                    transcript, codes[(number * 5 + turn + extra) % len(codes)], f"Word and word number {turn} of many."
                )
                for turn in range(n_turns)
                for extra in range(min(3, len(codes)))
            ),
        )
        for number, transcript in enumerate(transcripts)
    ]
    return count_themes(tabulate(transcripts, sheets, book))


def make_book(n_themes: int, n_codes: int, name: str = "A code with a name as long as they come, no. {}") -> Codebook:
    lines = ["name: Test", "codes:"]
    for theme in range(n_themes):
        lines += [f"  - id: t{theme}", f'    name: "Theme {theme}"', "    definition: One."]
        lines += ["    codes:"] if n_codes else []
        for code in range(n_codes):
            lines.append(f'      - {{id: c{theme}-{code}, name: "{name.format(code)}", definition: One.}}')
    return parse_codebook("\n".join(lines))


def shown(drawn: Chart) -> list[str]:
    return [text.get_text() for text in drawn.figure.findobj(Text) if text.get_text() and text.get_visible()]


def collection(drawn: Chart, label: str):
    return next(one for axes in drawn.figure.axes for one in axes.collections if one.get_label() == label)


def extents(drawn: Chart, label: str) -> list[tuple[float, float]]:
    """Return where the marks of a theme begin and end, from top to bottom and left to right."""
    found = [path.get_extents() for path in collection(drawn, label).get_paths()]
    return [(box.x0, box.x1) for box in sorted(found, key=lambda box: (round(box.y1, 3), box.x0))]


def fonts_of(pdf: bytes) -> dict[str, bytes]:
    """Return the embedded TrueType files by the name of the font."""
    found = {}
    resources = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]["/Resources"]
    for reference in resources["/Font"].values():
        font = reference.get_object()
        assert font["/Subtype"] == "/Type0"
        descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
        found[font["/BaseFont"].partition("+")[2]] = descriptor["/FontFile2"].get_object().get_data()
    return found


needs_chinese_font = pytest.mark.skipif(
    bool(fonts.choose_typeface("時間").missing), reason="no Chinese font is installed; see test_without_any_font"
)


class TestThemes:
    def test_bars_are_as_long_as_the_counts(self, themes: ThemeTable) -> None:
        drawn = plot_themes(themes)
        axes = drawn.figure.axes[0]
        assert [bar.get_width() for bar in axes.patches] == [2, 2, 2, 0, 1]
        assert axes.get_xlim() == (0, 3)  # all cases, not the most frequent code
        assert drawn.data.equals(themes.frame)

    def test_every_bar_says_n_of_n_cases(self, themes: ThemeTable) -> None:
        words = shown(plot_themes(themes))
        assert [words.count(f"{n} of 3 cases") for n in (2, 1, 0)] == [3, 1, 1]

    def test_one_case(self) -> None:
        only = count_themes(tabulate([ONE], SHEETS[:1], BOOK))
        assert "1 of 1 case" in shown(plot_themes(only))

    @pytest.mark.parametrize(
        ("measure", "lengths", "end", "title"),
        [
            ("segments", [3, 3, 2, 0, 1], "3 (2 of 3 cases)", "Number of turns"),
            ("codings", [4, 3, 2, 0, 1], "4 (2 of 3 cases)", "Number of codings"),
            ("words", [11, 9, 6, 0, 4], "11 (2 of 3 cases)", "Number of words"),
        ],
    )
    def test_other_measures(self, themes: ThemeTable, measure: str, lengths: list[int], end: str, title: str) -> None:
        drawn = plot_themes(themes, measure=measure)
        assert [bar.get_width() for bar in drawn.figure.axes[0].patches] == lengths
        assert end in shown(drawn)
        assert drawn.figure.axes[0].get_xlabel() == title

    def test_colours_are_those_of_the_theme_or_of_the_codebook(self, themes: ThemeTable) -> None:
        bars = plot_themes(themes).figure.axes[0].patches
        hexes = [to_hex(bar.get_facecolor()) for bar in bars]
        assert hexes[0] == "#0072b2"
        assert hexes[4] == "#e69f00"
        assert hexes[1] == hexes[3] == to_hex(colours.tint((0x00 / 255, 0x72 / 255, 0xB2 / 255)))
        assert hexes[2] == to_hex(colours.tint((0xCC / 255, 0x79 / 255, 0xA7 / 255)))

    def test_alternative_text_says_the_main_figures(self, themes: ThemeTable) -> None:
        alt = plot_themes(themes).alt
        assert alt.startswith("Bar chart of 2 themes and the codes below by number of cases.")
        assert "Barriers 2 of 3 cases; Support 1 of 3 cases" in alt
        assert "Most frequent below them: Time and Cost of $5_000 & 20 %, $x^2$ (2)." in alt
        assert alt.endswith("Never coded: Staff.")

    def test_names_are_printed_as_they_are(self, themes: ThemeTable) -> None:
        for plot in (plot_themes, plot_cases, plot_cooccurrence):
            assert "Cost of $5_000 & 20 %, $x^2$" in " ".join(shown(plot(themes)))

    def test_unknown_measure(self, themes: ThemeTable) -> None:
        with pytest.raises(ValueError, match="one of cases, segments, codings, words"):
            plot_themes(themes, measure="percent")


class TestCases:
    #            A  B  C
    COUNTS = (1, 2, 0), (1, 2, 0), (1, 1, 0), (0, 0, 0), (1, 0, 0)

    def test_cells_hold_the_counts(self, themes: ThemeTable) -> None:
        drawn = plot_cases(themes)
        numbers = [text for text in shown(drawn) if text.isdigit()]
        assert numbers == [str(count) for row in self.COUNTS for count in row if count]
        assert drawn.data["segments"].tolist() == [count for row in self.COUNTS for count in row]

    def test_zeros_are_white_and_more_is_darker(self, themes: ThemeTable) -> None:
        fills = plot_cases(themes).figure.axes[0].collections[0].get_facecolors()
        brightness = dict(zip([count for row in self.COUNTS[1:] for count in row], fills[3:].sum(axis=1), strict=True))
        assert brightness[0] == 4.0
        assert brightness[0] > brightness[1] > brightness[2]

    def test_a_theme_is_bold_and_unshaded(self, themes: ThemeTable) -> None:
        drawn = plot_cases(themes)
        assert (drawn.figure.axes[0].collections[0].get_facecolors()[:3] == 1.0).all()
        numbers = [text for text in drawn.figure.findobj(Text) if text.get_text().isdigit()]
        assert [text.get_fontweight() for text in numbers[:3]] == ["bold", "bold", "normal"]

    @given(st.integers(1, 400), st.integers(1, 400))
    def test_numbers_can_be_read_on_any_shade(self, count: int, more: int) -> None:
        fill = colours.shade(count, count + more)
        assert colours.contrast(fill, colours.ink_on(fill)) >= 4.5

    def test_by_attribute(self, themes: ThemeTable) -> None:
        drawn = plot_cases(themes, by="role", measure="cases")
        words = " ".join(shown(drawn)).replace("\xa0", " ")
        assert "teacher (n = 2)" in words
        assert drawn.data["role"].tolist()[:2] == ["teacher", "職員"]
        assert drawn.data["cases"].tolist() == [1, 1, 1, 1, 1, 1, 0, 0, 1, 0]

    def test_unknown_attribute(self, themes: ThemeTable) -> None:
        with pytest.raises(CaseError, match="no column “age”"):
            plot_cases(themes, by="age")

    def test_many_cases_in_one_column_get_a_key_instead_of_numbers(self) -> None:
        many = make_study(make_book(2, 2), [f"P{number}" for number in range(30)])
        narrow, wide = plot_cases(many, width="one"), plot_cases(many)
        assert [problem.rule for problem in narrow.problems] == ["no-room"]
        assert "Draw it two columns wide" in narrow.problems[0].hint
        assert not wide.problems
        assert sum(text.isdigit() for text in shown(narrow)) < 5 < sum(text.isdigit() for text in shown(wide))

    def test_long_names_that_begin_alike_stay_apart(self) -> None:
        names = [f"Interview with the manager number {number} of the company" for number in range(20)]
        words = shown(plot_cases(make_study(make_book(2, 2), [*names, "P" * 80])))
        for number in range(20):
            assert [word for word in words if word.startswith(f"…{number} of")] != []
        assert [word for word in words if word.startswith("PPP") and word.endswith("…")] != []

    def test_alternative_text(self, themes: ThemeTable) -> None:
        alt = plot_cases(themes).alt
        assert alt.startswith("Heat map of 5 codes by 3 cases, in numbers of turns. Most: Time in B (2)")
        assert alt.endswith("8 of 15 cells are zero.")


class TestCodelines:
    def test_marks_lie_where_the_theme_is_spoken_of(self, themes: ThemeTable) -> None:
        drawn = plot_codelines(themes)
        # "Is time a problem?" has 18 characters and 4 words, "Time is short. Money too." 25 and 5.
        expected = [(4 * 3 / 18, 4 * 17 / 18), (4, 4 + 5 * 14 / 25), (4 + 5 * 15 / 25, 9), (2, 6), (7, 9)]
        assert sorted(extents(drawn, "Barriers")) == [pytest.approx(pair, abs=0.01) for pair in sorted(expected)]
        assert extents(drawn, "Support") == [pytest.approx((11, 15))]

    def test_interviewer_talk_is_told_apart(self, themes: ThemeTable) -> None:
        drawn = plot_codelines(themes)
        assert extents(drawn, "interviewer") == [(0, 4), (9, 11), (0, 2), (6, 7)]
        heights = {
            round(box.x0, 1): box.height
            for box in (path.get_extents() for path in collection(drawn, "Barriers").get_paths())
        }
        assert heights[0.7] < 0.5 * heights[4.0]
        assert drawn.data.loc[drawn.data["is_interviewer"], "start"].tolist() == [0.67]

    def test_in_percent_every_interview_is_equally_long(self, themes: ThemeTable) -> None:
        drawn = plot_codelines(themes, position="percent")
        assert drawn.figure.axes[0].get_xlim() == (0, 100)
        assert extents(drawn, "Support") == [pytest.approx((1100 / 15, 100), abs=0.01)]

    def test_in_time(self) -> None:
        text = ONE.text
        turns = [segment for segment in ONE.segments if segment.kind == "turn"]
        times = dict(zip([turn.id for turn in turns], (10.0, 30.0, None, 60.0), strict=True))
        segments = [Segment(one.id, one.kind, one.span, one.speaker, times.get(one.id)) for one in ONE.segments]
        timed = Transcript("A", text, tuple(segments), interviewers=ONE.interviewers)
        study = count_themes(tabulate([timed], [sheet(timed, coding(timed, "support", "My friends help me."))], BOOK))
        drawn = plot_codelines(study, position="time")
        # 11 words in 50 seconds: the last turn's 4 words are taken to last 4 × 50 ÷ 11 seconds.
        assert extents(drawn, "Support") == [pytest.approx((60, 60 + 200 / 11), abs=0.01)]

    def test_without_times(self, themes: ThemeTable) -> None:
        with pytest.raises(QualcodeError, match="no times"):
            plot_codelines(themes, position="time")

    def test_rare_themes_share_a_lane(self) -> None:
        drawn = plot_codelines(make_study(make_book(30, 0), ["P1", "P2"], n_turns=20))
        assert "Other themes (19)" in shown(drawn)
        assert drawn.problems[0].rule == "no-room"
        assert "11 most frequent of 30 themes" in drawn.problems[0].message

    def test_many_interviews_have_a_key(self) -> None:
        drawn = plot_codelines(make_study(make_book(5, 1), [f"P{number}" for number in range(30)]))
        assert [shown(drawn).count(f"Theme {number}") for number in range(5)] == [1] * 5
        assert drawn.figure.get_size_inches()[1] * 25.4 < page.TALLEST

    def test_more_interviews_than_a_page_holds_are_drawn_as_far_as_it_goes(self) -> None:
        drawn = plot_codelines(make_study(make_book(9, 1), [f"P{number}" for number in range(100)]))
        assert drawn.figure.get_size_inches()[1] * 25.4 < page.TALLEST
        n_drawn = sum(text.startswith("P") for text in shown(drawn))
        assert 20 < n_drawn < 100
        said = f"Drawn: the first {n_drawn} of 100 interviews."
        assert said in drawn.alt
        assert any(said in text for text in shown(drawn))
        assert [one.message for one in drawn.problems if said in one.message]
        # The numbers are those of all of them, and a mark leads to what is drawn.
        assert drawn.data["transcript"].nunique() == 100
        assert len(drawn.boxes) == len(drawn.data)
        assert len({mark.opens["transcript"] for mark in list_marks(drawn)}) == n_drawn

    def test_many_marks_are_a_picture(self) -> None:
        drawn = plot_codelines(make_study(make_book(9, 1), [f"P{number}" for number in range(20)], n_turns=200))
        assert len(drawn.data) > 3000
        svg = drawn.render("svg")
        assert svg.count(b"<image ") >= 1
        assert len(svg) < 1_000_000
        assert drawn.render("svg") == svg

    def test_alternative_text(self, themes: ThemeTable) -> None:
        assert plot_codelines(themes).alt == (
            "Codelines: where in 3 interviews 2 themes are spoken of. "
            "Barriers: 4 passages in 2 of 3 and Support: 1 passage in 1 of 3."
        )

    @given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 9)), max_size=12))
    def test_joined_spans_cover_what_the_spans_cover(self, pairs: list[tuple[int, int]]) -> None:
        spans = np.array([(start, start + length) for start, length in pairs], dtype=float).reshape(-1, 2)
        joined = course.join_spans(spans)
        assert covered(joined) == covered(spans)
        assert (joined[1:, 0] > joined[:-1, 1]).all()


def covered(spans: np.ndarray) -> set[int]:
    return {place for start, end in spans.astype(int).tolist() for place in range(start, end)}


class TestCooccurrence:
    def test_numbers_and_totals(self, themes: ThemeTable) -> None:
        words = [text.replace("\xa0", " ") for text in shown(plot_cooccurrence(themes))]
        assert [text for text in words if text.isdigit()] == ["2"]
        assert {"Barriers (3)", "Time (3)", "Staff (0)", "Support (1)"} < set(words)

    def test_a_code_is_not_paired_with_its_theme(self, themes: ThemeTable) -> None:
        data = plot_cooccurrence(themes).data
        pairs = {(row.code, row.other): row.segments for row in data.itertuples() if row.code != row.other}
        assert pairs == {
            ("barriers/money", "barriers/time"): 2,
            ("barriers/staff", "barriers/time"): 0,
            ("barriers/staff", "barriers/money"): 0,
            ("support", "barriers"): 0,
            ("support", "barriers/time"): 0,
            ("support", "barriers/money"): 0,
            ("support", "barriers/staff"): 0,
        }
        own = data[data["code"] == data["other"]]
        assert own["segments"].tolist() == [3, 3, 2, 0, 1]

    def test_cells_form_the_lower_half(self, themes: ThemeTable) -> None:
        axes = plot_cooccurrence(themes).figure.axes[0]
        own, pairs = axes.collections[:2]
        assert (len(own.get_paths()), len(pairs.get_paths())) == (3, 7)
        assert (own.get_facecolors()[:, :3] < 1).all()
        is_white = (pairs.get_facecolors() == 1.0).all(axis=1)
        assert is_white.tolist() == [False, True, True, True, True, True, True]

    def test_without_room_for_numbers(self) -> None:
        crowded = plot_cooccurrence(make_study(make_book(6, 9), ["P1", "P2"], n_turns=40), width="one")
        assert [problem.rule for problem in crowded.problems] == ["too-high", "no-room"]
        assert "numbers" in crowded.problems[1].message

    def test_alternative_text(self, themes: ThemeTable) -> None:
        assert plot_cooccurrence(themes).alt == (
            "Co-occurrence matrix of 5 codes: 1 pair of codes shares a turn. "
            "Most often together: Time and Cost of $5_000 & 20 %, $x^2$ (2 turns)."
        )


NOTHING = count_themes(tabulate([], [], BOOK))
UNCODED = count_themes(tabulate([ONE], [], BOOK))
ONE_CODE = make_study(make_book(1, 0), ["P1"])
FEW = make_study(make_book(5, 0), [f"P{number}" for number in range(4)])
MANY = make_study(make_book(9, 6), [f"Interview {number}" for number in range(30)])
LONG_NAMES = make_study(
    make_book(
        2, 3, "Donaudampfschifffahrtsgesellschaftskapitän, who has been told / has not been told, {}" + " and on" * 9
    ),
    ["x" * 90, "Head of department, campus A", "P3"],
)


@pytest.mark.parametrize("width", ["one", "two"])
@pytest.mark.parametrize("plot", PLOTS)
class TestLayout:
    @pytest.mark.parametrize(
        "study",
        [NOTHING, UNCODED, ONE_CODE, FEW, MANY, LONG_NAMES],
        ids=["nothing", "uncoded", "one", "few", "many", "long"],
    )
    def test_nothing_is_cut_off_or_overlaps_or_is_too_small(self, study: ThemeTable, plot, width: str) -> None:
        drawn = plot(study, width=width)
        with chart.drawing_style():
            canvas = FigureCanvasAgg(drawn.figure)
            canvas.draw()
            boxes = [
                (text.get_text(), text.get_window_extent(canvas.get_renderer()), text.get_fontsize())
                for text in drawn.figure.findobj(Text)
                if text.get_text() and text.get_visible()
            ]
        right, top = drawn.figure.bbox.width, drawn.figure.bbox.height
        assert [text for text, _, size in boxes if size < 7] == []
        assert [text for text, box, _ in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > right or box.y1 > top] == []
        assert [
            (one, other)
            for number, (one, box, _) in enumerate(boxes)
            for other, beside, _ in boxes[number + 1 :]
            if min(box.x1, beside.x1) - max(box.x0, beside.x0) > 0.5
            and min(box.y1, beside.y1) - max(box.y0, beside.y0) > 1.5
        ] == []

    def test_files_are_as_wide_as_the_column(self, themes: ThemeTable, plot, width: str) -> None:
        drawn = plot(themes, width=width)
        millimetres = {"one": 85, "two": 178}[width]
        points = float(re.search(rb'<svg[^>]* width="([\d.]+)pt"', drawn.render("svg"))[1])
        box = pypdf.PdfReader(io.BytesIO(drawn.render("pdf"))).pages[0].mediabox
        image = Image.open(io.BytesIO(drawn.render("png")))
        assert points / 72 * 25.4 == pytest.approx(millimetres, abs=0.05)
        assert float(box.width) / 72 * 25.4 == pytest.approx(millimetres, abs=0.05)
        assert image.width / image.info["dpi"][0] * 25.4 == pytest.approx(millimetres, abs=0.1)
        assert image.info["dpi"][0] == pytest.approx(300, abs=0.1)


def test_unknown_width(themes: ThemeTable) -> None:
    with pytest.raises(ValueError, match="one column or two"):
        plot_themes(themes, width="three")


def test_more_than_a_page_is_reported() -> None:
    tall = plot_themes(make_study(make_book(20, 5), ["P1"]))
    assert [problem.rule for problem in tall.problems] == ["too-high"]


class TestFonts:
    def test_pdf_embeds_truetype_fonts_only(self, themes: ThemeTable) -> None:
        for plot in PLOTS:
            found = fonts_of(plot(themes).render("pdf"))
            assert set(found) <= {"DejaVuSans", "DejaVuSans-Bold"}
            assert all(data[:4] == b"\0\1\0\0" for data in found.values())

    def test_text_of_a_pdf_can_be_searched(self, themes: ThemeTable) -> None:
        text = pypdf.PdfReader(io.BytesIO(plot_themes(themes).render("pdf"))).pages[0].extract_text()
        assert "Cost of $5_000 & 20 %, $x^2$" in text
        assert "2 of 3 cases" in text

    def test_ligatures_need_no_font_of_their_own(self) -> None:
        study = make_study(make_book(1, 1, "official staff offer fluffy effort"), ["P1"])
        assert len(fonts_of(plot_themes(study).render("pdf"))) == 2  # regular and bold

    @needs_chinese_font
    def test_chinese_is_shown(self) -> None:
        study = make_study(make_book(1, 2, "時間安排（唔係好夠時間）{}"), ["陳老師"])
        for plot in PLOTS:
            drawn = plot(study)
            assert not drawn.problems
            pdf = drawn.render("pdf")
            assert len(fonts_of(pdf)) >= 2
            if plot is plot_themes:
                assert "安排" in pypdf.PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
            drawn.render("png")  # warns, and so fails, should a character have no glyph
            drawn.render("svg")

    def test_without_any_font(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fonts, "FALLBACK_FAMILIES", ())
        study = make_study(make_book(1, 2, "時間安排 {}"), ["陳老師"])
        for plot, instead in ((plot_themes, "c0-1"), (plot_cases, "case 1"), (plot_codelines, "interview 1")):
            drawn = plot(study)
            words = " ".join(shown(drawn))
            assert instead in words
            assert "時" not in words
            assert "陳" not in words
            [problem] = drawn.problems
            assert problem.rule == "missing-font"
            assert "Noto Sans HK" in problem.hint
            assert "WenQuanYi Zen Hei" in problem.hint
            for name in FORMATS:
                drawn.render(name)
        assert "“時間安排 1” is shown as “c0-1”" in plot_themes(study).problems[0].message

    def test_a_font_newer_than_matplotlibs_list_is_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        if fonts.choose_typeface("時間").missing:
            pytest.skip("no Chinese font is installed")
        known = [entry for entry in font_manager.fontManager.ttflist if entry.name == fonts.BASE_FAMILY]
        monkeypatch.setattr(font_manager.fontManager, "ttflist", known)
        fonts._register_unknown.cache_clear()
        assert not fonts.choose_typeface("時間").missing
        fonts._register_unknown.cache_clear()

    def test_fonts_that_pdf_cannot_hold_are_drawn_as_shapes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fonts, "FALLBACK_FAMILIES", ("Noto Sans CJK TC",))
        if fonts.choose_typeface("時").missing:
            pytest.skip("Noto Sans CJK, with PostScript outlines, is not installed")
        drawn = plot_themes(make_study(make_book(1, 2, "時間安排 {}"), ["P1"]))
        assert not drawn.problems
        assert set(fonts_of(drawn.render("pdf"))) == {"DejaVuSans", "DejaVuSans-Bold"}

    def test_other_scripts_and_odd_characters(self) -> None:
        odd = "مرحبا Ελληνικά Русский a\u0301\u200d\ufe0f\t{}"
        drawn = plot_themes(make_study(make_book(1, 1, odd), ["P1"]))
        assert not drawn.problems
        drawn.render("png")

    def test_names_without_a_glyph_anywhere(self) -> None:
        drawn = plot_themes(make_study(make_book(1, 1, "secret \U000f0000 {}"), ["P1"]))
        assert [problem.rule for problem in drawn.problems] == ["missing-font"]
        assert "c0-0" in shown(drawn)
        drawn.render("png")


class TestMarks:
    """What a page lays over a figure so that its marks open the quotes behind them."""

    def test_bars_of_codes_with_codings_lead_to_their_codes(self, themes: ThemeTable) -> None:
        marks = list_marks(plot_themes(themes))
        assert [mark.opens for mark in marks] == [
            {"code": "barriers"}, {"code": "barriers/time"}, {"code": "barriers/money"}, {"code": "support"},
        ]  # fmt: skip
        tops = [mark.box.top for mark in marks]
        assert tops == sorted(tops)
        assert list_marks(plot_themes(themes), most=4) == marks
        assert list_marks(plot_themes(themes), most=3) == []

    def test_cells_lie_where_they_are_drawn(self, themes: ThemeTable) -> None:
        drawn = plot_cases(themes)
        marks = {tuple(mark.opens.values()): mark.box for mark in list_marks(drawn)}
        assert set(marks) == {
            ("barriers", "A"), ("barriers", "B"), ("barriers/time", "A"), ("barriers/time", "B"),
            ("barriers/money", "A"), ("barriers/money", "B"), ("support", "A"),
        }  # fmt: skip
        # The number of a cell is printed in its middle.
        width, height = drawn.size
        printed = {
            (round(text.get_position()[0] * width, 1), text.get_text())
            for text in drawn.figure.findobj(Text)
            if text.get_text().isdigit()
        }
        box = marks["support", "A"]
        assert (round(box.left + box.width / 2, 1), "1") in printed
        for one in marks.values():
            assert 0 <= one.left <= one.left + one.width <= width
            assert 0 <= one.top <= one.top + one.height <= height

    def test_passages_lead_to_theme_and_transcript_and_those_of_interviewers_nowhere(self, themes: ThemeTable) -> None:
        drawn = plot_codelines(themes)
        opens = [tuple(mark.opens.values()) for mark in list_marks(drawn)]
        # "Time is short." and "Money too." are two passages of the theme, as the blank between them is in neither.
        assert opens == [("barriers", "A")] * 2 + [("support", "A")] + [("barriers", "B")] * 2
        assert drawn.data["is_interviewer"].sum() == 1
        assert len(drawn.data) == 6
        # The first begins at word 5 of 15, the longest interview, whose marks span the axes.
        [axes] = drawn.figure.axes
        left, right = (edge * drawn.size[0] for edge in (axes.get_position().x0, axes.get_position().x1))
        assert list_marks(drawn)[0].box.left == pytest.approx(left + (right - left) * 4 / 15, abs=0.5)

    def test_pairs_lead_to_both_codes(self, themes: ThemeTable) -> None:
        opens = {tuple(mark.opens.values()) for mark in list_marks(plot_cooccurrence(themes))}
        assert ("barriers/money", "barriers/time") in opens
        assert ("support", "support") in opens
        assert not any("staff" in code for pair in opens for code in pair)

    def test_groups_of_cases_and_agreement_lead_nowhere(self, themes: ThemeTable) -> None:
        assert list_marks(plot_cases(themes, by="role")) == []


class TestPages:
    def test_of_more_codes_than_a_page_holds_the_upper_levels_are_drawn(self) -> None:
        study = make_study(make_book(20, 8), ["P1", "P2"], n_turns=60)
        for kind in ("themes", "cases"):
            drawn = draw_on_page(kind, study)
            assert drawn.size[1] <= page.TALLEST
            assert drawn.selection == "Drawn: codes of level 1, each with all codes below it."
            assert drawn.selection in drawn.alt
            assert [one.rule for one in drawn.problems].count("no-room") >= 1
            assert set(drawn.data["code"]) == {f"t{number}" for number in range(20)}

    def test_what_fits_is_drawn_in_full(self, themes: ThemeTable) -> None:
        drawn = draw_on_page("themes", themes)
        assert drawn.selection == ""
        assert len(drawn.data) == len(themes.frame)

    def test_a_flat_codebook_has_no_upper_levels(self) -> None:
        drawn = draw_on_page("themes", make_study(make_book(120, 0), ["P1"], n_turns=9))
        assert drawn.selection == ""
        assert "more than a journal's page" in drawn.problems[0].message


class TestFiles:
    def test_svg_has_shapes_a_title_and_no_date(self, themes: ThemeTable) -> None:
        drawn = plot_themes(themes)
        svg = drawn.render("svg").decode("utf-8")
        assert "<text" not in svg
        assert "<title>Bar chart of 2 themes" in svg
        assert "Never coded: Staff." in svg
        assert "dc:date" not in svg

    def test_pdf_and_png_tell_neither_date_nor_version(self, themes: ThemeTable) -> None:
        drawn = plot_themes(themes)
        facts = pypdf.PdfReader(io.BytesIO(drawn.render("pdf"))).metadata
        assert facts.creation_date is None
        assert facts.producer is None
        assert facts.subject == drawn.alt
        image = Image.open(io.BytesIO(drawn.render("png")))
        assert set(image.info) == {"dpi"}
        assert image.mode == "RGB"

    def test_same_bytes_in_another_process_with_other_settings(self, tmp_path: Path) -> None:
        script = (
            "import hashlib, sys; sys.path.insert(0, sys.argv[1]); import test_figures as t\n"
            "if sys.argv[2] == 'own':\n"
            "    t.mpl.rcParams.update({'font.family': 'serif', 'lines.linewidth': 9, 'axes.grid': True,\n"
            "        'pdf.fonttype': 3, 'savefig.dpi': 33, 'savefig.bbox': 'tight', 'figure.facecolor': 'red'})\n"
            "themes = t.count_themes(t.tabulate([t.ONE, t.TWO, t.SILENT], t.SHEETS, t.BOOK, cases=t.CASES))\n"
            "for plot in t.PLOTS:\n"
            "    print(*(hashlib.sha256(plot(themes).render(name)).hexdigest() for name in t.FORMATS))\n"
        )
        runs = {
            subprocess.run(
                [sys.executable, "-c", script, str(Path(__file__).parent), settings],
                env={**os.environ, "PYTHONHASHSEED": seed},
                cwd=tmp_path,
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            for seed, settings in (("1", "usual"), ("2", "own"))
        }
        assert len(runs) == 1
        assert len(runs.pop().split()) == 12

    def test_rendering_twice_gives_the_same_and_leaves_matplotlib_as_it_was(self, themes: ThemeTable) -> None:
        before = dict(mpl.rcParams)
        drawn = plot_cooccurrence(themes)
        for name in FORMATS:
            assert drawn.render(name) == drawn.render(name)
        assert dict(mpl.rcParams) == before
        assert drawn.figure.dpi == 72

    def test_save_writes_each_format(self, themes: ThemeTable, tmp_path: Path) -> None:
        drawn = plot_themes(themes)
        paths = drawn.save(tmp_path / "new folder" / "fig. 1")
        assert [path.name for path in paths] == ["fig. 1.svg", "fig. 1.pdf", "fig. 1.png"]
        assert [path.read_bytes() for path in paths] == [drawn.render(name) for name in FORMATS]
        assert sorted(path.name for path in (tmp_path / "new folder").iterdir()) == sorted(path.name for path in paths)
        assert drawn.save(tmp_path / "one", ["pdf"]) == [tmp_path / "one.pdf"]

    def test_unknown_format(self, themes: ThemeTable, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="“jpg”") as caught:
            plot_themes(themes).save(tmp_path / "figure", ["svg", "jpg"])
        assert "svg, pdf, png" in caught.value.hint
        assert list(tmp_path.iterdir()) == []

    def test_full_disk(self, themes: ThemeTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        drawn = plot_themes(themes)
        (tmp_path / "figure.svg").write_text("mine")
        write = Path.write_bytes

        def fill_up(path: Path, data: bytes) -> int:
            if ".pdf" in path.name:
                write(path, data[:100])
                raise OSError(errno.ENOSPC, "No space left on device", str(path))
            return write(path, data)

        monkeypatch.setattr(Path, "write_bytes", fill_up)
        with pytest.raises(OutputError, match="No space left on device"):
            drawn.save(tmp_path / "figure")
        assert [path.name for path in tmp_path.iterdir()] == ["figure.svg"]
        assert (tmp_path / "figure.svg").read_text() == "mine"

    def test_a_file_where_the_folder_should_be(self, themes: ThemeTable, tmp_path: Path) -> None:
        (tmp_path / "taken").write_text("a file")
        with pytest.raises(OutputError) as caught:
            plot_themes(themes).save(tmp_path / "taken" / "figure")
        assert "taken" in caught.value.where
        assert caught.value.hint

    def test_shows_itself_in_a_notebook(self, themes: ThemeTable) -> None:
        drawn = plot_codelines(themes)
        image = Image.open(io.BytesIO(drawn._repr_png_()))
        assert image.width == pytest.approx(178 / 25.4 * 144, abs=1)
        assert repr(drawn) == f"<Chart codelines: {drawn.alt}>"

    @given(st.integers(1, 9), st.integers(1, 9), st.integers(3, 4), st.integers(0, 2**32))
    def test_png_gives_back_the_pixels(self, height: int, width: int, depth: int, seed: int) -> None:
        pixels = np.random.default_rng(seed).integers(0, 256, (height, width, depth), dtype=np.uint8)
        image = Image.open(io.BytesIO(png.encode_png(pixels, dpi=300)))
        assert (np.asarray(image) == pixels[..., :3]).all()


class TestText:
    @given(st.text("ab 時間，（）/-$\u0301é", max_size=40), st.floats(1, 40))
    def test_lines_hold_the_whole_text_and_fit(self, text: str, width: float) -> None:
        sheet_of_paper = page.Page("two", [])
        text = page.clean(text)
        lines = sheet_of_paper.wrap(text, width)
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        for line in lines:
            is_one_character = len(line.replace("\u0301", "")) <= 1
            assert sheet_of_paper.measure(line) <= width or is_one_character

    def test_lines_break_where_a_reader_expects(self) -> None:
        sheet_of_paper = page.Page("two", [])
        assert sheet_of_paper.wrap("Time commitment and manpower", 25) == ["Time commitment", "and manpower"]
        assert sheet_of_paper.wrap("學生（同埋家長）嘅時間", 20)[-1][0] not in "）（"

    def test_a_total_stays_whole_where_it_finds_no_room_beside_the_last_word(self) -> None:
        sheet_of_paper = page.Page("two", [])
        text = "Recommendations\xa0(11)"
        width = sheet_of_paper.measure(text)
        assert sheet_of_paper.wrap(f"All {text}", width) == ["All", text]
        assert sheet_of_paper.wrap(text, width - 1) == ["Recommendations", "(11)"]

    @given(st.floats(0, 1e9), st.integers(2, 8))
    def test_ticks_are_round_and_few(self, largest: float, n_most: int) -> None:
        ticks = page.nice_ticks(largest, n_most)
        assert ticks[0] == 0
        assert len(ticks) <= n_most + 1
        assert ticks[-1] <= largest
        if len(ticks) > 1:
            assert str(ticks[1]).rstrip("0") in {"1", "2", "5"}

    def test_a_span_of_text_is_measured_as_matplotlib_lays_it_out(self, themes: ThemeTable) -> None:
        drawn = plot_themes(themes)
        with chart.drawing_style():
            renderer = FigureCanvasAgg(drawn.figure).get_renderer()
            text = next(text for text in drawn.figure.findobj(Text) if text.get_text() == "Barriers")
            laid_out = text.get_window_extent(renderer).width / 72 * 25.4
        measured = page.Page("two", []).measure("Barriers", text.get_fontsize(), bold=True)
        assert measured == pytest.approx(laid_out, rel=0.04)


def test_digest_is_not_that_of_nothing(themes: ThemeTable) -> None:
    """Four charts differ: no figure is drawn on another's sheet."""
    assert len({hashlib.sha256(plot(themes).render("svg")).digest() for plot in PLOTS}) == 4


def test_ids_of_a_drawing_do_not_come_from_floats(themes: ThemeTable) -> None:
    """Systems differ in the last digits of what they compute, which would give other ids, and so another file."""
    for plot in PLOTS:
        svg = plot(themes).render("svg").decode("utf-8")
        assert not re.search(r'id="[a-zA-Z]\w*[0-9a-f]{10}"', svg)
        used, given = (set(re.findall(pattern, svg)) for pattern in (r'(?:url\(|href=")#([^")]+)', r'\bid="([^"]+)"'))
        assert used <= given
        assert len(re.findall(r'\bid="', svg)) == len(given)
