"""Who wins where values are noisy: the tables and figures of docs/noise.md, from the runs of the campaign `noise`.

mdsbench run noise --store noise.sqlite
python benchmarks/noise.py noise.sqlite
"""

import sys
from pathlib import Path

import pandas as pd

from mdsbench.registry.spec import parse
from mdsbench.report.analysis import write_figures
from mdsbench.statistics.arrivals import ARRIVED, arrivals, cost
from mdsbench.statistics.who_wins import DIFFERENCES, FIRST, GRADIENT, NEITHER, SECOND, VALUES, who_wins
from mdsbench.store.frames import frames

sys.path.append(str(Path(__file__).resolve().parent / "peers"))
import page

PAGE = page.ROOT / "docs" / "noise.md"
GAPS = (0.1, 0.01)
MAPS: dict[
    str, tuple[float | str, str]
] = {  # the tables: a price of a gradient, and who is compared with derivative-free solvers
    "gradients": (1.0, GRADIENT),
    "gradients at the price of n values": ("dimension", GRADIENT),
    "differences": (1.0, DIFFERENCES),
}


def cell(row: pd.Series) -> str:
    """The ratio with its interval; bold where derivative-free solvers win, in brackets where neither does."""
    if row["winner"] == NEITHER:
        return "–"
    text = f"{number(row['ratio'])} ({number(row['low'])} to {number(row['high'])})"
    return text if row["winner"] == FIRST else f"**{text}**" if row["winner"] == SECOND else f"[{text}]"


def number(value: float) -> str:
    return "∞" if value == float("inf") else f"{value:.2g}" if value < 100 else f"{value:,.0f}"


def table(found: pd.DataFrame) -> str:
    """The ratios of one map, by noise and number of variables."""
    shown = found.assign(cell=found.apply(cell, axis=1)).pivot_table(
        index="noise", columns="dimension", values="cell", aggfunc="first", fill_value=""
    )
    header = ["noise", *(f"n = {size}" for size in shown.columns)]
    return page.table(header, [[f"{noise:g}", *row] for noise, row in zip(shown.index, shown.to_numpy(), strict=True)])


def arrived(reached: pd.DataFrame, gap: float) -> str:
    """How many runs of each solver arrived, by noise."""
    here = reached[reached["target"] == gap]
    noise = here["problem"].map(lambda name: dict(parse(name).options).get("noise", 0.0))
    marked = here.assign(noise=noise, arrived=here["fate"] == ARRIVED)
    counts = marked.pivot_table(index="solver", columns="noise", values="arrived", aggfunc="sum", sort=False)
    header = ["solver", *(f"noise {level:g}" for level in counts.columns)]
    return page.table(
        header, [[f"`{name}`", *map(str, row)] for name, row in zip(counts.index, counts.to_numpy(), strict=True)]
    )


def main(store: Path) -> None:
    runs, improvements, _ = frames(store)
    reached = arrivals(runs, improvements, GAPS)
    for name, (price, camp) in MAPS.items():
        found = who_wins(reached, cost(reached, price), camp, VALUES)
        for gap in GAPS:
            page.replace(f"{name}, gap {gap:g}", table(found[found["target"] == gap]), PAGE)
    for gap in GAPS:
        page.replace(f"arrivals, gap {gap:g}", arrived(reached, gap), PAGE)
    page.replace("machine", f"{page.processor()}; the runs took {runs['seconds'].sum() / 60:.0f} minutes.", PAGE)
    images = page.ROOT / "docs" / "images"
    for name, price in (("noise-price-1", 1.0), ("noise-price-n", "dimension")):
        written = write_figures(runs, improvements, images / name, targets=GAPS[:1], gradient=price, formats=["png"])
        for path in written:
            if path.stem.startswith("who-wins") and (price == 1.0 or path.stem == "who-wins"):
                path.replace(images / f"{path.stem}{'' if price == 1.0 else '-price-n'}.png")
            else:
                path.unlink()
        (images / name).rmdir()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
