"""Patterns over spaCy's tokens, for who needs parts of speech, dependencies or other things that a model knows."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from typing import TYPE_CHECKING, Any

from qualcode.errors import CodebookError
from qualcode.language import pipelines
from qualcode.language.lexicon import Token, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


_OF_MODELS = frozenset({"POS", "TAG", "MORPH", "DEP", "ENT_TYPE", "ENT_IOB", "ENT_ID", "ENT_KB_ID"})

_VALUES = {"TEXT": "text", "ORTH": "text", "LOWER": "lower_", "NORM": "norm_", "LEMMA": "lemma_", "SHAPE": "shape_"} | {
    "POS": "pos_", "TAG": "tag_", "MORPH": "morph", "DEP": "dep_", "ENT_TYPE": "ent_type_",
}  # fmt: skip


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


class TokenPattern:
    """One pattern of spaCy's Matcher.

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
        tokens = [_with_safe_regexes(token, compile_regex) for token in json.loads(pattern)]
        wanted = sorted({key.upper() for token in tokens for key in token} & _OF_MODELS)
        if wanted and model is None:
            raise CodebookError(
                f"this token pattern asks for {' and '.join(wanted)}, which only a model of the language knows",
                hint="name an installed one with --model, such as en_core_web_sm",
            )
        try:
            self._matcher.add("pattern", [tokens])
        except (MatchPatternError, ValueError, KeyError) as error:
            lines = [line.strip().removeprefix("- ") for line in str(error).splitlines()]
            first = next((line for line in lines if line.startswith("[pattern")), lines[0])
            raise CodebookError(
                f"spaCy does not take this token pattern: {first}",
                hint="See https://spacy.io/usage/rule-based-matching",
            ) from error

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of every match that is not empty, each once."""
        doc = self._document(text)
        yield from sorted(
            {
                (doc[first:end].start_char, doc[first:end].end_char)
                for _, first, end in self._matcher(doc, allow_missing=True)
                if end > first
            }
        )

    def _document(self, text: str) -> Any:  # spaCy is not typed
        from spacy.tokens import Doc

        if self._model is not None:
            return pipelines.model_pipeline(self._model)(text)
        tokens = self._tokenize(text)
        words = [text[token.start : token.end] for token in tokens]
        followers = [*(token.start for token in tokens[1:]), len(text)]
        return Doc(
            self._vocab,
            words=words,
            spaces=[end.end < start for end, start in zip(tokens, followers, strict=True)],
            lemmas=[fold(token.lemma) for token in tokens],
        )
