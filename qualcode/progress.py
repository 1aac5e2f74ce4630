"""What takes long says how far it is, to whoever watches; without a watcher that costs nothing."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")


class Watcher(Protocol):
    """Whoever is to know what is being done."""

    def show(self, what: str, done: float = 0, total: float = 0) -> None:
        """Take note of what is being done, and how much of it is; ``total`` is 0 where that is not known."""

    def rest(self) -> None:
        """Take note that it is done."""


_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Let somebody watch what is done within."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        watcher.rest()
        _watcher.reset(token)


@contextmanager
def unwatched() -> Iterator[None]:
    """Let nothing be shown of what is done within, such as where a screen has the whole terminal."""
    token = _watcher.set(None)
    try:
        yield
    finally:
        _watcher.reset(token)


def track(
    items: Iterable[Item], what: str, total: float, *, size: Callable[[Item], float] = lambda _: 1
) -> Iterator[Item]:
    """Yield the items, and say before each how much is done.

    Parameters
    ----------
    items
        What is worked through.
    what
        What is done with them, such as ``Reading transcripts``.
    total
        How much there is.
    size
        How much of it an item is; by default 1.

    Examples
    --------
    >>> list(track(["P1", "P2"], "Reading transcripts", 2))
    ['P1', 'P2']
    """
    watcher = _watcher.get()
    if watcher is None:
        yield from items
        return
    done = 0.0
    watcher.show(what, done, total)
    try:
        for item in items:
            yield item
            done += size(item)
            watcher.show(what, done, total)
    finally:
        watcher.rest()


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Say what is being done within, of which the end cannot be told."""
    watcher = _watcher.get()
    if watcher is None:
        yield
        return
    watcher.show(what)
    try:
        yield
    finally:
        watcher.rest()
