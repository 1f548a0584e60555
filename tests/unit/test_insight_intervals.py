"""95% intervals against worked examples that others have published."""

import pytest

from placemaker.insight import intervals


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_examples_of_newcombe_1998(count, of, low, high):
    # "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, table I, method 3.
    assert intervals.wilson(count, of) == pytest.approx((low, high), abs=0.00005)


def test_a_proportion_of_all_reaches_one_and_of_none_reaches_nothing():
    assert intervals.wilson(29, 29)[1] == 1.0
    assert intervals.wilson(0, 29)[0] == 0.0


@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0.0, 3.689), (1, 0.0253, 5.572), (2, 0.2422, 7.225), (5, 1.623, 11.668)]
)
def test_below_ten_events_the_interval_is_exact(count, low, high):
    # The exact Poisson limits of Ulm (1990), as in the tables of Breslow and Day (1987), volume II, table 2.11.
    assert intervals.events(count) == pytest.approx((low, high), abs=0.0005)


@pytest.mark.parametrize(("count", "low", "high"), [(10, 4.79, 18.39), (20, 12.21, 30.89), (100, 81.36, 121.63)])
def test_byar_from_ten_events_is_within_a_hundredth_of_exact(count, low, high):
    # Breslow and Day (1987): Byar's approximation is near the exact limits (10: 4.80 to 18.39) even for small counts.
    assert intervals.events(count) == pytest.approx((low, high), abs=0.01)
    assert intervals.events(count) == pytest.approx(intervals.exact(count), rel=0.005)


def test_a_rate_has_the_interval_of_its_events():
    low, high = intervals.rate(20, 500, 1000)
    assert (low, high) == pytest.approx((24.42, 61.78), abs=0.01)


def test_weights_that_differ_make_fewer_effective_responses():
    assert intervals.effective(10, 10) == 10
    assert intervals.effective(1 + 1 + 2, 1 + 1 + 4) == pytest.approx(16 / 6)


@pytest.mark.parametrize("bad", [(1, 0), (-1, 5), (6, 5)])
def test_a_proportion_that_cannot_be_is_refused(bad):
    with pytest.raises(ValueError):
        intervals.wilson(*bad)


def test_events_below_none_are_refused():
    with pytest.raises(ValueError):
        intervals.events(-1)
    with pytest.raises(ValueError):
        intervals.rate(3, 0)
