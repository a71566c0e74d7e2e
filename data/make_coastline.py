"""Make coastline.json: the land of Europe and its surroundings as polygons in longitude and latitude.

Cut from Natural Earth's 1:50m land (public domain) as carried by the npm package world-atlas 2.0.2; needs npm
and a connection to its registry.

    python data/make_coastline.py
"""

import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, Polygon

DATA = Path(__file__).parents[1] / "src" / "mdsbench" / "data"
PACKAGE = "world-atlas@2.0.2"
BOX = (-50.0, 15.0, 110.0, 84.0)  # west, south, east, north
TOLERANCE = 0.03  # degrees, of the simplification
SMALLEST = 0.01  # square degrees, of an island or an inland sea

Ring = list[list[float]]


def fetch() -> dict[str, Any]:
    """The package's TopoJSON of land at 1:50m."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as package:
            member = package.extractfile("package/land-50m.json")
            assert member is not None
            topology: dict[str, Any] = json.load(member)
    return topology


def decode(topology: dict[str, Any]) -> MultiPolygon:
    """The land of a TopoJSON topology; arcs are differences of integers, to be summed, scaled and shifted."""
    scale, shift = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    arcs = [np.cumsum(arc, axis=0) * scale + shift for arc in topology["arcs"]]

    def ring(indices: list[int]) -> Any:
        """The arcs joined end to end, ~i being i backwards; a ring across the antimeridian stays whole."""
        points = np.concatenate([arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices])
        points[:, 0] = np.unwrap(points[:, 0], period=360)
        points[:, 0] -= 360 * np.round(points[:, 0].mean() / 360)
        return points

    polygons = [
        Polygon(ring(exterior), [ring(hole) for hole in holes])
        for geometry in topology["objects"]["land"]["geometries"]
        for exterior, *holes in geometry["arcs"]
    ]
    return MultiPolygon([part for polygon in polygons for part in parts(shapely.make_valid(polygon))])


def parts(geometry: Any) -> list[Polygon]:
    """The polygons a geometry is made of."""
    return [part for part in shapely.get_parts(geometry, return_index=False) if isinstance(part, Polygon)]


def cut(land: MultiPolygon) -> list[list[Ring]]:
    """The polygons within the box, largest first: the exterior ring, then holes; specks dropped."""
    inside = shapely.union_all([shapely.intersection(polygon, shapely.box(*BOX)) for polygon in land.geoms])
    rounded = shapely.set_precision(shapely.simplify(inside, TOLERANCE), 0.001)
    kept = sorted((p for p in parts(rounded) if p.area >= SMALLEST), key=lambda p: p.area, reverse=True)
    return [
        [
            [[round(x, 3), round(y, 3)] for x, y in ring.coords]
            for ring in (polygon.exterior, *polygon.interiors)
            if Polygon(ring).area >= SMALLEST
        ]
        for polygon in kept
    ]


def main() -> None:
    polygons = cut(decode(fetch()))
    rows = ",\n".join(json.dumps(polygon, separators=(",", ":")) for polygon in polygons)
    source = f"Natural Earth, land at 1:50m, from the npm package {PACKAGE}"
    text = f'{{"source":"{source}",\n"licence":"public domain",\n"polygons":[\n{rows}\n]}}\n'
    (DATA / "coastline.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
