"""The options of films, which several commands share."""

import argparse
from typing import TYPE_CHECKING

from mdsbench.cli.arguments import positive_number
from mdsbench.errors import UsageError

if TYPE_CHECKING:
    from mdsbench.report.films.setting import Setting

FASTEST_FPS, GIF_FPS = 60, 50  # frames a second: players show more of neither
SPEEDS = 0.1, 10.0


def add_film_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how films are made and who is in them."""
    films = parser.add_argument_group("films")
    films.add_argument(
        "--film",
        nargs="+",
        default=[],
        metavar="SOLVER",
        help="who is in the film, side by side: one to four solvers, e.g. --film gd nelder-mead",
    )
    films.add_argument(
        "--clock",
        choices=["iterations", "evaluations", "cost", "seconds"],
        default="evaluations",
        help="what all panels have the same amount of in every frame; cost counts a gradient as --gradient-cost says "
        "(default: %(default)s)",
    )
    films.add_argument("--fps", type=_fps, metavar="N", help="frames a second, 1 to 60 (default: 30, in a GIF 15)")
    films.add_argument(
        "--size", type=_size, metavar="SIZE", help="720p, 1080p or WIDTHxHEIGHT (default: 720p, a GIF 640x360)"
    )
    films.add_argument(
        "--labels",
        choices=["none", "some", "large"],
        default="some",
        help="names of places, or larger letters for a lecture hall (default: %(default)s)",
    )
    films.add_argument(
        "--speed",
        type=_speed,
        default=1.0,
        metavar="X",
        help="how fast the clock runs, 0.1 to 10: 0.5 takes twice as long (default: 1)",
    )


def add_figure_formats(parser: argparse.ArgumentParser, default: str = "svg,png") -> None:
    """Add the option that says which files a figure is written to."""
    parser.add_argument(
        "--formats",
        type=_figure_formats,
        default=default.split(","),
        metavar="LIST",
        help=f"of figures: svg, pdf and png with commas between them (default: {default})",
    )


def add_formats(parser: argparse.ArgumentParser) -> None:
    """Add the option that says which files a film is written to."""
    parser.add_argument(
        "--format",
        dest="formats",
        nargs="+",
        choices=["mp4", "gif"],
        default=["mp4"],
        help="of films, one or several (default: mp4)",
    )


def setting_of(options: argparse.Namespace, formats: list[str], gradient_cost: str | None = None) -> "Setting":
    """What the options of a command say of its films."""
    from mdsbench.report.films.screen import Screen
    from mdsbench.report.films.setting import GIF_FPS as USUAL_FPS
    from mdsbench.report.films.setting import GIF_SCREEN, Setting
    from mdsbench.statistics.cost_model import MEASURED, Currency

    currency = Currency.parse(gradient_cost or "1")
    if options.clock == "cost" and currency.gradient == MEASURED:
        raise UsageError("a film counts a gradient as a number or 'dimension': give one with --gradient-cost")
    width, height = options.size or (1280, 720)
    return Setting(
        formats=tuple(dict.fromkeys(formats)),
        fps=options.fps or 30,
        clock=options.clock,
        currency=currency,
        screen=Screen(width, height, options.labels),
        speed=options.speed,
        gif_fps=min(options.fps or USUAL_FPS, GIF_FPS),
        gif_size=options.size or GIF_SCREEN,
    )


def _fps(text: str) -> int:
    number = positive_number(text)
    if number > FASTEST_FPS:
        raise argparse.ArgumentTypeError(f"takes 1 to {FASTEST_FPS}")
    return number


def _speed(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not SPEEDS[0] <= number <= SPEEDS[1]:
        raise argparse.ArgumentTypeError(f"takes {SPEEDS[0]:g} to {SPEEDS[1]:g}")
    return number


def _size(text: str) -> tuple[int, int]:
    from mdsbench.report.films.screen import pixels

    try:
        return pixels(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _figure_formats(text: str) -> list[str]:
    kinds = list(dict.fromkeys(text.split(",")))
    if not set(kinds) <= {"svg", "pdf", "png"}:
        raise argparse.ArgumentTypeError(f"takes svg, pdf and png with commas between them, not {text[:40]!r}")
    return kinds
