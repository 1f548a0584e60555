"""The queries of one check on Spark, table by table: cells, rules over one row, keys, parents, rules across rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import reduce
from typing import TYPE_CHECKING

from placemaker.lake.errors import Refusal
from placemaker.standard.compile import Compiled, compile_table, raw_text
from placemaker.standard.headers import Fault, column_faults
from placemaker.standard.mapping import direct_mapping, fit_columns
from placemaker.standard.ruling import message_sql, rule_sql, set_rules, tables_of
from placemaker.standard.schema import ForeignKey, Rule, Table
from placemaker.standard.spark_cells import numbered, text_and_value
from placemaker.standard.spark_nodes import Kind
from placemaker.standard.spark_offers import with_offers
from placemaker.standard.spark_read import SPARK_TYPES, identifier, literal, requoted, typed
from placemaker.standard.spark_sql import carry_query, carry_row, with_views
from placemaker.standard.spark_text import WRITABLE

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

    def __init__(
        self,
        spark: SparkSession,
        view: Callable[[str, DataFrame], str],
        today: date,
        nation: str,
        tell: Callable[[str], None],
    ) -> None:
        self.spark, self.view, self.today, self.nation, self.tell = spark, view, today, nation, tell
        self.tables: dict[str, Ready] = {}

    def add(self, table: Table, frame: DataFrame) -> None:
        """Read the cells of a table. Raises Refusal where it has no key column."""
        self.tell(f"Reading {table.name}")
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
        given = self.view(f"{table.name}_given", numbered(frame))
        kept = [f"{requoted(sql)} as {identifier(name)}" for name, sql in compiled.kept.items()]
        columns += [(name, _kept_type(table, name)) for name in compiled.kept]
        named = ", ".join(identifier(name) for name, _ in columns)
        # Each cell is read once: what is asked of the rows afterwards is asked of what is kept here.
        rows = self.spark.sql(
            f"select {named} from (select {', '.join(['*', *kept])} from (select *, {', '.join(values)} from "
            f"(select {', '.join(cells)} from {given})))"
        ).localCheckpoint()
        faults = tuple(column_faults(mapping, frame.columns))
        self.tables[table.name] = Ready(compiled, rows, self.view(table.name, rows), tuple(columns), faults)

    def rows(self) -> dict[str, DataFrame]:
        """The typed rows of each table: ``_row`` and the fields that it fills."""
        return {name: one.rows.select("_row", *one.fields) for name, one in self.tables.items()}

    def findings(self) -> DataFrame:
        """Every finding of every table, worked out once and kept."""
        found = [self._findings(one) for one in self.tables.values()]
        faults = [
            (None, None, field, value, rule, severity, message, table)
            for one in self.tables.values()
            for field, value, rule, severity, message, table in one.faults
        ]
        whole = [self.spark.createDataFrame(faults, FINDING)] if faults else []
        return reduce(lambda some, more: some.unionByName(more), [*found, *whole])

    def _findings(self, one: Ready) -> DataFrame:
        self.tell(f"Checking {one.table.name}")
        queries = " union all ".join(f"({query})" for query in self._queries(one))
        return with_offers(self.spark.sql(queries).localCheckpoint(), one.compiled, self.today)

    def _queries(self, one: Ready) -> Iterator[str]:
        yield self.row_findings(one)
        for field in one.compiled.fields:
            if field.unique or field.name == one.table.key:
                yield self._repeated(one, field.name)
        for link in one.table.foreign_keys:
            parent = self.tables.get(link.parent)
            if link.field in one.fields and parent and link.parent_field in parent.fields:
                yield self._orphans(one, link, parent)
        rules = set_rules(one.table, one.fields, self.tables.__contains__, self.today, self.nation)
        if rules:
            yield self._set_rules(one, rules)

    def row_findings(self, one: Ready) -> str:
        """The query for the findings of all rules over one row."""
        found = []
        for check in one.compiled.checks:
            name = check.fields[0]
            holds = carry_row(check.holds, one.columns, check.rule)
            parts = {
                "field": literal(one.table.field(name).label),
                "value": requoted(raw_text(one.compiled.mapping, name)),
                "rule": literal(check.rule),
                "severity": literal(check.severity),
                "message": requoted(check.message),
            }
            struct = ", ".join(f"'{part}', {sql}" for part, sql in parts.items())
            found.append(f"case when not ({holds}) and not ({requoted(check.unread)}) then named_struct({struct}) end")
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
            table,
            "_row",
            "_key",
            literal(field.label),
            "cast(_value as string)",
            literal(f"{table.name}.{name}.unique"),
            literal("reject" if name == table.key else "error"),
            f"{literal(f'{field.title} ')} || '\\'' || _value || '\\' is on row ' || _first || ' already.'",
        )
        return (
            f"select {finding} from (select _row, {one.key('r')} as _key, {value} as _value, "
            f"min(_row) over (partition by {value}) as _first from {one.view} r where {value} is not null) "
            "where _row > _first"
        )

    def _orphans(self, one: Ready, link: ForeignKey, parent: Ready) -> str:
        """A parent key that is nowhere is one finding, on the row of its first child."""
        table, child = one.table, identifier(link.field)
        field = table.field(link.field)
        others = literal(f"' is not among the {parent.table.title.lower()}: ")
        finding = _finding(
            table,
            "_first._row",
            "_first._key",
            literal(field.name),
            "_k",
            literal(f"{table.name}.{field.name}.parent"),
            literal("error"),
            f"{literal(f'{field.title} ')} || '\\'' || _k || {others} || case when _children = 1 then "
            "'1 row has it.' else _children || ' rows have it, the first is row ' || _first._row || '.' end",
        )
        return (
            f"select {finding} from (select r.{child} as _k, count(*) as _children, "
            f"min(named_struct('_row', r._row, '_key', {one.key('r')})) as _first "
            f"from {one.view} r left anti join {parent.view} p on r.{child} = p.{identifier(link.parent_field)} "
            f"where r.{child} is not null group by 1)"
        )

    def _set_rules(self, one: Ready, rules: list[Rule]) -> str:
        """The rows that break rules across rows, once for each rule, with what the rule's own query says of them.

        The queries of all rules are put together first, so that the rows are joined to them once and not for each rule.
        """
        broken = [self._broken(number, rule) for number, rule in enumerate(rules)]
        most = max(len(own) for _, own in broken)
        queries, told = [], {"field": [], "value": [], "rule": [], "severity": [], "message": []}
        for number, (rule, (query, own)) in enumerate(zip(rules, broken, strict=True)):
            texts = [f"cast({identifier(name)} as string)" for name, _ in own] + ["cast(null as string)"] * most
            columns = ", ".join(f"{text} as _own{place}" for place, text in enumerate(texts[:most]))
            queries.append(f"select _row, {number} as _rule{', ' + columns if columns else ''} from ({query})")
            for part, sql in self._told(one, rule, own).items():
                told[part].append(f"when {number} then {sql}")
        parts = {part: f"case b._rule {' '.join(cases)} end" for part, cases in told.items()}
        finding = _finding(one.table, "r._row", one.key("r"), *parts.values())
        return f"select {finding} from ({' union all '.join(queries)}) b join {one.view} r on r._row = b._row"

    def _broken(self, number: int, rule: Rule) -> tuple[str, list[tuple[str, Kind]]]:
        """The query for the rows that break a rule, each once, and its columns beside ``_row`` with their kinds."""
        needed = sorted(tables_of(rule))
        schemas = tuple((name, self.tables[name].schema) for name in needed)
        tree, columns = carry_query(rule_sql(rule, self.tables[rule.table].table, self.today), schemas, rule.id)
        query = with_views(tree, {name: self.tables[name].view for name in needed})
        own = [(name, kind) for name, kind in columns if name != "_row"]
        # Where a row breaks the rule in several ways, the least of them is told, as by DuckDB.
        order = ", ".join(f"{identifier(name)} asc nulls last" for name, _ in own)
        if not order:
            return f"select distinct _row from ({query})", own
        numbered_ = f"select *, row_number() over (partition by _row order by {order}) as _n{number} from ({query})"
        return f"select * from ({numbered_}) where _n{number} = 1", own

    def _told(self, one: Ready, rule: Rule, own: list[tuple[str, Kind]]) -> dict[str, str]:
        """SQL for what a finding of a rule across rows says, of the row ``r`` and the texts that came with ``b``."""
        table, name = one.table, rule.field or one.table.key
        values = {field: f'cast("r"."{field}" as varchar)' for field in one.fields}
        values |= {column: f'"b"."_own{place}"' for place, (column, _) in enumerate(own)}
        message = message_sql(rule.message, values, self.today)
        for column, kind in own:
            if kind not in WRITABLE and (column == name or values[column] in message):
                raise Refusal(f"The message tells {column}, which is {kind} and written otherwise by Spark", rule.id)
        return {
            "field": literal(table.names[name].label if name in table.names else name),
            "value": requoted(values.get(name, "cast(null as varchar)")),
            "rule": literal(rule.id),
            "severity": literal(rule.severity),
            "message": requoted(message),
        }


def _kept_type(table: Table, name: str) -> str:
    """The type of what is kept beside a field: its value, or a bit that says whether it can be read."""
    return "BOOLEAN" if name.startswith("_k0_") else table.field(name.removeprefix("_v0_")).sql_type


def _finding(table: Table, row: str, key: str, field: str, value: str, rule: str, severity: str, message: str) -> str:
    return (
        f"{row} as row, {key} as key, {field} as field, {value} as value, {rule} as rule, "
        f"{severity} as severity, {message} as message, {literal(table.name)} as table_name"
    )
