"""Suggestions as columns: passages beside a plain reference, and sequences that look like tuples of codings."""

from __future__ import annotations

import gc
import pickle
import random

import pytest
from reference_passages import agrees, make_codebook, make_transcripts

from qualcode.codebook import Codebook, parse_codebook
from qualcode.model import Coding, Transcript
from qualcode.sources import transcript_of_turns
from qualcode.tables import tabulate
from qualcode.tagging import tag
from qualcode.themes import count_themes

WORDS = {
    "en": "mentor mentors rain water staff plan follow-up can't e.g. Dr. 😀 naïve cafe\u0301 ( … don’t soft\xadhyphen",
    "es": "niños niño lluvia agua plan clase EE.UU. Sr. ¿ ¡ está pág.",
    "zh": "我 哋 跟 進 時 間 跟進 ， 。 ？ mentor OK",
}
BOOKS = {
    "en": "mentor rain water staff plan mentors",
    "es": "niño lluvia agua plan clase está",
    "zh": "我 跟 時 間 進 哋",
}


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("seed", range(12))
def test_passages_and_units_are_those_of_sets_of_sentences_and_characters(language: str, seed: int) -> None:
    chance = random.Random(f"{language} {seed}")
    terms = BOOKS[language].split()
    codebook = make_codebook(chance.sample(terms, 6))
    words = [*terms * 3, *WORDS[language].split()]
    transcripts = make_transcripts(chance, words, ["", "  ", "\u3000", "\xa0"], language)
    for unit in ("turn", "paragraph", "sentence"):
        assert agrees(transcripts, codebook, unit)


@pytest.fixture
def codebook() -> Codebook:
    return parse_codebook("codes: [{id: b, rules: [rain, {all: [wind, rain], id: storm}]}, {id: a, rules: [wind]}]")


@pytest.fixture
def transcript() -> Transcript:
    return transcript_of_turns([("Interviewer", "Rain?"), ("Mei", "Rain and wind. No. 😀 Wind.")], "P1")


class TestSuggestions:
    def test_they_look_like_a_tuple_of_codings(self, transcript: Transcript, codebook: Codebook) -> None:
        codings = tag([transcript], codebook)[0].codings
        whole = tuple(codings)
        assert [(one.code, one.quote) for one in whole] == [
            ("b", "Rain?"),
            ("a", "Rain and wind."),
            ("b", "Rain and wind."),
            ("a", "😀 Wind."),
        ]
        assert (len(codings), codings[-1], codings[1:3]) == (4, whole[3], whole[1:3])
        assert codings == whole
        assert whole == codings
        assert codings == tag([transcript], codebook)[0].codings
        assert hash(codings) == hash(whole)
        assert repr(codings) == repr(whole)
        assert codings != whole[:3]
        assert codings + whole[:1] == (*whole, whole[0])
        assert whole[:1] + codings == (whole[0], *whole)
        assert codings + codings == whole + whole
        with pytest.raises(TypeError):
            codings + [whole[0]]  # noqa: RUF005  # as a tuple does
        assert codings != list(whole)
        assert codings[0] is codings[0]

    def test_two_rules_with_the_same_first_words_stand_as_they_were_found(
        self, transcript: Transcript, codebook: Codebook
    ) -> None:
        evidence = tag([transcript], codebook)[0].codings[2].evidence
        assert [(one.rule, [transcript.quote(span) for span in one.spans]) for one in evidence] == [
            ("rain", ["Rain"]),
            ("storm", ["Rain", "wind"]),
        ]

    def test_another_process_gets_the_codings_of_this_transcript_only(
        self, transcript: Transcript, codebook: Codebook
    ) -> None:
        (sheet,) = tag([transcript], codebook)
        copy = pickle.loads(pickle.dumps(sheet))
        assert copy == sheet
        assert type(copy.codings) is tuple

    def test_a_transcript_without_hits_has_none(self, codebook: Codebook) -> None:
        silent = transcript_of_turns([("Mei", "No.")], "P2")
        assert tag([silent], codebook)[0].codings == ()
        assert tag([], codebook) == []

    def test_counting_makes_no_codings(self, transcript: Transcript, codebook: Codebook) -> None:
        gc.collect()
        before = sum(isinstance(one, Coding) for one in gc.get_objects())
        table = tabulate([transcript], tag([transcript], codebook), codebook)
        assert count_themes(table).frame["codings"].tolist() == [1, 2]
        assert sum(isinstance(one, Coding) for one in gc.get_objects()) == before
        assert table.codings["quote"].tolist() == ["Rain?", "Rain and wind.", "Rain and wind.", "😀 Wind."]

    def test_codes_that_another_codebook_lacks_are_reported(self, transcript: Transcript, codebook: Codebook) -> None:
        other = parse_codebook("codes: [{id: b, rules: [rain]}]")
        table = tabulate([transcript], tag([transcript], codebook), other)
        assert [one.rule for one in table.problems].count("unknown-code") == 2
        assert table.codings["code"].tolist() == ["b", "b"]
