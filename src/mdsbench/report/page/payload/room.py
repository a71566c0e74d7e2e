"""How many frames of which runs a page has room for."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int_]

LEAST, MOST = 8, 400  # frames of a run
COUNTS = 10  # numbers that a frame has besides the positions


def affordable(maps: Sequence[int], prices: Sequence[float], room: float) -> list[int]:
    """The runs that there is room for, as indices, from their maps and their least prices, most wanted first.

    Each map has an equal share of the room, and two runs also where they need more than that, if the room is there.
    """
    share = room / max(1, len(set(maps)))
    spent = dict.fromkeys(maps, 0.0)
    taken = dict.fromkeys(maps, 0)
    left = room
    kept = []
    for k, (place, price) in enumerate(zip(maps, prices, strict=True)):
        if spent[place] + price <= share or (taken[place] < 2 and price <= left / 2):
            spent[place] += price
            taken[place] += 1
            left -= price
            kept.append(k)
    return kept


def least(there: Integers, points: Integers) -> Integers:
    """How many numbers the fewest frames of each run are."""
    return np.minimum(there, LEAST) * (2 * points + COUNTS)


def shares(there: Integers, points: Integers, room: float) -> Integers:
    """How many frames of each run there is room for, if all frames together have at most `room` numbers.

    A run gets frames in inverse proportion to the square root of its points, at least 8 and at most 400, as far as it
    has them. There may be too little room for the least.
    """
    if not len(there):
        return there
    most, fewest, root = np.minimum(there, MOST), np.minimum(there, LEAST), np.sqrt(points)
    low, high = 0.0, float((most * root).max()) + 1.0
    for _ in range(50):
        middle = (low + high) / 2
        fits = np.sum(np.clip(np.floor(middle / root), fewest, most) * (2 * points + COUNTS)) <= room
        low, high = (middle, high) if fits else (low, middle)
    return np.asarray(np.clip(np.floor(low / root), fewest, most), np.int_)
