"""Which areas a neighbourhood is made of on every level of the long table, with what weight and how many homes.

Neighbourhoods come as whole areas of one layer. Indicators that go no lower than a coarser layer take that layer's
areas, each by the share of its residents inside. Indicators of 2011 areas take those through the official lookup of
2011 to 2021: an area unchanged as it is, a merged one with the whole it became, a split one by the share of its parts
that is inside. A code is never joined to another vintage by looking alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from placemaker.insight.arrays import put
from placemaker.insight.longtable import LongTable

#: Made in the caller's connection for one call; each is dropped by the next one.
MADE_OF, AT_HOME, BRIDGE = "insight_made_of", "insight_at_home", "insight_bridge"


@dataclass(frozen=True)
class Links:
    """How areas of an older vintage meet the areas of today's layer: ``table`` has old, new, change, share (of the old
    area that went to the new one) and share_of_new (of the new one's residents that came from the old one)."""

    old: str
    new: str
    table: str


def links(table: LongTable, new: str) -> list[Links]:
    """The pack's links from an older layer of the long table to ``new``."""
    return [Links(old, new, f"{table.area}_{old}_{new}") for old in table.levels if table.pack.has(f"{old}_{new}")]


def open_links(con: duckdb.DuckDBPyConnection, table: LongTable) -> None:
    """Make the tables of the links in the connection, once."""
    for new in table.levels:
        for link in links(table, new):
            old = table.levels.index(link.old)
            con.execute(f"""
                create table if not exists {link.table} as
                with pair as (
                    select {link.old} as old, {link.new} as new, change, share_of_{link.old} as share,
                        share_of_{link.old} * coalesce(area.population, 1) as people
                    from {table.pack.sql(f"{link.old}_{link.new}")}
                    join {table.area} as area on area.code = {link.old} and area.level = {old})
                select old, new, change, share, people / sum(people) over (partition by new) as share_of_new from pair
            """)


#: How areas weigh when they share out a coarser one: by residents, or by households where those are not known.
PEOPLE = "coalesce(area.population, area.households, 1)"


def todays(table: LongTable) -> list[str]:
    """The levels that are not of an older vintage, which is reached through links."""
    older = {old for old in table.levels for new in table.levels if old != new and table.pack.has(f"{old}_{new}")}
    return [layer for layer in table.levels if layer not in older]


def _todays_levels(table: LongTable) -> str:
    return ", ".join(str(table.levels.index(layer)) for layer in todays(table))


def base_layer(table: LongTable, layer: str) -> str:
    """The layer in which a neighbourhood made of areas of ``layer`` is worked out."""
    if layer in table.levels:
        return layer
    return todays(table)[0]


def put_neighbourhoods(
    con: duckdb.DuckDBPyConnection, table: LongTable, layer: str, made_of: Iterable[tuple[int, str, float]]
) -> str:
    """Put a batch into the connection as (number, area code of ``layer``, homes known there); returns its base layer.

    The view of the neighbourhood counts each of its areas once, so an area's weight is 1.
    """
    rows = list(made_of)
    base = base_layer(table, layer)
    put(con, MADE_OF, nb=("int", [r[0] for r in rows]), code=("text", [r[1] for r in rows]),
        h=("double", [r[2] for r in rows]))  # fmt: skip
    if base != layer:
        con.execute(f"""
            create or replace temp table {MADE_OF} as
            select nb, area.code, h / count(*) over (partition by nb, made.code) as h from {MADE_OF} as made
            join {table.area} as area on area.in_{layer} = made.code and area.level = {table.levels.index(base)}""")
    return base


def put_homes(
    con: duckdb.DuckDBPyConnection,
    table: LongTable,
    base: str,
    homes: Sequence[Sequence[str] | None],
    placed: str | None,
) -> None:
    """Count the landlord's homes of each neighbourhood by area.

    ``placed`` (home_ref, area) has one row a home: those listed count, or else all that stand in the areas. Without it
    the homes are those that the neighbourhoods themselves say they have in each area.
    """
    if placed is None:
        con.execute(f"create or replace temp table {AT_HOME} as select nb, code, h from {MADE_OF} where h > 0")
        return
    standing = f"""(select home_ref, area.in_{base} as code from {placed} as placed
        join {table.area} as area on area.code = placed.area and area.level in ({_todays_levels(table)})
        where area.in_{base} is not null)"""
    listed = [(number, refs) for number, refs in enumerate(homes) if refs is not None]
    put(con, "insight_listed", nb=("int", [n for n, refs in listed for _ in refs]),
        home_ref=("text", [ref for _, refs in listed for ref in refs]))  # fmt: skip
    rest = ", ".join(str(number) for number, refs in enumerate(homes) if refs is None) or "-1"
    con.execute(f"""
        create or replace temp table {AT_HOME} as
        select nb, code, count(*)::double as h from insight_listed join {standing} using (home_ref) group by all
        union all
        select nb, code, count(*)::double as h from {MADE_OF} join {standing} using (code)
        where nb in ({rest}) group by all""")


def put_stock(con: duckdb.DuckDBPyConnection, table: LongTable, base: str, number: int, placed: str) -> None:
    """Put all the landlord's homes as neighbourhood ``number``, which has homes and no areas of its own."""
    con.execute(f"""
        insert into {AT_HOME} select {number}, area.in_{base}, count(*)::double from {placed} as placed
        join {table.area} as area on area.code = placed.area and area.level in ({_todays_levels(table)})
        where area.in_{base} is not null group by all""")


def make_bridge(con: duckdb.DuckDBPyConnection, table: LongTable, base: str) -> None:
    """The bridge (nb, area, w, h, changed): every level's areas with weight and homes.

    ``changed`` tells that an area of an older vintage is not the same as today's and is a best fit.
    """
    steps = [f"""at_{base} as (
        select nb, code, if(made.code is null, 0.0, 1.0) as w, coalesce(at_home.h, 0) as h, false as changed
        from {MADE_OF} as made full join {AT_HOME} as at_home using (nb, code))"""]  # fmt: skip
    reached = [base]
    for layer in _coarser(table, base):
        steps.append(_into_parents(table, base, layer))
        reached.append(layer)
    for new in tuple(reached):
        for link in links(table, new):
            if link.old not in reached:
                steps.append(_through_links(link))
                reached.append(link.old)
    parts = [
        f"select nb, area.area, w, h, changed from at_{layer} join {table.area} as area "
        f"on area.code = at_{layer}.code and area.level = {table.levels.index(layer)}"
        for layer in reached
    ]
    con.execute(f"create or replace temp table {BRIDGE} as with {', '.join(steps)} {' union all '.join(parts)}")


def _coarser(table: LongTable, base: str) -> list[str]:
    """The levels that are made of whole areas of ``base``."""
    after = table.pack.layers.index(base)
    return [layer for layer in todays(table) if table.pack.layers.index(layer) > after]


def _into_parents(table: LongTable, base: str, layer: str) -> str:
    """Areas of a coarser layer, each by the share of its residents that is inside."""
    level = table.levels.index(base)
    return f"""at_{layer} as (
        select nb, area.in_{layer} as code, sum(own.w * {PEOPLE}) / any_value(whole.people) as w,
            sum(own.h) as h, false as changed
        from at_{base} as own join {table.area} as area on area.code = own.code and area.level = {level}
        join (select in_{layer} as code, sum({PEOPLE}) as people from {table.area} as area where level = {level}
            group by 1) as whole on whole.code = area.in_{layer}
        group by 1, 2)"""


def _through_links(link: Links) -> str:
    """Areas of an older vintage: the shares that went to areas inside, and today's homes by residents."""
    return f"""at_{link.old} as (
        select nb, old as code, sum(own.w * share) as w, sum(own.h * share_of_new) as h,
            bool_or(change <> 'U') as changed
        from at_{link.new} as own join {link.table} as link on link.new = own.code group by 1, 2)"""


def level_filter(table: LongTable, base: str) -> str:
    """SQL that keeps, of an indicator answered on several levels, the one for neighbourhoods of ``base``."""
    several: dict[str, list[int]] = {}
    for number, indicator in enumerate(table.indicators):
        chosen = table.at_level(indicator, base)
        for layer, dataset in indicator.datasets().items():
            if layer != chosen and layer in table.levels and table.pack.has(dataset):
                several.setdefault(layer, []).append(number)
    unwanted = [
        f"(level = {table.levels.index(layer)} and indicator in ({', '.join(map(str, numbers))}))"
        for layer, numbers in several.items()
    ]
    return f"not ({' or '.join(unwanted)})" if unwanted else "true"
