"""The codes of a project become codes of a codebook, or are known as ones that it has."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from qualcode.codebook import Code, add_codes, edit_code, encode_codebook, make_id, parse_codebook, rename_code
from qualcode.exchange import clean_name, read_description
from qualcode.study.projects.identities import Identity, digest_state
from qualcode.study.recoding import find_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qualcode.codebook import Codebook
    from qualcode.exchange import LossList, ProjectCode
    from qualcode.study.projects.identities import Identities
    from qualcode.study.store import StudyFolder

_FOR_GROUPS = "In {program} it only groups others."


def state_of(code: Code) -> str:
    """Return what tells two states of a code, whatever lies below it."""
    texts = tuple(one.text for one in code.hits), tuple(one.text for one in code.misses)
    return digest_state(code.name, code.definition, code.include, code.exclude, *texts, code.colour)


class CodeMatcher:
    """Finds or makes the code of each code of a project.

    Attributes
    ----------
    ids
        For the GUID of each code its id here.
    rows
        What is to be remembered.
    n_new, n_changed
        How many codes are added and changed.
    """

    def __init__(
        self, study: StudyFolder, known: Identities, losses: LossList, program: str, *, is_own: bool = False
    ) -> None:
        self.is_own = is_own
        self.study, self.known, self.losses, self.program = study, known, losses, program
        self.text = (study.layout.read(study.layout.codebook) or b"").decode("utf-8-sig")
        self.codebook: Codebook | None = study.codebook if study.has_codebook else None
        self.merged = find_mapping(study)
        self.ids: dict[str, str] = {}
        self.rows: list[Identity] = []
        self.new: dict[str, Code] = {}
        self.under: dict[str, str] = {}
        self.present = {code.id for code in self.codebook.walk()} if self.codebook else set()
        self.taken = self.present | set(self.merged)
        self.used: set[str] = set()
        self.n_changed = 0
        self._edits: list[tuple[str, Code]] = []

    @property
    def n_new(self) -> int:
        """How many codes are added."""
        return len(self.new)

    def match(self, codes: Sequence[ProjectCode]) -> None:
        """Find or make all codes."""
        for code in codes:
            wanted = self._make(code)
            row = self.known.by_guid("code", code.guid)
            found = self._find(code, row)
            if found is None:
                found = self._begin(code, wanted)
            elif row is not None and found == row.key and found not in self.new and not self.is_own:
                self._compare(found, wanted, row)
            self.ids[code.guid] = found
            self.used.add(found)
            self.rows.append(Identity("code", "", found, code.guid, state_of(wanted)))

    def _make(self, code: ProjectCode) -> Code:
        """Return what a code says here; its id is told later."""
        made = read_description(Code("", clean_name(code.name, default="Code"), colour=code.colour), code.description)
        if code.is_codable:
            return made
        self.losses.add("codes that only group others", "codes with a remark", code.name, level="note")
        remark = _FOR_GROUPS.format(program=self.program or "the other program")
        if remark in made.definition:
            return made
        return replace(made, definition="\n\n".join(filter(None, (made.definition, remark))))

    def _find(self, code: ProjectCode, row: Identity | None) -> str | None:
        """Return the id of a code that is there already: by its GUID, else by its name below its parent."""
        if self.codebook is None:
            return None
        if row is not None and (row.key in self.present or row.key in self.merged):
            return self.merged.get(row.key, row.key)
        parent = self.ids.get(code.parent, "")
        if parent in self.new:
            return None
        siblings = self.codebook.code(parent).codes if parent else self.codebook.codes
        name = clean_name(code.name, default="Code").casefold()
        return next((one.id for one in siblings if one.name.casefold() == name and one.id not in self.used), None)

    def _begin(self, code: ProjectCode, wanted: Code) -> str:
        code_id = make_id(wanted.name, self.taken)
        self.taken.add(code_id)
        self.new[code_id] = replace(wanted, id=code_id)
        self.under[code_id] = self.ids.get(code.parent, "")
        return code_id

    def _compare(self, code_id: str, wanted: Code, row: Identity) -> None:
        """Take over what changed there since the last time, unless it was changed here as well."""
        if self.codebook is None or row.state == state_of(wanted):
            return
        present = self.codebook.code(code_id)
        if state_of(present) == row.state:
            self._edits.append((code_id, wanted))
            self.n_changed += 1
        elif state_of(present) != state_of(wanted):
            self.losses.add("codes that were changed here and there", "the codebook here stays", present.name)

    def encode(self, *, name: str, description: str, why: str, when: str) -> str | None:
        """Return the text of the codebook with what is new and changed; ``None`` when nothing is."""
        below: dict[str, list[str]] = {}
        for code_id, parent in self.under.items():
            below.setdefault(parent, []).append(code_id)
        tops = [(self.under[one], self._grow(one, below)) for one in self.new if self.under[one] not in self.new]
        if self.codebook is None:
            codes = [code for _, code in tops]
            return encode_codebook(codes, name=name, description=description) if codes else None
        text = self.text
        if tops:
            text = add_codes(text, tops, because=why, when=when).text
        for code_id, wanted in self._edits:
            text = self._edit(text, code_id, wanted, why=why, when=when)
        return text if text != self.text else None

    def _grow(self, code_id: str, below: Mapping[str, Sequence[str]]) -> Code:
        """Return a new code with all new ones below it."""
        return replace(self.new[code_id], codes=tuple(self._grow(one, below) for one in below.get(code_id, ())))

    def _edit(self, text: str, code_id: str, wanted: Code, *, why: str, when: str) -> str:
        present = parse_codebook(text).code(code_id)
        if (present.colour, present.hits, present.misses) != (wanted.colour, wanted.hits, wanted.misses):
            self.losses.add("colours and examples that changed there", "those of the codebook here stay", wanted.name)
        if present.name != wanted.name:
            text = rename_code(text, code_id, wanted.name, because=why, when=when).text
        told = {"definition": wanted.definition, "include": wanted.include, "exclude": wanted.exclude}
        changed = {key: value for key, value in told.items() if value != getattr(present, key)}
        if changed:
            text = edit_code(text, code_id, **changed, because=why, when=when).text  # type: ignore[arg-type]
        return text
