"""Majorisation: repeatedly minimise a quadratic that lies above the loss and touches it."""

from collections.abc import Generator
from itertools import count

import numpy as np

from mdsbench.oracle.oracle import GradientOracle
from mdsbench.problems.problem import Array
from mdsbench.registry.decorators import solver


@solver(
    "smacof",
    uses="gradient",
    reference="de Leeuw 1977; relaxed: de Leeuw & Heiser 1980; Borg & Groenen 2005, chapter 8",
)
def smacof(
    oracle: GradientOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    relaxed: bool = False,
    plain_every: int = 10,
) -> Generator[Array, None, None]:
    """SMACOF: scaling by majorising a complicated function.

        x_{k+1} = T(x_k),    relaxed:  x_{k+1} = 2 T(x_k) - x_k

    T is the Guttman transform, which only stress has. On a centred map T(x) = x - g(x) / 4n: gradient descent with the
    step 1/L. The relaxed move has twice that step and is about twice as fast. Neither ever increases the loss. The
    default is not relaxed, as in the textbook. The start is centred first. T would centre it anyway, and the relaxed
    move would mirror the centre back and forth without end.

    The relaxed move mirrors an error in the overall scale of the map in the same way. T corrects it in one move,
    because T(x) does not depend on the scale of x. Therefore the relaxed solver makes one plain move first, and another
    every `plain_every` moves. With `plain_every=0` it has no plain moves, and ends in an oscillation between two
    scales.

    scikit-learn's smacof is the plain one. It stops if the loss hardly changes; here the limits of the run do this.
    """
    x = (x.reshape(-1, 2) - x.reshape(-1, 2).mean(axis=0)).ravel()
    for k in count():
        T = oracle.guttman(x)
        plain = not relaxed or (plain_every and k % plain_every == 0)
        x = T if plain else 2 * T - x
        yield x
