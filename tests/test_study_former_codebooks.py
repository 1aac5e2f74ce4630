"""A change of the codebook taken back and done again, with the codings that a merger gave another code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from studies import TALK, begin_study, build_transcript

from qualcode.codebook import add_code, merge_codes, rename_code
from qualcode.errors import ConflictError, StudyError
from qualcode.study import Study

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Ana and Ben gave Praise and Turnover, in part to the same words; notes say to which."""
    study = begin_study(tmp_path / "study", "P07", "P08")
    for coder, code in (("ana", "praise"), ("ana", "turnover"), ("ben", "praise")):
        study.decide(coder, "P07:t004", code, "apply", note=f"{coder} {code}")
    study.decide("ben", "P08:t004", "turnover", "accept")
    return study


def state(study: Study) -> list[tuple[str, str, str, str, str]]:
    sheets = Study(study.root).sheets()[0]
    return sorted((one.coder, one.transcript, one.code, one.quote, one.note) for s in sheets for one in s.codings)


def merge(study: Study) -> str:
    """Merge Praise into Turnover, and return the digest of before."""
    before = study.codebook.digest
    study.recode(merge_codes, codes=["praise"], into="turnover", because="Much the same")
    return before


def test_there_and_back_and_there_again(study: Study) -> None:
    was, text = state(study), study.layout.codebook.read_bytes()
    before = merge(study)
    merged, after = state(study), study.codebook.digest
    assert ("ana", "P07", "turnover", TALK[3][1], "ana praise; ana turnover") in merged
    for _ in range(2):
        assert study.bring_back_codebook(before, saw=after) == 4  # of Ana, of Ben, and two of the rules
        assert (state(study), study.layout.codebook.read_bytes()) == (was, text)
        assert study.bring_back_codebook(after, saw=before) == 4
        assert state(study) == merged
    assert [one for one in Study(study.root).check() if one.level != "note"] == []


def test_codes_given_since_stay(study: Study) -> None:
    before = merge(study)
    study.decide("ben", "P08:t002", "turnover", "apply")
    study.bring_back_codebook(before, saw=study.codebook.digest)
    assert ("ben", "P08", "turnover", TALK[1][1], "") in state(study)
    assert ("ben", "P07", "praise", TALK[3][1], "ben praise") in state(study)


def test_what_was_changed_since_is_not_overwritten(study: Study) -> None:
    before = merge(study)
    (coding,) = study.sheet("ben", "P07").codings
    study.note("ben", coding, "another thought")
    now, text = state(study), study.layout.codebook.read_bytes()
    with pytest.raises(ConflictError, match="builds on it"):
        study.bring_back_codebook(before, saw=study.codebook.digest)
    assert (state(study), study.layout.codebook.read_bytes()) == (now, text)


def test_a_codebook_that_was_changed_since_stays(study: Study) -> None:
    before = merge(study)
    after = study.codebook.digest
    study.recode(rename_code, code="turnover", new_name="Coming and going", because="Wider")
    with pytest.raises(ConflictError, match="changed since"):
        study.bring_back_codebook(before, saw=after)


def test_two_mergers_go_back_one_by_one(study: Study) -> None:
    was, first = state(study), merge(study)
    middle, second = state(study), study.codebook.digest
    study.recode(merge_codes, codes=["turnover"], into="scheduling", because="All one")
    study.bring_back_codebook(second, saw=study.codebook.digest)
    assert state(study) == middle
    study.bring_back_codebook(first, saw=second)
    assert state(study) == was


def test_a_merger_comes_back_to_a_corrected_text(study: Study) -> None:
    before = merge(study)
    study.correct(build_transcript("P07", (*TALK[:1], (TALK[1][0], "Well. " + TALK[1][1]), *TALK[2:])))
    study.bring_back_codebook(before, saw=study.codebook.digest)
    assert ("ben", "P07", "praise", TALK[3][1], "ben praise") in state(study)
    assert [one for one in Study(study.root).check() if one.level != "note"] == []


def test_a_merger_is_not_an_act_of_a_coder(study: Study) -> None:
    study.who = "ana"
    merge(study)
    merged = state(study)
    assert study.undo("ana").what == "apply"  # her own, before it
    assert study.redo("ana").what == "apply"
    assert state(study) == merged
    event = next(one for one in study.history("ana", "P07").events.values() if one.what == "merge-codes")
    with pytest.raises(StudyError, match="not an action of ana's"):
        study.undo("ana", event=event)


def test_what_cannot_come_back(study: Study) -> None:
    before = study.codebook.digest
    study.recode(add_code, new_name="Thanks")
    study.decide("ben", "P08:t002", "thanks", "apply")
    with pytest.raises(StudyError, match="thanks is given by now"):
        study.bring_back_codebook(before, saw=study.codebook.digest)
    for digest in ("0" * 64, "../codebook", ""):
        with pytest.raises(StudyError, match="not kept"):
            study.bring_back_codebook(digest, saw=study.codebook.digest)
