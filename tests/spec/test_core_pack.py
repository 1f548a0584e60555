"""The pack of the lettings log 2026/27: every rule by its two examples, and its files among themselves."""

import re

import pytest

from placemaker.lake import connect
from placemaker.standard.packexamples import verdict
from placemaker.standard.packs import pack, read_pack

PACK = pack("core-2026")
TABLE = PACK.table("lettings_log")


@pytest.fixture(scope="module")
def con():
    with connect() as con:
        yield con


@pytest.mark.parametrize("rule", PACK.rules.values(), ids=lambda rule: rule.id)
def test_a_rule_holds_for_the_row_that_passes_and_breaks_on_the_row_that_fails(con, rule):
    assert verdict(con, PACK, rule, rule.passes) is not False
    assert verdict(con, PACK, rule, rule.fails) is False


@pytest.mark.parametrize("rule", PACK.rules.values(), ids=lambda rule: rule.id)
def test_a_rule_names_its_fields_and_where_it_comes_from(rule):
    assert rule.fields and rule.source and rule.message.endswith(".")


def test_its_sql_only_computes_from_its_row():
    read_pack(PACK.head, ours=False)


def test_its_fields_are_numbered_from_1_to_147():
    assert [int(field.number) for field in TABLE.fields] == list(range(1, 148))


def test_its_own_code_lists_are_all_used():
    used = {field.codelist for field in TABLE.fields if field.codelist}
    assert used == {name for name in PACK.codelists if name.startswith("core_")}


@pytest.mark.parametrize("rule", [r for r in PACK.rules.values() if r.group == "answers"], ids=lambda rule: rule.id)
def test_an_answer_that_a_rule_takes_is_in_the_code_list_of_its_field(rule):
    found = re.match(r"b_\w+ in \(([^)]*)\)", rule.expect)
    if not found or rule.id == "core-answer-renewal":  # the log holds 0 for a cell's 2
        return
    codes = {code.strip(" '") for code in found[1].split(",")}
    for name in rule.fields:
        (field,) = (field for field in TABLE.fields if field.name == name)
        assert codes <= set(PACK.codelists[field.codelist].values)


def test_the_countries_of_the_reference_table_are_those_of_the_code_list():
    lines = PACK.lookups["nationalities"].path.read_text(encoding="utf-8").splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == list(PACK.codelists["core_nationality"].values)


def test_personal_data_is_marked():
    marked = {field.name: field.personal for field in TABLE.fields}
    assert marked["ethnic"] == marked["illness"] == marked["preg_occ"] == "special"
    assert marked["age1"] == marked["nationality_all"] == "personal"
    assert marked["beds"] == marked["brent"] == "none"
