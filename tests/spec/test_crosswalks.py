"""Crosswalks: what each name and code of another standard is called here, and the gaps on either side."""

import csv

import pytest

from placemaker.standard.schema import FOLDER, codelist, table
from placemaker.standard.yaml_lines import read

CROSSWALKS = FOLDER / "crosswalks"
CORE = FOLDER / "packs" / "core" / "2026"


def rows_of(name):
    with (CROSSWALKS / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


INDEX = {one["name"]: one for one in read(FOLDER / "crosswalks.yaml")}
ROWS = {name: rows_of(name) for name in INDEX}
LETTINGS = ROWS["mhclg-lettings-2026"]


def test_there_is_a_crosswalk_for_each_of_the_six_standards():
    files = {path.stem for path in CROSSWALKS.glob("*.csv")}
    assert files == set(INDEX)
    assert len(files) == 6
    for row in INDEX.values():
        assert row["licence"] and row["verified"] and row["address"].startswith("https://")


@pytest.mark.parametrize("name", INDEX)
def test_a_crosswalk_names_only_what_exists_here(name):
    for row in ROWS[name]:
        if not row["table"]:
            continue
        field = table(row["table"]).field(row["field"])
        if row["code"]:
            assert row["code"] in codelist(field.codelist).values, row


@pytest.mark.parametrize("name", INDEX)
def test_a_row_says_how_close_the_two_are_or_why_there_is_nothing(name):
    for row in ROWS[name]:
        assert row["match"] in ("exact", "close", "broader", "narrower", "none"), row
        if row["match"] == "none":
            assert row["note"] and (row["table"] or row["their_entity"]), row
        else:
            assert row["table"] and row["field"] and row["their_field"], row
        assert len(row["note"]) <= 200, "names and codes only, no copied text"


@pytest.mark.parametrize("name", INDEX)
def test_no_row_is_there_twice(name):
    rows = [tuple(row.values())[:6] for row in ROWS[name]]
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize("name", INDEX)
def test_every_field_of_the_subject_is_matched_or_is_a_gap(name):
    named = {(row["table"], row["field"]) for row in ROWS[name]}
    for covered in INDEX[name]["covers"]:
        assert {(covered, field.name) for field in table(covered).fields} <= named, covered


@pytest.mark.parametrize("name", INDEX)
def test_gaps_are_written_down_on_both_sides(name):
    gaps = [row for row in ROWS[name] if row["match"] == "none"]
    assert any(row["table"] for row in gaps)
    assert any(not row["table"] for row in gaps)


def test_all_147_fields_of_the_lettings_log_are_there():
    assert {row["their_field"] for row in LETTINGS} >= {f"field_{number}" for number in range(1, 148)}


def test_every_code_of_the_lettings_log_has_a_code_here():
    """But for nationality, whose numbers stand in the code list of countries."""
    matched = {}
    for entry in read(CORE / "tables" / "lettings_log.yaml")["schema"]["fields"]:
        theirs = {row["their_code"] for row in LETTINGS if row["their_field"] == f"field_{entry['number']}"} - {""}
        if theirs and entry.get("codelist"):
            matched[entry["codelist"]] = matched.get(entry["codelist"], set()) | theirs
    assert len(matched) > 20
    matched.pop("core_nationality")
    for name, theirs in matched.items():
        with (CORE / "codelists" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
            assert {row["code"] for row in csv.DictReader(lines)} <= theirs, name


CODED = """vacancy_reason reason_for_leaving previous_accommodation main_tenancy_type armed_forces_link time_in_area
    time_on_register housing_benefit benefit_share rent_product referrer nomination source"""


@pytest.mark.parametrize("field", CODED.split())
def test_every_code_of_a_letting_is_matched_or_is_a_gap(field):
    codes = {row["code"] for row in LETTINGS if (row["table"], row["field"]) == ("letting", field)}
    assert codes - {""} == set(codelist(table("letting").field(field).codelist).values)


def test_all_22_measures_are_there():
    measures = {f"TP{n:02d}" for n in range(1, 13)} | {f"BS{n:02d}" for n in range(1, 6)}
    measures |= {"RP01", "RP02", "NM01", "CH01", "CH02"}
    assert len(measures) == 22
    assert {row["their_field"] for row in ROWS["rsh-tsm"]} >= measures


def test_a_referral_has_the_states_of_a_fhir_task():
    states = {
        row["code"]: row["their_code"]
        for row in ROWS["fhir-uk-core"]
        if row["their_entity"] == "Task" and row["their_field"] == "status" and row["code"]
    }
    assert set(states) == set(codelist("referral_status").values)
    assert all(theirs == ours.replace("_", "-") for ours, theirs in states.items())


def test_the_uprn_is_an_address_key_for_the_health_service():
    (row,) = [
        one
        for one in ROWS["fhir-uk-core"]
        if (one["table"], one["field"], one["their_entity"]) == ("home", "uprn", "UKCore-Patient")
    ]
    assert "Extension-UKCore-AddressKey" in row["their_field"] and row["match"] == "exact"


def test_what_could_not_be_verified_is_said():
    unsure = [row for row in ROWS["hact-ukhds-3.5"] if row["match"] == "none" and row["table"]]
    assert unsure and all("erified" in row["note"] or row["their_entity"] for row in unsure)
