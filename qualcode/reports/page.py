"""The report as one HTML file that asks nothing of any other place.

The page can hold what strangers said, so nothing of it may ever run: every text is escaped, and a content security
policy allows only the one style sheet and the one script that were written here, by their digests.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from qualcode.figures import colour_codes
from qualcode.reports.document import Figure
from qualcode.reports.markup import Blocks, Keys
from qualcode.reports.phrases import SHORTENED, clean, clock, number
from qualcode.reports.sections import count_passages
from qualcode.reports.transcripts import Passage, render_turn
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.codebook import Code
    from qualcode.reports.document import Document
    from qualcode.reports.report import CodeRow, QuoteRow

_LONGEST_EXAMPLE = 300

_PLACED = {"methods", "themes", "left-out"}
"""Sections that have a place of their own in the page; the others follow the figures, as they are."""
_ILLUSTRATED = ("themes", "pairs")
"""Sections whose figures stand together."""


def render(document: Document) -> bytes:
    """Return the page as bytes."""
    return _Page(document.on("screen")).render().encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class _Place:
    """The counting units that a coded passage touches, and who speaks there."""

    units: tuple[int, ...]
    cases: tuple[str, ...]
    coders: tuple[str, ...]


class _Page:
    """What the template shows, computed once."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.report = report = document.report
        self.codes = report.codes
        self.numbers = {row.code: index for index, row in enumerate(self.codes)}
        self.colours = list(colour_codes(report.codebook).values())
        hues = {colour: index for index, colour in enumerate(dict.fromkeys(self.colours))}
        self.keys = Keys(
            codes=self.numbers,
            cases={one.case: index for index, one in enumerate(report.participants)},
            transcripts={talk.id: index for index, talk in enumerate(report.table.transcripts)},
            names=[row.name for row in self.codes],
            hues=[hues[colour] for colour in self.colours],
        )
        self.blocks = Blocks(document, self.keys)

    def render(self) -> str:
        from jinja2 import Environment, StrictUndefined

        environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
        environment.finalize = _clean_value
        css, script = _file("report.css") + self._hue_rules(), _file("report.js")
        template = environment.from_string(_file("report.html.j2"))
        # Both are our own, and the colours among them are checked.
        own = {"css": Markup(css), "js": Markup(script)}  # noqa: S704
        return template.render(**own, policy=_policy(css, script), **self._context())

    def _context(self) -> dict[str, Any]:
        report, show = self.report, self.blocks.show
        illustrated = (block for name in _ILLUSTRATED for block in self.document.sections.get(name, ()))
        figures = [block for block in illustrated if isinstance(block, Figure)]
        sections = {
            name: (blocks[0], show(block for block in blocks if block not in figures))
            for name, blocks in self.document.sections.items()
        }
        return {
            "codes": [self._describe_code(code) for code in report.codebook.codes],
            "description": report.codebook.description,
            "facts": report.facts,
            "figures": show(figures),
            "placed": {name: shown for name, (_, shown) in sections.items()},
            "rows": [self._row(row) for row in self.codes],
            "sections": [(head, shown) for name, (head, shown) in sections.items() if name not in _PLACED],
            "subtitle": report.subtitle,
            "talks": self._talks(),
            "title": report.title,
        }

    def _hue_rules(self) -> str:
        """Return the style rules that give each hue its colour."""
        return "".join(f".h{index} {{ --h: {colour}; }}\n" for index, colour in enumerate(dict.fromkeys(self.colours)))

    # --- codes and their quotes ---------------------------------------------------------------------------

    @cached_property
    def places(self) -> dict[tuple[str, str, int, int], _Place]:
        """Each coded passage, by code (path), transcript, start and end, with where it stands."""
        table = self.report.table
        paths = {code.id: table.codebook.path(code.id) for code in table.codebook.walk()}
        cases, asked = table.units["case"].tolist(), table.units["is_interviewer"].tolist()
        units: dict[int, list[int]] = {}
        for unit, coding in zip(table.placements["unit"].tolist(), table.placements["coding"].tolist(), strict=True):
            if not asked[unit]:
                units.setdefault(coding, []).append(unit)
        found: dict[tuple[str, str, int, int], _Place] = {}
        columns = (table.codings[name].tolist() for name in ("code", "transcript", "start", "end", "coder"))
        for coding, (code, transcript, start, end, coder) in enumerate(zip(*columns, strict=True)):
            key = (paths[code], transcript, start, end)
            coders = (*found[key].coders, coder) if key in found else (coder,)
            here = tuple(units.get(coding, ()))
            found[key] = _Place(here, tuple(dict.fromkeys(cases[unit] for unit in here)), coders)
        return found

    @cached_property
    def passages(self) -> dict[tuple[str, int, int], int]:
        """Each passage with its number in the order of the texts, whatever it is coded with."""
        order = {transcript.id: index for index, transcript in enumerate(self.report.table.transcripts)}
        keys = {quote.passage for quote in self.report.passages}
        ordered = sorted(keys, key=lambda key: (order[key[0]], key[1], key[2]))
        return {key: index for index, key in enumerate(ordered)}

    def _row(self, row: CodeRow) -> dict[str, Any]:
        number_ = self.numbers[row.code]
        below = [index for path, index in self.numbers.items() if path == row.code or path.startswith(f"{row.code}/")]
        return {
            "name": row.name,
            "level": row.level,
            "number": number_,
            "heading": min(row.level, 2) + 2,
            "hue": self.keys.hues[number_],
            "below": " ".join(map(str, below)),
            "definition": self.report.codebook.code(row.code).definition,
            "option": "\u2003" * (row.level - 1) + row.name,
            "quotes": [self._quote(quote) for quote in self.report.quotes_of[row.code]],
            "summary": self._summary(row),
        }

    def _summary(self, row: CodeRow) -> str:
        own = len(self.report.quotes_of[row.code])
        if not row.codings:
            return "No passages."
        counted = count_passages(self.report, row)
        if own == row.codings:
            return counted
        return f"{counted}: {own} with this code itself, the others with codes below it" if own else f"{counted}, below"

    def _quote(self, quote: QuoteRow) -> dict[str, Any]:
        place = self.places[quote.code, *quote.passage]
        many = len(self.report.facts.coders) > 1
        return {
            "text": quote.text,
            "place": f"{quote.place}{f', {quote.speaker}' if quote.speaker else ''}",
            "rule": quote.rule,
            "matched": quote.matched,
            "coders": ", ".join(place.coders) if many else "",
            "passage": self.passages[quote.passage],
            "mark": quote.row,
            "cases": " ".join(str(self.keys.cases[case]) for case in place.cases if case in self.keys.cases),
            "talk": self.keys.transcripts[quote.transcript],
            "units": " ".join(map(str, place.units)),
        }

    def _describe_code(self, code: Code) -> dict[str, Any]:
        example = code.hits[0].text if code.hits else ""
        return {
            "name": code.name,
            "path": self.report.codebook.path(code.id),
            "definition": code.definition,
            "include": code.include,
            "exclude": code.exclude,
            "examples": example if len(example) <= _LONGEST_EXAMPLE else f"{example[:_LONGEST_EXAMPLE]} {SHORTENED}",
            "rules": [rule.id for rule in code.rules],
            "codes": [self._describe_code(child) for child in code.codes],
        }

    # --- transcripts --------------------------------------------------------------------------------------

    @cached_property
    def _marks(self) -> dict[str, list[Passage]]:
        """The passages to highlight in each transcript; those that count have a quote that leads to them."""
        quote_rows = {(quote.code, *quote.passage): quote.row for quote in self.report.passages}
        found: dict[str, list[Passage]] = {}
        for code, transcript, start, end in self.places:
            index = self.numbers[code]
            mark = quote_rows.get((code, transcript, start, end))
            passage = Passage(start, end, index, self.keys.hues[index], self.codes[index].name, mark)
            found.setdefault(transcript, []).append(passage)
        return found

    def _talks(self) -> list[dict[str, Any]]:
        units = self.report.table.units
        words = units[~units["is_interviewer"].astype(bool)].groupby("transcript", sort=False)["words"].sum()
        talks = []
        for index, transcript in enumerate(self.report.table.transcripts):
            turns = transcript.units("turn")
            passages = self._marks.get(transcript.id, [])
            n_words = int(words.get(transcript.id, 0))
            n_turns = sum(not transcript.is_interviewer(turn) for turn in turns)
            parts = [
                f"{plural(n_turns, 'turn')} with {plural(n_words, 'word')}",
                plural(sum(passage.mark is not None for passage in passages), "coding"),
            ]
            rendered = [
                render_turn(
                    turn,
                    clean(transcript.quote(turn.span)),
                    _touching(passages, turn.span.start, turn.span.end),
                    anchor=f"t{index}-{turn.id}",
                    is_asked=transcript.is_interviewer(turn),
                    time="" if number(turn.time) is None else clock(float(turn.time or 0)),
                )
                for turn in turns
            ]
            talks.append(
                {
                    "number": index,
                    "id": transcript.id,
                    "summary": " · ".join(parts),
                    "turns": Markup("\n".join(rendered)),  # noqa: S704  # escaped in render_turn
                }
            )
        return talks


def _touching(passages: Sequence[Passage], start: int, end: int) -> list[Passage]:
    return [passage for passage in passages if passage.start < end and start < passage.end]


def _clean_value(value: Any) -> Any:  # whatever a template prints
    return clean(value) if type(value) is str else value


def _file(name: str) -> str:
    return files("qualcode.reports").joinpath("templates", name).read_text("utf-8")


def _policy(css: str, script: str) -> str:
    """Return a policy under which nothing is loaded and only this style sheet and this script are used."""
    styles, scripts = (b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (css, script))
    return (
        f"default-src 'none'; img-src data:; style-src 'sha256-{styles}'; script-src 'sha256-{scripts}'; "
        "base-uri 'none'; form-action 'none'"
    )
