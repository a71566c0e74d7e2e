"""The loss of a map, for benchopt: the final position's, as mdsbench computes it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from benchopt import BaseObjective

Array = np.ndarray[Any, np.dtype[np.float64]]


class Objective(BaseObjective):
    name = "Stress"
    sampling_strategy = "run_once"

    def set_data(self, value: Callable[[Array], float], x0: Array) -> None:
        self.value, self.x0 = value, x0

    def get_objective(self) -> dict[str, Any]:
        return {"value": self.value, "x0": self.x0}

    def evaluate_result(self, x: Array) -> dict[str, float]:
        return {"value": self.value(x)}

    def get_one_result(self) -> dict[str, Array]:
        return {"x": self.x0}
