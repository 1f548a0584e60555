"""Periods as people write them: ``2026-W14``, ``2026-04``, ``2026``, ``2026-04-01/2026-04-07``."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from placemaker.lake.errors import Refusal


def parse_period(text: str) -> tuple[date, date]:
    """The first and the last day of a period. Raises Refusal where the text is no period.

    A week is the ISO 8601 week (Monday to Sunday), a month and a year are those of the calendar.
    """
    try:
        first, last = _days(text.strip())
    except ValueError:
        first = last = None
    if first is None or first > last:
        raise Refusal(
            f"{text!r} is not a period.",
            next="Write a week as 2026-W14, a month as 2026-04, a year as 2026, or two dates as 2026-04-01/2026-04-07.",
        )
    return first, last


def _days(text: str) -> tuple[date, date] | tuple[None, None]:
    if "/" in text:
        first, last = text.split("/")
        return date.fromisoformat(first.strip()), date.fromisoformat(last.strip())
    if week := re.fullmatch(r"(\d{4})-?W(\d{2})", text):
        year, number = int(week[1]), int(week[2])
        return date.fromisocalendar(year, number, 1), date.fromisocalendar(year, number, 7)
    if month := re.fullmatch(r"(\d{4})-(\d{2})", text):
        year, number = int(month[1]), int(month[2])
        return date(year, number, 1), date(year, number, monthrange(year, number)[1])
    if re.fullmatch(r"\d{4}", text):
        return date(int(text), 1, 1), date(int(text), 12, 31)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        day = date.fromisoformat(text)
        return day, day
    return None, None
