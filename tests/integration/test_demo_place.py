"""The made-up place becomes a place pack, and every home of the landlord is placed in it."""

import duckdb
import pytest

from placemaker.demo import make
from placemaker.places import build_pack


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    demo = make(tmp_path_factory.mktemp("demo"), 300, faults=False)
    return demo, build_pack(
        demo.folder / "place", demo.folder / "place" / "recipe.yaml", tmp_path_factory.mktemp("p") / "pack"
    )


def test_the_pack_says_that_it_is_made_up(built):
    _, pack = built
    assert pack.made_up and "made up" in pack.title


def test_every_home_has_a_postcode_of_the_pack(built):
    demo, pack = built
    homes = demo.folder / "neighbourhoods" / "postcodes.csv"
    known = pack.folder / "postcodes.parquet"
    found = duckdb.sql(f"select count(*), count(lsoa21) from '{homes}' left join '{known}' using (postcode)").fetchone()
    assert found == (300, 300)


def test_postcodes_lie_in_the_areas_that_they_name(built):
    from shapely import Point, from_wkb

    from placemaker.lake import connect

    _, pack = built
    con = connect("spatial")
    shapes = con.sql(f"select code, ST_AsWKB(geometry) from '{pack.folder}/layers/lsoa21.parquet'").fetchall()
    shapes = {code: from_wkb(bytes(shape)) for code, shape in shapes}
    rows = con.sql(f"select lsoa21, e, n from '{pack.folder}/postcodes.parquet'").fetchall()
    assert rows and all(shapes[code].contains(Point(e, n)) for code, e, n in rows)


def test_the_datasets_have_the_columns_of_the_real_ones(built, shared_data):
    _, pack = built
    for file in sorted((shared_data / "indicators").glob("*.parquet")):
        if file.stem.endswith("oa21") and not file.stem.endswith("lsoa21"):
            continue
        real = {name for name, *_ in duckdb.sql(f"describe from '{file}'").fetchall()}
        ours = {name for name, *_ in duckdb.sql(f"describe from '{pack.folder}/data/{file.stem}.parquet'").fetchall()}
        assert real == ours, file.stem
