"""The sample study: lifelike enough to teach with, and coded as its authors read it."""

from __future__ import annotations

import zipfile
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

import qualcode
from qualcode.cases import assign_cases
from qualcode.examples import check_examples
from qualcode.language import count_words

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "transcripts_sample"
CODEBOOK = ROOT / "codebooks" / "industry_partnership.yaml"
NAMES = ("P1.docx", "P2.docx", "P3.txt", "P4.txt")

# Our reading of the participants' turns by the codebook's definitions, of the whole text and not of the rules' hits;
# but its author also wrote talk and rules, so that the agreement says nothing about other talk.
# Code -> participant -> numbers of the turns.
READING = {
    "professional-networks": {"P1": {4, 12}, "P2": {8}, "P3": {4}},
    "personal-networks": {"P1": {6, 32}, "P2": {15}, "P4": {4}},
    "alumni-networks": {"P2": {9, 11, 17, 76}, "P3": {4, 6, 36}},
    "partner-networks": {"P1": {8}, "P3": {6}, "P4": {50}},
    "strategic-approach": {"P1": {12}, "P3": {10}},
    "targeted-pitching": {"P1": {14}, "P2": {17}, "P3": {10}, "P4": {8, 10}},
    "personal-touch": {"P1": {16, 18}, "P4": {18}},
    "tight-follow-up": {"P1": {18}, "P2": {19, 21}, "P4": {12}},
    "regular-communication": {"P1": {20}, "P2": {25}, "P3": {14}, "P4": {22, 52}},
    "recognition": {"P1": {22, 46}, "P3": {14, 38}, "P4": {26}},
    "shared-outcomes": {"P2": {30}, "P3": {16}},
    "low-burden": {"P2": {26, 28}, "P4": {26}},
    "personnel-turnover": {"P1": {26, 28, 38, 42}, "P2": {36, 38, 40, 62, 70}, "P4": {28, 44}},
    "industry-capacity": {"P2": {42, 66}, "P4": {32}},
    "management-decisions": {"P1": {30, 32}, "P3": {22}},
    "scheduling": {"P1": {34}, "P2": {46, 48}, "P3": {18, 28}, "P4": {34}},
    "mentee-enthusiasm": {"P2": {54, 56}, "P3": {24}, "P4": {38, 42}},
    "time-and-manpower": {"P1": {38}, "P2": {62}, "P3": {28}, "P4": {28, 42}},
    "formal-channels": {"P1": {42}, "P2": {70}, "P4": {44}},
    "stronger-network": {"P1": {44}, "P3": {32}},
    "strategic-recruitment": {"P2": {66}, "P3": {36}},
    "student-visibility": {"P1": {46, 48}, "P3": {38}, "P4": {48}},
}

# Who speaks of what: laid down before the rules were written, and printed in the study's README.
SPEAKERS = {
    "professional-networks": "P1 P2 P3",
    "personal-networks": "P1 P2 P4",
    "alumni-networks": "P2 P3",
    "partner-networks": "P1 P3 P4",
    "strategic-approach": "P1 P3",
    "targeted-pitching": "P1 P2 P3 P4",
    "personal-touch": "P1 P4",
    "tight-follow-up": "P1 P2 P4",
    "regular-communication": "P1 P2 P3 P4",
    "recognition": "P1 P3 P4",
    "shared-outcomes": "P2 P3",
    "low-burden": "P2 P4",
    "personnel-turnover": "P1 P2 P4",
    "industry-capacity": "P2 P4",
    "management-decisions": "P1 P3",
    "scheduling": "P1 P2 P3 P4",
    "mentee-enthusiasm": "P2 P3 P4",
    "time-and-manpower": "P1 P2 P3 P4",
    "formal-channels": "P1 P2 P4",
    "stronger-network": "P1 P3",
    "strategic-recruitment": "P2 P3",
    "student-visibility": "P1 P3 P4",
}

# Words of a theme that are none, each with the codes that a search for the word would give.
TRAPS = [
    ("P1", "The alumni of that talent show", "alumni-networks"),
    ("P1", "the Wi-Fi network drops", "stronger-network"),
    ("P1", "pitch he means something with grass", "targeted-pitching"),
    ("P1", "the person had left in 2011", "personnel-turnover"),
    ("P1", "Honestly? Hardly ever.", "mentee-enthusiasm"),
    ("P2", "a network cable in his teeth", "professional-networks"),
    ("P2", "every personal computer", "personal-networks"),
    ("P2", "Our office was in the Alumni Building", "alumni-networks"),
    ("P2", "the pitch goes up when I open", "targeted-pitching"),
    ("P2", "it's a scheduled job", "scheduling"),
    ("P2", "the disk was at full capacity", "industry-capacity"),
    ("P2", "written him a thank-you card", "personal-touch"),
    ("P3", "My schedule says page three", "scheduling"),
    ("P3", "a turnover of so and so many million", "personnel-turnover"),
    ("P3", "hand in your notice to yourself", "personnel-turnover"),
    ("P3", "we pitched a tent", "targeted-pitching"),
    ("P3", "The capacity of the lecture theatre", "industry-capacity"),
    ("P3", "says the word formal", "formal-channels"),
    ("P3", "There was going to be a screening", "student-visibility"),
    ("P3", "they're never bored", "mentee-enthusiasm"),
    ("P4", "邊有乜嘢人脈呀", "professional-networks"),
    ("P4", "我連自己部電腦個網絡都搞唔掂", "stronger-network"),
    ("P4", "以前叫校友茶座", "alumni-networks"),
    ("P4", "我日日跟進住", "tight-follow-up"),
    ("P4", "我平時放工都係攤喺度追劇", "tight-follow-up"),
    ("P4", "同事先走咗去食飯", "personnel-turnover"),
    ("P4", "一邊睇住個巴士時間表", "scheduling"),
    ("P4", "我哋人手一部 iPad", "time-and-manpower"),
    ("P4", "唱 K 個 pitch 唱高咗", "targeted-pitching"),
]

# What interviewers say in the words of a theme.
ASKED = [
    ("P1", "was it personal networks", "personal-networks"),
    ("P1", "Was it alumni", "alumni-networks"),
    ("P1", "students who just weren't interested", "mentee-enthusiasm"),
    ("P2", "I suppose scheduling conflicts", "scheduling"),
    ("P3", "alumni networks are your strongest channel", "alumni-networks"),
    ("P3", "staff turnover at the companies", "personnel-turnover"),
    ("P3", "Someone suggested formal channels", "formal-channels"),
    ("P4", "校友嗰邊有冇幫到手", "alumni-networks"),
    ("P4", "有人辭職、有人跳槽", "personnel-turnover"),
    ("P4", "令學生嘅成就有多啲曝光", "student-visibility"),
]


@cache
def transcripts() -> dict[str, qualcode.Transcript]:
    read = [qualcode.read_transcript(FOLDER / name) for name in NAMES]
    return {transcript.id: transcript for transcript in read}


@cache
def codebook() -> qualcode.Codebook:
    return qualcode.read_codebook(CODEBOOK)


@cache
def codings() -> tuple[qualcode.Coding, ...]:
    sheets = qualcode.tag(list(transcripts().values()), codebook())
    return tuple(coding for sheet in sheets for coding in sheet.codings)


@cache
def tagged_turns() -> frozenset[tuple[str, str, int]]:
    """Code, transcript and number of each participant's turn that the rules tag."""
    return frozenset(
        (coding.code, coding.transcript, int(turn.id[1:]))
        for coding in codings()
        for turn in transcripts()[coding.transcript].units("turn")
        if turn.span.overlaps(coding.span) and not transcripts()[coding.transcript].is_interviewer(turn)
    )


def read_turns() -> set[tuple[str, str, int]]:
    return {
        (code, transcript, number)
        for code, turns in READING.items()
        for transcript, numbers in turns.items()
        for number in numbers
    }


def codes_at(transcript: str, words: str) -> set[str]:
    """Codes whose evidence lies in the sentence that holds these words, which stand in the transcript once."""
    text = transcripts()[transcript].text
    assert text.count(words) == 1, words
    start = text.index(words)
    (sentence,) = (
        sentence
        for sentence in transcripts()[transcript].units("sentence")
        if sentence.span.start <= start < sentence.span.end
    )
    return {
        coding.code
        for coding in codings()
        if coding.transcript == transcript
        for evidence in coding.evidence
        for span in evidence.spans
        if span.overlaps(sentence.span)
    }


# The interviews


@pytest.mark.parametrize(
    ("name", "least", "turns", "interviewer", "participant"),
    [
        ("P1", 2700, 52, "Interviewer", "Carmen"),
        ("P2", 2700, 82, "Helen Poon", "Rohan Mehta"),
        ("P3", 2700, 44, "Interviewer", "Participant"),
        ("P4", 5000, 58, "訪問員", "阿晴"),
    ],
)
def test_each_interview_is_long_enough_and_read_as_it_was_meant(
    name: str, least: int, turns: int, interviewer: str, participant: str
) -> None:
    transcript = transcripts()[name]
    assert len(transcript.units("turn")) == turns
    assert transcript.speakers == (interviewer, participant)
    assert transcript.interviewers == {interviewer}
    assert sum(count_words(transcript.quote(turn.span)) for turn in transcript.units("turn")) >= least
    assert transcript.language == ("zh" if name == "P4" else "en")


def test_header_lines_belong_to_no_speaker() -> None:
    for name, words in (("P1", "Room 412"), ("P2", "started transcription"), ("P3", "10.30 am"), ("P4", "虛構")):
        transcript = transcripts()[name]
        place = transcript.text.index(words)
        assert all(not turn.span.start <= place < turn.span.end for turn in transcript.units("turn"))


def test_p1_keeps_the_insertion_and_leaves_out_deletion_comment_and_footnote() -> None:
    transcript = transcripts()["P1"]
    assert "Okay. Three things. First" in transcript.text
    assert "god forbid" not in transcript.text.casefold()
    assert "Check the year" not in transcript.text
    assert "Festival of animated film" not in transcript.text
    assert {"comments": 1, "deletions": 1}.items() <= transcript.source.left_out.items()


def test_p1_and_p3_have_turns_of_several_paragraphs() -> None:
    for name in ("P1", "P3", "P4"):
        assert len(transcripts()[name].units("paragraph")) > len(transcripts()[name].units("turn"))


def test_p2_has_a_time_for_each_turn() -> None:
    turns = transcripts()["P2"].units("turn")
    times = [turn.time for turn in turns]
    assert times[0] == 4
    assert times[-1] == 22 * 60 + 24
    assert all(time is not None for time in times)
    assert times == sorted(times, key=float)


def test_p2_has_two_utterances_of_one_speaker_in_a_row() -> None:
    speakers = [turn.speaker for turn in transcripts()["P2"].units("turn")]
    assert any(first == second for first, second in pairwise(speakers))


def test_no_passage_is_repeated() -> None:
    for transcript in transcripts().values():
        long = [
            transcript.quote(sentence.span)
            for sentence in transcript.units("sentence")
            if count_words(transcript.quote(sentence.span)) > 8
        ]
        assert len(long) == len(set(long))


@pytest.mark.parametrize("name", ["P1.docx", "P2.docx"])
def test_the_word_files_name_nobody_and_carry_no_clock(name: str) -> None:
    with zipfile.ZipFile(FOLDER / name) as package:
        core = package.read("docProps/core.xml").decode()
        assert {info.date_time for info in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "<dc:creator>qualcode</dc:creator>" in core
    assert "2025-03-17T09:00:00Z" in core


def test_the_folder_is_read_as_four_transcripts_with_their_cases() -> None:
    read, _ = qualcode.read_transcripts([FOLDER])
    cases = qualcode.read_cases(FOLDER / "cases.csv")
    index = assign_cases(read, cases)
    assert [transcript.id for transcript in read] == ["P1", "P2", "P3", "P4"]
    assert [case.id for case in index.cases] == ["P1", "P2", "P3", "P4"]
    assert list(cases[0].attributes) == ["role", "unit", "years"]
    assert [case.attributes["years"] for case in cases] == ["9", "3", "6", "2"]
    assert not index.problems


# The codebook


def test_the_codebook_has_the_themes_of_the_founding_study() -> None:
    tree = {theme.id: [code.id for code in theme.codes] for theme in codebook().codes}
    assert list(tree) == ["channels", "process", "retention", "challenges", "recommendations"]
    assert [code for codes in tree.values() for code in codes] == list(SPEAKERS)
    assert [len(codes) for codes in tree.values()] == [4, 4, 4, 6, 4]


def test_every_code_is_defined_bounded_and_exemplified() -> None:
    for theme in codebook().codes:
        assert theme.colour
        assert not theme.rules
        for code in (theme, *theme.codes):
            assert code.definition, code.id
            assert code.include, code.id
            assert code.exclude, code.id
            assert len(code.hits) >= 2, code.id
            assert len(code.misses) >= 1, code.id
        for code in theme.codes:
            patterns = [rule.pattern for rule in code.rules]
            assert any(pattern.isascii() for pattern in patterns), code.id
            assert any("\u4e00" <= sign <= "\u9fff" for pattern in patterns for sign in pattern), code.id


def test_the_check_of_the_codebook_finds_nothing() -> None:
    assert codebook().problems == ()
    assert check_examples(codebook()) == []


# The coding


def test_the_reading_agrees_with_who_was_meant_to_speak_of_what() -> None:
    assert {code: " ".join(sorted(turns)) for code, turns in READING.items()} == SPEAKERS


def test_the_readme_prints_the_same_table() -> None:
    rows = [
        [cell.strip() for cell in line.split("|")[2:-1]]
        for line in (FOLDER / "README.md").read_text(encoding="utf-8").splitlines()
        if "●" in line
    ]
    printed = {row[0]: [bool(cell) for cell in row[1:]] for row in rows}
    participants = ("P1", "P2", "P3", "P4")
    assert printed == {
        codebook().code(code).name: [participant in who.split() for participant in participants]
        for code, who in SPEAKERS.items()
    }


@pytest.mark.parametrize("code", SPEAKERS)
def test_rules_find_a_code_with_exactly_those_who_speak_of_it(code: str) -> None:
    assert " ".join(sorted({who for tagged, who, _ in tagged_turns() if tagged == code})) == SPEAKERS[code]


def test_rules_agree_with_the_reading_as_the_readme_says() -> None:
    found, read = tagged_turns(), read_turns()
    assert (len(found), len(read), len(found & read)) == (88, 91, 86)


def test_known_misses_and_false_hits_are_those_that_the_readme_tells_of() -> None:
    found, read = tagged_turns(), read_turns()
    assert sorted(found - read) == [("scheduling", "P2", 56), ("stronger-network", "P1", 22)]
    assert sorted(read - found) == [
        ("alumni-networks", "P2", 11),
        ("low-burden", "P2", 28),
        ("management-decisions", "P1", 32),
        ("personnel-turnover", "P2", 38),
        ("student-visibility", "P1", 48),
    ]


@pytest.mark.parametrize(("transcript", "words", "code"), TRAPS)
def test_a_trap_is_not_tagged(transcript: str, words: str, code: str) -> None:
    assert code not in codes_at(transcript, words)


@pytest.mark.parametrize(("transcript", "words", "code"), ASKED)
def test_what_an_interviewer_asks_is_tagged_and_not_counted(transcript: str, words: str, code: str) -> None:
    assert code in codes_at(transcript, words)
    number = next(
        int(turn.id[1:])
        for turn in transcripts()[transcript].units("turn")
        if words in transcripts()[transcript].quote(turn.span)
    )
    assert (code, transcript, number) not in tagged_turns()


def test_counted_themes_leave_interviewers_out() -> None:
    sheets = qualcode.tag(list(transcripts().values()), codebook())
    cases = qualcode.read_cases(FOLDER / "cases.csv")
    table = qualcode.tabulate(list(transcripts().values()), sheets, codebook(), cases=cases)
    themes = qualcode.count_themes(table)
    counted = dict(zip(themes.frame["code"], themes.frame["cases"], strict=True))
    assert counted["challenges/industry-capacity"] == 2
    assert counted["challenges/personnel-turnover"] == 3
    assert counted["channels/alumni-networks"] == 2
    segments = dict(zip(themes.frame["code"], themes.frame["segments"], strict=True))
    for code in SPEAKERS:
        turns = {(who, number) for tagged, who, number in tagged_turns() if tagged == code}
        assert segments[codebook().path(code)] == len(turns), code
    asked = dict(zip(themes.interviewer["code"], themes.interviewer["segments"], strict=True))
    assert asked["channels/alumni-networks"] == 3
