"""The normal form of words: what looks the same matches, and is found in its place in the original."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_matching import book, found, in_yaml
from test_tagging import talk

from qualcode.codebook import Rule, parse_codebook, read_codebook
from qualcode.explaining import explain
from qualcode.keywords import kwic
from qualcode.language import caseless, lexicon_for, normal_text, normalize, normalize_all
from qualcode.model import Coding
from qualcode.sources import read_transcript
from qualcode.tagging import tag

FIELD = Path(__file__).parent / "data" / "field-cases"

SIGNS = (
    "aé A1-'’‘`´ʼ‑−–…\u00a0\u3000\u00ad\u200b\u200d\u2060\ufeff\u0301\u0323ﬁＡｶﾞ⼈İıßς😀👩\ufe0f我"
    "\u1100\u1161\u11a8क\u093c\u0640\0\n\t"
)
odd_text = st.text(st.sampled_from(SIGNS), max_size=25)


class TestForm:
    @pytest.mark.parametrize(
        ("text", "normal"),
        [
            ("time\u00a0slot\u202fat\u2009all\u3000now", "time slot at all now"),
            ("men\u00adtor \u200bmen\u200ctor\u200d\ufeff \u2060x\u200e", "mentor mentor x"),
            ("don’t donʼt don＇t don´t don`t don‘t", "don't don't don't don't don't don't"),
            ("‘quoted’ `code` ´", "‘quoted' `code' ´"),  # behind a letter only: these are quotation marks elsewhere
            ("co‐op co‑op a−b a－b, 2–3 — x", "co-op co-op a-b a-b, 2–3 — x"),
            ("ＡＢＣ１２ ﬁnd ﬂow Ⅳ 𝐦𝐞𝐧", "ABC12 find flow IV men"),
            ("ｶﾞｯｺｳ ⼈", "ガッコウ 人"),
            ("cafe\u0301 한글", "café 한글"),
            ("\u1112\u1161\u11ab", "한"),
            ("مـدرسة", "مدرسة"),
            ("ﻻ", "لا"),
            ("m² 1º ½ … ™ ㄱ，。「」", "m² 1º ½ … ™ ㄱ，。「」"),  # says something else than m2, 1o …
            ("👩\u200d👩\u200d👧 می\u200cخواهم", "👩\u200d👩\u200d👧 میخواهم"),  # one picture, one word
            ("", ""),
        ],
    )
    def test_what_looks_the_same_is_the_same(self, text: str, normal: str) -> None:
        assert normal_text(text) == normal

    def test_places_are_those_of_the_original(self) -> None:
        normal = normalize("a soft\u00adhyphen, ﬁnd cafe\u0301")
        assert normal.text == "a softhyphen, find café"
        assert normal.locate(2, 12) == (2, 13)
        assert normal.locate(14, 16) == (15, 16)  # both letters of the ligature
        assert normal.locate(19, 23) == (19, 24)

    @given(odd_text)
    def test_it_is_its_own_normal_form(self, text: str) -> None:
        assert normal_text(normal_text(text)) == normal_text(text)

    @given(odd_text)
    def test_a_composed_text_has_the_same(self, text: str) -> None:
        assert normal_text(unicodedata.normalize("NFC", text)) == normal_text(text)

    @given(odd_text)
    def test_each_place_lies_in_the_original_in_order(self, text: str) -> None:
        normal = normalize(text)
        places = [normal.locate(at, at + 1) for at in range(len(normal.text))]
        assert places == sorted(places)
        assert all(0 <= start < end <= len(text) for start, end in places)
        for sign, (start, end) in zip(normal.text, places, strict=True):
            if sign in "a1\n\t\0我😀":
                assert text[start:end].startswith(sign)  # its marks may stand with it

    @given(st.lists(odd_text, max_size=6))
    def test_many_texts_are_as_each(self, texts: list[str]) -> None:
        normal, moved = normalize_all(texts)
        each = [normalize(text) for text in texts]
        assert list(normal) == [one.text for one in each]
        assert moved == {number: one for number, one in enumerate(each) if one.starts is not None}

    def test_every_character_has_a_normal_form_that_is_its_own(self) -> None:
        for code in range(0x20000):
            if not 0xD800 <= code < 0xE000:
                normal = normal_text(chr(code))
                assert normal_text(normal) == normal, hex(code)

    def test_texts_in_normal_form_are_handed_back(self) -> None:
        texts = ["plain", "naïve — “so”"]
        assert normalize_all(texts)[0][1] is texts[1]
        assert normalize_all(["plain"] * 3)[1] == {}


class TestTextAndRules:
    def test_spans_hold_what_is_not_seen(self) -> None:
        assert found(book("mentor"), "our men\u00adtors,", "\u200bmentor\ufeff!") == ["men\u00adtors", "mentor"]

    def test_one_blank_of_any_width_parts_words(self) -> None:
        texts = ["time\u00a0slot", "time\u202fslot", "time\u3000slot", "time\u00a0\u00a0slot"]
        assert found(book("time slot"), *texts) == texts[:3]

    @pytest.mark.parametrize("term", ["don't know", "don’t know", "don´t know", "donʼt know", "don`t\u00a0know"])
    def test_apostrophes(self, term: str) -> None:
        texts = ["don't know", "don’t know", "don´t know", "donʼt know", "don`t know", "don‘t know"]
        assert found(book(term), *texts) == texts

    @pytest.mark.parametrize("term", ["co-op", "co‑op", "co−op"])
    def test_hyphens(self, term: str) -> None:
        assert found(book(term), "co-op co‐op co‑op co−op", "co op co–op") == ["co-op", "co‐op", "co‑op", "co−op"]

    def test_marks_and_shapes_of_letters(self) -> None:
        assert found(book("cafe\u0301", "ﬁnd"), "café cafe\u0301, find ﬁnds") == [
            "café", "cafe\u0301", "find", "ﬁnds",
        ]  # fmt: skip

    def test_exact_forms_and_regular_expressions(self) -> None:
        assert found(book(Rule("x", "exact", "time\u00a0slot")), "time slot, Time slot, time\u00a0slot") == [
            "time slot", "time\u00a0slot",
        ]  # fmt: skip
        assert found(book(Rule("x", "regex", "can’t|time slot")), "can't can’t time\u202fslot tim\u00ade slot") == [
            "can't", "can’t", "time\u202fslot", "tim\u00ade slot",
        ]  # fmt: skip
        assert found(book(Rule("x", "regex", "[a‑z]x")), "a-x bx") == ["-x"]  # a hyphen there says no range
        assert found(book(Rule("x", "regex", "a[\u200b]b")), "a\u200bb") == []

    def test_token_patterns_and_wildcards(self) -> None:
        assert in_yaml("{tokens: [{LOWER: no}, {LOWER: ﬁnd}]}", "no\u00a0find") == ["no\u00a0find"]
        assert found(book("men*"), "men\u00adtorship") == ["men\u00adtorship"]

    def test_groups_and_gaps(self) -> None:
        assert in_yaml("{all: [mentor, time], within: 4}", "men\u00adtors have no\u00a0time") == [
            "men\u00adtors have no\u00a0time"
        ]
        assert found(book("no ... slot"), "no\u00a0good\u00a0ti\u00adme\u00a0slot") == [
            "no\u00a0good\u00a0ti\u00adme\u00a0slot"
        ]

    def test_terms_that_are_not_seen_are_refused(self) -> None:
        with pytest.raises(Exception, match="cannot be used"):
            found(book("\u200b"), "a")


class TestCase:
    def test_words_in_capitals(self) -> None:
        assert found(book("don't know", "cannot", "gonna"), "I DON'T KNOW. I CANNOT. GONNA. DON’T KNOW") == [
            "DON'T KNOW", "CANNOT", "GONNA", "DON’T KNOW",
        ]  # fmt: skip

    @pytest.mark.parametrize("term", ["ID", "id", "Id"])
    def test_an_id_is_a_word(self, term: str) -> None:
        assert found(book(term), "their ID, an id, Id; I'd") == ["ID", "id", "Id"]

    def test_names_of_people_in_the_plural(self) -> None:
        assert found(book("American", "PhD"), "Americans, AMERICANS, american; two PhDs") == [
            "Americans", "AMERICANS", "american", "PhDs",
        ]  # fmt: skip

    @pytest.mark.parametrize("term", ["Haus", "haus", "Häuser", "HÄUSER"])
    def test_german_nouns_at_the_start_and_inside(self, term: str) -> None:
        texts = ["Häuser sind teuer.", "Zwei Häuser, ein Haus.", "DIE HÄUSER", "die häuser"]
        assert found(book(term), *texts, language="de") == ["Häuser", "Häuser", "Haus", "HÄUSER", "häuser"]

    def test_german_verbs_are_no_nouns(self) -> None:
        assert found(book("arbeiten"), "Wir arbeiten, er arbeitet, sie arbeitete.", language="de") == [
            "arbeiten", "arbeitet", "arbeitete",
        ]  # fmt: skip
        assert found(book("Arbeit"), "Wir arbeiten an zwei Arbeiten.", language="de") == ["Arbeiten"]
        assert found(book("gehen"), "Geht es? Sie gingen. GEHEN!", language="de") == ["Geht", "gingen", "GEHEN"]

    def test_sharp_s(self) -> None:
        assert found(book("Straße"), "STRASSE, STRAẞE, Strasse, Straßen", language="de") == [
            "STRASSE", "STRAẞE", "Strasse", "Straßen",
        ]  # fmt: skip

    @pytest.mark.parametrize("language", ["tr", "az"])
    def test_dotted_and_dotless_i(self, language: str) -> None:
        assert found(book("iş"), "İş, iş, Iş", language=language) == ["İş", "iş"]
        assert found(book("ışık*"), "Işık ışık IŞIKLAR", language=language) == ["Işık", "ışık", "IŞIKLAR"]
        assert caseless("DİYARBAKIR", language) == "diyarbakır"

    def test_a_dotted_capital_elsewhere(self) -> None:
        assert found(book("istanbul"), "İstanbul, ISTANBUL") == ["İstanbul", "ISTANBUL"]

    def test_greek_final_sigma(self) -> None:
        assert found(book("δρόμος"), "Ο ΔΡΌΜΟΣ, δρόμος", language="el") == ["ΔΡΌΜΟΣ", "δρόμος"]

    def test_the_order_in_which_the_german_table_is_asked(self) -> None:
        lemma = lexicon_for("de").lemma
        assert [lemma(form) for form in ("Arbeiten", "arbeiten", "Fand", "kinder", "KINDER", "Gehen")] == [
            "arbeit", "arbeiten", "finden", "kind", "kind", "gehen",
        ]  # fmt: skip


class TestLanguages:
    @pytest.mark.parametrize(
        ("language", "term", "text", "hits"),
        [
            ("fr", "école", "L’école, l'e\u0301cole, L´ÉCOLE, les écoles", ["école", "e\u0301cole", "ÉCOLE", "écoles"]),
            ("fr", "aujourd'hui", "Aujourd’hui et aujourd'hui", ["Aujourd’hui", "aujourd'hui"]),
            ("fr", "temps", "le temps\u202f! Pas de\u00a0temps", ["temps", "temps"]),
            ("es", "niño", "Los nin\u0303os, NIÑO", ["nin\u0303os", "NIÑO"]),
            ("zh", "跟進", "我哋跟\u200b進，跟進", ["跟\u200b進", "跟進"]),
            ("zh", "follow up", "成日ｆｏｌｌｏｗ‑ｕｐ，follow\u00a0up", ["ｆｏｌｌｏｗ‑ｕｐ", "follow\u00a0up"]),
            ("zh", "don't", "佢哋DON’T知", ["DON’T"]),
            ("ja", "ガッコウ", "ｶﾞｯｺｳへ", ["ｶﾞｯｺｳ"]),
            ("ar", "مدرسة", "مـدرسة، مدرسة", ["مـدرسة", "مدرسة"]),
            ("hi", "समय", "समय नहीं", ["समय"]),
            ("xx", "muda", "Muda wa kuzungumza, mudas", ["Muda"]),
        ],
    )
    def test_words(self, language: str, term: str, text: str, hits: list[str]) -> None:
        assert found(book(term), text, language=language) == hits


class TestInUse:
    def test_codings_and_reasons_stand_in_the_original(self) -> None:
        one = talk(("Ana", "We had a men\u00adtor and no\u00a0time."))
        codebook = parse_codebook("codes: [{id: a, rules: [mentor, {term: time, negated: skip}]}]")
        (sheet,) = tag([one], codebook)
        (coding,) = sheet.codings
        assert isinstance(coding, Coding)
        words = {one.text[span.start : span.end] for evidence in coding.evidence for span in evidence.spans}
        assert words == {"men\u00adtor"}
        reasons = {
            (reason.rule, reason.result): (reason.words, reason.why) for reason in explain(one, "t001", codebook)
        }
        assert reasons == {
            ("mentor", "hit"): ("men\u00adtor", ""),
            ("time", "stopped"): ("time", "stopped by the negation “no”"),
        }

    @pytest.mark.parametrize(
        ("case", "name", "term", "language", "n_hits"),
        [
            ("capitals", "talk.txt", "don't know", None, 2),
            ("capitals", "talk.txt", "can't find", None, 2),
            ("no-break-space", "talk.docx", "time slot", None, 3),
            ("no-break-space", "talk.txt", "time slot", None, 3),
            ("turkish-i", "talk.txt", "iş", "tr", 2),
            ("turkish-i", "talk.txt", "ışık", "tr", 2),
            ("german-nouns", "talk.txt", "Kind", "de", 2),
            ("german-nouns", "talk.txt", "Schule", "de", 1),
            ("german-nouns", "talk.txt", "Lehrerin", "de", 1),
            ("german-nouns", "talk.txt", "gehen", "de", 1),
        ],
    )
    def test_field_cases(self, case: str, name: str, term: str, language: str | None, n_hits: int) -> None:
        transcript = read_transcript(FIELD / case / name, language=language)
        assert len(kwic([transcript], term)) == n_hits

    def test_apostrophes_deny(self) -> None:
        case = FIELD / "apostrophe-acute"
        (sheet,) = tag([read_transcript(case / "talk.txt")], read_codebook(case / "codebook.yaml"))
        assert {coding.code for coding in sheet.codings} == {"no-time"}
        assert sum(len(one.spans) for coding in sheet.codings for one in coding.evidence) == 4
