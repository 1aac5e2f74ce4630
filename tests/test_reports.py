"""What all reports have in common: facts, methods, plain files, and that the same report gives the same bytes."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from interviews import coding, interview, sheet
from reporting import BOOK, CASES, HOSTILE, FakeChart, hostile_report, make_report, small_report, small_study

from qualcode.codebook import Code, Codebook, Rule, Term
from qualcode.columns import FrameColumns
from qualcode.errors import OutputError, Problem
from qualcode.quoting import rank_quote
from qualcode.reports import (
    FORMATS,
    Figure,
    compose,
    describe_methods,
    gather_facts,
    write_report,
    write_run,
    write_tables,
)
from qualcode.reports.phrases import clean, clock, shorten
from qualcode.reports.plain import name_transcripts
from qualcode.reports.quotes import Quotes, QuoteSource

if TYPE_CHECKING:
    from collections.abc import Collection

NAMES = [one.file for one in FORMATS.values()]


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


class TestFacts:
    def test_totals_by_hand(self) -> None:
        totals = small_report().facts.totals
        # Ana: 3 + 8 words and 1; Ben: 7 characters and 3 words. The interviewer: 2 + 2 and 1 words in 3 turns.
        assert (totals.transcripts, totals.cases, totals.segments, totals.words) == (2, 2, 3, 22)
        assert (totals.interviewer_segments, totals.interviewer_words) == (3, 5)
        assert (totals.codings, totals.interviewer_codings) == (6, 1)

    @pytest.mark.parametrize(
        ("coders", "expected"), [(["rules"], "rules"), (["ana"], "persons"), (["ana", "rules"], "both")]
    )
    def test_tells_who_coded(self, coders: list[str], expected: str) -> None:
        talk = interview("Ana", ANA_TALK)
        sheets = [sheet(talk, coding(talk, "alumni", "Alumni help.", coder=coder), coder=coder) for coder in coders]
        report = make_report([talk], sheets)
        assert report.facts.coding == expected
        text = " ".join(describe_methods(report))
        assert ("No person has confirmed" in text) == (expected == "rules")
        assert ("coded by ana" in text) == ("ana" in coders)

    def test_digests_are_those_of_the_files_where_there_are_any(self) -> None:
        transcripts, sheets = small_study()
        source = replace(transcripts[0].source, digest="f" * 64)
        transcripts[0] = replace(transcripts[0], source=source)
        inputs = make_report(transcripts, sheets).facts.inputs
        text = hashlib.sha256(transcripts[1].text.encode()).hexdigest()
        assert inputs == {"transcript Ana.txt": "f" * 64, "transcript Ben.txt": text, "codebook": BOOK.digest}

    def test_says_what_was_not_read(self) -> None:
        transcripts, sheets = small_study()
        source = replace(transcripts[0].source, left_out={"comments": 2, "deletions": 0})
        transcripts[0] = replace(transcripts[0], source=source)
        report = make_report(
            transcripts, sheets, problems=[Problem("/home/x/Broken.docx", "error", "bad", "Not a zip.")]
        )
        assert report.facts.left_out == {"Ana": {"comments": 2, "deletions": 0}}
        text = " ".join(describe_methods(report))
        assert "Ana: comments (2)" in text
        assert "deletions" not in text
        assert "1 file could not be read and was left out" in text


ANA_TALK = "I: So?\nAna: Alumni help."


class TestMethods:
    def test_holds_the_facts_of_the_run(self) -> None:
        report = small_report()
        text = " ".join(describe_methods(report))
        for fact in (
            "2 transcripts",
            "22 words",
            "2 participants",
            "5 words in 3 turns",
            "7 codes, 2 of them",
            "b00cb00c",
        ):
            assert fact in text
        assert (
            f"qualcode (Version {report.facts.version}) [Computer software] and spaCy {report.facts.spacy_version}"
            in text
        )
        assert "at least one character in common" in text

    def test_tells_how_rules_look(self) -> None:
        text = " ".join(describe_methods(small_report()))
        assert "exact form" not in text
        assert "excluding term" not in text
        rules = (Rule("a", "term", "alumni", (Term("no"),)), Rule("b", "regex", "x+"), Rule("c", "exact", "CLAP"))
        book = Codebook("B", "", (Code("alumni", "Alumni", rules=rules),), "", "d" * 64)
        talk = replace(interview("Ana", ANA_TALK), language="zh")
        report = make_report(
            [talk], [sheet(talk, coding(talk, "alumni", "Alumni help.", coder="rules"), coder="rules")], book
        )
        text = " ".join(describe_methods(report))
        assert "2 of the 3 rules look for an exact form or a pattern" in text
        assert "excluding term in the same sentence cancels" in text
        assert "in Chinese, as the same characters" in text

    def test_cases_with_several_voices_are_not_called_participants(self) -> None:
        talk = interview("School", "I: So?\nAna: Alumni help.\nBen: They do.")
        from qualcode.model import Case

        school = [Case("North", {}, (("School", ""),))]
        report = make_report([talk], [sheet(talk, coding(talk, "alumni", "Alumni help."))], cases=school)
        assert "1 case" in " ".join(describe_methods(report))


class TestTables:
    def test_columns_and_rows(self, tmp_path: Path) -> None:
        write_tables(small_report(), tmp_path)
        rows = (tmp_path / "themes.csv").read_text("utf-8-sig").splitlines()
        assert rows == [
            "code,name,theme,level,codings,segments,words,transcripts,cases,cases_percent",
            "channels,Channels,Channels,1,4,3,19,2,2,100.0",
            "channels/alumni,Alumni,Channels,2,3,2,18,2,2,100.0",
            "channels/friends,Friends,Channels,2,1,1,1,1,1,50.0",
            "challenges,Challenges,Challenges,1,2,2,11,2,2,100.0",
            "challenges/time,Time,Challenges,2,2,2,11,2,2,100.0",
            "challenges/time/clash,Clash,Challenges,3,1,1,8,1,1,50.0",
            "challenges/never,Never coded,Challenges,2,0,0,0,0,0,0.0",
        ]
        assert (tmp_path / "themes_by_case.csv").read_text("utf-8-sig").splitlines()[:4] == [
            "code,name,theme,level,case,codings,segments,words",
            "channels,Channels,Channels,1,Ana,3,2,12",
            "channels,Channels,Channels,1,Ben,1,1,7",
            "channels/alumni,Alumni,Channels,2,Ana,2,1,11",
        ]
        pairs = (tmp_path / "cooccurrence.csv").read_text("utf-8-sig").splitlines()
        assert pairs[0] == "code,other,segments,cases"
        assert "channels/alumni,challenges/time/clash,1,1" in pairs
        assert not any(row.startswith("channels,channels/") for row in pairs)

    def test_codings_are_slices_and_leave_the_interviewer_out(self, tmp_path: Path) -> None:
        write_tables(small_report(), tmp_path)
        codings = read_csv(tmp_path / "codings.csv")
        assert ",".join(codings[0]) == "transcript,case,speaker,segment,start,end,code,coder,rule,matched,quote"
        assert len(codings) == 6
        assert {row["speaker"] for row in codings} == {"Ana", "Ben"}
        assert ("challenges/time/clash", "clash", "clash") in {(r["code"], r["rule"], r["matched"]) for r in codings}
        for row in codings:
            text = (tmp_path / "transcripts" / f"{row['transcript']}.txt").read_bytes().decode("utf-8")
            assert text[int(row["start"]) : int(row["end"])] == row["quote"]

    def test_hostile_quotes_are_exact(self, tmp_path: Path) -> None:
        report = hostile_report()
        write_tables(report, tmp_path)
        rows = read_csv(tmp_path / "codings.csv")
        assert len(rows) == len(HOSTILE)
        assert [row["quote"] for row in rows] == list(HOSTILE)
        names = name_transcripts(row["transcript"] for row in rows)
        for row in rows:
            text = (tmp_path / "transcripts" / names[row["transcript"]]).read_bytes().decode("utf-8")
            assert text[int(row["start"]) : int(row["end"])] == row["quote"]

    def test_line_ends_and_encoding(self, tmp_path: Path) -> None:
        written = write_tables(hostile_report(), tmp_path)
        for path in written:
            content = path.read_bytes()
            assert b"\r" not in content
            assert content.startswith(b"\xef\xbb\xbf") == (path.suffix == ".csv")  # by which Excel knows UTF-8
            content.decode("utf-8")

    def test_a_quote_over_several_lines(self, tmp_path: Path) -> None:
        talk = interview("Ana", 'I: So?\nAna: He said "no",\nand left.')
        quote = 'He said "no",\nand left.'
        write_tables(make_report([talk], [sheet(talk, coding(talk, "time", quote))]), tmp_path)
        assert [row["quote"] for row in read_csv(tmp_path / "codings.csv")] == [quote]

    def test_several_coders_are_rows_of_codings_and_one_row_of_quotes(self, tmp_path: Path) -> None:
        talk = interview("Ana", ANA_TALK)
        sheets = [
            sheet(talk, coding(talk, "alumni", "Alumni help.", coder=coder), coder=coder) for coder in ("ana", "ben")
        ]
        write_tables(make_report([talk], sheets), tmp_path)
        assert [row["coder"] for row in read_csv(tmp_path / "codings.csv")] == ["ana", "ben"]
        assert len(read_csv(tmp_path / "quotes.csv")) == 1


class TestTranscriptNames:
    def test_ordinary_names_stay(self) -> None:
        assert name_transcripts(["P07", "訪談 1", "a.b"]) == {
            "P07": "P07.txt",
            "訪談 1": "訪談 1.txt",
            "a.b": "a.b.txt",
        }

    def test_names_that_a_system_refuses_or_confuses_are_told_apart(self) -> None:
        names = name_transcripts(["a/b", "a\\b", "A_B", "..", "", "nul\0"])
        assert len({name.casefold() for name in names.values()}) == len(names)
        assert not any(character in name for name in names.values() for character in '/\\:*?"<>|\0')
        assert names["a/b"] == "a_b.txt"

    def test_names_that_windows_takes_for_devices(self) -> None:
        names = name_transcripts(["aux", "COM1", "con.2", "_aux", "auxiliary"])
        assert [*names.values()] == ["_aux.txt", "_COM1.txt", "_con.2.txt", "_aux~2.txt", "auxiliary.txt"]

    @given(st.lists(st.text(max_size=8), unique=True, max_size=8))
    def test_every_transcript_has_its_own_file(self, ids: list[str]) -> None:
        names = name_transcripts(ids)
        assert list(names) == ids
        assert len({name.casefold() for name in names.values()}) == len(ids)


class TestRunFile:
    def test_content(self, tmp_path: Path) -> None:
        report = make_report(
            *small_study(), problems=[Problem("/home/me/Broken.docx", "error", "bad", "Not a zip.", "h")]
        )
        path = write_run(report.facts, tmp_path / "run.json", files={"themes.csv": "ab"})
        content = json.loads(path.read_text("utf-8"))
        assert content["version"] == report.facts.version
        assert content["inputs"]["codebook"] == BOOK.digest
        assert content["totals"]["words"] == 22
        assert content["left_out"]["interviewer_talk"]["words"] == 5
        assert content["left_out"]["problems"] == [
            {"where": "Broken.docx", "level": "error", "rule": "bad", "message": "Not a zip.", "hint": "h"}
        ]
        assert content["files"] == {"themes.csv": "ab"}
        assert "/home" not in path.read_text("utf-8")
        assert list(content) == sorted(content)

    def test_facts_can_be_gathered_from_the_counts_alone(self) -> None:
        facts = gather_facts(small_report().themes)
        assert facts.options == {}
        assert facts.model is None
        assert facts.languages == ("en",)


class TestWriting:
    @pytest.mark.parametrize("name", NAMES)
    def test_same_report_same_bytes(self, name: str, tmp_path: Path) -> None:
        one = write_report(small_report(), tmp_path / f"1-{name}").read_bytes()
        two = write_report(small_report(), tmp_path / f"2-{name}").read_bytes()
        assert one == two

    def test_same_bytes_in_processes_with_other_hash_seeds(self, tmp_path: Path) -> None:
        program = (
            "import sys, pathlib; sys.path.insert(0, sys.argv[2])\n"
            "from reporting import small_report; from qualcode import reports\n"
            "out = pathlib.Path(sys.argv[1]); report = small_report()\n"
            "reports.write_results(report, out); reports.write_run(report.facts, out / 'run.json')\n"
        )
        trees = []
        for seed in ("1", "2"):
            folder = tmp_path / seed
            command = [sys.executable, "-c", program, str(folder), str(Path(__file__).parent)]
            env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Hong_Kong" if seed == "1" else "UTC"}
            subprocess.run(command, check=True, env=env)
            files = (path for path in sorted(folder.rglob("*")) if path.is_file())
            trees.append({path.relative_to(folder).as_posix(): path.read_bytes() for path in files})
        assert len(trees[0]) == 5 + 2 + 5 + 12 + 1  # tables, transcripts, reports, figures, run.json
        assert trees[0] == trees[1]

    @pytest.mark.parametrize("name", NAMES)
    def test_a_place_that_cannot_be_written(self, name: str, tmp_path: Path) -> None:
        (tmp_path / "taken").write_text("a file")
        with pytest.raises(OutputError) as caught:
            write_report(small_report(), tmp_path / "taken" / name)
        assert name in caught.value.where
        assert caught.value.hint

    def test_nothing_is_left_when_writing_fails(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(self: Path, target: Path) -> Path:
            raise OSError(28, "No space left on device")

        target = tmp_path / "report.html"
        target.write_text("yesterday's")
        monkeypatch.setattr(Path, "replace", fail)
        with pytest.raises(OutputError, match="No space left"):
            write_report(small_report(), target)
        assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
        assert target.read_text() == "yesterday's"

    @pytest.mark.skipif(os.name != "posix", reason="file modes of POSIX")
    def test_a_result_has_the_rights_of_an_ordinary_file(self, tmp_path: Path) -> None:
        (tmp_path / "ordinary").write_text("")
        path = write_report(small_report(), tmp_path / "themes.tex")
        assert path.stat().st_mode == (tmp_path / "ordinary").stat().st_mode

    def test_missing_folders_are_made(self, tmp_path: Path) -> None:
        assert write_report(small_report(), tmp_path / "a" / "b" / "themes.tex").exists()


class TestAwkwardStudies:
    @pytest.mark.parametrize("name", NAMES)
    @pytest.mark.parametrize("kind", ["no codings", "one case", "only the interviewer", "no transcript", "no charts"])
    def test_every_report_can_be_written(self, name: str, kind: str, tmp_path: Path) -> None:
        talk = interview("Ana", "I: Nobody else?" if kind == "only the interviewer" else ANA_TALK)
        sheets = [sheet(talk, coding(talk, "alumni", "Alumni help."))] if kind in {"one case", "no charts"} else []
        talks = [] if kind == "no transcript" else [talk]
        report = make_report(talks, sheets, with_charts="no" if kind == "no charts" else "yes")
        assert write_report(report, tmp_path / name).stat().st_size > 0
        write_tables(report, tmp_path)
        assert len(read_csv(tmp_path / "themes.csv")) == 7
        assert describe_methods(report)


class TestChoosing:
    def quotes(self, *told: tuple[str, int], picked: Collection[int] = ()) -> Quotes:
        """Return quotes of a code, given case and number of words of each."""
        rows = [
            ("a", case, case, "t001", case, math.nan, row * 100, row * 100 + 50, "word " * words, "", "")
            for row, (case, words) in enumerate(told)
        ]
        names = ["code", "case", "transcript", "segment", "speaker", "time", "start", "end", "quote", "rule", "matched"]
        return Quotes(QuoteSource(FrameColumns.of(pd.DataFrame(rows, columns=names)), picked, ()), np.arange(len(told)))

    def chosen(self, quotes: Quotes, count: int, avoid: Collection[int] = ()) -> list[int]:
        return [quote.row for quote in quotes.choose(count, avoid)]

    def test_spread_over_cases_before_length(self) -> None:
        quotes = self.quotes(("A", 30), ("A", 31), ("B", 3), ("C", 300))
        assert self.chosen(quotes, 3) == [0, 2, 3]
        assert self.chosen(quotes, 9) == [0, 1, 2, 3]

    def test_nearest_to_the_ideal_length_within_a_case(self) -> None:
        quotes = self.quotes(("A", 2), ("A", 28), ("A", 45))
        assert self.chosen(quotes, 1) == [1]
        assert self.chosen(quotes, 2) == [1, 2]

    def test_what_people_chose_goes_first(self) -> None:
        quotes = self.quotes(("A", 30), ("A", 3), ("B", 30), picked=[1])
        assert quotes.n_picked == 1
        assert self.chosen(quotes, 1) == [1]
        assert self.chosen(quotes, 2) == [1, 0]

    def test_what_is_shown_elsewhere_comes_last(self) -> None:
        quotes = self.quotes(("A", 30), ("A", 3))
        assert self.chosen(quotes, 1, [0]) == [1]
        assert self.chosen(quotes[:1], 1, [0]) == [0]
        assert self.chosen(quotes.leave_out(quotes[0]), 2) == [1]

    @given(st.data())
    def test_as_when_every_quote_is_looked_at(self, data: st.DataObject) -> None:
        told = data.draw(
            st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 6).map(lambda n: n * 9)), max_size=12)
        )
        places = st.sets(st.integers(0, max(len(told) - 1, 0))) if told else st.just(set())
        picked, avoid, count = data.draw(places), data.draw(places), data.draw(st.integers(1, 6))
        quotes = self.quotes(*told, picked=picked)
        by_case: dict[str, list[int]] = {}
        for row in sorted(range(len(told)), key=lambda row: (row in avoid, rank_quote("word " * told[row][1]), row)):
            by_case.setdefault(told[row][0], []).append(row)
        rounds = [row for one_each in zip_longest(*by_case.values()) for row in one_each if row is not None]
        best = sorted(rounds, key=lambda row: (row not in picked, row in avoid))[:count]
        assert self.chosen(quotes, count, avoid) == sorted(best, key=lambda row: (row not in picked, row))

    def test_none(self) -> None:
        assert self.quotes().choose(3) == []

    @pytest.mark.parametrize(
        ("text", "words", "expected"),
        [
            ("one two three", 3, "one two three"),
            ("one two,  three\nfour", 3, "one two, three […]"),
            ("我哋搵校友", 2, "我哋 […]"),
            ("", 2, ""),
        ],
    )
    def test_shorten(self, text: str, words: int, expected: str) -> None:
        assert shorten(text, words) == expected

    @pytest.mark.parametrize(("seconds", "expected"), [(0, "0:00:00"), (59.9, "0:00:59"), (3725, "1:02:05")])
    def test_clock(self, seconds: float, expected: str) -> None:
        assert clock(seconds) == expected


def test_clean_shows_what_xml_cannot_hold() -> None:
    assert clean("a\x00b\x1fc\ud800d\uffffe\tf\ng😀") == "a\ufffdb\ufffdc\ufffdd\ufffde\tf\ng😀"


def test_a_figure_is_drawn_once_in_each_format(tmp_path: Path) -> None:
    calls = []

    class Counting(FakeChart):
        def render(self, file_format: str) -> bytes:  # type: ignore[override]
            calls.append(file_format)
            return super().render(file_format)  # type: ignore[arg-type]

    report = replace(small_report(), charts={"themes": Counting("Alt.")})
    for name in ("a.html", "a.docx", "b.docx", "b.html"):
        write_report(report, tmp_path / name)
    assert calls == ["svg", "png"]


def test_case_table_order_is_kept() -> None:
    report = make_report(*small_study(), cases=CASES[::-1])
    assert [case.id for case in report.table.index.cases] == ["Ben", "Ana"]


def test_codes_of_one_level_are_not_called_sub_themes_and_figures_tell_of_themselves(tmp_path: Path) -> None:
    from studies import build_transcript

    from qualcode.running import report_study
    from qualcode.study import create_study

    flat = ", ".join(f"{{id: c{number}, name: Code {number}, rules: [people]}}" for number in range(12))
    (tmp_path / "flat.yaml").write_text(f"codes: [{flat}]", "utf-8")
    with create_study(tmp_path / "study", codebook=tmp_path / "flat.yaml") as study:
        for number in range(12):
            study.add_transcript(build_transcript(f"P{number}"))
        study.tag()
    report_study(tmp_path / "study", tmp_path / "out")
    text = (tmp_path / "out" / "report.md").read_text("utf-8")
    assert "sub-theme" not in text
    assert "\n| Theme | Participants, n (%) | Turns | Illustrative quote |\n" in text
    assert "Themes by number of participants and turns" in text
    assert "Several themes may occur in one turn, so rows do not add up." in text
    assert "sub-theme" not in (tmp_path / "out" / "themes.tex").read_text("utf-8")
    assert "sub-theme" not in (tmp_path / "out" / "report.html").read_text("utf-8").split("<body")[1]
    told = "There is room for lanes of the 7 most frequent of 12 themes; the others share a lane"
    captions = [line for line in text.splitlines() if line.startswith("**Figure")]
    assert [told in caption for caption in captions].count(True) == 1
    assert told not in text.partition("What was not counted")[2]
    assert told in (tmp_path / "out" / "run.json").read_text("utf-8")


def test_a_caption_says_what_had_no_room_once() -> None:
    said = "Drawn: codes of level 1."
    note = Problem("figure themes", "note", "no-room", f"{said} There is no room for more.")
    font = Problem("figure themes", "warning", "missing-font", "No installed font has the characters of “😀”.")
    report = small_report()
    charts = {**report.charts, "themes": FakeChart("alt", selection=said, problems=(note, font))}
    facts = replace(report.facts, problems=(*report.facts.problems, replace(note, where="figure themes"), font))
    document = compose(replace(report, charts=charts, facts=facts))  # type: ignore[arg-type]
    caption = next(block.caption for block in document.blocks if isinstance(block, Figure))
    assert caption.count(said) == 1
    assert f"{said} {font.message.removesuffix('.')}" in caption
