"""Gradient against derivative-free optimisation, measured on maps made of distances.

>>> import numpy as np
>>> import mdsbench
>>> result = mdsbench.minimize("gd", "cities-6", np.linspace(0, 1, 12), budget=200)
>>> result.njev
200

The decorators `solver`, `problem`, `start`, `step_rule` and `gradient_source` register functions of your own.
`problem_from_coordinates` and `problem_from_distances` make a problem of your own data. `run_campaign` runs many
solvers on many problems and keeps the runs in a store; `open_store` reads it.
"""

from typing import TYPE_CHECKING

from mdsbench.registry.decorators import gradient_source, problem, solver, start, step_rule
from mdsbench.system.lazy import lazily
from mdsbench.version import __version__

if TYPE_CHECKING:
    from mdsbench.api import minimize
    from mdsbench.campaigns.driver import run_campaign
    from mdsbench.campaigns.open_store import open_store
    from mdsbench.problems.problem import Problem
    from mdsbench.problems.user_data import problem_from_coordinates, problem_from_distances

__all__ = [
    "Problem",
    "__version__",
    "gradient_source",
    "minimize",
    "open_store",
    "problem",
    "problem_from_coordinates",
    "problem_from_distances",
    "run_campaign",
    "solver",
    "start",
    "step_rule",
]

# Names that are imported when they are first used, because they import SciPy, and `mdsbench --help` does not need it.
_LAZY = {
    "Problem": "problems.problem",
    "minimize": "api",
    "open_store": "campaigns.open_store",
    "problem_from_coordinates": "problems.user_data",
    "problem_from_distances": "problems.user_data",
    "run_campaign": "campaigns.driver",
}


__getattr__ = lazily(__name__, _LAZY)


def __dir__() -> list[str]:
    return __all__
