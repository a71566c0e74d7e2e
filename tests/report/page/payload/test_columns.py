"""Columns hold exactly the numbers that went in, in the smallest type that can."""

import numpy as np
import pytest

from mdsbench.report.page.payload.columns import column, planes, texts, words
from mdsbench.report.page.payload.unpacked import numbers, strings


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([0, 255], "u1"),
        ([0, 256], "u2"),
        ([-1, 3], "i4"),
        ([0.0, 65536.0], "i4"),
        ([2.0**31], "f4"),
        ([0.5, np.nan, np.inf, -np.inf], "f4"),
        ([0.1], "f8"),
        ([2.0**40 + 1, 1.0], "f8"),
        ([-0.0], "f4"),
        ([np.nan], "f4"),
        ([], "u1"),
    ],
)
def test_numbers_come_back_from_the_smallest_type_that_holds_them(values: list[float], kind: str) -> None:
    packed = column(np.array(values))
    assert packed["type"] == kind
    assert numbers(packed).tobytes() == np.array(values, float).tobytes()


def test_any_doubles_come_back() -> None:
    bits = np.random.default_rng(0).integers(0, 2**63, 1000)
    doubles = bits.view(np.float64)
    assert np.array_equal(numbers(column(doubles)), doubles, equal_nan=True)


def test_the_planes_of_two_numbers() -> None:
    assert planes(np.array([0x0102, 0x0304], np.uint16)) == bytes([0x02, 0x04, 0x01, 0x03])


NASTY = ["a", "", "a", '"<script>&\u2028', "\U0001f600", "\u202emoc.", "x" * 200]


def test_texts_come_back() -> None:
    assert strings(words(NASTY)) == NASTY
    assert strings(texts(NASTY)) == NASTY
    assert len(words(["a"] * 100)["words"]) == 1
