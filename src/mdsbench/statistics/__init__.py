"""What stored runs say: pure functions from frames to frames, each with its source.

>>> from mdsbench.statistics import arrivals, cost, running_time
>>> import pandas as pd
>>> runs = pd.DataFrame({
...     "key": ["a", "b"], "problem": "sphere-2", "solver": "gd", "start": ["uniform(seed=1)", "uniform(seed=2)"],
...     "seed": 0, "version": "gd", "problem_version": "sphere-2", "dimension": 2, "ending": "converged",
...     "iterations": [9, 4], "evaluations": 0, "gradients": [9, 4], "hessian_vectors": 0, "terms": [9, 4],
...     "seconds": 0.1, "terms_per_pass": 1, "start_loss": 1.0, "final_loss": [0.01, 0.5], "best_known": 0.0})
>>> improvements = pd.DataFrame({
...     "key": ["a", "b"], "iterations": [9, 4], "evaluations": 0, "gradients": [9, 4], "hessian_vectors": 0,
...     "terms": [9, 4], "seconds": 0.1, "loss": [0.01, 0.5]})
>>> table = arrivals(runs, improvements, [0.1])
>>> running_time(table, cost(table))[["solver", "arrived", "runs", "ert"]].values.tolist()
[['gd', 1, 2, 13.0]]

`mdsbench.store.frames.frames` reads the two tables from a store. `arrivals` makes the one table that the others take:
a row for each run and target, with its fate.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mdsbench.system.lazy import lazily

if TYPE_CHECKING:
    from mdsbench.statistics.anytime import anytime
    from mdsbench.statistics.arrivals import arrivals, cost
    from mdsbench.statistics.break_even import break_even
    from mdsbench.statistics.comparison import compare
    from mdsbench.statistics.ert import wilson
    from mdsbench.statistics.growth import growth, growth_of_ratio
    from mdsbench.statistics.ladder import ladder
    from mdsbench.statistics.overview import overview
    from mdsbench.statistics.profiles import data_profile, ecdf, performance_profile, reversals
    from mdsbench.statistics.running_time import holm, running_time, simulated_restarts
    from mdsbench.statistics.verdict import verdict
    from mdsbench.statistics.who_wins import who_wins

__all__ = [
    "anytime",
    "arrivals",
    "break_even",
    "compare",
    "cost",
    "data_profile",
    "ecdf",
    "growth",
    "growth_of_ratio",
    "holm",
    "ladder",
    "overview",
    "performance_profile",
    "reversals",
    "running_time",
    "simulated_restarts",
    "verdict",
    "who_wins",
    "wilson",
]

# The file of each name. They are imported when they are first used, because they import pandas and SciPy.
_LAZY = {
    "anytime": "anytime",
    "arrivals": "arrivals",
    "break_even": "break_even",
    "compare": "comparison",
    "cost": "arrivals",
    "data_profile": "profiles",
    "ecdf": "profiles",
    "growth": "growth",
    "growth_of_ratio": "growth",
    "holm": "running_time",
    "ladder": "ladder",
    "overview": "overview",
    "performance_profile": "profiles",
    "reversals": "profiles",
    "running_time": "running_time",
    "simulated_restarts": "running_time",
    "verdict": "verdict",
    "wilson": "ert",
    "who_wins": "who_wins",
}


class _Functions(ModuleType):
    """The package, in which a name is a function, also if the file that it is in has the same name."""

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute, unless it is the file that an import has just loaded under the name of a function."""
        if not (name in _LAZY and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Functions


__getattr__ = lazily(__name__, _LAZY)


def __dir__() -> list[str]:
    return __all__
