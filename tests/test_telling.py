"""Which language a text is in: told where it is clear, and said where it is not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from qualcode.codebook import parse_codebook
from qualcode.errors import QualcodeError
from qualcode.language import UNKNOWN, has_lemmas, known_language, language_name, tell_language, telling
from qualcode.sources import read_transcript
from qualcode.tagging import tag

FIELD = Path(__file__).parent / "data" / "field-cases"
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

ENGLISH = "We could never find a date that was good for all of them, and so they asked us to wait."
GERMAN = "Wir haben keine Zeit gefunden, weil die Firmen nicht wollten, und dann haben wir gewartet."
SPANISH = "No teníamos tiempo para hablar con los niños, y no sabíamos qué hacer con la escuela."
SWAHILI = "Hatukuwa na muda wa kuzungumza na watoto, kwa hiyo tuliwaomba warudi kesho pamoja na wazazi wao wote."
INDONESIAN = (
    "Kami tidak punya waktu untuk berbicara dengan anak-anak, jadi kami minta mereka datang lagi besok pagi di "
    "sekolah bersama orang tua."
)


@pytest.fixture
def library() -> None:
    pytest.importorskip("py3langid")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (ENGLISH, "en"),
        ("I don’t think so.", "en"),
        ("WE DON'T KNOW WHAT THEY WANT.", "en"),
        ("我哋成日都follow-up，但係搵唔到時間。", "zh"),
        ("So we 跟進 with the mentors and then they 冇時間 again for the meeting, you know", "en"),
        ("時間がなかったので、話せませんでした。", "ja"),
        ("시간이 없어서 이야기를 못 했어요.", "ko"),
        ("", "en"),
        ("1 2 3 …", "en"),
    ],
)
def test_english_and_chinese_are_told_without_the_library(text: str, language: str, monkeypatch) -> None:
    def refuse() -> None:
        raise AssertionError("the library was loaded")

    monkeypatch.setattr(telling, "_identifier", refuse)
    assert tell_language(text)[:2] == (language, True)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("text", "language"),
    [
        (GERMAN, "de"),
        (SPANISH, "es"),
        ("On n’avait pas le temps, l’école était fermée aujourd’hui.", "fr"),
        ("İş yoktu. Yeni iş bulduk. Işık yandı, ışık söndü.", "tr"),
        ("हमारे पास समय नहीं था। मुझे हिन्दी पसंद है।", "hi"),
        ("لم يكن لدينا وقت للتحدث مع الأطفال في المدرسة.", "ar"),
        ("У нас не было времени поговорить с детьми.", "ru"),
        ("Δεν είχαμε χρόνο να μιλήσουμε με τα παιδιά.", "el"),
        ("Vi havde ikke tid til at tale med børnene i skolen.", "da"),
        ("Vi hadde ikke tid til å snakke med barna, så vi ba dem komme tilbake i morgen.", "nb"),
        ("We hadden het er niet over, maar we wilden met de kinderen praten of met hun ouders.", "nl"),
        ("As crianças e as mães não tinham tempo, e as outras não vieram.", "pt"),
        ("Det er ikke godt for os, vi vil have mere tid for børnene.", "da"),
        (f"{GERMAN} Herr Chan (陳) kam auch.", "de"),
    ],
)
def test_languages_of_spacy(text: str, language: str) -> None:
    assert tell_language(text)[:2] == (language, True)


@pytest.mark.usefixtures("library")
class TestDoubt:
    def test_few_words(self) -> None:
        assert tell_language("Ja, genau.")[:2] == ("en", False)

    def test_close_languages(self) -> None:
        told = tell_language(INDONESIAN)
        assert told[:2] == ("id", False)
        assert [language for language, _ in told.likely] == ["id", "ms"]

    def test_several_languages(self) -> None:
        told = tell_language(f"{ENGLISH} " * 15 + f"{SPANISH} " * 15)
        assert not told.is_sure
        assert {language for language, _ in told.likely} == {"en", "es"}

    def test_a_word_of_another_language_changes_nothing(self) -> None:
        assert tell_language(f"{ENGLISH} " * 30 + SPANISH)[:2] == ("en", True)

    def test_a_language_that_spacy_lacks(self) -> None:
        told = tell_language(SWAHILI)
        assert (told.language, told.is_sure, told.likely[0][0]) == (UNKNOWN, True, "sw")

    def test_the_order_of_a_long_text_does_not_matter(self) -> None:
        assert tell_language(f"{GERMAN} " * 400)[:2] == ("de", True)


def write(folder: Path, speech: str) -> Path:
    path = folder / "talk.txt"
    path.write_text(f"I: {speech}\nAna: {speech}\n", encoding="utf-8")
    return path


def told_of(path: Path, **options: str) -> tuple[str, set[tuple[str, str]]]:
    transcript = read_transcript(path, **options)
    rules = {"language-unclear", "language-unknown", "language-package", "no-lemmas"}
    found = {(one.level, one.rule) for one in transcript.source.problems if one.rule in rules}
    return transcript.language, found


@pytest.mark.usefixtures("library")
class TestReading:
    def test_field_case(self) -> None:
        case = FIELD / "language-named-english"
        assert told_of(case / "de.txt") == ("de", set())
        assert told_of(case / "hi.txt") == ("hi", {("note", "no-lemmas")})
        assert told_of(FIELD / "turkish-i" / "talk.txt") == ("tr", set())
        assert told_of(FIELD / "german-nouns" / "talk.txt") == ("de", set())

    def test_what_could_change_a_number_is_a_warning(self, tmp_path: Path) -> None:
        assert told_of(write(tmp_path, INDONESIAN)) == ("id", {("warning", "language-unclear")})
        assert told_of(write(tmp_path, SWAHILI)) == (UNKNOWN, {("note", "language-unknown")})
        assert told_of(write(tmp_path, "Ja, genau.")) == ("en", {("note", "language-unclear")})

    def test_what_is_given_decides(self, tmp_path: Path) -> None:
        assert told_of(write(tmp_path, GERMAN), language="en-GB") == ("en", set())
        assert told_of(write(tmp_path, INDONESIAN), language="ms") == ("ms", {("note", "no-lemmas")})

    def test_a_language_whose_package_is_missing(self, tmp_path: Path) -> None:
        if not telling.pipelines.missing_package("vi"):
            pytest.skip("pyvi is installed")
        speech = "Chúng tôi không có thời gian để nói chuyện với các em, nên chúng tôi hẹn ngày mai quay lại trường."
        assert told_of(write(tmp_path, speech)) == (UNKNOWN, {("warning", "language-package")})

    def test_rules_find_the_words_of_the_language(self, tmp_path: Path) -> None:
        (sheet,) = tag([read_transcript(write(tmp_path, GERMAN))], parse_codebook("codes: [{id: a, rules: [Firma]}]"))
        assert len(sheet.codings) == 2


@pytest.mark.usefixtures("library")
@pytest.mark.skipif(not SHARED.exists(), reason="the development data is not here")
@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("sample-chinese.txt", "zh"),
        ("sample-english.bom.txt", "en"),
        ("sample-french-1.txt", "fr"),
        ("sample-greek.txt", "el"),
        ("sample-korean.txt", "ko"),
        ("sample-russian.txt", "ru"),
        ("sample-spanish.txt", "es"),
        ("sample-turkish.txt", "tr"),
    ],
)
def test_published_samples(name: str, language: str) -> None:
    path = SHARED / "encodings" / "charset_normalizer" / "data" / name
    assert read_transcript(path).language == language


def test_without_the_library_reading_goes_on_and_says_so(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(telling, "_identifier", lambda: None)
    assert told_of(write(tmp_path, GERMAN)) == ("en", {("warning", "language-unclear")})
    assert told_of(write(tmp_path, "Ja.")) == ("en", set())


def test_names_and_codes() -> None:
    assert [language_name(code) for code in ("de", "nb", "sw", "qqq")] == [
        "German", "Norwegian Bokmål", "Swahili", "qqq",
    ]  # fmt: skip
    assert [known_language(code) for code in ("no", "iw", "en-GB", "zh_HK")] == ["nb", "he", "en", "zh"]
    with pytest.raises(QualcodeError, match="does not support the language"):
        known_language("qqq")


def test_which_languages_have_lemmas() -> None:
    assert [has_lemmas(code) for code in ("en", "de", "tr", "zh", "ja", "id", "hi", "xx")] == [
        True, True, True, True, True, True, False, False,
    ]  # fmt: skip


def test_english_talk_loads_neither_the_library_nor_spacy() -> None:
    code = (
        f"import sys; from qualcode.language import tell_language; tell_language({ENGLISH!r}); "
        "print(any(name in sys.modules for name in ('py3langid', 'spacy', 'numpy')))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_lemmas_of_a_language_that_are_not_installed_are_named_with_the_command(tmp_path: Path, monkeypatch) -> None:
    found = telling.pipelines.importlib.util.find_spec
    monkeypatch.setattr(
        telling.pipelines.importlib.util,
        "find_spec",
        lambda name: None if name == "spacy_lookups_data" else found(name),
    )
    telling.pipelines.lemma_table.cache_clear()
    problems = read_transcript(write(tmp_path, GERMAN)).source.problems
    (problem,) = (one for one in problems if one.rule == "lemmas-missing")
    assert problem.level == "warning"
    assert problem.hint == 'pip install "qualcode[languages]"'
    assert told_of(write(tmp_path, ENGLISH)) == ("en", set())
    assert telling.pipelines.lemma_table("en")["went"] == "go"
    telling.pipelines.lemma_table.cache_clear()
