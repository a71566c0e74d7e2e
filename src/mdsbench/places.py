"""Cities and their distances: real data made into problems."""

import csv
import json
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.spatial.distance import squareform

from mdsbench import stress, variants
from mdsbench.compiled import Stress
from mdsbench.errors import UsageError
from mdsbench.problem import Array, Problem
from mdsbench.registry import problem
from mdsbench.targets import Stored

FEWEST, MOST = 4, 34  # three cities fit on a plane exactly: there would be nothing to minimise


class City(NamedTuple):
    """A city; latitude and longitude in degrees (WGS84), population in inhabitants."""

    name: str
    country: str
    latitude: float
    longitude: float
    population: int


def data_file(name: str) -> Path:
    """Where a data file is: in the installed package, or in the checkout's `data/`."""
    installed = Path(__file__).parent / "data"
    return (installed if installed.is_dir() else Path(__file__).parents[2] / "data") / name


@cache
def cities() -> tuple[City, ...]:
    """All 34 cities in the original experiment's order; its three problems are the first 6, 15 and 34."""
    with data_file("cities.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            City(
                row["name"],
                row["country"],
                float(row["latitude"]),
                float(row["longitude"]),
                int(row["population"]),
            )
            for row in csv.DictReader(file)
        )


@cache
def distances_km(n: int) -> Array:
    """Geodesic distances of the first n cities' pairs in km, condensed, shape (n(n-1)/2,), read-only."""
    with data_file("distances_km.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1 : n + 1]
    distances: Array = squareform(np.array([row[1 : n + 1] for row in rows], dtype=float))
    distances.flags.writeable = False
    return distances


@cache
def _best_known() -> dict[str, dict[str, float]]:
    losses: dict[str, dict[str, float]] = json.loads(data_file("best_known.json").read_text())["losses"]
    return losses


@cache
def _best_known_variants() -> dict[str, dict[str, float]]:
    losses: dict[str, dict[str, float]] = json.loads(data_file("best_known_variants.json").read_text())["losses"]
    return losses


@problem("cities", reference="fmin.xyz 2024; places: GeoNames; distances: Karney 2013 on WGS84")
@cache
def cities_problem(
    *, n: int, loss: str = "squares", missing: float = 0.0, noise: float = 0.0, quantum: float = 0.0
) -> Problem:
    """The stress of a map of the first n cities, n from 4 to 34.

    Distances are divided by their maximum, as in the original, so one unit is the longest distance: `unit_km(n)`.
    The other options make variants (see `mdsbench.variants`): `loss=absolute` sums absolute deviations, `missing` is
    the share of the pairs whose distances do not count, `noise` and `quantum` disturb what the solver is told.
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


def _best_variant(name: str) -> tuple[float, str]:
    """The best loss known for a variant and how it was found; raises UsageError where none is known."""
    known = _best_known_variants()
    if name not in known:
        raise UsageError(f"no best loss is known for {name}; there are: {'; '.join(known)}")
    return known[name]["loss"], _provenance(known[name])


def _provenance(best: dict[str, float]) -> str:
    return f"the lowest of {best['starts']} starts, polished; see data/README.md"


def _plain(n: int) -> Problem:
    if not FEWEST <= n <= MOST:
        raise UsageError(f"cities-{n}: the number of cities goes from {FEWEST} to {MOST}")
    D = distances_km(n) / unit_km(n)
    D.flags.writeable = False
    best = _best_known()[str(n)]
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
        best_known=best["loss"],
        provenance=_provenance(best),
    )


def unit_km(n: int) -> float:
    """How many kilometres one unit of the plane of `cities-n` stands for."""
    return float(distances_km(n).max())
