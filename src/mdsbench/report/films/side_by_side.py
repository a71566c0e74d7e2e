"""The film of one to four runs of one problem, all at the same amount on a clock in every frame."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from mdsbench.errors import UsageError
from mdsbench.problems.problem import Array
from mdsbench.report import style
from mdsbench.report.figures.atlas import Atlas
from mdsbench.report.films import motion
from mdsbench.report.films.layout import BESIDE, CREDIT, EDGE, Layout, arrange
from mdsbench.report.films.motion import Track, clock, track
from mdsbench.report.films.moving_map import Cloud, MovingMap
from mdsbench.report.films.scene import (
    RINGED,
    Curve,
    GrowingCurve,
    error_axes,
    fitted,
    map_axes,
    powers_of_ten,
)
from mdsbench.report.films.setting import HOLD, STAND, TRAIL, Progress, Setting
from mdsbench.report.films.stage import POINTS, Stage, figure_of
from mdsbench.report.films.video import Video
from mdsbench.report.films.words import account, clock_label, head, number, seconds
from mdsbench.report.palette import Palette
from mdsbench.runs.run import Run
from mdsbench.statistics.wording import without_folders

MOST, FEWEST = 4, 2  # runs of a film, and positions of a run


def check(runs: Sequence[Run]) -> None:
    """Raise UsageError for runs that cannot be in one film."""
    if not 1 <= len(runs) <= MOST:
        raise UsageError(f"a film shows one to {MOST} runs, not {len(runs)}")
    problems = list(dict.fromkeys(run.cell.problem for run in runs))
    if len(problems) > 1:
        raise UsageError(f"{problems[0]} and {problems[1]} cannot be shown side by side: take runs of one problem")
    for run in runs:
        if sum(bool(np.isfinite(moment.loss)) for moment, _ in run.path) < FEWEST:
            name = without_folders(run.cell.solver)
            raise UsageError(
                f"the run of {name} on {problems[0]} has kept no positions to film: it ended as {run.ending}"
            )


def side_by_side(
    runs: Sequence[Run],
    path: Path,
    *,
    palette: Palette,
    setting: Setting,
    progress: Progress = lambda _: None,
) -> None:
    """Film one to four runs of one problem, each on a map of its own, with the curves of their errors.

    The clock runs evenly in its logarithm. Runs from one start are turned alike. `progress` is called with the
    fraction done after each frame. Writes an mp4. Raises UsageError for runs that cannot be in one film, and Failure
    where the video cannot be written.
    """
    check(runs)
    atlas, screen = Atlas.of(runs[0].cell.problem), setting.screen
    meters = [setting.meter(run) for run in runs]
    start = motion.start_of(runs, meters)
    turned = motion.turned_alike(runs, atlas.motion)
    tracks = [track(run, turn, meter, start) for run, turn, meter in zip(runs, turned, meters, strict=True)]
    end = max(each.costs[-1] for each in tracks)
    amounts = clock(start, end, setting.running, before=setting.frames(STAND), after=setting.frames(HOLD))

    figure, layout = figure_of(screen), arrange(screen, len(runs))
    shown = np.concatenate([each.at(amounts[:: 1 + len(amounts) // 40]) for each in tracks])
    axes = [map_axes(figure, box, atlas, shown) for box in layout.maps]
    curves = error_axes(figure, layout.curves, atlas, runs, screen.letters)
    curves.set(xscale="log", xlim=(start, 1.15 * end))
    label, wide = clock_label(setting, runs), layout.curves.width
    curves.set_xlabel(label, fontsize=fitted(label, 15 * screen.letters, wide) * POINTS)
    powers_of_ten(curves, start, end, wide / screen.letters, seconds if setting.clock == "seconds" else number)

    stage = _with_words(figure, layout, runs, atlas, palette, setting)
    colours = [palette.colour(run.cell.solver) for run in runs]
    moving = [
        MovingMap(ax, atlas, each.at(amounts), colour, screen)
        if len(atlas.true) <= RINGED
        else Cloud(ax, atlas, each, amounts, screen.unit)
        for ax, each, colour in zip(axes, tracks, colours, strict=True)
    ]
    growing = [
        GrowingCurve(curves, _curve(each, amounts, atlas), colour) for each, colour in zip(tracks, colours, strict=True)
    ]
    with Video(path, screen.width, screen.height, setting.fps) as video:
        for t, amount in enumerate(amounts):
            stage.clear()
            for curve in growing:
                curve.draw(stage, t)
            for places, curve in zip(moving, growing, strict=True):
                places.trail_since(stage, t - setting.frames(TRAIL), t)
                places.draw(stage, t)
                curve.draw_head(stage, t)
            for run, each, meter, box in zip(runs, tracks, meters, layout.maps, strict=True):
                texts = account(run, each, float(amount), meter(run.spent), atlas, setting)
                head(stage, texts, box, layout.lines, screen.letters)
            video.write(stage.frame)
            progress((t + 1) / len(amounts))


def _with_words(
    figure: Figure, layout: Layout, runs: Sequence[Run], atlas: Atlas, palette: Palette, setting: Setting
) -> Stage:
    """The stage with the words that do not change: titles, the line below the maps, and whose data are shown."""
    stage, letters = Stage(figure), setting.screen.letters
    width, height = setting.screen.units
    several = len({run.cell.start for run in runs}) > 1
    for run, box in zip(runs, layout.maps, strict=True):
        title = style.title(run.cell.solver)
        if several:
            title = f"{title} from {without_folders(run.cell.start)}"
        middle = box.top - (22 * layout.lines + 15) * letters - 4
        colour = palette.colour(run.cell.solver)
        stage.write(title, box.left, middle, 21 * letters, colour=colour, width=box.width, bold=True)
    few = len(atlas.true) <= RINGED
    mark = "○ where the place is" if few else "colour: where the place belongs"
    turned = "the run is turned to fit the map at its end, never scaled"
    if len(runs) > 1:
        turned = "runs from one start are turned alike, to fit the best one, never scaled"
    across = (BESIDE if len(runs) in (1, MOST) else 1.0) * width - 2 * EDGE
    stage.write(f"{mark}; {turned}", EDGE, layout.note, 13 * letters, colour=style.INK, width=across)
    place = {"colour": style.FAINT, "width": width - 2 * EDGE}
    stage.write(atlas.credit, width - EDGE, height - CREDIT / 2, 11, right=True, **place)  # type: ignore[arg-type]
    stage.keep(stage.box)
    return stage


def _curve(each: Track, amounts: Array, atlas: Atlas) -> Curve:
    """The curve of a track that is shown at these amounts."""
    heads = np.column_stack([np.minimum(amounts, each.costs[-1]), atlas.errors_km(each.loss_between(amounts))])
    return Curve(np.column_stack([each.costs, atlas.errors_km(each.losses)]), heads, each.known(amounts))
