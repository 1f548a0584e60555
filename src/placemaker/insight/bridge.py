"""Which areas a neighbourhood is made of on every level of the long table, with what weight and how many homes.

Neighbourhoods come as areas of one layer. Indicators that go no lower than a coarser layer take that layer's areas,
each by the share of its residents inside. Indicators of 2011 areas take those through the official lookup of 2011 to
2021: an area unchanged as it is, a merged one with the whole it became, a split one by the share of its parts that is
inside. A code is never joined to another vintage by looking alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from placemaker.insight.longtable import LongTable

#: Made in the caller's connection for one call; each is dropped by the next one.
MADE_OF, AT_HOME, BRIDGE = "insight_made_of", "insight_at_home", "insight_bridge"


@dataclass(frozen=True)
class Links:
    """How areas of another vintage meet the areas of a layer: a pack's links resource."""

    old: str
    new: str
    table: str

    @property
    def share(self) -> str:
        """The column that holds the share of the old area that went to the new one."""
        return f"share_of_{self.old}"


def links(table: LongTable, base: str) -> list[Links]:
    """The pack's links from an older layer of the long table to ``base``."""
    found = []
    for old in table.levels:
        name = f"{old}_{base}"
        if old != base and table.pack.has(name):
            found.append(Links(old, base, table.pack.sql(name)))
    return found


def base_layer(table: LongTable, layer: str) -> str:
    """The layer in which a neighbourhood made of areas of ``layer`` is worked out."""
    if layer in table.levels:
        return layer
    return table.pack.finest if table.pack.finest in table.levels else table.levels[0]


def put_neighbourhoods(
    con: duckdb.DuckDBPyConnection, table: LongTable, layer: str, made_of: Iterable[tuple[int, str, float]]
) -> str:
    """Put (number, area code of ``layer``, weight) of a batch into the connection; returns its base layer."""
    numbers, codes, weights = [], [], []
    for number, code, weight in made_of:
        numbers.append(number)
        codes.append(code)
        weights.append(weight)
    base = base_layer(table, layer)
    con.execute(f"drop table if exists {MADE_OF}")
    con.execute(
        f"create temp table {MADE_OF} as select nb, code, sum(w) as w from (select unnest(?::int[]) as nb, "
        f"unnest(?::varchar[]) as code, unnest(?::double[]) as w) group by 1, 2",
        [numbers, codes, weights],
    )
    if base != layer:
        con.execute(f"""
            create or replace temp table {MADE_OF} as
            select nb, area.code, w from {MADE_OF} as made
            join {table.area} as area on area.in_{layer} = made.code and area.level = {table.levels.index(base)}""")
    return base


def put_homes(
    con: duckdb.DuckDBPyConnection, table: LongTable, base: str, homes: Sequence[Sequence[str] | None] | None,
    placed: str | None,
) -> None:  # fmt: skip
    """Count the landlord's homes of each neighbourhood by area: those listed, or else all that stand in its areas.

    ``placed`` (home_ref, area of the pack's finest layer) may be None: then nobody knows of homes.
    """
    con.execute(f"create or replace temp table {AT_HOME} (nb int, code varchar, h double)")
    if placed is None or homes is None:
        return
    finest = table.pack.finest
    if finest == base:
        where = f"(select home_ref, area as code from {placed} where area is not null)"
    else:
        level = table.levels.index(finest) if finest in table.levels else -1
        where = f"""(select home_ref, area.in_{base} as code from {placed} as placed
            join {table.area} as area on area.code = placed.area and area.level = {level})"""
    listed = [(number, refs) for number, refs in enumerate(homes) if refs is not None]
    if listed:
        numbers = [number for number, refs in listed for _ in refs]
        refs = [ref for _, refs in listed for ref in refs]
        con.execute(
            f"""insert into {AT_HOME} select nb, code, count(*) from
            (select unnest(?::int[]) as nb, unnest(?::varchar[]) as home_ref) join {where} using (home_ref) group by all""",
            [numbers, refs],
        )
    if len(listed) < len(homes):
        rest = ", ".join(str(number) for number, refs in enumerate(homes) if refs is None)
        con.execute(f"""
            insert into {AT_HOME} select nb, code, count(*) * any_value(w) from {MADE_OF} join {where} using (code)
            where nb in ({rest}) group by all""")


def make_bridge(con: duckdb.DuckDBPyConnection, table: LongTable, base: str) -> None:
    """The bridge (nb, area, w, h, changed): every level's areas with weight and homes.

    ``changed`` tells that an area of an older vintage is not the same as today's and is a best fit.
    """
    steps = [f"""at_{base} as (
        select nb, code, coalesce(made.w, 0) as w, coalesce(at_home.h, 0) as h, false as changed
        from {MADE_OF} as made full join {AT_HOME} as at_home using (nb, code))"""]  # fmt: skip
    reached = [base]
    for layer in _coarser(table, base):
        steps.append(_into_parents(table, base, layer))
        reached.append(layer)
    for new in tuple(reached):
        for link in links(table, new):
            if link.old not in reached:
                steps.append(_through_links(table, link))
                reached.append(link.old)
    parts = [
        f"select nb, area.area, w, h, changed from at_{layer} join {table.area} as area "
        f"on area.code = at_{layer}.code and area.level = {table.levels.index(layer)}"
        for layer in reached
    ]
    con.execute(f"create or replace temp table {BRIDGE} as with {', '.join(steps)} {' union all '.join(parts)}")


def _coarser(table: LongTable, base: str) -> list[str]:
    """The levels that are made of whole areas of ``base``."""
    older = {layer for new in table.levels for layer in (link.old for link in links(table, new))}
    after = table.pack.layers.index(base)
    return [layer for layer in table.levels if table.pack.layers.index(layer) > after and layer not in older]


def _into_parents(table: LongTable, base: str, layer: str) -> str:
    """Areas of a coarser layer, each by the share of its residents that is inside."""
    level = table.levels.index(base)
    return f"""at_{layer} as (
        select nb, area.in_{layer} as code, sum(own.w * area.population) / any_value(whole.population) as w,
            sum(own.h) as h, false as changed
        from at_{base} as own join {table.area} as area on area.code = own.code and area.level = {level}
        join (select in_{layer} as code, sum(population) as population from {table.area} where level = {level}
            group by 1) as whole on whole.code = area.in_{layer}
        group by 1, 2)"""


def _through_links(table: LongTable, link: Links) -> str:
    """Areas of an older vintage: the weights of the parts that it became, and of today's homes its part by residents."""
    level = table.levels.index(link.old)
    came_from = f"""(
        select link.{link.old} as old, link.{link.new} as new, link.change, link.{link.share} as share,
            share * coalesce(old.population, 1) / sum(share * coalesce(old.population, 1))
                over (partition by link.{link.new}) as share_of_new
        from {link.table} as link join {table.area} as old on old.code = link.{link.old} and old.level = {level})"""
    return f"""at_{link.old} as (
        select nb, old as code, sum(own.w * share) as w, sum(own.h * share_of_new) as h,
            bool_or(change <> 'U') as changed
        from at_{link.new} as own join {came_from} as link on link.new = own.code group by 1, 2)"""


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

