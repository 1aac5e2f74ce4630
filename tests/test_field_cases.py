"""Files that people could not get read, with what a person reads in each: ``tests/data/field-cases``."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from qualcode.cli import cli
from qualcode.errors import SourceError
from qualcode.language import count_words
from qualcode.model import Case
from qualcode.sources import (
    Columns,
    Speaker,
    apply_speakers,
    encode_speakers,
    read_speakers,
    read_survey,
    read_transcript,
    read_transcripts,
)
from qualcode.study import Study

FIELD = Path(__file__).parent / "data" / "field-cases"


def read(case: str, name: str = "talk.txt"):
    return read_transcript(FIELD / case / name)


def speakers(transcript) -> dict[str, tuple[int, int]]:
    """Return turns and words of each speaker."""
    found: dict[str, tuple[int, int]] = {}
    for turn in transcript.units("turn"):
        turns, words = found.get(turn.speaker, (0, 0))
        found[turn.speaker] = (turns + 1, words + count_words(transcript.quote(turn.span)))
    return found


def warnings_of(transcript) -> set[str]:
    return {problem.rule for problem in transcript.source.problems if problem.level == "warning"}


# Case, file; turns and words of each speaker; who asks.
READINGS = [
    ("bold-run-together-labels", "talk.docx", {"Interviewer": (7, None), "P8": (6, None)}, {"Interviewer"}),
    ("chat-file", "talk.txt", {"INT": (2, 6), "PAR": (2, 14)}, {"INT"}),
    ("docx-field-in-field", "talk.docx", {"I": (2, 6), "P1": (2, 8)}, {"I"}),
    ("docx-table-in-table", "talk.docx", {"Interviewer": (2, 6), "Ana": (2, 18)}, {"Interviewer"}),
    ("elan-tab-export", "talk.txt", {"Interviewer": (2, 6), "Participant": (2, 10)}, {"Interviewer"}),
    ("label-me", "talk.txt", {"Me": (6, None), "Anna": (6, None)}, {"Me"}),
    (
        "label-with-function-word", "talk.txt",
        {"Interviewer": (6, None), "So Ka Man": (6, None)}, {"Interviewer"},
    ),
    (
        "label-with-function-word", "three.txt",
        {"Interviewer": (6, None), "So Ka Man": (6, None), "Will Lee": (6, None)}, {"Interviewer"},
    ),
    ("label-with-gender-star", "talk.txt", {"Interviewer*in": (3, 8), "Frau A": (3, 21)}, {"Interviewer*in"}),
    (
        "label-with-office", "talk.txt",
        {"Interviewer": (3, 8), "Mr Lee, Head of the Careers Office": (3, 21)}, {"Interviewer"},
    ),
    ("label-with-vowel-signs", "talk.txt", {"साक्षात्कारकर्ता": (2, 6), "सीमा": (2, 13)}, {"साक्षात्कारकर्ता"}),
    ("name-with-colon-under-times", "talk.txt", {"Speaker X": (2, 6), "Speaker Y": (2, 6)}, {"Speaker X"}),
    ("names-above-stamped-lines", "talk.txt", {"Mary Ng": (2, 13), "Paul Ho": (2, 13)}, {"Mary Ng"}),
    ("note-counts-the-label", "talk.txt", {"Speaker 1": (2, None), "Speaker 2": (2, None)}, {"Speaker 1"}),
    ("numbered-lines-after-stamps", "talk.txt", {"INT": (2, 8), "ANA": (3, 13)}, {"INT"}),
    (
        "one-person-two-spellings", "talk.txt",
        {"Researcher": (12, None), "Participant": (4, None), "Paticipant": (8, None)}, {"Researcher"},
    ),
    ("only-the-interviewer-has-labels", "talk.txt", {"": (7, None), "MODERATOR": (6, None)}, {"MODERATOR"}),
    (
        "second-interviewer-once", "talk.txt",
        {"Interviewer 1": (6, None), "Interviewee": (6, None), "Interviewer 2": (1, None)},
        {"Interviewer 1", "Interviewer 2"},
    ),
    ("service-footer", "talk.txt", {"Mary Ng": (2, None), "Paul Ho": (2, 13)}, {"Mary Ng"}),
    ("srt-angle-brackets", "talk.srt", {"Ana": (1, None), "Ben": (1, None)}, None),
    ("stamps-inside-turns", "talk.txt", {"SPEAKER_00": (2, 13), "SPEAKER_01": (2, 13)}, {"SPEAKER_00"}),
    ("vtt-name-on-line-of-its-own", "talk.vtt", {"Mary Ng": (2, 17), "Paul Ho": (2, 15)}, {"Mary Ng"}),
    ("vtt-speaker-in-cue-line", "talk.vtt", {"Mary Ng": (2, 8), "Paul Ho": (2, 13)}, {"Mary Ng"}),
    (
        "zoom-name-with-bar", "talk.vtt",
        {"Mary Ng (She/Her)": (2, 6), "Paul Ho | School B": (2, 7)}, {"Mary Ng (She/Her)"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("case", "name", "expected", "asking"), READINGS, ids=[f"{c}-{n}" for c, n, *_ in READINGS])
def test_turns_words_and_roles_of_each_speaker(case, name, expected, asking) -> None:
    transcript = read(case, name)
    found = speakers(transcript)
    wanted = {
        who: (turns, found.get(who, (0, 0))[1] if words is None else words) for who, (turns, words) in expected.items()
    }
    assert found == wanted
    if asking is not None:
        assert transcript.interviewers == asking


def test_no_stamp_or_dash_begins_a_turn() -> None:
    for case in ("stamps-inside-turns", "names-above-stamped-lines"):
        transcript = read(case)
        assert not any(transcript.quote(turn.span).startswith(("-", "[")) for turn in transcript.units("turn"))
        assert [p.time for p in transcript.units("paragraph")] == [0, 3, 6, 9, 15, 17]


def test_angle_brackets_that_are_no_tags_are_kept() -> None:
    transcript = read("srt-angle-brackets", "talk.srt")
    assert [transcript.quote(turn.span) for turn in transcript.units("turn")] == [
        "It was 2<3,5>1 or so.",
        "Then a<b and <unclear> came.",
    ]


def test_a_label_on_its_own_line_is_no_word_before_the_first_speaker() -> None:
    assert not any(one.rule == "before-first-speaker" for one in read("note-counts-the-label").source.problems)


def test_a_services_last_line_is_told() -> None:
    assert any(one.rule == "service-line" for one in read("service-footer").source.problems)


def test_two_questions_are_not_enough() -> None:
    transcript = read("interviewer-on-weak-evidence")
    assert transcript.interviewers == frozenset()
    assert warnings_of(transcript) == {"interviewer-unclear"}


def test_two_spellings_of_one_label_are_asked_about() -> None:
    assert warnings_of(read("one-person-two-spellings")) == {"similar-labels"}


# ---- what is counted and drawn from what was read


def run(*arguments: object):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_codes_of_a_sheet_are_found_however_their_accents_are_written(tmp_path) -> None:
    case, study = FIELD / "codes-in-decomposed-letters", tmp_path / "st"
    shutil.copy(case / "talk.txt", tmp_path / "P1.txt")
    assert run("init", study, "--codebook", case / "codebook.yaml", "--coder", "ana").exit_code == 0
    run("import", "--study", study, tmp_path / "P1.txt")
    result = run("import-codings", "--study", study, case / "ana.csv", "--coder", "ana")
    assert result.exit_code == 0, result.stderr
    opened = Study(study)
    (coding,) = opened.sheet("ana", "P1").codings
    assert opened.codebook.code(coding.code).name == "Épuisement"


def test_names_that_no_font_has_are_told(tmp_path) -> None:
    case = FIELD / "figure-says-nothing-of-fonts"
    result = run(
        "figure", "themes", case / "talk.txt", "--codebook", case / "codebook.yaml", "--out", tmp_path / "f.png"
    )
    if "No installed font" not in result.stderr:
        pytest.skip("this machine has fonts for Devanagari and emoji")
    assert result.exit_code == 3
    assert "“समय की कमी” is shown as “hi”" in result.stderr
    assert "Install a font" in result.stderr


# ---- files read together


def test_the_interviewer_is_told_from_all_files() -> None:
    paths = sorted((FIELD / "interviewer-across-files").glob("T*.txt"))
    transcripts, _ = read_transcripts(paths)
    assert [one.interviewers for one in transcripts] == [{"Sara Lee"}] * 5
    assert not any(map(warnings_of, transcripts))


TALK = ("We ask around.", "They come back.", "My old class did.", "The calendar.")


def write_talks(folder: Path, talks: dict[str, tuple[str, str]], asking: str = "Tell me more about that") -> list[Path]:
    """Write a file for each talk between two people, without a question mark, so that only labels tell."""
    for name, (one, other) in talks.items():
        text = "".join(f"{one}: {asking}.\n{other}: {answer}\n" for answer in TALK)
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return [folder / f"{name}.txt" for name in talks]


def test_a_label_that_recurs_beside_names_of_one_file_each_asks(tmp_path) -> None:
    talks = {"A": ("Sara", "Ana"), "B": ("Sara", "Ben"), "C": ("Tom", "Eve"), "D": ("Tom", "Ida")}
    transcripts, _ = read_transcripts(write_talks(tmp_path, talks))
    assert [one.interviewers for one in transcripts] == [{"Sara"}, {"Sara"}, {"Tom"}, {"Tom"}]


def test_who_answers_twice_is_no_interviewer(tmp_path) -> None:
    paths = write_talks(tmp_path, {"A": ("Tom", "Ana"), "B": ("Eve", "Ana")}, "What was it like? Tell me")
    transcripts, _ = read_transcripts(paths)
    assert not any("Ana" in one.interviewers for one in transcripts)


def test_labels_of_machines_are_nobody_in_particular(tmp_path) -> None:
    talks = {"A": ("SPEAKER_00", "SPEAKER_01"), "B": ("SPEAKER_00", "SPEAKER_02")}
    transcripts, _ = read_transcripts(write_talks(tmp_path, talks))
    assert [warnings_of(one) for one in transcripts] == [{"interviewer-unclear"}] * 2


def test_a_study_helps_to_tell_who_asks(tmp_path) -> None:
    first, _ = read_transcripts(write_talks(tmp_path, {"A": ("Sara", "Ana"), "B": ("Sara", "Ben")}))
    later, _ = read_transcripts(write_talks(tmp_path, {"C": ("Sara", "Eve")}), beside=first)
    assert later[0].interviewers == {"Sara"}


def test_who_is_no_case_of_the_table_asks(tmp_path) -> None:
    (path,) = write_talks(tmp_path, {"A": ("Sara", "Ana")})
    people = [Case("Ana", {}, (("A", "Ana"),))]
    assert read_transcripts([path], cases=people)[0][0].interviewers == {"Sara"}


# ---- the table of speakers


def test_a_table_of_speakers_decides(tmp_path) -> None:
    table = tmp_path / "speakers.csv"
    table.write_text(
        "transcript,label,person,role\ntalk,Paticipant,Participant,\ntalk,Participant,Participant,participant\n",
        encoding="utf-8",
    )
    path = FIELD / "one-person-two-spellings" / "talk.txt"
    transcripts, problems = read_transcripts([path], speakers=read_speakers(table))
    assert {who: turns for who, (turns, _) in speakers(transcripts[0]).items()} == {"Researcher": 12, "Participant": 12}
    assert (warnings_of(transcripts[0]), problems) == (set(), [])


def test_roles_of_the_table_go_before_those_that_were_inferred(tmp_path) -> None:
    table = tmp_path / "speakers.csv"
    rows = ["Researcher,participant", "Participant,interviewer", "Paticipant,other"]
    table.write_text("label,role\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    path = FIELD / "one-person-two-spellings" / "talk.txt"
    transcripts, _ = read_transcripts([path], speakers=read_speakers(table))
    assert transcripts[0].interviewers == {"Participant", "Paticipant"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("label,role\nAna,interviwer\n", "There is no role"),
        ("who,role\nAna,other\n", "There is no column"),
        ("label,note\nAna,other\n", "neither a column"),
        ("label,role\nAna,other\nana,participant\n", "stands twice"),
    ],
)
def test_a_broken_table_of_speakers_is_refused_with_its_place(tmp_path, text, message) -> None:
    path = tmp_path / "speakers.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message) as error:
        read_speakers(path)
    assert error.value.where.startswith("speakers.csv:")


def test_a_label_of_nobody_in_the_table_is_told() -> None:
    transcript = read("label-me")
    _, problems = apply_speakers([transcript], [Speaker("talk", "Ana", role="participant")])
    assert [(one.level, one.rule) for one in problems] == [("warning", "speaker-unknown")]
    assert "Anna" in problems[0].hint


def test_what_is_written_as_a_table_of_speakers_reads_the_same() -> None:
    transcript = read("label-me")
    odd = replace(transcript, id="=1+1")
    rows = read_speakers(encode_speakers([odd]), name="speakers.csv")
    assert [(one.transcript, one.label, one.person, one.role) for one in rows] == [
        ("=1+1", "Me", "Me", "interviewer"),
        ("=1+1", "Anna", "Anna", "participant"),
    ]


# ---- tables


def test_a_table_of_talk_holds_transcripts(tmp_path) -> None:
    path = tmp_path / "talk.csv"
    path.write_text(
        "speaker,text,time,transcript\nSara,Why?,0:01,L1\nAna,Because.,0:05,L1\n,And so on.,0:07,L1\n"
        "Sara,How?,12,L2\nBen,Well.,,L2\n",
        encoding="utf-8",
    )
    transcripts, _ = read_transcripts([path])
    assert [one.id for one in transcripts] == ["L1", "L2"]
    assert speakers(transcripts[0]) == {"Sara": (1, 1), "Ana": (1, 4)}
    assert [turn.time for one in transcripts for turn in one.units("turn")] == [1, 5, 12, None]


def test_columns_of_a_table_of_talk_can_be_named(tmp_path) -> None:
    path = tmp_path / "talk.csv"
    path.write_text("a,b\nSara,Why?\nAna,So.\n", encoding="utf-8")
    transcripts, _ = read_transcripts([path], columns=Columns("a", "b"))
    assert speakers(transcripts[0]) == {"Sara": (1, 1), "Ana": (1, 1)}


def test_survey_rows_that_are_no_answers() -> None:
    def answers(case: str, text: str, name: str) -> dict[str, int]:
        transcript, _ = read_survey(FIELD / case / "answers.csv", text_column=text, id_column=name)
        return {who: words for who, (_, words) in speakers(transcript).items()}

    assert answers("survey-sep-line", "answer", "id") == {"1": 5, "2": 3}
    assert answers("survey-three-header-rows", "Q2_TEXT", "ResponseId") == {"R_1aaa": 6, "R_2bbb": 5}
    assert answers("survey-answers-without-words", "text", "id") == {"1": 4}


PROGRAMS = [("study.nvpx", "NVivo"), ("study.mx24", "MAXQDA"), ("study.atlproj23", "ATLAS.ti")]


@pytest.mark.parametrize(("name", "program"), PROGRAMS)
def test_projects_of_other_programs_are_named(name, program) -> None:
    with pytest.raises(SourceError, match=program) as error:
        read("project-file-of-another-program", name)
    assert "REFI-QDA" in (error.value.hint or "")


# ---- as typed


def test_codes_of_a_sheet_in_decomposed_letters_are_those_of_the_codebook(tmp_path) -> None:
    case, study = FIELD / "codes-in-decomposed-letters", tmp_path / "st"
    talk = tmp_path / "P1.txt"
    talk.write_bytes((case / "talk.txt").read_bytes())
    call("init", study, "--codebook", case / "codebook.yaml", "--coder", "ana")
    call("import", "--study", study, talk)
    result = call("import-codings", "--study", study, case / "ana.csv", "--coder", "ana")
    assert result.exit_code in {0, 3}, result.stderr
    _, row = call("export", "--study", study).stdout.splitlines()
    assert ",e,ana,applied," in row


def test_a_figure_says_which_names_no_font_has(tmp_path) -> None:
    case = FIELD / "figure-says-nothing-of-fonts"
    words = ("figure", "themes", case / "talk.txt", "--codebook", case / "codebook.yaml")
    result = call(*words, "--out", tmp_path / "f.png")
    if result.exit_code == 3:  # on a machine without such a font
        assert "“समय की कमी” is shown as “hi”" in " ".join(result.stderr.split())
        assert "Install a font" in result.stderr
    else:
        assert "is shown as" not in result.stderr


def call(*words: object):
    from click.testing import CliRunner

    from qualcode.cli import cli

    return CliRunner().invoke(cli, [str(word) for word in words])
