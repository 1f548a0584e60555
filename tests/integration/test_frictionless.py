"""What we publish, looked at by the Frictionless tool itself: the descriptor and every row of the data."""

import csv
import subprocess
import sys
from datetime import date

import pytest

from placemaker.lake import Workspace
from placemaker.standard import load, publish, tables
from placemaker.standard.examples import sample_row

frictionless = pytest.importorskip("frictionless")
TODAY = date(2026, 4, 1)
#: Parents before children.
NAMES = """organisation estate building home person contact_point household household_member tenancy tenancy_party
    rent_account rent_charge rent_transaction void repair complaint asb_case compliance_check hazard_case
    survey_response"""


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A lake of one row a table, the example row of each, loaded and published; and one repair of an unknown home."""
    folder = tmp_path_factory.mktemp("published")
    workspace = Workspace.create(folder / "ws", organisation="Hollowbrook Homes", name="Hollowbrook")
    for name in NAMES.split():
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
