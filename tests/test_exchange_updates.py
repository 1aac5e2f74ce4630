"""A project comes in again, grown since: what is new or was changed there comes in, and what was done here stays."""

from __future__ import annotations

import csv
import random
import shutil
import zipfile
from dataclasses import replace

import pytest
from exchanging import CODES, DATA, USERS, selection, source, write_qdpx
from studies import Clock

from qualcode.codebook import add_code, rename_code
from qualcode.errors import ConflictError, QualcodeError
from qualcode.exchange import Project, ProjectCase, ProjectMemo, read_project
from qualcode.model import Span
from qualcode.study import Study, create_study

TALK = (
    "Interviewer: What was hard?\nAna: The dates clashed. We could never find a date.\n"
    "Interviewer: And people?\nAna: People leave. They were lovely.\n"
)
READING = "codepoints"


def at(words: str, talk: str = TALK) -> tuple[int, int]:
    start = talk.index(words)
    return start, start + len(words)


def build(tmp_path, marks, *, talk=TALK, codes=CODES, name="x.qdpx", extra="") -> Project:
    """Return a project with codings: GUID, words, code, user, note."""
    from qualcode.exchange import parse_reading

    found = "".join(
        selection(guid, *at(words, talk), code, user=user, note=note) for guid, words, code, user, note in marks
    )
    path = write_qdpx(tmp_path / name, f"{USERS}{codes}{source(found)}{extra}", {"P1.txt": talk})
    return read_project(path, reading=parse_reading(READING))


MARKS = [
    ("m1", "The dates clashed.", "c2", "u1", "early"),
    ("m2", "They were lovely.", "c3", "u1", ""),
    ("m3", "People leave.", "c1", "u2", ""),
]


@pytest.fixture
def study(tmp_path):
    with create_study(tmp_path / "study", clock=Clock()) as study:
        study.import_project(build(tmp_path, MARKS))
        yield study


def given(study: Study) -> set[tuple[str, str, str, str]]:
    sheets, problems = study.sheets()
    assert problems == []
    return {(one.coder, one.quote, one.code, one.note) for sheet in sheets for one in sheet.codings}


FIRST = {
    ("ana", "The dates clashed.", "scheduling", "early"),
    ("ana", "They were lovely.", "praise", ""),
    ("ben", "People leave.", "challenges", ""),
}


def kinds(report):
    return {loss.kind: loss.n for loss in report.losses if loss.level == "warning"}


def test_the_same_again_changes_nothing(study, tmp_path):
    assert given(study) == FIRST
    before = {path: path.read_bytes() for path in study.root.rglob("*") if path.is_file()}
    report = study.import_project(build(tmp_path, MARKS))
    assert (report.n_codes, report.n_codings, report.n_changed) == (0, 0, 0)
    assert {path: path.read_bytes() for path in study.root.rglob("*") if path.is_file()} == before


def test_what_is_new_there_comes_in(study, tmp_path):
    grown = [*MARKS, ("m4", "We could never find a date.", "c2", "u2", "")]
    codes = CODES.replace("</Codes>", '<Code guid="c4" name="Joy" isCodable="true"/></Codes>')
    report = study.import_project(build(tmp_path, [*grown, ("m5", "lovely", "c4", "u1", "")], codes=codes))
    assert (report.n_codes, report.n_codings) == (1, 2)
    assert given(study) - FIRST == {
        ("ben", "We could never find a date.", "scheduling", ""),
        ("ana", "lovely", "joy", ""),
    }


def test_what_was_changed_there_is_changed_here(study, tmp_path):
    changed = [("m1", "The dates clashed", "c1", "u1", "late"), *MARKS[1:]]
    report = study.import_project(build(tmp_path, changed))
    assert (report.n_codings, report.n_changed, kinds(report)) == (0, 1, {})
    assert ("ana", "The dates clashed", "challenges", "late") in given(study)
    assert len(given(study)) == 3


def test_what_was_done_here_stays(study, tmp_path):
    sheet = study.sheet("ana", "P1")
    praise = next(one for one in sheet.codings if one.code == "praise")
    study.decide("ana", "P1:t004", "praise", "remove", span=praise.span)
    study.decide("ben", "P1:t002", "scheduling", "apply", span=Span(*at("find a date")))
    here = given(study)
    report = study.import_project(build(tmp_path, MARKS))
    assert report.n_codings == 0
    assert given(study) == here


def test_what_was_changed_here_and_there_is_told_and_neither_is_lost(study, tmp_path):
    clash = next(one for one in study.sheet("ana", "P1").codings if one.code == "scheduling")
    study.decide("ana", "P1:t002", "scheduling", "remove", span=clash.span)
    changed = [("m1", "The dates", "c2", "u1", ""), *MARKS[1:]]
    report = study.import_project(build(tmp_path, changed))
    assert kinds(report) == {"codings that were changed here and there": 1}
    assert ("ana", "The dates", "scheduling", "") in given(study)


def test_guids_that_are_new_at_every_export_make_no_doubles(study, tmp_path):
    project = build(tmp_path, [(f"new-{guid}", *rest) for guid, *rest in MARKS])
    renewed = replace(
        project,
        sources=tuple(replace(one, guid="other") for one in project.sources),
        marks=tuple(replace(one, source="other") for one in project.marks),
    )
    report = study.import_project(renewed)
    assert (report.new, report.n_codings) == ((), 0)
    assert given(study) == FIRST


def test_a_newer_text_takes_the_place_of_the_old_one(study, tmp_path):
    talk = TALK.replace("What was hard?", "So, what was hard for you in all of this?")
    report = study.import_project(build(tmp_path, MARKS, talk=talk))
    assert report.updated == ("P1",)
    assert study.transcript("P1").text == talk
    assert given(study) == FIRST
    again = study.import_project(build(tmp_path, MARKS, talk=talk))
    assert (again.updated, again.n_codings) == ((), 0)
    assert study.check() == []


def test_a_text_that_was_corrected_here_stays_and_codings_find_their_words(study, tmp_path):
    from qualcode.model import Source
    from qualcode.sources import transcript_of_text

    text = study.transcript("P1").text.replace("What was hard?", "Tell me, what was hard?")
    study.correct(transcript_of_text(text, "P1", Source("P1.txt", "txt"))[0], why="as heard")
    grown = [*MARKS, ("m4", "We could never find a date.", "c2", "u2", "")]
    report = study.import_project(build(tmp_path, grown))
    assert report.n_codings == 1
    assert study.transcript("P1").text == text
    assert ("ben", "We could never find a date.", "scheduling", "") in given(study)


def test_codes_are_renamed_as_there_unless_they_were_changed_here(study, tmp_path):
    codes = CODES.replace('name="Scheduling"', 'name="Finding dates"').replace('name="Praise"', 'name="Thanks"')
    study.recode(rename_code, code="praise", new_name="Kind words", because="as they say it")
    report = study.import_project(build(tmp_path, MARKS, codes=codes))
    names = {code.id: code.name for code in study.codebook.walk()}
    assert names["scheduling"] == "Finding dates"
    assert names["praise"] == "Kind words"
    assert kinds(report) == {"codes that were changed here and there": 1}
    assert given(study) == FIRST


def test_memos_and_values_of_cases_are_updated_or_told(study, tmp_path):
    project = build(tmp_path, MARKS)
    case = ProjectCase("k1", "Ana", {"role": "boss", "town": "Graz"}, (project.sources[0].guid,))
    memo = ProjectMemo("n1", "Diary", "First.")
    study.import_project(replace(project, cases=(case,), memos=(memo,)))
    other = replace(case, attributes={"role": "chair", "town": "Linz", "age": "7"})
    study.import_project(replace(project, cases=(other,), memos=(replace(memo, text="Second."),)))
    assert dict(study.cases[0].attributes) == {"role": "chair", "town": "Linz", "age": "7"}
    assert [one.text for one in study.memos()[0]] == ["Second.\n"]
    path = study.layout.cases
    path.write_text(path.read_text("utf-8").replace("chair", "queen"), "utf-8")
    study.memo("study", "mine", memo_id="Diary")
    third = replace(case, attributes={"role": "king", "town": "Wels", "age": "7"})
    report = study.import_project(replace(project, cases=(third,), memos=(replace(memo, text="Third."),)))
    assert dict(study.cases[0].attributes) == {"role": "queen", "town": "Wels", "age": "7"}
    assert kinds(report) == {"values of cases that differ": 1, "memos that were changed here and there": 1}


def test_what_somebody_did_while_a_project_was_read_is_not_written_over(study, tmp_path, monkeypatch):
    from qualcode.study.projects import arriving

    more = CODES.replace("</Codes>", '<Code guid="c9" name="Later" isCodable="true"/></Codes>')
    project = build(tmp_path, MARKS, codes=more)
    usual = arriving.match_texts

    def match_texts(*told):
        Study(study.root).recode(add_code, new_name="Mine", because="meanwhile")
        return usual(*told)

    monkeypatch.setattr(arriving, "match_texts", match_texts)
    before = given(study)
    with pytest.raises(ConflictError, match="changed while the project was read"):
        study.import_project(project)
    assert "Mine" in [code.name for code in study.codebook.walk()]
    assert given(study) == before
    monkeypatch.undo()
    study.import_project(project)
    assert "Mine" in [code.name for code in study.codebook.walk()]


def test_no_value_of_a_case_becomes_a_formula(study, tmp_path):
    project = build(tmp_path, MARKS)
    values = {"role": "=1+1", "mood": "- tired", "=name": "@x"}
    for _ in range(2):
        study.import_project(replace(project, cases=(ProjectCase("k1", "Ana", values, (project.sources[0].guid,)),)))
        assert dict(study.cases[0].attributes) == values
        with study.layout.cases.open(encoding="utf-8", newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))] == []


def test_a_renamed_transcript_is_known_again(study, tmp_path):
    study.rename_transcript("P1", "Ana's interview")
    report = study.import_project(build(tmp_path, [*MARKS, ("m4", "lovely", "c1", "u2", "")]))
    assert (report.new, report.n_codings) == ((), 1)
    assert study.transcript_ids() == ("Ana's interview",)


def test_a_text_that_was_removed_for_good_is_not_brought_back(study, tmp_path):
    study.remove_transcript("P1", why="withdrawn consent")
    report = study.import_project(build(tmp_path, MARKS))
    assert study.transcript_ids() == ()
    assert "codings on texts that did not come in" in kinds(report)


def test_two_copies_of_a_study_know_what_either_knows(study, tmp_path):
    shutil.copytree(study.root, tmp_path / "copy")
    with Study(tmp_path / "copy", clock=Clock()) as other:
        other.import_project(build(tmp_path, [*MARKS, ("m4", "lovely", "c1", "u2", "")]))
    study.merge(tmp_path / "copy")
    report = study.import_project(build(tmp_path, [*MARKS, ("m4", "lovely", "c1", "u2", "")]))
    assert report.n_codings == 0
    assert len(given(study)) == 4


def test_the_work_of_a_colleague_in_another_program_comes_back(study, tmp_path):
    """Out to another program, changed there, and in again: only what was changed there is another."""
    (tmp_path / "out.qdpx").write_bytes(study.export_project().data)
    study.decide("ana", "P1:t002", "praise", "apply", span=Span(*at("find a date")))
    with zipfile.ZipFile(tmp_path / "out.qdpx") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    files["project.qde"] = files["project.qde"].replace(b"early", b"very early")
    with zipfile.ZipFile(tmp_path / "back.qdpx", "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    report = study.import_project(read_project(tmp_path / "back.qdpx"))
    assert (report.n_codings, report.n_changed) == (0, 1)
    assert given(study) == {
        ("ana", "The dates clashed.", "scheduling", "very early"),
        ("ana", "find a date", "praise", ""),
        *(one for one in FIRST if one[2] != "scheduling"),
    }


# -- projects that are damaged in any way -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(8))
def test_damaged_projects_never_end_in_a_traceback(seed, tmp_path):
    """Bytes of the description and of texts are changed, cut and doubled: refused in words, or read with its losses."""
    rng = random.Random(seed)
    with zipfile.ZipFile(DATA / "shapes" / "nvivo-win-like.qdpx") as archive:
        files = {name: archive.read(name) for name in archive.namelist() if not name.endswith(".docx")}
    n_read = 0
    for number in range(60):
        path = tmp_path / f"{number}.qdpx"
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in files.items():
                archive.writestr(name, mutate(data, rng) if rng.random() < 0.6 else data)
        if rng.random() < 0.1:
            path.write_bytes(mutate(path.read_bytes(), rng))
        try:
            project = read_project(path)
            n_read += 1
            if number % 20 == 0:
                with create_study(tmp_path / f"s{number}", clock=Clock()) as study:
                    study.import_project(project, coder="zoe")
                    assert study.check() == [] or all(one.level != "error" for one in study.check())
        except QualcodeError:
            continue  # refused in words
    assert n_read > 0


def mutate(data: bytes, rng: random.Random) -> bytes:
    kind, at = rng.randrange(6), rng.randrange(max(len(data), 1))
    piece = data[at : at + rng.randrange(1, 400)]
    if kind == 0:
        return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]
    if kind == 1:
        return data[:at] + data[at + len(piece) :]
    if kind == 2:
        return data[:at] + piece + data[at:]
    if kind == 3:
        return data.replace(rng.choice([b'"true"', b"guid=", b"Coding", b"0", b"Position", b"User"]), piece[:20], 3)
    if kind == 4:
        words = rng.choice([b'startPosition="', b'endPosition="', b'targetGUID="'])
        place = data.find(words, at)
        value = rng.choice([b"-5", b"99999999999999999999", b"", b"x", "١".encode()])
        return data[: place + len(words)] + value + data[place + len(words) + 2 :] if place >= 0 else data
    return data[:at]
