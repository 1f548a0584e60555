"""Writing: one writer at a time, and every load one transaction.

What a load will write is put together, compared with what is there and agreed first; the transaction holds only the
writing itself. Whatever stops it, Ctrl-C, a full disk or the end of the process, leaves the lake as it was.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import duckdb

from placemaker.lake import snapshot
from placemaker.lake.difference import Difference, Incoming, compare, in_period
from placemaker.lake.errors import Refusal
from placemaker.lake.guard import plain_words, whole_or_nothing
from placemaker.lake.period import parse_period
from placemaker.lake.snapshot import FINDING_COLUMNS, SYSTEM_COLUMNS, LoadRecord, TableLoad, literal, quoted

Kind = Literal["full", "period", "add"]


@dataclass(frozen=True, slots=True)
class _Put:
    """The rows of one table, compared and ready to be written."""

    incoming: Incoming
    counts: TableLoad
    difference: Difference


class Load:
    """One load under way. Nothing is written before the end of its ``with`` block; an exception in it drops all."""

    def __init__(
        self,
        writer: Writer,
        number: int,
        source: str,
        kind: Kind,
        period: str | None,
        file: Path | str,
        file_hash: str | None,
    ) -> None:
        if kind not in ("full", "period", "add"):
            raise Refusal(f"{kind!r} is not a kind of load.", next="A load is full, period or add.")
        if (kind == "period") != bool(period):
            raise Refusal(
                "A load of a period names the period, and no other load does.", next="Give --period 2026-W14."
            )
        self.con, self.number, self.source, self.kind, self.period = writer.con, number, source, kind, period
        self.days = parse_period(period) if period else None
        self.file = Path(file)
        self.file_hash = file_hash
        self.record: LoadRecord | None = None
        self._who, self._organisation = writer.who, writer.organisation
        self._defined: dict[str, dict[str, str]] = {}
        self._puts: dict[str, _Put] = {}
        self._findings: list[str] = []
        self._held_back: list[tuple[str, str]] = []

    # --- what a load is made of -----------------------------------------------------------------------------------

    def define(self, table: str, columns: dict[str, str]) -> None:
        """The fields of ``table`` with their SQL types. Fields that the lake's table lacks are added to it."""
        if table in snapshot.OWN_TABLES:
            raise ValueError(f"{table} is a table that the lake keeps for itself.")
        self._defined[table] = {name: kind for name, kind in columns.items() if name not in SYSTEM_COLUMNS}

    def put(
        self,
        table: str,
        rows: str,
        *,
        key: list[str] | tuple[str, ...],
        rows_in: int | None = None,
        held_back: int = 0,
        elsewhere: int = 0,
        period_field: str | None = None,
    ) -> Difference:
        """The rows that this load brings to ``table``, and what they change there.

        ``rows`` is the name of a table or a SELECT (run more than once), with the table's fields and ``_row``, the
        record number in the file; ``key`` names the fields that are unique among them. ``rows_in`` counts the file's
        rows: loaded, held back and ``elsewhere`` (not meant for this table). ``period_field`` is the date field that a
        load of a period goes by. Raises ValueError where the rows do not add up.
        """
        rows = f"from {_relation(rows)}"
        given = {name: sqltype for name, sqltype, *_ in self.con.execute(f"describe {rows}").fetchall()}
        columns = self._defined.get(table) or {n: t for n, t in given.items() if n not in SYSTEM_COLUMNS}
        picked = [
            f"cast({quoted(name)} as {sqltype}) as {quoted(name)}"
            if name in given
            else f"cast(null as {sqltype}) as {quoted(name)}"
            for name, sqltype in columns.items()
        ]
        picked.append("cast(_row as bigint) as _row" if "_row" in given else "cast(null as bigint) as _row")
        rows = f"select {', '.join(picked)} {rows}"
        (loaded,) = self.con.execute(f"select count(*) from ({rows})").fetchone()
        rows_in = loaded + held_back + elsewhere if rows_in is None else rows_in
        if rows_in != loaded + held_back + elsewhere:
            raise ValueError(f"{rows_in} rows in, but {loaded} loaded, {held_back} held back, {elsewhere} elsewhere.")
        if self.kind == "period" and period_field not in columns:
            raise Refusal(f"The table {table} has no date to take a period by.", next="Load it with --full or --add.")
        there = snapshot.table_columns(self.con, table)
        replaced = {"full": "true", "add": "false"}.get(self.kind) or self._of_period(period_field)
        incoming = Incoming(table, rows, columns, there, tuple(key), replaced)
        with plain_words("load", self.file.name):
            difference = compare(self.con, incoming, self.source, loaded)
            if self.kind == "period":
                difference = replace(difference, outside=self._outside(rows, period_field))
        counts = TableLoad(
            table, rows_in, loaded, held_back, elsewhere, difference.new, difference.changed, difference.gone
        )
        self._puts[table] = _Put(incoming, counts, difference)
        return difference

    def difference(self, table: str) -> Difference:
        """What the rows put to ``table`` change there."""
        return self._puts[table].difference

    def keep_findings(self, relation: str) -> None:
        """Keep the findings in ``relation`` (a table or SELECT: file, row, key, field, value, rule, severity, message,
        and table_name where known) with this load."""
        self._findings.append(relation)

    def keep_held_back(self, table: str, relation: str) -> None:
        """Keep the rows held back from ``table`` in ``relation`` (a table or SELECT: ``_row`` and the row's cells)."""
        self._held_back.append((table, relation))

    def _outside(self, rows: str, period_field: str) -> int:
        """How many rows have a date outside the period; one without a date belongs to it as far as anyone knows."""
        inside = in_period(period_field, self.days)
        found = self.con.execute(
            f"select count(*) from ({rows}) where {quoted(period_field)} is not null and not {inside}"
        )
        return found.fetchone()[0]

    def _of_period(self, period_field: str) -> str:
        """The condition for the earlier rows of the period: by their date, or without one by the load they came with.

        Without the second, a payment whose date could not be read would stay for ever and count beside its correction.
        """
        same = self.con.execute(
            "select number from lake.main.load where source = ? and period = ? and kind = 'period'",
            [self.source, self.period],
        ).fetchall()
        numbers = ", ".join(str(number) for (number,) in same)
        undated = f"{quoted(period_field)} is null and _load in ({numbers})" if same else "false"
        return f"({in_period(period_field, self.days)} or {undated})"

    # --- the one transaction --------------------------------------------------------------------------------------

    def commit(self) -> LoadRecord:
        """Write all of it as one transaction, and the record with it."""
        file_hash = self.file_hash if self.file_hash is not None else hash_file(self.file)
        with whole_or_nothing(self.con, "load", self.file.name):
            for put in self._puts.values():
                self._write(put)
            findings = self._write_findings()
            self._write_held_back()
            counts = [put.counts for put in self._puts.values()]
            total = {
                name: sum(getattr(one, name) for one in counts)
                for name in ("rows_in", "loaded", "held_back", "elsewhere", "new", "changed", "gone")
            }
            record = LoadRecord(
                number=self.number,
                source=self.source,
                table=counts[0].table if counts else "",
                tables=tuple(counts),
                file=self.file.name,
                file_hash=file_hash,
                kind=self.kind,
                period=self.period,
                who=self._who,
                at=datetime.now(UTC).replace(microsecond=0),
                findings=findings,
                **total,
            )
            snapshot.add_record(self.con, record)
            snapshot.name_snapshot(self.con, self.number, self._who, f"load {self.file.name} as {self.source}")
        self.record = record
        return record

    def _write(self, put: _Put) -> None:
        incoming, ours = put.incoming, f"_source = {literal(self.source)}"
        name = f"lake.main.{quoted(incoming.table)}"
        if not incoming.there:
            snapshot.create_table(self.con, incoming.table, incoming.columns | SYSTEM_COLUMNS)
        for column in [column for column in incoming.columns if incoming.there and column not in incoming.there]:
            self.con.execute(f"alter table {name} add column {quoted(column)} {incoming.columns[column]}")
        if put.difference.before:
            self.con.execute(f"delete from {name} where {ours} and {incoming.replaced}")
        if self.kind != "full" and put.difference.new < put.counts.loaded:
            # The same key, wherever it was: the newest wins.
            same = " and ".join(f"{name}.{quoted(one)} = _new.{quoted(one)}" for one in incoming.key)
            self.con.execute(f"delete from {name} where {ours} and exists (from ({incoming.rows}) _new where {same})")
        self.con.execute(f"insert into {name} by name select *, {self._system_values()} from ({incoming.rows})")

    def _write_findings(self) -> dict[str, int]:
        counted: dict[str, int] = {}
        for relation in self._findings:
            given = {name for name, *_ in self.con.execute(f"describe from {_relation(relation)}").fetchall()}
            picked = ", ".join(
                f"cast({quoted(name)} as {sqltype}) as {quoted(name)}"
                for name, sqltype in FINDING_COLUMNS.items()
                if name in given
            )
            self.con.execute(
                f"insert into lake.main.finding by name select {picked}, {self._system_values()}, "
                f'cast("row" as bigint) as _row from {_relation(relation)}'
            )
            found = self.con.execute(f"select severity, count(*) from {_relation(relation)} group by 1")
            for severity, count in found.fetchall():
                counted[severity] = counted.get(severity, 0) + count
        return counted

    def _write_held_back(self) -> None:
        for table, relation in self._held_back:
            described = self.con.execute(f"describe from {_relation(relation)}").fetchall()
            cells = ", ".join(f"{quoted(name)} := {quoted(name)}" for name, *_ in described if name != "_row")
            self.con.execute(
                f"insert into lake.main.held_back by name select cast(_row as bigint) as _row, "
                f"{self._system_values()}, {literal(table)} as table_name, "
                f'cast(to_json(struct_pack({cells})) as varchar) as "row" from {_relation(relation)}'
            )

    def _system_values(self) -> str:
        return (
            f"{literal(self._organisation)} as _organisation, {literal(self.source)} as _source, "
            f"cast({self.number} as bigint) as _load"
        )


class Writer:
    """The one writer of a lake. ``con`` has the lake attached read-write as ``lake``."""

    def __init__(self, con: duckdb.DuckDBPyConnection, who: str, organisation: str) -> None:
        self.con, self.who, self.organisation = con, who, organisation

    @contextmanager
    def load(
        self,
        *,
        source: str,
        kind: Kind,
        file: Path | str,
        period: str | None = None,
        file_hash: str | None = None,
    ) -> Iterator[Load]:
        """One load, written as one transaction when the block ends; ``load.record`` is its record from then on.

        ``file_hash`` is the SHA-256 of ``file`` where the caller has it already.
        """
        load = Load(self, max(snapshot.versions(self.con)) + 1, source, kind, period, file, file_hash)
        yield load
        load.commit()

    def undo(self) -> LoadRecord:
        """Take back the newest load that is not undone, as a transaction of its own. Raises Refusal without one.

        The source's rows become again what they were before that load; both states stay readable *as of*.
        """
        known = snapshot.versions(self.con)
        taken = next((record for record in snapshot.loads(self.con) if not record.undone), None)
        if taken is None:
            raise Refusal("There is no load to undo.", next="See the loads with: placemaker loads")
        number, before, source = max(known) + 1, known[taken.number - 1], literal(taken.source)
        there_before = snapshot.table_names(self.con, before)
        at = datetime.now(UTC).replace(microsecond=0)
        with whole_or_nothing(self.con, "undo", f"load {taken.number}"):
            for table in taken.tables:
                name = f"lake.main.{quoted(table.table)}"
                if table.table not in there_before:
                    self.con.execute(f"drop table {name}")
                    continue
                # Read before anything is deleted: DuckLake takes a transaction's own deletions from earlier versions
                # of the same file too.
                self.con.execute(
                    f"create or replace temp table _before as "
                    f"from {name} at (version => {before}) where _source = {source}"
                )
                self.con.execute(f"delete from {name} where _source = {source}")
                self.con.execute(f"insert into {name} by name from _before")
                self.con.execute("drop table _before")
            for own in ("finding", "held_back"):
                self.con.execute(f"delete from lake.main.{own} where _load = {taken.number}")
            snapshot.rewrite_loads(
                self.con,
                f"select * replace (if(number = {taken.number}, {number}, undone_by_load) as undone_by_load) "
                "from lake.main.load",
                {
                    "number": number,
                    "source": taken.source,
                    "kind": "undo",
                    "who": self.who,
                    "at": at.replace(tzinfo=None),
                },
            )
            snapshot.name_snapshot(self.con, number, self.who, f"undo load {taken.number}")
        return replace(taken, undone=True, undone_by=self.who, undone_at=at)


def hash_file(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal; nothing where there is no such file."""
    if not file.is_file():
        return ""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _relation(rows: str) -> str:
    """A table's name quoted, or a SELECT in brackets."""
    if re.fullmatch(r"\w+(\.\w+)*", rows):
        return ".".join(quoted(part) for part in rows.split("."))
    return f"({rows})"
