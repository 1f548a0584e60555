"""What a figure says, how its parts add up, and which small numbers are withheld."""

import pytest

from placemaker.figure import Figure, Source, differencing_unsafe, missing, recompute, withhold, write_number


def count(value, label="homes"):
    return Figure(value, "homes", label)


@pytest.mark.parametrize(
    ("value", "unit", "places", "written"),
    [
        (12061, "homes", 0, "12,061"),
        (1104220.5, "£", 2, "£1,104,220.50"),
        (-3.456, "£ of 2024/25", 2, "-£3.46"),
        (34.04, "%", 1, "34.0%"),
        (-0.04, "%", 1, "0.0%"),
        (0, "days", 0, "0"),
    ],
)
def test_a_number_is_written_as_people_read_it(value, unit, places, written):
    assert write_number(value, unit, places) == written
    assert Figure(value, unit, "x", places=places).text() == written


def test_the_interval_is_written_in_the_same_unit():
    assert Figure(34.0, "%", "x", interval=(31.22, 36.87), places=1).interval_text() == "31.2% to 36.9%"


@pytest.mark.parametrize(
    ("formula", "per", "values", "result"),
    [
        ("sum", 1, [1, 2, 3.5], 6.5),
        ("difference", 1, [10, 2, 3], 5),
        ("share", 100, [1, 4], 25),
        ("rate", 1000, [3, 12000], 0.25),
        ("mean", 1, [10, 4], 2.5),
        ("share", 100, [1, 0], None),
        ("given", 1, [1, 2], None),
        ("sum", 1, [], None),
    ],
)
def test_a_figure_is_recomputed_from_its_parts(formula, per, values, result):
    assert recompute(Figure(0, "x", "x", parts=tuple(map(count, values)), formula=formula, per=per)) == result


def test_a_figure_of_a_part_that_is_not_known_cannot_be_recomputed():
    parts = (count(1), missing("homes", "homes", "no data"))
    assert recompute(Figure(0, "x", "x", parts=parts, formula="sum")) is None


def test_a_missing_figure_says_why():
    figure = missing("Loneliness", "%", "not published for Wales", period="2022")
    assert (figure.status, figure.text(), figure.reason) == ("missing", "not available", "not published for Wales")
    with pytest.raises(ValueError, match="says why"):
        missing("Loneliness", "%", "")


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_shown_figure_has_a_finite_value(value):
    with pytest.raises(ValueError, match="finite"):
        count(value)


def test_a_withheld_figure_cannot_be_built_with_its_value_or_parts():
    with pytest.raises(ValueError, match="carries no value"):
        Figure(3, "homes", "x", status="suppressed", reason="small")
    with pytest.raises(ValueError, match="carries no value"):
        Figure(None, "homes", "x", parts=(count(3),), status="suppressed", reason="small")


def test_a_source_is_cited_with_its_snapshot_for_own_data():
    published = Source("a", "Census 2021", "ONS", version="2021", licence="OGL v3")
    own = Source("tenancy", "Tenancies", "A Landlord", version="unused", snapshot=7)
    assert published.cite() == "Census 2021, ONS, 2021, OGL v3"
    assert own.cite() == "Tenancies, A Landlord, snapshot 7"


# --- small numbers


def test_a_small_count_without_totals_is_withheld_alone():
    assert withhold({"a": 3, "b": 9, "c": 0, "d": 5}) == {"a"}


def test_the_next_smallest_goes_too_where_a_total_would_give_the_small_one_away():
    assert withhold({"a": 3, "b": 90, "c": 20, "d": 0}, {"all": ["a", "b", "c", "d"]}) == {"a", "c"}


def test_two_small_counts_whose_sum_tells_too_much_take_a_third():
    assert withhold({"a": 1, "b": 1, "c": 30, "d": 40}, {"all": "abcd"}) == {"a", "b", "c"}


def test_a_small_total_is_withheld_and_so_is_the_one_that_would_give_it_back():
    """``all`` (9) less ``cd`` (5) would be ``ab`` (4)."""
    withheld = withhold({"a": 3, "b": 1, "c": 4, "d": 1}, {"ab": "ab", "cd": "cd", "all": "abcd"})
    assert withheld == {"a", "b", "c", "d", "ab", "cd"}


def test_a_saved_neighbourhood_inside_a_published_area_does_not_give_the_rest_away():
    withheld = withhold({"inside": 40, "rest": 2}, {"area": ["inside", "rest"]})
    assert withheld == {"rest", "inside"}


def test_a_total_of_an_unknown_cell_is_an_error():
    with pytest.raises(ValueError, match="nowhere"):
        withhold({"a": 1}, {"all": ["a", "nowhere"]})
    with pytest.raises(ValueError, match="negative"):
        withhold({"a": -1})


@pytest.mark.parametrize(
    ("larger", "smaller", "unsafe"), [(10, 10, False), (10, 9, True), (10, 6, True), (10, 5, False)]
)
def test_two_places_one_inside_the_other_are_unsafe_when_they_differ_by_few(larger, smaller, unsafe):
    assert differencing_unsafe(larger, smaller) is unsafe
