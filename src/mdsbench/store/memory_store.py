"""Finished runs in memory, for benchmarks and short scripts."""

from collections.abc import Iterable

from mdsbench.runs.cell import Cell
from mdsbench.runs.run import Run


class MemoryStore:
    """Runs by the key of their cell; they are lost when the process ends."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}

    def pending(self, cells: Iterable[Cell]) -> list[Cell]:
        """Those of the cells that have no run yet, in their order and each once."""
        return list({cell.key: cell for cell in cells if cell.key not in self._runs}.values())

    def put(self, run: Run) -> None:
        """Keep a finished run."""
        self._runs[run.cell.key] = run

    def get(self, cell: Cell) -> Run:
        """The run of a cell; raises KeyError if there is none."""
        return self._runs[cell.key]
