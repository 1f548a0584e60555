"""The queries of one check on Spark, table by table: cells, rules over one row, keys, parents, rules across rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from placemaker.standard.compile import Compiled, compile_table, raw_text
from placemaker.standard.headers import Fault, column_faults
from placemaker.standard.mapping import direct_mapping, fit_columns
from placemaker.standard.ruling import message_sql, rule_sql, set_rules, tables_of
from placemaker.standard.schema import ForeignKey, Rule, Table
from placemaker.standard.spark_cells import numbered, text_and_value
from placemaker.standard.spark_read import SPARK_TYPES, identifier, literal, typed
from placemaker.standard.spark_sql import TYPES, carry_query, carry_row, with_views

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

#: The columns of a finding, in order, as a Spark schema.
FINDING = (
    "row bigint, key string, field string, value string, rule string, severity string, message string, "
    "table_name string"
)


@dataclass(frozen=True, slots=True)
class Ready:
    """A table whose cells are read: ``view`` has ``_row``, all fields and their texts, of the types in ``columns``."""

    compiled: Compiled
    rows: DataFrame
    view: str
    columns: tuple[tuple[str, str], ...]
    faults: tuple[Fault, ...]

    @property
    def table(self) -> Table:
        """The table of the standard."""
        return self.compiled.table

    @property
    def fields(self) -> list[str]:
        """The fields that the snapshot fills."""
        return list(self.compiled.mapping.fields)

    @property
    def schema(self) -> tuple[tuple[str, str], ...]:
        """The columns of the table as a rule across rows sees them: ``_row`` and every field."""
        return (("_row", "BIGINT"), *((field.name, field.sql_type) for field in self.table.fields))

    def key(self, relation: str) -> str:
        """SQL for a row's key as a finding shows it."""
        return f"cast({relation}.{identifier(self.table.key)} as string)"


class Checking:
    """One check under way: first every table is added, then its findings are asked for."""

    def __init__(self, spark: SparkSession, view: Callable[[str, DataFrame], str], today: date, nation: str) -> None:
        self.spark, self.view, self.today, self.nation = spark, view, today, nation
        self.tables: dict[str, Ready] = {}

    def add(self, table: Table, frame: DataFrame) -> None:
        """Read the cells of a table. Raises Refusal where it has no key column."""
        mapping = fit_columns(direct_mapping(table), frame.columns, table.name)
        compiled = compile_table(mapping.tables[0], 0, table.name, frame.columns, False, self.today, self.nation)
        types = {field.name: field.dataType.simpleString() for field in frame.schema.fields}
        cells, values, columns = ["cast(_row as bigint) as _row"], [], [("_row", "BIGINT")]
        for field in table.fields:
            name, text, as_is = (identifier(f"{before}{field.name}") for before in ("", "_text_", "_typed_"))
            columns += [(field.name, field.sql_type), (f"_text_{field.name}", "VARCHAR")]
            if field.name not in compiled.mapping.fields:
                cells.append(f"cast(null as string) as {text}")
                values.append(f"cast(null as {SPARK_TYPES[field.type]}) as {name}")
                continue
            column = compiled.mapping.fields[field.name].column
            text_sql, value_sql = text_and_value(field, column, types[column])
            cells += [f"{text_sql} as {text}", f"{value_sql} as {as_is}"] if value_sql else [f"{text_sql} as {text}"]
            values.append(f"{as_is if value_sql else typed(text, field, table)} as {name}")
        read = (
            f"select *, {', '.join(values)} from (select {', '.join(cells)} from {self.view('given', numbered(frame))})"
        )
        kept = [
            f"{carry_row(sql, tuple(columns), table.name)} as {identifier(name)}" for name, sql in compiled.kept.items()
        ]
        rows = self.spark.sql(f"select {', '.join(['*', *kept])} from ({read})")
        columns += [(name, _kept_type(table, name)) for name in compiled.kept]
        faults = tuple(column_faults(mapping, frame.columns))
        self.tables[table.name] = Ready(compiled, rows, self.view(table.name, rows), tuple(columns), faults)

    def rows(self) -> dict[str, DataFrame]:
        """The typed rows of each table: ``_row`` and the fields that it fills."""
        return {name: one.rows.select("_row", *one.fields) for name, one in self.tables.items()}

    def findings(self) -> DataFrame:
        """Every finding of every table."""
        queries = [query for one in self.tables.values() for query in self._queries(one)]
        found = self.spark.sql(" union all ".join(f"({query})" for query in queries)) if queries else None
        faults = [
            (None, None, field, value, rule, severity, message, table)
            for one in self.tables.values()
            for field, value, rule, severity, message, table in one.faults
        ]
        whole = self.spark.createDataFrame(faults, FINDING)
        return found.unionByName(whole) if faults else found

    def _queries(self, one: Ready) -> Iterator[str]:
        yield self.row_findings(one)
        for field in one.compiled.fields:
            if field.unique or field.name == one.table.key:
                yield self._repeated(one, field.name)
        for link in one.table.foreign_keys:
            parent = self.tables.get(link.parent)
            if link.field in one.fields and parent and link.parent_field in parent.fields:
                yield self._orphans(one, link, parent)
        for rule in set_rules(one.table, one.fields, self.tables.__contains__, self.today, self.nation):
            yield self._set_rule(one, rule)

    def row_findings(self, one: Ready) -> str:
        """The query for the findings of all rules over one row."""

        def carried(sql: str, rule: str) -> str:
            return carry_row(sql, one.columns, rule)

        found = []
        for check in one.compiled.checks:
            name = check.fields[0]
            parts = {
                "field": literal(one.table.field(name).label),
                "value": carried(raw_text(one.compiled.mapping, name), check.rule),
                "rule": literal(check.rule),
                "severity": literal(check.severity),
                "message": carried(check.message, check.rule),
            }
            struct = ", ".join(f"'{part}', {sql}" for part, sql in parts.items())
            broken = f"not ({carried(check.holds, check.rule)}) and not ({carried(check.unread, check.rule)})"
            found.append(f"case when {broken} then named_struct({struct}) end")
        return (
            f"select _row as row, {one.key('r')} as key, f.field, f.value, f.rule, f.severity, f.message, "
            f"{literal(one.table.name)} as table_name "
            f"from {one.view} r lateral view inline(array_compact(array({', '.join(found)}))) f"
        )

    def _repeated(self, one: Ready, name: str) -> str:
        """The second and later rows of a value that is to be there once."""
        table, value = one.table, identifier(name)
        field = table.field(name)
        finding = _finding(
            one,
            "r._row",
            literal(field.label),
            f"cast(r.{value} as string)",
            literal(f"{table.name}.{name}.unique"),
            literal("reject" if name == table.key else "error"),
            f"{literal(f'{field.title} ')} || '\\'' || r.{value} || '\\' is on row ' || d.first || ' already.'",
        )
        return (
            f"select {finding} from {one.view} r join (select {value}, min(_row) as first from {one.view} "
            f"where {value} is not null group by 1 having count(*) > 1) d on r.{value} = d.{value} "
            "where r._row > d.first"
        )

    def _orphans(self, one: Ready, link: ForeignKey, parent: Ready) -> str:
        """A parent key that is nowhere is one finding, on the row of its first child."""
        table, child = one.table, identifier(link.field)
        field = table.field(link.field)
        others = literal(f"' is not among the {parent.table.title.lower()}: ")
        finding = _finding(
            one,
            "r._row",
            literal(field.name),
            "m._k",
            literal(f"{table.name}.{field.name}.parent"),
            literal("error"),
            f"{literal(f'{field.title} ')} || '\\'' || m._k || {others} || case when m.children = 1 then "
            "'1 row has it.' else m.children || ' rows have it, the first is row ' || m.first || '.' end",
        )
        return (
            f"select {finding} from (select c.{child} as _k, count(*) as children, min(c._row) as first "
            f"from {one.view} c left anti join {parent.view} p on c.{child} = p.{identifier(link.parent_field)} "
            f"where c.{child} is not null group by 1) m join {one.view} r on r._row = m.first"
        )

    def _set_rule(self, one: Ready, rule: Rule) -> str:
        """The rows that break a rule across rows, each once, with what the rule's own query says of them."""
        table, needed = one.table, sorted(tables_of(rule))
        schemas = tuple((name, self.tables[name].schema) for name in needed)
        tree, own = carry_query(rule_sql(rule, table, self.today), schemas, rule.id)
        broken = with_views(tree, {name: self.tables[name].view for name in needed})
        others = [identifier(name) for name, _ in own if name != "_row"]
        order = ", ".join(f"{name} asc nulls last" for name in others) or "1"
        # The message is put together of the row's own fields and of what the query gives, under names of their own.
        types = {f"_r_{name}": table.field(name).sql_type for name in one.fields}
        types |= {f"_b_{name}": TYPES.get(kind, "UNKNOWN") for name, kind in own}
        values = {name: f'cast("_r_{name}" as varchar)' for name in one.fields}
        values |= {name: f'cast("_b_{name}" as varchar)' for name, _ in own}
        picked = [f"r.{identifier(name)} as {identifier(f'_r_{name}')}" for name in one.fields]
        picked += [f"b.{identifier(name)} as {identifier(f'_b_{name}')}" for name, _ in own]
        name = rule.field or table.key

        def carried(sql: str) -> str:
            return carry_row(sql, tuple(types.items()), rule.id)

        label = table.names[name].label if name in table.names else name
        value = carried(values[name]) if name in values else "cast(null as string)"
        message = carried(message_sql(rule.message, values, self.today))
        return (
            f"select _row as row, cast({identifier(f'_r_{table.key}')} as string) as key, {literal(label)} as field, "
            f"{value} as value, {literal(rule.id)} as rule, {literal(rule.severity)} as severity, "
            f"{message} as message, {literal(table.name)} as table_name from (select r._row, {', '.join(picked)} from "
            f"(select *, row_number() over (partition by _row order by {order}) as _n from ({broken})) b "
            f"join {one.view} r on r._row = b._row where b._n = 1)"
        )


def _kept_type(table: Table, name: str) -> str:
    """The type of what is kept beside a field: its value, or a bit that says whether it can be read."""
    return "BOOLEAN" if name.startswith("_k0_") else table.field(name.removeprefix("_v0_")).sql_type


def _finding(one: Ready, row: str, field: str, value: str, rule: str, severity: str, message: str) -> str:
    return (
        f"{row} as row, {one.key('r')} as key, {field} as field, {value} as value, {rule} as rule, "
        f"{severity} as severity, {message} as message, {literal(one.table.name)} as table_name"
    )
