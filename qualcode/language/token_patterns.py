"""Patterns over spaCy's tokens, for who needs parts of speech, dependencies or other things that a model knows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from qualcode.errors import CodebookError
from qualcode.language import pipelines
from qualcode.language.lexicon import Token, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


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

    Raises
    ------
    CodebookError
        If spaCy does not take the pattern.
    """

    def __init__(
        self, pattern: str, language: str, model: str | None, tokenize: Callable[[str], Sequence[Token]]
    ) -> None:
        from spacy.errors import MatchPatternError
        from spacy.matcher import Matcher

        self._model = model
        self._tokenize = tokenize
        self._vocab = (pipelines.model_pipeline(model) if model else pipelines.blank_pipeline(language)).vocab
        self._matcher = Matcher(self._vocab, validate=True)
        try:
            self._matcher.add("pattern", [json.loads(pattern)])
        except (MatchPatternError, ValueError, KeyError) as error:
            first = next((line.strip() for line in str(error).splitlines()[1:] if line.strip()), str(error))
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
                for _, first, end in self._matcher(doc)
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
