"""The faults of one load, and what each costs: the homes that its rows are about, and their weekly rent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from placemaker.lake import LoadRecord
from placemaker.standard import Check
from placemaker.standard.expressions import identifier, literal
from placemaker.standard.schema import SEVERITIES, Rule, Severity, Table
from placemaker.standard.schema import table as table_of

#: How a row of each table comes to a home: SQL for (key, home_ref), from the tables of the lake that it names.
HOMES_OF: dict[str, tuple[tuple[str, ...], str]] = {
    "home": (("home",), "select home_ref as key, home_ref from home"),
    "building": (("home",), "select building_ref as key, home_ref from home where building_ref is not null"),
    "estate": (("home",), "select estate_ref as key, home_ref from home where estate_ref is not null"),
    "organisation": (("home",), "select owner_ref as key, home_ref from home where owner_ref is not null"),
    "person": (
        ("tenancy_party", "tenancy"),
        "select person_ref as key, home_ref from tenancy_party join tenancy using (tenancy_ref)",
    ),
    "contact_point": (
        ("contact_point", "tenancy_party", "tenancy"),
        "select contact_ref as key, home_ref from contact_point join tenancy_party using (person_ref) "
        "join tenancy using (tenancy_ref)",
    ),
    "tenancy_party": (
        ("tenancy_party", "tenancy"),
        "select party_ref as key, home_ref from tenancy_party join tenancy using (tenancy_ref)",
    ),
    "household_member": (
        ("household_member", "household"),
        "select member_ref as key, home_ref from household_member join household using (household_ref)",
    ),
    "rent_transaction": (
        ("rent_transaction", "rent_account"),
        "select transaction_ref as key, home_ref from rent_transaction join rent_account using (account_ref)",
    ),
    "compliance_check": (
        ("compliance_check", "home"),
        "select check_ref as key, home_ref from compliance_check where home_ref is not null union "
        "select c.check_ref, h.home_ref from compliance_check c join home h using (building_ref)",
    ),
    "repair": (
        ("repair", "home"),
        "select repair_ref as key, home_ref from repair where home_ref is not null union "
        "select r.repair_ref, h.home_ref from repair r join home h using (building_ref) where r.home_ref is null",
    ),
}

#: What a rule derived from the schema finds, to be read after the field's title.
BUILT_IN = {
    "required": "is empty",
    "type": "cannot be read",
    "code": "is not a code of its list",
    "pattern": "is not written as it should be",
    "range": "is out of its range",
    "year": "has a year that cannot be meant",
    "word": "looks like a word for no value",
    "unique": "is there more than once",
    "parent": "names what is not there",
    "column": "has no column",
}
_BUILT_IN_DIMENSION = {
    "required": "completeness",
    "column": "completeness",
    "unique": "uniqueness",
    "year": "accuracy",
    "parent": "consistency",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule that rows of a load break. ``rows`` counts findings, ``before`` those of the last load (None: no load).

    ``homes`` and ``rent`` (£ a week) are what it is about, None where the lake cannot tell; ``first`` are row numbers.
    """

    rule: str
    table: str
    field: str
    severity: Severity
    dimension: str
    words: str
    source: str
    rows: int
    before: int | None
    homes: int | None
    rent: float | None
    first: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """One export whose findings are looked at: a load of the lake (``number``), or a file that was only checked.

    ``finding`` is SQL for its findings. ``tables`` are (name, rows loaded or to be loaded, rows held back); ``kinds``
    and ``rows`` are the tables themselves and SQL for their typed rows with ``_row``, by name.
    """

    title: str
    file: str
    at: datetime
    number: int | None
    rows_in: int
    finding: str
    tables: tuple[tuple[str, int, int], ...]
    kinds: dict[str, Table]
    rows: dict[str, str]

    @property
    def held_back(self) -> int:
        """The rows held back, of all its tables."""
        return sum(held for _, _, held in self.tables)

    def rules(self) -> dict[tuple[str, str], Rule]:
        """The written rules of its tables by (table, rule)."""
        return {(name, rule.id): rule for name, table in self.kinds.items() for rule in table.rules}


def of_load(con: Any, load: LoadRecord) -> Subject:
    """A load of the lake that ``con`` reads as it was after it."""
    there = _there(con)
    return Subject(
        load.source,
        load.file,
        load.at,
        load.number,
        max(one.rows_in for one in load.tables),
        f"(select * from finding where _load = {load.number})",
        tuple((one.table, one.loaded, one.held_back) for one in load.tables),
        {one.table: table_of(one.table) for one in load.tables},
        {
            one.table: f"(select * from {identifier(one.table)} where _load = {load.number})"
            for one in load.tables
            if one.table in there
        },
    )


def of_check(check: Check, title: str = "") -> Subject:
    """A file that was checked and not loaded."""
    return Subject(
        title or check.mapping.title,
        check.file.name,
        datetime.now(UTC),
        None,
        check.rows_in,
        check.findings.relation,
        tuple((name, one.rows_loaded, one.rows_held_back) for name, one in check.tables.items()),
        {name: one.table for name, one in check.tables.items()},
        {name: one.relation for name, one in check.tables.items()},
    )


def faults_of(con: Any, subject: Subject, last: LoadRecord | None = None) -> list[Fault]:
    """The faults of an export, the worst severity first and then those that cost most.

    Homes and rent are told of a load alone, from the lake that ``con`` reads.
    """
    found = con.execute(
        "select rule, table_name, any_value(field), severity, count(*), min(row, 5) "
        f"from {subject.finding} group by rule, table_name, severity"
    ).fetchall()
    before = dict(_counts(con, last)) if last else {}
    costs = _costs(con, subject) if subject.number else {}
    written = subject.rules()
    faults = []
    for name, table, field, severity, rows, first in found:
        rule = written.get((table, name))
        homes, rent = costs.get((table, name), (None, None))
        faults.append(
            Fault(
                name,
                table,
                field or "",
                severity,
                _dimension(rule, name),
                in_words(name, subject.kinds.get(table), field or "", rule, severity),
                rule.source if rule else "The standard's own table",
                rows,
                before.get((table, name), 0) if last else None,
                homes,
                rent,
                tuple(row for row in first or () if row is not None),
            )
        )
    return sorted(
        faults,
        key=lambda fault: (SEVERITIES.index(fault.severity), -(fault.homes or 0), -(fault.rent or 0), -fault.rows),
    )


def _dimension(rule: Rule | None, name: str) -> str:
    return rule.dimension if rule else _BUILT_IN_DIMENSION.get(name.rsplit(".", 1)[-1], "validity")


def in_words(name: str, table: Table | None, field: str, rule: Rule | None, severity: Severity) -> str:
    """What is wrong, without any value: a rule's message with its placeholders left out."""
    if rule:
        return re.sub(r"\{\w+\}", "…", rule.message).replace("….", "…")
    kind = name.rsplit(".", 1)[-1]
    if kind == "row":
        return "The record cannot be read."
    if kind == "columns":
        return "There are columns that the standard does not know."
    known = table.names.get(name.split(".")[1] if name.count(".") == 2 else field) if table else None
    if kind == "parent" and severity == "note":
        return f"{known.title if known else field} was not looked up, as nothing it could name is loaded yet."
    return f"{known.title if known else field} {BUILT_IN.get(kind, 'is not as it should be')}."


def faulty_rows(con: Any, subject: Subject, table: str) -> dict[str, int]:
    """Of the rows of ``table``, how many have a finding worse than a note, by dimension; all dimensions under "".

    A missing parent is one finding for all its rows, and a missing column one for every row: each of them counts.
    """
    names = con.execute(
        f"select distinct rule from {subject.finding} where table_name = {literal(table)} and severity <> 'note'"
    ).fetchall()
    if not names:
        return {}
    written = subject.rules()
    told = ", ".join(f"({literal(name)}, {literal(_dimension(written.get((table, name)), name))})" for (name,) in names)
    mine = f"from {subject.finding} f where f.table_name = {literal(table)} and f.severity <> 'note'"
    rows = f"select rule, row as _row {mine} and row is not null"
    if table in subject.rows:
        rows += f" union all select f.rule, t._row from {subject.rows[table]} t, (select rule {mine} and row is null) f"
        rows += "".join(_children(con, subject, table, "t._row"))
    found = con.execute(
        f"with rows as ({rows}), told(rule, dimension) as (values {told}) "
        "select coalesce(dimension, ''), count(distinct _row) from rows join told using (rule) "
        "group by grouping sets ((dimension), ())"
    ).fetchall()
    return dict(found)


def _counts(con: Any, load: LoadRecord) -> list[tuple[tuple[str, str], int]]:
    found = con.execute(
        "select table_name, rule, count(*) from finding where _load = ? group by 1, 2", [load.number]
    ).fetchall()
    return [((table, rule), count) for table, rule, count in found]


def homes_of(con: Any, subject: Subject) -> int:
    """How many homes the faults to put right of a load (rejects and errors) are about, each once."""
    there = _there(con)
    tables_broken = con.execute(
        f"select distinct table_name from {subject.finding} where severity in ('reject', 'error')"
    ).fetchall()
    parts = [
        f"select home_ref from ({_homes_by_rule(con, subject, table, way, worst=True)})"
        for (table,) in tables_broken
        if (way := _way(table, there))
    ]
    (homes,) = con.execute(f"select count(*) from ({' union '.join(parts)})").fetchone() if parts else (0,)
    return homes


def _there(con: Any) -> set[str]:
    """The tables of the lake, which are views of ``con``."""
    return {name for (name,) in con.execute("select view_name from duckdb_views() where not internal").fetchall()}


def _costs(con: Any, subject: Subject) -> dict[tuple[str, str], tuple[int, float | None]]:
    """Homes and weekly rent by (table, rule)."""
    there = _there(con)
    rents = _rents(there) or "select null as home_ref, null as rent where false"
    costs = {}
    names = con.execute(f"select distinct table_name from {subject.finding}").fetchall()
    for (table,) in names:
        way = _way(table, there)
        if way is None:
            continue
        found = con.execute(
            f"with homes as ({_homes_by_rule(con, subject, table, way)}), rents as ({rents}) "
            "select rule, count(*), sum(rent) from homes left join rents using (home_ref) group by 1"
        ).fetchall()
        for rule, homes, rent in found:
            costs[table, rule] = (homes, None if rent is None else float(rent))
    return costs


def _homes_by_rule(con: Any, subject: Subject, table: str, way: str, worst: bool = False) -> str:
    """SQL for (rule, home_ref), each pair once, of the findings in a table; ``worst`` leaves out the milder."""
    severe = "and severity in ('reject', 'error')" if worst else ""
    key = f"cast(t.{identifier(subject.kinds[table].key)} as varchar)"
    return (
        f"select distinct rule, home_ref from (select rule, key from {subject.finding} "
        f"where table_name = {literal(table)} and key is not null {severe} "
        f"{''.join(_children(con, subject, table, key))}) join ({way}) using (key) where home_ref is not null"
    )


def _children(con: Any, subject: Subject, table: str, what: str) -> list[str]:
    """A missing parent is one finding for all its rows: SQL that adds (rule, ``what``) of each of those rows."""
    if table not in subject.rows:
        return []
    rows = subject.rows[table]
    there = {name for name, *_ in con.execute(f"describe from {rows}").fetchall()}
    return [
        f" union all select f.rule, {what} from {subject.finding} f join {rows} t "
        f"on cast(t.{identifier(link.field)} as varchar) = f.value "
        f"where f.rule = {literal(f'{table}.{link.field}.parent')} and f.value is not null"
        for link in subject.kinds[table].foreign_keys
        if link.field in there
    ]


def _way(table: str, there: set[str]) -> str | None:
    if table in HOMES_OF:
        needed, sql = HOMES_OF[table]
        return sql if set(needed) <= there and table in there else None
    if table in there and "home_ref" in table_of(table).names:
        return f"select cast({identifier(table_of(table).key)} as varchar) as key, home_ref from {identifier(table)}"
    return None


def _rents(there: set[str]) -> str:
    """SQL for the weekly rent of each home: what is set for it, or else what is charged."""
    parts = []
    if "home" in there:
        parts.append("select home_ref, max(weekly_rent) as rent, 1 as place from home group by 1")
    if {"rent_charge", "rent_account"} <= there:
        parts.append(
            "select coalesce(c.home_ref, a.home_ref) as home_ref, sum(c.amount) as rent, 2 as place from rent_charge c "
            "left join rent_account a using (account_ref) where c.charge_type = 'rent' and c.frequency = 'weekly' "
            "and c.to_date is null group by 1"
        )
    if not parts:
        return ""
    return f"select home_ref, any_value(rent order by place) as rent from ({' union all '.join(parts)}) group by 1"
