"""Explaining: every rule has its words, its rows do what they say, and a name nobody knows brings the nearest."""

import csv
import json
from datetime import date

import pytest
from click.testing import CliRunner

from placemaker import standard
from placemaker.cli.explain import explain_command
from placemaker.lake import Refusal
from placemaker.standard.examples import sample_row
from placemaker.standard.explain import explain, own_book
from placemaker.standard.explain_fields import built_in, kinds_of

TODAY = date(2026, 4, 1)


def test_a_written_rule_is_explained_with_what_it_says_and_what_to_do():
    found = explain("tenancy-ends-after-it-starts")
    facts = dict(found.facts)
    assert found.title == "The tenancy ends on [End date], before it starts on [Start date]."
    assert facts["It says"] == "The tenancy ends on 2023-03-31, before it starts on 2024-04-01."
    assert facts["Severity"].startswith("error. The row is loaded and flagged")
    assert facts["Dimension"] == "consistency" and facts["In force"] == "always" and facts["Nations"] == "all"
    assert [grid.caption for grid in found.grids] == ["A row that passes", "A row that fails"]
    assert "system it comes from" in found.to_do


def test_a_rule_of_one_nation_says_so():
    assert dict(explain("flexible-tenancy-has-its-term").facts)["Nations"] == "England"


def test_every_written_rule_can_be_explained_and_shown():
    for name in own_book().rules:
        found = explain(name)
        assert found.title and found.grids and found.to_do and "{" not in found.title, name


@pytest.mark.parametrize("table", ["tenancy", "home", "person", "rent_transaction"])
def test_the_rows_of_rules_that_follow_from_fields_do_what_they_say(tmp_path, table):
    """Every row that passes meets no such finding, and every row that fails meets it."""
    owner = standard.table(table)
    for field in owner.fields:
        codes = owner.codelist(field.codelist) if field.codelist else None
        for kind in kinds_of(owner, field):
            rule, one = f"{table}.{field.name}.{kind}", built_in(owner, field, kind, codes)
            if kind in ("column", "parent"):
                continue
            assert rule not in broken(tmp_path, table, one.passes), rule
            if kind == "required" and len(one.fails[table][0]) == 1:
                one.fails[table][0]["extra"] = "x"  # a row of nothing at all is no row
            assert broken(tmp_path, table, one.fails).get(rule) == one.severity, rule


def broken(folder, table, given):
    """The rules that rows break, with their severities; the other fields are those of the table's examples."""
    file = folder / "rows.csv"
    if not given:
        return {}
    sample = sample_row(table)
    rows = [{**{name: sample.get(name, "") for name in standard.table(table).names}, **row} for row in given[table]]
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(rows)
    with standard.check(file, table, today=TODAY) as found:
        return {one.rule: one.severity for one in found.findings}


def test_a_parent_is_explained_with_rows_of_both_tables():
    captions = [grid.caption for grid in explain("tenancy.home_ref.parent").grids]
    assert captions == [f"Rows that {verb}: {table}" for verb in ("pass", "fail") for table in ("home", "tenancy")]


def test_a_field_lists_the_rules_about_it():
    (rules,) = explain("tenancy.start_date").grids
    assert {"tenancy.start_date.type", "tenancy-ends-after-it-starts"} <= {row[0] for row in rules.rows}


def test_a_table_and_a_code_list_are_explained():
    fields, rules = explain("tenancy").grids
    assert fields.rows[0][0] == "tenancy_ref" and len(rules.rows) == len(standard.table("tenancy").rules)
    (codes,) = explain("codelist/tenancy_type").grids
    assert [row[0] for row in codes.rows] == list(standard.codelist("tenancy_type").values)


def test_the_whole_file_has_its_rules():
    assert explain("tenancy.row").to_do and "not read" in explain("tenancy.columns").title


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("tenancy-ends-after-it-start", "Did you mean tenancy-ends-after-it-starts"),
        ("tenancy.strat_date.type", "Did you mean tenancy.start_date.type"),
        ("tenency", "Did you mean tenancy"),
        ("qqqqqqqq", "Give a rule as a finding names it"),
    ],
)
def test_a_name_nobody_knows_brings_the_nearest(name, near):
    with pytest.raises(Refusal, match=near.replace(".", r"\.")):
        explain(name)


def test_the_rules_of_a_pack_are_found_with_and_without_its_name():
    name = next(iter(standard.pack("core-2026").rules))
    for found in (explain(name), explain(name, "core-2026")):
        facts = dict(found.facts)
        assert facts["Pack"].startswith("core-2026") and facts["In force"].startswith("from 2026-04-01")
    assert explain("46", "core-2026").kind == "field"


def test_every_rule_of_every_pack_can_be_explained():
    for pack in standard.packs().values():
        for name in pack.rules:
            assert explain(name, pack.name).title, name


def test_the_command_prints_text_or_json():
    text = CliRunner().invoke(explain_command, ["tenancy.start_date.type"]).output
    assert "2026-02-30" in text and "What to do: " in text and max(map(len, text.splitlines())) <= 100
    plain = json.loads(CliRunner().invoke(explain_command, ["tenancy.start_date.type", "--json"]).output)
    assert plain["kind"] == "rule" and plain["tables"][1]["rows"] == [
        {"tenancy_ref": "T000123", "start_date": "2026-02-30"}
    ]
