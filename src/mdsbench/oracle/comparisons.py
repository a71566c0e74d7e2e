"""The oracle of comparisons: which of two points is lower, and nothing else.

The referee evaluates the function, and keeps the values to itself. *A comparison costs one evaluation for each of its
two points that is new to the referee*: two for two new points, one for a new point and one that was compared before,
none for two such points. So a solver that needs only the order of the points pays for it what one that receives values
pays. The answers are counted too, in `comparisons`: where an answer has a price of its own, such as a person's who
tastes two soups, the reader of the results sets it (`mdsbench.statistics.cost_model`).
"""

from collections import OrderedDict
from hashlib import blake2b
from typing import Any

from mdsbench.oracle.referee import Referee
from mdsbench.problems.problem import Array

REMEMBERED = 2**17  # points, in about 20 MB whatever the dimension is


class ComparisonOracle(Referee):
    """Comparisons only: what a solver is given that needs no more than the order of the points.

    The referee remembers the last 131,072 points that were compared. A point is the same if it is so bit by bit.
    """

    remembered = REMEMBERED

    def __init__(self, *arguments: Any, **named: Any) -> None:
        """Take what the referee takes."""
        super().__init__(*arguments, **named)
        self._known: OrderedDict[bytes, float] = (
            OrderedDict()
        )  # values by a digest of the point, the last one used last

    def below(self, x: Array, y: Array) -> bool:
        """Whether the function is lower at x than at y: one comparison, and one evaluation for each new point.

        A value that is not a finite number counts as inf, and is below none. With noise, a point keeps the noise of its
        evaluation.
        """
        with self._lock:
            if self.stopped:
                self._refuse()
            x, y = (self._converted(point, "compared {}; this problem takes arrays of shape {}") for point in (x, y))
            self.comparisons += 1
            return self._value_of(x) < self._value_of(y)

    def _value_of(self, x: Array) -> float:
        """The value at a point: known, or of an evaluation that is charged now."""
        point = blake2b(x.tobytes(), digest_size=16).digest()
        if point in self._known:
            self._known.move_to_end(point)
            self._in_time()
        else:
            x = self._admit(x, self.terms_per_pass)
            self.evaluations += 1
            loss = self._computed(self._problem.value, x)
            self._learn(x, loss)
            self._known[point] = self._value_for_solver(loss)
            if len(self._known) > self.remembered:
                self._known.popitem(last=False)
        return self._known[point]
