"""What went wrong in a user's module, in one line."""

import traceback
from pathlib import Path

_LONGEST = 300


def in_one_line(error: BaseException, folder: Path | None = None) -> str:
    """The kind of an exception, what it says, the line of the user's file, and what to write where that is known."""
    said = " ".join(str(error).split())
    said = f"{said[:_LONGEST]} ..." if len(said) > _LONGEST else said
    words = f"{type(error).__name__}: {said}" if said else type(error).__name__
    return f"{words}{_where(error, folder)}{_hint(error)}"


def _where(error: BaseException, folder: Path | None) -> str:
    if folder is None or isinstance(error, SyntaxError):  # that one says where by itself
        return ""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).parent == folder]
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""


def _hint(error: BaseException) -> str:
    """The public names, where a module inside this package is asked for that is not there."""
    asked = str(error.name or "") if isinstance(error, ImportError) else ""
    if asked == "mdsbench" or asked.startswith("mdsbench."):
        return "; what is public stands in mdsbench itself: from mdsbench import Problem, problem, solver, start"
    return ""
