"""Codebooks and coded segments of other programs come in as tables; a row becomes codings, or it is told why not."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner
from exchanging import DATA, SHARED, digest_of, nfc
from studies import Clock, begin_study, build_transcript

from qualcode.cli import cli
from qualcode.codebook import read_codebook
from qualcode.errors import SourceError, TableError
from qualcode.exchange import ProjectCode, ProjectSource, read_codebook_file, read_coded_table, read_project
from qualcode.exchange.coded_tables import CodeNames, WordFinder
from qualcode.model import Segment, Span, Transcript
from qualcode.study import create_study, open_study


@pytest.fixture
def qualcode():
    def invoke(*args):
        return CliRunner().invoke(cli, [str(one) for one in args], catch_exceptions=False)

    return invoke


def kinds(losses):
    return {loss.kind: loss.n for loss in losses}


# -- codebooks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "n_top", "n_below"),
    [
        ("qualcoder-4.0-beta/Codebook-sample_qualcoder.qdc", 3, 6),
        ("taguette-1.5.2/sample_taguette.qdc", 9, 0),
        ("taguette-1.5.2/sample_taguette_codebook.csv", 3, 6),
        ("taguette-1.5.2/sample_taguette_codebook.xlsx", 3, 6),
        ("atlasti-qdc-23.4/namespace-0-4.qdc", 4, 1),
        ("atlasti-qdc-23.4/one-code-one-group.qdc", 1, 0),
        ("edgeai-atlasti/20250914_codebook_full.csv", 18, 447),
        ("edgeai-atlasti/20250914_code_list_frequencies.csv", 18, 447),
    ],
)
def test_codebooks_of_programs(file, n_top, n_below):
    depths = [len(path) for path in read_codebook_file(DATA / file).paths().values()]
    assert (depths.count(1), len(depths) - depths.count(1)) == (n_top, n_below)


def test_the_parts_of_a_codebook_come_along():
    codes = read_codebook_file(DATA / "atlasti-qdc-23.4" / "namespace-0-4.qdc").codes
    assert sum(bool(code.description.strip()) for code in codes) == 4
    assert sum(bool(code.colour) for code in codes) == 3


def test_a_file_that_is_cut_off_is_one_clear_error():
    with pytest.raises(SourceError, match="line 18"):
        read_codebook_file(DATA / "atlasti-qdc-23.4" / "namespace-0-4-cut-off.qdc")


def test_a_codebook_of_many_levels():
    path = SHARED / "sqaa" / "codebook.xlsx"
    if not path.exists():
        pytest.skip(f"{path} is not here")
    project = read_codebook_file(path)
    assert len(project.codes) == 810
    assert max(len(one) for one in project.paths().values()) == 8


@pytest.mark.parametrize(
    ("table", "paths"),
    [
        ("Parent code,Code,Memo\n,Barriers,What is hard\nBarriers,Time,\nBarriers > Time,Travel,\n",
         {("Barriers",), ("Barriers", "Time"), ("Barriers", "Time", "Travel")}),
        ("Code\nBarriers\\Time\nBarriers\\Pay\n", {("Barriers",), ("Barriers", "Time"), ("Barriers", "Pay")}),
        ("Level;Name\n1;A\n2;B\n3;C\n2;D\n1;E\n", {("A",), ("A", "B"), ("A", "B", "C"), ("A", "D"), ("E",)}),
        ("Code,,,Comment\nA,,,x\n,B,,\n,,C,\nD,,,\n", {("A",), ("A", "B"), ("A", "B", "C"), ("D",)}),
        ("Path,Description\nA > B,x\n", {("A",), ("A", "B")}),
        ("Name\nplain\n", {("plain",)}),
    ],
)  # fmt: skip
def test_trees_are_told_in_several_ways(table, paths, tmp_path):
    (tmp_path / "codes.csv").write_text(table, "utf-8")
    assert set(read_codebook_file(tmp_path / "codes.csv").paths().values()) == paths


def test_columns_may_be_told(tmp_path):
    (tmp_path / "codes.csv").write_text("Kod;Opis;Tak\nPraca;O pracy.;biuro\n", "utf-8")
    with pytest.raises(TableError, match="No column is known to hold codes"):
        read_codebook_file(tmp_path / "codes.csv")
    (code,) = read_codebook_file(tmp_path / "codes.csv", columns="name=Kod,description=Opis,include=Tak").codes
    assert (code.name, code.description) == ("Praca", "O pracy.\n\nInclude:\n- biuro")
    with pytest.raises(TableError, match="no column “Kot”"):
        read_codebook_file(tmp_path / "codes.csv", columns="name=Kot")
    with pytest.raises(TableError, match="names no column"):
        read_codebook_file(tmp_path / "codes.csv", columns="kod=Kod")


def test_a_codebook_comes_into_a_study_or_a_file(qualcode, tmp_path):
    file = DATA / "edgeai-atlasti" / "20250914_codebook_full.csv"
    done = qualcode("import-codebook", file, "--study", tmp_path / "new")
    assert done.exit_code == 0, done.stderr
    assert "465 codes" in done.stdout
    assert len(list(open_study(tmp_path / "new").codebook.walk())) == 465
    again = qualcode("import-codebook", file, "--study", tmp_path / "new")
    assert "0 codes" in again.stdout
    qualcode("import-codebook", file, "--out", tmp_path / "codebook.yaml")
    assert len(list(read_codebook(tmp_path / "codebook.yaml").walk())) == 465
    refused = qualcode("import-codebook", file, "--out", tmp_path / "codebook.yaml")
    assert refused.exit_code == 1


def test_new_codes_come_into_a_codebook_with_rules(tmp_path):
    (tmp_path / "codes.csv").write_text("Code,Parent,Comment\nScheduling,Challenges,new words\nMoney,Challenges,Pay.\n")
    with begin_study(tmp_path / "study") as study:
        before = study.codebook.code("scheduling")
        report = study.import_project(read_codebook_file(tmp_path / "codes.csv"))
        assert report.n_codes == 1
        assert study.codebook.path("money") == "challenges/money"
        assert study.codebook.code("money").definition == "Pay."
        assert study.codebook.code("scheduling").rules == before.rules
        assert "# the first one" in study.layout.codebook.read_text("utf-8")
        assert study.check() == []


# -- coded segments ---------------------------------------------------------------------------------------------------


def as_transcript(name: str, text: str) -> Transcript:
    segments, at = [], 0
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            segments.append(Segment(f"t{number:03}", "turn", Span(at, at + len(line)), ""))
        at += len(line) + 1
    return Transcript(name, text, tuple(segments))


def test_a_table_of_atlas_ti(qualcode, tmp_path):
    """Names hold commas and are joined by them: the longest that is in the codebook counts."""
    file = DATA / "edgeai-atlasti" / "20250914_quotation_export.csv"
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig")), delimiter=";"))
    lines = {int(row["Reference"].strip("¶ ").split()[0]): row["Text Content"] for row in rows}
    text = "\n".join(nfc(lines.get(number, "")).replace("\n", " ") for number in range(1, max(lines) + 1))
    with create_study(tmp_path / "study", clock=Clock()) as study:
        study.import_project(read_codebook_file(DATA / "edgeai-atlasti" / "20250914_codebook_full.csv"))
        study.add_transcript(as_transcript("[ATLAS] - Codifying Fragments", text))
    done = qualcode("import-codings", file, "--study", tmp_path / "study", "--coder", "ana", "--format", "json")
    records = {one["kind"]: one for one in json.loads(done.stdout)}
    assert done.exit_code == 3
    assert records["codes that are not in the codebook"]["n"] == 1
    study = open_study(tmp_path / "study")
    codings = study.sheets()[0][0].codings
    lost = sum(one["n"] for kind, one in records.items() if kind.startswith(("rows whose", "codings that are there")))
    assert len(codings) + lost >= 394
    names = {code.id: code.name for code in study.codebook.walk()}
    assert {names[one.code] for one in codings if one.quote == text.split("\n")[5]} == {
        "Message Transmission", "Subscriber Action",
    }  # fmt: skip


def test_all_codings_of_the_atlas_ti_table_are_found():
    """Each quotation in a text of its own, so that every row has one place."""
    file = DATA / "edgeai-atlasti" / "20250914_quotation_export.csv"
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig")), delimiter=";"))
    codes = read_codebook_file(DATA / "edgeai-atlasti" / "20250914_codebook_full.csv").codes
    names = CodeNames(codes)
    paths = {code.guid: code for code in codes}
    pairs, rest = [], []
    for row in rows:
        found, left = names.split(row["Codes"])
        rest += [left] if left else []
        pairs += [(row["Text Content"], _full(paths, one)) for one in found]
    assert (len(pairs), len(rest)) == (1461, 1)
    assert digest_of(pairs) == "20b64554a8e3a5474b40b8fb205c6eea93a20e459b716a8eb275fa4220085977"


def _full(codes, guid):
    code = codes[guid]
    return f"{codes[code.parent].name}: {code.name}" if code.parent else code.name


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_table_of_taguette(ending, qualcode, tmp_path):
    with create_study(tmp_path / "study", clock=Clock()) as study:
        project = read_project(DATA / "taguette-1.5.2" / "sample_taguette.sqlite3")
        study.import_project(project)
        expected = {
            (one.transcript, one.span, one.code) for sheet in study.sheets()[0] for one in sheet.codings
        }  # fmt: skip
    file = DATA / "taguette-1.5.2" / f"sample_taguette_highlights.{ending}"
    done = qualcode("import-codings", file, "--study", tmp_path / "study", "--coder", "zoe", "--format", "json")
    records = json.loads(done.stdout)
    study = open_study(tmp_path / "study")
    found = {(one.transcript, one.span, one.code) for sheet in study.sheets(["zoe"])[0] for one in sheet.codings}
    assert found <= expected
    told = sum(one["n"] for one in records if one["kind"].startswith(("rows", "codings that are there twice")))
    assert len(found) + told == 58


MAXQDA = (
    "Color,Document group,Document name,Code,Beginning,End,Weight score,Segment,Created by,Comment\n"
    "●,Interviews,P07,Challenges > Scheduling,2,2,0,The dates clashed.,Ana B,early\n"
    "●,Interviews,P07,Praise,4,4,0,“They were  lovely”,Ana B,\n"
    "●,Interviews,P09,Praise,4,4,0,nothing,Ana B,\n"
    "●,Interviews,P07,Joy,4,4,0,They were lovely,Ana B,\n"
    "●,Interviews,P07,Praise,4,4,0,not a word of it is there,Ana B,\n"
    "●,Interviews,P07,Praise,4,4,0,,Ana B,\n"
)


def test_every_row_is_placed_or_told(qualcode, tmp_path):
    begin_study(tmp_path / "study").close()
    (tmp_path / "x.csv").write_text(MAXQDA.replace("“They", "They").replace("lovely”", "lovely"), "utf-8")
    arguments = ("import-codings", tmp_path / "x.csv", "--study", tmp_path / "study")
    dry = qualcode(*arguments, "--dry-run")
    assert "2 codings" in dry.stdout
    assert open_study(tmp_path / "study").sheet("ana-b", "P07") is None
    done = qualcode(*arguments, "--format", "json")
    assert done.exit_code == 3
    records = {one["kind"]: one["n"] for one in json.loads(done.stdout) if one["became"] == "left out"}
    assert records == {
        "rows of documents that are not in the study": 1,
        "codes that are not in the codebook": 1,
        "rows whose words are not in their document": 1,
        "rows without words": 1,
    }
    codings = open_study(tmp_path / "study").sheet("ana-b", "P07").codings
    assert [(one.quote, one.code, one.note, one.origin) for one in codings] == [
        ("The dates clashed.", "scheduling", "early", "table"),
        ("They were lovely", "praise", "", "table"),
    ]
    again = qualcode(*arguments)
    assert "0 codings" in again.stdout


def test_other_tables_with_a_map_and_with_columns_for_codes(tmp_path):
    sources = [ProjectSource("s", "P1", "We had no money. We had no time at all.")]
    codes = [ProjectCode("1", "Money"), ProjectCode("2", "Time, free", "1")]
    table = "Media Title,Excerpt Copy,Excerpt Creator,Code: Money Applied,Code: Time, free Applied\n"
    table = table.replace("Code: Time, free Applied", '"Code: Time, free Applied"')
    found = read_coded_table(
        (table + "P1.docx,We had no money.,Ana,True,False\nP1,no time at all,Ben,1,true\n").encode(), "dedoose.csv",
        sources=sources, codes=codes,
    )  # fmt: skip
    quotes = [(sources[0].text[one.span.start : one.span.end], one.code) for one in found.marks]
    assert quotes == [("We had no money.", "1"), ("no time at all", "1"), ("no time at all", "2")]
    assert [one.name for one in found.coders] == ["Ana", "Ben"]
    told = read_coded_table(
        b"Doc;Kod;Fragment\nP1;Money\\Time, free;We had no time\n", "x.csv", sources=sources, codes=codes,
        columns="document=Doc,code=Kod,text=Fragment",
    )  # fmt: skip
    assert [one.code for one in told.marks] == ["2"]
    with pytest.raises(TableError, match="hold the text"):
        read_coded_table(b"Doc;Kod\nP1;Money\n", "x.csv", sources=sources, codes=codes, columns="code=Kod")


def test_names_that_hold_commas_are_parted_where_the_codebook_says():
    codes = [ProjectCode(one, name) for one, name in enumerate(["Pay", "Pay, late", "late", "Hours; extra"])]
    names = CodeNames(codes)
    assert names.split("Pay, late, Pay") == ([1, 0], "")
    assert names.split("late, Pay, late, Hours; extra") == ([2, 1, 3], "")
    assert names.split("Pay\nlate") == ([0, 2], "")
    assert names.split("Pay, unknown, late") == ([0], "unknown, late")


def test_words_that_stand_at_several_places_need_a_hint():
    finder = WordFinder("He left.\n\nShe stayed. He left.\nHe said “so”.")
    assert finder.find("He left.")[0] is None
    assert "several places" in finder.find("He left.")[1]
    assert finder.find("He left.", hint="¶ 1")[0] == Span(0, 8)
    assert finder.find("He left.", hint="2")[0] == Span(22, 30)
    assert finder.find('said "so"')[0] == Span(34, 43)
    assert finder.find("She  stayed.\nHe")[0] == Span(10, 24)


def test_words_that_were_changed_a_little_are_found():
    text = "Ana: When I began here there were only four partners, and all of them were friends of mine."
    span, why = WordFinder(text).find("there were just four partners, and all of them were friends of mine")
    assert why == ""
    assert text[span.start : span.end].endswith("friends of mine")


def test_a_study_without_transcripts_says_so(qualcode, tmp_path):
    create_study(tmp_path / "study").close()
    (tmp_path / "x.csv").write_text(MAXQDA, "utf-8")
    done = qualcode("import-codings", tmp_path / "x.csv", "--study", tmp_path / "study")
    assert done.exit_code == 1
    assert "no transcript" in done.stderr


def test_a_table_of_a_study_of_ours_is_still_its_own(qualcode, tmp_path):
    study = begin_study(tmp_path / "study")
    data = study.export_table("ana", "csv").data
    study.close()
    (tmp_path / "ana.csv").write_bytes(data)
    assert "applied" in qualcode("import-codings", tmp_path / "ana.csv", "--study", tmp_path / "study").stdout
    assert build_transcript().id == "P07"
