"""Regular expressions in which no pattern can run for ever."""

from __future__ import annotations

import re
from typing import Any

from qualcode.errors import CodebookError

_BEYOND = re.compile(r"(?<!\\)\(\?(?:=|!|<=|<!)")
_BACK_REFERENCE = re.compile(r"(?<!\\)(?:\\[1-9]|\\k[<{']|\(\?P=)")
_OUTSIDE = re.compile(r"\\Q.*?(?:\\E|$)|\\.|\[\^?\]?|.", re.DOTALL)
_INSIDE = re.compile(r"\\.|\[:\^?\w+:\]|.", re.DOTALL)
# Parts of a pattern outside a class of signs (a literal stretch, an escape, the beginning of a class) and inside.
_WORD = r"\p{L}\p{M}\p{N}_"


def compile_regex(pattern: str) -> Any:  # google-re2 is not typed
    r"""Return a regular expression of google-re2, which takes linear time: no pattern can run for ever.

    RE2 takes ``\w`` as English letters; here it stands for those of every script, with their marks, digits and _.

    Raises
    ------
    CodebookError
        If RE2 does not take it; the hint says what to write instead.
    """
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)  # its complaints are about what the user wrote
        return re2.compile(_widen(pattern), options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
        message, hint = _explain_regex(pattern, reason)
        raise CodebookError(message, hint=hint) from error


def _widen(pattern: str) -> str:
    parts = []
    at = 0
    is_in_class = False
    while found := (_INSIDE if is_in_class else _OUTSIDE).match(pattern, at):
        part, at = found[0], found.end()
        if is_in_class:
            parts.append(_WORD if part == r"\w" else part)
            is_in_class = part != "]"
        else:
            parts.append({r"\w": f"[{_WORD}]", r"\W": f"[^{_WORD}]"}.get(part, part))
            is_in_class = part[0] == "["
    return "".join(parts)


def _explain_regex(pattern: str, reason: str) -> tuple[str, str]:
    if _BEYOND.search(pattern):
        return (
            "Look-around such as (?=…) is not available: rules use RE2, in which no pattern can run forever.",
            "List what must not occur in the same sentence under `unless:`",
        )
    if _BACK_REFERENCE.search(pattern):
        return (
            "Back-references such as \\1 are not available: rules use RE2, in which no pattern can run forever.",
            "Write out the alternatives",
        )
    return f"The regular expression cannot be used: {reason}.", "See https://github.com/google/re2/wiki/Syntax"
