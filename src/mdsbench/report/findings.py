"""What the outcomes say, in words: every sentence is made from the data and holds for whatever was run."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from mdsbench.registry import SOLVERS
from mdsbench.report.style import title
from mdsbench.report.tables import Account, Tally, arrival, calls, published_start, sizes, tallies
from mdsbench.report.units import flops, typical_error_km
from mdsbench.reproduction import AS_PUBLISHED, HONEST, RESTARTED_NELDER_MEAD, Outcome, charged_by_the_original
from mdsbench.run import Run
from mdsbench.spec import parse

NEWS = -1e-9  # a gap below this is more than round-off: the run found better than the best known

_ENDINGS = {
    "converged": "stopped at a higher loss",
    "diverged": "diverged",
    "timeout": "ran out of time",
    "error": "failed with an error",
}


class Size(NamedTuple):
    """What was found at one size: each solver with what became of it, and the price of having no gradient."""

    cities: int
    solvers: list[tuple[str, str]]
    price: str | None


class Findings(NamedTuple):
    """The verdict in a sentence, then size by size, across the sizes, on the original's accounting, and any news."""

    headline: str
    sizes: list[Size]
    growth: list[tuple[str, str]]
    accounting: list[str]
    news: list[str]


def findings(outcomes: Sequence[Outcome]) -> Findings:
    """All that the outcomes say, the honest protocol's and, where it was run, the published one's."""
    listed = sizes(outcomes)
    return Findings(
        headline=_headline(outcomes, listed[-1]),
        sizes=[_size(outcomes, n) for n in listed],
        growth=_growth(outcomes) if len(listed) > 1 else [],
        accounting=[text for n in listed if (text := _accounting(outcomes, n))],
        news=[_news(outcome) for outcome in outcomes if outcome.run.gap < NEWS],
    )


def _headline(outcomes: Sequence[Outcome], n: int) -> str:
    """The verdict at one size: from random starts where there are any, else from the published one."""
    runs = methods(published_start(outcomes, HONEST, n))
    counted = [tally for run in runs if (tally := _tally(outcomes, run))]
    starts = len(counted[0].runs) if counted else 0
    if starts > 1:
        first, *others = counted
        shares = [f"{_inside(first.solver)} finds the best known map from {_share(first.reached, starts)}"]
        shares += [f"{_inside(tally.solver)} from {_share(tally.reached, starts).split()[0]}" for tally in others]
        return f"{n} cities, {starts} random starts: {_listed(shares, 'and')}."
    chosen = [tally.runs[0] for tally in counted] or runs
    found = [_finds(run, "it" if k else "the best known map") for k, run in enumerate(chosen)]
    return f"{n} cities, {'one random' if starts else 'the published'} start: {_listed(found, 'and')}."


def _finds(run: Run, what: str) -> str:
    moment = arrival(run)
    return f"{_inside(run.cell.solver)} " + (
        f"finds {what} after {_spent(run, moment)}" if moment else f"does not find {what} within {_spent(run, run)}"
    )


def _size(outcomes: Sequence[Outcome], n: int) -> Size:
    runs = methods(published_start(outcomes, HONEST, n))
    told = []
    for run in runs:
        tally = _tally(outcomes, run)
        told.append((run.cell.solver, " ".join([_single(run), _many(tally)] if tally else [_single(run)])))
    return Size(n, told, _price(runs))


def _single(run: Run) -> str:
    """What became of the published start."""
    if moment := arrival(run):
        return f"From the published start it is within 1 % of the best known loss after {_spent(run, moment)}."
    end = {
        "converged": f"it stops by itself after {_spent(run, run)}",
        "budget": f"it uses up {_spent(run, run)}",
        "diverged": f"it diverges after {_spent(run, run)}",
        "timeout": f"it runs out of time after {_spent(run, run)}",
    }.get(run.ending, f"it fails after {_spent(run, run)}")
    ratio = run.final_loss / run.best_known
    above = f"{100 * (ratio - 1):.3g} % above" if ratio < 2 else f"at {_round(ratio)} times"
    error, least = (kilometres(loss, run.dimension) for loss in (run.final_loss, run.best_known))
    return (
        f"From the published start {end} and ends {above} the best known loss: "
        f"a typical error of {error} km, not {least} km."
    )


def _many(tally: Tally) -> str:
    """What became of the random starts."""
    starts, reached = len(tally.runs), tally.reached
    failed = _failures([run for run in tally.runs if not arrival(run)], everyone=not reached)
    half = tally.quantile(0.5, calls)
    run = tally.runs[0]
    if starts == 1:
        end = f"gets there after {_calls(run, int(half.cost))}" if reached else f"does not get there: it {failed}"
        return f"From the random start it {end}."
    if half.reached:
        when = f", half of {'them' if reached == starts else f'all {starts}'} within {_calls(run, int(half.cost))}"
    else:
        quickest = tally.quantile(0, calls)
        when = f", the quickest after {_calls(run, int(quickest.cost))}" if reached else ""
    share = _share(reached, starts)
    verb = "get" if reached > 1 else "gets"
    return f"{share.capitalize()} random starts {verb} there{when}{'; ' + failed if failed else ''}."


def _failures(runs: list[Run], *, everyone: bool) -> str:
    """How the runs that did not get there ended: "the other 5 stopped at a higher loss"."""
    ends = Counter(_ENDINGS.get(run.ending) or f"used up {_spent(run, run)}" for run in runs)
    told = _listed([f"{count} {end}" if len(ends) > 1 else end for end, count in ends.most_common()], "and")
    if not runs or (everyone and len(runs) == 1):
        return told
    who = "all" if everyone else "the other one" if len(runs) == 1 else f"the other {len(runs)}"
    if len(ends) > 1:
        return told if everyone else f"of the other {len(runs)}, {told}"
    return f"{who} {told}"


def _price(runs: list[Run]) -> str | None:
    """What it costs to have no gradient, from the published start; None where nothing can be compared."""
    paid = {run: moment for run in runs if (moment := arrival(run))}
    with_gradient = [run for run in paid if not derivative_free(run.cell.solver)]
    without = [run for run in paid if derivative_free(run.cell.solver)]
    if not with_gradient:
        return None
    first = min(with_gradient, key=lambda run: paid[run].calls)
    if not without:
        return (
            "Without gradients, no method gets there from the published start; "
            f"{_inside(first.cell.solver)} needs {_spent(first, paid[first])}."
        )
    second = min(without, key=lambda run: paid[run].calls)
    return (
        f"Without gradients, from the published start: {_inside(second.cell.solver)} needs "
        f"{_spent(second, paid[second])} where {_inside(first.cell.solver)} needs {_spent(first, paid[first])}, "
        f"{_times(paid[second].calls, paid[first].calls)} as many calls."
    )


def _growth(outcomes: Sequence[Outcome]) -> list[tuple[str, str]]:
    """For each solver, how its cost grows with the dimension."""
    solvers = dict.fromkeys(
        run.cell.solver for n in sizes(outcomes) for run in methods(published_start(outcomes, HONEST, n))
    )
    return [(solver, _growth_of(outcomes, solver)) for solver in solvers]


def _growth_of(outcomes: Sequence[Outcome], solver: str) -> str:
    counted = [tally for tally in tallies(outcomes) if tally.solver == solver]
    arrive, fail = "half of the random starts get there", "fewer than half of the random starts get there"
    if not counted:
        runs = [run for n in sizes(outcomes) for run in published_start(outcomes, HONEST, n)]
        counted = [Tally(run.dimension // 2, solver, [run]) for run in runs if run.cell.solver == solver]
        arrive, fail = "the published start gets there", "the published start does not get there"
    elif len(counted[0].runs) == 1:
        arrive, fail = "the random start gets there", "the random start does not get there"
    costs = [(2 * tally.cities, tally.quantile(0.5, calls)) for tally in counted]
    got = {dimension: int(cost.cost) for dimension, cost in costs if cost.reached}
    missed = [str(dimension) for dimension, cost in costs if not cost.reached]
    told = []
    if got:
        numbers, dimensions = (
            _listed([f"{cost:,}" for cost in got.values()], "and"),
            _listed(list(map(str, got)), "and"),
        )
        told.append(f"{arrive} within {numbers} calls at {dimensions} variables{_rise(got)}")
    if missed:
        told.append(f"{fail} at {_listed(missed, 'and')} variables")
    return "; ".join(told).capitalize() + "."


def _rise(costs: dict[int, int]) -> str:
    """From the smallest dimension to the largest: ", 2.1 times the calls for 5.7 times the variables"."""
    smallest, *_, largest = costs if len(costs) > 1 else (0, 0)
    if not smallest:
        return ""
    return f", {costs[largest] / costs[smallest]:.1f} times the calls for {largest / smallest:.1f} times the variables"


def _accounting(outcomes: Sequence[Outcome], n: int) -> str | None:
    """Charged against spent, for the published protocol at one size; None where it was not run."""
    runs = published_start(outcomes, AS_PUBLISHED, n)
    restarted = next((run for run in runs if run.cell.solver == RESTARTED_NELDER_MEAD), None)
    descent = next((run for run in runs if not derivative_free(run.cell.solver)), None)
    if not restarted or not descent:
        return None
    k, spent, charged = restarted.iterations, restarted.evaluations, charged_by_the_original(restarted)[-1]
    price = flops(0, descent.gradients, n)
    return (
        f"{n} cities: the published {k:,} iterations are {k:,} restarts with {k * (k + 1) // 2:,} iterations; "
        f"{charged:,} evaluations charged, {spent:,} spent, {_times(spent, charged)} as many. On the original's cost "
        f"axis Nelder–Mead pays {_times(flops(charged, 0, n), price)} what gradient descent pays; "
        f"charged for all that it spent, {_times(flops(spent, 0, n), price)}."
    )


def _news(outcome: Outcome) -> str:
    run = outcome.run
    return (
        f"{title(run.cell.solver)} ({outcome.protocol}, {outcome.cities} cities, start {run.cell.start}) found a lower "
        f"loss than the best known: {run.final_loss:.9g} against {run.best_known:.9g}."
    )


def derivative_free(solver: str) -> bool:
    """Whether a solver sees function values only."""
    return SOLVERS[parse(solver).name].uses == "value"


def methods(runs: list[Run]) -> list[Run]:
    """The runs, those with gradients first."""
    return sorted(runs, key=lambda run: derivative_free(run.cell.solver))


def kilometres(loss: float, dimension: int) -> str:
    """A loss as the distances' root mean square error in km, to three digits."""
    return _round(float(typical_error_km(loss, dimension // 2)))


def _tally(outcomes: Sequence[Outcome], run: Run) -> Tally | None:
    """The random starts of the run's solver at the run's size."""
    mine = (run.dimension // 2, run.cell.solver)
    return next((tally for tally in tallies(outcomes) if tally[:2] == mine), None)


def _inside(solver: str) -> str:
    """A method's name as it stands inside a sentence: "adaptive Nelder–Mead"."""
    name, _, kind = title(solver).partition(", ")
    return f"{kind} {name}".strip().replace("Gradient", "gradient")


def _spent(run: Run, account: Account) -> str:
    return _calls(run, account.calls)


def _calls(run: Run, number: int) -> str:
    """A number of calls, named after what the run called."""
    kind = "call" if run.evaluations and run.gradients else "gradient" if run.gradients else "evaluation"
    return f"{number:,} {kind}{'' if number == 1 else 's'}"


def _share(part: int, whole: int) -> str:
    return f"none of {whole}" if not part else f"all {whole}" if part == whole else f"{part} of {whole}"


def _times(more: int, less: int) -> str:
    return f"{_round(more / less)} times"


def _round(number: float) -> str:
    """Three digits, and all of those before the decimal point."""
    decimals = 0 if number >= 99.95 else 1 if number >= 9.995 else 2
    return f"{number:,.{decimals}f}"


def _listed(items: list[str], last: str) -> str:
    """One, two and three."""
    return f" {last} ".join(filter(None, [", ".join(items[:-1]), items[-1]])) if items else ""
