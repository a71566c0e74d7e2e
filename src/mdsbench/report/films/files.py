"""The files of a film: it is drawn once, and every format is made of that."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from mdsbench.errors import Failure
from mdsbench.report.films.setting import Setting
from mdsbench.report.films.video import to_gif


def write(draw: Callable[[Path], None], folder: Path, name: str, setting: Setting) -> list[Path]:
    """Make a film in every format of the setting; returns the paths. `draw` writes the mp4 that it is given.

    Raises Failure if the folder cannot be written to.
    """
    paths = [folder / f"{name}.{kind}" for kind in setting.formats]
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            video = folder / f"{name}.mp4"
            if "mp4" not in setting.formats:
                video = Path(stack.enter_context(tempfile.TemporaryDirectory())) / video.name
        except OSError as error:
            raise Failure(f"cannot write to {folder}: {error.strerror}; choose another folder with --out") from None
        draw(video)
        for path in paths:
            if path.suffix == ".gif":
                to_gif(video, path, size=setting.gif_size, fps=setting.gif_fps)
    return paths
