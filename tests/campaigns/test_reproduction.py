"""The experiment's own figures, and the accounting of both protocols."""

import math

import pytest

from mdsbench.campaigns import reproduction
from mdsbench.campaigns.reproduction import AS_PUBLISHED, HONEST, Outcome
from mdsbench.problems import europe
from mdsbench.runs.execute import execute


@pytest.fixture(scope="module")
def published() -> dict[tuple[int, str], Outcome]:
    """Every run of the as-published protocol."""
    trials = [t for t in reproduction.trials((6, 15, 34), 0, 0) if t.protocol == AS_PUBLISHED]
    outcomes = reproduction.run(trials, jobs=2)
    return {(outcome.cities, outcome.run.cell.solver.partition("(")[0]): outcome for outcome in outcomes}


@pytest.mark.parametrize(("n", "start_loss"), [(6, 3.42254), (15, 17.5045), (34, 146.230)])
def test_the_published_start_has_the_published_loss(
    published: dict[tuple[int, str], Outcome], n: int, start_loss: float
) -> None:
    assert published[n, "gd"].run.start_loss == pytest.approx(start_loss, rel=5e-3)  # distances differ by kilometres


@pytest.mark.parametrize("n", [6, 15, 34])
def test_gradient_descent_with_the_published_steps_ends_within_one_per_cent(
    published: dict[tuple[int, str], Outcome], n: int
) -> None:
    run = published[n, "gd"].run
    assert run.iterations == run.gradients == reproduction.PUBLISHED[n].gd_iterations
    assert run.evaluations == 0
    assert run.best_known <= run.final_loss * (1 + 1e-9) <= 1.01 * run.best_known


@pytest.mark.parametrize(("n", "charged", "spent"), [(6, 150, 5_570), (15, 541, 84_132), (34, 735, 146_607)])
def test_restarted_nelder_mead_spends_far_more_than_it_is_charged(
    published: dict[tuple[int, str], Outcome], n: int, charged: int, spent: int
) -> None:
    outcome = published[n, "restarted-nelder-mead"]
    assert outcome.run.iterations == reproduction.PUBLISHED[n].nelder_mead_runs
    assert outcome.charged_evaluations == pytest.approx(charged, rel=0.03)
    assert outcome.run.evaluations == pytest.approx(spent, rel=0.03)
    assert sum(reproduction.charged_by_the_original(outcome.run)) == outcome.run.evaluations


def test_the_honest_protocol_gives_every_method_the_same_starts_and_budget() -> None:
    trials = [t.cell for t in reproduction.trials((6, 15), 3, 7) if t.protocol == HONEST]
    for n in (6, 15):
        mine = [cell for cell in trials if cell.problem == f"cities-{n}"]
        offers = {
            solver: {(c.start, c.limits) for c in mine if c.solver == solver} for solver in reproduction.HONEST_SOLVERS
        }
        assert len({frozenset(offer) for offer in offers.values()}) == 1
        calls = {c.start: c.limits.calls for c in mine}
        assert calls["published"] == 2000 * 2 * n
        assert {calls[f"uniform(seed={seed})"] for seed in (7, 8, 9)} == {200 * 2 * n}


def test_other_sizes_have_no_published_protocol() -> None:
    assert {t.protocol for t in reproduction.trials((10,), 1, 0)} == {HONEST}


def test_an_honest_run_charges_every_evaluation() -> None:
    (trial,) = [t for t in reproduction.trials((6,), 0, 0) if t.cell.solver == reproduction.NELDER_MEAD]
    record = Outcome(trial.protocol, execute(trial.cell)).record()
    assert record["charged_evaluations"] == record["evaluations"] > 0
    assert record["gradients"] == 0
    assert record["evaluations_to_target"] <= record["evaluations"]


def test_two_runs_differ_in_nothing_but_seconds() -> None:
    trials = reproduction.trials((6,), 2, 0)
    first, second = (reproduction.run(trials, jobs=jobs) for jobs in (1, 2))
    for a, b in zip(first, second, strict=True):
        without_clock = [
            {key: value for key, value in outcome.record().items() if not key.startswith("seconds")}
            for outcome in (a, b)
        ]
        assert without_clock[0] == without_clock[1]


def test_a_gap_is_one_at_the_start_and_zero_at_the_best_known() -> None:
    run = execute(reproduction.trials((6,), 0, 0)[-1].cell)
    assert run.gap == pytest.approx((run.final_loss - run.best_known) / (run.start_loss - run.best_known))
    assert abs(run.gap) < 1e-9


def test_kilometres_of_the_longest_distance() -> None:
    assert europe.unit_km(6) == europe.unit_km(15) == pytest.approx(3447.9, abs=0.1)  # Moscow to Madrid
    assert europe.unit_km(34) == pytest.approx(4603.3, abs=0.1)  # Madrid to Ufa
    assert math.isclose(europe.distances_km(34).max(), europe.unit_km(34))
