"""The films of a reproduction: side by side on each map, and the largest published one as the original played it."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from mdsbench.campaigns.reproduction import GRADIENT_DESCENT
from mdsbench.report.films.as_published import as_published
from mdsbench.report.films.choice import Choice, known
from mdsbench.report.films.setting import Setting
from mdsbench.report.films.side_by_side import side_by_side
from mdsbench.report.films.video import to_gif, to_still
from mdsbench.report.palette import Palette
from mdsbench.runs.run import Run
from mdsbench.statistics.results import Results, Size, derivative_free

POSTER = 4.5  # seconds into a film: the methods are apart then, one has arrived and the other has not


class Film(NamedTuple):
    """An animation: its name, its title for people, its runs, and the function that draws it."""

    name: str
    title: str
    runs: Sequence[Run]
    draw: Callable[..., None]


def check_film(solvers: Sequence[str], there: Sequence[str], where: str) -> None:
    """Raise UsageError unless these solvers can be in the films; none are the ones that films show by default."""
    if solvers:
        known(Choice.parse(solvers).solvers, there, "solver", where)


def write_films(
    results: Results,
    folder: Path,
    progress: Callable[[str, float], None],
    setting: Setting,
    solvers: Sequence[str] = (),
) -> list[tuple[str, str]]:
    """Write every film as MP4 and GIF, with a picture to show before it plays; returns their names and titles.

    `solvers` are one to four that are side by side; without any, gradient descent and the best of those that use
    function values alone.
    """
    listed, palette = list(films(results, solvers)), Palette.of(results)
    folder.mkdir()
    with ThreadPoolExecutor(1) as beside:  # one film is drawn while the encoder makes the GIF of the one before
        copies: list[Future[None]] = []
        for k, film in enumerate(listed):

            def drawn(fraction: float, k: int = k) -> None:
                progress("films", (k + fraction) / len(listed))

            video = folder / f"{film.name}.mp4"
            film.draw(film.runs, video, palette=palette, setting=setting, progress=drawn)
            copies.append(beside.submit(_copies, video, setting))
        for copy in copies:
            copy.result()
    progress("films", 1)
    return [(film.name, film.title) for film in listed]


def _copies(video: Path, setting: Setting) -> None:
    """The picture and the GIF of a film."""
    to_still(video, video.with_suffix(".png"), seconds=POSTER / setting.speed)
    to_gif(video, video.with_suffix(".gif"), size=setting.gif_size, fps=setting.gif_fps)


def films(results: Results, solvers: Sequence[str] = ()) -> Iterator[Film]:
    """The films with what they show."""
    for size in results.sizes:
        n, runs = size.map.points, _chosen(size, solvers) if solvers else _rivals(size)
        yield Film(f"cities-{n}", f"{n} cities, side by side", runs, side_by_side)
    published = [size for size in results.sizes if size.as_published]
    if published:
        n, both = published[-1].map.points, published[-1].as_published
        yield Film(f"as-published-{n}", f"{n} cities, as the original played it", both, as_published)


def _chosen(size: Size, solvers: Sequence[str]) -> list[Run]:
    """The runs of these solvers from the published start, those of the honest protocol first."""
    runs = {run.cell.solver: run for run in [*size.as_published, *size.honest]}
    names = Choice.parse(solvers).solvers
    known(names, runs, "solver", f"{size.map.points} cities")
    return [runs[name] for name in names]


def _rivals(size: Size) -> list[Run]:
    """Gradient descent, and the best of those that use function values alone, from the published start."""
    runs = {run.cell.solver: run for run in size.honest if run.improvements}
    blind = [run for run in runs.values() if derivative_free(run)]
    return [runs[GRADIENT_DESCENT], min(blind, key=lambda run: run.final_loss)]
