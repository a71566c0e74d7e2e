"""The figure of the ladder: a line for each rung, and nothing without a ladder."""

import numpy as np
import pandas as pd
import pytest

from mdsbench.report.figures.ladder import LOOKS, ladder_figure
from mdsbench.statistics.ladder import RUNGS

KINDS = {
    "comparisons": ("es", "comparisons"),
    "values": ("nelder-mead", "evaluations"),
    "directional derivatives": ("random-directions", "directional_derivatives"),
    "gradients": ("gd", "gradients"),
    "Hessian-vector products": ("newton-cg", "hessian_vectors"),
}


def table(*kinds: str, sizes: tuple[int, ...] = (2, 8, 32)) -> pd.DataFrame:
    rows = []
    for place, kind in enumerate(kinds):
        solver, count = KINDS[kind]
        for n in sizes:
            for trial in range(4):
                names = {"problem": f"bowl-{n}", "family": "bowl", "dimension": n, "start": "uniform", "solver": solver}
                spent = {count: float(n * (10 + trial) / (1 + place)), "trial": str(trial), "fate": "arrived"}
                rows.append(names | spent)
    made = pd.DataFrame(rows).assign(target=0.01, floor_known=True, parts=0.0)
    counts = {count: made.get(count, pd.Series(0.0, made.index)).fillna(0.0) for _, count in KINDS.values()}
    return made.assign(**counts)


def costs(rows: pd.DataFrame) -> "pd.Series[float]":
    return rows[[count for _, count in KINDS.values()]].sum(axis=1).rename("function values")


def test_a_line_for_each_rung_at_its_costs() -> None:
    rows = table(*KINDS)
    figure = ladder_figure(rows, costs(rows))
    assert figure
    ax = figure.axes[0]
    lines = [line for line in ax.lines if np.size(line.get_xdata()) == 3 and line.get_linestyle() == "-"]
    assert len(lines) == len(KINDS)
    for place, line in enumerate(lines):
        assert np.asarray(line.get_ydata(), float) == pytest.approx(np.array([2, 8, 32]) * 11.5 / (1 + place))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("number of variables n", "function values")
    words = " ".join(text.get_text() for text in figure.texts)
    assert "bowl from uniform, gap 0.01" in words
    assert "newton-cg" in words.lower()


def test_two_rungs_are_no_ladder() -> None:
    rows = table("values", "gradients")
    assert ladder_figure(rows, costs(rows)) is None


def test_a_rung_that_never_arrives_is_left_out() -> None:
    rows = table("comparisons", "values", "directional derivatives", "gradients")
    rows.loc[rows["solver"] == "es", "fate"] = "censored"
    figure = ladder_figure(rows, costs(rows))
    assert figure
    assert "comparisons" not in " ".join(text.get_text() for text in figure.texts)
    rows.loc[rows["solver"] == "gd", "fate"] = "censored"
    assert ladder_figure(rows, costs(rows)) is None


def test_every_rung_has_looks() -> None:
    assert tuple(LOOKS) == RUNGS
