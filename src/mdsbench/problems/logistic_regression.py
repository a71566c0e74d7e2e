"""Logistic regression on images of digits: a convex model that people train."""

from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from mdsbench.models import logistic, softmax
from mdsbench.models.compiled import Model
from mdsbench.models.softmax import Array
from mdsbench.problems import checks, data_files
from mdsbench.problems.digits import MOST_CLASSES, PENALTY, digits
from mdsbench.problems.problem import Layer, Problem, canonical
from mdsbench.registry.decorators import problem


@problem("logistic-regression", reference="Bishop 2006, section 4.3.4; bound of the curvature: Böhning 1992")
@lru_cache(8)
def logistic_regression(*, pixels: int = 64, classes: int = MOST_CLASSES, penalty: float = PENALTY) -> Problem:
    """Which digit an image shows, from a weight for each pixel and class: (pixels + 1) x classes parameters.

    The mean cross-entropy of 1,437 images and `penalty` / 2 times the sum of all squared parameters, which makes the
    minimum unique. `pixels` are 64, 16 or 4, and `classes` go from 2 to 10: the first digits.
    """
    checks.amount("penalty", penalty)
    X, y, X_test, y_test = digits(pixels, classes)
    name = canonical("logistic-regression", pixels=pixels, classes=classes, penalty=penalty)
    dimension = (pixels + 1) * classes
    model = Model("logistic", X, y, classes, dimension, penalty)
    loss, provenance = data_files.best_known("best_known_models.json", name)

    def batch_gradient(x: Array, terms: NDArray[np.intp]) -> Array:
        return logistic.value_and_gradient(x, X[terms], y[terms], penalty)[1]

    def held_out(x: Array) -> dict[str, float]:
        return softmax.test(logistic.scores(x, X_test), y_test)

    return Problem(
        ours=True,
        name=name,
        dimension=dimension,
        prepare=model.prepare,
        value=model.value,
        value_and_gradient=model.value_and_gradient,
        hessian_vector=partial(logistic.hessian_vector, X=X, penalty=penalty),
        batch_gradient=batch_gradient,
        torch_value=partial(logistic.torch_value, X=X, y=y, penalty=penalty),
        terms=len(y),
        layers=(Layer(pixels, classes),),
        held_out=held_out,
        smoothness=logistic.largest_curvature(X, penalty),
        best_known=loss,
        provenance=provenance,
    )
