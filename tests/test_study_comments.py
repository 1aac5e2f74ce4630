"""Comments in a Word document that name codes, taken in as codings."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import docx
import pytest
from docx_files import W
from docx_files import docx as build_docx
from studies import CODEBOOK, TALK, begin_study, build_transcript

from qualcode.errors import StudyError
from qualcode.sources.comments import read_comments
from qualcode.study import create_study
from qualcode.study.word_comments import import_comments

if TYPE_CHECKING:
    from pathlib import Path

    from qualcode.study import Study


def write_interview(*comments: tuple[int, int, int, str, str], edited: bool = False) -> bytes:
    """Return the Word document of the small transcript; a comment is paragraph, start, end, text and author.

    Each paragraph is cut into three runs, of which the middle one carries the comment.
    """
    document = docx.Document()
    for number, (speaker, words) in enumerate(TALK):
        text = f"{speaker}: {words}"
        if edited and number == 1:
            text = text.replace("We could", "Honestly, we could")
        mine = [one for one in comments if one[0] == number]
        start, end = (mine[0][1], mine[0][2]) if mine else (0, 0)
        paragraph = document.add_paragraph()
        runs = [paragraph.add_run(part) for part in (text[:start], text[start:end], text[end:])]
        for _, _, _, what, author in mine:
            document.add_comment(runs[1], text=what, author=author)
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def given(study: Study, coder: str) -> list[tuple[str, str]]:
    sheet = study.sheet(coder, "P07")
    return [(coding.code, coding.quote) for coding in sheet.codings] if sheet else []


CLASH = (1, 5, 22, "Scheduling", "Ana")  # the runs are "Ana: ", "The dates clashed" and the rest


def test_the_text_of_a_comment_is_a_code(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    found = import_comments(study, write_interview(CLASH, (3, 5, 17, "challenges/turnover", "Ben Li")), "P07.docx")
    assert given(study, "Ana") == [("scheduling", "The dates clashed")]
    assert given(study, "Ben Li") == [("turnover", "People leave")]
    assert (found.n_applied, found.problems) == ({"Ana": 1, "Ben Li": 1}, ())
    assert study.coders()[:2] == ("Ana", "Ben Li")
    assert study.check() == []


def test_again_changes_nothing(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    data = write_interview(CLASH)
    import_comments(study, data, "P07.docx")
    before = study.layout.log_of("Ana", "P07").read_bytes()
    assert import_comments(study, data, "P07.docx").n_applied == {"Ana": 0}
    assert study.layout.log_of("Ana", "P07").read_bytes() == before


def test_other_comments_are_told_and_a_slip_is_a_warning(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    data = write_interview((1, 5, 22, "ask her again", "Ana"), (3, 5, 17, "turnovr", "Ana"))
    found = import_comments(study, data, "P07.docx")
    assert given(study, "Ana") == []
    assert [(one.level, one.where) for one in found.problems] == [
        ("note", "P07.docx: comment 1"),
        ("warning", "P07.docx: comment 2"),
    ]


def test_an_edited_document_still_finds_its_passage(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    data = write_interview((3, 5, 17, "TURNOVER; praise", "ana"), edited=True)
    import_comments(study, data, "P07.docx")
    assert given(study, "ana") == [("praise", "People leave"), ("turnover", "People leave")]


def test_one_coder_for_all_and_another_name_of_the_file(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    with pytest.raises(StudyError, match="no transcript “P07 with comments”"):
        import_comments(study, write_interview(CLASH), "P07 with comments.docx")
    import_comments(study, write_interview(CLASH), "P07 with comments.docx", coder="ben", transcript_id="P07")
    assert given(study, "ben") == [("scheduling", "The dates clashed")]


def test_an_author_whose_name_differs_in_case_is_the_coder_who_is_there(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    study.decide("ana", "P07:t004", "praise", "accept")
    import_comments(study, write_interview(CLASH), "P07.docx")
    assert study.coders() == ("ana", "rules")
    assert len(given(study, "ana")) == 2


def test_somebody_who_is_no_coder_of_a_study_that_names_them_is_refused_before_anything_is_taken_in(
    tmp_path: Path,
) -> None:
    (tmp_path / "book.yaml").write_text(CODEBOOK, "utf-8")
    study = create_study(tmp_path / "study", codebook=tmp_path / "book.yaml", coders=["Ana", "Ben Li"])
    study.add_transcript(build_transcript())
    data = write_interview(CLASH, (3, 5, 17, "turnover", "Ben Lee"))
    with pytest.raises(StudyError, match="“Ben Lee” is not a coder") as caught:
        import_comments(study, data, "P07.docx")
    assert "Did you mean “Ben Li”?" in caught.value.hint
    assert "--coder NAME" in caught.value.hint
    assert given(study, "Ana") == []
    import_comments(study, data, "P07.docx", coder="Ana")
    assert given(study, "Ana") == [("scheduling", "The dates clashed"), ("turnover", "People leave")]


def test_a_comment_on_a_place_codes_the_segment_and_a_deleted_passage_is_told(tmp_path: Path) -> None:
    study = begin_study(tmp_path / "study")
    body = (
        "<w:p><w:r><w:t>Interviewer: What was hard?</w:t></w:r></w:p>"
        '<w:p><w:r><w:t>Ana: The dates clashed. We </w:t></w:r><w:r><w:commentReference w:id="1"/></w:r>'
        "<w:r><w:t>could never find a date.</w:t></w:r>"
        '<w:del w:id="9"><w:commentRangeStart w:id="2"/><w:r><w:delText>Gone.</w:delText></w:r>'
        '<w:commentRangeEnd w:id="2"/><w:r><w:commentReference w:id="2"/></w:r></w:del></w:p>'
    )
    comments = (
        f'<w:comments xmlns:w="{W}">'
        '<w:comment w:id="1" w:author="ana"><w:p><w:r><w:t>scheduling</w:t></w:r></w:p></w:comment>'
        '<w:comment w:id="2" w:author="ana"><w:p><w:r><w:t>praise</w:t></w:r></w:p></w:comment></w:comments>'
    )
    found = import_comments(study, build_docx(body, comments=comments), "P07.docx")
    assert given(study, "ana") == [("scheduling", TALK[1][1])]
    (problem,) = found.problems
    assert "no longer in the document" in problem.message


def test_marks_do_not_stay_in_the_text() -> None:
    text, (comment,) = read_comments(write_interview(CLASH), "P07.docx")
    assert text == build_transcript().text.rstrip("\n")
    assert text[comment.start : comment.end] == "The dates clashed"
