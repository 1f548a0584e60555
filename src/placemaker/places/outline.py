"""The outlines of a neighbourhood's areas and of what surrounds them, simple enough for a map in a report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from placemaker.lake import connect
from placemaker.lake.errors import Refusal
from placemaker.places.neighbourhood import Neighbourhood
from placemaker.places.pack import Pack


def outlines(
    pack: Pack,
    place: Neighbourhood | Iterable[str],
    layer: str | None = None,
    *,
    simplify: float | None = None,
    surroundings: bool = True,
) -> dict[str, Any]:
    """A GeoJSON FeatureCollection in metres (EPSG:27700): the areas, and those around them.

    ``place`` is a neighbourhood, or codes of ``layer``. Each feature has ``code``, ``name`` and ``inside`` (whether it
    is one of the areas). ``simplify`` is how far a line may move, in metres; without it, a 600th of the map's width.
    Neighbouring outlines are simplified together, so that no gap opens between them. ``bbox`` is the frame of the map.
    Raises Refusal where the layer has no boundaries.
    """
    import numpy as np
    import shapely
    from shapely.geometry import mapping

    if isinstance(place, Neighbourhood):
        codes, layer = set(place.codes), place.layer
    else:
        codes, layer = set(place), pack.layer(layer)
    if layer not in pack.boundaries:
        raise Refusal(f"The pack {pack.name!r} has no boundaries of {layer!r}, so no map can be drawn")
    con = connect()
    own = _read(con, pack, layer, sorted(codes))
    if not own:
        raise Refusal(f"None of these areas has a boundary in the pack {pack.name!r}", layer)
    shapes = [shape for _, _, shape in own]
    left, bottom, right, top = shapely.total_bounds(np.array(shapes))
    margin = max(200.0, 0.15 * max(right - left, top - bottom))
    frame = (left - margin, bottom - margin, right + margin, top + margin)
    near = _near(con, pack, layer, frame, codes) if surroundings else []
    rows = own + _read(con, pack, layer, near)
    tolerance = max(frame[2] - frame[0], frame[3] - frame[1]) / 600 if simplify is None else simplify
    simple = _simplify([shape for _, _, shape in rows], tolerance)
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name, "inside": code in codes},
            "geometry": mapping(shape),
        }
        for (code, name, _), shape in sorted(zip(rows, simple, strict=True), key=lambda pair: pair[0][0])
    ]
    return {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}},
        "bbox": [round(edge) for edge in frame],
        "features": features,
    }


def _near(con, pack: Pack, layer: str, frame: tuple[float, ...], codes: set[str]) -> list[str]:
    """The codes of the other areas that reach into the frame."""
    left, bottom, right, top = frame
    rows = con.execute(f"""
        select code from {pack.sql("layer_" + layer)}
        where xmin < {right} and xmax > {left} and ymin < {top} and ymax > {bottom} order by code""").fetchall()
    return [code for (code,) in rows if code not in codes]


def _read(con, pack: Pack, layer: str, codes: list[str]) -> list[tuple[str, str, Any]]:
    import shapely

    rows = con.execute(
        f"""select code, name, geometry from {pack.sql("layer_" + layer)}
        where code in (select unnest(?::varchar[])) order by code""",
        [codes],
    ).fetchall()
    return [(code, name, shapely.from_wkb(bytes(shape))) for code, name, shape in rows]


def _simplify(shapes: list[Any], tolerance: float) -> list[Any]:
    """The shapes with fewer points, whole metres, shared borders kept shared; a shape never vanishes."""
    import shapely

    if tolerance <= 0:
        return shapes
    simple = shapely.coverage_simplify(shapes, tolerance)
    rounded = shapely.set_precision(simple, 1.0, mode="pointwise")
    return [new if not new.is_empty else old for new, old in zip(rounded, shapes, strict=True)]
