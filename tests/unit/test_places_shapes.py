"""Reading what a person drew, and refusing plainly what is no area."""

import json

import pytest

from placemaker.lake.errors import Refusal
from placemaker.places.shapes import read_shapes

METRES = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}


def polygon(*corners, **more):
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in (*corners, corners[0])]], **more}


def refused(source):
    with pytest.raises(Refusal) as told:
        read_shapes(source)
    return str(told.value)


def test_a_polygon_in_metres_is_taken_as_it_is():
    ((name, shape),) = read_shapes(polygon((0, 0), (10, 0), (10, 10), crs=METRES))
    assert name == "" and shape.area == 50


def test_a_known_place_in_degrees_lands_where_it_stands():
    # Trafford Town Hall, National Grid SJ 811 960 to the nearest 100 m.
    corners = ((-2.2855, 53.4605), (-2.2845, 53.4605), (-2.2845, 53.4615))
    ((_, shape),) = read_shapes(polygon(*corners))
    assert shape.centroid.x == pytest.approx(381_100, abs=100) and shape.centroid.y == pytest.approx(396_000, abs=150)


def test_a_polygon_that_crosses_itself_is_told_where():
    bow = polygon((-2.29, 53.45), (-2.25, 53.47), (-2.25, 53.45), (-2.29, 53.47))
    assert "crosses itself at longitude -2.27000, latitude 53.46000" in refused(bow)
    bow = polygon((0, 0), (100, 100), (100, 0), (0, 100), crs=METRES)
    assert "crosses itself at easting 50, northing 50" in refused(bow)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({"type": "Point", "coordinates": [1, 52]}, "this is a Point"),
        ({"type": "LineString", "coordinates": [[1, 52], [1, 53]]}, "this is a LineString"),
        ({"type": "Polygon", "coordinates": []}, "empty"),
        ({"type": "Polygon", "coordinates": [[[1, 52], [1, 53]]]}, "cannot be read"),
        ({"type": "Polygon", "coordinates": [[["a", 52], [1, 53], [1, 52], [2, 53]]]}, "cannot be read"),
        ({"type": "Polygon"}, "cannot be read"),
        ({"type": "FeatureCollection", "features": []}, "no polygon"),
        ({"type": "Feature", "properties": {}, "geometry": None}, "no polygon"),
        (polygon((53.4, -2.3), (53.5, -2.3), (53.5, -2.2)), "latitude first"),
        (polygon((381000, 396000), (382000, 396000), (382000, 397000)), "look like metres"),
        (polygon((10, 10), (11, 10), (11, 11)), "outside Great Britain"),
        (polygon((0, 0), (1, 0), (1, 1), crs={"properties": {"name": "EPSG:3857"}}), "do not read, EPSG:3857"),
        ("{", "not GeoJSON"),
        ("{}", "not GeoJSON"),
        ("no-such-file.geojson", "no such file"),
    ],
)
def test_what_is_no_area_is_refused_plainly(source, words):
    said = refused(source)
    assert words in said and "Error" not in said


def test_a_faulty_file_is_named(tmp_path):
    file = tmp_path / "estate.geojson"
    for text, words in (("", "is empty"), ('{"type": "Polygon",\n', "line 2"), ("[1]", "not GeoJSON")):
        file.write_text(text)
        said = refused(file)
        assert said.startswith("estate.geojson") and words in said


def test_a_byte_order_mark_and_a_third_coordinate_do_no_harm(tmp_path):
    file = tmp_path / "drawn.geojson"
    plain = polygon((0, 0, 5), (10, 0, 5), (10, 10, 5), crs=METRES)
    file.write_bytes(
        b"\xef\xbb\xbf" + json.dumps({"type": "Feature", "properties": None, "geometry": plain, "crs": METRES}).encode()
    )
    ((_, shape),) = read_shapes(file)
    assert shape.area == 50 and not shape.has_z
