"""The outlines of a neighbourhood's areas and of what surrounds them, simple enough for a map in a report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from placemaker.lake import connect
from placemaker.lake.errors import Refusal
from placemaker.places.neighbourhood import Neighbourhood
from placemaker.places.pack import Pack

#: Where more areas than this surround a place, its map shows the authorities around it instead.
MOST_AROUND = 400


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
    is one of the areas); the areas of a neighbourhood of homes have ``homes``, how many it has there. Where very many
    areas are around, the authorities stand for them. ``simplify`` is how far a line may move, in metres; without it, a
    600th of the map's width. Neighbouring outlines are simplified together, so that no gap opens between them. ``bbox``
    is the frame of the map.
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
    tolerance = max(frame[2] - frame[0], frame[3] - frame[1]) / 600 if simplify is None else simplify
    near = _near(con, pack, layer, frame, codes) if surroundings else []
    around: list[tuple[str, str, Any]] = []
    if len(near) > MOST_AROUND:
        authority = pack.authority()
        if authority in pack.boundaries and authority != layer:
            around = _simple(_read(con, pack, authority, _near(con, pack, authority, frame, codes)), tolerance)
        near = []
    rows = around + sorted(_simple(own + _read(con, pack, layer, near), tolerance), key=lambda row: row[0])
    homes = _homes(place) if isinstance(place, Neighbourhood) else {}
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": name, "inside": code in codes}
            | ({"homes": homes[code]} if code in homes else {}),
            "geometry": mapping(shape),
        }
        for code, name, shape in rows
    ]
    return {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}},
        "bbox": [round(edge) for edge in frame],
        "features": features,
    }


def _homes(place: Neighbourhood) -> dict[str, int]:
    """How many of the neighbourhood's homes are in each area; nothing where no homes are known."""
    if not place.homes_count or place.fit.basis != "homes":
        return {}
    return {code: round(share * place.fit.inside) for code, share in place.areas}


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


def _simple(rows: list[tuple[str, str, Any]], tolerance: float) -> list[tuple[str, str, Any]]:
    shapes = _simplify([shape for _, _, shape in rows], tolerance)
    return [(code, name, shape) for (code, name, _), shape in zip(rows, shapes, strict=True)]


def _simplify(shapes: list[Any], tolerance: float) -> list[Any]:
    """The shapes with fewer points, whole metres, shared borders kept shared; a shape never vanishes."""
    import shapely

    if tolerance <= 0 or not shapes:
        return shapes
    simple = shapely.coverage_simplify(shapes, tolerance)
    rounded = shapely.set_precision(simple, 1.0, mode="pointwise")
    return [new if not new.is_empty else old for new, old in zip(rounded, shapes, strict=True)]
