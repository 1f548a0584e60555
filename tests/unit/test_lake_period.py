"""Periods as people write them."""

from datetime import date

import pytest

from placemaker.lake import Refusal, parse_period


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-W14", date(2026, 3, 30), date(2026, 4, 5)),
        ("2026W01", date(2025, 12, 29), date(2026, 1, 4)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),  # 2026 has 53 ISO weeks
        ("2026-04", date(2026, 4, 1), date(2026, 4, 30)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-04-01/2026-04-07", date(2026, 4, 1), date(2026, 4, 7)),
        (" 2026-04-01 ", date(2026, 4, 1), date(2026, 4, 1)),
    ],
)
def test_a_period_is_its_first_and_last_day(text, first, last):
    assert parse_period(text) == (first, last)


@pytest.mark.parametrize(
    "text", ["", "2025-W53", "2026-13", "2026-W00", "last week", "0000", "2026-04-07/2026-04-01", "1/2/3", "2026-02-30"]
)
def test_what_is_no_period_is_refused_with_how_to_write_one(text):
    with pytest.raises(Refusal, match="2026-W14"):
        parse_period(text)
