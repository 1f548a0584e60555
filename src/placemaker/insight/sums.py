"""Adding up: the two sums of every indicator for many neighbourhoods at once, and for the places to compare with."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from placemaker.figure import Figure
from placemaker.insight import bridge
from placemaker.insight.longtable import LongTable, kept_folder
from placemaker.places.home import quoted

if TYPE_CHECKING:
    import numpy

#: Where social rented households make an area a social housing area: at least so many, by layer.
SOCIAL_AREAS = {"oa21": 20, "lsoa21": 150}
SOCIAL_INDICATOR = "social-renting-households"

_COLUMNS = ("num", "den", "homes_num", "homes_den", "areas", "unknown", "changed", "partly")


@dataclass(frozen=True)
class Sums:
    """Sums by place (rows) and indicator (columns), as arrays of doubles.

    ``num`` and ``den`` count each area once by its weight; ``homes_num`` and ``homes_den`` are each area's value times
    the landlord's homes there, and those homes. ``areas`` are the areas with the indicator, ``unknown`` those of them
    whose figure the publisher withholds, ``changed`` those of an older vintage that are a best fit, and ``partly``
    those that are only partly inside.
    """

    num: numpy.ndarray
    den: numpy.ndarray
    homes_num: numpy.ndarray
    homes_den: numpy.ndarray
    areas: numpy.ndarray
    unknown: numpy.ndarray
    changed: numpy.ndarray
    partly: numpy.ndarray


def add_up(con: duckdb.DuckDBPyConnection, table: LongTable, base: str, places: int) -> Sums:
    """The sums for the neighbourhoods numbered 0 to ``places - 1`` in the bridge, in one query."""
    found = con.execute(sums_sql(table, base)).fetchnumpy()
    return _spread(found, found["nb"], places, len(table.indicators))


def sums_sql(table: LongTable, base: str) -> str:
    """The query of the sums: nb, indicator and the fields of :class:`Sums`."""
    return f"""
        select nb, indicator, sum(w * num) as num, sum(w * den) as den,
            sum(h * num / den) filter (den > 0) as homes_num, sum(h) filter (den > 0) as homes_den,
            count(*) filter (w > 0) as areas, count(*) filter (w > 0 and num is null) as unknown,
            count(*) filter (w > 0 and changed) as changed,
            count(*) filter (w > 1e-9 and w < 1 - 1e-9 and not changed) as partly
        from {table.long} as long join {bridge.BRIDGE} as bridge on bridge.area = long.area
        where {bridge.level_filter(table, base)} group by nb, indicator"""


def _spread(found: dict, rows: numpy.ndarray, places: int, indicators: int) -> Sums:
    import numpy

    arrays = {}
    for name in _COLUMNS:
        values = numpy.zeros((places, indicators))
        values[rows, found["indicator"]] = numpy.ma.filled(found[name], 0)
        arrays[name] = values
    return Sums(**arrays)


class Comparisons:
    """The sums of authorities, regions, the country and its social housing areas, worked out once for a long table.

    They are kept beside the long table, so the next process reads them (some 45,000 rows for England).
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, table: LongTable) -> None:
        self.table = table
        self.base = comparison_layer(con, table)
        self.rows: dict[str, int] = {}
        self.names = dict(
            con.execute(
                f"select code, coalesce(name, code) from {table.pack.sql('areas')} where layer in "
                f"({', '.join(map(quoted, table.parents.values()))})"
            ).fetchall()
        )
        file = kept_folder(table.key) / "comparisons.parquet"
        if not file.is_file():
            self._make(con, file)
        found = con.execute(f"from read_parquet({quoted(file)})").fetchnumpy()
        for place in found["place"]:
            self.rows.setdefault(str(place), len(self.rows))
        import numpy

        where = numpy.array([self.rows[str(place)] for place in found["place"]], dtype=int)
        self.sums = _spread(found, where, len(self.rows), len(table.indicators))
        self._social: dict[str, Sums] = {}
        self.figures: dict[str, dict[int, Figure | None]] = {}

    def _make(self, con: duckdb.DuckDBPyConnection, file: Path) -> None:
        level = self.table.levels.index(self.base)
        held = " union all ".join(
            f"select {word} as place, code from {self.table.area} where level = {level} and {word} is not null"
            for word in self.table.parents
        )
        con.execute(f"""
            create or replace temp table {bridge.MADE_OF} as
            select (dense_rank() over (order by place) - 1)::int as nb, code, 0::double as h, place
            from (select distinct * from ({held}))""")
        bridge.open_links(con, self.table)
        bridge.put_homes(con, self.table, self.base, (), None)
        bridge.make_bridge(con, self.table, self.base)
        new = file.with_name(f".{file.name}-{os.getpid()}")
        con.execute(
            f"copy (select place, sums.* from ({sums_sql(self.table, self.base)}) as sums "
            f"join (select distinct nb, place from {bridge.MADE_OF}) using (nb)) "
            f"to {quoted(new)} (format parquet, compression zstd)"
        )
        new.replace(file)

    def of(self, code: str) -> tuple[Sums, int] | None:
        """The sums of the authority, region or country of this code, and the row that they are in."""
        return (self.sums, self.rows[code]) if code in self.rows else None

    def social(self, con: duckdb.DuckDBPyConnection, country: str, smallest: int | None) -> tuple[Sums, int] | None:
        """The sums of the country's social housing areas: those with ``smallest`` social rented households or more."""
        limit = self.social_limit(smallest)
        key = f"{country} {limit}"
        if key not in self._social:
            number = next((n for n, i in enumerate(self.table.indicators) if i.id == SOCIAL_INDICATOR), None)
            if number is None:
                return None
            con.execute(f"""
                create or replace temp table {bridge.MADE_OF} as select 0 as nb, code, 0::double as h
                from {self.table.area} as area join {self.table.long} as long using (area)
                where long.indicator = {number} and num >= {limit} and ctry = {quoted(country)}
                    and area.level = {self.table.levels.index(self.base)}""")
            bridge.put_homes(con, self.table, self.base, (), None)
            bridge.make_bridge(con, self.table, self.base)
            self._social[key] = add_up(con, self.table, self.base, 1)
        return self._social[key], 0

    def social_limit(self, smallest: int | None) -> int:
        """How many social rented households make a social housing area on the layer that is compared."""
        return smallest if smallest is not None else SOCIAL_AREAS.get(self.base, SOCIAL_AREAS["lsoa21"])


def comparison_layer(con: duckdb.DuckDBPyConnection, table: LongTable) -> str:
    """The finest layer that reaches the whole of the pack's country, and is not of an older vintage."""
    totals = dict(con.execute(f"select level, sum(population) from {table.area} group by 1").fetchall())
    usable = bridge.todays(table)
    most = max(totals.get(table.levels.index(layer)) or 0 for layer in usable)
    return next(layer for layer in usable if (totals.get(table.levels.index(layer)) or 0) >= 0.999 * most)
