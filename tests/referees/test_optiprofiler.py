"""Performance and data profiles, as OptiProfiler computes them from the same table of costs."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from optiprofiler.plotting import _get_extended_performances_data_profile_axes as axes
from optiprofiler.utils import ProfileOption

from mdsbench.statistics.arrivals import ARRIVED, arrivals, cost
from mdsbench.statistics.profiles import data_profile, performance_profile

Frames = tuple[pd.DataFrame, pd.DataFrame]
SOLVERS = ["values", "gradients", "mixed"]


def by_optiprofiler(table: pd.DataFrame, costs: "pd.Series[float]") -> dict[str, Any]:
    """Its curves, for each kind and solver the steps of x and y. A problem is a case: a trial, to a target."""
    work = table.assign(cost=costs.where(table["fate"] == ARRIVED))
    wide = work.pivot_table(index=["dimension", "trial", "target"], columns="solver", values="cost", dropna=False)
    wide = wide.reindex(pd.MultiIndex.from_frame(table[wide.index.names].drop_duplicates()))[SOLVERS]
    curves: dict[str, Any] = {kind: [[None] * 2 for _ in SOLVERS] for kind in ("perf", "data")}
    dimensions = wide.index.get_level_values("dimension").to_numpy()
    axes(wide.to_numpy()[:, :, None], dimensions, {ProfileOption.SEMILOGX: False}, curves)
    return {kind: {solver: of[0] for solver, of in zip(SOLVERS, curves[kind], strict=True)} for kind in curves}


def read(curve: tuple[Any, Any], at: Any) -> Any:
    """The height of a curve of steps at places: x and y are its corners."""
    x, y = curve
    return np.asarray(y)[np.searchsorted(x, at, side="right") - 1]


@pytest.mark.parametrize("price", [1, 7])
def test_profiles_agree(made_up: Frames, price: float) -> None:
    table = arrivals(*made_up, [1e-2, 1e-5, 1e-9])
    costs = cost(table, price)
    theirs = by_optiprofiler(table, costs)
    for kind, name, profile in (
        ("perf", "factor", performance_profile(table, costs)),
        ("data", "simplex_gradients", data_profile(table, costs)),
    ):
        assert set(profile["solver"]) == set(SOLVERS)
        for solver, ours in profile.groupby("solver"):
            at = ours[name].to_numpy()
            middle = np.append((at[1:] + at[:-1]) / 2, at[-1] * (1 + 1e-9))  # corners may differ by their last digit
            np.testing.assert_allclose(ours["share"], read(theirs[kind][str(solver)], middle), atol=1e-12)
        assert profile["share"].between(0.2, 0.9).any()
