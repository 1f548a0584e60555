"""Findings: one rule broken by one row, kept in a table of DuckDB and streamed from there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from placemaker.standard.expressions import literal
from placemaker.standard.findings_files import write_query
from placemaker.standard.schema import SEVERITIES, Severity

_PAGE = 10_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule broken by one row. ``row`` is the record's number in the file, None for the file as a whole.

    ``value`` is the cell as the export has it, which may be personal data: findings are for their owner alone.
    """

    file: str
    row: int | None
    key: str | None
    field: str
    value: str | None
    rule: str
    severity: Severity
    message: str
    table: str

    def to_json(self) -> dict[str, str | int | None]:
        """The finding as one plain object."""
        return asdict(self)


class Findings:
    """Every finding of a check, in the order of the file: an iterable that streams, with a length. No cap."""

    def __init__(self, con: duckdb.DuckDBPyConnection, relation: str, file: str) -> None:
        self.con, self.relation, self._in_order = con, relation, False
        con.execute(
            f"create or replace temp table {relation} (file varchar default {literal(file)}, row bigint, key varchar, "
            "field varchar, value varchar, rule varchar, severity varchar, message varchar, table_name varchar)"
        )

    def add(
        self,
        row: int | None,
        key: str | None,
        field: str,
        value: str | None,
        rule: str,
        severity: Severity,
        message: str,
        table: str,
    ) -> None:
        """Keep one finding, made in Python: about a file, say."""
        values = [row, key, field, value, rule, severity, message, table]
        self.con.execute(f"insert into {self.relation} values (default, {', '.join('?' * len(values))})", values)
        self._in_order = False

    def add_all(self, query: str) -> None:
        """Keep the findings that a query gives, with the columns of this one by name."""
        self.con.execute(f"insert into {self.relation} by name {query}")
        self._in_order = False

    def __len__(self) -> int:
        return self.con.execute(f"select count(*) from {self.relation}").fetchone()[0]

    def __iter__(self) -> Iterator[Finding]:
        # Page by page, so that other questions may be asked of the connection while this stream is read.
        self._put_in_order()
        after, rows = 0, [()]
        while rows:
            page = f"from {self.relation} where rowid >= {after} and rowid < {after + _PAGE}"
            rows = self.con.execute(page).fetchall()
            yield from (Finding(*row) for row in rows)
            after += _PAGE

    def _put_in_order(self) -> None:
        """By row, those of the whole file first: once, and only for somebody who reads them."""
        if not self._in_order:
            self.con.execute(
                f"create or replace temp table {self.relation} as from {self.relation} "
                "order by file, row nulls first, table_name, field, rule"
            )
            self._in_order = True

    def count_by_severity(self) -> dict[Severity, int]:
        """How many findings there are of each severity, worst first; those there are none of included."""
        found = dict(self.con.execute(f"select severity, count(*) from {self.relation} group by 1").fetchall())
        return {severity: found.get(severity, 0) for severity in SEVERITIES}

    def count_by_rule(self) -> dict[str, int]:
        """How many findings there are of each rule, most first."""
        found = self.con.execute(f"select rule, count(*) from {self.relation} group by 1 order by 2 desc, 1")
        return dict(found.fetchall())

    def first_of_each(self, rows: int) -> dict[str, list[Finding]]:
        """The first findings of each rule, at most ``rows`` of them, by rule; the others are not looked at."""
        places = self.con.execute(
            f"select unnest(min({{'at': coalesce(row, 0), 'id': rowid}}, {rows})).id from {self.relation} group by rule"
        ).fetchall()
        if not places:
            return {}
        chosen = ", ".join(str(place) for (place,) in places)
        found: dict[str, list[Finding]] = {}
        for row in self.con.execute(
            f"from {self.relation} where rowid in ({chosen}) order by row nulls first, table_name, field, rule"
        ).fetchall():
            found.setdefault(row[5], []).append(Finding(*row))
        return found

    def write(self, path: str | Path) -> Path:
        """Write every finding to a .csv, .parquet or .xlsx file, by the end of its name."""
        self._put_in_order()
        return write_query(self.con, f"from {self.relation}", Path(path))
