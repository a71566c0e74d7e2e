"""How often the interval of the break-even price holds the price, in simulated campaigns.

    python tests/statistics/coverage_break_even.py

A gradient method and a derivative-free one need lognormal numbers of calls from the same starts. Half of the runs of
each have a budget that ends first. 2,000 campaigns of 10, 20 and 50 runs; about a minute.
"""

import numpy as np
from scipy import stats

from mdsbench.statistics.break_even import price_interval

CAMPAIGNS = 2_000
BETWEEN_STARTS, BETWEEN_RUNS = 0.4, 0.3  # standard deviations of the logarithm of the cost
VALUES, GRADIENTS, OTHERS = 20.0, 50.0, 1_000.0  # medians: of the gradient method, and of the derivative-free one


def expected_running_time(spread: float, budget: float) -> float:
    """E min(T, B) / P(T <= B) of a lognormal T with median 1."""
    if np.isinf(budget):
        return float(np.exp(spread**2 / 2))
    z = np.log(budget) / spread
    spent = np.exp(spread**2 / 2) * stats.norm.cdf(z - spread) + budget * stats.norm.sf(z)
    return float(spent / stats.norm.cdf(z))


def coverage(runs: int, censored: bool, campaigns: int, seed: int = 0, values: float = VALUES) -> float:
    """The share of the campaigns in which both arrive whose interval holds the price."""
    rng = np.random.default_rng(seed)
    budget = 1.0 if censored else np.inf
    unit = expected_running_time(float(np.hypot(BETWEEN_STARTS, BETWEEN_RUNS)), budget)
    truth = (OTHERS * unit - values * unit) / (GRADIENTS * unit)
    held = counted = 0
    for _ in range(campaigns):
        hard = BETWEEN_STARTS * rng.standard_normal(runs)
        ours, theirs = (np.exp(hard + BETWEEN_RUNS * rng.standard_normal(runs)) for _ in range(2))
        spent, arrived = np.minimum(ours, budget), (ours <= budget).astype(float)
        others, others_arrived = np.minimum(theirs, budget), (theirs <= budget).astype(float)
        if arrived.any() and others_arrived.any():
            _, low, high = price_interval(values * spent, GRADIENTS * spent, arrived, OTHERS * others, others_arrived)
            held += low <= truth <= high
            counted += 1
    return held / counted


def main() -> None:
    """Print the table."""
    print("runs  censored  coverage  coverage without values")
    for censored in (True, False):
        for runs in (10, 20, 50):
            both = [coverage(runs, censored, CAMPAIGNS, values=values) for values in (VALUES, 0.0)]
            print(f"{runs:4}  {'half' if censored else 'none':8}  {both[0]:8.3f}  {both[1]:23.3f}", flush=True)


if __name__ == "__main__":
    main()
