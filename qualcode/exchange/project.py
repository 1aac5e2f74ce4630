"""What a project is, whichever program it comes from or goes to: the value that readers make and writers take."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qualcode.exchange.losses import Loss
    from qualcode.model import Span


@dataclass(frozen=True, slots=True)
class ProjectSource:
    """A text that is coded.

    Attributes
    ----------
    guid
        Names it in the project; an opaque string, as all GUIDs here.
    name
        What the program calls it; not unique.
    text
        In the form in which a transcript holds it (:func:`qualcode.model.canonical_text`); all spans refer to it.
    raw, raw_name
        The original file, and its name: the rich text where the project has it, else the plain one.
    times
        Pairs of a place in the text and the seconds at which it is said.
    """

    guid: str
    name: str
    text: str
    raw: bytes = b""
    raw_name: str = ""
    times: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class ProjectCode:
    """A code.

    Attributes
    ----------
    guid, name
        As the program has them.
    parent
        GUID of the code above; ``""`` at the top. Codes above come before those below.
    description
        Definition, and in it what belongs to the code, what does not, and examples.
    colour
        ``#rrggbb`` or ``""``.
    is_codable
        Whether the program lets people code with it; else it only groups others.
    """

    guid: str
    name: str
    parent: str = ""
    description: str = ""
    colour: str = ""
    is_codable: bool = True


@dataclass(frozen=True, slots=True)
class ProjectCoder:
    """Somebody who codes."""

    guid: str
    name: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One code on one passage by one coder.

    Attributes
    ----------
    guid
        Of the coding.
    source, span
        The passage.
    code, coder
        GUIDs; ``""`` for a coder that the project does not tell.
    note, at
        A remark, and when, in ISO 8601; ``""``: not told.
    """

    guid: str
    source: str
    span: Span
    code: str
    coder: str = ""
    note: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class ProjectCase:
    """Who or what the claims are about.

    Attributes
    ----------
    guid, name
        As the program has them; a case may have no name, which then is that of its only source.
    attributes
        Text by the names of variables.
    sources
        GUIDs of the texts in which it speaks.
    passages
        Passages in which it speaks: pairs of a source's GUID and a span.
    """

    guid: str
    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    passages: tuple[tuple[str, Span], ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """What a memo is about: the project (``""``), or a code, case or source, or a passage of a source."""

    kind: str = ""
    guid: str = ""
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class ProjectMemo:
    """A memo."""

    guid: str
    name: str
    text: str
    about: About = About()
    author: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Project:
    """All of a project.

    Attributes
    ----------
    program
        The program that it comes from, as in ``NVivo``.
    name, description
        Its title, and what it is about.
    origin
        The name of the import that codings carry, such as ``refi-qda``.
    variables
        Names of the variables of cases, in their order.
    losses
        What the file holds and this value does not.
    """

    program: str
    name: str = ""
    description: str = ""
    origin: str = "refi-qda"
    sources: tuple[ProjectSource, ...] = ()
    codes: tuple[ProjectCode, ...] = ()
    coders: tuple[ProjectCoder, ...] = ()
    marks: tuple[Mark, ...] = ()
    cases: tuple[ProjectCase, ...] = ()
    variables: tuple[str, ...] = ()
    memos: tuple[ProjectMemo, ...] = ()
    losses: tuple[Loss, ...] = ()

    def paths(self) -> dict[str, tuple[str, ...]]:
        """Return for the GUID of each code the names from the top down."""
        paths: dict[str, tuple[str, ...]] = {}
        for code in self.codes:
            paths[code.guid] = (*paths.get(code.parent, ()), code.name)
        return paths

    def quotes(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return for each mark its words and the path of its code."""
        paths, texts = self.paths(), {one.guid: one.text for one in self.sources}
        return [(texts[one.source][one.span.start : one.span.end], paths[one.code]) for one in self.marks]
