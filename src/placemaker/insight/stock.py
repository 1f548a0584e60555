"""The landlord's own homes in a profile: where they are read, how they are placed, and into which pieces they fall."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb

from placemaker.figure import Source
from placemaker.insight import own
from placemaker.insight.arrays import put
from placemaker.insight.bridge import todays
from placemaker.insight.longtable import LongTable

if TYPE_CHECKING:
    from placemaker.lake import Workspace
    from placemaker.places import Pack

#: Layers whose areas others publish figures for, so that ours must not differ from theirs by a small count.
PUBLISHED = ("ward", "msoa", "lad")

#: Homes in management, one row each, with their area.
HOMES = "insight_homes"

IN_MANAGEMENT = """coalesce(unit_kind, 'home') in ('home', 'bedspace')
    and coalesce(status, 'in_management') = 'in_management'"""


@contextmanager
def reading(
    con: duckdb.DuckDBPyConnection, workspace: Workspace, as_of: int | None
) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """A connection in which the lake's tables can be read: ``con`` itself where it can; None where no homes are."""
    if "home" in own._loaded(con):
        yield con if own.prepare(con) else None
        return
    with workspace.read(as_of) as reader:
        yield reader if own.prepare(reader) else None


def placed_homes(
    con: duckdb.DuckDBPyConnection, pack: Pack, holder: duckdb.DuckDBPyConnection | None, placed: str | None
) -> str | None:
    """The table of ``con`` with home_ref and area of every unit: the one given, the one there, or newly made."""
    if placed is None and "placed" in own._loaded(con):
        placed = "placed"
    if placed is None and holder is not None:
        from placemaker.lake import extend
        from placemaker.places import place

        extend(con, "spatial")
        homes = own.ONE_HOME
        if holder is not con:
            columns = holder.execute(f"select home_ref, postcode, easting, northing from {own.ONE_HOME}").fetchall()
            refs, postcodes, eastings, northings = zip(*columns, strict=True) if columns else ((), (), (), ())
            put(
                con, "insight_units", home_ref=("text", refs), postcode=("text", postcodes),
                easting=("int", eastings), northing=("int", northings),
            )  # fmt: skip
            homes = "insight_units"
        placed = place(con, pack, homes)
    if placed is None:
        return None
    con.execute(f"""
        create or replace temp table insight_placed as
        select home_ref, any_value(area) as area from {placed} where area is not null group by home_ref""")
    con.execute(f"create or replace temp table {HOMES} as from insight_placed")
    if holder is not None:
        refs = [
            row[0] for row in holder.execute(f"select home_ref from {own.ONE_HOME} where {IN_MANAGEMENT}").fetchall()
        ]
        put(con, "insight_managed", home_ref=("text", refs))
        con.execute(
            f"create or replace temp table {HOMES} as from insight_placed where home_ref in (from insight_managed)"
        )
    return HOMES


def source(workspace: Workspace, snapshot: int | None) -> Source:
    """The landlord's lake as the source of a figure."""
    name = workspace.settings.get("name") or workspace.settings.get("organisation") or "The landlord"
    return Source(
        "lake", f"{name}, own records", str(workspace.settings.get("organisation") or name), snapshot=snapshot
    )


def pieces(
    con: duckdb.DuckDBPyConnection,
    table: LongTable,
    neighbourhoods: Sequence[Any],
    placed: str | None,
    holder: duckdb.DuckDBPyConnection | None = None,
) -> tuple[dict[str, str], list[own.Place]]:
    """The piece of each unit, and each neighbourhood with its pieces and the published areas that nest with it.

    A piece is a set of units that are in exactly the same neighbourhoods and the same published areas that matter.
    """
    inside: dict[str, list[int]] = {}
    area_of: dict[str, str] = {}
    if placed:
        area_of = dict(con.execute("select home_ref, area from insight_placed").fetchall())
    for number, one in enumerate(neighbourhoods):
        if one.homes is not None:
            for ref in one.homes:
                inside.setdefault(ref, []).append(number)
        elif placed:
            codes = _codes(con, table, one)
            for ref, area in area_of.items():
                if area in codes:
                    inside.setdefault(ref, []).append(number)
    published = _published(con, table) if placed else {}
    patches = whole_patches(holder, inside, len(neighbourhoods)) if holder is not None else {}
    holders = _nesting(inside, area_of, published, len(neighbourhoods))
    wanted = {area for areas in holders for area in areas}
    piece_of: dict[str, str] = {}
    made_of: list[set[str]] = [set() for _ in neighbourhoods]
    in_area: dict[str, set[str]] = {area: set() for area in wanted}
    for ref in {*inside, *area_of}:
        numbers = inside.get(ref, ())
        areas = [area for area in published.get(area_of.get(ref, ""), ()) if area in wanted]
        if not numbers and not areas:
            continue
        piece = f"{','.join(map(str, numbers))}|{','.join(areas)}"
        piece_of[ref] = piece
        for number in numbers:
            made_of[number].add(piece)
        for area in areas:
            in_area[area].add(piece)
    for number, names in patches.items():
        made_of[number] |= {own.PATCH + name for name in names}
    places = [
        own.Place(one.id, one.name, tuple(sorted(made_of[number])),
                  tuple(tuple(sorted(in_area[area])) for area in holders[number]))
        for number, one in enumerate(neighbourhoods)
    ]  # fmt: skip
    return piece_of, places


def whole_patches(holder: duckdb.DuckDBPyConnection, inside: dict[str, list[int]], many: int) -> dict[int, list[str]]:
    """For each neighbourhood that is made of whole patches and nothing else, their names."""
    total: dict[str, int] = {}
    parts: list[dict[str | None, int]] = [{} for _ in range(many)]
    for ref, patch in holder.execute(f"select home_ref, patch from {own.ONE_HOME}").fetchall():
        if patch:
            total[patch] = total.get(patch, 0) + 1
        for number in inside.get(ref, ()):
            parts[number][patch] = parts[number].get(patch, 0) + 1
    return {
        number: sorted(part) for number, part in enumerate(parts)
        if part and all(patch and total[patch] == count for patch, count in part.items())
    }  # fmt: skip


def _codes(con: duckdb.DuckDBPyConnection, table: LongTable, one: Any) -> set[str]:
    """The areas of today's levels that make the neighbourhood."""
    codes = {code for code, _ in one.areas}
    levels = ", ".join(str(table.levels.index(layer)) for layer in todays(table))
    put(con, "insight_codes", code=("text", sorted(codes)))
    rows = con.execute(
        f"select code from {table.area} where level in ({levels}) and in_{one.layer} in (from insight_codes)"
    ).fetchall()
    return codes | {code for (code,) in rows}


def _published(con: duckdb.DuckDBPyConnection, table: LongTable) -> dict[str, tuple[str, ...]]:
    """For each area of today's levels, the published areas that hold it."""
    layers = [layer for layer in table.pack.layers if layer.startswith(PUBLISHED)]
    if not layers:
        return {}
    levels = ", ".join(str(table.levels.index(layer)) for layer in todays(table))
    columns = ", ".join(f"in_{layer}" for layer in layers)
    rows = con.execute(
        f"select code, {columns} from {table.area} where level in ({levels}) "
        "and code in (select area from insight_placed)"
    ).fetchall()
    return {code: tuple(parent for parent in parents if parent) for code, *parents in rows}


def _nesting(
    inside: dict[str, list[int]], area_of: dict[str, str], published: dict[str, tuple[str, ...]], many: int
) -> list[list[str]]:
    """For each neighbourhood the published areas that hold all its units, or all of whose units it holds."""
    size = [0] * many
    held: dict[str, int] = {}
    both: dict[tuple[int, str], int] = {}
    for ref in {*inside, *area_of}:
        areas = published.get(area_of.get(ref, ""), ())
        for area in areas:
            held[area] = held.get(area, 0) + 1
        for number in inside.get(ref, ()):
            size[number] += 1
            for area in areas:
                both[number, area] = both.get((number, area), 0) + 1
    found: list[list[str]] = [[] for _ in range(many)]
    for (number, area), shared in both.items():
        # The same units make the same figure, which gives nothing away.
        if shared in (size[number], held[area]) and size[number] != held[area]:
            found[number].append(area)
    return found


def draw(con: duckdb.DuckDBPyConnection, table: LongTable, one: Any, base: str) -> dict[str, Any]:
    """GeoJSON in metres of the neighbourhood's areas: code, name, and the decile of deprivation where there is one."""
    from placemaker.places import outlines

    drawn = outlines(table.pack, one)
    values: dict[str, Any] = {}
    if table.pack.has("iod2025_lsoa21"):
        resource = table.pack.resource("iod2025_lsoa21")
        level = table.levels.index(base)
        parent = f"in_{resource.layer}"
        rows = con.execute(
            f"select area.code, imd_decile from {table.area} as area join {resource.sql()} as data "
            f'on data."{resource.code}" = area.{parent} where level = {level}'
        ).fetchall()
        values = dict(rows)
    for feature in drawn.get("features", ()):
        about = feature.setdefault("properties", {})
        about["value"] = values.get(about.get("code"))
    return drawn
