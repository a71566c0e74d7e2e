"""The one file of a page: words, tables, figures, data, scripts, styles, and the policy that allows no others."""

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from mdsbench.report import style
from mdsbench.report.page import bundle
from mdsbench.report.page.payload.script_text import as_json
from mdsbench.report.page.query import query
from mdsbench.report.page.view import View
from mdsbench.report.palette import Palette
from mdsbench.statistics.wording import without_folders
from mdsbench.version import __version__

LIVE = "live.js"  # the module that only a served page has


def render(
    view: View, data: Mapping[str, Any] | None, story: Mapping[str, Any] | None = None, *, token: str = ""
) -> str:
    """The page as HTML.

    `data` is what `payload` made, None where there is no run. `story` has the variables of the reproduction's sections.
    A page with a `token` is served: it asks its server whether there is a newer one.
    """
    scripts = [bundle.script()] if data is not None else []
    if token:
        scripts.append(bundle.script(entry=LIVE))
    styles = bundle.style()
    told = {**data, "price": view.weight} if data is not None else None
    return _environment(view.solvers, data).get_template("page.html").render(
        version=__version__,
        policy=bundle.policy(scripts, [styles], connects=bool(token)),
        styles=Markup(styles),  # of this package, as are the scripts
        scripts=[Markup(script) for script in scripts],
        data=Markup(as_json(told)) if told is not None else None,
        has_maps=bool(data and data["trajectories"]["list"]),
        sampled=data["sampled"] if data else None,
        view=view,
        story=story,
        token=token,
    )  # fmt: skip


def _environment(solvers: Sequence[str], data: Mapping[str, Any] | None) -> Environment:
    environment = Environment(
        loader=PackageLoader("mdsbench.report.page"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_with_fixed_signs,
    )
    environment.globals["query"] = query
    palette = Palette(solvers)
    environment.filters.update(
        title_of=style.title,
        short=without_folders,
        colour_of=palette.colour,
        is_dashed=palette.is_dashed,
        isolated=Isolation([*solvers, *(problem["name"] for problem in (data or {}).get("problems", []))]),
    )
    return environment


def _with_fixed_signs(value: Any) -> Any:
    """A number keeps its sign for per cent on its line."""
    return value.replace(" %", "\u00a0%") if type(value) is str else value


class Isolation:
    """A filter of sentences: no name's direction of writing turns the rest around."""

    def __init__(self, names: Sequence[str]) -> None:
        foreign = {name for known in names for name in (known, without_folders(known)) if not name.isascii()}
        self._names = sorted(foreign, key=len, reverse=True)

    def __call__(self, sentence: str) -> Markup:
        """The sentence as HTML. Each name with other letters than ASCII is in an element `bdi`."""
        name = next((name for name in self._names if name in sentence), None)
        if name is None:
            return escape(_with_fixed_signs(sentence))
        before, _, after = sentence.partition(name)
        return self(before) + Markup("<bdi>{}</bdi>").format(name) + self(after)
