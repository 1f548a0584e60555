"""Neighbourhoods made of homes or postcodes: the areas that hold them, each weighted by how many it holds."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb

from placemaker.lake.errors import Refusal
from placemaker.places.home import Progress, named, quiet, quoted
from placemaker.places.neighbourhood import Fit, Neighbourhood, Neighbourhoods, make_ids, percent, say_areas, shares
from placemaker.places.pack import Pack
from placemaker.places.placing import place
from placemaker.places.postcode_file import PostcodeRows, read_postcodes


def neighbourhoods_from_column(
    con: duckdb.DuckDBPyConnection,
    pack: Pack,
    placed: str,
    column: str,
    *,
    layer: str | None = None,
    homes: str | None = None,
) -> Neighbourhoods:
    """One neighbourhood for each value of a column of the homes (patch, estate_ref).

    ``placed`` is the table that :func:`~placemaker.places.placing.place` made for ``layer``. The column is its own
    (``keep=``), or one of the table ``homes``, joined by home_ref. Homes without a value are in ``left_out``.
    """
    source = named(placed)
    columns = [row[0] for row in con.execute(f"describe from {homes or source}").fetchall()]
    if homes is not None:
        source = f"(select p.*, h.{named(column)} from {source} as p join {homes} as h using (home_ref))"
    if column not in columns:
        raise Refusal(f"The homes have no column {column!r}", next=f"They have: {', '.join(columns)}.")
    return _by_name(con, pack, source, named(column), pack.layer(layer), "column", with_homes=True)


def neighbourhoods_from_named_postcodes(
    con: duckdb.DuckDBPyConnection,
    pack: Pack,
    file: str | Path,
    *,
    layer: str | None = None,
    progress: Progress = quiet,
) -> Neighbourhoods:
    """One neighbourhood for each name in a ``postcode,name`` file; each row counts as a home.

    The temporary table ``_postcode_placed`` holds the rows as :func:`~placemaker.places.placing.place` placed them.
    """
    rows = read_postcodes(file, named=True)
    _keep_rows(con, rows)
    place(con, pack, "_postcode_row", layer, keep=["name"], into="_postcode_placed", progress=progress)
    return _by_name(con, pack, "_postcode_placed", "name", pack.layer(layer), "postcodes", file=rows.file)


def neighbourhoods_from_postcodes(
    con: duckdb.DuckDBPyConnection,
    pack: Pack,
    source: str | Path | Iterable[str],
    *,
    name: str = "Your homes",
    layer: str | None = None,
    progress: Progress = quiet,
) -> Neighbourhoods:
    """One neighbourhood of all the postcodes in a file or list; each row counts as a home.

    The temporary table ``_postcode_placed`` holds the rows as :func:`~placemaker.places.placing.place` placed them.
    """
    rows = read_postcodes(source)
    _keep_rows(con, PostcodeRows(rows.postcodes, (name,) * len(rows.postcodes), rows.file))
    place(con, pack, "_postcode_row", layer, keep=["name"], into="_postcode_placed", progress=progress)
    return _by_name(con, pack, "_postcode_placed", "name", pack.layer(layer), "postcodes", file=rows.file)


def _keep_rows(con: duckdb.DuckDBPyConnection, rows: PostcodeRows) -> None:
    """The rows as the temporary table ``_postcode_row``: home_ref (the row's number), postcode, name."""
    if not rows.postcodes:
        raise Refusal("There is no postcode to place", rows.file, "Give at least one.")
    # Two long texts split by the engine are taken much faster than a list of Python strings.
    columns = [_joined(rows.postcodes), _joined(rows.names or ())]
    con.execute(
        """create or replace temp table _postcode_row as
        select row_number() over ()::varchar as home_ref, postcode, nullif(name, '') as name
        from (select unnest(string_split(?, chr(30))) as postcode, unnest(string_split(?, chr(30))) as name)""",
        columns,
    )


def _joined(texts: Iterable[str]) -> str:
    return "\x1e".join(text.replace("\x1e", "") for text in texts)


def _by_name(
    con: duckdb.DuckDBPyConnection,
    pack: Pack,
    placed: str,
    column: str,
    layer: str,
    how: str,
    with_homes: bool = False,
    file: str = "",
) -> Neighbourhoods:
    references = "list(home_ref order by home_ref)" if with_homes else "null"
    rows = con.execute(f"""
        select {column}::varchar as name, area, count(*) as homes, {references} as refs, any_value(reason) as reason
        from {placed} group by 1, 2 order by 1, 2""").fetchall()
    if not rows:
        raise Refusal("There are no homes to make neighbourhoods of", file, "Load the homes first.")
    households = dict(
        con.execute(
            f"select code, households from {pack.sql('areas')} where layer = {quoted(layer)} and households is not null"
        ).fetchall()
    )
    by_name: dict[str, dict[str | None, int]] = {}
    references_of: dict[str, list[str]] = {}
    left_out: list[tuple[str, str]] = []
    for name, area, count, refs, _ in rows:
        if not name:
            continue
        by_name.setdefault(name, {})[area] = count
        references_of.setdefault(name, []).extend(refs or ())
    if unnamed := sum(row[2] for row in rows if not row[0]):
        have = "1 home has" if unnamed == 1 else f"{unnamed:,} homes have"
        left_out.append(("", f"{have} no {column.strip(chr(34))}"))
    there = {name: counts for name, counts in by_name.items() if any(area for area in counts)}
    left_out += [(name, "none of its homes could be placed") for name in by_name if name not in there]
    if not there:
        reasons = sorted({row[4] for row in rows if row[4]})
        raise Refusal(
            f"No neighbourhood has an area, because none of the homes could be placed ({'; '.join(reasons)})",
            file,
            "Check the postcodes, or use a place pack that covers them.",
        )
    lost: dict[str, list[tuple[str, int]]] = {}
    for name, reason, count in con.execute(f"""
        select {column}::varchar, reason, count(*) from {placed} where area is null
        group by 1, 2 order by 3 desc, 2""").fetchall():
        lost.setdefault(name, []).append((reason, count))
    made = Neighbourhoods()
    for id, (name, counts) in zip(make_ids(there), there.items(), strict=True):
        areas = {area: count for area, count in counts.items() if area}
        fit = _fit(pack, layer, areas, counts.get(None, 0), households)
        homes = tuple(references_of[name]) if with_homes else None
        note = _note(areas)
        total = sum(counts.values())
        why = tuple(lost.get(name, ()))
        made.append(Neighbourhood(id, name, how, shares(areas), layer, fit, homes, total, note, not_placed=why))
    made.left_out = tuple(left_out)
    return made


def _fit(pack: Pack, layer: str, areas: dict[str, int], lost: int, households: dict[str, int]) -> Fit:
    inside = sum(areas.values())
    total = inside + lost
    homes, lie = ("home", "lies") if total == 1 else ("homes", "lies" if inside == 1 else "lie")
    where = say_areas(pack, layer, len(areas))
    words = f"{inside:,} of {total:,} {homes} ({percent(inside / total)}) {lie} in {where}."
    outside = None
    if all(area in households for area in areas) and (all_homes := sum(households[area] for area in areas)):
        outside = max(0.0, 1 - inside / all_homes)
        those = "That area has" if len(areas) == 1 else "Those areas have"
        noun = "household" if all_homes == 1 else "households"
        these = "this home is" if inside == 1 else "these homes are"
        words += f" {those} {all_homes:,} {noun}; {these} {percent(1 - outside)} of that."
    return Fit("homes", inside, total, inside / total, outside, words)


def _note(areas: dict[str, int]) -> str:
    """A word of warning where a few homes bring in a whole area."""
    total = sum(areas.values())
    few = [area for area, count in areas.items() if count < min(0.02 * total, 0.25 * total / len(areas))]
    if not few:
        return ""
    these, them = ("1 area holds", "it") if len(few) == 1 else (f"{len(few)} areas hold", "them")
    return f"{these} only a few of the homes; the neighbourhood view counts {them} whole."
