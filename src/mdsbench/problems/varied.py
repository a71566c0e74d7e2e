"""The variants of every problem, as options of its name: `sphere-10(noise=0.01)`, `cities-34(hidden=0.2, jump=1)`.

They are applied in the order of this file. The first two change the function that is minimised and its minimum, the
next three put obstacles in the way and keep the minimum, and the last two disturb what the solver receives, but not
what is recorded.
"""

from dataclasses import replace
from functools import partial
from math import isnan

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.mds.distances import Stored
from mdsbench.problems import checks, variants
from mdsbench.problems.data_files import BestKnown, best_known
from mdsbench.problems.disturbances import disturbed, normal_noise, rounding
from mdsbench.problems.edge import guarded
from mdsbench.problems.obstacles import HALF_SPACES, Failures, Plateaus, Steps
from mdsbench.problems.problem import Array, Problem
from mdsbench.registry.decorators import variant
from mdsbench.registry.spec import Value
from mdsbench.system import memory

STAYS_0 = "0, as without the variant: no term is negative, and all are 0 at the same point"

OF_ONE_FUNCTION = (
    *("hessian_vector", "directional_derivative", "residuals", "jacobian", "guttman", "batch_gradient", "torch_value"),
    "smoothness",
)  # what a problem with another function does not have, unless it is given anew


@variant("loss", reference="Moré & Wild 2009, section 4: the piecewise smooth problems")
def absolute(problem: Problem, *, loss: str = "squares") -> Problem:
    """Kinks: with loss=absolute the sum of the absolute values of the residuals, instead of their squares.

    A residual of 0 contributes nothing to the subgradient. Of a map it is the sum of absolute deviations, see
    `mdsbench.problems.variants`.
    """
    checks.choice("loss", loss, ("squares", "absolute"))
    if loss == "squares":
        return problem
    best, provenance = _best_known(problem, variants.name(problem, "loss", loss))
    if isinstance(problem.targets, Stored):
        return variants.absolute(problem, best, provenance)
    if not (problem.residuals and problem.jacobian):
        raise UsageError(f"{problem.name} is no sum of squares, so loss=absolute makes no sense: leave it out")
    memory.require(16 * problem.dimension**2, f"the Jacobian of {problem.name}", "take fewer variables")
    checked = _checked(problem)
    residuals, jacobian = checked.residuals, checked.jacobian
    assert residuals is not None
    assert jacobian is not None

    def value_and_gradient(x: Array) -> tuple[float, Array]:
        r = residuals(x)
        return float(np.abs(r).sum()), jacobian(x).T @ np.sign(r)

    return _varied(
        checked,
        ("loss", loss),
        value=lambda x: float(np.abs(residuals(x)).sum()),
        value_and_gradient=value_and_gradient,
        best_known=best,
        provenance=provenance,
    )


@variant("missing", reference="Kruskal 1964; Borg & Groenen 2005, section 8.3")
def missing_pairs(problem: Problem, *, missing: float = 0.0) -> Problem:
    """Missing terms: the stress of a map without this share of its pairs, always the same pairs."""
    if not 0 <= missing < 1:
        raise UsageError(f"missing={missing:g}: it is a share of the pairs, from 0 to below 1")
    if not missing:
        return problem
    if not isinstance(problem.targets, Stored) or problem.guttman is None:
        raise UsageError(f"{problem.name} is no stress with all distances in memory: leave out missing=")
    n = problem.targets.points
    memory.require(64 * n**2, f"the stress of {n:,} points without some distances", "take fewer points")
    return variants.without(problem, missing, *_best_known(problem, variants.name(problem, "missing", missing)))


@variant("plateau", reference="De Jong 1975, F3; BBOB: Hansen, Finck, Ros & Auger 2009, f7")
def plateaus(problem: Problem, *, plateau: float = 0.0) -> Problem:
    """Plateaus: every variable is rounded to a multiple of this width before the function is evaluated.

    The function is constant in cubes, and its gradient is 0. The best known value is a lower bound, which is reached if
    a minimum is on the lattice.
    """
    if not checks.amount("plateau", plateau):
        return problem
    checked = _checked(problem)
    flat = Plateaus(checked, plateau)
    return _varied(
        checked,
        ("plateau", plateau),
        value=flat.value,
        value_and_gradient=flat.value_and_gradient,
        provenance=f"{problem.provenance}; a lower bound, because the minimum need not be on the lattice",
    )


@variant("jump", reference="step discontinuities at hyperplanes; see mdsbench.problems.obstacles")
def jumps(problem: Problem, *, jump: float = 0.0) -> Problem:
    """Discontinuities: at the border of each of ten random half-spaces f - f* changes by this many times itself.

    The minimum and its value stay. The gradient is that between the borders. The best value must be known.
    """
    if not checks.amount("jump", jump):
        return problem
    if isnan(problem.best_known):
        raise UsageError(f"no best value of {problem.name} is known, and jump= multiplies f - f*: leave out jump=")
    checked = _checked(problem)
    steps = Steps(checked, jump)
    return _varied(
        checked,
        ("jump", jump),
        value=steps.value,
        value_and_gradient=steps.value_and_gradient,
        hessian_vector=steps.hessian_vector if problem.hessian_vector else None,
        smoothness=problem.smoothness and problem.smoothness * (1 + HALF_SPACES * jump),
    )


@variant("hidden", reference="hidden constraints: Le Digabel & Wild 2015, class NUSH; Chen & Kelley 2016")
def hidden_failures(problem: Problem, *, hidden: float = 0.0) -> Problem:
    """Hidden failures: in this share of the space, in small regions, the value is NaN.

    A solver that compares values receives inf there, and the call is charged. A gradient asked there ends the run. A
    start that fails is moved. The minimum and its value stay. See `mdsbench.problems.obstacles.Failures`. To know where
    it fails, the function is called once at its published start and, if the start of a run is in a region that may
    fail, at each of its moves. These calls are charged to no run.
    """
    if not 0 <= hidden < 1:
        raise UsageError(f"hidden={hidden:g}: it is a share of the space, from 0 to below 1")
    if not hidden:
        return problem
    checked = _checked(problem)
    failures = Failures(checked, hidden)
    return _varied(
        checked,
        ("hidden", hidden),
        value=failures.value,
        value_and_gradient=failures.value_and_gradient,
        fails=failures.fails,
        smoothness=problem.smoothness,
    )


@variant("noise", reference="stochastic noise: Moré & Wild 2009, section 4, here independent of the value")
def noisy(problem: Problem, *, noise: float = 0.0) -> Problem:
    """Noise: what the solver receives has independent normal noise of this standard deviation.

    It is the same for values, components of derivatives and residuals.
    """
    if not checks.amount("noise", noise):
        return problem
    return replace(disturbed(problem, normal_noise(noise), noise), name=variants.name(problem, "noise", noise))


@variant("quantum", reference="rounding; its error is uniform")
def rounded(problem: Problem, *, quantum: float = 0.0) -> Problem:
    """Rounding: what the solver receives is the nearest multiple of this, after the noise if there is any."""
    if not checks.amount("quantum", quantum):
        return problem
    deviation = quantum / 12**0.5
    return replace(disturbed(problem, rounding(quantum), deviation), name=variants.name(problem, "quantum", quantum))


def _checked(problem: Problem) -> Problem:
    """The problem, behind the edge if its functions are a user's."""
    return problem if problem.ours else guarded(problem)


def _varied(problem: Problem, option: tuple[str, Value], **changes: object) -> Problem:
    """The problem with another function, which has nothing more of the old one than what is given."""
    make = partial(replace, problem, name=variants.name(problem, *option))
    return make(**{**dict.fromkeys(OF_ONE_FUNCTION), **changes})


def _best_known(problem: Problem, varied: str) -> BestKnown:
    """The best known value of another sum of the same terms, by the name of the variant.

    It is 0 if that of the problem is 0, else that of a data file, or unknown.
    """
    if problem.best_known == 0:
        return BestKnown(0.0, STAYS_0)
    return best_known("best_known_variants.json", varied)
