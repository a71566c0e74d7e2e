"""Functions from a file or module that is not ours: `path/to/mine.py:name` or `package.module:name`."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any
from zlib import crc32

from mdsbench.errors import UsageError


def load(text: str) -> tuple[Any, int]:
    """What the text names, and the checksum of its file, which serves as its version; raises UsageError."""
    place, _, name = text.rpartition(":")
    module = _from_file(Path(place)) if place.endswith(".py") else _by_name(place)
    if not hasattr(module, name):
        raise UsageError(f"{place} has no {name!r}")
    return getattr(module, name), crc32(Path(module.__file__ or "").read_bytes())


def _from_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    path = path.resolve()
    name = f"{path.stem}_{crc32(str(path).encode()):08x}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise UsageError(f"{path} cannot be imported: {error!r}") from error
        sys.modules[name] = module
    return sys.modules[name]


def _by_name(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except Exception as error:
        raise UsageError(f"{name or 'a module without a name'} cannot be imported: {error!r}") from error
