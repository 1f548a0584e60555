"""Building, opening and installing place packs."""

import json

import places_example as example
import pytest
from frictionless import Package

from placemaker.lake import connect
from placemaker.lake.errors import Refusal
from placemaker.places import Pack, build_pack, install_pack, installed_packs


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    base = tmp_path_factory.mktemp("pack")
    recipe = example.write_folder(base / "downloads")
    return build_pack(base / "downloads", recipe, base / "squares")


@pytest.fixture
def downloads(tmp_path, monkeypatch):
    monkeypatch.setenv("PLACEMAKER_HOME", str(tmp_path / "home"))
    example.write_folder(tmp_path / "downloads")
    return tmp_path / "downloads"


def rows(pack, query):
    return connect().execute(query.format(**{name: pack.sql(name) for name in pack.resources})).fetchall()


def test_a_pack_says_what_it_is(built):
    assert (built.name, built.title, built.covers, built.vintage) == ("squares", "The squares", "Squareshire", "2021")
    assert built.made_up and built.attribution == "Made up."
    assert built.layers == ("lsoa21", "msoa21", "lad24")
    assert built.finest == "lsoa21" and built.authority() == "lad24"
    assert built.boundaries == {"lsoa21"}


def test_a_resource_carries_its_source(built):
    tenure = built.resource("tenure_lsoa21")
    assert (tenure.layer, tenure.code, tenure.rows, tenure.areas_in_layer) == ("lsoa21", "lsoa", 9, 9)
    assert tenure.source().cite() == "Tenure, The census of squares, Census 2021, CC0"
    assert built.resource("areas").publisher == "Nobody's Office for Statistics"


def test_every_file_has_its_checksum(built):
    assert all(resource.hash.startswith("sha256:") for resource in built.resources.values())
    built.check()


def test_the_description_is_a_data_package_that_frictionless_accepts(built):
    plain = json.loads((built.folder / "datapackage.json").read_text())
    assert plain["$schema"].endswith("/2.0/datapackage.json")
    assert not list(Package.from_descriptor(plain).to_copy().metadata_validate(plain))


def test_areas_have_parents_residents_and_a_centre(built):
    first = rows(
        built, "select msoa21, lad24, e, n, centre, population, households from {areas} where code = 'X01000001'"
    )
    assert first == [("X02000001", "X07000001", 400_500, 300_500, "geometric", 200, 100)]


def test_coarser_areas_add_up_and_are_centred_on_their_residents(built):
    found = rows(built, "select population, households, centre, n from {areas} where code = 'X02000002'")
    assert found == [(260 + 270 + 280, 106 + 107 + 108, "derived", 302_500)]
    assert rows(built, "select population from {areas} where layer = 'lad24'") == [
        (sum(200 + 10 * i for i in range(9)),)
    ]


def test_an_authority_code_of_another_year_becomes_the_packs_own(built):
    assert rows(built, "select distinct lad24 from {areas}") == [("X07000001",)]
    assert rows(built, "select distinct lad from {postcodes}") == [("X07000001",)]


def test_a_dataset_has_a_row_for_each_area_of_the_pack_and_none_of_another(built):
    assert rows(built, "select count(*), bool_and(starts_with(lsoa, 'X')) from {tenure_lsoa21}") == [(9, True)]


def test_a_long_table_is_turned_wide_and_its_categories_added(built):
    assert built.resource("health_lsoa21").columns == ("area", "total", "bad_or_very_bad", "good")
    assert rows(built, "from {health_lsoa21} order by area limit 1") == [("X01000001", 9, 2, 7)]


def test_boundaries_are_geoparquet_in_metres(built):
    con = connect("spatial")
    area, kind = con.execute(
        f"select sum(ST_Area(geometry)), any_value(typeof(geometry)) from {built.sql('layer_lsoa21')}"
    ).fetchone()
    assert area == 9_000_000 and "27700" in kind


def test_the_same_downloads_make_the_same_pack(built, downloads, tmp_path):
    again = build_pack(downloads, downloads / "recipe.yaml", tmp_path / "again")
    assert {r.name: r.hash for r in again.resources.values()} == {r.name: r.hash for r in built.resources.values()}


def test_building_tells_each_step(downloads, tmp_path):
    told = []
    build_pack(downloads, downloads / "recipe.yaml", tmp_path / "out", lambda *step: told.append(step))
    assert [done for _, done, _ in told] == list(range(len(told)))
    assert told[-1] == ("Built", told[-1][2], told[-1][2]) and "Postcodes" in [words for words, *_ in told]


# --- refusals ------------------------------------------------------------------------------------------------------


def refusal(downloads, out, **changes):
    with pytest.raises(Refusal) as told:
        build_pack(downloads, example.write_recipe(downloads, **changes), out)
    assert not out.exists() and not list(out.parent.glob(".out*"))  # nothing half done
    return str(told.value)


def dataset(**changes):
    return {"datasets": [{**example.RECIPE["datasets"][0], **changes}]}


def test_a_file_that_is_not_there_is_named(downloads, tmp_path):
    assert "absent.csv" in refusal(downloads, tmp_path / "out", **dataset(file="absent.csv"))


def test_a_column_that_is_not_there_is_told_with_those_that_are(downloads, tmp_path):
    said = refusal(downloads, tmp_path / "out", **dataset(columns={"rented": "sozial_rented"}))
    assert "tenure.csv" in said and "lsoa, total, social_rented" in said


def test_a_code_that_is_there_twice_is_named(downloads, tmp_path):
    with open(downloads / "tenure.csv", "a") as file:
        file.write("X01000004,1,1\r\n")
    assert "X01000004 is there twice" in refusal(downloads, tmp_path / "out")


def test_a_dataset_of_another_vintage_leaves_nothing_and_is_refused(downloads, tmp_path):
    (downloads / "tenure.csv").write_text("lsoa,total\nE01000001,4\n")
    assert "Nothing is left of tenure_lsoa21" in refusal(downloads, tmp_path / "out")


def test_categories_that_would_share_a_column_are_refused(downloads, tmp_path):
    long = {**example.RECIPE["datasets"][1], "long": {"column": "if(value = 3, '+1', '-1')", "value": "value"}}
    assert "'1'" in refusal(downloads, tmp_path / "out", datasets=[long])


def test_a_recipe_may_not_reach_outside_its_folder(downloads, tmp_path):
    assert "inside its folder" in refusal(downloads, tmp_path / "out", **dataset(file="../secret.csv"))


def test_an_empty_file_is_refused(downloads, tmp_path):
    (downloads / "tenure.csv").write_text("")
    assert "empty" in refusal(downloads, tmp_path / "out")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: [", "not YAML"),
        ("- a list", "empty or a list"),
        ("name: squares", "does not say its title"),
        (
            "{name: a, title: b, covers: c, vintage: d, areas: [{layer: lsoa21}]}",
            "lsoa21 under areas lacks: file, code",
        ),
    ],
)
def test_a_faulty_recipe_is_told(downloads, tmp_path, text, words):
    (downloads / "bad.yaml").write_text(text)
    with pytest.raises(Refusal, match=words):
        build_pack(downloads, downloads / "bad.yaml", tmp_path / "out")


def test_an_unknown_recipe_is_told_with_ours(downloads, tmp_path):
    with pytest.raises(Refusal, match="england, trafford"):
        build_pack(downloads, "atlantis", tmp_path / "out")


def test_a_folder_of_other_things_is_never_overwritten(downloads, tmp_path):
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "letter.txt").write_text("keep me")
    with pytest.raises(Refusal, match="not empty"):
        build_pack(downloads, downloads / "recipe.yaml", tmp_path / "papers")
    assert (tmp_path / "papers" / "letter.txt").read_text() == "keep me"


def test_a_failed_build_leaves_the_pack_that_was_there(downloads, tmp_path):
    before = build_pack(downloads, downloads / "recipe.yaml", tmp_path / "out")
    (downloads / "tenure.csv").unlink()
    with pytest.raises(Refusal):
        build_pack(downloads, downloads / "recipe.yaml", tmp_path / "out")
    Pack.open(before.folder).check()


def test_a_recipe_may_extend_another(downloads, tmp_path):
    again = "{name: again, title: Again, file: tenure.csv, layer: lsoa21, code: lsoa, columns: {rented: social_rented}}"
    (downloads / "more.yaml").write_text(f"extends: recipe\nname: more\ntitle: More\ndatasets: [{again}]\n")
    pack = build_pack(downloads, downloads / "more.yaml", tmp_path / "out")
    assert pack.name == "more" and pack.has("tenure_lsoa21") and pack.resource("again").columns == ("lsoa", "rented")


# --- installing ----------------------------------------------------------------------------------------------------


def test_an_installed_pack_is_opened_by_its_name(built, downloads):
    assert installed_packs() == []
    install_pack(built.folder)
    assert [pack.name for pack in installed_packs()] == ["squares"]
    assert Pack.open("squares").resource("postcodes").rows == 36
    install_pack(built.folder)  # again, in its place
    assert len(installed_packs()) == 1


def test_a_damaged_pack_is_refused_and_not_installed(downloads, tmp_path):
    pack = build_pack(downloads, downloads / "recipe.yaml", tmp_path / "out")
    file = pack.resource("postcodes").path
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(Refusal, match=r"postcodes.parquet.*damaged"):
        install_pack(pack.folder)
    file.unlink()
    with pytest.raises(Refusal, match=r"postcodes.parquet.*missing"):
        install_pack(pack.folder)
    assert installed_packs() == []


def test_a_pack_may_not_name_a_file_outside_itself(built, downloads, tmp_path):
    plain = json.loads((built.folder / "datapackage.json").read_text())
    plain["resources"][0]["path"] = "../../secret.parquet"
    (tmp_path / "evil").mkdir()
    (tmp_path / "evil" / "datapackage.json").write_text(json.dumps(plain))
    with pytest.raises(Refusal, match="not the description of a place pack"):
        install_pack(tmp_path / "evil")


def test_a_pack_that_is_not_there_is_told_with_what_is(downloads):
    with pytest.raises(Refusal, match="installed: none"):
        Pack.open("england")
    with pytest.raises(Refusal, match="no place pack in this folder"):
        install_pack(downloads)


def test_a_resource_or_layer_that_is_not_there_is_told_with_those_that_are(built):
    with pytest.raises(Refusal, match="tenure_lsoa21"):
        built.resource("tenure")
    with pytest.raises(Refusal, match="lsoa21, msoa21, lad24"):
        built.layer("oa21")
