"""What must hold of places whatever the homes, postcodes and shapes are."""

import places_example as example
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from placemaker.lake import connect
from placemaker.places import build_pack, coverage, neighbourhoods_from_column, neighbourhoods_from_radius, place
from placemaker.places.neighbourhood import make_ids, percent, shares
from placemaker.places.placing import NO_POSTCODE, NOT_A_POSTCODE, UNKNOWN
from placemaker.places.postcode import normal_postcode

POSTCODES = [row[0] for row in example.postcodes()]


@pytest.fixture(scope="module")
def squares(tmp_path_factory):
    base = tmp_path_factory.mktemp("generative")
    patch = pytest.MonkeyPatch()
    patch.setenv("PLACEMAKER_HOME", str(base / "home"))
    example.write_uk_postcodes(base / "home")
    recipe = example.write_folder(base / "downloads")
    yield build_pack(base / "downloads", recipe, base / "squares")
    patch.undo()


@pytest.fixture(scope="module")
def con():
    return connect()


def untidy(postcode):
    """The same postcode as people write it."""
    return st.sampled_from([postcode, postcode.lower(), postcode.replace(" ", ""), f" {postcode}\t"])


homes = st.lists(
    st.tuples(
        st.one_of(st.none(), st.sampled_from(POSTCODES).flatmap(untidy), st.text(max_size=9)),
        st.one_of(st.none(), st.integers(399_000, 404_000)),
        st.one_of(st.none(), st.integers(299_000, 304_000)),
        st.sampled_from(["North", "South", None]),
    ),
    max_size=12,
)


def put(con, rows):
    con.execute(
        "create or replace table home (home_ref varchar, postcode varchar, easting int, northing int, patch varchar)"
    )
    for number, row in enumerate(rows):
        con.execute("insert into home values (?, ?, ?, ?, ?)", [str(number), *row])


@settings(max_examples=30, deadline=None)
@given(homes)
def test_every_home_is_placed_or_says_why_and_never_both(con, squares, rows):
    put(con, rows)
    table = place(con, squares, "home", keep=["patch"])
    found = con.execute(
        f"select home_ref, area, how, snap_m, reason, patch from {table} order by home_ref::int"
    ).fetchall()
    assert [row[0] for row in found] == [str(number) for number in range(len(rows))]
    for (_, area, how, snap, reason, patch), (postcode, easting, northing, own_patch) in zip(found, rows, strict=True):
        assert (area is None) == (how is None) == (reason is not None)
        assert patch == own_patch
        if area is None and (easting is None or northing is None):
            assert reason in (NO_POSTCODE, NOT_A_POSTCODE, UNKNOWN) or "pack" in reason or "grid" in reason
            assert postcode is None or "".join(postcode.split()).upper() not in {p.replace(" ", "") for p in POSTCODES}
        if area is not None:
            assert area in example.LSOAS and (how == "snapped") == (snap > 0)
    told = coverage(con, table)
    assert told.placed + sum(told.reasons.values()) == told.homes == len(rows)
    assert sum(told.how.values()) == told.placed


@settings(max_examples=30, deadline=None)
@given(st.integers(400_000, 402_999), st.integers(300_000, 302_999))
def test_a_point_is_in_the_square_that_arithmetic_says(con, squares, e, n):
    put(con, [(None, e, n, None)])
    area = con.execute(f"select area from {place(con, squares, 'home')}").fetchone()[0]
    # On a line the lower code has it, which is the square to the left or below.
    column = max(0, -(-(e - example.E0) // 1000) - 1)
    row = max(0, -(-(n - example.N0) // 1000) - 1)
    assert area == example.LSOAS[3 * row + column]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(POSTCODES), st.sampled_from(["a", "b", "c"])), min_size=1, max_size=30))
def test_neighbourhoods_of_a_column_share_out_all_the_homes(con, squares, rows):
    put(con, [(postcode, None, None, patch) for postcode, patch in rows])
    found = neighbourhoods_from_column(con, squares, place(con, squares, "home", keep=["patch"]), "patch")
    assert sum(one.homes_count for one in found) == len(rows)
    assert sorted(ref for one in found for ref in one.homes) == sorted(str(number) for number in range(len(rows)))
    for one in found:
        assert sum(weight for _, weight in one.areas) == pytest.approx(1)
        assert len(set(one.codes)) == len(one.codes)


@settings(max_examples=30, deadline=None)
@given(st.integers(400_000, 403_000), st.integers(300_000, 303_000), st.integers(700, 3_000), st.integers(1, 2_000))
def test_a_wider_circle_never_loses_an_area(con, squares, e, n, metres, more):
    from placemaker.lake.errors import Refusal

    def codes(radius):
        try:
            return set(neighbourhoods_from_radius(con, squares, e, n, radius)[0].codes)
        except Refusal:
            return set()

    assert codes(metres) <= codes(metres + more)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12))
def test_writing_a_postcode_normally_twice_changes_nothing(con, text):
    once = con.execute(f"select {normal_postcode('$1::varchar')}", [text]).fetchone()[0]
    twice = con.execute(f"select {normal_postcode('$1::varchar')}", [once]).fetchone()[0]
    assert once == twice


@given(st.lists(st.text(max_size=8), max_size=12))
def test_no_two_neighbourhoods_have_one_id(names):
    ids = make_ids(names)
    assert len(set(ids)) == len(ids) == len(names)
    assert all(id and set(id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for id in ids)


@given(st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 10**6), min_size=1))
def test_weights_add_up_to_one(counts):
    assert sum(weight for _, weight in shares(counts)) == pytest.approx(1)


@given(st.integers(0, 10**7), st.integers(1, 10**7))
def test_a_share_reads_as_all_or_none_only_when_it_is(part, whole):
    part = min(part, whole)
    assert (percent(part / whole) == "100%") == (part == whole)
    assert (percent(part / whole) == "0%") == (part == 0)
