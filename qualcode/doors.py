"""Names of a package that are loaded when they are first used, so that a door costs nothing to pass."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def open_lazily(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a package.

    Parameters
    ----------
    package
        Its ``__name__``.
    homes
        For each name the module of the package in which it lives, with ``:`` and its name there where that is another.

    Examples
    --------
    >>> find = open_lazily("qualcode", {"Span": "model"})
    >>> find("Span")(2, 5)
    Span(start=2, end=5)
    """

    def find(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home, _, other = homes[name].partition(":")
        value = getattr(import_module(f"{package}.{home}"), other or name)
        setattr(sys.modules[package], name, value)
        return value

    return find
