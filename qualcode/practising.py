"""A study to practise on: a copy whose codings are hidden, and how near a learner came to them."""

from __future__ import annotations

import base64
import json
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from qualcode.errors import StudyError
from qualcode.file_names import is_within
from qualcode.model import RULES_CODER, Coding, Sheet, Span
from qualcode.outputs import save
from qualcode.results import Result
from qualcode.study import create_study, read_contents, read_study
from qualcode.wording import join, percent, plural

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from qualcode.codebook import Code, Codebook
    from qualcode.model import Transcript
    from qualcode.study import Study, StudyFolder
    from qualcode.tables import CodingTable

KEY_NAME = "practice.key"
"""The file with the codings of the key, packed so that a learner does not read them by chance."""

_FORMAT = 1
_HEAD = b"The key of a practice study. Compare with it: qualcode practice score\n"
_LARGEST_KEY = 2**26
_KEY_CODER = "the key"
_ALL = "(all codes)"


@dataclass(frozen=True, eq=False, repr=False)
class Score(Result):
    """How near a learner came to the key: ``frame`` has a row for each code, the first for all together.

    Attributes
    ----------
    differences
        The passages missed, and those coded beyond the key, with the codebook's reason: ``what``, ``code``, ``name``,
        ``transcript``, ``segment``, ``text``, ``reason``.
    """

    differences: pd.DataFrame

    @property
    def shown(self) -> pd.DataFrame:
        """The numbers without the paths of codes."""
        return self.frame.drop(columns="code")


def make_practice(
    study: str | os.PathLike[str],
    folder: str | os.PathLike[str],
    *,
    coders: Collection[str] | None = None,
    transcripts: Collection[str] = (),
) -> Study:
    """Copy a study for a learner: transcripts, codebook and cases, with what people agreed on hidden in a key.

    Parameters
    ----------
    study
        The study, which is only read.
    folder
        A new or empty folder.
    coders
        Whose codings are the key, as in :func:`qualcode.report_study`.
    transcripts
        Names of those to practise on; all without.

    Returns
    -------
    Study
        The copy, without codings, memos and history.

    Raises
    ------
    QualcodeError
        If the study has no codings for a key, there is no such transcript, or the folder is in use or in the study.

    Examples
    --------
    >>> study = qualcode.create_study("garden", codebook="codebooks/industry_partnership.yaml")
    >>> read, problems = qualcode.read_transcripts("transcripts_sample")
    >>> report = study.import_transcripts(read, "transcripts_sample")
    >>> report = study.tag()
    >>> practice = make_practice("garden", "practice", coders=["rules"], transcripts=["P1"])
    >>> practice.coders(), practice.transcript_ids()
    ((), ('P1',))
    """
    original = read_study(study)
    contents = read_contents(original, coders=coders)
    chosen = _choose(contents.transcripts, transcripts)
    table = contents.tabulate()
    names = {one.id for one in chosen}
    columns = (table.codings[name].tolist() for name in ("transcript", "start", "end", "code"))
    codings = sorted({row for row in zip(*columns, strict=True) if row[0] in names})
    if not codings:
        hint = "Code it, or name whose codings are the key: --coders NAMES"
        raise StudyError("There is nothing in the study that could be the key.", str(original.root), hint)
    layout = original.layout
    if is_within(Path(folder), layout.root):
        raise StudyError("The practice study would lie inside the study.", str(folder), "Name a folder outside of it")
    practice = create_study(
        folder,
        name=f"{original.settings.name} (practice)",
        language=original.settings.language,
        unit=original.settings.unit,
        codebook=layout.codebook,
        cases=layout.cases if layout.read(layout.cases) is not None else None,
    )
    for one in chosen:
        practice.add_transcript(one)
    save(practice.root / KEY_NAME, _encode(codings, chosen, contents.coders))
    return practice


def _choose(transcripts: Sequence[Transcript], names: Collection[str]) -> list[Transcript]:
    known = {one.id: one for one in transcripts}
    for name in names:
        if name not in known:
            raise StudyError(f"There is no transcript “{name}”.", hint=f"There are: {join(list(known))}")
    return [one for one in transcripts if not names or one.id in names]


def _encode(codings: Sequence[tuple[Any, ...]], transcripts: Sequence[Transcript], coders: Sequence[str]) -> bytes:
    told = {
        "format": _FORMAT,
        "coders": list(coders),
        "texts": {one.id: one.digest for one in transcripts},
        "codings": [list(row) for row in codings],
    }
    packed = zlib.compress(json.dumps(told, ensure_ascii=False).encode("utf-8"))
    return _HEAD + base64.b64encode(packed) + b"\n"


@dataclass(frozen=True, slots=True)
class _Key:
    coders: tuple[str, ...]
    texts: Mapping[str, str]
    codings: tuple[tuple[str, int, int, str], ...]


def _read_key(study: StudyFolder) -> _Key:
    """Return the key of a practice study, which may have been changed."""
    path = study.root / KEY_NAME
    if not path.is_file():
        hint = "Make one for learners: qualcode practice DIR --study STUDY"
        raise StudyError("This is not a practice study: it has no key.", str(study.root), hint)
    try:
        packed = base64.b64decode(path.read_bytes()[: 2 * _LARGEST_KEY].split(b"\n")[1], validate=True)
        unpacker = zlib.decompressobj()
        told = json.loads(unpacker.decompress(packed, _LARGEST_KEY))
        codings = tuple((str(name), int(start), int(end), str(code)) for name, start, end, code in told["codings"])
        texts = {str(name): str(digest) for name, digest in told["texts"].items()}
        return _Key(tuple(map(str, told["coders"])), texts, codings)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, zlib.error, RecursionError) as error:
        raise StudyError("The key of the practice study is damaged.", str(path), "Ask for the study again") from error


def score_practice(study: str | os.PathLike[str], coder: str = "") -> Score:
    """Compare what a learner coded with the key, on what the learner read.

    Parameters
    ----------
    study
        What :func:`make_practice` made.
    coder
        The learner; who alone has coded in it, when not given.

    Returns
    -------
    Score
        Per code, units of the key, found, missed and beyond the key, with percent agreement and Cohen's kappa.

    Raises
    ------
    StudyError
        If it is no practice study, or it is not clear who the learner is.

    Examples
    --------
    >>> study = qualcode.create_study("garden", codebook="codebooks/industry_partnership.yaml")
    >>> read, problems = qualcode.read_transcripts("transcripts_sample")
    >>> report = study.import_transcripts(read, "transcripts_sample")
    >>> report = study.tag()
    >>> practice = make_practice("garden", "practice", coders=["rules"], transcripts=["P1"])
    >>> event = practice.decide("mei", "P1:t034", "challenges/scheduling", "apply")
    >>> score_practice("practice").frame[["key", "found", "missed", "beyond"]].iloc[0].tolist()
    [1, 1, 0, 0]
    """
    folder = read_study(study)
    key = _read_key(folder)
    learner = _find_learner(folder, coder)
    table = _tabulate(folder, key, learner)
    given = {name: _list_given(table, name) for name in (learner, _KEY_CODER)}
    units = _list_read(table, folder, learner)
    frame = pd.DataFrame(_score(folder.codebook, units, given[_KEY_CODER], given[learner]), columns=list(_COLUMNS))
    differences = pd.DataFrame(
        list(_tell(folder.codebook, table, units, given[_KEY_CODER], given[learner])), columns=list(_TOLD), dtype=object
    )
    unit = folder.settings.unit
    first = frame.iloc[0]
    sentence = (
        f"{learner} read {plural(len(units), unit)} and found {first['found']} of {first['key']} codings of the key "
        f"({percent(int(first['found']), int(first['key']))}%), with {first['beyond']} beyond it. A coding counts once "
        f"for each {unit} and code. The key is what {join(list(key.coders))} coded."
    )
    return Score(frame, sentence, (), differences)


_COLUMNS = ("code", "name", "key", "found", "missed", "beyond", "percent", "kappa")
_TOLD = ("what", "code", "name", "transcript", "segment", "text", "reason")


def _find_learner(study: StudyFolder, coder: str) -> str:
    if coder:
        return study.find_coder(coder)
    people = [name for name in study.coders() if name != RULES_CODER]
    if len(people) != 1:
        message = "Nothing is coded yet." if not people else f"Several people have coded: {join(people)}."
        hint = "Code, then score again: qualcode review --coder NAME" if not people else "Name one with --coder NAME"
        raise StudyError(message, str(study.root), hint)
    return people[0]


def _tabulate(study: StudyFolder, key: _Key, learner: str) -> CodingTable:
    """Lay the learner's codings and those of the key on the same units."""
    from qualcode.tables import tabulate

    codes = {code.id for code in study.codebook.walk()}
    found: list[Sheet] = [one for one in study.sheets([learner])[0] if one.transcript in key.texts]
    transcripts = [study.transcript(name) for name in study.transcript_ids() if name in key.texts]
    for one in transcripts:
        if one.digest != key.texts[one.id]:
            message = f"The transcript “{one.id}” was changed, so that the key does not fit it any longer."
            raise StudyError(message, str(study.root), "Ask for the study again")
        mine = tuple(
            Coding(name, Span(start, end), code, _KEY_CODER, "applied", one.text[start:end])
            for name, start, end, code in key.codings
            if name == one.id and code in codes and 0 <= start < end <= len(one.text)
        )
        seen = frozenset(unit.id for unit in one.units(study.settings.unit))
        found.append(Sheet(one.id, _KEY_CODER, study.settings.unit, one.digest, study.codebook.digest, seen, mine))
    coders = [learner, _KEY_CODER]
    return tabulate(
        transcripts, found, study.codebook, cases=study.cases, unit=study.settings.unit, coders=coders, way="union"
    )


def _list_given(table: CodingTable, coder: str) -> set[tuple[int, str]]:
    """Return the units that a coder gave a code, with the code's id."""
    coders, codes = table.codings["coder"].tolist(), table.codings["code"].tolist()
    placed = zip(table.placements["unit"].tolist(), table.placements["coding"].tolist(), strict=True)
    return {(unit, codes[coding]) for unit, coding in placed if coders[coding] == coder}


def _list_read(table: CodingTable, study: StudyFolder, learner: str) -> set[int]:
    """Return the units of interviewees that the learner read."""
    seen = {(sheet.transcript, segment) for sheet in study.sheets([learner])[0] for segment in sheet.seen}
    columns = (table.units[name].tolist() for name in ("transcript", "segment", "is_interviewer"))
    return {
        place
        for place, (name, segment, is_asked) in enumerate(zip(*columns, strict=True))
        if not is_asked and (name, segment) in seen
    }


def _score(
    book: Codebook, units: set[int], key: set[tuple[int, str]], given: set[tuple[int, str]]
) -> Iterator[tuple[Any, ...]]:
    """Yield the row of all codes, then that of each code that either gave."""
    right, mine = ({pair for pair in pairs if pair[0] in units} for pairs in (key, given))
    counts = Counter(code for _, code in right | mine)
    codes = [code for code in book.walk() if counts[code.id]]
    yield "", _ALL, *_count(right, mine), _agree(right, mine, len(units) * len(codes)), None
    for code in codes:
        key_own, own = ({pair for pair in pairs if pair[1] == code.id} for pairs in (right, mine))
        agreed, kappa = _agree(key_own, own, len(units)), _kappa(key_own, own, len(units))
        yield book.path(code.id), code.name, *_count(key_own, own), agreed, kappa


def _count(right: set[tuple[int, str]], mine: set[tuple[int, str]]) -> tuple[int, int, int, int]:
    return len(right), len(right & mine), len(right - mine), len(mine - right)


def _agree(right: set[tuple[int, str]], mine: set[tuple[int, str]], total: int) -> float:
    return 100 * (total - len(right ^ mine)) / total if total else float("nan")


def _kappa(right: set[tuple[int, str]], mine: set[tuple[int, str]], n_units: int) -> float:
    """Return Cohen's kappa (1960) of one code, present or not: agreement beyond what the two shares would give."""
    if not n_units:
        return float("nan")
    share, other = len(right) / n_units, len(mine) / n_units
    expected = share * other + (1 - share) * (1 - other)
    observed = 1 - len(right ^ mine) / n_units
    return (observed - expected) / (1 - expected) if expected < 1 else float("nan")


def _tell(
    book: Codebook, table: CodingTable, units: set[int], key: set[tuple[int, str]], given: set[tuple[int, str]]
) -> Iterator[tuple[str, ...]]:
    """Yield what was missed and what is beyond the key, in the order of the text, with the codebook's reason."""
    texts = {one.id: one.text for one in table.transcripts}
    names = ("transcript", "segment", "start", "end")
    rows = list(zip(*(table.units[name].tolist() for name in names), strict=True))
    codes = {code.id: code for code in book.walk()}
    for unit, one in sorted((key ^ given), key=lambda pair: (pair[0], pair[1])):
        if unit in units:
            name, segment, start, end = rows[unit]
            what = "missed" if (unit, one) in key else "beyond the key"
            text = " ".join(texts[name][start:end].split())
            yield what, book.path(one), codes[one].name, name, segment, text, _reason(codes[one], what)


def _reason(code: Code, what: str) -> str:
    """Return what the codebook says for giving a code, or against it."""
    if what == "missed":
        return " ".join(filter(None, [code.definition, f"Include: {'; '.join(code.include)}" if code.include else ""]))
    return " ".join(filter(None, [code.definition, f"Exclude: {'; '.join(code.exclude)}" if code.exclude else ""]))
