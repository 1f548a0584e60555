"""Check a file against the standard: every row accounted for, every broken rule a finding.

An export is staged as text, each table it fills is typed by one query, and the rules that look at more than one row
(unique keys, parents, rules across rows and tables) are one query each. No row of a regular file passes through Python.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping as AnyMapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from placemaker.lake import Workspace, connect
from placemaker.lake.errors import Refusal
from placemaker.standard.compile import Compiled, compile_table, message_sql, rule_sql, set_rules, tables_of
from placemaker.standard.expressions import identifier, literal
from placemaker.standard.findings import Findings, write_query
from placemaker.standard.mapping import Mapping, direct_mapping, fit_columns, read_mapping, unused_columns
from placemaker.standard.reading import Progress, Staged, stage
from placemaker.standard.schema import ForeignKey, Rule, Severity, Table, codelist, table_names
from placemaker.standard.schema import table as table_of

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class TableCheck:
    """What a check says of one table: ``rows_in`` = ``rows_loaded`` + ``rows_held_back`` + ``rows_elsewhere``.

    ``relation`` holds the typed rows; ``rows()`` is the query for those that can be loaded, ``held_back`` the table of
    the numbers of those that cannot.
    """

    table: Table
    fields: tuple[str, ...]
    relation: str
    held_back: str
    rows_in: int
    rows_loaded: int
    rows_held_back: int
    rows_elsewhere: int

    def rows(self) -> str:
        """The query for the rows that can be loaded: the fields that the export fills, and ``_row``."""
        names = ", ".join(map(identifier, self.fields))
        held = f" where _row not in (select _row from {self.held_back})" if self.rows_held_back else ""
        return f"select {names}, _row from {self.relation}{held}"


class Check:
    """What a check found. ``rows_in`` are the records of the file; one is *held back* where a table could not take it
    and *elsewhere* where it is not for any of the tables. Close it, or use it in a ``with`` block, to free its memory.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, closing: ExitStack, file: Path, mapping: Mapping) -> None:
        self.con, self.file, self.mapping, self._closing = con, file, mapping, closing
        self.tables: dict[str, TableCheck] = {}
        self.rows_in = self.rows_held_back = self.rows_elsewhere = 0
        self.findings: Findings
        self.staged: Staged

    def __enter__(self) -> Check:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the rows and the connection."""
        self._closing.close()

    def close_with(self, con: duckdb.DuckDBPyConnection) -> None:
        """Close ``con`` too when this is closed."""
        self._closing.callback(con.close)

    @property
    def clean(self) -> bool:
        """Whether there is no finding of severity reject or error."""
        found = self.count_by_severity()
        return not found["reject"] and not found["error"]

    def count_by_severity(self) -> dict[Severity, int]:
        """How many findings there are of each severity, worst first."""
        return self.findings.count_by_severity()

    def count_by_rule(self) -> dict[str, int]:
        """How many findings there are of each rule, most first."""
        return self.findings.count_by_rule()

    def write_findings(self, path: str | Path) -> Path:
        """Write every finding to a CSV or Parquet file, by the end of its name."""
        return self.findings.write(path)

    def write_held_back(self, path: str | Path) -> Path:
        """Write the rows that are held back, as the export has them with their row numbers, to CSV or Parquet."""
        held = " union ".join(f"select _row from {one.held_back}" for one in self.tables.values())
        return write_query(self.con, f"{self.held_back_query(f'({held})')} order by _row", Path(path))

    def held_back_query(self, numbers: str) -> str:
        """The query for the export's own cells of the rows whose ``_row`` is in ``numbers``; unreadable ones whole."""
        cells = "* exclude (_wrong, _text), _text as _unreadable" if self.staged.marked else "*"
        return (
            f"select rowid + 1 as _row, {cells} from {self.staged.relation} "
            f"where rowid in (select _row - 1 from {numbers})"
        )


def check(
    file: str | Path,
    table_or_mapping: str | Path | Table | Mapping | AnyMapping[str, Any],
    *,
    today: date | None = None,
    workspace: Workspace | None = None,
    con: duckdb.DuckDBPyConnection | None = None,
    progress: Progress | None = None,
) -> Check:
    """Check ``file`` as a table of the standard (its name) or by a mapping (its file, or a dict as the file holds it).

    ``today`` is the day that rules go by. With a ``workspace``, parents are looked up in its lake as well as in the
    file. ``con`` is a connection made by ``lake.connect``, for whoever wants to go on with the rows; without, the check
    has its own. ``progress`` is told in a few words what is being done. Raises Refusal where nothing can be checked.
    """
    today = today or date.today()
    tell = progress or (lambda _: None)
    mapping = as_mapping(table_or_mapping)
    closing = ExitStack()
    with ExitStack() as until_done:
        until_done.callback(closing.close)
        if con is None:
            con = connect()
            closing.callback(con.close)
        if workspace:
            workspace.attach(con)
        run = _Run(con, closing, Path(file), mapping, today, workspace)
        found = run.run(tell)
        until_done.pop_all()
    return found


def as_mapping(given: str | Path | Table | Mapping | AnyMapping[str, Any]) -> Mapping:
    """The mapping that is meant by a table's name, a mapping's file or a dict."""
    if isinstance(given, Mapping):
        return given
    if isinstance(given, Table):
        return direct_mapping(given)
    if isinstance(given, str) and not given.lower().endswith((".yaml", ".yml")):
        return direct_mapping(table_of(given))
    return read_mapping(given)


class _Run:
    """One check under way."""

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        closing: ExitStack,
        file: Path,
        mapping: Mapping,
        today: date,
        workspace: Workspace | None,
    ) -> None:
        self.con, self.file, self.today = con, file, today
        self.mapping, self.workspace = mapping, workspace
        self.nation = (workspace.settings.get("nation") if workspace else None) or "England"
        self.prefix = f"_check{next(_numbers)}"
        self.result = Check(con, closing, file, mapping)
        self.tables: dict[str, Compiled] = {}

    def run(self, tell: Progress) -> Check:
        tell("Reading the file")
        staged = self.result.staged = stage(self.con, self.file, self.mapping.read, f"{self.prefix}_stage")
        self.mapping = self.result.mapping = fit_columns(self.mapping, staged.columns, str(self.file))
        self.findings = self.result.findings = Findings(self.con, f"{self.prefix}_finding", self.file.name)
        self._columns()
        self._unreadable()
        for one in self.mapping.tables:
            name = one.table.name
            tell(f"Checking {name}")
            compiled = compile_table(one, staged.relation, staged.marked, self.today, self.nation)
            self.tables[name] = compiled
            try:
                self.con.execute(f"create temp table {self.rows_of(name)} as {compiled.rows()}")
                if self.con.execute(f"select 1 from {self.rows_of(name)} where _broken limit 1").fetchone():
                    self.findings.add_all(compiled.findings(self.rows_of(name)))
            except duckdb.OutOfMemoryException:
                raise Refusal("There is not enough memory to check the file.", str(self.file), "Split it.") from None
            except duckdb.Error:
                raise Refusal(
                    f"An expression for {name} fails on a row of the file.",
                    self.mapping.where or str(self.file),
                    "Look at its `where` and `expression` entries, and use try_cast where a value may be unreadable.",
                ) from None
            self._unique(compiled)
        for compiled in self.tables.values():
            tell(f"Looking up what {compiled.table.name} refers to")
            for link in compiled.table.foreign_keys:
                if link.field in compiled.mapping.fields:
                    self._parents(compiled, link)
            self._set_rules(compiled)
            self._offer_codes(compiled)
        self._account(staged)
        return self.result

    def rows_of(self, table: str) -> str:
        return f"{self.prefix}_{table}"

    # --- the file as a whole ------------------------------------------------------------------------------------------

    def _columns(self) -> None:
        """One finding for each missing column, and one for all those that nobody knows."""
        for one in self.mapping.tables:
            filled = one.fields.keys()
            for field in one.table.fields:
                wanted = (one.missing or {}).get(field.name)
                if field.name in filled or (wanted is None and not field.required):
                    continue
                severity: Severity = "error" if field.required or not self.mapping.direct else "note"
                message = (
                    f"The file has no column {wanted!r}, so {field.title} is empty in every row."
                    if wanted
                    else f"The mapping says nothing of {field.title}, which every row must have."
                )
                rule = f"{one.table.name}.{field.name}.column"
                self.findings.add(None, None, field.name, wanted, rule, severity, message, one.table.name)
        unknown = unused_columns(self.mapping, self.result.staged.columns) if self.mapping.direct else []
        if unknown:
            (one,) = self.mapping.tables
            names = ", ".join(unknown[:10]) + (" and others" if len(unknown) > 10 else "")
            count = "1 column is" if len(unknown) == 1 else f"{len(unknown)} columns are"
            message = f"{count} not in the standard's {one.table.name}, and not read: {names}."
            rule = f"{one.table.name}.columns"
            self.findings.add(None, None, "", ", ".join(unknown), rule, "note", message, one.table.name)

    def _unreadable(self) -> None:
        """Rows that cannot be read are findings of the first table, with the key where its cell is in its place."""
        staged, one = self.result.staged, self.mapping.tables[0]
        table, column = one.table.name, one.fields[one.table.key].column
        place = staged.columns.index(column) if column else -1
        key = f"nullif(trim(json_extract_string(_text, '$[{place}]')), '')" if column else "null"
        if staged.marked:
            self.findings.add_all(
                f"select rowid + 1 as row, {key} as key, '' as field, _text as value, "
                f"{literal(f'{table}.row')} as rule, 'reject' as severity, _wrong as message, "
                f"{literal(table)} as table_name from {staged.relation} where _wrong <> 'blank'"
            )

    def _account(self, staged: Staged) -> None:
        """Count every record once for each table, and once for the file."""
        con, wrong = self.con, f"select rowid + 1 as _row from {staged.relation} where _wrong <> 'blank'"
        wrong = wrong if staged.marked else "select 0 as _row where false"
        result = self.result
        result.rows_in = staged.rows
        for name, compiled in self.tables.items():
            rows, held = self.rows_of(name), f"{self.prefix}_held_{name}"
            con.execute(
                f"create temp table {held} as select distinct row as _row from {self.findings.relation} "
                f"where severity = 'reject' and row is not null and table_name = {literal(name)} union {wrong}"
            )
            (held_back,) = con.execute(f"select count(*) from {held}").fetchone()
            (unreadable,) = con.execute(f"select count(*) from ({wrong})").fetchone()
            (typed,) = con.execute(f"select count(*) from {rows}").fetchone()
            result.tables[name] = TableCheck(
                table=compiled.table,
                fields=tuple(field.name for field in compiled.fields),
                relation=rows,
                held_back=held,
                rows_in=staged.rows,
                rows_loaded=typed + unreadable - held_back,
                rows_held_back=held_back,
                rows_elsewhere=staged.rows - typed - unreadable,
            )
        if len(self.tables) == 1:
            (one,) = result.tables.values()
            result.rows_held_back, result.rows_elsewhere = one.rows_held_back, one.rows_elsewhere
            return
        held = " union ".join(f"select _row from {one.held_back}" for one in result.tables.values())
        taken = " union ".join(f"select _row from {one.relation}" for one in result.tables.values())
        (result.rows_held_back,) = con.execute(f"select count(*) from ({held})").fetchone()
        (somewhere,) = con.execute(f"select count(*) from ({held} union {taken})").fetchone()
        result.rows_elsewhere = staged.rows - somewhere

    # --- more than one row --------------------------------------------------------------------------------------------

    def _unique(self, compiled: Compiled) -> None:
        """The second and later rows of a key are held back; other unique fields are errors."""
        table, rows = compiled.table, self.rows_of(compiled.table.name)
        key = identifier(table.key)
        for field in compiled.fields:
            if not field.unique and field.name != table.key:
                continue
            severity = "reject" if field.name == table.key else "error"
            value = identifier(field.name)
            self.findings.add_all(
                f"select r._row as row, cast(r.{key} as varchar) as key, {literal(field.name)} as field, "
                f"cast(r.{value} as varchar) as value, {literal(f'{table.name}.{field.name}.unique')} as rule, "
                f"{literal(severity)} as severity, {literal(f'{field.title} ')} || '''' || r.{value} || '''' "
                f"|| ' is on row ' || d.first || ' already.' as message, {literal(table.name)} as table_name "
                f"from {rows} r join (select {value}, min(_row) as first from {rows} where {value} is not null "
                f"group by 1 having count(*) > 1) d on r.{value} = d.{value} where r._row > d.first"
            )

    def _parents(self, compiled: Compiled, link: ForeignKey) -> None:
        """A parent key that is nowhere is one finding, on the row of its first child."""
        table, rows = compiled.table, self.rows_of(compiled.table.name)
        places = []
        if link.parent in self.tables and link.parent_field in self.tables[link.parent].mapping.fields:
            places.append(f"select {identifier(link.parent_field)} as _k from {self.rows_of(link.parent)}")
        if self._in_lake(link.parent):
            places.append(f"select {identifier(link.parent_field)} as _k from lake.main.{identifier(link.parent)}")
        if not places:
            if self.workspace:
                parent = table_of(link.parent).title.lower()
                message = f"No {parent} are loaded yet, so {table.field(link.field).title} was not looked up."
                rule = f"{table.name}.{link.field}.parent"
                self.findings.add(None, None, link.field, None, rule, "note", message, table.name)
            return
        key, child = identifier(table.key), identifier(link.field)
        field, parent = table.field(link.field), table_of(link.parent)
        self.findings.add_all(
            f"select first as row, cast(r.{key} as varchar) as key, {literal(field.name)} as field, m._k as value, "
            f"{literal(f'{table.name}.{field.name}.parent')} as rule, 'error' as severity, "
            f"{literal(f'{field.title} ')} || '''' || m._k || ''' is not among the {parent.title.lower()}: ' || "
            f"case when m.children = 1 then '1 row has it.' else m.children || ' rows have it, the first is row ' "
            f"|| first || '.' end as message, {literal(table.name)} as table_name from (select {child} as _k, "
            f"count(*) as children, min(_row) as first from {rows} where {child} is not null and {child} not in "
            f"(select _k from ({' union all '.join(places)}) where _k is not null) group by 1) m "
            f"join {rows} r on r._row = m.first"
        )

    def _set_rules(self, compiled: Compiled) -> None:
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
        table, rows = compiled.table, self.rows_of(compiled.table.name)
        sql = rule_sql(rule, table, self.today)
        broken = f"{self.prefix}_broken"
        self.con.execute(f"create or replace temp table {broken} as select distinct on (_row) * from ({sql})")
        values = {name: f"cast(r.{identifier(name)} as varchar)" for name in compiled.mapping.fields}
        own = [name for name, *_ in self.con.execute(f"describe {broken}").fetchall()]
        values |= {name: f"cast(b.{identifier(name)} as varchar)" for name in own}
        field = rule.field or table.key
        self.findings.add_all(
            f"select r._row as row, cast(r.{identifier(table.key)} as varchar) as key, {literal(field)} as field, "
            f"{values.get(field, 'null')} as value, {literal(rule.id)} as rule, {literal(rule.severity)} as severity, "
            f"{message_sql(rule.message, values, self.today)} as message, {literal(table.name)} as table_name "
            f"from {broken} b join {rows} r on r._row = b._row"
        )
        self.con.execute(f"drop table {broken}")

    def _view(self, name: str) -> str:
        """All fields of a table of the standard, from this file where it fills the table, or else from the lake."""
        if name in self.tables:
            there, source = {field.name for field in self.tables[name].fields}, self.rows_of(name)
        else:
            there, source = set(self._lake_tables()[name]), f"lake.main.{identifier(name)}"
        picked = ", ".join(
            identifier(field.name)
            if field.name in there
            else f"cast(null as {field.sql_type}) as {identifier(field.name)}"
            for field in table_of(name).fields
        )
        return f"select _row, {picked} from {source}"

    def _is_there(self, name: str) -> bool:
        return name in self.tables or self._in_lake(name)

    def _in_lake(self, name: str) -> bool:
        return bool(self.workspace) and name in self._lake_tables()

    def _lake_tables(self) -> dict[str, list[str]]:
        """The standard's tables that the lake holds, with their columns."""
        if not hasattr(self, "_known"):
            found = self.con.execute(
                "select table_name, list(column_name) from duckdb_columns() where database_name = 'lake' group by 1"
            ).fetchall()
            self._known = {name: columns for name, columns in found if name in table_names()}
        return self._known

    def _offer_codes(self, compiled: Compiled) -> None:
        broken = self.findings.count_by_rule()
        for field in compiled.fields:
            rule = f"{compiled.table.name}.{field.name}.code"
            if rule in broken:
                known = [*(compiled.mapping.fields[field.name].codes or ()), *codelist(field.codelist).values]
                self.findings.offer_codes(rule, known)
