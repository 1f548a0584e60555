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
    # The days themselves are made in the engine, and only the holidays told to it: a list of all days takes seconds.
    free = ", ".join(f"date '{day}'" for day in sorted(bank_holidays()))
    con.execute(
        f"create or replace temp table {CALENDAR} as select day, works, "
        "count(*) filter (works) over (order by day) as passed from (select day, isodow(day) < 6 and day not in "
        f"({free}) as works from (select cast(unnest(generate_series(date '{FIRST}', date '{LAST}', interval 1 day)) "
        "as date) as day))"
    )
    for n in sorted(set(lengths)):
        con.execute(
            f"create or replace temp table {CALENDAR} as select c.*, w.day as plus_{n} from {CALENDAR} c "
            f"left join (select day, passed from {CALENDAR} where works) w on w.passed = c.passed + {n}"
        )
    return CALENDAR
