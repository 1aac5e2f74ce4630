"""What changed between two versions of a codebook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qualcode.codebook.tree import Code, Codebook, Rule

ChangeKind = Literal[
    "added", "removed", "renamed", "moved", "retired", "definition", "include", "exclude", "examples", "rules", "colour"
]


@dataclass(frozen=True, slots=True)
class CodeChange:
    """One difference between two versions of a codebook.

    Attributes
    ----------
    kind
        What changed.
    code
        Id of the code.
    path
        Its path, in the new version where it is there.
    old, new
        What it was and what it is: names, paths, texts; of lists what went and what came, joined with "; ".
    """

    kind: ChangeKind
    code: str
    path: str
    old: str
    new: str


def compare_codebooks(old: Codebook, new: Codebook) -> list[CodeChange]:
    """Return what changed from one version of a codebook to another, in the order of the new one, what went last.

    Parameters
    ----------
    old, new
        The versions.

    Returns
    -------
    list of CodeChange
        One for each thing that changed in a code.

    Examples
    --------
    >>> from qualcode.codebook import parse_codebook
    >>> old = parse_codebook("codes: [{id: rain, name: Rain}]")
    >>> new = parse_codebook("codes: [{id: rain, name: Rain and hail}, {id: sun, name: Sun}]")
    >>> [(one.kind, one.code) for one in compare_codebooks(old, new)]
    [('renamed', 'rain'), ('added', 'sun')]
    """
    before = {code.id: code for code in old.walk()}
    after = {code.id: code for code in new.walk()}
    changes: list[CodeChange] = []
    for code in after.values():
        path = new.path(code.id)
        if code.id in before:
            was = old.parent(code.id)
            now = new.parent(code.id)
            if (was and was.id) != (now and now.id):
                changes.append(CodeChange("moved", code.id, path, old.path(code.id), path))
            changes += (CodeChange(kind, code.id, path, *texts) for kind, *texts in _compare(before[code.id], code))
        else:
            changes.append(CodeChange("added", code.id, path, "", code.name))
    gone = (code for code in before.values() if code.id not in after)
    return changes + [CodeChange("removed", code.id, old.path(code.id), code.name, "") for code in gone]


def _compare(old: Code, new: Code) -> Iterator[tuple[ChangeKind, str, str]]:
    """Yield the kinds of changes inside a code, with what went and what came."""
    texts: tuple[tuple[ChangeKind, str, str], ...] = (
        ("renamed", old.name, new.name),
        ("retired", _tell_use(old), _tell_use(new)),
        ("definition", old.definition, new.definition),
        ("colour", old.colour, new.colour),
    )
    for kind, one, other in texts:
        if one != other:
            yield kind, one, other
    lists: tuple[tuple[ChangeKind, list[str], list[str]], ...] = (
        ("include", list(old.include), list(new.include)),
        ("exclude", list(old.exclude), list(new.exclude)),
        ("examples", _tell_examples(old), _tell_examples(new)),
    )
    for kind, ones, others in lists:
        if ones != others:
            yield kind, _without(ones, others), _without(others, ones)
    if old.rules != new.rules and old.is_retired == new.is_retired:
        yield "rules", _tell_rules(old, new), _tell_rules(new, old)


def _tell_use(code: Code) -> str:
    return "retired" if code.is_retired else "in use"


def _tell_examples(code: Code) -> list[str]:
    return [
        *(f"hit: {example.text}" for example in code.hits),
        *(f"miss: {example.text}" for example in code.misses),
    ]


def _without(texts: list[str], others: list[str]) -> str:
    return "; ".join(text for text in texts if text not in others)


def _tell_rules(code: Code, other: Code) -> str:
    """Return the rules that the other version does not have, or has otherwise."""
    known = set(other.rules)
    return "; ".join(_tell_rule(rule) for rule in code.rules if rule not in known)


def _tell_rule(rule: Rule) -> str:
    unless = f" unless {', '.join(term.pattern for term in rule.unless)}" if rule.unless else ""
    return f"{rule.id}{unless}"
