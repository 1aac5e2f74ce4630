"""Shapes of labels as programs and typists write them, each with the turns that a person reads in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from docx_files import b, docx, p, r

from qualcode.sources import read_transcript

if TYPE_CHECKING:
    from qualcode.model import Transcript

TALK = [("Ana Lee", "How was it: bad?"), ("Bob O'Neil", "Fine, at 10:30."), ("Ana Lee", "Why?"), ("Bob O'Neil", "So.")]
STAMPS = ("00:01", "00:05", "00:09", "01:10")
SECONDS = [1, 5, 9, 70]


@pytest.fixture
def read(tmp_path):
    def read_text(text: str | bytes, ending: str = "txt") -> Transcript:
        path = tmp_path / f"P1.{ending}"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_transcript(path)

    return read_text


def speech(transcript: Transcript) -> list[tuple[str, str]]:
    return [(turn.speaker, transcript.quote(turn.span)) for turn in transcript.units("turn")]


def times(transcript: Transcript) -> list[float | None]:
    return [turn.time for turn in transcript.units("turn")]


def write(form: str) -> str:
    """Return the talk in a form, with ``{name}``, ``{words}`` and ``{time}``."""
    return "\n".join(form.format(name=n, words=w, time=t) for (n, w), t in zip(TALK, STAMPS, strict=True)) + "\n"


@pytest.mark.parametrize(
    "form",
    [
        "{name}: {words}",
        "{name}:\t{words}",
        "{name}:\n{words}\n",
        "{name} : {words}",
        "{name}:\u00a0{words}",
        ">> {name}: {words}",
        "- {name}: {words}",
        "> **{name}:** {words}\n",
        "*{name}:* {words}\n",
        "**{name}** {words}\n",
        "__{name}__: {words}\n",
        "## {name}\n\n{words}\n",
        "**{name}**\n\n{words}\n",
        "{name} - {words}",
        "{name} — {words}",
        "{name} > {words}",
        "[{name}] {words}",
        "({name}) {words}",
        "<{name}> {words}",
        "【{name}】{words}",
        "[{name}]: {words}",
        "{name}\n{words}\n",
        "\u200f{name}: {words}",
        "{name}\t{words}",
        "| {name} | {words} |",
        "{name} (laughing): {words}",
    ],
)
def test_shapes_without_times(read, form):
    assert speech(read(write(form), "md")) == TALK


@pytest.mark.parametrize(
    "form",
    [
        "[{time}] {name}: {words}",
        "{time} {name}: {words}",
        "{time} - {name}: {words}",
        "{name} ({time}): {words}",
        "{name} [{time}]:\n{words}\n",
        "{name}: [{time}] {words}",
        "#{time}-0# {name}: {words}",
        "{time}\n{name}: {words}",
        "**[{time}] {name}:** {words}\n",
        "`{time}` **{name}:** {words}\n",
        "**{name}:** [{time}] {words}\n",
        "{name}   {time}\n{words}\n",
        "{name}{time}\n{words}\n",
        "{time} {name}\n{words}\n",
        "[{time}] - {name}\n{words}\n",
        "{name} | {time}\n{words}\n",
        "{time} | {name}\n{words}\n",
        "{name} [{time}]\n{words}\n",
        "### {name} ({time})\n{words}\n",
        "00:{time}:12 - 09:00:00:00\n{name}\n{words}\n",
        "{name} {time} {words}",
        "{name} - {time}\n{words}\n",
        "{time}\t{name}\t{words}",
        "{name}\t{time}\t{words}",
        "{time}\t09:00\t{name}\t{words}",
        "1\t{time}\t{name}\t{words}",
        "| {time} | {name} | {words} |",
        "{name} | {time} | {words}",
        "{name}\t[{time}] {words}",
    ],
)
def test_shapes_with_times(read, form):
    transcript = read(write(form), "md")
    assert speech(transcript) == TALK
    assert times(transcript) == SECONDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ana Lee 0 minutes 3 seconds\nHi.\nBob 1 minute 11 seconds\nYes.", [3, 71]),
        ("Ana Lee 10:01 AM\nHi.\nBob 1:08 PM\nYes.", [36060, 47280]),
        ("[12/05/2024, 10:00:01] Ana: Hi.\n[12/05/2024, 13:00:05] Bob: Yes.\n", [36001, 46805]),
        ("2024-05-12 10:00 - Ana: Hi.\n2024-05-12 10:01 - Bob: Yes.\n", [36000, 36060]),
        ("00:00:01:12 Ana: Hi.\n00:01:05:20 Bob: Yes.\n", [1, 65]),
        ("10:01:02 From Ana to Everyone: Hi.\n10:01:09 From Bob to Everyone: Yes.\n", [36062, 36069]),
    ],
)
def test_times_of_day_and_times_in_words(read, text, expected):
    transcript = read(text)
    assert times(transcript) == expected
    assert [turn.speaker.split()[0] for turn in transcript.units("turn")] == ["Ana", "Bob"]


@pytest.mark.parametrize(
    "names",
    [
        ("Lee, Ana", "Wong, Bob (Student)"),
        ("Dr. Mary-Jane O’Neil", "Prof. J. K. Rowling"),
        ("ana", "bob"),
        ("Ana Lee, Researcher", "Bob Wong, Teacher"),
        ("A.L.", "B.W."),
        ("ana.lee@x.org", "bob@x.org"),
        ("INT_01", "P_07"),
        ("Participant #7", "P.8"),
        ("Interviewer [Ana]", "Respondent [Bob]"),
        ("St. John, Jr.", "Martin L. King Jr."),
        ("Ana 🦊", "Bob"),
        ("陳大文（校長）", "Mary 王"),
        ("约翰·史密斯", "发言人 2"),
        ("Интервьюер", "Анна"),
        ("شروق", "أحمد"),
        ("דנה", "מראיין"),
        ("शोधकर्ता", "राम"),
        ("Question", "Answer"),
        ("Me", "Them"),
        ("Participant 1 (F, 45)", "Both"),
    ],
)
def test_names_of_all_kinds(read, names):
    one, other = names
    transcript = read(f"{one}: One.\n{other}: Two: three.\n{one}: Four.\n{other}: Five.\n")
    assert speech(transcript) == [(one, "One."), (other, "Two: three."), (one, "Four."), (other, "Five.")]


@pytest.mark.parametrize(
    "line",
    [
        "Cost: high",
        "- Cost: high",
        "3. Staff: few",
        "PART TWO: WORK",
        "Theme 2: work",
        "Money: a lot of money.",
        "one thing: nothing",
        "John 3:16 says so.",
        "At 10:30: no.",
        "[Recording paused: phone]",
        "| a bar",
        "the end -",
        "http://x.y:8080",
        "mailto:ana@x.org",
        "Result: bad.",
        "But Ana: never.",
        "原因：冇錢",
        "10：30 開始",
    ],
)
def test_a_colon_within_a_turn_is_no_speaker(read, line):
    turns = ["Ana: How is it?", f"Bob: As I said,\n{line}", "Ana: And the cost?", "Bob: Yes.", "Ana: Oh?", "Bob: No."]
    transcript = read("\n\n".join(turns))
    assert transcript.speakers == ("Ana", "Bob")
    assert speech(transcript)[1] == ("Bob", f"As I said,\n{line}")


def test_a_speaker_of_one_turn_among_whole_lines(read):
    transcript = read("Interviewer: How?\nAna: Fine.\nWaiter: Coffee?\nAna: Yes.\nInterviewer: Why?\nAna: So.\n")
    assert speech(transcript)[2] == ("Waiter", "Coffee?")


@pytest.mark.parametrize("form", ["{}\t{}", "0:01\t{}\t{}", "## {}\n{}", "**{}**\n{}", "{}\n{}\n", "| {} | {} |"])
def test_a_speaker_of_one_turn_in_shapes_without_a_colon(read, form):
    turns = [("Dan", "How?"), ("Ana", "Fine."), ("Waiter", "Coffee?"), ("Ana", "Yes."), ("Dan", "Why?"), ("Ana", "So.")]
    assert speech(read("\n".join(form.format(*turn) for turn in turns) + "\n", "md")) == turns


def test_a_header_with_a_time_in_order_is_a_speaker_and_a_verse_is_none(read):
    transcript = read(
        "Ana  0:03\nHi.\nwaiter  0:09\nCoffee?\nBob  0:11\nNo.\nJohn 3:16\nsays.\nAna  0:20\nSo.\nBob  0:31\nYes.\n"
    )
    assert transcript.speakers == ("Ana", "waiter", "Bob")
    assert speech(transcript)[2] == ("Bob", "No.\nJohn 3:16\nsays.")


def test_people_change_how_they_write_a_name(read):
    transcript = read("I: Why?\nAna: So.\nI: And?\nAna   0:11\nBecause.\nI: Oh?\n[00:20] Ana: Yes.\n")
    assert speech(transcript) == [
        ("I", "Why?"), ("Ana", "So."), ("I", "And?"), ("Ana", "Because."), ("I", "Oh?"), ("Ana", "Yes."),
    ]  # fmt: skip
    assert times(transcript) == [None, None, None, 11, None, 20]


def test_answers_of_many_lines_do_not_hide_the_shape(read):
    answer = "A. Fine.\nIt was good.\nAnd then more.\nAnd more."
    assert speech(read(f"Q. How?\n{answer}\nQ. Why?\n{answer}\n")) == [
        ("Q", "How?"), ("A", answer[3:]), ("Q", "Why?"), ("A", answer[3:]),
    ]  # fmt: skip


def test_numbers_of_lines_are_no_words_and_numbers_of_turns_stay(read):
    transcript = read("1  I: How did\n2  it go?\n3\n4  P: It was 5 o'clock,\n5  fine.\n6  I: Why?\n")
    assert speech(transcript) == [("I", "How did\nit go?"), ("P", "It was 5 o'clock,\nfine."), ("I", "Why?")]
    assert transcript.source.left_out == {"line numbers": 6}
    transcript = read("1 I: How?\n2 P: Fine.\n3 I: Why?\n")
    assert transcript.text.startswith("1 I: How?\n2 P")
    assert speech(transcript) == [("I", "How?"), ("P", "Fine."), ("I", "Why?")]


def test_stamps_that_close_a_turn_are_no_words(read):
    transcript = read("I: How? #00:00:12-3#\nB: Fine [inaudible]. [00:00:20]\nI: [00:21] Why?\nB: So (0:30).\n")
    assert speech(transcript) == [("I", "How?"), ("B", "Fine [inaudible]."), ("I", "Why?"), ("B", "So (0:30).")]


@pytest.mark.parametrize(
    "turn",
    [
        lambda name, words, _: p(b(name), f" {words}"),
        lambda name, words, _: p(b(f"{name} "), words),
        lambda name, words, _: p(b(name), f": {words}"),
        lambda name, words, _: p(b(name)) + p(words),
        lambda name, words, _: p(r(f"{name}:"), "<w:r><w:tab/></w:r>", r(words)),
        lambda name, words, time: p(b(name), r(f"   {time}"), "<w:r><w:br/></w:r>", r(words)),
        lambda name, words, time: p(b(name), r(f"   {time}")) + p(words),
        lambda name, words, time: p(b(name), r(f"   {time} {words}")),
        lambda name, words, time: _row(time, name, words),
        lambda name, words, time: _row("1.", name, f"[{time}]", words),
        lambda name, words, _: _row(name, words, ""),
        lambda name, words, time: _row(f"{name} ({time})", words),
        lambda name, words, time: f"<w:tbl><w:tr><w:tc>{p(name)}{p(time)}</w:tc><w:tc>{p(words)}</w:tc></w:tr></w:tbl>",
    ],
)
def test_shapes_in_word(read, turn):
    body = "".join(turn(name, words, time) for (name, words), time in zip(TALK, STAMPS, strict=True))
    assert speech(read(docx(body), "docx")) == TALK


def _row(*cells: str) -> str:
    return f"<w:tbl><w:tr>{''.join(f'<w:tc>{p(cell)}</w:tc>' for cell in cells)}</w:tr></w:tbl>"


def test_participant_heads_a_column_or_speaks(read):
    rows = [("Participant", "Text"), ("Ana", "Hi."), ("Bob", "Yes."), ("Ana", "So."), ("Bob", "No.")]
    assert read("\n".join(map("\t".join, rows))).speakers == ("Ana", "Bob")
    rows = [("Interviewer", "Hi."), ("Participant", "Yes."), ("Interviewer", "So."), ("Participant", "No.")]
    assert read("\n".join(map("\t".join, rows))).speakers == ("Interviewer", "Participant")


def test_the_head_of_a_table_is_no_turn(read):
    rows = _row("Speaker", "Time", "Text") + "".join(_row(n, t, w) for (n, w), t in zip(TALK, STAMPS, strict=True))
    transcript = read(docx(rows), "docx")
    assert speech(transcript) == TALK
    assert times(transcript) == SECONDS


@pytest.mark.parametrize(
    "sign", ["1:", "(", " ", "\t", "|", ">", "- ", "A ", "0:11 ", "\u200f", "1 h ", "# ", " \t", "*A"]
)
def test_no_line_takes_long(read, sign):
    # A pattern that backtracks would need minutes for these, and this test with it.
    assert read("Ana: Hi.\nBob: Yes.\n" + f"{sign * 200}\n" * 50 + "Ana: So.\nBob: No.\n").speakers[:1] == ("Ana",)


def test_a_table_and_headings_in_prose_are_no_dialogue(read):
    prose = "".join(p(f"This is paragraph number {n} of a report.") for n in range(8))
    table = "".join(_row(a, b_) for a, b_ in (("Cell", "one"), ("Rows", "two"), ("Cell", "three"), ("Rows", "four")))
    ending = p(b("Coaching:"), " as follows.") + p(b("Security:"), " as agreed.")
    transcript = read(docx(prose + table + ending), "docx")
    assert transcript.speakers == ("",)
    assert transcript.units("turn")[-1].span.end == len(transcript.text)
