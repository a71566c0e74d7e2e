"""Write beside, then rename: an existing report is replaced only when the new one is complete."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mdsbench.errors import Failure, UsageError

LAST = "index.html"  # renamed last, after all files that the page shows


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
