"""The twelve exports through the standard: planted faults are found, clean exports are clean, totals agree."""

import csv
from datetime import date

import pytest

from placemaker import standard
from placemaker.demo import make
from placemaker.demo.make import ORDER
from placemaker.jobs.totals import totals
from placemaker.lake import Workspace

TODAY = date(2026, 4, 1)
HOMES = 600
AGAIN = ("properties", "tenancies", "balances")
"""Exports whose rules look at tables that are loaded after them, so that they are checked again at the end."""


def load_all(demo, folder):
    """Load every export, and check AGAIN what needs the others: (workspace, findings, tables whose rows are lost)."""
    workspace = Workspace.create(folder, organisation="HH", name="Hollowbrook Homes (made up)")
    found, lost = [], []
    exports = {path.stem: path for path in (demo.folder / "exports").iterdir()}
    for name in ORDER:
        mapping = demo.folder / "mappings" / f"{name}.yaml"
        result = standard.load(workspace, exports[name], mapping, who="the test", today=TODAY)
        found += result.check.findings
        lost += [
            (name, table)
            for table, one in result.check.tables.items()
            if one.rows_in != one.rows_loaded + one.rows_held_back + one.rows_elsewhere
        ]
        result.check.close()
    for name in AGAIN:
        mapping = demo.folder / "mappings" / f"{name}.yaml"
        with standard.check(exports[name], mapping, today=TODAY, workspace=workspace) as again:
            found += again.findings
    return workspace, found, lost


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory):
    demo = make(tmp_path_factory.mktemp("spoilt"), HOMES)
    return demo, *load_all(demo, tmp_path_factory.mktemp("workspace") / "lake")


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    demo = make(tmp_path_factory.mktemp("clean"), HOMES, faults=False)
    return demo, *load_all(demo, tmp_path_factory.mktemp("workspace") / "lake")


def test_planted_faults_are_found_by_the_rule_at_the_row(spoilt):
    demo, _, findings, _ = spoilt
    found = {(one.file, one.row, one.key or "", one.field, one.rule) for one in findings}
    with (demo.folder / "truth" / "faults.csv").open(encoding="utf-8", newline="") as file:
        planted = [
            (row["file"], int(row["row"]), row["key"], row["field"], row["rule"]) for row in csv.DictReader(file)
        ]
    assert len(planted) == demo.faults > 400
    assert len({rule for *_, rule in planted}) > 80
    missed = [fault for fault in planted if fault not in found]
    assert len(missed) <= len(planted) * 0.01, missed


def test_clean_exports_have_no_finding_of_any_severity(clean):
    _, _, findings, _ = clean
    assert findings == []


@pytest.mark.parametrize(("homes", "seed"), [(200, 1), (900, 7)])
def test_another_clean_landlord_has_no_finding_either(homes, seed, tmp_path):
    demo = make(tmp_path / "demo", homes, seed, faults=False)
    _, findings, _ = load_all(demo, tmp_path / "lake")
    assert findings == []


@pytest.mark.parametrize("which", ["spoilt", "clean"])
def test_every_row_is_accounted_for(which, request):
    *_, lost = request.getfixturevalue(which)
    assert lost == []


@pytest.mark.parametrize("which", ["spoilt", "clean"])
def test_control_totals_agree_to_the_penny(which, request):
    demo, workspace, *_ = request.getfixturevalue(which)
    agreed = totals(workspace, demo.folder / "finance" / "control_totals.yaml")
    assert agreed.matches, agreed.lines()
    assert agreed.totals[0].here.value == HOMES
