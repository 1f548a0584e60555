"""Check a file against the standard: every row accounted for, every broken rule a finding.

An export is staged in one pass, cells and values; one query looks at all the rules over one row of a table, and those
that look at more (unique keys, parents, rules across rows and tables) are one query each. No row of a regular file
passes through Python.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping as AnyMapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from placemaker.lake import Workspace, connect
from placemaker.lake.errors import Refusal
from placemaker.standard.across import Across, rows_of
from placemaker.standard.compile import Compiled, cell, compile_table, stage_query
from placemaker.standard.expressions import identifier, literal
from placemaker.standard.findings import Findings, write_query
from placemaker.standard.mapping import Mapping, direct_mapping, fit_columns, read_mapping, unused_columns
from placemaker.standard.reading import Progress, Staged, stage
from placemaker.standard.schema import Severity, Table, codelist
from placemaker.standard.schema import table as table_of

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class TableCheck:
    """What a check says of one table: ``rows_in`` = ``rows_loaded`` + ``rows_held_back`` + ``rows_elsewhere``.

    ``relation`` is a view of the typed rows; ``rows()`` is the query for those that can be loaded, ``held_back`` the
    table of the numbers of those that cannot.
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
        names = [f"{cell(place)} as {identifier(name)}" for place, name in enumerate(self.staged.columns)]
        cells = ", ".join(names + (["_text as _unreadable"] if self.staged.marked else []))
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
        self.given = self.mapping = mapping
        self.workspace = workspace
        self.nation = (workspace.settings.get("nation") if workspace else None) or "England"
        self.prefix = f"_check{next(_numbers)}"
        self.result = Check(con, closing, file, mapping)
        self.tables: dict[str, Compiled] = {}

    def run(self, tell: Progress) -> Check:
        tell("Reading the file")
        self.findings = self.result.findings = Findings(self.con, f"{self.prefix}_finding", self.file.name)
        try:
            staged = stage(self.con, self.file, self.mapping.read, f"{self.prefix}_stage", self._derive)
            self.result.staged = staged
            self.result.mapping = self.mapping
            for compiled in list(self.tables.values()):
                tell(f"Checking {compiled.table.name}")
                self._first_rows(compiled)
        except duckdb.OutOfMemoryException:
            raise Refusal("There is not enough memory to check the file.", str(self.file), "Split it.") from None
        except duckdb.Error:
            raise Refusal(
                "An expression of the mapping fails on a row of the file.",
                self.mapping.where or str(self.file),
                "Look at its `where` and `expression` entries, and use try_cast where a value may be unreadable.",
            ) from None
        self._columns()
        self._unreadable()
        across = Across(
            self.con,
            self.prefix,
            self.tables,
            staged.rows,
            self.findings,
            self.today,
            self.nation,
            has_lake=self.workspace is not None,
        )
        for compiled in self.tables.values():
            tell(f"Looking up what {compiled.table.name} refers to")
            across.unique(compiled)
            for link in compiled.table.foreign_keys:
                if link.field in compiled.mapping.fields:
                    across.parents(compiled, link)
            across.set_rules(compiled)
            self._offer_codes(compiled)
        self._account(staged)
        return self.result

    def _derive(self, columns: tuple[str, ...], marked: bool, base: str) -> str:
        """Fit the mapping to the file's columns, compile its tables, and say what is to be staged."""
        self.mapping = fit_columns(self.given, columns, str(self.file))
        relation = f"{self.prefix}_stage"
        self.tables = {
            one.table.name: compile_table(one, number, relation, columns, marked, self.today, self.nation)
            for number, one in enumerate(self.mapping.tables)
        }
        return stage_query(columns, marked, self.tables.values(), base)

    def _first_rows(self, compiled: Compiled) -> None:
        """The view of a table's typed rows, and the findings of the rules over one row."""
        if compiled.mapping.one_row_per:
            compiled = self._one_row_per(compiled)
        self.con.execute(f"create temp view {rows_of(self.prefix, compiled.table.name)} as {compiled.rows()}")
        self.findings.add_all(compiled.findings())

    def _one_row_per(self, compiled: Compiled) -> Compiled:
        """The table with the first row alone of each value; a row that lacks one of the values counts by itself."""
        columns = [cell(self.result.staged.columns.index(name)) for name in compiled.mapping.one_row_per]
        chosen = f"{self.prefix}_first_{compiled.table.name}"
        unknown = " or ".join(f"{column} is null" for column in columns)
        self.con.execute(
            f"create temp table {chosen} as "
            f"select min(rowid) as _at from {compiled.relation} where {compiled.selection} and not ({unknown}) "
            f"group by {', '.join(columns)} union all "
            f"select rowid from {compiled.relation} where {compiled.selection} and ({unknown})"
        )
        compiled = replace(compiled, selection=f"rowid in (select _at from {chosen})")
        self.tables[compiled.table.name] = compiled
        return compiled

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
            rows, held = rows_of(self.prefix, name), f"{self.prefix}_held_{name}"
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

    def _offer_codes(self, compiled: Compiled) -> None:
        broken = self.findings.count_by_rule()
        for field in compiled.fields:
            rule = f"{compiled.table.name}.{field.name}.code"
            if rule in broken:
                known = [*(compiled.mapping.fields[field.name].codes or ()), *codelist(field.codelist).values]
                self.findings.offer_codes(rule, known)
