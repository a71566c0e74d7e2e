"""The scripts and styles of a page, joined from small files into one text each, and the policy that allows only these.

The modules under `static/` are ES modules that import names from one another by relative paths. They are put one after
the other, each after those that it imports, without their import statements and without the word `export`. So the page
is one file, and a top-level name belongs to one module.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path

STATIC = Path(__file__).parent / "static"
ENTRY = "main.js"

IMPORT = re.compile(r'^import\s*\{([^}]*)\}\s*from\s*"(\.{1,2}/[^"\n]+\.js)";[ \t]*$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async function|function|const|let|class)\b)", re.MULTILINE)
TOP_LEVEL = re.compile(
    r"^(?:export )?(?:(?:async )?function\*? *|class |(?:const|let) )([A-Za-z_$][\w$]*|\{[^}]*\}|\[[^\]]*\])",
    re.MULTILINE,
)
LEFT = re.compile(r"^(?:import\b(?!\()|export\b).*$", re.MULTILINE)


class BundleError(Exception):
    """The modules of the page cannot be joined: a fault of this package, not of its user."""


def script(root: Path = STATIC, entry: str = ENTRY) -> str:
    """One module with all that `entry` imports, in the order of the imports.

    Raises BundleError for a circle of imports, a file that is missing, a name of two modules, a name that is imported
    but not exported, and a statement that joining would change.
    """
    texts = {path: _read(root, path) for path in _ordered(root, entry)}
    _check_names(texts)
    joined = "\n".join(_without_statements(path, text) for path, text in texts.items())
    if "</script" in joined.lower() or "<!--" in joined:
        raise BundleError("a module has the text </script or <!--, which would end the page's script")
    return joined


def style(root: Path = STATIC) -> str:
    """All styles: `style.css` first, then those of the parts."""
    paths = sorted(root.rglob("*.css"), key=lambda path: (path != root / "style.css", path.as_posix()))
    joined = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    if "</style" in joined.lower():
        raise BundleError("a style has the text </style, which would end the page's styles")
    return joined


def policy(scripts: Iterable[str], styles: Iterable[str], *, connects: bool = False) -> str:
    """The content security policy of a page that has these inline scripts and styles and loads nothing.

    A page that is served `connects` to the address that it came from.
    """
    rules: Mapping[str, str] = {
        "default-src": "'none'",
        "script-src": " ".join(map(_hash, scripts)) or "'none'",
        "style-src": " ".join(map(_hash, styles)) or "'none'",
        "img-src": "data: blob:",
        "media-src": "data: blob:",
        "font-src": "data:",
        **({"connect-src": "'self'"} if connects else {}),
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _ordered(root: Path, entry: str) -> list[str]:
    """The paths of the entry and of all that it imports, each after those that it imports itself."""
    done: dict[str, None] = {}
    under_way: list[str] = []

    def visit(path: str) -> None:
        if path in done:
            return
        if path in under_way:
            raise BundleError(f"modules import each other in a circle: {' -> '.join([*under_way, path])}")
        under_way.append(path)
        for _, target in _imports(path, _read(root, path)):
            visit(target)
        under_way.pop()
        done[path] = None

    visit(entry)
    return list(done)


def _read(root: Path, path: str) -> str:
    try:
        return (root / path).read_text(encoding="utf-8")
    except OSError:
        raise BundleError(f"there is no module {path}") from None


def _imports(path: str, text: str) -> list[tuple[list[str], str]]:
    """The names that a module imports, with the path of each source relative to the root."""
    found = []
    for names, source in IMPORT.findall(text):
        parts = [*Path(path).parent.parts, *source.split("/")]
        resolved: list[str] = []
        for part in parts:
            if part == ".." and resolved:
                resolved.pop()
            elif part == "..":
                raise BundleError(f"{path} imports from outside of the folder: {source}")
            elif part != ".":
                resolved.append(part)
        listed = [name.strip() for name in names.split(",") if name.strip()]
        if renamed := [name for name in listed if " " in name]:
            raise BundleError(f"{path} gives {renamed[0]} another name; a name is the same in every module")
        found.append((listed, "/".join(resolved)))
    return found


def _names(text: str) -> list[str]:
    """The top-level names of a module."""
    found = []
    for match in TOP_LEVEL.finditer(text):
        found += re.findall(r"[A-Za-z_$][\w$]*(?=\s*(?:[,}\]]|=|$))", match[1])
    return found


def _check_names(texts: Mapping[str, str]) -> None:
    """Raise BundleError if two modules have a name in common, or one imports what its source does not export."""
    owner: dict[str, str] = {}
    for path, text in texts.items():
        for name in _names(text):
            if owner.setdefault(name, path) != path:
                raise BundleError(f"{owner[name]} and {path} both have a top-level {name}")
        for imported, source in _imports(path, text):
            for name in imported:
                if not re.search(
                    rf"^export (?:async )?(?:function\*?|const|let|class) {re.escape(name)}\b", texts[source], re.M
                ):
                    raise BundleError(f"{path} imports {name}, which {source} does not export")


def _without_statements(path: str, text: str) -> str:
    bare = EXPORT.sub("", IMPORT.sub("", text))
    if left := LEFT.search(bare):
        raise BundleError(f"{path} has a statement that cannot be joined: {left[0].strip()[:80]}")
    return bare.strip("\n") + "\n"
