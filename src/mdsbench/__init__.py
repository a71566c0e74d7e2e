"""Gradient against derivative-free optimisation, measured on maps made of distances.

    import mdsbench
    result = mdsbench.minimize("gd", "cities-34", x0, budget=200)

`solver` is the decorator that enters a solver of your own; `problem_from_coordinates` and `problem_from_distances` make
a problem of your own data, to be given to `minimize`.
"""

from typing import TYPE_CHECKING, Any

from mdsbench.registry.registry import solver
from mdsbench.version import __version__

if TYPE_CHECKING:
    from mdsbench.api import minimize
    from mdsbench.problems.user_data import problem_from_coordinates, problem_from_distances

__all__ = ["__version__", "minimize", "problem_from_coordinates", "problem_from_distances", "solver"]


def __getattr__(name: str) -> Any:
    """All but `solver` is imported when it is asked for: it brings SciPy, and `mdsbench --help` does without."""
    if name == "minimize":
        from mdsbench.api import minimize

        return minimize
    if name in __all__:
        from mdsbench.problems import user_data

        return getattr(user_data, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
