"""The lake beside other processes: readers while loads run, one writer, Ctrl-C, and a disk that fills."""

import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from pathlib import Path

import pytest

from placemaker.lake import Refusal, Workspace

PRELUDE = """
import sys
from placemaker.lake import Refusal, Workspace
workspace = Workspace.open(sys.argv[1])

def load(rows, count=None, kind="full"):
    with workspace.write("Ann") as writer, writer.load(source="s", kind=kind, file="f.csv") as one:
        one.put("home", rows, key=["home_ref"])
        one.put("tenancy", rows, key=["home_ref"])
"""


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    return Workspace.create(tmp_path / "here", organisation="ORG1", name="A Landlord")


def start(workspace: Workspace, code: str) -> subprocess.Popen:
    """Another process that works on the same workspace."""
    return subprocess.Popen(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(code), str(workspace.folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def rows(count: int, first: int = 0) -> str:
    return f"select 'H' || i as home_ref, md5(cast(i as varchar)) as note, i as _row from range({first}, {count}) t(i)"


def load(workspace: Workspace, count: int, **about) -> None:
    with workspace.write("Ann") as writer, writer.load(source="s", kind="full", file="f.csv") as one:
        for table in ("home", "tenancy"):
            one.put(table, rows(count), key=["home_ref"])


def parquet(workspace: Workspace) -> set[str]:
    return {file.name for file in (workspace.lake / "data").rglob("*.parquet")}


def test_readers_in_other_processes_see_whole_loads_while_loads_run(workspace):
    """Load n brings n homes and n tenancies; a reader must find the two equal, and never fewer than it found before."""
    load(workspace, 1)
    readers = [
        start(
            workspace,
            """
            seen = reads = 0
            while seen < 12:
                with workspace.read() as con:
                    homes, = con.sql("select count(*) from home").fetchone()
                    tenancies, loads = con.sql(
                        "select (select count(*) from tenancy), (select max(number) from load)"
                    ).fetchone()
                assert homes == tenancies == loads, (homes, tenancies, loads)
                assert homes >= seen, (homes, seen)
                seen, reads = homes, reads + 1
            print(reads)
            """,
        )
        for _ in range(2)
    ]
    for count in range(2, 13):
        load(workspace, count)
    for reader in readers:
        out, err = reader.communicate(timeout=120)
        assert reader.returncode == 0, err
        assert int(out) >= 2


def test_a_writer_in_another_process_is_refused_and_told_who_writes(workspace):
    with workspace.write("Ann"):
        out, err = start(
            workspace,
            """
            try:
                load("select 'A' as home_ref, 1 as _row")
            except Refusal as refused:
                print(refused)
            """,
        ).communicate(timeout=60)
    assert "Ann is writing to this workspace since" in out, err
    assert workspace.snapshot() == 0


def test_ctrl_c_in_the_middle_of_a_load_leaves_the_lake_as_it_was(workspace):
    load(workspace, 3)
    files = parquet(workspace)
    writer = start(
        workspace,
        f"""
        print("go", flush=True)
        with workspace.write("Ann") as writer, writer.load(source="big", kind="full", file="f.csv") as one:
            one.put("home", "{rows(8_000_000)}", key=["home_ref"])
        """,
    )
    try:
        assert writer.stdout.readline() == "go\n"
        _wait_for(lambda: parquet(workspace) - files or writer.poll() is not None)
        writer.send_signal(signal.SIGINT)
        _, err = writer.communicate(timeout=60)
    finally:
        writer.kill()
    assert "KeyboardInterrupt" in err.splitlines()[-1]
    assert (workspace.snapshot(), parquet(workspace)) == (1, files)
    load(workspace, 5)
    assert workspace.snapshot() == 2


def _wait_for(condition, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.01)


def test_a_file_that_cannot_grow_is_refused_in_plain_words(workspace):
    """RLIMIT_FSIZE stands for a full disk wherever no small disk can be mounted."""
    load(workspace, 3)
    files = parquet(workspace)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, hard))
    try:
        with pytest.raises(Refusal) as refused:
            load(workspace, 300_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert "The lake is as it was" in str(refused.value) and "disk" in str(refused.value)
    assert (workspace.snapshot(), parquet(workspace)) == (1, files)
    load(workspace, 5)


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 6 MB; skipped where this user may not mount one."""
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"no small disk can be mounted here to fill: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(os.name != "posix", reason="mounts a small disk")
def test_a_full_disk_is_refused_in_plain_words_and_the_lake_is_as_it_was(small_disk: Path):
    workspace = Workspace.create(small_disk / "here", organisation="ORG1", name="A Landlord")
    load(workspace, 3)
    files = parquet(workspace)
    with pytest.raises(Refusal, match=r"The disk is full.*as it was.*Make room"):
        load(workspace, 400_000)
    assert (workspace.snapshot(), parquet(workspace)) == (1, files)
    load(workspace, 5)
    with workspace.read() as con:
        assert con.sql("select count(*) from home").fetchone() == (5,)


def test_a_disk_that_is_full_at_the_commit_leaves_the_lake_as_it_was(small_disk: Path):
    """The rows fit, and the disk is filled to its last byte before the catalogue is written."""
    workspace = Workspace.create(small_disk / "here", organisation="ORG1", name="A Landlord")
    load(workspace, 3)
    ballast = small_disk / "ballast"
    with (
        pytest.raises(Refusal, match="as it was"),
        workspace.write("Ann") as writer,
        writer.load(source="s", kind="full", file="f.csv") as one,
    ):
        one.put("home", rows(5), key=["home_ref"])
        with suppress(OSError), ballast.open("wb", buffering=0) as filling:
            while True:
                filling.write(bytes(4096))
    ballast.unlink()
    assert workspace.snapshot() == 1
    load(workspace, 5)
    assert workspace.snapshot() == 2
