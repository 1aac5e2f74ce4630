"""The examples of a codebook, run as tests of its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qualcode.errors import CodebookError, Problem, QualcodeError
from qualcode.language import detect_language, known_language, split_sentences
from qualcode.matching import compile_codebook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qualcode.codebook import Code, Codebook, Example


def example_language(codebook: Codebook, language: str = "") -> str:
    """Return the language of a codebook's examples and terms, the given one or its own; ``""`` when there is none.

    Raises
    ------
    QualcodeError
        If it is none that is known.
    """
    try:
        return known_language(language or codebook.language) if language or codebook.language else ""
    except QualcodeError as error:
        raise error if language else CodebookError(error.message, codebook.file, error.hint) from error


def check_examples(codebook: Codebook, *, language: str = "", model: str | None = None) -> list[Problem]:
    """Run every example of a codebook against its rules and return what does not come out as written.

    Each is cut into sentences as a transcript is. A code stands for what lies below it, so an example may be matched by
    a rule of any code below. Codes without any rule are coded by hand and are left out.

    Parameters
    ----------
    codebook
        Whose examples.
    language
        Code of their language; by default that of the codebook, or as the letters of each tell.
    model
        Name of an installed spaCy model, for its lemmas.

    Returns
    -------
    list of Problem
        One for each example that is not as written, at its place.

    Raises
    ------
    CodebookError
        If rules cannot be understood, whether or not there are examples.
    QualcodeError
        If the language is not known.

    Examples
    --------
    >>> text = "codes: [{id: water, name: Water, rules: [rain], examples: {hit: [It was dry.]}}]"
    >>> [problem.rule for problem in check_examples(qualcode.parse_codebook(text))]
    ['example-not-found']
    """
    language = example_language(codebook, language)
    first = language or "en"
    matchers = {first: compile_codebook(codebook, language=first, model=model)}
    problems = []
    for code in codebook.walk():
        family = (code, *codebook.descendants(code.id))
        if not any(member.rules for member in family):
            continue
        ids = {member.id for member in family}
        for kind, example in _examples(code):
            spoken = language or detect_language(example.text)
            if spoken not in matchers:
                matchers[spoken] = compile_codebook(codebook, language=spoken, model=model)
            sentences = split_sentences(example.text, language=spoken, model=model)
            hits = matchers[spoken].find([example.text[span.start : span.end] for span in sentences])
            fired = dict.fromkeys(hits.rules[hit.rule].rule for hit in hits if hits.rules[hit.rule].code_id in ids)
            if bool(fired) != (kind == "hit"):
                problems.append(_example_problem(code, example.text, example.where, list(fired)))
    return problems


def _examples(code: Code) -> Iterator[tuple[str, Example]]:
    yield from (("hit", example) for example in code.hits)
    yield from (("miss", example) for example in code.misses)


def _example_problem(code: Code, text: str, where: str, fired: list[str]) -> Problem:
    kind: Literal["hit", "miss"] = "miss" if fired else "hit"
    if kind == "hit":
        return Problem(
            where,
            "warning",
            "example-not-found",
            f"No rule of “{code.id}” matches its example “{text}”.",
            hint="Add a rule that does, or move the example to `miss`",
        )
    rules = ", ".join(f"“{rule}”" for rule in fired)
    return Problem(
        where,
        "warning",
        "example-found",
        f"“{code.id}” should miss “{text}”, but {rules} matches.",
        hint="Narrow the rule, for example with `unless`, or move the example to `hit`",
    )
