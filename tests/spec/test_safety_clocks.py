"""Safety checks by law: each check runs until the next of its kind on the same home or building."""

from __future__ import annotations

from datetime import date

import pytest
from clocks_example import looked_at, stands

NOW = "2027-06-30"


def series(clock, *rows, now=NOW):
    """How the clock stands for each of some checks, in their order."""
    with looked_at("safety-2023", "compliance_check", rows, now) as found:
        by_key = {row.key: row for row in found if row.clock == clock}
        return [by_key.get(f"K{n}") for n in range(1, len(rows) + 1)]


def gas(done, **more):
    return {"kind": "gas", "done_date": done, **more}


def test_gas_is_checked_within_twelve_months():
    first, second = series("gas-yearly", gas("2025-03-10"), gas("2026-03-10"))
    assert (first.verdict, first.due_date) == ("met", date(2026, 3, 10))
    assert (second.verdict, second.due_date) == ("overdue", date(2027, 3, 10))
    late, _ = series("gas-yearly", gas("2025-03-10"), gas("2026-03-11"))
    assert (late.verdict, late.late_days) == ("late", 1)


def test_gas_checked_in_the_last_two_months_keeps_its_deadline():
    """Regulation 36A: due on 10 March 2026, checked on 20 January, due again on 10 March 2027."""
    _, early = series("gas-yearly", gas("2025-03-10", due_date="2026-03-10"), gas("2026-01-20", due_date="2027-03-10"))
    assert early.due_date == date(2027, 3, 10)
    _, earlier = series("gas-yearly", gas("2025-03-10", due_date="2026-03-10"), gas("2026-01-09"))
    assert earlier.due_date == date(2027, 1, 9)


def test_a_visit_without_access_is_no_check():
    first, visit = series("gas-yearly", gas("2025-03-10"), gas("2026-03-01", result="no_access"), now="2026-03-20")
    assert (first.verdict, first.late_days) == ("overdue", 10)


def test_checks_of_another_home_or_kind_are_no_next_check():
    other = gas("2026-03-01", home_ref="H2")
    first, *_ = series("gas-yearly", gas("2025-03-10"), other, {"kind": "electrical", "done_date": "2026-03-01"})
    assert first.verdict == "overdue"


def test_a_year_from_29_february_ends_on_the_28th():
    (found,) = series("gas-yearly", gas("2024-02-29"), now="2024-03-01")
    assert found.due_date == date(2025, 2, 28)


@pytest.mark.parametrize("done, asked, due", [
    ("2022-03-10", None, date(2027, 3, 10)),
    ("2022-03-10", "2027-01-10", date(2027, 1, 10)),  # the report asks for it sooner
    ("2022-03-10", "2032-03-10", date(2027, 3, 10)),  # no report makes it longer than five years
    ("2019-03-10", None, date(2026, 10, 31)),  # older tenancies: the first inspection before 1 November 2026
])  # fmt: skip
def test_electrics_are_inspected_within_five_years(done, asked, due):
    found = stands(
        "safety-2023", "compliance_check", "electrical-five-yearly", NOW, kind="electrical", done_date=done,
        due_date=asked,
    )  # fmt: skip
    assert found.due_date == due


def test_electrical_faults_are_put_right_in_28_days_or_sooner():
    row = {"kind": "electrical", "done_date": "2026-02-02", "result": "fail"}
    pack = ("safety-2023", "compliance_check", "electrical-remedied", NOW)
    assert stands(*pack, **row).due_date == date(2026, 3, 2)
    assert stands(*pack, **row, remedial_due_date="2026-02-09").due_date == date(2026, 2, 9)
    assert stands(*pack, **row, remedial_done_date="2026-03-02").verdict == "met"
    assert stands(*pack, **row | {"done_date": "2025-10-31"}) is None  # not yet in force for social landlords


def test_a_lift_for_people_is_examined_every_six_months_and_one_for_goods_every_year():
    row = {"kind": "lift", "home_ref": None, "building_ref": "B1", "done_date": "2026-08-31"}
    assert stands("safety-2023", "compliance_check", "lift-six-monthly", NOW, **row).due_date == date(2027, 2, 28)
    goods = row | {"carries_people": False}
    assert stands("safety-2023", "compliance_check", "lift-six-monthly", NOW, **goods) is None
    assert stands("safety-2023", "compliance_check", "goods-lift-yearly", NOW, **goods).due_date == date(2027, 8, 31)


@pytest.mark.parametrize("kind, clock", [
    ("fire", "fire-risk-reviewed"), ("legionella", "legionella-reviewed"), ("smoke_alarm", "alarms-checked"),
    ("asbestos", "asbestos-reinspected"),
])  # fmt: skip
def test_others_are_due_on_the_day_they_ask_for(kind, clock):
    row = {"kind": kind, "done_date": "2026-02-02", "due_date": "2027-02-01"}
    assert stands("safety-2023", "compliance_check", clock, NOW, **row).verdict == "overdue"
    assert stands("safety-2023", "compliance_check", clock, "2027-02-01", **row).verdict == "running"
