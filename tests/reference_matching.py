"""The matcher that is slow and plainly right: spaCy itself on text as people see it, every combination tried."""

from __future__ import annotations

import gzip
import json
import unicodedata
from functools import cache
from itertools import pairwise, product
from pathlib import Path

import spacy
import spacy_lookups_data
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc


@cache
def pipeline(language: str) -> spacy.Language:
    return spacy.blank(language)


@cache
def table(language: str) -> dict[str, str]:
    if not hasattr(spacy_lookups_data, language):
        return {}
    path = Path(str(getattr(spacy_lookups_data, language)["lemma_lookup"]) + ".gz")
    lemmas = json.loads(gzip.decompress(path.read_bytes()))
    return {form: lemma if isinstance(lemma, str) else lemma[0] for form, lemma in lemmas.items()}


@cache
def values(language: str) -> frozenset[str]:
    return frozenset(table(language).values())


UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
LOOKS = {"’": "'", "‘": "'", "´": "'", "`": "'", "ʼ": "'", "‐": "-", "‑": "-", "−": "-"} | dict.fromkeys(
    "\u00a0\u2003\u202f\u3000", " "
)


def plain(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return text as people see it, and where each character of it stands: letters with their marks, one by one."""
    clusters: list[tuple[int, int]] = []
    for at, sign in enumerate(text):
        if unicodedata.combining(sign) and clusters and clusters[-1][1] == at:
            clusters[-1] = clusters[-1][0], at + 1
        else:
            clusters.append((at, at + 1))
    seen: list[tuple[str, tuple[int, int]]] = []
    for place in clusters:
        sign = text[slice(*place)]
        before = text[place[0] - 1 : place[0]]
        if sign in UNSEEN and not (sign in "\u200c\u200d" and unicodedata.category(before or "a") == "So"):
            continue
        looks = LOOKS.get(sign) or unicodedata.normalize("NFC", sign)
        if sign in "‘´`" and not before.isalnum():
            looks = sign
        seen.extend((letter, place) for letter in looks)
    return "".join(letter for letter, _ in seen), [place for _, place in seen]


def lemma_of(form: str, language: str) -> str:
    small = form.replace("İ", "i").lower()
    lemmas = table(language)
    order = [small, form, small.capitalize()]
    if language == "de":
        order = [form, small, small.capitalize()]
    for one in order:
        if one in lemmas and (one in {small, order[0]} or small not in values(language)):
            return unicodedata.normalize("NFC", lemmas[one].casefold())
    return unicodedata.normalize("NFC", small.casefold())


def analyse(text: str, language: str) -> Doc:
    doc = pipeline(language)(text)
    for token in doc:
        token.lemma_ = lemma_of(token.text, language)
    return doc


def variants(doc: Doc) -> list[Doc]:
    """Return a term with every choice of hyphens between its words."""
    lemmas = [token.lemma_ for token in doc]
    may_stand = ["-" not in {left, right} for left, right in pairwise(lemmas)]
    choices = [("", "-") if may else ("",) for may in may_stand]
    found = []
    for chosen in product(*choices):
        words = [lemmas[0]]
        for hyphen, lemma in zip(chosen, lemmas[1:], strict=True):
            words.extend([hyphen, lemma] if hyphen else [lemma])
        found.append(Doc(doc.vocab, words=words, lemmas=words))
    return found


def find_terms(texts: list[str], terms: list[str], language: str = "en") -> set[tuple[int, int, int, int]]:
    """Return text, start, end and number of every term, as spaCy's own PhraseMatcher finds it."""
    matcher = PhraseMatcher(pipeline(language).vocab, attr="LEMMA")
    for number, term in enumerate(terms):
        matcher.add(str(number), variants(analyse(" ".join(plain(term)[0].split()), language)))
    found = set()
    for number, text in enumerate(texts):
        seen, places = plain(text)
        doc = analyse(seen, language)
        for key, first, last in matcher(doc):
            span = doc[first:last]
            start, end = places[span.start_char][0], places[span.end_char - 1][1]
            found.add((number, start, end, int(doc.vocab.strings[key])))
    return found
