"""Homes placed in areas: by postcode, by grid reference, and why not."""

import places_example as example
import pytest

from placemaker.lake import connect
from placemaker.lake.errors import Refusal
from placemaker.places import build_pack, coverage, place
from placemaker.places.postcode import normal_postcode, spaced_postcode


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    base = tmp_path_factory.mktemp("placing")
    example.write_uk_postcodes(base / "home")
    example.write_folder(base / "downloads")
    return base


@pytest.fixture(scope="module")
def squares(folders):
    return build_pack(folders / "downloads", folders / "downloads" / "recipe.yaml", folders / "squares")


@pytest.fixture
def con(folders, monkeypatch):
    monkeypatch.setenv("PLACEMAKER_HOME", str(folders / "home"))
    return connect()


def put(con, *homes, columns=("home_ref", "postcode", "easting", "northing")):
    typed = ", ".join(f"{name} {'double' if name.endswith('ing') else 'varchar'}" for name in columns)
    con.execute(f"create or replace table home ({typed})")
    for home in homes:
        con.execute(f"insert into home values ({', '.join('?' for _ in columns)})", list(home))


def placed(con, pack, *homes, layer=None, **asked):
    """What the placing says of one home or several: rows of area, how, snap_m, reason, note."""
    put(con, *homes)
    table = place(con, pack, "home", layer, **asked)
    return con.execute(f"select area, how, snap_m, reason, note from {table} order by home_ref").fetchall()


@pytest.mark.parametrize("written", ["ZZ5 1AA", "zz51aa", " ZZ5  1AA ", "Z Z 5 1 A A", "ZZ5\t1AA", "ZZ5\u00a01AA\r\n"])
def test_a_postcode_is_found_however_it_is_spaced(con, squares, written):
    assert placed(con, squares, ("1", written, None, None)) == [("X01000005", "postcode", 0, None, None)]


@pytest.mark.parametrize(
    ("postcode", "reason"),
    [
        (None, "no postcode"),
        ("", "no postcode"),
        ("   ", "no postcode"),
        ("TBC", "not a postcode"),
        ("ZZ51A", "not a postcode"),
        ("0L1 1AA", "not a postcode"),
        ("ZZ5 9ZZ", "unknown postcode"),
        ("EH1 1YZ", "in Scotland: the pack covers Squareshire"),
        ("cf101ep", "in Wales: the pack covers Squareshire"),
        ("BT1 5GS", "in Northern Ireland: the pack covers Squareshire"),
        ("SW1A 1AA", "in England: the pack covers Squareshire"),
        ("JE2 3AB", "in the Channel Islands: the pack covers Squareshire"),
        ("AB11 3AG", "a postcode without a grid reference"),
    ],
)
def test_a_home_that_is_not_placed_says_why(con, squares, postcode, reason):
    assert placed(con, squares, ("1", postcode, None, None)) == [(None, None, None, reason, None)]


def test_a_grid_reference_decides_between_two_areas_of_a_postcode(con, squares):
    # The postcode's own point is in square 1; the home stands across the border, in square 2.
    assert placed(con, squares, ("1", "ZZ1 2AA", 401_050, 300_200)) == [("X01000002", "point", 0, None, None)]


def test_a_grid_reference_far_from_the_postcode_is_not_believed(con, squares):
    (row,) = placed(con, squares, ("1", "ZZ1 1AA", 402_900, 302_900))
    assert row == ("X01000001", "postcode", 0, None, "the grid reference is more than 2 km from the postcode")


def test_a_point_just_outside_is_snapped_and_says_how_far(con, squares):
    assert placed(con, squares, ("1", None, 399_880.5, 300_500)) == [("X01000001", "snapped", 120, None, None)]


def test_a_point_far_outside_is_not_placed(con, squares):
    assert placed(con, squares, ("1", None, 399_000, 300_500)) == [
        (None, None, None, "outside the pack's LSOAs 2021", None)
    ]


def test_half_a_grid_reference_is_none(con, squares):
    assert placed(con, squares, ("1", "ZZ1 1AA", 402_900, None)) == [("X01000001", "postcode", 0, None, None)]


def test_a_point_on_a_border_goes_to_the_area_whose_code_sorts_first(con, squares):
    assert placed(con, squares, ("1", None, 401_000, 301_000)) == [("X01000001", "point", 0, None, None)]


def test_a_postcode_that_the_publisher_snapped_is_told_as_snapped(con, squares):
    assert placed(con, squares, ("1", "ZZ9 4AA", None, None)) == [("X01000009", "snapped", 7, None, None)]


def test_a_layer_above_is_reached_by_the_areas_parents(con, squares):
    assert placed(con, squares, ("1", "ZZ9 1AA", None, None), layer="msoa21")[0][0] == "X02000002"
    assert placed(con, squares, ("1", "ZZ9 1AA", None, None), layer="lad24")[0][0] == "X07000001"


def test_a_point_brings_its_authority(con, squares):
    put(con, ("1", None, 400_500, 300_500))
    assert con.execute(f"select lad, e, n from {place(con, squares, 'home')}").fetchall() == [
        ("X07000001", 400_500, 300_500)
    ]


def test_every_home_keeps_its_row_even_where_references_repeat(con, squares):
    rows = placed(con, squares, ("1", "ZZ1 1AA", None, None), ("1", "ZZ2 1AA", None, None), ("1", None, None, None))
    assert sorted(str(row[0]) for row in rows) == ["None", "X01000001", "X01000002"]


def test_columns_are_carried_along(con, squares):
    put(con, ("1", "ZZ1 1AA", "North"), columns=("home_ref", "postcode", "patch"))
    place(con, squares, "home", keep=["patch"], into="mine")
    assert con.execute("select home_ref, area, patch from mine").fetchall() == [("1", "X01000001", "North")]
    with pytest.raises(Refusal, match="They have: home_ref, postcode, patch"):
        place(con, squares, "home", keep=["estate"])


def test_no_column_to_place_by_is_told_with_the_columns_there_are(con, squares):
    put(con, ("1", "High Street"), columns=("home_ref", "street"))
    with pytest.raises(Refusal, match="the columns are: home_ref, street"):
        place(con, squares, "home")


def test_no_homes_are_no_fault(con, squares):
    put(con)
    told = coverage(con, place(con, squares, "home"))
    assert (told.homes, told.placed, told.share, told.words()) == (0, 0, 0.0, "0 of 0 homes are placed.")


def test_coverage_counts_every_home_once(con, squares):
    homes = [("1", "ZZ1 1AA", None, None), ("2", "ZZ9 4AA", None, None), ("3", "TBC", None, None)]
    homes += [("4", None, 400_500, 300_500), ("5", "EH1 1YZ", None, None), ("6", "TBC", None, None)]
    put(con, *homes)
    told = coverage(con, place(con, squares, "home"))
    assert (told.homes, told.placed, told.furthest_snap) == (6, 3, 7)
    assert told.how == {"point": 1, "postcode": 1, "snapped": 1}
    assert told.reasons == {"not a postcode": 2, "in Scotland: the pack covers Squareshire": 1}
    assert told.words() == (
        "3 of 6 homes are placed (50.0%). 1 lay outside every area and took the nearest, at most 7 m away. "
        "Not placed: not a postcode: 2; in Scotland: the pack covers Squareshire: 1."
    )


def test_nearly_all_never_reads_as_all(con, squares):
    con.execute(
        "create table many as select i::varchar as home_ref, if(i = 0, '', 'ZZ1 1AA') as postcode from range(9999) t(i)"
    )
    assert "(99.9%)" in coverage(con, place(con, squares, "many")).words()


@pytest.fixture(scope="module")
def polygons(folders):
    """The squares without postcodes: homes are placed by the UK's grid references in the polygons."""
    recipe = example.write_recipe(folders / "downloads", postcodes=None)
    return build_pack(folders / "downloads", recipe, folders / "polygons")


def test_a_pack_without_postcodes_places_them_by_their_grid_reference(con, folders, polygons, monkeypatch):
    home = folders / "another"
    example.write_uk_postcodes(home)
    monkeypatch.setenv("PLACEMAKER_HOME", str(home))
    uk = home / "postcodes.parquet"
    con.execute(f"create table uk as from '{uk}' union all select 'ZZ5 1AA', 'X07000001', 401200, 301200")
    edition = con.execute(f"select value from parquet_kv_metadata('{uk}')").fetchone()[0].decode()
    con.execute(f"copy uk to '{uk}' (format parquet, kv_metadata {{edition: '{edition}'}})")
    rows = placed(con, polygons, ("1", "zz51aa", None, None), ("2", "SW1A 1AA", None, None), ("3", "zz5", None, None))
    assert [(row[0], row[3]) for row in rows] == [
        ("X01000005", None),
        (None, "in England: the pack covers Squareshire"),
        (None, "not a postcode"),
    ]


def test_a_layer_without_postcodes_or_polygons_is_refused(con, polygons):
    put(con, ("1", "ZZ1 1AA", None, None))
    with pytest.raises(Refusal, match="can place no postcode in the layer 'msoa21'"):
        place(con, polygons, "home", "msoa21")


@pytest.mark.parametrize(
    ("written", "normal"), [("m16 9pp", "M16 9PP"), ("W1A1AA", "W1A 1AA"), ("", None), ("AB", " AB")]
)
def test_both_ways_of_writing_a_postcode_agree(con, written, normal):
    ways = f"select {normal_postcode('?::varchar')}, {spaced_postcode('?::varchar')}".replace("?", "$1")
    slow, quick = con.execute(ways, [written]).fetchone()
    assert slow == normal and quick == (normal if normal is not None else " ")
