"""The golden checks of the shared data, on a pack built from it. Skipped where that folder is absent."""

import duckdb
import pytest

from placemaker.figure import Source
from placemaker.insight import catalogue, indices, profile
from placemaker.insight.longtable import open_long
from placemaker.insight.sums import Comparisons
from placemaker.lake import connect
from placemaker.places import Fit, Neighbourhood, build_pack

_FIT = Fit("residents", 0, 0, None, None, "")

#: Our name of each measure and the publisher's, in iod2025_lad24.
MEASURES = {
    "imd": "imd", "income": "income", "employment": "employment", "education": "education_skills_and_training",
    "health": "health_deprivation_and_disability", "crime": "crime", "barriers": "barriers_to_housing_and_services",
    "environment": "living_environment",
}  # fmt: skip


@pytest.fixture(scope="module")
def england(shared_data, tmp_path_factory):
    """England's pack (built once) in a connection, with its long table."""
    import os

    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLACEMAKER_HOME", str(home))
        built = os.environ.get("PLACEMAKER_TEST_PACK")
        from placemaker.places import Pack

        pack = Pack.open(built) if built else build_pack(shared_data, "england", home / "england")
        con = connect()
        yield pack, con, open_long(con, pack, catalogue())


@pytest.fixture(scope="module")
def whole(england):
    """England's and every district's figures, by code: a function of (code, indicator)."""
    pack, con, table = england
    comparisons = Comparisons(con, table)
    numbers = {indicator.id: number for number, indicator in enumerate(table.indicators)}

    def sums(code, indicator):
        held, row = comparisons.of(code)
        return held.num[row, numbers[indicator]], held.den[row, numbers[indicator]]

    return sums


def one(england, *codes):
    pack, con, _ = england
    areas = tuple((code, 0.0) for code in codes)
    (made,) = profile(con, pack, [Neighbourhood("x", "X", "codes", areas, "lsoa21", _FIT)])
    return {line.indicator.id: line for line in made.lines}


def test_1_the_most_deprived_area_is_the_same_in_both_years(england):
    found = one(england, "E01021988")
    assert found["imd-score"].place.value == pytest.approx(94.223)
    assert found["imd-2019-score"].place.value == pytest.approx(92.735)
    assert found["imd-worst-1-percent"].place.value == 100


@pytest.mark.parametrize("measure", MEASURES)
def test_2_the_proportion_in_the_worst_tenth_is_the_published_one_in_every_district(england, shared_data, measure):
    _, con, table = england
    ours = indices.authorities(con, table, measure)
    column = f"{MEASURES[measure]}_proportion_of_lso_as_in_most_deprived_10_percent_nationally"
    published = _published(shared_data, column)
    assert len(published) == 296
    assert {code: round(ours[code].proportion, 4) for code in published} == pytest.approx(published, abs=1e-9)


def test_3_average_scores_of_districts_are_near_the_published_ones(england, shared_data):
    _, con, table = england
    ours = indices.authorities(con, table)
    gaps = sorted(abs(ours[c].average_score - v) for c, v in _published(shared_data, "imd_average_score").items())
    assert sum(gap <= 0.1 for gap in gaps) / len(gaps) >= 0.92
    assert gaps[148] < 0.035
    assert gaps[-1] < 0.35


def test_the_other_summary_measures_are_near_the_published_ones(england, shared_data):
    # MHCLG weighs by another year's residents less prisoners, so equality is not to be had: here is the tolerance.
    _, con, table = england
    ours = indices.authorities(con, table)

    def gaps(field, column):
        return sorted(abs(getattr(ours[c], field) - v) for c, v in _published(shared_data, column).items())

    ranks = gaps("average_rank", "imd_average_rank")  # of 33,755, the most deprived having the highest
    assert ranks[148] < 25 and ranks[int(0.95 * 296)] < 90 and ranks[-1] < 400
    extents = gaps("extent", "imd25_extent")  # shares of residents
    assert extents[148] < 0.001 and extents[int(0.95 * 296)] < 0.003 and extents[-1] < 0.008
    concentrations = gaps("local_concentration", "imd25_local_concentration")
    assert concentrations[148] < 20 and concentrations[int(0.95 * 296)] < 80 and concentrations[-1] < 200


def test_4_income_deprived_people_of_districts_are_within_41_of_the_published_scale(shared_data, whole):
    published = _published(shared_data, "income_scale")
    assert max(abs(whole(code, "income-deprived-people")[0] - scale) for code, scale in published.items()) <= 41


def test_5_fuel_poor_households_of_england(whole):
    assert whole("E92000001", "fuel-poverty-2022") == (3_175_068, 24_327_942)
    assert whole("E92000001", "fuel-poverty-2021")[0] == 3_162_752


def test_6_social_renting_households_of_england(whole):
    assert whole("E92000001", "social-renting") == (4_005_505, 23_436_382)


def test_overcrowding_is_the_published_share_of_england(whole):
    # ONS, Housing in England and Wales 2021 (TS052): 4.4% of England's households have too few bedrooms.
    top, bottom = whole("E92000001", "overcrowded")
    assert round(100 * top / bottom, 1) == 4.4


def test_7_and_8_trafford_is_the_same_in_the_independent_extract(england, shared_data):
    _, con, table = england
    codes = [code for (code,) in con.execute(
        f"select code from {table.area} where level = 0 and lad = 'E08000009'"
    ).fetchall()]  # fmt: skip
    assert len(codes) == 139
    found = one(england, *codes)
    file = shared_data / "trafford" / "census21_counts_oa_lsoa_long.parquet"

    def count(words, geo="LSOA", table="household_tenure"):
        query = f"select sum(value) from '{file}' where \"table\" = ? and measure = 'Count' and geo = ? and {words}"
        return duckdb.execute(query, [table, geo]).fetchone()[0]

    assert found["households"].place.value == 96_250 == count("true")
    assert count("true", "OA") == 96_243
    assert found["social-renting-households"].place.value == count("category ilike 'Social rented%'") == 14_419
    overcrowded = found["overcrowded"].place
    assert overcrowded.parts[0].value == count("category ilike '%: -%'", table="household_bedroom_occupancy")


def test_a_place_across_two_districts_is_compared_with_the_one_of_most_residents(england):
    pack, con, _ = england
    areas = ("E01005061", "E01005062", "E01006120")  # two of Manchester or Salford, one of Trafford
    (made,) = profile(con, pack, [Neighbourhood("x", "X", "codes", tuple((a, 0.0) for a in areas), "lsoa21", _FIT)])
    assert any("2 local authorities" in note for note in made.notes)


def test_every_figure_names_a_publisher_and_licence(england):
    found = one(england, "E01006120")
    for line in found.values():
        assert line.place.sources
        for source in line.place.sources:
            assert isinstance(source, Source)
            assert source.publisher and source.licence, source.dataset


def _published(shared_data, column):
    query = f"select lad24cd, {column} from '{shared_data / 'indicators' / 'iod2025_lad24.parquet'}'"
    return dict(duckdb.sql(query).fetchall())
