"""The two examples of each rule, run: the site is not written where one of them does something else."""

from __future__ import annotations

import duckdb

from placemaker.lake.errors import Refusal
from placemaker.standard.examples import EXAMPLE_DAY, example_rows
from placemaker.standard.expressions import identifier, literal
from placemaker.standard.packexamples import verdict
from placemaker.standard.packs import Pack
from placemaker.standard.ruling import rule_sql, tables_of
from placemaker.standard.schema import Rule, Table, table_names
from placemaker.standard.schema import table as table_of
from placemaker.standard.site.books import Shelf


def try_examples(con: duckdb.DuckDBPyConnection, shelf: Shelf) -> None:
    """Run both examples of every rule of a shelf; a Refusal that names the first whose example is no example of it."""
    for rule, table in shelf.book.rules.values():
        for which, wanted in (("passes", False), ("fails", True)):
            if _breaks(con, shelf.pack, rule, table, which) is not wanted:
                raise Refusal(
                    f"The row that {which} does not, under the rule {rule.id}",
                    f"rules of {rule.table}",
                    "Mend the rule or its example.",
                )
        shelf.tried.add(rule.id)


def _breaks(con: duckdb.DuckDBPyConnection, pack: Pack | None, rule: Rule, table: Table, which: str) -> bool:
    given = rule.passes if which == "passes" else rule.fails
    if rule.expect and pack and table.name in pack.tables:
        rows = given if isinstance(given, list) else [given]
        return any(verdict(con, pack, rule, row) is False for row in rows)
    sql = rule_sql(rule, table, EXAMPLE_DAY if not pack else max(EXAMPLE_DAY, pack.head.start))
    # The rows of a form's own table are taken as they are; those of the standard's get what every row must have.
    rows = given if rule.breaks and pack and table.name in pack.tables else example_rows(rule, which)
    if rule.expect:
        found = con.execute(f"select bool_or(not ({sql})) from ({_values(rows[rule.table], table)})").fetchone()[0]
        return bool(found)
    for name in tables_of(rule):
        one = table_of(name) if name in table_names() else table
        con.execute(f"create or replace temp view {identifier(name)} as {_values(rows.get(name, []), one)}")
    try:
        return bool(con.execute(f"select 1 from ({sql}) limit 1").fetchall())
    finally:
        for name in tables_of(rule):
            con.execute(f"drop view {identifier(name)}")


def _values(rows: list[dict], table: Table) -> str:
    """Rows as a query with every field of the table, numbered from 1."""

    def cell(row: dict, name: str, kind: str) -> str:
        value = row.get(name)
        text = "null" if value is None else literal(str(value).lower() if isinstance(value, bool) else str(value))
        return f"cast({text} as {kind}) as {identifier(name)}"

    def query(number: int, row: dict) -> str:
        return f"select {number} as _row, " + ", ".join(cell(row, one.name, one.sql_type) for one in table.fields)

    if not rows:
        return query(1, {}) + " where false"
    return " union all ".join(query(number, row) for number, row in enumerate(rows, 1))
