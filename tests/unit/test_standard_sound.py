"""A change to the standard in a folder of its own: it takes data files only, and what is wrong in them has a line."""

from datetime import date
from pathlib import Path

import pytest

from placemaker.cli.app import run
from placemaker.lake import Refusal
from placemaker.standard import check, codelist, read_mapping, table, tables
from placemaker.standard.codes import read_codelist
from placemaker.standard.schema import codelist_names, reading_from, table_names
from placemaker.standard.sound import faults

TODAY = date(2026, 4, 1)
TABLE = """\
name: allotment
title: Allotments
description: A plot that is let for growing.
schema:
  fields:
  - name: allotment_ref
    type: string
    title: Allotment
    description: The reference of the plot.
    example: A1
    constraints: {required: true, unique: true}
  - name: soil
    type: string
    title: Soil
    description: What the plot is made of.
    codelist: soil
    example: clay
  - name: size
    type: number
    title: Size
    description: How large it is.
    unit: m2
    example: 120
    constraints: {minimum: 0}
  - name: estate_ref
    type: string
    title: Estate
    description: The estate it belongs to.
  primaryKey: [allotment_ref]
  foreignKeys:
  - fields: [estate_ref]
    reference: {resource: estate, fields: [estate_ref]}
"""
CODES = """\
code,label,parent,start,end,source
heavy,Heavy soil,,2026-01-01,,Made up
clay,Clay,heavy,2026-01-01,,Made up
sand,Sand,,2026-01-01,2027-01-01,Made up
"""
RULES = """\
- id: allotment-is-small
  expect: size <= 500
  severity: query
  message: The plot has {size} square metres.
  dimension: accuracy
  source: Made up
  passes: {size: 100}
  fails: {size: 5000}
- id: allotment-has-room
  breaks: >
    select a._row, count(*) as plots from allotment a join allotment b using (estate_ref)
    group by 1 having count(*) > 1
  severity: error
  field: estate_ref
  message: The estate has {plots} plots.
  dimension: consistency
  source: Made up
  passes: {allotment: [{allotment_ref: A1, estate_ref: E1}, {allotment_ref: A2, estate_ref: E2}]}
  fails: {allotment: [{allotment_ref: A1, estate_ref: E1}, {allotment_ref: A2, estate_ref: E1}]}
"""


@pytest.fixture
def change(tmp_path):
    """A folder with a table, a code list and rules; each may be changed by (what, into) as it is written."""

    def write(table=(), codes=(), rules=()) -> Path:
        for name, text, swaps in (
            ("tables/allotment.yaml", TABLE, table),
            ("codelists/soil.csv", CODES, codes),
            ("rules/allotment.yaml", RULES, rules),
        ):
            for old, new in [swaps] if swaps and isinstance(swaps[0], str) else swaps:
                assert old in text, f"{old} is not in {name}"
                text = text.replace(old, new)
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text)
        return tmp_path

    return write


def line_of(text: str, part: str) -> int:
    """The line, from 1, that a part of a text begins on."""
    return text.count("\n", 0, text.index(part)) + 1


def test_a_table_is_added_by_files_alone(change, tmp_path):
    folder = change()
    before = table_names()
    file = tmp_path / "plots.csv"
    file.write_text("allotment_ref,soil,size,estate_ref\nA1,clay,100,E1\nA2,loam,600,E2\nA2,sand,-1,E3\n")
    with reading_from(folder), check(file, "allotment", today=TODAY) as found:
        assert {(one.row, one.rule) for one in found.findings} == {
            (2, "allotment.soil.code"),
            (2, "allotment-is-small"),
            (3, "allotment.allotment_ref.unique"),
            (3, "allotment.size.range"),
        }
        assert found.rows_in == 3 and found.rows_held_back == 1
        assert set(tables()) == {*before, "allotment"} and "soil" in codelist_names()
    assert faults(folder) == []
    assert table_names() == before, "outside the block the standard is the shipped one"
    with pytest.raises(Refusal, match="no table 'allotment'"):
        table("allotment")


def test_a_folder_may_stand_alone(change):
    folder = change(table=("reference: {resource: estate, fields: [estate_ref]}", "reference: {fields: [soil]}"))
    with reading_from(folder, alone=True):
        assert table_names() == ("allotment",) and codelist_names() == ("soil",)
        assert table("allotment").foreign_keys[0].parent == "allotment"
    assert faults(folder, alone=True) == []


def test_a_changed_file_is_read_before_the_shipped_one(tmp_path):
    (tmp_path / "codelists").mkdir()
    (tmp_path / "codelists" / "gender.csv").write_text("code,label\nx,X\n")
    shipped = codelist("gender")
    with reading_from(tmp_path):
        assert codelist("gender").values == ("x",)
        (tmp_path / "codelists" / "gender.csv").write_text("code,label\ny,Y\n")
        with reading_from(tmp_path):
            assert codelist("gender").values == ("y",), "files are read anew"
    assert codelist("gender") == shipped


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(Refusal, match="no part of a standard"), reading_from(tmp_path):
        pass


BAD_TABLES = {
    "an unknown type": ("type: number", "type: decimal", "'decimal' is no type", "type: number"),
    "an unknown code list": ("codelist: soil", "codelist: sol", "no code list 'sol'", "codelist: soil"),
    "no key field": ("primaryKey: [allotment_ref]", "primaryKey: [ref]", "'ref' is no field", "primaryKey"),
    "two keys": ("primaryKey: [allotment_ref]", "primaryKey: [soil, size]", "not one field", "primaryKey"),
    "no key": ("  primaryKey: [allotment_ref]\n", "", "no key", "schema:"),
    "a parent that is not there": ("resource: estate", "resource: estates", "no table 'estates'", "reference:"),
    "a parent's field that is not there": (
        "fields: [estate_ref]}",
        "fields: [ref]}",
        "estate has no field 'ref'",
        "reference:",
    ),
    "a child's field that is not there": ("- fields: [estate_ref]", "- fields: [place]", "'place' is no", "- fields:"),
    "a field twice": ("name: size", "name: soil", "'soil' is there twice", "- name: size"),
    "a key twice": ("title: Soil", "title: Soil\n    title: Ground", "'title' is there twice", "description: What"),
    "an unknown key": ("unit: m2", "units: m2", "no 'units'", "unit: m2"),
    "an unknown constraint": ("minimum: 0", "least: 0", "no 'least'", "minimum: 0"),
    "a limit of another type": ("minimum: 0", "minimum: 0); drop table x --", "no number", "minimum: 0"),
    "limits the wrong way round": ("minimum: 0", "minimum: 9, maximum: 1", "above the maximum", "minimum: 0"),
    "a name that is none": ("name: size", 'name: size" int, "x', "no name in small letters", "name: size"),
    "an unknown class": ("example: clay", "personal: secret", "'secret' is not known", "example: clay"),
    "codes that are numbers": (
        "type: string\n    title: Soil",
        "type: integer\n    title: Soil",
        "Codes are text",
        "type: string\n    title: Soil",
    ),
    "a pattern that is none": (
        "constraints: {minimum: 0}",
        "constraints: {pattern: '('}",
        "pattern",
        "constraints: {m",
    ),
    "another name than the file's": ("name: allotment\n", "name: plot\n", "its file allotment.yaml", "name: allotment"),
    "no fields": ("  fields:\n  - name: a", "  felder:\n  - name: a", "no fields", "schema:"),
    "retention that is none": ("schema:\n", "retention: 6\nschema:\n", "retention", "schema:\n"),
}


@pytest.mark.parametrize("case", BAD_TABLES.values(), ids=BAD_TABLES)
def test_a_bad_table_is_refused_with_its_line(change, case):
    old, new, words, line = case
    folder = change(table=(old, new))
    with reading_from(folder), pytest.raises(Refusal) as refused:
        table("allotment")
    assert words in str(refused.value)
    assert refused.value.where == f"{folder / 'tables' / 'allotment.yaml'}, line {line_of(TABLE, line)}"
    assert refused.value.next
    assert words in "\n".join(map(str, faults(folder))), "whoever proposes the change is told the same"


BAD_CODES = {
    "a circle": ("heavy,Heavy soil,,", "heavy,Heavy soil,clay,", "above itself: heavy in clay in heavy", 2),
    "its own parent": ("sand,Sand,,", "sand,Sand,sand,", "above itself", 4),
    "an orphan": ("clay,Clay,heavy", "clay,Clay,light", "parent 'light'", 3),
    "a code twice": ("sand,Sand", "clay,Sand", "'clay' is there twice, first on line 3", 4),
    "an end before its start": ("2027-01-01", "2025-01-01", "ends before its start", 4),
    "a day that is none": ("2027-01-01", "2027-02-29", "is no day", 4),
    "a day in another form": ("2027-01-01", "01/01/2027", "is no day", 4),
    "no label": ("sand,Sand", "sand,", "no code or no label", 4),
    "a missing cell": ("sand,Sand,,2026-01-01,", "sand,Sand,", "4 cells", 4),
    "no header": ("code,label", "kode,label", "no column code", 1),
}


@pytest.mark.parametrize("case", BAD_CODES.values(), ids=BAD_CODES)
def test_a_bad_code_list_is_refused_with_its_line(change, case):
    old, new, words, line = case
    folder = change(codes=(old, new))
    with reading_from(folder), pytest.raises(Refusal) as refused:
        codelist("soil")
    assert words in str(refused.value) and refused.value.where == f"{folder / 'codelists' / 'soil.csv'}, line {line}"
    assert words in "\n".join(map(str, faults(folder)))


def test_a_code_list_that_is_no_text_or_empty_is_refused(tmp_path):
    file = tmp_path / "soil.csv"
    for content, words in (
        (b"code,label\ncaf\xe9,Caf\xe9\n", "UTF-8"),
        (b"code,label\n", "no codes"),
        (b"", "no column"),
    ):
        file.write_bytes(content)
        with pytest.raises(Refusal, match=words) as refused:
            read_codelist(file)
        assert "soil.csv" in refused.value.where


BAD_RULES = {
    "an absent field": ("expect: size", "expect: siz", "uses siz", "expect: size"),
    "an absent field in a query": ("using (estate_ref)", "on a.plase = b.size", "plase", "breaks: >"),
    "a field of another table in a query": ("using (estate_ref)", "on a.home_ref = b.size", "home_ref", "breaks: >"),
    "an unknown table": ("join allotment b", "join allotments b", "reads allotments", "breaks: >"),
    "a severity": ("severity: query", "severity: bad", "'bad' is no severity", "severity: query"),
    "a dimension": ("dimension: accuracy", "dimension: depth", "'depth' is no dimension", "dimension: accuracy"),
    "an id twice": ("id: allotment-has-room", "id: allotment-is-small", "there twice", "- id: allotment-has-room"),
    "a bad id": ("id: allotment-has-room", "id: Has Room", "small letters", "- id: allotment-has-room"),
    "a division": ("size <= 500", "500 / size >= 1", "divides by what may be zero: `500 / size`", "expect: size"),
    "a division by the wrong nullif": ("size <= 500", "1 / nullif(size, 1) > 0", "divides", "expect: size"),
    "a remainder": ("size <= 500", "mod(500, size) > 1", "divides", "expect: size"),
    "a whole division": ("size <= 500", "500 // size > 1", "divides", "expect: size"),
    "a division in a query": ("count(*) > 1", "1 / count(*) < 1", "divides", "breaks: >"),
    "a reader of files": ("size <= 500", "read_text('/etc/passwd') is null", "may not use", "expect: size"),
    "no condition": ("size <= 500", "size + 500", "neither true nor false", "expect: size"),
    "unlike values": ("size <= 500", "size <= date '2026-01-01'", "do not fit together", "expect: size"),
    "no rows given": ("select a._row, count(*)", "select a.size, count(*)", "does not give `_row`", "breaks: >"),
    "a field that findings name": ("field: estate_ref", "field: estate", "no field 'estate'", "field: estate_ref"),
    "a message about nothing": ("has {size}", "has {sise}", "no field 'sise'", "message: The plot has"),
    "an unknown nation": (
        "source: Made up\n  passes: {size",
        "nations: [Yorkshire]\n  passes: {size",
        "no nation",
        "source",
    ),
    "an unknown key": ("dimension: accuracy", "dimension: accuracy\n  vouched: true", "no 'vouched'", "source: Made"),
    "days the wrong way round": (
        "dimension: accuracy\n",
        "dimension: accuracy\n  start: 2026-01-01\n  end: 2025-01-01\n",
        "before its start",
        "passes: {size",
    ),
    "neither of the two": ("  expect: size <= 500\n", "", "either `expect` or `breaks`", "- id: allotment-is"),
    "no list": (
        "- id: allotment-is-small\n  expect: size <= 500",
        "id: allotment\nexpect: size <= 500\nx:",
        "",
        "- id: a",
    ),
}


@pytest.mark.parametrize("case", BAD_RULES.values(), ids=BAD_RULES)
def test_a_bad_rule_is_refused_with_its_line(change, case):
    old, new, words, line = case
    folder = change(rules=(old, new))
    with reading_from(folder), pytest.raises(Refusal) as refused:
        table("allotment")
    assert words in str(refused.value)
    assert refused.value.where.startswith(f"{folder / 'rules' / 'allotment.yaml'}, line ")
    if words:
        assert refused.value.where.endswith(f", line {line_of(RULES, line)}")
    assert words in "\n".join(map(str, faults(folder)))


def test_rules_of_a_table_that_is_not_there_are_refused(change):
    folder = change()
    (folder / "rules" / "allotment.yaml").rename(folder / "rules" / "allotments.yaml")
    with reading_from(folder), pytest.raises(Refusal, match="no table 'allotments' for these rules"):
        tables()
    assert "Did you mean allotment?" in "\n".join(map(str, faults(folder)))


BAD_EXAMPLES = {
    "a row that should pass": ("passes: {size: 100}", "passes: {size: 1000}", "breaks allotment-is-small", "passes"),
    "a row that should fail": ("fails: {size: 5000}", "fails: {size: 50}", "breaks no rule", "fails"),
    "a row of other fields": ("passes: {size: 100}", "passes: {sise: 1}", "no field 'sise'", "passes"),
    "no row": ("  passes: {size: 100}\n", "", "no row that passes", "- id"),
    "no source": ("source: Made up\n  passes: {size", "passes: {size", "where the duty is written", "- id"),
}


@pytest.mark.parametrize("case", BAD_EXAMPLES.values(), ids=BAD_EXAMPLES)
def test_examples_that_do_not_show_what_they_should_are_named(change, case):
    old, new, words, line = case
    folder = change(rules=(old, new))
    (fault,) = faults(folder)
    assert words in str(fault)
    assert fault.where.endswith(f"allotment.yaml, line {line_of(RULES, line)}")


def test_a_change_to_a_shipped_table_is_tried_on_the_rules_that_stay(tmp_path):
    """Without the field ``end_reason`` two shipped rules of tenancies name what is not there."""
    from placemaker.standard.schema import FOLDER

    (tmp_path / "tables").mkdir()
    shipped = (FOLDER / "tables" / "tenancy.yaml").read_text(encoding="utf-8")
    start, end = shipped.index("  - name: end_reason"), shipped.index("  - name: household_ref")
    (tmp_path / "tables" / "tenancy.yaml").write_text(shipped[:start] + shipped[end:])
    with reading_from(tmp_path), pytest.raises(Refusal, match="end_reason") as refused:
        table("tenancy")
    assert refused.value.where.startswith("rules/tenancy.yaml, line ")


def test_all_problems_are_told_at_once(change, capsys):
    folder = change(codes=[("clay,Clay,heavy", "clay,Clay,light"), ("2027", "2017")], rules=("severity", "gravity"))
    told = [str(fault) for fault in faults(folder)]
    assert len(told) >= 6 and len(set(told)) == len(told)
    assert run(["standard", "check", str(folder)]) == 1
    out = capsys.readouterr().out
    assert all(one in out for one in told) and f"{len(told)} problems." in out


def test_the_command_says_that_a_change_is_sound(change, capsys):
    folder = change()
    assert run(["standard", "check", str(folder)]) == 0
    assert "sound" in capsys.readouterr().out
    assert run(["standard", "check", str(folder), "--json"]) == 0
    assert capsys.readouterr().out.strip() == "[]"


PACK = "form: plots\nedition: '{0}'\ntitle: Plots\nstart: {0}-04-01\n{1}"
PACK_TABLE = "name: plot\nschema: {fields: [{name: size, type: number, number: '1'}]}\n"
PACK_RULE = """\
- id: plot-is-small
  expect: size <= 500
  fields: [size]
  severity: error
  message: The plot is large.
  dimension: accuracy
  source: Made up
  passes: {size: 1}
  fails: {size: 501}
"""


@pytest.mark.parametrize(
    ("swap", "words", "where"),
    [
        (("", ""), "", ""),
        (("end: 2027-03-31", "end: 2027-04-01"), "are both for 2027-04-01", "pack.yaml, line 5"),
        (("size <= 500", "getenv('HOME') is null"), "may not use", "plot.yaml, line 2"),
        (("size <= 500", "500 / size > 1"), "divides by what may be zero", "plot.yaml, line 2"),
        (("size <= 500", "siz <= 500"), "uses siz", "plot.yaml, line 2"),
        (("passes: {size: 1}", "passes: {size: 900}"), "The row that passes does not", "plot.yaml, line 8"),
        (("fails: {size: 501}", "fails: {size: 1}"), "The row that fails does not", "plot.yaml, line 9"),
    ],
)
def test_packs_of_a_folder_are_looked_at_too(tmp_path, swap, words, where):
    for year, ends in (("2026", "end: 2027-03-31\n"), ("2027", "")):
        folder = tmp_path / "packs" / "plots" / year
        for name, text in (
            ("pack.yaml", PACK.format(year, ends)),
            ("tables/plot.yaml", PACK_TABLE),
            ("rules/plot.yaml", PACK_RULE),
        ):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text.replace(*swap) if swap[0] else text)
    told = [str(fault) for fault in faults(tmp_path)]
    assert bool(told) == bool(words), told
    assert all(words in one and where in one for one in told)


# --- mappings ---------------------------------------------------------------------------------------------------------

MAPPING = """\
source: northgate
read: {dates: day-first}
tables:
  tenancy:
    where: "Type <> 'GAR'"
    fields:
      tenancy_ref: Ref
      start_date: Start
      tenancy_type:
        column: Type
        codes: {SEC: secure}
"""
BAD_MAPPINGS = {
    "a field that is not there": ("start_date: Start", "started: Start", "no field 'started'", "start_date"),
    "a table that is not there": ("  tenancy:", "  tenancies:", "no table 'tenancies'", "  tenancy:"),
    "a field twice": ("start_date: Start", "tenancy_ref: Start", "'tenancy_ref' is there twice", "start_date"),
    "an unknown key": ("codes:", "coded:", "no 'coded'", "codes:"),
    "an unknown order of days": ("day-first", "dayfirst", "'dayfirst' is not known", "read:"),
    "two sources": ("column: Type", "column: Type\n        value: x", "needs one of", "tenancy_type"),
    "codes that are none": ("codes: {SEC: secure}", "codes: [SEC]", "not pairs", "codes:"),
    "a column that is two": ("tenancy_ref: Ref", "tenancy_ref: [Ref, No]", "more than one value", "tenancy_ref"),
}


@pytest.mark.parametrize("case", BAD_MAPPINGS.values(), ids=BAD_MAPPINGS)
def test_a_bad_mapping_is_refused_with_its_line(tmp_path, case):
    old, new, words, line = case
    assert old in MAPPING
    file = tmp_path / "tenancies.yaml"
    file.write_text(MAPPING.replace(old, new))
    with pytest.raises(Refusal) as refused:
        read_mapping(file)
    assert words in str(refused.value) and refused.value.next
    assert refused.value.where.startswith(f"{file}, line {line_of(MAPPING, line)}")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("\"Type <> 'GAR'\"", "\"Kind <> 'GAR'\"", "where:"),
        ("\"Type <> 'GAR'\"", "\"Type in (select 'x')\"", "where:"),
        ("start_date: Start", "start_date: {expression: \"read_text('x')\"}", "start_date"),
        ("start_date: Start", 'start_date: {expression: "1 / Ref"}', "start_date"),
    ],
)
def test_sql_of_a_mapping_is_refused_with_its_line(tmp_path, old, new, line):
    file, export = tmp_path / "tenancies.yaml", tmp_path / "export.csv"
    file.write_text(MAPPING.replace(old, new))
    export.write_text("Ref,Start,Type\nT1,01/02/2024,SEC\n")
    with pytest.raises(Refusal) as refused:
        check(export, file, today=TODAY)
    assert refused.value.where.startswith(f"{file}, line {line_of(MAPPING, line)}, tenancy.")


def test_a_mapping_given_as_a_dict_names_the_field():
    with pytest.raises(Refusal, match="the mapping, tenancy.started: The table tenancy has no field"):
        read_mapping({"source": "x", "tables": {"tenancy": {"fields": {"started": "Start"}}}})
