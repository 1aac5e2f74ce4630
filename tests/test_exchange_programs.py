"""The own files of QualCoder, Taguette and RQDA come in."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing

import pytest
from click.testing import CliRunner
from exchanging import DATA, DIGEST, SHARED, digest_project, digest_study
from studies import Clock

from qualcode.cli import cli
from qualcode.errors import SourceError
from qualcode.exchange import read_codebook_file, read_project
from qualcode.exchange.code_tables import part_paths
from qualcode.exchange.taguette import _TextOfHtml
from qualcode.study import create_study, open_study

FILES = {
    "qualcoder": "qualcoder-4.0-beta/sample_qualcoder.qda",
    "taguette": "taguette-1.5.2/sample_taguette.sqlite3",
    "rqda": "rqda-made/sample.rqda",
}


@pytest.mark.parametrize("program", FILES)
def test_every_program_gives_the_one_digest(program, tmp_path):
    project = read_project(DATA / FILES[program])
    assert digest_project(project) == DIGEST
    with create_study(tmp_path / "study", clock=Clock()) as study:
        report = study.import_project(project)
        assert digest_study(study) == DIGEST
        assert report.n_codings_there == {"ana": 32, "ben": 26}
        assert study.check() == []
        again = study.import_project(read_project(DATA / FILES[program]))
        assert (again.n_codes, again.n_codings, again.n_cases, again.n_memos) == (0, 0, 0, 0)
        assert {coding.origin for sheet in study.sheets()[0] for coding in sheet.codings} == {program}


@pytest.mark.parametrize("program", ["qualcoder", "rqda"])
def test_cases_memos_and_remarks_come_along(program, tmp_path):
    with create_study(tmp_path / "study", clock=Clock()) as study:
        study.import_project(read_project(DATA / FILES[program]))
        assert [(one.id, dict(one.attributes), one.voices) for one in study.cases] == [
            ("P3", {"role": "Senior lecturer", "years": "6"}, (("P3", ""),)),
            ("P4", {"role": "Programme officer", "years": "2"}, (("P4", ""),)),
        ]
        memos = {memo.text: memo.about for memo in study.memos()[0]}
        assert memos["First impressions: the **trade** is small.\n\n- second line\n"] == "study"
        name, _, place = memos["A nice detail; do not quote.\n"].rpartition(":")
        start, end = map(int, place.split("-"))
        assert study.transcript(name).text[start:end].startswith("umbrellas")


def test_through_the_command_line(tmp_path):
    done = CliRunner().invoke(
        cli,
        ["import-project", str(DATA / FILES["qualcoder"]), "--study", str(tmp_path / "new")],
        catch_exceptions=False,
    )
    assert "3 transcripts, 9 codes, 58 codings, 2 cases" in done.stdout
    assert open_study(tmp_path / "new").settings.name == "sample_qualcoder"


def test_deleted_rows_of_rqda_stay_deleted():
    told = {loss.kind: loss.n for loss in read_project(DATA / FILES["rqda"]).losses}
    assert told["deleted rows of the table coding"] == 1


def test_words_that_differ_from_their_place_are_told(tmp_path):
    folder = tmp_path / "x.qda"
    shutil.copytree(DATA / FILES["qualcoder"], folder)
    with closing(sqlite3.connect(folder / "data.qda")) as database:
        database.execute("UPDATE code_text SET pos0 = pos0 + 2, pos1 = pos1 + 2 WHERE ctid = 1")
        database.execute("UPDATE code_text SET pos1 = 99999999 WHERE ctid = 2")
        database.execute("UPDATE code_text SET cid = 77 WHERE ctid = 3")
        database.commit()
    project = read_project(folder)
    told = {loss.kind: loss.n for loss in project.losses}
    assert told["passages whose words differ from those stored with them"] == 1
    assert told["passages that are not in their text"] == 1
    assert told["codings with a code that the project does not have"] == 1
    assert len(project.marks) == 56


def test_codes_that_go_round_in_a_circle_come_in(tmp_path):
    folder = tmp_path / "x.qda"
    shutil.copytree(DATA / FILES["qualcoder"], folder)
    with closing(sqlite3.connect(folder / "data.qda")) as database:
        database.execute("UPDATE code_name SET catid = NULL, supercid = 2 WHERE cid = 1")
        database.execute("UPDATE code_name SET catid = NULL, supercid = 1 WHERE cid = 2")
        database.commit()
    codes = read_project(folder).codes
    assert len(codes) == 9
    seen = {""}
    for code in codes:
        assert code.parent in seen
        seen.add(code.guid)


def test_what_is_no_database_is_refused(tmp_path):
    for name in ("a.qda", "b.sqlite3", "c.rqda"):
        (tmp_path / name).write_bytes(b"SQLite format 3\0" + b"x" * 200)
        with pytest.raises(SourceError, match="cannot be read"):
            read_project(tmp_path / name)
        (tmp_path / name).write_bytes(b"text")
        with pytest.raises(SourceError, match="not an SQLite database"):
            read_project(tmp_path / name)
    shutil.copy(DATA / FILES["rqda"], tmp_path / "d.sqlite3")
    with pytest.raises(SourceError, match="not a Taguette project"):
        read_project(tmp_path / "d.sqlite3")
    (tmp_path / "empty.qda").mkdir()
    with pytest.raises(SourceError, match="not a QualCoder project"):
        read_project(tmp_path / "empty.qda")


def test_a_view_in_the_place_of_a_table_is_not_asked(tmp_path):
    path = tmp_path / "x.rqda"
    shutil.copy(DATA / FILES["rqda"], path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("DROP TABLE journal")
        database.execute(
            "CREATE VIEW journal AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            "SELECT i AS name FROM n"
        )
        database.commit()
    assert len(read_project(path).marks) == 58


@pytest.mark.parametrize("program", FILES)
def test_damaged_databases_never_end_in_a_traceback(program, tmp_path):
    file = DATA / FILES[program]
    data = (file / "data.qda" if file.is_dir() else file).read_bytes()
    path, rng = tmp_path / f"x{file.suffix}", random.Random(5)
    for _ in range(40):
        damaged = bytearray(data)
        for _ in range(rng.randint(1, 20)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        path.write_bytes(damaged)
        try:
            read_project(path)
        except SourceError:
            continue  # refused in words


def test_a_project_that_is_open_elsewhere_is_refused(tmp_path):
    path = tmp_path / "ä b.rqda"
    shutil.copy(DATA / FILES["rqda"], path)
    assert len(read_project(path).marks) == 58
    (tmp_path / "ä b.rqda-wal").write_bytes(b"x")
    with pytest.raises(SourceError, match="open in its program"):
        read_project(path)


def test_a_codebook_is_no_project_and_a_project_no_codebook():
    with pytest.raises(SourceError, match="import-codebook"):
        read_project(DATA / "atlasti-qdc-23.4" / "namespace-0-4.qdc")
    with pytest.raises(SourceError, match="import-project"):
        read_codebook_file(DATA / FILES["rqda"])


def test_several_projects_in_one_database_are_named(tmp_path):
    path = tmp_path / "x.sqlite3"
    shutil.copy(DATA / FILES["taguette"], path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("INSERT INTO projects (name, description, created) VALUES ('Other', '', '2026')")
        database.commit()
    with pytest.raises(SourceError, match="Other, Stepping Stone sample"):
        read_project(path)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        (["a", "a.b", "a.b.c", "d.e"], {"a": ("a",), "a.b": ("a", "b"), "a.b.c": ("a", "b", "c"), "d.e": ("d.e",)}),
        (["x", "x/y", "v1.2"], {"x": ("x",), "x/y": ("x", "y"), "v1.2": ("v1.2",)}),
        (["one", "two.three"], {"one": ("one",), "two.three": ("two.three",)}),
        ([], {}),
    ],
)
def test_paths_of_tags(paths, expected):
    assert part_paths(paths) == expected


@pytest.mark.parametrize(
    ("html", "words", "breaks"),
    [
        ("<p>One &amp; two</p>\n<p>three</p>", "One & two\nthree", ()),
        ("<p>One</p><p>two</p>", "Onetwo", (3,)),
        ("\n <h1>A</h1><ul><li>b</li><li>c</li></ul>", "Abc", (1, 2)),
        ("<p>a<script>alert(1)</script>b<br>c</p>", "abc", (2,)),
    ],
)
def test_the_text_of_a_document(html, words, breaks):
    assert _TextOfHtml().read(html) == (words, breaks)


def test_paragraphs_without_a_line_end_between_them_stay_apart(tmp_path):
    path = tmp_path / "x.sqlite3"
    shutil.copy(DATA / FILES["taguette"], path)
    with closing(sqlite3.connect(path)) as database:
        html = "<p>Ana: Fine é.</p><p>Ben: No 😀, not so.</p>"
        database.execute("UPDATE documents SET contents = ? WHERE id = 1", (html,))
        database.execute("DELETE FROM highlights")
        start = len("Ana: Fine é.Ben: ".encode())
        for key, (low, high) in enumerate([(start, start + len("No 😀".encode())), (5, 13), (0, 13)], start=1):
            database.execute("INSERT INTO highlights VALUES (?, 1, ?, ?, '')", (key, low, high))
        database.commit()
    project = read_project(path)
    assert project.sources[0].text == "Ana: Fine é.\nBen: No 😀, not so."
    assert {quote for quote, _ in project.quotes()} == {"No 😀", "Fine é.", "Ana: Fine é."}


@pytest.mark.parametrize("name", ["Examples"])
def test_other_files_in_the_shared_data(name):
    folder = SHARED / "qualcoder-examples" / name
    databases = list(folder.rglob("data.qda")) if folder.exists() else []
    if not databases:
        pytest.skip(f"there is no database of QualCoder in {folder}")
    for path in databases:
        assert read_project(path).codes
