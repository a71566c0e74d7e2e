"""Reads TOML that a person wrote, within bounds: a file of any kind, size or depth is read or refused at once."""

import codecs
import errno
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

from mdsbench.errors import Failure, UsageError

MOST_BYTES = 2**18  # of names enough for many hours, read in a second
DEEPEST = 30  # parts of a dotted key, which take the square of their number to read

_PART = r"""(?:[A-Za-z0-9_-]++|"[^"\n]*+"|'[^'\n]*+')"""
_DEEP_KEY = re.compile(rf"(?<![A-Za-z0-9_-])(?:{_PART}[ \t]*+\.[ \t]*+){{{DEEPEST}}}")
_OTHER_ENCODINGS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


class NoToml(UsageError):
    """The text does not follow the grammar of TOML."""


def read(path: Path) -> str:
    """The text of a plain file, in UTF-8 with or without a byte-order mark; raises UsageError or Failure."""
    try:
        found = path.stat() if "\0" not in str(path) else None
        if found is None or not stat.S_ISREG(found.st_mode):
            raise UsageError(f"{path} is no plain file: a campaign is a TOML file")
        if found.st_size > MOST_BYTES:
            raise UsageError(f"{path} has {found.st_size:,} bytes: a campaign is a file of at most {MOST_BYTES:,}")
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"there is no file {path}") from None
    except OSError as error:
        kind = UsageError if error.errno in (errno.ENAMETOOLONG, errno.ELOOP) else Failure
        raise kind(f"cannot read {path}: {error.strerror}") from None
    for mark, encoding in _OTHER_ENCODINGS.items():
        if content.startswith(mark):
            raise UsageError(f"{path} is written in {encoding}: save it as UTF-8")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no TOML: byte {error.start} is not UTF-8") from None


def parse(text: str, where: str) -> dict[str, Any]:
    """What the text says; raises UsageError, or NoToml with the place of the first mistake."""
    if _DEEP_KEY.search(text):
        raise UsageError(f"{where}: a key has {DEEPEST} parts or more")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        lines = text.split("\n")
        end = f"at line {len(lines)}, column {len(lines[-1]) + 1}, the end of the file"
        raise NoToml(f"{where}: {str(error).replace('at end of document', end)}") from None
    except RecursionError:
        raise UsageError(f"{where}: its lists or tables are nested too deeply") from None
    except ValueError:  # Python reads no integer of more than 4,300 digits
        raise UsageError(f"{where}: a number has too many digits") from None
