"""How methods are named in every figure, animation and page alike, and what all of them look like."""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import matplotlib as mpl

from mdsbench.campaigns.reproduction import published_steps
from mdsbench.errors import UsageError
from mdsbench.registry.spec import Spec, parse
from mdsbench.statistics.wording import listed, without_folders

LAND, SEA, COAST = "#e9e6dd", "#f6f9fb", "#cbc6b8"
INK, FAINT, GRID = "#1a1a1a", "#6b6b6b", "#dddddd"
BEST_KNOWN = "#1a1a1a"

TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 15.0, 12.0, 10.0  # points; figures are about 10 inches wide

RC = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "Helvetica"],  # the first comes with Matplotlib, and draws
    "font.size": TEXT_SIZE,
    "axes.titlesize": TITLE_SIZE,
    "axes.labelsize": TEXT_SIZE,
    "xtick.labelsize": SMALL_SIZE,
    "ytick.labelsize": SMALL_SIZE,
    "legend.fontsize": TEXT_SIZE,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": FAINT,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "grid.color": GRID,
    "svg.hashsalt": "mdsbench",  # the same bytes every time
    "svg.fonttype": "none",  # text stays text, to be searched, edited and read aloud
    "pdf.fonttype": 42,  # fonts are embedded
}
FORMATS: dict[str, dict[str, Any]] = {  # how to save, without the date and the version of Matplotlib
    "svg": {"metadata": {"Date": None}},
    "pdf": {"metadata": {"CreationDate": None, "Creator": None, "Producer": None}},
    "png": {"metadata": {"Software": None}},
}

_NAMES = {
    "gd": "Gradient descent",
    "nelder-mead": "Nelder–Mead",
    "restarted-nelder-mead": "Nelder–Mead, restarted",
}
LONGEST = 44  # letters of a name in a figure


@contextmanager
def drawing(rc: Mapping[Any, Any] = MappingProxyType({})) -> Iterator[None]:
    """Figures in the block have these settings. A letter that the font lacks is a box, without a warning for each."""
    with mpl.rc_context(dict(rc)), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        yield


def formats(kinds: Sequence[str]) -> tuple[str, ...]:
    """The formats of figures, each once; raises UsageError for one that is not known."""
    for kind in kinds:
        if kind not in FORMATS:
            raise UsageError(f"a figure is written as {listed(list(FORMATS), 'or')}, not {kind[:40]!r}")
    return tuple(dict.fromkeys(kinds))


def title(solver: str) -> str:
    """The name that people read for a solver's spec; the spec itself, without folders, where there is none."""
    spec = read(solver)
    if spec is None or spec.name not in _NAMES or spec.source:
        return without_folders(solver)
    options = dict(spec.options)
    if spec.name == "gd" and options.get("step") in published_steps():
        return f"{_NAMES[spec.name]}, hand-tuned"
    if is_adaptive(spec):
        return f"{_NAMES[spec.name]}, adaptive"
    return without_folders(solver) if options else _NAMES[spec.name]


def read(solver: str) -> Spec | None:
    """A solver's spec; None for a label that ends with the version, where a store has several versions of a solver."""
    try:
        return parse(solver)
    except UsageError:
        return None


def is_adaptive(spec: Spec) -> bool:
    """Whether this is the experiment's adaptive Nelder-Mead."""
    return spec.name == "nelder-mead" and dict(spec.options).get("adaptive") is True


def plain(text: str, longest: int = LONGEST) -> str:
    """A text on one line of at most so many letters, without control characters."""
    shown = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}…"


def words(text: str, longest: int = LONGEST) -> str:
    """A text for Matplotlib, in which no dollar begins a formula: `plain`, each dollar with a backslash."""
    return plain(text, longest).replace("$", r"\$")
