"""How often the intervals and tests hold what they promise, in simulated campaigns.

    python tests/statistics/coverage_running_time.py

A run needs a lognormal number of calls. Half of the runs have a budget that ends first. One table shows the coverage of
the intervals of the success rate, of ERT and of the ratio of two ERTs from the same starts, in 2,000 campaigns of 10,
20 and 50 runs. The other shows how often `compare` reports a difference where there is none, in 1,000 campaigns, and
where the second solver is slower by a tenth. About a minute.
"""

import numpy as np
import pandas as pd
from scipy import stats

from mdsbench.statistics.comparison import WORSE, compare
from mdsbench.statistics.running_time import ert_interval, wilson

CAMPAIGNS, ALARMS = 2_000, 1_000
BETWEEN_STARTS, BETWEEN_RUNS = 0.5, 0.08  # standard deviations of the logarithm of the cost


def table(needed: np.ndarray, budget: float) -> tuple[pd.DataFrame, "pd.Series[float]"]:
    """Runs that arrive after so many calls, or are censored at the budget."""
    fate = np.where(needed <= budget, "arrived", "censored")
    frame = pd.DataFrame({"trial": range(len(needed)), "fate": fate, "problem": "p", "dimension": 2, "start": "u"})
    return frame.assign(target=0.01, solver="s"), pd.Series(np.minimum(needed, budget))


def needs(rng: np.random.Generator, runs: int, factor: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """The calls that two solvers need from the same starts."""
    hard = BETWEEN_STARTS * rng.standard_normal(runs)
    first, second = (np.exp(hard + BETWEEN_RUNS * rng.standard_normal(runs)) for _ in range(2))
    return first, factor * second


def coverage(runs: int, censored: bool, rng: np.random.Generator) -> tuple[float, float, float]:
    """Of the success rate, ERT and the ratio."""
    spread = float(np.hypot(BETWEEN_STARTS, BETWEEN_RUNS))
    budget = 1.0 if censored else np.inf
    truth = expected_running_time(spread, budget)
    held = np.zeros(3)
    for _ in range(CAMPAIGNS):
        first, second = needs(rng, runs)
        arrived = (first <= budget).astype(float)
        low, high = wilson(int(arrived.sum()), runs)
        held[0] += low <= (0.5 if censored else 1.0) <= high
        _, low, high = ert_interval(np.minimum(first, budget), arrived)
        held[1] += low <= truth <= high
        (row,) = compare(*table(first, budget), *table(second, budget)).to_dict("records")
        held[2] += row["low"] <= 1 <= row["high"]
    share, ert, ratio = held / CAMPAIGNS
    return share, ert, ratio


def expected_running_time(spread: float, budget: float) -> float:
    """E min(T, B) / P(T <= B) of a lognormal T with median 1."""
    if np.isinf(budget):
        return float(np.exp(spread**2 / 2))
    z = np.log(budget) / spread
    spent = np.exp(spread**2 / 2) * stats.norm.cdf(z - spread) + budget * stats.norm.sf(z)
    return float(spent / stats.norm.cdf(z))


def reported(runs: int, factor: float, budget: float, rng: np.random.Generator) -> float:
    """How often the second solver is reported to be worse."""
    found = 0
    for _ in range(ALARMS):
        first, second = needs(rng, runs, factor)
        (verdict,) = compare(*table(first, budget), *table(second, budget), margin=0.01)["verdict"]
        found += verdict == WORSE
    return found / ALARMS


def main() -> None:
    """Print both tables."""
    rng = np.random.default_rng(0)
    print("runs  censored  success rate   ERT  ratio")
    for censored in (True, False):
        for runs in (10, 20, 50):
            share, ert, ratio = coverage(runs, censored, rng)
            print(f"{runs:4}  {'half' if censored else 'none':8}  {share:12.3f}  {ert:.3f}  {ratio:.3f}")
    print("runs  censored  worse: A against A  A against A slowed by a tenth")
    for budget in (1.0, np.inf):
        for runs in (10, 20, 30, 50):
            alarm, power = (reported(runs, factor, budget, rng) for factor in (1.0, 1.1))
            print(f"{runs:4}  {'half' if budget == 1.0 else 'none':8}  {alarm:18.3f}  {power:29.3f}")


if __name__ == "__main__":
    main()
