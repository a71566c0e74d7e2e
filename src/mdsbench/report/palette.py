"""The colour and the line of each method, assigned once for the figures, the films and the page of a report.

The experiment's own methods always have the same colours. The others take the free ones in the order in which they
come. The first six colours are those of Okabe and Ito (2008), which colour-blind readers can tell apart; the last two
are darker than these. Where there are more methods than colours, the colours begin anew with another kind of line.
"""

from collections.abc import Iterable

from mdsbench.report import style
from mdsbench.statistics.results import Results

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7", "#332288", "#5D3A00")
OWN = {"gd": 0, "nelder-mead": 1, "restarted-nelder-mead": 1}  # the experiment's methods, and their colours
ADAPTIVE = 2

Line = str | tuple[float, tuple[float, ...]]
LINES: tuple[Line, ...] = ("-", (0, (3.2, 1.4)), (0, (1.1, 1.1)), (0, (5, 1.2, 1.1, 1.2)), (0, (7, 3)))


class Palette:
    """The looks of these methods, given by their specs."""

    def __init__(self, solvers: Iterable[str]) -> None:
        listed = list(dict.fromkeys(solvers))
        self._place = {solver: place for solver in listed if (place := _own(solver)) is not None}
        free = [place for place in range(len(COLOURS)) if place not in self._place.values()]
        others = [solver for solver in listed if solver not in self._place]
        for k, solver in enumerate(others):
            self._place[solver] = free[k] if k < len(free) else len(COLOURS) + k - len(free)

    @classmethod
    def of(cls, results: Results) -> "Palette":
        """The looks of all methods of a reproduction."""
        return cls([*results.solvers, *(outcome.run.cell.solver for outcome in results.outcomes)])

    def colour(self, solver: str) -> str:
        """The colour of a solver's spec, as #rrggbb."""
        return COLOURS[self._place[solver] % len(COLOURS)]

    def line(self, solver: str) -> Line:
        """How its line is drawn, as Matplotlib's `linestyle`: without gaps for the first eight methods."""
        return LINES[self._place[solver] // len(COLOURS) % len(LINES)]

    def is_dashed(self, solver: str) -> bool:
        """Whether another method has the same colour with a line without gaps."""
        return self._place[solver] >= len(COLOURS)


def _own(solver: str) -> int | None:
    """The place of a method of the experiment; None for another one."""
    spec = style.read(solver)
    if spec is None:
        return None
    if style.is_adaptive(spec):
        return ADAPTIVE
    return OWN.get(spec.name) if style.title(solver) != solver else None
