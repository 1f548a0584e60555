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
from typing import TYPE_CHECKING, Any

import duckdb

from placemaker.lake import Workspace, connect
from placemaker.lake.errors import Refusal
from placemaker.standard.across import Across, rows_of
from placemaker.standard.compile import Compiled, cell, compile_table, stage_query
from placemaker.standard.expressions import identifier, literal
from placemaker.standard.findings import Findings
from placemaker.standard.findings_files import write_query
from placemaker.standard.headers import column_faults
from placemaker.standard.mapping import Mapping, direct_mapping, fit_columns, read_mapping, unused_columns
from placemaker.standard.reading import Progress, Staged, stage
from placemaker.standard.schema import Severity, Table
from placemaker.standard.schema import table as table_of

if TYPE_CHECKING:
    from placemaker.standard.corrections import Corrections
    from placemaker.standard.layers import Derivation
    from placemaker.standard.packrun import PackRun
    from placemaker.standard.packs import Pack

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class TableCheck:
    """What a check says of one table: ``rows_in`` = ``rows_loaded`` + ``rows_held_back`` + ``rows_elsewhere``.

    ``relation`` is a view of the typed rows; ``rows()`` is the query for those that can be loaded, ``held_back`` the
    table of the numbers of those that cannot. ``derived`` is a bracketed query for the rows with what a pack derives.
    """

    table: Table
    fields: tuple[str, ...]
    relation: str
    held_back: str
    rows_in: int
    rows_loaded: int
    rows_held_back: int
    rows_elsewhere: int
    derived: str = ""

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
        self.today = date.today()
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
        """Write every finding to a .csv, .parquet or .xlsx file, by the end of its name; never over what was read."""
        return self.findings.write(self.not_over(path))

    def write_held_back(self, path: str | Path) -> Path:
        """Write the rows that are held back, with their numbers, as the export has them; see :meth:`write_findings`."""
        held = " union ".join(f"select _row from {one.held_back}" for one in self.tables.values())
        return write_query(self.con, f"{self.held_back_query(f'({held})')} order by _row", self.not_over(path))

    def not_over(self, path: str | Path) -> Path:
        """``path``, to write to; a Refusal where it is the file that was checked or its mapping."""
        from placemaker.standard.outputs import not_over

        return not_over(path, self.file, *([self.mapping.where] if self.mapping.where else []))

    def corrections(self) -> Corrections:
        """The suggested corrections: for findings of which it can be told what was meant. Nothing is changed."""
        from placemaker.standard.corrections import Corrections, Target

        targets = [Target(one.table, one.fields) for one in self.mapping.tables]
        return Corrections(self.con, self.findings.relation, targets, self.today)

    @property
    def unread_columns(self) -> list[str]:
        """The columns of the file that no field comes from by itself; an expression may read them all the same."""
        return unused_columns(self.mapping, self.staged.columns)

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
    table_or_mapping: str | Path | Table | Mapping | AnyMapping[str, Any] | None = None,
    *,
    pack: str | Path | Pack | None = None,
    given: AnyMapping[str, str] | None = None,
    today: date | None = None,
    workspace: Workspace | None = None,
    con: duckdb.DuckDBPyConnection | None = None,
    progress: Progress | None = None,
) -> Check:
    """Check ``file`` as a table of the standard (its name) or by a mapping (its file, or a dict as the file holds it).

    By a ``pack`` (its name or folder) the file may be a form's: nothing more has to be said then than the parameters
    ``given``, such as ``{"provider": "PRP"}``. The pack's rules on tables of the standard are asked besides their own.
    ``today`` is the day that rules go by. With a ``workspace``, parents are looked up in its lake as well as in the
    file. ``con`` is a connection made by ``lake.connect``, for whoever wants to go on with the rows; without, the check
    has its own. ``progress`` is told in a few words what is being done. Raises Refusal where nothing can be checked.
    """
    today = today or date.today()
    tell = progress or (lambda _: None)
    nation = (workspace.settings.get("nation") if workspace else None) or "England"
    by = None
    if pack:
        from placemaker.standard.packrun import PackRun

        by = PackRun(pack, given, nation)
    mapping = by.mapping(Path(file), table_or_mapping) if by else as_mapping(table_or_mapping)
    closing = ExitStack()
    with ExitStack() as until_done:
        until_done.callback(closing.close)
        if con is None:
            con = connect()
            closing.callback(con.close)
        if workspace:
            workspace.attach(con)
        run = Run(con, closing, Path(file), mapping, today, nation, workspace is not None, by)
        run.read(tell)
        run.look_across(tell, run.tables)
        until_done.pop_all()
    return run.result


def as_mapping(given: str | Path | Table | Mapping | AnyMapping[str, Any] | None) -> Mapping:
    """The mapping that is meant by a table's name, a mapping's file or a dict."""
    if given is None:
        raise Refusal("It is not said what the file holds", next="Name a table, a mapping or a pack.")
    if isinstance(given, Mapping):
        return given
    if isinstance(given, Table):
        return direct_mapping(given)
    if isinstance(given, str) and not given.lower().endswith((".yaml", ".yml")):
        return direct_mapping(table_of(given))
    return read_mapping(given)


class Run:
    """One check under way: ``read`` the file, then ``look_across`` its tables, and ``result`` is whole.

    Files that are checked together have one ``prefix``, so that each finds the rows of the others.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        closing: ExitStack,
        file: Path,
        mapping: Mapping,
        today: date,
        nation: str,
        has_lake: bool,
        by: PackRun | None = None,
        prefix: str = "",
    ) -> None:
        self.nation, self.has_lake, self.by = nation, has_lake, by
        self.con, self.file, self.today = con, file, today
        self.given = self.mapping = mapping
        number = next(_numbers)
        self.prefix = prefix or f"_check{number}"
        self.stage, self.finding = f"{self.prefix}_stage{number}", f"{self.prefix}_finding{number}"
        self.result = Check(con, closing, file, mapping)
        self.tables: dict[str, Compiled] = {}

    def read(self, tell: Progress) -> None:
        """Stage the file, and find what is wrong with its columns and with each row by itself."""
        tell(f"Reading {self.file.name}")
        self.findings = self.result.findings = Findings(self.con, self.finding, self.file.name)
        try:
            staged = stage(self.con, self.file, self.mapping.read, self.stage, self._derive)
            staged = self.result.staged = self._without_blanks(staged)
            self.result.mapping, self.result.today = self.mapping, self.today
            for compiled in list(self.tables.values()):
                tell(f"Checking {compiled.table.name}")
                self._first_rows(compiled)
        except Refusal as refusal:
            from placemaker.standard.header_rows import pointed

            raise pointed(refusal, self.file, self.given) from None
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

    def look_across(self, tell: Progress, tables: dict[str, Compiled]) -> None:
        """Find what is wrong across rows and ``tables``, those of this file among them, and count every row."""
        staged = self.result.staged
        across = Across(
            self.con,
            self.prefix,
            tables,
            staged.rows,
            self.findings,
            self.today,
            self.nation,
            has_lake=self.has_lake,
        )
        for compiled in self.tables.values():
            tell(f"Looking up what {compiled.table.name} refers to")
            across.unique(compiled)
            for link in compiled.table.foreign_keys:
                if link.field in compiled.mapping.fields:
                    across.parents(compiled, link)
            across.set_rules(compiled)
        self._offer()
        self._account(staged)

    def _derive(self, columns: tuple[str, ...], marked: bool, base: str) -> str:
        """Fit the mapping to the file's columns, compile its tables, and say what is to be staged."""
        self.mapping = fit_columns(self.given, columns, str(self.file))
        self.tables = {
            one.table.name: compile_table(
                one, number, self.stage, columns, marked, self.today, self.nation, self._derivation(one.table)
            )
            for number, one in enumerate(self.mapping.tables)
        }
        return stage_query(columns, marked, self.tables.values(), base)

    def _derivation(self, table: Table) -> Derivation | None:
        """What the pack adds to the rows of a table."""
        return self.by.derivation(self.con, self.prefix, self.today, table) if self.by else None

    def _without_blanks(self, staged: Staged) -> Staged:
        """The staged file, its blank rows not counted where they are no records; the others keep their numbers."""
        blank = [f"_b{one.number}" for one in self.tables.values() if one.mapping.skip_blank]
        if not blank:
            return staged
        wrong = " or _wrong <> 'blank'" if staged.marked else ""
        (rows,) = self.con.execute(f"select count(*) from {staged.relation} where {blank[0]}{wrong}").fetchone()
        if not rows:
            raise Refusal("The file holds headers and no rows.", str(self.file), "Export it again, with its rows.")
        return replace(staged, rows=rows)

    def _first_rows(self, compiled: Compiled) -> None:
        """The view of a table's typed rows, and the findings of the rules over one row."""
        if compiled.mapping.one_row_per:
            compiled = self._one_row_per(compiled)
        self.con.execute(f"create temp view {rows_of(self.prefix, compiled.table.name)} as {compiled.rows()}")
        if not self.by:
            self.findings.add_all(compiled.findings())
            return
        self.by.find(self.con, compiled, self.findings)

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
        for fault in column_faults(self.mapping, self.result.staged.columns):
            self.findings.add(None, None, *fault)

    def _unreadable(self) -> None:
        """Rows that cannot be read are findings of the first table, with the key where its cell is in its place."""
        staged, one = self.result.staged, self.mapping.tables[0]
        name = one.table.key or one.table.shown_key
        table, column = one.table.name, one.fields[name].column if name in one.fields else ""
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
                derived=f"({compiled.derived()})" if self.by else "",
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

    def _offer(self) -> None:
        """Say more in the messages of codes and dates that cannot be read, now that all of them are known."""
        from placemaker.standard.findings_offers import offer_codes, tell_dates

        broken = self.findings.count_by_rule()
        for compiled in self.tables.values():
            for field in compiled.fields:
                name, source = f"{compiled.table.name}.{field.name}", compiled.mapping.fields[field.name]
                if f"{name}.code" in broken:
                    codes = compiled.table.codelist(field.codelist)
                    offer_codes(self.findings, f"{name}.code", codes, source, self.today)
                if f"{name}.type" in broken and field.type in ("date", "datetime"):
                    tell_dates(self.findings, compiled.table, field, source)
