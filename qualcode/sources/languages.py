"""The language of a transcript: given, stated by the file, or told from what people say, and what is to know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qualcode.errors import Problem
from qualcode.language import (
    UNKNOWN,
    has_lemmas,
    known_language,
    language_name,
    missing_lemmas,
    missing_package,
    tell_language,
)
from qualcode.wording import join

if TYPE_CHECKING:
    from qualcode.language import ToldLanguage

_OPTION = "--language CODE says it"


def choose_language(
    speech: str, where: str, *, given: str | None = None, stated: str = "", model: str | None = None
) -> tuple[str, list[Problem]]:
    """Return the code of the language in which a transcript is read, and what to tell about it.

    Parameters
    ----------
    speech
        What people say.
    where
        The file.
    given
        The language that the user names, which decides.
    stated
        The language that the file states, which goes before what is told.
    model
        Name of an installed spaCy model, which has lemmas of its own.

    Raises
    ------
    QualcodeError
        If the language that is given is none.
    """
    problems: list[Problem] = []
    if given or stated:
        language = known_language(given) if given else stated
    else:
        told = tell_language(speech)
        language = told.language
        problems += _tell_doubt(told, where)
        if package := missing_package(language):
            message = f"Words of {_named(language)} are found by {package}, which is missing: they are split at blanks."
            problems.append(Problem(where, "warning", "language-package", message, f"pip install {package}"))
            return UNKNOWN, problems
    if model is None and (install := missing_lemmas(language)):
        message = f"Lemmas of {_named(language)} are not installed, so a term matches only as it is written."
        problems.append(Problem(where, "warning", "lemmas-missing", message, install))
    elif model is None and language != UNKNOWN and not has_lemmas(language):
        message = f"There is no table of lemmas for {_named(language)}, so a term matches only as it is written."
        problems.append(
            Problem(where, "note", "no-lemmas", message, "Write each form in the rules, or `*` for endings")
        )
    return language, problems


def _tell_doubt(told: ToldLanguage, where: str) -> list[Problem]:
    if told.is_sure and told.language != UNKNOWN:
        return []
    likely = join([f"{_named(code)} {share:.0%}" for code, share in told.likely])
    if told.language == UNKNOWN:
        message = (
            f"The text is in {_named(told.likely[0][0])}, which spaCy lacks, so a term matches only as it is written."
        )
        return [Problem(where, "note", "language-unknown", message, f"If it is in another language, {_OPTION}")]
    if told.likely:
        message = f"The language is not clear ({likely}): the text is read as {_named(told.language)}."
        return [
            Problem(where, "warning", "language-unclear", message, f"{_OPTION}; it decides which forms a term finds")
        ]
    if told.is_library_missing:
        message = "The language was not detected, because py3langid is not installed. The text is read as English."
        return [Problem(where, "warning", "language-unclear", message, f"pip install py3langid, or {_OPTION}")]
    message = f"There are too few words to detect the language: the text is read as {_named(told.language)}."
    return [Problem(where, "note", "language-unclear", message, _OPTION)]


def _named(code: str) -> str:
    name = language_name(code)
    return code if name == code else f"{name} ({code})"
