"""Awaab's Law, clause by clause: the Hazards in Social Housing (Prescribed Requirements) (England) Regulations 2025."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from clocks_example import looked_at, stands

NOW = "2026-09-30"


def hazard(clock, now=NOW, **row):
    return stands("awaab-2025", "hazard_case", clock, now, **row)


def emergency(clock, now=NOW, **row):
    return hazard(clock, now, **{"severity": "emergency"} | row)


def significant(clock, now=NOW, **row):
    return hazard(clock, now, **{"severity": "significant"} | row)


# --- an emergency hazard: 24 hours ------------------------------------------------------------------------------------


@pytest.mark.parametrize("clock, field", [
    ("emergency-investigated", "investigated_at"), ("emergency-made-safe", "made_safe_at"),
])  # fmt: skip
def test_an_emergency_is_investigated_and_made_safe_within_24_hours_of_awareness(clock, field):
    told = {"reported_at": "2026-02-02 09:15:00"}
    in_time = emergency(clock, **told, **{field: "2026-02-03 09:15:00"})
    too_late = emergency(clock, **told, **{field: "2026-02-03 09:15:01"})
    assert (in_time.verdict, in_time.due_at) == ("met", datetime(2026, 2, 3, 9, 15))
    assert too_late.verdict == "late"


def test_investigating_in_time_is_not_making_safe_in_time():
    row = {"reported_at": "2026-02-02 09:15:00", "investigated_at": "2026-02-02 10:00:00"}
    assert emergency("emergency-investigated", **row).verdict == "met"
    assert emergency("emergency-made-safe", **row).verdict == "overdue"


def test_24_hours_run_through_weekends_and_bank_holidays():
    """Good Friday 2026 is 3 April: 18:00 on it is due at 18:00 on the Saturday."""
    row = {"reported_at": "2026-04-03 18:00:00"}
    assert emergency("emergency-made-safe", **row).due_at == datetime(2026, 4, 4, 18)
    assert emergency("emergency-made-safe", **row, made_safe_at="2026-04-07 09:00:00").verdict == "late"


def test_the_24_hours_count_from_awareness_where_that_is_not_the_report():
    row = {"reported_at": "2026-02-02 09:15:00", "aware_at": "2026-02-01 20:00:00"}
    assert emergency("emergency-investigated", **row).due_at == datetime(2026, 2, 2, 20)


def test_24_hours_are_real_hours_when_the_clocks_change():
    """At 01:00 on 29 March 2026 it becomes 02:00; at 02:00 on 25 October 2026 it becomes 01:00."""
    spring = {"reported_at": "2026-03-28 12:00:00"}
    assert emergency("emergency-made-safe", **spring).due_at == datetime(2026, 3, 29, 13)
    assert emergency("emergency-made-safe", **spring, made_safe_at="2026-03-29 12:59:00").verdict == "met"
    autumn = {"reported_at": "2026-10-24 12:00:00", "made_safe_at": "2026-10-25 11:30:00"}
    assert emergency("emergency-made-safe", "2026-11-30", **autumn).verdict == "late"


def test_in_the_hour_that_comes_twice_it_cannot_be_told():
    """01:30 on 25 October 2026 may be 24 or 25 hours after 01:30 on the day before."""
    row = {"reported_at": "2026-10-24 01:45:00", "made_safe_at": "2026-10-25 01:30:00"}
    assert emergency("emergency-made-safe", "2026-11-30", **row).verdict == "cannot tell"


def test_other_accommodation_within_24_hours_will_do_where_it_is_not_made_safe():
    row = {"reported_at": "2026-02-02 09:15:00", "alternative_accommodation_at": "2026-02-02 22:00:00"}
    assert emergency("emergency-made-safe", **row).verdict == "met"
    late = {"reported_at": "2026-02-02 09:15:00", "alternative_accommodation_at": "2026-02-04 22:00:00"}
    assert emergency("emergency-made-safe", **late).verdict == "late"


def test_other_accommodation_on_a_day_that_is_not_held_cannot_be_told():
    row = {"reported_at": "2026-02-02 09:15:00", "made_safe_at": "2026-02-20 10:00:00", "rehoused": True}
    assert emergency("emergency-made-safe", **row).verdict == "cannot tell"


def test_lack_of_space_is_never_an_emergency_hazard():
    assert emergency("emergency-made-safe", reported_at="2026-02-02 09:15:00", hazard_type="crowding_space") is None


def test_any_other_kind_of_hazard_may_be_an_emergency():
    assert emergency("emergency-made-safe", reported_at="2026-02-02 09:15:00", hazard_type="electrical").verdict


# --- days without a time ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stop", ["2026-02-02", "2026-02-03", "2026-02-02 10:00:00"])
def test_days_without_times_are_never_met(stop):
    found = emergency("emergency-made-safe", reported_at="2026-02-02", made_safe_at=stop)
    assert (found.verdict, found.why) == ("cannot tell", "the export holds days without a time")


def test_a_time_at_one_end_alone_is_not_enough():
    row = {"reported_at": "2026-02-02 09:15:00", "made_safe_at": "2026-02-02"}
    assert emergency("emergency-made-safe", **row).verdict == "cannot tell"


def test_days_two_apart_are_late_whatever_the_times():
    assert emergency("emergency-made-safe", reported_at="2026-02-02", made_safe_at="2026-02-04").verdict == "late"


@pytest.mark.parametrize("now, verdict", [
    ("2026-02-02 08:00:00", "running"), ("2026-02-03 12:00:00", "cannot tell"), ("2026-02-04 00:00:01", "overdue"),
])  # fmt: skip
def test_not_done_and_reported_on_a_day_alone(now, verdict):
    assert emergency("emergency-made-safe", now, reported_at="2026-02-02").verdict == verdict


# --- a significant hazard: working days -------------------------------------------------------------------------------


def test_a_significant_hazard_is_investigated_in_ten_working_days_counted_from_the_day_after():
    """Reported on Monday 2 February 2026: the tenth working day after is Monday 16 February, to its end."""
    row = {"reported_at": "2026-02-02 09:15:00"}
    assert significant("significant-investigated", **row).due_date == date(2026, 2, 16)
    assert significant("significant-investigated", **row, investigated_at="2026-02-16 23:30:00").verdict == "met"
    late = significant("significant-investigated", **row, investigated_at="2026-02-17 08:00:00")
    assert (late.verdict, late.late_days, late.late_working_days) == ("late", 1, 1)


@pytest.mark.parametrize("reported, due", [
    ("2025-12-19", "2026-01-07"),  # Christmas, Boxing Day and New Year's Day between
    ("2026-03-26", "2026-04-13"),  # Good Friday and Easter Monday between
    ("2026-04-30", "2026-05-15"),  # the early May bank holiday
    ("2026-02-07", "2026-02-20"),  # a Saturday: the first day counted is Monday
    ("2027-12-24", "2028-01-12"),  # Christmas on a Saturday: days in lieu on 27 and 28 December, and 3 January
])  # fmt: skip
def test_weekends_and_bank_holidays_are_no_working_days(reported, due):
    found = significant("significant-investigated", "2028-06-30", reported_at=reported)
    assert found.due_date == date.fromisoformat(due)


def test_not_investigated_is_running_until_the_day_is_over_and_overdue_the_day_after():
    row = {"reported_at": "2026-02-02 09:15:00"}
    assert significant("significant-investigated", "2026-02-16", **row).verdict == "running"
    found = significant("significant-investigated", "2026-02-18", **row)
    assert (found.verdict, found.late_days) == ("overdue", 2)


def test_the_tenant_may_ask_for_an_investigation_in_person():
    row = {"reported_at": "2026-02-02 09:15:00", "renewed_request_at": "2026-02-09 10:00:00"}
    assert significant("renewed-investigation", **row).due_date == date(2026, 2, 23)
    assert significant("renewed-investigation", reported_at="2026-02-02") is None


@pytest.mark.parametrize("severity", ["emergency", "significant"])
def test_a_written_summary_follows_in_three_working_days(severity):
    """The investigation ended on Thursday 5 February 2026: Friday, Monday, Tuesday."""
    row = {"severity": severity, "reported_at": "2026-02-02 09:15:00", "investigated_at": "2026-02-05 11:00:00"}
    assert hazard("written-summary", **row).due_date == date(2026, 2, 10)
    assert hazard("written-summary", **row, summary_sent_date="2026-02-10").verdict == "met"
    assert hazard("written-summary", **row, summary_sent_date="2026-02-11").verdict == "late"


def test_the_summary_is_not_due_before_the_investigation_has_ended():
    assert significant("written-summary", reported_at="2026-02-02 09:15:00").verdict == "not started"


def test_safety_work_is_done_in_five_working_days_of_the_investigation():
    row = {"reported_at": "2026-02-02 09:15:00", "investigated_at": "2026-02-05 11:00:00"}
    assert significant("significant-made-safe", **row).due_date == date(2026, 2, 12)
    assert significant("significant-made-safe", **row, made_safe_at="2026-02-12").verdict == "met"
    assert significant("significant-made-safe", **row, made_safe_at="2026-02-13").verdict == "late"
    elsewhere = significant("significant-made-safe", **row, alternative_accommodation_at="2026-02-12 18:00:00")
    assert elsewhere.verdict == "met"


def test_safety_work_done_before_the_investigation_ended_is_in_time():
    row = {"reported_at": "2026-02-02 09:15:00", "investigated_at": "2026-02-05 11:00:00"}
    assert significant("significant-made-safe", **row, made_safe_at="2026-02-04 09:00:00").verdict == "met"


def test_no_safety_work_is_due_where_the_investigation_found_none_needed():
    row = {"reported_at": "2026-02-02", "investigated_at": "2026-02-05", "safety_work_needed": False}
    assert significant("significant-made-safe", **row) is None


@pytest.mark.parametrize("steps, started, verdict", [
    ("2026-02-12", None, "met"),  # steps taken within five working days
    (None, "2026-02-12", "met"),  # begun within five working days
    ("2026-02-20", "2026-04-30", "met"),  # physically started within twelve weeks
    (None, "2026-04-30", "met"),
    (None, "2026-05-01", "late"),  # twelve weeks from 5 February end on 30 April
    ("2026-02-20", None, "overdue"),
])  # fmt: skip
def test_further_work_is_begun_in_five_working_days_or_physically_started_in_twelve_weeks(steps, started, verdict):
    row = {"reported_at": "2026-02-02", "investigated_at": "2026-02-05", "further_work_needed": True}
    found = significant("further-work-begun", **row, works_steps_date=steps, works_started_date=started)
    assert (found.verdict, found.due_date) == (verdict, date(2026, 4, 30))


def test_further_work_is_running_until_the_twelve_weeks_are_over():
    row = {"reported_at": "2026-02-02", "investigated_at": "2026-02-05", "further_work_needed": True}
    assert significant("further-work-begun", "2026-04-30", **row).verdict == "running"
    assert significant("further-work-begun", "2026-05-01", **row).verdict == "overdue"


def test_whether_further_work_was_needed_may_not_be_known():
    row = {"reported_at": "2026-02-02", "investigated_at": "2026-02-05", "made_safe_at": "2026-02-06"}
    assert significant("further-work-begun", **row).verdict == "cannot tell"
    assert significant("further-work-begun", **row, further_work_needed=False) is None


def test_further_work_after_an_emergency_is_begun_in_the_same_times():
    row = {"reported_at": "2026-02-02 09:00:00", "investigated_at": "2026-02-02 15:00:00", "hazard_type": "electrical"}
    due = emergency("further-work-begun", **row, further_work_needed=True, works_steps_date="2026-02-09")
    assert (due.verdict, due.due_date) == ("met", date(2026, 4, 27))
    assert emergency("further-work-begun", **row, works_steps_date="2026-02-10").verdict == "overdue"
    assert emergency("further-work-begun", **row, made_safe_at="2026-02-02 18:00:00").verdict == "cannot tell"
    assert emergency("further-work-begun", **row, further_work_needed=False) is None
    lacking_space = row | {"hazard_type": "crowding_space", "further_work_needed": True}
    assert emergency("further-work-begun", **lacking_space) is None


# --- when it is in force ----------------------------------------------------------------------------------------------


def test_it_is_in_force_for_hazards_the_landlord_became_aware_of_from_27_october_2025():
    assert significant("significant-investigated", reported_at="2025-10-26 23:59:00") is None
    assert significant("significant-investigated", reported_at="2025-10-27 00:01:00").due_date == date(2025, 11, 10)


@pytest.mark.parametrize("kind", ["excess_cold", "falls", "fire", "electrical", "structural", "hygiene"])
def test_the_later_phases_wait_for_their_commencement(kind):
    assert significant("significant-investigated", reported_at="2026-02-02", hazard_type=kind) is None


@pytest.mark.parametrize("kind", ["falls_stairs", "falls_bath", "sanitation", "lead", "water_supply"])
def test_a_hazard_within_a_kind_that_has_not_commenced_waits_too(kind):
    assert significant("significant-investigated", reported_at="2026-02-02", hazard_type=kind) is None


@pytest.mark.parametrize("kind, clocked", [
    ("hygiene", True), ("sanitation", True), ("food_safety", True), ("pests_refuse", True), ("water_supply", False),
    ("falls_stairs", False), ("damp_mould", True),
])  # fmt: skip
def test_a_hazard_is_in_force_with_the_kind_above_it_unless_it_has_a_line_of_its_own(kind, clocked, tmp_path):
    """Hygiene was announced for 2026 with food safety and sanitation; water supply for 2027, with all the rest."""
    pack = with_a_date(tmp_path, "hygiene")
    row = {"severity": "significant", "hazard_type": kind, "reported_at": "2026-06-01"}
    assert bool(stands(pack, "hazard_case", "significant-investigated", NOW, **row)) is clocked


def test_every_kind_of_hazard_has_a_phase_but_lack_of_space():
    """A line of its own or of a kind above it: none is forgotten when a phase commences."""
    import csv

    from placemaker.standard.schema import FOLDER, codelist

    with (FOLDER / "packs" / "awaab" / "2025" / "lookups" / "hazard_phases.csv").open(newline="") as lines:
        phased = {line["hazard_type"] for line in csv.DictReader(lines) if line["severity"] == "significant"}
    codes = codelist("hazard_type").codes
    assert [code.code for code in codes if not {code.code, code.parent} & phased] == ["crowding_space"]


def with_a_date(tmp_path, kind):
    """The pack read from a folder with its files and one date more: no code is touched."""
    import shutil

    from placemaker.standard.clock_files import read_clocks
    from placemaker.standard.schema import FOLDER

    folder = tmp_path / "packs" / "awaab" / "2025"
    shutil.copytree(FOLDER / "packs" / "awaab" / "2025", folder)
    phases = folder / "lookups" / "hazard_phases.csv"
    phases.write_text(phases.read_text().replace(f"{kind},2,,", f"{kind},2,2026-06-01,"))
    return read_clocks(folder)


def test_a_phase_begins_when_its_date_is_written_into_the_pack(tmp_path):
    pack = with_a_date(tmp_path, "falls")

    def falls(day):
        row = {"severity": "significant", "hazard_type": "falls", "reported_at": day}
        return stands(pack, "hazard_case", "significant-investigated", NOW, **row)

    assert falls("2026-05-31") is None and falls("2026-06-01").verdict == "overdue"


def test_a_hazard_of_unknown_severity_cannot_be_told():
    assert hazard("significant-investigated", reported_at="2026-02-02", severity=None).verdict == "cannot tell"


# --- records that are not whole ---------------------------------------------------------------------------------------


def test_a_closed_case_without_the_day_is_not_said_to_be_overdue():
    found = significant("significant-investigated", reported_at="2026-02-02", status="closed")
    assert (found.verdict, found.why) == ("cannot tell", "the case is closed, but not when this was done")


def test_what_ended_before_it_began_cannot_be_told():
    found = significant("significant-investigated", reported_at="2026-02-06", investigated_at="2026-02-02")
    assert (found.verdict, found.why) == ("cannot tell", "it ended before it began")


def test_a_day_yet_to_come_is_a_plan_and_not_a_fact():
    row = {"reported_at": "2026-02-02", "investigated_at": "2026-03-20"}
    assert significant("significant-investigated", "2026-03-01", **row).verdict == "overdue"


def test_worst_first():
    rows = [
        {"severity": "significant", "reported_at": "2026-03-02"},
        {"severity": "significant", "reported_at": "2026-02-02"},
        {"severity": "significant", "reported_at": "2026-04-01"},
    ]
    with looked_at("awaab-2025", "hazard_case", rows, "2026-04-10") as found:
        assert [row.key for row in found.overdue()] == ["K2", "K1"]
        assert found.count()["significant-investigated"]["running"] == 1 and not found.clean
