"""What one look at the stress costs, bare and through the oracle."""

from mdsbench import functions, places, starts
from mdsbench.account import Limits
from mdsbench.oracle import HessianOracle


class Evaluation:
    """A value, a gradient and a Hessian-vector product of 6, 15 and 34 cities."""

    params = (6, 15, 34)
    param_names = ("cities",)

    def setup(self, n: int) -> None:
        self.problem = places.cities_problem(n=n)
        self.x = starts.published(self.problem)
        self.oracle = HessianOracle(self.problem, self.x, Limits())

    def time_value(self, n: int) -> None:
        self.problem.value(self.x)

    def time_value_and_gradient(self, n: int) -> None:
        self.problem.value_and_gradient(self.x)

    def time_value_at_the_oracle(self, n: int) -> None:
        self.oracle.value(self.x)

    def time_gradient_at_the_oracle(self, n: int) -> None:
        self.oracle.gradient(self.x)

    def time_hessian_vector_at_the_oracle(self, n: int) -> None:
        self.oracle.hessian_vector(self.x, self.x)


class Charge:
    """The oracle's own cost: a call on a function that costs nothing."""

    def setup(self) -> None:
        free = functions.sphere(n=2)
        self.x = starts.published(free)
        self.oracle = HessianOracle(free, self.x, Limits())

    def time_charge(self) -> None:
        self.oracle._charge(self.x, 1)
        self.oracle._learn(self.x, 1.0)
