"""Whose codings a study counts, and how every command, report and figure says so."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from typing import TYPE_CHECKING

import openpyxl
import pytest
from click.testing import CliRunner
from matplotlib.text import Text
from studies import begin_study

from qualcode.cli import cli
from qualcode.errors import StudyError
from qualcode.figures import fonts, plot_cases, plot_codelines, plot_cooccurrence, plot_themes
from qualcode.running import analyse_study, report_study
from qualcode.themes import count_themes

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    from qualcode.figures import Chart
    from qualcode.study import Study


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study", "P07", "P08")


def code_twice(study: Study) -> None:
    """Ana codes both transcripts, Ben the second answer of P07: they differ there on two codes and agree on one."""
    study.mark_seen("ana", ["P07:t002", "P07:t004", "P08:t002", "P08:t004"])
    study.mark_seen("ben", ["P07:t004"])
    study.decide("ana", "P07:t002", "scheduling", "accept")
    study.decide("ana", "P07:t004", "praise", "accept")
    study.decide("ana", "P07:t004", "challenges", "apply")
    study.decide("ben", "P07:t004", "turnover", "accept")
    study.decide("ben", "P07:t004", "challenges", "apply")
    study.decide("ana", "P08:t004", "praise", "accept")


def qualcode(study: Study, *arguments: str, stdin: str = "") -> Result:
    return CliRunner().invoke(cli, [*arguments, "--study", str(study.root)], input=stdin)


def rows(study: Study, *arguments: str) -> dict[str, dict[str, str]]:
    printed = qualcode(study, "themes", "--format", "csv", *arguments).stdout
    return {row["code"]: row for row in csv.DictReader(io.StringIO(printed))}


def texts(chart: Chart) -> list[str]:
    return [text.get_text() for text in chart.figure.findobj(Text)]


PLOTS = (plot_themes, plot_cases, plot_codelines, plot_cooccurrence)

COLUMNS = ("codings", "segments", "segments_low", "segments_high", "cases", "cases_low", "cases_high")


def numbers(row: dict[str, str]) -> tuple[int, ...]:
    return tuple(int(row[name]) for name in COLUMNS)


class TestWhoCounts:
    def test_the_rules_then_one_person_then_what_several_agree_on(self, study: Study) -> None:
        assert study.contents().coders == ("rules",)
        assert study.tabulate().whose == "Codings counted: those of the rules."
        study.decide("ana", "P07:t004", "praise", "accept")
        assert study.contents().coders == ("ana",)
        assert study.tabulate().whose == "Codings counted: those of ana."
        study.decide("ben", "P07:t004", "praise", "accept")
        assert study.contents().coders == ("agreed",)
        table = study.tabulate()
        assert table.whose == "Codings counted: those that ana and ben agree on; no differences."
        assert table.codings["coder"].tolist() == ["ana, ben"]

    def test_a_consensus_is_no_second_person_and_is_not_lost(self, study: Study) -> None:
        study.decide("ana", "P07:t004", "praise", "accept")
        study.add_coder("consensus")
        study.decide("consensus", "P07:t002", "turnover", "apply")
        assert study.tabulate().codings["coder"].tolist() == ["consensus", "ana"]

    def test_named_coders(self, study: Study) -> None:
        code_twice(study)
        assert study.tabulate(coders=["ben"]).codings["coder"].unique().tolist() == ["ben"]
        assert study.tabulate(coders="agreed").whose == study.tabulate().whose
        assert study.tabulate(coders=["ana", "rules"]).whose == "Codings counted: the union of ana and the rules."
        whose = study.tabulate(coders=["ben", "ana"]).whose
        assert whose == "Codings counted: the union of ana and ben; 0 of 2 differences settled, 2 open."

    @pytest.mark.parametrize(
        ("coders", "message", "hint"),
        [
            ("anna", "no coding by “anna”", "“ana”"),
            ("consensus", "no coding by “consensus”", "ana, ben, rules"),
            ("agreed,ana", "cannot be combined with names of coders", "alone"),
        ],
    )
    def test_names_that_cannot_be(self, study: Study, coders: str, message: str, hint: str) -> None:
        code_twice(study)
        result = qualcode(study, "themes", "--coders", coders)
        assert result.exit_code == 1
        assert message in result.stderr
        assert hint in result.stderr

    def test_nobody_has_coded(self, study: Study) -> None:
        with pytest.raises(StudyError, match="No one has coded yet"):
            study.tabulate(coders=["agreed"])

    def test_spaces_between_names(self, study: Study) -> None:
        code_twice(study)
        assert "the union of ana and ben" in qualcode(study, "themes", "--coders", "ana, ben").stdout


class TestNumbers:
    def test_agreed_union_and_consensus(self, study: Study) -> None:
        code_twice(study)
        agreed = rows(study)
        assert numbers(agreed["challenges"]) == (2, 2, 2, 2, 1, 1, 1)
        assert numbers(agreed["challenges/turnover"]) == (0, 0, 0, 1, 0, 0, 1)
        assert numbers(agreed["praise"]) == (1, 1, 1, 2, 1, 1, 2)
        assert rows(study, "--coders", "agreed") == agreed
        union = rows(study, "--coders", "ana,ben")
        assert numbers(union["praise"]) == (2, 2, 1, 2, 2, 1, 2)
        assert numbers(rows(study, "--coders", "ana")["praise"]) == (2, 2, 2, 2, 2, 2, 2)
        # Praise belongs there; turnover is left for later.
        qualcode(study, "adjudicate", "--coders", "ana,ben", stdin="y\nq\n")
        assert numbers(rows(study)["praise"]) == (2, 2, 2, 2, 2, 2, 2)
        held = rows(study, "--coders", "consensus")
        assert numbers(held["praise"]) == (1, 1, 1, 1, 1, 1, 1)
        assert numbers(held["challenges/turnover"]) == (0, 0, 0, 1, 0, 0, 1)

    def test_json_has_the_same_columns(self, study: Study) -> None:
        code_twice(study)
        found = json.loads(qualcode(study, "themes", "--format", "json").stdout)
        assert [one["segments_high"] for one in found] == [2, 1, 1, 2]
        assert list(found[0])[-4:] == ["segments_low", "segments_high", "cases_low", "cases_high"]

    def test_all_settled(self, study: Study) -> None:
        code_twice(study)
        qualcode(study, "adjudicate", "--coders", "ana,ben", stdin="y\nn\n")
        for coders in ("agreed", "consensus"):
            table = study.tabulate(coders=[coders])
            assert table.whose.endswith("; 2 of 2 differences settled, 0 open.")
            assert not count_themes(table).unsure.to_numpy().any()
        assert "differences" not in qualcode(study, "themes").stderr

    def test_undone_settling_is_open_again(self, study: Study) -> None:
        code_twice(study)
        qualcode(study, "adjudicate", "--coders", "ana,ben", stdin="y\nq\n")
        assert "1 of 2 differences settled, 1 open" in study.tabulate().whose
        study.undo("consensus")
        assert "0 of 2 differences settled, 2 open" in study.tabulate().whose


class TestWords:
    def test_every_command_says_whose_codings_it_counts(self, study: Study, tmp_path: Path) -> None:
        code_twice(study)
        whose = "Codings counted: those that ana and ben agree on; 0 of 2 differences settled, 2 open."
        printed = qualcode(study, "themes")
        assert printed.exit_code == 0
        assert whose in " ".join(printed.stdout.split())
        assert whose not in printed.stderr
        for command in (
            ("themes", "--format", "json"),
            ("themes", "--by", "case"),
            ("quotes",),
            ("figure", "themes", "--out", str(tmp_path / "themes.svg")),
            ("suggest-terms", "praise"),
            ("codebook", "test"),
        ):
            result = qualcode(study, *command)
            assert result.exit_code in {0, 3}
            assert whose in result.stderr, command
            assert "2 of 2 differences between ana and ben are open." in result.stderr

    def test_numbers_that_could_change_have_a_mark(self, study: Study) -> None:
        code_twice(study)
        lines = {line.split()[0]: line.split()[1:] for line in qualcode(study, "themes").stdout.splitlines()[1:5]}
        assert lines["Turnover"] == ["0*"] * 6
        assert lines["Scheduling"] == ["1", "1", "9", "1", "1", "50"]
        assert lines["Praise"] == ["1*", "1*", "4*", "1*", "1*", "50*"]
        caption = " ".join(qualcode(study, "themes").stdout.split())
        assert "Settled one way or the other, they would put Praise in 1 to 2 turns of 1 to 2 cases." in caption
        assert "* marks a number that an open difference could change." in caption

    def test_terms_and_rules_are_tried_against_what_is_agreed(self, study: Study) -> None:
        code_twice(study)
        analysis = analyse_study(study.root)
        assert {sheet.coder for sheet in analysis.sheets} == {"agreed"}
        assert sorted(one.code for sheet in analysis.sheets for one in sheet.codings) == [
            "challenges",
            "praise",
            "scheduling",
        ]
        tested = {
            coders: list(
                csv.DictReader(
                    io.StringIO(qualcode(study, "codebook", "test", "--coders", coders, "--format", "csv").stdout)
                )
            )
            for coders in ("agreed", "ana,ben")
        }
        recall = {
            name: next(row["recall"] for row in found if row["rule"] == "leave") for name, found in tested.items()
        }
        assert recall == {"agreed": "", "ana,ben": "1.0"}

    def test_agreement_is_of_what_each_gave(self, study: Study) -> None:
        code_twice(study)
        both = qualcode(study, "agreement", "--format", "json")
        assert json.loads(both.stdout) == json.loads(
            qualcode(study, "agreement", "--coders", "ana,ben", "--format", "json").stdout
        )

    def test_nothing_agreed_is_not_called_uncoded(self, study: Study) -> None:
        study.decide("ana", "P07:t004", "praise", "accept")
        study.decide("ben", "P07:t004", "turnover", "accept")
        result = qualcode(study, "themes")
        assert "No rule of the codebook matched" not in result.stderr
        assert result.exit_code == 0


class TestReports:
    @pytest.fixture
    def folder(self, study: Study, tmp_path: Path) -> Path:
        code_twice(study)
        report_study(study.root, tmp_path / "out")
        return tmp_path / "out"

    WHOSE = "Codings counted: those that ana and ben agree on; 0 of 2 differences settled, 2 open"

    def test_plain_files(self, folder: Path) -> None:
        head, *lines = (folder / "themes.csv").read_text("utf-8-sig").splitlines()
        assert head.endswith("cases_percent,segments_low,segments_high,cases_low,cases_high")
        assert [line.split(",")[-4:] for line in lines] == [
            ["2", "2", "1", "1"],
            ["1", "1", "1", "1"],
            ["0", "1", "0", "1"],
            ["1", "2", "1", "2"],
        ]
        facts = json.loads((folder / "run.json").read_text("utf-8"))
        assert facts["counting"] == {"way": "agreed", "differences": 2, "settled": 0, "open": 2}
        assert (facts["coders"], facts["options"]["coders"]) == (["ana", "ben"], ["agreed"])
        codings = list(csv.DictReader(io.StringIO((folder / "codings.csv").read_text("utf-8-sig"))))
        assert [(row["code"], row["coder"]) for row in codings] == [
            ("challenges/scheduling", "ana"),
            ("challenges", "ana, ben"),
            ("praise", "ana"),
        ]

    def test_word(self, folder: Path) -> None:
        with zipfile.ZipFile(folder / "report.docx") as package:
            text = re.sub(r"<[^>]+>", " ", package.read("word/document.xml").decode("utf-8"))
        text = " ".join(text.split())
        # The methods, the note of the theme table, and the captions of the four figures.
        assert text.count(self.WHOSE) >= 6
        assert "The passages were coded by ana and ben. Codings counted" in text
        assert "Turnover 0 (0)* 0*" in text

    def test_page(self, folder: Path) -> None:
        page = (folder / "report.html").read_text("utf-8")
        captions = re.findall(r"<figcaption[^>]*>(.*?)</figcaption>", page)
        assert [self.WHOSE in caption for caption in captions] == [True] * 4 + [False]  # the last is of agreement
        # Turnover and praise in each column; challenges, which has them anyway, in codings and words.
        assert page.count('class="unsure"') == 5 + 5 + 2
        assert "coded by <bdi>ana, ben</bdi>" in page
        assert "No person has confirmed" not in page

    def test_latex(self, folder: Path) -> None:
        text = (folder / "themes.tex").read_text("utf-8")
        assert self.WHOSE in text
        assert r"Turnover & 0* of 2 & 0* & 0* & 0* & 0* \\" in text

    def test_workbook(self, folder: Path) -> None:
        book = openpyxl.load_workbook(folder / "report.xlsx")
        sheet = book["Themes"]
        heads = [cell.value for cell in sheet[1]]
        assert heads[-4:] == ["Turns, at least", "Turns, at most", "Participants, at least", "Participants, at most"]
        praise = dict(zip(heads, sheet[5], strict=True))
        assert praise["Codings"].value == 1
        assert praise["Codings"].number_format == '#,##0"*"'
        assert praise["Turns, at most"].value == 2
        rows = list(book["Open differences"].iter_rows(values_only=True))
        assert [row[:6] for row in rows[1:]] == [
            ("praise", "P07", "P07", "t004", "ana", "ben"),
            ("challenges/turnover", "P07", "P07", "t004", "ben", "ana"),
        ]
        assert rows[1][6].startswith("People leave.")

    def test_of_a_union_and_a_consensus(self, study: Study, tmp_path: Path) -> None:
        code_twice(study)
        qualcode(study, "adjudicate", "--coders", "ana,ben", stdin="n\nq\n")
        for coders, whose in (
            (["ana", "ben"], "the union of ana and ben; 0 of 2 differences settled, 2 open"),
            (["consensus"], "the consensus; 1 of 2 differences settled, 1 open"),
        ):
            report_study(study.root, tmp_path / "out", coders=coders)
            page = (tmp_path / "out" / "report.html").read_text("utf-8")
            assert page.count(f"Codings counted: {whose}") >= 6
            assert "The passages were coded by ana and ben. Codings counted" in page

    def test_figures(self, study: Study) -> None:
        code_twice(study)
        themes = count_themes(study.tabulate())
        for plot in PLOTS:
            chart = plot(themes)
            assert chart.alt.endswith(f"{self.WHOSE}.")
            drawn = " ".join(texts(chart))
            assert self.WHOSE in " ".join(drawn.split())
        assert "0* of 2 cases" in texts(plot_themes(themes))

    def test_coders_whose_names_no_font_has(self, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(fonts, "FALLBACK_FAMILIES", ())
        study.decide("ana", "P07:t004", "praise", "accept")
        study.add_coder("陳大文")
        study.decide("陳大文", "P07:t004", "turnover", "accept")
        for plot in PLOTS:
            chart = plot(count_themes(study.tabulate()))
            assert "those that coder 1 and coder 2 agree on" in " ".join(texts(chart))
            assert [problem.rule for problem in chart.problems] == ["missing-font"]


def test_a_report_without_a_study_is_as_before(tmp_path: Path, sample_folder: Path, sample_codebook: Path) -> None:
    result = CliRunner().invoke(
        cli, ["run", str(sample_folder), "--codebook", str(sample_codebook), "--out", str(tmp_path / "out")]
    )
    assert "Codings counted" not in result.stdout
    assert (tmp_path / "out" / "themes.csv").read_text("utf-8").splitlines()[0].endswith(",cases_percent")
    assert "counting" not in json.loads((tmp_path / "out" / "run.json").read_text("utf-8"))
