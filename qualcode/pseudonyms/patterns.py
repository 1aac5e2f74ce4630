"""What leads to a person without being a name: addresses of mail and pages, phones, numbers of papers, dates of birth.

A check digit ranks what was found and hides nothing: a number with a wrong one may be a slip of the pen.
"""

# ruff: noqa: E501  # expressions are not broken

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_TLD = r"(?:com|org|net|edu|gov|info|io|co|ac|uk|hk|cn|tw|sg|mo|eu|de|fr|es|it|nl|ca|au|nz|us|in|jp|kr)"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s+\d{{2,4}}|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}"
    r"|\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|(?:19|20)\d{2}[/.-]\d{1,2}[/.-]\d{1,2}|(?:19|20)\d{2}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*[日號号])"
)
_DIGIT_WORD = r"(?:zero|oh|o|nought|one|two|three|four|five|six|seven|eight|nine|(?:double|triple)\s+\w+)"
_STANDARDS = r"w3id\.org/ro/|w3\.org/|schema\.org|datacite\.org/schema/|creativecommons\.org/"
"""Addresses that formats name, and those of licences: they lead to no person."""
_KEYWORDS = "context|graph|type|value|language|container"
"""Words of JSON-LD that look like the name of somebody in a network."""
_STREET = r"(?:Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Close|Court|Crescent|Terrace|Gardens?|Square|Boulevard|Blvd|Mews|Grove)"


@dataclass(frozen=True, slots=True)
class PatternHit:
    """Something in a text that leads to a person.

    Attributes
    ----------
    start, end
        Where, in code points.
    kind
        ``email``, ``url``, ``handle``, ``phone``, ``id``, ``birth date`` or ``address``.
    rule
        Which pattern found it.
    text
        What it found.
    """

    start: int
    end: int
    kind: str
    rule: str
    text: str


# -- check digits -----------------------------------------------------------------------------------------------------


def has_hkid_digit(number: str) -> bool:
    """Tell whether the check digit of a Hong Kong identity card is right.

    Examples
    --------
    >>> from qualcode.pseudonyms.patterns import has_hkid_digit
    >>> has_hkid_digit("A123456(3)"), has_hkid_digit("A123456(4)")
    (True, False)
    """
    marks = re.sub(r"[^0-9A-Z]", "", number.upper())
    letters, digits, check = marks[:-7], marks[-7:-1], marks[-1]
    values = [ord(one) - 55 for one in letters]
    values = [36, *values] if len(values) == 1 else values
    values += [int(one) for one in digits]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return "0123456789A"[-total % 11] == check


def has_prc_digit(number: str) -> bool:
    """Tell whether the check digit of a resident identity card of the People's Republic of China is right.

    Examples
    --------
    >>> from qualcode.pseudonyms.patterns import has_prc_digit
    >>> has_prc_digit("11010519491231002X"), has_prc_digit("110105194912310021")
    (True, False)
    """
    total = sum(int(one) * pow(2, 17 - place, 11) for place, one in enumerate(number[:17]))
    return "10X98765432"[total % 11] == number[17].upper()


def has_taiwan_digit(number: str) -> bool:
    """Tell whether the check digit of an identity card of Taiwan is right.

    Examples
    --------
    >>> from qualcode.pseudonyms.patterns import has_taiwan_digit
    >>> has_taiwan_digit("A123456789"), has_taiwan_digit("A123456788")
    (True, False)
    """
    code = "ABCDEFGHJKLMNPQRSTUVXYWZIO".index(number[0].upper()) + 10
    digits = [code // 10, code % 10, *map(int, number[1:])]
    return (
        sum(digit * weight for digit, weight in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0
    )


def has_luhn_digit(number: str) -> bool:
    """Tell whether the check digit of a payment card is right.

    Examples
    --------
    >>> from qualcode.pseudonyms.patterns import has_luhn_digit
    >>> has_luhn_digit("4111 1111 1111 1111"), has_luhn_digit("4111 1111 1111 1112")
    (True, False)
    """
    digits = [int(one) for one in number if one.isdigit()][::-1]
    return sum(sum(divmod(digit * (1 + place % 2), 10)) for place, digit in enumerate(digits)) % 10 == 0


def has_orcid_digit(number: str) -> bool:
    """Tell whether the check digit of a researcher's ORCID is right.

    Examples
    --------
    >>> from qualcode.pseudonyms.patterns import has_orcid_digit
    >>> has_orcid_digit("0000-0002-1825-0097"), has_orcid_digit("0000-0002-1825-0098")
    (True, False)
    """
    total = 0
    for mark in number.replace("-", "")[:-1]:
        total = (total + int(mark)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == number[-1]


def has_iban_digits(number: str) -> bool:
    """Tell whether the check digits of a bank account (IBAN) are right.

    Examples
    --------
    >>> from qualcode.pseudonyms.patterns import has_iban_digits
    >>> has_iban_digits("GB82 WEST 1234 5698 7654 32"), has_iban_digits("GB83 WEST 1234 5698 7654 32")
    (True, False)
    """
    plain = re.sub(r"\s", "", number).upper()
    return int("".join(str(int(one, 36)) for one in plain[4:] + plain[:4])) % 97 == 1


_SHORTEST, _LONGEST = 7, 15
"""Digits of a phone."""


def _is_phone(found: str) -> bool:
    """Tell whether digits may be a phone: as many as one has, and no date."""
    digits = re.sub(r"\D", "", found)
    is_date = re.fullmatch(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", digits) or re.fullmatch(
        r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d{2}", digits
    )
    is_years = re.fullmatch(r"(?:19|20)\d{2}[\s–-]+(?:19|20)\d{2}", found.strip())
    return _SHORTEST <= len(digits) <= _LONGEST and not is_date and not is_years and len(set(digits)) > 1


def _always(_: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class _Pattern:
    kind: str
    rule: str
    expression: str
    test: Callable[[str], bool] = _always
    unchecked: str | None = None
    """What it must hold to be shown, under another rule, although the check digit is wrong; ``None``: it is not."""
    flags: int = 0


# Of letters, those of Chinese may stand right before and behind a number.
_OPEN, _SHUT = r"(?<![A-Za-z0-9_.,:/#-])", r"(?![A-Za-z0-9_:]|[.,/-]\d)"
_DASH = "\u2010\u2011-"
"""Hyphens, and those that word processors keep on a line; the plain one stands last, as within brackets it must."""
_PATTERNS = (
    _Pattern("email", "email", r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"),
    _Pattern(
        "email", "spoken email",
        rf"\b[\w.]+\s+(?:at|\(at\)|\[at\])\s+[\w-]+(?:\s+(?:dot|\(dot\)|\[dot\])\s+[\w-]+)*\s+(?:dot|\(dot\)|\[dot\])\s+{_TLD}\b",
        flags=re.IGNORECASE,
    ),
    _Pattern("url", "url", rf"\b(?:https?://|www\.)(?!(?:www\.)?(?:{_STANDARDS}))[^\s<>\"'“”）)\]，。]{{3,}}", flags=re.IGNORECASE),
    _Pattern("url", "site", r"(?<![\w@./-])(?:[a-z0-9-]{2,}\.)+(?:com|org|net|edu|gov|ac\.uk|co\.uk|hk|cn|tw)(?:/[^\s<>\"'）)]*)?(?![\w-]|\.\w)", flags=re.IGNORECASE),
    _Pattern("handle", "handle", rf"(?<![\w@/.])@(?!(?:{_KEYWORDS})\b)[A-Za-z_][\w.]{{2,29}}(?![\w@])"),
    _Pattern("id", "orcid", r"(?<![\w-])(?:\d{4}-){3}\d{3}[\dX](?![\w-])", has_orcid_digit),
    _Pattern("id", "card", rf"{_OPEN}(?:\d{{4}}[ -]){{3}}\d{{4}}{_SHUT}|{_OPEN}[3-6]\d{{14,15}}{_SHUT}", has_luhn_digit, "[ -]"),
    _Pattern("id", "prc id", r"(?<![A-Za-z0-9])[1-8]\d{5}(?:18|19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![A-Za-z0-9])", has_prc_digit, ""),
    _Pattern("id", "hkid", r"(?<![A-Za-z0-9])[A-Z]{1,2}\d{6}\s?\([0-9A]\)|(?<![A-Za-z0-9])[A-Z]{1,2}\d{6}[0-9A](?![A-Za-z0-9])", has_hkid_digit, "[(]"),
    _Pattern("id", "taiwan id", r"(?<![A-Za-z0-9])[A-Z][1289]\d{8}(?![A-Za-z0-9])", has_taiwan_digit, ""),
    _Pattern("id", "iban", r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,3})?(?![A-Za-z0-9])", has_iban_digits, r"\s"),
    _Pattern("id", "national insurance", r"\b[A-CEGHJ-PR-TW-Z]{2}\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b"),
    _Pattern("id", "social security", rf"{_OPEN}(?!000|666|9)\d{{3}}-\d{{2}}-\d{{4}}{_SHUT}"),
    _Pattern("id", "passport", r"(?:passport|護照|护照|student id|staff id|patient no)[^\n\d]{0,20}?[A-Z]{0,2}\d{6,9}", flags=re.IGNORECASE),
    _Pattern("phone", "phone abroad", r"(?<![A-Za-z0-9_+])(?:\+|00)[1-9]\d{0,2}(?:[\s().-]{0,3}\d{1,5}){2,6}(?![A-Za-z0-9_])", _is_phone),
    _Pattern("phone", "phone", rf"{_OPEN}(?:\(?(?:1|852|853|86|886|44|65|61)\)?[ {_DASH}])?\(?0?[1-9]\d{{1,2}}\)?[ .{_DASH}]\d{{3}}[ .{_DASH}]?\d{{4}}{_SHUT}", _is_phone),
    _Pattern("phone", "phone", rf"{_OPEN}\(?0[1-9]\d{{1,3}}\)?[ {_DASH}]?\d{{3,4}}[ {_DASH}]?\d{{3,4}}{_SHUT}", _is_phone),
    _Pattern("phone", "phone", rf"{_OPEN}1[3-9]\d[ {_DASH}]?\d{{4}}[ {_DASH}]?\d{{4}}{_SHUT}", _is_phone),
    _Pattern("phone", "phone", rf"{_OPEN}(?:\(?(?:852|853|65)\)?[ {_DASH}])?[2-9]\d{{3}}[ {_DASH}]?\d{{4}}{_SHUT}", _is_phone),
    _Pattern("phone", "phone named", r"(?:\btel|phone|mobile|whatsapp|wechat|電話|电话|手機|手机|打俾我|致電)[^\n\d]{0,16}\d(?:[\s().-]?\d){5,14}(?!\d)", flags=re.IGNORECASE),
    _Pattern("phone", "phone in words", rf"\b{_DIGIT_WORD}(?:[\s,-]+{_DIGIT_WORD}){{6,}}\b", flags=re.IGNORECASE),
    _Pattern("phone", "phone in chinese", r"(?<![零〇一二三四五六七八九])[零〇一二三四五六七八九](?:[、，\s]?[零〇一二三四五六七八九]){7,14}"),
    _Pattern("birth date", "birth date", rf"(?:\bborn|birthday|\bd\.?o\.?b\b\.?|date of birth|出生|生日|出世|生於|生于)[^\n]{{0,20}}?{_DATE}", flags=re.IGNORECASE),
    _Pattern("birth date", "birth date", r"(?:19|20)\d{2}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*[日號号]?\s*(?:出生|出世|生)"),
    _Pattern("address", "street", rf"(?<![\w.,:])\d{{1,4}}[A-Za-z]?,?\s+(?:[A-Z][\w'’-]+\s+){{1,4}}{_STREET}\b"),
    _Pattern("address", "flat", r"\b(?:Flat|Room|Unit|Apt|Apartment|Suite)\s+\d{1,4}[A-Z]?\b,?\s*(?:\d{1,3}/F|Block|Tower|\d|[A-Z][a-z]+)"),
    _Pattern("address", "postcode", r"(?<![A-Za-z0-9])(?:GIR ?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d|[A-HK-Y]\d\d|\d[A-HJKS-UW]|[A-HK-Y]\d[ABEHMNPRV-Y]) \d[ABD-HJLNP-UW-Z]{2})(?![A-Za-z0-9])"),
    _Pattern("address", "chinese address", r"[\u4e00-\u9fff]{1,8}(?:路|街|道|巷|弄|大道)\s*[0-9一二三四五六七八九十百]{1,5}\s*[號号]"),
)  # fmt: skip


@cache
def _compiled(expression: str, flags: int) -> re.Pattern[str]:
    return re.compile(expression, flags)


_SOURCES = re.compile(r"\d|[@一二三四五六七八九零〇]|www|https?:|\.(?:com|org|net|edu|gov|ac|co|hk|cn|tw)|\bdot\b"
    rf"|\b{_DIGIT_WORD}[\s,-]+{_DIGIT_WORD}\b", re.IGNORECASE)  # fmt: skip
"""One of these is in every pattern; patterns are looked for in its line and the next."""


def find_patterns(text: str) -> list[PatternHit]:
    """Return what in a text leads to a person; where several patterns overlap, the first in the table.

    Examples
    --------
    >>> from qualcode.pseudonyms import find_patterns
    >>> [(hit.kind, hit.rule, hit.text) for hit in find_patterns("Write to ana@example.org or ring 2345 6789.")]
    [('email', 'email', 'ana@example.org'), ('phone', 'phone', '2345 6789')]
    """
    if not text.isascii():
        text = _narrow(text)
    chosen: list[PatternHit] = []
    for start, end in _list_windows(text):
        found: list[PatternHit] = []
        for hit in _find_all(text, start, end):
            if not any(hit.start < one.end and one.start < hit.end for one in found):
                found.append(hit)
        chosen += sorted(found, key=lambda one: one.start)
    return chosen


def _list_windows(text: str) -> Iterator[tuple[int, int]]:
    """Yield the stretches of lines in which a pattern may be."""
    start = end = -1
    for source in _SOURCES.finditer(text):
        if source.start() < end:
            stop = _find_end(text, source.end())
            end = max(end, stop)
            continue
        if end > start:
            yield start, end
        start, end = text.rfind("\n", 0, source.start()) + 1, _find_end(text, source.end())
    if end > start:
        yield start, end


def _find_end(text: str, at: int) -> int:
    """Return where the line behind that of a place ends."""
    first = text.find("\n", at)
    second = text.find("\n", first + 1) if first >= 0 else -1
    return second if second >= 0 else len(text)


def _find_all(text: str, start: int, end: int) -> Iterator[PatternHit]:
    for pattern in _PATTERNS:
        for match in _compiled(pattern.expression, pattern.flags).finditer(text, start, end):
            found = match[0].strip().rstrip(".,;:")
            is_right = pattern.test(found)
            if is_right or (pattern.unchecked is not None and re.search(pattern.unchecked, found)):
                rule = pattern.rule if is_right else f"{pattern.rule}, wrong check digit"
                place = match.start() + len(match[0]) - len(match[0].lstrip())
                yield PatternHit(place, place + len(found), pattern.kind, rule, found)


@cache
def _narrow_mark(mark: str) -> str:
    narrow = unicodedata.normalize("NFKC", mark)
    return narrow if len(narrow) == 1 else mark


def _narrow(text: str) -> str:
    """Return a text with full-width digits and letters as usual ones, each in its place."""
    return text.translate({ord(mark): _narrow_mark(mark) for mark in set(text) if not mark.isascii()})
