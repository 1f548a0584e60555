"""What a load changes in a table: new, changed and gone, by one hash join with what is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import duckdb

from placemaker.lake.errors import Refusal
from placemaker.lake.snapshot import literal, quoted


@dataclass(frozen=True, slots=True)
class Difference:
    """What a load changes in one table, in rows: ``new`` keys, ``changed`` rows, keys ``gone``; ``before`` is what the
    load replaces: the source's rows, or those of the period, none for an addition; ``outside`` are new rows whose date
    lies outside the period."""

    new: int
    changed: int
    gone: int
    before: int
    outside: int = 0

    @property
    def share_gone(self) -> float:
        """The share of the earlier rows that the load takes away, 0 to 1."""
        return self.gone / self.before if self.before else 0.0


@dataclass(frozen=True, slots=True)
class Incoming:
    """The rows that a load brings to one table: the query ``rows`` with exactly ``columns`` (SQL types) and ``_row``.

    ``there`` are the columns that the lake's table has now, none where there is no such table; ``key`` is unique among
    the rows; ``replaced`` is the condition for the source's earlier rows that the load stands for.
    """

    table: str
    rows: str
    columns: dict[str, str]
    there: dict[str, str]
    key: tuple[str, ...]
    replaced: str


def compare(con: duckdb.DuckDBPyConnection, incoming: Incoming, source: str, loaded: int) -> Difference:
    """What the ``loaded`` rows change among those of ``source``. Raises Refusal where a field has another type now.

    Rows are the same where a 64-bit hash of their fields is: that a change goes uncounted has odds of 1 in 10^19. What
    is written does not depend on it.
    """
    there = incoming.there
    for name, sqltype in incoming.columns.items():
        if name in there and there[name] != _type_name(con, sqltype):
            raise Refusal(
                f"The field {name} is {there[name]} in the lake and {sqltype} in this load.",
                incoming.table,
                "Load it into a new workspace, or with the version of Placemaker that made this one.",
            )
    earlier = f"lake.main.{quoted(incoming.table)} where _source = {literal(source)}"
    if not there or con.execute(f"select 1 from {earlier} limit 1").fetchone() is None:
        return Difference(loaded, 0, 0, 0)
    keys = ", ".join(quoted(name) for name in incoming.key)
    others = [name for name in incoming.columns if name not in incoming.key]
    new_fields = ", ".join(quoted(name) for name in others) or "0"
    old_fields = ", ".join(
        quoted(name) if name in there else f"cast(null as {incoming.columns[name]})" for name in others
    )
    join = "left" if incoming.replaced == "false" else "full"
    new, changed, gone, before = con.execute(
        f"select count(*) filter (e._here is null), "
        f"count(*) filter (i._here and e._here and i._mark <> e._mark), "
        f"count(*) filter (i._here is null and e._replaced), count(*) filter (e._replaced) "
        f"from (select {keys}, hash({new_fields}) as _mark, true as _here from ({incoming.rows})) i {join} join "
        f"(select {keys}, hash({old_fields or '0'}) as _mark, true as _here, {incoming.replaced} as _replaced "
        f"from {earlier}) e using ({keys})"
    ).fetchone()
    return Difference(new, changed, gone, before)


def in_period(field: str, days: tuple[date, date]) -> str:
    """The condition that a date field lies in a period; false where it is empty."""
    return f"coalesce(cast({quoted(field)} as date) between date '{days[0]}' and date '{days[1]}', false)"


def _type_name(con: duckdb.DuckDBPyConnection, sqltype: str) -> str:
    """An SQL type as DuckDB writes it: ``INT`` is ``INTEGER``."""
    return str(con.execute(f"select typeof(cast(null as {sqltype}))").fetchone()[0])
