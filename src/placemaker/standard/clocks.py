"""Time limits of the law over a landlord's cases: for each, when it is due, whether it was met, and how late it is.

``with clocks("damp.csv", "awaab-2025", table="hazard_case") as found:`` gives a :class:`Clocks`. The limits themselves
are data: see `clocks.yaml` in the packs.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from placemaker.lake import Workspace
from placemaker.lake.errors import Refusal
from placemaker.standard import clock_sql as sql
from placemaker.standard.check import as_mapping, check
from placemaker.standard.clock_files import Clock, ClockPack, read_clocks
from placemaker.standard.expressions import names_in
from placemaker.standard.findings_files import write_query
from placemaker.standard.outputs import not_over
from placemaker.standard.reading import Progress
from placemaker.standard.schema import table as table_of
from placemaker.standard.working_days import make_calendar

_PAGE = 10_000
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class ClockRow:
    """How one clock stands for one case. ``started`` and ``stopped`` are local times; at midnight the time is unknown.

    ``due_date`` is the last day on which it is in time; ``due_at`` the moment, for a clock in hours. ``late_days`` are
    calendar days after the due day, ``late_hours`` hours after the due moment, at the least where times are unknown.
    ``why`` says why it cannot be told.
    """

    clock: str
    table: str
    key: str
    home: str | None
    source: str | None
    row: int | None
    started: datetime | None
    due_date: date | None
    due_at: datetime | None
    stopped: datetime | None
    verdict: str
    late_days: int | None
    late_working_days: int | None
    late_hours: float | None
    why: str | None

    def to_json(self) -> dict[str, Any]:
        """The row as one plain object."""
        return {name: value.isoformat() if isinstance(value, date) else value for name, value in asdict(self).items()}


class Clocks:
    """Every clock of a pack over every case it counts for: an iterable that streams, worst first, with a length.

    ``left_out`` says which clocks could not be looked at and why, ``files`` what was read. Close it, or use it in a
    ``with`` block.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, pack: ClockPack, now: datetime, closing: ExitStack) -> None:
        self.con, self.pack, self.now, self._closing = con, pack, now, closing
        self.relation = f"_clocks{next(_numbers)}"
        self.files: tuple[Path, ...] = ()
        self.left_out: dict[str, str] = {}
        self.cases: dict[str, int] = {}

    def __enter__(self) -> Clocks:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the rows and of what was opened for them."""
        self._closing.close()

    @property
    def clean(self) -> bool:
        """Whether no clock is late or overdue."""
        query = f"select count(*) from {self.relation} where verdict in ('late', 'overdue')"
        return not self.con.execute(query).fetchone()[0]

    def __len__(self) -> int:
        return self.con.execute(f"select count(*) from {self.relation}").fetchone()[0]

    def __iter__(self) -> Iterator[ClockRow]:
        after, rows = 0, [()]
        while rows:
            rows = self.con.execute(
                f"select * from {self.relation} where rowid >= {after} and rowid < {after + _PAGE}"
            ).fetchall()
            yield from (ClockRow(*row) for row in rows)
            after += _PAGE

    def overdue(self, most: int = 20) -> list[ClockRow]:
        """The first that are overdue, the longest overdue first."""
        query = f"select * from {self.relation} where verdict = 'overdue' order by rowid limit {most}"
        return [ClockRow(*row) for row in self.con.execute(query).fetchall()]

    def count(self) -> dict[str, dict[str, int]]:
        """How many cases there are of each verdict, by clock in the order of the pack, clocks without any included."""
        looked_at = (clock.id for clock in self.pack.clocks if clock.id not in self.left_out)
        found = {clock: dict.fromkeys(sql.VERDICTS, 0) for clock in looked_at}
        query = f"select clock, verdict, count(*) from {self.relation} group by all"
        for clock, verdict, number in self.con.execute(query).fetchall():
            found[clock][verdict] = number
        return found

    def write(self, path: str | Path, *, missed_only: bool = False) -> Path:
        """Write every row to a .csv, .parquet or .xlsx file, by the end of its name; worst first."""
        where = " where verdict in ('overdue', 'late')" if missed_only else ""
        query = f"select * from {self.relation}{where} order by rowid"
        return write_query(self.con, query, not_over(path, *self.files), title="Clocks")


def clocks(
    source: Workspace | str | Path | duckdb.DuckDBPyConnection,
    pack: str | Path | ClockPack,
    *,
    table: str | None = None,
    mapping: str | Path | dict[str, Any] | None = None,
    now: datetime | date | None = None,
    as_of: int | None = None,
    progress: Progress | None = None,
) -> Clocks:
    """The clocks of ``pack`` over a workspace, a file, or a connection whose views have the names of the tables.

    A file is read as ``table`` of the standard or by ``mapping``. ``now`` is the local moment to judge by (by default
    this one); a day alone means its end. ``as_of`` reads a workspace as it was after that load. What is written as
    later than ``now`` has not happened yet. Raises Refusal where there is nothing to judge.
    """
    tell = progress or (lambda _: None)
    wanted = pack if isinstance(pack, ClockPack) else read_clocks(pack)
    moment = _moment(now)
    closing = ExitStack()
    with ExitStack() as until_done:
        until_done.callback(closing.close)
        tell("Reading the cases")
        if isinstance(source, Workspace):
            _suits(wanted, source.settings.get("nation"))
            con = closing.enter_context(source.read(as_of))
            relations = {name: name for name in wanted.tables if name in _views(con)}
            where = str(source.folder)
        elif isinstance(source, (str, Path)):
            if (table is None) == (mapping is None):
                raise Refusal("Say what the file holds", str(source), "Name its table, or give its mapping.")
            read_as = as_mapping(mapping if mapping is not None else table)
            found = closing.enter_context(check(source, read_as, today=moment.date(), progress=progress))
            con, where = found.con, str(source)
            relations = {name: f"({one.rows()})" for name, one in found.tables.items() if name in wanted.tables}
        else:
            con, where = source, ""
            relations = {name: name for name in wanted.tables if name in _views(con)}
        if not relations:
            names = ", ".join(wanted.tables)
            raise Refusal(f"There is no {names} here, for which {wanted.name} has clocks", where, "Load them first.")
        result = Clocks(con, wanted, moment, closing)
        if isinstance(source, (str, Path)):
            result.files = tuple(Path(one) for one in (source, mapping) if isinstance(one, (str, Path)))
        tell("Counting working days")
        make_calendar(con, (n for clock in wanted.clocks for n in clock.working_days()))
        _judge(result, relations, tell)
        until_done.pop_all()
    return result


def _judge(result: Clocks, relations: dict[str, str], tell: Progress) -> None:
    con, parts = result.con, []
    for name in result.pack.tables:
        ours = result.pack.of_table(name)
        if name not in relations:
            result.left_out |= {clock.id: f"there is no {name}" for clock in ours}
            continue
        tell(f"Looking at {name}")
        wide = f"{result.relation}_{name}"
        described = con.execute(f"describe select * from {relations[name]}").fetchall()
        there = {row[0] for row in described}
        series = result.pack.series.get(name)
        used = sql.names_used(ours)
        query = base = sql.base_query(table_of(name), relations[name], there, series, used)
        for clock in ours:
            query = sql.clock_query(query, clock, result.now)
        try:
            con.execute(f"create or replace temp table {wide} as {query}")
        except duckdb.OutOfMemoryException:
            raise Refusal("There is not enough memory to look at the clocks", next="Look at fewer cases.") from None
        except duckdb.Error as error:
            raise _failure(con, base, ours, result.now, error) from None
        (result.cases[name],) = con.execute(f"select count(*) from {wide}").fetchone()
        for clock in ours:
            lacks = _lacks(clock, there)
            if lacks:
                result.left_out[clock.id] = f"the data has no {lacks}"
            else:
                parts.append(sql.result_query(clock, wide, table_of(name), result.now))
    if not parts:
        raise Refusal("No clock can be looked at", next="; ".join(f"{k}: {v}" for k, v in result.left_out.items()))
    found, missed = " union all ".join(parts), "verdict in ('overdue', 'late')"
    con.execute(f"create or replace temp table {result.relation}_all as {found}")
    # What was missed stands first and in order, the longest overdue at the top; the rest as the cases came.
    con.execute(
        f"create or replace temp table {result.relation} as from {result.relation}_all where {missed} order by "
        "verdict desc, coalesce(late_hours / 24, late_days) desc nulls last, due_date, table_name, key, clock"
    )
    con.execute(f"insert into {result.relation} from {result.relation}_all where not {missed}")
    con.execute(f"drop table {result.relation}_all")
    for name in relations:
        con.execute(f"drop table if exists {result.relation}_{name}")


def _failure(
    con: duckdb.DuckDBPyConnection, query: str, clocks: Iterable[Clock], now: datetime, error: duckdb.Error
) -> Refusal:
    """The Refusal for a clock that the engine does not work out, naming the file and line of the first such."""
    kind = type(error).__name__
    for clock in clocks:
        query = sql.clock_query(query, clock, now)
        try:
            con.execute(f"select count(*) from ({query}) t where t is not null").fetchall()
        except duckdb.Error:
            hint = "Look at the types of what it puts together: it starts and stops on a day or at a moment."
            return Refusal(
                f"The clock {clock.id} cannot be worked out ({kind})", clock.entry.where if clock.entry else "", hint
            )
    return Refusal(f"The clocks cannot be worked out ({kind})", next="Please report this as a bug.")


def _lacks(clock: Clock, there: set[str]) -> str:
    """The field without which a clock says nothing: that of its start, or those of all ways to stop it."""
    fields = set(table_of(clock.table).names)

    def missing(text: str) -> list[str]:
        named = [name for name in names_in(text) if (name.removeprefix("next_")) in fields]
        named = [name.removeprefix("next_") for name in named]
        return named if named and not any(name in there for name in named) else []

    starts = missing(clock.starts)
    stops = [missing(limb.stops) for limb in clock.limbs]
    lacking = starts or (sum(stops, []) if all(stops) else [])
    return " or ".join(dict.fromkeys(lacking))


def _moment(now: datetime | date | None) -> datetime:
    if now is None:
        from zoneinfo import ZoneInfo

        return datetime.now(ZoneInfo("Europe/London")).replace(tzinfo=None, microsecond=0)
    if isinstance(now, datetime):
        if now.tzinfo:
            from zoneinfo import ZoneInfo

            return now.astimezone(ZoneInfo("Europe/London")).replace(tzinfo=None, microsecond=0)
        return now.replace(microsecond=0)
    return datetime(now.year, now.month, now.day, 23, 59, 59)


def _suits(pack: ClockPack, nation: str | None) -> None:
    if pack.nations and nation and nation not in pack.nations:
        raise Refusal(f"{pack.title} ({pack.name}) is the law of {', '.join(pack.nations)}, not of {nation}")


def _views(con: duckdb.DuckDBPyConnection) -> set[str]:
    found = con.execute(
        "select view_name from duckdb_views() where not internal union select table_name from duckdb_tables()"
    )
    return {name for (name,) in found.fetchall()}
