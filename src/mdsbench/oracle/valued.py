"""A noisy result that was valued again: the mean of the new values, and what there is to say of it."""

from math import inf, isfinite, nan
from typing import NamedTuple, Self

import numpy as np

from mdsbench.errors import in_words


class Valued(NamedTuple):
    """The mean of new values, inf without a finite one, and its standard error, NaN if there are not two.

    `finite` of `values` were finite numbers. `lowest` was the loss before, and `fault` is what a call has raised.
    """

    mean: float
    error: float
    finite: int
    values: int
    lowest: float
    fault: BaseException | None

    @classmethod
    def of(cls, losses: list[float], lowest: float, fault: BaseException | None) -> Self:
        """Make it from the new values."""
        finite = [loss for loss in losses if isfinite(loss)]
        mean = float(np.mean(finite)) if finite else inf
        error = float(np.std(finite, ddof=1)) / len(finite) ** 0.5 if len(finite) > 1 else nan
        return cls(mean, error, len(finite), len(losses), lowest, fault)

    def in_words(self) -> str:
        """What the result is, and how often it was valued."""
        why = f"; a call failed: {in_words(self.fault)}" if self.fault else ""
        if not isfinite(self.mean):
            seen = f"its loss is unknown, because the lowest value, {self.lowest:.6g}, may be luck"
            if self.values:
                return f"the result, valued again, is not a finite number: {seen}{why}"
            return f"the result was not valued again: {seen}{why}"
        times = "once" if self.values == 1 else f"{self.values} times"
        if self.finite < self.values:
            times = f"{self.finite} of {self.values} times"
        error = f", standard error {self.error:.2g}" if self.finite > 1 else ""
        return f"the result, valued again {times}, is {self.mean:.6g}{error}{why}"
