"""Neighbourhoods drawn on a map or within a radius: the whole areas that fit them best.

Where a publisher gives population-weighted centroids, an area belongs when its centroid lies inside. Otherwise it
belongs when most of its postcodes do, since postcodes follow where people live and a geometric centre may fall in a
park. Only a pack without postcodes falls back on the geometric centre.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from placemaker.lake.errors import Refusal
from placemaker.places.home import named, quoted
from placemaker.places.neighbourhood import Fit, Neighbourhood, Neighbourhoods, make_ids, percent, say_areas, shares
from placemaker.places.pack import Pack
from placemaker.places.placing import postcode_areas
from placemaker.places.postcode import normal_postcode
from placemaker.places.shapes import GRID, read_shapes

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

#: How far beyond a shape the areas may reach whose postcodes are looked at, in metres.
AROUND = 5000

#: A fit whose coverage is below this, or with more than the rest of it outside, is called poor.
GOOD = 0.75


def neighbourhoods_from_polygon(
    con: duckdb.DuckDBPyConnection,
    pack: Pack,
    geojson: str | Path | dict[str, Any],
    *,
    layer: str | None = None,
    name: str = "",
    placed: str | None = None,
) -> Neighbourhoods:
    """One neighbourhood for each polygon of a GeoJSON file, text or object.

    ``name`` wins over the file's own names; of several polygons it stands before them. ``placed`` is the table of
    placed homes, for the view *our homes*. Raises Refusal where a polygon is faulty or where no area fits it.
    """
    shapes = read_shapes(geojson)
    stem = Path(geojson).stem if isinstance(geojson, Path) else "Drawn place"
    several = len(shapes) > 1
    names = [_title(name, own, stem, at if several else 0) for at, (own, _) in enumerate(shapes, 1)]
    made = Neighbourhoods()
    for id, title, (_, shape) in zip(make_ids(names), names, shapes, strict=True):
        made.append(neighbourhood_from_shape(con, pack, shape, id, title, "polygon", pack.layer(layer), placed))
    return made


def _title(name: str, own: str, stem: str, number: int) -> str:
    """What to call a polygon: the name asked for, its own, or the file's; ``number`` is 0 for the only one."""
    if name and number:
        return f"{name}: {own}" if own else f"{name} {number}"
    return name or own or (f"{stem} {number}" if number else stem)


def neighbourhoods_from_radius(
    con: duckdb.DuckDBPyConnection,
    pack: Pack,
    e: float,
    n: float,
    metres: float,
    *,
    layer: str | None = None,
    name: str = "",
    placed: str | None = None,
) -> Neighbourhoods:
    """The neighbourhood within ``metres`` of the point (``e``, ``n``), in metres of the National Grid."""
    import shapely

    if not (GRID[0] <= e <= GRID[2] and GRID[1] <= n <= GRID[3]):
        raise Refusal("The point lies outside Great Britain", f"{e:,.0f}, {n:,.0f}", "Give easting, then northing.")
    if not metres > 0:
        raise Refusal("The radius must be more than 0 metres", f"{metres:g}", "Give it in metres, such as 800.")
    title = name or f"Within {metres:,.0f} m of {e:,.0f}, {n:,.0f}"
    circle = shapely.Point(e, n).buffer(metres, quad_segs=32)
    id = make_ids([title])[0]
    return Neighbourhoods([neighbourhood_from_shape(con, pack, circle, id, title, "radius", pack.layer(layer), placed)])


def point_of_postcode(con: duckdb.DuckDBPyConnection, pack: Pack, postcode: str) -> tuple[int, int]:
    """The easting and northing of a postcode of the pack, in metres. Raises Refusal where the pack does not have it."""
    found = None
    if pack.has("postcodes"):
        query = f"select e, n from {pack.sql('postcodes')} where postcode = {normal_postcode('?::varchar')}"
        found = con.execute(query.replace("?", "$1"), [postcode]).fetchone()
    if found is None:
        raise Refusal(f"{postcode!r} is no postcode of {pack.covers}", next="Check it, or give easting and northing.")
    return found


def neighbourhood_from_shape(
    con: duckdb.DuckDBPyConnection,
    pack: Pack,
    shape: BaseGeometry,
    id: str,
    name: str,
    how: str,
    layer: str,
    placed: str | None = None,
) -> Neighbourhood:
    """The areas of the layer that fit a shape (EPSG:27700) best. Raises Refusal where none does."""
    import shapely
    from shapely.geometry import mapping

    shapely.prepare(shape)
    _count_postcodes(con, pack, shape, layer)
    centred = _by_centroid(con, pack, shape, layer)
    by_postcode = "select area from _shape_postcode where area is not null group by 1 having avg(inside::int) > 0.5"
    if centred is not None:
        chosen, why = centred, "its population-weighted centre"
    else:
        chosen = [row[0] for row in con.execute(by_postcode).fetchall()]
        why = "most of its postcodes" if pack.has("postcodes") else "its middle"
    if not chosen:
        _refuse_empty(con, pack, layer, name)
    con.execute("create or replace temp table _chosen as select unnest(?::varchar[]) as area", [chosen])
    counts = _homes_inside(con, shape, placed) if placed else None
    fit = _fit(con, pack, layer, len(chosen), why, counts)
    weights = {code: 0 for code in chosen}
    homes = None
    if counts is not None:
        homes = tuple(ref for ref, _ in counts if ref is not None)
        for _, area in counts:
            if area in weights:
                weights[area] += 1
    total = None if counts is None else len(counts)
    poor = (fit.coverage is not None and fit.coverage < GOOD) or (fit.outside is not None and fit.outside > 1 - GOOD)
    note = "The areas fit the place poorly: read its figures as those of the areas." if poor else ""
    return Neighbourhood(id, name, how, shares(weights), layer, fit, homes, total, note, mapping(shape))


def _count_postcodes(con: duckdb.DuckDBPyConnection, pack: Pack, shape: BaseGeometry, layer: str) -> None:
    """The table ``_shape_postcode``: area and inside, for every postcode of each area that the shape may touch.

    A pack without postcodes gives the areas' centres instead.
    """
    import shapely

    left, bottom, right, top = shape.bounds
    box = f"e between {left - AROUND} and {right + AROUND} and n between {bottom - AROUND} and {top + AROUND}"
    if pack.has("postcodes"):
        con.execute(f"create or replace temp table _near as select postcode from {pack.sql('postcodes')} where {box}")
        source = f"select area, e, n from {postcode_areas(con, pack, layer, '_near')} where {box}"
    else:
        source = f"select code as area, e, n from {pack.sql('areas')} where layer = {quoted(layer)} and {box}"
    con.execute(f"create or replace temp table _shape_postcode as select *, false as inside from ({source})")
    rows = con.execute(f"""
        select rowid as row, e, n from _shape_postcode
        where e between {left} and {right} and n between {bottom} and {top}""").fetchnumpy()
    con.register("_marked", {"row": rows["row"][shapely.contains_xy(shape, rows["e"], rows["n"])]})
    con.execute("update _shape_postcode set inside = true where rowid in (select row from _marked)")
    con.unregister("_marked")


def _by_centroid(con: duckdb.DuckDBPyConnection, pack: Pack, shape: BaseGeometry, layer: str) -> list[str] | None:
    """The areas whose population-weighted centre is inside; None where the layer has no such centres."""
    import shapely

    rows = con.execute(f"""
        select code, e, n, centre = 'population-weighted' as weighted from {pack.sql("areas")}
        where layer = {quoted(layer)} and e is not null""").fetchnumpy()
    if not len(rows["code"]) or not rows["weighted"].all():
        return None
    return list(rows["code"][shapely.contains_xy(shape, rows["e"], rows["n"])])


def _homes_inside(con: duckdb.DuckDBPyConnection, shape: BaseGeometry, placed: str) -> list[tuple[str, str]]:
    """The reference and area of each placed home inside the shape."""
    import shapely

    left, bottom, right, top = shape.bounds
    rows = con.execute(f"""
        select home_ref::varchar, area, e, n from {named(placed)}
        where e between {left} and {right} and n between {bottom} and {top}""").fetchall()
    return [(ref, area) for ref, area, e, n in rows if shapely.contains_xy(shape, e, n)]


def _fit(
    con: duckdb.DuckDBPyConnection, pack: Pack, layer: str, many: int, why: str, counts: list[tuple[str, str]] | None
) -> Fit:
    within, both, all_chosen = con.execute("""
        select count(*) filter (inside), count(*) filter (inside and area in (select area from _chosen)),
            count(*) filter (area in (select area from _chosen)) from _shape_postcode""").fetchone()
    outside = 1 - both / all_chosen if all_chosen else None
    one = many == 1
    fits = "fits the place," if one else "fit the place, each"
    words = f"{say_areas(pack, layer, many)} {fits} with {why} inside."
    basis = "postcodes" if pack.has("postcodes") else "areas"
    inside, total = both, within
    if within:
        they, their = ("It holds", "its") if one else ("They hold", "their")
        words += f" {they} {both:,} of the {within:,} {basis} inside it ({percent(both / within)})"
        words += f"; {percent(outside)} of {their} own lie outside it." if outside is not None else "."
    if counts:
        chosen = {row[0] for row in con.execute("select area from _chosen").fetchall()}
        inside, total, basis = sum(area in chosen for _, area in counts), len(counts), "homes"
        words += f" {inside:,} of the {total:,} homes inside it lie in them ({percent(inside / total)})."
    return Fit(basis, inside, total, inside / total if total else None, outside, words)


def _refuse_empty(con: duckdb.DuckDBPyConnection, pack: Pack, layer: str, name: str) -> None:
    """Say that no area fits, which came nearest, and what would help."""
    best = con.execute(f"""
        select area.name, area.code, avg(inside::int) as share
        from _shape_postcode join {pack.sql("areas")} as area on area.code = area and area.layer = {quoted(layer)}
        group by all having share > 0 order by share desc, code limit 1""").fetchone()
    title = pack.layer_titles[layer]
    if best is None:
        raise Refusal(
            f"No postcode of the pack ({pack.covers}) lies inside the place",
            name,
            "Check where it is drawn, or use a place pack that covers it.",
        )
    at = pack.layers.index(layer)
    finer = f", take a finer layer ({pack.layers[at - 1]})" if at > 0 else ""
    raise Refusal(
        f"The place is too small for its statistics: none of the {title} has most of its postcodes inside; "
        f"the nearest is {best[0]}, with {percent(best[2])}",
        name,
        f"Draw it larger{finer}, or give a list of postcodes or area codes instead.",
    )
