"""How indicators are added up, for every kind, as the reference says it: each test is a paragraph of it.

The made-up country has 24 LSOAs; the area with number 5 has 1,050 residents, 405 households and 85 as its score.
"""

import pytest
from insight_example import HOUSEHOLDS, LSOAS, OLD, RESIDENTS, make_pack, neighbourhood

from placemaker.figure import recompute
from placemaker.insight import catalogue, own_catalogue, profile
from placemaker.lake import connect


@pytest.fixture(scope="module")
def hamland(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLACEMAKER_HOME", str(home))
        yield make_pack(home / "pack"), connect()


def lines(hamland, *numbers, **about):
    pack, con = hamland
    (made,) = profile(con, pack, [neighbourhood(*numbers, **about)])
    return {line.indicator.id: line for line in made.lines}


def test_a_count_sums(hamland):
    line = lines(hamland, 1, 2)["social-renting-households"]
    # The catalogue adds council and other social renting: area 1 has 1 + 8, area 2 has 2 + 16.
    assert line.place.value == 9 + 18
    assert line.homes is None


def test_a_rate_is_a_sum_over_a_sum_and_not_an_average_of_rates(hamland):
    figure = lines(hamland, 1, 24)["social-renting"].place
    top, bottom = 9 * 1 + 9 * 24, HOUSEHOLDS[LSOAS[0]] + HOUSEHOLDS[LSOAS[23]]
    assert figure.value == pytest.approx(100 * top / bottom)
    assert [part.value for part in figure.parts] == [top, bottom]
    assert figure.value == recompute(figure)


def test_a_score_is_averaged_by_residents(hamland):
    figure = lines(hamland, 1, 24)["imd-score"].place
    people = RESIDENTS[LSOAS[0]], RESIDENTS[LSOAS[23]]
    assert figure.value == pytest.approx((97 * people[0] + 28 * people[1]) / sum(people))


def test_a_decile_is_never_averaged_but_counted(hamland):
    # Of 24 areas 1 to 3 are in the first decile.
    figure = lines(hamland, 1, 2, 3, 4)["income-worst-tenth"].place
    assert figure.value == 75
    assert [part.value for part in figure.parts] == [3, 4]
    for indicator in catalogue().values():
        assert not indicator.averaged or not indicator.numerator.endswith(("_decile", "_rank"))


def test_what_the_publisher_withholds_is_never_nothing(hamland):
    found = lines(hamland, 4, 5)
    count = found["income-deprived-people"].place
    assert count.value == 40
    assert count.status == "estimated"
    assert "1 of 2 areas are left out" in count.reason
    alone = lines(hamland, 5)["income-deprived-people"].place
    assert alone.status == "missing"
    assert alone.value is None


def test_modelled_values_are_estimates_and_say_why(hamland):
    for name in ("fuel-poverty-2022", "loneliness"):
        figure = lines(hamland, 6, 7)[name].place
        assert figure.status == "estimated"
        assert "odelled" in figure.reason


def test_our_homes_weigh_each_area_by_the_homes_that_stand_there(hamland):
    found = lines(hamland, 1, 24, homes={1: 30, 24: 10})
    assert found["imd-score"].homes.value == pytest.approx((97 * 30 + 28 * 10) / 40)
    assert found["income-worst-tenth"].homes.value == 75
    assert found["income-worst-tenth"].place.value == 50
    assert found["imd-score"].homes.value == pytest.approx(recompute(found["imd-score"].homes))


def test_the_share_of_homes_in_the_most_deprived_areas_of_the_country(hamland):
    pack, con = hamland
    (made,) = profile(con, pack, [neighbourhood(1, 2, 24, homes={1: 412, 2: 588, 24: 1000})])
    # 5% of 24 areas is 1.2, so only the area ranked first is among the most deprived 5%.
    assert [part.value for part in made.most_deprived[5].parts] == [412, 2000]
    assert made.most_deprived[1].value == 0
    assert made.most_deprived[10].value == 50
    assert set(made.most_deprived) == {1, 5, 10, 20}


def test_an_area_of_2011_that_was_split_counts_by_the_part_inside(hamland):
    # Area 1 got a quarter of the old area 1, whose value of a count is made of its number: 10 would be the whole.
    line = lines(hamland, 1)["income-deprived-children-2019"]
    assert line.place.value == pytest.approx(0.25 * 1)
    assert line.place.status == "estimated"
    assert "changed since" in line.place.reason


def test_areas_of_2011_that_were_merged_all_count(hamland):
    line = lines(hamland, 3)["income-deprived-children-2019"]
    assert line.place.value == int(OLD[2][-2:]) + int(OLD[3][-2:])


def test_an_unchanged_area_of_2011_is_joined_as_it_is(hamland):
    line = lines(hamland, 10)["imd-2019-score"]
    assert line.place.value == 100 - 3 * 10
    assert line.place.status == "shown"


def test_comparators_are_the_authority_the_region_the_country_and_its_social_housing_areas(hamland):
    pack, con = hamland
    (made,) = profile(con, pack, [neighbourhood(1, 2)], social=100)
    assert [one.key for one in made.comparators] == ["authority", "region", "england", "social"]
    assert made.comparators[0].title == "Eastham"
    line = {line.indicator.id: line for line in made.lines}["social-renting-households"]
    assert line.comparators["authority"].value == sum(9 * at for at in range(1, 13))
    assert line.comparators["england"].value == sum(9 * at for at in range(1, 25))
    # Areas with at least 100 social renting households are 12 to 24, since 9 times 12 is 108.
    assert line.comparators["social"].value == sum(9 * at for at in range(12, 25))
    assert "100 or more" in made.comparators[3].title


def test_the_authority_is_the_one_of_most_homes_and_else_of_most_residents(hamland):
    pack, con = hamland
    areas = (1, 13, 14)  # one of Eastham, two of Westham
    by_people, by_homes = profile(con, pack, [neighbourhood(*areas), neighbourhood(*areas, homes={1: 75, 13: 25})])
    assert by_people.comparators[0].title == "Westham"
    assert any("Westham holds 69% of the residents" in note for note in by_people.notes)
    assert by_homes.comparators[0].title == "Eastham"
    assert any("Eastham holds 75% of the homes" in note for note in by_homes.notes)


def test_half_of_the_homes_is_the_most_and_not_a_majority(hamland):
    pack, con = hamland
    (made,) = profile(con, pack, [neighbourhood(1, 13, homes={1: 10, 13: 10})])
    assert any("holds the most (50%) of the homes" in note for note in made.notes)


def test_a_whole_authority_is_not_compared_with_itself(hamland):
    pack, con = hamland
    exact, less = profile(con, pack, [neighbourhood(*range(1, 13)), neighbourhood(*range(1, 12))])
    assert "authority" not in [one.key for one in exact.comparators]
    assert "authority" in [one.key for one in less.comparators]


def test_a_list_of_postcodes_says_how_many_homes_it_placed(hamland):
    pack, con = hamland
    (made,) = profile(con, pack, [neighbourhood(1, 2, homes={1: 30, 2: 10})])
    assert made.homes_count.value == 40
    assert [part.label for part in made.homes_count.parts] == ["Homes placed", "Homes given"]
    assert made.homes_share == pytest.approx(40 / (HOUSEHOLDS[LSOAS[0]] + HOUSEHOLDS[LSOAS[1]]))


def test_a_summary_of_deprivation_needs_ten_areas(hamland):
    pack, con = hamland
    nine, ten = profile(con, pack, [neighbourhood(*range(1, 10)), neighbourhood(*range(1, 11))])
    assert list(nine.summary) == []
    assert [line.indicator.id for line in ten.summary] == [
        "imd-average-score", "imd-average-rank", "imd-proportion", "imd-extent", "imd-local-concentration",
    ]  # fmt: skip


def test_a_made_up_place_says_so(hamland):
    pack, con = hamland
    (made,) = profile(con, pack, [neighbourhood(1)])
    assert made.made_up
    assert "made up" in made.notes[0]


def test_there_are_enough_indicators_and_each_says_what_it_is():
    assert len(catalogue()) >= 110
    assert len(own_catalogue()) >= 28
    for indicator in [*catalogue().values(), *own_catalogue().values()]:
        assert indicator.title[0].isupper()
        assert not indicator.title.endswith(".")
        assert indicator.how.endswith("."), indicator.id
        assert indicator.note == "" or indicator.note.endswith("."), indicator.id
    assert not set(catalogue()) & set(own_catalogue())
