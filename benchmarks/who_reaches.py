"""Who gets how far at 34 cities: every solver in the registry with its defaults, written to docs/who-reaches.md.

    python benchmarks/who_reaches.py

Each solver runs from the published start and from four random ones, until its gap (f - f*) / (f0 - f*) is 1e-6 or
2,000 calls a variable are spent. One run answers for all gaps and both budgets. Some five minutes on two cores.
"""

import os
from math import inf
from pathlib import Path

from rich.progress import Progress

from mdsbench.campaigns import driver
from mdsbench.errors import UsageError
from mdsbench.oracle.account import Limits
from mdsbench.problems import problem
from mdsbench.registry.registry import SOLVERS, STARTS
from mdsbench.registry.spec import parse
from mdsbench.runs.execute import Cell, Run, asks
from mdsbench.statistics.units import typical_error_km
from mdsbench.store.store import MemoryStore

N = 34
STARTS_TRIED = ("published", *(f"uniform(seed={seed})" for seed in range(4)))
GAPS = (1e-2, 1e-4, 1e-6)
BUDGETS = (200, 2000)  # calls a variable
EXTRA = (
    "nelder-mead(adaptive=true)",
    "gd(step=armijo)",
    "gd(step=barzilai-borwein)",
    "gd[central-difference]",
    "l-bfgs-b[forward-difference]",
    "smacof(relaxed=true)",
    "gd[spsa](step=1/L(times=0.01))",
)
OUT = Path(__file__).parents[1] / "docs" / "who-reaches.md"

HEAD = """# Who gets how far at {n} cities

Every solver with its defaults, from the published start and four random ones, {dimension} variables. A gap is
(f - f\\*) / (f0 - f\\*): 1 at the start, 0 at the best known loss; at {gaps} the typical
error of a distance is still {errors} km, at best {best} km. Under each gap stands
how many of the {starts} starts reached it within {small:,} and within {large:,} calls, 200 and 2,000 a variable,
and the median of the calls of those that reached it at all. A call is a function value, a gradient or a Hessian-vector
product. Who stays above a gap with calls left has ended in a local minimum, or by a tolerance of its own.

Made by `python benchmarks/who_reaches.py`; the same versions give the same counts.

| solver | camp | {headings} |
|---|---|{rules}
"""

ZEROS = """
## From all cities in one place

The start `zeros`, with {small:,} calls. All pairs coincide, and a coincident pair has no gradient: what counts as one,
by symmetry, is zero. Whoever follows gradients stays there, for ever or believing that it has arrived; whoever compares
values gets away if its first steps are long enough.

| solver | camp | gap at the end | ending | calls |
|---|---|--:|---|--:|
"""


def cells(solver: str) -> list[Cell]:
    """The solver from every start, to the lowest gap within the larger budget."""
    task = problem.find(f"cities-{N}")
    listed = []
    for start in STARTS_TRIED:
        f0 = task.value(STARTS.bind(parse(start))(task))
        target = task.best_known + min(GAPS) * (f0 - task.best_known)
        listed.append(Cell(task.name, solver, start, Limits(calls=max(BUDGETS) * task.dimension, target=target)))
    return listed


def head() -> str:
    """What stands above the table's rows."""
    task = problem.find(f"cities-{N}")
    f0 = task.value(STARTS.bind(parse("published"))(task))
    losses = [task.best_known + gap * (f0 - task.best_known) for gap in (*GAPS, 0)]
    *errors, best = [float(typical_error_km(loss, N)) for loss in losses]
    return HEAD.format(
        n=N,
        dimension=2 * N,
        gaps=", ".join(f"{gap:g}" for gap in GAPS),
        errors=", ".join(f"{error:.3g}" for error in errors),
        best=f"{best:.3g}",
        starts=len(STARTS_TRIED),
        small=BUDGETS[0] * 2 * N,
        large=BUDGETS[1] * 2 * N,
        headings=" | ".join(f"{gap:g}: reached | calls" for gap in GAPS),
        rules="--:|--:|" * len(GAPS),
    )


def row(solver: str, runs: list[Run]) -> str:
    """The solver's line of the table."""
    columns = []
    for gap in GAPS:
        moments = [run.first_reaching(run.best_known + gap * (run.start_loss - run.best_known)) for run in runs]
        arrived = sorted(moment.calls for moment in moments if moment)
        within = [sum(calls <= budget * 2 * N for calls in arrived) for budget in BUDGETS]
        columns.append(f"{within[0]}, {within[1]} | {f'{arrived[len(arrived) // 2]:,}' if arrived else '–'}")
    return f"| `{solver}` | {camp(solver)} | {' | '.join(columns)} |"


def camp(solver: str) -> str:
    """Whether a solver, with its gradient source, asks for anything but values."""
    return "derivative-free" if asks(solver) == "value" else "gradient"


def from_zeros(solver: str, run: Run) -> str:
    """The solver's line of the second table."""
    gap = f"{run.gap:.0e}" if run.gap < 0.995 else "stays"
    return f"| `{solver}` | {camp(solver)} | {gap} | {run.ending} | {run.calls:,} |"


def main() -> None:
    """Run everything and write the table, the camps apart and the quickest first."""
    wanted = [name for name in (*SOLVERS, *EXTRA) if name not in ("grid", "restarted-nelder-mead")]
    listed = {solver: cells(solver) for solver in wanted}
    store = MemoryStore()
    zeros = {solver: Cell(f"cities-{N}", solver, "zeros", Limits(calls=BUDGETS[0] * 2 * N)) for solver in wanted}
    everything = [*zeros.values()] + [
        cell for start in range(len(STARTS_TRIED)) for cell in (own[start] for own in listed.values())
    ]
    with Progress() as bar:
        task = bar.add_task("runs", total=len(everything))
        driver.run(everything, store, jobs=os.cpu_count() or 1, done=lambda _: bar.advance(task))
    rows = [row(solver, [store.get(cell) for cell in own]) for solver, own in listed.items()]
    stays = [from_zeros(solver, store.get(cell)) for solver, cell in zeros.items()]
    page = [head().rstrip(), *sorted(rows, key=_order), ZEROS.format(small=BUDGETS[0] * 2 * N).rstrip(), *stays]
    OUT.write_text("\n".join(page) + "\n", encoding="utf-8")
    print(f"docs/{OUT.name} is written")


def _order(line: str) -> tuple[bool, int, float]:
    _, camp, *_, reached, calls = (field.strip() for field in line.strip("|").split("|"))
    quickness = float(calls.replace(",", "")) if calls != "–" else inf
    return camp == "derivative-free", -sum(map(int, reached.split(", "))), quickness


if __name__ == "__main__":
    try:
        main()
    except UsageError as error:
        raise SystemExit(str(error)) from None
