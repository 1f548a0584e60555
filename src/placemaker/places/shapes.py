"""Read what a person drew: GeoJSON polygons, in degrees (WGS84) or metres (EPSG:27700), made metres."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from placemaker.lake import connect
from placemaker.lake.errors import Refusal

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

#: The National Grid: eastings and northings of Great Britain, in metres.
GRID = (0, 0, 700_000, 1_300_000)


def read_shapes(source: str | Path | dict[str, Any]) -> list[tuple[str, BaseGeometry]]:
    """The polygons of a GeoJSON file, text or object, each with its name ("" where it has none), in EPSG:27700.

    Coordinates are longitude and latitude, unless a ``crs`` says EPSG:27700. Raises Refusal where it is not GeoJSON,
    holds no polygon, a polygon crosses itself (and says where), or it lies outside Great Britain.
    """
    plain, where = _load(source)
    metres = _in_metres(plain, where)
    found = []
    for name, geometry in _geometries(plain, where):
        found.append((name, _to_metres(_polygon(geometry, name or where, metres), metres)))
    if not found:
        raise Refusal("There is no polygon in it", where, "Draw an area and save it as GeoJSON.")
    for name, shape in found:
        left, bottom, right, top = shape.bounds
        if left < GRID[0] or bottom < GRID[1] or right > GRID[2] or top > GRID[3]:
            raise Refusal(
                "The polygon lies outside Great Britain",
                name or where,
                "GeoJSON writes longitude first and latitude second.",
            )
    return found


def _load(source: str | Path | dict[str, Any]) -> tuple[dict[str, Any], str]:
    if isinstance(source, dict):
        return source, "the polygon"
    text, where = str(source), "the polygon"
    if isinstance(source, Path) or not text.lstrip().startswith("{"):
        path = Path(source)
        if not path.is_file():
            raise Refusal("There is no such file", str(source), "Check the name of the file.")
        where = path.name
        text = path.read_bytes().decode("utf-8-sig", "replace")
        if not text.strip():
            raise Refusal("The file is empty", where, "Draw an area and save it as GeoJSON.")
    try:
        plain = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        line = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise Refusal("This is not GeoJSON", where + line, "Save the area as GeoJSON and try again.") from None
    if not isinstance(plain, dict) or "type" not in plain:
        raise Refusal("This is not GeoJSON", where, "Save the area as GeoJSON and try again.")
    return plain, where


def _in_metres(plain: dict[str, Any], where: str) -> bool:
    crs = plain.get("crs")
    if not crs:
        return False
    name = str(crs.get("properties", {}).get("name", "") if isinstance(crs, dict) else crs)
    if name.endswith(":27700"):
        return True
    if name.endswith(("CRS84", ":4326")):
        return False
    raise Refusal(
        f"The polygon is in a coordinate system that we do not read, {name}", where, "Use WGS84 or EPSG:27700."
    )


def _geometries(plain: dict[str, Any], where: str) -> list[tuple[str, dict[str, Any]]]:
    kind = plain.get("type")
    if kind == "FeatureCollection":
        return [pair for feature in plain.get("features") or () for pair in _geometries(feature, where)]
    if kind == "Feature":
        about = plain.get("properties") or {}
        name = next((str(about[key]) for key in ("name", "Name", "NAME", "title", "id") if about.get(key)), "")
        geometry = plain.get("geometry")
        return [(name, geometry)] if geometry else []
    return [("", plain)]


def _polygon(geometry: dict[str, Any], where: str, metres: bool) -> BaseGeometry:
    import shapely
    from shapely.geometry import shape

    if geometry.get("type") not in ("Polygon", "MultiPolygon"):
        kind = geometry.get("type", "nothing")
        raise Refusal(f"A neighbourhood is a polygon, and this is a {kind}", where, "Draw an area that closes.")
    try:
        drawn = shapely.force_2d(shape(geometry))
    except (ValueError, TypeError, IndexError, KeyError, shapely.errors.ShapelyError):
        raise Refusal("The polygon's coordinates cannot be read", where, "Draw it again; it needs 3 corners.") from None
    if drawn.is_empty:
        raise Refusal("The polygon is empty", where, "Draw an area that closes.")
    if not drawn.is_valid:
        _refuse_invalid(shapely.is_valid_reason(drawn), where, metres)
    left, bottom, right, top = drawn.bounds
    if not metres and max(abs(left), abs(right)) > 180:
        raise Refusal(
            "The coordinates are no longitude and latitude; they look like metres",
            where,
            'Say so in the file: "crs": {"type": "name", "properties": {"name": "EPSG:27700"}}.',
        )
    if not metres and left > 49 and right < 62 and bottom > -9 and top < 3:
        raise Refusal("The coordinates have latitude first", where, "GeoJSON writes longitude first.")
    return drawn


def _refuse_invalid(reason: str, where: str, metres: bool) -> None:
    """Say in words what GEOS found: "Self-intersection[-2.31 53.46]"."""
    fault, _, at = reason.partition("[")
    what = (
        "The polygon crosses itself" if "ntersection" in fault else f"The polygon is no area: {fault.strip().lower()}"
    )
    numbers = re.findall(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?", at)
    if len(numbers) >= 2:
        x, y = float(numbers[0]), float(numbers[1])
        point = f"easting {x:,.0f}, northing {y:,.0f}" if metres else f"longitude {x:.5f}, latitude {y:.5f}"
        what += f" at {point}"
    raise Refusal(what, where, "Move the corners there so that the line does not cross, and save it again.")


def _to_metres(drawn: BaseGeometry, metres: bool) -> BaseGeometry:
    import shapely

    if metres:
        return drawn
    row = connect("spatial").execute(
        "select ST_AsWKB(ST_Transform(ST_GeomFromWKB(?), 'EPSG:4326', 'EPSG:27700', always_xy := true))",
        [shapely.to_wkb(drawn)],
    )
    shape = shapely.from_wkb(bytes(row.fetchone()[0]))
    return shape if shape.is_valid else shapely.make_valid(shape)
