"""Expected running times and ECDFs of an export, as cocopp computes them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cocopp
import matplotlib.figure
import numpy as np
import pandas as pd
import pytest

from mdsbench.cli.main import main
from mdsbench.exporters.coco import write_coco
from mdsbench.oracle.account import Limits
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.statistics.arrivals import ARRIVED, arrivals, cost
from mdsbench.statistics.profiles import ecdf
from mdsbench.statistics.running_time import running_time
from mdsbench.store.frames import frames
from mdsbench.store.store import Store

TARGETS = [10.0**-k for k in range(1, 9)]
Frames = tuple[pd.DataFrame, pd.DataFrame]


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(cocopp.genericsettings, "verbose", False)
    monkeypatch.setattr(cocopp.genericsettings, "weight_evaluations_constraints", [1, 1])
    yield
    cocopp.testbedsettings.reset_current_testbed()


def loaded(folder: Path, solver: str, price: float) -> Any:
    """The data sets of a solver, with a gradient at a price."""
    cocopp.genericsettings.weight_evaluations_constraints = [1, price]
    return cocopp.load([str(file) for file in sorted((folder / solver).glob("*.info"))])


@pytest.mark.parametrize("price", [0.5, 7])
def test_expected_running_times_agree(made_up: Frames, tmp_path: Path, price: float) -> None:
    write_coco(*made_up, tmp_path)
    table = arrivals(*made_up, TARGETS)
    ours = running_time(table, cost(table, price)).set_index(["solver", "dimension", "target"])["ert"]
    theirs = {
        (solver, data.dim, target): ert
        for solver in ("values", "gradients", "mixed")
        for data in loaded(tmp_path, solver, price)
        for target, ert in zip(TARGETS, data.detERT(TARGETS), strict=True)
    }
    assert len(theirs) == len(ours) == 3 * 2 * len(TARGETS)
    assert np.isfinite(list(theirs.values())).sum() > 30
    np.testing.assert_allclose([theirs[key] for key in ours.index], ours, rtol=1e-12)


def test_successes_and_what_failures_spent_agree(made_up: Frames, tmp_path: Path) -> None:
    write_coco(*made_up, tmp_path)
    table = arrivals(*made_up, TARGETS)
    table["cost"] = cost(table, 3.0)
    for solver in ("values", "gradients", "mixed"):
        for data in loaded(tmp_path, solver, 3.0):
            of_data = table[(table["solver"] == solver) & (table["dimension"] == data.dim)]
            for target, evals in zip(TARGETS, data.detEvals(TARGETS), strict=True):
                chosen = of_data[of_data["target"] == target]
                arrived = np.where(chosen["fate"] == ARRIVED, chosen["cost"], np.nan)
                np.testing.assert_allclose(evals, arrived, rtol=1e-12)
                spent = chosen["cost"].to_numpy()[np.isnan(arrived)]
                np.testing.assert_allclose(data.maxevals[np.isnan(evals)], spent, rtol=1e-12)


@pytest.mark.parametrize("price", [1, 7])
def test_ecdfs_over_all_targets_agree_if_no_run_is_censored_before_the_last_arrival(
    made_up: Frames, tmp_path: Path, price: float
) -> None:
    runs, improvements = made_up
    runs["ending"] = "converged"  # whoever has not arrived never will
    write_coco(runs, improvements, tmp_path)
    table = arrivals(runs, improvements, TARGETS)
    for solver in ("values", "gradients", "mixed"):
        data = loaded(tmp_path, solver, price)
        for dimension in (3, 5):
            found, _ = data.run_length_distributions(
                dimension, TARGETS, data_per_target=None, flatten_output_dict=False
            )
            (theirs,) = found.values()
            chosen = table[(table["solver"] == solver) & (table["dimension"] == dimension)]
            ours = ecdf(chosen, cost(chosen, price))
            lengths = theirs[0]
            shares = np.searchsorted(lengths[np.isfinite(lengths)], ours["cost"], side="right") / len(lengths)
            np.testing.assert_allclose(ours["share"], shares, atol=1e-12)
            assert len(ours) > 10


def test_the_pages_of_cocopp_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", lambda *_, **__: None)  # they take half a minute
    with Store.open(Path("s.sqlite")) as store:
        for solver in ("gd(step=armijo)", "nelder-mead"):
            for seed in range(5):
                store.put(execute(Cell("rosenbrock-2", solver, f"uniform(seed={seed})", Limits(calls=400))))
    assert main(["export", "s.sqlite", "--format", "coco", "--out", "out"]) == 0
    cocopp.main("-o pages out/gd-step-armijo out/nelder-mead")
    (page,) = Path("pages").glob("*/pptables_f001_02D.tex")
    assert "5 & /5" in page.read_text()
    runs, improvements, _ = frames("s.sqlite")
    table = arrivals(runs, improvements, TARGETS)
    ours = running_time(table, cost(table)).query("solver == 'nelder-mead'").sort_values("target", ascending=False)
    (data,) = loaded(Path("out"), "nelder-mead", 1)
    np.testing.assert_allclose(data.detERT(TARGETS), ours["ert"], rtol=1e-12)
