"""Every rule of the standard, by the two examples that stand beside it: the reference pages show the same ones.

The row that passes breaks no rule at all; the row that fails breaks that rule and no other.
"""

import csv
from datetime import date

import pytest

from placemaker.lake import connect
from placemaker.standard.check import check
from placemaker.standard.examples import example_rows
from placemaker.standard.schema import tables

TODAY = date(2026, 4, 1)
RULES = [rule for table in tables().values() for rule in table.rules]


@pytest.fixture(scope="module")
def con():
    with connect() as con:
        yield con


@pytest.fixture
def broken(con, tmp_path):
    """The rules that rows of one or more tables break, as one export that fills all of them."""

    def rules_broken(rows_by_table):
        columns = {
            name: list(dict.fromkeys(key for row in rows for key in row)) for name, rows in rows_by_table.items()
        }
        headers = ["table", *(f"{name}.{field}" for name, fields in columns.items() for field in fields)]
        file = tmp_path / "example.csv"
        with file.open("w", newline="", encoding="utf-8") as opened:
            lines = csv.DictWriter(opened, headers)
            lines.writeheader()
            for name, rows in rows_by_table.items():
                for row in rows:
                    lines.writerow({"table": name} | {f"{name}.{field}": value for field, value in row.items()})
        mapping = {
            "source": "example",
            "tables": {
                name: {"where": f"\"table\" = '{name}'", "fields": {field: f"{name}.{field}" for field in fields}}
                for name, fields in columns.items()
            },
        }
        with check(file, mapping, today=TODAY, con=con) as found:
            return {(one.table, one.rule) for one in found.findings if not one.rule.endswith((".parent", ".column"))}

    return rules_broken


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_row_that_passes_breaks_nothing(rule, broken):
    assert {name for name in broken(example_rows(rule, "passes")) if name[0] == rule.table} == set()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_row_that_fails_breaks_that_rule_alone(rule, broken):
    found = broken(example_rows(rule, "fails"))
    assert {name for name in found if name[0] == rule.table} == {(rule.table, rule.id)}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.optional and rule.expect], ids=lambda rule: rule.id)
def test_an_export_without_the_optional_fields_is_looked_at_all_the_same(rule, broken):
    (row,) = example_rows(rule, "fails")[rule.table]
    lacking = {name for name in rule.optional if row.get(name) is None}
    # Where all that a rule looks at is lacking, there is nothing to find.
    lacking -= {rule.field} if lacking == set(rule.optional) else set()
    short = {name: value for name, value in row.items() if name not in lacking}
    assert (rule.table, rule.id) in broken({rule.table: [short]})
