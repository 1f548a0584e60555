"""A neighbourhood put together from area codes, of any layers of the pack."""

from __future__ import annotations

import re
from collections.abc import Iterable

import duckdb

from placemaker.lake.errors import Refusal
from placemaker.places.home import named, quoted
from placemaker.places.neighbourhood import Fit, Neighbourhood, Neighbourhoods, make_ids, say_areas
from placemaker.places.pack import Pack

_CODE = "[A-Z][0-9]{8}"


def neighbourhoods_from_codes(
    con: duckdb.DuckDBPyConnection,
    pack: Pack,
    codes: Iterable[str],
    *,
    layer: str | None = None,
    name: str = "",
    placed: str | None = None,
) -> Neighbourhoods:
    """One neighbourhood of the areas with these codes, as whole areas of ``layer``.

    Codes of a coarser layer (an MSOA, ward or authority) stand for the areas inside them. Without ``layer`` it is the
    finest that all of the codes can be made of. A code is only looked for in the pack's own vintages; an authority's
    code of another year is told by its name. An area's name does for its code where only one area has it. ``placed``
    is the table of homes placed in that layer, for the view *our homes*. Raises Refusal naming the first code that the
    pack does not have.
    """
    wanted = [code.strip() for code in codes if code and code.strip()]
    if not wanted:
        raise Refusal("There is no area code", next="Give at least one.")
    layers = [pack.layer(layer)] if layer else list(pack.layers)
    wanted = list(dict.fromkeys(_code(con, pack, text) for text in wanted))
    known = _known(con, pack, wanted)
    for code in wanted:
        if code not in known:
            _refuse_code(con, pack, code)
    for candidate in layers:
        areas = _inside(con, pack, candidate, wanted)
        if all(code in areas for code in wanted):
            break
    else:
        asked = layer or "one layer"
        lacking = next((code for code in wanted if code not in areas), wanted[0])
        raise Refusal(
            f"{lacking} ({known[lacking][0]}) cannot be put together from whole areas of {asked}",
            next=f"Ask for another layer: {', '.join(pack.layers)}.",
        )
    chosen = sorted({area for found in areas.values() for area in found})
    title = name or _title([known[code][0] or code for code in wanted])
    words = f"{say_areas(pack, candidate, len(chosen))}, taken whole as asked for."
    weights, homes = {area: 0 for area in chosen}, None
    if placed:
        rows = con.execute(
            f"select home_ref, area from {named(placed)} where area in (select unnest(?::varchar[]))", [chosen]
        ).fetchall()
        homes = tuple(ref for ref, _ in rows)
        for _, area in rows:
            weights[area] += 1
        lie = "home lies" if len(rows) == 1 else "homes lie"
        words += f" {len(rows):,} {lie} in {'it' if len(chosen) == 1 else 'them'}."
    count = len(homes) if homes is not None else 0
    fit = Fit("homes" if placed else "areas", count or len(chosen), count or len(chosen), 1.0, 0.0, words)
    pairs = tuple((area, weights[area] / count if count else 0.0) for area in chosen)
    id = make_ids([title])[0]
    total = count if placed else None
    return Neighbourhoods([Neighbourhood(id, title, "codes", pairs, candidate, fit, homes, total)])


def _title(names: list[str]) -> str:
    """``Barnsley 018``, ``Barnsley 018 with Barnsley 019``, ``Barnsley 018 with 4 other areas``."""
    if len(names) <= 2:
        return " with ".join(names)
    return f"{names[0]} with {len(names) - 1} other areas"


def _code(con: duckdb.DuckDBPyConnection, pack: Pack, text: str) -> str:
    """The code that is meant: the text itself, or that of the one area so named. Raises Refusal where several are."""
    if _known(con, pack, [text.upper()]):
        return text.upper()
    rows = con.execute(
        f"select distinct code from {pack.sql('areas')} where lower(name) = lower(?) order by code", [text]
    ).fetchall()
    if len(rows) > 1:
        codes = ", ".join(code for (code,) in rows[:6])
        raise Refusal(f"{len(rows)} areas are named {text!r}", next=f"Give the code of one: {codes}.")
    return rows[0][0] if rows else text.upper() if re.fullmatch(_CODE, text.upper()) else text


def _known(con: duckdb.DuckDBPyConnection, pack: Pack, codes: list[str]) -> dict[str, tuple[str, str]]:
    """The name and layer of each code that is an area of the pack."""
    rows = con.execute(
        f"select code, name, layer from {pack.sql('areas')} where code in (select unnest(?::varchar[]))", [codes]
    ).fetchall()
    return {code: (name, layer) for code, name, layer in rows}


def _inside(con: duckdb.DuckDBPyConnection, pack: Pack, layer: str, codes: list[str]) -> dict[str, list[str]]:
    """The areas of the layer that each code is, or that lie in it; codes that have none are left out."""
    columns = pack.resource("areas").columns
    found: dict[str, list[str]] = {}
    for other in (column for column in pack.layers if column in columns):
        rows = con.execute(
            f"""select {named(other)}, list(code order by code) from {pack.sql("areas")}
            where layer = {quoted(layer)} and {named(other)} in (select unnest(?::varchar[])) group by 1""",
            [codes],
        ).fetchall()
        found |= {code: areas for code, areas in rows if code not in found}
    return found


def _refuse_code(con: duckdb.DuckDBPyConnection, pack: Pack, code: str) -> None:
    """Say what is wrong with a code that the pack does not have: another year's, another nation's, or none at all."""
    if pack.has("recodes"):
        row = con.execute(
            f"""select other.name, area.code from {pack.sql("recodes")} as own
            join {pack.sql("recodes")} as other using (live)
            join {pack.sql("areas")} as area on area.code = other.code where own.code = ?""",
            [code],
        ).fetchone()
        if row:
            raise Refusal(
                f"{code} is a code of another year for {row[0]}", next=f"This pack's code for it is {row[1]}: use that."
            )
    nations = {"S": "Scotland", "W": "Wales", "N": "Northern Ireland"}
    nation = nations.get(code[:1]) if re.fullmatch(_CODE, code) else None
    if nation and nation not in pack.covers:
        raise Refusal(
            f"{code} is an area in {nation}: the pack covers {pack.covers}", next="Use a pack that covers it."
        )
    if not re.fullmatch(_CODE, code):
        example = con.execute(f"select min(code) from {pack.sql('areas')} where layer = ?", [pack.finest]).fetchone()[0]
        raise Refusal(
            f"{code!r} is neither a code nor the name of an area of the pack {pack.name!r}",
            next=f"Give codes such as {example}, with commas between them.",
        )
    raise Refusal(
        f"{code} is no area of the pack {pack.name!r}, whose layers are {', '.join(pack.layers)}",
        next="Codes belong to one vintage: check the year of the boundaries they come from.",
    )
