"""Files that are not what they should be: one plain message with file, line and what to do, and the lake as it was."""

import zipfile
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from placemaker import standard
from placemaker.lake import Refusal, Workspace

HEADER = "tenancy_ref,home_ref,tenancy_type,start_date"
GOOD = f"{HEADER}\nT1,H1,assured,2024-01-01\nT2,H2,secure,2024-02-01\n"
TODAY = date(2026, 4, 1)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory) -> Workspace:
    made = Workspace.create(tmp_path_factory.mktemp("landlord") / "w", organisation="HH", name="Hollowbrook Homes")
    file = tmp_path_factory.mktemp("exports") / "tenancies.csv"
    file.write_text(GOOD)
    standard.load(made, file, "tenancy", who="test", today=TODAY).check.close()
    return made


@pytest.fixture
def refused(workspace, tmp_path):
    """A file of these bytes is refused, with all of these words, and nothing is loaded."""

    def refuse(content: bytes | Path, *words: str, name: str = "export.csv", mapping="tenancy") -> str:
        file = content if isinstance(content, Path) else tmp_path / name
        if not isinstance(content, Path):
            file.write_bytes(content)
        with pytest.raises(Refusal) as found:
            standard.load(workspace, file, mapping, who="test", today=TODAY)
        message = str(found.value)
        for word in (file.name, *words):
            assert word in message, message
        assert "duckdb" not in message.lower() and "Error" not in message
        assert found.value.next, "it says what to do"
        assert workspace.snapshot() == 1
        return message

    return refuse


@pytest.fixture
def checked(tmp_path):
    """The check of a file of these bytes, and its findings as (row, rule)."""

    def check(content: bytes, name: str = "export.csv", mapping="tenancy"):
        file = tmp_path / name
        file.write_bytes(content)
        with standard.check(file, mapping, today=TODAY) as found:
            findings = [(one.row, one.rule) for one in found.findings if one.severity in ("reject", "error")]
            loaded = found.con.execute(found.tables["tenancy"].rows() + " order by _row").fetchall()
            counts = found.rows_in, len(loaded), found.rows_held_back, found.rows_elsewhere
            assert counts[0] == sum(counts[1:])
            return counts[:3], findings, loaded

    return check


# --- files that are refused -------------------------------------------------------------------------------------------


def test_a_file_that_is_not_there(refused, tmp_path):
    refused(tmp_path / "none.csv", "no such file")


def test_an_empty_file(refused):
    refused(b"", "empty")


def test_a_file_of_blank_lines(refused):
    refused(b"\n\r\n  \n", "blank lines")


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n\r\n"])
def test_headers_only(refused, end):
    refused(HEADER.encode() + end, "headers and no rows")


def test_an_excel_workbook_saved_under_the_name_csv(refused, tmp_path):
    openpyxl.Workbook().save(tmp_path / "book.xlsx")
    refused((tmp_path / "book.xlsx").read_bytes(), "Excel workbook", ".xlsx")


def test_an_old_excel_workbook(refused):
    refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel", name="export.xls")


def test_text_under_the_name_xlsx(refused):
    refused(GOOD.encode(), "not an Excel workbook", ".csv", name="export.xlsx")


def test_a_damaged_workbook(refused):
    refused(b"PK\x03\x04 and no more", "damaged", name="export.xlsx")


def test_a_zip_that_is_no_workbook(refused, tmp_path):
    with zipfile.ZipFile(tmp_path / "letters.xlsx", "w") as packed:
        packed.writestr("letter.txt", "Dear Sir")
    refused(tmp_path / "letters.xlsx", "damaged")


def test_a_zip_bomb_named_xlsx(refused, tmp_path):
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", bytes(100_000_000))
    refused(tmp_path / "bomb.xlsx", "unpacks to 100 MB")


def test_a_damaged_parquet_file(refused):
    refused(b"PAR1" + bytes(100), "Parquet", "damaged", name="export.parquet")


def test_a_compressed_file(refused):
    refused(b"\x1f\x8b\x08" + bytes(20), "compressed", name="export.csv.gz")


def test_windows_1252_read_as_utf_8_names_the_line(refused):
    refused(GOOD.encode() + "T3,Café,assured,2024-01-01\n".encode("cp1252"), "line 4", "Windows-1252", "0xE9")


def test_windows_1252_in_the_headers(refused):
    refused("réf,home_ref\n1,2\n".encode("cp1252"), "line 1", "Windows-1252")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_with_and_without_bom(refused, encoding):
    refused(GOOD.encode(encoding), "UTF-16", "encoding: utf-16")


def test_a_nul_byte(refused):
    refused(GOOD.encode() + b"T3,H\x003,assured,2024-01-01\n", "line 4", "NUL")


def test_a_quote_mark_that_is_never_closed(refused):
    refused(GOOD.encode() + b'T3,"H3,assured,2024-01-01\nT4,H4,assured,2024-01-01\n', "line 4", "quote mark")


def test_a_quote_mark_that_is_never_closed_in_a_long_file(refused):
    rows = b"".join(b"T%d,H,assured,2024-01-01\n" % n for n in range(100_000))
    refused(HEADER.encode() + b'\nT,"H\nH"",assured,2024-01-01\n' + rows, "line 2", "quote mark")


def test_a_quote_mark_that_is_never_closed_in_the_headers(refused):
    refused(b'tenancy_ref,"home_ref\nT1,H1\n', "quote mark")


def test_a_cell_of_100_mb(refused):
    refused(GOOD.encode() + b"T3," + b"x" * 100_000_000 + b",assured,2024-01-01\n", "line 4", "1,000,000 characters")


def test_a_quoted_cell_of_many_lines_and_100_mb(refused):
    refused(GOOD.encode() + b'T3,"' + b"x\n" * 50_000_000 + b'",assured,2024-01-01\n', "line 4")


def test_a_header_line_of_100_mb(refused):
    refused(b"x" * 100_000_000, "line 1", "1,000,000 characters")


def test_duplicated_headers(refused):
    refused(b"tenancy_ref,home_ref,Tenancy_Ref\nT1,H1,T1\n", "'Tenancy_Ref'", "columns 1 and 3", "line 1")


def test_the_key_column_is_missing(refused):
    refused(b"tenancy_rf,home_ref\nT1,H1\n", "no column 'tenancy_ref'", "Did you mean tenancy_rf?")


def test_the_period_of_the_load_is_not_the_files(refused, workspace, tmp_path):
    (tmp_path / "week.csv").write_text(GOOD)
    with pytest.raises(Refusal, match="2 rows of tenancy lie outside the period"):
        standard.load(workspace, tmp_path / "week.csv", "tenancy", who="test", kind="period", period="2026-W14")
    assert workspace.snapshot() == 1


# --- files that are read, with findings where something is wrong ------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"\xef\xbb\xbf" + GOOD.encode(), id="a BOM"),
        pytest.param(GOOD.replace("\n", "\r\n").encode(), id="Windows line ends"),
        pytest.param(GOOD.replace("\n", "\r").encode(), id="old Mac line ends"),
        pytest.param(GOOD.replace("\n", "\r\n", 1).encode(), id="mixed line ends, Windows first"),
        pytest.param(GOOD.replace("01-01\n", "01-01\r\n").encode(), id="mixed line ends, Windows later"),
        pytest.param(GOOD.replace("01-01\n", "01-01\r").encode(), id="mixed line ends, old Mac later"),
        pytest.param(GOOD.rstrip("\n").encode(), id="no line end at the end"),
        pytest.param(GOOD.replace(",", ";").encode(), id="semicolons"),
        pytest.param(GOOD.replace(",", "\t").encode(), id="tabs"),
        pytest.param(GOOD.replace(",", "|").encode(), id="bars"),
        pytest.param(GOOD.replace("\n", "\n\n").encode(), id="blank lines"),
        pytest.param(b"\n\n" + GOOD.encode(), id="blank lines before the headers"),
        pytest.param(GOOD.replace("assured", '"assured"').encode(), id="quoted cells"),
        pytest.param(GOOD.replace("assured", "  assured\u00a0").encode(), id="blanks at the ends"),
        pytest.param(
            GOOD.replace("\n", ",,\n").replace("date,,", "date").encode(), id="empty cells beyond the headers"
        ),
        pytest.param(GOOD.upper().replace("ASSURED", "assured").replace("SECURE", "secure").encode(), id="capitals"),
    ],
)
def test_a_file_that_is_only_unusual_is_read_as_it_is_meant(checked, content):
    counts, findings, loaded = checked(content)
    assert (counts, findings) == ((2, 2, 0), [])
    assert loaded == [
        ("T1", "H1", "assured", date(2024, 1, 1), 1),
        ("T2", "H2", "secure", date(2024, 2, 1), 2),
    ]


@pytest.mark.parametrize("encoding", ["windows-1252", "utf-16"])
def test_a_declared_encoding_is_read(checked, encoding):
    content = GOOD.replace("H1", "Café").encode({"windows-1252": "cp1252"}.get(encoding, encoding))
    fields = {name: name for name in HEADER.split(",")}
    mapping = {"source": "x", "read": {"encoding": encoding}, "tables": {"tenancy": {"fields": fields}}}
    assert checked(content, mapping=mapping)[2][0][1] == "Café"


def test_ragged_rows_are_held_back_and_all_others_keep_their_numbers(checked):
    counts, findings, loaded = checked(
        GOOD.encode() + b"T3,H3\nT4,H4,assured,2024-01-01\nT5,H5,assured,2024-01-01,x\n\nT6,H6,assured,2024-06-31\n"
    )
    assert counts == (6, 4, 2)
    assert findings == [(3, "tenancy.row"), (5, "tenancy.row"), (6, "tenancy.start_date.type")]
    assert [(row[0], row[-1]) for row in loaded] == [("T1", 1), ("T2", 2), ("T4", 4), ("T6", 6)]


def test_a_ragged_row_says_how_many_cells_it_has(tmp_path):
    file = tmp_path / "ragged.csv"
    file.write_text(GOOD + "T3,H3\n")
    with standard.check(file, "tenancy", today=TODAY) as found:
        (finding,) = [one for one in found.findings if one.severity == "reject"]
    assert (finding.row, finding.key, finding.value) == (3, "T3", '["T3", "H3"]')
    assert finding.message == "The row has 2 cells, the header has 4."


def test_a_quote_mark_that_is_not_doubled_holds_back_its_row_alone(checked):
    counts, findings, _ = checked(
        GOOD.encode() + b'T3,"The "Old" House",assured,2024-01-01\nT4,"The ""Old"" House",assured,2024-01-01\n'
    )
    assert (counts, findings) == ((4, 3, 1), [(3, "tenancy.row")])


def test_a_quoted_cell_may_hold_line_ends_and_delimiters(checked):
    counts, findings, loaded = checked(GOOD.encode() + b'T3,"House, 3\nOld Street",assured,2024-01-01\nT4,H4,x,y,z\n')
    assert (counts, findings) == ((4, 3, 1), [(4, "tenancy.row")])
    assert loaded[2][1] == "House, 3\nOld Street"


def test_a_missing_column_is_one_finding(checked):
    _, findings, _ = checked(b"tenancy_ref,home_ref,tenancy_type\nT1,H1,assured\nT2,H2,secure\n")
    assert findings == [(None, "tenancy.start_date.column")]


def test_200_unknown_columns_are_one_note(tmp_path):
    extra = [f"x{n}" for n in range(200)]
    file = tmp_path / "wide.csv"
    file.write_text(f"{HEADER},{','.join(extra)}\nT1,H1,assured,2024-01-01{',1' * 200}\n")
    with standard.check(file, "tenancy", today=TODAY) as found:
        (finding,) = [one for one in found.findings if one.rule == "tenancy.columns"]
        assert found.clean
    assert finding.severity == "note"
    assert "200 columns" in finding.message and "x9 and others" in finding.message
    assert finding.value.split(", ") == extra


def test_rows_that_hold_nothing_are_held_back_for_want_of_a_key(checked):
    counts, findings, _ = checked(GOOD.encode() + b",,,\n")
    assert counts == (3, 2, 1)
    assert (3, "tenancy.tenancy_ref.required") in findings
