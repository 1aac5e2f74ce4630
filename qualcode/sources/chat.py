"""CHAT, the format of CLAN and TalkBank: ``@`` lines are the head, ``*`` lines speech, ``%`` lines about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qualcode.sources.blocks import Said, TextBlock, clean_text

if TYPE_CHECKING:
    from collections.abc import Sequence

_BEGIN = re.compile(r"@(?:UTF8|Begin|Window|Font)\b|@\w[\w ]*:\t")
_SPEECH = re.compile(r"\*(?P<name>[^\s:*]{1,20}):[ \t]*")
_TIER = re.compile(r"[*%@]")
_BULLET = re.compile("[ \t]*\x15[^\x15\n]{0,40}\x15")
_TIME = re.compile("\x15\\D{0,20}(\\d{1,9})_\\d+\x15")
_ASKING = frozenset({"investigator", "interviewer", "examiner", "experimenter", "researcher", "moderator"})
_PROBE = 10_000


def is_chat(text: str) -> bool:
    """Tell whether a text is written in CHAT: by the head that it begins with, and a line of speech."""
    head = text[:_PROBE].lstrip("\ufeff \n\r\t")
    return bool(_BEGIN.match(head)) and bool(re.search(r"^\*[^\s:*]{1,20}:", text, re.MULTILINE))


def read_chat(lines: Sequence[str], left_out: dict[str, int]) -> tuple[list[TextBlock], frozenset[str]]:
    """Return the head line by line, each utterance as a block with its speaker and time, and the labels of who asks.

    Parameters
    ----------
    lines
        The lines of the file, with the marks of time that become no words.
    left_out
        Counts what is about the speech and no speech.
    """
    blocks: list[TextBlock] = []
    tiers = _tiers(lines)
    for tier in tiers:
        speech = _SPEECH.match(tier)
        if speech is None:
            if tier.startswith("@") and not any(block.said and block.said.speaker for block in blocks):
                line = clean_text(tier, left_out)
                blocks.append(TextBlock(line, said=Said("", len(line))))
            elif tier.strip():
                left_out["lines about the speech"] = left_out.get("lines about the speech", 0) + 1
            continue
        time = _TIME.search(tier)
        words = clean_text(_BULLET.sub("", tier), left_out).rstrip()
        at = ((speech.end(), int(time[1]) / 1000),) if time else ()
        blocks.append(TextBlock(words, said=Said(speech["name"], speech.end(), at)))
    return _joined(blocks), _asking(tiers)


def _asking(tiers: Sequence[str]) -> frozenset[str]:
    """Return the codes of those whose role in the head is to ask: ``@Participants:	INT Mary Investigator, …``."""
    head = next((tier for tier in tiers if tier.startswith("@Participants:")), "")
    entries = [entry.split() for entry in head.partition(":")[2].split(",")]
    return frozenset(words[0] for words in entries if len(words) > 1 and words[-1].casefold() in _ASKING)


def _joined(blocks: Sequence[TextBlock]) -> list[TextBlock]:
    """Return blocks in which a speaker who goes on begins no turn of their own and has no label again."""
    joined: list[TextBlock] = []
    last = None
    for block in blocks:
        said = block.said
        if said and said.speaker and said.speaker == last:
            times = tuple((at - said.start, time) for at, time in said.times)
            joined.append(TextBlock(block.text[said.start :], said=Said(None, 0, times)))
        else:
            joined.append(block)
        last = said.speaker if said else None
    return joined


def _tiers(lines: Sequence[str]) -> list[str]:
    """Return the tiers, each with the lines in which it goes on."""
    tiers: list[str] = []
    for line in lines:
        if tiers and line.strip() and not _TIER.match(line):
            tiers[-1] += f" {line.strip()}"
        else:
            tiers.append(line)
    return tiers
