"""A map of areas as SVG: colours by class, the outline of the neighbourhood, numbers that match a table.

Coordinates are metres (EPSG:27700), so the scale bar is drawn from them and north is up. No tiles, no network.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from placemaker.report import palette
from placemaker.report.document import Map, MapClass

_MARGIN = 8.0
_TALLEST = 1.15  # of the width


def map_svg(block: Map, width: int) -> str:
    """The map as SVG text, ``width`` pixels wide. Raises ValueError where there is no area to draw."""
    from shapely.geometry import box, shape

    features = [(shape(feature["geometry"]), feature.get("properties") or {}) for feature in block.geojson["features"]]
    if frame := block.geojson.get("bbox"):
        features = [(geometry.intersection(box(*frame)), properties) for geometry, properties in features]
    features = [(geometry, properties) for geometry, properties in features if not geometry.is_empty]
    if not features:
        raise ValueError(f"The map {block.caption!r} has no area to draw.")
    outline = _outline(block, features)
    frame = _Frame(frame or _around(geometry for geometry, _ in features), width)
    colours = palette.steps(len(block.classes))
    drawn = [_area(frame, geometry, properties, block, colours) for geometry, properties in features]
    numbers = _numbers(frame, features, block, colours)
    edge = f'<path d="{frame.path(outline)}" fill="none" stroke="{palette.INK}" stroke-width="2.5"/>' if outline else ""
    legend, height = _legend(block, features, colours, width, frame.height + 12)
    scale = _scale_bar(frame, height)
    height += 30
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height:.0f}" '
        f'viewBox="0 0 {width} {height:.0f}" font-family="{palette.FONT}" font-size="13" fill="{palette.INK}">'
        f"{''.join(drawn)}{edge}{''.join(numbers)}{legend}{scale}</svg>"
    )


class _Frame:
    """Turns metres into pixels: the frame fills the width, or the greatest height, and north is up."""

    def __init__(self, edges: Sequence[float], width: int) -> None:
        self.west, self.south, self.east, self.north = edges
        across, up = max(self.east - self.west, 1.0), max(self.north - self.south, 1.0)
        room, tallest = width - 2 * _MARGIN, min(width * _TALLEST, 360.0)
        self.per_metre = min(room / across, tallest / up)
        self.left = (width - across * self.per_metre) / 2
        self.height = up * self.per_metre + 2 * _MARGIN
        self.width = width

    def point(self, east: float, north: float) -> tuple[float, float]:
        return self.left + (east - self.west) * self.per_metre, _MARGIN + (self.north - north) * self.per_metre

    def path(self, geometry: Any) -> str:
        """The SVG path of a polygon or multipolygon, to a tenth of a pixel, with points that repeat left out."""
        written = []
        for ring in _rings(geometry):
            points = []
            for east, north, *_ in ring:
                x, y = self.point(east, north)
                point = f"{x:.1f} {y:.1f}"
                if not points or points[-1] != point:
                    points.append(point)
            written.append("M" + "L".join(points) + "Z")
        return "".join(written)


def _around(geometries: Iterable[Any]) -> tuple[float, float, float, float]:
    boxes = [geometry.bounds for geometry in geometries]
    return (min(b[0] for b in boxes), min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes))


def _rings(geometry: Any) -> Iterable[Any]:
    for part in getattr(geometry, "geoms", [geometry]):
        if part.geom_type == "Polygon":
            yield part.exterior.coords
            for hole in part.interiors:
                yield hole.coords


def _outline(block: Map, features: list[tuple[Any, dict[str, Any]]]) -> Any:
    from shapely import union_all
    from shapely.geometry import shape

    if block.outline:
        return shape(block.outline.get("geometry", block.outline))
    inside = [geometry for geometry, properties in features if properties.get("inside", True)]
    return union_all([geometry.buffer(0.5) for geometry in inside]) if inside else None


def class_of(value: float | None, classes: tuple[MapClass, ...]) -> int | None:
    """The position of the class that holds a value; None where there is no value or no class holds it."""
    if value is None:
        return None
    return next((i for i, one in enumerate(classes) if one.low <= value <= one.high), None)


def _area(frame: _Frame, geometry: Any, properties: dict[str, Any], block: Map, colours: tuple[str, ...]) -> str:
    if not properties.get("inside", True):
        return f'<path d="{frame.path(geometry)}" fill="{palette.CONTEXT}" stroke="{palette.LINE}" stroke-width="0.7"/>'
    position = class_of(properties.get(block.value), block.classes)
    fill = palette.NOTHING if position is None else colours[position]
    return f'<path d="{frame.path(geometry)}" fill="{fill}" stroke="#fff" stroke-width="1"/>'


def _numbers(
    frame: _Frame, features: list[tuple[Any, dict[str, Any]]], block: Map, colours: tuple[str, ...]
) -> list[str]:
    """The numbers of the areas, each where its area is widest, and small where the area is small."""
    written = []
    for geometry, properties in features:
        if "number" not in properties or not properties.get("inside", True):
            continue
        x, y = frame.point(*geometry.representative_point().coords[0])
        room = math.sqrt(geometry.area) * frame.per_metre
        size = max(9.0, min(14.0, room / 2.2))
        dark = _dark(class_of(properties.get(block.value), block.classes), colours)
        ink, halo = ("#fff", "none") if dark else (palette.INK, "#fff")
        written.append(
            f'<text x="{x:.1f}" y="{y + size * 0.35:.1f}" font-size="{size:.0f}" text-anchor="middle" fill="{ink}" '
            f'stroke="{halo}" stroke-width="2" paint-order="stroke">{escape(str(properties["number"]))}</text>'
        )
    return written


def _dark(position: int | None, colours: tuple[str, ...]) -> bool:
    if position is None:
        return False
    red, green, blue = (int(colours[position][i : i + 2], 16) for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue < 140


def _legend(
    block: Map, features: list[tuple[Any, dict[str, Any]]], colours: tuple[str, ...], width: int, top: float
) -> tuple[str, float]:
    """The legend under the map, in as many columns as fit; gives its SVG and where it ends."""
    entries = [(one.label, colour) for one, colour in zip(block.classes, colours, strict=True)]
    inside = [properties for _, properties in features if properties.get("inside", True)]
    if any(class_of(properties.get(block.value), block.classes) is None for properties in inside):
        entries.append(("Not available", palette.NOTHING))
    room = max(len(label) for label, _ in entries) * 7.2 + 36
    across = max(1, min(len(entries), int((width - 2 * _MARGIN) // room)))
    written = []
    for line in textwrap.wrap(block.legend, int((width - 2 * _MARGIN) // 7.4)):
        written.append(f'<text x="{_MARGIN}" y="{top + 13:.0f}" font-weight="600">{escape(line)}</text>')
        top += 18
    top += 6
    for position, (label, colour) in enumerate(entries):
        x, y = _MARGIN + (position % across) * room, top + (position // across) * 22
        written.append(
            f'<rect x="{x:.0f}" y="{y:.0f}" width="18" height="14" fill="{colour}" stroke="{palette.OTHERS}" '
            f'stroke-width="0.5"/><text x="{x + 25:.0f}" y="{y + 12:.0f}">{escape(label)}</text>'
        )
    return "".join(written), top + math.ceil(len(entries) / across) * 22


def _scale_bar(frame: _Frame, top: float) -> str:
    """A bar of a round length in metres, no longer than a quarter of the map, and an arrow to the north."""
    most = frame.width / 4 / frame.per_metre
    step = 10 ** math.floor(math.log10(most))
    metres = max(m * step for m in (1, 2, 5) if m * step <= most)
    label = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    length, y = metres * frame.per_metre, top + 16
    right = frame.width - _MARGIN
    return (
        f'<path d="M{_MARGIN} {y - 5:.1f}v5h{length:.1f}v-5" fill="none" stroke="{palette.INK}" stroke-width="1.5"/>'
        f'<text x="{_MARGIN + length + 8:.0f}" y="{y + 1:.0f}">{label}</text>'
        f'<path d="M{right - 6:.0f} {y - 16:.0f}l6 16l-6 -4l-6 4Z" fill="{palette.INK}"/>'
        f'<text x="{right - 18:.0f}" y="{y:.0f}" text-anchor="end">North</text>'
    )
