"""From a table, its rules and a mapping to SQL.

While a file is read, every cell is kept as text and, beside it, what is dear to work out again: a date, a number,
whether a code is on its list. The typed rows are a view of that, and one query over it finds the rows that break any
rule on one row, and says which, on which field, with which words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass
from datetime import date

from placemaker.standard.derived import RAW, put_in
from placemaker.standard.expressions import identifier, literal, names_in
from placemaker.standard.layers import Derivation, layered_findings, quoted_values, verdicts
from placemaker.standard.mapping import FieldMapping, TableMapping
from placemaker.standard.ruling import message_sql, row_rules, rule_sql, shortened
from placemaker.standard.schema import Field, Rule, Severity, Table
from placemaker.standard.values import EARLIEST, NOTHING, typed, written


@dataclass(frozen=True, slots=True)
class RowCheck:
    """One rule over a row: ``holds`` is its condition (null means unknown, which is no fault), ``message`` is SQL.

    ``unread`` is the condition under which a cell it asks about cannot be read: what that holds is unknown too. Each of
    ``fields`` gets a finding.
    """

    rule: str
    severity: Severity
    fields: tuple[str, ...]
    holds: str
    message: str
    unread: str = "false"
    stage: int = 1


@dataclass(frozen=True, slots=True)
class Compiled:
    """The SQL of one table of one export.

    ``relation`` is where the export is staged, with its cells as ``_e0``, ``_e1`` and so on; ``number`` tells the
    tables of one export apart. ``inputs`` are worked out from the export's own headers, ``kept`` from the texts and
    values of the fields; both are columns of ``relation``. ``texts`` and ``values`` are SQL for the fields' texts and
    values there, ``selection`` for the rows that are this table's. ``derivation`` is what a pack adds.
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
    derivation: Derivation | None = None

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

    def derived(self) -> str:
        """The query for the typed rows with their texts and what a pack derives from them."""
        return (self.derivation or Derivation((), {}, {})).rows(self._read(), self.table, self._raw())

    def verdicts(self) -> str:
        """The query for the numbers of the rules of a pack that each row breaks."""
        return verdicts(self.derived(), self.checks, quoted_values(self.checks, self.derivation))

    def findings_of(self, broken: str) -> str:
        """The query for the findings of the table ``broken``, which holds the ``verdicts``, and the stage of each."""
        texts = Derivation((), {}, {}).rows(self._read(), self.table, self._raw())
        return layered_findings(broken, texts, self.table, self.checks, self._raw(), key_sql(self.table, self.mapping))

    def _raw(self) -> dict[str, str]:
        return {name: raw_text(self.mapping, name) for name in self.mapping.fields}

    def findings(self) -> str:
        """The query for the findings of all rules over one row."""
        # An unread cell breaks a rule of its own, so the filter need not ask about it; only the rows that it lets
        # through are asked which rules they break. Written as one `not` a rule, DuckDB stops at a row's first answer.
        broken = " or ".join(f"not ({check.holds})" for check in self.checks) or "false"
        numbers = ", ".join(
            f"case when not ({check.holds}) and not ({check.unread}) then {n} end"
            for n, check in enumerate(self.checks)
        )

        def pick(values: Iterable[str]) -> str:
            return "case _rule " + " ".join(f"when {n} then {value}" for n, value in enumerate(values)) + " end"

        return (
            f"select _row as row, {key_sql(self.table, self.mapping)} as key, "
            f"{pick(literal(check.fields[0]) for check in self.checks)} as field, "
            f"{pick(raw_text(self.mapping, check.fields[0]) for check in self.checks)} as value, "
            f"{pick(literal(check.rule) for check in self.checks)} as rule, "
            f"{pick(literal(check.severity) for check in self.checks)} as severity, "
            f"{pick(check.message for check in self.checks)} as message, {literal(self.table.name)} as table_name "
            f"from (select *, unnest(list_filter([{numbers}], lambda n: n is not null)) as _rule "
            f"from ({self._read()}) where {broken})"
        )

    def _read(self) -> str:
        return f"select rowid + 1 as _row, *, {self.texts}, {self.values} from {self._chosen()}"

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
    derivation: Derivation | None = None,
) -> Compiled:
    """The SQL for the rows of an export, with these ``columns``, that a fitted mapping takes.

    ``marked`` says that some of its rows may be unreadable. Rules that are not in force ``today``, hold in another
    nation, or need a field that the export does not fill are left out. To what a pack derives, such a field is empty.
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
    if mapping.skip_blank:
        cells = ", ".join(identifier(source.column) for source in mapping.fields.values() if source.column)
        inputs[f"_b{number}"] = f"coalesce({cells}) is not null"
        chosen.append(f"_b{number}")
    texts, reading, values, kept = [], [], [], {}
    for field in table.fields:
        if field.name in mapping.fields:
            source, name = mapping.fields[field.name], identifier(field.name)
            raw = _raw(field, source, number, columns)
            texts.append(_texts(table, field, source, raw))
            reading.append(f"{_value(table, field, source)} as {name}")
            keep, value = _kept(field, source, raw, number)
            kept |= keep
            values.append(f"{value} as {name}")
    rules = row_rules(table, mapping.fields, today, nation, derivation.names() if derivation else ())
    absent = table.names if derivation else {name for rule in rules for name in rule.optional}
    for name in sorted(set(absent).difference(mapping.fields)):
        texts.append(f"cast(null as varchar) as {identifier(f'_text_{name}')}")
        values.append(f"cast(null as {table.field(name).sql_type}) as {identifier(name)}")
    checks = [
        check
        for field in table.fields
        if field.name in mapping.fields and table.verdict != "rules"
        for check in _built_in(table, field, mapping, number)
    ]
    quoted = {name: raw_text(mapping, name) for name in mapping.fields}
    quoted |= derivation.messages(table) if derivation else {}
    checks += [_row_rule(rule, mapping, today, derivation, quoted) for rule in rules]
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
        derivation,
    )


def key_sql(table: Table, mapping: TableMapping, relation: str = "") -> str:
    """SQL for the text by which a finding shows the row of a table: its key, or what stands for it in a form."""
    name = table.key or table.shown_key
    prefix = f"{relation}." if relation else ""
    return f"cast({prefix}{identifier(name)} as varchar)" if name in mapping.fields else "cast(null as varchar)"


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


def _texts(table: Table, field: Field, source: FieldMapping, raw: str) -> str:
    """SQL for a field's text, and for the raw text too where the mapping changes it."""
    text = raw
    if source.empty:
        text = f"case when {raw} in ({', '.join(map(literal, source.empty))}) then null else {raw} end"
    if source.codes is not None or source.otherwise is not None:
        left = literal(source.otherwise) if source.otherwise is not None else text
        known = dict(source.codes or {})
        if source.otherwise is not None and field.codelist:
            known = {code: code for code in table.codelist(field.codelist).values} | known
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


def _value(table: Table, field: Field, source: FieldMapping) -> str:
    text = identifier(f"_text_{field.name}")
    value = typed(text, field, source.dates, source.number)
    if not field.codelist:
        return value
    codes = ", ".join(map(literal, table.codelist(field.codelist).values))
    if field.type == "string":
        return f"case when list_contains([{codes}], {text}) then {text} end"
    return f"case when list_contains([{codes}], cast({value} as varchar)) then {value} end"


def _built_in(table: Table, field: Field, mapping: TableMapping, number: int) -> list[RowCheck]:
    name, text, value = f"{table.name}.{field.name}", identifier(f"_text_{field.name}"), identifier(field.name)
    raw = raw_text(mapping, field.name)
    quoted = f"{literal(field.title)} || ' ''' || {shortened(raw)} || ''' '"
    found = []

    def check(kind: str, holds: str, message: str, severity: Severity = "error") -> None:
        found.append(RowCheck(f"{name}.{kind}", severity, (field.name,), holds, message))

    if field.name == table.key or field.required:
        severity: Severity = "reject" if field.name == table.key else "error"
        check("required", f"{text} is not null", literal(f"{field.title} is empty."), severity)
    if field.name == table.key:
        # Longer texts are no such words, and are not looked at twice.
        words = ", ".join(map(literal, NOTHING))
        holds = f"({text} is null or strlen({text}) > {max(map(len, NOTHING))} or lower({text}) not in ({words}))"
        check("word", holds, f"{quoted} || {literal('looks like a word for no value.')}", "query")
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
    if field.type in ("date", "datetime") and field.minimum is None:
        earliest = _limit(field, EARLIEST)
        check("year", f"({value} >= {earliest})", f"{quoted} || {literal(f'is before {EARLIEST.year}.')}", "query")
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


def _row_rule(
    rule: Rule, mapping: TableMapping, today: date, derivation: Derivation | None, quoted: AnyMapping[str, str]
) -> RowCheck:
    """A rule over one row; ``quoted`` is SQL for what its message may quote."""
    table = mapping.table
    used = names_in(rule.expect)
    named = [name for name in used if name in table.names]
    # A cell that cannot be read is a finding of its own; what it holds is unknown, and not nothing. A rule that asks
    # for the cell's text sees for itself.
    unread = [
        f"({identifier(f'_text_{name}')} is not null and {identifier(name)} is null)"
        for name in named
        if table.verdict != "rules"
        and not _is_plain_text(table.field(name))
        and (derivation is None or f"{RAW}{name}" not in used)
    ]
    holds = rule_sql(rule, table, today)
    if derivation:
        holds = put_in(holds, derivation.constants)
    return RowCheck(
        rule.id,
        rule.severity,
        rule.fields or (rule.field or (named[0] if named else table.key or table.shown_key),),
        f"({holds})",
        message_sql(rule.message, quoted, today),
        " or ".join(unread if table.verdict != "rules" else ()) or "false",
        rule.stage,
    )
