"""What runs say, in sentences with numbers and intervals; and what cannot be said.

Every function takes frames and returns sentences. A sentence is made from the numbers alone and holds for whatever
was run.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from mdsbench.statistics.arrivals import ARRIVED, derivatives_taken, gradients_taken
from mdsbench.statistics.break_even import break_even
from mdsbench.statistics.growth import growth, growth_of_ratio
from mdsbench.statistics.wording import amount, gap_in_words, listed, plural, rounded, share

PLAIN_DESCENT = re.compile(r"gd(?:$|[(@])")  # gradient descent with a gradient of its own, whatever its step
SHOWN = 5  # names in a sentence


class Finding(NamedTuple):
    """A sentence, and what it is about: a family of problems, a start and a target."""

    about: str
    sentence: str

    def __str__(self) -> str:
        """Both in one line."""
        return f"{self.about}: {self.sentence}" if self.about else self.sentence


class Interval(NamedTuple):
    """An estimate with the ends of its interval, which are 0 or infinite where there is none."""

    value: float
    low: float
    high: float


def verdict(
    table: pd.DataFrame,
    costs: "pd.Series[float]",
    times: pd.DataFrame,
    *,
    unit: str = "calls",
    priced: bool = True,
    level: float = 0.95,
) -> list[Finding]:
    """Say what the runs show about the price of not having a gradient, and how it grows.

    Parameters
    ----------
    table
        The frame of `arrivals`.
    costs
        The cost of each of its rows, such as `cost(table)`.
    times
        The frame of `running_time(table, costs)` with the column `family`.
    unit
        What the costs count, as a plural noun.
    priced
        Whether costs are function values, so that a gradient has a break-even price.
    level
        The level of every interval.

    Returns
    -------
    list of Finding
        For each family of problems, from the start that gives the most initial points, at each target: the cheapest
        solver at the largest size; the cheapest solver that uses values only against the cheapest that uses gradients;
        how that ratio grows with the number of variables; how the iterations of gradient descent grow; and the price
        at which a gradient stops to pay. Then who never arrived, and what cannot be said. Families with more sizes
        come first.

    Examples
    --------
    >>> import pandas as pd
    >>> from mdsbench.statistics import cost, running_time
    >>> table = pd.DataFrame({
    ...     "problem": "sphere-4", "family": "sphere", "dimension": 4, "start": "uniform", "target": 0.01,
    ...     "trial": ["0 0", "1 0", "2 0"] * 2, "solver": ["gd"] * 3 + ["nelder-mead"] * 3, "fate": "arrived",
    ...     "iterations": [5, 6, 7, 40, 50, 60],
    ...     "evaluations": [0, 0, 0, 80, 90, 100], "gradients": [5, 6, 7, 0, 0, 0], "hessian_vectors": 0, "parts": 0.0})
    >>> times = running_time(table, cost(table)).assign(family="sphere")
    >>> print(verdict(table, cost(table), times)[0].sentence)
    gd is the cheapest at 4 variables (6 calls; 95 %: 4–9.1).
    """
    uses = kinds(table)
    found: list[Finding] = []
    one_size = []
    for (family, start, target), group in _groups(table, times):
        about = f"{family}, {start}, gap {gap_in_words(target)}"
        rows = _rows(table, family, start, target)
        sentences = [*winner(group, unit, level), *against(group, uses, unit, level)]
        sentences += _grown(table[rows], costs[rows], group, uses, unit, level, priced=priced)
        if len(group["dimension"].unique()) == 1:
            one_size.append(f"{family} ({start})")
        found += [Finding(about, sentence) for sentence in sentences]
    return found + [Finding("", sentence) for sentence in [*never(times), *_unsaid(times, uses, one_size)]]


def _grown(
    part: pd.DataFrame,
    costs: "pd.Series[float]",
    times: pd.DataFrame,
    uses: dict[str, bool],
    unit: str,
    level: float,
    *,
    priced: bool,
) -> Iterator[str]:
    """What one family says about growth, and what a gradient is worth at the largest size with both kinds of solver."""
    several = len(part["dimension"].unique()) > 1
    arrived, shared = _shared(times[times["arrived"] > 0], uses), _shared(times, uses)
    if several and len(arrived):
        gradient, free = _pair(arrived, uses)
        yield from of_ratio(growth_of_ratio(part, costs, gradient, free, level), gradient, free, unit, level)
    if several:
        iterations = part["iterations"].clip(lower=1).astype(float)  # a run can arrive before its first iterate
        yield from of_iterations(part, growth(part, iterations, level), level)
    if priced and len(shared):
        pair = _pair(shared, uses)
        largest = part[part["problem"] == shared["problem"].iloc[0]]
        found = gradients_taken(largest[largest["solver"] == pair[0]]).any()
        if found and [kinds(largest).get(solver) for solver in pair] == [True, False]:
            yield from of_price(break_even(largest, *pair, level), *pair, level)


def kinds(table: pd.DataFrame) -> dict[str, bool]:
    """For each solver that evaluated anything, whether it uses derivatives: its account says so."""
    taken = derivatives_taken(table)
    asked = pd.DataFrame({"yes": taken, "any": taken + table["evaluations"]}).groupby(table["solver"]).max()
    return {str(solver): bool(row["yes"] > 0) for solver, row in asked.iterrows() if row["any"] > 0}


def winner(times: pd.DataFrame, unit: str, level: float) -> Iterator[str]:
    """Which solver is the cheapest at the largest size, and which cannot be told apart from it."""
    rows = _largest(times)
    arrived = rows[rows["arrived"] > 0].sort_values("ert", kind="stable")
    where = _at(rows)
    if not len(arrived):
        yield f"No solver arrives at {where}."
        return
    if len(rows) == 1:
        return
    best = arrived.iloc[0]
    spent = f"{amount(best['ert'])} {unit}{_between(_interval(best), level, amount)}"
    tied = [str(name) for name in arrived.loc[arrived["tied"].astype(bool), "solver"] if name != best["solver"]]
    other = f"; {_some(tied)} cannot be told apart from it" if tied else ""
    yield f"{best['solver']} is the cheapest at {where} ({spent}){other}."


def against(times: pd.DataFrame, uses: dict[str, bool], unit: str, level: float) -> Iterator[str]:
    """At each size the cheapest solver that uses values only against the cheapest that uses gradients."""
    ratios, others = [], []
    for _, rows in times.sort_values("dimension", kind="stable").groupby(["dimension", "problem"], sort=False):
        with_gradient, without = (_of_kind(rows, uses, kind) for kind in (True, False))
        if not len(with_gradient) or not len(without):
            continue
        first, second = _cheapest(with_gradient), _cheapest(without)
        if first is not None:
            ratios.append(_compared(first, without, level))
        elif second is not None:
            others.append(f"At {_at(rows)} only solvers without gradients arrive ({_named(second)}).")
        else:
            others.append(f"At {_at(rows)} none arrives, with gradients or without.")
    if ratios:
        shown = ratios if len(ratios) <= SHOWN else [*ratios[:2], f"({len(ratios) - 4} sizes between)", *ratios[-2:]]
        subject = f"Without gradients the cheapest solver needs so many times the {unit} of the cheapest with gradients"
        yield f"{subject}: {listed(shown)}."
    yield from others


def _compared(first: "pd.Series", without: pd.DataFrame, level: float) -> str:
    """One size: "17.4 at 12 variables (nelder-mead 1,255, gd 72; 95 %: 12.1–25.0)"."""
    second = _cheapest(without)
    if second is None:
        bound = float(without["ert_low"].min()) / _or(float(first["ert_high"]), float(first["ert"]))
        more = f"more than {rounded(bound)}" if np.isfinite(bound) and bound > 1 else "unknown"
        runs = int(without["runs"].sum())
        none = "the run without does not arrive" if runs == 1 else f"none of {runs} runs without arrives"
        return f"{more} at {_at(without)} ({_named(first)}; {none})"
    ratio = ratio_of(_interval(second), _interval(first))
    names = f"{_named(second)}, {_named(first)}{_between(ratio, level, _times)}"
    return f"{_times(ratio.value)} at {_at(without)} ({names})"


def ratio_of(more: Interval, less: Interval) -> Interval:
    """The ratio of two independent estimates, with the interval that theirs make.

    The distances of the ends from the estimates are added as variances, on the logarithm: Zou & Donner 2008,
    *Construction of confidence limits about effect measures*, Statistics in Medicine 27, 1693.
    """
    value = more.value / less.value
    if not (min(more.low, less.low) > 0 and np.isfinite([more.high, less.high]).all()):
        return Interval(value, 0.0, np.inf)
    down = np.hypot(np.log(more.value / more.low), np.log(less.high / less.value))
    up = np.hypot(np.log(more.high / more.value), np.log(less.value / less.low))
    return Interval(value, value * float(np.exp(-down)), value * float(np.exp(up)))


def of_ratio(fit: pd.DataFrame, gradient: str, free: str, unit: str, level: float) -> Iterator[str]:
    """How the ratio of a solver without gradients to one with them grows, from a row of `growth_of_ratio`."""
    subject = f"the {unit} of {free} over those of {gradient}"
    known = fit[np.isfinite(fit["exponent"].astype(float))] if len(fit) else fit
    if not len(known):
        yield f"How {subject} grow with the number of variables cannot be said: both must arrive at two sizes."
        return
    row = known.iloc[0]
    change = _change(row, "the ratio grows", "the ratio falls", "no growth is shown")
    yield f"{subject[0].upper()}{subject[1:]} go as {_power(row, level)}: {change}."


def of_iterations(part: pd.DataFrame, fits: pd.DataFrame, level: float) -> Iterator[str]:
    """Whether the number of iterations of gradient descent depends on the dimension, from rows of `growth`."""
    for _, row in fits.iterrows():
        if not PLAIN_DESCENT.match(str(row["solver"])):
            continue
        runs = part[part["solver"] == row["solver"]]
        ends = [runs[runs["dimension"] == n] for n in (runs["dimension"].min(), runs["dimension"].max())]
        arrived = [end[end["fate"] == ARRIVED] for end in ends]
        if not np.isfinite(row["exponent"]) or ends[0]["dimension"].iloc[0] == ends[1]["dimension"].iloc[0]:
            subject = f"the iterations of {row['solver']} depend on the dimension"
            yield f"Whether {subject} cannot be said: it arrives at fewer than two sizes."
            continue
        medians = [_median(there, end) for there, end in zip(arrived, ends, strict=True)]
        change = _change(row, "they grow with n", "they fall with n", "no dependence on n is shown")
        grown = f"The iterations of {row['solver']} go as {_power(row, level)}"
        yield f"{grown}: {change}; the median is {listed(medians)}."


def _median(arrived: pd.DataFrame, runs: pd.DataFrame) -> str:
    """The median iterations at one size: "34 at 12 variables (4 of 5 runs)"."""
    who = f"{share(len(arrived), len(runs))} runs arrive" if len(runs) > 1 else "one run"
    where = f"at {plural(int(runs['dimension'].iloc[0]), 'variable')} ({who})"
    return f"{amount(float(arrived['iterations'].median()))} {where}" if len(arrived) else f"unknown {where}"


def of_price(prices: pd.DataFrame, gradient: str, free: str, level: float) -> Iterator[str]:
    """What a gradient is worth at most, from rows of `break_even`."""
    for _, row in prices.iterrows():
        ends = Interval(float(row["price"]), float(row["low"]), float(row["high"]))
        bound = str(row["bound"])
        where = plural(row["dimension"], "variable")
        why = str(row["note"]).replace("the derivative-free solver", free).replace("the gradient method", gradient)
        limit = ends.low if bound == "more than" else ends.high if bound else ends.value
        subject = f"At {where} a gradient of {gradient} is worth"
        if not 0 < limit < np.inf:
            yield f"What a gradient is worth at {where} cannot be said{f': {why}' if why else ''}."
        elif bound:
            yield f"{subject} {bound} {amount(limit)} function values ({100 * level:g} %), because {why}."
        else:
            values = f"{amount(limit)} function values{_bracketed(ends, level)}"
            yield f"{subject} {values}: above this price {free} is cheaper."


def never(times: pd.DataFrame) -> Iterator[str]:
    """Which solvers never arrived anywhere, target by target."""
    for target, rows in times.groupby("target", sort=False):
        sums = rows.groupby("solver", sort=False)[["runs", "arrived", "censored"]].sum()
        none = sums[sums["arrived"] == 0]
        if not len(none):
            continue
        runs, cut = int(none["runs"].sum()), int(none["censored"].sum())
        gap = gap_in_words(float(str(target)))
        ended = f"budget or time ended {share(cut, runs)}" if runs > 1 else ("its budget or time ended it" * cut)
        why = f"; {ended}" if ended else ""
        if len(none) == len(sums):
            yield f"No run reached a gap of {gap}, of {plural(runs, 'run')}{why}."
        else:
            names = [f"{solver} ({plural(count, 'run')})" for solver, count in none["runs"].items()]
            yield f"Never arrived at a gap of {gap}: {_some(names)}{why}."


def _unsaid(times: pd.DataFrame, uses: dict[str, bool], one_size: list[str]) -> Iterator[str]:
    """What the runs are too few to say."""
    single = times[times["runs"] == 1]
    if len(single) == len(times):
        yield "There is one run of each solver and problem: nothing can be said about chance, and no interval is known."
    elif len(single):
        starts = listed([str(start) for start in dict.fromkeys(single["start"])])
        yield f"No interval is known where a solver has one run: from the start {starts}."
    if len(set(uses.values())) < 2 and uses:
        kind = "uses gradients" if next(iter(uses.values())) else "uses values only"
        who = "every solver" if len(uses) > 1 else f"the only solver, {next(iter(uses))},"
        yield f"What a gradient is worth cannot be said: {who} {kind}."
    if one_size:
        families = _some(list(dict.fromkeys(one_size)))
        yield f"How the cost grows with the number of variables cannot be said of {families}: there is one size."


def _groups(table: pd.DataFrame, times: pd.DataFrame) -> list[tuple[tuple[str, str, float], pd.DataFrame]]:
    """The rows of each family, from its start with the most variety, and target; families with more sizes first."""
    initial = table["trial"].str.rpartition(" ")[0]  # without the seed of the run
    variety = initial.groupby([table["family"], table["start"]], sort=False).nunique()
    most = variety.rename("points").reset_index().sort_values("points", ascending=False, kind="stable")
    first = most.drop_duplicates("family")
    start_of = dict(zip(first["family"], first["start"], strict=True))
    chosen = times[times["start"] == times["family"].map(start_of)]
    groups = [(_of(rows), rows) for _, rows in chosen.groupby(["family", "start", "target"], sort=False)]
    return sorted(groups, key=lambda group: -int(group[1]["dimension"].nunique()))


def _of(rows: pd.DataFrame) -> tuple[str, str, float]:
    row = rows.iloc[0]
    return str(row["family"]), str(row["start"]), float(row["target"])


def _rows(table: pd.DataFrame, family: str, start: str, target: float) -> "pd.Series[bool]":
    return (table["family"] == family) & (table["start"] == start) & (table["target"] == target)


def _largest(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of the problem with the most variables; of several, the last."""
    largest: pd.DataFrame = rows[rows["problem"] == rows.sort_values("dimension", kind="stable")["problem"].iloc[-1]]
    return largest


def _of_kind(rows: pd.DataFrame, uses: dict[str, bool], kind: bool) -> pd.DataFrame:
    return rows[np.array([uses.get(str(solver)) is kind for solver in rows["solver"]], dtype=bool)]


def _named(row: "pd.Series") -> str:
    """A solver with its running time."""
    return f"{row['solver']} {amount(float(row['ert']))}"


def _cheapest(rows: pd.DataFrame) -> "pd.Series | None":
    arrived = rows[rows["arrived"] > 0]
    return arrived.iloc[int(arrived["ert"].to_numpy().argmin())] if len(arrived) else None


def _shared(times: pd.DataFrame, uses: dict[str, bool]) -> pd.DataFrame:
    """The rows of the largest problem at which solvers of both kinds are; none if there is no such problem."""
    problems = [_of_kind(times, uses, kind)["problem"] for kind in (True, False)]
    both: pd.DataFrame = times[times["problem"].isin(problems[0]) & times["problem"].isin(problems[1])]
    return _largest(both) if len(both) else both


def _pair(rows: pd.DataFrame, uses: dict[str, bool]) -> tuple[str, str]:
    """The cheapest solver with gradients and the cheapest without, of rows that have both kinds."""
    names = []
    for kind in (True, False):
        of_kind = _of_kind(rows, uses, kind)
        best = _cheapest(of_kind)
        nearest = of_kind.sort_values("ert_low", kind="stable").iloc[0] if best is None else best
        names.append(str(nearest["solver"]))
    return names[0], names[1]


def _at(rows: pd.DataFrame) -> str:
    """The number of variables in words."""
    return plural(int(rows["dimension"].iloc[0]), "variable")


def _interval(row: "pd.Series") -> Interval:
    return Interval(float(row["ert"]), _or(float(row["ert_low"]), 0.0), _or(float(row["ert_high"]), np.inf))


def _between(interval: Interval, level: float, words: Callable[[float], str]) -> str:
    """The interval behind a number, "; 95 %: 12–25", or nothing where none is known."""
    known = 0 < interval.low < interval.high < np.inf
    return f"; {100 * level:g} %: {words(interval.low)}–{words(interval.high)}" if known else ""


def _bracketed(interval: Interval, level: float) -> str:
    known = -np.inf < interval.low < interval.high < np.inf
    return f" ({100 * level:g} %: {amount(interval.low)}–{amount(interval.high)})" if known else ""


def _power(row: "pd.Series", level: float) -> str:
    """A power of the number of variables with the interval of its exponent."""
    known = np.isfinite(row["low"]) and np.isfinite(row["high"])
    ends = f"{100 * level:g} %: {_two(row['low'])} to {_two(row['high'])}" if known else "no interval"
    return f"n^{_two(row['exponent'])} ({ends}), n the number of variables"


def _times(ratio: float) -> str:
    return rounded(ratio) if ratio >= 1 else f"{ratio:.2g}"


def _two(exponent: float) -> str:
    return f"{round(float(exponent), 2) + 0.0:.2f}"  # never -0.00


def _change(row: "pd.Series", up: str, down: str, neither: str) -> str:
    return up if row["low"] > 0 else down if row["high"] < 0 else neither


def _or(number: float, otherwise: float) -> float:
    return number if np.isfinite(number) else otherwise


def _some(names: list[str]) -> str:
    more = [f"{len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return listed([*names[:SHOWN], *more])
