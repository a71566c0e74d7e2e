"""Draws every figure of a report: each file of this package that has `figures(results, currency)` makes some."""

from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from mdsbench.report import figures as package
from mdsbench.report import style
from mdsbench.statistics.cost_model import CALLS, Currency
from mdsbench.statistics.results import Results

SVG = {"svg.hashsalt": "mdsbench", "svg.fonttype": "path"}  # the same bytes every time, the same shapes everywhere


def draw(results: Results, folder: Path, currency: Currency = CALLS) -> None:
    """Write each figure as .svg and .png into a folder that exists."""
    with style.drawing({**style.RC, **SVG}):
        for found in iter_modules(package.__path__, f"{package.__name__}."):
            module = import_module(found.name)
            for name, figure in getattr(module, "figures", _nothing)(results, currency):
                figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
                figure.savefig(folder / f"{name}.png", dpi=150, metadata={"Software": None})


def _nothing(_: Results, __: Currency) -> tuple[()]:
    return ()
