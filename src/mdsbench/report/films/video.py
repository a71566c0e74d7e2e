"""Frames to H.264 video and video to GIF, through the encoder that the package imageio-ffmpeg brings along."""

import re
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import imageio_ffmpeg

from mdsbench.errors import Failure

PATIENCE = 120.0  # seconds for the encoder to finish what it has been given
COLOURS = "bt709"  # what players assume of HD video; without it the colours shift

H264 = [
    *("-c:v", "libx264", "-preset", "veryfast", "-crf", "19", "-threads", "1"),
    *("-vf", f"scale=out_color_matrix={COLOURS}:out_range=tv,format=yuv420p"),
    *("-colorspace", COLOURS, "-color_primaries", COLOURS, "-color_trc", COLOURS, "-color_range", "tv"),
    *("-movflags", "+faststart"),
]


# imageio_ffmpeg.write_frames does not check the encoder's exit code, and it discards its messages.
class Video:
    """An mp4 being written: `with Video(path, 1280, 720, fps=30) as video: video.write(frame)`.

    The file appears under its name when it is complete, and not at all when anything fails. Whatever stops the
    encoder raises Failure.
    """

    def __init__(self, path: Path, width: int, height: int, fps: int) -> None:
        self._path = path
        self._partial = path.with_name(f"{path.stem}.partial{path.suffix}").absolute()
        raw = ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", f"{width}x{height}", "-r", str(fps), "-i", "pipe:0"]
        self._command = [*_encoder(), *raw, *H264, str(self._partial)]

    def __enter__(self) -> Self:
        self._log = tempfile.TemporaryFile()  # not a pipe, which could fill and block
        try:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stderr=self._log)
        except OSError as error:
            self._log.close()
            raise Failure(f"{self._path}: cannot start the video encoder: {error}") from error
        return self

    def write(self, frame: bytes | memoryview) -> None:
        """Append a frame: width * height * 4 bytes, RGBA, row by row from the top."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(frame)
        except OSError as error:
            raise self._failure() from error

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._process.kill()
            with suppress(OSError):  # what is left in the buffer has nowhere to go
                self._process.communicate()
            self._log.close()
            self._partial.unlink(missing_ok=True)

    def _finish(self) -> None:
        """Let the encoder complete the file and give it its name."""
        try:
            self._process.communicate(timeout=PATIENCE)
            if self._process.returncode != 0:
                raise self._failure()
            self._partial.replace(self._path)
        except OSError as error:
            raise self._failure() from error
        except subprocess.TimeoutExpired as error:
            raise Failure(f"{self._path}: the video encoder did not finish within {PATIENCE:g} s") from error

    def _failure(self) -> Failure:
        """What to tell a person: the encoder's own last words."""
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._log.seek(0)
        return Failure(f"{self._path}: the video could not be written: {_last_line(self._log.read())}")


def to_gif(video: Path, gif: Path, *, size: tuple[int, int] = (640, 360), fps: int = 15) -> None:
    """Make a GIF of a video, which plays for ever: one palette for all frames, no dither.

    Raises Failure where it cannot be written.
    """
    partial = gif.with_name(f"{gif.stem}.partial{gif.suffix}").absolute()
    scale = f"scale={size[0]}:{size[1]}:flags=area"
    shrink = f"fps={fps},{scale}"
    try:
        with tempfile.TemporaryDirectory() as folder:
            palette = str(Path(folder) / "palette.png")
            source = ["-i", str(video.absolute())]
            _run(gif, [*source, "-vf", f"fps=2,{scale},palettegen=stats_mode=full", palette])
            mapped = f"{shrink}[small];[small][1:v]paletteuse=dither=none:diff_mode=rectangle"
            _run(gif, [*source, "-i", palette, "-lavfi", mapped, "-loop", "0", str(partial)])
        partial.replace(gif)
    except OSError as error:
        raise Failure(f"{gif}: the GIF could not be written: {error}") from error
    finally:
        partial.unlink(missing_ok=True)


def to_still(video: Path, picture: Path, *, seconds: float) -> None:
    """Take the frame shown at that time out of a video. Raises Failure where it cannot be written."""
    _run(picture, ["-ss", f"{seconds:g}", "-i", str(video.absolute()), "-frames:v", "1", str(picture.absolute())])


def _run(made: Path, arguments: list[str]) -> None:
    """One pass of the encoder to its end."""
    try:
        done = subprocess.run(
            [*_encoder(), *arguments], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Failure(f"{made}: the encoder did not finish within {PATIENCE:g} s") from error
    if done.returncode != 0:
        raise Failure(f"{made}: the picture could not be written: {_last_line(done.stderr)}")


def _encoder() -> list[str]:
    """The encoder and how it is always called: quietly, overwriting."""
    try:
        return [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y"]
    except RuntimeError as error:
        raise Failure(f"there is no video encoder: {' '.join(str(error).split())}") from error


def _last_line(log: bytes) -> str:
    lines = (re.sub(r"^\[.*? @ \w+\]", "", line).strip() for line in reversed(log.decode(errors="replace").split("\n")))
    return next((line for line in lines if line), "the encoder gave no reason")
