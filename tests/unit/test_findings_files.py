"""Findings and other rows out: CSV, Parquet and Excel, whole, with no cell that a spreadsheet takes for a formula."""

import duckdb
import openpyxl
import pytest

from placemaker.lake import Refusal
from placemaker.standard import findings_files
from placemaker.standard.findings_files import Workbook, plain_cell, write_query

NASTY = ["=1+1", "@cmd", "+44 161", "-cmd", "\tx", "#N/A", "-5", "£3", "a\x07b", "x" * 40_000, None, "plain"]


@pytest.fixture
def con():
    with duckdb.connect() as con:
        con.execute("create table t (n bigint, cell varchar)")
        con.executemany("insert into t values (?, ?)", list(enumerate(NASTY)))
        yield con


def test_no_cell_of_a_workbook_is_a_formula_or_an_error(con, tmp_path):
    write_query(con, "from t order by n", tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["Findings"]
    cells = {row[0].value: row[1] for row in sheet.iter_rows(min_row=2)}
    for place, text in enumerate(NASTY[:6]):
        assert (cells[place].value, cells[place].data_type) == (text, "s")
    assert all(cells[place].quotePrefix for place in range(5)) and not cells[6].quotePrefix
    assert cells[8].value == "a\ufffdb" and len(cells[9].value) <= 32_767 and cells[9].value.endswith("… (cut)")
    assert cells[10].value is None and cells[11].value == "plain"
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == f"A1:B{len(NASTY) + 1}"


def test_a_csv_for_people_is_harmless_and_one_for_programs_is_as_it_is(con, tmp_path):
    people = write_query(con, "from t", tmp_path / "a.csv", for_people=True).read_text(encoding="utf-8")
    assert "'=1+1" in people and "'+44 161" in people and ",-5\n" in people
    assert [plain_cell(text) for text in NASTY[:7]] == ["'=1+1", "'@cmd", "'+44 161", "'-cmd", "'\tx", "#N/A", "-5"]
    programs = write_query(con, "from t", tmp_path / "b.csv").read_text(encoding="utf-8")
    assert "'=1+1" not in programs and "=1+1" in programs


@pytest.mark.parametrize(("rows", "sheets"), [(0, 1), (2, 1), (3, 2), (4, 2), (5, 3)])
def test_what_does_not_fit_a_sheet_goes_on_in_the_next(monkeypatch, tmp_path, rows, sheets):
    monkeypatch.setattr(findings_files, "MOST_ROWS", 4)
    with Workbook(tmp_path / "t.xlsx") as book:
        assert book.sheet("A/B", ["n"], ([n] for n in range(rows)), above=["Numbers"]) == rows
    written = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert written.sheetnames == ["A B", "A B 2", "A B 3"][:sheets]
    assert [cell.value for name in written.sheetnames for cell in written[name]["A"][2:]] == list(range(rows))
    assert all([cell.value for cell in written[name]["A"][:2]] == ["Numbers", "n"] for name in written.sheetnames)


def test_a_workbook_that_fails_leaves_no_file(tmp_path):
    with pytest.raises(ZeroDivisionError), Workbook(tmp_path / "t.xlsx") as book:
        book.sheet("A", ["n"], ([1 / (3 - n)] for n in range(10)))
    assert list(tmp_path.iterdir()) == []


def test_another_ending_is_refused_with_those_there_are(con, tmp_path):
    with pytest.raises(Refusal, match=r"\.csv, \.parquet or \.xlsx"):
        write_query(con, "from t", tmp_path / "t.txt")
    with pytest.raises(Refusal, match="cannot be written"):
        write_query(con, "from t", tmp_path / "no folder" / "t.xlsx")
