"""CHAT, the format of CLAN and TalkBank: ``@`` lines are the head, ``*`` lines speech, ``%`` lines about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from qualcode.sources.blocks import Block, Said, clean_text

if TYPE_CHECKING:
    from collections.abc import Sequence

_BEGIN = re.compile(r"@(?:UTF8|Begin|Window|Font)\b|@\w[\w ]*:\t")
_SPEECH = re.compile(r"\*(?P<name>[^\s:*]{1,20}):[ \t]*")
_TIER = re.compile(r"[*%@]")
_BULLET = re.compile("[ \t]*\x15[^\x15\n]{0,40}\x15")
_TIME = re.compile("\x15\\D{0,20}(\\d{1,9})_\\d+\x15")
_PROBE = 10_000


def is_chat(text: str) -> bool:
    """Tell whether a text is written in CHAT: by the head that it begins with, and a line of speech."""
    head = text[:_PROBE].lstrip("\ufeff \n\r\t")
    return bool(_BEGIN.match(head)) and bool(re.search(r"^\*[^\s:*]{1,20}:", text, re.MULTILINE))


def read_chat(lines: Sequence[str], left_out: dict[str, int]) -> list[Block]:
    """Return the head line by line, and each utterance as a block with its speaker and time.

    Parameters
    ----------
    lines
        The lines of the file, with the marks of time that become no words.
    left_out
        Counts what is about the speech and no speech.
    """
    blocks: list[Block] = []
    for tier in _tiers(lines):
        speech = _SPEECH.match(tier)
        if speech is None:
            if tier.startswith("@") and not any(block.said for block in blocks):
                blocks.append(Block(clean_text(tier, left_out)))
            elif tier.strip():
                left_out["lines about the speech"] = left_out.get("lines about the speech", 0) + 1
            continue
        time = _TIME.search(tier)
        words = clean_text(_BULLET.sub("", tier), left_out).rstrip()
        at = ((speech.end(), int(time[1]) / 1000),) if time else ()
        blocks.append(Block(words, said=Said(speech["name"], speech.end(), at)))
    return _joined(blocks)


def _joined(blocks: Sequence[Block]) -> list[Block]:
    """Return blocks in which a speaker who goes on begins no turn of their own."""
    joined: list[Block] = []
    last = None
    for block in blocks:
        said = block.said
        if said and said.speaker == last:
            block = Block(block.text, said=Said(None, said.start, said.times))  # noqa: PLW2901
        last = said.speaker if said else None
        joined.append(block)
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
