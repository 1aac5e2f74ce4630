"""REFI-QDA projects of many programs come in: counts and digests as the SOURCE.md files have them."""

from __future__ import annotations

import json
import shutil
import zipfile

import pytest
from click.testing import CliRunner
from exchanging import (
    CODES,
    DATA,
    DIGEST,
    SHARED,
    USERS,
    digest_of,
    digest_project,
    digest_study,
    selection,
    source,
    write_qdpx,
)
from studies import Clock

from qualcode.cli import cli
from qualcode.errors import SourceError
from qualcode.exchange import read_project
from qualcode.study import create_study, open_study

TALK = (
    "Interviewer: What was hard?\nAna: The dates clashed. We could never find a date.\n"
    "Interviewer: And people?\nAna: People leave.\n"
)

READINGS = {
    "atlasti-mac-like": "UTF-16 units, end excluded",
    "atlasti-win-like": "UTF-16 units, end excluded, a line end of two characters counts one",
    "bom-counted": "code points, end excluded, byte order mark counted",
    "bytes": "UTF-8 bytes, end excluded",
    "good-export": "code points, end excluded",
    "maxqda-like": "UTF-16 units, end excluded",
    "nvivo-mac-like": "UTF-16 units, end excluded",
    "nvivo-win-like": "UTF-16 units, end excluded",
    "one-based-inclusive": "code points, end included, the first character is 1",
    "qc-like": "code points, end excluded",
    "qualcoder-windows-crcrlf": "code points, end excluded, a line end of two characters counts one",
    "qualcoder-windows-like": "code points, end excluded, a line end of two characters counts one",
    "spec-literal-inclusive": "code points, end included",
}


@pytest.fixture
def study(tmp_path):
    with create_study(tmp_path / "study", clock=Clock()) as study:
        yield study


@pytest.fixture
def qualcode(tmp_path):
    def invoke(*args):
        return CliRunner().invoke(cli, ["import-project", *map(str, args)], catch_exceptions=False)

    return invoke


def kinds(losses):
    return {loss.kind: loss.n for loss in losses}


@pytest.mark.parametrize("shape", READINGS)
def test_every_shape_gives_the_one_digest(shape, study):
    project = read_project(DATA / "shapes" / f"{shape}.qdpx")
    assert digest_project(project) == DIGEST
    read = next(loss for loss in project.losses if loss.kind == "positions of passages")
    assert read.became.startswith(f"read as {READINGS[shape]} (margin ")
    report = study.import_project(project, name=shape)
    assert digest_study(study) == DIGEST
    assert report.n_codings_there == {"ana": 32, "ben": 26}
    assert (len(report.new), report.n_codes, report.n_codings, report.n_cases) == (3, 9, 58, 2)
    assert [(case.id, case.attributes["role"]) for case in study.cases] == [
        ("P3", "Senior lecturer"),
        ("P4", "Programme officer"),
    ]
    assert study.check() == []


@pytest.mark.parametrize("shape", READINGS)
def test_the_remark_and_the_memo_of_every_shape_come_in(shape, study):
    study.import_project(read_project(DATA / "shapes" / f"{shape}.qdpx"), name=shape)
    memos = {memo.id: memo for memo in study.memos()[0]}
    assert memos["Study-diary"].text == "First impressions: the **trade** is small.\n\n- second line\n"
    assert memos["Study-diary"].about == "study"
    remark = next((memo for memo in memos.values() if "A nice detail" in memo.text), None)
    if remark is None:  # these senders' ways to write it have none
        assert kinds(read_project(DATA / "shapes" / f"{shape}.qdpx").losses).get("text selections", 0) == 0
    else:
        name, _, place = remark.about.rpartition(":")
        start, end = map(int, place.split("-"))
        assert study.transcript(name).text[start:end] == "umbrellas"


@pytest.mark.parametrize("name", ["sample_qualcoder_lf", "sample_qualcoder_crlf"])
def test_real_exports_of_qualcoder(name, study):
    project = read_project(DATA / "qualcoder-4.0-beta" / f"{name}.qdpx")
    assert digest_project(project) == DIGEST
    assert len(project.codes) == 9
    report = study.import_project(project)
    assert report.n_codings_there == {"ana": 32, "ben": 26}
    memo = next(memo for memo in study.memos()[0] if memo.text == "A nice detail; do not quote.\n")
    assert study.transcript("P3").text[667:676] == "umbrellas"
    assert memo.about == "P3:667-676"


def test_a_project_with_every_kind_of_source(study):
    project = read_project(DATA / "qdpx-toolkit-hand-authored" / "sample-study.qdpx")
    assert len(project.codes) == 4
    lost = kinds(project.losses)
    assert lost["selections on pictures"] == 1
    assert lost["selections on PDF pages"] == 1
    assert lost["selections in recordings"] == 2
    assert lost["graphs and maps"] == 1
    study.import_project(project)
    codebook = study.codebook
    assert codebook.path("diet") == "topics/health/diet"
    assert "only groups others" in codebook.code("topics").definition
    assert dict(study.cases[0].attributes) == {"Age": "34", "Consented": "true"}
    text = study.transcript("Interview 1").text
    quotes = sorted((coding.quote, coding.code) for sheet in study.sheets()[0] for coding in sheet.codings)
    # Two codings on the text, and one from one time of the recording to another.
    assert quotes == sorted([(text[:15], "health"), (text[9:23], "diet"), (text[:20], "diet")])
    assert digest_of([(text[:15], "Topics > Health"), (text[9:23], "Topics > Health > Diet")]) == (
        "a7167c020695e66c8170a035ba86330f79220c15383e0e9565dd3eded9bac475"
    )


@pytest.mark.parametrize(
    ("file", "n_codes", "n_codings"),
    [
        ("atlasti-mac-8.4/TestProject.qdpx", 14, 0),
        ("atlasti-mac-8.4/Project.qde", 14, 0),
        ("nvivo-mac-15.0/nvivo_project.qdpx", 262, 0),
        ("qc-1.3.2/demo.qdpx", 262, 205),
    ],
)
def test_real_projects_from_the_shared_data(file, n_codes, n_codings, study):
    path = SHARED / "refi-qda" / file
    if not path.exists():
        pytest.skip(f"{path} is not here")
    project = read_project(path)
    assert (len(project.codes), len(project.marks)) == (n_codes, n_codings)
    report = study.import_project(project)
    assert report.n_codings == n_codings
    assert study.check() == []


# -- through the command line -----------------------------------------------------------------------------------------


def test_a_folder_without_a_study_becomes_one(qualcode, tmp_path):
    done = qualcode(DATA / "shapes" / "nvivo-win-like.qdpx", "--study", tmp_path / "new")
    assert done.exit_code == 0, done.output
    assert "3 transcripts, 9 codes, 58 codings, 2 cases and 4 memos came in." in done.stdout
    assert "margin" in done.stderr
    study = open_study(tmp_path / "new")
    assert study.settings.name == "Sample study"
    assert digest_study(study) == DIGEST
    noted = [note for note in study.notes() if note["what"] == "import-project"]
    assert noted[0]["losses"][0].keys() == {"kind", "n", "became", "examples", "where"}


def test_a_dry_run_writes_nothing(qualcode, tmp_path):
    file = DATA / "shapes" / "maxqda-like.qdpx"
    done = qualcode(file, "--study", tmp_path / "new", "--dry-run")
    assert "58 codings" in done.stdout
    assert not (tmp_path / "new").exists()
    qualcode(file, "--study", tmp_path / "new")
    before = {path: path.read_bytes() for path in (tmp_path / "new").rglob("*") if path.is_file()}
    again = qualcode(DATA / "shapes" / "bytes.qdpx", "--study", tmp_path / "new", "--dry-run")
    assert again.exit_code in {0, 3}
    after = {path: path.read_bytes() for path in (tmp_path / "new").rglob("*") if path.is_file()}
    assert {one.name: data for one, data in before.items() if one.name != "study.lock"} == {
        one.name: data for one, data in after.items() if one.name != "study.lock"
    }


def test_losses_as_json(qualcode, tmp_path):
    file = DATA / "hostile" / "selections.qdpx"
    done = qualcode(file, "--study", tmp_path / "new", "--format", "json")
    records = json.loads(done.stdout)
    assert all(record.keys() == {"kind", "n", "became", "examples", "where"} for record in records)
    assert sum(record["n"] for record in records if record["became"] == "left out") == 5


def test_a_failed_import_leaves_no_study_behind(qualcode, tmp_path):
    body = f"{CODES}{source(selection('a', 5, 11, user=''))}"
    file = write_qdpx(tmp_path / "x.qdpx", body, {"P1.txt": TALK})
    done = qualcode(file, "--study", tmp_path / "new")
    assert done.exit_code == 1
    assert "does not say whose 1 of its codings are" in done.stderr
    assert "--coder NAME" in done.stderr
    assert not (tmp_path / "new").exists()
    done = qualcode(file, "--study", tmp_path / "new", "--coder", "zoe")
    assert "zoe: 1 coding" in done.stdout


@pytest.mark.parametrize(
    ("name", "program"), [("a.nvp", "NVivo"), ("b.mx24", "MAXQDA"), ("c.atlproj23", "ATLAS.ti"), ("d.mx26", "MAXQDA")]
)
def test_files_of_programs_themselves_are_named(name, program, qualcode, tmp_path):
    (tmp_path / name).write_bytes(b"x")
    done = qualcode(tmp_path / name, "--study", tmp_path / "new")
    assert done.exit_code == 1
    assert program in done.stderr
    assert "REFI-QDA" in done.stderr


def test_positions_may_be_told(qualcode, tmp_path):
    body = f"{USERS}{CODES}{source(selection('a', 34, 39))}"
    file = write_qdpx(tmp_path / "x.qdpx", body, {"P1.txt": TALK})
    assert qualcode(file, "--study", tmp_path / "new", "--positions", "codepoints,end=included,first=1").exit_code == 0
    coding = open_study(tmp_path / "new").sheets()[0][0].codings[0]
    assert coding.quote == "The da"
    assert qualcode(file, "--study", tmp_path / "other", "--positions", "utf32").exit_code == 1


def test_seen_is_what_was_coded_or_all(qualcode, tmp_path):
    body = f"{USERS}{CODES}{source(selection('a', 37, 42))}"
    file = write_qdpx(tmp_path / "x.qdpx", body, {"P1.txt": TALK})
    for seen, expected in (("coded", {"t002"}), ("all", {"t001", "t002", "t003", "t004"})):
        qualcode(file, "--study", tmp_path / seen, "--seen", seen)
        assert open_study(tmp_path / seen).sheet("ana", "P1").seen == expected


# -- hostile files ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-qde", "no description of a project"),
        ("two-qde", "several descriptions"),
        ("not-a-zip", "cannot be opened as a zip archive"),
        ("truncated", "cannot be opened as a zip archive"),
        ("entity", "document type"),
        ("deep", "deeper than 256 levels"),
    ],
)
def test_what_is_no_project_is_refused(name, message):
    with pytest.raises(SourceError, match=message):
        read_project(DATA / "hostile" / f"{name}.qdpx")


@pytest.mark.parametrize(
    ("name", "kind", "n_codings"),
    [
        ("bomb", "texts that cannot be read", 0),
        ("latin1-source", "texts that cannot be read", 0),
        ("missing-source", "texts that are not in the project", 0),
        ("twice-the-same-name", "texts whose file is there twice", 0),
        ("path-outside", "texts outside the project", 0),
        ("cycle-and-unknown", "elements that the format does not know", 1),
        ("selections", "empty selections", 2),
        ("formula", "passages of which the texts do not decide how they are counted", 1),
    ],
)
def test_a_damaged_part_costs_that_part(name, kind, n_codings, study, tmp_path):
    project = read_project(DATA / "hostile" / f"{name}.qdpx")
    assert kind in kinds(project.losses)
    study.import_project(project)
    assert sum(len(sheet.codings) for sheet in study.sheets()[0]) == n_codings
    outside = [path for path in tmp_path.rglob("*evil*") if tmp_path / "study" not in path.parents]
    assert outside == []
    assert study.check() == []


def test_a_text_in_another_encoding_is_read_with_the_users_word():
    project = read_project(DATA / "hostile" / "latin1-source.qdpx", encoding="cp1252")
    assert len(project.marks) == 1


def test_selections_that_are_none_are_named():
    project = read_project(DATA / "hostile" / "selections.qdpx")
    assert sorted(quote for quote, _ in project.quotes()) == ["One", "two"]
    told = " ".join(example for loss in project.losses if loss.became == "left out" for example in loss.examples)
    assert all(place in told for place in ("4–4", "8–4", "14–900", "-3–3"))


def test_an_unpacked_project_is_read(tmp_path):
    with zipfile.ZipFile(DATA / "shapes" / "nvivo-mac-like.qdpx") as archive:
        archive.extractall(tmp_path)
    assert digest_project(read_project(tmp_path / "project.qde")) == DIGEST
    shutil.rmtree(tmp_path / "sources")
    assert kinds(read_project(tmp_path / "project.qde").losses)["texts that are not in the project"] == 3
