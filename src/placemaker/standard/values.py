"""From the text of a cell to a typed value, as SQL: only text that matches a written pattern is typed, never guessed.

DuckDB's own casts are too kind: ``12.7`` becomes 13 and ``1_000`` becomes 1000 without a word. Each type therefore has
a fast way, a cast whose value written back is the very text, and an exact way by pattern for what is left.
"""

from __future__ import annotations

from datetime import date

from placemaker.standard.expressions import literal
from placemaker.standard.schema import Field

TRUE_WORDS = ("true", "yes", "y", "t", "1")
FALSE_WORDS = ("false", "no", "n", "f", "0")

#: Words that systems write where there is nothing.
NOTHING = ("n/a", "na", "null", "none", "-", "--", "tbc", "not known", "unknown", "#n/a")

#: No day of a landlord's own records is earlier: a date that is has a slip in its year, such as 0024.
EARLIEST = date(1800, 1, 1)

#: What a person reads after "is not": how each type is written.
WRITTEN = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number with at most four decimals",
    "boolean": "yes or no",
    "date": "a date, written 2026-01-31",
    "datetime": "a day and time, written 2026-01-31 14:30",
}
WRITTEN_DATES = {
    "day-first": ("a date, written 31/01/2026", "a day and time, written 31/01/2026 14:30"),
    "month-first": ("a date, written 01/31/2026", "a day and time, written 01/31/2026 14:30"),
}

_PENCE = r"\.[0-9]{1,4}0*"
_NUMBER = rf"(?:[+-]?£?|£[+-])(?:(?:[0-9]+|[0-9]{{1,3}}(?:,[0-9]{{3}})+)(?:{_PENCE})?|{_PENCE})"
_WHOLE = r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.0+)?"
_CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,6})?)?"
_MIDNIGHT = r"(?:[ T]0?0:00(?::00(?:\.0+)?)?)?"
# DuckDB takes the year 0 for 1 BC, and no export means that.
_YEAR = "(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_DAY = f"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}"
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"


def typed(text: str, field: Field, dates: str = "iso", number: str = "plain") -> str:
    """SQL for the value of the SQL expression ``text`` as ``field`` holds it; null where it is not written so.

    ``dates`` is iso, day-first or month-first; a date written as ISO is read under each. ``number`` is plain,
    trailing-sign (``123.40CR`` is -123.40) or brackets (``(123.40)`` is -123.40). Text is taken as it is, or by the
    field's own pattern; its code list is looked at elsewhere.
    """
    match field.type:
        case "date":
            return _date(text, dates)
        case "datetime":
            return _datetime(text, dates)
        case "integer" | "number":
            return _number(text, field, number)
        case "boolean":
            words = ", ".join(map(literal, TRUE_WORDS)), ", ".join(map(literal, FALSE_WORDS))
            return (
                f"case when lower({text}) in ({words[0]}) then true when lower({text}) in ({words[1]}) then false end"
            )
    if field.tidied:
        return _tidied(text, field)
    return f"case when {_full(text, field.pattern)} then {text} end" if field.pattern else text


def written(field: Field, dates: str = "iso") -> str:
    """How the field's values are written, to be read after "is not"."""
    if field.type not in ("date", "datetime"):
        return WRITTEN[field.type]
    if dates in WRITTEN_DATES:
        return WRITTEN_DATES[dates][field.type == "datetime"]
    return WRITTEN[field.type]


def _tidied(text: str, field: Field) -> str:
    """A postcode in capitals with one space, or a UPRN without leading zeros, where it then has its pattern.

    Only spaces and case are taken as a way of writing; any other sign makes it another text.
    """
    if field.tidied == "uprn":
        tidy = f"ltrim({text}, '0')"
        plain = f"not prefix({text}, '0') and {_full(text, field.pattern)}"
        return f"case when {plain} then {text} when {_full(tidy, field.pattern)} then {tidy} end"
    letters = f"upper(replace({text}, ' ', ''))"
    tidy = f"({letters}[:-4] || ' ' || {letters}[-3:])"
    return f"case when {_full(text, field.pattern)} then {text} when {_full(tidy, field.pattern)} then {tidy} end"


def _date(text: str, dates: str) -> str:
    iso = f"strlen({text}) = 10 and cast(try_cast({text} as date) as varchar) = {text} then try_cast({text} as date)"
    iso_midnight = f"{_full(text, _DAY + _MIDNIGHT)} then try_cast(left({text}, 10) as date)"
    if dates == "iso":
        return f"case when {iso} when strlen({text}) > 10 and {iso_midnight} end"
    order, shape = _order(dates)
    plain = f"try_strptime({text}, '{order}')"
    numbers = _full(text, shape + _MIDNIGHT)
    # A month's name leaves nothing to guess, whichever order is declared.
    named = _full(text, rf"(?i)[0-9]{{1,2}}[ /-](?:{_MONTHS})[a-z]*[ /-]{_YEAR}")
    day = f"regexp_replace(regexp_extract({text}, '^[0-9]+[/.-][0-9]+[/.-][0-9]+'), '[.-]', '/', 'g')"
    return (
        f"case when strlen({text}) = 10 and right({text}, 4) <> '0000' and strftime({plain}, '{order}') = {text} "
        f"then cast({plain} as date) when {iso} when {numbers} then cast(try_strptime({day}, '{order}') as date) "
        f"when {iso_midnight} when {named} then cast({_named_day(text)} as date) end"
    )


def _datetime(text: str, dates: str) -> str:
    seconds = f"strlen({text}) = 19 and cast(try_cast({text} as timestamp) as varchar) = {text}"
    iso = _full(text, rf"{_DAY}(?:[ T]{_CLOCK})?")
    found = f"when {seconds} then try_cast({text} as timestamp) when {iso} then {_moment(text)}"
    if dates == "iso":
        return f"case {found} end"
    order, shape = _order(dates)
    numbers = _full(text, rf"{shape}(?:[ T]{_CLOCK})?")
    day = f"regexp_replace(regexp_extract({text}, '^[0-9]+[/.-][0-9]+[/.-][0-9]+'), '[.-]', '/', 'g')"
    clock = f"regexp_extract({text}, '[ T]([0-9:.]+)$', 1)"
    iso_day = f"strftime(try_strptime({day}, '{order}'), '%Y-%m-%d')"
    return f"case {found} when {numbers} then {_moment(f'''({iso_day} || ' ' || {clock})''')} end"


def _moment(text: str) -> str:
    """A timestamp from text of the right shape, in which seconds and the hour's first digit may be left out."""
    clock = f"regexp_extract({text}, '[ T]([0-9:.]+)$', 1)"
    full = (
        f"case when {clock} = '' then '00:00:00' "
        f"when regexp_matches({clock}, '^[0-9]+:[0-9]+$') then {clock} || ':00' else {clock} end"
    )
    return f"try_cast(left({text}, 10) || ' ' || {full} as timestamp)"


def _order(dates: str) -> tuple[str, str]:
    order = "%d/%m/%Y" if dates == "day-first" else "%m/%d/%Y"
    # One mark between the parts, the same twice: RE2 knows no back-references.
    return order, "(?:" + "|".join(rf"[0-9]{{1,2}}{mark}[0-9]{{1,2}}{mark}{_YEAR}" for mark in ("/", "[.]", "-")) + ")"


def _named_day(text: str) -> str:
    return (
        f"try_strptime(regexp_replace(regexp_replace({text}, '[ /-]', ' ', 'g'), "
        f"'^([0-9]+) ([A-Za-z]{{3}})[A-Za-z]* ', '\\1 \\2 '), '%d %b %Y')"
    )


def _number(text: str, field: Field, number: str) -> str:
    whole = field.type == "integer"
    plain = _plain_whole if whole else _plain_number
    if number == "trailing-sign":
        core = f"trim(regexp_replace({text}, '(?i)(CR|DR|-|[+])$', ''))"
        less = f"(upper({text}) like '%CR' or {text} like '%-')"
        signed = f"case when {less} and not regexp_matches({core}, '^£?[+-]') then -({plain(core)}) "
        return f"{signed}when not {less} then {plain(core)} end"
    if number == "brackets":
        core = f"{text}[2:-2]"
        signed = f"case when {text} like '(%)' and not regexp_matches({core}, '^£?[+-]') then -({plain(core)}) "
        return f"{signed}when {text} not like '(%)' then {plain(text)} end"
    return plain(text)


def _plain_whole(text: str) -> str:
    digits = f"regexp_replace(replace({text}, ',', ''), '[.]0+$', '')"
    return (
        f"case when cast(try_cast({text} as bigint) as varchar) = {text} then try_cast({text} as bigint) "
        f"when {_full(text, _WHOLE)} then try_cast({digits} as bigint) end"
    )


def _plain_number(text: str) -> str:
    digits = f"replace(replace({text}, ',', ''), '£', '')"
    pence = f"try_cast({text} as decimal(18,2))"
    return (
        f"case when cast({pence} as varchar) = {text} then try_cast({pence} as decimal(18,4)) "
        f"when {_full(text, _NUMBER)} then try_cast({digits} as decimal(18,4)) end"
    )


def _full(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {literal(pattern)})"
