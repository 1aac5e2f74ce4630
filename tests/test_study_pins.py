"""The codes on the digits: what they mean changes only when the coder says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from studies import begin_study

from qualcode.codebook import add_code
from qualcode.errors import CodebookError, StudyError
from qualcode.study import Study, create_study

if TYPE_CHECKING:
    from pathlib import Path

FREE = ("",)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    return begin_study(tmp_path / "study")


def test_digits_keep_their_codes_while_the_codebook_grows(study: Study) -> None:
    first = ("scheduling", "turnover", "praise")
    assert study.pins("ana") == first + 6 * FREE
    text = study.layout.codebook.read_text("utf-8").replace("codes:\n  - id: challenges", (
        "codes:\n  - id: aims\n    name: Aims\n  - id: challenges"
    ), 1)  # fmt: skip
    study.layout.codebook.write_text(text, "utf-8")
    assert study.pins("ana") == (*first, "aims", *5 * FREE)
    assert study.pins("ben") == ("aims", *first, *5 * FREE)
    assert Study(study.root).pins("ana") == (*first, "aims", *5 * FREE)


def test_who_pins_by_hand_has_the_digits_to_oneself(study: Study) -> None:
    assert study.pin_code("ana", 1, "") == ("", "turnover", "praise", *6 * FREE)
    assert study.pin_code("ana", 9, "Challenges") == ("", "turnover", "praise", *5 * FREE, "challenges")
    assert study.pin_code("ana", 2, "praise") == ("", "praise", "", *5 * FREE, "challenges")
    study.recode(add_code, new_name="Aims")
    assert study.pins("ana") == ("", "praise", "", *5 * FREE, "challenges")
    assert study.pins("ben")[:3] == ("scheduling", "turnover", "praise")


def test_what_cannot_be_pinned_is_told(study: Study) -> None:
    before = study.pins("ana")
    with pytest.raises(StudyError, match="cannot be pinned to 0"):
        study.pin_code("ana", 0, "praise")
    with pytest.raises(CodebookError):
        study.pin_code("ana", 1, "nothing")
    assert study.pins("ana") == before


def test_without_a_codebook_and_with_a_broken_memory(tmp_path: Path) -> None:
    study = create_study(tmp_path / "study")
    assert study.pins("ana") == 9 * FREE
    path = study.layout.pins_of("ana")
    path.parent.mkdir(exist_ok=True)
    for told in ("{", '{"a": 1}', "[1, null, []]", ""):
        path.write_text(told, "utf-8")
        assert study.pins("ana") == 9 * FREE
