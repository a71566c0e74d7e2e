"""Write beside, then rename: a good report stays as it was until the new one is whole."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mdsbench.errors import Failure, UsageError

LAST = "index.html"  # the page takes its place when everything that it shows is there


@contextmanager
def beside(out: Path, *, owned: frozenset[str]) -> Iterator[Path]:
    """Give a fresh folder to write to; when the block ends well, its entries take their places in `out`.

    `owned` names all entries that this kind of report ever writes: those of an earlier report that the new one lacks
    are removed, everything else in `out` is left alone. When the block raises, `out` is as it was. Raises UsageError
    where `out` is a file or holds something else under an owned name, Failure where it cannot be written to.
    """
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} is a file; --out takes a folder")
    if out.is_dir() and _foreign(out, owned):
        raise UsageError(f"{out} holds an {LAST} that mdsbench did not write; choose another folder with --out")
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
        for folder in missing:  # made above, and left empty only where nothing was published
            if not any(folder.iterdir()):
                folder.rmdir()


def _foreign(out: Path, owned: frozenset[str]) -> bool:
    """Whether the folder's page, or whatever else bears an owned name, is somebody else's."""
    if not any((out / name).exists() for name in owned):
        return False
    page = out / LAST
    return not page.is_file() or 'name="generator" content="mdsbench' not in page.read_text(errors="replace")
