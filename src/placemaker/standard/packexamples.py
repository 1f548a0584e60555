"""The examples of a pack's rules, run: a row names only the cells and derived values that its rule asks about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb

from placemaker.standard.derived import RAW, put_in
from placemaker.standard.expressions import identifier, literal, names_in
from placemaker.standard.packs import Pack
from placemaker.standard.schema import SQL_TYPES, Rule


def verdict(con: duckdb.DuckDBPyConnection, pack: Pack, rule: Rule, row: Mapping[str, Any]) -> bool | None:
    """Whether a rule over one row holds for an example row; None where that is unknown, which breaks nothing.

    What the row names is taken as it is and not derived; other names are empty, parameters have their defaults, the
    text of a cell (``raw_rent``) is that of its value where the row does not give it, and today is the pack's first
    day. Raises DuckDB's error where the rule cannot be run.
    """
    table, kinds = pack.table(rule.table), {}
    for layer in pack.derived.get(rule.table, []):
        for one in layer:
            kinds |= one.gives
    kinds |= {field.name: field.type for field in table.fields}
    columns = []
    for name in names_in(rule.expect):
        value = row.get(name)
        if name in kinds:
            columns.append(f"cast({_sql(value)} as {SQL_TYPES[kinds[name]]}) as {identifier(name)}")
        elif name.startswith(RAW) and name.removeprefix(RAW) in table.names:
            text = value if name in row else row.get(name.removeprefix(RAW))
            columns.append(f"nullif(trim(cast({_sql(text)} as varchar)), '') as {identifier(name)}")
    constants = {name: _sql(row.get(name, one.default)) for name, one in pack.head.parameters.items()}
    today = row.get("today", pack.head.start)
    constants["today"] = f"date '{date.fromisoformat(str(today))}'"
    (held,) = con.execute(
        f"select ({put_in(rule.expect, constants)}) from (select {', '.join(columns) or '1 as _one'})"
    ).fetchone()
    return held


def _sql(value: Any) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else literal(str(value))
