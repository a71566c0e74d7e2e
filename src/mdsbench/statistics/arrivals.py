"""When each run reached each target, and if it did not, why: the table from which every statistic is computed.

A run that reached a target *arrived*. One that ended by its budget, its time or a target of its own is *censored*: it
might have arrived. One that converged, gave up, diverged or failed ended *elsewhere* and never arrives.
"""

import re
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mdsbench.errors import UsageError
from mdsbench.oracle.endings import Ending
from mdsbench.problems.problem import Array
from mdsbench.statistics.cost_model import DIMENSION
from mdsbench.statistics.wording import without_folders

Integers = NDArray[np.int64]
Price: TypeAlias = "float | str | pd.Series[float]"

TARGETS = tuple(10.0**-k for k in range(1, 9))
ARRIVED, CENSORED, ELSEWHERE = "arrived", "censored", "elsewhere"
UNFINISHED = (Ending.TARGET, Ending.BUDGET, Ending.TIMEOUT, Ending.INTERRUPTED)  # it might have gone on

SEED = re.compile(r"\(seed=\d+\)|,\s*seed=\d+(?=[,)])|(?<=\()seed=\d+,\s*")  # in the name of a start
SIZE = re.compile(r"(?<=[^\W\d])-\d+(?=$|[(@])")  # in the name of a problem
LATER = ["comparisons", "directional_derivatives"]  # counts that tables of older versions do not have
COUNTS = ["iterations", "evaluations", "gradients", "hessian_vectors", "parts", "pairs", "seconds", *LATER]


def arrivals(runs: pd.DataFrame, improvements: pd.DataFrame, targets: Sequence[float] = TARGETS) -> pd.DataFrame:
    """A row for each run and target: its fate, and what it had spent when it arrived or, if it did not, ended.

    Parameters
    ----------
    runs, improvements
        The tables of `mdsbench.store.frames.frames`.
    targets
        Relative gaps tau between 0 and 1. The target is reached when f(x) <= f_L + tau (f(x0) - f_L). With f_L the
        best known value this is the relative gap (f - f*) / (f0 - f*). Without a best known value, f_L is the least
        value that a run in the table found, and it is the test of Moré & Wild 2009, equation (2.2). A run whose solver
        did not ask for f(x0) has that of the others from the same start.

    Returns
    -------
    DataFrame
        `key`, `problem`, `family` (the problem without its size), `dimension`, `solver`, `start` (without its seed),
        `trial` (the start with every seed: runs of two solvers with the same trial are a pair), `target`, `fate`; the
        counts `iterations`, `evaluations`, `gradients`, `hessian_vectors`, `parts` (terms touched outside whole
        evaluations, in evaluations), `pairs`, `seconds`, `comparisons` and `directional_derivatives`; `floor` (f_L) and
        `floor_known` (whether it is a best known value). The names of a solver and a problem end with the label of the
        version if the table has several versions of them.

    Raises
    ------
    UsageError
        For a target that is not between 0 and 1.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({
    ...     "key": ["a"], "problem": ["sphere-2"], "solver": ["gd"], "start": ["uniform(seed=1)"], "seed": [0],
    ...     "version": ["gd"], "problem_version": ["sphere-2"], "dimension": [2], "ending": ["budget"],
    ...     "iterations": [9], "evaluations": [0], "gradients": [9], "hessian_vectors": [0], "terms": [9],
    ...     "seconds": [0.1], "terms_per_pass": [1], "start_loss": [1.0], "final_loss": [0.01], "best_known": [0.0]})
    >>> improvements = pd.DataFrame({
    ...     "key": ["a", "a"], "iterations": [2, 9], "evaluations": [0, 0], "gradients": [2, 9],
    ...     "hessian_vectors": [0, 0], "terms": [2, 9], "seconds": [0.0, 0.1], "loss": [0.05, 0.01]})
    >>> arrivals(runs, improvements, [0.1, 0.001])[["target", "fate", "gradients"]].values.tolist()
    [[0.1, 'arrived', 2.0], [0.001, 'censored', 9.0]]
    """
    for target in targets:
        if not 0 < target < 1:
            raise UsageError(f"a target is a relative gap between 0 and 1, not {target:g}")
    runs = runs.reset_index(drop=True)
    floor, known = _floors(runs)
    start = start_losses(runs)
    order, first, count = _rows_of_each(runs["key"], improvements["key"])
    loss = improvements["loss"].to_numpy(float)[order]
    spent = accounted(runs, runs["terms_per_pass"].to_numpy(float))
    passes = np.repeat(runs["terms_per_pass"].to_numpy(float), count)
    at_improvements = accounted(improvements.iloc[order], passes)
    unfinished = runs["ending"].isin(UNFINISHED).to_numpy()
    problem = _named(runs["problem"], runs["problem_version"])
    names = pd.DataFrame(
        {
            "key": runs["key"],
            "problem": problem,
            "family": problem.str.replace(SIZE, "", regex=True),
            "dimension": _dimensions(runs),
            "solver": _named(runs["solver"], runs["version"]),
            "start": runs["start"].str.replace(SEED, "", regex=True),
            "trial": runs["start"] + " " + runs["seed"].astype(str),
        }
    )
    tables = []
    for target in targets:
        threshold = floor + target * np.maximum(start - floor, 0.0)
        above = np.concatenate([[0], np.cumsum(loss > np.repeat(threshold, count))])
        above = above[first + count] - above[first]  # the losses only fall, so that these come first
        reached = (above < count) & np.isfinite(threshold)
        at = np.where(reached, first + above, 0)
        counts = np.where(reached[:, None], at_improvements[at], spent) if len(at_improvements) else spent
        fate = np.select([reached, unfinished], [ARRIVED, CENSORED], ELSEWHERE)
        table = names.assign(target=target, fate=fate)
        tables.append(table.join(pd.DataFrame(counts, columns=COUNTS)).assign(floor=floor, floor_known=known))
    return pd.concat(tables, ignore_index=True)


def cost(
    table: pd.DataFrame,
    gradient: "Price" = 1.0,
    product: "Price | None" = None,
    *,
    directional: "Price" = 1.0,
    comparison: "Price" = 0.0,
) -> "pd.Series[float]":
    """The cost of each row of `arrivals` in function values, if a gradient costs as many as `gradient` says.

    A price is a number, "dimension", or a Series with a price for each row. `product` is the price of a Hessian-vector
    product, by default that of a gradient. Terms touched in mini-batches count as that part of a gradient.
    `directional` is the price of a directional derivative: one value, because forward differentiation computes it along
    with the value. `comparison` is what the answer to a comparison costs besides the evaluations that were made for it.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     {"dimension": [10], "evaluations": [3.0], "gradients": [2.0], "hessian_vectors": [0.0], "parts": [0.5]})
    >>> cost(table).item(), cost(table, 4).item(), cost(table, "dimension").item()
    (5.5, 13.0, 28.0)
    """
    price, other = (_price(table, one) for one in (gradient, gradient if product is None else product))
    spent = table["evaluations"] + price * (table["gradients"] + table["parts"]) + other * table["hessian_vectors"]
    for name, later in zip(LATER, (comparison, directional), strict=True):
        spent = spent + _price(table, later) * table[name] if name in table else spent
    return spent.rename("cost")


def derivatives_taken(table: pd.DataFrame) -> "pd.Series[float]":
    """How many derivatives of any kind were taken in each row of `arrivals`."""
    taken = gradients_taken(table)
    return taken + table["directional_derivatives"] if "directional_derivatives" in table else taken


def gradients_taken(table: pd.DataFrame) -> "pd.Series[float]":
    """How many gradients and Hessian-vector products were taken in each row of `arrivals`, parts of them included."""
    return table["gradients"] + table["parts"] + table["hessian_vectors"]


def _price(table: pd.DataFrame, price: "Price") -> "pd.Series[float] | float":
    if isinstance(price, pd.Series):
        return price
    return table["dimension"].astype(float) if price == DIMENSION else float(price)


def _floors(runs: pd.DataFrame) -> tuple[Array, Array]:
    """For each run f_L, and whether it is a best known value."""
    best = runs["best_known"].astype(float).groupby(runs["problem"]).transform("min")
    found = runs["final_loss"].astype(float).groupby(runs["problem"]).transform("min")
    known = np.isfinite(best.to_numpy())
    return np.where(known, best, found), known


def start_losses(runs: pd.DataFrame) -> Array:
    """f(x0) of each run: where its solver did not ask there, what another did at the same start of the same problem."""
    asked = runs["start_loss"].astype(float)
    others = asked.groupby([runs["problem"], runs["problem_version"], runs["start"]]).transform("median")
    return np.asarray(asked.fillna(others), float)


def _dimensions(runs: pd.DataFrame) -> "pd.Series[int]":
    """The number of variables, which a run that was killed does not know itself."""
    return runs["dimension"].groupby(runs["problem"]).transform("max")


def _named(names: "pd.Series[str]", versions: "pd.Series[str]") -> "pd.Series[str]":
    """The names without folders where that leaves them apart, and with the version where several meet."""
    pairs = pd.DataFrame({"name": names, "version": versions}).drop_duplicates()
    short = {name: without_folders(name) for name in pairs["name"].unique()}
    times = pd.Series(list(short.values())).value_counts()
    versions_of = pairs["name"].value_counts()
    told = {}
    for name, version in pairs.itertuples(index=False):
        plain = short[name] if times[short[name]] == 1 else name
        mark = version.rpartition("@")[2] if "@" in version else "1"
        told[name, version] = f"{plain}@{mark}" if versions_of[name] > 1 else plain
    return pd.Series([told[pair] for pair in zip(names, versions, strict=True)], names.index, dtype=object)


def _rows_of_each(keys: "pd.Series[str]", rows: "pd.Series[str]") -> tuple[Integers, Integers, Integers]:
    """The rows of the keys, in the order of the keys and each key's in their own; where each begins, and how many."""
    place = np.asarray(pd.Index(keys).get_indexer(pd.Index(rows)), np.int64)
    sorted_already = bool(np.all(place[1:] >= place[:-1]))
    order: Integers = np.arange(len(place)) if sorted_already else np.argsort(place, kind="stable")
    count: Integers = np.bincount(place[place >= 0], minlength=len(keys))
    return order[np.count_nonzero(place < 0) :], np.cumsum(count) - count, count


def accounted(accounts: pd.DataFrame, terms_per_pass: Array) -> Array:
    """The columns COUNTS of accounts, such as runs or improvements, shape (accounts, 9)."""
    later = accounts.reindex(columns=LATER, fill_value=0).to_numpy(float)
    calls = accounts[["evaluations", "gradients", "hessian_vectors"]].to_numpy(float).sum(axis=1) + later[:, 1]
    terms = accounts["terms"].to_numpy(float)
    parts = np.maximum(0.0, terms / np.maximum(terms_per_pass, 1) - calls)
    whole = accounts[["iterations", "evaluations", "gradients", "hessian_vectors"]].to_numpy(float)
    return np.column_stack([whole, parts, terms, accounts["seconds"].to_numpy(float), later])
