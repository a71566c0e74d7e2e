"""The numbers of the page, section by section, as text for its templates."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from mdsbench.registry.spec import parse
from mdsbench.runs.run import Run
from mdsbench.statistics.cost_model import Currency
from mdsbench.statistics.results import (
    AS_PUBLISHED,
    HONEST,
    Outcome,
    Quantile,
    Results,
    Size,
    Tally,
    arrival,
    derivative_free,
)
from mdsbench.statistics.wording import counted, kilometres


class Published(NamedTuple):
    """What the original chose on one map."""

    step: float
    gd_iterations: int
    nelder_mead_runs: int


def published(size: Size) -> Published:
    """The choices of the original that its runs of the protocol `as-published` have."""
    step, iterations = 0.0, {True: 0, False: 0}
    for run in size.as_published:
        iterations[derivative_free(run)] = run.cell.limits.iterations or 0
        step = float(dict(parse(run.cell.solver).options).get("step", step))  # type: ignore[arg-type]
    return Published(step, iterations[False], iterations[True])


def budgets(results: Results) -> tuple[int, int]:
    """The calls per variable of the honest protocol, from the published start and from random ones; 0 if unlimited."""
    honest = (run for size in results.sizes for run in size.honest)
    random = (run for tally in results.tallies for run in tally.runs)
    return _calls_per_variable(honest), _calls_per_variable(random)


def _calls_per_variable(runs: Iterable[Run]) -> int:
    return max(((run.cell.limits.calls or 0) // run.dimension for run in runs if run.dimension), default=0)


def singles(results: Results, currency: Currency) -> dict[str, list[dict[str, Any]]]:
    """The rows of each protocol in the table of the published start."""
    return {
        HONEST: [_single(Outcome(HONEST, run), currency) for size in results.sizes for run in size.honest],
        AS_PUBLISHED: [
            _single(Outcome(AS_PUBLISHED, run), currency) for size in results.sizes for run in size.as_published
        ],
    }


def _single(outcome: Outcome, currency: Currency) -> dict[str, Any]:
    """A run as numbers for people, empty if they would be noise."""
    run, spent = outcome.run, outcome.run.spent
    moment = arrival(run)
    return {
        "cities": outcome.map.points,
        "solver": run.cell.solver,
        "iterations": f"{spent.iterations:,}",
        "evaluations": f"{spent.evaluations:,}" if spent.evaluations else "",
        "charged": f"{outcome.charged_evaluations:,}" if outcome.charged_evaluations != spent.evaluations else "",
        "gradients": f"{spent.gradients:,}" if spent.gradients else "",
        "to_target": counted(currency.cost(moment, run)) if moment else "not reached",
        "seconds": f"{spent.seconds:.3f}",
        "km": kilometres(run.final_loss, outcome.map),
        "loss": f"{run.final_loss:.2e}",
        "ending": run.ending,
    }


def tallies(results: Results, currency: Currency) -> list[dict[str, Any]]:
    """The rows of the table of the random starts, smallest map first, gradient methods first."""
    listed = sorted(results.tallies, key=lambda tally: (tally.map.points, derivative_free(*tally.runs)))
    return [_tally(tally, currency) for tally in listed]


def _tally(tally: Tally, currency: Currency) -> dict[str, Any]:
    losses = sorted(run.final_loss for run in tally.runs)
    cost = currency.meter(tally.runs[0])
    return {
        "cities": tally.map.points,
        "solver": tally.solver,
        "reached": f"{tally.reached} of {len(tally.runs)}",
        "costs": [_cost(tally.quantile(share, cost)) for share in (0.25, 0.5, 0.75)],
        "km": [kilometres(losses[k], tally.map) for k in (0, (len(losses) - 1) // 2, -1)],
    }


def _cost(quantile: Quantile) -> str:
    return counted(quantile.cost) if quantile.reached else "not reached"
