"""Language: the only door to spaCy. Tokens, lemmas, sentences, words, and which language a text is in.

spaCy is loaded when a piece of text is met that nobody has shown it yet. No model is downloaded: a blank pipeline
gives the tokens, a lookup table the lemmas, and a rule the sentences. A model that
the user has installed can be named and is then asked instead.

Text with Chinese, Japanese or Korean letters is cut at script borders: each such letter or mark is a token, and the
rest is cut as the other language. So Chinese terms match on characters and English words match inside Cantonese speech.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from qualcode.doors import open_lazily
from qualcode.errors import QualcodeError
from qualcode.language import pipelines, storing
from qualcode.language.lexicon import Lexicon, Piece, Token, cut, lexicon_for
from qualcode.language.normal_form import (
    LIKE_ACCENT,
    LIKE_BLANK,
    LIKE_HYPHEN,
    NORMAL_FORM,
    NormalText,
    caseless,
    changing_signs,
    normal_text,
    normalize,
    normalize_all,
    normalize_in_place,
)
from qualcode.language.pipelines import missing_lemmas, missing_package
from qualcode.language.scripts import (
    CJK_LETTERS,
    CJK_MARKS,
    HAN,
    align,
    count_columns,
    count_words,
    detect_language,
    has_cjk,
    word_spans,
    word_starts,
)
from qualcode.language.sentences import (
    ELLIPSIS,
    INSIDE,
    LAST,
    LETTER,
    LONG,
    NO_END,
    OPENER,
    is_one_sentence,
    is_punctuation,
    is_unspeakable,
    sentence_spans,
    spans_between,
    tell_begin,
    tell_end,
)
from qualcode.language.storing import tell_version
from qualcode.language.telling import UNKNOWN, ToldLanguage, language_name, tell_language
from qualcode.language.token_patterns import TokenPattern
from qualcode.model import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qualcode.language.counting import count_all_words, find_word_starts, mark_word_starts
    from qualcode.language.paragraphs import Places

__all__ = [
    "CJK_LETTERS",
    "CJK_MARKS",
    "ELLIPSIS",
    "HAN",
    "INSIDE",
    "LAST",
    "LETTER",
    "LIKE_ACCENT",
    "LIKE_BLANK",
    "LIKE_HYPHEN",
    "LONG",
    "NORMAL_FORM",
    "NO_END",
    "OPENER",
    "UNKNOWN",
    "Lexicon",
    "NormalText",
    "Piece",
    "Token",
    "TokenPattern",
    "ToldLanguage",
    "align",
    "caseless",
    "changing_signs",
    "count_all_words",
    "count_columns",
    "count_words",
    "cut",
    "cut_paragraphs",
    "describe_engine",
    "detect_language",
    "find_word_starts",
    "has_cjk",
    "has_lemmas",
    "is_cut_at_blanks",
    "is_cut_by_character",
    "is_one_sentence",
    "is_punctuation",
    "is_unspeakable",
    "known_language",
    "language_name",
    "learn",
    "lexicon_for",
    "mark_word_starts",
    "missing_lemmas",
    "missing_package",
    "normal_text",
    "normalize",
    "normalize_all",
    "normalize_in_place",
    "spaced_language",
    "split_sentences",
    "tell_begin",
    "tell_end",
    "tell_language",
    "tell_version",
    "tokenize",
    "word_spans",
    "word_starts",
]

__getattr__ = open_lazily(
    __name__, dict.fromkeys(("count_all_words", "find_word_starts", "mark_word_starts"), "counting")
)  # which needs numpy

_BY_CHARACTER = frozenset({"zh", "yue", "ja", "ko"})
_OTHER_CODES = {"no": "nb", "iw": "he", "in": "id", "ku": "kmr", "fil": "tl"}


def spaced_language(language: str) -> str:
    """Return the language in which text between blanks is cut: ``en`` for those that are cut by characters."""
    return "en" if language in _BY_CHARACTER else language


def known_language(code: str) -> str:
    """Return the code of a language as it is used here: ``en`` for ``en-GB``, ``nb`` for ``no``.

    Raises
    ------
    QualcodeError
        If neither spaCy nor qualcode knows it.
    """
    language = code.strip().replace("_", "-").partition("-")[0].lower()
    language = _OTHER_CODES.get(language, language)
    if language not in _BY_CHARACTER and not pipelines.is_known(language):
        raise QualcodeError(
            f"spaCy does not support the language “{code}”.", hint="Give a code such as en, zh, de, es or fr"
        )
    return language


def is_cut_by_character(language: str) -> bool:
    """Tell whether a language is written in letters of which each is a token."""
    return language in _BY_CHARACTER


def has_lemmas(language: str) -> bool:
    """Tell whether words of a language can be matched in all their forms; those of one character have no others."""
    return is_cut_by_character(language) or pipelines.has_lemmas(language)


def is_cut_at_blanks(language: str) -> bool:
    """Tell whether spaCy's tokenizer of a language works on each piece between blanks by itself."""
    return language == "en" or pipelines.is_rule_based(language)


def tokenize(text: str, *, language: str = "en", model: str | None = None) -> list[Token]:
    """Return the tokens of a text in order: where each stands and its lemma.

    Parameters
    ----------
    text
        Any text.
    language
        Code of the language, such as ``en``, ``zh`` or ``de``.
    model
        Name of an installed spaCy model whose tokens and lemmas are taken instead.

    Returns
    -------
    list of Token
        Without a model: the tokens that spaCy's blank pipeline makes of the normal form of the text (see
        :func:`normalize`, and the module for text with Chinese), in their places in the text as given. The lemma is
        the lookup table's entry for the token (see :meth:`Lexicon.lemma`), or the token itself, as it is compared
        whatever its case. Runs of blanks that spaCy makes a token of are among them.

    Raises
    ------
    MissingDependencyError
        If the model, or what spaCy needs for the language, is not installed.
    QualcodeError
        If spaCy does not know the language.
    """
    normal = normalize(text)
    tokens = _tokens(normal.text, language, model)
    if normal.starts is None:
        return tokens
    return [Token(*normal.locate(token.start, token.end), token.lemma) for token in tokens]


def _tokens(text: str, language: str, model: str | None) -> list[Token]:
    """Return the tokens of a text in normal form."""
    if model is not None:
        return [token for token, _ in _model_tokens(text, model)]
    base = spaced_language(language)
    if is_cut_at_blanks(base) or has_cjk(text):
        return lexicon_for(base).tokens(text)
    doc = pipelines.blank_pipeline(base)(text)
    return [Token(token.idx, token.idx + len(token), lexicon_for(base).lemma(token.text)) for token in doc]


def describe_engine(model: str | None = None) -> str:
    """Return what tokens and lemmas come from, each with its version: libraries, data, normal form and model.

    Parameters
    ----------
    model
        Name of an installed spaCy model.

    Raises
    ------
    MissingDependencyError
        If the model is not installed.
    """
    told = [*filter(None, storing.tell_sources()), f"normal form {NORMAL_FORM}"]
    if model is not None:
        told.append(f"{model} {pipelines.model_pipeline(model).meta.get('version', '')}")
    return ", ".join(told)


def learn(texts: Iterable[str], *, language: str = "en", model: str | None = None) -> None:
    """Show spaCy all that is new in some texts at once, which is much faster than text by text."""
    base = spaced_language(language)
    if model is None and is_cut_at_blanks(base):
        lexicon_for(base).pieces(run for text in texts for run in _runs(normal_text(text)))


def _runs(text: str) -> Iterable[str]:
    return (run for _, run, is_blank in cut(text) if not is_blank) if has_cjk(text) else text.split()


def split_sentences(text: str, *, language: str = "en", model: str | None = None) -> list[Span]:
    """Return the sentences of a text as spans, blanks trimmed, that cover every other character in order.

    Parameters
    ----------
    text
        Any text, best a paragraph.
    language
        Code of the language.
    model
        Name of an installed spaCy model whose sentences are taken instead, if it marks any.

    Raises
    ------
    MissingDependencyError
        If the model is not installed.
    """
    if model is None:
        return sentence_spans(text, tokenize(text, language=language))
    normal = normalize(text)
    starts = [
        normal.locate(token.start, token.end)[0] for token, is_start in _model_tokens(normal.text, model) if is_start
    ]
    if len(starts) <= 1:
        return sentence_spans(text, tokenize(text, model=model))
    return spans_between(text, starts)


def cut_paragraphs(
    text: str, starts: Sequence[int], ends: Sequence[int], *, language: str = "en", model: str | None = None
) -> Places:
    """Return the sentences of all paragraphs of a text at once, as :func:`split_sentences` has them one by one.

    A paragraph that nobody can have spoken, thousands of signs without a blank, is one sentence.

    Parameters
    ----------
    text
        The whole text.
    starts, ends
        Of the paragraphs: ascending, apart, and without blanks at their ends.
    language, model
        As in :func:`split_sentences`.

    Raises
    ------
    MissingDependencyError
        If the model is not installed.
    """
    from qualcode.language.paragraphs import cut_all, cut_one_by_one

    cut_one = partial(_cut_paragraph, language=language, model=model)
    base = spaced_language(language)
    if model is not None or not is_cut_at_blanks(base):
        return cut_one_by_one(text, starts, ends, cut_one)
    return cut_all(text, starts, ends, base, cut_one)


def _cut_paragraph(words: str, *, language: str, model: str | None) -> list[Span]:
    if is_unspeakable(words) or (model is None and is_one_sentence(words)):
        return [Span(0, len(words))]
    return split_sentences(words, language=language, model=model)


@lru_cache(maxsize=4096)
def _model_tokens(text: str, model: str) -> tuple[tuple[Token, bool], ...]:
    """Return a model's tokens and whether each starts a sentence; kept, since the same text is asked twice."""
    doc = pipelines.model_pipeline(model)(text)
    has_sentences = doc.has_annotation("SENT_START")
    tokens = []
    for token in doc:
        lemma = token.lemma_ and caseless(normal_text(token.lemma_), doc.lang_)
        lemma = lemma or lexicon_for(doc.lang_).lemma(token.text)
        is_start = bool(token.is_sent_start) if has_sentences else token.i == 0
        tokens.append((Token(token.idx, token.idx + len(token), lemma), is_start))
    return tuple(tokens)
