"""Files that people could not get read, with what a person reads in each: ``tests/data/field-cases``."""

from __future__ import annotations

from pathlib import Path

import pytest

from qualcode.language import count_words
from qualcode.sources import read_transcript

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
