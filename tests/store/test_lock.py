"""One process writes to a store, whatever it calls it."""

import os
from pathlib import Path

import pytest

from mdsbench.errors import Failure, UsageError
from mdsbench.oracle.account import Limits
from mdsbench.oracle.endings import Ending
from mdsbench.runs.cell import Cell
from mdsbench.runs.run import lost
from mdsbench.store.lock import is_locked
from mdsbench.store.store import Store

RUN = lost(Cell("cities-6", "gd", "published", Limits()), Ending.KILLED, "")


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_a_second_driver_through_a_link_is_refused(tmp_path: Path, link: object) -> None:
    store, other = tmp_path / "a", tmp_path / "b"
    Store.open(store).__exit__()
    link(other, store)  # type: ignore[operator]
    with Store.open(store):
        assert is_locked(other)
        with pytest.raises(Failure, match=r"another mdsbench is writing to .*b; wait"):
            Store.open(other)
    Store.open(other).__exit__()


def test_no_file_beside_the_store_is_the_lock(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a"):
        for beside in tmp_path.glob("a.*"):
            beside.unlink()
        with pytest.raises(Failure, match="another mdsbench"):
            Store.open(tmp_path / "a")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_store_that_is_removed_meanwhile_is_said(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a") as store:
        store.put(RUN)
        (tmp_path / "a").unlink()
        with pytest.raises(Failure, match=r"a was removed or replaced .* give the same command again"):
            store.put(RUN)
        with Store.open(tmp_path / "a"), pytest.raises(Failure, match="removed or replaced"):
            store.still_there()


def test_readers_leave_nothing_beside_a_store(tmp_path: Path) -> None:
    with Store.open(tmp_path / "a") as store:
        store.put(RUN)
    with Store.open(tmp_path / "a"):
        (tmp_path / "copy").write_bytes((tmp_path / "a").read_bytes())  # in the mode of a log, without its log
        with Store.read(tmp_path / "a") as reader:
            assert len(reader.keys()) == 1
    with Store.read(tmp_path / "a"), Store.read(tmp_path / "copy"):
        pass
    assert {path.name for path in tmp_path.iterdir()} == {"a", "copy"}


@pytest.mark.parametrize("name", [":memory:", "file:a?mode=memory", "folder", "pipe", "circle", "/dev/null"])
def test_what_is_no_plain_file_is_no_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("circle").symlink_to("circle")
    os.mkfifo("pipe")
    for opens in (Store.open, Store.read):
        with pytest.raises(UsageError, match="takes a plain file"):
            opens(Path(name))
    assert len(list(tmp_path.iterdir())) == 3
