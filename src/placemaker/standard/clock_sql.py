"""The SQL that tells of every row of a table which clocks run for it, when each is due and how it stands.

Layer by layer: the row, then for each clock its start, its stops and its due days (joined from the calendar of working
days), then one verdict a clock. Whole tables at a time; no row passes through Python.

A moment without a time of day is midnight in an export, so it stands for any moment of its day. A clock in hours is
*late* or *overdue* only where it is so for every moment that the row leaves open, and *met* only where the times of day
are held; else it is *cannot tell*.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from placemaker.standard.clock_files import Clock, Limb, Series
from placemaker.standard.expressions import identifier, names_in
from placemaker.standard.schema import Table
from placemaker.standard.working_days import CALENDAR

VERDICTS = ("overdue", "late", "cannot tell", "running", "met", "not started")

_ZONE = "Europe/London"
_PER = {"days": "days", "weeks": "weeks", "months": "months", "years": "years"}
_NEIGHBOURS = {"next": "lead", "previous": "lag"}


def base_query(table: Table, relation: str, there: Collection[str], series: Series | None, used: set[str]) -> str:
    """The rows of a table with every field of the standard (empty where the export has none), and their neighbours."""
    cells = [
        identifier(field.name) if field.name in there else f"cast(null as {field.sql_type}) as {identifier(field.name)}"
        for field in table.fields
    ]
    for own, kind in (("_source", "varchar"), ("_row", "bigint")):
        cells.append(own if own in there else f"cast(null as {kind}) as {own}")
    query = f"select {', '.join(cells)} from {relation}"
    if series is None:
        return query
    share = ", ".join(("_source", *map(identifier, series.by)))
    windows = [
        f"case when {series.where} then {function}({identifier(field.name)}) over _line end as {side}_{field.name}"
        for side, function in _NEIGHBOURS.items()
        for field in table.fields
        if f"{side}_{field.name}" in used
    ]
    line = (
        f"partition by coalesce({series.where}, false), {share} order by {identifier(series.order)}, "
        f"{identifier(table.key)}"
    )
    return f"select *, {', '.join(windows)} from ({query}) window _line as ({line})" if windows else query


def clock_query(inner: str, clock: Clock, now: datetime) -> str:
    """``inner`` with the columns of one clock added, begun with its name: on, start, stop, due, verdict, why."""
    me, moment = clock.name, _moment(now)
    cells = [f"({clock.applies}) and ({clock.force}) as {me}_on", f"cast({clock.starts} as timestamp) as {me}_start"]
    cells += [f"coalesce({clock.closed}, false) as {me}_closed", f"coalesce({clock.unknown}, false) as {me}_unknown"]
    for n, limb in enumerate(clock.limbs):
        stop = f"cast({limb.stops} as timestamp)"
        cells.append(f"case when {stop} <= {moment} then {stop} end as {me}_stop{n}")
        if limb.due:
            cells.append(f"cast({limb.due} as date) as {me}_given{n}")
    if clock.extension:
        cells.append(f"cast({clock.extension.day} as date) as {me}_asked")
        cells.append(f"coalesce({clock.extension.unless}, false) as {me}_reason")
    query = f"select *, {', '.join(cells)} from ({inner})"
    query = _dues(query, clock)
    last = _greatest([f"{me}_due{n}" for n in range(len(clock.limbs))])
    stops = _least([f"{me}_stop{n}" for n in range(len(clock.limbs))])
    query = f"select *, {last} as {me}_due, {stops} as {me}_stop from ({query})"
    if clock.in_hours:
        query = _instants(query, clock)
    standings = [f"{_standing(clock, limb, n, now)} as {me}_stands{n}" for n, limb in enumerate(clock.limbs)]
    query = f"select *, {', '.join(standings)} from ({query})"
    return f"select *, {_verdict(clock, moment)} as {me}_verdict, {_why(clock)} as {me}_why from ({query})"


def _dues(query: str, clock: Clock) -> str:
    """The due day of each limb. In hours there is no due day but a moment, as the local clock shows it."""
    me, joins, cells = clock.name, [], []
    for n, limb in enumerate(clock.limbs):
        start = f"{me}_start"
        if limb.due:
            due = f"{me}_given{n}"
        elif limb.length.unit == "hours":
            # 24 hours later by the clock on the wall: the day is the same but for an hour twice a year.
            due = f"cast({start} + interval {limb.length.number} hours as date)"
        elif limb.length.unit == "working_days":
            due, join = _counted(f"_c{n}", start, limb.length.number, clock.days_less)
            joins.append(join)
        else:
            # Months and years run to the day of the same number; a first day that counts makes it the day before.
            step = f"interval {limb.length.number} {_PER[limb.length.unit]}"
            due = f"cast(cast({start} as date) + {step} as date) - {clock.days_less}"
        if clock.not_due_before:
            due = f"greatest({due}, date '{clock.not_due_before}')"
        cells.append(f"{due} as {me}_plain{n}")
    query = f"select r.*, {', '.join(cells)} from ({query}) r {' '.join(joins)}"
    plain = [f"{me}_plain{n}" for n in range(len(clock.limbs))]
    if not clock.extension:
        due = [f"{day} as {me}_due{n}" for n, day in enumerate(plain)]
        return f"select *, {_greatest(plain)} as {me}_unextended, {', '.join(due)} from ({query})"
    most, join = f"{me}_asked", ""
    if clock.extension.at_most:
        furthest, join = _counted("_x", plain[0], clock.extension.at_most)
        most = f"case when {me}_reason then {me}_asked else least({me}_asked, {furthest}) end"
    due = f"case when {me}_asked > {plain[0]} then {most} else {plain[0]} end as {me}_due0"
    return f"select r.*, {plain[0]} as {me}_unextended, {due} from ({query}) r {join}"


def _instants(query: str, clock: Clock) -> str:
    """The first and last instants that the start and each stop may mean, once each and only where the clock runs."""
    me = clock.name
    cells = [
        f"case when {me}_on then {first_or_last(f'{me}_{moment}')} end as {me}_{moment}_{side}"
        for moment in ("start", *(f"stop{n}" for n in range(len(clock.limbs))))
        for side, first_or_last in (("first", _first), ("last", _last))
    ]
    return f"select *, {', '.join(cells)} from ({query})"


def _counted(name: str, start: str, number: int, before: int = 0) -> tuple[str, str]:
    """The day a number of working days after ``start``, or the day ``before`` it, and the join it comes from."""
    day = f"cast(r.{start} as date) - {before}"
    return f"{name}.plus_{number}", f"left join {CALENDAR} {name} on {name}.day = {day}"


def _standing(clock: Clock, limb: Limb, n: int, now: datetime) -> str:
    """How one limb stands: met, late, running, overdue, or cannot tell."""
    me = clock.name
    start, stop, due = f"{me}_start", f"{me}_stop{n}", f"{me}_due{n}"
    if limb.length is None or limb.length.unit != "hours":
        day = f"date '{now:%Y-%m-%d}'"
        return (
            f"case when {due} is null then 'cannot tell' "
            f"when {stop} is not null then case when cast({stop} as date) <= {due} then 'met' else 'late' end "
            f"when {day} <= {due} then 'running' else 'overdue' end"
        )
    length, instant = f"interval {limb.length.number} hours", _instant(_moment(now))
    soonest, latest = f"{start}_first + {length}", f"{start}_last + {length}"
    return (
        f"case when {stop} is not null then "
        f"case when {stop}_first > {latest} then 'late' "
        f"when not {_undated(start)} and not {_undated(stop)} and {stop}_last <= {soonest} then 'met' "
        f"else 'cannot tell' end "
        f"when {instant} > {latest} then 'overdue' when {instant} <= {soonest} then 'running' else 'cannot tell' end"
    )


def _verdict(clock: Clock, moment: str) -> str:
    me = clock.name
    stands = [f"{me}_stands{n}" for n in range(len(clock.limbs))]
    ways = [(f"{me}_stands{n}", f"{me}_due{n} = {me}_due") for n in range(len(clock.limbs))]
    any_of = " ".join(
        f"when {' or '.join(f'{one} = {word!r}' for one in stands)} then {word!r}"
        for word in ("met", "running", "cannot tell")
    )
    # Of two ways with different times, only the one with the longer time says that it was done at last.
    late = "'late'"
    any_of += f" when {' or '.join(f'({one} = {late} and {last})' for one, last in ways)} then 'late'"
    missed = f"({' and '.join(f'{one} in ({chr(39)}late{chr(39)}, {chr(39)}overdue{chr(39)})' for one in stands)})"
    return (
        f"case when not {me}_on then null "
        f"when {me}_start is null then case when {me}_stop is null then 'not started' else 'cannot tell' end "
        f"when {me}_on is null then 'cannot tell' "
        f"when {me}_start > {moment} then 'not started' "
        f"when {_early(clock)} then 'cannot tell' "
        f"when {me}_closed and {me}_stop is null then 'cannot tell' "
        f"when {me}_unknown and {missed} then 'cannot tell' "
        f"{any_of} else 'overdue' end"
    )


def _why(clock: Clock) -> str:
    """In a few words why it cannot be told, or what about the due day should be known."""
    me = clock.name
    cases = [
        (f"not {me}_on", "null"),
        (f"{me}_start is null and {me}_stop is not null", "'when it began is not known'"),
        (f"{me}_start is null", "null"),
        (f"{me}_on is null", "'whether the time limit applies is not known'"),
        (_early(clock), "'it ended before it began'"),
        (f"{me}_closed and {me}_stop is null", "'the case is closed, but not when this was done'"),
        (f"{me}_due is null", "'the due day is not known'"),
    ]
    if clock.in_hours:
        undated = " or ".join(_undated(f"{me}_{name}") for name in ("start", "stop"))
        told = " or ".join(f"{me}_stands{n} = 'cannot tell'" for n in range(len(clock.limbs)))
        cases.append((f"({told}) and ({undated})", "'the export holds days without a time'"))
        cases.append((told, "'the clocks changed within the hour'"))
    if clock.unknown != "false":
        cases.append((f"{me}_unknown", "'it may have been done another way, on a day that is not held'"))
    if clock.extension and clock.extension.at_most:
        cut = f"{me}_asked > {me}_due0 and not {me}_reason"
        cases.append((cut, "'put off further than the law allows without a reason'"))
    return f"case {' '.join(f'when {condition} then {text}' for condition, text in cases)} end"


def _early(clock: Clock) -> str:
    """Whether it stopped before it started; where the stop has no time of day, on an earlier day."""
    start, stop = f"{clock.name}_start", f"{clock.name}_stop"
    if clock.may_stop_early:
        return "false"
    same_day = f"({_undated(stop)} and cast({stop} as date) = cast({start} as date))"
    return f"coalesce({stop} < {start} and not {same_day}, false)"


def result_query(clock: Clock, wide: str, table: Table, now: datetime) -> str:
    """One row for each case for which the clock counts, from the table of all its columns."""
    me, today = clock.name, f"date '{now:%Y-%m-%d}'"
    home = "home_ref" if "home_ref" in table.names else "cast(null as varchar)"
    lates = _least(
        [
            f"case when {me}_due{n} = {me}_due then coalesce(cast({me}_stop{n} as date), {today}) - {me}_due{n} end"
            for n in range(len(clock.limbs))
        ]
    )
    missed = f"{me}_verdict in ('late', 'overdue')"
    due_at = hours = "null"
    if clock.in_hours:
        start = f"{me}_start"
        step = f"interval {clock.limbs[0].length.number} hours"
        due_at = f"case when not {_undated(start)} then {_local(f'{start}_first + {step}')} end"
        ends = [f"coalesce({me}_stop{n}_first, {_instant(_moment(now))})" for n in range(len(clock.limbs))]
        hours = f"case when {missed} then round(epoch({_least(ends)} - ({start}_last + {step})) / 3600, 1) end"
    calendar = working = ""
    if any(clock.working_days()):
        working = f"case when {missed} then _e.passed - _d.passed end"
        calendar = (
            f"left join {CALENDAR} _d on _d.day = {me}_due "
            f"left join {CALENDAR} _e on _e.day = coalesce(cast({me}_stop as date), {today})"
        )
    return (
        f"select '{clock.id}' as clock, '{clock.table}' as table_name, {identifier(table.key)} as key, {home} as home, "
        f"_source as source, _row as row, {me}_start as started, {me}_due as due_date, "
        f"cast({due_at} as timestamp) as due_at, {me}_stop as stopped, {me}_verdict as verdict, "
        f"cast(case when {missed} then {lates} end as bigint) as late_days, "
        f"cast({working or 'null'} as bigint) as late_working_days, cast({hours} as double) as late_hours, "
        f"{me}_why as why from {wide} {calendar} where {me}_on is distinct from false"
    )


def names_used(clocks: Collection[Clock]) -> set[str]:
    """The names that the expressions of some clocks use."""
    return {name for clock in clocks for text in clock.expressions() for name in names_in(text)}


# --- moments ----------------------------------------------------------------------------------------------------------


def _moment(now: datetime) -> str:
    return f"timestamp '{now:%Y-%m-%d %H:%M:%S}'"


def _instant(moment: str) -> str:
    """A local moment as one on the world's clock."""
    return f"timezone('{_ZONE}', {moment})"


def _local(instant: str) -> str:
    return f"timezone('{_ZONE}', {instant})"


def _undated(moment: str) -> str:
    """Whether it stands for a whole day: an export writes a day without a time as midnight."""
    return f"({moment} = date_trunc('day', {moment}))"


def _first(moment: str) -> str:
    """The first instant that a local moment may mean. In October one hour comes twice."""
    back = f"{_instant(moment)} - interval 1 hour"
    return f"case when {_local(back)} = {moment} then {back} else {_instant(moment)} end"


def _last(moment: str) -> str:
    """The last instant that it may mean: the end of its day, where it has no time."""
    on, end = f"{_instant(moment)} + interval 1 hour", f"{_instant(f'({moment} + interval 1 day)')}"
    return (
        f"case when {_undated(moment)} then {end} - interval 1 microsecond "
        f"when {_local(on)} = {moment} then {on} else {_instant(moment)} end"
    )


def _greatest(columns: list[str]) -> str:
    return columns[0] if len(columns) == 1 else f"greatest({', '.join(columns)})"


def _least(columns: list[str]) -> str:
    return columns[0] if len(columns) == 1 else f"least({', '.join(columns)})"
