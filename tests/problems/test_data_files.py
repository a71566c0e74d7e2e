"""The data files: cities, places, distances, best known losses and the coastline agree with what made them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyproj import Geod, Proj
from scipy.optimize import minimize
from scipy.spatial import ConvexHull
from scipy.spatial.distance import squareform

from mdsbench.mds import stress
from mdsbench.mds.distances import EARTH_RADIUS_KM
from mdsbench.mds.stress import Array

DATA = Path(__file__).parents[2] / "src" / "mdsbench" / "data"
BOX = (-50.0, 15.0, 110.0, 84.0)  # what the coastline is cut to: west, south, east, north
FRAME_KM = 3000.0  # no cut edge shows within this distance, in x and in y, of the map's centre


@pytest.fixture(scope="module")
def cities() -> pd.DataFrame:
    return pd.read_csv(DATA / "cities.csv")


@pytest.fixture(scope="module")
def places() -> pd.DataFrame:
    return pd.read_csv(DATA / "places.csv.gz", keep_default_na=False)


@pytest.fixture(scope="module")
def km() -> Array:
    return pd.read_csv(DATA / "distances_km.csv", index_col=0).to_numpy(dtype=np.float64)


@pytest.fixture(scope="module")
def best_known() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((DATA / "best_known.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def polygons() -> list[list[Array]]:
    content = json.loads((DATA / "coastline.json").read_text(encoding="utf-8"))
    return [[np.array(ring, dtype=np.float64) for ring in polygon] for polygon in content["polygons"]]


def test_cities_are_the_34_of_the_experiment_in_its_order(cities: pd.DataFrame) -> None:
    assert list(cities.columns) == ["name", "country", "latitude", "longitude", "population"]
    assert list(cities["name"][:6]) == [
        "Moscow",
        "Istanbul",
        "London",
        "Saint Petersburg",
        "Berlin",
        "Madrid",
    ]
    assert list(cities["name"].iloc[[14, 33]]) == ["Budapest", "Odesa"]
    assert len(cities) == cities["name"].nunique() == 34


def test_cities_lie_in_europe(cities: pd.DataFrame) -> None:
    assert cities["latitude"].between(36, 66).all()
    assert cities["longitude"].between(-10, 60).all()
    assert cities["country"].str.fullmatch("[A-Z]{2}").all()
    assert (cities["population"] > 500_000).all()


def test_places_are_distinct_and_the_largest_come_first(places: pd.DataFrame) -> None:
    assert list(places.columns) == ["name", "country", "latitude", "longitude", "population"]
    assert len(places) == json.loads((DATA / "places.json").read_text())["places"] == 89_115
    assert places["population"].is_monotonic_decreasing
    assert places["population"].iloc[-1] == 500
    assert not places.duplicated(["latitude", "longitude"]).any()


def test_places_lie_in_europe(places: pd.DataFrame) -> None:
    assert places["latitude"].between(27, 79).all()  # from the Canary Islands to Svalbard
    assert places["longitude"].between(-32, 60, inclusive="left").all()  # from the Azores to the Urals
    assert places["country"].str.fullmatch("[A-Z]{2}").all()
    assert places["name"].str.strip().ne("").all()


def test_the_cities_are_among_the_largest_places_but_istanbul(cities: pd.DataFrame, places: pd.DataFrame) -> None:
    columns = ["latitude", "longitude", "population"]
    found = cities.merge(places.head(50), on=columns, how="left", suffixes=("", "_of_place"))
    assert list(found["name"][found["name_of_place"].isna()]) == ["Istanbul"]


def test_the_longest_distance_of_places_is_between_corners_of_their_hull(places: pd.DataFrame) -> None:
    gnomonic = Proj(f"+proj=gnom +lat_0=50 +lon_0=20 +R={EARTH_RADIUS_KM}")  # great circles become straight lines
    longitude, latitude = places["longitude"].to_numpy(), places["latitude"].to_numpy()
    corners = ConvexHull(np.column_stack(gnomonic(longitude, latitude))).vertices
    i, j = (corners[ends] for ends in np.triu_indices(len(corners), 1))
    km = Geod(a=EARTH_RADIUS_KM, f=0).inv(longitude[i], latitude[i], longitude[j], latitude[j])[2]
    assert json.loads((DATA / "places.json").read_text())["longest_km"] == pytest.approx(km.max(), abs=0.001)


def test_distances_are_the_geodesics_between_the_cities(cities: pd.DataFrame, km: Array) -> None:
    table = pd.read_csv(DATA / "distances_km.csv", index_col=0)
    assert list(table.index) == list(table.columns) == list(cities["name"])
    i, j = np.indices(km.shape)
    longitude, latitude = cities["longitude"].to_numpy(), cities["latitude"].to_numpy()
    metres = Geod(ellps="WGS84").inv(longitude[i], latitude[i], longitude[j], latitude[j])[2]
    assert np.abs(1000 * km - metres).max() <= 1


def test_distances_are_a_metric(km: Array) -> None:
    assert np.array_equal(km, km.T)
    assert np.all(np.diag(km) == 0)
    assert km[~np.eye(len(km), dtype=bool)].min() > 0
    detours = km[:, :, None] + km[None, :, :]  # from i through j to k
    assert np.all(km[:, None, :] <= detours + 0.002)  # the table is rounded to the metre


def test_best_known_losses_are_complete_and_stationary(best_known: dict[str, Any]) -> None:
    assert best_known["format"] == 1
    assert list(best_known["losses"]) == [str(n) for n in range(4, 35)]
    for known in best_known["losses"].values():
        assert known["loss"] > 0
        assert 1 <= known["reached"] <= known["starts"]
        assert known["gradient_norm"] < 1e-10


@pytest.mark.slow
@pytest.mark.parametrize("n", [6, 15, 34])
def test_best_known_loss_is_found_again_and_not_beaten(n: int, km: Array, best_known: dict[str, Any]) -> None:
    D = squareform(km[:n, :n])
    D = D / D.max()
    starts = np.random.default_rng([2024, n]).uniform(size=(30, 2 * n))
    options = {"ftol": 0.0, "gtol": 1e-9, "maxiter": 5000}
    found = min(
        float(minimize(stress.value_and_gradient, start, (D,), "L-BFGS-B", jac=True, options=options).fun)
        for start in starts
    )
    known = best_known["losses"][str(n)]["loss"]
    assert found == pytest.approx(known, rel=1e-6)
    assert found >= known * (1 - 1e-9)


def test_coastline_rings_are_closed_and_within_the_box(polygons: list[list[Array]]) -> None:
    west, south, east, north = BOX
    for ring in (ring for polygon in polygons for ring in polygon):
        assert ring.shape[0] >= 4
        assert ring.shape[1] == 2
        assert np.isfinite(ring).all()
        assert np.array_equal(ring[0], ring[-1])
        longitude, latitude = ring.T
        assert west <= longitude.min() < longitude.max() <= east
        assert south <= latitude.min() < latitude.max() <= north


def test_coastline_exteriors_contain_their_holes(polygons: list[list[Array]]) -> None:
    holes = [(exterior, hole) for exterior, *others in polygons for hole in others]
    assert len(holes) >= 1  # the Caspian Sea
    for exterior, hole in holes:
        assert np.all(exterior.min(axis=0) <= hole.min(axis=0))
        assert np.all(exterior.max(axis=0) >= hole.max(axis=0))


def test_coastline_has_no_straight_cut_in_the_map(polygons: list[list[Array]]) -> None:
    project = Proj("+proj=aeqd +lat_0=52 +lon_0=25 +ellps=WGS84 +units=km")
    along = np.linspace(0, 1, 101)[:, None]
    for ring in (ring for polygon in polygons for ring in polygon):
        points = np.column_stack(project(*ring.T))
        long = np.hypot(*np.diff(points, axis=0).T) > 250
        for a, b in zip(points[:-1][long], points[1:][long], strict=True):
            assert np.abs(a + along * (b - a)).max(axis=1).min() > FRAME_KM
