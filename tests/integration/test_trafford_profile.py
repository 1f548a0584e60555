"""A landlord on Trafford's real postcodes, profiled by output area and checked against the Census tables themselves."""

import pytest
from real_packs import real_pack
from trafford import draw_homes

from placemaker.insight import profile
from placemaker.lake import connect
from placemaker.places import neighbourhoods_from_column, place

OLD_TRAFFORD = "Trafford 001"  # the middle area that Old Trafford lies in


@pytest.fixture(scope="module")
def con():
    return connect("spatial")


@pytest.fixture(scope="module")
def profiles(con, shared_data, tmp_path_factory):
    """A profile by output area for the homes of every middle area of Trafford, by its name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLACEMAKER_HOME", str(tmp_path_factory.mktemp("home")))
        pack = real_pack("trafford", shared_data, tmp_path_factory)
        draw_homes(con, shared_data)
        placed = place(con, pack, "home", "oa21", keep=["msoa", "true_oa"])
        places = neighbourhoods_from_column(con, pack, placed, "msoa", layer="oa21")
        yield {one.title: one for one in profile(con, pack, places, placed=placed)}


def line(one, indicator):
    return next(line for line in one.lines if line.indicator.id == indicator)


def counts(con, shared_data, table, placed_in):
    """The counts of a Census table summed over the output areas that hold the homes of a middle area, by category."""
    return dict(
        con.execute(f"""
            select category, sum(value)
            from '{shared_data}/trafford/census21_counts_oa_lsoa_long.parquet'
            where geo = 'OA' and "table" = '{table}'
                and area_code in (select area from placed where msoa = '{placed_in}') group by 1""").fetchall()
    )


def test_every_middle_area_is_profiled_by_output_area(profiles):
    assert len(profiles) == 28
    assert {one.layer for one in profiles.values()} == {"oa21"}
    assert sum(one.homes_count.value for one in profiles.values()) == 14_416


def test_social_renting_is_the_census_count_over_its_households(con, profiles, shared_data):
    for name, one in profiles.items():
        tenure = counts(con, shared_data, "household_tenure", name)
        social = sum(count for category, count in tenure.items() if category.startswith("Social rented"))
        figure = line(one, "social-renting").place
        assert figure.parts[0].value == social
        assert figure.value == pytest.approx(100 * social / sum(tenure.values()), abs=0.05), name


def test_a_trafford_table_that_england_lacks_is_in_the_profile(con, profiles, shared_data):
    health = counts(con, shared_data, "general_health", OLD_TRAFFORD)
    bad = sum(count for category, count in health.items() if category.lower().startswith(("bad", "very bad")))
    figure = line(profiles[OLD_TRAFFORD], "bad-health").place
    assert figure.value == pytest.approx(100 * bad / sum(health.values()), abs=0.05)


def test_our_homes_weigh_each_output_area_by_the_homes_in_it(con, profiles, shared_data):
    (expected,) = con.execute(f"""
        with tenure as (
            select area_code as area, sum(value) filter (starts_with(category, 'Social rented')) / sum(value) as share
            from '{shared_data}/trafford/census21_counts_oa_lsoa_long.parquet'
            where geo = 'OA' and "table" = 'household_tenure' group by 1)
        select 100 * sum(share) / count(*) from placed join tenure using (area) where msoa = '{OLD_TRAFFORD}'
    """).fetchone()
    assert line(profiles[OLD_TRAFFORD], "social-renting").homes.value == pytest.approx(expected, abs=0.05)
