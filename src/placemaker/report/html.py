"""The web page: one file that loads nothing, with every figure opening to its note without a script."""

from __future__ import annotations

import base64
import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from placemaker.report import palette

_HERE = Path(__file__).parent
MARK = (
    '<svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" focusable="false">'
    '<path d="M3 21V10l9-7 9 7v11h-6v-7H9v7z" fill="currentColor"/></svg>'
)


def write_html(plain: dict[str, Any]) -> str:
    """The page as text, from the document as :func:`placemaker.report.plain.plain` gives it."""
    from markupsafe import Markup

    blocks = [_with_whole_figures(_with_pictures(block, number)) for number, block in enumerate(plain["blocks"], 1)]
    contents = [block for block in blocks if block["kind"] == "heading" and block["level"] == 2]
    if plain["sources"]:
        contents.append({"id": "sources", "text": "Sources"})
    leading = 1 if blocks and blocks[0]["kind"] == "tiles" else 0
    return _template().render(
        doc=plain, first=blocks[:leading], rest=blocks[leading:], contents=contents,
        style=Markup(page_style()), mark=Markup(MARK),
    )  # fmt: skip


def _with_pictures(block: dict[str, Any], number: int) -> dict[str, Any]:
    """The block with its SVG made safe to stand inline: an alternative text, and identifiers of its own."""
    from markupsafe import Markup

    if block["kind"] not in ("chart", "map"):
        return block
    pictures = {
        width: Markup(_inline(block[width], block["alt"], f"p{number}{width[0]}")) for width in ("wide", "narrow")
    }
    return {**block, **pictures}


def _with_whole_figures(block: dict[str, Any]) -> dict[str, Any]:
    """The block with the brackets and stops around a figure kept on its line, where a button would let them go."""
    if block["kind"] == "bullets":
        return {**block, "items": [_whole(item) for item in block["items"]]}
    return {**block, "pieces": _whole(block["pieces"])} if "pieces" in block else block


def _whole(pieces: list[dict[str, Any]]) -> list[dict[str, Any]]:
    pieces = [dict(piece) for piece in pieces]
    for position, piece in enumerate(pieces):
        if piece["kind"] != "figure":
            continue
        before = pieces[position - 1] if position else {}
        after = pieces[position + 1] if position + 1 < len(pieces) else {}
        if before.get("kind") == "text" and before["text"].endswith("("):
            before["text"], piece["before"] = before["text"][:-1], "("
        if after.get("kind") == "text" and (stops := re.match(r"[).,;:]+", after["text"])):
            after["text"], piece["after"] = after["text"][stops.end() :], stops.group()
    return pieces


def _inline(svg: str, alt: str, prefix: str) -> str:
    """An SVG for the page: what its marks say of themselves is left out, since the alternative text says it whole."""
    svg = re.sub(r'\s(?:aria-[a-z]+|role)="[^"]*"', "", svg)
    svg = re.sub(r'(id="|url\(#|href="#)', rf"\1{prefix}-", svg)
    svg = svg.replace('xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(alt)}"', 1)


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, extensions=["jinja2.ext.loopcontrols"]
    )
    return environment.get_template("page.html.j2")


@cache
def page_style() -> str:
    """The style sheet with the colours and the two fonts written in."""
    colours = {name.lower(): value for name, value in vars(palette).items() if str(value).startswith("#")}
    roots = ";".join(f"--{name.replace('_', '-')}:{value}" for name, value in colours.items())
    faces = "".join(
        f'@font-face{{font-family:"{palette.FONT}";font-weight:{weight};font-display:swap;'
        f'src:url(data:font/woff2;base64,{_font(name)}) format("woff2")}}'
        for name, weight in (("Regular", 400), ("SemiBold", 600))
    )
    return f"{faces}:root{{{roots}}}{(_HERE / 'style.css').read_text(encoding='utf-8')}"


def _font(name: str) -> str:
    return base64.b64encode((palette.FONTS / f"PublicSans-{name}.woff2").read_bytes()).decode()
