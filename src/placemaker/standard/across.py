"""The rules that look at more than one row: unique keys, parents, and rules across rows and tables, one query each."""

from __future__ import annotations

from datetime import date

import duckdb

from placemaker.lake.errors import Refusal
from placemaker.standard.compile import Compiled, key_sql
from placemaker.standard.expressions import identifier, literal
from placemaker.standard.findings import Findings
from placemaker.standard.ruling import message_sql, rule_sql, set_rules, tables_of
from placemaker.standard.schema import ForeignKey, Rule, table_names
from placemaker.standard.schema import table as table_of

#: Rows above which it pays to look for repeated keys by their hashes.
_MANY = 100_000


def rows_of(prefix: str, table: str) -> str:
    """The view of the typed rows of a table in the check that is known by ``prefix``."""
    return f"{prefix}_{table}"


class Across:
    """The queries of one check over the views of its ``tables``, and over the lake where one is attached to ``con``."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        prefix: str,
        tables: dict[str, Compiled],
        rows_in: int,
        findings: Findings,
        today: date,
        nation: str,
        has_lake: bool,
    ) -> None:
        self.con, self.prefix, self.tables, self.rows_in = con, prefix, tables, rows_in
        self.findings, self.today, self.nation, self.has_lake = findings, today, nation, has_lake

    def unique(self, compiled: Compiled) -> None:
        """The second and later rows of a key are held back; other unique fields are errors."""
        table, rows = compiled.table, rows_of(self.prefix, compiled.table.name)
        key = key_sql(table, compiled.mapping, "r")
        for field in compiled.fields:
            if not field.unique and field.name != table.key:
                continue
            severity = "reject" if field.name == table.key else "error"
            value = identifier(field.name)
            again = self._again(rows, value)
            if again is None:
                continue
            self.findings.add_all(
                f"select r._row as row, {key} as key, {literal(field.label)} as field, "
                f"cast(r.{value} as varchar) as value, {literal(f'{table.name}.{field.name}.unique')} as rule, "
                f"{literal(severity)} as severity, {literal(f'{field.title} ')} || '''' || r.{value} || '''' "
                f"|| ' is on row ' || d.first || ' already.' as message, {literal(table.name)} as table_name "
                f"from {rows} r join (select {value}, min(_row) as first from {rows} where {value} is not null "
                f"and {again} group by 1 having count(*) > 1) d on r.{value} = d.{value} where r._row > d.first"
            )

    def _again(self, rows: str, value: str) -> str | None:
        """A condition that every value meets that is there twice, and few others; None where none is.

        Sorting one array of hashes takes a tenth of the time of grouping millions of texts.
        """
        if self.rows_in < _MANY:
            return "true"
        query = f"select hash({value}) as h from {rows} where {value} is not null"
        hashes = self.con.execute(query).fetchnumpy()["h"]
        hashes.sort()
        same = hashes[1:][hashes[1:] == hashes[:-1]]
        if len(same) > _MANY:
            return "true"
        if not len(same):
            return None
        self.con.register(f"{self.prefix}_again", {"h": same})
        return f"hash({value}) in (select h from {self.prefix}_again)"

    def parents(self, compiled: Compiled, link: ForeignKey) -> None:
        """A parent key that is nowhere is one finding, on the row of its first child."""
        table, rows = compiled.table, rows_of(self.prefix, compiled.table.name)
        places = []
        if link.parent in self.tables and link.parent_field in self.tables[link.parent].mapping.fields:
            places.append(f"select {identifier(link.parent_field)} as _k from {rows_of(self.prefix, link.parent)}")
        if self._in_lake(link.parent):
            places.append(f"select {identifier(link.parent_field)} as _k from lake.main.{identifier(link.parent)}")
        if not places:
            if self.has_lake:
                parent = table_of(link.parent).title.lower()
                message = f"No {parent} are loaded yet, so {table.field(link.field).title} was not looked up."
                rule = f"{table.name}.{link.field}.parent"
                self.findings.add(None, None, link.field, None, rule, "note", message, table.name)
            return
        key, child = key_sql(table, compiled.mapping, "r"), identifier(link.field)
        field, parent = table.field(link.field), table_of(link.parent)
        self.findings.add_all(
            f"select first as row, {key} as key, {literal(field.name)} as field, m._k as value, "
            f"{literal(f'{table.name}.{field.name}.parent')} as rule, 'error' as severity, "
            f"{literal(f'{field.title} ')} || '''' || m._k || ''' is not among the {parent.title.lower()}: ' || "
            f"case when m.children = 1 then '1 row has it.' else m.children || ' rows have it, the first is row ' "
            f"|| first || '.' end as message, {literal(table.name)} as table_name from (select {child} as _k, "
            f"count(*) as children, min(_row) as first from {rows} where {child} is not null and {child} not in "
            f"(select _k from ({' union all '.join(places)}) where _k is not null) group by 1) m "
            f"join {rows} r on r._row = m.first"
        )

    def set_rules(self, compiled: Compiled) -> None:
        """Rules over several rows or tables, each one query over views that are named as the tables are."""
        rules = set_rules(compiled.table, compiled.mapping.fields, self._is_there, self.today, self.nation)
        for rule in rules:
            needed = tables_of(rule)
            for name in needed:
                self.con.execute(f"create or replace temp view {identifier(name)} as {self._view(name)}")
            try:
                self._run_set_rule(rule, compiled)
            except duckdb.Error as error:
                raise Refusal(
                    f"The rule {rule.id} cannot be run ({type(error).__name__}).", next="Please report this as a bug."
                ) from None
            finally:
                for name in needed:
                    self.con.execute(f"drop view temp.{identifier(name)}")

    def _run_set_rule(self, rule: Rule, compiled: Compiled) -> None:
        table, rows = compiled.table, rows_of(self.prefix, compiled.table.name)
        sql = rule_sql(rule, table, self.today)
        broken = f"{self.prefix}_broken"
        # Where a row breaks the rule in several ways, the least of them is told: on every run and engine the same one.
        self.con.execute(
            f"create or replace temp table {broken} as select distinct on (_row) * from ({sql}) order by all"
        )
        values = {name: f"cast(r.{identifier(name)} as varchar)" for name in compiled.mapping.fields}
        own = [name for name, *_ in self.con.execute(f"describe {broken}").fetchall()]
        values |= {name: f"cast(b.{identifier(name)} as varchar)" for name in own}
        field = rule.field or table.key or table.shown_key
        label = table.names[field].label if field in table.names else field
        self.findings.add_all(
            f"select r._row as row, {key_sql(table, compiled.mapping, 'r')} as key, {literal(label)} as field, "
            f"{values.get(field, 'null')} as value, {literal(rule.id)} as rule, {literal(rule.severity)} as severity, "
            f"{message_sql(rule.message, values, self.today)} as message, {literal(table.name)} as table_name "
            f"from {broken} b join {rows} r on r._row = b._row"
        )
        self.con.execute(f"drop table {broken}")

    def _view(self, name: str) -> str:
        """All fields of a table of the standard, from this file where it fills the table, or else from the lake."""
        if name in self.tables:
            there, source = {field.name for field in self.tables[name].fields}, rows_of(self.prefix, name)
        else:
            there, source = set(self._lake_tables()[name]), f"lake.main.{identifier(name)}"
        picked = ", ".join(
            identifier(field.name)
            if field.name in there
            else f"cast(null as {field.sql_type}) as {identifier(field.name)}"
            for field in (self.tables[name].table if name in self.tables else table_of(name)).fields
        )
        return f"select _row, {picked} from {source}"

    def _is_there(self, name: str) -> bool:
        return name in self.tables or self._in_lake(name)

    def _in_lake(self, name: str) -> bool:
        return self.has_lake and name in self._lake_tables()

    def _lake_tables(self) -> dict[str, list[str]]:
        """The standard's tables that the lake holds, with their columns."""
        if not hasattr(self, "_known"):
            found = self.con.execute(
                "select table_name, list(column_name) from duckdb_columns() where database_name = 'lake' group by 1"
            ).fetchall()
            self._known = {name: columns for name, columns in found if name in table_names()}
        return self._known
