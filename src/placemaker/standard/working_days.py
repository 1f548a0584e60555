"""Working days in England: not a Saturday, not a Sunday and not a bank holiday.

The bank holidays come from the `holidays` package, which is kept up by its authors, the extra ones by proclamation
(a jubilee, a coronation) included. A calendar is made once for a connection and joined by day, so that the due days of
a million cases cost one join.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache

import duckdb

#: The days that the calendar knows; a due day outside cannot be told.
FIRST, LAST = date(2000, 1, 1), date(2050, 12, 31)

CALENDAR = "_working_day"


@cache
def bank_holidays() -> frozenset[date]:
    """The bank and public holidays of England, from 2000 to 2050, with the days given in lieu."""
    import holidays

    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=range(FIRST.year, LAST.year + 1)))


def is_working_day(day: date) -> bool:
    """Whether ``day`` is a working day in England."""
    return day.weekday() < 5 and day not in bank_holidays()


def make_calendar(con: duckdb.DuckDBPyConnection, lengths: Iterable[int]) -> str:
    """Make the table of days and return its name.

    Columns: ``day``; ``passed``, the working days from the first day of the calendar up to and including it; and for
    each number n of ``lengths`` ``plus_n``, the n-th working day after it, counted from the day after.
    """
    import numpy as np

    days = np.arange(np.datetime64(FIRST), np.datetime64(LAST) + 1)
    works = np.is_busday(days, holidays=[np.datetime64(day) for day in bank_holidays()])
    passed, working = works.cumsum(), days[works]
    columns = {"days": days.astype(np.int64), "passed": passed}
    for n in sorted(set(lengths)):
        at = passed + n - 1
        # Past the end of the calendar there is no day: -1 stands for none.
        columns[f"plus_{n}"] = np.where(at < len(working), working[at.clip(max=len(working) - 1)].astype(np.int64), -1)
    con.register(f"{CALENDAR}_made", columns)
    counted = ", ".join(
        f"date '1970-01-01' + cast(nullif({name}, -1) as integer) as {name}" for name in columns if name[:5] == "plus_"
    )
    con.execute(
        f"create or replace temp table {CALENDAR} as select date '1970-01-01' + cast(days as integer) as day, passed"
        f"{', ' + counted if counted else ''} from {CALENDAR}_made"
    )
    con.unregister(f"{CALENDAR}_made")
    return CALENDAR
