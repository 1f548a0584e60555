"""Which of the landlord's own counts are withheld over a batch of neighbourhoods."""

from placemaker.insight.small import to_withhold


def test_a_small_count_is_withheld_and_none_is_shown():
    assert to_withhold({"a": 3, "b": 0, "c": 40, "": 60}, {"A": ["a"], "B": ["b"], "C": ["c"]}) == {"A"}


def test_a_count_that_is_nearly_the_whole_stock_is_withheld():
    # 100 of all 103: the other three would be known.
    assert to_withhold({"a": 100, "": 3}, {"A": ["a"]}) == {"A"}


def test_where_all_but_one_are_shown_one_more_is_withheld():
    pieces = {"a": 3, "b": 20, "c": 40}
    assert to_withhold(pieces, {"A": ["a"], "B": ["b"], "C": ["c"]}) == {"A", "B"}


def test_a_rest_outside_every_neighbourhood_hides_with_them():
    pieces = {"a": 3, "b": 20, "c": 40, "": 30}
    assert to_withhold(pieces, {"A": ["a"], "B": ["b"], "C": ["c"]}) == {"A"}


def test_the_inner_of_two_neighbourhoods_that_differ_by_little_is_withheld():
    pieces = {"both": 30, "outer": 2, "": 100}
    assert "Inner" in to_withhold(pieces, {"Inner": ["both"], "Outer": ["both", "outer"]})


def test_a_published_area_that_differs_by_little_withholds():
    pieces = {"a": 30, "": 100}
    assert to_withhold(pieces, {"A": ["a"]}, [("A", 33)]) == {"A"}
    assert to_withhold(pieces, {"A": ["a"]}, [("A", 30), ("A", 80)]) == frozenset()


def test_the_smallest_count_is_settable():
    assert to_withhold({"a": 7, "": 90}, {"A": ["a"]}, smallest=10) == {"A"}
    assert to_withhold({"a": 7, "": 90}, {"A": ["a"]}, smallest=5) == frozenset()
