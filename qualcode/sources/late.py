"""Regular expressions that are compiled when they are first used.

There is one for each way in which transcripts write who speaks, and a file uses one or two; to compile them all takes
as long as to read a small study.
"""

from __future__ import annotations

import re
from typing import Any, cast


def late(pattern: str) -> re.Pattern[str]:
    """Return a regular expression that is compiled when it is first used.

    >>> late("[a-c]+").fullmatch("abc")[0]
    'abc'
    """
    return cast("re.Pattern[str]", _Late(pattern))


class _Late:
    def __init__(self, pattern: str) -> None:
        self._given = pattern

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(self._given), name)
        setattr(self, name, value)  # from now on as fast as that of the compiled one
        return value
