"""The film of a map of many places: from the start to where the method ended, from the positions that were kept."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mdsbench.oracle.account import Moment
from mdsbench.problems.problem import Array
from mdsbench.report import style
from mdsbench.report.figures.atlas import Atlas, calls
from mdsbench.report.figures.dots import stamp
from mdsbench.report.films.sprites import Label, line
from mdsbench.report.films.stage import DPI, HEIGHT, WIDTH, Stage, axes_at
from mdsbench.report.films.video import Video
from mdsbench.runs.run import Run, gap
from mdsbench.statistics.wording import UNITS, unit_for, without_folders

FPS = 30
BETWEEN = 8  # frames from one kept position to the next
HOLD = 60  # frames that the first and the last stand still, a third of it for the first
MAP = 20, 64, 860, 636  # left, top, width, height in pixels
NAME_HEIGHT = 13  # pixels
TEXT = 910  # pixels from the left
INK, FAINT = style.INK, style.FAINT


def film(run: Run, atlas: Atlas, path: Path) -> None:
    """Write the film of a run; raises Failure where the video cannot be made.

    Only what the stress does not see is taken out: each frame is the layout, moved and turned onto the true map by the
    one motion that fits the end best, and centred. Between two kept positions the dots go straight on.
    """
    figure = Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI)
    ax = axes_at(figure, *MAP)
    atlas.sea_and_land(ax, MAP[2:])
    stage = Stage(figure)
    _write(stage, run, atlas)
    motion, dot = atlas.motion(run.final_x), _dot(len(atlas.true))
    words = [Label(name, NAME_HEIGHT, INK) for name in atlas.names or ()]
    with Video(path, WIDTH, HEIGHT, FPS) as video:
        for moment, layout in _frames([(moment, motion.centred(x)) for moment, x in run.path]):
            stage.clear()
            dots = _pixels(ax, layout)
            stamp(
                stage.pixels[MAP[1] : MAP[1] + MAP[3], MAP[0] : MAP[0] + MAP[2]],
                dots,
                atlas.colours,
                dot,
            )
            _label(stage, words, dots, dot)
            _account(stage, moment, run, atlas)
            video.write(stage.frame)


def _label(stage: Stage, words: list[Label], dots: Array, dot: float) -> None:
    """The names to the right of their dots, at the edge to the left, and none for a dot outside of the map."""
    for word, (x, y) in zip(words, dots, strict=False):
        away = dot + 4 + word.size[0] / 2
        side = 1 if x + 2 * away <= MAP[2] else -1
        if 0 <= x <= MAP[2] and 0 <= y <= MAP[3]:
            word.paste(stage.pixels, MAP[0] + x + side * away, MAP[1] + y, 1.0)


def _dot(n: int) -> float:
    """The radius of each of n dots in pixels."""
    return float(np.clip(30 / n**0.3, 1.2, 6))


def _frames(path: list[tuple[Moment, Array]]) -> Iterator[tuple[Moment, Array]]:
    """The layouts to be shown, with the account at each."""
    yield from [path[0]] * (HOLD // 3)
    for (moment, before), (_, after) in pairwise(path):
        for k in range(BETWEEN):
            yield moment, before + k / BETWEEN * (after - before)
    yield from [path[-1]] * HOLD


def _pixels(ax: Axes, layout: Array) -> Array:
    """Positions in km as pixels of the map, counted from its top left."""
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    return (layout - (left, top)) / (right - left, bottom - top) * MAP[2:]


def _write(stage: Stage, run: Run, atlas: Atlas) -> None:
    """What stays as it is, for the whole film."""
    n = len(atlas.true)
    stage.write(line(f"{n:,} {atlas.map.what}, from their distances alone", 24, INK, bold=True), 17, 14)
    stage.write(line(style.title(run.cell.solver), 20, INK, bold=True), TEXT, 64)
    stage.write(line(f"from {without_folders(run.cell.start)}", 16, INK), TEXT, 94)
    texts = (
        f"{2 * n:,} variables",
        f"{n * (n - 1) // 2:,} distances",
        "",
        "The colour is where a place",
        "really is: its direction",
        "from the middle of the map.",
    )
    for row, text in enumerate(texts):
        stage.write(line(text, 16, FAINT), TEXT, 330 + 24 * row)
    stage.write(line(atlas.credit, 12, FAINT), TEXT, 678)
    stage.keep(stage.box)


def _short(number: float) -> str:
    """A number that fits into its column, however far a run has gone astray."""
    if not 0.1 <= number < 1e6:
        return f"{number:.1e}" if number else "0"
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}"


def _account(stage: Stage, moment: Moment, run: Run, atlas: Atlas) -> None:
    """What changes: calls, seconds, and how near."""
    share = gap(moment.loss, run.start_loss, run.best_known)
    error = atlas.typical_error_km(moment.loss)
    unit = unit_for(error)
    rows = [
        (calls(run, moment), "calls"),
        (_short(moment.seconds), "seconds"),
        (_short(error / UNITS[unit]), f"{unit} typical error"),
        *([(f"{share:.2g}", "gap")] if np.isfinite(share) else []),
    ]
    for row, (number, what) in enumerate(rows):
        stage.write(line(number, 26, INK, bold=True), TEXT, 150 + 40 * row)
        stage.write(line(what, 16, FAINT), TEXT + 150, 157 + 40 * row)
