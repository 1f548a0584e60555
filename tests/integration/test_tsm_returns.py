"""The packs of the Tenant Satisfaction Measures against the regulator's own published returns."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb
import pytest

from placemaker.standard import check, pack, pack_for
from placemaker.standard.expressions import literal

#: Year in which the reporting year ends -> the pack that was for it.
PACK_OF = {2024: "tsm-2023", 2025: "tsm-2024"}


@pytest.fixture(scope="module")
def returns(shared_data):
    con = duckdb.connect()
    file = shared_data / "landlords" / "rsh_tsm_2024_2025_long.parquet"
    con.execute(f"create view returns as from read_parquet({literal(str(file))})")
    yield con
    con.close()


def figures(con, year: int, folder: Path) -> Path:
    """One year's figures in the columns of `tsm_return`: a number or a mark in each row."""
    out = folder / f"returns-{year}.csv"
    con.execute(
        f"""copy (
            select landlord_code, year, case when "table" like 'LCRA%' or measure like 'LCRA -%' then 'LCRA'
              when "table" like 'LCHO%' or measure like 'LCHO -%' then 'LCHO' else 'combined' end as stock,
              code as measure, round(num, 4) as value, case when num is null then text end as mark
            from returns where year = {year} and code is not null and (num is not null or text like '[%]')
            and (measure like 'Proportion%' or measure like '%per 1,000%' or measure like '%Numerator%'
                 or measure like '%Denominator%' or measure like '%Proportion of stage%')
            and measure not like '%survey method%' and measure not like '%unweighted%'
            and "table" <> 'Combined_Perception'
        ) to {literal(str(out))} (format csv, header true)"""
    )
    return out


@pytest.mark.parametrize("year", [2024, 2025])
def test_every_code_of_the_real_returns_is_known_to_the_pack_of_its_year(returns, year):
    known = set(pack(PACK_OF[year]).codelists["tsm_measure"].values)
    used = returns.execute("select distinct code from returns where year = ? and code is not null", [year]).fetchall()
    assert {code for (code,) in used} <= known and len(used) > 50


@pytest.mark.parametrize("year", [2024, 2025])
def test_every_mark_of_the_real_returns_is_known_to_the_pack_of_its_year(returns, year):
    used = returns.execute(r"select distinct text from returns where year = ? and text like '[_]'", [year]).fetchall()
    assert {mark for (mark,) in used} <= set(pack(PACK_OF[year]).codelists["tsm_sentinel"].values) and used


@pytest.mark.parametrize("year", [2024, 2025])
def test_real_figures_lie_in_their_ranges(returns, year, tmp_path):
    """No code unknown, no percentage outside 0 to 100, no stock that a measure is not of, no share unlike its parts."""
    with check(figures(returns, year, tmp_path), "tsm_return", pack=PACK_OF[year]) as found:
        assert found.rows_in > 5_000
        broken = {rule: number for rule, number in found.count_by_rule().items() if not rule.endswith(".columns")}
        notes = {finding.rule for finding in found.findings if finding.severity == "note"}
    assert not {rule: number for rule, number in broken.items() if rule not in notes}


@pytest.mark.parametrize("year, landlords, median", [(2024, 355, 71.3), (2025, 353, 71.8)])
def test_the_medians_of_overall_satisfaction_are_the_regulators(shared_data, year, landlords, median, tmp_path):
    """Of every landlord with rented homes; the long file has only 166 of those of 2025, whose median is 70.4."""
    con, out = duckdb.connect(), tmp_path / "perception.csv"
    wide = shared_data / "evidence" / "tsm_perception_lcra_2024_2025.csv"
    con.execute(
        f"""copy (
            unpivot (select code as landlord_code, tsm_year as year, 'LCRA' as stock,
              columns(c -> c like 'TP%')::decimal(9, 4) from read_csv({literal(str(wide))}) where tsm_year = {year})
            on columns(c -> c like 'TP%') into name measure value value
        ) to {literal(str(out))} (format csv, header true)"""
    )
    with check(out, "tsm_return", pack=PACK_OF[year]) as found:
        assert found.clean
        (table,) = found.tables.values()
        query = f"select count(*), cast(round(median(value), 1) as double) from ({table.rows()}) where measure = 'TP01'"
        assert found.con.execute(query).fetchone() == (landlords, median)
    con.close()


def test_the_samples_that_the_regulator_asked_for_are_those_the_pack_reckons(returns, tmp_path):
    """Every landlord of two years: the tenants it has, the answers it had to have, by the margin for its size."""
    out = tmp_path / "surveys.csv"
    returns.execute(
        f"""copy (
            select landlord_code, year, 'LCRA' as stock,
              cast(max(num) filter (measure like 'Relevant tenant pop%') as bigint) as population,
              cast(round(max(num) filter (measure like 'Required minimum%')) as bigint) as required_sample,
              cast(max(num) filter (measure like 'Total sample size%') as bigint) as achieved_sample
            from returns where "table" = 'LCRA_Perception' group by all having population > 0
        ) to {literal(str(out))} (format csv, header true)"""
    )
    with check(out, "tsm_survey", pack="tsm-2024") as found:
        assert found.rows_in == 521
        assert "tsm-required-sample-is-another" not in found.count_by_rule()


def test_each_reporting_year_has_its_pack():
    assert pack_for("tsm", date(2024, 3, 31)).name == "tsm-2023"
    assert pack_for("tsm", date(2024, 4, 1)).name == "tsm-2024"
    assert pack_for("tsm", date(2030, 1, 1)).name == "tsm-2024"
