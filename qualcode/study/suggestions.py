"""Tagging in a study: the sheets of the coder ``rules``, renewed only where the rules changed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from qualcode.cases import assign_cases
from qualcode.errors import ConflictError, Problem, StudyError
from qualcode.language import describe_engine
from qualcode.model import RULES_CODER
from qualcode.study.store import keep_versions
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from qualcode.cases import CaseIndex
    from qualcode.codebook import Code, Codebook
    from qualcode.model import Coding, Sheet, Transcript
    from qualcode.study.store import StudyFolder, StudyStore


@dataclass(frozen=True, slots=True)
class Touch:
    """A suggestion that came or went and bears on what a person decided.

    Attributes
    ----------
    kind
        ``gone``: it went, the person's decision on it stays. ``new``: it came where the person had decided on the code.
    suggestion
        The suggestion.
    decision
        The person's coding.
    """

    kind: str
    suggestion: Coding
    decision: Coding


@dataclass(frozen=True, slots=True)
class TagReport:
    """What tagging changed.

    Attributes
    ----------
    counts
        Per code id, in the order of the codebook: new, gone and unchanged suggestions.
    renewed
        The codes whose rules were run: those that changed, or all for a new transcript.
    touches
        Suggestions that came or went and bear on what a person decided.
    problems
        Transcripts that could not be read.
    """

    counts: Mapping[str, tuple[int, int, int]]
    renewed: tuple[str, ...]
    touches: tuple[Touch, ...]
    problems: tuple[Problem, ...]

    @property
    def totals(self) -> tuple[int, int, int]:
        """New, gone and unchanged suggestions of all codes."""
        new, gone, unchanged = (sum(column) for column in zip((0, 0, 0), *self.counts.values(), strict=True))
        return new, gone, unchanged


def fingerprint_rules(codebook: Codebook, *, surroundings: str = "", words: str = "") -> dict[str, str]:
    """Return for each code that has rules a short digest of all that its suggestions depend on, the text apart.

    Parameters
    ----------
    codebook
        The rules; those of the codes that a rule names with ``after`` or ``before`` count as its own.
    surroundings
        What rules that ask who speaks, or what was asked, depend on in a transcript.
    words
        What finds words and their lemmas: libraries and models with their versions.
    """
    own = {code.id: _describe_rules(code, surroundings) + words for code in codebook.walk()}
    prints = {}
    for code in codebook.walk():
        if code.rules:
            text = "\n".join(own[one] for one in sorted(find_needed(codebook, {code.id})))
            prints[code.id] = hashlib.sha256(text.encode("utf-8")).hexdigest()[:8]
    return prints


def _describe_rules(code: Code, surroundings: str) -> str:
    rules = [{**asdict(rule), "where": ""} for rule in code.rules]
    told = surroundings if any(rule.speakers or rule.question for rule in code.rules) else ""
    return json.dumps([code.id, rules, told], ensure_ascii=False)


def find_needed(codebook: Codebook, codes: Collection[str]) -> frozenset[str]:
    """Return the codes whose rules must run to have the suggestions of some codes: these, and those they name."""
    needed: set[str] = set()
    waiting = list(codes)
    while waiting:
        code = codebook.code(waiting.pop())
        if code.id in needed:
            continue
        needed.add(code.id)
        named = {name for rule in code.rules for name in (rule.after, rule.before) if name}
        waiting += [one.id for name in named for one in codebook.code(name).walk()]
    return frozenset(needed)


def tag_study(study: StudyStore, *, model: str | None = None, everything: bool = False) -> TagReport:  # mirrors --all
    """Write the suggestions of the rules; people's sheets stay as they are; see :meth:`.Study.tag`."""
    codebook = study.codebook
    with study.change() as change:
        keep_versions(change)
    transcripts, problems = study.transcripts()
    index = assign_cases(transcripts, study.cases)
    words = describe_engine(model)
    voices: dict[str, list[tuple[str, str]]] = {}
    for (name, label), case in index.voices.items():
        voices.setdefault(name, []).append((label, case))
    printing = {one.id: _tell_surroundings(one, voices.get(one.id, ()), index) for one in transcripts}
    known = {one: fingerprint_rules(codebook, surroundings=one, words=words) for one in {*printing.values()}}
    prints = {name: known[told] for name, told in printing.items()}
    problems += _tell_other_words(study, transcripts, words)
    groups: dict[frozenset[str], list[Transcript]] = {}
    for transcript in transcripts:
        own = prints[transcript.id]
        stale = frozenset(own) if everything else _stale_codes(study, transcript, own)
        groups.setdefault(stale, []).append(transcript)
    counts = {code.id: [0, 0, 0] for code in codebook.walk()}
    touches: list[Touch] = []
    for stale, members in groups.items():
        for transcript, sheet in zip(members, _run_rules(members, codebook, stale, model, index), strict=True):
            try:
                touches += _renew(study, transcript, sheet, stale, prints[transcript.id], words, counts)
            except StudyError as error:
                problems.append(error.as_problem("tag"))
    renewed = frozenset[str]().union(*groups) if groups else frozenset()
    return TagReport(
        {code: (new, gone, unchanged) for code, (new, gone, unchanged) in counts.items()},
        tuple(code for code in counts if code in renewed),
        tuple(touches),
        tuple(problems),
    )


def _tell_surroundings(transcript: Transcript, voices: Iterable[tuple[str, str]], index: CaseIndex) -> str:
    """Return who asks in a transcript, and who the others are: what rules may want to know beside its words."""
    cases = [(label, case, sorted(index.attributes_of.get(case, {}).items())) for label, case in sorted(voices)]
    return repr([sorted(transcript.interviewers), cases])


def _tell_other_words(study: StudyFolder, transcripts: Sequence[Transcript], words: str) -> list[Problem]:
    """Tell of suggestions that are renewed since words are told otherwise than when they were made."""
    headers = [study.history(RULES_CODER, transcript.id).header for transcript in transcripts]
    n_other = sum("rules" in header and header.get("words") != words for header in headers)
    if not n_other:
        return []
    message = f"Words were matched differently when {plural(n_other, 'transcript was', 'transcripts were')} tagged."
    hint = f"Their suggestions are renewed with {words}; decisions stay as they are"
    return [Problem(study.root.name, "note", "words-renewed", message, hint)]


def _stale_codes(study: StudyFolder, transcript: Transcript, prints: Mapping[str, str]) -> frozenset[str]:
    """Return the codes whose suggestions in a transcript are not those of the present rules and text."""
    header = study.history(RULES_CODER, transcript.id).header
    if header.get("text") != transcript.digest:
        return frozenset(prints)
    known = dict(header.get("rules", {}))
    return frozenset(code for code in prints if known.get(code) != prints[code])


def _run_rules(
    transcripts: Sequence[Transcript],
    codebook: Codebook,
    codes: frozenset[str],
    model: str | None,
    index: CaseIndex,
) -> Sequence[Sheet | None]:
    if not codes:
        return [None] * len(transcripts)
    from qualcode.tagging import tag

    return tag(transcripts, _only(codebook, find_needed(codebook, codes)), model=model, index=index)


def _only(codebook: Codebook, codes: frozenset[str]) -> Codebook:
    """Return the codebook with the rules of some codes alone."""

    def prune(code: Code) -> Code:
        rules = code.rules if code.id in codes else ()
        return replace(code, rules=rules, codes=tuple(prune(child) for child in code.codes))

    return replace(codebook, codes=tuple(prune(code) for code in codebook.codes))


def _renew(
    study: StudyStore,
    transcript: Transcript,
    sheet: Sheet | None,
    stale: frozenset[str],
    prints: Mapping[str, str],
    words: str,
    counts: dict[str, list[int]],
) -> list[Touch]:
    """Put new suggestions in the place of old ones of the stale codes, and of codes that lost their rules."""
    with study.change(RULES_CODER) as change:
        if study.transcript(transcript.id).digest != transcript.digest:
            message = f"{transcript.id} was corrected while the rules ran."
            raise ConflictError(message, where=transcript.id, hint="Tag again: qualcode tag")
        draft = change.sheet(transcript.id)
        old = draft.history.codings
        kept = [one for one in old if one.code not in stale and one.code in prints]
        fresh = [one for one in sheet.codings if one.code in stale] if sheet else []
        # What comes out as it was stays as it is, with its place in the history.
        after = sorted([*kept, *fresh], key=lambda one: (one.span, one.code))
        ids = {segment.id for segment in transcript.units("sentence")}
        draft.what = "tag"
        draft.differ(after)
        draft.see(ids)
        draft.unsee(draft.history.seen - ids)
        draft.tell(
            unit="sentence", text=transcript.digest, codebook=study.codebook.digest, rules=dict(prints), words=words
        )
    was, now = {(one.span, one.code): one for one in old}, {(one.span, one.code): one for one in after}
    for keys, column in ((now.keys() - was.keys(), 0), (was.keys() - now.keys(), 1), (now.keys() & was.keys(), 2)):
        for _, code in keys:
            counts.setdefault(code, [0, 0, 0])[column] += 1
    gone = [was[key] for key in sorted(was.keys() - now.keys())]
    new = [now[key] for key in sorted(now.keys() - was.keys())]
    return list(_touched(study, transcript, gone, new))


def _touched(
    study: StudyFolder, transcript: Transcript, gone: Sequence[Coding], new: Sequence[Coding]
) -> Iterable[Touch]:
    if not (gone or new):
        return
    for coder in study.coders():
        sheet = study.sheet(coder, transcript.id) if coder != RULES_CODER else None
        for decision in sheet.codings if sheet else ():
            for kind, suggestions in (("gone", gone), ("new", new)):
                for one in suggestions:
                    if one.code == decision.code and one.span.overlaps(decision.span):
                        yield Touch(kind, one, decision)
