"""Running times of many problems, summed up by family."""

import pandas as pd


def overview(times: pd.DataFrame, most: int = 12) -> pd.DataFrame:
    """A row for each family of problems, start, target and solver, those that arrive most often and cheapest first.

    Parameters
    ----------
    times
        The frame of `running_time` with the column `family`.
    most
        So many families, starts and targets are told apart at most; if there are more, all problems are one group.

    Returns
    -------
    DataFrame
        `group`, `start`, `target`, `solver`; `problems` (how many the group has), `reached` (on how many of them a run
        of the solver arrived), `arrived` and `runs` (in all), `best` (on how many the solver is the cheapest or cannot
        be told apart from it), `multiple` (the median multiple of the least running time; infinite where the solver
        does not arrive on half of the problems), and `least` and `most` (numbers of variables of the group).

    Examples
    --------
    >>> import pandas as pd
    >>> times = pd.DataFrame({
    ...     "problem": ["sphere-2", "sphere-2", "sphere-4", "sphere-4"], "family": "sphere", "dimension": [2, 2, 4, 4],
    ...     "start": "uniform", "target": 0.01, "solver": ["a", "b"] * 2, "runs": 10, "arrived": [10, 9, 8, 0],
    ...     "multiple": [1.0, 2.0, 1.0, float("inf")], "tied": [True, False, True, False]})
    >>> overview(times)[["solver", "reached", "arrived", "best"]].values.tolist()
    [['a', 2, 18, 2], ['b', 1, 9, 0]]
    """
    group = ["group", "start", "target"]
    named = times.assign(group=times["family"])
    if len(named[group].drop_duplicates()) > most:
        named["group"] = "all"
    named["best"] = named["tied"].astype(bool) & (named["arrived"] > 0)
    named["reached"] = named["arrived"] > 0
    keys = [*group, "solver"]
    summed = named.groupby(keys, sort=False).agg(
        reached=("reached", "sum"), arrived=("arrived", "sum"), runs=("runs", "sum"), best=("best", "sum"),
        multiple=("multiple", "median"),
    )  # fmt: skip
    of_group = named.groupby(group, sort=False).agg(
        problems=("problem", "nunique"), least=("dimension", "min"), most=("dimension", "max")
    )
    joined = summed.reset_index().merge(of_group.reset_index(), on=group)
    order = {name: place for place, name in enumerate(map(tuple, joined[group].drop_duplicates().to_numpy()))}
    place = [order[key] for key in joined[group].itertuples(index=False, name=None)]
    ranked = joined.assign(place=place).sort_values(
        ["place", "multiple", "arrived"], ascending=[True, True, False], kind="stable"
    )
    return ranked.drop(columns="place").reset_index(drop=True)
