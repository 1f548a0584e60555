"""The standard's findings in the simplest way there is: one row, one cell and one rule at a time, in plain Python.

It knows nothing of SQL. A rule is a function of a row's values that gives True, False or None for unknown; a rule over
many rows is a function of all of them. The engines must find exactly what this finds.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

BLANKS = " \t\r\n\u00a0\ufeff"
NOTHING = ("n/a", "na", "null", "none", "-", "--", "tbc", "not known", "unknown", "#n/a")
EARLIEST = date(1800, 1, 1)


@dataclass(frozen=True)
class PlainRule:
    """A rule: ``holds`` takes a row's values by name; ``broken`` takes all rows and gives those that break."""

    id: str
    severity: str
    field: str
    names: tuple[str, ...] = ()
    holds: object = None
    broken: object = None


@dataclass(frozen=True)
class PlainTable:
    """A table: its fields as the standard has them, its key, its rules, and where parents are: field to their keys."""

    name: str
    fields: tuple
    key: str
    codes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    rules: tuple[PlainRule, ...] = ()
    parents: dict[str, frozenset[str]] = field(default_factory=dict)


def find(table: PlainTable, cells: list[dict[str, str | None]]) -> set[tuple]:
    """Findings as (row, key, field, value, rule, severity), of rows numbered from 1."""
    found, rows = set(), []
    for number, row in enumerate(cells, 1):
        texts = {one.name: (row[one.name] or "").strip(BLANKS) or None for one in table.fields}
        values = {one.name: read(one, texts[one.name], table.codes) for one in table.fields}
        rows.append((number, texts, values))
        for name, rule, severity in broken_in_row(table, texts, values):
            found.add((number, values[table.key], name, texts[name], rule, severity))
    for one in table.fields:
        if one.unique or one.name == table.key:
            severity, first = "reject" if one.name == table.key else "error", {}
            for number, _, values in rows:
                value = values[one.name]
                if value is not None and first.setdefault(value, number) != number:
                    rule = f"{table.name}.{one.name}.unique"
                    found.add((number, values[table.key], one.name, written(value), rule, severity))
    for name, keys in table.parents.items():
        told = set()
        for number, _, values in rows:
            value = values[name]
            if value is not None and value not in keys and value not in told:
                told.add(value)
                found.add((number, values[table.key], name, value, f"{table.name}.{name}.parent", "error"))
    for rule in table.rules:
        if rule.broken:
            for place in rule.broken([values for _, _, values in rows]):
                number, _, values = rows[place]
                found.add((number, values[table.key], rule.field, written(values[rule.field]), rule.id, rule.severity))
    return found


def broken_in_row(table: PlainTable, texts: dict, values: dict):
    """What one row breaks by itself, as (field, rule, severity)."""
    for one in table.fields:
        text, value, name = texts[one.name], values[one.name], f"{table.name}.{one.name}"
        is_key = one.name == table.key
        if text is None and (one.required or is_key):
            yield one.name, f"{name}.required", "reject" if is_key else "error"
        if is_key and text is not None and text.lower() in NOTHING:
            yield one.name, f"{name}.word", "query"
        if text is not None and value is None:
            kind = "code" if one.codelist else "pattern" if one.type == "string" else "type"
            yield one.name, f"{name}.{kind}", "error"
        if value is not None and one.type in ("date", "datetime") and one.minimum is None and day_of(value) < EARLIEST:
            yield one.name, f"{name}.year", "query"
        if value is not None and (
            (one.minimum is not None and value < one.minimum) or (one.maximum is not None and value > one.maximum)
        ):
            yield one.name, f"{name}.range", "error"
    for rule in table.rules:
        if rule.holds:
            # What an unread cell holds is unknown.
            unread = any(texts[name] is not None and values[name] is None for name in rule.names)
            if not unread and rule.holds(values) is False:
                yield rule.field, rule.id, rule.severity


# --- cells ------------------------------------------------------------------------------------------------------------


def read(one, text: str | None, codes: dict[str, tuple[str, ...]]):
    """The value of a cell's text, None where it is not written as it should be."""
    if text is None:
        return None
    if one.codelist:
        return text if text in codes[one.codelist] else None
    match one.type:
        case "date":
            return read_day(text)
        case "datetime":
            return read_moment(text)
        case "integer":
            found = re.fullmatch(r"([+-]?)([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.0+)?", text)
            value = int(found[1] + found[2].replace(",", "")) if found else None
            return value if found and -(2**63) <= value < 2**63 else None
        case "number":
            return read_number(text)
        case "boolean":
            words = {"true": True, "yes": True, "y": True, "t": True, "1": True}
            return (words | dict.fromkeys(("false", "no", "n", "f", "0"), False)).get(text.lower())
    return text if not one.pattern or re.fullmatch(one.pattern.strip("^$"), text) else None


def read_number(text: str) -> Decimal | None:
    found = re.fullmatch(r"(?:([+-]?)£?|£([+-]))([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+|)(?:\.([0-9]{1,4})0*)?", text)
    if not found or not (found[3] or found[4]):
        return None
    value = Decimal(f"{found[1] or found[2] or ''}{found[3].replace(',', '') or 0}.{found[4] or 0}")
    return value if abs(value) < 10**14 else None


def read_day(text: str) -> date | None:
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]0?0:00(?::00(?:\.0+)?)?)?", text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def read_moment(text: str) -> datetime | None:
    clock = r"(?:[ T]([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{1,6}))?)?)?"
    found = re.fullmatch(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}){clock}", text)
    on = read_day(found[1]) if found else None
    if on is None:
        return None
    hour, minute, second = (int(part or 0) for part in found.groups()[1:4])
    return datetime.combine(on, time(hour, minute, second, int((found[5] or "").ljust(6, "0"))))


def day_of(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def written(value) -> str | None:
    """A value as both engines write it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value + 0:.4f}"  # neither engine has a minus before nought
    if isinstance(value, datetime):
        fraction = f".{value.microsecond:06}".rstrip("0") if value.microsecond else ""
        return f"{value:%H:%M:%S}".join((f"{value.year:04}-{value:%m-%d} ", fraction))
    return f"{value.year:04}-{value:%m-%d}" if isinstance(value, date) else str(value)
