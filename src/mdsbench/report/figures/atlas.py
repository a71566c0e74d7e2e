"""Maps of many places made from their distances alone, beside where the places really are."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import hsv_to_rgb
from matplotlib.figure import Figure

from mdsbench.errors import UsageError
from mdsbench.mds.distances import GreatCircles
from mdsbench.oracle.account import Moment
from mdsbench.problems import problem
from mdsbench.problems.problem import Array, MapInfo
from mdsbench.report import style
from mdsbench.report.figures import geography, labels
from mdsbench.runs.run import Run
from mdsbench.statistics.units import typical_error
from mdsbench.statistics.wording import UNITS, length, unit_for, without_folders

MARGIN = 1.12  # of the true map
EDGE = 0.002  # the share of the places that may lie outside on each side: a few are far out
NAME = 24  # letters of a place's name
ASTRAY = 0.1  # of the longest distance at most: no method that has found the best map is so far off anywhere
CAPTION = 150  # letters of the line about a run
NAMED = 60  # so many places have their names on the map
WORST = 0.99  # the share of the errors that the colours tell apart


@dataclass(frozen=True, eq=False)
class Atlas:
    """The places of a problem: `true` are their positions in km, shape (n, 2), `map` says what they are.

    `centre` is that of the projection, longitude and latitude, and `credit` says whose data are
    drawn. There is land on the map if all places are where we have the coastline.
    """

    true: Array
    map: MapInfo
    centre: tuple[float, float]
    land: bool
    credit: str

    @classmethod
    def of(cls, name: str) -> "Atlas":
        """Those of a problem by its name; raises UsageError where it has no coordinates."""
        found = problem.find_registered(name).map
        if found is None or found.latitude is None or found.longitude is None:
            raise UsageError(
                f"{without_folders(name)} has no coordinates to draw; "
                "there are maps of cities-N, places-N and coordinates"
            )
        degrees = (found.longitude, found.latitude)
        centre, land = projection(found)
        credit = " · ".join(words for words in (found.credit, geography.LAND_CREDIT if land else "") if words)
        return cls(geography.to_km(*degrees, centre), found, centre, land, credit)

    @cached_property
    def colours(self) -> Array:
        """A colour for each place, RGB, shape (n, 3): the hue is its direction from the middle, pale where it is near.

        The same wherever a method puts it, so that one sees what is still in disorder.
        """
        away = self.true - self.true.mean(axis=0)
        hue = np.arctan2(away[:, 1], away[:, 0]) / (2 * np.pi) % 1
        far = np.hypot(*away.T)
        far = np.argsort(np.argsort(far)) / max(1, len(far) - 1)
        colours: Array = hsv_to_rgb(np.column_stack([hue, 0.45 + 0.5 * far, 0.85 - 0.2 * far]))
        return colours

    def motion(self, x: Array) -> geography.Alignment:
        """The motion of the plane that brings a layout, flat, nearest to the true map."""
        return geography.onto(x, self.true, self.map.unit_length)

    def errors(self, x: Array) -> Array:
        """How far from its true place a layout has each, in km, shape (n,), once it is laid upon the true map."""
        away: Array = np.hypot(*(self.motion(x)(x) - self.true).T)
        return away

    @property
    def names(self) -> list[str] | None:
        """The names of the places, None if there are none or too many."""
        names = self.map.labels() if self.map.points <= NAMED else ()
        return [style.plain(name, NAME) for name in names] if names else None

    @property
    def astray_km(self) -> float:
        """The distance from its true place from which a place counts as astray: a power of ten."""
        return float(10.0 ** np.floor(np.log10(ASTRAY * self.map.unit_length)))

    def typical_error_km(self, loss: float) -> float:
        """The root mean square error of a distance, in km, that a stress stands for."""
        return float(typical_error(loss, self.map))

    def errors_km(self, losses: Array) -> Array:
        """The same of several stresses, for a logarithmic axis: above 0."""
        return np.maximum(typical_error(losses, self.map), np.finfo(float).tiny)

    def sea_and_land(self, ax: Axes, shape: tuple[float, float]) -> None:
        """The land on axes of that width and height, as much of it as the places need."""
        low, high = np.quantile(self.true, [EDGE, 1 - EDGE], axis=0)
        half = MARGIN * np.max((high - low) / shape) * np.array(shape) / 2
        (left, bottom), (right, top) = (low + high) / 2 - half, (low + high) / 2 + half
        ax.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[], facecolor=style.SEA)
        if self.land:
            geography.draw_land(ax, self.centre, linewidth=0.5)
        geography.frame(ax)


def projection(places: MapInfo) -> tuple[tuple[float, float], bool]:
    """The centre of the projection of places with coordinates, and whether all are where we have the coastline."""
    assert places.longitude is not None
    assert places.latitude is not None
    degrees = (places.longitude, places.latitude)
    land = all(
        low <= np.min(values) and np.max(values) <= high
        for values, (low, high) in zip(degrees, geography.SURVEYED, strict=True)
    )
    return geography.EUROPE if places.credit else _middle(*degrees), land  # a user's data have no credit


def picture(run: Run, atlas: Atlas) -> Figure:
    """Where a run has put the places, each coloured by how far it is from where it really is."""
    figure = Figure(figsize=(11, 8.6))
    ax = figure.add_axes((0.01, 0.075, 0.87, 0.845))
    atlas.sea_and_land(ax, (0.87 * 11, 0.845 * 8.6))
    layout, errors = atlas.motion(run.final_x)(run.final_x), atlas.errors(run.final_x)
    last = np.argsort(errors)  # the worst on top
    size = np.clip(30_000 / len(errors), 1, 60)  # square points
    worst = float(np.quantile(errors, WORST))
    unit = unit_for(worst)
    east, north = layout[last].T
    shown = errors[last] / UNITS[unit]
    dots = ax.scatter(
        east, north, c=shown, s=size, linewidths=0, cmap="viridis", vmin=0, vmax=(worst or 1e-9) / UNITS[unit]
    )
    bar = figure.colorbar(dots, cax=figure.add_axes((0.9, 0.2, 0.02, 0.6)), extend="max")
    bar.set_label(f"from its true place, {unit}")
    bar.outline.set_visible(False)
    title = f"{len(errors):,} {atlas.map.what}, from their distances alone"
    figure.text(0.01, 0.955, title, fontsize=style.TITLE_SIZE, weight="bold")
    figure.text(0.01, 0.93, style.words(caption(run, atlas), CAPTION), fontsize=style.SMALL_SIZE)
    off = np.sqrt(np.mean(errors**2))
    far = atlas.astray_km
    astray = f"more than {far / UNITS[unit_for(far)]:g} {unit_for(far)} astray: {np.count_nonzero(errors > far):,}"
    text = f"root mean square distance from the true places on a flat map {length(float(off))}; {astray}"
    figure.text(0.01, 0.045, text, fontsize=style.SMALL_SIZE)
    figure.text(0.01, 0.015, atlas.credit, fontsize=style.SMALL_SIZE, color=style.FAINT)
    if atlas.names:
        order = labels.order_of_labels(atlas.map)
        labels.place(ax, layout[order], [atlas.names[k] for k in order])
    return figure


def caption(run: Run, atlas: Atlas) -> str:
    """A run in a line: the method, its start, what it has spent, how it ended, and how near it has come."""
    words = [f"{style.title(run.cell.solver)} from {without_folders(run.cell.start)}", f"{calls(run, run.spent)} calls"]
    words.append(f"{run.ending}: the best map on its way" if run.ending.failed else run.ending)
    if np.isfinite(run.gap):
        words.append(f"gap {run.gap:.2g}")
    words.append(f"typical error of a distance {length(atlas.typical_error_km(run.final_loss))}")
    return " · ".join(words)


def _middle(longitude: Array, latitude: Array) -> tuple[float, float]:
    """The longitude and latitude in the middle of the places."""
    x, y, z = GreatCircles(latitude, longitude, unit_km=1.0).directions.mean(axis=1)
    return float(np.degrees(np.arctan2(y, x))), float(np.degrees(np.arctan2(z, np.hypot(x, y))))


def calls(run: Run, account: Moment) -> str:
    """The evaluations until a moment in whole passes, as text."""
    number = run.passes(account)
    return f"{number:,.0f}" if number >= 10 or number == int(number) else f"{number:.2g}"
