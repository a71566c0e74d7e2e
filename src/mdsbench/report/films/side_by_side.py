"""The film of two methods side by side, both at the same cost in every frame."""

from pathlib import Path

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.problems.problem import Array
from mdsbench.report import style
from mdsbench.report.figures import geography
from mdsbench.report.films import motion
from mdsbench.report.films.frame import FPS, HOLD, STAND, Progress, figure_of_film, kilometres, write
from mdsbench.report.films.motion import START, Track, clock, track
from mdsbench.report.films.scene import POINTS, TRAIL, Curve, GrowingCurve, MovingMap, loss_axes, map_axes, thousands
from mdsbench.report.films.sprites import line
from mdsbench.report.films.stage import HEIGHT, WIDTH, Stage
from mdsbench.report.films.video import Video
from mdsbench.report.palette import Palette
from mdsbench.runs.run import Run
from mdsbench.statistics.results import map_of


def side_by_side(
    left: Run,
    right: Run,
    path: Path,
    *,
    palette: Palette,
    frames: int = 300,
    progress: Progress = lambda _: None,
) -> None:
    """Film two runs of one problem on two maps, both at the same cost in every frame, with their loss curves below.

    The clock is the number of calls, function values and gradients together, and runs evenly in its logarithm.
    `frames` is how many the clock takes. `progress` is called with the fraction done after each frame. Writes an mp4;
    raises Failure where that is impossible.
    """
    if left.cell.problem != right.cell.problem:
        raise UsageError(f"{left.cell.problem} and {right.cell.problem} cannot be shown side by side")
    runs, tracks = (left, right), (track(left), track(right))
    end = max(t.costs[-1] for t in tracks)
    costs = clock(end, frames, before=STAND, after=HOLD)
    layouts = [t.at(costs) for t in tracks]
    places = map_of(left)

    figure = figure_of_film()
    panels = [(20, 72, 610, 392), (650, 72, 610, 392)]
    axes = [map_axes(figure, where, places, np.concatenate(layouts)) for where in panels]
    curves = loss_axes(figure, (84, 506, 1106, 148), places, left.start_loss, left.best_known)
    curves.set(xscale="log", xlim=(START, 1.15 * end))
    curves.set_xlabel(f"calls: {' and '.join(motion.kinds(left, right))}", fontsize=15 * POINTS)
    thousands(curves, [10.0**decade for decade in range(int(np.log10(end)) + 1)], START)
    for run, (x, *_) in zip(runs, panels, strict=True):
        write(
            figure,
            x,
            24,
            style.words(style.title(run.cell.solver)),
            21,
            color=palette.colour(run.cell.solver),
            weight="bold",
        )
    write(figure, 20, 478, "○ where the city is; each run is turned to fit the map at its end, and never scaled", 13)
    write(figure, WIDTH - 20, 478, geography.credit(places), 11, ha="right", color=style.FAINT)

    stage = Stage(figure)
    colours = [palette.colour(run.cell.solver) for run in runs]
    moving = [MovingMap(ax, places, layout, colour) for ax, layout, colour in zip(axes, layouts, colours, strict=True)]
    growing = [GrowingCurve(curves, _curve(t, costs), colour) for t, colour in zip(tracks, colours, strict=True)]
    with Video(path, WIDTH, HEIGHT, FPS) as video:
        for t, cost in enumerate(costs):
            stage.clear()
            for curve in growing:
                curve.draw(stage, t)
            for cities, curve, run, run_track, (x, *_) in zip(moving, growing, runs, tracks, panels, strict=True):
                cities.trail_since(stage, t - TRAIL, t)
                cities.draw(stage, t)
                curve.draw_head(stage, t)
                stage.write(line(account(run, run_track, cost), 17, style.INK), x - 3, 40)
            video.write(stage.frame)
            progress((t + 1) / len(costs))


def account(run: Run, run_track: Track, cost: float) -> str:
    """What a panel says of its run at a cost: what it has spent and reached, and at its end, how it ended."""
    spent, kinds = run.calls, motion.kinds(run)
    kind = kinds[0] if len(kinds) == 1 else "calls"
    loss = run_track.losses[run_track.known(np.array([cost]))[0]]
    error = kilometres(loss, map_of(run))
    if cost < spent:
        return f"{int(cost):,} {kind[:-1] if int(cost) == 1 else kind} · typical error {error}"
    ending = run.ending.brief.format(spent=f"{spent:,} {kind}")
    return f"{ending} · typical error {error}"


def _curve(run_track: Track, costs: Array) -> Curve:
    """The loss curve of a track that is shown at these costs."""
    heads = np.column_stack([np.minimum(costs, run_track.costs[-1]), run_track.loss_between(costs)])
    return Curve(np.column_stack([run_track.costs, run_track.losses]), heads, run_track.known(costs))
