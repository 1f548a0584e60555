"""Packs on the command line: the forms there are, and a file checked by one."""

import json

import pytest
from pack_example import NUMBERS, write_csv, write_pack

from placemaker.cli.app import run


def test_the_forms_are_listed_with_their_dates_and_what_they_are_told(capsys):
    assert run(["forms"]) == 0
    said = capsys.readouterr().out
    assert "core-2026: MHCLG lettings log 2026/27\n  for 2026-04-01 to 2027-03-31, in England\n" in said
    assert "--given provider=...: " in said
    assert run(["forms", "--json"]) == 0
    forms = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert forms["core-2026"]["parameters"][0]["values"] == ["LA", "PRP"]


def test_the_forms_for_a_day_are_those_whose_packs_are_for_it(capsys):
    assert run(["forms", "--on", "2023-06-01"]) == 0
    said = capsys.readouterr().out
    assert "tsm-2023" in said and "tsm-2024" not in said and "core-2026" not in said


def test_a_file_is_checked_by_a_pack_and_its_fields_are_named_by_number(tmp_path, capsys):
    folder, file = write_pack(tmp_path), write_csv(tmp_path / "f.csv", NUMBERS, ["", "A", 4, 95, 1])
    assert run(["check", str(file), "--pack", str(folder)]) == 0
    assert "row 1, A, field 2: There are 4 bedrooms." in capsys.readouterr().out
    assert run(["check", str(file), "--pack", str(folder), "--given", "provider=PRP", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [(one["field"], one["rule"]) for one in found] == [("2", "beds-few")]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (["--given", "provider"], "is not NAME=VALUE"),
        (["--given", "provider=X"], "provider cannot be 'X'"),
        (["--as", "flats"], "There is no table 'flats'. Did you mean flat_log"),
    ],
)
def test_what_a_pack_is_told_must_fit_it(tmp_path, capsys, told, said):
    folder, file = write_pack(tmp_path), write_csv(tmp_path / "f.csv", NUMBERS, ["", "A", 4, 95, 1])
    assert run(["check", str(file), "--pack", str(folder), *told]) == 2
    assert said in capsys.readouterr().err


def test_parameters_without_a_pack_are_refused(tmp_path, capsys):
    file = write_csv(tmp_path / "f.csv", ["home_ref"], ["H1"])
    assert run(["check", str(file), "--as", "home", "--given", "provider=LA"]) == 2
    assert "no pack is named" in capsys.readouterr().err
