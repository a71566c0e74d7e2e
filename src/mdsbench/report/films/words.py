"""The words of a film that change with its clock, and those that name the clock."""

from collections.abc import Sequence

import numpy as np

from mdsbench.report import style
from mdsbench.report.figures.atlas import Atlas
from mdsbench.report.films import motion
from mdsbench.report.films.motion import Track
from mdsbench.report.films.screen import Box
from mdsbench.report.films.setting import Setting
from mdsbench.report.films.stage import Stage
from mdsbench.runs.run import Run
from mdsbench.statistics.wording import length, plural


def distance(km: float) -> str:
    """An error in words; a diverging run's is cut."""
    if km > motion.FARTHEST_KM:
        return f"more than {motion.FARTHEST_KM:,.0f} km"
    return length(km) if km < 0.95 else f"{km:,.0f} km" if km >= 9.95 else f"{km:.1f} km"


def clock_label(setting: Setting, runs: Sequence[Run]) -> str:
    """What the axis of the clock says."""
    names = {
        "iterations": "iterations",
        "evaluations": f"evaluations: {' and '.join(motion.kinds(*runs)) or 'none'}",
        "cost": f"cost: {setting.currency.label(runs[0].dimension)}",
        "seconds": "seconds",
    }
    return names[setting.clock]


def account(run: Run, track: Track, amount: float, spent: float, atlas: Atlas, setting: Setting) -> tuple[str, str]:
    """What a panel says of its run: what it has spent or how it ended, and the typical error that it has reached."""
    loss = float(track.losses[track.known(np.array([amount]))[0]])
    error = f"typical error {distance(atlas.typical_error_km(loss))}"
    if amount < spent:
        return _amount(run, amount, setting.clock), error
    return run.ending.brief.format(spent=_amount(run, spent, setting.clock)), error


def head(stage: Stage, texts: tuple[str, str], box: Box, lines: int, letters: float) -> None:
    """Write an account above a map, in one line or two."""
    rows = [" · ".join(texts)] if lines == 1 else list(texts)
    for k, text in enumerate(rows):
        middle = box.top - (22 * (lines - k) - 11) * letters - 3
        stage.write(text, box.left, middle, 17 * letters, colour=style.INK, width=box.width)


def seconds(amount: float) -> str:
    """A time in words: "12 µs", "3.4 ms", "1.2 s"."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if amount >= 0.9995 * size:
            return f"{amount / size:.3g} {unit}" if amount < 1000 else f"{amount:,.0f} s"
    return f"{amount / 1e-6:.3g} µs"


def number(amount: float) -> str:
    """An amount on an axis: "0.1", "10,000"."""
    return f"{amount:,.0f}" if amount >= 1 else f"{amount:g}"


def _amount(run: Run, amount: float, clock: str) -> str:
    """An amount on a clock in words."""
    if clock == "seconds":
        return seconds(amount)
    if clock == "cost":
        return f"cost {amount:,.0f}"
    kinds = motion.kinds(run)
    kind = "iterations" if clock == "iterations" else kinds[0] if len(kinds) == 1 else "evaluations"
    return plural(int(amount), kind[:-1])
