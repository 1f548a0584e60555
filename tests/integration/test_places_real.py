"""Places on the real open data: the packs of our recipes, a landlord on Trafford's postcodes, and the golden checks."""

import duckdb
import pytest
from real_packs import real_pack
from trafford import draw_homes

from placemaker.lake import connect
from placemaker.lake.errors import Refusal
from placemaker.places import (
    coverage,
    neighbourhoods_from_codes,
    neighbourhoods_from_polygon,
    neighbourhoods_from_postcodes,
    neighbourhoods_from_radius,
    outlines,
    place,
    point_of_postcode,
    uk_postcodes,
)

#: The recipe of Trafford is England's with output areas added, so one build serves every check here.
ENGLAND = "lsoa21"


@pytest.fixture(scope="module")
def pack(shared_data, tmp_path_factory):
    return real_pack("trafford", shared_data, tmp_path_factory)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def con(home, monkeypatch):
    monkeypatch.setenv("PLACEMAKER_HOME", str(home))
    return connect()


def ask(pack, query, **values):
    names = {name: pack.sql(name) for name in pack.resources}
    return duckdb.sql(query.format(**names, **values)).fetchall()


# --- the pack ------------------------------------------------------------------------------------------------------


def test_england_has_its_areas(pack):
    counts = dict(ask(pack, "select layer, count(*) from {areas} group by 1"))
    assert {layer: counts[layer] for layer in ("lsoa21", "lsoa11", "msoa21", "lad24", "rgn24", "ctry")} == {
        "lsoa21": 33_755,
        "lsoa11": 32_844,
        "msoa21": 6_856,
        "lad24": 296,
        "rgn24": 9,
        "ctry": 1,
    }


def test_every_lsoa_has_all_its_parents_residents_and_a_centre(pack):
    lacking = ask(
        pack,
        """select code from {areas} where layer = 'lsoa21' and (msoa21 is null or ward24 is null or lad24 is null
            or rgn24 is null or ctry is null or population is null or households is null or e is null)""",
    )
    assert lacking == []


def test_residents_and_households_add_up_to_the_census(pack):
    totals = ask(
        pack,
        "select distinct sum(population), sum(households) from {areas} where layer in "
        "('lsoa21', 'msoa21', 'ward24', 'lad24', 'rgn24', 'ctry') group by layer",
    )
    assert totals == [(56_489_608, 23_436_382)]


def test_a_code_is_joined_only_inside_its_vintage(pack):
    # Barnsley and Sheffield had new codes in 2025; the wards of 2025 and the postcodes carry them.
    found = ask(
        pack,
        "select distinct lad24 from {areas} where layer = 'ward25' and lad24 in "
        "('E08000016', 'E08000019', 'E08000038', 'E08000039') order by 1",
    )
    assert found == [("E08000016",), ("E08000019",)]
    assert ask(
        pack, "select count(*) from {postcodes} where lad not in (select code from {areas} where layer = 'lad24')"
    ) == [(0,)]
    # An LSOA of 2011 that was split is no LSOA of 2021, and the other way round.
    assert ask(pack, "select count(*) from {lsoa11_lsoa21} where change = 'S' and lsoa11 = lsoa21") == [(0,)]


def test_the_shares_of_a_split_lsoa_add_up_to_one(pack):
    worst = ask(
        pack,
        "select max(abs(total - 1)) from (select sum(share_of_lsoa11) as total from {lsoa11_lsoa21} group by lsoa11)",
    )
    assert worst[0][0] < 1e-9


def test_every_dataset_says_where_it_comes_from_and_has_no_foreign_rows(pack):
    for resource in pack.datasets():
        assert resource.publisher and resource.licence == "Open Government Licence v3.0" and resource.version
        if resource.layer in pack.layers:
            foreign = ask(
                pack,
                "select count(*) from " + resource.sql() + ' where "' + resource.code + '" not in '
                "(select code from {areas} where layer = '" + resource.layer + "')",
            )
            assert foreign == [(0,)], resource.name
            assert 0 < resource.rows <= resource.areas_in_layer


def test_all_the_files_of_indicators_are_in_the_pack(pack, shared_data):
    assert {file.stem for file in (shared_data / "indicators").glob("*.parquet")} <= set(pack.resources)


def test_boundaries_are_whole_and_valid(pack):
    con = connect("spatial")
    for layer in ("oa21", "lsoa21", "lsoa11", "msoa21", "ward25", "lad24"):
        wrong = con.execute(
            f"select count(*) from {pack.sql('layer_' + layer)} where not ST_IsValid(geometry) or geometry is null"
        ).fetchone()
        assert wrong == (0,), layer
    lads, lsoas = (
        con.execute(f"select sum(ST_Area(geometry)) from {pack.sql('layer_' + layer)}").fetchone()[0]
        for layer in ("lad24", "lsoa21")
    )
    assert lads == pytest.approx(lsoas, rel=1e-6)


# --- postcodes -----------------------------------------------------------------------------------------------------


def test_the_wheel_holds_the_uks_postcodes(con, pack):
    file = uk_postcodes()
    nations = dict(con.execute(f"select left(lad, 1), count(*) from '{file}' group by 1").fetchall())
    assert sum(nations.values()) > 2_700_000 and nations["S"] > 200_000 and nations["N"] > 50_000
    # It agrees with the pack's own postcodes to the metre.
    same, all_own = con.execute(f"""
        select count(*) filter (uk.e = own.e and uk.n = own.n), count(*)
        from {pack.sql("postcodes")} as own left join '{file}' as uk using (postcode)""").fetchone()
    assert same == all_own


def test_a_postcode_in_scotland_is_not_an_unknown_one(con, pack):
    con.execute(
        "create table home as select * from (values ('1', 'EH1 1YZ'), ('2', 'ZZ99 9ZZ'), ('3', 'M32 0TH')) "
        "as t(home_ref, postcode)"
    )
    placed = place(con, pack, "home", ENGLAND)
    assert con.execute(f"select home_ref, reason from {placed} where area is null order by 1").fetchall() == [
        ("1", "in Scotland: the pack covers England"),
        ("2", "unknown postcode"),
    ]


# --- a landlord on Trafford's real postcodes -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def landlord(shared_data):
    con = connect()
    draw_homes(con, shared_data)
    return con


def test_the_landlord_has_as_many_homes_as_trafford_has_social_renters(landlord):
    homes, areas = landlord.execute("select count(*), count(distinct true_oa) from home").fetchone()
    assert homes == 14_416 and areas > 500


def test_homes_are_placed_back_in_their_output_areas(landlord, pack, home, monkeypatch):
    monkeypatch.setenv("PLACEMAKER_HOME", str(home))
    placed = place(landlord, pack, "home", "oa21", keep=["true_oa"])
    right, everything = landlord.execute(f"select count(*) filter (area = true_oa), count(*) from {placed}").fetchone()
    assert right / everything >= 0.995
    assert coverage(landlord, placed).share >= 0.995


def test_their_grid_references_say_the_same(landlord, pack, shared_data, home, monkeypatch):
    monkeypatch.setenv("PLACEMAKER_HOME", str(home))
    landlord.execute(f"""
        create or replace table pointed as
        select home_ref, true_oa, null::varchar as postcode, e as easting, n as northing
        from home join read_csv('{shared_data}/trafford/postcodes_oa21.csv.gz') as grid
            on replace(grid.postcode, ' ', '') = upper(replace(home.postcode, ' ', ''))""")
    placed = place(landlord, pack, "pointed", "oa21", keep=["true_oa"], into="by_point")
    right, everything = landlord.execute(f"select count(*) filter (area = true_oa), count(*) from {placed}").fetchone()
    assert everything == 14_416 and right / everything >= 0.995


def test_placing_in_lsoas_agrees_with_the_onspd_extract(con, pack, shared_data):
    con.execute(f"""create table home as select postcode as home_ref, postcode, lsoa_code
        from read_csv('{shared_data}/trafford/postcodes_onspd.csv.gz')""")
    placed = place(con, pack, "home", ENGLAND, keep=["lsoa_code"])
    same, everything = con.execute(f"select count(*) filter (area = lsoa_code), count(*) from {placed}").fetchone()
    assert everything == 11_264 and same >= everything - 45


# --- neighbourhoods ------------------------------------------------------------------------------------------------


def test_a_real_place_by_radius_polygon_postcodes_and_codes(con, pack):
    e, n = point_of_postcode(con, pack, "M16 9PP")
    (near,) = neighbourhoods_from_radius(con, pack, e, n, 800, layer=ENGLAND)
    assert len(near.areas) == 8 and 0.85 < near.fit.coverage < 0.95 and near.fit.outside < 0.1
    (drawn,) = neighbourhoods_from_polygon(
        con, pack, near.shape | {"crs": {"properties": {"name": "EPSG:27700"}}}, layer=ENGLAND
    )
    assert drawn.areas == near.areas
    codes = con.execute(
        f"select postcode from {pack.sql('postcodes')} where lsoa21 in (select unnest(?))", [list(near.codes)]
    ).fetchall()
    (listed,) = neighbourhoods_from_postcodes(con, pack, [code for (code,) in codes], layer=ENGLAND)
    assert listed.codes == near.codes and listed.fit.coverage == 1.0
    drawn = outlines(pack, near)
    assert sum(f["properties"]["inside"] for f in drawn["features"]) == 8 < len(drawn["features"])


def test_a_polygon_in_edinburgh_is_refused_with_englands_pack(con, pack):
    ring = [[-3.2, 55.94], [-3.1, 55.94], [-3.1, 55.97], [-3.2, 55.94]]
    with pytest.raises(Refusal, match=r"No postcode of the pack \(England\)"):
        neighbourhoods_from_polygon(con, pack, {"type": "Polygon", "coordinates": [ring]})


def test_trafford_is_its_738_output_areas(con, pack):
    (trafford,) = neighbourhoods_from_codes(con, pack, ["E08000009"])
    assert (trafford.name, trafford.layer, len(trafford.areas)) == ("Trafford", "oa21", 738)


def test_a_new_code_of_barnsley_is_told_by_its_name(con, pack):
    with pytest.raises(Refusal, match="another year for Barnsley.*E08000016"):
        neighbourhoods_from_codes(con, pack, ["E08000038"])


# --- golden checks -------------------------------------------------------------------------------------------------


def test_golden_1_the_most_deprived_lsoa_is_the_same_in_both_years(pack):
    for dataset, score in (("iod2025_lsoa21", 94.223), ("iod2019_lsoa11", 92.735)):
        resource = pack.resource(dataset)
        first = ask(pack, f"select {resource.code}, imd_score from {resource.sql()} where imd_rank = 1")
        assert first == [("E01021988", pytest.approx(score, abs=0.0005))]


def test_golden_2_districts_share_of_their_lsoas_in_the_worst_tenth(pack):
    worst = ask(
        pack,
        """
        select count(*), max(abs(round(share, 4) - imd_proportion_of_lso_as_in_most_deprived_10_percent_nationally))
        from (select lad24, avg((imd_decile = 1)::int) as share from {iod2025_lsoa21}
            join {areas} on code = lsoa21cd and layer = 'lsoa21' group by 1)
        join {iod2025_lad24} on lad24cd = lad24""",
    )
    assert worst[0][0] == 296 and worst[0][1] < 0.00015


def test_golden_3_average_scores_weighted_by_residents(pack):
    near, everything, worst = ask(
        pack,
        """
        select count(*) filter (abs(mean - imd_average_score) <= 0.1), count(*), max(abs(mean - imd_average_score))
        from (select lad24, sum(imd_score * population) / sum(population) as mean from {iod2025_lsoa21}
            join {areas} on code = lsoa21cd and layer = 'lsoa21' group by 1)
        join {iod2025_lad24} on lad24cd = lad24""",
    )[0]
    assert everything == 296 and near / everything >= 0.91 and worst < 0.35


def test_golden_4_people_in_income_deprivation(pack):
    worst = ask(
        pack,
        """
        select max(abs(people - income_scale)) from (
            select lad24, sum(income_domain_numerator) as people from {iod2025_indicators_lsoa21}
            join {areas} on code = lsoa21cd and layer = 'lsoa21' group by 1)
        join {iod2025_lad24} on lad24cd = lad24""",
    )
    assert worst[0][0] <= 41


def test_golden_5_and_6_fuel_poverty_and_social_renting_in_england(pack):
    assert ask(pack, "select sum(fuel_poor_2022), sum(households_2022) from {fuel_poverty_lsoa21}") == [
        (3_175_068, 24_327_942)
    ]
    social = "social_rented_other_social_rented + social_rented_rents_from_council_or_local_authority"
    assert ask(pack, f"select sum({social}), sum(total) from {{census21_tenure_lsoa21}}") == [(4_005_505, 23_436_382)]


def test_golden_7_traffords_output_areas_sum_to_its_lsoas(pack):
    by_oa = ask(pack, "select sum(total) from {census21_tenure_oa21}")[0][0]
    by_lsoa = ask(
        pack,
        """select sum(total) from {census21_tenure_lsoa21}
        join {areas} on code = lsoa21cd and layer = 'lsoa21' where lad24 = 'E08000009'""",
    )[0][0]
    assert (by_oa, by_lsoa) == (96_243, 96_250)


def test_golden_8_two_independent_extracts_are_equal_cell_by_cell(pack, shared_data):
    long = f"'{shared_data}/trafford/census21_counts_oa_lsoa_long.parquet'"
    word = r"trim(regexp_replace(lower(category), '[^a-z0-9]+', '_', 'g'), '_')"
    occupancy = """case category when 'Occupancy rating of bedrooms: +1' then 'under_1'
        when 'Occupancy rating of bedrooms: +2 or more' then 'under_2plus'
        when 'Occupancy rating of bedrooms: -1' then 'over_1'
        when 'Occupancy rating of bedrooms: -2 or less' then 'over_2plus' else '0_ideal' end"""
    for table, dataset, column in (
        ("household_tenure", "census21_tenure_lsoa21", word),
        ("household_bedroom_occupancy", "census21_occupancy_lsoa21", occupancy),
    ):
        cells, equal = duckdb.sql(f"""
            select count(*), count(*) filter (theirs.value = ours.cell)
            from (select area_code, {column} as word, value from {long} where geo = 'LSOA' and "table" = '{table}')
                as theirs
            join (unpivot (select * exclude (total) from {pack.sql(dataset)}) on columns(* exclude (lsoa21cd))
                into name word value cell) as ours
            on ours.lsoa21cd = area_code and ours.word = theirs.word""").fetchone()
        assert cells == equal == 139 * (8 if table == "household_tenure" else 5)


def test_output_area_tables_have_the_columns_of_their_lsoa_tables(pack):
    for topic in ("tenure", "disability", "ethnic_group", "religion", "accommodation", "occupancy", "deprivation"):
        finer, coarser = pack.resource(f"census21_{topic}_oa21"), pack.resource(f"census21_{topic}_lsoa21")
        assert set(finer.columns[1:]) == set(coarser.columns[1:]), topic
