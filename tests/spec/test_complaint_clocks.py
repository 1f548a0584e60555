"""The Housing Ombudsman's Complaint Handling Code of April 2024, section 6."""

from __future__ import annotations

from datetime import date

import pytest
from clocks_example import stands

NOW = "2026-09-30"


def complaint(clock, now=NOW, **row):
    return stands("complaints-2024", "complaint", clock, now, **row)


@pytest.mark.parametrize("stage, clock", [(1, "stage-1-acknowledged"), (2, "stage-2-acknowledged")])
def test_6_2_and_6_11_acknowledged_within_five_working_days(stage, clock):
    """Received on Thursday 26 March 2026; Good Friday and Easter Monday are no working days."""
    row = {"stage": stage, "received_date": "2026-03-26"}
    assert complaint(clock, **row).due_date == date(2026, 4, 2)
    assert complaint(clock, **row, acknowledged_date="2026-04-02").verdict == "met"
    assert complaint(clock, **row, acknowledged_date="2026-04-07").verdict == "late"
    assert complaint(clock, **row | {"stage": 3 - stage}) is None


@pytest.mark.parametrize("stage, due", [(1, date(2026, 2, 18)), (2, date(2026, 3, 4))])
def test_6_3_and_6_14_answered_within_ten_or_twenty_working_days_of_the_acknowledgement(stage, due):
    row = {"stage": stage, "received_date": "2026-02-02", "acknowledged_date": "2026-02-04"}
    clock = f"stage-{stage}-answered"
    assert complaint(clock, **row).due_date == due
    assert complaint(clock, **row, responded_date=due).verdict == "met"
    assert complaint(clock, **row, responded_date="2026-03-05").verdict == "late"


def test_without_an_acknowledgement_the_answer_counts_from_the_last_day_for_one():
    """Five working days from 2 February end on the 9th, ten more on the 23rd."""
    assert complaint("stage-1-answered", received_date="2026-02-02").due_date == date(2026, 2, 23)


def test_an_answer_with_or_before_the_acknowledgement_is_in_time():
    row = {"received_date": "2026-02-02", "acknowledged_date": "2026-02-05", "responded_date": "2026-02-04"}
    assert complaint("stage-1-answered", **row).verdict == "met"


@pytest.mark.parametrize("stage, extended, reason, due", [
    (1, "2026-02-25", None, "2026-02-25"),  # five working days more
    (1, "2026-03-31", None, "2026-03-04"),  # more than ten, and no reason: ten
    (1, "2026-03-31", "A surveyor is awaited", "2026-03-31"),  # good reason
    (1, "2026-02-10", None, "2026-02-18"),  # no extension at all
    (2, "2026-05-29", None, "2026-04-01"),  # twenty working days more
])  # fmt: skip
def test_6_4_and_6_15_an_extension_has_a_limit_without_good_reason(stage, extended, reason, due):
    row = {"stage": stage, "received_date": "2026-02-02", "acknowledged_date": "2026-02-04", "extended_to": extended}
    found = complaint(f"stage-{stage}-answered", **row, extension_reason=reason)
    assert found.due_date == date.fromisoformat(due)


def test_an_extension_is_told_before_the_time_was_up():
    row = {"received_date": "2026-02-02", "acknowledged_date": "2026-02-04", "extended_to": "2026-02-25"}
    assert complaint("extension-told", **row, extension_told_date="2026-02-18").verdict == "met"
    assert complaint("extension-told", **row, extension_told_date="2026-02-19").verdict == "late"
    assert complaint("extension-told", **row).verdict == "cannot tell"


@pytest.mark.parametrize("outcome", ["withdrawn", "declined"])
def test_what_was_withdrawn_or_not_taken_as_a_complaint_needs_no_answer(outcome):
    assert complaint("stage-1-answered", received_date="2026-02-02", status="closed", outcome=outcome) is None


def test_the_code_is_statutory_from_1_april_2024():
    assert complaint("stage-1-acknowledged", received_date="2024-03-31") is None
    assert complaint("stage-1-acknowledged", received_date="2024-04-01").verdict == "overdue"
    answered = {"received_date": "2024-03-28", "acknowledged_date": "2024-04-03"}
    assert complaint("stage-1-answered", **answered) is None
