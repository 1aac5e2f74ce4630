"""Who of the speakers asks the questions, told from one file or from all that are read together.

What tells, in this order: a label that names the role; the names in the table of cases; the same label in file after
file beside labels of one file each; labels that are codes (``P07``) or the file's own name beside one that is not;
questions. Where these say nothing, or say two things, nobody is the interviewer, and a warning gives both readings.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from qualcode.columns import distinct
from qualcode.errors import Problem
from qualcode.sources.names import fold_label, is_asking
from qualcode.sources.vocabulary import GROUPS, MAYBE_INTERVIEWER, PARTICIPANT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from qualcode.model import SegmentColumns, Transcript

_OFTEN = 4
_ASKING = 0.4
_MIN_QUESTIONS = 3
_MIN_SHARE = 1 / 3
_QUESTION_MARKS = [(mark, re.compile(re.escape(mark))) for mark in "?？؟"]  # one by one, they are found much faster
_CODE = re.compile(r"(?:[^\W\d_]+[ _-]?)?(?:[^\W\d_]{0,6}[ _-]?\d{1,5}[^\W\d_]?\d{0,4}|\d[^\W_]{1,7})", re.IGNORECASE)
_MACHINE = re.compile(
    r"(?:speaker|sprecher|spk|voice|unknown|locuteur|hablante|說話人|说话人|발화자|話者)[ _-]?\w{0,3}", re.IGNORECASE
)
_MAX_NAMES = 8


@dataclass(slots=True)
class Voice:
    """How much a speaker says: turns, characters, turns with a question."""

    turns: int = 0
    size: int = 0
    questions: int = 0

    @property
    def asking(self) -> float:
        """The share of turns with a question, 0 to 1."""
        return self.questions / self.turns if self.turns else 0.0

    def add(self, other: Voice) -> None:
        """Add what the same speaker says elsewhere."""
        self.turns += other.turns
        self.size += other.size
        self.questions += other.questions


@dataclass(frozen=True, slots=True)
class Talk:
    """The speakers of a file, by label, whom the table of cases names for it, and who is known to ask in it."""

    name: str
    voices: dict[str, Voice]
    people: frozenset[str] = frozenset()
    known: frozenset[str] | None = None

    @property
    def speakers(self) -> list[str]:
        """Who speaks, without passers-by: who speaks once among people who speak often, unless as an interviewer."""
        once = 1 if max((voice.turns for voice in self.voices.values()), default=0) > _OFTEN else 0
        return [name for name, voice in self.voices.items() if name and (voice.turns > once or is_asking(name))]


@dataclass(frozen=True, slots=True)
class Finding:
    """Who asks, why, and who may be asking where nobody is taken to."""

    labels: frozenset[str] = frozenset()
    reason: str = ""
    maybe: tuple[str, ...] = field(default=())


def make_talk(name: str, text: str, turns: SegmentColumns, people: Collection[str] = ()) -> Talk:
    """Return who says how much.

    Parameters
    ----------
    name
        Of the transcript.
    text, turns
        What is said.
    people
        Labels that the table of cases names for the transcript.
    """
    starts, ends, codes = (np.asarray(column) for column in (turns.starts, turns.ends, turns.codes))
    marks = [found.start() for mark in _QUESTION_MARKS if mark[0] in text for found in mark[1].finditer(text)]
    behind = np.searchsorted(starts, marks, "right") - 1
    asking = distinct(behind[(behind >= 0) & (marks < ends[behind])]) if len(starts) else behind[:0]
    counts = (
        np.bincount(codes, minlength=len(turns.names)),
        np.bincount(codes, ends - starts, len(turns.names)).astype(np.int64),
        np.bincount(codes[asking], minlength=len(turns.names)),
    )
    voices: dict[str, Voice] = {}
    for name_of, *numbers in zip(turns.names, *(count.tolist() for count in counts), strict=True):
        if numbers[0]:
            voices.setdefault(name_of, Voice()).add(Voice(*numbers))
    return Talk(name, voices, frozenset(map(fold_label, people)))


def find_interviewers(talks: Sequence[Talk]) -> list[Finding]:
    """Return who asks in each of the files that are read together."""
    corpus = _Corpus(talks)
    return [_find(talk, corpus) for talk in talks]


class _Corpus:
    """In how many files a label speaks, and how it speaks in all of them."""

    def __init__(self, talks: Sequence[Talk]) -> None:
        self.n_files: dict[str, int] = defaultdict(int)
        self.voices: dict[str, Voice] = defaultdict(Voice)
        self._files_of: dict[str, list[int]] = defaultdict(list)
        self._keys: list[set[str]] = []
        self._totals: dict[tuple[int, ...], Voice] = {}
        self.known = {fold_label(name) for talk in talks for name in talk.known or ()}
        for number, talk in enumerate(talks):
            speakers = talk.speakers
            self._keys.append({fold_label(name) for name in speakers})
            for name in speakers:
                self.n_files[fold_label(name)] += 1
                self.voices[fold_label(name)].add(talk.voices[name])
                self._files_of[fold_label(name)].append(number)

    def of_others(self, key: str) -> Voice:
        """Return how those speak, all together, who speak with a person."""
        files, own = tuple(self._files_of[key]), self.voices[key]
        if files not in self._totals:
            self._totals[files] = Voice()
            for other in set().union(*(self._keys[number] for number in files)):
                self._totals[files].add(self.voices[other])
        total = self._totals[files]
        return Voice(total.turns - own.turns, total.size - own.size, total.questions - own.questions)

    def recurs(self, name: str) -> bool:
        """Tell whether a label is one person's in several files: those of machines, and letters, are given anew."""
        return self.n_files[fold_label(name)] > 1 and len(name) > 1 and not _MACHINE.fullmatch(name)


def _find(talk: Talk, corpus: _Corpus) -> Finding:
    if len(talk.speakers) <= 1:
        asking = frozenset(talk.speakers) if "" in talk.voices and all(map(is_asking, talk.speakers)) else frozenset()
        return Finding(asking, "the label says so" if asking else "")
    for rule in (_by_label, _by_study, _by_cases, _by_files, _by_codes, _by_questions):
        found = rule(talk, corpus)
        if found is not None:
            return found
    ranked = sorted(talk.speakers, key=lambda name: talk.voices[name].asking, reverse=True)
    return Finding(maybe=tuple(ranked[:1]))


def _by_label(talk: Talk, _corpus: _Corpus) -> Finding | None:
    speakers = talk.speakers
    named = [name for name in speakers if is_asking(name)] or _by_initials(speakers)
    if named and len(named) < len(speakers):
        return Finding(frozenset(named), "the label says so")
    # A letter may be one of several, A, B, C, and then stands for nobody's part.
    others = [name for name in speakers if len(name) == 1 or not _is_participant(name)]
    if len(others) == 1:
        return Finding(frozenset(others), "every other label names a participant")
    return None


def _by_initials(speakers: Sequence[str]) -> list[str]:
    """``I`` asks ``P`` or ``R``; ``R`` asks ``P``; ``Me`` asks whoever else is there."""
    initials = {name.rstrip("0123456789 ").upper(): name for name in speakers}
    for asks, answers in (("I", "P"), ("I", "R"), ("I", "A"), ("R", "P")):
        if asks in initials and answers in initials:
            return [name for name in speakers if name.rstrip("0123456789 ").upper() == asks]
    named = next(([name] for name in ("I", "Me", "ME", "RA", "PI") if name in speakers), [])
    return named or [name for name in speakers if MAYBE_INTERVIEWER.fullmatch(name)][:1]


def _by_study(talk: Talk, corpus: _Corpus) -> Finding | None:
    """Who is known to ask in another file."""
    known = [name for name in talk.speakers if fold_label(name) in corpus.known and not _MACHINE.fullmatch(name)]
    return (
        Finding(frozenset(known), "asks the questions in other transcripts")
        if 0 < len(known) < len(talk.speakers)
        else None
    )


def _by_cases(talk: Talk, _corpus: _Corpus) -> Finding | None:
    """Whom the table of cases does not name, where it names all the others."""
    others = [name for name in talk.speakers if fold_label(name) not in talk.people]
    if len(others) == 1:
        return Finding(frozenset(others), "the table of cases names all other speakers")
    return None


def _by_files(talk: Talk, corpus: _Corpus) -> Finding | None:
    """Whose label stands in file after file, beside labels of one file each."""
    recurring = [name for name in talk.speakers if corpus.recurs(name) and not _is_participant(name)]
    if not recurring or len(recurring) == len(talk.speakers):
        return _by_all_files(talk, corpus) if recurring else None
    most = max(corpus.n_files[fold_label(name)] for name in recurring)
    first = max(recurring, key=lambda name: (corpus.n_files[fold_label(name)], corpus.voices[fold_label(name)].asking))
    asking = corpus.voices[fold_label(first)].asking
    found = [
        name for name in recurring if name == first or corpus.voices[fold_label(name)].asking >= max(asking / 2, 0.2)
    ]
    if any(_is_contradicted(name, corpus) for name in found):
        return Finding(maybe=(first,))
    if all(
        _is_participant(name) or _is_code(name) or _is_named(name, talk) for name in set(talk.speakers) - {*recurring}
    ):
        found = [name for name in recurring if not _is_code(name)] or found
    also = (name for name in recurring if name not in found and 2 * corpus.n_files[fold_label(name)] > most)
    return Finding(frozenset(found), f"speaks in {most} of the files, with different people in each", tuple(also))


def _is_contradicted(name: str, corpus: _Corpus) -> bool:
    """Tell whether the people around a speaker ask much more than they do."""
    own, others = corpus.voices[fold_label(name)], corpus.of_others(fold_label(name))
    return others.questions > 1 and others.asking >= _ASKING and others.asking >= 2 * own.asking


def _by_all_files(talk: Talk, corpus: _Corpus) -> Finding | None:
    """Who asks in all the files together, where the same people speak in all of them."""
    pooled = Talk("", {name: corpus.voices[fold_label(name)] for name in talk.speakers})
    return _by_questions(pooled, corpus)


def _is_participant(name: str) -> bool:
    return bool(PARTICIPANT.fullmatch(name) or GROUPS.fullmatch(name))


def _by_codes(talk: Talk, corpus: _Corpus) -> Finding | None:
    """Whose label is neither a code, as ``P07``, nor the file's own name, where all the others are."""
    others = [name for name in talk.speakers if not (_is_participant(name) or _is_code(name) or _is_named(name, talk))]
    if len(others) != 1 or len(others[0]) == 1 or _MACHINE.fullmatch(others[0]) or _is_contradicted(others[0], corpus):
        return None
    return Finding(frozenset(others), "every other label is a code, or the file's name")


def _is_code(name: str) -> bool:
    return bool(_CODE.fullmatch(name)) and not _MACHINE.fullmatch(name)


def _is_named(name: str, talk: Talk) -> bool:
    return fold_label(name) == fold_label(talk.name)


def _by_questions(talk: Talk, _corpus: _Corpus) -> Finding | None:
    """Who asks in most of their turns, twice as often as anybody else, and speaks less than the others together."""
    voices = talk.voices
    first, second = sorted(talk.speakers, key=lambda name: voices[name].asking, reverse=True)[:2]
    own = voices[first]
    n_turns = sum(voices[name].turns for name in talk.speakers)
    # Two questions by one who hardly speaks are not enough to leave their talk out.
    is_weak = own.questions <= 1 or (own.questions < _MIN_QUESTIONS and own.turns < _MIN_SHARE * n_turns)
    is_clear = own.asking >= _ASKING and own.asking >= 2 * voices[second].asking
    if is_weak or not is_clear or 2 * own.size > sum(voices[name].size for name in talk.speakers):
        return None
    return Finding(frozenset({first}), f"asks questions in {own.questions} of {own.turns} turns and speaks less")


# ---- what is said of it


def tell_stated(labels: frozenset[str], where: str) -> Problem:
    """Return the note that the file itself says who asks; that stands beside what other files tell."""
    verb = "is the interviewer" if len(labels) == 1 else "are the interviewers"
    message = f"{' and '.join(sorted(labels))} {verb}: the head of the file says so."
    return Problem(where, "note", "interviewer-stated", message, "Give another name with --interviewer")


def tell(finding: Finding, talk: Talk, where: str) -> Problem | None:
    """Return what the user should know about who is taken for the interviewer."""
    if finding.labels and finding.maybe:
        return _ask_of_another(finding, talk, where)
    if finding.labels:
        names = " and ".join(sorted(finding.labels))
        verb = "is taken to be the interviewer" if len(finding.labels) == 1 else "are taken to be the interviewers"
        hint = "Give another name with --interviewer"
        return Problem(where, "note", "interviewer", f"{names} {verb}: {finding.reason}.", hint)
    named = [name for name in talk.voices if name]
    if not named:
        return None
    if len(named) == 1:
        message = f"No speaker is taken to be the interviewer: only {named[0]} speaks."
        return Problem(where, "note", "interviewer", message, "Give one with --interviewer")
    return _ask(finding, talk, named, where)


def _ask_of_another(finding: Finding, talk: Talk, where: str) -> Problem:
    """Return the warning that somebody else speaks in file after file, too, and is counted."""
    asking, name = " and ".join(sorted(finding.labels)), finding.maybe[0]
    message = (
        f"{asking} is taken to be the interviewer: {finding.reason}; {name} is in as many of them and is counted; if "
        f"{name} asks as well, {_share(talk, name):.0%} of the talk should not be counted."
    )
    hint = "Name each interviewer with --interviewer NAME, or give each speaker a role with --speakers FILE"
    return Problem(where, "warning", "interviewer-unclear", message, hint)


def _share(talk: Talk, name: str) -> float:
    return talk.voices[name].size / sum(voice.size for voice in talk.voices.values())


def _ask(finding: Finding, talk: Talk, named: Sequence[str], where: str) -> Problem:
    """Return the warning that nobody's talk was left out, with the other reading."""
    shown = ", ".join(named[:_MAX_NAMES]) + (" …" if len(named) > _MAX_NAMES else "")
    message = f"It is unclear who asks, so all of {shown} are counted."
    if finding.maybe:
        share = _share(talk, finding.maybe[0])
        message += f" If it is {finding.maybe[0]}, {share:.0%} of the talk should not be counted."
    hint = "Name the interviewer with --interviewer NAME, or give each speaker a role with --speakers FILE"
    return Problem(where, "warning", "interviewer-unclear", message, hint)


def settle_roles(
    transcripts: Sequence[Transcript],
    given: Collection[str] = (),
    *,
    beside: Sequence[Transcript] = (),
    people: Mapping[str, Collection[str]] | None = None,
) -> list[Transcript]:
    """Return transcripts with the interviewers that all of them together tell.

    Parameters
    ----------
    transcripts
        What was read together.
    given
        The interviewers that were named; where one of them speaks, that decides.
    beside
        Transcripts whose roles are decided, as those of a study, which tell but are not changed.
    people
        Labels that the table of cases names, by transcript.
    """
    people = people or {}
    talks = [_talk_of(transcript, people.get(transcript.id, ())) for transcript in transcripts]
    decided = [replace(_talk_of(transcript), known=transcript.interviewers) for transcript in beside]
    findings = find_interviewers([*talks, *decided])
    wanted = {fold_label(name) for name in given}
    return [
        transcript
        if wanted & set(map(fold_label, transcript.speakers)) or _is_stated(transcript)
        else _settled(transcript, finding, talk)
        for transcript, finding, talk in zip(transcripts, findings, talks, strict=False)
    ]


def _is_stated(transcript: Transcript) -> bool:
    return any(one.rule == "interviewer-stated" for one in transcript.source.problems)


def _talk_of(transcript: Transcript, people: Collection[str] = ()) -> Talk:
    return make_talk(transcript.id, transcript.text, transcript.columns("turn"), people)


def _settled(transcript: Transcript, finding: Finding, talk: Talk) -> Transcript:
    source = transcript.source
    kept = [problem for problem in source.problems if problem.rule not in {"interviewer", "interviewer-unclear"}]
    told = tell(finding, talk, source.name or transcript.id)
    problems = (*kept, *([told] if told else []))
    return replace(transcript, interviewers=finding.labels, source=replace(source, problems=problems))
