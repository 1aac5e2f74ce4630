"""Tagging: where the codings of rules lie, what they rest on, and what examples tell about rules."""

from __future__ import annotations

from qualcode.cases import assign_cases
from qualcode.codebook import Codebook, parse_codebook
from qualcode.examples import check_examples
from qualcode.language import split_sentences
from qualcode.model import Case, Segment, Span, Transcript
from qualcode.tagging import tag


def talk(*turns: tuple[str, str], language: str = "en", interviewers: frozenset[str] = frozenset({"I"})) -> Transcript:
    """Return a transcript of turns, each a label and words, cut into sentences."""
    text = ""
    segments = []
    for number, (speaker, words) in enumerate(turns, 1):
        text += f"{speaker}: "
        start = len(text)
        text += words
        segments.append(Segment(f"t{number:03}", "turn", Span(start, len(text)), speaker))
        for span in split_sentences(words, language=language):
            n_sentences = sum(segment.kind == "sentence" for segment in segments)
            segments.append(Segment(f"s{n_sentences + 1:04}", "sentence", span.shift(start), speaker))
        text += "\n"
    return Transcript("P1", text, tuple(segments), language, interviewers=interviewers)


def book(rules: str, more: str = "") -> Codebook:
    return parse_codebook(f"codes:\n  - id: a\n    rules:\n{_indent(rules)}{more}")


def _indent(rules: str) -> str:
    return "".join(f"      {line}\n" for line in rules.strip().splitlines())


def quotes(transcript: Transcript, codebook: Codebook) -> list[str]:
    (sheet,) = tag([transcript], codebook)
    return [coding.quote for coding in sheet.codings]


class TestTag:
    def test_a_coding_spans_the_sentence_and_keeps_its_evidence(self) -> None:
        transcript = talk(("I", "Who helps?"), ("Mei", "Well. Our mentors help, every mentor. That is all."))
        (sheet,) = tag([transcript], book("- mentor"))
        (coding,) = sheet.codings
        assert coding.quote == "Our mentors help, every mentor."
        assert transcript.quote(coding.span) == coding.quote
        assert (coding.coder, coding.verdict, coding.origin, coding.code) == ("rules", "suggested", "rules", "a")
        (evidence,) = coding.evidence
        assert evidence.rule == "mentor"
        assert [transcript.quote(span) for span in evidence.spans] == ["mentors", "mentor"]
        assert sheet.unit == "sentence"
        assert sheet.seen == {"s0001", "s0002", "s0003", "s0004"}
        assert sheet.text_digest == transcript.digest

    def test_neighbouring_sentences_of_one_turn_are_one_coding(self) -> None:
        transcript = talk(("Mei", "A mentor. A mentor. No. A mentor."), ("Bo", "A mentor."))
        assert quotes(transcript, book("- mentor")) == ["A mentor. A mentor.", "A mentor.", "A mentor."]

    def test_interviewer_talk_is_tagged_too(self) -> None:
        assert quotes(talk(("I", "A mentor?"), ("Mei", "Yes.")), book("- mentor")) == ["A mentor?"]

    def test_labels_are_never_matched(self) -> None:
        assert quotes(talk(("Mentor", "Yes.")), book("- mentor")) == []

    def test_a_line_that_ends_in_a_phrase_does_not_break_it(self) -> None:
        assert quotes(talk(("Mei", "We follow\nup.")), book("- follow up")) == ["We follow\nup."]

    def test_each_transcript_in_its_own_language(self) -> None:
        transcript = talk(("阿明", "我哋成日follow-up。之後跟進。"), language="zh")
        assert quotes(transcript, book("- follow up\n- 跟進")) == ["我哋成日follow-up。之後跟進。"]

    def test_a_turn_wide_group_codes_from_its_first_to_its_last_sentence(self) -> None:
        transcript = talk(("Mei", "Mentors. They help. No time. Bye."), ("Bo", "Mentors."))
        (sheet,) = tag([transcript], book("- all: [mentor, time]\n  within: turn"))
        (coding,) = sheet.codings
        assert coding.quote == "Mentors. They help. No time."
        assert [transcript.quote(span) for span in coding.evidence[0].spans] == ["Mentors", "time"]

    def test_codings_are_sorted_by_span_then_code(self) -> None:
        codebook = parse_codebook("codes: [{id: b, rules: [mentor]}, {id: a, rules: [help]}]")
        (sheet,) = tag([talk(("Mei", "Mentors help."))], codebook)
        assert [coding.code for coding in sheet.codings] == ["a", "b"]

    def test_nothing_to_tag(self) -> None:
        assert tag([], book("- mentor")) == []
        assert quotes(Transcript("P", "", ()), book("- mentor")) == []


class TestWhoSpeaksAndWhatIsAsked:
    transcript = talk(
        ("I", "How do you recruit mentors?"),
        ("Mei", "Through friends."),
        ("I", "And the weather?"),
        ("Mei", "My friends like it."),
    )

    def test_interviewee_and_interviewer(self) -> None:
        both = talk(("I", "A mentor?"), ("Mei", "A mentor."))
        assert quotes(both, book("- term: mentor\n  speaker: interviewee")) == ["A mentor."]
        assert quotes(both, book("- term: mentor\n  speaker: interviewer")) == ["A mentor?"]
        assert quotes(both, book("- term: mentor\n  speaker: [mei, bo]")) == ["A mentor."]

    def test_role_and_attribute_of_the_case(self) -> None:
        index = assign_cases([self.transcript], [Case("P1", {"role": "Manager", "unit": "Games"})])
        for speaker, n_codings in [("manager", 2), ("{unit: games}", 2), ("teacher", 0), ("{unit: [film]}", 0)]:
            rules = book(f"- term: friend\n  speaker: {speaker}")
            (sheet,) = tag([self.transcript], rules, index=index)
            assert len(sheet.codings) == n_codings, speaker

    def test_only_in_turns_that_answer_a_question(self) -> None:
        rules = book("- term: friend\n  question: recruit*")
        assert quotes(self.transcript, rules) == ["Through friends."]

    def test_before_and_after_another_code(self) -> None:
        codebook = parse_codebook(
            "codes: [{id: a, rules: [{term: time, after: b}]}, {id: b, rules: [mentor]},"
            " {id: c, rules: [{term: mentor, before: a, id: early}]}]"
        )
        (sheet,) = tag([talk(("Mei", "Time. Mentor. Time."), ("Bo", "Time."))], codebook)
        assert [(coding.code, coding.quote) for coding in sheet.codings] == [
            ("b", "Mentor."),
            ("c", "Mentor."),
            ("a", "Time."),
        ]


class TestExamples:
    def test_findings_with_their_place(self) -> None:
        codebook = parse_codebook(
            "codes:\n"
            "  - id: a\n"
            "    rules: [mentor, {term: time, unless: no time}]\n"
            "    examples:\n"
            "      hit: [Our mentors., 'No. There is time.', Nothing here.]\n"
            "      miss: [There is no time., The time has come.]\n",
            "c.yaml",
        )
        lost, found = check_examples(codebook)
        assert (lost.where, lost.level, lost.rule) == ("c.yaml:5:49", "warning", "example-not-found")
        assert "Nothing here." in lost.message
        assert (found.where, found.rule) == ("c.yaml:6:33", "example-found")
        assert "“time”" in found.message

    def test_a_parent_is_found_by_the_rules_below_it(self) -> None:
        codebook = parse_codebook(
            "codes: [{id: a, examples: {hit: [A mentor.]}, codes: [{id: b, rules: [mentor]}]},"
            " {id: c, examples: {hit: [By hand.]}}]"
        )
        assert check_examples(codebook) == []

    def test_chinese_examples(self) -> None:
        codebook = parse_codebook(
            "codes: [{id: a, rules: [跟進], examples: {hit: [我哋跟進咗。], miss: [跟住進去。]}}]"
        )
        assert check_examples(codebook) == []
