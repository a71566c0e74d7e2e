"""The film of the published runs as the original played them: one after the other on one map."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.ticker import FuncFormatter

from mdsbench.problems.problem import Array
from mdsbench.report import style
from mdsbench.report.figures.atlas import Atlas
from mdsbench.report.figures.geography import Alignment
from mdsbench.report.films.layout import BAR, CREDIT, EDGE
from mdsbench.report.films.motion import layouts_km, turned_alike
from mdsbench.report.films.moving_map import MovingMap
from mdsbench.report.films.scene import Curve, GrowingCurve, error_axes, map_axes
from mdsbench.report.films.screen import Box
from mdsbench.report.films.setting import HOLD, STAND, Progress, Setting
from mdsbench.report.films.stage import POINTS, Stage, figure_of
from mdsbench.report.films.video import Video
from mdsbench.report.films.words import distance
from mdsbench.report.palette import Palette
from mdsbench.runs.run import Run
from mdsbench.statistics.results import charged_by_the_original
from mdsbench.statistics.units import flops

COLUMN = 436  # units: the width of the words beside the map


def as_published(
    runs: Sequence[Run],
    path: Path,
    *,
    palette: Palette,
    setting: Setting,
    progress: Progress = lambda _: None,
) -> None:
    """Film the two runs of the protocol `as-published` as the original did: one after the other on one map.

    `runs` are gradient descent and Nelder-Mead. Below, the typical error over the original's own cost, which charges
    Nelder-Mead with its last restart alone; the curves grow iterate by iterate, the first ones more slowly. Both runs
    are turned alike. Writes an mp4; raises Failure where that is impossible.
    """
    gradient_descent, nelder_mead = runs
    atlas, screen = Atlas.of(nelder_mead.cell.problem), setting.screen
    steps, n = [moment.gradients for moment, _ in gradient_descent.path], len(atlas.true)
    both, third = turned_alike(runs, atlas.motion), setting.running // 3
    shots = (
        _shot(gradient_descent, atlas, both[0], steps, flops(0, 1, n), third, setting),
        _shot(
            nelder_mead,
            atlas,
            both[1],
            charged_by_the_original(nelder_mead),
            flops(1, 0, n),
            setting.running - third,
            setting,
        ),
    )
    (width, height), letters, figure = screen.units, screen.letters, figure_of(screen)
    below = 0.18 * height
    high = height - 20 - 20 - below - 46 * letters - BAR
    column = COLUMN * letters
    beside = Box(EDGE, 20, width - 3 * EDGE - column, high)
    ax = map_axes(figure, beside, atlas, np.concatenate([shot.layouts for shot in shots]))
    left = 66 * letters
    axes = Box(left + EDGE, 40 + high, width - left - 3 * EDGE, below)
    curves = error_axes(figure, axes, atlas, runs, letters)
    curves.set(xlim=(0, 1.03 * max(shot.curve.knots[:, 0].max() for shot in shots)))
    curves.xaxis.set_major_formatter(FuncFormatter(lambda cost, _: f"{cost / 1e6:g}"))
    curves.set_xlabel(
        "cost as the original counted it, million floating-point operations", fontsize=15 * POINTS * letters
    )

    words = Box(width - EDGE - column, 20, column, high)
    stage, tops = Stage(figure), [20 + high * share for share in (0.16, 0.44)]
    _published_text(stage, atlas, runs, palette, words, tops, screen.letters)
    frames_done, frames_in_all = 0, sum(len(shot.layouts) for shot in shots)
    with Video(path, screen.width, screen.height, setting.fps) as video:
        for shot, run, top in zip(shots, runs, tops, strict=True):
            colour = palette.colour(run.cell.solver)
            cities = MovingMap(ax, atlas, shot.layouts, colour, screen)
            curve = GrowingCurve(curves, shot.curve, colour)
            empty_map = stage.copy(cities.box)
            for t in range(len(shot.layouts)):
                stage.clear()
                cities.leave_trace(stage, t)
                stage.keep(cities.box)
                curve.draw(stage, t)
                cities.draw(stage, t)
                curve.draw_head(stage, t)
                for i, text in enumerate(shot.texts[shot.curve.reached[t]]):
                    middle = top + (29 + 23 * i) * letters
                    stage.write(text, words.left, middle, 17 * letters, colour=style.INK, width=column)
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


def _shot(
    run: Run, atlas: Atlas, motion: Alignment, charged: list[int], operations: float, frames: int, setting: Setting
) -> _Shot:
    """A run iterate by iterate; `charged` calls are counted at each iterate, and `operations` for each of them."""
    last, moments = len(run.path) - 1, [moment for moment, _ in run.path]
    losses = np.array([moment.loss for moment in moments])
    knots = np.column_stack([operations * np.array(charged[: len(moments)]), atlas.errors_km(losses)])
    running = last * np.linspace(0, 1, frames) ** 1.5
    index = np.r_[np.zeros(setting.frames(STAND)), running, np.full(setting.frames(HOLD), float(last))]
    layouts = layouts_km(motion, [x for _, x in run.path])
    kind = "gradients" if run.spent.gradients else "evaluations"
    texts = [
        (
            f"iteration {moment.iterations} of {run.spent.iterations}",
            f"typical error {distance(atlas.typical_error_km(moment.loss))}",
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


CAPTION = (
    "An “iteration” of Nelder–Mead is a whole new run,",
    "started where the last one ended. This cost axis",
    "charges each point with its last run alone; all",
    "the runs before it were spent and are not shown.",
)


def _published_text(
    stage: Stage, atlas: Atlas, runs: Sequence[Run], palette: Palette, words: Box, tops: Sequence[float], letters: float
) -> None:
    """The words beside the map that do not change."""
    left, width, end = words.left, words.width, words.top + words.height
    title = f"{len(atlas.true)} cities, as published"
    stage.write(title, left, words.top + 14, 23 * letters, colour=style.INK, width=width, bold=True)
    for run, top in zip(runs, tops, strict=True):
        name, colour = style.title(run.cell.solver), palette.colour(run.cell.solver)
        stage.write(name, left, top, 19 * letters, colour=colour, width=width, bold=True)
    small = 14 * min(letters, 1.15)
    for k, text in enumerate(CAPTION):
        middle = end - 26 * letters - 1.45 * small * (len(CAPTION) - k)
        stage.write(text, left, middle, small, colour=style.FAINT, width=width)
    mark = "○ where the city is; both are turned alike"
    stage.write(mark, left, end - 8 * letters, 13 * letters, colour=style.INK, width=width)
    across, foot = stage.width / stage.unit, stage.height / stage.unit - CREDIT / 2
    stage.write(atlas.credit, across - EDGE, foot, 11, colour=style.FAINT, width=across - 2 * EDGE, right=True)
    stage.keep(stage.box)
