"""Regular expressions in which no pattern can run for ever."""

from __future__ import annotations

import re
from typing import Any

from qualcode.errors import CodebookError

_BEYOND = re.compile(r"(?<!\\)\(\?(?:=|!|<=|<!)")
_BACK_REFERENCE = re.compile(r"(?<!\\)(?:\\[1-9]|\\k[<{']|\(\?P=)")


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
