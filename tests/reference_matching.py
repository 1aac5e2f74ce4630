"""The matcher that is slow and plainly right: spaCy itself, and every combination tried."""

from __future__ import annotations

import gzip
import json
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


def plain(form: str) -> str:
    return form.replace("’", "'")


def analyse(text: str, language: str) -> Doc:
    doc = pipeline(language)(text)
    for token in doc:
        form = plain(token.text).lower()
        token.lemma_ = table(language).get(form, form)
    return doc


def variants(doc: Doc) -> list[Doc]:
    """Return a term with every choice of hyphens between its words."""
    lemmas = [token.lemma_ for token in doc]
    may_stand = [left not in "-‐‑" and right not in "-‐‑" for left, right in pairwise(lemmas)]
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
        matcher.add(str(number), variants(analyse(" ".join(term.split()), language)))
    found = set()
    for number, text in enumerate(texts):
        doc = analyse(text, language)
        for key, first, last in matcher(doc):
            span = doc[first:last]
            found.add((number, span.start_char, span.end_char, int(doc.vocab.strings[key])))
    return found
