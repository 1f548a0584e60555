"""Packs: read from dated folders, and a form's file checked by one."""

import csv
from datetime import date
from pathlib import Path

import pytest

from placemaker.lake import Refusal
from placemaker.standard import check, pack

PACK = """
form: flat
edition: "{edition}"
title: The flat log {edition}
start: {edition}-04-01
parameters:
  provider: {{title: Kind of landlord, values: [LA, PRP], default: LA}}
shown_key: ref
older: {{"3": the flat log of before}}
"""
TABLE = """
name: flat_log
title: Flats
schema:
  fields:
  - {name: ref, number: "1", type: string, title: Reference}
  - {name: beds, number: "2", type: integer, title: Bedrooms, constraints: {minimum: 0}}
  - {name: rent, number: "3", type: number, title: Rent}
  - {name: period, number: "4", type: integer, title: Rent period, codelist: period}
"""
DERIVED = """
- {name: weeks, type: integer, value: case period when 1 then 1 when 2 then 2 end}
- {name: weekly, type: number, value: "rent / nullif(weeks, 0)"}
- lookup: limits
  on: {beds: 'least(beds, 2)', provider: provider}
  gives: {most: number}
- {name: share, type: number, value: "weekly / nullif(most, 0)"}
"""
RULES = """
- id: rent-needs-period
  expect: rent is null or raw_period is not null
  fields: [rent, period]
  severity: error
  message: A rent of {rent} needs its period.
  dimension: completeness
- id: rent-over-limit
  expect: weekly <= most
  fields: [rent, beds]
  stage: 2
  severity: query
  message: A weekly {weekly} is more than {most} for a {provider} of {beds} bedrooms.
  dimension: accuracy
- id: beds-few
  expect: beds <= 3
  field: beds
  severity: query
  message: There are {beds} bedrooms.
  dimension: accuracy
"""
LIMITS = "beds,provider,most\n1,LA,100\n2,LA,150.50\n1,PRP,90\n2,PRP,120\n"
PERIODS = "code,label,parent,start,end,source\n1,Weekly,,,,\n2,Fortnightly,,,,\n"


def write_pack(root: Path, edition: str = "2026", **files: str) -> Path:
    """A made-up pack of two files at least: the folder of the edition."""
    folder = root / "packs" / "flat" / edition
    files = {
        "pack.yaml": PACK.format(edition=edition),
        "tables/flat_log.yaml": TABLE,
        "derived/flat_log.yaml": DERIVED,
        "rules/rent.yaml": RULES,
        "lookups/limits.csv": LIMITS,
        "codelists/period.csv": PERIODS,
    } | files
    for name, text in files.items():
        if text:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return folder


def write_csv(path: Path, *rows: list) -> Path:
    with path.open("w", newline="", encoding="utf-8") as opened:
        csv.writer(opened).writerows(rows)
    return path


NUMBERS = ["Field number", "1", "2", "3", "4"]


def findings(file: Path, folder: Path, **told) -> list[tuple]:
    with check(file, pack=folder, **told) as found:
        return [(one.row, one.key, one.field, one.value, one.rule, one.severity) for one in found.findings]


def test_a_rule_on_derived_values_gives_one_finding_for_each_of_its_fields(tmp_path):
    folder = write_pack(tmp_path)
    file = write_csv(tmp_path / "f.csv", NUMBERS, ["", "A", 1, "90", 1], ["", "B", 1, 300, 2], ["", "C", 5, 150.5, 1])
    assert findings(file, folder) == [
        (2, "B", "2", "1", "rent-over-limit", "query"),
        (2, "B", "3", "300", "rent-over-limit", "query"),
        (3, "C", "2", "5", "beds-few", "query"),
    ]
    with check(file, pack=folder, given={"provider": "PRP"}) as found:
        said = [one.message for one in found.findings if one.field == "3"]
        assert said == [
            "A weekly 150 is more than 90 for a PRP of 1 bedrooms.",
            "A weekly 150.5 is more than 120 for a PRP of 5 bedrooms.",
        ]
        derived = found.con.sql(
            f"select ref, weekly, most, raw_period from {found.tables['flat_log'].derived} order by _row"
        )
        assert [(*map(str, row),) for row in derived.fetchall()][1] == ("B", "150.0000", "90.0000", "2")


def test_a_later_stage_is_silent_on_a_field_that_an_earlier_one_flagged(tmp_path):
    file = write_csv(tmp_path / "f.csv", NUMBERS, ["", "A", 4, 500, 1])
    found = [(field, rule) for _, _, field, _, rule, _ in findings(file, write_pack(tmp_path))]
    assert found == [("2", "beds-few"), ("3", "rent-over-limit")]


def test_the_text_of_a_cell_that_cannot_be_read_is_there_and_its_value_is_not(tmp_path):
    file = write_csv(tmp_path / "f.csv", NUMBERS, ["", "A", 1, 10, "x"], ["", "B", 1, 10, ""], ["", "C", "one", 10, 1])
    assert findings(file, write_pack(tmp_path)) == [
        (1, "A", "4", "x", "flat_log.period.code", "error"),
        (2, "B", "3", "10", "rent-needs-period", "error"),
        (2, "B", "4", None, "rent-needs-period", "error"),
        (3, "C", "2", "one", "flat_log.beds.type", "error"),
    ]


@pytest.mark.parametrize("label", [True, False])
def test_columns_may_be_in_any_order_below_a_block_of_notes(tmp_path, label):
    before = [["Section", "Rent", "", "", ""], ["Question", "What is\nthe rent?", 'How "often"?', "", ""], []]
    rows = [NUMBERS[:1] + ["4", "3", "1", "2"], ["", 1, 101, "A", 1], ["", "", " ", "", ""], ["", 1, 99, "B", 1]]
    rows = [row[0 if label else 1 :] for row in before + rows]
    found = findings(write_csv(tmp_path / "f.csv", *rows), write_pack(tmp_path))
    assert found == [
        (1, "A", "2", "1", "rent-over-limit", "query"),
        (1, "A", "3", "101", "rent-over-limit", "query"),
    ]


def test_blank_rows_are_no_records_and_the_others_keep_their_numbers(tmp_path):
    folder = write_pack(tmp_path)
    file = write_csv(tmp_path / "f.csv", NUMBERS, ["", "A", 1, 1, 1], ["", "", "", "", ""], ["", "B", 9, 1, 1])
    with check(file, pack=folder) as found:
        assert (found.rows_in, found.rows_held_back, [one.row for one in found.findings]) == (2, 0, [3])
    with pytest.raises(Refusal, match="headers and no rows"):
        check(write_csv(tmp_path / "g.csv", NUMBERS, ["", "", "", "", ""]), pack=folder)


@pytest.mark.parametrize("head", [[["REF", "rent", "period", "beds"]], []])
def test_headers_may_be_the_field_names_or_not_there_at_all(tmp_path, head):
    row = ["A", 101, 1, 1] if head else ["A", 1, 101, 1]
    found = findings(write_csv(tmp_path / "f.csv", *head, row), write_pack(tmp_path))
    assert [(row, field) for row, _, field, *_ in found] == [(1, "2"), (1, "3")]


def test_a_file_of_another_edition_is_refused_in_plain_words(tmp_path):
    folder = write_pack(tmp_path)
    with pytest.raises(Refusal, match="look like the flat log of before: it has no field 4"):
        check(write_csv(tmp_path / "f.csv", NUMBERS[:4], ["", "A", 1, 1]), pack=folder)
    with pytest.raises(Refusal, match=r"f.csv, line 1.*has a field 5, which the form does not know"):
        check(write_csv(tmp_path / "f.csv", [*NUMBERS, "5"], ["", "A", 1, 1, 1, 1]), pack=folder)
    with pytest.raises(Refusal, match="no row of field numbers, and its first record has 2 cells"):
        check(write_csv(tmp_path / "f.csv", ["A", "1"]), pack=folder)


def test_an_excel_workbook_of_the_form_is_read_as_its_csv_is(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for row in (["Section", "Rent"], NUMBERS, ["", "A", 1, 101, 1]):
        book.active.append(row)
    book.save(tmp_path / "f.xlsx")
    found = findings(tmp_path / "f.xlsx", write_pack(tmp_path))
    assert [(row, field) for row, _, field, *_ in found] == [(1, "2"), (1, "3")]


def test_a_pack_holds_only_what_differs_from_the_one_it_follows(tmp_path):
    write_pack(tmp_path)
    later = write_pack(
        tmp_path,
        "2027",
        **{
            "pack.yaml": PACK.format(edition="2027") + "follows: flat-2026\nwithdrawn: {rules: [beds-few]}\n",
            "tables/flat_log.yaml": "",
            "derived/flat_log.yaml": "- {name: weekly, type: number, value: rent * 2}\n",
            "rules/rent.yaml": RULES.split("- id: rent-over")[0].replace("error", "note"),
            "lookups/limits.csv": "",
            "codelists/period.csv": "",
        },
    )
    made = pack(later)
    assert made.name == "flat-2027" and list(made.rules) == ["rent-needs-period", "rent-over-limit"]
    assert made.rules["rent-needs-period"].severity == "note"
    file = write_csv(tmp_path / "f.csv", NUMBERS, ["", "A", 9, 76, 1])
    assert [(field, rule) for _, _, field, _, rule, _ in findings(file, later)] == [
        ("2", "rent-over-limit"),
        ("3", "rent-over-limit"),
    ]
    assert pack(tmp_path / "packs/flat/2026").head.end == date(2027, 3, 31)


def test_two_packs_of_one_form_for_one_day_are_refused(tmp_path):
    write_pack(tmp_path, **{"pack.yaml": PACK.format(edition="2026") + "end: 2027-04-01\n"})
    with pytest.raises(
        Refusal, match=r"2026/pack.yaml, line \d+ and .*2027/pack.yaml, line \d+: The packs flat-2026 and"
    ):
        pack(write_pack(tmp_path, "2027"))
