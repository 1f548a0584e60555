"""Looking at rows in the lake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from placemaker.lake import Refusal, Workspace
from placemaker.standard.schema import SEVERITIES

FINDING_COLUMNS = ("severity", "row", "key", "field", "value", "rule", "message")

_ADVICE = "Write it like: tenancy_type = 'secure' and start_date >= '2024-04-01'."


@dataclass(frozen=True)
class Shown:
    """Some rows of a table: the names of the columns, the rows, and how many there are in all."""

    head: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    total: int


def show_table(
    workspace: Path,
    table: str,
    *,
    as_of: int | None = None,
    where: str | None = None,
    columns: Sequence[str] | None = None,
    findings: bool = False,
    limit: int = 20,
) -> Shown:
    """Rows of a table of the lake, or the findings kept for it, as they were after load ``as_of``.

    Without ``columns`` the standard's fields are shown and the lake's own columns (``_source``, ``_load``) are not.
    Raises Refusal where there is no such table or column, or ``where`` is no condition.
    """
    opened = Workspace.open(workspace)
    with opened.read(as_of) as con:
        name = "finding" if findings else table
        known = _columns(con, name)
        if not _columns(con, table):
            tables = ", ".join(opened.table_names()) or "nothing yet"
            raise Refusal(f"There is no table {table!r} in the lake.", str(opened.folder), f"It holds: {tables}.")
        own = FINDING_COLUMNS if findings else [column for column in known if not column.startswith("_")]
        wanted = list(columns or own)
        if unknown := [column for column in wanted if column not in known]:
            raise Refusal(
                f"There is no column {unknown[0]!r} in {name}", str(opened.folder), f"It has: {', '.join(known)}."
            )
        condition = [f"({_condition(where, known)})"] if where else []
        values = []
        if findings:
            # Of the rows that are there now: an earlier extract's findings went with its rows.
            condition.append(f"table_name = ? and _load in (select _load from {_quoted(table)})")
            values.append(table)
        rest = f"from {_quoted(name)}" + (f" where {' and '.join(condition)}" if condition else "")
        order = f" order by list_position({list(SEVERITIES)}, severity), row" if findings else ""
        chosen = ", ".join(_quoted(column) for column in wanted)
        try:
            total = con.execute(f"select count(*) {rest}", values).fetchone()[0]
            rows = con.execute(f"select {chosen} {rest}{order} limit {int(limit)}", values).fetchall()
        except duckdb.Error:  # its text may quote a row
            raise Refusal("The condition does not fit the columns", where or "", _ADVICE) from None
    return Shown(tuple(wanted), rows, total)


def _columns(con: duckdb.DuckDBPyConnection, name: str) -> list[str]:
    """The columns of a table of the lake; none where there is no such table."""
    views = con.execute("select 1 from duckdb_views() where view_name = ? and not internal", [name])
    return [row[0] for row in con.execute(f"describe {_quoted(name)}").fetchall()] if views.fetchone() else []


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _condition(where: str, known: Sequence[str]) -> str:
    """The condition as SQL of the columns alone: no other table, no file, no function that DuckDB alone knows."""
    try:
        tree = sqlglot.condition(where, dialect="duckdb")
    except sqlglot.errors.SqlglotError:
        raise Refusal("The condition cannot be read", where, _ADVICE) from None
    if tree.find(exp.Query, exp.Table, exp.Anonymous, exp.Command):
        raise Refusal("The condition reads something else than the row", where, _ADVICE)
    for column in tree.find_all(exp.Column):
        if column.name.lower() not in known:
            raise Refusal(f"There is no column {column.name!r}", where, f"There are: {', '.join(known)}.")
    return tree.sql(dialect="duckdb")
