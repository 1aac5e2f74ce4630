"""Patterns over spaCy's tokens, for who needs parts of speech, dependencies or other things that a model knows."""

from __future__ import annotations

import hashlib
import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from qualcode.errors import CodebookError
from qualcode.language import pipelines
from qualcode.language.normal_form import normal_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from qualcode.language.lexicon import Token

_OF_MODELS = frozenset({"POS", "TAG", "MORPH", "DEP", "ENT_TYPE", "ENT_IOB", "ENT_ID", "ENT_KB_ID"})

_VALUES = {"TEXT": "text", "ORTH": "text", "LOWER": "lower_", "NORM": "norm_", "LEMMA": "lemma_", "SHAPE": "shape_"} | {
    "POS": "pos_", "TAG": "tag_", "MORPH": "morph", "DEP": "dep_", "ENT_TYPE": "ent_type_",
}  # fmt: skip

MATCH_TOKENS = 100
"""The most tokens in one match of a pattern: so far ``*`` and ``+`` reach."""

_COUNTED = re.compile(r"\{([0-9]*)(,?)([0-9]*)\}")


def _with_safe_regexes(token: dict[str, Any], compile_regex: Callable[[str], Any]) -> dict[str, Any]:
    """Return the pattern of one token with its regular expressions left to RE2, in which none can run for ever.

    Raises
    ------
    CodebookError
        If RE2 does not take one.
    """
    from spacy.tokens import Token as SpacyToken

    made: dict[str, Any] = {}
    asked: dict[str, bool] = {}
    for key, value in token.items():
        attribute = _VALUES.get(key.upper())
        if attribute is None or not isinstance(value, dict) or not isinstance(value.get("REGEX"), str):
            made[key] = value
            continue
        regex = compile_regex(value["REGEX"])
        name = f"qualcode_{hashlib.sha256(f'{attribute} {regex.pattern}'.encode()).hexdigest()[:16]}"
        SpacyToken.set_extension(name, getter=partial(_fits_regex, attribute=attribute, regex=regex), force=True)
        asked[name] = True
        if rest := {operator: given for operator, given in value.items() if operator != "REGEX"}:
            made[key] = rest
    return made | {"_": {**token.get("_", {}), **asked}} if asked else made


def _fits_regex(token: Any, *, attribute: str, regex: Any) -> bool:
    return bool(regex.search(str(getattr(token, attribute))))


def _read_operator(operator: str) -> str:
    """Return how often a token may stand as steps: ``1`` once, ``?`` once or not at all, ``*`` any number of times."""
    counted = _COUNTED.fullmatch(operator)
    if counted is None:
        return {"*": "*", "+": "1*", "?": "?"}.get(operator, "1")
    least, most = (int((number or "0").lstrip("0")[:4] or 0) for number in (counted[1], counted[3] or counted[1]))
    if max(least, most) > MATCH_TOKENS:
        return "1" * (MATCH_TOKENS + 1)
    return "1" * least + ("*" if counted[2] and not counted[3] else "?" * (most - least))


class _Steps:
    """A pattern as steps, each a bit; a state is the set of steps that may come next.

    Parameters
    ----------
    operators
        Of each token of the pattern.

    Raises
    ------
    CodebookError
        If they ask for more tokens than a match has.
    """

    def __init__(self, operators: Sequence[str]) -> None:
        steps = [(kind, part) for part, operator in enumerate(operators) for kind in _read_operator(operator)]
        if len(steps) > MATCH_TOKENS:
            raise CodebookError(
                f"This token pattern asks for more than {MATCH_TOKENS} tokens, but no match is longer.",
                hint="Write smaller numbers in `OP: {…}`, or list the words that matter under `all:`",
            )
        self._optional = sum(1 << at for at, (kind, _) in enumerate(steps) if kind in "?*")
        self._repeated = sum(1 << at for at, (kind, _) in enumerate(steps) if kind == "*")
        self._of_part = [0] * len(operators)
        for at, (_, part) in enumerate(steps):
            self._of_part[part] |= 1 << at
        self._goal = 1 << len(steps)

    def follow(self, fitting: Sequence[Sequence[bool]], n_tokens: int) -> Iterator[tuple[int, int]]:
        """Yield the first and the last token of every match that is not empty.

        Parameters
        ----------
        fitting
            For each token of the pattern, which tokens of the text fit it.
        n_tokens
            Of the text.
        """
        fits = [0] * n_tokens
        for bits, flags in zip(self._of_part, fitting, strict=True):
            fits = [fit | bits if flag else fit for fit, flag in zip(fits, flags, strict=True)]
        begin = self._pass_over(1)
        for first in range(n_tokens):
            state = begin
            for at in range(first, min(first + MATCH_TOKENS, n_tokens)):
                done = state & fits[at]
                if not done:
                    break
                state = self._pass_over(done << 1 | done & self._repeated)
                if state & self._goal:
                    yield first, at

    def _pass_over(self, state: int) -> int:
        """Return a state with the steps that are reached past optional ones: a carry runs through these."""
        return state | ((state & self._optional) + self._optional) ^ self._optional


def _read_pattern(pattern: str) -> list[dict[str, Any]]:
    """Return the tokens of a pattern, keys in capitals, words in normal form."""
    tokens = json.loads(normal_text(json.dumps(json.loads(pattern), ensure_ascii=False)))
    return [{str(key).upper(): value for key, value in token.items()} for token in tokens]


class TokenPattern:
    """One pattern over tokens in the language of spaCy's Matcher.

    spaCy tells which tokens fit which part of the pattern. Parts are put together here, where operators such as ``*``
    cannot multiply: spaCy follows each way in which they can be shared out, of which there are more than anybody can
    wait for.

    Parameters
    ----------
    pattern
        A list of mappings, in JSON.
    language
        Language of a blank pipeline, where no model is given.
    model
        Name of an installed model.
    tokenize
        Tokens of a text as the rest of the program has them, of which the blank pipeline's documents are made.
    compile_regex
        Makes a regular expression that takes linear time.

    Raises
    ------
    CodebookError
        If spaCy does not take the pattern, or it asks for what no model is there to know.
    """

    def __init__(
        self,
        pattern: str,
        language: str,
        model: str | None,
        *,
        tokenize: Callable[[str], Sequence[Token]],
        compile_regex: Callable[[str], Any],
    ) -> None:
        from spacy.errors import MatchPatternError
        from spacy.matcher import Matcher

        self._model = model
        self._tokenize = tokenize
        self._vocab = (pipelines.model_pipeline(model) if model else pipelines.blank_pipeline(language)).vocab
        self._matcher = Matcher(self._vocab, validate=True)
        given = _read_pattern(pattern)
        self._steps = _Steps([str(token.get("OP", "1")) for token in given])
        self._is_denied = [token.get("OP") == "!" for token in given]
        wanted = sorted({key for token in given for key in token} & _OF_MODELS)
        if wanted and model is None:
            raise CodebookError(
                f"This token pattern needs {' and '.join(wanted)}, which only a language model knows.",
                hint="Give an installed model with --model, such as en_core_web_sm",
            )
        tokens = [_with_safe_regexes(token, compile_regex) for token in given]
        try:
            Matcher(self._vocab, validate=True).add("pattern", [tokens])
            for number, token in enumerate(tokens):
                single = {key: value for key, value in token.items() if key != "OP"}
                self._matcher.add(str(number), [[single]])
        except (MatchPatternError, ValueError, KeyError) as error:
            lines = [line.strip().removeprefix("- ") for line in str(error).splitlines()]
            first = next((line for line in lines if line.startswith("[pattern")), lines[0])
            raise CodebookError(
                f"spaCy cannot use this token pattern: {first}.",
                hint="See https://spacy.io/usage/rule-based-matching",
            ) from error

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of every match that is not empty, each once, sorted."""
        doc = self._document(text)
        fitting = [[is_denied] * len(doc) for is_denied in self._is_denied]
        for key, first, _ in self._matcher(doc, allow_missing=True):
            part = int(self._vocab.strings[key])
            fitting[part][first] = not self._is_denied[part]
        starts = [token.idx for token in doc]
        ends = [token.idx + len(token) for token in doc]
        yield from sorted({(starts[first], ends[last]) for first, last in self._steps.follow(fitting, len(doc))})

    def _document(self, text: str) -> Any:  # spaCy is not typed
        from spacy.tokens import Doc

        if self._model is not None:
            return pipelines.model_pipeline(self._model)(text)
        tokens = self._tokenize(text)
        words = [text[token.start : token.end] for token in tokens]
        followers = [*(token.start for token in tokens[1:]), len(text)][: len(tokens)]
        return Doc(
            self._vocab,
            words=words,
            spaces=[end.end < start for end, start in zip(tokens, followers, strict=True)],
            lemmas=[token.lemma for token in tokens],
        )
