"""Solvers with a memory of the gradients that they have seen, or with Hessian-vector products: SciPy's."""

from collections.abc import Generator

import numpy as np

from mdsbench.oracle import GradientOracle, HessianOracle
from mdsbench.problem import Array
from mdsbench.registry import solver
from mdsbench.solvers.library import FOREVER, by_gradients


@solver("cg", uses="gradient", reference="Polak & Ribière 1969; Nocedal & Wright 2006, section 5.2; code: SciPy")
def conjugate_gradient(
    oracle: GradientOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    gtol: float = 1e-5,
) -> Generator[Array, None, str]:
    """Nonlinear conjugate gradients, Polak and Ribière's, with a Wolfe line search.

    Options as SciPy has them. It stops by itself where no component of the gradient exceeds gtol.
    """
    yield from ()  # its iterates go to the oracle through the callback
    return by_gradients(oracle, x, "CG", {"gtol": gtol, "maxiter": FOREVER})


@solver("bfgs", uses="gradient", reference="Nocedal & Wright 2006, section 6.1; code: SciPy")
def bfgs(
    oracle: GradientOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    gtol: float = 1e-5,
) -> Generator[Array, None, str]:
    """Broyden, Fletcher, Goldfarb and Shanno's: a full approximation of the inverse Hessian, and a Wolfe line search.

    Options as SciPy has them. It stops by itself where no component of the gradient exceeds gtol.
    """
    yield from ()
    return by_gradients(oracle, x, "BFGS", {"gtol": gtol, "maxiter": FOREVER})


@solver("l-bfgs-b", uses="gradient", reference="Liu & Nocedal 1989; Byrd, Lu, Nocedal & Zhu 1995; code: SciPy")
def l_bfgs_b(
    oracle: GradientOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    memory: int = 10,
    ftol: float = 2.2e-9,
    gtol: float = 1e-5,
) -> Generator[Array, None, str]:
    """BFGS from the last few gradients only, here without bounds.

    Options as SciPy has them (`memory` is its maxcor). It stops by itself where a step gains less than ftol times the
    value (or 1, if that is more), or where no component of the gradient exceeds gtol.
    """
    yield from ()
    options = {"maxcor": memory, "ftol": ftol, "gtol": gtol, "maxiter": FOREVER, "maxfun": FOREVER}
    return by_gradients(oracle, x, "L-BFGS-B", options)


@solver("newton-cg", uses="hessian", reference="Nocedal & Wright 2006, section 7.1; code: SciPy")
def newton_cg(
    oracle: HessianOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    xtol: float = 1e-5,
) -> Generator[Array, None, str]:
    """Newton's method, each step solved by conjugate gradients on Hessian-vector products, and a Wolfe line search.

    Options as SciPy has them. It stops by itself where the mean step of a coordinate is below xtol.
    """
    yield from ()
    return by_gradients(oracle, x, "Newton-CG", {"xtol": xtol, "maxiter": FOREVER})


@solver("trust-ncg", uses="hessian", reference="Steihaug 1983; Nocedal & Wright 2006, section 7.2; code: SciPy")
def trust_ncg(
    oracle: HessianOracle,
    x: Array,
    rng: np.random.Generator,
    *,
    gtol: float = 1e-4,
) -> Generator[Array, None, str]:
    """Newton's method within a trust region, each step by conjugate gradients on Hessian-vector products.

    Options as SciPy has them. It stops by itself where the gradient is shorter than gtol.
    """
    yield from ()
    return by_gradients(oracle, x, "trust-ncg", {"gtol": gtol, "maxiter": FOREVER})
