"""Suggested corrections: from safe sources alone, as sure as they are, never a wild guess, and nothing is changed."""

import csv
from datetime import date

import openpyxl
import pytest

from placemaker import standard
from placemaker.standard import codelist
from placemaker.standard.corrections_codes import offers_for_codes

TODAY = date(2026, 4, 1)


def meant(values, name="tenancy_type", own=None):
    return {value: (one.suggestion, one.sure) for value, one in offers_for_codes(values, codelist(name), own).items()}


def test_a_code_is_meant_by_its_label_its_spelling_or_a_slip():
    assert meant(["SECURE", "Assured shorthold", "Secure tenancy", "assurd", "introductroy"]) == {
        "SECURE": ("secure", "certain"),
        "Assured shorthold": ("assured_shorthold", "certain"),
        "Secure tenancy": ("secure", "likely"),
        "assurd": ("assured", "likely"),
        "introductroy": ("introductory", "likely"),
    }


def test_the_words_of_the_list_itself_are_not_part_of_a_label():
    assert meant(["Flexible tenancy"]) == {"Flexible tenancy": ("flexible", "certain")}


def test_there_is_no_wild_guess():
    assert meant(["unsecure", "zzz", "ass!", "x", "", "1", "tenant", "secured loan"]).keys() <= {"ass!"}
    assert meant(["unoccupied"], "home_status") == {}
    assert meant(["Band A"], "epc_rating").get("Band A", ("A",))[0] == "A"
    assert meant(["band b"], "epc_rating").get("band b", ("B",))[0] == "B"


def test_a_word_of_two_letters_is_only_asked_about():
    assert meant(["S"])["S"] == ("secure", "ask")


def test_the_export_has_codes_of_its_own():
    own = {"SEC": "secure", "INT": "introductory"}
    assert meant(["INTR", "Secure", "sec"], own=own) == {
        "INTR": ("INT", "likely"),
        "Secure": ("SEC", "certain"),
        "sec": ("SEC", "certain"),
    }


@pytest.fixture
def correct(tmp_path):
    """Check rows of text and give the corrections as {(row, field): (suggestion, sure)}."""

    def run(text, mapping="home", **options):
        file = tmp_path / "export.csv"
        file.write_text(text, encoding="utf-8")
        with standard.check(file, mapping, today=TODAY, **options) as found:
            path = found.corrections().write(tmp_path / "fix.csv")
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        return {(int(row["row"]), row["field"]): (row["suggestion"], row["sure"]) for row in rows}

    return run


TENANCIES = "tenancy_ref,home_ref,tenancy_type,start_date,end_date\n"


def test_dates_of_a_column_that_agrees_are_read_in_its_order(correct):
    text = TENANCIES + "T1,H1,secure,13/04/2024,\nT2,H2,secure,03/04/2024,\nT3,H3,secure,2024-05-01,\n"
    assert correct(text, "tenancy") == {
        (1, "start_date"): ("2024-04-13", "certain"),
        (2, "start_date"): ("2024-04-03", "likely"),
    }


@pytest.mark.parametrize("other", ["04/13/2024", "32/13/2024"])
def test_dates_of_a_column_that_does_not_agree_are_left_alone(correct, other):
    assert correct(TENANCIES + f"T1,H1,secure,13/04/2024,\nT2,H2,secure,{other},\n", "tenancy") == {}


def test_dates_whose_order_nothing_proves_are_left_alone(correct):
    assert correct(TENANCIES + "T1,H1,secure,03/04/2024,\nT2,H2,secure,05/06/2024,\n", "tenancy") == {}


def test_other_ways_of_writing_a_date(correct):
    ends = ["3 Mar 2024", "2024/3/5", "2024-03-05 10:30", "'2024-03-05", "20240305", "45356", "N/A", "2026-04-31"]
    text = TENANCIES + "".join(f"T{n},H{n},secure,2020-01-01,{end}\n" for n, end in enumerate(ends, 1))
    assert correct(text, "tenancy") == {
        (1, "end_date"): ("2024-03-03", "certain"),
        (2, "end_date"): ("2024-03-05", "likely"),
        (3, "end_date"): ("2024-03-05", "likely"),
        (4, "end_date"): ("2024-03-05", "likely"),
        (5, "end_date"): ("2024-03-05", "ask"),
        (6, "end_date"): ("2024-03-05", "ask"),
        (7, "end_date"): ("", "likely"),
    }


def test_postcodes_and_uprns_are_written_anew(correct):
    text = (
        "home_ref,unit_kind,status,postcode,uprn\nH1,home,in_management,M1-1AA,1000 2345 678\n"
        "H2,home,in_management,M1 IAA,100023456.0\nH3,home,in_management,nowhere,1.00023E+11\n"
    )
    assert correct(text) == {
        (1, "postcode"): ("M1 1AA", "likely"),
        (1, "uprn"): ("10002345678", "likely"),
        (2, "postcode"): ("M1 1AA", "ask"),
        (2, "uprn"): ("100023456", "likely"),
    }


def test_a_number_that_is_not_plain_is_only_asked_about(correct):
    rents = ['"1 234,50"', "95.20 pw", "(12.50)", "1O2.50", "12.50CR", "between 90 and 95", "12.34567"]
    text = "home_ref,unit_kind,status,weekly_rent\n" + "".join(
        f"H{n},home,in_management,{rent}\n" for n, rent in enumerate(rents, 1)
    )
    assert correct(text) == {
        (1, "weekly_rent"): ("1234.5", "ask"),
        (2, "weekly_rent"): ("95.2", "ask"),
        (3, "weekly_rent"): ("-12.5", "ask"),
        (4, "weekly_rent"): ("102.5", "ask"),
        (5, "weekly_rent"): ("-12.5", "ask"),
    }


def test_by_a_mapping_the_export_s_own_column_and_code_are_named(tmp_path):
    file = tmp_path / "export.csv"
    file.write_text("REF,PROP,TYPE,START\nT1,H1,SCE,2024-01-01\nT2,H2,Secure,2024-01-01\n", encoding="utf-8")
    fields = {
        "tenancy_ref": "REF",
        "home_ref": "PROP",
        "tenancy_type": {"column": "TYPE", "codes": {"SEC": "secure", "INTRO": "introductory"}},
        "start_date": "START",
    }
    with standard.check(file, {"source": "x", "tables": {"tenancy": {"fields": fields}}}, today=TODAY) as found:
        corrections = found.corrections()
        rows = found.con.execute(corrections.query()).fetchall()
        assert len(corrections) == 1 and corrections.count_by_sure() == {"certain": 1, "likely": 0, "ask": 0}
    ((*_, column, value, suggestion, sure, why, _),) = rows
    assert (column, value, suggestion, sure) == ("TYPE", "Secure", "SEC", "certain") and "own code" in why


def test_nothing_is_changed_and_no_cell_is_a_formula(tmp_path):
    file = tmp_path / "export.csv"
    text = 'tenancy_ref,home_ref,tenancy_type,start_date\n"=cmd()",H1,SECURE,2024-01-01\n+T2,H2,SECURE,2024-01-01\n'
    file.write_text(text, encoding="utf-8")
    with standard.check(file, "tenancy", today=TODAY) as found:
        found.corrections().write(tmp_path / "fix.csv")
        found.corrections().write(tmp_path / "fix.xlsx")
        assert found.con.execute(f"select tenancy_type from {found.tables['tenancy'].relation}").fetchall() == [
            (None,),
            (None,),
        ]
    assert file.read_text(encoding="utf-8") == text
    with (tmp_path / "fix.csv").open(encoding="utf-8", newline="") as lines:
        assert [row["key"] for row in csv.DictReader(lines)] == ["'=cmd()", "'+T2"]
    sheet = openpyxl.load_workbook(tmp_path / "fix.xlsx")["Corrections"]
    assert [(cell.value, cell.data_type) for cell in sheet["C"][1:]] == [("=cmd()", "s"), ("+T2", "s")]


def test_a_million_findings_of_few_values_are_few_suggestions(tmp_path):
    file = tmp_path / "export.csv"
    with file.open("w") as out:
        out.write(TENANCIES)
        out.writelines(f"T{n},H{n},assurd,{n % 28 + 1:02d}/04/2024,\n" for n in range(50_000))
    with standard.check(file, "tenancy", today=TODAY) as found:
        corrections = found.corrections()
        assert len(corrections) == 100_000
        (kept,) = found.con.execute(f"select count(*) from {corrections.relation}").fetchone()
    assert kept == 29
