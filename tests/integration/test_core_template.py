"""The official template of the lettings log 2026/27, read as it was published."""

import csv
from datetime import date

import pytest

from placemaker.standard.check import check
from placemaker.standard.packs import pack

TODAY = date(2026, 10, 1)


@pytest.fixture
def template(shared_data):
    file = shared_data / "core" / "2026_27_lettings_bulk_upload.csv"
    if not file.is_file():
        pytest.skip("the official template is not in the shared data")
    return file


def test_the_example_row_has_one_error_the_nationality(template):
    with check(template, pack="core-2026", today=TODAY) as found:
        (one,) = found.findings
    assert (one.row, one.field, one.severity, one.value) == (1, "46", "error", "GBR")


def test_the_columns_may_be_in_any_order(template, tmp_path):
    with template.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.reader(opened))
    turned = tmp_path / "turned.csv"
    with turned.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows([row[0], *reversed(row[1:])] for row in rows)
    with check(turned, pack="core-2026", today=TODAY) as found:
        assert [(one.row, one.field) for one in found.findings] == [(1, "46")]


def test_the_pack_has_the_template_s_fields_in_its_order(template):
    with template.open(encoding="utf-8-sig", newline="") as opened:
        (numbers,) = (row[1:] for row in csv.reader(opened) if row[0] == "Field number")
    assert [field.number for field in pack("core-2026").table("lettings_log").fields] == numbers


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("4", "1 - 2"),
        ("16", "5 - 6, or 8 - 22"),
        ("17", "1 - 3 or 5 - 9"),
        ("35", "2 - 4, 7 - 8"),
        ("138", "1, 3, 6, 9 or 10"),
    ],
)
def test_a_code_list_has_the_values_that_the_template_tells(template, number, told):
    with template.open(encoding="utf-8-sig", newline="") as opened:
        rows = {row[0]: row for row in csv.reader(opened)}
    assert rows["Values"][int(number)].strip() == told
    of = pack("core-2026")
    (field,) = (field for field in of.table("lettings_log").fields if field.number == number)
    assert sorted(map(int, of.codelists[field.codelist].values)) == sorted(_numbers(told))


def _numbers(told):
    for part in told.replace("or", ",").split(","):
        if ends := part.split("-") if part.strip() else []:
            yield from range(int(ends[0]), int(ends[-1]) + 1)
