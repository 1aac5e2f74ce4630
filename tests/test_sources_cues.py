from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from qualcode.errors import SourceError
from qualcode.sources import read_transcript

if TYPE_CHECKING:
    from qualcode.model import Transcript

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
SUBTITLES = SHARED / "vtt-srt"
needs_shared = pytest.mark.skipif(not SHARED.exists(), reason="the development data is not here")


def speech(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, transcript.quote(turn.span)) for turn in transcript.units("turn")]


def rules(transcript: Transcript) -> list[str]:
    return [problem.rule for problem in transcript.source.problems]


@pytest.fixture
def read(write):
    def read_text(text: str, name: str = "P1.vtt", **options) -> Transcript:
        return read_transcript(write(name, text), **options)

    return read_text


ZOOM = """WEBVTT

1
00:00:00.050 --> 00:00:01.790
Interviewer: Hello?

2
00:00:02.070 --> 00:00:04.050
Ana Lee: Get this party

3
00:00:04.100 --> 00:00:05.000
Ana Lee: started. Yes.

4
00:00:09.000 --> 00:00:10.000
It is fun: really.

5
01:00:11.500 --> 01:00:12.000
Interviewer: Why?
"""


def test_cues_of_one_speaker_are_one_turn_with_the_times_inside(read):
    transcript = read(ZOOM)
    assert transcript.text == (
        "[00:00:00] Interviewer: Hello?\n"
        "[00:00:02] Ana Lee: Get this party started. Yes.\n"
        "It is fun: really.\n"
        "[01:00:11] Interviewer: Why?"
    )
    assert speech(transcript) == [
        ("Interviewer", "Hello?"),
        ("Ana Lee", "Get this party started. Yes.\nIt is fun: really."),
        ("Interviewer", "Why?"),
    ]
    assert [turn.time for turn in transcript.units("turn")] == [0.05, 2.07, 3611.5]
    assert [(transcript.quote(s.span), s.time) for s in transcript.units("sentence")] == [
        ("Hello?", 0.05),
        ("Get this party started.", 2.07),
        ("Yes.", 4.1),
        ("It is fun: really.", 9.0),
        ("Why?", 3611.5),
    ]
    assert transcript.interviewers == {"Interviewer"}
    assert "cue-without-speaker" in rules(transcript)


def test_the_same_cues_in_srt_with_carriage_returns_and_a_mark(tmp_path):
    srt = re.sub(r"(\d\d)\.(\d{3})", r"\1,\2", ZOOM.removeprefix("WEBVTT\n\n"))
    path = tmp_path / "P1.srt"
    path.write_bytes(b"\xef\xbb\xbf" + srt.replace("\n", "\r\n").encode())
    vtt = tmp_path / "P2.vtt"
    vtt.write_text(ZOOM, encoding="utf-8")
    one, other = read_transcript(path), read_transcript(vtt)
    assert one.text == other.text
    assert one.segments == other.segments


@pytest.mark.parametrize("name", ["P1.txt", "P1.md"])
def test_cues_pasted_into_text_are_cues(read, name):
    assert speech(read(ZOOM, name)) == speech(read(ZOOM))
    assert speech(read("Call of 3 May\n\n" + ZOOM.removeprefix("WEBVTT\n\n"), name)) == speech(read(ZOOM))


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("<v Ana>Hello <i>there</i>.", [("Ana", "Hello there.")]),
        ("<v.loud Ana Lee>Hello.</v>", [("Ana Lee", "Hello.")]),
        ("<v Ana>Hi?</v> <v Ben>Ho.</v>", [("Ana", "Hi?"), ("Ben", "Ho.")]),
        ("<v Ana>fish &amp; chips &lt;3 &nbsp;&eacute;</v>", [("Ana", "fish & chips <3 \xa0é")]),
        ("<v Ana><c.yellow>one</c> <00:00:01.500>two <lang en>three</lang>", [("Ana", "one two three")]),
        ("<v Ana>two\nlines", [("Ana", "two lines")]),
        ("<v 陳太>你好\n嗎？", [("陳太", "你好嗎？")]),
        ("<v Ana>5 < 6 and <laughs> yes", [("Ana", "5 < 6 and <laughs> yes")]),
    ],
)
def test_what_cues_say(read, payload, expected):
    transcript = read(f"WEBVTT\n\n00:01.000 --> 00:02.000 align:start\n{payload}\n")
    assert speech(transcript) == expected
    assert transcript.units("turn")[0].time == 1.0


def test_two_labels_in_one_cue(read):
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\nAna: Hi?\nBen: Ho.\n\n00:03.000 --> 00:04.000\nAna: Hm?\nBen: Ha.\n"
    assert speech(read(text)) == [("Ana", "Hi?"), ("Ben", "Ho."), ("Ana", "Hm?"), ("Ben", "Ha.")]


def test_notes_styles_regions_ids_and_headers_are_no_words(read):
    text = (
        "WEBVTT - a title\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE a remark\non two lines\n\n"
        "REGION\nid:fred\n\nsecond caption\n00:01.000 --> 00:02.000\nHello.\n\nNOTE end\n"
    )
    transcript = read(text)
    assert transcript.text == "[00:00:01] Hello."
    assert transcript.source.left_out == {"notes and styles": 4}


def test_without_speakers_a_paragraph_ends_with_a_sentence_or_a_pause(read):
    text = (
        "WEBVTT\n\n00:00.000 --> 00:01.000\none\n\n00:01.000 --> 00:02.000\ntwo.\n\n00:02.000 --> 00:03.000\nthree\n\n"
        "00:05.000 --> 00:06.000\nfour"
    )
    assert read(text).text == "[00:00:00] one two.\n[00:00:02] three\n[00:00:05] four"


def test_broken_cues_are_told_and_their_words_kept(read):
    text = (
        "WEBVTT\n\n00:01.000 --> 00:0x.000\none\n\n00:02.000 --> 00:03.000\ntwo\n\nthree without a time\n\n"
        "00:04.000 --> 00:05.000\n\n00:06.000 --> 00:07.000\nfour\n\n00:08.000 --> "
    )
    transcript = read(text)
    words = " ".join(words for _, words in speech(transcript))
    assert words == "one two three without a time four"
    found = {problem.rule: problem for problem in transcript.source.problems}
    assert found["broken-cue"].level == "warning"
    assert "1 cue(s)" in found["broken-cue"].message
    assert found["cut-off"].where == "P1.vtt:16"
    assert found["cue-without-time"].where.endswith("P1.vtt:9")
    assert transcript.source.left_out == {"empty cues": 2}


@pytest.mark.parametrize(
    "rest", ["3", "3\n00:03", "00:03.0", "00:03.000 -->", "00:03.000 --> 00:04.000", "3\n00:03.000 --> 00:0"]
)
@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_a_file_that_ends_within_a_cue_says_so(read, rest, end):
    head = "WEBVTT\n\n1\n00:01.000 --> 00:02.000\nAna: Hi.\n\n2\n00:02.000 --> 00:03.000\nBob: Yes.\n\n"
    transcript = read(head + rest + end)
    assert speech(transcript) == [("Ana", "Hi."), ("Bob", "Yes.")]
    (problem,) = [problem for problem in transcript.source.problems if problem.rule == "cut-off"]
    last = 11 + rest.count("\n")
    assert (problem.rule, problem.where) == ("cut-off", f"P1.vtt:{last}")
    assert problem.message == f"1 cue is cut off: the file ends before its words (line {last})."


def test_scrolling_captions_are_not_doubled(read):
    text = (
        "WEBVTT\n\n00:01.000 --> 00:02.000 align:start position:0%\nso <c>we</c>\n\n"
        "00:02.000 --> 00:03.000 align:start position:0%\nso we\ngo on\n\n"
        "00:03.000 --> 00:04.000 align:start position:0%\ngo on\n"
    )
    transcript = read(text)
    assert transcript.text == "[00:00:01] so we go on"
    assert transcript.source.left_out == {"repeated lines of scrolling captions": 2, "empty cues": 1}


def test_a_file_without_its_first_line_is_read_with_a_warning(read):
    transcript = read("00:01.000 --> 00:02.000\nHello.\n")
    assert ("warning", "no-webvtt") in [(problem.level, problem.rule) for problem in transcript.source.problems]


@pytest.mark.parametrize("text", ["WEBVTT\n", "some text", "1\nsome text", "WEBVTT\n\n00:01.000 --> 00:02.000\n"])
def test_no_words(read, text):
    with pytest.raises(SourceError, match=r"The file has no (cues|words)") as caught:
        read(text)
    assert caught.value.hint


def test_whispers_printed_lines(read):
    transcript = read(
        "[00:43.810 --> 00:47.850]  Hello\n[00:47.850 --> 00:50.000]  everyone.\n[00:50.000 --> 01:00.000]  Yes.\n",
        "P1.txt",
    )
    assert transcript.text == "[00:00:43] Hello everyone.\n[00:00:50] Yes."


# ---- speech recognition


SEGMENTS = [{"start": 0.0, "end": 1.5, "text": " Hello"}, {"start": 1.5, "end": 2.0, "text": " there."}]


@pytest.mark.parametrize(
    "content",
    [
        {"text": "Hello there.", "segments": SEGMENTS, "language": "en"},
        SEGMENTS,
        {"chunks": [{"timestamp": [0.0, 1.5], "text": " Hello"}, {"timestamp": [1.5, None], "text": " there."}]},
        {
            "transcription": [
                {"offsets": {"from": 0, "to": 1500}, "text": " Hello"},
                {"offsets": {"from": 1500, "to": 2000}, "text": " there."},
            ]
        },
    ],
)
def test_json_of_speech_recognition(read, content):
    transcript = read(json.dumps(content), "P1.json")
    assert transcript.text == "[00:00:00] Hello there."
    assert transcript.language == "en"


def test_json_with_speakers(read):
    segments = [SEGMENTS[0] | {"speaker": "SPEAKER_00"}, SEGMENTS[1] | {"speaker": "SPEAKER_01"}]
    transcript = read(json.dumps({"segments": segments, "language": "de"}), "P1.json")
    assert speech(transcript) == [("SPEAKER_00", "Hello"), ("SPEAKER_01", "there.")]
    assert transcript.language == "de"


def test_json_with_broken_segments(read):
    segments = [
        *SEGMENTS,
        {"start": 1},
        None,
        {"text": 7},
        {"text": "  "},
        {"text": "\ud800x", "start": "now", "end": 1e400},
    ]
    transcript = read(json.dumps({"segments": segments}), "P1.json")
    assert transcript.text == "[00:00:00] Hello there.\n[00:00:01] x" or transcript.text.endswith("x")
    assert "3 segment(s)" in next(q.message for q in transcript.source.problems if q.rule == "broken-cue")
    assert transcript.source.left_out == {"control characters": 1, "empty cues": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "nesting of the file is too deep"),
        ("[" + "9" * 5000 + "]", "numbers are too long|no words"),
        ('{"a": 1}', "no segments"),
        ('"x"', "no segments"),
        ('{"segments": []}', "no words"),
        ('{"segments": {"a": 1}}', "no segments"),
    ],
)
def test_json_that_is_no_transcript(read, text, message):
    with pytest.raises(SourceError, match=message) as caught:
        read(text, "P1.json")
    assert caught.value.hint


def test_whispers_tsv(read):
    transcript = read("start\tend\ttext\n0\t1500\tHello\n1500\t2000\tthere.\n\nx\ty\t\n", "P1.tsv")
    assert transcript.text == "[00:00:00] Hello there."
    assert "broken-cue" in rules(transcript)
    with pytest.raises(SourceError, match="does not name the columns"):
        read("a\tb\n1\t2", "P2.tsv")


# ---- real files


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


@needs_shared
def test_one_recording_in_several_formats_has_the_same_words():
    folders = sorted(path.parent for path in (SUBTITLES / "whisper-hitsave").rglob("*.vtt"))
    compared = 0
    for folder in folders:
        stamped = re.compile(r"^\[[\d:.]+ --> [\d:.]+\]", re.MULTILINE)
        expected = words(stamped.sub("", next(folder.glob("*.txt")).read_text(encoding="utf-8")))
        for path in sorted(folder.iterdir()):
            transcript = read_transcript(path)
            said = [word for turn in transcript.units("turn") for word in words(transcript.quote(turn.span))]
            assert said == expected, path.name
            compared += 1
    assert compared == 7


@needs_shared
def test_zoom_transcript():
    transcript = read_transcript(next(SUBTITLES.rglob("*.transcript.vtt")))
    assert len(transcript.speakers) == 5
    assert len(transcript.units("turn")) < 102
    raw = next(SUBTITLES.rglob("*.transcript.vtt")).read_text(encoding="utf-8")
    payload = [
        line for line in raw.split("\n")[1:] if line.strip() and "-->" not in line and not line.strip().isdecimal()
    ]
    expected = words(" ".join(re.sub(r"^[A-Z][\w. ]{2,30}: ", "", line) for line in payload))
    assert [word for turn in transcript.units("turn") for word in words(transcript.quote(turn.span))] == expected


@needs_shared
@pytest.mark.parametrize(
    "path", sorted((SUBTITLES / "webvtt-py").rglob("*.vtt")) + sorted((SUBTITLES / "webvtt-py").rglob("*.srt")),
    ids=lambda path: path.name,
)  # fmt: skip
def test_odd_subtitles_lose_no_caption(path):
    if path.name in {"empty.vtt", "no_captions.vtt", *(f"invalid_format{n}.srt" for n in range(1, 5))}:
        with pytest.raises(SourceError):
            read_transcript(path)
        return
    transcript = read_transcript(path)
    captions = re.findall(r"Caption text #\d+", path.read_text(encoding="utf-8-sig"))
    assert re.findall(r"Caption text #\d+", transcript.text) == captions
