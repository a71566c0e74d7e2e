"""The report of a reproduction: its campaign is run, then figures, films and the page are made from the store."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from mdsbench.campaigns import reproduction
from mdsbench.campaigns.driver import run_campaign
from mdsbench.campaigns.reproduction import ADAPTIVE_NELDER_MEAD, GRADIENT_DESCENT, NELDER_MEAD
from mdsbench.errors import Failure, UsageError
from mdsbench.execution import pool
from mdsbench.oracle.endings import Ending
from mdsbench.problems import problem
from mdsbench.report.films.of_reproduction import check_film, write_films
from mdsbench.report.films.setting import USUAL, Setting
from mdsbench.report.page import page
from mdsbench.report.provenance import command_line, provenance
from mdsbench.runs.cell import Cell
from mdsbench.runs.events import Listener
from mdsbench.runs.execute import execute
from mdsbench.runs.run import Run
from mdsbench.statistics.cost_model import Currency, clock
from mdsbench.statistics.results import (
    AS_PUBLISHED,
    HONEST,
    PUBLISHED_START,
    Outcome,
    Results,
)
from mdsbench.store.store import Store
from mdsbench.system.publish import beside, check

STORE = "reproduction.sqlite"  # in the folder of the report
OWNED = frozenset({"index.html", "figures", "animations", "summary.json", "runs.csv"})

Progress = Callable[[str, float], None]  # what is being done, and the fraction that is done


def reproduce(
    out: Path,
    *,
    cities: Sequence[int],
    starts: int,
    seed: int,
    rivals: Sequence[str],
    animated: bool,
    jobs: int,
    arguments: Sequence[str],
    gradient_cost: str,
    progress: Progress,
    setting: Setting = USUAL,
    film: Sequence[str] = (),
    formats: Sequence[str] = ("svg", "png"),
) -> tuple[Results, Currency]:
    """Run what is missing of the experiment and write its report to the folder `out`.

    The runs are kept in a store in that folder, so that the same call continues if it was interrupted. `arguments` are
    those of the command, for the record. `gradient_cost` is what the report counts a gradient as, see `Currency.parse`.
    `setting` is how films are made, and `film` whom they show, see `write_films`; `formats`
    are those of the figures.
    Returns the results and what was counted. Raises UsageError or Failure, before any work if that is possible; a
    report in `out` is replaced only when the new one is complete.
    """
    Currency.parse(gradient_cost)
    plan = reproduction.plan(cities, starts, seed, rivals)
    check_film(film, [cell.solver for cell in plan.cells if cell.start == PUBLISHED_START], "the experiment")
    check(out, OWNED)
    _refuse_what_cannot_run(list(reproduction.trials(rivals)), jobs)
    tasks = [problem.find(name) for name in sorted({cell.problem for cell in plan.cells})]
    notes = {
        "command": command_line(arguments),
        "gradient cost": gradient_cost,
        "clocked": {str(task.dimension): clock(task) for task in tasks},  # now, while no other work of ours is running
    }
    _make(out)

    @contextmanager
    def bar(_: str, already: int, total: int) -> Iterator[tuple[Callable[[Run], None], Listener]]:
        done = already

        def finished(_: Run) -> None:
            nonlocal done
            done += 1
            progress("runs", done / total)

        progress("runs", already / total)
        yield finished, lambda _: None

    run_campaign(plan, out / STORE, jobs=jobs, notes=notes, progress=bar)
    return report(out / STORE, out, animated=animated, progress=progress, setting=setting, film=film, formats=formats)


def report(
    store: Path,
    out: Path,
    *,
    animated: bool,
    gradient_cost: str | None = None,
    progress: Progress,
    setting: Setting = USUAL,
    film: Sequence[str] = (),
    formats: Sequence[str] = ("svg", "png"),
) -> tuple[Results, Currency]:
    """Write the report of the reproduction in a store to the folder `out`; nothing is run.

    Without `gradient_cost` a gradient counts as it did when the campaign was run. Raises UsageError if the store has no
    reproduction, or one that is not complete.
    """
    with Store.read(store) as opened:
        if reproduction.NAME not in opened.campaigns():
            raise UsageError(f"{store} has no campaign {reproduction.NAME}: make one with mdsbench reproduce")
        if left := opened.count(reproduction.NAME).left:
            raise UsageError(f"{left} runs of {store} are missing: give the command that made it again")
        if several := opened.versions(reproduction.NAME):
            names = ", ".join(label for label, _ in several.values())
            raise UsageError(f"{store} has runs of {names}, which differ: run the whole campaign again")
        outcomes = [Outcome(*found) for found in opened.blocks(reproduction.NAME)]
        if not _is_reproduction(outcomes):
            raise UsageError(f"{store} has a campaign {reproduction.NAME} of other runs than mdsbench reproduce makes")
        check_film(film, [run.cell.solver for _, run in outcomes if run.cell.start == PUBLISHED_START], str(store))
        results = Results(outcomes)
        environment, finished = opened.environment(reproduction.NAME)
    clocked = {int(dimension): price for dimension, price in environment.get("clocked", {}).items()}
    currency = replace(Currency.parse(gradient_cost or environment.get("gradient cost", "1")), clocked=clocked)
    facts = provenance(environment, finished, sum(outcome.run.spent.seconds for outcome in results.outcomes))
    counted = {
        "Cost counted in": currency.label(*(size.dimension for size in results.sizes)),
        "A gradient, clocked": currency.prices() or "",
    }
    with beside(out, owned=OWNED) as folder:
        films = write_films(results, folder / "animations", progress, setting, film) if animated else []
        progress("page", 0)
        page.write(results, folder, {**facts, **counted}, films, currency, formats)
        progress("page", 1)
    return results, currency


def _make(out: Path) -> None:
    """Make the folder of the report; raises Failure if that is impossible."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(f"cannot write to {out}: {error.strerror}; choose another folder with --out") from None


def _refuse_what_cannot_run(trials: list[Cell], jobs: int) -> None:
    """Raise UsageError for the first further solver that cannot run, found in a process of its own."""

    def lost(_: Cell, __: Ending, ___: str, ____: float, /) -> str:
        return ""  # a solver that hangs, exits or raises can run: that is its result

    for fault in pool.apply(_refusal, trials, jobs, limit=pool.seconds_of, lost=lost):
        if fault:
            raise UsageError(fault)


def _refusal(cell: Cell) -> str:
    """Why a cell cannot run, in words; empty if it can."""
    try:
        execute(cell)
    except UsageError as error:
        return str(error)
    return ""


def _is_reproduction(outcomes: Sequence[Outcome]) -> bool:
    """Whether these are runs on cities in both or one of the protocols, with all methods of the honest one."""
    cells = [outcome.run.cell for outcome in outcomes]
    methods: dict[str, set[str]] = {cell.problem: set() for cell in cells}
    for outcome in outcomes:
        if outcome.protocol == HONEST and outcome.run.cell.start == PUBLISHED_START:
            methods[outcome.run.cell.problem].add(outcome.run.cell.solver)
    return (
        {outcome.protocol for outcome in outcomes} <= {AS_PUBLISHED, HONEST}
        and all(re.fullmatch(r"cities-\d+", problem) for problem in methods)
        and all({GRADIENT_DESCENT, NELDER_MEAD, ADAPTIVE_NELDER_MEAD} <= found for found in methods.values())
    )
