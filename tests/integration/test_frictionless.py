"""What we publish, looked at by the Frictionless tool itself: the descriptor and every row of the data."""

import csv
import subprocess
import sys
from datetime import date

import pytest

from placemaker.lake import Refusal, Workspace
from placemaker.standard import codelist, load, publish, tables
from placemaker.standard.examples import sample_row
from placemaker.standard.exchange import data_package, write_data_package

frictionless = pytest.importorskip("frictionless")
TODAY = date(2026, 4, 1)


def parents_first():
    """The names of the tables, each after those that its foreign keys point to, as far as that can be."""
    left, order = dict(tables()), []
    while left:
        free = [
            name
            for name, one in left.items()
            if not {link.parent for link in one.foreign_keys} & (left.keys() - {name})
        ]
        for name in free or list(left)[:1]:
            order.append(name)
            del left[name]
    return order


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A lake of one row a table, the example row of each, loaded and published; and one repair of an unknown home."""
    folder = tmp_path_factory.mktemp("published")
    workspace = Workspace.create(folder / "ws", organisation="Hollowbrook Homes", name="Hollowbrook")
    for name in parents_first():
        rows = [sample_row(name)]
        if name == "repair":
            rows.append({**rows[0], "repair_ref": "R2", "home_ref": "nowhere", "priority": "whenever"})
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as lines:
            writer = csv.DictWriter(lines, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        load(workspace, folder / f"{name}.csv", name, who="test", today=TODAY).check.close()
    return publish(workspace, folder / "out")


def test_every_table_is_published(published):
    package = frictionless.Package(str(published))
    assert set(package.resource_names) == set(tables())


def test_the_package_and_its_data_are_valid(published):
    report = frictionless.validate(str(published))
    assert report.valid, report.flatten(["name", "type", "note"])


def test_the_tool_accepts_it_at_the_prompt(published):
    done = subprocess.run(
        [sys.executable, "-m", "frictionless", "validate", published.name],
        cwd=published.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_keys_that_hold_are_keys_and_others_are_not(published):
    package = frictionless.Package(str(published))
    repair = package.get_resource("repair").schema.to_descriptor()
    held = {key["fields"][0] for key in repair["foreignKeys"]}
    assert held == {"building_ref"}, "a repair names a home that is not there"
    tenancy = package.get_resource("tenancy").schema.to_descriptor()
    assert {key["fields"][0] for key in tenancy["foreignKeys"]} == {"home_ref", "household_ref"}


def test_the_tool_sees_what_is_spoiled(published, tmp_path):
    """A test of the test: the same package with one code outside its list is not valid."""
    import shutil

    spoiled = tmp_path / "spoiled"
    shutil.copytree(published.parent, spoiled)
    text = (spoiled / "tenancy.csv").read_text(encoding="utf-8")
    (spoiled / "tenancy.csv").write_text(text.replace("secure", "feudal"), encoding="utf-8")
    report = frictionless.validate(str(spoiled / "datapackage.json"))
    assert "constraint-error" in {kind for (kind,) in report.flatten(["type"])}


# --- the standard itself, without data --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def descriptor(tmp_path_factory):
    return write_data_package(tmp_path_factory.mktemp("standard"))


def test_the_standard_is_a_data_package_that_the_tool_accepts(descriptor):
    done = subprocess.run(
        [sys.executable, "-m", "frictionless", "validate", descriptor.name],
        cwd=descriptor.parent,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "INVALID" not in done.stdout and "VALID" in done.stdout


def test_the_data_package_holds_every_table_field_code_and_key(descriptor):
    package = frictionless.Package(str(descriptor))
    assert package.resource_names == list(tables())
    for name, one in tables().items():
        schema = package.get_resource(name).schema
        assert schema.field_names == list(one.names) and schema.primary_key == [one.key]
        keys = {(key["fields"][0], key["reference"]["resource"]) for key in schema.foreign_keys}
        assert keys == {(link.field, link.parent) for link in one.foreign_keys}
        for field in one.fields:
            codes = schema.get_field(field.name).constraints.get("enum")
            assert codes == (list(codelist(field.codelist).values) if field.codelist else None)


def test_a_package_of_some_tables_has_no_key_to_the_others(tmp_path):
    package = data_package(["tenancy", "household"])
    assert [resource["name"] for resource in package["resources"]] == ["tenancy", "household"]
    keys = package["resources"][0]["schema"]["foreignKeys"]
    assert [key["reference"]["resource"] for key in keys] == ["household"]
    with pytest.raises(Refusal, match="no table 'tenancies'"):
        data_package(["tenancies"])
