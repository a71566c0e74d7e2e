"""The reference: tables and figures of the campaign `scaling`, from its store, in reports/reference/.

    make reference                                   the campaign, half an hour on one core, and this
    python benchmarks/reference.py scaling.sqlite    from a store; two minutes, most of it for the map of 5,000 places

The files are small and hold no traces: they are committed. README.md states the command, the machine and the findings.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mdsbench.errors import UsageError
from mdsbench.problems import problem
from mdsbench.report.analysis import write_figures
from mdsbench.report.figures import column
from mdsbench.report.figures.break_even import price_figure
from mdsbench.report.figures.break_even_variants import break_even_variants
from mdsbench.report.figures.growth import growth_figure
from mdsbench.report.figures.guttman import guttman as draw_guttman
from mdsbench.report.figures.guttman import shape
from mdsbench.report.figures.share import share_that_arrives
from mdsbench.runs.execute import asks
from mdsbench.statistics import guttman
from mdsbench.statistics.arrivals import arrivals, cost
from mdsbench.statistics.break_even import break_even
from mdsbench.statistics.cost_model import clock
from mdsbench.statistics.growth import growth, growth_of_ratio
from mdsbench.statistics.running_time import GROUP, running_time
from mdsbench.store.frames import traces
from mdsbench.store.store import Store

sys.path.append(str(Path(__file__).resolve().parent / "peers"))
import page

OUT = page.ROOT / "reports" / "reference"
TARGETS = (1e-2, 1e-4, 1e-6)
MAPS = "places"  # the family of the headline
PAIRS = (("l-bfgs", "newuoa"), ("l-bfgs-b", "l-bfgs-b[forward-difference]"))  # with and without gradients
COMPARED = tuple(f"{MAPS}-{n}" for n in (6, 10, 20, 34))  # where all methods have runs
SLOW_MODES = (6, 34, 100, 200, 500, 1000, 2000)  # places
MACHINE = ("processor", "cores", "system", "python", "mdsbench", "commit")


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """The expected running time of each solver at the price of one value per gradient, and what it is made of."""
    found = running_time(table, cost(table))
    parts = table.groupby(GROUP, sort=False)[SPENT].sum().reset_index()
    joined = found.merge(parts, on=GROUP, validate="one_to_one")
    for name in SPENT:
        joined[name] /= joined["arrived"].where(joined["arrived"] > 0)
    return joined.rename(columns={name: f"{name}_per_arrival" for name in SPENT})


SPENT = ["iterations", "evaluations", "gradients", "hessian_vectors", "seconds"]


def iterations(table: pd.DataFrame) -> pd.DataFrame:
    """Gradient descent on the nested maps and on the clouds: median iterations of the runs that arrived, by size."""
    rows = table[(table["solver"] == "gd") & table["family"].str.match(f"{MAPS}$|cloud") & (table["fate"] == "arrived")]
    keys = ["family", "start", "target", "dimension"]
    return rows.groupby(keys)["iterations"].agg(["median", "min", "max", "size"]).reset_index()


def slow_modes() -> pd.DataFrame:
    """The five places that hold the slow mode, for several numbers of places."""
    found = []
    for n in SLOW_MODES:
        name = f"{MAPS}-{n}"
        mode = guttman.solve(name)
        assert mode
        found.append(guttman.holders(name).assign(problem=name, mu=mode.mu))
    return pd.concat(found)[["problem", "mu", "label", "share"]]


def markdown(table: pd.DataFrame) -> str:
    """A small table."""
    return page.table(
        list(map(str, table.columns)), [[_text(cell) for cell in row] for row in table.itertuples(index=False)]
    )


def _text(cell: object) -> str:
    if isinstance(cell, float):
        return "–" if np.isnan(cell) else f"{cell:,.4g}" if abs(cell) < 1000 else f"{cell:,.0f}"
    return "–" if cell is None else str(cell)


def write(table: pd.DataFrame, name: str, out: Path) -> None:
    """A CSV file with four significant digits."""
    table.to_csv(out / f"{name}.csv", index=False, float_format="%.4g", lineterminator="\n")


def machine(store: Path) -> str:
    """What the runs of a store ran on, in one line per environment."""
    with Store.read(store) as opened:
        found = opened.environments().values()
    lines = (", ".join(f"{name} {facts[name]}" for name in MACHINE if facts.get(name)) for facts in found)
    return "\n".join(f"- {line}" for line in dict.fromkeys(lines))


def sizes(counted: pd.DataFrame) -> pd.DataFrame:
    """The median iterations of gradient descent, a row per family and start and a column per number of points."""
    rows = counted.assign(points=counted["dimension"] // 2, family=counted["family"].map(shape))
    keys = ["target", "family", "start"]
    wide = rows.pivot_table(index=keys, columns="points", values="median", sort=False)
    return wide.reindex(columns=sorted(wide.columns)).reset_index().sort_values(keys, ascending=[False, False, True])


def prices(found: pd.DataFrame, target: float = 1e-2, start: str = "uniform") -> pd.DataFrame:
    """The price at which a gradient is worth as much as the values of a derivative-free method, for each problem.

    (values of the derivative-free method per arrival - values of the gradient method) / its gradients per arrival, each
    method being the cheapest of its kind on that problem. NaN where a kind never arrived.
    """
    rows = found[(found["target"] == target) & (found["start"] == start)]
    free = rows["solver"].map(lambda solver: asks(solver) == "value")
    products = rows["hessian_vectors_per_arrival"] > 0
    both = _cheapest(rows[free]).add_suffix("_free").join(_cheapest(rows[~free & ~products]), how="outer")
    table = rows.drop_duplicates("problem").set_index("problem")[["dimension"]].join(both.drop(columns="dimension"))
    price = (table["evaluations_per_arrival_free"] - table["evaluations_per_arrival"]) / table["gradients_per_arrival"]
    columns = {
        "dimension": "variables", "solver_free": "without gradients", "evaluations_per_arrival_free": "values",
        "solver": "with gradients", "gradients_per_arrival": "gradients",
    }  # fmt: skip
    named = table[list(columns)].rename(columns=columns).assign(price=price)
    return named.assign(**{"price per variable": price / named["variables"]}).reset_index()


def break_evens(table: pd.DataFrame) -> pd.DataFrame:
    """The break-even prices of the pairs with their intervals."""
    return pd.concat([break_even(table, *pair).assign(gradient=pair[0], derivative_free=pair[1]) for pair in PAIRS])


def ratios(table: pd.DataFrame) -> pd.DataFrame:
    """The exponent of the ratio of the costs of the pairs on the nested maps, a gradient counting as one value."""
    rows = table[table["family"] == MAPS]
    return pd.concat([growth_of_ratio(rows, cost(rows), *pair) for pair in PAIRS])


def headline(tables: dict[str, pd.DataFrame], target: float = 1e-2) -> str:
    """The sentences of the project's README, from the tables of prices and iterations."""
    sentences = []
    priced = tables["prices"].dropna(subset="price")
    priced = priced[priced["problem"].str.match(f"{MAPS}-")]
    if len(priced):
        last, each = priced.iloc[-1], priced["price per variable"]
        sentences.append(
            f"From a random map to a gap of {target:.0%}, a gradient is worth {each.min():.1f} to {each.max():.1f} "
            f"function values per variable, from {priced['variables'].min():.0f} to {last['variables']:.0f} variables. "
            f"At {last['variables']:.0f} it is worth {last['price']:.0f}: `{last['without gradients']}` takes "
            f"{last['values']:,.0f} values, and `{last['with gradients']}` {last['gradients']:.0f} gradients."
        )
    rows = tables["iterations"].query("family == @MAPS and target == @target")
    points = rows["dimension"].agg(["min", "max"]).floordiv(2)
    for start, own in rows.groupby("start"):
        sentences.append(
            f"From {points['min']:,} to {points['max']:,} places, gradient descent takes {_span(own)} iterations to it "
            f"from the start `{start}`."
        )
    return " ".join(sentences)


def _span(rows: pd.DataFrame) -> str:
    """The least and the greatest median."""
    return " to ".join(f"{median:.0f}" for median in (rows["median"].min(), rows["median"].max()))


def _cheapest(rows: pd.DataFrame) -> pd.DataFrame:
    """The row of the least expected running time for each problem."""
    arrived = rows[rows["arrived"] > 0]
    return arrived.loc[arrived.groupby("problem")["ert"].idxmin()].set_index("problem")


def text(store: Path, runs: pd.DataFrame, tables: dict[str, pd.DataFrame]) -> str:
    """The page: how it was made, and the tables that are small enough to be read."""
    return f"""# The reference

{len(runs):,} runs of the campaign `scaling`, {runs["seconds"].sum() / 60:.0f} minutes of solvers' time. Made by

    make reference

from runs on

{machine(store)}

The same versions give the same counts. Seconds are those of a machine that did other work too.

| file | a row for each |
|---|---|
| `summary.csv` | problem, start, target and solver: fates, success rate, expected running time (`ert`) |
| `iterations.csv` | family, start, target and size: iterations of gradient descent |
| `guttman.csv` | map and start: counted and predicted iterations of the Guttman step |
| `prices.csv` | problem: the price of a gradient at which both kinds of method cost the same |
| `break_even.csv` | problem, start, target and pair of solvers: the price of a gradient with its interval |
| `growth.csv` | family, start, target and solver: the exponent of the cost with its interval |
| `growth_of_ratio.csv` | start, target and pair of solvers: the exponent of the ratio of their costs on `places-N` |
| `slow_modes.csv` | the places that hold the slow mode |

{headline(tables)}

## Iterations of gradient descent to a relative gap

The step is the Guttman step. Medians of the runs that arrived, by the number of points.

{markdown(sizes(tables["iterations"]))}

## What a gradient is worth

The cheapest method without and with gradients on each problem, from random starts to a gap of 1e-2. Counts are per
arrival: everything that all runs spent, divided by the number that arrived. At the price, in function values per
gradient, both cost the same. A dash is where no run arrived.

{markdown(tables["prices"][tables["prices"][["values", "price"]].notna().any(axis=1)])}

The same for fixed pairs of methods on `places-N`, with intervals of 95 %:

{markdown(intervals(tables["break_even"]))}

![Price of a gradient against the number of variables](break-even.png)

On the maps of cities and their variants, with the best pair of methods of each:

![Price of a gradient under noise, rounding and kinks](break-even-variants.png)

The ratio of the costs of a pair grows as n to the exponent:

{markdown(exponents(tables["growth_of_ratio"]))}

## Growth

Calls to a gap of 1e-2 on `places-N` from random starts, with the exponent of each method. The fit includes the runs
that a budget ended.

![Calls against the number of variables](growth.png)
![Share of runs that arrive against the number of variables](share.png)

## Counted and predicted

![Iterations to 1/100 of the gap against the number of points](guttman.svg)

The iterations of the Guttman step that reduce the gap by 100, at the end of the runs that arrived. Markers are counted:
medians, with bars from the least to the greatest. Lines are predicted: log(100) / (-2 log(1 - mu)), with mu the least
non-trivial eigenvalue of the Hessian at the solution over 4n. For a fixed shape it does not depend on the number of
points. For long strips it grows as the square of the length by the width.

## All methods at 6, 10, 20 and 34 places

From random starts; a gradient counts as one value.

![Share of runs and targets that are reached against the cost per variable](ecdf.png)
![Performance profile](performance-profile.png)
![Data profile](data-profile.png)
![Gap against the cost per variable](anytime.png)

## Which places are slow

The places that hold the slow mode, with their shares of its squared error:

{markdown(holding(tables["slow_modes"]))}
"""


def nested_figures(table: pd.DataFrame, target: float = 1e-2) -> dict[str, Figure]:
    """Growth and the price of a gradient on the nested maps, from random starts to one target."""
    nested = table[(table["family"] == MAPS) & (table["target"] == target) & (table["start"] == "uniform")]
    nested = nested.reset_index(drop=True)
    both = nested[nested["solver"].isin(PAIRS[0])].groupby("problem")["solver"].nunique()
    measured = {task.dimension: clock(task) for task in map(problem.find, both.index[both == len(PAIRS[0])])}
    calls = cost(nested).rename("function values and gradients")
    found = {
        "growth": growth_figure(nested, calls),
        "break-even": price_figure(nested, *PAIRS[0], measured),
        "break-even-variants": break_even_variants(table, cost(table)),
        "share": share_that_arrives(nested, calls),
    }
    return {name: figure for name, figure in found.items() if figure}


def intervals(found: pd.DataFrame, target: float = 1e-2) -> pd.DataFrame:
    """The break-even prices on the nested maps at one target."""
    rows = found[found["problem"].str.match(f"{MAPS}-") & (found["target"] == target) & (found["start"] == "uniform")]
    return rows[["gradient", "derivative_free", "dimension", "bound", "price", "low", "high"]]


def exponents(found: pd.DataFrame, target: float = 1e-2) -> pd.DataFrame:
    """The exponents of the ratios at one target."""
    rows = found[(found["target"] == target) & (found["start"] == "uniform")]
    return rows[["solver", "other", "sizes", "pairs", "exponent", "low", "high"]]


def holding(modes: pd.DataFrame) -> pd.DataFrame:
    """A row per map, with the three places of the largest shares."""
    named = modes.assign(who=modes["label"] + " " + (100 * modes["share"]).round().astype(int).astype(str) + " %")
    three = named.groupby(["problem", "mu"], sort=False)["who"].apply(lambda who: ", ".join(who.head(3)))
    return three.reset_index().rename(columns={"who": "held by"})


def main() -> None:
    """Write the tables, the figure and the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--most-points", type=int, default=5000, help="largest map whose rate is predicted")
    parser.add_argument("--readme", type=Path, help="replace the headline between its markers on this page")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with Store.read(options.store) as store:
        read = traces(store)
    table = arrivals(read.runs, read.improvements, TARGETS)
    converging = guttman.convergence(read.runs, read.improvements, options.most_points)
    tables = {
        "summary": summary(table),
        "iterations": iterations(table),
        "guttman": converging,
        "slow_modes": slow_modes(),
    }
    tables["prices"] = prices(tables["summary"])
    tables["break_even"] = break_evens(table)
    tables["growth"] = growth(table, cost(table))
    tables["growth_of_ratio"] = ratios(table)
    for name, made in tables.items():
        write(made, name, options.out)
    column.save(draw_guttman(converging), options.out / "guttman.svg")
    compared = read.runs[read.runs["problem"].isin(COMPARED) & read.runs["start"].str.startswith("uniform")]
    write_figures(compared, read.improvements, options.out, targets=TARGETS, formats=["png"])
    for name, figure in nested_figures(table).items():
        column.save(figure, options.out / f"{name}.png")
    (options.out / "README.md").write_text(text(options.store, read.runs, tables), encoding="utf-8")
    if options.readme:
        page.replace("headline", headline(tables), options.readme)
    print(f"{options.out} is written")


if __name__ == "__main__":
    try:
        main()
    except UsageError as error:
        raise SystemExit(str(error)) from None
