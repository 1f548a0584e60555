"""Charts and maps: drawn from figures, with no browser and no network, and true to them."""

import re

import pytest

from placemaker.figure import Figure
from placemaker.report import Map, MapClass, charts, palette
from placemaker.report.maps import LISTED, MOST, class_of, map_svg, map_table

CLASSES = (MapClass("Most deprived 10%", 1, 1), MapClass("The rest", 2, 10))


def figure(value: float, **about) -> Figure:
    return Figure(value, "%", "Share", places=1, **about)


def square(column: int, value: int | None, **more) -> dict:
    west = 400_000 + column * 1000
    ring = [[west, 0], [west + 1000, 0], [west + 1000, 1000], [west, 1000], [west, 0]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "geometry": geometry, "properties": {"value": value, "number": column + 1, **more}}


def a_map(*features: dict, **more) -> Map:
    collection = {"type": "FeatureCollection", "features": list(features)}
    return Map("Areas", "Two areas.", collection, "value", CLASSES, "Deprivation", **more)


def fills(svg: str) -> list[str]:
    return re.findall(r'<path d="M[^"]+" fill="(#[0-9a-f]{6})" stroke', svg)


def test_bars_show_values_and_intervals():
    rows = [("Here", figure(41.2, interval=(38.0, 44.5)), "place"), ("England", figure(17.1), "other")]
    svg = charts.chart_svg(charts.bars(rows), 680)
    assert "41.2%" in svg and "17.1%" in svg and "England" in svg
    assert 'width="680"' in svg


def test_a_withheld_figure_is_not_drawn():
    rows = [("Here", figure(41.2), "place"), ("Ours", figure(3).withheld("Fewer than 5."), "homes")]
    svg = charts.chart_svg(charts.bars(rows), 680)
    assert "Here" in svg and "Ours" not in svg


def test_dots_tell_series_apart_by_more_than_colour():
    rows = [("Renting", {"Here": figure(41), "Trafford": figure(20), "England": figure(17)})]
    spec = charts.dots(rows, [("Here", "place"), ("Trafford", "other"), ("England", "other")])
    shapes = spec["layer"][2]["encoding"]["shape"]["scale"]["range"]
    assert len(set(shapes)) == 3


def test_a_band_with_no_figure_to_compare_still_has_its_bar():
    svg = charts.chart_svg(charts.columns([("0 to 15", figure(20), None)], ("Here", "England")), 320)
    assert "0 to 15" in svg


def test_a_chart_that_would_load_data_is_refused():
    with pytest.raises(ValueError, match="loads none"):
        charts.chart_svg({"data": {"url": "https://example.org/x.csv"}, "mark": "bar", "encoding": {}}, 300)


def test_a_map_colours_each_area_by_its_class():
    svg = map_svg(a_map(square(0, 1), square(1, 7), square(2, None)), 400)
    assert fills(svg)[:3] == [palette.STEPS[0], palette.STEPS[-1], palette.NOTHING]
    assert "Not available" in svg


def test_the_legend_is_silent_about_a_class_that_no_area_needs():
    assert "Not available" not in map_svg(a_map(square(0, 1)), 400)


def test_north_is_up_and_the_scale_bar_is_true():
    svg = map_svg(a_map(square(0, 1), square(1, 2)), 416)
    # 2,000 m over 400 pixels: 500 m are 100 pixels.
    assert ">500 m<" in svg
    assert re.search(r"v5h100\.0v-5", svg)
    south = square(0, 1)
    south["geometry"]["coordinates"] = [[[e, n - 5000] for e, n in south["geometry"]["coordinates"][0]]]
    tall = map_svg(a_map(square(0, 1), south), 400)
    north_y, south_y = (float(y) for y in re.findall(r'<text x="[\d.]+" y="([\d.]+)" font-size', tall)[:2])
    assert north_y < south_y


def test_the_outline_is_of_the_areas_inside():
    inside, outside = square(0, 1), square(1, 2, inside=False)
    svg = map_svg(a_map(inside, outside), 416)
    edge = re.findall(r'<path d="(M[^"]+)" fill="none" stroke="#16232b" stroke-width="2.5"', svg)[0]
    furthest = max(float(x) for x in re.findall(r"[ML]([\d.]+) ", edge))
    assert furthest < 250


def test_areas_for_context_have_neither_colour_nor_number():
    svg = map_svg(a_map(square(0, 1), square(1, 2, inside=False)), 416)
    assert fills(svg) == [palette.STEPS[0], palette.CONTEXT]
    assert ">1</text>" in svg and ">2</text>" not in svg


def test_the_frame_cuts_what_lies_beyond_it():
    block = a_map(square(0, 1), square(9, 2, inside=False))
    block.geojson["bbox"] = [399_500, -500, 401_500, 1_500]
    assert len(fills(map_svg(block, 416))) == 1


def test_labels_that_wrap_stand_clear_of_their_marks():
    long = "Working-age people kept out of work (employment deprivation)"
    svg = charts.chart_svg(charts.dots([(long, {"Here": figure(5)})], [("Here", "place")]), 320)
    assert svg.count("<tspan") >= 2


def test_an_outline_that_was_drawn_is_shown_as_drawn():
    drawn = square(3, 1)["geometry"]
    assert map_svg(a_map(square(0, 1), outline=drawn), 400) != map_svg(a_map(square(0, 1)), 400)


def test_numbers_stay_readable_on_every_colour():
    svg = map_svg(a_map(square(0, 1), square(1, 7)), 400)
    assert re.search(r'fill="#fff"[^>]*>1<', svg) and re.search(rf'fill="{palette.INK}"[^>]*>2<', svg)


def test_a_number_that_its_area_cannot_hold_is_left_out_and_the_map_says_so():
    block = a_map(square(0, 1), square(1, 7))
    assert "too small for its number" not in map_svg(block, 400)
    block = a_map(square(0, 1), square(1, 7), square(99, 2))
    svg = map_svg(block, 200)
    assert ">2</text>" not in svg and "too small for its number" in svg


def test_a_map_of_many_areas_has_colours_and_no_numbers():
    few = a_map(*(square(i, 1 + i % 2) for i in range(MOST)))
    many = a_map(*(square(i, 1 + i % 2) for i in range(MOST + 1)))
    assert "</text>" in map_svg(few, 4000) and re.search(r">40</text>", map_svg(few, 4000))
    svg = map_svg(many, 4000)
    assert not re.search(r">\d+</text>", svg)
    assert fills(svg.replace(' fill-rule="evenodd"', "")) == [palette.STEPS[-1], palette.STEPS[0]]


def test_the_table_of_a_map_of_many_areas_counts_them_by_class_and_lists_the_first():
    areas = [square(i, 1 if i < 25 else 7, name=f"Area {i:02}", code=f"X{i:02}", homes=i) for i in range(MOST + 10)]
    table = map_table(a_map(*areas, square(80, 1, inside=False), count=("homes", "Homes")))
    assert table.rows[:2] == (("Most deprived 10%", "25", "300"), ("The rest", "25", "925"))
    assert "20 of the 25 areas" in table.rows[2] and "most homes" in table.rows[2]
    assert table.rows[3] == ("Area 24 (X24)", "1", "24") and len(table.rows) == 3 + LISTED
    assert map_table(a_map(*areas)).head == ("Class", "Areas")


def test_the_table_of_a_map_of_few_areas_is_its_own():
    assert map_table(a_map(square(0, 1))) is None


def test_names_in_a_map_cannot_break_it():
    assert "<script>" not in map_svg(a_map(square(0, 1, number="<script>")), 400)


def test_a_map_of_nothing_is_refused():
    with pytest.raises(ValueError, match="no area"):
        map_svg(a_map(), 400)


def test_the_ends_of_a_class_belong_to_it():
    assert [class_of(value, CLASSES) for value in (1, 2, 10, 11, None)] == [0, 1, 1, None, None]


def test_text_colours_have_contrast_enough():
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def contrast(one: str, other: str) -> float:
        pair = sorted((light(one), light(other)))
        return (pair[1] + 0.05) / (pair[0] + 0.05)

    for ink in (palette.INK, palette.QUIET, palette.LINK):
        for paper in (palette.PAPER, palette.WASH, palette.BANNER):
            assert contrast(ink, paper) >= 4.5, (ink, paper)
    for mark in (palette.PLACE, palette.HOMES, palette.OTHERS):
        assert contrast(mark, palette.PAPER) >= 3, mark
    lights = [light(step) for step in palette.STEPS]
    assert lights == sorted(lights)
