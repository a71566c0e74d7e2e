"""Where finished runs are kept: in memory."""

from collections.abc import Iterable

from mdsbench.run import Cell, Run


class MemoryStore:
    """Runs by the key of their cell, for as long as the process lives."""

    def __init__(self) -> None:
        self._runs: dict[str, Run] = {}

    def pending(self, cells: Iterable[Cell]) -> list[Cell]:
        """Those of the cells, in their order and each once, that have no run yet."""
        return list({cell.key: cell for cell in cells if cell.key not in self._runs}.values())

    def put(self, run: Run) -> None:
        """Keep a finished run."""
        self._runs[run.cell.key] = run

    def get(self, cell: Cell) -> Run:
        """The run of a cell; raises KeyError where there is none."""
        return self._runs[cell.key]
