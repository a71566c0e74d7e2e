"""What each bit of information is worth: the tables and the figure of docs/ladder.md, from the runs of a store.

mdsbench run ladder
python benchmarks/ladder.py ladder.sqlite
"""

import argparse
import sys
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mdsbench.report.figures import column
from mdsbench.report.figures.ladder import ladder_figure
from mdsbench.statistics import arrivals, cost, ladder, running_time
from mdsbench.statistics.ert_ratio import paired, ratio
from mdsbench.statistics.ladder import RUNGS
from mdsbench.store.frames import frames

sys.path.append(str(Path(__file__).resolve().parent / "peers"))
import page

PAGE = page.ROOT / "docs" / "ladder.md"
IMAGE = page.ROOT / "docs" / "images" / "ladder.png"
TARGET = 1e-3
SHOWN = "places"  # the family of the figure
EXACT, OTHERS = "l-bfgs", ("l-bfgs[axes]", "l-bfgs[forward-difference]")


def cost_table(found: pd.DataFrame) -> str:
    """For each problem and rung, the best solver and its expected cost."""
    rows = []
    for (problem, n), part in found.groupby(["problem", "dimension"], sort=False):
        of = {row["rung"]: row for row in part.to_dict("records")}
        rows.append([str(problem), str(n), *(_cost(of[rung]) if rung in of else "" for rung in RUNGS)])
    return page.table(["problem", "n", *RUNGS], rows)


def worth_table(found: pd.DataFrame) -> str:
    """For each problem and rung, what it is worth against the rung below."""
    rows = []
    for (problem, n), part in found.groupby(["problem", "dimension"], sort=False):
        of = {row["rung"]: _interval(row["worth"], row["worth_low"], row["worth_high"]) for _, row in part.iterrows()}
        rows.append([str(problem), str(n), *(of.get(rung, "") for rung in RUNGS[1:])])
    return page.table(["problem", "n", *RUNGS[1:]], rows)


def one_method(table: pd.DataFrame, costs: "pd.Series[float]") -> str:
    """The cost of L-BFGS without exact gradients over that with them, from the same starts."""
    rows = []
    sides = table.assign(_cost=costs, _arrived=(table["fate"] == "arrived").astype(float))
    for (problem, n), part in sides.groupby(["problem", "dimension"], sort=False):
        of = dict(list(part.groupby("solver")))
        line = [str(problem), str(n)]
        for other in OTHERS:
            line.append(_interval(*ratio(*paired(of[EXACT], of[other]), 0.95)))
        rows.append(line)
    return page.table(["problem", "n", *(f"`{other}`" for other in OTHERS)], rows)


def every_solver(table: pd.DataFrame, costs: "pd.Series[float]") -> str:
    """The expected cost of every solver on the problems of the figure."""
    times = running_time(table, costs)
    times = times[times["problem"].str.startswith(SHOWN)]
    problems = times["problem"].drop_duplicates().tolist()
    rows = []
    for solver, part in times.groupby("solver", sort=False):
        of = {row["problem"]: row for row in part.to_dict("records")}
        cells = [f"{_number(of[p]['ert'])} ({of[p]['arrived']})" if of[p]["arrived"] else "none" for p in problems]
        rows.append([f"`{solver}`", *cells])
    return page.table(["solver", *problems], rows)


def _cost(row: "dict[Any, Any]") -> str:
    ert, low, high = (float(np.asarray(row[name], float)) for name in ("ert", "ert_low", "ert_high"))
    if not isfinite(ert):
        return "none arrives"
    return f"{_number(ert)} ({_number(low)} to {_number(high)}), `{row['solver']}`"


def _interval(ratio: float, low: float, high: float) -> str:
    return f"{ratio:.3g} ({low:.3g} to {high:.3g})" if isfinite(ratio) else ""


def _number(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"


def main() -> None:
    """Replace the tables and the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    runs, improvements, _ = frames(parser.parse_args().store)
    table = arrivals(runs, improvements, [TARGET])
    costs = cost(table).rename("expected cost in function values")
    found = ladder(table, costs)
    page.replace("cost", cost_table(found), PAGE)
    page.replace("worth", worth_table(found), PAGE)
    page.replace("one method", one_method(table, costs), PAGE)
    page.replace("every solver", every_solver(table, costs), PAGE)
    rows = table["family"] == SHOWN
    figure = ladder_figure(table[rows], costs[rows])
    assert figure
    column.save(figure, IMAGE)


if __name__ == "__main__":
    main()
