"""The quality page: worst first by homes and rent, last load beside, rows attached, no personal data on the page."""

import csv
import itertools
from datetime import date

import openpyxl
import pytest

from placemaker.figure import recompute
from placemaker.jobs.quality import quality, quality_of_check, quality_pages
from placemaker.lake import Refusal, Workspace
from placemaker.report import Table
from placemaker.standard import check, load

TODAY = date(2026, 4, 1)
HEADS = "tenancy_ref,home_ref,tenancy_type,start_date,end_date,end_reason,household_ref,fixed_term_end\n"


@pytest.fixture
def landlord(tmp_path):
    """Three homes with their rents, and a way to load tenancies."""
    workspace = Workspace.create(tmp_path / "ws", organisation="Hollowbrook Homes", name="Hollowbrook")
    workspace.settings["made_up"] = True
    workspace.save_settings()

    def loaded(table, text):
        file = tmp_path / f"{table}.csv"
        file.write_text(text, encoding="utf-8")
        load(workspace, file, table, who="test", today=TODAY, confirm=lambda _: True).check.close()
        return workspace

    loaded(
        "home",
        "home_ref,unit_kind,status,weekly_rent\nH1,home,in_management,100\nH2,home,in_management,90\n"
        "H3,home,in_management,80\n",
    )
    return loaded


def test_what_costs_most_homes_comes_first(landlord):
    workspace = landlord(
        "tenancy",
        HEADS + "T1,H1,secure,2020-06-01,2019-01-01,,,\nT2,H2,feudal,2020-06-01,,,,\nT3,H3,feudal,2020-06-01,,,,\n",
    )
    first, second, *_ = quality(workspace, source="tenancy").faults
    assert (first.rule, first.rows, first.homes, first.rent) == ("tenancy.tenancy_type.code", 2, 2, 170.0)
    assert (second.rule, second.homes, second.rent) == ("tenancy-ends-after-it-starts", 1, 100.0)


def test_a_missing_parent_costs_all_its_children(landlord):
    workspace = landlord(
        "rent_account",
        "account_ref,tenancy_ref,home_ref,kind,status,balance\nA1,T9,H1,rent,current,1\nA2,T9,H2,rent,current,2\n",
    )
    workspace = landlord("tenancy", HEADS + "T1,H3,secure,2020-06-01,,,,\n")
    workspace = landlord(
        "rent_account",
        "account_ref,tenancy_ref,home_ref,kind,status,balance\nA1,T9,H1,rent,current,1\nA2,T9,H2,rent,current,2\n",
    )
    fault = next(one for one in quality(workspace, source="rent_account").faults if one.rule.endswith(".parent"))
    assert (fault.rows, fault.homes, fault.rent) == (1, 2, 190.0)


def test_the_last_load_stands_beside(landlord):
    landlord("tenancy", HEADS + "T1,H1,feudal,2020-06-01,,,,\nT2,H2,feudal,2020-06-01,,,,\n")
    workspace = landlord("tenancy", HEADS + "T1,H1,feudal,2020-06-01,,,,\nT2,H2,secure,2020-06-01,,,,\n")
    now = quality(workspace, source="tenancy")
    assert (now.faults[0].rows, now.faults[0].before) == (1, 2)
    then = quality(workspace, load_number=2)
    assert (then.faults[0].rows, then.faults[0].before) == (2, None)


def test_the_page_holds_no_value_and_the_attachment_does(landlord, tmp_path):
    workspace = landlord(
        "person",
        "person_ref,family_name,date_of_birth,national_insurance_number\nP1,Exors of A Example,1899-02-03,zz\n",
    )
    page = quality(workspace, source="person", out=tmp_path / "out")
    html = page.html.read_text(encoding="utf-8")
    assert "Exors" not in html and "1899" not in html and "Made-up borough" in html
    with page.attachment.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert {"Exors of A Example", "1899-02-03", "zz"} <= {row["value"] for row in rows}
    assert [row["severity"] for row in rows] == sorted(
        (row["severity"] for row in rows), key=["error", "query", "note"].index
    )


def test_no_spreadsheet_takes_a_cell_of_the_attachment_for_a_formula(landlord, tmp_path):
    workspace = landlord("person", 'person_ref,family_name,date_of_birth\n"=cmd()",A,soon\nP2,B,-5\n')
    page = quality(workspace, source="person", out=tmp_path / "out")
    with page.attachment.open(encoding="utf-8-sig", newline="") as lines:
        cells = {cell for row in csv.reader(lines) for cell in row}
    assert "'=cmd()" in cells and "=cmd()" not in cells and "-5" in cells


def test_the_score_of_a_dimension_is_the_share_of_rows_without_a_fault(landlord):
    workspace = landlord(
        "tenancy",
        HEADS + "T1,H1,secure,2020-06-01,2019-01-01,,,\nT2,H2,secure,2020-06-01,,,,\n"
        "T3,H3,secure,2020-06-01,,,,\n,H3,secure,2020-01-01,,,,\n",
    )
    table = [block for block in quality(workspace, source="tenancy").document.blocks if isinstance(block, Table)][-1]
    (row,) = table.rows
    scores = dict(zip(table.head, row, strict=True))
    assert scores["Consistency"].text() == "75.0%"
    assert scores["Completeness"].text() == "75.0%"
    assert scores["Accuracy"].text() == "100.0%"
    assert recompute(scores["Consistency"]) == scores["Consistency"].value


def test_a_clean_load_says_so(landlord):
    landlord("household", "household_ref\nHH1\n")
    workspace = landlord("tenancy", HEADS + "T1,H1,secure,2020-06-01,,,,\n")
    page = quality(workspace, source="tenancy")
    assert page.faults == ()
    assert "No rule of the standard is broken" in str(page.document.blocks)


def test_what_was_not_looked_up_is_not_said_to_be_missing(landlord):
    workspace = landlord("tenancy", HEADS + "T1,H1,secure,2020-06-01,,,HH1,\n")
    (fault,) = quality(workspace, source="tenancy").faults
    assert fault.severity == "note" and "was not looked up" in fault.words


def test_there_is_a_page_for_every_source(landlord, tmp_path):
    workspace = landlord("tenancy", HEADS + "T1,H1,feudal,2020-06-01,,,,\n")
    pages = quality_pages(workspace, tmp_path / "out")
    assert [page.load.source for page in pages] == ["tenancy", "home"]
    assert str(pages[0]) == f"{tmp_path / 'out' / 'quality-tenancy.html'}: 1 to put right, 0 to ask about"


def test_a_source_that_is_not_there_is_refused(landlord):
    workspace = landlord("tenancy", HEADS + "T1,H1,secure,2020-06-01,,,,\n")
    with pytest.raises(Refusal, match="There are: home, tenancy"):
        quality(workspace, source="tenants")
    with pytest.raises(Refusal, match="no load 9"):
        quality(workspace, load_number=9)


def scores_of(page):
    """The scores of the only table of a page by dimension."""
    table = [block for block in page.document.blocks if isinstance(block, Table)][-1]
    (row,) = table.rows
    return dict(zip(table.head[1:], (cell.text() for cell in row[1:]), strict=True))


def test_a_missing_column_counts_against_every_row_and_a_missing_parent_against_each_child(landlord):
    landlord("tenancy", HEADS + "T1,H1,secure,2020-06-01,,,,\n")
    text = "account_ref,tenancy_ref,home_ref,kind,status,balance\n" + "".join(
        f"A{n},{'T9' if n < 3 else 'T1'},H1,rent,current,1\n" for n in range(4)
    )
    workspace = landlord("rent_account", text)
    assert scores_of(quality(workspace, source="rent_account"))["Consistency"] == "25.0%"
    workspace = landlord("tenancy", "tenancy_ref,home_ref,tenancy_type\nT1,H1,secure\nT2,H2,secure\n")
    scores = scores_of(quality(workspace, source="tenancy"))
    assert scores["Completeness"] == "0.0%" and scores["All"] == "0.0%" and scores["Validity"] == "100.0%"


def test_the_workbook_holds_scores_findings_rows_held_back_and_corrections(landlord, tmp_path):
    workspace = landlord(
        "tenancy",
        HEADS + "T1,H1,assurd,2020-06-01,2019-01-01,,,\n,H2,secure,2020-06-01,,,,\nT1,H3,secure,2020-01-01,,,,\n",
    )
    page = quality(workspace, source="tenancy", out=tmp_path / "out")
    book = openpyxl.load_workbook(page.workbook)
    assert book.sheetnames == ["Summary", "Scores", "Findings", "Held back", "Corrections"]
    sheets = {name: list(book[name].iter_rows(values_only=True)) for name in book.sheetnames}
    assert "personal data" in sheets["Summary"][2][0]
    counts = {row[3]: row[5] for row in sheets["Summary"][4:]}
    assert sum(counts.values()) == len(sheets["Findings"]) - 1 == sum(fault.rows for fault in page.faults)
    order = [row[0] for row in sheets["Findings"][1:]]
    assert [severity for severity, _ in itertools.groupby(order)] == list(dict.fromkeys(order))
    assert [(row[0], row[2]) for row in sheets["Held back"][2:]] == [(2, None), (3, "T1")]
    assert sheets["Held back"][2][1] == "Tenancy reference is empty."
    assert [row[6:9] for row in sheets["Corrections"][2:]] == [("assurd", "assured", "likely")]
    assert dict(zip(sheets["Scores"][1], sheets["Scores"][2], strict=True))["rows"] == 3


def test_a_file_that_is_only_checked_has_its_report_too(tmp_path):
    file = tmp_path / "tenancies.csv"
    file.write_text(HEADS + "T1,H1,assurd,1/2/2020,,,,\n=x,H2,secure,13/2/2020,,,,\n,H3,secure,2020-01-01,,,,\n")
    with check(file, "tenancy", today=TODAY) as found:
        page = quality_of_check(found, tmp_path / "out", title="Tenancies of June")
        assert sum(fault.rows for fault in page.faults) == len(found.findings)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "quality-tenancies-of-june-findings.csv",
        "quality-tenancies-of-june.html",
        "quality-tenancies-of-june.xlsx",
    ]
    html = page.html.read_text(encoding="utf-8")
    assert "checked, and not loaded" in html and "assurd" not in html and "Homes" not in html
    book = openpyxl.load_workbook(page.workbook)
    assert [row[0].value for row in book["Held back"].iter_rows(min_row=3)] == [3]
    assert {row[7].value for row in book["Corrections"].iter_rows(min_row=3)} == {"assured", "2020-02-01", "2020-02-13"}


def test_a_clean_file_has_a_report_without_faults(tmp_path):
    file = tmp_path / "tenancies.csv"
    file.write_text(HEADS + "T1,H1,secure,2020-06-01,,,,\n")
    with check(file, "tenancy", today=TODAY) as found:
        page = quality_of_check(found, tmp_path / "out")
    assert page.faults == () and set(scores_of(page).values()) == {"100.0%"}
    assert openpyxl.load_workbook(page.workbook).sheetnames == ["Summary", "Scores"]


def test_more_findings_than_a_workbook_takes_are_all_in_the_csv_and_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("placemaker.jobs.quality_book.MOST_FINDINGS", 2)
    file = tmp_path / "tenancies.csv"
    file.write_text(HEADS + "".join(f"T{n},H{n},assurd,2020-06-01,,,,\n" for n in range(5)))
    with check(file, "tenancy", today=TODAY) as found:
        page = quality_of_check(found, tmp_path / "out")
    book = openpyxl.load_workbook(page.workbook)
    assert "The first 2 findings are here" in str(book["Summary"]["A4"].value)
    assert book["Findings"].max_row == 3 and "The first 2 of 5" in book["Corrections"]["A2"].value
    with page.attachment.open(encoding="utf-8-sig", newline="") as lines:
        assert len(list(csv.DictReader(lines))) == 5
