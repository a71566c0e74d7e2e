"""Problems from real data: European cities and places, and their distances."""

import csv
import gzip
from functools import cache, lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import squareform

from mdsbench.mds import stress
from mdsbench.mds.compiled import Stress
from mdsbench.mds.distances import GreatCircles, Stored
from mdsbench.problems import checks, file_formats, maps, user_data
from mdsbench.problems.data_files import best_known, data_file, read_json
from mdsbench.problems.problem import Array, MapInfo, Problem
from mdsbench.registry.decorators import problem

ORIGIN = "GeoNames, CC BY 4.0"
MOST = 34  # cities


class City(NamedTuple):
    """A city; latitude and longitude in degrees (WGS84), population in inhabitants."""

    name: str
    country: str
    latitude: float
    longitude: float
    population: int


@cache
def cities() -> tuple[City, ...]:
    """All 34 cities in the original experiment's order; its three problems are the first 6, 15 and 34."""
    with data_file("cities.csv").open(encoding="utf-8", newline="") as file:
        return tuple(map(_city, csv.DictReader(file)))


def places(n: int) -> tuple[City, ...]:
    """The n largest places of Europe, in the order of `places-N`."""
    with gzip.open(data_file("places.csv.gz"), "rt", encoding="utf-8", newline="") as file:
        return tuple(map(_city, islice(csv.DictReader(file), n)))


def _city(row: dict[str, str]) -> City:
    place = float(row["latitude"]), float(row["longitude"])
    return City(row["name"], row["country"], *place, int(row["population"]))


@cache
def distances_km(n: int) -> Array:
    """Geodesic distances of the first n cities' pairs in km, condensed, shape (n(n-1)/2,), read-only."""
    with data_file("distances_km.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1 : n + 1]
    distances: Array = squareform(np.array([row[1 : n + 1] for row in rows], dtype=float))
    distances.flags.writeable = False
    return distances


@problem("cities", reference="fmin.xyz 2024; places: GeoNames; distances: Karney 2013 on WGS84")
@cache
def cities_problem(*, n: int) -> Problem:
    """The stress of a map of the first n cities, n from 4 to 34.

    Distances are divided by their maximum, as in the original, so one unit is the longest distance: `unit_km(n)`.
    """
    checks.size("cities", n, maps.FEWEST, MOST, "cities")
    D = distances_km(n) / unit_km(n)
    D.flags.writeable = False
    best = best_known("best_known.json", str(n))
    compiled = Stress(Stored(D))
    return Problem(
        ours=True,
        name=f"cities-{n}",
        dimension=2 * n,
        value=compiled.value,
        value_and_gradient=compiled.value_and_gradient,
        hessian_vector=compiled.hessian_vector,
        residuals=partial(stress.residuals, D=D),
        jacobian=stress.jacobian,
        guttman=compiled.guttman,
        batch_gradient=compiled.batch_gradient,
        torch_value=partial(stress.torch_value, D=D),
        prepare=compiled.prepare,
        terms=len(D),
        map=MapInfo(
            points=n,
            unit="km",
            unit_length=unit_km(n),
            latitude=np.array([city.latitude for city in cities()[:n]]),
            longitude=np.array([city.longitude for city in cities()[:n]]),
            labels=lambda: [city.name for city in cities()[:n]],
            populations=lambda: [city.population for city in cities()[:n]],
            what="cities of Europe",
            credit=f"cities: {ORIGIN}",
        ),
        smoothness=4.0 * n,  # x - gradient / 4n is the Guttman transform of a centred x
        targets=Stored(D),
        best_known=best.loss,
        provenance=best.provenance,
    )


def unit_km(n: int) -> float:
    """One unit of the plane of `cities-n` in kilometres."""
    return float(distances_km(n).max())


def all_places() -> dict[str, float]:
    """The number of all places, `places`, and the longest of their distances, `longest_km`."""
    return read_json("places.json")


@problem("places", reference="places: GeoNames; distances: great circles; stress: Kruskal 1964")
@lru_cache(1)  # the distances of the last problem may take half a gigabyte
def places_problem(*, n: int, precision: str = "double", distances: str = "auto") -> Problem:
    """The stress of a map of the n largest places of Europe, n from 4 to 89,115.

    Distances are those of great circles. For every n they are divided by the longest distance of all places, 6,833 km,
    so all n have the same unit. `distances` are `stored` in memory or `computed` in each call, by default from
    n = 11,586 on. `precision` is that of the arithmetic of a pair, `double` or `single`. The best known loss is in
    best_known_places.json for some n, and NaN for others.
    """
    checks.size("places", n, maps.FEWEST, int(all_places()["places"]), "places")
    best = best_known("best_known_places.json", str(n))
    latitude, longitude = _coordinates(n)
    longest = all_places()["longest_km"]
    return maps.of_places(
        "places",
        GreatCircles(latitude, longitude, unit_km=longest),
        precision=precision,
        distances=distances,
        info=MapInfo(
            points=n,
            unit="km",
            unit_length=longest,
            latitude=latitude,
            longitude=longitude,
            labels=lambda: [place.name for place in places(n)],
            populations=lambda: [place.population for place in places(n)],
            what="places of Europe",
            credit=f"places: {ORIGIN}",
        ),
        best_known=best.loss,
        provenance=best.provenance,
    )


@lru_cache(1)
def _coordinates(n: int) -> tuple[Array, Array]:
    """Latitudes and longitudes of the first n places."""
    latitude, longitude = np.array([place[2:4] for place in places(n)]).T
    return latitude, longitude


@problem("coordinates", reference="a CSV file of your own; distances: great circles; stress: Kruskal 1964")
def coordinates_problem(
    *, file: str, n: int = 0, duplicates: str = "refuse", precision: str = "double", distances: str = "auto"
) -> Problem:
    """The stress of a map of the first n places in a CSV file, columns latitude and longitude, or of all if n is 0.

    One unit is the longest distance in the file. `duplicates` says what to do with places at the coordinates of an
    earlier one: `refuse`, `keep` or `merge`. `precision` and `distances` are those of `places-N`. The problem's name
    contains a hash of the data instead of the file's name. A changed file is therefore a new problem, and a moved file
    is not.
    """
    path = Path(file)
    return _of_file(path, file_formats.state(path), n, duplicates, precision, distances)


@lru_cache(1)
def _of_file(path: Path, _: tuple[int, int], n: int, duplicates: str, precision: str, distances: str) -> Problem:
    """The problem of a file, cached until the time or size of the file changes."""
    places, rows, names = file_formats.read(path)
    return user_data.problem_of_places(
        places,
        rows.__getitem__,
        name="coordinates",
        names=names,
        n=n,
        duplicates=duplicates,
        precision=precision,
        distances=distances,
    )
