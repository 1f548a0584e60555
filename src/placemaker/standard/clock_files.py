"""The clocks of a pack as `clocks.yaml` writes them: what starts one, what stops it, and how long it may run."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from placemaker.lake.errors import Refusal
from placemaker.standard.expressions import literal, names_in, row_sql
from placemaker.standard.packfiles import Entry, read_list
from placemaker.standard.packheads import OURS
from placemaker.standard.packs import Pack
from placemaker.standard.packs import pack as pack_of
from placemaker.standard.schema import nearest, table
from placemaker.standard.yaml_lines import shown

UNITS = ("hours", "days", "working_days", "weeks", "months", "years")
_COUNTS_FROM = {"day_after": 0, "same_day": 1}
_NAMES = (
    *("id", "table", "title", "description", "source", "start", "end", "in_force", "applies", "starts", "stops"),
    *("length", "due", "either", "counts_from", "extended_to", "not_due_before", "needs_time", "may_stop_early"),
    *("closed", "unknown", "series"),
)
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

    ``days_less`` is 1 where the first day counts itself. ``force_day`` is the day by which it is told whether the clock
    was in force, ``force`` the condition; ``closed`` holds where nothing more will be written into the row.
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
                yield limb.length.number - self.days_less
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
    entries = [
        entry.know("A clock", _NAMES, ("id", "table", "title", "source", "starts"))
        for entry in found.entries("clocks.yaml").values()
    ]
    if not entries:
        next = f"These packs have some: {', '.join(packs_with_clocks())}."
        raise Refusal(f"The pack {found.name} has no clocks", next=next)
    series = {entry.get("table"): _series(entry) for entry in entries if entry.get("series")}
    _refuse_twice(found)
    made: list[Clock] = []
    for entry in entries:
        made.append(_Reader(entry, found, tuple(made), series.get(entry.get("table"))).clock())
    return ClockPack(found.name, found.title, found.head.nations, tuple(made), series)


def packs_with_clocks() -> tuple[str, ...]:
    """The names of the standard's packs that have clocks."""
    return tuple(sorted(f"{file.parent.parent.name}-{file.parent.name}" for file in OURS.glob("*/*/clocks.yaml")))


def _refuse_twice(pack: Pack) -> None:
    """A Refusal where one file gives a clock twice, of which only the last would count."""
    for folder in pack.folders:
        file, seen = folder / "clocks.yaml", set()
        for entry in read_list(file) if file.is_file() else ():
            if entry.get("id") in seen:
                raise Refusal(f"The clock {entry.get('id')!r} is given twice", entry.where, "Give one another id.")
            seen.add(entry.get("id"))


def _inside(entry: Entry, *steps: str | int) -> Entry:
    """An entry within an entry; a Refusal where it is none."""
    data = entry.data
    for step in steps:
        data = data[step]
    if not isinstance(data, dict):
        raise Refusal(f"`{steps[0]}` does not hold names and what they say", entry.at(*steps), "See docs/clocks.md.")
    return Entry(data, entry.path, (*entry.steps, *steps))


def _series(entry: Entry) -> Series:
    given = _inside(entry, "series").know("A series", ("by", "order", "where"), ("by", "order"))
    return Series(tuple(given.get("by")), given.get("order"), given.get("where", "true"))


class _Reader:
    """Makes one clock of its entry."""

    def __init__(self, entry: Entry, pack: Pack, earlier: tuple[Clock, ...], series: Series | None) -> None:
        self.entry, self.pack, self.ours = entry, pack, pack.head.ours
        self.table = table(entry.get("table"))
        self.known = {field.name for field in self.table.fields}
        if series:
            self.known |= {f"{side}_{name}" for side in ("next", "previous") for name in self.table.names}
        for clock in earlier:
            self.known |= {f"{clock.name}_{what}" for what in OF_EARLIER if clock.table == self.table.name}

    def clock(self) -> Clock:
        """The clock, or a Refusal with the line of what is wrong."""
        entry = self.entry
        counted = entry.get("counts_from", "day_after")
        if counted not in _COUNTS_FROM:
            raise Refusal(f"counts_from may not be {counted!r}", entry.where, nearest(str(counted), _COUNTS_FROM))
        clock = Clock(
            id=str(entry.get("id")),
            table=self.table.name,
            title=" ".join(str(entry.get("title")).split()),
            source=" ".join(str(entry.get("source")).split()),
            description=entry.get("description", ""),
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
        if len(pairs) != 1 or pairs[0][0] not in UNITS or type(pairs[0][1]) is not int or pairs[0][1] < 1:
            raise Refusal("A length is one number of one unit", way.at("length"), f"Units are: {', '.join(UNITS)}.")
        return Length(*pairs[0])

    def _extension(self) -> Extension | None:
        given = self.entry.get("extended_to")
        if not given:
            return None
        if isinstance(given, str):
            return Extension(self.sql("extended_to"))
        way = _inside(self.entry, "extended_to").know("An extension", ("day", "at_most", "unless"), ("day",))
        most = way.get("at_most", {})
        if most and (list(most) != ["working_days"] or type(most["working_days"]) is not int):
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
        by = list(given.get("by", ()))
        for name in by:
            self.table.field(name)
        begun = []
        with lookup.path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            for line in reader:
                where = f"{shown(lookup.path)}, line {reader.line_num}"
                if line.get("start"):
                    same = [f"{name} = {literal(line[name])}" for name in by if line[name] != "*"]
                    same.append(_between(day, *(_iso(line.get(side), where) for side in ("start", "end"))))
                    begun.append(f"({' and '.join(same)})")
        return f"({' or '.join(begun) or 'false'})"

    def _yes(self, name: str) -> bool:
        value = self.entry.get(name, False)
        if not isinstance(value, bool):
            raise Refusal(f"{name} is true or false", self.entry.where)
        return value

    def _day(self, name: str) -> date | None:
        value = self.entry.get(name)
        if value is not None and not isinstance(value, date):
            raise Refusal(f"{name} is no day", self.entry.where, "Write it as 2026-04-01.")
        return value


#: Words of SQL that are no fields.
_WORDS = frozenset(
    ("and", "or", "not", "is", "null", "in", "case", "when", "then", "else", "end", "between", "like", "true", "false")
    + ("interval", "date", "timestamp", "year", "years", "month", "months", "day", "days", "as", "distinct", "from")
)


def _between(day: str, start: date | None, end: date | None) -> str:
    parts = [f"{day} >= date '{start}'"] if start else []
    return " and ".join(parts + ([f"{day} <= date '{end}'"] if end else []))


def _iso(text: str | None, where: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Refusal(f"{text!r} is no day", where, "Write it as 2026-04-01.") from None
