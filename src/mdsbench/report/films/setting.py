"""How films are made: their files, their clock, how fast they run and how large they are."""

from collections.abc import Callable
from dataclasses import dataclass, field

from mdsbench.oracle.account import Moment
from mdsbench.report.films.screen import Screen
from mdsbench.runs.run import Run
from mdsbench.statistics.cost_model import CALLS, Currency

FORMATS = ("mp4", "gif")
CLOCKS = ("iterations", "evaluations", "cost", "seconds")
LENGTH, STAND, HOLD = 10.0, 0.5, 4 / 3  # seconds of a film: the clock runs, it stands before, and it stands after
TRAIL = 4 / 3  # seconds that a trail lasts
GIF_FPS, GIF_SCREEN = 15, (640, 360)  # where nothing else is asked for

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Setting:
    """What a film is to be.

    `clock` is what all panels have the same amount of in every frame, one of CLOCKS; `currency` is what the clock
    "cost" counts. `speed` is how fast the clock runs: 0.5 takes twice as long. `gif_fps` and `gif_size` are those of
    GIFs, whose players are slower.
    """

    formats: tuple[str, ...] = ("mp4",)
    fps: int = 30
    clock: str = "evaluations"
    currency: Currency = CALLS
    screen: Screen = field(default_factory=Screen)
    speed: float = 1.0
    gif_fps: int = GIF_FPS
    gif_size: tuple[int, int] = GIF_SCREEN

    def frames(self, seconds: float) -> int:
        """The frames of so many seconds; at least 1."""
        return max(1, round(seconds * self.fps))

    @property
    def running(self) -> int:
        """The frames in which the clock runs."""
        return self.frames(LENGTH / self.speed)

    def meter(self, run: Run) -> Callable[[Moment], float]:
        """The amount on the clock at a moment of that run."""
        meters: dict[str, Callable[[Moment], float]] = {
            "iterations": lambda moment: moment.iterations,
            "evaluations": lambda moment: moment.calls,
            "cost": self.currency.meter(run),
            "seconds": lambda moment: moment.seconds,
        }
        return meters[self.clock]


USUAL = Setting()
