"""What it costs to give each run of foreign code a process of its own, in pairs on the same cells.

    python benchmarks/campaigns/isolation.py

A pair is the same cells of a user's solver twice: each in a process of its own, and all in one process. The difference
per run is the cost: of the wall clock, and of the CPU time of the driver, its server and all workers. The order within
a pair alternates. The last line is the same for a solver of this package, which has no process of its own either way.
"""

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

from mdsbench.execution import pool
from mdsbench.oracle.account import Limits
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import attempt
from mdsbench.runs.run import lost

SOLVER = """
from mdsbench.registry.decorators import solver
@solver("theirs", uses="gradient", reference="a benchmark")
def theirs(oracle, x, rng):
    "Gradient descent."
    while True:
        x = x - 0.01 * oracle.gradient(x)
        yield x
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--pairs", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "theirs.py"
        file.write_text(SOLVER)
        for solver, ways in ((f"{file}:theirs", (always, never)), ("gd", (pool.is_foreign, never))):
            cells = [Cell("cities-6", solver, f"uniform(seed={k})", Limits(calls=50)) for k in range(options.runs)]
            for way in ways:
                measured(cells[:2], way)
            pairs = []
            for k in range(options.pairs):
                order = ways[:: 1 if k % 2 else -1]
                found = {way: measured(cells, way) for way in order}
                pairs.append([(a - b) / len(cells) * 1000 for a, b in zip(*(found[w] for w in ways), strict=True)])
            wall, cpu = (median(column) for column in zip(*pairs, strict=True))
            print(f"{Path(solver).name}: {wall:.1f} ms a run of the wall clock, {cpu:.1f} ms of CPU time, in addition")


def always(_: object) -> bool:
    return True


def never(_: object) -> bool:
    return False


def measured(cells: list[Cell], alone: Callable[[Any], bool]) -> tuple[float, float]:
    """The seconds of wall clock and of CPU time."""
    began, used = perf_counter(), everything()
    for run in pool.apply(attempt, cells, 1, limit=pool.seconds_of, lost=lost, alone=alone):
        assert run.ending == "budget", run.message
    return perf_counter() - began, everything() - used


def everything() -> float:
    """CPU seconds of this process and of the server's, with all workers that have ended."""
    own, total = str(Path("/proc/self").resolve().name), process_time()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            command = stat.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if b"mdsbench.execution.server" in command and stat.parent.name != own:
            total += sum(map(int, fields[11:15])) / 100
    return total


if __name__ == "__main__":
    main()
