"""What one look at the stress costs, bare and through the oracle."""

from dataclasses import replace

import numpy as np

from mdsbench.mds.compiled import Stress
from mdsbench.mds.distances import GreatCircles, Stored
from mdsbench.oracle.account import Limits
from mdsbench.oracle.oracle import HessianOracle
from mdsbench.problems import europe, starts, textbook


class Kept:
    """The kernels on random distances in memory."""

    params = (34, 500, 2000)
    param_names = ("points",)

    def setup(self, n: int) -> None:
        rng = np.random.default_rng(0)
        pairs = n * (n - 1) // 2
        self.stress = Stress(Stored(rng.uniform(0.1, 1.5, pairs)))
        self.stress.prepare()
        self.x, self.v = rng.uniform(size=(2, 2 * n))
        self.some = rng.integers(pairs, size=pairs // 10)

    def time_value(self, n: int) -> None:
        self.stress.value(self.x)

    def time_value_and_gradient(self, n: int) -> None:
        self.stress.value_and_gradient(self.x)

    def time_hessian_vector(self, n: int) -> None:
        self.stress.hessian_vector(self.x, self.v)

    def time_gradient_of_a_tenth_of_the_pairs(self, n: int) -> None:
        self.stress.batch_gradient(self.x, self.some)

    def time_guttman(self, n: int) -> None:
        self.stress.guttman(self.x)


class Computed:
    """10,000 places as on a map of Europe, no distance kept."""

    params = ("double", "single")
    param_names = ("precision",)

    def setup(self, precision: str) -> None:
        rng, n = np.random.default_rng(0), 10_000
        circles = GreatCircles(rng.uniform(35, 70, n), rng.uniform(-10, 50, n), unit_km=5000.0)
        self.stress = Stress(circles, precision)
        self.stress.prepare()
        self.x = rng.uniform(size=2 * n)

    def time_value_and_gradient(self, precision: str) -> None:
        self.stress.value_and_gradient(self.x)

    def peakmem_value_and_gradient(self, precision: str) -> None:
        self.stress.value_and_gradient(self.x)


class Oracle:
    """What a solver's questions cost on 6, 15 and 34 cities."""

    params = (6, 15, 34)
    param_names = ("cities",)

    def setup(self, n: int) -> None:
        problem = europe.cities_problem(n=n)
        problem.prepare()
        self.x = starts.published(problem)
        self.oracle = HessianOracle(problem, self.x, Limits())

    def time_value(self, n: int) -> None:
        self.oracle.value(self.x)

    def time_gradient(self, n: int) -> None:
        self.oracle.gradient(self.x)

    def time_hessian_vector(self, n: int) -> None:
        self.oracle.hessian_vector(self.x, self.x)


class Charge:
    """The oracle's own cost: calls of a function that costs nothing."""

    params = ("value", "gradient")
    param_names = ("method",)

    def setup(self, method: str) -> None:
        nothing = np.zeros(2)
        free = replace(textbook.sphere(n=2), value=lambda _: 1.0, value_and_gradient=lambda _: (1.0, nothing))
        self.x = starts.published(free)
        self.call = getattr(HessianOracle(free, self.x, Limits(target=0.0)), method)

    def time_charge(self, method: str) -> None:
        self.call(self.x)
