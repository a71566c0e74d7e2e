"""How often the intervals of the success rate and of ERT hold the true value, in simulated campaigns.

    python tests/statistics/coverage_running_time.py

A run needs a lognormal number of calls. Half of the runs have a budget that ends first, or none. The table shows the
coverage in 2,000 campaigns of 10, 20 and 50 runs. A few seconds.
"""

import numpy as np
from scipy import stats

from mdsbench.statistics.ert import ert_interval, wilson

CAMPAIGNS = 2_000
SPREAD = 0.5  # standard deviation of the logarithm of the cost


def coverage(runs: int, censored: bool, rng: np.random.Generator) -> tuple[float, float]:
    """Of the success rate and of ERT."""
    budget = 1.0 if censored else np.inf
    truth = expected_running_time(SPREAD, budget)
    held = np.zeros(2)
    for _ in range(CAMPAIGNS):
        needed = np.exp(SPREAD * rng.standard_normal(runs))
        arrived = (needed <= budget).astype(float)
        low, high = wilson(int(arrived.sum()), runs)
        held[0] += low <= (0.5 if censored else 1.0) <= high
        _, low, high = ert_interval(np.minimum(needed, budget), arrived)
        held[1] += low <= truth <= high
    share, ert = held / CAMPAIGNS
    return share, ert


def expected_running_time(spread: float, budget: float) -> float:
    """E min(T, B) / P(T <= B) of a lognormal T with median 1."""
    if np.isinf(budget):
        return float(np.exp(spread**2 / 2))
    z = np.log(budget) / spread
    spent = np.exp(spread**2 / 2) * stats.norm.cdf(z - spread) + budget * stats.norm.sf(z)
    return float(spent / stats.norm.cdf(z))


def main() -> None:
    """Print the table."""
    rng = np.random.default_rng(0)
    print("runs  censored  success rate   ERT")
    for censored in (True, False):
        for runs in (10, 20, 50):
            share, ert = coverage(runs, censored, rng)
            print(f"{runs:4}  {'half' if censored else 'none':8}  {share:12.3f}  {ert:.3f}")


if __name__ == "__main__":
    main()
