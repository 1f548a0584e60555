"""Put homes into the areas of a layer, by their grid reference or their postcode, with a reason for each that is not.

A home that has a grid reference is placed by point in polygon, since a postcode can lie in two areas; one without
takes its postcode's area. Where the grid reference lies far from the postcode one of the two is wrong, and the
postcode, which people use every day, is believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from placemaker.lake.errors import Refusal
from placemaker.places.directory import uk_postcodes
from placemaker.places.home import Progress, named, quiet, quoted
from placemaker.places.pack import Pack
from placemaker.places.points import locate
from placemaker.places.postcode import NATIONS, PATTERN, normal_postcode, spaced_postcode

#: A grid reference further than this from the home's postcode is not believed, in metres.
FAR = 2000

NO_POSTCODE = "no postcode"
NOT_A_POSTCODE = "not a postcode"
UNKNOWN = "unknown postcode"
NO_GRID = "a postcode without a grid reference"


def place(
    con: duckdb.DuckDBPyConnection,
    pack: Pack,
    homes: str,
    layer: str | None = None,
    *,
    keep: Sequence[str] = (),
    into: str = "placed",
    progress: Progress = quiet,
) -> str:
    """Place the rows of the table or view ``homes`` in the areas of ``layer`` (the pack's finest when not given).

    ``homes`` has ``postcode``, or ``easting`` and ``northing`` in metres, or all three, and may have ``home_ref``;
    ``keep`` names further columns to carry along. Makes the temporary table ``into`` and returns its name. It has one
    row for each row of ``homes``: home_ref, postcode, area (a code of the layer), lad, e, n (metres), how (``point``,
    ``postcode``, ``snapped`` or null), snap_m (how far it was snapped), reason (why it is not placed) and note (what is
    doubtful about a home that is). Raises Refusal where there is no column to place by.
    """
    layer = pack.layer(layer)
    columns = _columns(con, homes)
    has_postcode, has_point = "postcode" in columns, {"easting", "northing"} <= set(columns)
    if not has_postcode and not has_point:
        raise Refusal(
            "There is no column 'postcode' to place homes by, nor 'easting' and 'northing'; "
            f"the columns are: {', '.join(columns)}",
            next="Name the column of postcodes in the mapping, or in the file's first line.",
        )
    by_point = has_point and layer in pack.boundaries and _any_point(con, homes)
    _by_postcode(con, pack, homes, layer, has_postcode, by_point, keep, into, columns)
    if by_point:
        progress("Finding the area of each grid reference", 0, 2)
        _by_point(con, pack, layer, into)
    progress("Saying why the others are not placed", 1, 2)
    _tell_reasons(con, pack, layer, into, progress)
    if by_point:
        con.execute(f"alter table {named(into)} drop column easting")
        con.execute(f"alter table {named(into)} drop column northing")
    return into


@dataclass(frozen=True)
class Coverage:
    """How many homes are placed, how, and why the others are not."""

    homes: int
    placed: int
    how: dict[str, int]
    reasons: dict[str, int]
    furthest_snap: int
    doubtful: dict[str, int]

    @property
    def share(self) -> float:
        """The share of the homes that are placed, 0 to 1; 0 where there are none."""
        return self.placed / self.homes if self.homes else 0.0

    def words(self) -> str:
        """The coverage as plain sentences."""
        share = _percent(self.placed, self.homes)
        text = f"{self.placed:,} of {self.homes:,} homes are placed{f' ({share})' if self.homes else ''}."
        if snapped := self.how.get("snapped"):
            text += f" {snapped:,} lay outside every area and took the nearest, at most {self.furthest_snap:,} m away."
        if self.reasons:
            text += " Not placed: " + "; ".join(f"{why}: {count:,}" for why, count in self.reasons.items()) + "."
        return text


def coverage(con: duckdb.DuckDBPyConnection, placed: str) -> Coverage:
    """The coverage of the table that :func:`place` made."""
    table = named(placed)
    homes, there, furthest = con.execute(
        f"select count(*), count(area), coalesce(max(snap_m) filter (area is not null), 0) from {table}"
    ).fetchone()

    def counts(column: str, where: str) -> dict[str, int]:
        rows = con.execute(
            f"select {column}, count(*) from {table} where {where} group by 1 order by count(*) desc, 1"
        ).fetchall()
        return dict(rows)

    how, reasons = counts("how", "area is not null"), counts("reason", "area is null")
    return Coverage(homes, there, how, reasons, furthest, counts("note", "note is not null"))


# --- the two ways --------------------------------------------------------------------------------------------------


def _by_postcode(
    con: duckdb.DuckDBPyConnection,
    pack: Pack,
    homes: str,
    layer: str,
    has_postcode: bool,
    by_point: bool,
    keep: Sequence[str],
    into: str,
    columns: Sequence[str],
) -> None:
    """Make the table of placed homes by one hash join."""
    lookup = postcode_areas(con, pack, layer, homes if has_postcode else None)
    missing = [column for column in keep if column not in columns]
    if missing:
        raise Refusal(f"The homes have no column {missing[0]!r}", next=f"They have: {', '.join(columns)}.")
    kept = [column for column in keep if column not in ("home_ref", "postcode")]
    carried = "".join(f", home.{named(column)}" for column in kept)
    points = ", try_cast(home.easting as double) as easting, try_cast(home.northing as double) as northing"
    points = points if by_point else ""
    reference = "home.home_ref" if "home_ref" in columns else "null::varchar"
    postcode = "home.postcode::varchar" if has_postcode else "null::varchar"
    con.execute(f"""
        create or replace temp table {named(into)} as
        select {reference} as home_ref, {postcode} as postcode, known.area, known.lad, known.e, known.n,
            case when known.area is null then null when known.snap_m > 0 then 'snapped' else 'postcode' end as how,
            known.snap_m, null::varchar as reason, null::varchar as note{points}{carried}
        from {homes} as home
        left join {lookup} as known on known.postcode = {spaced_postcode(postcode)}""")


def postcode_areas(con: duckdb.DuckDBPyConnection, pack: Pack, layer: str, homes: str | None) -> str:
    """A table for SQL of postcode, area (code of the layer), lad, e, n, snap_m.

    It is the pack's own postcodes where they reach the layer by their codes or those areas' parents; otherwise the
    postcodes of ``homes`` are placed by their grid reference in the layer's polygons.
    """
    if pack.has("postcodes"):
        has = pack.resource("postcodes").columns
        if layer in has:
            return f"(select postcode, {named(layer)} as area, lad, e, n, snap_m from {pack.sql('postcodes')})"
        for finer in (other for other in pack.layers if other in has):
            parent = f"select code, {named(layer)} as parent from {pack.sql('areas')} where layer = {quoted(finer)}"
            if con.execute(f"select 1 from ({parent}) where parent is not null limit 1").fetchone():
                return f"""(select postcode, parent as area, lad, e, n, snap_m from {pack.sql("postcodes")}
                    left join ({parent}) as area on code = {named(finer)})"""
    if layer not in pack.boundaries:
        raise Refusal(
            f"The pack {pack.name!r} can place no postcode in the layer {layer!r}",
            next="It has neither postcodes with codes of that layer nor its boundaries.",
        )
    return _postcodes_by_point(con, pack, layer, homes)


def _postcodes_by_point(con: duckdb.DuckDBPyConnection, pack: Pack, layer: str, homes: str | None) -> str:
    """The homes' own postcodes placed by point in polygon, as a temporary table."""
    grid = pack.sql("postcodes") if pack.has("postcodes") else f"read_parquet({quoted(uk_postcodes())})"
    wanted = f"select distinct {normal_postcode('postcode::varchar')} as postcode from {homes}" if homes else ""
    con.execute(f"""
        create or replace temp table _postcode_area as
        select grid.postcode, null::varchar as area, lad, e, n, 0 as snap_m
        from {grid} as grid where e is not null and postcode in ({wanted or "select null::varchar"})""")
    rows = con.execute("select rowid as row, e, n from _postcode_area").fetchnumpy()
    areas, away = locate(pack, layer, rows["e"], rows["n"])
    _write_back(con, "_postcode_area", rows["row"], areas, away, "area = found.area, snap_m = found.snap_m")
    return "_postcode_area"


def _by_point(con: duckdb.DuckDBPyConnection, pack: Pack, layer: str, into: str) -> None:
    """Where the home has a grid reference that is near its postcode, its polygon decides."""
    table = named(into)
    con.execute(f"""
        update {table} set note = 'the grid reference is more than {FAR // 1000} km from the postcode'
        where easting is not null and northing is not null and e is not null
            and (easting - e) ** 2 + (northing - n) ** 2 > {FAR}::double ** 2""")
    rows = con.execute(f"""
        select rowid as row, easting as e, northing as n from {table}
        where easting is not null and northing is not null and note is null""").fetchnumpy()
    areas, away = locate(pack, layer, rows["e"], rows["n"])
    _write_back(
        con,
        table,
        rows["row"],
        areas,
        away,
        """area = found.area, snap_m = found.snap_m, how = if(found.snap_m > 0, 'snapped', 'point'),
            e = easting, n = northing""",
    )
    if authority := pack.authority():
        con.execute(f"""
            update {table} set lad = area.{authority} from {pack.sql("areas")} as area
            where area.layer = {quoted(layer)} and area.code = {table}.area and how in ('point', 'snapped')
                and {table}.e = easting and {table}.n = northing""")


def _write_back(con, table: str, row, areas, away, changes: str) -> None:  # numpy arrays of one length
    con.register("_found", {"row": row, "area": areas, "snap_m": away})
    con.execute(f"""
        update {table} set {changes}
        from (select * from _found where area is not null) as found where {table}.rowid = found.row""")
    con.unregister("_found")


# --- reasons -------------------------------------------------------------------------------------------------------


def _tell_reasons(con: duckdb.DuckDBPyConnection, pack: Pack, layer: str, into: str, progress: Progress) -> None:
    """Say of each home that has no area why; a postcode with other white space in it gets its second chance here."""
    table = named(into)
    con.execute(f"""
        create or replace temp table _unplaced as
        select rowid as row, {normal_postcode("postcode")} as postcode from {table} where area is null""")
    if not con.execute("select count(*) from _unplaced").fetchone()[0]:
        return
    lookup = postcode_areas(con, pack, layer, "_unplaced")
    con.execute(f"""
        update {table} set area = known.area, lad = known.lad, e = known.e, n = known.n, snap_m = known.snap_m,
            how = if(known.snap_m > 0, 'snapped', 'postcode')
        from _unplaced join (select * from {lookup} where area is not null) as known using (postcode)
        where {table}.rowid = _unplaced.row""")
    nations = con.execute(f"""
        select distinct left(code, 1) from {pack.sql("areas")} where layer = {quoted(pack.authority() or layer)}
        """).fetchall()
    here = ", ".join(quoted(row[0]) for row in nations)
    nation = (
        "case left(uk.lad, 1) " + " ".join(f"when {quoted(k)} then {quoted(v)}" for k, v in NATIONS.items()) + " end"
    )
    outside = quoted(f"outside the pack's {_lower(pack.layer_titles[layer])}")
    con.execute(f"""
        update {table} set reason = case
            when told.postcode is null and {"easting is not null" if _has(con, table, "easting") else "false"}
                then {outside}
            when told.postcode is null then {quoted(NO_POSTCODE)}
            when told.known and told.lad is null then {quoted(NO_GRID)}
            when told.known and left(told.lad, 1) not in ({here})
                then 'in ' || told.nation || ': the pack covers ' || {quoted(pack.covers)}
            when told.known then {outside}
            when not regexp_full_match(told.postcode, {quoted(PATTERN)}) then {quoted(NOT_A_POSTCODE)}
            else {quoted(UNKNOWN)} end
        from (
            select _unplaced.row, _unplaced.postcode, uk.postcode is not null as known, uk.lad, {nation} as nation
            from _unplaced left join ({_known(con, pack, progress)}) as uk using (postcode)) as told
        where {table}.rowid = told.row and area is null""")


def _known(con: duckdb.DuckDBPyConnection, pack: Pack, progress: Progress) -> str:
    """Every postcode that exists, the pack's own and the UK's, with its authority."""
    tables = [pack.sql("postcodes")] if pack.has("postcodes") else []
    asks = f"select 1 from _unplaced where regexp_full_match(postcode, {quoted(PATTERN)}) limit 1"
    if not tables or con.execute(asks).fetchone():
        tables.append(f"read_parquet({quoted(uk_postcodes(progress))})")
    asked = "where postcode in (select postcode from _unplaced)"
    rows = " union all ".join(f"select postcode, lad from {table} {asked}" for table in tables)
    return f"select postcode, any_value(lad) as lad from ({rows}) group by postcode"


def _any_point(con: duckdb.DuckDBPyConnection, homes: str) -> bool:
    query = f"select 1 from {homes} where easting is not null and northing is not null limit 1"
    return con.execute(query).fetchone() is not None


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [row[0] for row in con.execute(f"describe from {table}").fetchall()]


def _has(con: duckdb.DuckDBPyConnection, table: str, column: str) -> bool:
    return column in _columns(con, table)


def _lower(title: str) -> str:
    """A title within a sentence: "Output areas 2021" loses its capital, "LSOAs 2021" keeps it."""
    return title if title[:2].isupper() else title[:1].lower() + title[1:]


def _percent(part: int, whole: int) -> str:
    """A share that never reads 100% (or 0%) unless it is all (or none)."""
    share = 100 * part / whole if whole else 0.0
    if part not in (0, whole):
        share = min(max(share, 0.1), 99.9)
    return f"{share:.1f}%"
