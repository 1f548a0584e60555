"""Real processes: loads that are killed, stopped or run out of disk leave the lake as it was."""

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from placemaker.lake import Workspace

PLACEMAKER = str(Path(sys.executable).with_name("placemaker"))


def placemaker(*arguments):
    """Run a command to its end, with nobody at the keyboard."""
    command = [PLACEMAKER, *map(str, arguments)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def homes(file: Path, rows: int, patch: str) -> Path:
    """An export of homes, all in one patch, so that rows of two exports can be told apart."""
    with file.open("w") as out:
        out.write("home_ref,unit_kind,status,patch\n")
        out.writelines(f"H{n},home,in_management,{patch}\n" for n in range(rows))
    return file


@pytest.fixture
def workspace(tmp_path) -> Path:
    folder = tmp_path / "ours"
    assert placemaker("init", folder, "--name", "Our Homes", "--organisation", "OURS").returncode == 0
    return folder


def load(workspace, file, *more):
    return placemaker("load", file, "--as", "home", "--workspace", workspace, "--full", "--source", "homes", *more)


def patches(workspace) -> list[tuple[str, int]]:
    """Which export the rows in the lake are from: one entry where a load is whole."""
    with Workspace.open(workspace).read() as con:
        return con.execute("select patch, count(*) from home group by patch").fetchall()


def kept_loads(workspace) -> list:
    return Workspace.open(workspace).loads()


def test_fifty_kills_lose_nothing_and_leave_nothing_half_done(tmp_path, workspace):
    rows = 20_000
    files = {patch: homes(tmp_path / f"{patch}.csv", rows, patch) for patch in ("north", "south")}
    assert load(workspace, files["north"]).returncode == 0
    began = time.monotonic()
    assert load(workspace, files["south"]).returncode == 0
    usual = time.monotonic() - began
    chance = random.Random(2026)
    killed = 0
    for turn in range(50):
        patch = ("north", "south")[turn % 2]
        command = [PLACEMAKER, "load", files[patch], "--as", "home", "-w", workspace, "--full", "--source", "homes"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        began = time.monotonic()
        try:
            process.wait(timeout=chance.uniform(0.3, 1.05) * usual)
            usual = min(usual, time.monotonic() - began)  # the machine may have been busy when it was timed
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
        process.stderr.close()
        loads = kept_loads(workspace)
        assert patches(workspace) == [(Path(loads[0].file).stem, rows)], f"after kill {turn + 1}"
        assert [load.number for load in loads] == list(range(len(loads), 0, -1))
    assert killed >= 25, "most loads were to be killed before their end"
    assert load(workspace, files["north"]).returncode == 0
    assert patches(workspace) == [("north", rows)]


def wait_for_writer(workspace: Path, process: subprocess.Popen) -> None:
    """Wait until the process holds the lake's lock, that is until it is at the writing."""
    lock = workspace / "lake" / "writer.lock"
    while process.poll() is None and not (lock.exists() and lock.stat().st_size):
        time.sleep(0.002)


def wait_for_reader(file: Path, process: subprocess.Popen) -> None:
    """Wait until the process has the file open."""
    opened = Path(f"/proc/{process.pid}/fd")
    while process.poll() is None:
        with contextlib.suppress(OSError):
            if str(file) in {os.readlink(one) for one in opened.iterdir()}:
                return
        time.sleep(0.002)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_during_a_load_changes_nothing(tmp_path, workspace, stop):
    assert load(workspace, homes(tmp_path / "north.csv", 100, "north")).returncode == 0
    south = homes(tmp_path / "south.csv", 400_000, "south")
    command = [PLACEMAKER, "load", south, "--as", "home", "-w", workspace, "--full", "--source", "homes"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for_writer(workspace, process)
    process.send_signal(stop)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 2, out + err
    assert "Stopped. Nothing was changed." in err
    assert "Traceback" not in err
    assert patches(workspace) == [("north", 100)]
    assert load(workspace, south).returncode == 0


def test_ctrl_c_while_the_file_is_read_changes_nothing(tmp_path, workspace):
    file = homes(tmp_path / "north.csv", 1_500_000, "north")
    command = [PLACEMAKER, "load", file, "--as", "home", "-w", workspace, "--full", "--source", "homes"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for_reader(file, process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2, err
    assert "Stopped. Nothing was changed." in err
    assert kept_loads(workspace) == []


def test_a_full_disk_leaves_the_lake_as_it_was(tmp_path):
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("a small disk of its own needs unshare, which this machine does not allow")
    small, disk = homes(tmp_path / "north.csv", 100, "north"), tmp_path / "disk"
    large = tmp_path / "south.csv"
    chance = random.Random(1)
    with large.open("w") as out:  # random text, so that Parquet cannot make it small
        out.write("home_ref,unit_kind,status,patch\n")
        out.writelines(f"H{n},home,in_management,{chance.getrandbits(256):x}\n" for n in range(400_000))
    disk.mkdir()
    script = f"""
        mount -t tmpfs -o size=8m tmpfs {disk} && cd {disk}
        P="{PLACEMAKER}"
        $P init ours --name Ours --organisation OURS || exit 8
        $P load {small} --as home -w ours --full --source homes || exit 9
        $P load {large} --as home -w ours --full --yes --source homes 2> {tmp_path}/err; echo $? > {tmp_path}/code
        $P loads -w ours --json > {tmp_path}/loads.json
        $P show home -w ours --limit 1000 --json > {tmp_path}/homes.json
        $P load {small} --as home -w ours --full --source homes; echo $? > {tmp_path}/again
    """
    run = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    err = (tmp_path / "err").read_text()
    assert (tmp_path / "code").read_text().strip() == "2", err
    assert "disk is full" in err.lower() or "no room" in err.lower()
    assert len(err.strip().split("\n")) == 1
    assert len(json.loads((tmp_path / "loads.json").read_text())) == 1
    assert {row["patch"] for row in json.loads((tmp_path / "homes.json").read_text())} == {"north"}
    assert (tmp_path / "again").read_text().strip() == "0"


def test_a_second_writer_is_told_who_writes(tmp_path, workspace):
    file = homes(tmp_path / "north.csv", 100, "north")
    with Workspace.open(workspace).write("Ada"):
        run = load(workspace, file)
    assert run.returncode == 2
    assert "Ada" in run.stderr
    assert kept_loads(workspace) == []


def test_readers_read_while_a_load_runs(tmp_path, workspace):
    assert load(workspace, homes(tmp_path / "north.csv", 100, "north")).returncode == 0
    south = homes(tmp_path / "south.csv", 200_000, "south")
    command = [PLACEMAKER, "load", south, "--as", "home", "-w", workspace, "--full", "--source", "homes"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seen = []
    while process.poll() is None:
        seen.append(patches(workspace))
    assert process.returncode == 0
    assert all(one in ([("north", 100)], [("south", 200_000)]) for one in seen)
    assert [("north", 100)] in seen
    assert patches(workspace) == [("south", 200_000)]


def test_a_load_that_takes_many_rows_away_is_refused_where_nobody_can_answer(tmp_path, workspace):
    assert load(workspace, homes(tmp_path / "north.csv", 100, "north")).returncode == 0
    fewer = homes(tmp_path / "south.csv", 50, "south")
    refused = load(workspace, fewer)
    assert refused.returncode == 2
    assert "50" in refused.stderr and "--yes" in refused.stderr
    assert patches(workspace) == [("north", 100)]
    taken = load(workspace, fewer, "--yes")
    assert taken.returncode == 0
    assert "50 gone" in taken.stdout
    assert patches(workspace) == [("south", 50)]


def test_undo_takes_the_newest_load_back(tmp_path, workspace):
    for patch in ("north", "south"):
        assert load(workspace, homes(tmp_path / f"{patch}.csv", 100, patch)).returncode == 0
    assert placemaker("undo", "-w", workspace).returncode == 0
    assert patches(workspace) == [("north", 100)]
    shown = placemaker("show", "home", "-w", workspace, "--as-of", 2, "--where", "patch = 'south'")
    assert "100 rows" in shown.stdout
    listed = json.loads(placemaker("loads", "-w", workspace, "--json").stdout)
    assert any(one["undone"] for one in listed)


def test_output_that_nobody_reads_any_more_ends_quietly(tmp_path, workspace):
    assert load(workspace, homes(tmp_path / "north.csv", 5000, "north")).returncode == 0
    run = subprocess.run(
        f"{PLACEMAKER} show home -w {workspace} --limit 5000 | head -1",
        shell=True,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    assert run.stderr == ""
