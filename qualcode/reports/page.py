"""The report as one HTML file that asks nothing of any other place.

The page can hold what strangers said, so nothing of it may ever run: every text is escaped, and a content security
policy allows only the one style sheet and the one script that were written here, by their digests.
"""

from __future__ import annotations

import gc
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from qualcode.drawing import allow, encode_data, join_modules
from qualcode.figures import colour_codes
from qualcode.reports.document import Figure
from qualcode.reports.markup import Blocks, Keys
from qualcode.reports.packing import gather_codings, pack, tell_transcript
from qualcode.reports.phrases import SHORTENED, clean
from qualcode.reports.sections import count_passages
from qualcode.wording import plural

if TYPE_CHECKING:
    from qualcode.codebook import Code
    from qualcode.reports.document import Document
    from qualcode.reports.packing import Codings
    from qualcode.reports.quotes import QuoteRow
    from qualcode.reports.report import CodeRow

_LONGEST_EXAMPLE = 300
_MOST_QUOTES = 20
"""Quotes of a code that are in the page as they are; its script shows the others."""

_PLACED = {"methods", "themes", "left-out"}
"""Sections that have a place of their own in the page; the others follow the figures, as they are."""
_ILLUSTRATED = ("themes", "pairs")
"""Sections whose figures stand together."""


def render(document: Document) -> bytes:
    """Return the page as bytes."""
    gc.freeze()
    try:
        return _Page(document.on("screen")).render().encode("utf-8", "replace")
    finally:
        gc.collect()  # a template and what it shows name one another, and the whole page is in there once more
        gc.unfreeze()


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
        css, script = _file("report.css") + self._hue_rules(), f"\n{join_modules('report')}\n"
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
            "most": _MOST_QUOTES,
            "placed": {name: sections[name][1] if name in sections else "" for name in _PLACED},
            "rows": [self._row(row) for row in self.codes],
            "sections": [(head, shown) for name, (head, shown) in sections.items() if name not in _PLACED],
            "subtitle": report.subtitle,
            "talks": self._talks(),
            "title": report.title,
            "names": Markup(encode_data(self._tell_names())),  # noqa: S704  # nothing in it can end the element
            "codings": pack(self.codings.columns),
            "beside": bool(self.document.figures),
        }

    def _hue_rules(self) -> str:
        """Return the style rules that give each hue its colour."""
        return "".join(f".h{index} {{ --h: {colour}; }}\n" for index, colour in enumerate(dict.fromkeys(self.colours)))

    # --- codes and their quotes ---------------------------------------------------------------------------

    @cached_property
    def codings(self) -> Codings:
        """All codings as the script reads them."""
        return gather_codings(self.report, self.keys)

    def _tell_names(self) -> dict[str, Any]:
        """Return codes, transcripts and cases by their numbers; of a code also itself and those below it."""
        paths = [row.code for row in self.codes]
        return {
            "codes": [
                {
                    "id": path,
                    "name": clean(row.name),
                    "hue": hue,
                    "below": [at for at, other in enumerate(paths) if other == path or other.startswith(f"{path}/")],
                }
                for path, row, hue in zip(paths, self.codes, self.keys.hues, strict=True)
            ],
            "names": [clean(one) for one in self.keys.transcripts],
            "cases": [clean(one) for one in self.keys.cases],
        }

    def _row(self, row: CodeRow) -> dict[str, Any]:
        number = self.numbers[row.code]
        own = self.report.quotes_of[row.code]
        return {
            "name": row.name,
            "level": row.level,
            "number": number,
            "heading": min(row.level, 2) + 2,
            "hue": self.keys.hues[number],
            "definition": self.report.codebook.code(row.code).definition,
            "option": "\u2003" * (row.level - 1) + row.name,
            "quotes": [self._quote(quote) for quote in own[:_MOST_QUOTES]],
            "n_quotes": len(own),
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
        number = int(self.codings.quotes[quote.row])
        who = self.codings.columns.get("who")
        return {
            "text": quote.text,
            "place": ", ".join(filter(None, [quote.place, quote.moment, quote.speaker])),
            "rule": quote.rule,
            "matched": quote.matched,
            "coders": self.codings.columns["coders"][who[number]] if who else "",
            "mark": number,
            "talk": self.keys.transcripts[quote.transcript],
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

    def _talks(self) -> list[dict[str, Any]]:
        units = self.report.table.units
        words = units[~units["is_interviewer"].astype(bool)].groupby("transcript", sort=False)["words"].sum()
        talks = []
        for number, transcript in enumerate(self.report.table.transcripts):
            turns = transcript.columns("turn")
            asks = [name in transcript.interviewers for name in turns.names]
            n_turns = sum(not asks[code] for code in turns.codes)
            parts = [
                f"{plural(n_turns, 'turn')} with {plural(int(words.get(transcript.id, 0)), 'word')}",
                plural(int(self.codings.counted[number]), "coding"),
            ]
            packed = pack(tell_transcript(transcript))
            talks.append({"number": number, "id": transcript.id, "summary": " · ".join(parts), "packed": packed})
        return talks


def _clean_value(value: Any) -> Any:  # whatever a template prints
    return clean(value) if type(value) is str else value


def _file(name: str) -> str:
    return files("qualcode.reports").joinpath("templates", name).read_text("utf-8")


def _policy(css: str, script: str) -> str:
    """Return a policy under which nothing is loaded and only this style sheet and this script are used."""
    return (
        f"default-src 'none'; img-src data:; style-src {allow(css)}; script-src {allow(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
