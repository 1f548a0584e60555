"""Suggested corrections: for findings of which it can be told what was meant. Never changes data by itself.

One query a column works out the suggestions for its different values, so that a million findings of a hundred values
are a hundred suggestions. How sure each is: *certain* (no other reading), *likely*, or *ask* (a person has to say).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from placemaker.standard.corrections_codes import offers_for_codes
from placemaker.standard.corrections_ways import Order, column_order, ways
from placemaker.standard.expressions import literal
from placemaker.standard.findings_files import write_query
from placemaker.standard.mapping import FieldMapping
from placemaker.standard.schema import Field, Table

#: A column with more different wrong codes than this has no codes in it; so many of the commonest are looked at.
MOST_CODES = 2_000

#: The columns of a file of corrections.
COLUMNS = ("file", "row", "key", "table", "field", "column", "value", "suggestion", "sure", "why", "rule")


@dataclass(frozen=True, slots=True)
class Target:
    """One table whose findings are looked at, and how its mapping, where one is known, fills its fields."""

    table: Table
    fields: Mapping[str, FieldMapping]


class Corrections:
    """The suggestions for the findings in ``relation`` of ``con``; its own table goes with the connection.

    ``relation`` has the columns of findings. ``len()`` counts findings that have a suggestion.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, relation: str, targets: Iterable[Target], today: date | None = None
    ) -> None:
        self.con, self.findings, self.today = con, relation, today
        self.relation = f"{relation}_meant"
        con.execute(
            f"create or replace temp table {self.relation} (table_name varchar, rule varchar, column_name varchar, "
            "value varchar, suggestion varchar, why varchar, sure varchar)"
        )
        broken = {rule for (rule,) in con.execute(f"select distinct rule from {relation}").fetchall()}
        for target in targets:
            for field in target.table.fields:
                source = target.fields.get(field.name, FieldMapping())
                for kind in ("code", "type", "pattern"):
                    if f"{target.table.name}.{field.name}.{kind}" in broken:
                        self._add(target.table, field, source, kind)

    def __len__(self) -> int:
        return self.con.execute(f"select count(*) from ({self.query(in_order=False)})").fetchone()[0]

    def count_by_sure(self) -> dict[str, int]:
        """How many findings have a suggestion that is certain, likely or to be asked about."""
        found = self.con.execute(f"select sure, count(*) from ({self.query(in_order=False)}) group by 1").fetchall()
        return {sure: dict(found).get(sure, 0) for sure in ("certain", "likely", "ask")}

    def query(self, in_order: bool = True) -> str:
        """The query for the corrections, one for each finding that has a suggestion, with :data:`COLUMNS`."""
        return (
            'select f.file, f.row, f.key, f.table_name as "table", f.field, m.column_name as "column", f.value, '
            f"m.suggestion, m.sure, m.why, f.rule from {self.findings} f join {self.relation} m on "
            "m.table_name = f.table_name and m.rule = f.rule and m.value = f.value"
            + (" order by f.row, f.table_name, f.field, f.rule" if in_order else "")
        )

    def write(self, path: str | Path) -> Path:
        """Write them to .csv, .xlsx or .parquet, by the end of the name; cells no spreadsheet takes for a formula."""
        return write_query(self.con, self.query(), Path(path), title="Corrections", for_people=True)

    def _add(self, table: Table, field: Field, source: FieldMapping, kind: str) -> None:
        rule = f"{table.name}.{field.name}.{kind}"
        mine = f"rule = {literal(rule)} and table_name = {literal(table.name)} and value is not null"
        column = literal(source.column) if source.column else "null"
        if kind == "code":
            self._add_codes(table, field, source, mine)
        order = self._order(field, source, mine) if field.type in ("date", "datetime") else ""
        tried = [
            f"case when ({way.suggestion}) is not null then "
            f"{{'suggestion': {way.suggestion}, 'why': {literal(way.why)}, 'sure': {literal(way.sure)}}} end"
            for way in ways(field, kind, order)
        ]
        self.con.execute(
            f"insert into {self.relation} select {literal(table.name)}, {literal(rule)}, {column}, value, "
            f"meant.suggestion, meant.why, meant.sure from (select value, coalesce({', '.join(tried)}) as meant "
            f"from (select distinct value from {self.findings} where {mine} except select value from {self.relation} "
            f"where rule = {literal(rule)} and table_name = {literal(table.name)})) "
            "where meant is not null and meant.suggestion <> value"
        )

    def _order(self, field: Field, source: FieldMapping, mine: str) -> Order:
        """How the unreadable dates of a column are written where all agree, or nothing."""
        values = f"(select distinct value from {self.findings} where {mine})"
        return self.con.execute(f"select {column_order(field, source.dates)} from {values}").fetchone()[0] or ""

    def _add_codes(self, table: Table, field: Field, source: FieldMapping, mine: str) -> None:
        rows = wrong_codes(self.con, self.findings, mine)
        offers = offers_for_codes(rows, table.codelist(field.codelist), source.codes, self.today)
        add_rows(
            self.con,
            self.relation,
            [
                (table.name, f"{table.name}.{field.name}.code", source.column or None, value, *_parts(offer))
                for value, offer in offers.items()
            ],
        )


def _parts(offer: Any) -> tuple[str, str, str]:
    return offer.suggestion, offer.why, offer.sure


def wrong_codes(con: duckdb.DuckDBPyConnection, findings: str, mine: str) -> list[str]:
    """The different values of the findings that meet ``mine``, the commonest first, at most :data:`MOST_CODES`."""
    found = con.execute(
        f"select value from {findings} where {mine} group by 1 order by count(*) desc, 1 limit {MOST_CODES}"
    )
    return [value for (value,) in found.fetchall()]


def add_rows(con: duckdb.DuckDBPyConnection, relation: str, rows: list[tuple[str | None, ...]]) -> None:
    """Insert rows of text, a hundred a statement: a statement a row takes a hundred times as long."""
    for at in range(0, len(rows), 100):
        part = rows[at : at + 100]
        marks = ", ".join("(" + ", ".join("?" * len(row)) + ")" for row in part)
        con.execute(f"insert into {relation} values {marks}", [cell for row in part for cell in row])
