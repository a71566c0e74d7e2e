"""Arrays of real numbers from whatever a user has: the only place that reads a user's arrays."""

from collections.abc import Iterable
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mdsbench.errors import UsageError

MISSING = ("NoneType", "NAType", "NaTType", "MaskedConstant")  # the types of what stands for no value
TEXTS = ": convert texts to numbers (pandas.read_csv takes decimal=','), and make names the index of a DataFrame"


def real_numbers(values: Any, what: str) -> NDArray[Any]:
    """An array of real numbers, NaN where a number is missing; the type is kept if it is one of whole or real numbers.

    Missing are masked entries, None, and the missing values of pandas. Raises UsageError, in which `what` is the name
    of the array, if an entry is anything else.
    """
    array = _array(values, what)
    if isinstance(array, np.ma.MaskedArray):
        values = array = _filled(array)
    if array.dtype.kind in "iuf":
        return array
    if array.dtype.kind in "mM":
        raise UsageError(f"{what} has entries of type {array.dtype}, which are no real numbers")
    numbers = [_number(value, at, what) for at, value in np.ndenumerate(np.asarray(values, dtype=object))]
    return np.array(numbers, dtype=float).reshape(array.shape)


def _filled(array: Any) -> NDArray[Any]:
    """A masked array as a plain one, with a missing number for each entry that is masked."""
    filled: NDArray[Any] = array.filled(np.nan) if array.dtype.kind == "f" else array.astype(object).filled(None)
    return filled


def _array(values: Any, what: str) -> NDArray[Any]:
    masked = isinstance(values, np.ma.MaskedArray) or (
        isinstance(values, list | tuple) and any(isinstance(row, np.ma.MaskedArray) for row in values)
    )
    try:
        return np.ma.array(values) if masked else np.asarray(values)
    except Exception as error:  # also what other libraries' arrays raise
        if "inhomogeneous" in str(error):
            raise UsageError(f"{what} is no array: its rows have different lengths") from None
        raise UsageError(f"{what} is no array: {' '.join(str(error).split()):.200}") from None


def _number(value: Any, at: Iterable[int], what: str) -> float:
    """An entry as a number; raises UsageError if it is none."""
    if type(value).__name__ in MISSING:
        return float("nan")
    place = f"{what}{list(at) or ''}"
    if not isinstance(value, Real | Decimal) or isinstance(value, bool):
        hint = TEXTS if isinstance(value, str) else ""
        raise UsageError(f"{place} is {value!r:.40}, which is no real number{hint}")
    try:
        return float(value)
    except (OverflowError, ValueError):
        raise UsageError(f"{place} is too large or no number: {str(value)[:20]}") from None
