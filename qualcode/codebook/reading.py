"""From a file to a :class:`Codebook`, or to one error that lists every mistake in it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from qualcode.codebook.building import RuleBuilder
from qualcode.codebook.doubts import find_doubts
from qualcode.codebook.nodes import Node, parse_nodes
from qualcode.codebook.remembering import is_known, remember
from qualcode.codebook.tree import Code, Codebook, Example, to_slug
from qualcode.errors import CodebookError, Problem

if TYPE_CHECKING:
    import os

SHOWN = 5
"""Names that a message lists before it says how many more there are."""

MAX_BYTES = 10_000_000
"""A hundred times the size of a large codebook."""


def read_codebook(path: str | os.PathLike[str]) -> Codebook:
    """Read and check a codebook.

    Parameters
    ----------
    path
        A YAML file in UTF-8.

    Returns
    -------
    Codebook
        What it says; doubts about it are its ``problems``.

    Raises
    ------
    CodebookError
        If the codebook cannot be used; ``problems`` lists every mistake with file, line, column and repair.

    Examples
    --------
    >>> qualcode.read_codebook("codebooks/industry_partnership.yaml")
    <Codebook Industry partnership in a vocational pathway: 27 codes, 264 rules>
    """
    path = Path(path)
    data = read_bytes(path)
    return parse_codebook(decode(data, path.name), path.name, digest=hashlib.sha256(data).hexdigest())


def parse_codebook(text: str, name: str = "codebook.yaml", *, digest: str | None = None) -> Codebook:
    """Read a codebook from its text.

    Parameters
    ----------
    text
        The YAML text.
    name
        What errors call the file.
    digest
        SHA-256 of the file's bytes; by default of the text in UTF-8.

    Returns
    -------
    Codebook
        What it says.

    Raises
    ------
    CodebookError
        As :func:`read_codebook`.

    Examples
    --------
    >>> codebook = qualcode.parse_codebook("codes: [{id: water, name: Water, rules: [rain, river]}]")
    >>> codebook.code("water").rules[1].pattern
    'river'
    """
    digest = hashlib.sha256(text.encode("utf-8")).hexdigest() if digest is None else digest
    top, problems = parse_nodes(text, name)
    is_empty = not problems if top is None else top.value is None
    if is_empty:
        raise CodebookError(
            "The codebook is empty.", where=name, hint="Start with “codes:” and list your codes under it"
        )
    if top is not None:
        problems += _check_shape(top, name, digest)
    codes = _Builder(top, name, problems).build() if top is not None else ()
    if any(problem.level == "error" for problem in problems):
        raise CodebookError(_count_mistakes(problems), where=name, problems=_in_order(problems))
    return Codebook(
        name=(top.get("name") if top else "") or Path(name).stem,
        description=top.get("description") if top else "",
        codes=codes,
        file=name,
        digest=digest,
        problems=tuple(_in_order(problems)),
        language=top.get("language") if top else "",
    )


def _check_shape(top: Node, name: str, digest: str) -> list[Problem]:
    """Return everything in which a file differs from what it should look like."""
    if is_known(digest):
        return []
    from qualcode.codebook.fields import check_shape
    from qualcode.codebook.shapes import CodebookShape

    problems = check_shape(CodebookShape, top, name)
    if not problems:
        remember(digest)
    return problems


def _count_mistakes(problems: list[Problem]) -> str:
    n_errors = sum(problem.level == "error" for problem in problems)
    return f"The codebook cannot be used: {n_errors} mistake{'s' if n_errors != 1 else ''}."


def _in_order(problems: list[Problem]) -> list[Problem]:
    """Return problems in the order of the file."""

    def place(problem: Problem) -> tuple[int, ...]:
        return tuple(int(part) for part in problem.where.split(":")[-2:] if part.isdecimal())

    return sorted(problems, key=place)


def read_bytes(path: Path) -> bytes:
    """Return what is in a codebook's file, or say why it cannot be read."""
    try:
        if path.is_dir():
            raise CodebookError("This is a folder, not a codebook.", where=str(path), hint="Name the YAML file in it")
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        hint = _nearby(path) or "Check the path"
        raise CodebookError("There is no such codebook file.", where=str(path), hint=hint) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise CodebookError(
            f"The codebook cannot be read: {reason}.", where=str(path), hint="Check the path and your permissions"
        ) from error
    if len(data) > MAX_BYTES:
        message = f"The file is larger than {MAX_BYTES // 1_000_000} MB, too large for a codebook."
        raise CodebookError(message, where=path.name, hint="Name the codebook's YAML file")
    return data


def _nearby(path: Path) -> str:
    found = sorted(one.name for pattern in ("*.yaml", "*.yml") for one in path.parent.glob(pattern))[:SHOWN]
    return f"In that folder there is: {', '.join(found)}." if found else ""


def decode(data: bytes, name: str) -> str:
    """Return the text of a codebook's file, without a byte order mark."""
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise CodebookError(
            "This is not a text file; a codebook is YAML text.", where=name, hint="Save the codebook as plain text"
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise CodebookError(
            f"This is not UTF-8: byte 0x{data[error.start]:02X} cannot be read.",
            where=f"{name}:{line}:{column}",
            hint="Save the file in your editor with the encoding “UTF-8”",
        ) from error


def _is_true(node: Node, key: str) -> bool:
    found = node.value.get(key) if isinstance(node.value, dict) else None
    return found is not None and found.value is True


class _Builder:
    """Makes codes of nodes; where a value has a wrong shape, which is known by then, it goes on without it."""

    def __init__(self, top: Node, name: str, problems: list[Problem]) -> None:
        self.top = top
        self.name = name
        self.rules = RuleBuilder(top, name, problems)
        self.problems = problems
        self.first: dict[str, Node] = {}
        self.slugged: list[tuple[str, Node]] = []
        self.told: set[str] = set()

    def build(self) -> tuple[Code, ...]:
        """Return the codes at the top; problems go to the list."""
        top = self.top
        codes = self._codes(top)
        if isinstance(top.value, dict) and not top.items("codes") and not self.problems:
            self._complain(top, "error", "no-codes", "This codebook has no codes.", "List your codes under `codes:`")
        if self.slugged:
            self._note_slugs()
        return codes

    def _complain(self, node: Node, level: str, rule: str, message: str, hint: str) -> None:
        where = f"{self.name}:{node.line}:{node.column}"
        self.problems.append(Problem(where, level, rule, message, hint))  # type: ignore[arg-type]

    def _codes(self, node: Node) -> tuple[Code, ...]:
        return tuple(self._code(child) for child in node.items("codes") if isinstance(child.value, dict))

    def _code(self, node: Node) -> Code:
        code_id = self._identify(node)
        rules = self.rules.build(node.items("rules"))
        is_retired = _is_true(node, "retired")
        hits, misses = self._examples(node)
        if not is_retired:
            self.problems.extend(find_doubts(rules, hits, self.told))
        return Code(
            id=code_id,
            name=node.get("name") or code_id.replace("-", " ").capitalize(),
            definition=node.get("definition"),
            include=tuple(str(text.value).strip() for text in node.texts("include")),
            exclude=tuple(str(text.value).strip() for text in node.texts("exclude")),
            hits=hits,
            misses=misses,
            colour=node.get("colour"),
            rules=() if is_retired else rules,
            is_retired=is_retired,
            codes=self._codes(node),
            where=f"{self.name}:{node.line}:{node.column}",
        )

    def _identify(self, node: Node) -> str:
        """Return a code's id, its own or one made of its name; an id used twice is told."""
        code_id = node.get("id")
        has_id = isinstance(node.value, dict) and "id" in node.value
        if not has_id and node.get("name"):
            code_id = to_slug(node.get("name"))
            if code_id:
                self.slugged.append((code_id, node))
            else:
                message = f"The code “{node.get('name')}” needs an id, as none can be made from its name."
                hint = "Add one of lower-case letters a–z, digits and hyphens, such as id: time-commitment"
                self._complain(node, "error", "missing-id", message, hint)
        elif not has_id and not (isinstance(node.value, dict) and "name" in node.value):
            self._complain(node, "error", "missing-name", "This code has neither id nor name.", "Add `name:`")
        if code_id and self.first.setdefault(code_id, node) is not node:
            self._tell_duplicate(code_id, node, has_id=has_id)
        return code_id

    def _tell_duplicate(self, code_id: str, node: Node, *, has_id: bool) -> None:
        first = self.first[code_id].line
        message = f"The code in line {first} already has the id “{code_id}”."
        if not has_id:
            message = f"The name of this code gives the id “{code_id}”, which the code in line {first} already has."
        self._complain(node, "error", "duplicate-id", message, f"Give it its own id, such as id: {code_id}-2")

    def _note_slugs(self) -> None:
        ids = [code_id for code_id, _ in self.slugged]
        shown = ", ".join(ids[:SHOWN]) + (f" and {len(ids) - SHOWN} more" if len(ids) > SHOWN else "")
        subject = "1 code has no id" if len(ids) == 1 else f"{len(ids)} codes have no id"
        message = f"{subject}, so it is made from the name: {shown}."
        hint = f"Write `id: {ids[0]}`, so that codings stay with the code when its name changes"
        self._complain(self.slugged[0][1], "note", "id-from-name", message, hint)

    def _examples(self, node: Node) -> tuple[tuple[Example, ...], tuple[Example, ...]]:
        examples = node.value.get("examples") if isinstance(node.value, dict) else None
        if examples is None:
            return (), ()
        hits, misses = (
            tuple(
                Example(str(text.value).strip(), f"{self.name}:{text.line}:{text.column}")
                for text in examples.texts(key)
                if str(text.value).strip()
            )
            for key in ("hit", "miss")
        )
        found = {example.text for example in hits}
        for example in misses:
            if example.text in found:
                message = f"The example “{example.text}” is both a hit and a miss."
                self.problems.append(Problem(example.where, "error", "example", message, "Keep one of them"))
        return hits, misses
