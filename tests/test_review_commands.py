"""``qualcode review``, ``assign``, ``adjudicate`` and ``memo``, as they are called."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from studies import TALK, begin_study, build_transcript

from qualcode.cli import cli
from qualcode.study import Study, create_study

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

DATES = TALK[1][1]
LOVELY = "They were lovely, though."


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study", "P07", "P08")


def qualcode(study: Study, *arguments: str, stdin: str | bytes = "") -> Result:
    return CliRunner().invoke(cli, [*arguments, "--study", str(study.root)], input=stdin)


def state(study: Study, coder: str = "ana", name: str = "P07") -> list[tuple[str, str, str]]:
    sheet = Study(study.root).sheet(coder, name)
    return [(one.code, one.verdict, one.quote) for one in sheet.codings] if sheet else []


class TestReview:
    def test_without_a_terminal(self, study: Study) -> None:
        result = qualcode(study, "review", "--coder", "ana")
        assert result.exit_code == 1
        assert "needs a terminal" in result.stderr

    def test_of_nothing(self, study: Study) -> None:
        result = qualcode(study, "review", "--coder", "ana", "--assigned")
        assert (result.exit_code, result.stderr) == (0, "There is no such segment.\n")

    def test_a_misspelt_name_is_told(self, study: Study) -> None:
        result = qualcode(study, "review", "--coder", "ana", "--transcript", "P7")
        assert result.exit_code == 1
        assert "Did you mean “P07”" in result.stderr

    def test_all_of_one_code_after_a_look(self, study: Study) -> None:
        refused = qualcode(study, "review", "--coder", "ana", "--accept-all", "praise", stdin="n\n")
        assert refused.exit_code == 1
        listed = [f"{name}:t004  praise  “{LOVELY}”" for name in ("P07", "P08")]
        assert refused.stdout.splitlines()[:2] == listed  # behind them, older versions of click put the answer
        assert "Accept 2 suggestions?" in refused.stderr
        assert state(study) == []
        done = qualcode(study, "review", "--coder", "ana", "--accept-all", "Praise", "--yes")
        assert done.exit_code == 0
        assert done.stdout.splitlines() == listed
        assert "qualcode undo --coder ana --steps 2" in done.stderr
        assert state(study) == state(study, name="P08") == [("praise", "accepted", LOVELY)]
        again = qualcode(study, "review", "--coder", "ana", "--accept-all", "praise")
        assert (again.exit_code, again.stdout) == (0, "")
        assert "No suggestion of “praise” is undecided there." in again.stderr

    def test_all_of_one_code_within_bounds(self, study: Study) -> None:
        more = ("--accept-all", "challenges", "--transcript", "P08", "--yes")
        listed = qualcode(study, "review", "--coder", "ana", *more).stdout
        assert listed == f"P08:t002  scheduling  “{DATES}”\nP08:t004  turnover  “People leave.”\n"
        assert state(study) == []

    def test_not_all_of_a_blind_part(self, study: Study) -> None:
        study.assign(["ana", "ben"], share=1, seed=7)
        result = qualcode(study, "review", "--coder", "ana", "--accept-all", "praise", "--yes", "--with-suggestions")
        assert result.stdout == ""
        assert state(study) == []


class TestAssign:
    def test_counts_per_transcript(self, study: Study) -> None:
        study.add_transcript(build_transcript("P09", TALK * 5), b"x")
        result = qualcode(study, "assign", "--coders", " ana, ben,", "--share", "50%", "--seed", "7")
        assert result.exit_code == 0
        counts = dict(line.split(": ") for line in result.stdout.splitlines())
        drawn = study.assignment()
        assert counts == {
            name: f"{n} segment{'s' if n != 1 else ''}"
            for name in ("P07", "P08", "P09")
            for n in [sum(one.startswith(name) for one in drawn["ana"])]
        }
        assert counts["P07"] == "1 segment"
        assert drawn["ana"] == drawn["ben"]
        assert "takes the place" not in result.stderr
        again = qualcode(study, "assign", "--coders", "ana,ben", "--share", "50%", "--seed", "8")
        assert "replaces the earlier draw" in again.stderr

    def test_draw_is_stratified_and_repeatable(self, study: Study) -> None:
        assert study.assign(["ana", "ben"], share=0.5, seed=7) == {"P07": 1, "P08": 1}
        first = study.assignment()
        assert all(address.endswith(("t002", "t004")) for address in first["ana"])  # the interviewees'
        study.assign(["ana", "ben"], share=0.5, seed=7)
        assert study.assignment() == first

    @pytest.mark.parametrize(("share", "code"), [("half", 2), ("0", 1), ("101%", 1), ("nan", 1), ("-5", 1)])
    def test_wrong_shares(self, study: Study, share: str, code: int) -> None:
        assert qualcode(study, "assign", "--coders", "ana", "--share", share, "--seed", "7").exit_code == code
        assert study.assignment() == {}

    def test_unknown_coders_are_refused_where_they_are_named(self, tmp_path: Path) -> None:
        study = create_study(tmp_path / "study", coders=["ana", "ben"])
        study.add_transcript(build_transcript("P07"), b"x")
        result = qualcode(study, "assign", "--coders", "ana,bem", "--share", "50%", "--seed", "7")
        assert result.exit_code == 1
        assert "“bem” is not a coder of this study" in result.stderr
        assert study.assignment() == {}
        assert study.coders() == ("ana", "ben")


class TestAdjudicate:
    @pytest.fixture
    def study(self, study: Study) -> Study:
        for coder in ("ana", "ben"):
            study.mark_seen(coder, ["P07:t002", "P07:t004"])
            study.decide(coder, "P07:t002", "scheduling", "accept")
        study.decide("ana", "P07:t004", "praise", "accept", note="so\x1b[31m kind")
        study.decide("ben", "P07:t004", "turnover", "accept")
        return study

    def test_list(self, study: Study) -> None:
        listed = qualcode(study, "adjudicate", "--coders", "ana,ben", "--list")
        assert listed.stdout == (
            f"P07:t004  praise  ana  “{LOVELY}”\nP07:t004  challenges/turnover  ben  “People leave.”\n"
        )
        assert "2 segments read by both; 0 of 2 differences settled, 2 open." in listed.stderr
        assert state(study, "consensus") == []

    def test_answers_from_standard_input(self, study: Study) -> None:
        done = qualcode(study, "adjudicate", "--coders", "ana,ben", stdin="y\nq\n")
        assert done.exit_code == 0
        assert f"ana gave it on “{LOVELY}” (so�[31m kind)" in done.stdout
        assert "“Praise” in P07:t004 is accepted." in done.stdout
        assert "1 of 2 differences settled, 1 open" in done.stderr
        assert state(study, "consensus") == [("scheduling", "applied", DATES), ("praise", "applied", LOVELY)]
        done = qualcode(study, "adjudicate", "--coders", "ana,ben", stdin="n")
        assert "2 of 2 differences settled, 0 open" in done.stderr
        assert qualcode(study, "adjudicate", "--coders", "ana,ben").exit_code == 0
        assert study.check() == []

    def test_a_wrong_answer_ends_it(self, study: Study) -> None:
        result = qualcode(study, "adjudicate", "--coders", "ana,ben", stdin="y\nperhaps\n")
        assert result.exit_code == 1
        assert "answer 2: “perhaps” is not an answer." in result.stderr
        assert ("praise", "applied", LOVELY) in state(study, "consensus")

    def test_a_table_to_fill_in_and_give_back(self, study: Study, tmp_path: Path) -> None:
        path = tmp_path / "d.csv"
        study.decide("ana", "P07:t004", "challenges", "apply", span=study.segment("P07:t004")[1].span)
        assert qualcode(study, "adjudicate", "--coders", "ana,ben", "--list", "--out", str(path)).stdout == ""
        rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
        assert [row["code"] for row in rows] == ["challenges", "praise", "challenges/turnover"]
        answers = {"challenges": "n", "praise": "y", "challenges/turnover": ""}
        lines = [",".join(row)] if (row := list(rows[0])) else []
        lines += [",".join([one["segment"], one["code"], one["coder"], "", answers[one["code"]]]) for one in rows]
        path.write_text("\n".join(lines), "utf-8-sig")
        done = qualcode(study, "adjudicate", "--coders", "ana,ben", "--from", str(path))
        assert (done.exit_code, done.stdout) == (0, "")
        assert "Settled: 2 differences." in done.stderr
        assert "2 of 3 differences settled, 1 open" in done.stderr
        again = qualcode(study, "adjudicate", "--coders", "ana,ben", "--from", "-", stdin=path.read_bytes())
        assert "Settled: 0 differences; 2 already settled that way." in again.stderr

    def test_no_cell_becomes_a_formula(self, tmp_path: Path) -> None:
        study = begin_study(tmp_path / "s")
        study.add_transcript(build_transcript("=P", (("Ana", "=1+1 they are lovely"),)), b"x")
        for coder in ("ana", "ben"):
            study.mark_seen(coder, ["=P:t001"])
        study.decide("ana", "=P:t001", "praise", "apply")
        listed = qualcode(study, "adjudicate", "--coders", "ana,ben", "--list", "--format", "csv").stdout
        (row,) = csv.DictReader(io.StringIO(listed))
        assert (row["segment"], row["quote"]) == ("'=P:t001", "'=1+1 they are lovely")
        table = f"segment,code,verdict\n{row['segment']},praise,y\n"
        done = qualcode(study, "adjudicate", "--coders", "ana,ben", "--from", "-", stdin=table)
        assert "Settled: 1 difference." in done.stderr

    def test_all_wrong_rows(self, study: Study) -> None:
        table = "segment,code,verdict\nP07:t004,praise,y\nP07:t004,turnover,x\nP07:t0,praise,n\n"
        result = qualcode(study, "adjudicate", "--coders", "ana,ben", "--from", "-", stdin=table)
        assert result.exit_code == 1
        assert "stdin:3: error: “x” is not a verdict." in result.stderr
        assert "stdin:4: error: There is no segment “t0”" in result.stderr
        assert state(study, "consensus") == [("scheduling", "applied", DATES)]

    @pytest.mark.parametrize(
        ("words", "code", "told"),
        [
            (("--coders", "ana"), 2, "two coders"),
            (("--coders", "ana,ben,chi"), 2, "two coders"),
            (("--coders", "ana,ben", "--list", "--from", "x"), 2, "either"),
            (("--coders", "ana,ben", "--out", "d.csv"), 2, "--out needs --list"),
            (("--coders", "ana,bem"), 1, "Did you mean “ben”?"),
            (("--coders", "ana,ben", "--as", "ana"), 1, "cannot both hold the consensus"),
            (("--coders", "ana,ben", "--from", "none.csv"), 1, "Could not open file"),
        ],
    )
    def test_wrong_words(self, study: Study, words: tuple[str, ...], code: int, told: str) -> None:
        result = qualcode(study, "adjudicate", *words)
        assert result.exit_code == code
        assert told in result.stderr

    def test_what_waits_is_told(self, study: Study) -> None:
        study.assign(["ana", "ben", "chi"], share=1, seed=1)
        result = qualcode(study, "adjudicate", "--coders", "ana,ben", "--list")
        assert result.stdout == ""
        assert "2 segments left out: other coders assigned to them have not read them yet." in result.stderr


class TestMemos:
    def test_add_and_list(self, study: Study) -> None:
        assert qualcode(study, "memo", "add", "study", "Hello.", "--author", "ana").exit_code == 0
        added = qualcode(study, "memo", "add", "code:praise", "--private", stdin="from 大家\n")
        assert added.exit_code == 0
        study.memo("P07:t002", "x\x1b]0;y", memo_id="odd", author="be\x1bn")
        lines = qualcode(study, "memo", "list").stdout.splitlines()
        digests = {one.id: one.digest[:12] for one in study.memos()[0]}
        assert lines[0].startswith("code-praise  (code:praise)  ")
        assert lines[0].endswith(f" UTC, private, {digests['code-praise']}")
        assert lines[1] == "    from 大家"
        assert lines[2].startswith("odd  (P07:t002)  be�n, 2026-03-01 ")
        assert lines[3] == "    x�]0;y"
        assert lines[4].startswith("study  (study)  ana, ")
        assert lines[4].endswith(f" UTC, {digests['study']}")

    def test_replace_what_one_has_read(self, study: Study) -> None:
        study.memo("study", "First.")
        digest = study.memos()[0][0].digest[:12]
        assert qualcode(study, "memo", "add", "study", "Second.", "--replace", digest.upper()).exit_code == 0
        assert [one.text for one in study.memos()[0]] == ["Second.\n"]
        late = qualcode(study, "memo", "add", "study", "Third.", "--replace", digest)
        assert late.exit_code == 1
        assert "has changed in the meantime" in late.stderr
        short = qualcode(study, "memo", "add", "study", "Third.", "--replace", "ab")
        assert short.exit_code == 2
        assert [one.text for one in study.memos()[0]] == ["Second.\n"]

    def test_the_mark_goes_on_and_off(self, study: Study) -> None:
        qualcode(study, "memo", "add", "study", "a", "--private")
        qualcode(study, "memo", "add", "study", "b")
        assert study.memos()[0][0].is_private
        qualcode(study, "memo", "add", "study", "c", "--shared")
        assert not study.memos()[0][0].is_private

    def test_not_utf8(self, study: Study) -> None:
        result = qualcode(study, "memo", "add", "study", stdin=b"\xff\xfe")
        assert result.exit_code == 1
        assert "not UTF-8" in result.stderr

    def test_about_everything(self, study: Study) -> None:
        for about in ("study", "code:challenges/scheduling", "case:P07", "P07:t002", "P07:33-51"):
            study.memo(about, f"On {about}.")
        memos, problems = study.memos()
        assert problems == []
        assert {memo.about for memo in memos} == {"study", "code:scheduling", "case:P07", "P07:t002", "P07:33-51"}
        study.memo("study", "More.")
        assert next(memo.text for memo in study.memos()[0] if memo.id == "study") == "On study.\n\nMore.\n"

    @pytest.mark.parametrize("about", ["", "nothing", "code:no", "case:no", "P07:t099", "P07:5-99999", "P99:t001"])
    def test_about_nothing(self, study: Study, about: str) -> None:
        assert qualcode(study, "memo", "add", about, "x").exit_code == 1
        assert study.memos() == ((), [])

    def test_written_by_hand(self, study: Study) -> None:
        (study.root / "memos").mkdir()
        (study.root / "memos" / "a.md").write_bytes(b"\xef\xbb\xbf---\r\nabout: P07:t001\r\n---\r\nhello\r\n")
        (study.root / "memos" / "b.md").write_bytes(b"free")
        (study.root / "memos" / "c.md").write_bytes(b"\xff")
        listed = qualcode(study, "memo", "list")
        assert listed.exit_code == 3
        assert listed.stdout.splitlines()[0].startswith("a  (P07:t001)  ")
        assert listed.stdout.splitlines()[2].startswith("b  (study)  ")
        assert "memos/c.md" in listed.stderr
