"""The reproduction's report: runs, then figures, animations and the page, written beside and put in place whole."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from mdsbench.campaigns import reproduction
from mdsbench.campaigns.reproduction import AS_PUBLISHED, GRADIENT_DESCENT, HONEST, Outcome, Trial
from mdsbench.problems import problem
from mdsbench.report.films import animation
from mdsbench.report.films.video import to_gif, to_still
from mdsbench.report.page import page
from mdsbench.report.page.findings import derivative_free
from mdsbench.runs.execute import Run
from mdsbench.statistics.cost_model import Currency, clock
from mdsbench.statistics.tables import published_start, sizes
from mdsbench.system import provenance
from mdsbench.system.publish import beside

OWNED = frozenset({"index.html", "figures", "animations", "summary.json", "runs.csv"})
POSTER_SECONDS = 4.5  # into a film: the methods are apart then, one arriving while the other wanders

Progress = Callable[[str, float], None]  # what is being done, and the fraction that is


class Film(NamedTuple):
    """An animation of two runs: its name, its title for people, what draws it."""

    name: str
    title: str
    runs: tuple[Run, Run]
    draw: Callable[..., None]


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
) -> tuple[list[Outcome], Currency]:
    """Run the experiment and write its report to the folder `out`; `arguments` are the command's, for the record.

    `gradient_cost` is what the report counts a gradient as, in the words of `Currency.parse`; given back is what was
    counted, with the prices clocked here. It changes no run.
    Raises UsageError or Failure, before any work where that is possible; `out` then holds what it held.
    """
    began = time.perf_counter()
    currency = Currency.parse(gradient_cost)
    trials = reproduction.trials(cities, starts, seed, rivals)
    with beside(out, owned=OWNED) as folder:
        currency = replace(currency, clocked=_clocked(trials))  # now, while nothing else of ours is running
        finished = 0

        def done(_: Run) -> None:
            nonlocal finished
            finished += 1
            progress("runs", finished / len(trials))

        outcomes = reproduction.run(trials, jobs=jobs, done=done)
        films = write_films(outcomes, folder / "animations", progress) if animated else []
        progress("page", 0)
        facts = provenance.collect(arguments, jobs=jobs, seconds=time.perf_counter() - began)
        page.write(outcomes, folder, {**facts, **_counted(currency)}, films, currency)
        progress("page", 1)
    return outcomes, currency


def _clocked(trials: Sequence[Trial]) -> dict[int, float]:
    """The price of a gradient of each of their problems, by dimension."""
    tasks = [problem.find(name) for name in sorted({trial.cell.problem for trial in trials})]
    return {task.dimension: clock(task) for task in tasks}


def _counted(currency: Currency) -> dict[str, str]:
    """For the record, what was counted and what was clocked."""
    return {
        "Cost counted in": currency.label(*sorted(currency.clocked)),
        "A gradient, clocked": currency.prices() or "",
    }


def write_films(outcomes: Sequence[Outcome], folder: Path, progress: Progress) -> list[tuple[str, str]]:
    """Write every film as mp4 and GIF, with a picture to show before it plays; gives back their names and titles."""
    listed = films(outcomes)
    folder.mkdir()
    for k, film in enumerate(listed):
        video = folder / f"{film.name}.mp4"
        film.draw(*film.runs, video, progress=lambda fraction, k=k: progress("films", (k + fraction) / len(listed)))
        to_still(video, video.with_suffix(".png"), seconds=POSTER_SECONDS)
        to_gif(video, video.with_suffix(".gif"))
    progress("films", 1)
    return [(film.name, film.title) for film in listed]


def films(outcomes: Sequence[Outcome]) -> list[Film]:
    """Both methods side by side at each size, and the largest published one as the original played it."""
    listed = [
        Film(f"cities-{n}", f"{n} cities, side by side", _rivals(outcomes, n), animation.side_by_side)
        for n in sizes(outcomes)
    ]
    published = [outcome.cities for outcome in outcomes if outcome.protocol == AS_PUBLISHED]
    if published:
        n = max(published)
        nelder_mead, gradient_descent = sorted(
            published_start(outcomes, AS_PUBLISHED, n), key=lambda run: run.gradients
        )
        listed.append(
            Film(
                f"as-published-{n}",
                f"{n} cities, as the original played it",
                (gradient_descent, nelder_mead),
                animation.as_published,
            )
        )
    return listed


def _rivals(outcomes: Sequence[Outcome], n: int) -> tuple[Run, Run]:
    """Gradient descent, and the best of those that use function values alone, from the published start."""
    runs = {run.cell.solver: run for run in published_start(outcomes, HONEST, n)}
    blind = [run for solver, run in runs.items() if derivative_free(solver)]
    return runs[GRADIENT_DESCENT], min(blind, key=lambda run: run.final_loss)
