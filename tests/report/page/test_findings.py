"""The words of a report follow its data, whatever the data are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mdsbench.campaigns.reproduction import ADAPTIVE_NELDER_MEAD as ADAPTIVE
from mdsbench.campaigns.reproduction import GRADIENT_DESCENT as GD
from mdsbench.campaigns.reproduction import NELDER_MEAD as NM
from mdsbench.report.page.findings import findings
from mdsbench.statistics.results import AS_PUBLISHED, Outcome, Results

if TYPE_CHECKING:
    from tests.conftest import MadeUp


def of(outcomes: list[Outcome], solver: str) -> str:
    """What is said of a solver at the only size."""
    (size,) = findings(Results(outcomes)).sizes
    return dict(size.solvers)[solver]


def test_headline_counts_random_starts(made_up: MadeUp) -> None:
    outcomes = [
        *made_up.published(34, 85, None, None),
        *made_up.starts(NM, 34, [None] * 4),
        *made_up.starts(ADAPTIVE, 34, [900] * 4),
        *made_up.starts(GD, 34, [90, 100, None, 110]),
    ]
    assert findings(Results(outcomes)).headline == (
        "34 cities, 4 random starts: gradient descent finds the best known map from 3 of 4, "
        "Nelder–Mead from none and adaptive Nelder–Mead from all."
    )


def test_headline_of_one_random_start(made_up: MadeUp) -> None:
    outcomes = [*made_up.published(6, 85, None, None), *made_up.starts(NM, 6, [None]), *made_up.starts(GD, 6, [1])]
    assert findings(Results(outcomes)).headline == (
        "6 cities, one random start: gradient descent finds the best known map after 1 gradient "
        "and Nelder–Mead does not find it within 1,000 function values."
    )


def test_headline_without_random_starts_is_that_of_the_published_start_at_the_largest_size(made_up: MadeUp) -> None:
    headline = findings(Results([*made_up.published(6, 1, 2, 3), *made_up.published(10, None, 1200, None)])).headline
    assert headline == (
        "10 cities, the published start: gradient descent does not find the best known map within 1,000 gradients, "
        "Nelder–Mead finds it after 1,200 function values and adaptive Nelder–Mead does not find it within "
        "1,000 function values."
    )


@pytest.mark.parametrize(
    ("reached", "words"),
    [
        ([50, 60, 70, 80], "All 4 random starts get there, half of them within 60 gradients."),
        (
            [50, None, 70, None],
            "2 of 4 random starts get there, half of all 4 within 70 gradients; the other 2 stopped at a higher value.",
        ),
        (
            [None, None, None, 80],
            "1 of 4 random starts gets there, the quickest after 80 gradients; the other 3 stopped at a higher value.",
        ),
        (
            [None, 7, 8],
            "2 of 3 random starts get there, half of all 3 within 8 gradients; "
            "the other one stopped at a higher value.",
        ),
        ([None] * 4, "None of 4 random starts gets there; all stopped at a higher value."),
        ([50], "From the random start it gets there after 50 gradients."),
        ([None], "From the random start it does not get there: it stopped at a higher value."),
    ],
)
def test_random_starts_are_counted(reached: list[int | None], words: str, made_up: MadeUp) -> None:
    assert of([*made_up.published(6, 85, None, None), *made_up.starts(GD, 6, reached)], GD).endswith(words)


def test_failures_of_several_kinds_are_told_apart(made_up: MadeUp) -> None:
    outcomes = [
        *made_up.published(6, 85, None, None),
        made_up.outcome(NM, 6, "uniform(seed=0)", reached=None, spent=2400, ending="budget"),
        made_up.outcome(NM, 6, "uniform(seed=1)", reached=None, spent=2400, ending="budget"),
        made_up.outcome(NM, 6, "uniform(seed=2)", reached=None),
        made_up.outcome(NM, 6, "uniform(seed=3)", reached=700),
    ]
    assert of(outcomes, NM).endswith("of the other 3, 2 used up 2,400 function values and 1 stopped at a higher value.")


@pytest.mark.parametrize(
    ("ending", "final", "words"),
    [
        (
            "converged",
            1.0,
            "it stops by itself after 1,000 function values and ends at 10,000 times the best known value",
        ),
        ("budget", 1.5e-4, "it uses up 1,000 function values and ends 50 % above the best known value"),
        ("diverged", 1.0, "it diverges after 1,000 function values; the best map on its way is at 10,000 times"),
        ("error", 1.0, "it fails after 1,000 function values"),
    ],
)
def test_the_published_start_that_fails(ending: str, final: float, words: str, made_up: MadeUp) -> None:
    said = of([made_up.outcome(NM, 6, "published", reached=None, final=final, ending=ending)], NM)
    assert words in said
    assert "a typical error of " in said


def test_price_of_having_no_gradient(made_up: MadeUp) -> None:
    def price(gd: int | None, nm: int | None, adaptive: int | None) -> str | None:
        return findings(Results(made_up.published(6, gd, nm, adaptive))).sizes[0].price

    assert price(10, 1000, 200) == (
        "Without gradients, from the published start: adaptive Nelder–Mead needs 200 function values where gradient "
        "descent needs 10 gradients, 20.0 times the cost."
    )
    assert price(10, None, None) == (
        "Without gradients, neither Nelder–Mead nor adaptive Nelder–Mead gets there from the published start; "
        "gradient descent needs 10 gradients."
    )
    assert price(None, 1000, None) is None


def test_growth_with_the_dimension(made_up: MadeUp) -> None:
    outcomes = [
        *made_up.published(6, 10, 900, None),
        *made_up.published(12, 20, None, None),
        *made_up.starts(NM, 6, [None, None, None, 800]),
        *made_up.starts(NM, 12, [None, None, None, None]),
        *made_up.starts(GD, 6, [40, 50, 60, 70]),
        *made_up.starts(GD, 12, [None, 70, 75, 80]),
    ]
    said = dict(findings(Results(outcomes)).growth)
    assert said[GD] == (
        "Half of the random starts get there within 50 and 75 function values at 12 and 24 variables, "
        "1.5 times the cost for 2.0 times the variables."
    )
    assert said[NM] == "Fewer than half of the random starts get there at 12 and 24 variables."
    assert said[ADAPTIVE] == "The published start does not get there at 12 and 24 variables."


def test_one_size_does_not_grow(made_up: MadeUp) -> None:
    assert findings(Results(made_up.published(6, 10, 900, None))).growth == []


def test_charged_and_spent(made_up: MadeUp) -> None:
    moments = [(0, 4.0), (100, 3.0), (250, 2.0), (1000, 1.0)]
    restarted = Outcome(AS_PUBLISHED, made_up.run("restarted-nelder-mead", 6, "published", moments, spent=1000))
    descent = Outcome(AS_PUBLISHED, made_up.run("gd(step=0.06)", 6, "published", [(0, 4.0), (100, 1.0)], spent=100))
    honest = [*made_up.published(6, 10, 900, None), *made_up.published(7, 10, 900, None)]
    (said,) = findings(Results([restarted, descent, *honest])).accounting
    assert said == (
        "6 cities: the published 3 iterations are 3 restarts with 6 iterations; 750 function values charged, "
        "1,000 spent, 1.33 times as many. On the original's cost axis Nelder–Mead pays 4.62 times "
        "what gradient descent pays; charged for all that it spent, 6.15 times."
    )


def test_a_run_below_the_best_known_is_reported(made_up: MadeUp) -> None:
    assert findings(Results(made_up.published(6, 10, 900, None))).lower == []
    (lower,) = findings(Results([made_up.outcome(GD, 6, "published", reached=None, final=0.9 * made_up.best)])).lower
    assert lower == (
        "Gradient descent (honest, 6 cities, start published) found a lower value than the best known: "
        "9e-05 against 0.0001."
    )


def test_real_outcomes(outcomes: list[Outcome]) -> None:
    found = findings(Results(outcomes))
    assert found.headline.startswith("6 cities, 3 random starts: gradient descent finds the best known map from all 3")
    assert "the published 75 iterations are 75 restarts with 2,850 iterations" in found.accounting[0]
    assert not found.lower
