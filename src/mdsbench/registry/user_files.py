"""A user's file, executed with its neighbours: what is read once is what is executed and what its version counts.

The files of its folder can be imported by the file, when it is loaded and later. They are executed for this file alone,
so neighbours of two folders may have one name. Nothing of the folder stays in `sys.modules` or gets into `sys.path`.
"""

import ast
import builtins
import stat
import sys
import sysconfig
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, all_suffixes
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from threading import RLock
from types import ModuleType
from typing import Any
from zlib import crc32

from mdsbench.errors import UsageError
from mdsbench.registry.content import Content
from mdsbench.registry.mishaps import in_one_line

_INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_NEVER = sys.stdlib_module_names | {"mdsbench", "__main__", "__mp_main__"}

_lock = RLock()
_files: dict[Path, "UserFile"] = {}
_loading: list[Path] = []
_steady = 0
_kept: set[Path] = set()


@contextmanager
def steady() -> Iterator[None]:
    """What is loaded meanwhile is not loaded again, so a run sees one version of each file from beginning to end."""
    global _steady
    with _lock:
        _steady += 1
    try:
        yield
    finally:
        with _lock:
            _steady -= 1
            if not _steady:
                _kept.clear()


def is_kept(path: Path, is_current: Callable[[], bool]) -> bool:
    """Whether to leave a file that is loaded as it is: it is current, or it was when the present run first used it."""
    kept = path in _kept or is_current()
    if kept:
        keep(path)
    return kept


def keep(path: Path) -> None:
    """Leave a file as it is from now on until the run ends, if there is one."""
    if _steady:
        _kept.add(path)


def is_loading() -> bool:
    """Whether a file is being executed."""
    return bool(_loading)


def load(path: Path) -> "UserFile":
    """The file as it is now: executed anew if it or a neighbour was edited; raises UsageError."""
    path = _existing(path)
    with _lock:
        found = _files.get(path)
        if found and is_kept(path, found.is_current):
            return found
        if path in _loading:
            raise UsageError(f"{path} loads itself while it is imported")
        _loading.append(path)
        try:
            _files[path] = UserFile(path)
            keep(path)
        finally:
            _loading.remove(path)
        return _files[path]


def _existing(path: Path) -> Path:
    """The resolved path of a plain file; raises UsageError."""
    try:
        resolved = path.resolve(strict=True)
        mode = resolved.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"there is no file {path}, sought in {Path.cwd()}") from None
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: links in a circle; ValueError: a NUL
        raise UsageError(f"{str(path)[:200]!r} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if stat.S_ISDIR(mode):
        raise UsageError(f"{path} is a folder: name a file")
    if not stat.S_ISREG(mode):
        raise UsageError(f"{path} is no plain file")
    return resolved


class UserFile(MetaPathFinder):
    """One execution of a file: its module, and a version that changes with the file and with its neighbours."""

    def __init__(self, path: Path) -> None:
        self.path, self.folder = path, path.parent
        self.contents: dict[Path, Content] = {}
        self._names = set() if str(path).startswith(_INSTALLED) else _names(self.folder)
        self._provided: dict[str, bool] = {}
        self._builtins = {**vars(builtins), "__import__": self._import}
        self._depth = 0
        name = f"{path.stem}_{crc32(str(path).encode('utf-8', 'surrogateescape')):08x}"
        spec = spec_from_file_location(name, path, loader=_Reader(self, path))
        assert spec
        self.module = module_from_spec(spec)
        self.modules: dict[str, ModuleType] = {}
        if self._provides(path.stem):
            self.modules[path.stem] = self.module  # a neighbour may import the file itself
        before = sys.modules.get(name)
        sys.modules[name] = self.module  # as dataclasses and pickle need it
        try:
            self._read_with_neighbours(path)
            with self._importable(), redirect_stdout(sys.stderr):
                self.execute(path, self.module)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            sys.modules.pop(name)
            if before:
                sys.modules[name] = before
            raise UsageError(f"{path} cannot be imported: {in_one_line(error, self.folder)}") from error
        self.version = self._version()

    def is_current(self) -> bool:
        """Whether the file and its neighbours are as they were when they were read."""
        return all(content.is_current() for content in self.contents.values())

    def execute(self, path: Path, module: ModuleType) -> None:
        """Execute a file in a module, in which `import` finds the neighbours."""
        module.__dict__["__builtins__"] = self._builtins
        code = compile(self._content(path).data, str(path), "exec", dont_inherit=True)
        exec(code, module.__dict__)

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG002 - the protocol's
        """Where a neighbour is, for `import`."""
        if not self._provides(fullname):
            return None
        base = self.folder.joinpath(*fullname.split("."))
        module, package = base.parent / f"{base.name}.py", base / "__init__.py"
        if package.is_file():
            places = [str(base)]
            return spec_from_file_location(
                fullname, package, loader=_Reader(self, package), submodule_search_locations=places
            )
        if module.is_file():
            return spec_from_file_location(fullname, module, loader=_Reader(self, module))
        return PathFinder.find_spec(fullname, [str(base.parent)])

    def _version(self) -> int:
        """The checksum of the file; with neighbours, of all their names and contents."""
        version = crc32(self.contents[self.path].data)
        for path in sorted(self.contents.keys() - {self.path}):
            name = path.relative_to(self.folder).as_posix().encode("utf-8", "surrogateescape")
            version = crc32(self.contents[path].data, crc32(name, version))
        return version

    def _content(self, path: Path) -> Content:
        if path not in self.contents:
            self.contents[path] = Content.read(path)
        return self.contents[path]

    def _read_with_neighbours(self, path: Path) -> None:
        """Read a file and, as they may be imported much later, the neighbours that it names."""
        todo = [path]
        while todo:
            for name in _imports(self._content(todo.pop()).data):
                base = self.folder / name
                found = [base.parent / f"{name}.py"]
                if (base / "__init__.py").is_file():
                    found = sorted(base.rglob("*.py"))
                if self._provides(name):
                    todo += [file for file in found if file.is_file() and file not in self.contents]

    def _provides(self, fullname: str) -> bool:
        """Whether a module is one of the folder's."""
        name = fullname.partition(".")[0]
        if name not in self._names:
            return False
        if name not in self._provided:
            base = self.folder / name
            files = [base / "__init__.py", *(Path(f"{base}{suffix}") for suffix in all_suffixes())]
            certain = any(file.is_file() for file in files if file != self.path)
            self._provided[name] = certain or (_may_be_module(base, self.path) and not self._is_elsewhere(name))
        return self._provided[name]

    def _is_elsewhere(self, name: str) -> bool:
        """Whether Python finds a module or a package of that name outside of the folder."""
        spec = PathFinder.find_spec(name)
        return bool(spec and spec.origin and not Path(spec.origin).is_relative_to(self.folder))

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
        fromlist: Sequence[str] = (),
        level: int = 0,
    ) -> ModuleType:
        """What `import` calls in the file and in its neighbours."""
        known = self.modules.get(name)
        if known and not level and "." not in name and all(hasattr(known, part) for part in fromlist or ()):
            return known
        whole = name if not level else str((globals or {}).get("__package__") or "")
        if not self._provides(whole):
            return builtins.__import__(name, globals, locals, fromlist, level)
        with self._importable():
            return builtins.__import__(name, globals, locals, fromlist, level)

    @contextmanager
    def _importable(self) -> Iterator[None]:
        """The neighbours can be imported meanwhile; others' modules of the same names are set aside."""
        with _lock:
            if self._depth:
                yield
                return
            hidden = self._taken()
            sys.modules.update(self.modules)
            sys.meta_path.insert(0, self)
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                sys.meta_path.remove(self)
                self.modules |= self._taken()
                sys.modules.update(hidden)

    def _taken(self) -> dict[str, ModuleType]:
        """The modules with names of the folder's, taken out of `sys.modules`."""
        return {name: sys.modules.pop(name) for name in list(sys.modules) if self._provides(name)}


class _Reader(Loader):
    """Executes a file of the folder from the bytes that its version counts; writes no cache."""

    def __init__(self, owner: UserFile, path: Path) -> None:
        self._owner, self._path = owner, path

    def create_module(self, spec: ModuleSpec) -> None:
        """As Python makes any module."""

    def exec_module(self, module: ModuleType) -> None:
        self._owner.execute(self._path, module)


def _names(folder: Path) -> set[str]:
    """What may be names of modules in a folder."""
    return {entry.name.partition(".")[0] for entry in folder.iterdir()} - _NEVER - {""}


def _may_be_module(base: Path, path: Path) -> bool:
    """Whether this is the file itself, or a folder of modules without an `__init__.py`."""
    return base == path.with_suffix("") or any(base.glob("*.py"))


def _imports(data: bytes) -> set[str]:
    """The first names of all modules that a source imports anywhere, apart from relative imports."""
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()  # its execution says why
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}
