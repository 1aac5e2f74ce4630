"""A pack: what was drawn for a second coder, with the page to code it in, as one file that needs no server."""

from __future__ import annotations

import hashlib
import json
from html import escape
from typing import TYPE_CHECKING

from qualcode.drawing import allow, encode_data, join_modules, read_static
from qualcode.errors import StudyError
from qualcode.surface.codes import show_codebook
from qualcode.surface.keys import list_keys
from qualcode.surface.room import Room
from qualcode.surface.showing import LETTERS, show_transcript

if TYPE_CHECKING:
    from qualcode.study import Study
    from qualcode.surface.asking import Answer

_WITHOUT = ("accept", "define", "example", "play", "forms")
"""Acts that need the study, and the forms of a word; suggestions, which are there to be accepted, are not in a pack."""


def render_pack(study: Study, coder: str) -> str:
    """Return a page in which somebody codes what was drawn for them, without qualcode and without a network.

    It holds those transcripts, the codebook and what the coder did and wrote on them before; no suggestions, and no
    memos or codings of others. The file that it saves is brought in with :meth:`.Study.merge_coded`.

    Parameters
    ----------
    study, coder
        Who codes what.

    Returns
    -------
    str
        HTML, in one file; the same study gives the same text.

    Raises
    ------
    StudyError
        If nothing is drawn for the coder, or the codebook cannot be used.

    Examples
    --------
    >>> from qualcode.surface import render_pack
    >>> study = qualcode.create_study("garden", codebook="codebooks/industry_partnership.yaml", coders=["ana", "ben"])
    >>> transcripts, problems = qualcode.read_transcripts("transcripts_sample")
    >>> report = study.import_transcripts(transcripts, "transcripts_sample")
    >>> n_drawn = study.assign(["ana", "ben"], share=0.5, seed=7)
    >>> render_pack(study, "ben").startswith("<!doctype html>")
    True
    """
    room = Room(study, coder, only="assigned")
    names = room.transcript_ids()
    if not names:
        raise StudyError(
            f"Nothing is drawn for {room.coder}.",
            hint="Draw a part: qualcode assign --coders ana,ben --share 20% --seed 7",
        )
    trouble = room.find_trouble()
    if trouble is not None:
        raise trouble
    settings = study.settings
    told: Answer = {
        "study": settings.name or study.root.name, "id": settings.id, "coder": room.coder, "names": names,
        "others": [], "views": ["read", "search", "flags"], "without": list(_WITHOUT), "codebook": show_codebook(room),
        "pins": list(study.pins(room.coder)), "digest": study.codebook.digest,
        "keys": [one for one in list_keys() if one[1] not in _WITHOUT],
        "texts": {name: _show_text(room, name) for name in names},
    }  # fmt: skip
    named = json.dumps(told, ensure_ascii=False, sort_keys=True).encode("utf-8", "surrogatepass")
    return _render({**told, "pack": hashlib.sha256(named).hexdigest()[:16]})


def _show_text(room: Room, name: str) -> Answer:
    """Return a transcript with the coder's own codings, and with nothing that anybody else thinks of it."""
    shown, mine = show_transcript(room, {"t": name}), room.study.sheet(room.coder, name)
    kept = ("id", "start", "text", "who", "time", "asked", "aside", "seen")
    turns = [{key: turn[key] for key in kept if key in turn} for turn in shown["turns"]]
    given = [
        {"start": one.span.start, "end": one.span.end, "code": one.code, "verdict": LETTERS[one.verdict],
         "note": one.note}
        for one in (mine.codings if mine else ())
        if one.is_counted
    ]  # fmt: skip
    return {
        "id": name, "language": shown["language"], "sentences": shown["sentences"], "unit": shown["unit"],
        "unsettled": 0, "digest": room.study.transcript(name).digest, "turns": turns, "given": given,
        "memos": [
            {"about": one.about.rpartition(":")[2], "text": one.text.strip(), "flag": one.flag}
            for one in room.study.memos()[0]
            if one.about.rpartition(":")[0] == name and one.author == room.coder and not one.is_private
        ],
    }  # fmt: skip


def _render(data: Answer) -> str:
    """Return the page; its policy lets nothing run but this script, and no request leave it."""
    script, style = f"\n{join_modules('pack')}\n", f"\n{read_static('surface.css')}\n"
    policy = (
        f"default-src 'none'; script-src {allow(script)}; style-src {allow(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="content-security-policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(str(data["study"]))} for {escape(str(data["coder"]))} · qualcode</title>
<link rel="icon" href="data:,">
<style>{style}</style>
</head>
<body>
<div id="surface"><noscript>Coding needs JavaScript, which this browser does not run. Switch it on for this page; \
nothing is loaded from anywhere else.</noscript></div>
<script type="application/json" id="data">{encode_data(data)}</script>
<script type="module">{script}</script>
</body>
</html>
"""
