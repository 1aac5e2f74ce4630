"""Small groups: combinations of attributes by which a case is known although it has no name."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from qualcode.errors import Problem
from qualcode.wording import join, plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from qualcode.model import Case

SMALLEST = 3
"""Cases that a group should have at least."""
_WIDEST = 3
_WIDE = 20
"""From that difference between numbers on, bands of ten tell them apart."""
_MOST_ATTRIBUTES = 12


@dataclass(frozen=True, slots=True)
class SmallGroup:
    """A combination of attributes that singles out cases.

    Attributes
    ----------
    attributes
        Which attributes, together.
    n_cases
        How many cases are in groups that are too small by these, and not by fewer of them.
    where
        The lines of these cases in their table.
    """

    attributes: tuple[str, ...]
    n_cases: int
    where: tuple[str, ...]


def find_small_groups(cases: Iterable[Case], *, at_least: int = SMALLEST) -> list[SmallGroup]:
    """Return the combinations of up to three attributes by which fewer cases than that are alike.

    Parameters
    ----------
    cases
        All cases that leave.
    at_least
        How many cases must share a combination of values.

    Returns
    -------
    list of SmallGroup
        Those that single out most cases first. A combination is counted for a case only if no part of it does the same.

    Examples
    --------
    >>> from qualcode.leaks import find_small_groups
    >>> roles = ["nurse"] * 4 + ["matron"]
    >>> cases = [qualcode.Case(f"P{n}", {"role": role, "ward": "A"}) for n, role in enumerate(roles)]
    >>> [(one.attributes, one.n_cases) for one in find_small_groups(cases)]
    [(('role',), 1)]
    """
    people = list(cases)
    names = list(dict.fromkeys(name for case in people for name in case.attributes))[:_MOST_ATTRIBUTES]
    known: dict[int, list[set[str]]] = defaultdict(list)
    groups: list[SmallGroup] = []
    for width in range(1, _WIDEST + 1):
        for chosen in combinations(names, width):
            values = [tuple(case.attributes.get(name, "") for name in chosen) for case in people]
            sizes = Counter(values)
            found = [
                number
                for number, value in enumerate(values)
                if any(value) and sizes[value] < at_least and not any(one <= set(chosen) for one in known[number])
            ]
            for number in found:
                known[number].append(set(chosen))
            if found:
                groups.append(SmallGroup(chosen, len(found), tuple(people[number].where for number in found)))
    return sorted(groups, key=lambda one: (len(one.attributes), -one.n_cases))


def tell_small_groups(cases: Sequence[Case], where: str, *, at_least: int = SMALLEST) -> list[Problem]:
    """Return which attributes single out cases, and what to coarsen, as notes without values.

    Parameters
    ----------
    cases
        All cases that leave.
    where
        What the table is called.
    at_least
        As in :func:`find_small_groups`.

    Returns
    -------
    list of Problem
        One note per combination, the widest last, and one with the repair.

    Examples
    --------
    >>> from qualcode.leaks import tell_small_groups
    >>> cases = [qualcode.Case(f"P{n}", {"age": str(30 + 9 * n), "ward": "A"}) for n in range(4)]
    >>> for problem in tell_small_groups(cases, "cases.csv"):
    ...     print(problem.message, problem.hint, sep=" | ")
    By age, 4 of 4 cases are in a group of fewer than 3. | Coarsen age, for example into bands such as 30–39
    """
    groups = find_small_groups(cases, at_least=at_least)
    notes = []
    for one in groups:
        by = join(one.attributes)
        message = f"By {by}, {one.n_cases} of {plural(len(cases), 'case')} are in a group of fewer than {at_least}."
        notes.append(Problem(where, "note", "small-group", message, _advise(one, cases)))
    return notes


def _advise(group: SmallGroup, cases: Sequence[Case]) -> str:
    """Return what to coarsen: the attribute of most different values."""
    values = {name: [case.attributes.get(name, "") for case in cases] for name in group.attributes}
    name = max(values, key=lambda one: len(set(values[one])))
    told = [one for one in values[name] if one]
    if told and all(one.replace(".", "", 1).isdigit() for one in told):
        numbers = sorted(map(float, told))
        if numbers[-1] - numbers[0] < _WIDE:
            return f"Coarsen {name}, for example into up to {numbers[(len(numbers) - 1) // 2]:g} and more"
        start = int(numbers[0]) // 10 * 10
        return f"Coarsen {name}, for example into bands such as {start}–{start + 9}"
    if len(set(told)) == len(cases) > 1:
        return f"Leave {name} out: it differs for every case"
    return f"Merge the rare values of {name} into a wider one, or leave it out"
