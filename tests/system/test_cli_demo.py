"""The whole job as one real process: the demo, from messy exports to profiles in three forms."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PLACEMAKER = str(Path(sys.executable).with_name("placemaker"))


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A small demo, run once: its folder and what it said."""
    folder = tmp_path_factory.mktemp("demo")
    run = subprocess.run(
        [PLACEMAKER, "demo", "--homes", "400", "--out", folder / "out"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PLACEMAKER_HOME": str(folder / "home")},
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return folder / "out", run.stdout


def placemaker(out, *arguments):
    environment = {**os.environ, "PLACEMAKER_HOME": str(out / "home"), "PLACEMAKER_WORKSPACE": str(out / "hollowbrook")}
    command = [PLACEMAKER, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment)


def test_it_agrees_with_finance_and_places_the_homes(demo):
    _, said = demo
    summary = said[said.rindex("The whole job") :]
    assert "400 homes" in summary and ": matches" in summary
    assert "of 400 homes are placed" in summary
    assert "findings: " in summary


def test_every_profile_is_there_in_three_forms(demo):
    out, said = demo
    reports = sorted(file.name for file in (out / "reports").iterdir())
    assert len(reports) == 9
    for report in reports:
        assert str(out / "reports" / report) in said
        assert (out / "reports" / report).stat().st_size > 10_000
    assert {file.suffix for file in (out / "reports").iterdir()} == {".html", ".pdf", ".docx"}


def test_every_page_says_that_it_is_made_up(demo):
    out, _ = demo
    for page in (*(out / "reports").glob("*.html"), *(out / "quality").glob("*.html")):
        assert "made-up" in page.read_text("utf-8").lower(), page.name


def test_it_leaves_the_persons_own_packs_alone(demo):
    out, _ = demo
    assert not (out.parent / "home" / "packs").exists()
    assert (out / "home" / "packs").is_dir()


def test_the_commands_it_shows_can_be_typed(demo):
    out, said = demo
    shown = [line[2:] for line in said.split("\n") if line.startswith("$ placemaker")]
    assert len(shown) >= 20
    again = subprocess.run(
        next(line for line in shown if line.startswith("placemaker totals")).replace("placemaker", PLACEMAKER, 1),
        shell=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PLACEMAKER_WORKSPACE": str(out / "hollowbrook")},
    )
    assert again.returncode == 0, again.stderr
    assert "matches" in again.stdout


def test_a_place_of_nothing_but_postcodes_needs_no_workspace(demo, tmp_path):
    out, _ = demo
    postcodes = out / "neighbourhoods" / "postcodes.csv"
    environment = {**os.environ, "PLACEMAKER_HOME": str(out / "home")}
    environment.pop("PLACEMAKER_WORKSPACE", None)
    command = [PLACEMAKER, "profile", "--postcodes", postcodes, "--out", tmp_path / "report", "--form", "html"]
    run = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr
    assert "of your 400 homes are in" in run.stdout
    assert len(list((tmp_path / "report").glob("*.html"))) == 1


def test_a_profile_as_json_is_figures(demo, tmp_path):
    out, _ = demo
    run = placemaker(
        out, "profile", "--neighbourhood-column", "patch", "--json", "--form", "html", "--out", tmp_path / "reports"
    )
    assert run.returncode == 0, run.stderr
    plain = json.loads(run.stdout)
    assert sum(one["homes"]["value"] for one in plain) == 400, "each home is in one patch"
    assert all(len(one["lines"]) > 100 for one in plain)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--neighbourhood-column", "colour"], "no column 'colour'"),
        (["--neighbourhood-column", "patch", "--only", "Nowhere"], "no patch 'Nowhere'"),
        (["--codes", "X99999999"], "X99999999"),
        (["--codes", "X01000001", "--pack", "atlantis"], "atlantis"),
        (["--radius", "0,0,0"], ""),
        (["--radius", "here"], "379500,396600,800"),
        ([], "Say which place"),
    ],
)
def test_a_place_that_cannot_be_had_is_one_plain_message(demo, tmp_path, arguments, said):
    out, _ = demo
    run = placemaker(out, "profile", *arguments, "--out", tmp_path / "reports")
    assert run.returncode == 2
    assert said in run.stderr
    assert "mistake in Placemaker" not in run.stderr
    assert not (tmp_path / "reports").exists()


def test_a_postcode_elsewhere_and_a_crossing_polygon_are_told(demo, tmp_path):
    out, _ = demo
    scotland = tmp_path / "scotland.csv"
    scotland.write_text("postcode\nEH1 1YZ\n")
    run = placemaker(out, "profile", "--postcodes", scotland, "--out", tmp_path / "reports")
    assert run.returncode == 2 and "Scotland" in run.stderr
    crossing = tmp_path / "crossing.geojson"
    ring = [[-2.3, 53.4], [-2.2, 53.5], [-2.2, 53.4], [-2.3, 53.5], [-2.3, 53.4]]
    crossing.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    run = placemaker(out, "profile", "--polygon", crossing, "--out", tmp_path / "reports")
    assert run.returncode == 2 and "cross" in run.stderr


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    run = subprocess.run([PLACEMAKER, "demo", "--out", tmp_path], capture_output=True, text=True)
    assert run.returncode == 2 and "no demo" in run.stderr
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
