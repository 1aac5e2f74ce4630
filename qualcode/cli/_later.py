"""Commands whose modules are loaded when they are asked for: to load all of them takes longer than most of them do."""

from __future__ import annotations

from collections.abc import MutableMapping
from importlib import import_module
from keyword import iskeyword
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import click


class Later(MutableMapping[str, "click.Command"]):
    """The commands of a group by name.

    Parameters
    ----------
    package
        The package of their modules.
    homes
        The module of each. The function is named as the command, with underscores for hyphens, and one behind it where
        Python takes the name for itself.
    """

    def __init__(self, package: str, homes: Mapping[str, str]) -> None:
        self._package = package
        self._homes = dict(homes)
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            from qualcode.cli.completing import teach

            function = name.replace("-", "_") + ("_" if iskeyword(name) else "")
            self[name] = getattr(import_module(f"{self._package}.{self._homes[name]}"), function)
            teach(self[name])
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._homes.setdefault(name, "")
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._homes[name]
        self._loaded.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)
