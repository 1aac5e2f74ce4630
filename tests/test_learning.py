"""Learning from a coder's own work: the parts by themselves, against numbers worked out elsewhere."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qualcode.learning import (
    Calibration,
    CodeFacts,
    Model,
    Text,
    allowed_misses,
    bound_recall,
    calibrate,
    cross,
    deal_folds,
    find_carriers,
    find_nearest,
    fit_logistic,
    measure_error,
    pack,
    price,
    say_chance,
    share_error,
)
from qualcode.learning.bounding import weigh_beforehand
from qualcode.learning.fitting import _descend, balance, sigmoid

PUBLISHED = json.loads((Path(__file__).parent / "published" / "logistic.json").read_text("utf-8"))


# --- the bound on recall -----------------------------------------------------------------------------------


def test_weights_beforehand_are_those_of_the_worked_example() -> None:
    weights = np.exp(weigh_beforehand(600, allowed_misses(57, 95)))
    assert [f"{one:.6f}" for one in weights[:5]] == ["0.333333", "0.222469", "0.148396", "0.098930", "0.065917"]
    assert weights.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("read", "hits", "upper", "recall", "is_reached"),
    [
        (100, 0, 17, ".7703", False),
        (200, 0, 8, ".8769", False),
        (300, 0, 5, ".9194", False),
        (360, 0, 4, ".9344", False),
        (400, 0, 3, ".9500", True),
        (300, 1, 9, ".8788", False),
        (400, 1, 6, ".9206", False),
        (450, 1, 5, ".9355", False),
        (500, 2, 6, ".9365", False),
    ],
)
def test_the_bound_is_that_of_the_worked_example(
    read: int, hits: int, upper: int, recall: str, is_reached: bool
) -> None:
    bound = bound_recall(600, 57, read, hits, target=95)
    assert (bound.upper, f"{bound.recall_low:.4f}"[1:], bound.is_reached) == (upper, recall, is_reached)


@pytest.mark.parametrize(
    ("found", "target", "expected"),
    [(57, 95, 367), (57, 90, 256), (57, 80, 139), (10, 95, 585), (18, 95, 585), (19, 95, 501), (38, 95, 426),
     (100, 95, 285), (200, 95, 181), (300, 95, 132)],
)  # fmt: skip
def test_the_price_is_that_of_the_worked_example(found: int, target: int, expected: int) -> None:
    assert price(600, found, target=target) == expected


def test_a_check_read_to_its_end_knows_all() -> None:
    for hits in (0, 3, 20):
        bound = bound_recall(20, 5, 20, hits, target=95)
        assert (bound.upper, bound.recall_low, bound.is_reached) == (hits, 1.0, True)


@pytest.mark.parametrize(("n_unread", "found", "recall"), [(0, 0, 1.0), (0, 4, 1.0), (50, 0, 0.0)])
def test_nothing_unread_and_nothing_found(n_unread: int, found: int, recall: float) -> None:
    assert bound_recall(n_unread, found, 0, 0, target=95).recall_low == recall


def test_nothing_read_promises_nothing() -> None:
    assert bound_recall(30, 2, 0, 0, target=95).upper == 30


@pytest.mark.parametrize(
    ("n_units", "carriers", "share_read"),
    [(300, 40, 0.4), (300, 12, 0.3), (500, 100, 0.3), (200, 60, 0.5)],
)
def test_the_promise_holds_on_hostile_orders(n_units: int, carriers: int, share_read: float) -> None:
    """A first cluster is found, a second one lies in the rest; the check may be looked at after every segment."""
    rng = random.Random(carriers)
    n_read = int(n_units * share_read)
    found = max(carriers * 2 // 3, 1)
    left = carriers - found
    rest = [1] * left + [0] * (n_units - n_read - left)
    n_kept = 0
    for _ in range(1000):
        rng.shuffle(rest)
        n_kept += _stops_rightly(rest, found, target=80)
    assert n_kept >= 950


def _stops_rightly(rest: list[int], found: int, *, target: int) -> bool:
    """Read in order, and stop at the first look that says the target is reached."""
    hits, low = 0, price(len(rest), found, target=target)
    for read, carries in enumerate(rest, start=1):
        hits += carries
        if read >= low and bound_recall(len(rest), found, read, hits, target=target).is_reached:
            break
    return 100 * (found + hits) >= target * (found + sum(rest))


def test_later_draws_may_err_less() -> None:
    assert [round(share_error(0.95, number), 5) for number in (1, 2, 3)] == [0.05, 0.00833, 0.00417]


# --- the fit -----------------------------------------------------------------------------------------------


def dense_rows(features: list[list[float]]) -> object:
    table = np.array(features)
    return pack([{}] * len(table), 0, np.hstack([table, np.ones((len(table), 1))]))


@pytest.mark.parametrize("case", PUBLISHED["cases"], ids=lambda case: case["name"])
def test_weights_are_those_of_liblinear(case: dict) -> None:
    rows = dense_rows(case["features"])
    found = fit_logistic(rows, np.array(case["carries"], float), np.array(case["weights"]), cost=case["cost"])
    assert found == pytest.approx(case["expected"], abs=2e-3)
    assert sigmoid(rows.dot(found)) == pytest.approx(case["chances"], abs=2e-4)


def test_words_and_numbers_written_out_are_fitted_alike() -> None:
    case = PUBLISHED["cases"][0]
    counts = [{number: value for number, value in enumerate(row) if value} for row in case["features"]]
    rows = pack(counts, len(case["features"][0]), np.ones((len(counts), 1)))
    found = fit_logistic(rows, np.array(case["carries"], float), np.array(case["weights"]), cost=case["cost"])
    assert found == pytest.approx(case["expected"], abs=2e-3)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 20))
def test_the_fit_ends_where_the_gradient_does(seed: int, cost: float) -> None:
    rng = np.random.default_rng(seed)
    rows = dense_rows(rng.normal(size=(30, 4)).tolist())
    carries = (rng.random(30) < 0.3).astype(float)
    carries[0], carries[1] = 1, 0
    weights = balance(carries, np.ones(30))
    found = fit_logistic(rows, carries, weights, cost=cost)
    pull = rows.spread(cost * weights * (carries - sigmoid(rows.dot(found))))
    assert np.abs(found - pull).max() < 1e-3 * np.abs(rows.spread(cost * weights * (carries - 0.5))).max()
    assert weights[carries > 0].sum() == pytest.approx(weights[carries == 0].sum())


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_words_that_one_segment_alone_has_may_be_taken_together(seed: int) -> None:
    """The same weights as when each is a feature of its own; also with rows that have none, or nothing else."""
    rng = np.random.default_rng(seed)
    counts = [
        {int(at): float(rng.uniform(0.1, 2)) for at in np.unique(rng.integers(0, 40, rng.integers(0, 9)))}
        for _ in range(15)
    ]
    rows = pack(counts, 40, np.ones((15, 1)))
    carries = (np.arange(15) % 3 == 0).astype(float)
    weights = balance(carries, np.ones(15))
    folded = fit_logistic(rows, carries, weights, cost=2.0)
    assert folded == pytest.approx(_descend(rows, 2 * carries - 1, 2 * weights), abs=2e-3)
    unseen = np.bincount(rows.column, minlength=40) == 0
    assert (folded[:40][unseen] == 0).all()


# --- what is looked at -------------------------------------------------------------------------------------

RAIN = CodeFacts("rain", frozenset({"rain"}), told=("Rain", "Rain and drought"))


def say(*lines: str, transcript: str = "P1", language: str = "en") -> list[Text]:
    return [Text(transcript, f"t{n:03d}", n * 100, words, language=language) for n, words in enumerate(lines, start=1)]


TALK = say(
    "The rain came late this year.", "Rain again, all week.", "We paid the workers.", "The workers left for town.",
    "No rain, no harvest.", "They paid little.", "It would not rain.", "My sister cooks.",
)  # fmt: skip
CARRIED = {"rain": np.array([1, 1, 0, 0, 1, 0, 1, 0], bool)}


def test_what_is_learned_finds_the_word() -> None:
    model = Model([RAIN], TALK, CARRIED)
    wet, dry = model.score("rain", say("Rain at last.", "The cook left.", transcript="P9"))
    assert wet > 0.5 > dry


def test_a_code_without_examples_has_its_base_rate() -> None:
    model = Model([RAIN], TALK, {"rain": np.zeros(8, bool)})
    assert model.score("rain", TALK[:2]) == pytest.approx([0.5 / 9] * 2)


def test_rules_speak_while_there_are_few_examples() -> None:
    facts = CodeFacts("rain", frozenset({"rain"}), with_rules=frozenset({"rain"}))
    fired = Text("P9", "t001", 0, "A storm.", fired=frozenset({"rain"}))
    quiet = Text("P9", "t002", 9, "A storm.")
    model = Model([facts], TALK, {"rain": np.zeros(8, bool)})
    assert model.score("rain", [fired, quiet]) == pytest.approx([1.0, 0.0])
    model = Model([facts], TALK, CARRIED)  # with four passages the rules count 10 of 14
    high, low = model.score("rain", [fired, quiet])
    assert high > 10 / 14 > 4 / 14 > low


def test_examples_of_the_codebook_teach() -> None:
    facts = CodeFacts("rain", frozenset({"rain"}), hits=("The drought went on.", "Drought."), misses=("I dry plates.",))
    model = Model([facts], TALK, {"rain": np.array([0, 0, 0, 0, 0, 0, 0, 0], bool)})
    dry, plates = model.score("rain", say("Such a drought!", "The plates are dry."))
    assert dry > plates


def test_only_talk_of_the_role_that_carries_a_code_is_looked_at() -> None:
    asked = [Text("P1", f"t{n}", n, "How was it?", asks=True) for n in range(3)]
    model = Model([RAIN], [*TALK, *asked], {"rain": np.concatenate([CARRIED["rain"], np.zeros(3, bool)])})
    assert model.applies("rain", [asked[0], TALK[0]]).tolist() == [False, True]
    assert model.base_rate("rain") == pytest.approx(4.5 / 9)


def test_a_chinese_character_is_a_word_and_short_runs_are_too() -> None:
    [text] = say("唔夠時間 for meetings。", language="zh")
    assert list(text.terms) == [
        "唔", "夠", "時", "間", "for", "meeting", "唔 夠", "夠 時", "時 間", "間 for", "for meeting",
        "唔 夠 時", "夠 時 間",
    ]  # fmt: skip
    lines = say("時間唔夠", "冇時間做", "好開心", "多謝大家", "時間好少", "我哋食飯", language="zh")
    model = Model([RAIN], lines, {"rain": np.array([1, 1, 0, 0, 1, 0], bool)}, language="zh")
    late, glad = model.score("rain", say("又係冇時間", "大家開心", language="zh"))
    assert late > 0.5 > glad


@pytest.mark.parametrize("words", ["", "😀", "。。。", "1", "a" * 5000, "\u200f\u202eשלום", "e\u0301te\u0301"])
def test_any_segment_can_be_looked_at(words: str) -> None:
    model = Model([RAIN], TALK, CARRIED)
    assert 0 <= float(model.score("rain", say(words))[0]) <= 1
    find_carriers(model, "rain", say(words)[0])


def test_another_order_of_learning_gives_the_same_to_the_last_bit() -> None:
    first = Model([RAIN], TALK, CARRIED).score("rain", TALK)
    Model([RAIN], say("Other words entirely."), {"rain": np.array([True])}).score("rain", TALK)
    again = Model([RAIN], list(TALK), {"rain": CARRIED["rain"].copy()}).score("rain", TALK)
    assert first.tobytes() == again.tobytes()


# --- folds, chances, words ---------------------------------------------------------------------------------


def test_no_transcript_is_in_two_folds() -> None:
    texts = [one for name in "ABCDEFG" for one in say(*["x"] * (ord(name) - 60), transcript=name)]
    folds = deal_folds(texts)
    assert set(folds.tolist()) == {0, 1, 2}
    assert all(len({f for t, f in zip(texts, folds, strict=True) if t.transcript == name}) == 1 for name in "ABCDEFG")


def test_one_long_transcript_is_dealt_in_stretches() -> None:
    assert deal_folds(say(*["x"] * 40)).tolist() == [0] * 10 + [1] * 10 + [2] * 10 + [0] * 10


def test_scores_across_folds_come_from_models_that_did_not_see_the_transcript() -> None:
    """In each transcript a word of its own carries the code: what saw only the others cannot know it."""
    texts, carries = [], []
    for name, word in (("A", "apple"), ("B", "pear"), ("C", "plum")):
        texts += say(f"{word} here", "chairs here", f"{word} there", "table there", transcript=name)
        carries += [True, False, True, False]
    model = Model([RAIN], texts, {"rain": np.array(carries)})
    seen = model.score("rain", texts)
    assert (seen[np.array(carries)] > 0.5).all()
    crossed = cross(model, deal_folds(texts)).scores["rain"]
    unknown = crossed[np.array(carries)]
    assert np.ptp(unknown) < 0.35
    assert not (unknown > seen[np.array(carries)]).any()


def test_calibrated_chances_come_true() -> None:
    rng = np.random.default_rng(7)
    truth = rng.random(4000) ** 2
    carries = rng.random(4000) < truth
    scores = truth**0.3  # in the right order, and much too sure
    made = calibrate(scores, carries)
    assert measure_error(scores, carries) > 0.2
    assert measure_error(made.apply(scores), carries) < 0.03
    assert (np.diff(made.apply(np.linspace(0, 1, 50))) >= 0).all()


def test_scores_that_tell_the_wrong_way_round_are_not_turned_round() -> None:
    scores = np.linspace(0.05, 0.95, 40)
    made = calibrate(scores, scores < 0.5)
    assert min(made.yes, made.no) >= 0
    assert (np.diff(made.apply(scores)) >= 0).all()


def test_few_passages_give_the_base_rate_and_no_word() -> None:
    made = calibrate(np.array([0.9, 0.8, 0.1, 0.1]), np.array([True, True, False, False]))
    assert made.apply(np.array([0.99, 0.01])) == pytest.approx([0.5, 0.5])
    assert say_chance(0.99, Calibration(1, 1, 0, 4, n_likely=3, n_right=3), n_coded=1000) == ""


@pytest.mark.parametrize(
    ("chance", "n_coded", "n_positive", "word"),
    [(0.7, 200, 20, "likely"), (0.69, 200, 20, "possible"), (0.7, 199, 20, "possible"), (0.7, 200, 19, "possible"),
     (0.4, 200, 20, "possible"), (0.39, 200, 20, ""), (1.0, 900, 4, "")],
)  # fmt: skip
def test_chances_have_words(chance: float, n_coded: int, n_positive: int, word: str) -> None:
    assert say_chance(chance, Calibration(1, 1, 0, n_positive, n_likely=10, n_right=9), n_coded=n_coded) == word


@pytest.mark.parametrize(
    ("n_likely", "n_right", "word"),
    [(0, 0, "possible"), (1, 1, "possible"), (10, 6, "possible"), (3, 2, "possible"), (28, 21, "possible"),
     (2, 2, "likely"), (7, 6, "likely"), (28, 24, "likely")],
)  # fmt: skip
def test_likely_is_what_was_right_often_enough_when_it_was_checked(n_likely: int, n_right: int, word: str) -> None:
    """Wilson's lower limits, one-sided at 80 %, worked out apart: –, .585, .467, .426, .676, .738, .713, .793."""
    made = Calibration(1, 1, 0, 50, n_likely=n_likely, n_right=n_right)
    assert say_chance(0.99, made, n_coded=900) == word


def test_a_score_that_means_something_else_in_each_part_does_not_hold() -> None:
    """In two parts a high score is right, in the third it is wrong: by turns, each is judged by the others."""
    scores = np.tile([0.9, 0.1], 60)
    folds = np.repeat([0, 1, 2], 40)
    same = calibrate(scores, scores > 0.5, folds=folds)
    assert (same.n_likely, same.n_right, same.holds) == (60, 60, True)
    turned = calibrate(scores, np.where(folds == 2, scores < 0.5, scores > 0.5), folds=folds)
    assert not turned.holds


def test_expected_error_by_hand() -> None:
    # Parts .0-.1: stated .05 + .05, true 0; .9-1.0: stated .95 + .95, true 1: (.1 + .9) / 4
    assert measure_error(np.array([0.05, 0.05, 0.95, 0.95]), np.array([0, 0, 1, 0], bool)) == pytest.approx(0.25)


def test_the_word_that_carries_a_suggestion_is_named() -> None:
    model = Model([RAIN], TALK, CARRIED)
    [text] = say("They said: Rain, rain, rain!")
    found = find_carriers(model, "rain", text)
    assert not found.is_spread
    assert found.words == ("Rain",)
    assert [text.words[one.start : one.end] for one in found.spans[0]] == ["Rain", "rain", "rain"]


def test_each_further_word_lowers_the_score_and_five_are_the_most() -> None:
    model = Model([RAIN], TALK, CARRIED)
    [text] = say("The rain came late this year. Rain again, all week; no rain, no harvest. It would not rain.")
    found = find_carriers(model, "rain", text)
    assert 0 < len(found.words) <= 5
    assert found.is_spread == (found.scores[-1] >= 0.5)
    assert list(found.scores) == sorted(found.scores, reverse=True)


def test_the_nearest_passages_are_the_coder_s_own_and_not_the_segment_itself() -> None:
    model = Model([RAIN], TALK, CARRIED)
    found = find_nearest(model, "rain", TALK[1])
    assert len(found) == 2
    assert "t002" not in {text.segment for text, _ in found}
    assert all("ain" in text.words for text, _ in found)
