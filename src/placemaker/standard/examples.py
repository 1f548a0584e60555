"""The examples that stand beside fields and rules, made whole: what the test suite runs and the reference pages show.

A rule's example names only the fields that matter. The other *required* fields of its row take the example value of
their field, so that an example is a row that could be in an export and breaks nothing but what it is meant to break.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

import yaml

from placemaker.standard.expressions import names_in
from placemaker.standard.schema import FOLDER, Rule, table

Row = dict[str, Any]


@cache
def sample_row(name: str) -> Row:
    """A sensible row of the table ``name``: the ``example`` of each of its fields that has one."""
    with (FOLDER / "tables" / f"{name}.yaml").open(encoding="utf-8") as text:
        fields = yaml.load(text, Loader=yaml.CSafeLoader)["schema"]["fields"]
    return {field["name"]: field["example"] for field in fields if "example" in field}


def example_rows(rule: Rule, which: Literal["passes", "fails"]) -> dict[str, list[Row]]:
    """The rows of a rule's example, whole, by table; the rule's own table is always there."""
    given = rule.passes if which == "passes" else rule.fails
    if rule.expect:
        given = {rule.table: given if isinstance(given, list) else [given]}
    named = set(names_in(rule.expect or rule.breaks))
    return {name: [_whole(name, row, named) for row in rows] for name, rows in given.items()}


def _whole(name: str, row: Row, named: set[str]) -> Row:
    """``row`` with the example values of the required fields that it leaves out; what else the rule names is empty."""
    fields, sample = table(name).fields, sample_row(name)
    empty = {field.name: None for field in fields if field.name in named}
    required = {field.name: sample[field.name] for field in fields if field.required}
    return {**empty, **required, **row}
