"""From a table, its rules and a mapping to SQL.

While a file is read, every cell is kept as text and, beside it, what is dear to work out again: a date, a number,
whether a code is on its list. The typed rows are a view of that, and one query over it finds the rows that break any
rule on one row, and says which, on which field, with which words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
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
    """One rule over a row: ``holds`` is its condition (null means unknown, which is no fault), ``message`` is SQL.

    ``unread`` is the condition under which a cell it asks about cannot be read: what that holds is unknown too.
    """

    rule: str
    severity: Severity
    field: str
    holds: str
    message: str
    unread: str = "false"


@dataclass(frozen=True, slots=True)
class Compiled:
    """The SQL of one table of one export.

    ``relation`` is where the export is staged, with its cells as ``_e0``, ``_e1`` and so on; ``number`` tells the
    tables of one export apart. ``inputs`` are worked out from the export's own headers, ``kept`` from the texts and
    values of the fields; both are columns of ``relation``. ``texts`` and ``values`` are SQL for the fields' texts and
    values there, ``selection`` for the rows that are this table's.
    """

    mapping: TableMapping
    relation: str
    number: int
    checks: tuple[RowCheck, ...]
    inputs: dict[str, str]
    kept: dict[str, str]
    texts: str
    reading: str
    values: str
    selection: str

    @property
    def table(self) -> Table:
        """The table of the standard."""
        return self.mapping.table

    @property
    def fields(self) -> tuple[Field, ...]:
        """The fields that this export fills, in the order of the table."""
        return tuple(field for field in self.table.fields if field.name in self.mapping.fields)

    def rows(self) -> str:
        """The query for the typed rows: ``_row`` and the fields."""
        names = ", ".join(identifier(field.name) for field in self.fields)
        return f"select _row, {names} from (select rowid + 1 as _row, {self.values} from {self._chosen()})"

    def findings(self) -> str:
        """The query for the findings of all rules over one row."""
        # An unread cell breaks a rule of its own, so the filter need not ask about it; only the rows that it lets
        # through are asked which rules they break. Written as one `not` a rule, DuckDB stops at a row's first answer.
        broken = " or ".join(f"not ({check.holds})" for check in self.checks) or "false"
        numbers = ", ".join(
            f"case when not ({check.holds}) and not ({check.unread}) then {n} end"
            for n, check in enumerate(self.checks)
        )
        rows = f"select rowid + 1 as _row, *, {self.texts}, {self.values} from {self._chosen()}"

        def pick(values: Iterable[str]) -> str:
            return "case _rule " + " ".join(f"when {n} then {value}" for n, value in enumerate(values)) + " end"

        return (
            f"select _row as row, cast({identifier(self.table.key)} as varchar) as key, "
            f"{pick(literal(check.field) for check in self.checks)} as field, "
            f"{pick(raw_text(self.mapping, check.field) for check in self.checks)} as value, "
            f"{pick(literal(check.rule) for check in self.checks)} as rule, "
            f"{pick(literal(check.severity) for check in self.checks)} as severity, "
            f"{pick(check.message for check in self.checks)} as message, {literal(self.table.name)} as table_name "
            f"from (select *, unnest(list_filter([{numbers}], lambda n: n is not null)) as _rule "
            f"from ({rows}) where {broken})"
        )

    def _chosen(self) -> str:
        return f"{self.relation} where {self.selection}"


def stage_query(columns: Sequence[str], marked: bool, tables: Iterable[Compiled], base: str) -> str:
    """The query that stages an export: its cells, and what its tables keep beside them, from the texts in ``base``.

    ``base`` gives the export's ``columns``, and ``_wrong`` and ``_text`` too if it is ``marked``.
    """
    tables = list(tables)
    carried = [cell(place) for place in range(len(columns))] + (["_wrong", "_text"] if marked else [])
    picked = [f"{identifier(column)} as {cell(place)}" for place, column in enumerate(columns)]
    picked += ["_wrong", "_text"] if marked else []
    for one in tables:
        picked += [f"{sql} as {identifier(name)}" for name, sql in one.inputs.items()]
        carried += [identifier(name) for name in one.inputs]
    query = f"select {', '.join(picked)} from ({base})"
    for one in tables:
        if one.kept:
            kept = ", ".join(f"{sql} as {identifier(name)}" for name, sql in one.kept.items())
            read = f"select *, {one.reading} from (select *, {one.texts} from ({query}))"
            query = f"select {', '.join(carried)}, {kept} from ({read})"
            carried += [identifier(name) for name in one.kept]
    return query


def cell(place: int) -> str:
    """The column of a staged export that holds its header number ``place``, from 0."""
    return f"_e{place}"


def compile_table(
    mapping: TableMapping,
    number: int,
    relation: str,
    columns: Sequence[str],
    marked: bool,
    today: date,
    nation: str = "England",
) -> Compiled:
    """The SQL for the rows of an export, with these ``columns``, that a fitted mapping takes.

    ``marked`` says that some of its rows may be unreadable. Rules that are not in force ``today``, hold in another
    nation, or need a field that the export does not fill are left out.
    """
    table = mapping.table
    inputs = {
        f"_x{number}_{name}": f"nullif(trim(cast(({source.expression}) as varchar)), '')"
        for name, source in mapping.fields.items()
        if source.expression
    }
    chosen = ["_wrong is null"] if marked else []
    if mapping.where:
        inputs[f"_w{number}"] = f"coalesce(({mapping.where}), false)"
        chosen.append(f"_w{number}")
    texts, reading, values, kept = [], [], [], {}
    for field in table.fields:
        if field.name in mapping.fields:
            source, name = mapping.fields[field.name], identifier(field.name)
            raw = _raw(field, source, number, columns)
            texts.append(_texts(field, source, raw))
            reading.append(f"{_value(field, source)} as {name}")
            keep, value = _kept(field, source, raw, number)
            kept |= keep
            values.append(f"{value} as {name}")
    rules = row_rules(table, mapping.fields, today, nation)
    for name in sorted({name for rule in rules for name in rule.optional}.difference(mapping.fields)):
        texts.append(f"cast(null as varchar) as {identifier(f'_text_{name}')}")
        values.append(f"cast(null as {table.field(name).sql_type}) as {identifier(name)}")
    checks = [
        check
        for field in table.fields
        if field.name in mapping.fields
        for check in _built_in(table, field, mapping, number)
    ]
    checks += [_row_rule(rule, mapping, today) for rule in rules]
    return Compiled(
        mapping,
        relation,
        number,
        tuple(checks),
        inputs,
        kept,
        ", ".join(texts),
        ", ".join(reading),
        ", ".join(values),
        " and ".join(chosen) or "true",
    )


def row_rules(table: Table, filled: Iterable[str], today: date, nation: str) -> list[Rule]:
    """The table's rules over one row that can be looked at in an export that fills the fields ``filled``."""
    unfilled = set(table.names) - set(filled)
    return [
        rule
        for rule in table.rules
        if rule.expect
        and _holds_here(rule, today, nation)
        and unfilled.isdisjoint(set(names_in(rule.expect)).difference(rule.optional))
        and not unfilled.issuperset(table.names.keys() & names_in(rule.expect))
    ]


def set_rules(
    table: Table, filled: Iterable[str], there: Callable[[str], bool], today: date, nation: str
) -> list[Rule]:
    """The table's rules over many rows whose tables are all ``there`` and whose own fields are all ``filled``."""
    unfilled = set(table.names) - set(filled)
    found = []
    for rule in table.rules:
        if not rule.breaks or not _holds_here(rule, today, nation) or not all(map(there, tables_of(rule))):
            continue
        needed = unfilled.intersection(names_in(rule.breaks)).difference(rule.optional)
        # A name may be another table's field too; then the rule is run, and a field that is not filled reads as empty.
        others = [table_of(name).names for name in tables_of(rule) if needed and name != table.name]
        if needed <= set().union(*others):
            found.append(rule)
    return found


def _holds_here(rule: Rule, today: date, nation: str) -> bool:
    return rule.in_force(today) and (not rule.nations or nation in rule.nations)


def tables_of(rule: Rule) -> tuple[str, ...]:
    """The tables of the standard that a set rule reads."""
    return tuple(name for name in names_in(rule.breaks) if name in table_names())


def rule_sql(rule: Rule, table: Table, today: date) -> str:
    """The SQL of a rule with ``today`` put in; a rule that is not the standard's own must pass the allow-list."""
    text = rule.expect or rule.breaks
    if table.name not in table_names() or rule not in table_of(table.name).rules:
        check_rule(rule, table)
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
    return identifier(f"_raw_{field}" if _is_changed(source) else f"_text_{field}")


def _raw(field: Field, source: FieldMapping, number: int, columns: Sequence[str]) -> str:
    """SQL for a field's text as the export has it, over a staged export."""
    if source.column:
        return cell(columns.index(source.column))
    return identifier(f"_x{number}_{field.name}") if source.expression else f"nullif({literal(source.value or '')}, '')"


def _texts(field: Field, source: FieldMapping, raw: str) -> str:
    """SQL for a field's text, and for the raw text too where the mapping changes it."""
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
    if not _is_changed(source):
        return f"{raw} as {named}"
    return f"{text} as {named}, {raw} as {identifier(f'_raw_{field.name}')}"


def _is_changed(source: FieldMapping) -> bool:
    """Whether the mapping makes another text of what the export has."""
    return bool(source.empty) or source.codes is not None or source.otherwise is not None


def _kept(field: Field, source: FieldMapping, raw: str, number: int) -> tuple[dict[str, str], str]:
    """What is kept beside a staged export for a field, and SQL for its value over what is kept.

    Text that is taken as it is needs nothing, and a code that is on its list one bit, which says so.
    """
    name = identifier(field.name)
    if field.type == "string" and not _is_changed(source) and not field.tidied:
        if _is_plain_text(field):
            return {}, raw
        bit = f"_k{number}_{field.name}"
        return {bit: f"{name} is not null"}, f"case when {identifier(bit)} then {raw} end"
    value = f"_v{number}_{field.name}"
    return {value: name}, identifier(value)


def _value(field: Field, source: FieldMapping) -> str:
    text = identifier(f"_text_{field.name}")
    if field.codelist:
        codes = ", ".join(map(literal, codelist(field.codelist).values))
        return f"case when list_contains([{codes}], {text}) then {text} end"
    return typed(text, field, source.dates, source.number)


def _built_in(table: Table, field: Field, mapping: TableMapping, number: int) -> list[RowCheck]:
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
            "pattern": f"is not written as it should be, such as {field.example or field.pattern}.",
            "type": f"is not {written(field, mapping.fields[field.name].dates)}.",
        }
        kept, _ = _kept(field, mapping.fields[field.name], "", number)
        (bit,) = kept
        read = identifier(bit) if bit.startswith("_k") else f"{identifier(bit)} is not null"
        check(kind, f"({text} is null or {read})", f"{quoted} || {literal(words[kind])}")
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
        f"({identifier(f'_text_{name}')} is not null and {identifier(name)} is null)"
        for name in named
        if not _is_plain_text(table.field(name))
    ]
    return RowCheck(
        rule.id,
        rule.severity,
        rule.field or (named[0] if named else table.key),
        f"({rule_sql(rule, table, today)})",
        message_sql(rule.message, values, today),
        " or ".join(unread) or "false",
    )


def check_rule(rule: Rule, table: Table | None = None) -> None:
    """Raise Refusal if a rule's SQL is not on the allow-list; the test suite asks it of every rule of the standard."""
    table, where = table or table_of(rule.table), f"rules/{rule.table}.yaml, rule {rule.id}"
    if rule.expect:
        row_sql(rule.expect, [*table.names, "today"], where)
    else:
        query_sql(rule.breaks, table_names(), where)
