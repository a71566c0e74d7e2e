"""SciPy's Nelder-Mead with 400 evaluations, for benchopt."""

from collections.abc import Callable
from typing import Any

import numpy as np
from benchopt import BaseSolver
from scipy.optimize import minimize

Array = np.ndarray[Any, np.dtype[np.float64]]


class Solver(BaseSolver):
    name = "Nelder-Mead"
    sampling_strategy = "run_once"

    def set_objective(self, value: Callable[[Array], float], x0: Array) -> None:
        self.value, self.x0 = value, x0

    def run(self, _: int) -> None:
        self.x = minimize(self.value, self.x0, method="Nelder-Mead", options={"maxiter": np.inf, "maxfev": 400}).x

    def get_result(self) -> dict[str, Array]:
        return {"x": self.x}
