"""Which language a text is in, told offline among those that spaCy has, or said to be unclear.

By script first: Chinese, Japanese and Korean, alone or with another language between. Then by words: a stretch in which
every tenth word is one of the commonest of English is English. What is left is asked of py3langid (see
docs/transcripts.md for why), which takes half a second to load and is loaded for nothing else.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from qualcode.language import pipelines
from qualcode.language.scripts import count_scripts

if TYPE_CHECKING:
    from collections.abc import Iterator

UNKNOWN = "xx"
"""spaCy's code for text of any language: words are cut at blanks and signs, and have no lemmas."""

SURE = 0.8
"""How much of a text must be in one language, by the mean probability of its stretches."""

FEW_WORDS = 20
"""Words below which no language is told of a text unless it is sure."""

_MIXED = 0.1
_MOST, _NOISE = 0.5, 0.1  # or half of it, where no other language has more than a tenth
_STRETCH = 300
_STRETCHES = 20
_ENGLISH_SHARE = 0.1
_MOSTLY = 0.8
_HAS_KANA = 0.1

_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_ENGLISH_WORDS = """
about and are because been but could does don't from have his how i'm it it's its just know not of okay our she that
the their there they think this were what when which why with would yeah yes you your
"""
# Of English only, or by far the commonest there.

_SAME = {"no": "nb", "ku": "kmr", "yue": "zh", "wuu": "zh", "arz": "ar", "ary": "ar", "pcm": "en", "bs": "hr"}
# Codes of py3langid that spaCy has under another one, and what is read with the words of a neighbour.


class ToldLanguage(NamedTuple):
    """The language of a text, as far as it can be told.

    Attributes
    ----------
    language
        Code of the language that it is read in: one that spaCy has, or :data:`UNKNOWN`.
    is_sure
        Whether that is clear.
    likely
        Languages with their shares, from 0 to 1, the likeliest first; empty where words were too few to tell any.
    is_library_missing
        Whether it could not be asked.
    """

    language: str
    is_sure: bool = True
    likely: tuple[tuple[str, float], ...] = ()
    is_library_missing: bool = False


def tell_language(text: str) -> ToldLanguage:
    """Return the language of a text, and whether it is clear.

    Parameters
    ----------
    text
        What people say, best without labels and time stamps. Of a long text twenty stretches are looked at.

    Returns
    -------
    ToldLanguage
        Not sure are few words, close languages (Danish and Norwegian) and several languages in one text, Chinese with
        another language between apart: that is read as Chinese or as English, whichever has more words. Unsure text of
        few words is read as English, more as the likeliest language that spaCy has.

    Examples
    --------
    >>> tell_language("We could never find a date that was good for them.").language
    'en'
    >>> tell_language("我哋成日都follow-up，但係搵唔到時間。").language
    'zh'
    """
    by_script = _tell_by_script(text)
    if by_script:
        return ToldLanguage(by_script)
    stretches = list(_stretches(text))
    others = [stretch for stretch in stretches if not _is_english(stretch)]
    if len(others) <= (1 - _MOSTLY) * len(stretches):
        return ToldLanguage("en")
    n_words = len(_WORD.findall(text[: FEW_WORDS * _STRETCH]))
    shares = _shares(others)
    if shares is None:
        return ToldLanguage("en", n_words < FEW_WORDS, is_library_missing=True)
    part = len(others) / len(stretches)
    shares = {language: share * part for language, share in shares.items()}
    shares["en"] = shares.get("en", 0) + 1 - part
    return _decide(shares, n_words)


def _tell_by_script(text: str) -> str:
    """Return the language that script tells, or ``""``; English where a tenth of the words or more are Chinese."""
    counts = count_scripts(text)
    if counts is None:
        return ""
    n_letters = counts.han + counts.kana + counts.hangul
    if n_letters > counts.words:
        if counts.hangul > n_letters / 2:
            return "ko"
        return "ja" if counts.kana > _HAS_KANA * n_letters else "zh"
    return "en" if n_letters > _MIXED * counts.words else ""


def _stretches(text: str) -> Iterator[str]:
    """Yield stretches that hold words, spread over a text."""
    text = text if len(text) < _STRETCH * _STRETCHES * 2 else _thin_out(text)
    text = " ".join(word for word in text.split() if not _DIGIT.search(word))
    for start in range(0, max(1, len(text) - _STRETCH // 2), _STRETCH):
        stretch = text[start : start + _STRETCH]
        if _WORD.search(stretch):
            yield stretch


def _thin_out(text: str) -> str:
    step = len(text) // _STRETCHES
    return " ".join(text[start : start + _STRETCH] for start in range(0, step * _STRETCHES, step))


@cache
def _english_words() -> frozenset[str]:
    return frozenset(_ENGLISH_WORDS.split())


def _is_english(stretch: str) -> bool:
    """Tell whether a stretch has many of the commonest words of English; a single one may be of another language."""
    words = _WORD.findall(stretch.replace("’", "'").lower())
    found = [word for word in words if word in _english_words()]
    return len(found) >= _ENGLISH_SHARE * len(words) and len(set(found)) > 1


def _shares(stretches: list[str]) -> dict[str, float] | None:
    """Return the mean probability of each language; ``None`` when the library is not installed."""
    identifier = _identifier()
    if identifier is None:
        return None
    shares: dict[str, float] = {}
    for stretch in stretches:
        for label, probability in identifier.rank(stretch):
            language = _SAME.get(label, label)
            shares[language] = shares.get(language, 0) + float(probability) / len(stretches)
    return shares


@cache
def _identifier() -> Any:  # py3langid is not typed
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier
    except ModuleNotFoundError:
        return None
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _decide(shares: dict[str, float], n_words: int) -> ToldLanguage:
    ranked = sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))
    (first, share), (_, next_share) = ranked[:2]
    if share >= SURE or (share >= _MOST and next_share < _NOISE):
        return ToldLanguage(first if pipelines.is_known(first) else UNKNOWN, likely=((first, share),))
    if n_words < FEW_WORDS:
        return ToldLanguage("en", first == "en")
    likely = tuple(pair for pair in ranked[:4] if pair[1] > 1 - SURE)
    known = next(language for language, _ in ranked if pipelines.is_known(language))
    return ToldLanguage(known, is_sure=False, likely=likely or (ranked[0],))


_NAMES = """
af Afrikaans, am Amharic, ar Arabic, az Azerbaijani, bg Bulgarian, bn Bengali, bo Tibetan, ca Catalan, cs Czech, cy
Welsh, da Danish, de German, dsb Lower Sorbian, el Greek, en English, eo Esperanto, es Spanish, et Estonian, eu
Basque, fa Persian, fi Finnish, fo Faroese, fr French, fy Frisian, ga Irish, gd Scottish Gaelic, gl Galician, grc
Ancient Greek, gu Gujarati, ha Hausa, he Hebrew, hi Hindi, hr Croatian, hsb Upper Sorbian, ht Haitian Creole, hu
Hungarian, hy Armenian, id Indonesian, ig Igbo, is Icelandic, it Italian, ja Japanese, ka Georgian, kk Kazakh, km
Khmer, kmr Kurdish, kn Kannada, ko Korean, ky Kyrgyz, la Latin, lb Luxembourgish, lg Ganda, lij Ligurian, lo Lao, lt
Lithuanian, lv Latvian, mg Malagasy, mk Macedonian, ml Malayalam, mn Mongolian, mr Marathi, ms Malay, mt Maltese, my
Burmese, nb Norwegian Bokmål, ne Nepali, nl Dutch, nn Norwegian Nynorsk, oc Occitan, pa Punjabi, pl Polish, ps Pashto,
pt Portuguese, qu Quechua, ro Romanian, ru Russian, rw Kinyarwanda, sa Sanskrit, si Sinhala, sk Slovak, sl Slovenian,
sn Shona, so Somali, sq Albanian, sr Serbian, sv Swedish, sw Swahili, ta Tamil, te Telugu, tg Tajik, th Thai, ti
Tigrinya, tk Turkmen, tl Tagalog, tn Tswana, tr Turkish, tt Tatar, ug Uyghur, uk Ukrainian, ur Urdu, uz Uzbek, vi
Vietnamese, xh Xhosa, xx a language that is not told, yo Yoruba, yue Cantonese, zh Chinese, zu Zulu
"""


@cache
def _names() -> dict[str, str]:
    pairs = (entry.split(maxsplit=1) for entry in _NAMES.split(","))
    return {code: " ".join(name.split()) for code, name in pairs}


def language_name(code: str) -> str:
    """Return the English name of a language by its code; the code itself where there is none here.

    >>> language_name("de"), language_name("qqq")
    ('German', 'qqq')
    """
    return _names().get(code, code)
