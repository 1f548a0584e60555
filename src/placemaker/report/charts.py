"""Charts of figures: a Vega-Lite specification, which vl-convert makes SVG, with no browser and no network.

A chart repeats what a table says; the builders here take (label, Figure) pairs, leave out what is withheld or missing,
and hand back a Vega-Lite dict for :class:`placemaker.report.document.Chart`.
"""

from __future__ import annotations

import copy
import json
import textwrap
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from placemaker.figure import Figure
from placemaker.report import palette

#: How a row is drawn: the place itself, the landlord's homes there, or what they are compared with.
COLOURS = {"place": palette.PLACE, "homes": palette.HOMES, "other": palette.OTHERS}

_CONFIG: dict[str, Any] = {
    "font": palette.FONT,
    "background": None,
    "view": {"stroke": None},
    "axis": {
        "labelColor": palette.INK, "titleColor": palette.QUIET, "labelFontSize": 13, "titleFontSize": 13,
        "titleFontWeight": "normal", "domainColor": palette.LINE, "tickColor": palette.LINE, "gridColor": "#e3e8ea",
        "labelLimit": 400, "titlePadding": 8,
    },
    "legend": {
        "labelColor": palette.INK, "labelFontSize": 13, "orient": "top", "title": None, "columns": 5,
        "symbolSize": 110, "labelLimit": 260, "columnPadding": 18, "rowPadding": 4, "offset": 10,
    },
    "text": {"color": palette.INK, "fontSize": 13},
}  # fmt: skip

#: An upright bar as the shape of a mark, in Vega's square of -1 to 1.
_BAR = "M-0.25,-1.1L0.25,-1.1L0.25,1.1L-0.25,1.1Z"

_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"

#: How large each mark of dots is, in square pixels: the homes' ring goes round the place's dot.
_SIZES = {"place": 110, "homes": 300, "other": 190}

#: The letters of a row's label that fit into the narrowest chart.
_LABEL = 42


def chart_svg(spec: Any, width: int) -> str:
    """The chart as SVG text, ``width`` pixels wide in all.

    ``spec`` is a Vega-Lite dict or an Altair chart. Raises ValueError where it is neither, or would load data.
    """
    import vl_convert

    _register_fonts()
    plain = copy.deepcopy(spec) if isinstance(spec, Mapping) else spec.to_dict()
    if "url" in json.dumps(plain.get("data", {})):
        raise ValueError("A chart holds its own data and loads none.")
    plain["width"] = width
    plain["autosize"] = {"type": "fit-x", "contains": "padding"}
    plain.setdefault("padding", 2)
    if width < 480:
        plain = _narrow(plain)
    plain["config"] = _merge(_CONFIG, plain.get("config", {}))
    return vl_convert.vegalite_to_svg(plain, allowed_base_urls=[])


def bars(rows: Sequence[tuple[str, Figure, str]], unit: str = "") -> dict[str, Any]:
    """Horizontal bars with their values and 95% intervals; each row is (label, figure, place | homes | other)."""
    data = [
        {"label": label, "value": figure.value, "text": figure.text(), "kind": kind, "low": low, "high": high}
        for label, figure, kind in rows
        if figure.known
        for low, high in (figure.interval or (None, None),)
    ]
    top = max((row["high"] or row["value"] for row in data), default=1) or 1
    y = {"field": "label", "type": "nominal", "sort": None, "title": None,
         "axis": {"domain": False, "ticks": False, "labelPadding": 8}}  # fmt: skip
    low = min(0, *(row["value"] for row in data)) if data else 0
    x = {**_number("value", unit), "scale": {"domain": [low, top * 1.3]}}
    known = [{"filter": "isValid(datum.low)"}]
    drawn = {
        "mark": {"type": "bar", "size": 18},
        "encoding": {"y": y, "x": x, "color": {**_series("kind", COLOURS), "legend": None}},
    }
    whisker = {
        "transform": known,
        "mark": {"type": "rule", "color": palette.INK, "strokeWidth": 1.5},
        "encoding": {"y": y, "x": {"field": "low", "type": "quantitative"}, "x2": {"field": "high"}},
    }
    ends = [
        {
            "transform": known,
            "mark": {"type": "tick", "color": palette.INK, "size": 9, "thickness": 1.5},
            "encoding": {"y": y, "x": {"field": end, "type": "quantitative"}},
        }
        for end in ("low", "high")
    ]
    words = {
        "transform": [{"calculate": "isValid(datum.high) ? datum.high : datum.value", "as": "end"}],
        "mark": {"type": "text", "align": "left", "dx": 7, "fontWeight": 600},
        "encoding": {"y": y, "x": {"field": "end", "type": "quantitative"}, "text": {"field": "text"}},
    }
    return _layers(data, 32, drawn, whisker, *ends, words)


def dots(
    rows: Sequence[tuple[str, Mapping[str, Figure]]], series: Sequence[tuple[str, str]], unit: str = "%"
) -> dict[str, Any]:
    """One line a row, with a mark for each series on one shared scale, under the row's label.

    ``rows`` are (label, {series: figure}); ``series`` are (name, place | homes | other), of which others are told apart
    by their shape. Only figures in one unit belong on one scale. The homes are a hollow ring, larger than the
    place's dot, and the bar of the first other is taller than both, so that marks of one value are all seen.
    """
    names = [name for name, _ in series]
    labels = ["\n".join(textwrap.wrap(label, _LABEL)) for label, _ in rows]
    data = [
        {"row": position, "label": labels[position], "series": name, "value": figures[name].value}
        for position, (_, figures) in enumerate(rows)
        for name in names
        if name in figures and figures[name].known
    ]
    others = iter((_BAR, "diamond", "triangle-up", "square", "cross"))
    shapes = {name: "circle" if kind in ("place", "homes") else next(others) for name, kind in series}
    colours = {name: COLOURS[kind] if kind != "other" else palette.INK for name, kind in series}
    inside = {name: "transparent" if kind == "homes" else colours[name] for name, kind in series}
    sizes = {name: _SIZES[kind] for name, kind in series}
    deepest = max((label.count("\n") for label in labels), default=0)
    y = {"field": "row", "type": "ordinal", "title": None, "axis": None, "scale": {"paddingInner": 0.2}}
    low, top = min((0, *(row["value"] for row in data))), max((row["value"] for row in data), default=1)
    x = {**_number("value", unit), "scale": {"domain": [low, top], "nice": True}}
    paper = {
        "transform": [{"filter": {"field": "series", "equal": names[0]}}],
        "mark": {"type": "rect", "color": palette.PAPER, "height": 17 + 15 * deepest, "yOffset": -19 - 7.5 * deepest},
        "encoding": {"y": {**y, "bandPosition": 0.5}, "x": {"value": 0}, "x2": {"value": "width"}},
    }
    spread = {
        "mark": {"type": "rule", "color": palette.LINE, "strokeWidth": 3},
        "encoding": {"y": y, "x": {**x, "aggregate": "min"}, "x2": {"field": "value", "aggregate": "max"}},
    }
    marks = {
        "mark": {"type": "point", "opacity": 1, "strokeWidth": 2},
        "encoding": {
            "y": y, "x": x, "stroke": _series("series", colours), "fill": _series("series", inside),
            "shape": _series("series", shapes), "size": _series("series", sizes),
        },
    }  # fmt: skip
    words = [
        {
            "transform": [
                {"filter": {"field": "series", "equal": names[0]}},
                {"filter": f"length(split(datum.label, '\\n')) == {lines + 1}"},
            ],
            "mark": {"type": "text", "align": "left", "baseline": "alphabetic", "dy": -15 - 15 * lines,
                     "lineBreak": "\n", "lineHeight": 15},
            "encoding": {"y": y, "x": {"value": 0}, "text": {"field": "label"}},
        }
        for lines in range(deepest + 1)
    ]  # fmt: skip
    return _layers(data, 46 + 15 * deepest, paper, spread, marks, *words)


def columns(
    rows: Sequence[tuple[str, Figure, Figure | None]], names: tuple[str, str], unit: str = "%"
) -> dict[str, Any]:
    """A profile over ordered bands, such as ages: bars for the place, and a mark for what it is compared with."""
    data = [{"label": label, "series": names[0], "value": figure.value} for label, figure, _ in rows if figure.known]
    data += [{"label": label, "series": names[1], "value": f.value} for label, _, f in rows if f and f.known]
    encoding = {
        "y": {"field": "label", "type": "nominal", "sort": [label for label, _, _ in rows], "title": None,
              "axis": {"domain": False, "ticks": False, "labelPadding": 8}},
        "x": _number("value", unit),
        "color": _series("series", {names[0]: palette.PLACE, names[1]: palette.HOMES}),
    }  # fmt: skip
    drawn = [
        {"transform": [{"filter": {"field": "series", "equal": name}}], "mark": {**mark, "opacity": 1},
         "encoding": encoding}
        for name, mark in zip(
            names, ({"type": "bar", "size": 16}, {"type": "tick", "size": 24, "thickness": 4}), strict=True
        )
    ]  # fmt: skip
    return _layers(data, 28, *drawn)


def _layers(data: list[dict[str, Any]], step: float, *layers: dict[str, Any]) -> dict[str, Any]:
    """A chart of these layers over the same data, ``step`` pixels a row."""
    return {"$schema": _SCHEMA, "data": {"values": data}, "height": {"step": step}, "layer": list(layers)}


def _number(field: str, unit: str) -> dict[str, Any]:
    axis = {"tickCount": 4, "domain": False, "labelOverlap": True}
    return {"field": field, "type": "quantitative", "title": unit or None, "axis": axis}


def _series(field: str, pairs: Mapping[str, Any]) -> dict[str, Any]:
    scale = {"domain": list(pairs), "range": list(pairs.values())}
    return {"field": field, "type": "nominal", "scale": scale, "sort": None}


def _narrow(plain: dict[str, Any]) -> dict[str, Any]:
    """The same chart for a telephone: row labels that wrap into less room."""
    config = plain.setdefault("config", {})
    config.setdefault("axis", {})["labelLimit"] = 120
    config.setdefault("legend", {})["columns"] = 1
    return plain


def _merge(base: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in more.items():
        merged[key] = _merge(merged.get(key, {}), value) if isinstance(value, Mapping) else value
    return merged


@cache
def _register_fonts() -> None:
    import vl_convert

    vl_convert.register_font_directory(str(palette.FONTS))
