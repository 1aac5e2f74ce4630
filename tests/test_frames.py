"""Data frames for people with pandas: codes keep the codebook's order, and columns their types when there is no row."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from interviews import interview

import qualcode

if TYPE_CHECKING:
    from collections.abc import Callable

    from qualcode import CodingTable

PATHS = ["zeal", "zeal/late", "zeal/early", "apples"]
"""In an order that no alphabet gives."""

CODEBOOK = """\
codes:
  - id: zeal
    name: Zeal
    codes:
      - {id: late, name: Late, rules: [late]}
      - {id: early, name: Early, rules: [early]}
  - {id: apples, name: Apples, rules: [apple]}
"""
TALK = """\
I: When do you pick apples?
Mei: Early, and never late. The apple must be cold, as we say late and early. It is early.
Mei: Some come late. An apple does not wait.
"""

FRAMES: dict[str, Callable[[CodingTable], pd.DataFrame]] = {
    "count_themes": lambda table: qualcode.count_themes(table).frame,
    "interviewer": lambda table: qualcode.count_themes(table).interviewer,
    "count_by": lambda table: qualcode.count_by(table, "group"),
    "list_cooccurrence": qualcode.list_cooccurrence,
    "select_quotes": qualcode.select_quotes,
    "compare": lambda table: qualcode.compare(table, "group").frame,
    "list_without": lambda table: qualcode.compare(table, "group").list_without(),
    "list_quotes": lambda table: qualcode.compare(table, "group").list_quotes(),
    "relate": lambda table: qualcode.relate(table).frame,
    "meanings": lambda table: qualcode.saturate(table).meanings,
    "framework": lambda table: qualcode.make_framework(table).frame,
    "codebook": lambda table: qualcode.list_codebook(table.codebook, table).frame,
    "confuse_codes": qualcode.confuse_codes,
}
WITHOUT_CODES: dict[str, Callable[[CodingTable], pd.DataFrame]] = {
    "codings": lambda table: table.codings,
    "find": lambda table: qualcode.find(table, "late and apples").frame,
    "find_cases": lambda table: qualcode.find(table, "late and apples", answer="case").frame,
    "find_segments": lambda table: qualcode.find(table, "late and apples", answer="segment").frame,
    "runs": lambda table: qualcode.saturate(table, base=1, run=1).runs,
    "list_words": lambda table: qualcode.list_words(table, code="late", min_cases=1).frame,
    "list_disagreements": qualcode.list_disagreements,
    "trace_codings": lambda table: qualcode.trace_codings(table).frame,
}


def build(n_codings: int | None) -> CodingTable:
    """Return a study coded by rules and a coder, with the first codings of each sheet."""
    codebook = qualcode.parse_codebook(CODEBOOK)
    transcripts = [interview("P2", TALK), interview("P10", TALK.replace("late", "sour"))]
    cases = qualcode.read_cases(pd.DataFrame({"case": ["P2", "P10"], "group": ["old", "new"]}))
    sheets = [
        replace(sheet, codings=tuple(replace(one, coder=coder) for one in sheet.codings[first:n_codings]), coder=coder)
        for coder, first in (("rules", 0), ("ana", 4))
        for sheet in qualcode.tag(transcripts, codebook)
    ]
    return qualcode.tabulate(transcripts, sheets, codebook, cases=cases, unit="sentence")


@pytest.fixture(scope="module")
def tables() -> tuple[CodingTable, CodingTable]:
    """A study with codings, and the same without any."""
    return build(None), build(0)


@pytest.mark.parametrize("name", FRAMES)
def test_codes_sort_as_in_the_codebook(tables: tuple[CodingTable, CodingTable], name: str) -> None:
    frame = FRAMES[name](tables[0])
    codes = frame["code"]
    known = codes.cat.categories.tolist()
    assert codes.cat.ordered
    assert known == [path for path in PATHS if path in known]
    there = frame.sort_values("code", kind="stable")["code"].drop_duplicates().tolist()
    assert there == [path for path in PATHS if path in set(codes)]


@pytest.mark.parametrize("name", [*FRAMES, *WITHOUT_CODES])
def test_columns_keep_their_types_without_rows(tables: tuple[CodingTable, CodingTable], name: str) -> None:
    full, empty = ({**FRAMES, **WITHOUT_CODES}[name](table) for table in tables)
    assert len(full)
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


def test_groups_keep_their_order(tables: tuple[CodingTable, CodingTable]) -> None:
    counts = qualcode.count_by(tables[0], "group", level=1)
    assert counts["group"].cat.categories.tolist() == ["old", "new"]
    wide = counts.pivot_table(index="code", columns="group", values="segments", observed=False)
    assert wide.index.tolist() == ["zeal", "apples"]
    assert wide.columns.tolist() == ["old", "new"]


def test_a_level_knows_its_own_codes_alone(tables: tuple[CodingTable, CodingTable]) -> None:
    frame = qualcode.count_themes(tables[0], level=1).frame
    assert frame["code"].cat.categories.tolist() == ["zeal", "apples"]
    assert frame["theme"].cat.categories.tolist() == ["Zeal", "Apples"]


def test_where_files_are_read_a_frame_is_refused_with_what_takes_it() -> None:
    frame = pd.DataFrame({"id": ["a"], "text": ["Busy."]})
    for read in (qualcode.read_transcript, qualcode.read_transcripts):
        with pytest.raises(qualcode.QualcodeError, match="not from a DataFrame") as caught:
            read(frame)
        assert "read_survey(frame" in caught.value.hint
    with pytest.raises(qualcode.QualcodeError, match="not from a DataFrame") as caught:
        qualcode.read_codings(frame)
    assert "study.import_table" in caught.value.hint
