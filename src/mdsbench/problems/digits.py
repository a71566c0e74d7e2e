"""Images of handwritten digits, for the models that are trained on them.

1,797 images of 8 by 8 pixels, from the UCI data set "Optical Recognition of Handwritten Digits" (see data/README.md).
In the order of the file, the first 1,437 are for training and the last 360 for the test. Small models need few inputs
and few classes: with `pixels=16` or `pixels=4` each input is the mean of a square of pixels, and `classes=3` keeps the
digits 0, 1 and 2.
"""

import gzip
from functools import cache
from typing import NamedTuple

import numpy as np

from mdsbench.errors import UsageError
from mdsbench.models.softmax import Array, Classes
from mdsbench.problems.data_files import data_file

TRAINING = 1437  # images; four fifths
SIDE, LARGEST = 8, 16.0  # pixels; the largest value of a pixel
PIXELS = (64, 16, 4)
MOST_CLASSES = 10
PENALTY = 0.001  # on large parameters of the models, so that they learn less of what is particular to these images


class Digits(NamedTuple):
    """Images, shape (images, pixels), with pixels from 0 to 1, and their digits, shape (images,): both read-only."""

    X: Array
    y: Classes
    X_test: Array
    y_test: Classes


@cache
def digits(pixels: int = 64, classes: int = MOST_CLASSES) -> Digits:
    """The images of the first digits; raises UsageError for another number of pixels or classes."""
    if pixels not in PIXELS:
        raise UsageError(f"pixels={pixels}: the images have {', '.join(map(str, PIXELS[:-1]))} or {PIXELS[-1]} pixels")
    if not 2 <= classes <= MOST_CLASSES:
        raise UsageError(f"classes={classes}: the number of digits goes from 2 to {MOST_CLASSES}")
    with gzip.open(data_file("digits.csv.gz"), "rt", encoding="utf-8") as file:
        rows = np.loadtxt(file, delimiter=",", dtype=np.intp)
    training, test = (_of(part, pixels, classes) for part in (rows[:TRAINING], rows[TRAINING:]))
    return Digits(*training, *test)


def _of(rows: Classes, pixels: int, classes: int) -> tuple[Array, Classes]:
    """The images and their digits, from rows of the file."""
    kept = rows[rows[:, 0] < classes]
    X, y = _coarse(kept[:, 1:] / LARGEST, pixels), kept[:, 0].copy()
    X.flags.writeable = y.flags.writeable = False
    return X, y


def _coarse(X: Array, pixels: int) -> Array:
    """The images with fewer pixels, each the mean of a square."""
    side = round(pixels**0.5)
    square = SIDE // side
    return np.asarray(X.reshape(-1, side, square, side, square).mean(axis=(2, 4)).reshape(-1, pixels))
