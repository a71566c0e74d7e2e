"""A user's file is executed as it is now, with its own neighbours, and its version counts what was executed."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import pytest

from mdsbench.errors import UsageError
from mdsbench.registry import user_files
from mdsbench.registry.registry import SOLVERS

pytestmark = pytest.mark.usefixtures("restored_registries")

SOLVE = "def solve(fun, x0):\n    return {}\n"


def answer(file: Path, name: str = "answer") -> object:
    return getattr(user_files.load(file).module, name)


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return write


def test_a_file_that_is_edited_is_executed_again_even_if_time_and_size_stay(write: Callable[..., Path]) -> None:
    path = write("mine.py", "answer = 1\n")
    state = path.stat()
    assert answer(path) == 1
    write("mine.py", "answer = 2\n")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    assert answer(path) == 2
    assert user_files.load(path).version == crc32(b"answer = 2\n")


def test_a_file_that_stays_is_executed_once(write: Callable[..., Path]) -> None:
    path = write("mine.py", "answer = object()\n")
    first = answer(path)
    os.utime(path)
    assert answer(path) is first


def test_meanwhile_a_run_sees_one_version(write: Callable[..., Path]) -> None:
    path = write("mine.py", "answer = 1\n")
    with user_files.steady():
        assert answer(path) == 1
        write("mine.py", "answer = 2\n")
        assert answer(path) == 1
    assert answer(path) == 2


def test_a_run_that_begins_after_an_edit_sees_the_new_version(write: Callable[..., Path]) -> None:
    path = write("mine.py", "answer = 1\n")
    assert answer(path) == 1
    write("mine.py", "answer = 2\n")
    with user_files.steady():
        assert answer(path) == 2
        with user_files.steady():
            write("mine.py", "answer = 3\n")
        assert answer(path) == 2
    with user_files.steady():
        assert answer(path) == 3


def test_the_version_is_the_checksum_of_what_was_executed_though_the_file_changes_meanwhile(
    write: Callable[..., Path],
) -> None:
    text = "from pathlib import Path\nanswer = 1\nPath(__file__).write_text('answer = 2\\n')\n"
    path = write("mine.py", text)
    loaded = user_files.load(path)
    assert (loaded.module.answer, loaded.version) == (1, crc32(text.encode()))
    assert answer(path) == 2


def test_a_file_imports_its_neighbours_and_leaves_no_trace_of_them(write: Callable[..., Path]) -> None:
    write("helper.py", "from package.inner import two\nfour = 2 * two\n")
    write("package/__init__.py", "")
    write("package/inner.py", "from . import other\ntwo = other.one + 1\n")
    write("package/other.py", "one = 1\n")
    before = list(sys.path), set(sys.modules)
    assert answer(write("mine.py", "from helper import four as answer\n")) == 4
    assert (list(sys.path), {name for name in sys.modules if "helper" in name or "package" in name} - before[1]) == (
        before[0],
        set(),
    )


def test_neighbours_of_one_name_in_two_folders_are_not_mixed_up(write: Callable[..., Path]) -> None:
    late = "def later():\n    import helper, late\n    return helper.answer, late.answer\n"
    for folder in ("a", "b"):
        write(f"{folder}/helper.py", f"answer = {folder!r}\n")
        write(f"{folder}/late.py", f"answer = 'late {folder}'\n")
    a, b = (
        user_files.load(write(f"{folder}/mine.py", f"from helper import answer\n{late}")).module
        for folder in ("a", "b")
    )
    assert (a.answer, b.answer, a.later(), b.later(), a.later()) == (
        "a",
        "b",
        ("a", "late a"),
        ("b", "late b"),
        ("a", "late a"),
    )


def test_a_module_of_the_session_is_not_taken_for_a_neighbour(
    write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "helper", type(sys)("helper"))
    write("helper.py", "answer = 3\n")
    assert answer(write("mine.py", "from helper import answer\n")) == 3
    assert not hasattr(sys.modules["helper"], "answer")


@pytest.mark.parametrize(
    "use", ["from helper import answer\n", "def solve():\n    import helper\n", "import package\n"]
)
def test_a_neighbour_counts_in_the_version_and_is_looked_at(write: Callable[..., Path], use: str) -> None:
    write("package/__init__.py", "from package.deep import x\n")
    write("package/deep.py", "import helper\nx = helper.answer\n")
    write("helper.py", "answer = 1\n")
    write("stranger.py", "answer = 1\n")
    path = write("mine.py", use)
    versions = [user_files.load(path).version]
    for name, text in (("stranger.py", "answer = 2\n"), ("helper.py", "answer = 2\n"), ("helper.py", "answer = 1\n")):
        write(name, text)
        versions.append(user_files.load(path).version)
    assert versions[0] == versions[1] == versions[3] != versions[2]


def test_a_file_named_as_a_library_that_it_imports_gets_the_library(write: Callable[..., Path]) -> None:
    assert answer(write("scipy.py", "import scipy\nanswer = hasattr(scipy, 'optimize')\n")) is True


def test_a_neighbour_may_import_the_file_itself(write: Callable[..., Path]) -> None:
    write("helper.py", "import mine\ndef double():\n    return 2 * mine.one\n")
    assert answer(write("mine.py", "one = 1\nimport helper\nanswer = helper.double()\n")) == 2


def test_what_a_file_prints_when_it_is_imported_goes_to_standard_error(
    write: Callable[..., Path], capsys: pytest.CaptureFixture[str]
) -> None:
    user_files.load(write("mine.py", "print('hello')\nif __name__ == '__main__':\n    raise SystemExit(3)\n"))
    assert capsys.readouterr() == ("", "hello\n")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"raise ValueError('two\\nlines')\n", "ValueError: two lines (mine.py, line 1)"),
        (b"raise SystemExit(3)\n", "SystemExit: 3"),
        (b"raise BaseException\n", "BaseException"),
        (b"def solve(:\n", "SyntaxError: invalid syntax (mine.py, line 1)"),
        (b"x = 1\n\xff\xfe\n", "mine.py, line 2"),
        (b"\xff\xfex\x00=\x001\x00", "cannot be imported"),
        (b"", "has no 'solve'"),
        (b"x = 1\ndef other(): ...\n", "has no 'solve'; it has other"),
        (b"solve = 5\n", "is a int: name a function"),
        (b"import no_such_library\n", "No module named 'no_such_library' (mine.py, line 1)"),
        (b"from mdsbench.problem import Problem\n", "from mdsbench import Problem, problem"),
        (b"from mdsbench.registry import problem\n", "from mdsbench import Problem, problem"),
        (b"import mdsbench\n@mdsbench.solver('gd', reference='')\ndef solve(): ...\n", "take another name"),
        (
            b"from mdsbench.registry import user_files\nfrom pathlib import Path\nuser_files.load(Path(__file__))",
            "itself",
        ),
        (b"def solve(o, x, rng): ...\n", "it takes (o, x, rng), not (fun, x0)"),
    ],
)
def test_a_file_that_cannot_be_loaded_is_said_in_one_line(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "mine.py").write_bytes(content)
    with pytest.raises(UsageError) as caught:
        SOLVERS.find(f"{tmp_path}/mine.py:solve")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_with_a_byte_order_mark_or_another_declared_encoding_is_read(tmp_path: Path) -> None:
    for number, data in enumerate((b"\xef\xbb\xbfanswer = '\xc3\xa9'\n", b"# coding: latin-1\nanswer = '\xe9'\n")):
        (tmp_path / f"{number}.py").write_bytes(data)
        assert answer(tmp_path / f"{number}.py") == "é"


def test_what_is_no_plain_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    for name, message in (
        ("folder.py", "is a folder"),
        ("pipe.py", "is no plain file"),
        ("none.py", "there is no file"),
        ("pipe.py/none.py", "there is no file"),
        ("nul\0.py", "cannot be read"),
        ("n" * 5000 + ".py", "cannot be read"),
    ):
        with pytest.raises(UsageError, match=message):
            user_files.load(tmp_path / name)


def test_a_file_that_is_mended_is_loaded(write: Callable[..., Path]) -> None:
    path = write("mine.py", "answer = \n")
    with pytest.raises(UsageError):
        user_files.load(path)
    write("mine.py", "answer = 1\n")
    assert answer(path) == 1


def test_a_file_that_is_broken_by_an_edit_is_refused(write: Callable[..., Path]) -> None:
    path = write("mine.py", SOLVE.format("x0"))
    SOLVERS.find(f"{path}:solve")
    write("mine.py", "def solve(:\n")
    with pytest.raises(UsageError, match="SyntaxError"):
        SOLVERS.find(f"{path}:solve")
