"""From a table, its rules and a mapping to SQL: one query that types every cell and looks at every row rule at once.

The first pass keeps the typed rows and one flag a row, whether any rule is broken. The second pass goes over the broken
rows alone and says which rules, on which field, with which words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from placemaker.standard.expressions import identifier, literal, names_in, query_sql, row_sql
from placemaker.standard.mapping import FieldMapping, TableMapping
from placemaker.standard.schema import Field, Rule, Severity, Table, codelist, table_names
from placemaker.standard.schema import table as table_of
from placemaker.standard.values import typed, written

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_TODAY = re.compile(r"('(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|\btoday\b(?!\s*\()", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RowCheck:
    """One rule over a row: ``holds`` is its condition (null means unknown, which is no fault), ``message`` is SQL."""

    rule: str
    severity: Severity
    field: str
    holds: str
    message: str


@dataclass(frozen=True, slots=True)
class Compiled:
    """The SQL of one table of one export, staged as ``relation``."""

    mapping: TableMapping
    relation: str
    checks: tuple[RowCheck, ...]
    selection: str
    texts: str
    values: str

    @property
    def table(self) -> Table:
        """The table of the standard."""
        return self.mapping.table

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that this export fills, in the order of the table."""
        return tuple(field for field in self.table.fields if field.name in self.mapping.fields)

    def rows(self) -> str:
        """The query for the typed rows: ``_row``, the fields and ``_broken``."""
        holds = " and ".join(f"coalesce({check.holds}, true)" for check in self.checks) or "true"
        names = ", ".join(identifier(field.name) for field in self.fields)
        return f"select _row, {names}, not ({holds}) as _broken from ({self._typed(self.selection)})"

    def findings(self, rows: str) -> str:
        """The query for the findings of the rows that are marked as broken in the table ``rows``."""
        numbers = ", ".join(f"case when not ({check.holds}) then {n} end" for n, check in enumerate(self.checks))
        broken = self._typed(f"rowid in (select _row - 1 from {rows} where _broken)")
        key = identifier(self.table.key)

        def pick(values: Iterable[str]) -> str:
            return "case _rule " + " ".join(f"when {n} then {value}" for n, value in enumerate(values)) + " end"

        return (
            f"select _row as row, cast({key} as varchar) as key, "
            f"{pick(literal(check.field) for check in self.checks)} as field, "
            f"{pick(self.raw(check.field) for check in self.checks)} as value, "
            f"{pick(literal(check.rule) for check in self.checks)} as rule, "
            f"{pick(literal(check.severity) for check in self.checks)} as severity, "
            f"{pick(check.message for check in self.checks)} as message, {literal(self.table.name)} as table_name "
            f"from (select *, unnest([{numbers}]) as _rule from ({broken})) where _rule is not null"
        )

    def raw(self, field: str) -> str:
        """The text of a field as the export has it, as a column of the typed query."""
        return raw_text(self.mapping, field)

    def _typed(self, selection: str) -> str:
        return (
            f"select *, {self.values} from (select rowid + 1 as _row, {self.texts} from {self.relation} "
            f"where {selection})"
        )


def compile_table(mapping: TableMapping, relation: str, marked: bool, today: date, nation: str = "England") -> Compiled:
    """The SQL for the rows of ``relation`` (``marked``: some may be unreadable) that a fitted mapping takes.

    Rules that are not in force ``today``, hold in another nation, or need a field that the export does not fill are
    left out.
    """
    table = mapping.table
    fields = [field for field in table.fields if field.name in mapping.fields]
    texts = ", ".join(_texts(field, mapping.fields[field.name]) for field in fields)
    values = ", ".join(f"{_value(field, mapping.fields[field.name])} as {identifier(field.name)}" for field in fields)
    checks = [check for field in fields for check in _built_in(table, field, mapping)]
    for rule in rules_to_run(table, mapping.fields, today, nation):
        if rule.expect:
            checks.append(_row_rule(rule, mapping, today))
    return Compiled(mapping, relation, tuple(checks), _selection(mapping, relation, marked), texts, values)


def rules_to_run(table: Table, filled: Iterable[str], today: date, nation: str) -> list[Rule]:
    """The table's rules that can be looked at in an export that fills the fields ``filled``."""
    unfilled = set(table.names) - set(filled)
    found = []
    for rule in table.rules:
        named = set(names_in(rule.expect or rule.breaks))
        needed = named & unfilled
        if rule.breaks:
            others = (set(table_of(name).names) for name in tables_of(rule) if name != table.name)
            needed -= set().union(*others)
        if rule.in_force(today) and not needed and (not rule.nations or nation in rule.nations):
            found.append(rule)
    return found


def tables_of(rule: Rule) -> tuple[str, ...]:
    """The tables of the standard that a set rule reads."""
    return tuple(name for name in names_in(rule.breaks) if name in table_names())


def rule_sql(rule: Rule, today: date) -> str:
    """The SQL of a rule with ``today`` put in; a rule that is not the standard's own must pass the allow-list."""
    text = rule.expect or rule.breaks
    if rule not in table_of(rule.table).rules:
        where = f"rule {rule.id}"
        names = [*table_of(rule.table).names, "today"]
        text = row_sql(text, names, where) if rule.expect else query_sql(text, table_names(), where)
    return _TODAY.sub(lambda found: found[1] or f"date '{today}'", text)


def message_sql(template: str, values: dict[str, str], today: date) -> str:
    """SQL for a rule's message, its placeholders filled from the SQL texts ``values``; an empty one reads as empty."""
    pieces = []
    for place, piece in enumerate(_PLACEHOLDER.split(template)):
        if place % 2 == 0:
            pieces += [literal(piece)] if piece else []
        elif piece == "today":
            pieces.append(literal(today.isoformat()))
        elif piece in values:
            pieces.append(f"coalesce({shortened(values[piece])}, 'empty')")
        else:
            pieces.append("'not given'")
    return " || ".join(pieces) or "''"


def shortened(text: str) -> str:
    """SQL for a text as a message quotes it, at most 100 characters."""
    return f"case when length({text}) > 100 then left({text}, 100) || '…' else {text} end"


def raw_text(mapping: TableMapping, field: str) -> str:
    """The column that holds a field's text as the export has it."""
    source = mapping.fields.get(field)
    if source is None:
        return "cast(null as varchar)"
    changed = source.empty or source.codes is not None or source.otherwise is not None
    return identifier(f"_raw_{field}" if changed else f"_text_{field}")


def _texts(field: Field, source: FieldMapping) -> str:
    """SQL for a field's text, and for the raw text too where the mapping changes it."""
    if source.column:
        raw = identifier(source.column)
    elif source.expression:
        raw = f"nullif(trim(cast(({source.expression}) as varchar)), '')"
    else:
        raw = f"nullif({literal(source.value or '')}, '')"
    text = raw
    if source.empty:
        text = f"case when {raw} in ({', '.join(map(literal, source.empty))}) then null else {raw} end"
    if source.codes is not None or source.otherwise is not None:
        left = literal(source.otherwise) if source.otherwise is not None else text
        known = dict(source.codes or {})
        if source.otherwise is not None and field.codelist:
            known = {code: code for code in codelist(field.codelist).values} | known
        pairs = " ".join(f"when {literal(old)} then nullif({literal(new)}, '')" for old, new in known.items())
        coded = f"case {text} {pairs} else {left} end" if pairs else left
        text = f"case when ({text}) is not null then {coded} end"
    named = identifier(f"_text_{field.name}")
    if text is raw:
        return f"{raw} as {named}"
    return f"{text} as {named}, {raw} as {identifier(f'_raw_{field.name}')}"


def _value(field: Field, source: FieldMapping) -> str:
    text = identifier(f"_text_{field.name}")
    if field.codelist:
        codes = ", ".join(map(literal, codelist(field.codelist).values))
        return f"case when {text} in ({codes}) then {text} end"
    return typed(text, field, source.dates, source.number)


def _built_in(table: Table, field: Field, mapping: TableMapping) -> list[RowCheck]:
    name, text, value = f"{table.name}.{field.name}", identifier(f"_text_{field.name}"), identifier(field.name)
    raw = raw_text(mapping, field.name)
    quoted = f"{literal(field.title)} || ' ''' || {shortened(raw)} || ''' '"
    found = []

    def check(kind: str, holds: str, message: str, severity: Severity = "error") -> None:
        found.append(RowCheck(f"{name}.{kind}", severity, field.name, holds, message))

    if field.name == table.key or field.required:
        severity: Severity = "reject" if field.name == table.key else "error"
        check("required", f"{text} is not null", literal(f"{field.title} is empty."), severity)
    if not _is_plain_text(field):
        kind = "code" if field.codelist else "pattern" if field.type == "string" else "type"
        words = {
            "code": "is not a code of its list.",
            "pattern": f"is not written as it should be ({field.pattern}).",
            "type": f"is not {written(field, mapping.fields[field.name].dates)}.",
        }
        check(kind, f"({text} is null or {value} is not null)", f"{quoted} || {literal(words[kind])}")
    if field.minimum is not None or field.maximum is not None:
        low, high = (_limit(field, limit) for limit in (field.minimum, field.maximum))
        holds = " and ".join(
            part for part in (f"{value} >= {low}" if low else "", f"{value} <= {high}" if high else "") if part
        )
        between = (
            f"is not between {field.minimum} and {field.maximum}."
            if low and high
            else f"is less than {field.minimum}."
            if low
            else f"is more than {field.maximum}."
        )
        check("range", f"({holds})", f"{quoted} || {literal(between)}")
    return found


def _is_plain_text(field: Field) -> bool:
    """Whether any text at all is a value of the field."""
    return field.type == "string" and not field.codelist and not field.pattern


def _limit(field: Field, limit: float | date | None) -> str:
    if limit is None:
        return ""
    return f"{field.type.replace('datetime', 'timestamp')} '{limit}'" if "date" in field.type else str(limit)


def _row_rule(rule: Rule, mapping: TableMapping, today: date) -> RowCheck:
    table = mapping.table
    named = [name for name in names_in(rule.expect) if name in table.names]
    values = {name: raw_text(mapping, name) for name in mapping.fields}
    # A cell that cannot be read is a finding of its own; what it holds is unknown, and not nothing.
    unread = [
        f"{identifier(f'_text_{name}')} is not null and {identifier(name)} is null"
        for name in named
        if not _is_plain_text(table.field(name))
    ]
    return RowCheck(
        rule.id,
        rule.severity,
        rule.field or (named[0] if named else table.key),
        " or ".join(f"({part})" for part in (rule_sql(rule, today), *unread)),
        message_sql(rule.message, values, today),
    )


def _selection(mapping: TableMapping, relation: str, marked: bool) -> str:
    """SQL for the rows of the staged table that are this table's."""
    parts = ["_wrong is null"] if marked else []
    parts += [f"({mapping.where})"] if mapping.where else []
    chosen = " and ".join(parts) or "true"
    if mapping.one_row_per:
        columns = ", ".join(map(identifier, mapping.one_row_per))
        unknown = " or ".join(f"{identifier(column)} is null" for column in mapping.one_row_per)
        first = f"rowid in (select min(rowid) from {relation} where {chosen} group by {columns})"
        chosen += f" and ({first} or {unknown})"
    return chosen


def check_rule(rule: Rule) -> None:
    """Raise Refusal if a rule's SQL is not on the allow-list; the test suite asks it of every rule of the standard."""
    where = f"rules/{rule.table}.yaml, rule {rule.id}"
    if rule.expect:
        row_sql(rule.expect, [*table_of(rule.table).names, "today"], where)
    else:
        query_sql(rule.breaks, table_names(), where)
