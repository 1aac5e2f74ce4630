"""The table of coefficients: whoever adds one writes an entry and a function, and finds it everywhere."""

from __future__ import annotations

import importlib
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from click.testing import CliRunner
from test_agreement_study import BOTH

import qualcode.agreement
from qualcode.agreement import (
    COEFFICIENTS,
    SPAN_COEFFICIENTS,
    Continuum,
    estimate,
    estimate_spans,
    measure_agreement,
    rate,
)
from qualcode.agreement.ratings import PAIR
from qualcode.agreement.registry import REGISTRY, Coefficient
from qualcode.agreement.sums import Sums, SumsBuilder
from qualcode.agreement.unitizing import SpanSums
from qualcode.errors import AgreementError
from qualcode.figures import plot_agreement
from qualcode.reports.agreement import tabulate_agreement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from click import Group

    from qualcode.agreement import Ratings
    from qualcode.reports.document import Table


def fewest(ratings: Ratings) -> Sums:
    """A made-up coefficient of units: the share of units on which all coders agree."""
    builder = SumsBuilder(ratings.n_units)
    pairable = ratings.n_values >= PAIR
    lowest = np.where(ratings.seen, ratings.values, 99).min(axis=1)
    agreed = builder.add(pairable & (ratings.values.max(axis=1) == lowest))
    of = builder.add(pairable)
    return builder.build(lambda totals: totals[..., agreed] / totals[..., of])


def coded(continua: Sequence[Continuum], *, reach: int) -> list[SpanSums]:
    """A made-up coefficient of passages: how many positions somebody coded, over ``reach``."""
    amounts = [sum(end - start for ps in one.passages.values() for start, end, _ in ps) / reach for one in continua]
    columns = np.zeros((1, len(amounts)), dtype=np.intp)
    return [SpanSums(Sums(columns, np.array([amounts]), 1, lambda totals: totals[..., 0]))]


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[Group]:
    """Add two coefficients through their entries alone; give the command as it is when the program starts with them."""
    entries = [
        Coefficient("fewest", "Nobody's coefficient", "nobody", f"{__name__}:fewest", needs="nothing"),
        Coefficient("coded", "coded positions", "coded", f"{__name__}:coded", ("reach",), "passages", needs="nothing"),
    ]
    for entry in entries:
        monkeypatch.setitem(REGISTRY, entry.name, entry)
    commands = importlib.import_module("qualcode.cli.agreement")
    yield importlib.reload(commands).agreement
    monkeypatch.undo()
    importlib.reload(commands)


@pytest.mark.usefixtures("made_up")
def test_a_new_coefficient_is_measured_from_its_entry() -> None:
    """On “We are late.” and three more of eight sentences the sets of codes differ; money is always agreed on."""
    found = {one.code: one for one in measure_agreement(BOTH, coefficients=["fewest"]).estimates}
    assert found[""].value == pytest.approx(4 / 8)
    assert found["money"].value == 1
    assert (found[""].resampled, found[""].low) == ("transcripts", 0)  # nothing makes it lie below 0
    with pytest.raises(AgreementError, match="fewest is for units, not for passages"):
        estimate_spans([], "fewest")
    [spans] = estimate_spans([Continuum("t", 9, {"a": ((0, 4, "x"),), "b": ((2, 4, "x"),)})], "coded", reach=3)
    assert spans.value == pytest.approx((4 + 2) / 3)


def test_a_new_coefficient_is_on_the_command_line(made_up: Group) -> None:
    shown = CliRunner().invoke(made_up, ["--help"], terminal_width=400).stdout
    assert "brennan_prediger, fewest; with --spans: " in shown
    assert "boundary, coded." in shown
    text = "unit,ana,ben\n1,x,x\n2,y,x\n3,y,y\n4,x,x\n"
    words = ["--from-csv", "-", "--coefficient", "fewest", "--format", "csv"]
    found = CliRunner().invoke(made_up, words, input=text, catch_exceptions=False)
    assert found.stdout.splitlines()[1].startswith("fewest,nominal,0.75,")
    wrong = CliRunner().invoke(made_up, [*words[:3], "coded"], input=text)
    assert "coded is for passages, not for units" in wrong.stderr


def heads_of(table: Table) -> tuple[str, ...]:
    """Return the heads of the columns behind that of the codes."""
    return tuple(column.head for column in table.columns[1:])


@pytest.mark.usefixtures("made_up")
def test_a_new_coefficient_has_its_name_in_sentences_tables_and_figures() -> None:
    result = measure_agreement(BOTH, coefficients=["fewest", "alpha"], draws=50)
    assert "For all codes together, Nobody's coefficient was .50" in result.methods()
    assert "Nobody's coefficient ranged from" in result.methods()
    assert heads_of(tabulate_agreement(result))[3:] == ("Nobody", "Alpha", "95% CI of alpha")
    [axes] = plot_agreement(result, coefficient="fewest").figure.axes
    assert axes.get_xlabel() == "Nobody’s coefficient with 95% interval"


@pytest.mark.parametrize("name", REGISTRY)
def test_every_entry_works(name: str) -> None:
    """Two coders, two values, two disagreements in twelve; the function takes the options that the entry names."""
    entry = REGISTRY[name]
    assert entry.name == name
    assert entry.label
    assert entry.short
    if entry.compares == "units":
        assert name in COEFFICIENTS
        ratings = rate([["a", "a"], ["b", "b"]] * 5 + [["a", "b"], ["b", "a"]])
        found = estimate(ratings, name, draws=50)
    else:
        assert name in SPAN_COEFFICIENTS
        marked = {"a": ((0, 4, "x"), (6, 9, "y")), "b": ((0, 5, "x"), (6, 9, "y"))}
        [found, *_] = estimate_spans([Continuum("t", 12, marked), Continuum("s", 12, marked)], name, draws=50)
    assert 0 < found.value <= 1
    assert found.coefficient == name


def test_a_metric_that_is_unknown_or_does_not_fit_is_an_error_whatever_the_coefficient() -> None:
    for name in ("percent", "alpha", "ac1"):
        with pytest.raises(AgreementError, match="no metric “nominol”"):
            estimate(rate([[1, 1], [2, 1]]), name, metric="nominol")  # type: ignore[arg-type]
        with pytest.raises(AgreementError, match="“a” is not a number"):
            estimate(rate([["a", "a"], ["b", "a"]]), name, metric="interval")


def test_heads_that_would_be_alike_are_written_in_full() -> None:
    table = tabulate_agreement(measure_agreement(BOTH, coefficients=["conger", "fleiss", "scott"], draws=0))
    assert heads_of(table)[3:] == ("Conger's kappa", "Fleiss' kappa", "Pi", "95% CI of Conger's kappa")


def test_the_interval_is_that_of_the_first_coefficient_where_there_is_no_alpha() -> None:
    """Percent agreement has its own column, but its interval is shown when it was asked for first."""
    result = measure_agreement(BOTH, coefficients=["percent", "cohen"])
    assert heads_of(tabulate_agreement(result))[2:] == ("Agreement", "Kappa", "95% CI of agreement")
    alone = measure_agreement(BOTH, coefficients=["percent"])
    assert heads_of(tabulate_agreement(alone))[2:] == ("Agreement", "95% CI of agreement")
    low, high = result["percent"].low, result["percent"].high
    assert tabulate_agreement(result).rows[0][-1] == f"{low:.2f} to {high:.2f}".replace("0.", ".")


def test_a_coefficient_says_which_metric_or_weights_it_heeds() -> None:
    ratings = rate([[1, 1], [2, 2], [3, 3], [1, 2], [2, 2], [3, 1]])
    weighted = {name: estimate(ratings, name, metric="ordinal", weights="linear", draws=0) for name in COEFFICIENTS}
    named = {name: one.metric for name, one in weighted.items()}
    assert {name for name, metric in named.items() if metric == "nominal"} == {"percent", "holsti", "ac1"}
    assert {name for name, metric in named.items() if metric == "ordinal"} == {"alpha"}
    assert len([metric for metric in named.values() if metric == "linear"]) == 7


# --- the door -----------------------------------------------------------------------------------------------


def test_the_coefficients_can_be_listed_without_numpy() -> None:
    code = (
        "import sys, qualcode.agreement as a; print(*a.COEFFICIENTS, a.find_coefficient('alpha').label); "
        "print(sorted({'numpy', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == [f"{' '.join(COEFFICIENTS)} Krippendorff's alpha", "[]"]


def test_the_door_has_every_name_and_no_other() -> None:
    names: list[Any] = [getattr(qualcode.agreement, name) for name in qualcode.agreement.__all__]
    assert None not in names
    assert set(dir(qualcode.agreement)) == set(qualcode.agreement.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        qualcode.agreement.nothing  # noqa: B018  # the access is the test
