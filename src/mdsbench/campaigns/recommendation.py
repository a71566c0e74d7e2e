"""A small campaign over the solvers that fit a function of the user's, to recommend one of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from mdsbench.campaigns import plan as plans
from mdsbench.campaigns.driver import Progress, run_campaign, silent
from mdsbench.campaigns.facts import Facts, facts, why_not
from mdsbench.campaigns.plan import Plan
from mdsbench.errors import Failure, UsageError
from mdsbench.execution import pool
from mdsbench.oracle.account import Limits
from mdsbench.oracle.endings import Ending
from mdsbench.problems.problem import spelled_out
from mdsbench.registry import libraries
from mdsbench.registry.registry import PROBLEMS, SOLVERS
from mdsbench.registry.spec import Spec, parse
from mdsbench.runs.cell import Cell
from mdsbench.runs.execute import attempt
from mdsbench.statistics.recommendation import Recommendation, recommendation
from mdsbench.statistics.wording import plural
from mdsbench.store.frames import Traces, traces
from mdsbench.store.store import Store

NAME = "recommendation"
LEAST = 3  # calls of a run, and starts of a solver
# What is registered and is no candidate: smacof minimises the stress of a map alone, restarted-nelder-mead repeats a
# published experiment, and multistart runs another solver of this list.
LEFT_OUT = ("smacof", "restarted-nelder-mead", "multistart")
# Those that take a value and a gradient from one difference of n + 1 values, where the function gives no gradient.
DIFFERENCED = ("bfgs", "cg", "l-bfgs-b")
SOURCE = "forward-difference"


class Trial(NamedTuple):
    """The campaign of a recommendation, the start of its runs, and the solvers that take gradients by differences."""

    plan: Plan
    start: str
    differenced: list[str]
    solvers: list[str]


def trial(
    problem: str, *, dimension: int | None, budget: int, starts: int, solvers: Sequence[str] = (), start: str = ""
) -> Trial:
    """The campaign that tries the solvers that fit on a problem, so many calls a run; raises UsageError.

    Without `start`, it is the problem's own starts if there are enough of them, points around its start if there is
    one, a Latin hypercube within its bounds, or else the unit cube.
    """
    for what, number in (("budget", budget), ("starts", starts)):
        if number < LEAST:
            raise UsageError(f"--{what} {number}: a recommendation takes {LEAST} or more")
    name = _with_dimension(problem, dimension)
    task = facts(name)
    chosen = list(dict.fromkeys(str(parse(solver)) for solver in solvers)) or candidates(task)
    for solver in chosen:
        if why := why_not(solver, task):
            raise UsageError(why)
    begin = start or _start(task, starts)
    content = {
        "problems": [name],
        "solvers": chosen,
        "starts": [begin],
        "repetitions": starts,
        "calls": budget,
        "snapshots": 0,
    }
    text = f"# mdsbench recommend {name}: {plural(starts, 'start')} {begin}, {budget} calls\n"
    plan = plans.plan(NAME, text, content, {}, where="recommend")
    differenced = [solver for solver in chosen if _source(solver) == SOURCE and parse(solver).name in DIFFERENCED]
    return Trial(plan, begin, differenced, chosen)


def candidates(task: Facts) -> list[str]:
    """The registered solvers that fit what a function gives, by name: without a gradient, some by differences."""
    found = []
    for name, entry in SOLVERS.items():
        if not entry.is_ours or entry.floor or name in LEFT_OUT or libraries.lacks(entry):
            continue
        if not why_not(name, task):
            found.append(name)
        elif name in DIFFERENCED and not why_not(f"{name}[{SOURCE}]", task):
            found.append(f"{name}[{SOURCE}]")
    return sorted(found)


def check(tried: Trial) -> None:
    """Ask for one value in a process of its own, which shows before all the work whether there is one; raises Failure.

    This call is beside the budgets of the runs.
    """
    cell = tried.plan.cells[0]
    one = Cell(cell.problem, "random-search", cell.start, Limits(calls=1, seconds=cell.limits.seconds), cell.seed)
    (run,) = pool.processes(attempt, [one], workers=1)
    if run.ending.failed or run.ending is Ending.TIMEOUT:
        said = run.message.partition("\n")[0]
        raise Failure(f"{cell.problem} gives no value at its first start, {cell.start}: {said}")


def recommend(
    tried: Trial, path: Path, gap: float, *, jobs: int | None = None, progress: Progress = silent
) -> tuple[Recommendation, Traces]:
    """Run what the store at `path` lacks, and say which solver to take; the tables of the runs as well.

    Raises Failure if cells are left or every run failed.
    """
    count = run_campaign(tried.plan, path, jobs=jobs, progress=progress)
    if count.left:
        raise Failure(
            f"{count.left} of {len(tried.plan.cells)} runs are left, because the file was edited meanwhile: "
            "the same command runs them"
        )
    keys = set(tried.plan.keyed())
    with Store.read(path) as store:
        runs, improvements = traces(store)
    runs = runs[runs["key"].isin(keys)].reset_index(drop=True)
    improvements = improvements[improvements["key"].isin(keys)].reset_index(drop=True)
    if runs["failed"].all():
        raise Failure(f"every run failed: mdsbench check-problem {tried.plan.cells[0].problem!r} says why")
    return recommendation(runs, improvements, gap, tried.differenced), Traces(runs, improvements)


def _with_dimension(problem: str, dimension: int | None) -> str:
    """The problem's name with the dimension as an option: `n` of a registered problem, or `dimension` of a function."""
    if dimension is None:
        return problem
    spec = spelled_out(problem)
    if spec.name in PROBLEMS and PROBLEMS[spec.name].is_ours:
        raise UsageError(f"--dimension is for a function of your own: write {spec.name}-N")
    if {"n", "dimension"} & dict(spec.options).keys():
        raise UsageError(f"{problem} says how many variables there are already: leave out --dimension")
    return str(Spec(spec.name, spec.source, tuple(sorted({**dict(spec.options), "dimension": dimension}.items()))))


def _start(task: Facts, starts: int) -> str:
    if task.starts >= starts:
        return "x0"
    if task.boxed:
        return f"latin-hypercube(points={starts})"
    return "around-x0" if task.starts else "uniform"


def _source(solver: str) -> str:
    source = parse(solver).source
    return source.name if source else ""
