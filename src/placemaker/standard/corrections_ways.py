"""Other ways of writing a date, a number, a postcode, as SQL: what a cell that cannot be read may mean.

Each way is tried in its order over the different values of a column; the first that gives a value of the field is the
suggestion. What could be read in two ways is not read at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from placemaker.standard.corrections_codes import Sure
from placemaker.standard.expressions import literal
from placemaker.standard.schema import Field
from placemaker.standard.values import NOTHING, typed

Order = Literal["", "day-first", "month-first"]

#: A day or month, then the other, then the year; a time of day may follow.
NUMERIC_DATE = "^[0-9]{1,2}([/.-])[0-9]{1,2}[/.-][0-9]{4}([ T][0-9:.]+)?$"


@dataclass(frozen=True, slots=True)
class Way:
    """One way: ``suggestion`` is SQL over the column ``value``, null where the value is not written in this way."""

    suggestion: str
    why: str
    sure: Sure


def ways(field: Field, kind: str, order: Order = "") -> list[Way]:
    """The ways in which a value that breaks the rule ``kind`` (type, pattern or code) of ``field`` may be meant.

    ``order`` is how a column's dates are written where all those that cannot be read agree on it.
    """
    found = [Way(_nothing(), "It stands for no value: leave the cell empty.", "ask" if field.required else "likely")]
    if kind == "pattern":
        found += _texts(field)
    elif field.type in ("date", "datetime"):
        found += _dates(field, order)
    elif field.type in ("number", "integer"):
        found += _numbers(field)
    elif field.type == "boolean":
        found.append(Way(_written(field, _ends_off()), "There are marks around it.", "likely"))
    return found


def looks_like_nothing(value: str) -> str:
    """SQL for whether a text is a word that systems write where there is nothing: N/A, NULL, a dash."""
    return f"lower({value}) in ({', '.join(map(literal, NOTHING))})"


def _nothing() -> str:
    return f"case when {looks_like_nothing('value')} then '' end"


def _ends_off() -> str:
    """SQL for the value without marks that are no letters or digits at its ends."""
    return "regexp_replace(value, '^[^0-9A-Za-z+-]+|[^0-9A-Za-z]+$', '', 'g')"


def _written(field: Field, text: str, dates: str = "iso") -> str:
    """SQL for a text as the standard writes it, null where it cannot be read as the field's."""
    value = typed(text, field, dates)
    if field.type == "datetime":
        return f"strftime({value}, '%Y-%m-%d %H:%M:%S')"
    if field.type == "number":
        return f"regexp_replace(cast({value} as varchar), '[.]?0+$', '')"
    return f"cast({value} as varchar)"


# --- dates ------------------------------------------------------------------------------------------------------------


def _dates(field: Field, order: Order) -> list[Way]:
    day = replace(field, type="date")
    found = []
    if order:
        proves = f"({typed('value', day, 'month-first' if order == 'day-first' else 'day-first')}) is null"
        first = order.replace("-first", "")
        why = f"The column has the {first} first."
        here = _written(field, "value", order)
        numeric = f"regexp_matches(value, {literal(NUMERIC_DATE)})"
        found += [
            Way(f"case when {numeric} and {proves} then {here} end", why, "certain"),
            Way(f"case when {numeric} then {here} end", why, "likely"),
        ]
    named = "regexp_matches(value, '[A-Za-z]{3}') and not regexp_matches(value, '^[0-9]{4}')"
    found.append(
        Way(f"case when {named} then {_written(field, 'value', 'day-first')} end", "It names the month.", "certain")
    )
    parts = "regexp_extract(value, '^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})$', ['y', 'm', 'd'])"
    iso = f"{parts}['y'] || '-' || lpad({parts}['m'], 2, '0') || '-' || lpad({parts}['d'], 2, '0')"
    year_first = f"case when regexp_matches(value, '^[0-9]{{4}}[-/.]') then {_written(field, iso)} end"
    found.append(Way(year_first, "It has the year first, in other marks.", "likely"))
    found.append(Way(_written(field, _ends_off()), "There are marks around it.", "likely"))
    if field.type == "date":
        moment = "case when regexp_matches(value, '^[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]') then left(value, 10) end"
        found.append(Way(_written(field, moment), "The time of day is left out.", "likely"))
    eight = "left(value, 4) || '-' || value[5:6] || '-' || value[7:8]"
    packed = f"case when regexp_matches(value, '^(19|20)[0-9]{{6}}$') then {_written(field, eight)} end"
    found.append(Way(packed, "It may be year, month and day without marks.", "ask"))
    serial = "strftime(date '1899-12-30' + cast(try_cast(value as double) as integer), '%Y-%m-%d')"
    excel = f"case when regexp_matches(value, '^[1-6][0-9]{{4}}([.][0-9]+)?$') then {serial} end"
    found.append(Way(excel, "It may be a day as Excel counts them.", "ask"))
    return found


def column_order(field: Field, declared: str) -> str:
    """SQL, over a table of ``value``, for how the dates that cannot be read are written: day-first or month-first.

    Null where one of them cannot be read so, where none proves it, or where the mapping has ``declared`` an order: a
    date that is not in that order is then for somebody to ask about.
    """
    if declared != "iso":
        return "null"
    day = replace(field, type="date")
    date_alone = "regexp_replace(value, '[ T][0-9:.]+$', '')"
    as_day, as_month = (typed(date_alone, day, order) for order in ("day-first", "month-first"))
    numeric = f"regexp_matches(value, {literal(NUMERIC_DATE)})"
    told = f"count(*) filter ({numeric})"
    by_day, by_month = (f"count({value}) filter ({numeric})" for value in (as_day, as_month))
    return (
        f"case when {told} = 0 then null when {by_day} = {told} and {by_month} < {told} then 'day-first' "
        f"when {by_month} = {told} and {by_day} < {told} then 'month-first' end"
    )


# --- numbers ----------------------------------------------------------------------------------------------------------


def _numbers(field: Field) -> list[Way]:
    # Money of the continent has its comma where ours has the point.
    english = "regexp_replace(value, ',([0-9]{1,2})$', '.\\1')"
    core = f"regexp_replace({english}, '[£$€,''’ ]', '', 'g')"
    letters = "translate(regexp_replace(value, '[£, ]', '', 'g'), 'OolI', '0011')"
    lone = "regexp_extract(value, '^[^0-9]*([0-9][0-9,]*(?:[.][0-9]+)?)[^0-9]*$', 1)"
    less = "'-' || regexp_extract(value, '^[(]£?([0-9][0-9,]*(?:[.][0-9]+)?)[)]$', 1)"
    credit = "'-' || regexp_extract(value, '(?i)^£?([0-9][0-9,]*(?:[.][0-9]+)?) ?(?:CR|-)$', 1)"
    has_digits = "regexp_matches(value, '[0-9]')"
    return [
        Way(_written(field, core), "There are marks or spaces among its digits.", "ask"),
        Way(_written(field, less), "A number in brackets may be less than nothing.", "ask"),
        Way(_written(field, credit), "CR or - behind a number may say that it is less than nothing.", "ask"),
        Way(f"case when {has_digits} then {_written(field, letters)} end", "A letter may stand for a digit.", "ask"),
        Way(_written(field, lone), "There are words beside the number.", "ask"),
    ]


# --- texts with a pattern ---------------------------------------------------------------------------------------------


def _texts(field: Field) -> list[Way]:
    found = []
    if field.tidied == "postcode":
        letters = "regexp_replace(upper(value), '[^A-Z0-9]', '', 'g')"
        # The third letter from the end of a postcode is a digit, and the last two are letters.
        slips = (
            f"({letters}[:-4] || translate({letters}[-3:-3], 'OIL', '011') || translate({letters}[-2:], '01', 'OI'))"
        )
        found += [
            Way(_written(field, letters), "There are marks among its letters.", "likely"),
            Way(_written(field, slips), "A letter may stand for a digit, or a digit for a letter.", "ask"),
        ]
    elif field.tidied == "uprn":
        digits = "regexp_replace(regexp_replace(value, '[.]0+$', ''), '[^0-9]', '', 'g')"
        alone = f"case when not regexp_matches(value, '[A-Za-z]') then {_written(field, digits)} end"
        found.append(Way(alone, "There are marks or spaces among its digits.", "likely"))
    else:
        # A pattern may hold small letters as well: what is nearest to the value comes first.
        for text in (
            _ends_off(),
            "replace(value, ' ', '')",
            "upper(replace(value, ' ', ''))",
            "lower(replace(value, ' ', ''))",
        ):
            found.append(Way(_written(field, text), "It is written otherwise: blanks, marks or capitals.", "likely"))
    return found
