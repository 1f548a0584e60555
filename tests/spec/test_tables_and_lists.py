"""What the tables promise beside their fields: retention, hierarchies, honest days, and rules that are really run."""

from datetime import date

import pytest
import sqlglot
from sqlglot import exp

from placemaker.standard.ruling import tables_of
from placemaker.standard.schema import codelist, codelist_names, table, table_names, tables

TABLES = list(tables().values())
SET_RULES = [rule for one in TABLES for rule in one.rules if rule.breaks]


@pytest.mark.parametrize("one", TABLES, ids=lambda one: one.name)
def test_a_table_says_how_long_its_rows_are_kept(one):
    kept = one.retention
    assert kept is not None and 0 < kept.years <= 100 and kept.why
    place, _, name = kept.after.rpartition(".")
    assert table(place or one.name).field(name).type in ("date", "datetime")


def test_there_are_at_least_60_code_lists():
    assert len(codelist_names()) >= 60


@pytest.mark.parametrize(
    ("name", "code", "parents"),
    [
        ("hazard_type", "falls_stairs", ["falls"]),
        ("complaint_category", "repairs_heating", ["repairs"]),
        ("homelessness_reason", "end_ast_sale", ["end_ast", "end_private"]),
        ("need_kind", "support_drugs", ["support_alcohol_drugs", "support"]),
        ("ethnic_group", "white_irish", ["white"]),
    ],
)
def test_a_code_belongs_to_broader_ones(name, code, parents):
    known = {one.code: one.parent for one in codelist(name).codes}
    found = []
    while code := known[code]:
        found.append(code)
    assert found == parents


@pytest.mark.parametrize(
    ("name", "code", "day"),
    [
        ("satisfaction", "very_satisfied", date(2023, 4, 1)),
        ("hazard_severity", "emergency", date(2025, 10, 27)),
        ("lawful_basis", "public_task", date(2018, 5, 25)),
        ("priority_need", "domestic_abuse", date(2021, 7, 5)),
        ("tenancy_type", "flexible", date(2012, 4, 1)),
    ],
)
def test_a_code_begins_with_the_law_or_form_that_brought_it(name, code, day):
    assert {one.code: one.start for one in codelist(name).codes}[code] == day


@pytest.mark.parametrize("rule", SET_RULES, ids=lambda rule: rule.id)
def test_the_tables_of_a_rule_are_those_that_its_query_reads(rule):
    """A column may have the name of a table (``outcome``); the rule must not wait for that table."""
    read = {one.name for one in sqlglot.parse_one(rule.breaks, read="duckdb").find_all(exp.Table)}
    assert set(tables_of(rule)) == read & set(table_names())


def test_the_lettings_tables_hold_what_the_log_asks_of_a_household():
    asked = {
        "letting": "renewal rent_product vacancy_reason main_tenancy_type reason_for_leaving previous_accommodation "
        "reasonable_preference choice_based income housing_benefit shortfall_amount privacy_notice_seen",
        "person": "sex gender_same_as_sex gender_identity ethnic_group nationality date_of_birth",
        "household_member": "lead relationship working_situation",
        "home": "uprn postcode lad_code shared wheelchair_standard bedrooms older_people_housing",
        "void": "start_date major_repairs_date",
    }
    for name, fields in asked.items():
        for field in fields.split():
            table(name).field(field)
