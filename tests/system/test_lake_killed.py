"""A writer killed (SIGKILL) fifty times during loads: nothing lost, nothing half done, the next load works."""

import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from placemaker.lake import Workspace

#: Two workspaces at a time, 25 kills each.
WORKSPACES, KILLS = 2, 25

#: Load n brings ROWS + n homes and as many tenancies, so that a half load or a mixed one cannot go unseen. Each process
#: first sees that the lake is whole, then makes one load undisturbed, then the one in which it is killed.
ROWS = 5_000
WRITER = f"""
import sys, time
from placemaker.lake import Workspace
workspace = Workspace.open(sys.argv[1])
last = int(sys.argv[2])
number = workspace.snapshot()
assert number >= last, f"load {{last}} is lost: the newest is {{number}}"
if number:
    with workspace.read() as con:
        homes, = con.sql("select count(*) from home").fetchone()
        tenancies, loads = con.sql("select (select count(*) from tenancy), (select count(*) from load)").fetchone()
        assert homes == tenancies == {ROWS} + number, (number, homes, tenancies)
        assert loads == number, (number, loads)

def load(number):
    rows = f"select 'H' || i as home_ref, hash(i + {{number}}) as note, i as _row from range({ROWS} + {{number}}) t(i)"
    with workspace.write("Ann") as writer, writer.load(source="s", kind="full", file="f.csv") as one:
        one.put("home", rows, key=["home_ref"])
        one.put("tenancy", rows, key=["home_ref"])

begun = time.monotonic()
load(number + 1)
print(number + 1, time.monotonic() - begun, flush=True)
load(number + 2)
print(number + 2, flush=True)
time.sleep(60)
"""


def kill_writers(folder: Path, seed: int) -> tuple[int, int]:
    """Kill KILLS writers of one workspace; returns the last load that was reported done, and how many kills hit one."""
    moments, last, hits = random.Random(seed), 0, 0
    for _ in range(KILLS):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder), str(last)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            first = writer.stdout.readline().split()
            assert first, writer.stderr.read()
            last = int(first[0])
            time.sleep(moments.uniform(0, 1.1) * float(first[1]))
        finally:
            writer.kill()
        out, _ = writer.communicate()
        hits += not out
        last = int(out) if out else last
    return last, hits


def test_a_writer_killed_fifty_times_loses_nothing_and_leaves_nothing_half_done(tmp_path):
    spaces = [
        Workspace.create(tmp_path / f"here {n}", organisation="ORG1", name="A Landlord") for n in range(WORKSPACES)
    ]
    with ThreadPoolExecutor(WORKSPACES) as pool:
        ended = list(pool.map(kill_writers, [space.folder for space in spaces], range(WORKSPACES)))
    assert sum(hits for _, hits in ended) >= WORKSPACES * KILLS // 2, (
        "most kills came after the load: nothing was shown"
    )
    for space, (last, _) in zip(spaces, ended, strict=True):
        newest = space.snapshot()
        assert newest >= last
        assert [record.number for record in space.loads()] == list(range(newest, 0, -1))
        for number in (1, newest // 2, newest):
            with space.read(as_of=number) as con:
                assert con.sql("select count(*) from home semi join tenancy using (home_ref, note)").fetchone() == (
                    ROWS + number,
                )
        with space.write("Bob") as writer:  # the next writer clears what the killed ones left
            known = writer.con.sql("select path from __ducklake_metadata_lake.ducklake_data_file").fetchall()
        on_disk = {file.name for file in (space.lake / "data").rglob("*.parquet")}
        assert on_disk == {Path(path).name for (path,) in known}
