"""Modules joined into one, and the policy of the page."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from mdsbench.report.page import bundle
from mdsbench.report.page.bundle import BundleError


def modules(folder: Path, **texts: str) -> Path:
    """Modules by name, in a folder; `__` in a name is a slash."""
    for name, text in texts.items():
        path = folder / f"{name.replace('__', '/')}.js"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def test_modules_stand_after_what_they_import(tmp_path: Path) -> None:
    root = modules(
        tmp_path,
        main='import { b } from "./deep/b.js";\nimport { a } from "./a.js";\nb(a);\n',
        deep__b='import {\n  a,\n  c as_,\n} from "../a.js";\nexport function b(x) { return x; }\n'.replace(
            "  c as_,\n", ""
        ),
        a="export const a = 1;\nconst hidden = 2;\n",
    )
    assert bundle.script(root) == ("const a = 1;\nconst hidden = 2;\n\nfunction b(x) { return x; }\n\nb(a);\n")


@pytest.mark.parametrize(
    ("texts", "fault"),
    [
        ({"main": 'import { a } from "./a.js";', "a": 'import { m } from "./main.js";\nexport const a = 1;'}, "circle"),
        ({"main": 'import { a } from "./a.js";'}, "no module a.js"),
        ({"main": 'import { a } from "./a.js";', "a": "const a = 1;"}, "does not export"),
        ({"main": 'import { a } from "./a.js";\nconst b = 1;', "a": "const b = 2;\nexport const a = 1;"}, "both have"),
        (
            {"main": 'import { a } from "./a.js";\nconst { x, b } = a;', "a": "const b = 2;\nexport const a = 1;"},
            "both",
        ),
        ({"main": 'import a from "./a.js";'}, "cannot be joined"),
        ({"main": 'import { a as b } from "./a.js";', "a": "export const a = 1;"}, "another name"),
        ({"main": "export default 1;"}, "cannot be joined"),
        ({"main": 'export * from "./a.js";'}, "cannot be joined"),
        ({"main": 'import { a } from "../a.js";'}, "outside of the folder"),
        ({"main": 'const html = "</SCRIPT>";'}, "</script"),
        ({"main": 'const html = "<!--";'}, "<!--"),
    ],
)
def test_what_cannot_be_joined_is_refused(tmp_path: Path, texts: dict[str, str], fault: str) -> None:
    with pytest.raises(BundleError, match=fault):
        bundle.script(modules(tmp_path, **texts))


def test_the_policy_allows_these_texts_alone() -> None:
    allowed = bundle.policy(["one", "zwei ä"], ["css"])
    for text in ("one", "zwei ä", "css"):
        assert f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" in allowed
    assert allowed.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in allowed
    assert "connect-src" not in allowed
    assert "; connect-src 'self'; base-uri 'none'" in bundle.policy([], [], connects=True)


def test_styles_of_the_page_come_first(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "a.css").write_text("a {}")
    (tmp_path / "style.css").write_text("body {}")
    assert bundle.style(tmp_path) == "body {}\na {}"


def test_the_page_has_no_inline_markup_from_scripts() -> None:
    for path in bundle.STATIC.rglob("*.js"):
        text = path.read_text(encoding="utf-8")
        for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"):
            assert forbidden not in text, f"{path.name} has {forbidden}"
