"""Tables of distances: round-off is taken, and each fault is one line that says what to do."""

import re
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from scipy.spatial.distance import cdist, pdist, squareform

import mdsbench
from mdsbench.errors import UsageError
from mdsbench.mds import stress
from mdsbench.problems import starts, tables
from mdsbench.problems.problem import Array

RNG = np.random.default_rng(0)
X = RNG.normal(size=(8, 5))
TABLE = 1000 * squareform(pdist(RNG.uniform(size=(8, 2))))
WHOLE = np.rint(TABLE).astype(int)
NOISE = squareform(RNG.normal(size=28)) * np.triu(np.ones((8, 8)))
NAMES = [f"town {k}" for k in range(8)]


def but(entry: float, *at: int, both: bool = False) -> Array:
    """The table with another number in one place, or in both places of a pair."""
    changed: Array = TABLE.copy()
    changed[at] = entry
    if both:
        changed[at[::-1]] = entry
    return changed


def taken(D: Any, **options: Any) -> Array:
    """The distances that are made of a table."""
    return tables.distances(D, **options).D


@pytest.mark.parametrize(
    "D",
    [
        cdist(X, X, "cosine"),
        cdist(X, X, "cosine").astype(np.float32),
        1 - np.corrcoef(X),
        1 - np.corrcoef(X.astype(np.float32), dtype=np.float32),
        (TABLE * (1 + 1e-7 * NOISE)).astype(np.float32),
        (TABLE * (1 + 1e-7 * NOISE)).astype(np.float32).astype(float),
        (TABLE * (1 + 1e-7 * NOISE)).astype(np.float32).tolist(),
        (TABLE * (1 + 1e-4 * NOISE)).astype(np.float16),
        TABLE * (1 + 1e-12 * NOISE),
        TABLE + 1e-9 * np.eye(8) - 2e-9 * (TABLE.max() == TABLE),
    ],
)
def test_round_off_is_no_fault_and_both_directions_have_their_mean(D: Any) -> None:
    square = np.asarray(D, dtype=float)
    mean = squareform((square + square.T) / 2, checks=False)
    np.testing.assert_allclose(taken(D), np.maximum(mean, 0), rtol=1e-15, atol=1e-15)


def test_a_difference_in_the_eighth_digit_is_one_in_double_precision_and_is_shown() -> None:
    D = but(TABLE[2, 5] * (1 + 1e-6), 2, 5)
    with pytest.raises(UsageError, match=r"round-off, 1\.\de-05; .* \(D \+ D\.T\) / 2$") as error:
        taken(D)
    there, back = re.findall(r"is (\S+)", str(error.value))[0], re.findall(r"is (\S+):", str(error.value))[0]
    assert (float(there), float(back)) == (D[2, 5], D[5, 2])


def test_whole_numbers_have_no_round_off() -> None:
    for D in (WHOLE * 10_000, WHOLE * 10_000.0):
        D[2, 5] += 1
        with pytest.raises(UsageError, match=r"the two directions differ; if both are right, give their mean"):
            taken(D)


@pytest.mark.parametrize(
    "same",
    [
        sp.csr_array(TABLE),
        squareform(TABLE),
        TABLE.astype(np.longdouble),
        pd.DataFrame(TABLE).astype("Float64"),
        pd.DataFrame(TABLE).assign(town=NAMES),
        pd.DataFrame(TABLE, index=NAMES, columns=NAMES),
        [[Decimal(number) for number in row] for row in TABLE.tolist()],
        np.where(np.tri(8, dtype=bool), TABLE, np.nan),
        np.where(np.eye(8, dtype=bool), np.nan, TABLE),
    ],
    ids=["sparse", "condensed", "long", "Float64", "column", "index", "Decimal", "triangle", "no diagonal"],
)
def test_the_same_distances_in_another_form_are_taken(same: Any) -> None:
    np.testing.assert_array_equal(taken(same), squareform(TABLE))


def test_the_names_of_a_data_frame_are_those_of_the_points() -> None:
    for frame in (
        pd.DataFrame(TABLE, index=NAMES, columns=NAMES),
        pd.DataFrame(TABLE, index=NAMES),
        pd.DataFrame(TABLE, columns=NAMES),
        pd.DataFrame(TABLE).assign(town=NAMES)[["town", *range(8)]],
    ):
        task = mdsbench.problem_from_distances(frame)
        assert task.map is not None
        assert task.map.labels() == NAMES
    assert tables.distances(pd.DataFrame(TABLE)).names is None


FAULTS: list[tuple[Any, str]] = [
    (but(7.0, 2, 5), "D[2, 5] is 7 and D[5, 2] is "),
    (but(-7.0, 2, 5), "D[2, 5] is -7: no distance is negative"),
    (but(0.5, 3, 3), "D[3, 3] is 0.5: a point's distance to itself is zero, here within "),
    (
        np.corrcoef(X),
        "D[0, 0] is 1: a point's distance to itself is zero, here within 1.5e-08; a table of similarities",
    ),
    (but(np.nan, 1, 2), "missing distances: 1 of 28, the first is D[1, 2]; say missing=leave-out to leave"),
    (np.ma.masked_greater(TABLE, TABLE.max() - 1), "missing distances: 1 of 28, the first is D["),
    (pd.DataFrame(but(np.nan, 1, 2, both=True)).astype("Float64"), "missing distances: 1 of 28, the first is D[1, 2]"),
    ([1, 1, None, 1, 1, 1], "missing distances: 1 of 6, the first is D[2]"),
    ([1, 1, np.inf, 1, 1, 1], "D[2] is inf: every distance is a finite number"),
    (np.triu(TABLE), "D[0, 1] is "),
    (np.tril(WHOLE), f"D[0, 1] is 0 and D[1, 0] is {WHOLE[1, 0]}: one triangle of the table has zeros only; give both"),
    (TABLE[:, :3], "D has shape (8, 3): give the square table (n, n) or, condensed, n(n-1)/2 distances"),
    (TABLE[None], "D has shape (1, 8, 8): give the square table"),
    (TABLE[:3, :3], "a map takes 4 points or more, not 3"),
    (np.zeros((0, 0)), "a map takes 4 points or more, not 0"),
    ([], "a map takes 4 points or more"),
    (np.ones(7), "D has 7 distances, which is no n(n-1)/2"),
    (np.zeros(6), "all distances are zero"),
    ("far", "D is 'far', which is no real number"),
    (
        [["0", "1,5"], ["1,5", "0"]],
        "D[0, 0] is '0', which is no real number: convert texts to numbers (pandas.read_csv",
    ),
    ([[0, 1], [1]], "D is no array: its rows have different lengths"),
    (TABLE + 0j, "D[0, 0] is 0j, which is no real number"),
    (TABLE > 300, "D[0, 0] is False, which is no real number"),
    ([10**400] * 6, "D[0] is too large"),
    (WHOLE.astype("m8[s]"), "D has entries of type timedelta64[s], which are no real numbers"),
    (
        sp.csr_array(TABLE * (TABLE > 500)),
        "D is sparse and does not store the distance of every pair: give D.toarray()",
    ),
    (
        pd.DataFrame(TABLE, index=NAMES, columns=NAMES[::-1]),
        "row 0 is named 'town 0' and column 0 'town 7': give rows and columns the same names in the same order",
    ),
    (pd.DataFrame(TABLE).iloc[::-1], "row 0 is named 7 and column 0 0: give rows and columns the same names"),
]


@pytest.mark.parametrize(("D", "expected"), FAULTS)
def test_a_fault_is_one_line(D: Any, expected: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(expected)}") as error:
        mdsbench.problem_from_distances(D)
    assert "\n" not in str(error.value)


def test_pairs_without_a_distance_are_left_out_of_the_stress_if_one_says_so() -> None:
    gaps = but(np.nan, 0, 1, both=True)
    gaps[2, 5] = np.nan  # known in the other direction
    task = mdsbench.problem_from_distances(gaps, missing="leave-out")
    x = np.random.default_rng(0).uniform(size=16)
    weights = np.ones(28)
    weights[0] = 0
    assert task.name.endswith(", missing=leave-out)")
    assert task.value(x) == pytest.approx(stress.value(x, squareform(TABLE) / np.nanmax(gaps), weights))
    assert task.smoothness is not None
    assert task.smoothness <= 4 * 8 + 1e-9
    result = mdsbench.minimize("l-bfgs-b", task, x, budget=50)
    assert result.fun < task.value(x)
    assert (
        mdsbench.problem_from_distances(TABLE, missing="leave-out").name == mdsbench.problem_from_distances(TABLE).name
    )


def test_what_cannot_be_left_out_is_one_line() -> None:
    gaps = TABLE.copy()
    gaps[:3, 3:] = gaps[3:, :3] = np.nan
    with pytest.raises(UsageError, match=r"^the points are 2 groups without a known distance .* D\[0, 3\] among"):
        mdsbench.problem_from_distances(gaps, missing="leave-out")
    with pytest.raises(UsageError, match=r"^missing=leave: there is no such choice"):
        mdsbench.problem_from_distances(gaps, missing="leave")
    with pytest.raises(UsageError, match=r"^precision=single: the stress without some distances"):
        mdsbench.problem_from_distances(but(np.nan, 1, 2, both=True), missing="leave-out", precision="single")


def test_a_known_distance_of_zero_is_a_way_to_a_point_for_the_starts() -> None:
    gaps = TABLE.copy()
    gaps[1] = gaps[:, 1] = gaps[0]  # two points in one place, of which the first has no other known distance
    gaps[0, 1] = gaps[1, 0] = gaps[1, 1] = 0
    gaps[0, 2:] = gaps[2:, 0] = np.nan
    task = mdsbench.problem_from_distances(gaps, missing="leave-out")
    assert task.value(starts.torgerson(task)) < 1e-20
