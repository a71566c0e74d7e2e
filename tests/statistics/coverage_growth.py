"""How often the interval of the exponent of growth holds the exponent, and what dropping censored runs does to it.

    python tests/statistics/coverage_growth.py

Runs need 3 n^1.5 calls times a lognormal factor, at five sizes from 4 to 64. Half of them have a budget that ends
first, the same at every size, so that most of the censored runs are large. 2,000 campaigns of 10, 20 and 50 runs.
About a minute.
"""

import numpy as np

from mdsbench.statistics.tobit import fit, slope_interval

CAMPAIGNS = 2_000
SIZES = np.log([4.0, 8.0, 16.0, 32.0, 64.0])
FACTOR, EXPONENT, SPREAD = 3.0, 1.5, 0.8


def campaigns(runs: int, censored: str, many: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Logarithms of sizes and costs, and which arrived, shape (many, runs)."""
    rng = np.random.default_rng(seed)
    x = np.tile(SIZES, (many, runs // len(SIZES)))
    y = np.log(FACTOR) + EXPONENT * x + SPREAD * rng.standard_normal(x.shape)
    # half of the runs at every size, or one budget for all sizes
    middle = EXPONENT * (x if censored == "half at each size" else SIZES.mean()) + np.log(FACTOR)
    budget = np.where(censored == "none", np.inf, np.broadcast_to(middle, x.shape))
    return x, np.minimum(y, budget), y <= budget


def enough(x: np.ndarray, arrived: np.ndarray) -> np.ndarray:
    """Which campaigns have three arrivals, at two sizes: the others give no exponent."""
    spread = np.where(arrived, x, -np.inf).max(axis=1) - np.where(arrived, x, np.inf).min(axis=1)
    return np.asarray((arrived.sum(axis=1) >= 3) & (spread > 0))


def coverage(runs: int, censored: str, many: int, seed: int = 0) -> tuple[float, float, float]:
    """Of the campaigns with an exponent: the share whose interval holds it, the mean exponent, and without censored."""
    x, y, arrived = campaigns(runs, censored, many, seed)
    good = enough(x, arrived)
    x, y, arrived = x[good], y[good], arrived[good]
    line = fit(x, y, arrived)
    low, high = slope_interval(x, y, arrived, line)
    held = float(np.mean((low <= EXPONENT) & (high >= EXPONENT)))
    return held, float(np.median(line.slope)), float(np.median(dropped(x, y, arrived)))


def dropped(x: np.ndarray, y: np.ndarray, arrived: np.ndarray) -> np.ndarray:
    """The slopes of least squares through the arrivals alone."""
    share = arrived / arrived.sum(axis=1, keepdims=True)
    centred = x - (share * x).sum(axis=1, keepdims=True)
    return np.asarray((share * centred * y).sum(axis=1) / (share * centred**2).sum(axis=1))


def main() -> None:
    """Print the table."""
    print(f"exponent {EXPONENT}\nruns  censored             coverage  median  median without the censored")
    for censored in ("half at each size", "half by one budget", "none"):
        for runs in (10, 20, 50):
            held, middle, without = coverage(runs, censored, CAMPAIGNS)
            print(f"{runs:4}  {censored:19}  {held:8.3f}  {middle:6.3f}  {without:6.3f}", flush=True)


if __name__ == "__main__":
    main()
