"""Colours of methods: assigned by the methods that are there, far apart, and with another line beyond eight."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from mdsbench.report.palette import COLOURS, Palette

OWN = ["gd", "nelder-mead", "nelder-mead(adaptive=true)"]
RIVALS = ["l-bfgs", "bfgs", "adam", "cma-es", "newuoa", "powell", "cg", "momentum", "nesterov", "rmsprop", "adagrad"]


def lightness_and_hue(colour: str) -> np.ndarray:
    """Coordinates in CIELAB."""
    linear = np.array([c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)])
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(to_xyz @ linear / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_no_two_colours_are_alike() -> None:
    apart = [np.linalg.norm(lightness_and_hue(a) - lightness_and_hue(b)) for a, b in combinations(COLOURS, 2)]
    assert min(apart) > 25


@pytest.mark.parametrize("number", [0, 2, 5, 8, 11])
def test_each_method_has_looks_of_its_own(number: int) -> None:
    solvers = [*OWN, *RIVALS[:number]]
    palette = Palette(solvers)
    assert len({(palette.colour(solver), palette.line(solver)) for solver in solvers}) == len(solvers)
    assert [palette.is_dashed(solver) for solver in solvers] == [k >= len(COLOURS) for k in range(len(solvers))]


def test_the_methods_of_the_experiment_keep_their_colours_and_share_them_between_the_protocols() -> None:
    palette = Palette([*RIVALS, "gd(step=0.06)", "restarted-nelder-mead", *OWN])
    assert [palette.colour(solver) for solver in OWN] == list(COLOURS[:3])
    assert palette.colour("gd(step=0.06)") == palette.colour("gd")
    assert palette.colour("restarted-nelder-mead") == palette.colour("nelder-mead")
    assert palette.colour("l-bfgs") == COLOURS[3]
    assert not any(map(palette.is_dashed, OWN))
