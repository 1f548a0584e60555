"""Handing many values to DuckDB at once.

A Python list given as a parameter, or a NumPy array of texts, takes 0.3 ms a value where pandas is not installed
(33,000 codes: 11 s), because DuckDB looks for pandas again at every value. One long text that the engine splits itself
takes 0.04 s.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

#: What stands between values, and in place of none: characters that no export holds.
_BETWEEN, _NONE = "\x1e", "\x1f"

_TYPES = {"int": "integer", "double": "double", "text": "varchar"}


def put(con: duckdb.DuckDBPyConnection, table: str, **columns: tuple[str, Sequence[Any]]) -> None:
    """Make the temporary table ``table`` of columns given as (int, double or text; values). None is null."""
    types = {name: _TYPES[kind] for name, (kind, _) in columns.items()}
    if not len(next(iter(columns.values()))[1]):
        con.execute(f"create or replace temp table {table} ({', '.join(f'{n} {t}' for n, t in types.items())})")
        return
    split = ", ".join(f"unnest(string_split(?, chr(30))) as {name}" for name in columns)
    cast = ", ".join(f"nullif({name}, chr(31))::{type_} as {name}" for name, type_ in types.items())
    con.execute(
        f"create or replace temp table {table} as select {cast} from (select {split})",
        [_joined(kind, values) for kind, values in columns.values()],
    )


def _joined(kind: str, values: Sequence[Any]) -> str:
    if kind == "text":
        return _BETWEEN.join(_NONE if value is None else value.replace(_BETWEEN, "") for value in values)
    return _BETWEEN.join(_NONE if value is None else repr(value) for value in values)
