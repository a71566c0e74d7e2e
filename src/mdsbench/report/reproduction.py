"""The reproduction's report: runs, then figures, animations and the page, written beside and put in place whole."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from mdsbench import reproduction
from mdsbench.publish import beside
from mdsbench.report import animation, page, provenance
from mdsbench.report.tables import published_start, sizes
from mdsbench.report.video import to_gif, to_still
from mdsbench.reproduction import AS_PUBLISHED, HONEST, Outcome
from mdsbench.run import Run

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
    progress: Progress,
) -> list[Outcome]:
    """Run the experiment and write its report to the folder `out`; `arguments` are the command's, for the record.

    Raises UsageError or Failure, before any work where that is possible; `out` then holds what it held.
    """
    began = time.perf_counter()
    trials = reproduction.trials(cities, starts, seed, rivals)
    with beside(out, owned=OWNED) as folder:
        finished = 0

        def done(_: Run) -> None:
            nonlocal finished
            finished += 1
            progress("runs", finished / len(trials))

        outcomes = reproduction.run(trials, jobs=jobs, done=done)
        films = write_films(outcomes, folder / "animations", progress) if animated else []
        progress("page", 0)
        facts = provenance.collect(arguments, jobs=jobs, seconds=time.perf_counter() - began)
        page.write(outcomes, folder, facts, films)
        progress("page", 1)
    return outcomes


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
    runs = published_start(outcomes, HONEST, n)
    gradient_descent = next(run for run in runs if run.gradients)
    return gradient_descent, min((run for run in runs if not run.gradients), key=lambda run: run.final_loss)
