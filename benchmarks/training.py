"""The tables of docs/training.md, from the store of the campaign `training`.

mdsbench run training --store training.sqlite    about 20 minutes on two cores
python benchmarks/training.py training.sqlite    a minute: the price of a gradient in seconds is measured
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mdsbench.errors import UsageError
from mdsbench.problems.problem import find
from mdsbench.report.figures import column
from mdsbench.report.figures.growth import growth_figure
from mdsbench.runs.execute import asks
from mdsbench.statistics.arrivals import arrivals, cost
from mdsbench.statistics.break_even import break_even
from mdsbench.statistics.cost_model import clock
from mdsbench.statistics.growth import growth, growth_of_ratio
from mdsbench.statistics.running_time import running_time
from mdsbench.statistics.wording import amount
from mdsbench.store.frames import traces
from mdsbench.store.held_out import held_out
from mdsbench.store.store import Store

sys.path.append(str(Path(__file__).resolve().parent / "peers"))
import page

PAGE = page.ROOT / "docs" / "training.md"
FIGURE = page.ROOT / "docs" / "images" / "training.png"
TARGETS = (0.1, 0.01)
GAP = 0.1  # of the headline
FAMILY = "perceptron"  # all pixels and digits
GRADIENT, FREE = "l-bfgs", "adam[spsa](step=0.01)"  # the pair of the headline
PAIRS = ((GRADIENT, FREE), ("l-bfgs-b", "l-bfgs-b[forward-difference]"))
CAMPS = ("with gradients", "without")


def camp(solver: str) -> str:
    """Whether a solver, with its source, takes gradients."""
    return CAMPS[asks(solver) == "value"]


def cheapest(times: pd.DataFrame, target: float) -> str:
    """For each problem, the solver of each camp with the least expected running time, and the price of a gradient."""
    rows = []
    groups: Any = times[times["target"] == target].groupby(["problem", "dimension"], sort=False)
    for (name, n), own in groups:
        cells = [f"`{name}`", f"{n:,}"]
        least = []
        for side in CAMPS:
            there = own[own["solver"].map(camp) == side]
            arrived = there[there["arrived"] > 0]
            if there.empty:
                cells += ["–", "–"]
                least.append(np.nan)
            elif arrived.empty:
                cells += ["none", f"of {', '.join(f'`{s}`' for s in there['solver'])}"]
                least.append(np.nan)
            else:
                best = arrived.loc[arrived["ert"].idxmin()]
                cells += [f"`{best['solver']}` {best['arrived']}/{best['runs']}", amount(float(best["ert"]))]
                least.append(float(best["ert"]))
        rows.append((n, [*cells, "–" if np.isnan(least).any() else amount(least[1] / least[0])]))
    header = ["problem", "parameters", CAMPS[0], "calls", CAMPS[1], "calls", "ratio"]
    return page.table(header, [row for _, row in sorted(rows, key=lambda pair: pair[0])])


def prices(table: pd.DataFrame) -> str:
    """The break-even price of a gradient for both pairs, and what a gradient costs in seconds."""
    rows = []
    found = pd.concat([break_even(table, *pair).assign(pair=" and ".join(f"`{s}`" for s in pair)) for pair in PAIRS])
    chosen: Any = found[(found["target"] == GAP) & found["problem"].str.startswith(FAMILY)].itertuples()
    for row in chosen:
        price = f"{row.bound} {amount(row.price)}".strip() if np.isfinite(row.price) else row.note
        finite = np.isfinite([row.low, row.high]).all()
        task = find(str(row.problem))
        task.prepare()
        rows.append(
            [
                row.pair,
                f"`{row.problem}`",
                f"{row.dimension:,}",
                price,
                f"{amount(row.low)} to {amount(row.high)}" if finite else "",
                f"{clock(task):.1f}",
            ]
        )
    header = ["pair", "problem", "parameters", "a gradient is worth (values)", "95 %", "it takes (values)"]
    return page.table(header, rows)


def exponents(table: pd.DataFrame) -> str:
    """How the calls to the gap grow with the number of parameters, by solver, and the ratio of the pairs."""
    own = table[(table["family"] == FAMILY) & (table["target"] == GAP)]
    rows = []
    row: Any
    for row in growth(own, cost(own)).sort_values("exponent").itertuples():
        if np.isfinite(row.exponent):
            rows.append([f"`{row.solver}`", camp(str(row.solver)), f"{row.arrived}/{row.runs}", *_bounds(row)])
    for pair in PAIRS:
        for row in growth_of_ratio(own, cost(own), *pair).itertuples():
            rows.append([f"`{pair[1]}` by `{pair[0]}`", "ratio", f"{row.pairs} pairs", *_bounds(row)])
    return page.table(["solver", "", "arrived", "exponent", "95 %"], rows)


def _bounds(row: object) -> list[str]:
    exponent, low, high = (float(getattr(row, name)) for name in ("exponent", "low", "high"))
    if not np.isfinite(exponent):
        return ["–", str(getattr(row, "note", ""))]
    return [f"{exponent:.2f}", f"{low:.2f} to {high:.2f}" if np.isfinite([low, high]).all() else "unbounded"]


def claim(table: pd.DataFrame) -> str:
    """Why large models are trained with gradients, in a sentence."""
    own = table[(table["family"] == FAMILY) & (table["target"] == GAP)]
    ratio: Any
    (ratio,) = growth_of_ratio(own, cost(own), GRADIENT, FREE).itertuples()
    both = own[own["solver"] == FREE]
    arrived = both[both["fate"] == "arrived"]["dimension"]
    price = break_even(own, GRADIENT, FREE)
    last: Any = price[price["dimension"] == arrived.max()].iloc[0]
    task = find(str(last["problem"]))
    task.prepare()
    return (
        f"**Because a gradient is worth many function values, more with every parameter, and costs two or three:** to "
        f"{100 * (1 - GAP):.0f} % of the way down, `{FREE}` takes n^{ratio.exponent:.2f} times as many calls as "
        f"`{GRADIENT}` (95 %: n^{ratio.low:.2f} to n^{ratio.high:.2f}, from {own['dimension'].min():,} to "
        f"{both['dimension'].max():,} parameters, {ratio.pairs} pairs), and with {last['dimension']:,} parameters "
        f"a gradient is worth {amount(last['price'])} function values ({amount(last['low'])} to "
        f"{amount(last['high'])}) and takes the time of {clock(task):.1f}."
    )


def tests(scores: pd.DataFrame) -> str:
    """The loss and the test error of each solver on the perceptrons and the logistic regressions."""
    rows = []
    kept = scores.dropna(subset="test error")
    groups: Any = kept.groupby(["dimension", "problem", "solver"], sort=False)
    for (n, name, solver), runs in sorted(groups, key=lambda pair: (pair[0][0], pair[1]["final_loss"].median())):
        error = runs["test error"]
        spread = f"{error.median():.1%} ({error.min():.1%} to {error.max():.1%})"
        losses = [f"{runs[column].median():.3f}" for column in ("final_loss", "test loss")]
        rows.append([f"`{name}`", f"{n:,}", f"`{solver}`", camp(solver), *losses, spread])
    header = ["problem", "parameters", "solver", "", "loss", "test loss", "test error: median and range"]
    return page.table(header, rows)


def made(runs: pd.DataFrame, environments: list[dict[str, object]]) -> str:
    """What the runs are, and on which machine."""
    facts = environments[-1]
    return (
        f"{len(runs)} runs, {runs['seconds'].sum() / 60:.0f} minutes of solvers' time on {facts.get('processor')}, "
        f"mdsbench {facts.get('mdsbench')}, NumPy {facts.get('numpy')}."
    )


def main() -> None:
    """Replace the tables of the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    options = parser.parse_args()
    with Store.read(options.store) as store:
        read, scores, environments = traces(store), held_out(store), list(store.environments().values())
    table = arrivals(read.runs, read.improvements, TARGETS)
    times = running_time(table, cost(table))
    replaced = {
        "claim": claim(table),
        "made": made(read.runs, environments),
        "cheapest": cheapest(times, GAP),
        "prices": prices(table),
        "growth": exponents(table),
        "test": tests(scores),
    }
    for name, text in replaced.items():
        page.replace(name, text, PAGE)
    shown = table[(table["family"] == FAMILY) & (table["target"] == GAP)].reset_index(drop=True)
    figure = growth_figure(shown, cost(shown).rename("function values and gradients"))
    assert figure
    column.save(figure, FIGURE)
    print(f"docs/{PAGE.name} is written")


if __name__ == "__main__":
    try:
        main()
    except UsageError as error:
        raise SystemExit(str(error)) from None
