"""The examples that stand beside fields and rules, made whole: what the test suite runs and the reference pages show.

A rule's example names only the fields that matter. The other *required* fields of its row take the example value of
their field, so that an example is a row that could be in an export and breaks nothing but what it is meant to break.
"""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from placemaker.standard.expressions import names_in
from placemaker.standard.schema import Rule, descriptor, remembered, table

if TYPE_CHECKING:
    import duckdb

Row = dict[str, Any]

#: The day that the examples of the standard's rules go by.
EXAMPLE_DAY = date(2026, 4, 1)


@remembered
def sample_row(name: str) -> Row:
    """A sensible row of the table ``name``: the ``example`` of each of its fields that has one."""
    fields = descriptor(name)["schema"]["fields"]
    return {field["name"]: field["example"] for field in fields if "example" in field}


def example_rows(rule: Rule, which: Literal["passes", "fails"]) -> dict[str, list[Row]]:
    """The rows of a rule's example, whole, by table; the rule's own table is always there."""
    given = rule.passes if which == "passes" else rule.fails
    if rule.expect:
        given = {rule.table: given if isinstance(given, list) else [given]}
    named = set(names_in(rule.expect or rule.breaks))
    return {name: [_whole(name, row, named) for row in rows] for name, rows in given.items()}


def broken_by(
    con: duckdb.DuckDBPyConnection, rows: Mapping[str, list[Row]], today: date = EXAMPLE_DAY
) -> set[tuple[str, str]]:
    """The rules, as (table, rule), that ``rows`` of one or more tables break when they come as one export.

    Nothing is said of parents, which an example need not have, and of columns. ``con`` comes from ``lake.connect``.
    """
    from placemaker.standard.check import check

    columns = {name: list(dict.fromkeys(key for row in some for key in row)) for name, some in rows.items()}
    headers = ["table", *(f"{name}.{field}" for name, fields in columns.items() for field in fields)]
    mapping = {
        "source": "example",
        "tables": {
            name: {"where": f"\"table\" = '{name}'", "fields": {field: f"{name}.{field}" for field in fields}}
            for name, fields in columns.items()
        },
    }
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "example.csv"
        with file.open("w", newline="", encoding="utf-8") as opened:
            lines = csv.DictWriter(opened, headers)
            lines.writeheader()
            for name, some in rows.items():
                for row in some:
                    lines.writerow({"table": name} | {f"{name}.{field}": value for field, value in row.items()})
        with check(file, mapping, today=today, con=con) as found:
            return {(one.table, one.rule) for one in found.findings if not one.rule.endswith((".parent", ".column"))}


def _whole(name: str, row: Row, named: set[str]) -> Row:
    """``row`` with the example values of the required fields that it leaves out; what else the rule names is empty."""
    fields, sample = table(name).fields, sample_row(name)
    empty = {field.name: None for field in fields if field.name in named}
    required = {field.name: sample[field.name] for field in fields if field.required}
    return {**empty, **required, **row}
