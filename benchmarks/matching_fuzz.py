"""The matcher against spaCy and against trying every choice, sentences of whole texts against spaCy: random cases.

Run ``python benchmarks/matching_fuzz.py [--cases N] [--seed N] [--only KIND]`` with the ``dev`` extras installed. It
prints how many cases there were, in how many any engine differed, and ends with 1 if any did. The tests draw from the
same things in less time; this is written apart from them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import sys
import tempfile
from fnmatch import fnmatchcase
from functools import cache
from itertools import pairwise, product, takewhile
from pathlib import Path

os.environ["QUALCODE_CACHE"] = "off"
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from reference_matching import find_terms, plain
from reference_passages import agrees, make_codebook, make_transcripts
from reference_sentences import (
    all_at_once,
    as_turns,
    differs_from_spacy,
    is_searched_alike,
    lay_out,
    odd_paragraph,
    one_by_one,
)

from qualcode.codebook import Code, Codebook, parse_codebook
from qualcode.codebook.tree import Rule
from qualcode.language import lexicon_for
from qualcode.matching import compile_codebook, encode, encoding, vocabulary


def words_of(text: str) -> list[str]:
    return text.split()


WORDS = words_of(
    "the mentor Mentors MENTORING follow-up followed up can't can’t don’t it's gonna e.g. a.m. 9a.m. "
    "Dr. U.S. o'clock ’cause 'em 's n't 3.5 1,000 10km $5 5€ 50% and/or http://x.y/z?a=1 www.a.org/b "
    "a@b.co #tag @you 😀 👍🏽 👩‍👩‍👧 café cafe\u0301 naïve ß ẞ İ x_x ¯\\(ツ)/¯ co‑op co‐op re-re- -x x- "
    "-- — – ... … .. ( ) [ ] \" ' ‘ ’ “ ” « » , . ! ? ; : / & + = * ~ :) :-) :( :)3 8-D XD <3 (: ): "
    ";-) \u200b zero\u200bwidth \ufeff \xad soft\xadhyphen ma'am Jan. w/o nothin’ let's y'all I'd've "
    "were we're was being better worst children geese left saw"
)
SPANISH = words_of(
    "EE. UU. EE. UU. EE.UU. a.m. p.m. Sr. Sra. el los niños niño hablamos ¿ ? ¡ ! está fui del al pág. q.e.d."
)
GERMAN = words_of(
    "z.B. z. B. d.h. Frau Häuser Haus ging's geht’s ä.O. Dr. die Kinder § 3 usw. E-Mail-Adresse ßß Müllers"
)
FRENCH = words_of("l'école l’école aujourd'hui qu'il c’est M. Mme. rendez-vous enfants enfant J.-C. allés « » ! ? n°5")
CHINESE = words_of("我 哋 跟 進 跟進 冇 時間 唔 ， 。 「 」 ？ mentor follow-up OK 師友 can't カ タ 한국")
BLANKS = [" "] * 12 + ["  ", "\t", "\n", "\xa0", "\u2003", "\u3000", "\r\n", "", ""]
LANGUAGES = {"en": WORDS, "es": SPANISH + WORDS, "de": GERMAN + WORDS, "fr": FRENCH + WORDS, "zh": CHINESE}


def odd_text(chance: random.Random, words: list[str], size: int) -> str:
    return "".join(chance.choice(words) + chance.choice(BLANKS) for _ in range(chance.randint(0, size)))


def book(terms: list[str]) -> Codebook:
    return Codebook("fuzz", codes=(Code("c", "C", rules=tuple(Rule(term, "term", term) for term in terms)),))


def results(codebook: Codebook, texts: list[str], language: str) -> dict[str, set[tuple[int, int, int, int]]]:
    """Return what each engine finds."""
    matcher = compile_codebook(codebook, language=language)
    ways = {"plain": matcher.find(texts, engine="plain"), "columns": matcher.find(texts, engine="columns")}
    ways["encoded"] = matcher.find(encode(texts, language=language))
    return {way: {tuple(hit) for hit in hits} for way, hits in ways.items()}


def against_spacy(chance: random.Random, language: str) -> bool:
    """Tell whether plain terms are found where spaCy's PhraseMatcher finds them."""
    words = LANGUAGES[language]
    texts = [odd_text(chance, words, 10) for _ in range(chance.randint(1, 4))]
    if language == "zh":  # spaCy's zh cuts each character apart; ours cuts only Chinese so
        texts = [re.sub(r"[^\u3400-\u9fff\u3000-\u303f\uff0c\uff1f ]", "", text) for text in texts]
        texts = [re.sub(" +", " ", text).strip() for text in texts]
        words = [word for word in words if "\u3400" <= word[0] <= "\u9fff"]
    terms = set()
    for _ in range(chance.randint(1, 5)):
        term = chance.choice([" ", "-", " "]).join(chance.choice(words) for _ in range(chance.randint(1, 3)))
        if plain(term)[0].split() and not set(term) & set("*?$…\\") and "..." not in term:
            terms.add(term.strip())
    if not terms:
        return True
    chosen = sorted(terms)
    expected = find_terms(texts, chosen, language)
    return all(found == expected for found in results(book(chosen), texts, language).values())


def small_text(chance: random.Random) -> str:
    return " ".join(
        chance.choice(["a", "b", "c", "d", "e", "not", "never", ",", "but", "x"]) for _ in range(chance.randint(0, 14))
    )


class Oracle:
    """What a rule finds in a text of plain words with single blanks between, by trying every choice of places."""

    def __init__(self, text: str) -> None:
        self.words = text.split(" ") if text else []
        self.starts = []
        at = 0
        for word in self.words:
            self.starts.append(at)
            at += len(word) + 1

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return start and end in the text."""
        return self.starts[first], self.starts[last] + len(self.words[last])

    def matches(self, term: object) -> set[tuple[int, int]]:
        """Return first and last word of every match."""
        if isinstance(term, str):
            return self.term(term.split(" "))
        ((kind, members),) = ((key, value) for key, value in term.items() if key in {"all", "any"})
        found = [self.matches(member) for member in members]
        if kind == "any":
            return set().union(*found)
        hulls = set()
        for choice in product(*found):
            in_order = all(one[1] < other[0] for one, other in pairwise(choice))
            if in_order or not term.get("ordered"):
                hulls.add((min(one[0] for one in choice), max(one[1] for one in choice)))
        smallest = {one for one in hulls if not any(o != one and o[0] >= one[0] and o[1] <= one[1] for o in hulls)}
        return {one for one in smallest if self.fits(one, term.get("within", "sentence"))}

    def term(self, parts: list[str]) -> set[tuple[int, int]]:
        """Return first and last word of every match of a term, its words and gaps given."""
        places = [
            [at for at, word in enumerate(self.words) if fnmatchcase(word, part)] for part in parts if part != "..."
        ]
        gaps = [0]
        for part in parts[1:]:
            if part == "...":
                gaps[-1] = 5
            else:
                gaps.append(0)
        found = set()
        for choice in product(*places):
            steps = [b - a - 1 for a, b in pairwise(choice)]
            if all(0 <= step <= reach for step, reach in zip(steps, gaps, strict=False)):
                found.add((choice[0], choice[-1]))
        return found

    def fits(self, hull: tuple[int, int], window: object) -> bool:
        """Tell whether a stretch is no longer than a window."""
        return window == "sentence" or sum(word != "," for word in self.words[hull[0] : hull[1] + 1]) <= window

    def near(self, hull: tuple[int, int], terms: object, window: object) -> bool:
        """Tell whether one of some terms stands in the same window."""
        return any(
            self.fits((min(hull[0], one[0]), max(hull[1], one[1])), window)
            for term in (terms if isinstance(terms, list) else [terms])
            for one in self.matches(term)
        )

    def is_negated(self, at: int) -> bool:
        """Tell whether a word that denies stands before, at most five words away, in the same clause."""
        before = self.words[max(0, at - 6) : at][::-1]
        clause = list(takewhile(lambda word: word not in {",", "but"}, before))
        return "not" in clause or "never" in clause

    def hits(self, rule: dict[str, object]) -> set[tuple[int, int]]:
        """Return start and end of every hit of a rule."""
        window = rule.get("within", "sentence")
        found = set()
        for hull in self.matches(rule.get("term", rule)):
            if "unless" in rule and self.near(hull, rule["unless"], window):
                continue
            if "near" in rule and not self.near(hull, rule["near"], window):
                continue
            if "negated" in rule and self.is_negated(hull[0]) != (rule["negated"] == "only"):
                continue
            found.add(self.span(*hull))
        return found


def small_term(chance: random.Random, depth: int = 0) -> object:
    roll = chance.random()
    if depth < 2 and roll < 0.3:
        kind = chance.choice(["all", "any"])
        made: dict[str, object] = {kind: [small_term(chance, depth + 1) for _ in range(chance.randint(1, 3))]}
        if kind == "all" and chance.random() < 0.5:
            made["within"] = chance.randint(1, 8)
        if kind == "all" and chance.random() < 0.4:
            made["ordered"] = True
        return made
    letters = ["a", "b", "c", "d", "e"]
    if roll < 0.45:
        return " ... ".join(chance.choice([*letters, "*e"]) for _ in range(chance.randint(2, 3)))
    if roll < 0.55:
        return chance.choice(["n*", "*r", "*t", "b*", "ne?er"])
    return " ".join(chance.choice(letters) for _ in range(chance.randint(1, 2)))


def against_every_choice(chance: random.Random, language: str) -> bool:
    """Tell whether rules with conditions find what trying every choice finds."""
    texts = [small_text(chance) for _ in range(chance.randint(1, 4))]
    term = small_term(chance)
    rule: dict[str, object] = dict(term) if isinstance(term, dict) else {"term": term}
    for key in ("unless", "near"):
        if chance.random() < 0.3:
            rule[key] = [small_term(chance, 1) for _ in range(chance.randint(1, 2))]
    if "within" not in rule and chance.random() < 0.3:
        rule["within"] = chance.randint(1, 8)
    if chance.random() < 0.3:
        rule["negated"] = chance.choice(["skip", "only"])
    codebook = parse_codebook(json.dumps({"codes": [{"id": "c", "rules": [rule]}]}))
    expected = {(number, *span, 0) for number, text in enumerate(texts) for span in Oracle(text).hits(rule)}
    return all(found == expected for found in results(codebook, texts, language).values())


def whatever_state(chance: random.Random, language: str) -> bool:
    """Tell whether order of codes, size of blocks and state of the cache change nothing."""
    words = LANGUAGES[language]
    texts = [odd_text(chance, words, 8) for _ in range(chance.randint(1, 6))]
    terms = sorted({chance.choice(WORDS) for _ in range(5)} - set("*?"))
    terms = [term for term in terms if plain(term)[0] and not set(term) & set("*?$…\\") and "..." not in term]
    codes = [Code(f"c{number}", "C", rules=(Rule(term, "term", term),)) for number, term in enumerate(terms)]
    frames = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["QUALCODE_CACHE"] = folder
        for state in ("empty", "filled", "corrupt", "half"):
            lexicon_for.cache_clear()
            vocabulary.vocabulary_for.cache_clear()
            for file in Path(folder).glob("lexicon-*"):
                data = file.read_bytes()
                if state == "corrupt":
                    file.write_bytes(data[: len(data) // 2] + b"?" + data[len(data) // 2 + 1 :])
                elif state == "half":
                    file.write_bytes(data[: chance.randrange(len(data))])
            shuffled = codes[:]
            chance.shuffle(shuffled)
            usual = encoding.BLOCK_TEXTS
            encoding.BLOCK_TEXTS = chance.choice([1, 2, 3, usual])
            matcher = compile_codebook(Codebook("fuzz", codes=tuple(shuffled)), language=language)
            hits = matcher.find(texts, engine=chance.choice(["plain", "columns"]))
            encoding.BLOCK_TEXTS = usual
            lexicon_for("en" if language == "zh" else language).store()
            frames.append(set(map(tuple, hits.to_frame().itertuples(index=False))))
        os.environ["QUALCODE_CACHE"] = "off"
        lexicon_for.cache_clear()
        vocabulary.vocabulary_for.cache_clear()
    return all(frame == frames[0] for frame in frames)


@cache
def passage_books(language: str) -> list[Codebook]:
    """Return some codebooks of words of a language."""
    chance = random.Random(language)
    plain_words = [word for word in LANGUAGES[language] if word.isalpha() and plain(word)[0] == word]
    return [make_codebook(chance.sample(plain_words, 6)) for _ in range(20)]


def passages_beside_sets(chance: random.Random, language: str) -> bool:
    """Tell whether passages, and the units that they touch, are those of sets of sentences and characters."""
    codebook = chance.choice(passage_books(language))
    common = [term for code in codebook.walk() for rule in code.rules for term in [rule.pattern] if term.isalnum()]
    words = [*common * 3, *chance.sample(LANGUAGES[language], 20)]
    transcripts = make_transcripts(chance, words, BLANKS, language)
    return agrees(transcripts, codebook, chance.choice(["turn", "paragraph", "sentence"]))


def sentences_at_once(chance: random.Random, language: str) -> bool:
    """Tell whether the sentences of a whole text are those of its paragraphs one by one, and end where spaCy's do."""
    paragraphs = [odd_paragraph(chance, LANGUAGES[language]) for _ in range(chance.randint(0, 5))]
    text, bounds = lay_out(chance, paragraphs)
    alone = one_by_one(text, bounds, language)
    if alone != all_at_once(text, bounds, language) or alone != as_turns(text, bounds, language):
        return False
    terms = {chance.choice(LANGUAGES[language]) for _ in range(4)}
    terms = sorted(term for term in terms if plain(term)[0] and not set(term) & set("*?$…\\") and "..." not in term)
    if terms and not is_searched_alike(text, bounds, language, terms):
        return False
    # At Chinese marks spaCy's other languages do not end sentences, or cut words elsewhere.
    return bool(re.search("[；「。！…ツ]", text)) or language == "zh" or not differs_from_spacy(text, bounds, language)


KINDS = {
    **{f"passages beside sets, {language}": (passages_beside_sets, language, 0.2) for language in LANGUAGES},
    **{f"terms beside spaCy, {language}": (against_spacy, language, share) for language, share in
       (("en", 1.0), ("es", 0.25), ("de", 0.25), ("fr", 0.25), ("zh", 0.25))},
    **{f"sentences at once, {language}": (sentences_at_once, language, share) for language, share in
       (("en", 0.5), ("es", 0.125), ("de", 0.125), ("fr", 0.125), ("zh", 0.125))},
    "rules beside every choice": (against_every_choice, "en", 1.0),
    "any order, blocks and cache": (whatever_state, "en", 0.02),
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="kinds whose names begin so, such as passages")
    options = parser.parse_args()
    total = 0
    for name, (compare, language, share) in KINDS.items():
        if not name.startswith(options.only):
            continue
        n_cases = max(1, int(options.cases * share))
        wrong = [
            number for number in range(n_cases)
            if not compare(random.Random(f"{options.seed} {name} {number}"), language)
        ]  # fmt: skip
        print(
            f"{name}: {n_cases:,} cases, differences: {len(wrong)}" + (f", such as case {wrong[:5]}" if wrong else "")
        )
        total += len(wrong)
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
