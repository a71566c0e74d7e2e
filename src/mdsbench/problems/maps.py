"""The problem of placing points from distances, with the compiled stress.

Distances of places on the earth are stored in memory if they are small enough, and else computed at every call. With
stored distances a call may be faster, and more starts and gradient sources are possible.
"""

from functools import cache
from math import nan

from mdsbench.mds import stress
from mdsbench.mds.compiled import PRECISIONS, Stress
from mdsbench.mds.distances import GreatCircles, Kept, Stored
from mdsbench.problems import checks
from mdsbench.problems.data_files import UNKNOWN
from mdsbench.problems.problem import MapInfo, Problem
from mdsbench.registry.spec import Spec, Value
from mdsbench.system import memory

FEWEST = 4  # points: three always fit on a plane exactly, and leave nothing to minimise
KEPT_BYTES = 2**29  # stored by default up to here: the distances of 11,585 points
JACOBIAN_UP_TO = 400  # points: the Jacobian takes 8 n^3 bytes, here at most as many as the distances
TORCH_UP_TO = 2_000  # points: automatic differentiation keeps several numbers per pair


def of_places(
    name: str,
    circles: GreatCircles,
    *,
    precision: str,
    distances: str,
    info: MapInfo,
    best_known: float = nan,
    provenance: str = UNKNOWN,
    **options: Value,
) -> Problem:
    """The stress of a map of places on the earth. Its name includes `options` and choices that are not the default.

    `distances` is `stored`, `computed`, or `auto`: stored if they take at most 512 MB. Raises UsageError if they do not
    fit into memory.
    """
    unasked = "stored" if 8 * _pairs(circles.points) <= KEPT_BYTES else "computed"
    checks.choice("distances", distances, ("auto", "stored", "computed"))
    chosen = unasked if distances == "auto" else distances
    if chosen != unasked:
        options["distances"] = chosen
    targets: Stored | GreatCircles = circles
    if chosen == "stored":
        size = _pairs(circles.points) * (8 if precision == "double" else 12)  # single precision needs another copy
        what = f"keeping the distances of {circles.points:,} points"
        memory.require(size, what, "take distances=computed, which keeps none")
        targets = Kept(circles)
    return of_targets(
        name, targets, precision=precision, info=info, best_known=best_known, provenance=provenance, **options
    )


def of_targets(
    name: str,
    targets: Stored | GreatCircles,
    *,
    precision: str,
    info: MapInfo,
    best_known: float = nan,
    provenance: str = UNKNOWN,
    **options: Value,
) -> Problem:
    """The stress of the map with these targets, which are read at the first call or by `prepare`."""
    checks.choice("precision", precision, PRECISIONS)
    n = targets.points
    if precision != "double":
        options["precision"] = precision
    kernel = cache(lambda: Stress(targets, precision))
    kept = isinstance(targets, Stored)
    return Problem(
        ours=True,
        name=str(Spec(f"{name}-{n}", options=tuple(sorted(options.items())))),
        dimension=2 * n,
        prepare=lambda: kernel().prepare(),
        value=lambda x: kernel().value(x),
        value_and_gradient=lambda x: kernel().value_and_gradient(x),
        hessian_vector=lambda x, v: kernel().hessian_vector(x, v),
        guttman=lambda x: kernel().guttman(x),
        batch_gradient=lambda x, pairs: kernel().batch_gradient(x, pairs),
        residuals=(lambda x: stress.residuals(x, targets.condensed())) if kept and n <= JACOBIAN_UP_TO else None,
        jacobian=stress.jacobian if kept and n <= JACOBIAN_UP_TO else None,
        torch_value=(lambda x: stress.torch_value(x, targets.condensed())) if kept and n <= TORCH_UP_TO else None,
        terms=_pairs(n),
        round_off=2.0**-53 if precision == "double" else 2.0**-24,
        map=info,
        smoothness=4.0 * n,  # x - gradient / 4n is the Guttman transform of a centred x
        targets=targets,
        best_known=best_known,
        provenance=provenance,
    )


def _pairs(n: int) -> int:
    return n * (n - 1) // 2
