"""Write beside, then rename: an existing report is replaced only when the new one is complete."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import ELOOP
from pathlib import Path
from stat import S_ISDIR, S_ISREG

from mdsbench.errors import Failure, UsageError

LAST = "index.html"  # renamed last, after all files that the page shows


def plain_file(path: Path, what: str) -> Path:
    """The file that the path leads to, through links; it need not exist.

    Raises UsageError if it is a folder, a device, a pipe or a socket, or a name that SQLite takes for something else.
    `what` is the argument that named it.
    """
    text = str(path)
    if path.name == ":memory:" or text.startswith("file:") or "\0" in text:
        raise UsageError(f"{text!r} is no name of a file: {what} takes a plain file")
    try:
        file = path.resolve()
        mode = file.stat().st_mode
    except FileNotFoundError:
        return file
    except RuntimeError:  # Python 3.11 and 3.12 for links in a circle
        raise UsageError(f"{path} is a link that leads to itself: {what} takes a plain file") from None
    except OSError as error:
        if error.errno == ELOOP:
            raise UsageError(f"{path} is a link that leads to itself: {what} takes a plain file") from None
        return file  # what is wrong with it is said by those who open it
    if not S_ISREG(mode):
        raise UsageError(
            f"{path} is {'a folder' if S_ISDIR(mode) else 'a device or a pipe'}: {what} takes a plain file"
        )
    return file


@contextmanager
def replacing(out: Path, what: str = "--out") -> Iterator[Path]:
    """Yield the name of a new file; if the block does not raise, it takes the place of the file that `out` leads to.

    A link stays a link. Raises UsageError if `out` is no plain file, and Failure if it is not writable.
    """
    file = plain_file(out, what)
    scratch = file.with_name(f".{file.name}.unfinished")
    try:
        yield scratch
        scratch.replace(file)
    except OSError as error:
        raise Failure(f"cannot write {out}: {error.strerror or error}") from None
    finally:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)


@contextmanager
def beside(out: Path, *, owned: frozenset[str]) -> Iterator[Path]:
    """Yield a new folder to write to; if the block does not raise, its entries are moved to `out`.

    `owned` names all entries that reports of this kind write. Owned entries of an earlier report are removed if the new
    one lacks them; other entries of `out` are not changed. If the block raises, `out` is not changed.

    Raises UsageError if `out` is a file or has an owned name that mdsbench did not write, and Failure if it is not
    writable.
    """
    check(out, owned)
    missing = [folder for folder in (out, *out.parents) if not folder.exists()]
    try:
        out.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=out))
    except OSError as error:
        raise Failure(f"cannot write to {out}: {error.strerror}; choose another folder with --out") from None
    try:
        fresh, old = scratch / "fresh", scratch / "old"
        fresh.mkdir()
        old.mkdir()
        yield fresh
        for name in sorted(owned, key=lambda name: name == LAST):
            if (out / name).exists():
                (out / name).rename(old / name)
            if (fresh / name).exists():
                (fresh / name).rename(out / name)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        for folder in missing:  # made above, and empty only if nothing was published
            if not any(folder.iterdir()):
                folder.rmdir()


def check(out: Path, owned: frozenset[str]) -> None:
    """Raise UsageError if `out` is a file, or holds something under an owned name that mdsbench did not write."""
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file; --out takes a folder")
    if out.is_dir() and _foreign(out, owned):
        raise UsageError(f"{out} holds an {LAST} that mdsbench did not write; choose another folder with --out")


def _foreign(out: Path, owned: frozenset[str]) -> bool:
    """Whether the folder has an owned name, but no page written by mdsbench."""
    if not any((out / name).exists() for name in owned):
        return False
    page = out / LAST
    return not page.is_file() or 'name="generator" content="mdsbench' not in page.read_text(
        encoding="utf-8", errors="replace"
    )
