"""What a study's coder may have missed, what is doubtful, what to read next: learned from that coder's own sheets.

Nothing of it is ever a sheet or a coding. It is worked out when it is asked for, the same for the same study. What is
written are acts alone: an answer goes to the coder's own sheet, with the origin ``learned``.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from qualcode.errors import MissingDependencyError, Problem, StudyError
from qualcode.progress import track
from qualcode.study.acts import Decision
from qualcode.study.addresses import find_code, find_segment
from qualcode.study.blinding import Blinding, read_assignment
from qualcode.study.decisions import decide
from qualcode.study.units import find_upward, list_units
from qualcode.study.vectors import SegmentVectors, leave_vectors
from qualcode.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd

    from qualcode.codebook import Code
    from qualcode.learning import Calibration, CodeFacts, Crossed, Encoder, Floats, Model, Text, Vectors
    from qualcode.model import Coding, Span
    from qualcode.study.store import Event, StudyStore
    from qualcode.study.units import ReadUnit

COLUMNS = ("transcript", "segment", "start", "end", "code", "p", "word", "quote")
"""What every list of suggestions has."""

_FITTED = ("_encoder", "_vectors", "_model", "_crossed", "_calibrations", "_print", "_number", "_blinding",
           "_order_of_reading")  # fmt: skip
LEARNED = "learned"
TOP = 20

_CODE_COLUMNS = ("code", "passages", "read", "base_rate", "error", "accepted", "rejected", "word")
_METHOD = 2
# Goes up when the same examples give other suggestions, so that what the log names stays what it was.

_CHANGED = 3.0
# Standard errors between what was expected and given in the later half of the work, and in the earlier one.


class Learned:
    """What is learned from what one coder has read and coded; see :meth:`.Study.learn`.

    Parameters
    ----------
    study
        Which study.
    coder
        Whose work; nobody else's is looked at.

    Raises
    ------
    StudyError
        If there is no such coder.
    """

    def __init__(self, study: StudyStore, coder: str) -> None:
        self.study = study
        self.coder = study.find_coder(coder)
        self._not_found: MissingDependencyError | None = None
        self.fit()

    def fit(self) -> Learned:
        """Take in what the coder has done since; without it, suggestions stay those of the work up to here.

        Returns
        -------
        Learned
            This, with what is learned now.
        """
        self._not_found = None
        for name in _FITTED:
            self.__dict__.pop(name, None)
        self.codebook = self.study.codebook
        self._units = list(list_units(self.study, self.coder))
        self._seen = [one for one in self._units if one.is_seen]
        return self

    def prepare(self) -> Learned:
        """Work out now what lists and answers need, so that each of them is quick.

        Returns
        -------
        Learned
            This.
        """
        _ = self._calibrations, self._print, self._number, self._blinding  # each is worked out once, when asked for
        return self

    def __repr__(self) -> str:
        return f"<Learned from {self.coder}: {plural(len(self._seen), 'segment')} read, {self.n_coded:,} coded>"

    # -- what it rests on ---------------------------------------------------------------------------------------------

    @property
    def n_coded(self) -> int:
        """How many of the segments read carry a code."""
        return sum(bool(one.codes) for one in self._seen)

    @property
    def method(self) -> str:
        """What suggestions are learned from, in words."""
        return f"words and vectors of sentences ({self._encoder.name})" if self._encoder else "words"

    @cached_property
    def _encoder(self) -> Encoder | None:
        """What makes vectors, if the study wishes for them and they can be made here."""
        from qualcode.learning import find_encoder

        if self.study.settings.suggestions != "vectors":
            return None
        try:
            return find_encoder()
        except MissingDependencyError as error:
            self._not_found = error
            return None

    @cached_property
    def _vectors(self) -> dict[str, dict[Span, Vectors]]:
        """The vectors of all segments, and of the turns before them, by transcript."""
        if self._encoder is None:
            return {}
        spans: dict[str, list[Span]] = {}
        for one in self._units:
            spans.setdefault(one.transcript.id, []).append(one.segment.span)
        for one in self._units:
            spans[one.transcript.id] += [one.before] if one.before else []
        transcripts = {one.transcript.id: one.transcript for one in self._units}
        kept = SegmentVectors(self.study, self._encoder)
        leave_vectors(self.study, [one.digest for one in transcripts.values()])
        watched = track(spans.items(), "Making vectors of sentences", len(spans))
        return {name: kept.of(transcripts[name], several) for name, several in watched}

    def _text_of(self, unit: ReadUnit) -> Text:
        from qualcode.learning import Text

        transcript, vectors = unit.transcript, self._vectors.get(unit.transcript.id, {})
        return Text(
            transcript.id, unit.segment.id, unit.segment.span.start, transcript.quote(unit.segment.span),
            transcript.quote(unit.before) if unit.before else "", transcript.language, unit.asks, unit.fired,
            vectors.get(unit.segment.span), vectors.get(unit.before) if unit.before else None,
        )  # fmt: skip

    @cached_property
    def _model(self) -> Model:
        import numpy as np

        from qualcode.learning import Model, tell_codebook

        texts = [self._text_of(one) for one in self._seen]
        facts = [_facts_of(self, code) for code in self.codebook.walk()]
        carried = {one.id: np.array([one.id in unit.codes for unit in self._seen], bool) for one in facts}
        language = self.study.settings.language or self.codebook.language or "en"
        encode = SegmentVectors(self.study, self._encoder).of_codebook if self._encoder else None
        told = tell_codebook(facts, language, encode)
        return Model(facts, texts, carried, language=language, encoder=self._encoder, told=told)

    @cached_property
    def _crossed(self) -> Crossed:
        """What is said of the segments read, each by what was learned from other transcripts."""
        from qualcode.learning import cross, deal_folds

        return cross(self._model, deal_folds(self._model.texts))

    @property
    def _scores(self) -> Mapping[str, Floats]:
        return self._crossed.scores

    def _judge(self, unit: ReadUnit) -> Model:
        """Return what judges a segment: of one that the coder has read, a model that did not see its transcript."""
        return self._crossed.judge(self._number[unit.address]) if unit.is_seen else self._model

    def _chance(self, unit: ReadUnit, code: str) -> float:
        """Return the probability of a code in a segment, as lists show it."""
        return float(self._calibrations[code].apply(self._judge(unit).score(code, [self._text_of(unit)]))[0])

    @cached_property
    def _calibrations(self) -> dict[str, Calibration]:
        from qualcode.learning import calibrate

        made = {}
        for code, scores in self._scores.items():
            applies = self._model.applies(code, self._model.texts)
            carries, folds = self._model.carried[code][applies], self._crossed.folds[applies]
            made[code] = calibrate(scores[applies], carries, folds=folds)
        return made

    @cached_property
    def _print(self) -> str:
        """Digest of all that suggestions depend on, for the log."""
        digest = hashlib.sha256(f"{_METHOD} {self.codebook.digest} {self.method}".encode())
        for one in self._seen:
            words = one.transcript.quote(one.segment.span)
            line = [one.address, words, one.asks, sorted(one.codes), sorted(one.fired)]
            digest.update(json.dumps(line).encode())
        return digest.hexdigest()[:12]

    def _say_chance(self, code: str, chance: float) -> str:
        from qualcode.learning import say_chance

        return say_chance(chance, self._calibrations[code], n_coded=self.n_coded)

    # -- what is suggested --------------------------------------------------------------------------------------------

    def missed(self, code: str | None = None, *, top: int | None = TOP) -> pd.DataFrame:
        """Return segments that the coder read and left without a code that may have been missed there.

        Each is judged by what was learned from the coder's other transcripts. What the coder has rejected is left out,
        and so are segments that are drawn for double coding, until all their coders have read them.

        Parameters
        ----------
        code
            Which code, by id, path or name; ``None``: all that the coder has given.
        top
            How many at most; ``None``: all.

        Returns
        -------
        pandas.DataFrame
            ``transcript``, ``segment``, ``start``, ``end``, ``code`` (its path), ``p`` (calibrated), ``word`` (likely,
            possible, or nothing) and ``quote``; the likeliest first, codes with fewer than five passages last.
        """
        rows = (row for one in self._codes(code) for row in self._list_missed(one))
        return self._frame(self._open(_in_order(rows)), top)

    def _list_missed(self, code: str) -> Iterator[_Row]:
        applies = self._model.applies(code, self._model.texts)
        chances = self._calibrations[code].apply(self._scores[code])
        is_unsure = self._is_uncalibrated(code)
        for number, unit in enumerate(self._seen):
            if applies[number] and code not in unit.codes:
                score = round(float(self._scores[code][number]), 6)
                order = (is_unsure, -float(chances[number]), -score)
                yield _Row(unit, unit.segment.span, code, float(chances[number]), order)

    def _is_uncalibrated(self, code: str) -> bool:
        """Tell whether a code has so few passages that its p is the base rate, which ranks nothing."""
        from qualcode.learning import FEWEST_TO_CALIBRATE

        return self._model.n_positive(code) < FEWEST_TO_CALIBRATE

    def doubtful(self, code: str | None = None, *, top: int | None = TOP) -> pd.DataFrame:
        """Return the coder's own codings, those first that fit least to how the code is given elsewhere.

        Each is judged by what was learned from other transcripts, beside what is usual for the code.

        Parameters
        ----------
        code, top
            As for :meth:`missed`.

        Returns
        -------
        pandas.DataFrame
            As :meth:`missed` returns it, with the passages of the codings.
        """
        chosen = self._codes(code)
        usual = {one: float(self._scores[one][self._model.carried[one]].mean()) for one in chosen}
        rows = []
        for coding in self._own_codings():
            if coding.code in usual:
                numbers = self._numbers_of(coding)
                if numbers:
                    best = max(numbers, key=lambda at: self._scores[coding.code][at])
                    score = float(self._scores[coding.code][best])
                    chance = float(self._calibrations[coding.code].apply(self._scores[coding.code][[best]])[0])
                    margin = round(score - usual[coding.code], 6)
                    rows.append(_Row(self._seen[best], coding.span, coding.code, chance, (margin,)))
        return self._frame(_in_order(rows), top)

    def rank(self, code: str, *, top: int | None = TOP) -> pd.DataFrame:
        """Return segments that the coder has not read, those first that are likeliest to carry a code.

        Parameters
        ----------
        code
            Which code, by id, path or name.
        top
            As for :meth:`missed`.

        Returns
        -------
        pandas.DataFrame
            As :meth:`missed` returns it. Of a code with fewer than 20 passages, the codes above it and the words of the
            codebook have a say in the order.
        """
        wanted = find_code(self.codebook, code)
        unread = [one for one in self._units if not one.is_seen]
        texts = [self._text_of(one) for one in unread]
        applies = self._model.applies(wanted, texts)
        order = self._model.order(wanted, texts)
        chances = self._calibrations[wanted].apply(self._model.score(wanted, texts))
        rows = [
            _Row(unit, unit.segment.span, wanted, float(chance), (-round(float(score), 6),))
            for unit, score, chance, is_of_role in zip(unread, order, chances, applies, strict=True)
            if is_of_role
        ]
        return self._frame(self._open(_in_order(rows)), top)

    def _codes(self, code: str | None) -> list[str]:
        """Return the ids of the codes that are asked for: by default those that the coder has given, not retired."""
        if code is not None:
            return [find_code(self.codebook, code)]
        given = {one.code for one in self._own_codings()}
        return [one.id for one in self.codebook.walk() if one.id in given and not one.is_retired]

    def _own_codings(self) -> Iterator[Coding]:
        for name in self.study.transcript_ids():
            sheet = self.study.sheet(self.coder, name)
            yield from (one for one in (sheet.codings if sheet else ()) if one.is_counted)

    def _numbers_of(self, coding: Coding) -> list[int]:
        """Return which of the segments read a coding is on."""
        return [
            at for segment in self._touched(coding)
            if (at := self._number.get(f"{coding.transcript}:{segment}")) is not None
        ]  # fmt: skip

    def _touched(self, coding: Coding) -> Iterable[str]:
        sheet = self.study.sheet(self.coder, coding.transcript)
        unit = sheet.unit if sheet else self.study.settings.unit
        return [one.id for one in self.study.index(coding.transcript).touched(unit, coding.span)]

    @cached_property
    def _number(self) -> dict[str, int]:
        return {one.address: number for number, one in enumerate(self._seen)}

    @cached_property
    def _blinding(self) -> Blinding:
        return Blinding(self.study)

    def _open(self, rows: Iterable[_Row]) -> Iterator[_Row]:
        """Yield the suggestions that may be shown; no more are looked at than are asked for."""
        return (row for row in rows if self._is_open(row.unit, row.code))

    def _is_open(self, unit: ReadUnit, code: str) -> bool:
        """Tell whether a suggestion may be shown: nothing was decided there, and the segment is not read blind."""
        if not self._blinding.may_see(self.coder, LEARNED, unit.transcript.id, unit.segment):
            return False
        below = self._model.codes[code].below
        own = self.study.codings_in(self.coder, unit.transcript.id, unit.segment.span)
        return not any(one.code == code or (one.is_counted and one.code in below) for one in own)

    def _frame(self, rows: Iterable[_Row], top: int | None) -> pd.DataFrame:
        return self._as_frame((self._cells(one) for one in islice(rows, top)), COLUMNS)

    def _as_frame(self, rows: Iterable[tuple[Any, ...]], columns: Iterable[str]) -> pd.DataFrame:
        import pandas as pd

        from qualcode.counting import order_paths

        frame = pd.DataFrame(list(rows), columns=list(columns))
        return frame.assign(code=order_paths(self.codebook, frame["code"]))

    def _cells(self, row: _Row) -> tuple[Any, ...]:
        quote = row.unit.transcript.quote(row.span)
        return (
            row.unit.transcript.id, row.unit.segment.id, row.span.start, row.span.end, self.codebook.path(row.code),
            row.chance, self._say_chance(row.code, row.chance), quote,
        )  # fmt: skip

    # -- why ----------------------------------------------------------------------------------------------------------

    def explain(self, place: str, code: str) -> pd.DataFrame:
        """Return what carries a suggestion: the words without which it would not be made, rules, and like passages.

        Parameters
        ----------
        place
            The address of a segment, such as ``P07:t012``.
        code
            Which code, by id, path or name.

        Returns
        -------
        pandas.DataFrame
            The columns of :meth:`missed` after ``kind``: ``segment``, then each ``word`` in the order in which it
            matters, with the probability that is left without it and those before; ``spread`` when no five words
            carry it; each ``rule`` that fired; and the two ``passage``\\ s of the coder most like the segment.

        Raises
        ------
        StudyError
            If there is no such segment.
        """
        wanted = find_code(self.codebook, code)
        unit = self._unit_at(place)
        return self._as_frame(self._explain(unit, wanted), ["kind", *COLUMNS])

    def _unit_at(self, place: str) -> ReadUnit:
        name, segment = find_segment(self.study, place)
        found = next((one for one in self._units if one.address == f"{name}:{segment.id}"), None)
        if found is None:
            raise StudyError(
                f"“{place}” is a {segment.kind}, which is not what {self.coder} reads.",
                hint=f"Give a {self.study.settings.unit}",
            )
        return found

    def _explain(self, unit: ReadUnit, code: str) -> Iterator[tuple[Any, ...]]:
        from qualcode.learning import find_carriers, find_nearest

        text, start = self._text_of(unit), unit.segment.span.start
        model, calibration, chance = self._judge(unit), self._calibrations[code], self._chance(unit, code)
        yield ("segment", *self._cells(_Row(unit, unit.segment.span, code, chance)))
        carriers = find_carriers(model, code, text)
        for spans, score in zip(carriers.spans, carriers.scores, strict=True):
            left = float(calibration.apply(_one(score))[0])
            yield ("word", *self._cells(_Row(unit, spans[0].shift(start), code, left)))
        if carriers.is_spread:
            yield ("spread", *self._cells(_Row(unit, unit.segment.span, code, chance)))
        for span in self._rule_hits(unit, code):
            yield ("rule", *self._cells(_Row(unit, span, code, chance)))
        for near, _ in find_nearest(model, code, text):
            other = self._unit_at(f"{near.transcript}:{near.segment}")
            yield ("passage", *self._cells(_Row(other, other.segment.span, code, self._chance(other, code))))

    def _rule_hits(self, unit: ReadUnit, code: str) -> list[Span]:
        below = self._model.codes[code].below
        found = self.study.codings_in("rules", unit.transcript.id, unit.segment.span)
        return sorted({span for one in found if one.code in below for why in one.evidence for span in why.spans})

    def with_words(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return suggestions with the words that carry each.

        Parameters
        ----------
        frame
            What :meth:`missed`, :meth:`doubtful` or :meth:`rank` returned.

        Returns
        -------
        pandas.DataFrame
            With a column ``words`` before the quote: those without which the suggestion would not be made, or ``spread
            over the passage``; where p is low, those that speak most for the code.
        """
        told = [
            self._say_words(f"{row.transcript}:{row.segment}", str(row.code)) for row in frame.itertuples(index=False)
        ]
        widened = frame.copy()
        widened.insert(len(COLUMNS) - 1, "words", told)
        return widened

    def _say_words(self, place: str, code: str) -> str:
        from qualcode.learning import find_carriers

        unit = self._unit_at(place)
        found = find_carriers(self._judge(unit), find_code(self.codebook, code), self._text_of(unit))
        return "spread over the passage" if found.is_spread else ", ".join(found.words)

    # -- answering ----------------------------------------------------------------------------------------------------

    def answer(self, place: str, code: str, act: Literal["accept", "reject"], *, note: str = "") -> Event | None:
        """Record the coder's answer to a suggestion, on the coder's own sheet; the log says what was shown.

        Parameters
        ----------
        place
            The address of the segment.
        code
            Which code, by id, path or name.
        act
            ``accept`` or ``reject`` it; a rejected one is not suggested again.
        note
            A remark.

        Returns
        -------
        Event or None
            What was recorded; ``None``: it stands so already.

        Raises
        ------
        StudyError
            If there is no such segment, or it is drawn for double coding that is not finished.
        """
        wanted = find_code(self.codebook, code)
        unit = self._unit_at(place)
        chance = self._chance(unit, wanted)
        word = self._say_chance(wanted, chance) or "ranked"
        span = unit.segment.span
        why = f"learned: {word}, p {chance:.3f}, from {self._print}, shown {span.start}:{span.end}"
        decision = Decision(unit.address, wanted, act, note=note, by="learned")
        events = decide(self.study, self.coder, [decision], why=why)
        return events[-1] if events else None

    # -- how far it goes ----------------------------------------------------------------------------------------------

    def codes(self) -> pd.DataFrame:
        """Return per code what suggestions rest on, and how the coder answered them.

        Returns
        -------
        pandas.DataFrame
            ``code``; ``passages``, segments with it; ``read``, segments of its speakers; ``base_rate`` of the two;
            ``error``, how far probabilities are from what came true, on average; ``accepted`` and ``rejected``
            suggestions; ``word``, the strongest that a suggestion may have.
        """
        answers = self.count_answers()
        rows = []
        for code in self._codes(None):
            n_read = int(self._model.applies(code, self._model.texts).sum())
            n_positive = self._model.n_positive(code)
            yes, no = answers.get(code, (0, 0))
            strongest = self._say_chance(code, 1.0) or "not enough coding yet"
            error = self._calibrations[code].error
            path, rate = self.codebook.path(code), n_positive / n_read if n_read else float("nan")
            rows.append((path, n_positive, n_read, round(rate, 3), round(error, 3), yes, no, strongest))
        return self._as_frame(rows, _CODE_COLUMNS)

    def count_answers(self) -> dict[str, tuple[int, int]]:
        """Return how the coder answered suggestions, up to now.

        Returns
        -------
        dict
            Per code, by id: how many were accepted, and how many rejected.
        """
        counts: dict[str, tuple[int, int]] = {}
        for name in self.study.transcript_ids():
            sheet = self.study.sheet(self.coder, name)
            for one in sheet.codings if sheet else ():
                if one.origin == LEARNED:
                    yes, no = counts.get(one.code, (0, 0))
                    counts[one.code] = (yes + one.is_counted, no + (not one.is_counted))
        return counts

    def problems(self) -> list[Problem]:
        """Return what limits the suggestions, in words.

        Returns
        -------
        list of Problem
            Notes: not enough coding yet, codes with few passages, a code that is given otherwise now than before,
            segments drawn for double coding among the examples.
        """
        return list(self._tell_limits())

    def _tell_limits(self) -> Iterator[Problem]:
        from qualcode.learning import FEWEST_TO_CALIBRATE, FOLDS, MANY_CODED, MANY_WITH_CODE

        chosen = self._codes(None)
        if self._encoder is None and self._not_found is not None:
            message = f"{self._not_found.message} Suggestions rest on words alone."
            yield Problem(self.study.root.name, "warning", "vectors", message, self._not_found.hint)
        if self.n_coded < MANY_CODED:
            yield self._note(
                f"{self.coder} has coded {plural(self.n_coded, 'segment')}: not enough yet to call anything likely.",
                f"Code {MANY_CODED} before you rely on it",
            )
        if len({one.transcript.id for one in self._seen}) < FOLDS:
            message = "Fewer than three transcripts are read, so passages are judged by others of the same transcript."
            yield self._note(message, "Expect less of it in another transcript")
        few = [one for one in chosen if FEWEST_TO_CALIBRATE <= self._model.n_positive(one) < MANY_WITH_CODE]
        if few and self.n_coded >= MANY_CODED:
            names = ", ".join(map(self.codebook.path, few))
            message = f"With fewer than {MANY_WITH_CODE} passages, nothing is called likely: {names}."
            yield self._note(message, "Take their order as a hint of what to read")
        if self.n_coded >= MANY_CODED:
            yield from self._tell_record([one for one in chosen if self._model.n_positive(one) >= MANY_WITH_CODE])
        rare = [one for one in chosen if self._model.n_positive(one) < FEWEST_TO_CALIBRATE]
        if rare:
            names = ", ".join(map(self.codebook.path, rare))
            message = f"With fewer than {FEWEST_TO_CALIBRATE} passages, p is the base rate: {names}."
            yield self._note(message, "Code more, or add examples to the codebook")
        for code in chosen:
            yield from self._tell_change(code)
        yield from self._tell_blind()

    def _tell_record(self, codes: Iterable[str]) -> Iterator[Problem]:
        """Tell of codes with many passages of which nothing is called likely all the same, with the record."""
        made = {one: self._calibrations[one] for one in codes}
        weak = [
            f"{self.codebook.path(one)} ({f'{each.n_right} of {each.n_likely} right' if each.n_likely else 'no case'})"
            for one, each in made.items()
            if not each.holds
        ]
        if weak:
            message = (
                "Not enough coding yet to call a passage likely. When that was tried on transcripts kept aside: "
                f"{', '.join(weak)}."
            )
            yield self._note(message, "Take their order as a hint of what to read")

    def _note(self, message: str, hint: str) -> Problem:
        return Problem(self.study.root.name, "note", "learned", message, hint)

    def _tell_change(self, code: str) -> Iterator[Problem]:
        """Tell of a code that the coder gives otherwise now than before, beside what words let expect."""
        import numpy as np

        applies = self._model.applies(code, self._model.texts)
        chances = self._calibrations[code].apply(self._scores[code])
        variance = chances * (1 - chances)
        order = [number for number in self._order_of_reading if applies[number]]
        halves = np.array(order[: len(order) // 2], int), np.array(order[len(order) // 2 :], int)
        left = [float((self._model.carried[code][half] - chances[half]).sum()) for half in halves]
        spread = float(np.sqrt(sum(float(variance[half].sum()) for half in halves)))
        if spread and abs(left[1] - left[0]) / spread > _CHANGED:
            more = "more" if left[1] > left[0] else "less"
            message = (
                f"{self.coder} gives “{self.codebook.path(code)}” {more} often now than earlier, beside what the words "
                "let expect."
            )
            yield self._note(message, "Read some early passages again, and note what changed in a memo")

    @cached_property
    def _order_of_reading(self) -> list[int]:
        read = []
        for number, one in enumerate(self._seen):
            history = self.study.history(self.coder, one.transcript.id)
            at = min((history.events[event].at for event in history.sayers(one.segment.id)), default="")
            read.append((at, number))
        return [number for _, number in sorted(read)]

    def _tell_blind(self) -> Iterator[Problem]:
        hidden = sum(
            not self._blinding.may_see(self.coder, LEARNED, one.transcript.id, one.segment) for one in self._units
        )
        if hidden:
            message = f"{plural(hidden, 'segment')} drawn for double coding get no suggestion until all have read them."
            yield self._note(message, "Have the others read them")
        drawn = {address for addresses in read_assignment(self.study).values() for address in addresses}
        taught = sum(one.address in drawn for one in self._seen)
        if taught:
            message = f"{plural(taught, 'segment')} drawn for double coding {_is_or_are(taught)} among the examples."
            yield self._note(message, "Do not report agreement of people with suggestions on these")


def _is_or_are(number: int) -> str:
    return "is" if number == 1 else "are"


class _Row:
    """A suggestion on its way into a frame; the smallest order comes first."""

    __slots__ = ("chance", "code", "order", "span", "unit")

    def __init__(self, unit: ReadUnit, span: Span, code: str, chance: float, order: tuple[float, ...] = ()) -> None:
        self.unit, self.span, self.code, self.chance, self.order = unit, span, code, chance, order


def _in_order(rows: Iterable[_Row]) -> list[_Row]:
    return sorted(rows, key=lambda one: (*one.order, one.unit.transcript.id, one.span, one.code))


def _one(score: float) -> Any:
    import numpy as np

    return np.array([score])


def _facts_of(learned: Learned, code: Code) -> CodeFacts:
    from qualcode.learning import CodeFacts

    below = [*code.walk()]
    return CodeFacts(
        code.id,
        frozenset(one.id for one in below),
        tuple(find_upward(learned.codebook, code.id)[1:]),
        frozenset(one.id for one in below if one.rules),
        (code.name, code.definition, *code.include),
        tuple(one.text for one in code.hits),
        tuple(one.text for one in code.misses),
    )
