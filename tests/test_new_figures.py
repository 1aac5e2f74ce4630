"""Data structure, UpSet, timeline and agreement over time: what they draw, say and open; scales of shades."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
from interviews import coding, interview, sheet
from published_methods import CASES

from qualcode.agreement import compare_pairs, leave_out_coders, measure_agreement, track_agreement
from qualcode.codebook import parse_codebook
from qualcode.errors import AgreementError, CodebookError, QualcodeError
from qualcode.figures import draw, list_kinds, list_marks, plot_drift, plot_structure, plot_upset
from qualcode.figures.cells import round_up
from qualcode.figures.colours import shade
from qualcode.figures.upset import MOST_BARS, MOST_SETS
from qualcode.model import Coding, Segment, Sheet, Source, Span, Transcript
from qualcode.tables import CodingTable, tabulate
from qualcode.themes import count_cooccurrence, count_themes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qualcode.codebook import Codebook


def table_of(held: Mapping[str, Sequence[str]], book: Codebook, *, times: bool = False) -> CodingTable:
    """Return a table of cases that each say one word per code that they are to have."""
    transcripts, sheets = [], []
    for name, codes in held.items():
        words = [f"w{number}" for number in range(len(codes) or 1)]
        text, segments, at = "", [], 0
        for number, word in enumerate(words, start=1):
            text += f"{word}\n"
            when = 60.0 * number if times else None
            segments.append(Segment(f"t{number:03}", "turn", Span(at, at + len(word)), name, when))
            at += len(word) + 1
        transcript = Transcript(name, text, tuple(segments), source=Source(f"{name}.txt", "txt"))
        laid = [
            Coding(name, one.span, code, "rules", "suggested", text[one.span.start : one.span.end])
            for one, code in zip(segments, codes, strict=False)
        ]
        transcripts.append(transcript)
        sheets.append(
            Sheet(name, "rules", "turn", transcript.digest, "", frozenset(one.id for one in segments), tuple(laid))
        )
    return tabulate(transcripts, sheets, book)


def flat(names: Sequence[str]) -> Codebook:
    return parse_codebook(f"codes: [{', '.join(f'{{id: {name}, name: {name.upper()}}}' for name in names)}]")


class TestUpset:
    def test_the_published_example(self) -> None:
        case = CASES["upset-upsetr"]
        held = {}
        for combination, number in case["input"]["exclusive"].items():
            for _ in range(number):
                held[f"P{len(held) + 1}"] = combination.split("&")
        names = list(case["expected"]["set_sizes"])
        chart = plot_upset(count_themes(table_of(held, flat(names))))
        sizes = chart.data[chart.data["combination"] == 0].set_index("code")["cases"]
        assert sizes.to_dict() == case["expected"]["set_sizes"]
        drawn = chart.data[chart.data["combination"] > 0].groupby("combination")
        found = {"&".join(rows["code"]): int(rows["cases"].iloc[0]) for _, rows in drawn}
        assert found == case["input"]["exclusive"]
        assert next(iter(found)) == case["expected"]["order_by_size"][0]
        assert f"over {case['expected']['total']} cases" in chart.alt

    def test_cases_with_none_are_a_combination_too(self) -> None:
        held = {"P1": ["a"], "P2": ["b"], "P3": ["a", "b"], "P4": []}
        chart = plot_upset(count_themes(table_of(held, flat("ab"))))
        assert "none of them (1 case)" in chart.alt
        assert chart.data["combination"].max() <= 4

    def test_at_most_seven_codes_and_fifteen_bars_and_the_rest_is_named(self) -> None:
        names = [f"c{number}" for number in range(9)]
        held = {f"P{number}": [name for bit, name in enumerate(names) if number >> bit & 1] for number in range(40)}
        chart = plot_upset(count_themes(table_of(held, flat(names))))
        assert (chart.data["combination"] == 0).sum() <= MOST_SETS
        assert chart.data["combination"].max() <= MOST_BARS
        assert "combinations" in chart.alt
        with pytest.raises(CodebookError, match="8 codes make more combinations"):
            plot_upset(count_themes(table_of(held, flat(names))), codes=names[:8])

    def test_a_code_that_is_named_has_what_is_below_it(self) -> None:
        book = parse_codebook("codes: [{id: a, name: A, codes: [{id: b, name: B}]}, {id: c, name: C}]")
        chart = plot_upset(count_themes(table_of({"P1": ["b"], "P2": ["a", "c"]}, book)), codes=["a", "b", "c"])
        sizes = chart.data[chart.data["combination"] == 0].set_index("code")["cases"]
        assert sizes.to_dict() == {"a": 2, "a/b": 1, "c": 1}

    def test_what_shows_next_to_nothing_says_so(self) -> None:
        chart = plot_upset(count_themes(table_of({"P1": ["a"], "P2": ["a"]}, flat("ab"))))
        assert chart.problems[0].message.startswith("The cases make 1 combination")
        assert plot_upset(count_themes(table_of({"P1": []}, flat("ab")))).alt.startswith("UpSet plot without codes")

    def test_marks_open_a_code_or_a_code_of_a_single_case(self) -> None:
        chart = plot_upset(count_themes(table_of({"P1": ["a"], "P2": ["a", "b"], "P3": ["a", "b"]}, flat("ab"))))
        opens = [dict(mark.opens) for mark in list_marks(chart)]
        assert {"code": "a", "case": ""} in opens
        assert {"code": "a", "case": "P1"} in opens
        assert not any(one["case"] in {"P2", "P3"} for one in opens)


class TestStructure:
    BOOK = parse_codebook(
        """
codes:
  - id: d
    name: Dimension
    codes:
      - id: t
        name: Theme
        codes: [{id: x, name: X}, {id: y, name: "Ÿ <&> 難"}, {id: z, name: Z}]
      - {id: leaf, name: Leaf of a dimension}
  - {id: alone, name: Alone}
"""
    )

    def test_columns_orders_and_counts(self) -> None:
        held = {"P1": ["x", "leaf"], "P2": ["x", "y"], "P3": ["alone"]}
        chart = plot_structure(count_themes(table_of(held, self.BOOK)))
        rows = chart.data.set_index("code")[["order", "cases"]]
        assert {code: tuple(row) for code, row in zip(rows.index, rows.to_numpy().tolist(), strict=True)} == {
            "d": (3, 2), "d/t": (2, 2), "d/t/x": (1, 2), "d/t/y": (1, 1), "d/leaf": (1, 1), "alone": (1, 1),
        }  # fmt: skip
        assert "4 first-order codes, 1 second-order themes and 1 aggregate dimensions" in chart.alt
        assert "Z" in chart.problems[0].message
        assert [dict(mark.opens)["code"] for mark in list_marks(chart)] == chart.data["code"].tolist()

    def test_boxes_do_not_overlap_and_lie_on_the_page(self) -> None:
        names = [f"c{number}" for number in range(180)]
        themes = [names[start : start + 12] for start in range(0, 180, 12)]
        entries = []
        for number, group in enumerate(themes):
            below = ", ".join(f"{{id: {one}, name: Code {one} of theme {number}}}" for one in group)
            entries.append(f"{{id: t{number}, name: A theme with a name of some length {number}, codes: [{below}]}}")
        codes = ", ".join(entries)
        table = table_of({"P1": names}, parse_codebook(f"codes: [{codes}]"))
        chart = plot_structure(count_themes(table))
        boxes = sorted((box.left, box.top, box.top + box.height, box.left + box.width) for box in chart.boxes if box)
        for one, other in pairwise(boxes):
            assert one[0] != other[0] or one[2] <= other[1] + 1e-6
        assert max(box[3] for box in boxes) <= chart.size[0]
        assert max(box[2] for box in boxes) <= chart.size[1]
        assert any(problem.rule == "too-high" for problem in chart.problems)

    def test_one_level_none_and_no_counts(self) -> None:
        chart = plot_structure(count_themes(table_of({"P1": ["a"]}, flat("ab"))), counts="none")
        assert "one-level" in {problem.rule for problem in chart.problems}
        empty = plot_structure(count_themes(table_of({"P1": []}, flat("ab"))))
        assert empty.alt == "Data structure without codes: nothing is coded."
        assert empty.render("svg").startswith(b"<?xml")


class TestTimeline:
    def test_only_transcripts_with_times(self) -> None:
        book = flat("ab")
        timed = table_of({"P1": ["a", "b"]}, book, times=True)
        plain = table_of({"P2": ["a", "b"]}, book)
        both = tabulate([*timed.transcripts, *plain.transcripts], [*timed.sheets, *plain.sheets], book)
        chart = draw("timeline", count_themes(both))
        assert (chart.kind, chart.data["transcript"].unique().tolist()) == ("timeline", ["P1"])
        assert chart.data["start"].tolist() == [60.0, 120.0]
        assert "P2" in chart.problems[-1].message
        assert [dict(mark.opens) for mark in list_marks(chart)] == [
            {"code": "a", "transcript": "P1"}, {"code": "b", "transcript": "P1"},
        ]  # fmt: skip
        with pytest.raises(QualcodeError, match="No transcript has times"):
            draw("timeline", count_themes(plain))


class TestShades:
    def test_a_scale_ends_at_a_round_number_of_ten_at_least(self) -> None:
        assert [round_up(number) for number in (0, 1, 2, 10, 11, 21, 99, 101)] == [10, 10, 10, 10, 20, 50, 100, 200]
        assert sum(shade(2, round_up(2))) > sum(shade(9, round_up(9)))

    @pytest.mark.parametrize("kind", ["cooccurrence", "structure", "themes"])
    def test_180_codes(self, kind: str) -> None:
        names = [f"c{number}" for number in range(180)]
        rng = np.random.default_rng(7)
        held = {f"P{number}": list(rng.choice(names, 60, replace=False)) for number in range(10)}
        book = parse_codebook(f"codes: [{', '.join(f'{{id: {name}, name: Code {name}}}' for name in names)}]")
        themes = count_themes(table_of(held, book))
        chart = draw(kind, themes)
        if kind == "cooccurrence":
            assert chart.data["code"].nunique() == 60
            assert any("share fewest" in problem.message for problem in chart.problems)
        else:
            assert len(chart.data) == int((themes.frame["segments"] > 0).sum()) or kind == "themes"
            assert any(problem.rule == "too-high" for problem in chart.problems)

    def test_the_sixty_codes_that_share_most_are_drawn(self) -> None:
        names = [f"c{number}" for number in range(61)]
        transcript = interview("P1", "\n".join(f"Kim: word{number}" for number in range(61)))
        codings = [coding(transcript, "c0", "word0"), coding(transcript, "c60", "word0")]
        codings += [coding(transcript, name, f"word{number}") for number, name in enumerate(names[1:60], 1)]
        table = tabulate([transcript], [sheet(transcript, *codings)], flat(names))
        chart = draw("cooccurrence", count_themes(table))
        assert {"c0", "c60"} <= set(chart.data["code"])
        pair = chart.data[(chart.data["code"] == "c60") & (chart.data["other"] == "c0")]
        assert pair["segments"].tolist() == [count_cooccurrence(table).loc["c60", "c0"]] == [1]


# --- agreement over time -----------------------------------------------------------------------------------------

WATER = parse_codebook("codes: [{id: water, name: Water}, {id: help, name: Help}]")


def coded(given: Mapping[str, str], n_units: int = 60, days: int = 6) -> CodingTable:
    """Return units coded by several coders: a letter a unit, w for water, h for help, . for none, - for not seen."""
    transcripts, sheets = [], []
    size = n_units // days
    for day in range(days):
        name = f"P{day + 1}"
        transcript = interview(name, "\n".join(f"Kim: w{number}." for number in range(size)))
        turns = transcript.units("turn")
        transcripts.append(transcript)
        for coder, letters in given.items():
            mine = list(zip(turns, letters[day * size : (day + 1) * size], strict=True))
            codings = tuple(
                Coding(
                    name, turn.span, {"w": "water", "h": "help"}[letter], coder, "applied", transcript.quote(turn.span),
                    at=f"2026-03-0{day + 1}T09:00:00",
                )
                for turn, letter in mine
                if letter in "wh"
            )  # fmt: skip
            seen = frozenset(turn.id for turn, letter in mine if letter != "-")
            sheets.append(Sheet(name, coder, "turn", transcript.digest, "", seen, codings))
    return tabulate(transcripts, sheets, WATER)


GIVEN = {
    "ana": "wh." * 20,
    "ben": "hw." * 10 + "wh." * 10,
    "chi": "wh." * 19 + "..-",
}


class TestCourse:
    def test_blocks_in_the_order_of_the_work_with_changes_of_the_codebook(self) -> None:
        table = coded({name: GIVEN[name] for name in ("ana", "ben")})
        found = track_agreement(table, blocks=2, draws=50, changes=["2026-03-02T00:00", "2026-02-01T00:00"])
        assert found.frame["n_units"].tolist() == [30, 30]
        assert found.frame["percent"].round(3).tolist() == [0.333, 1.0]
        assert found.frame["since"].tolist() == ["2026-03-01", "2026-03-04"]
        assert found.frame["changes"].tolist() == [0, 1]
        assert "The codebook changed 1 time meanwhile." in found.sentence
        assert [problem.rule for problem in found.problems] == ["small-blocks"]
        chart = plot_drift(found)
        assert chart.data["alpha"].iloc[1] == pytest.approx(1.0)
        assert "not defined" not in chart.alt
        assert chart.render("pdf").startswith(b"%PDF")

    def test_a_block_in_which_alpha_is_not_defined(self) -> None:
        table = coded({"ana": "." * 60, "ben": "." * 60})
        found = track_agreement(table, blocks=2, draws=0)
        assert "not defined in any" in found.sentence
        assert "not defined" in plot_drift(found, width="one").alt

    def test_each_pair_is_what_the_two_alone_give(self) -> None:
        table = coded(GIVEN)
        found = compare_pairs(table, draws=80, seed=3).frame
        assert found[["coder", "other"]].to_numpy().tolist() == [["ana", "ben"], ["ana", "chi"], ["ben", "chi"]]
        names = ["coder", "other", "alpha", "percent", "low", "high"]
        for coder, other, *numbers in found[names].itertuples(index=False):
            alone = measure_agreement(table, coders=[coder, other], draws=80, seed=3)["alpha"]
            assert numbers == pytest.approx([alone.value, alone.percent, alone.low, alone.high])
        assert found["n_units"].tolist() == [60, 59, 59]

    def test_without_each_coder(self) -> None:
        table = coded(GIVEN)
        found = leave_out_coders(table, draws=0)
        frame = found.frame.set_index("without")
        assert list(frame.index) == ["", "ana", "ben", "chi"]
        for coder in ("ana", "ben", "chi"):
            rest = [one for one in GIVEN if one != coder]
            assert frame.loc[coder, "alpha"] == pytest.approx(
                measure_agreement(table, coders=rest, draws=0)["alpha"].value
            )
            assert frame.loc[coder, "change"] == pytest.approx(frame.loc[coder, "alpha"] - frame.loc["", "alpha"])
        assert frame["change"].idxmax() == "ben"
        assert "without ben" in found.sentence
        with pytest.raises(AgreementError, match="three coders"):
            leave_out_coders(table, coders=["ana", "ben"])

    def test_coders_who_read_nothing_in_common(self) -> None:
        table = coded({"ana": "w" * 30 + "-" * 30, "ben": "-" * 30 + "w" * 30, "chi": "w" * 60})
        found = compare_pairs(table, draws=0)
        assert found.frame["n_units"].tolist() == [0, 30, 30]
        assert "ana and ben" in found.problems[0].message


def test_what_every_report_shows_stays_what_it_was() -> None:
    assert list_kinds("themes") == ["themes", "cases", "codelines", "cooccurrence"]
    assert list_kinds("themes", which="all")[4:] == ["structure", "upset", "timeline"]
