"""The rule language: what one entry under ``rules`` may look like.

:mod:`qualcode.codebook.building` makes rules of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from qualcode.codebook.fields import SOME_TEXT, TEXTS, Anything, Flag, Key, ListOf, MapOf, OneOf, Record, Scalar, Text
from qualcode.errors import CodebookError

if TYPE_CHECKING:
    from qualcode.codebook.fields import Complaint
    from qualcode.codebook.tree import RuleKind

KINDS: tuple[RuleKind, ...] = ("term", "exact", "regex", "tokens", "all", "any")

_BEYOND = re.compile(r"(?<!\\)\(\?(?:=|!|<=|<!)")
_BACK_REFERENCE = re.compile(r"(?<!\\)(?:\\[1-9]|\\k[<{']|\(\?P=)")
_PROBES = ("", "a", "a b", "中 1.", "\n")
"""Texts in which a pattern that can match nothing does so."""


def compile_regex(pattern: str) -> Any:  # google-re2 is not typed
    """Return a regular expression of google-re2, which takes linear time: no pattern can run for ever.

    Raises
    ------
    CodebookError
        If RE2 does not take it; the hint says what to write instead.
    """
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
        message, hint = _explain_regex(pattern, reason)
        raise CodebookError(message, hint=hint) from error


def _explain_regex(pattern: str, reason: str) -> tuple[str, str]:
    if _BEYOND.search(pattern):
        return (
            "Look-around such as (?=…) is not available: rules use RE2, in which no pattern can run for ever.",
            "Name what must not stand in the same sentence under `unless:`.",
        )
    if _BACK_REFERENCE.search(pattern):
        return (
            "Back-references such as \\1 are not available: rules use RE2, in which no pattern can run for ever.",
            "Write the alternatives out.",
        )
    return f"The regular expression cannot be used: {reason}.", "See https://github.com/google/re2/wiki/Syntax"


def _check_regex(pattern: str) -> Complaint:
    try:
        regex = compile_regex(pattern)
    except CodebookError as error:
        return "regex", error.message, error.hint
    if any(match.start() == match.end() for probe in _PROBES for match in regex.finditer(probe)):
        return "empty-match", "The regular expression can match nothing at all.", "Make one part of it required."
    return None


def _check_language(code: str) -> Complaint:
    if re.fullmatch("[a-z]{2,3}", code):
        return None
    return "language", f"“{code}” is no code of a language.", "Write two or three small letters, such as en or zh"


def _check_window(window: object) -> Complaint:
    is_size = isinstance(window, int) and not isinstance(window, bool) and window > 0
    if is_size or window in ("sentence", "turn"):
        return None
    return "window", f"“{window}” is no window.", "Write a number of words, sentence or turn, such as within: 8"


_NEGATIONS = ("count", "skip", "only")


def _check_negation(choice: object) -> Complaint:
    if choice in _NEGATIONS:
        return None
    shown = f"cannot be “{choice}”" if isinstance(choice, str) else "must be one word"
    return "choice", f"“negated” {shown}.", f"Write {', '.join(_NEGATIONS[:-1])} or {_NEGATIONS[-1]}."


def _check_kind(given: dict[str, Any]) -> Complaint:
    kinds = [kind for kind in KINDS if kind in given]
    if len(kinds) != 1:
        found = " and ".join(f"`{kind}`" for kind in kinds) or "none of them"
        law = "A rule has exactly one of `term`, `exact`, `regex`, `tokens`, `all` and `any`"
        hint = "Make two rules of it." if kinds else "Write `term: …`, or the term alone."
        return "one-kind", f"{law}; this has {found}.", hint
    if given.get("ordered") and kinds != ["all"]:
        return "ordered", "Only terms under `all` can be ordered.", "Delete `ordered`."
    return None


TERM_TEXT = OneOf(SOME_TEXT, as_mapping=MapOf(TEXTS, _check_language))
"""A term, or terms for each language: ``{en: follow up, zh: [跟進, 跟返]}``."""

WINDOW = Scalar(_check_window, {"anyOf": [{"type": "integer", "minimum": 1}, {"enum": ["sentence", "turn"]}]})


def _term_keys() -> dict[str, Key]:
    return {
        "term": Key(TERM_TEXT, "A word or phrase, matched on lemmas and regardless of case."),
        "exact": Key(SOME_TEXT, "A form that must stand as written, case included."),
        "regex": Key(Text(law=_check_regex), "A regular expression in RE2 syntax."),
        "tokens": Key(ListOf(MapOf(Anything()), may_be_empty=False), "A token pattern for spaCy's Matcher."),
        "all": Key(TERM_ENTRIES, "Terms of which all must stand within the window."),
        "any": Key(TERM_ENTRIES, "Terms of which one must be there."),
        "within": Key(WINDOW, "The window: a number of words, sentence or turn."),
        "ordered": Key(Flag(), "Whether the terms of `all` must follow one another as given."),
    }


TERM = Record(
    "Term", "Something to look for, with its kind; exactly one of the first six keys.", _term_keys, _check_kind
)
TERM_ENTRY = OneOf(SOME_TEXT, as_mapping=TERM)
TERM_ENTRIES = OneOf(SOME_TEXT, as_list=ListOf(TERM_ENTRY), as_mapping=TERM)
LIST_ENTRIES = ListOf(TERM_ENTRY, may_be_empty=False)
SPEAKERS = OneOf(SOME_TEXT, as_list=ListOf(SOME_TEXT), as_mapping=MapOf(TEXTS))


def _rule_keys() -> dict[str, Key]:
    return _term_keys() | {
        "unless": Key(TERM_ENTRIES, "What cancels the hit when it stands in the same window."),
        "near": Key(TERM_ENTRIES, "What must stand in the same window, or else there is no hit."),
        "negated": Key(Scalar(_check_negation, {"enum": list(_NEGATIONS)}), "What to do with a hit behind a negation."),
        "speaker": Key(SPEAKERS, "Who must speak: interviewee, interviewer, a role, or {attribute: value}."),
        "question": Key(TERM_ENTRIES, "What must stand in the question that the turn answers."),
        "after": Key(SOME_TEXT, "A code that must have a hit before this one in the same turn."),
        "before": Key(SOME_TEXT, "A code that must have a hit after this one in the same turn."),
        "id": Key(SOME_TEXT, "Names the rule in results; by default a short form of its content."),
    }


RULE = Record(
    "Rule",
    "When a passage is tagged: what to look for, what must be near, what cancels it, and where it applies.",
    _rule_keys,
    _check_kind,
)
RULE_ENTRY = OneOf(SOME_TEXT, as_mapping=RULE)
