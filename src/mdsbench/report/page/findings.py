"""What the outcomes say, in words: every sentence is made from the data and holds for whatever was run."""

from collections import Counter
from typing import NamedTuple

from mdsbench.oracle.account import Moment
from mdsbench.oracle.endings import Ending
from mdsbench.report.style import title
from mdsbench.runs.run import Run
from mdsbench.statistics import wording
from mdsbench.statistics.cost_model import CALLS, Currency
from mdsbench.statistics.results import (
    RESTARTED_NELDER_MEAD,
    Outcome,
    Results,
    Size,
    Tally,
    arrival,
    charged_by_the_original,
    derivative_free,
    map_of,
)
from mdsbench.statistics.units import flops
from mdsbench.statistics.wording import kilometres

LOWER = -1e-9  # a gap below this is more than round-off: the run found a lower value than the best known


class Verdict(NamedTuple):
    """What was found at one size: each solver with what became of it, and the price of having no gradient."""

    cities: int
    solvers: list[tuple[str, str]]
    price: str | None


class Findings(NamedTuple):
    """The verdict in a sentence, size by size, across the sizes, on the original's accounting, and lower losses."""

    headline: str
    sizes: list[Verdict]
    growth: list[tuple[str, str]]
    accounting: list[str]
    lower: list[str]


def findings(results: Results, currency: Currency = CALLS) -> Findings:
    """All that the results say, the honest protocol's and, if it was run, the published one's."""
    return Findings(
        headline=_headline(results.sizes[-1], currency),
        sizes=[_verdict(size, currency) for size in results.sizes],
        growth=_growth(results, currency) if len(results.sizes) > 1 else [],
        accounting=[text for size in results.sizes if (text := _accounting(size))],
        lower=[_lower(outcome) for outcome in results.outcomes if outcome.run.gap < LOWER],
    )


def _headline(size: Size, currency: Currency) -> str:
    """The verdict on one map: from random starts if there are any, else from the published one."""
    n, runs = size.map.points, size.honest
    counted = [tally for run in runs if (tally := size.tallies.get(run.cell.solver))]
    starts = len(counted[0].runs) if counted else 0
    if starts > 1:
        first, *others = counted
        shares = [f"{_inside(first.solver)} finds the best known map from {wording.share(first.reached, starts)}"]
        for tally in others:
            shares.append(f"{_inside(tally.solver)} from {wording.share(tally.reached, starts).split()[0]}")
        return f"{n} cities, {starts} random starts: {wording.listed(shares)}."
    chosen = [tally.runs[0] for tally in counted] or runs
    found = [_finds(run, "it" if k else "the best known map", currency) for k, run in enumerate(chosen)]
    return f"{n} cities, {'one random' if starts else 'the published'} start: {wording.listed(found)}."


def _finds(run: Run, what: str, currency: Currency) -> str:
    moment = arrival(run)
    spent = _spent(run, moment or run.spent, currency)
    found = f"finds {what} after {spent}" if moment else f"does not find {what} within {spent}"
    return f"{_inside(run.cell.solver)} {found}"


def _verdict(size: Size, currency: Currency) -> Verdict:
    texts = []
    for run in size.honest:
        tally = size.tallies.get(run.cell.solver)
        sentences = [_single(run, currency), *([_many(tally, currency)] if tally else [])]
        texts.append((run.cell.solver, " ".join(sentences)))
    return Verdict(size.map.points, texts, _price(size.honest, currency))


def _single(run: Run, currency: Currency) -> str:
    """What became of the published start."""
    if moment := arrival(run):
        spent = _spent(run, moment, currency)
        return f"From the published start it is within 1 % of the best known value after {spent}."
    spent = _spent(run, run.spent, currency)
    reason = wording.without_folders(run.message.partition("\n")[0])
    end = run.ending.present.format(spent=spent)
    if run.ending.failed and run.ending not in (Ending.DIVERGED, Ending.TIMEOUT) and reason:
        end += f" ({reason})"
    if not run.improvements:
        return f"From the published start {end}."
    ratio = run.final_loss / run.best_known
    above = f"{100 * (ratio - 1):.3g} % above" if ratio < 2 else f"at {wording.rounded(ratio)} times"
    error, least = (kilometres(loss, map_of(run)) for loss in (run.final_loss, run.best_known))
    where = "is" if run.ending is Ending.DIVERGED else "and ends"
    return (
        f"From the published start {end} {where} {above} the best known value: "
        f"a typical error of {error} km, not {least} km."
    )


def _many(tally: Tally, currency: Currency) -> str:
    """What became of the random starts."""
    starts, reached = len(tally.runs), tally.reached
    failed = _failures([run for run in tally.runs if not arrival(run)], currency, everyone=not reached)
    run = tally.runs[0]
    cost = currency.meter(run)
    half = tally.quantile(0.5, cost)
    if starts == 1:
        end = f"gets there after {currency.in_words(run, half.cost)}" if reached else f"does not get there: it {failed}"
        return f"From the random start it {end}."
    if half.reached:
        when = (
            f", half of {'them' if reached == starts else f'all {starts}'} within {currency.in_words(run, half.cost)}"
        )
    else:
        quickest = tally.quantile(0, cost)
        when = f", the quickest after {currency.in_words(run, quickest.cost)}" if reached else ""
    share = wording.share(reached, starts)
    verb = "get" if reached > 1 else "gets"
    return f"{share.capitalize()} random starts {verb} there{when}{'; ' + failed if failed else ''}."


def _failures(runs: list[Run], currency: Currency, *, everyone: bool) -> str:
    """How the runs that did not get there ended: "the other 5 stopped at a higher value"."""
    ends = Counter(run.ending.past.format(spent=_spent(run, run.spent, currency)) for run in runs)
    texts = wording.listed([f"{count} {end}" if len(ends) > 1 else end for end, count in ends.most_common()])
    if not runs or (everyone and len(runs) == 1):
        return texts
    who = "all" if everyone else "the other one" if len(runs) == 1 else f"the other {len(runs)}"
    if len(ends) > 1:
        return texts if everyone else f"of the other {len(runs)}, {texts}"
    return f"{who} {texts}"


def _none_of(runs: list[Run]) -> str:
    """Who did not get there, all without gradients, in words."""
    names = [_inside(run.cell.solver) for run in runs if derivative_free(run)]
    if len(names) == 1:
        return f"{names[0]} does not get there"
    return f"neither {' nor '.join(names)} gets there" if names else "nothing was tried"


def _price(runs: list[Run], currency: Currency) -> str | None:
    """What it costs to have no gradient, from the published start; None where nothing can be compared."""
    paid = {run: moment for run in runs if (moment := arrival(run))}
    cost = {run: currency.cost(moment, run) for run, moment in paid.items()}
    with_gradient = [run for run in paid if not derivative_free(run)]
    without = [run for run in paid if derivative_free(run)]
    if not with_gradient:
        return None
    first = min(with_gradient, key=lambda run: cost[run])
    if not without:
        return (
            f"Without gradients, {_none_of(runs)} from the published start; "
            f"{_inside(first.cell.solver)} needs {currency.in_words(first, cost[first])}."
        )
    second = min(without, key=lambda run: cost[run])
    compared = "the cost" if currency.counts_calls else f"the cost, {currency.rate(first.dimension)}"
    return (
        f"Without gradients, from the published start: {_inside(second.cell.solver)} needs "
        f"{currency.in_words(second, cost[second])} where {_inside(first.cell.solver)} needs "
        f"{currency.in_words(first, cost[first])}, {wording.times(cost[second], cost[first])} {compared}."
    )


def _growth(results: Results, currency: Currency) -> list[tuple[str, str]]:
    """For each solver, how its cost grows with the dimension."""
    return [(solver, _growth_of(results, solver, currency)) for solver in results.solvers]


def _growth_of(results: Results, solver: str, currency: Currency) -> str:
    counted = [size.tallies[solver] for size in results.sizes if solver in size.tallies]
    arrive, fail = "half of the random starts get there", "fewer than half of the random starts get there"
    if not counted:
        runs = [(size.map, run) for size in results.sizes for run in size.honest]
        counted = [Tally(places, solver, [run]) for places, run in runs if run.cell.solver == solver]
        arrive, fail = "the published start gets there", "the published start does not get there"
    elif len(counted[0].runs) == 1:
        arrive, fail = "the random start gets there", "the random start does not get there"
    costs = [(2 * tally.map.points, tally.quantile(0.5, currency.meter(tally.runs[0]))) for tally in counted]
    got = {dimension: cost.cost for dimension, cost in costs if cost.reached}
    missed = [str(dimension) for dimension, cost in costs if not cost.reached]
    texts = []
    if got:
        costs_there = wording.listed([wording.counted(cost) for cost in got.values()])
        texts.append(f"{arrive} within {costs_there} function values at {wording.listed([*map(str, got)])} variables")
        texts[0] += _rise(got)
    if missed:
        texts.append(f"{fail} at {wording.listed(missed)} variables")
    return "; ".join(texts).capitalize() + "."


def _rise(costs: dict[int, float]) -> str:
    """From the smallest dimension to the largest: ", 2.1 times the cost for 5.7 times the variables"."""
    smallest, *_, largest = costs if len(costs) > 1 else (0, 0)
    if not smallest:
        return ""
    more = f"{costs[largest] / costs[smallest]:.1f} times the cost"
    return f", {more} for {largest / smallest:.1f} times the variables"


def _accounting(size: Size) -> str | None:
    """Charged against spent, for the published protocol on one map; None if it was not run."""
    n = size.map.points
    restarted = next((run for run in size.as_published if run.cell.solver == RESTARTED_NELDER_MEAD), None)
    descent = next((run for run in size.as_published if not derivative_free(run)), None)
    if not restarted or not descent:
        return None
    k, spent, charged = restarted.spent.iterations, restarted.spent.evaluations, charged_by_the_original(restarted)[-1]
    price = flops(0, descent.spent.gradients, n)
    return (
        f"{n} cities: the published {k:,} iterations are {k:,} restarts with {k * (k + 1) // 2:,} iterations; "
        f"{charged:,} function values charged, {spent:,} spent, {wording.times(spent, charged)} as many. "
        f"On the original's cost axis Nelder–Mead pays {wording.times(flops(charged, 0, n), price)} "
        f"what gradient descent pays; "
        f"charged for all that it spent, {wording.times(flops(spent, 0, n), price)}."
    )


def _lower(outcome: Outcome) -> str:
    run = outcome.run
    start = wording.without_folders(run.cell.start)
    return (
        f"{title(run.cell.solver)} ({outcome.protocol}, {outcome.map.points} cities, start {start}) found a "
        f"lower value than the best known: {run.final_loss:.9g} against {run.best_known:.9g}."
    )


def _inside(solver: str) -> str:
    """A method's name as it stands inside a sentence: "adaptive Nelder–Mead"."""
    name, _, kind = title(solver).partition(", ")
    return f"{kind} {name}".strip().replace("Gradient", "gradient")


def _spent(run: Run, account: Moment, currency: Currency) -> str:
    return currency.in_words(run, currency.cost(account, run))
