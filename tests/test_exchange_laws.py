"""A study goes out and comes in again: nothing is another, but for what the format cannot carry, which is told."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from importlib import resources

import pytest
from click.testing import CliRunner
from exchanging import DATA, DIGEST, digest_project, digest_study
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree
from studies import Clock, build_transcript

from qualcode.cases import assign_cases
from qualcode.cli import cli
from qualcode.codebook import Code, Example, encode_codebook, parse_codebook
from qualcode.exchange import parse_reading, read_description, read_project, write_description
from qualcode.model import Coding, Sheet, Span
from qualcode.study import create_study, open_study

LINE = st.text(st.sampled_from("abc é你😀-:.•*'\"#{}[]<>&|=,!%@`?\\/"), max_size=12).map(
    lambda one: " ".join(one.split())
)
TEXT = LINE.filter(bool)
PROSE = st.lists(LINE, max_size=4).map(lambda lines: "\n".join(lines).strip())
HEADS = st.sampled_from(["Include:", "Exclude:", "- item", "Examples:", "  more", "Not examples:", "Definition:"])


def schema(name: str) -> etree.XMLSchema:
    data = resources.files("qualcode.exchange").joinpath("schemas", name).read_bytes()
    return etree.XMLSchema(etree.fromstring(data))


def read_xml(data: bytes) -> etree._Element:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return etree.fromstring(archive.read("project.qde"))


@st.composite
def codes(draw, depth=0):
    return Code(
        "", draw(TEXT),
        definition=draw(PROSE | st.lists(HEADS, max_size=4).map("\n".join).map(str.strip)),
        include=tuple(draw(st.lists(TEXT, max_size=2))), exclude=tuple(draw(st.lists(TEXT, max_size=2))),
        hits=tuple(map(Example, draw(st.lists(TEXT, max_size=2, unique=True)))),
        colour=draw(st.sampled_from(["", "#0072B2", "#ffffff"])),
        codes=tuple(draw(st.lists(codes(depth=depth + 1), max_size=2))) if depth < 3 else (),
    )  # fmt: skip


def with_ids(found, taken=None):
    taken = taken if taken is not None else []
    made = []
    for code in found:
        taken.append(code)
        own = f"code-{len(taken)}"
        made.append(replace(code, id=own, codes=tuple(with_ids(code.codes, taken))))
    return made


@given(st.lists(codes(), min_size=1, max_size=3))
def test_a_codebook_reads_as_it_was_written(found):
    found = with_ids(found)
    book = parse_codebook(encode_codebook(found, name="Some: name", description="What\nfor"))
    assert list(book.codes) == found
    assert (book.name, book.description) == ("Some: name", "What\nfor")


@given(codes(depth=3))
def test_a_description_is_taken_apart_as_it_was_put_together(code):
    assert read_description(Code(code.id, code.name, colour=code.colour), write_description(code)) == code


def test_the_blocks_of_a_description():
    text = (
        "Partners found by friends.\n\nInclude:\n- neighbours\n- cousins\n\nExamples:\n* My aunt knew him.\n\nAnd more."
    )
    code = read_description(Code("a", "A"), text)
    assert code.definition == "Partners found by friends.\n\nAnd more."
    assert code.include == ("neighbours", "cousins")
    assert [one.text for one in code.hits] == ["My aunt knew him."]


CODEBOOK = (
    "codes:\n- {id: a, name: A, definition: What it is., include: [this, that], examples: {hit: [yes]},"
    " colour: '#0072B2',"
    " codes: [{id: b, name: B, codes: [{id: c, name: A}]}]}\n- {id: d, name: 'D, e'}\n"
)
TALK = (
    ("Interviewer", "What was hard? 😀"),
    ("Ana", "The dates clashed. We could never find a date."),
    ("Ben", "People leave. 大家都好忙😀。 Café — ﬁn."),
    ("Ana", "Lovely."),
)


@st.composite
def sheets(draw, transcript, coder):
    length = len(transcript.text)
    places = st.integers(0, length - 1).flatmap(lambda one: st.tuples(st.just(one), st.integers(one + 1, length)))
    found = draw(st.lists(st.tuples(places, st.sampled_from("abcd"), LINE), max_size=6, unique_by=lambda one: one[:2]))
    codings = [
        Coding(
            transcript.id, Span(*place), code, coder, "applied", transcript.quote(Span(*place)), origin="refi-qda",
            note=note, at="2026-03-01T09:00:00.000000+00:00",
        )
        for place, code, note in found
    ]  # fmt: skip
    codings.sort(key=lambda one: (one.span, one.code))
    seen = {turn.id for one in codings for turn in transcript.units("turn") if turn.span.overlaps(one.span)}
    return Sheet(transcript.id, coder, "turn", transcript.digest, "", frozenset(seen), tuple(codings))


@settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_what_goes_out_comes_in_the_same(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("law")
    (folder / "codebook.yaml").write_text(CODEBOOK, "utf-8")
    transcripts = [build_transcript("P07", TALK), build_transcript("P 8", TALK[1:])]
    with create_study(folder / "one", codebook=folder / "codebook.yaml", clock=Clock()) as study:
        for transcript in transcripts:
            study.add_transcript(transcript)
            for coder in ("ana", "Ben B"):
                sheet = data.draw(sheets(transcript, coder))
                if sheet.codings:
                    study.save(replace(sheet, codebook_digest=study.codebook.digest))
        study.memo("study", data.draw(TEXT.filter(lambda one: one.strip())), author="ana")
        study.memo("code:b", "on b", author="ana")
        study.memo("P07:t002", "on a turn", author="ana")
        study.memo("P07:3-9", "on a passage", author="ana")
        (folder / "one" / "cases.csv").write_text(
            "case,transcript,speaker,role,years\nAnn,P07,Ana,boss,7\nAnn,P 8,Ana,boss,7\nBob,P07,Ben,,12\n", "utf-8"
        )
        recipient = data.draw(st.sampled_from(["any", "nvivo", "qualcoder"]))
        written = study.export_project(recipient=recipient)
        assert study.export_project(recipient=recipient).data == written.data
        (folder / "x.qdpx").write_bytes(written.data)
        assert schema("Project-mrt2019.xsd").validate(read_xml(written.data))
        project = read_project(folder / "x.qdpx", reading=_reading(recipient))
        with create_study(folder / "two", clock=Clock()) as other:
            report = other.import_project(project, coder="nobody")
            assert [loss.kind for loss in report.losses if loss.level == "warning"] == []
            _compare(study, other)
            again = other.import_project(project, coder="nobody")
            assert (again.n_codes, again.n_codings, again.n_cases, again.n_memos) == (0, 0, 0, 0)
            (folder / "y.qdpx").write_bytes(other.export_project(recipient=recipient).data)
            with create_study(folder / "three", clock=Clock()) as third:
                third.import_project(read_project(folder / "y.qdpx", reading=_reading(recipient)), coder="nobody")
                _compare(other, third)
        back = study.import_project(project, coder="nobody")
        assert (back.n_codes, back.n_codings, back.n_cases, back.n_memos, back.n_changed) == (0, 0, 0, 0, 0)


def _reading(recipient):
    return parse_reading("utf16" if recipient == "nvivo" else "codepoints")


def _compare(one, other):
    paths = {"Ben B": "ben-b"}
    assert [_told(code) for code in one.codebook.walk()] == [_told(code) for code in other.codebook.walk()]
    ids = dict(zip([c.id for c in other.codebook.walk()], [c.id for c in one.codebook.walk()], strict=True))
    assert [transcript.text for transcript in one.transcripts()[0]] == [t.text for t in other.transcripts()[0]]
    codings = {
        (paths.get(c.coder, c.coder), c.transcript, c.span, c.code, c.quote, c.note, c.at)
        for sheet in one.sheets()[0] for c in sheet.codings
    }  # fmt: skip
    assert codings == {
        (c.coder, c.transcript, c.span, ids[c.code], c.quote, c.note, c.at)
        for sheet in other.sheets()[0] for c in sheet.codings
    }  # fmt: skip
    assert {(memo.id, memo.text, memo.author) for memo in one.memos()[0]} == {
        (memo.id, memo.text, memo.author) for memo in other.memos()[0]
    }
    abouts = {memo.text: memo.about for memo in one.memos()[0]}
    for memo in other.memos()[0]:
        kind, _, name = memo.about.partition(":")
        assert (f"code:{ids[name]}" if kind == "code" else memo.about) == abouts[memo.text]
    _compare_cases(one, other)


def _compare_cases(one, other):
    indexes = [assign_cases(study.transcripts()[0], study.cases) for study in (one, other)]
    for transcript in one.transcripts()[0]:
        for speaker in {turn.speaker for turn in transcript.units("turn")}:
            cases = [index.case_of(transcript.id, speaker) for index in indexes]
            assert cases[0] == cases[1]
    assert [(case.id, {k: v for k, v in case.attributes.items() if v}) for case in one.cases] == [
        (case.id, {k: v for k, v in case.attributes.items() if v}) for case in other.cases
    ]


def _told(code):
    return code.name, code.definition, code.include, code.exclude, code.hits, code.misses, code.colour


# -- what a file for others looks like --------------------------------------------------------------------------------


@pytest.fixture
def study(tmp_path):
    with create_study(tmp_path / "study", clock=Clock()) as study:
        study.import_project(read_project(DATA / "shapes" / "nvivo-win-like.qdpx"))
        yield study


def export(study, *args):
    done = CliRunner().invoke(cli, ["export", *map(str, args), "--study", str(study.root)], catch_exceptions=False)
    assert done.exit_code in {0, 3}, done.output
    return done


def test_a_project_is_the_same_bytes_and_nothing_in_it_is_compressed(study, tmp_path):
    data = study.export_project().data
    assert data == study.export_project().data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        infos = archive.infolist()
        assert infos[0].filename == "project.qde"
        assert {(one.compress_type, one.date_time) for one in infos} == {(zipfile.ZIP_STORED, (1980, 1, 1, 0, 0, 0))}
        texts = [archive.read(one.filename) for one in infos[1:]]
        assert not any(b"\r" in text or text.startswith(b"\xef\xbb\xbf") for text in texts)
        assert all(one.filename.startswith("sources/") for one in infos[1:])


def test_what_came_with_a_guid_keeps_it(study):
    with zipfile.ZipFile(DATA / "shapes" / "nvivo-win-like.qdpx") as archive:
        before = etree.fromstring(archive.read("project.qde"))
    after = read_xml(study.export_project().data)

    def guids(root, kind):
        return {one.get("guid").lower() for one in root.iter("{*}" + kind)}

    for kind in ("User", "TextSource", "Case", "Note"):
        assert guids(after, kind) >= guids(before, kind), kind
    cases = guids(before, "Case")
    assert guids(after, "Code") == guids(before, "Code") - cases
    assert guids(after, "Coding") <= guids(before, "Coding")
    every = [one.get("guid") for one in after.iter() if one.get("guid")]
    assert len(every) == len(set(every)), "ATLAS.ti rejects doubles"


@pytest.mark.parametrize(
    ("recipient", "unit"), [("nvivo", "utf16"), ("qualcoder", "codepoints"), ("any", "codepoints")]
)
def test_programs_get_the_positions_that_they_count(study, tmp_path, recipient, unit):
    path = tmp_path / "x.qdpx"
    export(study, "--to", "qdpx", "--for", recipient, "--out", path)
    project = read_project(path)
    assert digest_project(project) == DIGEST
    told = next(loss for loss in project.losses if loss.kind == "positions of passages").became
    assert told.startswith("read as UTF-16" if unit == "utf16" else "read as code points")


def test_each_coding_has_a_selection_with_its_coder_and_its_first_words(study):
    root = read_xml(study.export_project().data)
    selections = [one for one in root.iter("{*}PlainTextSelection") if one.find("{*}Coding") is not None]
    assert len(selections) == 58
    for one in selections:
        coding = one.find("{*}Coding")
        assert one.get("creatingUser") == coding.get("creatingUser")
        assert one.get("creationDateTime") == "2026-04-01T09:00:00Z"
        assert 0 < len(one.get("name")) <= 100


def test_names_that_several_codes_have_can_be_made_unique(tmp_path):
    (tmp_path / "codebook.yaml").write_text(CODEBOOK, "utf-8")
    study = create_study(tmp_path / "study", codebook=tmp_path / "codebook.yaml", clock=Clock())
    names = {}
    for how in ("tree", "unique", "flat"):
        written = study.export_project("qdc", names=how)
        root = etree.fromstring(written.data)
        assert schema("Codebook-mrt2019.xsd").validate(root)
        names[how] = [one.get("name") for one in root.iter("{*}Code")]
        told = [loss.kind for loss in written.losses]
        assert ("names that several codes have" in told) == (how == "tree")
    assert names["tree"] == ["A", "B", "A", "D, e"]
    assert names["unique"] == ["A", "B", "A – B – A", "D, e"]
    assert names["flat"] == ["A", "A – B", "A – B – A", "D, e"]
    assert len(list(etree.fromstring(study.export_project("qdc", names="flat").data)[0])) == 4


def test_what_does_not_go_along_is_told_and_kept(study, tmp_path):
    done = export(study, "--to", "qdpx", "--out", tmp_path / "x.qdpx", "--format", "json")
    records = json.loads(done.stdout)
    assert {record["kind"] for record in records} >= {"segments that coders have read", "interviewers"}
    note = [one for one in open_study(study.root).notes() if one["what"] == "export-project"][-1]
    assert note["losses"] == records


def test_private_memos_and_rejected_codings_stay_at_home(study):
    study.memo("study", "my own worries", memo_id="mine", visibility="private")
    coding = study.sheet("ana", "P3").codings[0]
    segment = study.address_of(coding.transcript, coding.span)
    study.decide("ana", segment, coding.code, "remove", span=coding.span)
    written = study.export_project()
    assert b"my own worries" not in written.data
    assert sum(loss.n for loss in written.losses if loss.kind == "private memos") == 1
    assert len(list(read_xml(written.data).iter("{*}Coding"))) == 57


def test_only_some_coders_go_along(study, tmp_path):
    export(study, "--to", "qdpx", "--coders", "ben", "--out", tmp_path / "x.qdpx")
    assert [one.name for one in read_project(tmp_path / "x.qdpx").coders] == ["ben"]


def test_a_codebook_goes_out_alone(study, tmp_path):
    export(study, "--to", "qdc", "--out", tmp_path / "x.qdc")
    root = etree.fromstring((tmp_path / "x.qdc").read_bytes())
    assert len(list(root.iter("{*}Code"))) == 9
    refused = CliRunner().invoke(cli, ["export", "--for", "nvivo", "--study", str(study.root)])
    assert refused.exit_code == 2


def test_the_digest_of_a_study_that_came_in_and_went_out(study, tmp_path):
    (tmp_path / "x.qdpx").write_bytes(study.export_project().data)
    with create_study(tmp_path / "other", clock=Clock()) as other:
        other.import_project(read_project(tmp_path / "x.qdpx"))
        assert digest_study(other) == DIGEST
