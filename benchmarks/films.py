"""How long the films of a reproduction take, each as MP4, GIF and picture: python benchmarks/films.py STORE [OUT]."""

import sys
import tempfile
from pathlib import Path
from time import perf_counter

from mdsbench.report.films.of_reproduction import films, write_films
from mdsbench.report.films.setting import USUAL
from mdsbench.statistics.results import Outcome, Results
from mdsbench.store.store import Store

ORIGINAL = 13.6 * 60  # seconds that the original took for its films

if __name__ == "__main__":
    with Store.read(Path(sys.argv[1])) as store:
        results = Results([Outcome(*found) for found in store.blocks("reproduction")])
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(scratch) / "films"
        begin = perf_counter()
        write_films(results, folder, lambda _, __: None, USUAL)
        seconds = perf_counter() - begin
    print(f"{len(list(films(results)))} films in {seconds:.1f} s, 1/{ORIGINAL / seconds:.0f} of the original's time")
