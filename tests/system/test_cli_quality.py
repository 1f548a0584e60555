"""What a data officer types: explain a rule, write corrections and a report for the owner of a system."""

import csv
import json

import openpyxl
import pytest

from placemaker.cli.app import run

TENANCIES = (
    "tenancy_ref,home_ref,tenancy_type,start_date\n"
    "T1,H1,Secure tenancy,13/04/2024\nT2,H2,assurd,03/04/2024\n,H3,secure,2024-05-01\nT4,=1+1,land,2024-05-01\n"
)


@pytest.fixture
def export(tmp_path):
    file = tmp_path / "tenancies.csv"
    file.write_text(TENANCIES, encoding="utf-8")
    return file


def check(export, *more):
    return run(["check", str(export), "--as", "tenancy", "--today", "2026-04-01", *map(str, more)])


def test_findings_corrections_and_a_report_in_one_go(export, tmp_path, capsys):
    files = {"--findings": "found.xlsx", "--fix": "corrections.csv", "--report": "for-the-owner"}
    assert check(export, *(part for option, name in files.items() for part in (option, tmp_path / name))) == 1
    said = capsys.readouterr().out
    assert "Did you mean secure?" in said and "put `dates: day-first` in its mapping" in said
    assert "4 suggested corrections (1 certain, 3 likely)" in said and "Nothing was changed." in said
    with (tmp_path / "corrections.csv").open(encoding="utf-8", newline="") as lines:
        corrections = [(row["row"], row["field"], row["suggestion"]) for row in csv.DictReader(lines)]
    assert corrections == [
        ("1", "start_date", "2024-04-13"),
        ("1", "tenancy_type", "secure"),
        ("2", "start_date", "2024-04-03"),
        ("2", "tenancy_type", "assured"),
    ]
    sheet = openpyxl.load_workbook(tmp_path / "found.xlsx")["Findings"]
    book = openpyxl.load_workbook(tmp_path / "for-the-owner" / "quality-tenancies.xlsx")
    assert sheet.max_row == book["Findings"].max_row > 5
    assert export.read_text(encoding="utf-8") == TENANCIES


def test_as_json_nothing_but_json_is_printed(export, tmp_path, capsys):
    assert check(export, "--fix", tmp_path / "fix.xlsx", "--report", tmp_path / "out", "--json") == 1
    assert json.loads(capsys.readouterr().out)["rows_in"] == 4
    assert (tmp_path / "fix.xlsx").is_file() and (tmp_path / "out" / "quality-tenancies.html").is_file()


def test_every_rule_that_a_check_names_can_be_explained(export, capsys):
    check(export, "--json")
    rules = {finding["rule"] for finding in json.loads(capsys.readouterr().out)["findings"]}
    assert len(rules) > 4
    for rule in rules:
        assert run(["explain", rule]) == 0
        assert capsys.readouterr().out.startswith(f"{rule} (rule)")


def test_an_unknown_rule_is_exit_code_2_with_the_nearest(capsys):
    assert run(["explain", "tenancy.tenancy_tipe.code"]) == 2
    assert "Did you mean tenancy.tenancy_type.code" in capsys.readouterr().err


def test_a_mapping_says_which_columns_it_leaves(export, tmp_path, capsys):
    mapping = tmp_path / "m.yaml"
    mapping.write_text("source: x\ntables: {tenancy: {fields: {tenancy_ref: tenancy_ref, home_ref: home_ref}}}\n")
    run(["check", str(export), "--mapping", str(mapping)])
    assert "takes no field straight from 2 columns: tenancy_type, start_date." in capsys.readouterr().out
