"""The shares of Moré and Wild's 53 problems that three solvers solve within 100 simplex gradients.

    python benchmarks/standard_sets.py    replaces the tables of docs/standard-sets.md; some ten minutes on one core

A problem is solved at the first evaluation with f <= f_L + tau (f(x0) - f_L), equation (2.2) of the paper. f_L is the
least value that any of the solvers found on the problem in this form, with ten times the budget. A simplex gradient is
n + 1 evaluations.
"""

import sys
import tempfile
import warnings
from collections.abc import Sequence
from math import nan
from pathlib import Path
from textwrap import fill

import pandas as pd

from mdsbench.oracle.account import Limits
from mdsbench.problems import problem
from mdsbench.problems.data_files import read_json
from mdsbench.problems.residuals import FORMS
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.statistics.arrivals import arrivals, cost
from mdsbench.statistics.profiles import data_profile
from mdsbench.store.frames import frames
from mdsbench.store.store import Store

sys.path.append(str(Path(__file__).resolve().parent / "peers"))
import page

PAGE = page.ROOT / "docs" / "standard-sets.md"
SOLVERS = ("newuoa", "nelder-mead", "bfgs[forward-difference]")
NUMBERS = range(1, 54)
TAUS = (1e-1, 1e-3, 1e-5)
WITHIN = 100  # simplex gradients
BUDGET = 1000


def runs_of(form: str, budget: int = BUDGET, solvers: Sequence[str] = SOLVERS) -> pd.DataFrame:
    """What `arrivals` makes of the runs of the solvers on the 53 problems in a form, for each tau."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "runs.sqlite"
        with Store.open(path) as store:
            for number in NUMBERS:
                name = f"more-wild(form={form}, n={number})"
                calls = budget * (problem.find(name).dimension + 1)
                for solver in solvers:
                    store.put(execute(Cell(name, solver, "x0", Limits(calls=calls)), snapshots=1))
        runs, improvements, _ = frames(path)
    return arrivals(runs.assign(best_known=nan), improvements, TAUS)


def shares(table: pd.DataFrame, tau: float, within: int = WITHIN) -> dict[str, float]:
    """For each solver the share of the problems that it solves."""
    chosen = table[table["target"] == tau]
    profile = data_profile(chosen, cost(chosen))
    early = profile[profile["simplex_gradients"] <= within]
    return {str(solver): float(share) for solver, share in early.groupby("solver", sort=False)["share"].last().items()}


def unsolved(table: pd.DataFrame, tau: float, within: int = WITHIN) -> dict[str, list[int]]:
    """For each solver the numbers of the problems that it does not solve."""
    chosen = table[table["target"] == tau]
    late = chosen[(chosen["fate"] != "arrived") | (cost(chosen) > within * (chosen["dimension"] + 1))]
    numbers = late["problem"].str.extract(r"more-wild-(\d+)")[0].astype(int)
    return {solver: sorted(numbers[late["solver"] == solver]) for solver in SOLVERS}


def names_of_cutest() -> str:
    """How many problems of CUTEst were verified, and their names."""
    content = read_json("cutest.json")
    verified, left_out = content["verified"], content["left_out"]
    dimensions = f"{min(verified.values())} to {max(verified.values())}"
    begin = f"Of {len(verified) + len(left_out)} problems, {len(verified)} were verified, with {dimensions} variables:"
    return fill(f"{begin} {', '.join(f'`{name}`' for name in verified)}.", 120, break_long_words=False)


def main() -> None:
    warnings.simplefilter("ignore")  # SciPy's, of overflows on the way
    tables = {form: runs_of(form) for form in FORMS}
    smooth = {tau: shares(tables["smooth"], tau) for tau in TAUS}
    header = ["solver", *(f"tau = {tau:g}" for tau in TAUS), "not solved at 0.001: number of the problem"]
    left = unsolved(tables["smooth"], 1e-3)
    rows = [[f"`{s}`", *(f"{smooth[tau][s]:.2f}" for tau in TAUS), ", ".join(map(str, left[s]))] for s in SOLVERS]
    page.replace("smooth", page.table(header, rows), PAGE)
    by_form = {form: shares(table, 1e-3) for form, table in tables.items()}
    rows = [[f"`{solver}`", *(f"{by_form[form][solver]:.2f}" for form in FORMS)] for solver in SOLVERS]
    page.replace("forms", page.table(["solver", *FORMS], rows), PAGE)
    page.replace("cutest", names_of_cutest(), PAGE)


if __name__ == "__main__":
    main()
