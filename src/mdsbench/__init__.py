"""Gradient against derivative-free optimisation, measured on maps made of distances.

    import mdsbench
    result = mdsbench.minimize("gd", "cities-34", x0, budget=200)

`solver` is the decorator that enters a solver of your own.
"""

from typing import TYPE_CHECKING, Any

from mdsbench.registry import solver

if TYPE_CHECKING:
    from mdsbench.interface import minimize

__all__ = ["minimize", "solver"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`minimize` is imported when it is asked for: it brings SciPy and pandas, and `mdsbench --help` needs neither."""
    if name == "minimize":
        from mdsbench.interface import minimize

        return minimize
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
