"""What a speaker's label looks like: names by their form, roles, and what a colon follows that is neither."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from qualcode.sources.vocabulary import (
    EVENTS,
    FIRST_WORDS,
    GROUPS,
    INTERVIEWER,
    INTERVIEWER_TITLE,
    NO_NAMES,
    NUMBERED_HEADING,
    PARTICIPANT,
    RESERVE,
    SENTENCE_WORDS,
    SPEECH_VERBS,
)

INVISIBLE = "\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069"
"""Marks of direction and joiners without width, as the inside of a class of a regular expression."""

_MARKS = re.compile(f"[{INVISIBLE}]")
_WORD = re.compile(r"[^\W_]+(?:['’.&/-][^\W_]+)*\.?")
_BAD_SIGN = re.compile(r"[!?;,。！？；，、…\"“”«»=<>|؟،]|\.\.")
_TITLE = re.compile(
    r"\b(?:(?:Dr|Dra|Mr|Mrs|Ms|Mx|Prof|St|Jr|Sr|Sra|Srta|Hr|Fr|Mme|Mlle|Rev|Ing|Lic|Ph\.?D|M\.?D|Esq|[A-Z])\."
    r"|(?:[Nn][or]|[A-Z][a-z]{1,5})\.(?=\s?\d))"
)
_SENT = re.compile(r"From ([^\W\d_a-z].*?)(?: [Tt]o \S.*)?")
_IN_BRACKETS = re.compile(r"\s*[(（\[【]([^()（）\[\]【】]*)[)）\]】]$")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af]")
_LONE_ROLE = re.compile(r"[^\W\d_]\d{0,3}|[A-Za-z]{1,3}\d{1,3}|SPEAKER[ _]?\d+", re.IGNORECASE)
_PARTICLES = frozenset({"de", "da", "di", "du", "van", "von", "der", "den", "al", "bin", "and", "of", "la", "y", "und"})
_PHONE = re.compile(r"\+\d[\d ()\u2011-]{6,18}")
_TRAIL = re.compile(r"(?:\s*[,;·•]|\s[-–—@])+$")
_WHOLE = re.compile(r"[\[(（【]\s*([^\[\]()（）【】]+?)\s*[\])）】]")
_ASIDE = re.compile(r"[\[(（【]([^\[\]()（）【】]+)[\])）】]\s*(?=\w)")
_BAR = re.compile(r"\s+[|｜]\s+|[|｜]")
_GENDERED = re.compile(r"(?<=\w)[*:_·/]\s?(?:inn?en|in|r|n|e|a|o|x|@)\b", re.IGNORECASE)
_NO_LOOSE_SIGN = re.compile(r"[!?;。！？；…\"“”«»=<>؟]|\.\.|\d\.\d|https?$")
_MAX_NAME_WORDS = 6
_MAX_LOOSE_WORDS = 14
_MAX_COMMAS = 3
_MAX_HAN_NAME = 12
_MAX_LONE_HAN_NAME = 6

_once = lru_cache(maxsize=1 << 14)
"""A transcript asks the same of a few labels thousands of times."""


@_once
def speaker_of(text: str) -> str:
    """Return a label as a speaker is called: blanks single, without marks of direction and ``(laughing)``."""
    name = " ".join(_MARKS.sub("", text).split())
    name = name.removesuffix(" [v]")  # a verbal tier of EXMARaLDA
    if sent := _SENT.fullmatch(name):
        name = sent[1]
    name = _TRAIL.sub("", name)
    if whole := _WHOLE.fullmatch(name):
        name = whole[1]
    before = _ASIDE.match(name)
    if before and _is_event(before[1]):
        name = name[before.end() :]
    aside = _IN_BRACKETS.search(name)
    if aside and aside.start() and EVENTS.fullmatch(aside[1]):
        name = name[: aside.start()]
    return name


def fold_label(label: str) -> str:
    """Return a label in the form in which one person's are equal in all files: blanks single, case apart."""
    return " ".join(label.split()).casefold()


def _is_event(text: str) -> bool:
    """Tell whether what stands in brackets before a name is a note, such as ``[laughs]``."""
    return bool(EVENTS.fullmatch(text)) or text[:1].islower()


@_once
def is_name(text: str) -> bool:
    """Tell whether a text is a speaker's label, as far as can be said without its file."""
    text = _bare(text)
    if _PHONE.fullmatch(text):
        return True
    if is_inverted(text):
        text = text.replace(",", "", 1)
    if _BAD_SIGN.search(text) or re.search(r"\.\s|\d\.\d", _TITLE.sub("", text)) or NUMBERED_HEADING.fullmatch(text):
        return False
    if text.casefold() in NO_NAMES:
        return is_reserve(text)
    if _HAN.search(text):
        return len(text) <= _MAX_HAN_NAME and (is_role(text) or not text.endswith(SPEECH_VERBS))
    words = _WORD.findall(text)
    if not words or len(words) > _MAX_NAME_WORDS or not any(letter.isalpha() for letter in text):
        return False
    return is_reserve(text) or is_role(text) or not _is_phrase([word.casefold() for word in words])


def _bare(text: str) -> str:
    """Return a label without what is only added to a name: ``(she/her)``, ``| School B``, ``*in``, vowel signs."""
    text = speaker_of(text)
    text = _IN_BRACKETS.sub("", text) or text
    if "|" in text or "｜" in text:
        name, *more = _BAR.split(text)
        text = name if name.strip() and all(is_proper(part) for part in more if part.strip()) else text
    text = _GENDERED.sub("", text)
    return text if text.isascii() else _without_marks(text)


def _without_marks(text: str) -> str:
    """Return a text without combining marks, which are parts of letters and of no class of regular expressions."""
    return "".join(sign for sign in text if not unicodedata.category(sign).startswith("M"))


@_once
def may_be_name(text: str) -> bool:
    """Tell whether a text can be a speaker's label by its form alone, where the file bears it out."""
    if is_name(text):
        return True
    text = _bare(text)
    if _NO_LOOSE_SIGN.search(text) or re.search(r"\.\s", _TITLE.sub("", text)) or text.count(",") > _MAX_COMMAS:
        return False
    if NUMBERED_HEADING.fullmatch(text) or text[:1].islower() or not any(sign.isalpha() for sign in text):
        return False
    return 0 < len(_WORD.findall(text)) <= _MAX_LOOSE_WORDS


@_once
def is_titled(name: str) -> bool:
    """Tell whether a label of several words is written as names and offices are: ``Will Lee``, ``Ann, Head of IT``."""
    words = _WORD.findall(_bare(name))
    if len(words) <= 1 or not (words[0][0].isupper() and words[-1][:1].isupper()):
        return False
    if all(word.casefold() in SENTENCE_WORDS or word == "I" for word in words):
        return False
    return bool(2 * sum(word[0].isupper() for word in words) >= len(words))


def _is_phrase(words: list[str]) -> bool:
    """Tell whether words belong to a sentence; those of one letter may be labels."""
    return words[0] in FIRST_WORDS or any(word in SENTENCE_WORDS for word in words)


def is_inverted(text: str) -> bool:
    """Tell whether a name has its family name first, before a comma: ``Lee, Ana``."""
    return text.count(",") == 1 and all(
        part.strip() and all(_is_proper(word) for word in part.split()) for part in text.split(",")
    )


def is_reserve(name: str) -> bool:
    """Tell whether a label is one only where a file has no other, as ``Me``, ``Them``, ``Question``, ``Answer``."""
    return name[:1].isupper() and name.casefold() in RESERVE


@_once
def is_role(text: str) -> bool:
    """Tell whether a label names a role in an interview."""
    text = _GENDERED.sub("", text)
    return any(pattern.fullmatch(text) for pattern in (INTERVIEWER, PARTICIPANT, GROUPS)) or is_asking(text)


@_once
def is_asking(name: str) -> bool:
    """Tell whether a label names the role of an interviewer, also behind a name or before it.

    >>> [is_asking(name) for name in ("Ana (interviewer)", "Ana Lee, Researcher", "Interviewer Ana", "Ana")]
    [True, True, True, False]
    """
    name = _GENDERED.sub("", name)
    aside = _IN_BRACKETS.search(name)
    role = aside[1] if aside else name.rpartition(",")[2].strip()
    if INTERVIEWER.fullmatch(name) or INTERVIEWER.fullmatch(role):
        return True
    titled = INTERVIEWER_TITLE.match(name)
    return titled is not None and is_proper(name[titled.end() :])


@_once
def is_sure(name: str) -> bool:
    """Tell whether a label is one by itself, however often it stands: a role, a letter, ``P12``, ``SPEAKER_01``."""
    return bool(is_role(name) or _LONE_ROLE.fullmatch(name))


@_once
def is_proper(name: str) -> bool:
    """Tell whether a label is written as proper names are: capitals, or few Chinese characters."""
    name = _IN_BRACKETS.sub("", name) or name
    if _HAN.search(name):
        return len(name) <= _MAX_LONE_HAN_NAME
    return all(map(_is_proper, _WORD.findall(name))) and not name[:1].islower()


def is_small(name: str) -> bool:
    """Tell whether a label is written in small letters, as words in a sentence are: not ``von Trapp``."""
    words = _WORD.findall(name)
    return bool(words) and words[0][0].islower() and not any(word[0].isupper() for word in words)


def _is_proper(word: str) -> bool:
    return not word[0].islower() or word in _PARTICLES or word[:2] in {"d'", "d’", "l'", "l’"}
