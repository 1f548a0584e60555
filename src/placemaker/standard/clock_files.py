"""The clocks of a pack as `clocks.yaml` writes them: what starts one, what stops it, and how long it may run."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date, datetime
from pathlib import Path

from placemaker.lake.errors import Refusal
from placemaker.standard.expressions import literal, names_in, row_sql
from placemaker.standard.packfiles import Entry, read_list
from placemaker.standard.packheads import OURS
from placemaker.standard.packs import Pack
from placemaker.standard.packs import pack as pack_of
from placemaker.standard.schema import Table, nearest, table, table_names
from placemaker.standard.yaml_lines import shown

UNITS = ("hours", "days", "working_days", "weeks", "months", "years")
_COUNTS_FROM = {"day_after": 0, "same_day": 1}
_NAMES = (
    *("id", "table", "title", "description", "source", "start", "end", "in_force", "applies", "starts", "stops"),
    *("length", "due", "either", "counts_from", "extended_to", "not_due_before", "needs_time", "may_stop_early"),
    *("closed", "unknown", "series"),
)
#: An id, which is the beginning of names in SQL.
_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", re.ASCII)
#: No time limit is longer, whatever its unit.
_LONGEST = 1_000
#: What an expression of a later clock may use of an earlier one, after its name with low lines.
OF_EARLIER = ("due", "unextended", "stop")


@dataclass(frozen=True, slots=True)
class Length:
    """How long a clock may run: 24 hours, 10 working days, 12 weeks."""

    unit: str
    number: int


@dataclass(frozen=True, slots=True)
class Limb:
    """One way to be in time: what stops the clock, and by when. ``due`` is the day as SQL, where no length gives it."""

    name: str
    stops: str
    length: Length | None = None
    due: str = ""


@dataclass(frozen=True, slots=True)
class Extension:
    """A later day for the answer: ``day`` in SQL, at most ``at_most`` working days on, unless ``unless`` holds."""

    day: str
    at_most: int = 0
    unless: str = "false"


@dataclass(frozen=True, slots=True)
class Series:
    """What makes rows a series: the fields they share, the field of their order, and which rows count."""

    by: tuple[str, ...]
    order: str
    where: str


@dataclass(frozen=True, slots=True)
class Clock:
    """One time limit. Conditions and moments are SQL over a row; a clock is met where any one of its limbs is.

    ``days_less`` is 1 where the first day counts itself. ``force`` is the condition under which the clock was in force,
    ``closed`` holds where nothing more will be written into the row, and ``entry`` is where the clock is written.
    """

    id: str
    table: str
    title: str
    source: str
    starts: str
    limbs: tuple[Limb, ...]
    applies: str = "true"
    force: str = "true"
    days_less: int = 0
    extension: Extension | None = None
    may_stop_early: bool = False
    closed: str = "false"
    unknown: str = "false"
    not_due_before: date | None = None
    description: str = ""
    entry: Entry | None = dataclass_field(default=None, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The id as a name in SQL."""
        return self.id.replace("-", "_")

    @property
    def in_hours(self) -> bool:
        """Whether it is counted in hours, so that times of day matter."""
        return any(limb.length and limb.length.unit == "hours" for limb in self.limbs)

    def expressions(self) -> Iterator[str]:
        """Every expression of it."""
        yield from (self.applies, self.force, self.starts, self.closed, self.unknown)
        yield from (text for limb in self.limbs for text in (limb.stops, limb.due) if text)
        if self.extension:
            yield from (self.extension.day, self.extension.unless)

    def working_days(self) -> Iterator[int]:
        """The numbers of working days it counts."""
        for limb in self.limbs:
            if limb.length and limb.length.unit == "working_days":
                yield limb.length.number
        if self.extension and self.extension.at_most:
            yield self.extension.at_most


@dataclass(frozen=True, slots=True)
class ClockPack:
    """The clocks of a pack, in their order, with the series of each table that has one."""

    name: str
    title: str
    nations: tuple[str, ...]
    clocks: tuple[Clock, ...]
    series: dict[str, Series]

    def of_table(self, name: str) -> tuple[Clock, ...]:
        """The clocks of one table."""
        return tuple(clock for clock in self.clocks if clock.table == name)

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables that have clocks, in the order of the file."""
        return tuple(dict.fromkeys(clock.table for clock in self.clocks))


def read_clocks(pack: str | Path | Pack) -> ClockPack:
    """The clocks of a pack of the standard (``awaab-2025``) or of a pack's folder, with those of the pack it follows.

    Raises Refusal, with file and line, where there is no such pack or an entry of it is not as it should be.
    """
    found = pack if isinstance(pack, Pack) else pack_of(pack)
    entries = list(found.entries("clocks.yaml").values())
    if not entries:
        next = f"These packs have some: {', '.join(packs_with_clocks())}."
        raise Refusal(f"The pack {found.name} has no clocks", next=next)
    _refuse_twice(found)
    tables = [_table(entry) for entry in entries]
    pairs = zip(entries, tables, strict=True)
    series = {of.name: _series(entry, of, found.head.ours) for entry, of in pairs if entry.get("series")}
    made: list[Clock] = []
    for entry, of in zip(entries, tables, strict=True):
        made.append(_Reader(entry, of, found, tuple(made), series.get(of.name)).clock())
    return ClockPack(found.name, found.title, found.head.nations, tuple(made), series)


def packs_with_clocks() -> tuple[str, ...]:
    """The names of the standard's packs that have clocks."""
    return tuple(sorted(f"{file.parent.parent.name}-{file.parent.name}" for file in OURS.glob("*/*/clocks.yaml")))


def _refuse_twice(pack: Pack) -> None:
    """A Refusal where one file gives a clock twice, of which only the last would count."""
    for folder in pack.folders:
        file, seen = folder / "clocks.yaml", set()
        for entry in read_list(file) if file.is_file() else ():
            name = str(entry.get("id"))
            if name in seen:
                raise Refusal(f"The clock {name!r} is given twice", entry.where, "Give one another id.")
            seen.add(name)


def _table(entry: Entry) -> Table:
    """The table of a clock, once its names are known to be right."""
    entry.know("A clock", _NAMES, ("id", "table", "title", "source", "starts"))
    if not isinstance(entry.get("id"), str) or not _ID.fullmatch(entry.get("id")):
        what = f"The id {entry.get('id')!r} is not small letters, digits and -"
        raise Refusal(what, entry.at("id"), "Write it like stage-1-answered.")
    if entry.get("table") not in table_names():
        near = nearest(str(entry.get("table")), table_names())
        raise Refusal(f"The standard has no table {entry.get('table')!r}", entry.at("table"), near)
    return table(entry.get("table"))


def _inside(entry: Entry, *steps: str | int) -> Entry:
    """An entry within an entry; a Refusal where it is none."""
    data = entry.data
    for step in steps:
        data = data[step]
    if not isinstance(data, dict):
        raise Refusal(f"`{steps[0]}` does not hold names and what they say", entry.at(*steps), "See docs/clocks.md.")
    return Entry(data, entry.path, (*entry.steps, *steps))


def _series(entry: Entry, of: Table, ours: bool) -> Series:
    given = _inside(entry, "series").know("A series", ("by", "order", "where"), ("by", "order"))
    by, where = given.get("by"), str(given.get("where", "true"))
    if not isinstance(by, list):
        raise Refusal("`by` is no list of fields", given.at("by"), "Write it as [home_ref, kind].")
    for name in (*by, given.get("order")):
        if not isinstance(name, str) or name not in of.names:
            raise Refusal(f"The table {of.name} has no field {name!r}", given.where, nearest(str(name), of.names))
    return Series(tuple(by), given.get("order"), where if ours else row_sql(where, of.names, given.at("where")))


class _Reader:
    """Makes one clock of its entry."""

    def __init__(self, entry: Entry, of: Table, pack: Pack, earlier: tuple[Clock, ...], series: Series | None) -> None:
        self.entry, self.table, self.pack, self.ours = entry, of, pack, pack.head.ours
        self.known = {field.name for field in self.table.fields}
        if series:
            self.known |= {f"{side}_{name}" for side in ("next", "previous") for name in self.table.names}
        for clock in earlier:
            self.known |= {f"{clock.name}_{what}" for what in OF_EARLIER if clock.table == self.table.name}

    def clock(self) -> Clock:
        """The clock, or a Refusal with the line of what is wrong."""
        entry = self.entry
        counted = entry.get("counts_from", "day_after")
        if str(counted) not in _COUNTS_FROM:
            raise Refusal(f"counts_from may not be {counted!r}", entry.where, nearest(str(counted), _COUNTS_FROM))
        clock = Clock(
            id=entry.get("id"),
            table=self.table.name,
            title=" ".join(str(entry.get("title")).split()),
            source=" ".join(str(entry.get("source")).split()),
            description=str(entry.get("description", "")),
            starts=self.sql("starts"),
            limbs=tuple(self._limbs()),
            applies=self.sql("applies", "true"),
            force=self._force(),
            days_less=_COUNTS_FROM[counted],
            extension=self._extension(),
            may_stop_early=self._yes("may_stop_early"),
            closed=self.sql("closed", "false"),
            unknown=self.sql("unknown", "false"),
            not_due_before=self._day("not_due_before"),
            entry=entry,
        )
        if clock.in_hours and not self._yes("needs_time"):
            raise Refusal("A clock in hours needs times of day", entry.where, "Say `needs_time: true`.")
        return clock

    def sql(self, name: str, default: str = "", entry: Entry | None = None) -> str:
        """The expression ``name`` of an entry, on one line; outside the standard's own packs it passes the gate."""
        entry = self.entry if entry is None else entry
        value = entry.get(name)
        if value is None:
            return default
        if isinstance(value, date):
            return f"date '{value}'"
        text = str(value).strip() if not isinstance(value, bool) else str(value).lower()
        if not self.ours:
            return row_sql(text, self.known, entry.where)
        for used in names_in(text):
            if used not in self.known and used.isidentifier() and used not in _WORDS:
                raise Refusal(f"The clock uses {used!r}, which {self.table.name} has not", entry.where)
        return " ".join(text.split())

    def _limbs(self) -> Iterator[Limb]:
        given, ways = self.entry.get("either"), [self.entry]
        if given and not isinstance(given, list):
            raise Refusal("`either` is no list of ways", self.entry.at("either"), "Begin each way with `- name:`.")
        if given:
            names = ("name", "stops", "length", "due")
            ways = [_inside(self.entry, "either", n) for n in range(len(given))]
            ways = [way.know("A way to stop a clock", names, ("name", "stops")) for way in ways]
        elif not self.entry.get("stops"):
            raise Refusal("The clock needs `stops` or `either`", self.entry.where, "Add it.")
        for way in ways:
            if bool(way.get("length")) == bool(way.get("due")):
                raise Refusal("The clock needs either `length` or `due`", way.where, "Give one of the two.")
            length = self._length(way) if way.get("length") else None
            yield Limb(str(way.get("name", "")), self.sql("stops", "", way), length, self.sql("due", "", way))

    def _length(self, way: Entry) -> Length:
        pairs = list(_inside(way, "length").data.items())
        if len(pairs) != 1 or pairs[0][0] not in UNITS or not _is_length(pairs[0][1]):
            what = f"A length is one number of one unit, at most {_LONGEST:,}"
            raise Refusal(what, way.at("length"), f"Units are: {', '.join(UNITS)}.")
        return Length(*pairs[0])

    def _extension(self) -> Extension | None:
        given = self.entry.get("extended_to")
        if not given:
            return None
        if isinstance(given, str):
            return Extension(self.sql("extended_to"))
        way = _inside(self.entry, "extended_to").know("An extension", ("day", "at_most", "unless"), ("day",))
        most = way.get("at_most", {})
        if most and (not isinstance(most, dict) or list(most) != ["working_days"] or not _is_length(*most.values())):
            raise Refusal("An extension is at most a number of working_days", way.at("at_most"))
        return Extension(self.sql("day", "", way), most.get("working_days", 0), self.sql("unless", "false", way))

    def _force(self) -> str:
        """The condition under which the clock was in force for a row, by its own days and those of a lookup."""
        given = Entry({}, self.entry.path, self.entry.steps)
        if self.entry.get("in_force"):
            given = _inside(self.entry, "in_force").know("in_force", ("day", "lookup", "by"))
        day = self.sql("day", "", given) or self.sql("starts")
        day = f"cast({day} as date)"
        parts = [_between(day, self._day("start"), self._day("end"))]
        if given.get("lookup"):
            parts.append(self._phases(given, day))
        return " and ".join(part for part in parts if part) or "true"

    def _phases(self, given: Entry, day: str) -> str:
        lookup = self.pack.lookups.get(given.get("lookup"))
        if lookup is None:
            raise Refusal(f"The pack has no lookup {given.get('lookup')!r}", given.where, "Put it into lookups/.")
        by = given.get("by", [])
        for name in (*by, "start"):
            if name not in lookup.columns or name not in (*self.table.names, "start"):
                what = f"{name!r} is not both a field of {self.table.name} and a column of {lookup.name}"
                raise Refusal(what, given.where, f"Columns are: {', '.join(lookup.columns)}.")
        begun = []
        with lookup.path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines, restval="")
            rows = [(line, f"{shown(lookup.path)}, line {reader.line_num}") for line in reader]
        own = {tuple(line[name] for name in by) for line, _ in rows}
        for line, where in rows:
            if line.get("start"):
                same = [self._any_of(line, name, by, own) for name in by if line[name] != "*"]
                same.append(_between(day, *(_iso(line.get(side), where) for side in ("start", "end"))))
                begun.append(f"({' and '.join(same)})")
        return f"({' or '.join(begun) or 'false'})"

    def _any_of(self, line: dict[str, str], name: str, by: list[str], own: set[tuple[str, ...]]) -> str:
        """That ``name`` is the code of a lookup's line, or one below it that has no line of its own."""
        values, listed = [line[name]], self.table.field(name).codelist
        codes = (self.pack.codelists.get(listed) or self.table.codelist(listed)).codes if listed else ()
        for value in values:
            for code in codes:
                if code.parent == value and tuple(code.code if one == name else line[one] for one in by) not in own:
                    values.append(code.code)
        return f"{name} in ({', '.join(map(literal, values))})"

    def _yes(self, name: str) -> bool:
        value = self.entry.get(name, False)
        if not isinstance(value, bool):
            raise Refusal(f"{name} is true or false", self.entry.where)
        return value

    def _day(self, name: str) -> date | None:
        value = self.entry.get(name)
        if value is not None and (not isinstance(value, date) or isinstance(value, datetime)):
            raise Refusal(f"{name} is no day", self.entry.where, "Write it as 2026-04-01.")
        return value


#: Words of SQL that are no fields.
_WORDS = frozenset(
    ("and", "or", "not", "is", "null", "in", "case", "when", "then", "else", "end", "between", "like", "true", "false")
    + ("interval", "date", "timestamp", "year", "years", "month", "months", "day", "days", "as", "distinct", "from")
)


def _is_length(value: object) -> bool:
    return type(value) is int and 1 <= value <= _LONGEST


def _between(day: str, start: date | None, end: date | None) -> str:
    parts = [f"{day} >= date '{start}'"] if start else []
    return " and ".join(parts + ([f"{day} <= date '{end}'"] if end else []))


def _iso(text: str | None, where: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refusal(f"{text!r} is no day", where, "Write it as 2026-04-01.") from None
