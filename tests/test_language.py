"""Words, sentences, tokens and lemmas, against spaCy itself where it has the say."""

from __future__ import annotations

import pkgutil
import random
import subprocess
import sys
import unicodedata
from typing import TYPE_CHECKING

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_sentences import all_at_once, differs_from_spacy, lay_out, odd_paragraph, one_by_one
from spacy.pipeline import Sentencizer

from qualcode import caching
from qualcode.errors import MissingDependencyError, QualcodeError
from qualcode.language import (
    Lexicon,
    Token,
    count_words,
    cut_paragraphs,
    detect_language,
    lexicon_for,
    normalize,
    split_sentences,
    storing,
    tokenize,
    word_starts,
)
from qualcode.language import lexicon as lexicon_module
from qualcode.language.counting import find_word_starts
from qualcode.language.scripts import has_cjk
from qualcode.language.sentences import ENDS, is_punctuation

NLP = spacy.blank("en")
NLP.add_pipe("sentencizer")

if TYPE_CHECKING:
    from pathlib import Path

PIECES = [
    "the",
    "Mentor",
    "follow-up",
    "can't",
    "can’t",
    "don’t",
    "it's",
    "gonna",
    "e.g.",
    "a.m.",
    "9a.m.",
    "Dr.",
    "U.S.",
    ":)",
    ":-)",
    ":(",
    ":)3",
    ";-)",
    "<3",
    "(:",
    ")",
    "(",
    "):",
    '"',
    "'",
    "’",
    "“",
    "”",
    "…",
    "...",
    "-",
    "—",
    "->",
    "http://x.y/z?a=1",
    "a@b.co",
    "#tag",
    "10km",
    "$5",
    "3.5",
    "1,000",
    "and/or",
    "o'clock",
    "’cause",
    "'em",
    "'s",
    "’s",
    "😀",
    "👩\u200d👩\u200d👧",
    "café",
    "naïve",
    "ß",
    "x_x",
    "o_O",
    "¯\\(ツ)/¯",
    ",",
    ".",
    "!",
    "?",
    ";",
    "/",
    "&",
    "ma'am",
    "Jan.",
    "w/o",
    "°C.",
    "8-D",
    "XD",
    "nothin’",
    "let's",
]
BLANKS = [" "] * 8 + ["  ", "\t", "\n", "\xa0", "\u2003", ""]
odd_text = st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from(BLANKS)), max_size=14).map(
    lambda parts: "".join(piece + blank for piece, blank in parts)
)


def sentences(text: str, language: str = "en") -> list[str]:
    return [text[span.start : span.end] for span in split_sentences(text, language=language)]


class TestWords:
    @pytest.mark.parametrize(
        ("text", "n_words"),
        [
            ("", 0),
            ("follow-up isn’t o'clock", 3),
            ("- ' ’ … 😀", 0),
            ("我哋follow-up咗 3.5 次", 7),
            ("カタカナ 한국", 6),
            ("ＦＵＬＬ width，２", 3),
            ("cafe\u0301 naïve", 2),
            ("a_b", 2),
            ("२०२४ में", 2),
            ("مرحبا بالعالم", 2),
            ("rock'n'roll -x- 'em", 3),
        ],
    )
    def test_count(self, text: str, n_words: int) -> None:
        assert count_words(text) == n_words
        assert len(word_starts(text)) == n_words

    def test_starts(self) -> None:
        assert word_starts("我哋 follow-up 咗") == [0, 1, 3, 13]

    @given(st.text(st.sampled_from("aé9_'’--. \n\t“—²ªß\u0301\u200d我か\U0001f600Ωж·"), max_size=30))
    def test_starts_as_arrays_are_the_same(self, text: str) -> None:
        assert find_word_starts(text).tolist() == word_starts(text)

    def test_single_letters_of_korean_are_words_each(self) -> None:
        assert find_word_starts("a\u1100\u1161b").tolist() == word_starts("a\u1100\u1161b") == [0, 1, 2, 3]

    @given(st.text(max_size=30))
    def test_starts_as_arrays_are_the_same_in_any_text(self, text: str) -> None:
        assert find_word_starts(text).tolist() == word_starts(text)

    @pytest.mark.parametrize(
        ("text", "language"),
        [
            ("", "en"),
            ("Hello there, 你好", "en"),
            ("我哋 follow up 咗", "zh"),
            ("😀", "en"),
            ("你好", "zh"),
            ("你 a", "en"),
        ],
    )
    def test_language(self, text: str, language: str) -> None:
        assert detect_language(text) == language

    def test_a_shrug_is_no_japanese(self) -> None:
        assert not has_cjk("¯\\_(ツ)_/¯")
        assert has_cjk("カタ")
        assert has_cjk("好")


class TestSentences:
    def test_english(self) -> None:
        text = "Dr. Lee came at 3.5 e.g. late. Then? Yes! So."
        assert sentences(text) == ["Dr. Lee came at 3.5 e.g. late.", "Then?", "Yes!", "So."]

    def test_hesitation_does_not_end_a_sentence(self) -> None:
        assert sentences("I... you know… we did. Well... So be it.") == ["I... you know… we did.", "Well... So be it."]
        assert sentences("我…我諗…係嘅。嗯…好。", "zh") == ["我…我諗…係嘅。", "嗯…好。"]
        assert sentences("so…… we did. Well…… So", "en") == ["so…… we did.", "Well…… So"]

    def test_the_double_ellipsis_ends_a_chinese_sentence(self):
        assert sentences("但係……算啦；都得。", "zh") == ["但係……", "算啦；", "都得。"]
        assert sentences("「唔知……」佢話。office 好遠……", "zh") == ["「唔知……」", "佢話。", "office 好遠……"]

    def test_opening_marks_go_with_what_they_open(self) -> None:
        assert sentences('He left. "Yes." (So.) “No.” End.') == ["He left.", '"Yes."', "(So.)", "“No.”", "End."]

    def test_chinese_needs_no_blanks(self) -> None:
        text = "「好呀。」佢話：『真係？』我走咗；之後Dr. Chan話OK.之後呢!好。"
        assert sentences(text, "zh") == [
            "「好呀。」",
            "佢話：『真係？』",
            "我走咗；",
            "之後Dr. Chan話OK.",
            "之後呢!",
            "好。",
        ]

    def test_blanks_are_trimmed_and_all_else_is_kept(self) -> None:
        assert sentences("  \n One.  Two \n") == ["One.", "Two"]
        assert sentences(" \n\t ") == []
        assert sentences("...") == ["..."]

    @given(odd_text)
    def test_every_character_is_in_one_sentence_in_order(self, text: str) -> None:
        spans = split_sentences(text)
        covered = [at for span in spans for at in range(span.start, span.end)]
        assert covered == sorted(set(covered))
        assert {at for at, mark in enumerate(text) if not mark.isspace()} <= set(covered)
        assert all(not text[span.start].isspace() and not text[span.end - 1].isspace() for span in spans)

    @given(odd_text)
    def test_borders_are_those_of_spacy_but_for_opening_marks(self, text: str) -> None:
        def ends(stretches: list[str]) -> list[str]:
            words = ["".join(mark for mark in stretch if mark.isalnum()) for stretch in stretches]
            return [word for word in words if word]

        assert ends(sentences(text)) == ends([span.text for span in NLP(text).sents])

    def test_marks_are_those_of_spacy(self) -> None:
        assert set(Sentencizer().punct_chars) | {"；"} == ENDS

    def test_punctuation_is_what_spacy_calls_so(self) -> None:
        for form in [".", "...", "(", "a.", "$", "😀", "—", "「", "^_^"]:
            assert is_punctuation(form) == NLP.vocab[form].is_punct


class TestParagraphs:
    """Sentences of a whole text are those that its paragraphs have one by one."""

    @pytest.mark.parametrize("language", ["en", "de", "es", "fr", "zh", "ru", "id", "xx"])
    def test_a_text_is_cut_as_its_paragraphs_are(self, language: str) -> None:
        words = [
            *PIECES,
            *{"zh": ["唔", "，", "跟進", "冇", "「", "」"], "ru": ["т.ч.", "н.в.", "в", "т."]}.get(language, []),
        ]
        for seed in range(120):
            chance = random.Random(f"{language} {seed}")
            text, bounds = lay_out(chance, [odd_paragraph(chance, words) for _ in range(chance.randint(0, 5))])
            assert all_at_once(text, bounds, language) == one_by_one(text, bounds, language), (text, bounds)

    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_sentences_end_where_those_of_spacy_do(self, language: str) -> None:
        for seed in range(60):
            chance = random.Random(f"{language} {seed}")
            words = [piece for piece in PIECES if piece.isascii()]
            text, bounds = lay_out(chance, [odd_paragraph(chance, words) for _ in range(3)])
            if not set(text) & set("；「。！…"):
                assert not differs_from_spacy(text, bounds, language), (text, bounds)

    @pytest.mark.parametrize(
        ("words", "expected"),
        [
            ("One. Two? Three", ["One.", "Two?", "Three"]),
            ("“One.” “Two.” (Three.)", ["“One.”", "“Two.”", "(Three.)"]),
            ("One.But two", ["One.", "But two"]),
            ("It was 3.5 km at 9 a.m. there. End", ["It was 3.5 km at 9 a.m. there.", "End"]),
            ("Well ... no… yes.\nNo", ["Well ... no… yes.", "No"]),
            ("One.  \u00a0 (Two) \u200b. Three", ["One.", "(Two) \u200b.", "Three"]),
            ("a" * 1200 + ". b", ["a" * 1200 + ". b"]),
            ("x", ["x"]),
        ],
    )
    def test_by_hand(self, words: str, expected: list[str]) -> None:
        text = f"A: {words}\nB. C"
        found = cut_paragraphs(text, [3], [3 + len(words)])
        assert [text[start:end] for start, end in zip(found.starts, found.ends, strict=True)] == expected
        assert found.rows.tolist() == [0] * len(expected)

    def test_no_paragraphs(self) -> None:
        assert [len(column) for column in cut_paragraphs("A. B.", [], [])] == [0, 0, 0]

    def test_marks_are_the_same_in_normal_form(self) -> None:
        """So that marks are looked for in the text as it is, and words with them in their normal form."""
        assert all(normalize(mark).text == mark for mark in ENDS)


class TestTokens:
    @settings(max_examples=300)
    @given(odd_text)
    def test_tokens_are_those_of_spacy(self, text: str) -> None:
        normal = normalize(text)
        expected = [normal.locate(token.idx, token.idx + len(token)) for token in NLP.tokenizer(normal.text)]
        assert [(token.start, token.end) for token in tokenize(text)] == expected

    @pytest.mark.parametrize("text", ['") :)3"', ": ) :) x", "a ): (: b", "' ' 'em", "8 ) 8)"])
    def test_special_cases_across_a_blank(self, text: str) -> None:
        expected = [token.text for token in NLP.tokenizer(text)]
        assert [text[token.start : token.end] for token in tokenize(text)] == expected

    def test_spanish_special_cases_with_a_blank(self) -> None:
        text = "En EE. UU. hay"
        expected = [token.text for token in spacy.blank("es").tokenizer(text)]
        assert [text[token.start : token.end] for token in tokenize(text, language="es")] == expected

    def test_lemmas(self) -> None:
        assert [token.lemma for token in tokenize("Followed MENTORS weren’t ｍｅｎｔｏｒｓ")] == [
            "follow", "mentor", "be", "not", "mentor",
        ]  # fmt: skip

    def test_mixed_text_is_cut_at_script_borders(self) -> None:
        text = "我哋followed-up，can't  OK"
        assert [(text[token.start : token.end], token.lemma) for token in tokenize(text, language="zh")] == [
            ("我", "我"), ("哋", "哋"), ("followed", "follow"), ("-", "-"), ("up", "up"), ("，", "，"),
            ("ca", "ca"), ("n't", "not"), (" ", " "), ("OK", "okay"),
        ]  # fmt: skip

    @given(st.text(max_size=60))
    def test_tokens_never_overlap_and_leave_blanks_alone(self, text: str) -> None:
        end = 0
        for token in tokenize(unicodedata.normalize("NFC", text)):
            assert token.start >= end
            assert token.end > token.start
            end = token.end

    def test_unknown_language_and_missing_model(self) -> None:
        with pytest.raises(QualcodeError, match="does not support the language"):
            tokenize("a", language="qqq")
        with pytest.raises(MissingDependencyError, match="no_such_model") as caught:
            tokenize("a", model="no_such_model")
        assert caught.value.hint == "python -m spacy download no_such_model"

    def test_a_named_model_gives_lemmas_and_sentences(self, tmp_path) -> None:
        nlp = spacy.blank("en")
        nlp.add_pipe("sentencizer", config={"punct_chars": ["|"]})
        ruler = nlp.add_pipe("attribute_ruler")
        ruler.add([[{"LOWER": "mice"}]], {"LEMMA": "Mouse"})
        nlp.to_disk(tmp_path / "model")
        model = str(tmp_path / "model")
        assert [token.lemma for token in tokenize("Mice ran", model=model)] == ["mouse", "run"]
        assert [span.end for span in split_sentences("a. b | c", model=model)] == [6, 8]


def test_languages_cut_by_rules_are_those_of_spacy() -> None:
    import spacy.lang
    from spacy.tokenizer import Tokenizer

    from qualcode.language import is_cut_at_blanks
    from qualcode.language.pipelines import OWN_TOKENIZERS

    for module in pkgutil.iter_modules(spacy.lang.__path__):
        if module.ispkg and module.name not in OWN_TOKENIZERS:
            assert type(spacy.blank(module.name).tokenizer) is Tokenizer, module.name
    assert not any(map(is_cut_at_blanks, OWN_TOKENIZERS))


def test_importing_loads_no_spacy() -> None:
    code = (
        "import sys, qualcode.language as l; l.count_words('a'); l.detect_language('好'); print('spacy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_every_table_of_lemmas_is_reached() -> None:
    given = pytest.importorskip("spacy_lookups_data")
    from qualcode.language.pipelines import has_lemmas, lemma_table

    tables = {name for name, found in vars(given).items() if isinstance(found, dict) and "lemma_lookup" in found}
    languages = {name.rstrip("_") for name in tables}  # Indonesian is `id_`
    assert len(languages) > 20
    assert [language for language in sorted(languages) if not (has_lemmas(language) and lemma_table(language))] == []


@pytest.mark.parametrize(
    ("language", "text", "lemmas"),
    [
        ("fr", "Elle abaissa l’école", ["lui", "abaisser", "le", "école"]),  # has several lemmas for a form
        ("ca", "han anat", ["haver", "anar"]),
        ("es", "en EE. UU. hablamos", ["en", "ee. uu.", "hablar"]),  # a special case with a blank in it
        ("de", "z. B. gingen", ["z.", "b.", "gehen"]),
        ("id", "Mereka menjalankan perusahaan", ["mereka", "jalan", "usaha"]),
        ("ja", "日本talks", ["日", "本", "talk"]),
    ],
)
def test_other_languages(language: str, text: str, lemmas: list[str]) -> None:
    assert [token.lemma for token in tokenize(text, language=language)] == lemmas


class TestCache:
    """Whatever state the cache is in, the tokens are the same; and it is for the user's eyes alone."""

    TEXTS = ("Our mentors can’t follow-up :) (: zorbly", '") :)3" 9a.m.')

    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.setenv("QUALCODE_CACHE", str(tmp_path / "cache"))
        return tmp_path / "cache"

    def fill(self) -> list[list[Token]]:
        lexicon = Lexicon("en")
        tokens = [lexicon.tokens(text) for text in self.TEXTS]
        lexicon.store()
        return tokens

    def test_what_is_stored_is_taken_up_without_spacy(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        expected = self.fill()
        monkeypatch.setattr("qualcode.language.pipelines.blank_pipeline", None)
        stored = Lexicon("en")
        assert stored.tokens(self.TEXTS[0]) == expected[0]
        (file,) = folder.iterdir()
        assert file.stat().st_mode & 0o777 == 0o600 or sys.platform == "win32"
        assert folder.stat().st_mode & 0o777 == 0o700 or sys.platform == "win32"

    @pytest.mark.parametrize("damage", ["", "00000000\n", "x", "ffffffff\nThe\n\x1d\n"])
    def test_a_damaged_file_is_as_none(self, folder: Path, damage: str) -> None:
        expected = self.fill()
        (file,) = folder.iterdir()
        file.write_text(damage, encoding="utf-8")
        assert self.fill() == expected
        assert storing.load("en") is not None

    def test_a_flipped_byte_is_noticed(self, folder: Path) -> None:
        self.fill()
        (file,) = folder.iterdir()
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
        assert storing.load("en") is None

    def test_writers_keep_what_others_wrote(self, folder: Path) -> None:
        one, two = Lexicon("en"), Lexicon("en")
        one.tokens("zorbly")
        two.tokens("quux")
        one.store()
        two.store()
        stored = storing.load("en")
        assert stored is not None
        assert {"zorbly", "quux"} <= set(stored.pieces)

    def test_another_version_has_another_file(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fill()
        monkeypatch.setattr("qualcode.language.storing.tell_version", lambda package: f"{package} 99")
        assert storing.load("en") is None

    def test_switched_off_and_out_of_reach(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("QUALCODE_CACHE", "off")
        self.fill()
        assert caching.cache_folder() is None
        assert caching.clear_cache() == 0
        (tmp_path / "file").write_text("in the way")
        monkeypatch.setenv("QUALCODE_CACHE", str(tmp_path / "file" / "cache"))
        self.fill()
        assert storing.load("en") is None

    def test_clear(self, folder: Path) -> None:
        self.fill()
        assert caching.clear_cache() == 1
        assert list(folder.iterdir()) == []

    def test_lone_surrogates_are_no_text(self, folder: Path) -> None:
        lexicon = Lexicon("en")
        assert [token.end for token in lexicon.tokens("a\ud800b c")] == [1, 2, 3, 5]
        lexicon.store()
        assert storing.load("en") is not None

    @settings(max_examples=50)
    @given(st.lists(st.text(max_size=12), max_size=8))
    def test_packing_loses_nothing(self, texts: list[str]) -> None:
        lexicon = lexicon_for("en")
        runs = [run for text in texts for run in text.split()]
        known = lexicon.pieces(runs)
        packed = {run: lexicon_module._pack(run, known[run]) for run in runs}
        stored = storing._unpack(
            storing._pack(storing.Stored(packed, {"a b": True}, frozenset({("a", "b")}), ("x y",)))
        )
        assert {run: lexicon_module._unpack(run, line) for run, line in stored.pieces.items()} == {
            run: known[run] for run in runs
        }
        assert stored[1:] == ({"a b": True}, frozenset({("a", "b")}), ("x y",))


@pytest.mark.parametrize("text", ["(" * 60_000, "x." * 30_000, "'" * 60_000, "a-" * 30_000])
def test_a_stretch_without_blanks_is_tokenised_in_time_that_grows_with_it(text: str) -> None:
    """spaCy alone takes minutes for it; what matters is that this ends, and that every character is in a token."""
    tokens = tokenize(f"before {text} after")
    assert tokens[0].lemma == "before"
    assert tokens[-1].lemma == "after"
    assert sum(token.end - token.start for token in tokens) == len(text) + len("before") + len("after")
