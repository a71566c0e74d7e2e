"""The experiment's own figures, and the accounting of both protocols."""

import math
from functools import cache
from pathlib import Path

import pytest

from mdsbench.campaigns import reproduction
from mdsbench.campaigns.driver import run_campaign
from mdsbench.campaigns.plan import Plan
from mdsbench.campaigns.reproduction import ADAPTIVE_NELDER_MEAD, GRADIENT_DESCENT, NELDER_MEAD
from mdsbench.errors import UsageError
from mdsbench.problems import europe
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.statistics.results import AS_PUBLISHED, HONEST, Outcome, charged_by_the_original
from mdsbench.store.store import Store

ITERATIONS = {"gd": {6: 75, 15: 130, 34: 200}, "restarted-nelder-mead": {6: 75, 15: 300, 34: 400}}


def cells(plan: Plan, protocol: str) -> list[Cell]:
    """The cells of a protocol."""
    return [cell for cell, block in zip(plan.cells, plan.blocks, strict=True) if block == protocol]


def outcomes(plan: Plan, path: Path, jobs: int) -> list[Outcome]:
    """The outcomes of a plan, run with so many jobs."""
    run_campaign(plan, path, jobs=jobs)
    with Store.read(path) as store:
        return [Outcome(*found) for found in store.blocks(plan.name)]


@cache
def published(n: int, solver: str) -> Outcome:
    """A run of the as-published protocol."""
    (cell,) = [c for c in cells(reproduction.plan((n,), 0, 0), AS_PUBLISHED) if c.solver.partition("(")[0] == solver]
    return Outcome(AS_PUBLISHED, execute(cell))


@pytest.mark.parametrize(("n", "start_loss"), [(6, 3.42254), (15, 17.5045), (34, 146.230)])
def test_the_published_start_has_the_published_loss(n: int, start_loss: float) -> None:
    assert published(n, "gd").run.start_loss == pytest.approx(start_loss, rel=5e-3)  # distances differ by kilometres


@pytest.mark.parametrize("n", [6, 15, 34])
def test_gradient_descent_with_the_published_steps_ends_within_one_per_cent(n: int) -> None:
    run = published(n, "gd").run
    assert run.spent.iterations == run.spent.gradients == ITERATIONS["gd"][n]
    assert run.spent.evaluations == 0
    assert run.best_known <= run.final_loss * (1 + 1e-9) <= 1.01 * run.best_known


@pytest.mark.parametrize(
    ("n", "charged", "spent"),
    [(6, 150, 5_570), (15, 541, 84_132), pytest.param(34, 735, 146_607, marks=pytest.mark.slow)],
)
@pytest.mark.slow
def test_restarted_nelder_mead_spends_far_more_than_it_is_charged(n: int, charged: int, spent: int) -> None:
    outcome = published(n, "restarted-nelder-mead")
    assert outcome.run.spent.iterations == ITERATIONS["restarted-nelder-mead"][n]
    assert outcome.charged_evaluations == pytest.approx(charged, rel=0.03)
    assert outcome.run.spent.evaluations == pytest.approx(spent, rel=0.03)
    assert sum(charged_by_the_original(outcome.run)) == outcome.run.spent.evaluations


def test_the_honest_protocol_gives_every_method_the_same_starts_and_budget() -> None:
    trials = cells(reproduction.plan((6, 15), 3, 7), HONEST)
    for n in (6, 15):
        mine = [cell for cell in trials if cell.problem == f"cities-{n}"]
        methods = (NELDER_MEAD, ADAPTIVE_NELDER_MEAD, GRADIENT_DESCENT)
        offers = {solver: {(c.start, c.limits) for c in mine if c.solver == solver} for solver in methods}
        assert len({frozenset(offer) for offer in offers.values()}) == 1
        calls = {c.start: c.limits.calls for c in mine}
        assert calls["published"] == 2000 * 2 * n
        assert {calls[f"uniform(seed={seed})"] for seed in (7, 8, 9)} == {200 * 2 * n}


def test_other_sizes_have_no_published_protocol() -> None:
    assert set(reproduction.plan((10,), 1, 0).blocks) == {HONEST}


def test_a_further_solver_takes_part_in_the_honest_protocol_alone() -> None:
    plan = reproduction.plan((6,), 2, 0, ["cobyqa", "gd"])
    assert [cell.start for cell in cells(plan, HONEST) if cell.solver == "cobyqa"] == [
        "published",
        "uniform(seed=0)",
        "uniform(seed=1)",
    ]
    assert {cell.solver for cell in cells(plan, AS_PUBLISHED)} == {"gd(step=0.06)", "restarted-nelder-mead"}


def test_a_size_or_a_solver_that_does_not_exist_is_refused() -> None:
    with pytest.raises(UsageError, match="the number of cities goes from 4 to 34"):
        reproduction.plan((35,), 1, 0)
    with pytest.raises(UsageError, match="there is no solver 'gdd'"):
        reproduction.plan((6,), 1, 0, ["gdd"])


def test_an_honest_run_charges_every_evaluation() -> None:
    (cell,) = [c for c in cells(reproduction.plan((6,), 0, 0), HONEST) if c.solver == NELDER_MEAD]
    record = Outcome(HONEST, execute(cell)).record()
    assert record["charged_evaluations"] == record["evaluations"] > 0
    assert record["gradients"] == 0
    assert record["evaluations_to_target"] <= record["evaluations"]


def test_two_runs_differ_in_nothing_but_seconds(tmp_path: Path) -> None:
    plan = reproduction.plan((6,), 2, 0)
    first, second = (outcomes(plan, tmp_path / f"{jobs}.sqlite", jobs) for jobs in (1, 2))
    for a, b in zip(first, second, strict=True):
        without_clock = [
            {key: value for key, value in outcome.record().items() if not key.startswith("seconds")}
            for outcome in (a, b)
        ]
        assert without_clock[0] == without_clock[1]


def test_a_gap_is_one_at_the_start_and_zero_at_the_best_known() -> None:
    run = execute(reproduction.plan((6,), 0, 0).cells[-1])
    assert run.gap == pytest.approx((run.final_loss - run.best_known) / (run.start_loss - run.best_known))
    assert abs(run.gap) < 1e-9


def test_kilometres_of_the_longest_distance() -> None:
    assert europe.unit_km(6) == europe.unit_km(15) == pytest.approx(3447.9, abs=0.1)  # Moscow to Madrid
    assert europe.unit_km(34) == pytest.approx(4603.3, abs=0.1)  # Madrid to Ufa
    assert math.isclose(europe.distances_km(34).max(), europe.unit_km(34))
