"""Headers under a title or under Excel's sep= line: the row is named, and never taken in silence."""

import openpyxl
import pytest

from placemaker import standard
from placemaker.lake import Refusal

TITLE = "Tenancies of June\nPrinted 1/6/2026\n"
TENANCY = "tenancy_ref,home_ref,tenancy_type,start_date\nT1,H1,secure,2024-01-01\n"


def refused(file, mapping="tenancy"):
    with pytest.raises(Refusal) as refusal:
        standard.check(file, mapping).close()
    return str(refusal.value)


def test_a_csv_with_title_lines_is_pointed_to_its_header_row(tmp_path):
    file = tmp_path / "june.csv"
    file.write_text(TITLE + TENANCY, encoding="utf-8")
    said = refused(file)
    assert "The headers seem to be on row 3: write `header_row: 3` under `read:`" in said
    assert "placemaker map june.csv --as tenancy" in said


def test_a_line_for_excel_alone_is_pointed_past_with_its_delimiter(tmp_path):
    file = tmp_path / "june.csv"
    file.write_text("sep=;\r\n" + TENANCY.replace(",", ";"), encoding="utf-8")
    assert "`header_row: 2` and `delimiter: ';'`" in refused(file)


def test_a_sheet_with_title_rows_is_pointed_to_its_header_row(tmp_path):
    book = openpyxl.Workbook()
    for row in (["Tenancies"], [], *(line.split(",") for line in TENANCY.splitlines())):
        book.active.append(row)
    book.save(tmp_path / "june.xlsx")
    assert "The headers seem to be on row 3" in refused(tmp_path / "june.xlsx")


def test_a_mapping_s_own_columns_are_what_is_looked_for(tmp_path):
    file = tmp_path / "june.csv"
    file.write_text(TITLE + "Ref;Type\nT1;secure\n", encoding="utf-8")
    fields = {"tenancy_ref": "Ref", "tenancy_type": "Type"}
    said = refused(file, {"source": "x", "tables": {"tenancy": {"fields": fields}}})
    assert "on row 3" in said and "placemaker map" not in said


def test_a_file_of_other_columns_is_not_pointed_anywhere(tmp_path):
    file = tmp_path / "june.csv"
    file.write_text("a,b\nc,tenancy_ref\nd,e\n", encoding="utf-8")
    assert "seem to be" not in refused(file)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (TENANCY, {}),
        (TITLE + TENANCY, {"header_row": 3}),
        ("sep=;\n" + TENANCY.replace(",", ";"), {"header_row": 2, "delimiter": ";"}),
    ],
)
def test_a_suggested_mapping_says_where_the_headers_are_and_reads_the_file(tmp_path, text, read):
    file = tmp_path / "june.csv"
    file.write_text(text, encoding="utf-8")
    mapping = standard.suggest(file, "tenancy")
    assert mapping.get("read", {}) == read
    with standard.check(file, mapping) as found:
        assert found.rows_in == 1 and found.clean
