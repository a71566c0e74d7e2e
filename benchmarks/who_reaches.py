"""The gaps that every registered solver reaches at 34 cities with its defaults: the tables of docs/who-reaches.md.

    python benchmarks/who_reaches.py

Each solver runs from the published start and from four random ones, until its gap (f - f*) / (f0 - f*) is 1e-6 or
2,000 calls per variable are spent. One run gives the results for all gaps and both budgets. About five minutes on two
cores.
"""

import os
import sys
from functools import partial
from math import inf
from pathlib import Path

from rich.progress import Progress

from mdsbench.campaigns import driver
from mdsbench.errors import UsageError
from mdsbench.execution import pool
from mdsbench.oracle.account import Limits
from mdsbench.problems import problem
from mdsbench.registry.registry import SOLVERS, STARTS
from mdsbench.registry.spec import parse
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import asks
from mdsbench.runs.run import Run
from mdsbench.store.memory_store import MemoryStore

sys.path.append(str(Path(__file__).resolve().parent / "peers"))
import page

N = 34
STARTS_TRIED = ("published", *(f"uniform(seed={seed})" for seed in range(4)))
GAPS = (1e-2, 1e-4, 1e-6)
BUDGETS = (200, 2000)  # calls per variable
EXTRA = (
    "nelder-mead(adaptive=true)",
    "gd(step=armijo)",
    "gd(step=barzilai-borwein)",
    "gd[central-difference]",
    "l-bfgs-b[forward-difference]",
    "smacof(relaxed=true)",
    "gd[spsa](step=1/L(times=0.01))",
)
PAGE = page.ROOT / "docs" / "who-reaches.md"

HEADINGS = " | ".join(f"{gap:g}: reached | calls" for gap in GAPS)
REACHES = f"| solver | camp | {HEADINGS} |\n|---|---|{'--:|--:|' * len(GAPS)}"
ZEROS = "| solver | camp | gap at the end | ending | calls |\n|---|---|--:|---|--:|"


def cells(solver: str) -> list[Cell]:
    """The solver from every start, to the lowest gap within the larger budget."""
    task = problem.find(f"cities-{N}")
    listed = []
    for start in STARTS_TRIED:
        f0 = task.value(STARTS.bind(parse(start))(task))
        target = task.best_known + min(GAPS) * (f0 - task.best_known)
        listed.append(Cell(task.name, solver, start, Limits(calls=max(BUDGETS) * task.dimension, target=target)))
    return listed


def row(solver: str, runs: list[Run]) -> str:
    """The solver's line of the first table."""
    columns = []
    for gap in GAPS:
        moments = [run.first_reaching(run.best_known + gap * (run.start_loss - run.best_known)) for run in runs]
        arrived = sorted(moment.calls for moment in moments if moment)
        within = [sum(calls <= budget * 2 * N for calls in arrived) for budget in BUDGETS]
        columns.append(f"{within[0]}, {within[1]} | {f'{arrived[len(arrived) // 2]:,}' if arrived else '–'}")
    return f"| `{solver}` | {camp(solver)} | {' | '.join(columns)} |"


def camp(solver: str) -> str:
    """`derivative-free` if a solver, with its gradient source, evaluates only values; else `gradient`."""
    return "derivative-free" if asks(solver) == "value" else "gradient"


def from_zeros(solver: str, run: Run) -> str:
    """The solver's line of the second table."""
    gap = f"{run.gap:.0e}" if run.gap < 0.995 else "stays"
    return f"| `{solver}` | {camp(solver)} | {gap} | {run.ending} | {run.calls:,} |"


def main() -> None:
    """Run all cells and replace both tables. The first has the camps one after the other, the quickest solver first."""
    wanted = [name for name in (*SOLVERS, *EXTRA) if name not in ("grid", "restarted-nelder-mead")]
    listed = {solver: cells(solver) for solver in wanted}
    store = MemoryStore()
    zeros = {solver: Cell(f"cities-{N}", solver, "zeros", Limits(calls=BUDGETS[0] * 2 * N)) for solver in wanted}
    everything = [*zeros.values()] + [
        cell for start in range(len(STARTS_TRIED)) for cell in (own[start] for own in listed.values())
    ]
    with Progress() as bar:
        task = bar.add_task("runs", total=len(everything))
        each = partial(pool.processes, workers=os.cpu_count() or 1)
        driver.run_all(everything, store, each, snapshots=16, done=lambda _: bar.advance(task))
    rows = [row(solver, [store.get(cell) for cell in own]) for solver, own in listed.items()]
    stays = [from_zeros(solver, store.get(cell)) for solver, cell in zeros.items()]
    page.replace("reaches", "\n".join([REACHES, *sorted(rows, key=_order)]), PAGE)
    page.replace("from zeros", "\n".join([ZEROS, *stays]), PAGE)
    print(f"docs/{PAGE.name} is written")


def _order(line: str) -> tuple[bool, int, float]:
    _, camp, *_, reached, calls = (field.strip() for field in line.strip("|").split("|"))
    quickness = float(calls.replace(",", "")) if calls != "–" else inf
    return camp == "derivative-free", -sum(map(int, reached.split(", "))), quickness


if __name__ == "__main__":
    try:
        main()
    except UsageError as error:
        raise SystemExit(str(error)) from None
