"""Majorisation: minimise a quadratic that lies above the loss and touches it, again and again."""

from collections.abc import Generator
from itertools import count

import numpy as np

from mdsbench.oracle.oracle import GradientOracle
from mdsbench.problems.problem import Array
from mdsbench.registry.registry import solver


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

    T is the Guttman transform, of stress only. On a centred map T(x) = x - g(x) / 4n: gradient descent with the step
    1/L, and relaxed with twice that step, about twice as fast; neither ever goes up. Not relaxed by default, as in the
    textbook. The start is centred first: T would do so anyway, and the relaxed move would mirror the centre back and
    forth for ever.

    It does so with an error in the map's overall scale, which T mends at once, as the scale of x does not enter into
    T(x). Therefore the relaxed solver makes a plain move first and again every `plain_every` moves: rarely, to keep
    the speed. With `plain_every=0` it is the bare formula, which ends in a swing between two scales.

    scikit-learn's smacof is the plain one; it stops by itself where the loss hardly changes, here the run's limits do.
    """
    x = (x.reshape(-1, 2) - x.reshape(-1, 2).mean(axis=0)).ravel()
    for k in count():
        T = oracle.guttman(x)
        plain = not relaxed or (plain_every and k % plain_every == 0)
        x = T if plain else 2 * T - x
        yield x
