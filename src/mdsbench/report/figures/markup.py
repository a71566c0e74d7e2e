"""A figure as SVG inside a page: text is text, no style attributes, no name that another figure has too."""

import re
from io import BytesIO
from xml.etree import ElementTree

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.figure import Figure

from mdsbench.report.figures import column

SVG = "http://www.w3.org/2000/svg"
HREF = "{http://www.w3.org/1999/xlink}href"
DECIMALS = 1  # of a coordinate, in points: a page shows a figure at most three times as large
NUMBER = re.compile(r"-?\d+\.\d+")
SIZE = re.compile(r"\b(\d+(?:\.\d+)?)px\b")
DRAWN = ("d", "points", "x", "y", "transform")


def markup(figure: Figure, name: str, title: str) -> Markup:
    """A figure as an element `svg` of HTML with a title for those who do not see it.

    `name` is unique in the page. A content security policy forbids style attributes, so they are attributes of their
    own here. Letters are left to the reader's browser, in the size of the figure.
    """
    buffer = BytesIO()
    with column.drawing(), mpl.rc_context({"svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    root = ElementTree.fromstring(buffer.getvalue().decode("utf-8"))
    for parent in list(root.iter()):
        for child in list(parent):
            if _bare(child.tag) in ("metadata", "style", "title"):
                parent.remove(child)
    _without_background(root)
    for element in root.iter():
        _plain(element, name)
    root.attrib = {"viewBox": root.attrib["viewBox"], "role": "img", "class": "plot", "aria-label": title}
    text = ElementTree.tostring(root, encoding="unicode")
    return Markup(text)  # made by an XML writer, which escapes texts


def _bare(tag: str) -> str:
    return tag.rpartition("}")[2]


def _without_background(root: ElementTree.Element) -> None:
    """Remove the white sheet and the white field of the axes, so that the page's colour is seen."""
    for group in root.iter(f"{{{SVG}}}g"):
        for patch in list(group):
            if patch.get("id", "").startswith("patch_"):
                paths = patch.findall(f"{{{SVG}}}path")
                if len(paths) == 1 and "fill: #ffffff" in paths[0].get("style", "") and _is_bare(paths[0]):
                    group.remove(patch)


def _is_bare(path: ElementTree.Element) -> bool:
    style = path.get("style", "")
    return "stroke" not in style or "stroke: none" in style or "stroke-width: 0" in style


def _plain(element: ElementTree.Element, name: str) -> None:
    """Make one element fit to stand in a page."""
    element.tag = _bare(element.tag)
    for declaration in element.attrib.pop("style", "").split(";"):
        what, colon, value = declaration.partition(":")
        if colon:
            _set(element, what.strip(), value.strip())
    if "id" in element.attrib:
        element.set("id", f"{name}-{element.get('id')}")
    if HREF in element.attrib:
        element.set("href", element.attrib.pop(HREF).replace("#", f"#{name}-", 1))
    for attribute, value in element.attrib.items():
        if "url(#" in value:
            element.set(attribute, value.replace("url(#", f"url(#{name}-"))
    for attribute in DRAWN:
        if attribute in element.attrib:
            element.set(attribute, NUMBER.sub(_rounded, element.attrib[attribute]))
    if element.text and element.tag in ("svg", "g", "defs", "path"):
        element.text = element.text.strip()
    if element.tail and element.tail.isspace():
        element.tail = ""


def _set(element: ElementTree.Element, what: str, value: str) -> None:
    """A declaration of a style as attributes; of a font only the size is kept."""
    if what == "font":
        if size := SIZE.search(value):
            element.set("font-size", size[1])
    elif what == "font-size":
        element.set("font-size", value.removesuffix("px"))
    elif what != "font-family":
        element.set(what, value)


def _rounded(number: "re.Match[str]") -> str:
    text = f"{float(number[0]):.{DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
