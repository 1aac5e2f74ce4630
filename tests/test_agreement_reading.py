"""CSV files of other programs: both forms, sets, passages, and every way in which a file can be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qualcode.agreement import (
    Dialect,
    compare_ratings,
    compare_spans,
    estimate,
    parse_ratings,
    parse_spans,
    read_ratings,
)
from qualcode.errors import AgreementError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LONG = "unit,coder,value\n1,ana,yes\n1,ben,yes\n2,ana,no\n2,ben,yes\n3,ana,no\n3,ben,no\n"


def test_long_and_wide_are_the_same() -> None:
    long = parse_ratings(LONG)
    wide = parse_ratings("unit,ana,ben\n1,yes,yes\n2,no,yes\n3,no,no\n")
    for ratings in (long, wide):
        assert ratings.coders == ("ana", "ben")
        assert ratings.units == ("1", "2", "3")
        assert ratings.categories == ("no", "yes")
        assert ratings.values.tolist() == [[1, 1], [0, 1], [0, 0]]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_other_delimiters_line_ends_and_a_byte_order_mark(write: Callable[[str, str], Path], delimiter: str) -> None:
    path = write("ratings.csv", "\ufeff" + LONG.replace(",", delimiter).replace("\n", "\r\n"))
    assert read_ratings(path).values.tolist() == [[1, 1], [0, 1], [0, 0]]


def test_empty_is_missing_in_both_forms() -> None:
    wide = parse_ratings("unit,ana,ben\n1,x,\n2,x,x\n3,y,x\n")
    long = parse_ratings("unit,coder,value\n1,ana,x\n1,ben,\n2,ana,x\n2,ben,x\n3,ana,y\n3,ben,x\n")
    absent = parse_ratings("unit,coder,value\n1,ana,x\n2,ana,x\n2,ben,x\n3,ana,y\n3,ben,x\n")
    assert wide.values.tolist() == long.values.tolist() == absent.values.tolist() == [[0, -1], [0, 0], [1, 0]]
    assert compare_ratings(wide, draws=0).left_out == {"only one coder gave a value": 1}


def test_numbers_are_ordered_by_size() -> None:
    ratings = parse_ratings("unit,a,b\n1,10,9\n2,2,10\n")
    assert ratings.categories == ("2", "9", "10")


def test_several_values_of_one_unit_and_coder_are_a_set() -> None:
    """Krippendorff & Craggs (2016), table 3, in the long form."""
    text = (
        "unit,coder,value\n1,x,b\n1,x,d\n1,y,d\n2,x,a\n2,x,b\n2,x,d\n2,y,b\n2,z,b\n2,z,d\n3,x,-\n3,y,a\n3,z,a\n4,x,a\n"
    )
    ratings = parse_ratings(text, dialect=Dialect(no_code="-"))
    assert ratings.members is not None
    assert ratings.categories == ("", "a", "a; b; d", "b", "b; d", "d")
    assert estimate(ratings, "alpha", draws=0).value == pytest.approx(0.2865907, abs=1e-7)


def test_sets_in_the_cells_of_the_wide_form() -> None:
    ratings = parse_ratings("unit,x,y\n1,a; b,a\n2,b,b\n3,a,\n", dialect=Dialect(separator=";"))
    assert ratings.categories == ("a", "a; b", "b")
    assert ratings.values.tolist() == [[1, 0], [2, 2], [0, -1]]


def test_a_word_for_missing_and_categories_that_nobody_used() -> None:
    ratings = parse_ratings(
        "unit,a,b\n1,low,NA\n2,low,high\n3,high,high\n",
        categories=("low", "middle", "high"),
        dialect=Dialect(missing=frozenset({"NA"})),
    )
    assert ratings.values.tolist() == [[0, -1], [0, 2], [2, 2]]
    two = parse_ratings("unit,a,b\n1,low,\n2,low,high\n3,high,high\n")
    pair = [estimate(one, "brennan_prediger", draws=0).value for one in (ratings, two)]
    assert pair == [pytest.approx((1 / 2 - 1 / 3) / (2 / 3)), pytest.approx(0)]


def test_text_needs_an_order_for_an_ordinal_scale() -> None:
    text = "unit,a,b\n1,low,low\n2,low,high\n3,middle,high\n4,high,high\n"
    with pytest.raises(AgreementError, match="“high” is not a number") as caught:
        compare_ratings(parse_ratings(text), metric="ordinal")
    assert "--categories low,middle,high" in caught.value.hint
    ordered = parse_ratings(text, categories=("low", "middle", "high"))
    numbers = parse_ratings(text.replace("low", "1").replace("middle", "2").replace("high", "3"))
    found = [estimate(one, "alpha", metric="ordinal", draws=0).value for one in (ordered, numbers)]
    assert found[0] == pytest.approx(found[1])
    with pytest.raises(AgreementError, match="not a number"):
        compare_ratings(ordered, metric="interval")


def test_clusters_come_from_the_column_transcript() -> None:
    ratings = parse_ratings("unit,transcript,a,b\n1,P1,x,x\n2,P1,x,y\n3,P2,y,y\n")
    assert ratings.cluster_names == ("P1", "P2")
    assert ratings.clusters is not None
    assert ratings.clusters.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        ("unit,person,value\n1,a,x\n", "coder is missing"),
        ("unit,coder,thing\n1,a,x\n", "value is missing"),
        ("unit,a,a\n1,x,x\n", "Two columns are named “a”"),
        ("unit,a,b\n1,x\n", "Some rows do not match"),
        ("unit,a,b\n1,x,x\n1,x,x\n", "cannot be used"),
        ("unit,coder,value\n,a,x\n", "cannot be used"),
        ("which,a,b\nu1,x,x\nu2,x,x\nu3,x,x\n", "a different value in every row"),
        ('unit,a,b\n1,"x,y\n', "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(text: str, message: str) -> None:
    with pytest.raises(AgreementError, match=message):
        parse_ratings(text, "file.csv")


def test_all_mistakes_are_listed_with_their_lines() -> None:
    with pytest.raises(AgreementError) as caught:
        parse_ratings("unit,coder,value\n,a,x\n1,,x\n2,a,y\n", "file.csv")
    assert [problem.where for problem in caught.value.problems] == ["file.csv:2", "file.csv:3"]


def test_what_looks_like_a_slip_is_a_warning() -> None:
    ratings = parse_ratings("unit,a,b\n1,Time pressure,time-pressure\n2,n/a,Time pressure\n")
    assert [problem.rule for problem in ratings.problems] == ["two-spellings", "perhaps-missing"]
    repeated = parse_ratings("unit,coder,value\n1,a,x\n1,a,x\n1,b,x\n")
    assert [problem.rule for problem in repeated.problems] == ["repeated-value"]
    assert repeated.members is None


def test_awkward_labels_stay_apart_and_whole() -> None:
    ratings = parse_ratings('unit,a,b\n1,"時間，壓力",🙂\n2,"x, ""y""","時間，壓力"\n')
    assert set(ratings.categories) == {"時間，壓力", "🙂", 'x, "y"'}


def test_what_looks_the_same_is_the_same() -> None:
    """An é in one character and in two; 2 and 2.0, as programs write whole numbers of a column with gaps."""
    accents = parse_ratings("unit,a,b\n1,é,e\u0301\n2,x,x\n", categories=("e\u0301", "x"))
    assert accents.values.tolist() == [[0, 0], [1, 1]]
    numbers = parse_ratings("unit,a,b\n1,2,2.0\n2,3,\n3,1,1.0\n4,1,2.0\n")
    assert numbers.categories == ("1", "2", "3")
    assert numbers.values.tolist() == [[1, 1], [2, -1], [0, 0], [0, 1]]
    assert [problem.level for problem in numbers.problems] == ["note"]
    # Numbers of an outline are names: 1.1 is not 1.10, and a file with other words has no numbers.
    outline = parse_ratings("unit,a,b\n1,1.1,1.10\n2,2,2\n")
    assert outline.categories == ("1.1", "1.10", "2")
    assert [problem.rule for problem in outline.problems] == ["two-spellings"]
    assert parse_ratings("unit,a,b\n1,2,2.0\n2,x,x\n").categories == ("2", "2.0", "x")


def test_old_line_ends_and_line_ends_within_a_cell() -> None:
    assert parse_ratings(LONG.replace("\n", "\r")).values.tolist() == [[1, 1], [0, 1], [0, 0]]
    assert parse_ratings('unit,a,b\r\n1,"x\r\ny","x\ny"\r\n').values.tolist() == [[0, 0]]


@pytest.mark.parametrize(
    "text",
    [
        "transcript,unit,a,b\nP1,1,x,y\nP1,2,y,y\nP2,1,x,x\n",
        "transcript,unit,coder,value\nP1,1,a,x\nP1,1,b,y\nP1,2,a,y\nP1,2,b,y\nP2,1,a,x\nP2,1,b,x\n",
    ],
)
def test_units_are_numbered_anew_in_each_transcript(text: str) -> None:
    ratings = parse_ratings(text)
    assert ratings.units == ("P1:1", "P1:2", "P2:1")
    assert ratings.values.tolist() == [[0, 1], [1, 1], [0, 0]]
    assert ratings.clusters is not None
    assert ratings.clusters.tolist() == [0, 0, 1]


def test_a_column_that_is_hardly_a_coder_is_left_out_with_a_warning() -> None:
    text = "unit,speaker,ana,ben\n1,Eva,x,y\n2,Eva,y,y\n3,Jo,x,x\n"
    ratings = parse_ratings(text)
    assert ratings.coders == ("ana", "ben")
    [problem] = ratings.problems
    assert (problem.level, problem.rule, "“speaker”" in problem.message) == ("warning", "no-coder", True)
    assert problem.hint.endswith("--coders speaker,ana,ben")
    assert parse_ratings(text, coders=("ana", "ben")).problems == ()


def test_columns_that_share_no_value_are_not_compared_unless_one_says_so() -> None:
    text = "unit,a,b\n1,x,y\n2,x,y\n"
    with pytest.raises(AgreementError, match="No two of the columns share a value") as caught:
        parse_ratings(text)
    assert "--coders a,b" in (caught.value.hint or "")
    assert parse_ratings(text, coders=("a", "b")).values.tolist() == [[0, 1], [0, 1]]
    assert parse_ratings("unit,a,b\n1,1.5,2\n2,3.5,4\n").coders == ("a", "b")  # numbers on a scale


@pytest.mark.parametrize("bad", [["ana"], ["ana", "ben", "ana"], ["ana", "nobody"]])
def test_coders_who_cannot_be_compared(bad: list[str]) -> None:
    ratings = parse_ratings(LONG)
    with pytest.raises(AgreementError):
        compare_ratings(ratings.choose(bad))


def test_unknown_names() -> None:
    ratings = parse_ratings(LONG)
    bad: Any = "kappa"
    with pytest.raises(AgreementError, match="no coefficient “kappa”"):
        compare_ratings(ratings, [bad])
    with pytest.raises(AgreementError, match="for passages"):
        compare_ratings(ratings, ["u_alpha"])
    with pytest.raises(AgreementError, match="no metric"):
        parse_ratings(LONG, metric=bad)
    with pytest.raises(AgreementError, match="not among the categories"):
        parse_ratings(LONG, categories=("yes", "maybe"))
    with pytest.raises(AgreementError, match="named twice"):
        parse_ratings(LONG, categories=("yes", "no", "yes"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("unit,a,b\n1,,\n2,,\n", "there are no values"),
        ("unit,a,b\n1,x,\n2,y,\n", "only one coder (a) gave values"),
        ("unit,a,b\n1,x,\n2,,y\n3,y,\n", "no unit has values of two coders"),
        ("unit,a,b\n1,x,x\n2,x,x\n", "no variation"),
    ],
)
def test_undefined_is_nan_with_its_reason(text: str, reason: str) -> None:
    for one in compare_ratings(parse_ratings(text)).estimates:
        if one.coefficient != "percent":
            assert one.value != one.value  # NaN
        assert reason in one.reason or one.coefficient == "percent"


def test_one_unit_has_no_interval() -> None:
    found = compare_ratings(parse_ratings("unit,a,b\n1,x,y\n", coders=("a", "b")))["percent"]
    assert found.value == 0
    assert "one unit" in found.reason


SPANS = "coder,start,end,value\nana,0,4,x\nana,10,16,y\nben,0,4,x\nben,11,15,y\n"


def test_passages_and_their_length() -> None:
    [short] = parse_spans(SPANS)
    [long] = parse_spans(SPANS, length=100)
    assert (short.length, long.length) == (16, 100)
    assert short.passages["ben"] == ((0, 4, "x"), (11, 15, "y"))
    assert [problem.rule for problem in compare_spans([short], draws=0).problems] == ["no-length"]
    assert compare_spans([long], draws=0).problems == ()


def test_positions_of_a_column_with_gaps() -> None:
    [found] = parse_spans("coder,start,end,value,length\nana,0.0,4.0,x,20.0\nben,,,,\n")
    assert (found.length, found.passages) == (20, {"ana": ((0, 4, "x"),), "ben": ()})


def test_a_coder_who_marked_nothing_saw_the_transcript() -> None:
    first, second = parse_spans(
        "transcript,length,coder,start,end,value\nT1,20,ana,0,5,x\nT1,20,ben,,,\nT2,30,ana,2,5,x\n"
    )
    assert first.passages == {"ana": ((0, 5, "x"),), "ben": ()}
    result = compare_spans([first, second])
    assert result.left_out == {"only one coder read the transcript": 1}
    assert result["u_alpha"].n_units == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("coder,start,end\na,1,2\n", "value is missing"),
        ("coder,start,end,value\na,one,2,x\n", "mistakes"),
        ("coder,start,end,value\na,²,4,x\n", "mistakes"),
        ("coder,start,end,value\na,1.5,4,x\n", "mistakes"),
        ("coder,start,end,value\na,5,5,x\n", "mistakes"),
        ("coder,start,end,value\na,1,5,\n", "mistakes"),
        ("coder,start,end,value,length\na,1,50,x,20\n", "does not lie in 0–20"),
        ("coder,start,end,value,length\na,1,5,x,20\nb,1,5,x,30\n", "several lengths"),
    ],
)
def test_passages_that_cannot_be_used(text: str, message: str) -> None:
    with pytest.raises(AgreementError, match=message):
        parse_spans(text)


def test_overlapping_passages_of_one_coder_are_refused_in_words() -> None:
    continua = parse_spans("coder,start,end,value\na,0,9,x\na,5,12,y\nb,0,9,x\n")
    with pytest.raises(AgreementError, match=r"0–9 \(x\) and 5–12 \(y\)") as caught:
        compare_spans(continua)
    assert "one code at a time" in caught.value.hint
    alone = compare_spans([continuum.only("x") for continuum in continua], ["u_alpha"])
    assert alone["u_alpha"].value == pytest.approx(1)
