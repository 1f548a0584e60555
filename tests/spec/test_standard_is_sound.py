"""What the standard's files must be before any rule runs: names that exist, lists without holes, sound examples."""

import re
from collections import Counter
from datetime import date

import pytest

from placemaker.lake import connect
from placemaker.standard.check import check
from placemaker.standard.examples import example_rows, sample_row
from placemaker.standard.ruling import check_rule, tables_of
from placemaker.standard.schema import DIMENSIONS, SEVERITIES, codelist, codelist_names, table, tables
from placemaker.standard.values import typed

TODAY = date(2026, 4, 1)
TABLES = list(tables().values())
FIELDS = [(table, field) for table in TABLES for field in table.fields]
RULES = [rule for table in TABLES for rule in table.rules]


def test_the_standard_has_its_tables():
    names = """organisation estate building home person contact_point household household_member tenancy tenancy_party
        rent_account rent_charge rent_transaction void repair complaint asb_case compliance_check hazard_case
        survey_response
        identifier component person_alert need application offer letting service_charge planned_work asset_survey
        homelessness_case referral agreement programme programme_cost activity participant outcome
        partner_organisation service"""
    assert set(tables()) == set(names.split())


def test_there_are_at_least_350_rules_and_every_dimension_and_table_has_some():
    assert len(RULES) >= 350
    assert {rule.dimension for rule in RULES} == set(DIMENSIONS)
    assert all(table.rules for table in TABLES)


def test_no_two_rules_have_one_name():
    assert [name for name, times in Counter(rule.id for rule in RULES).items() if times > 1] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_names_what_exists(rule):
    check_rule(rule, table(rule.table))
    own = table(rule.table)
    assert rule.severity in SEVERITIES
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule.id)
    assert rule.source, "a rule says where the duty or convention is written"
    if rule.field or rule.breaks:
        own.field(rule.field)
    placeholders = set(re.findall(r"\{(\w+)\}", rule.message))
    if rule.expect:
        assert placeholders <= set(own.names) | {"today"}
    for which in ("passes", "fails"):
        examples = example_rows(rule, which)
        assert rule.table in examples
        assert set(tables_of(rule)) <= set(examples), "a rule over several tables has an example of each"
        for name, rows in examples.items():
            assert rows, f"the example of {name} has no row"
            assert {key for row in rows for key in row} <= set(table(name).names)


@pytest.mark.parametrize(("table", "field"), FIELDS, ids=lambda part: part.name)
def test_a_field_is_described(table, field):
    assert field.title and field.description.endswith(".")
    assert field.personal in ("none", "personal", "special", "criminal")
    assert field.type != "number" or field.unit or field.name == "weight"
    if field.codelist:
        assert codelist(field.codelist).codes


def test_what_says_most_about_a_person_is_marked_as_personal():
    kinds = {(one.name, field.name): field.personal for one, field in FIELDS}
    for name in ("given_name", "family_name", "date_of_birth", "national_insurance_number"):
        assert kinds["person", name] == "personal"
    for name in ("ethnic_group", "religion", "disabled"):
        assert kinds["person", name] == "special"
    assert kinds["contact_point", "value"] == kinds["rent_account", "balance"] == "personal"
    assert kinds["asb_case", "category"] == "criminal"


@pytest.mark.parametrize("one", TABLES, ids=lambda one: one.name)
def test_a_key_is_required_and_unique_and_parents_exist(one):
    key = one.field(one.key)
    assert key.required and key.unique
    for link in one.foreign_keys:
        one.field(link.field)
        assert table(link.parent).key == link.parent_field


def test_every_code_list_is_used():
    assert set(codelist_names()) == {field.codelist for _, field in FIELDS if field.codelist}


@pytest.mark.parametrize("name", codelist_names())
def test_a_code_list_is_whole(name):
    codes = codelist(name).codes
    values = [code.code for code in codes]
    assert len(set(values)) == len(values)
    assert len({code.label for code in codes}) == len(codes)
    for code in codes:
        assert code.label and code.source
        assert not code.parent or code.parent in values
        assert code.start and (code.end is None or code.end >= code.start)
    parents = {code.code: code.parent for code in codes}
    for value in values:
        seen = set()
        while value:
            assert value not in seen, f"{name}: the code {value} is its own ancestor"
            seen.add(value)
            value = parents[value]


@pytest.mark.parametrize("one", TABLES, ids=lambda one: one.name)
def test_the_example_of_each_field_can_be_read(one):
    sample = sample_row(one.name)
    with connect() as con:
        for name, value in sample.items():
            field = one.field(name)
            (read,) = con.execute(f"select {typed('t', field)} from (select ? as t)", [str(value)]).fetchone()
            assert read is not None, f"{one.name}.{name}: {value}"
            if field.codelist:
                assert value in codelist(field.codelist).values


@pytest.mark.parametrize("one", TABLES, ids=lambda one: one.name)
def test_a_row_of_the_examples_is_clean(one, tmp_path):
    sample = sample_row(one.name)
    file = tmp_path / f"{one.name}.csv"
    file.write_text(",".join(sample) + "\n" + ",".join(f'"{value}"' for value in sample.values()) + "\n")
    with check(file, one.name, today=TODAY) as found:
        assert [one.rule for one in found.findings if not one.rule.endswith(".column")] == []
        assert found.rows_in == 1 and found.rows_held_back == 0
