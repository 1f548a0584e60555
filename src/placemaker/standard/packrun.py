"""A check by a pack: which table the file is for, what the pack derives, and what to say where its SQL fails."""

from __future__ import annotations

from collections.abc import Mapping as AnyMapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from placemaker.lake.errors import Refusal
from placemaker.standard.compile import Compiled
from placemaker.standard.derived import constants
from placemaker.standard.expressions import identifier, literal
from placemaker.standard.findings import Findings
from placemaker.standard.form import form_mapping
from placemaker.standard.layers import Derivation, first_stages
from placemaker.standard.mapping import Mapping, direct_mapping, read_mapping
from placemaker.standard.packs import Pack, read_pack
from placemaker.standard.packs import pack as pack_of
from placemaker.standard.reading import trimmed
from placemaker.standard.schema import Table


class PackRun:
    """The pack that a check goes by, and the parameters that were given it."""

    def __init__(self, pack: str | Path | Pack, given: AnyMapping[str, str] | None, nation: str) -> None:
        self.pack = pack if isinstance(pack, Pack) else pack_of(pack)
        self.given = self.pack.given(given)
        if self.pack.head.nations and nation not in self.pack.head.nations:
            raise Refusal(f"The pack {self.pack.name} is for {' and '.join(self.pack.head.nations)}, not for {nation}")

    def mapping(self, file: Path, told: str | Path | Table | Mapping | AnyMapping[str, Any] | None) -> Mapping:
        """The mapping of a file.

        ``told`` is a table of the form (its only one, if nothing is told) or of the standard, or a mapping to either.
        """
        table_of = self.pack.table
        if isinstance(told, Table):
            told = told.name
        if isinstance(told, Mapping):
            return replace(told, tables=tuple(replace(one, table=table_of(one.table.name)) for one in told.tables))
        if told is None or (isinstance(told, str) and not told.lower().endswith((".yaml", ".yml"))):
            table = table_of(told or "")
            numbered = table.name in self.pack.tables and any(field.number for field in table.fields)
            return form_mapping(file, table, self.pack) if numbered else direct_mapping(table)
        return read_mapping(told, table_of)

    def derivation(self, con: duckdb.DuckDBPyConnection, prefix: str, today: date, table: Table) -> Derivation:
        """What the pack brings to the rows of ``table``; the reference tables that it needs are read into ``con``."""
        layers = self.pack.derived.get(table.name, [])
        lookups = {}
        for name in sorted({one.lookup for layer in layers for one in layer if one.lookup}):
            lookup, lookups[name] = self.pack.lookups[name], f"{prefix}_lookup_{name}"
            picked = ", ".join(f"{trimmed(identifier(column))} as {identifier(column)}" for column in lookup.columns)
            types = ", ".join(f"{literal(column)}: 'VARCHAR'" for column in lookup.columns)
            con.execute(
                f"create or replace temp table {lookups[name]} as select {picked} "
                f"from read_csv({literal(str(lookup.path))}, auto_detect=false, header=false, skip=1, delim=',', "
                f"quote='\"', escape='\"', columns={{{types}}})"
            )
        return Derivation(layers, constants(self.given, today), lookups)

    def find(self, con: duckdb.DuckDBPyConnection, compiled: Compiled, findings: Findings) -> None:
        """Keep the findings of the rules over one row; a Refusal that names the file and line of SQL that fails."""
        (before,) = con.execute("select current_setting('disabled_optimizers')").fetchone()
        try:
            # A list of codes after IN would become a join for each, through which all that is derived so far must go.
            con.execute("set disabled_optimizers = 'in_clause'")
            broken, found = (f"{compiled.relation}_{kind}_{compiled.table.name}" for kind in ("broken", "found"))
            con.execute(f"create temp table {broken} as {compiled.verdicts()}")
            con.execute(f"create temp table {found} as {compiled.findings_of(broken)}")
            findings.add_all(first_stages(found))
            con.execute(f"drop table {broken}; drop table {found}")
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            raise failure(con, self.pack, compiled, error) from None
        finally:
            con.execute(f"set disabled_optimizers = {literal(before)}")


def failure(con: duckdb.DuckDBPyConnection, pack: Pack, compiled: Compiled, error: duckdb.Error) -> Refusal:
    """The Refusal for SQL of a pack that the engine does not run, naming the file and line where it can be found."""
    try:
        read_pack(pack.head, pack.head.folder.parent.parent, ours=False)
    except Refusal as refusal:
        return refusal
    kind = type(error).__name__
    layers = compiled.derivation.layers if compiled.derivation else ()
    for upto, layer in enumerate(layers):
        for one in layer:
            tried = replace(compiled.derivation, layers=(*layers[:upto], (one,)))
            if not _runs(con, replace(compiled, derivation=tried, checks=()).derived()):
                return Refusal(f"The value {one.name} cannot be worked out ({kind})", one.entry.where, _HINT)
    rows = compiled.derived()
    checks = list(compiled.checks)
    while checks:
        half = checks[: max(1, len(checks) // 2)]
        if _runs(con, f"select {' and '.join(f'({check.holds})' for check in half)} from ({rows})"):
            checks = checks[len(half) :]
        elif len(half) == 1:
            entry = pack.places.get(half[0].rule)
            return Refusal(f"The rule {half[0].rule} cannot be run ({kind})", entry.where if entry else "", _HINT)
        else:
            checks = half
    return Refusal(f"The rules of {pack.name} cannot be run ({kind})", next="Please report this as a bug.")


_HINT = "Look at the types of what it puts together, and cast where they differ."


def _runs(con: duckdb.DuckDBPyConnection, query: str) -> bool:
    try:
        con.execute(f"select count(*) from ({query}) t where t is not null").fetchall()
    except duckdb.Error:
        return False
    return True
