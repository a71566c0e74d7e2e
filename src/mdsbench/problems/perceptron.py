"""A perceptron with one hidden layer on images of digits: a model with many parameters that people train."""

from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from mdsbench.models import perceptron as formulas
from mdsbench.models import softmax
from mdsbench.models.compiled import Model
from mdsbench.models.softmax import Array
from mdsbench.problems import checks, data_files
from mdsbench.problems.digits import MOST_CLASSES, PENALTY, digits
from mdsbench.problems.problem import Layer, Problem, canonical
from mdsbench.registry.decorators import problem

MOST = 10_000  # hidden units


@problem("perceptron", reference="Rumelhart, Hinton & Williams 1986; Hessian: Pearlmutter 1994; data: Alpaydin 1998")
@lru_cache(8)
def perceptron(*, n: int, pixels: int = 64, classes: int = MOST_CLASSES, penalty: float = PENALTY) -> Problem:
    """Which digit an image shows, from n hidden units: (pixels + 1) n + (n + 1) classes parameters.

    The mean cross-entropy of 1,437 images and `penalty` / 2 times the sum of all squared parameters. `perceptron-6` has
    460 parameters, and `perceptron-667` has 50,035. `pixels` are 64, 16 or 4, and `classes` go from 2 to 10: the first
    digits. `perceptron(n=3,pixels=4)` has 55 parameters.
    """
    checks.size("perceptron", n, 1, MOST, "hidden units")
    checks.amount("penalty", penalty)
    X, y, X_test, y_test = digits(pixels, classes)
    name = canonical("perceptron", n, pixels=pixels, classes=classes, penalty=penalty)
    dimension = formulas.parameters(pixels, n, classes)
    model = Model("perceptron", X, y, classes, dimension, penalty)
    loss, provenance = data_files.best_known("best_known_models.json", name)

    def batch_gradient(x: Array, terms: NDArray[np.intp]) -> Array:
        return formulas.value_and_gradient(x, X[terms], y[terms], classes, penalty)[1]

    def held_out(x: Array) -> dict[str, float]:
        return softmax.test(formulas.scores(x, X_test, classes), y_test)

    return Problem(
        ours=True,
        name=name,
        dimension=dimension,
        prepare=model.prepare,
        value=model.value,
        value_and_gradient=model.value_and_gradient,
        hessian_vector=partial(formulas.hessian_vector, X=X, y=y, classes=classes, penalty=penalty),
        batch_gradient=batch_gradient,
        torch_value=partial(formulas.torch_value, X=X, y=y, classes=classes, penalty=penalty),
        terms=len(y),
        layers=(Layer(pixels, n), Layer(n, classes)),
        held_out=held_out,
        best_known=loss,
        provenance=provenance,
    )
