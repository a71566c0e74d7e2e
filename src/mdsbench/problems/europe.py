"""Cities and places and their distances: real data made into problems."""

import csv
import gzip
from functools import cache, lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import squareform

from mdsbench.errors import UsageError
from mdsbench.mds import stress
from mdsbench.mds.compiled import Stress
from mdsbench.mds.distances import GreatCircles, Stored
from mdsbench.problems import file_formats, maps, user_data, variants
from mdsbench.problems.data_files import BestKnown, best_known, data_file, read_json
from mdsbench.problems.problem import Array, Problem
from mdsbench.registry.registry import problem

BEST_VARIANTS = "best_known_variants.json"
FEWEST, MOST = maps.FEWEST, 34


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
def cities_problem(
    *, n: int, loss: str = "squares", missing: float = 0.0, noise: float = 0.0, quantum: float = 0.0
) -> Problem:
    """The stress of a map of the first n cities, n from 4 to 34.

    Distances are divided by their maximum, as in the original, so one unit is the longest distance: `unit_km(n)`.
    The other options make variants (`mdsbench.problems.variants`): `loss=absolute` sums absolute deviations, `missing`
    is the share of the pairs whose distances do not count, `noise` and `quantum` disturb what the solver is told.
    The first two change the mathematics: they exist where data/best_known_variants.json knows the best loss.
    """
    plain = _plain(n)
    if loss != "squares" and missing:
        raise UsageError(f"cities-{n}: loss={loss} and missing={missing:g} go one at a time: no best loss is known")
    varied = plain
    if loss != "squares":
        varied = variants.absolute(plain, *_best_variant(variants.name(plain, "loss", loss)))
    if missing:
        varied = variants.without(plain, missing, *_best_variant(variants.name(plain, "missing", missing)))
    return variants.disturbed(varied, noise, quantum)


def _best_variant(name: str) -> BestKnown:
    """The best loss known for a variant and how it was found; raises UsageError where none is known."""
    known = read_json(BEST_VARIANTS)["losses"]
    if name not in known:
        raise UsageError(f"no best loss is known for {name}; there are: {'; '.join(known)}")
    return best_known(BEST_VARIANTS, name)


def _plain(n: int) -> Problem:
    if not FEWEST <= n <= MOST:
        raise UsageError(f"cities-{n}: the number of cities goes from {FEWEST} to {MOST}")
    D = distances_km(n) / unit_km(n)
    D.flags.writeable = False
    best = best_known("best_known.json", str(n))
    compiled = Stress(Stored(D))
    return Problem(
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
        pairs=len(D),
        smoothness=4.0 * n,  # x - gradient / 4n is the Guttman transform of a centred x
        targets=Stored(D),
        best_known=best.loss,
        provenance=best.provenance,
    )


def unit_km(n: int) -> float:
    """How many kilometres one unit of the plane of `cities-n` stands for."""
    return float(distances_km(n).max())


def all_places() -> dict[str, float]:
    """How many there are, `places`, and the longest of their distances, `longest_km`."""
    return read_json("places.json")


@problem("places", reference="places: GeoNames; distances: great circles; stress: Kruskal 1964")
@lru_cache(1)  # the distances of the last problem may take half a gigabyte
def places_problem(*, n: int, precision: str = "double", distances: str = "auto") -> Problem:
    """The stress of a map of the n largest places of Europe, n from 4 to 89,115.

    Distances are those of great circles, divided for every n by the longest of all places, 6,833 km, so that one map
    grows with n. `distances` are `stored` in memory or `computed` anew in each call, from n = 11,586 on unless it is
    said; `precision` is that of the arithmetic of a pair, `double` or `single`. The best loss is known for some n, see
    data/best_known_places.json, and NaN for others.
    """
    most = int(all_places()["places"])
    if not FEWEST <= n <= most:
        raise UsageError(f"places-{n}: the number of places goes from {FEWEST} to {most:,}")
    best = best_known("best_known_places.json", str(n))
    return maps.of_places(
        "places",
        GreatCircles(*_coordinates(n), unit_km=all_places()["longest_km"]),
        precision=precision,
        distances=distances,
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

    One unit is the longest distance in the file. `duplicates`, places at the coordinates of an earlier one, are `keep`
    or `merge`; where neither is said, they are refused. `precision` and `distances` are those of `places-N`. The
    problem's name has a hash of the data instead of the file's name: a file that has changed is another problem, one
    that has moved is not.
    """
    path = Path(file)
    try:
        state = path.stat()
    except OSError:
        file_formats.read(path)  # says why
        raise
    return _of_file(path, (state.st_mtime_ns, state.st_size), n, duplicates, precision, distances)


@lru_cache(1)
def _of_file(path: Path, _: tuple[int, int], n: int, duplicates: str, precision: str, distances: str) -> Problem:
    """The same for a file in a certain state: as long as it is in that, it need not be read again."""
    places, labels = file_formats.read(path)
    return user_data.problem_of_places(
        places,
        labels.__getitem__,
        name="coordinates",
        n=n,
        duplicates=duplicates,
        precision=precision,
        distances=distances,
    )
