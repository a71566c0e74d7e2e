"""How methods are named and coloured, in every figure, animation and page alike.

The colours of the experiment's own methods are Okabe and Ito's (2008), which colour-blind readers can tell apart; any
other method has a hue of its own, the same in every report.
"""

from colorsys import hls_to_rgb
from zlib import crc32

from matplotlib.colors import to_hex

from mdsbench.campaigns.reproduction import published_steps
from mdsbench.registry.registry import SOLVERS
from mdsbench.registry.spec import Spec, parse

LAND, SEA, COAST = "#e9e6dd", "#f6f9fb", "#cbc6b8"
INK, FAINT, GRID = "#1a1a1a", "#6b6b6b", "#dddddd"
BEST_KNOWN = "#1a1a1a"

TITLE_SIZE, TEXT_SIZE, SMALL_SIZE = 15.0, 12.0, 10.0  # points; figures are about 10 inches wide

RC = {
    "font.family": "DejaVu Sans",  # comes with Matplotlib: the same everywhere
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
}

_NAMES = {
    "gd": "Gradient descent",
    "nelder-mead": "Nelder–Mead",
    "restarted-nelder-mead": "Nelder–Mead, restarted",
}
_COLOURS = {"gd": "#0072B2", "nelder-mead": "#D55E00", "restarted-nelder-mead": "#D55E00"}
_ADAPTIVE = "#009E73"
GOLDEN, DEPTHS = 0.618034, (0.25, 0.42, 0.62)


def title(solver: str) -> str:
    """The name that people read for a solver's spec; the spec itself where there is none."""
    spec = parse(solver)
    if spec.name not in _NAMES or spec.source:
        return solver
    options = dict(spec.options)
    if spec.name == "gd" and options.get("step") in published_steps():
        return f"{_NAMES[spec.name]}, hand-tuned"
    if _adaptive(spec):
        return f"{_NAMES[spec.name]}, adaptive"
    return solver if options else _NAMES[spec.name]


def colour(solver: str) -> str:
    """The colour of a solver's spec, as #rrggbb."""
    spec = parse(solver)
    if _adaptive(spec):
        return _ADAPTIVE
    if spec.name in _COLOURS and title(solver) != solver:
        return _COLOURS[spec.name]
    # Steps of the golden ratio keep neighbours in the registry apart, and so does another depth with other options.
    place = list(SOLVERS).index(spec.name) if spec.name in SOLVERS else crc32(spec.name.encode())
    varied = str(spec) != spec.name
    turn = (place * GOLDEN + varied * crc32(str(spec).encode()) / 2**32) % 1
    hue = 225 + 180 * turn  # degrees, from violet to olive: none of the blues and greens above
    return to_hex(hls_to_rgb(hue % 360 / 360, DEPTHS[(place + varied) % 3], 0.6))


def _adaptive(spec: Spec) -> bool:
    return spec.name == "nelder-mead" and dict(spec.options).get("adaptive") is True
