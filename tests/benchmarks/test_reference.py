"""The reference's tables, from runs whose counts are known."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from mdsbench.cli.main import main

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def reference(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return import_module("reference")


def made(rows: list[tuple[str, str, str, float, float, float]]) -> pd.DataFrame:
    """Rows of `arrivals` for places-6 from a random start: solver, trial, fate, values, gradients, products."""
    columns = ["solver", "trial", "fate", "evaluations", "gradients", "hessian_vectors"]
    table = pd.DataFrame(rows, columns=columns).assign(iterations=1.0, seconds=0.5, parts=0.0)
    return table.assign(problem="places-6", dimension=12, start="uniform", target=1e-2)


# NEWUOA spent 50 + 70 + 60 values and arrived twice: 90 each. Gradient descent spent 4 + 2 values and 8 + 16 gradients
# and arrived twice: 3 values and 12 gradients each. 90 = 3 + 12 w, so w = 7.25. Newton-CG uses products and is no
# candidate, and Nelder-Mead is dearer than NEWUOA.
def test_the_price_of_a_gradient_is_where_the_costs_per_arrival_are_equal(reference: ModuleType) -> None:
    table = made(
        [
            ("newuoa", "a", "arrived", 50, 0, 0),
            ("newuoa", "b", "arrived", 70, 0, 0),
            ("newuoa", "c", "elsewhere", 60, 0, 0),
            ("nelder-mead", "a", "arrived", 500, 0, 0),
            ("gd", "a", "arrived", 4, 8, 0),
            ("gd", "b", "arrived", 2, 16, 0),
            ("newton-cg", "a", "arrived", 0, 1, 1),
        ]
    )
    [row] = reference.prices(reference.summary(table)).to_dict("records")
    assert [row[name] for name in ("variables", "values", "gradients", "price")] == [12, 90.0, 12.0, 7.25]
    assert row["price per variable"] == pytest.approx(7.25 / 12)


def test_where_one_kind_never_arrived_there_is_no_price(reference: ModuleType) -> None:
    table = made([("newuoa", "a", "censored", 50, 0, 0), ("gd", "a", "arrived", 4, 8, 0)])
    prices = reference.prices(reference.summary(table))
    assert prices[["values", "price"]].isna().all(axis=None)
    assert prices["gradients"].tolist() == [8.0]


def test_the_headline_says_the_price_and_the_iterations_from_each_start(reference: ModuleType) -> None:
    prices = pd.DataFrame(
        {
            "problem": ["places-6", "places-34"], "variables": [12, 68],
            "without gradients": "newuoa", "values": [65.0, 1616.0],
            "with gradients": "l-bfgs", "gradients": [5.0, 16.0], "price": [13.0, 101.0],
            "price per variable": [1.08, 1.49],
        }
    )  # fmt: skip
    iterations = pd.DataFrame(
        {"family": "places", "start": ["uniform", "uniform", "torgerson"], "target": 1e-2,
         "dimension": [12, 20_000, 12], "median": [6.0, 43.0, 10.0]}
    )  # fmt: skip
    assert reference.headline({"prices": prices, "iterations": iterations}) == (
        "From a random map to a gap of 1%, a gradient is worth 1.1 to 1.5 function values per variable, from 12 to 68 "
        "variables. At 68 it is worth 101: `newuoa` takes 1,616 values, and `l-bfgs` 16 gradients. "
        "From 6 to 10,000 places, gradient descent takes 10 to 10 iterations to it from the start `torgerson`. "
        "From 6 to 10,000 places, gradient descent takes 6 to 43 iterations to it from the start `uniform`."
    )


@pytest.mark.slow
def test_the_reference_of_a_small_store_is_small_and_whole(
    tmp_path: Path, reference: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tiny.toml").write_text(
        'problems = ["places-6", "cloud-6"]\nsolvers = ["gd", "newuoa"]\nstarts = ["uniform"]\n'
        "repetitions = 3\ncalls = 500\ngtol = 1e-9\n"
    )
    monkeypatch.chdir(tmp_path)
    assert main(["run", "tiny.toml", "--serial"]) == 0
    monkeypatch.setattr(reference, "SLOW_MODES", (6,))
    monkeypatch.setattr(reference, "PAIRS", (("gd", "newuoa"),))
    monkeypatch.setattr("sys.argv", ["reference.py", "tiny.sqlite", "--out", "out"])
    reference.main()
    names = {path.name for path in Path("out").iterdir()}
    tables = {f"{name}.csv" for name in ("summary", "prices", "break_even", "growth", "growth_of_ratio")}
    figures = {f"{name}.png" for name in ("ecdf", "performance-profile", "data-profile", "anytime")}
    assert names >= {"README.md", "guttman.svg", *figures, *tables}
    assert sum(path.stat().st_size for path in Path("out").iterdir()) < 1e6
    page = Path("out/README.md").read_text(encoding="utf-8")
    assert "12 runs of the campaign" in page
    assert "nan" not in page.lower()
