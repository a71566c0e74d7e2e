"""How often `compare` holds what it promises, in simulated campaigns.

    python tests/statistics/coverage_comparison.py

Both sides run from the same starts, and a run needs a lognormal number of calls. Half of the runs have a budget that
ends first, or none. The first table shows the coverage of the interval of the ratio in 2,000 campaigns. The second
shows how often B is reported to be worse in 1,000 campaigns: where there is no difference, and where B needs a tenth
more. The third shows how often any of 20 comparisons of small counts without a difference is better or worse. About
two minutes.
"""

import numpy as np
import pandas as pd

from mdsbench.statistics.comparison import BETTER, WORSE, compare

CAMPAIGNS, ALARMS, FAMILIES = 2_000, 1_000, 100
BETWEEN_STARTS, BETWEEN_RUNS = 0.5, 0.08  # standard deviations of the logarithm of the cost
APART = 0.3  # the same between runs of which the pairs differ more
COMPARISONS, COUNT, SMALL_SPREAD = 20, 20, 0.03

Runs = tuple[pd.DataFrame, "pd.Series[float]"]


def table(needed: np.ndarray, budget: float) -> Runs:
    """Runs that arrive after so many calls, or are censored at the budget; shape (problems, runs)."""
    problems, runs = needed.shape
    fate = np.where(needed <= budget, "arrived", "censored").ravel()
    frame = pd.DataFrame({"problem": np.repeat(np.arange(problems), runs), "trial": np.tile(range(runs), problems)})
    frame = frame.assign(fate=fate, dimension=2, start="u", target=0.01, solver="s")
    return frame, pd.Series(np.minimum(needed, budget).ravel())


def campaigns(
    rng: np.random.Generator,
    problems: int,
    runs: int,
    budget: float,
    factor: float = 1.0,
    between_runs: float = BETWEEN_RUNS,
) -> pd.DataFrame:
    """What `compare` says of two sides, the second of which needs `factor` times as many calls."""
    shape = problems, runs
    hard = BETWEEN_STARTS * rng.standard_normal(shape)
    first, second = (np.exp(hard + between_runs * rng.standard_normal(shape)) for _ in range(2))
    return compare(*table(first, budget), *table(factor * second, budget))


def coverage(rng: np.random.Generator, runs: int, budget: float, between_runs: float = APART) -> float:
    """Of the interval of the ratio, which is not corrected for the number of comparisons."""
    rows = campaigns(rng, CAMPAIGNS, runs, budget, between_runs=between_runs)
    rows = rows[(rows["arrived"] > 0) & (rows["other_arrived"] > 0)]
    return float(((rows["low"] <= 1) & (rows["high"] >= 1)).mean())


def worse(rng: np.random.Generator, runs: int, budget: float, factor: float) -> float:
    """How often a campaign of one comparison shows that the second side is worse, by its interval at 95 %.

    The interval excludes 1 if and only if the p-value that is not corrected is below 5 %: where both sides arrived,
    and there are 6 pairs or more.
    """
    return float((campaigns(rng, ALARMS, runs, budget, factor)["low"] > 1).mean())


def alarms(rng: np.random.Generator, runs: int) -> float:
    """How often any of many comparisons of small counts, which are all alike, is reported."""
    found = 0
    for _ in range(FAMILIES):
        first, second = (
            np.round(COUNT * np.exp(SMALL_SPREAD * rng.standard_normal((COMPARISONS, runs)))) for _ in range(2)
        )
        found += bool(compare(*table(first, np.inf), *table(second, np.inf))["verdict"].isin([BETTER, WORSE]).any())
    return found / FAMILIES


def main() -> None:
    """Print the three tables."""
    rng = np.random.default_rng(0)
    print(f"pairs  censored  coverage of the ratio, {BETWEEN_RUNS} between runs  {APART} between runs")
    for name, budget in (("half", 1.0), ("none", np.inf)):
        for runs in (10, 20, 50):
            near, apart = (coverage(rng, runs, budget, spread) for spread in (BETWEEN_RUNS, APART))
            print(f"{runs:5}  {name:8}  {near:40.3f}  {apart:16.3f}", flush=True)
    print("pairs  censored  worse: A against A  A against A slowed by a tenth")
    for name, budget in (("half", 1.0), ("none", np.inf)):
        for runs in (10, 30, 50):
            alarm, power = (worse(rng, runs, budget, factor) for factor in (1.0, 1.1))
            print(f"{runs:5}  {name:8}  {alarm:18.3f}  {power:29.3f}")
    print(f"pairs  any false alarm in {COMPARISONS} comparisons of counts near {COUNT}")
    for runs in (2, 3, 4, 6, 10):
        print(f"{runs:5}  {alarms(rng, runs):10.3f}")


if __name__ == "__main__":
    main()
