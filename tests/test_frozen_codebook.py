"""A frozen codebook: what was changed after it, and which codings each change moved."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from studies import begin_study

import qualcode
from qualcode.cli import cli
from qualcode.codebook import merge_codes, rename_code
from qualcode.deposit import verify
from qualcode.errors import StudyError

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.study import Study


@pytest.fixture
def study(tmp_path: Path) -> Study:
    study = begin_study(tmp_path / "study", "P07", "P08")
    study.decide("ana", "P07:t002", "scheduling", "accept")
    study.decide("ana", "P07:t004", "turnover", "accept")
    return study


def text_of(report: Path) -> str:
    return (report / "report.md").read_text("utf-8")


def test_nothing_is_said_of_one_that_was_not_frozen(study: Study, tmp_path: Path) -> None:
    assert study.frozen() is None
    qualcode.report_study(study.root, tmp_path / "report")
    assert "frozen" not in text_of(tmp_path / "report")


def test_digest_and_date_are_recorded(study: Study, tmp_path: Path) -> None:
    arguments = ["codebook", "freeze", "--note", "preregistered at osf.io/abc12", "--study", str(study.root)]
    result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 0, result.output
    frozen = study.frozen()
    assert frozen is not None
    [freeze] = frozen.freezes
    assert freeze.digest == study.codebook.digest
    assert freeze.note == "preregistered at osf.io/abc12"
    assert frozen.changes == ()
    qualcode.report_study(study.root, tmp_path / "report")
    assert "preregistered at osf.io/abc12" in text_of(tmp_path / "report")
    assert "It has not been changed since." in text_of(tmp_path / "report")


def test_each_change_has_the_codings_that_it_moved(study: Study, tmp_path: Path) -> None:
    study.freeze("registered")
    study.recode(rename_code, code="praise", new_name="Compliments", because="plainer")
    study.decide("ben", "P08:t004", "praise", "accept")  # a person's act between two changes is no effect of one
    study.recode(merge_codes, codes=["turnover"], into="scheduling", because="too few")
    frozen = study.frozen()
    assert frozen is not None
    renamed, merged = frozen.changes
    assert [one.kind for one in renamed.changes] == ["renamed"]
    assert renamed.moved == {}
    assert renamed.why == "plainer"
    # ana's one coding, and one suggestion of the rules in each of two transcripts
    assert merged.moved == {"scheduling": 3, "turnover": -3}
    assert [(one.kind, one.code) for one in merged.changes if one.kind == "removed"] == [("removed", "turnover")]
    qualcode.report_study(study.root, tmp_path / "report", coders=["ana"])
    text = text_of(tmp_path / "report")
    assert "It has been changed 2 times since." in text
    assert "Scheduling: 3 codings more; Turnover: 3 codings fewer" in text
    with zipfile.ZipFile(tmp_path / "report" / "report.docx") as package:
        assert b"3 codings more" in package.read("word/document.xml")
    assert verify(tmp_path / "report", study.root).frame.empty


def test_rules_that_run_again_are_told(study: Study) -> None:
    study.freeze("registered")
    path = study.layout.codebook
    path.write_text(path.read_text("utf-8").replace("rules: [lovely]", "rules: [lovely, clash]"), "utf-8")
    frozen = study.frozen()
    assert frozen is not None
    [change] = frozen.changes
    assert (change.at, change.moved) == ("", {}), "nothing has recorded it yet"
    study.tag()
    frozen = study.frozen()
    assert frozen is not None
    [change] = frozen.changes
    assert [one.kind for one in change.changes] == ["rules"]
    assert change.moved == {"praise": 2}, "one more suggestion in each transcript"


def test_a_later_freeze_does_not_hide_what_came_before_it(study: Study, tmp_path: Path) -> None:
    study.freeze("registered")
    study.recode(rename_code, code="praise", new_name="Compliments", because="plainer")
    study.freeze("amended")
    frozen = study.frozen()
    assert frozen is not None
    assert [one.note for one in frozen.freezes] == ["registered", "amended"]
    assert len(frozen.changes) == 1
    qualcode.report_study(study.root, tmp_path / "report", coders=["ana"])
    assert "It was frozen again" in text_of(tmp_path / "report")


def test_a_note_is_needed(study: Study) -> None:
    with pytest.raises(StudyError, match="needs a note"):
        study.freeze("  ")
