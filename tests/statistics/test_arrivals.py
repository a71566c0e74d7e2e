"""Fates and costs at targets, by hand and on real runs."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.oracle.endings import Ending
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.statistics.arrivals import arrivals, cost
from mdsbench.store.frames import Frames, frames
from mdsbench.store.store import Store

COLUMNS = ["key", "solver", "version", "start", "ending", "gradients", "final_loss"]
ROWS = [
    ("a", "gd", "gd", "uniform(seed=1)", "budget", 90, 0.02),
    ("b", "gd", "gd", "uniform(seed=2)", "converged", 40, 0.5),
    ("c", "gd", "gd@2", "uniform(seed=1)", "target", 30, 0.01),
    ("d", "x/m.py:s", "m.py:s@3f2a", "uniform(radius=2,seed=1)", "error", 3, 0.9),
    ("e", "x/m.py:s", "m.py:s@3f2a", "published", "killed", 0, np.nan),
]
MOMENTS = [("c", 10, 0.3), ("a", 5, 0.8), ("a", 20, 0.05), ("b", 40, 0.5), ("c", 30, 0.01), ("a", 90, 0.02)]


def by_hand(best_known: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Five runs on one problem, and their improvements out of order."""
    runs = pd.DataFrame(ROWS, columns=COLUMNS).assign(
        problem="sphere-4", problem_version="sphere-4", seed=0, dimension=[4, 4, 4, 4, 0], iterations=0, evaluations=0,
        hessian_vectors=0, terms=lambda frame: frame["gradients"], seconds=0.0, terms_per_pass=1,
        start_loss=[1.0, 1.0, 1.0, 1.0, np.nan], best_known=[best_known] * 4 + [np.nan],
    )  # fmt: skip
    improvements = pd.DataFrame(MOMENTS, columns=["key", "gradients", "loss"]).assign(
        iterations=0, evaluations=0, hessian_vectors=0, terms=lambda frame: frame["gradients"], seconds=0.0
    )
    return runs, improvements


def test_each_run_has_one_of_three_fates_at_each_target() -> None:
    found = arrivals(*by_hand(), [0.1, 0.015])
    assert list(found["fate"][:5]) == ["arrived", "elsewhere", "arrived", "elsewhere", "elsewhere"]
    assert list(found["fate"][5:]) == ["censored", "elsewhere", "arrived", "elsewhere", "elsewhere"]
    assert list(found["gradients"]) == [20, 40, 30, 3, 0, 90, 40, 30, 3, 0]


def test_a_target_of_its_own_that_was_reached_says_nothing_about_a_lower_one() -> None:
    assert arrivals(*by_hand(), [0.001])["fate"][2] == "censored"


def test_versions_are_never_pooled_and_names_have_no_folder() -> None:
    found = arrivals(*by_hand(), [0.1])
    assert list(found["solver"]) == ["gd@1", "gd@1", "gd@2", "m.py:s", "m.py:s"]
    assert list(found["start"]) == ["uniform", "uniform", "uniform", "uniform(radius=2)", "published"]
    assert list(found["dimension"]) == [4] * 5


def test_files_of_one_name_in_two_folders_stay_two() -> None:
    runs, improvements = by_hand()
    runs["solver"] = ["/a/m.py:s", "/b/m.py:s", "gd", "gd", "gd"]
    runs["version"] = ["m.py:s@1111", "m.py:s@2222", "gd", "gd", "gd"]
    assert len(set(arrivals(runs, improvements, [0.1])["solver"])) == 3


def test_without_a_best_known_value_the_least_that_was_found_takes_its_place() -> None:
    found = arrivals(*by_hand(np.nan), [0.1])
    assert not found["floor_known"].any()
    assert set(found["floor"]) == {0.01}
    assert list(found["fate"][:2]) == ["arrived", "elsewhere"]


@pytest.mark.parametrize(
    ("problem", "family"),
    [
        ("cities-34", "cities"),
        ("cities-34(noise=0.1)", "cities(noise=0.1)"),
        ("my-map-8(seed=2)", "my-map(seed=2)"),
        ("mine.py:bowl", "mine.py:bowl"),
        ("mine.py:bowl-10", "mine.py:bowl"),
        ("coordinates(file=a-1.csv)", "coordinates(file=a-1.csv)"),
    ],
)
def test_a_family_is_a_problem_without_its_size(problem: str, family: str) -> None:
    runs, improvements = by_hand()
    assert set(arrivals(runs.assign(problem=problem), improvements, [0.1])["family"]) == {family}


@pytest.mark.parametrize("target", [0.0, 1.0, -1.0, np.nan])
def test_a_target_is_between_0_and_1(target: float) -> None:
    with pytest.raises(UsageError, match="a relative gap between 0 and 1"):
        arrivals(*by_hand(), [target])


def test_a_price_weighs_gradients_products_and_parts() -> None:
    table = pd.DataFrame(
        {"dimension": [10], "evaluations": [3.0], "gradients": [2.0], "hessian_vectors": [1.0], "parts": [0.5]}
    )
    assert list(cost(table)) == [6.5]
    assert list(cost(table, 4)) == [17]
    assert list(cost(table, "dimension", 1)) == [29]
    later = table.assign(comparisons=[8.0], directional_derivatives=[4.0])
    assert list(cost(later)) == [6.5 + 4]
    assert list(cost(later, 4)) == [17 + 4]
    assert list(cost(later, directional="dimension", comparison=0.25)) == [6.5 + 40 + 2]


def test_directional_derivatives_are_no_part_of_a_gradient() -> None:
    runs, improvements = by_hand()
    names: dict[str, Any] = {"terms": lambda frame: frame["terms"] + 7, "directional_derivatives": 7, "comparisons": 2}
    table = arrivals(runs.assign(**names), improvements.assign(**names), [0.1])
    plain = arrivals(runs, improvements, [0.1])
    assert table["parts"].tolist() == plain["parts"].tolist()
    assert set(table["directional_derivatives"]) == {7.0}
    assert set(table["comparisons"]) == {2.0}
    assert set(plain["comparisons"]) == {0.0}


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    """Runs of four solvers on six cities, as a store has them."""
    path = tmp_path_factory.mktemp("real") / "s.sqlite"
    solvers = ["gd", "nelder-mead", "newton-cg", "gd[mini-batch](step=power)"]
    with Store.open(path) as store:
        for solver in solvers:
            for seed in range(3):
                store.put(execute(Cell("cities-6", solver, f"uniform(seed={seed})", Limits(calls=150))))
    return frames(path)


def test_the_table_agrees_with_each_run_of_a_store(real: Frames, tmp_path: Path) -> None:
    table = arrivals(real.runs, real.improvements).set_index(["key", "target"])
    assert len(table) == 12 * 8
    for key, run in real.runs.set_index("key").iterrows():
        moments = real.improvements[real.improvements["key"] == key]
        for target in (0.1, 1e-3, 1e-8):
            row = table.xs((key, target))
            threshold = run["best_known"] + target * (run["start_loss"] - run["best_known"])
            reached = moments[moments["loss"] <= threshold]
            assert (row["fate"] == "arrived") == (len(reached) > 0)
            account = reached.iloc[0] if len(reached) else run
            assert row["pairs"] == account["terms"]
            assert row["gradients"] + row["parts"] >= account["gradients"]
    assert (table["fate"] == "arrived").any()
    assert set(real.runs["ending"]) >= {Ending.BUDGET}


def test_an_empty_table_has_no_arrivals(real: Frames) -> None:
    assert len(arrivals(real.runs.head(0), real.improvements.head(0))) == 0
