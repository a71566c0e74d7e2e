"""The film of the published runs as the original played them: one after the other on one map."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from mdsbench.problems.problem import Array, MapInfo
from mdsbench.report import style
from mdsbench.report.figures import geography
from mdsbench.report.films.frame import FPS, HOLD, STAND, Progress, figure_of_film, kilometres, write
from mdsbench.report.films.motion import layouts_km
from mdsbench.report.films.scene import POINTS, Curve, GrowingCurve, MovingMap, loss_axes, map_axes
from mdsbench.report.films.sprites import line
from mdsbench.report.films.stage import HEIGHT, WIDTH, Stage
from mdsbench.report.films.video import Video
from mdsbench.report.palette import Palette
from mdsbench.runs.run import Run
from mdsbench.statistics.results import charged_by_the_original, map_of
from mdsbench.statistics.units import flops

TEXT_LEFT, TEXT_TOPS = 824, (86, 206)  # pixels: where the words beside the original's map stand


def as_published(
    gradient_descent: Run,
    nelder_mead: Run,
    path: Path,
    *,
    palette: Palette,
    frames: int = 300,
    progress: Progress = lambda _: None,
) -> None:
    """Film the two runs of the protocol `as-published` as the original did: one after the other on one map.

    Below, the stress over the original's own cost, which charges Nelder-Mead with its last restart alone; the
    curves grow iterate by iterate, the first ones more slowly. `frames` is how many both runs take together.
    Writes an mp4; raises Failure where that is impossible.
    """
    runs = (gradient_descent, nelder_mead)
    places = map_of(nelder_mead)
    steps = [moment.gradients for moment, _ in gradient_descent.path]
    shots = (
        _shot(gradient_descent, steps, flops(0, 1, places.points), frames // 3),
        _shot(nelder_mead, charged_by_the_original(nelder_mead), flops(1, 0, places.points), frames - frames // 3),
    )
    figure = figure_of_film()
    ax = map_axes(figure, (20, 20, 780, 452), places, np.concatenate([shot.layouts for shot in shots]))
    curves = loss_axes(figure, (84, 506, 1106, 148), places, nelder_mead.start_loss, nelder_mead.best_known)
    curves.set(xlim=(0, 1.03 * max(shot.curve.knots[:, 0].max() for shot in shots)))
    curves.xaxis.set_major_formatter(FuncFormatter(lambda cost, _: f"{cost / 1e6:g}"))
    curves.set_xlabel("cost as the original counted it, million floating-point operations", fontsize=15 * POINTS)
    curves.tick_params(labelsize=13 * POINTS)
    _published_text(figure, places, runs, palette)

    stage = Stage(figure)
    frames_done, frames_in_all = 0, sum(len(shot.layouts) for shot in shots)
    with Video(path, WIDTH, HEIGHT, FPS) as video:
        for shot, run, top in zip(shots, runs, TEXT_TOPS, strict=True):
            colour = palette.colour(run.cell.solver)
            cities, curve = MovingMap(ax, places, shot.layouts, colour), GrowingCurve(curves, shot.curve, colour)
            empty_map = stage.copy(cities.box)
            for t in range(len(shot.layouts)):
                stage.clear()
                cities.leave_trace(stage, t)
                stage.keep(cities.box)
                curve.draw(stage, t)
                cities.draw(stage, t)
                curve.draw_head(stage, t)
                for i, text in enumerate(shot.texts[shot.curve.reached[t]]):
                    stage.write(line(text, 17, style.INK), TEXT_LEFT - 3, top + 22 + 24 * i)
                video.write(stage.frame)
                frames_done += 1
                progress(frames_done / frames_in_all)
            stage.keep(stage.box)
            stage.put_back(cities.box, empty_map)


class _Shot(NamedTuple):
    """One method's part of the film: layouts (T, n, 2) in km, its loss curve, and what is said at each iterate."""

    layouts: Array
    curve: Curve
    texts: list[tuple[str, str, str]]


def _shot(run: Run, charged: list[int], operations: float, frames: int) -> _Shot:
    """A run iterate by iterate; `charged` calls are counted at each iterate, and `operations` for each of them."""
    places, last = map_of(run), len(run.path) - 1
    moments = [moment for moment, _ in run.path]
    knots = np.array([(operations * calls, moment.loss) for calls, moment in zip(charged, moments, strict=True)])
    index = np.r_[np.zeros(STAND), last * np.linspace(0, 1, frames) ** 1.5, np.full(HOLD, float(last))]
    layouts = layouts_km(run, [x for _, x in run.path])
    kind = "gradients" if run.spent.gradients else "evaluations"
    texts = [
        (
            f"iteration {moment.iterations} of {run.spent.iterations}",
            f"typical error {kilometres(moment.loss, places)}",
            f"charged: {calls:,} of {moment.calls:,} {kind} spent",
        )
        for calls, moment in zip(charged, moments, strict=True)
    ]
    heads = np.column_stack([_at(index, knots[:, 0]), np.exp(_at(index, np.log(knots[:, 1])))])
    return _Shot(_at(index, layouts), Curve(knots, heads, index.astype(np.intp)), texts)


def _at(index: Array, values: Array) -> Array:
    """Values, one a knot along the first axis, at fractional indices: on straight lines between the knots."""
    before = np.minimum(index.astype(np.intp), len(values) - 2)
    share = (index - before).reshape(-1, *[1] * (values.ndim - 1))
    between: Array = values[before] + share * (values[before + 1] - values[before])
    return between


def _published_text(figure: Figure, places: MapInfo, runs: Sequence[Run], palette: Palette) -> None:
    """The words beside the map that do not change."""
    write(figure, TEXT_LEFT, 34, f"{places.points} cities, as published", 23, weight="bold")
    for run, top in zip(runs, TEXT_TOPS, strict=True):
        name, colour = style.words(style.title(run.cell.solver)), palette.colour(run.cell.solver)
        write(figure, TEXT_LEFT, top, name, 19, color=colour, weight="bold")
    caption = (
        "An “iteration” of Nelder–Mead is a whole new run,\nstarted where the last one ended. This cost axis\n"
        "charges each point with its last run alone; all\nthe runs before it were spent and are not shown."
    )
    write(figure, TEXT_LEFT, 366, caption, 15, color=style.FAINT, linespacing=1.45)
    write(figure, TEXT_LEFT, 438, "○ where the city is", 13)
    write(figure, TEXT_LEFT, 462, geography.credit(places), 11, color=style.FAINT)
