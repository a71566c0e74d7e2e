"""Make tune_differential_evolution.csv: the gaps of several population sizes, on problems that no report shows.

python data/tune_differential_evolution.py
"""

import csv
from pathlib import Path

from mdsbench.oracle.account import Limits
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute

CITIES, POPSIZES, SEEDS = (5, 7, 9), (15, 8, 5, 3, 2), range(5)
CALLS_A_VARIABLE = 2000


def main() -> None:
    with Path(__file__).with_suffix(".csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["problem", "popsize", "seed", "ending", "evaluations", "gap"])
        for n in CITIES:
            limits = Limits(calls=CALLS_A_VARIABLE * 2 * n)
            for popsize in POPSIZES:
                for seed in SEEDS:
                    solver = f"differential-evolution(popsize={popsize})"
                    run = execute(Cell(f"cities-{n}", solver, "published", limits, seed))
                    table.writerow([f"cities-{n}", popsize, seed, run.ending, run.spent.evaluations, f"{run.gap:.1e}"])


if __name__ == "__main__":
    main()
