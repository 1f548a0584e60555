"""Working days against a plain count, day by day."""

from __future__ import annotations

from datetime import date, timedelta

import duckdb
import pytest
from clocks_example import looked_at
from hypothesis import given, settings
from hypothesis import strategies as st

from placemaker.standard.clock_files import Clock, ClockPack, Length, Limb
from placemaker.standard.working_days import CALENDAR, LAST, bank_holidays, is_working_day, make_calendar

LENGTHS = (1, 2, 3, 4, 5, 10, 20)


def counted(start: date, number: int) -> date:
    """The plain way: step a day at a time from the day after, and count those on which people work."""
    day = start
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < 5 and day not in bank_holidays()
    return day


@pytest.fixture(scope="module")
def calendar():
    con = duckdb.connect()
    make_calendar(con, LENGTHS)
    yield con
    con.close()


@settings(max_examples=300, deadline=None)
@given(start=st.dates(date(2000, 1, 1), date(2050, 10, 1)), number=st.sampled_from(LENGTHS))
def test_the_calendar_counts_as_a_person_does(calendar, start, number):
    found = calendar.execute(f"select plus_{number} from {CALENDAR} where day = ?", [start]).fetchone()[0]
    assert found == counted(start, number)
    assert is_working_day(found)


def test_past_its_end_the_calendar_gives_no_day(calendar):
    assert calendar.execute(f"select plus_20 from {CALENDAR} where day = ?", [LAST]).fetchone() == (None,)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.dates(date(2025, 10, 27), date(2028, 1, 31)), st.integers(0, 30)), min_size=1, max_size=40),
    st.dates(date(2025, 11, 1), date(2028, 6, 30)),
)
def test_verdicts_are_those_of_a_plain_reading(cases, now):
    """Ten working days to investigate, for cases told and investigated on days that Hypothesis picks."""
    rows = [
        {"severity": "significant", "reported_at": told, "investigated_at": told + timedelta(days=took)}
        for told, took in cases
    ]
    with looked_at("awaab-2025", "hazard_case", rows, now) as found:
        verdicts = {row.key: row for row in found if row.clock == "significant-investigated"}
    for number, (told, took) in enumerate(cases, 1):
        due, ended = counted(told, 10), told + timedelta(days=took)
        if told > now:
            expected = "not started"
        elif ended <= now:
            expected = "met" if ended <= due else "late"
        else:
            expected = "running" if now <= due else "overdue"
        row = verdicts[f"K{number}"]
        assert (row.verdict, row.due_date) == (expected, due)
        late = (min(ended, now) if ended <= now else now) - due
        assert row.late_days == (late.days if expected in ("late", "overdue") else None)


def test_bank_holidays_are_englands():
    """The days that gov.uk gives for England and Wales: moved ones, and those given once."""
    special = ["2020-05-08", "2022-06-03", "2022-09-19", "2023-05-08", "2026-12-28", "2027-12-27", "2027-12-28"]
    assert {date.fromisoformat(day) for day in special} <= bank_holidays()
    other = ["2020-05-04", "2026-03-17", "2026-11-30", "2026-01-02", "2026-08-03"]  # Ireland's and Scotland's
    assert not {date.fromisoformat(day) for day in other} & bank_holidays()


@settings(max_examples=15, deadline=None)
@given(st.dates(date(2026, 1, 1), date(2028, 1, 31)), st.sampled_from((1, 2, 5)))
def test_a_first_day_that_counts_itself_is_the_first_on_which_people_work(start, number):
    """From a Saturday, the first working day is the Monday after, and not the Friday before."""
    clock = Clock(
        "ours", "complaint", "Ours", "", "received_date", (Limb("", "responded_date", Length("working_days", number)),),
        days_less=1,
    )  # fmt: skip
    pack = ClockPack("ours", "Ours", (), (clock,), {})
    with looked_at(pack, "complaint", [{"received_date": start}], date(2028, 12, 31)) as found:
        (row,) = found
    assert row.due_date == counted(start - timedelta(days=1), number)
