"""Neighbourhoods from a column, postcodes, codes, polygons and radii, and how well they fit."""

import json

import places_example as example
import pytest

from placemaker.lake import connect
from placemaker.lake.errors import Refusal
from placemaker.places import (
    build_pack,
    neighbourhoods_from_codes,
    neighbourhoods_from_column,
    neighbourhoods_from_named_postcodes,
    neighbourhoods_from_polygon,
    neighbourhoods_from_postcodes,
    neighbourhoods_from_radius,
    outlines,
    place,
    point_of_postcode,
)

METRES = {"type": "name", "properties": {"name": "EPSG:27700"}}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    base = tmp_path_factory.mktemp("neighbourhoods")
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


@pytest.fixture
def homes(con, squares):
    """Four homes: three of patch North in squares 7 and 8, one of South in square 1, and one of no patch."""
    con.execute("create table home (home_ref varchar, postcode varchar, patch varchar)")
    rows = [("a", "ZZ7 1AA", "North"), ("b", "ZZ7 2AA", "North"), ("c", "ZZ8 1AA", "North"), ("d", "ZZ1 1AA", "South")]
    con.executemany("insert into home values (?, ?, ?)", [*rows, ("e", "ZZ2 1AA", None), ("f", "TBC", "North")])
    return place(con, squares, "home", keep=["patch"])


def rectangle(left, bottom, right, top):
    ring = [[left, bottom], [right, bottom], [right, top], [left, top], [left, bottom]]
    return {"type": "Polygon", "coordinates": [ring], "crs": METRES}


# --- homes and postcodes -------------------------------------------------------------------------------------------


def test_a_column_of_the_homes_makes_a_neighbourhood_of_each_value(con, squares, homes):
    north, south = found = neighbourhoods_from_column(con, squares, homes, "patch")
    assert (north.id, north.name, north.how, north.layer) == ("north", "North", "column", "lsoa21")
    assert north.areas == (("X01000007", pytest.approx(2 / 3)), ("X01000008", pytest.approx(1 / 3)))
    assert north.homes == ("a", "b", "c", "f") and north.homes_count == 4
    assert (north.fit.inside, north.fit.total, north.fit.coverage) == (3, 4, 0.75)
    assert north.fit.words == (
        "3 of 4 homes (75%) lie in 2 LSOAs (2021). Those areas have 213 households; these homes are 1% of that."
    )
    assert south.codes == ("X01000001",)
    assert found.left_out == (("", "1 home has no patch"),)


def test_the_column_may_be_in_another_table_of_the_homes(con, squares, homes):
    con.execute("create table other as select home_ref, 'Estate ' || patch as estate from home where patch = 'South'")
    (south,) = neighbourhoods_from_column(con, squares, homes, "estate", homes="other")
    assert south.name == "Estate South" and south.homes == ("d",)


def test_a_column_that_is_not_there_is_told(con, squares, homes):
    with pytest.raises(Refusal, match="no column 'estate_ref'.*patch"):
        neighbourhoods_from_column(con, squares, homes, "estate_ref")


def test_each_row_of_a_postcode_list_counts_as_a_home(con, squares):
    (mine,) = neighbourhoods_from_postcodes(con, squares, ["ZZ1 1AA", "zz11aa", "ZZ1 2AA", "ZZ5 1AA", "EH1 1YZ"])
    assert mine.areas == (("X01000001", 0.75), ("X01000005", 0.25))
    assert (mine.homes, mine.homes_count, mine.fit.coverage) == (None, 5, 0.8)
    assert sum(weight for _, weight in mine.areas) == 1


def test_a_named_file_makes_a_neighbourhood_of_each_name(con, squares, tmp_path):
    file = tmp_path / "estates.csv"
    file.write_text("postcode,name\nZZ1 1AA,Elm\nZZ2 1AA,Oak\nZZ2 2AA,Oak\nEH1 1YZ,Ash\n")
    found = neighbourhoods_from_named_postcodes(con, squares, file)
    assert {one.name: one.codes for one in found} == {"Elm": ("X01000001",), "Oak": ("X01000002",)}
    assert found.left_out == (("Ash", "none of its homes could be placed"),)


def test_postcodes_that_are_all_elsewhere_are_refused_with_the_reason(con, squares):
    with pytest.raises(Refusal, match="in Scotland: the pack covers Squareshire"):
        neighbourhoods_from_postcodes(con, squares, ["EH1 1YZ"])


def test_the_refusal_of_a_file_names_it(con, squares, tmp_path):
    file = tmp_path / "homes.csv"
    file.write_text("postcode\nEH1 1YZ\n")
    with pytest.raises(Refusal, match="homes.csv"):
        neighbourhoods_from_postcodes(con, squares, file)


def test_the_homes_that_could_not_be_placed_are_counted_by_reason(con, squares):
    (mine,) = neighbourhoods_from_postcodes(con, squares, ["ZZ1 1AA", "EH1 1YZ", "EH1 1YZ", "nonsense"])
    assert mine.not_placed == (("in Scotland: the pack covers Squareshire", 2), ("not a postcode", 1))
    assert neighbourhoods_from_postcodes(con, squares, ["ZZ1 1AA"])[0].not_placed == ()


def test_one_home_is_told_as_one(con, squares):
    (mine,) = neighbourhoods_from_postcodes(con, squares, ["ZZ1 1AA"])
    assert mine.fit.words.startswith("1 of 1 home (100%) lies in 1 of the LSOAs (2021). That area has ")
    assert "this home is" in mine.fit.words


def test_a_few_homes_that_bring_in_a_whole_area_are_told(con, squares):
    (mine,) = neighbourhoods_from_postcodes(con, squares, ["ZZ1 1AA"] * 99 + ["ZZ9 1AA"])
    assert mine.note == "1 area holds only a few of the homes; the neighbourhood view counts it whole."


# --- codes ---------------------------------------------------------------------------------------------------------


def test_codes_of_a_coarser_layer_stand_for_the_areas_inside(con, squares):
    (upper,) = neighbourhoods_from_codes(con, squares, ["X02000002"])
    assert upper.codes == ("X01000007", "X01000008", "X01000009")
    assert {weight for _, weight in upper.areas} == {0.0} and upper.homes_count is None


def test_codes_may_be_mixed_and_repeated(con, squares):
    (both,) = neighbourhoods_from_codes(con, squares, ["X02000002", "x01000007 ", "X01000001"], name="Mine")
    assert both.codes == ("X01000001", "X01000007", "X01000008", "X01000009") and both.name == "Mine"


def test_the_name_of_one_area_does_for_its_code(con, squares):
    (one,) = neighbourhoods_from_codes(con, squares, ["square 1"])
    assert one.codes == ("X01000001",) and one.name == "Square 1"


def test_areas_together_are_named_by_their_names(con, squares):
    (two,) = neighbourhoods_from_codes(con, squares, ["X01000001", "X01000002"])
    (three,) = neighbourhoods_from_codes(con, squares, ["X01000001", "X01000002", "X01000003"])
    assert (two.name, three.name) == ("Square 1 with Square 2", "Square 1 with 2 other areas")


def test_what_is_no_code_is_told_how_codes_look(con, squares):
    with pytest.raises(Refusal, match="'Nowhere at all' is neither a code nor the name.*such as X01000001"):
        neighbourhoods_from_codes(con, squares, ["Nowhere at all"])


def test_codes_with_homes_are_weighted_by_them(con, squares, homes):
    (upper,) = neighbourhoods_from_codes(con, squares, ["X02000002"], placed=homes)
    assert upper.areas == (("X01000007", pytest.approx(2 / 3)), ("X01000008", pytest.approx(1 / 3)), ("X01000009", 0.0))
    assert sorted(upper.homes) == ["a", "b", "c"] and upper.homes_count == 3


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("X07000009", "code of another year for Squareshire.*X07000001"),
        ("S01006506", "in Scotland: the pack covers Squareshire"),
        ("E01000001", "no area of the pack 'squares'.*vintage"),
        ("nonsense", "'nonsense' is neither a code nor"),
    ],
)
def test_a_code_that_the_pack_does_not_have_is_told(con, squares, code, words):
    with pytest.raises(Refusal, match=words):
        neighbourhoods_from_codes(con, squares, ["X01000001", code])


def test_an_area_cannot_be_made_of_larger_ones(con, squares):
    with pytest.raises(Refusal, match=r"X01000001 \(Square 1\) cannot be put together from whole areas of msoa21"):
        neighbourhoods_from_codes(con, squares, ["X01000001"], layer="msoa21")


# --- shapes --------------------------------------------------------------------------------------------------------


def test_an_area_belongs_when_most_of_its_postcodes_lie_inside(con, squares):
    # All of square 1, and the left half of square 2: two of its four postcodes are not most.
    (one,) = neighbourhoods_from_polygon(con, squares, rectangle(400_000, 300_000, 401_500, 301_000))
    assert one.codes == ("X01000001",)
    assert (one.fit.basis, one.fit.inside, one.fit.total, one.fit.outside) == ("postcodes", 4, 6, 0.0)
    assert one.fit.words == (
        "1 of the LSOAs (2021) fits the place, with most of its postcodes inside. "
        "It holds 4 of the 6 postcodes inside it (67%); 0% of its own lie outside it."
    )
    assert "poorly" in one.note


def test_what_lies_outside_is_told(con, squares):
    # Three of the four postcodes of square 1.
    ring = [[400_000, 300_000], [401_000, 300_000], [400_000, 301_500], [400_000, 300_000]]
    (one,) = neighbourhoods_from_polygon(con, squares, {"type": "Polygon", "coordinates": [ring], "crs": METRES})
    assert one.codes == ("X01000001",) and one.fit.outside == 0.25 and one.fit.coverage == 1.0


def test_homes_inside_a_polygon_weigh_its_areas(con, squares, homes):
    (upper,) = neighbourhoods_from_polygon(con, squares, rectangle(400_000, 302_000, 402_000, 303_000), placed=homes)
    assert upper.areas == (("X01000007", pytest.approx(2 / 3)), ("X01000008", pytest.approx(1 / 3)))
    assert sorted(upper.homes) == ["a", "b", "c"] and upper.fit.basis == "homes" and upper.fit.coverage == 1.0


def test_population_weighted_centres_decide_where_there_are_any(con, folders):
    areas = [{**example.RECIPE["areas"][0], "e": "if(lsoa = 'X01000001', 401900, 400500)", "n": "300500"}]
    areas[0]["centre"] = "population-weighted"
    recipe = example.write_recipe(folders / "downloads", areas=areas + example.RECIPE["areas"][1:])
    pack = build_pack(folders / "downloads", recipe, folders / "weighted")
    # Its people live at the far end: the area of square 1 belongs to the shape around their centre.
    (one,) = neighbourhoods_from_polygon(con, pack, rectangle(401_800, 300_400, 402_000, 300_600))
    assert one.codes == ("X01000001",) and "population-weighted centre" in one.fit.words


def test_degrees_become_metres(con, squares):
    grid = (
        connect("spatial")
        .execute(
            """select ST_AsGeoJSON(ST_Transform(ST_GeomFromText(
            'POLYGON((399990 299990, 401010 299990, 401010 301010, 399990 301010, 399990 299990))'),
            'EPSG:27700', 'EPSG:4326', always_xy := true))"""
        )
        .fetchone()[0]
    )
    (one,) = neighbourhoods_from_polygon(con, squares, json.loads(grid))
    assert one.codes == ("X01000001",)
    left, bottom = one.shape["coordinates"][0][0]
    assert (left, bottom) == (pytest.approx(399_990, abs=0.01), pytest.approx(299_990, abs=0.01))


def test_each_feature_of_a_collection_is_a_neighbourhood(con, squares, tmp_path):
    def feature(name, *box):
        shape = rectangle(*box)
        del shape["crs"]
        return {"type": "Feature", "properties": {"name": name}, "geometry": shape}

    features = [feature("Low", 400_000, 300_000, 401_000, 301_000), feature("", 402_000, 302_000, 403_000, 303_000)]
    file = tmp_path / "drawn.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "crs": METRES, "features": features}))
    low, other = neighbourhoods_from_polygon(con, squares, file)
    assert (low.id, low.name, low.codes) == ("low", "Low", ("X01000001",))
    assert (other.name, other.codes) == ("drawn 2", ("X01000009",))


def test_a_name_that_was_asked_for_wins_over_the_files_own(con, squares):
    ring = rectangle(400_000, 300_000, 401_000, 301_000)
    drawn = {"type": "Feature", "properties": {"name": "Drawn"}, "geometry": ring, "crs": METRES}
    assert neighbourhoods_from_polygon(con, squares, drawn, name="Asked")[0].name == "Asked"
    assert neighbourhoods_from_polygon(con, squares, drawn)[0].name == "Drawn"
    both = {"type": "FeatureCollection", "features": [drawn, {**drawn, "properties": {}}], "crs": METRES}
    assert [one.name for one in neighbourhoods_from_polygon(con, squares, both, name="Asked")] == [
        "Asked: Drawn",
        "Asked 2",
    ]


def test_a_radius_takes_the_areas_around_a_point(con, squares):
    e, n = point_of_postcode(con, squares, "zz5 1aa")
    (near,) = neighbourhoods_from_radius(con, squares, e + 300, n + 300, 500)
    assert near.codes == ("X01000005",) and near.how == "radius"
    with pytest.raises(Refusal, match="no postcode of Squareshire"):
        point_of_postcode(con, squares, "EH1 1YZ")


def test_a_place_without_an_area_is_told_the_nearest_and_what_would_help(con, squares):
    with pytest.raises(Refusal, match=r"too small.*Square 5, with 25%. Draw it larger, or give a list of postcodes"):
        neighbourhoods_from_radius(con, squares, 401_200, 301_200, 100)
    with pytest.raises(Refusal, match="take a finer layer .lsoa21."):
        neighbourhoods_from_radius(con, squares, 401_200, 301_200, 100, layer="msoa21")


def test_a_place_elsewhere_is_refused(con, squares):
    with pytest.raises(Refusal, match=r"No postcode of the pack \(Squareshire\) lies inside"):
        neighbourhoods_from_radius(con, squares, 325_800, 673_900, 800)


@pytest.mark.parametrize(
    ("e", "n", "metres", "words"), [(-1, 0, 5, "outside Great Britain"), (4e5, 3e5, 0, "more than 0")]
)
def test_a_point_or_radius_that_cannot_be_is_refused(con, squares, e, n, metres, words):
    with pytest.raises(Refusal, match=words):
        neighbourhoods_from_radius(con, squares, e, n, metres)


# --- outlines ------------------------------------------------------------------------------------------------------


def test_outlines_are_the_areas_and_what_surrounds_them(squares):
    drawn = outlines(squares, ["X01000001"])
    inside = {f["properties"]["code"]: f["properties"]["inside"] for f in drawn["features"]}
    assert inside == {"X01000001": True, "X01000002": False, "X01000004": False, "X01000005": False}
    assert drawn["crs"]["properties"]["name"].endswith("27700")
    assert drawn["bbox"] == [399_800, 299_800, 401_200, 301_200]
    ring = drawn["features"][0]["geometry"]["coordinates"][0]
    assert sorted(set(ring)) == [(4e5, 3e5), (4e5, 301e3), (401e3, 3e5), (401e3, 301e3)]
    json.dumps(drawn)


def test_outlines_of_a_neighbourhood_alone(con, squares):
    (upper,) = neighbourhoods_from_codes(con, squares, ["X02000002"])
    drawn = outlines(squares, upper, surroundings=False)
    assert [f["properties"]["code"] for f in drawn["features"]] == list(upper.codes)


def test_a_layer_without_boundaries_has_no_map(squares):
    with pytest.raises(Refusal, match="no boundaries of 'msoa21'"):
        outlines(squares, ["X02000001"], "msoa21")
