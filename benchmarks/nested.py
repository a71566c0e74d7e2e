"""The number of gradients on maps of 34 to 50,250 places, from a good start and from random starts.

    python benchmarks/nested.py              replaces the tables of docs/nested.md; about ten minutes on two cores
    python benchmarks/nested.py --most 2000  prints the tables without the larger maps

The good start is Torgerson's, or landmarks if the matrix of distances is not in memory. Runs from it end within a
millionth of the best known stress. Runs from random starts continue until they stop improving. The largest map runs in
a separate process, which is timed from its start.
"""

import argparse
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter

import numpy as np

from mdsbench.mds.distances import Stored
from mdsbench.oracle.account import Limits
from mdsbench.problems import problem
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import execute
from mdsbench.runs.run import Run

sys.path.append(str(Path(__file__).resolve().parent / "peers"))
import page

PAGE = page.ROOT / "docs" / "nested.md"
SIZES = (34, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_250)
SOLVERS = ("gd", "nesterov(restart=true)", "l-bfgs")
RANDOM = {34: 20, 100: 20, 200: 20, 500: 20, 1000: 20, 2000: 10, 5000: 5, 50_250: 1}  # starts by size
CLOSE = 1e-6
LARGEST = "places(n=50250, precision=single)"


def good_start(n: int) -> str:
    return "torgerson" if isinstance(problem.find(f"places-{n}").targets, Stored) else "landmarks"


def descend(n: int, solver: str) -> Run:
    target = problem.find(f"places-{n}").best_known * (1 + CLOSE)
    return execute(Cell(f"places-{n}", solver, good_start(n), Limits(target=target, calls=2000)), snapshots=1)


def good_table(most: int) -> str:
    lines = ["| places | variables | start | " + " | ".join(f"`{solver}`" for solver in SOLVERS) + " |"]
    lines.append("|--:|--:|---|" + "--:|" * len(SOLVERS))
    for n in (n for n in SIZES if n <= most):
        runs = [descend(n, solver) for solver in SOLVERS]
        cells = [
            f"{run.spent.gradients} ({duration(run.spent.seconds)})" if run.ending == "target" else run.ending
            for run in runs
        ]
        lines.append(f"| {n:,} | {2 * n:,} | {good_start(n)} | " + " | ".join(cells) + " |")
        say(lines[-1])
    return "\n".join(lines)


def random_ends(n: int, starts: int) -> list[Run]:
    large = n > 5000
    name = f"places(n={n}, precision=single)" if large else f"places-{n}"
    limits = Limits(calls=150) if large else Limits(calls=20_000)
    return [execute(Cell(name, "l-bfgs", f"uniform(seed={k})", limits), snapshots=1) for k in range(starts)]


def random_table(most: int) -> str:
    lines = ["| places | starts | reach f* | different ends | f/f*: least | median | greatest | gradients, median |"]
    lines.append("|--:|--:|--:|--:|--:|--:|--:|--:|")
    for n, starts in RANDOM.items():
        if n <= most:
            runs = random_ends(n, starts)
            ratios = sorted(run.final_loss / problem.find(f"places-{n}").best_known for run in runs)
            best = sum(ratio <= 1 + CLOSE for ratio in ratios)
            distinct = 1 + sum(b > a * (1 + CLOSE) for a, b in pairwise(ratios))
            gradients = median(run.spent.gradients for run in runs)
            spread = f"{ratios[0]:.7g} | {median(ratios):.4g} | {ratios[-1]:.4g}"
            lines.append(f"| {n:,} | {starts} | {best} | {distinct} | {spread} | {gradients:.0f} |")
            say(lines[-1])
    return "\n".join(lines)


def largest() -> str:
    """A table of one run: the seconds of a new process that runs this file with --largest, and what it prints."""
    began = perf_counter()
    command = [sys.executable, __file__, "--largest"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds = perf_counter() - began
    header = ["process", "solver", "gradients", "above the best known stress", "peak memory"]
    return page.table(header, [[f"{seconds:.1f} s", *printed.strip().split(" | ")]])


def run_largest() -> None:
    exact = problem.find("places-50250")
    target = exact.best_known * 1.001
    run = execute(Cell(LARGEST, "l-bfgs", "landmarks", Limits(target=target, calls=200)), snapshots=1)
    above = exact.value(np.array(run.final_x)) / exact.best_known - 1
    status = Path("/proc/self/status").read_text(encoding="ascii")  # getrusage counts the parent's memory, too
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    print(f"{run.spent.seconds:.1f} s | {run.spent.gradients} | {100 * above:.3f} % | {peak:.0f} MB")


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.2g} s"


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--most", type=int, default=SIZES[-1], help="omit larger maps, and print the tables")
    parser.add_argument("--largest", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.largest:
        run_largest()
        return
    tables = {"from a good start": good_table(options.most), "from random starts": random_table(options.most)}
    if options.most < SIZES[-1]:
        print("\n\n".join(tables.values()))
        return
    tables |= {"largest": largest(), "machine": f"{page.processor()}."}
    for name, measured in tables.items():
        page.replace(name, measured, PAGE)


if __name__ == "__main__":
    main()
