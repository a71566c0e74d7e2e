"""A good report stands until the next one is whole."""

from pathlib import Path

import pytest

from mdsbench.errors import Failure, UsageError
from mdsbench.system.publish import beside

OWNED = frozenset({"index.html", "figures", "summary.json"})
PAGE = '<meta name="generator" content="mdsbench 0.1.0">'


def write(folder: Path, text: str = "", *, figure: str = "new") -> None:
    (folder / "index.html").write_text(PAGE + text)
    (folder / "figures").mkdir()
    (folder / "figures" / figure).write_text(figure)


def test_a_report_appears_when_it_is_whole(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    with beside(out, owned=OWNED) as folder:
        write(folder)
        assert not (out / "index.html").exists()
    assert sorted(entry.name for entry in out.iterdir()) == ["figures", "index.html"]


def test_a_report_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    with beside(tmp_path, owned=OWNED) as folder:
        write(folder, "old")
    with pytest.raises(RuntimeError), beside(tmp_path, owned=OWNED) as folder:
        write(folder, "half", figure="half")
        raise RuntimeError
    assert (tmp_path / "index.html").read_text() == PAGE + "old"
    assert [entry.name for entry in (tmp_path / "figures").iterdir()] == ["new"]
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["figures", "index.html"]


def test_a_folder_made_for_a_report_that_failed_is_gone(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), beside(tmp_path / "a" / "b", owned=OWNED):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_a_new_report_replaces_the_old_one_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with beside(tmp_path, owned=OWNED) as folder:
        write(folder, figure="old")
        (folder / "summary.json").write_text("[]")
    with beside(tmp_path, owned=OWNED) as folder:
        write(folder)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert [entry.name for entry in (tmp_path / "figures").iterdir()] == ["new"]
    assert not (tmp_path / "summary.json").exists()


def test_somebody_elses_page_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<h1>My home page</h1>")
    with pytest.raises(UsageError, match="did not write"), beside(tmp_path, owned=OWNED):
        pass
    assert (tmp_path / "index.html").read_text() == "<h1>My home page</h1>"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(UsageError, match="is a file"), beside(tmp_path / "out", owned=OWNED):
        pass
    with pytest.raises(Failure, match="cannot write"), beside(tmp_path / "out" / "deeper", owned=OWNED):
        pass


def test_a_folder_that_refuses_says_so_before_any_work() -> None:
    with pytest.raises(Failure, match="cannot write to /proc/mdsbench"), beside(Path("/proc/mdsbench"), owned=OWNED):
        pytest.fail("the block was entered")
