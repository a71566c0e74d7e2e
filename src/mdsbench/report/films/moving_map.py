"""Places that move on a map: few of them with trails and names, many as dots whose colour is where they belong."""

import numpy as np
from matplotlib.axes import Axes

from mdsbench.problems.problem import Array
from mdsbench.report import style
from mdsbench.report.figures.atlas import Atlas
from mdsbench.report.figures.dots import stamp
from mdsbench.report.figures.labels import order_of_labels
from mdsbench.report.films import moving_labels
from mdsbench.report.films.motion import Track
from mdsbench.report.films.scene import box_of, pale
from mdsbench.report.films.screen import Screen
from mdsbench.report.films.sprites import Label
from mdsbench.report.films.stage import Stage

LABEL_HEIGHT, LABEL_GAP = 13, 8.0  # units: of a name, and from a dot's centre to it
DOT = 4.5  # units: its radius


class MovingMap:
    """Few places on a map: `layouts`, shape (T, n, 2) in km, are where they are in each frame."""

    def __init__(self, ax: Axes, atlas: Atlas, layouts: Array, colour: str, screen: Screen) -> None:
        T, n = layouts.shape[:2]
        self.box = box_of(ax)
        self.dots = ax.transData.transform(layouts.reshape(-1, 2)).reshape(T, n, 2)
        self.colour, self._dot = colour, DOT * screen.letters
        names, by_population = atlas.names or [""] * n, order_of_labels(atlas.map)
        height = round(LABEL_HEIGHT * screen.unit * screen.names)
        self.words = [Label(names[i], height, style.INK) for i in by_population]
        self.sizes = np.array([word.size for word in self.words])
        self._order = np.array(by_population)
        if screen.labels == "none" or not atlas.names:
            self.plan = moving_labels.Plan(np.zeros((T, n, 2)), np.zeros((T, n)))
        else:
            inside = np.array(self.box.padded(-3 * screen.unit).extents)
            gap = LABEL_GAP * screen.unit * screen.letters
            self.plan = moving_labels.plan(self.dots[:, self._order], self.sizes, inside, gap)

    def trail_since(self, stage: Stage, begin: int, t: int) -> None:
        """Draw the ways from frame `begin` to frame t, fading towards the past."""
        stage.trails(self.dots[max(begin, 0) : t + 1], self.colour, 1.5, self.box)

    def leave_trace(self, stage: Stage, t: int) -> None:
        """Draw the ways from frame t - 1 to frame t, faintly, to stay."""
        stage.lines(self.dots[max(t - 1, 0) : t + 1], pale(self.colour), 1.2, self.box)

    def draw(self, stage: Stage, t: int) -> None:
        """Draw the places and their names as they are in frame t."""
        stage.dots(self.dots[t], self.colour, self._dot, self.box)
        stage.labels(self.words, self.label_centres(t), self.plan.opacity[t])

    def label_centres(self, t: int) -> Array:
        """The middles of the names in frame t, shape (n, 2), in the order of `words`."""
        centres: Array = self.dots[t, self._order] + self.plan.offsets[t]
        return centres


class Cloud:
    """Many places on a map at the amounts of a track, shape (T,), that are shown frame by frame."""

    def __init__(self, ax: Axes, atlas: Atlas, track: Track, amounts: Array, unit: float) -> None:
        self.box, self._to_pixels = box_of(ax), ax.transData
        self._track, self._amounts, self._colours = track, amounts, atlas.colours
        self._dot = max(1.2, float(np.clip(30 / len(atlas.true) ** 0.3, 1.2, 6)) * unit)

    def trail_since(self, stage: Stage, begin: int, t: int) -> None:
        """Many places have no trails, which would cover the map."""

    def draw(self, stage: Stage, t: int) -> None:
        """Draw the places as they are in frame t."""
        at = self._to_pixels.transform(self._track.at(self._amounts[t : t + 1])[0])
        left, bottom, right, top = (round(side) for side in self.box.extents)
        inside = stage.pixels[stage.height - top : stage.height - bottom, left:right]
        stamp(inside, np.column_stack([at[:, 0] - left, top - at[:, 1]]), self._colours, self._dot)
