"""A page that was written, read back: the texts that have a query, and the data."""

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from mdsbench.errors import Failure
from mdsbench.report.page.query import ATTRIBUTE

EMPTY = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})  # elements that have no end


@dataclass
class Written:
    """What a page says: the text of each query, in the order of the page, and the data of its scripts."""

    texts: dict[str, list[str]] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)


def read(path: Path) -> Written:
    """A page from its file; raises Failure if that is no page of a store."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"cannot read {path}: {getattr(error, 'strerror', None) or 'it is no text'}") from None
    try:
        return parsed(text)
    except ValueError as error:
        raise Failure(f"{path} is no page that mdsbench report has made: {error}") from None


def parsed(html: str) -> Written:
    """A page from its text; raises ValueError if that is no page of a store."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if not reader.script:
        raise ValueError("it has no data")
    data = json.loads("".join(reader.script))
    if not isinstance(data, dict) or data.get("format") != 1 or "made" not in data:
        raise ValueError("its data have another format")
    return Written(reader.texts, data)


class _Reader(HTMLParser):
    """Collects the text of every element with a query, and the data."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: dict[str, list[str]] = {}
        self.script: list[str] = []
        self._in_data = False
        self._open: list[list[str] | None] = []  # the text of each open element, None for one without a query

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._in_data = tag == "script" and given.get("id") == "mdsbench-data"
        if tag in EMPTY:
            return
        asked = given.get(ATTRIBUTE)
        if asked is None:
            self._open.append(None)
        else:
            parts: list[str] = []
            self._open.append(parts)
            self.texts.setdefault(asked, []).append("")
            parts.append(asked)

    def handle_endtag(self, tag: str) -> None:
        self._in_data = False
        if tag not in EMPTY and self._open:
            parts = self._open.pop()
            if parts is not None:
                asked, *texts = parts
                self.texts[asked][-1] = " ".join("".join(texts).split())

    def handle_data(self, data: str) -> None:
        if self._in_data:
            self.script.append(data)
        for parts in self._open:
            if parts is not None:
                parts.append(data)
