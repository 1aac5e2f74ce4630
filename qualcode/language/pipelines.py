"""The pipelines themselves: the only place where spaCy is imported.

Each is made once, when first needed. A pipeline without an installed model is blank: tokens come from the rules of the
language, lemmas from a lookup table: that of English is part of qualcode, those of other languages are 100 MB and come
with ``spacy-lookups-data``.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qualcode.errors import MissingDependencyError, QualcodeError

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def blank_pipeline(language: str) -> Any:  # spaCy is not typed
    """Return spaCy's blank pipeline of a language.

    Raises
    ------
    QualcodeError
        If spaCy does not know the language.
    MissingDependencyError
        If the language needs a package that is not installed.
    """
    import spacy

    try:
        pipeline = spacy.blank(language)
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"The language “{language}” needs a package that is not installed.", hint=f"pip install {error.name}"
        ) from error
    except ImportError as error:
        if "E048" in str(error):
            raise QualcodeError(
                f"spaCy does not support the language “{language}”.",
                hint="Give a code such as en, zh, de, es or fr",
            ) from error
        raise MissingDependencyError(
            f"The language “{language}” needs a package that is not installed.", hint=str(error)
        ) from error
    if language == "en":
        tokenizer: Any = pipeline.tokenizer
        tokenizer.rules = {form: tokens for form, tokens in tokenizer.rules.items() if form not in _WORDS}
    return pipeline


_WORDS = frozenset({"id", "Id"})
# To spaCy these are “I'd” without its apostrophe, and “ID” is not. Who talks of a student id means the same with both.


@cache
def is_known(language: str) -> bool:
    """Tell whether spaCy knows a language, without loading spaCy."""
    spec = importlib.util.find_spec("spacy")
    folders = spec.submodule_search_locations if spec else None
    return language.isalpha() and any(Path(folder, "lang", language).is_dir() for folder in folders or ())


_NEEDS = {"th": "pythainlp", "vi": "pyvi"}


def missing_package(language: str) -> str:
    """Return the package that spaCy needs to cut the words of a language, or ``""`` when nothing is missing."""
    package = _NEEDS.get(language, "")
    return package if package and importlib.util.find_spec(package) is None else ""


_TABLES = frozenset((
    "ca", "cs", "da", "de", "en", "es", "fr", "grc", "hr", "hu", "id", "it",
    "lb", "lt", "mk", "nb", "nl", "pt", "ro", "ru", "sr", "sv", "tl", "tr", "ur",
))  # fmt: skip
ENGLISH_LEMMAS = "en_lemma_lookup 1.0.5"
"""The table that is part of qualcode, and the release of spacy-lookups-data from which it is."""


def has_lemmas(language: str) -> bool:
    """Tell whether there is a lookup table of lemmas of a language here, without loading it."""
    return language in _TABLES and not missing_lemmas(language)


def missing_lemmas(language: str) -> str:
    """Return what installs the lemmas of a language, or ``""`` when they are here or there are none."""
    if language not in _TABLES - {"en"} or importlib.util.find_spec("spacy_lookups_data") is not None:
        return ""
    return 'pip install "qualcode[languages]"'


@cache
def model_pipeline(model: str) -> Any:  # spaCy is not typed
    """Return the pipeline of a model that the user has installed.

    Raises
    ------
    MissingDependencyError
        If it is not installed.
    """
    import spacy

    try:
        return spacy.load(model)
    except (OSError, ImportError) as error:
        raise MissingDependencyError(
            f"The language model “{model}” is not installed or cannot be loaded.",
            hint=f"python -m spacy download {model}",
        ) from error


@cache
def plain_tokenizer(language: str) -> Any:  # spaCy is not typed
    """Return the tokenizer of a language without its special cases."""
    from spacy.tokenizer import Tokenizer

    rules = blank_pipeline(language).tokenizer
    return Tokenizer(
        rules.vocab,
        rules={},
        prefix_search=rules.prefix_search,
        suffix_search=rules.suffix_search,
        infix_finditer=rules.infix_finditer,
        token_match=rules.token_match,
        url_match=rules.url_match,
    )


OWN_TOKENIZERS = frozenset({"ja", "ko", "th", "vi", "zh"})
"""Languages whose tokenizer in spaCy is a program of its own; a test compares them with spaCy."""


def is_rule_based(language: str) -> bool:
    """Tell whether the language's tokenizer works on each piece between blanks by itself, without loading spaCy."""
    return language not in OWN_TOKENIZERS


@cache
def lemma_table(language: str) -> Mapping[str, str]:
    """Return the lookup table of a language: form to lemma; empty when there is none."""
    if not has_lemmas(language):
        return {}
    if language == "en":
        path = Path(__file__).with_name("data") / "en_lemma_lookup.json"
    else:
        import spacy_lookups_data

        name = "id_" if language == "id" else language  # which Python has for something else
        path = Path(getattr(spacy_lookups_data, name)["lemma_lookup"])
    packed = path.with_name(path.name + ".gz")
    raw = gzip.decompress(packed.read_bytes()) if packed.exists() else path.read_bytes()
    table: dict[str, str | list[str]] = json.loads(raw)
    # French and Catalan have several lemmas for a form, of which spaCy takes the first.
    return {form: lemma if isinstance(lemma, str) else lemma[0] for form, lemma in table.items() if lemma}
