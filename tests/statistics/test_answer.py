"""From the runs of a store to running times, verdict and notes, for good runs and bad."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mdsbench.errors import UsageError
from mdsbench.statistics.answer import answer
from mdsbench.statistics.question import Question

COLUMNS = ["key", "problem", "solver", "start", "ending", "evaluations", "gradients", "final_loss"]
ROWS = [
    ("a", "sphere-4", "gd", "uniform(seed=1)", "converged", 0, 10, 0.001),
    ("b", "sphere-4", "gd", "uniform(seed=2)", "converged", 0, 20, 0.001),
    ("c", "sphere-4", "powell", "uniform(seed=1)", "budget", 400, 0, 0.5),
    ("d", "bowl-4", "gd", "uniform(seed=1)", "error", 0, 3, 0.9),
]


def tables(**more: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Four runs; each reaches its final loss with its last call."""
    runs = pd.DataFrame(ROWS, columns=COLUMNS).assign(
        version=lambda frame: frame["solver"], problem_version=lambda frame: frame["problem"], seed=0, dimension=4,
        iterations=5, hessian_vectors=0, terms=lambda frame: 6 * (frame["gradients"] + frame["evaluations"]),
        seconds=0.5, terms_per_pass=6, start_loss=1.0, best_known=[0.0, 0.0, 0.0, np.nan],
    )  # fmt: skip
    runs = runs.assign(**more)
    names = ["key", "iterations", "evaluations", "gradients", "hessian_vectors", "terms", "seconds"]
    return runs, runs[names].assign(loss=runs["final_loss"])


def spent(question: Question, **more: Any) -> dict[str, float]:
    """The running time of each solver on the sphere."""
    times = answer(*tables(), question, **more).times
    return {str(row["solver"]): row["ert"] for _, row in times[times["problem"] == "sphere-4"].iterrows()}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (Question((0.01,)), 15),
        (Question((0.01,), gradient=2.0), 30),
        (Question((0.01,), gradient="dimension"), 60),
        (Question((0.01,), gradient="measured"), 45),
        (Question((0.01,), "pairs"), 90),
        (Question((0.01,), "seconds"), 0.5),
    ],
)
def test_the_cost_is_what_was_asked(question: Question, expected: float) -> None:
    found = spent(question, prices={"sphere-4": 3.0})
    assert found["gd"] == pytest.approx(expected)
    assert found["powell"] == np.inf


def test_where_no_best_known_value_exists_the_least_that_any_run_found_is_named() -> None:
    found = answer(*tables(), Question((0.01,), problems=("bowl*",)))
    assert found.floors == ["No best known value: bowl-4 (0.9). The least value that a run found stands in its place."]


def test_a_solver_that_is_left_out_still_tells_the_least_value() -> None:
    runs, improvements = tables(problem="bowl-4", problem_version="bowl-4", best_known=np.nan)
    found = answer(runs, improvements, Question((0.01,), solvers=("powell",)))
    assert list(found.times["solver"]) == ["powell"]
    assert found.floors[0].startswith("No best known value: bowl-4 (0.001).")


def test_versions_are_counted_apart_and_said() -> None:
    found = answer(*tables(version=["gd", "gd@2", "powell", "gd"]), Question((0.01,)))
    assert set(found.times["solver"]) >= {"gd@1", "gd@2"}
    assert "gd has runs of several versions, which are counted apart: gd and gd@2." in found.notes


def test_failures_are_counted_and_said() -> None:
    found = answer(*tables(), Question((0.01,)))
    assert found.notes == ["gd: 1 of 3 runs failed (1 error); they count as runs that never arrive."]


@pytest.mark.parametrize("ending", ["killed", "timeout"])
def test_a_killed_run_is_not_taken_for_one_that_spent_nothing(ending: str) -> None:
    lost = {"start_loss": [1.0, 1.0, np.nan, 1.0], "ending": ["converged", "converged", ending, "error"]}
    notes = answer(*tables(**lost), Question((0.01,)), told=False).notes
    assert any(note.startswith("powell: what 1 run spent is unknown") for note in notes)
    assert not any(note.startswith("gd: what") for note in notes)


def test_the_measured_price_is_that_of_the_problem_whatever_its_version() -> None:
    runs, improvements = tables(problem_version=["sphere-4@1", "sphere-4@2", "sphere-4@1", "bowl-4"])
    times = answer(runs, improvements, Question((0.01,), gradient="measured"), prices={"sphere-4": 3.0}).times
    assert {row["ert"] for _, row in times.iterrows() if row["solver"] == "gd"} >= {30.0, 60.0}


def test_repetitions_from_one_point_are_said() -> None:
    found = answer(*tables(start="published", seed=[0, 1, 2, 3]), Question((0.01,)))
    assert found.notes[0].startswith(
        "Every run of a solver begins at the same point from the start published: the runs"
    )


def test_only_the_runs_of_a_campaign_are_compared() -> None:
    found = answer(*tables(), Question((0.01,)), keys=["a"], told=False)
    assert found.times["runs"].sum() == 1
    assert found.verdict == []


def test_a_selection_of_nothing_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="no run is left of this selection"):
        answer(*tables(), Question((0.01,)), keys=["z"])
    with pytest.raises(UsageError, match="no solver of these runs matches 'powell': there is gd"):
        answer(*tables(), Question((0.01,), problems=("bowl-4",), solvers=("powell",)))


@pytest.mark.parametrize("ending", ["error", "budget", "killed"])
def test_runs_that_never_began_have_an_answer(ending: str) -> None:
    runs, improvements = tables(
        ending=ending, evaluations=0, gradients=0, terms=0, seconds=0.0, final_loss=np.nan, start_loss=np.nan,
        best_known=np.nan, iterations=0,
    )  # fmt: skip
    found = answer(runs, improvements.head(0), Question((0.01,)))
    assert not found.times["arrived"].any()
    assert not any("nan" in str(text) for text in [*found.verdict, *found.floors, *found.notes])
