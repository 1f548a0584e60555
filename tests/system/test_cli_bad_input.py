"""Bad input: one plain message that names the file, exit code 2 or findings, and the lake as it was."""

import json
import zipfile

import pytest

from placemaker.cli.app import run
from placemaker.lake import Workspace

HEADER = "home_ref,unit_kind,status,patch\n"
ROW = "H{},home,in_management,Larkrise\n"
GOOD = HEADER + "".join(ROW.format(n) for n in range(10))


@pytest.fixture
def workspace(tmp_path):
    """A workspace with ten homes in it."""
    folder = tmp_path / "ours"
    Workspace.create(folder, organisation="OURS", name="Our Homes")
    (tmp_path / "good.csv").write_text(GOOD)
    assert load(tmp_path / "good.csv", folder) == 0
    return folder


def load(file, workspace):
    return run(["load", str(file), "--as", "home", "--workspace", str(workspace), "--full", "--source", "homes"])


def empty(file):
    file.write_bytes(b"")


def headers_only(file):
    file.write_text(HEADER)


def excel_saved_as_csv(file):
    from openpyxl import Workbook

    book = Workbook()
    book.active.append(HEADER.strip().split(","))
    book.save(file)


def utf_16(file):
    file.write_bytes(GOOD.encode("utf-16"))


def windows_1252(file):
    file.write_bytes(GOOD.replace("Larkrise", "Café").encode("cp1252"))


def an_unclosed_quote(file):
    file.write_text(GOOD.replace("H3,home", 'H3,"home'))


def a_cell_of_100_mb(file):
    file.write_text(HEADER + "H0,home,in_management," + "x" * 100_000_000 + "\n")


def duplicated_headers(file):
    file.write_text(GOOD.replace("patch", "status", 1))


def a_zip_bomb(file):
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("[Content_Types].xml", "<Types/>")
        bomb.writestr("xl/workbook.xml", "<workbook/>")
        bomb.writestr("xl/worksheets/sheet1.xml", b"0" * 600_000_000)


def bytes_that_are_no_text(file):
    file.write_bytes(bytes(range(256)) * 40)


REFUSED = {
    empty: "homes.csv",
    excel_saved_as_csv: "homes.csv",
    utf_16: "homes.csv",
    windows_1252: "homes.csv",
    an_unclosed_quote: "homes.csv",
    a_cell_of_100_mb: "homes.csv",
    duplicated_headers: "homes.csv",
    a_zip_bomb: "homes.xlsx",
    bytes_that_are_no_text: "homes.csv",
}


@pytest.mark.parametrize("make", REFUSED, ids=lambda make: make.__name__)
def test_a_file_that_cannot_be_read_is_one_plain_message(tmp_path, workspace, capsys, make):
    file = tmp_path / REFUSED[make]
    make(file)
    capsys.readouterr()
    for command in (["check", str(file), "--as", "home"], None):
        code = run(command) if command else load(file, workspace)
        said = capsys.readouterr()
        assert code == 2, said.out
        assert file.name in said.err
        assert "mistake in Placemaker" not in said.err
        assert len(said.err.strip().split("\n")) == 1, "one message"
        assert len(said.err) < 600, "short, with no cell of the file in it"
        assert said.out == ""
    ours = Workspace.open(workspace)
    assert ours.snapshot() == 1
    with ours.read() as con:
        assert con.execute("select count(*), count(distinct home_ref) from home").fetchone() == (10, 10)


def check_json(file, capsys):
    capsys.readouterr()
    code = run(["check", str(file), "--as", "home", "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_a_file_of_headers_only_is_told_and_takes_nothing_away(tmp_path, workspace, capsys):
    headers_only(tmp_path / "homes.csv")
    code = load(tmp_path / "homes.csv", workspace)
    err = capsys.readouterr().err
    assert code == 2 and "homes.csv" in err or "take away 10 of 10" in err
    with Workspace.open(workspace).read() as con:
        assert con.execute("select count(*) from home").fetchone() == (10,)


def test_a_byte_order_mark_is_no_part_of_the_first_header(tmp_path, capsys):
    file = tmp_path / "homes.csv"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    code, plain = check_json(file, capsys)
    assert code == 0 and plain["rows_in"] == 10


def test_a_ragged_row_is_held_back_and_the_others_are_not(tmp_path, capsys):
    file = tmp_path / "homes.csv"
    file.write_text(GOOD + "H10,home\n" + ROW.format(11))
    code, plain = check_json(file, capsys)
    rejects = [one for one in plain["findings"] if one["severity"] == "reject"]
    assert code == 1 and plain["rows_in"] == 12
    assert [one["row"] for one in rejects] == [11] and plain["rows_held_back"] == 1


def test_a_missing_column_is_an_error_and_never_silence(tmp_path, capsys):
    file = tmp_path / "homes.csv"
    file.write_text("home_ref,patch\nH1,Larkrise\n")
    code, plain = check_json(file, capsys)
    assert code == 1
    assert {"home.status.column", "home.unit_kind.column"} <= {
        one["rule"] for one in plain["findings"] if one["severity"] == "error"
    }


def test_200_unknown_columns_are_told_once(tmp_path, capsys):
    file = tmp_path / "homes.csv"
    extra = ",".join(f"x{n}" for n in range(200))
    file.write_text(HEADER.strip() + "," + extra + "\n" + ROW.format(1).strip() + "," * 200 + "\n")
    code, plain = check_json(file, capsys)
    told = [one for one in plain["findings"] if one["field"] == "" and "200 columns" in one["message"]]
    assert code == 0 and len(told) == 1


@pytest.mark.parametrize("name", ["nothing.csv", "."])
def test_a_file_that_is_not_there_is_said_so(tmp_path, capsys, name):
    assert run(["check", str(tmp_path / name), "--as", "home"]) == 2
    err = capsys.readouterr().err
    assert "mistake in Placemaker" not in err and len(err.strip().split("\n")) == 1


def test_an_unknown_table_offers_the_nearest(tmp_path, capsys):
    (tmp_path / "good.csv").write_text(GOOD)
    assert run(["check", str(tmp_path / "good.csv"), "--as", "tenency"]) == 2
    assert "tenancy" in capsys.readouterr().err


def test_a_mapping_that_is_no_yaml_names_its_line(tmp_path, capsys):
    (tmp_path / "good.csv").write_text(GOOD)
    (tmp_path / "m.yaml").write_text("source: homes\ntables: [}\n")
    assert run(["check", str(tmp_path / "good.csv"), "--mapping", str(tmp_path / "m.yaml")]) == 2
    err = capsys.readouterr().err
    assert "m.yaml" in err and "2" in err


def test_a_workspace_that_is_not_there_is_said_so(tmp_path, capsys):
    assert run(["loads", "--workspace", str(tmp_path)]) == 2
    assert "placemaker init" in capsys.readouterr().err


def test_a_condition_reads_the_row_and_nothing_else(tmp_path, workspace, capsys):
    def show(where):
        capsys.readouterr()
        code = run(["show", "home", "-w", str(workspace), "--where", where])
        return code, capsys.readouterr()

    assert show("patch = 'Larkrise' and home_ref <> 'H1'")[1].out.endswith("9 rows.\n")
    for where in (
        "home_ref in (select file from load)",
        "read_text('good.csv') <> ''",
        "1=1; drop table home",
        "no_such_column = 1",
        "patch + 1 > 2",
        "((",
    ):
        code, said = show(where)
        assert code == 2 and "mistake in Placemaker" not in said.err, where
        assert "Larkrise" not in said.err
