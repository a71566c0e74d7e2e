"""Queries: what a part of the page was made of, written beside it.

An element with the attribute `data-query` has numbers of the store in its text. The attribute is a JSON object: `of`
says what is shown, the other names say of which runs. The page finds these runs with it, and `mdsbench verify` finds
the same element in a page that is made anew.
"""

import json
from typing import Any

from markupsafe import Markup

ATTRIBUTE = "data-query"


def query(of: str, **names: Any) -> Markup:
    """The attribute of an element that shows `of` of the runs with these names; what is None is left out."""
    told = {"of": of, **{name: value for name, value in names.items() if value is not None}}
    return Markup(' {}="{}"').format(Markup(ATTRIBUTE), json.dumps(told, ensure_ascii=False, sort_keys=True))
