"""Random neighbourhoods: the long table in DuckDB gives what plain Python gives over the same areas."""

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from insight_example import HOUSEHOLDS, LSOAS, RESIDENTS, make_pack, neighbourhood, value

from placemaker.figure import recompute
from placemaker.insight import intervals, profile
from placemaker.insight.small import to_withhold
from placemaker.lake import connect


@pytest.fixture(scope="module")
def hamland(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLACEMAKER_HOME", str(home))
        yield make_pack(home / "pack"), connect()


places = st.lists(st.integers(1, 24), min_size=1, max_size=24, unique=True)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(numbers=places, homes=st.lists(st.integers(0, 500), min_size=24, max_size=24))
def test_the_engine_agrees_with_plain_python(hamland, numbers, homes):
    pack, con = hamland
    counted = {at: homes[at - 1] for at in numbers if homes[at - 1]}
    (made,) = profile(con, pack, [neighbourhood(*numbers, homes=counted)])
    found = {line.indicator.id: line for line in made.lines}
    codes = [LSOAS[at - 1] for at in numbers]
    scores = {code: value("iod2025_lsoa21", "imd_score", code) for code in codes}
    residents = sum(RESIDENTS[code] for code in codes)
    assert found["imd-score"].place.value == pytest.approx(sum(scores[c] * RESIDENTS[c] for c in codes) / residents)
    social = sum(9 * at for at in numbers)
    assert found["social-renting"].place.value == pytest.approx(100 * social / sum(HOUSEHOLDS[c] for c in codes))
    if counted:
        total = sum(counted.values())
        weighted = sum(scores[LSOAS[at - 1]] * count for at, count in counted.items()) / total
        assert found["imd-score"].homes.value == pytest.approx(weighted)
    else:
        assert found["imd-score"].homes is None
    for line in made.lines:
        for figure in (line.place, line.homes, *line.comparators.values()):
            if figure is not None and figure.parts:
                assert math.isclose(figure.value, recompute(figure), rel_tol=1e-9)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.lists(places, min_size=2, max_size=6))
def test_a_batch_gives_what_each_gives_alone(hamland, batch):
    pack, con = hamland
    some = [neighbourhood(*numbers, id=f"n{at}") for at, numbers in enumerate(batch)]
    together = profile(con, pack, some)
    for one, made in zip(some, together, strict=True):
        (alone,) = profile(con, pack, [one])
        assert made.neighbourhood is one
        for left, right in zip(made.lines, alone.lines, strict=True):
            assert left.place.status == right.place.status
            assert left.place.value is None or math.isclose(left.place.value, right.place.value, rel_tol=1e-9)


@settings(deadline=None)
@given(
    counts=st.lists(st.integers(0, 60), min_size=1, max_size=8), outside=st.integers(0, 60), smallest=st.integers(3, 10)
)
def test_no_withheld_count_comes_back_by_taking_the_others_from_the_whole(counts, outside, smallest):
    pieces = {str(at): count for at, count in enumerate(counts)} | {"": outside}
    places_of = {f"place {at}": [str(at)] for at in range(len(counts))}
    hidden = to_withhold(pieces, places_of, smallest=smallest)
    shown = {name: pieces[made[0]] for name, made in places_of.items() if name not in hidden}
    assert all(count == 0 or count >= smallest for count in shown.values())
    whole = sum(pieces.values())
    # Nobody who takes one place from the whole is left with a small count.
    assert not any(0 < whole - count < smallest for count in shown.values())
    if hidden and len(hidden) < len(places_of):
        rest = whole - sum(shown.values())
        assert len(hidden) > 1 or outside > 0
        assert rest >= smallest - 1


@settings(deadline=None)
@given(of=st.integers(1, 5000), share=st.floats(0, 1))
def test_wilson_holds_the_share_and_stays_between_none_and_all(of, share):
    count = round(of * share)
    low, high = intervals.wilson(count, of)
    assert 0 <= low <= count / of <= high <= 1


@settings(deadline=None)
@given(count=st.integers(0, 3000))
def test_more_events_have_a_higher_interval(count):
    low, high = intervals.events(count)
    assert 0 <= low <= count <= high
    above = intervals.events(count + 1)
    assert above[0] > low
    assert above[1] > high
