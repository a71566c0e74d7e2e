"""Which solver is recommended, from made-up runs whose numbers are worked by hand."""

import json

import pandas as pd
import pytest

from mdsbench.statistics.recommendation import recommendation

N = 9  # variables, so that a forward difference takes ten values


def traced(solvers: dict[str, list[tuple[int, int, float]]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables of runs: of each solver (values, gradients, lowest loss), one from each start, with f(x0) = 1."""
    rows, improvements = [], []
    for solver, runs in solvers.items():
        for k, (values, gradients, loss) in enumerate(runs):
            spent: dict[str, float] = {
                "iterations": 1,
                "evaluations": values,
                "gradients": gradients,
                "hessian_vectors": 0,
            }
            spent |= {"terms": values + gradients, "seconds": 0.0}
            key = f"{solver}{k}"
            rows.append(
                {
                    **{"key": key, "problem": "mine.py:f", "solver": solver, "start": f"uniform(seed={k})", "seed": 0},
                    **{"version": solver, "problem_version": "mine.py:f", "dimension": N, "ending": "converged"},
                    **{**spent, "terms_per_pass": 1, "start_loss": 1.0, "final_loss": loss, "best_known": float("nan")},
                }
            )
            improvements.append({"key": key, **spent, "loss": loss})
    return pd.DataFrame(rows), pd.DataFrame(improvements)


def runs(values: int, gradients: int = 0, loss: float = 0.0) -> list[tuple[int, int, float]]:
    """Five runs, which differ by a tenth either way."""
    parts = [(0.9, 0.9), (0.95, 0.95), (1, 1), (1.05, 1.05), (1.1, 1.1)]
    return [(round(a * values), round(b * gradients), loss) for a, b in parts]


def test_the_cheapest_is_taken_and_told_apart_from_one_that_takes_twice_as_much() -> None:
    found = recommendation(*traced({"a": runs(200), "b": runs(100), "c": runs(50, loss=0.5)}), 0.01)
    assert found.best is not None
    assert found.runner_up is not None
    assert (found.best.solver, found.best.ert, found.best.arrived) == ("b", 100, 5)
    assert (found.runner_up.solver, found.told_apart, found.tied) == ("a", True, ())
    assert found.worth is None
    said = " ".join(found.sentences())
    assert "Take b (5 of 5 runs, 100 calls; 95 %:" in said
    assert "they can be told apart" in said


def test_solvers_that_take_the_same_are_tied() -> None:
    found = recommendation(*traced({"a": runs(100), "b": runs(100)[::-1]}), 0.01)
    assert not found.told_apart
    assert "cannot tell the two apart" in " ".join(found.sentences())


def test_a_gradient_is_worth_the_values_over_the_gradients() -> None:
    found = recommendation(*traced({"search": runs(800), "descent": runs(0, 20)}), 0.01)
    assert found.worth is not None
    assert found.worth.price == pytest.approx(40)
    assert not found.worth.by_differences


def test_a_difference_gradient_is_counted_as_one_where_the_function_has_none() -> None:
    by_differences = "bfgs[forward-difference]"
    tables = traced({"search": runs(800), by_differences: runs(400)})
    found = recommendation(*tables, 0.01, [by_differences])
    assert found.best is not None
    assert found.best.ert == 400  # every value of a difference is charged
    assert found.worth is not None
    assert (found.worth.gradient, found.worth.derivative_free) == (by_differences, "search")
    assert found.worth.values_each == N + 1
    assert found.worth.price == pytest.approx(800 / 40)
    assert "which takes 10 values, counts as one gradient here" in found.worth.sentence
    assert recommendation(*tables, 0.01).worth is None


def test_a_solver_that_never_asked_at_the_start_has_the_value_that_another_found_there() -> None:
    tables, improvements = traced({"a": runs(100), "b": runs(50)})
    tables.loc[tables["solver"] == "b", "start_loss"] = float("nan")
    found = recommendation(tables, improvements, 0.01)
    assert found.best is not None
    assert (found.best.solver, found.best.arrived) == ("b", 5)


def test_a_single_run_has_no_interval_and_json_holds_everything() -> None:
    found = recommendation(*traced({"a": runs(100)[:1]}), 0.01)
    assert found.best is not None
    assert (found.best.low, found.best.high, found.runner_up) == (None, None, None)
    assert json.loads(json.dumps(found.as_json(), allow_nan=False))["best"]["ert"] == 90
    assert "No other solver arrives." in found.sentences()
