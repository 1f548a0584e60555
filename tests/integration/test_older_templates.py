"""Templates of other years, and what is no template at all, are refused in words that say so."""

import pytest

from placemaker.cli.app import run

OLDER = ("", "_empty_with_headers", "_invalid")


@pytest.mark.parametrize("name", OLDER)
def test_a_template_of_2023_is_refused_by_its_edition_and_its_fields(shared_data, capsys, name):
    file = shared_data / "core" / f"2023_24_lettings_bulk_upload{name}.csv"
    assert run(["check", str(file), "--pack", "core-2026"]) == 2
    said = capsys.readouterr().err
    assert "look like the lettings log 2023/24" in said and "has no field 135, 136" in said
    assert "Use the template of core-2026" in said


def test_a_workbook_by_a_wrong_name_is_refused(shared_data, capsys):
    assert run(["check", str(shared_data / "core" / "excel_as_csv.csv"), "--pack", "core-2026"]) == 2
    assert "is an Excel workbook, though its name ends in .csv" in capsys.readouterr().err
