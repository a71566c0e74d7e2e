"""Counted and predicted iterations of the Guttman step, on runs whose counts are known."""

import numpy as np
import pandas as pd
import pytest

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.report.figures.guttman import shape
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.statistics import guttman


def made(**columns: object) -> pd.DataFrame:
    """One run of gradient descent on `cloud-5`, with these columns instead."""
    run = {
        "key": "a", "problem": "cloud-5", "solver": "gd", "start": "uniform(seed=1)", "dimension": 10,
        "start_loss": 1.0, "final_loss": 1e-8, "best_known": 0.0,
    }  # fmt: skip
    return pd.DataFrame([{**run, **columns}])


def improvements(*rows: tuple[int, float]) -> pd.DataFrame:
    return pd.DataFrame([("a", *row) for row in rows], columns=["key", "iterations", "loss"])


# The last gap is 1e-8, so the count begins at the first gap of 1e-6 or less, in iteration 31, and ends in 40.
def test_the_last_two_decades_of_the_gap_are_counted() -> None:
    table = guttman.convergence(made(), improvements((0, 1.0), (20, 1e-4), (30, 2e-6), (31, 9e-7), (40, 1e-8)))
    assert table[["runs", "counted"]].to_numpy().tolist() == [[1, 9]]


# f* = 1, so gaps are resolved down to 1e-7: the run is counted from 1e-5 on, at 10, to 1e-7, at 20, and not to its end.
def test_below_the_resolution_of_the_best_known_value_nothing_is_counted() -> None:
    run = made(best_known=1.0, start_loss=2.0, final_loss=1 + 1e-11)
    losses = improvements((0, 2.0), (10, 1 + 0.9e-5), (20, 1 + 0.9e-7), (90, 1 + 1e-11))
    assert guttman.convergence(run, losses)["counted"].tolist() == [10]


@pytest.mark.parametrize(
    "columns",
    [{"final_loss": 0.1}, {"final_loss": np.nan}, {"best_known": np.nan}, {"solver": "l-bfgs"}, {"key": "b"}],
)
def test_a_run_that_did_not_arrive_or_is_another_solvers_is_not_counted(columns: dict[str, object]) -> None:
    table = guttman.convergence(made(**columns), improvements((0, 1.0), (20, 1e-6), (40, 1e-8)))
    assert table.empty
    assert list(table.columns) == guttman.COLUMNS


def test_seeds_are_one_row_and_starts_are_several() -> None:
    runs = pd.concat(
        [
            made(key=key, start=start)
            for key, start in zip("abc", ["uniform(seed=1)", "uniform(seed=2)", "torgerson"], strict=True)
        ]
    )
    losses = pd.concat(
        [
            improvements((0, 1.0), (5, 1e-6), (end, 1e-8)).assign(key=key)
            for key, end in zip("abc", [9, 15, 30], strict=True)
        ]
    )
    table = guttman.convergence(runs, losses).set_index("start")
    counts = table[["runs", "counted_low", "counted", "counted_high"]].to_dict("index")
    assert list(counts["uniform"].values()) == [2, 4, 7.0, 10]
    assert list(counts["torgerson"].values()) == [1, 25, 25.0, 25]


def test_a_disturbed_problem_has_no_prediction_and_a_large_one_none_either() -> None:
    losses = improvements((0, 1.0), (20, 1e-6), (40, 1e-8))
    assert guttman.convergence(made(problem="cities-6(noise=0.1)"), losses).empty
    table = guttman.convergence(made(), losses, most_points=4)
    assert table["counted"].tolist() == [20]
    assert np.isnan(table["predicted"]).all()


@pytest.mark.parametrize("name", ["mine.py:bowl", "coordinates(file=not-here.csv)", "sphere-10"])
def test_a_problem_that_is_no_map_or_is_not_here_is_left_out(name: str) -> None:
    assert guttman.convergence(made(problem=name), improvements((0, 1.0), (20, 1e-6), (40, 1e-8))).empty


def test_counted_and_predicted_iterations_of_a_strip_agree() -> None:
    run = execute(Cell("cloud-20(shape=strip)", "gd", "near(radius=0.01)", Limits(calls=2000, target=1e-13)))
    runs = made(
        problem="cloud-20(shape=strip)", start="near", dimension=40,
        start_loss=run.start_loss, final_loss=run.final_loss,
    )  # fmt: skip
    moments = improvements(*((moment.iterations, moment.loss) for moment in run.improvements))
    [row] = guttman.convergence(runs, moments).itertuples()
    assert row.predicted == pytest.approx(row.counted, rel=0.03)


def test_the_holders_are_named_by_the_map_or_by_their_index() -> None:
    named, numbered = guttman.holders("places-6", 6), guttman.holders("cloud-6", 2)
    assert named["label"].iloc[0] == "Berlin"
    assert named["share"].sum() == pytest.approx(1.0)
    assert list(numbered["label"]) == [str(point) for point in numbered["point"]]


@pytest.mark.parametrize("name", ["sphere-6", "cities-6(loss=absolute)", "places-20(distances=computed)"])
def test_a_problem_without_a_slow_mode_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="has no slow mode"):
        guttman.holders(name)


@pytest.mark.parametrize(
    ("family", "called"),
    [
        ("cloud", "square"),
        ("cloud(shape=disc)", "disc"),
        ("cloud(shape=strip)", "strip 4:1"),
        ("cloud(aspect=8.0, shape=strip)", "strip 8:1"),
        ("places", "places"),
    ],
)
def test_families_have_short_names_in_the_figure(family: str, called: str) -> None:
    assert shape(family) == called
