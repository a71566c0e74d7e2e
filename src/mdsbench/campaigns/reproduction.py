"""The fmin.xyz experiment: the ready campaign `reproduction`, for any sizes, starts, seed and further solvers.

Its blocks have the names of two protocols. `as-published` repeats what the original did: gradient descent with steps
tuned by hand for each size, a fixed number of iterations, and Nelder-Mead restarted for every one of its "iterations",
of which only the last restart's evaluations are charged. `honest` gives each method one run from the same start, with
no step tuned by hand, and charges every evaluation.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from mdsbench.campaigns import plan as plans
from mdsbench.campaigns.plan import Plan
from mdsbench.oracle.account import Limits
from mdsbench.problems.europe import cities_problem
from mdsbench.registry.spec import parse
from mdsbench.runs.cell import Cell
from mdsbench.statistics.results import AS_PUBLISHED

NAME = "reproduction"

GRADIENT_DESCENT = "gd"
NELDER_MEAD = "nelder-mead"
ADAPTIVE_NELDER_MEAD = "nelder-mead(adaptive=true)"

TRIAL_SECONDS = 60.0  # for one call of a further solver


def plan(sizes: Sequence[int], starts: int, seed: int, rivals: Sequence[str] = ()) -> Plan:
    """Both protocols at each size. `as-published` exists for 6, 15 and 34 cities only.

    `rivals` are further solvers for the honest protocol; random start k has the seed `seed` + k. Raises UsageError for
    a size or a solver that does not exist.
    """
    for n in sizes:
        cities_problem(n=n)
    path = plans.ready()[NAME]
    text = path.read_text(encoding="utf-8")
    content = tomllib.loads(text)
    problems = [f"cities-{n}" for n in sorted(set(sizes), reverse=True)]
    blocks = [
        chosen
        for block in content.pop("block")
        if (chosen := _chosen(block, problems, starts, seed, [str(parse(rival)) for rival in rivals]))
    ]
    asked = f"# sizes {list(sizes)}, {starts} random starts from seed {seed}, further solvers {list(rivals)}\n"
    return plans.plan(NAME, text + asked, {**content, "block": blocks}, {}, where=f"the campaign {NAME}")


def _chosen(
    block: Mapping[str, Any], problems: list[str], starts: int, seed: int, rivals: Sequence[str]
) -> dict[str, Any] | None:
    """A block of the campaign for these problems; None if nothing is left of it."""
    if block["name"] == AS_PUBLISHED:
        kept = [problem for problem in block["problems"] if problem in problems]
        return {**block, "problems": kept} if kept else None
    solvers = list(dict.fromkeys([*block["solvers"], *rivals]))
    chosen = {**block, "problems": problems, "solvers": solvers}
    if "repetitions" not in block:
        return chosen
    return {**chosen, "repetitions": starts, "first_seed": seed} if starts else None


@cache
def published_steps() -> frozenset[float]:
    """The steps that the original tuned by hand, as the campaign has them."""
    content = tomllib.loads(plans.ready()[NAME].read_text(encoding="utf-8"))
    specs = [
        parse(solver) for block in content["block"] if block["name"] == AS_PUBLISHED for solver in block["solvers"]
    ]
    return frozenset(float(dict(spec.options)["step"]) for spec in specs if spec.options)  # type: ignore[arg-type]


def trials(rivals: Sequence[str]) -> Iterator[Cell]:
    """One call of each further solver, which shows before all the work whether it can run."""
    for rival in rivals:
        yield Cell("cities-6", rival, "published", Limits(calls=1, seconds=TRIAL_SECONDS))
