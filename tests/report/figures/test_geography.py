"""Maps: layouts are laid upon the true map by rotation, reflection and translation, and by nothing else."""

import numpy as np
import pytest
from matplotlib.path import Path
from scipy.spatial.distance import pdist

from mdsbench.problems import europe, problem
from mdsbench.problems.problem import Array, MapInfo
from mdsbench.report.figures import geography


def places(n: int) -> MapInfo:
    found = problem.find(f"cities-{n}").map
    assert found
    return found


def moved(n: int, *, reflected: bool, scale: float = 1.0) -> Array:
    """The true map in the problem's unit, turned, perhaps reflected, shifted and scaled: a flat x."""
    rng = np.random.default_rng(n)
    angle = rng.uniform(0, 2 * np.pi)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    if reflected:
        turn = turn @ np.diag([1.0, -1.0])
    x: Array = scale * geography.true_map(places(n)) @ turn / europe.unit_km(n) + rng.normal(size=2)
    return x.ravel()


@pytest.mark.parametrize("n", [4, 6, 15, 34])
@pytest.mark.parametrize("reflected", [False, True])
def test_align_undoes_a_motion(n: int, reflected: bool) -> None:
    np.testing.assert_allclose(
        geography.align(moved(n, reflected=reflected), places(n)), geography.true_map(places(n)), atol=1e-6
    )


@pytest.mark.parametrize("scale", [0.3, 2.0])
def test_align_never_scales(scale: float) -> None:
    x = moved(15, reflected=True, scale=scale)
    np.testing.assert_allclose(pdist(geography.align(x, places(15))), pdist(x.reshape(-1, 2)) * europe.unit_km(15))
    np.testing.assert_allclose(pdist(geography.align(x, places(15))), scale * pdist(geography.true_map(places(15))))


def test_no_other_rotation_is_nearer() -> None:
    x = np.random.default_rng(0).uniform(size=30)
    aligned, true = geography.align(x, places(15)), geography.true_map(places(15))
    centred = aligned - true.mean(axis=0)
    for angle in (-0.1, -1e-3, 1e-3, 0.1, np.pi):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        for turned in (centred @ turn, centred @ np.diag([1.0, -1.0]) @ turn):
            assert ((turned + true.mean(axis=0) - true) ** 2).sum() >= ((aligned - true) ** 2).sum()


def test_centring_moves_the_whole_layout_onto_the_map() -> None:
    alignment = geography.alignment(moved(6, reflected=False), places(6))
    elsewhere = np.random.default_rng(1).uniform(size=12) + 5.0
    centred = alignment.centred(elsewhere)
    np.testing.assert_allclose(centred.mean(axis=0), geography.true_map(places(6)).mean(axis=0))
    np.testing.assert_allclose(np.ptp(centred - alignment(elsewhere), axis=0), 0, atol=1e-6)


def test_the_map_is_in_kilometres_and_nearly_true_to_the_distances() -> None:
    np.testing.assert_allclose(pdist(geography.true_map(places(34))), europe.distances_km(34), rtol=0.07)


@pytest.mark.parametrize(
    ("longitude", "latitude", "land"),
    [(24.0, 50.0, True), (-4.0, 40.0, True), (4.0, 56.5, False), (35.0, 43.5, False), (51.0, 41.5, False)],
    ids=["Ukraine", "Spain", "the North Sea", "the Black Sea", "the Caspian Sea, a hole"],
)
def test_land_is_land_and_sea_is_sea(longitude: float, latitude: float, land: bool) -> None:
    point = geography.to_km(np.array([longitude]), np.array([latitude]))[0]
    rings = geography.coastline().to_polygons(closed_only=True)
    assert sum(Path(ring).contains_point(point) for ring in rings) % 2 == land


def test_holes_run_against_their_exteriors() -> None:
    """Else the nonzero rule, by which Matplotlib fills, would fill them."""
    caspian = geography.to_km(np.array([51.0]), np.array([41.5]))[0]
    around = [np.asarray(r) for r in geography.coastline().to_polygons() if Path(r).contains_point(caspian)]
    signs = [np.sign((r[:-1, 0] * r[1:, 1] - r[1:, 0] * r[:-1, 1]).sum()) for r in around]
    assert len(signs) == 2
    assert sum(signs) == 0
