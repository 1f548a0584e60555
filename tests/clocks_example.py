"""One case under a clock, for the tests of clocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from functools import cache
from typing import Any

import duckdb

from placemaker.standard.clock_files import ClockPack, read_clocks
from placemaker.standard.clocks import ClockRow, Clocks, clocks
from placemaker.standard.schema import table as table_of

#: What every case has that a test does not speak of.
PLAIN = {
    "hazard_case": {"home_ref": "H1", "hazard_type": "damp_mould", "status": "open"},
    "complaint": {"stage": 1, "status": "open"},
    "compliance_check": {"home_ref": "H1", "result": "pass"},
}


@contextmanager
def looked_at(
    pack: Any, table_name: str, rows: Iterable[dict[str, Any]], now: date | datetime | str
) -> Iterator[Clocks]:
    """The clocks of a pack over some rows of a table, all of whose fields are there."""
    moment = datetime.fromisoformat(now) if isinstance(now, str) and len(now) > 10 else now
    moment = date.fromisoformat(moment) if isinstance(moment, str) else moment
    table = table_of(table_name)
    con = duckdb.connect()
    con.execute(f"create table {table_name} ({', '.join(f'{f.name} {f.sql_type}' for f in table.fields)})")
    for number, row in enumerate(rows, 1):
        whole = {table.key: f"K{number}"} | PLAIN[table_name] | row
        marks = ", ".join("?" * len(whole))
        con.execute(f"insert into {table_name} ({', '.join(whole)}) values ({marks})", list(whole.values()))
    with clocks(con, pack, now=moment) as found:
        yield found
    con.close()


def stands(pack: Any, table_name: str, clock: str, now: date | datetime | str, **row: Any) -> ClockRow | None:
    """How one clock stands for one case; None where it does not count for it."""
    chosen = alone(pack, clock) if isinstance(pack, str) else pack
    with looked_at(chosen, table_name, [row], now) as found:
        return next((one for one in found if one.clock == clock), None)


@cache
def alone(pack: str, clock: str) -> ClockPack:
    """A pack with one clock and those that it counts from, so that a test does not wait for the rest."""
    whole = read_clocks(pack)
    (wanted,) = (one for one in whole.clocks if one.id == clock)
    kept, text = [], " ".join(wanted.expressions())
    for one in reversed(whole.clocks[: whole.clocks.index(wanted) + 1]):
        if one is wanted or one.name in text:
            kept.append(one)
            text += " ".join(one.expressions())
    return ClockPack(whole.name, whole.title, whole.nations, tuple(reversed(kept)), whole.series)
