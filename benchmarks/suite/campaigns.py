"""What a campaign costs on top of its runs: some cells of benchmarks/campaigns/overhead.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "campaigns"))
import overhead

overhead.CELLS[:] = overhead.CELLS[::20]


class TenRuns:
    """SciPy's Nelder-Mead, half on 6 cities and half on 15, at most 400 evaluations each."""

    def time_bare_loop(self) -> None:
        overhead.bare()

    def time_in_one_process(self) -> None:
        overhead.serial()

    def time_in_one_process_into_a_store(self) -> None:
        overhead.serial_with_store()
