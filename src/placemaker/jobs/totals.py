"""Control totals: does the lake agree with what finance knows, to the penny, and if not, which accounts explain it.

A control file (YAML) says what finance has::

    as_at: 2026-03-31
    totals:
    - {id: homes, title: Homes, table: home, measure: count, where: "unit_kind = 'home' and status = 'in_management'",
       by: dwelling_type, expected: {flat: 711, house: 851}}
    - {id: weekly-debit, title: Weekly rent debit, measure: weekly_debit, expected: 176468.27, accounts: debit.csv}
    - {id: balances, title: Rent account balances, measure: balance, where: "status = 'current'", expected: 375726.46,
       accounts: balances.csv}

``measure`` is ``count``, ``sum(...)`` over the table's fields, ``balance``, ``weekly_debit`` (what one week's charges
come to in a week in which rent is charged) or ``yearly_debit`` (what a year's come to, by the weeks in the year).
``accounts`` is finance's own list beside the control file: a column named as a field (``account_ref``), and ``amount``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from placemaker.figure import Figure, Source
from placemaker.jobs.gaps import Gap, gaps_of
from placemaker.lake import Refusal, Workspace
from placemaker.standard.expressions import identifier, row_sql
from placemaker.standard.schema import Table
from placemaker.standard.schema import table as table_of

#: What one charge comes to in a week: monthly times 12 over 52, and so on.
WEEKLY = """case frequency when 'weekly' then amount when 'fortnightly' then amount / 2
    when 'four_weekly' then amount / 4
    when 'monthly' then amount * 12 / 52 when 'quarterly' then amount * 4 / 52 when 'yearly' then amount / 52 end"""

#: What one charge comes to in a year; a weekly one in 52 weeks where the weeks are not known.
YEARLY = """case frequency when 'weekly' then amount * coalesce(weeks_in_year, 52) when 'fortnightly' then amount * 26
    when 'four_weekly' then amount * 13 when 'monthly' then amount * 12 when 'quarterly' then amount * 4
    when 'yearly' then amount end"""

#: Measures with a name: their table, their amount, the field of the amount, and the formula in words.
NAMED = {
    "balance": ("rent_account", "balance", "balance", "Sum of the balances of the accounts"),
    "weekly_debit": ("rent_charge", WEEKLY, "amount", "Sum of what the charges of the day come to in a week"),
    "yearly_debit": ("rent_charge", YEARLY, "amount", "Sum of what the charges of the day come to in a year"),
}

_CHARGED = "(from_date is null or from_date <= date '{day}') and (to_date is null or to_date >= date '{day}')"
_NAMES = ("id", "title", "table", "measure", "where", "by", "unit", "expected", "accounts")


@dataclass(frozen=True)
class Part:
    """One group of a total that is split ``by`` a field: a type of dwelling, say."""

    group: str
    here: Figure
    there: Figure
    difference: Figure


@dataclass(frozen=True)
class Total:
    """One total: what the lake says, what finance says, and what explains the difference where there is one.

    ``gaps`` are the accounts behind it, the largest first; ``unexplained`` is what they leave over. ``notes`` say what
    else may have to do with it, such as rows held back.
    """

    id: str
    title: str
    here: Figure
    there: Figure
    difference: Figure
    parts: tuple[Part, ...] = ()
    gaps: tuple[Gap, ...] = ()
    unexplained: Figure | None = None
    notes: tuple[str, ...] = ()

    @property
    def matches(self) -> bool:
        """Whether the lake and finance agree, in the total, in every part and in every account."""
        return not self.difference.value and not any(part.difference.value for part in self.parts) and not self.gaps


@dataclass(frozen=True)
class Reconciliation:
    """The lake beside finance's control totals."""

    as_at: date
    snapshot: int
    control_file: Path
    totals: tuple[Total, ...]

    @property
    def matches(self) -> bool:
        """Whether every total agrees."""
        return all(total.matches for total in self.totals)

    def sentence(self) -> str:
        """All of it in one line: ``2,000 homes, £176,468.27 weekly rent debit: matches``."""
        told = ", ".join(f"{total.here.text()} {total.title[0].lower()}{total.title[1:]}" for total in self.totals)
        wrong = [total.title for total in self.totals if not total.matches]
        return f"{told}: {'matches' if not wrong else 'does not match finance in ' + ', '.join(wrong).lower()}"

    def lines(self, most: int = 20) -> list[str]:
        """What a person reads of each total; of the accounts behind a gap, at most ``most``."""
        found = []
        for total in self.totals:
            if total.matches:
                found.append(f"{total.title}: {total.here.text()} as finance.")
                continue
            found.append(
                f"{total.title}: {total.here.text()} here, {total.there.text()} at finance, a difference of "
                f"{total.difference.text()}."
            )
            for part in total.parts:
                if part.difference.value:
                    found.append(f"  {part.group}: {part.here.text()} here, {part.there.text()} at finance.")
            found += [f"  {gap.sentence()}" for gap in total.gaps[:most]]
            if len(total.gaps) > most:
                found.append(f"  and {len(total.gaps) - most:,} more accounts.")
            if total.unexplained is not None and total.unexplained.value:
                found.append(f"  {total.unexplained.text()} is not explained by any account.")
            found += [f"  {note}" for note in total.notes]
        return found

    def to_json(self) -> dict[str, Any]:
        """One plain object, every number a Figure."""
        return {
            "as_at": self.as_at.isoformat(),
            "snapshot": self.snapshot,
            "matches": self.matches,
            "totals": [_plain(total) for total in self.totals],
        }


def totals(workspace: Workspace | Path | str, control_file: Path | str, as_of: int | None = None) -> Reconciliation:
    """Compare the lake, as it was after load ``as_of``, with the control totals in ``control_file``.

    Raises Refusal where the control file is wrong or names a table that is not loaded.
    """
    opened = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    file = Path(control_file)
    day, entries = _read(file)
    number = opened.snapshot() if as_of is None else as_of
    with opened.read(as_of) as con:
        first_loads = {load.source: load.number for load in reversed(opened.loads())}
        ledger = _Ledger(con, opened, file, day, number, list(first_loads))
        return Reconciliation(day, number, file, tuple(ledger.total(entry) for entry in entries))


class _Ledger:
    """The lake at one day and load, and the totals that are taken of it."""

    def __init__(self, con: Any, workspace: Workspace, file: Path, day: date, number: int, order: list[str]) -> None:
        self.con, self.workspace, self.file, self.day, self.number = con, workspace, file, day, number
        self.order = order
        views = con.execute("select view_name from duckdb_views() where not internal").fetchall()
        self.there = {name for (name,) in views}

    def total(self, entry: Mapping[str, Any]) -> Total:
        where = f"{self.file}, {entry['id']}"
        table, amount, field, words = self._measure(entry, where)
        counted = self._condition(entry, table, where)
        rows = self._one_row_per_key(table)
        unit = str(entry.get("unit") or ("£" if field else "homes" if table.name == "home" else "rows"))
        title = str(entry.get("title") or entry["id"])
        how = words + (f" where {entry['where']}" if entry.get("where") else "") + "."
        expected, by = entry["expected"], entry.get("by")
        parts: tuple[Part, ...] = ()
        if isinstance(expected, Mapping):
            if not by:
                raise Refusal("The total has several expected values and no `by`", where, "Say by which field.")
            parts = self._parts(table, rows, amount, counted, str(by), expected, unit, how, where)
            there_value = sum((_decimal(value, where) for value in expected.values()), Decimal(0))
        else:
            there_value = _decimal(expected, where)
        (found,) = self.con.execute(f"select coalesce(sum({amount}), 0) from {rows} where {counted}").fetchone()
        here = self._figure(found, unit, title, how)
        there = self._figure(there_value, unit, f"{title}, as finance has it", "As given.", finance=True)
        gaps, unexplained = self._gaps(entry, table, rows, amount, counted, field, here, there)
        wrong = here.value != there.value or any(part.difference.value for part in parts) or bool(gaps)
        notes = self._notes(table, entry, field) if wrong else ()
        return Total(str(entry["id"]), title, here, there, _less(here, there, title), parts, gaps, unexplained, notes)

    def _measure(self, entry: Mapping[str, Any], where: str) -> tuple[Table, str, str, str]:
        """The table, a row's amount as SQL, the field that comes from (none for a count) and the formula in words."""
        measure = str(entry.get("measure", "count"))
        summed = re.fullmatch(r"sum\((.+)\)", measure, re.DOTALL)
        if measure in NAMED:
            name, amount, field, words = NAMED[measure]
            name = str(entry.get("table") or name)
        elif measure == "count" or summed:
            name, amount, field, words = str(entry.get("table", "")), "1", "", "Number of rows, each key once,"
        else:
            raise Refusal(f"{measure!r} is no measure", where, f"It is count, sum(...), {', '.join(NAMED)}.")
        table = table_of(name)
        if summed:
            amount, words = row_sql(summed[1], table.names, where), f"Sum of {summed[1]}"
            field = summed[1] if summed[1] in table.names else table.key
        if name not in self.there:
            raise Refusal(
                f"No {table.title.lower()} are loaded, so there is no total of them", where, "Load them first."
            )
        return table, amount, field, words

    def _condition(self, entry: Mapping[str, Any], table: Table, where: str) -> str:
        said = [f"({row_sql(str(entry['where']), table.names, where)})"] if entry.get("where") else []
        if str(entry.get("measure")) in ("weekly_debit", "yearly_debit"):
            said.append(_CHARGED.format(day=self.day))
        return " and ".join(said) or "true"

    def _one_row_per_key(self, table: Table) -> str:
        """The table with one row a key: where several systems know one home, the system loaded first says it first."""
        name, key = identifier(table.name), identifier(table.key)
        rows, keys = self.con.execute(f"select count(*), count(distinct {key}) from {name}").fetchone()
        there = {column for column, *_ in self.con.execute(f"describe {name}").fetchall()}
        filled = [field for field in table.names if field in there]
        empty = [
            f"cast(null as {field.sql_type}) as {identifier(field.name)}"
            for field in table.fields
            if field.name not in there
        ]
        if rows == keys:
            picked = [*map(identifier, filled), "_source", "_load", "_row", *empty]
            return f"(select {', '.join(picked)} from {name})"
        order = "list_position([" + ", ".join(f"'{source}'" for source in self.order) + "], _source)"
        others = [
            f"any_value({identifier(field)} order by {order}) as {identifier(field)}"
            for field in filled
            if field != table.key
        ]
        others += [f"arg_min({column}, {order}) as {column}" for column in ("_source", "_load", "_row")]
        return f"(select {key}, {', '.join([*others, *empty])} from {name} group by {key})"

    def _parts(
        self, table: Table, rows: str, amount: str, counted: str, by: str, expected: Mapping[str, Any], unit: str,
        how: str, where: str,
    ) -> tuple[Part, ...]:  # fmt: skip
        name = identifier(table.field(by).name)
        found = self.con.execute(
            f"select coalesce(cast({name} as varchar), '(not given)'), coalesce(sum({amount}), 0) "
            f"from {rows} where {counted} group by 1"
        )
        here = dict(found.fetchall())
        parts = []
        for group in dict.fromkeys([*map(str, expected), *sorted(here)]):
            ours = self._figure(here.get(group, 0), unit, group, how)
            theirs = self._figure(
                _decimal(expected.get(group, 0), where), unit, f"{group}, as finance has it", "As given.", finance=True
            )
            parts.append(Part(group, ours, theirs, _less(ours, theirs, group)))
        return tuple(parts)

    def _gaps(
        self, entry: Mapping[str, Any], table: Table, rows: str, amount: str, counted: str, field: str, here: Figure,
        there: Figure,
    ) -> tuple[tuple[Gap, ...], Figure | None]:  # fmt: skip
        if not entry.get("accounts"):
            return (), None
        accounts = self.file.parent / str(entry["accounts"])
        gaps = gaps_of(self.con, accounts, table, rows, amount, counted, field)
        explained = sum((gap.gap for gap in gaps), Decimal(0))
        left = Decimal(str(here.value)) - Decimal(str(there.value)) - explained
        return gaps, self._figure(left, here.unit, "Not explained by any account", "The difference less the accounts'.")

    def _notes(self, table: Table, entry: Mapping[str, Any], field: str) -> tuple[str, ...]:
        """Rows held back from the table by the loads that stand, and errors in the fields that the total goes by."""
        standing = [load for load in self.workspace.loads() if not load.undone and load.number <= self.number]
        newest: dict[str, Any] = {}
        for load in standing:
            newest.setdefault(load.source, load)
        notes = []
        for load in newest.values():
            for one in load.tables:
                if one.table == table.name and one.held_back:
                    notes.append(
                        f"{one.held_back:,} rows of {load.file} were held back and are not in the total (load "
                        f"{load.number})."
                    )
        named = {str(entry.get("by") or ""), field, *re.findall(r"\w+", str(entry.get("where") or ""))}
        fields = ", ".join(f"'{name}'" for name in table.names if name in named) or "''"
        numbers = ", ".join(str(load.number) for load in newest.values()) or "0"
        (faulty,) = self.con.execute(
            f"select count(distinct key) from finding where table_name = '{table.name}' and severity in "
            f"('error', 'reject') and field in ({fields}) and _load in ({numbers})"
        ).fetchone()
        if faulty:
            notes.append(
                f"{faulty:,} rows have errors in the fields that the total goes by (placemaker show {table.name})."
            )
        return tuple(notes)

    def _figure(self, value: Any, unit: str, label: str, how: str, finance: bool = False) -> Figure:
        money = unit.startswith("£")
        number = Decimal(str(value)).quantize(Decimal("0.01")) if money else Decimal(str(value))
        owner = self.workspace.settings.get("organisation") or "the landlord"
        source = (
            Source("control_totals", f"Control totals ({self.file.name})", f"Finance of {owner}", str(self.day))
            if finance
            else Source("lake", f"Lake of {owner}", owner, snapshot=self.number)
        )
        plain = float(number) if money or number % 1 else int(number)
        period = f"{self.day.day} {self.day:%B %Y}"
        return Figure(plain, unit, label, period, how=how, sources=(source,), places=2 if money else 0)


def _less(here: Figure, there: Figure, title: str) -> Figure:
    """The difference, exact in pence."""
    exact = Decimal(str(here.value)) - Decimal(str(there.value))
    value = float(exact) if isinstance(here.value, float) else int(exact)
    return Figure(
        value, here.unit, f"{title}: the lake less finance", here.period, parts=(here, there), formula="difference",
        how="What the lake says less what finance says.", sources=here.sources + there.sources, places=here.places,
    )  # fmt: skip


def _read(file: Path) -> tuple[date, list[Mapping[str, Any]]]:
    if not file.is_file():
        raise Refusal("There is no such control file", str(file), "Check its name and folder.")
    try:
        entry = yaml.load(file.read_text(encoding="utf-8-sig"), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise Refusal("The control file is not YAML", f"{file}{f', line {mark.line + 1}' if mark else ''}") from None
    day = entry.get("as_at") if isinstance(entry, Mapping) else None
    if not isinstance(day, date):
        raise Refusal("The control file does not say of which day it is", str(file), "Add as_at: 2026-03-31.")
    entries = entry.get("totals")
    if not isinstance(entries, list) or not entries:
        raise Refusal("The control file names no totals", str(file), "Add them under `totals:`.")
    for number, one in enumerate(entries, 1):
        where = f"{file}, total {number}"
        if not isinstance(one, Mapping) or "id" not in one or "expected" not in one:
            raise Refusal("A total needs at least `id` and `expected`", where, "Add them.")
        if unknown := [name for name in one if name not in _NAMES]:
            raise Refusal(f"A total has no {unknown[0]!r}", where, f"It has: {', '.join(_NAMES)}.")
    return day, entries


def _decimal(value: Any, where: str) -> Decimal:
    try:
        return Decimal(str(value).replace(",", "").replace("£", ""))
    except InvalidOperation:
        raise Refusal(f"{value!r} is no number", where, "Write it as 1104220.00.") from None


def _plain(total: Total) -> dict[str, Any]:
    return {
        "id": total.id,
        "title": total.title,
        "matches": total.matches,
        "here": total.here.to_json(),
        "there": total.there.to_json(),
        "difference": total.difference.to_json(),
        "parts": [
            {"group": part.group, "here": part.here.to_json(), "there": part.there.to_json()} for part in total.parts
        ],
        "gaps": [gap.to_json() for gap in total.gaps],
        "unexplained": total.unexplained.to_json() if total.unexplained else None,
        "notes": list(total.notes),
    }
