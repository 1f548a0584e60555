"""Files that are checked together find their parents, and the rows that rules need, in one another."""

from datetime import date

import pytest

from placemaker import standard
from placemaker.lake import Refusal

TODAY = date(2026, 4, 1)
HOMES = "home_ref,unit_kind,status\nH1,home,in_management\nH2,garage,in_management\n"
TENANCIES = (
    "tenancy_ref,home_ref,tenancy_type,start_date,end_date\nT1,H1,secure,2020-01-06,\nT2,H2,secure,2020-01-06,\n"
    "T3,H9,secure,2020-01-06,\n"
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "home.csv").write_text(HOMES)
    (tmp_path / "tenancy.csv").write_text(TENANCIES)
    (tmp_path / "notes.txt").write_text("not a table")
    return tmp_path


def found(checked):
    return {(one.file, one.row, one.rule) for one in checked.findings if one.severity != "note"}


def test_a_parent_in_another_file_is_found_and_one_that_is_nowhere_is_not(folder):
    with standard.check_together(folder, today=TODAY) as checked:
        assert set(checked.checks) == {"home", "tenancy"}
        assert checked.rows_in == 5
        broken = found(checked)
    assert ("tenancy.csv", 3, "tenancy.home_ref.parent") in broken
    assert not any(rule == "tenancy.home_ref.parent" and row != 3 for _, row, rule in broken)


def test_findings_are_never_written_over_a_file_that_was_checked(folder):
    with standard.check_together(folder, today=TODAY) as checked:
        with pytest.raises(Refusal, match="written over"):
            checked.write_findings(folder / "tenancy.csv")
        assert (folder / "tenancy.csv").read_text() == TENANCIES
        assert checked.write_findings(folder / "findings.csv").is_file()


def test_a_rule_across_tables_runs_over_both_files(folder):
    with standard.check_together(folder, today=TODAY) as checked:
        assert ("tenancy.csv", 2, "residential-tenancy-on-a-garage") in found(checked)
    with standard.check(folder / "tenancy.csv", "tenancy", today=TODAY) as alone:
        assert "residential-tenancy-on-a-garage" not in alone.count_by_rule()


def test_each_file_finds_what_it_finds_alone(folder):
    with standard.check_together(folder, today=TODAY) as checked:
        together = found(checked)
    for name in ("home", "tenancy"):
        with standard.check(folder / f"{name}.csv", name, today=TODAY) as alone:
            assert found(alone) <= together


def test_findings_come_file_by_file_and_rows_in_order(folder):
    with standard.check_together(folder, today=TODAY) as checked:
        places = [(one.file, one.row or 0) for one in checked.findings]
        assert places == sorted(places)
        assert checked.write_findings(folder / "found.csv").read_text().count("\n") == len(checked.findings) + 1


def test_files_may_be_named_by_table(folder):
    (folder / "tenancy.csv").rename(folder / "Tenancies June.csv")
    files = {"home": folder / "home.csv", "tenancy": folder / "Tenancies June.csv"}
    with standard.check_together(files, today=TODAY) as checked:
        assert ("Tenancies June.csv", 3, "tenancy.home_ref.parent") in found(checked)


def test_two_files_of_one_table_are_refused(folder):
    (folder / "home.parquet").write_bytes(b"PAR1")
    with pytest.raises(Refusal, match=r"Two files are for home.*Leave one of them"):
        standard.check_together(folder)


def test_a_folder_without_tables_is_refused(tmp_path):
    with pytest.raises(Refusal, match="no file that is named as a table"):
        standard.check_together(tmp_path)
    with pytest.raises(Refusal, match="no such folder"):
        standard.check_together(tmp_path / "nowhere")
