"""One map that grows from 34 to 50,250 places: what a descent needs, from a good start and from random ones.

    python benchmarks/nested.py            writes docs/nested.md; some ten minutes on two cores
    python benchmarks/nested.py --most 2000

From Torgerson's start, or landmarks where the matrix of distances is not kept, to within a millionth of the best known
stress; from random starts, to where each ends; and the largest map in a process of its own, timed from its beginning.
"""

import argparse
import os
import platform
import re
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
from mdsbench.runs.execute import Cell, Run, execute

PAGE = Path(__file__).resolve().parents[1] / "docs" / "nested.md"
SIZES = (34, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_250)
SOLVERS = ("gd", "nesterov(restart=true)", "l-bfgs")
RANDOM = {34: 20, 100: 20, 200: 20, 500: 20, 1000: 20, 2000: 10, 5000: 5, 50_250: 1}  # starts by size
CLOSE = 1e-6
LARGEST = "places(n=50250, precision=single)"

TEXT = """\
# One map that grows

The first N of {places:,} European places make the problems `places-N`, so N can grow on one map. All figures are made
by `python benchmarks/nested.py` ({machine}).

## From a good start

Gradients until the stress is within a millionth of the best known one, f/f* - 1 <= 1e-6. `gd` is gradient descent with
the step 1/L, which for stress is the Guttman transform. Seconds are the solver's own.

{good}

From 200 places on, the number of gradients does not grow with the number of places: that of pairs that each touches
does, as N^2.

## From random starts

What `l-bfgs` comes to from positions drawn uniformly in the unit square, until nothing is left to gain (at 50,250
places: 150 gradients at most, in single precision). A map that is folded somewhere is a local minimum.

{random}

## 50,250 places, from the start of the process

`l-bfgs` in single precision from 500 landmarks, within 0.1 % of the best known stress, the result valued again in
double precision: {largest}.
"""


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
        cells = [f"{run.gradients} ({duration(run.seconds)})" if run.ending == "target" else run.ending for run in runs]
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
            gradients = median(run.gradients for run in runs)
            spread = f"{ratios[0]:.7g} | {median(ratios):.4g} | {ratios[-1]:.4g}"
            lines.append(f"| {n:,} | {starts} | {best} | {distinct} | {spread} | {gradients:.0f} |")
            say(lines[-1])
    return "\n".join(lines)


def largest() -> str:
    """Run this file with --largest in a fresh process; how long that takes altogether, and its memory."""
    began = perf_counter()
    said = subprocess.run([sys.executable, __file__, "--largest"], check=True, capture_output=True, text=True).stdout
    seconds = perf_counter() - began
    return f"{seconds:.1f} s in all, {said.strip()}"


def run_largest() -> None:
    exact = problem.find("places-50250")
    target = exact.best_known * 1.001
    run = execute(Cell(LARGEST, "l-bfgs", "landmarks", Limits(target=target, calls=200)), snapshots=1)
    above = exact.value(np.array(run.final_x)) / exact.best_known - 1
    status = Path("/proc/self/status").read_text(encoding="ascii")  # getrusage counts the parent's memory, too
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    print(
        f"{run.seconds:.1f} s of them for {run.gradients} gradients of the solver, {100 * above:.3f} % above the best"
        f" known stress in the end, at most {peak:.0f} MB of memory"
    )


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds >= 10 else f"{seconds:.2g} s"


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def machine() -> str:
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--most", type=int, default=SIZES[-1], help="leave out larger maps; prints instead of writing")
    parser.add_argument("--largest", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.largest:
        run_largest()
        return
    tables = {"good": good_table(options.most), "random": random_table(options.most)}
    if options.most < SIZES[-1]:
        print("\n\n".join(tables.values()))
        return
    PAGE.write_text(TEXT.format(places=89_115, machine=machine(), largest=largest(), **tables), encoding="utf-8")


if __name__ == "__main__":
    main()
