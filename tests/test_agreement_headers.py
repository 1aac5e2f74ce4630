"""Tables as other programs write them: their columns are known, or refused with the option that names them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from qualcode.agreement import parse_ratings, parse_spans
from qualcode.cli import cli
from qualcode.errors import AgreementError

FIELD = Path(__file__).parent / "data" / "field-cases"


def long(header: str, *, order: str = "ucv") -> str:
    """Return a table in which ana says x, y and ben x, x; columns: unit, coder, value, and others."""
    rows = [("s1", "ana", "x"), ("s1", "ben", "x"), ("s2", "ana", "y"), ("s2", "ben", "x")]
    at = {"u": 0, "c": 1, "v": 2}
    return "\n".join([header, *(",".join(row[at[one]] if one in at else "-" for one in order) for row in rows)]) + "\n"


# Who writes such a header, the header, and what each of its columns is: unit, coder, value, or anything else.
HEADERS = {
    "ours": ("unit,coder,value", "ucv"),
    "capitals": ("Item,Rater,Score", "ucv"),
    "a field case": ("document,annotator,label", "ucv"),
    "doccano": ("id,text,label,annotator", "u-vc"),
    "Label Studio": ("id,annotator,sentiment label,label", "uc-v"),
    "Prodigy": ("_input_hash,_annotator_id,answer", "ucv"),
    "INCEpTION": ("document,annotator,label,begin,end", "ucv--"),
    "MAXQDA": ("Document name,Code,Segment,Created by", "-vuc"),
    "MAXQDA in German": ("Dokumentname,Code,Segment,Erstellt von", "-vuc"),
    "ATLAS.ti": ("Quotation ID,Creating User,Codes", "ucv"),
    "NVivo": ("Source,Node,Coded by", "uvc"),
    "Dedoose": ("Excerpt ID,Excerpt Creator,Codes Applied Combined", "ucv"),
    "Spanish": ("Unidad,Codificador,Código", "ucv"),
    "French, decomposed": ("Unité,Codeur,E\u0301tiquette", "ucv"),
}


@pytest.mark.parametrize("program", HEADERS)
def test_the_columns_of_other_programs_are_known(program: str) -> None:
    header, order = HEADERS[program]
    ratings = parse_ratings(long(header, order=order))
    assert ratings.coders == ("ana", "ben")
    assert ratings.values.tolist() == [[0, 0], [1, 0]]
    assert [one.rule for one in ratings.problems] == ([] if program == "ours" else ["columns"])


def test_a_document_beside_a_unit_is_the_transcript() -> None:
    text = "document,segment id,annotator,label\nP1,1,ana,x\nP1,1,ben,x\nP2,1,ana,y\nP2,1,ben,x\n"
    assert parse_ratings(text).units == ("P1:1", "P2:1")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("id,document,content,tag\n1,P1,so,x\n", "share a value", "--columns unit=NAME,coder=NAME"),  # Taguette
        (long("unit,coder,label,code", order="ucvv"), "“label” or “code”", "--columns value=label"),
        (long("unit,author,user,label", order="uccv"), "“author” or “user”", "--columns coder=author"),
        ("Node,Source,Kappa,Agreement (%)\nx,P1,0.5,90\n", "as another program computed it", "codings themselves"),
        ("a,b,c\nx,y,z\nx,y,z\n", "No two of the columns share a value", "--columns unit=NAME,coder=NAME,value=NAME"),
    ],
)
def test_what_is_not_clear_is_refused_with_the_way_out(text: str, message: str, hint: str) -> None:
    with pytest.raises(AgreementError) as caught:
        parse_ratings(text)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def test_columns_are_named_by_hand() -> None:
    text = long("unit,author,user,label", order="-ucv")
    names = {"unit": "Author", "coder": "user", "value": "label"}
    assert parse_ratings(text, columns=names).values.tolist() == [[0, 0], [1, 0]]
    with pytest.raises(AgreementError, match="no column “labl”") as caught:
        parse_ratings(text, columns=names | {"value": "labl"})
    assert "label" in (caught.value.hint or "")
    with pytest.raises(AgreementError, match="no role “rater”"):
        parse_ratings(text, columns={"rater": "user"})


def test_named_coders_are_columns_whatever_they_are_called() -> None:
    ratings = parse_ratings("item,label,answer\n1,x,x\n2,x,y\n", coders=("label", "answer"))
    assert ratings.coders == ("label", "answer")
    assert ratings.units == ("1", "2")


def test_passages_of_other_programs() -> None:
    [continuum] = parse_spans("document,annotator,begin,end,label\nP1,ana,0,4,x\nP1,ben,0,4,x\n")
    assert dict(continuum.passages) == {"ana": ((0, 4, "x"),), "ben": ((0, 4, "x"),)}


def test_the_field_case_as_typed() -> None:
    path = FIELD / "agreement-other-headers" / "codes.csv"
    words = ["agreement", "--from-csv", str(path), "--coefficient", "percent,alpha", "--format", "csv"]
    result = CliRunner().invoke(cli, words)
    rows = [line.split(",") for line in result.stdout.splitlines()]
    values = {row[0]: float(row[rows[0].index("value")]) for row in rows[1:3]}
    assert values == pytest.approx({"percent": 0.75, "alpha": 0.5333}, abs=0.0001)
    named = ["--columns", "unit=document,coder=annotator,value=label"]
    assert CliRunner().invoke(cli, words + named).stdout == result.stdout
    assert CliRunner().invoke(cli, [*words, "--columns", "unit"]).exit_code == 2
