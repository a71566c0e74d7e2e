"""Two films of a problem being solved: two methods side by side at equal cost, and as the original played it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from mdsbench.campaigns.reproduction import charged_by_the_original
from mdsbench.errors import UsageError
from mdsbench.problems.problem import Array
from mdsbench.report import style
from mdsbench.report.films import motion
from mdsbench.report.films.motion import START, Track, clock, layouts_km, track
from mdsbench.report.films.scene import POINTS, TRAIL, Curve, GrowingCurve, MovingMap, loss_axes, map_axes, thousands
from mdsbench.report.films.sprites import line
from mdsbench.report.films.stage import DPI, HEIGHT, WIDTH, Stage
from mdsbench.report.films.video import Video
from mdsbench.runs.execute import Run
from mdsbench.statistics.units import flops, typical_error_km

FPS = 30
TEXT_LEFT, TEXT_TOPS = 824, (86, 206)  # pixels: where the words beside the original's map stand
STAND, HOLD = 15, 40  # frames for which a film stands at the start and holds at the end


Progress = Callable[[float], None]


def side_by_side(left: Run, right: Run, path: Path, *, frames: int = 300, progress: Progress = lambda _: None) -> None:
    """Film two runs of one problem on two maps, both at the same cost in every frame, with their loss curves below.

    The clock is the number of calls, function values and gradients together, and runs evenly in its logarithm.
    `frames` is how many the clock takes. `progress` is told the fraction done after each frame. Writes an mp4;
    raises Failure where that is impossible.
    """
    if left.cell.problem != right.cell.problem:
        raise UsageError(f"{left.cell.problem} and {right.cell.problem} cannot be shown side by side")
    runs, tracks = (left, right), (track(left), track(right))
    end = max(t.costs[-1] for t in tracks)
    costs = clock(end, frames, before=STAND, after=HOLD)
    layouts = [t.at(costs) for t in tracks]
    n = left.dimension // 2

    figure = _figure()
    places = [(20, 72, 610, 392), (650, 72, 610, 392)]
    axes = [map_axes(figure, place, n, np.concatenate(layouts)) for place in places]
    curves = loss_axes(figure, (84, 506, 1106, 148), n, left.start_loss, left.best_known)
    curves.set(xscale="log", xlim=(START, 1.15 * end))
    curves.set_xlabel(f"calls: {' and '.join(motion.kinds(left, right))}", fontsize=15 * POINTS)
    thousands(curves, [10.0**decade for decade in range(int(np.log10(end)) + 1)], START)
    for run, (x, *_) in zip(runs, places, strict=True):
        _write(figure, x, 24, style.title(run.cell.solver), 21, color=style.colour(run.cell.solver), weight="bold")
    _write(figure, 20, 478, "○ where the city is; each run is turned to fit the map at its end, and never scaled", 13)
    _write(figure, WIDTH - 20, 478, style.CREDIT, 11, ha="right", color=style.FAINT)

    stage = Stage(figure)
    colours = [style.colour(run.cell.solver) for run in runs]
    moving = [MovingMap(*each) for each in zip(axes, layouts, colours, strict=True)]
    growing = [GrowingCurve(curves, _curve(t, costs), colour) for t, colour in zip(tracks, colours, strict=True)]
    with Video(path, WIDTH, HEIGHT, FPS) as video:
        for t, cost in enumerate(costs):
            stage.clear()
            for curve in growing:
                curve.draw(stage, t)
            for cities, curve, run, run_track, (x, *_) in zip(moving, growing, runs, tracks, places, strict=True):
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
    error = _kilometres(loss, run.dimension // 2)
    if cost < spent:
        return f"{int(cost):,} {kind[:-1] if int(cost) == 1 else kind} · typical error {error}"
    ending = {
        "converged": f"converged after {spent:,} {kind}",
        "target": f"target reached after {spent:,} {kind}",
        "budget": f"stopped: all {spent:,} {kind} spent",
        "diverged": f"diverged after {spent:,} {kind}",
        "timeout": f"out of time after {spent:,} {kind}",
        "error": f"failed after {spent:,} {kind}",
    }[run.ending]
    return f"{ending} · typical error {error}"


def as_published(
    gradient_descent: Run,
    nelder_mead: Run,
    path: Path,
    *,
    frames: int = 300,
    progress: Progress = lambda _: None,
) -> None:
    """Film the two runs of the protocol `as-published` as the original did: one after the other on one map.

    Below, the stress over the original's own cost, which charges Nelder-Mead with its last restart alone; the
    curves grow iterate by iterate, the first ones more slowly. `frames` is how many both runs take together.
    Writes an mp4; raises Failure where that is impossible.
    """
    runs = (gradient_descent, nelder_mead)
    n = nelder_mead.dimension // 2
    steps = [moment.gradients for moment, _ in gradient_descent.path]
    shots = (
        _shot(gradient_descent, steps, flops(0, 1, n), frames // 3),
        _shot(nelder_mead, charged_by_the_original(nelder_mead), flops(1, 0, n), frames - frames // 3),
    )
    figure = _figure()
    ax = map_axes(figure, (20, 20, 780, 452), n, np.concatenate([shot.layouts for shot in shots]))
    curves = loss_axes(figure, (84, 506, 1106, 148), n, nelder_mead.start_loss, nelder_mead.best_known)
    curves.set(xlim=(0, 1.03 * max(shot.curve.knots[:, 0].max() for shot in shots)))
    curves.xaxis.set_major_formatter(FuncFormatter(lambda cost, _: f"{cost / 1e6:g}"))
    curves.set_xlabel("cost as the original counted it, million floating-point operations", fontsize=15 * POINTS)
    curves.tick_params(labelsize=13 * POINTS)
    _published_text(figure, runs)

    stage = Stage(figure)
    frames_done, frames_in_all = 0, sum(len(shot.layouts) for shot in shots)
    with Video(path, WIDTH, HEIGHT, FPS) as video:
        for shot, run, top in zip(shots, runs, TEXT_TOPS, strict=True):
            colour = style.colour(run.cell.solver)
            cities, curve = MovingMap(ax, shot.layouts, colour), GrowingCurve(curves, shot.curve, colour)
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
    n, last = run.dimension // 2, len(run.path) - 1
    moments = [moment for moment, _ in run.path]
    knots = np.array([(operations * calls, moment.loss) for calls, moment in zip(charged, moments, strict=True)])
    index = np.r_[np.zeros(STAND), last * np.linspace(0, 1, frames) ** 1.5, np.full(HOLD, float(last))]
    layouts = layouts_km(run, [x for _, x in run.path])
    kind = "gradients" if run.gradients else "evaluations"
    texts = [
        (
            f"iteration {moment.iterations} of {run.iterations}",
            f"typical error {_kilometres(moment.loss, n)}",
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


def _published_text(figure: Figure, runs: Sequence[Run]) -> None:
    """The words beside the map that do not change."""
    _write(figure, TEXT_LEFT, 34, f"{runs[0].dimension // 2} cities, as published", 23, weight="bold")
    for run, top in zip(runs, TEXT_TOPS, strict=True):
        name, colour = style.title(run.cell.solver), style.colour(run.cell.solver)
        _write(figure, TEXT_LEFT, top, name, 19, color=colour, weight="bold")
    caption = (
        "An “iteration” of Nelder–Mead is a whole new run,\nstarted where the last one ended. This cost axis\n"
        "charges each point with its last run alone; all\nthe runs before it were spent and are not shown."
    )
    _write(figure, TEXT_LEFT, 366, caption, 15, color=style.FAINT, linespacing=1.45)
    _write(figure, TEXT_LEFT, 438, "○ where the city is", 13)
    _write(figure, TEXT_LEFT, 462, style.CREDIT, 11, color=style.FAINT)


def _curve(run_track: Track, costs: Array) -> Curve:
    """The loss curve of a track that is shown at these costs."""
    heads = np.column_stack([np.minimum(costs, run_track.costs[-1]), run_track.loss_between(costs)])
    return Curve(np.column_stack([run_track.costs, run_track.losses]), heads, run_track.known(costs))


def _kilometres(loss: float, n: int) -> str:
    error = float(typical_error_km(loss, n))
    if error > motion.FARTHEST_KM:
        return f"more than {motion.FARTHEST_KM:,.0f} km"
    return f"{error:,.0f} km" if error >= 9.95 else f"{error:.1f} km"


def _figure() -> Figure:
    return Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor="white")


def _write(figure: Figure, left: int, top: int, text: str, size: float, **how: Any) -> None:
    """Text of a size in pixels, its middle at pixels from the top, centred on its first line's left end."""
    figure.text(left / WIDTH, 1 - top / HEIGHT, text, fontsize=size * POINTS, family="DejaVu Sans", va="center", **how)
