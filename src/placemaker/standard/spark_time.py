"""What is carried over to Spark of days and times. A moment has no zone on either engine (``timestamp_ntz``)."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from placemaker.standard.spark_nodes import NUMBERS, TIMES, Carried, Carrying, NotCarried, part

#: Months, or the days and seconds, in each unit of an interval.
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12, "DECADE": 120}
_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600, "DAY": 86_400, "WEEK": 604_800}

#: Parts of a day or time as DuckDB counts them, from Spark's functions.
_PARTS = {
    "YEAR": "year(:x)",
    "QUARTER": "quarter(:x)",
    "MONTH": "month(:x)",
    "DAY": "day(:x)",
    "HOUR": "hour(:x)",
    "MINUTE": "minute(:x)",
    "WEEK": "weekofyear(:x)",
    "DOY": "dayofyear(:x)",
    "DAYOFYEAR": "dayofyear(:x)",
    "DOW": "(dayofweek(:x) - 1)",
    "DAYOFWEEK": "(dayofweek(:x) - 1)",
    "ISODOW": "(weekday(:x) + 1)",
    "ISOYEAR": "extract(yearofweek from :x)",
}

#: The first moment of the unit that a moment lies in, without Spark's timestamps that have a zone.
_STARTS = {
    "YEAR": "cast(trunc(cast(:x as date), 'YEAR') as timestamp_ntz)",
    "QUARTER": "cast(trunc(cast(:x as date), 'QUARTER') as timestamp_ntz)",
    "MONTH": "cast(trunc(cast(:x as date), 'MONTH') as timestamp_ntz)",
    "WEEK": "cast(trunc(cast(:x as date), 'WEEK') as timestamp_ntz)",
    "DAY": "cast(cast(:x as date) as timestamp_ntz)",
    "HOUR": "(cast(cast(:x as date) as timestamp_ntz) + make_dt_interval(0, hour(:x)))",
    "MINUTE": "(cast(cast(:x as date) as timestamp_ntz) + make_dt_interval(0, hour(:x), minute(:x)))",
}

#: How many starts of a unit lie between two days or times, as DuckDB's ``date_diff`` counts; of weeks, whole ones.
_BETWEEN = {
    "YEAR": "(year(:b) - year(:a))",
    "QUARTER": "((year(:b) - year(:a)) * 4 + quarter(:b) - quarter(:a))",
    "MONTH": "((year(:b) - year(:a)) * 12 + month(:b) - month(:a))",
    "WEEK": "(datediff(cast(:b as date), cast(:a as date)) div 7)",
    "DAY": "datediff(cast(:b as date), cast(:a as date))",
}


def moment(carrying: Carrying, node: exp.Expression) -> exp.Expression:
    """A day as the moment at which it begins; a moment as it is."""
    return node if carrying.kind(node) == "moment" else part("cast(:x as timestamp_ntz)", x=node)


def _unit(node: exp.Expression | None) -> str:
    return node.name.upper().removesuffix("S") if node is not None else ""


def _interval(carrying: Carrying, node: exp.Interval) -> Carried:
    value, unit = node.this, _unit(node.args.get("unit"))
    constant = isinstance(value, exp.Literal) and value.name.lstrip("-").isdigit()
    if unit in _MONTHS:
        if constant:
            return part(f"interval '{int(value.name) * _MONTHS[unit]}' month"), "interval"
        carrying.need(value, "whole")
        return part(f"make_ym_interval(0, cast(:x * {_MONTHS[unit]} as int))", x=value), "interval"
    if unit in _SECONDS:
        if constant:
            days, seconds = divmod(int(value.name) * _SECONDS[unit], 86_400)
            name = f"interval '{days}' day" if not seconds else f"interval '{days * 86_400 + seconds}' second"
            return part(name), "interval"
        carrying.need(value, "whole")
        if unit in ("DAY", "WEEK"):
            return part(f"make_dt_interval(cast(:x * {_SECONDS[unit] // 86_400} as int))", x=value), "interval"
        return part(f"make_dt_interval(0, 0, 0, cast(:x * {_SECONDS[unit]} as decimal(18,6)))", x=value), "interval"
    raise NotCarried(f"`{node.sql('duckdb')}`")


def _added(carrying: Carrying, node: exp.Add | exp.Sub) -> Carried:
    left, right = carrying.kind(node.left), carrying.kind(node.right)
    minus = isinstance(node, exp.Sub)
    if {left, right} <= {*NUMBERS, "null"}:
        return node, carrying.common(node.left, node.right)
    if left in TIMES and right == "interval":
        # DuckDB makes a moment of a day and an interval.
        return part(f":a {'-' if minus else '+'} :b", a=moment(carrying, node.left), b=node.right), "moment"
    if left == "interval" and right in TIMES and not minus:
        return part(":b + :a", a=node.left, b=moment(carrying, node.right)), "moment"
    if left == right == "date" and minus:
        return part("cast(datediff(:a, :b) as bigint)", a=node.left, b=node.right), "whole"
    if left in TIMES and right in TIMES and minus:
        return part(":a - :b", a=moment(carrying, node.left), b=moment(carrying, node.right)), "interval"
    if left == "date" and right == "whole":
        return part(f"{'date_sub' if minus else 'date_add'}(:a, cast(:b as int))", a=node.left, b=node.right), "date"
    if left == "whole" and right == "date" and not minus:
        return part("date_add(:b, cast(:a as int))", a=node.left, b=node.right), "date"
    if left == right == "interval":
        return node, "interval"
    raise NotCarried(f"`{node.sql('duckdb')}`, {left} {'less' if minus else 'and'} {right},")


def _extract(carrying: Carrying, node: exp.Extract) -> Carried:
    return _part_of(carrying, node, node.this.name.upper(), node.expression)


def _named_part(unit: str) -> Callable[[Carrying, exp.Expression], Carried]:
    def carried(carrying: Carrying, node: exp.Expression) -> Carried:
        value = node.expressions[0] if isinstance(node, exp.Anonymous) else node.this
        # sqlglot wraps the argument of some of these in a cast or a TsOrDsToDate.
        return _part_of(carrying, node, unit, value)

    return carried


def _part_of(carrying: Carrying, node: exp.Expression, unit: str, value: exp.Expression) -> Carried:
    kind = carrying.need(value, *TIMES)
    if unit not in _PARTS or (unit in ("HOUR", "MINUTE") and kind == "date"):
        raise NotCarried(f"`{node.sql('duckdb')}`")
    return part(f"cast({_PARTS[unit]} as bigint)", x=value), "whole"


def _start(carrying: Carrying, node: exp.Expression) -> Carried:
    unit = _unit(node.args.get("unit"))
    carrying.need(node.this, *TIMES)
    if unit not in _STARTS:
        raise NotCarried(f"`{node.sql('duckdb')}`")
    return part(_STARTS[unit], x=moment(carrying, node.this)), "moment"


def _difference(carrying: Carrying, node: exp.DateDiff) -> Carried:
    """``date_diff(unit, a, b)``, in which sqlglot holds b as ``this``."""
    unit, later, earlier = _unit(node.args.get("unit")), node.this, node.expression
    for side in (later, earlier):
        carrying.need(side, *TIMES)
    if unit in _BETWEEN:
        return part(f"cast({_BETWEEN[unit]} as bigint)", a=earlier, b=later), "whole"
    if unit in ("HOUR", "MINUTE"):
        starts = {name: part(_STARTS[unit], x=moment(carrying, side)) for name, side in (("a", earlier), ("b", later))}
        return part(f"timestampdiff({unit}, :a, :b)", **starts), "whole"
    raise NotCarried(f"`{node.sql('duckdb')}`")


def _made(carrying: Carrying, node: exp.DateFromParts) -> Carried:
    places = {name: node.args[name] for name in ("year", "month", "day")}
    for value in places.values():
        carrying.need(value, "whole")
    return part("make_date(cast(:year as int), cast(:month as int), cast(:day as int))", **places), "date"


def _last_day(carrying: Carrying, node: exp.LastDay) -> Carried:
    carrying.need(node.this, *TIMES)
    return part("last_day(cast(:x as date))", x=node.this), "date"


#: Days and times under one row's value.
TIME_NODES: dict[str, Callable[[Carrying, exp.Expression], Carried]] = {
    **dict.fromkeys(["Add", "Sub"], _added),
    **dict.fromkeys(["TimestampTrunc", "DateTrunc"], _start),
    "Interval": _interval,
    "Extract": _extract,
    "DateDiff": _difference,
    "DateFromParts": _made,
    "LastDay": _last_day,
    "Year": _named_part("YEAR"),
    "Quarter": _named_part("QUARTER"),
    "Month": _named_part("MONTH"),
    "Day": _named_part("DAY"),
    "DayOfMonth": _named_part("DAY"),
    "Hour": _named_part("HOUR"),
    "Minute": _named_part("MINUTE"),
    "Week": _named_part("WEEK"),
    "WeekOfYear": _named_part("WEEK"),
    "DayOfYear": _named_part("DOY"),
    "DayOfWeek": _named_part("DOW"),
    "DayOfWeekIso": _named_part("ISODOW"),
    "weekday()": _named_part("DOW"),
    "isodow()": _named_part("ISODOW"),
}
