"""The memos of a project become memos of a study."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from qualcode.file_names import fold_name
from qualcode.model import Memo, Span
from qualcode.study.memos import encode_memo, name_memo, read_memos
from qualcode.study.projects.identities import Identity, digest_state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qualcode.exchange import LossList, ProjectMemo
    from qualcode.model import Segment
    from qualcode.study.projects.identities import Identities
    from qualcode.study.projects.texts import Text
    from qualcode.study.store import StudyChange

_LONGEST = 60


class MemoWriter:
    """Puts memos in.

    Attributes
    ----------
    rows
        What is to be remembered.
    n_new
        How many came in anew.
    """

    def __init__(
        self, change: StudyChange, known: Identities, losses: LossList, texts: Mapping[str, Text],
        names: Mapping[tuple[str, str], str],
    ) -> None:  # fmt: skip
        self.change, self.known, self.losses, self.texts, self.names = change, known, losses, texts, names
        self.present = {one.id: one for one in read_memos(change.study)[0]}
        self.taken = {fold_name(one) for one in self.present}
        self.rows: list[Identity] = []
        self.n_new = 0

    def write(self, memo: ProjectMemo) -> None:
        """Put one memo in, or what it says by now into the one that it is here."""
        text = unicodedata.normalize("NFC", memo.text).strip() + "\n"
        state = digest_state(text)
        row = self.known.by_guid("memo", memo.guid)
        if row is None:
            row = self._find_same(memo, text)
        present = self.present.get(row.key) if row is not None else None
        if row is not None and (row.state == state or present is None):
            self.rows.append(Identity("memo", "", row.key, memo.guid, row.state))
            return  # as it came the last time, or deleted here
        if row is not None and present is not None and digest_state(present.text) != row.state:
            self.losses.add("memos that were changed here and there", "those here stay", present.id)
            return
        about = present.about if present is not None else self._about(memo)
        if about is None:
            self.losses.add("memos on passages that were changed here", "left out", memo.text)
            return
        memo_id = present.id if present is not None else self._name(memo, about)
        self.n_new += present is None
        told = Memo(memo_id, about, text, memo.author.replace("\n", " "), memo.at.replace("\n", " "))
        self.change.put(self.change.study.layout.memo_of(memo_id), encode_memo(told))
        self.rows.append(Identity("memo", "", memo_id, memo.guid, state))

    def _find_same(self, memo: ProjectMemo, text: str) -> Identity | None:
        """Return the memo that says the same about the same, as of a program that gives new GUIDs at every export."""
        about = self._about(memo)
        same = next((one for one in self.present.values() if one.text == text and one.about == about), None)
        return Identity("memo", "", same.id, memo.guid, digest_state(text)) if same else None

    def _about(self, memo: ProjectMemo) -> str | None:
        """Return what a memo is about here; a segment where the passage is one, of a text its first turn."""
        about = memo.about
        if about.kind in {"code", "case"}:
            name = self.names.get((about.kind, about.guid))
            return f"{about.kind}:{name}" if name else "study"
        text = self.texts.get(about.guid)
        if text is None:
            return "study"
        if about.span is None:
            return f"{text.transcript.id}:{text.transcript.segments[0].id}"
        span = text.place(about.span)
        return None if span is None else self._address(text, span, memo.name)

    @staticmethod
    def _address(text: Text, span: Span, name: str) -> str:
        """Return the segment that a passage is, that of which the memo has its name, or the passage."""
        same = [one for one in text.transcript.segments if one.span == span]

        def address(segment: Segment) -> str:
            return f"{text.transcript.id}:{segment.id}"

        named = next((one for one in same if name_memo(address(one)) == name), next(iter(same), None))
        is_passage = name == name_memo(f"{text.transcript.id}:{span.start}-{span.end}")
        return address(named) if named and not is_passage else f"{text.transcript.id}:{span.start}-{span.end}"

    def _name(self, memo: ProjectMemo, about: str) -> str:
        base = re.sub(r"[^\w-]+", "-", unicodedata.normalize("NFC", memo.name)).strip("-")[:_LONGEST].strip("-")
        base = base or name_memo(about) or "memo"
        name, number = base, 1
        while fold_name(name) in self.taken or not re.fullmatch(r"\w[\w-]*", name):
            number += 1
            name = f"{base}-{number}" if re.match(r"\w", base) else f"memo-{number}"
        self.taken.add(fold_name(name))
        return name
