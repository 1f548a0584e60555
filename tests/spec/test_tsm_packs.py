"""The Tenant Satisfaction Measures: 22 measures, and a dated pack that takes their place without a line of code."""

from __future__ import annotations

import re
import shutil
from datetime import date

import duckdb
import pytest

from placemaker.standard import check, pack, tables
from placemaker.standard.expressions import query_sql
from placemaker.standard.packheads import OURS, heads
from placemaker.standard.packs import read_pack

NAMES = ("tsm-2023", "tsm-2024")
NEEDED = {"code", "title", "kind", "unit", "per", "better", "reported", "numerator", "denominator", "source"}


def measures(name):
    return pack(name).entries("measures.yaml", "code")


@pytest.mark.parametrize("name", NAMES)
def test_there_are_22_measures_twelve_of_perception_and_ten_of_management(name):
    by_code = {code.split()[0]: entry for code, entry in measures(name).items()}
    assert len(by_code) == 22
    kinds = [entry.get("kind") for entry in by_code.values()]
    assert (kinds.count("perception"), kinds.count("management")) == (12, 10)
    for code, entry in measures(name).items():
        assert set(entry.data) - {"sql", "note"} == NEEDED, code
        assert set(entry.get("reported")) <= {"LCRA", "LCHO", "LCRA and LCHO together"}, code
        assert code in pack(name).codelists["tsm_measure"].values, code


def test_repairs_decency_and_upkeep_are_of_rented_homes_alone():
    of_rented = {code for code, entry in measures("tsm-2024").items() if entry.get("reported") == ["LCRA"]}
    assert of_rented == {"TP02", "TP03", "TP04", "RP01", "RP02 1", "RP02 2"}


def test_from_2024_complaints_are_judged_by_the_code_of_april_2024():
    assert "2022" in measures("tsm-2023")["CH02 1"].get("numerator")
    assert "April 2024" in measures("tsm-2024")["CH02 1"].get("numerator")
    assert measures("tsm-2023")["TP01"] == measures("tsm-2024")["TP01"]


@pytest.fixture(scope="module")
def empty():
    """The standard's tables, without rows."""
    con = duckdb.connect()
    for name, table in tables().items():
        con.execute(f"create table {name} ({', '.join(f'{field.name} {field.sql_type}' for field in table.fields)})")
    yield con
    con.close()


@pytest.mark.parametrize("code", [code for code, entry in measures("tsm-2024").items() if entry.get("sql")])
def test_a_formula_is_sql_over_the_standards_tables_alone(code, empty):
    for text in measures("tsm-2024")[code].get("sql").values():
        given = re.sub(r"\byear_start\b", "date '2024-04-01'", re.sub(r"\byear_end\b", "date '2025-03-31'", text))
        given = re.sub(r"\bstock\b", "'low_cost_rental'", given)
        assert not empty.execute(query_sql(given, tables(), code)).fetchone()[0]


def test_the_margins_by_stock_are_those_that_the_sample_is_reckoned_by(tmp_path):
    """The least answers of annex C at the edges of each band, which lookups/margins.csv has too."""
    file = tmp_path / "survey.csv"
    sizes = [(1000, 278), (2499, 334), (2500, 485), (9999, 567), (10000, 965), (24999, 1024), (25000, 2191)]
    rows = [f"L{n},2025,LCRA,{population},{least - 1},sample" for n, (population, least) in enumerate(sizes)]
    rows += [f"M{n},2025,LCRA,{population},{least},sample" for n, (population, least) in enumerate(sizes)]
    file.write_text("\n".join(["landlord_code,year,stock,population,achieved_sample,approach", *rows]) + "\n")
    with check(file, "tsm_survey", pack="tsm-2024") as found:
        small = [finding.row for finding in found.findings if finding.rule == "tsm-sample-too-small"]
    assert small == list(range(1, len(sizes) + 1))


def test_a_later_direction_takes_the_place_of_a_pack_by_a_folder_alone(tmp_path):
    """A made-up edition from 1 April 2027: a measure less, one put anew, a mark more. No code is touched."""
    root = tmp_path / "packs"
    shutil.copytree(OURS / "tsm", root / "tsm")
    folder = root / "tsm" / "2027"
    (folder / "codelists").mkdir(parents=True)
    (folder / "pack.yaml").write_text(
        "form: tsm\nedition: 2027\ntitle: A made-up Direction\nstart: 2027-04-01\nfollows: tsm-2024\n"
    )
    (folder / "measures.yaml").write_text(
        "- {code: TP01, title: Overall satisfaction, kind: perception, unit: '%', per: 100, better: high,\n"
        "   reported: [LCRA], numerator: who are satisfied, denominator: who answered, source: made up}\n"
    )
    (folder / "codelists" / "tsm_sentinel.csv").write_text(
        "code,label,parent,start,end,source\n[Q],Asked again,,2027-04-01,,made up\n"
    )
    found = heads(root)
    later = read_pack(found["tsm-2027"], root)
    assert found["tsm-2024"].end == date(2027, 3, 31)
    assert later.entries("measures.yaml", "code")["TP01"].get("source") == "made up"
    assert len(later.entries("measures.yaml", "code")) == len(measures("tsm-2024"))
    assert later.codelists["tsm_sentinel"].values == ("[Q]",) and later.rules.keys() == pack("tsm-2024").rules.keys()
    file = tmp_path / "return.csv"
    file.write_text("landlord_code,year,stock,measure,value,mark\nL1,2028,LCRA,TP01,,[Q]\nL1,2028,LCRA,TP02,,[Z]\n")
    with check(file, "tsm_return", pack=later) as checked:
        assert [(finding.row, finding.field) for finding in checked.findings if finding.severity == "error"] == [
            (2, "mark")
        ]
