"""The figure of the break-even price of a gradient under noise, rounding and kinks."""

from math import inf

import pandas as pd
from matplotlib.figure import Figure

from mdsbench.registry.spec import parse
from mdsbench.report import style
from mdsbench.report.figures import column
from mdsbench.report.figures.axes import key
from mdsbench.report.figures.break_even import AUTOMATIC, DIFFERENCES, PRICE, best_pair, draw_costs, draw_prices
from mdsbench.report.figures.sizes import label_sizes
from mdsbench.statistics.arrivals import ARRIVED
from mdsbench.statistics.break_even import break_even

COLOURS = (PRICE, "#CC79A7", "#56B4E9", "#000000", "#8C564B")
LINES = ("-", "--", "-.", ":", (0, (5, 1)))
SHIFT = 1.03  # between the markers of one size


@column.drawn
def break_even_variants(table: pd.DataFrame, costs: "pd.Series[float]") -> Figure | None:
    """The price on one family of problems and on its variants, each with its own best pair; None without variants.

    The start is the one with most runs, the target the least at which most variants have prices.
    """
    start = table["start"].mode()
    families = _variants(table)
    if not families:
        return None
    rows = table[table["family"].isin(families) & (table["start"] == start.iloc[0])]
    found = _prices(rows, costs)
    if found.empty:
        return None
    counted = found.groupby("target").agg(prices=("price", "size")).reset_index()
    target = counted.sort_values(["prices", "target"], ascending=[False, True], kind="stable")["target"].iloc[0]
    found = found[found["target"] == target]
    drawn = [family for family in families if (found["family"] == family).any()]
    if len(drawn) < 2:
        return None
    named = {
        family: " against ".join(found[found["family"] == family].iloc[0][["gradient", "free"]]) for family in drawn
    }
    keys = [
        *(
            key(f"{_title(family)}: {named[family]}", color=COLOURS[k % 5], linestyle=LINES[k % 5], marker="o")
            for k, family in enumerate(drawn)
        ),
        key("automatic: at most about 5", color=AUTOMATIC, linestyle="-."),
        key("by differences: n", color=DIFFERENCES, linestyle=":"),
    ]
    notes = [
        f"{parse(drawn[0]).name} from {start.iloc[0]}, gap {float(target):g}",
        "the best solver with gradients against the best without",
        "bars: 95 % intervals",
        *(["triangles: more or less than that, as they point"] * bool((found["bound"] != "").any())),
    ]
    figure, ax = column.column_figure(keys, "number of variables n", "price of a gradient in values", notes)
    for k, family in enumerate(drawn):
        own = found[found["family"] == family].sort_values("dimension", kind="stable")
        shifted = own.assign(dimension=own["dimension"] * SHIFT ** (k - (len(drawn) - 1) / 2))
        draw_prices(ax, shifted, COLOURS[k % 5], LINES[k % 5], band=False)
    draw_costs(ax, found["dimension"].to_numpy(float), {})
    for which in "xy":
        column.log_axis(ax, which)
    label_sizes(ax, found["dimension"])
    return figure


def _variants(table: pd.DataFrame) -> list[str]:
    """The families that are one base with other options, the base with most of them; its plain form first."""
    arrived = table.loc[table["fate"] == ARRIVED, "family"].astype(str).unique()
    bases: dict[str, list[str]] = {}
    for family in arrived:
        bases.setdefault(parse(family).name, []).append(family)
    most = max(bases.values(), key=len, default=[])
    return sorted(most, key=lambda family: (len(family) != len(parse(family).name), family)) if len(most) > 1 else []


def _prices(rows: pd.DataFrame, costs: "pd.Series[float]") -> pd.DataFrame:
    """The finite prices of all families and targets, with the pairs that they are of."""
    made = []
    for family, own in rows.groupby("family", sort=False):
        pair = best_pair(own, costs)
        if pair:
            found = break_even(own, *pair).assign(family=family, gradient=pair[0], free=pair[1])
            made.append(found[(found["price"] > 0) & (found["price"] < inf)])
    return pd.concat(made) if made else pd.DataFrame(columns=["price"])


def _title(family: str) -> str:
    """A family by what makes it a variant, or "as it is"."""
    options = family.partition("(")[2].rstrip(")")
    return style.plain(options.replace("=", " "), 24) if options else "as it is"
