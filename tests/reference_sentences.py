"""Sentences of paragraphs one by one, and odd paragraphs to cut: what is cut all at once is compared with it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import spacy

from qualcode.codebook import Code, Codebook
from qualcode.codebook.tree import Rule
from qualcode.language import cut_paragraphs, is_one_sentence, is_unspeakable, normal_text, split_sentences
from qualcode.matching import compile_codebook, cut_turns

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator, Sequence

    from spacy.language import Language

MARKS = [*("." * 6), *"?!…。！；", "?!", "...", "……", '."', ".)", "!”", ".’", ".”", ".“", ".(", "?'"]
OPENERS = [*"“\"([‘'«–-—…¿「.?", "...", "'s", *"DOPs)"]
BLANKS = [" "] * 14 + ["  ", "\t", "\n", "\xa0", "\u2003", "\u3000", " \n", "\u200b ", "\xa0\xa0", "", ""]


def odd_paragraph(chance: random.Random, words: Sequence[str]) -> str:
    """Return a paragraph with many marks, at the ends of words and elsewhere."""
    parts = []
    for _ in range(chance.randint(0, 14)):
        roll = chance.random()
        opener = chance.choice(OPENERS) if roll < 0.12 else ""
        mark = chance.choice(MARKS) if 0.1 < roll < 0.45 else ""
        parts.append(f"{opener}{chance.choice(words)}{mark}{chance.choice(BLANKS)}")
    return "".join(parts).strip()


def one_by_one(text: str, bounds: Sequence[tuple[int, int]], language: str) -> list[tuple[int, int, int]]:
    """Return paragraph, start and end of each sentence."""
    found = []
    for row, (start, end) in enumerate(bounds):
        words = text[start:end]
        if is_unspeakable(words) or is_one_sentence(words):
            found.append((row, start, end))
        else:
            found += [(row, start + one.start, start + one.end) for one in split_sentences(words, language=language)]
    return found


def all_at_once(text: str, bounds: Sequence[tuple[int, int]], language: str) -> list[tuple[int, int, int]]:
    """Return the same, of the whole text."""
    starts, ends = ([bound[edge] for bound in bounds] for edge in (0, 1))
    return list(zip(*(one.tolist() for one in cut_paragraphs(text, starts, ends, language=language)), strict=True))


def as_turns(text: str, bounds: Sequence[tuple[int, int]], language: str) -> list[tuple[int, int, int]]:
    """Return the same, cut together with the words that are searched."""
    found = cut_turns(text, *_edges(bounds), language=language, model=None)
    return list(zip(found.turn.tolist(), found.start.tolist(), found.end.tolist(), strict=True))


def is_searched_alike(text: str, bounds: Sequence[tuple[int, int]], language: str, terms: Sequence[str]) -> bool:
    """Tell whether the same is found in sentences that were cut so and in the same sentences as texts."""
    rules = tuple(Rule(term, "term", term) for term in terms)
    matcher = compile_codebook(Codebook("found", codes=(Code("c", "C", rules=rules),)), language=language)
    found = cut_turns(text, *_edges(bounds), language=language, model=None)
    places = zip(found.start.tolist(), found.end.tolist(), strict=True)
    hits = matcher.find([text[start:end].replace("\n", " ") for start, end in places], engine="plain")
    return list(map(tuple, matcher.find(found.encoded))) == list(map(tuple, hits))


def _edges(bounds: Sequence[tuple[int, int]]) -> Iterator[np.ndarray]:
    return (np.array([bound[edge] for bound in bounds], np.int64) for edge in (0, 1))


def lay_out(chance: random.Random, paragraphs: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Return a text in which paragraphs stand behind labels or directly, and their bounds."""
    text, bounds = "", []
    for words in paragraphs:
        text += chance.choice(["Ana: ", "Ana:", "\n", "[00:01] ", "I. Q:\n", "\u200b: "])
        if words:
            bounds.append((len(text), len(text) + len(words)))
        text += words + chance.choice(["\n", "", " \n\n"])
    return text, bounds


@cache
def _sentencizer(language: str) -> Language:
    pipeline = spacy.blank(language)
    pipeline.add_pipe("sentencizer")
    return pipeline


def differs_from_spacy(text: str, bounds: Sequence[tuple[int, int]], language: str) -> bool:
    """Tell whether sentences of a text without Chinese end at other words than spaCy's sentencizer has them end.

    Opening marks go with what they open, where spaCy leaves them behind.
    """
    found: list[list[str]] = [[] for _ in bounds]
    for row, start, end in all_at_once(text, bounds, language):
        found[row].append(_letters(text[start:end]))
    for (start, end), ours in zip(bounds, found, strict=True):
        sentences = _sentencizer(language)(normal_text(text[start:end])).sents
        theirs = [_letters(sentence.text) for sentence in sentences]
        if list(filter(None, ours)) != list(filter(None, theirs)):
            return True
    return False


def _letters(text: str) -> str:
    return "".join(mark for mark in normal_text(text) if mark.isalnum())
