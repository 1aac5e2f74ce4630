"""The report as one HTML file that asks nothing of any other place.

The page can hold what strangers said, so nothing of it may ever run: every text is escaped, and a content security
policy allows only the one style sheet and the one script that were written here, by their digests.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from qualcode.reports import CHART_KINDS
from qualcode.reports.content import (
    SHORTENED,
    captions,
    case_noun,
    clock,
    count_noun,
    describe_emptiness,
    describe_whose,
    example_of,
    leaf_pairs,
    list_codes,
    list_participants,
    list_quotes,
    number,
    subtitle,
)
from qualcode.reports.files import clean
from qualcode.reports.methods import describe_notes, paragraphs
from qualcode.reports.transcripts import Passage, render_turn
from qualcode.themes import MARK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qualcode.codebook import Code, Codebook
    from qualcode.reports import Report
    from qualcode.reports.content import CodeRow, Quote

_MOST_LEVELS = 5
_SHADES = 4
_LONGEST_EXAMPLE = 300

# Those of the figures: Okabe and Ito (2008), which readers with any kind of colour vision can tell apart.
_HUES = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#999999", "#F0E442")
# What may stand in a style sheet without being able to end the rule it stands in.
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def render(report: Report) -> bytes:
    """Return the page as bytes."""
    return _Page(report).render().encode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class _Place:
    """The counting units that a coded passage touches, and who speaks there."""

    units: tuple[int, ...]
    cases: tuple[str, ...]
    coders: tuple[str, ...]


class _Page:
    """What the template shows, computed once."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.codes = list_codes(report)
        self.numbers = {row.code: index for index, row in enumerate(self.codes)}
        self.colours = _colour_codes(report.codebook)
        hues = {colour: index for index, colour in enumerate(dict.fromkeys(self.colours))}
        self.hues = [hues[colour] for colour in self.colours]
        self.people = list_participants(report)
        self.case_numbers = {person.case: index for index, person in enumerate(self.people)}
        self.noun = case_noun(report.table)
        self.quotes = list_quotes(report.quotes)

    def render(self) -> str:
        from jinja2 import Environment, StrictUndefined
        from markupsafe import Markup

        environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
        environment.finalize = _clean_value
        css, script = _file("report.css") + self._hue_rules(), _file("report.js")
        template = environment.from_string(_file("report.html.j2"))
        # Both are our own, and the colours among them are checked.
        own = {"css": Markup(css), "js": Markup(script)}  # noqa: S704
        return template.render(**own, policy=_policy(css, script), **self._context())

    def _context(self) -> dict[str, Any]:
        report = self.report
        return {
            "agreement": self._agreement(),
            "attributes": report.table.index.attributes,
            "codes": [self._describe_code(code) for code in report.codebook.codes],
            "description": report.codebook.description,
            "emptiness": describe_emptiness(report),
            "facts": report.facts,
            "figures": self._figures(),
            "methods": paragraphs(report),
            "mark": MARK,
            "n_quotes": len(self.quotes),
            "notes": describe_notes(report.facts),
            "pairs": self._pairs(),
            "people": self.people,
            "plural": self.noun[1],
            "rows": [self._row(row) for row in self.codes],
            "singular": self.noun[0],
            "subtitle": subtitle(report),
            "talks": self._talks(),
            "title": report.title,
            "units": f"{report.facts.unit}s",
            "whose": describe_whose(report),
        }

    def _hue_rules(self) -> str:
        """Return the style rules that give each hue its colour."""
        return "".join(f".h{index} {{ --h: {colour}; }}\n" for index, colour in enumerate(dict.fromkeys(self.colours)))

    def _figures(self) -> list[dict[str, str]]:
        texts = captions(self.report)
        shown = (self._embed(kind, texts[kind]) for kind in CHART_KINDS)
        return [figure for figure in shown if figure is not None]

    def _agreement(self) -> dict[str, Any] | None:
        result = self.report.agreement
        if result is None:
            return None
        from qualcode.reports.agreement import CAPTION, tabulate_agreement

        figure = self._embed("agreement", f"{CAPTION}, per code")
        return {"table": tabulate_agreement(result), "figure": figure, "methods": result.methods(), "title": CAPTION}

    def _embed(self, kind: str, caption: str) -> dict[str, str] | None:
        """Return a figure as the template shows it; ``None`` when there is none of its kind."""
        if kind not in self.report.charts:
            return None
        chart = self.report.charts[kind]
        return {"svg": b64encode(chart.render("svg")).decode(), "alt": chart.alt, "caption": f"{caption}."}

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
        keys = {quote.passage for quote in self.quotes}
        ordered = sorted(keys, key=lambda key: (order[key[0]], key[1], key[2]))
        return {key: index for index, key in enumerate(ordered)}

    @cached_property
    def quotes_by_code(self) -> dict[str, list[Quote]]:
        """The quotes of each code, without those of the codes below it."""
        found: dict[str, list[Quote]] = {row.code: [] for row in self.codes}
        for quote in self.quotes:
            found[quote.code].append(quote)
        return found

    def _row(self, row: CodeRow) -> dict[str, Any]:
        total = self.report.facts.totals.cases
        number_ = self.numbers[row.code]
        code = self.report.codebook.code(row.code)
        below = [index for path, index in self.numbers.items() if path == row.code or path.startswith(f"{row.code}/")]
        return {
            **{name: getattr(row, name) for name in ("code", "name", "level", "codings", "segments", "words")},
            "transcripts": row.transcripts,
            "cases": row.cases,
            "number": number_,
            "depth": min(row.level, _MOST_LEVELS),
            "hue": self.hues[number_],
            "percent": f"{row.cases / total:.0%}" if total else "",
            "bar": round(100 * row.cases / total) if total else 0,
            "below": " ".join(map(str, below)),
            "definition": code.definition,
            "option": "\u2003" * (row.level - 1) + row.name,
            "by_case": self._by_case(row),
            "quotes": [self._quote(quote) for quote in self.quotes_by_code[row.code]],
            "summary": self._summary(row),
            "unsure": row.unsure,
        }

    def _summary(self, row: CodeRow) -> str:
        own = len(self.quotes_by_code[row.code])
        if not row.codings:
            return "No passage."
        counted = (
            f"{count_noun(row.codings, 'passage')} in {count_noun(row.segments, self.report.facts.unit)} of "
            f"{row.cases} of {count_noun(self.report.facts.totals.cases, *self.noun)}"
        )
        if own == row.codings:
            return counted
        return f"{counted}: {own} with this code itself, the others with codes below it" if own else f"{counted}, below"

    def _quote(self, quote: Quote) -> dict[str, Any]:
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
            "cases": " ".join(str(self.case_numbers[case]) for case in place.cases if case in self.case_numbers),
            "units": " ".join(map(str, place.units)),
        }

    @cached_property
    def _counts(self) -> dict[tuple[str, str], int]:
        frame = self.report.by_case
        columns = (frame[name].tolist() for name in ("code", "case", "segments"))
        return {(code, case): segments for code, case, segments in zip(*columns, strict=True)}

    def _by_case(self, row: CodeRow) -> list[dict[str, Any]]:
        most = max(self._counts.values(), default=0)
        cells = []
        for index, person in enumerate(self.people):
            segments = self._counts.get((row.code, person.case), 0)
            shade = -(-_SHADES * segments // most) if most else 0
            cells.append(
                {
                    "number": index,
                    "name": person.case,
                    "segments": segments,
                    "shade": f" s{shade}" if shade else "",
                }
            )
        return cells

    def _pairs(self) -> list[dict[str, Any]]:
        def name(path: str) -> dict[str, Any]:
            index = self.numbers[path]
            return {"name": self.codes[index].name, "number": index, "hue": self.hues[index]}

        frame = leaf_pairs(self.report)
        columns = (frame[column].tolist() for column in ("code", "other", "segments", "cases"))
        return [
            {"code": name(code), "other": name(other), "segments": segments, "cases": cases}
            for code, other, segments, cases in zip(*columns, strict=True)
        ]

    def _describe_code(self, code: Code) -> dict[str, Any]:
        example = example_of(code)
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
        quote_rows = {(quote.code, *quote.passage): quote.row for quote in self.quotes}
        found: dict[str, list[Passage]] = {}
        for code, transcript, start, end in self.places:
            index = self.numbers[code]
            mark = quote_rows.get((code, transcript, start, end))
            passage = Passage(start, end, index, self.hues[index], self.codes[index].name, mark)
            found.setdefault(transcript, []).append(passage)
        return found

    def _talks(self) -> list[dict[str, Any]]:
        from markupsafe import Markup

        units = self.report.table.units
        words = units[~units["is_interviewer"].astype(bool)].groupby("transcript", sort=False)["words"].sum()
        talks = []
        for index, transcript in enumerate(self.report.table.transcripts):
            turns = transcript.units("turn")
            passages = self._marks.get(transcript.id, [])
            n_words = int(words.get(transcript.id, 0))
            n_turns = sum(not transcript.is_interviewer(turn) for turn in turns)
            parts = [
                f"{count_noun(n_turns, 'turn')} with {count_noun(n_words, 'word')}",
                count_noun(sum(passage.mark is not None for passage in passages), "coding"),
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


def _colour_codes(codebook: Codebook) -> list[str]:
    """Return the colour of each code: its own in the codebook, that of the code above, or its theme's."""
    colours: dict[str, str] = {}
    n_themes = 0
    for code in codebook.walk():
        parent = codebook.parent(code.id)
        if code.colour and _COLOUR.fullmatch(code.colour):
            colours[code.id] = code.colour
        else:
            colours[code.id] = colours[parent.id] if parent else _HUES[n_themes % len(_HUES)]
        n_themes += parent is None
    return list(colours.values())


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
