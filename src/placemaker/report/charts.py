"""Charts of figures: Altair makes the specification, vl-convert the SVG, with no browser and no network.

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
    import altair as alt

    data = [
        {"label": label, "value": figure.value, "text": figure.text(), "kind": kind, "low": low, "high": high}
        for label, figure, kind in rows
        if figure.known
        for low, high in (figure.interval or (None, None),)
    ]
    top = max((row["high"] or row["value"] for row in data), default=1) or 1
    base = alt.Chart(alt.Data(values=data)).encode(
        y=alt.Y("label:N", sort=None, title=None, axis=alt.Axis(domain=False, ticks=False, labelPadding=8)),
    )
    x = alt.X(
        "value:Q", title=unit or None, scale=alt.Scale(domain=[min(0, *(r["value"] for r in data)), top * 1.3]),
        axis=alt.Axis(tickCount=4, domain=False, labelOverlap=True),
    )  # fmt: skip
    colour = alt.Color("kind:N", scale=_scale(COLOURS), legend=None)
    drawn = base.mark_bar(size=18).encode(x=x, color=colour)
    whisker = (
        base.transform_filter("isValid(datum.low)")
        .mark_rule(color=palette.INK, strokeWidth=1.5)
        .encode(x=alt.X("low:Q"), x2="high:Q")
    )
    ends = [
        base.transform_filter("isValid(datum.low)").mark_tick(color=palette.INK, size=9, thickness=1.5).encode(x=end)
        for end in ("low:Q", "high:Q")
    ]
    words = (
        base.transform_calculate(end="isValid(datum.high) ? datum.high : datum.value")
        .mark_text(align="left", dx=7, fontWeight=600)
        .encode(x=alt.X("end:Q"), text="text:N")
    )
    return alt.layer(drawn, whisker, *ends, words).properties(height=alt.Step(32)).to_dict()


def dots(
    rows: Sequence[tuple[str, Mapping[str, Figure]]], series: Sequence[tuple[str, str]], unit: str = "%"
) -> dict[str, Any]:
    """One line a row, with a mark for each series on one shared scale.

    ``rows`` are (label, {series: figure}); ``series`` are (name, place | homes | other), of which others are told apart
    by their shape. Only figures in one unit belong on one scale.
    """
    import altair as alt

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
    base = alt.Chart(alt.Data(values=data)).encode(
        y=alt.Y("row:O", title=None, axis=None, scale=alt.Scale(paddingInner=0.2))
    )
    top = max((row["value"] for row in data), default=1)
    x = alt.X(
        "value:Q", title=unit or None, scale=alt.Scale(domain=[min(0, *(r["value"] for r in data)), top], nice=True),
        axis=alt.Axis(tickCount=4, domain=False, labelOverlap=True),
    )  # fmt: skip
    spread = base.mark_rule(color=palette.LINE, strokeWidth=3).encode(x=alt.X("min(value):Q"), x2="max(value):Q")
    marks = base.mark_point(filled=True, opacity=1, size=130).encode(
        x=x,
        color=alt.Color("series:N", scale=_scale(colours), sort=None),
        shape=alt.Shape("series:N", scale=_scale(shapes), sort=None),
    )
    deepest = max((label.count("\n") for label in labels), default=0)
    words = [
        base.transform_filter(alt.datum.series == names[0])
        .transform_filter(f"length(split(datum.label, '\\n')) == {lines + 1}")
        .mark_text(align="left", baseline="alphabetic", dy=-12 - 15 * lines, lineBreak="\n", lineHeight=15)
        .encode(x=alt.value(0), text="label:N")
        for lines in range(deepest + 1)
    ]
    return alt.layer(spread, marks, *words).properties(height=alt.Step(40 + 15 * deepest)).to_dict()


def columns(
    rows: Sequence[tuple[str, Figure, Figure | None]], names: tuple[str, str], unit: str = "%"
) -> dict[str, Any]:
    """A profile over ordered bands, such as ages: bars for the place, and a mark for what it is compared with."""
    import altair as alt

    data = [{"label": label, "series": names[0], "value": figure.value} for label, figure, _ in rows if figure.known]
    data += [{"label": label, "series": names[1], "value": f.value} for label, _, f in rows if f and f.known]
    bands = [label for label, _, _ in rows]
    base = alt.Chart(alt.Data(values=data)).encode(
        y=alt.Y("label:N", sort=bands, title=None, axis=alt.Axis(domain=False, ticks=False, labelPadding=8)),
        x=alt.X("value:Q", title=unit or None, axis=alt.Axis(tickCount=4, domain=False, labelOverlap=True)),
        color=alt.Color("series:N", scale=_scale({names[0]: palette.PLACE, names[1]: palette.HOMES}), sort=None),
    )
    place = base.transform_filter(alt.datum.series == names[0]).mark_bar(size=16, opacity=1)
    other = base.transform_filter(alt.datum.series == names[1]).mark_tick(size=24, thickness=4, opacity=1)
    return alt.layer(place, other).properties(height=alt.Step(28)).to_dict()


def _scale(pairs: Mapping[str, str]) -> Any:
    import altair as alt

    return alt.Scale(domain=list(pairs), range=list(pairs.values()))


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
