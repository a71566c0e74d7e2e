"""What the films share: their frame rate, their figure, text and errors of a distance."""

from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from mdsbench.problems.problem import MapInfo
from mdsbench.report.films import motion
from mdsbench.report.films.scene import POINTS
from mdsbench.report.films.stage import DPI, HEIGHT, WIDTH
from mdsbench.statistics.units import typical_error

FPS = 30
STAND, HOLD = 15, 40  # frames for which a film stands at the start and holds at the end

Progress = Callable[[float], None]


def kilometres(loss: float, places: MapInfo) -> str:
    error = float(typical_error(loss, places))
    if error > motion.FARTHEST_KM:
        return f"more than {motion.FARTHEST_KM:,.0f} km"
    return f"{error:,.0f} km" if error >= 9.95 else f"{error:.1f} km"


def figure_of_film() -> Figure:
    return Figure(figsize=(WIDTH / DPI, HEIGHT / DPI), dpi=DPI, facecolor="white")


def write(figure: Figure, left: int, top: int, text: str, size: float, **how: Any) -> None:
    """Text of a size in pixels, its middle at pixels from the top, centred on its first line's left end."""
    figure.text(left / WIDTH, 1 - top / HEIGHT, text, fontsize=size * POINTS, family="DejaVu Sans", va="center", **how)
