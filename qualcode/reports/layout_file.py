"""``report.yaml``: what stands in a report, in a few lines that a person writes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from qualcode.errors import OutputError, Problem
from qualcode.reports.layout import AskedQuestion, Empty, Layout, Numbers, ThemeColumn
from qualcode.reports.sections import SECTIONS
from qualcode.wording import suggest

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping

    from qualcode.codebook import Node

NAME = "report.yaml"
"""The file that is taken by itself when it lies in a study."""


def read_layout(path: str | os.PathLike[str]) -> Layout:
    """Read a ``report.yaml``.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    Layout
        What it says.

    Raises
    ------
    OutputError
        If it cannot be read; ``problems`` lists all that is wrong, each with its line.

    Examples
    --------
    >>> from pathlib import Path
    >>> _ = Path("report.yaml").write_text("title: Our study\\nsections: [themes, quotes]\\nempty: hidden\\n")
    >>> read_layout("report.yaml").sections
    ('themes', 'quotes')
    """
    from qualcode.codebook import parse_nodes

    file = Path(path)
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise OutputError(f"The file cannot be read: {error.strerror}.", str(path)) from error
    except ValueError as error:
        raise OutputError("The file is not UTF-8 text.", str(path), "Save it as UTF-8") from error
    top, problems = parse_nodes(text, file.name)
    reader = _Reader(file.name, list(problems))
    layout = reader.read(top) if top is not None else Layout()
    if reader.problems:
        raise OutputError("The layout of the report cannot be used.", str(path), problems=reader.problems)
    return layout


def restore_layout(plain: object) -> Layout:
    """Return the layout that :attr:`Layout.plain` tells, as it comes back from the record of a report.

    Parameters
    ----------
    plain
        Plain data, which may be a stranger's.

    Returns
    -------
    Layout
        What it says.

    Raises
    ------
    OutputError
        If it cannot be used.

    Examples
    --------
    >>> restore_layout({"sections": ["themes"], "quotes": 5}).quotes
    5
    """
    from qualcode.codebook import parse_nodes

    top, problems = parse_nodes(json.dumps(plain, ensure_ascii=False), "the layout")  # JSON is YAML
    reader = _Reader("the layout", list(problems))
    layout = reader.read(top) if top is not None else Layout()
    if reader.problems:
        raise OutputError("The layout of the report cannot be used.", problems=reader.problems)
    return layout


_STEPS = ("all", "decisions", "codebook", "memos")


class _Reader:
    """Reads the keys one by one, and collects what is wrong with them."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.name, self.problems = name, problems

    def read(self, top: Node) -> Layout:
        """Return what a file says."""
        if top.value is None:
            return Layout()
        readers: dict[str, Callable[[Node], Any]] = {
            "title": self._text,
            "sections": lambda node: self._names(node, tuple(SECTIONS)),
            "codes": self._texts,
            "attributes": self._texts,
            "columns": lambda node: self._names(node, get_args(ThemeColumn)),
            "empty": lambda node: self._name(node, get_args(Empty)),
            "numbers": lambda node: self._name(node, get_args(Numbers)),
            "quotes": self._count,
            "questions": self._questions,
            "agreement": lambda node: self._some(
                node, {"coders": self._texts, "level": self._count, "drawn": self._text, "resolved": self._text,
                       "blocks": self._count}
            ),
            "saturation": lambda node: self._some(
                node,
                {
                    "base": self._count, "run": self._count, "level": self._count, "order": self._text,
                    "threshold": self._share,
                },
            ),
            "display": self._display,
            "trail": lambda node: self._some(
                node, {"only": lambda one: self._name(one, _STEPS), "since": self._text}
            ),
        }  # fmt: skip
        return Layout(**self._some(top, readers))

    def _some(self, node: Node, readers: Mapping[str, Callable[[Node], Any]]) -> dict[str, Any]:
        """Return what the keys of a mapping say; one that nobody knows is a problem."""
        if not isinstance(node.value, dict):
            self._complain(node, "This must be lines of the form “key: value”.", f"Keys are: {', '.join(readers)}")
            return {}
        found = {}
        for key, value in node.value.items():
            if key in readers:
                found[key] = readers[key](value)
            else:
                line, column = node.keys.get(key, (value.line, value.column))
                hint = suggest(key, readers) or f"Keys are: {', '.join(readers)}"
                self._say(line, column, f"There is no key “{key}”.", hint)
        return found

    def _display(self, node: Node) -> dict[str, Any]:
        readers = {"by": self._text, "bands": self._count, "number": self._text, "level": self._count}
        found = self._some(node, readers)
        if not found.get("by"):
            hint = "Write display: {by: role}, with a column of the table of cases"
            self._complain(node, "The joint display has no groups.", hint)
        return found

    def _questions(self, node: Node) -> tuple[AskedQuestion, ...]:
        if not isinstance(node.value, list):
            self._complain(node, "Questions are a list.", "Begin each with a hyphen")
            return ()
        readers = {
            "ask": self._text,
            "name": self._text,
            "in": lambda one: self._name(one, ("coding", "segment", "case")),
            "where": lambda one: {key: str(value.text or value.value) for key, value in self._mapping(one).items()},
            "quotes": self._count,
        }
        found = []
        for one in node.value:
            told: dict[str, Any] = {"ask": one.value} if isinstance(one.value, str) else self._some(one, readers)
            if told.get("ask"):
                told["answer"] = told.pop("in", None) or "case"
                given: dict[str, Any] = {key: value for key, value in told.items() if value is not None}
                found.append(AskedQuestion(**given))
            else:
                self._complain(one, "The question asks nothing.", 'Write ask: "challenges not visibility"')
        return tuple(found)

    def _mapping(self, node: Node) -> Mapping[str, Node]:
        if isinstance(node.value, dict):
            return node.value
        self._complain(node, "This must name attributes with values.", "Write where: {role: teacher}")
        return {}

    def _text(self, node: Node) -> str:
        if isinstance(node.value, str):
            return node.value.strip()
        if node.value is None or isinstance(node.value, (list, dict)):
            self._complain(node, "A text is missing here.", "Write it behind the colon")
            return ""
        return node.text

    def _texts(self, node: Node) -> tuple[str, ...]:
        items = node.value if isinstance(node.value, list) else [node]
        return tuple(filter(None, (self._text(one) for one in items)))

    def _names(self, node: Node, known: tuple[str, ...]) -> tuple[str, ...]:
        items = node.value if isinstance(node.value, list) else [node]
        names = [self._name(one, known) for one in items]
        for one, name in zip(items, names, strict=True):
            if name and names.count(name) > 1 and names.index(name) != items.index(one):
                self._complain(one, f"“{name}” is there twice.", "Delete one")
        return tuple(name for name in names if name is not None)

    def _name(self, node: Node, known: tuple[str, ...]) -> str | None:
        text = self._text(node)
        if text in known:
            return text
        if text:
            self._complain(node, f"“{text}” is none of these: {', '.join(known)}.", suggest(text, known))
        return None

    def _count(self, node: Node) -> int | None:
        if node.text.isdecimal():
            return int(node.text)
        self._complain(node, "A whole number is missing here.", "Write one, such as 3")
        return None

    def _share(self, node: Node) -> float | None:
        text = node.text.strip()
        try:
            share = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            share = -1.0
        if 0 <= share < 1:
            return share
        self._complain(node, f"“{text}” is not a share.", "Write one, such as 5% or 0.05")
        return None

    def _complain(self, node: Node, message: str, hint: str = "") -> None:
        self._say(node.line, node.column, message, hint)

    def _say(self, line: int, column: int, message: str, hint: str) -> None:
        self.problems.append(Problem(f"{self.name}:{line}:{column}", "error", "layout", message, hint))


_NOT_REFLEXIVE = ("pairs", "saturation", "agreement")
"""Sections that rest on ideas which reflexive thematic analysis does not share."""


def fit_layout(layout: Layout, approach: str) -> Layout:
    """Return a layout in which what is not said fits the approach of a study.

    Reflexive thematic analysis takes themes for interpretations. So its report has no agreement and no saturation, and
    its theme table on paper has definitions and quotes in the place of counts, unless somebody names them.
    """
    if approach != "reflexive":
        return layout
    return replace(
        layout,
        columns=layout.columns or ("definition", "quote"),
        sections=layout.sections or tuple(name for name in SECTIONS if name not in _NOT_REFLEXIVE),
    )
