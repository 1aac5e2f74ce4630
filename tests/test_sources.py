from __future__ import annotations

import hashlib
import os
import sys
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from qualcode.errors import QualcodeError, SourceError
from qualcode.sources import read_transcript, read_transcripts

if TYPE_CHECKING:
    from qualcode.model import Transcript

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the development data is not here")


def speech(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, transcript.quote(turn.span)) for turn in transcript.units("turn")]


def rules(transcript: Transcript) -> list[str]:
    return [problem.rule for problem in transcript.source.problems]


@pytest.fixture
def read(write):
    def read_text(text: str, name: str = "P1.txt", **options) -> Transcript:
        return read_transcript(write(name, text), **options)

    return read_text


def test_the_text_is_the_files_and_offsets_are_code_points(read):
    text = "Interviewer: 😀 How?\nAna: Fine 👍🏽. And e\u0301te\u0301!\n"
    transcript = read(text)
    assert transcript.text == "Interviewer: 😀 How?\nAna: Fine 👍🏽. And été!\n"
    assert speech(transcript) == [("Interviewer", "😀 How?"), ("Ana", "Fine 👍🏽. And été!")]
    assert transcript.units("turn")[0].span.start == 13
    assert transcript.id == "P1"
    assert transcript.language == "en"
    assert transcript.source.name == "P1.txt"
    assert transcript.source.format == "txt"
    assert transcript.source.encoding == "utf-8"
    assert transcript.source.digest == hashlib.sha256(text.encode()).hexdigest()


def test_line_ends_and_control_characters(read):
    transcript = read("\ufeffI: One.\r\nP: Two.\rI: Thr\x00ee".replace("\x00", "\x07") + "\x0bP: Four.\u2028I: Five.")
    assert transcript.text == "I: One.\nP: Two.\nI: Three\nP: Four.\nI: Five."
    assert transcript.source.left_out == {"control characters": 1}


def test_chinese_labels_and_sentences(read):
    transcript = read(
        "訪問員：你好嗎？點解？\n阿晴：幾好。我喺 office，好忙！\n佢話：唔得。\n訪問員：係咩？\n阿晴：係。"
    )
    assert speech(transcript) == [
        ("訪問員", "你好嗎？點解？"),
        ("阿晴", "幾好。我喺 office，好忙！\n佢話：唔得。"),
        ("訪問員", "係咩？"),
        ("阿晴", "係。"),
    ]
    assert transcript.language == "zh"
    assert transcript.interviewers == {"訪問員"}
    assert [transcript.quote(s.span) for s in transcript.units("sentence")][:4] == [
        "你好嗎？",
        "點解？",
        "幾好。",
        "我喺 office，好忙！",
    ]


SHAPES = {
    "tab": "Interviewer:\tWhy?\nAna:\tSo.",
    "no blank": "Interviewer:Why?\nAna:So.",
    "own line": "Interviewer:\nWhy?\nAna:\nSo.",
    "full-width": "Interviewer：Why?\nAna：So.",
    "french blank": "Interviewer : Why?\nAna : So.",
    "time before": "[00:00:01] Interviewer: Why?\n[00:00:02] Ana: So.",
    "bare time before": "00:00:01 Interviewer: Why?\n00:00:02 Ana: So.",
    "time in": "Interviewer [00:01]: Why?\nAna (00:02): So.",
    "time after": "Interviewer: [00:01] Why?\nAna: (0:02) So.",
    "header": "Interviewer   0:01\nWhy?\nAna   0:02\nSo.",
    "header time first": "00:00:01 Interviewer\nWhy?\n\n00:00:02 Ana\nSo.",
    "otter": "Interviewer  0:01  \nWhy?\n\nAna  0:02  \nSo.",
    "arrow": "0:0:1.0 --> 0:0:2.0\nInterviewer\nWhy?\n0:0:2.0 --> 0:0:3.0\nAna\nSo.",
    "numbered": "1 Interviewer: Why?\n2 Ana: So.",
    "numbered with dots": "1. Interviewer: Why?\n2. Ana: So.",
    "markdown": "**Interviewer:** Why?\n\n**Ana:** So.",
    "markdown outside": "**Interviewer**: Why?\n\n**Ana**: So.",
    "brackets": "[Interviewer] Why?\n[Ana] So.",
    "zoom captions": "[Interviewer] 10:00:01\nWhy?\n[Ana] 10:00:02\nSo.",
    "tab table": "0:01\tInterviewer\tWhy?\n0:02\tAna\tSo.\n0:03\tInterviewer\tWhy?\n0:04\tAna\tSo.",
    "line above": "INTERVIEWER\nWhy?\n\nANA\nSo.\n\nINTERVIEWER\nWhy?\n\nANA\nSo.\n",
    "indented": "   Interviewer: Why?\n   Ana: So.",
    "range": "[00:01 - 00:02] Interviewer: Why?\n[00:02 - 00:03] Ana: So.",
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_shapes_of_labels(read, text):
    transcript = read(text)
    found = [(speaker.title(), words) for speaker, words in speech(transcript)]
    assert found[:2] == [("Interviewer", "Why?"), ("Ana", "So.")]
    assert set(found) == {("Interviewer", "Why?"), ("Ana", "So.")}
    assert {name.title() for name in transcript.interviewers} == {"Interviewer"}


@pytest.mark.parametrize(
    ("stamp", "seconds"),
    [
        ("[00:01:23]", 83),
        ("(0:11)", 11),
        ("00:01:23.450", 83.45),
        ("1:02:03", 3723),
        ("00:01:23,5", 83.5),
        ("90:00", 5400),
    ],
)
def test_times(read, stamp, seconds):
    transcript = read(f"{stamp} Ann: Yes.\n{stamp} Ben: No.")
    assert [turn.time for turn in transcript.units("turn")] == [seconds, seconds]


@pytest.mark.parametrize(
    "name",
    ["I", "P1", "R", "Q", "INT", "Researcher 1", "Dr. Chan", "Jean-Luc O'Neil", "María José", "SPEAKER_01", "Speaker 1",
     "Ms Wong (manager)", "田中", "陳大文", "Participant 12", "FG2-P3", "Anna & Ben", "Nguyễn Văn A", "von Trapp"],
)  # fmt: skip
def test_names(read, name):
    transcript = read(f"{name}: One.\nOther: Two.\n{name}: Three.\nOther: Four.")
    assert transcript.speakers == (name, "Other")


@pytest.mark.parametrize(
    "line",
    ["so he said: no", "My point is this: no", "I said to her: no", "We met at 10:30 and left.", "Note: this is late.",
     "See https://example.org now.", "Well: no", "The ratio was 3:1 then.", "佢同我講：唔得", "例如：咖啡", "At 10:30"],
)  # fmt: skip
def test_a_colon_in_speech_is_no_speaker(read, line):
    transcript = read(f"Ann: Hello?\nBen: Yes.\n{line}\nAnn: And?\nBen: No.\nAnn: Oh?\nBen: Yes.")
    assert transcript.speakers == ("Ann", "Ben")
    assert speech(transcript)[1] == ("Ben", f"Yes.\n{line}")


def test_the_head_of_a_file_is_kept_and_belongs_to_nobody(read):
    head = "Interview 7\nDate: 3 May 2024\nInterviewer: Dr Lee\nInterviewee: Ms Chan\n\n"
    transcript = read(head + "I: Ready?\nP: Yes.\nI: Sure?\nP: Yes.\n")
    assert speech(transcript) == [("I", "Ready?"), ("P", "Yes."), ("I", "Sure?"), ("P", "Yes.")]
    assert transcript.text.startswith(head)
    assert transcript.source.problems[0].message == "12 word(s) before the first speaker are in no turn."


def test_without_labels_each_paragraph_is_a_turn_and_the_file_says_so(read):
    transcript = read("First thought. Second.\n\nAnother one: with a colon.\n")
    assert speech(transcript) == [("", "First thought. Second."), ("", "Another one: with a colon.")]
    assert rules(transcript) == ["no-speakers"]
    assert transcript.source.problems[0].level == "note"
    assert transcript.interviewers == frozenset()


def test_wrapped_lines_are_one_paragraph(read):
    line = "some words that go on and on until the line is full of them"
    transcript = read(
        f"I: Why?\n\nP: {line}\n{line}\n{line}.\n{line}\n{line}\n{line}\n{line}\n{line}\n{line}.\n\nNew one.\n"
    )
    assert len(transcript.units("paragraph")) == 3
    assert len(transcript.units("sentence")) == 4


def test_lines_of_a_file_that_is_not_wrapped_are_paragraphs(read):
    transcript = read("P: One.\nTwo.\nThree.\nI: Four.")
    assert len(transcript.units("paragraph")) == 4
    assert len(transcript.units("turn")) == 2


def test_stamps_inside_a_turn_give_paragraphs_their_time(read):
    transcript = read("Ann: Hi?\n[00:05] more words\nBen: Yes.\n[00:01:10] and no")
    assert speech(transcript)[0] == ("Ann", "Hi?\nmore words")
    assert [(transcript.quote(s.span), s.time) for s in transcript.units("paragraph")] == [
        ("Hi?", None),
        ("more words", 5.0),
        ("Yes.", None),
        ("and no", 70.0),
    ]


def test_a_turn_without_words_is_none(read):
    transcript = read("Ann: Hi?\nBen:\nAnn: Hello?\nBen: Yes.")
    assert [turn.speaker for turn in transcript.units("turn")] == ["Ann", "Ann", "Ben"]


def test_a_speaker_of_one_turn_is_questioned(read):
    dialogue = "Participant: Yes.\nDan: Why?\n" * 5
    transcript = read(f"{dialogue}Particpant: No.\n{dialogue}")
    assert "“Particpant” speaks only once. Is it “Participant” misspelt?" in [
        problem.message for problem in transcript.source.problems
    ]
    assert transcript.interviewers == {"Dan"}


def test_names_that_run_into_their_times(read):
    lines = [
        "P10:05",
        "One?",
        "P70:09",
        "Two.",
        "P112:05",
        "Three?",
        "P712:30",
        "Four.",
        "P11:02:03",
        "Five?",
        "P71:02:09",
        "Six.",
    ]
    transcript = read("\n".join(lines))
    assert [(turn.speaker, turn.time) for turn in transcript.units("turn")] == [
        ("P1", 5),
        ("P7", 9),
        ("P1", 725),
        ("P7", 750),
        ("P1", 3723),
        ("P7", 3729),
    ]
    transcript = read("P73:37\nFine.\nAna10:11\nWhy?\nP711:00\nSo.\nAna12:00\nOh?")
    assert [(turn.speaker, turn.time) for turn in transcript.units("turn")] == [
        ("P7", 217),
        ("Ana", 611),
        ("P7", 660),
        ("Ana", 720),
    ]


# ---- the interviewer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Moderator: a\nAnn: b\nBen: c", {"Moderator"}),
        ("I: a\nR: b", {"I"}),
        ("R: a\nP: b", {"R"}),
        ("R: a\nP1: b\nP2: c", {"R"}),
        ("Q: a\nA: b", {"Q"}),
        ("Dan: a\nParticipant: b", {"Dan"}),
        ("Interviewer 1: a\nInterviewer 2: b\nAnn: c", {"Interviewer 1", "Interviewer 2"}),
        ("Ann: Why?\nBen: It is a long story.\nAnn: And?\nBen: Really long.\nAnn: So?\nBen: Yes.", {"Ann"}),
        ("Ann: a\nBen: b", set()),
        ("Ann: Why? " + "word " * 50 + "\nBen: b\nAnn: Why? " + "word " * 50 + "\nBen: d", set()),
    ],
)
def test_who_is_the_interviewer(read, text, expected):
    transcript = read(text)
    assert transcript.interviewers == expected
    assert ("interviewer" if expected else "interviewer-unclear") in rules(transcript)


def test_the_interviewer_can_be_set(read):
    transcript = read("Interviewer: a\nAnn: b", interviewers=["ann"])
    assert transcript.interviewers == {"Ann"}
    assert "interviewer" not in rules(transcript)


def test_an_interviewer_who_does_not_speak_here_is_said(read):
    transcript = read("Interviewer: a\nAnn: b", interviewers=["Bob"])
    assert transcript.interviewers == {"Interviewer"}
    assert rules(transcript) == ["interviewer-unknown", "interviewer"]


def test_a_speaker_pattern_replaces_the_shapes(read):
    transcript = read("ANN> Why: so?\nBEN> Yes.", speaker_pattern=r"(?P<speaker>[A-Z]+)>")
    assert speech(transcript) == [("ANN", "Why: so?"), ("BEN", "Yes.")]


@pytest.mark.parametrize(("pattern", "message"), [("(", "cannot be used"), (r"\w+:", "no group “speaker”")])
def test_a_bad_speaker_pattern(read, pattern, message):
    with pytest.raises(SourceError, match=message):
        read("A: x", speaker_pattern=pattern)


def test_a_pattern_that_backtracks_for_ever_does_not(read):
    transcript = read("a" * 40 + "!\nAnn> Yes.", speaker_pattern=r"(?P<speaker>(?:a+)+|\w+)>")
    assert speech(transcript) == [("Ann", "Yes.")]


def test_a_speaker_pattern_knows_letters_of_every_script(read):
    transcript = read("阿晴> 好呀。\nÉlodie> Oui.", speaker_pattern=r"(?P<speaker>[\w ]+)>")
    assert speech(transcript) == [("阿晴", "好呀。"), ("Élodie", "Oui.")]


def test_what_teams_says_of_itself_is_no_speech_and_what_people_say_of_it_is(read):
    talk = "Ana: First line.\nHelen Poon started transcription\nBen: We started recording.\nAna: They stopped recording"
    assert speech(read(talk)) == [
        ("Ana", "First line."),
        ("Ben", "We started recording."),
        ("Ana", "They stopped recording"),
    ]
    talk = "Ana: Well.\nWe started recording\nBen: I see.\nYou stopped recording\nAna: Yes.\nThey stopped recording."
    assert [words.split("\n")[-1] for _, words in speech(read(talk))] == [
        "We started recording",
        "You stopped recording",
        "They stopped recording.",
    ]


# ---- laws


LINE = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
LABEL = st.sampled_from(["", "Ann: ", "Ben:\t", "訪問員：", "[00:01] ", "Ann  0:11", "**Ben:** ", "\u202eAnn: "])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(st.lists(st.tuples(LABEL, LINE), min_size=1, max_size=12))
def test_segments_nest_do_not_overlap_and_lose_no_character(tmp_path, parts):
    path = tmp_path / "law.txt"
    path.write_bytes("\n".join(label + line for label, line in parts).encode())
    try:
        transcript = read_transcript(path)
    except SourceError:
        return  # nothing but blanks
    turns, paragraphs, sentences = (transcript.units(kind) for kind in ("turn", "paragraph", "sentence"))
    for segments in (turns, paragraphs, sentences):
        assert all(one.span.end <= other.span.start for one, other in pairwise(segments))
        assert all(transcript.quote(s.span).strip() == transcript.quote(s.span) != "" for s in segments)
    assert sorted(transcript.segments, key=lambda s: (s.span.start, -s.span.end)) == sorted(
        transcript.segments, key=lambda s: s.span.start
    )
    assert all(any(p.span in t.span and p.speaker == t.speaker for t in turns) for p in paragraphs)
    assert all(any(s.span in p.span for p in paragraphs) for s in sentences)

    def letters(segments):
        return "".join("".join(transcript.quote(s.span).split()) for s in segments)

    assert letters(paragraphs) == letters(sentences)


@example(".  .")
@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from([*'ab 1.?!…。！ "”)（😀,-', "Dr. ", "e.g. ", "3.5"]), max_size=20).map(
        lambda p: "".join(p).strip()
    )
)
def test_one_sentence_is_told_as_the_language_does(words):
    from qualcode.language import is_one_sentence, split_sentences

    if words and is_one_sentence(words):
        assert [(span.start, span.end) for span in split_sentences(words)] == [(0, len(words))]


# ---- encodings


CANTONESE = "訪問員：你喺邊度返工呀？\n阿晴：我喺學校做嘢，成日都好忙嘅。\n" * 5
WESTERN = "Interviewer: So you’ve been there — how long?\nÉlodie: I’d say “ten years”… it’s naïve.\n"


@pytest.mark.parametrize(
    ("text", "encoding", "told"),
    [
        (CANTONESE, "utf-8-sig", "utf-8"),
        (CANTONESE, "utf-16", "utf-16"),
        (CANTONESE, "big5hkscs", "big5hkscs"),
        (CANTONESE.replace("喺", "在").replace("嘢", "事").replace("嘅", "的"), "big5", "big5hkscs"),
        (CANTONESE, "gb18030", "gb18030"),
        (WESTERN, "cp1252", "cp1252"),
        (WESTERN, "mac_roman", "mac_roman"),
        (WESTERN, "utf-16-le", "utf-16-le"),
        (WESTERN, "utf-16-be", "utf-16-be"),
        ("聞き手：こんにちは。自己紹介をお願いします。\n田中：会社で十年働いています。\n" * 3, "shift_jis", "cp932"),
        (
            "면접자: 안녕하세요. 자기소개를 해 주세요.\n김: 저는 회사에서 십 년 동안 일했습니다.\n" * 3,
            "euc_kr",
            "cp949",
        ),
    ],
)
def test_encodings_are_found_and_a_guess_is_said(tmp_path, text, encoding, told):
    path = tmp_path / "P1.txt"
    path.write_bytes(text.encode(encoding))
    transcript = read_transcript(path)
    assert transcript.text == text
    assert transcript.source.encoding == told
    assert ("encoding-guessed" in rules(transcript)) == (encoding not in {"utf-8-sig", "utf-16"})
    assert len(transcript.speakers) == 2


def test_an_encoding_can_be_named(tmp_path):
    path = tmp_path / "P1.txt"
    path.write_bytes("Ann: Straße?\nBen: Ja.".encode("cp437"))
    assert read_transcript(path, encoding="cp437").text == "Ann: Straße?\nBen: Ja."


@pytest.mark.parametrize("damage", [b"\x81", b"\xc3", b"\xc3(", b"\xb2", b"\xf6\xd1"])
def test_damaged_bytes_are_no_letters_of_some_far_encoding(tmp_path, damage):
    path = tmp_path / "P1.txt"
    path.write_bytes(b"I: How was it at home?\nP: It was fine, th" + damage + b"e house was warm.\n" * 3)
    with pytest.raises(SourceError, match=rf"P1.txt:2: Byte 41 \(0x{damage[0]:02X}\) is not utf-8"):
        read_transcript(path)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["訪問員：你點睇？\n阿晴：幾好呀。\n", "I: How?\nP: Café.\n", "면접자: 왜요?\n김민수: 그냥요.\n"]
)
def test_utf_16_without_its_mark(tmp_path, text, encoding):
    path = tmp_path / "P1.txt"
    path.write_bytes(text.encode(encoding))
    transcript = read_transcript(path)
    assert transcript.text == text
    assert transcript.source.encoding == encoding
    assert "encoding-guessed" in rules(transcript)


def test_undecodable_bytes_stop_the_file_with_the_place(tmp_path):
    path = tmp_path / "P1.txt"
    path.write_bytes(b"Ann: fine\nBen: br\xff\xfeken \x81\x8d\n")
    with pytest.raises(SourceError) as caught:
        read_transcript(path, encoding="utf-8")
    assert caught.value.where == "P1.txt:2"
    assert caught.value.message == "Byte 17 (0xFF) is not utf-8."


@pytest.mark.parametrize("encoding", ["latin-99", "rot13", "base64", "hex"])
def test_an_unknown_encoding(write, encoding):
    with pytest.raises(SourceError, match="no encoding"):
        read_transcript(write("P1.txt", "x"), encoding=encoding)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf", "no text"),
        (b" \n\t\n ", "no text"),
        (b"PK\x03\x04" + b"word/document.xml", "a Word document"),
        (b"%PDF-1.4", "a PDF"),
        (b"ID3\x04", "an audio file"),
        (b"\x00\x01\x02\x03" * 50, "null bytes"),
        (b"\x89PNG\r\n\x1a\n", "an image"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file"),
    ],
)
def test_what_is_no_text(tmp_path, data, message):
    path = tmp_path / "P1.txt"
    path.write_bytes(data)
    with pytest.raises(SourceError, match=message) as caught:
        read_transcript(path)
    assert caught.value.hint


# ---- files and folders


def test_a_missing_file_and_a_folder(tmp_path):
    with pytest.raises(SourceError, match="no such file"):
        read_transcript(tmp_path / "none.txt")
    with pytest.raises(SourceError, match="a folder"):
        read_transcript(tmp_path)
    with pytest.raises(SourceError, match="not a valid file name"):
        read_transcript("a\0b.txt")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_dead_link(tmp_path):
    (tmp_path / "link.txt").symlink_to(tmp_path / "gone.txt")
    with pytest.raises(SourceError, match="points to a missing file"):
        read_transcript(tmp_path / "link.txt")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no FIFOs")
def test_a_pipe_is_refused_and_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "P1.txt")
    with pytest.raises(SourceError, match="not a regular file"):
        read_transcript(tmp_path / "P1.txt")


def test_no_permission(write, monkeypatch):
    path = write("P1.txt", "x")

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(SourceError, match="not have permission to read"):
        read_transcript(path)


@pytest.mark.parametrize(
    ("name", "hint"), [("a.doc", "docx"), ("a.mp3", "Transcribe"), ("a", "Save"), ("a.xyz", ".docx")]
)
def test_unknown_endings(write, name, hint):
    with pytest.raises(SourceError, match="cannot be read") as caught:
        read_transcript(write(name, "x"))
    assert hint in caught.value.hint


def test_a_folder_gives_its_transcripts_by_name(write, tmp_path):
    for name in ["P2.txt", "P10.txt", "P1.TXT", "~$P1.docx", ".hidden.txt", "README.txt", "cases.csv", "notes/P9.txt"]:
        write(f"study/{name}", f"Ann: Words of {name}?\nBen: Yes.")
    transcripts, problems = read_transcripts([tmp_path / "study"])
    assert [transcript.id for transcript in transcripts] == ["P1", "P10", "P2"]
    assert problems == []


def test_an_unreadable_file_is_a_problem_and_the_others_are_read(write, tmp_path):
    write("P1.txt", "Ann: a\nBen: b")
    (tmp_path / "P2.docx").write_bytes(b"no zip")
    transcripts, problems = read_transcripts([tmp_path / "P2.docx", tmp_path / "P1.txt"])
    assert [transcript.id for transcript in transcripts] == ["P1"]
    assert [(problem.level, problem.where) for problem in problems] == [("error", "P2.docx")]
    assert problems[0].hint


def test_the_same_file_twice_is_read_once(write, tmp_path):
    path = write("P1.txt", "Ann: a\nBen: b")
    transcripts, problems = read_transcripts([path, tmp_path, f"{tmp_path}/./P1.txt"])
    assert len(transcripts) == 1
    assert [problem.rule for problem in problems] == ["named-twice", "named-twice"]


def test_two_files_with_one_name_are_refused(write, tmp_path):
    write("a/P1.txt", "Ann: a\nBen: b")
    write("b/P1.txt", "Ann: c\nBen: d")
    with pytest.raises(SourceError, match="Two files would be the transcript “P1”") as caught:
        read_transcripts([tmp_path / "a", tmp_path / "b"])
    assert str(tmp_path / "a" / "P1.txt") in str(caught.value)
    assert str(tmp_path / "b" / "P1.txt") in str(caught.value)


def test_the_same_content_under_two_names_is_a_warning(write, tmp_path):
    write("P1.txt", "Ann: a\nBen: b")
    write("P2.txt", "Ann: a\r\nBen: b")
    transcripts, problems = read_transcripts([tmp_path])
    assert len(transcripts) == 2
    assert [(problem.level, problem.rule) for problem in problems] == [("warning", "same-content")]


def test_nothing_to_read(write, tmp_path):
    with pytest.raises(SourceError, match=r"No transcripts were given\."):
        read_transcripts([])
    with pytest.raises(SourceError, match="no files at all"):
        read_transcripts([tmp_path])
    write("cases.csv", "case\n1")
    with pytest.raises(SourceError, match="no file of a known format") as caught:
        read_transcripts([tmp_path])
    assert caught.value.hint
    with pytest.raises(SourceError, match="no such file"):
        read_transcripts([tmp_path / "gone.txt"])
    with pytest.raises(SourceError, match="None of the files") as caught:
        read_transcripts([tmp_path / "gone.txt", tmp_path / "lost.docx"])
    assert len(caught.value.problems) == 2


# ---- real and sample files


@needs_shared
@pytest.mark.parametrize("number", range(1, 8))
def test_pdpilot_interviews(number):
    path = SHARED / "neutral" / "pdpilot" / "docs" / f"P{number}.txt"
    transcript = read_transcript(path)
    text = path.read_text(encoding="utf-8")
    assert transcript.text == text
    assert transcript.interviewers == {"Dan"}
    assert set(transcript.speakers) <= {"Dan", "Participant", "Particpant"}
    said = [word for turn in transcript.units("turn") for word in transcript.quote(turn.span).split()]
    expected = [
        word
        for line in text.splitlines()
        if ":" in line
        for word in line.partition(":")[2].split()
    ]  # fmt: skip
    assert said == expected


@needs_shared
def test_hong_kong_conversations_in_big5_hkscs():
    for path in sorted((SHARED / "encodings" / "hkcancor" / "sample").glob("*_h.txt")):
        transcript = read_transcript(path)
        assert transcript.source.encoding == "big5hkscs"
        assert transcript.language == "zh"
        assert all(len(speaker) == 1 for speaker in transcript.speakers)


@pytest.mark.parametrize(
    ("name", "speakers", "interviewer", "least"),
    [
        ("P1.docx", {"Interviewer", "Carmen"}, "Interviewer", 2500),
        ("P2.docx", {"Helen Poon", "Rohan Mehta"}, "Helen Poon", 2500),
        ("P3.txt", {"Interviewer", "Participant"}, "Interviewer", 2500),
        ("P4.txt", {"訪問員", "阿晴"}, "訪問員", 2500),
    ],
)
def test_the_sample_study(sample_folder, name, speakers, interviewer, least):
    from qualcode.language import count_words

    transcript = read_transcript(sample_folder / name)
    assert set(transcript.speakers) == speakers
    assert transcript.interviewers == {interviewer}
    assert sum(count_words(transcript.quote(turn.span)) for turn in transcript.units("turn")) >= least
    assert not [problem for problem in transcript.source.problems if problem.level != "note"]


def test_a_language_is_a_code_that_spacy_knows(read):
    assert read("I: Wie?\nP: Gut.", language="de-AT").language == "de"
    assert read("I: 點？\nP: 好。", language="zh-Hant").language == "zh"
    with pytest.raises(QualcodeError, match="spaCy does not support the language “klingon”"):
        read("I: How?\nP: Fine.", language="klingon")
