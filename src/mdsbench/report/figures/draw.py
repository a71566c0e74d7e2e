"""Draws every figure of a report: each file of this package that has `figures(results, currency)` makes some."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from mdsbench.report import figures as package
from mdsbench.report import style
from mdsbench.statistics.cost_model import CALLS, Currency
from mdsbench.statistics.results import Results

DPI = 150  # of PNGs


def draw(results: Results, folder: Path, currency: Currency = CALLS, formats: Sequence[str] = ("svg", "png")) -> None:
    """Write each figure in these formats into a folder that exists."""
    with style.drawing(style.RC):
        for found in iter_modules(package.__path__, f"{package.__name__}."):
            module = import_module(found.name)
            for name, figure in getattr(module, "figures", _nothing)(results, currency):
                for kind in formats:
                    figure.savefig(folder / f"{name}.{kind}", dpi=DPI, **style.FORMATS[kind])


def _nothing(_: Results, __: Currency) -> tuple[()]:
    return ()
