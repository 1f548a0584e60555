"""The lake as a Data Package: what it says of itself, and what it refuses."""

import csv
import hashlib
import json

import pytest

from placemaker.lake import Refusal, Workspace
from placemaker.standard import check, load, publish, table
from placemaker.standard.publish import schema_of


@pytest.fixture
def workspace(tmp_path):
    made = Workspace.create(tmp_path / "ws", organisation="Hollowbrook Homes", name="Hollowbrook")
    homes = tmp_path / "homes.csv"
    homes.write_text("home_ref,unit_kind,status,bedrooms\nH2,home,in_management,2\nH1,home,in_management,3\n")
    load(made, homes, "home", who="test").check.close()
    return made


def read(folder):
    return json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))


def test_the_package_says_what_it_is(workspace, tmp_path):
    publish(workspace, tmp_path / "out")
    package = read(tmp_path / "out")
    assert package["name"] == "placemaker-hollowbrook-homes"
    assert package["version"].endswith("+load.1")
    assert package["licenses"][0]["name"] == "CC-BY-4.0"
    assert [resource["name"] for resource in package["resources"]] == ["home"]


def test_the_hash_and_size_are_those_of_the_file(workspace, tmp_path):
    publish(workspace, tmp_path / "out")
    (resource,) = read(tmp_path / "out")["resources"]
    data = (tmp_path / "out" / resource["path"]).read_bytes()
    assert resource["hash"] == "sha256:" + hashlib.sha256(data).hexdigest()
    assert (resource["bytes"], resource["rows"]) == (len(data), 2)


def test_rows_are_in_the_order_of_their_keys_with_their_source(workspace, tmp_path):
    publish(workspace, tmp_path / "out")
    with (tmp_path / "out" / "home.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["_source"], row["home_ref"], row["bedrooms"]) for row in rows] == [
        ("home", "H1", "3"),
        ("home", "H2", "2"),
    ]


def test_codes_are_written_out_with_their_labels(workspace, tmp_path):
    fields = {field["name"]: field for field in schema_of(table("home"))["fields"]}
    assert {"value": "garage", "label": "Garage"} in fields["unit_kind"]["categories"]
    assert "garage" in fields["unit_kind"]["constraints"]["enum"]
    assert fields["postcode"]["personal"] == "personal"


def test_publishing_again_replaces_a_package_and_nothing_else(workspace, tmp_path):
    publish(workspace, tmp_path / "out")
    publish(workspace, tmp_path / "out")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me")
    with pytest.raises(Refusal, match="something else"):
        publish(workspace, tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").read_text() == "keep me"
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".publish")) == []


def test_the_lake_is_published_as_it_was(workspace, tmp_path):
    more = tmp_path / "homes.csv"
    more.write_text("home_ref,unit_kind,status\nH1,home,in_management\nH2,home,sold\nH3,home,in_management\n")
    load(workspace, more, "home", who="test").check.close()
    publish(workspace, tmp_path / "then", as_of=1)
    publish(workspace, tmp_path / "now")
    assert read(tmp_path / "then")["resources"][0]["rows"] == 2
    assert read(tmp_path / "now")["resources"][0]["rows"] == 3


def test_parquet_is_another_form_of_the_same(workspace, tmp_path):
    publish(workspace, tmp_path / "out", form="parquet")
    (resource,) = read(tmp_path / "out")["resources"]
    assert (resource["path"], resource["format"]) == ("home.parquet", "parquet")
    assert (tmp_path / "out" / "home.parquet").read_bytes().startswith(b"PAR1")


def test_an_empty_lake_is_refused(tmp_path):
    empty = Workspace.create(tmp_path / "ws", organisation="Hollowbrook Homes", name="Hollowbrook")
    with pytest.raises(Refusal, match="Nothing is loaded"):
        publish(empty, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_parquet_file_numbers_its_rows_and_is_read_again_without_a_word(workspace, tmp_path):
    publish(workspace, tmp_path / "out", form="parquet")
    (resource,) = read(tmp_path / "out")["resources"]
    assert [field["name"] for field in resource["schema"]["fields"]][:3] == ["_row", "_source", "home_ref"]
    with check(tmp_path / "out" / "home.parquet", "home") as again:
        assert not [one for one in again.findings if one.rule == "home.columns"]
        rows = again.con.execute(f"select _row, home_ref from read_parquet('{again.file}')").fetchall()
    assert rows == [(1, "H1"), (2, "H2")]
