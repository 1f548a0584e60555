"""``placemaker clocks`` as a person types it: on a file, on a workspace, and where something is wrong."""

from __future__ import annotations

import csv
import json

import duckdb
import pytest

from placemaker.cli.app import run

HEAD = "hazard_ref,home_ref,hazard_type,severity,reported_at,investigated_at,made_safe_at,summary_sent_date,status\n"
OVERDUE = "Z1,H1,damp_mould,significant,2026-02-02 09:15:00,,,,open\n"
MET = "Z2,H2,damp_mould,significant,2026-02-02 09:15:00,2026-02-04 09:00:00,2026-02-05 10:00:00,2026-02-05,open\n"
DATED = "Z3,H3,fire,emergency,2026-02-02,2026-02-02,2026-02-02,2026-02-03,open\n"


@pytest.fixture
def damp(tmp_path):
    file = tmp_path / "damp.csv"
    file.write_text(HEAD + MET + OVERDUE + DATED)
    return str(file)


def clocks(*arguments):
    return run(["clocks", *map(str, arguments)])


def of_file(file, *arguments, pack="awaab-2025"):
    return clocks(file, "--as", "hazard_case", "--pack", pack, "--as-of", "2026-03-02", *arguments)


def test_a_file_shows_how_many_stand_how_and_what_is_overdue(damp, capsys):
    assert of_file(damp) == 1
    shown = capsys.readouterr().out
    assert "Cases: 3 in hazard_case." in shown
    assert "significant-investigated" in shown and "Left out: renewed-investigation" in shown
    assert "Z1: significant-investigated, due 16 February 2026, 14 days (10 working days) ago" in shown


def test_cases_that_no_clock_counts_for_are_told(damp, tmp_path, capsys):
    """A significant hazard of a kind that has not commenced, and one of before the law."""
    file = tmp_path / "more.csv"
    file.write_text(HEAD + MET + DATED.replace("emergency", "significant") + OVERDUE.replace("2026", "2025"))
    assert of_file(file) == 0
    assert "Cases: 3 in hazard_case; 2 with no clock" in capsys.readouterr().out
    of_file(damp)
    assert "no clock" not in capsys.readouterr().out


def test_json_has_every_clock_of_every_case(damp, capsys):
    of_file(damp, "--json")
    found = json.loads(capsys.readouterr().out)
    by = {(row["key"], row["clock"]): row for row in found["clocks"]}
    assert by["Z3", "emergency-made-safe"]["verdict"] == "cannot tell"
    assert by["Z1", "significant-investigated"]["due_date"] == "2026-02-16"
    assert found["counts"]["significant-investigated"] == {
        "overdue": 1, "late": 0, "cannot tell": 0, "running": 0, "met": 1, "not started": 0,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["late.csv", "late.parquet", "late.xlsx"])
def test_all_of_it_is_written_to_a_file(damp, tmp_path, name):
    of_file(damp, "--out", tmp_path / name)
    con = duckdb.connect()
    if name.endswith(".xlsx"):
        import openpyxl

        rows = list(openpyxl.load_workbook(tmp_path / name, read_only=True).active.values)[1:]
        first = rows[0]
    else:
        rows = con.execute(f"from '{tmp_path / name}'").fetchall()
        first = rows[0]
    # Three clocks for each of three cases; the columns for two more clocks are not in the file.
    assert first[0] == "significant-investigated" and "Z1" in first and "overdue" in first
    assert len(rows) == 9


def test_met_alone_is_clean(tmp_path):
    file = tmp_path / "damp.csv"
    file.write_text(HEAD + DATED)
    assert of_file(file) == 0


def test_a_workspace_is_looked_at_without_personal_data(tmp_path, damp, capsys):
    folder = str(tmp_path / "ours")
    run(["init", folder, "--name", "Made-up Homes", "--organisation", "MADE"])
    run(["load", damp, "--as", "hazard_case", "--workspace", folder, "--full", "--source", "damp"])
    capsys.readouterr()
    assert clocks("--pack", "awaab-2025", "--workspace", folder, "--today", "2026-03-02", "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found["cases"] == {"hazard_case": 3} and found["clocks"][0]["key"] == "Z1"


def test_a_moment_may_be_given_to_judge_by(damp, capsys):
    arguments = (damp, "--as", "hazard_case", "--pack", "awaab-2025", "--json", "--as-of")
    clocks(*arguments, "2026-02-16 10:00")
    running = json.loads(capsys.readouterr().out)
    assert running["now"] == "2026-02-16T10:00:00"
    assert running["counts"]["significant-investigated"]["running"] == 1


@pytest.mark.parametrize("arguments, said", [
    (["--pack", "awaab-2052"], "no pack 'awaab-2052'"),
    (["--pack", "core-2026"], "has no clocks"),
    (["--pack", "complaints-2024"], "There is no complaint here"),
    (["--pack", "awaab-2025", "--as-of", "tomorrow"], "is no load, day or time"),
    (["--pack", "awaab-2025", "--as-of", "12"], "A file has no loads"),
])  # fmt: skip
def test_what_cannot_be_done_is_said_plainly(damp, arguments, said, capsys):
    assert clocks(damp, "--as", "hazard_case", *arguments) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("written, said", [
    ("length: {fortnights: 2}", "one number of one unit"),
    ("length: {working_days: 10}\n  stop: investigated_at", "A clock has no 'stop'"),
    ("length: {hours: 24}", "needs times of day"),
    ("length: {days: 2}\n  applies: nobody > 1", "nobody"),
    ("length: {days: 2}\n  closed: \"exists(select 1 from read_text('/etc/passwd'))\"", "may not use"),
    ("length: {days: 2}\n  due: reported_at", "either `length` or `due`"),
    ("length: {days: 2}\n  series: {by: [home_ref], order: status, where: \"(from read_text(1)) = 1\"}", "may not use"),
    ("length: {days: 2}\n  series: {by: [nobody], order: reported_at}", "no field 'nobody'"),
    ("length: {days: 2}\n  series: {by: home_ref, order: reported_at}", "no list of fields"),
    ("length: {days: 99999999999}", "at most 1,000"),
    ("length: {days: 2}\n  counts_from: [day_after]", "counts_from may not be"),
    ("length: {days: 2}\n  extended_to: {day: reported_at, at_most: {working_days: -3}}", "at most a number"),
    ("length: {days: 2}\n  extended_to: {day: reported_at, at_most: 3}", "at most a number"),
    ("length: {days: 2}\n  start: 2026-01-01 10:00:00", "start is no day"),
    ("length: {days: 2}\n  either: {a: 1}", "no list of ways"),
    ("length: {days: 2}\n  applies: home_ref + 1 > 2", "cannot be worked out"),
    ("length: {days: 2}\n  unknown: cast(home_ref as integer) = 1", "cannot be worked out"),
])  # fmt: skip
def test_a_pack_that_is_not_as_it_should_be_is_refused_with_its_line(damp, tmp_path, written, said, capsys):
    folder = tmp_path / "packs" / "own" / "2026"
    folder.mkdir(parents=True)
    (folder / "pack.yaml").write_text("form: own\nedition: 2026\ntitle: Own\nstart: 2026-01-01\n")
    entry = "- id: own\n  table: hazard_case\n  title: Own\n  source: Own\n  starts: reported_at\n"
    (folder / "clocks.yaml").write_text(f"{entry}  stops: investigated_at\n  {written}\n")
    assert of_file(damp, pack=folder) == 2
    told = capsys.readouterr().err
    assert said in told and "clocks.yaml, line" in told


@pytest.mark.parametrize("name, of", [
    ("x as y from read_text('/etc/passwd')", "hazard_case"), ("[own]", "hazard_case"), ("Own", "hazard_case"),
    ("own", "[hazard_case]"), ("own", "nothing"),
])  # fmt: skip
def test_the_id_and_the_table_of_a_clock_are_names(damp, tmp_path, name, of, capsys):
    folder = tmp_path / "packs" / "own" / "2026"
    folder.mkdir(parents=True)
    (folder / "pack.yaml").write_text("form: own\nedition: 2026\ntitle: Own\nstart: 2026-01-01\n")
    (folder / "clocks.yaml").write_text(
        f"- id: {name}\n  table: {of}\n  title: Own\n  source: Own\n  starts: reported_at\n"
        "  stops: investigated_at\n  length: {days: 2}\n"
    )
    assert of_file(damp, pack=folder) == 2
    assert "clocks.yaml, line" in capsys.readouterr().err


def test_the_file_that_is_looked_at_is_never_written_over(damp, tmp_path, capsys):
    (tmp_path / "link.csv").symlink_to(damp)
    for out in (damp, tmp_path / "x" / ".." / "damp.csv", tmp_path / "link.csv"):
        (tmp_path / "x").mkdir(exist_ok=True)
        assert of_file(damp, "--out", out) == 2
        assert "would be written over" in capsys.readouterr().err
        assert (tmp_path / "damp.csv").read_text() == HEAD + MET + OVERDUE + DATED


def test_a_pack_of_ones_own_runs(damp, tmp_path, capsys):
    folder = tmp_path / "packs" / "own" / "2026"
    folder.mkdir(parents=True)
    (folder / "pack.yaml").write_text("form: own\nedition: 2026\ntitle: Own\nstart: 2026-01-01\n")
    (folder / "clocks.yaml").write_text(
        "- {id: ours, table: hazard_case, title: Looked at in 2 days, source: Our own promise, starts: reported_at,\n"
        "   stops: investigated_at, length: {days: 2}}\n"
    )
    of_file(damp, "--out", tmp_path / "own.csv", pack=folder)
    with (tmp_path / "own.csv").open() as lines:
        verdicts = {row["key"]: row["verdict"] for row in csv.DictReader(lines)}
    assert verdicts == {"Z1": "overdue", "Z2": "met", "Z3": "met"}
