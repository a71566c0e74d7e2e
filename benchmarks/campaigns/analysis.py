"""A store of 10,000 runs with 300 improvements each: how long it takes to read and to analyse it.

python benchmarks/campaigns/analysis.py
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np

from mdsbench.oracle.account import Limits, Moment
from mdsbench.oracle.endings import Ending
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import Run
from mdsbench.store.frames import traces
from mdsbench.store.store import Store

PROBLEMS = [f"sphere-{n}" for n in (2, 4, 6, 8, 11, 15, 20, 27, 34, 50)]
GRADIENT, FREE = ["gd", "l-bfgs", "nesterov", "adam", "bfgs"], ["nelder-mead", "powell", "cobyqa", "cma-es", "newuoa"]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--improvements", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "analysis.sqlite"
        make(path, options.runs, options.improvements)
        began = perf_counter()
        with Store.read(path) as store:
            found = traces(store)
        read = perf_counter() - began
        print(f"{len(found.runs):,} runs, {len(found.improvements):,} improvements, {path.stat().st_size / 1e6:.0f} MB")
        print(f"read in {read:.1f} s")
        for words in (["results", str(path)], ["results", str(path), "--json"]):
            began = perf_counter()
            subprocess.run([sys.executable, "-m", "mdsbench", *words], check=True, stdout=subprocess.DEVNULL)
            print(f"mdsbench {' '.join([words[0], 'STORE', *words[2:]])}: {perf_counter() - began:.1f} s")


def make(path: Path, runs: int, improvements: int) -> None:
    """Write a store of made-up runs: what a solver spends grows with the dimension, and a third does not arrive."""
    rng = np.random.default_rng(0)
    solvers = [*GRADIENT, *FREE]
    seeds = -(-runs // (len(PROBLEMS) * len(solvers)))
    limits = Limits(calls=100_000)
    cells = [Cell(p, s, f"uniform(seed={k})", limits) for k in range(seeds) for p in PROBLEMS for s in solvers][:runs]
    with Store.open(path) as store:
        store.list_cells("analysis", "", {cell.key: cell for cell in cells}, "{}", 2)
        for cell in cells:
            store.put(_made_up(cell, improvements, rng))


def _made_up(cell: Cell, improvements: int, rng: np.random.Generator) -> Run:
    dimension = int(cell.problem.rpartition("-")[2])
    price = 1 if cell.solver in GRADIENT else dimension
    calls = np.arange(improvements) + np.rint(np.geomspace(1, rng.lognormal(7, 0.3) * price, improvements)).astype(int)
    end = 1e-10 if rng.random() < 2 / 3 else 1e-4
    losses = np.geomspace(1.0, end, len(calls))
    account = [(0, int(k)) if cell.solver in GRADIENT else (int(k), 0) for k in calls]
    moments = [
        Moment(k, *asked, 0, sum(asked), 1e-6 * sum(asked), float(loss))
        for k, (asked, loss) in enumerate(zip(account, losses, strict=True))
    ]
    x = np.zeros(dimension)
    ending = Ending.CONVERGED if rng.random() < 0.5 else Ending.BUDGET
    return Run(cell, ending, "", moments[-1], dimension, 1, 1.0, 0.0, x, moments, [(moments[-1], x)])


if __name__ == "__main__":
    main()
