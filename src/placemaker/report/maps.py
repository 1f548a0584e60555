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
from placemaker.report.document import Map, MapClass, Table

#: A map of more areas than this shows their colours only, and its table counts them by class.
MOST = 40
#: How many areas of the first class the table of such a map lists.
LISTED = 20

_MARGIN = 8.0
_TALLEST = 1.15  # of the width
_SMALLEST = 7  # pixels: a number that would be smaller is left out


def map_svg(block: Map, width: int) -> str:
    """The map as SVG text, ``width`` pixels wide. Raises ValueError where there is no area to draw."""
    from shapely.geometry import box, shape

    features = [(shape(feature["geometry"]), feature.get("properties") or {}) for feature in block.geojson["features"]]
    if frame := block.geojson.get("bbox"):
        edges = box(*frame)
        features = [
            (geometry if edges.contains(geometry) else geometry.intersection(edges), properties)
            for geometry, properties in features
        ]
    features = [(geometry, properties) for geometry, properties in features if not geometry.is_empty]
    if not features:
        raise ValueError(f"The map {block.caption!r} has no area to draw.")
    outline = _outline(block, features)
    frame = _Frame(frame or _around(geometry for geometry, _ in features), width)
    colours = palette.steps(len(block.classes))
    if many := _many(block):
        drawn, numbers = _classes(frame, features, block, colours), []
    else:
        drawn = [_area(frame, geometry, properties, block, colours) for geometry, properties in features]
        numbers = _numbers(frame, features, block, colours)
    line = 0.8 if many else 2.5
    edge = (
        f'<path d="{frame.path(outline)}" fill="none" stroke="{palette.INK}" stroke-width="{line}"/>' if outline else ""
    )
    legend, height = _legend(block, features, colours, width, frame.height + 12)
    if not many and len(numbers) < sum("number" in about for about in _inside(block)):
        legend += f'<text x="{_MARGIN}" y="{height + 12:.0f}">An area too small for its number has none.</text>'
        height += 22
    scale = _scale_bar(frame, height)
    height += 30
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height:.0f}" '
        f'viewBox="0 0 {width} {height:.0f}" font-family="{palette.FONT}" font-size="13" fill="{palette.INK}">'
        f"{''.join(drawn)}{edge}{''.join(numbers)}{legend}{scale}</svg>"
    )


def map_table(block: Map) -> Table | None:
    """The table that says the same as the map: its own, or for many areas the areas of each class."""
    if not _many(block):
        return block.table
    inside = _inside(block)
    classes = [class_of(about.get(block.value), block.classes) for about in inside]
    known, counted = block.count or ("", "")
    known = known if all(known in about for about in inside) else ""

    def row(label: str, chosen: list[dict[str, Any]]) -> tuple[str, ...]:
        number = (f"{sum(about[known] for about in chosen):,}",) if known else ()
        return (label, f"{len(chosen):,}", *number)

    rows: list[tuple[str, ...] | str] = []
    for position, label in [*enumerate(one.label for one in block.classes), (None, "Not available")]:
        chosen = [about for about, at in zip(inside, classes, strict=True) if at == position]
        if chosen or position is not None:
            rows.append(row(label, chosen))
    first = [about for about, at in zip(inside, classes, strict=True) if at == 0]
    if first:
        first.sort(key=lambda about: (-about.get(known, 0), str(about.get("name") or about.get("code"))))
        most = f" with most {counted.lower()}" if known else ""
        listed = f"{LISTED} of the {len(first):,} areas" if len(first) > LISTED else "The areas"
        rows.append(f"{listed} in the class \u201c{block.classes[0].label}\u201d{most}")
        for about in first[:LISTED]:
            name, code = str(about.get("name") or ""), str(about.get("code") or "")
            rows.append(row(f"{name} ({code})" if name and code else name or code, [about]))
    return Table(
        f"The {len(inside):,} areas on the map, by class", ("Class", "Areas", *([counted] if known else [])),
        tuple(rows), align="lrr" if known else "lr",
    )  # fmt: skip


def _inside(block: Map) -> list[dict[str, Any]]:
    abouts = [feature.get("properties") or {} for feature in block.geojson["features"]]
    return [about for about in abouts if about.get("inside", True)]


def _many(block: Map) -> bool:
    return len(_inside(block)) > MOST


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


def _classes(
    frame: _Frame, features: list[tuple[Any, dict[str, Any]]], block: Map, colours: tuple[str, ...]
) -> list[str]:
    """Many areas, one path for each class, with lines between them only where they are wide enough to show."""
    inside: dict[int | None, list[Any]] = {}
    for geometry, properties in features:
        if properties.get("inside", True):
            inside.setdefault(class_of(properties.get(block.value), block.classes), []).append(geometry)
    shapes = [geometry for chosen in inside.values() for geometry in chosen]
    usual = math.sqrt(sum(geometry.area for geometry in shapes) / len(shapes)) * frame.per_metre if shapes else 0
    drawn = [_area(frame, *feature, block, colours) for feature in features if not feature[1].get("inside", True)]
    for position in sorted(inside, key=lambda at: -1 if at is None else at, reverse=True):
        fill = palette.NOTHING if position is None else colours[position]
        path = "".join(frame.path(geometry) for geometry in inside[position])
        line = "#fff" if usual > 8 else fill
        drawn.append(f'<path d="{path}" fill="{fill}" stroke="{line}" stroke-width="0.4" fill-rule="evenodd"/>')
    return drawn


def _numbers(
    frame: _Frame, features: list[tuple[Any, dict[str, Any]]], block: Map, colours: tuple[str, ...]
) -> list[str]:
    """The numbers of the areas, each where its area is widest, as small as it needs, none where there is no room."""
    import shapely

    written = []
    for geometry, properties in features:
        if "number" not in properties or not properties.get("inside", True):
            continue
        circle = shapely.maximum_inscribed_circle(geometry, tolerance=1 / frame.per_metre)
        x, y = frame.point(*circle.coords[0])
        across = 2 * circle.length * frame.per_metre
        size = min(14.0, 1.25 * across / math.hypot(0.6 * len(str(properties["number"])), 0.75))
        if size < _SMALLEST:
            continue
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
