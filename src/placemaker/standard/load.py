"""Load an export into a workspace's lake: checked outside the writer's lock, inserted inside it, all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as AnyMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from placemaker.lake import Difference, LoadRecord, Workspace, connect
from placemaker.lake.errors import Refusal
from placemaker.lake.write import hash_file
from placemaker.standard.check import Check, as_mapping, check
from placemaker.standard.mapping import Mapping
from placemaker.standard.reading import Progress
from placemaker.standard.schema import Table


@dataclass(frozen=True, slots=True)
class LoadResult:
    """What a load did: its record in the lake, what it changed in each table, and the check with every finding."""

    record: LoadRecord
    differences: dict[str, Difference]
    check: Check


def load(
    workspace: Workspace,
    file: str | Path,
    mapping_or_table: str | Path | Table | Mapping | AnyMapping[str, Any],
    *,
    source: str | None = None,
    kind: Literal["full", "period", "add"] = "full",
    period: str | None = None,
    who: str,
    today: date | None = None,
    confirm: Callable[[Difference], bool] | None = None,
    progress: Progress | None = None,
) -> LoadResult:
    """Check ``file`` and load every row with a usable key; findings and held-back rows are kept with the load.

    ``source`` names the system it comes from (by default the mapping's own, or the table). ``kind`` is full (it
    replaces the source's rows), period (those of ``period``, such as ``2026-W14``) or add. Where more than the
    workspace's ``share_gone`` of the rows would go, ``confirm`` is asked; without it, or if it says no, a Refusal
    leaves the lake as it was. Close the result's ``check`` when done with it.
    """
    tell = progress or (lambda _: None)
    mapping = as_mapping(mapping_or_table)
    con = connect()
    hashing = ThreadPoolExecutor(1)  # beside the check: neither needs the other
    file_hash = hashing.submit(hash_file, Path(file))
    try:
        found = check(file, mapping, today=today, workspace=workspace, con=con, progress=progress)
        found.close_with(con)
        tell("Writing to the lake")
        with workspace.write(who, con=con) as writer:
            options = {"source": source or mapping.source, "kind": kind, "period": period, "file": Path(file)}
            with writer.load(**options, file_hash=file_hash.result()) as one:
                for name, table_check in found.tables.items():
                    one.define(name, {field.name: field.sql_type for field in table_check.table.fields})
                    one.put(
                        name,
                        table_check.rows(),
                        key=[table_check.table.key],
                        rows_in=table_check.rows_in,
                        held_back=table_check.rows_held_back,
                        elsewhere=table_check.rows_elsewhere,
                        period_field=period_field(table_check.table) if kind == "period" else None,
                    )
                    if table_check.rows_held_back:
                        one.keep_held_back(name, found.held_back_query(table_check.held_back))
                differences = {name: one.difference(name) for name in found.tables}
                for name, difference in differences.items():
                    _agree(name, difference, Path(file), workspace.settings["share_gone"], confirm)
                one.keep_findings(found.findings.relation)
        return LoadResult(one.record, differences, found)
    except BaseException:
        con.close()
        raise
    finally:
        hashing.shutdown(wait=False)


def period_field(table: Table) -> str | None:
    """The date by which a load of a period takes a table's rows: its first date that every row must have."""
    days = [field for field in table.fields if field.type in ("date", "datetime")]
    return next((field.name for field in days if field.required), days[0].name if days else None)


def _agree(
    name: str, difference: Difference, file: Path, most: float, confirm: Callable[[Difference], bool] | None
) -> None:
    if difference.outside:
        raise Refusal(
            f"{difference.outside:,} rows of {name} lie outside the period.",
            file.name,
            next="Give the period that the file covers, or take those rows out.",
        )
    if difference.share_gone > most and not (confirm and confirm(difference)):
        raise Refusal(
            f"The load would take away {difference.gone:,} of {difference.before:,} rows of {name} "
            f"({difference.share_gone:.0%}), more than the {most:.0%} that may go without asking. "
            "The lake is as it was.",
            file.name,
            next="Check that the file is a full extract; if it is right, confirm the load (--yes).",
        )
