"""Lines that transcription services write of themselves, which nobody says."""

from __future__ import annotations

import re

from qualcode.sources.names import is_name, is_proper, is_reserve, is_sure

_MAX_LINE = 200
_TEAMS = re.compile(r"(?P<name>.{1,60}?) (?:started|stopped) (?:transcription|recording)", re.IGNORECASE)
_SERVICE = (
    r"(?:otter(?:\.ai)?|rev(?:\.com|\.ai)?|tl;?dv(?:\.io)?|fireflies(?:\.ai)?|zoom|microsoft teams|teams|sonix(?:\.ai)?"
    r"|trint|descript|happy ?scribe|turboscribe(?:\.ai)?|noscribe|atrain|whisper\S*|amberscript|notta(?:\.ai)?|fathom"
    r"|grain|read\.ai|scribie|gotranscript|temi|avoma|meetgeek|transkriptor|maestra|transcribee|f4x?|amara(?:\.org)?"
    r"|google meet|gemini|vook\.ai|verbit|3play\S*|zoom ai companion)"
)
_BY = r"(?:by|with|using|from|via|in|on|durch|mit|von|par|avec|por|con)"
_MADE = (
    r"(?:(?:auto(?:matically)?[- ])?(?:transcribed|transcript(?:ion|ed)?|generated|captioned|captions|subtitles"
    r"|subtitled|exported|created|recorded|powered|notes|transkribiert|transkript|erstellt|transcrit|transcrito)"
    r"(?: (?:was|were|is|generated|created|made|produced|provided|exported|wurde|erstellt))*)"
)
_CREDIT = re.compile(
    rf"\W{{0,3}}(?:this )?{_MADE} {_BY}\s+(?:the )?(?:https?://\S+|www\.\S+|\S+\.(?:ai|com|io|app|net|org)\b|{_SERVICE}\b).{{0,90}}",
    re.IGNORECASE,
)
_FIXED = re.compile(
    r"(?:meeting|transcription|recording) ended after \d{1,2}:\d\d(?::\d\d)?.{0,5}"
    r"|(?:this )?(?:editable )?transcript (?:was|is) (?:computer|auto(?:matically)?)[- ]generated.{0,140}"
    r"|this transcript was generated automatically\. its accuracy may vary\.?"
    r"|(?:view|see|watch|listen to)(?: the)? (?:original|full|whole) (?:transcript|recording|meeting|video)\b.{0,80}"
    r"|people can also change the text after it was created\.?"
    r"|.{0,60}https?://\S*(?:otter\.ai|fireflies\.ai|tldv\.io|rev\.com|sonix\.ai|fathom\.video|read\.ai|notta\.ai)\S*\W{0,3}"
    r"|\W?this file is longer than \d{1,3} minutes\b.{0,120}"
    r"|.{0,60}go unlimited to remove this message\W{0,3}"
    r"|.{1,90} \(completed +\d{1,2}/\d{1,2}/\d{2,4}\)"
    r"|page \d{1,4} of \d{1,4}"
    r"|\W{0,4}end of (?:the )?(?:transcript(?:ion)?|recording|interview|audio|tape)\W{0,4}"
    r"|[\[(*–—-]+\s?(?:the )?(?:end|(?:recording|interview|audio|transcript) ends?)\s?[\])*–—-]+",
    re.IGNORECASE,
)  # fmt: skip


def is_service_line(text: str) -> bool:
    """Tell whether a line is a service's own; “We started recording” and “Ana: …” are speech.

    >>> is_service_line("Transcribed by https://otter.ai"), is_service_line("Then it was transcribed by Ana.")
    (True, False)
    """
    if len(text) > _MAX_LINE:
        return False
    if _CREDIT.fullmatch(text) or _FIXED.fullmatch(text):
        return True
    found = _TEAMS.fullmatch(text)
    if found is None:
        return False
    name = found["name"]
    return is_name(name) and is_proper(name) and not (is_sure(name) or is_reserve(name))
