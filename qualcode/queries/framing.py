"""Answers as frames: a row per passage, pair, shared stretch, unit or case, with codes and quotes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from qualcode.laid import JOINER
from qualcode.queries.answering import find_pairs, find_passages, find_shared
from qualcode.queries.ground import Ground, find_eligible, rank_names
from qualcode.questions import Combined, Named, Related, walk
from qualcode.results import make_frame

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from qualcode.queries.findings import Answer
    from qualcode.questions import Question

    Integers = NDArray[np.int64]
    Booleans = NDArray[np.bool_]


_PASSAGE_COLUMNS = [
    *("transcript", "case", "speaker", "segment", "start", "end", "code", "other_code", "relation"),
    *("gap_characters", "gap_turns", "quote", "other_quote", "coder"),
]


def _codes_in(question: Question, ground: Ground) -> set[str]:
    """Return the ids of all codes that a question names, with those below them."""
    named = [part for part in walk(question) if isinstance(part, Named)]
    return set().union(*(ground.family(one.code) for one in named))


def _join_texts(ground: Ground, column: Literal["code", "coder"], codes: set[str]) -> pd.Series[str]:
    """Return, for each passage, the paths or coders of its codings with these codes."""
    from qualcode.text_columns import join_groups, pick, pick_distinct, to_texts

    table, found = ground.table, [""] * len(ground)
    is_named = np.array([one.id in codes for one in table.codebook.walk()], dtype=bool)
    code = table.columns.code[ground.rows]
    chosen = np.flatnonzero(is_named[code])
    if not len(chosen):
        return _as_texts(found)
    chosen = chosen[np.argsort(ground.passage_of_row[chosen], kind="stable")]
    if column == "code":
        texts = pick([table.codebook.path(one.id) for one in table.codebook.walk()], code[chosen])
    else:
        held = table.columns.described.text_column(column)
        names = held.names if hasattr(held.names, "to_pylist") else to_texts(held.names)
        texts = pick_distinct(names, held.numbers[ground.rows[chosen]])
    passage, firsts = np.unique(ground.passage_of_row[chosen], return_index=True)
    joined = join_groups(texts, np.append(firsts, len(chosen)), JOINER)
    for place, words in zip(passage.tolist(), joined.to_pylist(), strict=True):
        found[place] = words
    return _as_texts(found)


def frame_passages(ground: Ground, question: Question) -> pd.DataFrame:
    """Return a row per passage, or per pair of a relation."""
    match question:
        case Related(is_negated=False) | Combined(how="and"):
            return _frame_pairs(ground, question)
    return _describe(ground, find_passages(ground, question), _codes_in(question, ground))


def _frame_pairs(ground: Ground, question: Related | Combined) -> pd.DataFrame:
    a, b = find_pairs(ground, question)
    frame = _describe(ground, a, _codes_in(question.left, ground))
    others = _describe(ground, b, _codes_in(question.right, ground))
    gap = np.maximum(ground.starts[b] - ground.ends[a], ground.starts[a] - ground.ends[b])
    frame["other_code"], frame["other_quote"] = others["code"], others["quote"]
    frame["relation"] = _as_texts(_name_relations(ground, a, b))
    frame["gap_characters"] = pd.array(np.where(gap < 0, -1, gap), dtype="Int64")
    frame.loc[gap < 0, "gap_characters"] = pd.NA
    frame["gap_turns"] = pd.array(ground.gap_turns(a, b), dtype="Int64")
    return frame


def _describe(ground: Ground, passages: Integers, codes: set[str]) -> pd.DataFrame:
    frame = ground.home.iloc[passages].reset_index(drop=True)
    for column in ("code", "coder"):
        frame[column] = _as_texts(_join_texts(ground, column, codes).to_numpy()[passages])
    frame = frame.assign(
        **{column: _as_texts([""] * len(frame)) for column in ("other_code", "other_quote", "relation")}
    )
    for column in ("gap_characters", "gap_turns"):
        frame[column] = pd.array([pd.NA] * len(frame), dtype="Int64")
    return frame[_PASSAGE_COLUMNS]


def _as_texts(values: Sequence[str] | NDArray[np.object_]) -> pd.Series[str]:
    return pd.Series(values, dtype="str")


def _name_relations(ground: Ground, a: Integers, b: Integers) -> list[str]:
    starts, ends = ground.starts, ground.ends
    apart = (starts[b] >= ends[a]) | (starts[a] >= ends[b])
    inside = (starts[b] <= starts[a]) & (ends[a] <= ends[b])
    around = (starts[a] <= starts[b]) & (ends[b] <= ends[a])
    names = np.select(
        [apart, inside & around, inside, around], ["apart", "same place", "inside", "around"], "overlapping"
    )
    return [str(name) for name in names]


def frame_pieces(ground: Ground, question: Question) -> pd.DataFrame:
    """Return a row per piece of text that all sets of a question share."""
    pieces = find_shared(ground, question)
    every = _passages_over(ground, pieces)
    frame = ground.home[["transcript", "case", "speaker", "segment"]].iloc[every].reset_index(drop=True)
    bases = ground.bases[every]
    frame["start"], frame["end"] = pieces[:, 0] - bases, pieces[:, 1] - bases
    paths = [ground.table.codebook.path(code.code) for code in walk(question) if isinstance(code, Named)]
    codes = [JOINER.join(dict.fromkeys(paths))] * len(frame)
    return frame.assign(code=_as_texts(codes), quote=_read_quotes(ground, frame))


def _passages_over(ground: Ground, pieces: Integers) -> Integers:
    """Return, for each piece, the passage that begins last at or before it and reaches into it."""
    found = []
    for start, end in pieces.tolist():
        over = np.flatnonzero((ground.starts <= start) & (ground.ends > start) & (ground.starts < end))
        found.append(int(over[-1]))
    return np.array(found, dtype=np.int64)


def frame_units(ground: Ground, question: Question, held: Booleans) -> pd.DataFrame:
    """Return a row per counting unit that a question holds for."""
    units = ground.table.units[held]
    frame = units[["transcript", "case", "speaker", "segment", "start", "end"]].reset_index(drop=True)
    codes = _codes_by(ground, question, np.arange(len(held), dtype=np.int64)).to_numpy()[held]
    return frame.assign(code=_as_texts(codes), quote=_read_quotes(ground, frame))


def _read_quotes(ground: Ground, frame: pd.DataFrame) -> pd.Series[str]:
    texts = {one.id: one.text for one in ground.table.transcripts}
    places = zip(frame["transcript"], frame["start"], frame["end"], strict=True)
    return _as_texts([texts.get(name, "")[start:end] for name, start, end in places])


def _codes_by(ground: Ground, question: Question, group_of_unit: Integers) -> pd.Series[str]:
    """Return, for each group of units, the paths of the codes in question that lie in it."""
    codes = _codes_in(question, ground)
    places = [code.id for code in ground.table.codebook.walk() if code.id in codes]
    codings = ground.table.take_codings("code")["code"].to_numpy()
    coding, unit = ground.table.placements["coding"].to_numpy(), ground.table.placements["unit"].to_numpy()
    kept = np.isin(coding, ground.rows) & np.isin(codings[coding], places) & find_eligible(ground)[unit]
    cells = pd.DataFrame({"group": group_of_unit[unit[kept]], "code": codings[coding[kept]]}).drop_duplicates()
    cells["place"] = rank_names(places, cells["code"])
    cells["path"] = cells["code"].map({code: ground.table.codebook.path(code) for code in places})
    together = cells.sort_values("place", kind="stable").groupby("group")["path"].agg(JOINER.join)
    return together.reindex(range(int(group_of_unit.max(initial=-1)) + 1), fill_value="")


def frame_cases(ground: Ground, question: Question, held: Booleans) -> pd.DataFrame:
    """Return a row per case that a question holds for."""
    table = ground.table
    names = [case.id for case in table.index.cases]
    case_of_unit = rank_names(names, table.units["case"])
    behind = frame_behind(ground, question, held, "case")
    n_passages = behind["case"].value_counts()
    spoken = table.units.drop_duplicates(["case", "transcript"]).groupby("case", sort=False)["transcript"]
    transcripts = spoken.agg(JOINER.join)
    inside = np.where(case_of_unit < 0, len(names), case_of_unit).astype(np.int64)
    codes = _codes_by(ground, question, inside).reindex(range(len(names) + 1), fill_value="")
    rows = [
        (name, str(transcripts.get(name, "")), codes.iloc[number], int(n_passages.get(name, 0)))
        for number, name in enumerate(names)
        if held[number]
    ]
    return make_frame(rows, {**dict.fromkeys(("case", "transcript", "code"), "str"), "passages": "int64"})


def frame_behind(ground: Ground, question: Question, held: Booleans, answer: Answer) -> pd.DataFrame:
    """Return the passages of the codes in question that lie in the segments or cases found."""
    passage, place = ground.placed
    if answer == "case":
        names = [case.id for case in ground.table.index.cases]
        case = rank_names(names, ground.table.units["case"])[place]
        inside = (case >= 0) & held[case] if len(held) else case >= 0
    else:
        inside = held[place]
    named = [ground.passages_of(part.code) for part in walk(question) if isinstance(part, Named)]
    found = np.intersect1d(np.unique(passage[inside]), np.concatenate(named))
    return _describe(ground, found, _codes_in(question, ground))
