"""Excel sheets: streamed with their row numbers; merged cells filled down; a row's colour as a column."""

from datetime import date, datetime

import openpyxl
import pytest
from openpyxl.styles import PatternFill
from openpyxl.styles.colors import Color

from placemaker import standard
from placemaker.lake import Refusal

TODAY = date(2026, 4, 1)
HEADER = ["tenancy_ref", "home_ref", "tenancy_type", "start_date"]


@pytest.fixture
def check(tmp_path):
    def run(fill, mapping="tenancy"):
        book = openpyxl.Workbook()
        fill(book.active)
        book.save(tmp_path / "tracker.xlsx")
        with standard.check(tmp_path / "tracker.xlsx", mapping, today=TODAY) as found:
            (table,) = found.tables
            rows = found.con.execute(found.tables[table].rows() + " order by _row").fetchall()
            return found.rows_in, rows, [(one.row, one.rule) for one in found.findings if one.severity == "error"]

    return run


def test_cells_are_read_as_they_are_meant(check):
    def fill(sheet):
        sheet.append(HEADER)
        sheet.append([101, "H1", "secure", datetime(2024, 1, 5)])
        sheet.append([102.0, "H2", "assured", date(2024, 1, 6)])
        sheet.append([103, 0.1 + 0.2, "secure", datetime(2024, 1, 7, 10, 30)])

    rows_in, rows, errors = check(fill)
    assert rows_in == 3 and errors == [(3, "tenancy.start_date.type")]
    assert rows == [
        ("101", "H1", "secure", date(2024, 1, 5), 1),
        ("102", "H2", "assured", date(2024, 1, 6), 2),
        ("103", "0.3", "secure", None, 3),
    ]


def test_blank_rows_are_no_records_and_the_rows_below_keep_their_numbers(check):
    def fill(sheet):
        sheet.append(HEADER)
        sheet["A3"], sheet["B3"], sheet["C3"], sheet["D3"] = "T2", "H2", "secure", "2024-02-30"
        sheet["A6"] = "T5"
        sheet["A9"] = " "

    rows_in, rows, errors = check(fill)
    assert [row[0] for row in rows] == ["T2", "T5"] and [row[-1] for row in rows] == [2, 5]
    assert (2, "tenancy.start_date.type") in errors and (5, "tenancy.home_ref.required") in errors
    assert rows_in == 2


def test_merged_cells_are_filled_down_and_the_first_colour_of_a_row_is_a_column(check):
    def fill(sheet):
        sheet["A1"] = "Damp tracker"
        sheet.merge_cells("A1:D1")
        for place, name in enumerate(["Block", "Flat", "Case", "Seen"], 1):
            sheet.cell(3, place, name).fill = PatternFill("solid", fgColor="FF000000")
        for row, (flat, case) in enumerate([("1", "D1"), ("2", "D2"), ("3", "D3")], 4):
            sheet.cell(row, 2, flat)
            sheet.cell(row, 3, case)
            sheet.cell(row, 4, datetime(2026, 1, row))
        sheet["A4"] = "Elm Court"
        sheet.merge_cells("A4:A5")
        sheet["A6"] = "Oak House"
        sheet["C4"].fill = PatternFill("solid", fgColor="FFFF0000")
        sheet["B5"].fill = PatternFill("solid", fgColor=Color(theme=4))

    mapping = {
        "source": "damp",
        "read": {"format": "excel", "header_row": 3, "colour_column": "STATUS"},
        "tables": {
            "hazard_case": {
                "fields": {
                    "hazard_ref": "Case",
                    "home_ref": {"expression": '"Block" || \' \' || "Flat"'},
                    "severity": "STATUS",
                }
            }
        },
    }
    rows_in, rows, errors = check(fill, mapping)
    assert rows_in == 3
    assert [row[:2] for row in rows] == [("D1", "Elm Court 1"), ("D2", "Elm Court 2"), ("D3", "Oak House 3")]
    assert [one for one in errors if one[0]] == [(1, "hazard_case.severity.code"), (2, "hazard_case.severity.code")]


def test_colours_are_written_as_six_figures(check, tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["A"])
    for colour in ("FF00B050", Color(theme=4), Color(theme=4, tint=0.4), Color(indexed=10)):
        book.active.append(["x"])
        book.active.cell(book.active.max_row, 1).fill = PatternFill("solid", fgColor=colour)
    book.active.append(["x"])
    book.save(tmp_path / "colours.xlsx")
    from placemaker.standard.excel import sheet_to_csv
    from placemaker.standard.reading import Read

    columns = sheet_to_csv(tmp_path / "colours.xlsx", Read(colour_column="COLOUR"), tmp_path / "out.csv")
    written = [line.split(",")[1].strip('"') for line in (tmp_path / "out.csv").read_text().splitlines()]
    assert columns == ("A", "COLOUR")
    assert written == ["00B050", "4F81BD", "95B3D7", "FF0000", ""]


def test_a_sheet_that_is_not_there_names_those_that_are(check):
    mapping = {"source": "x", "read": {"sheet": "Damp"}, "tables": {"tenancy": {"fields": {"tenancy_ref": "A"}}}}
    with pytest.raises(Refusal, match="It has: Sheet"):
        check(lambda sheet: sheet.append(["A"]), mapping)


def test_a_sheet_with_headers_only_is_refused(check):
    with pytest.raises(Refusal, match="headers and no rows"):
        check(lambda sheet: sheet.append(HEADER))


def test_an_empty_sheet_is_refused(check):
    with pytest.raises(Refusal, match="no headers"):
        check(lambda sheet: None)
