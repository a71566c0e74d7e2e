"""How many frames of which runs a page has room for."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int_]

FEWEST, MOST = 8, 400  # frames of a run
FEWEST_OF_LARGE = 3  # frames of a map of very many points
LARGE = 80_000  # points in all of the fewest frames together, as far as that leaves three
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
    return fewest(there, points) * (2 * points + COUNTS)


def fewest(there: Integers, points: Integers) -> Integers:
    """How many frames of each run there have to be: 8 or all, and down to 3 from 10,000 points on."""
    few: Integers = np.minimum(there, np.clip(LARGE // np.maximum(points, 1), FEWEST_OF_LARGE, FEWEST))
    return few


def shares(there: Integers, points: Integers, room: float) -> Integers:
    """How many frames of each run there is room for, if all frames together have at most `room` numbers.

    A run gets frames in inverse proportion to the square root of its points, at least the fewest and at most 400. There
    may be too little room for the fewest.
    """
    if not len(there):
        return there
    few, most, root = fewest(there, points), np.minimum(there, MOST), np.sqrt(points)
    low, high = 0.0, float((most * root).max()) + 1.0
    for _ in range(50):
        middle = (low + high) / 2
        fits = np.sum(np.clip(np.floor(middle / root), few, most) * (2 * points + COUNTS)) <= room
        low, high = (middle, high) if fits else (low, middle)
    return np.asarray(np.clip(np.floor(low / root), few, most), np.int_)
