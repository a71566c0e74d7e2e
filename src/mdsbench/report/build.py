"""The report of a reproduction: its campaign is run, then figures, films and the page are made from the store."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mdsbench.campaigns import reproduction
from mdsbench.campaigns.driver import run_campaign
from mdsbench.campaigns.reproduction import ADAPTIVE_NELDER_MEAD, GRADIENT_DESCENT, NELDER_MEAD
from mdsbench.errors import Failure, UsageError
from mdsbench.execution import pool
from mdsbench.exporters import summary
from mdsbench.oracle.endings import Ending
from mdsbench.problems import problem
from mdsbench.report.figures.draw import draw
from mdsbench.report.films.of_reproduction import check_film, write_films
from mdsbench.report.films.setting import USUAL, Setting
from mdsbench.report.page.of_store import page_of_store
from mdsbench.report.page.story import story
from mdsbench.report.page.view import chosen_campaign
from mdsbench.report.provenance import command_line
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

FORMATS = ("svg", "png")  # of figures

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
    formats: Sequence[str] = FORMATS,
) -> tuple[Results, Currency]:
    """Run what is missing of the experiment and write its report to the folder `out`.

    The runs are kept in a store in that folder, so that the same call continues if it was interrupted. `arguments` are
    those of the command, for the record. `gradient_cost` is what the report counts a gradient as, see `Currency.parse`.
    `setting` is how films are made, `film` whom they show, see `write_films`, and `formats` are those of the figures.
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
    made = report(
        out / STORE,
        out,
        campaign=reproduction.NAME,
        animated=animated,
        progress=progress,
        setting=setting,
        film=film,
        formats=formats,
    )
    if made is None:
        raise Failure(f"{out / STORE} has runs of several versions: give another folder with --out")
    return made


def report(
    store: Path,
    out: Path,
    *,
    campaign: str | None = None,
    animated: bool,
    gradient_cost: str | None = None,
    progress: Progress,
    setting: Setting = USUAL,
    film: Sequence[str] = (),
    formats: Sequence[str] = FORMATS,
) -> tuple[Results, Currency] | None:
    """Write the page of a store to the folder `out`; nothing is run.

    A complete reproduction has its narrative in the page, and figures, films and tables beside it; its results are
    returned, and what was counted. Without `gradient_cost` a gradient counts as it did when the reproduction was run,
    and else as one function value. Raises UsageError if the store has no such campaign.
    """
    found = _reproduction(store, campaign, gradient_cost)
    if found:
        check_film(
            film,
            [run.cell.solver for size in found.results.sizes for run in [*size.as_published, *size.honest]],
            str(store),
        )
    elif film:
        raise UsageError("--film is for the page of a reproduction: mdsbench draw makes films of the runs of any store")
    with beside(out, owned=OWNED) as folder:
        if found is None:
            if animated:
                progress("films", 1)  # there are none
            progress("page", 0)
            _write(folder, page_of_store(store, campaign, gradient=gradient_cost))
        else:
            made = write_films(found.results, folder / "animations", progress, setting, film) if animated else []
            progress("page", 0)
            _write_reproduction(found, store, folder, campaign, made, formats)
        progress("page", 1)
    return found and (found.results, found.currency)


def page_of(store: Path, campaign: str | None, gradient_cost: str | None, *, token: str = "") -> str:
    """The page of a store alone, with the narrative where it is a complete reproduction; see `page_of_store`."""
    found = _reproduction(store, campaign, gradient_cost)
    if found is None:
        return page_of_store(store, campaign, gradient=gradient_cost, token=token)
    told = story(found.results, found.currency)
    return page_of_store(
        store, campaign, gradient=found.price, story=told, facts=_counted(found.results, found.currency), token=token
    )


class Reproduction(NamedTuple):
    """A complete reproduction: its results, what is counted, and the text of the price of a gradient."""

    results: Results
    currency: Currency
    price: str


def _reproduction(path: Path, campaign: str | None, gradient_cost: str | None) -> Reproduction | None:
    """The reproduction in a store, if it is what is asked for and complete."""
    with Store.read(path) as store:
        if chosen_campaign(store, campaign) != reproduction.NAME:
            return None
        if store.count(reproduction.NAME).left or store.versions(reproduction.NAME):
            return None
        outcomes = [Outcome(*found) for found in store.blocks(reproduction.NAME)]
        if not outcomes or not _is_reproduction(outcomes):
            return None
        environment, _ = store.environment(reproduction.NAME)
    clocked = {int(dimension): price for dimension, price in environment.get("clocked", {}).items()}
    price = gradient_cost or environment.get("gradient cost", "1")
    return Reproduction(Results(outcomes), replace(Currency.parse(price), clocked=clocked), price)


def _write_reproduction(
    found: Reproduction,
    store: Path,
    folder: Path,
    campaign: str | None,
    made: Sequence[tuple[str, str]],
    formats: Sequence[str],
) -> None:
    """Write the page of a reproduction with all that stands beside it; its films are `made`, by name and title."""
    results, currency, price = found
    (folder / "figures").mkdir()
    draw(results, folder / "figures", currency, formats)
    summary.write_summary(results, folder / "summary.json")
    summary.write_runs(results, folder / "runs.csv")
    downloads = [("runs.csv", "runs.csv"), ("summary.json", "summary.json")]
    downloads += [(f"{title} ({kind})", f"animations/{name}.{kind}") for name, title in made for kind in ("mp4", "gif")]
    told, facts = story(results, currency), _counted(results, currency)
    html = page_of_store(store, campaign, gradient=price, story=told, facts=facts, downloads=downloads)
    _write(folder, html)


def _counted(results: Results, currency: Currency) -> dict[str, str]:
    """What is counted, by names for people."""
    facts = {"Cost counted in": currency.label(*(size.dimension for size in results.sizes))}
    prices = currency.prices()
    return {**facts, "A gradient, clocked": prices} if prices else facts


def _write(folder: Path, html: str) -> None:
    """Write the page; half of a pair of surrogates, which no encoding has, becomes a question mark."""
    (folder / "index.html").write_text(html, encoding="utf-8", errors="replace", newline="\n")


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
