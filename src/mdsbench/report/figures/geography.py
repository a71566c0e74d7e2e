"""The plane of the maps: Europe in kilometres, and layouts laid upon it without being stretched.

All positions are in the azimuthal equidistant projection (WGS84), about 52° N 25° E where nothing else is said: x east,
y north, in km.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.transforms import Bbox
from pyproj import Proj
from scipy.linalg import orthogonal_procrustes

from mdsbench.problems.data_files import read_json
from mdsbench.problems.problem import Array, MapInfo
from mdsbench.report import style

LAND_CREDIT = "land: Natural Earth"
EUROPE = 25.0, 52.0  # longitude and latitude
SURVEYED = (-50.0, 110.0), (15.0, 83.6)  # degrees of longitude and latitude between which we have the coastline


@cache
def _projection(centre: tuple[float, float]) -> Proj:
    return Proj(proj="aeqd", lon_0=centre[0], lat_0=centre[1], ellps="WGS84", units="km")


def to_km(longitude: Array, latitude: Array, centre: tuple[float, float] = EUROPE) -> Array:
    """Project degrees, both of shape (k,), to km, shape (k, 2)."""
    return np.column_stack(_projection(centre)(longitude, latitude))


@cache
def true_map(places: MapInfo) -> Array:
    """Where the points of a map really are, in km, shape (points, 2), read-only."""
    assert places.longitude is not None
    assert places.latitude is not None
    positions = to_km(places.longitude, places.latitude)
    positions.flags.writeable = False
    return positions


@cache
def coastline(centre: tuple[float, float] = EUROPE) -> Path:
    """The land as one path in km, to be filled; holes run the other way round and stay empty."""
    polygons = read_json("coastline.json")["polygons"]
    outlines = [np.array(ring, dtype=float) for polygon in polygons for ring in polygon]
    rings = [to_km(outline[:, 0], outline[:, 1], centre) for outline in outlines]
    codes = [
        np.r_[Path.MOVETO, np.full(len(ring) - 2, Path.LINETO), Path.CLOSEPOLY].astype(Path.code_type) for ring in rings
    ]
    return Path(np.concatenate(rings), np.concatenate(codes), readonly=True)


class Alignment(NamedTuple):
    """A motion of the plane onto the map: position -> (position * unit_km - origin) @ turn + centre.

    `turn`, shape (2, 2), is orthogonal: a rotation, with a reflection or without. There is no scaling, so a bad
    layout stays bad.
    """

    unit_km: float
    origin: Array
    turn: Array
    centre: Array

    def __call__(self, x: Array) -> Array:
        """Positions in km, shape (n, 2), of a flat x, shape (2n,)."""
        return (x.reshape(-1, 2) * self.unit_km - self.origin) @ self.turn + self.centre

    def centred(self, x: Array) -> Array:
        """The same, but with the layout's centroid moved to the map's: what the stress does not see is not shown."""
        turned = self(x)
        centred: Array = turned - turned.mean(axis=0) + self.centre
        return centred


def alignment(x: Array, places: MapInfo) -> Alignment:
    """The motion that brings x, flat, nearest to the true map in the least squares sense (Schönemann 1966)."""
    return onto(x, true_map(places), places.unit_length)


def onto(x: Array, Y: Array, unit_km: float) -> Alignment:
    """The motion that brings x, flat, nearest to the map Y, shape (points, 2) in km, in the least squares sense."""
    X = x.reshape(-1, 2) * unit_km
    origin, centre = X.mean(axis=0), Y.mean(axis=0)
    turn, _ = orthogonal_procrustes(X - origin, Y - centre)
    return Alignment(unit_km, origin, turn, centre)


def align(x: Array, places: MapInfo) -> Array:
    """The x of a run, flat, moved and turned onto the true map, never scaled: km, shape (points, 2)."""
    return alignment(x, places)(x)


def draw_land(
    ax: Axes, centre: tuple[float, float] = EUROPE, linewidth: float = 0.6, within: Bbox | None = None
) -> None:
    """Draw the land on a sea without ticks, in the projection about `centre`; `within` limits what is drawn, in km."""
    ax.set(xticks=[], yticks=[], facecolor=style.SEA)
    land = coastline(centre)
    shown = land if within is None else land.clip_to_bbox(within)
    ax.add_patch(PathPatch(shown, facecolor=style.LAND, edgecolor=style.COAST, linewidth=linewidth))


def credit(places: MapInfo) -> str:
    """Where the data of a map with land come from."""
    return " · ".join(filter(None, [places.credit, LAND_CREDIT]))


def frame(ax: Axes) -> None:
    """Draw a faint frame around a map."""
    for spine in ax.spines.values():
        spine.set(visible=True, color=style.GRID)
